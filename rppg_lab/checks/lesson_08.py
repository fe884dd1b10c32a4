"""The checks of lesson 08: who is in which part, in which fold, and in which order the clips come.

Which people a split draws is everybody's own affair. So the splits, folds and loaders of an answer are not compared
name by name: what is compared is what must hold of any good one.
"""

from __future__ import annotations

import itertools
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rppg_lab import clips
from rppg_lab.checks.declaring import Case, Exercise, Mistake

TITLE = "Who is in the test set?"

CUT = "08.2 Cut at random, as the lecture does"
BY_SUBJECT = "08.5 Split the people, not the clips"
FOLDS = "08.6 Everybody's turn"
LOADERS = "08.9 Loaders"

OTHER_SEEDS = range(1, 7)  # that all of these draw the same people as seed 0 is no accident

# --- 08.1 ------------------------------------------------------------------------------------------------------------


def shared_people(parts: Sequence[Sequence[str]]) -> list[str]:
    """The people whose clips are in more than one part, sorted. parts: of each part the person of every clip."""
    found_in = Counter(person for part in parts for person in set(part))
    return sorted(person for person, count in found_in.items() if count > 1)


def _same_people(got: Any, expected: list[str]) -> bool:
    """In any order, in any kind of collection, but nobody twice."""
    return not isinstance(got, str | dict) and sorted(map(str, got)) == expected


def _of_clips(*parts: str) -> Callable[[], tuple[list[list[str]]]]:
    return lambda: ([part.split() for part in parts],)


def _named_often(arguments: tuple, got: Any) -> bool:
    names = list(map(str, got))
    return len(set(names)) < len(names) and sorted(set(names)) == shared_people(*arguments)


SHARED = Exercise(
    number="08.1",
    title="Name the people in more than one part",
    reference=shared_people,
    refused=(clips.assert_no_leak,),
    same=_same_people,
    cases=(
        Case(
            "two parts: clips of Ada, Ada, Ben, Ben, and clips of Cleo, Cleo",
            "nobody: an empty list",
            _of_clips("Ada Ada Ben Ben", "Cleo Cleo"),
        ),
        Case(
            "three parts: clips of Ada, Ada, Ben; of Ben, Cleo, Cleo, Ben; of Dan, Dan",
            "Ben, once",
            _of_clips("Ada Ada Ben", "Ben Cleo Cleo Ben", "Dan Dan"),
        ),
        Case(
            "three parts: clips of Ada, Ada, Ben; of Cleo, Cleo, Dan; of Dan, Eve, Eve",
            "Dan: the second and the third part share him",
            _of_clips("Ada Ada Ben", "Cleo Cleo Dan", "Dan Eve Eve"),
        ),
        Case(
            "three parts: clips of Ada, Ben, Ben; of Cleo, Cleo; of Ben, Ada, Dan",
            "Ada and Ben: the first and the third part share them",
            _of_clips("Ada Ben Ben", "Cleo Cleo", "Ben Ada Dan"),
        ),
        Case("a single part: clips of Ada, Ada, Ben", "nobody: an empty list", _of_clips("Ada Ada Ben")),
    ),
    mistakes=(
        Mistake(
            "named once for each clip",
            "The right people, but some of them several times. How many people are it?",
            CUT,
            shows=_named_often,
        ),
        Mistake(
            "who has several clips is suspected",
            "A person may well have many clips in *one* part. What must not be is two parts.",
            CUT,
            twin=lambda parts: sorted(
                name for name, count in Counter(name for part in parts for name in part).items() if count > 1
            ),
        ),
        Mistake(
            "only people who are in every part",
            "Two parts that share a person are enough to spoil a score; the third need not.",
            CUT,
            twin=lambda parts: sorted(set(parts[0]).intersection(*parts[1:])) if len(parts) > 1 else [],
        ),
        Mistake(
            "compared with the first part only",
            "The second part and the third must not share anybody either. Wanted is whoever is in any two.",
            CUT,
            twin=lambda parts: sorted(set(parts[0]) & {name for part in parts[1:] for name in part}),
        ),
        Mistake(
            "compared with the neighbour only",
            "The first part and the third can share somebody whom the second does not know.",
            CUT,
            twin=lambda parts: sorted(
                {name for one, other in itertools.pairwise(parts) for name in set(one) & set(other)}
            ),
        ),
        Mistake(
            "everybody is named",
            "These are all people there are. Wanted are those who are where they should not be.",
            CUT,
            twin=lambda parts: sorted({name for part in parts for name in part}),
        ),
        Mistake(
            "the clean ones are named",
            "These are the people of one part alone: the good ones.",
            CUT,
            twin=lambda parts: sorted({name for part in parts for name in part} - set(shared_people(parts))),
        ),
    ),
    read_again=CUT,
)

# --- what holds of any good split ------------------------------------------------------------------------------------


class _Name(str):
    """A person's name in a Python that was started anew: as text the same, in a set at another place."""

    __slots__ = ()
    start = b""

    def __hash__(self) -> int:
        return zlib.crc32(_Name.start + self.encode())

    __eq__ = str.__eq__


def _groups(answer: Any) -> list[list[str]] | None:
    """The names in each group of an answer, sorted; None and a generator are left to those who know what to say."""
    if answer is None or hasattr(answer, "__next__"):
        return None
    if isinstance(answer, str | dict) or not isinstance(answer, Iterable):
        raise TypeError(f"asked for are lists of names, one for each part, not {type(answer).__name__}")
    groups = list(answer)
    if any(isinstance(group, str | dict) or not isinstance(group, Iterable) for group in groups):
        raise TypeError("asked for are lists of names, one for each part; here a part is no list")
    return [sorted(str(name) for name in group) for group in groups]


def _what_decides(draw: Callable[[Sequence[str], int], Any], subjects: list[str], seed: int) -> str:
    """What the people drawn depend on; it should be the seed."""
    first = _groups(draw(list(subjects), seed))
    if _groups(draw(list(subjects), seed)) != first:
        return "chance"
    if _changes_with_the_start(draw, subjects, seed):
        return "how Python was started"
    if _groups(draw(subjects[::-1], seed)) != first:
        return "the order of the names"
    if all(_groups(draw(list(subjects), other)) == first for other in OTHER_SEEDS):
        return "nothing: all seeds draw alike"
    return "the seed"


def _changes_with_the_start(draw: Callable[[Sequence[str], int], Any], subjects: list[str], seed: int) -> bool:
    found = []
    for start in (b"one", b"two", b"three"):
        _Name.start = start
        try:
            found.append(_groups(draw([_Name(name) for name in subjects], seed)))
        except Exception:  # these are no ordinary texts: what fails with them need not be wrong
            return False
    return found[1:] != found[:-1]


def _drawn(
    draw: Callable[[Sequence[str], int], Any], subjects: list[str], seed: int, names: tuple[str, str, str]
) -> Any:
    """What is true of the groups that an answer draws, in words and numbers."""
    answer = draw(subjects, seed)
    groups = _groups(answer)
    if groups is None:
        return answer
    in_groups = Counter(name for group in groups for name in set(group))
    twice, never, often = names
    return {
        "sizes": [len(group) for group in groups],
        twice: sorted(name for name, count in in_groups.items() if count > 1),
        never: sorted(set(map(str, subjects)) - set(in_groups)),
        often: sorted({name for group in groups for name, count in Counter(group).items() if count > 1}),
        "decided by": _what_decides(draw, [str(name) for name in subjects], seed),
    }


def _clips_of(*counts: int) -> list[str]:
    """The person of every clip, as many clips as told, the recordings one after the other as in a file."""
    return [f"p{i}" for i, count in enumerate(counts) for _ in range(count)]


def _decided_by(what: str) -> Callable[[tuple, Any], bool]:
    return lambda arguments, got: got["decided by"] == what


def _mistakes_of_drawing(section: str) -> tuple[Mistake, ...]:
    return (
        Mistake(
            "drawn without a seed",
            "The same seed gave other people the second time. Then nobody can repeat what you report, not even you.",
            section,
            shows=_decided_by("chance"),
        ),
        Mistake(
            "the order of a set",
            "Python mixes the texts in a set anew each time that it is started. Tomorrow the same seed would draw"
            " other people.",
            section,
            shows=_decided_by("how Python was started"),
        ),
        Mistake(
            "the order of the input decides",
            "The same people, handed over in another order, came into other parts. On another computer a folder's"
            " files may come in another order.",
            section,
            shows=_decided_by("the order of the names"),
        ),
        Mistake(
            "every seed draws alike",
            "Whatever the seed, it is always the same people. Is the seed used, and is anything drawn at all?",
            section,
            shows=_decided_by("nothing: all seeds draw alike"),
        ),
    )


# --- 08.2 ------------------------------------------------------------------------------------------------------------

_OF_PARTS = ("in two parts", "in no part", "twice in a part")


def dataset_split(subjects: Sequence[str], ratio: Sequence[float], seed: int) -> tuple[list[str], ...]:
    """Divide the people among `subjects` (one name per clip) into parts of these ratios: a tuple of lists of names."""
    return clips.split_subjects(subjects, ratio, seed)


def _split(split: Callable, subjects: list[str], ratio: tuple[float, ...], seed: int) -> Any:
    return _drawn(lambda names, seed: split(names, ratio, seed), subjects, seed, _OF_PARTS)


SPLIT = Exercise(
    number="08.2",
    title="Split by subject",
    reference=dataset_split,
    refused=(clips.split_subjects, clips.dataset_split),
    cases=(
        Case(
            "the subjects of 36 clips of 9 people, ratios 0.7, 0.1, 0.2",
            "parts of 6, 1 and 2 people; everybody in exactly one, and drawn by the seed",
            lambda: (_clips_of(*[4] * 9), (0.7, 0.1, 0.2), 0),
            use=_split,
        ),
        Case(
            "9 people with 1 to 9 clips each, ratios 0.5, 0.25, 0.25",
            "parts of 5, 2 and 2 people, however many clips they have",
            lambda: (_clips_of(3, 9, 1, 7, 2, 8, 4, 6, 5), (0.5, 0.25, 0.25), 3),
            use=_split,
        ),
        Case(
            "10 people with 3 clips each, ratios 0.8, 0.2",
            "two parts, of 8 and 2 people",
            lambda: (_clips_of(*[3] * 10), (0.8, 0.2), 1),
            use=_split,
        ),
        Case(
            "4 people with 5 clips each, ratios 0.7, 0.1, 0.2",
            "parts of 2, 1 and 1 people: none is empty",
            lambda: (_clips_of(*[5] * 4), (0.7, 0.1, 0.2), 0),
            use=_split,
        ),
        Case(
            "3 people with 4 clips each, ratios 0.4, 0.3, 0.3",
            "three parts of one person each: just enough",
            lambda: (_clips_of(4, 4, 4), (0.4, 0.3, 0.3), 2),
            use=_split,
        ),
        Case(
            "4 people with 3 clips each, ratios 0.05, 0.05, 0.9",
            "parts of 1, 1 and 2 people: neither of the small ones is empty",
            lambda: (_clips_of(*[3] * 4), (0.05, 0.05, 0.9), 1),
            use=_split,
        ),
        Case(
            "2 people with 8 clips each, ratios 0.7, 0.1, 0.2",
            "a ValueError: two people cannot fill three parts",
            lambda: (_clips_of(8, 8), (0.7, 0.1, 0.2), 0),
            use=_split,
        ),
    ),
    mistakes=(
        Mistake(
            "the same person in two parts",
            "Somebody teaches the network and examines it as well. Were clips dealt out, and not people?",
            BY_SUBJECT,
            shows=lambda arguments, got: bool(got[_OF_PARTS[0]]),
        ),
        Mistake(
            "named once for each clip",
            "The subjects came one per clip, and a person with many clips is still one person.",
            BY_SUBJECT,
            shows=lambda arguments, got: bool(got[_OF_PARTS[2]]),
        ),
        Mistake(
            "somebody is in no part",
            "Sizes that are each rounded by themselves need not add up to all. Who is left over must go somewhere.",
            BY_SUBJECT,
            shows=lambda arguments, got: bool(got[_OF_PARTS[1]]),
        ),
        Mistake(
            "an empty part",
            "A part without people measures nothing. It takes one from the largest; where there are fewer people than"
            " parts, say so and stop.",
            BY_SUBJECT,
            shows=lambda arguments, got: 0 in got["sizes"],
        ),
        Mistake(
            "sizes farther from the ratios than need be",
            "Everybody is somewhere, but not as near to the ratios as whole people allow. Where did those go who were"
            " left over?",
            BY_SUBJECT,
            shows=lambda arguments, got: len(got["sizes"]) == len(arguments[1]) and got["sizes"] != _sizes(arguments),
        ),
        *_mistakes_of_drawing(BY_SUBJECT),
    ),
    read_again=BY_SUBJECT,
)


def _sizes(arguments: tuple) -> list[int]:
    return [len(part) for part in dataset_split(*arguments)]


# --- 08.3 ------------------------------------------------------------------------------------------------------------

_OF_FOLDS = ("tested twice", "never tested", "twice in a fold")


def subject_folds(subjects: Sequence[str], folds: int, seed: int) -> tuple[list[str], ...]:
    """Who is tested in each fold: `folds` lists of names, everybody in exactly one, sizes differing by at most one."""
    return clips.subject_folds(subjects, folds, seed)


def _fold(make_folds: Callable, subjects: list[str], folds: int, seed: int) -> Any:
    found = _drawn(lambda names, seed: make_folds(names, folds, seed), subjects, seed, _OF_FOLDS)
    if isinstance(found, dict):
        found["who is tested twice"] = _overlap(make_folds, subjects, folds, len(found[_OF_FOLDS[0]]))
        found["sizes"] = sorted(found["sizes"], reverse=True)  # which fold is the smaller one is free
    return found


def _overlap(make_folds: Callable, subjects: list[str], folds: int, here: int) -> str:
    """Whether some are tested twice, and as many with every seed: then one draw was cut wrongly, and not repeated."""
    if not here:
        return "nobody"
    often = set()
    for seed in OTHER_SEEDS:
        groups = _groups(make_folds(list(subjects), folds, seed)) or []
        in_folds = Counter(name for group in groups for name in set(group))
        often.add(sum(count > 1 for count in in_folds.values()))
    return "as many with every seed" if often == {here} else "more or fewer with another seed"


def _everybody_but(arguments: tuple, got: Any) -> bool:
    subjects, folds, _ = arguments
    people = len(set(subjects))
    return folds > 2 and len(got["sizes"]) == folds and sum(got["sizes"]) == (folds - 1) * people


IN_FOLDS = Exercise(
    number="08.3",
    title="Folds: everybody is tested once",
    reference=subject_folds,
    refused=(clips.subject_folds,),
    cases=(
        Case(
            "the subjects of 27 clips of 9 people, 3 folds",
            "3 lists of 3 people; everybody is tested exactly once, and the seed decides in which fold",
            lambda: (_clips_of(*[3] * 9), 3, 0),
            use=_fold,
        ),
        Case(
            "11 people with 1 to 4 clips each, 4 folds",
            "lists of 3, 3, 3 and 2 people",
            lambda: (_clips_of(1, 4, 2, 3, 1, 4, 2, 3, 1, 4, 2), 4, 2),
            use=_fold,
        ),
        Case(
            "5 people with 2 clips each, 5 folds",
            "5 lists of one person: leave one out",
            lambda: (_clips_of(*[2] * 5), 5, 0),
            use=_fold,
        ),
        Case(
            "3 people with 6 clips each, 4 folds",
            "a ValueError: there are fewer people than folds",
            lambda: (_clips_of(6, 6, 6), 4, 0),
            use=_fold,
        ),
    ),
    mistakes=(
        Mistake(
            "named once for each clip",
            "The subjects came one per clip, and a person with many clips is still one person.",
            FOLDS,
            shows=lambda arguments, got: bool(got[_OF_FOLDS[2]]),
        ),
        Mistake(
            "the teachers, not the tested",
            "These are the people that a fold learns from. Asked for are those whom it tests.",
            FOLDS,
            shows=_everybody_but,
        ),
        Mistake(
            "drawn anew for each fold",
            "Some are tested twice and others perhaps never. Folds share out the people of *one* shuffled list.",
            FOLDS,
            shows=lambda arguments, got: got["who is tested twice"].startswith("more or fewer"),
        ),
        Mistake(
            "somebody is tested twice",
            "The list is cut so that its folds overlap. Say for each place in it to which one fold it belongs.",
            FOLDS,
            shows=lambda arguments, got: bool(got[_OF_FOLDS[0]]),
        ),
        Mistake(
            "somebody is never tested",
            "The people do not divide evenly into the folds, and the rest was forgotten.",
            FOLDS,
            shows=lambda arguments, got: bool(got[_OF_FOLDS[1]]),
        ),
        Mistake(
            "an empty fold",
            "A fold without people tests nobody. With fewer people than folds, say so and stop.",
            FOLDS,
            shows=lambda arguments, got: 0 in got["sizes"],
        ),
        Mistake(
            "one fold takes the whole rest",
            "Sizes should differ by one at most: the rest is shared out too.",
            FOLDS,
            shows=lambda arguments, got: max(got["sizes"]) - min(got["sizes"]) > 1,
        ),
        *_mistakes_of_drawing(FOLDS),
    ),
    read_again=FOLDS,
)

# --- 08.4 ------------------------------------------------------------------------------------------------------------

_NEW, _FIXED, _IN_ORDER = "shuffled anew in each epoch", "mixed, but always alike", "in their order"


def split_data_loader(datasets: Sequence[Any], batch_size: int, seed: int) -> tuple[Any, ...]:
    """One loader per dataset: the first shuffles its clips in every epoch, decided by the seed; the others do not."""
    return clips.split_data_loader(datasets, batch_size, seed=seed)


def _numbered(*counts: int) -> list[Any]:
    """Datasets whose clips can be told apart: each wave holds the number of its clip."""
    import torch  # here, because the other exercises do without

    datasets, first = [], 0
    for count in counts:
        number = torch.arange(first, first + count, dtype=torch.float32)
        datasets.append(torch.utils.data.TensorDataset(number[:, None].repeat(1, 3), number[:, None].repeat(1, 2)))
        first += 100
    return datasets


def _epoch(loader: Any) -> list[list[int]]:
    """The numbers of the clips in each batch of an epoch."""
    return [[int(wave[0]) for wave in waves] for _, waves in loader]


def _flat(batches: list[list[int]]) -> list[int]:
    return [number for batch in batches for number in batch]


def _order(loader: Any) -> str:
    epochs = [_flat(_epoch(loader)) for _ in range(3)]
    if any(one != epochs[0] for one in epochs):
        return _NEW
    return _IN_ORDER if epochs[0] == sorted(epochs[0]) else _FIXED


def _two_epochs(load: Callable, make: tuple, seed: int, stray: int = 0) -> list[list[int]]:
    """The order of two training epochs; `stray` numbers are drawn elsewhere before each of them."""
    import torch

    counts, batch_size = make
    torch.rand(stray)
    loader = load(_numbered(*counts), batch_size, seed)[0]
    orders = []
    for _ in range(2):
        torch.rand(stray)
        orders.append(_flat(_epoch(loader)))
    return orders


def _load(load: Callable, counts: tuple[int, ...], batch_size: int, seed: int) -> Any:
    datasets = _numbered(*counts)
    loaders = load(datasets, batch_size, seed)
    if loaders is None or hasattr(loaders, "__next__"):
        return loaders
    if not isinstance(loaders, list | tuple):
        raise TypeError(f"asked for is a tuple with one loader for each dataset, not {type(loaders).__name__}")
    batches = [_epoch(loader) for loader in loaders]
    orders = [_order(loader) for loader in loaders]
    first = _two_epochs(load, (counts, batch_size), seed)
    if orders[0] == _IN_ORDER:
        decided = "nothing: in their order"
    elif _two_epochs(load, (counts, batch_size), seed, stray=5) != first:
        decided = "draws elsewhere"
    elif all(_two_epochs(load, (counts, batch_size), other) == first for other in OTHER_SEEDS):
        decided = "nothing: all seeds draw alike"
    else:
        decided = "the seed"
    return {
        "batches": [[len(batch) for batch in of_loader] for of_loader in batches],
        "clips": [len(set(_flat(of_loader))) for of_loader in batches],
        "first loader": orders[0],
        "other loaders": orders[1:],
        "decided by": decided,
    }


def _drops(arguments: tuple, got: Any) -> bool:
    return any(given < wanted for given, wanted in zip(got["clips"], arguments[0], strict=True))


LOADER = Exercise(
    number="08.4",
    title="A loader for each part",
    reference=split_data_loader,
    refused=(clips.split_data_loader,),
    cases=(
        Case(
            "parts of 11, 4 and 5 clips, 4 clips in a batch",
            "3 loaders with batches of 4, 4, 3 clips, of 4, and of 4, 1; the first shuffled anew in each epoch",
            lambda: ((11, 4, 5), 4, 0),
            use=_load,
        ),
        Case(
            "parts of 10 and 6 clips, 5 clips in a batch, another seed",
            "2 loaders with batches of 5, 5 clips, and of 5, 1",
            lambda: ((10, 6), 5, 3),
            use=_load,
        ),
    ),
    mistakes=(
        Mistake(
            "the last batch is dropped",
            "A batch that is not full is a batch as well. Otherwise clips are never learned from, or never tested.",
            LOADERS,
            shows=_drops,
        ),
        Mistake(
            "the test clips are shuffled",
            "Their order says whose clip it is and when it was. It must stay, or waves and people no longer fit.",
            LOADERS,
            shows=lambda arguments, got: set(got["other loaders"]) != {_IN_ORDER},
        ),
        Mistake(
            "the training clips are not shuffled",
            "Batch after batch would hold one person only, and the network would learn them one by one.",
            LOADERS,
            shows=lambda arguments, got: got["first loader"] == _IN_ORDER,
        ),
        Mistake(
            "mixed once, then always alike",
            "The same neighbours share a batch in every epoch. Shuffle anew in each.",
            LOADERS,
            shows=lambda arguments, got: got["first loader"] == _FIXED,
        ),
        Mistake(
            "a number drawn elsewhere changes the order",
            "Somebody else drew a random number, and the clips came in another order. The loader needs a generator"
            " of its own.",
            LOADERS,
            shows=_decided_by("draws elsewhere"),
        ),
        Mistake(
            "every seed shuffles alike",
            "Whatever the seed, the order is the same. Is it used?",
            LOADERS,
            shows=_decided_by("nothing: all seeds draw alike"),
        ),
        Mistake(
            "batches of another size",
            "The batches do not have the size asked for.",
            LOADERS,
            shows=lambda arguments, got: max(map(max, got["batches"])) != arguments[1],
        ),
    ),
    read_again=LOADERS,
)

EXERCISES = (SHARED, SPLIT, IN_FOLDS, LOADER)
