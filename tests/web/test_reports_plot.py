"""The plot of a report: where its points stand, and what a day without a figure does to its line."""

from datetime import date

from rapport.measures.report import Figure
from rapport.web.reports_plot import days_plot, shown_days

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
