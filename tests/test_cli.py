"""`rppg-lab …`: what it does, what it says when it cannot, and with which exit status it ends."""

import json
import os
import subprocess
import sys
from types import ModuleType

import pytest

import rppg_lab
from rppg_lab import cli


@pytest.fixture
def made(monkeypatch, tmp_path):
    """A stand-in for the maker of sample data: one small file per set, and a note of what was asked for."""
    module = ModuleType("made")
    module.SAMPLES, module.asked = {"lab_train": {}, "lab_test": {}}, []

    def sample(name, *, remake=False):
        module.asked.append((name, remake))
        path = tmp_path / f"{name}.h5"
        path.write_bytes(b"0" * 3_400_000)
        return path

    module.sample = sample
    monkeypatch.setitem(sys.modules, "rppg_lab.datasets.made", module)
    monkeypatch.setattr("rppg_lab.datasets.made", module, raising=False)
    return module


def test_version(capsys):
    assert cli.main(["version"]) == 0
    assert capsys.readouterr().out == f"rppg-lab {rppg_lab.__version__}\n"


def test_without_a_command_the_commands_are_named():
    done = subprocess.run([sys.executable, "-m", "rppg_lab.cli"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "COMMAND" in done.stderr


def test_help_is_complete_and_loads_nothing_heavy():
    code = "import sys, rppg_lab.cli; rppg_lab.cli.main(['version']); sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0
    for command in ("data", "train", "progress", "version"):
        assert f"    {command} " in cli.make_parser().format_help()


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        ([], [("lab_train", False), ("lab_test", False)]),
        (["--only", "lab_test"], [("lab_test", False)]),
        (["--remake", "--only", "lab_test", "--only", "lab_train"], [("lab_test", True), ("lab_train", True)]),
    ],
)
def test_data_is_made_and_shown(made, tmp_path, capsys, arguments, asked):
    assert cli.main(["data", *arguments]) == 0
    assert made.asked == asked
    for line, (name, _) in zip(capsys.readouterr().out.splitlines(), asked, strict=True):
        assert line.split() == [name, "3", "MB", str(tmp_path / f"{name}.h5")]


def test_an_unknown_sample_is_told_the_valid_ones_before_anything_is_made(made, capsys):
    assert cli.main(["data", "--only", "lab_train", "--only", "lab_tset"]) == cli.FAILED
    assert capsys.readouterr().err == "rppg-lab: there is no sample set lab_tset: choose from lab_train, lab_test\n"
    assert not made.asked


@pytest.mark.parametrize(
    "error", [ValueError("a\n  b"), FileNotFoundError("a b"), OSError("a b"), NotImplementedError("a b")]
)
def test_what_the_reader_can_mend_is_one_line(made, monkeypatch, capsys, error):
    def fail(name, remake):
        raise error

    monkeypatch.setattr(made, "sample", fail)
    assert cli.main(["data"]) == cli.FAILED
    assert capsys.readouterr().err == "rppg-lab: a b\n"
    assert cli.main(["--traceback", "data"]) == cli.FAILED
    assert "Traceback" in capsys.readouterr().err


def test_a_bug_shows_its_traceback(made, monkeypatch):
    monkeypatch.setattr(made, "sample", lambda name, remake: {}["a key of ours"])
    with pytest.raises(KeyError):
        cli.main(["data"])


def test_ctrl_c_says_that_it_can_be_resumed(made, monkeypatch, capsys):
    def interrupted(name, remake):
        raise KeyboardInterrupt

    monkeypatch.setattr(made, "sample", interrupted)
    assert cli.main(["data"]) == cli.INTERRUPTED
    assert capsys.readouterr().err.strip() == "Stopped. The same command goes on where it stopped."


def test_train_runs_what_the_file_says(monkeypatch, tmp_path, capsys):
    experiment = ModuleType("experiment")
    experiment.load_settings = lambda path: json.loads(path.read_text(encoding="utf-8"))
    experiment.run = lambda settings, fresh: f"{settings['epochs']} epochs, fresh: {fresh}"
    monkeypatch.setitem(sys.modules, "rppg_lab.experiment", experiment)
    monkeypatch.setattr("rppg_lab.experiment", experiment, raising=False)
    (tmp_path / "params.json").write_text('{"epochs": 3}', encoding="utf-8")
    assert cli.main(["train", str(tmp_path / "params.json")]) == 0
    assert cli.main(["train", str(tmp_path / "params.json"), "--fresh"]) == 0
    assert capsys.readouterr().out == "3 epochs, fresh: False\n3 epochs, fresh: True\n"


def test_train_without_its_file_says_which(tmp_path, capsys):
    assert cli.main(["train", str(tmp_path / "parms.json")]) == cli.FAILED
    assert "parms.json" in capsys.readouterr().err


def test_progress_of_somebody_new(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("RPPG_LAB_PROGRESS", str(tmp_path / "progress.json"))
    assert cli.main(["progress"]) == 0
    assert capsys.readouterr().out.strip()
    assert not (tmp_path / "progress.json").exists()


def test_a_console_without_greek_gets_a_question_mark():
    environ = {**os.environ, "PYTHONIOENCODING": "ascii"}
    code = "import rppg_lab.cli; rppg_lab.__version__ = '\\u03bb'; raise SystemExit(rppg_lab.cli.main(['version']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environ)
    assert (done.returncode, done.stdout) == (0, "rppg-lab ?\n")
