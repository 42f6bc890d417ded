"""The master key: every other key is wrapped by it; from the settings, or from a file made at the first start."""

import contextlib
import os
import re
import secrets
from hashlib import sha256
from pathlib import Path

from rapport.errors import SettingsError
from rapport.settings import Settings

FILE = "master.key"
SHORTEST = 32  # characters of a key that somebody chose


def master_key(settings: Settings) -> bytes:
    """The 32 bytes. Ask before the embedded database is made: a key is made only where there is none. Raises SettingsError."""
    given = settings.secret.reveal()
    if given:
        if len(given) < SHORTEST:
            raise SettingsError(
                f"secret has {len(given)} characters: {SHORTEST} or more are needed, as `openssl rand -hex 32` gives"
            )
        return bytes.fromhex(given) if re.fullmatch(r"[0-9a-fA-F]{64}", given) else sha256(given.encode()).digest()
    file = settings.data / FILE
    try:
        return _read(file) if file.exists() else _make(file)
    except OSError as error:
        raise SettingsError(
            f"the master key {file} cannot be used: {error.strerror}; give another folder with --data"
        ) from None


def _read(file: Path) -> bytes:
    text = file.read_text(encoding="ascii", errors="replace").strip()
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise SettingsError(f"{file} is not a master key (64 hexadecimal digits): put the right one back from your backup")
    return bytes.fromhex(text)


def _make(file: Path) -> bytes:
    """A new key, on the disk before it is used: what it seals could not be opened without it."""
    if (file.parent / "postgres").exists():
        raise SettingsError(f"{file} is missing, and the database beside it is sealed with it: put it back from your backup")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = file.with_name(f"{FILE}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(secrets.token_hex(32) + "\n")
        out.flush()
        os.fsync(out.fileno())
    with contextlib.suppress(FileExistsError):  # another start was first: its key holds
        os.link(fresh, file)
    fresh.unlink()
    folder = os.open(file.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    return _read(file)
