"""What a role opens: one table for all services. Who has it is events (contracts/intake/staff.py).

From little trust to much (S1.9, S3.52): `board-reader`, `user-coordinator`, `trainer`, `coordinator`, `administrator`.
The first two are for people who use a programme themselves: no contact of anybody, no sealed fact, no report.
"""

from collections.abc import Mapping
from typing import Literal, get_args

Role = Literal[
    "administrator", "coordinator", "trainer", "user-coordinator", "board-reader", "steering", "operator", "referrer"
]

_OWN = {"roles:own"}
_BOARD = {"board:read", "programmes:read"}
_TRAINING = {"volunteering:read", "training:note", "programmes:read"}
_COORDINATING = {
    *("requests:read", "requests:write", "people:read", "people:write", "volunteering:manage", "messages:read"),
    *("messages:digest", "matching:read", "matching:manage", "figures:read", "tenders:open"),
    *_BOARD,
    *_TRAINING,
}

SCOPES: Mapping[str, frozenset[str]] = {
    "administrator": frozenset({"roles:manage", "programmes:manage", *_COORDINATING, *_OWN}),
    "coordinator": frozenset({*_COORDINATING, *_OWN}),
    "trainer": frozenset({*_TRAINING, *_OWN}),
    "user-coordinator": frozenset({"tenders:open", *_BOARD, *_OWN}),
    "board-reader": frozenset({*_BOARD, *_OWN}),
    "steering": frozenset({"figures:read", *_OWN}),
    "operator": frozenset({"operations:read", *_OWN}),
    "referrer": frozenset({"referrals:write", *_OWN}),
}
"""A role that is not here opens nothing."""

if SCOPES.keys() != set(get_args(Role)):
    raise ValueError("every role opens something")
