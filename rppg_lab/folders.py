"""Where files go: the project, its data, its runs, the learner's progress. An environment variable can move each.

And how they get there: whole or not at all.
"""

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

DATA_VARIABLE = "RPPG_LAB_DATA"
RUNS_VARIABLE = "RPPG_LAB_RUNS"
PROGRESS_VARIABLE = "RPPG_LAB_PROGRESS"


def project_folder() -> Path:
    """The folder of the checkout, or `rppg-lab` in the user's home if the package is installed without a checkout."""
    checkout = Path(__file__).resolve().parent.parent
    if (checkout / "pyproject.toml").is_file():
        return checkout
    return Path.home() / "rppg-lab"


def data_folder() -> Path:
    """The folder of the recordings: `RPPG_LAB_DATA` if set, else `data` in the project. It need not exist yet."""
    return _place(DATA_VARIABLE, "data")


def runs_folder() -> Path:
    """The folder of the runs: `RPPG_LAB_RUNS` if set, else `runs` in the project. It need not exist yet."""
    return _place(RUNS_VARIABLE, "runs")


def work_folder() -> Path:
    """The folder of the notebooks that the learner works in: `work` in the project. It need not exist yet."""
    return project_folder() / "work"


def progress_file() -> Path:
    """The file of solved exercises: `RPPG_LAB_PROGRESS` if set, else `work/progress.json` in the project."""
    return _place(PROGRESS_VARIABLE, "work/progress.json")


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Write to the temporary path given; it takes the place of `path` when complete, and is removed on any failure.

    The folder is made if it is missing. The file may be read by everybody who may read the folder, unlike those that
    `tempfile` makes. Raises OSError as writing does.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        yield temporary
        os.replace(temporary, path)
    except BaseException as error:
        try:
            temporary.unlink(missing_ok=True)
        except OSError as still_there:  # another program holds it open: what went wrong first matters more
            error.add_note(f"the unfinished file could not be removed: {still_there}")
        raise


def _place(variable: str, default: str) -> Path:
    chosen = os.environ.get(variable)
    # Absolute, because a notebook and a worker process need not share the working folder of the shell that set it.
    return Path(chosen).expanduser().absolute() if chosen else project_folder() / default
