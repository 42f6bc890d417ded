"""/api/conversations: what the inbox lists, one conversation with its messages, and everything that an agent can do with it."""

from datetime import datetime
from typing import Any, cast, get_args

import msgspec
from litestar import MediaType, Response, get, post
from litestar.params import FromPath

from rapport.conversations import inbox
from rapport.errors import BadInput, NotFound
from rapport.ledger.tables import read_rows, read_where
from rapport.model.bilingual import said_in
from rapport.model.conversation import Conversation
from rapport.model.ids import read_id, show_id
from rapport.model.message import Media, Message
from rapport.model.person import Handle
from rapport.web.acting import OF_A_CONVERSATION, act
from rapport.web.centre_now import centre_now
from rapport.web.desk.checks_reading import window_of
from rapport.web.desk.views import chosen_in, narrow_of
from rapport.web.idempotency import once
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

VIEWS: tuple[str, ...] = get_args(inbox.View)
MOST, MOST_MESSAGES = 100, 500


class Brief(msgspec.Struct, frozen=True, omit_defaults=True):
    """A conversation. Ids are 32 hexadecimal digits; `waiting_since` absent: no answer is owed."""

    id: str
    state: str
    channel: str
    kind: str
    reach: str
    last_at: datetime
    name: str = ""
    preview: str = ""
    subject: str = ""
    language: str = ""
    intent: str = ""
    urgency: float = 0.0
    agent: str = ""
    team: str = ""
    bot: bool = False
    unread: bool = False
    messages: int = 0
    waiting_since: datetime | None = None
    due_at: datetime | None = None
    offer: str = ""
    draft: str = ""
    disposition: str = ""
    labels: tuple[str, ...] = ()
    priority: str = ""


class Briefs(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of conversations; `next` absent: there are no more."""

    conversations: tuple[Brief, ...]
    next: str = ""


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message: `direction` in, out or note; `standing` how far it got."""

    id: str
    at: datetime
    direction: str
    standing: str
    reach: str
    text: str = ""
    author: str = ""
    agent: str = ""
    subject: str = ""
    language: str = ""
    media: tuple[Media, ...] = ()
    reason: str = ""


class Writable(msgspec.Struct, frozen=True):
    """Whether the network lets us answer now: `until` when, where that is known; `why` not; `template`: only such a text."""

    now: bool
    until: datetime | None = None
    why: str = ""
    template: bool = False


class Sign(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the conversation shows: the kind of signal, its words, the message that has them; `state` open, met or late."""

    kind: str
    words: str
    at: datetime
    state: str
    message: str = ""
    until: datetime | None = None


class Whole(msgspec.Struct, frozen=True, omit_defaults=True):
    """A conversation and its messages, oldest first; what it shows; the feelings of their messages."""

    conversation: Brief
    person: str
    messages: tuple[Line, ...]
    writable: Writable
    signals: tuple[Sign, ...] = ()
    moods: tuple[str, ...] = ()


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an action needs. `argument`: a disposition, an agent or team, or a time, as the action asks."""

    text: str = ""
    argument: str = ""
    reach: str = ""
    subject: str = ""
    reason: str = ""
    offer: str = ""
    draft: str = ""
    message: str = ""
    values: dict[str, float | str | bool] = {}


class Became(msgspec.Struct, frozen=True):
    """What became of it: `done` false: it is on record and will be done. `result` names what it made."""

    done: bool
    result: str = ""


_asked = msgspec.json.Decoder(Asked)


@get(
    "/api/conversations",
    opt=needs("desk.read")
    | {
        "gives": Briefs,
        "says": "Conversations of a view, as the inbox lists them",
        "asks": {
            "view": f"one of {', '.join(VIEWS)}",
            "agent": "whose, in the view mine; oneself where it is not given",
            "team": "which, in the view team",
            "label, channel, brand, language, priority, signal": "narrow the view",
            "holder": "only what this agent has; `-` for nobody",
            "after": "`next` of the page before",
            "limit": f"at most {MOST}",
        },
    },
)
async def listed(request: AnyRequest) -> Response[bytes]:
    """A page of a view."""
    who, asked = current(request), request.query_params
    view = _view(asked.get("view", "open"))
    limit = _number(asked.get("limit", "50"))
    filters = chosen_in({**asked, "agent": asked.get("holder", "")})
    narrow = narrow_of(filters, await centre_now(office_of(request), who.tenant))
    async with office_of(request).store.within(who.tenant, readonly=True) as db:
        rows = await inbox.inbox(
            db,
            who.tenant,
            view,
            asked.get("agent", who.agent),
            asked.get("team", ""),
            _place(asked.get("after", "")),
            limit,
            narrow,
        )
    following = _show_place(*rows[-1].place(view)) if len(rows) == limit else ""
    return _json(Briefs(tuple(brief(row) for row in rows), following))


@get(
    "/api/conversations/{conversation:str}",
    opt=needs("desk.read") | {"gives": Whole, "says": "A conversation and its messages"},
)
async def one(request: AnyRequest, conversation: FromPath[str]) -> Response[bytes]:
    """One conversation."""
    who, id = current(request), _id(conversation, "conversation")
    async with office_of(request).store.within(who.tenant, readonly=True) as db:
        found = await read_rows(db, who.tenant, Conversation, [id])
        if not found:
            raise NotFound(f"no conversation {conversation}")
        where = "conversation is not null and conversation = $2 order by at desc, id desc limit $3"
        messages = await read_where(db, who.tenant, Message, where, id, MOST_MESSAGES)
        handles = await read_rows(db, who.tenant, Handle, [found[0].handle])
    window = window_of(office_of(request), who.tenant, found[0], handles[0] if handles else None, messages, found[0].reach)
    why = said_in(window.closed, language_of(request))
    lines = tuple(_line(message) for message in reversed(messages))
    writable = Writable(not why, window.until, why, window.template)
    signs = tuple(
        Sign(s.kind, s.words, s.at, s.state, show_id(s.message) if s.message else "", s.until) for s in found[0].signals
    )
    return _json(Whole(brief(found[0]), show_id(found[0].person), lines, writable, signs, found[0].moods))


@post(
    "/api/conversations/{conversation:str}/{action:str}",
    opt=needs("desk.write") | {"takes": Asked, "gives": Became, "says": f"Act: {', '.join(sorted(OF_A_CONVERSATION))}"},
    status_code=200,
)
async def do(request: AnyRequest, conversation: FromPath[str], action: FromPath[str]) -> Response[bytes]:
    """Do something with a conversation; the same actions as at the desk."""
    office, who, id = office_of(request), current(request), _id(conversation, "conversation")
    if action not in OF_A_CONVERSATION:
        raise BadInput(f"no action {action[:40]!r}; one of {', '.join(sorted(OF_A_CONVERSATION))}")
    body = await request.body()
    request.scope["rapport.body"] = body  # type: ignore[typeddict-unknown-key]  # errors.py names the value met
    asked = _asked.decode(body) if body else Asked()
    async with office.store.within(who.tenant, readonly=True) as db:
        found = await read_rows(db, who.tenant, Conversation, [id])
    if not found:
        raise NotFound(f"no conversation {conversation}")
    offer = _id(asked.offer, "offer") if asked.offer else found[0].offer
    draft = _id(asked.draft, "draft") if asked.draft else found[0].draft

    async def answer(key: str) -> tuple[int, Any]:  # Any: Became
        outcome = await act(
            office,
            who,
            action,
            conversation=id,
            offer=offer if action in {"accept", "decline"} else None,
            draft=draft if action in {"approve", "return", "withdraw", "unsend"} else None,
            reach=asked.reach,
            argument=asked.argument,
            text=asked.text,
            subject=asked.subject,
            reason=asked.reason,
            message=_id(asked.message, "message") if asked.message else None,
            values=asked.values,
            once=key,
        )
        if outcome is None:
            return 202, Became(False)
        return 200, Became(True, show_id(outcome.result) if outcome.result else "")

    return await once(request, body, answer)


def brief(row: Any) -> Brief:  # Any: an InboxRow or a Conversation, which have these fields
    """A conversation as the API shows it."""
    names = [name for name in Brief.__struct_fields__ if name not in {"id", "offer", "draft"}]
    fields = {name: getattr(row, name) for name in names}
    offer, draft = (show_id(value) if value else "" for value in (row.offer, row.draft))
    return Brief(id=show_id(row.id), offer=offer, draft=draft, **fields)


def _line(message: Message) -> Line:
    names = [name for name in Line.__struct_fields__ if name != "id"]
    return Line(id=show_id(message.id), **{name: getattr(message, name) for name in names})


def _view(text: str) -> inbox.View:
    if text not in VIEWS:
        raise BadInput(f"view must be one of {', '.join(VIEWS)}, got {text[:40]!r}")
    return cast("inbox.View", text)  # VIEWS are its values


def _id(text: str, what: str) -> bytes:
    found = read_id(text)
    if found is None:
        raise BadInput(f"{what} must be 32 hexadecimal digits, got {text[:40]!r}")
    return found


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MOST):
        raise BadInput(f"limit must be from 1 to {MOST}, got {text[:20]!r}")
    return int(text)


def _place(text: str) -> tuple[datetime, bytes] | None:
    at, _, id = text.rpartition("~")
    if not text:
        return None
    found = read_id(id)
    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        when = None
    if found is None or when is None or when.tzinfo is None:
        raise BadInput(f"after must be `next` of the page before, got {text[:60]!r}")
    return when, found


def _show_place(at: datetime, id: bytes) -> str:
    return f"{at.isoformat().replace('+00:00', 'Z')}~{show_id(id)}"


def _json(said: msgspec.Struct) -> Response[bytes]:
    return Response(msgspec.json.encode(said), media_type=MediaType.JSON, headers={"cache-control": "no-store"})


HANDLERS = [listed, one, do]
