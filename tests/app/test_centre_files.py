"""What `apply` says of files that matching cannot follow: the file, the line and the cure, before it opens anything."""

import asyncio

import pytest

from rapport.app.centre_files import apply_folder
from rapport.errors import CentreError
from rapport.settings import Settings

BAD_PLAN = """# a comment

when = "intent == 'wifi'"

[[steps]]
require = "languages has need.language"
seconds = 10

[[steps]]
require = "skils.wifi >= 0.5"
"""


def test_apply_names_file_line_and_cure_before_it_opens_anything(tmp_path):
    (tmp_path / "agents.csv").write_text("id,skills\nann,wifi=0.9\n")
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "wifi.toml").write_text(BAD_PLAN)

    with pytest.raises(CentreError) as refused:
        asyncio.run(apply_folder(Settings(), "nowhere", b"", "default", tmp_path, lambda *_: False, lambda _: None))

    assert str(refused.value).startswith(f"{tmp_path}/plans/wifi.toml:10: expression, character 1: no agent has")
    assert "did you mean 'skills'?" in str(refused.value)


def test_apply_names_the_line_of_an_agent(tmp_path):
    (tmp_path / "agents.csv").write_text("id,shift\nann,mon-fri 09:00-18:00;sat 10:00-14:00\nben,always\n")

    with pytest.raises(CentreError) as refused:
        asyncio.run(apply_folder(Settings(), "nowhere", b"", "default", tmp_path, lambda *_: False, lambda _: None))

    assert str(refused.value).startswith(f"{tmp_path}/agents.csv:3: shift is 'always'; write days and times")
