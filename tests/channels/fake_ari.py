"""A fake Asterisk: its channels, bridges and recordings as ARI tells of them."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

import httpx

CREATED = "2026-11-16T09:59:00.000+0000"


@dataclass
class FakeAri:
    """`registered`: endpoints that can be rung. A line that is rung is up at once where it is in `answers`."""

    lines: dict[str, dict] = field(default_factory=dict)
    bridges: dict[str, set[str]] = field(default_factory=dict)
    stored: dict[str, bytes] = field(default_factory=dict)
    live: set[str] = field(default_factory=set)
    music: set[str] = field(default_factory=set)
    registered: set[str] = field(default_factory=set)
    rung: list[tuple[str, str]] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    away: bool = False
    before_list: Callable[[], None] = lambda: None  # what happens when the list of channels is asked for
    leaves: str = ""  # the endpoint that hangs up as soon as its line is where the others are

    def call(self, id: str, number: str, app: str = "rapport,call,100") -> None:
        """Somebody is on the line."""
        self.lines[id] = {
            "id": id, "state": "Ring", "creationtime": CREATED, "caller": {"name": "", "number": number},
            "dialplan": {"app_name": "Stasis", "app_data": app},
        }  # fmt: skip

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("nobody listens")
        path = unquote(request.url.path.removeprefix("/ari"))
        query, verb = dict(request.url.params), request.method
        if path == "/channels":
            self.before_list()
            return httpx.Response(200, json=list(self.lines.values()))
        if path == "/asterisk/info":
            return httpx.Response(200, json={"system": {"version": "22.10.1"}})
        if path == "/recordings/stored":
            return httpx.Response(200, json=[{"name": name, "format": "wav"} for name in self.stored])
        for pattern, answer in ((r"/channels/([^/]+)(/.*)?", self._line), (r"/bridges/([^/]+)(/.*)?", self._bridge)):
            if found := re.fullmatch(pattern, path):
                return answer(verb, found[1], found[2] or "", query)
        if found := re.fullmatch(r"/recordings/(stored|live)/([^/]+)(/.*)?", path):
            return self._recording(verb, found[1], found[2], found[3] or "")
        return httpx.Response(404, json={})

    def _line(self, verb: str, id: str, what: str, query: dict) -> httpx.Response:
        if verb == "POST" and not what:
            if id in self.used:
                return httpx.Response(409, json={"message": "Channel with given unique ID already exists"})
            if query["endpoint"] not in self.registered:
                return httpx.Response(500, json={"error": "Allocation failed"})
            self.used.add(id)
            self.rung.append((id, query["endpoint"]))
            self.call(id, "", "rapport,leg")
            self.lines[id]["state"] = "Up"
        if id not in self.lines:
            return httpx.Response(404, json={"message": "Channel not found"})
        if verb == "DELETE" and not what:
            del self.lines[id]
            for inside in self.bridges.values():
                inside.discard(id)
        elif what == "/moh":
            (self.music.add if verb == "POST" else self.music.discard)(id)
        elif what == "/answer":
            self.lines[id]["state"] = "Up"
        return httpx.Response(200, json=self.lines.get(id, {}))

    def _bridge(self, verb: str, id: str, what: str, query: dict) -> httpx.Response:
        if verb == "POST" and not what:
            there = id in self.bridges
            self.bridges.setdefault(id, set())
            return httpx.Response(409 if there else 200, content=json.dumps({}))
        if id not in self.bridges:
            return httpx.Response(404, json={})
        if what == "/addChannel":
            if query["channel"] not in self.lines:
                return httpx.Response(400, json={"message": "Channel not found"})
            self.bridges[id].add(query["channel"])
            if (query["channel"], self.leaves) in self.rung:
                self._line("DELETE", query["channel"], "", {})
        elif what == "/removeChannel":
            self.bridges[id].discard(query["channel"])
        elif what == "/record":
            self.live.add(query["name"])
        elif verb == "DELETE":
            del self.bridges[id]
        return httpx.Response(204)

    def _recording(self, verb: str, where: str, name: str, what: str) -> httpx.Response:
        if where == "live":
            return httpx.Response(200 if name in self.live else 404, json={})
        if verb == "DELETE":
            return httpx.Response(204 if self.stored.pop(name, None) else 404)
        return httpx.Response(200, content=self.stored[name])
