"""Made people without end: each epoch of a training gets new ones, made while the epoch before is trained on.

    epoch e: people FIRST + e·n … FIRST + e·n + n − 1 ──made by other processes──▶ one HDF5 file ──▶ read
    epoch e + 1:                  the next n people … ──made meanwhile──▶ …

Their numbers begin at `FIRST`. Samples, validation and test people have smaller ones, so that nobody is ever trained on
who is measured on; keep it so. Tone and heart rate spread as evenly over them as over the first (see
`synthesis.evenly_spread`).
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from tqdm import tqdm

from rppg_lab import synthesis
from rppg_lab.datasets import made
from rppg_lab.processes import default_count
from rppg_lab.recordings import RecordingFile, open_recordings

FIRST = 1_000_000  # the number of the first person
SECONDS = 20.0  # of each: shorter ones teach less, for motion and drift belong to a whole recording
FS = 30.0  # frames per second
PEOPLE = 160  # in an epoch, unless somebody wants another number
SCHEME = "endless:"  # how a data_path begins that names a domain instead of a file
PREFIX = "made-people-"  # of the temporary folder's name
_LOOK = 0.2  # s between two looks at how many people are made


def domain_of(data_path: str) -> str | None:
    """The domain that a data_path such as "endless:wide" names; None if it is the path of a file.

    Raises ValueError for an unknown domain.
    """
    if not data_path.startswith(SCHEME):
        return None
    domain, known = data_path.removeprefix(SCHEME), (*synthesis.DOMAINS, synthesis.WIDE)
    if domain not in known:
        raise ValueError(f"there is no domain {domain!r} to make people of; there are: {', '.join(known)}")
    return domain


def names(epoch: int, *, domain: str, people: int, seed: int = 0) -> list[str]:
    """What the people of an epoch (0, 1, …) are called, as `synthesis.make_video` calls them."""
    suffix = f"-seed{seed}" if seed else ""
    return [f"made-{domain}-{number:04d}{suffix}" for number in _numbers(epoch, people)]


def _numbers(epoch: int, people: int) -> range:
    first = FIRST + epoch * people
    return range(first, first + people)


class FreshPeople:
    """The files of the epochs' people, each complete when it is opened and gone when the next one is.

    domain, seed: see `synthesis.make_video`; people: how many in an epoch; size: pixels of their frames; seconds: of
    each. The same settings give the same people in an epoch, bit for bit, whichever epoch is opened first.
    epochs: how many there will be, so that none is made in vain; None: nobody knows.
    folder: where the temporary folder goes that holds at most two epochs' files (160 people of 32 pixels: 0.3 GB
    each), by default the system's. processes: how many make people at once, by default one per core; they give way to
    the training.

    Close it, or use it in a `with` block: then no process and no file is left, whatever happened inside.
    Raises ValueError for an unknown domain and for nobody.
    """

    def __init__(
        self,
        domain: str,
        *,
        people: int = PEOPLE,
        size: int = 32,
        seed: int = 0,
        seconds: float | None = None,
        epochs: int | None = None,
        folder: str | Path | None = None,
        processes: int | None = None,
        progress: bool = True,
    ) -> None:
        domain_of(SCHEME + domain)
        if people < 1:
            raise ValueError(f"an epoch needs at least one person, not {people}")
        self.domain, self.people, self.seed, self.epochs = domain, people, seed, epochs
        self.frames, self.fs = round((seconds or SECONDS) * FS), FS
        self._made_with = {"domain": domain, "seed": seed, "seconds": seconds or SECONDS, "fs": FS, "size": size}
        self._processes, self._progress = min(processes or default_count(), people), progress
        self._held = _Held(folder)
        self._close = weakref.finalize(self, self._held.close)  # also for who forgets, and when the program ends

    def names(self, epoch: int) -> list[str]:
        """What the people of an epoch are called."""
        return names(epoch, domain=self.domain, people=self.people, seed=self.seed)

    def open(self, epoch: int) -> RecordingFile:
        """The recordings of an epoch (0, 1, …); waits until they are made.

        The file opened before is closed and removed, and the people of the next epoch are begun. Raises whatever went
        wrong when this epoch's were made: OSError if the disk is full, ChildProcessError if a process was ended from
        outside.
        """
        if epoch < 0:
            raise ValueError(f"epochs are numbered from 0, not from {epoch}")
        if not self._close.alive:
            raise ValueError("these people are closed: make new FreshPeople")
        held = self._held
        if held.file is not None and held.epoch == epoch:
            return held.file
        held.remove_file()
        if held.making is None or held.making.epoch != epoch:
            held.stop_making()
            held.making = self._begin(epoch)
        try:
            held.making.wait(self._progress)
            held.file, held.epoch = open_recordings(held.making.path), epoch
        except BaseException:
            held.stop_making()  # what failed is tried anew when it is asked for again
            raise
        held.making = None
        if self.epochs is None or epoch + 1 < self.epochs:
            held.making = self._begin(epoch + 1)
        return held.file

    def close(self) -> None:
        """End the processes and remove the files; once more does nothing."""
        self._close()

    def __enter__(self) -> FreshPeople:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _begin(self, epoch: int) -> _Making:
        numbers = _numbers(epoch, self.people)
        return _Making(self._held.path(f"epoch_{epoch}.h5"), epoch, numbers, self._processes, self._made_with)


class _Held:
    """What must not outlive its `FreshPeople`: a folder, the file that is read, the processes that make the next."""

    def __init__(self, parent: str | Path | None) -> None:
        self.parent = parent
        self.folder: Path | None = None
        self.file: RecordingFile | None = None
        self.epoch = 0  # of the file
        self.making: _Making | None = None

    def path(self, name: str) -> Path:
        if self.folder is None:
            self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=self.parent))
        return self.folder / name

    def remove_file(self) -> None:
        if self.file is not None:
            file, self.file = self.file, None
            file.close()
            file.path.unlink()

    def stop_making(self) -> None:
        if self.making is not None:
            self.making.stop()
            self.making = None

    def close(self) -> None:
        try:
            self.stop_making()
            self.remove_file()
        finally:
            if self.folder is not None:
                shutil.rmtree(self.folder, ignore_errors=True)


class _Making:
    """One epoch's file in the making: other processes make the people, a thread writes down what they give."""

    def __init__(self, path: Path, epoch: int, numbers: range, processes: int, made_with: dict) -> None:
        self.path, self.epoch = path, epoch
        self._numbers, self._processes, self._made_with = numbers, processes, made_with
        self._count, self._stopped = 0, False
        self._error: BaseException | None = None
        # Waited for instead of the thread: a Thread.join that Ctrl-C interrupts takes a running thread for ended.
        self._ended = threading.Event()
        threading.Thread(target=self._make, daemon=True).start()  # a daemon is what no program waits for at its end

    def _make(self) -> None:
        try:
            made.make(
                self.path,
                subjects=self._numbers,
                processes=self._processes,
                progress=False,
                aside=self.path.parent,
                each=self._counted,
                **self._made_with,
            )
        except BaseException as error:  # told to the one who waits
            self._error = error
        finally:
            self._ended.set()

    def _counted(self) -> None:
        self._count += 1
        if self._stopped:
            raise CancelledError

    def wait(self, progress: bool) -> None:
        """Return when the file is there, or raise what went wrong."""
        about = f"making the people of epoch {self.epoch + 1}"
        seen = progress and not self._ended.is_set()
        with tqdm(total=len(self._numbers), desc=about, unit="person", disable=not seen) as bar:
            while not self._ended.wait(_LOOK):
                if self._count > bar.n:
                    bar.update(self._count - bar.n)
            bar.update(self._count - bar.n)
        if isinstance(self._error, BrokenProcessPool):
            raise ChildProcessError(
                "a process that makes people was ended from outside (is the memory full?): begin again, and training "
                "goes on after the last finished epoch"
            ) from self._error
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """End the processes, each after the person it is at, and leave no file."""
        self._stopped = True
        self._ended.wait()
        self.path.unlink(missing_ok=True)
