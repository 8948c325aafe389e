"""What a player of the story has: the one port, tokens of invented people, and the municipality's own client."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx

from chassis.clock import ShiftedClock
from deploy.access import tenant_user
from deploy.local.stack import Stack

Json = dict[str, Any]
Seen = TypeVar("Seen")
Item = TypeVar("Item")

CLIENT = Path(__file__).resolve().parents[1] / "examples" / "municipality" / "client.py"
_PATIENCE_SECONDS = 60.0
_LOOK_EVERY_SECONDS = 0.05
_AT_ONCE = 6


class StepFailed(Exception):
    """Something the story expects did not come true; the message says what, in one sentence."""


@dataclass(slots=True)
class World:
    """Every call goes through the gateway with a token; `say` tells a line to whoever watches."""

    stack: Stack
    http: httpx.AsyncClient
    say: Callable[[str], None]
    _tokens: dict[str, str] = field(default_factory=dict)

    @property
    def clock(self) -> ShiftedClock:
        """The one clock of the stack; who moves it moves every service."""
        return ShiftedClock(self.stack.clock_file)

    def now(self) -> datetime:
        return self.clock.now()

    async def log_in(self, account: Mapping[str, Any]) -> None:
        """Make an invented account known to the issuer of the local stack: `{subject, tenant, scopes, …}`."""
        await self._put({**account, "secret": account["subject"]})

    async def let_in(self, *humans: Mapping[str, Any]) -> list[str]:
        """From now on whoever watches can be one of these, who played their parts, or the coordinator; who they are."""
        for account in humans:
            await self._put(account)
        return ["Solveig Prøve, who coordinates", *(f"{account['name']}, {account['who']}" for account in humans)]

    async def _put(self, account: Mapping[str, Any]) -> None:
        subject = account["subject"]
        body = {name: value for name, value in account.items() if name not in ("subject", "who")}
        _expect_status(await self.http.put(f"{self.stack.issuer}/accounts/{subject}", json=body), 204)

    async def get(self, subject: str, service: str, path: str, **query: Any) -> Json:
        answer = await self._ask("GET", subject, service, path, params=query)
        return _json(_expect_status(answer, 200))

    async def ask(self, subject: str, service: str, path: str, **query: Any) -> Json | None:
        """The same, or None while it is not there yet."""
        answer = await self._ask("GET", subject, service, path, params=query)
        return None if answer.status_code == 404 else _json(_expect_status(answer, 200))

    async def mailbox(self) -> list[Json]:
        """Every mail that was taken so far."""
        mails: list[Json] = _expect_status(await self.http.get(f"{self.stack.mailbox}/messages"), 200).json()
        return mails

    async def post(self, subject: str, service: str, path: str, body: Json | None = None) -> Json:
        """A command that is accepted."""
        answer = await self._ask("POST", subject, service, path, json=body)
        return _json(_expect_status(answer, 200, 201))

    async def refused(self, subject: str, service: str, path: str, body: Json | None = None) -> Json:
        """A command that is refused: its problem document."""
        return _json(_expect_status(await self._ask("POST", subject, service, path, json=body), 409))

    async def try_to(self, subject: str, service: str, path: str, body: Json | None = None) -> Json:
        """A command of which both answers are fine: what it gives, or the problem document."""
        return _json(_expect_status(await self._ask("POST", subject, service, path, json=body), 200, 201, 409))

    async def until_or_last(self, is_so: Callable[[], Awaitable[bool]]) -> bool:
        """Whether it came true within a minute."""
        try:
            return await self.until("it is so", is_so)
        except StepFailed:
            return False

    async def until(self, what: str, look: Callable[[], Awaitable[Seen | None]]) -> Seen:
        """Look until there is something to see. Raises StepFailed after a minute."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            seen = await look()
            if seen:
                return seen
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
        raise StepFailed(f"not within {_PATIENCE_SECONDS:.0f} s: {what}")

    async def each(self, act: Callable[[Item], Awaitable[None]], items: Iterable[Item]) -> None:
        """Do it for all of them, some at a time."""
        hands = asyncio.Semaphore(_AT_ONCE)

        async def one(item: Item) -> None:
            async with hands:
                await act(item)

        async with asyncio.TaskGroup() as group:
            for item in items:
                group.create_task(one(item))

    async def municipality(self, tenant: str, *arguments: str) -> str:
        """Run the municipality's own client as it would: a program of its own that knows Kafka and the schema."""
        command = (sys.executable, str(CLIENT), *self._kafka_of(tenant), *arguments)
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                output, _ = await process.communicate()
        except BaseException as fault:
            process.kill()
            await process.wait()
            if isinstance(fault, TimeoutError):
                raise StepFailed(f"the municipality was not told within {_PATIENCE_SECONDS:.0f} s") from None
            raise
        if process.returncode != 0:
            raise StepFailed(f"the municipality's client ended with {process.returncode}")
        return output.decode()

    def _kafka_of(self, tenant: str) -> tuple[str, ...]:
        """As the tenant's own user, with the password it was given."""
        access = self.stack.engines.kafka_as(tenant_user(tenant))
        if isinstance(access, str):
            return ("--kafka", access, "--tenant", tenant)
        files = ("--password-file", str(access.password_file), "--ca-file", str(access.ca_file))
        return ("--kafka", access.servers, "--tenant", tenant, *files)

    async def _ask(self, method: str, subject: str, service: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {await self._token(subject)}"}
        return await self.http.request(method, f"{self.stack.service(service)}{path}", headers=headers, **more)

    async def _token(self, subject: str) -> str:
        if subject not in self._tokens:
            form = {"grant_type": "client_credentials", "client_id": subject, "client_secret": subject}
            answer = _expect_status(await self.http.post(f"{self.stack.issuer}/token", data=form), 200)
            self._tokens[subject] = answer.json()["access_token"]
        return self._tokens[subject]


def expect(truth: object, sentence: str) -> None:
    """Raises StepFailed with the sentence when it is not true."""
    if not truth:
        raise StepFailed(sentence)


def _expect_status(answer: httpx.Response, *statuses: int) -> httpx.Response:
    if answer.status_code not in statuses:
        asked = f"{answer.request.method} {answer.request.url.path}"
        raise StepFailed(f"{asked} answered {answer.status_code}: {answer.text[:400]}")
    return answer


def _json(answer: httpx.Response) -> Json:
    body: Json = answer.json() if answer.content else {}
    return body
