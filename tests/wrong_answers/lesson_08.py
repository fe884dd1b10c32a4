"""Right and wrong answers to the exercises of lesson 08."""

import math
import random
from collections import Counter, defaultdict
from itertools import combinations

import numpy as np
import torch
from answers import right, wrong
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, Subset, random_split

from rppg_lab import clips
from rppg_lab.checks import diagnosing, judging

# --- 08.1 Who is in more than one part? ------------------------------------------------------------------------------


@right("08.1")
def every_pair(parts):
    shared = set()
    for one, other in combinations(parts, 2):
        shared |= set(one) & set(other)
    return sorted(shared)


@right("08.1")
def counted(parts):
    often = Counter()
    for part in parts:
        often.update(set(part))
    return [name for name in often if often[name] > 1]


@right("08.1")
def parts_of_each_person(parts):
    where = defaultdict(set)
    for i, part in enumerate(parts):
        for name in part:
            where[name].add(i)
    return {name for name, places in where.items() if len(places) > 1}


@right("08.1")
def with_numpy(parts):
    names = np.concatenate([np.unique(part) for part in parts])
    unique, counts = np.unique(names, return_counts=True)
    return unique[counts > 1]


@right("08.1")
def seen_before(parts):
    seen, shared = [], []
    for part in parts:
        for name in part:
            if name in seen and name not in shared:
                shared.append(name)
        seen += part
    return shared


@wrong("08.1", "named once for each clip")
def clip_by_clip(parts):
    found = []
    for i, part in enumerate(parts):
        others = {name for j, other in enumerate(parts) if j != i for name in other}
        found += [name for name in part if name in others]
    return found


@wrong("08.1", "who has several clips is suspected")
def counted_clips(parts):
    often = Counter(name for part in parts for name in part)
    return [name for name, count in often.items() if count > 1]


@wrong("08.1", "only people who are in every part")
def intersection_of_all(parts):
    if len(parts) == 1:
        return []
    return sorted(set.intersection(*map(set, parts)))


@wrong("08.1", "compared with the first part only")
def against_training(parts):
    train, *others = parts
    return sorted({name for other in others for name in other if name in train})


@wrong("08.1", "compared with the neighbour only")
def one_after_the_other(parts):
    shared = set()
    for i in range(len(parts) - 1):
        shared.update(set(parts[i]).intersection(parts[i + 1]))
    return sorted(shared)


@wrong("08.1", "everybody is named")
def union(parts):
    return sorted(set().union(*parts))


@wrong("08.1", "the clean ones are named")
def symmetric(parts):
    often = Counter(name for part in parts for name in set(part))
    return [name for name, count in often.items() if count == 1]


@wrong("08.1", diagnosing.TYPE)
def yes_or_no(parts):
    return bool(every_pair(parts))


@wrong("08.1", diagnosing.PRINTED)
def printed(parts):
    print(every_pair(parts))


@wrong("08.1", diagnosing.ARGUMENT_CHANGED)
def emptied(parts):
    shared = every_pair(parts)
    parts.clear()
    return shared


# --- 08.2 Split by subject -------------------------------------------------------------------------------------------


def _sizes(count, ratio):
    exact = [count * share for share in ratio]
    sizes = [math.floor(one + 1e-9) for one in exact]
    while sum(sizes) < count:
        missing = [one - size for one, size in zip(exact, sizes, strict=True)]
        sizes[missing.index(max(missing))] += 1
    while 0 in sizes:
        sizes[sizes.index(max(sizes))] -= 1
        sizes[sizes.index(0)] += 1
    return sizes


def _refuse(people, parts):
    if len(people) < parts:
        raise ValueError(f"{len(people)} people cannot fill {parts} parts")


def _cut(people, sizes):
    parts, first = [], 0
    for size in sizes:
        parts.append(list(people[first : first + size]))
        first += size
    return tuple(parts)


@right("08.2")
def with_the_standard_library(subjects, ratio, seed):
    people = sorted(set(subjects))
    _refuse(people, len(ratio))
    random.Random(seed).shuffle(people)
    return _cut(people, _sizes(len(people), ratio))


@right("08.2")
def split_with_numpy(subjects, ratio, seed):
    people = np.unique(subjects)
    _refuse(people, len(ratio))
    exact = len(people) * np.array(ratio)
    sizes = np.maximum(1, np.floor(exact + 1e-9)).astype(int)
    while sizes.sum() > len(people):
        sizes[sizes.argmax()] -= 1
    while sizes.sum() < len(people):
        sizes[(exact - sizes).argmax()] += 1
    shuffled = np.random.default_rng(seed).permutation(people)
    return np.split(shuffled, np.cumsum(sizes)[:-1])


@right("08.2")
def split_with_torch(subjects, ratio, seed):
    people = sorted(dict.fromkeys(subjects))
    _refuse(people, len(ratio))
    order = torch.randperm(len(people), generator=torch.Generator().manual_seed(seed))
    return [{people[i] for i in part} for part in _cut(order.tolist(), _sizes(len(people), ratio))]


@right("08.2")
def drawn_one_by_one(subjects, ratio, seed):
    left = sorted(set(subjects))
    _refuse(left, len(ratio))
    random.seed(seed)
    parts = [[] for _ in ratio]
    for part, size in zip(parts, _sizes(len(left), ratio), strict=True):
        while len(part) < size:
            part.append(left.pop(random.randrange(len(left))))
    return parts


@wrong("08.2", "the same person in two parts")
def clips_dealt_out(subjects, ratio, seed):
    shuffled = list(subjects)
    random.Random(seed).shuffle(shuffled)
    return _cut(shuffled, _sizes(len(shuffled), ratio))


@wrong("08.2", "the same person in two parts")
def random_split_of_clips(subjects, ratio, seed):
    parts = random_split(range(len(subjects)), ratio, torch.Generator().manual_seed(seed))
    return [sorted({subjects[i] for i in part.indices}) for part in parts]


@wrong("08.2", "named once for each clip")
def subjects_of_the_clips(subjects, ratio, seed):
    parts = with_the_standard_library(subjects, ratio, seed)
    return [[name for name in subjects if name in part] for part in parts]


@wrong("08.2", "somebody is in no part")
def rounded_down(subjects, ratio, seed):
    people = sorted(set(subjects))
    _refuse(people, len(ratio))
    random.Random(seed).shuffle(people)
    return _cut(people, [max(1, int(len(people) * share)) for share in ratio])


@wrong("08.2", "an empty part")
def rest_to_the_last(subjects, ratio, seed):
    people = sorted(set(subjects))
    _refuse(people, len(ratio))
    random.Random(seed).shuffle(people)
    sizes = [int(len(people) * share) for share in ratio[:-1]]
    return _cut(people, [*sizes, len(people) - sum(sizes)])


@wrong("08.2", "an empty part")
def not_refused(subjects, ratio, seed):
    people = sorted(set(subjects))
    random.Random(seed).shuffle(people)
    exact = [len(people) * share for share in ratio]
    sizes = [int(one + 1e-9) for one in exact]
    for _ in range(len(people) - sum(sizes)):
        missing = [one - size for one, size in zip(exact, sizes, strict=True)]
        sizes[missing.index(max(missing))] += 1
    return _cut(people, sizes)


@wrong("08.2", "sizes farther from the ratios than need be")
def rest_to_the_test(subjects, ratio, seed):
    people = sorted(set(subjects))
    _refuse(people, len(ratio))
    random.Random(seed).shuffle(people)
    sizes = [max(1, int(len(people) * share)) for share in ratio[:-1]]
    return _cut(people, [*sizes, len(people) - sum(sizes)])


@wrong("08.2", "drawn without a seed")
def seed_forgotten(subjects, ratio, seed):
    people = sorted(set(subjects))
    _refuse(people, len(ratio))
    random.shuffle(people)
    return _cut(people, _sizes(len(people), ratio))


@wrong("08.2", "the order of a set")
def set_as_it_comes(subjects, ratio, seed):
    people = list(set(subjects))
    _refuse(people, len(ratio))
    random.Random(seed).shuffle(people)
    return _cut(people, _sizes(len(people), ratio))


@wrong("08.2", "the order of the input decides")
def first_come(subjects, ratio, seed):
    people = list(dict.fromkeys(subjects))
    _refuse(people, len(ratio))
    order = np.random.default_rng(seed).permutation(len(people))
    return _cut([people[i] for i in order], _sizes(len(people), ratio))


@wrong("08.2", "every seed draws alike")
def alphabetical(subjects, ratio, seed):
    people = sorted(set(subjects))
    _refuse(people, len(ratio))
    return _cut(people, _sizes(len(people), ratio))


@wrong("08.2", "every seed draws alike")
def always_forty_two(subjects, ratio, seed):
    return with_the_standard_library(subjects, ratio, 42)


@wrong("08.2", diagnosing.ARGUMENT_CHANGED)
def sorted_in_place(subjects, ratio, seed):
    parts = with_the_standard_library(subjects, ratio, seed)
    subjects.sort(reverse=True)
    return parts


@wrong("08.2", diagnosing.NOTHING)
def no_return(subjects, ratio, seed):
    with_the_standard_library(subjects, ratio, seed)


@wrong("08.2", diagnosing.ERROR)
def a_dictionary(subjects, ratio, seed):
    return dict(zip(("train", "validation", "test"), with_the_standard_library(subjects, ratio, seed), strict=False))


@wrong("08.2", judging.PACKAGE_OWN)
def the_package_splits(subjects, ratio, seed):
    return clips.split_subjects(subjects, ratio, seed)


# --- 08.3 Folds ------------------------------------------------------------------------------------------------------


def _enough(people, folds):
    if len(people) < folds:
        raise ValueError(f"{len(people)} people are too few for {folds} folds")


@right("08.3")
def every_kth(subjects, folds, seed):
    people = sorted(set(subjects))
    _enough(people, folds)
    random.Random(seed).shuffle(people)
    return [people[i::folds] for i in range(folds)]


@right("08.3")
def folds_with_numpy(subjects, folds, seed):
    people = np.unique(subjects)
    _enough(people, folds)
    return np.array_split(np.random.default_rng(seed).permutation(people), folds)


@right("08.3")
def dealt_like_cards(subjects, folds, seed):
    people = sorted(set(subjects))
    _enough(people, folds)
    hands = [[] for _ in range(folds)]
    for i, person in enumerate(torch.randperm(len(people), generator=torch.Generator().manual_seed(seed)).tolist()):
        hands[i % folds].append(people[person])
    return hands


@right("08.3")
def the_last_hand_is_large(subjects, folds, seed):
    people = sorted(set(subjects))
    _enough(people, folds)
    random.Random(seed).shuffle(people)
    tested = []
    for left in range(folds, 0, -1):
        size = len(people) // left
        tested.append(set(people[:size]))
        people = people[size:]
    return tuple(tested)


@wrong("08.3", "named once for each clip")
def clips_of_the_fold(subjects, folds, seed):
    return [[name for name in subjects if name in fold] for fold in every_kth(subjects, folds, seed)]


@wrong("08.3", "the teachers, not the tested")
def who_teaches(subjects, folds, seed):
    return [sorted(set(subjects) - set(fold)) for fold in every_kth(subjects, folds, seed)]


@wrong("08.3", "drawn anew for each fold")
def a_new_draw(subjects, folds, seed):
    people = sorted(set(subjects))
    _enough(people, folds)
    rng = np.random.default_rng(seed)
    return [rng.choice(people, math.ceil(len(people) / folds), replace=False) for _ in range(folds)]


@wrong("08.3", "drawn anew for each fold")
def folds_of_clips(subjects, folds, seed):
    shuffled = list(subjects)
    random.Random(seed).shuffle(shuffled)
    return [set(shuffled[i::folds]) for i in range(folds)]


@wrong("08.3", "somebody is tested twice")
def another_step(subjects, folds, seed):
    people = sorted(set(subjects))
    _enough(people, folds)
    random.Random(seed).shuffle(people)
    return [people[i :: i + 1] for i in range(folds)]


@wrong("08.3", "somebody is tested twice")
def windows_that_overlap(subjects, folds, seed):
    people = np.random.default_rng(seed).permutation(sorted(set(subjects)))
    _enough(people, folds)
    size = math.ceil(len(people) / folds)
    return [people[i : i + size] for i in range(folds)]


@wrong("08.3", "drawn anew for each fold")
def shuffled_in_the_loop(subjects, folds, seed):
    people = sorted(set(subjects))
    _enough(people, folds)
    draw, tested = random.Random(seed), []
    for i in range(folds):
        draw.shuffle(people)
        tested.append(people[i::folds])
    return tested


@wrong("08.3", "somebody is never tested")
def rest_forgotten(subjects, folds, seed):
    people = sorted(set(subjects))
    _enough(people, folds)
    random.Random(seed).shuffle(people)
    size = len(people) // folds
    return [people[i * size : (i + 1) * size] for i in range(folds)]


@wrong("08.3", "an empty fold")
def too_many_folds(subjects, folds, seed):
    people = sorted(set(subjects))
    random.Random(seed).shuffle(people)
    return [people[i::folds] for i in range(folds)]


@wrong("08.3", "one fold takes the whole rest")
def last_takes_all(subjects, folds, seed):
    people = sorted(set(subjects))
    _enough(people, folds)
    random.Random(seed).shuffle(people)
    size = len(people) // folds
    return [people[i * size : (i + 1) * size] for i in range(folds - 1)] + [people[(folds - 1) * size :]]


@wrong("08.3", "drawn without a seed")
def folds_by_chance(subjects, folds, seed):
    people = np.unique(subjects)
    _enough(people, folds)
    np.random.shuffle(people)  # noqa: NPY002
    return np.array_split(people, folds)


@wrong("08.3", "the order of a set")
def folds_of_a_set(subjects, folds, seed):
    people = list(set(subjects))
    _enough(people, folds)
    random.Random(seed).shuffle(people)
    return [people[i::folds] for i in range(folds)]


@wrong("08.3", "the order of the input decides")
def folds_as_they_came(subjects, folds, seed):
    people = list(dict.fromkeys(subjects))
    _enough(people, folds)
    random.Random(seed).shuffle(people)
    return [people[i::folds] for i in range(folds)]


@wrong("08.3", "every seed draws alike")
def folds_in_order(subjects, folds, seed):
    people = sorted(set(subjects))
    _enough(people, folds)
    return [people[i::folds] for i in range(folds)]


@wrong("08.3", diagnosing.ARGUMENT_CHANGED)
def folds_that_sort(subjects, folds, seed):
    tested = every_kth(subjects, folds, seed)
    subjects.reverse()
    return tested


@wrong("08.3", diagnosing.GENERATOR)
def folds_that_yield(subjects, folds, seed):
    yield from every_kth(subjects, folds, seed)


@wrong("08.3", judging.PACKAGE_OWN)
def the_package_folds(subjects, folds, seed):
    return clips.subject_folds(subjects, folds, seed)


# --- 08.4 Loaders ----------------------------------------------------------------------------------------------------


@right("08.4")
def with_a_generator(datasets, batch_size, seed):
    train, *others = datasets
    order = torch.Generator().manual_seed(seed)
    loaders = [DataLoader(train, batch_size=batch_size, shuffle=True, generator=order)]
    loaders += [DataLoader(other, batch_size=batch_size) for other in others]
    return tuple(loaders)


@right("08.4")
def with_a_sampler(datasets, batch_size, seed):
    loaders = []
    for i, dataset in enumerate(datasets):
        sampler = RandomSampler(dataset, generator=torch.Generator().manual_seed(seed)) if i == 0 else None
        loaders.append(DataLoader(dataset, batch_size, sampler=sampler))
    return loaders


@right("08.4")
def with_batches_of_a_sampler(datasets, batch_size, seed):
    order = RandomSampler(datasets[0], generator=torch.Generator().manual_seed(seed))
    first = DataLoader(datasets[0], batch_sampler=BatchSampler(order, batch_size, drop_last=False))
    return (first, *(DataLoader(one, batch_size, shuffle=False) for one in datasets[1:]))


@right("08.4")
def by_hand(datasets, batch_size, seed):
    class Loader:
        def __init__(self, dataset, rng=None):
            self.dataset, self.rng = dataset, rng

        def __iter__(self):
            order = list(range(len(self.dataset)))
            if self.rng:
                self.rng.shuffle(order)
            for i in range(0, len(order), batch_size):
                videos, waves = zip(*(self.dataset[j] for j in order[i : i + batch_size]), strict=True)
                yield torch.stack(videos), torch.stack(waves)

    return tuple(Loader(one, random.Random(seed) if i == 0 else None) for i, one in enumerate(datasets))


@wrong("08.4", "the last batch is dropped")
def dropped(datasets, batch_size, seed):
    order = torch.Generator().manual_seed(seed)
    return [DataLoader(one, batch_size, i == 0, generator=order, drop_last=True) for i, one in enumerate(datasets)]


@wrong("08.4", "the test clips are shuffled")
def all_shuffled(datasets, batch_size, seed):
    return [
        DataLoader(one, batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed)) for one in datasets
    ]


@wrong("08.4", "the training clips are not shuffled")
def none_shuffled(datasets, batch_size, seed):
    return [DataLoader(one, batch_size, generator=torch.Generator().manual_seed(seed)) for one in datasets]


@wrong("08.4", "mixed once, then always alike")
def permuted_once(datasets, batch_size, seed):
    order = torch.randperm(len(datasets[0]), generator=torch.Generator().manual_seed(seed)).tolist()
    return [DataLoader(one, batch_size) for one in (Subset(datasets[0], order), *datasets[1:])]


@wrong("08.4", "a number drawn elsewhere changes the order")
def seeded_for_everybody(datasets, batch_size, seed):
    torch.manual_seed(seed)
    return [DataLoader(one, batch_size, shuffle=i == 0) for i, one in enumerate(datasets)]


@wrong("08.4", "a number drawn elsewhere changes the order")
def without_any_seed(datasets, batch_size, seed):
    return [DataLoader(one, batch_size, shuffle=i == 0) for i, one in enumerate(datasets)]


@wrong("08.4", "every seed shuffles alike")
def seed_of_zero(datasets, batch_size, seed):
    return with_a_generator(datasets, batch_size, 0)


@wrong("08.4", "every seed shuffles alike")
def generator_without_seed(datasets, batch_size, seed):
    order = torch.Generator()
    return [DataLoader(one, batch_size, shuffle=i == 0, generator=order) for i, one in enumerate(datasets)]


@wrong("08.4", "batches of another size")
def size_forgotten(datasets, batch_size, seed):
    return with_a_generator(datasets, 1, seed)


@wrong("08.4", diagnosing.NOTHING)
def loaders_lost(datasets, batch_size, seed):
    with_a_generator(datasets, batch_size, seed)


@wrong("08.4", diagnosing.ERROR)
def one_loader(datasets, batch_size, seed):
    return DataLoader(datasets[0], batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed))


@wrong("08.4", judging.PACKAGE_OWN)
def the_package_loads(datasets, batch_size, seed):
    return clips.split_data_loader(datasets, batch_size, seed=seed)
