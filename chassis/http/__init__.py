"""HTTP as every service speaks it: callers, commands, queries, problems, health."""

from chassis.http.app import create_app
from chassis.http.commands import CommandBody, Commanded, answer, commanded_by, versioned
from chassis.http.cursors import Cursors
from chassis.http.edge import MAX_BODY_BYTES
from chassis.http.limits import Limits, Rate
from chassis.http.problems import Problem
from chassis.http.reaching import Belongings, Belongs
from chassis.http.reading import MinPositionHeader, Page, Paging, paged
from chassis.http.refusals import Malformed
from chassis.http.routes import Id, Router, caller

__all__ = [
    "MAX_BODY_BYTES",
    "Belongings",
    "Belongs",
    "CommandBody",
    "Commanded",
    "Cursors",
    "Id",
    "Limits",
    "Malformed",
    "MinPositionHeader",
    "Page",
    "Paging",
    "Problem",
    "Rate",
    "Router",
    "answer",
    "caller",
    "commanded_by",
    "create_app",
    "paged",
    "versioned",
]
