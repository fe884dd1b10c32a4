"""Which lesson needs which, read from the first lines of each; README.md and lesson 00 show it.

    python lessons/lesson_map.py       print it, to be put into both

Under **What you need first** a lesson names those that it needs; what a sentence with "It helps" names only helps.
"""

import re
import sys
import textwrap
from collections.abc import Iterable

from lesson_source import Lesson, LessonError, place, read_lesson

NEEDED_FIRST = re.compile(r"\*\*What you need first:\*\*(.+?)(?:\n\n|\Z)", re.DOTALL)
NUMBERS = re.compile(r"\blessons?\s(\d\d(?:(?:,| and| to)\s\d\d)*)", re.IGNORECASE)


def needs(lesson: Lesson) -> tuple[list[str], list[str]]:
    """The earlier lessons that a lesson needs, and those that help: "03", in order. A later one is only an outlook."""
    found = NEEDED_FIRST.search(lesson.cells[0].source)
    needed, _, helpful = (found[1] if found else "").partition("It helps")
    return _earlier(lesson, needed), _earlier(lesson, helpful)


def _earlier(lesson: Lesson, text: str) -> list[str]:
    named = set()
    for numbers in NUMBERS.findall(" ".join(text.split())):
        if " to " in numbers and numbers[:2] < lesson.name[:2]:
            raise LessonError(f"{place(lesson.path, 1)}: name each lesson that is needed, not {numbers!r}")
        named |= set(re.findall(r"\d\d", numbers))
    return sorted(number for number in named if number < lesson.name[:2])


def lesson_map(lessons: Iterable[Lesson]) -> str:
    """A mermaid picture and the same in words. An arrow that follows from two others is left out of the picture."""
    titles: dict[str, str] = {}
    before: dict[str, set[str]] = {}  # all that must be done before, however indirectly
    boxes, arrows, words = [], [], []
    for lesson in lessons:
        number = lesson.name[:2]
        needed, helpful = needs(lesson)
        if unknown := {*needed, *helpful} - set(titles):
            raise LessonError(f"{place(lesson.path, 1)}: there is no lesson {', '.join(sorted(unknown))}")
        titles[number] = re.match(r"# \d\d\.? (.+)", lesson.cells[0].source)[1]
        before[number] = set(needed).union(*(before[other] for other in needed))
        boxes.append(f'    L{number}["{number} {titles[number]}"]')
        direct = [other for other in needed if not any(other in before[between] for between in needed)]
        arrows += [f"    L{other} --> L{number}" for other in direct]
        arrows += [f"    L{other} -.-> L{number}" for other in helpful]
        if needed or helpful:
            told = f"{number} needs {_listed(needed) or 'none'}"
            words.append(f"{told} ({_listed(helpful)} {'help' if len(helpful) > 1 else 'helps'})" if helpful else told)
    picture = "\n".join(["```mermaid", "flowchart LR", *boxes, *arrows, "```"])
    told = textwrap.fill("In words: " + "; ".join(words) + ".", 100)
    return f"{picture}\n\n{told}"


def _listed(numbers: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(numbers[:-1]), *numbers[-1:]]))


if __name__ == "__main__":
    from build import lesson_files

    sys.stdout.reconfigure(encoding="utf-8")
    print(lesson_map(read_lesson(path) for path in lesson_files()))
