"""The site of one service, from its settings and its pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from fastapi import FastAPI

from chassis.auth import TokenVerifier
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
    issuer = settings.site_issuer or settings.issuer
    if settings.site is None or settings.session_keys is None or issuer is None:
        raise ValueError("pages need KOBLING_SITE, KOBLING_SESSION_KEYS and an issuer (KOBLING_SITE_ISSUER)")
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
        door=_door(settings, home, state.verifier, client=_client(settings, issuer, home, http)),
        showing=Showing(renderer, static, form_targets=_origin(issuer)),
        changes=changes,
        clock=clock,
    )
    app.router.routes.extend(site.routes())


def _client(settings: Settings, issuer: str, home: str, http: httpx.AsyncClient) -> OpenIdClient:
    secret = settings.client_secret_file.read_text().strip() if settings.client_secret_file else None
    return OpenIdClient(issuer, settings.client_id, secret, f"{_origin(str(settings.site))}{home}/login/back", http)


def is_for_play(settings: Settings) -> bool:
    """Whether pages offer to be somebody else. Over https there may be real people: never there, whatever is set."""
    return settings.invented_people and settings.site is not None and urlsplit(settings.site).scheme == "http"


def _door(settings: Settings, home: str, verifier: TokenVerifier, *, client: OpenIdClient) -> Door:
    assert settings.session_keys is not None  # noqa: S101 - looked at above
    site = _origin(str(settings.site))
    cookies = CookieJar.read(settings.session_keys, secure=site.startswith("https://"))
    return Door(site=site, home=home, cookies=cookies, client=client, verifier=verifier)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
