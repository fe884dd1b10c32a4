"""One execution of a lesson's notebook, and the outputs of it that may be kept."""

import asyncio
import contextlib
import os
import re
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager
from lesson_source import CHECKED_BY_NBVAL, Lesson, LessonError
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbval.plugin import get_sanitize_patterns
from tqdm import tqdm

PROJECT = Path(__file__).resolve().parent.parent
PACKAGE = "rppg_lab"
SANITISE = Path(__file__).with_name("sanitise.cfg")
CELL_SECONDS = 600  # a cell that runs longer hangs

TERMINAL_CODE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
REDRAWN = re.compile(r"\r[^\r\n]*")  # how tqdm writes every state of a progress bar
ABSOLUTE_PATH = re.compile(r"(?<![\w.:/])/(?:home|Users|root|tmp|private|var|usr|opt|mnt)/\w|\b[A-Za-z]:[\\/]\w")


@dataclass(frozen=True)
class Run:
    notebook: NotebookNode
    modules: tuple[str, ...]  # of the package, loaded when the last cell had run
    seconds: dict[str, float]  # cell id -> how long it ran


def kernel_environment(scratch: Path, root: Path = PROJECT) -> dict[str, str]:
    """The environment lessons are executed in: one thread, nobody's settings, nobody's progress record.

    The package is the one in `root`, beside the lessons, even if the environment has another checkout installed.
    """
    own = {name: value for name, value in os.environ.items() if name not in {"MPLBACKEND", "PYTHONWARNINGS"}}
    return own | {
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")])),
        "RPPG_LAB_PROGRESS": str(scratch / "progress.json"),
        "IPYTHONDIR": str(scratch / "ipython"),
    }


def execute(lesson: Lesson, notebook: NotebookNode, folder: Path, *, progress: bool = True) -> Run:
    """Execute a copy of a notebook of the lesson in `folder` with the Python that runs this, and tidy its outputs.

    Raises LessonError, naming the cell, if a cell raises, hangs, warns, or prints what should not be stored.
    """
    notebook = deepcopy(notebook)
    root = lesson.path.parent.parent
    loaded = f'print(*sorted(name for name in __import__("sys").modules if name.split(".")[0] == "{PACKAGE}"))'
    notebook.cells.append(nbformat.v4.new_code_cell(loaded, id="modules"))
    bar = tqdm(
        desc=lesson.name,
        total=sum(cell.cell_type == "code" for cell in notebook.cells),
        unit="cell",
        disable=not progress,
    )
    begun: dict[str, float] = {}
    seconds: dict[str, float] = {}

    def on_start(cell: NotebookNode, cell_index: int) -> None:
        begun[cell.id] = time.perf_counter()

    def on_end(cell: NotebookNode, cell_index: int, execute_reply: dict) -> None:
        seconds[cell.id] = time.perf_counter() - begun[cell.id]
        bar.update()

    interrupted = threading.Event()

    def on_ready(notebook: NotebookNode) -> None:
        task = asyncio.current_task()

        def on_interrupt() -> None:
            interrupted.set()
            task.cancel()

        # nbclient's own handler stops the kernel twice and fails on the second. Windows has none, and needs none.
        with contextlib.suppress(RuntimeError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, on_interrupt)

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch, bar:
        client = NotebookClient(
            notebook,
            # With no folder to look in, "python3" is the interpreter that runs this, whatever kernels a user has.
            AsyncKernelManager(kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[])),
            extra_arguments=["--log-level=CRITICAL"],
            timeout=CELL_SECONDS,
            record_timing=False,
            store_widget_state=False,
            force_raise_errors=True,
            on_notebook_start=on_ready,
            on_cell_execute=on_start,
            on_cell_executed=on_end,
        )
        try:
            client.execute(cleanup_kc=True, cwd=str(folder), env=kernel_environment(Path(scratch), root))
        except (CellExecutionError, CellTimeoutError, DeadKernelError, asyncio.CancelledError) as error:
            if interrupted.is_set():
                raise KeyboardInterrupt from None
            failed = max(begun, key=begun.__getitem__)
            what = f"raised {error.ename}" if isinstance(error, CellExecutionError) else "did not finish"
            told = TERMINAL_CODE.sub("", getattr(error, "traceback", "") or str(error))
            raise LessonError(f"{lesson.name}: {lesson.where(failed)} {what}\n{told}") from None
    modules = tuple(output_text(notebook.cells.pop()).split())
    seconds.pop("modules")
    tidy(lesson, notebook)
    return Run(notebook, modules, seconds)


def tidy(lesson: Lesson, notebook: NotebookNode) -> None:
    """Take out of the outputs what another run or machine would print differently; refuse what cannot be taken out.

    Progress bars (whatever stderr redraws) go; anything else on stderr, a warning above all, raises LessonError, and so
    does a path of this machine. `took 12.3 s` and addresses lose their numbers (lessons/sanitise.cfg).
    """
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.metadata.pop("execution", None)
        bars = "".join(output.text for output in cell.outputs if output.get("name") == "stderr")
        if bars:
            _refuse_all_but_progress(lesson, cell, bars)
        cell.outputs = list(_merged(output for output in cell.outputs if output.get("name") != "stderr"))
        for output, key in _output_texts(cell):
            output[key] = _sanitised(output[key])
            if path := ABSOLUTE_PATH.search(output[key]) or _this_machine().search(output[key]):
                line = next(line for line in output[key].splitlines() if path[0] in line)
                raise LessonError(
                    f"{lesson.name}: {lesson.where(cell.id)} prints a path of this machine: {line.strip()}"
                )


def _refuse_all_but_progress(lesson: Lesson, cell: NotebookNode, printed: str) -> None:
    where = f"{lesson.name}: {lesson.where(cell.id)}"
    if re.search(r"\w*Warning\b", printed):
        raise LessonError(f"{where} warns:\n{REDRAWN.sub('', printed).strip() or printed.strip()}")
    if rest := TERMINAL_CODE.sub("", REDRAWN.sub("", printed)).strip():
        raise LessonError(f"{where} writes to stderr, where only progress bars belong:\n{rest}")
    if CHECKED_BY_NBVAL in cell.metadata.get("tags", ()):
        raise LessonError(f"{where} is tagged {CHECKED_BY_NBVAL} but shows a progress bar, which nbval would compare")


def _merged(outputs: Iterable[NotebookNode]) -> Iterator[NotebookNode]:
    """Neighbouring pieces of stdout as one: where the kernel cut them is chance."""
    last = None
    for output in outputs:
        if last is not None and output.output_type == last.output_type == "stream":
            last.text += output.text
            continue
        if last is not None:
            yield last
        last = output
    if last is not None:
        yield last


@cache
def _sanitise_rules() -> list[tuple[str, str]]:
    return get_sanitize_patterns(SANITISE.read_text(encoding="ascii"))


def _sanitised(text: str) -> str:
    for pattern, replacement in _sanitise_rules():
        text = re.sub(pattern, replacement, text)
    return text


@cache
def _this_machine() -> re.Pattern[str]:
    folders = {str(folder) for folder in (PROJECT, Path.home(), Path(sys.prefix), Path(tempfile.gettempdir()))}
    return re.compile("|".join(rf"{re.escape(folder)}(?=[\\/])" for folder in sorted(folders) if len(folder) > 1))


def output_text(cell: NotebookNode) -> str:
    """What a cell printed and displayed as text, without colour codes."""
    return TERMINAL_CODE.sub("", "\n".join(holder[key] for holder, key in _output_texts(cell)))


def _output_texts(cell: NotebookNode) -> Iterator[tuple[NotebookNode, str]]:
    """Where the text of each output stands: a mapping and the key in it, so that it can be replaced."""
    for output in cell.get("outputs", ()):
        if output.output_type == "stream":
            yield output, "text"
        for mime in output.get("data", ()):
            if mime.startswith("text/"):
                yield output.data, mime
