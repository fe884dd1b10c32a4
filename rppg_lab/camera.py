"""A video of one's own face from the computer's camera, with the true time of every frame and nothing compressed away.

Nothing leaves this computer. A video of a face is personal data, and a pulse can be read from it: record yourself or
somebody who agreed, and delete the file when you are done.
"""

from __future__ import annotations

import math
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from os import PathLike
from pathlib import Path
from time import perf_counter
from typing import Any

import av
import cv2
import numpy as np
from tqdm import tqdm

from rppg_lab.folders import replacing
from rppg_lab.reading import SHORTEST

SUFFIX = ".mkv"  # Matroska holds a time for each frame, to the millisecond, and FFV1, which loses nothing
TICK = Fraction(1, 1000)  # s, Matroska's
WIDTH, HEIGHT = 640, 480  # pixels asked for, enough for a face; a camera may give another size
WARM_UP = 1.0  # s that are not kept: the camera still adjusts its exposure and colours
PATIENCE = 10.0  # s to wait for a frame; a camera may take some to start
AHEAD = 64  # frames that may wait to be written; those that come then are lost

_Stamped = tuple[float, np.ndarray]


def open_camera(camera: int) -> cv2.VideoCapture:
    """The computer's camera of this number, asked for WIDTH × HEIGHT; not opened where there is none."""
    before = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # what is wrong is said below, once
    try:
        capture = cv2.VideoCapture(camera)
    finally:
        cv2.utils.logging.setLogLevel(before)
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT)
    return capture


def record(
    path: str | PathLike,
    *,
    seconds: float = 20.0,
    camera: int = 0,
    overwrite: bool = False,
    progress: bool = True,
    open_camera: Callable[[int], Any] = open_camera,
) -> Path:
    """Record so many seconds from a camera into a file NAME.mkv, lossless, for `video.read_video` and `rppg-lab read`.

    Each frame's time is when it arrived, by a clock that is never set. The first second is not kept. The file appears
    when it is complete; 20 s are some hundred megabytes. Stopped by Ctrl-C, or by a camera that ends, the recording is
    kept up to there if it has 10 s or more, which is what a reading needs; a shorter one is removed, and the error
    raised.
    open_camera: number → an object that works like `cv2.VideoCapture`.

    ValueError for another ending of the name, fewer than 10 s, no camera, or one that gives no frames; FileExistsError
    for a file that is there already, unless overwrite=True.
    """
    path = Path(path)
    if path.suffix.lower() != SUFFIX:
        raise ValueError(f"a recording's name ends in {SUFFIX}, not as {path.name!r} does")
    if not (math.isfinite(seconds) and seconds >= SHORTEST):
        raise ValueError(f"a pulse takes at least {SHORTEST:g} s to be read: record that long, not {seconds} s")
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} exists already, and is left as it is: choose another name, or delete it first")
    with (
        _stream(camera, open_camera) as frames,
        replacing(path) as temporary,
        tqdm(total=round(seconds, 1), desc="recording", unit="s", disable=not progress) as bar,
    ):
        _write(temporary, frames, seconds, bar)
    return path


def _write(path: Path, frames: Iterator[_Stamped], seconds: float, bar: tqdm) -> None:
    """The frames of so many seconds as a file, or of fewer if they end too early but are enough to be read."""
    first, frame = next(_after_warm_up(frames))
    height, width = frame.shape[:2]
    with av.open(str(path), "w", format="matroska") as file:
        stream = file.add_stream("ffv1", options={"level": "3", "slices": "4"})
        stream.width, stream.height, stream.pix_fmt = width, height, "bgr0"
        stream.codec_context.time_base = TICK
        taken, tick = 0.0, -1
        try:
            while True:
                if round(taken / TICK) > tick:  # of two frames that come at once, after a pause, the first is kept
                    tick = round(taken / TICK)
                    picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="bgr24")
                    picture.pts, picture.time_base = tick, TICK
                    file.mux(stream.encode(picture))
                bar.update(min(round(taken, 1), bar.total) - bar.n)
                if taken >= seconds:
                    break
                now, frame = next(frames)
                taken = now - first
        except (KeyboardInterrupt, ValueError) as error:
            if taken < SHORTEST:
                raise
            why = str(error) or "Stopped"
            bar.write(f"{why}: the {taken:.1f} s until then are kept", file=sys.stderr)
        file.mux(stream.encode())


def _after_warm_up(frames: Iterator[_Stamped]) -> Iterator[_Stamped]:
    start = None
    for now, frame in frames:
        start = now if start is None else start
        if now - start >= WARM_UP:
            yield now, frame


@contextmanager
def _stream(camera: int, open_camera: Callable[[int], Any]) -> Iterator[Iterator[_Stamped]]:
    """(time s, frame (H, W, 3) BGR) of a camera, taken by a thread of its own: writing must not delay the clock."""
    capture = open_camera(camera)
    if not capture.isOpened():
        capture.release()
        raise ValueError(
            f"camera {camera} cannot be opened: is it there, does another program use it, and may this one? (macOS: "
            "System Settings, Privacy & Security, Camera; Windows: Settings, Privacy, Camera.) Others have the "
            "numbers 0, 1, 2 …"
        )
    waiting: queue.Queue[_Stamped | None] = queue.Queue(AHEAD)
    done = threading.Event()

    def take() -> None:
        while not done.is_set() and capture.grab():
            now = perf_counter()
            readable, frame = capture.retrieve()
            if readable:
                with suppress(queue.Full):  # written too slowly: a frame is lost, but no time is wrong
                    waiting.put_nowait((now, frame))
        if not done.is_set():
            with suppress(queue.Full):
                waiting.put(None, timeout=PATIENCE)  # no more

    def frames() -> Iterator[_Stamped]:
        while True:
            try:
                one = waiting.get(timeout=PATIENCE)
            except queue.Empty:
                one = None
            if one is None:
                raise ValueError(
                    f"camera {camera} gives no more frames (is it unplugged, asleep, used by another program?)"
                )
            yield one

    thread = threading.Thread(target=take, name="camera", daemon=True)  # a camera that hangs must not hold the program
    thread.start()
    try:
        yield frames()
    finally:
        done.set()
        thread.join(timeout=2.0)
        if not thread.is_alive():  # released while it is read, some cameras' drivers crash
            capture.release()
