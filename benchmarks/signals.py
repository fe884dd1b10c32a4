"""How fast are the signals? Each figure as a ratio to the plain way beside it, both run here, with the same result.

    python benchmarks/signals.py [--check]

One thread, the best of several runs each. `--check` exits with 1 where a promise is broken: POS on 1,800 frames at
least 50 times as fast as the paper's loop over windows (r > 0.999), detrending the same to 1e-8 as the dense formula,
the heart rate of 60 s of wave with its metrics in at most 5 ms, all seven methods from 1,800 frames of 72×72 to the
heart rate in at most 60 ms together, with the same rates as from numpy's mean of each frame.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: the ratios must not depend on the number of cores
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from rppg_lab import evaluation, methods, spectrum, video

FS, SAMPLES = 30.0, 1800
LEAST_RATIO, LEAST_R, MOST_DIFFERENCE, MOST_SECONDS, MOST_ALL_SEVEN = 50.0, 0.999, 1e-8, 0.005, 0.060
SIDE = 72  # pixels


def best_seconds(function: Callable[[], object], runs: int) -> float:
    """Shortest time of some runs after a first one: what the code takes when nothing else disturbs it."""
    function()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def pos_loop(rgb: np.ndarray, fs: float) -> np.ndarray:
    """POS as the paper prints it (Wang et al. 2017, Algorithm 1), one window after the other."""
    colours = rgb.T
    count = colours.shape[1]
    length = round(1.6 * fs)
    pulse = np.zeros(count)
    for n in range(length - 1, count):
        window = colours[:, n - length + 1 : n + 1]
        normalised = window / window.mean(axis=1, keepdims=True)
        s = methods.POS_PLANE @ normalised
        h = s[0] + s[0].std() / s[1].std() * s[1]
        pulse[n - length + 1 : n + 1] += h - h.mean()
    return -pulse  # the course's polarity


def detrend_dense(wave: np.ndarray, smoothness: float) -> np.ndarray:
    """Smoothness priors as printed (Tarvainen et al. 2002): (I − (I + λ² D₂ᵀ D₂)⁻¹) z, with full matrices."""
    identity = np.eye(wave.size)
    second = np.diff(identity, n=2, axis=0)
    return (identity - np.linalg.inv(identity + smoothness**2 * second.T @ second)) @ wave


def made_colours(rate: float = 72.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Colours (T, 3) of skin with a pulse, a wandering lamp and noise, and the pulse wave (T,) in them."""
    rng = np.random.default_rng(seed)
    phase = 2 * np.pi * rate / 60 * np.arange(SAMPLES) / FS
    blood = np.sin(phase) + 0.4 * np.sin(2 * phase - 0.6)
    lamp = 1 + 0.002 * np.cumsum(rng.normal(size=SAMPLES))
    skin = np.array([170.0, 120.0, 95.0]) * (1 - 0.006 * blood[:, None] * methods.PULSE_SIGNATURE)
    return lamp[:, None] * skin + rng.normal(0, 0.05, (SAMPLES, 3)), blood


def measure() -> list[tuple[str, str, bool | None]]:
    """Rows (what, result, promise kept; None where nothing is promised)."""
    rgb, blood = made_colours()
    rows: list[tuple[str, str, bool | None]] = []

    fast, slow = best_seconds(lambda: methods.pos(rgb, FS), 50), best_seconds(lambda: pos_loop(rgb, FS), 3)
    r = np.corrcoef(methods.pos(rgb, FS), pos_loop(rgb, FS))[0, 1]
    kept = slow / fast >= LEAST_RATIO and r > LEAST_R
    rows.append(
        (
            f"POS, {SAMPLES} frames",
            f"{1e3 * fast:.2f} ms, loop {1e3 * slow:.0f} ms: {slow / fast:.0f}×, r = {r:.9f}",
            kept,
        )
    )

    green = rgb[:, 1]
    fast = best_seconds(lambda: spectrum.detrend(green, FS, smoothness=100.0), 50)
    slow = best_seconds(lambda: detrend_dense(green, 100.0), 1)
    difference = np.abs(spectrum.detrend(green, FS, smoothness=100.0) - detrend_dense(green, 100.0)).max()
    text = f"{1e3 * fast:.2f} ms, dense {1e3 * slow:.0f} ms: {slow / fast:.0f}×, largest difference {difference:.1e}"
    rows.append((f"detrending, {SAMPLES} samples", text, bool(difference <= MOST_DIFFERENCE)))
    once = best_seconds(lambda: spectrum.detrend(green, FS), 50)
    longer = np.tile(green, 10)
    tenfold = best_seconds(lambda: spectrum.detrend(longer, FS), 20)
    rows.append(("detrending, ten times as long", f"{tenfold / once:.1f} times as long (linear: 10)", None))

    wave, other = methods.pos(rgb, FS), blood

    def one_minute() -> None:
        rates = [spectrum.heart_rate(each, FS) for each in (wave, other)]
        evaluation.errors([rates[0]], [rates[1]])
        windows = [spectrum.window_rates(each, FS) for each in (wave, other)]
        evaluation.errors(*windows)
        evaluation.wave_correlation(wave, other)
        spectrum.snr(wave, FS, rates[1])

    seconds = best_seconds(one_minute, 50)
    text = f"{1e3 * seconds:.2f} ms (rates of wave and reference, whole and in 10 s windows, errors, r, SNR)"
    rows.append(("heart rate and metrics of 60 s", text, seconds <= MOST_SECONDS))
    seconds = best_seconds(lambda: spectrum.heart_rate(wave, FS, method="beats"), 50)
    rows.append(("heart rate by beats of 60 s", f"{1e3 * seconds:.2f} ms", None))

    for name, method in methods.METHODS.items():
        rows.append(
            (f"{name}, {SAMPLES} frames", f"{1e3 * best_seconds(lambda m=method: m(rgb, FS), 20):.2f} ms", None)
        )

    frames = made_frames(rgb)

    def rates(mean_colour: Callable[[np.ndarray], np.ndarray]) -> list[float]:
        colours = mean_colour(frames)
        return [float(spectrum.heart_rate(method(colours, FS), FS)) for method in methods.METHODS.values()]

    def one_by_one(pictures: np.ndarray) -> np.ndarray:
        return np.array([picture.mean(axis=(0, 1)) for picture in pictures])

    fast, slow = best_seconds(lambda: rates(video.mean_colour), 10), best_seconds(lambda: rates(one_by_one), 2)
    same = np.abs(np.subtract(rates(video.mean_colour), rates(one_by_one))).max() < 1e-6
    text = f"{1e3 * fast:.0f} ms, with numpy's mean frame by frame {1e3 * slow:.0f} ms: {slow / fast:.1f}×"
    rows.append((f"frames to rate, all {len(methods.METHODS)}", text, bool(fast <= MOST_ALL_SEVEN and same)))
    return rows


def made_frames(rgb: np.ndarray) -> np.ndarray:
    """Frames (T, SIDE, SIDE, 3) uint8 whose mean colours are about these; the noise rounds them well."""
    noise = np.random.default_rng(1).uniform(-2, 2, (SIDE, SIDE, 3))
    return np.stack([np.rint(colour + noise).clip(0, 255).astype(np.uint8) for colour in rgb])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="exit with 1 where a promise is broken")
    arguments = parser.parse_args()
    rows = measure()
    for what, result, kept in rows:
        print(f"{what:<32} {result}{'' if kept is None else '  kept' if kept else '  BROKEN'}")
    return int(arguments.check and any(kept is False for _, _, kept in rows))


if __name__ == "__main__":
    sys.exit(main())
