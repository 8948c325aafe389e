"""The local issuer: its tokens are those the services verify."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from chassis.auth import IssuerKeys, PlainIssuer, TokenVerifier
from deploy.local.issuer import create_issuer, log_in, log_in_system
from deploy.local.issuer.grants import challenge_of

ISSUER = "http://127.0.0.1:8080/issuer"


def reach(root: Path) -> httpx.AsyncClient:
    """A client for an issuer in process, as a gateway that strips `/issuer` reaches it."""
    app = create_issuer(ISSUER, key_file=root / "key.pem")

    async def strip(request: httpx.Request) -> None:
        request.url = request.url.copy_with(path=request.url.path.removeprefix("/issuer"))

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), event_hooks={"request": [strip]})


def verifier(http: httpx.AsyncClient) -> TokenVerifier:
    return TokenVerifier([(PlainIssuer(issuer=ISSUER), IssuerKeys(ISSUER, http))])


async def test_a_person_logs_in_and_the_services_believe_the_token(tmp_path: Path) -> None:
    async with reach(tmp_path) as http:
        principal = await verifier(http).verify(await log_in(http, ISSUER, "oslo-helper"))
    assert (principal.tenant, principal.subject) == ("oslo", "oslo-helper")
    assert principal.person_id == "01980000-0000-7000-8000-000000000101"
    assert principal.has("volunteering:apply")


async def test_a_system_logs_in_with_its_secret_and_has_no_person(tmp_path: Path) -> None:
    async with reach(tmp_path) as http:
        principal = await verifier(http).verify(await log_in_system(http, ISSUER, "oslo-system"))
    assert principal.person_id is None
    assert principal.has("referrals:write")


async def test_a_wrong_secret_is_refused(tmp_path: Path) -> None:
    async with reach(tmp_path) as http:
        with pytest.raises(httpx.HTTPStatusError, match="401"):
            await log_in_system(http, ISSUER, "oslo-system", secret="guessed")


async def test_tokens_of_yesterday_are_valid_after_a_restart(tmp_path: Path) -> None:
    async with reach(tmp_path) as http:
        token = await log_in(http, ISSUER, "oslo-helper")
    async with reach(tmp_path) as restarted:
        assert (await verifier(restarted).verify(token)).subject == "oslo-helper"
    assert (tmp_path / "key.pem").stat().st_mode & 0o077 == 0


async def test_a_token_can_be_asked_for_fewer_scopes_but_not_for_more(tmp_path: Path) -> None:
    async with reach(tmp_path) as http:
        principal = await verifier(http).verify(await log_in(http, ISSUER, "oslo-helper", scope="requests:read"))
        assert principal.scopes == {"requests:read"}
        with pytest.raises(httpx.HTTPStatusError, match="400"):
            await log_in(http, ISSUER, "oslo-helper", scope="programmes:manage")


async def test_a_code_is_good_once_and_only_for_who_began(tmp_path: Path) -> None:
    asked = {
        "response_type": "code",
        "client_id": "web",
        "redirect_uri": "http://localhost/back",
        "code_challenge_method": "S256",
        "code_challenge": challenge_of("right"),
    }
    async with reach(tmp_path) as http:

        async def outcome(*verifiers: str) -> list[int]:
            chosen = await http.post(f"{ISSUER}/authorize", data={**asked, "subject": "oslo-citizen"})
            code = httpx.URL(chosen.headers["location"]).params["code"]
            form = {**asked, "grant_type": "authorization_code", "code": code}
            answers = [await http.post(f"{ISSUER}/token", data={**form, "code_verifier": word}) for word in verifiers]
            return [answer.status_code for answer in answers]

        assert await outcome("right", "right") == [200, 400]
        assert await outcome("wrong", "right") == [400, 400]


@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": "https://elsewhere.example/back"},
        {"response_type": "token"},
        {"code_challenge_method": "plain"},
        {"client_id": ""},
    ],
)
async def test_the_page_to_choose_a_person_appears_only_for_a_sound_request(
    tmp_path: Path, change: dict[str, str]
) -> None:
    sound = {
        "response_type": "code",
        "client_id": "web",
        "redirect_uri": "http://localhost/back",
        "code_challenge_method": "S256",
        "code_challenge": challenge_of("right"),
    }
    async with reach(tmp_path) as http:
        page = await http.get(f"{ISSUER}/authorize", params=sound)
        assert (page.status_code, "Runa Eksempel" in page.text) == (200, True)
        assert (await http.get(f"{ISSUER}/authorize", params={**sound, **change})).status_code == 400


async def test_another_invented_person_can_be_added_while_it_runs(tmp_path: Path) -> None:
    account = {"tenant": "oslo", "scopes": ["requests:read"], "name": "Nora Oppdiktet"}
    async with reach(tmp_path) as http:
        assert (await http.put(f"{ISSUER}/accounts/oslo-nora", json=account)).status_code == 204
        assert (await verifier(http).verify(await log_in(http, ISSUER, "oslo-nora"))).name == "Nora Oppdiktet"
        assert (await http.put(f"{ISSUER}/accounts/oslo-nora", json={"tenant": "oslo"})).status_code == 422
