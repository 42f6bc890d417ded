"""What the documentation says is true of the code: its reference page, its words, its links, its decisions."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from rapport.app.reference import reference
from rapport.channels.registry import networks
from rapport.cli import app
from rapport.ledger.views import TABLES

HOUSE = Path(__file__).parents[1]
PAGES = sorted([*HOUSE.glob("*.md"), *HOUSE.glob("docs/**/*.md")])


def test_the_reference_names_every_command_setting_fact_role_and_channel_as_they_are():
    assert (HOUSE / "docs" / "reference.md").read_text() == reference(app), "run: rapport reference > docs/reference.md"


@pytest.mark.parametrize("channel", networks().values(), ids=lambda network: network.name)
def test_every_channel_has_a_page(channel):
    assert (HOUSE / "docs" / "channels" / f"{channel.name}.md").is_file()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_every_link_and_file_that_a_page_names_is_there(page):
    text = page.read_text()
    links = [link for link in re.findall(r"\]\(([^)#:]+)[)#]", text) if link]
    named = re.findall(r"`((?:docs|tests|bench|scenarios|centre|src)/[\w/.-]+\.\w+)`", text)

    assert [link for link in links if not (page.parent / link).exists()] == []
    assert [name for name in named if not (HOUSE / name).exists()] == []


@pytest.mark.parametrize("word", sorted(set(TABLES) - {"person_events", "agent_now", "thing", "aside", "reminder", "outgoing"}))
def test_every_row_is_a_word_of_the_glossary(word):
    assert word.replace("_", " ") in (HOUSE / "docs" / "words.md").read_text()


@pytest.mark.parametrize("decision", sorted(HOUSE.glob("docs/decisions/0*.md")), ids=lambda path: path.stem)
def test_a_decision_says_what_it_must(decision):
    text = decision.read_text()
    heads = ["## Context", "## Decision", "## Consequences", "## Alternatives", "## Held by"]

    assert [head for head in heads if head not in text] == []


def test_every_benchmark_that_the_readme_names_exists():
    named = set(re.findall(r"rapport bench ([a-z]+)", (HOUSE / "README.md").read_text()))

    assert named <= {path.stem.rstrip("_") for path in (HOUSE / "bench").glob("[!_]*.py")}


@pytest.mark.long
def test_a_wrong_settings_key_is_refused_with_the_nearest_known_one(tmp_path):
    config = tmp_path / "wrong.toml"
    config.write_text("prot = 8000\n")

    done = subprocess.run(
        [sys.executable, "-m", "rapport", "settings", "--config", str(config)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "did you mean port" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
