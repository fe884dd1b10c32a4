"""Right and wrong answers to the exercises of lesson 05."""

import warnings

import cv2
import numpy as np
import torch
from answers import right, wrong
from scipy import interpolate, ndimage, signal

from rppg_lab import spectrum, video
from rppg_lab.checks import diagnosing, judging

# --- 05.1 What the clock does to a heart -----------------------------------------------------------------------------


@right("05.1")
def steps_over_seconds(times, claimed_fs, bpm):
    fs = (len(times) - 1) / (times[-1] - times[0])
    return fs, bpm / fs * claimed_fs


@right("05.1")
def by_the_mean_step(times, claimed_fs, bpm):
    step = np.mean(np.diff(times))
    return np.array([1 / step, bpm * step * claimed_fs])


@right("05.1")
def in_a_loop(times, claimed_fs, bpm):
    seconds = 0.0
    for k in range(1, len(times)):
        seconds += times[k] - times[k - 1]
    frames_in_a_beat = 60 / bpm * (len(times) - 1) / seconds
    return (len(times) - 1) / seconds, 60 * claimed_fs / frames_in_a_beat


@right("05.1")
def clock_with_torch(times, claimed_fs, bpm):
    fs = 1 / torch.diff(torch.as_tensor(times)).mean()
    return fs.item(), (bpm * claimed_fs / fs).item()


@wrong("05.1", "frames counted, not steps")
def as_many_as_frames(times, claimed_fs, bpm):
    fs = len(times) / (times[-1] - times[0])
    return fs, bpm * claimed_fs / fs


@wrong("05.1", "the usual step, not all of them")
def median_step(times, claimed_fs, bpm):
    fs = 1 / np.median(np.diff(times))
    return fs, bpm * claimed_fs / fs


@wrong("05.1", "the mean of the rates")
def mean_of_rates(times, claimed_fs, bpm):
    fs = (1 / np.diff(times)).mean()
    return fs, bpm * claimed_fs / fs


@wrong("05.1", "the first frame need not be at zero")
def until_the_last(times, claimed_fs, bpm):
    fs = (times.size - 1) / times.max()
    return fs, bpm * claimed_fs / fs


@wrong("05.1", "the time of one frame, not the rate")
def a_step(times, claimed_fs, bpm):
    step = np.diff(times).mean()
    return step, bpm * claimed_fs * step


@wrong("05.1", "too slow, not too fast")
def the_other_way_round(times, claimed_fs, bpm):
    fs = (len(times) - 1) / (times[-1] - times[0])
    return fs, bpm * fs / claimed_fs


@wrong("05.1", "the error, not what is read")
def how_wrong(times, claimed_fs, bpm):
    fs, read = steps_over_seconds(times, claimed_fs, bpm)
    return fs, read - bpm


@wrong("05.1", "the file is believed")
def trusting(times, claimed_fs, bpm):
    return claimed_fs, bpm


@wrong("05.1", "the other order")
def read_first(times, claimed_fs, bpm):
    fs, read = steps_over_seconds(times, claimed_fs, bpm)
    return read, fs


@wrong("05.1", diagnosing.TYPE)
def only_the_rate(times, claimed_fs, bpm):
    return steps_over_seconds(times, claimed_fs, bpm)[0]


@wrong("05.1", diagnosing.PRINTED)
def printed(times, claimed_fs, bpm):
    print(*steps_over_seconds(times, claimed_fs, bpm))


# --- 05.2 Calm a trembling box ---------------------------------------------------------------------------------------


def _bridged(boxes):
    seen = np.isfinite(boxes[:, 0])
    if not seen.any():
        raise ValueError("no box at all")
    return np.stack([np.interp(np.arange(len(boxes)), np.flatnonzero(seen), side[seen]) for side in boxes.T], axis=1)


@right("05.2")
def shrinking_windows(boxes, window):
    filled, half = _bridged(boxes), window // 2
    return np.array([filled[max(0, t - half) : t + half + 1].mean(axis=0) for t in range(len(filled))])


@right("05.2")
def with_scipy_mean(boxes, window):
    return ndimage.uniform_filter1d(_bridged(boxes), window, axis=0, mode="nearest")


@right("05.2")
def with_scipy_median(boxes, window):
    return ndimage.median_filter(_bridged(boxes), size=(window, 1), mode="nearest")


@right("05.2")
def with_a_bell(boxes, window):
    return ndimage.gaussian_filter1d(_bridged(boxes), window / 4, axis=0, mode="nearest")


@right("05.2")
def with_views(boxes, window):
    half = window // 2
    long = np.pad(_bridged(boxes), ((half, half), (0, 0)), mode="edge")
    return np.lib.stride_tricks.sliding_window_view(long, 2 * half + 1, axis=0).mean(axis=-1)


@right("05.2")
def with_weights_that_count_what_is_there(boxes, window):
    """Zeros beyond the ends, but divided by how many frames were really there."""
    filled, ones = _bridged(boxes), np.ones(window)
    count = np.convolve(np.ones(len(filled)), ones, mode="same")
    return np.stack([np.convolve(side, ones, mode="same") / count for side in filled.T], axis=1)


@right("05.2")
def boxes_with_torch(boxes, window):
    half = window // 2
    filled = torch.as_tensor(_bridged(boxes)).T[None]
    long = torch.nn.functional.pad(filled, (half, half), mode="replicate")
    return torch.nn.functional.avg_pool1d(long, 2 * half + 1, stride=1)[0].T.numpy()


@right("05.2")
def forwards_and_backwards(boxes, window):
    """A mean over the past, then one over the future."""
    a, b = [1, -(1 - 2 / window)], [2 / window]
    filled = _bridged(boxes)
    return signal.filtfilt(b, a, filled, axis=0, padtype="constant", padlen=min(3 * window, len(filled) - 1))


def _checked(boxes):
    if not np.isfinite(boxes).any():
        raise ValueError("no box at all")


@wrong("05.2", "what was lost is still not a number")
def nothing_bridged(boxes, window):
    _checked(boxes)
    return ndimage.uniform_filter1d(boxes, window, axis=0, mode="nearest")


@wrong("05.2", "what was lost is still not a number")
def smoothed_first(boxes, window):
    _checked(boxes)
    half = window // 2
    return np.array([np.nanmean(boxes[max(0, t - half) : t + half + 1], axis=0) for t in range(len(boxes))])


@wrong("05.2", "frames are missing at the ends")
def valid_only(boxes, window):
    kernel = np.ones(window) / window
    return np.stack([np.convolve(side, kernel, mode="valid") for side in _bridged(boxes).T], axis=1)


@wrong("05.2", "it comes late")
def the_past(boxes, window):
    filled = _bridged(boxes)
    return np.array([filled[max(0, t - window + 1) : t + 1].mean(axis=0) for t in range(len(filled))])


@wrong("05.2", "it comes late")
def exponential(boxes, window):
    filled = _bridged(boxes)
    calm = [filled[0]]
    for box in filled[1:]:
        calm.append(calm[-1] + 2 / (window + 1) * (box - calm[-1]))
    return np.array(calm)


@wrong("05.2", "it comes early")
def the_future(boxes, window):
    filled = _bridged(boxes)
    return np.array([filled[t : t + window].mean(axis=0) for t in range(len(filled))])


@wrong("05.2", "the ends are pulled away")
def zeros_beyond(boxes, window):
    kernel = np.ones(window) / window
    return np.stack([np.convolve(side, kernel, mode="same") for side in _bridged(boxes).T], axis=1)


@wrong("05.2", "one box for the whole film")
def one_for_all(boxes, window):
    _checked(boxes)
    return np.tile(np.nanmedian(boxes, axis=0), (len(boxes), 1))


@wrong("05.2", "the gap is not bridged by a line")
def the_last_one_held(boxes, window):
    _checked(boxes)
    filled = boxes.copy()
    first = np.flatnonzero(np.isfinite(boxes[:, 0]))[0]
    filled[:first] = boxes[first]
    for t in range(1, len(filled)):
        if np.isnan(filled[t, 0]):
            filled[t] = filled[t - 1]
    return ndimage.uniform_filter1d(filled, window, axis=0, mode="nearest")


@wrong("05.2", "the gap is not bridged by a line")
def the_mean_for_what_is_lost(boxes, window):
    _checked(boxes)
    filled = np.where(np.isnan(boxes), np.nanmean(boxes, axis=0), boxes)
    return ndimage.uniform_filter1d(filled, window, axis=0, mode="nearest")


@wrong("05.2", "it still trembles")
def only_bridged(boxes, window):
    return _bridged(boxes)


@wrong("05.2", "it still trembles")
def three_of_them(boxes, window):
    return shrinking_windows(boxes, 3)


@wrong("05.2", "nobody is told that there was no face")
def zeros_for_nobody(boxes, window):
    if not np.isfinite(boxes).any():
        return np.zeros_like(boxes)
    return shrinking_windows(boxes, window)


@wrong("05.2", diagnosing.ARGUMENT_CHANGED)
def written_into_the_boxes(boxes, window):
    boxes[:] = shrinking_windows(boxes, window)
    return boxes


@wrong("05.2", "no array of boxes")
def a_list_of_rows(boxes, window):
    return list(shrinking_windows(boxes, window))


@wrong("05.2", "rows and columns changed places")
def four_rows(boxes, window):
    return shrinking_windows(boxes, window).T


@wrong("05.2", diagnosing.ERROR)
def nobody_thought_of_none(boxes, window):
    seen = np.isfinite(boxes[:, 0])
    lines = [np.interp(np.arange(len(boxes)), np.flatnonzero(seen), [row[k] for row in boxes[seen]]) for k in range(4)]
    return lines[0][seen][0] * 0 + shrinking_windows(np.stack(lines, axis=1), window) + [][0]


# --- 05.3 Crop and enlarge -------------------------------------------------------------------------------------------


def _corners(box, factor):
    x, y, w, h = box
    left, top = round(x + (1 - factor) * w / 2), round(y + (1 - factor) * h / 2)
    return left, top, left + round(factor * w), top + round(factor * h)


@right("05.3")
def with_clipped_numbers(frame, box, factor):
    left, top, right_, bottom = _corners(box, factor)
    rows = np.clip(range(top, bottom), 0, len(frame) - 1)
    columns = np.clip(range(left, right_), 0, len(frame[0]) - 1)
    return frame[rows][:, columns]


@right("05.3")
def pixel_by_pixel(frame, box, factor):
    left, top, right_, bottom = _corners(box, factor)
    crop = np.zeros((bottom - top, right_ - left, 3), frame.dtype)
    for i in range(bottom - top):
        for j in range(right_ - left):
            row, column = min(max(top + i, 0), frame.shape[0] - 1), min(max(left + j, 0), frame.shape[1] - 1)
            crop[i, j] = frame[row, column]
    return crop


@right("05.3")
def padded_first(frame, box, factor):
    left, top, right_, bottom = _corners(box, factor)
    more = max(0, -left, -top, right_ - frame.shape[1], bottom - frame.shape[0])
    large = np.pad(frame, ((more, more), (more, more), (0, 0)), mode="edge")
    return large[top + more : bottom + more, left + more : right_ + more]


@right("05.3")
def with_opencv(frame, box, factor):
    left, top, right_, bottom = _corners(box, factor)
    large = cv2.copyMakeBorder(frame, 99, 99, 99, 99, cv2.BORDER_REPLICATE)
    return large[top + 99 : bottom + 99, left + 99 : right_ + 99]


@right("05.3")
def crop_with_torch(frame, box, factor):
    left, top, right_, bottom = _corners(box, factor)
    pixels = torch.from_numpy(frame)
    pixels = pixels.index_select(0, torch.arange(top, bottom).clamp(0, frame.shape[0] - 1))
    return pixels.index_select(1, torch.arange(left, right_).clamp(0, frame.shape[1] - 1)).numpy()


@wrong("05.3", "rows and columns changed places")
def x_is_the_row(frame, box, factor):
    left, top, right_, bottom = _corners(box, factor)
    rows = np.clip(range(left, right_), 0, frame.shape[0] - 1)
    columns = np.clip(range(top, bottom), 0, frame.shape[1] - 1)
    return frame[rows][:, columns]


@wrong("05.3", "rows and columns changed places")
def x_and_y_exchanged(frame, box, factor):
    x, y, w, h = box
    return with_clipped_numbers(frame, (y, x, h, w), factor)


@wrong("05.3", "width and height changed places")
def w_and_h_exchanged(frame, box, factor):
    x, y, w, h = box
    middle_x, middle_y = x + w / 2, y + h / 2
    return with_clipped_numbers(frame, (middle_x - h / 2, middle_y - w / 2, h, w), factor)


@wrong("05.3", "enlarged about the corner")
def from_the_corner(frame, box, factor):
    x, y, w, h = box
    return with_clipped_numbers(frame, (x, y, factor * w, factor * h), 1)


@wrong("05.3", "not enlarged")
def as_it_is(frame, box, factor):
    return with_clipped_numbers(frame, box, 1)


@wrong("05.3", "enlarged twice, once on each side")
def on_each_side(frame, box, factor):
    x, y, w, h = box
    more_w, more_h = (factor - 1) * w, (factor - 1) * h
    return with_clipped_numbers(frame, (x - more_w, y - more_h, w + 2 * more_w, h + 2 * more_h), 1)


@wrong("05.3", "a number below zero counts from the end")
def sliced(frame, box, factor):
    left, top, right_, bottom = _corners(box, factor)
    return frame[top:bottom, left:right_]


@wrong("05.3", "cut off at the border")
def cut_off(frame, box, factor):
    left, top, right_, bottom = _corners(box, factor)
    return frame[max(top, 0) : min(bottom, frame.shape[0]), max(left, 0) : min(right_, frame.shape[1])]


@wrong("05.3", "moved to fit")
def pushed_inside(frame, box, factor):
    left, top, right_, bottom = _corners(box, factor)
    w, h = right_ - left, bottom - top
    left = np.clip(left, 0, frame.shape[1] - w)
    top = np.clip(top, 0, frame.shape[0] - h)
    return frame[top : top + h, left : left + w]


@wrong("05.3", "filled up, not repeated")
def black_beyond(frame, box, factor):
    left, top, right_, bottom = _corners(box, factor)
    crop = np.zeros((bottom - top, right_ - left, 3), frame.dtype)
    part = cut_off(frame, box, factor)
    i, j = max(0, -top), max(0, -left)
    crop[i : i + part.shape[0], j : j + part.shape[1]] = part
    return crop


@wrong("05.3", "the other side of the frame")
def round_the_corner(frame, box, factor):
    left, top, right_, bottom = _corners(box, factor)
    return np.take(np.take(frame, range(top, bottom), 0, mode="wrap"), range(left, right_), 1, mode="wrap")


@wrong("05.3", "a number below zero counts from the end")
def beyond_the_end(frame, box, factor):
    left, top, right_, bottom = _corners(box, factor)
    return frame[np.arange(top, bottom)][:, np.arange(left, right_)]


@wrong("05.3", diagnosing.SHAPE)
def one_colour(frame, box, factor):
    return with_clipped_numbers(frame, box, factor)[..., 1]


@wrong("05.3", judging.PACKAGE_OWN)
def the_package_crops(frame, box, factor):
    return video.Box(*box).enlarge(factor).crop(frame, 24)


# --- 05.4 Labels onto the frames -------------------------------------------------------------------------------------


def _sorted(label_times, label, ahead):
    order = sorted(range(len(label_times)), key=lambda k: label_times[k])
    return np.array([label_times[k] for k in order]) - ahead, np.array([label[k] for k in order])


def _refuse(frame_times, known):
    if min(frame_times) < min(known) or max(frame_times) > max(known):
        raise ValueError("the label does not cover all frames")


@right("05.4")
def with_lines(frame_times, label_times, label, ahead):
    known, values = _sorted(label_times, label, ahead)
    _refuse(frame_times, known)
    return np.interp(frame_times, known, values)


@right("05.4")
def on_the_labels_clock(frame_times, label_times, label, ahead):
    order = label_times.argsort()
    line = interpolate.interp1d(label_times[order], label[order], bounds_error=True)
    return line(frame_times + ahead)


@right("05.4")
def with_a_spline(frame_times, label_times, label, ahead):
    known, values = _sorted(label_times, label, ahead)
    _refuse(frame_times, known)
    start = known[0]
    return interpolate.CubicSpline(known - start, values)(frame_times - start)


@right("05.4")
def frame_by_frame(frame_times, label_times, label, ahead):
    known, values = _sorted(label_times, label, ahead)
    _refuse(frame_times, known)
    found = np.empty(len(frame_times))
    for k, now in enumerate(frame_times):
        i = min(max(int(np.searchsorted(known, now)), 1), len(known) - 1)
        share = (now - known[i - 1]) / (known[i] - known[i - 1])
        found[k] = (1 - share) * values[i - 1] + share * values[i]
    return found


@wrong("05.4", "by number, not by time")
def every_second_value(frame_times, label_times, label, ahead):
    _refuse(frame_times, label_times - ahead)
    return label[::2][: len(frame_times)]


@wrong("05.4", "both ends fitted")
def as_long_as_the_film(frame_times, label_times, label, ahead):
    _refuse(frame_times, label_times - ahead)
    old = np.arange(len(label)) / (len(label) - 1)
    return np.interp(np.arange(len(frame_times)) / (len(frame_times) - 1), old, label)


@wrong("05.4", "the clock set in the wrong direction")
def the_wrong_sign(frame_times, label_times, label, ahead):
    known, values = _sorted(label_times, label, -ahead)
    _refuse(frame_times, known)
    return np.interp(frame_times, known, values)


@wrong("05.4", "the clock set in the wrong direction")
def the_wrong_sign_and_no_question(frame_times, label_times, label, ahead):
    known, values = _sorted(label_times, label, -ahead)
    return np.interp(frame_times, known, values)


@wrong("05.4", "two clocks taken for one")
def one_clock(frame_times, label_times, label, ahead):
    known, values = _sorted(label_times, label, 0.0)
    _refuse(frame_times, known)
    return np.interp(frame_times, known, values)


@wrong("05.4", "rows in disorder")
def as_they_came(frame_times, label_times, label, ahead):
    _refuse(frame_times, label_times - ahead)
    return np.interp(frame_times, label_times - ahead, label)


@wrong("05.4", "times in order, values not")
def only_times_sorted(frame_times, label_times, label, ahead):
    _refuse(frame_times, label_times - ahead)
    return np.interp(frame_times, np.sort(label_times) - ahead, label)


@wrong("05.4", "the nearest value, not between two")
def nearest(frame_times, label_times, label, ahead):
    known, values = _sorted(label_times, label, ahead)
    _refuse(frame_times, known)
    return np.array([values[np.argmin(abs(known - now))] for now in frame_times])


@wrong("05.4", "the value before, not between two")
def the_one_before(frame_times, label_times, label, ahead):
    known, values = _sorted(label_times, label, ahead)
    _refuse(frame_times, known)
    return values[np.searchsorted(known, frame_times, side="right") - 1]


@wrong("05.4", "invented beyond the ends")
def held_beyond(frame_times, label_times, label, ahead):
    known, values = _sorted(label_times, label, ahead)
    return np.interp(frame_times, known, values)


@wrong("05.4", diagnosing.NO_ERROR)
def nan_beyond(frame_times, label_times, label, ahead):
    known, values = _sorted(label_times, label, ahead)
    return np.interp(frame_times, known, values, left=np.nan, right=np.nan)


@wrong("05.4", diagnosing.NO_ERROR)
def only_the_end_is_asked(frame_times, label_times, label, ahead):
    known, values = _sorted(label_times, label, ahead)
    if frame_times[-1] > known[-1]:
        raise ValueError("too short")
    return np.interp(frame_times, known, values)


@wrong("05.4", diagnosing.SHAPE)
def on_the_labels_times(frame_times, label_times, label, ahead):
    known, values = _sorted(label_times, label, ahead)
    _refuse(frame_times, known)
    return values


@wrong("05.4", judging.PACKAGE_OWN)
def the_package_resamples(frame_times, label_times, label, ahead):
    known, values = _sorted(label_times, label, ahead)
    return spectrum.resample(values, known, frame_times)


# --- What people of three kinds tried --------------------------------------------------------------------------------


def _steps_in_a_second(times):
    return (len(times) - 1) / (times[-1] - times[0])


@wrong("05.1", "the error, not what is read")
def how_wrong_as_a_share(times, claimed_fs, bpm):
    fs = _steps_in_a_second(times)
    return fs, claimed_fs / fs - 1


@wrong("05.1", "a difference, not a ratio")
def so_many_more_beats(times, claimed_fs, bpm):
    fs = _steps_in_a_second(times)
    return fs, bpm + (claimed_fs - fs)


@wrong("05.1", "the heart is left as it is")
def the_heart_itself(times, claimed_fs, bpm):
    return _steps_in_a_second(times), bpm


@wrong("05.1", "a line drawn through all times")
def slope_of_the_numbers(times, claimed_fs, bpm):
    fs = np.polyfit(times - times[0], range(len(times)), 1)[0]
    return fs, bpm * claimed_fs / fs


def _bridged(boxes):
    seen = np.isfinite(boxes).all(axis=1)
    if not seen.any():
        raise ValueError("never seen")
    place = np.arange(len(boxes))
    return np.stack([np.interp(place, place[seen], boxes[seen, k]) for k in range(4)], axis=1)


def _repeated_at_the_ends(boxes, half):
    return np.pad(_bridged(boxes), ((half, half), (0, 0)), mode="edge")


@right("05.2")
def a_window_that_shrinks_at_the_ends(boxes, window):
    lines, half = _bridged(boxes), window // 2
    return np.array([lines[max(0, t - half) : t + half + 1].mean(axis=0) for t in range(len(lines))])


@right("05.2")
def with_scipys_running_mean(boxes, window):
    return ndimage.uniform_filter1d(_bridged(boxes), window, axis=0, mode="nearest")


@wrong("05.2", "a window that begins before the film")
def from_minus_seven(boxes, window):
    lines, half = _bridged(boxes), window // 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.array([lines[t - half : t + half + 1].mean(axis=0) for t in range(len(lines))])


@wrong("05.2", "nobody is told that there was no face")
def given_back_as_it_came(boxes, window):
    return boxes if np.isnan(boxes).all() else a_window_that_shrinks_at_the_ends(boxes, window)


@wrong("05.2", "half of a window may be nothing")
def cut_off_on_both_sides(boxes, window):
    half = window // 2
    long = _repeated_at_the_ends(boxes, half)
    smooth = [np.convolve(side, np.ones(window) / window, "same") for side in long.T]
    return np.stack(smooth, axis=1)[half:-half]


@wrong("05.2", "one frame too many")
def half_on_both_sides(boxes, window):
    long = _repeated_at_the_ends(boxes, window // 2)
    return np.lib.stride_tricks.sliding_window_view(long, window, axis=0).mean(axis=-1)


@wrong("05.2", "frames are missing at the ends")
def what_was_lost_left_out(boxes, window):
    if np.isnan(boxes).all():
        raise ValueError("never seen")
    return a_window_that_shrinks_at_the_ends(boxes[np.isfinite(boxes).all(axis=1)], window)


@wrong("05.2", "a still box becomes another one")
def over_the_four_numbers(boxes, window):
    return ndimage.uniform_filter1d(_bridged(boxes), window, axis=1, mode="nearest")


@wrong("05.2", "a still box becomes another one")
def a_median_of_everything(boxes, window):
    return ndimage.median_filter(_bridged(boxes), window)


@wrong("05.2", "in whole pixels")
def rounded(boxes, window):
    return np.round(a_window_that_shrinks_at_the_ends(boxes, window))


@wrong("05.2", "the window is too wide")
def window_to_both_sides(boxes, window):
    return a_window_that_shrinks_at_the_ends(boxes, 2 * window + 1)


@wrong("05.2", "the ends are pulled away")
def round_and_round(boxes, window):
    return ndimage.uniform_filter1d(_bridged(boxes), window, axis=0, mode="wrap")


def _whole_sides(box, factor):
    x, y, w, h = box
    return round(x + w / 2 * (1 - factor)), round(y + h / 2 * (1 - factor)), round(factor * w), round(factor * h)


def _clipped(frame, x, y, w, h):
    rows = np.clip(np.arange(y, y + h), 0, len(frame) - 1)
    columns = np.clip(np.arange(x, x + w), 0, frame.shape[1] - 1)
    return frame[rows][:, columns]


@wrong("05.3", "width and height changed places")
def height_first(frame, box, factor):
    x, y, h, w = box
    return _clipped(frame, *_whole_sides((x, y, w, h), factor))


@wrong("05.3", "the place is multiplied as well")
def all_four_multiplied(frame, box, factor):
    return _clipped(frame, *(round(factor * side) for side in box))


@wrong("05.3", "two corners, not a corner and a size")
def from_corner_to_corner(frame, box, factor):
    left, top, right_side, bottom = box
    return _clipped(frame, *_whole_sides((left, top, right_side - left, bottom - top), factor))


@wrong("05.3", "one row and one column too many")
def both_ends_counted(frame, box, factor):
    x, y, w, h = _whole_sides(box, factor)
    return _clipped(frame, x, y, w + 1, h + 1)


@wrong("05.3", "the picture was stretched, not the box")
def resized(frame, box, factor):
    x, y, w, h = box
    return cv2.resize(frame[y : y + h, x : x + w], (round(factor * w), round(factor * h)))


@wrong("05.3", "mirrored, not repeated")
def a_mirror_at_the_edge(frame, box, factor):
    x, y, w, h = _whole_sides(box, factor)
    large = np.pad(frame, ((30, 30), (30, 30), (0, 0)), mode="reflect")
    return large[y + 30 : y + 30 + h, x + 30 : x + 30 + w]


@wrong("05.4", "the ends are compared on two clocks")
def asked_before_the_clock_is_set(frame_times, label_times, label, ahead):
    if frame_times.min() < label_times.min() or frame_times.max() > label_times.max():
        raise ValueError("outside of the label")
    order = np.argsort(label_times)
    return np.interp(frame_times, label_times[order] - ahead, label[order])


@wrong("05.4", "resampled by number")
def resampled(frame_times, label_times, label, ahead):
    true = label_times - ahead
    if frame_times.min() < true.min() or frame_times.max() > true.max():
        raise ValueError("outside of the label")
    return signal.resample(label, len(frame_times))


@wrong("05.4", diagnosing.ERROR)
def just_covered_is_not_enough(frame_times, label_times, label, ahead):
    order = np.argsort(label_times)
    true = label_times[order] - ahead
    if frame_times.min() <= true[0] or frame_times.max() >= true[-1]:
        raise ValueError("outside of the label")
    return np.interp(frame_times, true, label[order])
