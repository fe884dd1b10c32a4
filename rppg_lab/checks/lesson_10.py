"""The checks of lesson 10: what a loss notices, the negative Pearson loss, its name, and a label that comes late."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rppg_lab import evaluation, losses
from rppg_lab.checks.comparing import Differentiated, close
from rppg_lab.checks.declaring import Case, Exercise, Mistake, with_gradient

if TYPE_CHECKING:
    import torch

TITLE = "What should it be punished for?"

TWO_WAYS = "10.1 Two ways of being wrong"
NOT_SEEN = "10.2 What a loss does not see"
SEVEN_DIGITS = "10.3 One formula and seven digits"
ONE_CLIP = "10.4 One clip at a time"
BY_NAME = "10.5 A loss with a name"
FINGER = "10.7 What a finger says"

# --- 10.1 ------------------------------------------------------------------------------------------------------------

LATE = 6  # samples: 0.2 s at 30 Hz


def _tried_out() -> dict[str, tuple[bool, bool]]:
    """Whether the mean squared error, and whether 1 − r, changes under each disturbance: tried out on two waves."""
    rng = np.random.default_rng(0)
    time = np.arange(300) / 30
    label = np.sin(2 * np.pi * 1.2 * time) + 0.4 * np.sin(2 * np.pi * 2.4 * time + 1)
    near = label + 0.3 * rng.standard_normal(time.size)
    disturbed = {
        "louder": (3 * near, label),
        "lifted": (near + 2, label),
        "drifting": (near + 0.3 * time, label),
        "late": (np.roll(near, LATE), label),
        "upside down": (-near, label),
        "both louder": (3 * near, 3 * label),
        "both upside down": (-near, -label),
    }

    def both(predicted: NDArray, true: NDArray) -> NDArray:
        return np.array([np.mean((predicted - true) ** 2), 1 - evaluation.wave_correlation(predicted, true)])

    before = both(near, label)
    return {name: tuple((abs(both(*pair) - before) > 1e-6).tolist()) for name, pair in disturbed.items()}


def which_change() -> dict[str, tuple[bool, bool]]:
    """Whether the mean squared error, and whether 1 − r, changes under each of seven disturbances."""
    return _tried_out()


def _wrong_first(function: Callable[[], Any]) -> Any:
    """What the function returns; of a dictionary the wrong entries first, since only the first few are said."""
    got = function()
    if not isinstance(got, dict):
        return got
    true = _tried_out()  # not by the reference, which is watched while an answer is tried

    def is_right(name: Any) -> bool:
        pair = got[name]
        return name in true and isinstance(pair, list | tuple) and tuple(pair) == true[name]

    return {name: got[name] for name in sorted(got, key=is_right)}


def _believes(name: str, loss: int, answer: bool) -> Callable[[tuple, Any], bool]:
    return lambda arguments, got: bool(got[name][loss]) is answer


def _swaps_the_losses(arguments: tuple, got: Any) -> bool:
    return all(tuple(got[name])[::-1] == pair for name, pair in which_change().items())


CHANGES = Exercise(
    number="10.1",
    title="Which loss notices which disturbance",
    reference=which_change,
    cases=(
        Case(
            "nothing: you predict",
            "for each of the seven names two truth values, first of the squared error, then of 1 − r, as they come out"
            " when one tries",
            lambda: (),
            use=_wrong_first,
        ),
    ),
    mistakes=(
        Mistake(
            "the two losses have changed places",
            "First the squared error, then 1 − r: read the two columns the other way round.",
            NOT_SEEN,
            shows=_swaps_the_losses,
        ),
        Mistake(
            "r is thought to see the size",
            "Before anything is compared each wave loses its mean and is divided by its own length. What is left of a"
            " factor, and what of a lift?",
            TWO_WAYS,
            shows=lambda arguments, got: got["louder"][1] or got["lifted"][1] or got["both louder"][1],
        ),
        Mistake(
            "a drift is thought to be a lift",
            "A lift is the same for every sample, a drift is not: taking the mean away leaves the slope.",
            NOT_SEEN,
            shows=_believes("drifting", 1, False),
        ),
        Mistake(
            "r is thought to forgive a delay",
            "Sample is compared with sample. Who comes late is compared with what the other said a moment later.",
            NOT_SEEN,
            shows=_believes("late", 1, False),
        ),
        Mistake(
            "r is thought to forgive an inversion",
            "The sign of r says whether two waves rise together. A wave on its head falls while the other rises.",
            NOT_SEEN,
            shows=_believes("upside down", 1, False),
        ),
        Mistake(
            "turning both is thought to matter",
            "Both waves are turned over: wherever one rises the other still does, and no distance between them"
            " changes.",
            NOT_SEEN,
            shows=lambda arguments, got: any(got["both upside down"]),
        ),
        Mistake(
            "the squared error is thought to forgive",
            "The squared error measures distances, sample by sample. Whatever moves one wave away from the other, or"
            " stretches both, changes them.",
            TWO_WAYS,
            shows=lambda arguments, got: not all(got[name][0] for name in which_change() if name != "both upside down"),
        ),
    ),
    read_again=NOT_SEEN,
)

# --- 10.2 ------------------------------------------------------------------------------------------------------------

LENGTH = 40  # samples of a clip
RAISED = 10_000.0


def neg_Pearson_Loss(predictions: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """One minus Pearson's r of each clip with its label, averaged over the clips; see losses.neg_pearson."""
    return losses.neg_pearson(predictions, targets)


def _waves(rows: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Labels (rows, LENGTH) with gains and lifts of their own, and predictions that resemble them more or less."""
    import torch

    random = torch.Generator().manual_seed(rows)
    targets = torch.randn(rows, LENGTH, generator=random)
    alike = torch.linspace(0.8, -0.5, rows)[:, None] if rows > 1 else 0.6
    predictions = alike * targets + 0.6 * torch.randn(rows, LENGTH, generator=random)
    gains = torch.linspace(0.5, 3, rows)[:, None]
    lifts = torch.linspace(-0.7, 1.1, rows)[:, None]
    return predictions + lifts.flip(0), gains * targets + lifts


def _raised() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Predictions, labels, and the labels raised, each clip to another level."""
    import torch

    predictions, targets = _waves(4)
    return predictions, targets, targets + RAISED * torch.tensor([[1.0], [-1.0], [0.5], [2.0]])


def _one_is_constant() -> tuple[torch.Tensor, torch.Tensor]:
    predictions, targets = _waves(5)
    targets[2] = 0.5
    return predictions, targets


def _for_the_prediction(function: Callable[..., Any], predictions: torch.Tensor, targets: torch.Tensor) -> Any:
    """Value and gradient for the predictions alone: nobody trains a label."""
    found = with_gradient(lambda one: function(one, targets), predictions)
    return Differentiated(found.value, found.gradient)


def _low_and_raised(function: Callable[..., Any], predictions: Any, targets: Any, raised: Any) -> dict[str, Any]:
    found = _for_the_prediction(function, predictions, raised)
    return {"low": function(predictions, targets), "raised": found.value, "gradient": found.gradient}


def _even_alone(function: Callable[..., Any], predictions: torch.Tensor, targets: torch.Tensor) -> Any:
    try:
        return _for_the_prediction(function, predictions, targets)
    except (IndexError, ValueError, RuntimeError) as error:
        return f"it stopped with {type(error).__name__}: {error}"


def _rows(predictions: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """r of each clip (B,), as plainly as can be; a clip without variation has 0."""
    x = predictions - predictions.mean(1, keepdim=True)
    y = targets - targets.mean(1, keepdim=True)
    return (x * y).sum(1) / (x.norm(dim=1) * y.norm(dim=1)).clamp(min=1e-6)


def _uncentred(predictions: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    length = (predictions.norm(dim=1) * targets.norm(dim=1)).clamp(min=1e-8)
    return 1 - ((predictions * targets).sum(1) / length).mean()


def _gives(mistaken: Callable[..., torch.Tensor]) -> Callable[[tuple, Any], bool]:
    """Whether just this mistake explains a value. Not a twin, which would be tried on every case, two dozen times."""

    def shows(arguments: tuple, got: Any) -> bool:
        wrong = mistaken(*arguments)
        return _SAME(got.value, wrong) and not _SAME(wrong, losses.neg_pearson(*arguments))

    return shows


def _is_nan(value: Any) -> bool:
    return bool(np.isnan(float(value.detach() if hasattr(value, "detach") else value)))


_SAME = close(rtol=1e-3, atol=2e-5)


def _loses_digits(arguments: tuple, got: Any) -> bool:
    predictions, targets, raised = arguments
    return _SAME(got["low"], losses.neg_pearson(predictions, targets)) and not _SAME(
        got["raised"], losses.neg_pearson(predictions, raised)
    )


def _gradient_not_a_number(arguments: tuple, got: Any) -> bool:
    found = [one for one in got.gradient or () if one is not None]
    return any(bool(one.isnan().any()) for one in found) and _SAME(got.value, losses.neg_pearson(*arguments))


def _spoils_the_batch(arguments: tuple, got: Any) -> bool:
    return len(arguments) == 2 and bool((arguments[1].std(1) == 0).any()) and _is_nan(got.value)


LOSS = Exercise(
    number="10.2",
    title="The negative Pearson loss",
    reference=neg_Pearson_Loss,
    refused=(losses.neg_pearson,),
    same=_SAME,
    cases=(
        Case(
            f"predictions and labels of 4 clips, shape (4, {LENGTH}), each label with a size and a level of its own",
            "one number, and for each prediction the way it should change",
            lambda: _waves(4),
            use=_for_the_prediction,
        ),
        Case(
            "the same, once as it is, and once with labels that lie around 10 000, −10 000, 5 000 and 20 000",
            "both times the same number, but for a thousandth: where a label lies does not matter",
            _raised,
            use=_low_and_raised,
        ),
        Case(
            "5 clips, of which one has a label that never changes: 0.5 throughout",
            "one number; the constant label counts as no resemblance and pulls at no prediction",
            _one_is_constant,
            use=_for_the_prediction,
        ),
        Case(
            f"a last batch with a single clip, shape (1, {LENGTH})",
            "one number",
            lambda: _waves(1),
            use=_even_alone,
        ),
    ),
    mistakes=(
        Mistake(
            "correlated across the batch",
            "Each clip is a wave of its own, and time runs along its row. What two people's hearts do at the same"
            " moment has nothing to do with each other.",
            ONE_CLIP,
            shows=_gives(lambda predictions, targets: 1 - _rows(predictions.T, targets.T).mean()),
        ),
        Mistake(
            "all clips taken for one long wave",
            "Joined to one wave, the clips share one mean and one length: the level of each label then counts more than"
            " any pulse.",
            ONE_CLIP,
            shows=_gives(
                lambda predictions, targets: 1 - _rows(predictions.reshape(1, -1), targets.reshape(1, -1)).mean()
            ),
        ),
        Mistake(
            "the distance, not the shape",
            "This counts how far apart the values are. A label of another size or level then costs, though its shape"
            " is the same.",
            NOT_SEEN,
            shows=_gives(lambda predictions, targets: (predictions - targets).square().mean()),
        ),
        Mistake(
            "the resemblance, not the loss",
            "This is large when all is well. Training makes a loss small.",
            TWO_WAYS,
            shows=_gives(lambda predictions, targets: _rows(predictions, targets).mean()),
        ),
        Mistake(
            "a loss without a zero",
            "It teaches the same, but a perfect prediction should cost nothing, and an inverted one 2.",
            TWO_WAYS,
            shows=_gives(lambda predictions, targets: -_rows(predictions, targets).mean()),
        ),
        Mistake(
            "upside down is forgiven",
            "A prediction on its head costs as little as one that stands on its feet: the network will not know which"
            " way is up.",
            NOT_SEEN,
            shows=_gives(lambda predictions, targets: 1 - _rows(predictions, targets).abs().mean()),
        ),
        Mistake(
            "r is squared",
            "The square has lost the sign, and with it which way is up.",
            NOT_SEEN,
            shows=_gives(lambda predictions, targets: 1 - _rows(predictions, targets).square().mean()),
        ),
        Mistake(
            "the mean is not taken away",
            "A wave that lies high above zero then resembles every other that does, whatever they do there.",
            TWO_WAYS,
            shows=_gives(_uncentred),
        ),
        Mistake(
            "n in one place and n − 1 in the other",
            "Sum and deviation must divide by the same number. PyTorch's deviation divides by one less than there are"
            " samples.",
            TWO_WAYS,
            shows=_gives(lambda predictions, targets: 1 - (_rows(predictions, targets) * (LENGTH - 1) / LENGTH).mean()),
        ),
        Mistake(
            "added up over the clips",
            "A batch of twice as many clips would cost twice as much, and the last, smaller one less.",
            ONE_CLIP,
            shows=_gives(lambda predictions, targets: (1 - _rows(predictions, targets)).sum()),
        ),
        Mistake(
            "one loss for each clip",
            "The way back starts at one number: what is the loss of the whole batch?",
            ONE_CLIP,
            shows=_gives(lambda predictions, targets: 1 - _rows(predictions, targets)),
        ),
        Mistake(
            "the squared error of standardised waves",
            "A close relative: worked out, it is exactly twice what was asked for.",
            TWO_WAYS,
            shows=_gives(lambda predictions, targets: 2 - 2 * _rows(predictions, targets).mean()),
        ),
        Mistake(
            "a clip disappears",
            "The clip whose label is constant was left out. It must count, as no resemblance, or the loss looks better"
            " the more labels are broken.",
            SEVEN_DIGITS,
            shows=_gives(lambda predictions, targets: 1 - _rows(predictions, targets)[targets.std(1) > 0].mean()),
        ),
        Mistake(
            "the digits are lost",
            "With low labels it is right, with high ones not: two huge sums are subtracted, and the few digits that a"
            " float32 has are gone before the wave begins.",
            SEVEN_DIGITS,
            shows=_loses_digits,
        ),
        Mistake(
            "one constant label spoils the batch",
            "A wave that never changes has length zero, and something was divided by it. NaN then swallows the clips"
            " that were well.",
            SEVEN_DIGITS,
            shows=_spoils_the_batch,
        ),
        Mistake(
            "the value was mended, its gradient was not",
            "The loss is a number again, and its gradient is still NaN: the way back leads through the division that"
            " should not have been. Whoever never divides by zero has nothing to mend.",
            SEVEN_DIGITS,
            shows=_gradient_not_a_number,
        ),
        Mistake(
            "a batch of one loses an axis",
            "One clip in a batch is still a batch. Which step removes axes of length one?",
            SEVEN_DIGITS,
            shows=lambda arguments, got: isinstance(got, str) and got.startswith("it stopped"),
        ),
    ),
    read_again=ONE_CLIP,
)

# --- 10.3 ------------------------------------------------------------------------------------------------------------

UNKNOWN = "huber"
NEARLY = "neg_pearson2"  # has a name that is known in it


def loss(name: str) -> torch.nn.Module:
    """The loss of this name: see losses.get_loss."""
    return losses.get_loss(name)


def _apply(function: Callable[..., Any], name: str, predictions: torch.Tensor, targets: torch.Tensor) -> Any:
    import torch

    made = function(name)
    if isinstance(made, type):
        return f"the class {made.__name__}"
    if not callable(made):
        return made
    if not isinstance(made, torch.nn.Module):
        return f"the function {getattr(made, '__name__', made)}"
    return _for_the_prediction(made, predictions, targets)


def _apply_again(function: Callable[..., Any], name: str, predictions: torch.Tensor, targets: torch.Tensor) -> Any:
    """The same where the learner's own NotImplementedError must not be taken for that of a stub."""
    try:
        return _apply(function, name, predictions, targets)
    except NotImplementedError as error:
        return f"NotImplementedError: {error}"


def _refusal(function: Callable[..., Any], name: str) -> dict[str, Any]:
    try:
        made = function(name)
    except Exception as error:
        said = str(error)
        return {
            "error": type(error).__name__,
            "says what was asked for": name in said,
            "says what there is": all(one in said for one in ("neg_pearson", "mse")),
        }
    error = "none, and nothing came back" if made is None else "none"
    return {"error": error, "says what was asked for": False, "says what there is": False}


def _swapped(name: str) -> torch.nn.Module:
    return losses.get_loss({"mse": "neg_pearson", "neg_pearson": "mse"}.get(name, name))


NAME = Exercise(
    number="10.3",
    title="The loss by its name",
    reference=loss,
    refused=(losses.get_loss,),
    same=_SAME,
    cases=(
        Case(
            "“neg_pearson”; what came back was then given 4 predictions and their labels",
            "the value of 1 − r, the mean over the clips",
            lambda: ("neg_pearson", *_waves(4)),
            use=_apply,
        ),
        Case(
            "“mse”; what came back was then given 4 predictions and their labels",
            "their mean squared error",
            lambda: ("mse", *_waves(4)),
            use=_apply_again,
        ),
        Case(
            f"a name that is none, “{UNKNOWN}”",
            "a NotImplementedError whose text has the name that was asked for and the two that there are",
            lambda: (UNKNOWN,),
            use=_refusal,
        ),
        Case(
            f"a name that is nearly one, “{NEARLY}”",
            "a NotImplementedError, as for any name that is none",
            lambda: (NEARLY,),
            use=_refusal,
        ),
    ),
    mistakes=(
        Mistake(
            "a class, not a loss made of it",
            "A class is the plan. Only what is built from it can be given waves: with brackets behind its name.",
            BY_NAME,
            shows=lambda arguments, got: isinstance(got, str) and got.startswith("the class"),
        ),
        Mistake(
            "a function, not an object",
            "It computes what it should, yet is no module. Whoever chooses by name should get the same kind of thing"
            " for every name: an object, made from a class.",
            BY_NAME,
            shows=lambda arguments, got: isinstance(got, str) and got.startswith("the function"),
        ),
        Mistake(
            "the names have changed places",
            "Each name gives the other one's loss. Nothing stops; it only learns something else.",
            BY_NAME,
            twin=_swapped,
        ),
        Mistake(
            "an unknown name gets a loss all the same",
            "Whoever mistypes the name trains for an hour with another loss than the one in the settings, and is not"
            " told.",
            BY_NAME,
            shows=lambda arguments, got: arguments[0] == UNKNOWN and got["error"] == "none",
        ),
        Mistake(
            "a part of the name is enough",
            "It stops at a name that is quite another, and takes one that is nearly right. A slip of the finger makes"
            " names that are nearly right.",
            BY_NAME,
            shows=lambda arguments, got: arguments[0] == NEARLY and got["error"] == "none",
        ),
        Mistake(
            "nothing is raised",
            "At a name that it does not know the function falls off its end and hands on None. Whoever asked for a loss"
            " learns of it later, somewhere else.",
            BY_NAME,
            shows=lambda arguments, got: got["error"].startswith("none, and nothing"),
        ),
        Mistake(
            "one loss, whatever the name",
            "The settings say one thing, the training does another.",
            BY_NAME,
            twin=lambda name: losses.get_loss("neg_pearson" if name == "mse" else name),
        ),
        Mistake(
            "another kind of error",
            "It stops, which is good, but whoever wants to catch a loss that is not there waits for a"
            " NotImplementedError.",
            BY_NAME,
            shows=lambda arguments, got: not got["error"].startswith("none") and got["error"] != "NotImplementedError",
        ),
        Mistake(
            "the error does not help",
            "Who reads it wants to know two things: what was asked for, and what there is to choose from.",
            BY_NAME,
            shows=lambda arguments, got: (
                got["error"] == "NotImplementedError"
                and not (got["says what there is"] and got["says what was asked for"])
            ),
        ),
    ),
    read_again=BY_NAME,
)

# --- 10.4 ------------------------------------------------------------------------------------------------------------


def mend_label(
    label: NDArray[np.float64], reference: NDArray[np.float64], fs: float, max_lag: float
) -> tuple[float, int, NDArray[np.float64]]:
    """Lag (s) and polarity (1 or −1) of a label (T,) that comes up to max_lag s late, and the label mended (T − lag).

    Every lag of whole samples is tried on what both waves then have; the strongest correlation wins, whichever its
    sign.
    """
    lags = range(round(max_lag * fs) + 1)
    r = [float(evaluation.wave_correlation(label[k:], reference[: len(label) - k])) for k in lags]
    k = int(np.argmax(np.abs(r)))
    polarity = 1 if r[k] > 0 else -1
    return k / fs, polarity, polarity * label[k:]


def _late(
    bpm: float, fs: float, lag: int, polarity: int, seconds: float = 12.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A label that comes `lag` samples late, with noise, and the reference it belongs to."""
    rng = np.random.default_rng(round(bpm))
    time = np.arange(-lag, round(seconds * fs)) / fs
    angle = 2 * np.pi * bpm / 60 * time + 0.8 * np.sin(2 * np.pi * 0.11 * time)
    clean = np.sin(angle) + 0.5 * np.sin(2 * angle + 0.9)
    label = polarity * 2.5 * clean[: clean.size - lag] + 0.15 * rng.standard_normal(clean.size - lag)
    return label, clean[lag:] + 0.15 * rng.standard_normal(clean.size - lag)


def _r_at(label: NDArray, reference: NDArray, k: int) -> float:
    if k >= 0:
        return float(evaluation.wave_correlation(label[k:], reference[: len(label) - k]))
    return float(evaluation.wave_correlation(label[:k], reference[-k:]))


def _never_upside_down(label: NDArray, reference: NDArray, fs: float, max_lag: float) -> tuple[float, int, NDArray]:
    k = max(range(round(max_lag * fs) + 1), key=lambda k: _r_at(label, reference, k))
    return k / fs, 1, label[k:]


def _highest(label: NDArray, reference: NDArray, fs: float, max_lag: float) -> tuple[float, int, NDArray]:
    k = max(range(round(max_lag * fs) + 1), key=lambda k: _r_at(label, reference, k))
    polarity = 1 if _r_at(label, reference, k) > 0 else -1
    return k / fs, polarity, polarity * label[k:]


def _nothing_left(label: NDArray, reference: NDArray, fs: float, max_lag: float) -> tuple[float, int, NDArray]:
    r = [np.corrcoef(label[k:], reference[:-k])[0, 1] for k in range(round(max_lag * fs) + 1)]
    k = int(np.argmax(np.abs(r)))
    return k / fs, int(np.sign(r[k])), np.sign(r[k]) * label[k:]


def _invents_an_end(arguments: tuple, got: Any) -> bool:
    lag, polarity, mended = mend_label(*arguments)
    return (
        bool(np.isclose(got[0], lag))
        and got[1] == polarity
        and len(got[2]) == len(arguments[0]) > len(mended)
        and bool(np.allclose(np.asarray(got[2])[: len(mended)], mended))
    )


def _turned_too_early(label: NDArray, reference: NDArray, fs: float, max_lag: float) -> tuple[float, int, NDArray]:
    polarity = 1 if _r_at(label, reference, 0) > 0 else -1
    k = max(range(round(max_lag * fs) + 1), key=lambda k: polarity * _r_at(label, reference, k))
    return k / fs, polarity, polarity * label[k:]


def _looks_earlier(label: NDArray, reference: NDArray, fs: float, max_lag: float) -> tuple[float, int, NDArray]:
    k = max(range(round(max_lag * fs) + 1), key=lambda k: abs(_r_at(label, reference, -k)))
    polarity = 1 if _r_at(label, reference, -k) > 0 else -1
    return k / fs, polarity, polarity * label[k:]


def _without_the_last(label: NDArray, reference: NDArray, fs: float, max_lag: float) -> tuple[float, int, NDArray]:
    return mend_label(label, reference, fs, max_lag - 1 / fs)


def _then(mend: Callable[[NDArray, int, int], NDArray]) -> Callable[..., tuple[float, int, NDArray]]:
    """A twin that finds lag and polarity and mends in another way: mend(label, samples, polarity)."""

    def twin(label: NDArray, reference: NDArray, fs: float, max_lag: float) -> tuple[float, int, NDArray]:
        lag, polarity, _ = mend_label(label, reference, fs, max_lag)
        return lag, polarity, mend(label, round(lag * fs), polarity)

    return twin


def _in_samples(label: NDArray, reference: NDArray, fs: float, max_lag: float) -> tuple[float, int, NDArray]:
    lag, polarity, mended = mend_label(label, reference, fs, max_lag)
    return lag * fs, polarity, mended


MEND = Exercise(
    number="10.4",
    title="A label that comes late, mended",
    reference=mend_label,
    same=close(rtol=1e-4, atol=1e-6),
    cases=(
        Case(
            "12 s at 30 Hz of a pulse of 71 per minute, the label 0.2 s late and upright; to try: up to 0.3 s",
            "a lag of 0.2 s, polarity 1, and a label of 354 samples that begins with the seventh of the old one",
            lambda: (*_late(71, 30.0, 6, 1), 30.0, 0.3),
        ),
        Case(
            "12 s at 30 Hz of a pulse of 64 per minute, the label 0.1 s late and upside down; to try: up to 0.3 s",
            "a lag of 0.1 s, polarity −1, and a label of 357 samples that is turned over",
            lambda: (*_late(64, 30.0, 3, -1), 30.0, 0.3),
        ),
        Case(
            "12 s at 20 Hz of a pulse of 96 per minute, the label 0.25 s late and upright; to try: up to 0.25 s",
            "a lag of 0.25 s, polarity 1, and a label of 235 samples",
            lambda: (*_late(96, 20.0, 5, 1), 20.0, 0.25),
        ),
        Case(
            "12 s at 30 Hz of a pulse of 83 per minute, the label in step but upside down; to try: up to 0.3 s",
            "no lag, polarity −1, and all 360 samples",
            lambda: (*_late(83, 30.0, 0, -1), 30.0, 0.3),
        ),
        Case(
            "12 s at 20 Hz of a slow pulse of 40 per minute, the label 0.35 s late; to try: up to 0.25 s",
            "a lag of 0.25 s and 235 samples: nothing beyond is tried",
            lambda: (*_late(40, 20.0, 7, 1), 20.0, 0.25),
        ),
    ),
    mistakes=(
        Mistake(
            "upside down is overlooked",
            "The highest r was looked for. A label on its head fits best where r is lowest: how strong is the"
            " resemblance, whichever its sign?",
            FINGER,
            twin=_never_upside_down,
        ),
        Mistake(
            "the highest r, not the strongest",
            "An upside-down label has a strongly negative r where it fits: the highest r then stands where it hardly"
            " fits at all. How strong is the resemblance, whichever its sign?",
            FINGER,
            twin=_highest,
        ),
        Mistake(
            "nothing is left where there is no lag",
            "For no lag at all the cut took away the whole reference: counted from the end, “up to the place −0” is"
            " up to the beginning. Count from the front how many samples both waves have.",
            FINGER,
            twin=_nothing_left,
        ),
        Mistake(
            "turned before it was shifted",
            "Which way up was decided where the label still stood too late. A quarter of a beat is enough to make an"
            " upright wave look wrong.",
            FINGER,
            twin=_turned_too_early,
        ),
        Mistake(
            "looked for too early, not too late",
            "The finger's wave comes after the face's. The label's later samples belong to the reference's earlier"
            " ones.",
            FINGER,
            twin=_looks_earlier,
        ),
        Mistake(
            "the longest lag is never tried",
            "A range ends one before its end.",
            FINGER,
            twin=_without_the_last,
        ),
        Mistake(
            "samples, not seconds",
            "The lag was counted in samples. How long does one of them last?",
            FINGER,
            twin=_in_samples,
        ),
        Mistake(
            "the end is glued to the beginning",
            "What fell off in front came back behind: the last samples of this label never belonged there.",
            FINGER,
            twin=_then(lambda label, k, polarity: polarity * np.roll(label, -k)),
        ),
        Mistake(
            "something was invented at its end",
            "The mended label is as long as the old one, and nobody measured its last samples. It ends where the"
            " measurement ends.",
            FINGER,
            shows=_invents_an_end,
        ),
        Mistake(
            "the wrong end is cut off",
            "A label that comes late has too much in front: what it says first belongs to frames before the video.",
            FINGER,
            twin=_then(lambda label, k, polarity: polarity * label[: len(label) - k]),
        ),
        Mistake(
            "found, and not turned over",
            "The polarity was found, but the label still stands on its head.",
            FINGER,
            twin=_then(lambda label, k, polarity: label[k:]),
        ),
        Mistake(
            "found, and not shifted",
            "The lag was found, but the label still comes as late as before.",
            FINGER,
            twin=_then(lambda label, k, polarity: polarity * label),
        ),
    ),
    read_again=FINGER,
)

EXERCISES = (CHANGES, LOSS, NAME, MEND)
