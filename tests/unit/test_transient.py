"""Which faults are worth trying again without anybody asking."""

import socket

import pytest
from aiokafka.errors import KafkaConnectionError
from pymongo.errors import AutoReconnect, DuplicateKeyError, OperationFailure, ServerSelectionTimeoutError

from chassis.refusal import FactsTooOld, NotFound
from chassis.transient import is_transient, until_done


@pytest.mark.parametrize(
    "fault",
    [
        FactsTooOld(),
        AutoReconnect(),
        ServerSelectionTimeoutError(),
        OperationFailure("stepping down", code=189),
        KafkaConnectionError(),
        ConnectionRefusedError(),
        TimeoutError(),
        socket.gaierror(),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_these_pass_by_themselves(fault: Exception) -> None:
    assert is_transient(fault)


@pytest.mark.parametrize(
    "fault",
    [
        NotFound(),
        DuplicateKeyError("twice", code=11000),
        OperationFailure("no right", code=13),
        FileNotFoundError(),
        KeyError(),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_these_do_not(fault: Exception) -> None:
    assert not is_transient(fault)


async def test_work_is_done_again_until_the_engine_is_back_and_a_bug_is_raised_at_once() -> None:
    faults: list[Exception] = [AutoReconnect(), KafkaConnectionError()]

    async def work() -> str:
        if faults:
            raise faults.pop(0)
        return "done"

    assert await until_done(work, what="test") == "done"
    faults.append(KeyError("bug"))
    with pytest.raises(KeyError):
        await until_done(work, what="test")
