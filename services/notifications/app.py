"""What notifications is made of: the only place where its adapters are named."""

from pathlib import Path

from chassis.http.looked_at import looked_at_router
from chassis.http.sentences import Sentences
from chassis.service import Access, Runtime, Service
from contracts.roles import SCOPES as ROLES
from services.notifications.belongings import belongings
from services.notifications.http.digests import digests_router
from services.notifications.http.everything import everything_router
from services.notifications.http.inbox import Inbox, inbox_router
from services.notifications.http.messages import messages_router
from services.notifications.http.tender_news import tender_news_router
from services.notifications.pages import PAGES
from services.notifications.projections.affairs import affairs
from services.notifications.projections.gatherings import gatherings
from services.notifications.projections.grants import grants
from services.notifications.projections.pairs import pairs
from services.notifications.projections.programmes import programmes
from services.notifications.projections.tenders import tenders
from services.notifications.projections.waiting import waiting
from services.notifications.purging import FORGETTING, purge_people
from services.notifications.reactions.look_on_mornings import look_on_mornings
from services.notifications.reactions.remind_at_half_time import remind_at_half_time
from services.notifications.reactions.remind_to_say_done import remind_to_say_done
from services.notifications.reactions.send_when_due import send_when_due
from services.notifications.reactions.tell import tell
from services.notifications.reactions.tell_coordinators import tell_coordinators
from services.notifications.reactions.tell_enrolled import tell_enrolled
from services.notifications.reactions.tell_members import tell_members
from services.notifications.reactions.tell_volunteers import tell_volunteers
from services.notifications.rendering import Templates
from services.notifications.senders.sms import SmsSender
from services.notifications.senders.smtp import SmtpSender
from services.notifications.sending import Sending
from services.notifications.settings import MailSettings, SmsSettings

SENTENCES = Path(__file__).with_name("sentences.yaml")


def build(runtime: Runtime) -> Service:
    """Raises BadTemplate when words are missing in a language."""
    settings, templates = runtime.settings, Templates()
    smtp = SmtpSender(settings.smtp, mail_from=settings.mail_from, settings=MailSettings(), clock=runtime.clock)
    sending = Sending(
        runtime.commands,
        runtime.read_models,
        keyring=runtime.keyring,
        senders={"email": smtp, "sms": SmsSender(settings.sms, settings=SmsSettings())},
        templates=templates,
        clock=runtime.clock,
    )
    sentences, inbox_of = Sentences.read(SENTENCES), Inbox(runtime.read_models, templates)
    return Service(
        routers=[
            messages_router(runtime.read_models, sentences),
            looked_at_router(runtime.trail, "messages:own"),
            inbox_router(inbox_of),
            everything_router(runtime.read_models, inbox_of, sentences),
            digests_router(runtime.commands, runtime.read_models, runtime.keyring, runtime.clock),
            tender_news_router(runtime.commands, runtime.read_models, runtime.clock),
        ],
        projections=[
            *(pairs, programmes, affairs, tenders, gatherings, waiting, grants),
            *FORGETTING,
        ],
        access=Access(grants, ROLES, belongings(runtime.read_models)),
        reactions=[
            tell(runtime.commands, runtime.clock),
            tell_volunteers(runtime.commands, runtime.read_models, runtime.clock),
            tell_coordinators(runtime.commands, runtime.read_models, runtime.clock),
            tell_members(runtime.commands, runtime.read_models, runtime.keyring, runtime.clock),
            purge_people(runtime.commands, runtime.read_models, runtime.keyring, runtime.clock),
            tell_enrolled(runtime.commands, runtime.read_models, runtime.clock),
        ],
        timers=[
            send_when_due(sending.send),
            remind_at_half_time(runtime.commands, runtime.clock),
            remind_to_say_done(runtime.commands, runtime.clock),
            look_on_mornings(runtime.commands, runtime.read_models, runtime.clock),
        ],
        sentences=SENTENCES,
        pages=PAGES,
    )
