"""Who is logged in: the caller's access token, sealed in a cookie that scripts cannot read.

Nothing is kept on the server, so every process of every service opens every session, and none has to be asked. What a
session may do is decided by the token in it at each request, as for any other caller.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from chassis.keyring.cipher import KEY_BYTES, Cipher, as_bytes, as_text, new_key
from chassis.keyring.port import SealBroken

LONGEST_SECONDS = 3600
"""Within this time somebody logs in anew; where the issuer knows them still, without noticing."""

_COOKIE_BYTES = 3800  # browsers drop a cookie of more than 4096 bytes without a word
_LOGIN_SECONDS = 600


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)

    until: int
    """Seconds since 1970; later than that it is none."""


class Session(_Kept):
    token: str
    client_id: str = ""


class Login(_Kept):
    """A log-in under way: what the issuer's answer must fit, and where to go on afterwards."""

    client_id: str
    state: str
    verifier: str
    back: str


def kept_session_keys(file: Path) -> Path:
    """The file of session keys, made with one new key when it is not there; only its owner reads it."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(f"{as_text(new_key())}\n")
    return file


def renew_session_keys(file: Path) -> None:
    """Put a new key first and keep the one that was newest, so that sessions of now still open."""
    kept = file.read_text().split()[:1]
    draft = file.with_name(f"{file.name}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as new:
        new.write("\n".join((as_text(new_key()), *kept, "")))
    draft.replace(file)


KeptT = TypeVar("KeptT", bound=_Kept)


@dataclass(frozen=True, slots=True)
class CookieJar:
    """Seals and opens the site's cookies. The first key of the file seals, all of them open: so keys are changed.

    `secure` is whether the site answers over https: then no other host or port can set these cookies (`__Host-`).
    """

    keys: tuple[bytes, ...]
    secure: bool
    now: Callable[[], float] = time.time

    @classmethod
    def read(cls, file: Path, *, secure: bool) -> CookieJar:
        """A key of 32 bytes a line, in base64url. Raises ValueError."""
        try:
            keys = tuple(as_bytes(line) for line in file.read_text().split())
        except SealBroken as fault:
            raise ValueError(f"{file}: {fault}") from None
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise ValueError(f"{file} needs one or more keys of {KEY_BYTES} bytes, each on its line")
        return cls(keys, secure)

    def session(self, request: Request) -> Session | None:
        return self._opened(request, Session)

    def login(self, request: Request) -> Login | None:
        return self._opened(request, Login)

    def keep_session(self, response: Response, token: str, *, seconds: float, client_id: str = "") -> None:
        """Raises ValueError for a token that no cookie holds."""
        until = self._end_after(min(seconds, LONGEST_SECONDS))
        self._keep(response, Session(token=token, client_id=client_id, until=until))

    def keep_login(self, response: Response, *, client_id: str, state: str, verifier: str, back: str) -> None:
        until = self._end_after(_LOGIN_SECONDS)
        login = Login(client_id=client_id, state=state, verifier=verifier, back=back, until=until)
        self._keep(response, login)

    def forget(self, response: Response, *kinds: type[_Kept]) -> None:
        for kind in kinds:
            response.delete_cookie(self._name(kind), path="/", secure=self.secure, httponly=True, samesite="lax")

    def _end_after(self, seconds: float) -> int:
        return int(self.now() + seconds)

    def _name(self, kind: type[_Kept]) -> str:
        return f"{'__Host-' if self.secure else ''}kobling-{kind.__name__.lower()}"

    def _keep(self, response: Response, kept: _Kept) -> None:
        name = self._name(type(kept))
        value = as_text(Cipher(self.keys[0], "site", name).encrypt(kept.model_dump_json().encode()))
        if len(value) > _COOKIE_BYTES:
            raise ValueError("the issuer's token is too long for a cookie")
        seconds = kept.until - int(self.now())
        response.set_cookie(name, value, max_age=seconds, path="/", secure=self.secure, httponly=True, samesite="lax")

    def _opened(self, request: Request, kind: type[KeptT]) -> KeptT | None:
        name = self._name(kind)
        value = request.cookies.get(name, "")
        if not value or len(value) > _COOKIE_BYTES:
            return None
        for key in self.keys:
            try:
                kept = kind.model_validate_json(Cipher(key, "site", name).decrypt(as_bytes(value)))
            except (SealBroken, ValidationError):
                continue
            return kept if kept.until > self.now() else None
        return None
