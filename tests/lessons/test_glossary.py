"""The words of the course, each explained once and linked from its first use in each lesson; the map of the lessons."""

from pathlib import Path

import build
import pytest
from glossary import Entry, glossary_notebook, read_glossary, source
from lesson_map import lesson_map, needs
from lesson_rules import first_uses, prose, unlinked
from lesson_run import PROJECT
from lesson_source import Lesson, LessonError, read_lesson

CLIP = Entry("clip", "A piece. [10.1]", 1, also=("clips",), elsewhere=("finger clip",))
PADDING = Entry("padding", "Zeros. [10.1]", 2)
ZERO_PADDING = Entry("zero padding", "More zeros. [10.1]", 3, also=("appended zeros",))
POS = Entry("POS", "A method. [10.1]", 4)
ENTRIES = [CLIP, PADDING, ZERO_PADDING, POS]


def lesson_of(folder: Path, text: str, name: str = "10_beats.py") -> Lesson:
    commented = "\n".join(f"# {line}".rstrip() for line in text.splitlines())
    path = folder / name
    path.write_text(f"# %% [markdown]\n{commented}\n", encoding="utf-8")
    return read_lesson(path)


# -------------------------------------------------------------------------------------------- the rules, on a few lines


@pytest.mark.parametrize(
    "text",
    [
        "`clip = 3`",
        "```\nclip = 3\n```",
        "$clip$ and $$\nclip\n$$",
        "# A clip\n\n## What is a clip?",
        "| a clip | a table |",
        "<details><summary>Answer</summary>\n\nA clip.\n</details>",
        "## Where to read on\n- N. N., “The clip”",
        "a finger clip, a finger\nclip",
        "clipping, paperclip, clip_length",
        "the pos of it",
        "see [there](clip.md)",
    ],
)
def test_what_is_no_prose_or_another_word_needs_no_link(text: str) -> None:
    assert first_uses(text, ENTRIES) == {}


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("Clips are short. A clip is one.", "clip", "Clips"),
        ("`clip`, a finger clip, **clips**", "clip", "clips"),
        ("see [the clip](there.md)", "clip", "clip"),
        ("| clip |\n\n*The figure in words:* a clip", "clip", "clip"),
        ("zero padding, then padding", "zero padding", "zero padding"),
        ("zero padding, then padding", "padding", "padding"),
        ("appended\nzeros", "zero padding", "appended\nzeros"),
        ("POS-like", "POS", "POS"),
    ],
)
def test_first_use_is_found(text: str, name: str, found: str) -> None:
    begin, end = first_uses(text, ENTRIES)[name]
    assert text[begin:end] == found
    assert begin == text.rindex(found) if name == "padding" else begin == prose(text).index(found)


def test_linked_lesson_has_no_fault(tmp_path: Path) -> None:
    text = f"A *[clip]({CLIP.link})* is short. Two clips. See the [glossary](glossary.ipynb)."
    assert unlinked(lesson_of(tmp_path, text), ENTRIES) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "A clip is short.",
            f"the first use of 'clip' is no link: … A clip is short. … should have [clip]({CLIP.link})",
        ),
        (f"Clips, and a [clip]({CLIP.link}).", "the first use of 'clip' is no link: … Clips, and"),
        (f"[clip]({CLIP.link}), [clips]({CLIP.link})", f"more than one link: {CLIP.link}"),
        (f"[clip]({POS.link})", "the first use of 'clip' is no link"),
        (f"[clip]({CLIP.link}), [clap](glossary.ipynb#cell-id=clap)", "leads to no entry: glossary.ipynb#cell-id=clap"),
        (f"[clip]({CLIP.link}), [clap](glossary.md)", "leads to no entry: glossary.md"),
    ],
)
def test_fault_is_named(tmp_path: Path, text: str, says: str) -> None:
    (told,) = unlinked(lesson_of(tmp_path, text), ENTRIES)
    assert told.startswith("10_beats: ")
    assert says in told


# ----------------------------------------------------------------------------------------------------------- the course

LESSONS = [read_lesson(path) for path in build.lesson_files()]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_first_use_of_each_word_leads_to_the_glossary(lesson: Lesson) -> None:
    faults = unlinked(lesson, read_glossary(source(PROJECT))[1])
    assert not faults, "\n".join(faults)


def test_every_entry_leads_to_a_section_and_is_used() -> None:
    notebook = glossary_notebook(source(PROJECT), LESSONS)
    cells = {f"{lesson.name}.ipynb#cell-id={cell.id}" for lesson in LESSONS for cell in lesson.cells}
    entries = read_glossary(source(PROJECT))[1]
    assert len(notebook.cells) == len(entries) + 1
    for cell, entry in zip(notebook.cells[1:], entries, strict=True):
        assert f"glossary.ipynb#cell-id={cell.id}" == entry.link
        assert any(f"]({link})" in cell.source for link in cells), entry.name
    texts = ["\n\n".join(cell.source for cell in lesson.cells if cell.kind == "markdown") for lesson in LESSONS]
    used = {name for text in texts for name in first_uses(text, entries)}
    assert {entry.name for entry in entries} - used == set()


# -------------------------------------------------------------------------------------------------------------- the map


def test_map_is_shown_in_the_readme_and_in_the_first_lesson() -> None:
    told = lesson_map(LESSONS)
    advice = "not what the lessons say under 'What you need first': put in what python lessons/lesson_map.py prints"
    assert told in (PROJECT / "README.md").read_text(encoding="utf-8"), f"README.md is {advice}"
    assert any(told in cell.source for cell in LESSONS[0].cells), f"{LESSONS[0].path.name} is {advice}"


HEADER = "# {}. Why?\n**What you need first:** {}\n\n**Time:** lesson 00"


@pytest.mark.parametrize(
    ("first", "needed", "helpful"),
    [
        ("NumPy, lesson 00. No physics.", ["00"], []),
        ("arrays, lessons 01 and\n00; a model (lesson 02).", ["00", "01", "02"], []),
        ("lesson 00. It helps to have done lessons 01, 02 and 03.", ["00"], ["01", "02", "03"]),
        ("Lesson 01; lessons 05 to 07 open it, and lesson 12.", ["01"], []),
        ("a little Python.", [], []),
    ],
)
def test_needs_are_read_from_the_header(tmp_path: Path, first: str, needed: list[str], helpful: list[str]) -> None:
    assert needs(lesson_of(tmp_path, HEADER.format("05", first), "05_x.py")) == (needed, helpful)


def test_range_of_needed_lessons_is_refused(tmp_path: Path) -> None:
    lesson = lesson_of(tmp_path, HEADER.format("05", "lessons 01 to 03"), "05_x.py")
    with pytest.raises(LessonError, match=r"05_x.py:1: name each lesson that is needed, not '01 to 03'"):
        needs(lesson)


def test_map_draws_no_arrow_that_follows_from_others(tmp_path: Path) -> None:
    first = {
        "00": "nothing",
        "01": "lesson 00",
        "02": "lessons 00 and 01",
        "03": "lesson 00. It helps to know lesson 02.",
    }
    lessons = [lesson_of(tmp_path, HEADER.format(n, text), f"{n}_x.py") for n, text in first.items()]
    told = lesson_map(lessons)
    arrows = [line.strip() for line in told.splitlines() if "->" in line]
    assert arrows == ["L00 --> L01", "L01 --> L02", "L00 --> L03", "L02 -.-> L03"]
    assert told.endswith("In words: 01 needs 00; 02 needs 00 and 01; 03 needs 00 (02 helps).")
    with pytest.raises(LessonError, match=r"03_x.py:1: there is no lesson 02"):
        lesson_map([*lessons[:2], lessons[3]])
