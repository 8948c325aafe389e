"""What one reader has been handed and has done in each partition, and when it had read to the end."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiokafka import TopicPartition

from chassis.consumer.record import Record


class Broker(Protocol):
    """What the consumer of this process knows of a partition's end."""

    def highwater(self, partition: TopicPartition) -> int | None:
        """The offset after its last record, as the broker told last."""

    def last_poll_timestamp(self, partition: TopicPartition) -> int | None:
        """When it told, Unix milliseconds."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """Where a partition ended, and when that was so."""

    end: int
    at_ms: int


class Partitions:
    """Begins anew with every era: what was in work then is done again by whoever has the partition next.

    All offsets are those of the next record.
    """

    def __init__(self) -> None:
        self._broker: Broker | None = None
        self._handed: dict[TopicPartition, int] = {}
        self._done: dict[TopicPartition, int] = {}
        self._marks: dict[TopicPartition, _Mark] = {}
        self._caught_up_ms: dict[TopicPartition, int] = {}

    def begin(self, broker: Broker | None, positions: Mapping[TopicPartition, int]) -> None:
        """These partitions are ours from now on, done up to there."""
        self._broker = broker
        self._done = dict(positions)
        self._handed = dict(positions)
        self._marks.clear()
        self._caught_up_ms.clear()

    def begin_again(self) -> None:
        """What was handed over and is not done will be handed over once more."""
        self._handed = dict(self._done)

    @property
    def done_up_to(self) -> Mapping[TopicPartition, int]:
        return self._done

    @property
    def handed_up_to(self) -> Mapping[TopicPartition, int]:
        return self._handed

    def owned(self) -> frozenset[TopicPartition]:
        return frozenset(self._done)

    def take_new(self, batches: Mapping[TopicPartition, Sequence[Record]]) -> list[Record]:
        """Those of our partitions that were not handed over yet; now they are."""
        new: list[Record] = []
        for partition, records in batches.items():
            handed = self._handed.get(partition)
            if handed is None or records[-1].offset < handed:
                continue
            new.extend(records if records[0].offset >= handed else [r for r in records if r.offset >= handed])
            self._handed[partition] = records[-1].offset + 1
        return new

    def stands_at(self, positions: Mapping[TopicPartition, int]) -> bool:
        """Nothing before those positions has still to be handed over."""
        return all(handed >= positions.get(partition, 0) for partition, handed in self._handed.items())

    def begun(self, records: Iterable[Record]) -> None:
        """These are about to be worked off."""
        for partition in {TopicPartition(record.topic, record.partition) for record in records}:
            if partition not in self._marks:
                self._mark(partition)

    def done(self, records: Sequence[Record]) -> None:
        """Every effect of these is durable."""
        last = {TopicPartition(record.topic, record.partition): record.offset for record in records}
        for partition, offset in last.items():
            self._done[partition] = offset + 1
            self._settle(partition)

    def lag(self) -> dict[TopicPartition, int]:
        """Records not worked off yet, for each partition of which the broker told."""
        ends = {} if self._broker is None else {each: self._broker.highwater(each) for each in self._done}
        return {each: max(0, end - self._done[each]) for each, end in ends.items() if end is not None}

    def caught_up_ms(self) -> dict[TopicPartition, int]:
        """For each partition the last moment (Unix time) up to which everything in it is worked off."""
        for partition in self._done:
            self._settle(partition)
        return dict(self._caught_up_ms)

    def _mark(self, partition: TopicPartition) -> None:
        if self._broker is None:
            return
        end, at_ms = self._broker.highwater(partition), self._broker.last_poll_timestamp(partition)
        if end is not None and at_ms is not None:
            self._marks[partition] = _Mark(end, at_ms)

    def _settle(self, partition: TopicPartition) -> None:
        """If work has reached the marked end, everything up to then was worked off; mark where it ends now."""
        for _ in range(2):
            if partition not in self._marks:
                self._mark(partition)
            mark = self._marks.get(partition)
            if mark is None or self._done[partition] < mark.end:
                return
            self._caught_up_ms[partition] = mark.at_ms
            del self._marks[partition]
