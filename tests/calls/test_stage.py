"""What follows from what callers, lines and agents do: orders for the telephone server, and what is on record of a call."""

from datetime import timedelta

import msgspec
import pytest

import stagework
from rapport.calls import stage as calls, view
from rapport.conversations import stage as conversations
from rapport.matching import stage as matching, view as matching_view
from rapport.model.call import Call, CallState, Order, call_id
from rapport.model.conversation import Conversation
from rapport.model.fact import (
    ActionRefused,
    CallEnded,
    CallKeyed,
    CallLegEnded,
    CallMarked,
    CallStarted,
    ConversationResolved,
    Keyed,
    NeedRaised,
    OperationAsked,
    OperationDone,
    PersonRecognised,
    SendRefused,
    Words,
    WrappedUp,
)
from rapport.model.interaction import Interaction
from rapport.model.need import Need
from rapport.model.reply import Outgoing
from stagework import Stagework, an_id

MARIA = "voice:5215512345678"
PHONE = "phone"


class Exchange(Stagework):
    """A telephone exchange in memory: what it is asked for lies in `orders`, until a test says what came of it."""

    def __init__(self) -> None:
        views = (
            *stagework.VIEWS[:1],
            *stagework.VIEWS[2:],
            view.FOLDS,
            matching_view.FOLDS,
            {stagework.MessageUnderstood: stagework._understood},
        )
        super().__init__(conversations.stage(), matching.stage(), calls.stage(), views=views)
        self.agents("ana", "ben")

    def rings(self, by: str = MARIA, **read: str) -> Call:
        """Maria calls."""
        message = self.hear("☎ 5215512345678", by=by, account=PHONE, **read)
        self.tell(PersonRecognised(message.id, an_id(by), an_id("maria")))
        id = call_id(PHONE, message.key)
        self.tell(CallStarted(id, PHONE, "voice", message.key, an_id(by), self.now, "100", message.id))
        return self.row(Call, id)

    @property
    def orders(self) -> list[Order]:
        """Everything that was asked of the telephone server."""
        return [msgspec.json.decode(out.text, type=Order) for out in self._asked()]

    def _asked(self) -> list[Outgoing]:
        return [self.row(Outgoing, fact.outgoing) for fact in self.all(OperationAsked)]

    def done(self) -> None:
        """What was asked last is done."""
        self.tell(OperationDone(self._asked()[-1].id, self.now))

    def not_done(self, reason: str) -> None:
        """What was asked last is refused."""
        self.tell(SendRefused(self._asked()[-1].id, 1), Words(reason=reason), an_id(MARIA))

    def call(self) -> Call:
        return self.only(Call)

    def talks(self) -> Call:
        """Maria calls, and ana talks with her."""
        call = self.rings()
        self.accept("ana", self.row(Conversation, call.conversation))
        self.done()
        return self.call()

    def says(self, do: str, agent: str = "ana") -> object:
        return self.act(agent, "call", argument=do, conversation=self.call().conversation)

    def marks(self) -> list[str]:
        return [fact.mark for fact in self.all(CallMarked)]


@pytest.fixture
def exchange():
    return Exchange()


def keyed(exchange, call, key):
    exchange.tell(CallKeyed(call.id, PHONE, an_id(MARIA), exchange.now, call.message), Keyed(key), an_id(MARIA))


def ended(exchange, call, reason="hung-up"):
    exchange.tell(CallEnded(call.id, PHONE, an_id(MARIA), exchange.now, reason, call.message))


def test_a_call_is_greeted_and_whoever_accepts_it_is_connected(exchange):
    call = exchange.rings()

    exchange.accept("ana", exchange.row(Conversation, call.conversation))
    exchange.done()

    assert [(one.do, one.agent) for one in exchange.orders] == [("greet", ""), ("connect", "ana")]
    assert (exchange.call().state, exchange.call().agent) == (CallState.TALKING, "ana")
    assert exchange.row(Conversation, call.conversation).waiting_since is None


def test_an_interaction_knows_how_long_its_agent_talked_and_no_more(exchange):
    call = exchange.talks()
    exchange.later(seconds=90)
    ended(exchange, call)
    exchange.later(seconds=60)  # wrap-up

    assert exchange.only(Interaction).talked == exchange.call().talked == 90
    assert "abandoned" not in exchange.marks()


def test_who_asks_to_be_called_back_keeps_their_place_and_is_called_once(exchange):
    call = exchange.rings()
    exchange.later(seconds=40)
    keyed(exchange, call, "1")
    ended(exchange, call)
    need = exchange.row(Need, call.conversation)
    again = exchange.rings()
    keyed(exchange, again, "1")
    ended(exchange, again)

    exchange.accept("ana", exchange.row(Conversation, call.conversation))

    assert need.since == call.started_at
    assert [one.do for one in exchange.orders if one.do == "call_back"] == ["call_back"]
    last = exchange.orders[-1]
    assert (last.to, last.key) == ("5215512345678", f"cb-{again.id.hex()}-1")
    assert exchange.all(ConversationResolved) == []


def test_who_does_not_answer_our_call_stays_promised_with_the_agent(exchange):
    call = exchange.rings()
    keyed(exchange, call, "1")
    ended(exchange, call)
    exchange.accept("ana", exchange.row(Conversation, call.conversation))

    exchange.not_done("no-answer: nobody answered")
    exchange.says("call_back")

    assert exchange.marks() == ["promised", "unanswered"]
    assert exchange.orders[-1].key.endswith("-2")


def test_a_call_that_nobody_answered_is_abandoned_and_waits_no_more(exchange):
    call = exchange.rings()
    ended(exchange, call)

    assert exchange.marks() == ["abandoned"]
    assert not exchange.rows.knows(Need, call.conversation)


def test_an_agent_who_cannot_be_reached_loses_the_call_to_another_and_it_keeps_its_place(exchange):
    call = exchange.rings()
    exchange.later(seconds=30)
    exchange.accept("ana", exchange.row(Conversation, call.conversation))

    exchange.not_done("no-softphone: the agent's softphone cannot be reached")

    assert exchange.last(WrappedUp).disposition == "no-softphone"
    assert exchange.last(NeedRaised).since == call.started_at
    assert "ana" in exchange.last(NeedRaised).declined_by
    assert exchange.call().state is CallState.WAITING


@pytest.mark.parametrize(("reason", "asked", "marks"), [("hung-up", "hang_up", []), ("broken", "park", ["cut"])])
def test_an_agent_who_hangs_up_ends_the_call_and_one_who_breaks_off_leaves_a_caller_who_waits(exchange, reason, asked, marks):
    call = exchange.talks()

    exchange.tell(CallLegEnded(call.id, PHONE, an_id("lines"), call.leg, exchange.now, reason))

    assert exchange.orders[-1].do == asked
    assert exchange.marks() == marks
    assert exchange.rows.knows(Need, call.conversation) is bool(marks)


def test_an_agent_who_hangs_up_before_it_is_known_that_they_answered_leaves_a_caller_who_waits(exchange):
    call = exchange.rings()
    exchange.accept("ana", exchange.row(Conversation, call.conversation))

    leg = exchange.call().leg
    exchange.tell(CallLegEnded(call.id, PHONE, an_id("lines"), leg, exchange.now, "hung-up"))
    exchange.done()

    assert (exchange.orders[-1].do, exchange.orders[-1].leg, exchange.marks()) == ("park", leg, ["cut"])
    assert exchange.call().state is CallState.WAITING
    assert exchange.rows.knows(Need, call.conversation)


def test_nothing_is_recorded_before_the_caller_agreed(exchange):
    call = exchange.talks()

    before = exchange.says("record")
    keyed(exchange, call, "2")
    exchange.says("record")

    assert isinstance(before, ActionRefused)
    assert [one.do for one in exchange.orders] == ["greet", "connect", "record"]


def test_while_an_order_is_under_way_the_next_is_refused_but_hanging_up_never(exchange):
    exchange.talks()
    exchange.says("hold")

    assert isinstance(exchange.says("resume"), ActionRefused)
    assert not isinstance(exchange.says("hang_up"), ActionRefused)


def test_only_who_has_the_call_acts_on_it(exchange):
    exchange.talks()

    assert exchange.says("hold", agent="ben").reason.startswith("not-yours")


def test_a_colleague_who_gets_the_caller_gets_the_conversation_and_time_of_their_own(exchange):
    call = exchange.talks()
    exchange.later(seconds=10)
    for do in ("consult agent:ben", "complete"):
        exchange.says(do)
        exchange.done()
    exchange.later(seconds=5)
    ended(exchange, call)

    times = {one.agent: one.talked for one in exchange.rows.all(Interaction)}
    assert times == {"ana": 10, "ben": 5}
    assert exchange.row(Conversation, call.conversation).agent == "ben"
    assert "park" not in [one.do for one in exchange.orders]


def test_a_transfer_lets_the_caller_wait_with_music_for_whoever_accepts(exchange):
    call = exchange.talks()

    exchange.act("ana", "transfer", conversation=call.conversation, argument="ben")
    exchange.accept("ben", exchange.row(Conversation, call.conversation))

    assert [(one.do, one.agent) for one in exchange.orders[-2:]] == [("park", ""), ("connect", "ben")]


def test_a_call_that_its_server_forgot_is_lost_and_over(exchange):
    call = exchange.talks()
    exchange.later(seconds=3)
    ended(exchange, call, "vanished")

    assert exchange.marks() == ["lost"]
    assert exchange.call().state is CallState.OVER
    assert exchange.call().talked == timedelta(seconds=3).total_seconds()


def test_resolving_a_conversation_hangs_up(exchange):
    call = exchange.talks()

    exchange.act("ana", "wrap_up", conversation=call.conversation, argument="solved")

    assert exchange.orders[-1].do == "hang_up"
    assert not exchange.rows.knows(Need, call.conversation)


def test_a_second_call_rings_whoever_has_the_conversation_and_goes_on_to_others_where_they_do_not_answer(exchange):
    call = exchange.talks()
    ended(exchange, call)
    exchange.later(seconds=5)
    again = exchange.rings()
    rung = exchange.orders[-1]

    exchange.not_done("no-softphone: the agent's softphone cannot be reached")

    assert (again.conversation, rung.do, rung.agent, rung.rings) == (call.conversation, "connect", "ana", True)
    assert exchange.row(Need, call.conversation).declined_by == ("ana",)
    assert exchange.row(Call, again.id).problem == "no-softphone"


def test_a_caller_whose_agent_goes_offline_waits_again_by_the_time_of_their_call(exchange):
    call = exchange.talks()
    exchange.act("ana", "go_online")
    exchange.later(seconds=20)

    exchange.act("ana", "go_offline")

    assert exchange.orders[-1].do == "park"
    assert exchange.row(Need, call.conversation).since == call.started_at


def test_whoever_rings_need_not_answer_any_more_and_the_caller_comes_back(exchange):
    exchange.talks()
    exchange.says("consult agent:ben")
    consult = exchange._asked()[-1]
    exchange.says("part")
    exchange.done()

    exchange.tell(SendRefused(consult.id, 1), Words(reason="no-answer: nobody answered"), an_id(MARIA))

    assert exchange.orders[-1].guest == exchange.orders[-2].guest != ""
    assert (exchange.call().state, exchange.call().guest, exchange.call().problem) == (CallState.TALKING, "", "")


@pytest.mark.parametrize(("language", "spoken"), [("en", "en"), ("pt", "es"), ("", "es")])
def test_callers_are_spoken_to_in_their_language_and_strangers_in_that_of_the_account(exchange, language, spoken):
    exchange.rings(language=language)

    assert exchange.orders[0].language == spoken


@pytest.mark.parametrize("name", ["voice:?1763.1", "voice:100@elsewhere.example"])
def test_who_cannot_be_called_at_a_number_waits_on_whatever_they_press(exchange, name):
    call = exchange.rings(by=name)
    keyed(exchange, call, "1")

    assert exchange.marks() == []
    assert exchange.orders[-1].do == "greet"
