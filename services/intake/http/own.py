"""What people may do for themselves, and only for themselves."""

from chassis.auth import Principal
from chassis.refusal import Refusal


class NotYourOwn(Refusal):
    rule, sentence, status = "not_your_own", "Only the person or a coordinator can do this.", 403


def check_own(who: Principal, person_id: str, *scopes: str) -> None:
    """Raises NotYourOwn unless the caller is that person or has one of the scopes."""
    if who.person_id != person_id and not any(who.has(scope) for scope in scopes):
        raise NotYourOwn()
