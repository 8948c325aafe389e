"""Finds the deciders of all services, so that golden streams are folded by whatever decides today."""

import pkgutil
from functools import cache
from importlib import import_module
from typing import Any

import services
from chassis.decider import Decider


@cache
def deciders() -> dict[str, Decider[Any, Any]]:
    """Category → decider, from every module of every `services/<name>/domain/`."""
    found: dict[str, Decider[Any, Any]] = {}
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if ".domain." in module.name:
            values = vars(import_module(module.name)).values()
            found |= {value.category: value for value in values if isinstance(value, Decider)}
    return found
