"""A heart rate from a face, with its uncertainty, or the honest answer that there is no reliable pulse.

Any wave has a highest peak in its spectrum, so any video — of a wall, too — has a "heart rate". What tells a pulse from
the rest is measured here as evidence: the rate stands out in every part of the skin once changes of brightness are
taken out (POS), the parts beat in step, the rate stays the same through the clip, and the background does not have it,
as it would with a flickering lamp or a camera that adjusts its colours. A network finds pulses that POS cannot, so it
is held to evidence of its own: whether POS follows its wave, and what it sees in the background alone. A logistic
function turns the evidence into one number, `quality`: among made clips with such evidence, the share whose rate was
right. It was fitted on made people, some from compressed files, and on made scenes without a pulse
(benchmarks/refusal.py); on real faces, and for another network than the package's, it is a guide, not a promise.
Compression draws rhythms of its own on a face, and now and then one passes for a pulse.

Everything here counts *crops*: square pictures as `video.face_clip` cuts them, the found face enlarged 1.5 times, so
that the skin is an ellipse in the middle and the two upper corners belong to the background.
"""

from __future__ import annotations

import csv
import json
import math
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass, field, replace
from functools import partial
from itertools import pairwise
from os import PathLike
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from rppg_lab import video
from rppg_lab.folders import replacing

GRID = 16  # cells across a crop: enough for four regions of skin and for the corners; a network has its own number
SKIN = (0.5, 0.6)  # half axes of the ellipse of skin, in half sides of the crop
CORNER = (0.8, 0.0)  # the background: further out than this to the sides, and above this
WINDOW, SHORTEST, LONGEST = 20.0, 10.0, 30.0  # s; a clip longer than LONGEST is read in windows of WINDOW
SLOWEST_FS = 9.0  # Hz: the heart band ends at 4 Hz, and its filter has to end below half the frame rate
LOST = 0.5  # share of the searches without the face from which a clip is not read
GAP = 0.5  # s without a frame from which the reader is told
CROP, ENLARGE = 64, 1.5  # pixels; the crop's side over the found face's, which is how `synthesis.make_face` draws
WHOLE = "whole"
FIGURES = (".png", ".pdf", ".svg")
NETWORK = "NETWORK"
NETWORK_WEIGHTS = "physnet_wide"  # those of the package that it reads with
BEHIND = (0.7, 0.85)  # half axes of the ellipse that is taken from the network when it looks at the background
METHOD = "POS"

APART = 0.15  # Hz around the rate that belong to it: a clip of 20 s smears a peak over ± 0.1 Hz
PIECE = 6.0  # s over which parts of the skin are compared, again and again
TINY = 1e-30
BLOCKS = 8  # the clip is read again without each of so many parts: how far the rate moves is its uncertainty


# ----------------------------------------------------------------------------------------------------- what is found


@dataclass(frozen=True)
class Evidence:
    """What speaks for a pulse at the rate that was read.

    Whatever method but a network read it: the skin is always looked at with POS, as a whole and in four quarters, so
    that a method which follows any change of light is held to the same.
    """

    prominence_db: float  # power of the quarters at the rate, over that of the highest peak away from it and its double
    coherence: float  # 1: the quarters beat in step and equally; 0.25: as strongly, but out of step by chance
    in_step: float  # correlation of the quarters with each other around the rate, over pieces of 6 s; 1: always in step
    spread_bpm: float  # how far the rates of half-length windows are from it, root mean square
    background_db: float  # amplitude at the rate in the upper corners, over that of the skin
    own_db: float  # what is left of the skin's change of colour at the rate, less that of the corners; 0: all of it


@dataclass(frozen=True)
class NetworkEvidence:
    """What speaks for a pulse at the rate that a network read.

    The background is shown to it by itself: the face stays at its mean over the window. What POS sees at that rate in
    the quarters of the skin counts as well, though the rate may not be the one that POS itself would read.
    """

    prominence_db: float  # power of its wave at the rate, over that of the highest peak away from it and its double
    spread_bpm: float  # how far the rates of half-length windows are from it, root mean square
    background_db: float  # share of the rate in what it sees behind the face, over that in what it sees in all
    pos_in_step: float  # how closely POS follows its wave around the rate, over pieces of 6 s; 1: all the time
    in_step: float  # of POS in the quarters, as in `Evidence`
    own_db: float  # of the skin, likewise


@dataclass(frozen=True)
class Window:
    """A part of the clip that was read by itself. start: s, on the frames' clock, and seconds from there.

    hr_bpm: the rate that the wave gives there, reliable or not; quality: 0 to 1, as of a whole reading.
    """

    start: float
    seconds: float
    hr_bpm: float
    quality: float
    evidence: Evidence | NetworkEvidence


@dataclass(frozen=True)
class Reading:
    """One heart rate, or none. `hr_bpm` is None and `interval_bpm` (None, None) when no reliable pulse was found.

    interval_bpm: about 95 of 100 true rates of made clips lie in it. quality: 0 to 1, see the module. message: one
    sentence for the reader. wave (T,) and time (T,) s: what the rate was read from; witness (2, T): what POS sees in
    the skin and in the corners; guess_bpm: the rate that the wave gives, reliable or not. windows: the parts that were
    read, each with its own rate and quality; one for a clip of up to 30 s, none where there was nothing to be read.
    """

    hr_bpm: float | None
    reliable: bool
    interval_bpm: tuple[float | None, float | None]
    quality: float
    method: str
    seconds: float
    fs: float
    message: str
    guess_bpm: float | None = field(default=None, repr=False)
    wave: np.ndarray | None = field(default=None, repr=False)
    time: np.ndarray | None = field(default=None, repr=False)
    witness: np.ndarray | None = field(default=None, repr=False)
    windows: tuple[Window, ...] = field(default=(), repr=False)


JSON_KEYS = ("hr_bpm", "reliable", "interval_bpm", "quality", "method", "seconds", "fs", "message")
_DIGITS = {"hr_bpm": 2, "interval_bpm": 2, "quality": 3, "seconds": 2, "fs": 3}


def to_json(reading: Reading) -> str:
    """One JSON object: hr_bpm (null when refused), reliable, interval_bpm, quality, method, seconds, fs, message."""

    def rounded(value: Any, digits: int | None) -> Any:
        if isinstance(value, tuple):
            return [rounded(part, digits) for part in value]
        return value if digits is None or value is None else round(float(value), digits)

    content = {key: rounded(getattr(reading, key), _DIGITS.get(key)) for key in JSON_KEYS}
    return json.dumps(content, ensure_ascii=False, allow_nan=False)


def in_words(reading: Reading) -> str:
    """One or two lines for the reader."""
    told = (
        f"{reading.method}, {reading.seconds:.1f} s at {reading.fs:.1f} frames a second, quality {reading.quality:.2f}"
    )
    if reading.hr_bpm is None:
        return f"{reading.message}\n({told})"
    low, high = reading.interval_bpm
    return f"{reading.hr_bpm:.1f} bpm ({low:.1f} to {high:.1f})\n{reading.message}\n({told})"


def nothing_read(method: str, message: str) -> Reading:
    """What stands in the JSON object when a video could not even be opened: the message and nothing else."""
    return Reading(None, False, (None, None), 0.0, method.upper(), 0.0, 0.0, message)


# ------------------------------------------------------------------------------------------------- from the evidence


@dataclass(frozen=True)
class Term:
    """One piece of evidence in the logistic function: between its limits it counts, beyond them no more and no less."""

    name: str
    weight: float
    middle: float  # between what is usual for right and for wrong rates: there it speaks neither for nor against
    limits: tuple[float, float]
    label: str
    against: str  # said when it is what speaks against a pulse most
    logarithm: bool = False

    def value(self, evidence: Evidence | NetworkEvidence) -> float:
        """The evidence as the logistic function takes it."""
        value = min(max(getattr(evidence, self.name), self.limits[0]), self.limits[1])
        return math.log(value) if self.logarithm else value


@dataclass(frozen=True)
class Calibration:
    """The logistic function that turns evidence into quality, and what follows from it.

    threshold: of the quality, from which a rate is given. Half the interval in bpm is
    √(interval_floor² + (interval_factor · jackknife's standard error)²).
    """

    intercept: float
    threshold: float
    interval_floor: float
    interval_factor: float
    terms: tuple[Term, ...]

    def margins(self, evidence: Evidence | NetworkEvidence) -> np.ndarray:
        """What each term adds to the logarithm of the odds that the rate is right; the intercept and they sum to it."""
        return np.array([term.weight * (term.value(evidence) - term.middle) for term in self.terms])

    def quality(self, evidence: Evidence | NetworkEvidence) -> float:
        """The evidence as one number, 0 to 1: the share of made clips with such evidence whose rate was right."""
        return float(1.0 / (1.0 + np.exp(-np.clip(self.intercept + self.margins(evidence).sum(), -50.0, 50.0))))

    def against(self, evidence: Evidence | NetworkEvidence) -> str:
        """What speaks against a pulse most, in words."""
        return self.terms[int(np.argmin(self.margins(evidence)))].against


# Numbers as `python benchmarks/refusal.py --fit` prints them, from made clips alone. Its faces have been redrawn since;
# what it prints now accepts as many, right and wrong, so these stay, and it prints both to compare.
BY_POS = Calibration(
    intercept=-0.72,
    threshold=0.75,  # of the wrong ones in the fit, 0.4 % lie above it
    interval_floor=0.5,
    interval_factor=0.86,
    terms=(
        Term("prominence_db", 0.26, 2.08, (-2.0, 6.0), "stands out in the skin", "no rate stands out in the skin"),
        Term(
            "coherence",
            5.07,
            0.83,
            (0.5, 0.95),
            "the same in all the skin",
            "parts of the skin do not have the same beat",
        ),
        Term("in_step", 7.12, 0.51, (0.2, 0.6), "always in step", "parts of the skin do not stay in step"),
        Term(
            "spread_bpm", -0.94, 1.68, (1.0, 15.0), "a steady rate", "the rate does not stay the same", logarithm=True
        ),
        Term(
            "background_db",
            -0.63,
            -6.15,
            (-9.0, -2.0),
            "not behind the face",
            "what is behind the face has the same beat",
        ),
        Term("own_db", 0.85, -1.41, (-6.0, 0.0), "the skin's own", "what is behind the face changes as the skin does"),
    ),
)
# For the weights NETWORK_WEIGHTS, as `--fit --methods NETWORK` prints them: 110 clips with a pulse (50 of the people in
# the lab, 50 in office, phone and wide, 10 from compressed files), 110 without, and 100 scenes. A network takes a lamp
# that beats for a pulse. So two things speak against one: what it sees behind the face itself, and that the skin's
# change of colour is not the skin's own.
BY_NETWORK = Calibration(
    intercept=0.43,
    threshold=0.9,  # none of the 216 wrong ones in the fit lies above 0.75; of the people in the lab 4 % lie below
    interval_floor=0.5,
    interval_factor=1.5,  # more than the fit asks for, whose people all sit in made places
    terms=(
        Term("prominence_db", 0.49, 4.83, (0.0, 9.0), "stands out in its wave", "no rate stands out in the wave"),
        Term(
            "spread_bpm", -1.83, 1.38, (1.0, 12.0), "a steady rate", "the rate does not stay the same", logarithm=True
        ),
        Term(
            "background_db",
            -0.45,
            -5.16,
            (-6.0, 0.0),
            "not behind the face",
            "what is behind the face has the same beat",
        ),
        # Not from the fit, which has no such light on a face: a veto, that costs the fit none of its people.
        Term(
            "background_db",
            -6.0,
            -3.0,
            (-3.0, -1.0),
            "weaker behind the face",
            "what is behind the face has the same beat",
        ),
        Term("pos_in_step", 7.33, 0.78, (0.4, 0.95), "POS sees it too", "POS does not see it in the skin"),
        Term("in_step", 4.36, 0.44, (0.2, 0.6), "always in step", "parts of the skin do not stay in step"),
        Term("own_db", 1.19, -0.81, (-6.0, 0.0), "the skin's own", "what is behind the face changes as the skin does"),
    ),
)
CALIBRATIONS = {Evidence: BY_POS, NetworkEvidence: BY_NETWORK}


def margins(evidence: Evidence | NetworkEvidence) -> np.ndarray:
    """`Calibration.margins` of the calibration that is made for such evidence."""
    return CALIBRATIONS[type(evidence)].margins(evidence)


def quality_of(evidence: Evidence | NetworkEvidence) -> float:
    """`Calibration.quality` of the calibration that is made for such evidence."""
    return CALIBRATIONS[type(evidence)].quality(evidence)


# ----------------------------------------------------------------------------------------------- from crops to evidence


def cells_of(frames: Iterable[np.ndarray], grid: int = GRID) -> np.ndarray:
    """Crops (S, S, 3) uint8, one after the other, as means over a grid of cells: (T, grid, grid, 3) float32.

    Not rounded: the pulse is less than one step of a camera's 8 bits. ValueError for no crops, or crops that are no
    square colour pictures of at least `grid` pixels.
    """

    def averaged() -> Iterator[np.ndarray]:
        for frame in frames:
            if frame.ndim != 3 or frame.shape[2] != 3 or frame.shape[0] != frame.shape[1] or len(frame) < grid:
                raise ValueError(f"A crop must be (S, S, 3) with S of at least {grid} pixels, not {frame.shape}")
            yield cv2.resize(frame.astype(np.float32), (grid, grid), interpolation=cv2.INTER_AREA)

    cells = np.fromiter(averaged(), np.dtype((np.float32, (grid, grid, 3))))  # a list would need twice the memory
    if not len(cells):
        raise ValueError("There are no crops to read a pulse from")
    return cells


def _places() -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
    """Masks (GRID, GRID) of the skin, of its four quarters, and of the two upper corners."""
    middle = (np.arange(GRID) + 0.5) * 2 / GRID - 1
    x, y = middle[None, :], middle[:, None]
    skin = (x / SKIN[0]) ** 2 + (y / SKIN[1]) ** 2 < 1
    quarters = [skin & (left == (x < 0)) & (upper == (y < 0)) for upper in (True, False) for left in (True, False)]
    return skin, quarters, (np.abs(x) > CORNER[0]) & (y < CORNER[1])


def skin_colour(cells: np.ndarray) -> np.ndarray:
    """Mean R, G, B (T, 3) over the ellipse of skin of cells (T, GRID, GRID, 3)."""
    return cells[:, _places()[0]].mean(axis=1, dtype=np.float64)


def _amplitude(waves: np.ndarray, fs: float, hr_bpm: float) -> np.ndarray:
    """Complex amplitude (...) of waves (..., T) at a rate, under a Hann window."""
    samples = waves.shape[-1]
    taper = np.hanning(samples + 2)[1:-1]
    turning = taper * np.exp(-2j * np.pi * hr_bpm / 60 * np.arange(samples) / fs)
    return (waves - waves.mean(axis=-1, keepdims=True)) @ turning * (2 / taper.sum())


class _Witness:
    """What POS sees in the quarters of the skin and in the corners, over the whole clip; asked window by window."""

    def __init__(self, cells: np.ndarray, fs: float):
        from rppg_lab.methods import pos

        skin, quarters, corners = _places()
        self.fs = fs
        self.rgb = cells[:, skin].mean(axis=1, dtype=np.float64)
        self.skin = pos(self.rgb, fs)
        self.quarters = np.stack([pos(cells[:, part].mean(axis=1, dtype=np.float64), fs) for part in quarters])
        self.corner_rgb = cells[:, corners].mean(axis=1, dtype=np.float64)
        try:
            self.corners = pos(self.corner_rgb, fs)
        except ValueError:  # black, or always the same: nothing beats there
            self.corners = np.zeros(len(cells))

    def evidence(self, part: slice, hr_bpm: float) -> Evidence:
        fs, skin, quarters = self.fs, self.skin[part], self.quarters[:, part]
        beats = _amplitude(quarters, fs, hr_bpm)
        beat = abs(_amplitude(skin, fs, hr_bpm))
        behind = abs(_amplitude(self.corners[part], fs, hr_bpm))
        return Evidence(
            prominence_db=_prominence(quarters, fs, hr_bpm),
            coherence=float(abs(beats.sum()) ** 2 / max(4 * np.sum(abs(beats) ** 2), TINY)),
            in_step=_in_step(quarters, fs, hr_bpm),
            spread_bpm=_spread(skin, fs, hr_bpm),
            background_db=_decibel(behind**2, beat**2),
            own_db=self._own(part, hr_bpm),
        )

    def _own(self, part: slice, hr_bpm: float) -> float:
        """Both seen relatively, light that changes changes both alike: a lamp, or a camera that adjusts its colours."""
        shown = [_colour_beats(rgb[part], self.fs, hr_bpm) for rgb in (self.rgb, self.corner_rgb)]
        return _decibel(np.sum(abs(shown[0] - shown[1]) ** 2), np.sum(abs(shown[0]) ** 2))


def _colour_beats(rgb: np.ndarray, fs: float, hr_bpm: float) -> np.ndarray:
    """Relative change (3, n) of colours (T, 3) at a rate in pieces of PIECE s, brightness taken out."""
    from rppg_lab.spectrum import cut_windows, detrend

    relative = detrend((rgb / np.maximum(rgb.mean(axis=0), 1e-3)).T - 1, fs)
    piece = min(PIECE, len(rgb) / fs)
    beats = _amplitude(cut_windows(relative, fs, piece, piece / 3), fs, hr_bpm)
    return beats - beats.mean(axis=0)


def _in_step(waves: np.ndarray, fs: float, hr_bpm: float) -> float:
    """Mean correlation at a rate between each two of some waves (n, T): the real part of their coherence."""
    between = _coherence(waves, fs, hr_bpm).real
    return float((between.sum() - len(waves)) / (len(waves) * (len(waves) - 1)))


def _coherence(waves: np.ndarray, fs: float, hr_bpm: float) -> np.ndarray:
    """Complex coherence (n, n) between waves (n, T) at a rate, over pieces of PIECE s."""
    from rppg_lab.spectrum import cut_windows

    piece = min(PIECE, waves.shape[-1] / fs)
    beats = _amplitude(cut_windows(waves, fs, piece, piece / 3), fs, hr_bpm)
    together = beats @ beats.conj().T
    size = np.sqrt(np.maximum(np.diag(together).real, TINY))
    return together / np.outer(size, size)


def _prominence(waves: np.ndarray, fs: float, hr_bpm: float) -> float:
    """Mean power of waves (n, T) at a rate, in dB over the highest away from it and its double."""
    from rppg_lab.spectrum import HEART_BAND, power_spectrum

    frequency, power = power_spectrum(waves, fs)
    power, rate = power.mean(axis=0), hr_bpm / 60
    elsewhere = (frequency > HEART_BAND[0]) & (frequency < HEART_BAND[1])
    elsewhere &= (np.abs(frequency - rate) > APART) & (np.abs(frequency - 2 * rate) > 1.33 * APART)
    return _decibel(power[np.argmin(np.abs(frequency - rate))], power[elsewhere].max())


def _spread(wave: np.ndarray, fs: float, hr_bpm: float) -> float:
    """How far the rates of half-length windows of a wave (T,) are from a rate, root mean square, bpm."""
    from rppg_lab.spectrum import window_rates

    half = len(wave) / fs / 2
    return float(np.sqrt(np.mean((window_rates(wave, fs, half, half / 4) - hr_bpm) ** 2)))


def _decibel(power: float, reference: float) -> float:
    return float(np.clip(10 * np.log10(max(power, TINY) / max(reference, TINY)), -60.0, 60.0))


class _Network:
    """A trained network: the wave of a clip, and what it sees behind the face. Cells are (T, size, size, 3)."""

    def __init__(self, weights: str | PathLike | None):
        from rppg_lab import inference  # here: torch takes seconds to load, and only the network needs it
        from rppg_lab.models import load_weights, shipped_weights

        self._predict = inference.predict_wave
        self.model = load_weights(shipped_weights(NETWORK_WEIGHTS) if weights is None else weights)
        self.size: int = self.model.about.get("size", inference.MODEL_SIZE)
        middle = (np.arange(self.size) + 0.5) * 2 / self.size - 1
        self._behind = (middle / BEHIND[0]) ** 2 + (middle[:, None] / BEHIND[1]) ** 2 >= 1

    def wave(self, cells: np.ndarray, fs: float) -> np.ndarray:
        """The wave (T,) at fs."""
        return self._predict(self.model, cells, fs, mirrored=True).astype(np.float64)

    def evidence(
        self, cells: np.ndarray, wave: np.ndarray, skin: np.ndarray, seen: Evidence, fs: float, hr_bpm: float
    ) -> NetworkEvidence:
        """`NetworkEvidence` of a window. wave, skin (T,): what the network and what POS make of it; seen: by POS."""
        still = cells.mean(axis=0, dtype=np.float64).astype(np.float32)
        stopped = np.where(self._behind[..., None], cells, still)
        behind = self._predict(self.model, stopped, fs, window=None).astype(np.float64)
        beat, background = abs(_amplitude(np.stack([wave, behind]), fs, hr_bpm)) ** 2
        return NetworkEvidence(
            prominence_db=_prominence(wave[None], fs, hr_bpm),
            spread_bpm=_spread(wave, fs, hr_bpm),
            background_db=_decibel(background, beat),
            pos_in_step=float(abs(_coherence(np.stack([wave, skin]), fs, hr_bpm)[0, 1])),
            in_step=seen.in_step,
            own_db=seen.own_db,
        )


# ------------------------------------------------------------------------------------------------------------ reading


def read_crops(
    frames: Iterable[np.ndarray],
    time: np.ndarray,
    *,
    method: str = METHOD,
    weights: str | PathLike | None = None,
) -> Reading:
    """The heart rate in crops (S, S, 3) uint8 taken at times (T,) s, one after the other; an array (T, S, S, 3) too.

    See `read_cells` for the rest.
    """
    method, network = _known(method, weights)
    return _read(cells_of(frames, network.size if network else GRID), time, method, network)


def read_cells(
    cells: np.ndarray, time: np.ndarray, *, method: str = METHOD, weights: str | PathLike | None = None
) -> Reading:
    """The heart rate in cells (T, G, G, 3), as `cells_of` gives them, taken at times (T,) s.

    method: a name in `methods.METHODS`, or "network" with `weights` (default: those that come with the package). G is
    GRID or more, and for a network at least the pixels that it takes (32 for the package's). Frames of an uneven clock
    are brought onto an even one of the same rate first. A clip longer than 30 s is read in windows of 20 s, half
    overlapping, and the median of their rates is given.

    A refusal, not an error, where there is nothing to be read: too short, too slow a camera, black, grey or constant.
    ValueError for an unknown method, times that are not one per frame and increasing, or too few cells.
    """
    return _read(cells, time, *_known(method, weights))


def _read(cells: np.ndarray, time: np.ndarray, method: str, network: _Network | None) -> Reading:
    from rppg_lab.methods import METHODS
    from rppg_lab.spectrum import heart_rate

    time = np.asarray(time, np.float64)
    if time.shape != (len(cells),) or len(time) < 2 or not (np.diff(time) > 0).all():
        raise ValueError(
            f"{len(cells)} crops need as many times in seconds, at least two, increasing; got {time.shape}"
        )
    fs = _rate(time)
    seconds = len(time) / fs
    refusal = partial(_refusal, method, time)

    if seconds < SHORTEST - 0.5 / fs:
        return refusal(f"the clip has {seconds:.1f} s, and {SHORTEST:g} s at least are needed to tell a rate")
    if fs < SLOWEST_FS:
        return refusal(f"{fs:.1f} frames a second are too few: {SLOWEST_FS:g} at least show a fast heart")
    if np.ptp(cells, axis=-1).max() <= video.GREY:
        return refusal("the video is grey, and blood is told from a change of the light by its colour")
    needed = network.size if network else GRID
    if cells.shape[1] < needed:
        raise ValueError(f"{method} needs {needed} × {needed} cells, not {cells.shape[1]}: cells_of(frames, {needed})")
    if cells.shape[1] > needed:
        cells = cells_of(cells, needed)
    even = time[0] + np.arange(len(time)) / fs
    cells = _on_even_clock(cells, time, even)
    try:
        witness = _Witness(cells if needed == GRID else cells_of(cells), fs)
        wave = METHODS[method](witness.rgb, fs) if network is None else network.wave(cells, fs)
    except ValueError as error:  # black, constant: the methods say what
        return refusal(str(error).rstrip("."))

    parts = _windows(len(wave), fs, seconds)
    rates = np.array([heart_rate(wave[part], fs) for part in parts], np.float64)
    if not np.isfinite(rates).all():
        return refusal("the wave does not vary")
    windows = []
    for part, rate in zip(parts, rates, strict=True):
        evidence = witness.evidence(part, rate)
        if network is not None:
            evidence = network.evidence(cells[part], wave[part], witness.skin[part], evidence, fs, rate)
        length = (part.stop - part.start) / fs
        windows.append(Window(float(even[part.start]), length, float(rate), quality_of(evidence), evidence))
    calibration = CALIBRATIONS[type(evidence)]
    qualities = np.array([window.quality for window in windows])
    quality = float(np.median(qualities))
    guess = float(np.median(rates))
    known = {
        "quality": quality,
        "wave": wave,
        "time": even,
        "witness": np.stack([witness.skin, witness.corners]),
        "windows": tuple(windows),
    }
    if quality < calibration.threshold:
        typical = windows[int(np.argsort(qualities)[(len(qualities) - 1) // 2])]
        return refusal(calibration.against(typical.evidence), guess_bpm=guess, **known)
    trusted = qualities >= calibration.threshold
    rate = float(np.median(rates[trusted]))
    errors = np.array([jackknife_error(wave[part], fs, hr) for part, hr in zip(parts, rates, strict=True)])[trusted]
    half = float(np.median(np.hypot(calibration.interval_floor, calibration.interval_factor * errors)))
    share = "" if trusted.all() else f"; {trusted.sum()} of {len(trusted)} windows could be read"
    return Reading(
        hr_bpm=rate,
        reliable=True,
        interval_bpm=(rate - half, rate + half),
        method=method,
        seconds=seconds,
        fs=fs,
        message=f"The heart beats {rate:.1f} times a minute, within ± {half:.1f}{share}.",
        guess_bpm=guess,
        **known,
    )


def _on_even_clock(cells: np.ndarray, time: np.ndarray, even: np.ndarray) -> np.ndarray:
    from rppg_lab.spectrum import resample

    if np.abs(time - even).max() < 1e-4:
        return cells
    moved = np.empty(cells.shape, np.float32)
    for row in range(cells.shape[1]):  # a spline computes in float64 and in several copies
        moved[:, row] = resample(cells[:, row], time, even, axis=0)
    return moved


def _known(method: str, weights: str | PathLike | None) -> tuple[str, _Network | None]:
    """The method's name as the table has it, and the network if it is that."""
    name = _named(method)
    return name, _Network(weights) if name == NETWORK else None


def _named(method: str) -> str:
    from rppg_lab.methods import METHODS

    name = method.upper()
    if name != NETWORK and name not in METHODS:
        raise ValueError(f"unknown method {method!r}; valid names: {', '.join([*METHODS, NETWORK])}")
    return name


def _rate(time: np.ndarray) -> float:
    return float((len(time) - 1) / (time[-1] - time[0]))


def _refusal(method: str, clock: np.ndarray, why: str, /, **known: Any) -> Reading:
    fs = _rate(clock)
    return Reading(
        hr_bpm=None,
        reliable=False,
        interval_bpm=(None, None),
        method=method,
        seconds=len(clock) / fs,
        fs=fs,
        message=f"No reliable pulse: {why}.",
        **({"quality": 0.0} | known),
    )


def _windows(samples: int, fs: float, seconds: float) -> list[slice]:
    """The parts of the clip that are read: all of it, or half-overlapping windows, the last one up to the end."""
    if seconds <= LONGEST:
        return [slice(0, samples)]
    length = round(WINDOW * fs)
    starts = [*range(0, samples - length, max(1, length // 2)), samples - length]
    return [slice(start, start + length) for start in starts]


def jackknife_error(wave: np.ndarray, fs: float, hr_bpm: float) -> float:
    """Standard error of a rate in bpm: how far the peak moves as one eighth of the wave after the other is left out."""
    from rppg_lab.spectrum import HEART_BAND, bandpass, heart_rate

    filtered = bandpass(wave, fs)
    edges = np.linspace(0, len(wave), BLOCKS + 1).astype(int)
    without = np.repeat(filtered[None], BLOCKS, axis=0)
    for row, (start, stop) in enumerate(pairwise(edges)):
        without[row, start:stop] = 0.0
    near = (max(hr_bpm / 60 - 0.25, HEART_BAND[0] - 0.1), min(hr_bpm / 60 + 0.25, HEART_BAND[1] + 0.1))
    rates = np.asarray(heart_rate(without, fs, band=near))
    return math.sqrt((BLOCKS - 1) / BLOCKS * float(np.sum((rates - rates.mean()) ** 2)))


def read_file(
    path: str | PathLike,
    *,
    method: str = METHOD,
    box: video.Box | Sequence[float] | str | None = None,
    times: str | PathLike | Sequence[float] | None = None,
    fs: float | None = None,
    rotate: int = 0,
    every: int = 30,
    finder: video.Finder = video.find_faces,
    weights: str | PathLike | None = None,
) -> Reading:
    """The heart rate in a video file or a folder of pictures.

    times, fs, rotate: as for `video.read_video`. box: None finds the face in every `every`-th frame with `finder` and
    follows it; (x, y, w, h) is a face that stays where it is, in pixels and as tight as a finder draws it; "whole": the
    picture is a crop already, with the face in its middle. method, weights: as for `read_cells`.
    A video without a face, or with one for less than half of the time, is refused like one without a pulse.
    Raises FileNotFoundError, or ValueError for what is no video, or choices that cannot be.
    """
    opened = video.read_video(path, times=times, fs=fs, rotate=rotate)  # first: a wrong name need not wait for torch
    method = _named(method)
    with ThreadPoolExecutor(1) as meanwhile:  # loading torch takes as long as looking for the face
        loading = meanwhile.submit(_Network, weights) if method == NETWORK else None
        try:
            boxes, notes = _face_boxes(opened, box, every, finder)
        except video.FaceNotFoundError as error:
            if loading:
                loading.result()  # weights that are none are a mistake, face or no face
            return _refusal(method, opened.time, str(error))
        network = loading.result() if loading else None
    grid = network.size if network else GRID
    cells = cells_of(video.crop_frames(opened, boxes, max(CROP, grid)), grid)
    if opened.truncated:
        notes.append(f"the file is cut short: {len(cells)} of {opened.frames_announced} frames could be read")
    if opened.times_from == "frame rate":
        notes.append("the file holds no times of its frames, only a nominal rate")
    longest = float(np.diff(opened.time).max())
    if longest > GAP:
        notes.append(f"for {longest:.1f} s there is no frame")
    found = _read(cells, opened.time, method, network)
    return replace(found, message=" ".join([found.message, *(f"Note: {note}." for note in notes)]))


def _face_boxes(
    opened: video.Video, box: video.Box | Sequence[float] | str | None, every: int, finder: video.Finder
) -> tuple[np.ndarray, list[str]]:
    """The crops' boxes (T, 4), one a frame, and what the reader should know about them."""
    if isinstance(box, str):
        if box != WHOLE:
            raise ValueError(f"box must be {WHOLE!r} or four numbers x, y, w, h, not {box!r}")
        return np.broadcast_to([0, 0, opened.width, opened.height], (len(opened.time), 4)), []
    if box is not None:
        face = box if isinstance(box, video.Box) else video.Box(*map(float, box))
        face.clip(opened.height, opened.width)
        return np.broadcast_to(video.enlarged(np.array([astuple(face)]), ENLARGE), (len(opened.time), 4)), []
    track = video.track_face(opened, every=every, finder=finder)
    searches, seen = len(track.searched), int(track.followed.sum())
    if seen < (1 - LOST) * searches:
        raise video.FaceNotFoundError(
            f"the face was seen in only {seen} of {searches} searches; if it is there, give its box"
        )
    notes = []
    if seen < searches:
        notes.append(f"the face was lost in {searches - seen} of {searches} searches")
    if track.faces.max() > 1:
        notes.append(f"up to {track.faces.max()} faces were seen, and the largest was followed")
    return video.enlarged(track.boxes, ENLARGE), notes


# ------------------------------------------------------------------------------------------------------------ showing


def write_wave(reading: Reading, path: str | PathLike) -> Path:
    """The wave as a CSV file with the columns time_s and bvp; it appears complete or not at all.

    ValueError for a reading without a wave, as of a clip that is too short.
    """
    if reading.wave is None:
        raise ValueError(f"There is no wave to write to {path}: {reading.message}")
    path = Path(path)
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["time_s", "bvp"])
        writer.writerows([f"{t:.6f}", f"{value:.8g}"] for t, value in zip(reading.time, reading.wave, strict=True))
    return path


def figure_of(reading: Reading):
    """A figure of the wave, its spectrum beside the background's, and what speaks for and against a pulse.

    ValueError for a reading without a wave.
    """
    from rppg_lab import plots
    from rppg_lab.spectrum import HEART_BAND, bandpass, power_spectrum

    if reading.wave is None:
        raise ValueError(f"There is nothing to draw: {reading.message}")
    figure, (above, middle, below) = plots.new_figure(3, 1, height=8.4)
    told = reading.message.split(" Note: ")[0].rstrip(".")
    time = reading.time - reading.time[0]
    wave = bandpass(reading.wave, reading.fs)
    above.plot(time, wave / (wave.std() or 1.0), color=plots.BLUE, linewidth=1.4)
    plots.label(above, _wrapped(told), "Time (s)", "Pulse wave\n(standard deviations)")

    frequency, power = power_spectrum(np.stack([reading.wave, *reading.witness]), reading.fs)
    inside = (frequency >= HEART_BAND[0]) & (frequency <= HEART_BAND[1])
    own, skin, behind = power[:, inside]
    curves = [(f"skin, {reading.method}", own / (own.max() or 1.0), plots.BLUE, "-")]
    curves.append(("background, POS (of the skin's highest)", behind / (skin.max() or 1.0), plots.RED, "--"))
    for name, share, colour, line in curves:
        middle.plot(60 * frequency[inside], share, color=colour, linestyle=line, linewidth=1.6, label=name)
    middle.set_ylim(0, 1.3)
    if reading.hr_bpm is not None:
        low, high = reading.interval_bpm
        middle.axvspan(low, high, color=plots.GREY, alpha=0.25, label=f"{low:.1f} to {high:.1f} per minute")
    plots.label(middle, "", "Rate (beats per minute)", "Power\n(share of the highest)", legend=True)

    contributions = np.mean([margins(window.evidence) for window in reading.windows], axis=0)
    calibration = CALIBRATIONS[type(reading.windows[0].evidence)]
    names = [term.label for term in calibration.terms]
    below.barh(names, contributions, color=[plots.BLUE if one >= 0 else plots.RED for one in contributions])
    below.axvline(0.0, color=plots.BLACK, linewidth=1.0)
    below.invert_yaxis()
    title = f"Quality {reading.quality:.2f} (from {calibration.threshold:g} on it is reliable)"
    plots.label(below, title, "against a pulse  ←  evidence (log odds)  →  for a pulse")
    return figure


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, 70))


def check_figure(path: str | PathLike) -> Path:
    """The path, if a figure can be written under that name. ValueError for another ending."""
    path = Path(path)
    if path.suffix.lower() not in FIGURES:
        raise ValueError(f"a figure's name ends in one of {', '.join(FIGURES)}, not in {path.suffix!r}")
    return path


def write_figure(reading: Reading, path: str | PathLike) -> Path:
    """`figure_of` as a picture file, in the format that the name ends in (.png, .pdf, .svg). ValueError for others."""
    path = check_figure(path)
    figure = figure_of(reading)
    with replacing(path) as temporary:
        figure.savefig(temporary, format=path.suffix[1:].lower())
    return path
