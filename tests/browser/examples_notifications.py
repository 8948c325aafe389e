"""Where pages of notifications can be looked at: somebody who was told something, and a coordinator who sees that."""

from tests.support.site import Site
from tests.support.wait import eventually

BY, PROGRAMME = "gladsaxe-coordinator", "gladsaxe"


async def examples(site: Site) -> dict[str, tuple[str, str]]:
    contact = {"language": "da", "email": "opdigtet@example.org"}
    born = {"birth_date": "1980-05-17"}
    person = {"channel": "phone", "name": "Opdigtet med et langt navn", "contact": contact, **born}
    person_id = (await site.post(BY, "/intake/v1/persons", person))["id"]
    wish = {"programme": PROGRAMME, "person_id": person_id, "what": "Somebody to walk with by the lake on Sundays."}
    await site.post(BY, "/intake/v1/requests", wish)
    await site.post(BY, f"/notifications/v1/digests/{PROGRAMME}", {"email": "desk@example.org", "language": "da"})

    async def told() -> list[dict[str, str]]:
        page = await site.get(BY, "/notifications/v1/messages", recipient=person_id)
        return list(page["items"])

    messages = await eventually(told)
    return {
        "/notifications/inbox": ("gladsaxe-citizen", "/notifications/inbox"),
        "/notifications/messages": (BY, "/notifications/messages"),
        "/notifications/messages/{message_id}": (BY, f"/notifications/messages/{messages[0]['message_id']}"),
    }
