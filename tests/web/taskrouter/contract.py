"""The vendor's published description of the interface: its operations, and whether an answer is as it says."""

import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path

DOCUMENT = Path(__file__).parents[4] / "shared" / "contracts" / "twilio" / "twilio_taskrouter_v1.json"
TYPES = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
FORM = "application/x-www-form-urlencoded"


@cache
def document() -> dict:
    """The description, read once."""
    return json.loads(DOCUMENT.read_text())


def operations() -> list[tuple[str, str]]:
    """Method and path of every operation that is not statistics; none where the description is absent."""
    if not DOCUMENT.exists():
        return []
    paths = {path: operations for path, operations in document()["paths"].items() if "Statistics" not in path}
    return [(method, path) for path, found in paths.items() for method in ("get", "post", "delete") if method in found]


def fields_of(method: str, path: str) -> dict[str, dict]:
    """The form's fields of an operation, with their schemas."""
    body = document()["paths"][path][method].get("requestBody", {})
    return body.get("content", {}).get(FORM, {}).get("schema", {}).get("properties", {})


def required_of(method: str, path: str) -> list[str]:
    """The fields that an operation's form must have."""
    return document()["paths"][path][method]["requestBody"]["content"][FORM]["schema"].get("required", [])


def answer_of(method: str, path: str) -> tuple[int, dict | None]:
    """The status of an operation's answer, and its schema."""
    [(status, answer)] = document()["paths"][path][method]["responses"].items()
    schema = answer.get("content", {}).get("application/json", {}).get("schema")
    return int(status), schema


def resolved(schema: dict) -> dict:
    """The schema itself, where it is named elsewhere."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return document()["components"]["schemas"][name] if name else schema


def wrong(value: object, schema: dict, place: str = "$") -> list[str]:
    """What in a value is not as its schema says; every property that is named must be there."""
    schema = resolved(schema)
    if value is None:
        return [] if schema.get("nullable") else [f"{place} is null"]
    kind = TYPES.get(schema.get("type", ""))
    if kind and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
        return [f"{place} is {type(value).__name__}, not {schema['type']}"]
    found = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{place} is {value!r}, none of {schema['enum']}")
    if "pattern" in schema and not re.fullmatch(schema["pattern"], value):
        found.append(f"{place} is {value!r}, not as {schema['pattern']}")
    if schema.get("format") == "date-time":
        datetime.fromisoformat(value)
    if schema.get("format") == "uri" and not re.fullmatch(r"https?://\S+", value):
        found.append(f"{place} is {value!r}, no address")
    for name, inner in schema.get("properties", {}).items():
        found += wrong(value[name], inner, f"{place}.{name}") if name in value else [f"{place}.{name} is missing"]
    if "items" in schema:
        found += [one for nth, item in enumerate(value) for one in wrong(item, schema["items"], f"{place}[{nth}]")]
    return found
