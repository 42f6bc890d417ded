"""`rapport staff skills`: people for several streams, run until the target holds, also on a day that they were not set on."""

import json

import pytest

from rapport.cli import app
from rapport.errors import BadInput

STREAMS = "stream,per_hour,handle\nbilling,60,180\nwifi,60,180\n"
PEOPLE = "kind,streams,cost,most\nbill,billing,1,\nnet,wifi,1,\nboth,billing;wifi,1.05,40\n"


@pytest.fixture
def files(tmp_path):
    streams, people = tmp_path / "streams.csv", tmp_path / "people.csv"
    streams.write_text(STREAMS)
    people.write_text(PEOPLE)
    return streams, people


def test_two_streams_are_staffed_by_running_them(files, capsys):
    app(["staff", "skills", *map(str, files), "--needs", "2000", "--json"], result_action="return_value")
    said = json.loads(capsys.readouterr().out)

    assert said["seats"] >= said["pooled"] == 9
    assert said["holds"] is True
    assert min(one["in_time"] for one in said["streams"]) >= 0.8
    assert sum(one["seated"] for one in said["people"]) == said["seats"]


@pytest.mark.parametrize(
    ("streams", "people", "words", "wrong"),
    [
        (STREAMS.replace("wifi,60,180", "billing,1,1"), PEOPLE, (), "line 3: each stream once"),
        (STREAMS.replace("60,180\nwifi", "many,180\nwifi"), PEOPLE, (), "line 2, per_hour: 'many' is not a number"),
        (STREAMS, PEOPLE.replace("bill,billing", "bill,phone"), (), "'phone' is no stream; streams are billing, wifi"),
        (STREAMS, "kind,streams\nbill,billing\n", (), "nobody can serve stream 1"),
        (STREAMS, PEOPLE.replace("net,wifi,1,\n", "").replace(",40", ",3"), (), "need [0-9]+ people, and there are 3"),
        (STREAMS, "kind\n", (), "1 to 20 kinds of people"),
        (STREAMS, PEOPLE, ("--needs", "5"), "2000 to 400000 needs, got 5"),
        (STREAMS, PEOPLE, ("--target", "1.5"), "--target between 0 and 0.99"),
    ],
    ids=["twice", "no number", "no stream", "nobody", "too few", "no kind", "too short", "no share"],
)
def test_what_cannot_be_staffed_is_named(files, streams, people, words, wrong):
    files[0].write_text(streams)
    files[1].write_text(people)
    with pytest.raises(BadInput, match=wrong):
        app(["staff", "skills", *map(str, files), *words], result_action="return_value")
