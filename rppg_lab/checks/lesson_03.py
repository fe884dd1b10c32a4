"""The checks of lesson 03: the strongest rhythm, a band kept in its place, the beats, and their variability."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from rppg_lab import spectrum
from rppg_lab.checks.comparing import as_array, is_numeric
from rppg_lab.checks.declaring import Case, Exercise, Mistake

TITLE = "What else is in the signal?"

LONG = "03.3 How long must one look?"
KEEPING = "03.5 Keeping a band"
BEATS = "03.8 Beat by beat"
VARIABLE = "03.11 How variable is a heart?"


def _wave(
    bpm: float, fs: float, seconds: float, *, drift: float = 0.0, flicker: float = 0.0, mean: float = 0.0
) -> NDArray[np.float64]:
    """A pulse with a strong dicrotic wave and a little noise; on request a drift (0.2 Hz), a flicker (7 Hz), a mean."""
    time = np.arange(round(seconds * fs)) / fs
    phase = bpm / 60 * time + 0.3
    noise = 0.02 * np.random.default_rng(round(10 * bpm)).standard_normal(time.size)
    slow, fast = drift * np.sin(2 * np.pi * 0.2 * time + 1), flicker * np.sin(2 * np.pi * 7.0 * time)
    return _beat(phase) + noise + slow + fast + mean


def _beat(phase: NDArray[np.float64]) -> NDArray[np.float64]:
    """One beat for each whole number of the phase: a systolic hill, and a dicrotic one 0.38 of a period later."""

    def hill(place: float, width: float) -> NDArray[np.float64]:
        return np.exp(-0.5 * (((phase - place + 0.5) % 1.0 - 0.5) / width) ** 2)

    return hill(0.2, 0.09) + 0.35 * hill(0.58, 0.07)


# --- 03.1 ------------------------------------------------------------------------------------------------------------

SOUND = 0.35  # per minute: tapers and padding may differ by so much; a coarse grid is off by more


def strongest_rhythm(wave: NDArray[np.float64], fs: float, low: float, high: float) -> float:
    """The strongest rhythm of a wave (T,) between low and high (Hz), per minute."""
    return float(spectrum.heart_rate(wave, fs, band=(low, high)))


def _spectra(
    wave: NDArray[np.float64], fs: float, low: float, high: float
) -> Iterator[tuple[NDArray, NDArray, NDArray]]:
    """Frequency, power and the places inside the band, on the grids that people use."""
    power_of_two = 2 ** int(np.ceil(np.log2(wave.size)))
    for taper in (np.ones(wave.size), np.hanning(wave.size)):
        for size in (wave.size, power_of_two, 2 * power_of_two, 4 * power_of_two):
            power = np.abs(np.fft.rfft((wave - wave.mean()) * taper, size)) ** 2
            yield _with_places(np.fft.rfftfreq(size, 1 / fs), power, low, high)
    yield _with_places(*spectrum.power_spectrum(wave, fs), low, high)
    yield _with_places(*spectrum.power_spectrum(wave, fs, step_bpm=0.1), low, high)


def _with_places(frequency: NDArray, power: NDArray, low: float, high: float) -> tuple[NDArray, NDArray, NDArray]:
    return frequency, power, np.flatnonzero((frequency >= low) & (frequency <= high))


Spectrum = tuple[NDArray, NDArray, NDArray]  # frequencies, complex numbers, the places between the limits


def _by_hand(arguments: tuple, *, faded: tuple[bool, ...], padded_only: bool = False) -> Iterator[Spectrum]:
    """Spectra that people make with an FFT of their own: faded or not, with or without the mean, and zeros."""
    wave, fs, low, high = arguments
    sizes = {4096, 8192, 16384, 32768, 65536} | (set() if padded_only else {wave.size})
    for fade in faded:
        for mean in (0.0, wave.mean()):
            for size in sorted(sizes):
                parts = np.fft.rfft((wave - mean) * (np.hanning(wave.size) if fade else 1.0), size)
                yield _with_places(np.fft.rfftfreq(size, 1 / fs), parts, low, high)


def _is_a_power(arguments: tuple, got: object) -> bool:
    heights = [power[inside].max() for _, power, inside in _spectra(*arguments)]
    for _, parts, inside in _by_hand(arguments, faded=(True, False)):
        size = np.abs(parts[inside]).max()
        heights += [size, size**2]
    return bool(np.isclose(float(got), heights, rtol=1e-3, atol=0).any())


def _is_per_sample(arguments: tuple, got: object) -> bool:
    """Frequencies in swings per sample: turned into those of a minute, or held against limits in hertz."""
    wave, fs, low, high = arguments
    if abs(float(got) * fs - strongest_rhythm(*arguments)) < SOUND:
        return True
    return low < 0.5 and abs(float(got) - strongest_rhythm(wave, fs, low * fs, 0.999 * min(high, 0.5) * fs) / fs) < 0.1


def _is_not_faded(arguments: tuple, got: object) -> bool:
    return any(
        abs(float(got) - 60 * frequency[inside][np.abs(parts[inside]).argmax()]) < SOUND
        for frequency, parts, inside in _by_hand(arguments, faded=(False,))
    )


def _is_of_complex_numbers(arguments: tuple, got: object) -> bool:
    return any(
        abs(float(got) - 60 * frequency[inside][parts[inside].argmax()]) < SOUND
        for frequency, parts, inside in _by_hand(arguments, faded=(True, False), padded_only=True)
    )


def _is_a_harmonic(arguments: tuple, got: object) -> bool:
    true = strongest_rhythm(*arguments)
    return _is_coarse(arguments, got) and abs(float(got) - 2 * true) < abs(float(got) - true)


def _is_a_place(arguments: tuple, got: object) -> bool:
    if np.asarray(got).dtype.kind not in "iu":
        return False  # a rate may happen to be a whole number, a place is one
    places = set()
    for _, power, inside in _spectra(*arguments):
        in_band = power[inside].argmax()
        places |= {float(inside[0] + in_band), float(in_band), float(in_band - 1)}
    return bool({float(got), float(got) / 60} & places)


def _is_counted_from_zero(arguments: tuple, got: object) -> bool:
    return any(
        abs(float(got) - 60 * frequency[power[inside].argmax()]) < 61 * frequency[1]
        for frequency, power, inside in _spectra(*arguments)
    )


def _is_coarse(arguments: tuple, got: object) -> bool:
    wave, fs, *_ = arguments
    true = strongest_rhythm(*arguments)
    away = min(abs(float(got) - true), abs(float(got) - 2 * true))  # on a coarse grid a harmonic may win
    for size in {wave.size, 2 ** int(np.ceil(np.log2(wave.size))), 2 ** int(np.floor(np.log2(wave.size)))}:
        place = float(got) * size / (60 * fs)
        if abs(place - round(place)) < 1e-6 and away < 60 * fs / size:
            return True
    return False


def _is_outside(arguments: tuple, got: object) -> bool:
    """No rate of a heart where one was asked for; who always looks for a heart is told by the cases with a breath."""
    low, high = arguments[2:]
    return (low, high) == spectrum.HEART_BAND and not 60 * low <= float(got) <= 60 * high


def _mean_frequency(wave: NDArray[np.float64], fs: float, low: float, high: float) -> float:
    frequency, power, inside = _with_places(*spectrum.power_spectrum(wave, fs), low, high)
    return float(60 * np.sum(frequency[inside] * power[inside]) / np.sum(power[inside]))


RHYTHM = Exercise(
    number="03.1",
    title="The strongest rhythm between two frequencies",
    reference=strongest_rhythm,
    refused=(spectrum.heart_rate, spectrum.window_rates),
    same=lambda got, expected: (
        is_numeric(got) and as_array(got).ndim == 0 and bool(abs(as_array(got) - expected) <= SOUND)
    ),
    cases=(
        Case(
            "20 s at 30 Hz of a pulse of 70.3 per minute, looked for from 0.7 to 4 Hz",
            "about 70.3 (± 0.35) per minute",
            lambda: (_wave(70.3, 30.0, 20), 30.0, 0.7, 4.0),
        ),
        Case(
            "20 s at 25 Hz of a pulse of 97.6 per minute on a breath of 12 per minute that is stronger and a mean"
            " of 100, looked for from 0.7 to 4 Hz",
            "about 97.6 (± 0.35): the breath is outside of the limits",
            lambda: (_wave(97.6, 25.0, 20, drift=2.0, mean=100.0), 25.0, 0.7, 4.0),
        ),
        Case(
            "30 s at 30 Hz of a pulse of 63.4 per minute with a breath of 12 per minute, looked for from 0.1 to 0.5 Hz",
            "about 12 (± 0.35): the breath, although the pulse is stronger",
            lambda: (_wave(63.4, 30.0, 30, drift=0.2), 30.0, 0.1, 0.5),
        ),
        Case(
            "20 s at 50 Hz of a pulse of 128.7 per minute and of a lamp that flickers at 7 Hz, looked for from 0.7 to"
            " 4 Hz",
            "about 128.7 (± 0.35): the lamp is outside of the limits",
            lambda: (_wave(128.7, 50.0, 20, flicker=2.0), 50.0, 0.7, 4.0),
        ),
        Case(
            "20 s at 30 Hz of a pulse of 83.2 per minute upside down, as light has it, looked for from 0.7 to 4 Hz",
            "about 83.2 (± 0.35): upright or not is the same rhythm",
            lambda: (-_wave(83.2, 30.0, 20), 30.0, 0.7, 4.0),
        ),
    ),
    mistakes=(
        Mistake(
            "hertz, not per minute",
            "The axis of a spectrum counts swings in one second. A rate counts those of a minute.",
            LONG,
            twin=lambda wave, fs, low, high: strongest_rhythm(wave, fs, low, high) / 60,
        ),
        Mistake(
            "the power, not its frequency",
            "This is how strong the strongest rhythm is. Asked for is how often it swings.",
            LONG,
            shows=_is_a_power,
        ),
        Mistake(
            "frequencies per sample, not per second",
            "A spectrum knows nothing of seconds unless it is told how far apart the samples are. Its frequencies are"
            " no hertz then, and nothing lies between limits in hertz.",
            LONG,
            shows=_is_per_sample,
        ),
        Mistake(
            "the limits taken per minute",
            "What came back lies between two numbers that are given in hertz. Limits and axis need one unit.",
            LONG,
            shows=lambda arguments, got: arguments[2] <= float(got) <= arguments[3],
        ),
        Mistake(
            "radians, not turns",
            "One whole swing is one turn, and 2π is its size in radians. Here turns are counted.",
            LONG,
            twin=lambda wave, fs, low, high: strongest_rhythm(wave, fs, low, high) * 2 * np.pi,
        ),
        Mistake(
            "complex numbers compared, not their size",
            "An FFT returns complex numbers: how strong a swing is and when it begins, in one. Only their size tells"
            " which is the strongest.",
            "03.2 A wave is a sum of rhythms",
            shows=_is_of_complex_numbers,
        ),
        Mistake(
            "a harmonic wins on a coarse grid",
            "Twice the rate came back. The spectrum of a short wave has few frequencies; the top of the heart's hill"
            " falls between two of them and loses its height, the harmonic's does not.",
            LONG,
            shows=_is_a_harmonic,
        ),
        Mistake(
            "read off a coarse grid",
            "The spectrum of a short wave has few frequencies, and the top of the hill lies between two of them.",
            LONG,
            shows=_is_coarse,
        ),
        Mistake(
            "not faded in and out",
            "The two ends of the wave do not fit together, and act like a jump that contains all frequencies. A large"
            " mean or a strong breath thus leaks over the limits.",
            LONG,
            shows=_is_not_faded,
        ),
        Mistake(
            "the place of the peak, not its frequency",
            "argmax tells where in an array the highest value stands. Which frequency stands at that place?",
            LONG,
            shows=_is_a_place,
        ),
        Mistake(
            "counted within the limits, looked up outside them",
            "The place of the peak was counted from the lower limit, and the frequency then read from a list that"
            " begins at zero.",
            LONG,
            shows=_is_counted_from_zero,
        ),
        Mistake(
            "30 samples per second taken for granted",
            "How many samples make a second is told by fs, and all frequencies hang on it.",
            LONG,
            twin=lambda wave, fs, low, high: strongest_rhythm(wave, 30.0, low, high),
        ),
        Mistake(
            "outside of the limits",
            "The highest point of the whole spectrum need not be what is looked for: the mean, the breath, the heart or"
            " a lamp can be stronger.",
            LONG,
            shows=_is_outside,
        ),
        Mistake(
            "always the band of the heart",
            "The limits are given, and they are not always those of the heart: the same function is to find"
            " the breath.",
            LONG,
            twin=lambda wave, fs, low, high: strongest_rhythm(wave, fs, *spectrum.HEART_BAND),
        ),
        Mistake(
            "the mean frequency, not the strongest",
            "Everything between the limits was averaged: noise and overtones pull the result away from the peak.",
            LONG,
            twin=_mean_frequency,
        ),
    ),
    read_again=LONG,
)

# --- 03.2 ------------------------------------------------------------------------------------------------------------


def keep_band(wave: NDArray[np.float64], fs: float, low: float, high: float) -> NDArray[np.float64]:
    """The rhythms of a wave (T,) between low and high (Hz), not moved in time."""
    return spectrum.bandpass(wave, fs, (low, high))


def _middle(values: object) -> NDArray[np.float64]:
    """Without an eighth at both ends, where every filter guesses in its own way."""
    array = as_array(values)
    edge = array.shape[-1] // 8
    return array[edge:-edge]


def _alike(got: object, expected: object, room: float = 0.35) -> bool:
    """Alike but for the kind of filter: steeper or softer edges, other ends."""
    try:
        given, wanted = as_array(got), as_array(expected)
    except (TypeError, ValueError):
        return False
    if given.shape != wanted.shape or given.dtype.kind != "f" or not np.isfinite(given).all():
        return False
    given, wanted = _middle(given), _middle(wanted)
    return bool(np.sqrt(np.mean((given - wanted) ** 2)) <= room * wanted.std())


def _same_form(arguments: tuple, got: object) -> bool:
    return is_numeric(got) and as_array(got).shape == arguments[0].shape and as_array(got).dtype.kind == "f"


def _left(arguments: tuple, got: object) -> tuple[float, float, float]:
    """Shares of what was below, inside and above the band that are still there (amplitudes, the middle of the wave)."""
    wave, fs, low, high = arguments
    before, after = (_middle(values) - _middle(values).mean() for values in (wave, got))
    frequency = np.fft.rfftfreq(before.size, 1 / fs)
    strengths = [np.abs(np.fft.rfft(values * np.hanning(values.size))) for values in (before, after)]
    parts = (frequency < 0.7 * low, (frequency >= 1.1 * low) & (frequency <= 0.9 * high), frequency > 1.5 * high)
    shares = []
    for part in parts:
        was, is_now = (np.sum(strength[part] ** 2) for strength in strengths)
        shares.append(float(np.sqrt(is_now / was)) if was > 0.005 * np.sum(strengths[0] ** 2) else 0.0)
    below, within, above = shares
    return below, within, above


def _drifts(arguments: tuple, got: object) -> bool:
    if not _same_form(arguments, got):
        return False
    below, within, above = _left(arguments, got)
    return below > 0.5 and within > 0.5 and above < 0.4


def _flickers(arguments: tuple, got: object) -> bool:
    if not _same_form(arguments, got):
        return False
    below, within, above = _left(arguments, got)
    return above > 0.5 and within > 0.5 and below < 0.4


def _stops(arguments: tuple, got: object) -> bool:
    if not _same_form(arguments, got):
        return False
    below, within, above = _left(arguments, got)
    return within < 0.4 and (below > 0.5 or above > 0.5)


def _in_time(arguments: tuple, got: object) -> bool:
    """What came back rises and falls with what should have."""
    middle = _middle(got)
    return bool(middle.std() > 0 and np.corrcoef(middle, _middle(keep_band(*arguments)))[0, 1] > 0.95)


def _moves(arguments: tuple, got: object) -> bool:
    """The right rhythms at other moments."""
    if not _same_form(arguments, got) or _in_time(arguments, got):
        return False
    below, within, above = _left(arguments, got)
    return below < 0.5 and above < 0.5 and within > 0.5


def _louder(arguments: tuple, got: object) -> bool:
    return _same_form(arguments, got) and _in_time(arguments, got)


def _loses_moments(arguments: tuple, got: object) -> bool:
    """Each strength is right and all phases are zero: a wave that is its own mirror image."""
    if not _same_form(arguments, got):
        return False
    given = as_array(got)
    mirrored = np.roll(given[::-1], 1)
    return bool(given.std() > 0 and np.corrcoef(given, mirrored)[0, 1] > 0.999)


def _shorter(arguments: tuple, got: object) -> bool:
    """A wave (a power would not be below zero) that lacks some samples."""
    size = arguments[0].size
    return np.ndim(got) == 1 and size / 2 < np.size(got) < size and bool(np.min(as_array(got)) < 0)


def _raised(arguments: tuple, got: object) -> bool:
    if not _same_form(arguments, got):
        return False
    lowered = as_array(got) - as_array(got).mean()
    return _alike(lowered, keep_band(*arguments)) and abs(as_array(got).mean()) > lowered.std()


def _halved(arguments: tuple, got: object) -> bool:
    wave, fs, low, high = arguments
    if not _same_form(arguments, got):
        return False
    if high < 1 and _alike(got, keep_band(wave, fs, low * fs / 2, high * fs / 2), 0.1):  # hertz taken for shares
        return True
    return _alike(got, keep_band(wave, fs, low / 2, high / 2))  # shares of fs, not of its half


def _narrow(arguments: tuple, got: object) -> bool:
    """The heart's band, or 30 Hz, whatever was asked for."""
    wave, fs, low, high = arguments
    return _same_form(arguments, got) and any(
        _alike(got, other)
        for other in (
            keep_band(wave, fs, *spectrum.HEART_BAND),
            keep_band(wave, 30.0, low, high),
        )
    )


BAND = Exercise(
    number="03.2",
    title="A band kept, nothing moved",
    reference=keep_band,
    refused=(spectrum.bandpass,),
    same=_alike,
    cases=(
        Case(
            "40 s at 30 Hz of a pulse of 75 per minute around 100, with a strong drift (0.2 Hz) and a flicker (7 Hz);"
            " from 0.7 to 4 Hz",
            "an array of the same length: the pulse, around zero, level, smooth, its tops where they were",
            lambda: (_wave(75, 30.0, 40, drift=2.0, flicker=0.6, mean=100.0), 30.0, 0.7, 4.0),
        ),
        Case(
            "2001 samples at 50 Hz of a pulse of 180 per minute that drifts; from 1.5 to 4.8 Hz",
            "an array of the same length, (2001,): nearly a plain swing of 3 Hz in time with the pulse",
            lambda: (_wave(180, 50.0, 40.02, drift=0.5), 50.0, 1.5, 4.8),
        ),
        Case(
            "80 s at 20 Hz of a pulse of 66 per minute that rides on a breath of 0.2 Hz; from 0.1 to 0.5 Hz",
            "an array of the same length: the breath without the pulse",
            lambda: (_wave(66, 20.0, 80, drift=0.8, mean=1.0), 20.0, 0.1, 0.5),
        ),
        Case(
            "60 s at 25 Hz of a slow pulse of 59 per minute that drifts; from 0.7 to 4 Hz",
            "an array of the same length: the pulse, whose own rhythm is the slowest of the band",
            lambda: (_wave(59, 25.0, 60, drift=0.5), 25.0, 0.7, 4.0),
        ),
    ),
    mistakes=(
        Mistake(
            "the wave became shorter",
            "Asked for is one value for each sample. Were values at the ends left out, or was the way back from a"
            " spectrum not told how many samples there were?",
            KEEPING,
            shows=_shorter,
        ),
        Mistake(
            "the wave runs backwards",
            "The right rhythms, but the end stands first. What was turned round for the second pass must be turned"
            " round again.",
            KEEPING,
            twin=lambda wave, fs, low, high: keep_band(wave, fs, low, high)[::-1],
        ),
        Mistake(
            "faster rhythms are still there",
            "What is faster than the upper limit passed.",
            KEEPING,
            shows=_flickers,
        ),
        Mistake(
            "the edges in another unit",
            "These edges lie elsewhere than was asked for. A filter that is not told fs counts frequencies as shares of"
            " the Nyquist frequency, which is half of fs, and not in Hz.",
            KEEPING,
            shows=_halved,
        ),
        Mistake(
            "another band, or another sampling rate, than asked for",
            "Limits and fs are given, and differ from call to call: the same function is to keep the breath.",
            KEEPING,
            shows=_narrow,
        ),
        Mistake(
            "the band is cut out, not kept",
            "What should have gone is there, and what should have stayed is gone.",
            KEEPING,
            shows=_stops,
        ),
        Mistake(
            "the drift is still there",
            "What is slower than the lower limit passed.",
            KEEPING,
            shows=_drifts,
        ),
        Mistake(
            "the mean is still there",
            "The mean is a rhythm of 0 Hz: slower than the lower limit. Something brought it back, or let it pass.",
            KEEPING,
            shows=_raised,
        ),
        Mistake(
            "rhythms without their moments",
            "Each rhythm has its strength, but all of them were set to begin together: its phase is lost.",
            KEEPING,
            shows=_loses_moments,
        ),
        Mistake(
            "moved in time",
            "The right rhythms came back at other moments. A filter that runs along with time knows only the past, and"
            " shifts what it keeps. What undoes a shift?",
            KEEPING,
            shows=_moves,
        ),
        Mistake(
            "louder or quieter than it was",
            "The right rhythms at the right moments, in another size. Was it standardised, or is the filter too short"
            " for rhythms as slow as these?",
            KEEPING,
            shows=_louder,
        ),
    ),
    read_again=KEEPING,
)

# --- 03.3 ------------------------------------------------------------------------------------------------------------

NEAR = 0.08  # s: filters and ways to place a peak differ
ENDS = 0.7  # s at both ends where a beat may be found or not


def beat_times(wave: NDArray[np.float64], fs: float) -> NDArray[np.float64]:
    """Times (n,) in s of the beats of one pulse wave (T,), the dicrotic wave not counted."""
    return spectrum.beat_times(wave, fs)


def _find(function: Callable, wave: NDArray, fs: float) -> object:
    """Ask for the beats, and hand on those that can be judged: those near the ends may be found or not."""
    got = function(wave, fs)
    try:
        times = as_array(got)
    except (TypeError, ValueError):
        return got
    seconds = wave.size / fs
    if isinstance(got, list | tuple) or times.ndim != 1 or times.dtype.kind != "f" or np.any(times > seconds):
        return got
    return times[(times >= ENDS) & (times <= seconds - ENDS)]


def _matched(got: NDArray, expected: NDArray, near: float = NEAR) -> tuple[int, int]:
    """How many of the expected times have one of the got near them, and how many of the got have an expected one."""
    if not got.size or not expected.size:
        return 0, 0
    apart = np.abs(got[:, None] - expected[None, :])
    return int(np.sum(apart.min(axis=0) <= near)), int(np.sum(apart.min(axis=1) <= near))


def _same_beats(got: object, expected: NDArray) -> bool:
    """Beats that lie just at the border of the ends, on one side or the other, are forgiven."""
    if not is_numeric(got) or as_array(got).ndim != 1:
        return False
    times = as_array(got)
    if np.any(np.diff(times) <= 0) or abs(times.size - expected.size) > 2:
        return False
    if not times.size or not expected.size:
        return False
    low, high = expected[0] + NEAR, expected[-1] - NEAR
    inner, wanted = times[(times > low) & (times < high)], expected[1:-1]
    _, meant = _matched(inner, expected)
    return _matched(times, wanted)[0] == wanted.size and meant == inner.size


def _times(arguments: tuple, got: object, unit: float = 1.0) -> tuple[NDArray, NDArray] | None:
    """Times that came back, cut to where beats are judged, and the true ones; None for what are no times."""
    try:
        times = np.ravel(as_array(got)) * unit
    except (TypeError, ValueError):
        return None
    wave, fs = arguments
    seconds = wave.size / fs

    def judged(values: NDArray) -> NDArray:
        return values[(values >= ENDS) & (values <= seconds - ENDS)]

    return judged(times), judged(beat_times(*arguments))


def _listed(arguments: tuple, got: object) -> bool:
    pair = _times(arguments, got) if isinstance(got, list | tuple) else None
    return bool(pair and _same_beats(*pair))


def _in_samples(arguments: tuple, got: object) -> bool:
    pair = _times(arguments, got, 1 / arguments[1])
    return bool(pair and pair[1].size and _matched(*pair)[0] >= 0.9 * pair[1].size)


def _too_many(arguments: tuple, got: object) -> bool:
    pair = _times(arguments, got)
    if not pair or not pair[1].size:
        return False
    found, _ = _matched(*pair)
    return found >= 0.8 * pair[1].size and 1.2 * pair[1].size < pair[0].size <= 3.2 * pair[1].size


def _far_too_many(arguments: tuple, got: object) -> bool:
    pair = _times(arguments, got)
    return bool(pair and pair[1].size and pair[0].size > 3.2 * pair[1].size)


def _some_missing(arguments: tuple, got: object) -> bool:
    pair = _times(arguments, got)
    if not pair or not pair[1].size:
        return False
    found, meant = _matched(*pair)
    return found < pair[1].size and pair[0].size > 1 and meant >= 0.8 * pair[0].size


def _shifted(arguments: tuple, got: object) -> bool:
    """As many as there are beats, each a steady time off."""
    pair = _times(arguments, got)
    if not pair or pair[0].size < 3 or abs(pair[0].size - pair[1].size) > 1:
        return False
    apart = np.array([one - pair[1][np.argmin(np.abs(pair[1] - one))] for one in pair[0]])
    return bool(np.abs(np.median(apart)) > NEAR)


def _intervals(arguments: tuple, got: object) -> bool:
    beats = beat_times(*arguments)
    try:
        values = np.ravel(as_array(got))
    except (TypeError, ValueError):
        return False
    return bool(
        abs(values.size - (beats.size - 1)) <= 2
        and values.size > 2
        and np.allclose(np.median(values), np.median(np.diff(beats)), rtol=0.1)
        and np.ptp(values) < 1.0
    )


def _valleys(arguments: tuple, got: object) -> bool:
    pair = _times(arguments, got)
    if not pair or pair[0].size < 3:
        return False
    wave, fs = arguments
    smooth = spectrum.bandpass(wave, fs)
    at = np.clip(np.round(pair[0] * fs).astype(int), 0, wave.size - 1)
    return bool(np.mean(smooth[at] < np.quantile(smooth, 0.3)) > 0.8)


def _speeding_up(fs: float, seconds: float) -> NDArray[np.float64]:
    """A heart that goes from 84 to 96 per minute."""
    time = np.arange(round(seconds * fs)) / fs
    noise = 0.02 * np.random.default_rng(9).standard_normal(time.size)
    return _beat((84 * time + 6 * time**2 / seconds) / 60 + 0.1) + noise


def _thirty(arguments: tuple, got: object) -> bool:
    """The places of the beats, counted as if 30 made a second."""
    fs = arguments[1]
    pair = _times(arguments, got, 30.0 / fs) if fs != 30.0 else None
    return bool(pair and pair[1].size and _matched(*pair)[0] >= 0.9 * pair[1].size)


def _unfiltered(arguments: tuple, got: object) -> bool:
    """About as many as there are beats, each at a local top of the raw wave."""
    pair = _times(arguments, got)
    if not pair or pair[0].size < 3 or abs(pair[0].size - pair[1].size) > 2:
        return False
    wave, fs = arguments
    at = np.clip(np.round(pair[0] * fs).astype(int), 1, wave.size - 2)
    return bool(np.mean((wave[at] > wave[at - 1]) & (wave[at] > wave[at + 1])) > 0.9)


def _soft(fs: float, seconds: float) -> NDArray[np.float64]:
    """A slow pulse of 48 per minute, nearly a plain swing, in noise: where a filter's shift, or its lack, shows."""
    time = np.arange(round(seconds * fs)) / fs
    turn = 2 * np.pi * 0.8 * time
    noise = 0.08 * np.random.default_rng(3).standard_normal(time.size)
    return 0.5 * np.cos(turn - 1) + 0.05 * np.cos(2 * turn - 2) + noise


MOMENTS = Exercise(
    number="03.3",
    title="The moments of the beats",
    reference=beat_times,
    refused=(spectrum.beat_times,),
    same=_same_beats,
    cases=(
        Case(
            "20 s at 30 Hz of a pulse of 62 per minute with a strong dicrotic wave",
            "an array of about 20 times in seconds, 0.97 s apart",
            lambda: (_wave(62, 30.0, 20), 30.0),
            use=_find,
        ),
        Case(
            "20 s at 50 Hz of a pulse of 132 per minute on a drift that is stronger than a beat, around 5",
            "an array of about 43 times in seconds, 0.45 s apart",
            lambda: (_wave(132, 50.0, 20, drift=1.0, mean=5.0), 50.0),
            use=_find,
        ),
        Case(
            "25 s at 30 Hz of a pulse of 53 per minute that drifts",
            "an array of about 21 times in seconds, 1.13 s apart",
            lambda: (_wave(53, 30.0, 25, drift=0.3), 30.0),
            use=_find,
        ),
        Case(
            "20 s at 25 Hz of a heart that goes from 84 to 96 per minute",
            "an array of about 29 times in seconds, closer and closer",
            lambda: (_speeding_up(25.0, 20), 25.0),
            use=_find,
        ),
        Case(
            "30 s at 100 Hz of a soft, noisy pulse of 48 per minute, nearly a plain swing",
            "an array of about 23 times in seconds, 1.25 s apart",
            lambda: (_soft(100.0, 30), 100.0),
            use=_find,
        ),
    ),
    mistakes=(
        Mistake(
            "a list of the right times",
            "The times are right, but one cannot calculate with a list as a whole: the lesson goes on with an array.",
            BEATS,
            shows=_listed,
        ),
        Mistake(
            "samples, not seconds",
            "These are places in the array. How many of them make a second?",
            BEATS,
            shows=_in_samples,
        ),
        Mistake(
            "30 samples per second taken for granted",
            "How many samples make a second is told by fs, and differs from wave to wave.",
            BEATS,
            shows=_thirty,
        ),
        Mistake(
            "intervals, not times",
            "These are the times between the beats. Asked for are the moments themselves.",
            BEATS,
            shows=_intervals,
        ),
        Mistake(
            "every ripple is a beat",
            "There are far more peaks here than beats: noise makes peaks, too.",
            BEATS,
            shows=_far_too_many,
        ),
        Mistake(
            "the dicrotic wave is counted",
            "After each beat comes a smaller echo, less than half a period later. What tells them apart at every rate,"
            " slow and quick? If you used a period, print it: is it half of the true one?",
            BEATS,
            shows=_too_many,
        ),
        Mistake(
            "valleys, not tops",
            "These moments lie where the wave is low. Up is systole here.",
            BEATS,
            shows=_valleys,
        ),
        Mistake(
            "all beats moved alike",
            "The number of beats is right, each a steady time off. Is the wave filtered only forwards, or is it the"
            " steepest moment and not the top?",
            BEATS,
            shows=_shifted,
        ),
        Mistake(
            "the tops of the noise",
            "About as many as there are beats, but which sample of a beat is the highest was decided by noise. The wave"
            " wants to be smooth before its tops are sought.",
            BEATS,
            shows=_unfiltered,
        ),
        Mistake(
            "beats are left out",
            "All these are beats, but some between them are missing. Does the wave drift below a fixed height? Is the"
            " distance too large for a quick heart?",
            BEATS,
            shows=_some_missing,
        ),
        Mistake(
            "other moments than the beats",
            "Most of these are no moments of a beat. Draw them over the wave, as the figure above the exercise does:"
            " where do they lie?",
            BEATS,
            shows=lambda arguments, got: is_numeric(got) and np.ndim(got) == 1 and np.size(got) > 0,
        ),
    ),
    read_again=BEATS,
)

# --- 03.4 ------------------------------------------------------------------------------------------------------------


def variability(beats: NDArray[np.float64]) -> tuple[float, float]:
    """SDNN (with n − 1) and RMSSD, in ms, of beats at these times (n,) in s."""
    milliseconds = np.diff(beats) * 1e3
    steps = np.diff(milliseconds)
    return float(np.std(milliseconds, ddof=1)), float(np.sqrt(steps @ steps / steps.size))


def _heartbeats(n: int, trend: float = 0.0) -> NDArray[np.float64]:
    rng = np.random.default_rng(n)
    intervals = 0.85 + 0.04 * np.sin(np.arange(n) * 0.9) + 0.02 * rng.standard_normal(n) + trend * np.arange(n)
    return 2.0 + np.concatenate([[0.0], np.cumsum(intervals)])


def _but(sdnn: Callable | None = None, rmssd: Callable | None = None) -> Callable[..., tuple]:
    """The right pair but for one of the two, computed from the intervals in ms."""

    def twin(beats: NDArray[np.float64]) -> tuple:
        right, intervals = variability(beats), 1000 * np.diff(beats)
        return (sdnn(intervals) if sdnn else right[0]), (rmssd(intervals) if rmssd else right[1])

    return twin


SPREAD = Exercise(
    number="03.4",
    title="SDNN and RMSSD",
    reference=variability,
    cases=(
        Case(
            "beats at 0, 1, 2.1, 3 and 4.2 s",
            "SDNN about 129 ms, RMSSD about 216 ms",
            lambda: (np.array([0.0, 1.0, 2.1, 3.0, 4.2]),),
        ),
        Case("61 beats of a heart that breathes", "two numbers in ms", lambda: (_heartbeats(60),)),
        Case(
            "13 beats of a heart that slows down steadily, by 30 ms with every beat",
            "two numbers in ms; SDNN is by far the larger",
            lambda: (_heartbeats(12, trend=0.03),),
        ),
    ),
    mistakes=(
        Mistake(
            "seconds, not milliseconds",
            "Right, in another unit: variability is told in thousandths of a second.",
            VARIABLE,
            twin=lambda beats: tuple(value / 1000 for value in variability(beats)),
        ),
        Mistake(
            "RMSSD first",
            "Both are right, in the other order.",
            VARIABLE,
            twin=lambda beats: variability(beats)[::-1],
        ),
        Mistake(
            "divided by n",
            "SDNN divides by n − 1, as is usual where the mean was estimated from the same intervals.",
            VARIABLE,
            twin=_but(sdnn=lambda intervals: float(np.std(intervals))),
        ),
        Mistake(
            "the spread of the beats, not of the intervals",
            "Moments on a clock lie far apart in any recording. Variable or not are the times between them.",
            VARIABLE,
            shows=lambda arguments, got: any(
                np.isclose(as_array(got[0]), 1000 * np.std(arguments[0], ddof=ddof)) for ddof in (0, 1)
            ),
        ),
        Mistake(
            "the spread of the differences",
            "A standard deviation takes the mean off first. RMSSD does not: a heart that slows down steadily has one.",
            VARIABLE,
            shows=lambda arguments, got: any(
                np.isclose(as_array(got[1]), np.std(np.diff(np.diff(1000 * arguments[0])), ddof=ddof))
                for ddof in (0, 1)
            ),
        ),
        Mistake(
            "intervals squared, not their differences",
            "This is as large as an interval itself. The D in the name stands for the difference of two neighbours.",
            VARIABLE,
            twin=_but(rmssd=lambda intervals: float(np.sqrt(np.mean(intervals**2)))),
        ),
        Mistake(
            "the root is missing",
            "This is the mean of squares, in square milliseconds.",
            VARIABLE,
            twin=_but(rmssd=lambda intervals: float(np.mean(np.diff(intervals) ** 2))),
        ),
        Mistake(
            "the size, not the root mean square",
            "Squares weigh the large differences more than the mean size does.",
            VARIABLE,
            twin=_but(rmssd=lambda intervals: float(np.mean(np.abs(np.diff(intervals))))),
        ),
        Mistake(
            "divided by the wrong number",
            "How many differences are there between neighbouring intervals? By so many a mean is divided.",
            VARIABLE,
            shows=lambda arguments, got: any(
                np.isclose(as_array(got[1]) ** 2 * n, variability(arguments[0])[1] ** 2 * (arguments[0].size - 2))
                for n in (1, arguments[0].size - 3, arguments[0].size - 1, arguments[0].size)
                if n > 0
            ),
        ),
    ),
    read_again=VARIABLE,
)

EXERCISES = (RHYTHM, BAND, MOMENTS, SPREAD)
