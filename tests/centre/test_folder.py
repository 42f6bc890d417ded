"""The folder of a centre: what it says, what it would change, and back to files."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from rapport.centre.changes import difference, secrets_named
from rapport.centre.folder import read_folder, tenant_named, write_folder
from rapport.centre.things import body_of, key_of
from rapport.errors import BadInput, CentreError
from rapport.model.centre import (
    Account,
    Brand,
    Playbook,
    PlaybookStep,
    Policy,
    Profile,
    SavedReply,
    Signal,
    Thing,
    read_centre,
)
from rapport.model.need import Plan, Step

EXAMPLE = Path(__file__).parents[2] / "centre"
names = st.text("abcñ-_/. Ö", min_size=1, max_size=8).filter(lambda t: t == t.strip())
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
number = st.floats(0.001, 1e6)
words = st.lists(texts, max_size=2).map(tuple)
plan_steps = st.lists(
    st.builds(Step, require=texts, prefer=st.dictionaries(texts, number, max_size=2), seconds=number), min_size=1, max_size=3
).map(tuple)
play_steps = st.lists(
    st.builds(PlaybookStep, text=st.dictionaries(names, texts, max_size=2), required=st.booleans()), max_size=3
).map(tuple)
BUILDS = {
    "centre": st.builds(Profile, name=texts, targets=st.dictionaries(names, st.integers(0, 9999), max_size=2)),
    "brand": st.builds(Brand, id=names, name=texts, links=words),
    "account": st.builds(Account, id=names, channel=names, settings=st.dictionaries(names, names, max_size=2)),
    "signal": st.builds(Signal, id=names, event=texts, set=st.dictionaries(names, texts | number, max_size=2)),
    "plan": st.builds(Plan, id=names, when=texts, steps=plan_steps),
    "policy": st.builds(Policy, id=names, approve=words, crowd=st.integers(0, 99)),
    "reply": st.builds(SavedReply, id=names, texts=st.dictionaries(names, texts, max_size=2)),
    "playbook": st.builds(Playbook, id=names, steps=play_steps),
}
things = st.one_of(*(st.tuples(st.just(kind), built) for kind, built in BUILDS.items()))


def a_folder(path: Path, **files: str) -> Path:
    for name, text in files.items():
        file = path / (name.replace("__", "/") + (".csv" if name == "agents" else ".toml"))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return path


@settings(max_examples=60, deadline=None)
@given(st.lists(things, min_size=1, max_size=6))
def test_export_then_apply_changes_nothing(tmp_path_factory, some):
    folder = tmp_path_factory.mktemp("centre")
    wanted = {key_of(kind, value): body_of(value) for kind, value in some}

    write_folder(wanted, folder)

    assert difference(wanted, read_folder(folder)) == []
    assert set(read_folder(folder)) == set(wanted)
    assert write_folder(wanted, folder) == []


def test_the_example_centre_is_read_and_written_back(tmp_path):
    wanted = read_folder(EXAMPLE)

    write_folder(wanted, tmp_path / "out")

    assert difference(wanted, read_folder(tmp_path / "out")) == []
    assert write_folder(wanted, tmp_path / "out") == []


def test_the_example_centre_has_agents_in_both_languages_and_a_bot():
    now = datetime(2026, 3, 3, tzinfo=UTC)
    centre = read_centre(Thing(f"{kind}/{name}", body, now) for (kind, name), body in read_folder(EXAMPLE).items())

    assert {language for agent in centre.agents.values() for language in agent.attributes["languages"]} >= {"es", "en"}
    assert [agent.id for agent in centre.agents.values() if agent.bot]
    assert {account.channel for account in centre.accounts.values()} <= {"file", "webchat"}


def test_export_takes_away_the_file_of_a_thing_that_is_gone(tmp_path):
    folder = a_folder(tmp_path, centre="[centre]\n", plans__old="[[steps]]\n")

    write_folder({key: body for key, body in read_folder(folder).items() if key[0] != "plan"}, folder)

    assert not (folder / "plans/old.toml").exists()


def test_export_leaves_a_file_that_says_the_same_with_its_comments(tmp_path):
    folder = a_folder(tmp_path, centre='# ours\n[centre]\nname = "Reforma"\n')

    write_folder(read_folder(folder), folder)

    assert (folder / "centre.toml").read_text().startswith("# ours")


def test_a_difference_reads_as_lines(tmp_path):
    before = read_folder(a_folder(tmp_path / "a", agents="id,team,skills\nana,it,wifi=0.5\nben,it,\n"))
    after = read_folder(a_folder(tmp_path / "b", agents="id,team,skills\nana,desk,wifi=0.9\ncai,it,\n"))

    assert [str(change) for change in difference(before, after)] == [
        '~ agent ana  (team: "it" -> "desk", attributes.skills: {"wifi":0.5} -> {"wifi":0.9})',
        "+ agent cai",
        "- agent ben",
    ]


def test_a_folder_that_says_nothing_of_agents_removes_none(tmp_path):
    before = read_folder(a_folder(tmp_path / "a", agents="id\nana\n"))

    after = read_folder(a_folder(tmp_path / "b", centre="[centre]\n"))

    assert [str(change) for change in difference(before, after)] == ["+ centre"]


def test_the_secrets_that_settings_name_are_known(tmp_path):
    text = '[[channel]]\nid = "mail"\nchannel = "email"\nsettings = { host = "mx.example", password = "secret:mail" }\n'

    assert secrets_named(read_folder(a_folder(tmp_path, centre=text))) == {"mail"}


def test_a_centre_may_name_its_tenant(tmp_path):
    assert tenant_named(a_folder(tmp_path, centre='[centre]\ntenant = "bank"\n')) == "bank"


PLAIN_SECRET = "[[channel]]\nid='m'\nchannel='email'\n[channel.settings]\npassword='letmein'\n"


def refuse_not(text: str) -> None:
    if " not " in text:
        raise BadInput("expected an operator at character 3")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"centre": "[centre]\nnmae = 1\n"}, "centre.toml:2: unknown key 'nmae' in centre; did you mean 'name'?"),
        ({"centre": "[[chanel]]\nid = 1\n"}, "centre.toml:1: unknown key 'chanel' in centre.toml; did you mean 'channel'?"),
        ({"centre": "[[brand]]\nname = 'x'\n"}, "centre.toml:1: brand 1 has no 'id'; add `id = ...`"),
        ({"centre": "[centre]\n\nzone = 3\n"}, "toml:3: centre / zone is 3: expected str, got int; write it in double quotes"),
        ({"centre": "centre = 3\n"}, "centre.toml:1: centre is 3, but must be a table"),
        (
            {"plans__a": "[[steps]]\n[[steps]]\nsecond = 3\n"},
            "a.toml:3: unknown key 'second' in steps 2; did you mean 'seconds'?",
        ),
        (
            {"plans__a": "[[steps]]\nseconds = 'x'\n"},
            "a.toml:2: steps 1 / seconds is 'x': expected float, got str; write a number",
        ),
        ({"plans__a": "[[steps]]\nrequire = 'a not b'\n"}, "a.toml:2: 'a not b' is not an expression: expected an operator"),
        ({"policies__a": "approve = []\nbanned = ['stupid', '/(/']\n"}, "a.toml:2: /(/ is no pattern that RE2 knows: missing"),
        ({"plans__a": "id = 'x'\n[[steps]]\n", "plans__b": "id = 'x'\n[[steps]]\n"}, "b.toml:1: plan 'x' is there twice"),
        ({"centre": PLAIN_SECRET}, "centre.toml:5: the password of channel 'm' stands in the file; credentials never do"),
        ({"centre": "[centre]\nexplored = 0.5\n"}, "centre.toml:2: explored is 0.5; write a share of needs, 0 to 0.05"),
        ({"plans__a": "offers = 9\n[[steps]]\n"}, "a.toml:1: offers is 9; write to how many agents at once it is put, 1 to 5"),
        ({"centre": ""}, "no centre.toml, agents.csv or plans in here"),
    ],
)
def test_what_cannot_be_read_is_refused_with_place_value_and_cure(tmp_path, files, said):
    with pytest.raises(CentreError) as refused:
        read_folder(a_folder(tmp_path, **files), refuse_not)

    assert said in str(refused.value)
    assert "letmein" not in str(refused.value)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CentreError, match="there is no such folder"):
        read_folder(tmp_path / "nowhere")


def test_bytes_that_are_not_utf8_are_refused(tmp_path):
    (tmp_path / "agents.csv").write_bytes(b"id,name\nana,Mar\xeda\n")

    with pytest.raises(CentreError, match="byte 15 is not UTF-8"):
        read_folder(tmp_path)
