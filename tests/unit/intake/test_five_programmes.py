"""The programmes we ship are data, and every word in them is known."""

from pathlib import Path

import pytest
import yaml

from contracts.policy import Policy
from services.intake.wording import SENTENCES

FILES = sorted((Path(__file__).parents[3] / "deploy" / "programmes").glob("*.yaml"))


def read(file: Path) -> Policy:
    return Policy.model_validate(yaml.safe_load(file.read_text("utf-8")))


def test_there_are_five() -> None:
    assert [file.stem for file in FILES] == ["gladsaxe", "kolding", "oslo", "rudersdal", "sandefjord"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_reads_the_same_when_it_is_sent_as_strict_json(file: Path) -> None:
    policy = read(file)
    assert Policy.model_validate_json(policy.model_dump_json(by_alias=True), strict=True) == policy


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_title_and_where_a_gate_leads_are_said_in_four_languages(file: Path) -> None:
    policy, codes = read(file), yaml.safe_load(SENTENCES.read_text("utf-8"))["codes"]
    assert set(policy.title) == {"nb", "nn", "da", "en"}
    assert [gate.otherwise for gate in policy.gates if set(codes.get(gate.otherwise, {})) != set(policy.title)] == []


def test_the_rules_on_which_they_differ_are_those_of_the_sources() -> None:
    by_name = {file.stem: read(file) for file in FILES}
    assert {name: next(iter(policy.roles.values())).hours for name, policy in by_name.items()} == {
        "gladsaxe": 20,
        "kolding": 0,
        "oslo": 12,
        "rudersdal": 0,
        "sandefjord": 0,
    }
    assert {name: policy.min_age for name, policy in by_name.items() if policy.min_age} == {
        "gladsaxe": 18,
        "kolding": 14,
    }
    assert by_name["oslo"].max_length == "P1Y"
    assert len(by_name["rudersdal"].categories) == 7
    assert by_name["kolding"].needs["extended"].together == 2
