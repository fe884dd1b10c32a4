"""A fresh notebook, and nothing that was written is lost; lab.py knows the fresh one as unedited."""

import importlib.util
import json
from pathlib import Path

import pytest

from rppg_lab import cli, folders
from rppg_lab.checks import PASS, Result, progress, resetting

ROOT = Path(__file__).resolve().parents[2]
NAME = "07_what.ipynb"


@pytest.fixture(scope="module")
def lab():
    spec = importlib.util.spec_from_file_location("lab", ROOT / "lab.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def course(tmp_path, monkeypatch, lab):
    """A course with two notebooks, as `lab.py setup` leaves it."""
    monkeypatch.setattr(folders, "project_folder", lambda: tmp_path)
    monkeypatch.setenv("RPPG_LAB_PROGRESS", str(tmp_path / "work" / "progress.json"))
    (tmp_path / "notebooks").mkdir()
    for name in ("00_start.ipynb", NAME):
        (tmp_path / "notebooks" / name).write_text(f"new {name}", encoding="utf-8")
    assert lab.copy_notebooks(tmp_path / "notebooks", tmp_path / "work") == []
    return tmp_path


def kept(course):
    return sorted(path.name for path in (course / "work").glob("*_kept_*"))


def test_an_edited_notebook_is_kept_and_a_fresh_one_is_there(course):
    (course / "work" / NAME).write_text("mine", encoding="utf-8")
    ((fresh, old),) = resetting.reset(["07"])
    assert fresh.read_text(encoding="utf-8") == f"new {NAME}"
    assert old.read_text(encoding="utf-8") == "mine"
    assert kept(course) == [old.name]
    assert (course / "work" / "00_start.ipynb").read_text(encoding="utf-8") == "new 00_start.ipynb"


def test_two_in_one_second_are_both_kept(course):
    for text in ("one", "two", "three"):
        (course / "work" / NAME).write_text(text, encoding="utf-8")
        resetting.reset(["7"])
    texts = {(course / "work" / name).read_text(encoding="utf-8") for name in kept(course)}
    assert texts == {"one", "two", "three"}


def test_what_was_not_edited_is_simply_replaced(course):
    assert [old for _, old in resetting.reset(["07"])] == [None]
    (course / "notebooks" / NAME).write_text("newer", encoding="utf-8")
    assert [old for _, old in resetting.reset(["07"])] == [None]
    (course / "work" / NAME).unlink()
    ((fresh, old),) = resetting.reset(["07"])
    assert (fresh.read_text(encoding="utf-8"), old, kept(course)) == ("newer", None, [])


def test_a_fresh_copy_counts_as_unedited(course, lab):
    """So that the next version of the course replaces it, also if lab.py was not asked in between."""
    assert (resetting.COPIED, folders.work_folder().name) == (lab.COPIED, lab.WORK.name)
    (course / "notebooks" / NAME).write_text("second", encoding="utf-8")
    (course / "work" / NAME).write_text("mine", encoding="utf-8")
    resetting.reset(["07"])
    (course / "notebooks" / NAME).write_text("third", encoding="utf-8")
    assert lab.copy_notebooks(course / "notebooks", course / "work") == []
    assert (course / "work" / NAME).read_text(encoding="utf-8") == "third"
    assert set(json.loads((course / "work" / lab.COPIED).read_text(encoding="utf-8"))) == {"00_start.ipynb", NAME}


def test_the_kept_copy_is_not_the_start_page(course, lab):
    (course / "work" / "00_start.ipynb").write_text("mine", encoding="utf-8")
    resetting.reset(["00"])
    assert kept(course)
    assert lab.start_page(course / "work") == "/lab/tree/00_start.ipynb"


def test_when_the_note_is_lost_everything_else_is_kept(course):
    (course / "work" / resetting.COPIED).write_text("{", encoding="utf-8")
    (course / "work" / NAME).write_text("perhaps mine", encoding="utf-8")
    assert resetting.reset(["07"])[0].kept is not None


def test_a_write_that_fails_leaves_the_notebook_where_it_was(course, monkeypatch):
    (course / "work" / NAME).write_text("mine", encoding="utf-8")
    monkeypatch.setattr(resetting.os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(OSError, match="No space"):
        resetting.reset(["07"])
    assert (course / "work" / NAME).read_text(encoding="utf-8") == "mine"
    assert not list((course / "work").glob("*.part"))


def test_an_unknown_number_names_the_lessons_and_touches_nothing(course, capsys):
    (course / "work" / NAME).write_text("mine", encoding="utf-8")
    assert cli.main(["reset", "07", "42"]) == cli.FAILED
    assert capsys.readouterr().err == "rppg-lab: there is no lesson 42; there are 00, 07\n"
    assert (course / "work" / NAME).read_text(encoding="utf-8") == "mine"


def test_without_a_work_folder_it_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(folders, "project_folder", lambda: tmp_path)
    assert cli.main(["reset", "07"]) == cli.FAILED
    assert "no notebooks" in capsys.readouterr().err
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / NAME).write_text("new", encoding="utf-8")
    assert cli.main(["reset", "07"]) == cli.FAILED
    assert "python lab.py setup" in capsys.readouterr().err


def test_the_command_says_what_it_did_and_forgets_only_when_told(course, capsys):
    for number in ("00.1", "07.1", "07.2"):
        progress.record(Result(number, PASS))
    (course / "work" / NAME).write_text("mine", encoding="utf-8")
    assert cli.main(["reset", "7", "00"]) == 0
    said = capsys.readouterr().out
    assert f"What you had is kept: {kept(course)[0]}." in said
    assert "00_start.ipynb is fresh.\n" in said
    assert set(progress.read()) == {"00.1", "07.1", "07.2"}
    assert cli.main(["reset", "7", "--forget"]) == 0
    assert "Forgotten: your progress in 2 exercises." in capsys.readouterr().out
    assert set(progress.read()) == {"00.1"}
