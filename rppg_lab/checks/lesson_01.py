"""The checks of lesson 01: light left behind blood, where two curves cross, AC and DC, and the ratio of ratios."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rppg_lab import physics
from rppg_lab.checks.comparing import as_array, close, is_numeric
from rppg_lab.checks.declaring import Case, Exercise, Mistake

TITLE = "Why does light know your pulse?"

LAYERS = "01.4 The same share from every layer"
CROSSING = "01.5 Two curves that cross"
STEADY = "01.7 A large light and a small change"
OXYGEN = "01.8 Oxygen, in two lines"

MOLAR_MASS = 64_500.0  # g/mol, of haemoglobin

# --- 01.1 ------------------------------------------------------------------------------------------------------------


def light_left(extinction: ArrayLike, grams_per_litre: ArrayLike, path_mm: ArrayLike) -> NDArray[np.float64]:
    """Share of light left (0–1): decadic extinction in cm⁻¹ per mol/L, haemoglobin in g/L, path in mm."""
    natural = np.log(10.0) * np.asarray(extinction) * np.asarray(grams_per_litre) / MOLAR_MASS
    return physics.transmission(natural, np.asarray(path_mm) / 10.0)[()]


def _absorbance(extinction: ArrayLike, grams_per_litre: ArrayLike, path_mm: ArrayLike) -> NDArray[np.float64]:
    return -np.log10(light_left(extinction, grams_per_litre, path_mm))


LEFT = Exercise(
    number="01.1",
    title="How much light is left",
    reference=light_left,
    refused=(physics.transmission,),
    same=close(rtol=1e-4, atol=1e-9, lists=True),
    cases=(
        Case(
            "an extinction of 43 000 cm⁻¹ per mol/L, 1.5 g/L, 10 mm",
            "0.1: the absorbance is 1",
            lambda: (43_000.0, 1.5, 10.0),
        ),
        Case(
            "an extinction of 50 000 cm⁻¹ per mol/L, whole blood of 150 g/L, 0.05 mm",
            "about 0.262",
            lambda: (50_000.0, 150.0, 0.05),
        ),
        Case(
            "extinctions of 500, 5000 and 50 000, 120 g/L, 0.2 mm",
            "an array: about 0.958, 0.652 and 0.0138",
            lambda: (np.array([500.0, 5000.0, 50_000.0]), 120.0, 0.2),
        ),
        Case(
            "an extinction of 3000, 150 g/L, and ways of 0, 0.5 and 1 mm",
            "an array that begins with 1: no way, nothing swallowed; each half millimetre leaves the same share",
            lambda: (3000.0, 150.0, np.array([0.0, 0.5, 1.0])),
        ),
    ),
    mistakes=(
        Mistake(
            "natural, not decadic",
            "The table of haemoglobin speaks the chemists' dialect. Of the two columns this is the other one.",
            LAYERS,
            twin=lambda extinction, grams, path: np.exp(-_absorbance(extinction, grams, path)),
        ),
        Mistake(
            "natural, and in millimetres",
            "Two slips at once: the other dialect, and a way in another unit than the extinction's.",
            LAYERS,
            twin=lambda extinction, grams, path: np.exp(-10 * _absorbance(extinction, grams, path)),
        ),
        Mistake(
            "decadic and natural at once",
            "The factor of 2.3 leads from one dialect to the other. Who stays in one needs none.",
            LAYERS,
            twin=lambda extinction, grams, path: 10 ** (-np.log(10.0) * _absorbance(extinction, grams, path)),
        ),
        Mistake(
            "millimetres taken for centimetres",
            "The extinction counts per centimetre; the way came in another unit.",
            LAYERS,
            twin=lambda extinction, grams, path: light_left(extinction, grams, 10 * np.asarray(path)),
        ),
        Mistake(
            "millimetres turned the wrong way",
            "Ten millimetres are one centimetre, so the number must become smaller.",
            LAYERS,
            twin=lambda extinction, grams, path: light_left(extinction, grams, 100 * np.asarray(path)),
        ),
        Mistake(
            "grams not turned into moles, or the wrong way",
            "The extinction counts per mole in a litre. One mole of haemoglobin is very many grams, so the number of"
            " moles is far smaller than that of grams.",
            LAYERS,
            twin=lambda extinction, grams, path: light_left(extinction, MOLAR_MASS * np.asarray(grams), path),
        ),
        Mistake(
            "the absorbance, not the light",
            "This is the exponent. The light that is left is a share, from 0 to 1.",
            LAYERS,
            twin=_absorbance,
        ),
        Mistake(
            "what is swallowed, not what is left",
            "This grows with the way through blood. Asked for is what comes out at the other end.",
            LAYERS,
            twin=lambda extinction, grams, path: 1 - light_left(extinction, grams, path),
        ),
        Mistake(
            "light grows on its way",
            "More light comes out than went in. Which sign has the exponent?",
            LAYERS,
            twin=lambda extinction, grams, path: 10 ** _absorbance(extinction, grams, path),
        ),
        Mistake(
            "the same amount, not the same share",
            "Every layer takes its share of what has got so far. A straight line would fall below zero.",
            LAYERS,
            shows=lambda arguments, got: (
                is_numeric(got)
                and any(
                    np.shape(got) == np.shape(line) and np.allclose(as_array(got), np.maximum(line, floor), atol=1e-6)
                    for factor in (1.0, np.log(10.0))
                    for floor in (-np.inf, 0.0)
                    for line in [1 - factor * _absorbance(*arguments)]
                )
            ),
        ),
    ),
    read_again=LAYERS,
)

# --- 01.2 ------------------------------------------------------------------------------------------------------------

NEAR = 0.25  # nm: room for a curve instead of a straight line between two entries


def isosbestic_points(
    wavelength: NDArray[np.float64], oxy: NDArray[np.float64], deoxy: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The wavelengths (k,) at which two curves (n,) over rising wavelengths (n,) cross, on straight lines between."""
    gap = oxy - deoxy
    return np.array(
        [
            np.interp(0.0, *zip(*sorted([(gap[i], wavelength[i]), (gap[i + 1], wavelength[i + 1])]), strict=True))
            for i in range(gap.size - 1)
            if (gap[i] < 0) != (gap[i + 1] < 0)
        ]
    )


def _same_points(got: object, expected: NDArray[np.float64]) -> bool:
    try:
        given = as_array(got)
    except (TypeError, ValueError):
        return False
    if given.shape != expected.shape or (not isinstance(got, list | tuple) and not is_numeric(got)):
        return False
    return bool(np.all(np.abs(given - expected) <= NEAR))


def _table(step: float = 2.0) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    wavelength = np.arange(400.0, 1001.0, step)
    return wavelength, physics.extinction(wavelength, True), physics.extinction(wavelength, False)


def _straight() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    wavelength = np.arange(500.0, 601.0, 20.0)
    return wavelength, 100.0 - (wavelength - 527.0), np.full(wavelength.size, 100.0)


def _at_both_ends() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    wavelength = np.arange(450.0, 651.0, 20.0)
    deoxy = 0.6 + 0.02 * np.sin(wavelength)
    gap = np.array([0.2, -0.15, -0.15, -0.15, 0.1, 0.1, 0.1, -0.15, -0.15, -0.15, 0.1])
    return wavelength, deoxy + gap, deoxy


def _apart() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    wavelength = np.arange(600.0, 701.0, 10.0)
    lower = 500.0 + 2 * np.abs(wavelength - 650.0)
    return wavelength, lower, lower + 0.001


def _given(got: object) -> NDArray[np.float64] | None:
    try:
        return as_array(got).ravel()
    except (TypeError, ValueError):
        return None


def _places(arguments: tuple) -> NDArray[np.intp]:
    gap = arguments[1] - arguments[2]
    return np.flatnonzero((gap[:-1] < 0) != (gap[1:] < 0))


def _heights(arguments: tuple, got: object) -> bool:
    wavelength, oxy, _ = arguments
    expected, given = isosbestic_points(*arguments), _given(got)
    return bool(
        given is not None
        and given.size == expected.size > 0
        and np.allclose(given, np.interp(expected, wavelength, oxy), rtol=0.2)
    )


def _counts_places(arguments: tuple, got: object) -> bool:
    places, given = _places(arguments), _given(got)
    return bool(
        given is not None
        and given.size == places.size > 0
        and any(np.allclose(given, places + shift, atol=0.01) for shift in (0, 0.5, 1, 2))
    )


def _not_between(arguments: tuple, got: object) -> bool:
    wavelength, places, given = arguments[0], _places(arguments), _given(got)
    if given is None or given.size != places.size or not places.size:
        return False
    on_table = np.isin(given, wavelength) | np.isin(given, (wavelength[1:] + wavelength[:-1]) / 2)
    step = wavelength[1] - wavelength[0]
    return bool(on_table.all() and np.all(np.abs(given - isosbestic_points(*arguments)) <= step))


def _forgets_the_step(arguments: tuple, got: object) -> bool:
    wavelength, places, given = arguments[0], _places(arguments), _given(got)
    step = wavelength[places + 1] - wavelength[places]
    share = (isosbestic_points(*arguments) - wavelength[places]) / step
    return bool(given is not None and given.shape == share.shape and np.allclose(given, wavelength[places] + share))


def _two_nanometres(arguments: tuple, got: object) -> bool:
    """The share of the gap was multiplied with 2 nm, whatever the step of the table."""
    wavelength, places, given = arguments[0], _places(arguments), _given(got)
    step = wavelength[places + 1] - wavelength[places]
    points = wavelength[places] + 2 * (isosbestic_points(*arguments) - wavelength[places]) / step
    return bool(
        given is not None and given.shape == points.shape and not np.any(step == 2) and np.allclose(given, points)
    )


def _one_only(arguments: tuple, got: object) -> bool:
    expected, given = isosbestic_points(*arguments), _given(got)
    return bool(
        given is not None and given.size == 1 < expected.size and np.min(np.abs(expected - given)) <= 2.0
    )  # 2 nm: one entry of the table


def _from_the_wrong_end(arguments: tuple, got: object) -> bool:
    """The share of the step is counted from the entry after the crossing."""
    wavelength, places, given = arguments[0], _places(arguments), _given(got)
    mirrored = wavelength[places] + wavelength[places + 1] - isosbestic_points(*arguments)
    return bool(given is not None and given.shape == mirrored.shape and np.allclose(given, mirrored, atol=1e-6))


def _misses_a_direction(arguments: tuple, got: object) -> bool:
    expected, given = isosbestic_points(*arguments), _given(got)
    return bool(
        given is not None
        and 1 < given.size < expected.size
        and any(
            given.size == half.size and np.all(np.abs(given - half) <= 2.0) for half in (expected[::2], expected[1::2])
        )
    )


def _nearly(arguments: tuple, got: object) -> bool:
    given = _given(got)
    return bool(
        given is not None
        and given.size != isosbestic_points(*arguments).size
        and given.size
        and np.isin(given, arguments[0]).all()
    )


POINTS = Exercise(
    number="01.2",
    title="Where two curves cross",
    reference=isosbestic_points,
    same=_same_points,
    cases=(
        Case(
            "Prahl's table from 400 to 1000 nm, every 2 nm",
            "eight wavelengths in rising order, from near 422 to near 797 nm",
            _table,
        ),
        Case(
            "two straight lines over 500, 520, …, 600 nm that meet at 527 nm",
            "an array with one wavelength: 527 (± 0.25)",
            _straight,
        ),
        Case(
            "two curves from 600 to 700 nm that run side by side, very close, and never cross",
            "an empty array: close is not crossing",
            _apart,
        ),
        Case(
            "two curves of small values (0.4 to 0.8) over 450, 470, …, 650 nm, which cross near either end too",
            "an array of four wavelengths, the first near 461 and the last near 642 nm",
            _at_both_ends,
        ),
        Case("the same table, every 4 nm", "an array of wavelengths in rising order", lambda: _table(4.0)),
    ),
    mistakes=(
        Mistake(
            "the height, not the wavelength",
            "This is how strongly both swallow at the crossings. Asked for is where they lie.",
            CROSSING,
            shows=_heights,
        ),
        Mistake(
            "the place in the table, not the wavelength",
            "This counts entries of the table. Which wavelength stands at that place?",
            CROSSING,
            shows=_counts_places,
        ),
        Mistake(
            "one crossing only",
            "The curves cross again and again; this is only one of the points.",
            CROSSING,
            shows=_one_only,
        ),
        Mistake(
            "read off the table, not between its entries",
            "The crossings are the right ones, but the table has gaps, and a crossing lies inside of one, not at its"
            " edge and not always in its middle.",
            CROSSING,
            shows=_not_between,
        ),
        Mistake(
            "the share counted from the other end",
            "Inside the gap the point lies nearer to the entry whose two values are closer together.",
            CROSSING,
            shows=_from_the_wrong_end,
        ),
        Mistake(
            "every second crossing is missing",
            "A curve can cross the other from above or from below. Half of the crossings go the other way.",
            CROSSING,
            shows=_misses_a_direction,
        ),
        Mistake(
            "not in rising order",
            "The points are right. Asked for is the smallest wavelength first.",
            CROSSING,
            shows=lambda arguments, got: _same_points(np.sort(_given(got)), isosbestic_points(*arguments)),
        ),
        Mistake(
            "a share taken for nanometres",
            "How far into the gap a point lies was found as a share of the gap. How wide is the gap?",
            CROSSING,
            shows=_forgets_the_step,
        ),
        Mistake(
            "a step of 2 nm taken for granted",
            "The gaps of this table are not 2 nm wide. How far apart two entries are is told by the wavelengths.",
            CROSSING,
            shows=_two_nanometres,
        ),
        Mistake(
            "nearly equal taken for crossing",
            "How close two values are depends on how high they are and how fine the table is. What changes at a"
            " crossing, and nowhere else?",
            CROSSING,
            shows=_nearly,
        ),
        Mistake(
            "no crossing found",
            "Between two entries the curves change places without ever being exactly equal in one of them.",
            CROSSING,
            shows=lambda arguments, got: np.size(got) == 0 < isosbestic_points(*arguments).size,
        ),
    ),
    read_again=CROSSING,
)

# --- 01.3 ------------------------------------------------------------------------------------------------------------


def ac_dc(light: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """AC (K,), highest minus lowest value, and DC (K,), the mean, of light (T, K)."""
    return np.ptp(light, axis=0), np.mean(light, axis=0)


def _light(colours: int, seconds: float = 5.0, fs: float = 50.0) -> NDArray[np.float64]:
    """Light behind a finger: skewed waves, each colour with a brightness and a share that beats of its own."""
    rng = np.random.default_rng(colours)
    angle = 2 * np.pi * 1.1 * np.arange(round(seconds * fs)) / fs
    volume = np.exp(1.2 * np.sin(angle)) / np.e  # steep, so that mean, median and middle are three numbers
    return rng.uniform(20, 90, colours) * np.exp(-np.outer(volume, rng.uniform(0.002, 0.02, colours)))


def _with(ac: Callable | None = None, dc: Callable | None = None) -> Callable[..., tuple]:
    """The right pair but for one of the two."""

    def twin(light: NDArray[np.float64]) -> tuple:
        right = ac_dc(light)
        return (ac(light) if ac else right[0]), (dc(light) if dc else right[1])

    return twin


PARTS = Exercise(
    number="01.3",
    title="AC and DC of a light",
    reference=ac_dc,
    cases=(
        Case(
            "light (4, 2): 100, 101, 100, 99 in the first colour, 40, 44, 40, 40 in the second",
            "AC 2 and 4; DC 100 and 41",
            lambda: (np.array([[100.0, 40.0], [101, 44], [100, 40], [99, 40]]),),
        ),
        Case("5 s of two lamps behind a finger, light (250, 2)", "two arrays (2,)", lambda: (_light(2),)),
        Case("the same with three colours, light (250, 3)", "two arrays (3,)", lambda: (_light(3),)),
    ),
    mistakes=(
        Mistake(
            "along the colours, not along time",
            "Each moment got a number. But a colour is to be compared with itself at other times, not with other"
            " colours.",
            STEADY,
            twin=lambda light: (np.ptp(light, axis=1), light.mean(axis=1)),
        ),
        Mistake(
            "all colours in one",
            "Each lamp has its own brightness and its own beat; here they were thrown together.",
            STEADY,
            shows=lambda arguments, got: (
                len(got) == 2
                and any(
                    np.ndim(part) == 0 and np.isclose(part, whole)
                    for part, whole in zip(got, (np.ptp(arguments[0]), arguments[0].mean()), strict=True)
                )
            ),
        ),
        Mistake(
            "half the height",
            "This is how far the wave goes to one side. Asked for is from the lowest to the highest.",
            STEADY,
            twin=_with(ac=lambda light: np.ptp(light, axis=0) / 2),
        ),
        Mistake(
            "a standard deviation, not the height",
            "This measures the beating too, and many use it. But here the height is asked for.",
            STEADY,
            shows=lambda arguments, got: any(
                np.allclose(as_array(got[0]), arguments[0].std(axis=0, ddof=ddof), rtol=1e-6) for ddof in (0, 1)
            ),
        ),
        Mistake(
            "the height on one side of the mean",
            "The wave goes above its mean and below it, and both belong to its height.",
            STEADY,
            shows=lambda arguments, got: any(
                np.allclose(as_array(got[0]), one_side, rtol=1e-6)
                for away in (arguments[0] - arguments[0].mean(axis=0),)
                for one_side in (away.max(axis=0), -away.min(axis=0), np.abs(away).max(axis=0))
            ),
        ),
        Mistake(
            "the height is a share already",
            "AC has the unit of the light. To divide it by DC is the next step, not this one.",
            STEADY,
            twin=_with(ac=lambda light: np.ptp(light, axis=0) / light.mean(axis=0)),
        ),
        Mistake(
            "the middle between top and bottom",
            "A pulse spends more time low than high, so the middle of its ends is not its mean.",
            STEADY,
            twin=_with(dc=lambda light: (light.max(axis=0) + light.min(axis=0)) / 2),
        ),
        Mistake(
            "the median, not the mean",
            "The median is the light that is exceeded half of the time. DC is the mean.",
            STEADY,
            twin=_with(dc=lambda light: np.median(light, axis=0)),
        ),
        Mistake(
            "an end of the wave, not its mean",
            "This is the brightest or the darkest moment. The steady part lies between the two.",
            STEADY,
            shows=lambda arguments, got: any(
                np.allclose(as_array(got[1]), end(arguments[0], axis=0), rtol=1e-9) for end in (np.max, np.min)
            ),
        ),
        Mistake(
            "DC first",
            "Both are right, in the other order.",
            STEADY,
            twin=lambda light: ac_dc(light)[::-1],
        ),
    ),
    read_again=STEADY,
)

# --- 01.4 ------------------------------------------------------------------------------------------------------------


def ratio_of_ratios(red: NDArray[np.float64], infrared: NDArray[np.float64]) -> float:
    """AC/DC of the red light (T,) over AC/DC of the infrared light (T,)."""
    return float(np.ptp(red) / np.mean(red) * np.mean(infrared) / np.ptp(infrared))


def _two_lamps(saturation: float, red: float, infrared: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    angle = 2 * np.pi * 1.2 * np.arange(300) / 50
    blood_cm = 0.002 * np.exp(np.sin(angle)) / np.e
    return (
        red * physics.transmission(physics.blood_absorption(660.0, saturation), blood_cm),
        infrared * physics.transmission(physics.blood_absorption(940.0, saturation), blood_cm),
    )


def _share(light: NDArray[np.float64]) -> float:
    return float(np.ptp(light) / np.mean(light))


RATIO = Exercise(
    number="01.4",
    title="The ratio of ratios",
    reference=ratio_of_ratios,
    same=lambda got, expected: (
        is_numeric(got) and as_array(got).ndim == 0 and bool(abs(as_array(got) - expected) <= 0.03 * expected)
    ),
    cases=(
        Case(
            "red 30 and infrared 80, a saturation of 97 %",
            "about 0.34",
            lambda: _two_lamps(0.97, 30.0, 80.0),
        ),
        Case(
            "red 30 and infrared 80, a saturation of 80 %",
            "about 0.81: less oxygen, a larger number",
            lambda: _two_lamps(0.80, 30.0, 80.0),
        ),
        Case(
            "a red lamp that is much brighter (120 and 40), a saturation of 80 %",
            "the same 0.81: lamps cancel",
            lambda: _two_lamps(0.80, 120.0, 40.0),
        ),
        Case(
            "red 2 and infrared 2, a saturation of 65 %",
            "about 1.29",
            lambda: _two_lamps(0.65, 2.0, 2.0),
        ),
    ),
    mistakes=(
        Mistake(
            "the ratio turned over",
            "With less oxygen this number sinks, and it should grow. Which of the two lamps stands on top?",
            OXYGEN,
            twin=lambda red, infrared: ratio_of_ratios(infrared, red),
        ),
        Mistake(
            "AC without DC",
            "This changes with the brightness of the lamps, which tells nothing about blood.",
            OXYGEN,
            twin=lambda red, infrared: float(np.ptp(red) / np.ptp(infrared)),
        ),
        Mistake(
            "DC without AC",
            "This compares two lamps. Nothing in it beats, so nothing in it is arterial.",
            OXYGEN,
            twin=lambda red, infrared: float(np.mean(red) / np.mean(infrared)),
        ),
        Mistake(
            "multiplied, not divided, by DC",
            "A brighter lamp makes AC larger. To cancel that, its brightness must go to the other side.",
            OXYGEN,
            twin=lambda red, infrared: float(np.ptp(red) * np.mean(red) / (np.ptp(infrared) * np.mean(infrared))),
        ),
        Mistake(
            "a bracket is missing",
            "Python divides from left to right. Each lamp's small fraction is to be worked out as a whole before the"
            " one is divided by the other.",
            OXYGEN,
            twin=lambda red, infrared: float(np.ptp(red) / np.mean(red) / np.ptp(infrared) / np.mean(infrared)),
        ),
        Mistake(
            "only one of the two ratios",
            "This is the share that beats in one light. It also grows when more blood comes with each beat.",
            OXYGEN,
            shows=lambda arguments, got: any(abs(float(got) / _share(light) - 1) < 0.01 for light in arguments),
        ),
        Mistake(
            "the difference of the two ratios",
            "A difference grows with the size of the pulse. A ratio does not.",
            OXYGEN,
            shows=lambda arguments, got: (
                abs(abs(float(got)) / abs(_share(arguments[0]) - _share(arguments[1])) - 1) < 0.01
            ),
        ),
        Mistake(
            "the ratios multiplied",
            "Two ratios, one of which is to be divided by the other.",
            OXYGEN,
            twin=lambda red, infrared: _share(red) * _share(infrared),
        ),
        Mistake(
            "a saturation, not the ratio",
            "This went one step further, by a rule of thumb. Asked for is the ratio itself.",
            OXYGEN,
            shows=lambda arguments, got: any(
                abs(float(got) / scale - (110 - 25 * ratio_of_ratios(*arguments))) < 1.0 for scale in (1, 0.01)
            ),
        ),
        Mistake(
            "the highest over the lowest",
            "Highest over lowest is nearly 1, for any light. The change is their difference.",
            OXYGEN,
            twin=lambda red, infrared: float(np.max(red) / np.min(red) / (np.max(infrared) / np.min(infrared))),
        ),
        Mistake(
            "per moment, not over the beat",
            "Each moment got a ratio of its own. AC is a height, and has one value for the whole wave.",
            OXYGEN,
            shows=lambda arguments, got: np.shape(got) == np.shape(arguments[0]),
        ),
    ),
    read_again=OXYGEN,
)

EXERCISES = (LEFT, POINTS, PARTS, RATIO)
