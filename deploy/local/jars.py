"""The jars of Kafka: exactly those of `jars.lock`, from Maven Central, each checked against its sha256."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import httpx

from deploy.local.problem import StackProblem
from deploy.local.progress import OnProgress, Progress, silent

LOCK_FILE = Path(__file__).with_name("jars.lock")
JAR_CACHE = Path(os.environ.get("KOBLING_JARS") or Path(__file__).parents[2] / ".local" / "jars")
MAVEN_CENTRAL = os.environ.get("KOBLING_MAVEN", "https://repo.maven.apache.org/maven2")
_THREADS = 8
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the lock file: `group:artifact:version sha256`."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        return f"{self.artifact}-{self.version}.jar"

    @property
    def path_in_repository(self) -> str:
        return f"{self.group.replace('.', '/')}/{self.artifact}/{self.version}/{self.file_name}"


def read_lock(lock: Path = LOCK_FILE) -> list[Jar]:
    lines = (line for line in lock.read_text().splitlines() if line and not line.startswith("#"))
    return [_parse(line) for line in lines]


def _parse(line: str) -> Jar:
    coordinate, sha256 = line.split()
    group, artifact, version = coordinate.split(":")
    return Jar(group, artifact, version, sha256)


def ensure_jars(
    jars: Sequence[Jar],
    directory: Path = JAR_CACHE,
    *,
    repository: str = MAVEN_CENTRAL,
    on_progress: OnProgress = silent,
) -> list[Path]:
    """Have every jar in `directory` with the right content, fetching what is missing or damaged; sorted paths.

    Raises StackProblem when a jar cannot be fetched or is not what the lock says.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(_THREADS) as pool:
        intact = list(pool.map(lambda jar: _sha256(directory / jar.file_name) == jar.sha256, jars))
        missing = [jar for jar, ok in zip(jars, intact, strict=True) if not ok]
        if missing:
            with httpx.Client(timeout=60, follow_redirects=True) as client:
                download = _Download(client, repository, directory, on_progress, len(missing))
                list(pool.map(download.fetch, missing))
    return sorted(directory / jar.file_name for jar in jars)


class _Download:
    """Fetches jars side by side and tells the bytes of all of them as one number."""

    def __init__(
        self, client: httpx.Client, repository: str, directory: Path, on_progress: OnProgress, count: int
    ) -> None:
        self._client, self._repository, self._directory, self._on_progress = client, repository, directory, on_progress
        self._text = f"Fetching {count} jars of Kafka"
        self._lock, self._done, self._total = Lock(), 0, 0

    def fetch(self, jar: Jar) -> None:
        url = f"{self._repository}/{jar.path_in_repository}"
        for attempt in range(1, _TRIES + 1):
            try:
                self._fetch_once(jar, url)
            except httpx.HTTPError as error:
                if attempt == _TRIES:
                    raise StackProblem(f"Could not fetch {url}: {error}.") from error
            except OSError as error:
                raise StackProblem(f"Could not write into {self._directory}: {error.strerror}.") from error
            else:
                return

    def _fetch_once(self, jar: Jar, url: str) -> None:
        draft = self._directory / f".{jar.file_name}.{os.getpid()}"
        try:
            with self._client.stream("GET", url) as response, draft.open("wb") as file:
                response.raise_for_status()
                self._tell(total=int(response.headers.get("content-length", 0)))
                for chunk in response.iter_bytes(1 << 16):
                    file.write(chunk)
                    self._tell(done=len(chunk))
            if _sha256(draft) != jar.sha256:
                raise StackProblem(f"{url} is not what jars.lock expects (another sha256): it was not used.")
            draft.replace(self._directory / jar.file_name)  # atomic: nobody ever sees half a jar
        finally:
            draft.unlink(missing_ok=True)

    def _tell(self, *, done: int = 0, total: int = 0) -> None:
        with self._lock:
            self._done += done
            self._total += total
            self._on_progress(Progress(self._text, self._done, self._total))


def _sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None
