"""Mentions: a note that names an agent by `@` shows on their desk until they have looked."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import cast

from rapport.conversations.answering import done, refused
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Folds, Rows, Written
from rapport.model.agent import Agent
from rapport.model.conversation import Conversation, Mention, mention_id
from rapport.model.fact import ActionTaken, AgentMentioned, MentionsRead, NoteWritten, Words

MOST_MENTIONED = 20
NAMED = re.compile(r"(?<![\w@])@([\w][\w.-]*)")


def mentioned_in(text: str, agents: Mapping[str, Agent]) -> list[str]:
    """The agents whom a text names: by `@id`, or by `@` and their first name or their whole name without spaces."""
    by_name: dict[str, set[str]] = {}
    for agent in agents.values():
        first = agent.name.split()[0] if agent.name.split() else ""
        for name in {agent.id, first, agent.name.replace(" ", "")} - {""}:
            by_name.setdefault(name.casefold(), set()).add(agent.id)
    found: list[str] = []
    for match in NAMED.finditer(text):
        name = match[1].rstrip(".-").casefold()
        exact = next((id for id in agents if id.casefold() == name), None)
        found += [exact] if exact else sorted(by_name.get(name, ()))
    return list(dict.fromkeys(found))[:MOST_MENTIONED]


def noted(entry: Written, rows: Rows) -> Iterable[New]:
    """Who is named by a note that was written."""
    fact = cast(NoteWritten, entry.fact)
    words = entry.content if isinstance(entry.content, Words) else Words()
    if "@" not in words.text:
        return
    for nth, agent in enumerate(mentioned_in(words.text, rows.centre.agents)):
        if agent != fact.agent:
            mentioned = AgentMentioned(fact.message, fact.conversation, agent, fact.agent)
            yield follows(entry, mentioned, subject=fact.conversation, at=rows.now, nth=nth)


def _seen(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    if rows.get(Conversation, fact.conversation) is None or fact.conversation is None:
        yield refused(entry, fact, rows, "There is no such conversation.")
        return
    mine = (fact.conversation, fact.agent)
    new = [m.id for m in rows.all(Mention) if (m.conversation, m.agent) == mine and m.seen_at is None]
    if new:
        read = MentionsRead(fact.conversation, fact.agent, tuple(sorted(new)))
        yield follows(entry, read, subject=fact.conversation, at=rows.now)
    yield done(entry, fact, rows, fact.conversation)


ACTIONS: Mapping[str, Callable[[Written, ActionTaken, Rows], Iterable[New]]] = {"seen_mentions": _seen}


def _mentioned(entry: Written, rows: Rows) -> None:
    fact = cast(AgentMentioned, entry.fact)
    id = mention_id(fact.message, fact.agent)
    rows.put(Mention(id, fact.message, fact.conversation, fact.agent, fact.by, entry.at))


def _read(entry: Written, rows: Rows) -> None:
    for id in cast(MentionsRead, entry.fact).mentions:
        rows.change(Mention, id, seen_at=entry.at)


FOLDS: Folds = {AgentMentioned: _mentioned, MentionsRead: _read}
