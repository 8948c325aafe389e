"""What is in the image is known, to the hash: its build makes a bill of materials from the lock file."""

import hashlib
import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

from deploy.bill import VENDORED, vendored
from tests.architecture.source import ROOT

DOCKERFILE = (ROOT / "deploy/compose/Dockerfile").read_text()


def bill(tmp_path: Path) -> dict[str, dict[str, object]]:
    """By name, as the image's build makes it."""
    [line] = re.findall(r"^RUN python (.*)$", DOCKERFILE, re.MULTILINE)
    made = tmp_path / "sbom.cdx.json"
    arguments = shlex.split(line.replace("/sbom.cdx.json", str(made)))
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, capture_output=True)
    document = json.loads(made.read_text())
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.5")
    return {component["name"]: component for component in document["components"]}


def test_the_bill_names_every_dependency_and_nothing_of_the_workshop(tmp_path: Path) -> None:
    found = bill(tmp_path)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    direct = {re.split(r"[\[<>=~ ]", needed, maxsplit=1)[0] for needed in project["dependencies"]}

    assert direct - found.keys() == set()
    assert {"pytest", "mypy", "ruff", "hypothesis"} & found.keys() == set()


def test_every_part_has_a_version_an_address_in_the_registry_and_hashes(tmp_path: Path) -> None:
    poor = [
        name
        for name, part in bill(tmp_path).items()
        if not (
            part.get("version")
            and str(part.get("purl")).startswith(("pkg:pypi/", "pkg:npm/"))
            and "SHA-256" in json.dumps(part)
        )
    ]

    assert poor == []


def test_files_of_others_that_browsers_get_are_what_their_table_says_and_are_in_the_bill(tmp_path: Path) -> None:
    said = {each.file: each.sha256 for each in vendored()}
    there = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in VENDORED.iterdir()
        if file.name != "README.md"
    }
    found = bill(tmp_path)

    assert said == there
    assert {each.package: found[each.package]["version"] for each in vendored()} == {
        each.package: each.version for each in vendored()
    }


def test_the_image_takes_what_the_lock_file_says_and_carries_the_bill() -> None:
    assert set(re.findall(r"uv sync (--\w+)", DOCKERFILE)) == {"--frozen"}
    assert "COPY --from=build /sbom.cdx.json /sbom.cdx.json" in DOCKERFILE
