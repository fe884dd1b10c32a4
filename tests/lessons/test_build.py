"""The builder on lessons of a few lines: what it makes, what it refuses, and when it executes again."""

import io
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace

import build
import glossary
import lesson_run
import nbformat
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lesson_source import Lesson, LessonError, read_lesson
from nbformat import NotebookNode
from tqdm import tqdm


def write(folder: Path, text: str, name: str = "10_beats.py") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(dedent(text).lstrip(), encoding="utf-8")
    return path


EXERCISE = """
    # %% [markdown]
    # # 10. Why?
    # %%
    @checks.exercise("10.2")
    def double(x):
        half = x / 2
        if x > 0:
            ### BEGIN SOLUTION
            # four halves
            return 4 * half
            ### END SOLUTION
        ### BEGIN SOLUTION
        return x + x + 0
        ### END SOLUTION

    print(double(1))
"""


# ---------------------------------------------------------------------------------------------------------- two copies


def test_learner_gets_stubs_where_the_solutions_stood(tmp_path: Path) -> None:
    lesson = read_lesson(write(tmp_path, EXERCISE))
    assert build.learner_notebook(lesson).cells[1].source == dedent(
        """\
        @checks.exercise("10.2")
        def double(x):
            half = x / 2
            if x > 0:
                raise NotImplementedError("Exercise 10.2")
            raise NotImplementedError("Exercise 10.2")

        print(double(1))"""
    )
    assert build.worked_notebook(lesson).cells[1].source == dedent(
        """\
        @checks.exercise("10.2")
        def double(x):
            half = x / 2
            if x > 0:
                # four halves
                return 4 * half
            return x + x + 0

        print(double(1))"""
    )


@given(
    st.lists(st.tuples(st.booleans(), st.integers(1, 3)), min_size=1, max_size=6).filter(lambda p: any(s for s, _ in p))
)
def test_every_line_goes_where_it_belongs(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[tuple[bool, int]]
) -> None:
    given_lines, solved_lines, body = [], [], []
    for at, (is_solution, length) in enumerate(pieces):
        lines = [f"    value_{at}_{n} = {n}" for n in range(length)]
        (solved_lines if is_solution else given_lines).extend(lines)
        body += ["    ### BEGIN SOLUTION", *lines, "    ### END SOLUTION"] if is_solution else lines
    text = "\n".join(["# %%", '@exercise("10.1")', "def f():", *body]) + "\n"
    path = tmp_path_factory.mktemp("law") / "10_law.py"
    path.write_text(text, encoding="utf-8")
    lesson = read_lesson(path)
    learner = build.learner_notebook(lesson).cells[0].source.splitlines()
    worked = build.worked_notebook(lesson).cells[0].source.splitlines()
    assert worked[2:] == [line for line in body if "SOLUTION" not in line]
    assert [line for line in learner[2:] if "raise" not in line] == given_lines
    assert sum("raise" in line for line in learner) == sum(is_solution for is_solution, _ in pieces)
    assert not build.leaks(lesson, build.texts_of(build.learner_notebook(lesson)))


BAD = {
    "nested": (
        "### BEGIN SOLUTION\n    ### BEGIN SOLUTION\n    pass\n    ### END SOLUTION\n    ### END SOLUTION",
        4,
        "inside",
    ),
    "never ended": ("### BEGIN SOLUTION\n    pass", 3, "without END"),
    "never begun": ("pass\n    ### END SOLUTION", 4, "before any BEGIN"),
    "ended first": ("### END SOLUTION\n    pass\n    ### BEGIN SOLUTION", 3, "before any BEGIN"),
    "misspelt": ("# BEGIN SOLUTION\n    pass\n    ### END SOLUTION", 3, "write the marker"),
    "not alone": ("x = 1  ### BEGIN SOLUTION\n    ### END SOLUTION", 3, "write the marker"),
    "no solution": ("return 3", 2, "has no ### BEGIN SOLUTION"),
    "indented otherwise": ("x = 1\n  ### BEGIN SOLUTION\n    y = 2\n    ### END SOLUTION", 4, "indent ### BEGIN"),
    "outside": (
        "### BEGIN SOLUTION\n    pass\n    ### END SOLUTION\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION",
        3,
        "outside the body",
    ),
    "not Python": ("### BEGIN SOLUTION\n    %timeit\n    ### END SOLUTION", 4, "not plain Python"),
}


@pytest.mark.parametrize(("body", "line", "says"), BAD.values(), ids=BAD.keys())
def test_bad_markers_are_named_with_file_and_line(tmp_path: Path, body: str, line: int, says: str) -> None:
    path = tmp_path / "10_bad.py"
    head = '# %%\n@checks.exercise("10.1")\ndef f():\n    '
    path.write_text(head + body + "\n", encoding="utf-8")
    with pytest.raises(LessonError, match=re.escape(says)) as error:
        read_lesson(path)
    assert f"10_bad.py:{line + 1}:" in str(error.value)


STUB = "### BEGIN SOLUTION\n    pass\n    ### END SOLUTION"
BAD_CELLS = {
    "marker in text": ("# %% [markdown]\n# Text\n# ### BEGIN SOLUTION\n", 3, "in a markdown cell"),
    "no exercise": (
        "# %%\nif True:\n    ### BEGIN SOLUTION\n    pass\n    ### END SOLUTION\n",
        3,
        "no @checks.exercise",
    ),
    "twice": (f'# %%\n@exercise("10.1")\ndef f():\n    {STUB}\n' * 2, 8, "already in line 2"),
    "two in a cell": (
        f'# %%\n@exercise("10.1")\ndef f():\n    {STUB}\n@exercise("10.2")\ndef g(): ...\n',
        3,
        "2 exercises",
    ),
    "another lesson's": (f'# %%\n@exercise("11.1")\ndef f():\n    {STUB}\n', 3, "does not belong to lesson 10"),
    "lesson written otherwise": (
        f'# %%\n@exercise("010.1")\ndef f():\n    {STUB}\n',
        3,
        "does not belong to lesson 10",
    ),
    "computed number": (f"# %%\n@exercise(str(10.1))\ndef f():\n    {STUB}\n", 2, "write the number out"),
    "text before the cells": ("x = 1\n# %%\ny = 2\n", 1, "2 cells but 1 lines"),
    "shell command": ("# %%\nx = 1\n!pip install numpy\n", 3, "not plain Python"),
    "hidden shell command": ("# %%\nx = 1\n# !pip install numpy\n", 3, "not plain Python"),
    "a tag that hides failures": ('# %% tags=["raises-exception"]\n1 / 0\n', 1, "the only tag"),
}


@pytest.mark.parametrize(("text", "line", "says"), BAD_CELLS.values(), ids=BAD_CELLS.keys())
def test_bad_cells_are_named_with_file_and_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    path = tmp_path / "10_bad.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LessonError, match=re.escape(says)) as error:
        read_lesson(path)
    assert f"10_bad.py:{line}:" in str(error.value)


def ids(folder: Path, text: str) -> list[str]:
    lesson = read_lesson(write(folder, text, "12_good.py"))
    nbformat.validate(build.learner_notebook(lesson))
    return [cell.id for cell in lesson.cells]


def test_cell_ids_come_from_the_headings_and_stay(tmp_path: Path) -> None:
    text = """
        # %% [markdown]
        # # 12 How good?
        # %% [markdown]
        # ## 12.1 Errors
        # 30 people, see 12.4.
        # %%
        x = 1
        # %% [markdown]
        # ## 30 people
        # %% [markdown]
        # ### Exercise 12.2: agreement
        # %%
        y = 1
    """
    before = ids(tmp_path, text)
    assert before == ["s12-01", "s12-1-01", "s12-1-02", "s12-1-03", "s12-2-01", "s12-2-02"]
    longer = text.replace("x = 1\n", "x = 1\n        # %%\n        z = 1\n")
    assert set(before) <= set(ids(tmp_path, longer))
    assert ids(tmp_path, longer)[-2:] == before[-2:]


# --------------------------------------------------------------------------------------------------------------- leaks


@pytest.mark.parametrize(
    ("elsewhere", "leaks"),
    [
        ("# %% [markdown]\n# Try `return 4*half` first.\n", 1),
        ("# %% [markdown]\n# <details>Think of four\n# halves, added.</details>\n", 0),
        ("# %%\nx = 1\ndef g(x):\n    return x  +  x + 0\n", 1),
        ("# %%\n# here:  return x + x + 0 and return 4 * half\n", 2),
        ("# %% [markdown]\n# Return the sum.\n", 0),
    ],
)
def test_leak_is_found_however_it_is_spaced(tmp_path: Path, elsewhere: str, leaks: int) -> None:
    lesson = read_lesson(write(tmp_path, dedent(EXERCISE) + elsewhere))
    told = build.leaks(lesson, build.texts_of(build.learner_notebook(lesson)))
    assert len(told) == leaks, told
    assert all("10_beats.py:" in line and "Exercise 10.2" in line for line in told)


def test_leak_in_an_output_is_found(tmp_path: Path) -> None:
    lesson = read_lesson(write(tmp_path, EXERCISE))
    notebook = build.learner_notebook(lesson)
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="FAIL: try return 4 * half\n")]
    assert ["output" in line for line in build.leaks(lesson, build.texts_of(notebook))] == [True]


def test_lines_that_tell_nothing_are_no_leak(tmp_path: Path) -> None:
    text = '''
        # %%
        import numpy as np
        from math import pi
        result = 3
        # %%
        @checks.exercise("10.1")
        def f(x):
            ### BEGIN SOLUTION
            import numpy as np
            from math import pi
            def square(x):
                """Square a number."""
                return result
            with torch.no_grad():
                optimiser.zero_grad()
            y = x + 1
            return result
            ### END SOLUTION
        # %%
        def square(x):
            """Square a number."""
            with torch.no_grad():
                optimiser.zero_grad()
            y = x + 1
            return result
    '''
    lesson = read_lesson(write(tmp_path, text))
    assert build.leaks(lesson, build.texts_of(build.learner_notebook(lesson))) == []


# ---------------------------------------------------------------------------------------------------- what it rests on

PACKAGE_FILES = {
    "__init__.py": "",
    "losses.py": "from . import spectrum\n",
    "spectrum.py": "",
    "training.py": "def fit():\n    from .models.physnet import net\n",
    "models/__init__.py": "from . import registry\n",
    "models/physnet.py": "from ..seeding import *\nnet = 1\n",
    "models/registry.py": "",
    "seeding.py": "",
    "physics.py": 'TABLE = "tables/blood.csv"\n',
    "tables/blood.csv": "1,2\n",
    "unrelated.py": "",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for name, text in PACKAGE_FILES.items():
        path = tmp_path / "rppg_lab" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("imports", "rests_on"),
    [
        ("import rppg_lab.losses as l", ["__init__.py", "losses.py", "spectrum.py"]),
        ("from rppg_lab import losses", ["__init__.py", "losses.py", "spectrum.py"]),
        ("def late():\n    from rppg_lab.losses import neg_pearson", ["__init__.py", "losses.py", "spectrum.py"]),
        (
            "from rppg_lab.training import fit",
            [
                "__init__.py",
                "training.py",
                "models/__init__.py",
                "models/physnet.py",
                "models/registry.py",
                "seeding.py",
            ],
        ),
        ("from rppg_lab.physics import absorption", ["__init__.py", "physics.py", "tables/blood.csv"]),
    ],
    ids=["import", "from package", "inside a function", "relative and indirect", "table"],
)
def test_exactly_the_files_behind_a_lesson_make_it_stale(package: Path, imports: str, rests_on: list[str]) -> None:
    lesson = read_lesson(write(package / "lessons", f"# %%\n{imports}\n"))
    before = build.fingerprint(lesson, package)
    for name in PACKAGE_FILES:
        path = package / "rppg_lab" / name
        text = path.read_text(encoding="utf-8")
        path.write_text(text + "# changed\n", encoding="utf-8")
        assert (build.fingerprint(lesson, package) != before) == (name in rests_on), name
        path.write_text(text, encoding="utf-8")
    assert build.fingerprint(lesson, package) == before


def test_fingerprint_is_the_same_with_windows_line_ends(package: Path) -> None:
    lesson = write(package / "lessons", "# %%\nfrom rppg_lab import physics, training\nx = 1\n")
    before = build.fingerprint(read_lesson(lesson), package)
    for path in [lesson, *(package / "rppg_lab" / name for name in PACKAGE_FILES)]:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert build.fingerprint(read_lesson(lesson), package) == before


def test_fingerprint_counts_code_and_not_prose(tmp_path: Path) -> None:
    (tmp_path / "rppg_lab").mkdir()

    def of(text: str) -> str:
        return build.fingerprint(read_lesson(write(tmp_path / "lessons", text)), tmp_path)

    before = of(EXERCISE)
    assert of(EXERCISE.replace("Why?", "Why, then?")) == before
    assert of(EXERCISE.replace("4 * half", "half * 4")) != before


# ------------------------------------------------------------------------------------------------------------- outputs


@pytest.fixture
def tiny(tmp_path: Path) -> tuple[Lesson, NotebookNode]:
    lesson = read_lesson(write(tmp_path, "# %%\nx = 1\n"))
    return lesson, build.worked_notebook(lesson)


def stream(name: str, text: str) -> NotebookNode:
    return nbformat.v4.new_output("stream", name=name, text=text)


def test_progress_bars_leave_no_trace(tiny: tuple[Lesson, NotebookNode]) -> None:
    lesson, notebook = tiny
    bars = io.StringIO()
    for _ in tqdm(range(2), file=bars, desc="epochs"):
        for _ in tqdm(range(3), file=bars, leave=False, position=1):
            pass
    for _ in tqdm(iter(range(3)), file=bars):
        pass
    assert "100%" in bars.getvalue()
    half = len(bars.getvalue()) // 2
    notebook.cells[0].outputs = [
        stream("stdout", "one\n"),
        stream("stderr", bars.getvalue()[:half]),
        stream("stdout", "two\n"),
        stream("stderr", bars.getvalue()[half:]),
    ]
    lesson_run.tidy(lesson, notebook)
    assert notebook.cells[0].outputs == [stream("stdout", "one\ntwo\n")]


@pytest.mark.parametrize(
    ("outputs", "says"),
    [
        ([stream("stderr", "\r 50%|##| 1/2"), stream("stderr", "x.py:3: UserWarning: old\n  f()\n")], "warns"),
        ([stream("stderr", "disk is full\n")], "writes to stderr"),
        ([stream("stdout", f"saved to {Path.home() / 'run' / 'best.pt'}\n")], "path of this machine"),
        ([stream("stdout", f"{Path(sys.executable).parent / 'x'}\n")], "path of this machine"),
        ([stream("stdout", "open 'C:\\Users\\ana\\lab'\n")], "path of this machine"),
        ([nbformat.v4.new_output("execute_result", {"text/plain": "'/home/ana/lab'"})], "path of this machine"),
    ],
)
def test_outputs_that_must_not_be_stored_are_refused(
    tiny: tuple[Lesson, NotebookNode], outputs: list[NotebookNode], says: str
) -> None:
    lesson, notebook = tiny
    notebook.cells[0].outputs = outputs
    with pytest.raises(LessonError, match=says) as error:
        lesson_run.tidy(lesson, notebook)
    assert "cell s10-01" in str(error.value)
    assert "10_beats.py:2" in str(error.value)


def test_a_cell_for_nbval_shows_no_progress_bar(tmp_path: Path) -> None:
    lesson = read_lesson(write(tmp_path, '# %% tags=["nbval-check-output"]\nx = 1\n'))
    notebook = build.worked_notebook(lesson)
    notebook.cells[0].outputs = [stream("stderr", "\r 50%|##| 1/2\n")]
    with pytest.raises(LessonError, match="nbval would compare"):
        lesson_run.tidy(lesson, notebook)


def test_times_and_addresses_lose_their_numbers_and_nothing_else_does(tiny: tuple[Lesson, NotebookNode]) -> None:
    lesson, notebook = tiny
    notebook.cells[0].outputs = [
        stream(
            "stdout", "took 12.31 s and took 4 ms; 10 s windows, 1/2, and/or, https://a.org/b\n<Line2D at 0x7f3a12b4c0>"
        )
    ]
    lesson_run.tidy(lesson, notebook)
    (output,) = notebook.cells[0].outputs
    assert output.text == "took ... s and took ... ms; 10 s windows, 1/2, and/or, https://a.org/b\n<Line2D at 0x...>"


@pytest.mark.parametrize(("reused", "resumed_after"), [(False, 0), (False, 3), (True, 0)])
def test_a_run_reads_the_same_whether_trained_now_or_found(
    tiny: tuple[Lesson, NotebookNode], reused: bool, resumed_after: int
) -> None:
    from rppg_lab import experiment  # here, because it imports torch, and the other tests do without

    history = SimpleNamespace(resumed_after=resumed_after, skipped=[], epochs=8, best_epoch=7)
    report = SimpleNamespace(
        folder=Path("physnet-0123"),
        reused=reused,
        seconds=31.4,
        history=history,
        errors={"MAE": 1.0},
        rates=SimpleNamespace(predicted_bpm=[70.0], start=[0.0]),
        subjects={"test": ["a"]},
    )
    lesson, notebook = tiny
    notebook.cells[0].outputs = [stream("stdout", experiment.Report.__str__(report))]
    lesson_run.tidy(lesson, notebook)
    assert notebook.cells[0].outputs[0].text.startswith("physnet-0123: trained in ... s; best of 8 epochs: 7;")


# ------------------------------------------------------------------------------------------------------ built for real


@pytest.fixture(scope="module")
def built(
    make_course: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, pytest.MonkeyPatch]]:
    """A course built once; another Python is registered as kernel `python3`, as users have it."""
    root = make_course(tmp_path_factory.mktemp("course"))
    kernel = root / "jupyter" / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(
        json.dumps({"argv": ["no-such-python"], "display_name": "x", "language": "python"}), encoding="utf-8"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(root / "jupyter"))
        patch.setenv("RPPG_LAB_PROGRESS", "mine.json")
        patch.setenv("MPLBACKEND", "agg")
        assert build.main([], root) == 0
        yield root, patch


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.glob("*/*.ipynb")}


def test_both_notebooks_are_what_they_should_be(built: tuple[Path, pytest.MonkeyPatch]) -> None:
    root, _ = built
    assert set(files(root)) == {"notebooks/10_beats.ipynb", "solutions/10_beats.ipynb"}
    learner = nbformat.read(root / "notebooks" / "10_beats.ipynb", as_version=4)
    solution = nbformat.read(root / "solutions" / "10_beats.ipynb", as_version=4)
    assert [cell.id for cell in learner.cells] == [cell.id for cell in solution.cells]
    assert all(not cell.outputs and cell.execution_count is None for cell in learner.cells if cell.cell_type == "code")
    assert "SOLUTION" not in "".join(cell.source for cell in [*learner.cells, *solution.cells])

    printed = [lesson_run.output_text(cell) for cell in solution.cells]
    assert printed[2] == "folder: solutions threads: 1\nprogress: progress.json False\n"
    assert printed[4] == "PASS Exercise 10.1\n"
    assert printed[5].startswith("took ... s <object object at 0x...>\n72.0\n")
    assert [cell.get("execution_count") for cell in solution.cells] == [None, 1, 2, None, 3, 4, None, 5, None]
    assert sum("image/png" in output.get("data", {}) for output in solution.cells[5].outputs) == 1
    assert not any(output.get("name") == "stderr" for cell in solution.cells for output in cell.get("outputs", ()))
    assert solution.metadata.rppg_lab.modules == ["rppg_lab.hidden"]  # which no import statement names
    assert solution.metadata.language_info == {"name": "python"}
    assert all(set(cell.metadata) <= {"tags"} for cell in solution.cells)
    tagged = [cell.id for cell in solution.cells if "nbval-check-output" in cell.metadata.get("tags", ())]
    assert tagged == ["s10-03", "s10-1-02"], "the one that says so, and the exercise"


def test_built_twice_is_the_same_to_the_byte_and_executed_once(
    built: tuple[Path, pytest.MonkeyPatch], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, _ = built
    before = files(root)
    assert build.main(["10", "--force"], root) == 0
    assert files(root) == before
    monkeypatch.setattr(build, "execute", None)
    assert build.main([], root) == 0
    assert files(root) == before


def test_check_names_what_is_not_current_and_how_to_mend_it(
    built: tuple[Path, pytest.MonkeyPatch], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root, _ = built
    monkeypatch.setattr(build, "execute", None)
    lesson, hidden = root / "lessons" / "10_beats.py", root / "rppg_lab" / "hidden.py"
    text = lesson.read_text(encoding="utf-8")
    before = files(root)

    def checked() -> str:
        status = build.main(["--check"], root)
        told = capsys.readouterr().out
        assert (status == 0) == (told == "")
        assert files(root) == before, "a check writes nothing"
        return told

    assert checked() == ""

    lesson.write_text(text.replace("How many beats", "How few beats"), encoding="utf-8")
    told = checked()
    assert "notebooks/10_beats.ipynb is not current: differs from its source" in told
    assert "solutions/10_beats.ipynb is not current: differs from its source" in told
    assert told.endswith("mend with: python lessons/build.py 10\n")
    assert build.main([], root) == 0, "mended without executing"
    assert b"How few beats" in files(root)["solutions/10_beats.ipynb"]
    lesson.write_text(text, encoding="utf-8")
    assert build.main([], root) == 0
    assert files(root) == before
    capsys.readouterr()

    hidden.write_text("x = 1\n", encoding="utf-8")
    told = checked()
    assert "solutions/10_beats.ipynb is not current: its code, or a module it imports, changed" in told
    assert "notebooks/" not in told
    hidden.write_text("", encoding="utf-8")

    solution = root / "solutions" / "10_beats.ipynb"
    solution.write_bytes(before["solutions/10_beats.ipynb"].replace(b"72.0", b"71.0"))
    before = files(root)
    assert "its outputs were changed by hand" in checked()
    solution.write_text("<<<<<<< ours", encoding="utf-8")
    before = files(root)
    assert "solutions/10_beats.ipynb is not current: missing or unreadable" in checked()


def test_notebook_without_a_lesson_is_named_and_left_to_its_owner(
    make_course: Callable[[Path], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = make_course(tmp_path)
    (root / "lessons" / "10_beats.py").unlink()
    (root / "notebooks").mkdir()
    stray = root / "notebooks" / "09_old.ipynb"
    stray.write_text("{}", encoding="utf-8")
    assert build.main(["--check"], root) == 1
    assert capsys.readouterr().out == "notebooks/09_old.ipynb has no lesson: delete it\n"
    assert build.main([], root) == 0
    assert stray.exists()


def test_raising_cell_stops_the_build_and_is_named(
    make_course: Callable[[Path], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = make_course(tmp_path)
    text = "# %% [markdown]\n# ## 10.3 Ratio\n# %%\nx = 0\n# %%\n1 / x\n# %%\nprint('later')\n"
    (root / "lessons" / "10_beats.py").write_text(text, encoding="utf-8")
    assert build.main([], root) == 1
    told = capsys.readouterr().err
    assert "10_beats: cell s10-3-03 (lessons/10_beats.py:6) raised ZeroDivisionError" in told
    assert "----> 1 1 / x" in told
    assert files(root) == {}


def test_lesson_with_a_leak_is_not_built(
    make_course: Callable[[Path], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = make_course(tmp_path)
    with (root / "lessons" / "10_beats.py").open("a", encoding="utf-8") as lesson:
        lesson.write("# %% [markdown]\n# Hint: `doubled = beats+beats`\n")
    monkeypatch.setattr(build, "execute", None)
    assert build.main([], root) == 1
    assert "a line of the solution of Exercise 10.1 can be read in cell s10-1-07" in capsys.readouterr().err


def test_solution_that_fails_its_own_check_is_not_stored(
    make_course: Callable[[Path], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = make_course(tmp_path)
    lesson = root / "lessons" / "10_beats.py"
    lesson.write_text(lesson.read_text(encoding="utf-8").replace("beats + beats", "beats * beats"), encoding="utf-8")
    assert build.main([], root) == 1
    told = capsys.readouterr().err
    assert "Exercise 10.1 does not pass its own check" in told
    assert "FAIL Exercise 10.1" in told
    assert files(root) == {}


def test_a_module_edited_meanwhile_spoils_the_execution(
    make_course: Callable[[Path], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = make_course(tmp_path)

    def edit(lesson: Lesson, notebook: NotebookNode, folder: Path, *, progress: bool) -> lesson_run.Run:
        with (root / "rppg_lab" / "checks.py").open("a", encoding="utf-8") as module:
            module.write("# edited\n")
        return lesson_run.Run(notebook, (), {})

    monkeypatch.setattr(build, "execute", edit)
    assert build.main([], root) == 1
    assert "edited while it ran; build it again" in capsys.readouterr().err
    assert files(root) == {}


@pytest.mark.course
@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to a whole console, not to one process")
def test_interrupted_build_leaves_no_kernel_and_no_notebook(tmp_path: Path) -> None:
    kernel = tmp_path / "kernel.txt"
    code = f"import os, time\nopen({str(kernel)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)\n"
    write(tmp_path / "lessons", f"# %%\n{code}")
    (tmp_path / "rppg_lab").mkdir()
    run = f"import sys, pathlib, build; sys.exit(build.main([], pathlib.Path({str(tmp_path)!r})))"
    builder = subprocess.Popen([sys.executable, "-c", run], cwd=Path(build.__file__).parent, stderr=subprocess.PIPE)
    until = time.monotonic() + 60
    while not (kernel.is_file() and kernel.read_text()) and time.monotonic() < until:
        time.sleep(0.1)
    builder.send_signal(signal.SIGINT)
    _, told = builder.communicate(timeout=60)
    assert builder.returncode == 130, told.decode()
    assert told.endswith(b"interrupted; what was finished before is kept\n")
    assert not psutil.pid_exists(int(kernel.read_text()))
    assert files(tmp_path) == {}


def test_unknown_or_doubled_lesson_is_refused_with_the_ones_there_are(
    make_course: Callable[[Path], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = make_course(tmp_path)
    assert build.main(["13"], root) == 1
    assert "no lesson 13; there are: 10, glossary" in capsys.readouterr().err
    write(root / "lessons", "# %%\n", "10_other.py")
    assert build.main(["10"], root) == 1
    assert "10_beats, 10_other" in capsys.readouterr().err


def test_large_notebook_is_refused_and_the_old_one_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "10_beats.ipynb"
    path.write_text("old", encoding="utf-8")
    output = stream("stdout", "x" * 1_500_000)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[output])])
    with pytest.raises(LessonError, match=r"10_beats.ipynb would be 1.5 MB"):
        build.write(path, notebook)
    notebook.cells[0].outputs = []

    def no_space(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(build.os, "replace", no_space)
    with pytest.raises(OSError, match="no space"):
        build.write(path, notebook)
    assert [file.name for file in tmp_path.iterdir()] == ["10_beats.ipynb"]
    assert path.read_text(encoding="utf-8") == "old"


# ------------------------------------------------------------------------------------------------------- the glossary

GLOSSARY = """
# Glossary
One word each.

## AC and DC
<!-- also: AC/DC -->
Two parts of a light. [10.1]

## beat
What a heart does. [10 What you found]
"""


@pytest.fixture
def glossed(tmp_path: Path, lesson_text: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with a glossary; whoever executes one of its lessons fails."""
    write(tmp_path / "lessons", lesson_text)
    write(tmp_path / "lessons", GLOSSARY, "glossary.md")
    monkeypatch.setattr(build, "execute", None)
    return tmp_path


def test_glossary_stands_beside_both_copies_of_the_lessons(glossed: Path) -> None:
    assert build.main(["glossary"], glossed) == 0
    made = files(glossed)
    assert set(made) == {"notebooks/glossary.ipynb", "solutions/glossary.ipynb"}
    assert len(set(made.values())) == 1
    notebook = nbformat.reads(made["notebooks/glossary.ipynb"].decode(), as_version=4)
    lesson = build.learner_notebook(read_lesson(glossed / "lessons" / "10_beats.py"))
    (doubling,) = (cell.id for cell in lesson.cells if "## 10.1 Doubling" in cell.source)
    (found,) = (cell.id for cell in lesson.cells if "## What you found" in cell.source)
    assert [(cell.id, cell.source) for cell in notebook.cells] == [
        ("glossary", "# Glossary\nOne word each."),
        ("ac-and-dc", f"## AC and DC\nTwo parts of a light. [10.1 Doubling](10_beats.ipynb#cell-id={doubling})"),
        ("beat", f"## beat\nWhat a heart does. [10: What you found](10_beats.ipynb#cell-id={found})"),
    ]


def test_check_names_a_glossary_that_is_not_current(glossed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main(["--check", "glossary"], glossed) == 1
    assert "notebooks/glossary.ipynb is not current: missing" in capsys.readouterr().out
    assert files(glossed) == {}, "a check writes nothing"
    assert build.main(["glossary"], glossed) == 0
    assert build.main(["--check", "glossary"], glossed) == 0
    capsys.readouterr()

    path = glossed / "lessons" / "10_beats.py"
    path.write_text(path.read_text(encoding="utf-8").replace("10.1 Doubling", "10.1 Twice"), encoding="utf-8")
    assert build.main(["--check"], glossed) == 1
    told = capsys.readouterr().out
    assert "solutions/glossary.ipynb is not current: differs from its source" in told
    assert told.endswith("mend with: python lessons/build.py 10 glossary\n")

    glossary.source(glossed).unlink()
    assert build.main(["--check"], glossed) == 1
    assert "notebooks/glossary.ipynb has no lesson: delete it" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("part", "instead", "says"),
    [
        ("[10.1]", "[10.3]", "'AC and DC' names '10.3', and no lesson has it"),
        ("[10 What you found]", "[10 What you lost]", "'beat' names '10 What you lost'"),
        ("## AC", "## flicker and AC", "'beat' stands below 'flicker and AC and DC'; keep to the alphabet"),
        (" [10.1]", "", "'AC and DC' needs a sentence, and a section"),
        ("AC/DC -->", "beat -->", "beat is in another entry already"),
        (
            "What a heart does.",
            "Like `doubled = beats+beats`.",
            "a line of the solution of Exercise 10.1 can be read in",
        ),
    ],
)
def test_glossary_that_promises_too_much_is_not_built(
    glossed: Path, capsys: pytest.CaptureFixture[str], part: str, instead: str, says: str
) -> None:
    path = glossary.source(glossed)
    assert part in path.read_text(encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace(part, instead), encoding="utf-8")
    assert build.main(["glossary"], glossed) == 1
    told = capsys.readouterr().err
    assert says in told
    assert "lessons/glossary.md:" in told
    assert files(glossed) == {}
