"""OpenAPI 3.1 of /api, made from the routes themselves: what each takes, gives and needs stands in its `opt`."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec
from litestar.handlers import ASGIRouteHandler, HTTPRouteHandler

from rapport.access.roles import PERMISSIONS
from rapport.web.errors import Problem

_PARAMETER = re.compile(r"{(\w+):\w+}")
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 200},
    "description": "The same key with the same body is answered as the first time; with another body 422.",
}


Handler = HTTPRouteHandler | ASGIRouteHandler


def methods_of(handler: Handler) -> list[str]:
    """GET, POST ... as people ask for it; a bare ASGI route says its own, a socket has none."""
    if isinstance(handler, HTTPRouteHandler):
        return sorted(handler.http_methods - {"OPTIONS", "HEAD"})
    return [handler.opt["method"]] if "method" in handler.opt else []


def openapi(handlers: Iterable[Handler], version: str) -> dict[str, Any]:  # Any: JSON
    """The document."""
    routes = [h for h in handlers if any(path.startswith("/api") for path in h.paths) and "says" in h.opt]
    types = [h.opt[key] for h in routes for key in ("takes", "gives") if h.opt.get(key) is not None]
    schemas, components = msgspec.json.schema_components([*types, Problem], ref_template="#/components/schemas/{name}")
    schema_of = dict(zip(map(repr, types), schemas, strict=False))
    paths: dict[str, dict[str, Any]] = {}
    for handler in routes:
        for path in sorted(handler.paths):
            shown = _PARAMETER.sub(r"{\1}", path)
            for method in methods_of(handler):
                paths.setdefault(shown, {})[method.lower()] = _operation(handler, path, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Rapport", "version": version or "0", "summary": "Messages and journey events in, context out."},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "rpt_<tenant>_<secret>"}},
        },
        "security": [{"token": []}],
    }


def _operation(handler: Handler, path: str, schema_of: dict[str, Any]) -> dict[str, Any]:  # Any: JSON
    opt = handler.opt
    parameters = [{"name": p, "in": "path", "required": True, "schema": {"type": "string"}} for p in _PARAMETER.findall(path)]
    parameters += [
        {"name": name, "in": "query", "required": False, "description": text, "schema": {"type": "string"}}
        for name, text in opt.get("asks", {}).items()
    ]
    answers: dict[str, Any] = {str(opt.get("status", 200)): {"description": "Done"}}
    if opt.get("gives") is not None:
        answers[str(opt.get("status", 200))]["content"] = {"application/json": {"schema": schema_of[repr(opt["gives"])]}}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    answers["default"] = {"description": "What went wrong, and the cure", "content": problem}
    operation: dict[str, Any] = {
        "operationId": handler.handler_name,
        "summary": opt["says"],
        "description": f"Needs `{opt['needs']}`: {PERMISSIONS[opt['needs']]}." if opt["needs"] else "Open to everyone.",
        "responses": answers,
    }
    if not opt["needs"]:
        operation["security"] = []
    if opt.get("takes") is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema_of[repr(opt["takes"])]}},
        }
        if "POST" in methods_of(handler):
            parameters.append(_KEY)
    if parameters:
        operation["parameters"] = parameters
    return operation
