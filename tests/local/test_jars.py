"""The jars: what arrives is what the lock file says, or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from deploy.local.jars import Jar, ensure_jars, read_lock
from deploy.local.problem import StackProblem
from deploy.local.progress import Progress

CONTENT = b"a jar of jam"
JAM = Jar("org.example", "jam", "1.0", hashlib.sha256(CONTENT).hexdigest())


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name it is called with)
        """Nothing on the terminal of tests."""


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """The file that the fake repository serves for the jar."""
    file = tmp_path / "repository" / JAM.path_in_repository
    file.parent.mkdir(parents=True)
    file.write_bytes(CONTENT)
    return file


@pytest.fixture
def repository(tmp_path: Path, shelf: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "repository")))
    thread = Thread(target=partial(server.serve_forever, poll_interval=0.01))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_missing_jar_is_fetched_with_progress(tmp_path: Path, repository: str) -> None:
    told: list[Progress] = []
    paths = ensure_jars([JAM], tmp_path / "jars", repository=repository, on_progress=told.append)
    assert [path.read_bytes() for path in paths] == [CONTENT]
    assert told[-1] == Progress("Fetching 1 jars of Kafka", len(CONTENT), len(CONTENT))


def test_a_damaged_jar_is_fetched_again(tmp_path: Path, repository: str) -> None:
    (path,) = ensure_jars([JAM], tmp_path / "jars", repository=repository)
    path.write_bytes(CONTENT[:5])
    ensure_jars([JAM], tmp_path / "jars", repository=repository)
    assert path.read_bytes() == CONTENT


def test_an_intact_jar_is_not_fetched_again(tmp_path: Path, repository: str, shelf: Path) -> None:
    ensure_jars([JAM], tmp_path / "jars", repository=repository)
    shelf.unlink()
    assert len(ensure_jars([JAM], tmp_path / "jars", repository=repository)) == 1


def test_a_jar_with_another_content_than_the_lock_says_is_not_used(
    tmp_path: Path, repository: str, shelf: Path
) -> None:
    shelf.write_bytes(b"a jar of something else")
    with pytest.raises(StackProblem, match="another sha256"):
        ensure_jars([JAM], tmp_path / "jars", repository=repository)
    assert list((tmp_path / "jars").iterdir()) == []


def test_a_repository_that_does_not_answer_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StackProblem, match=r"Could not fetch .*jam-1\.0\.jar"):
        ensure_jars([JAM], tmp_path / "jars", repository="http://127.0.0.1:1")


def test_the_lock_names_one_kafka_and_one_log4j() -> None:
    versions = {jar.artifact: jar.version for jar in read_lock()}
    assert versions["kafka_2.13"] == versions["kafka-clients"] == "4.3.1"
    assert versions["log4j-slf4j-impl"] == versions["log4j-core"]
