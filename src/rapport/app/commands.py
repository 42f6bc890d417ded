"""What the `rapport` command does, one function each; each returns an exit code."""

import asyncio
import contextlib
import importlib.util
import inspect
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from rapport.app import database
from rapport.app.master_key import master_key
from rapport.errors import NotFound, SetupError
from rapport.settings import Settings, load


@contextlib.contextmanager
def _database(settings: Settings) -> Iterator[tuple[str, bytes]]:
    """A database that runs while the block does, and the key of what is sealed in it: the key first, as it is older."""
    database.check(settings)
    key = master_key(settings)
    with database.database(settings) as url:
        yield url, key


def load_settings(config: Path | None, given: Mapping[str, Any]) -> Settings:  # Any: as the command line parsed them
    """The settings of a command. Raises SettingsError."""
    return load({name: value for name, value in given.items() if value is not None}, config=config).settings


def show_settings(config: Path | None, given: Mapping[str, Any]) -> int:  # Any: as above
    """Print every setting."""
    from rich.console import Console
    from rich.table import Table

    table = Table("setting", "value", "from", "what it does", box=None)
    for one in load({k: v for k, v in given.items() if v is not None}, config=config).listed():
        table.add_row(one.name, one.value, one.source, f"{one.sentence}{f' ({one.unit})' if one.unit else ''}")
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    return 0


def up(settings: Settings, config: Path | None, role: str, *, demo: bool = False) -> int:
    """Start the centre and wait."""
    from rapport.app import up as starting

    return starting.up(settings, config, role, demo, say=lambda line: print(line, flush=True))


def migrate(settings: Settings, *, quiet: bool, example: bool) -> int:
    """Bring the database up to date; print the first administrator once."""
    from rapport.app.first import prepare

    with _database(settings) as (url, key):
        applied, welcome = asyncio.run(prepare(settings, url, key))
        if example:
            from rapport.app.demonstrating import furnish

            asyncio.run(furnish(settings, url, key))
    if not quiet:
        print(f"applied {', '.join(applied)}" if applied else "nothing to apply")
    if welcome:
        print(welcome, flush=True)
    return 0


def run(settings: Settings, what: str, number: int, *, fd: int, gate: int, demo: bool) -> int:
    """One process of a centre."""
    from rapport.app.one import run_one

    return run_one(settings, what, number, fd=fd, gate=gate, demo=demo)


def apply(settings: Settings, folder: Path, tenant: str, *, yes: bool, pretend: bool) -> int:
    """Show the difference between a folder and a tenant's centre, and apply it."""
    from rapport.app.centre_files import apply_folder

    def noted(fault: str) -> None:
        print(f"note: {fault}", file=sys.stderr)

    def confirmed(changes: Sequence[object], missing: Sequence[str]) -> bool:
        for change in changes:
            print(change)
        for name in missing:
            print(f"the secret {name!r} is named and was never given: set it on the page of channels")
        if not changes:
            print("nothing to change")
        if pretend or not changes:
            return False
        return yes or not sys.stdin.isatty() or input("apply? [y/N] ").strip().lower() in ("y", "yes", "s", "si", "sí")

    with _database(settings) as (url, key):
        applied = asyncio.run(apply_folder(settings, url, key, tenant, folder, confirmed, noted))
    if applied:
        print(f"applied {applied} change{'s' if applied > 1 else ''}")
    return 0


def export(settings: Settings, folder: Path, tenant: str) -> int:
    """Write a tenant's centre as files."""
    from rapport.app.centre_files import export_folder

    with _database(settings) as (url, key):
        count = asyncio.run(export_folder(settings, url, key, tenant, folder))
    print(f"wrote {count} things to {folder}")
    return 0


def tenants(settings: Settings, add: str) -> int:
    """List tenants, or make one."""
    from rapport.app.first import add_tenant, every_tenant

    with _database(settings) as (url, key):
        if add:
            welcome = asyncio.run(add_tenant(settings, url, key, add))
            print(welcome)
        for listed in asyncio.run(every_tenant(url)):
            print(f"{listed.id}\t{listed.name}")
    return 0


def rehearse(settings: Settings, paths: Sequence[Path], *, as_json: bool) -> int:
    """Run rehearsals; 1 when one is not met."""
    from rapport.app.rehearsing import rehearse_all
    from rapport.rehearsal.report import Report, report_lines, summary

    def told(report: Report) -> None:
        if not as_json:
            print("\n".join(report_lines(report)), flush=True)

    reports = rehearse_all(settings, paths, told)
    if as_json:
        print(json.dumps(summary(reports), ensure_ascii=False))
    else:
        print(f"{sum(report.is_met for report in reports)} of {len(reports)} met")
    return 0 if all(report.is_met for report in reports) else 1


def verify(settings: Settings, tenant: str, *, as_json: bool) -> int:
    """Check the ledgers; 1 when something is wrong."""
    from rapport.app.checking import verify_all

    with _database(settings) as (url, key):
        verdicts = asyncio.run(verify_all(url, key, tenant))
    if not verdicts:
        raise NotFound(f"no tenant is called {tenant!r}")
    if as_json:
        print(json.dumps([{**v, "root": v["root"].hex()} for v in map(_plain, verdicts)]))
    for verdict in () if as_json else verdicts:
        erased = f", {verdict.erased} erased" if verdict.erased else ""
        print(
            f"tenant {verdict.tenant}: {verdict.entries} entries, {verdict.contents} contents{erased}, "
            f"{verdict.checkpoints} checkpoints, root {verdict.root.hex()[:16]}: {'whole' if verdict.whole else 'NOT WHOLE'}"
        )
        for fault in verdict.faults:
            print(f"  {fault}")
    return 0 if all(verdict.whole for verdict in verdicts) else 1


def _plain(verdict: Any) -> dict[str, Any]:  # Any: Verdict, imported where it is needed
    names = ("tenant", "entries", "contents", "erased", "checkpoints", "root", "faults", "whole")
    return {name: getattr(verdict, name) for name in names}


def egress(settings: Settings, *, as_json: bool) -> int:
    """Print every way out of the house."""
    from rich.console import Console
    from rich.table import Table

    from rapport.app.egress import manifest_of

    with _database(settings) as (url, _):
        found = asyncio.run(manifest_of(settings, url))
    if as_json:
        print(json.dumps(msgspec.to_builtins(found)))
        return 0
    table = Table("process", "host", "port", "why", "account", box=None)
    for one in found:
        account = f"{one.tenant}/{one.account}" if one.account else ""
        why = f"{one.why}, by the proxy" if one.by_proxy else one.why
        table.add_row(one.process, one.host, str(one.port), why, account)
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    return 0


def rebuild(settings: Settings, tenant: str) -> int:
    """Fold the views anew."""
    from rapport.app.checking import rebuild_one

    with _database(settings) as (url, key):
        count = asyncio.run(rebuild_one(url, key, tenant))
    print(f"rebuilt the views of {tenant!r} from {count} entries")
    return 0


def bench(name: str, *, as_json: bool, scale: str, seed: int, sizes: Mapping[str, int | Path]) -> int:
    """Run bench/NAME.py of the checkout that we stand in. `sizes`: further arguments of its `run`, by name.

    A file is called NAME_.py where NAME.py would stand before a module of Python's own, as `email` does.
    """
    import structlog

    structlog.configure(logger_factory=structlog.WriteLoggerFactory(file=sys.stderr))  # standard output is for the figures
    folder = Path("bench")
    file = next((found for found in (folder / f"{name}.py", folder / f"{name}_.py") if found.is_file()), None)
    known = sorted(path.stem.rstrip("_") for path in folder.glob("[!_]*.py"))
    if file is None:
        raise SetupError(f"no benchmark is called {name!r}; here are: {', '.join(known) or 'none (run it in a checkout)'}")
    spec = importlib.util.spec_from_file_location(f"bench_{name}", file)
    assert spec is not None and spec.loader is not None  # noqa: PT018 - one thing
    module = importlib.util.module_from_spec(spec)
    sys.path.append(str(folder))
    spec.loader.exec_module(module)
    has = [key for key in inspect.signature(module.run).parameters if key not in ("scale", "seed")]
    if unknown := sorted(set(sizes) - set(has)):
        raise SetupError(f"benchmark {name!r} has no size {', '.join(unknown)}; it has: {', '.join(has) or 'none'}")
    found: dict[str, Any] = module.run(scale=scale, seed=seed, **sizes)  # Any: numbers and texts by name
    if as_json:
        print(json.dumps(found))
    else:
        for key, value in found.items():
            print(f"{key:28} {value}")
    return 0


def learn(settings: Settings, tenant: str, *, days: float, off: tuple[str, ...] | None, pretend: bool, as_json: bool) -> int:
    """Teach a model from a tenant's decisions; what the gate said is printed, and it serves where that lets it in."""
    from rapport.app import learning

    with _database(settings) as (url, key):
        found = asyncio.run(learning.learn(settings, url, key, tenant, learning.Wish(days, off, pretend), _progress(as_json)))
    print(json.dumps(learning.as_json(found), ensure_ascii=False) if as_json else learning.in_words(found))
    return 0


def gain(settings: Settings, tenant: str, *, needs: int, seed: int, as_json: bool) -> int:
    """Print what a tenant may expect of patient matching."""
    from rapport.app import learning

    with _database(settings) as (url, key):
        expected, values = asyncio.run(learning.gain(settings, url, key, tenant, needs, seed, _progress(as_json)))
    if as_json:
        said = {name: getattr(expected, name) for name in expected.__slots__}
        print(json.dumps({"tenant": tenant, "values": values, **said}))
    else:
        print(f"{expected.words('en')}\nfrom {expected.needs} needs; pairs valued by {values}")
    return 0


def train_reader(settings: Settings, tenant: str, *, pretend: bool, overrule: str, as_json: bool) -> int:
    """Train a reader from a tenant's labels; what the comparison found is printed."""
    from rapport.app import schooling

    with _database(settings) as (url, key):
        found, serves = asyncio.run(schooling.train(settings, url, key, tenant, pretend=pretend, overrule=overrule))
    print(json.dumps(schooling.as_json(tenant, found, serves)) if as_json else schooling.in_words(found.figures, serves))
    return 0


def _progress(as_json: bool) -> Callable[[str], None]:
    """What is told of long work while it goes on: on the other stream, and nothing where JSON is asked for."""
    return lambda line: None if as_json else print(line, file=sys.stderr, flush=True)


def demo(settings: Settings, config: Path | None) -> int:
    """The example centre, full of life, with pages, on a data folder of its own."""
    from rapport.app.up import demo_settings

    return up(demo_settings(settings), config, "all", demo=True)


def demo_headless(settings: Settings, *, minutes: float, rate: float, seed: int, as_json: bool) -> int:
    """The same without pages; 1 when something was lost, doubled or altered."""
    from rapport.app.demonstrating import headless

    figures = headless(settings, minutes=minutes, rate=rate, seed=seed)
    if as_json:
        print(json.dumps(figures))
    else:
        for key, value in figures.items():
            print(f"{key:12} {value}")
    return 0 if figures["lost"] == figures["doubled"] == 0 and figures["verified"] else 1
