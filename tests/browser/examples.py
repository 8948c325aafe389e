"""Where an example of each page is, and who looks at it; each part of the site makes its own."""

import importlib
from pathlib import Path

from tests.support.site import Site


async def examples_of(site: Site) -> dict[str, tuple[str, str]]:
    """By the page's path: (subject of the directory, address), with what the page shows made through the operations."""
    found: dict[str, tuple[str, str]] = {}
    for file in sorted(Path(__file__).parent.glob("examples_*.py")):
        found |= await importlib.import_module(f"{__package__}.{file.stem}").examples(site)
    return found
