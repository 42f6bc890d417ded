"""Polls for who makes them: the list, a new one, its chart while people vote, its end."""

import os
from datetime import datetime, timedelta
from typing import Annotated, Any, get_args
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.access.poll_links import poll_link
from rapport.errors import BadInput, NotFound
from rapport.measures.polls.counting import Listed, listed, poll_of
from rapport.model.fact import PollSet
from rapport.model.ids import named_id, read_id
from rapport.model.poll import FEWEST, LANGUAGES, LONGEST, MOST, OPEN_AT_MOST, Poll, Results
from rapport.web.centre_now import centre_now
from rapport.web.going import go
from rapport.web.languages import retell, zone_named
from rapport.web.page import fragment, render
from rapport.web.polls.limits import NEW_VOTERS
from rapport.web.polls.poll_page import PollNow, now_of
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
SEE, WRITE = needs("reports.read"), needs("polls.write")
RESULTS: tuple[Results, ...] = get_args(Results)


class PollsPage(msgspec.Struct, frozen=True):
    """The list and the form. `given`: what was typed, where it could not be taken, with the `problem`."""

    found: tuple[Listed, ...]
    links: dict[str, str]
    may: bool
    given: dict[str, str]
    closes: str
    results: tuple[str, ...] = RESULTS
    most: int = MOST
    longest: int = LONGEST
    problem: str = ""
    made: str = ""


class PollPage(msgspec.Struct, frozen=True):
    """One poll. `address`: where people vote; `per_address`: how many new voters one address may bring an hour."""

    now: PollNow
    address: str
    may: bool
    per_address: int


@get("/polls", opt=SEE, include_in_schema=False)
async def polls(request: AnyRequest) -> Response[str]:
    """The polls."""
    made = read_id(str(request.query_params.get("made", "")))
    return await _list(request, {}, made=made.hex() if made is not None else "")


async def _list(request: AnyRequest, given: dict[str, str], problem: str = "", made: str = "") -> Response[str]:
    office, who = office_of(request), current(request)
    async with office.store.within(who.tenant, readonly=True) as db:
        found = await listed(db, who.tenant)
    zone = zone_named((await centre_now(office, who.tenant)).profile.zone)
    closes = (office.clock.now().astimezone(zone) + timedelta(days=7)).strftime("%Y-%m-%dT%H:00")
    links = {one.poll.id.hex(): f"/poll/{poll_link(who.tenant, one.poll.id, key=office.key)}" for one in found}
    page = PollsPage(tuple(found), links, who.may("polls.write"), given, closes, problem=problem, made=made)
    return await render(request, "polls.html", page, status=400 if problem else 200)


@post("/polls", opt=WRITE, include_in_schema=False)
async def make(request: AnyRequest, data: Form) -> Response[Any]:
    """Make a poll; people may vote from now on."""
    office, who = office_of(request), current(request)
    now = office.clock.now()
    zone = zone_named((await centre_now(office, who.tenant)).profile.zone)
    id = named_id(now, "poll", os.urandom(8))
    try:
        fact = poll_said(data, id, who.agent, now, zone)
    except BadInput as refused:
        return await _list(request, data, retell(language_of(request), str(refused)))
    await office.intake.record(who.tenant, [fact])
    return go(f"/polls?made={id.hex()}")


def poll_said(data: dict[str, str], id: bytes, by: str, now: datetime, zone: ZoneInfo) -> PollSet:
    """The poll that a form says. Raises BadInput with what is missing."""
    question = {code: _text(data.get(f"question_{code}", "")) for code in LANGUAGES}
    if not any(question.values()):
        raise BadInput("a poll needs a question, in Spanish or English or both")
    rows = [{code: _text(data.get(f"choice_{n}_{code}", "")) for code in LANGUAGES} for n in range(MOST)]
    choices = tuple(row for row in rows if any(row.values()))
    if len(choices) < FEWEST:
        raise BadInput(f"a poll needs {FEWEST} to {MOST} answers to choose from, got {len(choices)}")
    for code in LANGUAGES:
        told = [bool(text) for text in (question[code], *(choice[code] for choice in choices))]
        if any(told) and not all(told):
            raise BadInput("a language is used for the question and for every answer, or not at all; fill in what is missing")
        texts = [choice[code].casefold() for choice in choices if choice[code]]
        if len(set(texts)) < len(texts):
            raise BadInput("two answers are the same; write each of them once")
    closes = closing(data.get("closes", ""), now, zone)
    results = data.get("results", "always")
    if results not in RESULTS:
        raise BadInput(f"results are shown {', '.join(RESULTS)}, got {results[:20]!r}")
    kept = tuple({code: text for code, text in choice.items() if text} for choice in choices)
    return PollSet(id, {code: text for code, text in question.items() if text}, kept, closes, by, results)


def _text(said: str) -> str:
    text = " ".join(said.split())
    if len(text) > LONGEST:
        raise BadInput(f"a question or an answer has at most {LONGEST} letters, got {len(text)}")
    return text


def closing(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """When a poll closes, by the clock of the centre. Raises BadInput where it is no time, over, or too far."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(f"a poll closes at a time such as 2026-03-31T18:00, got {text[:30]!r}") from None
    at = at if at.tzinfo else at.replace(tzinfo=zone)
    if not now < at <= now + OPEN_AT_MOST:
        raise BadInput(f"a poll closes in the future, within {OPEN_AT_MOST.days} days, got {text[:30]!r}")
    return at


async def _one(request: AnyRequest, id: str) -> Poll:
    tenant, named = current(request).tenant, read_id(id)
    async with office_of(request).store.within(tenant, readonly=True) as db:
        found = await poll_of(db, tenant, named) if named else None
    if found is None:
        raise NotFound("there is no such poll; choose one of the list")
    return found


async def _now(request: AnyRequest, poll: Poll) -> PollNow:
    return await now_of(request, current(request).tenant, poll, may_see=True, refresh=f"/polls/{poll.id.hex()}/now")


@get("/polls/{id:str}", opt=SEE, include_in_schema=False)
async def one(request: AnyRequest, id: FromPath[str]) -> Response[str]:
    """A poll with its chart, which is never hidden from who makes polls."""
    office, who, poll = office_of(request), current(request), await _one(request, id)
    address = f"{office.public_url}/poll/{poll_link(who.tenant, poll.id, key=office.key)}"
    page = PollPage(await _now(request, poll), address, who.may("polls.write"), NEW_VOTERS[0])
    return await render(request, "poll.html", page)


@get("/polls/{id:str}/now", opt=SEE, include_in_schema=False)
async def chart(request: AnyRequest, id: FromPath[str]) -> Response[str]:
    """The chart as it is now."""
    return await fragment(request, "poll_now.html", await _now(request, await _one(request, id)))


@post("/polls/{id:str}/close", opt=WRITE, include_in_schema=False)
async def close(request: AnyRequest, id: FromPath[str]) -> Response[Any]:
    """End a poll now; what was voted stands."""
    office, who, poll = office_of(request), current(request), await _one(request, id)
    if poll.is_open(now := office.clock.now()):
        await office.intake.record(who.tenant, [PollSet(poll.id, poll.question, poll.choices, now, who.agent, poll.results)])
    return go(f"/polls/{poll.id.hex()}")


HANDLERS = [polls, make, one, chart, close]
