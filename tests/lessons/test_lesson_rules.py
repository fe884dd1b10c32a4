"""The rules that lessons are held to, tried on a lesson of a few lines: kept, and broken one at a time."""

from collections.abc import Callable
from pathlib import Path

import build
import nbformat
import pytest
from lesson_rules import compute_seconds, forbidden_code, missing_parts, slowest, validate_with_nbval, verdicts
from lesson_run import execute
from lesson_source import Lesson, read_lesson
from nbformat import NotebookNode


def with_figure(lesson: Lesson) -> NotebookNode:
    """The worked notebook as if executed: its plotting cell has shown a figure."""
    notebook = build.worked_notebook(lesson)
    for cell in notebook.cells:
        if "plt.plot" in cell.source:
            cell.outputs = [nbformat.v4.new_output("display_data", {"image/png": "", "text/plain": "<Figure>"})]
    return notebook


def read(folder: Path, text: str) -> Lesson:
    path = folder / "10_beats.py"
    path.write_text(text, encoding="utf-8")
    return read_lesson(path)


def test_a_whole_lesson_lacks_nothing(tmp_path: Path, lesson_text: str) -> None:
    lesson = read(tmp_path, lesson_text)
    assert missing_parts(lesson, with_figure(lesson)) == []
    assert forbidden_code(lesson) == []
    assert compute_seconds(lesson) == 3


@pytest.mark.parametrize(
    ("part", "without", "lacks"),
    [
        ("a minute?\n", "a minute!\n", "a question as its title"),
        ("What you will be able to do", "Aims", "What you will be able to do"),
        ("What you need first", "Before", "What you need first"),
        ("5 minutes", "a while", "minutes"),
        ("3 seconds of compute", "soon done", "seconds of compute"),
        ("## Exercise 10.1: a minute", "## Exercise: a minute", "a heading '## Exercise 10.1: …'"),
        ("(easy, 2 minutes)", "(easy)", "how hard Exercise 10.1 is and its minutes"),
        ("(easy, 2 minutes)", "(5, 2 minutes)", "how hard Exercise 10.1 is and its minutes"),
        ("*You should see:* 72 for 36.", "72 for 36.", "'*You should see:* …' under the heading of Exercise 10.1"),
        ("<details><summary>Hint 2: a pointer</summary>Count", "Count", "'Hint 2: a pointer', 'Hint 3: an outline']"),
        ("Hint 3: an outline", "Hint 3: the answer", "'Hint 3: an outline'] in <details> at Exercise 10.1"),
        ("<details><summary>Hint 3", "<details open><summary>Hint 3", "'Hint 3: an outline'] in <details>"),
        ("is a minute?</details>", "is two.</details>", "a question in the first hint of Exercise 10.1"),
        ("# The figure shows a line that rises from zero to one, which is all it does.\n", "", "a text alternative"),
        ("a line that rises from zero to one, which is all it does", "a line", "a text alternative"),
        (
            'checks.show_progress("10")',
            'checks.show_progress("11")',
            'checks.show_progress("10") as its last code cell',
        ),
        ("## What you found", "## End", "What you found"),
        ("<details><summary>Answer</summary>Two</details>", "Two", "three questions"),
        ("<details><summary>Answer</summary>Two", "<details open><summary>Answer</summary>Two", "three questions"),
        ("## Three questions to ask yourself", "## More", "three questions"),
        ("## Where to read on", "## Links", "Where to read on"),
    ],
)
def test_a_part_that_is_missing_is_named(tmp_path: Path, lesson_text: str, part: str, without: str, lacks: str) -> None:
    assert part in lesson_text
    lesson = read(tmp_path, lesson_text.replace(part, without))
    told = missing_parts(lesson, with_figure(lesson))
    assert len(told) == 1, told
    assert lacks in told[0]
    assert "10_beats" in told[0]


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("os.chdir('..')", "changes the working folder"),
        ("name = input('name')", "waits for the keyboard"),
        ("import urllib.request", "reaches for the network"),
        ("warnings.simplefilter('ignore')", "hides warnings"),
        ("get_ipython().system('ls')", "leaves Python"),
        ("open('/data/faces/x.h5')", "absolute path"),
        ("open(r'C:\\Users\\x.h5')", "absolute path"),
        ("Path('~/lab/x.h5')", "absolute path"),
    ],
)
def test_forbidden_code_is_named_with_its_line(tmp_path: Path, lesson_text: str, code: str, says: str) -> None:
    lesson = read(tmp_path, lesson_text + f"# %%\n{code}\n")
    (told,) = forbidden_code(lesson)
    assert says in told
    assert f"10_beats.py:{(lesson_text + code).count(chr(10)) + 2}" in told


@pytest.mark.parametrize("code", ["x = network_input(3)", "share = '1/2'", "label = 'bpm/s'", "'/ min'", "urls = 3"])
def test_innocent_code_is_left_alone(tmp_path: Path, lesson_text: str, code: str) -> None:
    assert forbidden_code(read(tmp_path, lesson_text + f"# %%\n{code}\n")) == []


def test_the_slowest_cells_are_told() -> None:
    told = slowest("12", {"a": 1.0, "b": 30.0, "c": 0.1, "d": 2.0})
    assert told == "12: 33.1 s; slowest: b 30.0 s, d 2.0 s, a 1.0 s"


@pytest.fixture(scope="module")
def course(make_course: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_course(tmp_path_factory.mktemp("course"))
    assert build.main([], root) == 0
    return root


def test_unsolved_copy_runs_and_says_todo(course: Path) -> None:
    lesson = read_lesson(course / "lessons" / "10_beats.py")
    copy = nbformat.read(course / "notebooks" / "10_beats.ipynb", as_version=4)
    run = execute(lesson, copy, course / "notebooks", progress=False)
    assert verdicts(run.notebook, "TODO") == ["TODO Exercise 10.1"]
    assert verdicts(run.notebook, "(PASS|FAIL)") == []
    assert set(run.seconds) == {cell.id for cell in copy.cells if cell.cell_type == "code"}
    solution = build.stored_solution(course / "solutions" / "10_beats.ipynb")
    assert verdicts(solution, "PASS") == ["PASS Exercise 10.1"]
    rehearsed = nbformat.v4.new_code_cell(outputs=[nbformat.v4.new_output("stream", text="rehearsal: FAIL 10.1\n")])
    assert verdicts(nbformat.v4.new_notebook(cells=[rehearsed]), "FAIL") == []


@pytest.mark.course
def test_nbval_takes_the_solution_and_no_other_answer(course: Path, tmp_path: Path) -> None:
    path = course / "solutions" / "10_beats.ipynb"
    solution = build.stored_solution(path)
    good = validate_with_nbval(path, solution, tmp_path)
    assert good.passed, good.report
    assert set(good.seconds) == {cell.id for cell in solution.cells if cell.cell_type == "code"}
    assert max(good.seconds, key=good.seconds.__getitem__) in {"s10-02", "s10-1-03"}  # the one that imports, or plots

    solution.cells[2].outputs[0].text = solution.cells[2].outputs[0].text.replace("threads: 1", "threads: 2")
    changed = path.with_name("10_changed.ipynb")
    nbformat.write(solution, changed)
    bad = validate_with_nbval(changed, solution, tmp_path)
    assert not bad.passed
    assert "threads: 2" in bad.report
