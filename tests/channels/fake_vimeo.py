"""Vimeo's videos and comments in memory, written from its documentation and its OpenAPI document."""

import json
from datetime import timedelta

import httpx

from contracts.channel import NOW

ME, ANA = "/users/1", "/users/77"


class FakeVimeo:
    """`say(text)` is Ana under a video, `reply(comment, text)` under a comment; `fails` are answers to give first."""

    def __init__(self, clock):
        self.clock, self.comments, self.heard, self.fails, self.headers = clock, {}, [], [], {}
        self.videos, self.page_size, self.token = {"/videos/9": "Visita", "/videos/8": "Otra"}, 100, "t0ken"

    @property
    def http(self):
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))

    def say(self, text, video="/videos/9", parent="", user=ANA, at=None):
        name = f"{video}/comments/{100 + len(self.comments)}"
        at = at or self.clock.now()
        self.comments[name] = {"video": video, "parent": parent, "text": text, "user": user, "at": at}
        return name

    def reply(self, comment, text, **changes):
        return self.say(text, comment.partition("/comments")[0], comment, **changes)

    def answer(self, request):
        """What Vimeo answers."""
        self.heard.append(request)
        if self.fails:
            failing = self.fails.pop(0)
            if isinstance(failing, Exception):
                raise failing
            return failing
        if request.headers["authorization"] != f"Bearer {self.token}":
            return self._no(401, "You must provide a valid authenticated access token.", 8003)
        path, query = request.url.path, dict(request.url.params)
        if path == "/me":
            return self._json(200, {"uri": ME, "name": "Acme"})
        if path == "/me/videos":
            return self._json(200, self._page([self._video(v) for v in self.videos], query))
        if path.endswith("/replies"):
            return self._replies(request, path.removesuffix("/replies"), query)
        if path.endswith("/comments"):
            tops = [n for n, c in self.comments.items() if c["video"] == path.removesuffix("/comments") and not c["parent"]]
            tops.sort(key=lambda n: self.comments[n]["at"], reverse=True)
            return self._json(200, self._page([self._comment(n) for n in tops], query))
        return self._change(request, path)

    def _json(self, status, body):
        return httpx.Response(status, json=body, headers=self.headers)

    def _no(self, status, words, code=2204):
        return self._json(status, {"error": words, "link": None, "developer_message": words, "error_code": code})

    def _change(self, request, path):
        if path not in self.comments:
            return self._no(404, "The requested comment could not be found.")
        if request.method == "DELETE":
            del self.comments[path]
            return httpx.Response(204)
        self.comments[path]["text"] = json.loads(request.content)["text"]
        return self._json(200, self._comment(path))

    def _replies(self, request, parent, query):
        if request.method == "POST":
            if parent not in self.comments or self.comments[parent]["parent"]:
                return self._no(400, "You can't reply to this comment.")
            return self._json(201, self._comment(self.reply(parent, json.loads(request.content)["text"], user=ME)))
        return self._json(200, self._page([self._comment(n) for n, c in self.comments.items() if c["parent"] == parent], query))

    def _video(self, video):
        total = sum(c["video"] == video and not c["parent"] for c in self.comments.values())
        connections = {"comments": {"uri": f"{video}/comments", "options": ["GET", "POST"], "total": total}}
        return {"uri": video, "name": self.videos[video], "metadata": {"connections": connections}}

    def _comment(self, name):
        told = self.comments[name]
        total = sum(c["parent"] == name for c in self.comments.values())
        connections = {"replies": {"uri": f"{name}/replies", "options": ["GET", "POST"], "total": total}}
        return {
            "uri": name, "text": told["text"], "created_on": told["at"].isoformat(), "type": "video",
            "user": {"uri": told["user"], "name": "Ana" if told["user"] == ANA else "Acme"},
            "metadata": {"connections": connections},
        }  # fmt: skip

    def _page(self, items, query):
        size, page = min(self.page_size, int(query["per_page"])), int(query["page"])
        more = f"?page={page + 1}" if page * size < len(items) else None
        paging = {"next": more, "previous": None, "first": "?page=1", "last": "?page=1"}
        data = items[(page - 1) * size : page * size]
        return {"total": len(items), "page": page, "per_page": size, "paging": paging, "data": data}


def ago(**span):
    return NOW - timedelta(**span)
