"""What a steering group sees."""

from services.reporting.pages.figures import pages as figure_pages

PAGES = (figure_pages,)

__all__ = ["PAGES"]
