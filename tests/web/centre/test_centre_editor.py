"""The centre's editor: one form for every kind, the difference before it is saved, the way back, and two at once."""

import json

import msgspec
import pytest
from hypothesis import given, strategies as st

from rapport.centre.history import Setting
from rapport.errors import BadInput
from rapport.model.centre import KINDS, Account, Policy, Profile, Thing
from rapport.model.need import Plan, Step
from rapport.model.playbook import Deed, Rule
from rapport.model.target import Target
from rapport.web.centre import editor as centre_editor
from rapport.web.centre.editor import history_of
from rapport.web.centre.finding import found_by, title_of
from rapport.web.centre.form import EDITED, FIELD, form_of, help_of, label_of, read_form, rearranged, typed_of
from rapport.web.centre.loose_values import read_value, show_value
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
    typed = typed_of(kind, json.loads(msgspec.json.encode(piece)))
    return dict(_sent(form_of(kind, typed, "en")))


def _sent(fields):
    for field in fields:
        yield f"{FIELD}{field.name}", field.value
        for row in field.parts:
            yield from _sent(row)


@pytest.mark.parametrize(("kind", "piece"), PIECES, ids=lambda one: one if isinstance(one, str) else "")
def test_a_form_that_is_sent_back_untouched_says_the_same(kind, piece):
    body = read_form(kind, "p", filled_in(kind, piece))

    assert msgspec.json.decode(body, type=KINDS[kind]) == piece


FLOW = {
    "steps": [
        {"text": {"es": "Pregunte"}, "fields": [{"id": "room", "type": "choice", "choices": ["1", "2"]}]},
        {"text": {"es": "Arregle"}, "required": True, "actions": [{"do": "label", "argument": "x"}]},
    ]
}


def test_rows_inside_rows_are_added_moved_up_and_left_out_and_the_others_stay_as_they_were_typed():
    typed = typed_of("playbook", FLOW)

    added = rearranged(typed, "add.steps.1.fields")
    added["field.steps.1.fields.0.id"] = "when"
    moved = rearranged(added, "up.steps.1")
    first, second = json.loads(read_form("playbook", "p", moved))["steps"]
    left = json.loads(read_form("playbook", "p", rearranged(moved, "drop.steps.1")))["steps"]

    assert first == {**FLOW["steps"][1], "fields": [{"id": "when"}]}
    assert second == FLOW["steps"][0]
    assert left == [first]


@pytest.mark.parametrize(
    "do", ["up.steps.0", "drop.steps.9", "drop.steps.x", "up.title.1", "add.title", "add.nothing", "look", ""]
)
def test_an_order_that_fits_no_row_changes_nothing(do):
    assert rearranged(typed_of("playbook", FLOW), do) == typed_of("playbook", FLOW)


numbers = st.floats(-1e6, 1e6).map(lambda one: round(one, 3))
levels = st.dictionaries(st.text(max_size=5), st.integers(-9, 9).map(float), max_size=3)
values = st.one_of(st.booleans(), numbers, st.text(max_size=8), st.lists(st.text(max_size=5), max_size=3), levels)


@given(values)
def test_a_value_on_a_line_comes_back_as_it_was(value):
    assert read_value(show_value(value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("es, en", ["es", "en"]),
        ("es,", ["es"]),
        ("wifi: 0.8, tv: 1", {"wifi": 0.8, "tv": 1.0}),
        ("0.5", 0.5),
        ("no", False),
        ("9:30", "9:30"),
        ("[1, 2]", [1, 2]),
    ],
)
def test_a_value_is_read_as_people_write_it(text, value):
    assert read_value(text) == value


@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1), max_size=4))
def test_texts_of_a_list_come_back_as_they_were(banned):
    piece = Policy("p", banned=tuple(banned))

    assert msgspec.json.decode(read_form("policy", "p", filled_in("policy", piece)), type=Policy) == piece


@pytest.mark.parametrize(
    ("kind", "data", "says"),
    [
        ("plan", {"offer_seconds": "soon"}, "offer_seconds is a number, got 'soon'"),
        ("plan", {"steps": "1", "steps.0.seconds": "soon"}, "steps.0.seconds is a number, got 'soon'"),
        ("plan", {"offer_seconds": "inf"}, "offer_seconds is a number, got 'inf'"),
        ("centre", {"targets": "chat"}, "targets has one `name = value` a line, got 'chat'"),
        ("target", {"first": "soon"}, "this cannot be saved: first of target 'p' is a span"),
        ("policy", {"hold_seconds": "86400"}, "hold_seconds of policy 'p' is from 0 to 3600, got 86400"),
        ("policy", {"tiers": "1", "tiers.0.minutes": "-1"}, "minutes of tiers.0 of policy 'p' is from 0 to 43200, got -1"),
        ("rule", {"on": "sneezed", "actions": "0"}, "this cannot be saved"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_field(kind, data, says):
    with pytest.raises(BadInput, match=says):
        read_form(kind, "p", {f"{FIELD}{name}": text for name, text in data.items()})


@pytest.mark.parametrize("kind", EDITED)
def test_every_field_and_kind_is_called_something_in_spanish(kind):
    typed = {f"{FIELD}{field.name}": "1" for field in msgspec.structs.fields(KINDS[kind])}
    names = [name.rpartition(".")[2] for name, _ in _sent(form_of(kind, typed, "es"))]

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


def thing(agent, **says):
    return Thing(f"agent/{agent}", msgspec.json.encode(says), NOW)


def test_a_piece_is_found_by_its_name_and_by_whatever_it_says_accents_aside():
    ana = thing("ana", name="Ána Peña", team="it", bot=False, attributes={"skills": {"wifi": 0.9}, "languages": ["es", "pt"]})
    eva = thing("eva", team="billing", attributes={"skills": {"invoices": 0.4}, "interests": ["running"]})

    found = {words: [one.id for one in found_by([ana, eva], words)] for words in ("", "pena", "WIFI it", "running", "skills")}

    assert found == {
        "": ["agent/ana", "agent/eva"], "pena": ["agent/ana"], "WIFI it": ["agent/ana"], "running": ["agent/eva"], "skills": [],
    }  # fmt: skip


@pytest.mark.parametrize(("language", "called"), [("es", "Tarjeta copiada"), ("en", "Card copied"), ("pt", "Tarjeta copiada")])
def test_a_piece_is_called_as_the_reader_speaks(language, called):
    assert title_of(b'{"title": {"es": "Tarjeta copiada", "en": "Card copied"}}', language) == called
    assert title_of(b'{"name": "Reforma"}', language) == "Reforma"
    assert title_of(b"{}", language) == ""


async def test_hundreds_of_pieces_are_found_by_a_word(editor, monkeypatch):
    monkeypatch.setattr(centre_editor, "MOST_LISTED", 20)
    many = [("agent", f"a{n:03d}", msgspec.json.encode({"id": f"a{n:03d}", "name": f"Número {n:03d}"})) for n in range(30)]
    await editor.office.intake.set_things(editor.tenant, many, by="test")

    whole = words(await editor.get("/centre/agent?lang=en"))
    one = await editor.get("/centre/agent?lang=en&q=numero 017")
    none = words(await editor.get("/centre/agent?lang=es&q=nadie-asi"))

    assert "The first 20 of them; search to see fewer." in whole
    assert 'href="/centre/agent/a017"' in one.text
    assert 'href="/centre/agent/a016"' not in one.text
    assert 'value="numero 017"' in one.text
    assert "Ninguna pieza tiene esa palabra." in none
