"""Settings: sources, refusals, and secrets that stay secret."""

from pathlib import Path

import pytest

from rapport.errors import SettingsError
from rapport.settings import FIELDS, Secret, load


def test_no_setting_is_needed():
    loaded = load(environ={})

    assert (loaded.settings.port, loaded.sources) == (8080, {})


def test_the_data_folder_honours_the_desktop_standard():
    loaded = load(environ={"XDG_DATA_HOME": "/srv/share"})

    assert loaded.settings.data == Path("/srv/share/rapport")


def test_a_relative_xdg_folder_is_ignored_as_its_standard_says():
    loaded = load(environ={"XDG_DATA_HOME": "share"})

    assert loaded.settings.data == Path("~/.local/share/rapport").expanduser()


def test_the_environment_beats_the_file_and_the_command_line_beats_both(tmp_path):
    file = tmp_path / "rapport.toml"
    file.write_text('port = 1001\nhost = "::1"\nlanguage = "es"\n')

    loaded = load({"port": 1003}, config=file, environ={"RAPPORT_PORT": "1002", "RAPPORT_HOST": "0.0.0.0"})

    assert (loaded.settings.port, loaded.settings.host, loaded.settings.language) == (1003, "0.0.0.0", "es")
    assert loaded.sources == {"port": "command line", "host": "environment RAPPORT_HOST", "language": f"file {file}"}


def test_the_file_can_be_named_by_the_environment(tmp_path):
    file = tmp_path / "rapport.toml"
    file.write_text("web_processes = 2")

    assert load(environ={"RAPPORT_CONFIG": str(file)}).settings.web_processes == 2


def test_an_unknown_variable_is_refused_with_the_nearest_known_one():
    with pytest.raises(SettingsError, match=r"unknown setting RAPPORT_PROT: did you mean RAPPORT_PORT\?"):
        load(environ={"RAPPORT_PROT": "1"})


def test_an_unknown_key_of_the_file_is_refused_with_the_nearest_known_one(tmp_path):
    file = tmp_path / "rapport.toml"
    file.write_text("web_procesess = 2")

    with pytest.raises(SettingsError, match=r"unknown setting web_procesess in .*: did you mean web_processes\?"):
        load(config=file, environ={})


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "http"), ("PORT", "0"), ("PORT", "70000"), ("LOG_LEVEL", "loud"), ("ALLOW_PRIVATE_MEDIA", "perhaps")],
)
def test_a_wrong_value_is_refused_with_its_name_and_what_was_met(name, value):
    with pytest.raises(SettingsError, match=rf"{name.lower()} \(environment RAPPORT_{name}\) cannot be '{value}'"):
        load(environ={f"RAPPORT_{name}": value})


@pytest.mark.parametrize("text", ["port = ", "\x00", "port = true"])
def test_a_file_that_cannot_be_used_is_refused(tmp_path, text):
    file = tmp_path / "rapport.toml"
    file.write_text(text)

    with pytest.raises(SettingsError):
        load(config=file, environ={})


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="No such file"):
        load(config=tmp_path / "none.toml", environ={})


def test_variables_of_the_tests_are_left_alone():
    assert load(environ={"RAPPORT_TEST_DATABASE_URL": "x"}).sources == {}


def test_truth_can_be_said_in_the_environment():
    assert load(environ={"RAPPORT_ALLOW_PRIVATE_MEDIA": "true"}).settings.allow_private_media is True


def test_a_secret_never_prints():
    loaded = load(environ={"RAPPORT_DATABASE_URL": "postgresql://u:hunter2@db/x", "RAPPORT_SECRET": "s" * 40})

    shown = repr(loaded) + str(loaded.listed()) + f"{loaded.settings.secret}"
    assert "hunter2" not in shown
    assert "sss" not in shown
    assert loaded.settings.database_url == Secret("postgresql://u:hunter2@db/x")


def test_every_setting_says_what_it_is_in_one_sentence():
    sentences = {name: meta.description for name, (_, meta) in FIELDS.items()}

    assert [name for name, sentence in sentences.items() if not sentence or not sentence.endswith(".")] == []


def test_the_list_names_value_and_source():
    listed = {setting.name: setting for setting in load(environ={"RAPPORT_PORT": "99"}).listed()}

    assert (listed["port"].value, listed["port"].source) == ("99", "environment RAPPORT_PORT")
    assert (listed["max_waiting"].value, listed["max_waiting"].source, listed["max_waiting"].unit) == (
        "2000",
        "default",
        "messages",
    )
