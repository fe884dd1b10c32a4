"""From what was observed to what is said: PASS, TODO, or FAIL with the idea behind it.

The order is that of a patient teacher: first what stops everything (the package's own function handed in, a stub),
then the misconceptions the exercise knows by name, then what can go wrong with any function (`diagnosing.py`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rppg_lab.checks import diagnosing
from rppg_lab.checks.comparing import describe
from rppg_lab.checks.declaring import Case, Exercise, Mistake
from rppg_lab.checks.running import Outcome, known_by_its_name, observe, own_codes

PASS, TODO, FAIL = "PASS", "TODO", "FAIL"
PACKAGE_OWN = "the package's own function"
MOST_CASES = 0.6  # of those that tell a mistake apart: two of three; the others may show a second mistake
REMEMBERED = 512  # outcomes of the reference and the twins: some lessons' worth
OUR_PATIENCE = 10  # the reference and the twins may take this many times a learner's limit


@dataclass(frozen=True)
class Result:
    """What a check found. state: PASS, TODO or FAIL; finding: the name of the misconception, "" unless FAIL.

    text: what is said to the learner, without the state and the number. Nothing of it gives the solution away.
    """

    number: str
    state: str
    finding: str = ""
    text: str = ""
    read_again: str = ""


@dataclass(frozen=True)
class _Seen:
    """One case with what the reference and the learner's function made of it."""

    case: Case
    wanted: Outcome
    got: Outcome


def grade(exercise: Exercise, attempt: Callable[..., Any], *, time_limit: float | None = None) -> Result:
    """Try an answer on every case of an exercise and say what was found; nothing is printed, recorded or replaced.

    time_limit: seconds for one case, in place of the exercise's own.
    """
    return judge(exercise, try_out(exercise, attempt, time_limit=time_limit))


def try_out(exercise: Exercise, attempt: Callable[..., Any], *, time_limit: float | None = None) -> list[Outcome]:
    """What an answer did on each case, without a judgement; ends early where the rest would tell nothing."""
    forbidden = tuple(code for own in (exercise.reference, *exercise.refused) for code in own_codes(own))
    if attempt is exercise.reference or set(own_codes(attempt)) & set(forbidden):
        return [Outcome(calls_reference=True)]
    outcomes = []
    with known_by_its_name(attempt):
        for case in exercise.cases:
            outcomes.append(observe(attempt, case, time_limit or exercise.time_limit, forbidden))
            if outcomes[-1].is_last:
                break
    return outcomes


def judge(exercise: Exercise, outcomes: Sequence[Outcome]) -> Result:
    """Hold what an answer did against what the reference does, and name the mistake.

    The only judgement there is: `grade` asks for it in the notebook, `collecting` in a process of its own.
    Raises ValueError when cases are missing, of which nobody knows what the answer does there.
    """
    if len(outcomes) < len(exercise.cases) and not (outcomes and outcomes[-1].is_last):
        raise ValueError(f"exercise {exercise.number} has {len(exercise.cases)} cases, {len(outcomes)} were tried")
    if any(one.calls_reference for one in outcomes):
        return _refused(exercise)
    if any(one.unwritten for one in outcomes):
        return Result(exercise.number, TODO, text="Not written yet.")
    seen = [
        _Seen(case, _observe_ours(exercise, exercise.reference, case), got)
        for case, got in zip(exercise.cases, outcomes, strict=False)  # fewer outcomes: the last one did not end
    ]
    failed = [one for one in seen if not _alike(exercise, one.got, one.wanted)]
    if not failed:
        return Result(exercise.number, PASS, text=exercise.title)
    fits = []
    for mistake in exercise.mistakes:  # first a mistake that explains everything, then one that explains most
        share, example = _fit(exercise, mistake, seen)
        if share >= 1.0:
            return _failure(exercise, example, mistake.name, mistake.says, mistake.read_again)
        fits.append((mistake, share, example))
    for mistake, share, example in fits:
        if share >= MOST_CASES:
            return _failure(exercise, example, mistake.name, mistake.says, mistake.read_again)
    same = _same(exercise, failed[0].got.value, failed[0].wanted.value)
    finding = diagnosing.diagnose(failed[0].got, failed[0].wanted, same, [(one.got, one.wanted) for one in seen])
    return _failure(exercise, failed[0], finding.name, finding.says, exercise.read_again)


@functools.lru_cache(maxsize=REMEMBERED)
def _observe_ours(exercise: Exercise, function: Callable[..., Any], case: Case) -> Outcome:
    """What the reference or a twin does on a case: always the same, so that a second answer need not wait for it."""
    outcome = observe(function, case, OUR_PATIENCE * exercise.time_limit)
    if not outcome.ended:
        raise RuntimeError(f"the check of exercise {exercise.number} is broken: on “{case.fed}” it does not end itself")
    return outcome


def _same(exercise: Exercise, got: Any, expected: Any) -> bool:
    try:
        return bool(exercise.same(got, expected))
    except Exception:  # a rule made for arrays meets whatever a learner returned: that is not the same
        return False


def _alike(exercise: Exercise, got: Outcome, wanted: Outcome) -> bool:
    """Whether an answer did on one case what it should."""
    if not got.ended or set(got.changed) - set(wanted.changed):
        return False
    if wanted.error is not None or got.error is not None:
        return wanted.error is not None and isinstance(got.error, type(wanted.error))
    return _same(exercise, got.value, wanted.value)


def _did_the_same(exercise: Exercise, got: Outcome, twin: Outcome) -> bool:
    """Whether an answer did on one case exactly what a twin did: its errors too, by type and message."""
    if not got.ended or got.changed != twin.changed:
        return False
    if twin.error is not None or got.error is not None:
        return type(got.error) is type(twin.error) and str(got.error) == str(twin.error)
    return _same(exercise, got.value, twin.value)


def _fit(exercise: Exercise, mistake: Mistake, seen: list[_Seen]) -> tuple[float, _Seen | None]:
    """In which share of the cases that tell this mistake apart it was made, and one of them."""
    if mistake.twin is None:
        example = next((one for one in seen if _shows(exercise, mistake, one)), None)
        return float(example is not None), example
    if not all(one.got.ended for one in seen):
        return 0.0, None
    telling, made = 0, []
    for one in seen:
        twin = _observe_ours(exercise, mistake.twin, one.case)
        if _alike(exercise, twin, one.wanted):
            continue  # here the mistake does not show
        if _alike(exercise, one.got, one.wanted):
            return 0.0, None  # who is right here has not made it
        telling += 1
        if _did_the_same(exercise, one.got, twin):
            made.append(one)
    return (len(made) / telling, made[0]) if made else (0.0, None)


def _shows(exercise: Exercise, mistake: Mistake, one: _Seen) -> bool:
    if not one.got.ended or one.got.error is not None or _same(exercise, one.got.value, one.wanted.value):
        return False
    try:
        return bool(mistake.shows(one.got.arguments, one.got.value))
    except Exception:  # a question made for arrays, asked of whatever a learner returned
        return False


def _refused(exercise: Exercise) -> Result:
    text = (
        f"{_sentence(PACKAGE_OWN)}. This answer calls the very function that it is meant to replace."
        " Write it yourself: you will know what it does."
    )
    return Result(exercise.number, FAIL, PACKAGE_OWN, text, exercise.read_again)


def _failure(exercise: Exercise, one: _Seen, name: str, says: str, read_again: str) -> Result:
    lines = [
        f"{_sentence(name)}. {says}",
        f"Fed in: {one.case.fed}",
        f"Came back: {_say_outcome(one.got)}",
        f"Expected: {one.case.expected}",
    ]
    if read_again:
        lines.append(f"Read again: “{read_again}”")
    return Result(exercise.number, FAIL, name, "\n".join(lines), read_again)


def _say_outcome(got: Outcome) -> str:
    if not got.ended:
        return "nothing, it was stopped"
    if got.error is not None:
        message = " ".join(str(got.error).split())
        place = f", at {got.where}" if got.where else ""
        return f"nothing, it stopped with {type(got.error).__name__}" + (f": {message}" if message else "") + place
    return describe(got.value) + (f" (and a warning: {got.warned})" if got.warned else "")


def _sentence(name: str) -> str:
    return name[:1].upper() + name[1:]
