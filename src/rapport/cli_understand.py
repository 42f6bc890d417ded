"""The `rapport understand` commands."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

understand = App(name="understand", help="What messages are taken for, and how good a head is.")
AsJson = Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON object.")]


@understand.command
def explain(text: str, *, as_json: AsJson = False) -> int:
    """Say what a text is taken for, and by which words.

    Parameters
    ----------
    text
        What somebody wrote.
    """
    from rapport.app import understand_commands

    return understand_commands.explain(text, as_json=as_json)


@understand.command
def evaluate(
    *,
    head: Annotated[str, Parameter(help="intent, sentiment, emotion, spam or language.")],
    train: Annotated[tuple[Path, ...], Parameter(help="Labelled texts to learn from: JSON lines, gzip.")],
    test: Annotated[tuple[Path, ...], Parameter(help="Labelled texts to be asked.")],
    as_json: AsJson = False,
) -> int:
    """Learn a head from labelled texts, and say how good it is on others. Nothing is kept."""
    from rapport.app import understand_commands

    return understand_commands.evaluate(head, train, test, as_json=as_json)
