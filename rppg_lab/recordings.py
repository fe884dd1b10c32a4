"""One recording — frames, their times, the pulse wave — and the HDF5 file of many: write, check, read lazily.

The file holds one group per recording, continuous from its first frame to its last: `video` (T,H,W,3) uint8 RGB in
chunks of about a second and uncompressed, `time` (T,) s, `bvp` (T,) float32; attributes `subject`, `fs`, `source`,
`domain`; the truths of a made recording under `truth`. How long a clip is belongs to the experiment, so clips are cut
while reading (`clips.py`).

The lecture's layout, whose groups hold video that is already cut into clips, is read through an adapter: `JoinedClips`.
"""

from __future__ import annotations

import contextlib
import errno
import json
import math
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import h5py
import numpy as np

from rppg_lab.folders import replacing

SCHEMA_VERSION = 1
LECTURE_FS = 30.0  # the lecture's layout stores no frame rate; its recordings were made with 30 frames per second
FS_TOLERANCE = 0.05  # a rate is read from a wave with `fs`: if the times disagree by more, so does every heart rate
BLOCK_BYTES = 8_000_000  # video passes through memory in pieces of about this size, however large a frame or a file is
RATE_WINDOW = 10.0  # s of wave that give the lecture layout's one rate per clip

_NO_ROOM = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}  # full, too large, quota (no Windows)
_RANGE_SLACK = 1e-6  # float32 arithmetic leaves a white pixel at 1.0000001
_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_OURS = ("video", "time", "bvp")
_LECTURES = ("preprocessed_video", "preprocessed_label")


class RecordingError(ValueError):
    """A recording, or a file of them, that cannot be used; the message says where and why."""


@dataclass(frozen=True, eq=False)
class Recording:
    """One person, one take.

    `time` (T,) float64 in seconds, increasing; `bvp` (T,) float32, the pulse wave at the frames' times; `frames`
    (T,H,W,3) uint8 RGB: an array, or something read on demand that has `shape`, `dtype` and slices like one. `fs` is in
    Hz. `truths` is what only a made recording knows: arrays and scalars by name. An empty `name` means the subject's.
    """

    subject: str
    fs: float
    time: np.ndarray
    bvp: np.ndarray
    frames: Any
    name: str = ""
    source: str = ""
    domain: str = ""
    truths: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RecordingInfo:
    """What is known of a recording in a file without reading its video. `shape` is that of its frames (T,H,W,3)."""

    name: str
    subject: str
    fs: float
    shape: tuple[int, int, int, int]
    in_lecture_layout: bool


# ---------------------------------------------------------------------------------------------------------- checking


def check_recording(recording: Recording) -> None:
    """Check that a recording can be trained on and stored; its video is not read.

    Raises RecordingError that lists everything found wrong.
    """
    frames = recording.frames
    shape, dtype = getattr(frames, "shape", None), getattr(frames, "dtype", None)
    problems = _name_problems(recording.name or recording.subject)
    if shape is None or dtype is None:
        problems.append(f"frames must be an array (T,H,W,3) of uint8, not {type(frames).__name__}")
    problems += _problems(recording.subject, recording.fs, recording.time, recording.bvp, shape, dtype)
    problems += _truth_problems(recording.truths)
    if problems:
        raise RecordingError(f"recording {_called(recording)!r} cannot be used: " + "; ".join(problems))


def _called(recording: Recording) -> str:
    return str(recording.name or recording.subject)


def _name_problems(name: Any) -> list[str]:
    if isinstance(name, str) and name.strip() and "/" not in name and name != "." and "\0" not in name:
        return []
    return [f"its name {name!r} cannot name a group in an HDF5 file: use text without '/'"]


def _problems(
    subject: Any, fs: Any, time: Any, bvp: Any, shape: tuple[int, ...] | None, dtype: Any, wave: str = "bvp"
) -> list[str]:
    """Everything wrong with the parts of one recording, in words; `wave` is what its file calls the bvp."""
    problems = []
    if not (isinstance(subject, str) and subject.strip()):
        problems.append(f"subject must be text that names the person, not {subject!r}")
    fs_is_good = isinstance(fs, (int, float, np.number)) and math.isfinite(fs) and fs > 0
    if not fs_is_good:
        problems.append(f"fs must be a positive number of frames per second, not {fs!r}")

    if shape is not None and dtype is not None:
        if len(shape) != 4 or shape[-1] != 3 or 0 in shape:
            problems.append(f"video must be (T,H,W,3), not {tuple(shape)}")
        if np.dtype(dtype) != np.uint8:
            problems.append(f"video must be uint8, not {np.dtype(dtype)}")

    time, time_problem = _as_wave("time", time, np.float64)
    bvp, bvp_problem = _as_wave(wave, bvp, np.float32)
    problems += [problem for problem in (time_problem, bvp_problem) if problem]
    if shape:
        problems += [
            f"{key} has {len(values)} values for {shape[0]} frames"
            for key, values in (("time", time), (wave, bvp))
            if values is not None and len(values) != shape[0]
        ]
    if bvp is not None and len(bvp) and bvp.min() == bvp.max():
        problems.append(f"{wave} is constant ({bvp[0]:g}): there is no pulse in it (a sensor that had come off?)")
    if time is not None and len(time) < 2:
        problems.append(f"{len(time)} frame(s) are no recording")
    elif time is not None:
        step = np.diff(time)
        if step.min() <= 0:
            i = int(np.argmax(step <= 0))
            problems.append(
                f"time does not increase: frame {i} is at {time[i]:g} s, frame {i + 1} at {time[i + 1]:g} s"
            )
        elif fs_is_good and abs((true_fs := 1 / step.mean()) / fs - 1) > FS_TOLERANCE:
            problems.append(f"fs is {fs:g} Hz but its times say {true_fs:.4g} Hz: every rate would be off by as much")
    return problems


def _as_wave(key: str, values: Any, dtype: type) -> tuple[np.ndarray | None, str]:
    """`values` as stored, or None and what is wrong with it."""
    values = np.asarray(values)
    if values.ndim != 1 or values.dtype.kind not in "iuf":
        return None, f"{key} must be (T,) numbers, not {values.dtype} of shape {values.shape}"
    with np.errstate(over="ignore"):  # a value too large for float32 becomes inf and is told of below
        values = values.astype(dtype)
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        return None, f"{key} has {len(bad)} values that are NaN or infinite, the first at frame {bad[0]}"
    return values, ""


def _truth_problems(truths: Mapping[str, Any]) -> list[str]:
    problems = []
    for key, value in truths.items():
        if not isinstance(key, str) or not key or "/" in key:
            problems.append(f"truth {key!r} needs a name that is text without '/'")
        elif not (isinstance(value, str) or np.asarray(value).dtype.kind in "biuf"):
            problems.append(f"truth {key!r} must be numbers or one text, not {type(value).__name__}")
    return problems


# ----------------------------------------------------------------------------------------------------------- writing


def write_recordings(path: str | Path, recordings: Iterable[Recording], settings: Mapping[str, Any]) -> Path:
    """Write a file of recordings, one in memory at a time, and return its path.

    `settings` is what made them: anything JSON can hold (a tuple comes back as a list). The file appears only when it
    is complete; if anything fails, or Ctrl-C is pressed, there is no half file and what stood at `path` is untouched.

    Raises RecordingError for a recording that cannot be used, two of one name, or none at all; TypeError for settings
    that JSON cannot hold; OSError if the disk is full.
    """
    path = Path(path)
    try:
        settings_text = json.dumps(dict(settings), sort_keys=True, ensure_ascii=False)
    except TypeError as error:
        raise TypeError(f"settings for {path.name} must be plain numbers, texts, lists and dicts: {error}") from None

    with _new_file(path) as file:
        file.attrs["schema_version"] = SCHEMA_VERSION
        file.attrs["settings"] = settings_text
        for recording in recordings:
            check_recording(recording)
            group = _new_group(file, recording, path)
            group.attrs.update(
                subject=recording.subject,
                fs=float(recording.fs),
                source=recording.source,
                domain=recording.domain,
            )
            group["time"] = np.asarray(recording.time, np.float64)
            group["bvp"] = np.asarray(recording.bvp, np.float32)
            truth = group.create_group("truth")
            for key, value in recording.truths.items():
                if np.ndim(value):
                    truth[key] = value
                else:
                    truth.attrs[key] = value
            chunk = min(len(recording.time), max(1, round(recording.fs)))
            video = group.create_dataset(
                "video", shape=recording.frames.shape, dtype=np.uint8, chunks=(chunk, *recording.frames.shape[1:])
            )
            for start in range(0, len(video), chunk):
                video[start : start + chunk] = recording.frames[start : start + chunk]
            file.flush()  # a full disk must be met here, where it raises, and not while the file is being closed
    return path


def write_lecture_layout(
    path: str | Path,
    recordings: Iterable[Recording],
    clip_length: int = 32,
    size: int = 128,
    *,
    dtype: type = np.float64,
) -> Path:
    """Write recordings the way the lecture's lab stores them, for code that expects its files; return the path.

    Per recording a group named after it: `preprocessed_video` (N,clip_length,size,size,3) in 0–1 of `dtype` (uint8:
    0–255, an eighth of float64's size), `preprocessed_label` (N,clip_length), and `preprocessed_hr` (N,) per minute
    (from the true rate if it is known, else from ten seconds of the wave around the clip). The frames after the last
    complete clip have no place in this layout and are left out, and so are the times, the subject and the truths.

    Raises as `write_recordings` does, and RecordingError for a recording shorter than a clip.
    """
    path, dtype = Path(path), np.dtype(dtype)
    if clip_length < 1:
        raise ValueError(f"clip_length must be at least 1 frame, not {clip_length}")
    if dtype != np.uint8 and dtype.kind != "f":
        raise ValueError(f"dtype must be uint8 or a float type, not {dtype}")
    with _new_file(path) as file:
        for recording in recordings:
            check_recording(recording)
            length = len(recording.time)
            clips = length // clip_length
            if clips == 0:
                raise RecordingError(
                    f"recording {_called(recording)!r}: {length} frames, but a clip takes {clip_length}"
                )
            group = _new_group(file, recording, path)
            shape = (clips, clip_length, size, size, 3)
            video = group.create_dataset("preprocessed_video", shape=shape, dtype=dtype, chunks=(1, *shape[1:]))
            for clip in range(clips):
                frames = resize_frames(recording.frames[clip * clip_length : (clip + 1) * clip_length], size)
                video[clip] = np.rint(frames) if dtype == np.uint8 else frames.astype(dtype) / 255
            label = np.asarray(recording.bvp, np.float64)[: clips * clip_length]
            group["preprocessed_label"] = label.reshape(clips, clip_length)
            group["preprocessed_hr"] = _clip_rates(recording, clips, clip_length)
            file.flush()
    return path


def _clip_rates(recording: Recording, clips: int, clip_length: int) -> np.ndarray:
    """(clips,) heart rate per minute."""
    from rppg_lab.spectrum import heart_rate  # here: SciPy takes seconds to load, and only this layout needs a rate

    frames = len(recording.time)
    true_rate = recording.truths.get("hr_bpm")
    if np.shape(true_rate) == (frames,):
        return np.asarray(true_rate, np.float64)[: clips * clip_length].reshape(clips, clip_length).mean(axis=1)
    width = min(frames, max(clip_length, round(RATE_WINDOW * recording.fs)))
    middles = np.arange(clips) * clip_length + clip_length // 2
    starts = np.clip(middles - width // 2, 0, frames - width)
    return np.array([heart_rate(recording.bvp[start : start + width], recording.fs) for start in starts], np.float64)


def _new_group(file: h5py.File, recording: Recording, path: Path) -> h5py.Group:
    name = _called(recording)
    if name in file:
        raise RecordingError(
            f"two recordings for {path.name} are called {name!r}: give each take its own `name`; nothing was written"
        )
    return file.create_group(name)


@contextlib.contextmanager
def _new_file(path: Path) -> Iterator[h5py.File]:
    """An HDF5 file that stands at `path` once the block has ended well, and not before."""
    try:
        # Without a chunk cache each write reaches the file system at once, and fails at once.
        with replacing(path) as temporary, h5py.File(temporary, "w", rdcc_nbytes=0) as file:
            yield file
            if len(file) == 0:
                raise RecordingError(f"no recordings to write to {path}")
    except BaseException as error:
        if number := _no_room(error):
            message = "no room on the disk; nothing was written, and a file that stood there before is untouched"
            raise OSError(number, message, str(path)) from error
        raise


def _no_room(error: BaseException | None) -> int | None:
    """The number of the system's error if a write failed for want of room. Closing the file then fails as well, so
    the first error may be behind another."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            return error.errno
        error = error.__context__
    return None


# ----------------------------------------------------------------------------------------------------------- reading


def open_recordings(
    path: str | Path, *, fs: float | None = None, subject_of: Callable[[str], str] | None = None
) -> RecordingFile:
    """Open a file of recordings — ours or the lecture's layout — and check every recording but its video.

    The lecture's layout says neither frame rate nor person: `fs` is taken as 30 Hz and each group as a person of its
    own unless given here; `subject_of` maps a group's name to its subject.

    Raises FileNotFoundError; RecordingError for a file that is empty, cut short or something else (naming what it looks
    like), or that lists every recording that cannot be used; ValueError for `fs` or `subject_of` beside a file that
    states its own.
    """
    return RecordingFile(path, fs=fs, subject_of=subject_of)


def list_arrays(path: str | Path) -> dict[str, tuple[int, ...]]:
    """The shape of every array in an HDF5 file by its full name (`person/truth/hr_bpm`), in the file's order.

    Only the tree is read, no values. For looking into a file that nobody has described; it need not hold recordings.
    Raises FileNotFoundError or RecordingError for what is no HDF5 file.
    """
    path, shapes = Path(path), {}

    def note(name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset):
            shapes[name] = item.shape

    _check_file(path)
    with _open_hdf5(path) as file:
        file.visititems(note)
    return shapes


class RecordingFile(Mapping[str, Recording]):
    """An open file of recordings: recordings by name, their frames read on demand. Made by `open_recordings`.

    `names`: of its recordings, sorted; `subjects`: the different people, sorted; `info`: by name, what is known without
    reading; `settings`: what made the file. It may be sent to another process, which opens the file for itself.
    """

    def __init__(
        self, path: str | Path, *, fs: float | None = None, subject_of: Callable[[str], str] | None = None
    ) -> None:
        if fs is not None and not (math.isfinite(fs) and fs > 0):
            raise ValueError(f"fs must be a positive number of frames per second, not {fs!r}")
        self.path = Path(path)
        self._handle: h5py.File | None = None
        self._process = 0
        self._closed = False
        _check_file(self.path)
        try:
            self.settings, self.info = _inspect_file(self._file, self.path, fs, subject_of)
        except BaseException:
            self.close()
            raise

    @property
    def names(self) -> list[str]:
        return list(self.info)

    @property
    def subjects(self) -> list[str]:
        return sorted({info.subject for info in self.info.values()})

    def frames(self, name: str) -> h5py.Dataset | JoinedClips:
        """The frames (T,H,W,3) uint8 of one recording; what is sliced is read, and nothing else."""
        if self._known(name).in_lecture_layout:
            return JoinedClips(self._file[f"{name}/preprocessed_video"])
        return self._file[f"{name}/video"]

    def bvp(self, name: str, start: int = 0, stop: int | None = None) -> np.ndarray:
        """The wave (stop-start,) float32 of one recording between two frames, by default the whole."""
        info = self._known(name)
        stop = info.shape[0] if stop is None else stop
        if not info.in_lecture_layout:
            return self._file[f"{name}/bvp"][start:stop].astype(np.float32)
        label = self._file[f"{name}/preprocessed_label"]
        first = start // label.shape[1]
        clips = label[first : -(-stop // label.shape[1])]
        return clips.ravel()[start - first * label.shape[1] :][: stop - start].astype(np.float32)

    def __getitem__(self, name: str) -> Recording:
        info, group = self._known(name), self._file[name]
        if info.in_lecture_layout:
            time = np.arange(info.shape[0]) / info.fs
            truths = {"preprocessed_hr": group["preprocessed_hr"][:]} if "preprocessed_hr" in group else {}
        else:
            time = group["time"][:].astype(np.float64)
            truths = _read_truths(group["truth"]) if "truth" in group else {}
        source, domain = (_text(group.attrs.get(key, "")) for key in ("source", "domain"))
        return Recording(info.subject, info.fs, time, self.bvp(name), self.frames(name), name, source, domain, truths)

    def __iter__(self) -> Iterator[str]:
        return iter(self.info)

    def __len__(self) -> int:
        return len(self.info)

    def __repr__(self) -> str:
        return f"<{len(self)} recordings of {len(self.subjects)} subjects in {self.path.name}>"

    def close(self) -> None:
        """Close the file; the frames of its recordings can no longer be read."""
        if self._handle is not None and self._process == os.getpid():
            self._handle.close()
        self._handle, self._closed = None, True

    def __enter__(self) -> RecordingFile:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_handle": None}

    @property
    def _file(self) -> h5py.File:
        if self._closed:
            raise ValueError(f"{self.path} is closed: open it again with open_recordings")
        if self._handle is None or self._process != os.getpid():  # a worker must not read through its parent's handle
            self._handle, self._process = _open_hdf5(self.path), os.getpid()
        return self._handle

    def _known(self, name: str) -> RecordingInfo:
        if name not in self.info:
            raise KeyError(f"{self.path} has no recording {name!r}; it has {_listed(self.info)}")
        return self.info[name]


class JoinedClips:
    """The clips (N,T,H,W,3) of a group in the lecture's layout, joined to frames (N·T,H,W,3) uint8 as they are read.

    Float pixels 0–1 become rint(255·x). The clips are taken to follow each other without gap or overlap; the file does
    not say. Knows `shape`, `dtype`, `len`, indexing and slicing of frames, and `np.asarray` (which reads everything).
    """

    dtype = np.dtype(np.uint8)
    ndim = 4

    def __init__(self, clips: h5py.Dataset) -> None:
        self._clips = clips
        self.shape = (clips.shape[0] * clips.shape[1], *clips.shape[2:])

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: int | slice | tuple) -> np.ndarray:
        key, *rest = key if isinstance(key, tuple) else (key,)
        if isinstance(key, slice):
            wanted = range(*key.indices(len(self)))
            if wanted.step == 1:
                frames = self._read(wanted.start, wanted.start + len(wanted))
            else:
                frames = np.empty((len(wanted), *self.shape[1:]), np.uint8)
                for new, frame in zip(frames, wanted, strict=True):
                    new[:] = self[frame]
            return frames[(slice(None), *rest)]
        index = range(len(self))[key]  # counts from the end if negative, and raises IndexError beyond it
        return self._read(index, index + 1)[0][tuple(rest)]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:].astype(dtype or np.uint8, copy=False)

    def _read(self, start: int, stop: int) -> np.ndarray:
        length = self._clips.shape[1]
        frames = np.empty((stop - start, *self.shape[1:]), np.uint8)
        block = max(1, BLOCK_BYTES // (math.prod(self.shape[1:]) * self._clips.dtype.itemsize))
        while start < stop:
            clip, first = divmod(start, length)
            count = min(length - first, stop - start, block)
            pixels = self._clips[clip, first : first + count]
            frames[len(frames) - (stop - start) :][:count] = self._to_uint8(pixels, clip)
            start += count
        return frames

    def _to_uint8(self, pixels: np.ndarray, clip: int) -> np.ndarray:
        if pixels.dtype == np.uint8:
            return pixels
        low, high = pixels.min(), pixels.max()
        if not (low >= -_RANGE_SLACK and high <= 1 + _RANGE_SLACK):  # so written that NaN is refused as well
            where = f"{self._clips.file.filename}, recording {self._clips.parent.name.strip('/')!r}, clip {clip}"
            raise RecordingError(
                f"{where}: float pixels must lie in 0–1, these in {low:.4g}–{high:.4g}; "
                "divide them by their full scale, or store uint8"
            )
        np.multiply(pixels, 255, out=pixels)
        return np.clip(np.rint(pixels, out=pixels), 0, 255, out=pixels).astype(np.uint8)


def resize_frames(frames: np.ndarray, size: int) -> np.ndarray:
    """Resize frames (T,H,W,3) to (T,size,size,3) float32, each new pixel the mean of its area, in the frames' units.

    Not rounded: the pulse is less than one step of a camera's 8 bits, and the mean of many pixels can show it.
    """
    if frames.ndim != 4 or frames.shape[-1] != 3:
        raise ValueError(f"frames must be (T,H,W,3), not {frames.shape}")
    if size < 1:
        raise ValueError(f"size must be at least 1 pixel, not {size}")
    if frames.shape[1:3] == (size, size):
        return frames.astype(np.float32)
    resized = np.empty((len(frames), size, size, 3), np.float32)
    for new, frame in zip(resized, frames, strict=True):
        cv2.resize(frame.astype(np.float32), (size, size), dst=new, interpolation=cv2.INTER_AREA)
    return resized


# -------------------------------------------------------------------------------------------- inspecting a file


def _check_file(path: Path) -> None:
    """Raise unless `path` is a file that begins like HDF5; say what else it is."""
    if not path.exists():
        raise FileNotFoundError(errno.ENOENT, "there is no such file of recordings", str(path))
    if path.is_dir():
        raise RecordingError(f"{path} is a folder, not a file of recordings")
    size = path.stat().st_size
    if size == 0:
        raise RecordingError(f"{path} is empty (0 bytes): copy it or make it again")
    with path.open("rb") as file:
        head = file.read(4096)
    # HDF5 may begin after a block of the user's own, whose size is 512 · 2ⁿ: MATLAB writes one.
    if not any(head.startswith(_HDF5_SIGNATURE, start) for start in (0, 512, 1024, 2048)):
        raise RecordingError(f"{path} is not an HDF5 file but {_kind(head)}")


_KINDS = (
    (0, b"version https://git-lfs", "a Git LFS pointer: the file itself was never fetched (run `git lfs pull`)"),
    (8, b"AVI ", "an AVI video"),
    (4, b"ftyp", "an MP4 video"),
    (0, b"\x1aE\xdf\xa3", "a Matroska video"),
    (0, b"\x93NUMPY", "a NumPy array (.npy)"),
    (0, b"PK\x03\x04", "a zip archive (as a PyTorch checkpoint or an .npz is)"),
    (0, b"\x80\x02", "a Python pickle"),
    (0, b"\x80\x04", "a Python pickle"),
    (0, b"\x1f\x8b", "compressed with gzip: unpack it first"),
    (0, b"\x89PNG", "a PNG picture"),
    (0, b"\xff\xd8\xff", "a JPEG picture"),
    (0, b"MATLAB 5.0", "a MATLAB file of version 5"),
    (0, b"<", "a web page or XML (a download that failed?)"),
    (0, b"{", "JSON"),
)


def _kind(head: bytes) -> str:
    for offset, magic, words in _KINDS:
        if head[offset : offset + len(magic)] == magic:
            return words
    if head[: len(_HDF5_SIGNATURE)] == _HDF5_SIGNATURE[: len(head)]:
        return "the first bytes of one: it is cut short"
    is_text = all(byte in b"\t\n\r" or 32 <= byte < 127 for byte in head)
    return "plain text" if is_text else f"something else (its first bytes are {head[:8]!r})"


_KNOWN_HDF5 = (
    ({"RawFrames", "Xsub"}, "SCAMPS video in MATLAB's format"),
    ({"pulse"}, "a sensor file of COHFACE, whose video is the data.avi beside it"),
    ({"model_weights", "layer_names"}, "the weights of a Keras network"),
    ({"#refs#"}, "a MATLAB file"),
)


def _open_hdf5(path: Path) -> h5py.File:
    """Open for reading, without h5py's cache of chunks: clips are read once each, and the cache costs memory."""
    try:
        # best-effort: shared folders of a hub or a cluster often know no locks
        return h5py.File(path, "r", rdcc_nbytes=0, locking="best-effort")
    except OSError as error:
        if "truncated file" in str(error):
            expected = re.search(r"stored_eof = (\d+)", str(error))
            whole = f" of {expected[1]}" if expected else ""
            raise RecordingError(
                f"{path} is cut short: it holds {path.stat().st_size}{whole} bytes; copy it or make it again"
            ) from error
        if error.errno is not None:
            message = (
                f"cannot be opened, {os.strerror(error.errno)}: not ours to read, or another program is writing it"
            )
            raise OSError(error.errno, message, str(path)) from error
        raise RecordingError(f"{path} begins like HDF5 but is damaged or cut short ({error})") from error


def _inspect_file(
    file: h5py.File, path: Path, fs: float | None, subject_of: Callable[[str], str] | None
) -> tuple[dict[str, Any], dict[str, RecordingInfo]]:
    """The settings of a file and what is known of each recording; raises RecordingError with all that is wrong."""
    version = file.attrs.get("schema_version", SCHEMA_VERSION)
    if not isinstance(version, (int, np.integer)) or version > SCHEMA_VERSION:
        raise RecordingError(
            f"{path} has schema version {version}; this rppg_lab reads up to {SCHEMA_VERSION}: update it"
        )
    try:
        settings = json.loads(file.attrs.get("settings", "{}"))
    except (TypeError, ValueError) as error:
        raise RecordingError(f"{path}: its attribute 'settings' is not JSON ({error})") from error

    infos, problems, foreign = {}, {}, 0
    for name in file:
        try:
            item = file[name]
            if isinstance(item, h5py.Group) and {*_OURS, *_LECTURES} & set(item):
                infos[name], problems[name] = _inspect_group(item, name, fs, subject_of)
            else:
                foreign += 1
                what = f"a group of {_listed(item) or 'nothing'}" if isinstance(item, h5py.Group) else "a single array"
                problems[name] = [f"is no recording but {what}"]
        except (OSError, KeyError, RuntimeError) as error:  # what h5py raises where a file is damaged
            problems[name] = [f"cannot be read ({error})"]
    if foreign == len(problems):
        looks_like = next((f"it looks like {what}. " for keys, what in _KNOWN_HDF5 if keys & {*file, *file.attrs}), "")
        raise RecordingError(
            f"{path} holds no recordings: {looks_like}It holds {_listed(file) or 'nothing'}; expected is a group for "
            f"each recording with {', '.join(_OURS)} (the lecture's layout: {', '.join(_LECTURES)})"
        )
    if bad := {name: found for name, found in problems.items() if found}:
        lines = "".join(f"\n  {name}: {'; '.join(found)}" for name, found in bad.items())
        raise RecordingError(f"{path}: {len(bad)} of {len(problems)} recordings cannot be used:{lines}")
    if (fs is not None or subject_of is not None) and not any(info.in_lecture_layout for info in infos.values()):
        raise ValueError(f"{path} states its own frame rates and subjects: leave out `fs` and `subject_of`")
    return settings, infos


def _inspect_group(
    group: h5py.Group, name: str, fs: float | None, subject_of: Callable[[str], str] | None
) -> tuple[RecordingInfo | None, list[str]]:
    """What is known of one recording, and everything wrong with it."""
    lectures = any(key in group for key in _LECTURES)
    missing = [key for key in (_LECTURES if lectures else _OURS) if not isinstance(group.get(key), h5py.Dataset)]
    if missing:
        return None, [f"has no {' and no '.join(missing)}; it holds {_listed(group)}"]

    if not lectures:
        subject, rate = _text(group.attrs.get("subject")), group.attrs.get("fs")
        shape, dtype = group["video"].shape, group["video"].dtype
        problems = _problems(subject, rate, group["time"][()], group["bvp"][()], shape, dtype)
        return None if problems else RecordingInfo(name, subject, float(rate), shape, lectures), problems

    subject = name if subject_of is None else subject_of(name)
    rate = LECTURE_FS if fs is None else fs
    video, label = group["preprocessed_video"], group["preprocessed_label"]
    if video.ndim != 5 or video.shape[-1] != 3 or 0 in video.shape:
        return None, [f"preprocessed_video must be (clips,T,H,W,3), not {video.shape}"]
    if label.shape != video.shape[:2]:
        return None, [f"preprocessed_label is {label.shape} for {video.shape[0]} clips of {video.shape[1]} frames"]
    problems = []
    if video.dtype != np.uint8 and video.dtype.kind != "f":
        problems.append(f"preprocessed_video must be uint8, or float in 0–1, not {video.dtype}")
    shape = (video.shape[0] * video.shape[1], *video.shape[2:])
    time = np.arange(shape[0]) / rate
    problems += _problems(subject, rate, time, label[()].ravel(), shape, np.uint8, wave="preprocessed_label")
    return None if problems else RecordingInfo(name, subject, float(rate), shape, lectures), problems


def _read_truths(group: h5py.Group) -> dict[str, Any]:
    scalars = {key: value.item() if isinstance(value, np.generic) else value for key, value in group.attrs.items()}
    return {**scalars, **{key: group[key][()] for key in group}}


def _text(value: Any) -> Any:
    return value.decode("utf-8") if isinstance(value, bytes) else value


def _listed(names: Iterable[str], most: int = 8) -> str:
    names = list(names)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
