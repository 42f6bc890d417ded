"""`rapport channels new` makes a channel that passes the contract of all channels, inside a checkout and as a package."""

import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from rapport.app.channel_folder import make_channel
from rapport.errors import SetupError

HOUSE = Path(__file__).parents[2]
TODAY = date(2026, 11, 22)


def ran(folder: Path, path: str, *, where: str) -> str:
    """What pytest says of tests in a folder; it must end well."""
    env = {**os.environ, "PYTHONPATH": where, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", path, "-q"], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_package_of_its_own_passes_the_contract_as_it_was_made(tmp_path):
    made = make_channel("town_crier", tmp_path, HOUSE, TODAY)

    said = ran(tmp_path, "tests", where=str(HOUSE / "src"))

    assert "passed" in said or "[100%]" in said
    assert "FAILED" not in said
    assert {path.name for path in made.files} >= {"channel.py", "parse.py", "api.py", "limits.toml", "pyproject.toml"}
    assert 'town_crier = "rapport_town_crier.channel:NETWORK"' in (tmp_path / "pyproject.toml").read_text()


def test_a_folder_of_a_checkout_passes_the_contract_and_is_found_without_another_edit(tmp_path):
    source = shutil.ignore_patterns("__pycache__", "static", "locale", "seed", "models", "*.npz")
    for folder in ("src/rapport/channels", "src/rapport/model"):
        shutil.copytree(HOUSE / folder, tmp_path / folder, ignore=source)
    for file in ("errors.py", "clock.py", "__init__.py"):
        shutil.copy(HOUSE / "src" / "rapport" / file, tmp_path / "src" / "rapport")
    (tmp_path / "tests" / "contracts").mkdir(parents=True)
    shutil.copy(HOUSE / "tests" / "contracts" / "channel.py", tmp_path / "tests" / "contracts")
    shutil.copy(HOUSE / "pyproject.toml", tmp_path)
    (tmp_path / "tests" / "conftest.py").write_text(BACKEND)

    make_channel("town_crier", None, tmp_path, TODAY)
    ran(tmp_path, "tests/channels/test_town_crier.py", where=str(tmp_path / "src"))

    found = "from rapport.channels.registry import network; print(network('town_crier').title.en)"
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    said = subprocess.run([sys.executable, "-c", found], env=env, capture_output=True, text=True, check=True).stdout
    assert said.strip() == "Town crier"


BACKEND = """
import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
"""


@pytest.mark.parametrize("name", ["", "Shop", "my shop", "../x", "2cool", "email"])
def test_a_name_that_cannot_be_or_is_taken_is_refused(tmp_path, name):
    with pytest.raises(SetupError):
        make_channel(name, tmp_path, HOUSE, TODAY)

    assert list(tmp_path.iterdir()) == []


def test_what_is_there_already_is_not_written_over(tmp_path):
    make_channel("town_crier", tmp_path, HOUSE, TODAY)

    with pytest.raises(SetupError, match="is there already"):
        make_channel("town_crier", tmp_path, HOUSE, TODAY)


def test_without_a_checkout_it_says_what_to_do(tmp_path):
    with pytest.raises(SetupError, match="--into FOLDER"):
        make_channel("town_crier", None, tmp_path, TODAY)
