"""Who was granted which role, and which login means which person? (S1.9)"""

from collections.abc import Iterable

from chassis.grants import grants_projection
from contracts.base import Event
from contracts.intake import KeyDestroyed, LoginLinked, RoleGranted, RoleTakenBack
from contracts.topics import INTAKE


def _person(event: Event) -> Iterable[str]:
    return (event.person_id,) if isinstance(event, KeyDestroyed) else ()


grants = grants_projection(
    topics=(INTAKE,),
    granted=RoleGranted,
    taken_back=RoleTakenBack,
    linked=LoginLinked,
    forgotten=KeyDestroyed,
    names=_person,
)
