"""Try a learner's function on one case, see all that comes of it, and leave the house as it was found."""

from __future__ import annotations

import contextlib
import inspect
import io
import linecache
import os
import random
import sys
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rppg_lab import seeding
from rppg_lab.checks import stopping
from rppg_lab.checks.comparing import equal, is_array
from rppg_lab.checks.declaring import Case

SEED = 0  # before each call, so that a function that draws numbers is compared draw for draw


@dataclass
class Outcome:
    """What one case showed of a function."""

    value: Any = None
    error: BaseException | None = None
    ended: bool = True  # False: stopped, or left behind, when its time was over
    where: str = ""  # of an error: "line 3: `return wave[n]`", in the learner's own code
    unwritten: bool = False  # the stub's own NotImplementedError
    calls_reference: bool = False
    changed: tuple[int, ...] = ()  # which arguments are not as they were, counted from 0
    arguments: tuple[Any, ...] = ()  # what was fed in, unchanged
    printed: str = ""
    warned: str = ""

    @property
    def is_last(self) -> bool:
        """Whether the cases after this one would tell nothing, so that they are not tried."""
        return self.calls_reference or self.unwritten or not self.ended


def observe(
    function: Callable[..., Any], case: Case, time_limit: float, forbidden: tuple[types.CodeType, ...] = ()
) -> Outcome:
    """Run one case on a function and report what came of it; nothing it raises gets out, except Ctrl-C.

    forbidden: code that must not be entered meanwhile (the reference's); whether it was is reported.
    """
    with left_as_found():
        untouched, arguments = make_twice(case)
        _seed()
        printed = io.StringIO()
        with (
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(io.StringIO()),
            warnings.catch_warnings(record=True) as warned,
        ):
            warnings.simplefilter("always")
            watch = _Watch(forbidden)
            call = stopping.run(watch(lambda: case.use(function, *arguments)), time_limit)
        outcome = Outcome(call.value, call.error, call.ended, arguments=untouched, calls_reference=watch.entered)
        outcome.printed = printed.getvalue()
        outcome.warned = str(warned[0].message) if warned else ""
        if outcome.ended:
            pairs = enumerate(zip(arguments, untouched, strict=True))
            outcome.changed = tuple(i for i, (now, then) in pairs if not equal(now, then))
        if outcome.error is not None:
            outcome.where, outcome.unwritten = _place(outcome.error, function)
        return outcome


def make_twice(case: Case) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The arguments twice: to feed in, and to see afterwards whether the function changed them."""
    _seed()
    one = case.make()
    _seed()
    other = case.make()
    if any(a is b and (is_array(a) or isinstance(a, list | dict | set)) for a, b in zip(one, other, strict=True)):
        raise ValueError(
            f"the check is broken: its case “{case.fed}” gives the same object at every call, make a new one"
        )
    return one, other


class _Watch:
    """Notices whether some code is entered during a call, under whatever name it is called."""

    def __init__(self, codes: tuple[types.CodeType, ...]):
        self.entered = False
        self._codes = {id(code) for code in codes}  # the identity is enough, and quick: this is asked at every call

    def __call__(self, work: Callable[[], Any]) -> Callable[[], Any]:
        def watched() -> Any:
            sys.setprofile(self._look)  # of this thread alone: a profiler of the notebook's is not disturbed
            try:
                return work()
            finally:
                sys.setprofile(None)

        return watched if self._codes and stopping.may_profile() else work

    def _look(self, frame: types.FrameType, event: str, _: Any) -> None:
        if event == "call" and id(frame.f_code) in self._codes:
            self.entered = True


def _seed() -> None:
    random.seed(SEED)
    np.random.seed(SEED)  # noqa: NPY002 — learners draw from it
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.default_generator.manual_seed(SEED)  # torch.manual_seed takes 3 ms: it asks for each kind of device
        if torch.cuda.is_initialized():
            torch.cuda.manual_seed_all(SEED)


def own_codes(function: Any) -> tuple[types.CodeType, ...]:
    """The compiled code of a function, or of every method of a class; decorators are looked through."""
    return tuple(one.__code__ for one in own_functions(function))


def own_functions(function: Any) -> tuple[types.FunctionType, ...]:
    """The function, or every method of a class, that is written in Python; decorators are looked through."""
    found = []
    for item in vars(function).values() if isinstance(function, type) else (function,):
        if isinstance(item, property):
            item = item.fget
        if isinstance(item, staticmethod | classmethod):
            item = item.__func__
        item = inspect.unwrap(item) if callable(item) else None
        if hasattr(item, "__code__"):
            found.append(item)
    return tuple(found)


def _place(error: BaseException, function: Callable[..., Any]) -> tuple[str, bool]:
    """Where in the learner's code an error arose, in words, and whether it is the stub's "not written yet"."""
    files = {code.co_filename for code in own_codes(function)}
    steps = list(traceback.walk_tb(error.__traceback__))
    own = [(frame, number) for frame, number in steps if frame.f_code.co_filename in files]
    if not own:
        return "", False
    frame, number = own[-1]
    text = linecache.getline(frame.f_code.co_filename, number).strip()
    raised_there = steps[-1][0] is frame and (not text or "raise" in text)
    where = f"line {number}" + (f": `{text}`" if text else "")
    return where, raised_there and isinstance(error, NotImplementedError)


@contextlib.contextmanager
def known_by_its_name(function: Callable[..., Any]) -> Iterator[None]:
    """Bind the function to its own name where it was written, as it will be once it is decorated.

    Without this a function that calls itself, or a class that says `super(Name, self)`, would meet nothing under its
    name, or what an earlier run of the cell left there.
    """
    name = getattr(function, "__name__", "")
    home = sys.modules.get(getattr(function, "__module__", None) or "")
    names = getattr(function, "__globals__", None) or (vars(home) if home else None)
    if names is None or getattr(function, "__qualname__", None) != name:  # written inside another function
        yield
        return
    missing = object()
    before = names.get(name, missing)
    names[name] = function
    try:
        yield
    finally:
        if before is missing:
            names.pop(name, None)
        else:
            names[name] = before


@contextlib.contextmanager
def left_as_found() -> Iterator[None]:
    """Whatever is drawn, seeded, set, opened or warned about inside, afterwards all is as before.

    Covers the random generators, the environment, the folder, NumPy's, torch's and matplotlib's settings, open
    figures, warning filters and the recursion limit. torch and matplotlib are looked at only where already loaded.
    """
    with contextlib.ExitStack() as stack:
        keep = stack.callback
        stack.enter_context(warnings.catch_warnings())
        stack.enter_context(np.errstate())
        stack.enter_context(np.printoptions())
        keep(sys.setrecursionlimit, sys.getrecursionlimit())
        keep(_restore_environment, dict(os.environ))
        keep(os.chdir, os.getcwd())
        _keep_random_state(stack)
        _keep_torch(stack)
        _keep_figures(stack)
        yield


def _restore_environment(before: dict[str, str]) -> None:
    if dict(os.environ) != before:
        os.environ.clear()
        os.environ.update(before)


def _keep_random_state(stack: contextlib.ExitStack) -> None:
    if "torch" in sys.modules:
        stack.enter_context(seeding.untouched_random_state())
    else:  # that would import torch, which lessons without it need not wait for
        stack.callback(random.setstate, random.getstate())
        stack.callback(np.random.set_state, np.random.get_state())  # noqa: NPY002


def _keep_torch(stack: contextlib.ExitStack) -> None:
    torch = sys.modules.get("torch")
    if torch is None:
        return
    keep = stack.callback
    keep(torch.set_default_dtype, torch.get_default_dtype())
    keep(torch.set_num_threads, torch.get_num_threads())
    keep(torch.set_grad_enabled, torch.is_grad_enabled())
    algorithms = _deterministic(torch)

    def restore_algorithms() -> None:
        if _deterministic(torch) != algorithms:  # setting it imports torch's compiler, which takes two seconds
            torch.use_deterministic_algorithms(algorithms[0], warn_only=algorithms[1])

    keep(restore_algorithms)
    cudnn = torch.backends.cudnn
    for name in ("deterministic", "benchmark"):
        keep(setattr, cudnn, name, getattr(cudnn, name))


def _deterministic(torch: Any) -> tuple[bool, bool]:
    return torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()


def _keep_figures(stack: contextlib.ExitStack) -> None:
    if "matplotlib" in sys.modules:
        import matplotlib

        stack.enter_context(matplotlib.rc_context())
    pyplot = sys.modules.get("matplotlib.pyplot")
    open_before = list(pyplot.get_fignums()) if pyplot else []
    current = pyplot.gcf().number if open_before else None

    def close_new() -> None:
        pyplot = sys.modules.get("matplotlib.pyplot")
        for number in pyplot.get_fignums() if pyplot else []:
            if number not in open_before:
                pyplot.close(number)
        if current is not None and pyplot.fignum_exists(current):
            pyplot.figure(current)

    stack.callback(close_new)
