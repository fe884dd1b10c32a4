"""Where the right and wrong answers of all exercises are collected: `@right("10.2")`, `@wrong("10.2", "its name")`."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

Answer = TypeVar("Answer", bound=Callable[..., Any])

RIGHT: dict[str, list[Callable[..., Any]]] = defaultdict(list)
WRONG: dict[str, list[tuple[Callable[..., Any], str]]] = defaultdict(list)


def right(number: str) -> Callable[[Answer], Answer]:
    """Register one of at least three different right ways."""

    def register(answer: Answer) -> Answer:
        RIGHT[number].append(answer)
        return answer

    return register


def wrong(number: str, finding: str) -> Callable[[Answer], Answer]:
    """Register one of at least five plausible wrong answers with the misconception it must be told."""

    def register(answer: Answer) -> Answer:
        WRONG[number].append((answer, finding))
        return answer

    return register
