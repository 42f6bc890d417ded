"""Simulated agents: they see what a desk shows them and act by the same way in as a browser; they know nothing else."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from random import Random

import asyncpg

from rapport.ledger.intake import Intake
from rapport.ledger.tables import read_where
from rapport.model.centre import Centre, Thing, read_centre
from rapport.model.conversation import Conversation
from rapport.model.need import Offer
from rapport.model.reply import Draft
from rapport.replies.reading import asked

Within = Callable[[int], AbstractAsyncContextManager[asyncpg.Connection]]
DECLINES, IGNORES, SLIPS, RETURNS = 0.03, 0.015, 0.02, 0.12
GREETING = {"es": "Hola {name}. ", "en": "Hello {name}. "}
HOLDING = {
    "es": "Gracias por escribirnos. Lo reviso ahora mismo y le confirmo en unos minutos.",
    "en": "Thank you for writing. I am looking into it and will be back in a few minutes.",
}
SLIP = {
    "es": "Ya vi su caso, la tarjeta 4111 1111 1111 1111 quedó registrada.",
    "en": "I have seen your case, card 4111 1111 1111 1111 is on file.",
}
RETURN = {
    "es": "Sé más cálido y di qué sigue.",
    "en": "Please be warmer, and say what happens next.",
}
REACTION, TYPING, AFTER, READING = (0.5, 2.0), (2.0, 6.0), (4.0, 9.0), (1.0, 3.0)  # seconds at pace 1


@dataclass(frozen=True, slots=True)
class Sight:
    """What lies before the simulated agents at one moment."""

    offers: list[Offer]
    conversations: list[Conversation]
    drafts: list[Draft]


@dataclass(slots=True)
class Desks:
    """All desks but those that people sit at. `pace`: seconds are multiplied by it; `seats`: agents whom people play.

    `plan`: when each thing that was seen is to be done, by what it is.
    """

    tenant: int
    intake: Intake
    within: Within
    seed: int = 1
    pace: float = 1.0
    seats: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    centre: Centre = field(default_factory=Centre)
    plan: dict[str, float] = field(default_factory=dict)
    slipped: set[bytes] = field(default_factory=set)
    is_closing: bool = False  # nobody ignores an offer any more

    @property
    def agents(self) -> list[str]:
        """Whom we play."""
        return [agent for agent in self.centre.agents if agent not in self.seats]

    async def open(self) -> None:
        """Read the centre and let everybody come; returns when the house has taken note of it, or after half a minute."""
        await self.look_at_centre()
        come = [await self.intake.act(self.tenant, agent, "go_online") for agent in self.agents]
        for action in come[-1:]:
            await self.intake.outcome(self.tenant, action, timeout=30.0)

    async def look_at_centre(self) -> None:
        """Read the centre as it stands now."""
        async with self.within(self.tenant) as db:
            self.centre = read_centre(await read_where(db, self.tenant, Thing, "true"))

    async def see(self) -> Sight:
        """What the desks show."""
        mine = [agent for agent in self.agents if agent not in self.gone]
        async with self.within(self.tenant) as db:
            offers = await read_where(
                db, self.tenant, Offer, "state = 'open' and agent = any($2::text[]) order by made_at limit 500", mine
            )
            conversations = await read_where(
                db,
                self.tenant,
                Conversation,
                "state in ('open', 'pending') and agent = any($2::text[]) and agent <> '' order by last_at limit 1000",
                mine,
            )
            drafts = await asked(db, self.tenant, limit=100)
        return Sight(offers, conversations, drafts)

    async def work(self, now: float) -> int:
        """Do what is due at `now` (seconds of a steady clock); how many things lie before the agents."""
        sight = await self.see()
        seen: set[str] = set()
        for offer in sight.offers:
            seen.add(await self._answer(offer, now))
        for conversation in sight.conversations:
            seen.add(await self._attend(conversation, now))
        for draft in sight.drafts:
            seen.add(await self._decide(draft, now))
        self.plan = {name: at for name, at in self.plan.items() if name in seen}
        return len(sight.offers) + len(sight.conversations) + len(sight.drafts)

    def _is_due(self, name: str, now: float, span: tuple[float, float], chance: Random) -> bool:
        due = self.plan.setdefault(name, now + self.pace * chance.uniform(*span))
        return due <= now

    def _chance(self, *names: bytes | str) -> Random:
        return Random(f"{self.seed} {' '.join(n.hex() if isinstance(n, bytes) else n for n in names)}")

    async def _answer(self, offer: Offer, now: float) -> str:
        name = f"offer {offer.id.hex()}"
        chance = self._chance(offer.id)
        mood = chance.random()
        span = (90.0, 90.0) if mood < IGNORES else REACTION
        if self._is_due(name, now, span, chance) or (self.is_closing and mood < IGNORES):
            do = "decline" if IGNORES <= mood < IGNORES + DECLINES else "accept"
            await self.intake.act(
                self.tenant, offer.agent, do, conversation=offer.conversation, offer=offer.id, once=f"demo {offer.id.hex()}"
            )
            self.plan[name] = now + 5.0
        return name

    async def _attend(self, conversation: Conversation, now: float) -> str:
        """Reply while an answer is owed; when none is owed any more, wrap up after a while."""
        c = conversation
        if c.draft is not None:
            return f"waits {c.id.hex()}"
        chance = self._chance(c.id, str(c.messages))
        if c.waiting_since is not None or c.answered_at is None:
            name = f"reply {c.id.hex()} {c.messages}"
            if self._is_due(name, now, TYPING, chance):
                await self.intake.act(self.tenant, c.agent, "reply", conversation=c.id, text=self._text(c, chance))
                self.plan[name] = now + 8.0 * self.pace
            return name
        name = f"wrap {c.id.hex()} {c.messages}"
        if self._is_due(name, now, AFTER, chance):
            disposition = chance.choice(self.centre.dispositions())
            await self.intake.act(self.tenant, c.agent, "wrap_up", conversation=c.id, argument=disposition)
            self.plan[name] = now + 5.0
        return name

    async def _decide(self, draft: Draft, now: float) -> str:
        name = f"draft {draft.id.hex()}"
        chance = self._chance(draft.id)
        approvers = [
            agent.id
            for agent in self.centre.agents.values()
            if agent.role in ("approver", "supervisor") and agent.id not in self.seats | {draft.agent}
        ]
        if approvers and self._is_due(name, now, READING, chance):
            do = "return" if chance.random() < RETURNS else "approve"
            reason = RETURN["es"] if do == "return" else ""
            await self.intake.act(
                self.tenant,
                chance.choice(approvers),
                do,
                conversation=draft.conversation,
                draft=draft.id,
                text=reason,
                reason=reason,
                once=f"demo {draft.id.hex()}",
            )
            self.plan[name] = now + 5.0
        return name

    def _text(self, conversation: Conversation, chance: Random) -> str:
        """A saved reply that fits the intent; rarely one that a check must refuse, and only once a conversation."""
        language = conversation.language if conversation.language in GREETING else "es"
        if chance.random() < SLIPS and conversation.id not in self.slipped:
            self.slipped.add(conversation.id)
            return SLIP[language]
        fitting = [reply for reply in self.centre.replies.values() if reply.intent and reply.intent == conversation.intent]
        said = chance.choice(fitting).texts.get(language, "") if fitting else ""
        name = conversation.name.split(" ")[0] if conversation.name else ""
        greeting = GREETING[language].replace(" {name}", f" {name}" if name.isalpha() else "")
        return greeting + (said or HOLDING[language])

    async def goes_home(self, agent: str) -> None:
        """An agent passes on what they have and goes."""
        self.gone.add(agent)
        async with self.within(self.tenant) as db:
            mine = await read_where(
                db, self.tenant, Conversation, "state in ('open', 'pending') and agent = $2 and agent <> ''", agent
            )
        for conversation in mine:
            await self.intake.act(self.tenant, agent, "transfer", conversation=conversation.id, argument="")
        await self.intake.act(self.tenant, agent, "go_offline")

    async def comes_back(self, agent: str) -> None:
        """An agent is there again."""
        self.gone.discard(agent)
        await self.intake.act(self.tenant, agent, "go_online")
