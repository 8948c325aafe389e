"""All figures of a programme as one file."""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Response

from chassis.auth import Principal
from chassis.http import Id, Router, caller
from chassis.http.sentences import Sentences, spoken_language
from services.reporting.answering import Answering, Days
from services.reporting.figures.definitions import Definition
from services.reporting.keeping import FORMS, Kept

_CONTENT = {kind: {"schema": {"type": "string", "format": "binary"}} for _, kind in FORMS.values()}


def keeping_router(answering: Answering, definitions: Sequence[Definition], sentences: Sentences) -> APIRouter:
    router = Router(prefix="/v1/figures-to-keep", tags=["figures-to-keep"])
    by_name = {definition.name: definition for definition in definitions}

    @router.get("/{form}", response_class=Response, responses={200: {"content": _CONTENT}})
    async def keep(
        form: Literal["csv", "xlsx", "pdf"],
        programme: Id,
        who: Annotated[Principal, caller("figures:read")],
        as_of: date | None = None,
        known_at: date | None = None,
        accept_language: Annotated[str | None, Header()] = None,
    ) -> Response:
        """What `/v1/figures` shows of each figure, groups that are not shown included as such (S0.9)."""
        asked = [
            answering.answer(who.tenant, name, programme=programme, days=Days(as_of, known_at))
            for name in answering.names
        ]
        kept = Kept(by_name, await asyncio.gather(*asked), spoken_language(accept_language), sentences)
        write, kind = FORMS[form]
        return Response(await asyncio.to_thread(write, kept), media_type=kind)

    return router
