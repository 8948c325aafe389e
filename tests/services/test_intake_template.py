"""A programme that works, taken over by another municipality by `kobling programme` and intake on the real engines."""

import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from pymongo import AsyncMongoClient
from typer.testing import CliRunner

from deploy.cli import app
from deploy.commands.programme import adopted, exported, read_template, tenant_of
from tests.services.intake_front import Front, front_of, running_intake
from tests.support.service import Running
from tests.support.stack import Addresses

SEEDED = Path(__file__).parents[2] / "deploy" / "programmes" / "rudersdal.yaml"
CATEGORIES = ["garden", "computer", "sewing", "shelves", "workshops", "shopping", "visiting"]


@pytest.fixture(scope="module")
async def intake(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    async with running_intake(engines, mongo_client, tmp_path_factory.mktemp("intake")) as service:
        yield service


@pytest.fixture
async def front(intake: Running) -> Front:
    front = await front_of(intake)
    policy = yaml.safe_load(SEEDED.read_text()) | {
        "frame": {2017: {"currency": "DKK", "budget": 1, "staff_hours_per_week": 1}},
        "partners": [{"organisation": "Havnehuset", "does": "refers"}],
        "terms": {"regulars": {"centre": "Værestedet"}},
    }
    await front.adopt("bank", json.loads(json.dumps(policy, default=str)))
    return front


async def export(front: Front) -> str:
    front.service.client.headers.update(front.bearer())
    return await exported(front.service.client, "", "bank")


async def adopt(front: Front, file: Path, **own: Any) -> None:
    policy = read_template(file).adopted(by="Byrådet", on=date(2022, 11, 1), **own)
    body = {"policy": policy.model_dump(mode="json", by_alias=True, exclude_defaults=True), "adopted_by": "Byrådet"}
    front.service.client.headers.update(front.bearer())
    await adopted(front.service.client, "", "bank", body | {"adopted_on": "2022-11-01"})


@pytest.mark.requirement("S1.25", "S1.18")
async def test_another_municipality_adopts_the_programme_with_its_terms_and_no_persons(
    intake: Running, front: Front, tmp_path: Path
) -> None:
    somebody = await front.register(name="Ida Oppdiktet")
    await front.post("/v1/programmes/bank/categories", {"code": "letters"})
    text = await export(front)
    assert not [
        word for word in ("Oppdiktet", somebody, "Social Udvalget", "Havnehuset", "2022", "DKK") if word in text
    ]
    file = tmp_path / "bank.yaml"
    file.write_text(text, encoding="utf-8")
    other = await front_of(intake)
    await adopt(other, file, municipality="Fjordby")
    await adopt(other, file, municipality="Fjordby")
    shown = await other.shown("/v1/programmes/bank", policy_version=1, status="pilot", adopted_by="Byrådet")
    policy = shown["policy"]
    assert [category["code"] for category in policy["categories"]] == [*CATEGORIES, "letters"]
    assert policy["residence"] == {"municipality": "Fjordby", "grace_days": 30}
    assert policy["approved"] == {"by": "Byrådet", "on": "2022-11-01"}
    assert (policy["mandate"], policy["partners"], policy["frame"]) == (None, [], {})
    assert policy["terms"]["regulars"]["centre"] == "Værestedet"
    assert [person["person_id"] for person in (await other.get("/v1/persons")).json()["items"]] == []
    lives_here = await other.register(municipality="Fjordby")
    wish = {"programme": "bank", "person_id": lives_here, "what": "A letter.", "category": "letters"}
    assert (await other.post("/v1/requests", wish | {"expected_duration": "PT1H"})).json()["status"] == "posted"


@pytest.mark.requirement("S1.25")
async def test_a_template_is_shown_to_who_may_see_the_programme(intake: Running, front: Front) -> None:
    path, somebody = "/v1/programmes/bank/template", await front.register()
    assert (await front.get(path)).status_code == 200
    assert (await front.get(path, person=somebody)).status_code == 403
    assert (await (await front_of(intake)).get(path)).status_code == 404


async def test_what_intake_says_no_to_is_told(front: Front, capsys: pytest.CaptureFixture[str]) -> None:
    front.service.client.headers.update(front.bearer())
    with pytest.raises(typer.Exit):
        await exported(front.service.client, "", "nowhere")
    assert "404" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("adopt", "{missing}", "--on", "2022-11-01"), "cannot be read"),
        (("adopt", "{wrong}", "--on", "2022-11-01"), "is no exported programme: persons"),
        (("adopt", "{good}", "--on", "2022-11-01"), "--municipality"),
        (("adopt", "{good}", "--on", "2022-11-01", "--mandate-from", "2023-01-01"), "first and a last day"),
        (("adopt", "{good}", "--on", "2022-11-01", "--municipality", "Fjordby", "--token", "x"), "not one of fjordby"),
        (("adopt", "{good}", "--on", "2022-11-01", "--municipality", "Fjordby"), "Nothing answers"),
    ],
)
@pytest.mark.requirement("S1.25")
def test_what_cannot_be_adopted_is_told_in_a_sentence(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    good = {"template": 1, "programme": "bank", "policy": {"categories": ["garden"]}, "residence_grace_days": 30}
    (tmp_path / "good").write_text(yaml.safe_dump(good))
    (tmp_path / "wrong").write_text(yaml.safe_dump(good | {"persons": []}))
    files = {name: str(tmp_path / name) for name in ("good", "wrong", "missing")}
    said = [word.format(**files) for word in words]
    closed = ["--tenant", "fjordby", "--by", "Byrådet", "--url", "http://127.0.0.1:9"]
    result = CliRunner().invoke(app, ["programme", *said, *closed])
    assert (result.exit_code, told in result.stderr) == (1, True), result.output


def test_a_token_says_whose_it_is() -> None:
    assert tenant_of("e30.eyJ0ZW5hbnQiOiAiZmpvcmRieSJ9.x") == "fjordby"
    assert [tenant_of(token) for token in ("", "e30", "e30.e30.x", "e30.!.x")] == [None] * 4
