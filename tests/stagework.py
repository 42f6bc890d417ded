"""A pipeline in memory for tests of stages: it folds entries into rows, asks the stages, and keeps every fact that follows."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec

from rapport.conversations import view as conversations_view
from rapport.ledger import folding
from rapport.ledger.entry import Entry, New
from rapport.ledger.views import Folds, Rows, Stage, Written
from rapport.model.agent import Agent
from rapport.model.conversation import Conversation
from rapport.model.fact import (
    ActionDone,
    ActionRefused,
    ActionTaken,
    CentreSet,
    EventData,
    Fact,
    JourneyEventSeen,
    MessageReceived,
    MessageUnderstood,
    OfferAccepted,
    PersonData,
    PersonDeclared,
    ReminderFell,
    Words,
    WrappedUp,
)
from rapport.model.fact_work import ActionCaused
from rapport.model.ids import derived_id
from rapport.model.interaction import Interaction
from rapport.model.message import ChannelKind, Message, Reach, Said
from rapport.model.reading import Reading
from rapport.model.reply import Reminder
from rapport.people import view as people_view
from rapport.replies import view as replies_view

START = datetime(2026, 3, 3, 16, 0, tzinfo=UTC)
KINDS = {
    "mastodon": ChannelKind.SOCIAL,
    "webchat": ChannelKind.CHAT,
    "email": ChannelKind.EMAIL,
    "sms": ChannelKind.SMS,
    "voice": ChannelKind.VOICE,
}
F = TypeVar("F", bound=Fact)
R = TypeVar("R", bound=msgspec.Struct)


def an_id(name: str) -> bytes:
    """The id that tests give to what they call `name`."""
    return derived_id(bytes(16), name)


def _understood(entry: Written, rows: Rows) -> None:
    reading = entry.content
    rows.change(
        Message,
        entry.fact.message,
        language=reading.language,
        intent=reading.intent,
        urgency=reading.urgency,
        words=reading.words,
        emotion=reading.emotion,
        wants_person=reading.wants_person,
        actionable=reading.actionable,
    )


def _accepted(entry: Written, rows: Rows) -> None:
    fact = entry.fact
    rows.put(Interaction(fact.interaction, fact.conversation, fact.agent, fact.slot, entry.at, bot=fact.bot))


def _wrapped(entry: Written, rows: Rows) -> None:
    rows.change(Interaction, entry.fact.interaction, ended_at=entry.at, disposition=entry.fact.disposition)


# Of understanding and matching only what the stages beside them read.
NEIGHBOURS: Folds = {MessageUnderstood: _understood, OfferAccepted: _accepted, WrappedUp: _wrapped}
VIEWS: tuple[Folds, ...] = (folding.FOLDS, NEIGHBOURS, people_view.FOLDS, conversations_view.FOLDS, replies_view.FOLDS)


class Stagework:
    """Rows, stages and a clock that stands still until it is moved; `facts` is all that happened."""

    def __init__(self, *stages: Stage, views: Sequence[Folds] = VIEWS, start: datetime = START) -> None:
        self.rows = Rows(start)
        self.stages = stages
        self.views = folding.together(*views)
        self.entries: list[Written] = []
        self._count = 0

    # ---- time

    @property
    def now(self) -> datetime:
        return self.rows.now

    def later(self, **amount: float) -> None:
        """Move the clock forward, to each reminder that falls due on the way."""
        until = self.now + timedelta(**amount)
        while (due := self._due(until)) is not None:
            self.rows.now = max(due.at, self.now)
            self._take(New(derived_id(due.id, int(due.at.timestamp())), self.now, due.subject, ReminderFell(due.id, due.what)))
            for stage in self.stages:
                step = stage.due.get(due.what)
                for new in step(due, self.rows) if step else ():
                    self._take(new)
        self.rows.now = until

    def _due(self, until: datetime) -> Reminder | None:
        return min((r for r in self.rows.all(Reminder) if r.at <= until), key=lambda r: (r.at, r.id), default=None)

    # ---- what comes in

    def tell(self, fact: Fact, content: msgspec.Struct | None = None, owner: bytes | None = None) -> list[New]:
        """Take in a fact; returns what followed from it."""
        self._count += 1
        before = len(self.entries)
        id = derived_id(bytes(16), "entry", self._count)
        self._take(Entry(1, self._count, id, self.now, id, fact, content, owner))
        return [e for e in self.entries[before + 1 :] if isinstance(e, New)]

    def _take(self, entry: Written) -> None:
        self.entries.append(entry)
        folding.fold(entry, self.rows, self.views)
        for stage in self.stages:
            kind = ActionTaken if isinstance(entry.fact, ActionCaused) else type(entry.fact)
            step = stage.steps.get(kind)
            for new in step(entry, self.rows) if step else ():
                self._take(new)

    def hear(
        self,
        text: str = "Hello",
        *,
        by: str = "mastodon:@ana@example.social",
        name: str = "",
        reach: Reach = Reach.PUBLIC,
        thread: str = "",
        in_reply_to: str = "",
        subject: str = "",
        account: str = "",
        **read: Any,
    ) -> Message:
        """A message that came in, was admitted and understood; `read`: fields of its Reading."""
        channel = by.partition(":")[0]
        self._count += 1
        id, key = an_id(f"message {self._count}"), f"key-{self._count}"
        handle = an_id(by)
        kind = KINDS[channel]
        fact = MessageReceived(
            id, handle, account or f"our-{channel}", channel, kind, reach, key, self.now, thread, in_reply_to
        )  # fmt: skip
        self.tell(fact, Said(text, by, name, subject), handle)
        reading = Reading(**{"words": tuple(text.lower().split()), **read})
        self.tell(MessageUnderstood(id, handle, reading.language, reading.intent, reading.urgency, "test"), reading, handle)
        return self.row(Message, id)

    def event(
        self, kind: str, by: str = "mastodon:@ana@example.social", ago: timedelta = timedelta(0), **data: Any
    ) -> list[New]:
        """A journey event of the person with this handle."""
        self._count += 1
        fact = JourneyEventSeen(an_id(f"event {self._count}"), an_id(by), kind, "test", self.now - ago)
        return self.tell(fact, EventData(data, by), an_id(by))

    def declare(self, *handles: str, name: str = "", **attributes: Any) -> list[New]:
        """What somebody tells us of a person."""
        ids = tuple(an_id(handle) for handle in handles)
        return self.tell(PersonDeclared(ids[0], ids, "crm"), PersonData(name, handles, attributes), ids[0])

    def set(self, kind: str, name: str, thing: msgspec.Struct) -> None:
        """Set a piece of the centre."""
        self.tell(CentreSet(kind, name, msgspec.json.encode(thing)))

    def agents(self, *agents: Agent | str) -> None:
        """Set agents of the centre."""
        for agent in agents:
            known = Agent(agent, name=agent.title()) if isinstance(agent, str) else agent
            self.set("agent", known.id, known)

    def act(self, agent: str, do: str, text: str = "", **fields: Any) -> ActionDone | ActionRefused:
        """What somebody does; returns what became of it. Exactly one answer is allowed."""
        self._count += 1
        told = (
            fields.pop(name, kind()) for name, kind in (("subject", str), ("reason", str), ("values", dict), ("files", tuple))
        )
        words = Words(text, *told)
        owner = an_id("nobody") if text or words.reason or words.values or words.files else None
        fact = ActionTaken(an_id(f"action {self._count}"), agent, do, **fields)
        followed = self.tell(fact, words if owner else None, owner)
        answered = [n.fact for n in followed if isinstance(n.fact, ActionDone | ActionRefused)]
        answers = [answer for answer in answered if answer.action == fact.action]
        assert len(answers) == 1, answers
        return answers[0]

    def accept(self, agent: str, conversation: Conversation, *, bot: bool = False) -> bytes:
        """An agent takes the conversation; returns the interaction that begins."""
        self._count += 1
        offer = an_id(f"offer {self._count}")
        interaction = derived_id(offer, "interaction")
        self.tell(OfferAccepted(offer, conversation.id, agent, interaction, conversation.kind.value, bot))
        return interaction

    # ---- what there is

    @property
    def facts(self) -> list[Fact]:
        return [entry.fact for entry in self.entries]

    def all(self, kind: type[F]) -> list[F]:
        """Every fact of a kind, oldest first."""
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def last(self, kind: type[F]) -> F:
        """The latest fact of a kind."""
        return self.all(kind)[-1]

    def row(self, table: type[R], id: bytes | None) -> R:
        """A row that must be there."""
        found = self.rows.get(table, id)
        assert found is not None
        return found

    def only(self, table: type[R]) -> R:
        """The one row of a table."""
        (found,) = self.rows.all(table)
        return found

    def conversation_of(self, message: Message) -> Conversation:
        """The conversation that a message belongs to now."""
        return self.row(Conversation, self.row(Message, message.id).conversation)

    def rebuilt(self) -> Rows:
        """The rows folded again from zero, at another time."""
        rows = Rows(self.now + timedelta(days=3650))
        for entry in self.entries:
            folding.fold(entry, rows, self.views)
        return rows


def everything(rows: Rows, tables: Iterable[type[msgspec.Struct]]) -> dict[str, dict[Any, msgspec.Struct]]:
    """All rows of these tables by id, to compare."""
    return {table.__name__: {row.id: row for row in rows.all(table)} for table in tables}
