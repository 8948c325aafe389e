"""What tests of the audit trail say over and over."""

from typing import Any

from chassis.audit import Draft


def looked(**changes: Any) -> Draft:
    """A coordinator looked at Ida's record; `changes` tell another story."""
    said: dict[str, Any] = {
        "tenant": "oslo",
        "at": "2026-11-27T12:00:00+00:00",
        "actor": "staff-1",
        "role": "coordinator",
        "action": "persons-show_person",
        "did": "read",
        "subjects": ("person-ida",),
        "outcome": "done",
        "correlation_id": "c-1",
    }
    return Draft(**(said | changes))
