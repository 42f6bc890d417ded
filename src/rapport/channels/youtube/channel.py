"""One channel on YouTube: what people say under its videos, and what it answers."""

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
from rapport.channels.google_api import CONSENT_FIELDS, consent, google_api, next_day
from rapport.channels.limits import limits_of
from rapport.channels.splitting import split
from rapport.channels.tokens import ends_of
from rapport.channels.watermark import deep_mark
from rapport.channels.wire import honest, key_of
from rapport.channels.youtube.api import ASK, ROOT, YouTube
from rapport.channels.youtube.parse import NAME, comment_of, said_in, thread_of
from rapport.channels.youtube.reading import read
from rapport.clock import Clock
from rapport.errors import BadInput, Refused, SendError, Unavailable
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Reach

LIMITS = limits_of(__package__)
LATE = timedelta(minutes=2)  # between YouTube's clock and ours
STATUS = {Op.HIDE: "heldForReview", Op.UNHIDE: "published"}
FIELDS = (
    Field("channel", Wording("Identificador del canal (UC…)", "Channel ID (UC…)")),
    *CONSENT_FIELDS,
    Field("days", Wording("Días que se miran hacia atrás", "Days that are looked back"), "7"),
)

CAPABILITIES = Capabilities(
    kind=ChannelKind.SOCIAL,
    reaches=frozenset({Reach.PUBLIC}),
    text_limit=LIMITS.text_limit,
    can_locate=True,
    poll=LIMITS.poll,
    ops=frozenset({Op.REPLY, Op.HIDE, Op.UNHIDE, Op.EDIT, Op.DELETE}),
    edits_seen=True,
)


@dataclass(slots=True)
class YouTubeChannel:
    """One channel. `back`: how old a thread may be whose new answers are looked for."""

    youtube: YouTube
    clock: Clock
    back: timedelta
    capabilities: Capabilities = CAPABILITIES

    async def probe(self) -> Probe:
        """Ask whose consent we have."""
        now = self.clock.now()
        try:
            ours = await self.youtube.ours()
        except SendError as error:
            return Probe(False, ailing(error), self.capabilities, now)
        names = {one.id: one.snippet.title for one in ours}
        if self.youtube.channel not in names:
            had = ", ".join(names) or "–"
            es = f"El permiso es de otro canal ({had}); conéctelo con la cuenta de este."
            return Probe(False, Wording(es, f"The consent is of another channel ({had})."), self.capabilities, now)
        name = names[self.youtube.channel]
        health, ends = Wording(f"Conectado como {name}.", f"Connected as {name}."), ends_of(self.youtube.api.signs)
        return Probe(True, health, self.capabilities, now, name, ends)

    def parse(self, raw: bytes) -> list[Event]:
        """What a comment says."""
        return [*said_in(raw, self.youtube.channel, self.clock.now())]

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """A comment may be answered in public; nobody can be written to directly."""
        if exchange.reach is Reach.PRIVATE and op in (Op.SEND_DIRECT, Op.SEND_NEW):
            return Eligibility(False, Wording("YouTube no tiene mensajes privados.", "YouTube has no private messages."))
        return Eligibility(True)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """Comments of at most 10,000 characters."""
        parts = tuple(split(text, LIMITS.text_limit))
        units = len(parts) * LIMITS.lengths["write"]
        spent = Wording(f"Gasta {units} unidades de YouTube.", f"It takes {units} units of YouTube.")
        return Fitted(parts, LIMITS.text_limit, Unit.CHARS, (spent,) if parts else ())

    async def deliver(self, part: Part, once: str) -> Receipt:
        """Answer in the thread of the comment."""
        parent = _parent(part)
        made = await self.youtube.answer(parent, part.text)
        return Receipt(key_of(made.id), honest(made.snippet.published_at, self.clock.now()))

    async def pull(self, cursor: bytes | None) -> Page:
        """The comments after the cursor, and the answers in older threads once an hour."""
        new, after = await read(self.youtube, deep_mark(cursor), self.clock.now(), self.back)
        return Page(tuple(event for one in new for event in self.parse(one.raw)), msgspec.json.encode(after))

    async def locate(self, part: Part, once: str, near: datetime) -> str | None:
        """The comment of ours in that thread since about then, with the same words."""
        for raw in await self.youtube.replies(_parent(part), ASK):
            made = comment_of(raw)
            if made is None or made.snippet.author_channel_id is None:
                continue
            told, author = made.snippet, made.snippet.author_channel_id.value
            same = (told.text_original or told.text_display).split() == part.text.split()
            if author == self.youtube.channel and same and honest(told.published_at, self.clock.now()) >= near - LATE:
                return key_of(made.id)
        if self.clock.now() - near < LIMITS.window("tellable"):
            raise Unavailable("YouTube may still be showing it", LIMITS.window("tellable"))
        return None

    async def moderate(self, op: Op, key: str, argument: str, once: str) -> None:
        """Hold a comment back or show it again; change or take away one of ours."""
        if op in STATUS:
            await self.youtube.moderate(key, STATUS[op])
        elif op is Op.EDIT:
            await self.youtube.edit(key, argument)
        elif op is Op.DELETE:
            try:
                await self.youtube.delete(key)
            except Refused as error:
                if "404" not in str(error):  # it is gone already
                    raise
        else:
            raise Refused(f"YouTube cannot {op} a comment")


def _parent(part: Part) -> str:
    """The comment at the top of the thread. Raises Refused where there is none to answer."""
    if part.reach is not Reach.PUBLIC:
        raise Refused("a comment on YouTube is public; it cannot be answered privately")
    parent = thread_of(part.in_reply_to or part.thread)
    if not parent:
        raise Refused("an answer on YouTube needs the comment that it answers")
    return parent


def open_youtube(account: Account, means: Means) -> Channel:
    """The channel that an account's settings name."""
    given = settings_of(account, FIELDS, means.secret)
    if not re.fullmatch(r"UC[\w-]{22}", given["channel"], re.ASCII):
        raise BadInput(f"`channel` of account {account.id!r} must be UC and 22 letters, as in Advanced settings of YouTube")
    now, units = means.clock.now(), LIMITS.budgets["units"].limit
    LIMITS.fill(means.budget, now)
    means.budget.told("units", min(units, means.budget.buckets["units"].left), now, next_day(now), units)
    youtube = YouTube(google_api(means, ROOT, consent(means, given)), given["channel"])
    return YouTubeChannel(youtube, means.clock, timedelta(days=number(given, "days")))


HOSTS = ("www.googleapis.com", "oauth2.googleapis.com")
NETWORK = Network(NAME, Wording("YouTube (comentarios)", "YouTube (comments)"), FIELDS, open_youtube, Evidence.CONTRACT, HOSTS)
