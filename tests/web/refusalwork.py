"""Sentences in our source, as people get them: for tests that every one of them is told in both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path

import rapport

SOURCE = Path(rapport.__file__).parent
WHO_HAS = {"_who_has(conversation)": "; beto has it"}


def sentence(node: ast.AST) -> str | None:
    """A text as people get it, with `x1` where a value stands; None for what is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    text = ""
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value)
        else:
            value = WHO_HAS.get(ast.unparse(part.value), "x1")
            text += repr(value) if part.conversion == ord("r") else value
    return text


def texts(tree: ast.AST) -> Iterator[str]:
    """Every sentence in it that is no docstring and no part of another."""
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        found = None if id(node) in inner else sentence(node)
        if found and " " in found.strip():
            yield found
