"""A page is a route, a query and a template; what can be done on it is a form for one of the service's operations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chassis.web.view import View

Shown = Mapping[str, Any]
"""What a template is given."""

Draw = Callable[..., Awaitable[Shown]]
"""`async def draw(view, **ids_of_the_path) -> Shown`"""


@dataclass(frozen=True, slots=True)
class Action:
    """A form of a page: its fields become the body of `method to`.

    Ids in `to` are those of the page's path, else fields of the form. `then` is the page that follows, the same one
    when empty: its ids are those of the path, else of the operation's answer.
    """

    name: str
    to: str
    method: str = "POST"
    then: str = ""


@dataclass(slots=True)
class Page:
    """`scopes`: the caller needs one of them to be shown anything; what is on the page the operations decide."""

    path: str
    template: str
    scopes: tuple[str, ...]
    draw: Draw
    actions: dict[str, Action] = field(default_factory=dict)

    def action(self, name: str, to: str, *, method: str = "POST", then: str = "") -> None:
        """Post the form `name` of this page to `{path}/{name}`. Raises ValueError for a name given twice."""
        if name in self.actions:
            raise ValueError(f"{self.path} has two forms {name!r}")
        self.actions[name] = Action(name, to, method, then)


@dataclass(frozen=True, slots=True)
class Download:
    """A file to keep: what the operation `to` answers to the same query, under `filename`."""

    path: str
    to: str
    filename: str


@dataclass(slots=True)
class Pages:
    """The pages that one part of a service draws: `folder` has their templates and `words*.yaml`."""

    folder: Path
    pages: list[Page] = field(default_factory=list)
    downloads: list[Download] = field(default_factory=list)

    def download(self, path: str, to: str, filename: str) -> None:
        """Answer `path` with a file; whether the caller may have it, the operation decides. Ids are those of `to`."""
        self.downloads.append(Download(path, to, filename))

    def page(self, path: str, template: str, *scopes: str) -> Callable[[Draw], Page]:
        """`@pages.page("/requests/{request_id}", "request.html", "requests:read")`; gives the Page, for its actions."""
        if not scopes:
            raise ValueError(f"{path}: a page needs at least one scope")

        def made(draw: Draw) -> Page:
            page = Page(path, template, tuple(scopes), draw)
            self.pages.append(page)
            return page

        return made


def all_pages(parts: Sequence[Pages]) -> list[Page]:
    return [page for part in parts for page in part.pages]


__all__ = ["Action", "Download", "Draw", "Page", "Pages", "Shown", "View", "all_pages"]
