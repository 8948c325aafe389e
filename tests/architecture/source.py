"""The source of the repository, read once for all architecture tests."""

import ast
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("contracts", "chassis", "services", "deploy")
EVERYTHING = (*PRODUCT, "tests")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file; `name` is its path from the root of the repository."""

    name: str
    text: str
    tree: ast.Module

    @property
    def package(self) -> str:
        return self.name.partition("/")[0]

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """The whole tree, walked once."""
        return tuple(ast.walk(self.tree))

    def functions(self) -> Iterator[Function]:
        yield from (node for node in self.nodes if isinstance(node, Function))

    def imports(self) -> set[str]:
        """The dotted names of all imported modules, wherever the import stands."""
        found: set[str] = set()
        for node in self.nodes:
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module)
        return found

    def calls(self) -> Iterator[tuple[str, int]]:
        """The dotted name of everything called, `time.sleep`, with its line."""
        for node in self.nodes:
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func), node.lineno

    def code_lines(self) -> set[int]:
        """The lines that hold code: neither blank, nor only a comment, nor docstring."""
        lines = {
            number
            for number, line in enumerate(self.text.splitlines(), 1)
            if (found := line.strip()) and not found.startswith("#")
        }
        return lines - {line for node in self.nodes for line in _docstring_lines(node)}


@cache
def sources(*packages: str) -> tuple[Source, ...]:
    """Every Python file of these top-level packages (none given: of all)."""
    paths = (path for package in packages or EVERYTHING for path in sorted((ROOT / package).rglob("*.py")))
    with _nothing_collected():
        return tuple(_read(path) for path in paths)


@cache
def _read(path: Path) -> Source:
    text = path.read_text()
    return Source(str(path.relative_to(ROOT)), text, ast.parse(text))


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Trees are made to stay; the collector would walk through all of them many times while they grow."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _docstring_lines(node: ast.AST) -> Iterator[int]:
    if isinstance(node, ast.Module | ast.ClassDef | Function) and ast.get_docstring(node, clean=False) is not None:
        first = node.body[0]
        yield from range(first.lineno, (first.end_lineno or first.lineno) + 1)
