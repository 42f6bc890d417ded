"""Twilio's Message resource in memory, written from its documentation; its answers are checked against its OpenAPI document."""

import base64
from datetime import timedelta
from email.utils import format_datetime
from urllib.parse import parse_qs

import httpx

from contracts.channel import NOW

SID, TOKEN, OTHER_TOKEN = "AC" + "0" * 32, "t0ken", "0ther"
NUMBER, ANA = "+34600111222", "+34655443322"
ROOT = f"/2010-04-01/Accounts/{SID}"


class FakeTwilio:
    """`say(text)` is Ana's SMS; `messages` is all there is, newest last; `fails` are answers to give first."""

    def __init__(self, clock=None):
        self.messages, self.heard, self.fails, self.media = [], [], [], {}
        self.clock, self.page_size = clock, None
        self.status = "active"

    @property
    def http(self):
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))

    @property
    def now(self):
        return self.clock.now() if self.clock else NOW

    def say(self, text, **changes):
        """An SMS of Ana to us."""
        return self._add({"direction": "inbound", "from": ANA, "to": NUMBER, "body": text, "status": "received"} | changes)

    def _add(self, told, at=None):
        number = len(self.messages) + 1
        stamp = format_datetime(at or self.now)
        message = {
            "sid": f"SM{number:032x}", "account_sid": SID, "date_sent": stamp, "date_created": stamp, "date_updated": stamp,
            "num_media": "0", "num_segments": "1", "error_code": None, "error_message": None, "messaging_service_sid": None,
            "price": None, "price_unit": "USD", "api_version": "2010-04-01", "uri": f"{ROOT}/Messages/SM{number:032x}.json",
        } | told  # fmt: skip
        self.messages.append(message)
        return message

    def answer(self, request):
        """What Twilio answers."""
        self.heard.append(request)
        if self.fails:
            failing = self.fails.pop(0)
            if isinstance(failing, Exception):
                raise failing
            return failing
        told = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        if told != f"{SID}:{TOKEN}":
            return self._no(401, 20003, "Authenticate")
        path = request.url.path.removeprefix(ROOT)
        if path == ".json":
            return httpx.Response(200, json={"sid": SID, "friendly_name": "Acme", "status": self.status})
        if path == "/Messages.json":
            return self._post(request) if request.method == "POST" else self._list(dict(request.url.params))
        sid = path.split("/")[2]
        if path.endswith("/Media.json") and sid in self.media:
            return httpx.Response(200, json={"media_list": self.media[sid]})
        return self._no(404, 20404, "The requested resource was not found")

    def _no(self, status, code, words):
        return httpx.Response(
            status, json={"code": code, "message": words, "more_info": "https://twilio.com", "status": status}
        )

    def _post(self, request):
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        if form["To"] == "+34600000000":
            return self._no(400, 21610, "Attempt to send to unsubscribed recipient")
        if len(form["Body"]) > 1600:
            return self._no(400, 21617, "The concatenated message body exceeds the 1600 character limit")
        sender = {"from": form.get("From"), "messaging_service_sid": form.get("MessagingServiceSid")}
        told = sender | {"direction": "outbound-api", "to": form["To"], "body": form["Body"], "status": "queued"}
        return httpx.Response(201, json=self._add(told))

    def _list(self, query):
        found = [m for m in reversed(self.messages) if all(query.get(k, m[k.lower()]) == m[k.lower()] for k in ("To", "From"))]
        if "DateSent>" in query:
            found = [m for m in found if m["date_sent"] is not None]
        size = self.page_size or min(int(query.get("PageSize", 50)), 1000)
        page = int(query.get("Page", 0))
        more = len(found) > (page + 1) * size
        filters = "".join(f"&{k}={v.replace('+', '%2B')}" for k, v in query.items() if k not in ("Page", "PageToken"))
        after = f"{ROOT}/Messages.json?Page={page + 1}&PageToken=PASM{page}{filters}" if more else None
        told = {"messages": found[page * size : (page + 1) * size], "next_page_uri": after, "page": page, "page_size": size}
        return httpx.Response(200, json=told)


def ago(**span):
    """A time as Twilio writes it."""
    return format_datetime(NOW - timedelta(**span))
