"""A token is what its issuer signed for us, now, or it is nothing; every fault gets the same answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.auth import Principal, Unauthenticated
from tests.support.forged_tokens import FORGED, Forge, issuer, now
from tests.support.tokens import encoded

verifier = issuer.verifier()


@pytest.mark.parametrize("key", ["rsa-1", "ec-1", "ed-1"])
async def test_a_token_of_each_asymmetric_algorithm_names_its_caller(key: str) -> None:
    token = issuer.token(tenant="ringsted", scopes=["people:read", "requests:read"], person="p-1", signed_by=key)
    scopes = frozenset({"people:read", "requests:read"})
    assert await verifier.verify(token) == Principal("ringsted", "user-1", scopes, person_id="p-1")


async def test_a_clock_that_is_off_by_less_than_thirty_seconds_does_not_matter() -> None:
    token = issuer.token(exp=now() - 20, iat=now() + 20, nbf=now() + 20)
    assert (await verifier.verify(token)).subject == "user-1"


async def test_an_audience_may_be_one_of_several_and_the_type_plain_jwt() -> None:
    token = issuer.token(aud=["other", "kobling"], header={"typ": "JWT"})
    assert (await verifier.verify(token)).tenant == "ressursvenn"


async def test_scopes_that_are_no_scopes_of_ours_are_left_out() -> None:
    token = issuer.token(scopes=["openid", "people:read", "people:READ"])
    assert (await verifier.verify(token)).scopes == {"people:read"}


async def test_a_name_is_known_but_never_printed() -> None:
    who = await verifier.verify(issuer.token(name="Invented Name"))
    assert (who.name, "Invented" in repr(who)) == ("Invented Name", False)


SEGMENT = st.binary(max_size=60).map(encoded) | st.text(max_size=30) | st.sampled_from(issuer.token().split("."))


@given(segments=st.lists(SEGMENT, max_size=5))
async def test_whatever_is_sent_as_a_token_is_read_or_refused(segments: list[str]) -> None:
    """Nothing else is raised by the decoder; a valid token can only be made of its own three parts."""
    try:
        await verifier.verify(".".join(segments))
    except Unauthenticated:
        return
    assert len(segments) == 3


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
async def test_a_forged_token_is_refused_without_a_hint(forge: Forge) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await verifier.verify(forge())
    assert (str(refused.value), refused.value.detail, refused.value.__cause__) == (
        "unauthenticated: Log in, or send a valid access token.",
        "",
        None,
    )
