"""X in memory, as its API's documentation says; and the webhooks of its Activity API."""

import hmac
import html
import json
from base64 import b64decode, b64encode
from hashlib import sha256

import httpx

from rapport.channels.webhook import Request

ME, ANA, SECRET = "1111111111111111111", "2222222222222222222", "consumer-secret"
WRITTEN = "2026-11-16T09:59:00.000Z"
USERS = [{"id": ANA, "name": "Ana", "username": "ana_mx"}, {"id": ME, "name": "Acme", "username": "acme"}]


class FakeX:
    """`posts` mention us, `own` are ours, `talks` are direct messages: all newest last. `fails`: answers to give first."""

    def __init__(self):
        self.posts, self.own, self.talks = [], [], []
        self.around = []  # answers and quotations that do not mention us
        self.hidden, self.deleted, self.liked = {}, [], set()
        self.uploads, self.described = [], {}
        self.films, self.readying = {}, ["succeeded"]  # bytes by their names; what is said of one, the last for ever
        self.kept = {}  # files of direct messages, by their place
        self.heard, self.fails, self.headers, self.media = [], [], {}, []
        self.count = 2080000000000000000

    @property
    def http(self):
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))

    def say(self, text, by=ANA, at=WRITTEN, **changes):
        """Somebody mentions us."""
        made = self._post(text, by, at) | changes
        self.posts.append(made)
        return made

    def talk(self, text, by=ANA, at=WRITTEN, person=ANA, **changes):
        """A direct message."""
        made = {"id": self._next(), "event_type": "MessageCreate", "sender_id": by, "text": text, "created_at": at} | changes
        self.talks.append(made | {"with": person})
        return made

    def answer(self, request):
        """What X answers."""
        self.heard.append(request)
        if self.fails:
            failing = self.fails.pop(0)
            if isinstance(failing, Exception):
                raise failing
            if failing is not None:
                return failing
        path, query = request.url.path.removeprefix("/2/").split("/"), dict(request.url.params)
        if path[:2] == ["dm_conversations", "media"] and "/".join(path[2:]) in self.kept:
            return httpx.Response(200, stream=httpx.ByteStream(self.kept["/".join(path[2:])]))
        status, told = self._told(request.method, path, query, json.loads(request.content or b"{}"))
        return httpx.Response(status, json=told, headers=self.headers)

    def _told(self, method, path, query, body):
        match method, path:
            case "GET", ["users", "me"]:
                return 200, {"data": USERS[1]}
            case "GET", ["users", _, "mentions"]:
                return 200, self._page([p for p in self.posts if int(p["id"]) > int(query.get("since_id", 0))], query)
            case "GET", ["tweets", "search", "recent"]:
                return 200, self._page([p for p in self.posts + self.around if p["created_at"] >= query["start_time"]], query)
            case "GET", ["users", _, "tweets"]:
                return 200, self._page(self.own, query)
            case "GET", ["dm_events"]:
                return 200, self._page(self._without_with(self.talks), query)
            case "GET", ["dm_conversations", "with", person, "dm_events"]:
                return 200, self._page(self._without_with([t for t in self.talks if t["with"] == person]), query)
            case "POST", ["media", "upload", "initialize"]:
                name = self._next()
                self.films[name] = b""
                return 200, {"data": {"id": name, "media_key": "7_1", "expires_after_secs": 86400}}
            case "POST", ["media", "upload", name, "append"]:
                self.films[name] += b64decode(body["media"])
                return 200, {"data": {"expires_at": 1794823140}}
            case "POST", ["media", "upload", name, "finalize"]:
                return 200, self._film(name)
            case "GET", ["media", "upload"] if query["media_id"] in self.films:
                return 200, self._film(query["media_id"])
            case "POST", ["media", "upload"]:
                self.uploads.append(b64decode(body["media"]))
                return 200, {"data": {"id": self._next(), "media_key": "3_1"}}
            case "POST", ["media", "metadata"]:
                self.described[body["id"]] = body["metadata"]["alt_text"]["text"]
                return 200, {"data": {"id": body["id"]}}
            case "POST", ["tweets"]:
                return self._publish(body)
            case "POST", ["dm_conversations", "with", person, "messages"]:
                made = self.talk(body["text"], by=ME, person=person)
                return 201, {"data": {"dm_conversation_id": f"{ME}-{person}", "dm_event_id": made["id"]}}
            case "PUT", ["tweets", name, "hidden"]:
                self.hidden[name] = body["hidden"]
                return 200, {"data": {"hidden": body["hidden"]}}
            case "POST", ["users", _, "likes"]:
                self.liked.add(body["tweet_id"])
                return 200, {"data": {"liked": True}}
            case "DELETE", ["users", _, "likes", name]:
                self.liked.discard(name)
                return 200, {"data": {"liked": False}}
            case "DELETE", [_, name] if name not in self.deleted:
                self.deleted.append(name)
                return 200, {"data": {"deleted": True}}
        return 404, {"title": "Not Found Error", "detail": "Could not find it.", "status": 404}

    def _film(self, name):
        state = self.readying[0] if len(self.readying) == 1 else self.readying.pop(0)
        return {"data": {"id": name, "media_key": "7_1", "processing_info": {"state": state, "check_after_secs": 0}}}

    def _publish(self, body):
        text, answers = body["text"], body["reply"]["in_reply_to_tweet_id"]
        if any(text == p["given"] for p in self.own):
            return 403, duplicate().json()
        references = [{"type": "replied_to", "id": answers}]
        shown = html.escape(f"@ana_mx {text}".replace("https://acme.example/ayuda", "https://t.co/abc"), quote=False)
        made = self._post(shown, ME, WRITTEN) | {"referenced_posts": references, "given": text}
        self.own.append(made)
        return 201, {"data": {"id": made["id"], "text": text}}

    def _post(self, text, by, at):
        name = self._next()
        return {
            "id": name, "text": text, "author_id": by, "created_at": at, "conversation_id": name,
            "edit_history_post_ids": [name],
        }  # fmt: skip

    def _next(self):
        self.count += 1
        return str(self.count)

    def _without_with(self, talks):
        return [{key: value for key, value in talk.items() if key != "with"} for talk in talks]

    def _page(self, items, query):
        newest, size = items[::-1], int(query["max_results"])
        start = int(query.get("pagination_token", "page-0").removeprefix("page-").strip("-"))
        page = newest[start : start + size]
        if not page:
            return {"meta": {"result_count": 0}}
        meta = {"result_count": len(page), "newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
        more = {"next_token": f"page-{start + size}".ljust(16, "-")} if len(newest) > start + size else {}
        return {"data": page, "includes": {"users": USERS, "media": self.media}, "meta": meta | more}


def duplicate():
    """What X says of a text that we published already."""
    detail = "You are not allowed to create a Tweet with duplicate content."
    return httpx.Response(403, json={"detail": detail, "type": "about:blank", "title": "Forbidden", "status": 403})


def happened(kind, payload, includes=None, of=ME):
    """The body of a webhook."""
    told = {"event_uuid": "2080765813578191303", "filter": {"user_id": of}, "event_type": kind, "tag": "t", "payload": payload}
    return json.dumps({"data": told | ({"includes": includes} if includes is not None else {})}).encode()


def received(text, by=ANA, name="2080765901528535096", **data):
    """The body of a webhook of a direct message."""
    made = {"target": {"recipient_id": ME}, "sender_id": by, "message_data": {"text": text} | data}
    one = {"type": "message_create", "id": name, "created_timestamp": "1794823140000", "message_create": made}
    return happened("dm.received", {"direct_message_events": [one], "users": {u["id"]: {"data": u} for u in USERS}})


def signed(body, secret=SECRET):
    """The webhook as it is posted."""
    proof = "sha256=" + b64encode(hmac.new(secret.encode(), body, sha256).digest()).decode()
    return Request("POST", "/hooks/x", (), {"x-twitter-webhooks-signature": proof}, body)
