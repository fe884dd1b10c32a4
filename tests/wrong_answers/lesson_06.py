"""Right and wrong answers to the exercises of lesson 06."""

# ruff: noqa: NPY002 — learners seed and draw from NumPy's shared generator

import random

import numpy as np
import torch
from answers import right, wrong
from torch.utils.data import DataLoader, RandomSampler

from rppg_lab import clips, seeding
from rppg_lab.checks import diagnosing, judging

# --- 06.1 Fix every seed ---------------------------------------------------------------------------------------------


@right("06.1")
def as_in_the_lecture(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.cuda.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False


@right("06.1")
def torch_seeds_the_cards(seed):
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    for library in (random.seed, np.random.seed, torch.manual_seed):
        library(seed)
    return seed


@right("06.1")
def with_neighbouring_seeds(seed):
    """Each library another seed that hangs on the one handed in: sound too."""
    random.seed(f"run {seed}")
    np.random.set_state(np.random.RandomState(seed + 1).get_state())
    torch.set_rng_state(torch.Generator().manual_seed(seed).get_state())
    torch.cuda.manual_seed_all(seed + 2)
    cudnn = torch.backends.cudnn
    cudnn.deterministic, cudnn.benchmark = True, False


def _seeding(python=True, numpy=True, processor=True, cards=True, search=False, repeat=True):
    """The right answer with something left out."""

    def answer(seed):
        if python:
            random.seed(seed)
        if numpy:
            np.random.seed(seed)
        if processor:
            torch.default_generator.manual_seed(seed)
        if cards:
            torch.cuda.manual_seed_all(seed)
        torch.backends.cudnn.benchmark = search
        torch.backends.cudnn.deterministic = repeat

    return answer


wrong("06.1", "Python's own generator is forgotten")(_seeding(python=False))
wrong("06.1", "NumPy's generator is forgotten")(_seeding(numpy=False))
wrong("06.1", "PyTorch's generator is forgotten")(_seeding(processor=False))
wrong("06.1", "the graphics cards are forgotten")(_seeding(cards=False))
wrong("06.1", "cuDNN may still search")(_seeding(search=True))
wrong("06.1", "cuDNN may still choose")(_seeding(repeat=False))


@wrong("06.1", "NumPy's generator is forgotten")
def a_new_generator_thrown_away(seed):
    as_in_the_lecture(seed)
    np.random.seed(None)
    rng = np.random.default_rng(seed)
    return rng


@wrong("06.1", "the graphics cards are forgotten")
def the_current_card_only(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.default_generator.manual_seed(seed)
    torch.cuda.manual_seed(seed)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False


@wrong("06.1", "PyTorch's generator is forgotten")
def one_library_only_it_seems(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False


@wrong("06.1", "seeded by the clock, or not at all")
def without_arguments(seed):
    random.seed()
    np.random.seed()
    torch.seed()


@wrong("06.1", "seeded by the clock, or not at all")
def if_there_is_a_seed(seed):
    if seed:
        as_in_the_lecture(seed)


@wrong("06.1", "always the same seed")
def forty_two(seed):
    as_in_the_lecture(42)


@wrong("06.1", "a function is overwritten, not called")
def equals_signs(seed):
    random.seed = seed
    np.random.seed = seed
    torch.manual_seed = seed


@wrong("06.1", diagnosing.ERROR)
def a_seed_too_negative(seed):
    np.random.seed(-1 - seed)


@wrong("06.1", judging.PACKAGE_OWN)
def the_package_seeds(seed):
    seeding.seed_everything(seed)


# --- 06.2 The same bits ----------------------------------------------------------------------------------------------


@right("06.2")
def walking_through(one, other):
    if sorted(one) != sorted(other):
        return False
    for name, first in one.items():
        second = other[name]
        if first.shape != second.shape:
            return False
        for a, b in zip(first.flatten().tolist(), second.flatten().tolist(), strict=True):
            if a != b and not (a != a and b != b):
                return False
    return True


@right("06.2")
def byte_by_byte(one, other):
    def bits(state):
        return {name: (tuple(value.shape), value.dtype, value.numpy().tobytes()) for name, value in state.items()}

    return bits(one) == bits(other)


@right("06.2")
def with_torch(one, other):
    def alike(a, b):
        if a.shape != b.shape:
            return False
        both_nan = torch.isnan(a) & torch.isnan(b)
        return bool(((a == b) | both_nan).all())

    return one.keys() == other.keys() and all(alike(one[name], other[name]) for name in one)


@right("06.2")
def with_allclose_without_room(one, other):
    return set(one) == set(other) and all(
        one[name].shape == other[name].shape
        and torch.allclose(one[name].double(), other[name].double(), rtol=0, atol=0, equal_nan=True)
        for name in one
    )


@right("06.2")
def with_numpys_testing(one, other):
    try:
        np.testing.assert_equal(
            {name: value.numpy() for name, value in one.items()}, {name: value.numpy() for name, value in other.items()}
        )
        return all(one[name].shape == other[name].shape for name in one)
    except AssertionError:
        return False


@wrong("06.2", "close is taken for the same")
def nearly(one, other):
    if set(one) != set(other):
        return False
    return all(one[n].shape == other[n].shape and torch.allclose(one[n], other[n], equal_nan=True) for n in one)


@wrong("06.2", "what is not a number is not equal to itself")
def torch_equal(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@wrong("06.2", "only the first tensor is compared")
def returned_too_early(one, other):
    for name in one:
        return np.array_equal(one[name].numpy(), other[name].numpy(), equal_nan=True)


@wrong("06.2", "only the names of the first are looked up")
def names_of_the_first(one, other):
    for name in one:
        if name not in other or not np.array_equal(one[name].numpy(), other[name].numpy(), equal_nan=True):
            return False
    return True


@wrong("06.2", "only the names of the second are looked up")
def names_of_the_second(one, other):
    return names_of_the_first(other, one)


@wrong("06.2", "only shared names are compared")
def what_both_have(one, other):
    shared = one.keys() & other.keys()
    return all(np.array_equal(one[name].numpy(), other[name].numpy(), equal_nan=True) for name in shared)


@wrong("06.2", "one value is stretched over many")
def compared_as_they_come(one, other):
    if set(one) != set(other):
        return False
    for name in one:
        a, b = one[name].float().nan_to_num(12345.0), other[name].float().nan_to_num(12345.0)
        if (a != b).any():
            return False
    return True


@wrong("06.2", "only sums are compared")
def sums(one, other):
    return set(one) == set(other) and all(
        one[name].shape == other[name].shape
        and abs(float(one[name].double().nansum()) - float(other[name].double().nansum())) < 1e-12
        for name in one
    )


@wrong("06.2", "NaN is taken for a number")
def zeros_for_what_failed(one, other):
    return set(one) == set(other) and all(
        torch.equal(torch.nan_to_num(one[name]), torch.nan_to_num(other[name])) for name in one
    )


@wrong("06.2", "NaN is taken for a number")
def nan_is_like_anything(one, other):
    if set(one) != set(other):
        return False
    for name in one:
        if one[name].shape != other[name].shape:
            return False
        if ((one[name] != other[name]) & ~(one[name].isnan() | other[name].isnan())).any():
            return False
    return True


@wrong("06.2", "the loop ends at its first turn")
def decided_at_once(one, other):
    if one.keys() != other.keys():
        return False
    for name in one:
        alike = np.array_equal(one[name].numpy(), other[name].numpy(), equal_nan=True)
        return alike


@wrong("06.2", "what is printed is compared")
def printed_alike(one, other):
    return str(one) == str(other)


@wrong("06.2", "the order of the names counts")
def one_after_the_other(one, other):
    if list(one.keys()) != list(other.keys()):
        return False
    return all(np.array_equal(one[name].numpy(), other[name].numpy(), equal_nan=True) for name in one)


@wrong("06.2", "both dictionaries are asked at once")
def as_plain_dictionaries(one, other):
    return one == other


@wrong("06.2", diagnosing.SHAPE)
def each_place(one, other):
    return [np.array_equal(one[name].numpy(), other.get(name), equal_nan=True) for name in one]


@wrong("06.2", judging.PACKAGE_OWN)
def the_package_compares(one, other):
    return seeding.same_bits(one, other)


# --- 06.3 An order of its own ----------------------------------------------------------------------------------------


@right("06.3")
def with_a_generator(dataset, batch_size, seed):
    mine = torch.Generator()
    mine.manual_seed(seed)
    return DataLoader(dataset, batch_size, shuffle=True, generator=mine)


@right("06.3")
def with_a_sampler(dataset, batch_size, seed):
    sampler = RandomSampler(dataset, generator=torch.Generator().manual_seed(seed + 1000))
    return DataLoader(dataset, batch_size=batch_size, sampler=sampler)


@right("06.3")
class Walk:
    """Without any DataLoader."""

    def __init__(self, dataset, batch_size, seed):
        self.dataset, self.batch_size, self.rng = dataset, batch_size, np.random.default_rng(seed)

    def __iter__(self):
        order = self.rng.permutation(len(self.dataset))
        for i in range(0, len(order), self.batch_size):
            yield torch.tensor([self.dataset[k] for k in order[i : i + self.batch_size]])


@right("06.3")
def with_pythons_random(dataset, batch_size, seed):
    rng = random.Random(seed)

    class Order:
        def __iter__(self):
            numbers = list(range(len(dataset)))
            rng.shuffle(numbers)
            return iter(numbers)

        def __len__(self):
            return len(dataset)

    return DataLoader(dataset, batch_size=batch_size, sampler=Order())


@wrong("06.3", "not shuffled")
def in_their_order(dataset, batch_size, seed):
    return DataLoader(dataset, batch_size=batch_size, generator=torch.Generator().manual_seed(seed))


@wrong("06.3", "the last, smaller batch is lost")
def only_full_ones(dataset, batch_size, seed):
    mine = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch_size=batch_size, shuffle=True, generator=mine, drop_last=True)


@wrong("06.3", "an item comes twice")
def put_back(dataset, batch_size, seed):
    mine = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch_size, sampler=RandomSampler(dataset, replacement=True, generator=mine))


@wrong("06.3", "the order hangs on everybody's generator")
def as_most_do(dataset, batch_size, seed):
    return DataLoader(dataset, batch_size=batch_size, shuffle=True)


@wrong("06.3", "the order hangs on everybody's generator")
def everybody_seeded_once(dataset, batch_size, seed):
    torch.manual_seed(seed)
    return DataLoader(dataset, batch_size=batch_size, shuffle=True)


@wrong("06.3", "the order hangs on everybody's generator")
def the_shared_one_by_name(dataset, batch_size, seed):
    shared = torch.default_generator.manual_seed(seed)
    return DataLoader(dataset, batch_size=batch_size, shuffle=True, generator=shared)


@wrong("06.3", "another seed, the same order")
def never_told_where_to_begin(dataset, batch_size, seed):
    return DataLoader(dataset, batch_size=batch_size, shuffle=True, generator=torch.Generator())


@wrong("06.3", "every loader begins anywhere")
def by_the_clock(dataset, batch_size, seed):
    mine = torch.Generator()
    mine.seed()
    return DataLoader(dataset, batch_size=batch_size, shuffle=True, generator=mine)


@wrong("06.3", "the same order in every epoch")
def drawn_once(dataset, batch_size, seed):
    order = np.random.default_rng(seed).permutation(len(dataset)).tolist()
    return DataLoader(dataset, batch_size=batch_size, sampler=order)


@wrong("06.3", "the same order in every epoch")
class BackEachTime:
    def __init__(self, dataset, batch_size, seed):
        self.dataset, self.batch_size, self.seed = dataset, batch_size, seed

    def __iter__(self):
        mine = torch.Generator().manual_seed(self.seed)
        return iter(DataLoader(self.dataset, self.batch_size, shuffle=True, generator=mine))


@wrong("06.3", "everybody's generator is set back")
class SeedsEverybodyEachEpoch:
    def __init__(self, dataset, batch_size, seed):
        self.dataset, self.batch_size, self.seed, self.epoch = dataset, batch_size, seed, 0

    def __iter__(self):
        fix = 1000 * self.seed + self.epoch
        self.epoch += 1
        random.seed(fix)
        np.random.seed(fix)
        torch.manual_seed(fix)
        return iter(list(DataLoader(self.dataset, self.batch_size, shuffle=True)))


@wrong("06.3", "it can be walked through only once")
def handed_out_once(dataset, batch_size, seed):
    order = np.random.default_rng(seed).permutation(len(dataset))
    for i in range(0, len(order), batch_size):
        yield torch.tensor([dataset[k] for k in order[i : i + batch_size]])


@wrong("06.3", "the batch size is forgotten")
def one_by_one(dataset, batch_size, seed):
    return DataLoader(dataset, shuffle=True, generator=torch.Generator().manual_seed(seed))


@wrong("06.3", "another seed, the same order")
def a_seed_of_its_own(dataset, batch_size, seed):
    return DataLoader(dataset, batch_size, shuffle=True, generator=torch.Generator().manual_seed(6))


@wrong("06.3", diagnosing.ERROR)
def a_number_for_a_generator(dataset, batch_size, seed):
    return DataLoader(dataset, batch_size=batch_size, shuffle=True, generator=seed)


@wrong("06.3", diagnosing.ERROR)
def forgotten(dataset, batch_size, seed):
    DataLoader(dataset, batch_size=batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed))


@wrong("06.3", judging.PACKAGE_OWN)
def the_package_loads(dataset, batch_size, seed):
    (loader,) = clips.split_data_loader((dataset,), batch_size, seed=seed)
    return loader


# --- 06.4 Which cause breaks it? -------------------------------------------------------------------------------------

SAME = "AEFGJK"
LETTERS = "ABCDEFGHIJKL"


@right("06.4")
def written_out():
    return {
        "A": "same", "B": "differs", "C": "differs", "D": "differs", "E": "same", "F": "same",
        "G": "same", "H": "differs", "I": "differs", "J": "same", "K": "same", "L": "differs",
    }  # fmt: skip


@right("06.4")
def from_a_set():
    return {letter: "same" if letter in SAME else "differs" for letter in LETTERS}


@right("06.4")
def in_capitals_and_another_order():
    found = dict.fromkeys(reversed(LETTERS), "Differs")
    found.update(dict.fromkeys(SAME, "Same "))
    return found


def _but(*letters):
    """The right predictions but for some."""

    def answer():
        turned = {"same": "differs", "differs": "same"}
        return {letter: turned[word] if letter in letters else word for letter, word in written_out().items()}

    return answer


wrong("06.4", "A: a computer is not vague")(_but("A"))
wrong("06.4", "B: a seed is used up")(_but("B"))
wrong("06.4", "C: one draw moves all that follow")(_but("C", "L"))
wrong("06.4", "D: the order of the clips is chance too")(_but("D"))
wrong("06.4", "E: a generator of its own is protected")(_but("E", "G"))
wrong("06.4", "F: every library has its own stream")(_but("F"))
wrong("06.4", "G: workers hand over in order")(_but("G", "K"))
wrong("06.4", "H: every worker throws coins of its own")(_but("H"))
wrong("06.4", "I: a new generator knows nothing of your seed")(_but("I"))
wrong("06.4", "J: a draw can belong to the clip")(_but("J"))
wrong("06.4", "K: the processor repeats itself already")(_but("K"))
wrong("06.4", "L: another number of threads adds in another order")(_but("L"))


@wrong("06.4", "one word for all")
def everything_breaks():
    return dict.fromkeys(LETTERS, "differs")


@wrong("06.4", "other words")
def yes_and_no():
    return {letter: "yes" if letter in SAME else "no" for letter in LETTERS}


@wrong("06.4", "other words")
def true_and_false():
    return {letter: letter in SAME for letter in LETTERS}


@wrong("06.4", diagnosing.PARTS)
def a_letter_is_missing():
    return {letter: word for letter, word in written_out().items() if letter != "L"}


@wrong("06.4", diagnosing.TYPE)
def a_list():
    return list(written_out().values())
