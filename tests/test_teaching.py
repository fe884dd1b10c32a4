"""The teacher's guide says of each lesson what the lesson says of itself, and of each mistake what its check says."""

import importlib
import re
from pathlib import Path

import pytest

from rppg_lab import cli
from rppg_lab.checks import diagnosing

ROOT = Path(__file__).resolve().parent.parent
GUIDE = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
LESSONS = {path.name[:2]: path.read_text(encoding="utf-8") for path in sorted((ROOT / "lessons").glob("[0-9]*.py"))}
DIAGNOSES = {value for name, value in vars(diagnosing).items() if name.isupper() and isinstance(value, str)}
MINUTES_IN_ALL = {"A workshop of 90 minutes": 90, "A day": 8 * 60}


def part(title):
    """The guide from a heading to the next one of its rank or a higher one."""
    level, _, _ = title.partition(" ")
    found = re.search(rf"^{re.escape(title)}\n(.*?)(?=^#{{1,{len(level)}}} |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def rows(text):
    """The cells of each row of a table, without its head."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return lines[2:]


def header(lesson):
    title, minutes = re.search(
        r"^# # \d\d\. (.+?)$.*?^# \*\*Time:\*\* (\d+) minutes", lesson, re.MULTILINE | re.DOTALL
    ).groups()
    return title, minutes


def test_the_list_of_lessons_is_that_of_the_lessons():
    listed = [(number, title, minutes) for number, title, minutes, _ in rows(part("## The lessons"))]
    assert listed == [(number, *header(text)) for number, text in LESSONS.items()]


@pytest.mark.parametrize("title", MINUTES_IN_ALL)
def test_the_minutes_of_a_plan_add_up(title):
    assert sum(int(minutes) for minutes, *_ in rows(part(f"## {title}"))) == MINUTES_IN_ALL[title]


def test_the_term_goes_through_every_lesson_once_and_through_every_exercise():
    table = rows(part("## A term"))
    assert [int(week) for week, *_ in table] == list(range(1, len(table) + 1))
    assert [lesson for _, lesson, *_ in table if lesson] == list(LESSONS)
    for _, number, in_class, at_home in table:
        if number and "all of it" not in in_class:
            exercises = re.findall(rf"^# ## Exercise ({number}\.\d+)", LESSONS[number], re.MULTILINE)
            assert sorted(re.findall(r"Exercise (\d\d\.\d+)", f"{in_class} {at_home}")) == exercises


def test_every_section_and_exercise_that_is_named_exists():
    named = set(re.findall(r"(?<![\d.])(?:Exercise )?(?:0\d|1[0-24])\.\d+(?!\d)", GUIDE))
    headings = set(re.findall(r"^# ## ((?:Exercise )?\d\d\.\d+)", "\n".join(LESSONS.values()), re.MULTILINE))
    exercises = {name.removeprefix("Exercise ") for name in headings if name.startswith("Exercise")}
    assert len(named) > 100
    assert named <= headings | exercises


@pytest.mark.parametrize("number", LESSONS)
def test_each_lesson_has_mistakes_that_its_checks_know_and_a_question_for_each(number):
    known = {one.number: one for one in importlib.import_module(f"rppg_lab.checks.lesson_{number}").EXERCISES}
    table = rows(part(f"### {number}. {header(LESSONS[number])[0]}"))
    assert len(table) >= 3
    for exercise, wrong, question in table:
        assert wrong in DIAGNOSES | {mistake.name for mistake in known[exercise].mistakes}
        assert question.endswith("?")


def test_every_command_exists():
    words = set(re.findall(r"(?:python lab\.py|rppg-lab) (\w+)", GUIDE))
    assert {"progress", "reset", "collect", "bundle", "data", "setup"} <= words
    program = set(re.findall(r"^    (\w+)  ", cli.make_parser().format_help(), re.MULTILINE))
    assert words <= program | {"setup", "bundle"}


def test_every_link_leads_somewhere():
    headings = {
        re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in re.findall(r"^#+ (.+)$", GUIDE, re.MULTILINE)
    }
    links = re.findall(r"\]\((.+?)\)", GUIDE)
    assert links
    for link in links:
        assert link[1:] in headings if link.startswith("#") else (ROOT / "docs" / link).exists(), link


def test_the_readme_leads_to_it():
    assert "(docs/teaching.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
