"""`rapport schedule` and `rapport staff`: a week with names, why one cannot be met, and sites by what a resolution costs."""

import json
from datetime import date

import numpy as np
import pytest

from rapport.app.schedule_commands import Asked, read_demand, week
from rapport.app.schedule_people import Person, locks_of
from rapport.centre.agents_csv import read_agents
from rapport.cli import app
from rapport.errors import BadInput
from rapport.matching.duty.rostering import Rostered, rostered
from rapport.matching.duty.turns import leave_of
from rapport.matching.shifts import read_shift
from rapport.model.centre import Centre, Profile

DAYS = ("2026-03-02", "2026-03-03", "2026-03-04")


@pytest.fixture
def files(tmp_path):
    """Two skills from 8 to 16 on three days, asked for by one person each at any time; four people."""
    times = [f"{8 + n // 2:02d}:{30 * (n % 2):02d}" for n in range(16)]
    lines = [f"{day},{time},{skill},1" for day in DAYS for time in times for skill in ("wifi", "billing")]
    demand, people = tmp_path / "demand.csv", tmp_path / "people.csv"
    demand.write_text("day,time,skill,people\n" + "\n".join(lines))
    people.write_text("agent,skills,shifts\nana,wifi;billing,3\nben,wifi,3\ncas,billing,3\ndee,wifi,1\n")
    return demand, people


def run(capsys, *words) -> dict:
    assert app([*map(str, words), "--json"], result_action="return_value") in (0, None)
    return json.loads(capsys.readouterr().out)


def test_a_week_has_names_and_its_distance_from_the_best(files, capsys):
    said = run(capsys, "schedule", *files, "--hours", "4")

    assert said["gap"] >= 0
    assert said["short"] >= said["bound"] - 1e-6
    assert {one["agent"] for one in said["shifts"]} == {"ana", "ben", "cas", "dee"}
    assert len(said["shifts"]) + said["open_shifts"] == 10
    assert all(read_shift(one["shift"]).day is not None for one in said["shifts"])
    assert "48 hours of billing, wifi are asked for, and those who have one of these skills work 35 in all" in said["why"]


def test_a_demand_that_nobody_can_meet_says_when_and_by_how_much(files, capsys):
    demand, people = files
    demand.write_text(demand.read_text().replace("2026-03-03,10:00,wifi,1", "2026-03-03,10:00,wifi,9"))
    said = run(capsys, "schedule", demand, people, "--hours", "4")

    assert "2026-03-03 10:00: 9 people are asked for wifi, and 3 have one of these skills at all" in said["why"]


def test_the_names_are_written_as_shifts_of_the_agents_and_what_else_stands_there_stays(files, capsys, tmp_path):
    agents = tmp_path / "agents.csv"
    agents.write_text("id,name,shift\nana,Ana,2026-02-27 09:00-17:00;mon-fri 09:00-17:00\nzoe,Zoe,sat 09:00-12:00\n")
    said = run(capsys, "schedule", *files, "--hours", "4", "--agents", agents)
    lines = agents.read_text().splitlines()
    shifts = lines[1].split(",")[2].split(";")

    assert said["written"] == 1
    assert shifts[:2] == ["2026-02-27 09:00-17:00", "mon-fri 09:00-17:00"]
    assert [text[:10] for text in shifts[2:]] == list(DAYS)
    assert lines[2] == "zoe,Zoe,sat 09:00-12:00"


def test_a_day_without_a_shift_is_one_that_the_page_may_use_and_leave_stays_leave(files, capsys, tmp_path):
    agents = tmp_path / "agents.csv"
    agents.write_text("id,shift\nana,2026-03-03 off\nben,mon-fri 09:00-17:00\ndee,2026-03-02 libre;2026-03-03 off\n")
    run(capsys, "schedule", *files, "--hours", "4", "--agents", agents)
    again = run(capsys, "schedule", *files, "--hours", "4", "--agents", agents, "--keep")
    read = {name: one for name, (one, _) in read_agents(agents.read_text(), agents.name).items()}
    centre = Centre(Profile(zone="Europe/Madrid"), agents=read)
    asked = Rostered(DAYS, {"dee": ((DAYS[2], 480, 720),), "ana": ()})
    taken = rostered(asked, centre, date(2026, 2, 27))

    assert again["written"] == 3
    assert (leave_of(read["ana"].shift), leave_of(read["ben"].shift)) == ({date(2026, 3, 3)}, frozenset())
    assert leave_of(read["dee"].shift) == {date(2026, 3, 2), date(2026, 3, 3)}
    assert taken["ana"] == ("2026-03-02 free", "2026-03-03 off", "2026-03-04 free")
    assert sorted(taken["dee"])[2] == "2026-03-04 08:00-12:00"


def test_a_day_that_was_left_free_can_be_rostered_on_the_page(files, capsys, tmp_path):
    demand, people = files
    people.write_text("agent,skills,shifts\nana,wifi;billing,3\nben,wifi,1\n")
    agents = tmp_path / "agents.csv"
    agents.write_text("id,shift\nben,mon-fri 09:00-17:00\n")
    run(capsys, "schedule", demand, people, "--hours", "4", "--agents", agents)
    ben = read_agents(agents.read_text(), agents.name)["ben"][0]
    free = [shift for shift in ben.shift if shift.endswith(" free")]
    centre = Centre(Profile(zone="Europe/Madrid"), agents={"ben": ben})
    taken = rostered(Rostered(DAYS, {"ben": ((free[0][:10], 480, 720),)}), centre, date(2026, 2, 27))

    assert len(free) == 2
    assert f"{free[0][:10]} 08:00-12:00" in taken["ben"]


def test_who_is_away_does_not_work_what_is_locked_stays_and_little_changes(files, capsys, tmp_path):
    demand, people = files
    before = run(capsys, "schedule", demand, people, "--hours", "4")
    agents = tmp_path / "agents.csv"
    held = {
        name: ";".join(one["shift"] for one in before["shifts"] if one["agent"] == name)
        for name in ("ana", "ben", "cas", "dee")
    }
    agents.write_text("id,shift\n" + "\n".join(f"{name},{shifts}" for name, shifts in held.items()))
    people.write_text(
        "agent,skills,shifts,away,free,begins,locked\nana,wifi;billing,3,,,,\nben,wifi,3,2026-03-03,,08:00,\n"
        "cas,billing,3,,2026-03-04,,\ndee,wifi,1,,,,2026-03-02 off\n"
    )

    after = run(capsys, "schedule", demand, people, "--hours", "4", "--agents", agents, "--keep")
    told = {(one["agent"], one["shift"]) for one in after["shifts"]}

    assert not any(name == "ben" and shift.startswith("2026-03-03") for name, shift in told)
    assert not any(name == "dee" and shift.startswith("2026-03-02") for name, shift in told)
    assert len(told & {(one["agent"], one["shift"]) for one in before["shifts"]}) >= len(told) // 2
    assert len(after["open"]) == after["open_shifts"]


def test_each_of_two_who_are_locked_to_the_same_hour_has_a_shift_of_their_own_and_a_third_has_none():
    day = date(2026, 3, 2)
    people = [Person(name, frozenset({"wifi"}), 3, locked=((day, 540),)) for name in ("ana", "ben", "cas")]
    begins, counts = np.array([540, 540]), np.array([[1, 1]])

    assert locks_of(people[:2], [day], begins, counts) == {(0, 0): 0, (1, 0): 1}
    with pytest.raises(BadInput, match="cas is locked to 2026-03-02 09:00: .* or others are locked to it"):
        locks_of(people, [day], begins, counts)


def test_people_without_a_column_that_is_needed_are_refused_with_its_name(files):
    demand, people = files
    people.write_text("agent,away,begins\nana,,\n")

    with pytest.raises(BadInput, match="columns agent, skills, shifts are needed, 'skills' is missing"):
        week(demand, people, Asked(4, 30, 60, 11), agents=None)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("ana,wifi,3,,,2026-03-02 06:00", "ana is locked to 2026-03-02 06:00: no shift that is needed begins then"),
        ("ana,wifi,3,soon,,", "line 2: 'soon' is not a day such as 2026-03-02"),
        ("ana,wifi,3,,9,", "line 2: '9' is not a time such as 09:00"),
        ("ana,wifi,8,,,", "each agent once, with 1 to 7 shifts a week"),
    ],
)
def test_a_person_that_cannot_be_scheduled_so_is_named_with_the_cure(files, line, says):
    demand, people = files
    people.write_text(f"agent,skills,shifts,away,begins,locked\n{line}\n")

    with pytest.raises(BadInput, match=says):
        week(demand, people, Asked(4, 30, 60, 11), agents=None)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("2026-03-02,08:00,other,-1", "line 98: -1 cannot be a count"),
        ("2026-03-02,08:00,wifi,1", "stands twice"),
        ("soon,08:00,wifi,1", "line 98: 'soon 08:00' is not a day and a time"),
        ("2026-03-02,08:00", "line 98: columns day, time, skill, people are needed"),
        ("2026-03-02,08:07,wifi,1", "in equal steps of 5 minutes"),
    ],
)
def test_a_line_that_cannot_be_used_is_named_with_its_cure(files, line, says):
    demand, people = files
    demand.write_text(f"{demand.read_text()}\n{line}\n")

    with pytest.raises(BadInput) as wrong:
        read_demand(demand)
    assert says in str(wrong.value)


def test_sites_are_ordered_by_what_a_resolution_costs_and_not_by_the_hour(tmp_path, capsys):
    file = tmp_path / "sites.csv"
    file.write_text(
        "site,cost_per_hour,slower,resolved,languages,zone,notes\n"
        "here,24,1.0,0.9,es,Europe/Madrid,\nfar,14,1.4,0.45,en,Asia/Manila,holidays differ\n"
    )
    said = run(capsys, "staff", "sites", file, "--load", "20")

    assert [one["site"] for one in said["sites"]] == ["here", "far"]
    assert said["by_the_hour"] == ["far", "here"]
    assert said["sites"][1]["notes"] == "holidays differ"


def test_a_day_is_staffed_interval_by_interval(tmp_path, capsys):
    file = tmp_path / "calls.csv"
    rows = [f"2026-03-{d:02d} {8 + n // 2:02d}:{30 * (n % 2):02d},{20 + n}" for d in (2, 3, 4, 5, 6) for n in range(6)]
    file.write_text("\n".join(rows))
    said = run(capsys, "staff", "day", file, "--shrinkage", "0.3")

    assert [one["from"] for one in said["intervals"]] == ["08:00", "08:30", "09:00", "09:30", "10:00", "10:30"]
    assert all(one["scheduled"] >= one["seated"] / 0.7 - 1 > 3 for one in said["intervals"])
