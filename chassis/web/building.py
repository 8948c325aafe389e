"""The site of one service, from its settings and its pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from fastapi import FastAPI

from chassis.auth import TokenVerifier
from chassis.auth.trust import TrustedIssuer
from chassis.clock import Clock
from chassis.http.state import HttpState
from chassis.settings import Settings
from chassis.web.door import Door
from chassis.web.live import Changes
from chassis.web.login import OpenIdClient
from chassis.web.pages import Pages, all_pages
from chassis.web.rendering import Renderer
from chassis.web.session import CookieJar
from chassis.web.showing import Showing
from chassis.web.site import Site
from chassis.web.static import Static
from chassis.web.words import Words

BRAND = "Kobling"
LANGUAGES = (("nb", "Bokmål"), ("nn", "Nynorsk"), ("da", "Dansk"), ("en", "English"))
_WORDS = Path(__file__).with_name("words.yaml")


def words_of(parts: Sequence[Pages]) -> Words:
    """What the pages of a service say."""
    folders = dict.fromkeys(part.folder for part in parts)
    return Words.read(_WORDS, *(file for folder in folders for file in sorted(folder.glob("words*.yaml"))))


def add_site(
    app: FastAPI,
    parts: Sequence[Pages],
    *,
    settings: Settings,
    http: httpx.AsyncClient,
    changes: Changes,
    clock: Clock,
) -> None:
    """Answer pages too, beside the operations. Raises ValueError when the settings name no site, or only half of one.

    `http` reaches the issuer.
    """
    clients = _clients(settings, f"/{app.state.kobling.service}", http)
    if settings.site is None or settings.session_keys is None or not clients:
        raise ValueError("pages need KOBLING_SITE, KOBLING_SESSION_KEYS and an issuer at which people log in")
    state: HttpState = app.state.kobling
    home = f"/{state.service}"
    static = Static(home)
    everywhere = {"home": home, "brand": BRAND, "languages": LANGUAGES, "is_play": is_for_play(settings)}
    renderer = Renderer(
        [part.folder for part in parts], words_of(parts), state.sentences, static=static, everywhere=everywhere
    )
    site = Site(
        service=state.service,
        pages=all_pages(parts),
        downloads=[download for part in parts for download in part.downloads],
        app=app,
        verifier=state.verifier,
        grants=state.grants,
        door=_door(settings, home, state.verifier, clients=clients),
        showing=Showing(
            renderer, static, form_targets=" ".join(sorted({_origin(client.issuer) for client in clients}))
        ),
        changes=changes,
        clock=clock,
    )
    app.router.routes.extend(site.routes())


def _clients(settings: Settings, home: str, http: httpx.AsyncClient) -> list[OpenIdClient]:
    """One for each way to log in to the site."""
    back = f"{_origin(str(settings.site))}{home}/login/back"
    clients = [
        OpenIdClient(
            issuer=trusted.issuer,
            client_id=log_in.client_id,
            secret=_secret(log_in.secret_file),
            back=back,
            http=http,
            called=log_in.called,
            scope=log_in.scope,
            more=log_in.more,
        )
        for trusted in settings.trusted
        if isinstance(trusted, TrustedIssuer)
        for log_in in trusted.log_in
    ]
    if settings.issuer is not None:
        secret = _secret(settings.client_secret_file)
        clients.append(OpenIdClient(settings.issuer, settings.client_id, secret, back, http, called=BRAND))
    return clients


def is_for_play(settings: Settings) -> bool:
    """Whether pages offer to be somebody else. Over https there may be real people: never there, whatever is set."""
    return settings.invented_people and settings.site is not None and urlsplit(settings.site).scheme == "http"


def _secret(file: Path | None) -> str | None:
    return None if file is None else file.read_text().strip()


def _door(settings: Settings, home: str, verifier: TokenVerifier, *, clients: Sequence[OpenIdClient]) -> Door:
    assert settings.session_keys is not None  # noqa: S101 - looked at above
    site = _origin(str(settings.site))
    cookies = CookieJar.read(settings.session_keys, secure=site.startswith("https://"))
    return Door(site=site, home=home, cookies=cookies, clients=clients, verifier=verifier)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
