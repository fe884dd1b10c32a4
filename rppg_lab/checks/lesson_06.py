"""The checks of lesson 06: every seed, the same bits, an order of one's own, and what breaks a repetition."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any
from unittest import mock

import numpy as np
import torch

from rppg_lab import clips, seeding
from rppg_lab.checks.declaring import Case, Exercise, Mistake

TITLE = "Can we get the same answer twice?"

SOURCES = "06.2 Where chance comes in"
BITS = "06.4 The same, or nearly the same?"
ORDER = "06.6 Who else draws?"
WORKERS = "06.7 Many hands"
BREAK = "06.8 Break it, one cause at a time"
SUMS = "06.5 One grain of sand"

SLOW_START = 20.0  # s: some functions of PyTorch load half of it when they are called for the first time
NO_SEED = "06.9 What no seed can do"

# --- 06.1 ------------------------------------------------------------------------------------------------------------


def fix_seeds(seed: int) -> None:
    """Seed python, numpy and torch with all its devices, and let cuDNN neither search nor choose."""
    seeding.seed_everything(seed, threads=None)


LIBRARIES = {
    "random": random.random,
    "numpy": np.random.rand,
    "torch": lambda: torch.rand(()).item(),
}


def _scramble(seed: int) -> None:
    """Somewhere else in every stream, without telling the graphics cards."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    torch.default_generator.manual_seed(seed)


def _seeded_thrice(function: Callable[[int], Any], seed: int) -> dict[str, Any]:
    """What repeats after seeding alike from two different states, what another seed changes, and what it sets."""
    torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic = True, False
    drawn, cards = [], set()
    for start, given in ((101, seed), (202, seed), (303, seed + 1)):
        _scramble(start)
        with (
            mock.patch.object(random, "seed", random.seed),  # who writes `=` for a call must not spoil the notebook
            mock.patch.object(np.random, "seed", np.random.seed),
            mock.patch.object(torch, "manual_seed", torch.manual_seed),
            mock.patch.object(torch.cuda, "manual_seed_all", side_effect=lambda given: cards.add("all")),
            mock.patch.object(torch.cuda, "manual_seed", side_effect=lambda given: cards.add("one")),
        ):
            function(given)
            called = all(callable(one) for one in (random.seed, np.random.seed, torch.manual_seed))
            called = called and callable(torch.cuda.manual_seed_all)
        if not called:
            return {"functions are still functions": False}
        drawn.append({name: draw() for name, draw in LIBRARIES.items()})
    found: dict[str, Any] = {f"{name} repeats": drawn[0][name] == drawn[1][name] for name in LIBRARIES}
    found["functions are still functions"] = True
    found["another seed gives other numbers"] = all(drawn[0][name] != drawn[2][name] for name in LIBRARIES)
    found["graphics cards seeded"] = "all" if "all" in cards else "one" if cards else "none"
    found["cuDNN may search"] = bool(torch.backends.cudnn.benchmark)
    found["cuDNN must repeat"] = bool(torch.backends.cudnn.deterministic)
    return found


def _forgotten(*names: str) -> Callable[[tuple, Any], bool]:
    return lambda arguments, got: not any(got[f"{name} repeats"] for name in names)


SEEDS = Exercise(
    number="06.1",
    title="Fix every seed",
    reference=fix_seeds,
    refused=(seeding.seed_everything,),
    cases=(
        Case(
            "the seed 7 from two different states, then the seed 8",
            "every library repeats, another seed gives other numbers, all graphics cards are seeded, and cuDNN neither"
            " searches nor chooses",
            lambda: (7,),
            _seeded_thrice,
        ),
        Case(
            "the seed 0 from two different states, then the seed 1",
            "the same: 0 is a seed like any other",
            lambda: (0,),
            _seeded_thrice,
        ),
    ),
    time_limit=SLOW_START,
    mistakes=(
        Mistake(
            "a function is overwritten, not called",
            "An equals sign puts the seed in the place of the function, which is then gone. A function is called: its"
            " name, and in round brackets what it gets.",
            SOURCES,
            shows=lambda arguments, got: not got["functions are still functions"],
        ),
        Mistake(
            "seeded by the clock, or not at all",
            "After the same seed every library drew other numbers than before. Did the seed that was handed in arrive?",
            SOURCES,
            shows=_forgotten(*LIBRARIES),
        ),
        Mistake(
            "always the same seed",
            "Another seed must give another run, or nobody could ask how much of a result is luck.",
            SOURCES,
            shows=lambda arguments, got: not got["another seed gives other numbers"] and got["torch repeats"],
        ),
        Mistake(
            "Python's own generator is forgotten",
            "Every library has its own stream of chance. The one that comes with Python went on drawing.",
            SOURCES,
            shows=_forgotten("random"),
        ),
        Mistake(
            "NumPy's generator is forgotten",
            "Every library has its own stream of chance. NumPy's shared one went on drawing. (A new generator that is"
            " made and thrown away does not seed it.)",
            SOURCES,
            shows=_forgotten("numpy"),
        ),
        Mistake(
            "PyTorch's generator is forgotten",
            "Every library has its own stream of chance. PyTorch's went on drawing, and it makes the first weights of a"
            " network.",
            SOURCES,
            shows=_forgotten("torch"),
        ),
        Mistake(
            "the graphics cards are forgotten",
            "Each card has a generator of its own. On a computer with several, all of them must begin anew, not only"
            " the processor's.",
            SOURCES,
            shows=lambda arguments, got: got["graphics cards seeded"] != "all",
        ),
        Mistake(
            "cuDNN may still search",
            "In its benchmark mode it measures which way of computing is quickest today, and takes that one. Tomorrow"
            " it may be another.",
            SOURCES,
            shows=lambda arguments, got: got["cuDNN may search"],
        ),
        Mistake(
            "cuDNN may still choose",
            "Among its ways of computing are some that do not repeat themselves. It must be told to leave them.",
            SOURCES,
            shows=lambda arguments, got: not got["cuDNN must repeat"],
        ),
    ),
    read_again=SOURCES,
)

# --- 06.2 ------------------------------------------------------------------------------------------------------------


def same_bits(one: dict, other: dict) -> bool:
    """Whether two dicts of tensors hold the same bits under the same names."""
    return seeding.same_bits(one, other)


def _weights() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(6)
    return {
        "conv.weight": torch.randn(4, 3, generator=generator),
        "conv.bias": torch.randn(4, generator=generator),
        "norm.num_batches_tracked": torch.tensor(24),
    }


def _changed(change: Callable[[dict[str, torch.Tensor]], None], both: bool = False) -> tuple[dict, dict]:
    one, other = _weights(), _weights()
    change(other)
    if both:
        change(one)
    return one, other


def _nudge(weights: dict[str, torch.Tensor]) -> None:
    """One weight to the neighbouring number of float32."""
    flat = weights["conv.bias"]
    flat[-1] = torch.nextafter(flat[-1], torch.tensor(torch.inf))


def _spoil(weights: dict[str, torch.Tensor]) -> None:
    weights["conv.weight"][1] = torch.nan


def _failed_against(number: float) -> tuple[dict, dict]:
    one, other = _weights(), _weights()
    one["conv.weight"][1] = number
    _spoil(other)
    return one, other


def _failed_alone(one: dict, other: dict) -> bool:
    return any(bool((one[name].isnan() != other[name].isnan()).any()) for name in one if name in other)


def _swap(weights: dict[str, torch.Tensor]) -> None:
    weights["conv.bias"] = weights["conv.bias"].flip(0)


def _flatten(weights: dict[str, torch.Tensor]) -> None:
    """A bias of one number, which stretches over four when it is compared."""
    weights["conv.bias"] = torch.full((1,), 0.5)


def _fill(weights: dict[str, torch.Tensor]) -> None:
    weights["conv.bias"] = torch.full((4,), 0.5)


def _of_other_shape() -> tuple[dict, dict]:
    one, other = _weights(), _weights()
    _fill(one)
    _flatten(other)
    return one, other


def _add(weights: dict[str, torch.Tensor]) -> None:
    weights["extra"] = torch.zeros(2)


def _turned_round(pair: tuple[dict, dict]) -> tuple[dict, dict]:
    return pair[1], pair[0]


def _in_another_order() -> tuple[dict, dict]:
    one = _weights()
    return one, dict(reversed(_weights().items()))


def _as_numbers(weights: dict) -> dict[str, np.ndarray]:
    return {name: np.asarray(values) for name, values in weights.items()}


def _all_close(one: dict, other: dict) -> bool:
    one, other = _as_numbers(one), _as_numbers(other)
    return set(one) == set(other) and all(
        one[name].shape == other[name].shape and np.allclose(one[name], other[name], equal_nan=True) for name in one
    )


def _equal_without_nan(one: dict, other: dict) -> bool:
    one, other = _as_numbers(one), _as_numbers(other)
    return set(one) == set(other) and all(np.array_equal(one[name], other[name]) for name in one)


def _first_only(one: dict, other: dict) -> bool:
    one, other = _as_numbers(one), _as_numbers(other)
    first = next(iter(one))
    return first in other and np.array_equal(one[first], other[first], equal_nan=True)


def _names_of(first: bool = False, second: bool = False) -> Callable[[dict, dict], bool]:
    """A comparison that walks through the names of one of the two, or else through those that both have."""

    def twin(one: dict, other: dict) -> bool:
        one, other = _as_numbers(one), _as_numbers(other)
        lacks = (first and set(one) - set(other)) or (second and set(other) - set(one))
        shared = set(one) & set(other)
        return not lacks and all(np.array_equal(one[name], other[name], equal_nan=True) for name in shared)

    return twin


def _stretched(one: dict, other: dict) -> bool:
    one, other = _as_numbers(one), _as_numbers(other)
    return set(one) == set(other) and all(
        bool(np.all((one[name] == other[name]) | ((one[name] != one[name]) & (other[name] != other[name]))))
        for name in one
    )


def _sums(one: dict, other: dict) -> bool:
    one, other = _as_numbers(one), _as_numbers(other)
    return set(one) == set(other) and all(
        one[name].shape == other[name].shape
        and np.isclose(np.nansum(one[name], dtype=np.float64), np.nansum(other[name], dtype=np.float64), rtol=1e-12)
        for name in one
    )


SAME = Exercise(
    number="06.2",
    title="The same bits",
    reference=same_bits,
    refused=(seeding.same_bits,),
    cases=(
        Case("the weights of a small network, twice", "True", lambda: (_weights(), _weights())),
        Case(
            "the same, but one weight is the neighbouring number of float32",
            "False: one bit is another",
            lambda: _changed(_nudge),
        ),
        Case(
            "the same, but the last two values have changed places with the first two",
            "False: the same numbers, in other places",
            lambda: _changed(_swap),
        ),
        Case(
            "the same, but the first value of the first tensor has another sign",
            "False: it counts like every other",
            lambda: _changed(lambda weights: weights["conv.weight"][0, :1].neg_()),
        ),
        Case(
            "the same, but a counter says 25 and not 24",
            "False: a counter is part of the state",
            lambda: _changed(lambda weights: weights["norm.num_batches_tracked"].add_(1)),
        ),
        Case(
            "two networks that failed alike: a few weights are NaN, in the same places",
            "True: they are the same",
            lambda: _changed(_spoil, both=True),
        ),
        Case(
            "only the second failed: NaN in it, where the first has zeros",
            "False",
            lambda: _failed_against(0.0),
        ),
        Case(
            "only the first failed: NaN in it, where the second has numbers",
            "False",
            lambda: _turned_round(_failed_against(0.5)),
        ),
        Case("the second has a tensor more than the first", "False", lambda: _changed(_add)),
        Case("the first has a tensor more than the second", "False", lambda: _turned_round(_changed(_add))),
        Case(
            "four equal values against a single one of that size",
            "False: another shape",
            _of_other_shape,
        ),
        Case("the same names in another order", "True: a name finds its tensor wherever it stands", _in_another_order),
    ),
    time_limit=SLOW_START,
    mistakes=(
        Mistake(
            "both dictionaries are asked at once",
            "Compared as a whole, they ask their tensors for one yes or no, and a tensor of many numbers has many"
            " answers. Go through the names, and ask tensor by tensor.",
            BITS,
            twin=lambda one, other: one == other,
        ),
        Mistake(
            "what is printed is compared",
            "Printed, a tensor shows four digits, and of a large one only the corners.",
            BITS,
            twin=lambda one, other: str(one) == str(other),
        ),
        Mistake(
            "the order of the names counts",
            "A name finds its tensor wherever it stands. Which names there are matters, and not in which order.",
            BITS,
            twin=lambda one, other: list(one) == list(other) and seeding.same_bits(one, other),
        ),
        Mistake(
            "only the first tensor is compared",
            "A network has many tensors, and a single bit in any of them is enough.",
            BITS,
            twin=_first_only,
        ),
        Mistake(
            "the loop ends at its first turn",
            "Differing in one tensor is enough to say no, but alike in one is not enough to say yes: that is known"
            " only after the last one.",
            BITS,
            twin=lambda one, other: set(one) == set(other) and _first_only(one, other),
        ),
        Mistake(
            "close is taken for the same",
            "Two trainings that differ in one bit now differ in every digit later. A tolerance hides where they part.",
            BITS,
            twin=_all_close,
        ),
        Mistake(
            "what is not a number is not equal to itself",
            "NaN compares as different even with NaN. But two networks that failed in the same way, at the same places,"
            " are the same.",
            BITS,
            twin=_equal_without_nan,
        ),
        Mistake(
            "only shared names are compared",
            "What one of the two lacks is a difference as well.",
            BITS,
            twin=_names_of(),
        ),
        Mistake(
            "only the names of the first are looked up",
            "What only the second has was never asked for.",
            BITS,
            twin=_names_of(first=True),
        ),
        Mistake(
            "only the names of the second are looked up",
            "What only the first has was never asked for.",
            BITS,
            twin=_names_of(second=True),
        ),
        Mistake(
            "one value is stretched over many",
            "Tensors of different shape were compared, and the smaller was repeated until it fitted.",
            BITS,
            twin=_stretched,
        ),
        Mistake(
            "only sums are compared",
            "Very different numbers can have one sum. Each must be compared with its own.",
            BITS,
            twin=_sums,
        ),
        Mistake(
            "NaN is taken for a number",
            "Something that is no number stands in one network only, and the two were called the same. Alike are two"
            " NaN at the same place, and not a NaN and whatever.",
            BITS,
            shows=lambda arguments, got: got == True and _failed_alone(*arguments),  # noqa: E712
        ),
    ),
    read_again=BITS,
)

# --- 06.3 ------------------------------------------------------------------------------------------------------------


def shuffled_loader(dataset: Any, batch_size: int, seed: int) -> Iterable:
    """A loader that shuffles with a generator of its own."""
    return clips.split_data_loader((dataset,), batch_size, seed=seed)[0]


def _disturb(draws: int) -> None:
    """What somebody else draws."""
    for _ in range(draws):
        random.random()
        np.random.rand()  # noqa: NPY002
        torch.rand(())


def _epochs(
    function: Callable[..., Iterable],
    n: int,
    batch_size: int,
    seed: int,
    start: int = 99,
    before: int = 0,
    after: int = 0,
) -> list[list[list[int]]]:
    """Three epochs as lists of batches; `before` and `after` the loader is made, somebody else draws."""
    _scramble(start)
    _disturb(before)
    loader = function(list(range(n)), batch_size, seed)
    found = []
    for _ in range(3):
        _disturb(after)
        found.append([[int(item) for item in batch] for batch in loader])
    return found


def _behaviour(function: Callable[..., Iterable], n: int, batch_size: int, seed: int) -> dict[str, bool]:
    def order(epochs: list[list[list[int]]]) -> list[list[int]]:
        return [[item for batch in epoch for item in batch] for epoch in epochs]

    epochs = _epochs(function, n, batch_size, seed)
    plain = order(epochs)
    sizes = [min(batch_size, n - i) for i in range(0, n, batch_size)]
    others = []
    for start in (1, 2):
        _epochs(function, n, batch_size, seed, start)
        others.append([draw() for draw in LIBRARIES.values()])
    return {
        "shuffled": all(one != sorted(one) for one in plain),
        "batches as asked for": all([len(batch) for batch in epoch] == sizes for epoch in epochs),
        "each item once an epoch": all(sorted(one) == list(range(n)) for one in plain),
        "a new order in each epoch": all(plain[i] != plain[j] for i, j in ((0, 1), (0, 2), (1, 2))),
        "the same again": order(_epochs(function, n, batch_size, seed)) == plain,
        "stray draws change nothing": all(
            order(_epochs(function, n, batch_size, seed, **stray)) == plain
            for stray in ({"before": 3}, {"after": 2}, {"start": 100})
        ),
        "another seed, another order": order(_epochs(function, n, batch_size, seed + 1)) != plain,
        "walked through again": all(epochs),
        "batches of one": all(len(batch) == 1 for epoch in epochs for batch in epoch),
        "others go on drawing": all(one != other for one, other in zip(*others, strict=True)),
    }


LOADER = Exercise(
    number="06.3",
    title="An order of its own",
    reference=shuffled_loader,
    refused=(clips.split_data_loader, clips._loader),
    cases=(
        Case(
            "20 items in batches of 8, three epochs; between them somebody else draws",
            "all of it True: 20 items in each epoch, in batches of 8, 8 and 4, each time in a new order, whoever draws",
            lambda: (20, 8, 3),
            _behaviour,
        ),
        Case(
            "12 items in batches of 3, the seed 0",
            "all of it True: 12 items in each epoch, in 4 batches, each time in a new order, whoever draws",
            lambda: (12, 3, 0),
            _behaviour,
        ),
    ),
    time_limit=SLOW_START,  # workers may read the items
    mistakes=(
        Mistake(
            "it can be walked through only once",
            "The second epoch was empty. What a function hands out with yield is used up when it was walked through.",
            ORDER,
            shows=lambda arguments, got: not got["walked through again"],
        ),
        Mistake(
            "the batch size is forgotten",
            "The items come one by one. How many belong together is handed in, and the loader must be told.",
            ORDER,
            shows=lambda arguments, got: got["batches of one"],
        ),
        Mistake(
            "not shuffled",
            "The items come in the order in which they stand in the file, one person after the other.",
            ORDER,
            shows=lambda arguments, got: not got["shuffled"],
        ),
        Mistake(
            "the last, smaller batch is lost",
            "20 items do not fill batches of 8. What is left over is a batch too, only a smaller one.",
            ORDER,
            shows=lambda arguments, got: not got["batches as asked for"],
        ),
        Mistake(
            "an item comes twice",
            "Items were drawn and put back. In an epoch each comes exactly once.",
            ORDER,
            shows=lambda arguments, got: not got["each item once an epoch"],
        ),
        Mistake(
            "every loader begins anywhere",
            "Made twice alike, it gives two orders. Where does its generator get its seed from?",
            ORDER,
            shows=lambda arguments, got: not got["the same again"],
        ),
        Mistake(
            "the same order in every epoch",
            "The order was drawn once, or the generator is set back before each epoch. A network then meets the same"
            " neighbours again and again.",
            ORDER,
            shows=lambda arguments, got: not got["a new order in each epoch"] and got["stray draws change nothing"],
        ),
        Mistake(
            "the order hangs on everybody's generator",
            "Somebody else drew a number, and the order became another. Seeding that generator does not protect it: it"
            " is still shared.",
            ORDER,
            shows=lambda arguments, got: not got["stray draws change nothing"],
        ),
        Mistake(
            "another seed, the same order",
            "The seed that was handed in changes nothing. A generator that nobody tells where to begin begins at the"
            " same place each time, and so does one that is told a number of your own.",
            ORDER,
            shows=lambda arguments, got: not got["another seed, another order"],
        ),
        Mistake(
            "everybody's generator is set back",
            "The order is right, but whoever draws afterwards draws the same numbers again and again. A loader needs a"
            " generator of its own.",
            ORDER,
            shows=lambda arguments, got: not got["others go on drawing"],
        ),
    ),
    read_again=ORDER,
)

# --- 06.4 ------------------------------------------------------------------------------------------------------------

CAUSES = {  # by the letter of the lesson's table: what must be predicted, the idea behind it, and where it is explained
    "A": (
        "same",
        "a computer is not vague",
        "With every seed fixed, and nothing else changed, a processor does exactly the same once more.",
        BREAK,
    ),
    "B": (
        "differs",
        "a seed is used up",
        "A seed says where a stream begins, not where it goes on. The second run begins where the first one ended.",
        SOURCES,
    ),
    "C": (
        "differs",
        "one draw moves all that follow",
        "The first weights of a network come from the same stream, and now each comes one place later.",
        ORDER,
    ),
    "D": (
        "differs",
        "the order of the clips is chance too",
        "The weights are there already, but the order of the clips still comes from the shared stream.",
        ORDER,
    ),
    "E": (
        "same",
        "a generator of its own is protected",
        "What others draw from the shared stream does not move the stream of another generator.",
        ORDER,
    ),
    "F": (
        "same",
        "every library has its own stream",
        "Nothing in this run takes its chance from NumPy, so nothing notices what was drawn there.",
        SOURCES,
    ),
    "G": (
        "same",
        "workers hand over in order",
        "Workers read at the same time, but the loader hands their batches over in the order that was asked for.",
        WORKERS,
    ),
    "H": (
        "differs",
        "every worker throws coins of its own",
        "Each process has a NumPy of its own. Who reads a clip decides which coin falls on it.",
        WORKERS,
    ),
    "I": (
        "differs",
        "a new generator knows nothing of your seed",
        "One that is made without a seed asks the operating system for a beginning, and gets another each time.",
        WORKERS,
    ),
    "J": (
        "same",
        "a draw can belong to the clip",
        "If it is drawn from the seed and the clip's number alone, it does not matter which process draws it.",
        WORKERS,
    ),
    "K": (
        "same",
        "the processor repeats itself already",
        "The switch takes other ways where a graphics card would not repeat itself. The processor repeats as it is.",
        SUMS,
    ),
    "L": (
        "differs",
        "another number of threads adds in another order",
        "The work is shared out among the threads, and their parts are added up at the end. That is another order of"
        " adding, and it rounds in other places.",
        NO_SEED,
    ),
}


def predictions() -> dict[str, str]:
    """For each cause by its letter: "same" if the bits of both runs must be alike, "differs" if not."""
    return {letter: cause[0] for letter, cause in CAUSES.items()}


def _predicted(function: Callable[[], dict[str, str]]) -> dict[str, str]:
    """The answer with the words in small letters; whole words are the business of the comparison."""
    found = function()
    return {letter: str(word).strip().lower() for letter, word in found.items()} if isinstance(found, dict) else found


def _mistaken(letter: str) -> Callable[[tuple, Any], bool]:
    return lambda arguments, got: set(got) == set(CAUSES) and got[letter] != CAUSES[letter][0]


def _all_alike(arguments: tuple, got: Any) -> bool:
    return set(got) == set(CAUSES) and len(set(got.values())) == 1


def _not_two_words(arguments: tuple, got: Any) -> bool:
    return set(got) == set(CAUSES) and not set(got.values()) <= {"same", "differs"}


PREDICT = Exercise(
    number="06.4",
    title="Which cause breaks it?",
    reference=predictions,
    cases=(
        Case(
            "nothing",
            f"for each of the {len(CAUSES)} letters “same” or “differs”",
            lambda: (),
            _predicted,
        ),
    ),
    mistakes=(
        Mistake(
            "other words",
            "Two words are asked for: “same” and “differs”.",
            BREAK,
            shows=_not_two_words,
        ),
        Mistake(
            "one word for all",
            "Some of the causes break the repetition and some do not. For each ask: which stream does it move, and who"
            " drinks from that stream?",
            BREAK,
            shows=_all_alike,
        ),
        *(
            Mistake(f"{letter}: {name}", says, section, shows=_mistaken(letter))
            for letter, (_, name, says, section) in CAUSES.items()
        ),
    ),
    read_again=BREAK,
)

EXERCISES = (SEEDS, SAME, LOADER, PREDICT)
