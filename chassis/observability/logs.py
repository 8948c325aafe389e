"""Log lines: JSON, one per line, through the standard library, so that libraries' lines look like ours."""

import logging
import sys
from typing import Any, TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

from chassis.observability.personal_data import without_personal_data

# What these say is about addresses and time-outs; any other exception's text may quote what a person wrote.
_SPEAKING = {
    "AutoReconnect",
    "ConnectionError",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "FileNotFoundError",
    "KafkaConnectionError",
    "KeyUnavailable",
    "NetworkTimeout",
    "OSError",
    "PermissionError",
    "SealBroken",
    "ServerSelectionTimeoutError",
    "TimeoutError",
}
_QUIET = {
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "pymongo": logging.WARNING,
    "aiokafka": logging.WARNING,
}


def configure_logging(service: str, level: str = "INFO", *, stream: TextIO | None = None) -> None:
    """Send every line of this process to `stream` (standard output), each with `service`, level and UTC time.

    Exceptions carry no local variables and no foreign message; keys and values that may be personal data are kept out.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _service(service),
    ]
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_LAST))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, floor in _QUIET.items():
        logging.getLogger(name).setLevel(max(floor, root.level))
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _service(name: str) -> Processor:
    def add(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        event["service"] = name
        return event

    return add


class _Quietly:
    """Exceptions as data: types and places, no locals, and messages only of those known to say nothing personal."""

    def __init__(self) -> None:
        self._transform = ExceptionDictTransformer(show_locals=False, max_frames=20)

    def __call__(self, exc_info: Any) -> list[dict[str, Any]]:
        stacks = self._transform(exc_info)
        for stack in stacks:
            self._hush(stack)
        return stacks

    def _hush(self, stack: dict[str, Any]) -> None:
        if stack["exc_type"] not in _SPEAKING:
            stack["exc_value"] = ""
        stack["exc_notes"] = []
        stack["syntax_error"] = None
        for group in stack["exceptions"]:
            for inner in group:
                self._hush(inner)


_LAST: list[Processor] = [
    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
    structlog.processors.ExceptionRenderer(_Quietly()),
    without_personal_data,
    structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
]
