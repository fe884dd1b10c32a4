"""What a learner's process hands over: outcomes as arrays and JSON in one npz file, never a pickle.

Reading it runs nothing that the learner wrote. A result that is no plain data (a function, a generator, an object of a
learner's own class) comes back as a stand-in that is described like it and does nothing.
"""

from __future__ import annotations

import builtins
import dataclasses
import io
import json
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from rppg_lab.checks.comparing import Differentiated, is_tensor
from rppg_lab.checks.declaring import Exercise
from rppg_lab.checks.running import Outcome, make_twice

TREE = "outcomes"  # the member of the npz file that holds the JSON
DEEPEST = 30  # containers in containers: a list may hold itself
LONGEST_TEXT = 4000  # characters of what was printed, warned or said by an error
LARGEST = 256 * 2**20  # bytes of all that one answer returned
BIG = 10**4000  # Python turns no longer whole number into text
KNOWN = ("builtins", "numpy", "torch", "h5py", "json", "rppg_lab")  # packages whose classes are known by their name


def pack(outcomes: Sequence[Outcome]) -> bytes:
    """What an answer did on each case, as the content of an npz file. Raises ValueError when it is too much."""
    arrays: list[np.ndarray] = []
    tree = [
        {
            "value": _encode(one.value, arrays),
            "error": None if one.error is None else _encode_error(one.error),
            "ended": one.ended,
            "where": one.where[:LONGEST_TEXT],
            "unwritten": one.unwritten,
            "calls_reference": one.calls_reference,
            "changed": list(one.changed),
            "printed": one.printed[:LONGEST_TEXT],
            "warned": one.warned[:LONGEST_TEXT],
        }
        for one in outcomes
    ]
    text = json.dumps(tree).encode("ascii")
    if len(text) + sum(array.nbytes for array in arrays) > LARGEST:
        raise ValueError(f"more came back than {LARGEST / 2**20:.0f} MB")
    members = {str(i): array for i, array in enumerate(arrays)}
    file = io.BytesIO()
    np.savez(file, **{TREE: np.frombuffer(text, np.uint8)}, **members)
    return file.getvalue()


def unpack(content: bytes, exercise: Exercise) -> list[Outcome]:
    """The outcomes of `pack`, from a process that nobody need trust.

    The arguments that belong to each are made here. Raises ValueError for whatever `pack` cannot have written about
    this exercise: another number of outcomes above all.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            if sum(member.file_size for member in file.infolist()) > 2 * LARGEST:
                raise ValueError("more was handed over than an answer can return")
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            tree = json.loads(file[TREE].tobytes())
            outcomes = [_decode_outcome(one, lambda name: file[str(name)]) for one in tree]
    except Exception as error:  # whatever a forged file leads to
        raise ValueError(f"what was handed over cannot be read ({type(error).__name__}: {error})") from None
    missing = len(exercise.cases) - len(outcomes)
    if missing < 0 or (missing and not (outcomes and outcomes[-1].is_last)):
        raise ValueError(f"{len(outcomes)} outcomes were handed over, of {len(exercise.cases)} cases")
    for outcome, case in zip(outcomes, exercise.cases, strict=False):
        outcome.arguments = make_twice(case)[0]
    return outcomes


def _encode(value: Any, arrays: list[np.ndarray], depth: int = 0) -> Any:
    def inside(values: Any) -> list[Any]:
        return [_encode(one, arrays, depth + 1) for one in values]

    def store(array: np.ndarray) -> int:
        arrays.append(array)
        return len(arrays) - 1

    kind = type(value)
    if value is None or kind in (bool, float, str) or (kind is int and abs(value) < BIG):
        return value
    if depth > DEEPEST:
        return _encode_other(value)
    if kind is complex:
        return {"complex": [value.real, value.imag]}
    if is_tensor(value):
        return _encode_tensor(value, store)
    if isinstance(value, np.generic | np.ndarray):
        array = np.asarray(value)
        if array.dtype.hasobject:
            return {"objects": inside(array.ravel().tolist()), "shape": list(array.shape)}
        return {"scalar" if isinstance(value, np.generic) else "array": store(array)}
    if isinstance(value, Differentiated):
        return {"differentiated": inside((value.value, value.gradient))}
    for plain in (list, tuple, set, str):
        if isinstance(value, plain):
            return {plain.__name__: str(value) if plain is str else inside(value)}
    if isinstance(value, Mapping):
        return {"dict": [inside(pair) for pair in value.items()]}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value) if hasattr(value, field.name)]
        return {
            **_encode_other(value),
            "fields": dict(zip(names, inside(getattr(value, n) for n in names), strict=True)),
        }
    return _encode_other(value)


def _encode_tensor(value: Any, store: Callable[[np.ndarray], int]) -> dict[str, Any]:
    import torch

    tensor = value.detach().cpu()
    if tensor.layout != torch.strided:
        return _encode_other(value)
    if tensor.dtype == torch.bfloat16:  # NumPy has none
        tensor = tensor.float()
    name = str(value.dtype).removeprefix("torch.")
    return {"tensor": store(tensor.numpy()), "dtype": name, "gradient": bool(value.requires_grad)}


def _encode_other(value: Any) -> dict[str, Any]:
    name = getattr(value, "__name__", None)
    return {
        "other": str(type(value).__name__),
        "module": str(type(value).__module__),
        "name": name if isinstance(name, str) else None,
        "class": isinstance(value, type),
        "callable": callable(value),
        "iterator": hasattr(value, "__next__"),
    }


def _encode_error(error: BaseException) -> dict[str, Any]:
    simple = all(type(one) in (str, int, float, bool, type(None)) for one in error.args)
    return {
        "module": str(type(error).__module__),
        "name": type(error).__name__,
        "bases": [base.__name__ for base in type(error).__mro__ if base.__module__ == "builtins"],
        "args": list(error.args) if simple else None,
        "says": _say(error),
    }


def _say(error: BaseException) -> str:
    try:
        return str(error)[:LONGEST_TEXT]
    except Exception:  # an error of the learner's own that cannot even be said
        return ""


def _decode_outcome(tree: dict[str, Any], array: Callable[[int], np.ndarray]) -> Outcome:
    texts = {name: tree[name] for name in ("where", "printed", "warned")}
    marks = {name: tree[name] for name in ("ended", "unwritten", "calls_reference")}
    changed = tuple(tree["changed"])
    if not all(isinstance(text, str) for text in texts.values()) or not all(isinstance(i, int) for i in changed):
        raise TypeError("a text or a number is something else")
    if not all(isinstance(mark, bool) for mark in marks.values()):
        raise TypeError("a yes or no is something else")
    error = None if tree["error"] is None else _decode_error(tree["error"])
    return Outcome(_decode(tree["value"], array), error, changed=changed, **texts, **marks)


def _decode(tree: Any, array: Callable[[int], np.ndarray]) -> Any:
    def inside(trees: list[Any]) -> list[Any]:
        return [_decode(one, array) for one in trees]

    match tree:
        case None | bool() | int() | float() | str():
            return tree
        case {"complex": [real, imaginary]}:
            return complex(real, imaginary)
        case {"tensor": int(number), "dtype": str(dtype), "gradient": bool(gradient)}:
            return _decode_tensor(array(number), dtype, gradient)
        case {"array": int(number)}:
            return array(number)
        case {"scalar": int(number)}:
            return array(number)[()]
        case {"objects": list(values), "shape": list(shape)}:
            objects = np.empty(len(values), dtype=object)
            for i, value in enumerate(inside(values)):  # not at once: NumPy would take lists apart
                objects[i] = value
            return objects.reshape(shape)
        case {"differentiated": [value, gradient]}:
            return Differentiated(_decode(value, array), _decode(gradient, array))
        case {"list": list(values)}:
            return inside(values)
        case {"tuple": list(values)}:
            return tuple(inside(values))
        case {"set": list(values)}:
            return set(inside(values))
        case {"str": str(text)}:
            return text
        case {"dict": list(pairs)}:
            return dict(map(inside, pairs))
        case {"other": str()}:
            return _stand_in(tree, array)
    raise ValueError(f"not one of the forms of a value: {str(tree)[:LONGEST_TEXT]}")


def _decode_tensor(numbers: np.ndarray, dtype: str, gradient: bool) -> Any:
    import torch

    kind = getattr(torch, dtype)
    if not isinstance(kind, torch.dtype):
        raise TypeError(f"no type of tensor: {dtype}")
    return torch.from_numpy(numbers.copy()).to(kind).requires_grad_(gradient)


def _stand_in(tree: dict[str, Any], array: Callable[[int], np.ndarray]) -> Any:
    """What is described, and diagnosed, like the thing it stands for, and does nothing.

    `isinstance` takes it for what it stands for, if that is a class of a package the course uses.
    """
    kind, name = (_name(tree[key]) for key in ("other", "name"))
    members: dict[str, Any] = {}
    if tree["class"]:
        return type(name, (), members)
    if tree["callable"]:
        members["__call__"] = lambda self, *_, **__: None
    if tree["iterator"]:
        members["__next__"] = lambda self: None
    if (real := _known_class(tree["module"], tree["other"])) is not None:
        members["__class__"] = property(lambda self: real)
    one = type(kind, (), members)()
    if tree["name"] is not None:
        one.__name__ = name
    for field, value in tree.get("fields", {}).items():
        if not _name(field).startswith("__"):  # NumPy would follow `__array_interface__` to any place in our memory
            setattr(one, _name(field), _decode(value, array))
    return one


def _known_class(module: Any, name: Any) -> type | None:
    """A class by its name, if it is one of the known packages' and loaded here."""
    if str(module).split(".")[0] not in KNOWN:
        return None
    found = getattr(sys.modules.get(str(module)), str(name), None)
    return found if isinstance(found, type) else None


def _name(text: Any) -> str:
    """A name that Python accepts."""
    return "".join(letter for letter in str(text) if letter.isalnum() or letter in "_.<>") or "object"


def _decode_error(tree: dict[str, Any]) -> BaseException:
    """An error of the same kind that says the same; of a learner's own kind, one derived from what it derives from."""
    says = str(tree["says"])
    kind = _known_class(tree["module"], tree["name"])
    if kind is not None and issubclass(kind, BaseException):
        try:
            error = kind(*tree["args"])
            if str(error) == says:
                return error
        except Exception:  # made from something else than it says: one of our own is made below
            pass
    bases = [getattr(builtins, str(name), None) for name in tree["bases"]]
    base = next(base for base in bases if isinstance(base, type) and issubclass(base, BaseException))
    if issubclass(base, BaseExceptionGroup):  # cannot be made without the errors it groups
        base = Exception
    return type(_name(tree["name"]), (base,), {"__str__": lambda self: says, "__init__": lambda self: None})()
