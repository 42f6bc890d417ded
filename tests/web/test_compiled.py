"""Compiled templates are kept beside their sources, and only as long as they say what the source says."""

import sys

import pytest
from jinja2 import Environment, FileSystemLoader

from rapport.web.compiled import Compiled


@pytest.fixture
def written(monkeypatch):
    """Python writes bytecode, whatever whoever runs the tests told it."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def said_by(folder, kept: Compiled) -> str:
    environment = Environment(loader=FileSystemLoader(folder), bytecode_cache=kept, autoescape=True)
    return environment.get_template("page.html").render(name="Ana")


def test_what_one_process_compiled_serves_the_next(tmp_path, written, monkeypatch):
    (tmp_path / "page.html").write_text("Hola {{ name }}")
    assert not Compiled(tmp_path).has("page.html", "Hola {{ name }}")
    assert said_by(tmp_path, Compiled(tmp_path)) == "Hola Ana"
    assert Compiled(tmp_path).has("page.html", "Hola {{ name }}")
    monkeypatch.setattr(Environment, "_generate", None)  # whoever compiles now fails
    assert said_by(tmp_path, Compiled(tmp_path)) == "Hola Ana"


def test_a_changed_source_and_a_changed_filter_are_compiled_again(tmp_path, written):
    page, filters = tmp_path / "page.html", tmp_path / "filters.py"
    page.write_text("Hola {{ name }}")
    filters.write_text("old")
    said_by(tmp_path, Compiled(tmp_path, (filters,)))
    page.write_text("Adiós {{ name }}")
    assert not Compiled(tmp_path, (filters,)).has("page.html", "Adiós {{ name }}")
    assert said_by(tmp_path, Compiled(tmp_path, (filters,))) == "Adiós Ana"
    filters.write_text("new")
    assert not Compiled(tmp_path, (filters,)).has("page.html", "Adiós {{ name }}")


@pytest.mark.parametrize("torn", [b"", b"\x00" * 400])
def test_a_file_that_was_torn_is_compiled_again(tmp_path, written, torn):
    (tmp_path / "page.html").write_text("Hola {{ name }}")
    said_by(tmp_path, Compiled(tmp_path))
    (kept,) = (tmp_path / "__pycache__").iterdir()
    kept.write_bytes(torn)
    assert said_by(tmp_path, Compiled(tmp_path)) == "Hola Ana"


def test_where_nothing_can_be_written_it_is_kept_in_memory(tmp_path, written):
    (tmp_path / "page.html").write_text("Hola {{ name }}")
    (tmp_path / "__pycache__").write_text("no folder")
    kept = Compiled(tmp_path)
    assert said_by(tmp_path, kept) == "Hola Ana"
    assert kept.has("page.html", "Hola {{ name }}")
    assert (tmp_path / "__pycache__").read_text() == "no folder"


def test_python_that_is_told_to_write_no_bytecode_writes_none(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (tmp_path / "page.html").write_text("Hola {{ name }}")
    assert said_by(tmp_path, Compiled(tmp_path)) == "Hola Ana"
    assert [one.name for one in tmp_path.iterdir()] == ["page.html"]
