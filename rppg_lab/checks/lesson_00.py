"""The checks of lesson 00: two first exercises, to meet a check and to read a first heart rate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rppg_lab import video
from rppg_lab.checks.declaring import Case, Exercise, Mistake

TITLE = "How does this course work?"

# --- 00.1 ------------------------------------------------------------------------------------------------------------

UNITS = "Two words for a rhythm"


def beats_per_minute(frequency: float | NDArray[np.float64]) -> float | NDArray[np.float64]:
    """Convert a frequency in Hz (one number or an array) to beats per minute."""
    return 60.0 * frequency


def _is_rounded(arguments: tuple, got: object) -> bool:
    wanted = np.asarray(beats_per_minute(arguments[0]))
    whole = np.array_equal(got, np.round(got)) and not np.array_equal(wanted, np.round(wanted))
    return bool(whole and np.all(np.abs(np.asarray(got) - wanted) < 1))


RATES = Exercise(
    number="00.1",
    title="Beats per minute from a frequency",
    reference=beats_per_minute,
    cases=(
        Case("a pulse of 1.2 Hz", "72 beats per minute", lambda: (1.2,)),
        Case("a pulse of 0.75 Hz, a heart at rest", "45 beats per minute", lambda: (0.75,)),
        Case("a pulse of 1.234 Hz", "74.04 beats per minute", lambda: (1.234,)),
        Case(
            "an array of three frequencies, 1, 2 and 2.5 Hz",
            "an array of 60, 120 and 150 beats per minute",
            lambda: (np.array([1.0, 2.0, 2.5]),),
        ),
    ),
    mistakes=(
        Mistake(
            "hertz left as they are",
            "One hertz is one beat per second. How many seconds does a minute have, and so how many of those beats?",
            UNITS,
            twin=lambda frequency: frequency,
        ),
        Mistake(
            "the wrong way round",
            "A minute is longer than a second: more beats fit into it, not fewer.",
            UNITS,
            twin=lambda frequency: frequency / 60,
        ),
        Mistake(
            "the time between beats, not their frequency",
            "A faster heart has a higher frequency and a higher rate. Here the rate falls when the frequency rises.",
            UNITS,
            twin=lambda frequency: 60 / frequency,
        ),
        Mistake(
            "seconds per beat",
            "This is how long one beat takes (the period). Asked for is how many beats a minute holds.",
            UNITS,
            twin=lambda frequency: 1 / frequency,
        ),
        Mistake(
            "radians per second",
            "One full turn is one beat: a rate counts beats, and angles have no place in it.",
            UNITS,
            twin=lambda frequency: 2 * np.pi * frequency,
        ),
        Mistake(
            "always the number of the example",
            "1.2 Hz become 72, and nothing else does. Calculate with what is handed in.",
            UNITS,
            twin=lambda frequency: 72.0,
        ),
        Mistake(
            "rounded to whole beats",
            "A rate need not be whole. Later we measure errors that are smaller than one beat per minute.",
            UNITS,
            shows=_is_rounded,
        ),
    ),
    read_again=UNITS,
)

# --- 00.2 ------------------------------------------------------------------------------------------------------------

AXES = "A video is a box of numbers"


def _frames(count: int, height: int, width: int, low: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(count).integers(low, 256, (count, height, width, 3), dtype=np.uint8)


def _one_picture_axis_left(arguments: tuple, got: object) -> bool:
    count, height, width, colours = arguments[0].shape
    return np.shape(got) in {(count, height, colours), (count, width, colours)}


def _colours_gone(arguments: tuple, got: object) -> bool:
    count, height, width, _ = arguments[0].shape
    return np.shape(got) in {(count,), (count, height), (count, width)}


def _frames_missing(arguments: tuple, got: object) -> bool:
    shape = np.shape(got)
    return len(shape) == 2 and shape[1] == 3 and shape[0] < len(arguments[0])


def _one_size(arguments: tuple, got: object) -> bool:
    """The sum was divided by the number of pixels of the lesson's whole picture, or of its cheeks."""
    total = arguments[0].sum(axis=(1, 2))
    return any(np.allclose(got, total / pixels) for pixels in (64 * 64, 12 * 28))


def _whole_steps(arguments: tuple, got: object) -> bool:
    away = np.abs(np.asarray(got, np.float64) - video.mean_colour(arguments[0]))
    return bool(np.all(np.asarray(got) == np.round(got)) and np.all(away < 1))


COLOURS = Exercise(
    number="00.2",
    title="The mean colour of each frame",
    reference=video.mean_colour,
    cases=(
        Case(
            "5 frames of 4 rows and 6 columns, shape (5, 4, 6, 3)",
            "for each of the 5 frames its mean red, green and blue: shape (5, 3)",
            lambda: (_frames(5, 4, 6),),
        ),
        Case(
            "7 bright frames of 16 rows and 12 columns, shape (7, 16, 12, 3)",
            "for each of the 7 frames its mean red, green and blue, about 228 each: shape (7, 3)",
            lambda: (_frames(7, 16, 12, low=200),),
        ),
        Case(
            "a video of a single frame, shape (1, 8, 5, 3)",
            "the mean red, green and blue of that frame: shape (1, 3)",
            lambda: (_frames(1, 8, 5),),
        ),
    ),
    mistakes=(
        Mistake(
            "everything in one mean",
            "One number for the whole video: neither time nor colour is left.",
            AXES,
            twin=lambda frames: frames.mean(),
        ),
        Mistake(
            "time is averaged away",
            "The pulse is a change from frame to frame. A mean over the frames wipes it out.",
            AXES,
            twin=lambda frames: frames.mean(axis=(0, 1, 2)),
        ),
        Mistake(
            "the colours are mixed",
            "Red, green and blue show the pulse with different strength. Once mixed, they cannot be told apart again.",
            AXES,
            shows=_colours_gone,
        ),
        Mistake(
            "one mean picture",
            "This is the mean over time, pixel by pixel: a still picture. Asked for is the mean over the pixels.",
            AXES,
            twin=lambda frames: frames.mean(axis=0),
        ),
        Mistake(
            "only rows or only columns",
            "A picture has two axes, and the mean was taken along one of them.",
            AXES,
            shows=_one_picture_axis_left,
        ),
        Mistake(
            "the sum, not the mean",
            "A sum grows with the number of pixels: a larger picture of the same skin would look brighter.",
            AXES,
            twin=lambda frames: frames.sum(axis=(1, 2)),
        ),
        Mistake(
            "8 bits run over",
            "A uint8 holds 0 to 255 and starts again at 0: 200 + 100 gives 44. Leave uint8 before you add.",
            AXES,
            twin=lambda frames: frames.sum(axis=(1, 2), dtype=np.uint8) / (frames.shape[1] * frames.shape[2]),
        ),
        Mistake(
            "blue first",
            "Red and blue have changed places. OpenCV stores blue first; here, as almost everywhere, red is first.",
            AXES,
            twin=lambda frames: frames.mean(axis=(1, 2))[:, ::-1],
        ),
        Mistake(
            "frames are missing",
            "Each frame gets its row, the last one as well. Does the loop reach it, and does the function return only"
            " after the loop?",
            AXES,
            shows=_frames_missing,
        ),
        Mistake(
            "the colours are counted as pixels",
            "Each of the three means is over the pixels of its own colour. How many of those has one frame?",
            AXES,
            twin=lambda frames: frames.sum(axis=(1, 2)) / frames[0].size,
        ),
        Mistake(
            "one size of picture is taken for granted",
            "How many pixels there are, the shape of what is handed in tells. Here the picture is not as large as the"
            " number by which was divided.",
            AXES,
            shows=_one_size,
        ),
        Mistake(
            "a single pixel",
            "One pixel is buried in its noise. The mean over all of them keeps the pulse.",
            AXES,
            twin=lambda frames: frames[:, 0, 0].astype(float),
        ),
        Mistake(
            "the median, not the mean",
            "A median is the value of one pixel, a whole step or half of one. The pulse is smaller than that, and only"
            " the mean brings it out.",
            AXES,
            twin=lambda frames: np.median(frames, axis=(1, 2)),
        ),
        Mistake(
            "cut to whole steps",
            "The pulse changes the mean colour by about one step of 256: its shape stands after the decimal point.",
            AXES,
            shows=_whole_steps,
        ),
    ),
    read_again=AXES,
)

EXERCISES = (RATES, COLOURS)
