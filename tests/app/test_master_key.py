"""The master key: made once, kept private, never replaced in silence."""

import pytest

from rapport.app.master_key import master_key
from rapport.errors import SettingsError
from rapport.settings import Secret, Settings


def test_a_key_is_made_once_for_us_alone(tmp_path):
    settings = Settings(data=tmp_path / "data")

    first = master_key(settings)

    assert len(first) == 32
    assert master_key(settings) == first
    assert (tmp_path / "data" / "master.key").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["master.key"]


def test_a_missing_key_is_not_replaced_where_a_database_is_sealed_with_it(tmp_path):
    (tmp_path / "postgres").mkdir()

    with pytest.raises(SettingsError, match="put it back from your backup"):
        master_key(Settings(data=tmp_path))


def test_a_file_that_is_no_key_is_refused(tmp_path):
    (tmp_path / "master.key").write_text("hello")

    with pytest.raises(SettingsError, match="is not a master key"):
        master_key(Settings(data=tmp_path))


def test_sixty_four_hexadecimal_digits_are_the_key_itself(tmp_path):
    assert master_key(Settings(data=tmp_path, secret=Secret("ab" * 32))) == bytes([0xAB]) * 32


def test_a_short_secret_is_refused_without_showing_it(tmp_path):
    with pytest.raises(SettingsError, match="7 characters") as refused:
        master_key(Settings(data=tmp_path, secret=Secret("hunter2")))

    assert "hunter2" not in str(refused.value)
