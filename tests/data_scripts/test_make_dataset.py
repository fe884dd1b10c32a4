"""The program that makes data files, run as its user runs it."""

import subprocess
import sys
from pathlib import Path

from rppg_lab.recordings import open_recordings

PROGRAM = Path(__file__).parents[2] / "data_scripts" / "make_dataset.py"


def run(*arguments):
    return subprocess.run([sys.executable, PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False)


def test_it_makes_the_people_asked_for_with_two_processes(tmp_path):
    path = tmp_path / "two.h5"
    done = run(path, "--subjects", 7, 9, "--seconds", 2, "--size", 16, "--no-pulse", "--processes", 2)
    assert done.returncode == 0, done.stderr
    with open_recordings(path) as file:
        assert file.subjects == ["made-lab-0007", "made-lab-0008"]
        assert file.settings["pulse"] is False


def test_a_wrong_setting_is_one_line_and_status_2(tmp_path):
    done = run(tmp_path / "none.h5", "--subjects", 3, 3)
    assert done.returncode == 2
    assert "No subjects" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())
