"""Meta's Cloud API for one WhatsApp number, in memory, as its documentation says; and the webhooks that it sends."""

import hashlib
import hmac
import json

import httpx

from channels.sent_form import read_form
from rapport.channels.webhook import Request

NUMBER, SECRET, WORD = "106540352242922", "app-secret", "our-word"
PERSON, PERSON_ID = "5215512345678", "MX.13491208655302741918"


class FakeWhatsapp:
    """`sent`: the bodies of messages; `fails`: answers to give first; `files`: bytes by media id."""

    def __init__(self):
        self.sent, self.read, self.heard, self.fails = [], [], [], []
        self.files, self.host, self.uploads = {}, "lookaside.fbsbx.com", {}
        self.expires = None  # None: Graph does not say

    @property
    def http(self):
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))

    def answer(self, request):
        """What Meta answers."""
        self.heard.append(request)
        if self.fails:
            failing = self.fails.pop(0)
            if isinstance(failing, Exception):
                raise failing
            return failing
        if request.url.host == self.host:
            return httpx.Response(200, stream=httpx.ByteStream(self.files[request.url.params["mid"]]))
        path = request.url.path.removeprefix("/v23.0/")
        if request.method == "POST" and path == f"{NUMBER}/messages":
            return self._take(json.loads(request.content))
        if request.method == "POST" and path == f"{NUMBER}/media":
            form = read_form(request)
            assert form["messaging_product"] == b"whatsapp"
            self.uploads[f"up{len(self.uploads)}"] = form["file"]
            return httpx.Response(200, json={"id": f"up{len(self.uploads) - 1}"})
        if path == NUMBER:
            told = {"verified_name": "Acme", "display_phone_number": "+52 1 55 0000 0000", "quality_rating": "GREEN"}
            return httpx.Response(200, json={"id": NUMBER} | told)
        if path == "" and self.expires is not None:
            return httpx.Response(200, json=debugged(json.loads(request.content), self.expires))
        if path in self.files:
            digest = hashlib.sha256(self.files[path]).hexdigest()
            place = f"https://{self.host}/whatsapp_business/attachments/?mid={path}"
            return httpx.Response(200, json={"url": place, "sha256": digest, "mime_type": "image/png", "id": path})
        return graph_error(400, 100, "Unsupported get request. Object does not exist", 33)

    def _take(self, body):
        if body.get("status") == "read":
            self.read.append(body["message_id"])
            return httpx.Response(200, json={"success": True})
        self.sent.append(body)
        told = {"messaging_product": "whatsapp", "messages": [{"id": f"wamid.out{len(self.sent)}"}]}
        return httpx.Response(200, json=told)


def debugged(body, expires):
    """What Graph answers to a batch in which somebody asks about their own token; `expires`: seconds of Unix time, or 0."""
    [asked] = body["batch"]
    assert asked["method"] == "GET"
    assert asked["relative_url"].startswith("debug_token?input_token=")
    told = {"data": {"is_valid": True, "type": "SYSTEM_USER", "expires_at": expires}}
    return [{"code": 200, "body": json.dumps(told)}]


def graph_error(status, code, message, subcode=None, headers=None, **more):
    """An error as Graph tells it."""
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A1"} | more
    if subcode is not None:
        error["error_subcode"] = subcode
    return httpx.Response(status, json={"error": error}, headers=headers)


def notice(value, number=NUMBER, field="messages"):
    """The body of a webhook."""
    told = {"messaging_product": "whatsapp", "metadata": {"display_phone_number": "15550783881", "phone_number_id": number}}
    change = {"field": field, "value": told | value}
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "4195", "changes": [change]}]}).encode()


def message(number="wamid.in1", type="text", **content):
    """One message of the person; `content` as its type has it."""
    content = content or {"text": {"body": "Se cae el wifi"}}
    return {"from": PERSON, "from_user_id": PERSON_ID, "id": number, "timestamp": "1794823140", "type": type} | content


def says(*messages, contact=True):
    """A webhook with messages of the person."""
    known = {"profile": {"name": "Ana"}, "wa_id": PERSON, "user_id": PERSON_ID}
    return notice({"contacts": [known] if contact else [], "messages": list(messages)})


def reports(of, *states, **more):
    """A webhook with statuses of a message."""
    told = {"id": of, "timestamp": "1794823140", "recipient_id": PERSON}
    return notice({"statuses": [told | {"status": state} | more for state in states]})


def signed(body, secret=SECRET):
    """The webhook as it is posted."""
    proof = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return Request("POST", "/hooks/w", (), {"x-hub-signature-256": proof, "content-type": "application/json"}, body)
