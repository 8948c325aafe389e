"""A projection folds events into the documents of one read model, each of which knows what it has folded."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from contracts.base import Event, JsonObject
from contracts.envelope import RecordedEvent

Keys = Callable[[RecordedEvent], Iterable[str]]
Fold = Callable[[JsonObject | None, RecordedEvent, str], JsonObject | None]

# What the framework owns in a document; everything else is the body, and the projection's own.
FRAMEWORK_FIELDS = frozenset({"_id", "_tenant", "_streams", "_rev", "_gone", "_erased"})


@dataclass(frozen=True, slots=True)
class IndexSpec:
    """An index on body fields, "-" in front means descending. The tenant always stands before them."""

    fields: tuple[str, ...]

    @property
    def keys(self) -> list[tuple[str, int]]:
        ordered = [(field.removeprefix("-"), -1 if field.startswith("-") else 1) for field in self.fields]
        return [("_tenant", 1), *ordered]


def _nothing(_: RecordedEvent) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Projection:
    """One read model, one file: its shape, its fold, its indexes, its query (style.md, rule 10).

    `keys` gives the ids of the documents an event touches, each `f"{tenant}/{name}"`. `fold` gets the body or None, the
    event and the document's id, and gives the new body; it may change the one it got. None deletes the document: a
    tombstone keeps what it had folded, so that a late event does not bring it back. Both are pure.

    A document remembers the position of every stream it folds, so it should fold hundreds of them, not millions: a
    count of many things is rows that are counted when somebody asks.

    `forgets` gives the ids of the documents that an event takes away for ever: whatever else is folded into one, before
    or after and in whatever order, it stays away, here and in every rebuild. Their events stand among `handles` too.

    `programme` is the field in which the programme of a document stands: a caller whose role is for some programmes
    finds no others in a list (chassis/auth/narrowing.py).

    A higher `version` builds a new generation beside the old one, which answers until the new one has caught up.
    """

    name: str
    version: int
    topics: tuple[str, ...]
    handles: tuple[type[Event], ...]
    keys: Keys
    fold: Fold
    indexes: tuple[IndexSpec, ...] = ()
    forgets: Keys = _nothing
    programme: str | None = None

    def touched(self, recorded: RecordedEvent) -> list[str]:
        """Every document that the event changes."""
        return list(dict.fromkeys([*self.keys(recorded), *self.forgets(recorded)]))

    def take(self, held: "Held", recorded: RecordedEvent, key: str) -> None:
        """Fold the event into one document. Whoever was forgotten stays forgotten, in whatever order events come."""
        if key in self.forgets(recorded):
            held.body, held.is_erased = None, True
        elif not held.is_erased:
            held.body = self.fold(held.body, recorded, key)


@dataclass(slots=True)
class Held:
    """A document as it is held while events are folded into it; `rev` 0: it is not stored yet.

    `is_erased`: it is gone for ever, and only remembers what it has folded."""

    body: JsonObject | None
    streams: dict[str, int]
    rev: int
    is_erased: bool = False

    @classmethod
    def absent(cls) -> "Held":
        return cls(None, {}, 0)

    @classmethod
    def stored(cls, document: JsonObject) -> "Held":
        streams, rev = document["_streams"], document["_rev"]
        if document.get("_gone"):
            return cls(None, streams, rev, bool(document.get("_erased")))
        return cls({name: document[name] for name in document if name not in FRAMEWORK_FIELDS}, streams, rev)

    def document(self, key: str) -> JsonObject:
        """What is stored next: one revision further."""
        framework: JsonObject = {
            "_id": key,
            "_tenant": key.partition("/")[0],
            "_streams": self.streams,
            "_rev": self.rev + 1,
        }
        if self.body is None:
            return {**framework, "_gone": True, **({"_erased": True} if self.is_erased else {})}
        return {**self.body, **framework}


def visible(document: JsonObject) -> JsonObject:
    """The body with `_id` and `_streams`, as queries answer it."""
    for field in ("_tenant", "_rev", "_gone", "_erased"):
        document.pop(field, None)
    return document
