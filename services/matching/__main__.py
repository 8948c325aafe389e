"""Runs matching: `python -m services.matching [--role api|relay|consumer|timers]`."""

from chassis.service import run
from services.matching.app import build

run("matching", build)
