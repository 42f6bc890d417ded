"""What the stages of a tenant are made of: no room is left out."""

import ast
from pathlib import Path

import rapport
from rapport.app import stages as made

SOURCE = Path(rapport.__file__).parent


def in_the_order():
    """Of which modules a stage is made."""
    tree = ast.parse(Path(made.__file__).read_text())
    names = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {
        names[func.value.id]
        for func in called
        if isinstance(func, ast.Attribute) and func.attr == "stage" and isinstance(func.value, ast.Name)
    }


def test_every_stage_that_is_written_sees_the_facts():
    written = {".".join(("rapport", *file.relative_to(SOURCE).with_suffix("").parts)) for file in SOURCE.rglob("stage.py")}

    assert len(written) > 8
    assert written - in_the_order() == set()
