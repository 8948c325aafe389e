"""Until when somebody may take part in a programme for those who live in a municipality (S1.24).

Both who asks and who helps: the same question, the same answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.policy import Policy


@dataclass(frozen=True, slots=True)
class Lived:
    """Where somebody lives from that day on, until they live somewhere else."""

    municipality: str
    since: date


def resident_until(policy: Policy, lived: Sequence[Lived]) -> date | None:
    """The last day on which somebody who lived there in turn may take part; None while no end is known.

    Who moves away keeps the right for the days of grace, counted from the first day elsewhere; who never lived here
    has none, and where nobody said, nobody is turned away. Of two words about one day the later in `lived` holds.
    """
    if policy.residence is None or not lived:
        return None
    home = policy.residence.municipality.casefold()
    newest = {one.since: one.municipality.strip().casefold() == home for one in lived}
    is_home, left_on = False, date.min
    for since in sorted(newest):
        if is_home and not newest[since]:
            left_on = since
        is_home = newest[since]
    if is_home:
        return None
    return date.min if left_on == date.min else left_on + timedelta(days=policy.residence.grace_days)


def may_stay_until(policy: Policy, lived: Sequence[Lived]) -> date | None:
    """The same for somebody whose request was taken: they lived here for all that was known, until a word says where
    else, so that whoever moves away has the days of grace also where nobody said before where they live."""
    if policy.residence is None:
        return None
    return resident_until(policy, [Lived(policy.residence.municipality, date.min), *lived])


def lives_elsewhere(last_day: date | None, today: date) -> bool:
    """Whether the right to take part is over."""
    return last_day is not None and today > last_day
