"""The log of a service, caught as it is written."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from chassis.observability import configure_logging


class Lines(io.StringIO):
    """Written log lines, JSON each."""

    def last(self) -> dict[str, Any]:
        """The last line without its time."""
        line: dict[str, Any] = json.loads(self.getvalue().splitlines()[-1])
        line.pop("at")
        return line


def log_plainly() -> None:
    """Where no service configures its log: by default every exception is drawn with all locals, half a second each."""
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])


@contextmanager
def caught_log(service: str = "intake") -> Iterator[Lines]:
    """Logging configured as in a service until the block ends."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    before = structlog.get_config()
    written = Lines()
    configure_logging(service, stream=written)
    try:
        yield written
    finally:
        root.handlers[:], root.level = handlers, level
        logging.captureWarnings(capture=False)
        structlog.configure(**before)
