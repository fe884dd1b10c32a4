"""How an exercise is written down: what to try, what is right, and what each common mistake looks like from outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rppg_lab.checks.comparing import Differentiated, close

TIME_LIMIT = 2.0  # s for one case; a right answer takes milliseconds


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """The usual way to try a function: call it."""
    return function(*arguments)


def with_gradient(function: Callable[..., Any], *arguments: Any) -> Differentiated:
    """Try a function of tensors for its value and for the gradient of the value's sum for each floating-point argument.

    A value from which there is no way back has the gradient None.
    """
    import torch  # here, because most lessons do without

    inputs = [
        one.detach().clone().requires_grad_() if torch.is_tensor(one) and one.is_floating_point() else one
        for one in arguments
    ]
    value = function(*inputs)
    if not (torch.is_tensor(value) and value.requires_grad):
        return Differentiated(value, None)
    wanted = [one for one in inputs if torch.is_tensor(one) and one.requires_grad]
    return Differentiated(value, list(torch.autograd.grad(value.sum(), wanted, allow_unused=True)))


@dataclass(frozen=True)
class Case:
    """One input that the learner's function is tried on.

    fed: what is fed in, in plain words ("a pulse of 1.2 Hz").
    expected: what should come back, in plain words ("72 beats per minute") — never how to get there.
    make: returns the tuple of arguments, made afresh and alike at every call, so that a changed argument does no harm
        and is noticed.
    use: `use(function, *arguments)` returns what is compared. The default calls the function once; `with_gradient` asks
        for the gradient too; another can give keyword arguments, build a learner's class and ask its methods, or let it
        train a model and return the weights.
    """

    fed: str
    expected: str
    make: Callable[[], tuple[Any, ...]]
    use: Callable[..., Any] = call


@dataclass(frozen=True)
class Mistake:
    """A known misconception, told by what the function does and never by how it is written.

    name: a few words, shown first. says: one or two sentences about the idea, never the solution.
    read_again: the heading of the section to read again.
    One of: twin — a small function with just this mistake; whoever returns what the twin returns, wherever the twin
    differs from the reference, has made it. shows — `shows(arguments, got) -> bool`, asked for each case that failed.
    """

    name: str
    says: str
    read_again: str
    twin: Callable[..., Any] | None = None
    shows: Callable[[tuple[Any, ...], Any], bool] | None = None

    def __post_init__(self) -> None:
        if (self.twin is None) == (self.shows is None):
            raise ValueError(f"mistake {self.name!r} needs a twin or a shows, and not both")


@dataclass(frozen=True)
class Exercise:
    """One exercise: the package's own function, the cases that hold an answer to it, and the mistakes known by name.

    number: "10.2", as in the lesson. reference: the package's function (or class), with which the lesson goes on while
    the learner's fails. Calling it is no answer, nor is calling one of `refused`: the package's functions that it only
    gives another name or order of arguments. mistakes: the special before the general; the first that fits is named.
    same: `same(got, expected) -> bool`; see `comparing.close`. read_again: the section named when no known mistake
    fits. time_limit: seconds for one case.
    """

    number: str
    title: str
    reference: Callable[..., Any]
    cases: tuple[Case, ...]
    mistakes: tuple[Mistake, ...] = ()
    same: Callable[[Any, Any], bool] = field(default_factory=close)
    read_again: str = ""
    time_limit: float = TIME_LIMIT
    refused: tuple[Callable[..., Any], ...] = ()
