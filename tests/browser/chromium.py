"""Chromium, however this machine comes by it: what is here, else Playwright's own, else Debian's package."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright
from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
NONE_HERE = (
    "no Chromium: there is none on this machine, and neither `playwright install` nor apt-get gave one that runs; "
    "install it, or name one in KOBLING_CHROMIUM"
)

# A machine of tests has no display, no sandbox for root, and may reach nothing but itself.
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
_DOWNLOAD_SECONDS, _INSTALL_SECONDS = 90, 420
# A machine that cannot reach Playwright's servers is to find out soon.
_IMPATIENT = {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": "5000"}


class NoChromium(Exception):
    """The reason, in one sentence."""


def chromium() -> str:
    """The program, installed when there is none. Raises NoChromium; takes minutes where it has to be fetched.

    Of several processes of a run one fetches it, and the others wait.
    """
    with (Path(tempfile.gettempdir()) / f"kobling-chromium-{os.getuid()}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        return _found()


def _found() -> str:
    named = os.environ.get("KOBLING_CHROMIUM")
    if named:
        if not _runs(named):
            raise NoChromium(f"KOBLING_CHROMIUM names {named}, which does not run")
        return named
    for look in (_on_path, _of_playwright, _fetched_by_playwright, _packaged):
        found = look()
        if found is not None and _runs(found):
            return found
    raise NoChromium(NONE_HERE)


@asynccontextmanager
async def browsing(program: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield browser
        await browser.close()


def _on_path() -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name)) and _runs(found)), None)


def _of_playwright() -> str | None:
    with sync_playwright() as playwright:
        program = playwright.chromium.executable_path
    return program if os.path.exists(program) else None


def _fetched_by_playwright() -> str | None:
    _said("Fetching Chromium with Playwright")
    install = (sys.executable, "-m", "playwright", "install", "chromium")
    return _of_playwright() if _done(install, seconds=_DOWNLOAD_SECONDS, more=_IMPATIENT) else None


def _packaged() -> str | None:
    """Debian's, where we may install it, with the fonts it recommends."""
    if not _IS_ROOT or shutil.which("apt-get") is None:
        return None
    _said("Installing Chromium with apt-get")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    install = ("apt-get", "install", "-y", "-q", "chromium")
    done = _done(("apt-get", "update", "-q"), seconds=_INSTALL_SECONDS, more=quiet)
    return _on_path() if done and _done(install, seconds=_INSTALL_SECONDS, more=quiet) else None


def _runs(program: str) -> bool:
    return _done((program, "--version"), seconds=60)


def _done(command: Sequence[str], *, seconds: int, more: dict[str, str] | None = None) -> bool:
    try:
        ended = subprocess.run(
            command, env={**os.environ, **(more or {})}, timeout=seconds, capture_output=True, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ended.returncode == 0


def _said(text: str) -> None:
    print(text, file=sys.__stderr__, flush=True)
