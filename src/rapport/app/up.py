"""`rapport up`: the database, the web and the workers, under one supervisor that stays small."""

import socket
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from rapport.app.master_key import master_key
from rapport.app.supervisor import Child, Gate, check_folder, open_port, supervise
from rapport.settings import Settings
from rapport.store.embedded import Embedded


def up(settings: Settings, config: Path | None, role: str, demo: bool, say: Callable[[str], None]) -> int:
    """Run until stopped; the exit code. Raises SetupError before anything is made where the start cannot succeed."""
    listening = [open_port(settings.host, settings.port)] if role != "worker" else []
    check_folder(settings.data.expanduser())
    server = None
    if not settings.database_url:  # one that is named must answer first: the migration makes the key
        master_key(settings)
        server = Embedded.start(settings.data, say=say)
    migration, *children = children_of(settings, config, role, demo, listening)
    ordered = [migration, *children] if server is None else [*children, migration]
    hello = f": Rapport opens at {where(settings)}  (stop it with Ctrl-C)" if listening else ""
    return supervise(ordered, database=server, say=say, hello=hello)


def children_of(settings: Settings, config: Path | None, role: str, demo: bool, listening: list[socket.socket]) -> list[Child]:
    """The migration, then the workers and the web of this node; each is told the address, for the links that it makes."""
    program = [sys.executable, "-m", "rapport"]
    same = ["--data", str(settings.data)] + (["--config", str(config)] if config else [])
    gate = Gate()
    children = [Child("migration", [*program, "migrate", *same, "--quiet", *(["--example"] if demo else [])], first=True)]
    same += ["--gate", str(gate.fd), "--host", settings.host, "--port", str(settings.port)]
    if role != "web":
        run = [*program, "run", "worker"]
        children += [Child(f"worker {n}", [*run, str(n), *same], gate=gate) for n in range(settings.worker_processes)]
    if role != "worker":
        run, more = [*program, "run", "web"], ["--fd", str(listening[0].fileno()), *(["--demo"] if demo else [])]
        children += [
            Child(f"web {n}", [*run, str(n), *same, *more], sockets=listening, gate=gate) for n in range(settings.web_processes)
        ]
    return children


def where(settings: Settings) -> str:
    """The address that people open."""
    return settings.public_url or f"http://{settings.host}:{settings.port}"


def demo_settings(settings: Settings) -> Settings:
    """The same on a folder beside the default one, so that a demonstration never touches a centre in use."""
    standing = Settings()
    if settings.data.expanduser() != standing.data.expanduser():
        return settings
    return msgspec.structs.replace(settings, data=standing.data.with_name("rapport-demo"), database_url=standing.database_url)
