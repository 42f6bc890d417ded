"""The file of a rehearsal: DESIGN section 7 word by word, and what is refused."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from rapport.centre.toml_text import read_toml
from rapport.errors import CentreError
from rapport.model.agent import Agent, Presence
from rapport.model.centre import Account, read_thing
from rapport.rehearsal.crowd import crowd_messages
from rapport.rehearsal.format import find_rehearsals, read_document
from rapport.rehearsal.spans import read_span, show_span
from rapport.rehearsal.tables import CrowdTable
from rapport.rehearsal.telling import account_of, with_accounts

AS_DESIGNED = """
name   = "hotel: a post about poor Wi-Fi goes straight to an IT technician"
start  = "2026-03-03T10:00:00-06:00"         # the fake clock's start; default a Tuesday, 10:00, the tenant's zone
[[agent]]                                     # tenant = "..." on any table when there is more than one
id = "ana"; team = "it"; presence = "available"; slots = { social = 2 }; bot = false
attributes = { languages = ["es", "en"], skills = { wifi = 0.9, billing = 0.1 }, interests = ["running"] }
[[person]]
id = "guest"; handles = ["mastodon:@guest@example.social"]; attributes = { loyalty = "gold" }
[[event]]                                     # a journey event written by another department
at = "-2h"; person = "guest"; kind = "hotel.checked_in"; data = { room = "512", hotel = "Reforma" }
[[message]]                                   # channel: a network (mastodon, webchat, email, sms, voice ...)
id = "m1"; at = "0s"; channel = "mastodon"; from = "mastodon:@guest@example.social"; public = true
text = "Third night and the wifi in my room still drops every five minutes @reforma"
[[action]]                                    # what a human does
at = "20s"; agent = "ana"; do = "accept"; message = "m1"          # close, transfer (to), go_offline, go_online
[[expect]]
by = "5s"; message = "m1"; offered_to = "ana"; because = ["wifi"]   # because: attributes that the explanation must name
[[expect]]
by = "1m"; message = "m1"; state = "open"; shown = ["hotel.checked_in"]   # shown: what stands on the agent's desk beside it
"""
LITTLE = '[[agent]]\nid = "ana"\n[[message]]\nchannel = "webchat"\nfrom = "you"\ntext = "hi"\n'
MET = '[[expect]]\noffered_to = "ana"\n'


def rehearsal(text: str):
    return read_document(read_toml(text, "r.toml"), Path("scenarios"), "r")


def test_the_example_of_the_design_is_read():
    read = rehearsal(AS_DESIGNED)

    agent = read_thing("agent", read.things["default"]["agent", "ana"])
    assert read.start == datetime(2026, 3, 3, 16, tzinfo=UTC)
    assert isinstance(agent, Agent)
    assert agent.attributes["skills"] == {"wifi": 0.9, "billing": 0.1}
    assert read.events[0].at == timedelta(hours=-2)
    assert read.events[0].person == "mastodon:@guest@example.social"
    assert read.messages[0].public is True
    assert read.expects[1].place == "r.toml:18"
    assert read.expects[0].because == ("wifi",)


def test_agents_and_messages_alone_are_enough():
    read = rehearsal(LITTLE + MET)

    agent = read_thing("agent", read.things["default"]["agent", "ana"])
    assert isinstance(agent, Agent)
    assert agent.presence is Presence.AVAILABLE
    assert read.messages[0].sender == "webchat:you"
    assert read.expects[0].message == read.messages[0].id
    assert read.name == "r"


def test_the_clock_starts_on_a_tuesday_at_ten_in_the_zone_of_the_centre():
    read = rehearsal('[centre]\nzone = "America/Mexico_City"\n' + LITTLE + MET)

    assert read.start == datetime(2026, 3, 3, 16, tzinfo=UTC)
    assert read.start.strftime("%A") == "Tuesday"


def test_a_table_replaces_the_thing_of_the_folder_that_has_its_id(tmp_path):
    (tmp_path / "c").mkdir()
    (tmp_path / "c/agents.csv").write_text("id,team\nana,it\nben,desk\n")
    document = read_toml('centre = "c"\n' + LITTLE + MET, "r.toml")

    things = read_document(document, tmp_path).things["default"]

    assert b'"team":""' in things["agent", "ana"]
    assert b'"team":"desk"' in things["agent", "ben"]


def test_every_table_may_name_its_tenant():
    message = '[[message]]\nid = "b"\ntenant = "bank"\nchannel = "webchat"\nfrom = "x"\ntext = "hi"\n'
    expect = '[[expect]]\ntenant = "bank"\noffered_to = "zoe"\n'
    read = rehearsal(LITTLE + MET + '[[agent]]\ntenant = "bank"\nid = "zoe"\n' + message + expect)

    assert set(read.things) == {"default", "bank"}
    assert read.expects[1].message == "b"


def test_a_person_is_named_by_id_where_a_handle_is_asked():
    text = '[[person]]\nid = "p"\nhandles = ["email:p@x.example", "sms:+1"]\n'
    read = rehearsal(text + LITTLE.replace('"you"', '"p"').replace("webchat", "sms") + MET)

    assert read.messages[0].sender == "sms:+1"


def test_a_message_comes_to_the_first_account_of_its_network_or_to_one_named_for_it():
    read = rehearsal('[[channel]]\nid = "shop"\nchannel = "webchat"\n' + LITTLE + MET)
    things = read.things["default"]

    assert account_of(read.messages[0], [Account("shop", "webchat")]).id == "shop"
    assert account_of(read.messages[0], []).id == "webchat"
    assert ("account", "shop") in with_accounts(things, read.messages)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nmae = 'x'\n" + LITTLE + MET, "r.toml:1: unknown key 'nmae' in a rehearsal; did you mean 'name'?"),
        (
            LITTLE + "[[expect]]\noffred_to = 'ana'\n",
            "r.toml:8: unknown key 'offred_to' in expect 1; did you mean 'offered_to'?",
        ),
        (LITTLE + "[[expect]]\noffered_to = 'anna'\n", "r.toml:7: there is no agent 'anna'; did you mean 'ana'?"),
        (LITTLE + "[[expect]]\nmessage = 'm9'\nheld = true\n", "r.toml:7: there is no message 'm9'"),
        (LITTLE + "[[expect]]\nby = '5'\nheld = true\n", "r.toml:8: by is '5'; write a span such as \"90s\""),
        (LITTLE + "[[expect]]\nby = '5s'\n", "r.toml:7: nothing is expected; add one of offered_to"),
        (LITTLE + "[[expect]]\nstate = 'opened'\n", "r.toml:7: there is no state 'opened'; did you mean 'open'?"),
        (LITTLE + "[[expect]]\nheld = 'yes'\n", "r.toml:8: expect 1 / held is 'yes': expected bool"),
        (LITTLE + "[[expect]]\nurgency_at_least = 7\n", "r.toml:7: urgency_at_least is 7; write a share from 0 to 1"),
        (
            LITTLE + MET + "[[action]]\nagent = 'ana'\ndo = 'acept'\n",
            "r.toml:9: there is no deed 'acept'; did you mean 'accept'?",
        ),
        (LITTLE + MET + "[[action]]\nagent = 'ana'\ndo = 'reply'\n", "r.toml:9: reply needs what is said; add text"),
        (LITTLE.replace("webchat", "mastodn") + MET, "r.toml:3: there is no network 'mastodn'; did you mean 'mastodon'?"),
        (LITTLE + MET + "[[event]]\nperson = 'nobody'\nkind = 'x'\n", "r.toml:9: there is no person 'nobody'"),
        (LITTLE.replace('text = "hi"', "") + MET, "r.toml:3: message 1 has no 'text'; add `text = ...`"),
        ("start = 'soon'\n" + LITTLE + MET, "r.toml:1: start is 'soon'; write a time such as"),
        ("[centre]\nzone = 'Madrid'\n" + LITTLE + MET, "r.toml:2: zone is 'Madrid'; did you mean 'Europe/Madrid'?"),
        (LITTLE, "r.toml: nothing is expected; add an [[expect]]"),
        (
            LITTLE + LITTLE.partition("[[message]]")[1] + LITTLE.partition("[[message]]")[2] + MET,
            "name one of message 1, message 2",
        ),
        ("[[person]]\nid = 'p'\nhandles = ['ana']\n" + LITTLE + MET, "r.toml:1: handle 'ana' names no network"),
        ("id = 'x'; team 'y'\n", "r.toml:1: this is not TOML"),
    ],
)
def test_what_cannot_be_read_is_refused_with_place_value_and_cure(text, said):
    with pytest.raises(CentreError) as refused:
        rehearsal(text)

    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0s", 0),
        ("90s", 90),
        ("-2h", -7200),
        ("1d2h", 93_600),
        ("1h30m", 5400),
        ("500ms", 0.5),
        ("1.5m", 90),
        ("2w", 1_209_600),
    ],
)
def test_a_span_counts_from_the_start(text, seconds):
    assert read_span(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "s", "1x", "1h-2m", "--1h", "1 hour", "999999w"])
def test_what_is_no_span_is_none(text):
    assert read_span(text) is None


@given(st.integers(-(10**9), 10**9))
def test_a_span_that_is_shown_is_read_back(tenths):
    span = timedelta(seconds=tenths / 10)

    shown = read_span(show_span(span))

    assert shown is not None
    assert abs(shown - span) < timedelta(milliseconds=60)


def test_a_crowd_is_the_same_for_the_same_seed_and_knows_its_share():
    crowd = CrowdTable(tenant="t", id="c", count=50, channel="mastodon", over=timedelta(minutes=5), known_share=0.4, seed=3)

    messages, persons = crowd_messages(crowd, [])

    assert messages == crowd_messages(crowd, [])[0]
    assert len(messages) == 50
    assert len(persons) == 20
    assert len({m.sender for m in messages} & {p.handles[0] for p in persons}) == 20
    assert [m.at for m in messages] == sorted(m.at for m in messages)
    assert max(m.at for m in messages) <= timedelta(minutes=5)


def test_templates_may_be_given_by_language():
    crowd = CrowdTable(count=9, channel="sms", templates={"es": ("hola {n}",), "en": ("hi {n}",)}, languages=("es",))

    messages, _ = crowd_messages(crowd, [])

    assert all(message.text.startswith("hola ") for message in messages)


def test_the_toml_files_of_a_centre_are_no_rehearsals(tmp_path):
    (tmp_path / "centre/plans").mkdir(parents=True)
    for name in ("centre/centre.toml", "centre/plans/a.toml", "one.toml", "deep/two.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")

    assert [path.name for path in find_rehearsals([tmp_path])] == ["two.toml", "one.toml"]


def test_a_folder_without_rehearsals_and_a_name_of_nothing_are_refused(tmp_path):
    with pytest.raises(CentreError, match="no rehearsal in here"):
        find_rehearsals([tmp_path])
    with pytest.raises(CentreError, match="there is no such file or folder"):
        find_rehearsals([tmp_path / "nowhere.toml"])
