"""A Bluesky server in memory, as its PDS, AppView and chat service answered when they were asked, or as their lexicons say.

What was seen of real ones (PDS 0.5.35): a record key that is taken answers 500, a token that ended 400 ExpiredToken, what is
not there 400 RecordNotFound; notifications are in the order of the time that a post gives itself.
"""

import base64
import json
from datetime import UTC, datetime

import httpx

ME, MARIA = "did:plc:care", "did:plc:maria"
SESSION = "com.atproto.server"
REPO = "com.atproto.repo"


class FakeBluesky:
    """`say(text)` is Maria's post; `records` is what the brand wrote; `fails` are answers to give first; `chat`: None, none."""

    def __init__(self, clock, chat=None):
        self.clock, self.chat = clock, chat
        self.blobs = {}
        self.notes, self.views, self.records, self.heard, self.fails = [], {}, {}, [], []
        self.sessions, self.token, self.headers, self.page = 0, 0, {}, 100
        self.password, self.names, self.closed = "app-pass", {"maria.test": MARIA, "care.test": ME}, set()

    @property
    def http(self):
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))

    def say(self, text, reason="mention", at=None, author=MARIA, embed=None, **record):
        """A post of Maria's that concerns the brand; its address."""
        uri = f"at://{author}/app.bsky.feed.post/3k{len(self.views):011d}"
        at = f"{(at or self.clock.now()).astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        value = {"$type": "app.bsky.feed.post", "text": text, "createdAt": at} | record
        value |= {"embed": {"$type": embed["$type"].removesuffix("#view")}} if embed else {}
        by = {"did": author, "handle": "maria.test", "displayName": "María"}
        self.views[uri] = {"uri": uri, "cid": f"cid{len(self.views)}", "author": by, "record": value, "indexedAt": at}
        self.views[uri] |= {"embed": embed} if embed else {}
        note = {"uri": uri, "cid": "c", "author": by, "reason": reason, "record": value, "indexedAt": at, "labels": []}
        self.notes.append(note)
        return uri

    def answer(self, request):
        """What the server answers."""
        self.heard.append(request)
        what = request.url.path.removeprefix("/xrpc/")
        if self.fails and not what.startswith(SESSION):
            failing = self.fails.pop(0)
            if isinstance(failing, Exception):
                raise failing
            return failing
        asked = dict(request.url.params)
        if what.endswith("uploadBlob"):
            self.blobs[f"blob{len(self.blobs)}"] = request.content
            kept = {"$type": "blob", "ref": {"$link": f"blob{len(self.blobs) - 1}"}, "size": len(request.content)}
            return self._json({"blob": kept | {"mimeType": request.headers["content-type"]}})
        body = json.loads(request.content or b"{}")
        if what.startswith(SESSION):
            return self._session(what, body)
        if request.headers["authorization"] != f"Bearer {self._jwt('access')}":
            return self._no("ExpiredToken", "Token has expired")
        if "atproto-proxy" in request.headers:
            return self._chat(what.removeprefix("chat.bsky.convo."), asked, body)
        return getattr(self, "_" + what.rpartition(".")[2])(asked, body, request)

    def _session(self, what, body):
        if what.endswith("createSession"):
            self.sessions += 1
            if body["password"] != self.password:
                return httpx.Response(
                    401, json={"error": "AuthenticationRequired", "message": "Invalid identifier or password"}
                )
        self.token += 1
        jwts = {"accessJwt": self._jwt("access"), "refreshJwt": self._jwt("refresh")}
        return self._json({"did": ME, "handle": "care.test"} | jwts)

    def _jwt(self, kind):
        claims = {"exp": datetime(2100, 1, 1, tzinfo=UTC).timestamp(), "kind": kind, "n": self.token}
        return "h." + base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=") + ".s"

    def _json(self, body):
        return httpx.Response(200, json=body, headers=self.headers)

    def _no(self, error, message, status=400):
        return httpx.Response(status, json={"error": error, "message": message}, headers=self.headers)

    def _listNotifications(self, asked, body, request):  # noqa: N802  # the network's name, as below
        ordered = sorted(self.notes, key=lambda note: note["indexedAt"], reverse=True)
        start = int(asked.get("cursor", 0))
        page = ordered[start : start + self.page]
        more = {"cursor": str(start + self.page)} if start + self.page < len(ordered) else {}
        return self._json({"notifications": page} | more)

    def _getPosts(self, asked, body, request):  # noqa: N802
        uris = request.url.params.get_list("uris")
        assert len(uris) <= 25
        return self._json({"posts": [self.views[uri] for uri in uris if uri in self.views]})

    def _resolveHandle(self, asked, body, request):  # noqa: N802
        did = self.names.get(asked["handle"])
        return self._json({"did": did}) if did else self._no("InvalidRequest", "Unable to resolve handle")

    def _createRecord(self, asked, body, request):  # noqa: N802
        name = (body["collection"], body["rkey"])
        if name in self.records:
            return self._no("InternalServerError", "Internal Server Error", 500)
        self.records[name] = body["record"]
        return self._json({"uri": f"at://{ME}/{'/'.join(name)}", "cid": f"cid-{body['rkey']}"})

    def _getRecord(self, asked, body, request):  # noqa: N802
        name = (asked["collection"], asked["rkey"])
        if name not in self.records:
            return self._no("RecordNotFound", f"Could not locate record: {name}")
        return self._json({"uri": f"at://{ME}/{'/'.join(name)}", "cid": "cid", "value": self.records[name]})

    def _deleteRecord(self, asked, body, request):  # noqa: N802
        self.records.pop((body["collection"], body["rkey"]), None)
        return self._json({})

    def _chat(self, what, asked, body):
        return self.chat.answer(what, asked, body) if self.chat else self._no("MethodNotImplemented", "no", 501)


class FakeChat:
    """The direct messages with Maria, as the lexicons of chat.bsky.convo say: no server of it can be had to look."""

    def __init__(self, clock):
        self.clock, self.logs, self.messages = clock, [], []

    def say(self, text, sender=MARIA, **more):
        """Something said in the conversation."""
        message = {
            "$type": "chat.bsky.convo.defs#messageView",
            "id": f"m{len(self.messages)}",
            "text": text,
            "sender": {"did": sender},
        }
        message |= {"sentAt": f"{self.clock.now():%Y-%m-%dT%H:%M:%S.%fZ}", "rev": f"{len(self.logs):04d}"} | more
        self.messages.append(message)
        self.log("logCreateMessage", message)
        return message

    def log(self, kind, message, **more):
        """Something that happened in it."""
        told = {
            "$type": f"chat.bsky.convo.defs#{kind}",
            "rev": f"{len(self.logs):04d}",
            "convoId": "convo1",
            "message": message,
        }
        self.logs.append(told | more)

    def answer(self, what, asked, body):
        """What the service answers."""
        rev = self.logs[-1]["rev"] if self.logs else "0000"
        maria = {"did": MARIA, "handle": "maria.test", "displayName": "María"}
        convo = {"id": "convo1", "rev": rev, "members": [{"did": ME, "handle": "care.test"}, maria]}
        convo |= {"lastMessage": self.messages[-1]} if self.messages else {}
        if what == "sendMessage":
            return httpx.Response(200, json=self.say(body["message"]["text"], ME))
        if what == "getLog":
            after = [log for log in self.logs if log["rev"] > asked["cursor"]]
            return httpx.Response(200, json={"logs": after[:2], "cursor": after[:2][-1]["rev"] if after else asked["cursor"]})
        if what in ("addReaction", "removeReaction"):
            self.log(
                f"log{what[0].upper()}{what[1:]}",
                {"id": body["messageId"]},
                reaction={"value": body["value"], "sender": {"did": ME}},
            )
            return httpx.Response(200, json={"message": {}})
        told = {
            "listConvos": {"convos": [convo]},
            "getConvoForMembers": {"convo": convo},
            "getMessages": {"messages": list(reversed(self.messages))},
        }
        return httpx.Response(200, json=told[what])
