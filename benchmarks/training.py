"""How long one training step of PhysNet takes: plain, channels-last, bfloat16, both; and what a large clip needs.

    python benchmarks/training.py

CPU seconds of one thread. The ways take turns, so that whatever else the machine does meets all of them; the fastest
of the steps of each counts.
"""

import sys
import time

import torch

from rppg_lab.experiment import default_micro_batch
from rppg_lab.losses import neg_pearson
from rppg_lab.models import get_model
from rppg_lab.training import use_channels_last

SHAPES = (  # width, (clips, colours, frames, pixels, pixels)
    (32, (16, 3, 32, 16, 16)),  # what lesson 11 trains on
    (64, (4, 3, 128, 32, 32)),
)
LARGE = (3, 32, 128, 128)  # one clip of the lecture's
STEPS = 4


def step_of(width: int, shape: tuple[int, ...], channels_last: bool, bfloat16: bool):
    """A function that trains one step."""
    torch.manual_seed(0)
    model = get_model("physnet", width=width)
    video, bvp = torch.randn(shape), torch.randn(shape[0], shape[2])
    if channels_last:
        use_channels_last(model)
        video = video.contiguous(memory_format=torch.channels_last_3d)
    optimiser = torch.optim.Adam(model.parameters(), 1e-4)

    def step() -> None:
        optimiser.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            wave = model(video)
        neg_pearson(wave.float(), bvp).backward()
        optimiser.step()

    return step


def seconds_of(step) -> float:
    started = time.process_time()
    step()
    return time.process_time() - started


def compare(width: int, shape: tuple[int, ...]) -> None:
    ways = {
        "plain": step_of(width, shape, False, False),
        "channels last": step_of(width, shape, True, False),
        "bfloat16": step_of(width, shape, False, True),
        "both": step_of(width, shape, True, True),
    }
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(STEPS):
        for name, step in ways.items():
            best[name] = min(best[name], seconds_of(step))
    print(f"width {width}, video {shape}: plain {1000 * best['plain']:.0f} ms a step")
    for name, seconds in best.items():
        print(f"  {name:<14} {best['plain'] / seconds:5.2f} × as fast")


def large_clip() -> None:
    """The memory that one of the lecture's clips takes, beside what `default_micro_batch` reckons with."""
    try:
        import resource
    except ImportError:
        print("memory of a large clip: not measured on this system")
        return

    unit = 1 if sys.platform == "darwin" else 1024
    peak = {}
    for clips in (1, 3):
        seconds = seconds_of(step_of(64, (clips, *LARGE), True, False))
        peak[clips] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    _, frames, size, _ = LARGE
    reckoned = frames * size**2 * 2 * 64 * 4
    print(f"clips {LARGE}, width 64: {seconds / clips:.1f} s and {(peak[3] - peak[1]) / 2e6:.0f} MB for each ", end="")
    print(f"(reckoned {reckoned / 1e6:.0f}); of a batch of 100, {default_micro_batch(100, frames, size, 64)} at a time")


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}, 1 thread")
    large_clip()  # first: peaks are never forgotten
    for width, shape in SHAPES:
        compare(width, shape)
