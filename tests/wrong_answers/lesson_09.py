"""Right and wrong answers to the exercises of lesson 09."""

import functools
import math

import numpy as np
import torch
from answers import right, wrong
from scipy import ndimage, signal
from torch import nn
from torch.nn import functional as F

from rppg_lab import clips, models
from rppg_lab.checks import diagnosing, judging
from rppg_lab.models import physnet

# --- 09.1 A filter in time -------------------------------------------------------------------------------------------


@right("09.1")
def two_loops(wave, kernel):
    half = len(kernel) // 2
    result = []
    for t in range(len(wave)):
        total = 0.0
        for k, weight in enumerate(kernel):
            if 0 <= t + k - half < len(wave):
                total += weight * wave[t + k - half]
        result.append(total)
    return result


@right("09.1")
def turned_twice(wave, kernel):
    return np.convolve(wave, kernel[::-1], mode="same")


@right("09.1")
def with_scipy_ndimage(wave, kernel):
    return ndimage.correlate1d(wave, kernel, mode="constant")


@right("09.1")
def with_a_layer(wave, kernel):
    wave, kernel = (torch.tensor(np.ascontiguousarray(one), dtype=torch.float64)[None, None] for one in (wave, kernel))
    return F.conv1d(wave, kernel, padding=kernel.shape[-1] // 2)[0, 0]


@right("09.1")
def with_windows(wave, kernel):
    padded = np.pad(wave, len(kernel) // 2)
    return np.lib.stride_tricks.sliding_window_view(padded, len(kernel)) @ kernel


@wrong("09.1", "the kernel is turned")
def by_convolve(wave, kernel):
    return np.convolve(wave, kernel, mode="same")


@wrong("09.1", "turned, and late by half a window")
def by_lfilter(wave, kernel):
    return signal.lfilter(kernel, [1.0], wave)


@wrong("09.1", "late by half a window")
def only_the_past(wave, kernel):
    padded = np.concatenate([np.zeros(len(kernel) - 1), wave])
    return np.array([padded[t : t + len(kernel)] @ kernel for t in range(len(wave))])


@wrong("09.1", "early by half a window")
def only_the_future(wave, kernel):
    padded = np.concatenate([wave, np.zeros(len(kernel) - 1)])
    return np.array([padded[t : t + len(kernel)] @ kernel for t in range(len(wave))])


@wrong("09.1", "the ends are cut off")
def complete_windows_only(wave, kernel):
    return np.array([wave[t : t + len(kernel)] @ kernel for t in range(len(wave) - len(kernel) + 1)])


@wrong("09.1", "too long")
def all_that_touch(wave, kernel):
    return np.convolve(wave, kernel[::-1])


@wrong("09.1", "nothing where the window hangs over")
def zeros_at_the_ends(wave, kernel):
    half = len(kernel) // 2
    result = np.zeros(len(wave))
    for t in range(half, len(wave) - half):
        result[t] = wave[t - half : t + half + 1] @ kernel
    return result


@wrong("09.1", "the ends are made good")
def divided_by_what_is_there(wave, kernel):
    inside = turned_twice(np.ones(len(wave)), np.abs(kernel))
    return turned_twice(wave, kernel) * np.abs(kernel).sum() / inside


@wrong("09.1", "the end values go on")
def padded_with_the_ends(wave, kernel):
    return ndimage.correlate1d(wave, kernel, mode="nearest")


@wrong("09.1", "the wave bites its tail")
def negative_places(wave, kernel):
    half = len(kernel) // 2
    return np.array([sum(w * wave[(t + k - half) % len(wave)] for k, w in enumerate(kernel)) for t in range(len(wave))])


@wrong("09.1", "the wave is mirrored")
def scipy_as_it_comes(wave, kernel):
    return ndimage.correlate1d(wave, kernel)


@wrong("09.1", "a mean, not a sum")
def mean_of_the_products(wave, kernel):
    padded = np.pad(wave, len(kernel) // 2)
    return np.array([np.mean(padded[t : t + len(kernel)] * kernel) for t in range(len(wave))])


@wrong("09.1", diagnosing.PRINTED)
def shown_only(wave, kernel):
    print(turned_twice(wave, kernel))


@wrong("09.1", diagnosing.ERROR)
def runs_over_the_end(wave, kernel):
    half = len(kernel) // 2
    return np.array([sum(kernel[k] * wave[t + k - half] for k in range(len(kernel))) for t in range(len(wave))])


@wrong("09.1", diagnosing.ARGUMENT_CHANGED)
def into_the_wave_itself(wave, kernel):
    wave[:] = turned_twice(wave, kernel)
    return wave


# --- 09.2 The convolution block --------------------------------------------------------------------------------------


@right("09.2")
def in_a_row(channels_in, channels_out, kernel):
    frames, rows, columns = kernel
    return nn.Sequential(
        nn.Conv3d(channels_in, channels_out, kernel, padding=(frames // 2, rows // 2, columns // 2)),
        nn.BatchNorm3d(channels_out),
        nn.ReLU(inplace=True),
    )


@right("09.2")
def padding_in_words(channels_in, channels_out, kernel):
    block = nn.Sequential()
    block.append(nn.Conv3d(channels_in, channels_out, kernel, padding="same"))
    block.append(nn.BatchNorm3d(channels_out))
    block.append(nn.ReLU())
    return block


class _OwnBlock(nn.Module):
    def __init__(self, channels_in, channels_out, kernel):
        super().__init__()
        self.norm = nn.BatchNorm3d(channels_out)
        self.weigh = nn.Conv3d(channels_in, channels_out, kernel, padding=[(k - 1) // 2 for k in kernel])

    def forward(self, video):
        return F.relu(self.norm(self.weigh(video)))


@right("09.2")
def a_class_of_its_own(channels_in, channels_out, kernel):
    return _OwnBlock(channels_in, channels_out, kernel)


@right("09.2")
def zeros_as_a_layer(channels_in, channels_out, kernel):
    t, h, w = (k // 2 for k in kernel)
    return nn.Sequential(
        nn.ConstantPad3d((w, w, h, h, t, t), 0.0),
        nn.Conv3d(channels_in, channels_out, kernel),
        nn.BatchNorm3d(channels_out),
        nn.ReLU(),
    )


def _same(kernel):
    return tuple(k // 2 for k in kernel)


@wrong("09.2", "without padding")
def window_must_fit(channels_in, channels_out, kernel):
    return nn.Sequential(nn.Conv3d(channels_in, channels_out, kernel), nn.BatchNorm3d(channels_out), nn.ReLU())


@wrong("09.2", "the same padding for every axis")
def one_everywhere(channels_in, channels_out, kernel):
    return nn.Sequential(
        nn.Conv3d(channels_in, channels_out, kernel, padding=1), nn.BatchNorm3d(channels_out), nn.ReLU()
    )


@wrong("09.2", "the paddings in another order")
def as_functional_pad_wants_it(channels_in, channels_out, kernel):
    return nn.Sequential(
        nn.Conv3d(channels_in, channels_out, kernel, padding=_same(kernel)[::-1]),
        nn.BatchNorm3d(channels_out),
        nn.ReLU(),
    )


@wrong("09.2", "another size")
def whole_kernel_of_padding(channels_in, channels_out, kernel):
    return nn.Sequential(
        nn.Conv3d(channels_in, channels_out, kernel, padding=kernel), nn.BatchNorm3d(channels_out), nn.ReLU()
    )


@wrong("09.2", "no batch normalisation")
def two_of_three(channels_in, channels_out, kernel):
    return nn.Sequential(nn.Conv3d(channels_in, channels_out, kernel, padding=_same(kernel)), nn.ReLU())


@wrong("09.2", "no ReLU")
def a_sum_only(channels_in, channels_out, kernel):
    return nn.Sequential(
        nn.Conv3d(channels_in, channels_out, kernel, padding=_same(kernel)), nn.BatchNorm3d(channels_out)
    )


@wrong("09.2", "ReLU before the normalisation")
def other_order(channels_in, channels_out, kernel):
    return nn.Sequential(
        nn.Conv3d(channels_in, channels_out, kernel, padding=_same(kernel)), nn.ReLU(), nn.BatchNorm3d(channels_out)
    )


@wrong("09.2", "normalised before the convolution")
def norm_first(channels_in, channels_out, kernel):
    return nn.Sequential(
        nn.BatchNorm3d(channels_in), nn.Conv3d(channels_in, channels_out, kernel, padding=_same(kernel)), nn.ReLU()
    )


@wrong("09.2", "ELU for ReLU")
def bends(channels_in, channels_out, kernel):
    return nn.Sequential(
        nn.Conv3d(channels_in, channels_out, kernel, padding=_same(kernel)), nn.BatchNorm3d(channels_out), nn.ELU()
    )


@wrong("09.2", "a convolution without bias")
def as_many_do(channels_in, channels_out, kernel):
    return nn.Sequential(
        nn.Conv3d(channels_in, channels_out, kernel, padding=_same(kernel), bias=False),
        nn.BatchNorm3d(channels_out),
        nn.ReLU(),
    )


@wrong("09.2", diagnosing.ERROR)
def counts_the_wrong_channels(channels_in, channels_out, kernel):
    return nn.Sequential(
        nn.Conv3d(channels_in, channels_out, kernel, padding=_same(kernel)), nn.BatchNorm3d(channels_in), nn.ReLU()
    )


@wrong("09.2", diagnosing.NOTHING)
def without_return(channels_in, channels_out, kernel):
    in_a_row(channels_in, channels_out, kernel)


@wrong("09.2", judging.PACKAGE_OWN)
def the_package_has_one(channels_in, channels_out, kernel):
    return physnet._convolution(channels_in, channels_out, kernel)


# --- 09.3 PhysNet ----------------------------------------------------------------------------------------------------


def _double(channels):
    return nn.Sequential(
        nn.ConvTranspose3d(channels, channels, (4, 1, 1), stride=(2, 1, 1), padding=(1, 0, 0)),
        nn.BatchNorm3d(channels),
        nn.ELU(),
    )


def _body(w, block=in_a_row, pool=nn.MaxPool3d, doubles=2, halvings=2):
    """Everything but the end, in one Sequential."""
    box, both, space = (3, 3, 3), (2, 2, 2), (1, 2, 2)
    pools = [both] * halvings + [space] * (3 - halvings)
    layers = [block(3, w // 4, (1, 5, 5)), pool(space), block(w // 4, w // 2, box), block(w // 2, w, box)]
    for size in pools:
        layers += [pool(size), block(w, w, box), block(w, w, box)]
    return nn.Sequential(*layers, *[_double(w) for _ in range(doubles)])


@right("09.3")
class AllInOneRow(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.net = nn.Sequential(_body(width), nn.AdaptiveAvgPool3d((None, 1, 1)), nn.Conv3d(width, 1, 1), nn.Flatten())

    def forward(self, video):
        return self.net(video)


@right("09.3")
class AsInThePaper(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.ConvBlock10 = nn.Conv3d(width, 1, [1, 1, 1])
        self.ConvBlock1 = in_a_row(3, width // 4, (1, 5, 5))
        self.ConvBlock2 = in_a_row(width // 4, width // 2, (3, 3, 3))
        self.ConvBlock3 = in_a_row(width // 2, width, (3, 3, 3))
        self.deep = nn.ModuleList(a_class_of_its_own(width, width, (3, 3, 3)) for _ in range(6))
        self.up = nn.ModuleList([_double(width), _double(width)])

    def forward(self, x):
        clips_, _, length, _, _ = x.shape
        x = F.max_pool3d(self.ConvBlock1(x), (1, 2, 2))
        x = F.max_pool3d(self.ConvBlock3(self.ConvBlock2(x)), 2)
        x = F.max_pool3d(self.deep[1](self.deep[0](x)), 2)
        x = F.max_pool3d(self.deep[3](self.deep[2](x)), (1, 2, 2))
        x = self.deep[5](self.deep[4](x))
        for up in self.up:
            x = up(x)
        x = F.adaptive_avg_pool3d(x, (length, 1, 1))
        return self.ConvBlock10(x).view(clips_, length)


@right("09.3")
class MeanAfterTheLastLayer(nn.Module):
    """A mean and a weighted sum may change places."""

    def __init__(self, width=64):
        super().__init__()
        self.body, self.last = _body(width), nn.Conv3d(width, 1, 1)

    def forward(self, video):
        return self.last(self.body(video)).mean(dim=(-2, -1)).squeeze(1)


class _Base(nn.Module):
    def __init__(self, width=64, **choices):
        super().__init__()
        self.body, self.last = _body(width, **choices), nn.Conv3d(width, 1, 1)

    def forward(self, video):
        return self.last(self.body(video).mean((3, 4), keepdim=True))[:, 0, :, 0, 0]


@wrong("09.3", "the maximum, not the mean")
class TheLectures(_Base):
    def forward(self, video):
        return self.last(F.adaptive_max_pool3d(self.body(video), (video.shape[2], 1, 1))).flatten(1)


@wrong("09.3", "a batch of one disappears")
class Squeezed(_Base):
    def forward(self, video):
        return self.last(self.body(video).mean((3, 4), keepdim=True)).squeeze()


@wrong("09.3", "axes of length 1 are left")
class WithItsChannel(_Base):
    def forward(self, video):
        return self.last(self.body(video).mean((3, 4), keepdim=True))[..., 0, 0]


@wrong("09.3", "the picture is still there")
class WithoutAMean(_Base):
    def forward(self, video):
        return self.last(self.body(video))[:, 0]


@wrong("09.3", "averaged over time as well")
class MeanOverTimeAndRows(_Base):
    def forward(self, video):
        return self.last(self.body(video).mean(dim=(2, 3), keepdim=True))[:, 0, :, 0, 0]


@wrong("09.3", "averaged over time as well")
class OneNumberForAll(_Base):
    def forward(self, video):
        return self.last(F.adaptive_avg_pool3d(self.body(video), 1)).flatten(1)


@wrong("09.3", "one place speaks for all")
class WithoutAMeanCutToSize(_Base):
    def forward(self, video):
        return self.last(self.body(video))[:, 0, :, 0, 0]


def _pooled(w, *sizes, first=(1, 5, 5)):
    """Everything but the end, with these poolings and this kernel of the first block."""
    box, pools = (3, 3, 3), [nn.MaxPool3d(size) if size else nn.Identity() for size in sizes]
    layers = [in_a_row(3, w // 4, first), pools[0], in_a_row(w // 4, w // 2, box), in_a_row(w // 2, w, box)]
    for pool in pools[1:]:
        layers += [pool, in_a_row(w, w, box), in_a_row(w, w, box)]
    return nn.Sequential(*layers, *[_double(w) for _ in range(2)])


@wrong("09.3", "as many weights as there should be, and another wave")
class PoolingsExchanged(_Base):
    def __init__(self, width=64):
        super().__init__(width)
        self.body = _pooled(width, (2, 2, 2), (1, 2, 2), (2, 2, 2), (1, 2, 2))


@wrong("09.3", "as many weights as there should be, and another wave")
class LastPoolingMissing(_Base):
    def __init__(self, width=64):
        super().__init__(width)
        self.body = _pooled(width, (1, 2, 2), (2, 2, 2), (2, 2, 2), None)


@wrong("09.3", "as many weights as there should be, and another wave")
class KernelInAnotherOrder(_Base):
    def __init__(self, width=64):
        super().__init__(width)
        self.body = _pooled(width, (1, 2, 2), (2, 2, 2), (2, 2, 2), (1, 2, 2), first=(5, 5, 1))


@wrong("09.3", "only one clip length")
class For128Frames(_Base):
    def forward(self, video):
        return self.last(F.adaptive_avg_pool3d(self.body(video), (128, 1, 1)))[:, 0, :, 0, 0]


@wrong("09.3", "not one value for each frame")
class HalvedThreeTimes(_Base):
    def __init__(self, width=64):
        super().__init__(width, halvings=1)


@wrong("09.3", "not one value for each frame")
class DoubledOnce(_Base):
    def __init__(self, width=64):
        super().__init__(width, doubles=1)


@wrong("09.3", "always 64 channels")
class AlwaysWide(_Base):
    def __init__(self, width=64):
        super().__init__(64)


@wrong("09.3", "one block used again and again")
class OneForAll(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        w = self.width = width
        self.first = nn.Sequential(in_a_row(3, w // 4, (1, 5, 5)), nn.MaxPool3d((1, 2, 2)))
        self.second = nn.Sequential(in_a_row(w // 4, w // 2, (3, 3, 3)), in_a_row(w // 2, w, (3, 3, 3)))
        self.deep = in_a_row(w, w, (3, 3, 3))
        self.up1, self.up2, self.last = _double(w), _double(w), nn.Conv3d(w, 1, 1)

    def forward(self, x):
        x = self.second(self.first(x))
        for pool in (2, 2, (1, 2, 2)):
            x = self.deep(self.deep(F.max_pool3d(x, pool)))
        x = self.up2(self.up1(x)).mean((3, 4), keepdim=True)
        return self.last(x)[:, 0, :, 0, 0]


@wrong("09.3", "one doubling used twice")
class DoubledByTheSame(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.body, self.up, self.last = _body(width, doubles=0), _double(width), nn.Conv3d(width, 1, 1)

    def forward(self, x):
        return self.last(self.up(self.up(self.body(x))).mean((3, 4), keepdim=True))[:, 0, :, 0, 0]


@wrong("09.3", "mean poolings between the blocks")
class Averaged(_Base):
    def __init__(self, width=64):
        super().__init__(width, pool=nn.AvgPool3d)


@wrong("09.3", "a block at the end")
class OneBlockMore(_Base):
    def __init__(self, width=64):
        super().__init__(width)
        self.last = in_a_row(width, 1, (1, 1, 1))


@wrong("09.3", "cut off at zero")
class NeverBelowZero(_Base):
    def forward(self, video):
        return super().forward(video).relu()


@wrong("09.3", "another number of parameters")
class EightBlocks(_Base):
    def __init__(self, width=64):
        super().__init__(width)
        del self.body[-3]


@wrong("09.3", "another number of parameters")
class WithoutBias(_Base):
    def __init__(self, width=64):
        super().__init__(width, block=as_many_do)


@wrong("09.3", diagnosing.ERROR)
class MeanOverColours(_Base):
    def forward(self, video):
        return self.last(self.body(video).mean((1, 3, 4), keepdim=True))[:, 0, :, 0, 0]


@wrong("09.3", judging.PACKAGE_OWN)
class FromTheShelf(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.net = models.get_model("physnet", width=width)

    def forward(self, video):
        return self.net(video)


# --- 09.4 The receptive field in seconds -----------------------------------------------------------------------------


@right("09.4")
def in_a_loop(layers, fs):
    reach, spacing = 1, 1
    for looks_at, step in layers:
        reach += (looks_at - 1) * spacing
        spacing *= step
    return reach / fs


@right("09.4")
def from_the_wave_back(layers, fs):
    """What one output needs of the layer before, and so on to the video: the other direction."""
    needed = 1.0
    for looks_at, step in reversed(layers):
        needed = (needed - 1) * step + looks_at
    return needed / fs


@right("09.4")
def with_numpy(layers, fs):
    if not layers:
        return 1 / fs
    looks_at, steps = np.array(layers, dtype=float).T
    spacing = np.cumprod(np.concatenate([[1.0], steps[:-1]]))
    return (1 + np.sum((looks_at - 1) * spacing)) / fs


@right("09.4")
def folded(layers, fs):
    return functools.reduce(lambda s, la: (s[0] + (la[0] - 1) * s[1], s[1] * la[1]), layers, (1, 1))[0] / fs


@wrong("09.4", "frames, not seconds")
def counted_in_frames(layers, fs):
    return in_a_loop(layers, 1)


@wrong("09.4", "more frames per second, and it lasts longer")
def times_the_rate(layers, fs):
    return in_a_loop(layers, 1) * fs


@wrong("09.4", "from the first frame to the last")
def fence_posts(layers, fs):
    return (in_a_loop(layers, 1) - 1) / fs


@wrong("09.4", "the neighbours' overlap is forgotten")
def adds_whole_windows(layers, fs):
    reach, spacing = 1, 1
    for looks_at, step in layers:
        reach += looks_at * spacing
        spacing *= step
    return reach / fs


@wrong("09.4", "the kernels are added up")
def sum_of_kernels(layers, fs):
    return sum(layer[0] for layer in layers) / fs


@wrong("09.4", "the kernels are multiplied")
def product_of_kernels(layers, fs):
    return math.prod(layer[0] for layer in layers) / fs


@wrong("09.4", "the spacing is forgotten")
def all_one_frame_apart(layers, fs):
    return (1 + sum(looks_at - 1 for looks_at, _ in layers)) / fs


@wrong("09.4", "the step is felt too early")
def steps_first(layers, fs):
    reach, spacing = 1, 1
    for looks_at, step in layers:
        spacing *= step
        reach += (looks_at - 1) * spacing
    return reach / fs


@wrong("09.4", "the steps are added")
def one_more_each_time(layers, fs):
    reach, spacing = 1, 1
    for looks_at, step in layers:
        reach += (looks_at - 1) * spacing
        spacing += step - 1
    return reach / fs


@wrong("09.4", "never back")
def only_further_apart(layers, fs):
    reach, spacing = 1, 1
    for looks_at, step in layers:
        reach += (looks_at - 1) * spacing
        spacing *= max(step, 1)
    return reach / fs


@wrong("09.4", "nothing to begin with")
def starts_with_the_first_layer(layers, fs):
    reach, spacing = 0, 1
    for number, (looks_at, step) in enumerate(layers):
        reach = 1 if number == 0 else reach + (looks_at - 1) * spacing
        if number:
            spacing *= step
    return reach / fs


@wrong("09.4", diagnosing.FACTOR)
def in_milliseconds(layers, fs):
    return 1000 * in_a_loop(layers, fs)


@wrong("09.4", diagnosing.NOTHING)
def no_return(layers, fs):
    in_a_loop(layers, fs)


# --- 09.5 Each pixel by its own mean ---------------------------------------------------------------------------------


@right("09.5")
def with_where(frames):
    mean = frames.mean(axis=0)
    change = (frames - mean) / np.where(mean == 0, 1, mean)
    deviation = change.std()
    return change / deviation if deviation else change


@right("09.5")
def pixel_by_pixel(frames):
    result = np.zeros(frames.shape)
    for place in np.ndindex(frames.shape[1:]):
        trace = frames[(slice(None), *place)].astype(float)
        if trace.mean() > 0:
            result[(slice(None), *place)] = trace / trace.mean() - 1
    return result / result.std() if result.any() else result


@right("09.5")
def with_torch(frames):
    clip = torch.from_numpy(frames).double()
    mean = clip.mean(0, keepdim=True)
    change = torch.where(mean > 0, clip / mean.clamp(min=1e-9) - 1, 0.0)
    return (change / change.std().clamp(min=1e-9)).float().numpy()


@right("09.5")
def a_little_added_below(frames):
    clip = frames.astype(np.float32)
    mean = clip.mean(axis=0)
    change = clip / (mean + 1e-8) - (mean > 0)
    return change / (change.std(ddof=1) + 1e-8)


def _finish(change):
    return change / change.std() if change.std() > 0 else change


@wrong("09.5", "one mean for the whole clip")
def standardised(frames):
    return _finish(frames - frames.mean())


@wrong("09.5", "one mean for each colour")
def by_colour(frames):
    mean = frames.mean(axis=(0, 1, 2))
    return _finish((frames - mean) / mean)


@wrong("09.5", "each frame by its own mean")
def by_frame(frames):
    mean = frames.mean(axis=(1, 2), keepdims=True)
    return _finish((frames - mean) / mean)


@wrong("09.5", "each frame by one mean of all colours")
def by_frame_and_colour(frames):
    mean = frames.mean(axis=(1, 2, 3), keepdims=True)
    return _finish((frames - mean) / mean)


@wrong("09.5", "the change is not relative")
def subtracted_only(frames):
    return _finish(frames - frames.mean(axis=0))


@wrong("09.5", "each pixel by its own deviation")
def z_scores(frames):
    deviation = frames.std(axis=0)
    return _finish((frames - frames.mean(axis=0)) / np.where(deviation > 0, deviation, 1))


@wrong("09.5", "the size is left as it is")
def without_the_last_step(frames):
    mean = frames.mean(axis=0)
    return (frames - mean) / np.where(mean > 0, mean, 1)


@wrong("09.5", "the relation, not the change")
def divided_only(frames):
    mean = frames.mean(axis=0)
    return _finish_ratio(frames / np.where(mean > 0, mean, 1))


def _finish_ratio(ratio):
    return ratio / ratio.std() if ratio.std() > 0 else ratio


@wrong("09.5", "differences from frame to frame")
def as_deepphys(frames):
    clip = frames.astype(float)
    change, below = np.zeros_like(clip), clip[1:] + clip[:-1]
    change[:-1] = (clip[1:] - clip[:-1]) / np.where(below > 0, below, 1)
    return _finish(change)


@wrong("09.5", "a black pixel became −1")
def divided_then_subtracted(frames):
    mean = frames.mean(axis=0)
    return _finish(frames / np.where(mean == 0, 1, mean) - 1)


@wrong("09.5", "a black pixel became −1")
def a_little_below_and_minus_one(frames):
    return _finish(frames / (frames.mean(axis=0) + 1e-9) - 1)


@wrong("09.5", "each colour by its own deviation")
def each_colour_its_size(frames):
    mean = frames.mean(axis=0)
    change = (frames - mean) / np.where(mean > 0, mean, 1)
    deviation = change.std(axis=(0, 1, 2), keepdims=True)
    return change / np.where(deviation > 0, deviation, 1)


@wrong("09.5", "whole numbers run over")
def mean_of_the_pixels_kind(frames):
    mean = frames.mean(axis=0).astype(frames.dtype)
    return _finish((frames - mean) / np.where(mean > 0, mean, 1))


@wrong("09.5", "whole numbers run over")
def rounded_mean(frames):
    mean = frames.mean(axis=0)
    whole = np.round(mean).astype(np.uint8)
    return _finish((frames - whole) / np.where(mean > 0, mean, 1))


@wrong("09.5", "nothing divided by nothing")
def without_a_guard(frames):
    mean = frames.mean(axis=0)
    change = (frames - mean) / mean
    return change / change.std()


@wrong("09.5", diagnosing.TRANSPOSED)
def as_a_network_wants_it(frames):
    return np.moveaxis(with_where(frames), 3, 0)


@wrong("09.5", diagnosing.ERROR)
def in_place_of_whole_numbers(frames):
    mean = frames.mean(axis=0)
    frames -= mean
    return _finish(frames / np.where(mean > 0, mean, 1))


@wrong("09.5", judging.PACKAGE_OWN)
def the_package_prepares(frames):
    return clips.normalise_clip(frames, "time")
