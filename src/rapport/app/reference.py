"""docs/reference.md: every fact, setting, command, permission and network, as the code itself says them."""

import inspect
from collections.abc import Iterator

from cyclopts import App

from rapport.access.roles import PERMISSIONS, ROLES
from rapport.channels.registry import networks
from rapport.model.fact import KINDS
from rapport.settings import FIELDS, Settings


def reference(app: App) -> str:
    """The whole page, in Markdown."""
    parts = [
        "# Reference\n\nMade by `rapport reference` from the code; a test compares it. Do not edit it.",
        _commands(app),
        _settings(),
        _facts(),
        _roles(),
        _networks(),
    ]
    return "\n\n".join(parts) + "\n"


def _first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").split("\n", 1)[0]


def _table(title: str, note: str, heads: str, rows: list[str]) -> str:
    columns = heads.count("|") - 1
    return "\n".join([f"## {title}", "", note, "", heads, "|" + "---|" * columns, *rows])


def _commands(app: App) -> str:
    rows = [f"| `rapport {name}` | {_first_line(command.default_command)} |" for name, command in sorted(_named(app))]
    return _table("Commands", "`rapport COMMAND --help` says the rest.", "| command | does |", rows)


def _named(app: App, before: str = "") -> Iterator[tuple[str, App]]:
    """Every command with its name; those of a group after the group's."""
    for name in app:
        if not name.startswith("-"):
            if app[name].default_command is not None:
                yield f"{before}{name}", app[name]
            else:
                yield from _named(app[name], f"{before}{name} ")


def _settings() -> str:
    standing = Settings()
    rows = []
    for name, (_, meta) in FIELDS.items():
        unit = str((meta.extra or {}).get("unit", ""))
        rows.append(f"| `{name}` | `{getattr(standing, name)!s}` | {unit} | {meta.description} |".replace("| `` |", "| |"))
    note = "In a TOML file (`--config`, or `RAPPORT_CONFIG`), or in the environment as `RAPPORT_` and the name in capitals."
    return _table("Settings", note, "| setting | default | unit | does |", rows)


def _facts() -> str:
    rows = [
        f"| {number} | `{kind.__name__}` | {_first_line(kind)} | {kind.content_type.__name__ if kind.content_type else ''} |"
        for number, kind in sorted(KINDS.items())
    ]
    note = "Below 32: from outside the pipeline. The last column is what is sealed with the key of a handle."
    return _table("Facts", note, "| kind | fact | says | content |", rows)


def _roles() -> str:
    names = list(ROLES)
    rows = [
        f"| `{permission}` | " + " | ".join("yes" if permission in ROLES[role] else "" for role in names) + " |"
        for permission in sorted(PERMISSIONS)
    ]
    return _table("Roles", "What each role may do.", f"| permission | {' | '.join(names)} |", rows)


def _networks() -> str:
    rows = [
        f"| `{name}` | {network.title.en} | {', '.join(f'`{field.name}`' for field in network.fields)} |"
        for name, network in sorted(networks().items())
    ]
    return _table("Channels", "Each has a page in docs/channels.", "| channel | is | settings of an account |", rows)
