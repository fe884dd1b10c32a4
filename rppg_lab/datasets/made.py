"""Made recordings in a file: the course's sample data, and any other people one asks for."""

import contextlib
import hashlib
import multiprocessing
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from tqdm import tqdm

from rppg_lab import physics, synthesis
from rppg_lab.folders import data_folder
from rppg_lab.processes import default_count
from rppg_lab.recordings import Recording, RecordingError, open_recordings, write_recordings

AHEAD = 2  # recordings in the making per process: enough to keep it busy, few enough to keep memory flat
GIVE_WAY = 10  # by how much the priority of processes that make people aside is lowered, where there is one (Unix)


@dataclass(frozen=True)
class Sample:
    """Which people a sample file holds, and how they are made; see `make`."""

    subjects: range
    about: str
    domain: str = "lab"
    seconds: float = 60.0
    pulse: bool = True


SAMPLES: dict[str, Sample] = {
    "lab_train": Sample(range(9), "9 people, 60 s each, to train on"),
    "lab_test": Sample(range(9, 39), "30 further people, 60 s each, to test on"),
    "lab_control": Sample(range(9, 39), "the 30 test people, 20 s each, without a pulse", seconds=20.0, pulse=False),
}
# Made when somebody asks for one by its name; neither the setup nor `rppg-lab data` without --only makes them.
ON_DEMAND: dict[str, Sample] = {
    "office_validation": Sample(range(600, 616), "16 people at an office, 20 s each", domain="office", seconds=20.0),
    "wide_validation": Sample(range(600, 616), "16 people, each in a place of its own", domain="wide", seconds=20.0),
}


def known_samples() -> dict[str, Sample]:
    """Every sample by its name, those made on demand included."""
    return SAMPLES | ON_DEMAND


def sample(name: str, *, remake: bool = False, processes: int | None = None, progress: bool = True) -> Path:
    """Path of a sample file (see `known_samples`) in the data folder; made first if it is not there.

    A file that an older version of the course made, or that is damaged, is made anew, and so is any with remake=True. A
    file is complete or absent: one that was interrupted is simply made again. Raises ValueError for an unknown name.
    """
    known = known_samples()
    if name not in known:
        raise ValueError(f"Unknown sample {name!r}; there are: {', '.join(known)}.")
    path, wanted = data_folder() / f"{name}.h5", known[name]
    choices = {"domain": wanted.domain, "seconds": wanted.seconds, "pulse": wanted.pulse}
    if remake or not _is_current(path, {"subjects": list(wanted.subjects), "generator": generator(), **choices}):
        make(path, subjects=wanted.subjects, processes=processes, progress=progress, **choices)
    return path


def _is_current(path: Path, expected: dict) -> bool:
    if not path.exists():
        return False
    try:
        with open_recordings(path) as file:
            return {key: file.settings.get(key) for key in expected} == expected
    except RecordingError:
        return False


@cache
def generator() -> str:
    """A hash of the code that makes recordings: with another code, other faces."""
    found = hashlib.sha256()
    for module in (physics, synthesis):
        found.update(Path(module.__file__).read_bytes().replace(b"\r\n", b"\n"))
    return found.hexdigest()[:12]


def make(
    path: str | Path,
    *,
    subjects: Sequence[int],
    domain: str = "lab",
    seed: int = 0,
    seconds: float = 60.0,
    fs: float = 30.0,
    size: int = 64,
    pulse: bool = True,
    label: str = "perfect",
    processes: int | None = None,
    progress: bool = True,
    aside: Path | None = None,
    each: Callable[[], None] | None = None,
) -> Path:
    """Make these people's recordings in one HDF5 file; see `synthesis.make_video` for the settings.

    processes: how many at once, by default one per core, up to 8. The file is the same, byte for byte, with any
    number of them, and appears only when it is complete.
    aside: a temporary folder. Given one, the people are made beside other work, and this may run in a thread: always by
    processes of their own, started afresh, that give way to others and, should this process be killed, remove the
    folder and end. each: called after each person; an exception in it stops the making.
    Raises ValueError for settings that make no video.
    """
    path = Path(path)
    if not subjects:
        raise ValueError("No subjects to make; give at least one number.")
    made_with = {"seed": seed, "seconds": seconds, "fs": fs, "size": size, "pulse": pulse, "label": label}
    make_one = partial(synthesis.make_video, domain=domain, **made_with)
    path.parent.mkdir(parents=True, exist_ok=True)
    processes = min(processes or default_count(), len(subjects))
    with tqdm(total=len(subjects), desc=f"making {path.name}", unit="person", disable=not progress) as bar:

        def recordings() -> Iterator[Recording]:
            with contextlib.closing(_in_order(make_one, subjects, processes, aside)) as videos:
                for video in videos:
                    yield _recording(video, domain)
                    bar.update()
                    if each:
                        each()

        with contextlib.closing(recordings()) as people:  # closed at once when interrupted, so that no process stays
            settings = {"domain": domain, "subjects": list(subjects), "generator": generator(), **made_with}
            return write_recordings(path, people, settings)


def _in_order(
    make_one, subjects: Sequence[int], processes: int, aside: Path | None = None
) -> Iterator[synthesis.MadeVideo]:
    """Videos in the order of `subjects`, a few made ahead by other processes."""
    if aside is None and processes == 1:
        yield from map(make_one, subjects)
        return
    # A process that computes in several threads must not be forked: the copy may wait for ever for one it lacks.
    beside = {"mp_context": multiprocessing.get_context("spawn"), "initializer": _give_way, "initargs": (aside,)}
    with ProcessPoolExecutor(processes, **(beside if aside else {})) as pool:
        waiting = []
        try:
            for subject in subjects:
                waiting.append(pool.submit(make_one, subject))
                if len(waiting) >= AHEAD * processes:
                    yield waiting.pop(0).result()
            while waiting:
                yield waiting.pop(0).result()
        finally:  # interrupted: what has not begun need not begin
            for job in waiting:
                job.cancel()


def _give_way(folder: Path) -> None:
    """What a process does first that makes people aside."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who asked, who then tells this one to end
    if hasattr(os, "nice"):
        os.nice(GIVE_WAY)

    def end_with_the_one_who_asked() -> None:
        multiprocessing.parent_process().join()
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(1)

    threading.Thread(target=end_with_the_one_who_asked, daemon=True).start()


def _recording(video: synthesis.MadeVideo, domain: str) -> Recording:
    return Recording(
        subject=video.subject,
        fs=video.fs,
        time=video.time,
        bvp=video.bvp,
        frames=video.frames,
        source="made",
        domain=domain,
        truths=video.truths,
    )
