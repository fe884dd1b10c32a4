"""Progress is local, complete although two notebooks write at once, and never in the learner's way."""

import datetime
import json
import os
import subprocess
import sys
import time

import pytest

from rppg_lab import folders
from rppg_lab.checks import FAIL, PASS, TODO, Result, progress

WRITERS, EACH = 4, 15


@pytest.fixture(autouse=True)
def path(tmp_path, monkeypatch):
    path = tmp_path / "work" / "progress.json"
    monkeypatch.setenv("RPPG_LAB_PROGRESS", str(path))
    return path


def fail(number, name):
    return Result(number, FAIL, name, "the text is not kept")


def test_counts_until_the_first_pass(path):
    for result in (Result("10.2", TODO), fail("10.2", "sign"), fail("10.2", "axis"), fail("10.2", "sign")):
        assert progress.record(result) == ""
    assert progress.read()["10.2"]["first_pass"] is None
    progress.record(Result("10.2", PASS))
    progress.record(Result("10.2", PASS))
    progress.record(fail("10.2", "sign"))
    progress.record(Result("10.3", TODO))
    assert progress.read() == {
        "10.2": {
            "state": FAIL,
            "attempts": 4,
            "failures": {"sign": 3, "axis": 1},
            "first_pass": datetime.date.today().isoformat(),
        },
        "10.3": {"state": TODO, "attempts": 0, "failures": {}, "first_pass": None},
    }
    assert "not kept" not in path.read_text(encoding="utf-8")
    assert {file.name for file in path.parent.iterdir()} == {"progress.json", "progress.json.lock"}


def test_two_notebooks_at_once_lose_nothing(path):
    code = f"""
import sys
from rppg_lab.checks import FAIL, Result, progress
for i in range({EACH}):
    note = progress.record(Result("10.2", FAIL, "writer " + sys.argv[1], ""))
    assert not note, note
"""
    writers = [subprocess.Popen([sys.executable, "-c", code, str(i)]) for i in range(WRITERS)]
    assert [writer.wait(timeout=60) for writer in writers] == [0] * WRITERS
    entry = progress.read()["10.2"]
    assert entry["failures"] == {f"writer {i}": EACH for i in range(WRITERS)}
    assert entry["attempts"] == WRITERS * EACH


def test_a_lock_of_a_dead_kernel_is_no_lock(path):
    progress.record(Result("10.2", TODO))
    code = "import sys, os; from rppg_lab.checks import progress; from rppg_lab import folders\n"
    code += "with progress._locked(folders.progress_file()):\n    os._exit(0)"
    subprocess.run([sys.executable, "-c", code], timeout=60, check=True)
    assert progress.record(Result("10.2", PASS)) == ""


def test_a_lock_that_is_kept_is_told_and_waited_for_briefly(path, monkeypatch):
    monkeypatch.setattr(progress, "LOCK_PATIENCE", 0.1)
    progress.record(Result("10.2", TODO))
    began = time.monotonic()
    with progress._locked(path):
        assert "another notebook" in progress.record(Result("10.2", PASS))
    assert time.monotonic() - began < 2
    assert progress.read()["10.2"]["state"] == TODO


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"version": 99, "exercises": {}}', '{"version": 1, "exercises": {"1.1": 3}}', "\x00ÿ"]
)
def test_an_unreadable_file_is_kept_aside(path, content):
    path.parent.mkdir()
    path.write_bytes(content.encode("latin-1"))
    note = progress.record(Result("10.2", PASS))
    (aside,) = path.parent.glob("progress.unreadable-*.json")
    assert aside.read_bytes() == content.encode("latin-1")
    assert aside.name in note
    assert list(progress.read()) == ["10.2"]
    assert progress.record(Result("10.3", PASS)) == ""


def test_a_write_that_fails_leaves_the_old_file(path, monkeypatch):
    progress.record(fail("10.2", "sign"))
    before = path.read_bytes()
    monkeypatch.setattr(
        progress.os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    assert "No space left" in progress.record(Result("10.2", PASS))
    assert path.read_bytes() == before
    assert {file.name for file in path.parent.iterdir()} == {"progress.json", "progress.json.lock"}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a folder that this user may not write to")
def test_a_folder_that_cannot_be_written(path):
    path.parent.mkdir()
    path.parent.chmod(0o500)
    assert "could not be written" in progress.record(Result("10.2", PASS))


def test_tests_write_only_where_they_are_told_to(path, monkeypatch, tmp_path):
    monkeypatch.delenv("RPPG_LAB_PROGRESS")
    monkeypatch.setattr(folders, "project_folder", lambda: tmp_path / "project")
    progress.record(Result("10.2", PASS))
    assert not list(tmp_path.rglob("progress*"))
    assert progress.read() == {}


def test_entries_of_an_older_form_still_count(path):
    path.parent.mkdir()
    path.write_text(json.dumps({"version": 1, "exercises": {"10.2": {"state": FAIL}}}), encoding="utf-8")
    assert progress.record(Result("10.2", PASS)) == ""
    assert progress.read()["10.2"]["attempts"] == 1
