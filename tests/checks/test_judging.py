"""A FAIL names the idea: what any function can get wrong, what an exercise knows by name, and what is no answer."""

import copy
import dataclasses
import functools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rppg_lab.checks import (
    FAIL,
    PASS,
    TODO,
    Case,
    Exercise,
    Mistake,
    close,
    comparing,
    diagnosing,
    grade,
    judging,
    with_gradient,
)

LIMIT = 0.3
WAVE = np.array([0.5, 2.0, -1.25, 3.5, -2.75])
TABLE = np.arange(6.0).reshape(2, 3) + 0.25


def exercise(reference, *inputs, mistakes=(), **settings):
    """An exercise made of a reference and, for each case, its one argument."""
    cases = tuple(
        Case(f"input {i}", f"result {i}", lambda one=one: (copy.deepcopy(one),)) for i, one in enumerate(inputs)
    )
    return Exercise("77.1", "Trying", reference, cases, mistakes, **settings)


def finding(answer, *inputs, reference=lambda x: x * 1.0, **settings):
    return grade(exercise(reference, *inputs, **settings), answer, time_limit=LIMIT).finding


def forever(x):
    while True:
        pass


def again(x):
    return again(x)


class TestAnyFunction:
    @pytest.mark.parametrize(
        ("answer", "name"),
        [
            (forever, diagnosing.ENDLESS),
            (again, diagnosing.RECURSION),
            (lambda x: x[9], diagnosing.ERROR),
            (lambda x: exit(), diagnosing.ERROR),
            (lambda x, y: x, diagnosing.ERROR),
            (lambda x: print(x), diagnosing.PRINTED),
            (lambda x: None, diagnosing.NOTHING),
            (lambda x: lambda: x, diagnosing.FUNCTION),
            (lambda x: (one for one in x), diagnosing.GENERATOR),
            (lambda x: list(x), diagnosing.LIST),
            (lambda x: "0.5", diagnosing.TYPE),
            (lambda x: x > 0, diagnosing.TYPE),
            (lambda x: {"wave": x}, diagnosing.TYPE),
            (lambda x: x[None], diagnosing.SHAPE),
            (lambda x: x[1:], diagnosing.SHAPE),
            (lambda x: x.mean(), diagnosing.SHAPE),
            (lambda x: x / np.zeros_like(x), diagnosing.NOT_A_NUMBER),
            (lambda x: np.trunc(x), diagnosing.WHOLE),
            (lambda x: np.round(x).astype(int), diagnosing.WHOLE),
            (lambda x: -x, diagnosing.SIGN),
            (lambda x: x / 60, diagnosing.FACTOR),
            (lambda x: x + 3, diagnosing.OFFSET),
            (lambda x: x[::-1], diagnosing.REVERSED),
            (lambda x: np.roll(x, 1), diagnosing.SHIFTED),
            (lambda x: np.zeros_like(x), diagnosing.OTHER),
            (lambda x: x**2, diagnosing.OTHER),
        ],
    )
    def test_is_told_what_is_wrong(self, answer, name):
        assert finding(answer, WAVE) == name

    def test_axes(self):
        assert finding(lambda x: x.T, TABLE) == diagnosing.TRANSPOSED
        assert (
            finding(lambda x: x.transpose(1, 2, 0), np.random.default_rng(0).random((2, 3, 4))) == diagnosing.TRANSPOSED
        )
        assert finding(lambda x: x.T * 2, TABLE) == diagnosing.SHAPE

    def test_argument_changed(self):
        def answer(x):
            x *= 1.0
            x -= x.mean()
            return x + WAVE.mean()

        assert finding(answer, WAVE) == diagnosing.ARGUMENT_CHANGED

    def test_a_case_that_could_be_spoiled_is_an_error(self):
        trial = Exercise("77.1", "", abs, (Case("the same wave", "", lambda: (WAVE,)),))
        with pytest.raises(ValueError, match="the same wave"):
            grade(trial, lambda x: np.abs(x))

    def test_parts(self):
        def pair(x):
            return x.mean(), x.std()

        def parts(x):
            return {"mean": x.mean(), "wave": x}

        assert finding(lambda x: pair(x), WAVE, reference=lambda x: pair(x)) == ""
        assert finding(lambda x: (x.mean(),), WAVE, reference=pair) == diagnosing.PARTS
        assert finding(lambda x: {"mean": x.mean()}, WAVE, reference=parts) == diagnosing.PARTS
        result = grade(exercise(parts, WAVE), lambda x: {"mean": x.mean(), "wave": -x})
        assert result.finding == diagnosing.SIGN
        assert "“wave”" in result.text

    def test_one_number_alone_is_called_neither_factor_nor_offset(self):
        assert finding(lambda x: 3 * x, 1.5) == diagnosing.OTHER
        assert finding(lambda x: 3 * x, 1.5, 2.5) == diagnosing.FACTOR

    def test_lost_gradient_and_its_absence(self):
        def reference(x):
            return (x**2).mean()

        def graded(answer):
            case = Case("a row", "its mean square", lambda: (torch.tensor([1.0, 2.0, 3.0]),), use=with_gradient)
            return grade(Exercise("77.1", "", reference, (case,)), answer).finding

        assert graded(lambda x: x.square().sum() / len(x)) == ""
        assert graded(lambda x: torch.tensor((x**2).mean().item())) == diagnosing.GRADIENT_LOST
        assert graded(lambda x: (x**2).mean().detach()) == diagnosing.GRADIENT_LOST
        assert graded(lambda x: (x.detach() * x).mean()) == diagnosing.GRADIENT_WRONG
        assert graded(lambda x: -(x**2).mean()) == diagnosing.SIGN

    def test_missing_error(self):
        def reference(x):
            if x < 0:
                raise ValueError("no such wave")
            return x

        assert finding(lambda x: x, 1.0, -1.0, reference=reference) == diagnosing.NO_ERROR

        def answer(x):
            if x < 0:
                raise ValueError("in my own words")
            return x

        assert finding(answer, 1.0, -1.0, reference=reference) == ""


class TestWhatIsSaid:
    def test_in_words(self):
        case = Case("a wave of two beats", "its mean, 1.5", lambda: (np.array([1.0, 2.0]),))
        trial = Exercise("77.1", "Mean", lambda x: x.mean(), (case,), read_again="Means")
        result = grade(trial, lambda x: x.sum())
        for part in ("a wave of two beats", "Came back: 3", "its mean, 1.5", "“Means”"):
            assert part in result.text

    def test_an_error_with_the_learners_own_line_only(self):
        def answer(x):
            return x.no_such_thing

        text = grade(exercise(lambda x: x, WAVE), answer).text
        assert "AttributeError" in text
        assert "`return x.no_such_thing`" in text
        assert "Traceback" not in text
        assert "running.py" not in text

    def test_a_warning_of_numpy_is_passed_on(self):
        text = grade(exercise(lambda x: x, WAVE), lambda x: x / 0).text
        assert "divide by zero" in text

    @pytest.mark.parametrize(
        ("value", "words"),
        [
            (None, "nothing (None)"),
            (np.float64(0.0200000001), "0.02"),
            (torch.tensor([1.5, 2.0]), "a tensor of shape (2,), float32: 1.5, 2"),
            (np.linspace(-1, 1, 9), "an array of shape (9,), float64, from -1 to 1"),
            (np.array([np.nan] * 7), "an array of shape (7,), float64, 7 of them not numbers"),
            (np.ones(8, bool), "an array of shape (8,), bool, true in 100%"),
            ([], "an empty list"),
            ((1, "a"), "a tuple of 2: 1, 'a'"),
            ([[1, 2]] * 3, "a list of 3, the first: a list of 2: 1, 2"),
            ({"loss": 0.5}, "a dict with “loss”: 0.5"),
            ("x" * 100, repr("x" * 59 + "…")),
            (np.mean, "the function mean"),
            (dict, "the class dict"),
            (object(), "an object"),
        ],
    )
    def test_values_in_words_without_an_address(self, value, words):
        assert comparing.describe(value) == words


class TestKnownMistakes:
    HALF = Mistake("half", "Only half of it.", "Halves", twin=lambda x: x / 2)
    SMALL = Mistake("small", "Too small.", "Sizes", shows=lambda arguments, got: np.all(np.abs(got) < arguments[0]))

    def test_twin_is_named_with_its_section(self):
        result = grade(exercise(lambda x: x, 1.0, 5.0, mistakes=(self.HALF,)), lambda x: 0.5 * x)
        assert (result.state, result.finding, result.read_again) == (FAIL, "half", "Halves")

    def test_twin_must_fit_every_case_that_tells_it_apart(self):
        answer = lambda x: x / 2 if x < 3 else x  # noqa: E731
        assert finding(answer, 1.0, 5.0, reference=lambda x: x, mistakes=(self.HALF,)) == diagnosing.OTHER

    def test_twin_may_fit_most_cases_where_a_second_mistake_hides_the_first(self):
        halves_and_overflows = lambda x: x / 2 if x < 1e3 else np.inf  # noqa: E731
        settings = {"reference": lambda x: x, "mistakes": (self.HALF,)}
        assert finding(halves_and_overflows, 1.0, 5.0, 1e4, **settings) == "half"
        assert finding(halves_and_overflows, 1.0, 1e4, **settings) == diagnosing.OTHER
        right_on_large = lambda x: x / 2 if x < 1e3 else x  # noqa: E731
        assert finding(right_on_large, 1.0, 5.0, 1e4, **settings) == diagnosing.OTHER

    def test_what_explains_everything_goes_before_what_explains_most(self):
        most = Mistake("most", "", "", twin=lambda x: x / 2 if x < 1e3 else x / 3)
        assert finding(lambda x: x / 2, 1.0, 5.0, 1e4, reference=lambda x: x, mistakes=(most, self.HALF)) == "half"

    def test_twin_need_not_fit_where_it_is_right(self):
        """Half of 0 is 0: that case tells nothing, whatever the answer does with it."""
        answer = lambda x: x / 2 if x else 99.0  # noqa: E731
        assert finding(answer, 0.0, 1.0, reference=lambda x: x, mistakes=(self.HALF,)) == "half"

    def test_twin_without_a_telling_case_is_never_named(self):
        assert finding(lambda x: 7.0, 0.0, reference=lambda x: x, mistakes=(self.HALF,)) == diagnosing.OTHER

    def test_twin_may_raise(self):
        squeeze = Mistake("squeezed", "One row is a batch too.", "Batches", twin=lambda x: x.squeeze().sum(axis=1))
        inputs = (np.ones((2, 3)), np.ones((1, 3)))
        sums = lambda x: x.sum(axis=1)  # noqa: E731
        assert finding(lambda x: np.squeeze(x).sum(1), *inputs, reference=sums, mistakes=(squeeze,)) == "squeezed"
        typo = lambda x: x.sum(1) if len(x) > 1 else x.summ()  # noqa: E731
        assert finding(typo, *inputs, reference=sums, mistakes=(squeeze,)) == diagnosing.ERROR

    def test_the_first_that_fits(self):
        assert finding(lambda x: x / 2, 1.0, mistakes=(self.SMALL, self.HALF)) == "small"
        assert finding(lambda x: x / 2, 1.0, mistakes=(self.HALF, self.SMALL)) == "half"

    def test_shows_is_asked_only_where_the_value_is_wrong(self):
        def changes(x):
            x[1] = 5
            return [1, 2]

        always = Mistake("always", "", "", shows=lambda arguments, got: True)
        assert finding(changes, [1, 2], reference=list, mistakes=(always,)) == diagnosing.ARGUMENT_CHANGED

    def test_shows_meets_anything(self):
        assert finding(lambda x: "text", 1.0, mistakes=(self.SMALL,)) == diagnosing.TYPE

    def test_needs_one_way_to_be_told(self):
        with pytest.raises(ValueError, match="twin"):
            Mistake("none", "", "")
        with pytest.raises(ValueError, match="twin"):
            Mistake("both", "", "", twin=abs, shows=lambda arguments, got: True)


def mean_square(x):
    return float(np.mean(np.square(x)))


class Counter:
    """A reference that is a class."""

    def __init__(self, start):
        self.count = start

    def step(self):
        self.count += 1
        return self.count


def steps(counter_class, start):
    counter = counter_class(start)
    return [counter.step(), counter.step()]


COUNTING = Exercise("77.2", "Counting", Counter, (Case("a start", "two steps", lambda: (3,), use=steps),))


class TestNoAnswer:
    @pytest.mark.parametrize(
        "answer",
        [
            mean_square,
            lambda x: mean_square(x),
            functools.partial(mean_square),
            functools.wraps(mean_square)(lambda x: mean_square(x)),
            lambda x: next(map(mean_square, [x])),
            type("Hidden", (), {"__call__": staticmethod(mean_square)})(),
        ],
    )
    def test_the_reference_is_refused_under_any_name(self, answer):
        result = grade(exercise(mean_square, WAVE), answer)
        assert (result.state, result.finding) == (FAIL, judging.PACKAGE_OWN)

    def test_nor_may_it_be_called_where_the_reference_only_renames_it(self):
        trial = dataclasses.replace(exercise(lambda wave: mean_square(wave), WAVE), refused=(mean_square,))
        assert grade(trial, lambda x: mean_square(x)).finding == judging.PACKAGE_OWN
        assert grade(trial, mean_square).finding == judging.PACKAGE_OWN
        assert grade(trial, lambda x: (x**2).mean()).state == PASS

    def test_but_not_what_it_uses_itself(self):
        assert grade(exercise(mean_square, WAVE), lambda x: np.mean(np.square(x))).state == PASS

    def test_a_class_that_only_inherits_is_refused(self):
        assert grade(COUNTING, type("Mine", (Counter,), {})).finding == judging.PACKAGE_OWN

    def test_a_class_of_ones_own_passes(self):
        class Mine:
            def __init__(self, first):
                self.n = first

            def step(self):
                self.n = self.n + 1
                return self.n

        assert grade(COUNTING, Mine).state == PASS
        assert grade(COUNTING, lambda first: Mine(first)).state == PASS

    def test_a_stub_is_to_do(self):
        def stub(x):
            """Mean square."""
            raise NotImplementedError("Exercise 77.1")

        class Stub:
            def __init__(self, start):
                raise NotImplementedError("Exercise 77.2")

        assert grade(exercise(mean_square, WAVE), stub).state == TODO
        assert grade(COUNTING, Stub).state == TODO

    def test_half_a_stub_is_to_do(self):
        def stub(x):
            if len(x) < 3:
                return 0.0
            raise NotImplementedError

        assert grade(exercise(mean_square, np.zeros(2), WAVE), stub).state == TODO


@dataclasses.dataclass
class Agreement:
    bias: float
    low: float


def test_a_check_that_is_broken_says_so():
    with pytest.raises(RuntimeError, match=r"77\.1"):
        grade(exercise(forever, WAVE, time_limit=0.01), lambda x: x)


class TestSame:
    @pytest.mark.parametrize(
        ("got", "expected"),
        [
            (1, 1.0),
            (np.float32(0.1), 0.1),
            (torch.tensor(0.1), 0.1),
            (0.1, torch.tensor(0.1)),
            (np.array(2), 2),
            (torch.arange(3), np.arange(3.0)),
            ([1.0, 2.0], (1.0, 2.0)),
            (np.array([1.0, 2.0]), (1.0, 2.0)),
            ({"b": 1, "a": [np.nan]}, {"a": (float("nan"),), "b": 1.0}),
            (Agreement(1.0, np.float32(2)), Agreement(1, 2)),
            ("physnet", "physnet"),
            (None, None),
            (np.True_, True),
            (np.array([], np.float32), np.array([])),
        ],
    )
    def test_alike_whatever_they_are_made_of(self, got, expected):
        assert close()(got, expected)

    @pytest.mark.parametrize(
        ("got", "expected"),
        [
            (1.0, True),
            (None, 0.0),
            ("1", 1),
            (np.zeros(1), 0.0),
            ([0.0, 0.0], np.zeros(2)),
            (np.zeros(2), torch.zeros(2)),
            ((1, 2, 3), (1, 2)),
            ({"a": 1}, {"a": 1, "b": 2}),
            (np.nan, 0.0),
            (np.array([1.0, np.nan]), np.array([1.0, 2.0])),
            ("a", "b"),
            ("a", None),
        ],
    )
    def test_not_alike(self, got, expected):
        assert not close()(got, expected)

    def test_lists_where_an_exercise_allows_them(self):
        assert close(lists=True)([1.0, 2.0], np.array([1.0, 2.0]))
        assert not close(lists=True)([1.0, 2.5], np.array([1.0, 2.0]))

    @given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20), st.floats(1e-3, 1e3))
    def test_room_is_for_rounding_only(self, values, scale):
        expected = np.array(values) * scale
        assert close()(expected.astype(np.float32), expected)
        wrong = expected.copy()
        wrong[0] += 1e-3 * np.abs(expected).max() + 1e-3
        assert not close()(wrong, expected)
