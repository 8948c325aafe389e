"""2012: adopted with a mandate, people join, and what is not concrete finds other ways (1 to 3)."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from contracts.policy import Policy
from tests.support.town import Json
from tests.system.ressourcebanken.people import application, citizen, member
from tests.system.tenant import COORDINATOR, Person, Tenant

POLICY = Path(__file__).resolve().parents[3] / "deploy" / "programmes" / "rudersdal.yaml"
SEVEN = ["garden", "computer", "sewing", "shelves", "workshops", "shopping", "visiting"]
HOPE = "At turde ringe på hos naboen."


@dataclass(frozen=True, slots=True)
class Bank:
    """A asks, B and C are members as A is; E lives in town and has not joined."""

    a: Person
    b: Person
    c: Person
    e: Person


async def opening(bank: Tenant) -> Bank:
    await adopted(bank)
    people = await joined(bank)
    await not_concrete(bank, people.a)
    return people


async def adopted(bank: Tenant) -> None:
    """1: approved by Social Udvalget for 2012-2022, part of a named effort, seven kinds of help (S1.1, S1.5, S1.18)."""
    bank.move_to(2012, 12, 3)
    policy = Policy.model_validate(yaml.safe_load(POLICY.read_text()))
    body = {"policy": policy.model_dump(mode="json", by_alias=True, exclude_none=True)}
    await bank.do("intake", f"/v1/programmes/{bank.programme}/policy", body)
    shown: Json = (await bank.get("intake", f"/v1/programmes/{bank.programme}"))["policy"]
    assert (shown["approved"]["by"], shown["part_of"]) == ("Social Udvalget", "psykosocial indsats")
    assert (shown["mandate"]["from"], shown["mandate"]["to"]) == ("2012-12-01", "2022-12-31")
    assert [kind["code"] for kind in shown["categories"]] == SEVEN
    # Nobody is measured: what would be good is for each to say.
    assert (shown["instruments"], shown["outcomes"]) == ([], [])


async def joined(bank: Tenant) -> Bank:
    """2: A rings and staff type A in; B and C join; D lives elsewhere (S1.11, S1.12, S1.24).

    What A can give comes first, and what A hopes for is in A's own words (S1.7, S1.8).
    """
    a = await member(bank, "agnes", news="none", phone="+4520123456", hopes=HOPE)
    shown = await bank.get("intake", f"/v1/persons/{a.person_id}")
    assert (shown["channel"], shown["entered_by"]) == ("phone", COORDINATOR)
    assert (shown["profile"]["gives"], shown["profile"]["hopes"]) == (["hænder"], HOPE)
    b = await member(bank, "bent", news="at-once", phone="+4520123457")
    c = await member(bank, "carla")
    d = await citizen(bank, "ditte", municipality="Aarhus")
    refused = await bank.refused("residents_only", "intake", "/v1/volunteerings", application(bank, d))
    assert len(refused["options"]) >= 2
    return Bank(a, b, c, await citizen(bank, "elsa"))


async def not_concrete(bank: Tenant, a: Person) -> None:
    """3: care every day, without an end, is no task: the answer is no, with other ways (S1.3, S3.19)."""
    care = {
        "programme": bank.programme,
        "person_id": a.person_id,
        "what": "Pleje hver dag.",
    }
    for category in ({"category": "garden"}, {}):
        declined = await bank.do("intake", "/v1/requests", {**care, **category}, by=a)
        assert (declined["status"], declined["rule"]) == ("declined", "not_concrete")
        assert len(declined["options"]) >= 2
