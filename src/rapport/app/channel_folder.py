"""A new channel: one folder with the names that every channel has, a fake of its network, and tests that it passes."""

import re
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from string import Template

import rapport
from rapport.channels.registry import networks
from rapport.errors import SetupError

NAME = re.compile(r"[a-z][a-z0-9_]{1,30}")
CONTRACT = Path("tests/contracts/channel.py")
INSIDE = {
    "init": "src/rapport/channels/{name}/__init__.py",
    "channel": "src/rapport/channels/{name}/channel.py",
    "parse": "src/rapport/channels/{name}/parse.py",
    "api": "src/rapport/channels/{name}/api.py",
    "limits": "src/rapport/channels/{name}/limits.toml",
    "fake": "tests/channels/fake_{name}.py",
    "test": "tests/channels/test_{name}.py",
    "page": "docs/channels/{name}.md",
}
OUTSIDE = {
    "pyproject": "pyproject.toml",
    "init": "src/rapport_{name}/__init__.py",
    "channel": "src/rapport_{name}/channel.py",
    "parse": "src/rapport_{name}/parse.py",
    "api": "src/rapport_{name}/api.py",
    "limits": "src/rapport_{name}/limits.toml",
    "conftest": "tests/conftest.py",
    "fake": "tests/fake_{name}.py",
    "test": "tests/test_{name}.py",
    "page": "README.md",
}


@dataclass(frozen=True, slots=True)
class Made:
    """The files that were written, and the command that tests them."""

    files: tuple[Path, ...]
    test: str


def make_channel(name: str, into: Path | None, checkout: Path, today: date) -> Made:
    """Write a channel `name` into a folder of its own, or, without one, into the checkout of Rapport at `checkout`.

    Raises:
        SetupError: the name cannot be, or is taken; a file is there already; this is no checkout. Nothing was written.
    """
    if not NAME.fullmatch(name):
        raise SetupError(f"a channel's name has small letters, digits and _, and begins with a letter, got {name!r}")
    if name in networks():
        raise SetupError(f"a channel {name!r} is there already; choose another name")
    contract = _contract(checkout)
    if into is None and not (checkout / "src" / "rapport" / "channels").is_dir():
        raise SetupError(f"{checkout} is no checkout of Rapport; say --into FOLDER to make a package of its own")
    places, root = (INSIDE, checkout) if into is None else (OUTSIDE, into)
    texts = {root / place.format(name=name): _text(what, name, into is None, today) for what, place in places.items()}
    if into is not None:
        texts[root / "tests" / "contract.py"] = contract
    if there := sorted(str(path) for path in texts if path.exists()):
        raise SetupError(f"{there[0]} is there already; choose another name, or another folder")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    command = f"pytest tests/channels/test_{name}.py" if into is None else f"cd {into} && pytest"
    return Made(tuple(texts), command)


def _contract(checkout: Path) -> str:
    """The tests that every channel passes: of this checkout, or of the one that Rapport runs from."""
    for root in (checkout, Path(rapport.__file__).parents[2]):
        if (root / CONTRACT).is_file():
            return (root / CONTRACT).read_text(encoding="utf-8")
    raise SetupError(f"the contract of channels ({CONTRACT}) is in a checkout of Rapport; run this in one")


def _text(what: str, name: str, inside: bool, today: date) -> str:
    words = {
        "name": name,
        "title": name.replace("_", " ").capitalize(),
        "camel": name.replace("_", " ").title().replace(" ", ""),
        "package": f"rapport.channels.{name}" if inside else f"rapport_{name}",
        "contract": "contracts.channel" if inside else "contract",
        "fake": f"channels.fake_{name}" if inside else f"fake_{name}",
        "today": today.isoformat(),
    }
    template = (files("rapport.app.new_channel") / f"{what}.txt").read_text("utf-8")
    return Template(template).substitute(words)
