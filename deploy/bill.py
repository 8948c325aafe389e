"""`make sbom`: what is in the image, as CycloneDX, with hashes: packages of `uv.lock`, and files of others we serve.

Runs before anything is installed: it uses the standard library only.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parents[1]
VENDORED = HOUSE / "chassis/web/static/vendor"
_EXPORT = (
    *("export", "--quiet", "--frozen", "--offline", "--no-default-groups", "--group", "front"),
    *("--format", "cyclonedx1.5", "--preview-features", "sbom-export"),
)
_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class Vendored:
    """A file that came from a package of npm."""

    package: str
    version: str
    licence: str
    file: str
    sha256: str

    def component(self) -> dict[str, Any]:
        """As it stands in the bill."""
        address = f"pkg:npm/{self.package.replace('@', '%40')}@{self.version}"
        return {
            "type": "library",
            "bom-ref": address,
            "name": self.package,
            "version": self.version,
            "purl": address,
            "licenses": [{"license": {"id": self.licence}}],
            "hashes": [{"alg": "SHA-256", "content": self.sha256}],
            "properties": [{"name": "kobling:file", "value": f"chassis/web/static/vendor/{self.file}"}],
        }


def vendored() -> list[Vendored]:
    """The table of the folder's README."""
    lines = (VENDORED / "README.md").read_text().splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [Vendored(*row[:5]) for row in rows[2:] if len(row) == _COLUMNS]


def bill() -> dict[str, Any]:
    """The document. Raises CalledProcessError."""
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else "uv"
    packages = subprocess.run([uv, *_EXPORT], cwd=HOUSE, check=True, stdout=subprocess.PIPE).stdout
    document: dict[str, Any] = json.loads(packages)
    document["components"] += [each.component() for each in vendored()]
    return document


def main() -> None:
    parser = argparse.ArgumentParser(prog="make sbom")
    parser.add_argument("--output-file", type=Path)
    output = parser.parse_args().output_file
    text = json.dumps(bill(), indent=2) + "\n"
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text)


if __name__ == "__main__":
    main()
