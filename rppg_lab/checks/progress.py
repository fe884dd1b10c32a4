"""The learner's progress: one small file on their own computer, readable, deletable, holding no answers.

Two notebooks may write at once: each reads, adds and replaces the file while it holds a lock that the operating system
takes back if a kernel dies. A file that cannot be read is kept aside, never overwritten.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rppg_lab import folders
from rppg_lab.checks.declaring import Exercise
from rppg_lab.checks.judging import FAIL, PASS, TODO, Result

VERSION = 1
LOCK_PATIENCE = 2.0  # s to wait for another notebook
LOCK_POLL = 0.02  # s
WORST = 3  # mistakes listed in the report
NEW = {"state": TODO, "attempts": 0, "failures": {}, "first_pass": None}


def record(result: Result) -> str:
    """Add one result to the progress file; return "" or, in words, why it could not be or what was wrong with the file.

    Attempts count until the first pass. Never raises for a file or folder that cannot be written: the learner's cell
    comes first. Nothing is written from within a test, unless RPPG_LAB_PROGRESS says where.
    """
    if "PYTEST_CURRENT_TEST" in os.environ and not os.environ.get("RPPG_LAB_PROGRESS"):
        return ""
    path = folders.progress_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path):
            exercises, note = _read(path)
            before = exercises.get(result.number)
            after = _add(before or NEW, result)
            if after != before:
                _write(path, {**exercises, result.number: after})
        return f"Your progress could not be read: {note}." if note else ""
    except OSError as error:
        return f"Your progress could not be written to {path}: {error.strerror or error}."


def read() -> dict[str, dict[str, Any]]:
    """The progress so far: number → state, attempts (until the first pass), failures by name, first_pass (a date).

    Empty when nothing has been done yet.
    Raises OSError when the file cannot be reached, or was damaged; it is then put aside.
    """
    path = folders.progress_file()
    if not path.exists():
        return {}
    with _locked(path):
        exercises, note = _read(path)
    if note:
        raise OSError(note)
    return exercises


def forget(lessons: Iterable[str]) -> int:
    """Take what is known of some lessons ("07") out of the progress file; return of how many exercises.

    Raises OSError when the file cannot be written.
    """
    path = folders.progress_file()
    if not path.exists():
        return 0
    wanted = set(lessons)
    with _locked(path):
        exercises = _read(path)[0]
        left = {number: entry for number, entry in exercises.items() if number.split(".")[0] not in wanted}
        if left != exercises:
            _write(path, left)
        return len(exercises) - len(left)


def in_short(
    lesson: tuple[str, str, tuple[Exercise, ...]], after: tuple[str, str] | None, done: dict[str, dict[str, Any]]
) -> str:
    """What is done and open of one lesson (number, title, exercises), and what is next, in two lines.

    after: number and title of the lesson that follows.
    """
    number, _, exercises = lesson
    still = [one for one in exercises if not {**NEW, **done.get(one.number, {})}["first_pass"]]
    line = f"Lesson {number}: {len(exercises) - len(still)} of {len(exercises)} exercises done."
    if still:
        line += f" Open: {', '.join(one.number for one in still)}."
        return f"{line}\nNext: {still[0].number}, {still[0].title}."
    return f"{line}\n" + (f"Next: lesson {after[0]}, {after[1]}" if after else "It was the last lesson.")


def report(lessons: Iterable[tuple[str, str, tuple[Exercise, ...]]], done: dict[str, dict[str, Any]]) -> str:
    """The progress as a table: of each lesson (number, title, exercises) what is done and open, what failed most."""
    lines, mistakes = [], []
    passed = count = 0
    for number, title, exercises in lessons:
        lines.append(f"{number}. {title}")
        for exercise in exercises:
            entry = {**NEW, **done.get(exercise.number, {})}
            count += 1
            passed += entry["first_pass"] is not None
            lines.append(f"   {exercise.number:6} {exercise.title:48} {_say(entry)}")
            mistakes += [(times, exercise, name) for name, times in entry["failures"].items()]
        lines.append("")
    lines.append(f"{passed} of {count} exercises done.")
    for times, exercise, name in sorted(mistakes, key=lambda one: (-one[0], one[1].number, one[2]))[:WORST]:
        again = next((mistake.read_again for mistake in exercise.mistakes if mistake.name == name), exercise.read_again)
        lines.append(
            f"Failed most: {exercise.number}, {name}, {times} time{'s' * (times > 1)}"
            + (f"; read again “{again}” in lesson {exercise.number.split('.')[0]}" if again else "")
            + "."
        )
    return "\n".join(lines)


def _say(entry: dict[str, Any]) -> str:
    tries = f"{entry['attempts']} {'try' if entry['attempts'] == 1 else 'tries'}"
    if entry["first_pass"]:
        return f"done {entry['first_pass']}, {tries}"
    return f"open, {tries}" if entry["attempts"] else "open"


def _add(entry: dict[str, Any], result: Result) -> dict[str, Any]:
    entry = {**NEW, **entry, "state": result.state}
    if result.state == FAIL:
        entry["failures"] = {**entry["failures"], result.finding: entry["failures"].get(result.finding, 0) + 1}
    if result.state != TODO and not entry["first_pass"]:
        entry["attempts"] += 1
    if result.state == PASS and not entry["first_pass"]:
        entry["first_pass"] = datetime.date.today().isoformat()
    return entry


def _read(path: Path) -> tuple[dict[str, dict[str, Any]], str]:
    """The entries of the file, and a note when it was unreadable and has been put aside. Holds no lock itself."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["version"] != VERSION:
            raise ValueError(f"version {content['version']}")
        exercises = content["exercises"]
        for entry in exercises.values():
            if not isinstance({**NEW, **entry}["failures"], dict) or not isinstance({**NEW, **entry}["attempts"], int):
                raise TypeError("an entry of another form")
        return exercises, ""
    except FileNotFoundError:
        return {}, ""
    except (ValueError, KeyError, TypeError, AttributeError):  # not JSON, not ours, or of another version
        aside = path.with_name(f"{path.stem}.unreadable-{datetime.datetime.now():%Y-%m-%d-%H%M%S-%f}{path.suffix}")
        os.replace(path, aside)
        return {}, f"the progress file was damaged; it is kept as {aside.name}, and a new one is begun"


def _write(path: Path, exercises: dict[str, dict[str, Any]]) -> None:
    content = {"version": VERSION, "exercises": dict(sorted(exercises.items()))}
    with folders.replacing(path) as unfinished:
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        unfinished.write_text(text, encoding="utf-8", newline="\n")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock that belongs to a file; raises TimeoutError (an OSError) when another process keeps it."""
    with path.with_name(path.name + ".lock").open("a+b") as handle:
        deadline = time.monotonic() + LOCK_PATIENCE
        while not _try_lock(handle.fileno()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"another notebook has kept it locked for {LOCK_PATIENCE:g} s")
            time.sleep(LOCK_POLL)
        yield  # closing the handle gives the lock back


def _try_lock(handle: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            os.lseek(handle, 0, os.SEEK_SET)  # always the same byte
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # POSIX and Windows: somebody else has it
        return False
    return True
