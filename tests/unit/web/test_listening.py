"""The picture of who listens to whom is what the contracts say, and what the README draws."""

import re
from pathlib import Path

from chassis.web.operations.listening import THEIRS, picture, tellings

README = Path(__file__).parents[3] / "README.md"


def test_it_is_what_the_readme_draws() -> None:
    drawn = {
        (teller, listener)
        for teller, listeners in re.findall(r"-- (\w+)\.events --> (\w+(?: & \w+)*)$", README.read_text(), re.MULTILINE)
        for listener in listeners.split(" & ")
    }
    assert drawn == {(one.teller, one.listener) for one in tellings() if THEIRS not in (one.teller, one.listener)}


def test_the_tenants_own_systems_tell_intake_and_are_told() -> None:
    [told, tells] = [one for one in tellings() if THEIRS in (one.teller, one.listener)]
    assert (told.teller, tells.listener) == ("intake", "intake")
    assert "kobling.referral" in tells.messages


def test_every_line_joins_two_boxes() -> None:
    drawn = picture(tellings())
    assert len(drawn.lines) == len(tellings())
    assert {box.name for box in drawn.boxes} == {name for one in tellings() for name in (one.teller, one.listener)}
    assert all(0 <= box.x <= drawn.width - box.width and box.y + box.height < drawn.height for box in drawn.boxes)
