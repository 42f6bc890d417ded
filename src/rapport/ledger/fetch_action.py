"""What actions name: rows in their arguments, messages whose parts change, and agents who go."""

from collections.abc import Iterable, Iterator

import msgspec

from rapport.ledger.views import Key, Rows, Written
from rapport.model.burst import MOST_TOLD
from rapport.model.conversation import Conversation
from rapport.model.fact import ActionTaken, CentreRemoved
from rapport.model.fact_workforce import BurstBegan, BurstFollowed
from rapport.model.ids import read_id
from rapport.model.message import Message
from rapport.model.need import Need
from rapport.model.playbook import Task
from rapport.model.reply import MARK_READ, Incident, Outgoing, reading_mark
from rapport.model.reviewed import Review, Reviewable, Sample
from rapport.model.telling import Telling

Table = type[msgspec.Struct]
UNDER_CONVERSATION: tuple[Table, ...] = (Message, Incident, Outgoing)  # release, retry_send: what the action may mean
OF_REVIEWS = frozenset(
    {"draw_sample", "close_calibration", "give_review", "leave_review", "see_review", "appeal", "answer_appeal"}
)
OF_TELLINGS = frozenset({"whisper_back", "seen_tellings"})
MOVES = frozenset({"merge", "unmerge", "split"})


def named_in(fact: ActionTaken) -> Iterator[tuple[Table, Key]]:
    """The rows that an action names in its argument, or in a field that is called as another table."""
    ids = [id for part in fact.argument.split(",") if (id := read_id(part)) is not None] if fact.do in NAMING else []
    if fact.do == "merge":
        yield from ((Conversation, id) for id in ids[:1])
    elif fact.do in ("release", "retry_send", "give_up"):
        if fact.conversation is not None:
            ids.append(fact.conversation)
        yield from ((table, id) for table in UNDER_CONVERSATION for id in ids)
    elif fact.do == "do_task":
        yield from ((Task, id) for id in ids[:1])
    elif fact.do in OF_TELLINGS:
        yield from ((Telling, id) for id in ids)
    elif fact.do in OF_REVIEWS and (id := read_id(fact.argument.partition(" ")[0])) is not None:
        yield from ((table, id) for table in (Reviewable, Review, Sample))


NAMING = frozenset({"merge", "release", "retry_send", "give_up", "do_task"}) | OF_TELLINGS


def leaving(entries: Iterable[Written]) -> set[str]:
    """The agents who go: whomever they have must be put to somebody else."""
    found = set()
    for entry in entries:
        fact = entry.fact
        if isinstance(fact, ActionTaken) and fact.do == "go_offline":
            found.add(fact.agent)
        elif isinstance(fact, ActionTaken) and fact.do == "set_presence" and fact.argument.endswith(" offline"):
            found.add(fact.argument.partition(" ")[0])
        elif isinstance(fact, CentreRemoved) and fact.thing == "agent":
            found.add(fact.name)
    return found


def moderated(entries: Iterable[Written]) -> set[bytes]:
    """The messages to which something is to be done: each part of them is known by a name of its own."""
    facts = [entry.fact for entry in entries]
    return {f.message for f in facts if isinstance(f, ActionTaken) and f.do == "moderate" and f.message is not None}


def moving(entries: Iterable[Written]) -> set[bytes]:
    """The conversations whose messages may move: what is merged, taken apart or split."""
    facts = [entry.fact for entry in entries]
    return {f.conversation for f in facts if isinstance(f, ActionTaken) and f.do in MOVES and f.conversation is not None}


def looked_at(entries: Iterable[Written]) -> set[bytes]:
    """The conversations whose mentions somebody has seen."""
    facts = [entry.fact for entry in entries]
    seen = [f for f in facts if isinstance(f, ActionTaken) and f.do == "seen_mentions"]
    return {f.conversation for f in seen if f.conversation is not None}


def marks_of(entries: Iterable[Written], rows: Rows) -> set[Key]:
    """The parts by which networks may have been told already that what is read now was read; its messages are in memory."""
    found: set[Key] = set()
    for entry in entries:
        fact = entry.fact
        if not isinstance(fact, ActionTaken) or fact.do != "read":
            continue
        conversation = rows.get(Conversation, fact.conversation)
        message = rows.get(Message, conversation.message) if conversation else None
        account = rows.centre.accounts.get(message.account) if message else None
        if message is not None and account is not None and account.settings.get(MARK_READ):
            found.add(reading_mark(message.id))
    return found


def told_of(entries: Iterable[Written], rows: Rows) -> set[Key]:
    """The conversations that may be told of a burst: of those that wait, the oldest."""
    facts = [entry.fact for entry in entries]
    if not any(
        isinstance(f, BurstBegan | BurstFollowed) or (isinstance(f, ActionTaken) and f.do == "answer_burst") for f in facts
    ):
        return set()
    waiting = sorted(rows.all(Need), key=lambda need: (need.since, need.id))
    return {need.id for need in waiting[:MOST_TOLD]}
