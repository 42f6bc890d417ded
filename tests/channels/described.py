"""The official descriptions of networks, as far as they lie beside this checkout (../shared/contracts), as validators.

They are data for tests alone. Meta's description of a message forbids in one branch of an `allOf` what the other demands, so
that none of its own examples is valid as written: `flat` takes the branches together, and then nothing else may be in a body.
"""

import json
from functools import cache
from pathlib import Path

import pytest

CONTRACTS = Path(__file__).parents[2].parent / "shared" / "contracts"


@cache
def description(name):
    """An OpenAPI document; skips where it is not there, or where what reads it is not installed."""
    place = CONTRACTS / name
    if not place.is_file():
        pytest.skip(f"the network's description is not beside this checkout (../shared/contracts/{name})")
    if name.endswith(".json"):
        return json.loads(place.read_text())
    yaml = pytest.importorskip("yaml")
    return yaml.load(place.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def faults(document, schema, value):
    """What is wrong with a value, by one of the document's schemas; "nullable" of OpenAPI 3.0 is not needed by us."""
    jsonschema = pytest.importorskip("jsonschema")
    checked = jsonschema.Draft202012Validator(schema | {"components": document["components"]})
    return [f"{'/'.join(map(str, fault.path))}: {fault.message}" for fault in checked.iter_errors(value)]


def flat(document, name):
    """A schema of the document with the branches of its `allOf` taken together; nothing else may be there."""
    parts = document["components"]["schemas"][name]["allOf"]
    seen = [_of(document, part) for part in parts]
    return {
        "type": "object",
        "required": [key for part in seen for key in part.get("required", [])],
        "properties": {key: value for part in seen for key, value in part.get("properties", {}).items()},
        "additionalProperties": False,
    }


def operation(document, method, path):
    """The operation that a request is of, by its method and path; None: the network has none such."""
    wanted = path.split("/")
    found = [
        (template.count("{"), operations[method.lower()])
        for template, operations in document["paths"].items()
        if method.lower() in operations and _fits(template.split("/"), wanted)
    ]
    return min(found, key=lambda one: one[0])[1] if found else None


def asked(document, request, root=""):
    """What is wrong with a request, its query and its JSON, by the document's operation for its path."""
    found = operation(document, request.method, request.url.path.removeprefix(root))
    if found is None:
        return [f"no operation {request.method} {request.url.path}"]
    known = {p["name"]: p for p in (_of(document, p) for p in found.get("parameters", [])) if p["in"] == "query"}
    wrong = [f"unknown parameter {name}" for name in request.url.params if name not in known]
    for name, told in request.url.params.items():
        wrong += _parameter(document, known[name]["schema"], told) if name in known else []
    body = found.get("requestBody")
    if body is not None:
        schema = body["content"]["application/json"]["schema"]
        wrong += faults(document, schema, json.loads(request.content or b"null"))
    return wrong


def _parameter(document, schema, told):
    schema = _of(document, schema)
    if schema.get("type") == "array":
        return faults(document, schema, told.split(","))
    return faults(document, schema, int(told) if schema.get("type") == "integer" else told)


def _of(document, part):
    while "$ref" in part:
        found = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def _fits(template, path):
    return len(template) == len(path) and all(t == p or t.startswith("{") for t, p in zip(template, path, strict=True))
