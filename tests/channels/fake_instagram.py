"""A professional account on Instagram in memory, as Graph shows it to its page's token; and its webhooks."""

import json

from channels.fake_page import ANA, PAGE, WRITTEN, FakePage, paged

ACCOUNT, NAME, PICTURE = "17841400", "acme", "1790001"


class FakeInstagram(FakePage):
    """`comments` by what they are under: a picture or a comment. `named`: what comments and captions say that name us."""

    def __init__(self):
        super().__init__("instagram", ACCOUNT)
        self.pictures = [PICTURE]
        self.comments, self.named, self.answered = {PICTURE: []}, {}, []

    def comment(self, text, by=ANA, under=PICTURE, at=WRITTEN, username="ana.mx", **changes):
        """A comment; `under` a picture or a comment."""
        made = {"id": str(18000 + sum(map(len, self.comments.values()))), "text": text, "timestamp": at, "username": username}
        made |= {"from": {"id": by, "username": username}} | changes
        self.comments.setdefault(under, []).append(made)
        return made

    def _told(self, request, path):
        query = dict(request.url.params)
        if request.method == "GET" and path == [ACCOUNT]:
            return self._mention(query["fields"]) if "mentioned" in query["fields"] else {"id": ACCOUNT, "username": NAME}
        if request.method == "GET" and path == [ACCOUNT, "media"]:
            return {
                "data": [{"id": picture, "comments": self._comments(picture, {"limit": "50"})} for picture in self.pictures]
            }
        if request.method == "GET" and path[1:] == ["comments"]:
            return self._comments(path[0], query)
        if request.method == "GET" and path[1:] == ["replies"]:
            return {"data": self.comments.get(path[0], [])[::-1]}
        return super()._told(request, path)

    def _comments(self, under, query):
        page = paged(self.comments[under][::-1], query)
        answers = {c["id"]: self.comments.get(c["id"], []) for c in page["data"]}
        page["data"] = [c | ({"replies": {"data": answers[c["id"]][::-1]}} if answers[c["id"]] else {}) for c in page["data"]]
        return page

    def _mention(self, fields):
        kind, _, rest = fields.partition(".")
        told = self.named.get(rest.partition("(")[2].partition(")")[0])
        return {"id": ACCOUNT, kind: told} if told else None

    def _post(self, path, body):
        if "batch" in body:
            return super()._post(path, body)
        if path == [ACCOUNT, "mentions"]:
            self.answered.append(body)
            return {"id": "18999"}
        if path[1:] == ["replies"]:
            return {"id": self.comment(body["message"], by=ACCOUNT, under=path[0], username=NAME)["id"]}
        if "hide" in body:
            self.hidden[path[0]] = body["hide"]
            return {"success": True}
        assert path == [PAGE, "messages"]
        return self._send(body)


def notice(*changes, messaging=(), account=ACCOUNT):
    """The body of a webhook."""
    entry = {"id": account, "time": 1794823140, "changes": list(changes), "messaging": list(messaging)}
    return json.dumps({"object": "instagram", "entry": [entry]}).encode()


def commented(text="Se cae el wifi", by=ANA, username="ana.mx", field="comments", **value):
    """A comment as a webhook tells it: without its time."""
    known = {"id": "18000", "text": text, "from": {"id": by, "username": username}, "media": {"id": PICTURE}}
    return {"field": field, "value": known | value}
