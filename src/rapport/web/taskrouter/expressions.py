"""TaskRouter's expressions as ours: `worker.level > 2` asks for the attribute that a worker's agent has under `worker.level`.

What a worker says of itself is kept under `worker.` and a dotted path, what a task says under `task.`, beside whatever else the
house knows of the two; so their names never meet ours.
"""

import re
from collections.abc import Mapping
from typing import Any

from rapport.errors import BadInput
from rapport.matching.expression import Expression, parse
from rapport.matching.protected import category_of

MOST_DEPTH = 12
KEYWORDS = frozenset({"and", "or", "not", "has", "in", "contains", "true", "false", "null"})
CLOCK, SKILLS = "taskrouter", "worker.skills"
_TOKEN = re.compile(
    r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*|\s*\[\s*\d+\s*\])*|\s+|.""", re.DOTALL
)
_INDEX = re.compile(r"\s*\[\s*(\d+)\s*\]")
_LEVELS = ("skills", "interests")  # what the house itself reads of an agent, by name and level


def translate(text: str, *, bare: str = "worker") -> str:
    """The expression in our words. `bare`: whose a path is that names neither `worker` nor `task`."""
    return "".join(_path(word, bare) for word in _TOKEN.findall(text))


def compiled(text: str, *, bare: str = "worker", field: str) -> Expression:
    """The expression, ready to be asked. Raises BadInput, naming the form's field and the place, or what may never be asked."""
    try:
        found = parse(translate(text, bare=bare))
    except BadInput as wrong:
        raise BadInput(f"{field}: {wrong}") from None
    for path in sorted(found.agent_paths | found.need_paths):
        name = path[-1] if path[0] == "person" else path[0]
        if category := category_of(name):
            raise BadInput(f"{field}: {name} is an attribute that matching may never use ({category})")
    return found


def _path(word: str, bare: str) -> str:
    if not (word[0].isalpha() or word[0] == "_") or word.lower() in KEYWORDS:
        return word
    indexes = "".join(f"[{number}]" for number in _INDEX.findall(word))
    names = [name.strip() for name in _INDEX.sub("", word).split(".")]
    side = names[0] if names[0] in ("worker", "task", CLOCK) and len(names) > 1 else bare
    names = names[1:] if side == names[0] and len(names) > 1 else names
    dotted = ".".join(names)
    if f"{side}.{names[0]}" == SKILLS and len(names) == 2 and category_of(names[1]):
        return f'worker["{SKILLS}"]["{names[1]}"]'  # what somebody can do may have the name of what they may not be asked
    whose = "worker" if side == "worker" else "person"
    return f'{whose}["{side}.{dotted}"]{indexes}'


def flat(said: Mapping[str, Any], before: str) -> dict[str, Any]:  # Any: plain JSON, and attribute values
    """What a JSON object says, by dotted path below `before`; lists hold texts, what is null is left out."""
    found: dict[str, Any] = {}  # Any: as above
    _flatten(said, before, found, 0)
    return found


def _flatten(value: Any, path: str, found: dict[str, Any], depth: int) -> None:  # Any: as above
    if path == SKILLS and isinstance(value, Mapping):
        found[path] = {str(name): float(level) for name, level in value.items() if _is_number(level)}
    if isinstance(value, Mapping) and depth < MOST_DEPTH:
        for name, inner in value.items():
            _flatten(inner, f"{path}.{name}", found, depth + 1)
    elif isinstance(value, list):
        found[path] = [item if isinstance(item, str) else str(item) for item in value]
    elif isinstance(value, bool | str):
        found[path] = value
    elif isinstance(value, int | float):
        found[path] = float(value)


def _is_number(value: Any) -> bool:  # Any: as above
    return isinstance(value, int | float) and not isinstance(value, bool)


def of_the_house(said: Mapping[str, Any]) -> dict[str, Any]:  # Any: as above
    """What the house reads of an agent by its own names: languages, and skills and interests as levels from 0 to 1."""
    found: dict[str, Any] = {}  # Any: as above
    languages = said.get("languages", said.get("language"))
    if isinstance(languages, str) or (isinstance(languages, list) and all(isinstance(one, str) for one in languages)):
        found["languages"] = [languages] if isinstance(languages, str) else languages
    for name in _LEVELS:
        value = said.get(name)
        if isinstance(value, list):
            found[name] = [one for one in value if isinstance(one, str)]
        elif isinstance(value, Mapping):
            found[name] = _levels(value)
    return {name: value for name, value in found.items() if value}


def _levels(value: Mapping[str, Any]) -> dict[str, float]:  # Any: as above
    """Levels from 0 to 1, whatever the scale they are given on."""
    numbers = {str(name): float(level) for name, level in value.items() if _is_number(level) and level >= 0}
    most = max(numbers.values(), default=0.0)
    scale = 1.0 if most <= 1 else 10.0 if most <= 10 else most
    return {name: level / scale for name, level in numbers.items()}
