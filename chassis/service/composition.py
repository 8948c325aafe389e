"""What a composition root is handed, and what it gives back."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from fastapi import APIRouter

from chassis.audit import Trail
from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.erasures import Erasure, ErasureLedger
from chassis.grants import Roles
from chassis.http import Belongings
from chassis.inbound import Inbound
from chassis.keyring import Keyring
from chassis.projection import Projection
from chassis.publisher import Publisher
from chassis.reaction import Reaction
from chassis.read_models import ReadModels
from chassis.settings import Settings
from chassis.timers import TimerPlan
from chassis.web import Pages


class Role(StrEnum):
    """Parts of a service that operators may run and scale apart from each other."""

    API = "api"
    RELAY = "relay"
    CONSUMER = "consumer"
    TIMERS = "timers"


ALL_ROLES = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a composition root is handed: every adapter, connected to the place the settings name."""

    settings: Settings
    clock: Clock
    commands: CommandHandler
    read_models: ReadModels
    keyring: Keyring
    publisher: Publisher
    trail: Trail
    erasures: ErasureLedger


@dataclass(frozen=True, slots=True)
class Access:
    """`grants` is the one of the projections that knows the roles of callers (chassis/grants.py), `roles` what each
    opens, `belongings` where things belong by the names of their ids, for roles that are granted for one programme."""

    grants: Projection
    roles: Roles
    belongings: Belongings


@dataclass(frozen=True, slots=True)
class Service:
    """What a composition root gives back: everything the service answers, listens to and remembers to do."""

    routers: Sequence[APIRouter]
    projections: Sequence[Projection]
    reactions: Sequence[Reaction] = ()
    inbounds: Sequence[Inbound] = ()
    timers: Sequence[TimerPlan] = ()
    companions: Sequence[Callable[[], Awaitable[None]]] = ()
    """What runs beside the routers, in every process that answers HTTP, until it is cancelled."""
    erased_again: Callable[[Erasure], Awaitable[None]] | None = None
    """For each erasure there ever was, before anything is answered: a restored backup may not know of it (S2.3)."""
    access: Access | None = None
    """How callers come to rights that their tokens do not give."""
    sentences: Path | None = None
    """The catalogue of refusals in the languages people read."""
    pages: Sequence[Pages] = ()
    """What people see of it, where the settings name a site."""


Build = Callable[[Runtime], Service]
