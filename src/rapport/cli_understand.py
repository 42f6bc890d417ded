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


@understand.command
def encode(
    folder: Annotated[Path, Parameter(help="Folder with model.onnx and tokenizer.json.")],
    *,
    as_json: AsJson = False,
) -> int:
    """Teach a text encoder of your own the messages that ship; what it learns is written into its folder."""
    from rapport.app import encoding

    return encoding.encode(folder, as_json=as_json)


@understand.command
def train(
    *,
    tenant: Annotated[str, Parameter(help="Which tenant; there is one, `default`, until you make more.")] = "default",
    pretend: Annotated[bool, Parameter(negative="", help="Train and compare, change nothing but the record of it.")] = False,
    overrule: Annotated[str, Parameter(help="Let it serve against the comparison, for this reason; it goes on record.")] = "",
    as_json: AsJson = False,
    data: Annotated[Path | None, Parameter(help="Folder of the embedded database and the keys.")] = None,
    config: Annotated[Path | None, Parameter(help="TOML file of settings.")] = None,
) -> int:
    """Train a reader from a tenant's labels; it serves only where labels held back show that it is better."""
    from rapport.app import commands

    settings = commands.load_settings(config, {"data": data})
    return commands.train_reader(settings, tenant, pretend=pretend, overrule=overrule, as_json=as_json)
