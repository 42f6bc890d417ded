"""Where a file of people is from: how each product lists people, and one person's record as plain columns.

Shapes: Chatwoot's contacts API (`payload`) and its export of contacts as a sheet, whose columns are `id`, `name`, `email` and
`phone_number` unless others were asked for, with what Ruby prints of a hash in those of attributes (its
`app/jobs/account/contacts_export_job.rb` and "Create Contact Export" of its API reference); Zendesk's users (the table
"JSON format" of its Users API) as `users` of a list or an incremental export, or an object a line as its JSON export has them.
Both read on 2026-11-22. Tried on hand-made files of those shapes, never on a real export.
"""

import json
import re
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


_QUOTED = re.compile(r'("(?:[^"\\]|\\.)*+"?)(\s*=>\s*(nil\b)?)?', re.DOTALL)  # each letter is read once, closed or not
MOST_PRINTED = 20_000  # letters of a cell that holds a mapping
_PRINTED = ("additional_attributes", "custom_attributes", "company")
DEFAULT = ("id", "name", "email", "phone_number")  # with which Chatwoot's sheet begins


def _simple(record: Plain) -> Plain:
    return {name: value for name, value in record.items() if not _is_deep(value)}


def _is_deep(value: Any) -> bool:  # Any: cells, plain JSON
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict) for one in value))


def _hash(value: Any) -> Plain:  # Any: a cell, or plain JSON
    """The mapping that a value is, or that a sheet prints of it in JSON or in Ruby; none where it is no mapping."""
    if isinstance(value, str) and len(value) <= MOST_PRINTED and value.lstrip().startswith("{"):
        try:
            value = json.loads(_QUOTED.sub(lambda f: f"{f[1]}: {'null' if f[3] else ''}" if f[2] else f[1], value))
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def _chatwoot(record: Plain) -> Plain:
    """`custom_attributes` are attributes, `additional_attributes` say city, company and names on networks."""
    extra, own, company = (_hash(record.get(name)) for name in _PRINTED)
    found = _simple({name: value for name, value in record.items() if not name.endswith("_attributes")})
    found |= {name: extra[name] for name in ("city", "country", "company_name") if extra.get(name)}
    found |= {"company_name": company["name"]} if company.get("name") else {}
    found |= {name: value for name, value in _hash(extra.get("social_profiles")).items() if value and name not in found}
    found |= {f"attribute {name}": value for name, value in own.items() if value not in (None, "", [], {})}
    return found


def _too_long(record: Plain) -> str:
    long = any(isinstance(value, str) and len(value) > MOST_PRINTED for name, value in record.items() if name in _PRINTED)
    return "its column of attributes has more than 20,000 letters; shorten it or leave it out" if long else ""


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
    if str(record.get("shared_phone_number", "")).casefold() == "true" and found.get("phone"):
        found["shared_phone"] = found.pop("phone")
    return found


def _no_customer(record: Plain) -> str:
    if str(record.get("role", "")).casefold() in ("agent", "admin"):
        return "it is of an agent there, not of a customer"
    if str(record.get("permanently_deleted", "")).casefold() == "true" or str(record.get("active", "")).casefold() == "false":
        return "it was deleted there"
    return ""


def _first(value: Any) -> str:  # Any: plain JSON
    return str(value[0]) if isinstance(value, list) and value else ""


# Columns of Zendesk's that say nothing of a person.
NO_USE = (
    *("role", "role_type", "custom_role_id", "organization_id", "default_group_id", "brand", "alias", "signature", "moderator"),
    *("time_zone", "iana_time_zone", "locale_id", "ticket_restriction", "only_private_comments", "restricted_agent"),
    *("suspended", "active", "permanently_deleted", "two_factor_auth_enabled", "chat_only", "shared_agent", "report_csv"),
    *(
        "shared_phone_number",
        "user_fields",
        "photo",
        "last_login_at",
        "remote_photo_url",
        "agent_brand_ids",
        "shared",
        "verified",
    ),
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
            {"identifier": "attribute:identifier", "twitter": "handle:x", "labels": "attribute:labels", "contact_inboxes": "-"},
            _too_long,
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
    named = list(columns)
    said = set(named)
    chatwoot = (
        tuple(named[: len(DEFAULT)]) == DEFAULT
        or {"identifier", "phone_number"} <= said
        or "additional_attributes" in said
        or "custom_attributes" in said
    )
    zendesk = bool(said & {"ticket_restriction", "restriction", "organization_id", "user_fields"}) and "email" in said
    return "zendesk" if zendesk else "chatwoot" if chatwoot else "plain"


def guessed(format: Format, columns: Iterable[str]) -> dict[str, str]:
    """What the columns of a file of this format say. Columns of its own attributes are named `attribute NAME`."""
    named = list(columns)
    found = guess([column for column in named if column not in format.fixed and not column.startswith("attribute ")])
    found |= {
        column: f"attribute:{column.removeprefix('attribute ')[:60]}" for column in named if column.startswith("attribute ")
    }
    return {column: format.fixed.get(column) or found[column] for column in named}
