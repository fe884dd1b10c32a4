"""The checks of lesson 09: a filter as a network computes it, PhysNet and its block, how far it sees, what it is given.

Networks are judged by what they do and not by the names of their layers: every weight is filled with numbers that
depend on its kind and shape alone, so that two networks of the same layers give the same wave in whatever order they
were made.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from rppg_lab import clips
from rppg_lab.checks.comparing import as_array, close, is_tensor
from rppg_lab.checks.declaring import Case, Exercise, Mistake
from rppg_lab.models import physnet

TITLE = "How can a network see a pulse?"

WINDOW = "09.1 A window that slides"
BLOCK = "09.4 One block"
LAYERS = "09.5 PhysNet, layer by layer"
MEAN = "09.6 The mean, not the maximum"
FAR = "09.7 How far can one value see?"
INPUT = "09.9 What goes in"

# --- 09.1 ------------------------------------------------------------------------------------------------------------


def filter_in_time(wave: NDArray[np.float64], kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    """A wave (T,) under a sliding kernel (K,), K odd, centred and not turned, zeros beyond the ends: (T,)."""
    half = len(kernel) // 2
    return np.correlate(np.pad(wave, half), kernel, mode="valid")


def _filter_padded(wave: NDArray, kernel: NDArray, how: str) -> NDArray:
    return np.correlate(np.pad(wave, len(kernel) // 2, mode=how), kernel, mode="valid")


def _filter_placed(wave: NDArray, kernel: NDArray, before: int) -> NDArray:
    return np.correlate(np.pad(wave, (before, len(kernel) - 1 - before)), kernel, mode="valid")


def _inside(wave: NDArray, kernel: NDArray) -> NDArray:
    """How much of the kernel's weight lies over the wave, at each of its places."""
    return filter_in_time(np.ones(len(wave)), np.abs(kernel)) / np.sum(np.abs(kernel))


def _without_edges(wave: NDArray, kernel: NDArray) -> NDArray:
    half = len(kernel) // 2
    result = np.zeros(len(wave))
    result[half : len(wave) - half] = np.correlate(wave, kernel, mode="valid")
    return result


def _random_wave(samples: int, taps: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    random = np.random.default_rng(samples)
    return random.normal(3.0, 1.0, samples), random.normal(0.5, 1.0, taps)


FILTER = Exercise(
    number="09.1",
    title="A filter in time",
    reference=filter_in_time,
    cases=(
        Case(
            "the wave 0 0 1 0 0 and the kernel 1, 2, 4",
            "0 4 2 1 0",
            lambda: (np.array([0.0, 0, 1, 0, 0]), np.array([1.0, 2, 4])),
        ),
        Case(
            "40 samples around 3 and a kernel of 7 different weights",
            "40 numbers, in the middle of which the window is full; at the ends what hangs over counts as zero",
            lambda: _random_wave(40, 7),
        ),
        Case(
            "12 samples around 3 and a moving average over 5",
            "12 numbers, those in the middle around 3, the first and the last smaller",
            lambda: (_random_wave(12, 5)[0], np.full(5, 0.2)),
        ),
        Case(
            "9 samples and a kernel of a single weight, 2",
            "each sample doubled",
            lambda: (_random_wave(9, 1)[0], np.array([2.0])),
        ),
    ),
    same=close(lists=True),
    mistakes=(
        Mistake(
            "the kernel is turned",
            "In mathematics a convolution turns the kernel back to front, and `np.convolve` does. A network's layer"
            " does not: its first weight belongs to the earliest sample.",
            WINDOW,
            twin=lambda wave, kernel: filter_in_time(wave, kernel[::-1]),
        ),
        Mistake(
            "late by half a window",
            "The result stands at the end of its window and not at the middle. It has the right shape and comes too"
            " late.",
            WINDOW,
            twin=lambda wave, kernel: _filter_placed(wave, kernel, len(kernel) - 1),
        ),
        Mistake(
            "turned, and late by half a window",
            "The kernel is back to front, and the result stands at the end of its window and not at the middle.",
            WINDOW,
            twin=lambda wave, kernel: _filter_placed(wave, kernel[::-1], len(kernel) - 1),
        ),
        Mistake(
            "early by half a window",
            "The result stands at the beginning of its window and not at the middle, and knows what is still to come.",
            WINDOW,
            twin=lambda wave, kernel: _filter_placed(wave, kernel, 0),
        ),
        Mistake(
            "the ends are cut off",
            "Only the places where the whole window fits are left. With zeros beyond the ends each sample has its"
            " place, and what comes out is as long as what went in.",
            WINDOW,
            shows=lambda arguments, got: np.shape(got) == (len(arguments[0]) - len(arguments[1]) + 1,),
        ),
        Mistake(
            "too long",
            "This has a value for every place where the window touches the wave at all. Asked for is one per sample.",
            WINDOW,
            shows=lambda arguments, got: np.shape(got) == (len(arguments[0]) + len(arguments[1]) - 1,),
        ),
        Mistake(
            "nothing where the window hangs over",
            "At the ends the samples beyond count as zero; those of the wave that lie under the window still count.",
            WINDOW,
            twin=_without_edges,
        ),
        Mistake(
            "the ends are made good",
            "Here the weights that hang over are made up for by larger others. That is often wise, but a network's"
            " layer does not do it: what hangs over is zero.",
            WINDOW,
            twin=lambda wave, kernel: filter_in_time(wave, kernel) / _inside(wave, kernel),
        ),
        Mistake(
            "the end values go on",
            "Beyond the ends the first and the last value are repeated. Asked for are zeros.",
            WINDOW,
            twin=lambda wave, kernel: _filter_padded(wave, kernel, "edge"),
        ),
        Mistake(
            "the wave bites its tail",
            "Before the first sample comes the last one, as if the wave were a ring. In Python a negative place counts"
            " from the end; a Fourier transform does the same.",
            WINDOW,
            twin=lambda wave, kernel: _filter_padded(wave, kernel, "wrap"),
        ),
        Mistake(
            "the wave is mirrored",
            "Beyond the ends the wave runs backwards. Asked for are zeros.",
            WINDOW,
            twin=lambda wave, kernel: _filter_padded(wave, kernel, "symmetric"),
        ),
        Mistake(
            "a mean, not a sum",
            "The weights are used as they are. If they shall make a mean, they add up to 1 already.",
            WINDOW,
            twin=lambda wave, kernel: filter_in_time(wave, kernel) / len(kernel),
        ),
    ),
    read_again=WINDOW,
)

# --- networks filled with known numbers ------------------------------------------------------------------------------


@functools.lru_cache(maxsize=256)
def _numbers(kind: str, shape: torch.Size) -> torch.Tensor:
    """For weights of this kind and shape always the same numbers, of sizes that keep the signal alive."""
    random = torch.Generator().manual_seed(sum(kind.encode()) + 1009 * sum(shape))
    draws = torch.randn(shape, generator=random)
    if len(shape) > 1:
        return draws * math.sqrt(2 / draws[0].numel())
    if kind == "running_var":
        return 1 + draws.abs()
    return 1 + 0.3 * draws if kind == "weight" else 0.3 * draws


def _fill(network: nn.Module) -> nn.Module:
    """Give every weight the numbers of its kind and shape; in evaluation mode."""
    with torch.no_grad():
        for name, tensor in [*network.named_parameters(), *network.named_buffers()]:
            if tensor.is_floating_point():
                tensor.copy_(_numbers(name.rsplit(".")[-1], tensor.shape))
    return network.eval()


def _parameters(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())


def _video(clips_: int, frames: int, rows: int, columns: int, channels: int = 3) -> torch.Tensor:
    random = torch.Generator().manual_seed(frames)
    return torch.randn(clips_, channels, frames, rows, columns, generator=random)


def _looked_at(network: Any, video: torch.Tensor, out: str) -> dict[str, Any]:
    """What a network makes of a video, before and after its parameters are counted."""
    if not isinstance(network, nn.Module):
        return {out: network, "parameters": None}
    _fill(network)
    with torch.no_grad():
        seen = network(video.clone())
    return {out: seen, "parameters": _parameters(network)}


def _like(got: dict, key: str) -> torch.Tensor | None:
    value = got.get(key) if isinstance(got, dict) else None
    return value if is_tensor(value) else None


# --- 09.2 ------------------------------------------------------------------------------------------------------------

Kernel = tuple[int, int, int]


def convolution_block(channels_in: int, channels_out: int, kernel: Kernel) -> nn.Sequential:
    """Convolution that keeps T, H and W, batch normalisation, ReLU: (B, in, T, H, W) → (B, out, T, H, W)."""
    return physnet._convolution(channels_in, channels_out, kernel)


def _block_tried(block: Callable, channels: tuple[int, int], kernel: Kernel, video: torch.Tensor) -> dict[str, Any]:
    return _looked_at(block(*channels, kernel), video, "handed on")


def _block_of(*layers: str, padding: str = "half", bias: bool = True) -> Callable[..., nn.Module]:
    """A block of these layers in this order; a mistake in most orders but one."""

    def make(channels_in: int, channels_out: int, kernel: Kernel) -> nn.Module:
        halves = {
            "half": [size // 2 for size in kernel],
            "one": 1,
            "none": 0,
            "reversed": [k // 2 for k in kernel[::-1]],
        }
        width, parts = channels_in, []
        for layer in layers:
            if layer == "convolution":
                parts.append(nn.Conv3d(channels_in, channels_out, kernel, padding=halves[padding], bias=bias))
                width = channels_out
            else:
                parts.append({"norm": nn.BatchNorm3d(width), "relu": nn.ReLU(), "elu": nn.ELU()}[layer])
        return nn.Sequential(*parts)

    return make


def _block_shape_differs(arguments: tuple, got: dict) -> bool:
    handed_on = _like(got, "handed on")
    return handed_on is not None and handed_on.shape[2:] != arguments[2].shape[2:]


ONE_BLOCK = Exercise(
    number="09.2",
    title="The convolution block",
    reference=convolution_block,
    refused=(physnet._convolution,),
    cases=(
        Case(
            "a block from 3 to 4 channels, kernel (1, 5, 5), and 2 clips of 4 frames of 9 × 7 px",
            "2 clips of 4 channels, of 4 frames of 9 × 7 px as before, nothing below zero; 312 parameters",
            lambda: ((3, 4), (1, 5, 5), _video(2, 4, 9, 7)),
            _block_tried,
        ),
        Case(
            "a block from 4 to 6 channels, kernel (3, 3, 3), and 2 clips of 5 frames of 6 × 8 px",
            "2 clips of 6 channels, of 5 frames of 6 × 8 px as before, nothing below zero; 666 parameters",
            lambda: ((4, 6), (3, 3, 3), _video(2, 5, 6, 8, channels=4)),
            _block_tried,
        ),
        Case(
            "a block from 3 to 3 channels, kernel (5, 1, 3), and 1 clip of 6 frames of 5 × 4 px",
            "1 clip of 3 channels, of 6 frames of 5 × 4 px as before, nothing below zero; 144 parameters",
            lambda: ((3, 3), (5, 1, 3), _video(1, 6, 5, 4)),
            _block_tried,
        ),
    ),
    same=close(rtol=1e-4),
    mistakes=(
        Mistake(
            "without padding",
            "The window must fit in completely, so each layer makes the video smaller, and the clip shorter.",
            BLOCK,
            twin=_block_of("convolution", "norm", "relu", padding="none"),
        ),
        Mistake(
            "the same padding for every axis",
            "Each axis of the kernel has a length of its own, and needs zeros for half of *that* length at each end.",
            BLOCK,
            twin=_block_of("convolution", "norm", "relu", padding="one"),
        ),
        Mistake(
            "the paddings in another order",
            "Both kernel and padding are for time, rows, columns, in this order.",
            BLOCK,
            twin=_block_of("convolution", "norm", "relu", padding="reversed"),
        ),
        Mistake(
            "another size",
            "T, H and W should stay as they are. How many zeros does a window of this length need at each end?",
            BLOCK,
            shows=_block_shape_differs,
        ),
        Mistake(
            "no batch normalisation",
            "The second of the three is missing. Without it the sizes of the values drift from layer to layer, and deep"
            " networks hardly learn.",
            BLOCK,
            twin=_block_of("convolution", "relu"),
        ),
        Mistake(
            "no ReLU",
            "The third of the three is missing: a sum of sums is a sum, so many such blocks can do no more than one.",
            BLOCK,
            twin=_block_of("convolution", "norm"),
        ),
        Mistake(
            "ReLU before the normalisation",
            "The order is another one. Normalised first, about half of the values are above zero, whatever the"
            " convolution gave; so there is always something that the ReLU lets through.",
            BLOCK,
            twin=_block_of("convolution", "relu", "norm"),
        ),
        Mistake(
            "normalised before the convolution",
            "Normalisation counts the channels that it is given. Which come out of the convolution, and which go in?",
            BLOCK,
            twin=_block_of("norm", "convolution", "relu"),
        ),
        Mistake(
            "ELU for ReLU",
            "The blocks have the one that cuts off at zero. The one that bends belongs to the way back.",
            BLOCK,
            twin=_block_of("convolution", "norm", "elu"),
        ),
        Mistake(
            "a convolution without bias",
            "Before a normalisation a bias changes nothing, and many leave it out. The published network has it, and"
            " its weights would not fit into yours.",
            BLOCK,
            twin=_block_of("convolution", "norm", "relu", bias=False),
        ),
    ),
    read_again=BLOCK,
)

# --- 09.3 ------------------------------------------------------------------------------------------------------------


def _physnet_tried(PhysNet: type, width: int, video: torch.Tensor) -> dict[str, Any]:
    return _looked_at(PhysNet(width=width), video, "wave")


def _published_counted(PhysNet: type) -> dict[str, Any]:
    with torch.device("meta"):  # where tensors have a shape and no content: nothing to draw, nothing to wait for
        network = PhysNet()
    return {"parameters": _parameters(network) if isinstance(network, nn.Module) else None}


class _Another(physnet.PhysNet):
    """PhysNet with one mistake in it."""

    slip = ""

    def __init__(self, width: int = 64):
        super().__init__(width)
        if self.slip == "average":
            self.pool_space = nn.AvgPool3d((1, 2, 2))
            self.pool_space_time = nn.AvgPool3d((2, 2, 2))
        if self.slip == "relu at the end":
            self.conv10 = nn.Sequential(nn.Conv3d(width, 1, (1, 1, 1)), nn.ReLU())
        if self.slip == "block at the end":
            self.conv10 = physnet._convolution(width, 1, (1, 1, 1))
        if self.slip == "shared":
            self.conv5 = self.conv6 = self.conv7 = self.conv8 = self.conv9 = self.conv4
        if self.slip == "decoder shared":
            self.upsample2 = self.upsample1

    def forward(self, video: torch.Tensor) -> torch.Tensor:
        if self.slip not in ("maximum", "corner"):
            return super().forward(video)
        deep: list[torch.Tensor] = []
        handle = self.upsample2.register_forward_hook(lambda module, given, handed_on: deep.append(handed_on))
        super().forward(video)
        handle.remove()
        seen = deep[0].amax((3, 4), keepdim=True) if self.slip == "maximum" else deep[0][..., :1, :1]
        return self.conv10(seen)[:, 0, :, 0, 0]


def _with(slip: str) -> type:
    return type("Another", (_Another,), {"slip": slip})


def _squeezed(arguments: tuple, got: dict) -> bool:
    wave, video = _like(got, "wave"), arguments[1]
    return wave is not None and len(video) == 1 and tuple(wave.shape) == (video.shape[2],)


def _axes_left(arguments: tuple, got: dict) -> bool:
    wave, video = _like(got, "wave"), arguments[1]
    return wave is not None and wave.ndim > 2 and wave.numel() == len(video) * video.shape[2]


def _place_left(arguments: tuple, got: dict) -> bool:
    wave, video = _like(got, "wave"), arguments[1]
    return wave is not None and wave.ndim > 2 and wave.numel() > len(video) * video.shape[2]


def _time_is_gone(arguments: tuple, got: dict) -> bool:
    wave, video = _like(got, "wave"), arguments[1]
    return wave is not None and len(wave) == len(video) and wave[0].numel() == 1


def _another_wave(arguments: tuple, got: dict) -> bool:
    wave = _like(got, "wave")
    return (
        wave is not None
        and tuple(wave.shape) == (len(arguments[1]), arguments[1].shape[2])
        and bool(torch.isfinite(wave).all())
        and not _another_count(arguments, got)
    )


def _another_length(arguments: tuple, got: dict) -> bool:
    wave, video = _like(got, "wave"), arguments[1]
    return wave is not None and wave.ndim == 2 and wave.shape[1] in (video.shape[2] * f for f in (0.25, 0.5, 2, 4))


def _fixed_length(arguments: tuple, got: dict) -> bool:
    wave, video = _like(got, "wave"), arguments[1]
    return (
        wave is not None and wave.ndim == 2 and wave.shape[1] != video.shape[2] and not _another_length(arguments, got)
    )


def _always_64(arguments: tuple, got: dict) -> bool:
    return bool(arguments) and got["parameters"] == PARAMETERS_64


def _another_count(arguments: tuple, got: dict) -> bool:
    return got["parameters"] != (_parameters(physnet.PhysNet(arguments[0])) if arguments else PARAMETERS_64)


PARAMETERS_64 = 768_577  # as published; tests/models holds the package's network to it

WHOLE = Exercise(
    number="09.3",
    title="PhysNet",
    reference=physnet.PhysNet,
    cases=(
        Case(
            "a network of width 8, and 2 clips of 8 frames of 16 × 32 px",
            "a wave of 8 values for each of the 2 clips; 12 353 parameters",
            lambda: (8, _video(2, 8, 16, 32)),
            _physnet_tried,
        ),
        Case(
            "a network of width 12, and a single clip of 20 frames of 32 × 16 px",
            "a wave of 20 values for the one clip, in the shape (1, 20); 27 499 parameters",
            lambda: (12, _video(1, 20, 32, 16)),
            _physnet_tried,
        ),
        Case(
            "the network as published, no width asked for",
            "768 577 parameters",
            tuple,
            _published_counted,
        ),
    ),
    same=close(rtol=1e-3),
    mistakes=(
        Mistake(
            "a batch of one disappears",
            "Every axis of length 1 was taken away, and with a single clip the batch is such an axis. The last batch of"
            " an epoch may well have one clip.",
            LAYERS,
            shows=_squeezed,
        ),
        Mistake(
            "axes of length 1 are left",
            "The values are as many as there should be, but the shape still has the channel, or rows and columns. A"
            " loss would compare it with labels of the shape (B, T).",
            LAYERS,
            shows=_axes_left,
        ),
        Mistake(
            "the picture is still there",
            "There is a value for each place of the picture. The mean over rows and columns makes one of them.",
            LAYERS,
            shows=_place_left,
        ),
        Mistake(
            "averaged over time as well",
            "A whole clip has become one number. The mean is over the picture alone: which of the five axes are rows"
            " and columns, counted from 0?",
            LAYERS,
            shows=_time_is_gone,
        ),
        Mistake(
            "only one clip length",
            "A number of frames is built in: whatever comes, the wave has this length. Let the video say how long"
            " it is.",
            LAYERS,
            shows=_fixed_length,
        ),
        Mistake(
            "not one value for each frame",
            "Two poolings halve the time, and the way back doubles it twice. Does each stand where it should?",
            LAYERS,
            shows=_another_length,
        ),
        Mistake(
            "the maximum, not the mean",
            "At the end stands the mean over the picture. The largest value is the noisiest, and only its place would"
            " learn. This slip stood in the lecture's program.",
            MEAN,
            twin=_with("maximum"),
        ),
        Mistake(
            "one place speaks for all",
            "The wave is that of one corner of the picture. Each place knows a little of the pulse: their mean over"
            " rows and columns makes the noise smaller.",
            MEAN,
            twin=_with("corner"),
        ),
        Mistake(
            "always 64 channels",
            "The width that was asked for is not used: all channels follow from it, as the table says.",
            LAYERS,
            shows=_always_64,
        ),
        Mistake(
            "one block used again and again",
            "The wave would be right if all these blocks were equal. Used twice, a block has one set of weights for two"
            " tasks. Each line of the table needs its own.",
            LAYERS,
            twin=_with("shared"),
        ),
        Mistake(
            "one doubling used twice",
            "The two doublings are two layers with weights of their own.",
            LAYERS,
            twin=_with("decoder shared"),
        ),
        Mistake(
            "mean poolings between the blocks",
            "Between the blocks the largest of the neighbours is kept. The mean stands at the end only.",
            LAYERS,
            twin=_with("average"),
        ),
        Mistake(
            "a block at the end",
            "The last layer is a plain convolution. A block normalises and cuts off what is below zero, and half of a"
            " pulse is below zero.",
            LAYERS,
            twin=_with("block at the end"),
        ),
        Mistake(
            "cut off at zero",
            "Half of a pulse wave is below zero. After the last layer nothing follows.",
            LAYERS,
            twin=_with("relu at the end"),
        ),
        Mistake(
            "another number of parameters",
            "The shape is right, and a layer is missing, or there is one too many, or it has other channels or another"
            " kernel than the table says. Compare your layers with it, line by line.",
            LAYERS,
            shows=_another_count,
        ),
        Mistake(
            "as many weights as there should be, and another wave",
            "So look at what has no weights, and at what does not change their number: does each of the four poolings"
            " stand in its place and halve what the table says, where is the mean, in which order are the layers used,"
            " and in which order stand the three numbers of each kernel?",
            LAYERS,
            shows=_another_wave,
        ),
    ),
    read_again=LAYERS,
)

# --- 09.4 ------------------------------------------------------------------------------------------------------------

Layers = Sequence[tuple[int, float]]


def receptive_field(layers: Layers, fs: float) -> float:
    """Seconds of video at `fs` Hz that one output depends on. layers: (looks at, step) along time."""
    return _reach(layers) / fs


def _reach(layers: Layers, slip: str = "") -> float:
    reach, spacing = 1.0, 1.0
    for looks_at, step in layers:
        if slip == "early":
            spacing *= step
        reach += (looks_at - (0 if slip == "overlap" else 1)) * (1 if slip == "steps" else spacing)
        if slip == "added":
            spacing += step - 1
        elif slip != "early" and not (slip == "never back" and step < 1):
            spacing *= step
    return reach


PHYSNET = ((1, 1), (3, 1), (3, 1), (2, 2), (3, 1), (3, 1), (2, 2), *[(3, 1)] * 4, (2, 0.5), (2, 0.5))

REACH = Exercise(
    number="09.4",
    title="The receptive field in seconds",
    reference=receptive_field,
    cases=(
        Case("two kernels of 3, 30 frames per second", "5 frames: 0.1667 s", lambda: ([(3, 1), (3, 1)], 30.0)),
        Case(
            "a kernel of 3, a pooling, a kernel of 3, at 20 frames per second",
            "8 frames: 0.4 s",
            lambda: ([(3, 1), (2, 2), (3, 1)], 20.0),
        ),
        Case("PhysNet at 30 frames per second", "54 frames: 1.8 s", lambda: (list(PHYSNET), 30.0)),
        Case(
            "a pooling, a doubling and two kernels of 5, at 25 frames per second",
            "12 frames: 0.48 s",
            lambda: ([(2, 2), (2, 0.5), (5, 1), (5, 1)], 25.0),
        ),
        Case("no layer at all, 10 frames per second", "the frame itself: 0.1 s", lambda: ([], 10.0)),
    ),
    mistakes=(
        Mistake(
            "frames, not seconds",
            "This is the number of frames. How long does one of them last?",
            FAR,
            twin=lambda layers, fs: _reach(layers),
        ),
        Mistake(
            "more frames per second, and it lasts longer",
            "The faster the camera, the shorter the time that a number of frames takes. Here it is the other way"
            " round.",
            FAR,
            twin=lambda layers, fs: _reach(layers) * fs,
        ),
        Mistake(
            "from the first frame to the last",
            "The first frame lasts as well: five frames take five times as long as one.",
            FAR,
            twin=lambda layers, fs: (_reach(layers) - 1) / fs,
        ),
        Mistake(
            "the neighbours' overlap is forgotten",
            "Two windows of 3 that lie one beside the other share two frames. A second kernel of 3 adds two, not"
            " three.",
            FAR,
            twin=lambda layers, fs: _reach(layers, "overlap") / fs,
        ),
        Mistake(
            "the kernels are added up",
            "Two windows of 3 that lie one beside the other share two frames, so 3 and 3 is not 6.",
            FAR,
            twin=lambda layers, fs: sum(looks_at for looks_at, _ in layers) / fs,
        ),
        Mistake(
            "the kernels are multiplied",
            "Neighbouring windows overlap. Only if they did not would the second kernel triple the reach.",
            FAR,
            twin=lambda layers, fs: math.prod(looks_at for looks_at, _ in layers) / fs,
        ),
        Mistake(
            "the spacing is forgotten",
            "After a pooling neighbours lie two frames apart, and a kernel that looks at them reaches twice as far.",
            FAR,
            twin=lambda layers, fs: _reach(layers, "steps") / fs,
        ),
        Mistake(
            "the step is felt too early",
            "A pooling looks at neighbours that are as close as before. That its own results lie further apart is felt"
            " by the layer after it.",
            FAR,
            twin=lambda layers, fs: _reach(layers, "early") / fs,
        ),
        Mistake(
            "the steps are added",
            "Two poolings one after the other: every fourth frame, and not every third.",
            FAR,
            twin=lambda layers, fs: _reach(layers, "added") / fs,
        ),
        Mistake(
            "never back",
            "A layer with the step ½ doubles the time, and its results lie half as far apart as before.",
            FAR,
            twin=lambda layers, fs: _reach(layers, "never back") / fs,
        ),
        Mistake(
            "nothing to begin with",
            "Before the first layer a value depends on one frame, itself.",
            FAR,
            twin=lambda layers, fs: (_reach(layers) - 1) / fs if not layers else _reach(layers[1:]) / fs,
        ),
    ),
    read_again=FAR,
)

# --- 09.5 ------------------------------------------------------------------------------------------------------------


def normalise_over_time(frames: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(T, h, w, 3) → the same shape: each pixel's and colour's relative change, all divided by one deviation."""
    return clips.normalise_clip(frames, "time")


def _scene(frames: int = 24, side: int = 6) -> NDArray[np.float64]:
    """A made clip (T, side, side, 3) before it is rounded: bright and dark pixels, a pulse, a light that sways."""
    random = np.random.default_rng(side)
    bright = random.uniform(60, 200, (side, side, 3))
    strength = random.uniform(0, 0.06, (side, side, 1)) * np.array([0.4, 1.0, 0.6])
    time = np.arange(frames)[:, None, None, None]
    sway = 1 + 0.05 * np.sin(2 * np.pi * time / frames)
    return bright * sway * (1 + strength * np.sin(2 * np.pi * time / 9)) + random.normal(0, 1, (frames, side, side, 3))


def _rounded(clip: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.clip(np.round(clip), 0, 255).astype(np.uint8)


def _with_black(clip: NDArray[np.float64]) -> NDArray[np.uint8]:
    clip = clip.copy()
    clip[:, 0, 0] = 0
    clip[:, 2, 3, 2] = 0
    return _rounded(clip)


def _prepared(mean_over: Any, frames: NDArray, divide: str = "mean", scale: bool = True) -> NDArray[np.float64]:
    clip = frames.astype(np.float64)
    mean = clip.mean(axis=mean_over, keepdims=True)
    below = clip.std(axis=mean_over, keepdims=True) if divide == "deviation" else mean if divide == "mean" else 1.0
    change = np.divide(clip - mean, below, out=np.zeros_like(clip), where=np.broadcast_to(below, clip.shape) > 0)
    deviation = change.std()
    return change / deviation if scale and deviation > 0 else change


def _ratio(frames: NDArray) -> NDArray[np.float64]:
    mean = frames.mean(axis=0, keepdims=True)
    ratio = np.divide(frames, mean, out=np.zeros(frames.shape), where=np.broadcast_to(mean, frames.shape) > 0)
    return ratio / ratio.std()


def _black_below(frames: NDArray) -> NDArray[np.float64]:
    mean = frames.mean(axis=0)
    change = frames / np.where(mean > 0, mean, 1) - 1
    return change / change.std() if change.any() else change


def _each_colour_scaled(frames: NDArray) -> NDArray[np.float64]:
    change = _prepared(0, frames, scale=False)
    deviation = change.std(axis=(0, 1, 2))
    return change / np.where(deviation > 0, deviation, 1)


def _runs_over(arguments: tuple, got: Any) -> bool:
    """Whether pixel and mean were subtracted as whole numbers from 0 to 255, below which comes 255."""
    (frames,) = arguments
    mean = frames.mean(axis=0)
    for whole in (mean.astype(np.uint8), np.round(mean).astype(np.uint8)):
        for below in (mean, whole):
            change = (frames - whole) / np.where(below > 0, below, 1)
            if change.std() > 0 and (_SAME_SIZE(got, change / change.std()) or _SAME_SIZE(got, change)):
                return True
    return False


def _not_numbers(arguments: tuple, got: Any) -> bool:
    return not np.isfinite(as_array(got)).all()


def _black_is_dropped(arguments: tuple, got: Any) -> bool:
    return np.shape(got) != arguments[0].shape and np.size(got) < arguments[0].size


_SAME_SIZE = close(rtol=2e-3)  # a deviation by n or by n − 1 is equally sound

GIVEN = Exercise(
    number="09.5",
    title="Each pixel by its own mean",
    reference=normalise_over_time,
    refused=(clips.normalise_clip, clips._over_time),
    cases=(
        Case(
            "24 frames of 6 × 6 px, bright and dark ones, with a pulse in some of them",
            "the same shape; each pixel's mean over time is 0, the deviation of everything together is 1",
            lambda: (_rounded(_scene()),),
        ),
        Case(
            "the same under a red lamp, half as bright",
            "nearly what came out before: the lamp cancels",
            lambda: (_rounded(_scene() * np.array([1.0, 0.5, 0.3])),),
        ),
        Case(
            "the same, with a pixel that is black throughout, and another black in its blue only",
            "zeros where it is black, and no NaN anywhere",
            lambda: (_with_black(_scene()),),
        ),
        Case(
            "8 frames that are all alike",
            "zeros: nothing changes",
            lambda: (np.full((8, 4, 4, 3), 77, dtype=np.uint8),),
        ),
    ),
    same=_SAME_SIZE,
    mistakes=(
        Mistake(
            "one mean for the whole clip",
            "With a single mean and deviation every difference between bright and dark pixels stays, a hundred times as"
            " large as the pulse. Each pixel and colour needs its own mean, over time.",
            INPUT,
            twin=lambda frames: _prepared((0, 1, 2, 3), frames),
        ),
        Mistake(
            "one mean for each colour",
            "The mean was taken over the picture too. Then bright and dark pixels still differ.",
            INPUT,
            twin=lambda frames: _prepared((0, 1, 2), frames),
        ),
        Mistake(
            "each frame by its own mean",
            "What the whole face does in a frame is the pulse. The mean of the frame takes just that away.",
            INPUT,
            twin=lambda frames: _prepared((1, 2), frames),
        ),
        Mistake(
            "each frame by one mean of all colours",
            "What the whole face does in a frame is the pulse. The mean of the frame takes just that away.",
            INPUT,
            twin=lambda frames: _prepared((1, 2, 3), frames),
        ),
        Mistake(
            "the change is not relative",
            "The mean was subtracted, and nothing was divided by it: twice the light is still twice the change.",
            INPUT,
            twin=lambda frames: _prepared(0, frames, divide="nothing"),
        ),
        Mistake(
            "each pixel by its own deviation",
            "Now a pixel that holds only noise moves as much as one with a strong pulse. The pixel's *mean* says how"
            " bright it is; its deviation is what we want to see.",
            INPUT,
            twin=lambda frames: _prepared(0, frames, divide="deviation"),
        ),
        Mistake(
            "the size is left as it is",
            "The relative change is right, and it is around a hundredth. The last step brings it to a handy size.",
            INPUT,
            twin=lambda frames: _prepared(0, frames, scale=False),
        ),
        Mistake(
            "the relation, not the change",
            "What does not change should be 0. Here it is not.",
            INPUT,
            twin=_ratio,
        ),
        Mistake(
            "differences from frame to frame",
            "That is another of the four ways. Asked for is each pixel against its own mean.",
            INPUT,
            twin=lambda frames: clips.normalise_clip(frames, "difference"),
        ),
        Mistake(
            "a black pixel became −1",
            "Everywhere else it is right. Where the mean was replaced there is nothing to compare a pixel with: what"
            " comes out if you subtract first, and divide then?",
            INPUT,
            twin=_black_below,
        ),
        Mistake(
            "each colour by its own deviation",
            "Now red moves as much as green. How much *more* green changes is what tells a pulse from a sway of the"
            " light: one deviation for everything together.",
            INPUT,
            twin=_each_colour_scaled,
        ),
        Mistake(
            "whole numbers run over",
            "The mean became a whole number from 0 to 255, as the pixels are. Among these nothing lies below 0: 3 − 4"
            " is 255. Leave the mean a number with decimals, and the difference is one too.",
            INPUT,
            shows=_runs_over,
        ),
        Mistake(
            "nothing divided by nothing",
            "A black pixel has the mean 0, and a clip in which nothing changes the deviation 0. What should come out"
            " there is said in the exercise.",
            INPUT,
            shows=_not_numbers,
        ),
    ),
    read_again=INPUT,
)

EXERCISES = (FILTER, ONE_BLOCK, WHOLE, REACH, GIVEN)
