"""Where somebody is shown who comes for the first time."""

from deploy.local.issuer import Account
from tests.support.site import Site

NEW = Account(subject="oslo-newcomer", tenant="oslo", scopes=("persons:join",), name="Nora Oppdiktet")


async def examples(site: Site) -> dict[str, tuple[str, str]]:
    site.directory.put(NEW)
    return {
        "/intake/welcome": (NEW.subject, "/intake/welcome"),
        "/intake/welcomed": (NEW.subject, "/intake/welcomed"),
    }
