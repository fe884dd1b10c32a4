"""What an epoch of clips costs in memory and time: read when needed, against the lecture's way of reading all at first.

    python benchmarks/reading.py [--float64]

Each way gets a process of its own and goes through the same video twice, giving out the same clips: resized to 16 × 16
and normalised over time. "Added" is the highest memory of the process less what it had after its imports; the first
epoch's time includes opening the file. The files are in the operating system's cache, for every way alike. Ratios are
to the first row of each size.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import psutil

CLIP_LENGTH, NETWORK_SIZE, EPOCHS = 32, 16, 2
RECORDINGS = (3, 9)  # of a minute each; two sizes of file show what grows with it
SAMPLE_EVERY = 0.002  # s
WAYS = {"lazily": "ClipDataset, clip by clip", "lists": "the lecture's: extend lists, asarray"}


def make_lecture_file(path: Path, *, recordings: int, clips: int = 56, size: int = 64, dtype: type = np.uint8) -> Path:
    """A file in the lecture's layout whose pixels are noise, written clip by clip."""
    random = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        for k in range(recordings):
            video = file.create_dataset(f"subject{k}/preprocessed_video", (clips, CLIP_LENGTH, size, size, 3), dtype)
            for clip in range(clips):
                pixels = random.integers(0, 256, video.shape[1:], dtype=np.uint8)
                video[clip] = pixels if dtype == np.uint8 else pixels / 255
            wave = np.sin(0.25 * np.arange(clips * CLIP_LENGTH))
            file[f"subject{k}/preprocessed_label"] = wave.reshape(clips, CLIP_LENGTH)
    return path


def measure_alone(way: str, path: Path) -> dict[str, Any]:
    """`measure` in a fresh process."""
    command = [sys.executable, __file__, "--measure", way, str(path)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measure(way: str, path: str | Path) -> dict[str, Any]:
    """One way of `WAYS` on one file: added_mb, seconds of each epoch, clips, and a sum over them."""
    import torch

    import rppg_lab.clips as clips

    torch.set_num_threads(1)
    read = {"lazily": _lazily, "lists": _with_lists}[way](path, clips)
    with _Peak() as peak:
        seconds, total, count = [], 0.0, 0
        for _ in range(EPOCHS):
            start = time.perf_counter()
            for video, bvp in next(read):
                total += float(video.abs().sum()) + float(bvp.sum())
                count += 1
            seconds.append(time.perf_counter() - start)
    return {"added_mb": peak.added_mb, "seconds": seconds, "clips": count // EPOCHS, "sum": total}


def _lazily(path: str, clips: Any) -> Iterator[Iterator]:
    dataset = clips.ClipDataset(path, clip_length=CLIP_LENGTH, size=NETWORK_SIZE)
    while True:
        yield (dataset[i] for i in range(len(dataset)))


def _with_lists(path: str, clips: Any) -> Iterator[Iterator]:
    import torch

    videos, labels = [], []
    with h5py.File(path) as file:
        for group in file.values():
            videos.extend(group["preprocessed_video"])
            labels.extend(group["preprocessed_label"])
    videos, labels = np.asarray(videos), np.asarray(labels, np.float32)
    white = 1 if videos.dtype == np.uint8 else 255

    def item(i: int):
        small = clips.resize_frames(videos[i], NETWORK_SIZE) * np.float32(white)
        return clips.to_video(clips.normalise_clip(small)), torch.from_numpy(labels[i])

    while True:
        yield (item(i) for i in range(len(videos)))


class _Peak:
    """The highest resident memory of this process while the block runs, above that at its beginning."""

    def __enter__(self) -> _Peak:
        self._process, self._done = psutil.Process(), threading.Event()
        self._before = self._highest = self._process.memory_info().rss
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._done.wait(SAMPLE_EVERY):
            self._highest = max(self._highest, self._process.memory_info().rss)

    def __exit__(self, *exception: object) -> None:
        self._done.set()
        self._thread.join()

    @property
    def added_mb(self) -> float:
        return (self._highest - self._before) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--float64", action="store_true", help="the lecture's file in float64: 8 times as large")
    parser.add_argument("--measure", nargs=2, metavar=("WAY", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(*options.measure)))
        return
    print(f"{'layout':<10}{'file':>8}  {'read by':<38}{'added':>15}{'epoch 1':>16}{'epoch 2':>16}")
    for recordings in RECORDINGS:
        with tempfile.TemporaryDirectory() as folder:
            for line in _table(Path(folder), recordings, np.float64 if options.float64 else np.uint8):
                print(line, flush=True)


def _table(folder: Path, recordings: int, dtype: type) -> Iterator[str]:
    from rppg_lab.recordings import open_recordings, write_recordings

    lecture = make_lecture_file(folder / "lecture.h5", recordings=recordings, dtype=dtype)
    with open_recordings(lecture) as file:
        ours = write_recordings(folder / "ours.h5", file.values(), {})
    first = None
    for layout, path, way in (
        ("ours", ours, "lazily"),
        ("lecture's", lecture, "lazily"),
        ("lecture's", lecture, "lists"),
    ):
        found = measure_alone(way, path)
        first = first or found
        if not math.isclose(found["sum"], first["sum"], rel_tol=1e-5):
            raise AssertionError(f"{WAYS[way]!r} gave other clips than {WAYS['lazily']!r}")
        costs = [(found["added_mb"], first["added_mb"], ".0f", "MB")]
        costs += [(*pair, ".2f", "s") for pair in zip(found["seconds"], first["seconds"], strict=True)]
        cells = [f"{cost:{form}} {unit}".rjust(9) + f"×{cost / base:.1f}".rjust(6) for cost, base, form, unit in costs]
        yield f"{layout:<10}{path.stat().st_size / 1e6:>5.0f} MB  {WAYS[way]:<38}{' '.join(cells)}"


if __name__ == "__main__":
    main()
