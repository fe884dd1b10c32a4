"""For every exercise: right answers pass, each wrong one is told its idea, and no check gives a solution away.

The answers stand in `lesson_NN.py` beside this file, one for each lesson.
"""

import ast
import functools
import inspect
import os
import re
import sys
import textwrap
import time
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
LESSONS = HERE.parent.parent / "lessons"
sys.path.insert(0, str(HERE))

import answers  # noqa: E402
from answers import RIGHT, WRONG  # noqa: E402

from rppg_lab import checks  # noqa: E402
from rppg_lab.checks import diagnosing, finding, judging, running, serialising  # noqa: E402

LEAST_RIGHT, LEAST_WRONG = 3, 5
LONGEST_CHECK = 2.0  # s of the processor: a busy computer makes no answer slower; an endless one needs LIMIT on top
LIMIT = 0.5  # s for one case: wrong answers that never end must not cost the full limit
TELLING = 12  # characters: a shorter line of the reference gives nothing away


for _path in sorted(HERE.glob("lesson_*.py")):
    answers.module(_path.stem.removeprefix("lesson_"))
EXERCISES = {one.number: one for lesson in finding.lesson_numbers() for one in finding.lesson(lesson)[1]}


@functools.cache
def exercises_in_the_lessons() -> dict[str, Path]:
    """The number in each `@checks.exercise("…")` of the lessons' sources."""
    found = {}
    for path in sorted(LESSONS.glob("[0-9][0-9]_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for decorator in getattr(node, "decorator_list", ()):
                match decorator:
                    case ast.Call(func=ast.Attribute(attr="exercise"), args=[ast.Constant(value=str(number))]):
                        found[number] = path
    return found


def headings_of_the_lessons() -> set[str]:
    text = "\n".join(path.read_text(encoding="utf-8") for path in LESSONS.glob("[0-9][0-9]_*.py"))
    return set(re.findall(r"^# #+ (.+?)\s*$", text, re.MULTILINE))


def _an_unfinished(reference):
    if not isinstance(reference, type):

        def unfinished(*args, **kwargs):
            raise NotImplementedError("unfinished")

        return unfinished

    class Unfinished:
        def __init__(self, *args, **kwargs):
            raise NotImplementedError("unfinished")

    return Unfinished


def name_of(answer) -> str:
    return getattr(answer, "__name__", type(answer).__name__)


def graded(number, answer, time_limit=None):
    """The result in class and the seconds it took. Who collects has the outcomes handed over, and must say the same."""
    exercise, began = EXERCISES[number], time.process_time()
    outcomes = judging.try_out(exercise, answer, time_limit=time_limit)
    result, seconds = judging.judge(exercise, outcomes), time.process_time() - began
    assert judging.judge(exercise, serialising.unpack(serialising.pack(outcomes), exercise)) == result
    return result, seconds


rights = [pytest.param(n, one, id=f"{n}-{name_of(one)}") for n in sorted(RIGHT) for one in RIGHT[n]]
wrongs = [pytest.param(n, one, name, id=f"{n}-{name_of(one)}") for n in sorted(WRONG) for one, name in WRONG[n]]


@pytest.fixture(autouse=True)
def _no_progress(monkeypatch, tmp_path):
    monkeypatch.setenv("RPPG_LAB_PROGRESS", str(tmp_path / "progress.json"))


@pytest.mark.parametrize(("number", "answer"), rights)
class TestRight:
    def test_passes_and_is_what_the_lesson_goes_on_with(self, number, answer):
        began = time.process_time()
        assert checks.exercise(number)(answer) is answer
        assert time.process_time() - began < LONGEST_CHECK

    def test_passes_when_graded(self, number, answer):
        with checks.grading() as results:
            assert checks.exercise(number)(answer) is answer
        assert [one.state for one in results] == [checks.PASS], results[0].text

    def test_passes_when_handed_over(self, number, answer):
        result, _ = graded(number, answer)
        assert result.state == checks.PASS, result.text


@pytest.mark.parametrize(("number", "answer", "name"), wrongs)
class TestWrong:
    def test_is_told_its_idea_and_no_solution(self, number, answer, name):
        result, seconds = graded(number, answer, LIMIT if name == diagnosing.ENDLESS else None)
        assert (result.state, result.finding) == (checks.FAIL, name), result.text
        line = checks.line(result)
        assert name.lower() in " ".join(line.split()).lower()
        assert not told(number, line, own=_source(answer))
        assert seconds < LONGEST_CHECK + LIMIT


@pytest.mark.parametrize("number", sorted(EXERCISES))
class TestExercise:
    def test_has_enough_answers(self, number):
        assert len(RIGHT[number]) >= LEAST_RIGHT
        assert len(WRONG[number]) >= LEAST_WRONG

    def test_every_mistake_it_knows_is_made_by_some_wrong_answer(self, number):
        known = {mistake.name for mistake in EXERCISES[number].mistakes}
        assert known <= {name for _, name in WRONG[number]}

    def test_its_words_give_no_solution_away(self, number):
        exercise = EXERCISES[number]
        words = [exercise.title, *(mistake.says for mistake in exercise.mistakes)]
        words += [text for case in exercise.cases for text in (case.fed, case.expected)]
        assert not told(number, "\n".join(words))

    def test_names_differ(self, number):
        """From each other and from what is said of any function, so that a wrong answer asks for one of them."""
        names = [mistake.name for mistake in EXERCISES[number].mistakes]
        general = {value for name, value in vars(diagnosing).items() if name.isupper() and isinstance(value, str)}
        assert len(set(names)) == len(names)
        assert not general & set(names)

    def test_stub_is_to_do(self, number):
        def stub(*args, **kwargs):
            raise NotImplementedError(f"Exercise {number}")

        assert graded(number, stub)[0].state == checks.TODO

    def test_reference_is_refused_and_is_what_the_lesson_goes_on_with(self, number, capsys):
        reference = EXERCISES[number].reference
        assert graded(number, reference)[0].finding == judging.PACKAGE_OWN
        go_on = checks.exercise(number)(reference)
        assert "package's own function" in capsys.readouterr().out
        for case in EXERCISES[number].cases:
            mine = running.observe(go_on, case, LONGEST_CHECK)
            theirs = running.observe(reference, case, LONGEST_CHECK)
            assert type(mine.error) is type(theirs.error)
            assert theirs.error or EXERCISES[number].same(mine.value, theirs.value)

    def test_neither_question_marks_nor_the_progress_file_show_a_solution(self, number, capsys):
        """`??` reads the source of what the lesson goes on with, and of its methods if it is a class."""
        shown = checks.exercise(number)(_an_unfinished(EXERCISES[number].reference))
        methods = [one for one in vars(shown).values() if inspect.isfunction(one)]
        functions = methods if isinstance(shown, type) else [shown]
        assert functions
        for one in functions:
            text = inspect.getsource(one) + (inspect.getdoc(one) or "")
            assert "unfinished" in text
            assert not told(number, text)
        noted = Path(os.environ["RPPG_LAB_PROGRESS"]).read_text(encoding="utf-8")
        assert number in noted
        assert not told(number, noted + capsys.readouterr().out)

    def test_sections_to_read_again_exist(self, number):
        exercise = EXERCISES[number]
        named = {exercise.read_again} | {mistake.read_again for mistake in exercise.mistakes}
        assert named - {""} <= headings_of_the_lessons()


def test_lessons_checks_and_answers_are_about_the_same_exercises():
    assert set(exercises_in_the_lessons()) == set(EXERCISES)
    assert set(RIGHT) | set(WRONG) == set(EXERCISES)


def test_exercises_belong_to_their_lesson_and_its_title():
    for lesson in finding.lesson_numbers():
        title, exercises = finding.lesson(lesson)
        (path,) = LESSONS.glob(f"{lesson}_*.py")
        assert f"# # {lesson}. {title}" in path.read_text(encoding="utf-8")
        assert all(re.fullmatch(rf"{lesson}\.\d+", one.number) for one in exercises)
        assert len({one.number for one in exercises}) == len(exercises)


def told(number, text, own=""):
    """Lines of a solution that can be read in a text; an answer's own line may be quoted to it."""
    squeezed, own = _squeeze(text), _squeeze(own)
    return [line for line in solution_lines(number) if line in squeezed and line not in own]


@functools.cache
def solution_lines(number):
    """The telling lines of the reference, of the functions it stands for, and of the lesson's worked solution."""
    exercise = EXERCISES[number]
    sources = [inspect.getsource(one) for one in (exercise.reference, *exercise.refused)]
    lesson = exercises_in_the_lessons()[number].read_text(encoding="utf-8")
    below = lesson.split(f'@checks.exercise("{number}")', 1)[1]
    sources.append(below.split("### BEGIN SOLUTION\n", 1)[1].split("### END SOLUTION", 1)[0])
    return [line for source in sources for line in _lines(source)]


def _lines(source):
    """The telling lines of some code, without its docstrings and comments."""
    tree = ast.parse(f"if True:\n{textwrap.indent(textwrap.dedent(source), ' ')}")  # a `return` may stand alone in it
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) and len(body) > 1:
            node.body = body[1:]
    lines = [_squeeze(line) for line in ast.unparse(tree).splitlines()[1:]]
    lines += [line.removeprefix("return") for line in lines if line.startswith("return")]
    return [line for line in lines if len(line) >= TELLING and not re.match(r"def|class|@", line)]


def _source(answer) -> str:
    try:
        return inspect.getsource(answer)
    except (OSError, TypeError):
        return ""


def _squeeze(text: str) -> str:
    return "".join(text.split())
