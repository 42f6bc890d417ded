"""The `rapport` command: up, demo, apply, export, rehearse, verify, egress, rebuild, bench, matching, settings."""

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from rapport import __version__
from rapport.cli_people import import_events, import_people, scrub, transcribe
from rapport.cli_understand import understand
from rapport.cli_workforce import forecast, replay, schedule, staff, twin
from rapport.errors import RapportError, SetupError

app = App(name="rapport", help="A social contact centre.", version=__version__)
matching = App(name="matching", help="What matching learns, and what it gains.")
app.command(matching)
channels = App(name="channels", help="The channels: which there are, how they fare, and a new one.")
app.command(channels)
app.command(understand)
app.command(forecast)
app.command(twin)
app.command(replay)
app.command(staff)
app.command(schedule)
app.command(import_events)
app.command(import_people)
app.command(transcribe)
app.command(scrub)
Data = Annotated[Path | None, Parameter(help="Folder of the embedded database and the keys.")]
Config = Annotated[Path | None, Parameter(help="TOML file of settings.")]
TenantName = Annotated[str, Parameter(help="Which tenant; there is one, `default`, until you make more.")]
AsJson = Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON object.")]


def main() -> None:
    """Run the command that the arguments name; what is wrong is one line, and exit code 2."""
    try:
        code = app(sys.argv[1:], result_action="return_value")
    except RapportError as error:
        print(f"rapport: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, SetupError) else 1)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)


@app.command
def up(
    *,
    role: Annotated[Literal["all", "web", "worker"], Parameter(help="What this node runs.")] = "all",
    host: str | None = None,
    port: int | None = None,
    data: Data = None,
    config: Config = None,
) -> int:
    """Start the centre; stop it with Ctrl-C."""
    from rapport.app import commands

    return commands.up(_settings(config, data=data, host=host, port=port), config, role)


@app.command
def demo(
    *,
    headless: Annotated[bool, Parameter(negative="", help="No pages: simulate, print the figures, end.")] = False,
    minutes: float = 1.0,
    rate: Annotated[float, Parameter(help="Customers' messages a minute.")] = 240.0,
    seed: int = 1,
    as_json: AsJson = False,
    port: int | None = None,
    data: Data = None,
    config: Config = None,
) -> int:
    """The example centre with simulated customers and agents; you take one seat."""
    from rapport.app import commands

    settings = _settings(config, data=data, port=port)
    if headless:
        return commands.demo_headless(settings, minutes=minutes, rate=rate, seed=seed, as_json=as_json)
    return commands.demo(settings, config)


@app.command
def apply(
    folder: Path,
    /,
    *,
    tenant: TenantName = "default",
    yes: Annotated[bool, Parameter(negative="", help="Apply without asking.")] = False,
    pretend: Annotated[bool, Parameter(negative="", help="Show the difference, change nothing.")] = False,
    data: Data = None,
    config: Config = None,
) -> int:
    """Make a tenant's centre what a folder of files says, after showing the difference."""
    from rapport.app import commands

    return commands.apply(_settings(config, data=data), folder, tenant, yes=yes, pretend=pretend)


@app.command
def export(folder: Path, /, *, tenant: TenantName = "default", data: Data = None, config: Config = None) -> int:
    """Write a tenant's centre as a folder of files that `apply` reads."""
    from rapport.app import commands

    return commands.export(_settings(config, data=data), folder, tenant)


@app.command
def rehearse(*paths: Path, as_json: AsJson = False, config: Config = None) -> int:
    """Run rehearsals on the real pipeline with a fake clock; exit code 1 when one is not met."""
    from rapport.app import commands

    return commands.rehearse(_settings(config), list(paths) or [Path("scenarios")], as_json=as_json)


@app.command
def verify(*, tenant: str = "", as_json: AsJson = False, data: Data = None, config: Config = None) -> int:
    """Hash every entry anew and check the tree and its signed checkpoints; exit code 1 when something is wrong."""
    from rapport.app import commands

    return commands.verify(_settings(config, data=data), tenant, as_json=as_json)


@app.command
def egress(*, as_json: AsJson = False, data: Data = None, config: Config = None) -> int:
    """Which process talks to which host and port outside, and why: for a firewall, or an outbound proxy."""
    from rapport.app import commands

    return commands.egress(_settings(config, data=data), as_json=as_json)


@app.command
def rebuild(*, tenant: TenantName = "default", data: Data = None, config: Config = None) -> int:
    """Fold every view of a tenant anew from its ledger."""
    from rapport.app import commands

    return commands.rebuild(_settings(config, data=data), tenant)


@app.command
def bench(
    name: str,
    /,
    *,
    as_json: AsJson = False,
    scale: Literal["small", "full"] = "small",
    seed: int = 1,
    data: Annotated[Path | None, Parameter(help="A folder of public sets, for `understanding`.")] = None,
    **sizes: Annotated[int, Parameter(help="Sizes that the benchmark knows, such as --agents 10000.")],
) -> int:
    """Run a benchmark of a checkout's bench/ folder, such as intake, pipeline, desk, matching, email or faults."""
    from rapport.app import commands

    return commands.bench(
        name, as_json=as_json, scale=scale, seed=seed, sizes=sizes if data is None else {**sizes, "data": data}
    )


@matching.command
def learn(
    *,
    tenant: TenantName = "default",
    days: Annotated[float, Parameter(help="How long the same person may not have come back; outcomes must be so old.")] = 7.0,
    off: Annotated[
        tuple[str, ...] | None, Parameter(help="A feature that is not looked at, as often as you like; else as before.")
    ] = None,
    pretend: Annotated[bool, Parameter(negative="", help="Teach and judge, change nothing.")] = False,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> int:
    """Teach a model from a tenant's own decisions and outcomes; it serves only when the log shows that it is no worse."""
    from rapport.app import commands

    return commands.learn(_settings(config, data=data), tenant, days=days, off=off, pretend=pretend, as_json=as_json)


@matching.command
def gain(
    *,
    tenant: TenantName = "default",
    needs: Annotated[int, Parameter(help="How many of the last needs are replayed.")] = 2000,
    seed: int = 1,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> int:
    """What patient matching may gain over skills routing, from a replay of a tenant's own last needs."""
    from rapport.app import commands

    return commands.gain(_settings(config, data=data), tenant, needs=needs, seed=seed, as_json=as_json)


@channels.command(name="list")
def list_channels(*, tenant: TenantName = "default", as_json: AsJson = False, data: Data = None, config: Config = None) -> int:
    """List the networks that this house knows, and a tenant's accounts with how they fare."""
    from rapport.app import channel_commands

    return channel_commands.list_channels(_settings(config, data=data), tenant, as_json=as_json)


@channels.command
def check(
    account: str = "",
    /,
    *,
    tenant: TenantName = "default",
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> int:
    """Ask the network of an account, or of all, how it is; exit code 1 when one does not work."""
    from rapport.app import channel_commands

    return channel_commands.check_channels(_settings(config, data=data), tenant, account, as_json=as_json)


@channels.command
def new(
    name: str,
    /,
    *,
    into: Annotated[
        Path | None, Parameter(help="Make a package of its own in this folder; else a folder of this checkout.")
    ] = None,
) -> int:
    """Make a channel that passes the contract with a fake of its network, to be filled with what the network really does."""
    from rapport.app import channel_commands

    return channel_commands.new_channel(name, into)


@app.command
def settings(*, data: Data = None, config: Config = None) -> int:
    """Every setting with its value, where it came from, and what it does."""
    from rapport.app import commands

    return commands.show_settings(config, {"data": data})


@app.command
def tenants(
    *, add: Annotated[str, Parameter(help="Make a tenant of this name.")] = "", data: Data = None, config: Config = None
) -> int:
    """List the tenants, or make one more."""
    from rapport.app import commands

    return commands.tenants(_settings(config, data=data), add)


@app.command
def migrate(
    *,
    quiet: Annotated[bool, Parameter(negative="")] = False,
    example: Annotated[bool, Parameter(negative="", help="Set the example centre where there is none yet.")] = False,
    data: Data = None,
    config: Config = None,
) -> int:
    """Bring the database to what this version needs, and make the first tenant and administrator."""
    from rapport.app import commands

    return commands.migrate(_settings(config, data=data), quiet=quiet, example=example)


@app.command
def reference() -> int:
    """Print docs/reference.md: every command, setting, fact, role and channel."""
    from rapport.app.reference import reference as page

    print(page(app), end="")
    return 0


@app.command(show=False)
def run(
    what: Literal["web", "worker"],
    number: int,
    /,
    *,
    fd: int = -1,
    gate: int = -1,
    demo: Annotated[bool, Parameter(negative="")] = False,
    host: str | None = None,
    port: int | None = None,
    data: Data = None,
    config: Config = None,
) -> int:
    """One process of a centre: for the supervisor."""
    from rapport.app import commands

    return commands.run(_settings(config, data=data, host=host, port=port), what, number, fd=fd, gate=gate, demo=demo)


def _settings(config: Path | None, **given: Any) -> Any:  # Any: values of settings; Settings, which only app may import
    from rapport.app import commands

    return commands.load_settings(config, given)
