"""The course as it is given out: every lesson current, solved without a flaw, runnable unsolved, and complete.

One class for each lesson: pytest-xdist with `--dist loadscope` gives a class to one worker, so lessons run side by side
while the learner's copy follows its solution and finds the runs that it left on disk.
"""

import re
import sys
from pathlib import Path

import build
import nbformat
import pytest
from lesson_rules import (
    compute_seconds,
    forbidden_code,
    missing_parts,
    slowest,
    validate_with_nbval,
    verdicts,
)
from lesson_run import PROJECT, execute, output_text
from lesson_source import Lesson, read_lesson

from rppg_lab.checks import finding

pytestmark = pytest.mark.course

LESSONS = build.lesson_files()
SLACK = 4  # a lesson may take this many times the seconds it announces: another machine, and other tests beside it
STARTING = 30  # s, for a kernel to start and import on a busy machine
COURSE_SECONDS = 12 * 60  # all solutions together


def tell(capsys: pytest.CaptureFixture[str], line: str) -> None:
    """Print for the reader of the test run; a worker of pytest-xdist reaches the terminal on stderr only."""
    with capsys.disabled():
        print(f"\n{line}", file=sys.stderr, flush=True)


@pytest.mark.skipif(not LESSONS, reason="no lesson in lessons/ yet")
class TestCourse:
    def test_notebooks_are_current(self) -> None:
        lessons = [read_lesson(path) for path in LESSONS]
        stale = build.not_current(lessons, PROJECT) | build.glossary_not_current(PROJECT)
        stale |= dict.fromkeys(build.without_source(PROJECT), "has no lesson")
        told = [f"{path.parent.name}/{path.name}: {reason}" for path, reason in stale.items()]
        assert not told, "\n".join([*told, "mend with: python lessons/build.py"])

    def test_announced_compute_fits_the_budget(self) -> None:
        announced = {path.stem: compute_seconds(read_lesson(path)) or 0 for path in LESSONS}
        assert sum(announced.values()) <= COURSE_SECONDS, announced


class LessonTests:
    path: Path

    @pytest.fixture
    def lesson(self) -> Lesson:
        return read_lesson(self.path)

    @pytest.fixture
    def solution(self, lesson: Lesson) -> nbformat.NotebookNode:
        stored = build.stored_solution(PROJECT / "solutions" / f"{lesson.name}.ipynb")
        assert stored, f"solutions/{lesson.name}.ipynb is missing: python lessons/build.py {lesson.name[:2]}"
        return stored

    def test_has_every_part(self, lesson: Lesson, solution: nbformat.NotebookNode) -> None:
        missing = missing_parts(lesson, solution)
        assert not missing, "\n".join(missing)

    def test_checks_send_to_sections_that_there_are(self, lesson: Lesson) -> None:
        if lesson.name[:2] not in finding.lesson_numbers():
            assert not lesson.exercises
            return
        title, exercises = finding.lesson(lesson.name[:2])
        assert [exercise.number for exercise in exercises] == list(lesson.exercises)
        text = "\n".join(cell.source for cell in lesson.cells if cell.kind == "markdown")
        headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
        assert title in headings[0]
        named = {told.read_again for exercise in exercises for told in (exercise, *exercise.mistakes)} - {""}
        assert not [section for section in named if not any(section in heading for heading in headings)]

    def test_contains_nothing_forbidden(self, lesson: Lesson) -> None:
        found = forbidden_code(lesson)
        assert not found, "\n".join(found)

    def test_learner_copy_tells_no_solution(self, lesson: Lesson) -> None:
        copy = nbformat.read(PROJECT / "notebooks" / f"{lesson.name}.ipynb", as_version=4)
        assert not any(cell.get("outputs") or cell.get("execution_count") for cell in copy.cells)
        told = build.leaks(lesson, build.texts_of(copy))
        assert not told, "\n".join(told)

    def test_stored_solution_passes_every_check(self, lesson: Lesson, solution: nbformat.NotebookNode) -> None:
        passes = {cell.id for cell in solution.cells if verdicts(nbformat.from_dict({"cells": [cell]}), "PASS")}
        assert {cell.id for cell in lesson.exercises.values()} <= passes
        assert not verdicts(solution, "(TODO|FAIL)")

    def test_solution_passes_nbval(
        self,
        lesson: Lesson,
        solution: nbformat.NotebookNode,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        done = validate_with_nbval(PROJECT / "solutions" / f"{lesson.name}.ipynb", solution, tmp_path)
        assert done.passed, done.report
        tell(capsys, slowest(f"solutions/{lesson.name}", done.seconds))
        announced = compute_seconds(lesson)
        assert sum(done.seconds.values()) <= STARTING + SLACK * announced, f"announces {announced} seconds of compute"

    def test_learner_copy_runs_unsolved(self, lesson: Lesson, capsys: pytest.CaptureFixture[str]) -> None:
        copy = nbformat.read(PROJECT / "notebooks" / f"{lesson.name}.ipynb", as_version=4)
        run = execute(lesson, copy, PROJECT / "notebooks", progress=False)
        tell(capsys, slowest(f"notebooks/{lesson.name}", run.seconds))
        printed = {cell.id: output_text(cell) for cell in run.notebook.cells}
        untold = [number for number, cell in lesson.exercises.items() if "TODO" not in printed[cell.id]]
        assert not untold, f"no TODO for {untold}"
        told = build.leaks(lesson, build.texts_of(run.notebook))
        assert not told, "\n".join(told)


for _path in LESSONS:
    globals()[f"TestLesson{_path.stem[:2]}"] = type(f"TestLesson{_path.stem[:2]}", (LessonTests,), {"path": _path})
