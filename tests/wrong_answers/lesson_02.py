"""Right and wrong answers to the exercises of lesson 02."""

import math

import cv2
import numpy as np
import torch
from answers import right, wrong
from scipy import linalg, ndimage, signal, stats

from rppg_lab import physics, video
from rppg_lab.checks import diagnosing, judging

# --- 02.1 The pulse of three colours ---------------------------------------------------------------------------------


@right("02.1")
def in_two_sums(lamp, sensors, skin, share):
    dc = np.sum(lamp * sensors * skin, axis=1)
    ac = np.sum(lamp * sensors * skin * share, axis=-1)
    return (ac / dc) / np.sqrt(((ac / dc) ** 2).sum())


@right("02.1")
def channel_by_channel(lamp, sensors, skin, share):
    ratios = []
    for sensor in sensors:
        ac = dc = 0.0
        for k in range(len(lamp)):
            noticed = lamp[k] * sensor[k] * skin[k]
            dc += noticed
            ac += noticed * share[k]
        ratios.append(ac / dc)
    length = math.hypot(*ratios)
    return [one / length for one in ratios]


@right("02.1")
def as_weighted_means(lamp, sensors, skin, share):
    ratio = np.array([np.average(share, weights=lamp * skin * sensor) for sensor in sensors])
    return ratio / linalg.norm(ratio)


@right("02.1")
def by_integrals_in_torch(lamp, sensors, skin, share):
    noticed = torch.as_tensor(sensors) * torch.as_tensor(lamp * skin)
    return torch.nn.functional.normalize((noticed @ torch.as_tensor(share)) / noticed.sum(1), dim=0)


@wrong("02.1", "AC without DC")
def ac_only(lamp, sensors, skin, share):
    ac = (lamp * sensors * skin * share).sum(axis=1)
    return ac / np.linalg.norm(ac)


@wrong("02.1", "DC, not the pulse")
def colour_of_skin(lamp, sensors, skin, share):
    dc = (lamp * sensors * skin).sum(axis=1)
    return dc / np.linalg.norm(dc)


@wrong("02.1", "AC without the skin")
def the_skin_in_dc_only(lamp, sensors, skin, share):
    ratio = (lamp * sensors * share).sum(axis=1) / (lamp * sensors * skin).sum(axis=1)
    return ratio / np.linalg.norm(ratio)


@wrong("02.1", "divided at each wavelength, before adding up")
def first_divided_then_summed(lamp, sensors, skin, share):
    dc = lamp * sensors * skin
    ratio = np.sum(dc * share / dc, axis=1)
    return ratio / np.linalg.norm(ratio)


@wrong("02.1", "divided at each wavelength, before adding up")
def first_divided_then_averaged(lamp, sensors, skin, share):
    dc = lamp * sensors * skin
    ratio = (dc * share / dc).mean(axis=-1)
    return ratio / np.sqrt(np.sum(ratio**2))


@wrong("02.1", "DC over AC")
def upside_down(lamp, sensors, skin, share):
    noticed = lamp * sensors * skin
    ratio = noticed.sum(axis=1) / (noticed * share).sum(axis=1)
    return ratio / np.linalg.norm(ratio)


@wrong("02.1", "the lamp is left out")
def without_lamp(lamp, sensors, skin, share):
    return in_two_sums(1.0, sensors, skin, share)


@wrong("02.1", "the skin is left out")
def without_skin(lamp, sensors, skin, share):
    return in_two_sums(lamp, sensors, 1.0, share)


@wrong("02.1", "lamp and skin are left out")
def sensors_only(lamp, sensors, skin, share):
    ratio = (sensors * share).sum(axis=1) / sensors.sum(axis=1)
    return ratio / np.linalg.norm(ratio)


@wrong("02.1", "DC of a white sheet")
def white_balanced(lamp, sensors, skin, share):
    weights = lamp * sensors
    weights = weights / weights.sum(axis=1, keepdims=True)
    ac = weights @ (skin * share)
    return ac / np.linalg.norm(ac)


@wrong("02.1", "not brought to length 1")
def as_it_comes(lamp, sensors, skin, share):
    noticed = lamp * sensors * skin
    return (noticed * share).sum(axis=1) / noticed.sum(axis=1)


@wrong("02.1", "the sum is 1, not the length")
def shares_of_all(lamp, sensors, skin, share):
    ratio = as_it_comes(lamp, sensors, skin, share)
    return ratio / ratio.sum()


@wrong("02.1", "the largest is 1, not the length")
def green_is_one(lamp, sensors, skin, share):
    ratio = as_it_comes(lamp, sensors, skin, share)
    return ratio / max(ratio)


@wrong("02.1", "the mean of the ratios, not the ratio of the sums")
def divided_too_early(lamp, sensors, skin, share):
    light = lamp * sensors * skin
    ratio = np.where(light > 0, light * share / np.where(light > 0, light, 1), 0) * sensors
    ratio = ratio.sum(axis=1)
    return ratio / np.linalg.norm(ratio)


@wrong("02.1", diagnosing.SHAPE)
def summed_over_the_colours(lamp, sensors, skin, share):
    noticed = lamp * sensors * skin
    ratio = (noticed * share).sum(axis=0) / noticed.sum(axis=0)
    return ratio / np.linalg.norm(ratio)


@wrong("02.1", diagnosing.SIGN)
def darker_with_the_beat(lamp, sensors, skin, share):
    return -in_two_sums(lamp, sensors, skin, share)


@wrong("02.1", judging.PACKAGE_OWN)
def asked_the_package(lamp, sensors, skin, share):
    return physics.pulse_colour(0.3, light=lamp)


# --- 02.2 Light comes back -------------------------------------------------------------------------------------------


@right("02.2")
def broadcast(light, shine, diffuse, pulse):
    return light[:, None, None, None] * (shine[:, :, None] + diffuse * (1 - pulse))


@right("02.2")
def moment_by_moment(light, shine, diffuse, pulse):
    video = np.empty_like(pulse)
    for t in range(len(light)):
        for colour in range(3):
            video[t, :, :, colour] = light[t] * (shine + diffuse[:, :, colour] * (1 - pulse[t, :, :, colour]))
    return video


@right("02.2")
def steady_and_beating(light, shine, diffuse, pulse):
    steady = np.multiply.outer(light, shine[..., None] + diffuse)
    return steady - np.einsum("t,hwc,thwc->thwc", light, diffuse, pulse)


@right("02.2")
def time_last(light, shine, diffuse, pulse):
    inside = diffuse * (1 - pulse) + np.dstack([shine] * 3)
    return (inside.T * light).T


@right("02.2")
def in_torch(light, shine, diffuse, pulse):
    light, shine, diffuse, pulse = map(torch.as_tensor, (light, shine, diffuse, pulse))
    return (light.view(-1, 1, 1, 1) * (shine.unsqueeze(-1) + diffuse * (1 - pulse))).numpy()


@wrong("02.2", "the shine beats, too")
def everything_beats(light, shine, diffuse, pulse):
    return light[:, None, None, None] * (shine[..., None] + diffuse) * (1 - pulse)


@wrong("02.2", "more blood, more light")
def plus(light, shine, diffuse, pulse):
    return light[:, None, None, None] * (shine[..., None] + diffuse * (1 + pulse))


@wrong("02.2", "the lamp does not light the shine")
def bracket_forgotten(light, shine, diffuse, pulse):
    return shine[..., None] + light[:, None, None, None] * diffuse * (1 - pulse)


@wrong("02.2", "the lamp does not light the skin")
def bracket_forgotten_on_the_other_side(light, shine, diffuse, pulse):
    return light[:, None, None, None] * shine[..., None] + diffuse * (1 - pulse)


@wrong("02.2", "the lamp is steady")
def without_light(light, shine, diffuse, pulse):
    return shine[..., None] + diffuse * (1 - pulse)


@wrong("02.2", "the shine is forgotten")
def matt(light, shine, diffuse, pulse):
    return light[:, None, None, None] * diffuse * (1 - pulse)


@wrong("02.2", "the shine is multiplied in")
def shine_as_a_factor(light, shine, diffuse, pulse):
    return light[:, None, None, None] * shine[..., None] * diffuse * (1 - pulse)


@wrong("02.2", "an amount taken off, not a share")
def subtracted(light, shine, diffuse, pulse):
    return light[:, None, None, None] * (shine[..., None] + diffuse - pulse)


@wrong("02.2", "only what the blood takes")
def beating_part(light, shine, diffuse, pulse):
    return light[:, None, None, None] * (shine[..., None] + diffuse * pulse)


@wrong("02.2", "added to the light, not multiplied with it")
def light_added(light, shine, diffuse, pulse):
    return light[:, None, None, None] + shine[..., None] + diffuse * (1 - pulse)


@wrong("02.2", "one moment for all")
def first_moment(light, shine, diffuse, pulse):
    return light[:, None, None, None] * (shine[..., None] + diffuse * (1 - pulse[0]))


@wrong("02.2", diagnosing.ERROR)
def axes_not_added(light, shine, diffuse, pulse):
    return light * (shine + diffuse * (1 - pulse))


@wrong("02.2", diagnosing.ARGUMENT_CHANGED)
def in_place(light, shine, diffuse, pulse):
    diffuse *= 1
    pulse *= -1
    pulse += 1
    return light[:, None, None, None] * (shine[..., None] + diffuse * pulse)


@wrong("02.2", diagnosing.TRANSPOSED)
def colours_first(light, shine, diffuse, pulse):
    return broadcast(light, shine, diffuse, pulse).transpose(0, 3, 1, 2)


# --- 02.3 The mean colour of the skin --------------------------------------------------------------------------------


@right("02.3")
def by_mask(frames, mask):
    return frames[:, mask, :].mean(axis=1)


@right("02.3")
def frame_by_frame(frames, mask):
    rows = []
    for frame in frames:
        rows.append([float(frame[..., colour][mask].mean()) for colour in range(3)])
    return np.array(rows)


@right("02.3")
def as_a_product(frames, mask):
    weights = mask.ravel() / np.count_nonzero(mask)
    return weights @ frames.reshape(len(frames), -1, 3)


@right("02.3")
def masked_to_nan(frames, mask):
    return np.nanmean(np.where(mask[..., None], frames, np.nan), axis=(1, 2))


@right("02.3")
def with_opencv(frames, mask):
    return np.array([cv2.mean(frame, mask.astype(np.uint8))[:3] for frame in frames])


@right("02.3")
def with_ndimage(frames, mask):
    return np.stack([[ndimage.mean(frame[..., c], mask, 1) for c in range(3)] for frame in frames])


@right("02.3")
def with_torch(frames, mask):
    return torch.from_numpy(frames)[:, torch.from_numpy(mask)].double().mean(1).numpy()


@wrong("02.3", "the whole picture")
def no_mask(frames, mask):
    return frames.mean(axis=(1, 2))


@wrong("02.3", "divided by all pixels")
def black_beside_the_skin(frames, mask):
    return (frames * mask[None, :, :, None]).mean((1, 2))


@wrong("02.3", "everything but the skin")
def inverted(frames, mask):
    return frames[:, mask == 0].mean(axis=1)


@wrong("02.3", "a box around the skin")
def bounding_box(frames, mask):
    rows, columns = np.nonzero(mask)
    return frames[:, min(rows) : max(rows) + 1, min(columns) : max(columns) + 1].mean((1, 2))


@wrong("02.3", "a sum, not a mean")
def summed(frames, mask):
    return frames[:, mask].sum(axis=1).astype(float)


@wrong("02.3", "a sum that overflows")
def in_eight_bits(frames, mask):
    total = np.zeros((len(frames), 3), np.uint8)
    for y, x in np.argwhere(mask):
        total += frames[:, y, x]
    return total / mask.sum()


@wrong("02.3", "rounded to whole steps")
def back_to_bytes(frames, mask):
    return frames[:, mask].mean(axis=1).astype(np.uint8)


@wrong("02.3", "rounded to whole steps")
def rounded(frames, mask):
    return np.round(frames[:, mask].mean(axis=1))


@wrong("02.3", "rounded to whole steps")
def whole_division(frames, mask):
    return frames[:, mask].sum(axis=1) // mask.sum()


@wrong("02.3", "the median")
def the_median(frames, mask):
    return np.median(frames[:, mask], axis=1)


@wrong("02.3", "the mean of the rows' means")
def row_by_row(frames, mask):
    lines = [frames[:, y][:, mask[y]].mean(axis=1) for y in range(len(mask)) if mask[y].any()]
    return sum(lines) / len(lines)


@wrong("02.3", "the colours are mixed")
def one_axis_too_many(frames, mask):
    return frames[:, mask].mean(axis=(1, 2))


@wrong("02.3", "over all frames at once")
def one_colour(frames, mask):
    return frames[:, mask].mean(axis=(0, 1))


@wrong("02.3", "over time, not over the skin")
def first_axis(frames, mask):
    return frames[:, mask].mean(axis=0)


@wrong("02.3", diagnosing.TRANSPOSED)
def colours_as_rows(frames, mask):
    return frames[:, mask].mean(axis=1).T


@wrong("02.3", diagnosing.LIST)
def as_lists(frames, mask):
    return frames[:, mask].mean(axis=1).tolist()


@wrong("02.3", judging.PACKAGE_OWN)
def from_the_package(frames, mask):
    return video.mean_colour(frames, mask=mask)


# --- 02.4 Decibels ---------------------------------------------------------------------------------------------------


@right("02.4")
def by_heights(pulse, noise):
    return 20 * np.log10(np.std(pulse) / np.std(noise))


@right("02.4")
def by_powers(pulse, noise):
    return 10 * math.log10(pulse.var() / noise.var())


@right("02.4")
def as_a_difference(pulse, noise):
    level = [20 * math.log(np.linalg.norm(one - one.mean()), 10) for one in (pulse, noise)]
    return level[0] - level[1]


@right("02.4")
def with_ddof(pulse, noise):
    return 20 * np.log10(stats.tstd(pulse) / stats.tstd(noise))


@right("02.4")
def in_plain_python(pulse, noise):
    def power(values):
        mean = sum(values) / len(values)
        return sum((value - mean) ** 2 for value in values) / len(values)

    return 10 * math.log10(power(pulse.tolist()) / power(noise.tolist()))


@right("02.4")
def detrended_in_torch(pulse, noise):
    pulse, noise = (torch.as_tensor(signal.detrend(one, type="constant").copy()) for one in (pulse, noise))
    return 10 * torch.log10(pulse.square().sum() / noise.square().sum())


@wrong("02.4", "the factor of powers for heights")
def ten(pulse, noise):
    return 10 * np.log10(pulse.std() / noise.std())


@wrong("02.4", "the factor of heights for powers")
def twenty(pulse, noise):
    return 20 * np.log10(pulse.var() / noise.var())


@wrong("02.4", "the natural logarithm")
def with_log(pulse, noise):
    return 20 * np.log(pulse.std() / noise.std())


@wrong("02.4", "the natural logarithm")
def powers_with_log(pulse, noise):
    return 10 * math.log(pulse.var() / noise.var())


@wrong("02.4", "two slips: the other logarithm, the other factor")
def ten_and_log(pulse, noise):
    return 10 * np.log(pulse.std() / noise.std())


@wrong("02.4", "bels, not decibels")
def without_ten(pulse, noise):
    return np.log10(pulse.var() / noise.var())


@wrong("02.4", "the ratio, not its logarithm")
def ratio_of_heights(pulse, noise):
    return pulse.std() / noise.std()


@wrong("02.4", "the ratio of powers, not its logarithm")
def ratio_of_powers(pulse, noise):
    return pulse.var() / noise.var()


@wrong("02.4", "noise over pulse")
def the_other_way_round(pulse, noise):
    return 20 * np.log10(noise.std() / pulse.std())


@wrong("02.4", "the constants count")
def mean_squares(pulse, noise):
    return 10 * np.log10((pulse**2).mean() / (noise**2).mean())


@wrong("02.4", "heights from lowest to highest")
def peak_to_peak(pulse, noise):
    return 20 * np.log10((pulse.max() - pulse.min()) / (noise.max() - noise.min()))


@wrong("02.4", "noise in both")
def mixed_over_noise(pulse, noise):
    return 20 * np.log10((pulse + noise).std() / noise.std())


@wrong("02.4", "moment by moment")
def a_ratio_at_each_moment(pulse, noise):
    return 20 * np.log10(np.abs(pulse / noise))


@wrong("02.4", diagnosing.NOT_A_NUMBER)
def logarithm_of_negative(pulse, noise):
    with np.errstate(invalid="ignore"):
        return 20 * np.log10(-pulse.std() / noise.std())


@wrong("02.4", diagnosing.PRINTED)
def shown_only(pulse, noise):
    print(20 * np.log10(pulse.std() / noise.std()))
