"""The builder is a script beside the lessons, not a part of the package: put it on the path. A tiny course to build."""

import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent

for folder in (HERE, PROJECT / "lessons"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

CHECKS = '''
    """A stand-in for the check framework: one line, and the function to go on with."""
    import importlib

    importlib.import_module("rppg_lab.hidden")

    def exercise(number):
        def judge(function):
            try:
                word = "PASS" if function(70.0) == 140.0 else "FAIL"
            except NotImplementedError:
                word = "TODO"
            print(f"{word} Exercise {number}")
            return function if word == "PASS" else (lambda beats: 2 * beats)
        return judge

    def show_progress(lesson):
        print(f"Lesson {lesson}: all done.")
'''

LESSON = '''
    # %% [markdown]
    # # 10. How many beats a minute?
    # **What you will be able to do:** double a number. **What you need first:** nothing.
    # **Time:** 5 minutes; 3 seconds of compute.

    # %%
    import os
    import sys
    import time
    import matplotlib.pyplot as plt
    from tqdm import tqdm
    from rppg_lab import checks

    # %% tags=["nbval-check-output"]
    print("folder:", os.path.basename(os.getcwd()), "threads:", os.environ["OMP_NUM_THREADS"])
    print("progress:", os.path.basename(os.environ["RPPG_LAB_PROGRESS"]), os.environ["RPPG_LAB_PROGRESS"] == PROGRESS)

    # %% [markdown]
    # ## 10.1 Doubling
    # ## Exercise 10.1: a minute (easy, 2 minutes)
    # *You should see:* 72 for 36.
    # <details><summary>Hint 1: a question</summary>Which number of half minutes is a minute?</details>
    # <details><summary>Hint 2: a pointer</summary>Count them.</details>
    # <details><summary>Hint 3: an outline</summary>One line.</details>

    # %%
    @checks.exercise("10.1")
    def per_minute(beats):
        """Beats in half a minute -> beats per minute."""
        ### BEGIN SOLUTION
        doubled = beats + beats  # two halves make a minute
        return doubled
        ### END SOLUTION

    # %%
    for _ in tqdm(range(3), desc="training"):
        time.sleep(0.01)
    print(f"took {time.perf_counter():.2f} s", object())
    print(per_minute(36.0))
    plt.plot([0, 1]);

    # %% [markdown]
    # The figure shows a line that rises from zero to one, which is all it does.

    # %%
    checks.show_progress("10")

    # %% [markdown]
    # ## What you found
    # Two halves.
    # ## Three questions to ask yourself
    # <details><summary>Answer</summary>One</details>
    # <details><summary>Answer</summary>Two</details>
    # <details><summary>Answer</summary>Three</details>
    # ## Where to read on
    # Nowhere.
'''


@pytest.fixture(scope="session")
def lesson_text() -> str:
    """A lesson that has every part; PROGRESS stands for the reader's own progress file."""
    return dedent(LESSON).lstrip().replace("PROGRESS)", '"mine.json")')


@pytest.fixture(scope="session")
def make_course(lesson_text: str) -> Callable[[Path], Path]:
    """`make_course(folder)` writes a course of one lesson and a small package into a folder."""

    def make(root: Path) -> Path:
        package = root / "rppg_lab"
        for folder in (root / "lessons", package):
            folder.mkdir(parents=True)
        (root / "lessons" / "10_beats.py").write_text(lesson_text, encoding="utf-8")
        (package / "__init__.py").write_text("", encoding="utf-8")
        (package / "hidden.py").write_text("", encoding="utf-8")
        (package / "checks.py").write_text(dedent(CHECKS).lstrip(), encoding="utf-8")
        return root

    return make
