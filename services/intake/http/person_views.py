"""People as those who may read see them: what is sealed is opened here, in one round trip for all."""

from collections.abc import Iterator, Sequence
from typing import Any

from chassis.keyring import Keyring, open_models
from contracts.intake import ConsentScope, Profile
from contracts.sealed import Redacted, Sealed
from services.intake.http.person_bodies import Consent, LivedExperienceView, PersonView, ProfileView, ToldView
from services.intake.projections.persons import PersonDocument, StatedProfile


class PersonViews:
    """What was erased is absent; what an address protection hides is too (S2.9)."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    async def of(self, tenant: str, found: Sequence[PersonDocument]) -> list[PersonView]:
        asked = [(document.person_id, field, token) for document in found for field, token in _sealed_fields(document)]
        opened = await self._keyring.open_many(tenant, [token for _, _, token in asked])
        clear: dict[str, dict[str, str]] = {document.person_id: {} for document in found}
        for (person_id, field, _), value in zip(asked, opened, strict=True):
            if not isinstance(value, Redacted):
                clear[person_id][field] = value
        told = await self._told_views(tenant, found)
        return [PersonView.of(one, clear[one.person_id], view) for one, view in zip(found, told, strict=True)]

    async def _told_views(self, tenant: str, found: Sequence[PersonDocument]) -> list[ToldView]:
        """Profiles and consents, in two round trips for all."""
        sealed_profiles = [None if one.profile is None else one.profile.told for one in found]
        profiles = await open_models(self._keyring, tenant, Profile, sealed_profiles)
        stated = [consent for one in found for consent in one.consents]
        scopes = iter(await open_models(self._keyring, tenant, ConsentScope, [one.scope for one in stated]))
        return [
            ToldView(
                None if told is None or one.profile is None else _profile_view(one.profile, told),
                [
                    Consent(**scope.model_dump(), given_at=consent.given_at)
                    for consent, scope in zip(one.consents, scopes, strict=False)
                    if scope is not None
                ],
            )
            for one, told in zip(found, profiles, strict=True)
        ]

    async def told(self, tenant: str, found: PersonDocument) -> LivedExperienceView | None:
        """Opened for the person themselves and nobody else."""
        if found.purposes is None:
            return None
        asked: list[Sealed[Any]] = [found.purposes, *([found.words] if found.words else [])]
        purposes, *words = await self._keyring.open_many(tenant, asked)
        if isinstance(purposes, Redacted):
            return None
        return LivedExperienceView(purposes=purposes, words=words[0] if words else None)


def _profile_view(stated: StatedProfile, told: Profile) -> ProfileView:
    hidden = {} if stated.shows_area else {"area": None}
    return ProfileView.model_validate({**told.model_dump(), **hidden, "stated_on": stated.stated_on})


def _sealed_fields(found: PersonDocument) -> Iterator[tuple[str, Sealed[str]]]:
    fields = {"name": found.name, "birth_date": found.birth_date, "email": found.email, "phone": found.phone}
    if not found.address_protected:
        fields["municipality"] = found.municipality
    for field, token in fields.items():
        if token is not None:
            yield field, token
