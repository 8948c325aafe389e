"""Where pages of operators can be looked at: something happened, and something is stuck."""

from contracts.topics import SERVICES
from tests.support.site import Site

OPERATOR = "kolding-technician"


async def examples(site: Site) -> dict[str, tuple[str, str]]:
    person = {"channel": "phone", "name": "Karla Opdigtet", "contact": {"language": "da"}}
    await site.post("kolding-coordinator", "/intake/v1/persons", person)
    return {f"/{name}/operations": (OPERATOR, f"/{name}/operations") for name in SERVICES}
