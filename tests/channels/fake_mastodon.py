"""A Mastodon server in memory, as Mastodon's API is documented.

It does what snac2 does not: it honours Idempotency-Key, pages by `min_id` from the oldest, resolves in its search.
"""

from urllib.parse import parse_qs

import httpx

from channels.sent_form import read_form

ME = {"id": "1", "acct": "acme", "display_name": "Acme"}


class FakeMastodon:
    """`say(text)` is a person who mentions the brand; `posted` is what the brand wrote; `fails` are answers to give first."""

    def __init__(self, host="social.example", version="4.5.2", limit=500):
        self.host, self.version, self.limit = host, version, limit
        self.notes, self.statuses, self.keys = [], {}, {}
        self.posted, self.heard, self.fails = [], [], []
        self.headers, self.files, self.working = {}, {}, 0

    @property
    def http(self):
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))

    def say(self, text, acct="ana@example.org", **changes):
        """A mention of the brand, as one more notification."""
        status = self._status({"id": "2", "acct": acct, "display_name": "Ana"}, f"<p>@acme {text}</p>", **changes)
        number = str(1000 + len(self.notes))
        self.notes.append({"id": number, "type": "mention", "created_at": status["created_at"], "status": status})
        return status

    def answer(self, request):
        """What the server answers."""
        self.heard.append(request)
        if self.fails:
            failing = self.fails.pop(0)
            if isinstance(failing, Exception):
                raise failing
            return failing
        path = request.url.path.removeprefix("/api/")
        if request.method == "POST" and path == "v1/statuses":
            return self._post(request)
        if request.method == "POST" and path == "v2/media":
            form = read_form(request)
            self.files[str(len(self.files) + 1)] = form["file"]
            return httpx.Response(202, json={"id": str(len(self.files)), "description": form["description"].decode()})
        if path.startswith("v1/media/"):
            self.working -= 1
            return httpx.Response(206 if self.working >= 0 else 200, json={})
        query = dict(request.url.params)
        if path.startswith("v1/statuses/") and not path.endswith("/context"):
            return self._touched(request.method, *path.split("/")[2:], form=parse_qs(request.content.decode()))
        if path == "v1/notifications":
            return self._json(self._page(query))
        if path.startswith("v1/statuses/") and path.endswith("/context"):
            return self._json({"ancestors": self._above(path.split("/")[2]), "descendants": []})
        fixed = {
            "v1/accounts/verify_credentials": ME,
            "v2/instance": {
                "version": self.version,
                "domain": self.host,
                "configuration": {"statuses": {"max_characters": self.limit}},
            },
            "v1/accounts/1/statuses": list(reversed(self.posted)),
            "v1/timelines/home": [],
            "v2/search": {"statuses": [s for s in self.statuses.values() if s["uri"] == query.get("q")]},
        }
        return self._json(fixed[path]) if path in fixed else httpx.Response(404, json={"error": "Record not found"})

    def _json(self, body):
        return httpx.Response(200, json=body, headers=self.headers)

    def _page(self, query):
        limit = min(int(query.get("limit", 40)), 80)
        newer = [n for n in self.notes if int(n["id"]) > int(query.get("min_id", 0))]
        older = [n for n in newer if int(n["id"]) < int(query.get("max_id", 10**9))]
        page = older[:limit] if "min_id" in query else older[-limit:]
        return list(reversed(page))

    def _post(self, request):
        key = request.headers["idempotency-key"]
        if key not in self.keys:
            told = parse_qs(request.content.decode())
            form = {name: values[0] for name, values in told.items()}
            changes = {"visibility": form["visibility"], "in_reply_to_id": form.get("in_reply_to_id")}
            changes["media_attachments"] = [
                {"id": name, "url": f"https://{self.host}/{name}"} for name in told.get("media_ids[]", [])
            ]
            self.keys[key] = self._status(ME, f"<p>{form['status']}</p>", **changes)
            self.posted.append(self.keys[key])
        return self._json(self.keys[key])

    def _touched(self, verb, number, do="", form=()):
        status = self.statuses.get(number)
        if status is None:
            return httpx.Response(404, json={"error": "Record not found"})
        if verb == "DELETE":
            del self.statuses[number]
        elif verb == "PUT":
            kept = [{"id": name} for name in form.get("media_ids[]", [])]
            warning = form.get("spoiler_text", [""])[0]
            status |= {"content": f"<p>{form['status'][0]}</p>", "media_attachments": kept, "spoiler_text": warning}
        elif do:
            status["favourited"] = do == "favourite"
        return self._json(status)

    def _status(self, account, content, **changes):
        number = str(109_000 + len(self.statuses))
        status = {
            "id": number,
            "uri": f"https://{self.host}/users/x/statuses/{number}",
            "account": account,
            "content": content,
            "created_at": "2026-11-16T09:59:00.000Z",
            "visibility": "public",
            "in_reply_to_id": None,
            "media_attachments": [],
        } | changes
        self.statuses[number] = status
        return status

    def _above(self, number):
        found, at = [], self.statuses[number]["in_reply_to_id"]
        while at:
            found.insert(0, self.statuses[at])
            at = self.statuses[at]["in_reply_to_id"]
        return found
