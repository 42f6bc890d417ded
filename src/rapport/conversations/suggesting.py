"""What was suggested to an agent goes on record: by which model, to which instructions, and the hash of the text."""

import re
from collections.abc import Callable, Iterable, Mapping

from rapport.conversations.answering import UNKNOWN, done, refused
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.model.conversation import Conversation
from rapport.model.fact import ActionTaken
from rapport.model.fact_signal import TextSuggested

_SAID = re.compile(r"(reply|summary|translation)\|([^|]{1,120})\|([\w.-]{0,80})\|([0-9a-f]{0,64})")


def _suggested(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    conversation = rows.get(Conversation, fact.conversation)
    said = _SAID.fullmatch(fact.argument)
    if conversation is None:
        yield refused(entry, fact, rows, UNKNOWN)
    elif said is None:
        yield refused(entry, fact, rows, "What was suggested is named as kind|model|instructions|hash.")
    else:
        kind, model, prompt, digest = said.groups()
        told = TextSuggested(conversation.id, fact.agent, kind, model, prompt, digest, fact.message)
        yield follows(entry, told, subject=conversation.id, at=rows.now)
        yield done(entry, fact, rows, conversation.id)


ACTIONS: Mapping[str, Callable[[Written, ActionTaken, Rows], Iterable[New]]] = {"suggested": _suggested}
