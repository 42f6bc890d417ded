"""agents.csv: what a spreadsheet shows, read and written."""

import csv
import io

import pytest
from hypothesis import given, strategies as st

from rapport.centre.agents_csv import read_agents, read_cell, write_agents
from rapport.errors import CentreError
from rapport.model.agent import Agent, Presence

names = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=12)
texts = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=12).filter(lambda t: not t or t.strip())
levels = st.floats(0, 1)
others = (
    texts | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.lists(texts) | st.dictionaries(names, levels)
)
known = st.fixed_dictionaries(
    {}, optional={"languages": st.lists(names), "interests": st.lists(names), "skills": st.dictionaries(names, levels)}
)
attributes = st.builds(lambda a, b: {**b, **a}, known, st.dictionaries(names, others, max_size=3))
agents = st.builds(
    Agent,
    id=names,
    name=texts,
    email=texts,
    team=texts,
    role=names,
    bot=st.booleans(),
    presence=st.sampled_from([None, *Presence]),
    timezone=texts,
    slots=st.dictionaries(st.sampled_from(["chat", "social", "voice"]), st.integers(0, 99)),
    attributes=attributes,
    shift=st.lists(texts, max_size=2).map(tuple),
    never=st.lists(texts, max_size=2).map(tuple),
    angry_per_hour=st.integers(0, 99),
    max_occupancy=st.floats(0, 1),
)


@pytest.mark.slow
@given(st.lists(agents, max_size=4, unique_by=lambda agent: agent.id))
def test_what_is_written_is_read_back(some):
    back = read_agents(write_agents(some), "agents.csv")

    assert {id: agent for id, (agent, _) in back.items()} == {agent.id: agent for agent in some}


@pytest.mark.slow
@given(st.lists(agents, max_size=3, unique_by=lambda agent: agent.id))
def test_no_cell_that_is_written_begins_like_a_formula(some):
    cells = [cell for line in csv.reader(io.StringIO(write_agents(some), newline="")) for cell in line]

    assert [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")] == []


def test_a_cell_says_a_text_a_number_a_list_or_levels():
    assert read_cell("gold") == "gold"
    assert read_cell("3") == 3.0
    assert read_cell("true") is True
    assert read_cell("es;en") == ["es", "en"]
    assert read_cell("wifi=0.9;billing=0.1") == {"wifi": 0.9, "billing": 0.1}
    assert read_cell('"3"') == "3"


def test_the_bounds_of_an_agent_are_columns():
    text = "id,shift,never,angry_per_hour\nana,mon-fri 09:00-18:00;sat 10:00-14:00,need.language == 'fr',3\n"

    agent = read_agents(text, "agents.csv")["ana"][0]

    assert agent.shift == ("mon-fri 09:00-18:00", "sat 10:00-14:00")
    assert (agent.never, agent.angry_per_hour) == (("need.language == 'fr'",), 3)


def test_a_sheet_that_a_spanish_excel_saved_is_read():
    found = read_agents('id;languages;skills\r\nana;"es;en";"wifi=0.9;billing=0.1"\r\n', "agents.csv")

    assert found["ana"][0].attributes == {"languages": ["es", "en"], "skills": {"wifi": 0.9, "billing": 0.1}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,presense\nana,available\n", "agents.csv:1: unknown column 'presense'; did you mean 'presence'"),
        ("name\nAna\n", "agents.csv:1: the first line has no column 'id'"),
        ("id,presence\nana,here\n", "agents.csv:2: presence is 'here'"),
        ("id,slots\nana,many\n", "agents.csv:2: slots is 'many'"),
        ("id,angry_per_hour\nana,2.5\n", "agents.csv:2: angry_per_hour is '2.5'; write a whole number"),
        ("id,max_occupancy\nana,most\n", "agents.csv:2: max_occupancy is 'most'; write a share from 0 to 1"),
        ("id,skills\nana,wifi=9\n", "agents.csv:2: the level of skill 'wifi' is 9.0; write 0 to 1"),
        ("id,karma\nana,1e999\n", "agents.csv:2: karma has a number that is too large; write at most 1e308"),
        ("id\nana\nana\n", "agents.csv:3: agent 'ana' is there twice; the first is at agents.csv:2"),
        ('id\n"ana\n', "not a line of CSV"),
        ("id,name\n,Ana\n", "agents.csv:2: the agent has no id"),
        ("id,name\nana,Ana,es\n", "agents.csv:2: 3 cells under 2 columns"),
    ],
)
def test_what_cannot_be_read_is_refused_with_place_value_and_cure(text, said):
    with pytest.raises(CentreError) as refused:
        read_agents(text, "agents.csv")

    assert said in str(refused.value)
