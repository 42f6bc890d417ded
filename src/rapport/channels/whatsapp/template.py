"""A template that Meta approved, as an agent writes it: `template: NAME LANGUAGE`, then one line for each of its values."""

import re
from dataclasses import dataclass
from typing import Any

_FIRST = re.compile(r"template: ([a-z0-9_]{1,512}) ([a-z]{2,3}(?:_[A-Z]{2})?)")


@dataclass(frozen=True, slots=True)
class Template:
    """An approved text by its name and language, with the values of its places in order."""

    name: str
    language: str
    values: tuple[str, ...]

    @property
    def length(self) -> int:
        """Characters of the values."""
        return sum(len(value) for value in self.values)


def template_in(text: str) -> Template | None:
    """The template that a text asks for; None: it is a text of its own."""
    first, *rest = text.strip().split("\n")
    found = _FIRST.fullmatch(first.strip())
    values = tuple(" ".join(line.split()) for line in rest if line.strip())
    return Template(found[1], found[2], values) if found else None


def message_of(template: Template) -> dict[str, Any]:  # Any: JSON
    """The template as the network takes it."""
    values = [{"type": "text", "text": value} for value in template.values]
    body = {"name": template.name, "language": {"policy": "deterministic", "code": template.language}}
    return body | ({"components": [{"type": "body", "parameters": values}]} if values else {})
