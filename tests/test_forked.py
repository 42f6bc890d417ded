"""Tests that are run by several processes end as they would in one, and none is lost in silence."""

import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = """
import forked

def pytest_runtestloop(session):
    forked.run(session, 2)
    return True
"""
ONE = """
import os
import pytest

@pytest.fixture(scope="session")
def once():
    open("made", "a").write("once ")

def test_is_right(once): assert os.getpid() != os.getppid()
def test_is_wrong(once): assert 1 == 2, "one is not two"
def test_is_left_out(): pytest.skip("for a reason")
"""
ANOTHER = """
import pytest

@pytest.fixture
def broken(): raise ValueError("broken before it began")

def test_cannot_begin(broken): pass
def test_is_also_right(): pass
"""


@pytest.fixture
def ran(tmp_path):
    """Run files of tests as a person would."""

    def run(*arguments: str, **files: str) -> subprocess.CompletedProcess:
        for name, text in {"conftest": CONFTEST, **files}.items():
            (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", ".", *arguments, "."]
        return subprocess.run(
            command,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            env={"PYTHONPATH": str(Path(__file__).parent), "PATH": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        )

    return run


def test_each_test_is_told_once_with_what_came_of_it(ran):
    done = ran("-rs", test_one=ONE, test_another=ANOTHER)

    assert done.returncode == 1
    assert "1 failed, 2 passed, 1 skipped, 1 error" in done.stdout
    assert "one is not two" in done.stdout
    assert "broken before it began" in done.stdout
    assert "for a reason" in done.stdout


def test_what_is_made_for_the_session_is_made_once_by_each_process_that_asks(ran, tmp_path):
    ran(test_one=ONE, test_another=ANOTHER)

    assert (tmp_path / "made").read_text() == "once "


def test_where_all_is_right_the_end_is_right(ran):
    done = ran(test_one="def test_a(): pass", test_another="def test_b(): pass")

    assert done.returncode == 0
    assert "2 passed" in done.stdout


def test_a_process_that_ends_before_its_tests_makes_the_run_fail(ran):
    done = ran(test_one="import os\n\n\ndef test_a(): os._exit(0)", test_another="def test_b(): pass")

    assert done.returncode == 3
    assert "1 tests were not run" in done.stdout + done.stderr


def test_a_process_that_breaks_after_its_tests_makes_the_run_fail(ran):
    broken = "import atexit, os\n\n\ndef test_a(): atexit.register(os._exit, 3)"

    done = ran(test_one=broken, test_another="def test_b(): pass")

    assert done.returncode == 3
    assert "1 processes broke" in done.stdout + done.stderr


def test_the_first_failure_ends_the_run_where_that_is_asked_for(ran):
    done = ran("-x", test_one=ONE)

    assert done.returncode == 1
    assert "1 failed" in done.stdout
