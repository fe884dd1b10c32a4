"""The loop: train an epoch, validate it, keep the best, and go on after an interruption as if there had been none."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import CyclicLR, ExponentialLR, LRScheduler, OneCycleLR
from torch.utils.data import DataLoader
from tqdm import tqdm

from rppg_lab.folders import replacing
from rppg_lab.models import load_weights, model_name, read_tensors, save_weights
from rppg_lab.seeding import random_state, restore_random_state, untouched_random_state

ADAM_WEIGHT_DECAY = 5e-5  # the lecture's
SGD_MOMENTUM = 0.9
EXPONENTIAL_GAMMA = 0.99  # the lecture's, per epoch
OPTIMIZERS = ("adam", "adamw", "sgd")
SCHEDULERS = ("constant", "exponential", "onecycle")
STEPPED_PER_BATCH = (OneCycleLR, CyclicLR)  # every other scheduler is stepped once per epoch
BEST, LAST = "best.pt", "last.pt"
STATE_FORMAT = "rppg-lab training state 1"


@dataclass(frozen=True)
class EpochResult:
    """loss: mean over the clips of the counted batches; skipped: batches left out because their loss was not finite."""

    loss: float
    seconds: float
    skipped: int
    batches: int


@dataclass
class History:
    """One value per finished epoch, in lists; epochs are numbered from 1. `score` is what the best was chosen by."""

    train_loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    score: list[float] = field(default_factory=list)
    learning_rate: list[float] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    best_epoch: int = 0
    best_score: float = math.inf
    resumed_after: int = 0  # epochs that were found finished when fit was called

    @property
    def epochs(self) -> int:
        """How many epochs are finished."""
        return len(self.train_loss)


def get_optimizer(name: str, parameters: Iterable[nn.Parameter], lr: float) -> Optimizer:
    """adam (weight decay 5e-5, as in the lecture), adamw or sgd. Raises NotImplementedError for another name."""
    if name == "adam":
        return torch.optim.Adam(parameters, lr=lr, weight_decay=ADAM_WEIGHT_DECAY)
    if name == "adamw":
        return torch.optim.AdamW(parameters, lr=lr)
    if name == "sgd":
        return torch.optim.SGD(parameters, lr=lr, momentum=SGD_MOMENTUM)
    raise NotImplementedError(f"there is no optimizer {name!r}: choose one of {', '.join(OPTIMIZERS)}")


def get_scheduler(name: str, optimiser: Optimizer, *, epochs: int, steps_per_epoch: int) -> LRScheduler | None:
    """constant (None), exponential (× 0.99 after each epoch) or onecycle (up to the learning rate and down to nothing,
    stepped after each batch). Raises NotImplementedError for another name.

    One-cycle: Smith and Topin, "Super-convergence", 2018, arXiv 1708.07120.
    """
    if name == "constant":
        return None
    if name == "exponential":
        return ExponentialLR(optimiser, gamma=EXPONENTIAL_GAMMA)
    if name == "onecycle":
        peak = [group["lr"] for group in optimiser.param_groups]
        return OneCycleLR(optimiser, max_lr=peak, total_steps=epochs * steps_per_epoch)
    raise NotImplementedError(f"there is no scheduler {name!r}: choose one of {', '.join(SCHEDULERS)}")


def use_channels_last(model: nn.Module) -> nn.Module:
    """Store the weights of 3-D convolutions in the order in which a processor computes them fastest (about 1.3×).

    The values are the same; sums may be rounded differently from the other order, but alike in every run.
    """
    for parameter in model.parameters():
        if parameter.ndim == 5:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last_3d)
    return model


@contextlib.contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients inside; every layer's own mode comes back afterwards."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        for module, mode in modes.items():
            module.training = mode


def train_epoch(
    model: nn.Module,
    loader: Iterable,
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    optimiser: Optimizer,
    *,
    scheduler: LRScheduler | None = None,
    accumulate: int = 1,
    progress: bool = True,
) -> EpochResult:
    """Train on every batch (video (B, 3, T, H, W), bvp (B, T)) of the loader once.

    scheduler: stepped after each step of the optimiser (leave out one that is meant for once per epoch).
    accumulate: batches whose gradients are added up to one step, each clip counting the same; BatchNorm still sees each
    batch by itself. A batch whose loss is not finite is left out of everything, BatchNorm's statistics included, and
    counted. Raises FloatingPointError if that happens to all of them, ValueError if there is no batch.
    """
    with _bar("train", _length(loader), progress) as bar:
        return _train(model, loader, loss, optimiser, scheduler, accumulate, bar)


def evaluate_loss(
    model: nn.Module,
    loader: Iterable,
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    *,
    progress: bool = False,
) -> EpochResult:
    """The model's mean loss over the clips of the loader, in evaluation mode; nothing is learned, no mode is changed.

    Raises FloatingPointError if no batch gave a finite loss, ValueError if there is no batch.
    """
    with _bar("validate", _length(loader), progress) as bar:
        return _evaluate(model, loader, loss, bar)


def fit(
    model: nn.Module,
    train_loader: DataLoader,
    validation_loader: DataLoader | None,
    *,
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    optimiser: Optimizer,
    scheduler: LRScheduler | None = None,
    epochs: int,
    folder: str | Path,
    score: Callable[[nn.Module], float] | None = None,
    accumulate: int = 1,
    settings: dict[str, Any] | None = None,
    about: dict[str, Any] | None = None,
    resume: bool = True,
    progress: bool = True,
) -> History:
    """Train for `epochs` epochs; afterwards the model carries the best weights and is in evaluation mode.

    folder: gets `best.pt` (see `models.load_weights`) and, after every epoch, `last.pt`: all that is needed to go on.
    Called again with the same settings, it goes on after the last finished epoch, bit for bit as if it had never been
    interrupted (same machine, same number of threads); if nothing is left to do, it returns at once.
    resume=False forgets what the folder holds.
    score: lower is better; the best epoch is the one with the lowest. Without it, the validation loss; without a
    validation loader either, the training loss. It must not train the model; what it draws at random leaves no trace.
    settings: primitives the caller wants compared before resuming (the data's name, the seed …).
    about: primitives saved with the best weights, and the model's attribute `about` from the start.
    A scheduler of `STEPPED_PER_BATCH` is stepped per step of the optimiser, every other one per epoch. A dataset with
    `set_epoch` is told the epoch (0, 1, …) before it is read.

    Raises ValueError if the folder holds a training with other settings, naming what differs; FloatingPointError if a
    whole epoch gave no finite loss.
    """
    if epochs < 1:
        raise ValueError(f"epochs must be at least 1, not {epochs}")
    folder = Path(folder)
    use_channels_last(model)  # before anything is restored: the order of sums must not depend on where one goes on
    identity = _identity(model, train_loader, loss, optimiser, scheduler, accumulate, settings or {})
    model.about = dict(about or {})  # a score that predicts must give the model the input it is trained on
    training = _Training(model, train_loader, validation_loader, optimiser, scheduler, History())
    if resume and (folder / LAST).exists():
        training.restore(folder / LAST, identity, epochs)
    else:
        (folder / BEST).unlink(missing_ok=True)
        training.save(folder / LAST, identity)  # so that an interruption in the first epoch is resumed exactly too

    history = training.history
    history.resumed_after = history.epochs
    per_batch = isinstance(scheduler, STEPPED_PER_BATCH)
    for epoch in range(history.epochs, epochs):
        _tell_epoch(getattr(train_loader, "dataset", None), epoch)
        total = _length(train_loader), 0 if validation_loader is None else _length(validation_loader)
        with _bar(f"epoch {epoch + 1}/{epochs}", None if None in total else sum(total), progress) as bar:
            learning_rate = optimiser.param_groups[0]["lr"]
            trained = _train(model, train_loader, loss, optimiser, scheduler if per_batch else None, accumulate, bar)
            if scheduler is not None and not per_batch:
                scheduler.step()
            with untouched_random_state():  # looking at the result must not change the training
                validated = None
                if validation_loader is not None:
                    validated = _evaluate(model, validation_loader, loss, bar, trained)
                scored = float(score(model)) if score else validated.loss if validated else trained.loss
        history.train_loss.append(trained.loss)
        history.validation_loss.append(validated.loss if validated else math.nan)
        history.score.append(scored)
        history.learning_rate.append(learning_rate)
        history.skipped.append(trained.skipped)
        history.seconds.append(trained.seconds)
        if scored < history.best_score:
            history.best_epoch, history.best_score = epoch + 1, scored
            save_weights(folder / BEST, model, {**model.about, "epoch": epoch + 1, "score": scored})
        training.save(folder / LAST, identity)

    if not history.best_epoch:
        raise FloatingPointError(f"no epoch had a finite score, so none is the best: {history.score}")
    load_weights(folder / BEST, model)
    return history


@dataclass
class _Training:
    """Everything that changes while training, and nothing else."""

    model: nn.Module
    train_loader: DataLoader
    validation_loader: DataLoader | None
    optimiser: Optimizer
    scheduler: LRScheduler | None
    history: History

    def save(self, path: Path, identity: dict[str, Any]) -> None:
        content = {
            "format": STATE_FORMAT,
            "identity": identity,
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "scheduler": self.scheduler.state_dict() if self.scheduler else None,
            "random": random_state(),
            "generators": [generator.get_state() for generator in self._generators()],
            "history": asdict(self.history),
        }
        with replacing(path) as temporary:
            torch.save(content, temporary)

    def restore(self, path: Path, identity: dict[str, Any], epochs: int) -> None:
        content = read_tensors(path, STATE_FORMAT)
        _refuse_other_settings(path, content["identity"], identity)
        history = History(**content["history"])
        if history.epochs > epochs:
            raise ValueError(
                f"{path} already holds {history.epochs} epochs, more than the {epochs} asked for: "
                "choose another folder, or resume=False to begin again"
            )
        self.model.load_state_dict(content["model"])
        self.optimiser.load_state_dict(content["optimiser"])
        if self.scheduler:
            self.scheduler.load_state_dict(content["scheduler"])
        for generator, state in zip(self._generators(), content["generators"], strict=True):
            generator.set_state(state)
        restore_random_state(content["random"])
        self.history = history

    def _generators(self) -> list[torch.Generator]:
        """The loaders' own generators, each once, in a fixed order."""
        found = []
        for loader in (self.train_loader, self.validation_loader):
            for owner in (loader, getattr(loader, "sampler", None)):
                generator = getattr(owner, "generator", None)
                if isinstance(generator, torch.Generator) and not any(generator is other for other in found):
                    found.append(generator)
        return found


def _train(model, loader, loss, optimiser, scheduler, accumulate, bar) -> EpochResult:
    if accumulate < 1:
        raise ValueError(f"accumulate must be at least 1, not {accumulate}")
    started = time.perf_counter()
    use_channels_last(model).train()
    mean = _Mean()
    first = total = 0  # clips in the first counted batch of the step, and in all of them
    optimiser.zero_grad()
    for number, (video, target) in enumerate(_on_device_of(model, loader), start=1):
        statistics = [buffer.clone() for buffer in model.buffers()]
        value = loss(model(video), target)
        if torch.isfinite(value):
            first = first or len(video)
            total += len(video)
            (value * (len(video) / first)).backward()  # of one batch only, exactly its own gradient
        else:
            for buffer, before in zip(model.buffers(), statistics, strict=True):
                buffer.copy_(before)
        mean.add(value.item(), len(video))
        if total and number % accumulate == 0:
            _step(optimiser, scheduler, first / total)
            first = total = 0
        bar.set_postfix(mean.shown(), refresh=False)
        bar.update()
    if total:
        _step(optimiser, scheduler, first / total)
    return mean.result(time.perf_counter() - started)


def _step(optimiser: Optimizer, scheduler: LRScheduler | None, share: float) -> None:
    """One step with the sum of the gradients times `share`, which makes it their mean over clips."""
    if share != 1:
        for group in optimiser.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter.grad.mul_(share)
    optimiser.step()
    optimiser.zero_grad()
    if scheduler is not None:
        scheduler.step()


def _evaluate(model, loader, loss, bar, trained: EpochResult | None = None) -> EpochResult:
    started = time.perf_counter()
    mean = _Mean()
    before = {} if trained is None else _shown(trained.loss, trained.skipped)
    with evaluating(model):
        for video, target in _on_device_of(model, loader):
            mean.add(loss(model(video), target).item(), len(video))
            bar.set_postfix(before | mean.shown("validation"), refresh=False)
            bar.update()
    return mean.result(time.perf_counter() - started)


class _Mean:
    """The mean loss over the clips of the batches that had one."""

    def __init__(self):
        self.sum, self.clips, self.batches, self.skipped = 0.0, 0, 0, 0

    def add(self, value: float, clips: int) -> None:
        if math.isfinite(value):
            self.sum += value * clips
            self.clips += clips
            self.batches += 1
        else:
            self.skipped += 1

    def shown(self, prefix: str = "") -> dict[str, str]:
        return _shown(self.sum / self.clips if self.clips else math.nan, self.skipped, prefix)

    def result(self, seconds: float) -> EpochResult:
        if self.skipped and not self.batches:
            raise FloatingPointError(
                f"the loss was not finite in any of the {self.skipped} batches of this epoch: look for NaN or infinity "
                "in the data, begin again from good weights, or lower the learning rate"
            )
        if not self.batches:
            raise ValueError("the loader gave no batch: is the dataset empty, or smaller than a batch with drop_last?")
        return EpochResult(self.sum / self.clips, seconds, self.skipped, self.batches)


def _shown(loss: float, skipped: int, prefix: str = "") -> dict[str, str]:
    """What a progress bar says."""
    return {prefix or "loss": f"{loss:.4f}", f"{prefix} skipped".strip(): str(skipped)}


def _on_device_of(model: nn.Module, loader: Iterable) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    parameter = next(model.parameters(), None)
    device = "cpu" if parameter is None else parameter.device
    for video, target in loader:
        order = torch.channels_last_3d if video.ndim == 5 else torch.preserve_format
        yield video.to(device, memory_format=order), target.to(device)


def _bar(description: str, total: int | None, progress: bool) -> tqdm:
    return tqdm(desc=description, total=total, unit="batch", disable=not progress)


def _length(loader: Iterable) -> int | None:
    return len(loader) if hasattr(loader, "__len__") else None


def _tell_epoch(dataset: Any, epoch: int) -> None:
    """Call set_epoch of the dataset, or of those inside a Subset or ConcatDataset."""
    if hasattr(dataset, "set_epoch"):
        dataset.set_epoch(epoch)
        return
    for inner in (getattr(dataset, "dataset", None), *getattr(dataset, "datasets", ())):
        if inner is not None:
            _tell_epoch(inner, epoch)


def _identity(model, loader, loss, optimiser, scheduler, accumulate, settings) -> dict[str, Any]:
    """What must be the same for two calls of `fit` to be one training. The number of epochs may grow: a one-cycle
    schedule knows its own length, the others do not depend on it."""
    dataset = getattr(loader, "dataset", None)
    found = {
        "model": model_name(model),
        **{f"model.{key}": value for key, value in getattr(model, "settings", {}).items()},
        "loss": getattr(loss, "__name__", type(loss).__name__),
        "optimiser": type(optimiser).__name__,
        **{f"optimiser.{key}": value for key, value in optimiser.defaults.items()},
        "scheduler": type(scheduler).__name__ if scheduler else None,
        **{f"scheduler.{key}": getattr(scheduler, key, None) for key in ("gamma", "step_size", "total_steps")},
        "accumulate": accumulate,
        "batch_size": getattr(loader, "batch_size", None),
        "clips": len(dataset) if hasattr(dataset, "__len__") else None,
    }
    return found | settings


def _refuse_other_settings(path: Path, there: dict[str, Any], here: dict[str, Any]) -> None:
    nothing = "nothing"
    differences = [
        f"{key}: {there.get(key, nothing)!r} there, {here.get(key, nothing)!r} here"
        for key in dict.fromkeys([*there, *here])
        if there.get(key, nothing) != here.get(key, nothing)
    ]
    if differences:
        raise ValueError(
            f"{path} holds a training with other settings ({'; '.join(differences)}): "
            "choose another folder, or resume=False to begin again"
        )
