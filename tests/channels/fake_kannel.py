"""A Kannel in memory: it answers sendsms as Kannel 1.4.5 does, and calls us as its smsbox does."""

from urllib.parse import parse_qsl, urlsplit

import httpx

from rapport.channels.webhook import Request

USER, PASSWORD, TOKEN = "care", "s3cret", "a-token-of-its-own"


class FakeKannel:
    """`taken`: (number, text) of what was sent, in order. `answers`: what it answers instead, the next one first."""

    def __init__(self):
        self.taken = []
        self.report_to = []
        self.answers = []
        self.http = httpx.AsyncClient(transport=httpx.MockTransport(self._asked))
        self._calls = 0

    def _asked(self, request):
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        if (request.headers["x-kannel-username"], request.headers["x-kannel-password"]) != (USER, PASSWORD):
            return httpx.Response(403, text="Authorization failed for sendsms")
        if "x-kannel-to" not in request.headers:
            return httpx.Response(400, text="Missing receiver(s) number(s), rejected")
        coding = request.headers["x-kannel-coding"]
        text = request.content.decode()
        self.taken.append((request.headers["x-kannel-to"], text, coding))
        self.report_to.append(request.headers.get("x-kannel-dlr-url", ""))
        return httpx.Response(202, text="0: Accepted for delivery")

    def message(self, text, sender="5215512345678", token=TOKEN, peer="127.0.0.1", **changes):
        """The call that Kannel makes when somebody writes."""
        self._calls += 1
        ucs2 = not text.isascii()
        query = {
            "token": token, "id": f"7f0c-{self._calls}", "from": sender, "to": "2345", "coding": "2" if ucs2 else "0",
            "charset": "UTF-16BE" if ucs2 else "UTF-8", "at": "1794823200",
        } | changes  # fmt: skip
        body = text.encode("utf-16-be" if ucs2 else "utf-8")
        return Request("POST", "/hook", tuple(query.items()), {"user-agent": "Kannel/1.4.5"}, body, peer=peer)

    def report(self, kind, number=-1, why="", peer="127.0.0.1"):
        """The call that Kannel makes of the message sent as `number`, filling in what begins with %."""
        url = self.report_to[number].replace("%d", str(kind)).replace("%A", why).replace("%T", "1794823201")
        query = tuple(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        return Request("GET", "/hook", query, {"user-agent": "Kannel/1.4.5"}, b"", peer=peer)
