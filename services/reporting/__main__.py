"""`python -m services.reporting`."""

from chassis.service import run
from services.reporting.app import build

run("reporting", build)
