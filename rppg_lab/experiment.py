"""params.json → checked settings → one run → one folder with everything that was found.

load_settings(path) ──▶ Settings ──run──▶ runs/physnet-1f2e3d4c5b6a/  settings.json  versions.json  losses.csv
                                                                      best.pt  report.json  learning_curve.png
                                                                      predicted_against_true.png
"""

from __future__ import annotations

import contextlib
import csv
import difflib
import hashlib
import importlib.metadata
import itertools
import json
import math
import platform
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset, get_worker_info
from tqdm import tqdm

import rppg_lab
from rppg_lab import evaluation, folders, plots
from rppg_lab.clips import (
    FS_SPREAD,
    NORMALISATIONS,
    ClipDataset,
    assert_no_leak,
    split_data_loader,
    split_subjects,
)
from rppg_lab.datasets import endless, made
from rppg_lab.folders import replacing
from rppg_lab.inference import predict_wave
from rppg_lab.losses import LOSSES, get_loss
from rppg_lab.models import MODELS, get_model
from rppg_lab.models.physnet import NORMS, TIME_FACTOR, WIDTH_STEP
from rppg_lab.recordings import RecordingFile, open_recordings
from rppg_lab.seeding import LARGEST_SEED, seed_everything, untouched_random_state
from rppg_lab.spectrum import cut_windows, window_rates
from rppg_lab.training import BEST, OPTIMIZERS, SCHEDULERS, History, fit, get_optimizer, get_scheduler

CLIP_LENGTH, SIZE = 128, 16  # of our own files, if the settings leave them open; the lecture's files know their own
MEMORY_BUDGET = 2e9  # bytes that the layers of one micro-batch may take
_HASH_LENGTH = 12
_REPORT = "report.json"

# What a result depends on. A change in any of these files makes another run; plots and folders do not change numbers.
_CODE = (
    *("seeding", "spectrum", "recordings", "clips", "models"),
    *("losses", "evaluation", "training", "inference", "experiment"),
)


# ------------------------------------------------------------------------------------------------------- settings


@dataclass(frozen=True)
class _Rule:
    """What one setting may be, and how to say so."""

    allowed: str
    accepts: Callable[[Any], bool]
    convert: Callable[[Any], Any] = lambda value: value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _text() -> _Rule:
    return _Rule("a text", lambda value: isinstance(value, str) and bool(value.strip()))


def _whole(least: int, most: float = math.inf) -> _Rule:
    limits = f"of at least {least}" if most == math.inf else f"in {least} … {most}"
    return _Rule(f"a whole number {limits}", lambda v: _is_number(v) and isinstance(v, int) and least <= v <= most)


def _above_zero(unit: str = "") -> _Rule:
    return _Rule(f"a number above 0{unit}", lambda value: _is_number(value) and value > 0, float)


def _share() -> _Rule:
    return _Rule("a number above 0 and below 1", lambda value: _is_number(value) and 0 < value < 1, float)


def _switch() -> _Rule:
    return _Rule("0, 1, false or true", lambda value: isinstance(value, int) and value in (0, 1), bool)


def _one_of(names: Iterable[str]) -> _Rule:
    names = sorted(names)
    return _Rule(f"one of {', '.join(names)}", lambda value: isinstance(value, str) and value in names)


def _multiple_of(step: int) -> _Rule:
    return _Rule(
        f"a positive multiple of {step}", lambda v: _is_number(v) and isinstance(v, int) and v >= step and v % step == 0
    )


def _range_of_speeds() -> _Rule:
    def accepts(value: Any) -> bool:
        return (
            isinstance(value, list | tuple)
            and len(value) == 2
            and all(map(_is_number, value))
            and 0 < value[0] <= value[1]
        )

    return _Rule("[slowest, fastest], both above 0", accepts, lambda value: (float(value[0]), float(value[1])))


def _or_nothing(rule: _Rule) -> _Rule:
    return _Rule(
        f"{rule.allowed}, or null",
        lambda value: value is None or rule.accepts(value),
        lambda value: None if value is None else rule.convert(value),
    )


def _setting(rule: _Rule, default: Any = MISSING) -> Any:
    return field(default=default, metadata={"rule": rule})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can change a result, checked. A key that is absent has the value the lecture used.

    validation_ratio is *always* the share of people kept for validation (the lecture also used it for the share kept
    for training). Who remains is for testing; with `test_path` nobody remains: that file is tested on, and the ratio
    `train_ratio` : `validation_ratio` divides the people of `data_path`. With `validation_path` as well, all of them
    are trained on, that file chooses the best epoch, and the ratios are not used.
    data_path may also be "endless:wide", or another domain of `synthesis.make_video`: then every epoch has
    `people_per_epoch` new made people (see `datasets.endless`), and `validation_path` and `test_path` are needed.
    batch_size: clips per step of the optimiser. Clips too large for the memory are taken `micro_batch` at a time and
    their gradients added up. BatchNorm sees the micro-batches: its statistics are those of fewer clips.

    Raises ValueError that lists every value that is not allowed, what is, and how to put it right.
    """

    data_path: str = _setting(_text())
    train_ratio: float = _setting(_share(), 0.7)
    validation_ratio: float = _setting(_share(), 0.1)
    batch_size: int = _setting(_whole(1), 100)
    train_shuffle: bool = _setting(_switch(), True)
    test_shuffle: bool = _setting(_switch(), False)
    loss_fn: str = _setting(_one_of(LOSSES), "neg_pearson")
    optimizer: str = _setting(_one_of(OPTIMIZERS), "adam")
    learning_rate: float = _setting(_above_zero(), 1e-4)
    epochs: int = _setting(_whole(1), 31)
    model: str = _setting(_one_of(MODELS), "physnet")
    # ours
    validation_path: str | None = _setting(_or_nothing(_text()), None)
    test_path: str | None = _setting(_or_nothing(_text()), None)
    people_per_epoch: int | None = _setting(_or_nothing(_whole(1)), None)  # of endless data; null: `endless.PEOPLE`
    width: int = _setting(_multiple_of(WIDTH_STEP), 64)  # channels; 64 as published
    norm: str = _setting(_one_of(NORMS), "batch")  # between the layers; "batch" as published
    clip_length: int | None = _setting(
        _or_nothing(_multiple_of(TIME_FACTOR)), None
    )  # frames; null: as the file's clips
    stride: int | None = _setting(_or_nothing(_whole(1)), None)  # frames from clip to clip; null: clip_length
    size: int | None = _setting(_or_nothing(_whole(1)), None)  # pixels; null: as the file's clips
    normalise: str = _setting(_one_of(NORMALISATIONS), "time")
    speed: tuple[float, float] = _setting(_range_of_speeds(), (1.0, 1.0))
    scheduler: str = _setting(_one_of(SCHEDULERS), "exponential")
    select: str = _setting(_one_of(("loss", "heart_rate")), "loss")  # what of the validation people chooses the best
    window: float = _setting(_above_zero(" (seconds)"), 10.0)  # s of wave that give one rate
    micro_batch: int | None = _setting(_or_nothing(_whole(1)), None)  # null: `default_micro_batch`
    threads: int = _setting(_whole(1, 64), 1)  # that torch computes with: sums are rounded differently by more
    seed: int = _setting(_whole(0, LARGEST_SEED), 0)  # of the training
    # Of who is in which part, and of who endless people are: another `seed` is another training on the same people.
    split_seed: int = _setting(_whole(0, LARGEST_SEED), 0)

    def __post_init__(self) -> None:
        problems = []
        for one in fields(self):
            rule, value = one.metadata["rule"], getattr(self, one.name)
            if rule.accepts(value):
                object.__setattr__(self, one.name, rule.convert(value))
            else:
                problems.append(f"{one.name} must be {rule.allowed}, not {json.dumps(value, default=repr)}")
        problems = problems or self._contradictions()
        if problems:
            raise ValueError("; ".join(problems))

    def _contradictions(self) -> list[str]:
        problems = []
        total = self.train_ratio + self.validation_ratio
        try:
            is_endless = endless.domain_of(self.data_path) is not None
        except ValueError as error:
            return [f"data_path {self.data_path}: {error}"]
        if is_endless and None in (self.validation_path, self.test_path):
            problems.append(
                f"data_path {self.data_path} needs a validation_path and a test_path: a file each, or a sample, of "
                "people whom the network is not trained on"
            )
        elif self.validation_path is not None and self.test_path is None:
            problems.append(
                "validation_path needs a test_path: all people of data_path are trained on, so nobody remains to test"
            )
        elif self.test_path is None and total >= 1:
            problems.append(
                f"train_ratio {self.train_ratio:g} and validation_ratio {self.validation_ratio:g} leave nobody for "
                "testing: validation_ratio is the share kept for validation, e.g. 0.7 and 0.1; or give a test_path"
            )
        problems += [
            f"{key} {path} is of no use: people who change cannot be compared; name a file or a sample"
            for key, path in (("validation_path", self.validation_path), ("test_path", self.test_path))
            if path is not None and path.startswith(endless.SCHEME)
        ]
        if self.people_per_epoch is not None and not is_endless:
            problems.append(
                f"people_per_epoch is for made people, data_path {endless.SCHEME}{made.synthesis.WIDE}; of a file, all "
                "people are in every epoch: leave it out"
            )
        if self.micro_batch is not None and self.batch_size % self.micro_batch:
            problems.append(f"micro_batch {self.micro_batch} does not divide batch_size {self.batch_size}")
        return problems


def load_settings(path: str | Path) -> Settings:
    """Read a params file; the lecture's test_param.json is taken as it is.

    data_path, validation_path and test_path name a file, or a sample of the course (see `datasets.made.known_samples`),
    which is made if it is missing; data_path may name endless people. Relative paths are taken from the folder the
    params file is in. Raises FileNotFoundError, or ValueError that names the file and the line for broken JSON, or the
    file and every wrong key, with the nearest valid one, or value.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no params file {path}")
    try:
        values = json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=_without_repetition)
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not text in UTF-8 ({error}): save it again as UTF-8") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}, line {error.lineno}, column {error.colno}: {error.msg}") from error
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    if not isinstance(values, dict):
        raise ValueError(f'{path} must hold an object, {{"key": value, …}}, not {type(values).__name__}')

    valid = {one.name: one for one in fields(Settings)}
    problems = [_unknown(key, valid) for key in values if key not in valid]
    missing = [one.name for one in valid.values() if one.default is MISSING and one.name not in values]
    problems += [f"{key} is missing" for key in missing]
    known = {key: value for key, value in values.items() if key in valid}
    try:
        settings = Settings(**dict.fromkeys(missing, "-"), **known)
    except ValueError as error:
        problems.append(str(error))
    if problems:
        raise ValueError(f"{path}: " + "; ".join(problems))
    here = path.absolute().parent
    moved = {
        key: str(made.sample(value) if value in made.known_samples() else here / value)
        for key in ("data_path", "validation_path", "test_path")
        if (value := getattr(settings, key)) is not None and endless.domain_of(value) is None
    }
    return replace(settings, **moved)


def recipe(name: str = "lab") -> Path:
    """The params file of a training that the course recommends. Raises ValueError for an unknown name."""
    folder = Path(__file__).parent / "recipes"
    path = folder / f"{name}.json"
    if not path.is_file():
        raise ValueError(
            f"there is no recipe {name!r}; there are: {', '.join(p.stem for p in sorted(folder.iterdir()))}"
        )
    return path


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if repeated := sorted({key for key in keys if keys.count(key) > 1}):
        raise ValueError(f"{', '.join(repeated)} is given twice: which of them counts?")
    return dict(pairs)


def _unknown(key: str, valid: Iterable[str]) -> str:
    nearest = difflib.get_close_matches(key, valid, n=1)
    return f"there is no setting {key!r}: " + (
        f"did you mean {nearest[0]!r}?" if nearest else f"choose from {', '.join(valid)}"
    )


def default_micro_batch(batch_size: int, clip_length: int, size: int, width: int) -> int:
    """The largest divisor of batch_size whose layers fit `MEMORY_BUDGET`, at least 1.

    A clip takes about clip_length · size² pixels × 2 · width values × 4 bytes: the first four layers hold nearly all of
    it, and backward needs every layer's input. 100 clips of 32 × 128 × 128 at width 64 would take 27 GB.
    """
    bytes_per_clip = clip_length * size**2 * 2 * width * 4
    fitting = [n for n in range(1, batch_size + 1) if batch_size % n == 0 and n * bytes_per_clip <= MEMORY_BUDGET]
    return max(fitting, default=1)


# ------------------------------------------------------------------------------------------- rates of unseen people


@dataclass(frozen=True, eq=False)
class Rates:
    """One entry per window, in the order of the recordings: whose it is, when it starts (s), and its two rates per
    minute, both from the same estimator: `predicted_bpm` on the model's wave, `true_bpm` on the reference wave."""

    subjects: list[str]
    recordings: list[str]
    start: np.ndarray
    predicted_bpm: np.ndarray
    true_bpm: np.ndarray


def predict_rates(
    model: nn.Module,
    file: RecordingFile,
    subjects: Iterable[str] | None = None,
    *,
    window: float = 10.0,
    mirrored: bool = False,
    progress: bool = False,
) -> Rates:
    """The model's heart rate in every complete window of these people's recordings (default: of everybody's).

    See `inference.predict_wave` (the model gets the input that its attribute `about` tells, each window seen alone)
    and `spectrum.window_rates`. A window in which the model sees nothing at all is NaN.
    Raises ValueError if there is no recording of these people, or one is shorter than a window.
    """
    wanted = set(file.subjects if subjects is None else subjects)
    rows: list[tuple[str, str, float, float, float]] = []
    names = [name for name, info in file.info.items() if info.subject in wanted]
    if not names:
        raise ValueError(f"{file.path} has no recording of {', '.join(sorted(wanted)) or 'nobody'}")
    _check_windows(file, wanted, window)
    for name in tqdm(names, desc="heart rates", unit="recording", disable=not progress):
        recording = file[name]
        fs = recording.fs
        wave = predict_wave(model, recording.frames, fs, window=window, step=window, mirrored=mirrored)
        start = cut_windows(recording.time - recording.time[0], fs, window)[:, 0]
        rates = zip(start, window_rates(wave, fs, window), window_rates(recording.bvp, fs, window), strict=True)
        rows += [(recording.subject, name, *values) for values in rates]
    people, takes, *columns = zip(*rows, strict=True)
    return Rates(list(people), list(takes), *(np.array(column, dtype=np.float64) for column in columns))


# -------------------------------------------------------------------------------------------------------- one run


@dataclass(frozen=True, eq=False)
class Report:
    """What a run found. `errors` (see `evaluation.errors`) and `rates` are of the test people, none of them trained on.

    `subjects`: who was in which part. `settings`: with nothing left open. `reused`: an identical run was found finished
    in `folder`, and nothing was computed.
    """

    folder: Path
    settings: Settings
    subjects: dict[str, list[str]]
    history: History
    rates: Rates
    errors: dict[str, float]
    seconds: float
    reused: bool = False

    @property
    def weights(self) -> Path:
        """The best weights, for `models.load_weights`."""
        return self.folder / BEST

    def __str__(self) -> str:
        what = "found finished" if self.reused else f"trained in {self.seconds:.0f} s"
        if not self.reused and self.history.resumed_after:
            what += f", going on after epoch {self.history.resumed_after}"
        errors = ", ".join(f"{name} {value:.2f}" for name, value in self.errors.items() if isinstance(value, float))
        missing = np.count_nonzero(np.isnan(self.rates.predicted_bpm))
        skipped = sum(self.history.skipped)
        return (
            f"{self.folder.name}: {what}; best of {self.history.epochs} epochs: {self.history.best_epoch}"
            + (f"; {skipped} batches skipped, their loss was not finite" if skipped else "")
            + f"; {len(self.rates.start)} windows of {len(self.subjects['test'])} test subjects: {errors}"
            + (f"; no rate in {missing} windows" if missing else "")
        )


def run(
    settings: Settings, *, runs_folder: str | Path | None = None, fresh: bool = False, progress: bool = True
) -> Report:
    """Train on some people, choose by others, measure on a third group, and keep everything in one folder.

    The folder, in `runs_folder` (default `folders.runs_folder()`), is named by the settings, the data and this
    package's code: an identical run that is finished is read instead of repeated (`Report.reused`), an interrupted one
    goes on bit for bit. fresh=True throws away what the folder holds. Global random states and the number of threads
    (while training that of the settings, whatever the machine has) are left as they were.

    Raises FileNotFoundError for data that is missing; ValueError for people who are too few or in two parts, recordings
    shorter than a window or a clip, and whatever the model cannot take; FloatingPointError if training yields only NaN.
    """
    with _files(settings) as files:
        return _run(_complete(settings, files.data), files, runs_folder, fresh, progress)


def finished_run(settings: Settings, *, runs_folder: str | Path | None = None) -> Report | None:
    """What `run` found earlier with the same settings, data and code; None if it has not been run to its end.

    Raises FileNotFoundError for data that is missing.
    """
    with _files(settings) as files:
        settings = _complete(settings, files.data)
        folder = _folder(settings, _identity(settings, files), runs_folder)
        return _read_report(folder, settings) if (folder / _REPORT).exists() else None


@dataclass(frozen=True)
class _Files:
    """The open files of a run, of which some may be the same. data: None for endless people, who are in no file yet."""

    data: RecordingFile | None
    validation: RecordingFile
    test: RecordingFile


@contextlib.contextmanager
def _files(settings: Settings) -> Iterator[_Files]:
    with contextlib.ExitStack() as opened:
        is_endless = endless.domain_of(settings.data_path) is not None
        data = None if is_endless else opened.enter_context(_open(settings.data_path, "data_path"))
        validation, test = (
            data if path is None else opened.enter_context(_open(path, key))
            for key, path in (("validation_path", settings.validation_path), ("test_path", settings.test_path))
        )
        yield _Files(data, validation, test)


def _folder(settings: Settings, identity: str, runs_folder: str | Path | None) -> Path:
    root = folders.runs_folder() if runs_folder is None else Path(runs_folder)
    return root / f"{settings.model}-{identity[:_HASH_LENGTH]}"


def _run(
    settings: Settings,
    files: _Files,
    runs_folder: str | Path | None,
    fresh: bool,
    progress: bool,
) -> Report:
    subjects = _divide(settings, files)
    for part in ("test", *(["validation"] if settings.select == "heart_rate" else [])):
        _check_windows(getattr(files, part), subjects[part], settings.window)

    identity = _identity(settings, files)
    folder = _folder(settings, identity, runs_folder)
    if fresh and folder.exists():
        shutil.rmtree(folder)
    if (folder / _REPORT).exists():
        return _read_report(folder, settings)

    _write_json(folder / "settings.json", asdict(settings))
    _write_json(folder / "versions.json", versions(settings.threads))
    threads, started = torch.get_num_threads(), time.perf_counter()
    try:
        with untouched_random_state():
            seed_everything(settings.seed, threads=settings.threads)
            model, history = _train(settings, files, subjects, folder, identity, progress)
            rates = predict_rates(model, files.test, subjects["test"], window=settings.window, progress=progress)
    finally:
        torch.set_num_threads(threads)
    errors = evaluation.errors(rates.predicted_bpm, rates.true_bpm)
    report = Report(folder, settings, subjects, history, rates, errors, time.perf_counter() - started)
    _write_losses(folder / "losses.csv", history)
    _write_figures(folder, history, settings.loss_fn, rates)
    _write_report(report)
    return report


class EndlessClips(Dataset):
    """The clips of people whom nobody has seen: those of `ClipDataset`, but in every epoch of other people.

    people: who makes them, and who ends what runs beside; cut: settings of `ClipDataset`. `set_epoch` waits for the
    epoch's people; every epoch has as many clips, so `len` is known before the first one, which an item that is asked
    for begins. `subjects` are those of the epoch. For a loader without worker processes: reading is not what takes
    time, and a worker that outlives an epoch would go on reading its people.
    Raises ValueError for a clip longer than the recordings.
    """

    def __init__(self, people: endless.FreshPeople, *, clip_length: int, stride: int, **cut: Any) -> None:
        self.people, self.fs = people, people.fs
        self._cut = {"clip_length": clip_length, "stride": stride, **cut}
        self._clips_of_each = len(range(0, people.frames - clip_length + 1, stride))
        if not self._clips_of_each:
            raise ValueError(
                f"a clip of {clip_length} frames is longer than the {people.frames} frames of endless people"
            )
        self._epoch = 0
        self._clips: ClipDataset | None = None

    @property
    def subjects(self) -> list[str]:
        return [name for name in self.people.names(self._epoch) for _ in range(self._clips_of_each)]

    def set_epoch(self, epoch: int) -> None:
        """Begin an epoch: wait until its people are made, and forget those before."""
        self._clips = None  # whatever happens now, no clip of another epoch is given
        clips = ClipDataset(self.people.open(epoch), **self._cut)
        clips.set_epoch(epoch)
        self._clips, self._epoch = clips, epoch

    def __len__(self) -> int:
        return self.people.people * self._clips_of_each

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        if get_worker_info() is not None:
            raise ValueError("endless people are read without worker processes: give the loader num_workers=0")
        if self._clips is None:
            self.set_epoch(self._epoch)
        return self._clips[index]


@contextlib.contextmanager
def _training_clips(
    settings: Settings, files: _Files, subjects: dict[str, list[str]], folder: Path, progress: bool
) -> Iterator[ClipDataset | EndlessClips]:
    cut = {"size": settings.size, "normalise": settings.normalise, "clip_length": settings.clip_length}
    cut |= {"stride": settings.stride, "speed": settings.speed, "seed": settings.seed}
    if files.data is not None:
        yield ClipDataset(files.data, subjects=subjects["train"], **cut)
        return
    for left in folder.glob(endless.PREFIX + "*"):  # by a computer that was switched off
        shutil.rmtree(left, ignore_errors=True)
    with endless.FreshPeople(
        endless.domain_of(settings.data_path),
        people=settings.people_per_epoch,
        size=settings.size,
        seed=settings.split_seed,
        epochs=settings.epochs,
        folder=folder,  # not the system's folder for temporary files, which on many computers lies in memory
        progress=progress,
    ) as people:
        yield EndlessClips(people, **cut)


def _train(
    settings: Settings, files: _Files, subjects: dict[str, list[str]], folder: Path, identity: str, progress: bool
) -> tuple[nn.Module, History]:
    validation = ClipDataset(
        files.validation,
        subjects=subjects["validation"],
        size=settings.size,
        normalise=settings.normalise,
        clip_length=settings.clip_length,
    )
    with _training_clips(settings, files, subjects, folder, progress) as train:
        assert_no_leak(train, validation)
        if abs(validation.fs / train.fs - 1) > FS_SPREAD:
            raise ValueError(
                f"{validation.file.path} has {validation.fs:g} frames per second, what is trained on {train.fs:g}: a "
                "frame must last equally long in both, so resample one of them"
            )
        train_loader, validation_loader = split_data_loader(
            (train, validation),
            settings.micro_batch,
            train_shuffle=settings.train_shuffle,
            test_shuffle=settings.test_shuffle,
            seed=settings.seed,
        )
        accumulate = settings.batch_size // settings.micro_batch
        model = get_model(settings.model, width=settings.width, norm=settings.norm)
        optimiser = get_optimizer(settings.optimizer, model.parameters(), settings.learning_rate)
        steps = math.ceil(len(train_loader) / accumulate)
        scheduler = get_scheduler(settings.scheduler, optimiser, epochs=settings.epochs, steps_per_epoch=steps)

        def error_of_rates(model: nn.Module) -> float:
            rates = predict_rates(model, files.validation, subjects["validation"], window=settings.window)
            return float(np.mean(np.abs(rates.predicted_bpm - rates.true_bpm)))

        history = fit(
            model,
            train_loader,
            validation_loader,
            loss=get_loss(settings.loss_fn),
            optimiser=optimiser,
            scheduler=scheduler,
            epochs=settings.epochs,
            folder=folder,
            score=error_of_rates if settings.select == "heart_rate" else None,
            accumulate=accumulate,
            settings={"run": identity},
            about={
                "normalise": settings.normalise,
                "size": settings.size,
                "fs": train.fs,
                "trained_on": train.file.path.name if isinstance(train, ClipDataset) else settings.data_path,
            },
            progress=progress,
        )
        return model, history


def _open(path: str, key: str) -> RecordingFile:
    if not Path(path).exists():
        raise FileNotFoundError(
            f"{key}: there is no file {path}. `python lab.py setup` makes the samples, data_scripts/make_dataset.py "
            "any other; a relative path in a params file is taken from that file's folder"
        )
    return open_recordings(path)


def _complete(settings: Settings, data: RecordingFile | None) -> Settings:
    """The settings with nothing left open."""
    clip_length, size = CLIP_LENGTH, SIZE
    if data is None:
        settings = replace(settings, people_per_epoch=settings.people_per_epoch or endless.PEOPLE)
    elif (info := next(iter(data.info.values()))).in_lecture_layout:
        with h5py.File(data.path, "r") as file:
            clip_length, size = file[f"{info.name}/preprocessed_video"].shape[1:3]
    clip_length, size = settings.clip_length or clip_length, settings.size or size
    return replace(
        settings,
        clip_length=clip_length,
        stride=settings.stride or clip_length,
        size=size,
        micro_batch=settings.micro_batch or default_micro_batch(settings.batch_size, clip_length, size, settings.width),
    )


def _divide(settings: Settings, files: _Files) -> dict[str, list[str]]:
    """The people of each part, nobody in two."""
    train, validation, seed = settings.train_ratio, settings.validation_ratio, settings.split_seed
    if files.data is None:
        people = {"domain": endless.domain_of(settings.data_path), "people": settings.people_per_epoch, "seed": seed}
        everyone = [name for epoch in range(settings.epochs) for name in endless.names(epoch, **people)]
    else:
        everyone = files.data.subjects
    if files.test is files.data:
        parts = split_subjects(everyone, (train, validation, 1 - train - validation), seed)
        return dict(zip(("train", "validation", "test"), parts, strict=True))
    if files.validation is files.data:
        _assert_apart(data_path=everyone, test_path=files.test.subjects)
        parts = split_subjects(everyone, (train / (train + validation), validation / (train + validation)), seed)
        return dict(zip(("train", "validation", "test"), (*parts, files.test.subjects), strict=True))
    found = {"train": everyone, "validation": files.validation.subjects, "test": files.test.subjects}
    _assert_apart(data_path=found["train"], validation_path=found["validation"], test_path=found["test"])
    return found


def _assert_apart(**people: list[str]) -> None:
    for (one, some), (other, others) in itertools.combinations(people.items(), 2):
        if shared := sorted(set(some) & set(others)):
            raise ValueError(
                f"{', '.join(shared)} are in {one} and in {other}: a network tested on a face it was trained on, or "
                "chosen by, is tested on its memory"
            )


def _check_windows(file: RecordingFile, subjects: Iterable[str], window: float) -> None:
    short = [
        f"{info.name} {info.shape[0] / info.fs:.1f} s"
        for info in file.info.values()
        if info.subject in subjects and info.shape[0] < round(window * info.fs)
    ]
    if short:
        raise ValueError(f"{file.path}: too short for one window of {window:g} s: {', '.join(short)}; set window lower")


def versions(threads: int = 1) -> dict[str, Any]:
    """What else two runs need in common to be equal to the last bit. threads: that torch computes with."""
    packages = {
        name: importlib.metadata.version(name) for name in ("torch", "numpy", "h5py", "scipy", "opencv-python-headless")
    }
    return {
        "rppg_lab": rppg_lab.__version__,
        "python": platform.python_version(),
        **packages,
        "system": platform.platform(),
        "processor": platform.machine(),
        "vector unit": torch.backends.cpu.get_cpu_capability(),
        "threads": threads,
    }


# ------------------------------------------------------------------------------------- what makes two runs the same


def _identity(settings: Settings, files: _Files) -> str:
    """A hash of settings, data and code. Where the data lies does not matter; what is in it does. Of
    endless people, who are in no file, what makes them counts; how many, how large, of which seed the settings say."""
    kept = asdict(settings) | {"data_path": None, "validation_path": None, "test_path": None}
    if files.data is None:
        kept["data_path"] = [settings.data_path, endless.FIRST, endless.SECONDS, endless.FS, made.generator()]
    else:
        kept["data_path"] = _identity_of_data(files.data)
    for key, file in (("validation_path", files.validation), ("test_path", files.test)):
        if file is not files.data:
            kept[key] = _identity_of_data(file)
    kept["code"] = _identity_of_code()
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def _identity_of_data(file: RecordingFile) -> str:
    """A hash of what made the file, its length, every wave, and two frames of every recording.

    Not of all pixels: reading gigabytes to find out that nothing is to be done would take as long as some runs.
    """
    found = hashlib.sha256(json.dumps([file.settings, file.path.stat().st_size], sort_keys=True).encode())
    for name, info in file.info.items():
        found.update(json.dumps([name, info.subject, info.fs, info.shape]).encode())
        found.update(np.ascontiguousarray(file.bvp(name)).tobytes())
        for frame in (0, info.shape[0] // 2):
            found.update(np.ascontiguousarray(file.frames(name)[frame : frame + 1]).tobytes())
    return found.hexdigest()


def _identity_of_code() -> str:
    package = Path(__file__).parent
    found = hashlib.sha256()
    for name in _CODE:
        sources = sorted((package / name).glob("*.py")) or [package / f"{name}.py"]
        for source in sources:
            found.update(f"{name}/{source.name}".encode())
            found.update(source.read_bytes().replace(b"\r\n", b"\n"))  # git on Windows may store other line ends
    return found.hexdigest()


# --------------------------------------------------------------------------------------------------- the run folder


def _write_json(path: Path, content: Any) -> None:
    with replacing(path) as temporary:
        text = json.dumps(_nan_as_null(content), indent=2, ensure_ascii=False)
        temporary.write_text(text + "\n", encoding="utf-8", newline="\n")


def _nan_as_null(content: Any) -> Any:
    """JSON knows no NaN."""
    if isinstance(content, dict):
        return {key: _nan_as_null(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_nan_as_null(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content


def _null_as_nan(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _null_as_nan(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_null_as_nan(value) for value in content]
    return math.nan if content is None else content


def _write_losses(path: Path, history: History) -> None:
    columns = ("train_loss", "validation_loss", "score", "learning_rate", "skipped", "seconds")
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["epoch", *columns])
        for epoch, values in enumerate(zip(*(getattr(history, column) for column in columns), strict=True), start=1):
            writer.writerow([epoch, *values])


def _write_figures(folder: Path, history: History, loss: str, rates: Rates) -> None:
    unit = {} if loss == "neg_pearson" else {"loss": f"Loss ({loss})"}
    curve = plots.learning_curves(history.train_loss, history.validation_loss, best_epoch=history.best_epoch, **unit)
    readings = plots.predicted_against_true(rates.predicted_bpm, rates.true_bpm)
    for name, figure in (("learning_curve", curve), ("predicted_against_true", readings)):
        with replacing(folder / f"{name}.png") as temporary:
            figure.savefig(temporary, format="png")


def _write_report(report: Report) -> None:
    rates = {
        key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in vars(report.rates).items()
    }
    content = {
        "errors": report.errors,
        "seconds": report.seconds,
        "subjects": report.subjects,
        "history": asdict(report.history),
        "rates": rates,
    }
    _write_json(report.folder / _REPORT, content)


def _read_report(folder: Path, settings: Settings) -> Report:
    try:
        content = _null_as_nan(json.loads((folder / _REPORT).read_text(encoding="utf-8")))
        rates = {
            key: value if key in ("subjects", "recordings") else np.array(value, dtype=np.float64)
            for key, value in content["rates"].items()
        }
        return Report(
            folder=folder,
            settings=settings,
            subjects=content["subjects"],
            history=History(**content["history"]),
            rates=Rates(**rates),
            errors=content["errors"],
            seconds=content["seconds"],
            reused=True,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{folder / _REPORT} is damaged ({error!r}): delete it, or run with fresh=True") from error
