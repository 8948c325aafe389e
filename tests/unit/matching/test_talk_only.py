"""What a group would do together, in the words people use."""

import pytest

from services.matching.domain.talk_only import is_talk_only


@pytest.mark.parametrize(
    "said",
    [
        "Vi snakker sammen om det som er vanskelig",
        "Vi møtes og deler erfaringer",
        "Vi sidder i rundkreds og fortæller",
        "Samtalegruppe",
        "We meet and talk about how it is",
        "A circle for sharing",
    ],
)
def test_talk_alone_is_flagged(said: str) -> None:
    assert is_talk_only(said)


@pytest.mark.parametrize(
    "said",
    [
        "Vi lager mat og snakker sammen",
        "Vi går en tur og prater",
        "Vi bager kager og fortæller historier",
        "We look at a map and cook a soup",
        "We talk while we knit",
        "Vi reparerer sykler",
        "Ro og hvile",
    ],
)
def test_what_is_done_together_is_not(said: str) -> None:
    assert not is_talk_only(said)
