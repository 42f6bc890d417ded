"""Quality reviews as pages show them: what waits, the conversation with numbered lines, the scorecard with what was said."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg
import msgspec

from rapport.conversations import reading as talk
from rapport.ledger.tables import read_rows
from rapport.measures.quality import reading
from rapport.measures.quality.scoring import allowed
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation
from rapport.model.ids import show_id
from rapport.model.message import Direction, Message, Standing
from rapport.model.review import Question, Scorecard
from rapport.model.reviewed import Review, Reviewable
from rapport.web.desk.reading import names_of

MOST_LINES = 300
SAID = frozenset({Standing.RECEIVED, Standing.SENT})


class ItemShown(msgspec.Struct, frozen=True):
    """A conversation to review in a list. `about`: what it is called; `left`: its agent is no longer in the centre."""

    item: Reviewable
    title: dict[str, str]
    about: str
    channel: str
    at: datetime | None
    agent: str
    left: bool


class LineShown(msgspec.Struct, frozen=True):
    """One thing that was said, with its number on the page."""

    number: int
    message: Message
    who: str


class Typed(msgspec.Struct, frozen=True):
    """What stands in the form at one question. `evidence`: numbers of lines."""

    answer: str = ""
    note: str = ""
    evidence: str = ""


class Said(msgspec.Struct, frozen=True):
    """What one reviewer said to a question. `lines`: their numbers; 0 for one that is not shown here."""

    who: str
    answer: str
    note: str
    lines: tuple[int, ...]


class QuestionShown(msgspec.Struct, frozen=True):
    """A question, what can be answered, what stands in the form, and what reviewers said whose reviews may be seen."""

    question: Question
    options: tuple[str, ...]
    typed: Typed
    said: tuple[Said, ...] = ()


class SectionShown(msgspec.Struct, frozen=True):
    """A section with its questions."""

    title: dict[str, str]
    questions: tuple[QuestionShown, ...]


async def items_shown(
    db: asyncpg.Connection, tenant: int, items: Sequence[Reviewable], centre: Centre
) -> tuple[ItemShown, ...]:
    """A list of conversations to review, as it is shown."""
    talks = {c.id: c for c in await read_rows(db, tenant, Conversation, [one.conversation for one in items])}
    cards = await reading.cards(db, tenant, {(one.scorecard, one.version) for one in items})
    return tuple(_item(one, talks.get(one.conversation), cards.get((one.scorecard, one.version)), centre) for one in items)


def _item(item: Reviewable, one: Conversation | None, card: Scorecard | None, centre: Centre) -> ItemShown:
    title = card.title if card else {"en": item.scorecard, "es": item.scorecard}
    about = (one.subject or one.preview or one.name) if one else ""
    return ItemShown(
        item, title, about, one.channel if one else "", one.opened_at if one else None,
        names_of(centre).get(item.agent, item.agent), item.agent not in centre.agents,
    )  # fmt: skip


async def lines_of(db: asyncpg.Connection, tenant: int, one: Conversation, centre: Centre) -> tuple[tuple[LineShown, ...], int]:
    """What was said in a conversation and noted beside it, numbered from 1, and how many messages came before."""
    messages, earlier = await talk.messages_of(db, tenant, one.id, limit=MOST_LINES)
    names = names_of(centre)
    shown = [message for message in messages if message.standing in SAID]
    return tuple(
        LineShown(n, m, m.author if m.direction is Direction.IN else names.get(m.agent, m.agent))
        for n, m in enumerate(shown, 1)
    ), earlier  # fmt: skip


def sections_of(
    card: Scorecard,
    typed: Mapping[str, Typed],
    reviews: Sequence[Review],
    lines: Sequence[LineShown],
    names: Mapping[str, str],
) -> tuple[SectionShown, ...]:
    """A scorecard with what stands in its form, and what `reviews` say of each question."""
    numbers = {show_id(line.message.id): line.number for line in lines}

    def question(one: Question) -> QuestionShown:
        said = tuple(
            Said(
                names.get(r.reviewer, r.reviewer), r.answers[one.id], r.notes.get(one.id, ""),
                tuple(numbers.get(id, 0) for id in r.evidence.get(one.id, ())),
            )
            for r in reviews if one.id in r.answers
        )  # fmt: skip
        return QuestionShown(one, allowed(one), typed.get(one.id, Typed()), said)

    return tuple(
        SectionShown(section.title, tuple(question(one) for one in card.questions if one.section == section.id))
        for section in card.sections
    )
