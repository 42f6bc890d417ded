"""YouTube's comments in memory, written from its documentation; its answers are checked against its discovery document."""

import json
from datetime import timedelta

import httpx

from contracts.channel import NOW

ME, ANA = "UC" + "a" * 22, "UC" + "b" * 22
READ, WRITE = 1, 50


def stamp(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


class FakeYouTube:
    """`say(text)` is Ana under a video, `reply(thread, text)` in a thread; `comments` by id; `units` is what was spent."""

    def __init__(self, clock):
        self.clock, self.comments, self.heard, self.fails = clock, {}, [], []
        self.units, self.status, self.page_size, self.inline, self.tokens = 0, {}, 100, 5, 0
        self.consent_lasts = None  # seconds; None: for ever

    @property
    def http(self):
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))

    def say(self, text, author=ANA, at=None, parent="", **changes):
        name = f"{parent}.r{len(self.comments)}" if parent else f"Ug{len(self.comments):04d}"
        told = {
            "textDisplay": text, "textOriginal": text, "authorDisplayName": "@ana", "authorChannelId": {"value": author},
            "publishedAt": stamp(at or self.clock.now()), "updatedAt": stamp(at or self.clock.now()), "videoId": "vid1",
        } | ({"parentId": parent} if parent else {}) | changes  # fmt: skip
        self.comments[name] = {"kind": "youtube#comment", "etag": "e", "id": name, "snippet": told}
        return name

    def edit(self, name, text):
        told = self.comments[name]["snippet"]
        told |= {"textDisplay": text, "textOriginal": text, "updatedAt": stamp(self.clock.now())}

    def answer(self, request):
        """What YouTube answers."""
        if request.url.host == "oauth2.googleapis.com":
            self.tokens += 1
            told = {"access_token": "ya29", "expires_in": 3599, "token_type": "Bearer"}
            more = {"refresh_token_expires_in": self.consent_lasts} if self.consent_lasts else {}
            return httpx.Response(200, json=told | more)
        self.heard.append(request)
        if self.fails:
            failing = self.fails.pop(0)
            if isinstance(failing, Exception):
                raise failing
            return failing
        if request.headers["authorization"] != "Bearer ya29":
            return httpx.Response(401)
        self.units += READ if request.method == "GET" else WRITE
        path, query = request.url.path.removeprefix("/youtube/v3/"), dict(request.url.params)
        if path == "channels":
            return httpx.Response(200, json={"items": [{"id": ME, "snippet": {"title": "Acme"}}]})
        if path == "commentThreads":
            return httpx.Response(200, json=self._threads(query))
        if path == "comments/setModerationStatus":
            self.status[query["id"]] = query["moderationStatus"]
            return httpx.Response(204)
        if request.method == "GET":
            return httpx.Response(200, json=self._page(self._replies(query["parentId"]), query, "youtube#commentListResponse"))
        return self._change(request, query)

    def _change(self, request, query):
        if request.method == "DELETE":
            gone = self.comments.pop(query["id"], None) is None
            return httpx.Response(404, json=refusal(404, "commentNotFound")) if gone else httpx.Response(204)
        told = json.loads(request.content)
        if request.method == "PUT":
            self.edit(told["id"], told["snippet"]["textOriginal"])
            return httpx.Response(200, json=self.comments[told["id"]])
        parent = told["snippet"]["parentId"]
        if parent not in self.comments or "." in parent:
            return httpx.Response(404, json=refusal(404, "parentCommentNotFound"))
        made = self.comments[self.say(told["snippet"]["textOriginal"], ME, parent=parent, authorDisplayName="@acme")]
        return httpx.Response(200, json=made)

    def _replies(self, parent):
        found = [c for c in self.comments.values() if c["snippet"].get("parentId") == parent]
        return [c | {"snippet": {k: v for k, v in c["snippet"].items() if k != "videoId"}} for c in reversed(found)]

    def _threads(self, query):
        tops = [c for c in self.comments.values() if "parentId" not in c["snippet"]]
        tops.sort(key=lambda c: c["snippet"]["publishedAt"], reverse=True)
        return self._page([self._thread(c) for c in tops], query, "youtube#commentThreadListResponse")

    def _thread(self, top):
        replies = self._replies(top["id"])
        told = {
            "channelId": ME, "videoId": "vid1", "topLevelComment": top, "canReply": True, "totalReplyCount": len(replies),
            "isPublic": True,
        }  # fmt: skip
        thread = {"kind": "youtube#commentThread", "etag": "e", "id": top["id"], "snippet": told}
        return thread | ({"replies": {"comments": replies[: self.inline]}} if replies else {})

    def _page(self, items, query, kind):
        size, start = min(self.page_size, int(query["maxResults"])), int(query.get("pageToken", 0))
        more = {"nextPageToken": str(start + size)} if start + size < len(items) else {}
        info = {"totalResults": len(items), "resultsPerPage": size}
        return {"kind": kind, "etag": "e", "pageInfo": info, "items": items[start : start + size]} | more


def refusal(code, reason, words="no"):
    """An error as Google writes it."""
    return {"error": {"code": code, "message": words, "errors": [{"message": words, "domain": "youtube.x", "reason": reason}]}}


def ago(**span):
    return NOW - timedelta(**span)
