"""Who could help, in which programmes, what do they offer, and which pairs are kept apart? Feeds the ranking tables.

One document per person, and one per held pair, whose id is the pair's token; in one collection, so that a candidate
list costs no second look and never rests on people that are newer than the blocks (S2.9).
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from chassis.projection import Projection
from chassis.read_models import ReadModels
from contracts import topics
from contracts.base import Event, JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import (
    AddressProtected,
    AddressProtectionEnded,
    LivedExperienceTakenBack,
    LivedExperienceTold,
    ModeChosen,
    PairFreed,
    PairHeld,
    Profile,
    ProfileDescribed,
)
from contracts.matching import HelperListed, HelperUnlisted, SlotConfirmed, SlotReleased, SlotReserved
from services.matching.ranking.criteria import LEVELS, Candidate, folded

# `profile`, and for what purposes a person `told` of lived experience, are sealed as they came: only memory knows them
# open (S2.3, S2.13).
_NOTHING_KNOWN = {"in_peace": False, "is_protected": False, "told": None, "profile": None, "shows_area": True}

# A person's id holds no slash.
PAIRS = "pair/"

_HANDLES: tuple[type[Event], ...] = (
    ProfileDescribed,
    AddressProtected,
    AddressProtectionEnded,
    ModeChosen,
    LivedExperienceTold,
    LivedExperienceTakenBack,
    HelperListed,
    HelperUnlisted,
    SlotReserved,
    SlotConfirmed,
    SlotReleased,
    PairHeld,
    PairFreed,
)


def _keys(recorded: RecordedEvent) -> Iterable[str]:
    match recorded.event:
        case (
            ProfileDescribed(person_id=person_id)
            | AddressProtected(person_id=person_id)
            | AddressProtectionEnded(person_id=person_id)
            | ModeChosen(person_id=person_id)
            | LivedExperienceTold(person_id=person_id)
            | LivedExperienceTakenBack(person_id=person_id)
            | HelperListed(person_id=person_id)
            | HelperUnlisted(person_id=person_id)
            | SlotReserved(person_id=person_id)
            | SlotConfirmed(person_id=person_id)
            | SlotReleased(person_id=person_id)
        ):
            yield f"{recorded.tenant}/{person_id}"
        case PairHeld(pair=pair) | PairFreed(pair=pair):
            yield f"{recorded.tenant}/{PAIRS}{pair}"
        case _:
            return


def _fold(document: JsonObject | None, recorded: RecordedEvent, _key: str) -> JsonObject | None:
    match recorded.event:
        case PairHeld():
            return {"is_pair": True}
        case PairFreed():
            return None
        case _:
            return _person(document, recorded)


def _person(document: JsonObject | None, recorded: RecordedEvent) -> JsonObject:
    body: JsonObject = document or dict(_NOTHING_KNOWN, listings={}, held={}, chosen_at={})
    at = recorded.origin.occurred_at
    match recorded.event:
        case ProfileDescribed() as profile:
            body["profile"] = {"subject": profile.told.subject, "sealed": profile.told.token}
            body["shows_area"] = not body["is_protected"]
        case AddressProtected():
            body["is_protected"] = True
            body["shows_area"] = False
        case AddressProtectionEnded():
            # The area comes back with the next profile, which the person states knowing that.
            body["is_protected"] = False
        case ModeChosen(mode=mode):
            body["in_peace"] = mode == "fristed"
        case LivedExperienceTold(purposes=purposes):
            body["told"] = {"subject": purposes.subject, "sealed": purposes.token}
        case LivedExperienceTakenBack():
            body["told"] = None
        case HelperListed(programme=programme) as listed:
            since = body["listings"].get(programme, {}).get("since", at)
            body["listings"][programme] = {
                "listed": True,
                "roles": list(listed.roles),
                "capacity": listed.capacity,
                "policy_version": listed.policy_version,
                "until": None if listed.until is None else listed.until.isoformat(),
                "since": since,
            }
        case HelperUnlisted(programme=programme):
            body["listings"][programme]["listed"] = False
        case SlotReserved(proposal_id=proposal_id, programme=programme):
            body["held"][proposal_id] = programme
        case SlotConfirmed(programme=programme):
            # Chosen is who got a match; a proposal that came to nothing takes nobody's turn (S1.16).
            body["chosen_at"][programme] = at
        case SlotReleased(proposal_id=proposal_id):
            body["held"].pop(proposal_id, None)
        case _:
            pass
    return body


candidates = Projection(
    name="candidates",
    version=4,
    topics=(topics.INTAKE, topics.MATCHING),
    handles=_HANDLES,
    keys=_keys,
    fold=_fold,
)


def candidates_in(document: Mapping[str, Any], profile: Profile) -> dict[str, Candidate]:
    """A document's person as a candidate, by programme. `profile` is the document's, opened.

    Ranking may look at no age, no origin and no hopes, nor at the area of a protected address (S2.9).
    """
    helper_id = document["_id"].partition("/")[2]
    words = (*profile.gives, *profile.interests, *profile.competences)
    interests, support_forms = frozenset(map(folded, words)), frozenset(map(folded, profile.support_forms))
    languages = {skill.code: LEVELS[skill.level] for skill in profile.languages}
    return {
        programme: Candidate(
            helper_id=helper_id,
            listed=listing["listed"],
            roles=frozenset(listing["roles"]),
            capacity=listing["capacity"],
            taken=sum(held_in == programme for held_in in document["held"].values()),
            policy_version=listing["policy_version"],
            until=None if listing["until"] is None else date.fromisoformat(listing["until"]),
            free_since=document["chosen_at"].get(programme, listing["since"]),
            languages=languages,
            interests=interests,
            support_forms=support_forms,
            day_parts=frozenset(profile.day_parts),
            area=area_in(document, profile),
            gender=profile.gender,
            in_peace=document["in_peace"],
        )
        for programme, listing in document["listings"].items()
    }


async def protected_among(reading: ReadModels, tenant: str, person_ids: Collection[str]) -> set[str]:
    """Those of them whose address is protected."""
    names = [f"{tenant}/{person_id}" for person_id in person_ids]
    found = await reading.find(candidates, tenant, {"_id": {"$in": names}, "is_protected": True}, limit=0)
    return {one["_id"].partition("/")[2] for one in found}


def area_in(document: Mapping[str, Any], profile: Profile) -> str | None:
    """Where the person says they are at home; None where the address is protected (S2.9)."""
    return profile.area if document["shows_area"] else None
