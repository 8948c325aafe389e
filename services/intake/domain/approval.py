"""Does an approval hold? Asked after everything shown, at each new policy version, when a date comes (S2.24, S2.27).

A VolunteerApproved names all roles that are approved from then on. Where only some lapse, an ApprovalLapsed with these
is followed in the same commit by a VolunteerApproved with the others.
"""

from datetime import date, datetime, timedelta

from contracts.base import Event
from contracts.intake import ApprovalLapsed, ConfidentialityDue, VolunteerApproved
from services.intake.domain.programme import Programme
from services.intake.domain.requirements import missing, newest_texts, valid_until
from services.intake.domain.residence import lives_elsewhere
from services.intake.domain.volunteering_state import Standing, Volunteering, evolve


def reconsider(
    state: Volunteering, programme: Programme, now: datetime, resident_until: date | None = None
) -> list[Event]:
    """Roles by registration, and roles that were approved before, are approved whenever everything is met; an approved
    role lapses when something is missing and the days to mend it are over (S2.24), and when whoever moved away has no
    days of grace left (S1.24)."""
    if state.standing is not Standing.APPLIED or state.is_suspended or programme.is_closed:
        return []
    policy, today, held = programme.policy, programme.day(now), state.approved_roles
    by_registration = {role for role in state.roles & policy.roles.keys() if _is_registration(programme, role)}
    is_away = lives_elsewhere(resident_until, today)
    fine = frozenset(
        role
        for role in (held | state.lapsed | by_registration) & policy.roles.keys()
        if not is_away and not missing(policy, [role], state.shown, today=today)
    )
    lost = held - fine
    if lost and not is_away and not _is_due(state, programme, today):
        return _texts_due(state, lost, programme)
    lapsed = [_lapsed(state, lost, programme, today, is_away=is_away)] if lost else []
    if not fine:
        return lapsed
    by, after = state.approved_by or "registration", state
    for event in lapsed:
        after = evolve(after, event)
    return [*lapsed, *approved(after, fine, programme, by=by, now=now, resident_until=resident_until)]


def said_again(
    state: Volunteering, programme: Programme, now: datetime, resident_until: date | None = None
) -> list[Event]:
    """The approval in force once more, for those who took it out at a suspension; nothing where it does not hold."""
    approval = state.approval
    if lives_elsewhere(resident_until, programme.day(now)):
        return []
    if approval is None or approval.policy_version != programme.version or programme.is_closed:
        return []
    if missing(programme.policy, approval.roles, state.shown, today=programme.day(now)):
        return []
    return [approval.model_copy(update={"approved_at": now})]


def _is_registration(programme: Programme, role: str) -> bool:
    return programme.policy.roles[role].approval == "registration"


def _is_due(state: Volunteering, programme: Programme, today: date) -> bool:
    """Under the version approved against, what is missing now was taken back or ran out; under a newer one there are
    `resign_days` to show what is new. A day that was told does not move when yet another version comes."""
    approval = state.approval
    if approval is None or approval.policy_version == programme.version:
        return True
    if approval.valid_until is not None and approval.valid_until < today:
        return True
    is_told = state.due is not None and state.due.text_version in newest_texts(programme.policy)
    last = state.due.sign_by if state.due is not None and is_told else last_day_to_mend(programme)
    return today > last


def last_day_to_mend(programme: Programme) -> date:
    """Until then an approval under an older version holds."""
    return programme.adopted_on + timedelta(days=programme.policy.resign_days)


def _texts_due(state: Volunteering, roles: frozenset[str], programme: Programme) -> list[Event]:
    """Each newer text is asked for once, by the day after which the approval lapses (S2.24)."""
    needs = programme.policy.roles
    texts = {text for role in roles & needs.keys() if (text := needs[role].confidentiality) is not None}
    return [
        ConfidentialityDue(
            person_id=state.person_id,
            programme=state.programme,
            text_version=text,
            sign_by=last_day_to_mend(programme),
        )
        for text in sorted(texts - state.shown.signed - state.texts_asked)
    ]


def _lapsed(state: Volunteering, roles: frozenset[str], programme: Programme, today: date, *, is_away: bool) -> Event:
    known = roles & programme.policy.roles.keys()
    gaps = missing(programme.policy, known, state.shown, today=today)
    return ApprovalLapsed(
        person_id=state.person_id,
        programme=state.programme,
        roles=tuple(sorted(roles)),
        rule="residents_only" if is_away else gaps[0] if gaps else "role_unknown",
    )


def approved(
    state: Volunteering,
    roles: frozenset[str],
    programme: Programme,
    *,
    by: str,
    now: datetime,
    resident_until: date | None = None,
) -> list[Event]:
    """The approval for exactly these roles, unless it is in force already, against this version and as long.

    It ends with the days of grace of who moved away, like with a certificate that runs out (S1.24).
    """
    last_days = (valid_until(programme.policy, roles, state.shown), resident_until)
    until = min((day for day in last_days if day is not None), default=None)
    in_force = state.approval
    if in_force is not None and (frozenset(in_force.roles), in_force.policy_version, in_force.valid_until) == (
        roles,
        programme.version,
        until,
    ):
        return []
    return [
        VolunteerApproved(
            person_id=state.person_id,
            programme=state.programme,
            roles=tuple(sorted(roles)),
            policy_version=programme.version,
            approved_by=by,
            approved_at=now,
            valid_until=until,
        )
    ]
