"""`rapport twin`: a day of a file before other people, with a burst, and the same again with other chance."""

import json

import pytest

from rapport.cli import app
from rapport.errors import BadInput
from workforce.seriesmade import rates, records


@pytest.fixture
def calls(tmp_path):
    file = tmp_path / "calls.csv"
    file.write_text("ts,calls\n" + "\n".join(f"{at.isoformat(sep=' ')},{count:.0f}" for at, count in records(rates(12, 20.0))))
    return file


def said(capsys, *words) -> dict:
    assert app(["twin", *map(str, words), "--json"], result_action="return_value") in (0, None)
    return json.loads(capsys.readouterr().out)


def test_more_people_after_an_hour_help_on_a_day_with_a_burst_and_other_seeds_confirm_it(calls, capsys):
    words = (calls, "--agents", 9, "--more", 8, "--after", "13:00", "--burst-at", "13:00", "--seeds", 3)
    usual, burst = said(capsys, *words), said(capsys, *words, "--burst", 300)

    assert burst["expected"] == usual["expected"] + 300
    assert burst["changes"][0]["before"] < usual["changes"][0]["before"]
    assert burst["confirmed"] is True
    assert burst["changes"][0]["low"] > 0


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (("--more", "-9"), "before 9 and 0 agents cannot be run"),
        (("--burst", "999999"), "with a burst of 999999"),
        (("--burst-at", "25:00"), "--burst-at must be a time such as 18:00, got '25:00'"),
        (("--day", "400"), "--day must be next, a number below 12"),
        (("--policy", "magic"), "policies are fifo"),
        (("--seeds", "1"), "--seeds at least 2"),
    ],
)
def test_what_cannot_be_run_is_named(calls, words, wrong):
    with pytest.raises(BadInput, match=wrong):
        app(["twin", str(calls), "--agents", "9", *words], result_action="return_value")
