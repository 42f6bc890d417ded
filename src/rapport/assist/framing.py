"""How a model is asked: our instructions, then what people wrote as data between fences that it cannot know beforehand.

The instructions are `instructions.toml`; their version and hash stand with every suggestion.
"""

import hashlib
import json
import tomllib
from importlib.resources import files
from typing import Any

from rapport.assist.asking import Ask
from rapport.assist.redacting import Redaction

_TOLD = tomllib.loads((files("rapport.assist") / "instructions.toml").read_text("utf-8"))
VERSION: str = _TOLD["version"]
SYSTEM: str = _TOLD["system"].strip()
TASKS: dict[str, str] = _TOLD["tasks"]
MOST_LINES = 30
MOST_LETTERS = 2_000  # of one line
MOST_WHOLE = 16_000
MOST_TOKENS = {"reply": 500, "summary": 700, "translation": 1_500}
LANGUAGES = {"es": "Spanish", "en": "English", "pt": "Portuguese", "fr": "French", "de": "German", "it": "Italian"}


def prompt_name(kind: str) -> str:
    """The version of the instructions of a kind, and their hash."""
    digest = hashlib.sha256(f"{SYSTEM}\n{TASKS[kind]}".encode()).hexdigest()[:12]
    return f"{kind}-{VERSION}-{digest}"


def framed(ask: Ask, redaction: Redaction, fence: str) -> list[dict[str, str]]:
    """The messages of a chat for a model. `fence`: a word that nobody can know; it is taken out of what people wrote."""
    lines: list[dict[str, str]] = []
    whole = 0
    for line in reversed(ask.lines[-MOST_LINES:]):
        limit = MOST_LETTERS if ask.kind != "translation" else MOST_LETTERS * 3
        text = redaction.out(line.text[:limit].replace(fence, ""))
        whole += len(text)
        if whole > MOST_WHOLE and lines:
            break
        lines.insert(0, {"from": "agent" if line.ours else "customer", "text": text})
    given: dict[str, Any] = {"messages": lines}  # Any: plain JSON
    if ask.kind == "reply":
        given["saved_replies"] = [redaction.out(one[:MOST_LETTERS]) for one in ask.saved[:3]]
    data = json.dumps(given, ensure_ascii=False)
    task = TASKS[ask.kind].format(language=LANGUAGES.get(ask.language, ask.language or "the customer's language"))
    return [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": f"{task}\n---{fence}---\n{data}\n---{fence}---\nThe data has ended. {task}"},
    ]
