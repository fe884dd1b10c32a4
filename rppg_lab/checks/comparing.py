"""When two results are the same, where they differ, and how to say a value in words.

Numbers are compared without asking where they come from: a float, a NumPy scalar and a tensor of no dimensions are
alike. torch is recognised by its methods and not imported.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

RTOL = 1e-5  # share of the largest expected number: room for float32 and another order of summing
ATOL = 1e-6
FEW = 6  # values of a small array are shown one by one
LONGEST = 60  # characters of a text that is quoted
GRADIENT = "the gradient"  # where a difference may be


class Difference(NamedTuple):
    """The first place where two results part."""

    where: str  # "" for the whole result, else "“loss”", "part 3"
    got: Any
    expected: Any


@dataclasses.dataclass(frozen=True)
class Differentiated:
    """A value and its gradient for each input; None where there is no way back to the input."""

    value: Any
    gradient: list[Any] | None


def close(rtol: float = RTOL, atol: float = ATOL, *, lists: bool = False) -> Callable[[Any, Any], bool]:
    """Make the rule "equal but for rounding" for numbers, arrays, tensors, and tuples, lists and dicts of them.

    rtol counts against the largest expected number of an array, not against each (a pulse crosses zero).
    lists: accept a list where an array is expected.
    """
    return lambda got, expected: first_difference(got, expected, rtol, atol, lists=lists) is None


def first_difference(
    got: Any, expected: Any, rtol: float = RTOL, atol: float = ATOL, *, lists: bool = False, where: str = ""
) -> Difference | None:
    """Find the first place where `got` is not `expected`; None when they are the same."""

    def inside(pairs: list[tuple[str, Any, Any]]) -> Difference | None:
        for place, one, other in pairs:
            found = first_difference(one, other, rtol, atol, lists=lists, where=", ".join(filter(None, (where, place))))
            if found:
                return found
        return None

    here = Difference(where, got, expected)
    if isinstance(expected, Mapping):
        if not isinstance(got, Mapping) or set(got) != set(expected):
            return here
        return inside([(f"“{key}”", got[key], expected[key]) for key in expected])
    if isinstance(expected, Differentiated) and isinstance(got, Differentiated):
        return inside([("", got.value, expected.value), (GRADIENT, got.gradient, expected.gradient)])
    if dataclasses.is_dataclass(expected) and not isinstance(expected, type):
        names = [field.name for field in dataclasses.fields(expected)]
        if not all(hasattr(got, name) for name in names):
            return here
        return inside([(f"“{name}”", getattr(got, name), getattr(expected, name)) for name in names])
    if isinstance(expected, list | tuple):
        if is_array(got) and np.ndim(as_array(got)) > 0:
            got = list(got)  # three numbers in an array can be unpacked like three numbers in a tuple
        if not isinstance(got, list | tuple) or len(got) != len(expected):
            return here
        return inside(
            [(f"part {i}", one, other) for i, (one, other) in enumerate(zip(got, expected, strict=True), start=1)]
        )
    if is_numeric(expected):
        return None if _numbers_close(got, expected, rtol, atol, lists) else here
    try:
        return None if type(got) is type(expected) and bool(got == expected) else here
    except (TypeError, ValueError):  # an == that gives no yes or no
        return here


def _numbers_close(got: Any, expected: Any, rtol: float, atol: float, lists: bool) -> bool:
    if isinstance(got, list | tuple) and lists:
        got = as_array(got)
    if got is None or not is_numeric(got):
        return False
    wanted, given = as_array(expected), as_array(got)
    if wanted.ndim and is_tensor(expected) and not is_tensor(got):
        return False  # what follows needs a tensor: it will ask for its gradient
    if given.shape != wanted.shape or (given.dtype == bool) != (wanted.dtype == bool):
        return False
    if wanted.dtype == bool:
        return bool(np.array_equal(given, wanted))
    finite = np.abs(wanted[np.isfinite(wanted)])
    room = atol + rtol * (float(finite.max()) if finite.size else 0.0)
    return bool(np.allclose(given, wanted, rtol=0.0, atol=room, equal_nan=True))


def is_tensor(value: Any) -> bool:
    """Whether the value is a torch tensor."""
    return hasattr(value, "detach") and hasattr(value, "requires_grad")


def is_array(value: Any) -> bool:
    """Whether the value is a NumPy array or a tensor."""
    return isinstance(value, np.ndarray) or is_tensor(value)


def is_numeric(value: Any) -> bool:
    """Whether the value is a number or an array of numbers (true and false count)."""
    if is_tensor(value):
        return True
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "biufc"
    return isinstance(value, bool | int | float | complex | np.number | np.bool_)


def as_array(value: Any) -> np.ndarray:
    """The numbers of a value as a NumPy array; whole numbers become float64, so that differences cannot wrap around.

    Raises TypeError or ValueError for what holds no numbers.
    """
    if is_tensor(value):
        value = _tensor_numbers(value)
    elif isinstance(value, list | tuple):
        value = np.array([as_array(item) for item in value])
    array = np.asarray(value)
    if array.dtype == bool or array.dtype.kind == "c":
        return array
    return array.astype(np.float64)


def _tensor_numbers(tensor: Any) -> np.ndarray:
    tensor = tensor.detach().cpu()
    return (tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor).numpy()  # NumPy knows no bfloat16


def equal(one: Any, other: Any) -> bool:
    """Whether two values are exactly alike: arrays, tensors, containers of them, and anything with a `state_dict`.

    For finding out whether an argument was changed; other objects cannot be looked into and count as alike.
    """
    if is_tensor(one) and is_tensor(other):
        one, other = _tensor_numbers(one), _tensor_numbers(other)
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        if one.shape != other.shape or one.dtype != other.dtype:
            return False
        return bool(np.array_equal(one, other, equal_nan=one.dtype.kind in "fc"))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return list(one) == list(other) and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, str | bytes | int | float | complex | set | type(None)):
        return bool(one == other) or (isinstance(one, float) and math.isnan(one))
    if hasattr(one, "state_dict") and hasattr(other, "state_dict"):
        return equal(one.state_dict(), other.state_dict())
    return True


def describe(value: Any) -> str:
    """Say a value in a few words, without an address and without line breaks."""
    if value is None:
        return "nothing (None)"
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if is_numeric(value):
        array = as_array(value)
        return _number(array.item()) if array.ndim == 0 else _describe_array(value, array)
    if isinstance(value, Differentiated):
        return describe(value.value)
    if isinstance(value, str):
        return repr(value if len(value) <= LONGEST else value[: LONGEST - 1] + "…")
    if isinstance(value, Mapping):
        parts = [f"“{key}”: {describe(value[key])}" for key in list(value)[:FEW]]
        return f"a dict with {', '.join(parts)}" if parts else "an empty dict"
    if isinstance(value, list | tuple):
        kind = type(value).__name__
        if not value:
            return f"an empty {kind}"
        if len(value) <= FEW and not any(isinstance(item, list | tuple | Mapping) for item in value):
            return f"a {kind} of {len(value)}: " + ", ".join(map(describe, value))
        return f"a {kind} of {len(value)}, the first: {describe(value[0])}"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if callable(value) and hasattr(value, "__name__"):
        return f"the function {value.__name__}"
    return with_article(type(value).__name__)


def with_article(noun: str) -> str:
    """ "a number", "an array"."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _describe_array(value: Any, array: np.ndarray) -> str:
    kind = "a tensor" if is_tensor(value) else "an array"
    text = f"{kind} of shape {tuple(array.shape)}, {str(value.dtype).removeprefix('torch.')}"
    if array.size == 0:
        return text + ", empty"
    if array.size <= FEW:
        return text + ": " + ", ".join(_number(item) for item in array.ravel().tolist())
    if array.dtype == bool:
        return f"{text}, true in {array.mean():.0%}"
    if array.dtype.kind == "c":
        return f"{text}, complex"
    if not np.isfinite(array).all():
        return f"{text}, {(~np.isfinite(array)).sum()} of them not numbers"
    return f"{text}, from {_number(array.min().item())} to {_number(array.max().item())}"


def _number(value: Any) -> str:
    return str(value) if isinstance(value, bool | complex) else f"{value:.6g}"
