"""Every rule speaks nb, nn, da and en, and the caller's Accept-Language chooses."""

import importlib
import pkgutil
from pathlib import Path

import pytest

import services
from chassis.http.sentences import CHASSIS_SENTENCES, Sentences, refusals_in, spoken_language
from chassis.refusal import NotFound
from tests.support.sample_service import sample

PACKAGES = ["chassis", *(f"services.{module.name}" for module in pkgutil.iter_modules(services.__path__))]


def import_all(package: str) -> Path:
    """Import every module, so that every Refusal is known; the folder of the package."""
    root = importlib.import_module(package)
    for module in pkgutil.walk_packages(root.__path__, f"{package}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return Path(root.__path__[0])


@pytest.mark.parametrize("package", PACKAGES)
def test_every_rule_is_said_in_every_language(package: str) -> None:
    folder = import_all(package)
    file = CHASSIS_SENTENCES if package == "chassis" else folder / "sentences.yaml"
    sentences = Sentences.read(*([file] if file.exists() else []))
    refusals = refusals_in(package)
    said_for_nothing = set(sentences.rules) - {refusal.rule for refusal in refusals}
    assert (sentences.missing(refusals), said_for_nothing) == ([], set())


def test_every_status_of_a_refusal_has_a_title() -> None:
    for package in PACKAGES:
        import_all(package)
    titles = Sentences.read(CHASSIS_SENTENCES).titles
    statuses = {str(refusal.status) for package in PACKAGES for refusal in refusals_in(package)}
    assert sorted(statuses - set(titles)) == []


ACCEPTED = {
    "": "en",
    "nb": "nb",
    "no": "nb",
    "nb-NO, en;q=0.5": "nb",
    "nn-NO": "nn",
    "da, en-gb;q=0.8, en;q=0.7": "da",
    "fr, de;q=0.9": "en",
    "fr, da;q=0.1": "da",
    "en;q=0.1, nn;q=0.9": "nn",
    "nb;q=0, da": "da",
    "nb;q=x, da": "da",
    "*": "en",
    ";;;,,,": "en",
    "x," * 5000 + "nb": "en",
}


@pytest.mark.parametrize(("header", "language"), ACCEPTED.items())
def test_the_best_language_of_ours_is_spoken(header: str, language: str) -> None:
    assert spoken_language(header) == language


@pytest.mark.parametrize(
    ("language", "title", "detail"),
    [
        ("en", "Not understood", "The greatest length is 20."),
        ("nb", "Ikke forstått", "Største lengde er 20."),
        ("nn", "Ikkje forstått", "Største lengd er 20."),
        ("da", "Ikke forstået", "Største længde er 20."),
    ],
)
async def test_a_problem_is_told_in_the_callers_language(language: str, title: str, detail: str) -> None:
    service = sample()
    headers = {**service.bearer("notes:write"), "Accept-Language": language}
    response = await service.client.post("/v1/notes", headers=headers, json={"title": "t" * 21})
    document = response.json()
    assert (document["title"], document["detail"], response.headers["Content-Language"]) == (title, detail, language)


def test_a_key_said_twice_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "sentences.yaml"
    file.write_text("rules: {not_found: {nb: x}}")
    with pytest.raises(ValueError, match=r"rules\.not_found is said twice"):
        Sentences.read(CHASSIS_SENTENCES, file)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    file = tmp_path / "sentences.yaml"
    file.write_text("codes: {wait: {nb: vente, nn: vente, da: vente}}")
    missing = Sentences.read(file).missing([NotFound])
    assert missing == ["codes.wait.en", "rules.not_found.da", "rules.not_found.nb", "rules.not_found.nn"]
