"""Every source of chance in one hand: seed them all, keep their state, put it back.

torch is imported inside the functions, so that processes which only make data start fast.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch

LARGEST_SEED = 2**32 - 1  # numpy's global generator takes no more


def seed_everything(seed: int, *, threads: int | None = 1) -> torch.Generator:
    """Seed python, numpy and torch (every device) and return a generator of its own for shuffling.

    A separate generator for the loader protects the order of the clips from stray random draws elsewhere.
    threads: how many threads torch computes with; sums are rounded differently for another number, so it is part of
    what makes two runs equal. None leaves it as it is.

    Two things no call can do: `PYTHONHASHSEED` (the order of sets of strings) acts only on processes started
    afterwards, so it is set for those; some GPU operations (`index_add_`, `scatter_add_`) stay random although seeded.
    Raises TypeError or ValueError for a seed that is not an integer in 0 … 2³²−1.
    """
    import torch

    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise TypeError(f"seed must be an integer, not {seed!r}")
    seed = int(seed)
    if not 0 <= seed <= LARGEST_SEED:
        raise ValueError(f"seed must be in 0 … {LARGEST_SEED}, not {seed}")
    os.environ["PYTHONHASHSEED"] = str(seed)
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 — other people's code draws from numpy's global generator
    torch.manual_seed(seed)  # every device
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
    if threads is not None:
        torch.set_num_threads(threads)
    return torch.Generator().manual_seed(seed)


def same_bits(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two dicts of tensors or arrays, such as two state dicts, hold the same bits under the same names.

    Stricter than ==, which takes 0 and −0 for equal and NaN for different from itself: two trainings that fail alike
    are the same training. The order of the names does not matter.
    """
    return set(one) == set(other) and all(_bits(one[name]) == _bits(other[name]) for name in one)


def _bits(values: Any) -> tuple[tuple[int, ...], str, bytes]:
    array = np.asarray(values.detach().cpu() if hasattr(values, "detach") else values)
    return array.shape, array.dtype.str, array.tobytes()


class Coins:
    """A dataset of coins that shows what an augmentation would draw in whichever process a loader reads an item.

    Item i is {"index": i} and a coin, 0 or 1, from each of three places:
    "numpy": numpy's global generator. In a worker it is another one, and what it gives hangs on what it gave before;
    "new": a generator made on the spot without a seed, which nobody can make again;
    "own": a generator made from (seed, i) alone, the same whoever reads the item, and when.

    It stands in the package because worker processes cannot find what a notebook defines.
    """

    def __init__(self, length: int, seed: int = 0) -> None:
        self.length, self.seed = length, seed

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> dict[str, int]:
        index = range(self.length)[index]
        return {
            "index": index,
            "numpy": int(np.random.randint(2)),  # noqa: NPY002 — the mistake that is to be seen
            "new": int(np.random.default_rng().integers(2)),
            "own": int(np.random.default_rng((self.seed, index)).integers(2)),
        }


def random_state() -> dict[str, Any]:
    """The state of python's, numpy's and torch's global generators, as tensors and primitives.

    It can be saved with `torch.save` and loaded with `weights_only=True`.
    """
    import torch

    version, internal, gauss = random.getstate()
    numpy_state = np.random.get_state(legacy=False)  # noqa: NPY002
    return {
        "python": [version, torch.tensor(internal), gauss],  # 625 integers save faster as one tensor
        "numpy": {
            "key": torch.from_numpy(numpy_state["state"]["key"].astype(np.int64)),
            "pos": int(numpy_state["state"]["pos"]),
            "has_gauss": int(numpy_state["has_gauss"]),
            "gauss": float(numpy_state["gauss"]),
        },
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }


def restore_random_state(state: dict[str, Any]) -> None:
    """Put the global generators back to what `random_state` returned."""
    import torch

    version, internal, gauss = state["python"]
    random.setstate((version, tuple(internal.tolist()), gauss))
    kept = state["numpy"]
    np.random.set_state(  # noqa: NPY002
        {
            "bit_generator": "MT19937",
            "state": {"key": kept["key"].numpy().astype(np.uint32), "pos": kept["pos"]},
            "has_gauss": kept["has_gauss"],
            "gauss": kept["gauss"],
        }
    )
    torch.set_rng_state(state["torch"])
    if state["cuda"] and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(state["cuda"])


@contextmanager
def untouched_random_state() -> Iterator[None]:
    """Whatever is drawn or seeded inside, the global generators are as before afterwards."""
    state = random_state()
    try:
        yield
    finally:
        restore_random_state(state)
