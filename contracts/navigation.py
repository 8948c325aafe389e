"""The site's ways in: each service draws the pages of what it owns, and all of them show one navigation."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Way:
    """`needs` are the scopes of which a caller needs every one; `is_own`: it is about the caller's own matters.

    `word` is the text's key in `chassis/web/words.yaml`.
    """

    path: str
    word: str
    needs: tuple[str, ...]
    is_own: bool = False


NAVIGATION = (
    Way("/intake/today", "way.today", ("people:read", "requests:read")),
    Way("/intake/requests", "way.requests", ("people:read", "requests:read")),
    Way("/matching/waiting", "way.waiting", ("matching:read",)),
    Way("/matching/matches", "way.matches", ("matching:read",)),
    Way("/matching/desk", "way.desk", ("matching:manage",)),
    Way("/matching/activities", "way.activities", ("matching:manage",)),
    Way("/intake/volunteers", "way.volunteers", ("volunteering:read",)),
    Way("/intake/people", "way.people", ("people:read",)),
    Way("/intake/programmes", "way.programmes", ("programmes:manage",)),
    Way("/reporting/figures", "way.figures", ("figures:read",)),
    Way("/notifications/messages", "way.messages", ("messages:read",)),
    Way("/intake/me", "way.door", ("requests:read",), is_own=True),
    Way("/matching/my-matches", "way.my_matches", ("matching:answer",), is_own=True),
    Way("/matching/tenders", "way.tenders", ("matching:answer",), is_own=True),
    Way("/matching/offers", "way.offers", ("matching:answer",), is_own=True),
    Way("/matching/my-activities", "way.my_activities", ("matching:answer",), is_own=True),
    Way("/intake/my-training", "way.training", ("volunteering:apply",), is_own=True),
    Way("/notifications/inbox", "way.inbox", ("messages:own",), is_own=True),
    Way("/intake/operations", "way.operations", ("operations:read",)),
)
"""In the order in which they are shown."""

WELCOME = "/intake/welcome"
"""Where somebody goes whose login is not tied to a person yet."""
