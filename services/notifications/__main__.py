"""`python -m services.notifications`."""

from chassis.service import run
from services.notifications.app import build

run("notifications", build)
