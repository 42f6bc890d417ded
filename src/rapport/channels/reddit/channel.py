"""One user on Reddit, and the subreddits that it looks after."""

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from rapport.channels.capabilities import Wording
from rapport.channels.channel import (
    Capabilities,
    Channel,
    Eligibility,
    Event,
    Evidence,
    Exchange,
    Field,
    Fitted,
    Means,
    Network,
    Op,
    Page,
    Part,
    Probe,
    Receipt,
    Unit,
    address_of,
    ailing,
)
from rapport.channels.fields import number, settings_of
from rapport.channels.json_api import JsonApi, Ration
from rapport.channels.limits import limits_of
from rapport.channels.reddit.api import READ, REPLY, ROOT, TOKENS, Reddit, of_user
from rapport.channels.reddit.parse import COMMENT, LETTER, NAME, POST, said_in, thing_of
from rapport.channels.splitting import split
from rapport.channels.tokens import Granted, basic
from rapport.channels.watermark import OVERLAP, Found, cursor_of, fresh, read_back, since, watermark
from rapport.channels.wire import honest, key_of, line
from rapport.clock import Clock
from rapport.errors import BadInput, Refused, SendError, Unavailable
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Reach

LIMITS = limits_of(__package__)
LATE = timedelta(minutes=2)  # between Reddit's clock and ours
DOES = {Op.DELETE: "/api/del", Op.HIDE: "/api/remove", Op.UNHIDE: "/api/approve", Op.MARK_READ: "/api/read_message"}
FIELDS = (
    Field("user", Wording("Usuario, sin u/", "User, without u/")),
    Field("client_id", Wording("ID de la aplicación", "Client ID")),
    Field("client_secret", Wording("Secreto de la aplicación", "Client secret"), secret=True),
    Field("refresh_token", Wording("Clave de renovación (permanente)", "Refresh token (permanent)"), secret=True),
    Field("subreddits", Wording("Subreddits que se leen enteros", "Subreddits that are read whole"), ""),
    Field("days", Wording("Días atrás en la primera lectura", "Days back at the first reading"), "7"),
)
CAPABILITIES = Capabilities(
    kind=ChannelKind.SOCIAL,
    reaches=frozenset(Reach),
    text_limit=LIMITS.text_limit,
    can_locate=True,
    poll=LIMITS.poll,
    ops=frozenset({Op.REPLY, Op.SEND_DIRECT, Op.EDIT, *DOES}),
    edits_seen=True,
    only=dict.fromkeys((Op.EDIT, Op.DELETE, Op.HIDE, Op.UNHIDE), Reach.PUBLIC) | {Op.MARK_READ: Reach.PRIVATE},
)


@dataclass(slots=True)
class RedditChannel:
    """One user. `places`: the subreddits of which everything is heard."""

    reddit: Reddit
    user: str
    places: tuple[str, ...]
    clock: Clock
    back: timedelta
    capabilities: Capabilities = CAPABILITIES

    async def probe(self) -> Probe:
        """Ask who we are."""
        now = self.clock.now()
        try:
            me = await self.reddit.me()
        except SendError as error:
            return Probe(False, ailing(error), self.capabilities, now)
        if me.name.lower() != self.user.lower() or me.is_suspended:
            why = "suspendida / suspended" if me.is_suspended else f"u/{me.name}"
            es, en = f"El permiso no es el de u/{self.user} ({why}).", f"The consent is not that of u/{self.user} ({why})."
            return Probe(False, Wording(es, en), self.capabilities, now)
        name = f"u/{me.name}"
        return Probe(True, Wording(f"Conectado como {name}.", f"Connected as {name}."), self.capabilities, now, name)

    def parse(self, raw: bytes) -> list[Event]:
        """What a thing says."""
        return [*said_in(raw, self.user, self.clock.now())]

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """Whoever still has an account."""
        if address_of(exchange.handle, NAME) == "[deleted]":
            return Eligibility(False, Wording("Esa cuenta ya no existe.", "That account is not there any more."))
        return Eligibility(True)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """Parts of at most 10,000 characters."""
        parts = tuple(split(text, LIMITS.text_limit))
        marks = Wording("Reddit lo lee como Markdown.", "Reddit reads it as Markdown.")
        return Fitted(parts, LIMITS.text_limit, Unit.CHARS, (marks,) if re.search(r"[*_#>`~^\[]", text) else ())

    async def deliver(self, part: Part, once: str) -> Receipt:
        """Answer where it was said, or write privately."""
        now = self.clock.now()
        thing = _answered(part)
        if thing:
            made = await self.reddit.comment(thing, part.text)
            return Receipt(key_of(made.name) if made else once, honest(made.at if made else None, now))
        to = address_of(part.to, NAME)
        await self.reddit.compose(to, line(part.subject, LIMITS.lengths["subject"]) or "Re:", part.text)
        try:
            found = await self._ours("/message/sent", part, now - LATE)
        except SendError:  # it went out; what it is called can be asked later
            found = None
        return Receipt(found or once, now)

    async def pull(self, cursor: bytes | None) -> Page:
        """What came to the inbox and was said in the subreddits, oldest first."""
        now, mark = self.clock.now(), watermark(cursor)
        lists = ["/message/inbox", *(f"/r/{place}/{what}" for place in self.places for what in ("comments", "new"))]
        found: list[Found] = []
        for path in lists:
            found += await read_back(self._turn(path, now), since(mark, now, self.back))
        new, mark = fresh(mark, found, now, OVERLAP)
        return Page(tuple(event for one in new for event in self.parse(one.raw)), cursor_of(mark))

    async def locate(self, part: Part, once: str, near: datetime) -> str | None:
        """What we wrote since about then with the same words, in the same place."""
        letter = part.reach is Reach.PRIVATE
        found = await self._ours("/message/sent" if letter else of_user(self.user, "comments"), part, near - LATE)
        if found is None and self.clock.now() - near < LIMITS.window("tellable"):
            raise Unavailable("Reddit may still be showing it", LIMITS.window("tellable"))
        return found

    async def moderate(self, op: Op, key: str, argument: str, once: str) -> None:
        """Change or take away what we wrote; as a moderator remove and approve; mark a message as read."""
        if op is Op.EDIT:
            await self.reddit.edit(key, argument)
        elif op in DOES:
            await self.reddit.do(DOES[op], {"id": key} | ({"spam": "false"} if op is Op.HIDE else {}))
        else:
            raise Refused(f"Reddit cannot {op} a message")

    async def _ours(self, path: str, part: Part, until: datetime) -> str | None:
        answered = _answered(part)
        for one in await read_back(self._turn(path, self.clock.now()), until):
            thing = thing_of(one.raw)
            if thing is None or (thing.data.body or "").split() != part.text.split():
                continue
            if answered:
                same = answered in (thing.data.parent_id, thing.data.first_message_name)
            else:
                same = (thing.data.dest or "").lower() == address_of(part.to, NAME).lower()
            if same:
                return key_of(thing.data.name)
        return None

    def _turn(self, path: str, now: datetime) -> Callable[[str], Awaitable[tuple[list[Found], str]]]:
        async def turn(token: str) -> tuple[list[Found], str]:
            raws, after = await self.reddit.listed(path, token, READ if path != "/message/sent" else REPLY)
            return [_found(raw, now) for raw in raws], after

        return turn


def _found(raw: bytes, now: datetime) -> Found:
    thing = thing_of(raw)
    if thing is None:
        return Found(hashlib.sha256(raw).hexdigest(), now, raw)
    return Found(f"{thing.data.name}@{thing.data.edited}", honest(thing.data.at, now), raw)


def _answered(part: Part) -> str:
    """The thing that is answered; "": a private message is written anew. Raises Refused where neither can be."""
    thing = part.in_reply_to or part.thread
    kind = thing.partition("_")[0]
    if part.reach is Reach.PRIVATE:
        return thing if kind == LETTER else ""
    if kind not in (COMMENT, POST):
        raise Refused("a public answer on Reddit needs the comment or the post that it answers")
    return thing


def open_reddit(account: Account, means: Means) -> Channel:
    """The user that an account's settings name."""
    given = settings_of(account, FIELDS, means.secret)
    places = tuple(place.removeprefix("r/") for place in given["subreddits"].replace(",", " ").split())
    for name in (given["user"], *places):
        if not re.fullmatch(r"[\w-]{2,30}", name, re.ASCII):
            raise BadInput(f"`user` and `subreddits` of account {account.id!r} must be names of Reddit, got {name!r}")
    agent = {"User-Agent": f"web:rapport:0.1 (by /u/{given['user']})"}
    form = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    told = dict(basic(given["client_id"], given["client_secret"]).told) | agent
    signs = Granted(means.http, TOKENS, lambda: form, means.clock, told, means.kept)
    LIMITS.fill(means.budget, means.clock.now())
    api = JsonApi(means.http, ROOT, means.clock, signs, means.budget, Ration(limit=""), headers=agent)
    return RedditChannel(Reddit(api), given["user"], places, means.clock, timedelta(days=number(given, "days")))


HOSTS = ("oauth.reddit.com", "www.reddit.com")
NETWORK = Network(NAME, Wording("Reddit", "Reddit"), FIELDS, open_reddit, Evidence.CONTRACT, HOSTS)
