"""Right and wrong answers to the exercises of lesson 04."""

import numpy as np
import torch
from answers import right, wrong
from scipy import signal

from rppg_lab import methods
from rppg_lab.checks import diagnosing, judging, lesson_04

# --- 04.1 Relative change --------------------------------------------------------------------------------------------


@right("04.1")
def over_the_mean(rgb):
    return (rgb - rgb.mean(axis=0)) / rgb.mean(axis=0)


@right("04.1")
def channel_by_channel(rgb):
    result = np.empty(rgb.shape)
    for k in range(3):
        mean = sum(rgb[:, k]) / len(rgb)
        for t in range(len(rgb)):
            result[t, k] = rgb[t, k] / mean - 1
    return result


@right("04.1")
def change_with_torch(rgb):
    colours = torch.as_tensor(rgb)
    return (colours / colours.mean(dim=0, keepdim=True) - 1).numpy()


@right("04.1")
def stacked(rgb):
    return np.stack([channel / np.mean(channel) - 1 for channel in rgb.T], axis=1)


@wrong("04.1", "one mean for all three channels")
def one_mean(rgb):
    return (rgb - np.mean(rgb)) / np.mean(rgb)


@wrong("04.1", "the mean of each frame")
def mean_of_frames(rgb):
    mean = rgb.mean(axis=1)
    return rgb / mean[:, None] - 1


@wrong("04.1", "divided by the spread, not by the mean")
def z_scores(rgb):
    return (rgb - rgb.mean(0)) / rgb.std(0)


@wrong("04.1", "a difference, not a share")
def centred(rgb):
    return rgb - rgb.mean(axis=0)


@wrong("04.1", "around one, not around zero")
def only_divided(rgb):
    return rgb / np.mean(rgb, axis=0)


@wrong("04.1", "compared with the first frame")
def from_the_first(rgb):
    return (rgb - rgb[0]) / rgb[0]


@wrong("04.1", "divided by the largest value")
def of_the_largest(rgb):
    return rgb / rgb.max(axis=0) - 1


@wrong("04.1", "logarithms are only nearly the same")
def logarithms(rgb):
    return np.log(rgb) - np.log(rgb.mean(axis=0))


@wrong("04.1", diagnosing.FACTOR)
def in_per_cent(rgb):
    return 100 * over_the_mean(rgb)


@wrong("04.1", diagnosing.SIGN)
def as_blood(rgb):
    return 1 - rgb / rgb.mean(axis=0)


@wrong("04.1", diagnosing.TRANSPOSED)
def colours_first(rgb):
    return np.stack([channel / channel.mean() - 1 for channel in rgb.T])


@wrong("04.1", diagnosing.ARGUMENT_CHANGED)
def in_place(rgb):
    rgb /= rgb.mean(axis=0)
    rgb -= 1
    return rgb


@wrong("04.1", "from one frame to the next")
def from_frame_to_frame(rgb):
    return np.diff(rgb, axis=0) / rgb[:-1]


@wrong("04.1", diagnosing.SHAPE)
def share_of_the_whole_swing(rgb):
    return (rgb.max(axis=0) - rgb.min(axis=0)) / rgb.mean(axis=0)


@wrong("04.1", "the division comes before the minus")
def brackets_forgotten(rgb):
    return rgb - rgb.mean(axis=0) / rgb.mean(axis=0)


@wrong("04.1", "divided by each value itself")
def over_what_came(rgb):
    return (rgb - rgb.mean(axis=0)) / rgb


@wrong("04.1", "squeezed between 0 and 1")
def from_lowest_to_highest(rgb):
    low, high = rgb.min(axis=0), rgb.max(axis=0)
    return (rgb - low) / (high - low)


@wrong("04.1", "the median, not the mean")
def over_the_median(rgb):
    middle = np.median(rgb, axis=0)
    return (rgb - middle) / middle


@wrong("04.1", "a slope is taken off as well")
def detrended(rgb):
    return signal.detrend(rgb, axis=0) / np.mean(rgb, axis=0)


@wrong("04.1", diagnosing.NOTHING)
def nothing(rgb):
    over_the_mean(rgb)


# --- 04.2 POS in one window ------------------------------------------------------------------------------------------


@right("04.2")
def column_by_column(rgb):
    r, g, b = (rgb / rgb.mean(axis=0)).T  # around one: the rows of the plane add up to zero
    s1, s2 = g - b, g + b - 2 * r
    return -(s1 + np.std(s1, ddof=1) / np.std(s2, ddof=1) * s2)


@right("04.2")
def with_a_matrix(rgb):
    s = (rgb.T / rgb.mean(axis=0)[:, None] - 1).T @ np.array([[0, -2], [1, 1], [-1, 1]])
    return -s @ np.array([1, s[:, 0].std() / s[:, 1].std()])


@right("04.2")
def both_standardised(rgb):
    change = over_the_mean(rgb)
    s1, s2 = change[:, 1] - change[:, 2], change[:, 1] + change[:, 2] - 2 * change[:, 0]
    return -(s1 / s1.std() + s2 / s2.std())


@right("04.2")
def with_the_other_one_stretched(rgb):
    s1, s2 = methods.POS_PLANE @ over_the_mean(rgb).T
    wave = s2 + s2.std() / s1.std() * s1
    return wave.mean() - wave


@right("04.2")
def window_with_torch(rgb):
    change = torch.as_tensor(rgb) / torch.as_tensor(rgb).mean(dim=0)
    s = torch.tensor([[0.0, 1.0, -1.0], [-2.0, 1.0, 1.0]], dtype=change.dtype) @ change.T
    alpha = s[0].std() / s[1].std()
    return -(s[0] + alpha * s[1])


@right("04.2")
def in_loops(rgb):
    means = [sum(rgb[:, k]) / len(rgb) for k in range(3)]
    s1, s2 = [], []
    for red, green, blue in rgb:
        r, g, b = red / means[0], green / means[1], blue / means[2]
        s1.append(g - b)
        s2.append(g + b - 2 * r)
    alpha = (sum(x * x for x in s1) / sum(x * x for x in s2)) ** 0.5  # both have mean zero
    return np.array([-(x + alpha * y) for x, y in zip(s1, s2, strict=True)])


def _rows(rgb):
    return methods.POS_PLANE @ over_the_mean(rgb).T


@wrong("04.2", "the light, not the blood")
def as_in_the_paper(rgb):
    return -column_by_column(rgb)


@wrong("04.2", "the ratio α stands on its head")
def other_ratio(rgb):
    s1, s2 = _rows(rgb)
    return -(s1 + s2.std() / s1.std() * s2)


@wrong("04.2", "the ratio α stands on its head")
def the_first_is_stretched(rgb):
    s1, s2 = _rows(rgb)
    return -(s1.std() / s2.std() * s1 + s2)


@wrong("04.2", "subtracted, as in CHROM")
def minus(rgb):
    s1, s2 = _rows(rgb)
    return s1 - s1.std() / s2.std() * s2


@wrong("04.2", "not tuned")
def plain_sum(rgb):
    s1, s2 = _rows(rgb)
    return -(s1 + s2)


@wrong("04.2", "only the first axis")
def green_minus_blue(rgb):
    return -_rows(rgb)[0]


@wrong("04.2", "only the second axis")
def second_row(rgb):
    return -_rows(rgb)[1]


@wrong("04.2", "variances, not standard deviations")
def with_variances(rgb):
    s1, s2 = _rows(rgb)
    return -(s1 + np.var(s1) / np.var(s2) * s2)


@wrong("04.2", "the colours as they came")
def raw_colours(rgb):
    r, g, b = rgb.T
    s1, s2 = g - b, g + b - 2 * r
    return -(s1 + s1.std() / s2.std() * s2)


@wrong("04.2", "the colours as they came")
def one_mean_for_all(rgb):
    s1, s2 = methods.POS_PLANE @ (rgb / rgb.mean()).T
    return -(s1 + s1.std() / s2.std() * s2)


@wrong("04.2", "divided by the spread, not by the mean")
def from_z_scores(rgb):
    s1, s2 = methods.POS_PLANE @ z_scores(rgb).T
    return -(s1 + s1.std() / s2.std() * s2)


@wrong("04.2", "blue, green, red")
def as_opencv_has_it(rgb):
    b, g, r = over_the_mean(rgb).T
    s1, s2 = g - b, g + b - 2 * r
    return -(s1 + s1.std() / s2.std() * s2)


@wrong("04.2", "the axes of CHROM")
def chrom_again(rgb):
    r, g, b = over_the_mean(rgb).T
    x, y = 3 * r - 2 * g, 1.5 * r + g - 1.5 * b
    return x - x.std() / y.std() * y


@wrong("04.2", "the axes of CHROM")
def chrom_the_other_way_up(rgb):
    return -chrom_again(rgb)


@wrong("04.2", "the columns have changed places")
def red_minus_green(rgb):
    r, g, b = over_the_mean(rgb).T
    s1, s2 = r - g, r + g - 2 * b
    return -(s1 + s1.std() / s2.std() * s2)


@wrong("04.2", "the second axis sees brightness")
def red_taken_off_once(rgb):
    r, g, b = over_the_mean(rgb).T
    s1, s2 = g - b, g + b - r
    return -(s1 + s1.std() / s2.std() * s2)


@wrong("04.2", "the range, not the standard deviation")
def from_lowest_to_highest_point(rgb):
    s1, s2 = _rows(rgb)
    return -(s1 + np.ptp(s1) / np.ptp(s2) * s2)


@wrong("04.2", "compared with the first frame")
def over_the_first_frame(rgb):
    s1, s2 = methods.POS_PLANE @ from_the_first(rgb).T
    return -(s1 + s1.std() / s2.std() * s2)


@wrong("04.2", "green alone")
def green(rgb):
    return -over_the_mean(rgb)[:, 1]


@wrong("04.2", diagnosing.SHAPE)
def both_axes(rgb):
    return _rows(rgb).T


@wrong("04.2", diagnosing.NOTHING)
def forgot_to_return(rgb):
    column_by_column(rgb)


# --- 04.3 POS --------------------------------------------------------------------------------------------------------


@right("04.3")
def window_by_window(rgb, fs):
    length = int(1.6 * fs + 0.5)
    wave = np.zeros(len(rgb))
    for end in range(length, len(rgb) + 1):
        wave[end - length : end] += column_by_column(rgb[end - length : end])
    return wave


@right("04.3")
def a_frame_longer(rgb, fs):
    """Rounded up in haste: 49 frames at 30 per second are 1.63 s."""
    return _added(rgb, int(1.6 * fs) + 1)


@right("04.3")
def a_frame_shorter(rgb, fs):
    return _added(rgb, int(1.6 * fs - 0.5))


@right("04.3")
def all_windows_at_once(rgb, fs):
    length = round(1.6 * fs)
    frames = np.arange(len(rgb) - length + 1)[:, None] + np.arange(length)
    pieces = rgb[frames] / rgb[frames].mean(axis=1, keepdims=True)
    s1, s2 = np.moveaxis(pieces @ methods.POS_PLANE.T, -1, 0)
    h = s1 + (s1.std(axis=1) / s2.std(axis=1))[:, None] * s2
    wave = np.zeros(len(rgb))
    np.add.at(wave, frames, -h)
    return wave


@right("04.3")
def averaged_over_the_windows(rgb, fs):
    """Divided by how many windows there were: the ends are as high as the middle."""
    length = round(1.6 * fs)
    wave, count = np.zeros(len(rgb)), np.zeros(len(rgb))
    for start in range(len(rgb) - length + 1):
        wave[start : start + length] += column_by_column(rgb[start : start + length])
        count[start : start + length] += 1
    return wave / count


@right("04.3")
def half_overlapping_tapered(rgb, fs):
    length = round(1.6 * fs)
    starts = [*range(0, len(rgb) - length, length // 2), len(rgb) - length]
    wave = np.zeros(len(rgb))
    for start in starts:
        wave[start : start + length] += signal.windows.hann(length) * column_by_column(rgb[start : start + length])
    return wave


@right("04.3")
def each_window_standardised(rgb, fs):
    length = round(1.6 * fs)
    wave = np.zeros(len(rgb))
    for start in range(len(rgb) - length + 1):
        h = both_standardised(rgb[start : start + length])
        wave[start : start + length] += (h - h.mean()) / h.std()
    return wave


@right("04.3")
def every_fourth_window(rgb, fs):
    length = int(np.ceil(1.6 * fs))
    wave = np.zeros(len(rgb))
    for start in [*range(0, len(rgb) - length, 4), len(rgb) - length]:
        wave[start : start + length] += with_a_matrix(rgb[start : start + length])
    return wave


@right("04.3")
def every_window_tapered(rgb, fs):
    """A taper is zero at its ends: little comes to the first and the last frame, and that is no mistake."""
    length = round(1.6 * fs)
    taper, wave = np.hanning(length), np.zeros(len(rgb))
    for start in range(len(rgb) - length + 1):
        piece = column_by_column(rgb[start : start + length])
        wave[start : start + length] += taper * (piece - piece.mean())
    return wave


def _windows(rgb, length, window=column_by_column, less=0):
    for start in range(len(rgb) - length + 1 - less):
        yield slice(start, start + length), window(rgb[start : start + length])


def _added(rgb, *choices, **more):
    wave = np.zeros(len(rgb))
    for place, piece in _windows(rgb, *choices, **more):
        wave[place] += piece
    return wave


@wrong("04.3", "the light, not the blood")
def turned_twice(rgb, fs):
    return -_added(rgb, round(1.6 * fs))


@wrong("04.3", "the last window is left out")
def one_too_few(rgb, fs):
    return _added(rgb, round(1.6 * fs), less=1)


@wrong("04.3", "windows side by side")
def next_to_each_other(rgb, fs):
    length = round(1.6 * fs)
    wave = np.zeros(len(rgb))
    for start in range(0, len(rgb) - length, length):
        wave[start : start + length] = column_by_column(rgb[start : start + length])
    return wave


@wrong("04.3", "one window for the whole recording")
def all_at_once(rgb, fs):
    return with_a_matrix(rgb)


@wrong("04.3", "put there, not added")
def overwritten(rgb, fs):
    wave = np.zeros(len(rgb))
    for place, piece in _windows(rgb, round(1.6 * fs)):
        wave[place] = piece
    return wave


@wrong("04.3", "normalised once")
def one_mean_for_the_recording(rgb, fs):
    def window(change):
        s1, s2 = methods.POS_PLANE @ change.T
        return -(s1 + s1.std() / s2.std() * s2)

    return _added(over_the_mean(rgb), round(1.6 * fs), window)


@wrong("04.3", "always so many frames")
def forty_eight(rgb, fs):
    return _added(rgb, 48)


@wrong("04.3", "always so many frames")
def thirty_two(rgb, fs):
    return _added(rgb, 32)


@wrong("04.3", "seconds taken for frames")
def two_frames(rgb, fs):
    return _added(rgb, round(1.6))


@wrong("04.3", diagnosing.SHAPE)
def only_the_middles(rgb, fs):
    length = round(1.6 * fs)
    return np.array([piece[length // 2] for _, piece in _windows(rgb, length)])


@wrong("04.3", diagnosing.SHAPE)
def a_table_of_windows(rgb, fs):
    return np.array([piece for _, piece in _windows(rgb, round(1.6 * fs))])


@wrong("04.3", "windows side by side")
def one_after_the_other(rgb, fs):
    length = round(1.6 * fs)
    return np.concatenate([column_by_column(rgb[i : i + length]) for i in range(0, len(rgb), length)])


@wrong("04.3", "the window is too short")
def divided_and_not_multiplied(rgb, fs):
    return _added(rgb, round(fs / 1.6))


@wrong("04.3", "the window is too short")
def one_second(rgb, fs):
    return _added(rgb, round(fs))


@wrong("04.3", "the window is too short")
def half_a_window(rgb, fs):
    return _added(rgb, round(0.8 * fs))


@wrong("04.3", "the window is too long")
def two_windows_long(rgb, fs):
    return _added(rgb, round(3.2 * fs))


@wrong("04.3", "the window is too long")
def two_seconds_on_average(rgb, fs):
    wave, count = np.zeros(len(rgb)), np.zeros(len(rgb))
    for place, piece in _windows(rgb, round(2 * fs)):
        wave[place] += piece
        count[place] += 1
    with np.errstate(invalid="ignore"):
        return wave / count


@wrong("04.3", "the last window does not fit")
def beyond_the_end(rgb, fs):
    length = round(1.6 * fs)
    wave = np.zeros(len(rgb))
    with np.errstate(invalid="ignore"):
        for start in range(len(rgb)):
            wave[start : start + length] += column_by_column(rgb[start : start + length])
    return wave


@wrong("04.3", "the last window does not fit")
def divided_by_nobody(rgb, fs):
    length = round(1.6 * fs)
    wave, count = np.zeros(len(rgb)), np.zeros(len(rgb))
    for place, piece in _windows(rgb, length, less=1):
        wave[place] += piece
        count[place] += 1
    with np.errstate(invalid="ignore"):
        return wave / count


@wrong("04.3", judging.PACKAGE_OWN)
def the_packages(rgb, fs):
    return methods.pos(rgb, fs)


# --- 04.4 Who is defeated --------------------------------------------------------------------------------------------

FORESEEN = {
    "light": ["GREEN"],
    "shine": ["GREEN", "LGI"],
    "red lamp": ["LGI", "POS"],
    "green lamp": ["GREEN", "LGI", "CHROM", "POS"],
}


@right("04.4")
def written_down():
    return {name: list(names) for name, names in FORESEEN.items()}


@right("04.4")
def in_tuples_in_another_order():
    return {name: tuple(names[::-1]) for name, names in FORESEEN.items()}


@right("04.4")
def in_sets():
    return {name: set(names) for name, names in FORESEEN.items()}


@right("04.4")
def reasoned():
    """From the directions alone."""
    skin = np.array([0.45, 0.25, 0.16])
    directions = {"light": np.ones(3), "shine": 0.02 / skin, "red lamp": np.eye(3)[0], "green lamp": np.eye(3)[1]}
    ray = skin / np.linalg.norm(skin)
    result = {}
    for name, way in directions.items():
        r, g, b = way
        x, y, s1, s2 = 3 * r - 2 * g, 1.5 * r + g - 1.5 * b, g - b, g + b - 2 * r
        leak = way * skin - ray * (ray @ (way * skin))
        beaten = {
            "GREEN": abs(g) > 0.01,
            "LGI": abs(leak[1]) > 0.001,
            "CHROM": x * y < 0 and min(abs(x), abs(y)) > 0.1,
            "POS": s1 * s2 > 0 or abs(s1) < 1e-9 < abs(s2) - 1,
        }
        result[name] = [method for method, lost in beaten.items() if lost]
    return result


def _foreseen(**changes):
    return lambda: {**FORESEEN, **{name.replace("_", " "): names for name, names in changes.items()}}


ALL = ["GREEN", "LGI", "CHROM", "POS"]


@wrong("04.4", "the survivors, not the defeated")
def survivors():
    return {name: [one for one in ALL if one not in names] for name, names in FORESEEN.items()}


wrong("04.4", "a name that is none of the four")(_foreseen(light=["GREEN", "ICA"]))
wrong("04.4", "GREEN is thought to look at all colours")(_foreseen(red_lamp=["GREEN", "LGI", "POS"]))
wrong("04.4", "GREEN is thought to stand something")(_foreseen(shine=["LGI"]))
wrong("04.4", "GREEN is thought to stand something")(_foreseen(green_lamp=["LGI", "CHROM", "POS"]))
wrong("04.4", "brightness is thought to get through")(_foreseen(light=["GREEN", "CHROM"]))
wrong("04.4", "brightness is thought to get through")(_foreseen(light=["GREEN", "LGI"]))
wrong("04.4", "LGI is thought to remove two directions")(_foreseen(shine=["GREEN"]))
wrong("04.4", "LGI is thought to remove two directions")(_foreseen(red_lamp=["POS"]))
wrong("04.4", "shine is thought to get through")(_foreseen(shine=["GREEN", "LGI", "POS"]))
wrong("04.4", "green light is thought to differ from a blush")(_foreseen(green_lamp=["GREEN", "LGI"]))
wrong("04.4", "red light is thought to defeat CHROM")(_foreseen(red_lamp=["LGI", "CHROM", "POS"]))
wrong("04.4", "tuning is thought to cancel everything")(_foreseen(red_lamp=["LGI"]))


@wrong("04.4", diagnosing.PARTS)
def one_is_missing():
    return {name: names for name, names in FORESEEN.items() if name != "shine"}


@wrong("04.4", diagnosing.TYPE)
def a_list_of_lists():
    return list(FORESEEN.values())


@wrong("04.4", diagnosing.PRINTED)
def printed():
    print(FORESEEN)


@wrong("04.4", judging.PACKAGE_OWN)
def from_the_checks():
    return lesson_04.who_is_defeated()
