"""Reddit's API in memory, written from its documentation: lists of a thousand, refusals that answer 200."""

import base64
from datetime import timedelta
from urllib.parse import parse_qs

import httpx

from contracts.channel import NOW

ME, ANA = "acme_care", "ana_r"


class FakeReddit:
    """`mention(text)`, `letter(text)` are Ana's; `things` is all there is, oldest first; `fails` are given first."""

    def __init__(self, clock):
        self.clock, self.things, self.heard, self.fails = clock, [], [], []
        self.headers, self.done, self.tokens, self.page_size, self.name = {}, [], 0, 100, ME

    @property
    def http(self):
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))

    def _add(self, kind, where, author=ANA, at=None, **said):
        name = f"{kind}_{len(self.things) + 1000:x}"
        data = {
            "name": name, "author": author, "created_utc": (at or self.clock.now()).timestamp(), "edited": False,
        } | said  # fmt: skip
        self.things.append({"kind": kind, "data": data, "where": where})
        return name

    def mention(self, text, parent="t3_post", **changes):
        told = {"body": text, "parent_id": parent, "link_id": "t3_post", "link_title": "El wifi", "subreddit": "acme"}
        return self._add("t1", "inbox", **(told | {"subject": "username mention", "was_comment": True} | changes))

    def letter(self, text, **changes):
        told = {
            "body": text,
            "subject": "Queja",
            "dest": ME,
            "was_comment": False,
            "subreddit": None,
            "first_message_name": None,
        }
        return self._add("t4", "inbox", **(told | changes))

    def post(self, title, text="", **changes):
        return self._add("t3", "r/acme/new", **({"title": title, "selftext": text, "subreddit": "acme"} | changes))

    def answer(self, request):
        """What Reddit answers."""
        if request.url.path == "/api/v1/access_token":
            self.tokens += 1
            self.basic = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
            return httpx.Response(200, json={"access_token": "tok", "expires_in": 86400, "token_type": "bearer"})
        self.heard.append(request)
        if self.fails:
            failing = self.fails.pop(0)
            if isinstance(failing, Exception):
                raise failing
            return failing
        if "rapport" not in request.headers["user-agent"]:
            return httpx.Response(429, json={"message": "Too Many Requests", "error": 429})
        path = request.url.path
        if path == "/api/v1/me":
            return self._json({"name": self.name, "is_suspended": False})
        if request.method == "GET":
            return self._json(self._listing(path.strip("/"), dict(request.url.params)))
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        return self._json(self._write(path, form))

    def _json(self, body):
        return httpx.Response(200, json=body, headers=self.headers)

    def _listing(self, path, query):
        where = {"message/inbox": "inbox", "message/sent": "sent", f"user/{ME}/comments": "comments"}.get(path, path)
        names = [t for t in reversed(self.things) if t["where"] == where][:1000]
        start = next((n + 1 for n, t in enumerate(names) if t["data"]["name"] == query.get("after")), 0)
        size = min(self.page_size, int(query["limit"]))
        page = names[start : start + size]
        after = page[-1]["data"]["name"] if start + size < len(names) else None
        children = [{"kind": t["kind"], "data": t["data"]} for t in page]
        return {"kind": "Listing", "data": {"children": children, "after": after, "before": None}}

    def _write(self, path, form):
        if path == "/api/comment":
            if form["thing_id"] == "t1_locked":
                return {"json": {"errors": [["THREAD_LOCKED", "Comments are locked.", "parent"]]}}
            if len(form["text"]) > 10_000:
                return {"json": {"errors": [["TOO_LONG", "this is too long (max: 10000)", "text"]]}}
            kind, where = ("t4", "sent") if form["thing_id"].startswith("t4") else ("t1", "comments")
            parent = {"parent_id": form["thing_id"]}
            name = self._add(kind, where, ME, body=form["text"], **parent, dest=ANA, first_message_name=form["thing_id"])
            return {
                "json": {"errors": [], "data": {"things": [{"kind": kind, "data": self.things[-1]["data"] | {"name": name}}]}}
            }
        if path == "/api/compose":
            self._add("t4", "sent", ME, body=form["text"], subject=form["subject"], dest=form["to"], parent_id=None)
            return {"json": {"errors": []}}
        self.done.append((path, form))
        return {"json": {"errors": [], "data": {"things": []}}} if path == "/api/editusertext" else {}


def ago(**span):
    return NOW - timedelta(**span)
