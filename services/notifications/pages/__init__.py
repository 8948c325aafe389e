"""What people see of messages."""

from services.notifications.pages.inbox import pages as inbox_pages
from services.notifications.pages.looked_at import pages as looked_at_pages
from services.notifications.pages.messages import pages as message_pages

PAGES = (inbox_pages, looked_at_pages, message_pages)

__all__ = ["PAGES"]
