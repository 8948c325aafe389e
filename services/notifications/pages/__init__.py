"""What people see of messages."""

from services.notifications.pages.inbox import pages as inbox_pages

PAGES = (inbox_pages,)

__all__ = ["PAGES"]
