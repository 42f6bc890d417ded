"""The `rapport forecast` and `rapport twin` commands."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

forecast = App(name="forecast", help="What will come, and how good forecasts of the past would have been.")
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

    asked = twin_commands.Asked(agents, more, after, handle, patience, within, (policy, other or policy), seeds)
    return twin_commands.twin(file, asked, interval=interval, day=day, as_json=as_json)
