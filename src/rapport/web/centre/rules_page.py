"""Rules: what each does and when, what it would have done in the last week, and the switch."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import msgspec
from litestar import MediaType, Response, get, post
from litestar.params import FromPath

from rapport.errors import NotFound, SetupError
from rapport.model.centre import Centre
from rapport.model.playbook import Deed, Rule, said_in
from rapport.web.centre.pieces import set_piece
from rapport.web.centre_now import centre_now
from rapport.web.desk.actions import go
from rapport.web.page import render
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

SEE, SET = needs("centre.read"), needs("centre.write")


class RuleShown(msgspec.Struct, frozen=True):
    """A rule as its row shows it. `actions`: what is done, and with which words."""

    id: str
    title: str
    on: tuple[str, ...]
    when: str
    actions: tuple[tuple[str, str], ...]
    enabled: bool


class RulesPage(msgspec.Struct, frozen=True):
    """All rules; `trial` of the rule `tried`, where one was tried."""

    rules: tuple[RuleShown, ...]
    tried: str = ""
    trial: Any = None  # Any: conversations.rules.trying.Trial
    switched: str = ""


class TrialTold(msgspec.Struct, frozen=True):
    """What a rule would have done since then, for programs: how often, and the latest times."""

    since: datetime
    looked_at: int
    events: int
    fired: int
    conversations: int
    cut: bool
    hits: list[dict[str, Any]]  # Any: plain JSON


def _words(deed: Deed, language: str) -> tuple[str, str]:
    return deed.do, deed.argument or said_in(deed.text, language)


def shown(centre: Centre, language: str) -> tuple[RuleShown, ...]:
    """Every rule, those in force first."""
    rules = sorted(centre.rules.values(), key=lambda rule: (not rule.enabled, rule.id))
    return tuple(
        RuleShown(
            rule.id, said_in(rule.title, language) or rule.id, rule.on, rule.when,
            tuple(_words(deed, language) for deed in rule.actions), rule.enabled,
        )
        for rule in rules
    )  # fmt: skip


async def _rule(request: AnyRequest, name: str) -> Rule:
    rule = (await centre_now(office_of(request), current(request).tenant)).rules.get(name)
    if rule is None:
        raise NotFound(f"no rule {name[:60]!r} in this centre")
    return rule


async def _tried(request: AnyRequest, name: str) -> Any:  # Any: Trial
    rule = await _rule(request, name)
    try_rule: Callable[[int, Rule], Awaitable[Any]] | None = office_of(request).try_rule
    if try_rule is None:
        raise SetupError("this process cannot read the record back; ask another one")
    return await try_rule(current(request).tenant, rule)


async def _page(request: AnyRequest, **more: Any) -> Response[str]:  # Any: fields of RulesPage
    centre = await centre_now(office_of(request), current(request).tenant)
    return await render(request, "rules.html", RulesPage(shown(centre, language_of(request)), **more))


@get("/rules", opt=SEE, include_in_schema=False)
async def rules(request: AnyRequest) -> Response[str]:
    """Every rule."""
    return await _page(request, switched=str(request.query_params.get("said", ""))[:3])


@post("/rules/{rule:str}/try", opt=SEE, include_in_schema=False)
async def try_it(request: AnyRequest, rule: FromPath[str]) -> Response[str]:
    """What the rule would have done in the last week."""
    return await _page(request, tried=rule, trial=await _tried(request, rule))


@post("/rules/{rule:str}/{switch:str}", opt=SET, include_in_schema=False)
async def switch_it(request: AnyRequest, rule: FromPath[str], switch: FromPath[str]) -> Response[Any]:
    """Put a rule in force, or out of it."""
    if switch not in ("on", "off"):
        raise NotFound(f"a rule is switched on or off, not {switch[:40]!r}")
    changed = msgspec.structs.replace(await _rule(request, rule), enabled=switch == "on")
    await set_piece(office_of(request), current(request), "rule", rule, msgspec.json.encode(changed))
    return go(f"/rules?said={switch}")


@post(
    "/api/rules/{rule:str}/try",
    opt=SEE | {"gives": TrialTold, "says": "What a rule would have done in the last week; nothing is changed"},
    status_code=200,
)
async def try_by_api(request: AnyRequest, rule: FromPath[str]) -> Response[bytes]:
    """The same for programs."""
    trial = await _tried(request, rule)
    hits = [{"at": hit.at, "event": hit.event, "conversation": hit.conversation.hex(), "says": hit.says} for hit in trial.hits]
    told = TrialTold(trial.since, trial.looked_at, trial.events, trial.fired, trial.conversations, trial.cut, hits)
    return Response(msgspec.json.encode(told), media_type=MediaType.JSON)


HANDLERS = [rules, try_it, switch_it, try_by_api]
