"""What HTTP itself refuses, as refusals like any other: a rule, a status, a sentence."""

from collections.abc import Sequence

from chassis.refusal import Refusal


class Malformed(Refusal):
    """A part of the request is not what is expected there; `field` is its path: `wishes.0.language`, `query.limit`."""

    rule, sentence, status = "malformed_field", "A field is not what is expected here.", 422

    def __init__(self, field: str, detail: str = "") -> None:
        super().__init__(detail)
        self.field = field


class MissingField(Malformed):
    rule, sentence = "missing_field", "A field is missing."


class UnknownField(Malformed):
    rule, sentence = "unknown_field", "There is no such field here. Nothing was kept."


class NotJson(Malformed):
    rule, sentence = "not_json", "The body is not JSON."

    def __init__(self) -> None:
        super().__init__("body")


class CursorInvalid(Malformed):
    rule, sentence = "cursor_invalid", "This cursor belongs to another list. Start from the first page."

    def __init__(self) -> None:
        super().__init__("query.cursor")


class ScopeMissing(Refusal):
    rule, sentence, status = "scope_missing", "Your login does not allow this.", 403

    def __init__(self, scopes: Sequence[str]) -> None:
        super().__init__(missing=scopes)


class MethodNotAllowed(Refusal):
    rule, sentence, status = "method_not_allowed", "This address does not take that method.", 405


class BodyTooLarge(Refusal):
    rule, sentence, status = "body_too_large", "The body is larger than 256 KiB.", 413


class UnsupportedContentType(Refusal):
    rule, sentence, status = "unsupported_content_type", "Send the body as application/json.", 415


class TooManyRequests(Refusal):
    rule, sentence, status = "too_many_requests", "This is more than may be asked at once. Wait a moment.", 429
    retryable = True

    def __init__(self, wait_seconds: int) -> None:
        super().__init__()
        self.wait_seconds = wait_seconds


class BrokenInside(Refusal):
    """Our bug. The log has it under the correlation id; the caller gets nothing of it."""

    rule, sentence, status = "broken_inside", "Something broke on our side. It has been noted.", 500


class EngineAway(Refusal):
    rule, sentence, status = "engine_away", "A part of the platform does not answer right now. Try again.", 503
    retryable = True
