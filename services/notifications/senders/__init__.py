"""Channels by which a message reaches a person."""
