"""Recordings cut into clips while they are read; clips split by subject; loaders.

    recordings ──cut──▶ clips ──resize, normalise──▶ video (3,T,size,size), bvp (T,) ──split by subject──▶ loaders

Nothing is held in memory but where each clip begins, so a file may be larger than the machine.
"""

from __future__ import annotations

import copy
import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.utils.data import ConcatDataset, DataLoader, Dataset, RandomSampler, Subset

from rppg_lab.recordings import BLOCK_BYTES, RecordingFile, open_recordings, resize_frames

__all__ = [
    "NORMALISATIONS",
    "ClipDataset",
    "assert_no_leak",
    "dataset_loader",
    "dataset_split",
    "normalise_clip",
    "resize_frames",
    "split_data_loader",
    "split_subjects",
    "subject_folds",
    "subjects_of",
    "to_video",
]

WHITE = 255.0  # the value of a white pixel, whatever the dtype of the frames
DARK_SHARE = 0.01  # a pixel darker than this share of its channel's mean is divided by that share: it is only noise
MOMENT = 49  # frames, 1.6 s at 30 a second: over so long a time POS, too, asks what has changed
LARGE_CHANGE = 0.02  # relative: a pulse changes skin by a half of this or less, an edge that moves by far more
NOISE_SHARE = 0.2  # of a channel's mean: where a pixel is darker than about this, noise is most of its change
FS_SPREAD = 0.02  # the clips of one dataset are taken with one rate; recordings may differ from it by this share
_FLAT = 1e-7  # a clip that varies less than rounding does is left flat instead of being blown up to unit variance


# ----------------------------------------------------------------------------------------------------- one clip


def normalise_clip(frames: np.ndarray, how: str = "time") -> np.ndarray:
    """Prepare a clip's frames (T,h,w,3) of any dtype, with values 0–255, for a network: (T,h,w,3) float32.

    "time": each pixel and channel divided by its own mean over the clip, minus 1 — its relative change, AC/DC, in which
    a lamp's colour, a skin's tone and a camera's gain cancel — and the whole divided by its standard deviation;
    "local": the relative change against the mean over the 49 frames around each, 1.6 s at 30 frames a second, so that
    what drifts more slowly than a heart beats falls out. It is bounded: tanh(change / 2 %), since what changes more is
    an edge that moves. And to the mean that it is divided by, a fifth of the channel's is added: in the dark most of a
    change is noise. Nothing is divided by the clip's deviation: one restless corner cannot make the pulse small;
    "standardised": the whole clip minus its mean, divided by its standard deviation;
    "raw": 0–1;
    "difference": (c(t+1) − c(t)) / (c(t+1) + c(t)), the last frame zero, divided by the standard deviation (DeepPhys:
    Chen & McDuff 2018; "DiffNormalized" in the rPPG-Toolbox).

    A black pixel and a clip without any change give zeros, not NaN. Raises ValueError for another shape or name.
    """
    frames = np.asarray(frames)
    if frames.ndim != 4 or frames.shape[-1] != 3 or 0 in frames.shape:
        raise ValueError(f"a clip must be (T,h,w,3), not {frames.shape}")
    _check_normalisation(how)
    return NORMALISATIONS[how](frames.astype(np.float32))


def _over_time(clip: np.ndarray) -> np.ndarray:
    mean = _exact_mean(clip, axis=0)
    floor = np.float32(DARK_SHARE) * mean.mean(axis=(0, 1))
    return _unit_variance(_divided(clip - mean, np.maximum(mean, floor)))


def _over_moments(clip: np.ndarray) -> np.ndarray:
    mean = cv2.blur(clip.reshape(len(clip), -1), (1, MOMENT), borderType=cv2.BORDER_REPLICATE).reshape(clip.shape)
    change = clip - mean
    brightness = np.maximum(clip.mean(axis=(0, 1, 2)), _FLAT)  # a black channel has no change to be divided
    mean += np.float32(NOISE_SHARE) * brightness
    mean *= np.float32(LARGE_CHANGE)
    change /= mean  # in place, as above and below: a training does this for every clip
    return np.tanh(change, out=change)


def _standardised(clip: np.ndarray) -> np.ndarray:
    return _unit_variance(clip - _exact_mean(clip))


def _raw(clip: np.ndarray) -> np.ndarray:
    return clip / np.float32(WHITE)


def _differences(clip: np.ndarray) -> np.ndarray:
    change = np.zeros_like(clip)
    change[:-1] = _divided(clip[1:] - clip[:-1], clip[1:] + clip[:-1])
    return _unit_variance(change)


NORMALISATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "time": _over_time,
    "local": _over_moments,
    "standardised": _standardised,
    "raw": _raw,
    "difference": _differences,
}


def _check_normalisation(how: str) -> None:
    if how not in NORMALISATIONS:
        raise ValueError(f"normalise must be one of {', '.join(NORMALISATIONS)}, not {how!r}")


def _exact_mean(clip: np.ndarray, axis: int | None = None) -> np.ndarray:
    """The mean, summed in float64: of equal values it is exactly that value, so that a flat clip becomes zeros."""
    return clip.mean(axis=axis, dtype=np.float64).astype(np.float32)


def _divided(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """above / below, and 0 where below is 0: black."""
    return np.divide(above, below, out=np.zeros_like(above), where=np.broadcast_to(below > 0, above.shape))


def _unit_variance(clip: np.ndarray) -> np.ndarray:
    deviation = clip.std()
    return clip / deviation if deviation > _FLAT else clip


def to_video(frames: np.ndarray) -> torch.Tensor:
    """Frames (T,h,w,3) float as the tensor (3,T,h,w) that networks take; a batch of them is (B,3,T,h,w)."""
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(frames, 3, 0), dtype=np.float32))


# ------------------------------------------------------------------------------------------------- clips of a file


class ClipDataset(Dataset):
    """The clips of a file of recordings, read when asked for: item -> (video (3,T,size,size), bvp (T,)), both float32.

    path: the file, or one already opened (`open_recordings` takes the frame rate and subjects of a foreign file).
    subjects: only these people's recordings; default all.
    clip_length: T frames; stride: frames from the start of one clip to the next, by default the clip's length. What is
        left at the end of a recording and makes no complete clip is not used.
    size, normalise: see `resize_frames` and `normalise_clip`. The wave is given as stored.
    speed: (slowest, fastest). A clip is read from clip_length·s frames and interpolated linearly to clip_length, frames
        and wave alike, with ln s uniform between the two: the heart seems to beat s times as fast, so that a network
        also meets rates its few subjects lack. s is drawn from (seed, epoch, index) alone, whichever process reads the
        clip; a clip that would run over the end of its recording begins earlier, and s never asks for more than the
        whole recording.

    Attributes: `subjects` and `recordings`, one per clip; `fs` in Hz.
    Raises RecordingError or FileNotFoundError as `open_recordings` does; ValueError for subjects the file lacks, a clip
    longer than every recording, recordings of different frame rates, or a setting out of its range. Warns, naming them,
    of recordings too short for one clip.
    """

    def __init__(
        self,
        path: str | Path | RecordingFile,
        *,
        subjects: Iterable[str] | None = None,
        clip_length: int = 128,
        stride: int | None = None,
        size: int = 16,
        normalise: str = "time",
        speed: tuple[float, float] = (1.0, 1.0),
        seed: int = 0,
    ) -> None:
        stride = clip_length if stride is None else stride
        for name, value, least in (("clip_length", clip_length, 2), ("stride", stride, 1), ("size", size, 1)):
            if value < least:
                raise ValueError(f"{name} must be at least {least}, not {value}")
        slowest, fastest = speed
        if not (0 < slowest <= fastest < math.inf):
            raise ValueError(f"speed must be (slowest, fastest), both positive, not {speed}")
        _check_normalisation(normalise)

        self.file = path if isinstance(path, RecordingFile) else open_recordings(path)
        self.clip_length, self.stride, self.size, self.normalise = clip_length, stride, size, normalise
        self.speed, self.seed = (float(slowest), float(fastest)), seed
        # In shared memory, so that workers that outlive an epoch see the next one begin.
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()

        wanted = set(self.file.subjects if subjects is None else subjects)
        if unknown := wanted - set(self.file.subjects):
            raise ValueError(
                f"{self.file.path} has no subject {', '.join(sorted(unknown))}; it has {', '.join(self.file.subjects)}"
            )
        infos = [info for info in self.file.info.values() if info.subject in wanted]
        self._clips = [
            (info.name, start) for info in infos for start in range(0, info.shape[0] - clip_length + 1, stride)
        ]
        self._check_lengths(infos)
        self.fs = self._common_rate(infos)

    def _check_lengths(self, infos: list) -> None:
        short = {info.name: info.shape[0] for info in infos if info.shape[0] < self.clip_length}
        lengths = ", ".join(f"{name} {length}" for name, length in short.items())
        if not self._clips:
            raise ValueError(
                f"a clip of {self.clip_length} frames is longer than every recording of {self.file.path} (frames: "
                f"{lengths or 'no recordings were asked for'})"
            )
        if short:
            warnings.warn(
                f"{self.file.path}: left out, as shorter than a clip of {self.clip_length} frames: {lengths}",
                stacklevel=3,
            )

    def _common_rate(self, infos: list) -> float:
        rates = {info.name: info.fs for info in infos}
        fs = float(np.median(list(rates.values())))
        if any(abs(rate / fs - 1) > FS_SPREAD for rate in rates.values()):
            listed = ", ".join(f"{name} {rate:g}" for name, rate in rates.items())
            raise ValueError(
                f"{self.file.path}: recordings of different frame rates (Hz: {listed}) cannot share one dataset, "
                "in which a frame must always last equally long: resample them, or take those of one rate by `subjects`"
            )
        return fs

    @property
    def subjects(self) -> list[str]:
        return [self.file.info[name].subject for name, _ in self._clips]

    @property
    def recordings(self) -> list[str]:
        return [name for name, _ in self._clips]

    @property
    def epoch(self) -> int:
        return int(self._epoch)

    def set_epoch(self, epoch: int) -> None:
        """Begin an epoch: with `speed`, its clips get speeds of their own."""
        self._epoch.fill_(epoch)

    def __len__(self) -> int:
        return len(self._clips)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        index = range(len(self))[index]
        name, start = self._clips[index]
        if self.speed == (1.0, 1.0):
            frames, bvp = self._read(name, start, start + self.clip_length)
        else:
            frames, bvp = self._read_at_speed(name, start, self._draw_speed(index))
        return to_video(normalise_clip(frames, self.normalise)), torch.from_numpy(bvp)

    def with_subjects(self, subjects: Iterable[str], *, augment: bool = True) -> ClipDataset:
        """The clips of some of this dataset's people; without `augment` at their true speed."""
        wanted = set(subjects)
        part = copy.copy(self)
        part._clips = [clip for clip in self._clips if self.file.info[clip[0]].subject in wanted]
        part._epoch = self._epoch.clone().share_memory_()
        part.speed = self.speed if augment else (1.0, 1.0)
        return part

    def _draw_speed(self, index: int) -> float:
        random = np.random.default_rng((self.seed, self.epoch, index))
        return math.exp(random.uniform(*np.log(self.speed)))

    def _read_at_speed(self, name: str, start: int, speed: float) -> tuple[np.ndarray, np.ndarray]:
        last = self.file.info[name].shape[0] - 1
        span = min((self.clip_length - 1) * speed, last)
        position = min(start, last - span) + np.linspace(0, span, self.clip_length)
        first = int(position[0])
        frames, bvp = self._read(name, first, min(math.ceil(position[-1]), last) + 1)
        return _interpolated(frames, position - first), _interpolated(bvp, position - first)

    def _read(self, name: str, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        """Frames (n,size,size,3) float32 and wave (n,) float32 of a recording, in blocks that fit into memory."""
        frames = self.file.frames(name)
        block = max(1, BLOCK_BYTES // math.prod(frames.shape[1:]))
        resized = np.empty((stop - start, self.size, self.size, 3), np.float32)
        for i in range(start, stop, block):
            resized[i - start :][:block] = resize_frames(frames[i : min(i + block, stop)], self.size)
        return resized, self.file.bvp(name, start, stop)


def _interpolated(values: np.ndarray, position: np.ndarray) -> np.ndarray:
    """`values` (n, …) at fractional positions (T,) along their first axis, linearly: (T, …) float32."""
    before = np.minimum(position.astype(int), len(values) - 1)
    after = np.minimum(before + 1, len(values) - 1)
    weight = (position - before).astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))
    return values[before] + weight * (values[after] - values[before])


def dataset_loader(path: str | Path | RecordingFile, **settings) -> ClipDataset:
    """The clips of a file: `ClipDataset` under the name that the lecture gives it."""
    return ClipDataset(path, **settings)


# ---------------------------------------------------------------------------------------------- splits and loaders


def split_subjects(
    subjects: Iterable[str], ratios: Sequence[float] = (0.7, 0.1, 0.2), seed: int = 0
) -> tuple[list[str], ...]:
    """Divide people at random into parts of these ratios, so that nobody is in two: a tuple of sorted lists.

    The sizes come as near to the ratios as whole people allow (largest remainder), each part having at least one. The
    order of the input and repetitions in it do not matter. Raises ValueError for ratios that are not positive or do not
    add up to 1, and for fewer people than parts.
    """
    people = sorted(set(subjects))
    if len(ratios) < 2 or min(ratios) <= 0 or abs(sum(ratios) - 1) > 1e-6:
        raise ValueError(f"ratios must be two or more positive numbers that add up to 1, not {tuple(ratios)}")
    if len(people) < len(ratios):
        raise ValueError(
            f"{len(ratios)} parts need at least {len(ratios)} subjects; here are {len(people)}: "
            f"{', '.join(map(str, people)) or 'none'}"
        )
    exact = len(people) * np.asarray(ratios)
    sizes = np.floor(exact + 1e-9).astype(int)
    for part in np.argsort(sizes - exact, kind="stable")[: len(people) - sizes.sum()]:
        sizes[part] += 1
    while sizes.min() == 0:
        sizes[sizes.argmin()] += 1
        sizes[sizes.argmax()] -= 1
    shuffled = [people[i] for i in np.random.default_rng(seed).permutation(len(people))]
    ends = np.cumsum(sizes)
    return tuple(sorted(shuffled[end - size : end]) for end, size in zip(ends, sizes, strict=True))


def subject_folds(subjects: Iterable[str], folds: int, seed: int = 0) -> tuple[list[str], ...]:
    """Who is tested in each fold of a cross-validation: a tuple of `folds` sorted lists.

    Everyone is in exactly one list, and the lists' sizes differ by at most one. In fold k the people of list k are
    tested by a network that learned from all others. The order of the input and repetitions in it do not matter.
    Raises ValueError for fewer than 2 folds, and for fewer people than folds.
    """
    people = sorted(set(subjects))
    if folds < 2:
        raise ValueError(f"folds must be at least 2, not {folds}: with fewer, those who are tested taught as well")
    if len(people) < folds:
        raise ValueError(
            f"{folds} folds need at least {folds} subjects; here are {len(people)}: "
            f"{', '.join(map(str, people)) or 'none'}"
        )
    shuffled = [people[i] for i in np.random.default_rng(seed).permutation(len(people))]
    return tuple(sorted(shuffled[fold::folds]) for fold in range(folds))


def dataset_split(
    dataset: ClipDataset, ratio: float | Sequence[float] = (0.7, 0.1, 0.2), seed: int = 0
) -> tuple[ClipDataset, ...]:
    """Split clips by subject: three ratios give train, validation and test; two, or one number for train, give two.

    The first part keeps the dataset's `speed`; the others, which measure, are read as they were recorded. Raises
    ValueError as `split_subjects` does.
    """
    ratios = (ratio, 1 - ratio) if isinstance(ratio, (int, float)) else tuple(ratio)
    if len(ratios) not in (2, 3):
        raise ValueError(f"a dataset is split in two or three parts, not {len(ratios)}")
    people = split_subjects(dataset.subjects, ratios, seed)
    parts = tuple(dataset.with_subjects(subjects, augment=part == 0) for part, subjects in enumerate(people))
    assert_no_leak(*parts)
    return parts


def subjects_of(dataset: Dataset) -> list[str]:
    """The subject of each clip; of torch's `Subset` (what `random_split` gives) and `ConcatDataset` as well."""
    if isinstance(dataset, Subset):
        subjects = subjects_of(dataset.dataset)
        return [subjects[i] for i in dataset.indices]
    if isinstance(dataset, ConcatDataset):
        return [subject for part in dataset.datasets for subject in subjects_of(part)]
    return dataset.subjects


def assert_no_leak(*datasets: Dataset) -> None:
    """Raise ValueError, naming them, if any person's clips are in more than one of the datasets.

    A network that is tested on a face it was trained on is tested on its memory.
    """
    people = [set(subjects_of(dataset)) for dataset in datasets]
    shared = sorted({person for i, some in enumerate(people) for other in people[:i] for person in some & other})
    if shared:
        raise ValueError(
            f"{len(shared)} subject(s) are in more than one dataset: {', '.join(shared)}; split by subject, not by clip"
        )


def split_data_loader(
    datasets: Sequence[Dataset],
    batch_size: int,
    *,
    train_shuffle: bool = True,
    test_shuffle: bool = False,
    seed: int = 0,
    workers: int = 0,
) -> tuple[DataLoader, ...]:
    """One loader of batches (video (B,3,T,h,w), bvp (B,T)) per dataset; the first is for training.

    Clips are shuffled with a generator of their own, seeded with `seed`, so that a random number drawn elsewhere
    changes nothing; nor does the number of worker processes.
    """
    return tuple(
        _loader(dataset, batch_size, bool(train_shuffle if part == 0 else test_shuffle), seed, workers)
        for part, dataset in enumerate(datasets)
    )


def _loader(dataset: Dataset, batch_size: int, shuffle: bool, seed: int, workers: int) -> DataLoader:
    # The loader draws a seed for its workers each time it starts them: once if they persist, each epoch if there are
    # none. From the shuffling generator, that would make the order of the clips depend on the number of workers.
    order, for_workers = torch.Generator().manual_seed(seed), torch.Generator().manual_seed(seed)
    return DataLoader(
        dataset,
        batch_size=batch_size,
        sampler=RandomSampler(dataset, generator=order) if shuffle else None,
        generator=for_workers,
        num_workers=workers,
        persistent_workers=workers > 0,  # a worker takes seconds to start where processes are spawned
    )
