"""Who asks too much is told when to come back; nobody else notices."""

import asyncio
from collections import Counter

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.http import Limits, Rate
from chassis.http import limits as module
from chassis.http.refusals import TooManyRequests
from deploy.local.ports import HOST
from deploy.local.serving import bind, serving
from tests.support.sample_service import Sample, sample


class Watch:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def limits_of(watch: Watch, *, caller: int = 2, tenant: int = 3) -> Limits:
    return Limits(caller=Rate(0.5, caller), tenant=Rate(1, tenant), monotonic=watch)


def is_taken(limits: Limits, tenant: str, subject: str) -> bool:
    try:
        limits.take(tenant, subject)
    except TooManyRequests:
        return False
    return True


async def asked(service: Sample, *, subject: str = "user-1", tenant: str = "oslo") -> int:
    headers = service.bearer("notes:read", subject=subject, tenant=tenant)
    return (await service.client.get("/v1/notes", headers=headers)).status_code


async def test_a_burst_is_let_through_and_then_the_caller_waits() -> None:
    watch = Watch()
    async with (service := sample(limits=limits_of(watch))).client:
        assert [await asked(service) for _ in range(3)] == [200, 200, 429]
        watch.now += 2
        assert [await asked(service) for _ in range(2)] == [200, 429]


async def test_the_answer_says_for_how_long_in_the_callers_language() -> None:
    async with (service := sample(limits=limits_of(Watch(), caller=1))).client:
        headers = service.bearer("notes:read") | {"Accept-Language": "nb"}
        answers = [await service.client.get("/v1/notes", headers=headers) for _ in range(2)]

    assert (answers[1].status_code, answers[1].headers["Retry-After"]) == (429, "2")
    assert answers[1].headers["Content-Type"] == "application/problem+json"
    assert answers[1].json() == {
        "type": "urn:kobling:problem:too_many_requests",
        "title": "For mange på én gang",
        "status": 429,
        "rule": "too_many_requests",
        "detail": "Dette er mer enn det kan spørres om på én gang. Vent litt.",
    }


async def test_another_caller_of_the_tenant_is_not_held_up_and_another_tenant_even_less() -> None:
    async with (service := sample(limits=limits_of(Watch()))).client:
        assert [await asked(service) for _ in range(5)] == [200, 200, 429, 429, 429]
        assert [await asked(service, subject="user-2") for _ in range(2)] == [200, 429]  # now the tenant has had its 3
        assert [await asked(service, tenant="bergen") for _ in range(2)] == [200, 200]


async def test_health_is_never_held_up() -> None:
    async with (service := sample(limits=limits_of(Watch(), caller=1))).client:
        assert [await asked(service) for _ in range(2)] == [200, 429]
        assert [(await service.client.get(path)).status_code for path in ("/livez", "/readyz")] == [200, 200]


async def test_a_token_without_the_scope_is_counted_too() -> None:
    async with (service := sample(limits=limits_of(Watch()))).client:
        headers = service.bearer("people:read")
        answers = [(await service.client.get("/v1/notes", headers=headers)).status_code for _ in range(3)]

    assert answers == [403, 403, 429]


@pytest.mark.long
async def test_the_burst_of_a_tenant_costs_another_tenant_no_answer() -> None:
    """Over real connections, all at once: 400 of one tenant's callers, 60 of another's among them."""
    service = sample(limits=Limits(caller=Rate(0.001, 40), tenant=Rate(0.001, 100)))
    asked = [("loud", f"user-{number % 20}") for number in range(400)]
    for number in range(60):
        asked.insert(7 * number, ("quiet", f"user-{number % 3}"))

    listener = bind(0, what="the sample")
    url = f"http://{HOST}:{listener.getsockname()[1]}"
    connections = httpx.Limits(max_connections=40)
    async with (
        serving(service.app, listener),
        httpx.AsyncClient(base_url=url, limits=connections, timeout=60) as client,
    ):

        async def status(tenant: str, subject: str) -> tuple[str, int]:
            headers = service.bearer("notes:read", tenant=tenant, subject=subject)
            return tenant, (await client.get("/v1/notes", headers=headers)).status_code

        told = Counter(await asyncio.gather(*(status(*each) for each in asked)))

    assert told == {("quiet", 200): 60, ("loud", 200): 100, ("loud", 429): 300}


@given(steps=st.lists(st.tuples(st.floats(0, 5), st.sampled_from("ab"), st.sampled_from("xyz")), max_size=60))
def test_whatever_comes_nobody_gets_more_than_the_burst_and_the_rate(steps: list[tuple[float, str, str]]) -> None:
    watch = Watch()
    limits = limits_of(watch)
    taken: dict[tuple[str, ...], int] = {}
    for seconds, tenant, subject in steps:
        watch.now += seconds
        if is_taken(limits, tenant, subject):
            for key in ((tenant,), (tenant, subject)):
                taken[key] = taken.get(key, 0) + 1
    passed = watch.now - Watch.now

    assert all(count <= (3 + passed if len(key) == 1 else 2 + passed / 2) + 1e-6 for key, count in taken.items())


def test_a_flood_of_callers_does_not_stay_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PRUNED_FROM", 10)
    watch = Watch()
    limits = limits_of(watch)
    for number in range(500):
        watch.now += 1
        limits.take(f"tenant-{number}", "user")

    assert len(limits._buckets) <= 20
