"""Of a notebook only what an exercise needs is run, and all that it needs."""

import ast
import json

import pytest

from rppg_lab.checks import slicing

CELLS = [
    "%matplotlib inline\n!pip install x\nimport numpy as np\nfrom rppg_lab import checks\nfs = 30.0",
    "import matplotlib.pyplot as plt\nplt.plot([1])\nnp.random.seed(1)",
    "history = [train() for _ in range(10**9)]\nprint(history)",
    "def helper(wave):\n    return wave * gain",
    "gain = {}\ngain['a'] = fs\ngain.update(b=1)\nother = {}\nother['a'] = 1",
    "%%time\ntrain()",
    "this is no Python",
    '@checks.exercise("10.1")\ndef first(wave):\n    history = 3\n    return [w for w in np.ones(history)]\nfirst(1)',
    "for k in range(3):\n    table = k\n    np.ones(k)",
    '@checks.exercise("10.2")\ndef second(wave, start=table):\n    return helper(first(wave))\nsecond(2)',
    'late = 1\n@exercise("10.2")\nclass Second(Base):\n    def __call__(self):\n        return late',
]


def chosen(number, cells=CELLS):
    return [ast.unparse(one.node) for one in slicing.needed(slicing.statements(cells)[0], number)]


def test_what_is_used_is_taken_and_nothing_else():
    """Not even what the decorator needs: it is taken off."""
    assert chosen("10.1")[:-1] == ["import numpy as np"]
    assert chosen("10.1")[-1].startswith("def first")


def test_it_is_taken_through_others_and_wherever_it_is_given_its_value():
    found = chosen("10.2", CELLS[:-1])
    assert [line.splitlines()[0] for line in found] == [
        "import numpy as np",
        "fs = 30.0",
        "def helper(wave):",
        "gain = {}",
        "gain['a'] = fs",
        "gain.update(b=1)",
        "def first(wave):",
        "for k in range(3):",
        "def second(wave, start=table):",
    ]


def test_the_last_answer_counts():
    assert [line.splitlines()[0] for line in chosen("10.2")] == ["late = 1", "class Second(Base):"]


@pytest.mark.parametrize(
    "cell",
    [
        "%%time\n{}",
        "\n\n%%capture said\n{}",
        "np.ones?\n{}",
        "files = !ls\n{}\n    %time 1",
        "{}\n    !ls",
        "x = 5\\\n%3\n{}",
    ],
)
def test_what_jupyter_understands_is_no_mistake(cell):
    assert "def f" in chosen("10.1", [cell.format('@exercise("10.1")\ndef f():\n    return 1')])[-1]


def test_a_cell_that_is_not_python_costs_no_other():
    found, wrong = slicing.statements(CELLS)
    assert list(wrong) == [7]
    assert "line 1" in wrong[7]
    assert {one.exercise for one in found} == {None, "10.1", "10.2"}
    assert found[0].cell == 1


def test_an_exercise_that_is_not_answered():
    assert chosen("10.3") == []


def test_everything_may_come_from_a_star():
    assert chosen("10.1", ["from math import *", "x = 1", '@exercise("10.1")\ndef f():\n    return pi'])[0] == (
        "from math import *"
    )


def test_numbers_are_found_without_a_look_at_the_code():
    cells = [*CELLS, '# @checks.exercise("10.3")', '@checks.exercise(\n    "10.4"\n)\nno Python']
    assert slicing.numbers_in(cells) == ["10.1", "10.2", "10.4"]


def test_cells_are_read_in_both_forms(tmp_path):
    path = tmp_path / "a.ipynb"
    cells = [("code", ["a = 1\n", "b = 2"]), ("markdown", "text"), ("code", "c = 3")]
    content = {"cells": [{"cell_type": kind, "source": source} for kind, source in cells]}
    path.write_text(json.dumps(content), encoding="utf-8")
    assert slicing.read_cells(path) == ["a = 1\nb = 2", "c = 3"]


@pytest.mark.parametrize("content", ["", "[]", '{"cells": [{}]}', "[" * 100_000, '{"cells": 3}', "\ufeff{}"])
def test_what_is_no_notebook_is_told(tmp_path, content):
    path = tmp_path / "a.ipynb"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match="not a notebook"):
        slicing.read_cells(path)


def test_what_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(slicing, "LARGEST", 10)
    (tmp_path / "a.ipynb").write_text('{"cells": []}', encoding="utf-8")
    with pytest.raises(ValueError, match="larger than"):
        slicing.read_cells(tmp_path / "a.ipynb")
