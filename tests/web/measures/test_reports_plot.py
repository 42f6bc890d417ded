"""The plot of a report: where its points stand, and what a day without a figure does to its line."""

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from rapport.measures.report import Figure
from rapport.measures.service import STEP, Interval
from rapport.web.measures.plot import plotted
from rapport.web.measures.reports_plot import DayShown, days_plot, shown_days

DAY = date(2026, 3, 2)


def days(*values: float | None):
    figures = [Figure("x", 1, value) for value in values]
    return shown_days(DAY, figures, [Figure("x")] * len(figures))


def test_a_day_without_a_figure_parts_the_line():
    plot = days_plot(days(0.2, 0.4, None, 0.6, 0.8), "share")

    assert [len(line.split()) for line in plot.lines] == [2, 2]
    assert plot.lines_before == ()


def test_a_score_of_nothing_stands_in_the_middle_and_the_worst_at_the_foot():
    plot = days_plot(days(0.0, -100.0, 100.0), "score")

    assert [y for _, y in plot.dots] == [120.0, 220.0, 20.0]
    assert [value for _, value in plot.grid] == [-100.0, -50.0, 0.0, 50.0, 100.0]


def test_a_scale_ends_above_the_highest_value():
    assert days_plot(days(130.0, 20.0), "seconds").grid[-1][1] == 150.0
    assert days_plot(days(0.9), "share").grid[-1][1] == 1.0


def test_a_script_is_told_the_values_that_people_read_and_nothing_for_a_day_without_any():
    told = json.loads(days_plot(days(0.25, None), "share").told)

    assert told["x"] == [20514 * 86_400 + 43_200, 20515 * 86_400 + 43_200]
    assert told["lines"] == [[25.0, None], [None, None]]
    assert (told["unit"], told["bottom"], round(told["top"], 6)) == ("share", 0.0, 30.0)


def test_a_day_alone_stands_in_the_middle_of_its_plot():
    one, two = (json.loads(days_plot(days(*values), "share").told) for values in ((0.25,), (0.25, 0.5)))

    assert one["range"] == [one["x"][0] - 43_200, one["x"][0] + 43_200]
    assert "range" not in two


def test_a_script_is_told_the_interval_of_each_day_of_a_month_and_of_no_longer_time():
    known = DayShown(date(2026, 3, 2), Figure("satisfied", 20, 0.5, 0.3, 0.7), Figure("satisfied"))
    unknown = DayShown(date(2026, 3, 3), Figure("satisfied"), Figure("satisfied"))

    month = json.loads(days_plot([known, unknown], "share").told)
    quarter = json.loads(days_plot([known, unknown] * 20, "share").told)

    assert month["spans"] == [[30.0, 70.0], None]
    assert "spans" not in quarter


def test_on_the_day_on_which_clocks_go_back_each_quarter_has_a_place_of_its_own_and_the_clocks_word():
    zone = ZoneInfo("Europe/Madrid")
    since = datetime(2026, 10, 25, tzinfo=zone)
    quarters = [Interval((since.astimezone(UTC) + n * STEP).astimezone(zone), n, 0) for n in range(4 * 25)]
    told = json.loads(plotted(quarters, since=since, until=since + timedelta(days=1), now=since + timedelta(days=2)).told)

    assert len(set(told["x"])) == len(told["names"]) == 100
    assert [name for name in told["names"] if name == "02:00"] == ["02:00"] * 2
