"""What happens to a referral, whichever way it came: the same rules, the same answer (S2.4, S2.7, S2.31, S3.19)."""

from dataclasses import dataclass

from chassis.clock import Clock
from chassis.command_handler import CommandHandler, Context
from chassis.keyring import Keyring, seal_model
from contracts.envelope import StreamId, derive_id
from contracts.intake import Profile
from contracts.referral import Referral, ReferralStatus, ReferredPerson
from services.intake.domain.calendar import age_on, latest_day_anywhere
from services.intake.domain.eligibility import Wish
from services.intake.domain.person import person
from services.intake.domain.person_commands import ChangeResidence, DescribeProfile, GiveContact, RegisterPerson
from services.intake.domain.person_leaving import PersonLeaving
from services.intake.domain.programme import Programme
from services.intake.domain.request import request
from services.intake.domain.request_posting import PostRequest, Referred
from services.intake.domain.request_state import Request, Status
from services.intake.domain.residence import Lived, resident_until
from services.intake.facts import lived, programme_in_force
from services.intake.identities import Identities, Said
from services.intake.phone import PhoneInvalid, e164
from services.intake.referral_answers import ReferralAnswers, status_of
from services.intake.sealing import sealed, sealed_text
from services.intake.wording import Wording


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a referral came: by whom, for which tenant, under which ids."""

    tenant: str
    sender: str
    correlation_id: str
    causation_id: str | None = None
    traceparent: str | None = None


class ReferralDesk:
    """Safe to repeat: request, person and every command have ids derived from the sender's own, under the tenant's key.

    Nothing of a person is kept who is declined: they are registered, and held against the blocks of others, after the
    request was posted. A crash between is mended by the redelivery, or by the sender who repeats.
    """

    def __init__(
        self,
        commands: CommandHandler,
        keyring: Keyring,
        *,
        identities: Identities,
        answers: ReferralAnswers,
        clock: Clock,
        wording: Wording,
    ) -> None:
        self._commands = commands
        self._keyring = keyring
        self._identities = identities
        self._answers = answers
        self._clock = clock
        self._wording = wording

    async def handle(self, referral: Referral, arrival: Arrival) -> ReferralStatus:
        """Decide, register whom the programme takes, and tell the sender. Raises a Refusal for what nobody can act
        on, such as an unknown programme or somebody who leaves without a trace; then nothing was kept."""
        tenant = arrival.tenant
        _check_phone(referral.person)
        request_id = self._keyring.fingerprint(tenant, "referral", referral.referral_id)
        known = await self._commands.state(request, StreamId(tenant, "request", request_id))
        state = known.state if known.version else await self._post(referral, arrival, request_id)
        if state.status is not Status.DECLINED:
            await self._register(referral.person, state.person_id, arrival, request_id)
        reason = self._wording.reason(state.rule, referral.person.language)
        status = status_of(state, referral.referral_id, reason=reason)
        await self._answers.send(tenant, status)
        return status

    async def _post(self, referral: Referral, arrival: Arrival, request_id: str) -> Request:
        tenant = arrival.tenant
        programme = await programme_in_force(self._commands, tenant, referral.programme)
        person_id = self._keyring.fingerprint(tenant, "person", referral.person.reference)
        context = _context(arrival, request_id, "post")
        now = self._clock.now()
        known = (await self._commands.state(person, StreamId(tenant, "person", person_id))).state
        if known.farewell is not None:
            raise PersonLeaving()
        command = PostRequest(
            request_id=request_id,
            person_id=person_id,
            programme=programme,
            wish=self._wish(referral, programme, await lived(self._keyring, tenant, known)),
            what=await sealed_text(self._keyring, tenant, person_id, referral.what),
            entered_by=context.actor,
            now=now,
            wishes=await seal_model(self._keyring, tenant, person_id, known.wishes_to_tell(referral.wishes)),
            support_forms=referral.wishes.support_forms,
            needed_since=referral.needed_since,
            referred=Referred(
                sender=arrival.sender,
                referral_id=await sealed_text(self._keyring, tenant, person_id, referral.referral_id),
            ),
            wording=self._wording.options(referral.person.language),
        )
        stream = StreamId(tenant, "request", request_id)
        return (await self._commands.handle(request, stream, command, context=context)).state

    def _wish(self, referral: Referral, programme: Programme, known: list[Lived]) -> Wish:
        """What the municipality says of where the person lives is the newest word on it (S1.24)."""
        today = programme.day(self._clock.now())
        said = [Lived(name, today)] if (name := referral.person.municipality) is not None else []
        return Wish(
            origin="referral",
            today=today,
            age=age_on(today, born_on=referral.person.birth_date),
            resident_until=resident_until(programme.policy, [*known, *said]),
            category=referral.category,
            expected_duration=referral.expected_duration,
            latest_date=referral.latest_date,
            gates=referral.gates,
        )

    async def _register(self, who: ReferredPerson, person_id: str, arrival: Arrival, request_id: str) -> None:
        tenant, stream = arrival.tenant, StreamId(arrival.tenant, "person", person_id)
        context = _context(arrival, request_id, "register")
        name = await sealed_text(self._keyring, tenant, person_id, who.name)
        born, email, phone = await sealed(
            self._keyring, tenant, person_id, who.birth_date.isoformat(), who.email, who.phone
        )
        register = RegisterPerson(
            person_id=person_id, channel="referral", name=name, birth_date=born, entered_by=context.actor
        )
        await self._commands.handle(person, stream, register, context=context)
        contact = GiveContact(language=who.language, email=email, phone=phone)
        await self._commands.handle(person, stream, contact, context=_context(arrival, request_id, "contact"))
        await self._residence(who, person_id, arrival, request_id)
        if who.languages:
            told = await seal_model(self._keyring, tenant, person_id, Profile(languages=who.languages))
            profile = DescribeProfile(stated_on=self._clock.now().date(), told=told, told_without_area=told)
            await self._commands.handle(person, stream, profile, context=_context(arrival, request_id, "profile"))
        said = Said(name=who.name, birth_date=who.birth_date.isoformat(), email=who.email, phone=who.phone)
        await self._identities.seen(tenant, person_id, said)

    async def _residence(self, who: ReferredPerson, person_id: str, arrival: Arrival, request_id: str) -> None:
        """Kept where it is not what is known already."""
        tenant, stream = arrival.tenant, StreamId(arrival.tenant, "person", person_id)
        known = await lived(self._keyring, tenant, (await self._commands.state(person, stream)).state)
        if who.municipality is None or (known and known[-1].municipality == who.municipality):
            return
        now = self._clock.now()
        municipality = await sealed_text(self._keyring, tenant, person_id, who.municipality)
        moved = ChangeResidence(municipality=municipality, since=now.date(), latest=latest_day_anywhere(now))
        await self._commands.handle(person, stream, moved, context=_context(arrival, request_id, "residence"))


def _check_phone(who: ReferredPerson) -> None:
    if who.phone is not None:
        try:
            e164(who.phone)
        except PhoneInvalid as invalid:
            invalid.field = "person.phone"
            raise


def _context(arrival: Arrival, request_id: str, purpose: str) -> Context:
    """The same ids for the same referral, however often it comes."""
    return Context(
        command_id=derive_id("referral", arrival.tenant, request_id, purpose),
        actor="referral",
        correlation_id=arrival.correlation_id,
        causation_id=arrival.causation_id,
        traceparent=arrival.traceparent,
    )
