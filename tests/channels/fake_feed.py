"""A site with one feed, in memory: it answers conditional requests as RFC 9110 says."""

from email.utils import format_datetime
from html import escape

import httpx

from contracts.channel import NOW

ADDRESS = "https://blog.example/feed"


def rss(*items, title="Foro de Acme"):
    """A feed of RSS 2.0, with these items in this order."""
    return f'<rss version="2.0"><channel><title>{title}</title>{"".join(items)}</channel></rss>'.encode()


def item(text, guid="", *, at=NOW, author="Ana", title="", more=""):
    """One item of RSS 2.0; `at` None: it has no date."""
    name = f'<guid isPermaLink="false">{guid}</guid>' if guid else ""
    date = f"<pubDate>{format_datetime(at)}</pubDate>" if at else ""
    said = f"<title>{title}</title><author>{author}</author><description>{escape(text)}</description>"
    return f"<item>{name}{date}{said}{more}</item>"


def served(raw, **headers):
    """An answer with these bytes as they go over the line, packed or not."""
    return httpx.Response(200, headers=headers, stream=httpx.ByteStream(raw))


class FakeSite:
    """`document` is what it serves; `asked` the headers of each request. `answers`: what it answers instead, once each."""

    def __init__(self):
        self.items = []
        self.document = None
        self.asked = []
        self.answers = []
        self.version = 1
        self.http = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def say(self, text, **changes):
        """A new item, before the others."""
        self.items.insert(0, item(text, f"post-{len(self.items)}", **changes))
        self.version += 1

    def _answer(self, request):
        self.asked.append(dict(request.headers) | {"url": str(request.url)})
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        if request.headers.get("if-none-match") == f'"{self.version}"':
            return httpx.Response(304)
        raw = self.document if self.document is not None else rss(*self.items)
        return served(raw, **{"etag": f'"{self.version}"', "content-type": "application/rss+xml"})
