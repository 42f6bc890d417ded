"""What an XMPP server says, as messages and news. Pure, and total: whatever it says, nothing is raised and nothing is lost."""

import re
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError, XMLParser

from rapport.channels.limits import limits_of
from rapport.channels.plain import readable
from rapport.channels.wire import honest, key_of, line, too_long, unreadable
from rapport.model.message import Incoming, Media, Reach, Unreadable
from rapport.model.news import Deletion, Delivery, Edit, News, Reaction, Report

NAME = "xmpp"
OWN_ID = limits_of(__package__).lengths["own_id"]  # a shorter id may come twice from one client, so the archive's is used
MOST_SIGNS = 20
OURS = "to:"  # what the keys of our own messages begin with; then whom they went to, and their id
CHAT = "{jabber:client}"
RESULT = "{urn:xmpp:mam:2}result"
RECEIPTS, MARKERS = "{urn:xmpp:receipts}", "{urn:xmpp:chat-markers:0}"
RETRACT = "{urn:xmpp:message-retract:1}retract"
RETRACT_BEFORE = "{urn:xmpp:fasten:0}apply-to"
REPLACE = "{urn:xmpp:message-correct:0}replace"
REPLY, FALLBACK = "{urn:xmpp:reply:0}reply", "{urn:xmpp:fallback:0}"
REACTIONS = "{urn:xmpp:reactions:0}"
OMEMO = ("{eu.siacs.conversations.axolotl}encrypted", "{urn:xmpp:omemo:2}encrypted")
CARBONS = ("{urn:xmpp:carbons:2}sent", "{urn:xmpp:carbons:2}received")
TELLING = {
    f"{RECEIPTS}received": Delivery.DELIVERED, f"{MARKERS}received": Delivery.DELIVERED,
    f"{MARKERS}displayed": Delivery.READ, f"{MARKERS}acknowledged": Delivery.READ,
}  # fmt: skip
Said = Incoming | Unreadable | News
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML 1.0, 2.2: a server hangs up on whoever sends one


@dataclass(frozen=True, slots=True)
class Stanza:
    """A message as the server gave it. `archived`: its name in the archive, "" where it came by the stream."""

    message: Element
    sender: str
    id: str
    archived: str
    at: datetime | None

    @property
    def key(self) -> str:
        """What we call it; the same on every delivery."""
        return key_of(f"{self.sender}/{self.id}" if len(self.id) >= OWN_ID else f"mam:{self.archived or self.id}")


def said_in(raw: bytes, own: str, now: datetime) -> list[Said]:
    """What a result of the archive, or a message of the stream, says to the account `own`."""
    try:
        root = element_in(raw)
    except (ParseError, ValueError, LookupError) as error:
        return [unreadable(raw, f"it is not XML that XMPP allows: {error}", now)]
    stanza = stanza_in(root)
    if stanza is None or (stanza.message.get("type") != "error" and not stanza.sender):
        return [unreadable(raw, "it is not a message", now)]
    message = stanza.message
    if stanza.sender == own or any(message.find(carbon) is not None for carbon in CARBONS):
        return []  # ours, from here or from another program
    if message.get("type") == "error":
        return _failure(stanza, now)
    if message.get("type") in ("groupchat", "headline"):
        return []
    return _told(stanza, own, now) or _written(stanza, own, raw, now)


def element_in(raw: bytes) -> Element:
    """The XML. Raises ParseError or ValueError; a document type is never read, for XMPP forbids it (RFC 6120, 11.1)."""
    if b"<!" in raw:
        raise ValueError("it has a document type or a comment")
    parser = XMLParser()
    parser.feed(raw)
    found: Element = parser.close()
    return found


def stanza_in(root: Element) -> Stanza | None:
    """The message in what the server gave; None where there is none."""
    archived, at, message = "", None, root
    if root.tag == RESULT:
        archived = root.get("id", "")
        forwarded = root.find("{urn:xmpp:forward:0}forwarded")
        inside = forwarded.find(f"{CHAT}message") if forwarded is not None else None
        if forwarded is None or inside is None:
            return None
        message, at = inside, _stamp(forwarded.find("{urn:xmpp:delay}delay"))
    if message.tag != f"{CHAT}message":
        return None
    return Stanza(message, bare(message.get("from", "")), readable(message.get("id", "")), readable(archived), at)


def bare(address: str) -> str:
    """An address without the program it is used by, in small letters."""
    return readable(address).partition("/")[0].lower()[:300]


def writable(text: str) -> str:
    """The text without what XML cannot carry."""
    return _NOT_XML.sub("", readable(text))


def key_of_ours(to: str, name: str) -> str:
    """What we call a message of ours, sent to `to` under the id `name`."""
    return key_of(f"{OURS}{bare(to)}/{name}")


def wanted_receipt(raw: bytes) -> tuple[str, str] | None:
    """To whom, and of which message, the author of this one wants to hear that it came; None: nobody asks."""
    try:
        stanza = stanza_in(element_in(raw))
    except (ParseError, ValueError, LookupError):
        return None
    if stanza is None or not stanza.id or stanza.message.find(f"{RECEIPTS}request") is None:
        return None
    return readable(stanza.message.get("from", "")), stanza.id


def _told(stanza: Stanza, own: str, now: datetime) -> list[Said]:
    """News of a message that is there; none where it is a message of its own."""
    at, handle = honest(stanza.at, now), f"{NAME}:{stanza.sender}"
    for child in stanza.message:
        of = readable(child.get("id", ""))
        if child.tag in TELLING and of:
            delivery, ours = TELLING[child.tag], key_of_ours(stanza.sender, of)
            return [Report(key_of(f"{ours}/{delivery}"), ours, delivery, at)]
        if child.tag in (RETRACT, RETRACT_BEFORE) and len(of) >= OWN_ID:
            return [Deletion(stanza.key, key_of(f"{stanza.sender}/{of}"), at, handle)]
        if child.tag == f"{REACTIONS}reactions" and of:
            signs = [sign.text for sign in child.iter(f"{REACTIONS}reaction") if sign.text][:MOST_SIGNS]
            ours = key_of_ours(stanza.sender, of)
            return [Reaction(key_of(f"{stanza.key}/{n}"), ours, handle, line(sign, 20), at) for n, sign in enumerate(signs)]
        if child.tag == REPLACE and len(of) >= OWN_ID and not too_long(_body(stanza.message)):
            return [Edit(stanza.key, key_of(f"{stanza.sender}/{of}"), handle, _body(stanza.message), at)]
    return []


def _written(stanza: Stanza, own: str, raw: bytes, now: datetime) -> list[Said]:
    message, handle = stanza.message, f"{NAME}:{stanza.sender}"
    if any(message.find(tag) is not None for tag in OMEMO):
        reason = "it is encrypted (OMEMO) for programs that have the person's keys; ask them to switch that off"
        return [unreadable(raw, reason, now, handle)]
    text, thread = _body(message), readable(message.findtext(f"{CHAT}thread", ""))
    if reason := too_long(text):
        return [unreadable(raw, reason, now, handle)]
    media = tuple(Media(line(url.rpartition("/")[2], 150) or "file", "", url=url) for url in _files(message))
    if not text and not media:
        return []  # somebody is typing, or has stopped
    return [
        Incoming(
            key=stanza.key,
            handle=handle,
            text=text,
            reach=Reach.PRIVATE,
            at=honest(stanza.at, now),
            name=line(message.findtext("{http://jabber.org/protocol/nick}nick", "")),
            subject=line(message.findtext(f"{CHAT}subject", ""), 500),
            thread=key_of(f"{stanza.sender}/{thread}") if thread else "",
            in_reply_to=_answered(stanza, own),
            media=media,
        )
    ]


def _failure(stanza: Stanza, now: datetime) -> list[Said]:
    """A message of ours that could not be delivered."""
    if not stanza.id or not stanza.sender:
        return []
    ours = key_of_ours(stanza.sender, stanza.id)
    return [Report(f"{ours}/failed", ours, Delivery.FAILED, honest(stanza.at, now), words_of(stanza.message))]


def words_of(message: Element) -> str:
    """Why a message came back, in the network's words."""
    error = message.find(f"{CHAT}error")
    if error is None:
        return ""
    space = "{urn:ietf:params:xml:ns:xmpp-stanzas}"
    conditions = [child.tag.removeprefix(space) for child in error if child.tag != f"{space}text"]
    return line(": ".join(filter(None, (*conditions[:1], error.findtext(f"{space}text")))), 300)


def _body(message: Element) -> str:
    """What a person wrote, without the quotation that programs put before an answer for those that cannot show one."""
    body = readable(message.findtext(f"{CHAT}body", ""))
    for fallback in message.findall(f"{FALLBACK}fallback"):
        place = fallback.find(f"{FALLBACK}body")
        start, end = (place.get("start", ""), place.get("end", "")) if place is not None else ("", "")
        if fallback.get("for") == "urn:xmpp:reply:0" and start == "0" and end.isdecimal() and int(end[:7]) < len(body):
            return body[int(end[:7]) :].strip()
    return body.strip()


def _answered(stanza: Stanza, own: str) -> str:
    reply = stanza.message.find(REPLY)
    of = readable(reply.get("id", "")) if reply is not None else ""
    if reply is None or not of:
        return ""
    author = bare(reply.get("to", "")) or own
    if author == own:
        return key_of_ours(stanza.sender, of)
    return key_of(f"{stanza.sender}/{of}") if author == stanza.sender else ""  # nobody else's words are in this conversation


def _files(message: Element) -> list[str]:
    found = [line(url.text or "", 2000) for url in message.findall("{jabber:x:oob}x/{jabber:x:oob}url")]
    return [url for url in found if url.startswith(("https://", "http://"))][:4]


def _stamp(delay: Element | None) -> datetime | None:
    try:
        return datetime.fromisoformat(delay.get("stamp", "")) if delay is not None else None
    except ValueError:
        return None
