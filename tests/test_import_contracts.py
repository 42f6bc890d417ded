"""The import contracts hold on the house as it is, and each of them bites."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
LINTER = "from importlinter.cli import lint_imports_command as run; run()"


def broken(root: Path) -> set[str]:
    """The names of the contracts that the tree breaks."""
    env = os.environ | {"PYTHONPATH": str(root / "src")}
    done = subprocess.run(
        [sys.executable, "-c", LINTER, "--no-cache"], cwd=root, env=env, capture_output=True, text=True, check=False
    )
    names = {line.removesuffix("BROKEN").strip() for line in done.stdout.splitlines() if line.endswith("BROKEN")}
    assert bool(names) == bool(done.returncode), done.stdout + done.stderr
    return names


def no_modules(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name == "__pycache__" or ("." in name and not name.endswith(".py"))]


@pytest.fixture
def copy_of_the_house(tmp_path: Path) -> Path:
    """Our modules, each a link to ours: what changes one of them must put a file in its place."""
    shutil.copytree(HERE / "src", tmp_path / "src", ignore=no_modules, copy_function=os.symlink)
    shutil.copy(HERE / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_house_keeps_every_contract():
    assert broken(HERE) == set()


def test_each_forbidden_import_breaks_the_contract_meant_for_it(copy_of_the_house):
    forbidden = {
        "matching/engine/assign.py": ("rapport.people.context", "Imports point down, from the edges to the vocabulary"),
        "ledger/merkle.py": ("rapport.ledger.intake", "No package has a cycle"),
        "channels/file.py": ("rapport.ledger.read", "A channel translates; it never reads or writes the ledger"),
        "people/context.py": ("rapport.ledger.append", "A stage returns facts; only the pipeline and the web append them"),
        "measures/service.py": ("rapport.ledger.append", "Audit, measures and workforce read the ledger and cannot append"),
        "workforce/erlang.py": ("os", "The numeric cores know nothing of ledgers, stores, clocks or files"),
        "model/person.py": ("asyncpg", "The vocabulary needs only the standard library and msgspec"),
        "ledger/views.py": ("sqlite3", "PostgreSQL is the only engine"),
        "web/desk/page.py": ("rapport.settings", "Engines and settings are chosen in app alone"),
    }
    for module, (imports, _) in forbidden.items():
        file = copy_of_the_house / "src" / "rapport" / module
        text = file.read_text()
        file.unlink()
        file.write_text(f"{text}\nimport {imports}\n")

    assert broken(copy_of_the_house) == {contract for _, contract in forbidden.values()}


def test_a_new_package_must_be_given_its_layer(copy_of_the_house):
    extra = copy_of_the_house / "src" / "rapport" / "extra"
    extra.mkdir()
    (extra / "__init__.py").touch()

    assert broken(copy_of_the_house) == {"Imports point down, from the edges to the vocabulary"}
