"""Tells people, safely: once per occasion, in their language, and never what is stale."""
