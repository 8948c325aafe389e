"""Pages: each service draws those of what it owns, and all look and behave alike (docs/decisions/0021)."""

from chassis.web.pages import Page, Pages, Shown
from chassis.web.view import View

__all__ = ["Page", "Pages", "Shown", "View"]
