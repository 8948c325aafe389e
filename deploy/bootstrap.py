"""Make `.venv` from `uv.lock` on a machine with nothing but Python 3.11+: no uv, no pip and no venv module are needed.

Run by the Makefile with whatever `python3` there is; uses the standard library only. The version of uv, where its wheel
is and the wheel's sha256 all come from `uv.lock`, so there is one place that pins it.
"""

from __future__ import annotations

import hashlib
import io
import os
import platform
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parents[1]
OWN_UV = HOUSE / ".local" / "uv"
STAMP = HOUSE / ".venv" / ".synced"


class CannotBootstrap(Exception):
    """One sentence for the person at the terminal."""


def main() -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 (this file is what tells people)
        print(f"Kobling needs Python 3.11 or newer, and this is {platform.python_version()}.", file=sys.stderr)
        return 1
    try:
        sync(find_uv(locked_uv()))
    except CannotBootstrap as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def locked_uv() -> dict[str, Any]:
    """The entry of uv itself in `uv.lock`: version, and url and hash of each wheel."""
    import tomllib  # not before the version of Python has been looked at

    packages = tomllib.loads((HOUSE / "uv.lock").read_text())["package"]
    return next(package for package in packages if package["name"] == "uv")


def find_uv(locked: dict[str, Any]) -> Path:
    """uv in the locked version: the one on PATH, one we fetched before, else from pip, else its wheel unpacked."""
    version = locked["version"]
    on_path = shutil.which("uv")
    for candidate in (Path(on_path) if on_path else None, OWN_UV / "bin" / "uv"):
        if candidate is not None and _version(candidate) == version:
            return candidate
    print(f"Fetching uv {version}", flush=True)
    shutil.rmtree(OWN_UV, ignore_errors=True)
    if not _install_with_pip(version):
        _unpack_wheel(wheel_for_this_machine(locked))
    return OWN_UV / "bin" / "uv"


def sync(uv: Path) -> None:
    """Bring `.venv` to exactly `uv.lock`, with this Python, and say so with a stamp that make can compare."""
    print("Bringing .venv to uv.lock", flush=True)
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "VIRTUAL_ENV": ""}
    done = subprocess.run([uv, "sync", "--frozen", "--python", sys.executable], cwd=HOUSE, env=environment, check=False)
    if done.returncode != 0:
        raise CannotBootstrap("uv could not bring .venv to uv.lock; what it said stands above.")
    STAMP.touch()


def wheel_for_this_machine(locked: dict[str, Any]) -> dict[str, Any]:
    """The wheel of uv for this system and processor. Raises CannotBootstrap when there is none."""
    machine = platform.machine()
    if sys.platform == "darwin":
        wanted = ("macosx", machine)
    else:
        wanted = ("manylinux_2_17" if platform.libc_ver()[0] == "glibc" else "musllinux", machine)
    for wheel in locked["wheels"]:
        tag = wheel["url"].rsplit("none-", 1)[1].removesuffix(".whl")
        if wanted[0] in tag and tag.endswith(wanted[1]):
            return dict(wheel)
    raise CannotBootstrap(
        f"There is no uv {locked['version']} for {sys.platform} {machine}: install it, then try again."
    )


def _version(uv: Path) -> str | None:
    try:
        said = subprocess.run([uv, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    return said.split()[1]


def _install_with_pip(version: str) -> bool:
    """pip knows the mirrors and certificates of this machine, so it is asked first; many systems have none."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run(
        [*command, "--target", OWN_UV, f"uv=={version}"],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0 and _version(OWN_UV / "bin" / "uv") == version


def _unpack_wheel(wheel: dict[str, Any]) -> None:
    url = wheel["url"]
    try:
        with urllib.request.urlopen(url, timeout=120) as response:  # noqa: S310 (an address of uv.lock)
            content = response.read()
    except (urllib.error.URLError, TimeoutError) as error:
        raise CannotBootstrap(f"Could not fetch {url}: {error}.") from error
    if "sha256:" + hashlib.sha256(content).hexdigest() != wheel["hash"]:
        raise CannotBootstrap(f"{url} is not what uv.lock expects (another sha256): it was not used.")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".data/scripts/uv"))
        binary = OWN_UV / "bin" / "uv"
        binary.parent.mkdir(parents=True)
        binary.write_bytes(archive.read(name))
        binary.chmod(0o755)


if __name__ == "__main__":
    sys.exit(main())
