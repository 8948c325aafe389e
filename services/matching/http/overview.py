"""What a coordinator needs to see the whole: which programmes there are, and every proposal that is under way."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from chassis.auth import Principal
from chassis.http import MinPositionHeader, Page, Paging, Router, caller, paged
from chassis.read_models import ReadModels
from contracts.policy import Category
from services.matching.http.views import ListedProposalView
from services.matching.policies import KnownPolicy, Policies
from services.matching.projections.policies import programmes_of
from services.matching.projections.proposals import first_to_end_first

Anybody = Annotated[Principal, caller("matching:read", "matching:manage", "matching:answer")]
Reader = Annotated[Principal, caller("matching:read", "matching:manage")]


class ProgrammeView(BaseModel):
    """What can be chosen in a programme. `title` by language; empty where nobody has given it one."""

    code: str
    title: dict[str, str]
    paused: bool
    categories: list[Category]
    support_forms: list[str]
    kinds: list[str]

    @classmethod
    def of(cls, code: str, known: KnownPolicy) -> "ProgrammeView":
        policy = known.policy
        return cls(
            code=code,
            title=dict(policy.title),
            paused=known.paused,
            categories=list(policy.categories),
            support_forms=list(policy.support_forms),
            kinds=[kind.code for kind in policy.kinds],
        )


class ProgrammeList(BaseModel):
    """By code."""

    items: list[ProgrammeView]


def overview_router(reading: ReadModels, policies: Policies) -> APIRouter:
    router = Router(prefix="/v1", tags=["overview"])

    @router.get("/programmes")
    async def programmes(who: Anybody) -> ProgrammeList:
        """Those of the tenant, as far as they have been heard of here."""
        codes = await programmes_of(reading, who.tenant)
        return ProgrammeList(items=[ProgrammeView.of(code, await policies.known(who.tenant, code)) for code in codes])

    @router.get("/proposals")
    async def under_way(
        who: Reader,
        paging: Annotated[Paging, paged()],
        at_least: MinPositionHeader,
        state: Annotated[Literal["live", "agreed", "in-touch"], Query()] = "live",
    ) -> Page[ListedProposalView]:
        """Who is asked and has not answered, or has agreed and is not yet in touch, or has a task to do; the first
        deadline first."""
        found = await first_to_end_first(
            reading, who.tenant, state, after=paging.after, limit=paging.limit + 1, at_least=at_least
        )
        shown = found[: paging.limit]
        last = [shown[-1]["until"], shown[-1]["proposal_id"]] if len(found) > len(shown) else None
        return paging.page([ListedProposalView.of(one) for one in shown], next_after=last)

    return router
