"""One Telegram bot as a channel."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from urllib.parse import urlsplit

import msgspec

from rapport.channels.budget import Lane
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
from rapport.channels.fields import settings_of
from rapport.channels.json_api import JsonApi
from rapport.channels.limits import limits_of
from rapport.channels.splitting import split
from rapport.channels.telegram.api import Bot, HookState, Me, Posted, judge
from rapport.channels.telegram.files import PLACE, send_file
from rapport.channels.telegram.parse import KINDS, NAME, said_in
from rapport.channels.telegram.places import chat_of, message_of, number_in
from rapport.channels.units import measure
from rapport.channels.webhook import Challenge, Rejected, Request, Verified
from rapport.clock import Clock
from rapport.errors import BadInput, Refused, SendError, Unavailable
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Incoming, Media, Reach

LIMITS = limits_of(__package__)
PATIENCE = 3  # readings for which a file may fail
DONE_ALREADY = ("message is not modified", "message to delete not found")
FIELDS = (
    Field("token", Wording("Clave del bot, de @BotFather", "Token of the bot, from @BotFather"), secret=True),
    Field("mode", Wording("Cómo se recibe", "How messages come"), "poll", choices=("poll", "webhook")),
    Field("webhook_secret", Wording("Secreto del webhook (secret_token)", "Secret of the webhook (secret_token)"), "", True),
    Field("server", Wording("Servidor de la API", "Server of the API"), "https://api.telegram.org"),
)


class _Place(msgspec.Struct, frozen=True):
    """The cursor: the offset that confirms what was taken in, and when that was."""

    offset: int = 0
    at: datetime | None = None


@dataclass(slots=True)
class TelegramChannel:
    """One bot to which Telegram posts. `me`: its id. `known`: the webhook's secret."""

    bot: Bot
    me: int
    known: str
    clock: Clock
    capabilities: Capabilities
    _failed: dict[str, int] = field(default_factory=dict)

    async def probe(self) -> Probe:
        """Ask who we are, and how updates come."""
        now, caps = self.clock.now(), self.capabilities
        try:
            me: Me = await self.bot.read("getMe", Me)
            hook: HookState = await self.bot.read("getWebhookInfo", HookState)
        except SendError as error:
            return Probe(False, ailing(error), caps, now)
        name = f"@{me.username}"
        if bool(hook.url) == bool(caps.poll):
            es = (
                "El bot tiene un webhook: quítelo con deleteWebhook."
                if hook.url
                else "Falta setWebhook: Telegram no nos llama."
            )
            en = (
                "The bot has a webhook: take it away with deleteWebhook."
                if hook.url
                else "setWebhook is missing: nobody calls us."
            )
            return Probe(False, Wording(es, en), caps, now, name)
        trouble = f" ({hook.last_error_message[:200]})" if hook.last_error_message else ""
        return Probe(True, Wording(f"Conectado como {name}.{trouble}", f"Connected as {name}.{trouble}"), caps, now, name)

    def verify(self, request: Request, now: datetime) -> Verified | Challenge | Rejected:
        """Whether the request carries the secret that was given to setWebhook."""
        told = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not self.known:
            return Rejected("the account has no webhook_secret")
        if not compare_digest(told.encode("utf-8", "replace"), self.known.encode()):
            return Rejected("x-telegram-bot-api-secret-token is not ours")
        return Verified((request.body,))

    def parse(self, raw: bytes) -> list[Event]:
        """What an update says."""
        return [*said_in(raw, self.me, self.clock.now())]

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """A bot may write only to somebody who started it."""
        if exchange.heard_at is None:
            es, en = "Esta persona no ha iniciado el bot.", "This person has not started the bot."
            return Eligibility(False, Wording(es, en))
        return Eligibility(True)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """Parts of at most 4,096 UTF-16 code units."""
        limit = LIMITS.text_limit
        parts = tuple(split(text, limit, lambda part: measure(part, LIMITS.unit)))
        many = Wording(f"Sale en {len(parts)} mensajes.", f"It goes out in {len(parts)} messages.")
        return Fitted(parts, limit, Unit.UTF16, (many,) if len(parts) > 1 else ())

    async def deliver(self, part: Part, once: str) -> Receipt:
        """Send it to the person, or to the group where they wrote."""
        chat, answered = chat_of(part)
        told: dict[str, object] = {"chat_id": chat, "text": part.text}
        if answered:
            told["reply_parameters"] = {"message_id": answered, "allow_sending_without_reply": True}
        if "/topic/" in part.thread and part.reach is Reach.PUBLIC:
            told["message_thread_id"] = number_in(part.thread.rpartition("/")[2])
        now = self.clock.now()
        if chat < 0:
            self._spend_group(chat, now)
        if part.files:
            posted: Posted = await send_file(self.bot, part.files[0], told)
        else:
            posted = await self.bot.do("sendMessage", Posted, **told)
        at = datetime.fromtimestamp(posted.date, UTC) if 0 < posted.date < 1 << 33 else now
        return Receipt(f"{chat}/{posted.message_id}", at)

    async def moderate(self, op: Op, key: str, argument: str, once: str) -> None:
        """Edit or delete a message of ours, or react to one."""
        chat, number = message_of(key)
        told: dict[str, object] = {"chat_id": chat, "message_id": number}
        try:
            if op is Op.EDIT:
                await self.bot.do("editMessageText", msgspec.Raw, **told, text=argument)
            elif op is Op.DELETE:
                await self.bot.do("deleteMessage", bool, **told)
            elif op in (Op.REACT, Op.UNREACT):
                signs = [{"type": "emoji", "emoji": argument}] if op is Op.REACT else []
                await self.bot.do("setMessageReaction", bool, **told, reaction=signs)
            else:
                raise Refused(f"a bot cannot {op} a message")
        except Refused as error:
            if not any(words in str(error) for words in DONE_ALREADY):
                raise

    async def complete(self, events: Sequence[Event]) -> Page:
        """What Telegram posted, with its files."""
        files: dict[str, bytes] = {}

        async def file(name: str) -> bytes | str:
            try:
                return await self.bot.file(name, LIMITS.lengths["file"])
            except (Refused, Unavailable) as error:
                return str(error)

        return Page(tuple([await self._with_files(event, files, file) for event in events]), None, files=files)

    async def _with_files(self, event: Event, files: dict[str, bytes], ask: Callable[[str], Awaitable[bytes | str]]) -> Event:
        """The event with what `ask` gives for each file: its bytes, which go into `files`, or why there are none."""
        if not isinstance(event, Incoming) or not event.media:
            return event
        media: list[Media] = []
        for shown in event.media:
            data = await ask(shown.url.removeprefix(PLACE))
            if isinstance(data, str):
                media.append(msgspec.structs.replace(shown, reason=data[:300], url=""))
                continue
            name = hashlib.sha256(data).hexdigest()
            files[name] = data
            media.append(msgspec.structs.replace(shown, blob=name, size=len(data), url=""))
        return msgspec.structs.replace(event, media=tuple(media))

    def _spend_group(self, chat: int, now: datetime) -> None:
        budget, name = self.bot.api.budget, f"group {chat}"
        budget.allow(name, LIMITS.lengths["group_per_minute"], timedelta(minutes=1), now)
        budget.spend(name, Lane.REPLY, now)


class TelegramReader(TelegramChannel):
    """One bot that reads its updates itself; Telegram keeps them until an offset behind them is asked for."""

    async def pull(self, cursor: bytes | None) -> Page:
        """The updates from the cursor's offset on: asking for it confirms what is before, which is in the ledger by now."""
        place = _read(cursor)
        told: dict[str, object] = {"limit": LIMITS.lengths["page"], "timeout": 0, "allowed_updates": list(KINDS)}
        now = self.clock.now()
        # after a week of silence Telegram begins anew with a number that may be lower
        if place.offset and place.at and now - place.at < LIMITS.window("silence"):
            told["offset"] = place.offset
        updates: list[msgspec.Raw] = await self.bot.read("getUpdates", list[msgspec.Raw], **told)
        events: list[Event] = []
        files: dict[str, bytes] = {}
        for raw in updates:
            events += [await self._with_files(event, files, self._file) for event in self.parse(bytes(raw))]
        if updates:
            place = _Place(1 + max(_update_id(bytes(raw)) for raw in updates), now)
        return Page(tuple(events), msgspec.json.encode(place), len(updates) >= LIMITS.lengths["page"], files)

    async def _file(self, name: str) -> bytes | str:
        """The bytes, or why not. One file that cannot be had does not stop what comes behind it."""
        try:
            data = await self.bot.file(name, LIMITS.lengths["file"])
        except Refused as error:  # larger than 20 MB, or gone
            data = str(error)
        except Unavailable as error:
            self._failed[name] = self._failed.get(name, 0) + 1
            if self._failed[name] < PATIENCE:
                raise
            data = str(error)
        self._failed.pop(name, None)
        return data


def _read(cursor: bytes | None) -> _Place:
    try:
        return msgspec.json.decode(cursor or b"{}", type=_Place)
    except (msgspec.MsgspecError, ValueError):
        return _Place()


def _update_id(raw: bytes) -> int:
    try:
        return msgspec.json.decode(raw, type=_Numbered).update_id
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return 0


class _Numbered(msgspec.Struct, frozen=True):
    update_id: int = 0


def _capabilities(poll: float) -> Capabilities:
    return Capabilities(
        kind=ChannelKind.CHAT,
        reaches=frozenset(Reach),
        text_limit=LIMITS.text_limit,
        unit=Unit.UTF16,
        poll=poll,
        ops=frozenset({Op.REPLY, Op.SEND_DIRECT, Op.EDIT, Op.DELETE, Op.REACT, Op.UNREACT}),
        edits_seen=True,
        media=LIMITS.media,
        reads_back=bool(poll),
        one_sign=frozenset(Reach),
    )


def open_telegram(account: Account, means: Means) -> Channel:
    """The bot that an account's settings name."""
    given = settings_of(account, FIELDS, means.secret)
    number, _, rest = given["token"].strip().partition(":")
    if not number_in(number) or not rest or not all(sign.isalnum() or sign in "-_" for sign in rest):
        raise BadInput(f"`token` of account {account.id!r} must look like 123456:ABC…, as @BotFather gives it")
    server = urlsplit(given["server"].rstrip("/"))
    if server.scheme not in ("http", "https") or not server.hostname:
        raise BadInput(f"`server` of account {account.id!r} must look like https://api.telegram.org, got {given['server']!r}")
    if given["mode"] == "webhook" and not given["webhook_secret"]:
        raise BadInput(f"account {account.id!r} needs 'webhook_secret' where `mode` is webhook: 32 random letters")
    LIMITS.fill(means.budget, means.clock.now())
    root = server.geturl()
    api = JsonApi(means.http, f"{root}/bot{number}:{rest}", means.clock, budget=means.budget, judge=judge)
    kind, poll = (TelegramReader, LIMITS.poll) if given["mode"] == "poll" else (TelegramChannel, 0.0)
    bot = Bot(api, f"{root}/file/bot{number}:{rest}")
    return kind(bot, int(number), given["webhook_secret"], means.clock, _capabilities(poll))


NETWORK = Network(NAME, Wording("Telegram", "Telegram"), FIELDS, open_telegram, Evidence.CONTRACT, ("{server}",))
