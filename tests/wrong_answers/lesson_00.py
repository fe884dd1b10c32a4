"""Right and wrong answers to the exercises of lesson 00."""

import cv2
import numpy as np
import torch
from answers import right, wrong

from rppg_lab import video
from rppg_lab.checks import diagnosing, judging, lesson_00

# --- 00.1 Beats per minute from a frequency --------------------------------------------------------------------------


@right("00.1")
def times_sixty(frequency):
    return frequency * 60


@right("00.1")
def through_the_period(frequency):
    period = 1 / frequency
    return 60.0 / period


@right("00.1")
def with_numpy(frequency):
    seconds_in_a_minute = 60
    return np.multiply(frequency, seconds_in_a_minute)


@right("00.1")
def with_torch(f):
    return torch.as_tensor(f, dtype=torch.float64) * 60


@right("00.1")
def added_up(frequency):
    beats = 0
    for _second in range(60):
        beats = beats + frequency
    return beats


@wrong("00.1", "hertz left as they are")
def unchanged(frequency):
    return frequency


@wrong("00.1", "the wrong way round")
def divided(frequency):
    return frequency / 60


@wrong("00.1", "the time between beats, not their frequency")
def as_if_it_were_an_interval(frequency):
    return 60 / frequency


@wrong("00.1", diagnosing.ERROR)
def one_by_one(frequency):
    return [60 * one for one in frequency]


@wrong("00.1", "seconds per beat")
def period(frequency):
    return 1 / frequency


@wrong("00.1", "radians per second")
def angular(frequency):
    return 2 * np.pi * frequency


@wrong("00.1", "rounded to whole beats")
def rounded(frequency):
    return np.round(60 * frequency)


@wrong("00.1", "rounded to whole beats")
def truncated(frequency):
    return np.asarray(60 * frequency).astype(int)


@wrong("00.1", diagnosing.PRINTED)
def printed(frequency):
    print(60 * frequency)


@wrong("00.1", diagnosing.NOTHING)
def forgotten_return(frequency):
    rate = 60 * frequency  # noqa: F841


@wrong("00.1", diagnosing.ARGUMENT_CHANGED)
def in_place(frequency):
    frequency *= 60
    return frequency


@wrong("00.1", diagnosing.ERROR)
def misspelt(frequency):
    return 60 * frequncy  # noqa: F821


@wrong("00.1", diagnosing.ERROR)
def one_number_only(frequency):
    return 60 * float(frequency)


@wrong("00.1", diagnosing.TYPE)
def in_words(frequency):
    return f"{60 * frequency} beats per minute"


@wrong("00.1", "always the number of the example")
def always_the_same(frequency):
    return 72.0 + 0 * frequency


@wrong("00.1", diagnosing.FACTOR)
def per_hour(frequency):
    return 3600 * frequency


@wrong("00.1", diagnosing.ENDLESS)
def counts_for_ever(frequency):
    beats, second = 0, 0
    while second < 60:
        beats += frequency
    return beats


@wrong("00.1", judging.PACKAGE_OWN)
def looked_up(frequency):
    return lesson_00.beats_per_minute(frequency)


# --- 00.2 The mean colour of each frame ------------------------------------------------------------------------------


@right("00.2")
def mean_over_both_axes(frames):
    return frames.mean(axis=(1, 2))


@right("00.2")
def one_axis_after_the_other(frames):
    return np.asarray(frames, float).mean(axis=1).mean(axis=1)


@right("00.2")
def flattened(frames):
    return np.array([frame.reshape(-1, 3).mean(axis=0) for frame in frames])


@right("00.2")
def loops(frames):
    count, height, width, _ = frames.shape
    colours = np.zeros((count, 3))
    for t in range(count):
        for y in range(height):
            for x in range(width):
                colours[t] += frames[t, y, x]
    return colours / (height * width)


@right("00.2")
def with_opencv(frames):
    return np.array([cv2.mean(frame)[:3] for frame in frames])


@right("00.2")
def with_torch_in_float32(frames):
    return torch.from_numpy(frames).float().mean(dim=(1, 2))


@right("00.2")
def with_einsum(frames):
    return np.einsum("thwc->tc", frames.astype(np.float32)) / frames[0, ..., 0].size


@wrong("00.2", "everything in one mean")
def one_number(frames):
    return frames.mean()


@wrong("00.2", "time is averaged away")
def mean_colour_of_the_video(frames):
    return frames.reshape(-1, 3).mean(axis=0)


@wrong("00.2", "the colours are mixed")
def brightness(frames):
    return frames.mean(axis=(1, 2, 3))


@wrong("00.2", "the colours are mixed")
def brightness_in_a_loop(frames):
    return np.array([frame.mean() for frame in frames])


@wrong("00.2", "one mean picture")
def over_time(frames):
    return np.mean(frames, axis=0)


@wrong("00.2", "only rows or only columns")
def over_rows(frames):
    return frames.mean(axis=1)


@wrong("00.2", "only rows or only columns")
def over_columns(frames):
    return frames.mean(axis=2)


@wrong("00.2", "the sum, not the mean")
def added(frames):
    return frames.sum(axis=(1, 2)).astype(float)


@wrong("00.2", "8 bits run over")
def added_in_8_bits(frames):
    total = np.zeros((len(frames), 3), np.uint8)
    for row in range(frames.shape[1]):
        for column in range(frames.shape[2]):
            total += frames[:, row, column]
    return total / (frames.shape[1] * frames.shape[2])


@wrong("00.2", "blue first")
def turned_to_bgr(frames):
    return np.array([frame[..., ::-1].reshape(-1, 3).mean(axis=0) for frame in frames])


@wrong("00.2", "cut to whole steps")
def cut(frames):
    return frames.mean(axis=(1, 2)).astype(np.uint8)


@wrong("00.2", "cut to whole steps")
def rounded_colours(frames):
    return frames.mean(axis=(1, 2)).round()


@wrong("00.2", diagnosing.TRANSPOSED)
def colours_first(frames):
    return np.array([frames[..., colour].mean(axis=(1, 2)) for colour in range(3)])


@wrong("00.2", diagnosing.LIST)
def in_a_list(frames):
    return [frame.mean(axis=(0, 1)) for frame in frames]


@wrong("00.2", diagnosing.FACTOR)
def between_0_and_1(frames):
    return (frames / 255).mean(axis=(1, 2))


@wrong("00.2", diagnosing.SHAPE)
def axes_kept(frames):
    return frames.mean(axis=(1, 2), keepdims=True)


@wrong("00.2", diagnosing.SHAPE)
def squeezed(frames):
    return frames.mean(axis=(1, 2)).squeeze()


@wrong("00.2", "the median, not the mean")
def median(frames):
    return np.median(frames, axis=(1, 2))


@wrong("00.2", diagnosing.ERROR)
def another_library(frames):
    return frames.mean(dim=(1, 2))


@wrong("00.2", judging.PACKAGE_OWN)
def looked_up_as_well(frames):
    return video.mean_colour(frames)


@wrong("00.2", "the colours are mixed")
def the_last_two_axes(frames):
    return frames.mean(axis=(2, 3))


@wrong("00.2", "the colours are mixed")
def a_number_too_far(frames):
    return frames.mean(axis=1).mean(axis=2)


@wrong("00.2", "frames are missing")
def one_frame_short(frames):
    return np.array([frames[k].mean(axis=(0, 1)) for k in range(len(frames) - 1)])


@wrong("00.2", "frames are missing")
def returned_within_the_loop(frames):
    means = []
    for frame in frames:
        means.append(frame.mean(axis=(0, 1)))
        return np.array(means)


@wrong("00.2", "the colours are counted as pixels")
def over_all_numbers_of_a_frame(frames):
    return frames.sum(axis=(1, 2)) / frames[0].size


@wrong("00.2", "one size of picture is taken for granted")
def as_large_as_the_face(frames):
    return frames.sum(axis=(1, 2)) / (64 * 64)


@wrong("00.2", "one size of picture is taken for granted")
def as_large_as_the_cheeks(frames):
    return frames.sum(axis=(1, 2)) / (12 * 28)


@wrong("00.2", "a single pixel")
def the_corner(frames):
    return frames[:, 0, 0]
