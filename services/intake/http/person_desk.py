"""What the routes about people share: seal at the edge, run the command."""

from chassis.clock import Clock
from chassis.command_handler import CommandHandler, Context, Outcome
from chassis.http import Commanded
from chassis.keyring import Keyring, seal_model
from contracts.envelope import StreamId
from contracts.intake import ConsentScope, Profile
from services.intake.domain.calendar import latest_day_anywhere
from services.intake.domain.person import Person, person
from services.intake.domain.person_commands import (
    BlockCounterpart,
    ChangeResidence,
    Command,
    DescribeProfile,
    GiveConsent,
    GiveContact,
    ProtectAddress,
    RegisterPerson,
    TellLivedExperience,
    UnblockCounterpart,
    WithdrawConsent,
)
from services.intake.http.person_bodies import (
    BlockBody,
    ConsentBody,
    ContactBody,
    LivedExperienceBody,
    PersonBody,
    ProfileBody,
    ResidenceBody,
)
from services.intake.identities import Identities, Said
from services.intake.phone import e164
from services.intake.sealing import sealed, sealed_text


class PersonDesk:
    """Seals at the edge and runs the commands."""

    def __init__(self, commands: CommandHandler, keyring: Keyring, clock: Clock, identities: Identities) -> None:
        self._commands = commands
        self._keyring = keyring
        self._clock = clock
        self._identities = identities

    async def register(self, person_id: str, body: PersonBody, ask: Commanded) -> Outcome[Person]:
        tenant = ask.principal.tenant
        if body.contact is not None and body.contact.phone is not None:
            e164(body.contact.phone)  # what is malformed leaves no trace
        born = None if body.birth_date is None else body.birth_date.isoformat()
        [birth_date] = await sealed(self._keyring, tenant, person_id, born)
        command = RegisterPerson(
            person_id=person_id,
            channel=body.channel if ask.principal.has("people:write") else "web",
            name=await sealed_text(self._keyring, tenant, person_id, body.name),
            birth_date=birth_date,
            entered_by=ask.context.actor,
        )
        outcome = await self.run(person_id, command, ask)
        await self._identities.seen(tenant, person_id, Said(name=body.name, birth_date=born))
        if body.address_protected:
            outcome = await self.run(person_id, ProtectAddress(self._clock.now()), ask, context=ask.step("protect"))
        if body.municipality is not None:
            lives = ResidenceBody(municipality=body.municipality)
            outcome = await self.residence(person_id, lives, ask, context=ask.step("residence"))
        if body.contact is not None:
            outcome = await self.contact(person_id, body.contact, ask, context=ask.step("contact"))
        if body.profile is not None:
            outcome = await self.profile(person_id, body.profile, ask, context=ask.step("profile"))
        return outcome

    async def contact(
        self, person_id: str, body: ContactBody, ask: Commanded, *, context: Context | None = None
    ) -> Outcome[Person]:
        tenant = ask.principal.tenant
        phone = None if body.phone is None else e164(body.phone)
        email, number = await sealed(self._keyring, tenant, person_id, body.email, phone)
        command = GiveContact(language=body.language, email=email, phone=number)
        outcome = await self.run(person_id, command, ask, context=context)
        await self._identities.seen(tenant, person_id, Said(email=body.email, phone=phone))
        return outcome

    async def profile(
        self, person_id: str, body: ProfileBody, ask: Commanded, *, context: Context | None = None
    ) -> Outcome[Person]:
        """What was stated before counts as old after a while: the day is kept (S3.29)."""
        tenant, told = ask.principal.tenant, Profile.model_validate(body.model_dump())
        without_area = told.model_copy(update={"area": None})
        command = DescribeProfile(
            stated_on=self._clock.now().date(),
            told=await seal_model(self._keyring, tenant, person_id, told),
            told_without_area=await seal_model(self._keyring, tenant, person_id, without_area),
        )
        return await self.run(person_id, command, ask, context=context)

    async def residence(
        self, person_id: str, body: ResidenceBody, ask: Commanded, *, context: Context | None = None
    ) -> Outcome[Person]:
        """Who moves away keeps the right to take part for the programme's days of grace (S1.24)."""
        now = self._clock.now()
        municipality = await sealed_text(self._keyring, ask.principal.tenant, person_id, body.municipality)
        command = ChangeResidence(
            municipality=municipality, since=body.since or now.date(), latest=latest_day_anywhere(now)
        )
        return await self.run(person_id, command, ask, context=context)

    async def consent(self, person_id: str, body: ConsentBody, ask: Commanded) -> Outcome[Person]:
        """For one purpose and one controller (S2.3, S4.11)."""
        tenant, scope = ask.principal.tenant, ConsentScope(purpose=body.purpose, controller=body.controller)
        sealed_scope = await seal_model(self._keyring, tenant, person_id, scope)
        command = GiveConsent(self._consent_hash(tenant, person_id, body), sealed_scope, self._clock.now())
        return await self.run(person_id, command, ask)

    async def withdraw_consent(self, person_id: str, body: ConsentBody, ask: Commanded) -> Outcome[Person]:
        consent = self._consent_hash(ask.principal.tenant, person_id, body)
        return await self.run(person_id, WithdrawConsent(consent, self._clock.now()), ask)

    def _consent_hash(self, tenant: str, person_id: str, body: ConsentBody) -> str:
        return self._keyring.fingerprint(tenant, "consent", "\n".join((person_id, body.purpose, body.controller)))

    async def experience(self, person_id: str, body: LivedExperienceBody, ask: Commanded) -> Outcome[Person]:
        """Purposes are sealed like the words: that somebody told is for whom they told it to (S2.13)."""
        tenant = ask.principal.tenant
        purposes = await self._keyring.seal(tenant, person_id, [*sorted(body.purposes)])
        [words] = await sealed(self._keyring, tenant, person_id, body.words)
        command = TellLivedExperience(purposes=purposes, words=words, now=self._clock.now())
        return await self.run(person_id, command, ask)

    async def block(self, person_id: str, body: BlockBody, ask: Commanded) -> tuple[str, Outcome[Person]]:
        """The block's id with the outcome; held against everybody known before it is answered (S2.9)."""
        tenant, block_id = ask.principal.tenant, ask.new_id("block")
        kind, fingerprint = self._identities.blocked_fingerprint(tenant, body.said())
        sealed_fingerprint = await sealed_text(self._keyring, tenant, person_id, fingerprint)
        command = BlockCounterpart(block_id, kind, sealed_fingerprint, self._clock.now())
        outcome = await self.run(person_id, command, ask)
        await self._identities.blocked(tenant, outcome.state.blocks[block_id])
        return block_id, outcome

    async def unblock(self, person_id: str, block_id: str, ask: Commanded) -> Outcome[Person]:
        outcome = await self.run(person_id, UnblockCounterpart(block_id, self._clock.now()), ask)
        await self._identities.unblocked(ask.principal.tenant, outcome.state.blocks[block_id])
        return outcome

    async def run(
        self, person_id: str, command: Command, ask: Commanded, *, context: Context | None = None
    ) -> Outcome[Person]:
        stream = StreamId(ask.principal.tenant, "person", person_id)
        expected = ask.if_match if context is None else None
        return await self._commands.handle(
            person, stream, command, context=context or ask.context, expected_version=expected
        )
