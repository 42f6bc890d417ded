"""Where a file of people is from: how each product lists people, and one person's record as plain columns.

Shapes: Chatwoot's contacts API (`payload`) and its export of contacts as a sheet; Zendesk's Users, Organizations APIs and its
JSON and CSV exports (an object a line, or `users`). Tried on hand-made files of those shapes, never on a real export.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from rapport.errors import BadInput
from rapport.people.imports.mapping import guess

Plain = dict[str, Any]  # Any: cells as text, or plain JSON


class Format(msgspec.Struct, frozen=True):
    """A product's way. `lists`: names under which JSON holds the people; `source`: whose ids they are, "" nobody's.

    `flat`: a record as columns with plain values; `fixed`: what its columns say, whatever they are called elsewhere.
    """

    name: str
    lists: tuple[str, ...]
    source: str
    flat: Callable[[Plain], Plain]
    fixed: Mapping[str, str]
    unfit: Callable[[Plain], str] = lambda record: ""  # why a record is of no person to bring in; "" where it is


def _simple(record: Plain) -> Plain:
    return {name: value for name, value in record.items() if not isinstance(value, dict)}


def _chatwoot(record: Plain) -> Plain:
    """`custom_attributes` are attributes, `additional_attributes` say city, company and names on networks."""
    extra = record.get("additional_attributes") or {}
    own = record.get("custom_attributes") or {}
    profiles = extra.get("social_profiles") or {} if isinstance(extra, dict) else {}
    found = _simple(record)
    if isinstance(extra, dict):
        found |= {name: extra[name] for name in ("city", "country", "company_name") if extra.get(name)}
    if isinstance(profiles, dict):
        found |= {name: value for name, value in profiles.items() if value and name not in found}
    if isinstance(own, dict):
        found |= {f"attribute {name}": value for name, value in own.items() if value not in (None, "", [], {})}
    return found


def _zendesk(record: Plain) -> Plain:
    """`user_fields` are attributes; an organisation stands inside by its name where the export puts it."""
    found = _simple(record)
    organisation = record.get("organization")
    if isinstance(organisation, dict):
        found |= {"organization": organisation.get("name", ""), "company_domain": _first(organisation.get("domain_names"))}
    elif record.get("organizations") and isinstance(record["organizations"], list):
        first = record["organizations"][0]
        found["organization"] = first.get("name", "") if isinstance(first, dict) else str(first)
    fields = record.get("user_fields")
    if isinstance(fields, dict):
        found |= {f"attribute {name}": value for name, value in fields.items() if value not in (None, "", [], {})}
    found.pop("organizations", None)
    return found


def _no_customer(record: Plain) -> str:
    if str(record.get("role", "")).casefold() in ("agent", "admin"):
        return "it is of an agent there, not of a customer"
    if str(record.get("permanently_deleted", "")).casefold() == "true":
        return "it was deleted there"
    return ""


def _first(value: Any) -> str:  # Any: plain JSON
    return str(value[0]) if isinstance(value, list) and value else ""


# Columns of Zendesk's that say nothing of a person.
NO_USE = (
    *("role", "role_type", "custom_role_id", "organization_id", "default_group_id", "brand", "alias", "signature", "moderator"),
    *("time_zone", "iana_time_zone", "locale_id", "ticket_restriction", "only_private_comments", "restricted_agent"),
    *("suspended", "active", "permanently_deleted", "two_factor_auth_enabled", "chat_only", "shared_agent", "report_csv"),
    *("shared_phone_number", "user_fields", "photo", "last_login_at"),
)
FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format("plain", ("people", "contacts", "users", "data"), "", _simple, {}),
        Format(
            "chatwoot",
            ("payload", "contacts"),
            "chatwoot",
            _chatwoot,
            {"identifier": "attribute:identifier", "twitter": "handle:x", "labels": "attribute:labels"},
        ),
        Format(
            "zendesk",
            ("users",),
            "zendesk",
            _zendesk,
            {
                "external_id": "attribute:external_id",
                "details": "attribute:details",
                "notes": "attribute:notes",
                "tags": "attribute:tags",
                "locale": "attribute:language",
            }
            | dict.fromkeys(NO_USE, "-"),
            _no_customer,
        ),
    )
}  # fmt: skip


def format_named(name: str) -> Format:
    """The format of that name. Raises BadInput."""
    if name not in FORMATS:
        raise BadInput(f"no format is called {name[:40]!r}; there are {', '.join(FORMATS)}")
    return FORMATS[name]


def format_of(columns: Iterable[str]) -> str:
    """The format that a file's first record looks like."""
    said = set(columns)
    chatwoot = {"identifier", "phone_number"} <= said or "additional_attributes" in said or "custom_attributes" in said
    zendesk = bool(said & {"ticket_restriction", "restriction", "organization_id", "user_fields"}) and "email" in said
    return "zendesk" if zendesk else "chatwoot" if chatwoot else "plain"


def guessed(format: Format, columns: Iterable[str]) -> dict[str, str]:
    """What the columns of a file of this format say. Columns of its own attributes are named `attribute NAME`."""
    named = list(columns)
    found = guess([column for column in named if not column.startswith("attribute ")])
    found |= {
        column: f"attribute:{column.removeprefix('attribute ')[:60]}" for column in named if column.startswith("attribute ")
    }
    return {column: format.fixed.get(column, found[column]) for column in named}
