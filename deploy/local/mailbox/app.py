"""The mailbox over HTTP: JSON for the demo and tests, a page for people."""

from __future__ import annotations

from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from deploy.local.mailbox.letters import Letter, Letters
from deploy.local.page import page


def create_mailbox(letters: Letters) -> Starlette:
    """`/messages`: a list of `{id, from, to, subject, received_at, text}`, oldest first; `/`: the same to read.

    `POST /sms` takes a text message `{to, text, id}`, as the webhook of a provider does.
    """

    async def messages(_: Request) -> Response:
        return JSONResponse([_json(letter) for letter in letters.all()])

    async def read(_: Request) -> Response:
        cards = "".join(_card(letter) for letter in reversed(letters.all()))
        empty = '<p class="ds-paragraph">No mail yet.</p>'
        return HTMLResponse(page("Mailbox", f'<ul class="cards wide">{cards}</ul>' if cards else empty))

    async def take_text(request: Request) -> Response:
        match await request.json():
            case {"to": str(to), "text": str(text), "id": str(text_id)}:
                letters.keep_text(text, to=to, text_id=text_id)
                return Response(status_code=202)
            case _:
                return Response(status_code=422)

    routes = [Route("/messages", messages), Route("/sms", take_text, methods=["POST"]), Route("/", read)]
    return Starlette(routes=routes)


def _json(letter: Letter) -> dict[str, object]:
    return {
        "id": letter.id,
        "from": letter.sender,
        "to": list(letter.to),
        "subject": letter.subject,
        "received_at": letter.received_at.isoformat(),
        "text": letter.text,
    }


def _card(letter: Letter) -> str:
    when = f'<time datetime="{letter.received_at.isoformat()}">{letter.received_at:%H:%M:%S}</time>'
    to = f'<p class="ds-paragraph">{when} to {escape(", ".join(letter.to))}</p>'
    heading = f'<h2 class="ds-heading">{escape(letter.subject)}</h2>'
    return f'<li class="ds-card">{heading}{to}<p class="ds-paragraph lines">{escape(letter.text)}</p></li>'
