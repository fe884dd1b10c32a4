"""How fast does a video become a face, and how much memory does that take?

    python benchmarks/video.py [--check] [VIDEO]

A VIDEO of 640×480 with a face shows all of it; without one, a made 640×480 video in which nothing is a face is searched
all the same, and a fixed box stands in for what is found. Time is processor time, of all threads together, so the
figures are those of one core. Each figure is a ratio to the plain way beside it: a search on every frame, whole frames
kept. `--check` exits with 1 where a promise is broken: at least 200 frames a second a core with a followed, smoothed
box, decoding included; memory that does not grow with the video's length; colours as numpy's mean has them, faster.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy

import cv2
import numpy as np
import psutil

from rppg_lab import video

LEAST_FPS, MOST_GROWTH, MOST_DIFFERENCE = 200.0, 4e6, 1e-9
HEIGHT, WIDTH, SHORT, LONG = 480, 640, 300, 1800  # frames
PLAIN_FRAMES = 30  # the plain way is slow: this many frames are enough to know how slow


def cpu_seconds(function: Callable[[], object], runs: int = 3) -> float:
    """Least processor time of some runs: what the code takes when nothing else disturbs it."""
    taken = []
    for _ in range(runs):
        start = time.process_time()
        function()
        taken.append(time.process_time() - start)
    return min(taken)


def write_video(path: Path, count: int) -> None:
    """A wall with a bright square that wanders over it, and the noise of a camera."""
    rng = np.random.default_rng(0)
    wall = cv2.resize(rng.integers(60, 120, (12, 16, 3), dtype=np.uint8), (WIDTH, HEIGHT))
    noise = rng.integers(0, 8, (4, HEIGHT, WIDTH, 3), dtype=np.uint8)
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*"mp4v"), 30.0, (WIDTH, HEIGHT))
    for number in range(count):
        frame = wall + noise[number % 4]
        x = 200 + round(40 * np.sin(number / 60))
        frame[150:350, x : x + 200] += np.uint8(60)
        writer.write(frame)
    writer.release()


def search_in_vain(frame: np.ndarray) -> list[video.Box]:
    """The whole cost of a search, for a video in which there is nothing to be found."""
    return video.find_faces(frame) or [video.Box(220, 160, 160, 160)]


def plain_boxes(path: Path) -> list[video.Box]:
    """A search on every frame, as many tools do it."""
    return [
        search_in_vain(frame)[0] for _, (_, frame) in zip(range(PLAIN_FRAMES), video.read_video(path), strict=False)
    ]


def resident_growth(path: Path) -> int:
    """Bytes by which this process is larger at most while a video is tracked and cropped, crop by crop."""
    process = psutil.Process()
    opened = video.read_video(path)
    before = process.memory_info().rss
    most = before

    def watched(frame: np.ndarray) -> list[video.Box]:
        nonlocal most
        most = max(most, process.memory_info().rss)
        return search_in_vain(frame)

    track = video.track_face(opened, finder=watched)
    for number, _ in enumerate(video.crop_frames(opened, track.boxes, 64)):
        if number % 30 == 0:
            most = max(most, process.memory_info().rss)
    return most - before


def in_new_process(function: Callable, *arguments: object) -> object:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("video", nargs="?", type=Path, help="a video with a face; without it one is made")
    parser.add_argument("--check", action="store_true", help="exit with 1 where a promise is broken")
    arguments = parser.parse_args()
    broken = []

    with tempfile.TemporaryDirectory() as folder:
        short, long = Path(folder) / "short.mp4", Path(folder) / "long.mp4"
        write_video(short, SHORT)
        write_video(long, LONG)
        path = arguments.video or short
        opened = video.read_video(path)
        count = len(opened.time)
        print(f"{path.name}: {opened.width}×{opened.height}, {count} frames; frames a second of one core")

        def rate(name: str, function: Callable[[], object]) -> float:
            fps = count / cpu_seconds(function)
            print(f"  {name:44} {fps:8.0f}")
            return fps

        fixed = np.tile([220.0, 160.0, 240.0, 240.0], (count, 1))
        rate("decode, times only", lambda: [None for _ in opened.every(0)])
        rate("decode every frame to RGB", lambda: [None for _ in opened])
        rate("decode and crop a fixed box to 64×64", lambda: [None for _ in video.crop_frames(opened, fixed, 64)])
        fps = rate("all: follow, smooth, crop to 64×64", lambda: video.face_clip(opened, finder=search_in_vain))
        plain = PLAIN_FRAMES / cpu_seconds(lambda: plain_boxes(path), runs=1)
        print(f"  {'plain: a search on every frame':44} {plain:8.0f}   {fps / plain:.0f}× slower")
        if fps < LEAST_FPS:
            broken.append(f"{fps:.0f} frames a second, promised {LEAST_FPS:.0f}")

        small, large = (in_new_process(resident_growth, path) for path in (short, long))
        whole = LONG * HEIGHT * WIDTH * 3
        print(
            f"Memory beyond the start, MB: {SHORT} frames {small / 1e6:.1f}, {LONG} frames {large / 1e6:.1f}", end="; "
        )
        print(f"plain: whole frames kept {whole / 1e6:.0f}")
        if large - small > MOST_GROWTH:
            broken.append(f"memory grew by {(large - small) / 1e6:.1f} MB over {LONG - SHORT} frames")

    frames = np.random.default_rng(0).integers(0, 256, (LONG, 72, 72, 3), dtype=np.uint8)
    quick, slow = cpu_seconds(lambda: video.mean_colour(frames)), cpu_seconds(lambda: frames.mean((1, 2)), runs=1)
    away = np.abs(video.mean_colour(frames) - frames.mean((1, 2))).max()
    print(f"Mean colour of {frames.shape}, ms: {quick * 1e3:.0f}; plain frames.mean((1, 2)) {slow * 1e3:.0f}", end="; ")
    print(f"{slow / quick:.0f}× slower, difference {away:.1g}")
    if away > MOST_DIFFERENCE:
        broken.append(f"mean colours differ from numpy's by {away}")

    for promise in broken:
        print(f"BROKEN: {promise}", file=sys.stderr)
    return int(arguments.check and bool(broken))


if __name__ == "__main__":
    sys.exit(main())
