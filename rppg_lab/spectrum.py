"""From a pulse wave to numbers: the one table of bands, filters, spectra, beats and the heart rate.

Every wave is an array whose **last axis is time**, evenly sampled at `fs` Hz; frequencies are in Hz, rates per minute.
A wave that is not finite is refused: a filter or a spectrum would spread one NaN over everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
import scipy  # which loads scipy.signal when it is first used: who only reads a rate need not wait for it
from scipy import fft

HEART_BAND = (0.7, 4.0)  # Hz: 42 to 240 beats per minute, everywhere in the course

Verdict = Literal["holds", "holds in part", "does not hold"]


@dataclass(frozen=True)
class Band:
    """One frequency band: what the lecture says of it, what the evidence allows, how long one must record.

    `low`, `high` are the limits to use, `lecture` those printed in the lecture, all in Hz. `minimum_seconds` is the
    shortest recording from which the band can be read at all; it promises no accuracy.
    """

    name: str
    low: float
    high: float
    lecture: tuple[float, float]
    read_from: str
    claim: str
    verdict: Verdict
    evidence: str
    minimum_seconds: float


# Recording lengths of the variability bands: Task Force of the ESC and NASPE, Circulation 93 (1996) 1043.
_TABLE = (
    Band(
        name="ultra low",
        low=0.0,
        high=0.003,
        lecture=(0.0, 0.003),
        read_from="beat-to-beat intervals",
        claim="acute cardiac events",
        verdict="does not hold",
        evidence="A band of a whole day's variability. After a heart attack a low value went with a higher risk over "
        "the following years, in groups of patients; it announces no event, and minutes of video do not contain it.",
        minimum_seconds=24 * 3600.0,
    ),
    Band(
        name="very low",
        low=0.0033,
        high=0.04,
        lecture=(0.033, 0.04),
        read_from="beat-to-beat intervals",
        claim="renin–angiotensin system",
        verdict="holds in part",
        evidence="0.033 Hz is most likely a slip for 0.0033 Hz. The renin–angiotensin system is one of several "
        "proposed causes, beside warmth and movement. Five minutes hold one period of 0.0033 Hz; ten take 50 min.",
        minimum_seconds=300.0,
    ),
    Band(
        name="low",
        low=0.04,
        high=0.15,
        lecture=(0.04, 0.15),
        read_from="beat-to-beat intervals",
        claim="sympathetic and parasympathetic activity",
        verdict="holds in part",
        evidence="Both branches and the baroreflex act here, so its power gauges neither branch, no stress, no "
        "blood pressure. LFnu + HFnu = 1: the two are one number. Ten periods of 0.04 Hz take 250 s; 5 min are usual.",
        minimum_seconds=300.0,
    ),
    Band(
        name="high",
        low=0.15,
        high=0.40,
        lecture=(0.15, 0.40),
        read_from="beat-to-beat intervals",
        claim="variability linked to respiration",
        verdict="holds",
        evidence="Breathing speeds the heart up and slows it down by way of the vagus nerve, as long as one breathes 9 "
        "to 24 times a minute: slower breathing moves this power into the low band.",
        minimum_seconds=60.0,
    ),
    Band(
        name="oxygen saturation",
        low=0.02,
        high=0.17,
        lecture=(0.02, 0.17),
        read_from="two wavelengths",
        claim="SpO2",
        verdict="does not hold",
        evidence="Saturation is no band of a wave. It is a ratio of ratios: AC/DC in red over AC/DC in infrared, "
        "measured at the pulse frequency and calibrated on people. A camera's red, green and blue are weak at it.",
        minimum_seconds=60.0,
    ),
    Band(
        name="respiration",
        low=0.1,
        high=0.5,
        lecture=(0.18, 0.40),
        read_from="baseline, amplitude and rate of the pulse wave",
        claim="respiration",
        verdict="holds in part",
        evidence="0.18–0.40 Hz is 11 to 24 breaths a minute, an adult at rest. Slow breathing (6 a minute) and a "
        "child's lie outside, so we look from 6 to 30. Any slow movement of the head lies in the same band.",
        minimum_seconds=30.0,
    ),
    Band(
        name="heart",
        low=HEART_BAND[0],
        high=HEART_BAND[1],
        lecture=(0.80, 4.00),
        read_from="the pulse wave",
        claim="heart rate",
        verdict="holds",
        evidence="0.80 Hz is 48 beats a minute and shuts out many a rested heart (45 is 0.75 Hz): begin at 0.7 Hz.",
        minimum_seconds=10.0,
    ),
)
BANDS = MappingProxyType({band.name: band for band in _TABLE})


# --- checks ----------------------------------------------------------------------------------------------------------


def _checked_rate(fs: float) -> float:
    if not np.isfinite(fs) or fs <= 0:
        raise ValueError(f"fs must be a positive number of samples per second, not {fs!r}")
    return float(fs)


def _checked_wave(wave: np.ndarray, least: int = 2) -> np.ndarray:
    """The wave as float64 (..., T) with T >= least, or a ValueError that says what is wrong."""
    wave = np.asarray(wave, dtype=np.float64)
    if wave.ndim == 0:
        raise ValueError("a wave is an array with time along its last axis, not a single number")
    if wave.shape[-1] < least:
        raise ValueError(f"the wave has {wave.shape[-1]} samples; at least {least} are needed here")
    bad = np.count_nonzero(~np.isfinite(wave))
    if bad:
        raise ValueError(f"the wave has {bad} values that are NaN or infinite: mend or cut them out first")
    return wave


def _checked_band(band: tuple[float, float], fs: float) -> tuple[float, float]:
    low, high = band
    if not 0 < low < high:
        raise ValueError(f"a band is (low, high) in Hz with 0 < low < high, not {band!r}")
    if high >= fs / 2:
        raise ValueError(
            f"a band up to {high:g} Hz needs more than {2 * high:g} samples per second (Nyquist), but fs is {fs:g} Hz: "
            "narrow the band or sample faster"
        )
    return float(low), float(high)


def _is_flat(wave: np.ndarray) -> np.ndarray:
    """True where a wave (..., T) does not vary beyond the rounding of floating-point numbers."""
    return np.ptp(wave, axis=-1) <= 1e-12 * np.max(np.abs(wave), axis=-1)


# --- filters ---------------------------------------------------------------------------------------------------------


def bandpass(wave: np.ndarray, fs: float, band: tuple[float, float] = HEART_BAND, order: int = 2) -> np.ndarray:
    """Keep one band of a wave (..., T) without moving it in time: a Butterworth filter run forwards and backwards.

    Running it twice doubles the order and halves the amplitude (−6 dB) at the two edges of the band. The first and last
    period of `band[0]` are less certain than the rest: the filter has to guess what lies beyond the ends.

    Raises ValueError for a band that reaches the Nyquist frequency, values that are not finite, fewer than 2 samples.
    """
    fs = _checked_rate(fs)
    low, high = _checked_band(band, fs)
    wave = _checked_wave(wave)
    sections = scipy.signal.butter(order, (low, high), btype="bandpass", fs=fs, output="sos")
    padding = min(wave.shape[-1] - 1, round(fs / low))  # one period of the slowest wave, mirrored at both ends
    return scipy.signal.sosfiltfilt(sections, wave, axis=-1, padlen=padding)


def detrend(wave: np.ndarray, fs: float, cutoff: float = 0.4, smoothness: float | None = None) -> np.ndarray:
    """Remove the slow drift of a wave (..., T) with smoothness priors, in linear time.

    Tarvainen, Ranta-aho & Karjalainen, IEEE Trans. Biomed. Eng. 49 (2002) 172: z − (I + λ² D₂ᵀ D₂)⁻¹ z, where D₂ takes
    second differences. The matrix has five diagonals, so a banded solver replaces the dense inverse.

    Papers state λ, but what a λ removes depends on fs: λ = 100 halves 0.48 Hz at 30 Hz, 0.95 Hz at 60 Hz. So here one
    states `cutoff`, the frequency in Hz whose amplitude is halved; `smoothness` gives λ itself instead.

    Raises ValueError for fewer than 3 samples, values that are not finite, or a cutoff outside 0 … fs/2.
    """
    fs = _checked_rate(fs)
    wave = _checked_wave(wave, least=3)
    if smoothness is None:
        if not 0 < cutoff < fs / 2:
            raise ValueError(f"cutoff must lie between 0 and fs/2 = {fs / 2:g} Hz, not {cutoff!r}")
        # D₂ has the gain 4 sin²(πf/fs): the trend keeps 1 / (1 + λ² gain²), one half where λ · gain = 1
        smoothness = 1.0 / (4.0 * np.sin(np.pi * cutoff / fs) ** 2)
    elif not smoothness > 0:
        raise ValueError(f"smoothness (λ) must be positive, not {smoothness!r}")

    samples = wave.shape[-1]
    diagonals = np.zeros((3, samples))  # row k: the k-th diagonal of I + λ² D₂ᵀ D₂
    stencil = (1.0, -2.0, 1.0)
    for offset in range(3):
        for i in range(3 - offset):
            diagonals[offset, i : i + samples - 2] += smoothness**2 * stencil[i] * stencil[i + offset]
    diagonals[0] += 1.0
    columns = wave.reshape(-1, samples).T
    trend = scipy.linalg.solveh_banded(diagonals, columns, lower=True)
    return (columns - trend).T.reshape(wave.shape)


def resample(wave: np.ndarray, time: np.ndarray, new_time: np.ndarray, axis: int = -1) -> np.ndarray:
    """A wave known at `time` (s, not necessarily even), read at `new_time` (s), by a cubic spline along `axis`.

    Where the new samples lie further apart than the old ones, each is the *mean* of the spline over its interval, so
    that what is too fast for the new rate is averaged away and not folded into the pulse (aliasing).

    Raises ValueError when the times disagree in length, do not increase, or `new_time` leaves `time` by more than one
    sample: nothing is invented beyond the ends.
    """
    time = np.asarray(time, dtype=np.float64)
    new_time = np.asarray(new_time, dtype=np.float64)
    wave = _checked_wave(np.moveaxis(np.asarray(wave, dtype=np.float64), axis, -1))
    if time.shape != wave.shape[-1:]:
        raise ValueError(f"{wave.shape[-1]} samples along axis {axis}, but times of shape {time.shape}")
    for name, times in (("time", time), ("new_time", new_time)):
        if times.ndim != 1 or times.size < 2 or not np.all(np.isfinite(times)) or np.any(np.diff(times) <= 0):
            raise ValueError(f"{name} must be at least two finite, strictly increasing times in seconds")
    step = np.median(np.diff(time))
    beyond = max(time[0] - new_time[0], new_time[-1] - time[-1])
    if beyond > step:
        raise ValueError(
            f"new_time ({new_time[0]:.3f} to {new_time[-1]:.3f} s) reaches {beyond:.3f} s beyond time "
            f"({time[0]:.3f} to {time[-1]:.3f} s): cut it to the part that was measured"
        )
    spline = scipy.interpolate.make_interp_spline(time, wave, k=min(3, time.size - 1), axis=-1)
    if np.median(np.diff(new_time)) > 1.5 * step:
        half = np.gradient(new_time) / 2
        start, stop = np.maximum(new_time - half, time[0]), np.minimum(new_time + half, time[-1])
        # at the very ends half of the interval is missing, or all of it: one sample is always left
        start, stop = np.minimum(start, time[-1] - step), np.maximum(stop, time[0] + step)
        total = spline.antiderivative()
        values = (total(stop) - total(start)) / (stop - start)
    else:
        values = spline(np.clip(new_time, time[0], time[-1]))
    return np.moveaxis(values, -1, axis)


# --- windows ---------------------------------------------------------------------------------------------------------


def cut_windows(wave: np.ndarray, fs: float, window: float = 10.0, step: float | None = None) -> np.ndarray:
    """Cut a wave (..., T) into complete windows (..., n, round(window · fs)), one every `step` s (default: no overlap).

    Only complete windows are returned: what is left over at the end is dropped, because a shorter window has a worse
    resolution and must not be weighed like the others.

    Raises ValueError when not one window fits.
    """
    fs = _checked_rate(fs)
    wave = np.asarray(wave)
    step = window if step is None else step
    length = round(window * fs)
    if length < 1 or not step * fs >= 1:
        raise ValueError(f"window ({window!r} s) and step ({step!r} s) must each hold at least one sample at {fs:g} Hz")
    samples = wave.shape[-1]
    if samples < length:
        raise ValueError(f"a window of {window:g} s does not fit into {samples / fs:.2f} s of wave")
    starts = np.round(np.arange(0, samples, step * fs)).astype(int)  # rounded one by one: no drift for fs = 29.97
    starts = starts[starts + length <= samples]
    return wave[..., starts[:, None] + np.arange(length)]


def resolution_bpm(window: float) -> float:
    """How far apart two rates must lie, per minute, for a window of so many seconds to tell them apart: 60 / window."""
    if not window > 0:
        raise ValueError(f"window must be a positive number of seconds, not {window!r}")
    return 60.0 / window


# --- spectra and rates -----------------------------------------------------------------------------------------------


def power_spectrum(wave: np.ndarray, fs: float, step_bpm: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """Power spectral density of a wave (..., T): frequency (F,) in Hz and power (..., F) in units² per Hz.

    The mean is removed, a Hann window laid over the wave, and zeros appended until neighbouring frequencies lie at most
    `step_bpm` per minute apart (and to twice the length at least). Zeros make the curve smooth enough to find its peak;
    they add no resolution: that stays 60 / (seconds of wave), see `resolution_bpm`.
    """
    fs = _checked_rate(fs)
    wave = _checked_wave(wave)
    if not step_bpm > 0:
        raise ValueError(f"step_bpm must be positive, not {step_bpm!r}")
    samples = wave.shape[-1]
    padded = fft.next_fast_len(max(2 * samples, int(np.ceil(60.0 * fs / step_bpm))), real=True)
    taper = _hann(samples)
    centred = wave - wave.mean(axis=-1, keepdims=True)
    power = np.abs(fft.rfft(centred * taper, n=padded, axis=-1)) ** 2 / (fs * np.sum(taper**2))
    power[..., 1 : (padded + 1) // 2] *= 2  # the negative frequencies are folded onto the positive ones
    return fft.rfftfreq(padded, 1 / fs), power


def _hann(samples: int) -> np.ndarray:
    """`scipy.signal.windows.hann(samples, sym=False)`, without loading all of scipy.signal for one line."""
    return 0.5 + 0.5 * np.cos(np.linspace(-np.pi, np.pi, samples + 1)[:-1]) if samples > 1 else np.ones(samples)


def _peak_frequency(frequency: np.ndarray, power: np.ndarray, low: float, high: float) -> np.ndarray:
    """Frequency (...) of the highest peak of power (..., F) between low and high, between the grid's points."""
    first, last = np.searchsorted(frequency, [low, high])
    first, last = max(first, 1), min(last, frequency.size - 1)
    left, middle, right = (power[..., first + k : last + k] for k in (-1, 0, 1))
    # A slope that comes down from a drift below the band is no peak: look for summits first. Only where the band holds
    # none is its highest value taken.
    summit = (middle > left) & (middle >= right)
    candidates = np.where(summit, middle, -1.0)
    best = np.where(summit.any(axis=-1), candidates.argmax(axis=-1), middle.argmax(axis=-1))[..., None]
    tiny = np.finfo(float).tiny
    a, b, c = (np.log(np.maximum(np.take_along_axis(part, best, -1), tiny)) for part in (left, middle, right))
    # the main lobe of a Hann window is close to a parabola in the logarithm of its power
    bend = a - 2 * b + c
    shift = np.where(bend < 0, (a - c) / np.where(bend < 0, 2 * bend, 1.0), 0.0)
    return (frequency[first + best] + np.clip(shift, -0.5, 0.5) * frequency[1])[..., 0]


def heart_rate(
    wave: np.ndarray,
    fs: float,
    *,
    method: Literal["spectrum", "beats"] = "spectrum",
    band: tuple[float, float] = HEART_BAND,
) -> np.ndarray:
    """Heart rate of each wave (..., T) in beats per minute, shape (...); a NumPy float for a single wave.

    "spectrum": the highest peak of `power_spectrum` inside the band, interpolated between the grid's points. One clean
    rhythm is placed far better than the grid's step; two rhythms closer than `resolution_bpm(T / fs)` are one peak.
    NaN only for a wave that does not vary at all.
    "beats": 60 / the mean time between the beats of `beat_times`, leaving out times more than 30 % off their median (a
    beat missed or counted twice); NaN where fewer than two beats are found.

    Raises ValueError for values that are not finite, a band that reaches the Nyquist frequency, or a wave too short for
    one beat at the lower end of the band (1.43 s).
    """
    fs = _checked_rate(fs)
    low, high = _checked_band(band, fs)
    wave = _checked_wave(wave)
    samples = wave.shape[-1]
    if samples < fs / low:
        raise ValueError(
            f"{samples / fs:.2f} s of wave cannot show a heart rate down to {60 * low:g} per minute: one such beat "
            f"lasts {1 / low:.2f} s, and rates closer than {60 * fs / samples:.0f} per minute look the same here"
        )
    if method == "beats":
        rates = [_rate_of_beats(row, fs, band) for row in wave.reshape(-1, samples)]
        return np.reshape(rates, wave.shape[:-1])[()]
    if method != "spectrum":
        raise ValueError(f'method is "spectrum" or "beats", not {method!r}')
    frequency, power = power_spectrum(wave, fs)
    return np.where(_is_flat(wave), np.nan, 60.0 * _peak_frequency(frequency, power, low, high))[()]


def _rate_of_beats(wave: np.ndarray, fs: float, band: tuple[float, float]) -> float:
    intervals = np.diff(beat_times(wave, fs, band))
    if not intervals.size:
        return np.nan
    median = np.median(intervals)
    return 60.0 / float(np.mean(intervals[np.abs(intervals - median) <= 0.3 * median]))


def window_rates(
    wave: np.ndarray,
    fs: float,
    window: float = 10.0,
    step: float | None = None,
    method: Literal["spectrum", "beats"] = "spectrum",
) -> np.ndarray:
    """Heart rate (..., n) per minute in each complete window of a wave (..., T): `cut_windows`, then `heart_rate`."""
    return heart_rate(cut_windows(wave, fs, window, step), fs, method=method)


_LOCAL_WINDOW = 8.0  # seconds over which the rate is taken as steady while beats are told from dicrotic waves
_LEAST_GAP = 0.6  # of the local period: a dicrotic wave follows its beat after 0.3 to 0.5 of it
_LEAST_PROMINENCE = 0.3  # of the typical height from trough to peak


def beat_times(wave: np.ndarray, fs: float, band: tuple[float, float] = HEART_BAND) -> np.ndarray:
    """Times (n,) in s, from the first sample, of the systolic peaks of one wave (T,), between the samples.

    Peaks of the band-passed wave that rise high enough (prominence) and stand far enough apart. What is far enough is
    0.6 of the period that the spectrum shows *around that time*, so the dicrotic wave, 0.3 to 0.5 of a period after its
    beat, is not counted, at 45 as at 180 per minute and while the rate changes. A peak is placed by a parabola.

    Expects up = systole (the course's polarity). Empty for a wave that does not vary. Raises ValueError as `bandpass`
    does, and for an array that is not one wave.
    """
    fs = _checked_rate(fs)
    low, _ = _checked_band(band, fs)
    wave = _checked_wave(wave)
    if wave.ndim != 1:
        raise ValueError(f"beat_times reads one wave (T,), not an array of shape {wave.shape}")
    if _is_flat(wave) or wave.size < fs / low:
        return np.empty(0)
    smooth = bandpass(wave, fs, band)

    window = min(_LOCAL_WINDOW, wave.size / fs)
    pieces = cut_windows(np.stack([wave, smooth]), fs, window, step=window / 2)
    middles = (np.arange(pieces.shape[1]) + 1) * window / 2
    rates = scipy.signal.medfilt(np.pad(heart_rate(pieces[0], fs, band=band), 1, mode="edge"), 3)[1:-1]
    height = np.median(np.ptp(pieces[1], axis=-1))

    peaks, about = scipy.signal.find_peaks(smooth, prominence=_LEAST_PROMINENCE * height)
    gap = _LEAST_GAP * 60.0 / np.interp(peaks / fs, middles, rates)
    kept = np.ones(peaks.size, dtype=bool)
    for i in np.argsort(-about["prominences"], kind="stable"):  # the plainest beat first, its neighbours give way
        if kept[i]:
            kept &= (np.abs(peaks - peaks[i]) >= gap[i] * fs) | (peaks == peaks[i])
    peaks = peaks[kept]
    left, middle, right = smooth[peaks - 1], smooth[peaks], smooth[peaks + 1]
    bend = left - 2 * middle + right
    return (peaks + np.where(bend < 0, (left - right) / np.where(bend < 0, 2 * bend, 1.0), 0.0)) / fs


def snr(
    wave: np.ndarray,
    fs: float,
    hr_bpm: float | np.ndarray,
    band: tuple[float, float] = (0.5, 4.0),
) -> np.ndarray:
    """Signal-to-noise ratio (...) in dB of waves (..., T) whose true rates `hr_bpm` (...) are known.

    De Haan & Jeanne, IEEE Trans. Biomed. Eng. 60 (2013) 2878: power within ±0.1 Hz of the true frequency and ±0.2 Hz
    of its first harmonic, over all the other power from 30 to 240 per minute. A short window smears its own peak beyond
    ±0.1 Hz (below about 20 s), so compare only windows of one length.

    NaN for a wave that does not vary. Raises ValueError for a rate outside the band, or as `power_spectrum` does.
    """
    fs = _checked_rate(fs)
    low, high = _checked_band(band, fs)
    wave = _checked_wave(wave)
    true = np.asarray(hr_bpm, dtype=np.float64)[..., None] / 60.0
    if not np.all((true >= low) & (true <= high)):
        raise ValueError(f"true rates must lie within {60 * low:g} to {60 * high:g} per minute")
    frequency, power = power_spectrum(wave, fs)
    inside = (frequency >= low) & (frequency <= high)
    frequency, power = frequency[inside], power[..., inside]
    pulse = (np.abs(frequency - true) <= 0.1) | (np.abs(frequency - 2 * true) <= 0.2)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.sum(power * pulse, axis=-1) / np.sum(power * ~pulse, axis=-1)
        return np.where(_is_flat(wave), np.nan, 10 * np.log10(ratio))[()]
