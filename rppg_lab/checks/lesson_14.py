"""The checks of lesson 14: made places, what a network follows, which training to keep, and when to refuse."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rppg_lab import spectrum
from rppg_lab.checks.comparing import as_array, close, is_numeric
from rppg_lab.checks.declaring import Case, Exercise, Mistake

TITLE = "Can made faces teach a network to read real ones?"

DRAWN = "14.2 What should not matter is drawn"
FOLLOWED = "14.3 What does it follow?"
CHOSEN = "14.4 Learning it yourself"
ONE_FACE = "14.5 Does it read a real face?"
REFUSED = "14.6 When to refuse"

# --- 14.1 ------------------------------------------------------------------------------------------------------------

MANY = 2000  # draws: shares are then known to ± 0.03, places between the limits to ± 0.06


def draw_size(rng: np.random.Generator, low: float, high: float, share: float) -> float:
    """In this share of the places a size between low and high, even in its logarithm; in the others 0."""
    size = low * (high / low) ** rng.random()
    return float(size) if rng.random() < share else 0.0


def _drawn_often(function: Callable, seed: int, low: float, high: float, share: float) -> dict[str, object]:
    """What many draws look like. Sizes are told as places between the limits: 0 at the low one, 1 at the high one."""
    first, again = (_draws(function, seed, low, high, share) for _ in range(2))
    present = first[first != 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        place = np.log(present / low) / np.log(high / low)
    quartiles = np.quantile(place, [0.25, 0.5, 0.75]) if present.size else np.full(3, np.nan)
    return {
        "share absent": float(np.mean(first == 0)),
        "places of the quarters": quartiles,
        "within the limits": bool(np.all((present >= low * 0.999) & (present <= high * 1.001))),
        "the same with the same generator": bool(np.array_equal(first, again)),
        "different from place to place": len(np.unique(present)) > 0.9 * present.size,
    }


def _draws(function: Callable, seed: int, low: float, high: float, share: float) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    return np.array([float(function(rng, low, high, share)) for _ in range(MANY)])


def _alike_draws(got: object, expected: object) -> bool:
    rule = close(rtol=0.0, atol=0.1)
    if not isinstance(got, Mapping) or set(got) != set(expected):
        return False
    return abs(got["share absent"] - expected["share absent"]) < 0.06 and all(
        rule(got[key], expected[key]) for key in expected if key != "share absent"
    )


DRAW = Exercise(
    number="14.1",
    title="Draw a size",
    reference=draw_size,
    same=_alike_draws,
    time_limit=10.0,  # thousands of calls, on a busy computer
    cases=(
        Case(
            "2000 draws between 0.002 and 0.03, in a share of 0.3 of the places",
            "0 in about 70 % of them; of the others as many below 0.0077, the middle of the logarithms, as above it",
            lambda: (14, 0.002, 0.03, 0.3),
            use=_drawn_often,
        ),
        Case(
            "2000 draws between 1 and 8, in a share of 0.8 of the places",
            "0 in about 20 %; of the others as many from 1 to 2.8 as from 2.8 to 8",
            lambda: (15, 1.0, 8.0, 0.8),
            use=_drawn_often,
        ),
        Case(
            "2000 draws between 5 and 25 with a share of 1",
            "never 0; as many from 5 to 11.2 as from 11.2 to 25",
            lambda: (16, 5.0, 25.0, 1.0),
            use=_drawn_often,
        ),
    ),
    mistakes=(
        Mistake(
            "random numbers from elsewhere",
            "The same generator, begun with the same seed, gave other places the second time. Whoever draws from"
            " anything but the generator that is handed in cannot make the same person twice.",
            DRAWN,
            shows=lambda arguments, got: (
                not got["the same with the same generator"] and got["different from place to place"]
            ),
        ),
        Mistake(
            "the same draw for everybody",
            "All places came out alike. A generator that is begun anew at every call begins with the same number.",
            DRAWN,
            shows=lambda arguments, got: got["share absent"] < 1 and not got["different from place to place"],
        ),
        Mistake(
            "the share the other way round",
            "The share tells in how many places the size is there, not in how many it is missing.",
            DRAWN,
            shows=lambda arguments, got: (
                abs(got["share absent"] - arguments[3]) < 0.06 and abs(2 * arguments[3] - 1) > 0.2
            ),
        ),
        Mistake(
            "faded, not absent",
            "The size was made smaller by the share. It should be whole in some places and missing in others.",
            DRAWN,
            twin=lambda rng, low, high, share: float(share * np.exp(rng.uniform(np.log(low), np.log(high)))),
        ),
        Mistake(
            "never absent",
            "Every place has it. Then no network ever sees a head that holds still, or a lamp that does not flicker.",
            DRAWN,
            shows=lambda arguments, got: got["share absent"] == 0 and arguments[3] < 1,
        ),
        Mistake(
            "evenly in value",
            "Large sizes come too often: a range from 1 to 8 has more than half of its values above 4, and a network"
            " would hardly meet a calm place. As many steps of doubling below the middle as above it are asked for.",
            DRAWN,
            shows=lambda arguments, got: _evenly_in_value(arguments, got),
        ),
        Mistake(
            "a logarithm came back",
            "A size lies between the two limits; its logarithm does not. The way back is missing.",
            DRAWN,
            twin=lambda rng, low, high, share: (
                float(rng.uniform(np.log(low), np.log(high))) if rng.random() < share else 0.0
            ),
        ),
        Mistake(
            "one draw for two questions",
            "Whether it is there, and how large it is, must not hang on each other. Here a size that is there is"
            " always from one end of the range.",
            DRAWN,
            twin=lambda rng, low, high, share: (
                float(low * (high / low) ** number) if (number := rng.random()) < share else 0.0
            ),
        ),
        Mistake(
            "a bell, not a range",
            "Some sizes lie outside the limits, or most of them near the middle. All between the limits are alike.",
            DRAWN,
            twin=lambda rng, low, high, share: (
                float(np.sqrt(low * high) * np.exp(rng.normal(0, np.log(high / low) / 4)))
                if rng.random() < share
                else 0.0
            ),
        ),
    ),
    read_again=DRAWN,
)


def _evenly_in_value(arguments: tuple, got: Mapping) -> bool:
    _, low, high, _ = arguments
    expected = np.log((low + np.array([0.25, 0.5, 0.75]) * (high - low)) / low) / np.log(high / low)
    return bool(np.all(np.abs(got["places of the quarters"] - expected) < 0.06))


# --- 14.2 ------------------------------------------------------------------------------------------------------------

NEAR = 6.0  # per minute
ROOM = 0.05  # tapers and zeros differ by so much


def power_at(wave: NDArray[np.float64], fs: float, bpm: float) -> float:
    """The share of the heart band's power that lies within ± 6 per minute of a rate, 0 to 1."""
    frequency, power = spectrum.power_spectrum(wave, fs)
    low, high = spectrum.HEART_BAND
    band = (frequency >= low) & (frequency <= high)
    near = np.abs(60 * frequency - bpm) <= NEAR
    return float(power[band & near].sum() / power[band].sum())


def _two_rhythms(
    first: tuple[float, float], second: tuple[float, float], fs: float, seconds: float, drift: float = 0.0
) -> NDArray[np.float64]:
    """Two rhythms, each (rate per minute, amplitude), a little noise, and on request a mean and a slow drift."""
    time = np.arange(round(seconds * fs)) / fs
    noise = 0.1 * np.random.default_rng(round(first[0])).standard_normal(time.size)
    waves = sum(size * np.sin(2 * np.pi * rate / 60 * time + 1) for rate, size in (first, second))
    return waves + noise + drift * (3 + np.sin(2 * np.pi * 0.12 * time))


def _share(
    wave: NDArray, fs: float, bpm: float, *, power: float = 2.0, near: float = NEAR, all_of_it: bool = False
) -> float:
    frequency, density = spectrum.power_spectrum(wave, fs)
    low, high = spectrum.HEART_BAND
    band = (frequency >= low) & (frequency <= high) if not all_of_it else np.ones(frequency.size, bool)
    height = density ** (power / 2)
    return float(height[band & (np.abs(60 * frequency - bpm) <= near)].sum() / height[band].sum())


def _raw(wave: NDArray, fs: float) -> tuple[NDArray, NDArray, NDArray]:
    """Frequency, power and band of a wave whose mean was left in."""
    size = 8192
    frequency, power = np.fft.rfftfreq(size, 1 / fs), np.abs(np.fft.rfft(wave, size)) ** 2
    low, high = spectrum.HEART_BAND
    return frequency, power, (frequency >= low) & (frequency <= high)


def _mean_left_in(arguments: tuple, got: object) -> bool:
    wave, fs, bpm = arguments
    frequency, power, band = _raw(wave, fs)
    left = power[band & (np.abs(60 * frequency - bpm) <= NEAR)].sum() / power[band].sum()
    return abs(left - float(got)) < ROOM / 2


def _one_bin(arguments: tuple, got: object) -> bool:
    """The power of the point nearest to the rate, over that of the band, on the grids that people use."""
    wave, fs, bpm = arguments
    low, high = spectrum.HEART_BAND
    found = []
    for size in (wave.size, 1024, 2048, 4096, 8192):
        for taper in (np.ones(wave.size), np.hanning(wave.size)):
            frequency = np.fft.rfftfreq(max(size, wave.size), 1 / fs)
            power = np.abs(np.fft.rfft((wave - wave.mean()) * taper, max(size, wave.size))) ** 2
            band = (frequency >= low) & (frequency <= high)
            found.append(power[np.argmin(np.abs(60 * frequency - bpm))] / power[band].sum())
    frequency, power = spectrum.power_spectrum(wave, fs)
    band = (frequency >= low) & (frequency <= high)
    found.append(power[np.argmin(np.abs(60 * frequency - bpm))] / power[band].sum())
    return any(abs(one - float(got)) < 1e-3 for one in found)


POWER = Exercise(
    number="14.2",
    title="The share of the power at a rate",
    reference=power_at,
    same=lambda got, expected: (
        is_numeric(got) and as_array(got).ndim == 0 and bool(abs(as_array(got) - expected) <= ROOM)
    ),
    cases=(
        Case(
            "10 s at 30 Hz of two rhythms, 66 per minute and, half as high, 120 per minute; asked for 66",
            "about 0.75 (± 0.05): twice the height is four times the power",
            lambda: (_two_rhythms((66, 1.0), (120, 0.5), 30.0, 10), 30.0, 66.0),
        ),
        Case(
            "12 s at 20 Hz of two equal rhythms, 70 and 100 per minute; asked for 100",
            "a little less than one half (0.47, ± 0.05): some of it is noise",
            lambda: (_two_rhythms((70, 1.0), (100, 1.0), 20.0, 12), 20.0, 100.0),
        ),
        Case(
            "10 s at 30 Hz of a rhythm of 80 per minute around the value 3, on a slow drift; asked for 80",
            "nearly all (about 0.9, ± 0.05) of what is in the band of the heart: the drift is slower than any heart",
            lambda: (_two_rhythms((80, 1.0), (140, 0.2), 30.0, 10, drift=1.0), 30.0, 80.0),
        ),
        Case(
            "20 s at 30 Hz of a rhythm of 60 per minute and one as high of 63 per minute; asked for 63",
            "nearly all of it (about 0.95, ± 0.05): both lie within 6 per minute",
            lambda: (_two_rhythms((60, 1.0), (63, 1.0), 30.0, 20), 30.0, 63.0),
        ),
        Case(
            "10 s at 30 Hz of a rhythm of 66 per minute; asked for 150, where nothing beats",
            "next to nothing",
            lambda: (_two_rhythms((66, 1.0), (120, 0.5), 30.0, 10), 30.0, 150.0),
        ),
        Case(
            "10 s at 30 Hz of two rhythms, 200 per minute and, as high, 300 per minute; asked for 200",
            "nearly all (0.93, ± 0.05): no heart beats 300 times a minute, so that rhythm lies outside the band",
            lambda: (_two_rhythms((200, 1.0), (300, 1.0), 30.0, 10), 30.0, 200.0),
        ),
        Case(
            "20 s at 30 Hz of two equal rhythms, 70 and 80 per minute; asked for 70",
            "about one half (± 0.05): 80 is further away than 6 per minute",
            lambda: (_two_rhythms((70, 1.0), (80, 1.0), 30.0, 20), 30.0, 70.0),
        ),
    ),
    mistakes=(
        Mistake(
            "amplitude, not power",
            "Power is the square of the height: what is half as high has a quarter of the power.",
            FOLLOWED,
            twin=lambda wave, fs, bpm: _share(wave, fs, bpm, power=1.0),
        ),
        Mistake(
            "the mean is left in",
            "The mean of a wave is no rhythm, but with zeros appended it becomes a step, which has power everywhere.",
            FOLLOWED,
            shows=_mean_left_in,
        ),
        Mistake(
            "the whole spectrum, not the band",
            "The share is meant of what a heart could be: drifts below the band and lamps above it do not count.",
            FOLLOWED,
            twin=lambda wave, fs, bpm: _share(wave, fs, bpm, all_of_it=True),
        ),
        Mistake(
            "a single point of the spectrum",
            "A rhythm of some seconds is a hump, not a line: its power lies in all points near the rate.",
            FOLLOWED,
            shows=_one_bin,
        ),
        Mistake(
            "hertz and beats per minute mixed up",
            "Frequencies of a spectrum count in one second, the rate and its neighbourhood in one minute.",
            FOLLOWED,
            shows=lambda arguments, got: _mixed_up(arguments, float(got)),
        ),
        Mistake(
            "as high, not as much",
            "The highest point near the rate over the highest point of the band tells how high a hump is. A share of"
            " the power counts all that lies under it.",
            FOLLOWED,
            twin=lambda wave, fs, bpm: _of_heights(wave, fs, bpm),
        ),
        Mistake(
            "over the rest, not over all",
            "Divided by what is left of the band. A share is divided by all of it, and never more than 1.",
            FOLLOWED,
            twin=lambda wave, fs, bpm: power_at(wave, fs, bpm) / (1 - power_at(wave, fs, bpm)),
        ),
        Mistake(
            "the neighbourhood has another width",
            "6 per minute on each side are meant, 12 in all.",
            FOLLOWED,
            twin=lambda wave, fs, bpm: _share(wave, fs, bpm, near=NEAR / 2),
        ),
    ),
    read_again=FOLLOWED,
)


def _of_heights(wave: NDArray, fs: float, bpm: float) -> float:
    frequency, power = spectrum.power_spectrum(wave, fs)
    low, high = spectrum.HEART_BAND
    band = (frequency >= low) & (frequency <= high)
    return float(power[band & (np.abs(60 * frequency - bpm) <= NEAR)].max() / power[band].max())


def _mixed_up(arguments: tuple, got: float) -> bool:
    """± 6 Hz: all of the band; a rate taken for hertz, or hertz for a rate: nothing of it."""
    right = power_at(*arguments)
    return (got > 0.999 and right < 0.3) or (got == 0 and right > 0.1)


# --- 14.3 ------------------------------------------------------------------------------------------------------------


def choose(trials: Sequence[Mapping], places: Sequence[str]) -> str:
    """The name of the trial whose mean error over these places is smallest; one that failed (NaN) is not chosen."""
    means = [np.mean([trial[place] for place in places]) for trial in trials]
    return trials[int(np.nanargmin(means))]["trial"]


_COLUMNS = ("trial", "lab", "office", "phone", "car", "wide", "real")


def _trials(*rows: tuple) -> list[dict]:
    return [dict(zip(_COLUMNS, row, strict=True)) for row in rows]


_NEVER_TRAINED_ON = ("phone", "lab", "car", "office")
_TABLE = (  # trial, lab, office, phone, car, wide, real: each other way of choosing finds a row of its own
    ("A", 5.0, 5.2, 5.1, 5.0, 6.0, 4.0),  # the smallest largest error
    ("B", 1.0, 2.0, 9.0, 3.0, 7.0, 30.0),  # the smallest mean
    ("C", 3.0, 5.0, 14.0, 7.0, 2.0, 5.0),  # the smallest where it was trained
    ("D", 6.0, 7.0, 15.0, 9.0, 8.0, 0.2),  # on the real face
    ("E", 12.0, 9.0, 3.0, 16.0, 9.0, 3.0),  # in the first place
    ("F", 0.1, 11.0, 17.0, 12.0, 9.5, 8.0),  # in its own best place
    ("G", 20.0, 22.0, 25.0, 26.0, 21.0, 40.0),  # the largest error
    ("H", 1.5, 1.6, 22.0, 1.4, 7.5, 9.0),  # the smallest median
    ("I", 2.0, 4.0, 9.5, 6.0, 3.0, 1.0),  # the smallest mean of everything
)


def _chosen(arguments: tuple, by: Callable[[Mapping, Sequence[str]], float]) -> str:
    trials, places = arguments
    return min(trials, key=lambda trial: value if (value := by(trial, places)) == value else np.inf)["trial"]


def _chooses(by: Callable[[Mapping, Sequence[str]], float]) -> Callable:
    return lambda trials, places: _chosen((trials, places), by)


CHOOSE = Exercise(
    number="14.3",
    title="Choose a training",
    reference=choose,
    cases=(
        Case(
            "9 trials, A to I; the places never trained on are phone, lab, car and office",
            "B: its errors of 9, 1, 3 and 2 make a mean of 3.75",
            lambda: (_trials(*_TABLE), list(_NEVER_TRAINED_ON)),
        ),
        Case(
            "the same trials in another order, and one that failed: all of its errors are NaN",
            "B again: a training that failed is never the best",
            lambda: (_trials(("failed", *[np.nan] * 6), *_TABLE[::-1]), list(_NEVER_TRAINED_ON)),
        ),
        Case(
            "the same trials; the places never trained on are office and car only",
            "H, which has 1.6 and 1.4 there",
            lambda: (_trials(*_TABLE), ["office", "car"]),
        ),
    ),
    mistakes=(
        Mistake(
            "chosen by the real face",
            "Then the real face has been trained on, by you. It is the only one, and was to be asked last.",
            CHOSEN,
            shows=lambda arguments, got: got == "D",  # whatever it makes of NaN besides
        ),
        Mistake(
            "chosen by the places it learned from",
            "There it has practised. Places that it never saw tell whether what it learned holds elsewhere.",
            CHOSEN,
            twin=_chooses(lambda trial, places: trial["wide"]),
        ),
        Mistake(
            "everything in one mean",
            "The real face and the place of the training were counted in. Only the places that are handed in decide.",
            CHOSEN,
            twin=_chooses(lambda trial, places: np.mean([trial[name] for name in _COLUMNS[1:]])),
        ),
        Mistake(
            "chosen by the worst place",
            "That is a choice, too, and a careful one. Here the mean over the places is asked for.",
            CHOSEN,
            twin=_chooses(lambda trial, places: max(trial[place] for place in places)),
        ),
        Mistake(
            "chosen by one place",
            "The first place alone decided.",
            CHOSEN,
            twin=_chooses(lambda trial, places: trial[places[0]]),
        ),
        Mistake(
            "chosen by the best place",
            "Each trial was judged by the place that suits it best. A mean counts them all.",
            CHOSEN,
            twin=_chooses(lambda trial, places: min(trial[place] for place in places)),
        ),
        Mistake(
            "the middle place, not the mean",
            "The median forgives a place in which nothing is read.",
            CHOSEN,
            twin=_chooses(lambda trial, places: float(np.median([trial[place] for place in places]))),
        ),
        Mistake(
            "the largest error wins",
            "These are errors: the smaller the better.",
            CHOSEN,
            shows=lambda arguments, got: got == "G",
        ),
        Mistake(
            "a failed training wins",
            "NaN is not a small number, but compared with anything it is neither smaller nor larger, and some ways of"
            " looking for the smallest stop there.",
            CHOSEN,
            shows=lambda arguments, got: got == "failed",
        ),
        Mistake(
            "four places taken for granted",
            "The places to choose by are handed in; here they are fewer.",
            CHOSEN,
            twin=lambda trials, places: choose(trials, _NEVER_TRAINED_ON),
        ),
    ),
    read_again=CHOSEN,
)

# --- 14.4 ------------------------------------------------------------------------------------------------------------

LEVEL = 0.95


def least_share(n: int) -> float:
    """All of n faces were read right: the share of all faces that is read right is at least this, with 95 % certainty.

    The one-sided bound of Clopper and Pearson (Biometrika 26 (1934) 404): the share at which n of n would happen in
    one of twenty studies. With no face nothing is known: 0.
    """
    return (1 - LEVEL) ** (1 / n) if n else 0.0


def _faces(n: int, expected: str) -> Case:
    return Case(f"{n} of {n} faces read right" if n else "no face tried", expected, lambda: (n,))


LEAST = Exercise(
    number="14.4",
    title="What n of n prove",
    reference=least_share,
    same=close(rtol=0.0, atol=5e-4),
    cases=(
        _faces(1, "0.05: a reader that fails 19 times of 20 gets one face right as often as that"),
        _faces(2, "0.224, whose square is 0.05"),
        _faces(10, "about 0.741"),
        _faces(59, "about 0.950"),
        _faces(0, "0: nothing was tried, and nothing is known"),
    ),
    mistakes=(
        Mistake(
            "certain after so few",
            "All that were tried were right, but others were not tried. (A formula with the standard deviation gives an"
            " interval without any width here: it was made for large numbers and shares far from 0 and 1.)",
            ONE_FACE,
            shows=lambda arguments, got: bool(arguments[0] > 0 and np.isclose(float(got), 1)),
        ),
        Mistake(
            "both ends",
            "2.5 % at each end is a fair interval too, but all n were right, so the upper end is 1 anyway, and we ask"
            " for one bound only.",
            ONE_FACE,
            twin=lambda n: 0.025 ** (1 / n) if n else 0.0,
        ),
        Mistake(
            "95 and 5 per cent mixed up",
            "Looked for is a share at which such luck would be *rare*. This is one at which it would be usual.",
            ONE_FACE,
            twin=lambda n: LEVEL ** (1 / n) if n else 0.0,
        ),
        Mistake(
            "the share that fails",
            "This says how many may fail at most. Asked for is how many are read right at least.",
            ONE_FACE,
            twin=lambda n: 1 - least_share(n),
        ),
        Mistake(
            "a power, not a root",
            "The chance of n right ones is the share times itself, n times. The question is which share has a chance"
            " of 5 %: that is the way back.",
            ONE_FACE,
            shows=lambda arguments, got: any(np.isclose(float(got), one ** arguments[0]) for one in (0.05, 0.95)),
        ),
        Mistake(
            "the rule of three",
            "Three over n is a quick estimate for many faces, of the share that *fails* at most. For few faces it is"
            " off, and for one or two it makes no sense.",
            ONE_FACE,
            shows=lambda arguments, got: any(
                np.isclose(float(got), one)
                for one in (3 / arguments[0], 1 - 3 / arguments[0], max(0, 1 - 3 / arguments[0]))
            ),
        ),
        Mistake(
            "divided, not rooted",
            "Chances of faces that have nothing to do with each other are multiplied, so the way back is a root.",
            ONE_FACE,
            twin=lambda n: (1 - LEVEL) / n if n else 0.0,
        ),
        Mistake(
            "a best guess, not a bound",
            "One more right and one wrong added is a sound guess of what to expect. It may well be too high; a bound"
            " should be too high only once in twenty times.",
            ONE_FACE,
            twin=lambda n: (n + 1) / (n + 2) if n else 0.0,
        ),
    ),
    read_again=ONE_FACE,
)

# --- 14.5 ------------------------------------------------------------------------------------------------------------


def set_threshold(
    quality: NDArray[np.float64],
    has_pulse: NDArray[np.bool_],
    chooses: NDArray[np.bool_],
    thresholds: NDArray[np.float64],
    most: float,
) -> tuple[float, float, float]:
    """Choose on one part of the windows, check on the others: threshold, share refused, share falsely accepted.

    A window is accepted if its quality is at least the threshold (NaN never is). The threshold is the lowest of
    `thresholds`, which rise, that accepts at most a share `most` of the windows with `chooses` and without a pulse.
    """

    def accepted(part: NDArray[np.bool_], threshold: float) -> float:
        return float(np.mean(quality[part] >= threshold))

    threshold = next(float(one) for one in thresholds if accepted(chooses & ~has_pulse, one) <= most)
    return threshold, 1 - accepted(~chooses & has_pulse, threshold), accepted(~chooses & ~has_pulse, threshold)


def _windows(seed: int, *, missing: int = 0, steps: bool = False, lowest: float = 0.0) -> tuple:
    """Windows with and without a pulse; on request some in which nothing was seen, and qualities in steps."""
    rng = np.random.default_rng(seed)
    n = 240
    has_pulse = np.arange(n) % 3 != 0  # two of three
    quality = np.where(has_pulse, rng.beta(5, 2, n), rng.beta(2, 5, n))
    if steps:
        quality = np.round(20 * quality) / 20
    quality[rng.choice(n, missing, replace=False)] = np.nan
    chooses = np.arange(n) % 2 == 0
    thresholds = np.arange(21) / 20
    return quality, has_pulse, chooses, thresholds[thresholds >= lowest], 0.05 if seed % 2 else 0.1


def _with_rule(
    *,
    beats: Callable[[NDArray, float], NDArray] = lambda quality, threshold: quality >= threshold,
    choose_in: Callable = lambda chooses: chooses,
    check_in: Callable = lambda chooses: ~chooses,
    of_accepted: bool = False,
    of_all: bool = False,
    first: Callable[[list], float] = lambda fitting: fitting[0],
    fits: Callable[[float, float], bool] = lambda share, most: share <= most,
) -> Callable:
    """The whole exercise with one of its rules changed."""

    def twin(quality, has_pulse, chooses, thresholds, most):
        def shares(part, threshold):
            accepted = beats(quality, threshold) & part
            false, whole = np.sum(accepted & ~has_pulse), np.sum(part & ~has_pulse)
            if of_accepted:
                whole = max(np.sum(accepted), 1)
            if of_all:
                whole = np.sum(part)
            refused = 1 - np.sum(accepted & has_pulse) / np.sum(part & has_pulse)
            return float(refused), float(false / whole)

        fitting = [float(one) for one in thresholds if fits(shares(choose_in(chooses), one)[1], most)]
        return first(fitting), *shares(check_in(chooses), first(fitting))

    return twin


def _missing_not_refused(quality, has_pulse, chooses, thresholds, most):
    threshold, _, false = set_threshold(quality, has_pulse, chooses, thresholds, most)
    return threshold, float(np.mean(quality[~chooses & has_pulse] < threshold)), false


def _missing_left_out(quality, has_pulse, chooses, thresholds, most):
    known = ~np.isnan(quality)
    return set_threshold(quality[known], has_pulse[known], chooses[known], thresholds, most)


def _never_refused(quality, has_pulse, chooses, thresholds, most):
    threshold, refused, false = set_threshold(quality, has_pulse, chooses, thresholds, most)
    return threshold, 1 - refused, false


THRESHOLD = Exercise(
    number="14.5",
    title="Set a threshold, and check it on others",
    reference=set_threshold,
    same=close(rtol=0.0, atol=1e-4),
    cases=(
        Case(
            "240 windows, 80 of them without a pulse; at most 5 % of these may be accepted",
            "a threshold of 0.55; on the other half 18.75 % of the pulses are refused, and 2.5 % accepted falsely",
            lambda: _windows(1),
        ),
        Case(
            "240 other windows, of which 12 have a quality of NaN: nothing was seen; at most 10 % are allowed",
            "a threshold of 0.5; a window of NaN is refused, whatever the threshold, and there are 28.75 % refusals",
            lambda: _windows(2, missing=12),
        ),
        Case(
            "240 windows whose qualities are as round as the thresholds, which begin at 0.55; at most 5 % are allowed",
            "a threshold of 0.55; a quality that equals it is accepted",
            lambda: _windows(3, steps=True, lowest=0.55),
        ),
    ),
    mistakes=(
        Mistake(
            "chosen and checked on the same windows",
            "A threshold always keeps its promise where it was chosen. What it does elsewhere only others can tell.",
            REFUSED,
            twin=_with_rule(check_in=lambda chooses: chooses),
        ),
        Mistake(
            "chosen on all windows",
            "Those who check had a voice in the choice. Then nobody is left to check with.",
            REFUSED,
            twin=_with_rule(choose_in=lambda chooses: chooses | True),
        ),
        Mistake(
            "chosen and checked on all windows",
            "`chooses` decides nothing here: all had a voice, and all check. A threshold always keeps its promise "
            "where it was chosen; what it does elsewhere only others can tell.",
            REFUSED,
            twin=_with_rule(choose_in=lambda chooses: chooses | True, check_in=lambda chooses: chooses | True),
        ),
        Mistake(
            "the two halves mixed up",
            "The windows marked as choosing did the checking.",
            REFUSED,
            twin=_with_rule(choose_in=lambda chooses: ~chooses, check_in=lambda chooses: chooses),
        ),
        Mistake(
            "of those accepted, not of those without a pulse",
            "That share depends on how many came with a pulse. How often a face *without* one is accepted does not.",
            REFUSED,
            twin=_with_rule(of_accepted=True),
        ),
        Mistake(
            "of all windows, not of those without a pulse",
            "The more pulses among the windows, the smaller this share: one could reach any promise by adding people.",
            REFUSED,
            twin=_with_rule(of_all=True),
        ),
        Mistake(
            "refused at the threshold",
            "A quality as high as the threshold is enough here. Where qualities are round numbers that decides much.",
            REFUSED,
            twin=_with_rule(beats=lambda quality, threshold: quality > threshold),
        ),
        Mistake(
            "the highest threshold, not the lowest",
            "Who refuses everybody accepts nobody falsely. The lowest threshold that keeps the promise is asked for.",
            REFUSED,
            twin=_with_rule(first=lambda fitting: fitting[-1]),
        ),
        Mistake(
            "NaN counts as neither",
            "NaN is not below a threshold and not above it. But a window that is not accepted is refused.",
            REFUSED,
            twin=_missing_not_refused,
        ),
        Mistake(
            "NaN is left out",
            "A window in which nothing could be seen is a refusal, and an honest share of refusals has it in.",
            REFUSED,
            twin=_missing_left_out,
        ),
        Mistake(
            "the share that is not refused",
            "The second number should count the pulses that are turned away.",
            REFUSED,
            twin=_never_refused,
        ),
    ),
    read_again=REFUSED,
)

EXERCISES = (DRAW, POWER, CHOOSE, LEAST, THRESHOLD)
