"""A class's notebooks, graded: what each answer does is found out in one process and judged in another.

    notebook ──▶ a process of its own runs what the exercise needs (slicing.py, trying.py) ──▶ arrays and JSON
    this process, which runs no line of a learner's ──▶ holds them against the reference (judging.py) ──▶ csv

So a notebook cannot talk its way to a PASS: to pass, the right results must come out of it for every case. Printing,
ending, replacing parts of the package or writing files does not bring them about. Two things remain possible, as they
are in class. Who copies the package's source into a cell has an answer. And code that sets out to do harm can: it runs
with the rights of whoever collects, whose files it can reach by ways that `trying.py` does not close. Collect what
strangers send on an account, or in a container, that holds nothing else.

nbgrader.csv has the columns that nbgrader's own export writes, for whatever reads those: a learning platform, a sheet.
nbgrader has no command that reads grades from a file; who wants them in its database uses its Gradebook from Python.
https://nbgrader.readthedocs.io/en/stable/command_line_tools/nbgrader-export.html
"""

from __future__ import annotations

import contextlib
import csv
import datetime
import json
import multiprocessing
import multiprocessing.connection
import os
import re
import signal
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from rppg_lab.checks import finding, serialising, slicing, trying
from rppg_lab.checks.judging import FAIL, PASS, TODO, judge
from rppg_lab.folders import replacing
from rppg_lab.processes import default_count

MISSING, ERROR = "MISSING", "ERROR"  # beside PASS, TODO and FAIL: no such exercise there; it could not be tried
BEST_FIRST = (PASS, FAIL, ERROR, TODO, MISSING)  # of several notebooks of one learner the best counts
TIME_LIMIT = 60.0  # s on the clock for one exercise, with the start of its process
MEMORY_GB = 2.0
PLOTS = "rppg_lab.plots"  # each lesson imports it, and it takes a second
POLL = 1.0  # s at most until a time that is over is noticed
LONGEST_TEXT = 4000  # characters of what is written of one answer: messages come from learners too
LEARNER_OF_FILE = re.compile(r"(?P<learner>.+?)[ _-]\d\d_.+")
COLUMNS = ("learner", "file", "state", "misconception", "text")
NBGRADER_COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score",
    "late_submission_penalty", "score", "max_score",
)  # fmt: skip


@dataclass(frozen=True)
class Submission:
    """One notebook of one learner. file: its path from the folder of the class; changed: when, in s since 1970."""

    learner: str
    path: Path
    file: str
    changed: float


@dataclass(frozen=True)
class Graded:
    """What is known of one exercise in one notebook. state: PASS, TODO, FAIL, ERROR or MISSING."""

    submission: Submission
    number: str
    state: str
    finding: str = ""
    text: str = ""


@dataclass
class Collected:
    """The learners, all that was graded, the notebooks that could not be read (with the reason), the files written."""

    learners: list[str] = field(default_factory=list)
    graded: list[Graded] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    written: list[Path] = field(default_factory=list)

    def __str__(self) -> str:
        states = [one.state for one in self.graded]
        counts = ", ".join(f"{states.count(state)} {state}" for state in (PASS, TODO, FAIL, ERROR, MISSING))
        lines = [f"{len(self.learners)} learners, {len(states)} answers: {counts}."]
        lines += [f"Not read: {file}: {reason}" for file, reason in self.unreadable.items()]
        lines += [f"Written to {self.written[0].parent}: {len(self.written)} files; begin with summary.csv."]
        return "\n".join(lines)


def collect(
    folder: Path,
    out: Path | None = None,
    *,
    processes: int | None = None,
    time_limit: float = TIME_LIMIT,
    memory_gb: float = MEMORY_GB,
) -> Collected:
    """Grade the notebooks of a class and write exercise_NN.N.csv for each exercise, summary.csv and nbgrader.csv.

    folder: in it a folder for each learner, or files NAME.ipynb or NAME_10_….ipynb, or both. Kept copies and whatever
    else is a notebook with exercises counts; of several answers to one exercise the best goes into the summary.
    out: where to write (default: `grades` in the folder). processes: how many at once (default: one per core, up to 8).
    time_limit: seconds for one exercise. memory_gb: for one process, beside what Python and its libraries take; it is
    held on Linux only.
    Run again, it grades all anew: what a notebook could write to, it could forge, so nothing is kept in between.

    Raises ValueError when there is no notebook, or for an option that makes no sense; OSError when a file cannot be
    written, before anything is graded.
    """
    if processes is not None and processes < 1:
        raise ValueError(f"processes must be at least 1, not {processes}")
    if not time_limit > 0 or not memory_gb > 0:
        raise ValueError(f"time and memory must be more than nothing, not {time_limit:g} s and {memory_gb:g} GB")
    done = Collected()
    out = out or folder / "grades"
    found: list[tuple[Submission, list[str]]] = []
    submissions = find_notebooks(folder, skip=out)
    done.learners = sorted({one.learner for one in submissions})
    for submission in submissions:
        try:
            numbers = _known(slicing.numbers_in(slicing.read_cells(submission.path)))
        except (ValueError, OSError) as error:
            done.unreadable[submission.file] = str(error)
            continue
        found.append((submission, numbers))
        done.graded += [Graded(submission, number, MISSING, text="Not in the notebook.") for number in _absent(numbers)]
    if not any(numbers for _, numbers in found):
        reasons = "".join(f"; {file}: {reason}" for file, reason in done.unreadable.items())
        raise ValueError(f"there is no notebook with exercises in {folder}{reasons}")
    files = _Files(out, {number.split(".")[0] for _, numbers in found for number in numbers})
    done.graded += _grade(found, processes or default_count(), time_limit, memory_gb)
    done.graded.sort(key=lambda one: (one.submission.learner, one.submission.file, _order(one.number)))
    done.written = files.write(done.learners, done.graded)
    return done


def find_notebooks(folder: Path, skip: Path | None = None) -> list[Submission]:
    """The notebooks in a folder and whose each is; not those in hidden folders (.ipynb_checkpoints), nor in `skip`.

    A notebook in a folder below belongs to the learner of that folder's name; one that lies in the folder itself to
    whoever its name begins with: NAME.ipynb, NAME_10_….ipynb. A lesson under its own name belongs to the folder's.
    Raises ValueError when the folder is none.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} is not a folder: name the one with your learners' notebooks")
    found = []
    for path in sorted(folder.rglob("*.ipynb")):
        parts = path.relative_to(folder).parts
        if any(part.startswith(".") for part in parts) or (skip and skip in path.parents) or not path.is_file():
            continue
        found.append(Submission(_learner(folder, parts), path, "/".join(parts), path.stat().st_mtime))
    return found


def _learner(folder: Path, parts: tuple[str, ...]) -> str:
    if len(parts) > 1:
        return parts[0]
    stem = parts[0].removesuffix(".ipynb")
    if re.match(r"\d\d_", stem):
        return folder.absolute().name
    named = LEARNER_OF_FILE.fullmatch(stem)
    return named["learner"] if named else stem


def _known(numbers: Iterable[str]) -> list[str]:
    """Those of the numbers that are exercises of the course."""
    known = set(finding.lesson_numbers())
    return [
        number
        for number in numbers
        if number.split(".")[0] in known
        and any(one.number == number for one in finding.lesson(number.split(".")[0])[1])
    ]


def _absent(numbers: Sequence[str]) -> Iterator[str]:
    """The exercises of the same lessons that are not among these."""
    for lesson in dict.fromkeys(number.split(".")[0] for number in numbers):
        yield from (one.number for one in finding.lesson(lesson)[1] if one.number not in numbers)


def _order(number: str) -> tuple[int, ...]:
    return tuple(map(int, number.split(".")))


# ---------------------------------------------------------------- running


class _Worker:
    """One notebook being tried, one exercise and process after the other, each in a folder of its own."""

    def __init__(self, submission: Submission, numbers: Sequence[str], time_limit: float, memory_gb: float):
        self.graded: list[Graded] = []
        self._submission, self._numbers = submission, deque(numbers)
        self._time_limit, self._memory = time_limit, int(memory_gb * 2**30)
        self._process: Any = None

    def begin(self, context: Any) -> bool:
        """Start the next exercise; False when there is none."""
        if not self._numbers:
            return False
        self._number = self._numbers.popleft()
        self._scratch = tempfile.TemporaryDirectory(prefix="rppg-lab-", ignore_cleanup_errors=True)
        passed = frozenset(one.number for one in self.graded if one.state == PASS)
        scratch = Path(self._scratch.name)
        task = trying.Task(
            self._submission.path.absolute(), self._number, passed, scratch, self._time_limit, self._memory
        )
        process = context.Process(target=trying.attempt, args=(task,), daemon=True)
        process.start()
        self._process = process
        self._deadline = time.monotonic() + self._time_limit
        return True

    @property
    def sentinel(self) -> int:
        return self._process.sentinel

    def is_over(self) -> bool:
        return not self._process.is_alive() or time.monotonic() > self._deadline

    def finish(self) -> None:
        """Judge what the process has left, which is no more afterwards."""
        in_time = not self._process.is_alive()
        status = self._end()
        state, found, text = self._judge(Path(self._scratch.name), in_time, status)
        self._scratch.cleanup()
        self.graded.append(Graded(self._submission, self._number, state, found[:LONGEST_TEXT], text[:LONGEST_TEXT]))

    def stop(self) -> None:
        """End the process and all that it has started, unjudged."""
        if self._process is not None:
            self._end()
            self._scratch.cleanup()

    def _end(self) -> int:
        """End the process and all that it has started, give back what it held of ours, and return its exit status."""
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.join()
        status = self._process.exitcode
        self._process.close()  # its handles: a class has more notebooks than a process may have open files
        self._process = None
        return status

    def _judge(self, scratch: Path, in_time: bool, status: int) -> tuple[str, str, str]:
        outcomes, trouble = scratch / trying.OUTCOMES, scratch / trying.TROUBLE
        exercise = finding.find(self._number)
        try:
            if _is_small_file(outcomes):
                result = judge(exercise, serialising.unpack(outcomes.read_bytes(), exercise))
                return result.state, result.finding, result.text
            if _is_small_file(trouble):
                found, text = json.loads(trouble.read_text(encoding="utf-8"))
                return ERROR, str(found), str(text)
        except Exception as error:  # whatever a forged file leads to
            return ERROR, "not to be judged", f"What the notebook handed over: {error}"
        if not in_time:
            return ERROR, "too slow", f"It was stopped after {self._time_limit:g} s."
        how = f"out of memory, a crash or an exit (status {status})"
        return ERROR, "it ended its process", f"Nothing was handed over: {how}."


def _is_small_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.stat().st_size <= 2 * serialising.LARGEST


def _grade(
    found: Sequence[tuple[Submission, list[str]]], processes: int, time_limit: float, memory_gb: float
) -> list[Graded]:
    waiting = deque(_Worker(submission, numbers, time_limit, memory_gb) for submission, numbers in found if numbers)
    everyone, running = list(waiting), []
    with _environment(), tqdm(desc="grading", total=sum(len(n) for _, n in found), unit="exercise") as bar:
        context = _context(found)
        try:
            while waiting or running:
                while waiting and len(running) < processes:
                    worker = waiting.popleft()
                    running.append(worker)
                    worker.begin(context)
                multiprocessing.connection.wait([worker.sentinel for worker in running], timeout=POLL)
                for worker in [one for one in running if one.is_over()]:
                    worker.finish()
                    bar.update()
                    if not worker.begin(context):
                        running.remove(worker)
        finally:
            for worker in running:
                worker.stop()
    return [one for worker in everyone for one in worker.graded]


def _context(found: Sequence[tuple[Submission, list[str]]]) -> Any:
    """How processes are started: on Linux from one that has loaded the libraries, so that each takes no seconds.

    Elsewhere they start from nothing, for libraries of macOS do not bear it and Windows has no other way.
    """
    if not sys.platform.startswith("linux"):
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    numbers = sorted({number.split(".")[0] for _, numbers in found for number in numbers})
    lessons = [f"{finding.__package__}.{finding.PREFIX}{number}" for number in numbers]
    torch = ["torch._dynamo"] if "torch" in sys.modules else []  # a part of it that loads for seconds when first used
    context.set_forkserver_preload([trying.__name__, PLOTS, *lessons, *torch])
    return context


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """For the processes that are started inside: one thread each, for several run side by side, and no window."""
    wanted = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "agg"}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


# ---------------------------------------------------------------- writing


class _Files:
    """The csv files of one folder: looked at before the work, in case one cannot be written, and written after it."""

    def __init__(self, out: Path, lessons: Iterable[str]):
        self._out = out
        self._numbers = [one.number for lesson in sorted(lessons) for one in finding.lesson(lesson)[1]]
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
        for path in [self._of(number) for number in self._numbers] + [out / "summary.csv", out / "nbgrader.csv"]:
            if path.exists():
                path.open("ab").close()  # one that a spreadsheet holds open cannot be

    def _of(self, number: str) -> Path:
        return self._out / f"exercise_{number}.csv"

    def write(self, learners: Sequence[str], graded: Sequence[Graded]) -> list[Path]:
        """Write all; the summary has a line for each learner, also for one of whom nothing could be read."""
        written = []
        for number in self._numbers:
            rows: list[tuple[Any, ...]] = [
                (one.submission.learner, one.submission.file, one.state, one.finding, " ".join(one.text.split()))
                for one in graded
                if one.number == number
            ]
            written.append(_write(self._of(number), COLUMNS, map(_harmless, rows)))
        best = _best(graded)
        rows = [
            (name, *states, states.count(PASS))
            for name in learners
            for states in [[best.get((name, number), "") for number in self._numbers]]
        ]
        written.append(_write(self._out / "summary.csv", ("learner", *self._numbers, "passed"), map(_harmless, rows)))
        written.append(_write(self._out / "nbgrader.csv", NBGRADER_COLUMNS, nbgrader_rows(graded), bom=False))
        return written


def nbgrader_rows(graded: Sequence[Graded]) -> list[tuple[Any, ...]]:
    """One row for each learner and lesson handed in, as `nbgrader export` has them: a point for each PASS."""
    best = _best(graded)
    handed_in: dict[tuple[str, str], float] = {}
    for one in graded:
        key = one.number.split(".")[0], one.submission.learner
        handed_in[key] = max(handed_in.get(key, 0.0), one.submission.changed)
    rows = []
    for (lesson, learner), seconds in sorted(handed_in.items()):
        numbers = [one.number for one in finding.lesson(lesson)[1]]
        score = float(sum(best.get((learner, number)) == PASS for number in numbers))
        when = datetime.datetime.fromtimestamp(seconds).isoformat(" ", "seconds")
        rows.append((f"lesson_{lesson}", "", when, learner, "", "", "", score, 0.0, score, float(len(numbers))))
    return rows


def _best(graded: Iterable[Graded]) -> dict[tuple[str, str], str]:
    """The best state of each learner and exercise."""
    best: dict[tuple[str, str], str] = {}
    for one in sorted(graded, key=lambda one: BEST_FIRST.index(one.state)):
        best.setdefault((one.submission.learner, one.number), one.state)
    return best


def _harmless(row: Iterable[Any]) -> list[Any]:
    """A row in which no text is a formula to a spreadsheet, for names and messages come from others."""
    return [f"'{one}" if isinstance(one, str) and one.startswith(("=", "+", "-", "@")) else one for one in row]


def _write(path: Path, head: Sequence[str], rows: Iterable[Sequence[Any]], bom: bool = True) -> Path:
    """Write a csv whole or not at all; with the mark by which spreadsheets know UTF-8."""
    encoding = "utf-8-sig" if bom else "utf-8"
    with replacing(path) as part, part.open("w", encoding=encoding, errors="replace", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


__all__ = ["ERROR", "FAIL", "MISSING", "PASS", "TODO", "Collected", "Graded", "Submission", "collect", "find_notebooks"]
