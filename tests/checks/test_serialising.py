"""What is handed over is data, comes back as what it was, and is judged like what it was.

That every answer of the tests is judged so is in `tests/wrong_answers`, where each is tried.
"""

import dataclasses
import io
import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from rppg_lab.checks import Case, Exercise, judging, serialising
from rppg_lab.checks.comparing import Differentiated, describe, equal
from rppg_lab.checks.running import Outcome

ONE = Exercise("10.2", "one case", abs, (Case("a number", "its size", lambda: (-2.0,)),))


def there_and_back(outcome, exercise=ONE):
    (one,) = serialising.unpack(serialising.pack([outcome]), exercise)
    return one


def forged(tree, **arrays):
    file = io.BytesIO()
    np.savez(file, outcomes=np.frombuffer(json.dumps(tree).encode(), np.uint8), **arrays)
    return file.getvalue()


def fields(**changes):
    tree = json.loads(np.load(io.BytesIO(serialising.pack([Outcome(2.0)])))["outcomes"].tobytes())[0]
    return {**tree, **changes}


@dataclasses.dataclass
class Pair:
    first: float
    second: np.ndarray


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        -(10**40),
        0.1,
        float("nan"),
        float("-inf"),
        2 - 1j,
        "a pulse: λ\n\ud800",
        np.float32(0.1),
        np.bool_(False),
        np.arange(6, dtype=np.uint8).reshape(2, 3)[:, ::2],
        np.array([1 + 2j]),
        np.array(["ana", "ben"]),
        np.zeros((0, 3)),
        torch.arange(3, dtype=torch.int64),
        torch.tensor(1.5),
        torch.tensor([1.5, 2.5], dtype=torch.bfloat16),
        (1, [2, (3.0, "x")], {}),
        {"a": np.ones(2), 3: [None], (1, 2): {"b": torch.ones(2)}},
        {1, "two"},
        Differentiated(torch.tensor(1.0), [torch.ones(2), None]),
    ],
    ids=lambda data: type(data).__name__,  # a set of texts has another repr in each process
)
def test_data_comes_back_as_it_was(value):
    back = there_and_back(Outcome(value)).value
    assert type(back) is type(value)
    assert describe(back) == describe(value)
    if isinstance(value, Differentiated):
        assert equal((back.value, back.gradient), (value.value, value.gradient))
    else:
        assert equal(back, value)
    assert getattr(back, "dtype", None) == getattr(value, "dtype", None)


def test_whether_a_tensor_can_be_followed_back_is_kept():
    assert there_and_back(Outcome(torch.ones(2, requires_grad=True) * 2)).value.requires_grad
    assert not there_and_back(Outcome(torch.ones(2))).value.requires_grad


class Own:
    def __eq__(self, other):
        return True

    def __reduce__(self):
        raise AssertionError("nobody may pickle it")


@pytest.mark.parametrize(
    "value", [Own(), Own, describe, (x for x in "ab"), np.array([Own(), [1, 2]], dtype=object), sys, b"ab", range(3)]
)
def test_what_is_no_data_comes_back_as_a_stand_in_that_does_nothing(value):
    back = there_and_back(Outcome(value)).value
    assert describe(back) == describe(value)
    assert callable(back) == callable(value)
    assert hasattr(back, "__next__") == hasattr(value, "__next__")
    assert type(back) is not Own


def test_a_stand_in_is_taken_for_what_it_stands_for():
    layer = there_and_back(Outcome(torch.nn.Linear(2, 1))).value
    assert isinstance(layer, torch.nn.Module)
    assert not isinstance(layer, torch.nn.Conv1d)
    assert not hasattr(layer, "weight")


def test_a_stand_in_has_nothing_that_numpy_would_follow():
    """An `__array_interface__` names a place in memory: to read there would end whoever collects, or tell a secret."""
    secret = np.array([2.0])
    interface = {"shape": [1], "typestr": "<f8", "data": (secret.ctypes.data, True), "version": 3}
    tree = json.loads(np.load(io.BytesIO(serialising.pack([Outcome(interface)])))["outcomes"].tobytes())[0]["value"]
    kind = {"other": "Own", "module": "m", "name": None, "class": False, "callable": False, "iterator": False}
    content = forged([fields(value={**kind, "fields": {"__array_interface__": tree, "-__array_interface__": tree}})])
    (one,) = serialising.unpack(content, ONE)
    assert np.asarray(one.value).dtype == object


def test_of_an_object_of_ones_own_the_fields_come_back():
    back = there_and_back(Outcome(Pair(1.0, np.ones(2)))).value
    assert (back.first, back.second.tolist()) == (1.0, [1.0, 1.0])
    assert describe(back) == "a Pair"


def test_what_holds_itself_comes_to_an_end():
    value = [1]
    value.append(value)
    assert there_and_back(Outcome(value)).value[0] == 1


class Strange(LookupError):
    def __init__(self):
        super().__init__(object())

    def __str__(self):
        return "strange"


@pytest.mark.parametrize(
    "error",
    [
        ValueError("too short"),
        KeyError("x"),
        OSError(2, "No such file"),
        SystemExit(0),
        RecursionError("deep"),
        np.linalg.LinAlgError("singular"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "start"),
        ExceptionGroup("two", [ValueError("a")]),
        Strange(),
        KeyboardInterrupt(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_come_back_as_what_they_are_and_say_the_same(error):
    back = there_and_back(Outcome(error=error)).error
    assert str(back) == str(error)
    assert type(back).__name__ == type(error).__name__
    if not isinstance(error, Strange | ExceptionGroup | UnicodeDecodeError):
        assert type(back) is type(error)
    assert isinstance(back, LookupError) == isinstance(error, LookupError)


def test_what_was_seen_beside_the_value_comes_back():
    outcome = Outcome(1.0, changed=(0, 2), printed="out", warned="mind", where="line 3: `x`", calls_reference=True)
    back = there_and_back(outcome)
    assert dataclasses.replace(back, arguments=()) == outcome
    assert back.arguments == (-2.0,)  # made here, whatever the other process was fed


# What `np.load` would unpickle, what JSON would not be, and outcomes of cases that were never tried.
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PASS",
        forged([]),
        forged({}),
        forged("PASS"),
        forged([fields(), fields()]),
        forged([{}]),
        forged([fields(ended="no")]),
        forged([fields(changed=["0"])]),
        forged([fields(value={"array": 0})]),
        forged([fields(value={"pickle": "gASVCAAAAAAAAACMBFBBU1OULg=="})]),
        forged([fields(value={"tensor": 0, "dtype": "load", "gradient": False})], **{"0": np.ones(1)}),
        forged([[]]),
        forged([fields(error={"module": "os", "name": "system", "bases": ["eval"], "args": ["true"], "says": ""})]),
    ],
)
def test_what_cannot_have_been_handed_over_is_refused(content):
    with pytest.raises(ValueError, match="handed over"):
        serialising.unpack(content, ONE)


def test_a_pickle_is_not_opened(tmp_path):
    file = io.BytesIO()
    opened = tmp_path / "opened"

    class Opening:
        def __reduce__(self):
            return Path.touch, (opened,)

    np.savez(
        file,
        outcomes=np.frombuffer(json.dumps([fields(value={"array": 0})]).encode(), np.uint8),
        **{"0": np.array([Opening()], dtype=object)},
    )
    with pytest.raises(ValueError, match="allow_pickle"):
        serialising.unpack(file.getvalue(), ONE)
    assert not opened.exists()


def test_outcomes_that_are_missing_are_no_pass():
    """Neither handed over nor judged: of a case that was not tried nobody knows."""
    three = dataclasses.replace(ONE, cases=ONE.cases * 3)
    for outcomes in ([], [Outcome(2.0)], [Outcome(2.0)] * 2):
        with pytest.raises(ValueError, match="of 3 cases"):
            serialising.unpack(serialising.pack(outcomes), three)
        with pytest.raises(ValueError, match="3 cases"):
            judging.judge(three, outcomes)
    stopped = serialising.unpack(serialising.pack([Outcome(2.0), Outcome(ended=False)]), three)
    assert judging.judge(three, stopped).state == judging.FAIL


def test_more_than_an_answer_returns_is_refused(monkeypatch):
    monkeypatch.setattr(serialising, "LARGEST", 10_000)
    with pytest.raises(ValueError, match="more came back"):
        serialising.pack([Outcome(np.zeros(10_000))])
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("outcomes.npy", b"\0" * 100_000)
    assert len(bomb.getvalue()) < 1000
    with pytest.raises(ValueError, match="more was handed over"):
        serialising.unpack(bomb.getvalue(), ONE)
