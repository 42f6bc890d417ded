"""What is asked of whoever suggests a text, and what they answer: the port of assist."""

from typing import Literal, Protocol

import msgspec

Kind = Literal["reply", "summary", "translation"]
KINDS: tuple[Kind, ...] = ("reply", "summary", "translation")


class Line(msgspec.Struct, frozen=True):
    """One message as it is shown to whoever suggests. `ours`: we said it."""

    text: str
    ours: bool = False


class Ask(msgspec.Struct, frozen=True):
    """A wish for a text in `language` (ISO 639-1). `lines`: oldest first; of a translation the one to be translated.

    `saved`: replies of the house that fit, the best first. `names`: of people in it, which do not leave the house. `hosts`: of
    links that may stand in the text.
    """

    kind: Kind
    lines: tuple[Line, ...]
    language: str
    saved: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    hosts: frozenset[str] = frozenset()


class Suggestion(msgspec.Struct, frozen=True):
    """A text that an agent may use, and whose it is. `warnings`: what was taken out of it: link, placeholder, length ...

    `prompt`: version and hash of what was asked; "" where no model was.
    """

    text: str
    model: str
    prompt: str = ""
    warnings: tuple[str, ...] = ()


class Assist(Protocol):
    """Suggests texts."""

    async def suggest(self, tenant: int, ask: Ask) -> Suggestion:
        """A text. Raises AssistFailed, whose sentence says the cure in both languages."""
        ...
