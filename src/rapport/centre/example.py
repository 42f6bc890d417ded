"""The example centre that comes with us: a hotel group with two hotels, and a card for its guests."""

from pathlib import Path

import msgspec

from rapport.centre.folder import read_folder
from rapport.centre.things import Things, body_of
from rapport.model.centre import Account, read_thing

PACKED = Path(__file__).parent / "example"  # in the wheel
CHECKED_OUT = Path(__file__).parents[3] / "centre"  # in a checkout


def example_folder() -> Path:
    """Where the example's files are."""
    return PACKED if PACKED.is_dir() else CHECKED_OUT


def example_things(folders: Path | None = None) -> Things:
    """The example's things; the folders that its channels read and write lie in `folders` where that is given."""
    things = read_folder(example_folder())
    for (kind, name), body in things.items():
        account = read_thing(kind, body)
        if folders is not None and isinstance(account, Account) and "folder" in account.settings:
            settings = account.settings | {"folder": str(folders / name)}
            things[kind, name] = body_of(msgspec.structs.replace(account, settings=settings))
    return things
