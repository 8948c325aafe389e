"""What people see of matching."""

from services.matching.pages.activities import pages as activity_pages
from services.matching.pages.desk import pages as desk_pages
from services.matching.pages.giving import pages as giving_pages
from services.matching.pages.matches import pages as match_pages
from services.matching.pages.own_matches import pages as own_match_pages
from services.matching.pages.resources import pages as resource_pages
from services.matching.pages.search import pages as search_pages
from services.matching.pages.together import pages as together_pages
from services.matching.pages.waiting import pages as waiting_pages

PAGES = (
    waiting_pages,
    search_pages,
    match_pages,
    desk_pages,
    activity_pages,
    resource_pages,
    own_match_pages,
    giving_pages,
    together_pages,
)

__all__ = ["PAGES"]
