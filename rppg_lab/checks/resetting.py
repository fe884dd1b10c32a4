"""A fresh copy of a lesson's notebook, with the old one kept beside it.

`lab.py` copies the notebooks into `work/` and notes in a file there which content it has copied, to know what has been
edited since. A copy made here is noted in the same way.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rppg_lab import folders

COPIED = ".copied.json"  # lab.py's note: the name of each notebook → the SHA-256 of its content when it was copied


class Reset(NamedTuple):
    """A notebook that is fresh again, and where the old one is kept; None if there was nothing to keep."""

    fresh: Path
    kept: Path | None


def reset(lessons: Sequence[str]) -> list[Reset]:
    """Put a fresh notebook of each lesson ("07", or "7") into work/. One that was edited is kept under another name.

    Raises ValueError, before anything is touched, for a lesson that there is not; FileNotFoundError when the course
    has not been set up; OSError for a file that cannot be written: the learner's notebook is then where it was.
    """
    work, originals = folders.work_folder(), _originals()
    unknown = [lesson for lesson in lessons if lesson.zfill(2) not in originals]
    if unknown:
        raise ValueError(f"there is no lesson {', '.join(unknown)}; there are {', '.join(originals)}")
    if not work.is_dir():
        raise FileNotFoundError(f"there is no folder {work} yet: `python lab.py setup` makes it, with every notebook")
    return [_reset(originals[lesson], work) for lesson in dict.fromkeys(lesson.zfill(2) for lesson in lessons)]


def _originals() -> dict[str, Path]:
    """The notebooks as they come with the course: number → file."""
    source = folders.project_folder() / "notebooks"
    found = {path.name[:2]: path for path in sorted(source.glob("[0-9][0-9]_*.ipynb"))}
    if not found:
        raise FileNotFoundError(f"there are no notebooks in {source}: this works where the course was unpacked")
    return found


def _reset(original: Path, work: Path) -> Reset:
    fresh, content = work / original.name, original.read_bytes()
    note = _read_note(work)
    old = fresh.read_bytes() if fresh.exists() else None
    edited = old is not None and _digest(old) not in (note.get(fresh.name), _digest(content))
    kept = _keep(fresh, old) if edited else None
    if old != content:
        _write(fresh, content)
    _write(work / COPIED, json.dumps({**note, fresh.name: _digest(content)}, indent=1).encode())
    return Reset(fresh, kept)


def _keep(notebook: Path, content: bytes) -> Path:
    """Write a second copy of a notebook beside it, under a name that says when and that nothing has yet."""
    when = datetime.datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    again = 1
    while True:
        # Sorted after the notebook itself: lab.py opens the first one that begins with 00_.
        kept = notebook.with_name(f"{notebook.stem}_kept_{when}{f'_{again}' if again > 1 else ''}{notebook.suffix}")
        try:
            with kept.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())  # it is the only one as soon as the fresh notebook is in its place
            return kept
        except FileExistsError:
            again += 1


def _read_note(work: Path) -> dict[str, str]:
    try:
        found = json.loads((work / COPIED).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # none, or damaged: then what is not as it comes with the course counts as edited
        return {}
    return found if isinstance(found, dict) else {}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    with folders.replacing(path) as part:
        part.write_bytes(content)
