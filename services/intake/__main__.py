"""Runs intake: `python -m services.intake [--role api|relay|consumer|timers]`."""

from chassis.service import run
from services.intake.app import build

run("intake", build)
