"""Where pages of notifications can be looked at."""

from tests.support.site import Site


async def examples(site: Site) -> dict[str, tuple[str, str]]:
    return {"/notifications/inbox": ("oslo-citizen", "/notifications/inbox")}
