"""A folder of videos with pulse files → one HDF5 file of continuous recordings.

What a folder may look like:

    FOLDER/ana_rest.mp4  ana_rest.csv  [ana_rest_times.csv]      the files of one take share its name
    FOLDER/ana/rest/video.avi  BVP.csv  [frames_timestamp.csv]   or a folder holds one video and its files

A pulse file is a CSV with a header: a column of times in seconds (`time`, `timestamp`, …, see video.TIME_COLUMNS) and
one of the wave (WAVE_COLUMNS). A file of frame times has one row per frame, with a column of times on the same clock as
the pulse file. Without it the frames have the video's own times, from 0 on; a pulse file whose times lie elsewhere
altogether (a clock of the world) is then taken to start with the video, and the summary says so.

    video ──▶ face found, followed, cropped ──┐  each in a part file of its own, by several processes;
    pulse ──▶ on the frames' times, cut ──────┴▶ interrupted, the finished parts are kept ──▶ OUT.h5, all at once
"""

from __future__ import annotations

import csv
import hashlib
import math
import multiprocessing
import shutil
import signal
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from rppg_lab import video
from rppg_lab.processes import default_count
from rppg_lab.recordings import SCHEMA_VERSION, Recording, RecordingError, open_recordings, write_recordings
from rppg_lab.spectrum import resample

VIDEO_SUFFIXES = {".avi", ".mp4", ".mov", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv", ".mts", ".3gp"}
WAVE_COLUMNS = ("bvp", "ppg", "pulse", "wave")
WAVE_FILES, TIME_FILES = ("bvp.csv", "ppg.csv", "pulse.csv"), ("frames_timestamp.csv", "times.csv")
TIMES_SUFFIX = "_times"
SHORTEST = 2.0  # s that video and pulse must have in common
SEEN = 0.5  # share of the searches in which the face must be seen
UNEVEN = 0.5  # of a frame: a clock that is further than this from an even one gets new frames, see `Choices`
BOXES, SUBJECTS = ("tracked", "fixed", "whole"), ("folder", "name", "each")
EXPECTED = (ValueError, OSError, NotImplementedError, ImportError, cv2.error)  # of one video: told, and not fatal


@dataclass(frozen=True)
class Choices:
    """How videos are prepared; stored in the file.

    size: pixels of the crop. enlarge: its side over that of the found face. every, smooth, finder ("haar", "lbp" or the
    path of a cascade), rotate: see `video.track_face` and `read_video`. box: "tracked", "fixed" (the median of what was
    found, all the time) or "whole" (no search; the frame is the crop). delay: s by which the pulse file's clock is
    ahead: what it shows at t belongs to the frame at t − delay. subject: who is in a video — "folder" (the first below
    the given one), "name" (up to the first _ or -) or "each" (everybody is somebody else). even: a video whose frames
    lie more than half a frame from an even clock gets frames on an even one, each on the line between its neighbours in
    time, because methods and networks count frames; False keeps every frame as it is, with its true time.

    Raises ValueError for a value that cannot be.
    """

    size: int = 64
    enlarge: float = 1.5
    every: int = 30
    smooth: int = 5
    box: str = "tracked"
    finder: str = "haar"
    rotate: int = 0
    delay: float = 0.0
    subject: str = "folder"
    even: bool = True

    def __post_init__(self) -> None:
        checks = (
            (self.size >= 8, f"size must be at least 8 pixels, not {self.size}"),
            (0 < self.enlarge <= 10, f"enlarge must be above 0, at most 10, not {self.enlarge}"),
            (self.every >= 1, f"every must be at least 1 frame, not {self.every}"),
            (self.smooth >= 1 and self.smooth % 2 == 1, f"smooth must be an odd number of searches, not {self.smooth}"),
            (self.box in BOXES, f"box must be one of {', '.join(BOXES)}, not {self.box!r}"),
            (self.rotate in (0, 90, 180, 270), f"rotate must be 0, 90, 180 or 270, not {self.rotate}"),
            (math.isfinite(self.delay), f"delay must be a number of seconds, not {self.delay}"),
            (self.subject in SUBJECTS, f"subject must be one of {', '.join(SUBJECTS)}, not {self.subject!r}"),
        )
        if problems := [problem for good, problem in checks if not good]:
            raise ValueError("; ".join(problems))


@dataclass(frozen=True)
class Take:
    """One video with the files that belong to it. `times` is None where the video's own times count."""

    name: str
    subject: str
    video: Path
    wave: Path
    times: Path | None = None


@dataclass(frozen=True)
class Prepared:
    """What became of a folder. notes: what was met, by name; failed: why a video is not in the file, by name."""

    path: Path
    names: list[str]
    notes: dict[str, list[str]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    reused: int = 0
    up_to_date: bool = False

    def __str__(self) -> str:
        lines = [f"{name}: {note}" for name, notes in self.notes.items() for note in notes]
        reused = f", {self.reused} of them already finished before" if self.reused else ""
        found = " was up to date:" if self.up_to_date else ":"
        lines.append(f"{self.path}{found} {len(self.names)} recordings{reused}")
        if self.failed:
            lines.append(f"{len(self.failed)} not prepared (the others are kept: mend these and run it again):")
            lines += [f"  {name}: {reason}" for name, reason in self.failed.items()]
        return "\n".join(lines)


# ----------------------------------------------------------------------------------------------------- what is there


def find_takes(folder: str | Path, subject: str = "folder") -> tuple[list[Take], dict[str, str]]:
    """The videos in a folder and below, in natural order, and by name why a video cannot be used.

    FileNotFoundError for a folder that is not there, ValueError for one without videos.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder} (seen from {Path.cwd()}): check the path")
    videos = [
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in VIDEO_SUFFIXES and path.is_file() and not path.name.startswith(".")
    ]
    if not videos:
        known = " ".join(sorted(VIDEO_SUFFIXES))
        raise ValueError(f"{folder} holds no videos ({known}), nor do the folders in it")
    videos.sort(key=lambda path: video.natural_order(path.relative_to(folder).as_posix()))
    names = ["-".join(path.relative_to(folder).with_suffix("").parts) for path in videos]
    takes, failed = [], {}
    for path, short in zip(videos, names, strict=True):
        name = short if names.count(short) == 1 else short + path.suffix
        alone = sum(other.parent == path.parent for other in videos) == 1
        wave = _beside(path, [f"{path.stem}.csv"], WAVE_FILES if alone else ())
        times = _beside(path, [f"{path.stem}{TIMES_SUFFIX}.csv"], TIME_FILES if alone else ())
        if wave is None:
            failed[name] = f"no pulse file: {path.with_suffix('.csv').name} is not beside {path.name}" + (
                f", and there is no {' or '.join(WAVE_FILES)}" if alone else ""
            )
        else:
            takes.append(Take(name, _subject(path.relative_to(folder), name, subject), path, wave, times))
    return takes, failed


def _beside(path: Path, names: Iterable[str], if_alone: Iterable[str]) -> Path | None:
    """The first file of these names in the video's folder, in capitals or not."""
    there = {file.name.lower(): file for file in sorted(path.parent.iterdir()) if file.is_file()}
    return next((there[name.lower()] for name in (*names, *if_alone) if name.lower() in there), None)


def _subject(relative: Path, name: str, rule: str) -> str:
    if rule == "folder" and len(relative.parts) > 1:
        return relative.parts[0]
    if rule == "name":
        return relative.stem.replace("-", "_").split("_")[0] or name
    return name


def read_wave(path: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """(time (N,) s, wave (N,)) of a pulse file. FileNotFoundError, or ValueError that names the file and the line."""
    path = Path(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [(number, row) for number, row in enumerate(csv.reader(file), start=1) if any(map(str.strip, row))]
    if not rows:
        raise ValueError(f"{path} is empty: a pulse file has a column of times and one of the wave")
    header = [cell.strip().lower() for cell in rows[0][1]]
    columns = []
    for what, known in (("times", video.TIME_COLUMNS), ("wave", WAVE_COLUMNS)):
        column = next((header.index(name) for name in known if name in header), None)
        if column is None:
            raise ValueError(
                f"{path}: which column holds the {what}? Its first line is {', '.join(rows[0][1])!r}; "
                f"name it one of {', '.join(known)}"
            )
        columns.append(column)
    values = np.empty((len(rows) - 1, 2))
    for k, (number, row) in enumerate(rows[1:]):
        try:
            values[k] = [float(row[column]) for column in columns]
        except (ValueError, IndexError):
            raise ValueError(f"{path}, line {number}: {','.join(row)!r} lacks a time or a value of the wave") from None
    if len(values) < 2:
        raise ValueError(f"{path} has {len(values)} rows of numbers: that is no wave")
    bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if bad.size:
        raise ValueError(f"{path}, line {rows[bad[0] + 1][0]}: not a number; cut it out or fill it in")
    time, wave = values.T
    late = np.flatnonzero(np.diff(time) <= 0)
    if late.size:
        number = rows[late[0] + 2][0]
        raise ValueError(
            f"{path}, line {number}: time must increase; here it is {time[late[0] + 1]} after {time[late[0]]}"
        )
    fs = 1 / np.median(np.diff(time))
    if not 2 <= fs <= 5000:
        raise ValueError(f"{path}: its times mean {fs:.3g} samples a second: are they in seconds, or in ms or ns?")
    return time, wave


# -------------------------------------------------------------------------------------------------------- one video


def prepare_take(take: Take, choices: Choices, path: Path, settings: dict[str, Any]) -> list[str]:
    """Prepare one video as a file of one recording, and return notes for the reader. One frame is in memory at a time.

    The errors of `video.read_video`, `track_face` and `read_wave`; ValueError where video and pulse have too little in
    common, or the face is hardly ever seen.
    """
    notes: list[str] = []
    wave_time, wave = read_wave(take.wave)  # first: it is read in a moment, the video is not
    opened = video.read_video(take.video, times=take.times, rotate=choices.rotate)
    boxes = _boxes(opened, choices, notes)
    time = opened.time
    if opened.times_from == "frame rate":
        notes.append(f"the file holds no times of its frames, only a rate ({opened.fs:.2f} a second): is it true?")
    if opened.truncated:
        notes.append(f"the video is cut short: {len(time)} of {opened.frames_announced} frames could be read")

    wave_time = wave_time - choices.delay
    if take.times is None and (wave_time[0] > time[-1] or wave_time[-1] < time[0]):
        wave_time = wave_time - wave_time[0] - choices.delay + time[0]
        notes.append("the pulse file has a clock of its own: it is taken to start with the video")
    fs = opened.fs
    even = time[0] + np.arange(int((time[-1] - time[0]) * fs + 1e-3) + 1) / fs
    new_time, place = time, np.arange(len(time), dtype=np.float64)
    if choices.even:
        away = np.abs(time - np.interp(np.arange(len(time)), np.arange(len(even)), even)).max() * fs
        if away > UNEVEN:
            new_time, place = even, np.interp(even, time, np.arange(len(time)))
            notes.append(f"the frames are up to {away:.1f} frames off an even clock, and are brought onto one")
    inside = (new_time >= wave_time[0]) & (new_time <= wave_time[-1])
    common = float(np.ptp(new_time[inside])) if inside.any() else 0.0
    if common < SHORTEST:
        raise ValueError(
            f"video ({time[0]:.2f} to {time[-1]:.2f} s) and pulse ({wave_time[0]:.2f} to {wave_time[-1]:.2f} s) have "
            f"{common:.1f} s in common, and {SHORTEST:g} at least are needed: are both on one clock?"
        )
    first, last = np.flatnonzero(inside)[[0, -1]]
    for seconds, where in ((new_time[first] - new_time[0], "first"), (new_time[-1] - new_time[last], "last")):
        if seconds > 1.5 / fs:
            notes.append(f"the {where} {seconds:.1f} s of the video have no pulse and are left out")
    place, new_time = place[first : last + 1], new_time[first : last + 1]
    frames = _Streamed(video.crop_frames(opened, boxes, choices.size), place, choices.size)
    recording = Recording(
        subject=take.subject,
        fs=float((len(new_time) - 1) / (new_time[-1] - new_time[0])),
        time=new_time,
        bvp=resample(wave, wave_time, new_time).astype(np.float32),
        frames=frames,
        name=take.name,
        source=take.video.name,
    )
    write_recordings(path, [recording], settings | {"notes": notes})
    return notes


def _boxes(opened: video.Video, choices: Choices, notes: list[str]) -> np.ndarray:
    """One box for each frame, (T, 4)."""
    most_colour = 0

    def looked_at(frame: np.ndarray) -> np.ndarray:
        nonlocal most_colour
        most_colour = max(most_colour, int(np.ptp(frame[::4, ::4], axis=2).max()))
        return frame

    if choices.box == "whole":
        for _, frame in opened.every(choices.every):
            if frame is not None:
                looked_at(frame)
        track = None
    else:
        finder = video.get_finder(choices.finder)

        @wraps(finder)  # with its signature: track_face sees whether it can look near a place
        def watching(frame: np.ndarray, **near: video.Box) -> list[video.Box]:
            return finder(looked_at(frame), **near)

        track = video.track_face(opened, every=choices.every, smooth=choices.smooth, finder=watching)
    if most_colour <= video.GREY:
        notes.append("the video has no colour: only what needs none can read it")
    if track is None:
        return np.tile([0.0, 0.0, opened.width, opened.height], (len(opened.time), 1))
    seen, searched = int(track.followed.sum()), len(track.searched)
    if seen < SEEN * searched:
        raise ValueError(f"the face is seen in only {seen} of {searched} searches: try another finder, or box whole")
    if seen < searched:
        spans = ", ".join(f"{start:.1f}–{end:.1f} s" for start, end in video.lost_spans(track, opened.time))
        notes.append(f"the face is lost in {searched - seen} of {searched} searches ({spans})")
    if track.faces.max() > 1:
        notes.append(f"up to {track.faces.max()} faces are seen; the largest is followed")
    boxes = track.boxes
    if choices.box == "fixed":
        boxes = np.tile(np.median(boxes, axis=0), (len(boxes), 1))
    return video.enlarged(boxes, choices.enlarge)


class _Streamed:
    """Frames that come one after the other from a generator and are sliced from the first to the last, once.

    place (T,): where in the stream each frame lies; between two, it is their mixture.
    """

    dtype = np.dtype(np.uint8)

    def __init__(self, crops: Iterator[np.ndarray], place: np.ndarray, size: int):
        self.shape = (len(place), size, size, 3)
        self._crops, self._place = enumerate(crops), place
        self._kept: dict[int, np.ndarray] = {}

    def __getitem__(self, part: slice) -> np.ndarray:
        return np.stack([self._at(place) for place in self._place[part]])

    def _at(self, place: float) -> np.ndarray:
        before = int(place)
        share = place - before
        after = before + 1 if share > 1e-6 else before
        while not self._kept or max(self._kept) < after:
            number, crop = next(self._crops)
            self._kept = {k: one for k, one in self._kept.items() if k >= before - 1} | {number: crop}
        if after == before:
            return self._kept[before]
        return cv2.addWeighted(self._kept[before], 1 - share, self._kept[after], share, 0)


# ------------------------------------------------------------------------------------------------------- all of them


def prepare(
    folder: str | Path,
    out: str | Path,
    choices: Choices | None = None,
    *,
    processes: int | None = None,
    fresh: bool = False,
    progress: bool = True,
) -> Prepared:
    """Prepare every video of a folder into one file of recordings; see the module for what a folder may look like.

    processes: how many at once (default: one per core, up to 8). Each finished video is a file in OUT.h5.parts, so that
    an interrupted run goes on where it stopped, with the same choices; they are removed when all are in the file.
    fresh: from the start; else a file that was made of the same videos in the same way is left as it is.

    A video that cannot be prepared is told of in `failed` and is not fatal. ValueError, with every reason, where not
    one can be; FileNotFoundError for a folder that is not there.
    """
    choices, out = choices or Choices(), Path(out)
    if processes is not None and processes < 1:
        raise ValueError(f"processes must be at least 1, not {processes}")
    if out.is_dir():
        raise ValueError(f"{out} is a folder: name the file to write, e.g. {out / 'recordings.h5'}")
    if choices.box != "whole":
        video.get_finder(choices.finder)
    takes, failed = find_takes(folder, choices.subject)
    settings = {take.name: _settings(take, choices) for take in takes}
    if not fresh and not failed and _are_in(out, settings):
        return Prepared(out, [take.name for take in takes], up_to_date=True)
    parts = out.with_name(f"{out.name}.parts")
    if fresh:
        shutil.rmtree(parts, ignore_errors=True)
    parts.mkdir(parents=True, exist_ok=True)
    for left in parts.glob("*.part"):  # of a process that was killed
        left.unlink(missing_ok=True)
    place = {take.name: parts / f"{hashlib.sha256(take.name.encode()).hexdigest()[:16]}.h5" for take in takes}
    finished = {take.name for take in takes if _are_in(place[take.name], {take.name: settings[take.name]})}
    waiting = [take for take in takes if take.name not in finished]
    jobs = [(take, choices, place[take.name], _of_one(settings, take.name)) for take in waiting]
    with tqdm(
        total=len(takes), initial=len(finished), desc=f"preparing {out.name}", unit="video", disable=not progress
    ) as bar:
        for name, reason in _done(jobs, min(processes or default_count(), max(1, len(jobs)))):
            if reason is not None:
                failed[name] = reason
            bar.update()

    good = [take.name for take in takes if take.name not in failed]
    if not good:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in failed.items())
        raise ValueError(f"none of the {len(failed)} videos in {folder} can be prepared: {reasons}")
    notes: dict[str, list[str]] = {}
    for name in good:
        with open_recordings(place[name]) as part:
            notes[name] = part.settings["notes"]

    def recordings() -> Iterator[Recording]:
        for name in good:
            with open_recordings(place[name]) as part:
                yield part[name]

    whole = {"made_by": "rppg-lab prepare", "choices": asdict(choices)}
    sources = {name: settings[name] for name in good}
    write_recordings(out, recordings(), whole | {"sources": sources, "notes": notes, "failed": failed})
    if not failed:
        shutil.rmtree(parts, ignore_errors=True)
    order = dict(sorted(failed.items(), key=lambda item: video.natural_order(item[0])))
    return Prepared(out, good, {name: said for name, said in notes.items() if said}, order, len(finished & set(good)))


def _of_one(settings: dict[str, Any], name: str) -> dict[str, Any]:
    return {"sources": {name: settings[name]}}


def _settings(take: Take, choices: Choices) -> dict[str, Any]:
    """What a part depends on: the choices, and the files as they are now."""
    files = {}
    for kind in ("video", "wave", "times"):
        path = getattr(take, kind)
        about = path.stat() if path else None
        files[kind] = [path.name, about.st_size, about.st_mtime_ns] if path else None
    return {"subject": take.subject, "choices": asdict(choices), "schema": SCHEMA_VERSION, **files}


def _are_in(path: Path, sources: dict[str, Any]) -> bool:
    """Whether a file is whole and holds exactly these recordings, made of these files in this way."""
    if not path.is_file():
        return False
    try:
        with open_recordings(path) as file:
            return file.settings.get("sources") == sources and set(file) == set(sources)
    except (RecordingError, OSError):
        return False


def _done(jobs: list[tuple], processes: int) -> Iterator[tuple[str, str | None]]:
    """(name, None or why it failed) of each take, as they end."""
    if processes == 1 or len(jobs) < 2:
        for job in jobs:
            yield job[0].name, _attempt(*job)
        return
    # Spawned, not forked, on every system: OpenCV's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin_worker)
    try:
        running: dict[Future, str] = {pool.submit(_attempt, *job): job[0].name for job in jobs}
        for future in as_completed(running):
            yield running[future], future.result()
    except BrokenProcessPool as error:
        raise OSError(
            "a process was killed, most likely for want of memory: run it again with fewer at once (--processes 1); "
            "what is finished is kept"
        ) from error
    except BaseException:  # interrupted: the others must not work on
        for process in list((pool._processes or {}).values()):
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process; the first one decides
    cv2.setNumThreads(1)


def _attempt(take: Take, choices: Choices, path: Path, settings: dict[str, Any]) -> str | None:
    """None when the part is written, else the reason why not, in one line. A full disk is not one video's fault."""
    try:
        prepare_take(take, choices, path, settings)
    except OSError as error:
        if error.errno is not None and not isinstance(error, FileNotFoundError | PermissionError):
            raise
        return " ".join(str(error).split())
    except EXPECTED as error:
        return " ".join(str(error).split()) or type(error).__name__
    return None
