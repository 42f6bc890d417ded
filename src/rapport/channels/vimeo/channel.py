"""One account on Vimeo: what people say under its videos, and what it answers."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

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
    ailing,
)
from rapport.channels.fields import number, settings_of
from rapport.channels.json_api import JsonApi, Ration
from rapport.channels.limits import limits_of
from rapport.channels.splitting import split
from rapport.channels.tokens import bearer
from rapport.channels.vimeo.api import ACCEPT, REPLY, ROOT, Vimeo
from rapport.channels.vimeo.parse import NAME, comment_of, said_in
from rapport.channels.vimeo.reading import read
from rapport.channels.watermark import deep_mark
from rapport.channels.wire import honest, key_of
from rapport.clock import Clock
from rapport.errors import Refused, SendError, Unavailable
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Reach

LIMITS = limits_of(__package__)
LATE = timedelta(minutes=2)  # between Vimeo's clock and ours
COMMENT = re.compile(r"/videos/\d+(:\w+)?/comments/\d+", re.ASCII)
FIELDS = (
    Field("token", Wording("Clave de acceso personal", "Personal access token"), secret=True),
    Field("days", Wording("Días que se miran hacia atrás", "Days that are looked back"), "30"),
)
CAPABILITIES = Capabilities(
    kind=ChannelKind.SOCIAL,
    reaches=frozenset({Reach.PUBLIC}),
    text_limit=LIMITS.text_limit,
    can_locate=True,
    poll=LIMITS.poll,
    ops=frozenset({Op.REPLY, Op.EDIT, Op.DELETE}),
)


@dataclass(slots=True)
class VimeoChannel:
    """One account. `me`: `/users/` and its number, asked once before the first reading."""

    vimeo: Vimeo
    clock: Clock
    back: timedelta
    me: str = ""
    capabilities: Capabilities = CAPABILITIES

    async def probe(self) -> Probe:
        """Ask who we are."""
        now = self.clock.now()
        try:
            found = await self.vimeo.me()
        except SendError as error:
            return Probe(False, ailing(error), self.capabilities, now)
        self.me, name = found.uri, found.name or found.uri
        return Probe(True, Wording(f"Conectado como {name}.", f"Connected as {name}."), self.capabilities, now, name)

    def parse(self, raw: bytes) -> list[Event]:
        """What a comment says."""
        return [*said_in(raw, self.me, self.clock.now())]

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """A comment may be answered in public; nobody can be written to directly."""
        if exchange.reach is Reach.PRIVATE and op in (Op.SEND_DIRECT, Op.SEND_NEW):
            return Eligibility(False, Wording("Vimeo no tiene mensajes por su API.", "Vimeo's API has no private messages."))
        return Eligibility(True)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """Comments of at most 2,000 characters."""
        parts = tuple(split(text, LIMITS.text_limit))
        many = Wording(f"Se publica en {len(parts)} partes.", f"It goes out in {len(parts)} parts.")
        return Fitted(parts, LIMITS.text_limit, Unit.CHARS, (many,) if len(parts) > 1 else ())

    async def deliver(self, part: Part, once: str) -> Receipt:
        """Answer under the comment."""
        made = await self.vimeo.answer(_answered(part), part.text)
        return Receipt(key_of(made.uri), honest(made.created_on, self.clock.now()))

    async def pull(self, cursor: bytes | None) -> Page:
        """The comments and answers after the cursor."""
        self.me = self.me or (await self.vimeo.me()).uri
        new, after = await read(self.vimeo, deep_mark(cursor), self.clock.now(), self.back)
        return Page(tuple(event for one in new for event in self.parse(one.raw)), msgspec.json.encode(after))

    async def locate(self, part: Part, once: str, near: datetime) -> str | None:
        """The answer of ours under that comment since about then, with the same words."""
        self.me, now = self.me or (await self.vimeo.me()).uri, self.clock.now()
        for raw in await self.vimeo.replies(_answered(part), REPLY):
            made = comment_of(raw)
            if made is None or made.user is None or made.user.uri != self.me:
                continue
            if (made.text or "").split() == part.text.split() and honest(made.created_on, now) >= near - LATE:
                return key_of(made.uri)
        if now - near < LIMITS.window("tellable"):
            raise Unavailable("Vimeo may still be showing it", LIMITS.window("tellable"))
        return None

    async def moderate(self, op: Op, key: str, argument: str, once: str) -> None:
        """Change or take away a comment."""
        if not COMMENT.fullmatch(key):
            raise Refused(f"{key!r} names no comment of Vimeo")
        if op is Op.EDIT:
            await self.vimeo.edit(key, argument)
        elif op is Op.DELETE:
            try:
                await self.vimeo.delete(key)
            except Refused as error:
                if "404" not in str(error):  # it is gone already
                    raise
        else:
            raise Refused(f"Vimeo cannot {op} a comment")


def _answered(part: Part) -> str:
    """The comment at the top of the thread. Raises Refused where there is none to answer."""
    if part.reach is not Reach.PUBLIC:
        raise Refused("a comment on Vimeo is public; it cannot be answered privately")
    for name in (part.thread, part.in_reply_to):
        if COMMENT.fullmatch(name):
            return name
    raise Refused("an answer on Vimeo needs the comment that it answers")


def open_vimeo(account: Account, means: Means) -> Channel:
    """The account that its settings name."""
    given = settings_of(account, FIELDS, means.secret)
    api = JsonApi(means.http, ROOT, means.clock, bearer(given["token"]), means.budget, Ration(), headers=ACCEPT)
    return VimeoChannel(Vimeo(api), means.clock, timedelta(days=number(given, "days")))


NETWORK = Network(
    NAME, Wording("Vimeo (comentarios)", "Vimeo (comments)"), FIELDS, open_vimeo, Evidence.CONTRACT, ("api.vimeo.com",)
)
