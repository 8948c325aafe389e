"""What drawing a page costs beside the operations behind it, and what 200 open pages cost that wait for news.

The services run as processes of their own. The baseline of a page is the page's own questions, the same ones in the
same order and as much at once, asked over HTTP as JSON by the same caller; in turns with the page, so that what
disturbs the machine disturbs both.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any

import httpx

from chassis.auth import Principal
from chassis.web.api import Api
from chassis.web.pages import Page
from chassis.web.view import View
from deploy.local.issuer import read_directory
from services.intake.pages.door import door
from services.intake.pages.today import MOST, today
from services.matching.pages.search import search
from tests.benchmarks.harness import Ground, Result, until
from tests.benchmarks.processes import TENANT, Platform, platform_at
from tests.support.tokens import TokenIssuer, in_a_day
from tests.support.town import PROGRAMME

_WISHES = MOST
_HELPERS = 20  # as many as the page shows
_OWN_WISHES = 5
_WARMING = 5
_OPEN = 200
_AGAIN = 50
_SETTLING_SECONDS = 2.0
_WATCHED = "requests,volunteerings,block-checks,erasures,programmes"  # what Today watches


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with the scopes that such a person has in the local stack."""

    subject: str
    like: str
    person_id: str | None = None

    @property
    def principal(self) -> Principal:
        account = read_directory().find(self.like)
        assert account is not None
        return Principal(TENANT, self.subject, frozenset(account.scopes), person_id=self.person_id)

    def token(self, issuer: TokenIssuer) -> str:
        who = self.principal
        return issuer.token(
            tenant=TENANT, subject=self.subject, scopes=sorted(who.scopes), person=who.person_id, exp=in_a_day()
        )


@dataclass(frozen=True, slots=True)
class Looked:
    """A page, who opens it, and how many rows of it there must be."""

    name: str
    service: str
    page: Page
    caller: Caller
    rows: Callable[[Any], int]
    least: int
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return self.page.path.format_map(self.ids)


_COORDINATOR = Caller("coordinator-1", "oslo-coordinator")


async def bench_pages(ground: Ground) -> list[Result]:
    """Three first pages; then 200 streams of one tenant's news, while a request comes in every second."""
    times, rounds, seconds = ground.size(200, quick=40), ground.size(3, quick=1), ground.size(10, quick=5)
    async with platform_at(ground) as platform:
        pages = await _town(platform)
        await platform.at_rest()
        drawn = [await _drawn(platform, page, times) for page in pages]
        live = await _live(platform, await platform.town.person(), rounds=rounds, seconds=seconds)
    return [*drawn, *live]


async def _town(platform: Platform) -> list[Looked]:
    town = platform.town
    for _ in range(_HELPERS):
        await town.volunteer()
    for _ in range(_WISHES):
        request_id, _ = await town.request()
    somebody = await town.person()
    for _ in range(_OWN_WISHES):
        await _wish(platform, somebody)
    await town.until(
        "matching", f"/v1/searches/{request_id}/candidates?limit=50", lambda found: len(found["items"]) >= _HELPERS
    )
    return [
        Looked("Today", "intake", today, _COORDINATOR, lambda shown: len(shown["matters"]), MOST),
        Looked(
            "My door",
            "intake",
            door,
            Caller(f"user-{somebody}", "oslo-citizen", somebody),
            lambda shown: len(shown["wishes"]),
            _OWN_WISHES,
        ),
        Looked(
            "a search with candidates",
            "matching",
            search,
            _COORDINATOR,
            lambda shown: len(shown["candidates"]),
            _HELPERS,
            {"request_id": request_id},
        ),
    ]


async def _wish(platform: Platform, person_id: str) -> None:
    wish = {"programme": PROGRAMME, "person_id": person_id, "what": "A walk on Sundays."}
    await platform.town.command("intake", "/v1/requests", wish)


# drawn ----------------------------------------------------------------------------------------------------------------


async def _drawn(platform: Platform, looked: Looked, times: int) -> Result:
    """The slowest in twenty of each."""
    client, view = platform.town.clients[looked.service], _view(platform, looked)
    headers = {"Cookie": _cookie(platform, looked.caller), "Accept-Language": view.language}
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(times + _WARMING):
        began = time.perf_counter()
        answer = await client.get(looked.path, headers=headers)
        drawn = time.perf_counter()
        shown = await looked.page.draw(view, **looked.ids)
        asked = time.perf_counter()
        if answer.status_code != httpx.codes.OK or looked.rows(shown) < looked.least:
            raise RuntimeError(f"{looked.path} answered {answer.status_code}, with {looked.rows(shown)} rows")
        if number >= _WARMING:
            ours.append(drawn - began)
            theirs.append(asked - drawn)
    p95, baseline = _p95(ours), _p95(theirs)
    return Result(
        f"page: {looked.name}, p95 against its questions over HTTP",
        p95 / baseline,
        bar=3,
        at_most=True,
        detail=f"{p95 * 1000:.1f} ms against {baseline * 1000:.1f} ms; "
        f"medians {median(ours) * 1000:.1f} and {median(theirs) * 1000:.1f} ms; {looked.least} rows",
    )


def _view(platform: Platform, looked: Looked) -> View:
    """What the page is drawn for, except that it asks over HTTP."""
    token = looked.caller.token(platform.town.issuer)
    return View(
        service=looked.service,
        path=looked.path,
        query={},
        principal=looked.caller.principal,
        language="en",
        api=Api(platform.town.clients[looked.service], {"Authorization": f"Bearer {token}", "Accept-Language": "en"}),
        now=datetime.now(UTC),
    )


def _p95(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=20)[18]


# live -----------------------------------------------------------------------------------------------------------------


async def _live(platform: Platform, person_id: str, *, rounds: int, seconds: int) -> list[Result]:
    """What the changes themselves cost is measured with no page open, and taken off."""
    closed: list[float] = []
    opened: list[float] = []
    for _ in range(rounds):
        closed.append(await _percent(platform, person_id, seconds=seconds, changes=True))
        async with _listening(platform) as heard:
            opened.append(await _percent(platform, person_id, seconds=seconds, changes=True))
        if len(heard) < _OPEN:
            raise RuntimeError(f"{len(heard)} of {_OPEN} heard of a change")
    async with _listening(platform):
        quiet = await _percent(platform, person_id, seconds=seconds, changes=False)
    again = await _asked_again(platform)
    told = median(after - before for before, after in zip(closed, opened, strict=True))
    detail = (
        f"percent of a core: {median(opened):.1f} in all four services, less {median(closed):.1f} with none open; "
        f"a page that asks again for what is new takes {again * 1000:.0f} ms of it"
    )
    return [
        Result("200 live pages open, nothing new", quiet, bar=10, at_most=True, detail="percent of a core, all four"),
        Result("200 live pages open, told of a change a second", told, bar=10, at_most=True, detail=detail),
    ]


@asynccontextmanager
async def _listening(platform: Platform) -> AsyncIterator[set[int]]:
    """The browsers of 200 coordinators of one tenant; which of them heard of something."""
    heard: set[int] = set()
    client, headers = platform.town.clients["intake"], {"Cookie": _cookie(platform, _COORDINATOR)}

    async def listen(number: int, answer: httpx.Response) -> None:
        async for line in answer.aiter_lines():
            if line.startswith("event:"):
                heard.add(number)

    async with AsyncExitStack() as stack:
        asked = (
            client.stream("GET", f"/live?watch={_WATCHED}", headers=headers, timeout=httpx.Timeout(30, read=None))
            for _ in range(_OPEN)
        )
        streams = [await stack.enter_async_context(each) for each in asked]
        if any(stream.status_code != httpx.codes.OK for stream in streams):
            raise RuntimeError("a stream of events was refused")
        listening = [asyncio.create_task(listen(number, stream)) for number, stream in enumerate(streams)]
        await until(asyncio.get_running_loop().time() + _SETTLING_SECONDS)
        yield heard
        for each in listening:
            each.cancel()
        await asyncio.gather(*listening, return_exceptions=True)


async def _percent(platform: Platform, person_id: str, *, seconds: int, changes: bool) -> float:
    """Of one core, by all four services."""
    loop = asyncio.get_running_loop()
    began, before = loop.time(), _cpu_seconds(platform)
    for number in range(seconds):
        if changes:
            await _wish(platform, person_id)
        await until(began + number + 1)
    return 100 * (_cpu_seconds(platform) - before) / (loop.time() - began)


async def _asked_again(platform: Platform) -> float:
    """The seconds of a core that Today takes when it is asked for by a page that was told."""
    client, headers = platform.town.clients["intake"], {"Cookie": _cookie(platform, _COORDINATOR)}
    before = _cpu_seconds(platform)
    for _ in range(_AGAIN):
        (await client.get(today.path, headers=headers)).raise_for_status()
    return (_cpu_seconds(platform) - before) / _AGAIN


def _cpu_seconds(platform: Platform) -> float:
    return sum(process.cpu_seconds() for process in platform.processes)


def _cookie(platform: Platform, caller: Caller) -> str:
    return platform.session(caller.token(platform.town.issuer))
