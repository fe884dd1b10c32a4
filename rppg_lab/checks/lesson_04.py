"""The checks of lesson 04: relative change, POS in one window, POS over windows, and which disturbance defeats whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from rppg_lab import methods, spectrum
from rppg_lab.checks.comparing import as_array, is_numeric
from rppg_lab.checks.declaring import Case, Exercise, Mistake

TITLE = "Can we find the pulse without learning?"

LIGHT = "04.1 What changes in the light"
DIRECTIONS = "04.2 Three directions"
GREEN = "04.3 GREEN: look where the pulse is strongest"
LGI = "04.4 LGI and OMIT: throw the longest direction away"
CHROM = "04.5 CHROM: shine away by design, brightness by balance"
POS = "04.6 POS: brightness away by design, shine by balance"
OVERLAP = "04.7 From windows to a wave"

SKIN = np.array([112.0, 62.0, 41.0])  # mean colour, 0–255
BLUSH = np.array([0.33, 0.77, 0.53]) / 0.77  # relative change of R, G, B with more blood


def _beats(phase: NDArray[np.float64]) -> NDArray[np.float64]:
    """A pulse with a dicrotic wave, about 0 to 1, one for each whole number of the phase."""
    place = phase % 1.0
    return np.exp(-0.5 * ((place - 0.3) / 0.1) ** 2) + 0.3 * np.exp(-0.5 * ((place - 0.65) / 0.08) ** 2)


def _skin(
    samples: int,
    fs: float,
    bpm: float,
    *,
    light: NDArray | float = 0.0,
    shine: NDArray | float = 0.0,
    lamp: NDArray | float = 0.0,
    tone: float = 1.0,
    noise: float = 2e-4,
) -> NDArray[np.float64]:
    """Mean colours (T, 3), 0–255, of a skin with a pulse: light × (shine + skin × (1 − pulse)), as in lesson 02.

    light, shine: relative changes (T,). lamp: relative changes of each channel (T, 3). tone: below 1 darker.
    """
    time = np.arange(samples) / fs
    pulse = 0.01 * _beats(bpm / 60 * time)
    shine = np.broadcast_to(np.asarray(shine, float), samples)
    light = np.broadcast_to(np.asarray(light, float), samples)
    inside = tone * SKIN * (1 - pulse[:, None] * BLUSH)
    colours = (1 + light)[:, None] * (1 + np.asarray(lamp)) * (SKIN[1] * (0.05 + shine)[:, None] + inside)
    return colours * (1 + noise * np.random.default_rng(samples).standard_normal(colours.shape))


def _swing(samples: int, fs: float, per_minute: float, size: float) -> NDArray[np.float64]:
    return size * np.sin(2 * np.pi * per_minute / 60 * np.arange(samples) / fs + 0.4)


# --- 04.1 ------------------------------------------------------------------------------------------------------------


def relative_change(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """The relative change (T, 3) of colours (T, 3): the share of its own mean by which each channel differs from it."""
    return rgb / rgb.mean(axis=0) - 1


def _first_frame(rgb: NDArray) -> NDArray:
    return rgb / rgb[0] - 1


CHANGE = Exercise(
    number="04.1",
    title="Relative change of each channel",
    reference=relative_change,
    cases=(
        Case(
            "3 s of colours of a skin, 0–255",
            "(90, 3): around zero, within a few hundredths",
            lambda: (_skin(90, 30.0, 66, light=_swing(90, 30.0, 40, 0.02)),),
        ),
        Case(
            "the same in light of a tenth",
            "the same numbers",
            lambda: (0.1 * _skin(90, 30.0, 66, light=_swing(90, 30.0, 40, 0.02)),),
        ),
        Case(
            "three frames, two of them alike: red 100, 100, 103; green 50, 50, 53; blue 20, 20, 23",
            "(3, 3): in the last frame blue has changed most and red least; each channel adds up to zero",
            lambda: (np.array([[100.0, 50.0, 20.0], [100.0, 50.0, 20.0], [103.0, 53.0, 23.0]]),),
        ),
    ),
    mistakes=(
        Mistake(
            "one mean for all three channels",
            "A mean of everything leaves red high and blue low, for it is not their own. Each channel has one.",
            LIGHT,
            twin=lambda rgb: rgb / rgb.mean() - 1,
        ),
        Mistake(
            "the mean of each frame",
            "What is steady is found by averaging over time. A mean over the three colours of a frame takes their"
            " common change away, frame by frame, and leaves the colour of the skin.",
            LIGHT,
            twin=lambda rgb: rgb / rgb.mean(axis=1, keepdims=True) - 1,
        ),
        Mistake(
            "divided by the spread, not by the mean",
            "That makes every channel swing equally much, whatever it does. How much each swings is just what tells"
            " pulse, shine and brightness apart.",
            DIRECTIONS,
            twin=lambda rgb: (rgb - rgb.mean(axis=0)) / rgb.std(axis=0),
        ),
        Mistake(
            "a difference, not a share",
            "The mean is taken off, but a bright channel still changes more than a dark one: it is a share of the"
            " mean that is asked for.",
            LIGHT,
            twin=lambda rgb: rgb - rgb.mean(axis=0),
        ),
        Mistake(
            "around one, not around zero",
            "A channel that does not change has changed by nothing. The steady part is still in there.",
            LIGHT,
            twin=lambda rgb: rgb / rgb.mean(axis=0),
        ),
        Mistake(
            "compared with the first frame",
            "One frame has noise of its own and is not the middle. All three channels are to swing around zero.",
            LIGHT,
            twin=_first_frame,
        ),
        Mistake(
            "divided by the largest value",
            "The largest value of a channel is a moment, and a noisy one; the steady part is its mean.",
            LIGHT,
            twin=lambda rgb: rgb / rgb.max(axis=0) - 1,
        ),
        Mistake(
            "logarithms are only nearly the same",
            "For small changes the logarithm comes close, but it does not average to zero. Here the plain share is"
            " asked for.",
            LIGHT,
            twin=lambda rgb: np.log(rgb / rgb.mean(axis=0)),
        ),
        Mistake(
            "from one frame to the next",
            "Asked for is how far each frame is from the mean of all, not from the frame before it.",
            LIGHT,
            shows=lambda arguments, got: as_array(got).shape == (len(arguments[0]) - 1, 3),
        ),
        Mistake(
            "the division comes before the minus",
            "In a line of code what is divided is divided first, and only then comes the minus. Which of the two must"
            " be finished first here?",
            LIGHT,
            twin=lambda rgb: rgb - 1.0,
        ),
        Mistake(
            "divided by each value itself",
            "A share of the mean is asked for. Here each frame was divided by its own colour.",
            LIGHT,
            twin=lambda rgb: 1 - rgb.mean(axis=0) / rgb,
        ),
        Mistake(
            "squeezed between 0 and 1",
            "The smallest value became 0 and the largest 1, so every channel swings equally much. How much each swings"
            " is just what tells pulse, shine and brightness apart.",
            DIRECTIONS,
            twin=lambda rgb: (rgb - rgb.min(axis=0)) / np.ptp(rgb, axis=0),
        ),
        Mistake(
            "the median, not the mean",
            "The middle one of the sorted values is near the mean, and not the mean: the channel does not swing around"
            " zero.",
            LIGHT,
            twin=lambda rgb: rgb / np.median(rgb, axis=0) - 1,
        ),
        Mistake(
            "a slope is taken off as well",
            "A line through all frames was removed, not only their mean. A slow change is a change too, and some method"
            " may need it.",
            LIGHT,
            twin=lambda rgb: signal.detrend(rgb, axis=0) / rgb.mean(axis=0),
        ),
    ),
    read_again=LIGHT,
)

# --- 04.2 ------------------------------------------------------------------------------------------------------------

ALIKE = 0.999  # correlation: only gain and offset are free


def _correlation(got: object, expected: object) -> float:
    """Pearson's r of two waves of one shape (T,), or NaN where there is none."""
    try:
        given, wanted = as_array(got), as_array(expected)
    except (TypeError, ValueError):
        return np.nan
    if not is_numeric(got) or given.shape != wanted.shape or given.dtype.kind != "f" or not np.isfinite(given).all():
        return np.nan
    given, wanted = given - given.mean(), wanted - wanted.mean()
    length = np.linalg.norm(given) * np.linalg.norm(wanted)
    return float(given @ wanted / length) if length > 0 else np.nan


def _tuned(
    change: NDArray, rows: NDArray, *, sign: float = 1.0, alpha: Callable[[NDArray, NDArray], float] | None = None
) -> NDArray[np.float64]:
    """−(S₁ + sign · α S₂) of relative changes (L, 3)."""
    first, second = change @ rows[0], change @ rows[1]
    balance = first.std() / second.std() if alpha is None else alpha(first, second)
    return -(first + sign * balance * second)


def one_window(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """The POS wave (L,) of the colours (L, 3) of one window, up = more blood."""
    return _tuned(relative_change(rgb), methods.POS_PLANE)


def _with(change: Callable[[NDArray], NDArray] = relative_change, rows: Any = methods.POS_PLANE, **choices: Any):
    return lambda rgb: _tuned(change(rgb), np.asarray(rows, dtype=float), **choices)


def _resembles(*twins: Callable[[NDArray], NDArray]) -> Callable[[tuple, Any], bool]:
    """The wave of one of these, either way up."""
    return lambda arguments, got: any(abs(_correlation(got, twin(*arguments))) > ALIKE for twin in twins)


def _of_columns(*order: int) -> Callable[[NDArray], NDArray]:
    return lambda rgb: one_window(rgb[:, order])


CHROM_AXES = ((3, -2, 0), (1.5, 1, -1.5))

WINDOW = Exercise(
    number="04.2",
    title="POS in one window",
    reference=one_window,
    same=lambda got, expected: _correlation(got, expected) >= ALIKE,
    cases=(
        Case(
            "48 frames at 30 per second of a pulse of 75 per minute, with brightness and shine that change",
            "(48,): two beats, up when there is more blood",
            lambda: (_skin(48, 30.0, 75, light=_swing(48, 30.0, 50, 0.02), shine=_swing(48, 30.0, 110, 0.006)),),
        ),
        Case(
            "40 frames at 25 per second of a dark skin, with strong shine",
            "(40,): the beats, and no shine",
            lambda: (_skin(40, 25.0, 90, shine=_swing(40, 25.0, 55, 0.01), tone=0.4),),
        ),
        Case(
            "32 frames at 20 per second in steady light, noisier",
            "(32,): two beats with noise on them",
            lambda: (_skin(32, 20.0, 80, noise=1e-3),),
        ),
        Case(
            "64 frames at 40 per second, with brightness that changes by a tenth",
            "(64,): the beats, and no brightness",
            lambda: (_skin(64, 40.0, 70, light=_swing(64, 40.0, 45, 0.1), shine=_swing(64, 40.0, 140, 0.003)),),
        ),
    ),
    mistakes=(
        Mistake(
            "the light, not the blood",
            "With more blood both axes go down. What is asked for goes up.",
            POS,
            twin=lambda rgb: -one_window(rgb),
        ),
        Mistake(
            "the ratio α stands on its head",
            "The axis that swings more must be made smaller, so that both swing alike. Here the wilder one was made"
            " wilder still.",
            CHROM,
            twin=_with(alpha=lambda first, second: second.std() / first.std()),
        ),
        Mistake(
            "subtracted, as in CHROM",
            "In POS shine has opposite signs in the two axes, and blood has the same sign. What makes the one vanish"
            " and the other grow?",
            POS,
            shows=_resembles(_with(sign=-1.0)),
        ),
        Mistake(
            "not tuned",
            "The two axes were added as they are. Shine is in both, but not equally strong: it has to be balanced"
            " first.",
            POS,
            twin=_with(alpha=lambda first, second: 1.0),
        ),
        Mistake(
            "only the first axis",
            "One axis alone still holds the shine. The second one is there to cancel it.",
            POS,
            twin=_with(alpha=lambda first, second: 0.0),
        ),
        Mistake(
            "only the second axis",
            "One axis alone still holds the shine. The first one is there to cancel it.",
            POS,
            twin=lambda rgb: -(relative_change(rgb) @ methods.POS_PLANE[1]),
        ),
        Mistake(
            "variances, not standard deviations",
            "A variance has the unit of a square. To make two waves swing equally much one compares how much they"
            " swing.",
            CHROM,
            twin=_with(alpha=lambda first, second: first.var() / second.var()),
        ),
        Mistake(
            "the colours as they came",
            "Without the division of each channel by its own mean, not by a common one, brightness is not (1, 1, 1) but"
            " the colour of the skin, and the axes do see it.",
            LIGHT,
            twin=_with(change=lambda rgb: rgb - rgb.mean(axis=0)),
        ),
        Mistake(
            "divided by the spread, not by the mean",
            "Now every channel swings equally much, and the directions of shine and pulse, which make the method work,"
            " are gone.",
            DIRECTIONS,
            twin=_with(change=lambda rgb: (rgb - rgb.mean(axis=0)) / rgb.std(axis=0)),
        ),
        Mistake(
            "blue, green, red",
            "The columns are red, green, blue, in this order. Some programs have them the other way round.",
            POS,
            twin=lambda rgb: one_window(rgb[:, ::-1]),
        ),
        Mistake(
            "the axes of CHROM",
            "These are X and Y of CHROM, across the shine. The axes of POS lie across brightness.",
            POS,
            shows=_resembles(*(_with(rows=CHROM_AXES, sign=sign) for sign in (1.0, -1.0))),
        ),
        Mistake(
            "the columns have changed places",
            "The axes are right, but for other colours. The columns are red, green, blue, in this order, and red is the"
            " one that counts twice.",
            POS,
            shows=_resembles(*(_of_columns(*order) for order in permutations(range(3)) if order != (0, 1, 2))),
        ),
        Mistake(
            "the second axis sees brightness",
            "Put brightness, the same share in all three, into the second axis: what is added and what is taken off"
            " must be equally much.",
            POS,
            twin=_with(rows=[[0, 1, -1], [-1, 1, 1]]),
        ),
        Mistake(
            "the range, not the standard deviation",
            "How far it is from the lowest to the highest value hangs on two noisy frames. The standard deviation asks"
            " all of them.",
            CHROM,
            twin=_with(alpha=lambda first, second: np.ptp(first) / np.ptp(second)),
        ),
        Mistake(
            "compared with the first frame",
            "One frame has noise of its own and is not the middle. Divide each channel by its mean over the window.",
            LIGHT,
            twin=_with(change=_first_frame),
        ),
        Mistake(
            "green alone",
            "That is the method GREEN: it follows every change of the light.",
            GREEN,
            shows=_resembles(lambda rgb: relative_change(rgb)[:, 1]),
        ),
    ),
    read_again=POS,
)

# --- 04.3 ------------------------------------------------------------------------------------------------------------

SOUND = 0.93  # correlation: windows of another taper, hop or weight, or a frame longer, are as good


def pos_wave(rgb: NDArray[np.float64], fs: float) -> NDArray[np.float64]:
    """The pulse (T,) of colours (T, 3), taken fs times a second, by POS with windows of 1.6 s; up = more blood."""
    return methods.pos(rgb, fs)


def _middle(wave: object) -> NDArray[np.float64]:
    """Without a fifth at both ends, where fewer windows reach."""
    array = as_array(wave)
    edge = array.shape[-1] // 5
    return array[edge:-edge]


def _empty_ends(wave: NDArray) -> tuple[bool, bool]:
    """Whether nothing was written to the beginning, and to the end: a single zero there may come from a taper."""
    few = wave.size // 40
    swings = np.ptp(_middle(wave))
    begins, ends = (np.ptp(part) <= 1e-5 * swings or part[0] == part[1] for part in (wave[:few], wave[: -few - 1 : -1]))
    return bool(begins), bool(ends or wave[-1] == 0 != wave[0])


def _is_pos(got: object, expected: object) -> bool:
    """The same wave in the middle, up to gain and offset, and as much at both ends."""
    if np.isnan(_correlation(got, expected)):
        return False
    given, wanted = as_array(got), as_array(expected)
    alike = _correlation(_middle(given), _middle(wanted)) >= SOUND
    return alike and _empty_ends(given) == _empty_ends(wanted)


def _side_by_side(rgb: NDArray, fs: float) -> NDArray[np.float64]:
    length = round(1.6 * fs)
    wave = np.zeros(len(rgb))
    for start in range(0, len(rgb) - length + 1, length):
        wave[start : start + length] += one_window(rgb[start : start + length])
    return wave


def _over_all(rgb: NDArray, fs: float, *, window: float = 1.6, length: int | None = None, **how: Any) -> NDArray:
    """POS over windows in the plain way, with room for mistakes: `last` windows left out, `put` in place of added."""
    length = length or round(window * fs)
    wave = np.zeros(len(rgb))
    for start in range(len(rgb) - length + 1 - how.get("left_out", 0)):
        piece = how.get("piece", one_window)(rgb[start : start + length])
        at = slice(start, start + length)
        wave[at] = piece if how.get("put") else wave[at] + piece
    return wave


def _normalised_once(rgb: NDArray, fs: float) -> NDArray[np.float64]:
    change = relative_change(rgb)
    return _over_all(change, fs, piece=lambda part: _tuned(part, methods.POS_PLANE))


def _frames_fixed(count: int) -> Callable[[tuple, Any], bool]:
    """The wave of windows of so many frames, at any sampling rate."""

    def shows(arguments: tuple, got: Any) -> bool:
        rgb, fs = arguments
        if round(1.6 * fs) == count or not np.isfinite(as_array(got)).all():
            return False
        return _correlation(_middle(got), _middle(methods.pos(rgb, fs, window=count / fs))) > 0.999

    return shows


def _ends_early(arguments: tuple, got: Any) -> bool:
    wave = as_array(got)
    right = _correlation(_middle(wave), _middle(pos_wave(*arguments))) >= SOUND
    return bool(right and wave[-1] == 0 and wave[-2] != 0 and wave[0] != 0)


def _long(samples: int, fs: float, bpm: float, *, tone: float = 1.0, warmer: float = 0.0) -> NDArray[np.float64]:
    """A skin whose disturbances take turns: a lamp swings, then the head turns, then both; white balance drifts."""
    time = np.arange(samples) / samples
    light = _swing(samples, fs, 52, 0.02) * (time < 0.6)
    shine = _swing(samples, fs, 115, 0.004 * tone) * (time > 0.45)
    blue = _swing(samples, fs, 147, 0.012) * (time < 0.3)
    lamp = np.stack([warmer * time, np.zeros(samples), blue - 2 * warmer * time], axis=1)
    return _skin(samples, fs, bpm, light=light, shine=shine, lamp=lamp, tone=tone, noise=3e-4)


def _slow(samples: int, fs: float, bpm: float) -> NDArray[np.float64]:
    """A slow heart in disturbances slow and strong enough to tell windows of another length or without overlap."""
    light, shine = _swing(samples, fs, 33, 0.03), _swing(samples, fs, 30, 0.01)
    return _skin(samples, fs, bpm, light=light, shine=shine)


def _flash(samples: int, fs: float) -> NDArray[np.float64]:
    """A red lamp flashes soon after the beginning: it spoils the balance of each window that holds it, and of no other.

    So hardly anything but the length of the windows decides what the rest of the recording looks like.
    """
    lamp = np.zeros((samples, 3))
    lamp[4:6, 0] = 0.06
    light, shine = _swing(samples, fs, 176, 0.03), _swing(samples, fs, 48, 0.01)
    return _skin(samples, fs, 100, light=light, shine=shine, lamp=lamp)


def _seams(arguments: tuple, got: Any) -> bool:
    """The wave of windows side by side; in a recording of one window they make no difference."""
    apart = _side_by_side(*arguments)
    return not _is_pos(apart, pos_wave(*arguments)) and _correlation(_middle(got), _middle(apart)) > ALIKE


def _lasting(*windows: float) -> Callable[[tuple, Any], bool]:
    """The wave of windows of so many seconds."""

    def shows(arguments: tuple, got: Any) -> bool:
        rgb, fs = arguments
        return any(_correlation(_middle(got), _middle(methods.pos(rgb, fs, window=one))) > ALIKE for one in windows)

    return shows


def _none_fits(arguments: tuple, got: Any) -> bool:
    """Nothing was written anywhere: zeros, or zeros over no windows."""
    return not np.nan_to_num(as_array(got)).any()


WHOLE = Exercise(
    number="04.3",
    title="POS",
    reference=pos_wave,
    refused=(methods.pos,),
    same=_is_pos,
    time_limit=5.0,  # a loop over hundreds of windows, on a computer that is busy
    cases=(
        Case(
            "9 s at 30 frames per second of a pulse of 75 per minute; the light is restless at first, then the shine",
            "(275,): the pulse all along, up to the last frame, up when there is more blood",
            lambda: (_long(275, 30.0, 75), 30.0),
        ),
        Case(
            "12 s at 20 frames per second of a pulse of 96 per minute in light that gets warmer",
            "(250,): the pulse all along, with windows of 32 frames",
            lambda: (_long(250, 20.0, 96, warmer=0.15), 20.0),
        ),
        Case(
            "6 s at 100 frames per second of a dark skin with a pulse of 63 per minute",
            "(610,): the pulse all along, with windows of 160 frames",
            lambda: (_long(610, 100.0, 63, tone=0.4), 100.0),
        ),
        Case(
            "10 s at 20 frames per second of a slow heart, 48 per minute, with strong brightness and shine",
            "(200,): the pulse all along, with windows of 32 frames",
            lambda: (_slow(200, 20.0, 48), 20.0),
        ),
        Case(
            "50 frames at 30 per second, which is hardly more than one window; at the beginning a red lamp flashes",
            "(50,): the flash is in every window of 1.6 s, so it spoils the balance up to the last frame",
            lambda: (_flash(50, 30.0), 30.0),
        ),
    ),
    mistakes=(
        Mistake(
            "the light, not the blood",
            "The wave is on its head. Each window should come out with blood up, and adding changes no sign.",
            POS,
            shows=lambda arguments, got: _is_pos(-as_array(got), pos_wave(*arguments)),
        ),
        Mistake(
            "the last window is left out",
            "Nothing was added to the last frame. If T windows of one frame fit into T frames, how many of two frames"
            " do?",
            OVERLAP,
            shows=_ends_early,
        ),
        Mistake(
            "windows side by side",
            "Each window has its own balance and its own mean, so at the seams the wave jumps. Windows that overlap, a"
            " frame apart, average the seams away.",
            OVERLAP,
            shows=_seams,
        ),
        Mistake(
            "one window for the whole recording",
            "One balance suits one disturbance. Here the disturbances take turns, and only short windows can follow.",
            OVERLAP,
            twin=lambda rgb, fs: one_window(rgb),
        ),
        Mistake(
            "put there, not added",
            "Each window wrote over the one before it, so that every frame has the wave of a single window. They are to"
            " be added up.",
            OVERLAP,
            twin=lambda rgb, fs: _over_all(rgb, fs, put=True),
        ),
        Mistake(
            "normalised once",
            "The colours were divided by the mean of the whole recording. While the light drifts that is nobody's mean,"
            " and brightness is no longer (1, 1, 1): each window has its own.",
            OVERLAP,
            twin=_normalised_once,
        ),
        Mistake(
            "always so many frames",
            "A window lasts 1.6 s. How many frames that are, fs tells.",
            OVERLAP,
            shows=lambda arguments, got: any(_frames_fixed(count)(arguments, got) for count in (32, 40, 48, 64)),
        ),
        Mistake(
            "the window is too short",
            "A window lasts longer than a second, so it must have more frames than one second has.",
            OVERLAP,
            shows=_lasting(1.0, 1 / 1.6, 0.8),
        ),
        Mistake(
            "the window is too long",
            "In a recording hardly longer than 1.6 s nothing was added anywhere: none of your windows fits into it.",
            OVERLAP,
            shows=_none_fits,
        ),
        Mistake(
            "the last window does not fit",
            "At the end there is no number. A window that reaches beyond the recording is cut short, and a single frame"
            " has no spread to divide by. Or no window has reached the end at all.",
            OVERLAP,
            shows=lambda arguments, got: np.isnan(as_array(got)[-1]) and np.isfinite(_middle(got)).all(),
        ),
        Mistake(
            "seconds taken for frames",
            "A window of one or two frames holds no beat, and nothing to balance.",
            OVERLAP,
            twin=lambda rgb, fs: _over_all(rgb, fs, length=2),
        ),
    ),
    read_again=OVERLAP,
)

# --- 04.4 ------------------------------------------------------------------------------------------------------------

FOUR = ("GREEN", "LGI", "CHROM", "POS")
SWINGS = ("light", "shine", "red lamp", "green lamp")


@cache
def _measured() -> dict[str, tuple[str, ...]]:
    """Tried out: which of the four methods reads the rhythm of the disturbance from a skin of each tone."""
    fs, samples = 30.0, 600
    found = {}
    for name in SWINGS:
        followed = dict.fromkeys(FOUR, 0)
        for bpm, other, tone in ((66.0, 100.0, 1.0), (95.0, 62.0, 0.6), (120.0, 75.0, 0.35)):
            swing = _swing(samples, fs, other, 0.025)
            disturbed = {
                "light": {"light": swing},
                "shine": {"shine": swing},
                "red lamp": {"lamp": swing[:, None] * [1, 0, 0]},
                "green lamp": {"lamp": swing[:, None] * [0, 1, 0]},
            }[name]
            rgb = _skin(samples, fs, bpm, tone=tone, **disturbed)
            for method in FOUR:
                rate = spectrum.heart_rate(methods.METHODS[method](rgb, fs), fs)
                followed[method] += int(abs(rate - bpm) > 5)
        found[name] = tuple(method for method, count in followed.items() if count >= 2)
    return found


def who_is_defeated() -> dict[str, list[str]]:
    """For each disturbance the names of the methods that follow it."""
    return {name: list(names) for name, names in _measured().items()}


def _names(value: object) -> set[str]:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, Iterable):
        raise TypeError(f"no names: {value!r}")
    return {str(one).strip().upper() for one in value}


def _same_names(got: object, expected: dict[str, list[str]]) -> bool:
    if not isinstance(got, dict) or set(got) != set(expected):
        return False
    try:
        return all(_names(got[name]) == set(expected[name]) for name in expected)
    except TypeError:
        return False


def _thinks(name: str, method: str, defeated: bool) -> Callable[[tuple, Any], bool]:
    return lambda arguments, got: (method in _names(got[name])) is defeated


def _any(*beliefs: Callable[[tuple, Any], bool]) -> Callable[[tuple, Any], bool]:
    return lambda arguments, got: any(belief(arguments, got) for belief in beliefs)


DEFEATED = Exercise(
    number="04.4",
    title="Which disturbance defeats which method",
    reference=who_is_defeated,
    same=_same_names,
    cases=(
        Case(
            "nothing: you predict",
            "for each of the four names a list of those of GREEN, LGI, CHROM and POS that follow the disturbance, as it"
            " comes out when one tries",
            lambda: (),
        ),
    ),
    mistakes=(
        Mistake(
            "the survivors, not the defeated",
            "Each list holds those that still find the heart. The others are asked for.",
            DIRECTIONS,
            shows=lambda arguments, got: all(
                _names(got[name]) == set(FOUR) - set(names) for name, names in who_is_defeated().items()
            ),
        ),
        Mistake(
            "a name that is none of the four",
            "Only GREEN, LGI, CHROM and POS are asked about, by these names.",
            DIRECTIONS,
            shows=lambda arguments, got: any(_names(got[name]) - set(FOUR) for name in SWINGS),
        ),
        Mistake(
            "GREEN is thought to look at all colours",
            "GREEN is one channel. A lamp that leaves green alone does not exist for it.",
            GREEN,
            shows=_thinks("red lamp", "GREEN", True),
        ),
        Mistake(
            "GREEN is thought to stand something",
            "GREEN follows whatever changes green, and it has nothing to balance it with. Which of the four do that?",
            GREEN,
            shows=_any(*(_thinks(name, "GREEN", False) for name in ("light", "shine", "green lamp"))),
        ),
        Mistake(
            "brightness is thought to get through",
            "LGI removes it, both axes of POS are blind to it, and in CHROM it has the same sign in X and Y.",
            DIRECTIONS,
            shows=_any(*(_thinks("light", method, True) for method in ("LGI", "CHROM", "POS"))),
        ),
        Mistake(
            "LGI is thought to remove two directions",
            "LGI removes the direction of brightness and no other, and it tunes nothing. Whatever points elsewhere"
            " leaks into its green.",
            LGI,
            shows=_any(*(_thinks(name, "LGI", False) for name in ("shine", "red lamp", "green lamp"))),
        ),
        Mistake(
            "shine is thought to get through",
            "CHROM's axes lie across it, and in POS it has opposite signs in the two axes, so that tuning cancels it.",
            POS,
            shows=_any(_thinks("shine", "CHROM", True), _thinks("shine", "POS", True)),
        ),
        Mistake(
            "green light is thought to differ from a blush",
            "A lamp that changes green moves the axes as blood does: with opposite signs in CHROM's, with the same"
            " sign in those of POS. Tuning makes it larger, not smaller.",
            POS,
            shows=_any(_thinks("green lamp", "CHROM", False), _thinks("green lamp", "POS", False)),
        ),
        Mistake(
            "red light is thought to defeat CHROM",
            "Put red alone into X and into Y: both answer, with the same sign. That is what CHROM's balance is for.",
            CHROM,
            shows=_thinks("red lamp", "CHROM", True),
        ),
        Mistake(
            "tuning is thought to cancel everything",
            "Red alone moves the second axis of POS and not the first. Two waves cancel only where the disturbance is"
            " in both: tuned, it is as large as all of the first axis.",
            POS,
            shows=_thinks("red lamp", "POS", False),
        ),
    ),
    read_again=DIRECTIONS,
)

EXERCISES = (CHANGE, WINDOW, WHOLE, DEFEATED)
