"""Scorecards and sampling plans as files: read, written back, and refused with file, line and cure."""

import pytest

from rapport.centre.folder import read_folder, write_folder
from rapport.errors import CentreError

CARD = """title = { en = "A", es = "B" }
[[sections]]
id = "s"
title = { en = "A", es = "B" }
[[questions]]
id = "q"
section = "s"
text = { en = "A", es = "B" }
"""


def a_folder(path, *, card=CARD, plan='scorecard = "service"\n'):
    """A centre's folder of a scorecard and a plan."""
    for folder, name, text in (("scorecards", "service", card), ("sampling", "weekly", plan)):
        (path / folder).mkdir(parents=True)
        (path / folder / f"{name}.toml").write_text(text, "utf-8")
    return path


def test_what_is_read_is_written_back_the_same(tmp_path):
    things = read_folder(a_folder(tmp_path / "a"))

    write_folder(things, tmp_path / "b")

    assert set(things) == {("scorecard", "service"), ("sampling", "weekly")}
    assert read_folder(tmp_path / "b") == things
    assert "[[questions]]" in (tmp_path / "b" / "scorecards" / "service.toml").read_text()


@pytest.mark.parametrize(
    ("card", "plan", "said"),
    [
        (CARD.replace('section = "s"', 'section = "z"'), "", "service.toml:7: question 'q' is in section 'z'"),
        (CARD.replace('text = { en = "A", es = "B" }', 'text = { en = "A" }'), "", "service.toml:8: text of question 'q'"),
        (CARD + 'kind = "scale"\nlow = 5\nhigh = 5\n', "", "service.toml:11: the scale of question 'q' goes from 5 to 5"),
        (CARD + "weight = 0\n", "", "service.toml:9: weight of question 'q' is 0; write above 0"),
        (CARD + "weight = inf\n", "", "service.toml:9: questions 1 / weight is inf; write a finite number"),
        (CARD + "weight = 1e300\n", "", "weight of question 'q' is 1e+300; write above 0, at most 1000"),
        (CARD, "risky = 1\nrisks = { angry = nan }\n", "weekly.toml:3: risks / angry is nan; write a finite number"),
        (CARD + 'kind = "fatal"\n', "", "every question finds fatal errors"),
        (CARD + CARD[CARD.index("[[questions]]") :], "", "service.toml:10: the id 'q' is there twice among questions"),
        (CARD + 'kind = "stars"\n', "", "service.toml:9: questions 1 / kind is 'stars'"),
        ("pass_mark = 120\n" + CARD, "", "service.toml:1: pass_mark is from 0 to 100, got 120"),
        (CARD, "per_agent = 0\n", "weekly.toml:2: per_agent is from 1 to 50, got 0"),
        (CARD, "risky = 3\n", "weekly.toml:2: risky is from 0 to per_agent (2), got 3"),
        (CARD, "risky = 1\nrisks = { shouting = 1.0 }\n", "weekly.toml:3: there is no risk 'shouting'; there are angry"),
        (CARD, "twice = 1.5\n", "weekly.toml:2: twice is a share from 0 to 1, got 1.5"),
        (CARD, 'evry = "week"\n', "weekly.toml:2: unknown key 'evry'"),
    ],
    ids=[
        "no such section", "one language", "no scale", "no weight", "no end", "too heavy", "no number", "only fatal",
        "twice there", "no such kind", "mark", "nobody", "more risky", "no such risk", "no share", "unknown key",
    ],
)  # fmt: skip
def test_what_could_not_be_scored_or_drawn_is_refused_with_its_place(tmp_path, card, plan, said):
    folder = a_folder(tmp_path, card=card, plan=f'scorecard = "service"\n{plan}')

    with pytest.raises(CentreError) as refused:
        read_folder(folder)

    assert said in str(refused.value)
