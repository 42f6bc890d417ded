"""Three places with reviews, in memory, each written from its API's documentation: Google, Google Play, the App Store."""

import base64
import json
from datetime import timedelta
from urllib.parse import unquote

import httpx

from contracts.channel import NOW


def stamp(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


class FakeShop:
    """`say(text)` is one more review, `change(name, text)` a change of one; `answers` are ours; `fails` are given first."""

    def __init__(self, clock, limit, measure=len):
        self.clock, self.limit, self.measure = clock, limit, measure
        self.reviews, self.answers, self.heard, self.fails = {}, {}, [], []
        self.page_size, self.tokens = 50, 0

    @property
    def http(self):
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))

    def say(self, text, stars=2, at=None, title="", name=None):
        name = name or f"r{len(self.reviews):03d}"
        at = at or self.clock.now()
        self.reviews[name] = {"text": text, "stars": stars, "title": title, "created": at, "updated": at}
        return name

    def change(self, name, text, stars=None):
        told = self.reviews[name]
        told |= {"text": text, "updated": self.clock.now(), "stars": stars or told["stars"]}

    def answer(self, request):
        """What the place answers."""
        if request.url.host == "oauth2.googleapis.com":
            self.tokens += 1
            self.asked = request.content.decode()
            return httpx.Response(200, json={"access_token": "ya29", "expires_in": 3599})
        self.heard.append(request)
        if self.fails:
            failing = self.fails.pop(0)
            if isinstance(failing, Exception):
                raise failing
            return failing
        return self.handle(request, unquote(request.url.raw_path.decode().partition("?")[0]), dict(request.url.params))

    def newest(self):
        return sorted(self.reviews, key=lambda name: self.reviews[name]["updated"], reverse=True)

    def slice(self, query, token, size):
        start, size = int(query.get(token, 0)), min(self.page_size, size)
        names = self.newest()
        return names[start : start + size], str(start + size) if start + size < len(names) else ""

    def put(self, name, text, **more):
        if name not in self.reviews:
            return httpx.Response(404, json={"error": {"code": 404, "message": "no such review"}})
        if self.measure(text) > self.limit:
            return httpx.Response(400, json={"error": {"code": 400, "message": "reply too long"}})
        self.answers[name] = {"text": text, "at": self.clock.now()} | more
        return None


class FakeGoogle(FakeShop):
    """Business Profile, version 4."""

    ROOT = "/v4/accounts/1/locations/2/reviews"
    WORDS = ("", "ONE", "TWO", "THREE", "FOUR", "FIVE")

    def __init__(self, clock):
        super().__init__(clock, 4096, lambda text: len(text.encode()))

    def handle(self, request, path, query):
        if request.headers["authorization"] != "Bearer ya29" or not path.startswith(self.ROOT):
            return httpx.Response(401)
        name = path.removeprefix(self.ROOT).strip("/").removesuffix("/reply")
        if not name:
            names, after = self.slice(query, "pageToken", int(query["pageSize"]))
            more = {"nextPageToken": after} if after else {}
            told = {"reviews": [self.review(n) for n in names], "averageRating": 3.1, "totalReviewCount": len(self.reviews)}
            return httpx.Response(200, json=(told if names else {}) | more)
        if request.method == "DELETE":
            gone = self.answers.pop(name, None) is None
            return httpx.Response(404 if gone else 200, json={})
        if request.method == "PUT":
            wrong = self.put(name, json.loads(request.content)["comment"], state="PENDING")
            return wrong or httpx.Response(200, json=self.review(name)["reviewReply"])
        return httpx.Response(200, json=self.review(name)) if name in self.reviews else httpx.Response(404, json={})

    def review(self, name):
        told, ours = self.reviews[name], self.answers.get(name)
        review = {
            "name": f"accounts/1/locations/2/reviews/{name}", "reviewId": name, "reviewer": {"displayName": "Ana"},
            "starRating": self.WORDS[told["stars"]], "comment": told["text"], "createTime": stamp(told["created"]),
            "updateTime": stamp(told["updated"]),
        }  # fmt: skip
        if ours:
            reply = {"comment": ours["text"], "updateTime": stamp(ours["at"]), "reviewReplyState": ours["state"]}
            review["reviewReply"] = reply | ({"policyViolation": ours["why"]} if "why" in ours else {})
        return review


class FakePlay(FakeShop):
    """Android Publisher, version 3: the last seven days, and no more."""

    ROOT = "/androidpublisher/v3/applications/com.example.app/reviews"

    def __init__(self, clock):
        super().__init__(clock, 350)

    def newest(self):
        week = self.clock.now() - timedelta(days=7)
        return [name for name in super().newest() if self.reviews[name]["updated"] >= week]

    def handle(self, request, path, query):
        name, colon, _ = path.removeprefix(self.ROOT).strip("/").partition(":")
        if not name:
            names, after = self.slice(query, "token", int(query["maxResults"]))
            more = {"tokenPagination": {"nextPageToken": after}} if after else {}
            return httpx.Response(200, json={"reviews": [self.review(n) for n in names]} | more)
        if colon:
            text = json.loads(request.content)["replyText"]
            wrong = self.put(name, text)
            told = {"result": {"replyText": text, "lastEdited": self.time(self.clock.now())}}
            return wrong or httpx.Response(200, json=told)
        return httpx.Response(200, json=self.review(name)) if name in self.reviews else httpx.Response(404, json={})

    def time(self, at):
        return {"seconds": str(int(at.timestamp())), "nanos": 0}

    def review(self, name):
        told, ours = self.reviews[name], self.answers.get(name)
        text = f"{told['title']}\t{told['text']}"
        user = {"text": text, "lastModified": self.time(told["updated"]), "starRating": told["stars"], "reviewerLanguage": "es"}
        comments = [{"userComment": user}]
        if ours:
            comments.append({"developerComment": {"text": ours["text"], "lastModified": self.time(ours["at"])}})
        return {"reviewId": name, "authorName": "Ana", "comments": comments}


class FakeAppStore(FakeShop):
    """App Store Connect: JSON:API, and answers as resources of their own."""

    ROOT = "/v1/apps/6448311069/customerReviews"

    def __init__(self, clock):
        super().__init__(clock, 5970)

    def handle(self, request, path, query):
        claims = json.loads(base64.urlsafe_b64decode(request.headers["authorization"].split(".")[1] + "=="))
        if not claims["iat"] <= self.clock.now().timestamp() < claims["exp"] <= claims["iat"] + 1200:
            return httpx.Response(401, json={"errors": [{"status": "401", "code": "NOT_AUTHORIZED", "detail": "bad token"}]})
        if path == self.ROOT:
            return self.listed(query)
        if path == "/v1/customerReviewResponses":
            told = json.loads(request.content)["data"]
            name = told["relationships"]["review"]["data"]["id"]
            wrong = self.put(name, told["attributes"]["responseBody"], state="PENDING_PUBLISH")
            return wrong or httpx.Response(201, json={"data": self.response(name)})
        name = path.split("/")[3]
        if request.method == "DELETE":
            self.answers.pop(name.removeprefix("a-"))
            return httpx.Response(204)
        if path.endswith("/response"):
            return httpx.Response(200, json={"data": self.response(name)}) if name in self.answers else self.none()
        if name not in self.reviews:
            return self.none()
        included = {"included": [self.response(name)]} if name in self.answers else {}
        return httpx.Response(200, json={"data": self.review(name)} | included)

    def none(self):
        return httpx.Response(404, json={"errors": [{"status": "404", "code": "NOT_FOUND", "detail": "there is no resource"}]})

    def listed(self, query):
        names, after = self.slice(query, "cursor", int(query["limit"]))
        base = f"https://api.appstoreconnect.apple.com{self.ROOT}"
        links = {"self": base} | ({"next": f"{base}?cursor={after}&limit={query['limit']}"} if after else {})
        included = [self.response(name) for name in names if name in self.answers]
        return httpx.Response(200, json={"data": [self.review(n) for n in names], "included": included, "links": links})

    def review(self, name):
        told = self.reviews[name]
        said = {
            "rating": told["stars"], "title": told["title"], "body": told["text"], "reviewerNickname": "ana",
            "createdDate": told["updated"].isoformat(), "territory": "ESP",
        }  # fmt: skip
        link = {"data": {"type": "customerReviewResponses", "id": f"a-{name}"}} if name in self.answers else {}
        return {"type": "customerReviews", "id": name, "attributes": said, "relationships": {"response": link}}

    def response(self, name):
        ours = self.answers[name]
        said = {"responseBody": ours["text"], "lastModifiedDate": ours["at"].isoformat(), "state": ours["state"]}
        return {"type": "customerReviewResponses", "id": f"a-{name}", "attributes": said}


def ago(**span):
    return NOW - timedelta(**span)
