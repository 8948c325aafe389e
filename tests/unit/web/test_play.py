"""To be somebody else is offered where everybody is invented, and nowhere else."""

from pathlib import Path
from typing import Any

import pytest

from chassis.settings import Settings
from chassis.web.building import is_for_play


@pytest.mark.parametrize(
    ("settings", "offered"),
    [
        ({"site": "http://127.0.0.1:8080", "invented_people": True}, True),
        ({"site": "http://127.0.0.1:8080"}, False),
        ({"site": "https://kobling.fjordby.example", "invented_people": True}, False),
        ({"invented_people": True}, False),
    ],
)
def test_only_a_stack_for_trying_out_offers_to_be_somebody_else(settings: dict[str, Any], offered: bool) -> None:
    place: dict[str, Any] = {
        "kafka": "none",
        "mongo": "none",
        "kms_dir": Path("none"),
        "issuer": "http://issuer.example",
    }
    assert is_for_play(Settings(**place, **settings)) is offered
