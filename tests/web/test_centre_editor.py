"""The centre's editor: one form for every kind, the difference before it is saved, the way back, and two at once."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.centre.history import Setting
from rapport.errors import BadInput
from rapport.model.centre import KINDS, Account, Policy, Profile
from rapport.model.need import Plan, Step
from rapport.model.playbook import Deed, Rule
from rapport.model.target import Target
from rapport.web.centre_editor import history_of
from rapport.web.centre_form import EDITED, FIELD, form_of, help_of, label_of, read_form
from web.officework import NOW, a_browser, an_office, sign_in
from web.test_pages import posted, words

pytestmark = pytest.mark.anyio

PIECES = [
    ("plan", Plan("p", (Step("team == 'it'", {"skills.wifi > 0.5": 2.0}, 60.0), Step()), "intent == 'wifi'", 3, offers=2)),
    ("rule", Rule("p", ("opened", "near"), (Deed("note", text={"es": "¡Mira!"}),), enabled=True)),
    (
        "target",
        Target("p", first="10m", person={"loyalty": "gold"}, hours={"mon": ("09:00-14:00", "16:00-18:00")}, pause=False),
    ),
    ("policy", Policy("p", approve=("public",), checks={"link": "refuse"}, angry_per_hour=2, max_occupancy=0.85)),
    ("centre", Profile("p", name="Hotel", targets={"chat": 60}, hours={"sun": ("22:00-06:00",)})),
    ("account", Account("p", "email", settings={"password": "secret:mail", "folder": "INBOX"}, paused=True)),
]


def filled_in(kind: str, piece: msgspec.Struct) -> dict[str, str]:
    """A form as a browser would send it back untouched."""
    value = json.loads(msgspec.json.encode(piece))
    return {f"{FIELD}{field.name}": field.value for field in form_of(kind, value, "en")}


@pytest.mark.parametrize(("kind", "piece"), PIECES, ids=lambda one: one if isinstance(one, str) else "")
def test_a_form_that_is_sent_back_untouched_says_the_same(kind, piece):
    body = read_form(kind, "p", filled_in(kind, piece))

    assert msgspec.json.decode(body, type=KINDS[kind]) == piece


@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1), max_size=4))
def test_texts_of_a_list_come_back_as_they_were(banned):
    piece = Policy("p", banned=tuple(banned))

    assert msgspec.json.decode(read_form("policy", "p", filled_in("policy", piece)), type=Policy) == piece


@pytest.mark.parametrize(
    ("kind", "data", "says"),
    [
        ("plan", {"offer_seconds": "soon"}, "offer_seconds is a number, got 'soon'"),
        ("plan", {"steps": "[{"}, "steps is not JSON"),
        ("centre", {"targets": "chat"}, "targets has one `name = value` a line, got 'chat'"),
        ("target", {"first": "soon"}, "this cannot be saved: first of target 'p' is a span"),
        ("rule", {"on": "sneezed", "actions": "[]"}, "this cannot be saved"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_field(kind, data, says):
    with pytest.raises(BadInput, match=says):
        read_form(kind, "p", {f"{FIELD}{name}": text for name, text in data.items()})


@pytest.mark.parametrize("kind", EDITED)
def test_every_field_and_kind_is_called_something_in_spanish(kind):
    names = [field.name for field in msgspec.structs.fields(KINDS[kind]) if field.name != "id"]

    assert [name for name in names if label_of(name, "es") == name.replace("_", " ")] == []
    assert help_of(kind, "es") != help_of(kind, "en")


def test_the_history_tells_each_change_with_its_difference_and_which_stands():
    settings = [
        Setting(9, NOW, "ana", "p", b""),
        Setting(7, NOW, "bo", "p", b'{"id":"p","texts":{"en":"Hi"},"title":"B"}'),
        Setting(5, NOW, "ana", "other", b'{"id":"other","texts":{}}'),
        Setting(3, NOW, "ana", "p", b'{"id":"p","texts":{"en":"Hi"},"title":"A"}'),
    ]

    gone, changed, first = history_of("reply", "p", settings, None)

    assert (gone.removed, changed.removed, first.removed) == (True, False, False)
    assert [(field.name, field.before, field.after) for field in changed.fields] == [("title", '"A"', '"B"')]
    assert [one.now for one in (gone, changed, first)] == [False] * 3


@pytest.fixture
async def editor(store, tenant):
    """An administrator's browser over a centre with one saved reply."""
    office = an_office(store)
    await office.intake.set_things(tenant, [("reply", "hi", b'{"id":"hi","texts":{"en":"Hello"}}')])
    async with a_browser(office) as client:
        client.csrf = await sign_in(client, office, tenant, "administrator", "ana")
        client.office, client.tenant = office, tenant
        yield client


async def saved(editor) -> dict:
    async with editor.office.store.within(editor.tenant) as db:
        return json.loads(await db.fetchval("select body from thing where tenant = $1 and id = 'reply/hi'", editor.tenant))


def seen_in(page) -> str:
    return page.text.partition('name="seen" value="')[2].partition('"')[0]


async def test_a_change_is_shown_before_it_is_saved(editor):
    drawn = await editor.get("/centre/reply/hi?lang=en")
    form = {"field.texts": "en = Good day", "field.title": "Greeting", "seen": seen_in(drawn)}

    looked = await posted(editor, "/centre/reply/hi?lang=en", do="look", **form)
    before = await saved(editor)
    done = await posted(editor, "/centre/reply/hi", do="save", **form)

    assert "What saving changes" in words(looked)
    assert "&#34;Good day&#34;" in looked.text
    assert before["texts"] == {"en": "Hello"}
    assert done.headers["location"] == "/centre/reply/hi?said=saved"
    assert await saved(editor) == {"id": "hi", "texts": {"en": "Good day"}, "title": "Greeting"}


async def test_of_two_at_once_the_second_is_told_and_loses_no_letter(editor):
    seen = seen_in(await editor.get("/centre/reply/hi"))
    await editor.office.intake.set_things(editor.tenant, [("reply", "hi", b'{"id":"hi","texts":{"en":"Theirs"}}')])

    answer = await posted(editor, "/centre/reply/hi?lang=en", do="save", seen=seen, **{"field.texts": "en = Mine"})

    assert answer.status_code == 409
    assert "Somebody was faster." in words(answer)
    assert "en = Mine" in answer.text
    assert (await saved(editor))["texts"] == {"en": "Theirs"}


@pytest.mark.parametrize("name", ["password", "key"])
async def test_a_credential_is_refused_before_it_is_kept(editor, name):
    form = {"field.channel": "email", "field.settings": f"{name} = hunter2", "seen": ""}

    answer = await posted(editor, "/centre/account/mail?lang=en", do="save", **form)

    assert answer.status_code == 400
    assert f"{name} is a credential" in words(answer)


async def test_a_new_piece_may_be_called_anything_that_an_address_can_say(editor):
    begun = await posted(editor, "/centre/reply", name="¿Qué? #1")

    assert begun.headers["location"] == "/centre/reply/%C2%BFQu%C3%A9%3F%20%231"
    assert "¿Qué? #1" in words(await editor.get(begun.headers["location"]))


async def test_who_may_only_see_it_is_given_no_way_to_change_it(editor):
    async with a_browser(editor.office) as other:
        other.csrf = await sign_in(other, editor.office, editor.tenant, "supervisor", "irene")
        page = await other.get("/centre/reply/hi?lang=en")
        refused = await posted(other, "/centre/reply/hi", do="save")

    assert "Look at the difference" not in words(page)
    assert refused.status_code == 403
