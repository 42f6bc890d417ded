"""What holds whatever happens: random days in a small centre, looked at after every step."""

import random

import pytest

from matching.matchwork import MATCHED, Matchwork, an_agent
from rapport.model.agent import AgentNow, Presence
from rapport.model.conversation import Conversation, State
from rapport.model.fact import OfferAccepted, OfferMade
from rapport.model.need import Need, Offer, OfferState
from stagework import everything

AGENTS = {
    "ann": an_agent("ann", languages=["en"], skills={"wifi": 0.9}, slots={"social": 2, "chat": 1}),
    "ben": an_agent("ben", languages=["es"], skills={"billing": 0.9}, slots={"social": 1}),
    "cam": an_agent("cam", languages=["es", "en"], skills={"wifi": 0.4}, team="night", slots={"social": 1, "chat": 2}),
    "robo": an_agent("robo", bot=True, slots={"chat": 2}),
}
TEXTS = [("The wifi is down", "en"), ("Me cobraron de mas en la factura", "es"), ("Hola", "es"), ("Hello", "en"), ("👍", "")]


def a_day(seed: int, steps: int = 60) -> Matchwork:
    """A day of random things in a centre; what is promised is looked at after each."""
    chance = random.Random(seed)
    work = Matchwork(*AGENTS.values())
    for _ in range(steps):
        something(work, chance)
        work.settle()
        promises(work)
    return work


def something(work: Matchwork, chance: random.Random) -> None:
    text, language = chance.choice(TEXTS)
    agent = chance.choice(["ann", "ben", "cam"])
    match chance.choice(
        ["post", "chat", "later", "accept", "accept", "decline", "wrap_up", "go", "go", "transfer", "take", "close"]
    ):
        case "post":
            work.write(text, language=language, by=f"mastodon:@p{chance.randrange(9)}@b.c", urgency=chance.random())
        case "chat":
            asks = chance.random() < 0.3
            work.chat(text, language=language, by=f"webchat:p{chance.randrange(9)}", wants_person=asks)
        case "later":
            work.later(seconds=chance.choice([5, 31, 90, 400]))
        case "go":
            work.act(agent, chance.choice(["go_online", "go_online", "go_away", "go_busy", "go_offline"]))
        case "accept" | "decline" as do:
            work.act(agent, do)
        case do:
            conversations = sorted(c.id for c in work.rows.all(Conversation))
            if conversations:
                work.act(agent, do, conversation=chance.choice(conversations), argument=chance.choice(["", "ben", "night"]))


def promises(work: Matchwork) -> None:
    offers = [offer for offer in work.rows.all(Offer) if offer.state is OfferState.OPEN]
    offered = [offer.conversation for offer in offers]
    conversations = {c.id: c for c in work.rows.all(Conversation)}
    assert len(offered) == len(set(offered)), "a conversation is put to two"
    assert all(work.rows.knows(Need, c) for c in offered), "an offer of what does not wait"
    assert all(not conversations[need.id].agent for need in work.rows.all(Need)), "somebody has what waits"
    assert all(conversations[need.id].state is State.OPEN for need in work.rows.all(Need)), "what waits is not open"
    owed = [c for c in conversations.values() if c.state is State.OPEN and c.waiting_since and not c.agent]
    assert all(work.rows.knows(Need, c.id) for c in owed), "somebody is owed an answer and does not wait"
    interactions = [c.interaction for c in conversations.values() if c.interaction]
    assert len(interactions) == len(set(interactions))
    for now in work.rows.all(AgentNow):
        mine = sum(o.agent == now.id for o in offers) + sum(c.agent == now.id for c in conversations.values())
        assert sum(now.held.values()) == mine, f"{now.id} holds {now.held} and has {mine}"
        assert now.presence not in (Presence.AWAY, Presence.OFFLINE) or all(o.agent != now.id for o in offers)
    bots = {c.agent for c in conversations.values() if c.bot}
    assert bots <= {"robo"}
    assert not any(c.bot and c.wants_person for c in conversations.values()), "who asks for a person has a bot"


@pytest.mark.parametrize("seed", range(25))
def test_nothing_is_promised_twice_lost_or_forgotten_on_any_day(seed):
    work = a_day(seed)

    accepted = [fact.offer for fact in work.all(OfferAccepted)]
    made = [fact.offer for fact in work.all(OfferMade)]
    assert len(accepted) == len(set(accepted))
    assert len(made) == len(set(made))
    assert len({entry.id for entry in work.entries}) == len(work.entries)
    assert everything(work.rebuilt(), MATCHED) == everything(work.rows, MATCHED)


@pytest.mark.parametrize("seed", range(3))
def test_the_same_day_gives_the_same_decisions(seed):
    first, second = a_day(seed), a_day(seed)

    assert first.facts == second.facts


@pytest.mark.parametrize("seed", range(5))
def test_nobody_waits_for_ever_when_everybody_is_there_and_takes_what_comes(seed):
    work = a_day(seed)
    for agent in ("ann", "ben", "cam"):
        work.act(agent, "go_online")

    for _ in range(400):
        for agent in ("ann", "ben", "cam"):
            work.act(agent, "accept")
            for conversation in [c for c in work.rows.all(Conversation) if c.agent in (agent, "robo")]:
                work.act(conversation.agent, "wrap_up", conversation=conversation.id, argument="solved")
        work.later(seconds=20)
        if not work.rows.count(Need):
            break

    assert work.rows.count(Need) == 0
