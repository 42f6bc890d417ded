"""Happenings: the names of events that entries of the ledger become for those who look at a page."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from rapport.conversations.reading import who_has
from rapport.conversations.typed import written_after
from rapport.ledger.between import kinds_between
from rapport.ledger.entry import read_fact
from rapport.ledger.place import Place
from rapport.model import fact as f, fact_rights as r, fact_work as w
from rapport.model.sequel import sequel_id
from rapport.people.lookup import persons_of
from rapport.replies.reading import conversations_of_news, ends_of
from rapport.store.pool import Store


class Happening(msgspec.Struct, frozen=True):
    """Something to look at again. `needs`: who may know; `agent`: only they; `agents`: those whose work it is."""

    name: str
    needs: str = "self"
    agent: str = ""
    data: dict[str, str] = {}
    agents: tuple[str, ...] = ()


def _inbox() -> Happening:
    return Happening("inbox", "desk.read")


def _conversation(of: bytes) -> Happening:
    return Happening(f"conversation:{of.hex()}", "desk.read", data={"conversation": of.hex()})


def _wallboard() -> Happening:
    return Happening("wallboard", "wallboard.read")


def visitor_name(handle: bytes) -> str:
    """The event of a visitor of the chat: something was said to them."""
    return f"visitor:{handle.hex()}"


def _of_conversation(fact: Any) -> Iterator[Happening]:  # Any: a fact with a conversation
    yield _inbox()
    yield _conversation(fact.conversation)
    yield _wallboard()


def _of_note(fact: Any) -> Iterator[Happening]:  # Any: as above
    yield _conversation(fact.conversation)


def _of_mention(fact: Any) -> Iterator[Happening]:  # Any: AgentMentioned
    yield Happening("mention", agent=fact.agent, data={"conversation": fact.conversation.hex(), "by": fact.by})
    yield Happening("inbox", agent=fact.agent)


def _of_telling(fact: Any) -> Iterator[Happening]:  # Any: AgentTold
    yield Happening("told", agent=fact.agent, data={"conversation": fact.conversation.hex(), "by": fact.by, "what": fact.what})
    yield _conversation(fact.conversation)


def _of_telling_seen(fact: Any) -> Iterator[Happening]:  # Any: TellingSeen
    yield Happening("told", agent=fact.agent)
    yield _conversation(fact.conversation)


def _of_today(_: Any) -> Iterator[Happening]:  # Any: TodayChanged or TodayEnded
    yield Happening("centre", "self")
    yield _wallboard()


def _of_mentions_read(fact: Any) -> Iterator[Happening]:  # Any: MentionsRead
    yield Happening("inbox", agent=fact.agent)


def _of_merge(fact: Any) -> Iterator[Happening]:  # Any: ConversationsMerged or ConversationSplit
    yield _inbox()
    yield _conversation(fact.conversation)
    yield _conversation(fact.into if isinstance(fact, f.ConversationsMerged) else fact.origin)


def _of_block(fact: Any) -> Iterator[Happening]:  # Any: HandleBlocked
    if fact.conversation is not None:
        yield _conversation(fact.conversation)


def _of_need(_: Any) -> Iterator[Happening]:  # Any: as above
    yield _inbox()
    yield _wallboard()


def _of_offer(fact: Any) -> Iterator[Happening]:  # Any: an offer's fact
    yield Happening("offer", agent=fact.agent, data={"offer": fact.offer.hex()})
    yield from _of_conversation(fact)


def _of_draft(fact: Any) -> Iterator[Happening]:  # Any: a draft's fact
    yield Happening("approvals", "approvals.decide", data={"draft": fact.draft.hex()})
    yield _inbox()
    yield _conversation(fact.conversation)


def _of_reply(fact: Any) -> Iterator[Happening]:  # Any: ReplyQueued
    yield _conversation(fact.conversation)
    yield Happening(visitor_name(fact.handle), "visitor")


def _of_presence(fact: Any) -> Iterator[Happening]:  # Any: PresenceChanged
    yield Happening("presence", "self", data={"agent": fact.agent})
    yield _wallboard()


def _of_person(fact: Any) -> Iterator[Happening]:  # Any: AttributeLearnt
    yield Happening(f"person:{fact.person.hex()}", "desk.read")


def _of_persons(fact: Any) -> Iterator[Happening]:  # Any: PersonsMerged or PersonsAlike
    for id in (fact.one, fact.into if isinstance(fact, f.PersonsMerged) else fact.other):
        yield Happening(f"person:{id.hex()}", "desk.read")
    yield Happening("people", "desk.read")


def _of_right(fact: Any) -> Iterator[Happening]:  # Any: a fact of a request
    yield Happening("rights", "people.rights")


def _of_centre(_: Any) -> Iterator[Happening]:  # Any: CentreSet or CentreRemoved
    yield Happening("centre", "self")


def _of_held(_: Any) -> Iterator[Happening]:  # Any: MessageHeld, EntrySetAside
    yield Happening("held", "held.release")
    yield _wallboard()


def _of_channels(_: Any) -> Iterator[Happening]:  # Any: AccountSilent, AccountHeard
    yield Happening("channels", "channels.read")


def _of_burst(_: Any) -> Iterator[Happening]:  # Any: a fact of a burst
    yield _wallboard()


def _of_shift_asked(fact: Any) -> Iterator[Happening]:  # Any: ShiftAsked or ShiftAnswered
    yield Happening("shifts", "self")


def _of_shifts(_: Any) -> Iterator[Happening]:  # Any: ShiftsSet
    yield Happening("centre", "self")
    yield Happening("shifts", "self")


def _of_playbook(fact: Any) -> Iterator[Happening]:  # Any: a fact of a playbook or a task
    yield Happening(f"playbook:{fact.conversation.hex()}", "desk.read")


def typing_event(conversation: bytes, agent: str) -> Happening:
    """That somebody is writing: for everybody who sees the conversation, the writer's other windows too."""
    name = conversation.hex()
    return Happening(f"typing:{name}", "desk.read", data={"conversation": name, "agent": agent})


_CHANGES: dict[type[f.Fact], Callable[[Any], Iterator[Happening]]] = {
    f.ConversationOpened: _of_conversation,
    f.ConversationContinued: _of_conversation,
    f.ConversationSnoozed: _of_conversation,
    f.ConversationWoken: _of_conversation,
    f.ConversationResolved: _of_conversation,
    f.ConversationTransferred: _of_conversation,
    f.ConversationMarked: _of_conversation,
    f.ConversationsMerged: _of_merge,
    f.ConversationSplit: _of_merge,
    f.AgentMentioned: _of_mention,
    f.MentionsRead: _of_mentions_read,
    f.HandleBlocked: _of_block,
    f.AgentTold: _of_telling,
    f.TellingSeen: _of_telling_seen,
    f.TodayChanged: _of_today,
    f.TodayEnded: _of_today,
    f.ConversationRead: _of_need,
    f.WrappedUp: _of_conversation,
    f.NeedRaised: _of_need,
    f.NeedWidened: _of_need,
    f.NeedWithdrawn: _of_need,
    f.OfferMade: _of_offer,
    f.OfferAccepted: _of_offer,
    f.OfferDeclined: _of_offer,
    f.OfferExpired: _of_offer,
    f.OfferRevoked: _of_offer,
    f.NoteWritten: _of_note,
    f.DraftWritten: _of_draft,
    f.ApprovalAsked: _of_draft,
    f.DraftApproved: _of_draft,
    f.DraftReturned: _of_draft,
    f.DraftRefused: _of_draft,
    f.DraftWithdrawn: _of_draft,
    f.ReplyQueued: _of_reply,
    f.PresenceChanged: _of_presence,
    f.AttributeLearnt: _of_person,
    f.PersonsMerged: _of_persons,
    r.RightAsked: _of_right,
    r.RightAnswered: _of_right,
    r.RightNear: _of_right,
    r.AttributesEnded: _of_person,
    f.PersonsAlike: _of_persons,
    f.CentreSet: _of_centre,
    f.CentreRemoved: _of_centre,
    f.MessageHeld: _of_held,
    f.EntrySetAside: _of_held,
    f.BurstBegan: _of_burst,
    f.BurstFollowed: _of_burst,
    f.BurstAnswered: _of_burst,
    f.ShiftAsked: _of_shift_asked,
    f.ShiftAnswered: _of_shift_asked,
    f.ShiftsSet: _of_shifts,
    f.AccountSilent: _of_channels,
    f.AccountHeard: _of_channels,
    w.PlaybookBegun: _of_playbook,
    w.StepDone: _of_playbook,
    w.PlaybookMoved: _of_playbook,
    w.PlaybookLeft: _of_playbook,
    w.TaskSet: _of_playbook,
    w.TargetSet: _of_need,
    w.TargetNear: _of_conversation,
}
_SENDS = (f.MessageSent, f.SendRefused, f.SendPutOff, f.SendUnknown, f.SendRetried, f.OperationAsked, f.OperationDone)
_NEWS = (f.MessageEdited, f.MessageDeleted, f.ReactionSeen, f.ReceiptSeen)
_LOOKED_AT_KINDS: tuple[type[f.Fact], ...] = (*_CHANGES, *_SENDS, *_NEWS, f.JourneyEventSeen)
_LOOKED_AT = [kind.number for kind in _LOOKED_AT_KINDS]
_DERIVED, _TOLD = ([kind for kind in _LOOKED_AT if (kind in f.INBOUND) is told] for told in (False, True))


def happenings_of(fact: f.Fact) -> Iterator[Happening]:
    """What a fact becomes by itself; nothing where nobody looks at it."""
    make = _CHANGES.get(type(fact))
    return iter(()) if make is None else make(fact)


async def happenings_between(store: Store, tenant: int, after: Place, upto: Place) -> list[Happening]:
    """What is to be seen at one place and not yet at another, each name once.

    A fact from outside is told when a worker has digested it: until then its rows are as they were.
    """
    found: dict[tuple[str, str], Happening] = {}
    sent: list[bytes] = []
    handles: list[bytes] = []
    news: list[bytes] = []
    async with store.within(tenant, readonly=True) as db:
        for kind, body in await kinds_between(db, tenant, after, upto, derived=_DERIVED, told=_TOLD):
            fact = read_fact(kind, body)
            if isinstance(fact, _SENDS):
                sent.append(fact.outgoing)
            elif isinstance(fact, _NEWS):
                news.append(sequel_id(fact.account, fact.of))
            elif isinstance(fact, f.JourneyEventSeen):
                handles.append(fact.handle)
            for happening in happenings_of(fact):
                found[happening.name, happening.agent] = happening
        ends = await ends_of(db, tenant, sent)
        conversations = [*(end for end, _ in ends), *await conversations_of_news(db, tenant, news)]
        persons = await persons_of(db, tenant, handles)
        changed = [name.removeprefix("conversation:") for name, _ in found if name.startswith("conversation:")]
        have = await who_has(db, tenant, [*conversations, *map(bytes.fromhex, changed)])
    for _, handle in ends:  # what left later shows at the visitor when it leaves
        if handle is not None:
            found[visitor_name(handle), ""] = Happening(visitor_name(handle), "visitor")
    for conversation in conversations:
        happening = _conversation(conversation)
        found[happening.name, ""] = happening
    for conversation, agents in have.items():
        name = f"conversation:{conversation.hex()}", ""
        found[name] = replace(found[name], agents=agents)
    for person in persons:
        found[f"person:{person.hex()}", ""] = Happening(f"person:{person.hex()}", "desk.read")
    return list(found.values())


async def typed_after(store: Store, tenant: int, at: datetime) -> tuple[datetime, list[Happening]]:
    """What was typed after a time, in any process, and when the last of it was."""
    async with store.within(tenant, readonly=True) as db:
        rows = await written_after(db, tenant, at)
    answered = {handle for *_, handle in rows if handle is not None}
    found = [typing_event(conversation, agent) for conversation, agent, *_ in rows]
    return (rows[-1][2] if rows else at), [*found, *(Happening(visitor_name(handle), "visitor") for handle in answered)]
