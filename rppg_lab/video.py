"""Frames with their times from a file or a folder of pictures; the face found, followed and cropped.

Nothing here holds a whole video: a source is decoded as often as needed, and one frame is in memory at a time. A face
is followed in two passes. The first looks for it every N frames (the others are decoded but not converted), the second
crops with the smoothed boxes. The box of frame 0 loses a head that moves; a box found anew on every frame trembles by
a few pixels, and a trembling box writes its own rhythm into the mean colour.
"""

from __future__ import annotations

import csv
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from functools import lru_cache, partial
from inspect import signature
from itertools import pairwise
from math import ceil
from os import PathLike
from pathlib import Path

import cv2
import numpy as np

TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".pgm", ".ppm", ".webp"}
TIME_COLUMNS = ("timestamp", "time", "time_s", "seconds", "t")
SLOWEST_FS, FASTEST_FS = 1.0, 1000.0  # Hz; times given outside this are in another unit than seconds

# The search for faces: on a small picture, and only for faces that are large enough to carry a pulse.
SEARCH_SIZE = 320  # pixels, longer side of the picture that is searched; at 240, one small face in four is missed
SMALLEST_FACE = 0.15  # of the picture's shorter side
SCALE_STEP = 1.15  # from one searched face size to the next; 1.1 takes 1.4× as long and finds no more
NEIGHBOURS = 5  # detections that must agree
NEAR = 1.4  # a face that is followed is looked for within so many widths of where it was, and in sizes up to this apart
WHOLE_AGAIN = 5  # every so many-th search is of the whole frame all the same: who else is there?

SAME_FACE = 0.3  # overlap from which two boxes, one search apart, show the same face
PATIENCE = 3  # searches without the followed face after which another one is taken

GREY = 4  # levels between red, green and blue that compression alone puts into a grey picture

Finder = Callable[[np.ndarray], Sequence]


class FaceNotFoundError(ValueError):
    """No face in any frame that was searched."""


# ------------------------------------------------------------------------------------------------------------- boxes


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels: (x, y) is its upper left corner, and fractions of a pixel count."""

    x: float
    y: float
    w: float
    h: float

    def __post_init__(self) -> None:
        if not np.isfinite(astuple(self)).all() or self.w <= 0 or self.h <= 0:
            raise ValueError(f"A box needs a finite corner, and a width and height above 0; this is {self}")

    def enlarge(self, factor: float) -> Box:
        """The box `factor` times as wide and as high, about the same centre; below 1 it shrinks."""
        if not factor > 0:
            raise ValueError(f"A box cannot be enlarged by {factor}: the factor must be above 0")
        w, h = self.w * factor, self.h * factor
        return Box(self.x + (self.w - w) / 2, self.y + (self.h - h) / 2, w, h)

    def clip(self, height: int, width: int) -> Box:
        """The part of the box inside a frame: sides are cut, never moved. ValueError when nothing is inside."""
        left, top = max(self.x, 0.0), max(self.y, 0.0)
        right, bottom = min(self.x + self.w, float(width)), min(self.y + self.h, float(height))
        if right <= left or bottom <= top:
            raise ValueError(f"{self} lies outside the frame, which is {width} pixels wide and {height} high")
        return Box(left, top, right - left, bottom - top)

    def overlap(self, other: Box) -> float:
        """Intersection over union with another box: 1 for the same box, 0 for boxes apart."""
        across = min(self.x + self.w, other.x + other.w) - max(self.x, other.x)
        down = min(self.y + self.h, other.y + other.h) - max(self.y, other.y)
        both = max(across, 0.0) * max(down, 0.0)
        return both / (self.w * self.h + other.w * other.h - both)

    def crop(self, frame: np.ndarray, size: int) -> np.ndarray:
        """The box as a picture (size, size, 3), each pixel the mean of its area; outside, the frame's edge is repeated.

        Exact to 1/32 pixel, so a box that drifts slowly gives a picture that changes slowly, without jumps of a pixel.
        ValueError when the whole box lies outside the frame.
        """
        self.clip(*frame.shape[:2])
        # Sampled at least once per pixel, then averaged: cv2.resize by area alone starts and ends at whole pixels.
        fine = size * max(1, int(np.ceil(max(self.w, self.h) / size)))
        dx, dy = self.w / fine, self.h / fine
        place = np.array([[dx, 0, self.x + dx / 2 - 0.5], [0, dy, self.y + dy / 2 - 0.5]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        sampled = cv2.warpAffine(frame, place, (fine, fine), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return cv2.resize(sampled, (size, size), interpolation=cv2.INTER_AREA)


def _box(sides: Box | Sequence[float]) -> Box:
    return sides if isinstance(sides, Box) else Box(*map(float, sides))


# --------------------------------------------------------------------------------------------------- frames and times


class Video:
    """Frames that can be read again and again: `for time_s, frame in video`, frame (H, W, 3) uint8 RGB.

    Made by `read_video`. Each iteration decodes from the start and holds one frame.
    height, width: of the frames, as they come.
    times_from: "container" (stored with the frames), "frame rate" (the file has only a nominal rate, as every AVI: late
    frames do not show) or "given" (by the caller).
    frames_announced: what the file's header promises, None where it promises nothing.
    `time`, `fs` and `truncated` are known once the whole has been decoded; asked for earlier, they do that.
    """

    def __init__(self, path: Path, times: np.ndarray | None, fs: float | None, rotate: int):
        self.path, self._given, self._rate, self.rotate = path, times, fs, rotate
        self._pictures = _pictures_in(path) if path.is_dir() else None
        self._time: np.ndarray | None = None
        if self._pictures is None:
            self.frames_announced, announced_fs = _announced(path)
        else:
            self.frames_announced, announced_fs = len(self._pictures), 0.0
        start = [(stamp, frame.shape) for _, (stamp, frame) in zip(range(2), self._decoded(1), strict=False)]
        if len(start) < 2:
            raise ValueError(_too_short(path, len(start)))
        (first, (self.height, self.width, _)), (second, _) = start
        if times is not None or fs is not None:
            self.times_from = "given"
        elif second > first:
            self.times_from = "frame rate" if _magic(path).startswith(b"RIFF") else "container"
        elif announced_fs > 0:
            self.times_from, self._rate = "frame rate", announced_fs
        else:
            raise ValueError(
                f"{path} holds neither times nor a frame rate: give the times (times=…) or the rate (fs=…)"
            )

    def __iter__(self) -> Iterator[tuple[float, np.ndarray]]:
        return self.every(1)

    def every(self, step: int) -> Iterator[tuple[float, np.ndarray | None]]:
        """(time_s, frame) of every frame, but only frames 0, step, 2·step … as pictures and None for the others.

        What is not made a picture costs less. Step 0 gives times only.
        ValueError when a time does not increase, or when the times given are not as many as the frames.
        """
        for now, frame in self._timed(step):
            yield now, None if frame is None else cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)

    def _timed(self, step: int) -> Iterator[tuple[float, np.ndarray | None]]:
        """`every` with frames in OpenCV's order of colours, BGR: who needs a small part of a frame turns only that."""
        time: list[float] = []
        given = self._given
        decoded = self._decoded(step)
        for number, (stamp, frame) in enumerate(decoded):
            if given is not None and number == len(given):
                raise ValueError(self._wrong_times(number + 1 + sum(1 for _ in decoded)))
            if given is not None:
                now = float(given[number])
            elif self._rate is not None:
                now = number / self._rate
            else:
                now = stamp
            if time and not now > time[-1]:
                raise ValueError(
                    f"{self.path}: time must increase, but frame {number} is at {now:.4f} s after {time[-1]:.4f} s. "
                    "Give the true times (times=…), or the rate (fs=…) if the frames are even"
                )
            time.append(now)
            yield now, frame
        # Of a file that was cut short, the frames that are left are the first ones, and so are their times.
        if given is not None and len(time) < len(given) and len(given) != self.frames_announced:
            raise ValueError(self._wrong_times(len(time)))
        self._time = np.array(time)

    def blocks(self, length: int = 30) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Consecutive frames together: (time (n,) s, frames (n, H, W, 3)), n = length but for a shorter last block."""
        time, frames = [], []
        for now, frame in self:
            time.append(now)
            frames.append(frame)
            if len(time) == length:
                yield np.array(time), np.stack(frames)
                time, frames = [], []
        if time:
            yield np.array(time), np.stack(frames)

    @property
    def time(self) -> np.ndarray:
        """(T,) when each readable frame was taken, s."""
        if self._time is None:
            for _ in self.every(0):
                pass
        return self._time

    @property
    def fs(self) -> float:
        """Frames per second over the whole video, Hz: (T − 1) / (last − first).

        Not 1 / median step, which is too fast for a camera that is mostly a little early and sometimes late.
        """
        return float((len(self.time) - 1) / (self.time[-1] - self.time[0]))

    @property
    def truncated(self) -> bool:
        """Whether fewer frames can be read than the file announces."""
        return self.frames_announced is not None and len(self.time) < self.frames_announced

    def _decoded(self, step: int) -> Iterator[tuple[float, np.ndarray | None]]:
        turn = TURNS.get(self.rotate)
        if self._pictures is None:
            frames = _decode_file(self.path, step, self.frames_announced)
        else:
            frames = _decode_pictures(self._pictures, step)
        for stamp, frame in frames:
            yield stamp, frame if frame is None or turn is None else cv2.rotate(frame, turn)

    def _wrong_times(self, frames: int) -> str:
        return f"{self.path} has {frames} frames but {len(self._given)} times were given: there must be one per frame"


def read_video(
    path: str | PathLike,
    *,
    times: str | PathLike | Sequence[float] | None = None,
    fs: float | None = None,
    rotate: int = 0,
) -> Video:
    """Open a video file or a folder of pictures (in natural order: 2 before 10) as a stream of (time_s, frame).

    times: when each frame was taken, s: numbers, or a CSV file with a column `timestamp` or `time`, or one column only.
    fs: an even frame rate, Hz, instead. Without both, the times stored in the file; a folder needs one of them.
    rotate: 0, 90, 180 or 270 degrees clockwise, on top of the turn that the file itself asks for.
    FileNotFoundError, or ValueError that says what is wrong with the file and what to do.
    """
    path = Path(path)
    if rotate not in (0, *TURNS):
        raise ValueError(f"rotate must be 0, 90, 180 or 270 (degrees clockwise), not {rotate!r}")
    if times is not None and fs is not None:
        raise ValueError("Give times or fs, not both: fs means an even clock")
    if fs is not None and not 0 < fs < np.inf:
        raise ValueError(f"fs must be a frame rate above 0 Hz, not {fs}")
    if not path.exists():
        raise FileNotFoundError(f"There is no {path} (seen from {Path.cwd()}): check the path")
    if path.is_dir() and times is None and fs is None:
        raise ValueError(f"{path} is a folder, and pictures hold no times: give the times (times=…) or the rate (fs=…)")
    return Video(path, None if times is None else _checked_times(times), fs, rotate)


def _announced(path: Path) -> tuple[int | None, float]:
    """Number of frames and frame rate in a file's header. None: the format has no index, it would be a guess."""
    capture = _open(path)
    frames, fs = capture.get(cv2.CAP_PROP_FRAME_COUNT), capture.get(cv2.CAP_PROP_FPS)
    capture.release()
    magic = _magic(path)
    indexed = magic.startswith(b"RIFF") or magic[4:8] == b"ftyp"  # AVI; MP4 and MOV
    return int(frames) if indexed and frames > 0 else None, fs if np.isfinite(fs) else 0.0


def _open(path: Path) -> cv2.VideoCapture:
    if path.stat().st_size == 0:
        raise ValueError(f"{path} is empty (0 bytes): copy or record it again")
    if path.suffix.lower() in IMAGE_SUFFIXES:
        raise ValueError(f"{path} is one picture: give the folder that holds all of them")
    # FFmpeg by name: it is in OpenCV's wheel for every system, and reads the same times on each.
    capture = _opened_quietly(path)
    if capture.isOpened():
        return capture
    magic = _magic(path)
    if magic[8:12] == b"WAVE" or magic[8:11] == b"M4A" or magic[:4] in (b"fLaC", b"OggS") or magic[:3] == b"ID3":
        raise ValueError(f"{path} holds sound and no pictures: give the video file")
    if magic[4:8] == b"ftyp":
        raise ValueError(
            f"{path} is an MP4 or MOV file without its index: the recording or the copy was cut short. "
            "Copy it again; a recording that was interrupted has to be repaired or repeated"
        )
    raise ValueError(f"{path} is not a video that can be read here: does it play? If so, convert it to MP4 (H.264)")


def _opened_quietly(path: Path) -> cv2.VideoCapture:
    """Without OpenCV's own warnings on stderr: what is wrong with the file is said by who opens it."""
    before = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    try:
        return cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    finally:
        cv2.utils.logging.setLogLevel(before)


def _decode_file(path: Path, step: int, announced: int | None) -> Iterator[tuple[float, np.ndarray | None]]:
    capture = _open(path)
    try:
        capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)  # phones store the picture lying, with a note to turn it
        number, last = 0, None
        while capture.grab():
            stamp, frame = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000, None
            if step and number % step == 0:
                readable, frame = capture.retrieve()  # grey video comes as three equal channels
                if not readable:
                    raise ValueError(f"{path}: frame {number} cannot be decoded: the file is damaged there")
            if last is not None:
                yield last
            number, last = number + 1, (stamp, frame)
    finally:
        capture.release()
    # Where a file was cut short, its last frame is half a picture that the decoder has filled up.
    if last is not None and (announced is None or number >= announced):
        yield last


def _pictures_in(folder: Path) -> list[Path]:
    pictures = [file for file in folder.iterdir() if file.suffix.lower() in IMAGE_SUFFIXES and file.name[0] != "."]
    if not pictures:
        known = " ".join(sorted(IMAGE_SUFFIXES))
        raise ValueError(f"{folder} is a folder without pictures ({known}): give the one that holds them, or a video")
    return sorted(pictures, key=lambda file: natural_order(file.name))


def natural_order(name: str) -> list[str | int]:
    """The parts of a name with its numbers as numbers, to sort by: Image2 before Image10."""
    return [int(part) if place % 2 else part for place, part in enumerate(re.split(r"([0-9]+)", name))]


def _decode_pictures(files: list[Path], step: int) -> Iterator[tuple[float, np.ndarray | None]]:
    shape = None
    for number, file in enumerate(files):
        frame = None
        if step and number % step == 0:
            # Not cv2.imread: on Windows it cannot open a path with letters outside the system's alphabet.
            stored = np.fromfile(file, np.uint8)
            frame = cv2.imdecode(stored, cv2.IMREAD_COLOR) if stored.size else None
            if frame is None:
                raise ValueError(f"{file} cannot be read as a picture: it is empty or damaged")
            shape = shape or frame.shape
            if frame.shape != shape:
                raise ValueError(
                    f"{file} is {frame.shape[1]}×{frame.shape[0]}, the pictures before it are {shape[1]}×{shape[0]}: "
                    "keep one recording in a folder"
                )
        yield 0.0, frame


def _too_short(path: Path, frames: int) -> str:
    if frames:
        return f"{path} has one frame, and a pulse takes some seconds of video. Is it a picture, or a song's cover?"
    return f"{path} opens as a video but not one frame can be decoded: it is cut short or damaged. Copy it again"


def _magic(path: Path) -> bytes:
    """The first bytes of a file, which name its format; nothing for a folder."""
    if path.is_dir():
        return b""
    with path.open("rb") as file:
        return file.read(12)


def _checked_times(times: str | PathLike | Sequence[float]) -> np.ndarray:
    where = "The given times"
    if isinstance(times, str | PathLike):
        where = f"The times in {times}"
        times = _times_in(Path(times))
    times = np.asarray(times, np.float64)
    if times.ndim != 1 or len(times) < 2:
        raise ValueError(f"{where} must be a row of at least two numbers, one per frame; their shape is {times.shape}")
    if not np.isfinite(times).all():
        raise ValueError(f"{where} have no number at frame {int(np.argmin(np.isfinite(times)))}")
    steps = np.diff(times)
    if not (steps > 0).all():
        late = int(np.argmax(steps <= 0)) + 1
        raise ValueError(
            f"{where} must increase, but frame {late} is at {times[late]:.4f} s after {times[late - 1]:.4f} s: "
            "are the rows in order, and was the clock set back?"
        )
    fs = 1 / float(np.median(steps))
    if not SLOWEST_FS <= fs <= FASTEST_FS:
        raise ValueError(f"{where} mean {fs:.3g} frames per second: are they in seconds, or in ms or ns?")
    return times


def _times_in(path: Path) -> list[float]:
    if not path.exists():
        raise FileNotFoundError(f"There is no file of times {path} (seen from {Path.cwd()}): check the path")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.reader(file) if row]
    if not rows:
        raise ValueError(f"{path} holds no times: it is empty")
    names = [cell.strip().lower() for cell in rows[0]]
    column = next((names.index(name) for name in TIME_COLUMNS if name in names), 0 if len(names) == 1 else None)
    if column is None:
        raise ValueError(f"{path}: which column holds the times? Name it `timestamp` or `time`. First line: {rows[0]}")
    if not _is_number(names[column]):
        rows = rows[1:]
    for number, row in enumerate(rows):
        if len(row) <= column or not _is_number(row[column]):
            raise ValueError(f"{path}: no time for frame {number}; its line reads {','.join(row)!r}")
    return [float(row[column]) for row in rows]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


# ---------------------------------------------------------------------------------------------------------- the face


def find_faces(frame: np.ndarray, near: Box | None = None) -> list[Box]:
    """Upright faces that look at the camera in a frame (H, W, 3) uint8 RGB, largest first; [] when there is none.

    A cascade of Haar features (Viola & Jones 2001), one that comes with OpenCV. near: look only around this box, for
    faces of about its size; takes a fifth of the time. ValueError for another kind of frame.
    """
    return _find_with(_haar_file(), frame, near)


def find_faces_lbp(frame: np.ndarray) -> list[Box]:
    """The same with local binary patterns (Ojala et al. 2002) and the cascade that comes with scikit-image.

    Another feature and other training pictures: what both find is hardly a mistake. Its boxes are about as large, and
    a search takes about twice as long.
    """
    grey, scale = _search_picture(frame)
    smallest = int(SMALLEST_FACE * min(grey.shape))
    largest = min(grey.shape)
    found = _lbp_cascade(threading.get_ident()).detect_multi_scale(
        img=grey,
        scale_factor=SCALE_STEP,
        step_ratio=1,
        min_size=(smallest, smallest),
        max_size=(largest, largest),
        min_neighbor_number=NEIGHBOURS,
    )
    sides = ([float(one[key]) * scale for key in ("c", "r", "width", "height")] for one in found)
    return _largest_first(Box(*box) for box in sides)


def get_finder(name: str | PathLike) -> Finder:
    """A face finder: "haar" (`find_faces`), "lbp" (`find_faces_lbp`), or a cascade of your own in a file (.xml).

    The file is one that `opencv_traincascade` writes, or one of OpenCV's others; any function frame → boxes can be
    given to `track_face` itself. FileNotFoundError, or ValueError for a file that is no cascade.
    """
    if str(name) in FINDERS:
        return FINDERS[str(name)]
    path = Path(name)
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no face finder {name}: choose one of {', '.join(FINDERS)}, or give the file of a cascade (.xml)"
        )
    path = path.resolve()
    _cascade(path, threading.get_ident())  # a bad file is told of now
    return partial(_find_with, path)


FINDERS: dict[str, Finder] = {"haar": find_faces, "lbp": find_faces_lbp}


def _find_with(cascade: Path, frame: np.ndarray, near: Box | None = None) -> list[Box]:
    grey, scale = _search_picture(frame)
    smallest, largest, left, top = int(SMALLEST_FACE * min(grey.shape)), 0, 0, 0
    if near is not None:
        around = near.enlarge(2 * NEAR).clip(*frame.shape[:2])
        left, top = int(around.x / scale), int(around.y / scale)
        grey = grey[top : ceil((around.y + around.h) / scale), left : ceil((around.x + around.w) / scale)]
        smallest, largest = max(smallest, int(near.w / NEAR / scale)), ceil(near.w * NEAR / scale)
    found = _cascade(cascade, threading.get_ident()).detectMultiScale(
        np.ascontiguousarray(grey),
        scaleFactor=SCALE_STEP,
        minNeighbors=NEIGHBOURS,
        minSize=(smallest, smallest),
        maxSize=(largest, largest),
    )
    return _largest_first(Box((x + left) * scale, (y + top) * scale, w * scale, h * scale) for x, y, w, h in found)


def _search_picture(frame: np.ndarray) -> tuple[np.ndarray, float]:
    """The small grey picture that is searched, and how many of the frame's pixels one of its pixels is."""
    if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8:
        raise ValueError(f"A face is looked for in a frame (H, W, 3) of uint8, not {frame.shape} of {frame.dtype}")
    scale = max(1.0, max(frame.shape[:2]) / SEARCH_SIZE)
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    if scale > 1:
        grey = cv2.resize(grey, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_AREA)
    return grey, scale


def _haar_file() -> Path:
    if not hasattr(cv2, "CascadeClassifier") or not hasattr(cv2, "data"):
        raise ImportError(
            f"OpenCV {cv2.__version__} comes without a face finder: install 'opencv-python-headless>=4.10,<5', "
            "or give your own (finder=…)"
        )
    return Path(cv2.data.haarcascades) / "haarcascade_frontalface_alt2.xml"


@lru_cache(maxsize=8)
def _cascade(path: Path, thread: int) -> cv2.CascadeClassifier:
    """One for each thread: a cascade keeps its working memory, and two must not use it at once."""
    # Read here, as text: on Windows OpenCV cannot open a path with letters beyond ASCII, such as a user's name.
    try:
        text = path.read_text(encoding="utf-8")
        storage = cv2.FileStorage(text, cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY)
        cascade = cv2.CascadeClassifier()
        readable = cascade.read(storage.getFirstTopLevelNode()) and not cascade.empty()
    except (UnicodeDecodeError, cv2.error, SystemError):
        readable = False
    if not readable:
        raise ValueError(f"{path} is not a cascade that OpenCV can read: give an .xml as opencv_traincascade writes it")
    return cascade


@lru_cache(maxsize=8)
def _lbp_cascade(thread: int):
    """scikit-image's cascade of local binary patterns, one for each thread."""
    from skimage.data import lbp_frontal_face_cascade_filename  # here: only this finder needs scikit-image
    from skimage.feature import Cascade

    return Cascade(lbp_frontal_face_cascade_filename())


def _largest_first(boxes: Iterable[Box]) -> list[Box]:
    return sorted(boxes, key=lambda box: box.w * box.h, reverse=True)


@dataclass(frozen=True)
class FaceTrack:
    """One box per frame, and what the search saw."""

    boxes: np.ndarray  # (T, 4) x, y, w, h in each frame: Box(*boxes[t])
    searched: np.ndarray  # (K,) the numbers of the frames that were searched
    faces: np.ndarray  # (K,) how many faces were seen in each
    followed: np.ndarray  # (K,) bool, whether the followed one was among them


def track_face(
    frames: Video | Iterable[np.ndarray], *, every: int = 30, smooth: int = 5, finder: Finder = find_faces
) -> FaceTrack:
    """Follow one face: look for it in every `every`-th frame, smooth, and give one box for each frame.

    frames: a Video, or frames (H, W, 3) uint8 one after the other (an array or any iterable); one is held at a time.
    The largest face is followed. A search that does not see it again in about the same place counts as lost, also when
    it sees another; after PATIENCE of them the largest face present is taken. Each search's box becomes the median of
    `smooth` searches (odd; 1 for none); boxes between two searches lie on a line, and a mean over `every` frames rounds
    its corners. At one search a second, 1 % of the finder's trembling is left in the band of the heart; searching
    more often without a longer `smooth` leaves more of it.
    Where the face is lost the box moves on to where it is next seen; before the first and after the last it stays.
    finder: callable, frame → boxes (Box or x, y, w, h); your own model can be one. One that takes `near`, as
    `find_faces` does, is first asked around the last box; but every fifth time, and where the face is not, everywhere.
    FaceNotFoundError when no searched frame has a face.
    """
    if every < 1 or smooth < 1 or smooth % 2 == 0:
        raise ValueError(f"every must be at least 1 and smooth odd; they are {every} and {smooth}")
    if isinstance(frames, Video):
        pictures = (frame for _, frame in frames.every(every))
    else:
        pictures = (frame if number % every == 0 else None for number, frame in enumerate(frames))
    found: list[list[Box]] = []
    count, first = 0, None
    look_near, last = _takes_near(finder), None
    for frame in pictures:
        if frame is not None:
            first = frame if first is None else first
            faces = []
            if look_near and last is not None and len(found) % WHOLE_AGAIN:
                faces = _largest_first(_box(box) for box in finder(frame, near=last))
            faces = faces or _largest_first(_box(box) for box in finder(frame))
            last = max(faces, key=last.overlap if last else lambda box: box.w, default=None)
            found.append(faces)
        count += 1
    if first is None:
        raise ValueError("There are no frames to look for a face in")
    if not any(found):
        raise FaceNotFoundError(_no_face(frames, first, count, len(found), every, finder))
    chosen = _follow(found)
    searched = np.arange(len(found)) * every
    followed = np.array([box is not None for box in chosen])
    seen = np.array([(box.x + box.w / 2, box.y + box.h / 2, box.w, box.h) for box in chosen if box is not None])
    # As many searches before as after, so fewer at the ends: a lopsided median lags behind a face that moves.
    halves = [min(smooth // 2, k, len(seen) - 1 - k) for k in range(len(seen))]
    steady = np.array([np.median(seen[k - half : k + half + 1], axis=0) for k, half in enumerate(halves)])
    lines = (np.interp(np.arange(count), searched[followed], side) for side in steady.T)
    x, y, w, h = (_running_mean(line, every) for line in lines)
    boxes = np.stack([x - w / 2, y - h / 2, w, h], axis=1)
    return FaceTrack(boxes, searched, np.array([len(faces) for faces in found]), followed)


def _takes_near(finder: Finder) -> bool:
    try:
        return "near" in signature(finder).parameters
    except (TypeError, ValueError):  # of a function that is not Python's
        return False


def _running_mean(line: np.ndarray, length: int) -> np.ndarray:
    """The mean of `length` neighbours around each value; beyond the ends the last value is repeated."""
    padded = np.pad(line, (length // 2, length - 1 - length // 2), mode="edge")
    start = padded[0]  # sums of small numbers keep their digits
    total = np.concatenate([[0.0], np.cumsum(padded - start)])
    return start + (total[length:] - total[:-length]) / length


def _follow(found: list[list[Box]]) -> list[Box | None]:
    """From the faces of each search to the one that is followed, None where it is lost."""
    # Begin where two searches agree: a wrong detection hardly ever comes twice.
    pairs = pairwise(found)
    agree = (k for k, (a, b) in enumerate(pairs) if a and any(a[0].overlap(box) >= SAME_FACE for box in b))
    start = next(agree, next(k for k, faces in enumerate(found) if faces))
    chosen: list[Box | None] = [None] * start
    last, missed = found[start][0], 0
    for faces in found[start:]:
        box = max(faces, key=last.overlap, default=None)
        if box is not None and last.overlap(box) < SAME_FACE:
            box = faces[0] if missed >= PATIENCE else None
        missed = missed + 1 if box is None else 0
        last = box or last
        chosen.append(box)
    return chosen


def _no_face(frames: object, first: np.ndarray, count: int, searched: int, every: int, finder: Finder) -> str:
    name, turned = (f"{frames.path}: no", frames.rotate) if isinstance(frames, Video) else ("No", 0)
    upright = next((turn for turn, code in TURNS.items() if len(finder(cv2.rotate(first, code)))), None)
    if upright is None:
        hint = (
            "It must look at the camera, upright and lit, and fill at least a sixth of the picture's height. "
            f"Try every={max(1, every // 6)}, another finder=…, or give the box yourself (box=…)"
        )
    else:
        hint = f"The first frame shows one when it is turned: read the video with rotate={(turned + upright) % 360}"
    return f"{name} face in the {searched} frames that were searched, of {count}. {hint}"


@dataclass(frozen=True)
class FaceVideo:
    """A face cropped from a video, ready for a network or a method."""

    frames: np.ndarray  # (T, size, size, 3) uint8 RGB
    time: np.ndarray  # (T,) s
    boxes: np.ndarray  # (T, 4) x, y, w, h of each crop in the video's pixels
    fs: float  # Hz, over the whole video; where the steps are uneven, see resample_frames
    report: dict  # what was met on the way: see face_clip


def enlarged(boxes: np.ndarray, factor: float) -> np.ndarray:
    """Boxes (T, 4) as x, y, w, h about the same middles, `factor` times as wide and as high."""
    middle, half = boxes[:, :2] + boxes[:, 2:] / 2, boxes[:, 2:] * factor / 2
    return np.concatenate([middle - half, 2 * half], axis=1)


def face_clip(
    path: str | PathLike | Video,
    *,
    size: int = 64,
    enlarge: float = 1.5,
    every: int = 30,
    smooth: int = 5,
    times: str | PathLike | Sequence[float] | None = None,
    box: Box | Sequence[float] | None = None,
    finder: Finder = find_faces,
) -> FaceVideo:
    """The face of a video, followed and cropped to (T, size, size, 3); decoded twice, and only the crops are kept.

    path: a file, a folder or an open Video; times as for `read_video`. every, smooth, finder: as for `track_face`.
    enlarge: the crop's side over that of the found face. box: this fixed box instead, in pixels, as it is.
    report: frames, frames_announced, truncated, times_from, longest_step_s; grey: no colour anywhere, so only methods
    for one channel can work; and of the search: searched, found (the followed face was seen), most_faces (at once),
    lost: [(from_s, to_s)] without it.
    The errors of read_video and track_face.
    """
    if isinstance(path, Video) and times is not None:
        raise ValueError("Give the times to read_video: this video is open already")
    video = path if isinstance(path, Video) else read_video(path, times=times)
    track = None
    if box is None:
        track = track_face(video, every=every, smooth=smooth, finder=finder)
        boxes = enlarged(track.boxes, enlarge)
    else:
        boxes = np.tile(astuple(_box(box)), (len(video.time), 1))
    frames = np.empty((len(boxes), size, size, 3), np.uint8)
    grey = True
    for number, crop in enumerate(crop_frames(video, boxes, size)):
        frames[number] = crop
        grey = grey and int(np.ptp(crop, axis=2).max()) <= GREY
    report = {
        "frames": len(frames),
        "frames_announced": video.frames_announced,
        "truncated": video.truncated,
        "times_from": video.times_from,
        "longest_step_s": float(np.diff(video.time).max()),
        "grey": grey,
    }
    if track is not None:
        report |= {
            "searched": len(track.searched),
            "found": int(track.followed.sum()),
            "most_faces": int(track.faces.max()),
            "lost": lost_spans(track, video.time),
        }
    return FaceVideo(frames, video.time, boxes, video.fs, report)


def crop_frames(frames: Video | Iterable[np.ndarray], boxes: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """The crops (size, size, 3) of frames, one after the other; boxes (T, 4), as `track_face` gives them.

    For videos whose crops must not be in memory together either. ValueError when boxes and frames differ in number.
    """
    if isinstance(frames, Video):
        for frame, box in _paired((frame for _, frame in frames._timed(1)), boxes):
            yield cv2.cvtColor(box.crop(frame, size), cv2.COLOR_BGR2RGB)
    else:
        for frame, box in _paired(frames, boxes):
            yield box.crop(frame, size)


def lost_spans(track: FaceTrack, time: np.ndarray) -> list[tuple[float, float]]:
    """Where the followed face was not seen: from the first search without it to the next one with it."""
    spans, start = [], None
    for frame, seen in zip(track.searched, track.followed, strict=True):
        if not seen and start is None:
            start = frame
        elif seen and start is not None:
            spans.append((float(time[start]), float(time[frame])))
            start = None
    if start is not None:
        spans.append((float(time[start]), float(time[-1])))
    return spans


def _pictures(frames: Video | Iterable[np.ndarray]) -> Iterable[np.ndarray]:
    return (frame for _, frame in frames) if isinstance(frames, Video) else frames


def _paired(frames: Video | Iterable[np.ndarray], boxes: np.ndarray) -> Iterator[tuple[np.ndarray, Box]]:
    number = -1
    for number, frame in enumerate(_pictures(frames)):
        if number == len(boxes):
            raise ValueError(f"There are {len(boxes)} boxes and more frames: there must be one box per frame")
        yield frame, Box(*boxes[number])
    if number + 1 != len(boxes):
        raise ValueError(f"There are {len(boxes)} boxes and {number + 1} frames: there must be one box per frame")


# ------------------------------------------------------------------------------------------------- colours and clock


def mean_colour(
    frames: Video | Iterable[np.ndarray],
    box: Box | Sequence[float] | np.ndarray | None = None,
    mask: np.ndarray | None = None,
) -> np.ndarray:
    """Mean R, G, B of each frame (T, 3) float64: over the whole frame, over a box, or where mask (H, W) is true.

    frames: (T, H, W, 3), any iterable of frames, or a Video. box: one for all, or (T, 4), one per frame; of the pixels
    at its edge the part inside counts. ValueError for no frames, frames without three colours, boxes of another number
    than the frames, a box outside the frame, or a mask that is empty or of another shape.
    """
    if box is not None and mask is not None:
        raise ValueError("Give a box or a mask, not both: a mask can leave out everything outside a box itself")
    if box is not None and not isinstance(box, Box) and np.ndim(box) == 2:
        colours = [_box_mean(_coloured(frame), one) for frame, one in _paired(frames, np.asarray(box, np.float64))]
    elif box is not None:
        colours = [_box_mean(_coloured(frame), _box(box)) for frame in _pictures(frames)]
    elif mask is not None:
        colours = [_masked_mean(_coloured(frame), mask) for frame in _pictures(frames)]
    else:
        colours = [cv2.mean(_coloured(frame))[:3] for frame in _pictures(frames)]
    if not colours:
        raise ValueError("There are no frames to take the mean of")
    return np.array(colours)


def _coloured(frame: np.ndarray) -> np.ndarray:
    frame = np.asarray(frame)
    if frame.ndim != 3 or frame.shape[2] != 3 or not frame.size:
        raise ValueError(f"A frame must have the shape (H, W, 3), with red, green and blue; this one has {frame.shape}")
    return frame if frame.dtype in (np.uint8, np.float32) else frame.astype(np.float64)


def _masked_mean(frame: np.ndarray, mask: np.ndarray) -> tuple[float, ...]:
    if frame.shape[:2] != np.shape(mask):
        raise ValueError(f"The mask has the shape {np.shape(mask)}, the frame {frame.shape[:2]}: they must be the same")
    chosen = np.ascontiguousarray(mask, bool).view(np.uint8)
    if not chosen.any():
        raise ValueError("The mask has no true pixel: there is nothing to take the mean of")
    return cv2.mean(frame, chosen)[:3]


def _box_mean(frame: np.ndarray, box: Box) -> np.ndarray:
    box = box.clip(*frame.shape[:2])
    rows, down = _covered(box.y, box.h)
    columns, across = _covered(box.x, box.w)
    part = frame[rows, columns].astype(np.float32)
    lines = down @ part.reshape(len(down), -1)
    return across @ lines.reshape(len(across), 3).astype(np.float64)


def _covered(start: float, length: float) -> tuple[slice, np.ndarray]:
    """The pixels that an interval touches, and the share of it that lies in each (they sum to 1)."""
    first, last = int(np.floor(start)), int(np.ceil(start + length))
    edges = np.clip(np.arange(first, last + 1), start, start + length)
    return slice(first, last), (np.diff(edges) / length).astype(np.float32)


def resample_frames(frames: np.ndarray, time: np.ndarray, fs: float) -> tuple[np.ndarray, np.ndarray]:
    """Frames (T, …) taken at times (T,) s, brought onto an even grid of fs Hz from the first time on: (frames, time).

    Each new frame lies on the line between its two neighbours in time, in the dtype of the frames. Methods and networks
    count frames, so an uneven clock would bend the heart rate; a frame that was dropped is filled in.
    ValueError for lengths that disagree, times that do not increase, or fs not above 0.
    """
    time = np.asarray(time, np.float64)
    if len(frames) != len(time) or len(time) < 2:
        raise ValueError(f"{len(frames)} frames and {len(time)} times: there must be as many of each, and at least two")
    if not (np.diff(time) > 0).all():
        raise ValueError(f"Time must increase, but does not at frame {int(np.argmin(np.diff(time) > 0)) + 1}")
    if not 0 < fs < np.inf:
        raise ValueError(f"fs must be a rate above 0 Hz, not {fs}")
    # A thousandth of a frame keeps the last one when (last − first)·fs is whole but for rounding (a clock since 1970
    # rounds to a quarter of a microsecond).
    even = np.arange(int((time[-1] - time[0]) * fs + 1e-3) + 1) / fs
    place = np.interp(even, time - time[0], np.arange(len(time)))
    before = np.minimum(place.astype(int), len(time) - 2)
    resampled = np.empty((len(even), *frames.shape[1:]), frames.dtype)
    for new, (old, share) in enumerate(zip(before, place - before, strict=True)):
        resampled[new] = cv2.addWeighted(frames[old], 1 - share, frames[old + 1], share, 0).reshape(frames.shape[1:])
    return resampled, time[0] + even
