"""Durable timers: events set and cancel them, and when one is due a command is issued, whatever crashed in between."""

from chassis.timers.plan import CancelTimer, FiredTimer, Postponed, SetTimer, TimerPlan
from chassis.timers.runner import TimerRunner

__all__ = ["CancelTimer", "FiredTimer", "Postponed", "SetTimer", "TimerPlan", "TimerRunner"]
