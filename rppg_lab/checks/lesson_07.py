"""The checks of lesson 07: a file as a tree, one clip at a time, label and frame in step, what is no recording."""

from __future__ import annotations

import contextlib
import io
import re
import tempfile
import traceback
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch
from numpy.typing import NDArray

from rppg_lab import clips, evaluation, recordings
from rppg_lab.checks.comparing import as_array, is_numeric
from rppg_lab.checks.declaring import Case, Exercise, Mistake

TITLE = "What is in the file?"

TREE = "07.1 A tree in a file"
CLIPS = "07.2 Continuous, or cut into clips?"
LAZY = "07.3 All at once, or only what is asked for?"
STEP = "07.5 Are label and frame in step?"
BROKEN = "07.6 A file that is broken"


def _with_file(content: Mapping[str, Any], work: Callable[[str], Any]) -> Any:
    """What `work` makes of the path of an HDF5 file with this content (an array by its full name; None is a group)."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # Windows keeps what is still open
        path = Path(folder) / "some.h5"
        with h5py.File(path, "w") as file:
            for name, values in content.items():
                if values is None:
                    file.create_group(name)
                else:
                    file[name] = values
        return work(str(path))


# --- 07.1 ------------------------------------------------------------------------------------------------------------


def list_arrays(path: str) -> dict[str, tuple[int, ...]]:
    """The shape of every array in an HDF5 file by its full name."""
    return recordings.list_arrays(path)


def _listed(function: Callable[[str], Any], content: Mapping[str, Any]) -> Any:
    """What a function lists; a slash at the beginning of a name is as good as none."""
    found = _with_file(content, function)
    if not isinstance(found, Mapping):
        return found
    return {str(name).strip("/"): shape for name, shape in found.items()}


def _ours() -> dict[str, NDArray]:
    return {
        "anna/video": np.zeros((60, 4, 4, 3), np.uint8),
        "anna/time": np.arange(60) / 30,
        "anna/bvp": np.zeros(60, np.float32),
        "anna/truth/hr_bpm": np.zeros(60, np.float32),
        "anna/truth/beat_times": np.zeros(3),
        "bert/video": np.zeros((30, 4, 4, 3), np.uint8),
        "bert/time": np.arange(30) / 30,
        "bert/bvp": np.zeros(30, np.float32),
    }


def _foreign() -> dict[str, NDArray | None]:
    return {
        "notes": np.zeros((2, 5)),
        "subjects/p1/session1/rgb/frames": np.zeros((10, 3, 2)),
        "subjects/p1/session1/pulse": np.zeros(40),
        "subjects/p1/session2": None,
        "subjects/p1/age": np.array(31),
        "subjects/order": np.zeros(1),
        "units": np.zeros((4, 2)),
    }


def _shapes(content: Mapping[str, Any], keep: Callable[[str], bool]) -> dict[str, tuple[int, ...]]:
    return {name: values.shape for name, values in content.items() if values is not None and keep(name)}


def _only(keep: Callable[[str], bool]) -> Callable[[tuple, Any], bool]:
    """Whether just those arrays were listed whose name passes, and others would belong there too."""
    return lambda arguments, got: set(got) == set(_shapes(arguments[0], keep))


def _has_groups(arguments: tuple, got: Any) -> bool:
    arrays = set(_shapes(arguments[0], lambda name: True))
    groups = {name.rsplit("/", depth)[0] for name in arguments[0] for depth in range(1, name.count("/") + 1)}
    return bool(set(got) - arrays) and set(got) - arrays <= groups | set(arguments[0])


def _has_last_names(arguments: tuple, got: Any) -> bool:
    return set(got) == {name.rsplit("/")[-1] for name, values in arguments[0].items() if values is not None}


def _has_the_first_alone(arguments: tuple, got: Any) -> bool:
    return set(got) == {min(_shapes(arguments[0], lambda name: True))}  # h5py goes through a group by the alphabet


def _has_values(arguments: tuple, got: Any) -> bool:
    return any(isinstance(value, np.ndarray) and value.size > 5 for value in got.values())


def _has_objects(arguments: tuple, got: Any) -> bool:
    return any(isinstance(value, h5py.Dataset) for value in got.values())


TREE_LISTED = Exercise(
    number="07.1",
    title="Every array in a file",
    reference=list_arrays,
    refused=(recordings.list_arrays,),
    cases=(
        Case(
            "a file with two people: video, time and bvp of each, and of one two truths",
            "8 names such as “anna/truth/hr_bpm”, each with the shape of its array",
            lambda: (_ours(),),
            _listed,
        ),
        Case(
            "a file that somebody else made: two arrays at the top, others up to four groups deep, an empty group,"
            " and a single number",
            "6 names with their shapes; the empty group holds no array, and the shape of a single number is ()",
            lambda: (_foreign(),),
            _listed,
        ),
    ),
    mistakes=(
        Mistake(
            "the values are read",
            "A video may be larger than your computer's memory. Its shape can be asked for without reading a pixel.",
            LAZY,
            shows=_has_values,
        ),
        Mistake(
            "what comes back is still in the file",
            "These are places in the file, not shapes. Once it is closed nobody can ask them anything.",
            TREE,
            shows=_has_objects,
        ),
        Mistake(
            "the walk stopped after the first array",
            "A visit ends as soon as it is handed something back. What does your inner function return?",
            TREE,
            shows=_has_the_first_alone,
        ),
        Mistake(
            "only the top level",
            "A group can hold groups. What stands at the top is only the beginning of the tree.",
            TREE,
            shows=_only(lambda name: "/" not in name),
        ),
        Mistake(
            "only so many levels deep",
            "How deep a tree goes nobody knows before. The walk must go on as long as there are groups.",
            TREE,
            shows=lambda arguments, got: any(
                _only(lambda name, most=most: name.count("/") <= most)(arguments, got)
                or _only(lambda name, most=most: name.count("/") == most)(arguments, got)
                for most in (1, 2)
            ),
        ),
        Mistake(
            "groups are listed as well",
            "A group is a folder, not an array: it has no shape.",
            TREE,
            shows=_has_groups,
        ),
        Mistake(
            "only the last part of the name",
            "Everybody's video is called “video”. Without the names of the groups before it one overwrites the other.",
            TREE,
            shows=_has_last_names,
        ),
        Mistake(
            "a single number is overlooked",
            "An array without axes is an array too: its shape is empty, and that is not the same as none.",
            TREE,
            shows=lambda arguments, got: (
                set(got) == {name for name, values in arguments[0].items() if values is not None and values.ndim}
            ),
        ),
    ),
    read_again=TREE,
)

# --- 07.2 ------------------------------------------------------------------------------------------------------------

HELD = 0.1  # of the bytes of all pixels: more must not be in memory before a clip is asked for
LITTLE = "little"
CLOSED = "the file is closed"
CLIPS_AT_ONCE = 6  # clips' worth of memory while one is read: itself, as float32, and a copy or two


class PhysNetDataset(torch.utils.data.Dataset):
    """The clips of a file in the lecture's layout, one at a time: item -> (video (3,T,H,W), label (T,)) float32."""

    def __init__(self, path: str) -> None:
        with h5py.File(path) as file:
            length = next(iter(file.values()))["preprocessed_label"].shape[1]
        file = recordings.open_recordings(path)
        size = next(iter(file.info.values())).shape[1]
        self._clips = clips.ClipDataset(file, clip_length=length, size=size, normalise="raw")

    def __len__(self) -> int:
        return len(self._clips)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        return self._clips[index]


def _lecture_file(*counts: int, length: int = 12, size: int = 16) -> dict[str, NDArray]:
    rng = np.random.default_rng(sum(counts))
    content = {}
    for i, count in enumerate(counts):
        pixels = rng.integers(0, 256, (count, length, size, size, 3))
        content[f"subject{i + 1}/preprocessed_video"] = pixels / 255  # so that 8 bits can hold them exactly
        content[f"subject{i + 1}/preprocessed_label"] = rng.standard_normal((count, length))
    return content


def _pixels(content: Mapping[str, NDArray]) -> list[NDArray]:
    return [values for name, values in content.items() if name.endswith("video")]


def _read_by(dataset_class: type, content: Mapping[str, NDArray]) -> dict[str, Any]:
    """Length, how much memory was taken, in words, and a few items.

    Another file is read first: what is loaded at the first use of anything, such as a module, is no clip that is held.
    """
    videos = _pixels(content)
    counts = [len(video) for video in videos]
    whole, clip = sum(video.nbytes for video in videos), videos[0][0].nbytes

    def read(path: str) -> dict[str, Any]:
        running = tracemalloc.is_tracing()
        if not running:
            tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            dataset = dataset_class(path)
            held = tracemalloc.get_traced_memory()[0] - before
            found: dict[str, Any] = {"number of clips": len(dataset)}
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            first = dataset[0]
            peak = tracemalloc.get_traced_memory()[1] - before
        except Exception as error:
            if not _asks_what_is_closed(error):
                raise
            return {CLOSED: " ".join(str(error).split())}
        finally:
            if not running:
                tracemalloc.stop()
        found["held from the beginning"] = LITTLE if held < HELD * whole else "the pixels"
        found["taken for one clip"] = LITTLE if peak < CLIPS_AT_ONCE * clip else "many clips"
        # Each item is taken out at once: what holds the file open must not outlive it on Windows.
        found["first clip"] = tuple(first)
        found["last clip of the first person"] = tuple(dataset[counts[0] - 1])
        found["first clip of the second person"] = tuple(dataset[counts[0]])
        found["last clip"] = tuple(dataset[sum(counts) - 1])
        return found

    with contextlib.suppress(Exception):  # what goes wrong here goes wrong again where it is looked at
        _with_file(_lecture_file(1, 1), lambda path: dataset_class(path)[0])
    return _with_file(content, read)


def _asks_what_is_closed(error: Exception) -> bool:
    """Whether this is what h5py says when something is asked whose file is closed (it has no error of its own)."""
    return bool(re.search(r"identifier|invalid (group|dataset|file|location)", str(error), re.IGNORECASE))


ITEMS = ("first clip", "last clip of the first person", "first clip of the second person", "last clip")


def _is_like(make: Callable[[NDArray, NDArray], tuple[Any, Any]]) -> Callable[[tuple, Any], bool]:
    """Whether the first clip came back as `make` makes it from the stored pixels (T,H,W,3) and label (T,)."""

    def shows(arguments: tuple, got: Any) -> bool:
        names = list(arguments[0])
        video, label = make(arguments[0][names[0]][0], arguments[0][names[1]][0])
        there = got["first clip"]
        return all(
            as_array(one).shape == np.shape(other) and np.allclose(as_array(one), other, atol=1e-3)
            for one, other in zip(there, (video, label), strict=True)
        )

    return shows


def _rightly(pixels: NDArray, label: NDArray) -> tuple[NDArray, NDArray]:
    return pixels.transpose(3, 0, 1, 2), label


def _has_another_label(arguments: tuple, got: Any) -> bool:
    """Whether the last clip of the first person came with its own video and not with its own label."""
    videos, labels = list(arguments[0].values())[:2]
    video, label = got[ITEMS[1]]
    wanted, own = _rightly(videos[-1], labels[-1])
    return np.allclose(as_array(video), wanted, atol=1e-3) and not np.allclose(as_array(label), own, atol=1e-3)


def _dtype_of(arguments: tuple, got: Any) -> bool:
    return any(str(getattr(part, "dtype", "")).endswith("float64") for name in ITEMS for part in got[name])


def _same_items(got: Any, expected: Any) -> bool:
    if not isinstance(got, dict) or set(got) != set(expected):
        return False
    if got["number of clips"] != expected["number of clips"]:
        return False
    if not got["held from the beginning"] == got["taken for one clip"] == LITTLE:  # whatever was measured of ours
        return False
    return all(
        len(got[name]) == len(expected[name])
        and all(
            torch.is_tensor(one) and one.dtype == other.dtype and one.shape == other.shape
            and torch.allclose(one, other, atol=1e-5)
            for one, other in zip(got[name], expected[name], strict=True)
        )
        for name in ITEMS
    )  # fmt: skip


DATASET = Exercise(
    number="07.2",
    title="One clip at a time",
    reference=PhysNetDataset,
    refused=(clips.ClipDataset, clips.dataset_loader),
    same=_same_items,
    cases=(
        Case(
            "a file of two people with 12 and 9 clips, in the lecture's layout",
            "21 clips, each a float32 tensor (3,12,16,16) and its label (12,); those of the first person first; one"
            " clip in memory at a time",
            lambda: (_lecture_file(12, 9),),
            _read_by,
        ),
        Case(
            "a file of three people with 8, 1 and 10 clips",
            "19 clips; number 8 is the only one of the second person",
            lambda: (_lecture_file(8, 1, 10, length=8),),
            _read_by,
        ),
    ),
    mistakes=(
        Mistake(
            CLOSED,
            "A place in a file (a group, an array) can be asked nothing more once the file is closed. Keep what finds"
            " the place again.",
            TREE,
            shows=lambda arguments, got: CLOSED in got,
        ),
        Mistake(
            "people are counted, not clips",
            "The length of a data set is the number of items one can ask for. Here an item is a clip.",
            LAZY,
            shows=lambda arguments, got: got["number of clips"] == len(_pixels(arguments[0])),
        ),
        Mistake(
            "frames are counted, not clips",
            "The length of a data set is the number of items one can ask for. Here an item is a clip of many frames.",
            LAZY,
            shows=lambda arguments, got: (
                got["number of clips"] == sum(video.shape[0] * video.shape[1] for video in _pixels(arguments[0]))
            ),
        ),
        Mistake(
            "axes in another order",
            "A network that folds over time and space takes colour first: (3, T, H, W).",
            LAZY,
            shows=_is_like(lambda pixels, label: (pixels, label)),
        ),
        Mistake(
            "time and colour are read for each other",
            "The numbers were put into the right shape without moving the axes: each now stands at another place.",
            LAZY,
            shows=_is_like(lambda pixels, label: (pixels.reshape(3, *pixels.shape[:3]), label)),
        ),
        Mistake(
            "pixels from 0 to 255",
            "What is stored lies between 0 and 1 already, and is handed over as it is.",
            LAZY,
            shows=_is_like(lambda pixels, label: (255 * pixels.transpose(3, 0, 1, 2), label)),
        ),
        Mistake(
            "divided by 255 once more",
            "What is stored lies between 0 and 1 already.",
            LAZY,
            shows=_is_like(lambda pixels, label: (pixels.transpose(3, 0, 1, 2) / 255, label)),
        ),
        Mistake(
            "numbers of 64 bits",
            "The file stores float64. The weights of a network are float32, and the two do not mix.",
            LAZY,
            shows=_dtype_of,
        ),
        Mistake(
            "another number of clips",
            "Not everybody has as many clips as the first person. Each group knows how many it holds.",
            LAZY,
            shows=lambda arguments, got: got["number of clips"] != sum(map(len, _pixels(arguments[0]))),
        ),
        Mistake(
            "the label of another clip",
            "The video is the right one. Its label belongs to another moment, and nothing gives an error.",
            LAZY,
            shows=_has_another_label,
        ),
        Mistake(
            "everything is read at the beginning",
            "The values are right, but every pixel of the file was already in memory before anybody asked for a clip.",
            LAZY,
            shows=lambda arguments, got: got["held from the beginning"] != LITTLE,
        ),
        Mistake(
            "a whole recording is read for one clip",
            "Brackets after a place in the file say what is read. Whoever takes everything and then picks one has read"
            " everything.",
            LAZY,
            shows=lambda arguments, got: got["taken for one clip"] != LITTLE,
        ),
    ),
    read_again=LAZY,
)

# --- 07.3 ------------------------------------------------------------------------------------------------------------


def lag_seconds(label: NDArray, pulse: NDArray, fs: float, most: float) -> float:
    """By how many seconds the label (T,) comes after the pulse (T,), searched between −most and +most."""
    return float(evaluation.wave_lag(label, pulse, fs, most)[0])


def _late(lag: float, fs: float, seconds: float = 20.0, bpm: float = 70.0, offset: float = 0.0) -> tuple:
    """A label that comes `lag` s after a pulse, both with noise of their own, around `offset` and a tenth of it."""
    time = np.arange(round(seconds * fs)) / fs
    rng = np.random.default_rng(round(1000 * abs(lag)) + round(fs))

    def wave(at: NDArray) -> NDArray:
        angle = 2 * np.pi * bpm / 60 * at + 0.7 * np.sin(2 * np.pi * 0.11 * at)
        return np.sin(angle) + 0.4 * np.sin(2 * angle + 0.6)

    label = 3.0 * wave(time - lag) + 0.3 * rng.standard_normal(time.size) + offset
    return label, wave(time) + 0.3 * rng.standard_normal(time.size) + offset / 10


def _upside_down(lag: float, fs: float) -> tuple:
    label, pulse = _late(lag, fs)
    return -label, pulse


def _seconds_off(got: Any, expected: Any) -> bool:
    """Right to within a frame: between two frames people look, or do not."""
    return is_numeric(got) and as_array(got).ndim == 0 and abs(float(got) - float(expected)) <= 0.034


def _only_later(label: NDArray, pulse: NDArray, fs: float, most: float) -> float:
    return _best(label, pulse, fs, range(round(most * fs) + 1))


def _unsigned(label: NDArray, pulse: NDArray, fs: float, most: float) -> float:
    """The shift with the largest |r|."""
    up, down = (lag_seconds(one, pulse, fs, most) for one in (label, -label))
    r_up, r_down = (evaluation.wave_lag(one, pulse, fs, most)[1] for one in (label, -label))
    return float(up if r_up >= r_down else down)


def _best(label: NDArray, pulse: NDArray, fs: float, shifts: range) -> float:
    r = []
    for k in shifts:
        one, other = label[max(k, 0) : label.size + min(k, 0)], pulse[max(-k, 0) : pulse.size - max(k, 0)]
        r.append(np.corrcoef(one, other)[0, 1])
    return shifts[int(np.argmax(r))] / fs


def _with_means(label: NDArray, pulse: NDArray, fs: float, most: float) -> float:
    """The highest sum of products, the mean left in."""
    k = round(most * fs)
    products = np.correlate(label, pulse + 1e-9, "full")
    middle = pulse.size - 1
    return (int(np.argmax(products[middle - k : middle + k + 1])) - k) / fs


def _is_a_place(arguments: tuple, got: Any) -> bool:
    """The place in the list of all shifts, in samples or in seconds."""
    label, _, fs, most = arguments
    right = round(lag_seconds(*arguments) * fs)
    places = [right + len(label) - 1, right + round(most * fs)]
    if places[1] == 0:
        return False  # the first of all: who gives nought, or turns the sign, may have gone wrong in other ways
    return any(abs(value - place) <= 1 for value in (float(got), float(got) * fs) for place in places)


def _is_r(arguments: tuple, got: Any) -> bool:
    return abs(float(got) - float(evaluation.wave_lag(*arguments)[1])) < 1e-6


LAG = Exercise(
    number="07.3",
    title="The lag between label and face",
    reference=lag_seconds,
    refused=(evaluation.wave_lag, evaluation.wave_correlation),
    same=_seconds_off,
    cases=(
        Case(
            "a label that comes 0.2 s after the pulse, at 30 Hz, searched up to 0.4 s",
            "about 0.2 s (to within a frame)",
            lambda: (*_late(0.2, 30.0), 30.0, 0.4),
        ),
        Case(
            "a label that comes 0.3 s before the pulse, at 20 Hz",
            "about −0.3 s: it is early",
            lambda: (*_late(-0.3, 20.0), 20.0, 0.4),
        ),
        Case(
            "a label in step, around the value 500, and a pulse around 50",
            "about 0 s: where a wave lies does not matter, only when it rises",
            lambda: (*_late(0.0, 30.0, offset=500.0), 30.0, 0.4),
        ),
        Case(
            "a label around the value −40 and a pulse around −4, 0.25 s late, at 20 Hz",
            "about 0.25 s",
            lambda: (*_late(0.25, 20.0, offset=-40.0), 20.0, 0.4),
        ),
        Case(
            "a label that comes 0.4 s after the pulse, at 20 Hz, searched up to 0.4 s",
            "about 0.4 s: the last shift counts too",
            lambda: (*_late(0.4, 20.0), 20.0, 0.4),
        ),
        Case(
            "a label that comes 0.4 s before the pulse, at 20 Hz, searched up to 0.4 s",
            "about −0.4 s: the first shift counts too",
            lambda: (*_late(-0.4, 20.0, seconds=10.0), 20.0, 0.4),
        ),
        Case(
            "the slow pulse of 40 per minute and a label 0.5 s late, at 20 Hz, searched up to 0.4 s only",
            "about 0.4 s: nothing beyond is tried",
            lambda: (*_late(0.5, 20.0, seconds=10.0, bpm=40.0), 20.0, 0.4),
        ),
        Case(
            "the same pulse and a label 0.5 s early",
            "about −0.4 s: nothing beyond is tried on this side either",
            lambda: (*_late(-0.5, 20.0, seconds=10.0, bpm=40.0), 20.0, 0.4),
        ),
        Case(
            "a label that is upside down and 0.2 s late, at 30 Hz, searched up to 0.35 s",
            "about −0.23 s, half a beat before: where it rises when the pulse rises",
            lambda: (*_upside_down(0.2, 30.0), 30.0, 0.35),
        ),
    ),
    mistakes=(
        Mistake(
            "the correlation, not the lag",
            "How alike the waves are at their best shift is worth knowing. Asked for is the shift.",
            STEP,
            shows=_is_r,
        ),
        Mistake(
            "early and late mixed up",
            "A lag is positive when the label comes after the face. Try it with a single peak in each of the two.",
            STEP,
            twin=lambda label, pulse, fs, most: -lag_seconds(label, pulse, fs, most),
        ),
        Mistake(
            "frames, not seconds",
            "The number of frames by which they are apart hangs on the camera. How long is one frame?",
            STEP,
            twin=lambda label, pulse, fs, most: lag_seconds(label, pulse, fs, most) * fs,
        ),
        Mistake(
            "the place in the list, not the shift",
            "The best of all shifts that were tried is found; now say which shift that was. The list begins with the"
            " earliest, not with zero.",
            STEP,
            shows=_is_a_place,
        ),
        Mistake(
            "30 frames per second taken for granted",
            "This camera is slower. How long a frame lasts is told by fs.",
            STEP,
            twin=lambda label, pulse, fs, most: lag_seconds(label, pulse, fs, most) * fs / 30,
        ),
        Mistake(
            "only late labels are looked for",
            "A label can also come too early.",
            STEP,
            twin=_only_later,
        ),
        Mistake(
            "the last shift is left out",
            "Both ends of the search belong to it. A range stops before its end.",
            STEP,
            twin=lambda label, pulse, fs, most: _best(label, pulse, fs, range(-round(most * fs), round(most * fs))),
        ),
        Mistake(
            "seconds taken for frames",
            "How far to search is told in seconds. How many frames is that?",
            STEP,
            twin=lambda label, pulse, fs, most: _best(label, pulse, fs, range(-round(most), round(most) + 1)),
        ),
        Mistake(
            "upside down counts as alike",
            "A strongly negative correlation says that one rises where the other falls. That is not alike.",
            STEP,
            twin=_unsigned,
        ),
        Mistake(
            "the mean is left in",
            "A sum of products is largest where the most numbers overlap, if all are far from zero. The waves must lie"
            " around zero first.",
            STEP,
            twin=_with_means,
        ),
    ),
    read_again=STEP,
)

# --- 07.4 ------------------------------------------------------------------------------------------------------------


def check_recording(frames: NDArray, time: NDArray, bvp: NDArray, fs: float) -> None:
    """Raise ValueError, saying what is wrong, if this is no recording that one can learn from."""
    recordings.check_recording(recordings.Recording("anna", fs, time, bvp, frames))


def _verdict(function: Callable[..., Any], *recording: Any) -> str:
    """Whether a recording is accepted or refused, and how; an error that was not raised on purpose gets out."""
    try:
        said = _said(function, *recording)
    except ValueError as error:
        return "refused" if str(error).strip() else "refused without a word"
    except Exception as error:
        if isinstance(error, NotImplementedError) or not _raised_on_purpose(error, function):
            raise
        return f"{type(error).__name__}{OTHER_ERROR}"
    with contextlib.suppress(Exception):  # a good one that is refused has a case of its own
        if said != _said(function, *_recording()):
            return SAID
    return "accepted"


def _said(function: Callable[..., Any], *recording: Any) -> str:
    """What a function returns and prints, as text."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        returned = function(*recording)
    return f"{returned!r} {printed.getvalue()}"


def _raised_on_purpose(error: Exception, function: Callable[..., Any]) -> bool:
    """Whether the error comes from a `raise` or an `assert` in the file (or cell) of the function itself."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    home = getattr(getattr(function, "__code__", None), "co_filename", None)
    return last.filename == home and bool(re.search(r"\b(raise|assert)\b", last.line or ""))


def _recording(**changed: Any) -> tuple[NDArray, NDArray, NDArray, float]:
    """Ten seconds that are all right: frames, time, label and rate, but for what is changed."""
    frames = changed.get("count", 300)
    time = np.arange(frames) / 30
    parts = {
        "frames": np.random.default_rng(7).integers(0, 256, (frames, 2, 2, 3), dtype=np.uint8),
        "time": time,
        "bvp": np.sin(2 * np.pi * 1.2 * time).astype(np.float32),
        "fs": 30.0,
    }
    parts |= {name: value(parts) if callable(value) else value for name, value in changed.items() if name in parts}
    return parts["frames"], parts["time"], parts["bvp"], parts["fs"]


def _with(values: NDArray, place: int, value: float) -> NDArray:
    changed = values.copy()
    changed[place] = value
    return changed


def _jittered(parts: dict) -> NDArray:
    return parts["time"] + np.random.default_rng(1).uniform(-0.012, 0.012, parts["time"].size)


def _swapped(parts: dict) -> NDArray:
    time = parts["time"].copy()
    time[[100, 101]] = time[[101, 100]]
    return time


OTHER_ERROR = ", no ValueError"
SAID = "said, not raised"
GOOD, BAD = "accepted", "refused, with a word about what is wrong"
ACCEPTED = {
    "ten seconds at 30 Hz, all in order": {},
    "the same with times that are a little uneven, as every real camera's": {"time": _jittered},
    "times of a camera with 29 frames per second, and fs = 30": {"time": lambda parts: np.arange(300) / 29},
    "a label of whole numbers around 512, as a sensor gives it": {
        "bvp": lambda parts: np.round(512 + 40 * parts["bvp"]).astype(np.int64)
    },
    "a label whose sensor came off for a second, but not for all": {
        "bvp": lambda parts: np.where(parts["time"] < 1, np.float32(0.25), parts["bvp"])
    },
}
REFUSED = {
    "a label that is shorter than the video by one value": {"bvp": lambda parts: parts["bvp"][:-1]},
    "a label that is longer than the video by a second": {"bvp": lambda parts: np.sin(np.arange(330) / 4)},
    "times that are longer than the video by 30 values": {"time": lambda parts: np.arange(330) / 30},
    "a video that lost its last frame, with all its times and labels": {"frames": lambda parts: parts["frames"][:-1]},
    "a label with one NaN in it": {"bvp": lambda parts: _with(parts["bvp"], 150, np.nan)},
    "a label with one infinite value": {"bvp": lambda parts: _with(parts["bvp"], 30, -np.inf)},
    "a time that is NaN": {"time": lambda parts: _with(parts["time"], 200, np.nan)},
    "a label that is 0.7 from beginning to end": {"bvp": lambda parts: np.full(300, 0.7, np.float32)},
    "times of which two have changed places": {"time": _swapped},
    "two frames at one time": {"time": lambda parts: _with(parts["time"], 60, parts["time"][59])},
    "the first two frames at one time": {"time": lambda parts: _with(parts["time"], 1, parts["time"][0])},
    "times of a camera with 20 frames per second, and fs = 30": {"time": lambda parts: np.arange(300) / 20},
    "times of a camera with 32 frames per second, and fs = 30": {"time": lambda parts: np.arange(300) / 32},
}


def _case(fed: str, changed: dict, expected: str) -> Case:
    return Case(fed, expected, lambda: _recording(**changed), _verdict)


def _rate_off(frames: NDArray, time: NDArray, bvp: NDArray, fs: float) -> float:
    """By which share the rate that is told differs from that of the times."""
    return abs(fs * np.diff(time).mean() - 1)


def _lets_pass(what: Callable[[NDArray, NDArray, NDArray, float], bool]) -> Callable[[tuple, Any], bool]:
    return lambda arguments, got: got == "accepted" and bool(what(*arguments))


CHECK = Exercise(
    number="07.4",
    title="Check a recording",
    reference=check_recording,
    refused=(recordings.check_recording, recordings._problems),
    cases=(
        *(_case(fed, changed, GOOD) for fed, changed in ACCEPTED.items()),
        *(_case(fed, changed, BAD) for fed, changed in REFUSED.items()),
    ),
    mistakes=(
        Mistake(
            "refused without a word",
            "An error that does not say what is wrong sends somebody on a search.",
            BROKEN,
            shows=lambda arguments, got: got == "refused without a word",
        ),
        Mistake(
            "another kind of error",
            "It stops, which is good, but whoever wants to catch a bad recording waits for a ValueError.",
            BROKEN,
            shows=lambda arguments, got: got.endswith(OTHER_ERROR),
        ),
        Mistake(
            SAID,
            "It was noticed, but what is returned or printed can be overlooked, and the program goes on. An error"
            " cannot.",
            BROKEN,
            shows=lambda arguments, got: got == SAID,
        ),
        Mistake(
            "a good recording is refused",
            "A check that cries wolf is switched off soon. Real times are never perfectly even, labels come in any"
            " unit, and a sensor may rest for a moment.",
            BROKEN,
            shows=lambda arguments, got: got == "refused" and _rate_off(*arguments) < 0.01,
        ),
        Mistake(
            "stricter than asked for",
            "A rate that is off by three or four per cent is still within the limit that was asked for.",
            BROKEN,
            shows=lambda arguments, got: got == "refused",
        ),
        Mistake(
            "lengths are not compared",
            "Every frame needs its time and its value of the label. If one of the three is longer, nobody knows which"
            " belong together.",
            BROKEN,
            shows=_lets_pass(lambda frames, time, bvp, fs: not len(frames) == len(time) == len(bvp)),
        ),
        Mistake(
            "what is not a number gets through",
            "One NaN or infinite value makes every mean, every filter and every loss one too. And every comparison with"
            " NaN is false.",
            BROKEN,
            shows=_lets_pass(lambda frames, time, bvp, fs: not np.isfinite([*time, *bvp]).all()),
        ),
        Mistake(
            "a label without any pulse gets through",
            "A label that never changes cannot teach anything; its sensor was off.",
            BROKEN,
            shows=_lets_pass(lambda frames, time, bvp, fs: np.ptp(bvp) == 0),
        ),
        Mistake(
            "time may stand still or go back",
            "Frames follow each other. Between each and the next some time must pass, everywhere in the recording.",
            BROKEN,
            shows=_lets_pass(lambda frames, time, bvp, fs: np.diff(time).min() <= 0),
        ),
        Mistake(
            "the rate is believed",
            "The times say how fast the camera really was. If fs says something else, every heart rate is wrong by as"
            " much.",
            BROKEN,
            shows=_lets_pass(lambda frames, time, bvp, fs: _rate_off(frames, time, bvp, fs) > 0.05),
        ),
    ),
    read_again=BROKEN,
)

EXERCISES = (TREE_LISTED, DATASET, LAG, CHECK)
