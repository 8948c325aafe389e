"""Where pages of reporting can be looked at: a programme with enough to count, and too little of it to show."""

from tests.support.site import Site

BY, PROGRAMME = "sandefjord-coordinator", "sandefjord"
_SOURCES = ["poster"] * 6 + ["social-media"] * 7 + ["newspaper"]


async def examples(site: Site) -> dict[str, tuple[str, str]]:
    for number, source in enumerate(_SOURCES):
        person = {"channel": "phone", "name": f"Oppdiktet {number}", "contact": {"language": "nb"}}
        person_id = (await site.post(BY, "/intake/v1/persons", person))["id"]
        application = {"programme": PROGRAMME, "roles": ["volunteer"], "person_id": person_id}
        await site.post(BY, "/intake/v1/volunteerings", {**application, "recruitment_source": source})
        wish = {"programme": PROGRAMME, "person_id": person_id, "what": "Somebody to cook with on Thursdays."}
        await site.post(BY, "/intake/v1/requests", wish)
    at = f"?programme={PROGRAMME}"
    return {
        "/reporting/figures": (BY, f"/reporting/figures{at}"),
        "/reporting/figures/{name}": (BY, f"/reporting/figures/recruitment{at}"),
    }
