"""A poll for everybody: its question, one vote for each browser, and a chart that grows while one looks at it."""

import asyncio
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import TooManyRequestsException
from litestar.params import Body, FromPath

from rapport.access.poll_links import NO_POLL, poll_link, read_poll_link, read_voter, voter_text
from rapport.errors import BadInput, Conflict
from rapport.measures.polls.counting import Tally, poll_of, tallies, vote_of
from rapport.model.fact import VoteCast
from rapport.model.poll import Poll
from rapport.web.centre_now import centre_now
from rapport.web.chat.webchat import throttled
from rapport.web.going import go
from rapport.web.languages import LANGUAGES
from rapport.web.office import Office
from rapport.web.page import fragment, render
from rapport.web.polls.limits import ALL_VOTES, NEW_VOTERS, VOTES
from rapport.web.security import EVERYONE, FROM_OUR_PAGES, AnyRequest, address_of, language_of, office_of
from rapport.web.wording import show_deadline

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
HEADERS = {"referrer-policy": "no-referrer"}
COUNTED_FOR = timedelta(seconds=2)
MOST_COUNTED = 1_000  # polls


class PollNow(msgspec.Struct, frozen=True):
    """A poll as it stands. `tallies` empty: its results are not shown to who looks. `refresh`: where it is fetched anew.

    `closes`: when it ends, by the clock of the centre, in the language of who looks.
    """

    poll: Poll
    tallies: tuple[Tally, ...]
    is_open: bool
    refresh: str
    closes: str
    votes: int


class PollPage(msgspec.Struct, frozen=True):
    """The page. `chosen`: what this browser voted, -1 for nothing; `voted`: it did so just now; `asked`: see `asked_in`."""

    now: PollNow
    house: str
    link: str
    chosen: int
    voted: bool
    asked: str


class Looked(msgspec.Struct, frozen=True):
    """Who looks at which poll."""

    tenant: int
    poll: Poll
    voter: bytes | None
    chosen: int


@dataclass(slots=True)
class _Count:
    """What was counted of a poll, and when; one counts at a time."""

    tallies: tuple[Tally, ...] = ()
    at: datetime | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


def cookie_of(poll: Poll) -> str:
    """What the browser's mark for a poll is called."""
    return f"rapport_poll_{poll.id.hex()[-16:]}"


async def _looked(request: AnyRequest, link: str) -> Looked:
    office = office_of(request)
    tenant, id = read_poll_link(link, key=office.key)
    async with office.store.within(tenant, readonly=True) as db:
        poll = await poll_of(db, tenant, id)
        if poll is None:
            raise BadInput(NO_POLL)
        voter = read_voter(request.cookies.get(cookie_of(poll), ""), tenant, id, key=office.key)
        vote = await vote_of(db, tenant, id, voter) if voter is not None else None
    return Looked(tenant, poll, voter, vote.choice if vote is not None else -1)


async def now_of(request: AnyRequest, tenant: int, poll: Poll, *, may_see: bool, refresh: str) -> PollNow:
    """How a poll stands."""
    office = office_of(request)
    counted = await _counted(office, tenant, poll) if may_see else ()
    now, zone = office.clock.now(), (await centre_now(office, tenant)).profile.zone
    closes = show_deadline(poll.closes_at, language_of(request), zone)
    return PollNow(poll, counted, poll.is_open(now), refresh + asked_in(request), closes, sum(one.votes for one in counted))


async def _counted(office: Office, tenant: int, poll: Poll) -> tuple[Tally, ...]:
    """The votes, counted at most once in `COUNTED_FOR`, however many look."""
    kept: dict[tuple[int, bytes], _Count] = office.memory.setdefault("poll counts", {})
    if (tenant, poll.id) not in kept and len(kept) >= MOST_COUNTED:
        kept.pop(next(iter(kept)))
    one = kept.setdefault((tenant, poll.id), _Count())
    async with one.lock:
        now = office.clock.now()
        if one.at is None or now - one.at >= COUNTED_FOR:
            async with office.store.within(tenant, readonly=True) as db:
                one.tallies, one.at = await tallies(db, tenant, poll), now
    return one.tallies


def asked_in(request: AnyRequest) -> str:
    """The language that the address asks for, as `?lang=es`: what the page leads to keeps it; "" where it asks for none."""
    language = str(request.query_params.get("lang", ""))
    return f"?lang={language}" if language in LANGUAGES else ""


def _may_see(office: Office, looked: Looked, voted: bool) -> bool:
    """Whether the results are shown: always, to who has voted, or once it is closed."""
    if not looked.poll.is_open(office.clock.now()) or looked.poll.results == "always":
        return True
    return looked.poll.results == "voted" and (looked.chosen >= 0 or voted)


async def _now(request: AnyRequest, link: str, looked: Looked, voted: bool) -> PollNow:
    office = office_of(request)
    seen = _may_see(office, looked, voted)
    return await now_of(request, looked.tenant, looked.poll, may_see=seen, refresh=f"/poll/{link}/now")


@get("/poll/{link:str}", opt=EVERYONE, include_in_schema=False)
async def poll(request: AnyRequest, link: FromPath[str]) -> Response[str]:
    """The question and, where they may be seen, the results."""
    office, looked = office_of(request), await _looked(request, link)
    voted = request.query_params.get("voted") == "1" and looked.voter is not None
    house = (await centre_now(office, looked.tenant)).profile.name
    page = PollPage(await _now(request, link, looked, voted), house, link, looked.chosen, voted, asked_in(request))
    return await render(request, "poll_public.html", page, headers=HEADERS)


@get("/poll/{link:str}/now", opt=EVERYONE, include_in_schema=False)
async def chart(request: AnyRequest, link: FromPath[str]) -> Response[str]:
    """The chart as it is now."""
    return await fragment(request, "poll_now.html", await _now(request, link, await _looked(request, link), voted=False))


@post("/poll/{link:str}", opt=FROM_OUR_PAGES, include_in_schema=False)
async def vote(request: AnyRequest, link: FromPath[str], data: Form) -> Response[Any]:
    """Vote, or vote otherwise: the last choice of a browser counts."""
    office, looked = office_of(request), await _looked(request, link)
    chosen = data.get("choice", "")
    if not chosen.isdecimal() or len(chosen) > 2 or int(chosen) >= len(looked.poll.choices):
        raise BadInput("choose one of the answers, then vote")
    if not looked.poll.is_open(office.clock.now()):
        raise Conflict("this poll is closed; your vote was not counted")
    _hold_back(office, looked, address_of(request))
    voter = looked.voter or os.urandom(16)
    await office.intake.record(looked.tenant, [VoteCast(looked.poll.id, voter, int(chosen))])
    answer = go(f"/poll/{link}?voted=1{asked_in(request).replace('?', '&')}")
    answer.set_cookie(
        key=cookie_of(looked.poll),
        value=voter_text(looked.tenant, looked.poll.id, voter, key=office.key),
        max_age=int(max(1.0, (looked.poll.closes_at - office.clock.now()).total_seconds())) + 30 * 86_400,
        path=f"/poll/{poll_link(looked.tenant, looked.poll.id, key=office.key)}",
        httponly=True,
        secure=office.secure,
        samesite="lax",
    )
    return answer


def _hold_back(office: Office, looked: Looked, address: str) -> None:
    """Raise TooManyRequestsException where an address brings too many new voters, a voter changes their mind too often, or
    more is voted than people do.
    """
    known = looked.voter is not None
    rate, name = (VOTES, "poll votes") if known else (NEW_VOTERS, "poll voters")
    key = looked.voter.hex() if looked.voter is not None else f"{looked.poll.id.hex()} {network_of(address)}"
    if wait := throttled(office, name, rate, key):
        said = "many votes came from where you are; wait a while, then vote again"
        raise TooManyRequestsException(detail=said, headers={"retry-after": str(wait)})
    if wait := throttled(office, "poll as a whole", ALL_VOTES, looked.poll.id.hex()):
        said = "very many are voting just now; wait a minute, then vote again"
        raise TooManyRequestsException(detail=said, headers={"retry-after": str(wait)})


def network_of(address: str) -> str:
    """Whose address it is: of IPv6 the first 64 bits, as one household or one machine has all the rest."""
    try:
        given = ip_address(address)
    except ValueError:
        return address
    if not isinstance(given, IPv6Address):
        return address
    return str(given.ipv4_mapped or IPv6Address(int(given) >> 64 << 64))


HANDLERS = [poll, chart, vote]
