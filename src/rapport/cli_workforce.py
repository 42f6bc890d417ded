"""The `rapport forecast`, `rapport twin`, `rapport staff` and `rapport schedule` commands."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

forecast = App(name="forecast", help="What will come, and how good forecasts of the past would have been.")
staff = App(name="staff", help="How many people are needed, and what they cost where.")
AsJson = Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON object.")]


@forecast.command
def backtest(
    file: Path,
    /,
    *,
    horizon: Annotated[str, Parameter(help="Open days ahead, such as 1d or 5d.")] = "1d",
    interval: Annotated[str, Parameter(help="Such as 5min, 15min or 30min.")] = "30min",
    days: Annotated[str, Parameter(help="FROM:TO, counted from 0, TO left out; else the last 64.")] = "",
    drivers: Annotated[Path | None, Parameter(help="CSV of what was known ahead: day, name.")] = None,
    as_json: AsJson = False,
) -> int:
    """Forecast every day of a series from what was known before it, and say how good that was.

    Parameters
    ----------
    file
        CSV: when an interval began, and what came in it.
    """
    from rapport.app import workforce_commands

    return workforce_commands.look_back(file, horizon=horizon, interval=interval, days=days, drivers=drivers, as_json=as_json)


def twin(
    file: Path,
    /,
    *,
    agents: Annotated[int, Parameter(help="How many are there all day.")],
    more: Annotated[int, Parameter(help="How many more, or fewer with a minus.")] = 0,
    after: Annotated[str, Parameter(help="From when the further ones are there, such as 18:00.")] = "00:00",
    day: Annotated[
        str, Parameter(help="A day of the series by date or number, or next: the forecast of the following one.")
    ] = "next",
    interval: Annotated[str, Parameter(help="Such as 5min, 15min or 30min.")] = "30min",
    handle: Annotated[float, Parameter(help="Mean handle time in seconds.")] = 300.0,
    patience: Annotated[float, Parameter(help="Mean patience in seconds.")] = 600.0,
    within: Annotated[float, Parameter(help="In time is within so many seconds.")] = 20.0,
    policy: Annotated[str, Parameter(help="Matching before: fifo, skills, greedy or rapport.")] = "skills",
    other: Annotated[str, Parameter(help="Matching after; else the same.")] = "",
    burst: Annotated[int, Parameter(help="So many more who come on both sides, as in a burst.")] = 0,
    burst_at: Annotated[str, Parameter(help="When the burst begins, such as 14:00.")] = "12:00",
    seeds: int = 4,
    as_json: AsJson = False,
) -> int:
    """Run a day before other staff or under another policy, the same people coming to both, and say what differs.

    Parameters
    ----------
    file
        CSV: when an interval began, and what came in it.
    """
    from rapport.app import twin_commands

    asked = twin_commands.Asked(
        agents, more, after, handle, patience, within, (policy, other or policy), seeds, burst, burst_at
    )
    return twin_commands.twin(file, asked, interval=interval, day=day, as_json=as_json)


def replay(
    day: str = "",
    /,
    *,
    more: Annotated[int, Parameter(help="How many more people, or fewer with a minus.")] = 0,
    after: Annotated[int, Parameter(help="From which hour on the further ones are there.")] = 0,
    language: Annotated[str, Parameter(help="Which language they speak; else every one.")] = "",
    policy: Annotated[str, Parameter(help="Matching before: fifo, skills, greedy or rapport; else the centre's.")] = "",
    other: Annotated[str, Parameter(help="Matching after; else the same.")] = "",
    burst: Annotated[int, Parameter(help="So many more who come on both sides, as in a burst.")] = 0,
    burst_at: Annotated[int, Parameter(help="The hour at which the burst begins.")] = 12,
    widen: Annotated[
        bool, Parameter(negative="", help="From --after on everybody serves every language, as in a burst.")
    ] = False,
    tenant: Annotated[str, Parameter(help="Which tenant.")] = "default",
    as_json: AsJson = False,
    data: Annotated[Path | None, Parameter(help="The data folder.")] = None,
    config: Annotated[Path | None, Parameter(help="The settings file.")] = None,
) -> int:
    """Run a day of the record again before other people or under another policy, and say what would have differed.

    Parameters
    ----------
    day
        A day that is over, such as 2026-03-02; yesterday where nothing is said.
    """
    from rapport.app import replay_commands
    from rapport.app.commands import load_settings
    from rapport.web.workforce.what_if import Asked

    settings = load_settings(config, {"data": data} if data is not None else {})
    return replay_commands.replay(
        settings, tenant, day, Asked(more, after, language, policy, other, burst, burst_at, widen), as_json=as_json
    )


@staff.command(name="day")
def staff_day(
    file: Path,
    /,
    *,
    day: Annotated[
        str, Parameter(help="A day of the series by date or number, or next: the forecast of the following one.")
    ] = "next",
    interval: Annotated[str, Parameter(help="Such as 5min, 15min or 30min.")] = "30min",
    handle: Annotated[float, Parameter(help="Mean handle time in seconds.")] = 300.0,
    within: Annotated[float, Parameter(help="In time is within so many seconds.")] = 20.0,
    target: Annotated[float, Parameter(help="The share that is to be in time.")] = 0.8,
    shrinkage: Annotated[float, Parameter(help="The share of paid time away, such as 0.3.")] = 0.3,
    places: Annotated[float, Parameter(help="Conversations that one holds at a time.")] = 1.0,
    as_json: AsJson = False,
) -> int:
    """Say how many people each interval of a day needs, seated and scheduled.

    Parameters
    ----------
    file
        CSV: when an interval began, and what came in it.
    """
    from rapport.app import staff_commands

    asked = staff_commands.Asked(handle, within, target, shrinkage, places)
    return staff_commands.staff(file, asked, interval=interval, day=day, as_json=as_json)


@staff.command(name="skills")
def staff_skills(
    streams: Path,
    people: Path,
    /,
    *,
    within: Annotated[float, Parameter(help="In time is within so many seconds.")] = 20.0,
    target: Annotated[float, Parameter(help="The share that is to be in time, of each stream.")] = 0.8,
    needs: Annotated[int, Parameter(help="How many come on each day that is run; more: surer, and slower.")] = 25_000,
    policy: Annotated[str, Parameter(help="Matching: fifo, skills, greedy or rapport.")] = "greedy",
    shrinkage: Annotated[float, Parameter(help="The share of paid time away, such as 0.3.")] = 0.3,
    as_json: AsJson = False,
) -> int:
    """Say how many people of each kind several streams need, run by production's matching until the target holds.

    Parameters
    ----------
    streams
        CSV with a header: stream, per_hour, handle (seconds).
    people
        CSV with a header: kind, streams with semicolons; also cost and most.
    """
    from rapport.app import staff_skills as command

    asked = command.Asked(within, target, needs, policy, shrinkage)
    return command.skills(streams, people, asked, as_json=as_json)


@staff.command(name="sites")
def staff_sites(
    file: Path,
    /,
    *,
    load: Annotated[float, Parameter(help="Work that comes, in erlangs.")],
    handle: Annotated[float, Parameter(help="Mean handle time in seconds.")] = 300.0,
    within: Annotated[float, Parameter(help="In time is within so many seconds.")] = 20.0,
    target: Annotated[float, Parameter(help="The share that is to be in time.")] = 0.8,
    as_json: AsJson = False,
) -> int:
    """Compare places of work by what a resolved need costs, not by what an hour does.

    Parameters
    ----------
    file
        CSV with a header: site, cost_per_hour, slower, resolved, shrinkage, languages, zone, notes.
    """
    from rapport.app import staff_commands

    return staff_commands.sites(file, load=load, handle=handle, within=within, target=target, as_json=as_json)


def schedule(
    demand: Path,
    people: Path,
    /,
    *,
    hours: Annotated[float, Parameter(help="Of a shift, its break with it.")] = 8.0,
    pause: Annotated[int, Parameter(name="--break", help="Minutes of its break.")] = 30,
    every: Annotated[int, Parameter(help="Minutes between two times at which a shift may begin.")] = 60,
    rest: Annotated[float, Parameter(help="Hours between two shifts, at least.")] = 11.0,
    by: Annotated[str, Parameter(help="What finds the names: highs, or cp_sat with the extra `schedule`.")] = "highs",
    agents: Annotated[Path | None, Parameter(help="An agents.csv whose column shift is written.")] = None,
    keep: Annotated[bool, Parameter(negative="", help="Change as little as may be of what stands in --agents.")] = False,
    as_json: AsJson = False,
) -> int:
    """Make shifts and names for a week, say how far from the best possible they are, and why it cannot be met, if so.

    Parameters
    ----------
    demand
        CSV: day, time, skill, people.
    people
        CSV: agent, skills with semicolons, shifts in the week; with a header also away, begins, free, locked.
    """
    from rapport.app import schedule_commands

    return schedule_commands.week(
        demand, people, schedule_commands.Asked(hours, pause, every, rest, by), agents=agents, keep=keep, as_json=as_json
    )
