"""Google's discovery documents as validators, where google-api-python-client is installed beside us.

It is no dependency, not even of the tests: 111 MB on disk for two documents. Without it these tests skip and say so; to run
them: uv pip install --no-deps google-api-python-client==2.202.0
"""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest


def discovery(name):
    """A discovery document, such as `youtube.v3`; skips where it is not installed."""
    spec = find_spec("googleapiclient")
    if spec is None:
        pytest.skip("google-api-python-client is not installed: its discovery documents are the oracle of this test")
    place = Path(spec.submodule_search_locations[0]) / "discovery_cache" / "documents" / f"{name}.json"
    return json.loads(place.read_text())


def wrong(document, request, root):
    """What is wrong with a request, by the document; []: Google describes it so."""
    path = request.url.path.removeprefix(root)
    found = [m for m in _methods(document) if m["httpMethod"] == request.method and _fits(m["path"], path)]
    if not found:
        return [f"no method {request.method} {path}"]
    known = found[0].get("parameters", {})
    said = [f"unknown parameter {name}" for name in request.url.params if name not in known]
    needed = [name for name, told in known.items() if told.get("required") and told["location"] == "query"]
    said += [f"parameter {name} is missing" for name in needed if name not in request.url.params]
    for name, value in request.url.params.items():
        told = known.get(name, {})
        if "enum" in told and value not in told["enum"]:
            said.append(f"{name} must be one of {told['enum']}, got {value}")
        if "maximum" in told and int(value) > int(told["maximum"]):
            said.append(f"{name} may be {told['maximum']}, got {value}")
    if "request" in found[0]:
        said += shape(document, found[0]["request"]["$ref"], json.loads(request.content))
    return said


def shape(document, name, value):
    """Which fields of a JSON object the document's schema does not know, or knows as another type."""
    return _shape(document, {"$ref": name}, value, name)


def _shape(document, schema, value, place):
    while "$ref" in schema:
        schema = document["schemas"][schema["$ref"]]
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "number": (int, float)}
    if not isinstance(value, kinds[schema["type"]]):
        return [f"{place} must be {schema['type']}, got {value!r}"]
    if schema["type"] == "array":
        return [said for n, one in enumerate(value) for said in _shape(document, schema["items"], one, f"{place}/{n}")]
    if schema["type"] != "object":
        return []
    known = schema.get("properties", {})
    unknown = [f"{place}/{name} is not known" for name in value if name not in known]
    return unknown + [
        s for name, one in value.items() if name in known for s in _shape(document, known[name], one, f"{place}/{name}")
    ]


def _methods(document):
    found = list(document.get("methods", {}).values())
    for inner in document.get("resources", {}).values():
        found += _methods(inner)
    return found


def _fits(template, path):
    ours, theirs = path.strip("/").split("/"), template.strip("/").split("/")
    return len(ours) == len(theirs) and all(
        t == o or (t[0] == "{" and t.endswith(o[o.find(":") :] if ":" in o else "}")) for t, o in zip(theirs, ours, strict=True)
    )  # noqa: E501
