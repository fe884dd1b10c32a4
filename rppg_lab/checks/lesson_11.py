"""The checks of lesson 11: a learning rate with a plan, the loops that train and test, and the epoch that is kept.

The loops are tried on networks of a few weights and batches of a few numbers, so that each case takes milliseconds.
"""

from __future__ import annotations

import copy
import functools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.optim.lr_scheduler import ExponentialLR, LRScheduler
from torch.utils.data import DataLoader, TensorDataset

from rppg_lab import training
from rppg_lab.checks.comparing import close, is_numeric
from rppg_lab.checks.declaring import Case, Exercise, Mistake

TITLE = "Will it learn?"

STEP = "11.2 One step downhill"
PLAN = "11.3 A learning rate with a plan"
MEAN = "11.4 A loss that falls because batches fail"
EPOCH = "11.5 An epoch of learning"
LOOKING = "11.6 Looking without touching"
KEPT = "11.7 Which epoch is kept?"

# --- 11.1 ------------------------------------------------------------------------------------------------------------


def learning_rates(start: float, factor: float, epochs: int) -> NDArray[np.float64]:
    """The learning rate used in each epoch (epochs,), when it is multiplied by `factor` after every epoch."""
    return start * factor ** np.arange(epochs)


RATES = Exercise(
    number="11.1",
    title="The learning rate of each epoch",
    reference=learning_rates,
    cases=(
        Case(
            "start 0.008, factor 0.5, 4 epochs",
            "four numbers, 0.008 for the first epoch, and each of the others half of the one before it",
            lambda: (0.008, 0.5, 4),
        ),
        Case(
            "the lecture's: start 0.0001, factor 0.99, 31 epochs",
            "31 numbers that begin with 0.0001 and fall by one per cent from epoch to epoch",
            lambda: (1e-4, 0.99, 31),
        ),
        Case("start 0.1, factor 1, 3 epochs", "0.1 three times", lambda: (0.1, 1.0, 3)),
        Case("start 0.3, factor 0.2, 1 epoch", "one number, 0.3", lambda: (0.3, 0.2, 1)),
    ),
    same=close(atol=1e-9, lists=True),
    mistakes=(
        Mistake(
            "the first epoch is changed already",
            "The plan changes the rate *after* an epoch. The first epoch learns with the rate that was asked for.",
            PLAN,
            twin=lambda start, factor, epochs: start * factor ** np.arange(1, epochs + 1),
        ),
        Mistake(
            "never stepped",
            "All epochs have the same rate: the plan was made, and nobody carried it out. So it went in the lecture.",
            PLAN,
            twin=lambda start, factor, epochs: np.full(epochs, start),
        ),
        Mistake(
            "one too many",
            "The rate after the last epoch is used by no epoch.",
            PLAN,
            twin=lambda start, factor, epochs: start * factor ** np.arange(epochs + 1),
        ),
        Mistake(
            "only the last epoch's rate",
            "Asked for is the rate of every epoch, so that the plan can be drawn.",
            PLAN,
            shows=lambda arguments, got: is_numeric(got) and np.size(got) == 1 and arguments[2] > 1,
        ),
        Mistake(
            "what is taken off, not what is left",
            "A factor of 0.99 leaves 99 % of the rate, and not 1 % of it.",
            PLAN,
            twin=lambda start, factor, epochs: start * (1 - factor) ** np.arange(epochs),
        ),
        Mistake(
            "the start is raised to a power as well",
            "Only the factor is applied again and again. The first rate is there once.",
            PLAN,
            twin=lambda start, factor, epochs: (start * factor) ** np.arange(epochs),
        ),
        Mistake(
            "falls by equal amounts",
            "A factor takes away the same *share* each time: large amounts first, then ever smaller ones.",
            PLAN,
            twin=lambda start, factor, epochs: start * (1 - (1 - factor) * np.arange(epochs)),
        ),
        Mistake(
            "the factor itself shrinks",
            "From one epoch to the next the rate changes by the factor once. Here it is applied more often each time.",
            PLAN,
            twin=lambda start, factor, epochs: start * np.cumprod(factor ** np.arange(epochs)),
        ),
        Mistake(
            "the wrong way round",
            "A factor below 1 makes smaller steps towards the end. Here they become larger.",
            PLAN,
            twin=lambda start, factor, epochs: start / factor ** np.arange(epochs),
        ),
        Mistake(
            "the factors without the start",
            "These are shares of the first rate. How large is the first rate?",
            PLAN,
            twin=lambda start, factor, epochs: factor ** np.arange(epochs),
        ),
    ),
    read_again=PLAN,
)

# --- tiny networks and batches for 11.2 and 11.3 ---------------------------------------------------------------------

FRAMES = 4  # in each made clip, of one pixel: enough for a loss, and nothing to wait for
BATCH = 4
Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


@functools.cache
def load_optimisers() -> None:
    """Make one optimiser: the first of a process loads torch's compiler, for longer than a case may take."""
    torch.optim.SGD([torch.zeros(1)], lr=1.0)


def _clips(count: int, spoilt: Iterable[int] = (), value: float = math.nan) -> tuple[torch.Tensor, torch.Tensor]:
    """Random clips (count, 3, T, 1, 1) and labels (count, T); the labels of the spoilt clips hold one `value`."""
    load_optimisers()
    random = torch.Generator().manual_seed(count)
    videos = torch.randn(count, 3, FRAMES, 1, 1, generator=random)
    labels = torch.randn(count, FRAMES, generator=random)
    for clip in spoilt:
        labels[clip, 1] = value
    return videos, labels


class _Recorder(nn.Sequential):
    """A tiny network that notes, whenever it predicts, whether its prediction can be followed back to its weights."""

    def __init__(self, *layers: nn.Module):
        torch.manual_seed(1)  # the running check puts the generators back
        super().__init__(nn.Flatten(), *layers, nn.Linear(3 * FRAMES, FRAMES))
        self.followed: list[bool] = []

    def forward(self, video: torch.Tensor) -> torch.Tensor:
        prediction = super().forward(video)
        self.followed.append(prediction.requires_grad)
        return prediction


def _loader(videos: torch.Tensor, labels: torch.Tensor) -> DataLoader:
    own = torch.Generator().manual_seed(0)  # a loader draws from it each time it is read
    return DataLoader(TensorDataset(videos, labels), batch_size=BATCH, generator=own)


def _keeps_history(got: Any) -> bool:
    return any(getattr(one, "requires_grad", False) for one in (got if isinstance(got, list | tuple) else [got]))


def _numbers(model: nn.Module) -> torch.Tensor:
    """Everything a network knows, weights and BatchNorm's memory, in a row."""
    return torch.cat([tensor.detach().double().flatten() for tensor in model.state_dict().values()])


# --- 11.2 ------------------------------------------------------------------------------------------------------------


def train_fn(model: nn.Module, loader: Iterable, loss_fn: Loss, optimiser: torch.optim.Optimizer) -> tuple[float, int]:
    """Train for one epoch; the mean loss over the clips of the counted batches, and how many batches were skipped."""
    result = training.train_epoch(model, loader, loss_fn, optimiser, progress=False)
    return result.loss, result.skipped


def _lopsided(prediction: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
    """A loss that does not forgive it when prediction and label change places."""
    return ((prediction - label).square() / (0.5 + label.square())).mean()


def _swapped(run: Callable) -> Callable:
    """The right epoch, but for a loss that is handed the label first."""
    return lambda model, loader, loss_fn, *rest: run(model, loader, lambda one, two: loss_fn(two, one), *rest)


def _trained(
    train_fn: Callable,
    videos: torch.Tensor,
    labels: torch.Tensor,
    mode: str,
    loss: Callable = nn.functional.mse_loss,
) -> dict[str, Any]:
    model = _Recorder(nn.Dropout(0.5)) if mode == "evaluation" else _Recorder()
    model.train(mode == "training")
    optimiser = torch.optim.SGD(model.parameters(), lr=0.2)
    got = train_fn(model, _loader(videos, labels), loss, optimiser)
    return {
        "loss and skipped": got,
        "weights": _numbers(model),
        "the loss drags its history along": _keeps_history(got),
    }


def _train_wrongly(slip: str) -> Callable:
    """An epoch of training with one mistake in it."""

    def train(model, loader, loss_fn, optimiser):
        if slip != "eval":
            model.train()
        optimiser.zero_grad()
        counted, skipped = [], 0
        for video, target in loader:
            value = loss_fn(model(video), target)
            bad = torch.isnan(value) if slip == "isnan" else not torch.isfinite(value)
            if bad:
                skipped += 1
                if slip == "break":
                    break
                continue
            counted.append((value.item(), len(video)))
            if slip == "late":
                optimiser.step()
                optimiser.zero_grad()
            value.backward()
            if slip not in ("late", "once", "nothing"):
                optimiser.step()
            if slip not in ("late", "once", "add"):
                optimiser.zero_grad()
        if slip == "once":
            optimiser.step()
        if slip == "silent":
            skipped = 0
        if slip == "good":
            skipped = len(counted)
        return _mean_wrongly(slip, counted, loader), skipped

    return train


def _mean_wrongly(slip: str, counted: list[tuple[float, int]], loader: DataLoader) -> float:
    total = sum(value * clips for value, clips in counted)
    if slip == "all batches":
        return sum(value for value, _ in counted) / len(loader)
    if slip == "all clips":
        return total / len(loader.dataset)
    if slip == "batches":
        return sum(value for value, _ in counted) / len(counted)
    if slip == "last":
        return counted[-1][0]
    if slip == "sum":
        return sum(value for value, _ in counted)
    return total / sum(clips for _, clips in counted)


def _has_learned_from_nothing(arguments: tuple, got: dict) -> bool:
    return not torch.isfinite(got["weights"]).all()


# What both loops can get wrong when they say how large the loss was.
_WRONG_MEANS = (
    ("all batches", "divided by all batches", "Batches that failed are in the number it was divided by, but not in the "
     "sum: the more of them fail, the better the loss looks."),
    ("all clips", "divided by all clips", "The clips of the failed batches are in the number it was divided by, but "
     "not in the sum: the more of them fail, the better the loss looks."),
    ("batches", "a small batch counts like a full one", "The last batch is often smaller. Each *clip* must weigh the "
     "same, or the clips of the last batch weigh more than the others."),
    ("last", "the loss of the last batch", "One batch is a small sample, and after shuffling another one each time. "
     "Asked for is the mean over the epoch."),
    ("sum", "the sum, not the mean", "A sum grows with the number of batches: a larger dataset would look worse."),
)  # fmt: skip
_SKIPPED_SILENTLY = "Whoever trains must hear that batches failed: it is the first sign that something is wrong."
_DRAGS = (
    "What came back is not a number but a tensor with everything that led to it. Added up over an epoch this fills "
    "the memory."
)

TRAIN = Exercise(
    number="11.2",
    title="One epoch of training",
    reference=train_fn,
    refused=(training.train_epoch,),
    cases=(
        Case(
            "3 batches of 4 clips",
            "the mean loss over the 12 clips, nothing skipped, and weights that took three steps",
            lambda: (*_clips(12), "training"),
            _trained,
        ),
        Case(
            "4 batches of 4 clips; in the second a label is not a number (NaN)",
            "the mean loss over the 12 clips of the others, 1 skipped, and weights that took three steps",
            lambda: (*_clips(16, spoilt=[5]), "training"),
            _trained,
        ),
        Case(
            "5 batches of 4 clips; in the second and the fourth a label is infinite",
            "the mean loss over the 12 clips of the others, 2 skipped, and weights that took three steps",
            lambda: (*_clips(20, spoilt=[6, 12], value=math.inf), "training"),
            _trained,
        ),
        Case(
            "10 clips in batches of 4, 4 and 2",
            "the mean loss over the 10 clips, nothing skipped, and weights that took three steps",
            lambda: (*_clips(10), "training"),
            _trained,
        ),
        Case(
            "3 batches of 4 clips, and a network with dropout that was left in evaluation mode",
            "the mean loss of a network that trains with dropout, and weights that took three steps",
            lambda: (*_clips(12), "evaluation"),
            _trained,
        ),
        Case(
            "3 batches of 4 clips, and a loss that counts a difference less where the label is large",
            "the mean loss over the 12 clips, nothing skipped, and weights that took three steps",
            lambda: (*_clips(12), "training", _lopsided),
            _trained,
        ),
    ),
    mistakes=(
        Mistake(
            "the old gradients are still there",
            "backward *adds* to the gradients that it finds. Each step must follow those of its own batch alone.",
            STEP,
            twin=_train_wrongly("add"),
        ),
        Mistake(
            "nothing is learned",
            "The weights are what they were. Three things must happen in order: the gradients are emptied, computed, "
            "and followed.",
            STEP,
            twin=_train_wrongly("nothing"),
        ),
        Mistake(
            "the step comes before its gradient",
            "Each step follows the gradient of the batch before, and that of the last batch is never used.",
            STEP,
            twin=_train_wrongly("late"),
        ),
        Mistake(
            "one step for the whole epoch",
            "The weights moved once. An epoch is many steps, one after each batch.",
            EPOCH,
            twin=_train_wrongly("once"),
        ),
        Mistake(
            "trained in evaluation mode",
            "Whoever looked last may have left the network in evaluation mode, where dropout rests and BatchNorm does "
            "not listen. An epoch of training must not rely on its callers.",
            EPOCH,
            twin=_train_wrongly("eval"),
        ),
        Mistake(
            "infinity taken for a number",
            "A loss that is infinite is as bad as one that is NaN: its step leads nowhere.",
            EPOCH,
            twin=_train_wrongly("isnan"),
        ),
        Mistake(
            "learned from a batch that failed",
            "The weights are no numbers any more, and never will be again: a single step with such a gradient does it.",
            EPOCH,
            shows=_has_learned_from_nothing,
        ),
        Mistake(
            "gave up at the first bad batch",
            "One batch that fails is no reason to lose those that follow.",
            EPOCH,
            twin=_train_wrongly("break"),
        ),
        Mistake("skipped in silence", _SKIPPED_SILENTLY, MEAN, twin=_train_wrongly("silent")),
        Mistake(
            "counted the good batches",
            "The second number says how many batches were *skipped*; here it says how many were not.",
            EPOCH,
            twin=_train_wrongly("good"),
        ),
        *(Mistake(name, says, MEAN, twin=_train_wrongly(slip)) for slip, name, says in _WRONG_MEANS),
        Mistake(
            "the loss drags its history along",
            _DRAGS,
            EPOCH,
            shows=lambda arguments, got: got["the loss drags its history along"],
        ),
        Mistake(
            "prediction and label have changed places",
            "Many losses give the same either way, this one does not: what the network says comes first, what is true "
            "second.",
            STEP,
            twin=_swapped(train_fn),
        ),
    ),
    read_again=EPOCH,
)

# --- 11.3 ------------------------------------------------------------------------------------------------------------


def test_fn(model: nn.Module, loader: Iterable, loss_fn: Loss) -> tuple[float, int]:
    """The mean loss over the clips of the counted batches, and how many were skipped; the model is left as it was."""
    result = training.evaluate_loss(model, loader, loss_fn)
    return result.loss, result.skipped


test_fn.__test__ = False  # to pytest the lecture's name looks like a test


def _tested(
    test_fn: Callable,
    videos: torch.Tensor,
    labels: torch.Tensor,
    mode: str,
    loss: Callable = nn.functional.mse_loss,
) -> dict[str, Any]:
    model = _Recorder(nn.BatchNorm1d(3 * FRAMES), nn.Dropout(0.5))
    model.train(mode == "training")
    got = test_fn(model, _loader(videos, labels), loss)
    can_learn = torch.is_grad_enabled() and all(parameter.requires_grad for parameter in model.parameters())
    return {
        "loss and skipped": got,
        "weights and BatchNorm's memory": _numbers(model),
        "gradients were recorded": any(model.followed),
        "gradients were left behind": any(parameter.grad is not None for parameter in model.parameters()),
        "mode afterwards": "training" if model.training else "evaluation",
        "can go on learning": can_learn,
    }


def _test_wrongly(slip: str) -> Callable:
    """A look at the loss with one mistake in it."""

    def test(model, loader, loss_fn):
        before = model.training
        if slip != "train":
            model.eval()
        counted, skipped = [], 0
        with torch.no_grad():
            for video, target in loader:
                value = loss_fn(model(video), target)
                if torch.isfinite(value) or slip == "nan":
                    counted.append((value.item(), len(video)))
                else:
                    skipped += 1
        if slip not in ("stays", "train"):
            model.train(True if slip == "always" else before)
        return _mean_wrongly(slip, counted, loader), 0 if slip == "silent" else skipped

    return test


TEST = Exercise(
    number="11.3",
    title="A look at the loss that changes nothing",
    reference=test_fn,
    refused=(training.evaluate_loss,),
    cases=(
        Case(
            "3 batches of 4 clips, and a network with BatchNorm and dropout in training mode",
            "the mean loss of the network in evaluation mode; afterwards nothing in it is changed, its mode included",
            lambda: (*_clips(12), "training"),
            _tested,
        ),
        Case(
            "10 clips in batches of 4, 4 and 2, and such a network in evaluation mode",
            "the mean loss over the 10 clips; afterwards nothing in the network is changed, its mode included",
            lambda: (*_clips(10), "evaluation"),
            _tested,
        ),
        Case(
            "4 batches of 4 clips, in the third of which a label is not a number (NaN)",
            "the mean loss over the 12 clips of the others, and 1 skipped",
            lambda: (*_clips(16, spoilt=[9]), "training"),
            _tested,
        ),
        Case(
            "5 batches of 4 clips; in the first and the fourth a label is infinite",
            "the mean loss over the 12 clips of the others, and 2 skipped",
            lambda: (*_clips(20, spoilt=[2, 13], value=math.inf), "training"),
            _tested,
        ),
        Case(
            "3 batches of 4 clips, and a loss that counts a difference less where the label is large",
            "the mean loss over the 12 clips, nothing skipped",
            lambda: (*_clips(12), "training", _lopsided),
            _tested,
        ),
    ),
    mistakes=(
        Mistake(
            "gradients are left behind",
            "Somebody called backward. Whoever looks at a loss must not prepare a step: these gradients would go into "
            "the next one.",
            LOOKING,
            shows=lambda arguments, got: got["gradients were left behind"],
        ),
        Mistake(
            "gradients off for good",
            "After this look nothing can learn any more: what was switched off stays off.",
            LOOKING,
            shows=lambda arguments, got: not got["can go on learning"],
        ),
        Mistake(
            "looked in training mode",
            "In training mode dropout throws away at random, and BatchNorm judges each clip by its neighbours and "
            "learns from what it sees, without any step.",
            LOOKING,
            twin=_test_wrongly("train"),
        ),
        Mistake(
            "gradients are recorded",
            "PyTorch wrote down every operation for a backward that never comes: it costs time and memory.",
            LOOKING,
            shows=lambda arguments, got: got["gradients were recorded"],
        ),
        Mistake(
            "left in evaluation mode",
            "The network came in training mode and leaves in evaluation mode. Whoever trains on does it with BatchNorm "
            "and dropout asleep.",
            LOOKING,
            twin=_test_wrongly("stays"),
        ),
        Mistake(
            "put into training mode, whatever it was in",
            "The network came in evaluation mode. Leave it as it was, not as you think it should be.",
            LOOKING,
            twin=_test_wrongly("always"),
        ),
        Mistake(
            "one bad batch spoils the mean",
            "A single NaN in a sum makes the sum NaN. Leave that batch out, and say that you did.",
            MEAN,
            twin=_test_wrongly("nan"),
        ),
        Mistake("skipped in silence", _SKIPPED_SILENTLY, MEAN, twin=_test_wrongly("silent")),
        *(Mistake(name, says, MEAN, twin=_test_wrongly(slip)) for slip, name, says in _WRONG_MEANS),
        Mistake(
            "prediction and label have changed places",
            "Many losses give the same either way, this one does not: what the network says comes first, what is true "
            "second.",
            LOOKING,
            twin=_swapped(test_fn),
        ),
    ),
    read_again=LOOKING,
)

# --- 11.4 ------------------------------------------------------------------------------------------------------------

Losses = Sequence[float]


def best_epoch(train_losses: Losses, validation_losses: Losses, test_losses: Losses) -> int:
    """The epoch to keep, counted from 1. Raises ValueError if none has a finite loss to choose by."""
    candidates = [(loss, epoch) for epoch, loss in enumerate(validation_losses, start=1) if math.isfinite(loss)]
    if not candidates:
        raise ValueError("not one epoch has a finite validation loss")
    return min(candidates)[1]


def _first(losses: Losses, better: Callable[[float, float], bool], start: float = math.inf) -> int:
    """A search as many write it: which epoch is the last that was better than all before."""
    best, lowest = 0, start
    for epoch, loss in enumerate(losses, start=1):
        if better(loss, lowest):
            best, lowest = epoch, loss
    if not best:
        raise ValueError("not one epoch has a finite loss")
    return best


_TRAIN = (0.9, 0.7, 0.5, 0.4, 0.2, 0.3)  # falls on and on, as training losses do
_TEST = (0.95, 0.6, 0.8, 0.7, 0.75, 0.8)

BEST = Exercise(
    number="11.4",
    title="The epoch that is kept",
    reference=best_epoch,
    cases=(
        Case(
            "validation losses 0.9, 0.8, 0.6, 0.5, 0.7, 0.8; training losses that are lowest in epoch 5, and test "
            "losses in epoch 2",
            "epoch 4",
            lambda: (list(_TRAIN), [0.9, 0.8, 0.6, 0.5, 0.7, 0.8], list(_TEST)),
        ),
        Case(
            "validation losses 0.8, 0.4, 0.6, 0.4, 0.4, 0.7",
            "epoch 2, the first of three that are equally good",
            lambda: (list(_TRAIN), [0.8, 0.4, 0.6, 0.4, 0.4, 0.7], [0.5, 0.6, 0.7, 0.8, 0.9, 0.8]),
        ),
        Case(
            "validation losses 0.4, 0.5, 0.7, 0.6, 0.9, 0.8",
            "epoch 1: from then on it got worse",
            lambda: (list(_TRAIN), [0.4, 0.5, 0.7, 0.6, 0.9, 0.8], list(_TEST)),
        ),
        Case(
            "validation losses NaN, 0.8, NaN, 0.6, 0.9, 0.7",
            "epoch 4: NaN is no loss at all",
            lambda: (list(_TRAIN), [math.nan, 0.8, math.nan, 0.6, 0.9, 0.7], list(_TEST)),
        ),
        Case(
            "validation losses 0.7, NaN, 0.5, NaN, 0.8, 0.9",
            "epoch 3: NaN is no loss at all",
            lambda: (list(_TRAIN), [0.7, math.nan, 0.5, math.nan, 0.8, 0.9], list(_TEST)),
        ),
        Case(
            "validation losses 1.3, 1.1, 1.2",
            "epoch 2: a loss of 1 − r may lie above 1",
            lambda: ([1.2, 1.1, 1.0], [1.3, 1.1, 1.2], [1.1, 1.2, 1.3]),
        ),
        Case(
            "three epochs, all of whose validation losses are NaN",
            "a ValueError: there is no best among them",
            lambda: ([math.nan] * 3, [math.nan] * 3, [0.5, 0.4, 0.6]),
        ),
    ),
    mistakes=(
        Mistake(
            "chosen by the test people",
            "Whoever chooses by the test people has used them: they are no strangers any more, and the score that "
            "lesson 12 reports would be too good.",
            KEPT,
            twin=lambda train, validation, test: _first(test, lambda a, b: a < b),
        ),
        Mistake(
            "chosen by the training loss",
            "The training loss mostly falls to the end, whether the network understands or learns by heart. Strangers "
            "must say which epoch was good.",
            KEPT,
            twin=lambda train, validation, test: _first(train, lambda a, b: a < b),
        ),
        Mistake(
            "counted from 0",
            "Epochs are counted from 1 here, as people do and as the figures do.",
            KEPT,
            twin=lambda train, validation, test: best_epoch(train, validation, test) - 1,
        ),
        Mistake(
            "the loss, not its epoch",
            "This is how good the best epoch was. Asked for is which one it was.",
            KEPT,
            twin=lambda train, validation, test: validation[best_epoch(train, validation, test) - 1],
        ),
        Mistake(
            "the worst epoch",
            "A loss is small when all is well.",
            KEPT,
            twin=lambda train, validation, test: _first(validation, lambda a, b: a > b, -math.inf),
        ),
        Mistake(
            "simply the last epoch",
            "Training goes on after the best epoch, and things may become worse.",
            KEPT,
            twin=lambda train, validation, test: len(validation),
        ),
        Mistake(
            "the last of equals",
            "Of epochs that are equally good the first is enough: what came after it brought nothing.",
            KEPT,
            twin=lambda train, validation, test: _first(validation, lambda a, b: a <= b),
        ),
        Mistake(
            "it begins with a loss that is too low",
            "Every epoch here has a loss above 1, and none was found good enough. The lowest so far must begin with"
            " something that any loss beats.",
            KEPT,
            shows=lambda arguments, got: got in (0, -1) and min(arguments[1]) > 1,
        ),
        Mistake(
            "an epoch that does not exist",
            "No epoch has a loss to choose by, and a number came back all the same. Whoever called would believe it.",
            KEPT,
            shows=lambda arguments, got: got in (0, -1) and all(math.isnan(loss) for loss in arguments[1]),
        ),
        Mistake(
            "NaN wins",
            "NaN is neither smaller nor larger than anything: every comparison with it is false, and some searches "
            "then stop at it.",
            KEPT,
            shows=lambda arguments, got: got in (0, 1, 2, 3) and math.isnan(arguments[1][max(int(got) - 1, 0)]),
        ),
    ),
    read_again=KEPT,
)

# --- 11.5 ------------------------------------------------------------------------------------------------------------


def fit(
    model: nn.Module,
    train: Callable[[], float],
    validate: Callable[[], float],
    scheduler: LRScheduler,
    epochs: int,
) -> tuple[int, list[float], list[float]]:
    """Train for some epochs; afterwards the model is what it was in the best of them.

    train and validate work through one epoch and give its loss. Returns the best epoch, counted from 1, and the losses
    of training and validation, one per epoch.
    """
    train_losses, validation_losses = [], []
    best, lowest, kept = 0, math.inf, copy.deepcopy(model.state_dict())
    for epoch in range(1, epochs + 1):
        train_losses.append(train())
        scheduler.step()
        validation_losses.append(validate())
        if validation_losses[-1] < lowest:
            best, lowest, kept = epoch, validation_losses[-1], copy.deepcopy(model.state_dict())
    model.load_state_dict(kept)
    return best, train_losses, validation_losses


UNTRAINED_LOSS = 2.0  # what the made validation says of a network before its first epoch


def _losses(train: Losses, validation: Losses) -> tuple[list[float], list[float]]:
    load_optimisers()
    return list(train), list(validation)


def _fitted(fit: Callable, train_losses: list[float], validation_losses: list[float]) -> dict[str, Any]:
    """A training in play: after epoch 3 every number in the network is 3, and its losses are those of epoch 3."""
    model = nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(1))
    with torch.no_grad():
        for tensor in model.state_dict().values():
            tensor.fill_(0)
    optimiser = torch.optim.SGD(model.parameters(), lr=1.0)
    scheduler = ExponentialLR(optimiser, gamma=0.5)
    optimiser.step()  # torch warns of a scheduler that is stepped first; here the check itself tells that mistake
    order, rates = [], []

    def train() -> float:
        order.append("train")
        rates.append(optimiser.param_groups[0]["lr"])
        with torch.no_grad():
            for tensor in model.state_dict().values():
                tensor.fill_(len(rates))
        return train_losses[min(len(rates), len(train_losses)) - 1]

    def validate() -> float:
        order.append("validate")
        epoch = round(model[0].weight.item())
        return validation_losses[min(epoch, len(validation_losses)) - 1] if epoch else UNTRAINED_LOSS

    got = fit(model, train, validate, scheduler, len(validation_losses))
    return {
        "what came back": got,
        "the weights are those of epoch": round(model[0].weight.item()),
        "BatchNorm's memory is that of epoch": round(model[1].running_mean.item()),
        "order": " ".join(order),
        "learning rates": rates,
    }


def _fit_wrongly(slip: str) -> Callable:
    """A training with one mistake in it."""

    def fit(model, train, validate, scheduler, epochs):
        trained, validated = [], []
        best, lowest, kept = 0, math.inf, copy.deepcopy(model.state_dict())
        for epoch in range(1, epochs + (slip != "one less")):
            if slip == "early":
                scheduler.step()
            if slip == "validate first":
                validated.append(validate())
            trained.append(train())
            if slip not in ("early", "never", "better"):
                scheduler.step()
            if slip == "twice":
                scheduler.step()
            if slip != "validate first":
                validated.append(validate())
            new = trained[-1] if slip == "train" else validated[-1]
            holds = slip == "nan" and not best  # a search that begins with the first epoch, whatever it is
            if new < lowest or holds or (slip == "ties" and new == lowest):
                best, lowest, kept = epoch, new, copy.deepcopy(model.state_dict())
                if slip == "better":
                    scheduler.step()
            elif slip == "stop" and new >= lowest:
                break
        if slip == "parameters":
            names = {name for name, _ in model.named_parameters()}
            kept = {name: tensor for name, tensor in kept.items() if name in names}
        if slip != "last":
            model.load_state_dict(kept, strict=False)
        return (best - 1 if slip == "zero" else best), trained, validated

    return fit


FIT = Exercise(
    number="11.5",
    title="All epochs, the best of which is kept",
    reference=fit,
    refused=(training.fit,),
    cases=(
        Case(
            "5 epochs with the validation losses 0.9, 0.6, 0.8, 0.5, 0.7, and a plan that halves the learning rate",
            "epoch 4 as the best, both lists of losses, a network as it was after epoch 4; five epochs, each trained "
            "before it is validated, with learning rates that halve from 1 on",
            lambda: _losses([0.9, 0.7, 0.5, 0.3, 0.1], [0.9, 0.6, 0.8, 0.5, 0.7]),
            _fitted,
        ),
        Case(
            "4 epochs with the validation losses 0.8, 0.5, 0.6, 0.5",
            "epoch 2, the first of two that are equally good, and a network as it was after epoch 2",
            lambda: _losses([0.9, 0.7, 0.5, 0.4], [0.8, 0.5, 0.6, 0.5]),
            _fitted,
        ),
        Case(
            "4 epochs with the validation losses NaN, 0.7, 0.6, 0.9",
            "epoch 3, and a network as it was after epoch 3: NaN is no loss at all",
            lambda: _losses([0.9, 0.7, 0.6, 0.5], [math.nan, 0.7, 0.6, 0.9]),
            _fitted,
        ),
        Case(
            "3 epochs with the validation losses 0.9, 0.8, 0.7",
            "epoch 3, and a network as it was after epoch 3",
            lambda: _losses([0.9, 0.8, 0.6], [0.9, 0.8, 0.7]),
            _fitted,
        ),
    ),
    mistakes=(
        Mistake(
            "the last weights, not the best",
            "Either nothing was kept, or what was kept is no copy: a state dict hands out the very tensors that "
            "training goes on changing.",
            KEPT,
            twin=_fit_wrongly("last"),
        ),
        Mistake(
            "BatchNorm's memory is left behind",
            "The weights are those of the best epoch, and BatchNorm's running means those of the last. A network is "
            "both.",
            KEPT,
            twin=_fit_wrongly("parameters"),
        ),
        Mistake(
            "the scheduler is never stepped",
            "The learning rate is the same in every epoch. A plan that nobody carries out changes nothing, and no "
            "error says so.",
            PLAN,
            twin=_fit_wrongly("never"),
        ),
        Mistake(
            "the scheduler is stepped too early",
            "The first epoch should learn with the full learning rate. Here the plan has moved on before it began.",
            PLAN,
            twin=_fit_wrongly("early"),
        ),
        Mistake(
            "the scheduler is stepped too often",
            "This plan is made for one change after each epoch.",
            PLAN,
            twin=_fit_wrongly("twice"),
        ),
        Mistake(
            "the scheduler waits for success",
            "The learning rate changed only after an epoch that was better. This plan changes it after every epoch.",
            PLAN,
            twin=_fit_wrongly("better"),
        ),
        Mistake(
            "validated before it was trained",
            "The loss of each epoch is that of the network before this epoch, and the last epoch is never looked at.",
            KEPT,
            twin=_fit_wrongly("validate first"),
        ),
        Mistake(
            "chosen by the training loss",
            "The training loss mostly falls to the end, whether the network understands or learns by heart. Strangers "
            "must say which epoch was good.",
            KEPT,
            twin=_fit_wrongly("train"),
        ),
        Mistake(
            "the last of equals",
            "Of epochs that are equally good the first is enough: what came after it brought nothing.",
            KEPT,
            twin=_fit_wrongly("ties"),
        ),
        Mistake(
            "NaN holds its place",
            "The first loss was NaN and was taken for the best so far. No number is smaller than NaN, so nothing could "
            "replace it.",
            KEPT,
            twin=_fit_wrongly("nan"),
        ),
        Mistake(
            "stopped at the first disappointment",
            "One epoch that is worse than the one before is no end: losses go up and down.",
            KEPT,
            twin=_fit_wrongly("stop"),
        ),
        Mistake(
            "one epoch too few",
            "Fewer epochs were trained than were asked for. Where does a range end?",
            KEPT,
            twin=_fit_wrongly("one less"),
        ),
        Mistake(
            "counted from 0",
            "Epochs are counted from 1 here, as people do and as the figures do.",
            KEPT,
            twin=_fit_wrongly("zero"),
        ),
    ),
    read_again=KEPT,
)

EXERCISES = (RATES, TRAIN, TEST, BEST, FIT)
