"""What is in the image is known, to the hash: its build makes a bill of materials from the lock file."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.architecture.source import ROOT

UV = Path(sys.executable).parent / "uv"
DOCKERFILE = (ROOT / "deploy/compose/Dockerfile").read_text().replace("\\\n", " ")


def bill(tmp_path: Path) -> dict[str, dict[str, object]]:
    """By name, as the image's build makes it."""
    [line] = re.findall(r"^RUN uv (export .*)$", DOCKERFILE, re.MULTILINE)
    made = tmp_path / "sbom.cdx.json"
    arguments = shlex.split(line.replace("/sbom.cdx.json", str(made)))
    subprocess.run([UV, *arguments], cwd=ROOT, check=True, capture_output=True)
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
        if not (part.get("version") and str(part.get("purl")).startswith("pkg:pypi/") and "SHA-256" in json.dumps(part))
    ]

    assert poor == []


def test_the_image_takes_what_the_lock_file_says_and_carries_the_bill() -> None:
    assert set(re.findall(r"uv sync (--\w+)", DOCKERFILE)) == {"--frozen"}
    assert "COPY --from=build /sbom.cdx.json /sbom.cdx.json" in DOCKERFILE
