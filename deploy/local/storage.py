"""An empty, formatted data directory of Kafka."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from deploy.local.java import Java
from deploy.local.problem import StackProblem

CLUSTER_ID = "a29ibGluZy1sb2NhbC0wMQ"  # 16 bytes in base64; one fixed id, so that a restart finds its data formatted
_PARTS = ("log", "metadata")


def ensure_formatted(java: Java, directory: Path, properties: Path) -> None:
    """Format `<directory>/log` and `<directory>/metadata` unless they are.

    Kafka's own tool does it, which takes a second of JVM; so the first outcome is kept beside the jars and copied from
    then on. Raises StackProblem.
    """
    if _is_formatted(directory):
        return
    template = java.kept("formatted")
    if not _is_formatted(template):
        _format(java, directory, properties)
        _keep(directory, template)
        return
    for part in _PARTS:
        shutil.copytree(template / part, directory / part, dirs_exist_ok=True)


def _is_formatted(directory: Path) -> bool:
    return all((directory / part / "meta.properties").exists() for part in _PARTS)


def _format(java: Java, directory: Path, properties: Path) -> None:
    arguments = ("format", "--ignore-formatted", "-t", CLUSTER_ID, "-c", str(properties))
    done = subprocess.run(
        java.command("kafka.tools.StorageTool", *arguments), capture_output=True, text=True, check=False
    )
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
