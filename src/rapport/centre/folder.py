"""The folder of a centre: `centre.toml`, `agents.csv`, and a folder for each other kind of thing, as `plans/` (`FOLDERS`).

Articles are Markdown, in `knowledge/`. In the other folders each file is one thing, named for its id.
A folder that was written and is read again says the same things.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from rapport.centre.agents_csv import read_agents, write_agents
from rapport.centre.articles import read_articles, write_articles
from rapport.centre.tables import refuse_unknown
from rapport.centre.things import (
    HEADERS,
    CheckAll,
    CheckExpression,
    Key,
    Placed,
    Things,
    body_of,
    check_expressions,
    header_of,
    key_of,
    placed,
    read_lists,
    read_one,
)
from rapport.centre.toml_text import Document, open_toml, write_table
from rapport.centre.written import plain_fields, replace_file
from rapport.errors import CentreError
from rapport.model.agent import Agent
from rapport.model.article import Article
from rapport.model.centre import read_thing

FOLDERS = {
    "plan": "plans",
    "playbook": "playbooks",
    "reply": "replies",
    "policy": "policies",
    "rule": "rules",
    "target": "targets",
    "bot": "bots",
    "hook": "hooks",
    "agreement": "agreements",
    "event_kind": "events",
    "purpose": "purposes",
    "scorecard": "scorecards",
    "sampling": "sampling",
    "survey": "surveys",
    "pool": "pools",
}
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


def read_folder(folder: Path, check_expression: CheckExpression | None = None, check_all: CheckAll | None = None) -> Things:
    """The things that a folder says, as JSON by kind and name. Raises CentreError with file, line, value and cure.

    `check_expression` is asked of each expression, `check_all` of everything together.
    """
    if not folder.is_dir():
        raise CentreError(f"{folder}: there is no such folder; name the one that holds centre.toml")
    places: dict[Key, str] = {}
    things: Things = {}
    everything = _everything(folder, check_expression)
    for one in everything:
        key, place = key_of(one.kind, one.value), one.place("id")
        if key in places:
            raise CentreError(f"{place}: {header_of(one.kind)} {key[1]!r} is there twice; the first is at {places[key]}")
        places[key] = place
        things[key] = body_of(one.value)
    if not things:
        raise CentreError(f"{folder}: no centre.toml, agents.csv or plans in here; name the folder of a centre")
    if check_all is not None:
        check_all(everything)
    return things


def _everything(folder: Path, check: CheckExpression | None) -> list[Placed]:
    found: list[Placed] = []
    centre = folder / "centre.toml"
    if centre.exists():
        found += _centre_file(open_toml(centre), check)
    agents = folder / "agents.csv"
    if agents.exists():
        for agent, line in read_agents(_text(agents), str(agents)).values():
            place = Document(line, {})  # a whole agent stands on one line
            check_expressions(agent, place, (), check)
            found.append(placed("agent", agent, place, ()))
    for kind, name in FOLDERS.items():
        for path in sorted((folder / name).glob("*.toml")):
            found.append(_one_file(kind, path, check))
    return found + read_articles(folder / "knowledge")


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CentreError(f"{path}: byte {error.start} is not UTF-8; save the sheet as `CSV UTF-8`") from None
    except OSError as error:
        raise CentreError(f"{path}: cannot be read ({error.strerror}); check its permissions") from None


def _centre_file(document: Document, check: CheckExpression | None) -> list[Placed]:
    refuse_unknown(document.values, {"centre", *HEADERS}, document, (), "centre.toml")
    found: list[Placed] = []
    if "centre" in document.values:
        table = {name: value for name, value in _table(document).items() if name != "tenant"}
        found.append(placed("centre", read_one("centre", table, document, ("centre",)), document, ("centre",)))
    return found + read_lists(document, check)


def _table(document: Document) -> dict[str, Any]:  # Any: plain TOML
    table = document.values["centre"]
    if not isinstance(table, dict):
        raise CentreError(
            f"{document.place('centre')}: centre is {table!r}, but must be a table; write [centre] above its keys"
        )
    return table


def tenant_named(folder: Path) -> str:
    """The tenant that the folder's `[centre]` names; "" where it names none."""
    path = folder / "centre.toml"
    table = open_toml(path).values.get("centre") if path.exists() else None
    return str(table.get("tenant", "")) if isinstance(table, dict) else ""


def _one_file(kind: str, path: Path, check: CheckExpression | None) -> Placed:
    document = open_toml(path)
    value = read_one(kind, {"id": path.stem, **document.values}, document, ())
    check_expressions(value, document, (), check)
    return placed(kind, value, document, ())


def write_folder(things: Mapping[Key, bytes], folder: Path) -> list[Path]:
    """Write things as the files of a centre; returns what was written or taken away. What says the same stays."""
    values = {key: read_thing(key[0], body) for key, body in things.items()}
    folder.mkdir(parents=True, exist_ok=True)
    changed = _write_centre(values, folder / "centre.toml")
    agents = [value for value in values.values() if isinstance(value, Agent)]
    changed += _write_agents(agents, folder / "agents.csv")
    for kind, name in FOLDERS.items():
        changed += _write_each(kind, {key[1]: value for key, value in values.items() if key[0] == kind}, folder / name)
    return changed + write_articles([value for value in values.values() if isinstance(value, Article)], folder / "knowledge")


def _write_centre(values: Mapping[Key, msgspec.Struct], path: Path) -> list[Path]:
    mine = {key: value for key, value in sorted(values.items()) if key[0] in ("centre", "brand", "account", "signal")}
    if path.exists() and {key_of(one.kind, one.value): one.value for one in _centre_file(open_toml(path), None)} == mine:
        return []
    parts = []
    for kind in ("centre", "brand", "account", "signal"):
        header = "[centre]" if kind == "centre" else f"[[{header_of(kind)}]]"
        parts += [write_table(plain_fields(value), header) for key, value in mine.items() if key[0] == kind]
    return replace_file(path, "\n".join(parts))


def _write_agents(agents: list[Agent], path: Path) -> list[Path]:
    wanted = {agent.id: agent for agent in agents}
    if path.exists() and {id: agent for id, (agent, _) in read_agents(_text(path), str(path)).items()} == wanted:
        return []
    return replace_file(path, write_agents(agents)) if agents or path.exists() else []


def _write_each(kind: str, values: Mapping[str, msgspec.Struct], folder: Path) -> list[Path]:
    changed: list[Path] = []
    there = {key_of(kind, _one_file(kind, path, None).value)[1]: path for path in sorted(folder.glob("*.toml"))}
    for name, path in there.items():
        if name not in values:
            path.unlink()
            changed.append(path)
    used = {path.stem for path in there.values()}
    for name, value in sorted(values.items()):
        path = there.get(name) or folder / f"{_stem(name, used)}.toml"
        if name in there and _one_file(kind, path, None).value == value:
            continue
        folder.mkdir(exist_ok=True)
        changed += replace_file(path, _write_thing(value))
        used.add(path.stem)
    return changed


def _stem(name: str, used: set[str]) -> str:
    plain = name if _NAME.fullmatch(name) else re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-") or "thing"
    stem, nth = plain, 1
    while stem in used:
        nth += 1
        stem = f"{plain}-{nth}"
    return stem


def _write_thing(value: msgspec.Struct) -> str:
    plain = plain_fields(value)
    lists = {name: plain.pop(name) for name in ("steps", "sections", "questions") if plain.get(name)}
    return "\n".join([write_table(plain), *(write_table(one, f"[[{name}]]") for name, all in lists.items() for one in all)])
