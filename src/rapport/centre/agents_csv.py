"""agents.csv: one agent a line, as a spreadsheet shows them; what a spreadsheet would run as a formula is made harmless.

A cell holds a text (`gold`), a number, true or false, a list (`es;en`) or levels (`wifi=0.9;billing=0.1`); what would be read
otherwise is written as JSON. A cell that begins like a formula gets a quote before it, which reading takes away.
Source of the rule: OWASP, CSV Injection, read 2026-11.
"""

import csv
import io
import json
import re
from collections.abc import Iterable
from typing import Any, cast

import msgspec

from rapport.centre.tables import endless_in, nearest
from rapport.errors import CentreError
from rapport.model.agent import Agent, Presence
from rapport.model.attribute import Value

PLAIN = ("id", "name", "email", "team", "role", "timezone")
FIELDS = (*PLAIN, "bot", "presence", "slots")
BOUNDS = ("shift", "never", "angry_per_hour", "max_occupancy")  # columns that are written only where somebody has one
LISTS = ("languages", "interests")
LEVELS = ("skills",)
_json = msgspec.json.Decoder(Value)
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_LEVEL = re.compile(r"\s*([\w .-]*[^\s=])\s*=\s*([+-]?[\d.]+(?:[eE][+-]?\d+)?)\s*")


def read_agents(text: str, file: str) -> dict[str, tuple[Agent, str]]:
    """Each agent by id, with the place of its line. Raises CentreError with file, line, value and cure."""
    header_line = text.splitlines()[0] if text.strip() else ""
    delimiter = ";" if ";" in header_line and "," not in header_line else ","
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: dict[str, tuple[Agent, str]] = {}
    try:
        header = [name.strip() for name in next(lines, [])]
        _check_header(header, file)
        for cells in lines:
            place = f"{file}:{lines.line_num}"
            if any(cell.strip() for cell in cells):
                agent = _agent(header, cells, place)
                if agent.id in found:
                    raise CentreError(f"{place}: agent {agent.id!r} is there twice; the first is at {found[agent.id][1]}")
                found[agent.id] = (agent, place)
    except csv.Error as error:
        raise CentreError(f"{file}:{lines.line_num}: not a line of CSV ({error}); close its quotes") from None
    return found


def _check_header(header: list[str], file: str) -> None:
    known = {*FIELDS, *BOUNDS, *LISTS, *LEVELS}
    if "id" not in header:
        raise CentreError(
            f"{file}:1: the first line has no column 'id'; it names the columns, as `id,name,team,languages,skills`"
        )
    for name in header:
        if header.count(name) > 1:
            raise CentreError(f"{file}:1: column {name!r} is there twice; take one of them away")
        if not name:
            raise CentreError(f"{file}:1: a column has no name; name it or take it away")
        said = nearest(name, known)
        close = re.match(r"did you mean '(\w+)'", said)
        if name not in known and close and _is_slip(name, close[1]):
            cure = f"did you mean {close[1]!r}? Write attribute.{name} when it is an attribute of yours"
            raise CentreError(f"{file}:1: unknown column {name!r}; {cure}")


def _is_slip(name: str, known: str) -> bool:
    """Whether a name is a known one with one or two letters wrong."""
    longest = max(len(name), len(known))
    row = list(range(len(known) + 1))
    for i, a in enumerate(name.casefold(), 1):
        before, row[0] = row[0], i
        for j, b in enumerate(known, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1] <= (1 if longest < 6 else 2)


def _agent(header: list[str], cells: list[str], place: str) -> Agent:
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        raise CentreError(f"{place}: {len(cells)} cells under {len(header)} columns; put a cell with commas in double quotes")
    values: dict[str, Any] = {}  # Any: cells by field
    attributes: dict[str, Value] = {}
    for name, cell in zip(header, cells, strict=False):
        written = _unguard(cell)
        if not written.strip():
            continue
        if name in PLAIN:
            values[name] = written if name != "id" else written.strip()
        elif name in FIELDS or name in BOUNDS:
            values[name] = _field(name, written.strip(), place)
        else:
            attributes[name.removeprefix("attribute.")] = _attribute(name, written, place)
    if not values.get("id"):
        raise CentreError(f"{place}: the agent has no id; write a short name of their own in the column 'id'")
    endless = endless_in(values | attributes)
    if endless is not None:
        raise CentreError(f"{place}: {endless[0]} has a number that is too large; write at most 1e308")
    return Agent(**values, attributes=attributes)


def _field(name: str, cell: str, place: str) -> Any:  # Any: a value of that field
    if name == "bot":
        if cell.casefold() not in ("true", "false", "yes", "no", "1", "0"):
            raise CentreError(f"{place}: bot is {cell!r}; write true or false")
        return cell.casefold() in ("true", "yes", "1")
    if name == "presence":
        if cell not in list(Presence):
            raise CentreError(f"{place}: presence is {cell!r}; {nearest(cell, list(Presence))}")
        return Presence(cell)
    if name in BOUNDS:
        return _bound(name, cell, place)
    levels = _levels(cell)
    if levels is None or not all(level.is_integer() and level >= 0 for level in levels.values()):
        raise CentreError(f"{place}: slots is {cell!r}; write how many by channel kind, as `chat=3;social=5`")
    return {kind: int(level) for kind, level in levels.items()}


def _bound(name: str, cell: str, place: str) -> Any:  # Any: as above
    if name in ("shift", "never"):
        value = read_cell(cell)
        return tuple(value) if isinstance(value, list) else (cell,)
    if not _NUMBER.fullmatch(cell) or (name == "angry_per_hour" and not float(cell).is_integer()):
        what = "a whole number" if name == "angry_per_hour" else "a share from 0 to 1"
        raise CentreError(f"{place}: {name} is {cell!r}; write {what}")
    return int(float(cell)) if name == "angry_per_hour" else float(cell)


def _attribute(name: str, cell: str, place: str) -> Value:
    value = read_cell(cell)
    if name in LISTS and not isinstance(value, list):
        return [cell.strip()]
    if name in LEVELS and not isinstance(value, dict):
        raise CentreError(f"{place}: {name} is {cell!r}; write levels from 0 to 1, as `wifi=0.9;billing=0.1`")
    if name in LEVELS and isinstance(value, dict):
        wrong = {skill: level for skill, level in value.items() if not 0 <= level <= 1}
        if wrong:
            raise CentreError(
                f"{place}: the level of skill {next(iter(wrong))!r} is {next(iter(wrong.values()))}; write 0 to 1"
            )
    return value


def read_cell(cell: str) -> Value:
    """The value that a cell says: JSON, levels, a list, a number, true or false, or text."""
    text = cell.strip()
    if text[:1] in ('"', "[", "{"):
        try:
            return cast("Value", _json.decode(text))
        except (msgspec.DecodeError, msgspec.ValidationError):
            return cell
    if text in ("true", "false"):
        return text == "true"
    if _NUMBER.fullmatch(text):
        return float(text)
    levels = _levels(text)
    if levels is not None:
        return levels
    return [part.strip() for part in text.split(";") if part.strip()] if ";" in text else cell


def _levels(text: str) -> dict[str, float] | None:
    found: dict[str, float] = {}
    for part in text.split(";"):
        pair = _LEVEL.fullmatch(part)
        if pair is None and part.strip():
            return None
        if pair:
            try:
                found[pair[1]] = float(pair[2])
            except ValueError:
                return None
    return found or None


def write_cell(value: Value, name: str = "") -> str:
    """The cell that says `value` in the column `name`, so that reading it gives the value back."""
    plain = _plain(value)
    back = _attribute(name, plain, name) if plain.strip() and name not in LEVELS else read_cell(plain)
    same = type(back) is type(value) and back == value and plain.strip() != ""
    return plain if same else json.dumps(value, ensure_ascii=False)


def _bound_cell(value: tuple[str, ...] | int | float) -> str:
    """As `_bound` reads it; a list as JSON, for an expression may hold a semicolon."""
    if isinstance(value, tuple):
        return json.dumps(list(value), ensure_ascii=False) if value else ""
    return repr(value) if value else ""


def _plain(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        return repr(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, list):
        return ";".join(value)
    if isinstance(value, dict):
        return ";".join(f"{name}={level!r}" for name, level in value.items())
    return value


def _guard(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _unguard(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def write_agents(agents: Iterable[Agent]) -> str:
    """agents.csv as text: the known columns, then one for each attribute that anybody has."""
    rows = sorted(agents, key=lambda agent: agent.id)
    used = {name for agent in rows for name in agent.attributes}
    known = [name for name in (*LISTS, *LEVELS) if name in used]
    others = sorted(used - set(known))
    out = io.StringIO(newline="")
    lines = csv.writer(out, lineterminator="\n")
    bounds = [name for name in BOUNDS if any(getattr(agent, name) for agent in rows)]
    lines.writerow([*FIELDS, *bounds, *known, *(_header(name) for name in others)])
    for agent in rows:
        values = [getattr(agent, name) for name in PLAIN]
        slots = ";".join(f"{kind}={count}" for kind, count in agent.slots.items())
        cells = [*values, "true" if agent.bot else "", agent.presence or "", slots]
        cells += [_bound_cell(getattr(agent, name)) for name in bounds]
        cells += [write_cell(agent.attributes[name], name) if name in agent.attributes else "" for name in (*known, *others)]
        lines.writerow([_guard(str(cell)) for cell in cells])
    return out.getvalue()


def _header(name: str) -> str:
    near = re.match(r"did you mean '(\w+)'", nearest(name, {*FIELDS, *BOUNDS, *LISTS, *LEVELS}))
    plain = re.fullmatch(r"\w[\w .-]*", name) and not name.startswith("attribute.") and name == name.strip()
    return name if plain and name not in (*FIELDS, *BOUNDS) and not (near and _is_slip(name, near[1])) else f"attribute.{name}"
