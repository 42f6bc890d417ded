"""An XMPP server in memory: an archive of stanzas, and the line to it that the channel uses."""

from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from rapport.errors import BadInput

OWN = "care@acme.test"


class FakeLine:
    """As `xmpp.api.Line`. `sent`: (to, id, body, the names of what stood beside it). `fails`: what sending raises."""

    def __init__(self, clock):
        self.clock = clock
        self.results = []  # (name, when, whom, the bytes)
        self.sent = []
        self.late = []
        self.fails = None
        self.forgets = False
        self.abilities = {"urn:xmpp:mam:2"}
        self.woken = 0
        self.asked = []
        self.place = "https://upload.acme.test:5281"

    async def features(self):
        if self.fails:
            raise self.fails
        return self.abilities

    async def archive(self, *, after="", start=None, with_whom="", most):
        rows = self.results
        if after:
            names = [name for name, *_ in rows]
            if after not in names:
                raise BadInput("item-not-found")
            rows = rows[names.index(after) + 1 :]
        rows = [row for row in rows if (start is None or row[1] >= start) and (not with_whom or row[2] == with_whom)]
        return [raw for *_, raw in rows[:most]], len(rows) <= most

    async def send(self, to, name, body, *beside):
        if self.fails:
            raise self.fails
        self.sent.append((to, name, body, [element.tag.partition("}")[2] for element in beside]))
        if body:
            self.keep(OWN, to, name, body, *beside)

    async def ask(self, to, question):
        """A place for a file, as XEP-0363 shows it."""
        self.asked.append((to, dict(question.attrib)))
        found = Element("{jabber:client}iq")
        slot = SubElement(found, "{urn:xmpp:http:upload:0}slot")
        put = SubElement(slot, "{urn:xmpp:http:upload:0}put", {"url": f"{self.place}/{len(self.asked)}/a"})
        for name, value in {"Authorization": "Bearer t", "Host": "evil.test"}.items():
            SubElement(put, "{urn:xmpp:http:upload:0}header", {"name": name}).text = value
        SubElement(slot, "{urn:xmpp:http:upload:0}get", {"url": f"{self.place}/{len(self.asked)}/a"})
        return found

    async def hints(self):
        yield

    def wake(self):
        self.woken += 1

    async def close(self):
        """There is nothing to hang up."""

    def keep(self, sender, to, name, body, *beside, at=None, archived=""):
        """Put a message into our archive; the bytes of its result."""
        at = at or self.clock.now()
        archived = archived or f"archived-{len(self.results) + 1:04}"
        raw = result(message(sender, to, name, body, *beside), archived, at)
        whom = to if sender == OWN else sender
        self.results.append((archived, at, whom, raw))
        return raw


def message(sender, to, name, body="", *beside, kind="chat"):
    """A message stanza."""
    found = Element("{jabber:client}message", {"from": f"{sender}/phone", "to": to, "id": name, "type": kind})
    if body:
        SubElement(found, "{jabber:client}body").text = body
    found.extend(beside)
    return found


def result(said, archived="archived-1", at=datetime(2026, 11, 16, 9, tzinfo=UTC)):
    """A message as the archive gives it (XEP-0313, 2.2)."""
    found = Element("{urn:xmpp:mam:2}result", {"id": archived, "queryid": "q"})
    forwarded = SubElement(found, "{urn:xmpp:forward:0}forwarded")
    SubElement(forwarded, "{urn:xmpp:delay}delay", {"stamp": at.strftime("%Y-%m-%dT%H:%M:%SZ")})
    forwarded.append(said)
    return tostring(found)


def beside(tag, text=None, **attributes):
    """An element that stands beside a body."""
    found = Element(tag, attributes)
    found.text = text
    return found
