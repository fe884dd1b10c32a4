"""Every mutant of what an exercise asks for is caught, or stands in `explained.txt` with the reason why it may pass.

What is counted: the mutants that change something. Those that give the same for every input an exercise is about (`=`
in `explained.txt`) change nothing, nobody could catch them, and they count neither as survivors nor among all. Of the
others less than LARGEST_SHARE may survive (`~`: as sound another choice, or not asked for), each with its reason.

What shows that the counting is right: the same code, compiled anew and not changed, passes, so that no mutant is caught
for another reason than its change; and code that does nothing is caught, so that each piece is really used.
"""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from survivors import EQUIVALENT, SOUND, emptied, exercises, explained, mutants_of, passes, pieces, survivors

from rppg_lab import checks

EXPLAINED = explained()
NUMBERS = [exercise.number for exercise in exercises()]
SPARSE = {"09.3": 4}  # of so many mutants one: a network is built for each (`survivors.py 09.3` tries them all)
FEWEST = 4  # mutants of an exercise; an answer that is a table of four names has as many
LARGEST_SHARE = 0.03  # of the mutants that do change something may survive


@pytest.mark.parametrize("number", NUMBERS)
def test_unchanged_it_passes_and_emptied_it_is_caught(number):
    exercise = checks.find(number)
    for piece in pieces(exercise):
        assert passes(exercise, piece, piece.node), f"{piece.name} is caught although nothing is changed"
        assert not passes(exercise, piece, emptied(piece.node)), f"{piece.name} does nothing, and nobody notices"


@pytest.mark.course
@pytest.mark.parametrize("number", NUMBERS)
def test_mutants_are_caught_or_explained(number):
    every = SPARSE.get(number, 1)
    found = {(mutant.before, mutant.after) for _, mutant in survivors(checks.find(number), every)}
    graded = {(mutant.before, mutant.after) for _, mutant in mutants_of(number)[::every]}
    known = set(EXPLAINED.get(number, {}))
    assert not found - known, "these pass: make a case in which they differ, or explain why they may pass"
    assert not known & graded - found, "these do not survive any more"
    assert known <= {(mutant.before, mutant.after) for _, mutant in mutants_of(number)}, "these are no mutants any more"


def test_few_survive_and_each_has_a_reason():
    assert set(EXPLAINED) <= set(NUMBERS)
    reasons = [reason for of_one in EXPLAINED.values() for reason in of_one.values()]
    assert all(reason.startswith((EQUIVALENT, SOUND)) and len(reason.split()) > 3 for reason in reasons)
    counts = [len(mutants_of(number)) for number in NUMBERS]
    assert min(counts) >= FEWEST
    equivalent = sum(reason.startswith(EQUIVALENT) for reason in reasons)
    assert len(reasons) - equivalent < LARGEST_SHARE * (sum(counts) - equivalent)
