"""/api/polls: polls with what was voted so far, a new one, and its end, for programs; by the rules of the pages."""

import os
from datetime import datetime

import msgspec
from litestar import MediaType, Response, get, post
from litestar.params import FromPath

from rapport.access.poll_links import poll_link
from rapport.errors import BadInput, NotFound
from rapport.measures.polls.counting import Listed, Tally, listed, poll_of, tallies
from rapport.model.fact import PollSet
from rapport.model.ids import named_id, read_id, show_id
from rapport.model.poll import MOST, Poll
from rapport.web.centre_now import centre_now
from rapport.web.languages import zone_named
from rapport.web.polls.polls_page import poll_said
from rapport.web.security import AnyRequest, current, needs, office_of

SEE, WRITE = needs("reports.read"), needs("polls.write")


class PollListed(msgspec.Struct, frozen=True):
    """A poll. `question` and each of `choices` by language; `address`: where people vote; `votes`: how many did."""

    id: str
    question: dict[str, str]
    choices: tuple[dict[str, str], ...]
    at: datetime
    closes_at: datetime
    by: str
    results: str
    is_open: bool
    address: str
    votes: int


class PollTold(msgspec.Struct, frozen=True):
    """A poll with what was voted: for each choice, from 0, how many, their share, and its interval of 95 % (Wilson)."""

    poll: PollListed
    tallies: tuple[Tally, ...]


class PollWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A poll to be made. `question` and each of `choices` in es, en or both; `results`: always, voted or closed."""

    question: dict[str, str]
    choices: tuple[dict[str, str], ...]
    closes_at: datetime
    results: str = "always"


def _json(value: object, status: int = 200) -> Response[bytes]:
    headers = {"cache-control": "no-store"}
    return Response(msgspec.json.encode(value), status_code=status, media_type=MediaType.JSON, headers=headers)


def _listed(request: AnyRequest, one: Listed) -> PollListed:
    office, poll = office_of(request), one.poll
    address = f"{office.public_url}/poll/{poll_link(current(request).tenant, poll.id, key=office.key)}"
    return PollListed(
        show_id(poll.id), poll.question, poll.choices, poll.at, poll.closes_at, poll.by, poll.results,
        poll.is_open(office.clock.now()), address, one.votes,
    )  # fmt: skip


async def _one(request: AnyRequest, id: str) -> tuple[Poll, tuple[Tally, ...]]:
    tenant = current(request).tenant
    async with office_of(request).store.within(tenant, readonly=True) as db:
        found = await poll_of(db, tenant, named) if (named := read_id(id)) else None
        if found is None:
            raise NotFound("there is no such poll; choose one of the list")
        return found, await tallies(db, tenant, found)


@get("/api/polls", opt=SEE | {"gives": list[PollListed], "says": "The polls, those made last first"})
async def polls(request: AnyRequest) -> Response[bytes]:
    """The polls."""
    tenant = current(request).tenant
    async with office_of(request).store.within(tenant, readonly=True) as db:
        return _json([_listed(request, one) for one in await listed(db, tenant)])


@get("/api/polls/{id:str}", opt=SEE | {"gives": PollTold, "says": "A poll with what was voted so far"})
async def poll(request: AnyRequest, id: FromPath[str]) -> Response[bytes]:
    """A poll and its votes, which are never hidden from who makes polls."""
    found, counted = await _one(request, id)
    return _json(PollTold(_listed(request, Listed(found, sum(one.votes for one in counted))), counted))


@post("/api/polls", opt=WRITE | {"takes": PollWanted, "gives": PollListed, "says": "Make a poll; people may vote at once"})
async def make(request: AnyRequest) -> Response[bytes]:
    """Make a poll."""
    body = await request.body()
    request.scope["rapport.body"] = body  # type: ignore[typeddict-unknown-key]  # errors.py names the value met
    told = msgspec.json.decode(body, type=PollWanted)
    if len(told.choices) > MOST:
        raise BadInput(f"a poll has at most {MOST} answers to choose from, got {len(told.choices)}")
    office, who = office_of(request), current(request)
    now, zone = office.clock.now(), zone_named((await centre_now(office, who.tenant)).profile.zone)
    form = {f"question_{code}": text for code, text in told.question.items()}
    form |= {f"choice_{n}_{code}": text for n, choice in enumerate(told.choices) for code, text in choice.items()}
    form |= {"closes": told.closes_at.isoformat(), "results": told.results}
    fact = poll_said(form, named_id(now, "poll", os.urandom(8)), who.agent, now, zone)
    await office.intake.record(who.tenant, [fact])
    made = Poll(fact.poll, fact.question, fact.choices, now, fact.closes_at, fact.by, fact.results)
    return _json(_listed(request, Listed(made, 0)), status=201)


@post(
    "/api/polls/{id:str}/close",
    status_code=200,
    opt=WRITE | {"gives": PollListed, "says": "End a poll now; what was voted stands"},
)
async def close(request: AnyRequest, id: FromPath[str]) -> Response[bytes]:
    """End a poll now."""
    office, who = office_of(request), current(request)
    found, counted = await _one(request, id)
    if found.is_open(now := office.clock.now()):
        await office.intake.record(
            who.tenant, [PollSet(found.id, found.question, found.choices, now, who.agent, found.results)]
        )  # fmt: skip
        found = msgspec.structs.replace(found, closes_at=now)
    return _json(_listed(request, Listed(found, sum(one.votes for one in counted))))


HANDLERS = [polls, poll, make, close]
