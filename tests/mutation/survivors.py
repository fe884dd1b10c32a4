"""Which mutants of the package's functions the checks let pass.

    python tests/mutation/survivors.py          all exercises: how many mutants, and which survive, as in explained.txt
    python tests/mutation/survivors.py 03 12.1  only these lessons or exercises

An exercise's reference is changed in one place (`mutating.py`), and graded like a learner's answer. Where the reference
only hands over to functions of the package, these are changed: `HOLDS` names them.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import dataclasses
import functools
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "wrong_answers")]

import answers  # noqa: E402
from mutating import Mutant, mutants  # noqa: E402

from rppg_lab.checks import finding, judging, running  # noqa: E402
from rppg_lab.checks.declaring import Exercise  # noqa: E402

EXPLAINED = HERE / "explained.txt"
EQUIVALENT, SOUND = "= ", "~ "  # gives the same for whatever an exercise is about; gives something else that may pass
TIME_LIMIT = 2.0  # s for one case: a right answer takes milliseconds, also on a busy computer
FAR = 1_000_000  # lines by which a mutant is moved: the code of the reference itself is no answer

# Functions, methods and tables of the package that do the work of a reference which only calls them.
HOLDS: dict[str, tuple[str, ...]] = {
    "01.1": ("physics.transmission",),
    "02.1": ("checks.lesson_02._ac_and_dc", "checks.lesson_02._unit"),
    "02.3": ("video.mean_colour", "video._masked_mean"),
    "04.3": ("methods.pos",),
    "05.2": ("video._running_mean",),
    "05.3": ("video.Box.enlarge",),
    "07.1": ("recordings.list_arrays",),
    "08.2": ("clips.split_subjects",),
    "08.3": ("clips.subject_folds",),
    "09.2": ("models.physnet._convolution",),
    "09.3": ("models.physnet._double_the_time",),
    "10.3": ("losses.get_loss", "losses.LOSSES"),
    "12.1": ("spectrum.cut_windows",),
    "12.4": ("evaluation.bland_altman",),
}
# Exercises that ask for far less than the function of the package does (what more is said beside each): a right answer
# stands in for it, and the functions that it calls.
STAND_INS: dict[str, tuple[str, ...]] = {
    "03.1": ("from_the_package_spectrum",),  # rates between the points of the spectrum, many waves, by beats too
    "03.2": ("both_ways_with_coefficients",),  # many waves; most of its code decides how far a wave is padded
    "03.3": ("by_distance",),  # a smallest gap that follows the local rate, times between frames
    "04.2": ("both_standardised",),  # the reference can make each known mistake too, on demand
    "06.1": ("torch_seeds_the_cards",),  # settings of the environment, threads, a generator to shuffle with
    "06.2": ("byte_by_byte",),  # arrays as well, on any device
    "06.3": ("with_a_generator",),  # many data sets, workers
    "07.2": ("Places",),  # any layout of files, clips that overlap, four ways to normalise
    "07.3": ("every_shift", "_pair"),  # many waves, gaps, the correlation too
    "07.4": ("in_loops",),  # frames, names, other signals, files
    "08.4": ("with_a_generator",),  # workers that stay, a generator of their own
    "09.4": ("in_a_loop",),  # the reference can make each known mistake too, on demand
    "09.5": ("with_where",),  # exact sums of 8-bit clips, a floor for dark pixels, unit variance
    "10.2": ("centred_with_epsilon",),  # numbers of any size and precision, waves that are constant
    "11.2": ("by_the_book",),  # progress, schedules, batches put together
    "11.3": ("looked_by_the_book",),  # progress, many losses
    "12.2": ("from_the_package_spectrum",),  # rates between the points of the spectrum, many waves, by beats too
    "12.3": ("with_numpy",),  # missing predictions, rows of them, more kinds of errors
    "12.5": ("with_weights",),  # any statistic, in blocks that fit into memory
}
TABLES = ("04.4", "06.4", "10.1")  # whose answer takes nothing and returns a table: the table is changed


@dataclasses.dataclass(frozen=True)
class Piece:
    """A top-level statement, or a method, of a module of the package."""

    module: ModuleType
    owner: str  # the class of a method, else ""
    name: str
    node: ast.stmt


def exercises(chosen: list[str] | None = None) -> list[Exercise]:
    """All exercises, or those of some lessons ("03") and numbers ("12.1")."""
    every = [one for lesson in finding.lesson_numbers() for one in finding.lesson(lesson)[1]]
    return [one for one in every if not chosen or {one.number, one.number[:2]} & set(chosen)]


@functools.cache
def mutants_of(number: str) -> tuple[tuple[Piece, Mutant], ...]:
    """Every mutant of what holds the behaviour of an exercise."""
    exercise = finding.find(number)
    ran = {} if number in (*STAND_INS, *TABLES) else _lines_that_ran(exercise)
    found = []
    for piece in pieces(exercise):
        names = vars(piece.module)
        modules = {name for name, value in names.items() if isinstance(value, ModuleType)} | {"torch"}
        numbers = {name for name, value in names.items() if name.isupper() and type(value) in (int, float)}
        lines = {one.lineno for one in ast.walk(piece.node) if isinstance(one, ast.stmt)}
        # A function of the package may do more than an exercise asks; what was written for the exercise does not.
        more = not re.match(r"rppg_lab\.checks|wrong_answers", piece.module.__name__)
        unreached = lines - ran[piece.module.__file__] if more and not _is_table(piece.node) else set()
        found += [(piece, mutant) for mutant in mutants(piece.node, modules, numbers, unreached)]
    return tuple(found)


def survivors(exercise: Exercise, every: int = 1) -> list[tuple[Piece, Mutant]]:
    """Of every, or every n-th, mutant those that would pass if a learner handed them in."""
    chosen = mutants_of(exercise.number)[::every]
    return [(piece, mutant) for piece, mutant in chosen if passes(exercise, piece, mutant.node)]


def explained() -> dict[str, dict[tuple[str, str], str]]:
    """Of each exercise the mutants that may pass, (before, after), and why: what `explained.txt` says.

    A reason begins with EQUIVALENT or with SOUND.
    """
    found: dict[str, dict[tuple[str, str], str]] = {}
    for paragraph in EXPLAINED.read_text(encoding="utf-8").split("\n\n")[1:]:  # the first says how to read the rest
        number, before, after, why = paragraph.strip().splitlines()
        found.setdefault(number, {})[before[2:], after[2:]] = why
    return found


def emptied(node: ast.stmt) -> ast.stmt:
    """A function that does nothing, a class without methods, a table that is None: the plainest mutant of all."""
    node = copy.copy(node)
    if _is_table(node):
        node.value = ast.Constant(None)
    else:
        node.body = [ast.Pass()]
    return node


def pieces(exercise: Exercise) -> list[Piece]:
    """What is graded, and what it calls that is changed too."""
    if exercise.number in TABLES:
        node = ast.parse(f"def answer():\n    return {exercise.reference()!r}").body[0]
        return [Piece(sys.modules[exercise.reference.__module__], "", "answer", node)]
    if exercise.number in STAND_INS:
        module = answers.module(exercise.number[:2])
        return [_piece(module, name) for name in STAND_INS[exercise.number]]
    home = sys.modules[exercise.reference.__module__]
    return [_piece(home, exercise.reference.__qualname__), *map(_named, HOLDS.get(exercise.number, ()))]


def _named(path: str) -> Piece:
    """Find "video.Box.enlarge" in the package."""
    parts = path.split(".")
    split = next(i for i in range(len(parts) - 1, 0, -1) if ".".join(["rppg_lab", *parts[:i]]) in sys.modules)
    return _piece(sys.modules[".".join(["rppg_lab", *parts[:split]])], ".".join(parts[split:]))


def _piece(module: ModuleType, path: str) -> Piece:
    """Find "Box.enlarge" in the source of its module."""
    *owner, name = path.split(".")
    body = _parsed(module.__file__).body
    for part in (*owner, name):
        node = next(one for one in body if part in _names(one))
        body = getattr(node, "body", [])
    return Piece(module, ".".join(owner), name, node)


@functools.cache
def _parsed(path: str) -> ast.Module:
    return ast.parse(Path(path).read_text(encoding="utf-8"))


def _names(node: ast.stmt) -> list[str]:
    targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
    return [getattr(node, "name", ""), *(getattr(one, "id", "") for one in targets)]


def _lines_that_ran(exercise: Exercise) -> dict[str, set[int]]:
    """The lines of each file that the reference runs on the exercise's cases."""
    ran: dict[str, set[int]] = {}

    def look(frame: Any, event: str, _: Any) -> Any:
        if "rppg_lab" not in frame.f_code.co_filename:
            return None
        ran.setdefault(frame.f_code.co_filename, set()).add(frame.f_lineno)
        return look

    for case in exercise.cases:
        with running.left_as_found(), contextlib.suppress(Exception):
            arguments = case.make()
            before = sys.gettrace()
            sys.settrace(look)
            try:
                case.use(exercise.reference, *arguments)
            finally:
                sys.settrace(before)
    return ran


@functools.cache
def _one_by_one(exercise: Exercise) -> tuple[Exercise, ...]:
    """The exercise with one case each, so that the first failure ends it; nothing is asked about known mistakes."""
    return tuple(dataclasses.replace(exercise, cases=(case,), mistakes=(), refused=()) for case in exercise.cases)


def passes(exercise: Exercise, piece: Piece, node: ast.stmt) -> bool:
    """Whether an exercise passes whoever hands in what the package has, with `node` in the place of a piece of it."""
    try:
        changed = _made(piece, node)
    except SyntaxError:
        return False
    whole = pieces(exercise)[0]
    if piece.node is whole.node or exercise.number in TABLES:
        handed_in, patch = changed, contextlib.nullcontext()
    else:
        handed_in, patch = _made(whole, whole.node), _patched(piece, changed)
        if not isinstance(handed_in, type):
            handed_in, patch = _within(patch, handed_in), contextlib.nullcontext()
    for one in _one_by_one(exercise):
        with patch:
            outcomes = judging.try_out(one, handed_in, time_limit=TIME_LIMIT)
        if judging.judge(one, outcomes).state != judging.PASS:
            return False
    return True


def _made(piece: Piece, node: ast.stmt) -> Any:
    """What a statement defines, in the module that it is from."""
    moved = ast.increment_lineno(ast.parse(ast.unparse(_undecorated(node))), FAR)
    made: dict[str, Any] = {}
    exec(compile(moved, piece.module.__file__, "exec", annotations.compiler_flag), vars(piece.module), made)
    return made[piece.name]


def _undecorated(node: ast.stmt) -> ast.stmt:
    """Without `@right("10.2")`, so that nothing is registered again."""
    node = copy.copy(node)
    if not _is_table(node):
        node.decorator_list = [one for one in node.decorator_list if not ast.unparse(one).startswith("right(")]
    return node


def _is_table(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign | ast.AnnAssign)


class _patched(contextlib.ContextDecorator):
    """Put something in the place of a piece of the package, for a while."""

    def __init__(self, piece: Piece, new: Any):
        self.home = getattr(piece.module, piece.owner) if piece.owner else piece.module
        self.name, self.new, self.old = piece.name, new, vars(self.home)[piece.name]

    def __enter__(self) -> None:
        setattr(self.home, self.name, self.new)

    def __exit__(self, *_: Any) -> None:
        setattr(self.home, self.name, self.old)


def _within(patch: contextlib.AbstractContextManager, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with the patch in place while it runs and not while its arguments are made."""

    @functools.wraps(function)
    def answer(*args: Any, **kwargs: Any) -> Any:
        with patch:
            return function(*args, **kwargs)

    return answer


def main(chosen: list[str]) -> None:
    total, left, nothing, reasons = 0, 0, 0, explained()
    for exercise in exercises(chosen):
        began = time.process_time()
        every, passed = mutants_of(exercise.number), survivors(exercise)
        total, left = total + len(every), left + len(passed)
        seconds = time.process_time() - began
        print(f"{exercise.number}  {len(every):4} mutants  {len(passed):3} survive  {seconds:5.1f} s", flush=True)
        for _, mutant in passed:
            why = reasons.get(exercise.number, {}).get((mutant.before, mutant.after), "not explained")
            nothing += why.startswith(EQUIVALENT)
            print(f"\n{exercise.number}\n- {mutant.before}\n+ {mutant.after}\n{why}\n")
    left, total = left - nothing, total - nothing
    print(f"{nothing} mutants change nothing; of {total} others {left} survive: {left / max(total, 1):.1%}")


if __name__ == "__main__":
    main(sys.argv[1:])
