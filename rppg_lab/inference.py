"""A trained network over a whole recording: one wave, as long as the video."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn

from rppg_lab.clips import normalise_clip, resize_frames, to_video
from rppg_lab.models.physnet import TIME_FACTOR
from rppg_lab.spectrum import resample
from rppg_lab.training import evaluating

MODEL_FS = 30.0  # Hz, unless the weights say what they were trained at
MODEL_SIZE = 16  # pixels, likewise
MODEL_NORMALISATION = "time"  # likewise
FS_TOLERANCE = 0.02  # closer to the model's rate than this, frames are taken as they are: resampling only blurs them
FRAMES_AT_ONCE = 256  # how many frames are resized, and 16 × 16 pixel windows' frames predicted, in one go
_PIXELS_AT_ONCE = 8 * FRAMES_AT_ONCE * MODEL_SIZE**2


def predict_wave(
    model: nn.Module,
    frames: np.ndarray,
    fs: float,
    *,
    normalise: str | None = None,
    size: int | None = None,
    window: float | None = 10.0,
    step: float | None = None,
    model_fs: float | None = None,
    mirrored: bool = False,
) -> np.ndarray:
    """The pulse wave (T,) float32, mean 0, that the model sees in frames (T,H,W,3) uint8 taken at `fs` Hz.

    frames: an array, or anything lazy that has a shape and can be sliced; read a few seconds at a time.
    normalise, size, model_fs: the input the model was trained on. None takes what the weights' file says of it
    (`model.about`), else "time", 16 pixels, 30 Hz. Frames of another rate are resampled to the model's, the wave back.
    window: seconds the model sees at once, each normalised by itself; the windows' waves, standardised, are added with
    overlapping Hann weights (overlap-add). None: everything at once. step: seconds from window to window, default half.

    mirrored: the model sees the mirror image as well, and both waves are added: what it sees by mistake is not the same
    in both, the pulse is. Twice the time.

    The model's mode is left as it was. A video without any change gives a wave of zeros.
    Raises ValueError for another shape of frames, or a rate, window or step that is not positive (step ≤ window);
    FloatingPointError if the model gives NaN or infinity.
    """
    about = getattr(model, "about", {})
    normalise = normalise or about.get("normalise", MODEL_NORMALISATION)
    size = size or about.get("size", MODEL_SIZE)
    model_fs = model_fs or about.get("fs", MODEL_FS)
    shape = tuple(frames.shape)
    if len(shape) != 4 or shape[3] != 3 or 0 in shape:
        raise ValueError(f"frames must have the shape (T, H, W, 3) with at least one frame, not {shape}")
    for name, value in (("fs", fs), ("model_fs", model_fs), ("window", window), ("step", step)):
        if value is not None and not (math.isfinite(value) and value > 0):
            raise ValueError(f"{name} must be a positive number, not {value!r}")
    if window is not None and step is not None and step > window:
        raise ValueError(f"step ({step} s) must not be longer than window ({window} s): frames would be left out")

    small = _resized(frames, size)
    time = model_time = np.arange(shape[0]) / fs
    if abs(fs / model_fs - 1) > FS_TOLERANCE and time[-1] * model_fs >= 1:
        model_time = np.arange(math.floor(time[-1] * model_fs + 1e-6) + 1) / model_fs
        moved = np.empty((len(model_time), *small.shape[1:]), np.float32)
        for row in range(size):  # a spline computes in float64 and in several copies
            moved[:, row] = resample(small[:, row], time, model_time, axis=0)
        small = moved

    length = len(small)
    in_window = length if window is None else _multiple(window * model_fs, math.floor)
    if in_window >= length:
        wave = _predict(model, [_padded(small)], normalise, mirrored)[0][:length]
    else:
        hop = max(1, round((window / 2 if step is None else step) * model_fs))
        hop = min(hop, in_window)  # which was rounded down: leave no gap
        starts = [*range(0, length - in_window, hop), length - in_window]
        windows = [small[i : i + in_window] for i in starts]
        wave = _overlap_add(_predict(model, windows, normalise, mirrored), starts, length)
    if model_time is not time:
        wave = resample(wave, model_time, time)
    return _standardised(wave).astype(np.float32)


def _resized(frames: np.ndarray, size: int) -> np.ndarray:
    """(T, size, size, 3), read piece by piece so that a lazy video is never in memory as a whole."""
    if isinstance(frames, np.ndarray) and frames.dtype == np.float32 and frames.shape[1:3] == (size, size):
        return frames  # as they are to be: no copy, a long video has many
    pieces = range(0, frames.shape[0], FRAMES_AT_ONCE)
    return np.concatenate([resize_frames(frames[i : i + FRAMES_AT_ONCE], size) for i in pieces])


def _multiple(frames: float, rounding) -> int:
    """A number of frames that the network can halve and double again."""
    return max(TIME_FACTOR, rounding(frames / TIME_FACTOR) * TIME_FACTOR)


def _padded(frames: np.ndarray) -> np.ndarray:
    """The last frame repeated until the length is a multiple of four."""
    missing = _multiple(len(frames), math.ceil) - len(frames)
    return np.concatenate([frames, np.repeat(frames[-1:], missing, axis=0)])


def _predict(model: nn.Module, windows: list[np.ndarray], normalise: str, mirrored: bool) -> list[np.ndarray]:
    """The model's wave (n,) for each window (n,h,w,3), as many at a time as a laptop's memory likes."""
    parameter = next(model.parameters(), None)
    device = "cpu" if parameter is None else parameter.device
    at_once = max(1, _PIXELS_AT_ONCE // math.prod(windows[0].shape[:3]))
    waves = []
    with evaluating(model):
        for i in range(0, len(windows), at_once):
            batch = torch.stack([to_video(normalise_clip(window, normalise)) for window in windows[i : i + at_once]])
            seen = model(batch.to(device))
            if mirrored:
                seen = seen + model(batch.to(device).flip(-1))
            waves.extend(seen.double().cpu().numpy())
    if not all(np.isfinite(wave).all() for wave in waves):
        raise FloatingPointError("the model's wave holds NaN or infinity: its weights were spoilt in training")
    return waves


def _overlap_add(waves: list[np.ndarray], starts: list[int], length: int) -> np.ndarray:
    """Standardised waves at their starts, averaged with Hann weights; the weights are above zero everywhere."""
    n = len(waves[0])
    weight = np.sin(np.pi * (np.arange(n) + 0.5) / n) ** 2
    total, weights = np.zeros(length), np.zeros(length)
    for wave, start in zip(waves, starts, strict=True):
        total[start : start + n] += weight * _standardised(wave)
        weights[start : start + n] += weight
    return total / weights


def _standardised(wave: np.ndarray) -> np.ndarray:
    centred = wave - wave.mean()
    deviation = centred.std()
    is_flat = deviation <= np.finfo(np.float32).eps * np.abs(wave).max()
    return np.zeros_like(wave) if is_flat else centred / deviation
