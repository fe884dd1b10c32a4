"""Everything lands in the project, or where the learner said."""

from pathlib import Path

import pytest

from rppg_lab import folders

ROOT = Path(__file__).resolve().parent.parent
PLACES = {
    folders.data_folder: ("RPPG_LAB_DATA", ROOT / "data"),
    folders.runs_folder: ("RPPG_LAB_RUNS", ROOT / "runs"),
    folders.progress_file: ("RPPG_LAB_PROGRESS", ROOT / "work" / "progress.json"),
}


def test_the_project_is_this_checkout():
    assert folders.project_folder() == ROOT
    assert folders.work_folder() == ROOT / "work"


@pytest.mark.parametrize("place", PLACES)
def test_a_place_is_in_the_project_unless_its_variable_says_otherwise(place, monkeypatch, tmp_path):
    variable, default = PLACES[place]
    monkeypatch.delenv(variable, raising=False)
    assert place() == default
    monkeypatch.setenv(variable, "")  # `RPPG_LAB_DATA= command` means "not set" to whoever types it
    assert place() == default
    monkeypatch.setenv(variable, str(tmp_path / "elsewhere"))
    assert place() == tmp_path / "elsewhere"


def test_a_relative_or_home_place_becomes_absolute(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RPPG_LAB_DATA", "big disk/data")
    assert folders.data_folder() == tmp_path / "big disk" / "data"
    monkeypatch.setenv("RPPG_LAB_DATA", str(Path("~") / "videos"))
    assert folders.data_folder() == Path.home() / "videos"


def test_without_a_checkout_the_project_is_in_the_home_folder(monkeypatch, tmp_path):
    installed = tmp_path / "site-packages" / "rppg_lab" / "folders.py"
    installed.parent.mkdir(parents=True)
    installed.write_text(Path(folders.__file__).read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(folders, "__file__", str(installed))
    assert folders.project_folder() == Path.home() / "rppg-lab"


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    path = tmp_path / "new" / "file.txt"
    with folders.replacing(path) as part:
        part.write_text("first")
        assert not path.exists()
    assert path.read_text() == "first"

    def half():
        with folders.replacing(path) as part:
            part.write_text("half of the sec")
            raise RuntimeError("on the way")

    with pytest.raises(RuntimeError, match="on the way"):
        half()
    assert path.read_text() == "first"
    assert [one.name for one in path.parent.iterdir()] == ["file.txt"]
