"""What people may do for themselves, and only for themselves."""

from chassis.auth import Principal
from chassis.refusal import NotFound, Refusal

OWN_PERSON = "volunteering:apply"
"""The scope of who logs in as a person, to see and say what is their own."""


class NotYourOwn(Refusal):
    """A step that people do not take for themselves, and a list that is not theirs; never a word about an id."""

    rule, sentence, status = "not_your_own", "Only the person or a coordinator can do this.", 403


def own_only(who: Principal) -> str | None:
    """The only person whose things the caller may see and change; None for staff and systems, who see the tenant's.

    Whoever logs in as a person here sees their own, unless they may read about people.
    """
    return None if who.person_id is None or who.has("people:read") else who.person_id


def check_own(who: Principal, person_id: str, *scopes: str) -> None:
    """Raises NotFound unless the caller is that person or has one of the scopes: another's id looks absent."""
    if who.person_id != person_id and not any(who.has(scope) for scope in scopes):
        raise NotFound()
