"""The `rapport import-events`, `rapport import-people`, `rapport transcribe` and `rapport scrub` commands."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

Data = Annotated[Path | None, Parameter(help="Folder of the embedded database and the keys.")]
TenantName = Annotated[str, Parameter(help="Which tenant; there is one, `default`, until you make more.")]
AsJson = Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON object.")]
Columns = Annotated[dict[str, str] | None, Parameter(name="--column", help="What a column says: --column.Correo email.")]


def import_events(
    file: Path, /, *, tenant: TenantName = "default", pretend: bool = False, as_json: AsJson = False, data: Data = None
) -> int:
    """Take in a file of journey events, CSV or a line of JSON each; exit code 1 when a line was not taken, and which."""
    from rapport.app import people_commands

    return people_commands.import_file(_settings(data), tenant, file, pretend=pretend, as_json=as_json)


def import_people(
    file: Path,
    /,
    *,
    tenant: TenantName = "default",
    format: Annotated[str, Parameter(help="auto, plain, chatwoot or zendesk.")] = "auto",
    source: Annotated[str, Parameter(help="Whose ids stand in the file, such as crm; empty: the format's own.")] = "",
    country: Annotated[str, Parameter(help="Calling code of numbers that have none, such as 52.")] = "",
    columns: Columns = None,
    dry_run: Annotated[bool, Parameter(negative="", help="Say what would be made and merged, and change nothing.")] = False,
    as_json: AsJson = False,
    data: Data = None,
) -> int:
    """Take in people from Chatwoot, Zendesk or any CSV; exit code 1 when a line was not taken, and which."""
    from rapport.app import people_commands
    from rapport.people.imports.uploaded import Asked

    asked = Asked("people", format, file.name, source, country, columns or {})
    return people_commands.import_persons(_settings(data), tenant, file, asked, pretend=dry_run, as_json=as_json)


def transcribe(
    folder: Annotated[Path, Parameter(help="Folder of a faster-whisper model, with model.bin.")],
    /,
    *,
    tenant: TenantName = "default",
    most: Annotated[int, Parameter(help="How many recordings to hear, the oldest first.")] = 100,
    again: Annotated[bool, Parameter(help="Also those of which nothing could be made before.", negative="")] = False,
    as_json: AsJson = False,
    data: Data = None,
) -> int:
    """Turn recordings of calls that have no transcript into one, by a model of your own; exit code 1 when one was left."""
    from rapport.app import people_commands

    return people_commands.transcribe_calls(_settings(data), tenant, folder, most, again=again, as_json=as_json)


def scrub(*, as_json: AsJson = False, data: Data = None) -> int:
    """Write the tables anew, so that no file keeps what was erased; at a quiet hour: who uses a table waits meanwhile."""
    from rapport.app import people_commands

    return people_commands.scrub_files(_settings(data), as_json=as_json)


def _settings(data: Path | None) -> Any:  # Any: Settings, which only app may import
    from rapport.app import commands

    return commands.load_settings(None, {"data": data})
