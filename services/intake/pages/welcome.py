"""The first time somebody logs in: the code they were given says who they are here (docs/decisions/0017)."""

from pathlib import Path

from chassis.web import Pages, Shown, View

pages = Pages(Path(__file__).parent)


@pages.page("/welcome", "welcome.html", "persons:join")
async def welcome(view: View) -> Shown:
    return {}


welcome.action("login", "/v1/me/login", then="/welcomed")


@pages.page("/welcomed", "welcomed.html", "persons:join", "requests:read")
async def welcomed(view: View) -> Shown:
    """A role is known to every service within seconds; this page is there at once."""
    return {}
