"""A service as small as can be, to see the HTTP conventions at work: notes of a tenant, kept in a dict."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Literal

import httpx
from fastapi import APIRouter, FastAPI, Response
from pydantic import AwareDatetime, BaseModel, Field

from chassis.auth import Principal
from chassis.command_handler import Outcome
from chassis.http import (
    CommandBody,
    Commanded,
    Limits,
    MinPositionHeader,
    Page,
    Paging,
    Router,
    answer,
    caller,
    commanded_by,
    create_app,
    paged,
)
from chassis.observability import Health
from chassis.refusal import NotFound, Refusal, StaleVersion
from contracts.envelope import StreamId
from tests.support.tokens import TokenIssuer


class FullHouse(Refusal):
    rule, sentence = "full_house", "There is no room for more."


class DriverAway(Exception):
    """What a database driver raises when its server is gone."""


class Wish(CommandBody):
    language: Literal["nb", "da"]
    level: int = Field(ge=1, le=5)


class WriteNote(CommandBody):
    title: str = Field(min_length=1, max_length=20)
    wishes: tuple[Wish, ...] = ()
    on: date | None = None
    at: AwareDatetime | None = None


class Note(BaseModel):
    title: str


@dataclass
class Notes:
    """What the sample remembers: the commands it was given and the notes by tenant and id."""

    asked: list[Commanded] = field(default_factory=list)
    kept: dict[tuple[str, str], str] = field(default_factory=dict)
    at_least: list[Any] = field(default_factory=list)


def notes_router(notes: Notes) -> APIRouter:
    router = Router(prefix="/v1/notes", tags=["notes"])

    @router.post("", status_code=201)
    async def write_note(
        body: WriteNote, ask: Annotated[Commanded, commanded_by("notes:write")], response: Response
    ) -> Note:
        notes.asked.append(ask)
        if body.title == "too many":
            raise FullHouse("ten are kept", options=["wait_a_day"], missing=["free_place"])
        if body.title == "engine":
            raise DriverAway("mongodb://user:secret@10.0.0.1 is away")
        if body.title == "bug":
            raise RuntimeError(f"secret of {ask.principal.tenant}")
        if ask.if_match not in (None, 7):
            raise StaleVersion()
        note_id = ask.new_id("note")
        notes.kept[ask.principal.tenant, note_id] = body.title
        stream = StreamId(ask.principal.tenant, "note", note_id)
        answer(response, Outcome(stream, 7, None), location=f"/v1/notes/{note_id}")
        return Note(title=body.title)

    @router.post("/{note_id}/archive")
    async def archive_note(note_id: str, ask: Annotated[Commanded, commanded_by("notes:write")]) -> Note:
        notes.asked.append(ask)
        return Note(title=notes.kept[ask.principal.tenant, note_id])

    @router.get("/{note_id}")
    async def show_note(
        note_id: str, who: Annotated[Principal, caller("notes:read", "notes:write")], at_least: MinPositionHeader
    ) -> Note:
        notes.at_least.append(at_least)
        stream = StreamId(who.tenant, "note", note_id)
        title = notes.kept.get((stream.tenant, stream.id))
        if title is None:
            raise NotFound()
        return Note(title=title)

    @router.get("")
    async def list_notes(
        who: Annotated[Principal, caller("notes:read")], paging: Annotated[Paging, paged()], kind: str | None = None
    ) -> Page[Note]:
        titles = sorted(title for (tenant, _), title in notes.kept.items() if tenant == who.tenant)
        rest = [title for title in titles if paging.after is None or title > str(paging.after)]
        shown = rest[: paging.limit]
        return paging.page(
            [Note(title=title) for title in shown], next_after=shown[-1] if len(rest) > len(shown) else None
        )

    return router


def key_of(tenant: str, purpose: str) -> bytes:
    return f"{tenant}{purpose}".encode().ljust(32, b"-")[:32]


@dataclass
class Sample:
    """The service, its issuer, and a client on it."""

    issuer: TokenIssuer
    notes: Notes
    health: Health
    app: FastAPI
    client: httpx.AsyncClient

    def bearer(self, *scopes: str, tenant: str = "ressursvenn", subject: str = "user-1") -> dict[str, str]:
        return self.issuer.bearer(scopes=scopes, tenant=tenant, subject=subject)


ISSUER = TokenIssuer()  # its RSA key takes a moment to make


def sample(*, limits: Limits | None = None) -> Sample:
    notes, health = Notes(), Health()
    app = create_app(
        "sample",
        [notes_router(notes)],
        verifier=ISSUER.verifier(),
        health=health,
        derive_key=key_of,
        away=[DriverAway],
        limits=limits,
    )
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sample")
    return Sample(ISSUER, notes, health, app, client)
