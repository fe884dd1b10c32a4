"""Where the right and wrong answers of all exercises are collected: `@right("10.2")`, `@wrong("10.2", "its name")`."""

import functools
import importlib.util
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
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


@functools.cache  # loaded twice, every answer would count twice
def module(lesson: str) -> ModuleType:
    """The answers of one lesson ("03"), loaded once."""
    path = Path(__file__).resolve().parent / f"lesson_{lesson}.py"
    spec = importlib.util.spec_from_file_location(f"wrong_answers_{path.stem}", path)
    loaded = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded
