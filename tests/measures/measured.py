"""A made-up centre as entries: conversations, agents and clocks by chance, with every odd thing that may happen to them."""

import json
import random
from datetime import UTC, datetime, timedelta

from rapport.ledger.entry import body_of
from rapport.measures.folding import EPOCH, Folded
from rapport.model.fact import (
    AppealAnswered,
    CentreSet,
    ConversationContinued,
    ConversationOpened,
    ConversationResolved,
    ConversationTransferred,
    Fact,
    MessageReceived,
    MessageUnderstood,
    OfferAccepted,
    PresenceChanged,
    ReplyQueued,
    ReviewGiven,
    SurveyAnswered,
    SurveyAsked,
    WrappedUp,
)
from rapport.model.ids import named_id
from rapport.model.message import ChannelKind, Reach
from rapport.store.pool import Store

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
AGENTS = {"ana": ("wifi", "Reforma"), "ben": ("bills", "Reforma"), "eva": ("wifi", "Lisboa"), "bot": ("", "")}


def an_id(*names: str | int) -> bytes:
    """An id of a name."""
    return named_id(START, *names)


def at(seconds: float) -> int:
    """Milliseconds of a moment so long after the start."""
    return (START + timedelta(seconds=seconds) - EPOCH) // timedelta(milliseconds=1)


def set_thing(thing: str, name: str, **body: object) -> CentreSet:
    """A piece of the centre is set."""
    return CentreSet(thing, name, json.dumps({"id": name} | body).encode())


def heard(name: str, seconds: float, person: str = "", **more: object) -> list[Fact]:
    """A message comes and is understood."""
    said = START + timedelta(seconds=seconds)
    message, handle = an_id("message", name), an_id("handle", person or name)
    kind, account = ChannelKind(str(more.get("kind", "chat"))), str(more.get("account", "web"))
    received = MessageReceived(message, handle, account, "webchat", kind, Reach.PRIVATE, name, said)
    intent, language = str(more.get("intent", "wifi")), str(more.get("language", "es"))
    return [received, MessageUnderstood(message, handle, language, intent, 0.5, "1")]


def opened(name: str, seconds: float, person: str = "", due: float | None = 60, **more: object) -> list[Fact]:
    """A person raises an issue; its first answer is due so many seconds later."""
    due_at = None if due is None else START + timedelta(seconds=seconds + due)
    person = person or name
    ids = (an_id("talk", name), an_id("person", person), an_id("handle", person), an_id("message", name))
    return [*heard(name, seconds, person, **more), ConversationOpened(*ids, due_at)]


def continued(name: str, nth: int, seconds: float, *, reopened: bool = False) -> list[Fact]:
    """The person says more."""
    ids = (an_id("talk", name), an_id("person", name), an_id("handle", name), an_id("message", f"{name}/{nth}"))
    return [*heard(f"{name}/{nth}", seconds), ConversationContinued(*ids, reopened=reopened)]


def accepted(name: str, agent: str, nth: int = 0, waited: float = 0.0) -> OfferAccepted:
    """An agent takes it."""
    ids = an_id("offer", name, nth), an_id("talk", name)
    return OfferAccepted(*ids, agent, an_id("work", name, nth), "chat", agent == "bot", waited)


def replied(name: str, nth: int = 0) -> ReplyQueued:
    """An answer goes out."""
    talk = an_id("talk", name)
    return ReplyQueued(an_id("out", name, nth), talk, talk, talk, talk, "web", "webchat", Reach.PRIVATE)


def wrapped_up(name: str, agent: str, nth: int = 0, disposition: str = "solved") -> WrappedUp:
    """The agent's work ends."""
    return WrappedUp(an_id("work", name, nth), an_id("talk", name), agent, disposition, "chat")


def resolved(name: str, disposition: str = "solved") -> ConversationResolved:
    """The issue is done."""
    return ConversationResolved(an_id("talk", name), disposition)


def passed_on(name: str, agent: str) -> ConversationTransferred:
    """The agent passes it on."""
    return ConversationTransferred(an_id("talk", name), agent)


def present(agent: str, presence: str = "available") -> PresenceChanged:
    """An agent comes or goes."""
    return PresenceChanged(agent, presence)


def folded(*happened: tuple[float, Fact | list[Fact]]) -> Folded:
    """The rows of what happened, each so many seconds after the start."""
    entries = [(seconds, one) for seconds, facts in happened for one in (facts if isinstance(facts, list) else [facts])]
    rows = Folded()
    rows.fold([(seq, at(seconds), fact) for seq, (seconds, fact) in enumerate(entries, 1)], len(entries))
    return rows


async def recorded(store: Store, tenant: int, happened: list[tuple[float, Fact | list[Fact]]], shift: float = 0.0) -> None:
    """Write it to a tenant's ledger as entries, `shift` seconds later; without leaves, so that record verifies nothing."""
    entries = [(seconds, one) for seconds, facts in happened for one in (facts if isinstance(facts, list) else [facts])]
    async with store.within(tenant) as db:
        head = await db.fetchval("select max(seq) from entry where tenant = $1", tenant) or 0
    lines = [
        (tenant, head + seq, START + timedelta(seconds=seconds + shift), bytes(16), fact.number, body_of(fact), b"")
        for seq, (seconds, fact) in enumerate(entries, 1)
    ]
    async with store.within(tenant) as db:
        await db.executemany(
            "insert into entry(tenant, seq, at, id, subject, kind, body, leaf) values ($1, $2, $3, $4, $4, $5, $6, $7)", lines
        )
        await db.execute("update head set seq = $2 where tenant = $1", tenant, head + len(lines))


def centre() -> list[tuple[float, Fact | list[Fact]]]:
    """Agents of two sites, and an account of a brand."""
    agents = [
        set_thing("agent", name, team=team, attributes={"site": site} if site else {}, bot=name == "bot")
        for name, (team, site) in AGENTS.items()
    ]
    account = set_thing("account", "web", channel="webchat", brand="hotel")
    return [(0, [*agents, account, set_thing("centre", "centre", zone="Europe/Madrid")])]


def a_month(count: int, seed: int = 1) -> list[tuple[float, Fact | list[Fact]]]:
    """So many conversations over four weeks, in order, with all that may happen to them."""
    chance = random.Random(seed)
    happened = centre()
    for agent in AGENTS:
        for day in range(28):
            begins = day * 86_400 + chance.randrange(7200)
            happened += [(begins, present(agent)), (begins + 14_400, present(agent, chance.choice(["busy", "away"])))]
            happened += [(begins + 28_800, present(agent, "offline"))] * (chance.random() < 0.9)
    for n in range(count):
        happened += _a_talk(f"t{n}", chance)
    return sorted(happened, key=lambda one: one[0])


def _a_talk(name: str, chance: random.Random) -> list[tuple[float, Fact | list[Fact]]]:
    when = round(chance.uniform(0, 27 * 86_400), 3)
    kind = chance.choice([ChannelKind.CHAT, ChannelKind.EMAIL])
    due = chance.choice([60, 900, 14_400, None])
    intent = chance.choice(["wifi", "bill", ""])
    person, language = f"p{chance.randrange(40)}", chance.choice(["es", "en"])
    found: list[tuple[float, Fact | list[Fact]]] = [
        (when + chance.choice([0, 5, 4000]), opened(name, when, person, due, kind=kind, intent=intent, language=language))
    ]
    when = found[0][0]
    for nth in range(chance.choice([0, 1, 1, 1, 2])):
        agent = chance.choice(list(AGENTS))
        when += round(chance.expovariate(1 / 300), 3)
        found.append((when, accepted(name, agent, nth, round(chance.expovariate(1 / 60), 3))))
        for reply in range(chance.choice([0, 1, 2])):
            when += round(chance.expovariate(1 / 200), 3)
            found.append((when, replied(name, 10 * nth + reply)))
            when += round(chance.expovariate(1 / 400), 3)
            found.append((when, continued(name, 10 * nth + reply, when - chance.choice([0, 3]))))
        if chance.random() < 0.3:
            found.append((when, passed_on(name, agent)))
        if chance.random() < 0.95:
            when += round(chance.expovariate(1 / 100), 3)
            found.append((when, wrapped_up(name, agent, nth, chance.choice(["solved", "sold", "not-sold", "not-sold"]))))
    if chance.random() < 0.85:
        when += chance.randrange(4000)
        found.append((when, resolved(name, chance.choice(["solved", "spam", "no-answer-needed"]))))
        if chance.random() < 0.2:
            when += chance.randrange(900_000)
            found.append((when, continued(name, 99, when, reopened=True)))
            if chance.random() < 0.5:
                found.append((when + 500, resolved(name)))
    if chance.random() < 0.5:
        found.append((when + 600, SurveyAsked(an_id("talk", name))))
        answers = [chance.choice([-1, chance.randint(low, high)]) for low, high in ((1, 5), (1, 7), (0, 10), (0, 1))]
        if chance.random() < 0.6:
            found.append((when + 900, SurveyAnswered(an_id("talk", name), *answers)))
    return found + _reviewed(name, when + 1_000, random.Random(f"review of {name}"))


def reviewed(name: str, agent: str, score: float | None, *, counted: bool = True) -> ReviewGiven:
    """A reviewer scores what an agent did in it; 80 passes."""
    ids = (an_id("review", name, agent), an_id("item", name, agent), an_id("talk", name))
    return ReviewGiven(*ids, agent, "rita", {}, score, False, (score or 0.0) >= 80, counted=counted)


def appeal_answered(name: str, agent: str, verdict: str) -> AppealAnswered:
    """Somebody answers the appeal against it."""
    return AppealAnswered(an_id("review", name, agent), an_id("item", name, agent), an_id("talk", name), "sue", verdict)


def _reviewed(name: str, when: float, chance: random.Random) -> list[tuple[float, Fact | list[Fact]]]:
    agent = chance.choice(["ana", "ben", "eva"])
    score = chance.choice([None, round(chance.uniform(0, 100), 2), 100.0])
    found: list[tuple[float, Fact | list[Fact]]] = [(when, reviewed(name, agent, score, counted=chance.random() < 0.7))]
    if chance.random() < 0.2:
        found.append((when + 50, appeal_answered(name, agent, chance.choice(["kept", "withdrawn"]))))
    return found if chance.random() < 0.5 else []
