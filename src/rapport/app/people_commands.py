"""The `rapport people` commands: a file of journey events taken in."""

import asyncio
import json
import sys
from pathlib import Path

import msgspec

from rapport.app.commands import _database
from rapport.app.importing import Imported, import_events
from rapport.errors import SetupError
from rapport.settings import Settings


def import_file(settings: Settings, tenant: str, file: Path, *, pretend: bool, as_json: bool) -> int:
    """Take a file in and list what was not taken; 1 where a line was not."""

    def told(done: Imported) -> None:
        if not as_json and sys.stderr.isatty():
            print(f"\r{done.taken} lines, {done.new} new, {len(done.faults)} not taken", end="", file=sys.stderr, flush=True)

    if not file.is_file():
        raise SetupError(f"{file}: there is no such file")
    with _database(settings) as (url, key):
        done = asyncio.run(import_events(settings, url, key, tenant, file, pretend=pretend, told=told))
    if as_json:
        print(json.dumps(msgspec.to_builtins(done)))
    else:
        verb = "could be taken" if pretend else f"taken in, {done.new} of them new"
        print(f"{done.taken} events {verb}; {len(done.faults) + done.more_faults} lines not taken")
        for fault in done.faults:
            print(f"  {file.name}:{fault.line}: {fault.reason}")
        if done.more_faults:
            print(f"  and {done.more_faults} more")
    return 1 if done.faults else 0
