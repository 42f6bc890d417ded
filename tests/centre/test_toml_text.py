"""TOML as people write it: places, semicolons, and a writer that reads back."""

import tomllib

import pytest
from hypothesis import given, strategies as st

from rapport.centre.toml_text import read_toml, write_table
from rapport.errors import CentreError

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
scalars = texts | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=8
)


LINES = '''# a
name = """x
y"""

[[agent]]
id = "ana"; team = "it"
[[agent]]
"full name" = 1
skills.wifi = 2
[a.b]
c = [
1,
]
'''


@given(st.dictionaries(texts, values, max_size=5))
def test_what_is_written_is_read_back(table):
    assert tomllib.loads(write_table(table)) == table


def test_a_semicolon_between_two_keys_is_a_line_break():
    document = read_toml('[[agent]]\nid = "ana; maría"; slots = { chat = 2 }; bot = false # one; two\n', "f")

    assert document.values == {"agent": [{"id": "ana; maría", "slots": {"chat": 2}, "bot": False}]}


def test_a_semicolon_in_a_text_or_a_comment_stays():
    document = read_toml("a = '''one;\ntwo''' # three; four\nb = \"\"\"five;\"\"\"\n", "f")

    assert document.values == {"a": "one;\ntwo", "b": "five;"}


def test_each_key_knows_its_line():
    document = read_toml(LINES, "f")

    assert document.place("name") == "f:2"
    assert document.place("agent", 0, "team") == "f:6"
    assert document.place("agent", 1) == "f:7"
    assert document.place("agent", 1, "full name") == "f:8"
    assert document.place("agent", 1, "skills", "wifi") == "f:9"
    assert document.place("a", "b", "c") == "f:11"
    assert document.place("a", "b", "c", 0) == "f:12"


INSIDE = '''steps = [

  { require = "a", prefer = { "b == 'c'" = 1, d = 2 } },  # } , [
  { require = """
x""", seconds = 3 },
]
[[plan]]
steps = [{ when = 1 },

{ when = [1,
 2] }]
'''


def test_what_stands_inside_lists_and_tables_knows_its_line():
    document = read_toml(INSIDE, "f")

    assert document.place("steps", 0, "require") == "f:3"
    assert document.place("steps", 0, "prefer", "b == 'c'") == "f:3"
    assert document.place("steps", 0, "prefer", "d") == "f:3"
    assert document.place("steps", 1) == "f:4"
    assert document.place("steps", 1, "seconds") == "f:5"
    assert document.place("plan", 0, "steps", 1, "when") == "f:10"
    assert document.place("plan", 0, "steps", 1, "when", 1) == "f:11"


def test_what_is_no_toml_is_refused_with_its_line():
    with pytest.raises(CentreError, match=r"f:3: this is not TOML: .*`team it`"):
        read_toml('id = "a"; name = "b"\n\nteam it\n', "f")


def test_an_empty_file_is_an_empty_document():
    assert read_toml("", "f").values == {}
