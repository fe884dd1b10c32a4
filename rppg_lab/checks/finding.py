"""From a number to its exercise. Each lesson's checks are a module `lesson_NN.py`, imported when first asked for."""

from __future__ import annotations

import ast
import difflib
import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

from rppg_lab import checks
from rppg_lab.checks.declaring import Exercise

PREFIX = "lesson_"


def lesson_numbers() -> list[str]:
    """The lessons that have checks: ["00", …]."""
    names = (module.name for module in pkgutil.iter_modules(checks.__path__))
    return sorted(name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX))


def lesson(number: str) -> tuple[str, tuple[Exercise, ...]]:
    """The title and the exercises of one lesson: its module's TITLE and EXERCISES."""
    module: ModuleType = importlib.import_module(f"{checks.__name__}.{PREFIX}{number}")
    return module.TITLE, module.EXERCISES


def title(number: str) -> str:
    """The title of one lesson, read without importing its checks: some need torch, which takes seconds to load."""
    path = Path(checks.__file__).with_name(f"{PREFIX}{number}.py")
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "TITLE":
            return ast.literal_eval(node.value)
    raise ValueError(f"{path.name} says no TITLE")


def known_lesson(number: str) -> str:
    """The number, if there is such a lesson ("10"). Raises ValueError for an unknown one, naming the nearest."""
    if not isinstance(number, str):
        raise TypeError(f'the number of a lesson is written in quotation marks, "{number}"')
    known = lesson_numbers()
    if number not in known:
        raise ValueError(f"there are no checks for lesson {number!r}; {_nearest(number, known, 'the lessons')}")
    return number


def find(number: str) -> Exercise:
    """The exercise of this number ("10.2"). Raises ValueError for an unknown one, naming the nearest."""
    if not isinstance(number, str):
        raise TypeError(f'the number of an exercise is written in quotation marks, "{number}"')
    name = known_lesson(number.split(".")[0])
    exercises = {exercise.number: exercise for exercise in lesson(name)[1]}
    if number not in exercises:
        raise ValueError(f"there is no exercise {number!r}; {_nearest(number, list(exercises), 'those of the lesson')}")
    return exercises[number]


def _nearest(wanted: str, known: list[str], kind: str) -> str:
    near = difflib.get_close_matches(wanted, known, n=1)
    return (f"the nearest is {near[0]!r}, and " if near else "") + f"{kind} are {', '.join(known)}"
