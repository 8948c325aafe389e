"""Every alert watches a metric that exists, and leads to a heading of the runbook."""

import importlib
import pkgutil
import re
from typing import Any

import pytest
import yaml
from prometheus_client.metrics_core import Metric

import chassis
from chassis.observability import REGISTRY
from tests.architecture.source import ROOT

RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((ROOT / "deploy" / "observability" / "alerts.yaml").read_text())["groups"]
    for rule in group["rules"]
]
BY_NAME = {rule["alert"]: rule for rule in RULES}
SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}


def series() -> set[str]:
    """The names as Prometheus scrapes them, of every metric that a module of the chassis declares."""
    for module in pkgutil.walk_packages(chassis.__path__, "chassis."):
        importlib.import_module(module.name)
    return {f"{metric.name}{suffix}" for metric in REGISTRY.collect() for suffix in suffixes_of(metric)}


def suffixes_of(metric: Metric) -> tuple[str, ...]:
    return SUFFIXES.get(metric.type, ("",))


def test_every_alert_has_a_name_of_its_own() -> None:
    assert len(BY_NAME) == len(RULES)


@pytest.mark.parametrize("name", BY_NAME)
def test_what_it_watches_exists(name: str) -> None:
    watched = set(re.findall(r"kobling_\w+", BY_NAME[name]["expr"]))

    assert watched
    assert watched - series() == set()


@pytest.mark.parametrize("name", BY_NAME)
def test_it_says_what_is_wrong_and_where_to_read_on(name: str) -> None:
    said = BY_NAME[name]["annotations"]
    headings = re.findall(r"^#+ (.+)$", (ROOT / "docs" / "runbook.md").read_text(), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}

    assert (said["summary"] != "", said["runbook"] in anchors) == (True, True)


@pytest.mark.parametrize("rule", ["unauthenticated", "scope_missing", "not_found", "too_many_requests"])
def test_what_somebody_who_tries_doors_meets_is_watched(rule: str) -> None:
    watching = [found["alert"] for found in RULES if f'kobling_http_refused_total{{rule="{rule}"}}' in found["expr"]]

    assert len(watching) == 1
