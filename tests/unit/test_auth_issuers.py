"""Several issuers, each with its own keys, tenants, assurance and lifetime; the prepared files of deploy/issuers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chassis.auth import BadIssuers, TokenVerifier, Unauthenticated, read_issuers
from tests.support.issuers import PREPARED, Prepared, prepared, verifier_of
from tests.support.tokens import signed

KINDS = ("id-porten", "ansattporten", "entra", "maskinporten")
_FOUND = prepared()


@pytest.fixture(scope="module")
def verifier() -> TokenVerifier:
    return verifier_of(_FOUND)


def of(name: str) -> Prepared:
    return _FOUND[name]


@pytest.mark.parametrize("file", sorted(PREPARED.glob("*.yaml")), ids=lambda file: file.name)
def test_every_prepared_file_can_be_used_as_it_is(file: Path) -> None:
    assert {entry.kind for entry in read_issuers(file)} == {"person", "staff", "system"}


async def test_a_person_of_id_porten_may_only_bring_a_code_until_intake_knows_them(verifier: TokenVerifier) -> None:
    who = await verifier.verify(of("id-porten").token(scope="people:read roles:manage"))

    assert (who.tenant, who.scopes, who.person_id) == ("fjordby", frozenset({"persons:join"}), None)
    assert "volunteering:apply" in who.as_person("p-1").scopes
    assert "people:read" not in who.as_person("p-1").scopes


async def test_the_national_number_is_in_nothing_that_is_printed_of_a_caller(verifier: TokenVerifier) -> None:
    who = await verifier.verify(of("id-porten").token(pid="12345678901"))

    assert "12345678901" not in repr(who)
    assert "12345678901" not in repr(who.named("hash")) + who.named("hash").subject


@pytest.mark.parametrize("name", ["ansattporten", "entra"])
async def test_a_token_of_staff_opens_their_own_roles_and_nothing_else(verifier: TokenVerifier, name: str) -> None:
    who = await verifier.verify(of(name).token(scope="people:read", person="p-1"))

    assert (who.tenant, who.scopes, who.person_id) == ("fjordby", frozenset({"roles:own"}), None)


async def test_a_system_speaks_for_the_organisation_that_maskinporten_vouches_for(verifier: TokenVerifier) -> None:
    who = await verifier.verify(of("maskinporten").token(scope="kobling:referrals:write kobling:people:read other:x"))

    assert (who.tenant, who.subject, who.scopes) == ("fjordby", "case-system", frozenset({"referrals:write"}))


async def test_the_same_id_of_two_issuers_is_two_callers(verifier: TokenVerifier) -> None:
    same = "the-same"
    one, other = [await verifier.verify(of(name).token(**{of(name).entry.subject_from: same})) for name in KINDS[1:3]]

    assert (one.subject, one.issuer) != (other.subject, other.issuer)


Change = Callable[[Prepared], str]


def _other(found: Prepared) -> Prepared:
    return of("entra" if found.entry.name != "entra" else "ansattporten")


def _signed_by_other(found: Prepared, **header: Any) -> str:
    other = _other(found).issuer
    [(kid, key)] = other.keys.items()
    claims = {"iss": found.entry.issuer, "aud": found.entry.audience, "iat": 0, "exp": 100}
    return signed({"alg": "RS256", "kid": kid, "typ": "at+jwt", **header}, claims, key)


FORGED: dict[str, Change] = {
    "the keys and the key id of another trusted issuer": _signed_by_other,
    "another issuer's key under this one's key id": lambda found: _signed_by_other(found, kid=found.issuer.first_kid),
    "another trusted issuer's name": lambda found: found.token(iss=_other(found).entry.issuer),
    "another trusted issuer's audience": lambda found: found.token(aud="somebody-else"),
    "an issuer nobody trusts": lambda found: found.token(iss="https://forger.test"),
    "an issuer that only begins like ours": lambda found: found.token(iss=found.entry.issuer + ".forger.test"),
    "two issuers": lambda found: found.token(iss=[found.entry.issuer, _other(found).entry.issuer]),
    "a tenant that it is not bound to": lambda found: found.token(**{found.entry.tenant_from: "somebody-elses"}),
    "a tenant by its name": lambda found: found.token(**{found.entry.tenant_from: "fjordby"}),
    "no word of a tenant": lambda found: found.token(**{found.entry.tenant_from: None}),
    "a tenant that is a list": lambda found: found.token(**{found.entry.tenant_from: list(found.entry.tenants)}),
    "a tenant that is an operator": lambda found: found.token(**{found.entry.tenant_from: {"$ne": ""}}),
    "no id of the caller": lambda found: found.token(**{found.entry.subject_from: None}),
    "an id with a line end": lambda found: found.token(**{found.entry.subject_from: "a\nb"}),
    "an id that is a number": lambda found: found.token(**{found.entry.subject_from: 12345678901}),
    "a life that is too long": lambda found: found.token(seconds=found.entry.max_lifetime_seconds + 1),
    "a life that is over": lambda found: found.token(seconds=-31),
    "a type that is not an access token's": lambda found: found.token(header={"typ": "id+jwt"}),
}
OF_ONE: dict[str, Callable[[], str]] = {
    "id-porten: assurance too low": lambda: of("id-porten").token(acr="idporten-loa-low"),
    "id-porten: no assurance": lambda: of("id-porten").token(acr=None),
    "id-porten: a list of assurances": lambda: of("id-porten").token(acr=["idporten-loa-high"]),
    "id-porten: no type": lambda: of("id-porten").token(header={"typ": None}),
    "ansattporten: assurance too low": lambda: of("ansattporten").token(acr="low"),
    "maskinporten: another register": lambda: _consumer(authority="somebody", ID="0192:999888777"),
    "maskinporten: no register": lambda: _consumer(ID="0192:999888777"),
    "maskinporten: something beside it": lambda: _consumer(authority=["iso6523-actorid-upis"], ID="0192:999888777"),
    "maskinporten: the number alone": lambda: _consumer(authority="iso6523-actorid-upis", ID="999888777"),
    "maskinporten: another scheme": lambda: _consumer(authority="iso6523-actorid-upis", ID="0184:999888777"),
    "maskinporten: two numbers": lambda: _consumer(authority="iso6523-actorid-upis", ID=["0192:999888777"]),
    "maskinporten: scopes that are a list": lambda: of("maskinporten").token(scope=["kobling:referrals:write"]),
}


def _consumer(**organisation: Any) -> str:
    return of("maskinporten").token(consumer=organisation)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
async def test_a_forged_token_of_any_kind_of_issuer_is_refused(
    verifier: TokenVerifier, kind: str, forge: Change
) -> None:
    with pytest.raises(Unauthenticated):
        await verifier.verify(forge(of(kind)))


@pytest.mark.parametrize("forge", OF_ONE.values(), ids=OF_ONE)
async def test_a_forged_token_of_one_kind_of_issuer_is_refused(
    verifier: TokenVerifier, forge: Callable[[], str]
) -> None:
    with pytest.raises(Unauthenticated):
        await verifier.verify(forge())


async def test_one_issuers_outage_closes_nobody_elses_door(verifier: TokenVerifier) -> None:
    found = prepared()
    found["id-porten"].issuer.is_up = False

    assert (await verifier_of(found).verify(found["entra"].token())).tenant == "fjordby"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("issuers: [{name: a}]", "issuer"),
        ("nothing: here", "issuers"),
        ("[", "expected"),
    ],
    ids=["half an entry", "no list", "no YAML"],
)
def test_a_file_that_cannot_be_used_says_where(tmp_path: Path, text: str, word: str) -> None:
    file = tmp_path / "issuers.yaml"
    file.write_text(text)

    with pytest.raises(BadIssuers, match=word):
        read_issuers(file)


def test_an_issuer_elsewhere_is_reached_over_https_only(tmp_path: Path) -> None:
    file = tmp_path / "issuers.yaml"
    file.write_text((PREPARED / "denmark.yaml").read_text().replace("https://broker.example", "http://broker.example"))

    with pytest.raises(BadIssuers, match="https"):
        read_issuers(file)
