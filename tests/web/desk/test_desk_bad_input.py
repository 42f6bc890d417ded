"""HTML, formulas, control characters, 10,000 letters in every field of the desk: refused or kept as written, never run."""

import pytest

from browser.filled import an_id
from web.officework import PAGE
from web.test_pages import a_desk, a_hotel

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

SCRIPT = "<script>alert(1)</script>"
HOSTILE = (
    f"{SCRIPT}\"'><img src=x onerror=alert(1)> {{{{7*7}}}} {{person.name}}",
    '=HYPERLINK("x")\x00\x1b[2J\u202e\x08%s%(a)s',
    "é" * 10_000,
)
MINIBAR = an_id("c", "minibar").hex()
# Each form of the desk with every field that takes words; `%` is the conversation.
FORMS = (
    ("/desk/%/say", ("text", "subject", "reach", "later", "once")),
    ("/desk/%/note", ("text",)),
    ("/desk/%/resolve", ("disposition", "view")),
    ("/desk/%/snooze", ("until", "own")),
    ("/desk/%/transfer", ("to", "reason")),
    ("/desk/%/mark", ("labels", "priority", "view")),
    ("/desk/%/merge", ("into",)),
    ("/desk/%/split", ("message", "which")),
    ("/desk/%/bar/block", ("view",)),
    ("/desk/%/hand-over", ("to", "reason")),
    ("/desk/%/together", ("do", "agent")),
    ("/desk/%/call-back", ("phone", "at")),
    ("/desk/%/checks", ("text", "reach", "subject")),
    ("/desk/%/playbook", ("playbook", "do")),
    ("/desk/%/steps/1", ("value", "note")),
    ("/desk/%/suggest", ("kind", "text")),
    ("/desk/views", ("name", "query")),
    ("/desk/bulk", ("do", "label", "prioritise", "transfer", f"c_{MINIBAR}", "once")),
    ("/desk/undo", ("steps",)),
    ("/desk/typing", ("conversation", "text")),
    ("/desk/viewing", ("conversation", "here")),
    ("/desk/presence", ("do", "next")),
)


@pytest.fixture(scope="module")
async def hotel(store):
    return await a_hotel(store)


@pytest.mark.parametrize(("path", "fields"), FORMS, ids=[path for path, _ in FORMS])
async def test_whatever_is_written_into_a_field_is_taken_or_refused_and_never_runs(store, hotel, path, fields):
    async with a_desk(store, *hotel) as desk:
        for text in HOSTILE:
            data = dict.fromkeys(fields, text) | {"csrf": desk.csrf}
            answer = await desk.post(path.replace("%", desk.guest), data=data, headers=PAGE | {"accept": "text/html"})

            assert answer.status_code < 500, (path, text[:40], answer.text[:400])
            assert SCRIPT not in answer.text, (path, text[:40])


@pytest.mark.parametrize("path", ["/desk", "/search", "/desk/find", "/approvals", "/desk/part/inbox", "/centre", "/console"])
async def test_whatever_stands_in_an_address_is_shown_as_it_is_written(store, hotel, path):
    asked = (
        "view",
        "label",
        "channel",
        "agent",
        "language",
        "priority",
        "after",
        "show",
        "q",
        "did",
        "of",
        "with",
        "c",
        "lang",
    )
    async with a_desk(store, *hotel) as desk:
        for text in HOSTILE:
            answer = await desk.get(path, params=dict.fromkeys(asked, text[:300]), headers={"accept": "text/html"})

            assert answer.status_code < 500, (path, text[:40], answer.text[:400])
            assert SCRIPT not in answer.text, (path, text[:40])
