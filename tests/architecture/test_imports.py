"""The direction of imports (style.md, rule 3), and who may know which library."""

from importlinter.cli import lint_imports

from tests.architecture.source import ROOT, sources


def test_the_direction_of_imports_is_kept() -> None:
    assert lint_imports(str(ROOT / "pyproject.toml"), cache_dir=str(ROOT / ".import_linter_cache"), no_logo=True) == 0


def test_in_services_only_projections_know_mongodb() -> None:
    knowing = [
        source.name
        for source in sources("services")
        if any(name.split(".")[0] == "pymongo" for name in source.imports())
    ]

    assert [name for name in knowing if "/projections/" not in name] == []


def test_only_the_chassis_knows_kafka() -> None:
    clients = {"aiokafka", "faststream", "confluent_kafka", "kafka"}
    knowing = [source.name for source in sources("services", "contracts") if clients & tops(source.imports())]

    assert knowing == []


def test_nothing_that_runs_imports_the_generator_of_the_published_files() -> None:
    importing = [
        source.name for source in sources() if any(name.startswith("contracts.publish") for name in source.imports())
    ]

    assert [name for name in importing if not name.startswith(("contracts/publish/", "tests/"))] == []


def test_the_product_does_not_import_its_tests() -> None:
    product = sources("contracts", "chassis", "services", "deploy")

    assert [source.name for source in product if "tests" in tops(source.imports())] == []


def test_motor_is_gone() -> None:
    assert [source.name for source in sources() if "motor" in tops(source.imports())] == []


def tops(names: set[str]) -> set[str]:
    """The top-level packages of dotted names."""
    return {name.partition(".")[0] for name in names}
