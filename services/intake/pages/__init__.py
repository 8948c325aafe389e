"""What people see of the front door."""

from services.intake.pages.about_me import pages as about_me_pages
from services.intake.pages.block_checks import pages as block_checks_pages
from services.intake.pages.door import pages as door_pages
from services.intake.pages.my_wish import pages as my_wish_pages
from services.intake.pages.people import pages as people_pages
from services.intake.pages.person import pages as person_pages
from services.intake.pages.programmes import pages as programmes_pages
from services.intake.pages.request import pages as request_pages
from services.intake.pages.requests import pages as requests_pages
from services.intake.pages.today import pages as today_pages
from services.intake.pages.training import pages as training_pages
from services.intake.pages.volunteers import pages as volunteers_pages
from services.intake.pages.welcome import pages as welcome_pages

PAGES = (
    today_pages,
    requests_pages,
    request_pages,
    volunteers_pages,
    people_pages,
    person_pages,
    block_checks_pages,
    programmes_pages,
    welcome_pages,
    door_pages,
    my_wish_pages,
    about_me_pages,
    training_pages,
)

__all__ = ["PAGES"]
