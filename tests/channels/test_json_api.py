"""What each silence or refusal of a network means, and how budgets and tokens are kept."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from contracts.channel import NOW
from rapport.channels.budget import Budget, Lane
from rapport.channels.json_api import Cost, JsonApi, Ration, decoded, moment, taken, words_of
from rapport.channels.tokens import bearer
from rapport.clock import FakeClock
from rapport.errors import OutcomeUnknown, Refused, Unavailable

pytestmark = pytest.mark.anyio
POST = Cost("posts", Lane.REPLY)


class Network:
    """Gives `answers` one after another and keeps what was asked."""

    def __init__(self, *answers):
        self.answers, self.heard = list(answers), []

    def __call__(self, request):
        self.heard.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def api(self, **changes):
        http = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return JsonApi(http, "https://api.example", FakeClock(NOW), **changes)


@pytest.mark.parametrize(
    ("answer", "error", "safe_error"),
    [
        (httpx.ConnectError("no"), Unavailable, Unavailable),
        (httpx.ConnectTimeout("no"), Unavailable, Unavailable),
        (httpx.ReadTimeout("no"), OutcomeUnknown, Unavailable),
        (httpx.WriteError("no"), OutcomeUnknown, Unavailable),
        (httpx.RemoteProtocolError("no"), OutcomeUnknown, Unavailable),
        (httpx.Response(500), OutcomeUnknown, Unavailable),
        (httpx.Response(502), OutcomeUnknown, Unavailable),
        (httpx.Response(504), OutcomeUnknown, Unavailable),
        (httpx.Response(408), OutcomeUnknown, Unavailable),
        (httpx.Response(409), OutcomeUnknown, Unavailable),
        (httpx.Response(503), Unavailable, Unavailable),
        (httpx.Response(429), Unavailable, Unavailable),
        (httpx.Response(301), Refused, Refused),
        (httpx.Response(400), Refused, Refused),
        (httpx.Response(401), Refused, Refused),
        (httpx.Response(403), Refused, Refused),
        (httpx.Response(404), Refused, Refused),
    ],
    ids=str,
)
async def test_what_a_failure_means_depends_on_whether_it_may_be_done_twice(answer, error, safe_error):
    with pytest.raises(error):
        await Network(answer).api().ask("POST", "/posts", json={"text": "hola"})
    with pytest.raises(safe_error):
        await Network(answer).api().ask("PUT", "/posts/1", json={"text": "hola"}, safe=True)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": "too long"}, "too long"),
        ({"error": {"code": 190, "message": "token ended"}}, "token ended"),
        ({"errors": [{"status": "409", "detail": "exists", "title": "Conflict"}]}, "exists"),
        ({"title": "Forbidden", "detail": "not for you"}, "not for you"),
        ({"json": {"errors": []}}, ""),
        (["one", "two"], "one"),
        ({"error": "too\0 long\n" + "x" * 1000}, "too long " + "x" * 291),
        (7, ""),
    ],
)
def test_the_words_of_a_network_are_found_however_it_nests_them(body, words):
    assert words_of(json.dumps(body).encode()) == words


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 5000, b"\xff", b'{"error": ' * 900])
def test_a_body_that_cannot_be_read_says_nothing(body):
    assert words_of(body) == ""


async def test_a_refusal_carries_the_networks_words():
    network = Network(httpx.Response(422, json={"error": {"message": "Text can't be blank"}}))

    with pytest.raises(Refused, match="422: Text can't be blank"):
        await network.api().ask("POST", "/posts")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("30", NOW + timedelta(seconds=30)),
        ("598.5", NOW + timedelta(seconds=598.5)),
        ("1763287500", datetime.fromtimestamp(1763287500, UTC)),
        ("2026-11-16T10:05:00Z", NOW + timedelta(minutes=5)),
        ("2026-11-16T10:05:00", NOW + timedelta(minutes=5)),
        ("Mon, 16 Nov 2026 10:05:00 GMT", NOW + timedelta(minutes=5)),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("9" * 400, None),
        ("999999999999999", None),
        ("٣٠", None),
    ],
)
def test_a_time_in_a_header_is_read_as_any_network_writes_it(text, at):
    assert moment(text, NOW) == at


async def test_a_network_that_is_asked_too_often_says_when_to_come_back_and_is_not_asked_before():
    budget = Budget()
    budget.allow("posts", 100, timedelta(hours=1), NOW)
    network = Network(httpx.Response(429, headers={"retry-after": "90"}))
    api = network.api(budget=budget)

    with pytest.raises(Unavailable) as first:
        await api.ask("POST", "/posts", cost=POST)
    with pytest.raises(Unavailable) as second:
        await api.ask("POST", "/posts", cost=POST)

    assert first.value.retry_after == second.value.retry_after == timedelta(seconds=90)
    assert len(network.heard) == 1


async def test_what_the_headers_say_is_left_is_kept_for_replies_first():
    told = {"x-ratelimit-limit": "10", "x-ratelimit-remaining": "3", "x-ratelimit-reset": "60"}
    network = Network(httpx.Response(200, json=[], headers=told), httpx.Response(201, json={}))
    api = network.api(ration=Ration())
    await api.read("/posts", list, cost=Cost("posts"))

    with pytest.raises(Unavailable):
        await api.read("/posts", list, cost=Cost("posts"))
    await api.ask("POST", "/posts", cost=POST)

    assert [request.method for request in network.heard] == ["GET", "POST"]


async def test_a_bucket_that_was_never_known_is_not_closed_for_ever_by_a_zero():
    told = {"x-ratelimit-remaining": "0"}
    network = Network(httpx.Response(200, json=[], headers=told), httpx.Response(200, json=[]))
    api = network.api(ration=Ration())

    await api.read("/posts", list, cost=Cost("posts"))
    await api.read("/posts", list, cost=Cost("posts"))

    assert len(network.heard) == 2


async def test_a_request_says_who_asks_and_carries_json_or_a_form():
    network = Network(httpx.Response(200, json={}), httpx.Response(200, json={}))
    api = network.api(signs=bearer("t0ken"), headers={"User-Agent": "us"})

    await api.ask("POST", "/a", json={"text": "añil"}, query={"id": ("1", "2")})
    await api.ask("POST", "/b", form={"Body": "añil"}, headers={"X-Once": "1"})

    first, second = network.heard
    assert (first.headers["authorization"], first.headers["user-agent"]) == ("Bearer t0ken", "us")
    assert (str(first.url), json.loads(first.content)) == ("https://api.example/a?id=1&id=2", {"text": "añil"})
    assert (second.content, second.headers["x-once"]) == (b"Body=a%C3%B1il", "1")


def test_an_answer_of_another_shape_is_not_now_for_a_reading_and_unknown_for_what_was_given():
    answer = httpx.Response(200, content=b"<html>", request=httpx.Request("GET", "https://api.example/s3cret"))

    with pytest.raises(Unavailable, match="something else") as raised:
        decoded(answer, dict)
    assert "s3cret" not in str(raised.value)  # some networks have the token in the path
    with pytest.raises(OutcomeUnknown):
        taken(answer, dict)


async def test_a_network_may_mean_something_else_by_an_answer():
    def judge(response, words):
        return Unavailable(words) if response.status_code == 403 else None

    with pytest.raises(Unavailable, match="quota"):
        await Network(httpx.Response(403, json={"error": "quota"})).api(judge=judge).ask("POST", "/posts")
