"""Files that only their owner may read."""

from __future__ import annotations

import os
from pathlib import Path


def write_secret(file: Path, content: bytes) -> None:
    """Whole or not at all, with mode 0600 from its first byte on; an earlier content is replaced."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as output:
        output.write(content)
    draft.replace(file)
