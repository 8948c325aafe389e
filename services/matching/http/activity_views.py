"""What is shown of activities and sessions: whoever might come sees what, when and where, coordinators all of it."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from contracts.base import JsonObject
from services.matching.gatherings import Gathering


class SessionView(BaseModel):
    """A coming session; how many come is told nobody here, only whether there is room."""

    session_id: str
    begins_at: datetime
    ends_at: datetime
    room: str | None
    has_room: bool
    you_are_coming: bool

    @classmethod
    def of(cls, document: JsonObject, person_id: str) -> "SessionView":
        full = document["places"] is not None and len(document["enrolled"]) >= document["places"]
        coming = person_id in document["enrolled"]
        return cls.model_validate(document | {"has_room": not full, "you_are_coming": coming})


class HeldSessionView(BaseModel):
    """A session that took place, for somebody who had signed up; `title` is its activity's."""

    session_id: str
    activity_id: str
    title: str
    begins_at: datetime
    ends_at: datetime


class ActivityView(BaseModel):
    """A published activity. `title` and `what_we_do` are null where they were erased."""

    activity_id: str
    programme: str
    kind: str
    category: str | None
    title: str | None
    what_we_do: str | None
    sessions: list[SessionView]

    @classmethod
    def of(cls, gathering: Gathering, person_id: str) -> "ActivityView":
        sessions = [SessionView.of(one, person_id) for one in gathering.sessions]
        return cls.model_validate(gathering.activity | gathering.words | {"sessions": sessions})


class OwnActivityView(ActivityView):
    """An activity as whoever leads it sees it: how far it has come."""

    stage: Literal["proposed", "published", "closed"]
    has_supporter: bool

    @classmethod
    def of(cls, gathering: Gathering, person_id: str) -> "OwnActivityView":
        sessions = [SessionView.of(one, person_id) for one in gathering.sessions]
        shown = gathering.words | {"sessions": sessions}
        has_supporter = gathering.activity["supporter_id"] is not None
        return cls.model_validate(gathering.activity | shown | {"has_supporter": has_supporter})


class StaffedSessionView(BaseModel):
    """A session as a coordinator sees it. `heads` may be more than had signed up, or fewer; nobody is blamed."""

    session_id: str
    activity_id: str
    programme: str
    begins_at: datetime
    ends_at: datetime
    room: str | None
    places: int | None
    state: Literal["coming", "held", "called-off"]
    enrolled: list[str]
    heads: int | None


class StaffedActivityView(BaseModel):
    """An activity as a coordinator sees it, with all its sessions. `is_talk_only`: nothing seems to be done but
    talking; ask what else the group does together before it is published (S3.54)."""

    activity_id: str
    programme: str
    kind: str
    category: str | None
    offer_id: str | None
    title: str | None
    what_we_do: str | None
    is_talk_only: bool
    stage: Literal["proposed", "published", "closed"]
    lead_id: str
    supporter_id: str | None
    proposed_at: datetime
    sessions: list[StaffedSessionView]

    @classmethod
    def of(cls, gathering: Gathering) -> "StaffedActivityView":
        return cls.model_validate(gathering.activity | gathering.words | {"sessions": list(gathering.sessions)})
