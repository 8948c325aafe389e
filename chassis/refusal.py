"""A refusal is a domain word with a fixed HTTP status, said once (style.md, rule 13)."""

from collections.abc import Sequence
from typing import ClassVar


class Refusal(Exception):
    """The rule said no. Subclasses set `rule` (a fixed word), `status` and `sentence` (plain words).

    `options` are other ways that stay open to the caller (S3.19). `detail` adds what this case needs to know,
    never anything about a person; `field` is the path of the part at fault, where there is one. Status: 404 absent,
    409 not now, 412 stale If-Match, 422 malformed, 503 try again.
    """

    rule: ClassVar[str]
    sentence: ClassVar[str]
    status: ClassVar[int] = 409
    retryable: ClassVar[bool] = False
    field: str | None = None

    def __init__(self, detail: str = "", *, options: Sequence[str] = (), missing: Sequence[str] = ()) -> None:
        super().__init__(f"{self.rule}: {detail or self.sentence}")
        self.detail = detail
        self.options = tuple(options)
        self.missing = tuple(missing)


class NotFound(Refusal):
    """Also what another tenant's id looks like: absent, never forbidden."""

    rule, sentence, status = "not_found", "There is nothing here by that id.", 404


class StaleVersion(Refusal):
    rule, sentence, status = "stale_version", "Somebody changed this since you read it. Read it again.", 412


class TooMuchContention(Refusal):
    rule, sentence, status = "too_much_contention", "Many are changing this at once. Try again.", 503
    retryable = True


class CommandIdReused(Refusal):
    rule, sentence, status = "idempotency_key_reused", "This Idempotency-Key was used for something else.", 422


class FactsTooOld(Refusal):
    rule, sentence = "facts_too_old", "What this decision needs to know is not fresh enough. Try again."
    retryable = True
