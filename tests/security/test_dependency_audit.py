"""A known weakness of what is pinned is found on the command line; where nobody can be asked it says so, and loudly."""

import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from deploy.audit import NOT_ASKED
from deploy.check import checks
from tests.architecture.source import ROOT

KNOWN = "GHSA-462w-v97r-4m45"
ADVISORY = {  # as OSV has it, shortened
    "schema_version": "1.6.0",
    "id": KNOWN,
    "modified": "2024-11-18T22:44:50Z",
    "published": "2019-04-10T14:30:24Z",
    "aliases": ["CVE-2019-10906"],
    "summary": "Jinja2 sandbox escape via string formatting",
    "affected": [
        {
            "package": {"name": "jinja2", "ecosystem": "PyPI", "purl": "pkg:pypi/jinja2"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.10.1"}]}],
        }
    ],
}
PROJECT = """
[project]
name = "planted"
version = "0"
requires-python = ">=3.11"
dependencies = ["jinja2"]
"""
LOCK = """
version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "jinja2"
version = "{version}"
source = {{ registry = "https://pypi.org/simple" }}
sdist = {{ url = "https://example.org/jinja2.tar.gz", hash = "sha256:{zeros}", size = 1 }}

[[package]]
name = "planted"
version = "0"
source = {{ virtual = "." }}
dependencies = [{{ name = "jinja2" }}]

[package.metadata]
requires-dist = [{{ name = "jinja2" }}]
"""


class Osv(BaseHTTPRequestHandler):
    """What the public interface says of jinja2 2.10, and of nothing else."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        weak = {"vulns": [{"id": KNOWN, "modified": ADVISORY["modified"]}]}
        self._say({"results": [weak if (one["package"]["name"], one["version"]) == WEAK else {} for one in asked]})

    def do_GET(self) -> None:
        self._say(ADVISORY)

    def _say(self, document: Any) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(document).encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Nothing: its lines would stand among the tests'."""


WEAK = ("jinja2", "2.10")


@pytest.fixture(scope="module")
def osv() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Osv)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def audited(project: Path, service: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "deploy.audit", "--project", str(project), "--service-url", service]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def planted(tmp_path: Path, version: str) -> Path:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "uv.lock").write_text(LOCK.format(version=version, zeros="0" * 64))
    return tmp_path


def test_an_old_pin_with_a_known_weakness_is_named_with_the_version_that_mends_it(tmp_path: Path, osv: str) -> None:
    ended, said = audited(planted(tmp_path, "2.10"), osv)

    assert ended == 1
    assert (KNOWN in said, "2.10.1" in said) == (True, True)


def test_a_pin_without_one_passes(tmp_path: Path, osv: str) -> None:
    assert audited(planted(tmp_path, "3.1.6"), osv)[0] == 0


def test_everything_that_is_pinned_here_is_asked_about(osv: str) -> None:
    ended, said = audited(ROOT, osv)
    pinned = (ROOT / "uv.lock").read_text().count("\n[[package]]")

    assert (ended, f"in {pinned - 1} packages" in said) == (0, True), said


def test_where_nobody_can_be_asked_it_says_so_and_has_not_failed(tmp_path: Path) -> None:
    ended, said = audited(planted(tmp_path, "2.10"), "http://127.0.0.1:1")

    assert (ended, said.startswith("NOBODY COULD BE ASKED")) == (NOT_ASKED, True)


def test_a_lock_file_that_cannot_be_read_is_no_pass(tmp_path: Path, osv: str) -> None:
    (planted(tmp_path, "2.10") / "uv.lock").write_text("version = 1\n[[package")

    assert audited(tmp_path, osv)[0] not in (0, 1, NOT_ASKED)


def test_it_is_among_the_checks() -> None:
    assert ("python", "-m", "deploy.audit") in [check.command for check in checks()]
