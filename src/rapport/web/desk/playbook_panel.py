"""The playbook beside a conversation: where it stands, what is to be filled in, which tasks there are."""

from datetime import datetime

import asyncpg
import msgspec

from rapport.conversations.playbooks.deeds import filled_in
from rapport.conversations.playbooks.progress import StepNow, steps_now
from rapport.conversations.playbooks.reading import edition_of, newest_edition, run_of, tasks_of
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation, State
from rapport.model.playbook import Filled, PlaybookStep, Task, said_in
from rapport.web.security import Who

SENIOR = ("supervisor", "administrator")


class ReplyOfStep(msgspec.Struct, frozen=True):
    """A reply that a step puts before the agent."""

    nth: int
    text: str


class FieldShown(msgspec.Struct, frozen=True):
    """A field of a step. `value`: what was filled in, as text."""

    id: str
    label: str
    type: str
    choices: tuple[str, ...]
    required: bool
    value: str


class StepShown(msgspec.Struct, frozen=True):
    """A step as the panel shows it, in the reader's language."""

    id: str
    text: str
    required: bool
    done_by: str
    done_at: datetime | None
    strayed: bool
    first: bool
    fields: tuple[FieldShown, ...]
    replies: tuple[ReplyOfStep, ...]
    does: tuple[str, ...]


class PlaybookShown(msgspec.Struct, frozen=True):
    """The panel. `title` "": none is under way; `offered`: which could begin, by id and title, those of the intent first.

    `skipped`: steps whose branch is not taken; `newer`: there is a later version.
    """

    conversation: bytes
    may_act: bool
    title: str = ""
    edition: int = 0
    ended: bool = False
    missed: int = 0
    steps: tuple[StepShown, ...] = ()
    skipped: int = 0
    newer: bool = False
    offered: tuple[tuple[str, str], ...] = ()
    suggested: str = ""
    tasks: tuple[Task, ...] = ()
    names: dict[str, str] = {}

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(step.done_at is not None for step in self.steps)


class PanelPart(msgspec.Struct, frozen=True):
    """The panel alone."""

    panel: PlaybookShown


async def read_panel(
    db: asyncpg.Connection, who: Who, centre: Centre, conversation: Conversation, language: str
) -> PlaybookShown:
    """The panel of a conversation."""
    tenant = who.tenant
    run = await run_of(db, tenant, conversation.id)
    tasks = tuple(await tasks_of(db, tenant, conversation.id))
    names = {agent.id: agent.name or agent.id for agent in centre.agents.values()}
    is_open = conversation.state is not State.RESOLVED
    may_act = who.may("desk.write") and is_open and (conversation.agent == who.agent or who.role in SENIOR)
    panel = PlaybookShown(
        conversation.id, may_act, tasks=tasks, names=names, offered=_offered(centre, conversation, language),
        suggested=next((b.id for b in centre.playbooks.values() if b.intent and b.intent == conversation.intent), ""),
    )  # fmt: skip
    if run is None or (run.ended_at is not None and is_open):
        return panel
    book = await edition_of(db, tenant, run) or centre.playbooks.get(run.playbook)
    if book is None:
        return panel
    newest = await newest_edition(db, tenant, "playbook", run.playbook)
    steps = steps_now(book, run)
    return msgspec.structs.replace(
        panel,
        title=said_in(book.title, language) or book.id,
        edition=run.edition,
        ended=run.ended_at is not None,
        missed=len(run.missed),
        steps=_steps(steps, run.values, conversation, centre, language),
        skipped=sum(not now.applies for now in steps),
        newer=newest > run.edition and run.playbook in centre.playbooks,
    )


def _offered(centre: Centre, conversation: Conversation, language: str) -> tuple[tuple[str, str], ...]:
    books = [book for book in centre.playbooks.values() if book.steps]
    books.sort(key=lambda book: (book.intent != conversation.intent, book.id))
    return tuple((book.id, said_in(book.title, language) or book.id) for book in books)


def _steps(
    steps: tuple[StepNow, ...], values: dict[str, Filled], conversation: Conversation, centre: Centre, language: str
) -> tuple[StepShown, ...]:
    shown: list[StepShown] = []
    for now in steps:
        if not now.applies and now.done_at is None:
            continue
        first = now.done_at is None and all(other.done_at is not None for other in shown)
        shown.append(
            StepShown(
                now.id, said_in(now.step.text, language), now.step.required, now.done_by, now.done_at, now.strayed, first,
                _fields(now.step, values, language), _replies(now.step, values, conversation, centre),
                tuple(deed.do for deed in now.step.actions if deed.do != "reply"),
            )
        )  # fmt: skip
    return tuple(shown)


def _fields(step: PlaybookStep, values: dict[str, Filled], language: str) -> tuple[FieldShown, ...]:
    return tuple(
        FieldShown(
            field.id, said_in(field.label, language) or field.id, field.type, field.choices, field.required,
            _as_text(values.get(field.id)),
        )
        for field in step.fields
    )  # fmt: skip


def _as_text(value: Filled | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else value


def _replies(
    step: PlaybookStep, values: dict[str, Filled], conversation: Conversation, centre: Centre
) -> tuple[ReplyOfStep, ...]:
    found = []
    for nth, deed in enumerate(step.actions):
        saved = centre.replies.get(deed.argument)
        texts = saved.texts if saved else deed.text
        if deed.do == "reply" and texts:
            text = filled_in(said_in(texts, conversation.language or "es"), {"name": conversation.name, **values})
            found.append(ReplyOfStep(nth, text))
    return tuple(found)
