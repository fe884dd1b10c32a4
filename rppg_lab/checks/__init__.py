"""Checks: each exercise of a lesson tests the learner's answer, says what is wrong with it, and lets the lesson go on.

    from rppg_lab import checks

    @checks.exercise("10.2")
    def neg_Pearson_Loss(predictions, targets):
        ...

How to write one: docs/writing_checks.md. What they share is here; each lesson's own are in `lesson_NN.py`.
"""

from __future__ import annotations

import contextlib
import textwrap
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from colorama import Fore

from rppg_lab.checks import progress
from rppg_lab.checks.comparing import close
from rppg_lab.checks.declaring import Case, Exercise, Mistake, with_gradient
from rppg_lab.checks.judging import FAIL, PASS, TODO, Result, grade
from rppg_lab.checks.substituting import substitute

__all__ = [
    "FAIL", "PASS", "TODO", "Case", "Exercise", "Mistake", "Result",
    "close", "exercise", "find", "grade", "grading", "line", "progress_report", "rehearse",
    "show_progress", "with_gradient",
]  # fmt: skip

Answer = TypeVar("Answer", bound=Callable[..., Any])

COLOURS = {PASS: Fore.GREEN, TODO: Fore.YELLOW, FAIL: Fore.RED}
WIDTH = 100
INDENT = 5  # under the text, beside the word
GO_ON = "The lesson goes on with the package's own version."

_graded: list[list[Result]] = []  # the open `grading()` blocks, innermost last


def find(number: str) -> Exercise:
    """The exercise of this number. Raises ValueError for an unknown one, naming the nearest."""
    from rppg_lab.checks import finding  # it looks into this package, which must have been imported

    return finding.find(number)


def exercise(number: str) -> Callable[[Answer], Answer]:
    """Decorate an answer: try it, print one line (PASS, TODO or FAIL), and return the function to go on with.

    That is the learner's own if it passed, else the package's in its place. The result goes into the progress file.
    Within `grading()` nothing is printed, recorded or replaced.
    Raises ValueError for an unknown number, TypeError for what cannot be called.
    """
    declared = find(number)

    def check(answer: Answer) -> Answer:
        if not callable(answer):
            raise TypeError(f"exercise {number} decorates a function or a class, not a {type(answer).__name__}")
        result = grade(declared, answer)
        if _graded:
            _graded[-1].append(result)
            return answer
        note = progress.record(result)
        print(line(result) + (f"\n{' ' * INDENT}{note}" if note else ""))
        return answer if result.state == PASS else substitute(answer, declared.reference)

    return check


def rehearse(number: str, answer: Callable[..., Any]) -> None:
    """Print what the check would say of an answer, for a mistake shown on purpose; nothing is recorded or replaced."""
    print(f"rehearsal: {line(grade(find(number), answer), end='')}")


@contextlib.contextmanager
def grading() -> Iterator[list[Result]]:
    """Collect the results of the answers decorated inside as data: nothing is printed, recorded or substituted."""
    results: list[Result] = []
    _graded.append(results)
    try:
        yield results
    finally:
        _graded.pop()


def line(result: Result, end: str = GO_ON) -> str:
    """What a learner is shown: the coloured word, number and text, and the end unless it passed; continued indented."""
    text = result.text if result.state == PASS else f"{result.text}\n{end}"
    first, *rest = [
        part
        for paragraph in text.splitlines()
        for part in textwrap.wrap(paragraph, WIDTH - INDENT, break_long_words=False, break_on_hyphens=False)
    ]
    word = f"{COLOURS[result.state]}{result.state}{Fore.RESET}"
    return "\n".join([f"{word} {result.number} · {first}", *(" " * INDENT + part for part in rest)])


def show_progress(lesson: str) -> None:
    """Print which exercises of a lesson ("10") are done, which are open, and what is next.

    Raises ValueError for an unknown lesson.
    """
    from rppg_lab.checks import finding

    title, exercises = finding.lesson(finding.known_lesson(lesson))
    following = next((number for number in finding.lesson_numbers() if number > lesson), None)
    try:
        done = progress.read()
    except OSError as error:
        print(f"Your progress cannot be read: {error.strerror or error}.")
        return
    after = (following, finding.title(following)) if following else None
    print(progress.in_short((lesson, title, exercises), after, done))


def progress_report() -> str:
    """What the learner has done, what is open, and which idea failed most often, as a table."""
    from rppg_lab.checks import finding

    lessons = [(number, *finding.lesson(number)) for number in finding.lesson_numbers()]
    return progress.report(lessons, progress.read())
