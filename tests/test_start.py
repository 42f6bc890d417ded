"""What is wrong at the start is one clear line and exit code 2, and nothing is half made."""

import os
import socket
import subprocess
import sys

import pytest


def rapport(*arguments, **environment):
    """Run the command as a person would."""
    return subprocess.run(
        [sys.executable, "-m", "rapport", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=os.environ | environment,
    )


def refused(done, *words):
    assert done.returncode == 2, done
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert all(word in done.stderr for word in words), done.stderr


def test_a_port_in_use_is_refused_and_nothing_is_made(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        refused(rapport("up", "--data", str(tmp_path / "new"), "--port", str(port)), str(port), "in use", "--port")

    assert not (tmp_path / "new").exists()


def test_a_data_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")

    refused(rapport("up", "--data", str(tmp_path / "file")), "data folder", "--data")


def test_a_database_that_does_not_answer_is_refused_without_its_password(tmp_path):
    url = "postgresql://me:hush@127.0.0.1:1/none"

    done = rapport("verify", "--data", str(tmp_path), RAPPORT_DATABASE_URL=url)

    refused(done, "127.0.0.1", "cannot be reached")
    assert "hush" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("key", "nearest"), [("RAPPORT_PROT", "RAPPORT_PORT"), ("RAPPORT_DATABASE", "RAPPORT_DATABASE_URL")])
def test_an_unknown_setting_in_the_environment_names_the_nearest(key, nearest):
    refused(rapport("settings", **{key: "1"}), key, nearest)


def test_a_rehearsal_that_cannot_be_read_names_file_line_and_cure(tmp_path):
    (tmp_path / "wrong.toml").write_text('name = "x"\n[[mesage]]\nid = "m1"\n')

    refused(rapport("rehearse", str(tmp_path / "wrong.toml")), "wrong.toml", "mesage", "message")


@pytest.mark.slow
def test_a_process_of_a_centre_reads_nothing_that_only_planning_and_learning_need():
    program = "import sys, rapport.app.serving, rapport.app.worker; print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert {"scipy.optimize", "scipy.stats", "scipy.special", "scipy.sparse", "sklearn"}.isdisjoint(done.stdout.split())
