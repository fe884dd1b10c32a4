"""The glossary: read from lessons/glossary.md, and made into a notebook that stands beside the lessons.

An entry is a heading, a sentence or two, and the sections that explain more: `[03.1]` becomes a link with the section's
title. Two comments may follow the heading: `<!-- also: … | … -->` has the other spellings of the word, and
`<!-- not: … | … -->` phrases in which the same letters mean something else.
"""

import re
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import nbformat
from lesson_source import NOTEBOOK_METADATA, Lesson, LessonError, place
from nbformat import NotebookNode

NAME = "glossary"
COMMENT = re.compile(r"<!-- (also|not): (.+?) -->\n", re.DOTALL)
SECTION = re.compile(r"\[((\d\d)(?:\.\d+| [^\]]+))\]")  # [03.1], or in a lesson without numbers [00 How a lesson works]


@dataclass(frozen=True)
class Entry:
    name: str
    text: str  # without the heading and the comments
    line: int  # of the heading
    also: tuple[str, ...] = ()  # other spellings
    elsewhere: tuple[str, ...] = ()  # phrases that do not mean it

    @property
    def spellings(self) -> tuple[str, ...]:
        return self.name, *self.also

    @property
    def sections(self) -> list[str]:
        return [named[1] for named in SECTION.finditer(self.text)]

    @property
    def id(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")

    @property
    def link(self) -> str:
        """Where the lessons link to. JupyterLab finds a cell by its id even if it was not on the screen yet; where
        the rest of the link means nothing, on GitHub for one, the glossary opens at its top.
        """
        return f"{NAME}.ipynb#cell-id={self.id}"


def source(root: Path) -> Path:
    return root / "lessons" / f"{NAME}.md"


def read_glossary(path: Path) -> tuple[str, list[Entry]]:
    """The text above the first entry, and the entries. Raises LessonError if one is empty, doubled or misplaced."""
    opening, *blocks = re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    entries: list[Entry] = []
    line = 1 + opening.count("\n")
    for block in blocks:
        name, _, text = block.partition("\n")
        comments = {kind: tuple(words.split(" | ")) for kind, words in COMMENT.findall(text)}
        entry = Entry(name, COMMENT.sub("", text).strip(), line, comments.get("also", ()), comments.get("not", ()))
        if not entry.sections:
            raise LessonError(
                f"{place(path, line)}: {name!r} needs a sentence, and a section that explains more: [03.1]"
            )
        if entries and entry.name.casefold() <= entries[-1].name.casefold():
            raise LessonError(f"{place(path, line)}: {name!r} stands below {entries[-1].name!r}; keep to the alphabet")
        if taken := {word for old in entries for word in old.spellings} & set(entry.spellings):
            raise LessonError(f"{place(path, line)}: {', '.join(sorted(taken))} is in another entry already")
        entries.append(entry)
        line += block.count("\n")
    return opening.strip(), entries


def glossary_notebook(path: Path, lessons: Iterable[Lesson]) -> NotebookNode:
    """A notebook of text, one cell to an entry. Raises LessonError if a section that an entry names does not exist."""
    sections = {name: link for lesson in lessons for name, link in _sections(lesson)}
    opening, entries = read_glossary(path)
    if lost := [(entry, name) for entry in entries for name in entry.sections if name not in sections]:
        told = (
            f"{place(path, entry.line)}: {entry.name!r} names {name!r}, and no lesson has it" for entry, name in lost
        )
        raise LessonError("\n".join(told))
    texts = {NAME: opening} | {
        entry.id: f"## {entry.name}\n{SECTION.sub(lambda named: sections[named[1]], entry.text)}" for entry in entries
    }
    notebook = nbformat.v4.new_notebook(
        metadata=deepcopy(NOTEBOOK_METADATA),
        nbformat_minor=5,
        cells=[nbformat.v4.new_markdown_cell(text, id=cell_id) for cell_id, text in texts.items()],
    )
    nbformat.validate(notebook)
    return notebook


def _sections(lesson: Lesson) -> Iterable[tuple[str, str]]:
    """How an entry names each section of a lesson, `03.1` or `00 How a lesson works`, and the link to it."""
    number = lesson.name[:2]
    for cell in lesson.cells:
        if cell.kind != "markdown":
            continue
        for title in re.findall(r"^##+ (.+)$", cell.source, re.MULTILINE):
            link = f"{lesson.name}.ipynb#cell-id={cell.id}"
            if numbered := re.match(rf"{number}\.\d+", title):
                yield numbered[0], f"[{title}]({link})"
            else:
                yield f"{number} {title}", f"[{number}: {title}]({link})"
