"""Who may call volunteerings' routes."""

from typing import Annotated

from chassis.http import Commanded, commanded_by
from services.intake.http.own import OWN_PERSON

MANAGE, READ = "volunteering:manage", "volunteering:read"

Managing = Annotated[Commanded, commanded_by(MANAGE)]
Own = Annotated[Commanded, commanded_by(OWN_PERSON, MANAGE)]
