"""Posts and what is done to them: reading what concerns us, answering, liking, taking back, hiding."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from rapport.channels.bluesky.names import GATE, LIKE, POST, parts_of, record_key
from rapport.channels.bluesky.parse import HEARD, Ref, Reply, View, view_in
from rapport.channels.bluesky.text import facets, names
from rapport.channels.bluesky.xrpc import CHANGES, CREATES, DELETES, Missing, Xrpc
from rapport.channels.budget import Lane
from rapport.channels.channel import Part
from rapport.channels.limits import Limits
from rapport.channels.part import File
from rapport.channels.watermark import Found
from rapport.channels.wire import honest
from rapport.errors import OutcomeUnknown, Refused

GONE = "the post that is answered is not there any more"


class _Listed(msgspec.Struct, frozen=True):
    notifications: list[msgspec.Raw] = []
    cursor: str | None = None


class _Peek(msgspec.Struct, frozen=True, rename="camel"):
    uri: str = ""
    indexed_at: datetime | None = None
    reason: str = ""
    record: msgspec.Raw = msgspec.Raw(b"{}")


class _Views(msgspec.Struct, frozen=True):
    posts: list[msgspec.Raw] = []


class _Said(msgspec.Struct, frozen=True):
    text: str = ""


class _Kept(msgspec.Struct, frozen=True):
    uri: str
    cid: str = ""
    value: _Said = _Said()


class _KeptGate(msgspec.Struct, frozen=True):
    cid: str
    value: dict[str, Any]  # Any: what others put into the record stays in it


class _Resolved(msgspec.Struct, frozen=True):
    did: str


class _Blob(msgspec.Struct, frozen=True):
    blob: dict[str, Any]  # Any: what a record says of it, as the server gave it


@dataclass(frozen=True, slots=True)
class _Last:
    """The part that we posted last under a post."""

    ref: Ref
    at: datetime


@dataclass(slots=True)
class Posts:
    """The posts of one account. What it remembers only spares questions: the parts of an answer stand one under the other."""

    xrpc: Xrpc
    limits: Limits
    _lately: dict[str, _Last] = field(default_factory=dict)

    async def page(self, token: str, lane: Lane, now: datetime) -> tuple[Sequence[Found], str]:
        """A page of what concerns us, the newest first, each with how its post is shown; and the token of the next."""
        asked: dict[str, str | int] = {"limit": self.limits.lengths["page"]} | ({"cursor": token} if token else {})
        listed: _Listed = await self.xrpc.query("app.bsky.notification.listNotifications", _Listed, asked, lane)
        return [_found(bytes(raw), now) for raw in listed.notifications], listed.cursor or ""

    async def shown(self, found: Sequence[Found], lane: Lane) -> list[bytes]:
        """What `parse` reads of each; pictures and cards are asked for, as a notification does not say where they lie."""
        peeks = [_peek(one.raw) for one in found]
        wanted = [p.uri for p in peeks if p.reason in HEARD and b'"embed"' in bytes(p.record) and p.uri.startswith("at://")]
        views = await self._views(wanted, lane)
        return [_told(one.raw, views.get(peek.uri)) for one, peek in zip(found, peeks, strict=True)]

    async def answer(self, part: Part, once: str, now: datetime) -> str:
        """Post it under what it answers; the post's address. The same `once` is one post. Raises as `Channel.deliver`."""
        record = {
            "$type": POST,
            "text": part.text,
            "createdAt": _iso(now),
            "reply": msgspec.to_builtins(await self._under(part.in_reply_to, now)),
            "facets": facets(part.text, await self.known(names(part.text))),
        }
        if part.files:
            record["embed"] = {"$type": "app.bsky.embed.images", "images": [await self._image(file) for file in part.files]}
        made = await self._create(POST, record_key(once), record, part.text)
        self._lately = {key: last for key, last in self._lately.items() if now - last.at < self._chain}
        self._lately[part.in_reply_to] = _Last(Ref(made.uri, made.cid), now)
        return made.uri

    async def _image(self, file: File) -> dict[str, object]:
        """A picture as a post shows it, after the server has it. Raises Refused, Unavailable."""
        kept: _Blob = await self.xrpc.upload(file.data, file.type, _Blob)
        return {"alt": file.alt, "image": kept.blob}

    async def mine(self, once: str, text: str) -> str | None:
        """The address of the post that `once` made; None: there is none. Raises Unavailable, Refused."""
        key = record_key(once)
        found = await self._kept(POST, key)
        if found is not None and found.value.text != text:
            raise Refused(f"another text of ours has the name {key}; nothing was sent")
        return found.uri if found else None

    async def like(self, uri: str, *, liked: bool) -> None:
        """Like a post, or take that back; done twice is done once. Raises Refused, Unavailable, OutcomeUnknown."""
        key = record_key(f"like {uri}")
        if not liked:
            await self._delete(LIKE, key)
            return
        view = await self.view(uri)
        subject = {"uri": view.uri, "cid": view.cid}
        await self._create(LIKE, key, {"$type": LIKE, "subject": subject, "createdAt": _iso(self.xrpc.api.clock.now())}, "")

    async def delete(self, uri: str) -> None:
        """Take back a post of ours; one that is gone already is deleted. Raises Refused, Unavailable, OutcomeUnknown."""
        did, kind, key = parts_of(uri)
        if did != (await self.xrpc.session.me()).did or kind != POST:
            raise Refused("only what we wrote ourselves can be deleted")
        await self._delete(POST, key)

    async def hide(self, uri: str, *, hidden: bool) -> None:
        """Hide an answer under a post of ours, or show it again. Raises Refused, Unavailable, OutcomeUnknown."""
        me, view = await self.xrpc.session.me(), await self.view(uri)
        root = view.record.reply.root.uri if view.record.reply else ""
        did, kind, key = parts_of(root) if root else ("", "", "")
        if did != me.did or kind != POST:
            raise Refused("only answers under a post of ours can be hidden")
        gate, cid = await self._gate(key)
        told = gate.get("hiddenReplies")
        before = told if isinstance(told, list) else []
        after = [*(name for name in before if name != uri), *([uri] if hidden else [])]
        if after == before or (hidden and uri in before):
            return
        if len(after) > self.limits.lengths["hidden"]:
            raise Refused(f"a thread can hide {self.limits.lengths['hidden']} answers")
        record = {"$type": GATE, "post": root, "createdAt": _iso(self.xrpc.api.clock.now())} | gate
        body = {"repo": me.did, "collection": GATE, "rkey": key, "record": record | {"hiddenReplies": after}, "swapRecord": cid}
        await self.xrpc.call("com.atproto.repo.putRecord", body, _Kept, CHANGES)

    async def view(self, uri: str) -> View:
        """A post as it is shown to us. Raises Missing, Unavailable."""
        found = view_in((await self._views([uri], Lane.REPLY)).get(uri, b"{}"))
        if not found.cid:
            raise Missing(GONE)
        return found

    async def known(self, said: Sequence[str]) -> dict[str, str]:
        """(name, did) of those names that mean somebody. Raises Unavailable."""
        found: dict[str, str] = {}
        for name in said:
            try:
                asked = {"handle": name.lower()}
                found[name] = (await self.xrpc.query("com.atproto.identity.resolveHandle", _Resolved, asked, Lane.REPLY)).did
            except Refused:
                found[name] = ""
        return found

    @property
    def _chain(self) -> timedelta:
        return self.limits.window("chain")

    async def _under(self, answered: str, now: datetime) -> Reply:
        """What a post of ours answers. Raises Refused where its author does not let us, as the network would hide it unsaid."""
        parts_of(answered)
        view = await self.view(answered)
        if view.viewer is not None and view.viewer.reply_disabled:
            raise Refused("the author of the thread does not let this account answer there")
        root = view.record.reply.root if view.record.reply else Ref(view.uri, view.cid)
        last = self._lately.get(answered)
        return Reply(root, last.ref if last and now - last.at < self._chain else Ref(view.uri, view.cid))

    async def _create(self, kind: str, key: str, record: Mapping[str, object], text: str) -> _Kept:
        """Write a record, once: a server answers an error of its own where the key is taken, so then it is looked for."""
        me = await self.xrpc.session.me()
        body = {"repo": me.did, "collection": kind, "rkey": key, "record": record}
        try:
            made: _Kept = await self.xrpc.call("com.atproto.repo.createRecord", body, _Kept, CREATES)
        except OutcomeUnknown as unknown:
            try:
                found = await self._kept(kind, key)
            except Refused:
                raise unknown from None
            if found is None:
                raise
            if found.value.text != text:
                raise Refused(f"another text of ours has the name {key}; nothing was sent") from unknown
            return found
        return made

    async def _delete(self, kind: str, key: str) -> None:
        body = {"repo": (await self.xrpc.session.me()).did, "collection": kind, "rkey": key}
        await self.xrpc.call("com.atproto.repo.deleteRecord", body, dict, DELETES)

    async def _kept(self, kind: str, key: str) -> _Kept | None:
        asked = {"repo": (await self.xrpc.session.me()).did, "collection": kind, "rkey": key}
        try:
            found: _Kept = await self.xrpc.query("com.atproto.repo.getRecord", _Kept, asked, Lane.REPLY)
        except Missing:
            return None
        return found

    async def _gate(self, key: str) -> tuple[dict[str, Any], str | None]:
        asked = {"repo": (await self.xrpc.session.me()).did, "collection": GATE, "rkey": key}
        try:
            kept: _KeptGate = await self.xrpc.query("com.atproto.repo.getRecord", _KeptGate, asked, Lane.REPLY)
        except Missing:
            return {}, None
        return kept.value, kept.cid

    async def _views(self, uris: Sequence[str], lane: Lane) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        at_once = self.limits.lengths["posts_at_once"]
        for start in range(0, len(uris), at_once):
            page: _Views = await self.xrpc.query(
                "app.bsky.feed.getPosts", _Views, {"uris": uris[start : start + at_once]}, lane
            )
            found |= {_peek(bytes(raw)).uri: bytes(raw) for raw in page.posts}
        return found


def is_said(one: Found) -> bool:
    """Whether it is something that somebody wrote to us or of us, rather than a sign or a follower."""
    return _peek(one.raw).reason in HEARD


def _found(raw: bytes, now: datetime) -> Found:
    peek = _peek(raw)
    return Found(peek.uri or hashlib.sha256(raw).hexdigest(), honest(peek.indexed_at, now), raw)


def _peek(raw: bytes) -> _Peek:
    try:
        return msgspec.json.decode(raw, type=_Peek)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return _Peek()


def _told(note: bytes, view: bytes | None) -> bytes:
    return b'{"notification":' + note + (b',"view":' + view if view else b"") + b"}"


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.}{at.microsecond // 1000:03d}Z"
