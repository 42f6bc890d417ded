"""Rules: an event, a condition, deeds; none of them calls another; tried on a week that was."""

from datetime import timedelta

import msgspec
import pytest

from rapport.conversations.playbooks import stage as playbooks, view as playbooks_view
from rapport.conversations.rules.stage import stage
from rapport.conversations.rules.trying import tried
from rapport.conversations.stage import stage as conversations
from rapport.ledger import folding
from rapport.ledger.entry import Entry, New
from rapport.ledger.round import Batch
from rapport.matching.conditions import holds
from rapport.model.conversation import Conversation
from rapport.model.fact import ActionRefused, ActionTaken, ConversationOpened, ConversationSnoozed, Fact, NoteWritten
from rapport.model.fact_work import ActionCaused, RuleFired
from rapport.model.playbook import Deed, Rule
from rapport.people.stage import stage as people
from rapport.pipeline.order import Order, digest
from stagework import VIEWS, Stagework, an_id

ALL_VIEWS = (*VIEWS, playbooks_view.FOLDS)
NOTE = Deed("note", text={"en": "Look, {name}: case {case}"})


@pytest.fixture
def work() -> Stagework:
    work = Stagework(people(), conversations(), playbooks.stage(), stage(holds), views=ALL_VIEWS)
    work.agents("eva")
    return work


def order() -> Order:
    return Order((people(), conversations(), playbooks.stage(), stage(holds)), folding.together(*ALL_VIEWS))


def acted(work: Stagework, do: str, conversation: Conversation, argument: str = "") -> list[Fact]:
    """What follows from an action in the real order of the pipeline."""
    action = ActionTaken(an_id(f"real {do}"), "eva", do, conversation.id, argument=argument)
    entry = Entry(1, 9_000, an_id("real"), work.now, conversation.id, action)
    return [new.fact for new in digest(Batch([entry], [], 8_999), work.rows, order())]


def test_a_rule_acts_when_its_event_happens_and_its_condition_holds_and_says_its_version(work):
    work.set("rule", "angry", Rule("angry", ("opened",), (NOTE,), "emotion == 'anger' and kind == 'social'", enabled=True))

    calm, angry = (
        work.hear("hi", by="mastodon:@a@x"),
        work.hear("ugh", by="mastodon:@b@x", emotion="anger", language="en", name="Bo"),
    )

    conversation = work.conversation_of(angry)
    assert work.conversation_of(calm).emotion == ""
    assert work.all(RuleFired) == [RuleFired(conversation.id, "angry", 1, "opened")]
    note = next(e for e in reversed(work.entries) if isinstance(e.fact, NoteWritten))
    assert (note.fact.agent, note.content.text) == ("rule:angry", f"Look, Bo: case {conversation.id.hex()[-8:].upper()}")
    assert work.last(ActionCaused).cause == "rule:angry@1"


def test_a_rule_that_is_out_of_force_does_nothing(work):
    work.set("rule", "off", Rule("off", ("opened",), (NOTE,)))

    work.hear("hello")

    assert work.all(RuleFired) == []


def test_what_a_rule_does_triggers_no_rule_not_even_itself(work):
    resolve = Deed("close", "spam")
    work.set("rule", "a", Rule("a", ("reopened",), (resolve,), enabled=True))
    work.set("rule", "b", Rule("b", ("resolved",), (NOTE,), enabled=True))
    conversation = work.conversation_of(work.hear("buy now"))
    by_hand = acted(work, "close", conversation)

    by_rule = acted(work, "reopen", work.row(Conversation, conversation.id))

    assert [fact.rule for fact in by_hand if isinstance(fact, RuleFired)] == ["b"]
    assert [fact.rule for fact in by_rule if isinstance(fact, RuleFired)] == ["a"]
    assert work.row(Conversation, conversation.id).state == "resolved"


def test_a_span_is_counted_from_when_the_rule_acts(work):
    work.set("rule", "later", Rule("later", ("opened",), (Deed("snooze", "2h"),), enabled=True))

    work.hear("hello")

    assert work.last(ConversationSnoozed).until == work.now + timedelta(hours=2)


def test_a_span_beyond_all_time_is_refused_and_stops_nothing(work):
    work.set("rule", "later", Rule("later", ("opened",), (Deed("snooze", "99999999999d"),), enabled=True))

    conversation = work.conversation_of(work.hear("hello"))

    assert work.last(ActionRefused).reason.startswith("A time such as")
    assert conversation.state == "open"


@pytest.mark.parametrize(("on", "actions"), [([], [{"do": "close"}]), (["opened"], []), (["sneezed"], [{"do": "close"}])])
def test_a_rule_that_can_never_act_is_refused(on, actions):
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode({"id": "x", "on": on, "actions": actions}), type=Rule)


class Record:
    """A ledger in memory, as far as a trial asks for it."""

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries

    async def fetchval(self, sql: str, *values: object) -> object:
        if "from head" in sql:
            return len(self.entries)
        found = [e.at for e in self.entries if e.seq == values[1]]
        return found[0] if found else None


@pytest.mark.anyio
async def test_a_rule_is_tried_on_what_happened_as_it_stood_then(work, monkeypatch):
    work.set("rule", "x", Rule("x", ("opened",), (NOTE,), "intent == 'wifi'"))
    work.hear("old", by="mastodon:@old@x", intent="wifi")
    work.later(days=8)
    late = work.conversation_of(work.hear("no wifi", by="mastodon:@new@x", intent="wifi", language="en", name="Bo"))
    work.hear("bill", by="mastodon:@other@x", intent="billing")
    entries = [Entry(1, n, e.id, e.at, e.subject, e.fact, e.content) for n, e in enumerate(work.entries, 1)]
    import rapport.conversations.rules.trying as trying

    async def read(db, keys, tenant, after, limit, kinds=None):
        return [e for e in entries if e.seq > after][:limit]

    async def nothing(*_):
        return []

    for name, fake in (("read_entries", read), ("fetch", nothing), ("read_where", nothing)):
        monkeypatch.setattr(trying, name, fake)
    rule = work.rows.centre.rules["x"]

    trial = await tried(Record(entries), None, 1, folding.together(*ALL_VIEWS), rule, holds, work.now)

    assert (trial.events, trial.fired, trial.conversations, trial.cut) == (2, 1, 1, False)
    says = f"Look, Bo: case {late.id.hex()[-8:].upper()}"
    assert [(hit.conversation, hit.says) for hit in trial.hits] == [(late.id, (("note", says),))]
    assert not [e for e in work.entries if isinstance(e, New) and isinstance(e.fact, RuleFired)]
    assert len(work.all(ConversationOpened)) == 3
