"""An answer is tried without harm: endless loops end, Ctrl-C works, and the house is left as it was found."""

import _thread
import contextlib
import os
import random
import sys
import threading
import time
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from rppg_lab.checks import running, stopping
from rppg_lab.checks.declaring import Case, call
from rppg_lab.checks.running import observe

LIMIT = 0.2
CASE = Case("nothing", "nothing", lambda: ())


def spin():
    while True:
        pass


def spin_over_exceptions():
    while True:
        with contextlib.suppress(Exception):
            spin()


def spin_over_one_stop():
    try:
        spin()
    except:  # noqa: E722
        spin()


def wait_in_c():
    time.sleep(0.8)


class TestEndlessLoop:
    @pytest.mark.parametrize("answer", [spin, spin_over_exceptions, spin_over_one_stop])
    def test_is_stopped_and_its_thread_gone(self, answer):
        before = threading.active_count()
        began = time.monotonic()
        outcome = observe(answer, CASE, LIMIT)
        assert not outcome.ended
        assert time.monotonic() - began < LIMIT + 1.0
        assert threading.active_count() == before

    def test_that_cannot_be_stopped_holds_nobody_up(self, monkeypatch):
        monkeypatch.setattr(stopping, "GRACE", 0.1)
        began = time.monotonic()
        assert not observe(wait_in_c, CASE, LIMIT).ended
        assert time.monotonic() - began < 1.0
        # The next answer is tried as ever, although an exception is still on its way to that thread.
        outcome = observe(lambda: 7, CASE, LIMIT, running.own_codes(spin))
        assert outcome.ended
        assert outcome.value == 7
        while not stopping.may_profile():  # until that thread has met it
            time.sleep(0.05)

    def test_no_late_exception(self, monkeypatch):
        """Answers that end just when their time is over: the stop lands in their thread or nowhere."""
        stray = []
        monkeypatch.setattr(threading, "excepthook", stray.append)
        monkeypatch.setattr(stopping, "POLL", 0.001)
        for step in range(20):
            seconds = 0.004 + 0.0002 * step

            def answer(seconds=seconds):
                end = time.perf_counter() + seconds
                while time.perf_counter() < end:
                    pass
                return "done"

            outcome = observe(answer, CASE, 0.006)
            assert outcome.value == ("done" if outcome.ended else None)
            for _ in range(2000):  # steps at which a stray exception would be raised here
                pass
        assert not stray

    def test_ctrl_c_is_the_learners(self):
        before = threading.active_count()
        threading.Timer(0.2, _thread.interrupt_main).start()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            observe(spin, CASE, 20.0)
        assert time.monotonic() - began < 2.0
        time.sleep(0.1)  # the timer's own thread
        assert threading.active_count() <= before

    def test_stopping_leaves_no_check_at_every_step_behind(self):
        """Python 3.11 hangs in a traced thread while an exception is on its way to any thread."""
        observe(spin, CASE, LIMIT)
        seen = observe(lambda: sum(range(10)), CASE, 1.0, running.own_codes(spin))
        assert seen.ended


class TestOutcome:
    def test_what_is_printed_is_kept_back(self, capsys):
        outcome = observe(lambda: print("72"), CASE, LIMIT)
        assert outcome.printed == "72\n"
        assert capsys.readouterr().out == ""

    def test_exit_ends_nothing(self):
        assert isinstance(observe(lambda: sys.exit(3), CASE, LIMIT).error, SystemExit)

    def test_an_error_has_its_line_of_the_answer(self):
        def answer(wave):
            fine = len(wave)
            return wave[fine + 1]

        outcome = observe(answer, Case("", "", lambda: (np.zeros(3),)), LIMIT)
        assert isinstance(outcome.error, IndexError)
        assert outcome.where.endswith("`return wave[fine + 1]`")
        assert not outcome.unwritten

    def test_a_stub_is_told_from_an_error_of_a_library(self):
        def stub(wave):
            raise NotImplementedError("Exercise 1.1")

        def answer(wave):
            return torch.nn.Module()(wave)  # raises NotImplementedError itself

        case = Case("", "", lambda: (1,))
        assert observe(stub, case, LIMIT).unwritten
        outcome = observe(answer, case, LIMIT)
        assert isinstance(outcome.error, NotImplementedError)
        assert not outcome.unwritten

    @pytest.mark.parametrize(
        ("make", "change"),
        [
            (lambda: np.zeros(3), lambda wave: wave.sort() or wave.__iadd__(1)),
            (lambda: torch.zeros(3), lambda wave: wave.add_(1)),
            (lambda: [3, 1, 2], lambda items: items.sort()),
            (lambda: {"a": np.zeros(2)}, lambda items: items["a"].fill(1)),
            (lambda: torch.nn.Linear(2, 1), lambda model: model.bias.data.fill_(5)),
        ],
    )
    def test_a_changed_argument_is_noticed(self, make, change):
        case = Case("", "", lambda: ("before", make()))
        assert observe(lambda _, argument: change(argument), case, LIMIT).changed == (1,)
        assert observe(lambda _, argument: repr(argument), case, LIMIT).changed == ()

    def test_the_same_chance_for_every_answer(self):
        def draw():
            return random.random(), np.random.rand(), torch.rand(1).item()  # noqa: NPY002

        assert observe(draw, CASE, LIMIT).value == observe(draw, CASE, LIMIT).value

    def test_code_that_must_not_be_entered(self):
        def reference(x):
            return x + 1

        def detour(x):
            return next(map(reference, [x]))

        case = Case("", "", lambda: (1,))
        forbidden = running.own_codes(reference)
        assert observe(detour, case, LIMIT, forbidden).calls_reference
        assert not observe(lambda x: x + 1, case, LIMIT, forbidden).calls_reference


def vandalise():
    """Change everything that a notebook relies on."""
    random.seed(99)
    np.random.seed(99)  # noqa: NPY002
    torch.manual_seed(99)
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(torch.get_num_threads() + 1)
    torch.set_grad_enabled(False)
    torch.use_deterministic_algorithms(True)
    torch.backends.cudnn.benchmark = not torch.backends.cudnn.benchmark
    torch.backends.cudnn.deterministic = not torch.backends.cudnn.deterministic
    np.seterr(all="raise")
    np.set_printoptions(precision=1)
    os.environ["RPPG_LAB_VANDAL"] = "here"
    os.environ.pop("PATH", None)
    os.chdir(os.sep)
    plt.rcParams["lines.linewidth"] = 17
    plt.figure("vandal")
    warnings.simplefilter("error")
    sys.setrecursionlimit(5000)
    sys.stdout = sys.stderr
    sys.setprofile(lambda *_: None)
    return 1


def house():
    """What a notebook relies on, as values to compare."""
    return {
        "python": random.getstate(),
        "numpy": np.random.get_state()[1].tolist(),  # noqa: NPY002
        "torch": torch.get_rng_state().tolist(),
        "dtype": torch.get_default_dtype(),
        "threads": torch.get_num_threads(),
        "gradients": torch.is_grad_enabled(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "cudnn": (torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic),
        "errors": np.geterr(),
        "print": np.get_printoptions(),
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "matplotlib": dict(plt.rcParams),
        "figures": (plt.get_fignums(), plt.gcf().number),
        "warnings": list(warnings.filters),
        "recursion": sys.getrecursionlimit(),
        "stdout": sys.stdout,
        "profiler": sys.getprofile(),
    }


def test_house_is_left_as_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # The first call of torch's own function imports its compiler, which takes seconds; this is what it then does.
    monkeypatch.setattr(torch, "use_deterministic_algorithms", torch._C._set_deterministic_algorithms)
    figures = [plt.figure(), plt.figure()]
    plt.figure(figures[0].number)  # the current one is not the last one
    profiler = lambda *_: None  # noqa: E731
    sys.setprofile(profiler)
    try:
        before = house()
        inside = {}

        def look(function):
            call(function)
            inside.update(house())

        outcome = observe(vandalise, Case("", "", lambda: (), use=look), 5.0)
        assert outcome.ended
        assert outcome.error is None
        after = house()
    finally:
        sys.setprofile(None)
        for figure in figures:
            plt.close(figure)
    assert after == before
    assert not [name for name in before if inside[name] == before[name]], "the vandal left something alone"


def test_what_stays_is_left_too_when_the_answer_fails():
    before = os.getcwd()

    def answer():
        os.chdir(os.sep)
        raise ValueError

    observe(answer, CASE, LIMIT)
    assert os.getcwd() == before


def test_a_function_knows_its_own_name_while_it_is_tried():
    namespace = {"__name__": __name__, "countdown": "an earlier run of the cell"}
    exec("def countdown(n):\n    return 0 if n == 0 else countdown(n - 1)", namespace)
    answer = namespace["countdown"]
    namespace["countdown"] = "an earlier run of the cell"
    with running.known_by_its_name(answer):
        assert observe(answer, Case("", "", lambda: (3,)), LIMIT).value == 0
    assert namespace["countdown"] == "an earlier run of the cell"
