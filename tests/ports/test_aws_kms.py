"""AWS KMS behind the same port, as moto plays it: the keyring over it keeps every promise the file one keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chassis.keyring import KeyUnavailable, SealBroken, rewrap
from chassis.keyring.aws_kms import AwsKms
from chassis.keyring.kms import WrappedKey
from chassis.keyring.memory import MemoryDataKeys
from chassis.keyring.sealing import SealingKeyring
from contracts.sealed import Redacted

moto = pytest.importorskip("moto", reason="moto is not installed")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Watch:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    import boto3

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "invented")
    with moto.mock_aws():
        yield boto3.client("kms", region_name="eu-north-1")


async def test_everything_opens_over_rotations_and_in_another_process(aws: Any) -> None:
    keys = MemoryDataKeys()
    sealed = await SealingKeyring(keys, AwsKms(aws)).seal_many("t", [("p-1", "a"), ("p-2", "b")])
    assert await AwsKms(aws).rotate("t") == 2
    later = SealingKeyring(keys, AwsKms(aws))
    assert await later.open_many("t", sealed) == ["a", "b"]
    await later.seal("t", "p-3", "c")
    assert await keys.versions("t") == {1: 2, 2: 1}
    assert (await rewrap(keys, AwsKms(aws), "t"), await keys.versions("t")) == (2, {2: 3})
    await later.shred("t", "p-1")
    assert await SealingKeyring(keys, AwsKms(aws)).open_many("t", sealed) == [Redacted(), "b"]


async def test_what_is_derived_is_the_same_for_ever_and_for_one_tenant_and_purpose(aws: Any) -> None:
    one = AwsKms(aws).derive("t", "x")
    await AwsKms(aws).rotate("t")
    assert (AwsKms(aws).derive("t", "x"), len(one)) == (one, 32)
    assert one not in {AwsKms(aws).derive("t", "y"), AwsKms(aws).derive("u", "x")}


async def test_a_running_process_learns_of_a_rotation_within_a_minute(aws: Any) -> None:
    watch = Watch()
    running = AwsKms(aws, monotonic=watch)
    await running.wrap("t", "p-1", bytes(32))
    await AwsKms(aws).rotate("t")
    watch.seconds += 59
    assert (await running.wrap("t", "p-1", bytes(32))).version == 1
    watch.seconds += 1
    assert (await running.wrap("t", "p-1", bytes(32))).version == 2


@pytest.mark.parametrize(("tenant", "subject"), [("t", "p-2"), ("u", "p-1")])
async def test_a_key_wrapped_for_another_does_not_unwrap(aws: Any, tenant: str, subject: str) -> None:
    wrapped = await AwsKms(aws).wrap("t", "p-1", bytes(32))
    await AwsKms(aws).wrap("u", "p-1", bytes(32))
    with pytest.raises(SealBroken):
        await AwsKms(aws).unwrap(tenant, subject, wrapped)
    with pytest.raises(SealBroken):
        await AwsKms(aws).unwrap("t", "p-1", WrappedKey(1, wrapped.key[:-1] + bytes([wrapped.key[-1] ^ 1])))


async def test_a_version_that_is_not_there_is_said_and_is_not_made(aws: Any) -> None:
    wrapped = await AwsKms(aws).wrap("t", "p-1", bytes(32))
    with pytest.raises(KeyUnavailable, match="NotFoundException to decrypt"):
        await AwsKms(aws).unwrap("t", "p-1", WrappedKey(2, wrapped.key))
    assert await AwsKms(aws).newest("t") == 1


async def test_versions_go_on_counting_when_old_ones_are_destroyed_among_many_tenants(aws: Any) -> None:
    for number in range(60):
        await AwsKms(aws).wrap(f"other-{number}", "p-1", bytes(32))
    for expected in (2, 3, 4):
        assert await AwsKms(aws).rotate("t") == expected
    for version in (1, 2, 3):
        aws.delete_alias(AliasName=f"alias/kobling/t/{version}")
    assert (await AwsKms(aws).newest("t"), await AwsKms(aws).newest("t-2")) == (4, 1)


async def test_of_two_that_make_the_first_key_one_stays(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, real = AwsKms(aws), aws.create_key

    def overtaken(**call: Any) -> Any:
        monkeypatch.setattr(aws, "create_key", real)
        key = real(**call)
        aws.create_alias(AliasName="alias/kobling/t/1", TargetKeyId=real(**call)["KeyMetadata"]["KeyId"])
        return key

    monkeypatch.setattr(aws, "create_key", overtaken)
    wrapped = await slow.wrap("t", "p-1", b"k" * 32)
    assert await AwsKms(aws).unwrap("t", "p-1", wrapped) == b"k" * 32
    states = [aws.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] for key in aws.list_keys()["Keys"]]
    assert sorted(states) == ["Enabled", "PendingDeletion"]


async def test_what_aws_refuses_is_said_with_its_code_and_nothing_else(aws: Any) -> None:
    from botocore.stub import Stubber

    with Stubber(aws) as stub:
        stub.add_response("list_aliases", {"Aliases": [], "Truncated": False})
        stub.add_client_error("encrypt", "AccessDeniedException", "arn:aws:iam::1:user/invented")
        with pytest.raises(KeyUnavailable) as refused:
            await AwsKms(aws).wrap("t", "p-1", bytes(32))
    assert str(refused.value) == "AWS KMS answers AccessDeniedException to encrypt"


@pytest.mark.parametrize("tenant", ["../t", "", "T", "a/b"])
async def test_a_tenant_that_could_be_anothers_alias_has_no_key(aws: Any, tenant: str) -> None:
    with pytest.raises(KeyUnavailable):
        await AwsKms(aws).wrap(tenant, "p-1", bytes(32))
    with pytest.raises(KeyUnavailable):
        AwsKms(aws).derive(tenant, "x")
