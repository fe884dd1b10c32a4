"""A lesson as it is written: jupytext's cells, and in them the numbered exercises with their solutions."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jupytext
from nbformat import NotebookNode

CHECKED_BY_NBVAL = "nbval-check-output"
NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},  # no version: a build must not depend on the Python that made it
}

CELL_START = re.compile(r"# %%+(\s|$)")
MARKER = re.compile(r"[ \t]*### (BEGIN|END) SOLUTION[ \t]*")
LIKE_A_MARKER = re.compile(r"\b(BEGIN|END)[ _]SOLUTION\b", re.IGNORECASE)
SOLUTION = re.compile(
    r"^(?P<indent>[ \t]*)### BEGIN SOLUTION[ \t]*\n(?P<lines>.*?)^[ \t]*### END SOLUTION[ \t]*(?:\n|\Z)",
    re.MULTILINE | re.DOTALL,
)
NUMBERED_HEADING = re.compile(r"^#{1,6}\s+(?:(?:Lesson|Section|Exercise)\s+)?(\d+(?:\.\d+)*)\b", re.MULTILINE)


class LessonError(ValueError):
    """A lesson that cannot be built; the message names file, line and remedy."""


@dataclass(frozen=True)
class Cell:
    id: str
    kind: str  # "code" or "markdown"
    source: str  # as written, markers included
    line: int  # of its first line in the lesson's file
    tags: tuple[str, ...] = ()
    exercise: str | None = None  # "10.2"

    @property
    def worked(self) -> str:
        return SOLUTION.sub(lambda block: block["lines"], self.source).rstrip("\n")

    @property
    def stub(self) -> str:
        return SOLUTION.sub(
            lambda block: f'{block["indent"]}raise NotImplementedError("Exercise {self.exercise}")\n', self.source
        ).rstrip("\n")


@dataclass(frozen=True)
class Lesson:
    path: Path
    cells: tuple[Cell, ...]

    @property
    def name(self) -> str:  # "12_how_good_is_it"
        return self.path.stem

    @property
    def exercises(self) -> dict[str, Cell]:
        return {cell.exercise: cell for cell in self.cells if cell.exercise}

    def where(self, cell_id: str) -> str:
        cell = next(cell for cell in self.cells if cell.id == cell_id)
        return f"cell {cell_id} ({place(self.path, cell.line)})"


def read_lesson(path: Path) -> Lesson:
    """Read and check one lesson in percent format.

    Raises LessonError, with file and line, for a name that is not NN_topic.py, a cell that is not plain Python,
    solution markers that are unbalanced, nested, misspelt or outside an exercise, and for exercise numbers that are
    missing, repeated or another lesson's.
    """
    if not re.fullmatch(r"\d\d_[a-z0-9_]+", path.stem):
        raise LessonError(f"{place(path, 1)}: a lesson is called NN_topic.py, two digits and lower case")
    text = path.read_text(encoding="utf-8")
    starts = [number for number, line in enumerate(text.splitlines(), start=1) if CELL_START.match(line)]
    parsed = jupytext.reads(text, fmt="py:percent").cells
    if len(parsed) != len(starts):
        raise LessonError(
            f"{place(path, 1)}: {len(parsed)} cells but {len(starts)} lines that begin with '# %%'; "
            "put all text into cells, and begin no line inside a string with '# %%'"
        )

    cells: list[Cell] = []
    first_line_of: dict[str, int] = {}
    heading, under_heading = path.stem[:2], Counter()
    for raw, start in zip(parsed, starts, strict=True):
        line = start + 1
        tags = _tags(path, start, raw)
        if raw.cell_type == "markdown":
            _refuse_markers(path, line, raw.source)
            exercise = None
        elif raw.cell_type == "code":
            exercise = _exercise(path, line, raw.source)
        else:
            raise LessonError(f"{place(path, start)}: a cell is code or [markdown], not [{raw.cell_type}]")
        if exercise in first_line_of:
            raise LessonError(f"{place(path, line)}: Exercise {exercise} is already in line {first_line_of[exercise]}")
        if exercise:
            first_line_of[exercise] = line
        heading = _heading(raw, path.stem[:2]) or heading
        under_heading[heading] += 1
        # A cell that is added or taken away renames only the cells after it under the same heading.
        name = f"s{heading}-{under_heading[heading]:02d}"
        cells.append(Cell(name, raw.cell_type, raw.source, line, tags, exercise))
    if len({cell.id for cell in cells}) != len(cells):
        raise LessonError(f"{place(path, 1)}: two cells would get the same id; number the headings otherwise")
    return Lesson(path, tuple(cells))


def place(path: Path, line: int) -> str:
    return f"{path.parent.name}/{path.name}:{line}"


def _heading(cell: NotebookNode, lesson_number: str) -> str | None:
    """`12-3` for a markdown cell with the heading "12.3 …" or "Exercise 12.3 …"; the last where there are several."""
    if cell.cell_type != "markdown":
        return None
    found = [number.split(".") for number in NUMBERED_HEADING.findall(cell.source)]
    own = [parts[1:] for parts in found if int(parts[0]) == int(lesson_number)]
    return "-".join([lesson_number, *own[-1]]) if own else None


def _tags(path: Path, line: int, cell: NotebookNode) -> tuple[str, ...]:
    parsers_own = {"lines_to_next_cell", "region_name", "cell_marker"}
    if unknown := sorted(set(cell.metadata) - parsers_own - {"tags"}):
        raise LessonError(f'{place(path, line)}: a cell\'s head may say [markdown] and tags=["…"], not {unknown}')
    tags = tuple(cell.metadata.get("tags", ()))
    if set(tags) - {CHECKED_BY_NBVAL}:  # raises-exception and nbval-skip would hide failures
        raise LessonError(f"{place(path, line)}: the only tag a cell may have is {CHECKED_BY_NBVAL}, not {list(tags)}")
    return tags


def _refuse_markers(path: Path, line: int, source: str) -> None:
    for number, text in enumerate(source.splitlines(), start=line):
        if LIKE_A_MARKER.search(text):
            raise LessonError(f"{place(path, number)}: a solution marker in a markdown cell")


def _exercise(path: Path, line: int, source: str) -> str | None:
    """The number of the exercise in a code cell, its markers and decorator checked; None for any other cell."""
    blocks = _solution_blocks(path, line, source)
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        at = place(path, line + (error.lineno or 1) - 1)
        raise LessonError(f"{at}: not plain Python ({error.msg}); magics and shell commands have no place") from None

    found = [(number, node) for node in ast.walk(tree) for number in _decorated_numbers(path, line, node)]
    if not found:
        if blocks:
            at = place(path, line + blocks[0][0] - 1)
            raise LessonError(f'{at}: a solution in a cell that has no @checks.exercise("…")')
        return None
    at = place(path, line + found[0][1].lineno - 1)
    if len(found) > 1:
        raise LessonError(f"{at}: {len(found)} exercises in one cell; give each its own")
    number = found[0][0]
    if not re.fullmatch(rf"{path.stem[:2]}(\.\d+)+", number):
        raise LessonError(f"{at}: Exercise {number!r} does not belong to lesson {path.stem[:2]}")
    if not blocks:
        raise LessonError(f"{at}: Exercise {number} has no ### BEGIN SOLUTION, so learners would be given its answer")
    try:
        stub = ast.parse(Cell("", "code", source, line, exercise=number).stub)
    except SyntaxError as error:
        begin = place(path, line + blocks[0][0] - 1)
        raise LessonError(
            f"{begin}: without its solution Exercise {number} is not Python ({error.msg}); "
            "indent ### BEGIN SOLUTION like the statements it stands for"
        ) from None
    raises = f"raise NotImplementedError('Exercise {number}')"
    body = next(node for node in ast.walk(stub) if any(_decorated_numbers(path, line, node)))
    if sum(isinstance(node, ast.Raise) and ast.unparse(node) == raises for node in ast.walk(body)) != len(blocks):
        raise LessonError(f"{place(path, line + blocks[0][0] - 1)}: a solution outside the body of Exercise {number}")
    return number


def _solution_blocks(path: Path, line: int, source: str) -> list[tuple[int, int]]:
    """First and last line, counted from 1 within the cell, of each pair of markers."""
    blocks: list[tuple[int, int]] = []
    begin = None
    for number, text in enumerate(source.splitlines(), start=1):
        at = place(path, line + number - 1)
        marker = MARKER.fullmatch(text)
        if marker is None:
            if LIKE_A_MARKER.search(text):
                raise LessonError(
                    f"{at}: write the marker as '### BEGIN SOLUTION' or '### END SOLUTION', alone in its line"
                )
        elif marker[1] == "BEGIN":
            if begin is not None:
                raise LessonError(f"{at}: BEGIN SOLUTION inside the one begun in line {line + begin - 1}")
            begin = number
        else:
            if begin is None:
                raise LessonError(f"{at}: END SOLUTION before any BEGIN SOLUTION")
            blocks.append((begin, number))
            begin = None
    if begin is not None:
        raise LessonError(f"{place(path, line + begin - 1)}: BEGIN SOLUTION without END SOLUTION in the same cell")
    return blocks


def _decorated_numbers(path: Path, line: int, node: ast.AST) -> Iterator[str]:
    for decorator in getattr(node, "decorator_list", ()):
        if not isinstance(decorator, ast.Call):
            continue
        name = getattr(decorator.func, "attr", getattr(decorator.func, "id", None))
        if name != "exercise":
            continue
        match decorator.args:
            case [ast.Constant(value=str(number)), *_]:
                yield number
            case _:
                raise LessonError(f'{place(path, line + decorator.lineno - 1)}: write the number out: exercise("10.2")')
