"""The learner's side of collecting: a process that turns given inputs into outcomes, and judges nothing.

It knows neither what is expected nor whether it was right. Before the learner's first line runs, the arguments of
every case are made and the functions that the answer replaces are put out of reach: whoever calls one gets an error,
under whatever name. What is not in its way: the package's files can be read, and copied, as in class.

It is no prison. A few doors are closed, against accidents and the simplest tricks: other processes, the network, files
elsewhere (`_guard`); code that sets out to open them can.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import dataclasses
import json
import linecache
import os
import sys
import tempfile
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rppg_lab.checks import finding, serialising, slicing
from rppg_lab.checks.declaring import Case, Exercise
from rppg_lab.checks.judging import try_out
from rppg_lab.checks.running import left_as_found, make_twice, own_functions
from rppg_lab.checks.substituting import substitute

OUTCOMES, TROUBLE = "outcomes.npz", "trouble.json"  # what is handed over: one of them
PATIENCE = 5  # times the exercise's limit for one case: several processes share the computer
LARGEST_FILE = 2**29  # bytes that one file may have: a notebook must not fill the disk

NO_PROCESSES = (
    "os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.startfile", "os.kill",
    "os.killpg", "subprocess.Popen", "_winapi.CreateProcess", "_winapi.OpenProcess", "pty.spawn",
)  # fmt: skip
NO_NETWORK = ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo")
CHANGES_FILES = (
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown",
    "os.utime", "shutil.rmtree",
)  # fmt: skip
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


@dataclass(frozen=True)
class Task:
    """One exercise of one notebook. passed: the exercises above it whose answer is known to be right.

    scratch: the only folder to write to. seconds, memory: of processor time, and bytes beside what Python needs.
    """

    notebook: Path
    number: str
    passed: frozenset[str]
    scratch: Path
    seconds: float
    memory: int


class _Trouble(Exception):
    """There is nothing to be tried: a name for it, and a sentence."""


def attempt(task: Task) -> None:
    """Try one exercise and leave the outcomes, or what hindered, in the scratch folder; ends the process."""
    try:
        os.chdir(task.scratch)
        _go_apart(task)
        content = _outcomes(task)
    except _Trouble as trouble:
        _leave(task.scratch / TROUBLE, json.dumps(trouble.args).encode())
    except BaseException as error:  # the notebook has reached into what tries it
        _leave(task.scratch / TROUBLE, json.dumps(["not to be tried", f"{type(error).__name__}: {error}"]).encode())
    else:
        _leave(task.scratch / OUTCOMES, content)
    os._exit(0)  # not by way of what the notebook has left to be done at the end


def _leave(path: Path, content: bytes) -> None:
    """Hand over, whole. Not by `folders.replacing`, which may make a folder: `_guard` forbids that by now."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    os.replace(part, path)


def _outcomes(task: Task) -> bytes:
    exercise = finding.find(task.number)
    with left_as_found():
        cases = tuple(_with_arguments(case) for case in exercise.cases)
    cells = slicing.read_cells(task.notebook)
    for number, cell in enumerate(cells, start=1):  # so that the line of an error can be quoted
        linecache.cache[_name(number)] = (len(cell), None, cell.splitlines(keepends=True), _name(number))
    everything, wrong = slicing.statements(cells)
    chosen = slicing.needed(everything, task.number)
    if not chosen:
        if wrong:
            told = "; ".join(f"code cell {cell}, {what}" for cell, what in wrong.items())
            raise _Trouble("not Python", f"Its cell could not be read as Python: {told}.")
        raise _Trouble("no answer", "No definition is decorated with its number.")
    _put_out_of_reach(exercise)
    _guard(task.scratch)
    answer = _run(chosen, task.passed)
    outcomes = try_out(dataclasses.replace(exercise, cases=cases), answer, time_limit=PATIENCE * exercise.time_limit)
    return serialising.pack(outcomes)


def _with_arguments(case: Case) -> Case:
    """A case whose arguments are made already, by functions that are soon out of reach."""
    return dataclasses.replace(case, make=iter(make_twice(case)).__next__)


def _run(chosen: Sequence[slicing.Statement], passed: frozenset[str]) -> Callable[..., Any]:
    """Run some statements of a notebook as the main module, and return what the last one defines.

    An error ends its statement and not the rest, as in a notebook. An answer above goes on as in class: as the
    learner's own if it is known to be right, else as the package's.
    """
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    main.__dict__["__builtins__"] = builtins
    troubles = []
    for one in chosen:
        try:
            exec(compile(ast.Module([one.node], []), _name(one.cell), "exec", dont_inherit=True), main.__dict__)
            if one.exercise not in (None, chosen[-1].exercise, *passed):
                mine = getattr(main, one.node.name)
                setattr(main, one.node.name, substitute(mine, finding.find(one.exercise).reference))
        except BaseException as error:  # `exit()` too
            troubles.append(f"code cell {one.cell}, line {one.node.lineno}: {type(error).__name__}: {error}")
    answer = getattr(main, chosen[-1].node.name, None)
    if not callable(answer):
        raise _Trouble("no answer", f"Its definition gives no function: {'; '.join(troubles)}")
    return answer


def _name(cell: int) -> str:
    return f"<code cell {cell}>"


def _put_out_of_reach(exercise: Exercise) -> None:
    """Whatever calls the package's own version, under whatever name it was kept, meets an error.

    The check sees that it was called as it does in class: by the code that is entered.
    """
    for own in (exercise.reference, *exercise.refused):
        for function in own_functions(own):
            function.__code__ = _refusal(len(function.__code__.co_freevars))


def _refusal(free: int) -> types.CodeType:
    """Code that raises, with as many variables from outside as the code it is put in the place of."""
    names = [f"free_{i}" for i in range(free)]
    lines = ["def outside():", *(f"    {name} = None" for name in names), "    def package_own(*args, **kwargs):"]
    lines += [f"        {name}" for name in names]
    lines += ["        raise RuntimeError('this is the function to write: it cannot be called here')"]
    lines += ["    return package_own"]
    space: dict[str, Any] = {}
    exec("\n".join(lines), space)
    return space["outside"]().__code__


# ---------------------------------------------------------------- a process of its own


def _go_apart(task: Task) -> None:
    """Leave the others' group, terminal, output, settings and progress; and take no more than is granted."""
    if hasattr(os, "setsid"):
        with contextlib.suppress(PermissionError):  # the leader of a group already
            os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    sys.stdin, sys.stdout, sys.stderr = open(0), *(open(i, "w", encoding="utf-8") for i in (1, 2))  # noqa: SIM115
    sys.dont_write_bytecode = True
    tempfile.tempdir = str(task.scratch)
    os.environ.update(RPPG_LAB_PROGRESS=str(task.scratch / "progress.json"), TMPDIR=str(task.scratch))
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    _limit(task)


def _limit(task: Task) -> None:
    """Processor time, file sizes, and on Linux memory; elsewhere the time on the clock is all that holds."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return

    def at_most(kind: int, value: int) -> None:
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))

    at_most(resource.RLIMIT_CPU, int(task.seconds) + 1 + int(sum(os.times()[:2])))
    at_most(resource.RLIMIT_FSIZE, LARGEST_FILE)
    at_most(resource.RLIMIT_CORE, 0)
    status = Path("/proc/self/status")
    if status.exists():
        fields = dict(line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines())
        at_most(resource.RLIMIT_DATA, int(fields["VmData"].split()[0]) * 1024 + task.memory)


def _guard(scratch: Path) -> None:
    """From here on Python starts no process, opens no connection and changes no file outside the scratch folder.

    An audit hook cannot be taken out again, but code in C is not asked.
    """
    allowed = os.path.realpath(scratch) + os.sep
    closed = frozenset((*NO_PROCESSES, *NO_NETWORK))
    changes, writing, nothing = frozenset(CHANGES_FILES), WRITING, os.path.realpath(os.devnull)
    realpath, fsdecode = os.path.realpath, os.fsdecode

    def elsewhere(path: Any) -> bool:
        if not isinstance(path, str | bytes | os.PathLike):
            return False  # a file that is open already
        real = realpath(fsdecode(path))
        return real != nothing and not (real + os.sep).startswith(allowed)

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        if event in closed:
            raise PermissionError(f"a notebook that is graded may not do this: {event}")
        if (event == "open" and isinstance(arguments[2], int) and arguments[2] & writing) or event in changes:
            paths = arguments[:1] if event == "open" else arguments[:2]
            if any(map(elsewhere, paths)):
                raise PermissionError(f"a notebook that is graded may change no file outside its folder: {paths[0]}")

    sys.addaudithook(look)
