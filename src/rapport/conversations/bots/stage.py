"""The stage of bots: they answer by a flow or a hook, and hand over when asked, without progress, and when time is up."""

from collections.abc import Iterable
from typing import cast

from rapport.conversations.bots.understood import understood
from rapport.conversations.bots.view import BOT, bot_of
from rapport.conversations.errands.asking import asked_of_bot
from rapport.conversations.playbooks.deeds import caused, text_of
from rapport.conversations.playbooks.editions import newest, playbook_of
from rapport.conversations.playbooks.progress import StepNow, steps_now
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Stage, Step, Written
from rapport.model.bot import Turn
from rapport.model.conversation import Conversation, State
from rapport.model.fact import ConversationContinued, Fact, OfferAccepted, ReminderFell, ReplyQueued, Words
from rapport.model.fact_work import ErrandEnded, PlaybookBegun, StepDone
from rapport.model.ids import derived_id
from rapport.model.message import Message
from rapport.model.playbook import Filled, Run
from rapport.model.reply import Reminder

NO_PROGRESS, NO_ANSWER, AT_ITS_END, UNREACHED = "no-progress", "no-answer", "flow-ended", "hook-failed"
DOING = 20  # above the replies of one step, so that what follows from one entry has names of its own
SILENT = "silent"  # the disposition of who said nothing more


def stage() -> Stage:
    """The stage of bots."""
    steps: dict[type[Fact], Step] = {
        OfferAccepted: _accepted,
        PlaybookBegun: _goes_on,
        StepDone: _goes_on,
        ConversationContinued: _heard,
        ReplyQueued: _said,
        ErrandEnded: _called,
    }
    return Stage("bots", steps, due={BOT: _falls})


def _at_work(conversation: bytes | None, rows: Rows) -> Conversation | None:
    """The conversation, where a bot has it."""
    found = rows.get(Conversation, conversation)
    return found if found is not None and found.bot and found.state is State.PENDING else None


def _handed_over(entry: Written, conversation: Conversation, why: str, rows: Rows) -> New:
    """Passed on to whoever fits best, in the bot's name; a person, as no bot is asked twice."""
    cause = f"bot:{conversation.agent} {why}"
    return caused(entry, "transfer", conversation, rows, agent=conversation.agent, cause=cause, words=Words(reason=why))


def _accepted(entry: Written, rows: Rows) -> Iterable[New]:
    fact = cast(OfferAccepted, entry.fact)
    conversation = _at_work(fact.conversation, rows)
    if conversation is None or not fact.bot:
        return
    bot = bot_of(fact.agent, rows)
    if bot.flow in rows.centre.playbooks:
        begun = PlaybookBegun(conversation.id, bot.flow, newest("playbook", bot.flow, rows), fact.agent)
        yield follows(entry, begun, subject=conversation.id, at=rows.now)
    elif bot.flow:
        yield _handed_over(entry, conversation, AT_ITS_END, rows)
    elif bot.hook:
        yield from asked_of_bot(entry, conversation, bot.hook, rows)


def _standing(conversation: Conversation, rows: Rows) -> tuple[Run, StepNow | None] | None:
    """The flow of a bot, and the step that it stands at: None at its end."""
    run = rows.get(Run, conversation.id)
    book = playbook_of(run, rows) if run is not None and run.ended_at is None else None
    if run is None or book is None or bot_of(conversation.agent, rows).flow != run.playbook:
        return None
    return run, next((now for now in steps_now(book, run) if now.applies and now.done_at is None), None)


def _goes_on(entry: Written, rows: Rows) -> Iterable[New]:
    """Say what the next step says; where it asks for nothing it is done, and the one after it follows."""
    fact = cast("PlaybookBegun | StepDone", entry.fact)
    conversation = _at_work(fact.conversation, rows)
    if conversation is None or fact.by != conversation.agent:
        return
    found = _standing(conversation, rows)
    if found is None:
        return
    run, now = found
    if now is None:
        yield _handed_over(entry, conversation, AT_ITS_END, rows)
        return
    yield from _says(entry, conversation, run, now, rows)
    if not now.step.fields:
        yield _does(entry, conversation, now, {}, rows)


def _says(entry: Written, conversation: Conversation, run: Run, now: StepNow, rows: Rows) -> Iterable[New]:
    for nth, deed in enumerate(now.step.actions):
        if deed.do == "reply":
            words = Words(text_of(deed, conversation, rows, run.values))
            cause = f"bot:{conversation.agent} {run.playbook}@{run.edition}"
            yield caused(entry, "reply", conversation, rows, agent=conversation.agent, cause=cause, words=words, nth=nth)


def _does(entry: Written, conversation: Conversation, now: StepNow, values: dict[str, Filled], rows: Rows) -> New:
    agent = conversation.agent
    words = Words(values=values)
    return caused(
        entry, "do_step", conversation, rows, agent=agent, cause=f"bot:{agent} step", argument=now.id, words=words, nth=DOING
    )


def _heard(entry: Written, rows: Rows) -> Iterable[New]:
    """The customer wrote: it answers what the flow asks, or goes to the hook. Who wants a person is not here any more."""
    fact = cast(ConversationContinued, entry.fact)
    conversation = _at_work(fact.conversation, rows)
    if conversation is None or conversation.waiting_since is None:
        return
    bot = bot_of(conversation.agent, rows)
    found = _standing(conversation, rows)
    run, now = found or (None, None)
    if run is not None and now is not None:
        message = rows.get(Message, fact.message)
        field = next((field for field in now.step.fields if field.id not in run.values), None)
        value = understood(field, message.text) if field and message else None
        if field is not None and value is None:
            yield from _says(entry, conversation, run, now, rows)
        else:
            yield _does(entry, conversation, now, {field.id: value} if field and value is not None else {}, rows)
    elif bot.hook:
        yield from asked_of_bot(entry, conversation, bot.hook, rows)


def _said(entry: Written, rows: Rows) -> Iterable[New]:
    """A bot that says nearly the same again does not get on: a person is asked, unasked."""
    fact = cast(ReplyQueued, entry.fact)
    conversation, turn = _at_work(fact.conversation, rows), rows.get(Turn, fact.conversation)
    if conversation is None or turn is None or fact.part:
        return
    if turn.repeats + 1 >= max(2, bot_of(turn.agent, rows).turns):
        yield _handed_over(entry, conversation, NO_PROGRESS, rows)


def _called(entry: Written, rows: Rows) -> Iterable[New]:
    fact = cast(ErrandEnded, entry.fact)
    conversation = _at_work(fact.conversation, rows)
    if conversation is not None and not fact.ok and bot_of(conversation.agent, rows).hook:
        yield _handed_over(entry, conversation, UNREACHED, rows)


def _falls(reminder: Reminder, rows: Rows) -> Iterable[New]:
    """Time is up: whoever waits for an answer gets a person; who said nothing more for so long is done."""
    conversation = _at_work(reminder.subject, rows)
    if conversation is None:
        return
    id = derived_id(reminder.id, int(reminder.at.timestamp() * 1000))
    fell = New(id, rows.now, reminder.subject, ReminderFell(reminder.id, reminder.what))
    if conversation.waiting_since is not None:
        yield _handed_over(fell, conversation, NO_ANSWER, rows)
    else:
        agent = conversation.agent
        yield caused(fell, "wrap_up", conversation, rows, agent=agent, cause=f"bot:{agent} {SILENT}", argument=SILENT)
