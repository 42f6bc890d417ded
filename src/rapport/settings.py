"""Settings: the only reader of the environment. Defaults, then a TOML file, then RAPPORT_*, then what the command line gives.

Every field has a type, a default, a unit where it is a number, and a sentence; `rapport settings` prints them and their source.
"""

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import Meta

from rapport.errors import SettingsError

PREFIX = "RAPPORT_"
FILE = "RAPPORT_CONFIG"
FOR_TESTS = "RAPPORT_TEST_"  # read by the tests alone
RETIRED: dict[str, str] = {}  # a setting that is gone, and why: it stays listed


class Secret:
    """A text that prints as dots."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself: only where it is used."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "•••" if self._value else ""

    __str__ = __repr__


def _says(sentence: str, unit: str = "", **limits: Any) -> Meta:  # Any: the limits that Meta takes
    return Meta(description=sentence, extra={"unit": unit}, **limits)


Folder = Annotated[Path, _says("Folder of the embedded database, the master key and the logs.")]
Address = Annotated[
    Secret, _says("PostgreSQL 15 or newer to use, as postgresql://user:password@host/name; empty: the embedded one.")
]
Key = Annotated[
    Secret, _says("Master key, 32 characters or more; empty: the file master.key in the data folder, made at first start.")
]
PublicUrl = Annotated[
    str, _says("Address under which browsers and customers reach us, as https://desk.example.com; empty: as asked.")
]
Waiting = Annotated[
    int, _says("Messages that may wait for the ledger before senders are told to come back later.", "messages", ge=1)
]

AssistKey = Annotated[Secret, _says("Key of the model's endpoint; empty: it asks for none.")]

PerAddress = Annotated[
    int,
    _says(
        "Connections that one address other than this machine's may keep open, an office behind one too; 0: any.",
        "connections",
        ge=0,
    ),
]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be set."""

    data: Folder = Path("~/.local/share/rapport")
    database_url: Address = Secret("")
    secret: Key = Secret("")
    host: Annotated[str, _says("Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, _says("TCP port to listen on.", ge=1, le=65535)] = 8080
    public_url: PublicUrl = ""
    connections_per_address: PerAddress = 200
    web_processes: Annotated[int, _says("Processes that serve pages and the API.", "processes", ge=1, le=64)] = 1
    worker_processes: Annotated[int, _says("Processes that work on tenants.", "processes", ge=1, le=64)] = 1
    max_waiting: Waiting = 2000
    assist_url: Annotated[
        str, _says("Model that suggests texts, as http://127.0.0.1:11434/v1 (OpenAI's shape); empty: none.")
    ] = ""
    assist_model: Annotated[str, _says("The model's name there, such as llama3.1.")] = ""
    assist_key: AssistKey = Secret("")
    assist_seconds: Annotated[float, _says("How long a suggestion may take.", "s", gt=0, le=120)] = 20.0
    assist_tokens_per_day: Annotated[int, _says("Tokens that a tenant may use a day; 0: any number.", "tokens", ge=0)] = 200_000
    encoder: Annotated[str, _says("Folder of an ONNX text encoder, asked where the reader is unsure; empty: none.")] = ""
    encoder_seconds: Annotated[
        float, _says("How long the encoder may take for the messages of one round.", "s", gt=0, le=10)
    ] = 0.5
    language: Annotated[Literal["en", "es"], _says("Language of the pages for a browser that asks for neither.")] = "en"
    outbound_proxy: Annotated[str, _says("Proxy for every connection to a network, as http://proxy:3128; empty: none.")] = ""
    ca_file: Annotated[str, _says("File of further certificate authorities to trust (PEM); empty: the system's alone.")] = ""
    allow_private_media: Annotated[bool, _says("Fetch media from private addresses as well: for tests only.")] = False
    log_level: Annotated[Literal["debug", "info", "warning", "error"], _says("The least that is logged.")] = "info"
    log_format: Annotated[Literal["text", "json"], _says("How the log is written.")] = "text"


class Setting(msgspec.Struct, frozen=True):
    """One field as `rapport settings` prints it. `value` shows secrets as dots; `unit` "" for none."""

    name: str
    value: str
    source: str
    sentence: str
    unit: str


class Loaded(msgspec.Struct, frozen=True):
    """The settings, and where each that is not a default came from."""

    settings: Settings
    sources: dict[str, str]

    def listed(self) -> list[Setting]:
        """Every setting with its value, its source and its sentence."""
        return [
            Setting(
                name,
                str(getattr(self.settings, name)),
                self.sources.get(name, "default"),
                str(meta.description),
                str((meta.extra or {}).get("unit", "")),
            )
            for name, (_, meta) in FIELDS.items()
        ]


def _fields() -> dict[str, tuple[Any, Meta]]:  # Any: a type as an annotation holds it
    hints = get_type_hints(Settings, include_extras=True)
    return {name: (hint, hint.__metadata__[0]) for name, hint in hints.items()}


FIELDS = _fields()


def load(
    given: Mapping[str, Any] | None = None,  # Any: values as the command line parsed them
    *,
    config: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Loaded:
    """Read all sources; `given` (from the command line, None values left out) wins. Raises SettingsError."""
    env = os.environ if environ is None else environ
    values: dict[str, Any] = {"data": str(_default_folder(env))}
    sources: dict[str, str] = {}
    file = config or (Path(env[FILE]) if env.get(FILE) else None)
    for origin, found in (_from_file(file), _from_environment(env), ("command line", dict(given or {}))):
        for name, value in found.items():
            if value is not None:
                source = f"{origin} {PREFIX}{name.upper()}" if origin == "environment" else origin
                values[name] = _convert(name, value, source)
                sources[name] = source
    values["data"] = Path(values["data"]).expanduser().absolute()
    return Loaded(Settings(**values), sources)


def _default_folder(env: Mapping[str, str]) -> Path:
    home = env.get("XDG_DATA_HOME", "")
    return Path(home if os.path.isabs(home) else "~/.local/share") / "rapport"


def _from_environment(env: Mapping[str, str]) -> tuple[str, dict[str, Any]]:  # Any: a value of any setting
    found = {}
    for key, value in env.items():
        if key.startswith(PREFIX) and key != FILE and not key.startswith(FOR_TESTS):
            name = key.removeprefix(PREFIX).lower()
            _known(name, key, [PREFIX + n.upper() for n in FIELDS])
            found[name] = value
    return "environment", found


def _from_file(file: Path | None) -> tuple[str, dict[str, Any]]:  # Any: a value of any setting
    if file is None:
        return "", {}
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"the settings file {file} cannot be read: {error.strerror}") from None
    except ValueError as error:  # not TOML, or not UTF-8
        raise SettingsError(f"the settings file {file} is not TOML: {error}") from None
    for name in found:
        _known(name, f"{name} in {file}", list(FIELDS))
    return f"file {file}", found


def _known(name: str, shown: str, names: list[str]) -> None:
    if name in RETIRED:
        raise SettingsError(f"{shown} is retired: {RETIRED[name]}")
    if name in FIELDS:
        return
    near = difflib.get_close_matches(shown.split(" in ")[0], names, n=1, cutoff=0.0)
    raise SettingsError(f"unknown setting {shown}: did you mean {near[0]}? `rapport settings` lists them all")


def _convert(name: str, value: Any, source: str) -> Any:  # Any: a value of any setting
    kind = FIELDS[name][0]
    try:
        return msgspec.convert(value, kind, strict=not isinstance(value, str), dec_hook=_special)
    except msgspec.ValidationError as error:
        shown = "•••" if kind in (Address, Key, AssistKey) else repr(value)
        raise SettingsError(f"{name} ({source}) cannot be {shown}: {error}") from None


def _special(kind: type, value: Any) -> Any:  # Any: what msgspec hands to a hook
    if not isinstance(value, str | Path):
        raise msgspec.ValidationError(f"expected text, got {type(value).__name__}")
    return kind(value)
