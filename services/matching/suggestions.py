"""Suggestions that coordinators asked for: made one after another, shown for an hour, then forgotten.

They are kept in the memory of the process that makes them and in no collection: they rest on what people told for the
ranking alone (S2.13), and nothing is lost that cannot be asked for again. After a restart they are unknown (404).
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

import structlog

from chassis.clock import Clock
from chassis.refusal import FactsTooOld, Refusal
from services.matching.batch import Batch, Suggested
from services.matching.ranking.own_process import NotSolved

SHOWN_FOR = timedelta(hours=1)
_WAITING_AT_MOST = 20

log = structlog.get_logger()

State = Literal["in-the-making", "ready", "failed"]


class SuggestionNotFound(Refusal):
    rule, sentence, status = "suggestion_not_found", "There is no such suggestion any more. Ask for a new one.", 404


class ManySuggestionsAsked(Refusal):
    rule, status = "many_suggestions_asked", 503
    sentence = "Many suggestions are being made just now. Ask again in a minute."
    retryable = True


@dataclass(frozen=True, slots=True)
class Suggestion:
    suggestion_id: str
    tenant: str
    programme: str
    request_ids: tuple[str, ...] | None
    asked_at: datetime
    state: State = "in-the-making"
    made_at: datetime | None = None
    for_each: tuple[Suggested, ...] = ()

    @property
    def expires_at(self) -> datetime:
        return self.asked_at + SHOWN_FOR


class Suggestions:
    """`run` makes what was asked for, until it is cancelled."""

    def __init__(self, batch: Batch, clock: Clock) -> None:
        self._batch = batch
        self._clock = clock
        self._known: dict[tuple[str, str], Suggestion] = {}
        self._asked: asyncio.Queue[tuple[str, str]] = asyncio.Queue(_WAITING_AT_MOST)

    async def ask(
        self, tenant: str, programme: str, *, suggestion_id: str, request_ids: tuple[str, ...] | None
    ) -> Suggestion:
        """Asked twice under one id it is made once. Raises FactsTooOld, ManySuggestionsAsked."""
        self._forget_the_old()
        key = (tenant, suggestion_id)
        if key not in self._known:
            await self._batch.require_fresh_facts(tenant, programme)
            try:
                self._asked.put_nowait(key)
            except asyncio.QueueFull:
                raise ManySuggestionsAsked() from None
            self._known[key] = Suggestion(suggestion_id, tenant, programme, request_ids, self._clock.now())
        return self._known[key]

    async def get(self, tenant: str, programme: str, suggestion_id: str) -> Suggestion:
        """As it may be shown now, without pairs kept apart since. Raises SuggestionNotFound, FactsTooOld."""
        self._forget_the_old()
        found = self._known.get((tenant, suggestion_id))
        if found is None or found.programme != programme:
            raise SuggestionNotFound()
        await self._batch.require_fresh_facts(tenant, programme)
        return replace(found, for_each=await self._batch.as_known_now(tenant, found.for_each))

    async def run(self) -> None:
        while True:
            key = await self._asked.get()
            asked = self._known.get(key)
            if asked is not None:
                self._known[key] = await self._made(asked)

    async def _made(self, asked: Suggestion) -> Suggestion:
        try:
            for_each = await self._batch.suggest(asked.tenant, asked.programme, asked.request_ids)
        except (FactsTooOld, NotSolved) as fault:
            log.warning("suggestion_failed", fault=type(fault).__name__)
        except Exception:
            # One that cannot be made must not keep the next from being made.
            log.exception("suggestion_failed")
        else:
            return replace(asked, state="ready", made_at=self._clock.now(), for_each=tuple(for_each))
        return replace(asked, state="failed")

    def _forget_the_old(self) -> None:
        now = self._clock.now()
        self._known = {key: one for key, one in self._known.items() if now < one.expires_at}
