"""Progress is local, complete although two notebooks write at once, and never in the learner's way."""

import datetime
import json
import os
import subprocess
import sys
import time

import pytest

from rppg_lab import checks, folders
from rppg_lab.checks import FAIL, PASS, TODO, Result, finding, progress

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


def shown(lesson, capsys):
    checks.show_progress(lesson)
    return capsys.readouterr().out.splitlines()


def test_the_line_at_the_end_of_a_lesson(path, capsys):
    numbers = [one.number for one in finding.lesson("00")[1]]
    titles = [one.title for one in finding.lesson("00")[1]]
    assert shown("00", capsys) == [
        f"Lesson 00: 0 of {len(numbers)} exercises done. Open: {', '.join(numbers)}.",
        f"Next: {numbers[0]}, {titles[0]}.",
    ]
    assert not path.exists()
    progress.record(Result(numbers[0], PASS))
    progress.record(fail(numbers[1], "sign"))
    assert shown("00", capsys) == [
        f"Lesson 00: 1 of {len(numbers)} exercises done. Open: {', '.join(numbers[1:])}.",
        f"Next: {numbers[1]}, {titles[1]}.",
    ]
    for number in numbers:
        progress.record(Result(number, PASS))
    progress.record(fail(numbers[0], "sign"))  # what is solved stays solved
    assert shown("00", capsys) == [
        f"Lesson 00: {len(numbers)} of {len(numbers)} exercises done.",
        "Next: lesson 01, " + finding.lesson("01")[0],
    ]


def test_the_line_of_the_last_lesson_and_of_one_that_is_not(path, capsys):
    last = finding.lesson_numbers()[-1]
    for exercise in finding.lesson(last)[1]:
        progress.record(Result(exercise.number, PASS))
    assert shown(last, capsys)[-1] == "It was the last lesson."
    with pytest.raises(ValueError, match="no checks for lesson '99'"):
        checks.show_progress("99")
    with pytest.raises(TypeError, match="quotation marks"):
        checks.show_progress(10)


def test_the_line_says_so_when_the_file_cannot_be_reached(path, monkeypatch, capsys):
    monkeypatch.setattr(progress, "LOCK_PATIENCE", 0.1)
    progress.record(Result("00.1", PASS))
    with progress._locked(path):
        assert "another notebook" in shown("00", capsys)[0]


def test_the_line_says_so_when_the_file_was_damaged(path, capsys):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{", encoding="utf-8")
    (said,) = shown("00", capsys)
    (aside,) = path.parent.glob("progress.unreadable-*.json")
    why = f"the progress file was damaged; it is kept as {aside.name}, and a new one is begun"
    assert said == f"Your progress cannot be read: {why}."
    assert shown("00", capsys)[0].startswith("Lesson 00: 0 of")


def test_one_lesson_is_forgotten_and_no_other(path):
    assert progress.forget(["07"]) == 0
    assert not path.exists()
    for number in ("00.1", "07.1", "07.2"):
        progress.record(Result(number, PASS))
    assert progress.forget(["07"]) == 2
    assert set(progress.read()) == {"00.1"}
