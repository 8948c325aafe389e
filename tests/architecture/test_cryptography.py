"""Every use of cryptography beside people's data is on the list of docs/asvs.md, and nothing else is."""

import ast
import re

from tests.architecture.source import ROOT, Source, sources

_MODULES = {"cryptography", "joserfc", "hashlib", "hmac", "secrets", "ssl"}
_ROW = re.compile(r"^\| `([\w/]+\.py)` \| .+ \|$", re.MULTILINE)


def _uses(source: Source) -> bool:
    imported = source.imports()
    return "chassis.keyring.cipher" in imported or bool(_MODULES & {name.partition(".")[0] for name in imported})


def test_every_use_of_cryptography_is_on_the_list_and_nothing_else() -> None:
    listed = _ROW.findall((ROOT / "docs" / "asvs.md").read_text())
    used = [one.name for one in sources("chassis", "services", "contracts") if _uses(one)]

    assert sorted(listed) == sorted(used)


def test_a_use_that_nobody_listed_would_be_found() -> None:
    planted = "def token():\n    import secrets\n    return secrets.token_hex()"

    assert _uses(Source("services/intake/new.py", planted, ast.parse(planted)))
