"""The checks of lesson 05."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from rppg_lab import preparing, spectrum, video
from rppg_lab.checks.comparing import as_array, close, is_numeric
from rppg_lab.checks.declaring import Case, Exercise, Mistake

TITLE = "How does a video become data?"
CLOCK = "05.1 A film of our own"
TREMBLE = "05.3 What a trembling box writes into the pulse"
CUT = "05.4 Cutting it out"
LABELS = "05.6 Whose clock?"

# --- 05.1 ------------------------------------------------------------------------------------------------------------


def through_the_clock(times: NDArray, claimed_fs: float, bpm: float) -> tuple[float, float]:
    """The true frame rate (Hz) over all frames, and the rate per minute that a heart of `bpm` is read as."""
    fs = (len(times) - 1) / float(times[-1] - times[0])
    return fs, bpm * claimed_fs / fs


def _slip(fs: Callable[[NDArray], float]) -> Callable[..., tuple[float, float]]:
    """The answer of somebody who finds another frame rate."""

    def answer(times: NDArray, claimed_fs: float, bpm: float) -> tuple[float, float]:
        return fs(times), bpm * claimed_fs / fs(times)

    return answer


def _with_drops(frames: int = 200, fs: float = 30.0, start: float = 0.0) -> NDArray:
    """Times of an uneven camera that loses every eighth frame."""
    steps = np.where(np.arange(frames) % 8 == 3, 2.0, 1.0) / fs
    steps += np.random.default_rng(frames).uniform(-0.004, 0.004, frames)
    return start + np.cumsum(steps)


def _how_wrong(arguments: tuple, got: Any) -> bool:
    """The second number is an error: in beats, as a share, in per cent, or as a ratio."""
    fs, read_as = through_the_clock(*arguments)
    bpm = arguments[2]
    errors = (read_as - bpm, read_as / bpm - 1, 100 * (read_as / bpm - 1), read_as / bpm)
    return np.isclose(got[0], fs) and any(np.isclose(got[1], error) for error in errors)


CLOCKED = Exercise(
    number="05.1",
    title="What the clock does to a heart",
    reference=through_the_clock,
    cases=(
        Case(
            "five frames, one every 0.05 s from 0 on; the file claims 25 a second; a heart of 60",
            "20 frames a second; read as 75 per minute",
            lambda: (np.arange(5) / 20, 25.0, 60.0),
        ),
        Case(
            "200 frames of a camera of 30 a second that loses some; the file claims 30; a heart of 72",
            "fewer than 30 a second, because of what is lost; a heart that is too fast",
            lambda: (_with_drops(), 30.0, 72.0),
        ),
        Case(
            "60 frames on the clock of the world, which began in 1970; the file claims 25; a heart of 100",
            "the rate of the frames, whatever the clock shows at the first",
            lambda: (_with_drops(60, 30.0, 1.7e9), 25.0, 100.0),
        ),
    ),
    mistakes=(
        Mistake(
            "frames counted, not steps",
            "Between five frames lie four steps. With few frames one sees the difference.",
            CLOCK,
            twin=_slip(lambda times: len(times) / (times[-1] - times[0])),
        ),
        Mistake(
            "the usual step, not all of them",
            "The usual step is that of a camera which loses nothing. Lost frames make the true rate slower.",
            CLOCK,
            twin=_slip(lambda times: 1 / np.median(np.diff(times))),
        ),
        Mistake(
            "the mean of the rates",
            "Each step has a rate of its own, and the mean of these is not the rate over the whole: quick steps count"
            " too much. Think of the time that all steps take together.",
            CLOCK,
            twin=_slip(lambda times: np.mean(1 / np.diff(times))),
        ),
        Mistake(
            "the first frame need not be at zero",
            "Frames per second asks how long it took from the first frame to the last.",
            CLOCK,
            twin=_slip(lambda times: (len(times) - 1) / times[-1]),
        ),
        Mistake(
            "the time of one frame, not the rate",
            "Asked for is how many frames there are in a second, not how long one lasts.",
            CLOCK,
            twin=lambda times, claimed, bpm: (
                1 / through_the_clock(times, claimed, bpm)[0],
                through_the_clock(times, claimed, bpm)[1],
            ),
        ),
        Mistake(
            "too slow, not too fast",
            "Who believes that a second holds more frames than it does believes that it holds more beats.",
            CLOCK,
            twin=lambda times, claimed, bpm: (
                through_the_clock(times, claimed, bpm)[0],
                bpm * through_the_clock(times, claimed, bpm)[0] / claimed,
            ),
        ),
        Mistake(
            "the error, not what is read",
            "Asked for is the rate that such a reader would report, not by how much it is wrong.",
            CLOCK,
            shows=_how_wrong,
        ),
        Mistake(
            "a difference, not a ratio",
            "Three frames a second too many are not three beats a minute too many. A beat takes so many frames: what"
            " happens to that number when somebody believes in twice as many frames a second?",
            CLOCK,
            twin=lambda times, claimed, bpm: (
                through_the_clock(times, claimed, bpm)[0],
                bpm + claimed - through_the_clock(times, claimed, bpm)[0],
            ),
        ),
        Mistake(
            "the heart is left as it is",
            "The second number is not the heart's own rate, but what somebody reads who believes the file.",
            CLOCK,
            twin=lambda times, claimed, bpm: (through_the_clock(times, claimed, bpm)[0], bpm),
        ),
        Mistake(
            "a line drawn through all times",
            "Such a line is close, but a stretch in which frames are lost bends it. Over the whole video only two"
            " things count: how many steps there were, and how long they took together.",
            CLOCK,
            twin=_slip(lambda times: np.polyfit(times - times[0], np.arange(len(times)), 1)[0]),
        ),
        Mistake(
            "the file is believed",
            "The times say how fast the camera was. What the file claims is only needed for the second number.",
            CLOCK,
            twin=lambda times, claimed, bpm: (claimed, bpm),
        ),
        Mistake(
            "the other order",
            "First the true frame rate, then the rate that is read.",
            CLOCK,
            twin=lambda times, claimed, bpm: through_the_clock(times, claimed, bpm)[::-1],
        ),
    ),
    read_again=CLOCK,
)

# --- 05.2 ------------------------------------------------------------------------------------------------------------


def calm_boxes(boxes: NDArray, window: int) -> NDArray:
    """Boxes (T, 4) with gaps bridged by lines, each side a mean over `window` frames around it; ValueError if none."""
    seen = np.isfinite(boxes).all(axis=1)
    if not seen.any():
        raise ValueError("There is no box in any frame: the face was never found")
    place = np.arange(len(boxes))
    lines = [np.interp(place, place[seen], side[seen]) for side in boxes.T]
    return np.stack([video._running_mean(line, window) for line in lines], axis=1)


STILL = (40.0, 30.0, 64.0, 72.0)
STEP = (0.5, -0.3, 0.0, 0.0)  # pixels from frame to frame


def _boxes(frames: int, moving: bool = False, tremble: float = 0.0) -> NDArray:
    boxes = np.tile(STILL, (frames, 1))
    if moving:
        boxes = boxes + np.arange(frames)[:, None] * np.array(STEP)
    return boxes + tremble * np.random.default_rng(frames).standard_normal(boxes.shape)


def _lost(boxes: NDArray, *spans: slice) -> NDArray:
    for span in spans:
        boxes[span] = np.nan
    return boxes


def _about_right(room: float) -> Callable[[Any, Any], bool]:
    """Means, medians and their like differ by less than this many pixels."""

    def same(got: Any, expected: Any) -> bool:
        return as_array(got).shape == expected.shape and bool(np.abs(as_array(got) - expected).max() <= room)

    return same


def _described(function: Callable[..., Any], boxes: NDArray, window: int, question: str) -> Any:
    """Ask one thing of what comes back: sound ways of smoothing agree on the answer, not on each number."""
    given = boxes.copy()
    calm = function(boxes, window)
    if not is_numeric(calm) or as_array(calm).shape != given.shape:
        return calm
    values = as_array(calm)
    if not np.isfinite(values).all():
        return values
    return QUESTIONS[question](values, given, window)


def _how_late(values: NDArray, given: NDArray, window: int) -> Any:
    """By how many frames the middle part runs behind a box that moves evenly, to a third of a frame."""
    inner = slice(window, -window)
    away = _boxes(len(given), moving=True) - values
    late = float(np.mean(away[inner, 0]) / STEP[0])
    if np.array_equal(values, np.round(values)):
        return "in whole pixels"
    if abs(late) < 1.0 and np.abs(away[:, 0]).max() > window * STEP[0] / 2:
        return "the ends are elsewhere"
    return "neither late nor early" if abs(late) < 1.0 else ("late" if late > 0 else "early")


def _how_calm(values: NDArray, given: NDArray, window: int) -> str:
    left = np.std((values - np.array(STILL))[window:-window]) / np.std((given - np.array(STILL))[window:-window])
    return "less than half of the trembling is left" if left < 0.5 else "most of the trembling is left"


def _follows(values: NDArray, given: NDArray, window: int) -> str:
    path = np.sin(2 * np.pi * np.arange(len(given)) / 150)
    swing = np.polyfit(path, values[:, 0], 1)[0] / 20
    return "it moves as far as the head" if 0.85 < swing < 1.1 else "it does not move as far as the head"


def _stays(values: NDArray, given: NDArray, window: int) -> str:
    away = np.abs(values - np.array(STILL)).max(axis=1)
    if away.max() < 1e-6:
        return "it stays where it is"
    return "it stays, but not at the ends" if away[window:-window].max() < 1e-6 else "it does not stay where it is"


def _reaches(values: NDArray, given: NDArray, window: int) -> str:
    """More than half a window before and after a jump nothing of it may be felt."""
    jump = int(np.argmax(np.abs(np.diff(given[:, 0])))) + 1
    felt = np.abs(values[:, 0] - given[:, 0]) / np.ptp(given[:, 0])
    near = slice(jump - window // 2 - 1, jump + window // 2 + 1)
    felt[near] = felt[:window] = felt[-window:] = 0.0
    return "only frames near the jump feel it" if felt.max() < 0.15 else "frames far from the jump feel it"


def _bridges(values: NDArray, given: NDArray, window: int) -> str:
    """In the gap the box runs along the line on which it was seen before and after."""
    gap = np.isnan(given[:, 0])
    gap[:window] = gap[-window:] = False
    away = np.abs(values - _boxes(len(given), moving=True))[gap].max()
    return "it goes on along the line" if away < 1.5 else "it does not go along the line"


QUESTIONS = {
    "calm": _how_calm,
    "late": _how_late,
    "follows": _follows,
    "stays": _stays,
    "bridges": _bridges,
    "reaches": _reaches,
}


def _asking(question: str) -> Callable[..., Any]:
    return lambda function, boxes, window: _described(function, boxes, window, question)


def _swaying() -> NDArray:
    boxes = _boxes(300)
    boxes[:, 0] += 20 * np.sin(2 * np.pi * np.arange(300) / 150)
    return boxes


def _jumping() -> NDArray:
    boxes = _boxes(90)
    boxes[45:, 0] += 40.0
    return boxes


def _tells(*answers: str) -> Callable[[tuple, Any], bool]:
    return lambda arguments, got: isinstance(got, str) and got in answers


def _no_number_of_nothing_lost(arguments: tuple, got: Any) -> bool:
    return bool(np.isfinite(arguments[0]).all() and np.isnan(as_array(got)).any())


def _frames_are_missing(arguments: tuple, got: Any) -> bool:
    return as_array(got).ndim == 2 and len(got) != len(arguments[0]) and as_array(got).shape[1] == 4


def _is_no_array_of_boxes(arguments: tuple, got: Any) -> bool:
    if got is None or isinstance(got, str):  # nothing, or an answer to a question
        return False
    return not (is_numeric(got) and as_array(got).shape == arguments[0].shape)


CALM = Exercise(
    number="05.2",
    title="Calm a trembling box",
    reference=calm_boxes,
    refused=(video._running_mean, video.track_face),
    cases=(
        Case(
            "a box that does not move, 90 frames; a window of 15",
            "the same box in all 90 frames",
            lambda: (_boxes(90), 15),
            _asking("stays"),
        ),
        Case(
            "a box that trembles by two pixels about one place",
            "less than half of the trembling is left",
            lambda: (_boxes(300, tremble=2.0), 15),
            _asking("calm"),
        ),
        Case(
            "a box that moves half a pixel further each frame; a window of 31",
            "it is where it was given: neither late nor early, and at the ends not far away",
            lambda: (_boxes(200, moving=True), 31),
            _asking("late"),
        ),
        Case(
            "a box that goes 20 pixels to and fro every 150 frames; a window of 15",
            "it moves as far as the head",
            lambda: (_swaying(), 15),
            _asking("follows"),
        ),
        Case(
            "a box that moves evenly and is lost for 40 frames; a window of 9",
            "it goes on along the line",
            lambda: (_lost(_boxes(160, moving=True), slice(60, 100)), 9),
            _asking("bridges"),
        ),
        Case(
            "a still box that is lost in the first 20 and the last 12 frames",
            "the same box in all frames: where it is not yet seen, and not any more, it stays",
            lambda: (_lost(_boxes(90), slice(0, 20), slice(78, 90)), 9),
            _asking("stays"),
        ),
        Case(
            "100 frames without one box",
            "a ValueError: there is nothing to follow",
            lambda: (np.full((100, 4), np.nan), 9),
        ),
        Case(
            "a box that jumps once, by 40 pixels; a window of 15",
            "only frames near the jump feel it",
            lambda: (_jumping(), 15),
            _asking("reaches"),
        ),
        Case(
            "a box that does not move, 90 frames; a window of 10, which has no middle frame",
            "the same box in all 90 frames",
            lambda: (_boxes(90), 10),
            _asking("stays"),
        ),
        Case(
            "a still box that is lost for ten frames; a window of a single frame",
            "the same box in all 30 frames",
            lambda: (_lost(_boxes(30), slice(8, 18)), 1),
            _asking("stays"),
        ),
    ),
    mistakes=(
        Mistake(
            "nobody is told that there was no face",
            "In no frame was there a box, and boxes came back that are none. Whoever called must hear of it.",
            TREMBLE,
            shows=lambda arguments, got: np.isnan(arguments[0]).all() and as_array(got).shape == arguments[0].shape,
        ),
        Mistake(
            "a window that begins before the film",
            "Nothing was lost here, and yet something is not a number. At the first frames half of the window lies"
            " before the film, and a slice that begins below zero counts from the end: it is empty.",
            TREMBLE,
            shows=_no_number_of_nothing_lost,
        ),
        Mistake(
            "what was lost is still not a number",
            "A mean over anything that is not a number is none either. First bridge the gaps, then smooth.",
            TREMBLE,
            shows=lambda arguments, got: is_numeric(got) and np.isnan(as_array(got)).any(),
        ),
        Mistake(
            "half of a window may be nothing",
            "Half of one frame is zero frames. A slice that should leave nothing out at its end leaves out everything,"
            " for minus zero is zero.",
            TREMBLE,
            shows=lambda arguments, got: arguments[1] == 1 and len(got) == 0,
        ),
        Mistake(
            "one frame too many",
            "A window of an even number of frames has no middle one: half of it before and half of it after are one"
            " frame more than it has. How many rows must be added in all?",
            TREMBLE,
            shows=lambda arguments, got: as_array(got).shape == (len(arguments[0]) + 1, 4),
        ),
        Mistake(
            "frames are missing at the ends",
            "Every frame needs a box, the first and the last as well, although their windows reach beyond the film.",
            TREMBLE,
            shows=_frames_are_missing,
        ),
        Mistake(
            "rows and columns changed places",
            "Asked for is one row for each frame, with the four sides x, y, w, h in it.",
            TREMBLE,
            shows=lambda arguments, got: as_array(got).shape == arguments[0].T.shape,
        ),
        Mistake(
            "no array of boxes",
            "Asked for is one array with a row for each frame and the four sides x, y, w, h in it.",
            TREMBLE,
            shows=_is_no_array_of_boxes,
        ),
        Mistake(
            "a still box becomes another one",
            "Even a box that never moves came out as another box. Is it a mean? And is it taken over time, or over x,"
            " y, w and h?",
            TREMBLE,
            shows=_tells("it does not stay where it is"),
        ),
        Mistake(
            "in whole pixels",
            "A box that jumps by a whole pixel makes the picture jump, and that is the trembling once more. A box may"
            " begin between two pixels.",
            TREMBLE,
            shows=_tells("in whole pixels"),
        ),
        Mistake(
            "it comes late",
            "A mean over the past only is where the box was half a window ago. Take as many frames after as before.",
            TREMBLE,
            shows=_tells("late"),
        ),
        Mistake(
            "it comes early",
            "The window must reach as far back as ahead.",
            TREMBLE,
            shows=_tells("early"),
        ),
        Mistake(
            "one box for the whole film",
            "It is calm, but the head moves on without it. The mean is over some frames around each one.",
            TREMBLE,
            shows=_tells("it does not move as far as the head"),
        ),
        Mistake(
            "the ends are pulled away",
            "Beyond the film there is nothing; not a box of zeros in the corner, and not the film's other end.",
            TREMBLE,
            shows=_tells("it stays, but not at the ends", "the ends are elsewhere"),
        ),
        Mistake(
            "the gap is not bridged by a line",
            "While nobody sees the head it moves on. The best guess is the straight way from where it was last seen to"
            " where it is seen again.",
            TREMBLE,
            shows=_tells("it does not go along the line"),
        ),
        Mistake(
            "it still trembles",
            "Each frame's box is to be an average of many; here most of the trembling is left.",
            TREMBLE,
            shows=_tells("most of the trembling is left"),
        ),
        Mistake(
            "the window is too wide",
            "`window` frames are the whole of it, half of them before and half after. Here frames that lie far from a"
            " jump feel it.",
            TREMBLE,
            shows=_tells("frames far from the jump feel it"),
        ),
    ),
    read_again=TREMBLE,
)

# --- 05.3 ------------------------------------------------------------------------------------------------------------


def crop_enlarged(frame: NDArray, box: tuple[float, float, float, float], factor: float) -> NDArray:
    """The box (x, y, w, h), `factor` times as large about its centre; beyond the frame its edge is repeated."""
    large = video.Box(*box).enlarge(factor)
    return _repeated(frame, *(round(side) for side in (large.x, large.y, large.w, large.h)))


def _repeated(frame: NDArray, left: int, top: int, width: int, height: int) -> NDArray:
    rows = np.clip(np.arange(top, top + height), 0, frame.shape[0] - 1)
    columns = np.clip(np.arange(left, left + width), 0, frame.shape[1] - 1)
    return frame[np.ix_(rows, columns)]


def _picture(height: int = 40, width: int = 60) -> NDArray:
    """Each pixel tells its row (red), its column (green), and that it is one."""
    rows, columns = np.mgrid[:height, :width]
    return np.stack([rows, 3 * columns, np.full_like(rows, 200)], axis=2).astype(np.uint8)


def _sides(frame: NDArray, box: tuple, factor: float) -> tuple[int, int, int, int]:
    x, y, w, h = box
    width, height = round(factor * w), round(factor * h)
    return round(x - (width - w) / 2), round(y - (height - h) / 2), width, height


def _cut(frame: NDArray, left: int, top: int, width: int, height: int) -> NDArray:
    return frame[max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)]


def _swapped(frame: NDArray, box: tuple, factor: float) -> NDArray:
    x, y, w, h = box
    return crop_enlarged(frame, (y, x, h, w), factor)


def _wrapped(frame: NDArray, box: tuple, factor: float) -> NDArray:
    left, top, width, height = _sides(frame, box, factor)
    return frame[top : top + height, left : left + width]


def _one_more(arguments: tuple, got: Any) -> bool:
    height, width, colours = crop_enlarged(*arguments).shape
    return as_array(got).shape == (height + 1, width + 1, colours)


def _stretched_picture(arguments: tuple, got: Any) -> bool:
    """No row and column in it that the box did not have before, although it has the size of the larger one."""
    frame, box, factor = arguments
    before, right = crop_enlarged(frame, box, 1.0), crop_enlarged(*arguments)
    seen = [(part.min(axis=(0, 1)).tolist(), part.max(axis=(0, 1)).tolist()) for part in (as_array(got), before)]
    return factor > 1 and as_array(got).shape == right.shape and seen[0] == seen[1]


def _padded(mode: str, **choices: int) -> Callable[..., NDArray]:
    def crop(frame: NDArray, box: tuple, factor: float) -> NDArray:
        edge = 200
        large = np.pad(frame, ((edge, edge), (edge, edge), (0, 0)), mode=mode, **choices)
        x, y, w, h = box
        return crop_enlarged(large, (x + edge, y + edge, w, h), factor)

    return crop


def _other_side(frame: NDArray, box: tuple, factor: float) -> NDArray:
    left, top, width, height = _sides(frame, box, factor)
    rows, columns = np.arange(top, top + height), np.arange(left, left + width)
    return frame[rows % frame.shape[0]][:, columns % frame.shape[1]]


def _moved_inside(frame: NDArray, box: tuple, factor: float) -> NDArray:
    left, top, width, height = _sides(frame, box, factor)
    left = min(max(left, 0), max(frame.shape[1] - width, 0))
    top = min(max(top, 0), max(frame.shape[0] - height, 0))
    return frame[top : top + height, left : left + width]


def _is_one_of(*twins: Callable[..., NDArray]) -> Callable[[tuple, Any], bool]:
    return lambda arguments, got: any(close()(got, twin(*arguments)) for twin in twins)


CROPPED = Exercise(
    number="05.3",
    title="Crop and enlarge",
    reference=crop_enlarged,
    refused=(video.Box.crop, video.crop_frames, video.face_clip),
    cases=(
        Case(
            "a frame of 40 rows and 60 columns, the box x=20, y=10, w=16, h=12, as it is",
            "12 rows and 16 columns, from row 10 and column 20 on",
            lambda: (_picture(), (20, 10, 16, 12), 1.0),
        ),
        Case(
            "the same box, 1.5 times as large",
            "18 rows and 24 columns about the same middle, from row 7 and column 16 on",
            lambda: (_picture(), (20, 10, 16, 12), 1.5),
        ),
        Case(
            "a box in the upper left corner, x=2, y=4, w=8, h=12, twice as large",
            "24 rows and 16 columns; the first two rows and columns repeat the edge",
            lambda: (_picture(), (2, 4, 8, 12), 2.0),
        ),
        Case(
            "a box at the lower right, x=46, y=24, w=12, h=16, twice as large",
            "32 rows and 24 columns; the last ones repeat the edge",
            lambda: (_picture(), (46, 24, 12, 16), 2.0),
        ),
        Case(
            "a frame of 50 rows and 30 columns, the box x=8, y=30, w=12, h=8, half as large",
            "4 rows and 6 columns, from row 32 and column 11 on",
            lambda: (_picture(50, 30), (8, 30, 12, 8), 0.5),
        ),
    ),
    mistakes=(
        Mistake(
            "rows and columns changed places",
            "A box says x, which counts columns, first. An array wants the row first.",
            CUT,
            twin=_swapped,
        ),
        Mistake(
            "width and height changed places",
            "The place is right. Of w and h, one counts columns and the other rows.",
            CUT,
            shows=_is_one_of(
                lambda frame, box, factor: crop_enlarged(frame, (*box[:2], box[3], box[2]), factor),
                lambda frame, box, factor: crop_enlarged(
                    frame,
                    (box[0] + box[2] / 2 - box[3] / 2, box[1] + box[3] / 2 - box[2] / 2, box[3], box[2]),
                    factor,
                ),
            ),
        ),
        Mistake(
            "enlarged about the corner",
            "The box has grown to the right and downwards only. Its middle must stay where it is.",
            CUT,
            twin=lambda frame, box, factor: crop_enlarged(
                frame, (box[0], box[1], factor * box[2], factor * box[3]), 1.0
            ),
        ),
        Mistake(
            "the place is multiplied as well",
            "A box that is larger does not begin further away. Only width and height grow, and the middle stays.",
            CUT,
            twin=lambda frame, box, factor: crop_enlarged(frame, tuple(factor * side for side in box), 1.0),
        ),
        Mistake(
            "two corners, not a corner and a size",
            "Of the four numbers the last two are width and height, and not the place of the other corner.",
            CUT,
            twin=lambda frame, box, factor: _repeated(
                frame, *_sides(frame, (box[0], box[1], box[2] - box[0], box[3] - box[1]), factor)
            ),
        ),
        Mistake(
            "one row and one column too many",
            "A box of 12 rows that begins in row 10 ends with row 21.",
            CUT,
            shows=_one_more,
        ),
        Mistake(
            "the picture was stretched, not the box",
            "The result has the right size, and shows no more of the frame than before. A larger box holds more of the"
            " frame, and each pixel as it was.",
            CUT,
            shows=_stretched_picture,
        ),
        Mistake(
            "not enlarged",
            "The box comes out as large as it went in.",
            CUT,
            twin=lambda frame, box, factor: crop_enlarged(frame, box, 1.0),
        ),
        Mistake(
            "enlarged twice, once on each side",
            "All that is added belongs half to the one side and half to the other.",
            CUT,
            twin=lambda frame, box, factor: crop_enlarged(frame, box, 2 * factor - 1),
        ),
        Mistake(
            "cut off at the border",
            "What reaches beyond the frame is missing, so the crops of a film have different sizes. All must be as"
            " large as the enlarged box.",
            CUT,
            twin=lambda frame, box, factor: _cut(frame, *_sides(frame, box, factor)),
        ),
        Mistake(
            "moved to fit",
            "The size is right, but the middle is no longer where it was: near the border the face slides through the"
            " crop.",
            CUT,
            twin=_moved_inside,
        ),
        Mistake(
            "filled up, not repeated",
            "Beyond the frame stands one and the same colour. A sharp border that moves writes itself into the mean;"
            " what is asked for is to repeat the pixels of the edge.",
            CUT,
            shows=_is_one_of(*(_padded("constant", constant_values=value) for value in (0, 128, 255))),
        ),
        Mistake(
            "mirrored, not repeated",
            "Beyond the edge the picture runs backwards. What is asked for is to repeat the last pixel.",
            CUT,
            shows=_is_one_of(_padded("reflect"), _padded("symmetric")),
        ),
        Mistake(
            "the other side of the frame",
            "What leaves the frame on the left comes in again on the right. Beyond the edge, repeat the edge.",
            CUT,
            twin=_other_side,
        ),
        Mistake(
            "a number below zero counts from the end",
            "Python takes a negative number in brackets for a place counted from the end, and says nothing.",
            CUT,
            shows=_is_one_of(_wrapped, _other_side),
        ),
    ),
    read_again=CUT,
)

# --- 05.4 ------------------------------------------------------------------------------------------------------------


def labels_on_frames(frame_times: NDArray, label_times: NDArray, label: NDArray, ahead: float) -> NDArray:
    """The label (N,) at each frame's time (T,); its clock is `ahead` s ahead. ValueError beyond what it covers."""
    order = np.argsort(label_times)
    known = label_times[order] - ahead
    if frame_times.min() < known[0] or frame_times.max() > known[-1]:
        raise ValueError("Frames lie outside of what the label covers")
    return np.interp(frame_times, known, label[order])


def _heart(time: NDArray) -> NDArray:
    angle = 2 * np.pi * (1.1 * time + 0.02 * np.sin(0.7 * time))
    return np.sin(angle) + 0.3 * np.sin(2 * angle + 0.7)


def _two_clocks(
    ahead: float = 0.0, disorder: bool = False, first: float = -0.5, last: float = 10.5, start: float = 0.0
) -> tuple[NDArray, NDArray, NDArray, float]:
    """Frames from 0 to 10 s of a camera that loses some; a label from `first` to `last` on a clock of its own."""
    frame_times = start + np.linspace(0.0, 10.0, 301)[np.arange(301) % 9 != 4]
    true = start + np.arange(first + 0.0037, last, 1 / 60)  # no value lies just where a frame does
    order = np.arange(true.size)
    if disorder:  # parcels of ten that arrive in disorder
        parcels = np.random.default_rng(2).permutation(true.size // 10)
        order = np.concatenate([(10 * parcels[:, None] + np.arange(10)).ravel(), order[true.size // 10 * 10 :]])
    return frame_times, (true + ahead)[order], _heart(true - start)[order], ahead


def _just_covered() -> tuple[NDArray, NDArray, NDArray, float]:
    frame_times = _two_clocks()[0]
    label_times = np.linspace(frame_times[0], frame_times[-1], 601)
    return frame_times, label_times, _heart(label_times), 0.0


def _ends_on_two_clocks(frame_times: NDArray, label_times: NDArray, label: NDArray, ahead: float) -> NDArray:
    if frame_times.min() < label_times.min() or frame_times.max() > label_times.max():
        raise ValueError("Frames lie outside of what the label covers")
    return _held(frame_times, label_times, label, ahead)


def _otherwise(find: Callable[[NDArray, NDArray, NDArray], NDArray]) -> Callable[..., NDArray]:
    """All as it should be, but for how the values are found: `find(frame_times, known times in order, values)`."""

    def answer(frame_times: NDArray, label_times: NDArray, label: NDArray, ahead: float) -> NDArray:
        labels_on_frames(frame_times, label_times, label, ahead)  # the refusal
        order = np.argsort(label_times)
        return find(frame_times, label_times[order] - ahead, label[order])

    return answer


def _unsorted(find: Callable[[NDArray, NDArray, NDArray], NDArray]) -> Callable[..., NDArray]:
    def answer(frame_times: NDArray, label_times: NDArray, label: NDArray, ahead: float) -> NDArray:
        labels_on_frames(frame_times, label_times, label, ahead)
        return find(frame_times, label_times - ahead, label)

    return answer


def _stretched(frame_times: NDArray, known: NDArray, values: NDArray) -> NDArray:
    return np.interp(np.linspace(0, 1, len(frame_times)), np.linspace(0, 1, len(values)), values)


def _nearest(frame_times: NDArray, known: NDArray, values: NDArray) -> NDArray:
    return values[np.abs(known - frame_times[:, None]).argmin(axis=1)]


def _before(frame_times: NDArray, known: NDArray, values: NDArray) -> NDArray:
    return values[np.searchsorted(known, frame_times, side="right") - 1]


def _held(frame_times: NDArray, label_times: NDArray, label: NDArray, ahead: float) -> NDArray:
    order = np.argsort(label_times)
    return np.interp(frame_times, label_times[order] - ahead, label[order])


def _as_they_came(arguments: tuple, got: Any) -> bool:
    frame_times, label_times, label, ahead = arguments
    disorder = bool((np.diff(label_times) < 0).any())
    return disorder and close()(got, np.interp(frame_times, label_times - ahead, label))


ON_FRAMES = Exercise(
    number="05.4",
    title="Labels onto the frames",
    reference=labels_on_frames,
    refused=(spectrum.resample, preparing.prepare_take),
    same=close(rtol=0.0, atol=0.008),
    cases=(
        Case(
            "268 frames of a camera that loses some, in 10 s; a pulse of 60 values a second, on the same clock",
            "268 values of the pulse, each at its frame's time",
            lambda: _two_clocks(),
        ),
        Case(
            "the same with a label whose clock is 2.3 s ahead",
            "the same values: who knows how much a clock is ahead can put it right",
            lambda: _two_clocks(ahead=2.3, first=-5.0, last=16.0),
        ),
        Case(
            "a label whose clock is 0.37 s behind (ahead is negative), and frames on the clock of the world",
            "the same values",
            lambda: _two_clocks(ahead=-0.37, first=-5.0, last=16.0, start=1.7e9),
        ),
        Case(
            "a label that begins with the first frame and ends with the last",
            "a value for each frame: the first and the last lie on the edge, not beyond it",
            lambda: _two_clocks(first=-0.0037, last=10.001),
        ),
        Case(
            "the label's rows in disorder",
            "the same values: each row carries its own time",
            lambda: _two_clocks(disorder=True, ahead=0.2),
        ),
        Case(
            "a label that ends one second before the last frame",
            "a ValueError: nobody knows what the pulse did there",
            lambda: _two_clocks(last=9.0),
        ),
        Case(
            "a label that begins one second after the first frame, its clock 3 s ahead",
            "a ValueError",
            lambda: _two_clocks(first=1.0, ahead=3.0),
        ),
        Case(
            "a label that ends one second before the last frame, its clock 3 s ahead",
            "a ValueError: on one clock it does not reach the end",
            lambda: _two_clocks(first=-5.0, last=9.0, ahead=3.0),
        ),
        Case(
            "a label that begins just with the first frame and ends just with the last",
            "268 values: the first and the last value are covered too",
            _just_covered,
        ),
    ),
    mistakes=(
        Mistake(
            "by number, not by time",
            "Value 2·k is taken for frame k. That holds for as long as nobody loses a frame, and both begin together.",
            LABELS,
            twin=_unsorted(lambda frame_times, known, values: values[2 * np.arange(len(frame_times))]),
        ),
        Mistake(
            "both ends fitted",
            "The label was stretched to the number of frames. Between the ends the lost frames are at other places, and"
            " the label need not begin and end with the film.",
            LABELS,
            twin=_unsorted(_stretched),
        ),
        Mistake(
            "the clock set in the wrong direction",
            "A clock that is ahead shows a later time than it is. Which of the two numbers is the larger one?",
            LABELS,
            twin=lambda frame_times, label_times, label, ahead: labels_on_frames(
                frame_times, label_times, label, -ahead
            ),
        ),
        Mistake(
            "two clocks taken for one",
            "The label's times are on another clock, and `ahead` says by how much it differs.",
            LABELS,
            twin=lambda frame_times, label_times, label, ahead: labels_on_frames(frame_times, label_times, label, 0.0),
        ),
        Mistake(
            "rows in disorder",
            "The function that draws lines between known values wants them in the order of time and does not say so"
            " when they are not.",
            LABELS,
            shows=_as_they_came,
        ),
        Mistake(
            "times in order, values not",
            "The times were sorted without their values: each value now has somebody else's time.",
            LABELS,
            twin=lambda frame_times, label_times, label, ahead: labels_on_frames(
                frame_times, np.sort(label_times), label, ahead
            ),
        ),
        Mistake(
            "the nearest value, not between two",
            "The nearest value is up to half a step away, now early, now late: a trembling in time.",
            LABELS,
            twin=_otherwise(_nearest),
        ),
        Mistake(
            "the value before, not between two",
            "The last value before the frame is up to a whole step old.",
            LABELS,
            twin=_otherwise(_before),
        ),
        Mistake(
            "resampled by number",
            "Such a resampling knows the number of values, and no times. Where frames were lost it puts each value"
            " beside another frame.",
            LABELS,
            twin=_unsorted(lambda frame_times, known, values: signal.resample(values, len(frame_times))),
        ),
        Mistake(
            "invented beyond the ends",
            "Where no label was recorded the last value was repeated, without a word. A network would learn that the"
            " heart had stopped.",
            LABELS,
            twin=_held,
        ),
        Mistake(
            "the ends are compared on two clocks",
            "The label was asked where it ends before its clock was put right. First bring both to one clock, then"
            " look whether every frame is covered.",
            LABELS,
            twin=_ends_on_two_clocks,
        ),
    ),
    read_again=LABELS,
)

EXERCISES = (CLOCKED, CALM, CROPPED, ON_FRAMES)
