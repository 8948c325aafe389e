"""What the two and their coordinators do in a match: needs, company, check-ins, reviews, rests, the end.

Each of the two does what is theirs; for everybody else the match is absent (404).
"""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, Field, StringConstraints

from chassis.auth import Principal
from chassis.http import CommandBody, Commanded, Id, Router, answer, commanded_by
from chassis.http.refusals import Malformed
from chassis.keyring import Keyring
from contracts.matching import MatchMade
from contracts.policy import Code
from services.matching.domain.match_commands import (
    AgreeAccompaniment,
    AmendSupport,
    Asker,
    Benefit,
    Command,
    EndMatch,
    ExtendMatch,
    Form,
    GiveCheckIn,
    MatchNotFound,
    PauseMatch,
    ResumeMatch,
    ReviewMatch,
    Side,
)
from services.matching.http.accompaniments import sealed
from services.matching.http.views import Done
from services.matching.made_matches import MadeMatch, MadeMatches

Manager = Annotated[Commanded, commanded_by("matching:manage")]
OneOfThree = Annotated[Commanded, commanded_by("matching:manage", "matching:answer")]


class SupportBody(CommandBody):
    support_forms: Annotated[tuple[Code, ...], Field(max_length=20)] = ()


class AccompanimentBody(CommandBody):
    when: AwareDatetime
    where: Annotated[str, StringConstraints(min_length=1, max_length=300)]


class CheckInBody(CommandBody):
    """No words about the other have a place here (S2.15). A coordinator says for whom: `given_by`."""

    form: Form
    well: bool
    wants_talk: bool = False
    benefits: Annotated[tuple[Benefit, ...], Field(max_length=2)] = ()
    happened_on: date | None = None
    given_by: Side | None = None


class ReviewBody(CommandBody):
    goes_on: bool


class EndBody(CommandBody):
    """Who wished the end, no more; one of the two ends it for themselves (S2.8, S2.17)."""

    reason: Literal["requester", "helper", "both", "block"] | None = None
    closing_talk: bool


class _Steps:
    def __init__(self, made_matches: MadeMatches, keyring: Keyring) -> None:
        self.made_matches = made_matches
        self.keyring = keyring

    async def find(self, match_id: str, ask: Commanded) -> tuple[MadeMatch, Asker]:
        found = await self.made_matches.find(ask.principal.tenant, match_id)
        return found, asker_in(found.made, ask.principal)

    async def run(
        self, found: MadeMatch, command: Command, ask: Commanded, response: Response, *, made: str = ""
    ) -> Done:
        """`made` is the id of what the command makes; without it the match's own is answered."""
        outcome = await self.made_matches.ask(found, command, context=ask.context, expected_version=ask.if_match)
        answer(response, outcome)
        return Done(id=made or found.stream.id, version=outcome.version)


def asker_in(made: MatchMade, who: Principal) -> Asker:
    """Who of the three asks. Raises MatchNotFound for anybody else: one word for "none" and "not yours"."""
    if who.person_id == made.requester_id:
        return "requester"
    if who.person_id == made.helper_id:
        return "helper"
    if who.has("matching:manage"):
        return "coordinator"
    raise MatchNotFound()


def match_steps_router(made_matches: MadeMatches, keyring: Keyring) -> APIRouter:
    router = Router(prefix="/v1/matches/{match_id}", tags=["matches"])
    steps = _Steps(made_matches, keyring)

    @router.post("/support")
    async def amend(match_id: Id, body: SupportBody, ask: OneOfThree, response: Response) -> Done:
        """Needs change, the pairing stays; only what the programme offers (S2.18, S2.20)."""
        found, _ = await steps.find(match_id, ask)
        offered = found.known.policy.support_forms
        return await steps.run(
            found, AmendSupport(body.support_forms, offered, ask.context.actor, found.now), ask, response
        )

    @router.post("/accompaniments", status_code=201)
    async def agree(match_id: Id, body: AccompanimentBody, ask: OneOfThree, response: Response) -> Done:
        """Company to a viewing or a meeting, once (S2.19)."""
        found, _ = await steps.find(match_id, ask)
        tenant, requester_id = found.stream.tenant, found.made.requester_id
        when, where = await sealed(steps.keyring, tenant, requester_id, when=body.when, where=body.where)
        accompaniment_id = ask.new_id("accompaniment")
        command = AgreeAccompaniment(
            accompaniment_id=accompaniment_id,
            happens_at=body.when,
            when=when,
            where=where,
            by=ask.context.actor,
            now=found.now,
            programme_paused=found.programme_paused(),
        )
        return await steps.run(found, command, ask, response, made=accompaniment_id)

    @router.post("/check-ins", status_code=201)
    async def check_in(match_id: Id, body: CheckInBody, ask: OneOfThree, response: Response) -> Done:
        """How they were together and whether it was well (S2.15, S2.32)."""
        found, asker = await steps.find(match_id, ask)
        check_in_id = ask.new_id("check-in")
        command = GiveCheckIn(
            check_in_id=check_in_id,
            given_by=_giver(asker, body.given_by),
            form=body.form,
            well=body.well,
            wants_talk=body.wants_talk,
            benefits=tuple(dict.fromkeys(body.benefits)),
            happened_on=body.happened_on or found.rhythm.day_of(found.now),
            now=found.now,
            rhythm=found.rhythm,
        )
        return await steps.run(found, command, ask, response, made=check_in_id)

    @router.post("/reviews", status_code=201)
    async def review(match_id: Id, body: ReviewBody, ask: Manager, response: Response) -> Done:
        """Looked at together; the next review counts from today (S3.29)."""
        found, _ = await steps.find(match_id, ask)
        command = ReviewMatch(ask.context.actor, body.goes_on, found.now, found.rhythm)
        return await steps.run(found, command, ask, response)

    @router.post("/extension")
    async def extend(match_id: Id, ask: OneOfThree, response: Response) -> Done:
        """Always 409 `max_length`, with the ways that stay open (S2.16)."""
        found, _ = await steps.find(match_id, ask)
        return await steps.run(found, ExtendMatch(), ask, response)

    _resting(router, steps)
    return router


def _resting(router: APIRouter, steps: _Steps) -> None:
    @router.post("/pause")
    async def pause(match_id: Id, ask: OneOfThree, response: Response) -> Done:
        """They rest from it as long as they like; no reason is asked, the last day stays (S3.30)."""
        found, asker = await steps.find(match_id, ask)
        return await steps.run(found, PauseMatch(asker, found.now), ask, response)

    @router.post("/resumption")
    async def resume(match_id: Id, ask: OneOfThree, response: Response) -> Done:
        """Each ends their own pause, a coordinator any that was chosen; 409 `needs_coordinator` for the others."""
        found, asker = await steps.find(match_id, ask)
        return await steps.run(found, ResumeMatch(asker, found.now, found.rhythm), ask, response)

    @router.post("/end")
    async def end(match_id: Id, body: EndBody, ask: OneOfThree, response: Response) -> Done:
        """Both are free again; ending early is no failure (S2.8, S2.17)."""
        found, asker = await steps.find(match_id, ask)
        if asker == "coordinator" and body.reason is None:
            raise Malformed("reason")
        if asker != "coordinator" and body.reason not in (None, asker):
            raise Malformed("reason")
        reason = body.reason or asker
        if reason == "coordinator":
            raise Malformed("reason")
        return await steps.run(found, EndMatch(reason, body.closing_talk, found.now, found.rhythm), ask, response)


def _giver(asker: Asker, given_by: Side | None) -> Side:
    """Each of the two speaks for themselves, a coordinator for one of them. Raises Malformed."""
    if asker == "coordinator":
        if given_by is None:
            raise Malformed("given_by")
        return given_by
    if given_by not in (None, asker):
        raise Malformed("given_by")
    return asker
