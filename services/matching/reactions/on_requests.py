"""What happens to a request at intake opens, closes and reopens its search."""

from chassis.command_handler import CommandHandler, Context
from chassis.reaction import Reaction
from contracts import topics
from contracts.envelope import RecordedEvent, StreamId
from contracts.intake import RequestAmended, RequestMet, RequestParked, RequestPosted, RequestResumed, RequestWithdrawn
from services.matching.domain.search import search
from services.matching.domain.search_commands import (
    AmendSearch,
    CloseSearch,
    Command,
    OpenSearch,
    ReopenSearch,
    SearchNotFound,
)


def on_requests(commands: CommandHandler) -> Reaction:
    """Safe to repeat: every command's id is derived from the event, and a search opens and closes once."""

    async def react(cause: RecordedEvent) -> None:
        command = _command(cause)
        if command is None:
            return
        stream = StreamId(cause.tenant, "search", cause.stream.id)
        try:
            begins, context = isinstance(command, OpenSearch), Context.caused_by(cause, "search")
            await commands.handle(search, stream, command, context=context, begins=begins)
        except SearchNotFound:
            # The request was declined at the door, so it never had a search.
            return

    return Reaction(
        "search-for-requests",
        topics=(topics.INTAKE,),
        handles=(RequestPosted, RequestAmended, RequestWithdrawn, RequestParked, RequestResumed, RequestMet),
        react=react,
    )


def _command(cause: RecordedEvent) -> Command | None:
    match cause.event:
        case RequestPosted() as posted:
            return OpenSearch(
                request_id=posted.request_id,
                person_id=posted.person_id,
                programme=posted.programme,
                category=posted.category,
                needed_since=posted.needed_since,
                wishes=posted.wishes,
            )
        case RequestAmended(wishes=wishes):
            return AmendSearch(wishes)
        case RequestWithdrawn():
            return CloseSearch("withdrawn")
        case RequestParked():
            return CloseSearch("parked")
        case RequestResumed():
            return ReopenSearch()
        case RequestMet(how=how) if how != "by-match":
            return CloseSearch("met")
        case _:
            return None
