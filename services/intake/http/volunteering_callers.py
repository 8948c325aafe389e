"""Who may call volunteerings' routes."""

from typing import Annotated

from chassis.http import Commanded, commanded_by
from services.intake.http.own import OWN_PERSON

MANAGE, READ, TRAIN = "volunteering:manage", "volunteering:read", "training:note"

Managing = Annotated[Commanded, commanded_by(MANAGE)]
Training = Annotated[Commanded, commanded_by(MANAGE, TRAIN)]
Own = Annotated[Commanded, commanded_by(OWN_PERSON, MANAGE)]
