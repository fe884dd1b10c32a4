"""Right and wrong answers to the exercises of lesson 01."""

import itertools
import math

import numpy as np
import torch
from answers import right, wrong
from scipy import interpolate, stats

from rppg_lab import physics
from rppg_lab.checks import diagnosing, judging

# --- 01.1 How much light is left -------------------------------------------------------------------------------------


@right("01.1")
def in_one_line(extinction, grams_per_litre, path_mm):
    return 10 ** (-extinction * grams_per_litre / 64500 * path_mm / 10)


@right("01.1")
def by_the_natural_coefficient(extinction, grams_per_litre, path_mm):
    mu = math.log(10) * extinction * (grams_per_litre / 64_500)
    return np.exp(-mu * (path_mm * 0.1))


@right("01.1")
def one_by_one(extinction, grams_per_litre, path_mm):
    left = []
    for one, way in np.broadcast(extinction, path_mm):
        left.append(math.pow(10, -float(one) * grams_per_litre / 64500 * float(way) / 10))
    return left if np.ndim(extinction) or np.ndim(path_mm) else left[0]


@right("01.1")
def with_torch(extinction, grams_per_litre, path_mm):
    absorbance = torch.as_tensor(extinction) * grams_per_litre * torch.as_tensor(path_mm) / 645_000
    return torch.pow(10.0, -absorbance)


@right("01.1")
def layer_after_layer(extinction, grams_per_litre, path_mm):
    layer = 10 ** -(extinction * grams_per_litre / 64_500 * path_mm / 10 / 64)
    light = 1.0
    for _ in range(64):
        light = light * layer
    return light


@wrong("01.1", "natural, not decadic")
def with_exp(extinction, grams_per_litre, path_mm):
    return np.exp(-extinction * grams_per_litre / 64500 * path_mm / 10)


@wrong("01.1", "natural, and in millimetres")
def two_slips(extinction, grams_per_litre, path_mm):
    return np.exp(-extinction * grams_per_litre / 64500 * path_mm)


@wrong("01.1", "decadic and natural at once")
def both_dialects(extinction, grams_per_litre, path_mm):
    mu = np.log(10) * extinction * grams_per_litre / 64500
    return 10 ** (-mu * path_mm / 10)


@wrong("01.1", "millimetres taken for centimetres")
def millimetres(extinction, grams_per_litre, path_mm):
    return 10 ** (-extinction * grams_per_litre / 64500 * path_mm)


@wrong("01.1", "millimetres turned the wrong way")
def times_ten(extinction, grams_per_litre, path_mm):
    return 10 ** (-extinction * grams_per_litre / 64500 * (10 * path_mm))


@wrong("01.1", "grams not turned into moles, or the wrong way")
def moles_the_wrong_way(extinction, grams_per_litre, path_mm):
    return 10.0 ** (-extinction * grams_per_litre * 64500 * path_mm / 10)


@wrong("01.1", "grams not turned into moles, or the wrong way")
def grams(extinction, grams_per_litre, path_mm):
    return 10 ** (-extinction * grams_per_litre * path_mm / 10)


@wrong("01.1", "the absorbance, not the light")
def exponent_only(extinction, grams_per_litre, path_mm):
    return extinction * grams_per_litre / 64500 * path_mm / 10


@wrong("01.1", "what is swallowed, not what is left")
def swallowed(extinction, grams_per_litre, path_mm):
    return 1 - in_one_line(extinction, grams_per_litre, path_mm)


@wrong("01.1", "light grows on its way")
def without_minus(extinction, grams_per_litre, path_mm):
    return 10 ** (extinction * grams_per_litre / 64500 * path_mm / 10)


@wrong("01.1", "the same amount, not the same share")
def straight_line(extinction, grams_per_litre, path_mm):
    mu = np.log(10) * extinction * grams_per_litre / 64500
    return 1 - mu * path_mm / 10


@wrong("01.1", "the same amount, not the same share")
def straight_line_until_dark(extinction, grams_per_litre, path_mm):
    return np.clip(1 - exponent_only(extinction, grams_per_litre, path_mm), 0, 1)


@wrong("01.1", diagnosing.FACTOR)
def in_per_cent(extinction, grams_per_litre, path_mm):
    return 100 * in_one_line(extinction, grams_per_litre, path_mm)


@wrong("01.1", diagnosing.ERROR)
def numbers_only(extinction, grams_per_litre, path_mm):
    return math.pow(10, -extinction * grams_per_litre / 64500 * path_mm / 10)


@wrong("01.1", diagnosing.PRINTED)
def shown(extinction, grams_per_litre, path_mm):
    print(in_one_line(extinction, grams_per_litre, path_mm))


@wrong("01.1", judging.PACKAGE_OWN)
def the_package_transmits(extinction, grams_per_litre, path_mm):
    return physics.transmission(math.log(10) * extinction * grams_per_litre / 64500, path_mm / 10)


# --- 01.2 Where two curves cross -------------------------------------------------------------------------------------


@right("01.2")
def looked_for_in_a_loop(wavelength, oxy, deoxy):
    found = []
    for i in range(len(wavelength) - 1):
        left, after = oxy[i] - deoxy[i], oxy[i + 1] - deoxy[i + 1]
        if left > 0 > after or left < 0 < after:
            share = abs(left) / (abs(left) + abs(after))
            found.append(wavelength[i] + share * (wavelength[i + 1] - wavelength[i]))
    return np.array(found)


@right("01.2")
def signs_with_numpy(wavelength, oxy, deoxy):
    gap = oxy - deoxy
    (i,) = np.nonzero(np.diff(np.sign(gap)))
    return wavelength[i] - gap[i] * (wavelength[i + 1] - wavelength[i]) / (gap[i + 1] - gap[i])


@right("01.2")
def the_roots_of_a_broken_line(wavelength, oxy, deoxy):
    gap = oxy - deoxy
    line = interpolate.PPoly(np.array([np.diff(gap) / np.diff(wavelength), gap[:-1]]), wavelength)
    return np.sort(line.roots(extrapolate=False))


@right("01.2")
def on_a_finer_grid(wavelength, oxy, deoxy):
    fine = np.arange(wavelength[0], wavelength[-1], 0.01)
    gap = np.interp(fine, wavelength, oxy) - np.interp(fine, wavelength, deoxy)
    higher = gap > 0
    return fine[1:][higher[1:] != higher[:-1]]


@right("01.2")
def a_list_of_them(wavelength, oxy, deoxy):
    signs = np.sign(oxy - deoxy)
    points = []
    for i, (one, other) in enumerate(itertools.pairwise(signs)):
        if one * other == -1:
            low, high = wavelength[i], wavelength[i + 1]
            for _ in range(40):  # halving
                middle = (low + high) / 2
                gap = np.interp(middle, wavelength, oxy) - np.interp(middle, wavelength, deoxy)
                low, high = (middle, high) if np.sign(gap) == one else (low, middle)
            points.append(float(low))
    return points


@wrong("01.2", "the height, not the wavelength")
def heights(wavelength, oxy, deoxy):
    return np.interp(looked_for_in_a_loop(wavelength, oxy, deoxy), wavelength, oxy)


@wrong("01.2", "the place in the table, not the wavelength")
def places(wavelength, oxy, deoxy):
    return np.flatnonzero(np.diff(np.sign(oxy - deoxy)))


@wrong("01.2", "the place in the table, not the wavelength")
def places_after(wavelength, oxy, deoxy):
    return np.flatnonzero(np.diff(oxy > deoxy)) + 1


@wrong("01.2", "read off the table, not between its entries")
def entry_before(wavelength, oxy, deoxy):
    return wavelength[:-1][np.diff(np.sign(oxy - deoxy)) != 0]


@wrong("01.2", "read off the table, not between its entries")
def entry_after(wavelength, oxy, deoxy):
    return wavelength[1:][np.diff(np.sign(oxy - deoxy)) != 0]


@wrong("01.2", "read off the table, not between its entries")
def the_middle_of_the_gap(wavelength, oxy, deoxy):
    return entry_before(wavelength, oxy, deoxy) / 2 + entry_after(wavelength, oxy, deoxy) / 2


@wrong("01.2", "the share counted from the other end")
def from_behind(wavelength, oxy, deoxy):
    gap = abs(oxy - deoxy)
    i = np.flatnonzero(np.diff(oxy > deoxy))
    return wavelength[i] + gap[i + 1] / (gap[i] + gap[i + 1]) * (wavelength[i + 1] - wavelength[i])


@wrong("01.2", "one crossing only")
def the_first(wavelength, oxy, deoxy):
    return looked_for_in_a_loop(wavelength, oxy, deoxy)[:1]


@wrong("01.2", "one crossing only")
def the_closest_entry(wavelength, oxy, deoxy):
    return wavelength[[np.argmin(abs(oxy - deoxy))]]


@wrong("01.2", "every second crossing is missing")
def downwards_only(wavelength, oxy, deoxy):
    gap = oxy - deoxy
    i = np.flatnonzero((gap[:-1] > 0) & (gap[1:] < 0))
    return wavelength[i] + gap[i] / (gap[i] - gap[i + 1]) * (wavelength[i + 1] - wavelength[i])


@wrong("01.2", "no crossing found")
def exactly_equal(wavelength, oxy, deoxy):
    return wavelength[oxy == deoxy]


@wrong("01.2", "not in rising order")
def downwards_then_upwards(wavelength, oxy, deoxy):
    return np.concatenate([downwards_only(wavelength, oxy, deoxy), downwards_only(wavelength, deoxy, oxy)])


@wrong("01.2", "a share taken for nanometres")
def without_the_step(wavelength, oxy, deoxy):
    gap = oxy - deoxy
    i = np.flatnonzero(np.diff(np.sign(gap)))
    return wavelength[i] + gap[i] / (gap[i] - gap[i + 1])


@wrong("01.2", "a step of 2 nm taken for granted")
def always_two_nanometres(wavelength, oxy, deoxy):
    gap = oxy - deoxy
    i = np.flatnonzero(np.diff(np.sign(gap)))
    return wavelength[i] + 2 * gap[i] / (gap[i] - gap[i + 1])


@wrong("01.2", "nearly equal taken for crossing")
def within_five_per_cent(wavelength, oxy, deoxy):
    return wavelength[np.isclose(oxy, deoxy, rtol=0.05)]


@wrong("01.2", "nearly equal taken for crossing")
def within_a_hundred(wavelength, oxy, deoxy):
    return wavelength[abs(oxy - deoxy) < 100]


@wrong("01.2", diagnosing.ERROR)
def an_array_for_a_truth(wavelength, oxy, deoxy):
    if oxy > deoxy:
        return wavelength
    return np.array([])


@wrong("01.2", diagnosing.NOTHING)
def forgotten(wavelength, oxy, deoxy):
    looked_for_in_a_loop(wavelength, oxy, deoxy)


# --- 01.3 AC and DC --------------------------------------------------------------------------------------------------


@right("01.3")
def extremes_and_mean(light):
    return light.max(axis=0) - light.min(axis=0), light.mean(axis=0)


@right("01.3")
def colour_by_colour(light):
    heights, means = [], []
    for colour in light.T:
        heights.append(max(colour) - min(colour))
        means.append(sum(colour) / len(colour))
    return np.array(heights), np.array(means)


@right("01.3")
def parts_with_torch(light):
    tensor = torch.as_tensor(light)
    return (tensor.amax(0) - tensor.amin(0)).numpy(), tensor.mean(0).numpy()


@right("01.3")
def sorted_first(light):
    ordered = np.sort(light, axis=0)
    return np.stack([ordered[-1] - ordered[0], np.add.reduce(light) / len(light)])


@right("01.3")
def described(light):
    found = stats.describe(light)
    return found.minmax[1] - found.minmax[0], found.mean


@wrong("01.3", "along the colours, not along time")
def axis_one(light):
    return np.ptp(light, axis=1), np.mean(light, axis=1)


@wrong("01.3", "along the colours, not along time")
def last_axis(light):
    return light.max(-1) - light.min(-1), light.mean(-1)


@wrong("01.3", "all colours in one")
def without_an_axis(light):
    return light.max() - light.min(), light.mean()


@wrong("01.3", "all colours in one")
def one_mean_for_all(light):
    return light.max(axis=0) - light.min(axis=0), np.mean(light)


@wrong("01.3", "half the height")
def amplitude(light):
    return (light.max(axis=0) - light.min(axis=0)) / 2, light.mean(axis=0)


@wrong("01.3", "a standard deviation, not the height")
def spread(light):
    return light.std(axis=0), light.mean(axis=0)


@wrong("01.3", "the height on one side of the mean")
def farthest_from_the_mean(light):
    return np.abs(light - light.mean(axis=0)).max(axis=0), light.mean(axis=0)


@wrong("01.3", "the height on one side of the mean")
def above_the_mean(light):
    return (light - light.mean(axis=0)).max(axis=0), light.mean(axis=0)


@wrong("01.3", "the height is a share already")
def divided_too_early(light):
    dc = light.mean(axis=0)
    return np.ptp(light / dc, axis=0), dc


@wrong("01.3", "the middle between top and bottom")
def middle(light):
    high, low = light.max(axis=0), light.min(axis=0)
    return high - low, (high + low) / 2


@wrong("01.3", "the median, not the mean")
def median(light):
    return np.ptp(light, axis=0), np.median(light, axis=0)


@wrong("01.3", "an end of the wave, not its mean")
def brightest(light):
    return np.ptp(light, axis=0), light.max(axis=0)


@wrong("01.3", "DC first")
def the_other_order(light):
    return light.mean(axis=0), np.ptp(light, axis=0)


@wrong("01.3", diagnosing.PARTS)
def ratio_only(light):
    return np.ptp(light, axis=0) / light.mean(axis=0), light.mean(axis=0), light.std(axis=0)


@wrong("01.3", diagnosing.SIGN)
def lowest_minus_highest(light):
    return light.min(axis=0) - light.max(axis=0), light.mean(axis=0)


@wrong("01.3", diagnosing.ARGUMENT_CHANGED)
def sorted_in_place(light):
    light.sort(axis=0)
    return light[-1] - light[0], light.mean(axis=0)


# --- 01.4 The ratio of ratios ----------------------------------------------------------------------------------------


@right("01.4")
def two_lines(red, infrared):
    share_red, share_infrared = np.ptp(red) / red.mean(), np.ptp(infrared) / infrared.mean()
    return share_red / share_infrared


@right("01.4")
def by_standard_deviations(red, infrared):
    """Another sound measure of AC: the same for both lights, so it cancels."""
    return float(np.std(red) / np.mean(red) / (np.std(infrared) / np.mean(infrared)))


@right("01.4")
def by_logarithms(red, infrared):
    return np.ptp(np.log(red)) / np.ptp(np.log(infrared))


@right("01.4")
def in_plain_python(red, infrared):
    shares = [(max(one) - min(one)) / (sum(one) / len(one)) for one in (red.tolist(), infrared.tolist())]
    return shares[0] / shares[1]


@right("01.4")
def by_a_slope(red, infrared):
    return stats.linregress(infrared / infrared.mean(), red / red.mean()).slope


@right("01.4")
def ratio_with_torch(red, infrared):
    both = torch.stack([torch.as_tensor(red), torch.as_tensor(infrared)])
    share = (both.amax(1) - both.amin(1)) / both.mean(1)
    return share[0] / share[1]


@wrong("01.4", "the ratio turned over")
def infrared_on_top(red, infrared):
    return two_lines(infrared, red)


@wrong("01.4", "AC without DC")
def heights_only(red, infrared):
    return np.ptp(red) / np.ptp(infrared)


@wrong("01.4", "DC without AC")
def means_only(red, infrared):
    return red.mean() / infrared.mean()


@wrong("01.4", "multiplied, not divided, by DC")
def wrong_side(red, infrared):
    return (np.ptp(red) * red.mean()) / (np.ptp(infrared) * infrared.mean())


@wrong("01.4", "a bracket is missing")
def from_left_to_right(red, infrared):
    return np.ptp(red) / red.mean() / np.ptp(infrared) / infrared.mean()


@wrong("01.4", "only one of the two ratios")
def red_only(red, infrared):
    return np.ptp(red) / red.mean()


@wrong("01.4", "the difference of the two ratios")
def difference(red, infrared):
    return np.ptp(red) / red.mean() - np.ptp(infrared) / infrared.mean()


@wrong("01.4", "the ratios multiplied")
def product(red, infrared):
    return np.ptp(red) / red.mean() * np.ptp(infrared) / infrared.mean()


@wrong("01.4", "a saturation, not the ratio")
def spo2(red, infrared):
    return 110 - 25 * two_lines(red, infrared)


@wrong("01.4", "the highest over the lowest")
def tops_over_valleys(red, infrared):
    return (red.max() / red.min()) / (infrared.max() / infrared.min())


@wrong("01.4", "per moment, not over the beat")
def sample_by_sample(red, infrared):
    return (red - red.mean()) / red.mean() / (infrared.max() / infrared.mean())


@wrong("01.4", diagnosing.FACTOR)
def ratio_in_per_cent(red, infrared):
    return 100 * two_lines(red, infrared)


@wrong("01.4", diagnosing.TYPE)
def both_shares(red, infrared):
    return {"red": np.ptp(red) / red.mean(), "infrared": np.ptp(infrared) / infrared.mean()}
