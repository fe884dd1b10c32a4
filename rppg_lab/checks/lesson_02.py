"""The checks of lesson 02: the pulse of three colours, the dichromatic model, the mean colour of skin, and decibels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rppg_lab import physics, video
from rppg_lab.checks.comparing import as_array, close, is_numeric
from rppg_lab.checks.declaring import Case, Exercise, Mistake

TITLE = "How does a face become numbers?"

COLOURS = "02.2 Which colour beats most? A plausible answer"
MODEL = "02.5 The dichromatic model, term by term"
MEAN = "02.6 From pixels to three waves"
DECIBELS = "02.7 Counting in decibels"

# --- 02.1 ------------------------------------------------------------------------------------------------------------

Array = NDArray[np.float64]


def _unit(arrow: Array) -> Array:
    return arrow / np.linalg.norm(arrow)


def _ac_and_dc(lamp: Array, sensors: Array, skin: Array, share: Array) -> tuple[Array, Array]:
    weights = sensors * lamp
    return weights @ (skin * share), weights @ skin


def pulse_of_colours(lamp: Array, sensors: Array, skin: Array, share: Array) -> Array:
    """AC/DC of the channels as an arrow (3,) of length 1; lamp, skin and share (N,), sensors (3, N)."""
    alternating, steady = _ac_and_dc(lamp, sensors, skin, share)
    return _unit(alternating / steady)


def _divided_first(lamp: Array, sensors: Array, skin: Array, share: Array) -> Array:
    light = sensors * lamp * skin
    with np.errstate(invalid="ignore"):  # where a sensor notices nothing
        return _unit((light * share / light).sum(axis=1))


def _lit(kelvin: float, tone: float, depth_cm: float) -> tuple[Array, Array, Array, Array]:
    nm = physics.WAVELENGTHS
    skin, share = physics.skin_reflectance(nm, tone), physics.relative_pulse(nm, depth_cm)
    return physics.black_body(nm, kelvin), physics.camera_sensitivity(nm), skin, share


def _uneven() -> tuple[Array, Array, Array, Array]:
    """Four wavelengths, and sensors that notice unequal amounts."""
    sensors = np.array([[0.0, 0.0, 1.0, 3.0], [0.0, 2.0, 2.0, 0.0], [0.5, 0.2, 0.0, 0.0]])
    lamp, skin = np.array([1.0, 2.0, 3.0, 5.0]), np.array([0.1, 0.2, 0.3, 0.8])
    return lamp, sensors, skin, np.array([0.004, 0.012, 0.006, 0.001])


def _alike() -> tuple[Array, Array, Array, Array]:
    lamp, sensors, skin, share = _uneven()
    return lamp, sensors, skin, np.full(share.size, 0.01)


COLOUR = Exercise(
    number="02.1",
    title="The pulse of three colours",
    reference=pulse_of_colours,
    refused=(physics.pulse_colour,),
    same=close(rtol=1e-4, atol=1e-6, lists=True),
    cases=(
        Case("daylight, light skin, vessels 0.4 mm deep", "about 0.34, 0.78, 0.53", lambda: _lit(6500.0, 0.3, 0.04)),
        Case("a warm lamp, dark skin, no depth", "about 0.12, 0.67, 0.74", lambda: _lit(2900.0, 0.9, 0.0)),
        Case("four wavelengths, sensors that notice unequal amounts", "three numbers, green the largest", _uneven),
        Case("the same, but every wavelength beats alike by 1 %", "0.577 three times", _alike),
    ),
    mistakes=(
        Mistake(
            "AC without DC",
            "This is how much light beats, so a bright channel wins by its brightness. Asked for is which share of its"
            " own light beats.",
            COLOURS,
            twin=lambda *given: _unit(_ac_and_dc(*given)[0]),
        ),
        Mistake(
            "DC, not the pulse",
            "This is the colour of the skin itself. What beats has not come into it.",
            COLOURS,
            twin=lambda *given: _unit(_ac_and_dc(*given)[1]),
        ),
        Mistake(
            "AC without the skin",
            "What beats is a share of the light that comes back. So what comes back belongs to AC as it does to DC.",
            COLOURS,
            twin=lambda lamp, sensors, skin, share: _unit(
                _ac_and_dc(lamp, sensors, np.ones_like(skin), share)[0] / _ac_and_dc(lamp, sensors, skin, share)[1]
            ),
        ),
        Mistake(
            "divided at each wavelength, before adding up",
            "Divided one by one, the light cancels, and every wavelength counts alike for every sensor. A channel has"
            " one AC and one DC: each is added up first.",
            COLOURS,
            twin=_divided_first,
        ),
        Mistake(
            "DC over AC",
            "The fraction stands on its head: the colour that beats least has come out as the largest.",
            COLOURS,
            twin=lambda *given: _unit(_ac_and_dc(*given)[1] / _ac_and_dc(*given)[0]),
        ),
        Mistake(
            "the lamp is left out",
            "At a wavelength that the lamp does not have, nothing beats and nothing shines.",
            COLOURS,
            twin=lambda lamp, sensors, skin, share: pulse_of_colours(np.ones_like(lamp), sensors, skin, share),
        ),
        Mistake(
            "the skin is left out",
            "Wavelengths that the skin hardly sends back count little, in AC as in DC.",
            COLOURS,
            twin=lambda lamp, sensors, skin, share: pulse_of_colours(lamp, sensors, np.ones_like(skin), share),
        ),
        Mistake(
            "lamp and skin are left out",
            "The sensors alone see nothing: what they notice is lamp and skin.",
            COLOURS,
            twin=lambda lamp, sensors, skin, share: pulse_of_colours(
                np.ones_like(lamp), sensors, np.ones_like(skin), share
            ),
        ),
        Mistake(
            "DC of a white sheet",
            "AC is divided by what a white sheet would send back. The steady light here is that of the skin.",
            COLOURS,
            twin=lambda lamp, sensors, skin, share: _unit(_ac_and_dc(lamp, sensors, skin, share)[0] / (sensors @ lamp)),
        ),
        Mistake(
            "not brought to length 1",
            "The ratios are right. Asked for is an arrow of length 1, so that only the colours' ratio is left.",
            COLOURS,
            twin=lambda *given: np.divide(*_ac_and_dc(*given)),
        ),
        Mistake(
            "the sum is 1, not the length",
            "The ratio of the colours is right, but it is the squares that should add up to 1.",
            COLOURS,
            twin=lambda *given: pulse_of_colours(*given) / pulse_of_colours(*given).sum(),
        ),
        Mistake(
            "the largest is 1, not the length",
            "The ratio of the colours is right, but it is the squares that should add up to 1.",
            COLOURS,
            twin=lambda *given: pulse_of_colours(*given) / pulse_of_colours(*given).max(),
        ),
        Mistake(
            "the mean of the ratios, not the ratio of the sums",
            "Each wavelength counts as much as a channel gets light of it, in AC and in DC. First add up, then divide.",
            COLOURS,
            twin=lambda lamp, sensors, skin, share: _unit((sensors * share).sum(axis=1)),
        ),
    ),
    read_again=COLOURS,
)

# --- 02.2 ------------------------------------------------------------------------------------------------------------


def light_back(light: Array, shine: Array, diffuse: Array, pulse: Array) -> Array:
    """Light (T, H, W, 3) from light (T,), shine (H, W), diffuse (H, W, 3) and pulse (T, H, W, 3)."""
    return np.einsum("t,thwc->thwc", light, shine[..., None] + diffuse * (1.0 - pulse))


def _scene(times: int, rows: int = 4, columns: int = 5) -> tuple[Array, Array, Array, Array]:
    rng = np.random.default_rng(times)
    pulse = 0.02 * rng.standard_normal((times, rows, columns, 3))
    shine, diffuse = rng.uniform(0, 0.1, (rows, columns)), rng.uniform(0.1, 0.6, (rows, columns, 3))
    return rng.uniform(0.5, 1.5, times), shine, diffuse, pulse


def _hair() -> tuple[Array, Array, Array, Array]:
    light, shine, diffuse, pulse = _scene(6)
    return light, shine, 0 * diffuse, pulse


def _matt() -> tuple[Array, Array, Array, Array]:
    return np.array([1.0, 2.0]), np.zeros((3, 4)), np.full((3, 4, 3), 0.5), np.zeros((2, 3, 4, 3))


def _over_time(light: Array) -> Array:
    return light[:, None, None, None]


BACK = Exercise(
    number="02.2",
    title="Light comes back",
    reference=light_back,
    same=close(rtol=1e-4, atol=1e-6),
    cases=(
        Case(
            "7 moments of 4 × 5 pixels that shine and beat, light from about 0.6 to 1.3",
            "an array (7, 4, 5, 3) with values from about 0.12 to 0.82",
            lambda: _scene(7),
        ),
        Case(
            "3 moments of 4 × 5 pixels, light from about 1.0 to 1.3",
            "an array (3, 4, 5, 3) with values from about 0.11 to 0.83",
            lambda: _scene(3),
        ),
        Case("matt, 0.5 everywhere, no pulse; light 1, then 2", "0.5 everywhere, then 1.0", _matt),
        Case("a surface that shines and has no diffuse colour, with a pulse", "nothing in it beats", _hair),
    ),
    mistakes=(
        Mistake(
            "the shine beats, too",
            "Mirrored light has never been in the skin: it knows nothing of blood.",
            MODEL,
            twin=lambda light, shine, diffuse, pulse: _over_time(light) * (shine[..., None] + diffuse) * (1 - pulse),
        ),
        Mistake(
            "more blood, more light",
            "The face gets brighter with the beat. Blood swallows light.",
            MODEL,
            twin=lambda light, shine, diffuse, pulse: light_back(light, shine, diffuse, -pulse),
        ),
        Mistake(
            "the lamp does not light the shine",
            "What is mirrored is the lamp: if it gets brighter, so does its mirror image.",
            MODEL,
            twin=lambda light, shine, diffuse, pulse: shine[..., None] + light_back(light, 0 * shine, diffuse, pulse),
        ),
        Mistake(
            "the lamp does not light the skin",
            "Without a lamp the skin would still be seen here.",
            MODEL,
            twin=lambda light, shine, diffuse, pulse: _over_time(light) * shine[..., None] + diffuse * (1 - pulse),
        ),
        Mistake(
            "the lamp is steady",
            "How bright the lamp is at each moment makes no difference here.",
            MODEL,
            twin=lambda light, shine, diffuse, pulse: light_back(np.ones_like(light), shine, diffuse, pulse),
        ),
        Mistake(
            "the shine is forgotten",
            "Only the light that has been inside comes back; there are two kinds.",
            MODEL,
            twin=lambda light, shine, diffuse, pulse: light_back(light, 0 * shine, diffuse, pulse),
        ),
        Mistake(
            "the shine is multiplied in",
            "The two kinds of light come back side by side: they add up. Here a matt surface would be black.",
            MODEL,
            twin=lambda light, shine, diffuse, pulse: light_back(light, 0 * shine, shine[..., None] * diffuse, pulse),
        ),
        Mistake(
            "an amount taken off, not a share",
            "Blood takes a share of the diffuse light. Here even a surface without diffuse colour beats.",
            MODEL,
            twin=lambda light, shine, diffuse, pulse: _over_time(light) * (shine[..., None] + diffuse - pulse),
        ),
        Mistake(
            "only what the blood takes",
            "This is the beating part alone, without the light that stays.",
            MODEL,
            twin=lambda light, shine, diffuse, pulse: _over_time(light) * (shine[..., None] + diffuse * pulse),
        ),
        Mistake(
            "added to the light, not multiplied with it",
            "In the dark, nothing comes back from any skin.",
            MODEL,
            twin=lambda light, shine, diffuse, pulse: _over_time(light) + shine[..., None] + diffuse * (1 - pulse),
        ),
        Mistake(
            "one moment for all",
            "Every moment has a pulse of its own; here the first one stands still.",
            MODEL,
            twin=lambda light, shine, diffuse, pulse: light_back(
                light, shine, diffuse, np.broadcast_to(pulse[:1], pulse.shape)
            ),
        ),
    ),
    read_again=MODEL,
)

# --- 02.3 ------------------------------------------------------------------------------------------------------------


def mean_colour(frames: NDArray[np.uint8], mask: NDArray[np.bool_]) -> Array:
    """Mean R, G, B (T, 3) of frames (T, H, W, 3) over the true pixels of mask (H, W)."""
    return video.mean_colour(frames, mask=mask)


def _film(times: int, rows: int, columns: int, share: float) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    rng = np.random.default_rng(rows)
    frames = rng.integers(0, 120, (times, rows, columns, 3), dtype=np.uint8)
    mask = rng.random((rows, columns)) < share
    mask[1, 1], mask[1, 2:], mask[-1, :] = True, False, False
    frames[:, mask] += np.array([130, 90, 70], np.uint8)
    return frames, mask


def _two_levels() -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    frames, mask = np.zeros((4, 8, 6, 3), np.uint8), np.zeros((8, 6), bool)
    mask[2:5, 1:3] = True
    frames[:, mask] = 200
    return frames, mask


def _one_pixel() -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    frames, mask = _film(4, 5, 7, 0.0)
    return frames, mask


def _of_skin(per_frame: Callable[[NDArray, NDArray], NDArray]) -> Callable[[NDArray, NDArray], NDArray]:
    """A twin that makes something else of the chosen pixels (T, n, 3) and their number."""
    return lambda frames, mask: per_frame(frames[:, mask].astype(np.float64), mask)


def _mean_of_rows(frames: NDArray[np.uint8], mask: NDArray[np.bool_]) -> Array:
    rows = np.flatnonzero(mask.any(axis=1))
    return np.mean([frames[:, row, mask[row]].mean(axis=1) for row in rows], axis=0)


def _box_around(frames: NDArray[np.uint8], mask: NDArray[np.bool_]) -> Array:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return frames[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].mean(axis=(1, 2))


def _rounded(arguments: tuple, got: object) -> bool:
    expected = mean_colour(*arguments)
    return bool(
        is_numeric(got)
        and np.shape(got) == expected.shape
        and any(np.array_equal(as_array(got), one(expected)) for one in (np.trunc, np.rint, np.ceil))
    )


def _colours_mixed(arguments: tuple, got: object) -> bool:
    expected = mean_colour(*arguments).mean(axis=1)
    return bool(is_numeric(got) and np.shape(got) == expected.shape and np.allclose(as_array(got), expected))


def _over_all_frames(arguments: tuple, got: object) -> bool:
    expected = mean_colour(*arguments).mean(axis=0)
    return bool(is_numeric(got) and np.shape(got) == expected.shape and np.allclose(as_array(got), expected))


def _per_pixel(arguments: tuple, got: object) -> bool:
    frames, mask = arguments
    expected = frames[:, mask].mean(axis=0)
    return bool(is_numeric(got) and np.shape(got) == expected.shape and np.allclose(as_array(got), expected))


SKIN = Exercise(
    number="02.3",
    title="The mean colour of the skin",
    reference=mean_colour,
    refused=(video.mean_colour,),
    same=close(rtol=1e-5, atol=1e-4),
    cases=(
        Case(
            "20 frames of 24 × 30 pixels, two thirds of them skin",
            "an array (20, 3): red near 190, green near 150, blue near 130",
            lambda: _film(20, 24, 30, 0.7),
        ),
        Case(
            "4 frames of 8 × 6 pixels: 200 on six pixels of skin, 0 elsewhere",
            "200 twelve times, as (4, 3)",
            _two_levels,
        ),
        Case(
            "12 frames of 40 × 20 pixels, a tenth of them skin",
            "an array (12, 3): red near 190, green near 150, blue near 130",
            lambda: _film(12, 40, 20, 0.1),
        ),
        Case("4 frames of 5 × 7 pixels, one of them skin", "the values of that pixel, as (4, 3)", _one_pixel),
    ),
    mistakes=(
        Mistake(
            "the whole picture",
            "The wall is in this mean as well, and it does not beat.",
            MEAN,
            twin=lambda frames, mask: frames.mean(axis=(1, 2)),
        ),
        Mistake(
            "divided by all pixels",
            "What is not skin was made black, and then counted. The smaller the skin, the darker it gets.",
            MEAN,
            twin=lambda frames, mask: (frames * mask[..., None]).mean(axis=(1, 2)),
        ),
        Mistake(
            "everything but the skin",
            "This is the mean of what the mask leaves out.",
            MEAN,
            twin=lambda frames, mask: frames[:, ~mask].mean(axis=1),
        ),
        Mistake(
            "a box around the skin",
            "Between the outermost pixels of the skin there is much that is none.",
            MEAN,
            twin=_box_around,
        ),
        Mistake(
            "a sum, not a mean",
            "It grows with the number of pixels, so two faces could not be compared.",
            MEAN,
            twin=_of_skin(lambda chosen, mask: chosen.sum(axis=1)),
        ),
        Mistake(
            "a sum that overflows",
            "The pixels are of the type uint8, eight bits: it counts from 0 to 255, and what is beyond begins again at"
            " 0 (200 and 100 make 44). Add up in a type that has room.",
            MEAN,
            twin=lambda frames, mask: frames[:, mask].sum(axis=1, dtype=np.uint8) / mask.sum(),
        ),
        Mistake(
            "rounded to whole steps",
            "The pulse is smaller than one step of a pixel. Rounded to whole numbers, the mean has lost what it was"
            " made for (why it can know more than its pixels, section 02.8 will tell).",
            MEAN,
            shows=_rounded,
        ),
        Mistake(
            "the median",
            "The one in the middle is a whole step again, whatever the others do. A mean hears all of them (how much"
            " that is worth, section 02.8 will tell).",
            MEAN,
            twin=_of_skin(lambda chosen, mask: np.median(chosen, axis=1)),
        ),
        Mistake(
            "the mean of the rows' means",
            "A row with one pixel of skin must not count as much as a row with twenty.",
            MEAN,
            twin=_mean_of_rows,
        ),
        Mistake(
            "the colours are mixed",
            "One number for each frame: red, green and blue have gone into it together.",
            MEAN,
            shows=_colours_mixed,
        ),
        Mistake(
            "over all frames at once",
            "One colour for the whole video. The pulse is in how it changes from frame to frame.",
            MEAN,
            shows=_over_all_frames,
        ),
        Mistake(
            "over time, not over the skin",
            "One colour for each pixel, the mean over time: the pulse is averaged away and the picture is left.",
            MEAN,
            shows=_per_pixel,
        ),
    ),
    read_again=MEAN,
)

# --- 02.4 ------------------------------------------------------------------------------------------------------------


def decibels(pulse: Array, noise: Array) -> float:
    """Signal-to-noise ratio in dB of pulse (T,) over noise (T,), by their variances."""
    return float(10.0 * np.log10(np.var(pulse) / np.var(noise)))


def _ratio(pulse: Array, noise: Array) -> float:
    return float(np.std(pulse) / np.std(noise))


def _pulse_and_noise(height: float, lifted: float = 0.0, samples: int = 300, unit: float = 1.0) -> tuple[Array, Array]:
    """A pulse `height` times as high as its noise, whose standard deviation is `unit`; both on constants."""
    rng = np.random.default_rng(samples)
    angle = 2 * np.pi * 1.2 * np.arange(samples) / 30.0
    wave = np.exp(1.2 * np.sin(angle))  # steep, so that its top is not its standard deviation
    noise = rng.standard_normal(samples)
    pulse, noise = height * (wave - wave.mean()) / wave.std(), noise / noise.std()
    return unit * pulse + lifted, unit * noise + 0.3 * lifted


def _twice() -> tuple[Array, Array]:
    flip = np.tile([1.0, -1.0], 50)
    return 2 * flip, flip


BY_DECIBELS = Exercise(
    number="02.4",
    title="Decibels",
    reference=decibels,
    same=close(rtol=1e-4, atol=0.01),
    cases=(
        Case("a pulse with ten times the height of the noise", "20 dB", lambda: _pulse_and_noise(10.0)),
        Case("a pulse with twice the height of the noise", "6.02 dB", _twice),
        Case("a pulse with a third of the height of the noise", "−9.54 dB", lambda: _pulse_and_noise(1 / 3)),
        Case(
            "a pulse with five times the height of the noise, both very small",
            "13.98 dB: the unit cancels",
            lambda: _pulse_and_noise(5.0, unit=0.02),
        ),
        Case(
            "a pulse with half the height of the noise, on large constants",
            "−6.02 dB: a constant is neither pulse nor noise",
            lambda: _pulse_and_noise(0.5, lifted=100.0, samples=240),
        ),
    ),
    mistakes=(
        Mistake(
            "the factor of powers for heights",
            "A ratio of standard deviations is a ratio of heights. Which of the two factors belongs to it?",
            DECIBELS,
            twin=lambda pulse, noise: 10 * np.log10(_ratio(pulse, noise)),
        ),
        Mistake(
            "the factor of heights for powers",
            "A ratio of variances is a ratio of powers: the square is already in it.",
            DECIBELS,
            twin=lambda pulse, noise: 40 * np.log10(_ratio(pulse, noise)),
        ),
        Mistake(
            "the natural logarithm",
            "Decibels count powers of ten. The function that is just called “log” counts powers of e.",
            DECIBELS,
            twin=lambda pulse, noise: 20 * np.log(_ratio(pulse, noise)),
        ),
        Mistake(
            "two slips: the other logarithm, the other factor",
            "Neither the base of the logarithm nor the factor is that of heights in decibels.",
            DECIBELS,
            twin=lambda pulse, noise: 10 * np.log(_ratio(pulse, noise)),
        ),
        Mistake(
            "bels, not decibels",
            "A bel is ten decibels, as a metre is ten decimetres.",
            DECIBELS,
            twin=lambda pulse, noise: 2 * np.log10(_ratio(pulse, noise)),
        ),
        Mistake(
            "the ratio, not its logarithm",
            "This says how many times as high the pulse is. Decibels are the logarithm of that.",
            DECIBELS,
            twin=_ratio,
        ),
        Mistake(
            "the ratio of powers, not its logarithm",
            "This says how many times as powerful the pulse is. Decibels are the logarithm of that.",
            DECIBELS,
            twin=lambda pulse, noise: _ratio(pulse, noise) ** 2,
        ),
        Mistake(
            "noise over pulse",
            "The better the wave, the larger the number should be.",
            DECIBELS,
            twin=lambda pulse, noise: decibels(noise, pulse),
        ),
        Mistake(
            "the constants count",
            "A constant is neither pulse nor noise; it must not enter either of the two heights.",
            DECIBELS,
            twin=lambda pulse, noise: 10 * np.log10(np.mean(np.square(pulse)) / np.mean(np.square(noise))),
        ),
        Mistake(
            "heights from lowest to highest",
            "The largest distance of a noise depends on its one wildest moment. Asked for are standard deviations.",
            DECIBELS,
            twin=lambda pulse, noise: 20 * np.log10(np.ptp(pulse) / np.ptp(noise)),
        ),
        Mistake(
            "noise in both",
            "The ratio is pulse over noise, not the sum of both over noise.",
            DECIBELS,
            twin=lambda pulse, noise: 20 * np.log10(np.std(np.add(pulse, noise)) / np.std(noise)),
        ),
        Mistake(
            "moment by moment",
            "The ratio at one moment says nothing: pulse and noise both pass through zero. First the heights, then the"
            " ratio.",
            DECIBELS,
            shows=lambda arguments, got: np.shape(got) == np.shape(arguments[0]),
        ),
    ),
    read_again=DECIBELS,
)

EXERCISES = (COLOUR, BACK, SKIN, BY_DECIBELS)
