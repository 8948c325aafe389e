"""An empty, formatted data directory of Kafka."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from deploy.local.java import Java
from deploy.local.problem import StackProblem
from deploy.local.secured import SecuredFiles

CLUSTER_ID = "a29ibGluZy1sb2NhbC0wMQ"  # 16 bytes in base64; one fixed id, so that a restart finds its data formatted
_PARTS = ("log", "metadata")


def ensure_formatted(java: Java, directory: Path, properties: Path, *, secured: SecuredFiles | None = None) -> None:
    """Format `<directory>/log` and `<directory>/metadata` unless they are.

    Kafka's own tool does it, which takes a second of JVM; so the first outcome is kept beside the jars and copied from
    then on. Not so for a secured broker, whose first users are written then: theirs are in no other directory.
    Raises StackProblem.
    """
    if _is_formatted(directory):
        if secured is not None and not secured.is_in_force:
            raise StackProblem(f"The Kafka in {directory} is from before brokers were secured: start with --fresh.")
        return
    if secured is not None:
        with secured.format_arguments(CLUSTER_ID, properties) as arguments:
            _format(java, directory, arguments)
        secured.note_in_force()
        return
    template = java.kept("formatted")
    if not _is_formatted(template):
        _format(java, directory, ["--ignore-formatted", "-t", CLUSTER_ID, "-c", str(properties)])
        _keep(directory, template)
        return
    for part in _PARTS:
        shutil.copytree(template / part, directory / part, dirs_exist_ok=True)


def _is_formatted(directory: Path) -> bool:
    return all((directory / part / "meta.properties").exists() for part in _PARTS)


def _format(java: Java, directory: Path, arguments: Sequence[str]) -> None:
    command = java.command("kafka.tools.StorageTool", "format", *arguments, flags=java.aot_flags)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StackProblem(f"Kafka cannot use {directory}: {(done.stderr or done.stdout).strip()[-300:]}")


def _keep(directory: Path, template: Path) -> None:
    draft = template.with_name(f".{template.name}.{os.getpid()}")
    for part in _PARTS:
        shutil.copytree(directory / part, draft / part)
    try:
        draft.rename(template)
    except OSError:  # somebody else kept theirs first
        shutil.rmtree(draft, ignore_errors=True)
