"""A Facebook page in memory, as Graph shows it to a page's token; and the webhooks that Facebook sends of it."""

import hashlib
import hmac
import json

import httpx

from channels.fake_whatsapp import debugged, graph_error
from channels.sent_form import read_form
from rapport.channels.webhook import Request

PAGE, SECRET, WORD = "100200300", "app-secret", "our-word"
ANA, POST = "7001", "100200300_501"
WRITTEN = "2026-11-16T09:59:00+0000"


class FakePage:
    """`posts`, `comments` by what they are under, `talks` by person: newest last. `fails`: answers to give first."""

    def __init__(self, platform="messenger", me=PAGE, version="v25.0"):
        self.platform, self.me, self.version = platform, me, version
        ours = {"from": {"id": PAGE}, "created_time": "2026-11-10T09:00:00+0000"}
        self.posts = [{"id": POST, "message": "¡Nuevo módem!", "updated_time": WRITTEN} | ours]
        self.comments, self.talks = {POST: []}, {}
        self.fields, self.expires = ["feed", "messages"], 0
        self.hidden, self.deleted, self.edited = {}, [], {}
        self.liked, self.signs, self.seen = set(), {}, []  # what our page likes; its sign on each message; who saw that it read
        self.sent, self.heard, self.fails, self.headers = [], [], [], {}
        self.window_open = True
        self.uploads = {}

    @property
    def http(self):
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))

    def comment(self, text, by=ANA, under=POST, at=WRITTEN, **changes):
        """A comment; `under` a post or a comment."""
        made = {"id": f"501_{800 + sum(map(len, self.comments.values()))}", "message": text, "created_time": at}
        made |= {"from": {"id": by, "name": "Ana"}} | changes
        self.comments.setdefault(under, []).append(made)
        return made

    def talk(self, text, by=ANA, person=ANA, at=WRITTEN, **changes):
        """A private message."""
        talk = self.talks.setdefault(person, [])
        number = sum(map(len, self.talks.values())) + 1
        made = {"id": f"m_{number}", "message": text, "from": {"id": by, "name": "Ana"}, "created_time": at} | changes
        talk.append(made)
        return made

    def answer(self, request):
        """What Graph answers."""
        self.heard.append(request)
        if self.fails:
            failing = self.fails.pop(0)
            if isinstance(failing, Exception):
                raise failing
            if failing is not None:
                return failing
        path = request.url.path.removeprefix(f"/{self.version}/")
        told = self._told(request, path.split("/"))
        return httpx.Response(200, json=told, headers=self.headers) if told is not None else gone()

    def _told(self, request, path):
        if path[1:] == ["message_attachments"]:
            self.uploads[f"file{len(self.uploads)}"] = read_form(request)["filedata"]
            return {"attachment_id": f"file{len(self.uploads) - 1}"}
        query, body = dict(request.url.params), json.loads(request.content or b"{}")
        if request.method == "POST":
            return self._post(path, body)
        if request.method == "DELETE" and path[1:] == ["likes"]:
            self.liked.discard(path[0])
            return {"success": True}
        if request.method == "DELETE":
            return self._delete(path[0])
        if path[1:] == ["conversations"]:
            return self._conversations(query)
        fixed = {
            (PAGE,): {"id": PAGE, "name": "Acme"},
            (PAGE, "subscribed_apps"): {"data": [{"id": "1", "subscribed_fields": self.fields}]},
            (PAGE, "feed"): {"data": self.posts[::-1][: int(query.get("limit", 25))]},
        }
        if path[1:] == ["comments"]:
            return paged(self.comments.get(path[0], [])[::-1], query)
        return fixed.get(tuple(path))

    def _post(self, path, body):
        if path[1:] == ["messages"]:
            return self._send(body)
        if "batch" in body:
            return debugged(body, self.expires)
        if path[1:] == ["likes"]:
            self.liked.add(path[0])
            return {"success": True}
        if path[1:] == ["comments"]:
            return {"id": self.comment(body["message"], by=PAGE, under=path[0])["id"]}
        if "message" in body:
            self.edited[path[0]] = body["message"]
        else:
            self.hidden[path[0]] = body["is_hidden"]
        return {"success": True}

    def _gesture(self, body):
        person, told = body["recipient"]["id"], body.get("payload", {})
        match body["sender_action"]:
            case "mark_seen":
                assert set(body) == {"recipient", "sender_action"}  # no more may be in it
                self.seen.append(person)
            case "react":
                self.signs[told["message_id"]] = told["reaction"]
            case "unreact":
                self.signs.pop(told["message_id"], None)
        return {"recipient_id": person}

    def _send(self, body):
        if "sender_action" in body:
            return self._gesture(body)
        self.sent.append(body)
        person = body["recipient"].get("id", ANA)
        said, file = body["message"], body["message"].get("attachment", {}).get("payload", {})
        more = {"file": file["attachment_id"]} if file else {}
        made = self.talk(said.get("text", ""), by=self.me, person=person, **more)
        return {"recipient_id": person, "message_id": made["id"]}

    def _delete(self, name):
        if name in self.deleted:
            return None
        self.deleted.append(name)
        return {"success": True}

    def _conversations(self, query):
        assert query["platform"] == self.platform
        wanted = [p for p in self.talks if query.get("user_id", p) == p]
        newest = sorted(wanted, key=lambda p: self.talks[p][-1]["created_time"], reverse=True)
        data = [
            {"id": f"t_{p}", "updated_time": self.talks[p][-1]["created_time"], "messages": {"data": self.talks[p][::-1][:20]}}
            for p in newest
        ]
        return paged(data, query)


def paged(items, query):
    """A page of a list, with the cursor of the next."""
    start, limit = int(query.get("after", 0)), int(query.get("limit", 25))
    more = start + limit < len(items)
    paging = {"cursors": {"before": str(start), "after": str(start + limit)}} | ({"next": "https://x"} if more else {})
    return {"data": items[start : start + limit], "paging": paging}


def gone():
    """What Graph says of what is not there."""
    return graph_error(400, 100, "Unsupported request. Object with ID does not exist", 33)


def outside_window():
    """What Messenger says when a person wrote too long ago."""
    return graph_error(400, 10, "This message is sent outside of allowed window.", 2018278)


def notice(page=PAGE, object="page", changes=(), messaging=(), time=1794823140000):
    """The body of a webhook."""
    entry = {"id": page, "time": time} | ({"changes": list(changes)} if changes else {})
    entry |= {"messaging": list(messaging)} if messaging else {}
    return json.dumps({"object": object, "entry": [entry]}).encode()


def feed(item="comment", verb="add", by=ANA, **value):
    """A change of the page's feed."""
    known = {"from": {"id": by, "name": "Ana"}, "post_id": POST, "item": item, "verb": verb, "created_time": 1794823140}
    return {"field": "feed", "value": known | value}


def private(by=ANA, to=PAGE, **event):
    """An event of a conversation."""
    return {"sender": {"id": by}, "recipient": {"id": to}, "timestamp": 1794823140000} | event


def signed(body, secret=SECRET):
    """The webhook as it is posted."""
    proof = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return Request("POST", "/hooks/f", (), {"x-hub-signature-256": proof}, body)
