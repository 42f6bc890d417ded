"""The neighbours and matching in memory: customers write, time passes, and who is offered what is looked up by name."""

from datetime import timedelta

from rapport.conversations import stage as conversations_stage, view as conversations_view
from rapport.ledger import folding
from rapport.ledger.entry import New
from rapport.ledger.views import Folds
from rapport.matching import stage as matching_stage, view as matching_view
from rapport.model.agent import Agent, AgentNow, Presence
from rapport.model.conversation import Conversation
from rapport.model.fact import MessageUnderstood, OfferMade, ReminderFell
from rapport.model.ids import derived_id
from rapport.model.interaction import Interaction
from rapport.model.message import Message, Reach
from rapport.model.need import Need, Offer, OfferState
from rapport.model.reply import Reminder
from rapport.people import stage as people_stage, view as people_view
from rapport.replies import view as replies_view
from stagework import Stagework, _understood

VIEWS: tuple[Folds, ...] = (
    folding.FOLDS,
    {MessageUnderstood: _understood},
    people_view.FOLDS,
    conversations_view.FOLDS,
    replies_view.FOLDS,
    matching_view.FOLDS,
)
MATCHED = (Need, Offer, Interaction, AgentNow, Reminder)


def an_agent(id: str, *, team: str = "", bot: bool = False, presence: str = "available", slots=None, **attributes) -> Agent:
    """An agent who is there, with these attributes."""
    return Agent(id, id.title(), team=team, bot=bot, presence=Presence(presence), slots=slots or {}, attributes=attributes)


class Matchwork(Stagework):
    """A centre in memory whose agents are asked; every step of time ends with a round of settling."""

    def __init__(self, *agents: Agent) -> None:
        stages = people_stage.stage(), conversations_stage.stage(), matching_stage.stage()
        super().__init__(*stages, views=VIEWS)
        self.agents(*agents)

    def tell(self, *args, **named) -> list[New]:
        before = len(self.entries)
        super().tell(*args, **named)
        self.settle()
        return [entry for entry in self.entries[before + 1 :] if isinstance(entry, New)]

    def settle(self) -> None:
        """One round of settling, as the pipeline does it: all decided first, then folded, then shown to the stages."""
        for new in [new for stage in self.stages if stage.settle for new in stage.settle(self.rows)]:
            self._take(new)

    def later(self, **amount: float) -> None:
        until = self.now + timedelta(**amount)
        while (due := self._due(until)) is not None:
            self.rows.now = max(due.at, self.now)
            self._take(New(derived_id(due.id, int(due.at.timestamp())), self.now, due.subject, ReminderFell(due.id, due.what)))
            for stage in self.stages:
                step = stage.due.get(due.what)
                for new in list(step(due, self.rows)) if step else ():
                    self._take(new)
            self.settle()
        self.rows.now = until
        self.settle()

    def write(self, text: str, *, by: str = "mastodon:@guest@example.social", **read) -> Message:
        """A public post in English, unless said otherwise."""
        return self.hear(text, by=by, **{"language": "en", **read})

    def chat(self, text: str, *, by: str = "webchat:guest", **read) -> Message:
        """A private chat message."""
        return self.write(text, by=by, reach=Reach.PRIVATE, **read)

    # ---- what there is

    def offer_of(self, message: Message) -> Offer | None:
        """The open offer of a message's conversation."""
        conversation = self.conversation_of(message)
        open_offers = [o for o in self.rows.all(Offer) if o.conversation == conversation.id and o.state is OfferState.OPEN]
        assert len(open_offers) <= 1
        return open_offers[0] if open_offers else None

    def asked(self, message: Message) -> str:
        """Whom a message is put to now; "" for nobody."""
        offer = self.offer_of(message)
        return offer.agent if offer else ""

    def ever_asked(self, message: Message) -> list[str]:
        """Whom a message was ever put to, in order."""
        conversation = self.conversation_of(message).id
        return [fact.agent for fact in self.all(OfferMade) if fact.conversation == conversation]

    def because(self, message: Message) -> set[str]:
        """Every word that the explanation names."""
        offer = self.offer_of(message)
        assert offer is not None
        return {word for term in offer.why.terms for word in (term.attribute, term.value, term.evidence) if word}

    def has(self, message: Message) -> str:
        """Which agent has a message's conversation."""
        return self.conversation_of(message).agent

    def do(self, agent: str, do: str, message: Message | None = None, **fields):
        """What an agent does with a message's conversation."""
        conversation: Conversation | None = self.conversation_of(message) if message else None
        return self.act(agent, do, conversation=conversation.id if conversation else None, **fields)
