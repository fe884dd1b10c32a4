"""The checks of lesson 12: from a wave to rates, their errors, their agreement, and how sure one may be."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from rppg_lab import evaluation, spectrum
from rppg_lab.checks.comparing import as_array, close, is_numeric
from rppg_lab.checks.declaring import Case, Exercise, Mistake

TITLE = "How good is it, honestly?"

WINDOWS = "12.1 One wave, many windows"
RESOLUTION = "12.2 What can a window know?"
HOW_FAR = "12.3 How far off?"
AGREEMENT = "12.4 Do they agree?"
HOW_SURE = "12.5 How sure can we be?"

# --- 12.1 ------------------------------------------------------------------------------------------------------------


def cut_windows(wave: NDArray[np.float64], fs: float, window: float) -> NDArray[np.float64]:
    """Cut a wave (T,) into its complete windows of so many seconds: (n, samples per window)."""
    return spectrum.cut_windows(wave, fs, window)


def _random_wave(seconds: float, fs: float) -> NDArray[np.float64]:
    return np.random.default_rng(round(seconds * fs)).standard_normal(round(seconds * fs))


def _counts(arguments: tuple) -> tuple[int, int]:
    """Samples of a window, and how many complete windows there are."""
    wave, fs, window = arguments
    return round(fs * window), len(wave) // round(fs * window)


def _keeps_the_rest(arguments: tuple, got: object) -> bool:
    length, complete = _counts(arguments)
    return len(got) == complete + 1 and np.size(got[0]) == length and got[-1][0] == arguments[0][complete * length]


def _loses_the_last(arguments: tuple, got: object) -> bool:
    length, complete = _counts(arguments)
    return np.array_equal(got, cut_windows(*arguments)[:-1]) and np.shape(got) == (complete - 1, length)


def _overlaps(arguments: tuple, got: object) -> bool:
    length, complete = _counts(arguments)
    return np.ndim(got) == 2 and np.shape(got)[1] == length and len(got) > complete + 1


def _counts_in_steps(arguments: tuple, got: object) -> bool:
    length, complete = _counts(arguments)
    comb = arguments[0][: length * complete].reshape(length, complete)
    return complete > 1 and (np.array_equal(got, comb) or np.array_equal(got, comb.T))


def _stretches(arguments: tuple, got: object) -> bool:
    length, complete = _counts(arguments)
    return len(got) == complete and all(len(one) > length for one in got)


def _cut_to_nothing(arguments: tuple, got: object) -> bool:
    return len(got) == 0 and len(arguments[0]) % _counts(arguments)[0] == 0


def _three_hundred(arguments: tuple, got: object) -> bool:
    return np.ndim(got) == 2 and np.shape(got)[1] == 300 != _counts(arguments)[0]


CUT = Exercise(
    number="12.1",
    title="Cut a wave into complete windows",
    reference=cut_windows,
    refused=(spectrum.cut_windows,),
    cases=(
        Case(
            "25 s of a wave at 30 Hz (750 samples), windows of 10 s",
            "2 complete windows of 300 samples: shape (2, 300); the last 5 s are left out",
            lambda: (_random_wave(25, 30.0), 30.0, 10.0),
        ),
        Case(
            "20 s of a wave at 20 Hz (400 samples), windows of 5 s",
            "4 windows of 100 samples, and nothing is left over: shape (4, 100)",
            lambda: (_random_wave(20, 20.0), 20.0, 5.0),
        ),
        Case(
            "19.9 s of a wave at 30 Hz (597 samples), windows of 10 s",
            "1 window of 300 samples: shape (1, 300); 9.9 s are not enough for a second one",
            lambda: (_random_wave(19.9, 30.0), 30.0, 10.0),
        ),
        Case(
            "7.4 s of a wave at 25 Hz (185 samples), windows of 2 s",
            "3 complete windows of 50 samples: shape (3, 50)",
            lambda: (_random_wave(7.4, 25.0), 25.0, 2.0),
        ),
    ),
    mistakes=(
        Mistake(
            "no rest, and all is cut off",
            "Here nothing is left over. A slice that should leave out the last 0 samples leaves out everything, for"
            " minus zero is zero: it counts from the beginning.",
            WINDOWS,
            shows=_cut_to_nothing,
        ),
        Mistake(
            "300 samples taken for granted",
            "That is one window at one frame rate. How many samples a window has, the two numbers tell that are handed"
            " in.",
            WINDOWS,
            shows=_three_hundred,
        ),
        Mistake(
            "a short last window is kept",
            "What is left over at the end is too short: its rate would be known worse than the others, and weigh as"
            " much as they do.",
            WINDOWS,
            shows=_keeps_the_rest,
        ),
        Mistake(
            "the last complete window is lost",
            "If the wave ends exactly where a window ends, that window is complete and counts.",
            WINDOWS,
            shows=_loses_the_last,
        ),
        Mistake(
            "seconds taken for samples",
            "A window is given in seconds, an array is counted in samples. How many samples does the camera take in"
            " one second?",
            WINDOWS,
            twin=lambda wave, fs, window: spectrum.cut_windows(wave, 1.0, window),
        ),
        Mistake(
            "each window takes every n-th sample",
            "A window holds neighbours: ten seconds that follow each other. These samples come from all over the wave.",
            WINDOWS,
            shows=_counts_in_steps,
        ),
        Mistake(
            "windows overlap",
            "Samples that stand in two windows are counted twice. Here each window begins where the one before ends.",
            WINDOWS,
            shows=_overlaps,
        ),
        Mistake(
            "the beginning is left out, not the end",
            "The first window begins with the first sample; what does not fit is missing at the end.",
            WINDOWS,
            twin=lambda wave, fs, window: spectrum.cut_windows(wave[::-1], fs, window)[::-1, ::-1],
        ),
        Mistake(
            "windows longer than asked for",
            "The wave was shared out evenly, so that nothing is left. But then each wave would get windows of its own"
            " length, and with them a resolution of its own.",
            WINDOWS,
            shows=_stretches,
        ),
    ),
    read_again=WINDOWS,
)

# --- 12.2 ------------------------------------------------------------------------------------------------------------

SOUND = 0.75  # per minute: tapers, padding and interpolation may differ by so much; a coarse grid is off by more


def heart_rate(wave: NDArray[np.float64], fs: float) -> float:
    """Heart rate per minute of one window (T,): the highest peak of its spectrum within the heart band."""
    return float(spectrum.heart_rate(wave, fs))


def _pulse(
    bpm: float, fs: float, seconds: float, *, drift: float = 0.0, flicker: float = 0.0, mean: float = 0.0
) -> NDArray[np.float64]:
    """A pulse with a dicrotic wave and a little noise; on request with a slow drift, a flicker of 6 Hz and a mean."""
    time = np.arange(round(seconds * fs)) / fs
    angle = 2 * np.pi * bpm / 60 * time
    noise = 0.05 * np.random.default_rng(round(bpm)).standard_normal(time.size)
    slow, fast = drift * np.sin(2 * np.pi * 0.225 * time + 1), flicker * np.sin(2 * np.pi * 6.0 * time)
    return mean + np.sin(angle) + 0.6 * np.sin(2 * angle + 0.8) + noise + slow + fast


def _spectra(wave: NDArray[np.float64], fs: float) -> Iterator[tuple[NDArray, NDArray, NDArray]]:
    """Frequency, power and the places inside the band, on the grids that people use."""
    power_of_two = 2 ** int(np.ceil(np.log2(wave.size)))
    for taper in (np.ones(wave.size), np.hanning(wave.size)):
        for size in (wave.size, power_of_two, 2 * power_of_two, 4 * power_of_two):
            power = np.abs(np.fft.rfft((wave - wave.mean()) * taper, size)) ** 2
            yield _with_band(np.fft.rfftfreq(size, 1 / fs), power)
    yield _with_band(*spectrum.power_spectrum(wave, fs))


def _with_band(frequency: NDArray, power: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    low, high = spectrum.HEART_BAND
    return frequency, power, np.flatnonzero((frequency >= low) & (frequency <= high))


def _is_a_place(arguments: tuple, got: object) -> bool:
    """The number of a bin came back, as it is or taken for a frequency; where the band begins may differ by one."""
    places = set()
    for _, power, inside in _spectra(*arguments):
        in_band = power[inside].argmax()
        places |= {float(power.argmax()), float(inside[0] + in_band), float(in_band), float(in_band - 1)}
    return bool({float(got), float(got) / 60} & places)


def _is_counted_from_zero(arguments: tuple, got: object) -> bool:
    """The place within the band, looked up in the whole list of frequencies."""
    return any(
        abs(float(got) - 60 * frequency[power[inside].argmax()]) < 61 * frequency[1]
        for frequency, power, inside in _spectra(*arguments)
    )


def _is_the_height(arguments: tuple, got: object) -> bool:
    heights = [power[inside].max() for _, power, inside in _spectra(*arguments)]
    return any(np.isclose(float(got), factor * height, rtol=1e-6) for height in heights for factor in (1, 60))


def _is_peak_of(look: Callable[[NDArray, int], NDArray]) -> Callable[[tuple, object], bool]:
    """The rate at which what somebody looked at is largest, on the grids that people use."""

    def shows(arguments: tuple, got: object) -> bool:
        wave, fs = arguments
        power_of_two = 2 ** int(np.ceil(np.log2(wave.size)))
        for size in (wave.size, *(power_of_two * 2**more for more in range(6))):
            frequency, seen, inside = _with_band(np.fft.rfftfreq(size, 1 / fs), look(wave, size))
            if abs(60 * frequency[inside][seen[inside].argmax()] - float(got)) < 1e-6:
                return True
        return False

    return shows


def _is_too_slow(arguments: tuple, got: object) -> bool:
    return heart_rate(*arguments) > 160 and float(got) <= 151


def _is_coarse(arguments: tuple, got: object) -> bool:
    """On the grid of a spectrum without zeros appended, or with just enough for a power of two; and nearest there."""
    wave, fs = arguments
    away = abs(float(got) - heart_rate(wave, fs))
    for size in {wave.size, 2 ** int(np.ceil(np.log2(wave.size))), 2 ** int(np.floor(np.log2(wave.size)))}:
        place = float(got) * size / (60 * fs)
        if abs(place - round(place)) < 1e-6 and away < 60 * fs / size:
            return True
    return False


def _is_outside(arguments: tuple, got: object) -> bool:
    low, high = spectrum.HEART_BAND
    return not 60 * low <= float(got) <= 60 * high


def _is_an_octave_up(arguments: tuple, got: object) -> bool:
    return abs(float(got) / heart_rate(*arguments) - 2) < 0.05


def _weighted_mean(wave: NDArray[np.float64], fs: float) -> float:
    frequency, power, inside = _with_band(*spectrum.power_spectrum(wave, fs))
    return float(60 * np.sum(frequency[inside] * power[inside]) / np.sum(power[inside]))


RATE = Exercise(
    number="12.2",
    title="The heart rate of a window",
    reference=heart_rate,
    refused=(spectrum.heart_rate, spectrum.window_rates),
    same=lambda got, expected: (
        is_numeric(got) and as_array(got).ndim == 0 and bool(abs(as_array(got) - expected) <= SOUND)
    ),
    cases=(
        Case(
            "10 s at 30 Hz of a pulse of 68.9 beats per minute",
            "about 68.9 beats per minute (± 0.75)",
            lambda: (_pulse(68.9, 30.0, 10), 30.0),
        ),
        Case(
            "10 s at 30 Hz of a pulse of 81.2 beats per minute, on top of a drift that is three times as strong",
            "about 81.2 beats per minute (± 0.75): the drift is slower than any heart",
            lambda: (_pulse(81.2, 30.0, 10, drift=3.0), 30.0),
        ),
        Case(
            "10 s at 30 Hz of a pulse of 117.3 beats per minute around the value 100, and of a lamp that flickers",
            "about 117.3 beats per minute (± 0.75): the lamp is quicker than any heart",
            lambda: (_pulse(117.3, 30.0, 10, flicker=2.0, mean=100.0), 30.0),
        ),
        Case(
            "12 s at 20 Hz of a pulse of 52.4 beats per minute",
            "about 52.4 beats per minute (± 0.75)",
            lambda: (_pulse(52.4, 20.0, 12), 20.0),
        ),
        Case(
            "10 s at 30 Hz of a heart that works hard: 184.3 beats per minute",
            "about 184.3 beats per minute (± 0.75)",
            lambda: (_pulse(184.3, 30.0, 10), 30.0),
        ),
    ),
    mistakes=(
        Mistake(
            "hertz, not beats per minute",
            "The axis of a spectrum counts beats in one second. A heart rate counts those of a minute.",
            RESOLUTION,
            twin=lambda wave, fs: heart_rate(wave, fs) / 60,
        ),
        Mistake(
            "the place of the peak, not its frequency",
            "argmax tells where in an array the highest value stands. Which frequency stands at that place?",
            RESOLUTION,
            shows=_is_a_place,
        ),
        Mistake(
            "the height of the peak, not its place",
            "This is how strong the strongest frequency is. Asked for is which one it is.",
            RESOLUTION,
            shows=_is_the_height,
        ),
        Mistake(
            "counted within the band, looked up outside it",
            "The place of the peak was counted from the beginning of the band, and the frequency then read from a list"
            " that begins at zero.",
            RESOLUTION,
            shows=_is_counted_from_zero,
        ),
        Mistake(
            "an octave too high",
            "Twice the rate: each beat was counted twice. After every beat a smaller, dicrotic wave follows.",
            RESOLUTION,
            shows=_is_an_octave_up,
        ),
        Mistake(
            "read off a coarse grid",
            "The spectrum of a short window has few frequencies, several beats apart, and the peak lies between two of"
            " them.",
            RESOLUTION,
            shows=_is_coarse,
        ),
        Mistake(
            "30 frames per second taken for granted",
            "This camera is slower. How many samples make a second is told by fs, and all frequencies hang on it.",
            RESOLUTION,
            twin=lambda wave, fs: heart_rate(wave, 30.0),
        ),
        Mistake(
            "the band is too narrow",
            "This heart is faster than anything that was looked at. The lesson names both limits of the band, and a"
            " heart that works hard is within them.",
            RESOLUTION,
            shows=_is_too_slow,
        ),
        Mistake(
            "the mean frequency, not the strongest",
            "Everything in the band was averaged: noise and overtones pull the result away from the pulse.",
            RESOLUTION,
            twin=_weighted_mean,
        ),
        Mistake(
            "outside the band of the heart",
            "The highest point of the whole spectrum need not be a pulse: the mean, a drift or a lamp can be stronger.",
            RESOLUTION,
            shows=_is_outside,
        ),
        Mistake(
            "not the size of the spectrum",
            "A Fourier transform gives complex numbers, and of two such numbers none is the larger. Their sizes can be"
            " compared, or the squares of these.",
            RESOLUTION,
            shows=_is_peak_of(lambda wave, size: np.fft.rfft(wave - wave.mean(), size)),
        ),
        Mistake(
            "the mean is left in",
            "The wave lies around 100. With zeros appended this becomes a high step, and a step has power at every"
            " frequency: it drowns the pulse.",
            RESOLUTION,
            shows=_is_peak_of(lambda wave, size: np.abs(np.fft.rfft(wave, size))),
        ),
    ),
    read_again=RESOLUTION,
)

# --- 12.3 ------------------------------------------------------------------------------------------------------------

ERRORS = ("MAE", "RMSE", "median", "r", "over_5")


def rate_errors(predicted: NDArray[np.float64], true: NDArray[np.float64]) -> dict[str, float]:
    """MAE, RMSE, median, r and over_5 of predicted rates (n,) against true ones, per minute; see evaluation.errors."""
    found = evaluation.errors(predicted, true)
    return {name: found[name] for name in ERRORS}


def _but(name: str, wrong: Callable[[NDArray, NDArray], float]) -> Callable[..., dict[str, float]]:
    """The right errors but for one of them."""
    return lambda predicted, true: {**rate_errors(predicted, true), name: wrong(predicted, true)}


def _rates(n: int, bias: float = 0.0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(n)
    true = rng.uniform(50, 140, n)
    return true + bias + rng.normal(0, 4, n), true


def _correlates_a_table(arguments: tuple, got: object) -> bool:
    return np.shape(got["r"]) == (2, 2)


FAR = Exercise(
    number="12.3",
    title="The errors of the rates",
    reference=rate_errors,
    refused=(evaluation.errors, evaluation.per_subject),
    cases=(
        Case(
            "six windows: predicted 61, 79, 100, 122, 75, 140, true 60, 81, 95, 121, 80, 70",
            "MAE 14, RMSE about 28.8, median 3.5, r about 0.42; one window of six is off by *more* than 5",
            lambda: (np.array([61.0, 79, 100, 122, 75, 140]), np.array([60.0, 81, 95, 121, 80, 70])),
        ),
        Case(
            "five windows, each predicted 7 beats per minute too low",
            "MAE, RMSE and median 7, r = 1, and all windows are off by more than 5",
            lambda: (np.array([53.0, 63, 73, 83, 103]), np.array([60.0, 70, 80, 90, 110])),
        ),
        Case("40 windows with errors of a few beats in both directions", "five numbers", lambda: _rates(40)),
        Case("25 windows that are predicted too high", "five numbers", lambda: _rates(25, bias=3.0)),
    ),
    mistakes=(
        Mistake(
            "too high and too low cancel",
            "Ten too high and ten too low is no error of zero: nobody was measured well.",
            HOW_FAR,
            twin=_but("MAE", lambda p, t: float(np.mean(p - t))),
        ),
        Mistake(
            "the signed median",
            "The middle of errors with their signs is near zero whenever as many are too high as too low.",
            HOW_FAR,
            twin=_but("median", lambda p, t: float(np.median(p - t))),
        ),
        Mistake(
            "the size of the median, not the median of the sizes",
            "First the size of each error, then the middle one of them. The other way round, too high and too low"
            " cancel.",
            HOW_FAR,
            twin=_but("median", lambda p, t: float(abs(np.median(p - t)))),
        ),
        Mistake(
            "per cent of the rate",
            "This error is a share of the true rate (the MAPE). Asked for are beats per minute.",
            HOW_FAR,
            twin=_but("MAE", lambda p, t: float(100 * np.mean(np.abs(p - t) / t))),
        ),
        Mistake(
            "the square is not undone",
            "This is the mean of the squares: its unit is not beats per minute, and it cannot stand beside the MAE.",
            HOW_FAR,
            twin=_but("RMSE", lambda p, t: float(np.mean((p - t) ** 2))),
        ),
        Mistake(
            "rooted before the mean",
            "Square and root undo each other if nothing happens in between. The order is in the name, read backwards.",
            HOW_FAR,
            twin=_but("RMSE", lambda p, t: float(np.mean(np.abs(p - t)))),
        ),
        Mistake(
            "a sum, not a mean",
            "The root of the sum of the squares grows with every window that is measured.",
            HOW_FAR,
            twin=_but("RMSE", lambda p, t: float(np.linalg.norm(p - t))),
        ),
        Mistake(
            "divided after the root",
            "The mean comes before the root: so divided, the error shrinks with every window that is measured.",
            HOW_FAR,
            twin=_but("RMSE", lambda p, t: float(np.linalg.norm(p - t) / len(t))),
        ),
        Mistake(
            "the spread of the errors",
            "A standard deviation is taken about the mean error: who is always 7 too low has a spread of zero. The RMSE"
            " is taken about no error.",
            HOW_FAR,
            twin=_but("RMSE", lambda p, t: float(np.std(p - t))),
        ),
        Mistake(
            "a table of correlations",
            "These are the correlations of each with each, and with themselves. Asked for is one of the numbers.",
            HOW_FAR,
            shows=_correlates_a_table,
        ),
        Mistake(
            "r squared",
            "r² is the share of the variance that is explained. Asked for is r itself.",
            HOW_FAR,
            twin=_but("r", lambda p, t: float(np.corrcoef(p, t)[0, 1] ** 2)),
        ),
        Mistake(
            "a correlation with itself",
            "Of the four numbers in the table two say how each agrees with itself, which is always 1.",
            HOW_FAR,
            twin=_but("r", lambda p, t: 1.0),
        ),
        Mistake(
            "the good windows are counted",
            "Here the windows are counted that are *less* than 5 off.",
            HOW_FAR,
            twin=_but("over_5", lambda p, t: float(np.mean(np.abs(p - t) < evaluation.FAR_OFF))),
        ),
        Mistake(
            "5 per cent of the rate",
            "Off by more than 5 means 5 beats per minute, whatever the rate is.",
            HOW_FAR,
            twin=_but("over_5", lambda p, t: float(np.mean(np.abs(p - t) / t > evaluation.FAR_OFF / 100))),
        ),
        Mistake(
            "only what is too high",
            "A window that is far too low is as wrong as one that is far too high.",
            HOW_FAR,
            twin=_but("over_5", lambda p, t: float(np.mean(p - t > evaluation.FAR_OFF))),
        ),
        Mistake(
            "exactly 5 is counted too",
            "Two of the errors are exactly 5, and that is not more than 5.",
            HOW_FAR,
            twin=_but("over_5", lambda p, t: float(np.mean(np.abs(p - t) >= evaluation.FAR_OFF))),
        ),
        Mistake(
            "a count, not a share",
            "How many windows are off says little without how many there are.",
            HOW_FAR,
            twin=_but("over_5", lambda p, t: float(np.sum(np.abs(p - t) > evaluation.FAR_OFF))),
        ),
        Mistake(
            "per cent, not a share",
            "A share goes from 0 to 1.",
            HOW_FAR,
            twin=_but("over_5", lambda p, t: float(100 * np.mean(np.abs(p - t) > evaluation.FAR_OFF))),
        ),
    ),
    read_again=HOW_FAR,
)

# --- 12.4 ------------------------------------------------------------------------------------------------------------

NORMAL_95 = 1.96  # standard deviations to each side hold 95 % of a normal distribution


def bland_altman(predicted: NDArray[np.float64], true: NDArray[np.float64]) -> tuple[float, float, float]:
    """Bias (predicted − true) and its 95 % limits of agreement: (bias, low, high), per minute."""
    return evaluation.bland_altman(predicted, true)


def _limits(centre: float, half: float) -> tuple[float, float, float]:
    return float(centre), float(centre - half), float(centre + half)


AGREE = Exercise(
    number="12.4",
    title="Bias and limits of agreement",
    reference=bland_altman,
    refused=(evaluation.bland_altman,),
    same=close(rtol=1e-4, atol=1e-3),  # 1.96, or all its decimals
    cases=(
        Case(
            "four pairs: predicted 62, 71, 80, 95, true 60, 70, 83, 91",
            "the bias is +1, the limits about −4.8 and +6.8",
            lambda: (np.array([62.0, 71, 80, 95]), np.array([60.0, 70, 83, 91])),
        ),
        Case(
            "six pairs, all predicted too low, by 1 to 6",
            "the bias is −3.5, the limits about −7.2 and +0.2",
            lambda: (np.array([59.0, 68, 77, 86, 95, 104]), np.array([60.0, 70, 80, 90, 100, 110])),
        ),
        Case("15 pairs", "bias, lower limit, upper limit", lambda: _rates(15, bias=2.0)),
    ),
    mistakes=(
        Mistake(
            "true minus predicted",
            "By this sign a method that reads too high seems to read too low. The course takes predicted minus true.",
            AGREEMENT,
            twin=lambda predicted, true: evaluation.bland_altman(true, predicted),
        ),
        Mistake(
            "divided by n",
            "The mean was estimated from the same few differences, and they lie closer to it than to the true one."
            " With n in the denominator the spread comes out too small.",
            AGREEMENT,
            twin=lambda predicted, true: _limits(np.mean(predicted - true), NORMAL_95 * np.std(predicted - true)),
        ),
        Mistake(
            "√2 too wide",
            "The differences hold the spread of both already. This slip stands in published programs.",
            AGREEMENT,
            twin=lambda predicted, true: _limits(
                np.mean(predicted - true), NORMAL_95 * np.sqrt(2) * np.std(predicted - true, ddof=1)
            ),
        ),
        Mistake(
            "where the mean lies, not where the windows lie",
            "A standard error tells how well the bias is known, and shrinks with every window measured. The limits tell"
            " how far a single window may be off, and that does not shrink.",
            AGREEMENT,
            twin=lambda predicted, true: _limits(
                np.mean(predicted - true), NORMAL_95 * np.std(predicted - true, ddof=1) / np.sqrt(len(true))
            ),
        ),
        Mistake(
            "one standard deviation",
            "One standard deviation to each side holds two differences of three. Here they shall hold 95 %.",
            AGREEMENT,
            twin=lambda predicted, true: _limits(np.mean(predicted - true), np.std(predicted - true, ddof=1)),
        ),
        Mistake(
            "two standard deviations",
            "Nearly right, and so it stood in the first paper. The number that belongs to 95 % is a little smaller.",
            AGREEMENT,
            twin=lambda predicted, true: _limits(np.mean(predicted - true), 2 * np.std(predicted - true, ddof=1)),
        ),
        Mistake(
            "the variance, not the standard deviation",
            "A variance has the unit of a square, and cannot be added to a bias in beats per minute.",
            AGREEMENT,
            twin=lambda predicted, true: _limits(
                np.mean(predicted - true), NORMAL_95 * np.var(predicted - true, ddof=1)
            ),
        ),
        Mistake(
            "nine of ten",
            "So many standard deviations hold 90 % of the differences. Asked for are the limits of 95 %.",
            AGREEMENT,
            twin=lambda predicted, true: _limits(np.mean(predicted - true), 1.645 * np.std(predicted - true, ddof=1)),
        ),
        Mistake(
            "limits around zero",
            "The differences lie around the bias: who reads 3 too low is rarely 5 too high.",
            AGREEMENT,
            twin=lambda predicted, true: (
                float(np.mean(predicted - true)),
                *_limits(0.0, NORMAL_95 * np.std(predicted - true, ddof=1))[1:],
            ),
        ),
        Mistake(
            "sizes without sign",
            "A bias has a direction: too high or too low. Without the sign it cannot be told from scatter.",
            AGREEMENT,
            twin=lambda predicted, true: evaluation.bland_altman(np.abs(predicted - true), np.zeros(len(true))),
        ),
        Mistake(
            "percentiles",
            "Limits by percentiles are sound, if there are many windows. With few the outermost two decide alone. Asked"
            " for are those of Bland and Altman, from mean and standard deviation.",
            AGREEMENT,
            twin=lambda predicted, true: (
                float(np.mean(predicted - true)),
                *map(float, np.percentile(predicted - true, [2.5, 97.5])),
            ),
        ),
        Mistake(
            "another order",
            "First the bias, then the lower and the upper limit.",
            AGREEMENT,
            shows=lambda arguments, got: np.allclose(sorted(got), sorted(evaluation.bland_altman(*arguments)), 1e-4),
        ),
    ),
    read_again=AGREEMENT,
)

# --- 12.5 ------------------------------------------------------------------------------------------------------------

TRIALS, DRAWS = 3, 2000
# Limits from 6000 draws and other 6000 differ by chance, with a standard deviation of 0.0125 of the interval's width;
# the limits for 90 % differ by 0.08.
BY_CHANCE = 0.056
OTHER_EACH_TIME = "another interval for the same seed"


def interval_over_people(
    errors: NDArray[np.float64], subjects: Sequence[Hashable], draws: int = DRAWS, seed: int = 0
) -> tuple[float, float]:
    """95 % interval (low, high) of the mean error, by drawing people with replacement; see bootstrap_interval."""
    return evaluation.bootstrap_interval(errors, subjects, draws=draws, seed=seed)


def _people(people: int, windows: int) -> tuple[NDArray[np.float64], NDArray[np.str_]]:
    """Errors whose size is the person's, nearly alike within one and very different between them, in mixed order."""
    rng = np.random.default_rng(people)
    sizes = np.repeat(rng.gamma(2.0, 1.0, people), windows)
    errors = sizes * rng.uniform(0.8, 1.2, sizes.size)
    names = np.repeat([f"person {i:02d}" for i in range(people)], windows)
    order = rng.permutation(sizes.size)
    return errors[order], names[order]


def _one_far_below() -> tuple[NDArray[np.float64], NDArray[np.str_], int, int]:
    """Differences of errors: about 1 for eleven people, and far below zero for one."""
    differences = np.random.default_rng(5).uniform(0.9, 1.1, 36)
    names = np.tile([f"person {i:02d}" for i in range(12)], 3)
    differences[names == "person 07"] = -40.0
    return differences, names, DRAWS // 2, 0


def _several_times(function: Callable, errors: NDArray, subjects: NDArray) -> object:
    """The mean of a few intervals with different seeds; what is no pair of numbers comes back as it is."""
    first = function(errors, subjects, DRAWS, 0)
    if np.shape(first) != (2,):
        return first
    if not np.array_equal(*(function(errors, subjects, 20, 0) for _ in range(2))):
        return OTHER_EACH_TIME
    return tuple(
        map(float, np.mean([first, *(function(errors, subjects, DRAWS, seed) for seed in range(1, TRIALS))], axis=0))
    )


def _same_interval(got: object, expected: tuple[float, float]) -> bool:
    return close(rtol=0.0, atol=BY_CHANCE * float(np.ptp(expected)))(got, expected)


def _from_draws(errors: NDArray, subjects: NDArray, weights_of: Callable[[NDArray, int], NDArray]) -> tuple:
    """An interval whose draws of people (draws, people) become weights (draws, people) of each person's mean."""
    names, place = np.unique(subjects, return_inverse=True)
    means = np.bincount(place, errors) / np.bincount(place)  # everybody has as many windows here
    drawn = np.random.default_rng(0).integers(len(names), size=(DRAWS, len(names)))
    weights = weights_of(drawn, len(names))
    return tuple(map(float, np.quantile(weights @ means / weights.sum(axis=1), [0.025, 0.975])))


def _present(drawn: NDArray, people: int) -> NDArray:
    return (drawn[:, :, None] == np.arange(people)).any(axis=1)


def _slips(errors: NDArray, subjects: NDArray) -> dict[str, tuple[float, float]]:
    """The intervals that other draws, or another reading of them, would give."""
    return {
        "right": interval_over_people(errors, subjects),
        "windows": evaluation.bootstrap_interval(errors, range(len(errors))),
        "once": _from_draws(errors, subjects, _present),
        "errors": tuple(np.quantile(errors, [0.025, 0.975])),
        "ninety": evaluation.bootstrap_interval(errors, subjects, level=0.9),
    }


def _is(slip: str) -> Callable[[tuple, object], bool]:
    """Whether an interval lies nearest to that of this slip, and near enough: some lie close to each other."""

    def shows(arguments: tuple, got: object) -> bool:
        slips = _slips(*arguments[:2])
        away = {name: np.abs(np.subtract(got, interval)).max() for name, interval in slips.items()}
        return min(away, key=away.get) == slip and away[slip] <= BY_CHANCE * np.ptp(slips["right"])

    return shows


def _no_width(got: object) -> bool:
    return np.shape(got) == (2,) and abs(got[1] - got[0]) < 1e-9


def _never_varies(arguments: tuple, got: object) -> bool:
    return _no_width(got) and not _puts_nothing_back(arguments, got)


def _ends_below_the_mean(arguments: tuple, got: object) -> bool:
    return got[0] < got[1] < np.mean(arguments[0])


def _puts_nothing_back(arguments: tuple, got: object) -> bool:
    return _no_width(got) and abs(got[0] - np.mean(arguments[0])) < 1e-9


SURE = Exercise(
    number="12.5",
    title="An interval over people",
    reference=interval_over_people,
    refused=(evaluation.bootstrap_interval, evaluation.error_intervals),
    same=_same_interval,
    time_limit=10.0,
    cases=(
        Case(
            "60 errors of 15 people, 4 windows each, in mixed order, with 2000 draws (the mean of 3 tries)",
            "two numbers, the lower one first: about 1.69 and 2.62, a few hundredths more or less",
            lambda: _people(15, 4),
            use=_several_times,
        ),
        Case(
            "6 errors of 2 people, 3 windows each, with 500 draws: 0 beats per minute for one, 10 for the other",
            "0 and 10: each fourth draw holds one of the two only, and twice",
            lambda: (np.array([0.0, 10, 0, 10, 10, 0]), np.array(["a", "b", "a", "b", "b", "a"]), 500, 0),
        ),
        Case(
            "36 differences of errors of 12 people, about +1 for eleven of them and −40 for one, with 1000 draws",
            "about −9.2 and +1: who is drawn often enough pulls the mean far down",
            _one_far_below,
        ),
    ),
    mistakes=(
        Mistake(
            "the seed is not used",
            "Twice the same errors and the same seed gave two intervals. What begins at the seed repeats itself.",
            HOW_SURE,
            shows=lambda arguments, got: isinstance(got, str) and got == OTHER_EACH_TIME,
        ),
        Mistake(
            "lower than anything measured",
            "The interval reaches below the smallest error of all, where no mean can lie. A formula made for bell"
            " curves does not know that; draws from the people do.",
            HOW_SURE,
            shows=lambda arguments, got: got[0] < np.min(arguments[0]) and got[1] > np.mean(arguments[0]),
        ),
        Mistake(
            "the sign is taken off",
            "A negative number was handed in, and counted as a positive one. Differences of errors have a sign, and the"
            " lesson will need it.",
            HOW_SURE,
            shows=lambda arguments, got: np.min(arguments[0]) < 0 < got[0] and got[1] > np.max(arguments[0]),
        ),
        Mistake(
            "the median, not the mean",
            "The median of each draw hardly notices a person who is far off. Asked for is how far the *mean* would"
            " move.",
            HOW_SURE,
            shows=lambda arguments, got: np.min(arguments[0]) < 0 < got[0] <= got[1] <= np.max(arguments[0]),
        ),
        Mistake(
            "windows drawn, not people",
            "Windows of one person are alike: a second one tells little that the first did not. Drawn one by one they"
            " pass for strangers, and the interval becomes much too narrow. (It also comes out like this if the windows"
            " of a person are believed to stand side by side: here they are mixed.)",
            HOW_SURE,
            shows=_is("windows"),
        ),
        Mistake(
            "who is drawn twice counts once",
            "Drawing with replacement means that a person can come twice, and then their windows must be there twice.",
            HOW_SURE,
            shows=_is("once"),
        ),
        Mistake(
            "shares taken for per cent",
            "Both ends lie at the lower edge: one of the two functions counts from 0 to 1, the other from 0 to 100.",
            HOW_SURE,
            shows=_ends_below_the_mean,
        ),
        Mistake(
            "nothing is put back",
            "If everybody is drawn exactly once, each draw holds the same people, and its mean never changes.",
            HOW_SURE,
            shows=_puts_nothing_back,
        ),
        Mistake(
            "the same draw again and again",
            "All draws are equal, so there is no spread. Where is the generator made, and how often? And can everybody"
            " be drawn, the last one as well?",
            HOW_SURE,
            shows=_never_varies,
        ),
        Mistake(
            "where the errors lie, not their mean",
            "This tells between which values single errors lie. Asked for is how far the mean would move with other"
            " people.",
            HOW_SURE,
            shows=_is("errors"),
        ),
        Mistake(
            "nine times of ten",
            "With 5 % cut off at each end, 90 % are left.",
            HOW_SURE,
            shows=_is("ninety"),
        ),
        Mistake(
            "the upper end first",
            "An interval is written from low to high.",
            HOW_SURE,
            twin=lambda errors, subjects, draws, seed: interval_over_people(errors, subjects, draws, seed)[::-1],
        ),
    ),
    read_again=HOW_SURE,
)

EXERCISES = (CUT, RATE, FAR, AGREE, SURE)
