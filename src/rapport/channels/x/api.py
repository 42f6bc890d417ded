"""What is asked of X: signed, counted by endpoint, and paid."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import msgspec

from rapport.channels.budget import Budget, Lane
from rapport.channels.json_api import Cost, JsonApi, Ration, decoded, taken, wait_of
from rapport.channels.limits import Limits
from rapport.channels.media import bounded
from rapport.channels.x.oauth import Keys, authorization
from rapport.channels.x.parse import Includes, User
from rapport.clock import Clock
from rapport.errors import BadInput, Refused, SendError, Unavailable

ROOT = "https://api.x.com"
RATION = Ration("x-rate-limit-remaining", "x-rate-limit-reset", "x-rate-limit-limit")
MONEY = "money"
MOST_PAGES = 8  # of 100: X shows 800
PAGE = 100
POST_FIELDS = "attachments,conversation_id,created_at,display_text_range,entities,note_post,text"
EXPANSIONS = "author_id,attachments.media_keys,edit_history_post_ids,referenced_posts"
BESIDE = {"user.fields": "name,username", "media.fields": "alt_text,media_key,preview_image_url,type,url,variants"}
TALK = {
    "dm_event.fields": "attachments,created_at,event_type,id,text",
    "expansions": "attachments.media_keys,sender_id",
    "event_types": "MessageCreate",
} | BESIDE


class Duplicate(Refused):
    """X says that we said the same already."""


class Missing(Refused):
    """It is not there, or not any more."""


class _Meta(msgspec.Struct, frozen=True):
    next_token: str | None = None


class Listed(msgspec.Struct, frozen=True):
    """A page of posts or messages, the newest first, and what stands beside them."""

    data: list[msgspec.Raw] = []
    includes: Includes = Includes()
    meta: _Meta = _Meta()


class _Me(msgspec.Struct, frozen=True):
    data: User


class Posted(msgspec.Struct, frozen=True):
    id: str


class _Sent(msgspec.Struct, frozen=True):
    dm_event_id: str


class PostedIn(msgspec.Struct, frozen=True):
    data: Posted


class _SentIn(msgspec.Struct, frozen=True):
    data: _Sent


@dataclass(slots=True)
class XApi:
    """One account. `nonce` gives a word that was never given before."""

    api: JsonApi
    keys: Keys
    limits: Limits
    nonce: Callable[[], str]

    async def me(self) -> User:
        """Who we are. Raises Unavailable, Refused."""
        told: _Me = decoded(await self.ask("GET", "/2/users/me", Cost("me", Lane.POLL), {"user.fields": "name,username"}), _Me)
        return told.data

    async def mentions(self, me: str, since: str, start: datetime) -> list[Listed]:
        """The posts that mention us, after the one called `since`, else since `start`. Raises Unavailable, Refused."""
        place = {"since_id": since} if since else {"start_time": _moment(start)}
        query = {"post.fields": POST_FIELDS, "expansions": EXPANSIONS, "max_results": str(PAGE)} | BESIDE | place
        return await self._pages(f"/2/users/{me}/mentions", "mentions", "read_post", query, lambda page: False)

    async def directs(self, since: str) -> list[Listed]:
        """The direct messages back to the one called `since`. Raises Unavailable, Refused."""

        def known(page: Listed) -> bool:
            return bool(since) and any(rank(_id_in(raw)) <= rank(since) for raw in page.data)

        return await self._pages("/2/dm_events", "direct", "read_direct", {"max_results": str(PAGE)} | TALK, known)

    async def around(self, name: str, start: datetime) -> list[Listed]:
        """Answers to the account called `name` and quotations of it that do not mention it. Raises Unavailable, Refused."""
        asked = f'(to:{name} OR url:"x.com/{name}/status" OR url:"twitter.com/{name}/status") -@{name} -from:{name} -is:retweet'
        query = {"query": asked, "start_time": _moment(start), "post.fields": POST_FIELDS, "expansions": EXPANSIONS}
        query |= {"max_results": str(PAGE)} | BESIDE
        return await self._pages("/2/tweets/search/recent", "search", "read_post", query, lambda page: False)

    async def own(self, me: str, start: datetime) -> Listed:
        """Our own last posts since `start`. Raises Unavailable, Refused."""
        place = {"start_time": _moment(start), "max_results": str(PAGE)}
        query = {"post.fields": POST_FIELDS, "expansions": EXPANSIONS} | place
        return await self._page(f"/2/users/{me}/tweets", Cost("own", Lane.REPLY), "read_post", query)

    async def talk(self, person: str) -> Listed:
        """The last direct messages with somebody. Raises Unavailable, Refused."""
        path = f"/2/dm_conversations/with/{person}/dm_events"
        return await self._page(path, Cost("talk", Lane.REPLY), "read_direct", {"max_results": str(PAGE)} | TALK)

    async def post(self, text: str, answers: str, price: str, media: Sequence[str] = ()) -> str:
        """Publish an answer; its name. Raises Refused, Unavailable, OutcomeUnknown."""
        body: dict[str, Any] = {"text": text, "reply": {"in_reply_to_tweet_id": answers}}  # Any: JSON
        if media:
            body["media"] = {"media_ids": list(media)}
        response = await self.ask("POST", "/2/tweets", Cost("post", Lane.REPLY), {}, body, price)
        told: PostedIn = taken(response, PostedIn)
        return told.data.id

    async def send(self, person: str, text: str, media: Sequence[str] = ()) -> str:
        """Send a direct message; its name. Raises Refused, Unavailable, OutcomeUnknown."""
        path = f"/2/dm_conversations/with/{person}/messages"
        body: dict[str, Any] = {"text": text}  # Any: JSON
        if media:
            body["attachments"] = [{"media_id": name} for name in media]
        response = await self.ask("POST", path, Cost("send", Lane.REPLY), {}, body, "send")
        told: _SentIn = taken(response, _SentIn)
        return told.data.dm_event_id

    async def hide(self, post: str, *, hidden: bool) -> None:
        """Hide or show an answer under a post of ours. Raises Unavailable, Refused."""
        await self.ask("PUT", f"/2/tweets/{post}/hidden", Cost("hide", Lane.REPLY), {}, {"hidden": hidden}, "hide")

    async def like(self, me: str, post: str, *, liked: bool) -> None:
        """Like a post, or like it no more; twice is once. Raises Unavailable, Refused."""
        path = f"/2/users/{me}/likes"
        if liked:
            await self.ask("POST", path, Cost("like", Lane.REPLY), {}, {"tweet_id": post}, "like", safe=True)
        else:
            await self.delete(f"{path}/{post}", "unlike")

    async def delete(self, path: str, bucket: str = "delete") -> None:
        """Delete what is ours; what is gone already is deleted. Raises Unavailable, Refused."""
        try:
            await self.ask("DELETE", path, Cost(bucket, Lane.REPLY), {}, None, "delete")
        except Missing:
            return

    async def file(self, path: str) -> bytes:
        """The bytes of a file that only this account may fetch. Raises Unavailable, or Refused: it is gone or too large."""
        now = self.api.clock.now()
        told = {
            "Authorization": authorization(self.keys, "GET", ROOT + path, {}, self.nonce(), now),
            "Accept-Encoding": "identity",
        }
        try:
            async with self.api.http.stream("GET", ROOT + path, headers=told, timeout=self.api.timeout) as response:
                code = response.status_code
                if code == 200:
                    return await bounded(response)
        except BadInput as error:
            raise Refused(str(error)) from error
        except httpx.HTTPError as error:
            raise Unavailable(f"the network did not answer: {type(error).__name__}") from error
        if code in (408, 409, 425, 429) or code >= 500:
            raise Unavailable(f"the network answers {code}", wait_of(response, now, RATION))
        raise Refused(f"the network refuses it ({code})")

    async def _pages(
        self, path: str, bucket: str, price: str, query: Mapping[str, str], known: Callable[[Listed], bool]
    ) -> list[Listed]:
        found: list[Listed] = []
        token: dict[str, str] = {}
        while len(found) < MOST_PAGES:
            page = await self._page(path, Cost(bucket, Lane.POLL), price, dict(query) | token)
            found.append(page)
            if not page.meta.next_token or known(page):
                break
            token = {"pagination_token": page.meta.next_token}
        return found

    async def _page(self, path: str, cost: Cost, price: str, query: Mapping[str, str]) -> Listed:
        """A page; each thing in it is paid, an empty one costs nothing."""
        page: Listed = decoded(await self.ask("GET", path, cost, query), Listed)
        self._pay(len(page.data) * self.limits.prices[price].amount)
        return page

    async def ask(
        self,
        method: str,
        path: str,
        cost: Cost,
        query: Mapping[str, str],
        body: Any = None,
        price: str = "",  # Any: JSON
        *,
        safe: bool = False,
    ) -> httpx.Response:
        """What X answers, signed and paid. `price`: what it costs, by its name in the price list. Raises as `JsonApi.ask`."""
        now, amount = self.api.clock.now(), self.limits.prices[price].amount if price else 0.0
        self.api.budget.spend(MONEY, cost.lane, now, amount)
        signed = authorization(self.keys, method, ROOT + path, query, self.nonce(), now)
        told = {"Authorization": signed}
        return await self.api.ask(method, path, cost=cost, query=query, json=body, headers=told, safe=safe or method != "POST")

    def _pay(self, amount: float) -> None:
        """Take what was read out of the money; it is gone, even where there was not enough."""
        now = self.api.clock.now()
        try:
            self.api.budget.spend(MONEY, Lane.REPLY, now, amount)
        except Unavailable:
            self.api.budget.told(MONEY, 0.0, now)


def json_api(http: httpx.AsyncClient, clock: Clock, budget: Budget) -> JsonApi:
    """What speaks JSON with X."""
    return JsonApi(http, ROOT, clock, budget=budget, ration=RATION, judge=judged)


def judged(response: httpx.Response, words: str) -> SendError | None:
    """What differs from other networks: a text said twice, a thing that is gone."""
    said = words.lower()
    if response.status_code == 403 and ("duplicate content" in said or "already said" in said):
        return Duplicate(f"the network refuses it (403: {words})")
    if response.status_code == 404:
        return Missing(f"it is not there (404: {words})")
    return None


def allow_money(budget: Budget, month: float, now: datetime) -> None:
    """Begin with what may be spent in 30 days, in US dollars."""
    if month > 0:
        budget.allow(MONEY, month, timedelta(days=30), now)


def rank(name: str) -> tuple[int, str]:
    """Names in the order in which X gave them: numbers, written without leading zeros."""
    return len(name), name


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _id_in(raw: bytes) -> str:
    try:
        return msgspec.json.decode(raw, type=Posted).id
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return ""


def newest(pages: list[Listed], since: str) -> str:
    """The name of the newest in these pages; `since` where they bring nothing. What is no number would spoil the cursor."""
    names = [_id_in(bytes(raw)) for page in pages for raw in page.data]
    return max((since, *(name for name in names if name.isdecimal() and len(name) <= 19)), key=rank)
