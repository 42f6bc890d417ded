"""/people/rules: rules that the centre's own record speaks for, with their counts; switched on and off by somebody."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any
from weakref import WeakKeyDictionary

import msgspec
from litestar import MediaType, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from rapport.errors import BadInput, Conflict
from rapport.model.attribute import Value
from rapport.model.centre import Centre, Signal
from rapport.people.learnt.features import MESSAGE
from rapport.people.learnt.looking import BEFORE, Looked, look
from rapport.people.learnt.proposing import Proposal
from rapport.store.pool import Store
from rapport.web.centre_now import centre_now
from rapport.web.going import go
from rapport.web.idempotency import once
from rapport.web.languages import retell
from rapport.web.page import render
from rapport.web.security import AnyRequest, current, language_of, needs, office_of
from rapport.web.settled import settled

READ, WRITE = needs("centre.read"), needs("centre.write")
OURS = "learnt-"  # how the ids of these rules begin
FRESH = timedelta(seconds=60)  # a look is shown for so long: it reads much, and no decision changes what it finds
LAST = 20  # of their events that a rule looks at
DOINGS = ("on", "off", "decline")
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


class RulesPage(msgspec.Struct, frozen=True):
    """Rules to decide on, where somebody asked for a look, and those that were decided."""

    decided: tuple[Signal, ...]
    proposals: tuple[Proposal, ...] = ()
    looked: Looked | None = None
    problem: str = ""


class Rule(msgspec.Struct, frozen=True):
    """A rule that the record speaks for. `had` of `of` confirmed people had it before, and so `denied` and `others`."""

    id: str
    attribute: str
    value: Value
    event: str
    where: dict[str, str]
    words: tuple[str, ...]
    had: int
    of: int
    others: int
    others_of: int
    denied: int
    denied_of: int
    lift: float


class Deciding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is done with a rule: `on`, `off` or `decline`."""

    id: str
    do: str


class Decided(msgspec.Struct, frozen=True):
    """Whether it holds now."""

    id: str
    enabled: bool


_deciding = msgspec.json.Decoder(Deciding)


@dataclass(slots=True)
class _Look:
    """The last look of a tenant; whoever asks meanwhile waits for it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    found: tuple[datetime, Looked] | None = None


_looks: "WeakKeyDictionary[Store, dict[int, _Look]]" = WeakKeyDictionary()


async def _looked(request: AnyRequest, centre: Centre) -> tuple[Looked, tuple[Proposal, ...]]:
    """What the record says, at most a minute old, and what of it nobody has decided."""
    office, tenant = office_of(request), current(request).tenant
    last, now = _looks.setdefault(office.store, {}).setdefault(tenant, _Look()), office.clock.now()
    async with last.lock:
        if last.found is None or not timedelta() <= now - last.found[0] < FRESH:
            async with office.store.within(tenant, readonly=True) as db:
                last.found = office.clock.now(), await look(db, tenant, now)
        found = last.found[1]
    return found, tuple(one for one in found.proposals if one.id not in centre.signals)


@get("/people/rules", opt=READ, include_in_schema=False)
async def rules_page(request: AnyRequest) -> Response[str]:
    """Rules that were decided; with `look`, those that could be."""
    return await _page(request)


async def _page(request: AnyRequest, problem: str = "") -> Response[str]:
    centre = await centre_now(office_of(request), current(request).tenant, fresh=True)
    decided = tuple(sorted((s for s in centre.signals.values() if s.id.startswith(OURS)), key=lambda s: (not s.enabled, s.id)))
    looked, proposals = await _looked(request, centre) if "look" in request.query_params or problem else (None, ())
    page = RulesPage(decided, proposals, looked, problem)
    return await render(request, "people_rules.html", page, status=409 if problem else 200)


async def decide(request: AnyRequest, id: str, do: str) -> bool:
    """Switch a rule on or off, or decline it; whether it holds now. Raises BadInput, Conflict."""
    if do not in DOINGS:
        raise BadInput(f"what is done with a rule must be one of {', '.join(DOINGS)}, got {do[:40]!r}")
    office, who = office_of(request), current(request)
    centre = await centre_now(office, who.tenant, fresh=True)
    rule = centre.signals.get(id) if id.startswith(OURS) else None
    if rule is None:
        found = next((one for one in (await _looked(request, centre))[1] if one.id == id), None)
        if found is None:
            raise Conflict("The record does not speak for this rule any more. Look again.")
        rule = signal_of(found, f"{office.clock.now():%Y-%m-%d}")
    changed = msgspec.structs.replace(rule, enabled=do == "on")
    await office.intake.set_things(who.tenant, [("signal", id, msgspec.json.encode(changed))], by=who.agent)
    await settled(office, who.tenant)
    return changed.enabled


def signal_of(rule: Proposal, day: str) -> Signal:
    """The rule as a signal of the centre; `about` keeps its counts."""
    feature = rule.feature
    return Signal(
        rule.id,
        feature.event,
        {rule.attribute: rule.value},
        where={feature.key: feature.value} if feature.key else {},
        last=LAST,
        days=float(BEFORE.days),
        words=(feature.word,) if feature.event == MESSAGE and feature.word else (),
        about=f"{day}: {rule.had}/{rule.of}, {rule.denied}/{rule.denied_of} denied, {rule.others}/{rule.others_of} others",
    )


@post("/people/rules", opt=WRITE, include_in_schema=False)
async def decide_page(request: AnyRequest, data: Form) -> Response[Any]:
    """Switch a rule on or off, or decline it."""
    try:
        await decide(request, data.get("rule", ""), data.get("do", ""))
    except Conflict as refused:
        return await _page(request, retell(language_of(request), str(refused)))
    return go("/people/rules?look=1" if "look" in data else "/people/rules")


@get(
    "/api/people/rules", opt=READ | {"gives": list[Rule], "says": "Rules that the centre's record speaks for, not decided yet"}
)
async def rules(request: AnyRequest) -> Response[bytes]:
    """Every rule that nobody has decided."""
    centre = await centre_now(office_of(request), current(request).tenant, fresh=True)
    _, proposals = await _looked(request, centre)
    said = [_rule(one) for one in proposals]
    return Response(msgspec.json.encode(said), media_type=MediaType.JSON, headers={"cache-control": "no-store"})


def _rule(one: Proposal) -> Rule:
    made = signal_of(one, "")
    counts = (one.had, one.of, one.others, one.others_of, one.denied, one.denied_of, one.lift)
    return Rule(one.id, one.attribute, one.value, made.event, made.where, made.words, *counts)


@post("/api/people/rules", opt=WRITE | {"takes": Deciding, "gives": Decided, "says": "Switch a rule on or off, or decline it"})
async def decide_rule(request: AnyRequest) -> Response[bytes]:
    """The same by the API."""
    body = await request.body()
    request.scope["rapport.body"] = body  # type: ignore[typeddict-unknown-key]  # errors.py names the value met
    asked = _deciding.decode(body)

    async def answer(key: str) -> tuple[int, Any]:  # Any: Decided
        return 200, Decided(asked.id, await decide(request, asked.id, asked.do))

    return await once(request, body, answer)


HANDLERS = [rules_page, decide_page, rules, decide_rule]
