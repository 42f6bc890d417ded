"""Views of the inbox narrowed by filters, and one's own saved ones: all of it stands in the address."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

import asyncpg
from litestar import Response, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.conversations import saved_views
from rapport.conversations.inbox import VIEWS
from rapport.conversations.narrowing import NOBODY, Narrow, labels_in_use
from rapport.errors import BadInput
from rapport.model.centre import Centre
from rapport.model.conversation import PRIORITIES
from rapport.model.ids import read_id
from rapport.model.signal import SIGNALS
from rapport.web.desk.shown import Filters, Option, OwnView, Undo
from rapport.web.going import asked_id, go
from rapport.web.security import AnyRequest, Who, current, needs, office_of

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
FILTERS: tuple[str, ...] = ("label", "channel", "brand", "agent", "language", "priority", "signal")
LONGEST = 120


def chosen_in(asked: Mapping[str, Any]) -> dict[str, str]:  # Any: as an address gives it
    """The filters that an address names."""
    return {name: value for name in FILTERS if (value := str(asked.get(name, "")).strip()[:LONGEST])}


def narrow_of(chosen: Mapping[str, str], centre: Centre) -> Narrow:
    """What must hold of a conversation; a brand is the accounts that speak for it."""
    accounts = None
    if brand := chosen.get("brand", ""):
        accounts = tuple(sorted(account.id for account in centre.accounts.values() if account.brand == brand))
    names = ("label", "channel", "agent", "language", "priority", "signal")
    return Narrow(accounts=accounts, **{name: chosen[name] for name in names if name in chosen})


async def read_filters(
    db: asyncpg.Connection, who: Who, centre: Centre, chosen: dict[str, str], view: str, *, whole: bool
) -> Filters:
    """The filters of a page; `whole`: with what could be chosen, which a part of a page has no use for."""
    query = urlencode(chosen)
    own = tuple(
        OwnView(one.id, one.name, one.query, one.query == _normal(f"view={view}&{query}"))
        for one in await saved_views.of(db, who.tenant, who.agent)
    )
    if not whole:
        return Filters(chosen, {}, query, own)
    labels = await labels_in_use(db, who.tenant)
    people = sorted((agent for agent in centre.agents.values()), key=lambda agent: agent.name or agent.id)
    options = {
        "label": tuple(Option(label, label) for label in labels),
        "channel": tuple(Option(name, name) for name in sorted({account.channel for account in centre.accounts.values()})),
        "brand": tuple(Option(brand.id, brand.name or brand.id) for brand in centre.brands.values()),
        "agent": (Option(NOBODY, ""), *(Option(agent.id, agent.name or agent.id) for agent in people)),
        "language": tuple(Option(code, code) for code in centre.profile.languages),
        "priority": tuple(Option(name, name) for name in reversed(PRIORITIES)),
        "signal": tuple(Option(name, name) for name in SIGNALS),
    }
    return Filters(chosen, options, query, own)


# What takes back what a form has just done, by what it did; a page's address says so until it is read anew.
TAKES_BACK: Mapping[str, str] = {
    "label": "unlabel",
    "unlabel": "label",
    "prioritise": "prioritise",
    "snooze": "reopen",
    "resolve": "reopen",
    "transfer": "take",
    "spam": "not_spam",
    "not_spam": "spam",
    "block": "unblock",
    "unblock": "block",
    "merge": "unmerge",
    "split": "merge",
}


def undo_asked(asked: Mapping[str, Any]) -> Undo | None:  # Any: as an address gives it
    """The way back from what an address says was just done: `did`, `of` and `with`."""
    did, of, value = (str(asked.get(name, ""))[:LONGEST] for name in ("did", "of", "with"))
    if did not in TAKES_BACK or read_id(of) is None:
        return None
    return Undo(did, 1, f"{TAKES_BACK[did]}:{of}:{value.replace(',', ' ')}")


def _normal(query: str) -> str:
    """An address of a view with its filters, always written alike."""
    asked = dict(parse_qsl(query))
    view = asked.get("view", "mine")
    return urlencode({"view": view if view in VIEWS else "mine", **chosen_in(asked)})


@post("/desk/views", opt=needs("desk.write"), include_in_schema=False)
async def keep_view(request: AnyRequest, data: Form) -> Response[Any]:
    """Keep a view with its filters under a name."""
    office, who = office_of(request), current(request)
    name = " ".join(data.get("name", "").split())[:60]
    if not name:
        raise BadInput("a saved view needs a name")
    query = _normal(data.get("query", ""))
    async with office.store.within(who.tenant) as db:
        if not await saved_views.keep(db, who.tenant, who.agent, name, query):
            raise BadInput("at most 30 views can be saved; remove one first")
    return go(f"/desk?{query}#inbox")


@post("/desk/views/{view:str}/forget", opt=needs("desk.write"), include_in_schema=False)
async def forget_view(request: AnyRequest, view: FromPath[str], data: Form) -> Response[Any]:
    """Remove one of one's own saved views."""
    office, who = office_of(request), current(request)
    async with office.store.within(who.tenant) as db:
        await saved_views.forget(db, who.tenant, who.agent, asked_id(view, "view"))
    return go("/desk#inbox")


HANDLERS = [keep_view, forget_view]
