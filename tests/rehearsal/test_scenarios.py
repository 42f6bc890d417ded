"""Every scenario that we ship is met; each one that is changed to expect something false is not, and says what happened."""

import re
from pathlib import Path

import pytest

from rapport.app.rehearsing import rehearse_all
from rapport.rehearsal.report import Report, report_lines, summary
from rapport.settings import Settings

ROOT = Path(__file__).parents[2]
SCENARIOS = sorted((ROOT / "scenarios").glob("*.toml"))
# file, what is changed, into what, what the report must say of it
CHANGED = [
    (
        "hotel-wifi",
        'offered_to = "ana"',
        'offered_to = "ben"',
        "expected m1: offered to ben by 5s; offered to ana at 0s because of",
    ),
    ("hotel-wifi", "wifi = 0.9", "opera = 0.9", "was chosen because of"),
    ("hotel-wifi", 'shown = ["hotel.checked_in"]', 'shown = ["hotel.left"]', "beside it stands hotel.checked_in"),
    ("runner-5k", 'interests = ["running"]', 'interests = ["chess"]', "expected m1: offered because of running"),
    ("travel-nurse", 'nurse = "nora"', 'nurse = "petra"', "expected m1: offered to nora by 5s; offered to petra"),
    ("shop-formal-wear", "formal-wear = 0.9", "garden-tools = 0.9", "expected m1: offered because of formal-wear"),
    ("person-please", "bot = true", "bot = false", "expected es: not offered to robi"),
    ("spanish-only", 'languages = ["en"]', 'languages = ["en", "es"]', "expected first: offered to luz"),
    ("brigade-held", "count = 60", "count = 5", "expected late: held by 4m; it was let through"),
    ("personal-data", "su tarjeta 4111 1111 1111 1111 y", "su tarjeta y", "no reply was refused"),
    ("approval", "trainee = true", "trainee = false", "no approval was asked"),
    (
        "declined-then-next",
        'do = "decline"',
        'do = "accept"',
        "expected ben to accept at 15s; m1 is not offered to ben: ana has it",
    ),
    ("plan-for-today", "seconds = 10 }", "seconds = 50 }", "expected during: offered to ana by 10m15s"),
    ("taken-over", 'do = "take_over"', 'do = "watch"', "it was done"),
    ("one-person", '"email:emma@cole.example"]', '"email:other@cole.example"]', "they are two persons"),
]


def changed(folder: Path, nth: int) -> Path:
    name, old, new, _ = CHANGED[nth]
    text = (ROOT / "scenarios" / f"{name}.toml").read_text()
    assert old in text
    path = folder / f"{nth}-{name}.toml"
    path.write_text(text.replace(old, new))
    return path


@pytest.fixture(scope="module")
def reports(tmp_path_factory) -> dict[str, Report]:
    folder = tmp_path_factory.mktemp("changed")
    blocks = re.findall(r"```toml\n(.*?)```", (ROOT / "docs/rehearsals.md").read_text(), re.DOTALL)
    for nth, block in enumerate(blocks):
        (folder / f"docs-{nth}.toml").write_text(block)
    paths = [*SCENARIOS, *(changed(folder, nth) for nth in range(len(CHANGED))), *sorted(folder.glob("docs-*.toml"))]
    found = rehearse_all(Settings(), paths, lambda report: None)
    return {Path(report.file).stem: report for report in found}


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_is_met(reports, path):
    assert reports[path.stem].reasons == []
    assert report_lines(reports[path.stem]) == [f"met      {reports[path.stem].name}"]


@pytest.mark.parametrize("nth", range(len(CHANGED)), ids=lambda nth: f"{CHANGED[nth][0]}-{CHANGED[nth][2][:20]}")
def test_a_scenario_that_expects_something_false_is_not_met_and_says_what_happened(reports, nth):
    report = reports[f"{nth}-{CHANGED[nth][0]}"]

    assert not report.is_met
    assert CHANGED[nth][3] in "\n".join(report_lines(report))


def test_the_examples_of_the_docs_are_met(reports):
    shown = [report for name, report in reports.items() if name.startswith("docs-")]

    assert len(shown) >= 2
    assert [report.reasons for report in shown if not report.is_met] == []


def test_the_summary_counts_rehearsals_and_gives_all_reasons(reports):
    told = summary(list(reports.values()))

    assert told["met"] == sum(report.is_met for report in reports.values())
    assert told["not_met"] == sum(not report.is_met for report in reports.values())
    assert len(told["reasons"]) == sum(len(report.reasons) for report in reports.values())
