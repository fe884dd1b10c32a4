"""What can go wrong with any function, from the plain (nothing comes back) to the fine (off by one).

Asked only when no misconception that the exercise knows by name fits. The names are constants, because the wrong
answers in the tests ask for them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from rppg_lab.checks.comparing import (
    GRADIENT,
    Difference,
    as_array,
    describe,
    first_difference,
    is_array,
    is_numeric,
    is_tensor,
    with_article,
)
from rppg_lab.checks.running import Outcome

ENDLESS = "it does not end"
RECURSION = "it calls itself without end"
ERROR = "it stops with an error"
NO_ERROR = "no error where one belongs"
PRINTED = "printed, not returned"
NOTHING = "nothing comes back"
FUNCTION = "a function comes back, not its result"
GENERATOR = "a generator comes back, not its values"
ARGUMENT_CHANGED = "the argument is changed"
LIST = "a list, not an array"
TYPE = "another kind of result"
PARTS = "other parts"
GRADIENT_LOST = "the gradient is lost"
GRADIENT_WRONG = "right value, wrong gradient"
TRANSPOSED = "axes swapped"
SHAPE = "another shape"
NOT_A_NUMBER = "not a number"
WHOLE = "cut to whole numbers"
SIGN = "upside down"
FACTOR = "off by a factor"
OFFSET = "off by a constant"
SHIFTED = "shifted by one"
REVERSED = "back to front"
OTHER = "other values"

MOST_AXES = 5  # a batch of videos has five; their orders are tried out
FEWEST_IN_TIME = 4  # a shift or a reversal of fewer values may be chance
UNIT_SLIPS = {  # a factor, and what was probably mixed up
    60.0: "per second and per minute",
    1000.0: "seconds and milliseconds",
    100.0: "a share and per cent",
    255.0: "0 to 1 and 0 to 255",
    2 * math.pi: "hertz and radians per second",
    180 / math.pi: "radians and degrees",
}


class Finding(NamedTuple):
    """The name of what is wrong, and one or two sentences about it."""

    name: str
    says: str


def diagnose(got: Outcome, wanted: Outcome, same: bool, all_cases: Iterable[tuple[Outcome, Outcome]]) -> Finding:
    """Name what is wrong with one outcome that failed.

    same: whether the value itself is right. all_cases: (got, wanted) of every case: a relation between the numbers
    that holds in all of them is no chance.
    """
    if not got.ended:
        return Finding(ENDLESS, "A loop whose condition never changes? A right answer takes milliseconds.")
    if isinstance(got.error, RecursionError):
        return Finding(RECURSION, "The case in which it would stop is never reached.")
    if got.error is not None:
        if got.where:
            return Finding(ERROR, "Python could not do what the line named below says, with what the line was given.")
        return Finding(ERROR, "It could not be called, or what it gave could not be used, as the exercise asks.")
    if wanted.error is not None:
        kind = type(wanted.error).__name__
        return Finding(NO_ERROR, f"This input makes no sense, and whoever called must be told, with a {kind}.")
    if not same:
        # A rule of the exercise's own may have found what the general one does not see.
        part = first_difference(got.value, wanted.value) or Difference("", got.value, wanted.value)
        finding = _of_form(part, got.printed) or _of_values(all_cases)
        if finding:
            about = f" This is about {part.where}." if part.where and not part.where.startswith(GRADIENT) else ""
            return Finding(finding.name, finding.says + about)
    if set(got.changed) - set(wanted.changed):
        return Finding(ARGUMENT_CHANGED, "What was fed in is not what it was, and whoever called still needs it.")
    return Finding(OTHER, "The form is right, the values are not.")


def _of_form(part: Difference, printed: str) -> Finding | None:
    got, wanted = part.got, part.expected
    if part.where.startswith(GRADIENT):
        if got is None:
            return Finding(
                GRADIENT_LOST,
                "The value cannot be followed back to the input: .item(), .detach(), .numpy() or a new tensor on the"
                " way? A network could learn nothing from it.",
            )
        return Finding(GRADIENT_WRONG, "Is a part of the way back to the input cut off (.detach(), .data, no_grad)?")
    if got is None and wanted is not None:
        if printed.strip():
            return Finding(PRINTED, "print shows a value to people; return hands it to the next line of code.")
        return Finding(NOTHING, "Is there a return at the end, and does every way through the function reach it?")
    if hasattr(got, "__next__") and not hasattr(wanted, "__next__"):
        return Finding(GENERATOR, "Does a yield, or a bracket (… for …), stand where values belong?")
    if callable(got) and not callable(wanted):
        return Finding(FUNCTION, "Are the brackets of a call missing?")
    if isinstance(wanted, Mapping):
        if not isinstance(got, Mapping):
            return _of_type(wanted)
        return Finding(PARTS, f"Asked for are {', '.join(f'“{key}”' for key in wanted)}.")
    if isinstance(wanted, list | tuple):
        if not isinstance(got, list | tuple) and not is_array(got):
            return _of_type(wanted)
        return Finding(PARTS, f"Asked for are {len(wanted)} results.")
    if is_numeric(wanted):
        return _of_numbers(got, wanted)
    return None if type(got) is type(wanted) else _of_type(wanted)


def _of_numbers(got: Any, wanted: Any) -> Finding | None:
    expected = as_array(wanted)
    if isinstance(got, list | tuple):
        got = numbers(got)
        if is_array(wanted) and first_difference(got, expected) is None:
            return Finding(LIST, "The numbers are right, but one cannot calculate with a list as a whole.")
    if not is_numeric(got):
        return _of_type(wanted)
    given = as_array(got)
    if given.shape != expected.shape:
        return _of_shape(given, expected)
    if (given.dtype == bool) != (expected.dtype == bool):
        return _of_type(wanted)
    if is_tensor(wanted) and not is_tensor(got) and expected.ndim and first_difference(given, expected) is None:
        return _of_type(wanted)
    if given.dtype != bool and not np.isfinite(given).all() and np.isfinite(expected).all():
        return Finding(NOT_A_NUMBER, "A division by zero on the way, a logarithm of nothing, or a mean over nothing?")
    return None


def _of_type(wanted: Any) -> Finding:
    if is_numeric(wanted):
        array = as_array(wanted)
        kind = "yes or no" if array.dtype == bool else "number"
        kind = f"{'tensor' if is_tensor(wanted) else 'array'} of {kind}s" if array.ndim else kind
    else:
        kind = type(wanted).__name__
    return Finding(TYPE, f"Asked for is {with_article(kind)}.")


def _of_shape(given: np.ndarray, expected: np.ndarray) -> Finding:
    orders = itertools.permutations(range(given.ndim)) if 2 <= given.ndim <= MOST_AXES else ()
    if any(first_difference(given.transpose(order), expected) is None for order in orders):
        return Finding(TRANSPOSED, "The values are right, but axes (such as rows and columns) have changed places.")
    asked = f"Asked for is {f'the shape {expected.shape}' if expected.ndim else 'one number'}"
    if given.size == expected.size:
        return Finding(SHAPE, f"{asked}; there are as many values, in another arrangement.")
    return Finding(SHAPE, f"{asked}. Along which axis did you calculate?")


def _of_values(all_cases: Iterable[tuple[Outcome, Outcome]]) -> Finding | None:
    pairs = list(_number_pairs(all_cases))
    if not pairs or any(given.shape != wanted.shape or not np.isfinite(given).all() for given, wanted in pairs):
        return None
    given = np.concatenate([pair[0].ravel() for pair in pairs])
    wanted = np.concatenate([pair[1].ravel() for pair in pairs])
    if not np.isfinite(wanted).all() or not wanted.any() or not given.any():
        return None

    def same(one: np.ndarray, other: np.ndarray) -> bool:
        return first_difference(one, other) is None

    if same(given, np.trunc(wanted)) or same(given, np.round(wanted)):
        return Finding(WHOLE, "What stands after the decimal point is lost.")
    if same(given, -wanted):
        return Finding(SIGN, "Right but for the sign.")
    factor = float(given @ wanted / (wanted @ wanted))
    if given.size > 1 and factor and same(given, factor * wanted):
        return Finding(FACTOR, _say_factor(factor))
    offset = float(np.mean(given - wanted))
    if given.size > 1 and same(given, wanted + offset):
        return Finding(OFFSET, f"Everything is off by the same amount, {describe(offset)}.")
    if all(one.ndim and len(one) >= FEWEST_IN_TIME for one, _ in pairs):
        if all(same(one[::-1], other) for one, other in pairs):
            return Finding(REVERSED, "The first value stands last.")
        if all(same(one[1:], other[:-1]) or same(one[:-1], other[1:]) for one, other in pairs):
            return Finding(SHIFTED, "Every value stands one place beside its own.")
    return None


def _number_pairs(all_cases: Iterable[tuple[Outcome, Outcome]]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """What came back and what should have, where it is numbers; of a result in parts, the first part that differs."""
    for got, wanted in all_cases:
        if got.error is not None or wanted.error is not None:
            continue
        part = first_difference(got.value, wanted.value) or Difference("", got.value, wanted.value)
        given = numbers(part.got)
        if is_numeric(given) and is_numeric(part.expected):
            pair = as_array(given), as_array(part.expected)
            if all(array.dtype.kind == "f" for array in pair):
                yield pair


def numbers(value: Any) -> Any:
    """A list of numbers as an array; anything else as it is."""
    try:
        return as_array(value) if isinstance(value, list | tuple) else value
    except (TypeError, ValueError):  # a list of something else, or of rows of different length
        return value


def _say_factor(factor: float) -> str:
    mixed = [
        name for slip, name in UNIT_SLIPS.items() for one in (slip, 1 / slip) if math.isclose(factor, one, rel_tol=1e-4)
    ]
    return f"Everything is {describe(factor)} times what it should be" + (f": {mixed[0]} mixed up?" if mixed else ".")
