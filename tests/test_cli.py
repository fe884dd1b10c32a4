"""`rppg-lab …`: what it does, what it says when it cannot, and with which exit status it ends."""

import json
import os
import subprocess
import sys
from types import ModuleType

import pytest

import rppg_lab
from rppg_lab import cli
from rppg_lab.datasets import made


@pytest.fixture
def data(monkeypatch, tmp_path):
    """Two sample sets that are made in a moment, in a folder of their own."""
    monkeypatch.setenv("RPPG_LAB_DATA", str(tmp_path))
    few = made.Sample(range(1), "1 person", seconds=4.0)
    monkeypatch.setattr(made, "SAMPLES", {"lab_train": few, "lab_test": few})
    return tmp_path


def fail_with(error):
    def fail(name, **options):
        raise error

    return fail


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
    for command in ("data", "train", "read", "record", "prepare", "progress", "reset", "collect", "version"):
        assert f"    {command} " in cli.make_parser().format_help()


def test_data_is_made_once_and_shown(data, capsys):
    assert cli.main(["data"]) == 0
    first = {path.name: path.stat().st_mtime_ns for path in data.iterdir()}
    assert sorted(first) == ["lab_test.h5", "lab_train.h5"]
    for name, line in zip(("lab_train", "lab_test"), capsys.readouterr().out.splitlines(), strict=True):
        path = data / f"{name}.h5"
        assert line.split() == [name, f"{path.stat().st_size / 1e6:.0f}", "MB", str(path), "(1", "person)"]

    assert cli.main(["data"]) == 0
    assert {path.name: path.stat().st_mtime_ns for path in data.iterdir()} == first


def test_one_set_can_be_made_and_made_anew(data):
    assert cli.main(["data", "--only", "lab_test"]) == 0
    (path,) = data.iterdir()
    assert path.name == "lab_test.h5"
    content, made_at = path.read_bytes(), path.stat().st_mtime_ns
    assert cli.main(["data", "--only", "lab_test", "--remake"]) == 0
    assert path.stat().st_mtime_ns > made_at
    assert path.read_bytes() == content


def test_an_unknown_sample_is_told_the_valid_ones_before_anything_is_made(data, capsys):
    assert cli.main(["data", "--only", "lab_train", "--only", "lab_tset"]) == cli.FAILED
    told = f"rppg-lab: there is no sample set lab_tset: choose from {', '.join(made.known_samples())}\n"
    assert capsys.readouterr().err == told
    assert {"lab_train", "office_validation"} <= set(made.known_samples())
    assert not list(data.iterdir())


@pytest.mark.parametrize("kind", [ValueError, FileNotFoundError, OSError, NotImplementedError, FloatingPointError])
def test_what_the_reader_can_mend_is_one_line(monkeypatch, capsys, kind):
    monkeypatch.setattr(made, "sample", fail_with(kind("a\n  b")))
    assert cli.main(["data"]) == cli.FAILED
    assert capsys.readouterr().err == "rppg-lab: a b\n"
    assert cli.main(["--traceback", "data"]) == cli.FAILED
    assert "Traceback" in capsys.readouterr().err


def test_a_bug_shows_its_traceback(monkeypatch):
    monkeypatch.setattr(made, "sample", fail_with(KeyError("ours")))
    with pytest.raises(KeyError):
        cli.main(["data"])


def test_ctrl_c_says_that_it_can_be_resumed(monkeypatch, capsys):
    monkeypatch.setattr(made, "sample", fail_with(KeyboardInterrupt))
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


# ------------------------------------------------------------------------------------------------ reading and preparing


def write_crops(path, frames):
    import cv2
    import numpy as np

    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*"FFV1"), 30.0, (64, 64))
    for frame in frames:
        writer.write(np.ascontiguousarray(frame[..., ::-1]))
    writer.release()


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    """One folder: a made person with a pulse file, and a wall that is nothing but noise."""
    import numpy as np

    from rppg_lab import synthesis

    folder = tmp_path_factory.mktemp("videos")
    alive = synthesis.make_video(303, seconds=12)
    write_crops(folder / "alive.avi", alive.frames)
    write_crops(folder / "dead.avi", np.random.default_rng(0).integers(90, 120, (360, 64, 64, 3), dtype=np.uint8))
    rows = "\n".join(f"{t:.6f},{value:.6f}" for t, value in zip(alive.time, alive.bvp, strict=True))
    (folder / "alive.csv").write_text(f"time,bvp\n{rows}\n", encoding="utf-8")
    return folder


def test_names_in_the_options_are_those_of_the_modules():
    from rppg_lab import methods, preparing, reading, video

    assert list(cli.METHODS) == [name.lower() for name in [*methods.METHODS, reading.NETWORK]]
    assert list(cli.FINDERS) == list(video.FINDERS)
    help_text = cli.make_parser().parse_args(["prepare", "a", "b"])
    for name, default in vars(preparing.Choices()).items():
        if name != "even":
            assert getattr(help_text, name) == default


def test_read_says_the_rate_saves_what_is_asked_and_ends_with_0(videos, tmp_path, capsys):
    wave, figure = tmp_path / "wave.csv", tmp_path / "figure.png"
    video = str(videos / "alive.avi")
    assert cli.main(["read", video, "--box", "whole", "--wave", str(wave), "--figure", str(figure)]) == 0
    assert "bpm (" in capsys.readouterr().out
    assert wave.exists()
    assert figure.exists()


def test_read_prints_one_object_and_nothing_else(videos, capsys):
    found = []
    for name, status in (("alive", 0), ("dead", cli.REFUSED), ("none", cli.FAILED)):
        assert (
            cli.main(["read", str(videos / f"{name}.avi"), "--box", "whole", "--method", "CHROM", "--json"]) == status
        )
        found.append(json.loads(capsys.readouterr().out))
    alive, dead, none = found
    keys = ["hr_bpm", "reliable", "interval_bpm", "quality", "method", "seconds", "fs", "message"]
    assert list(alive) == list(dead) == list(none) == keys
    assert alive["reliable"]
    assert alive["interval_bpm"][0] <= alive["hr_bpm"] <= alive["interval_bpm"][1]
    assert (alive["method"], alive["seconds"], alive["fs"]) == ("CHROM", 12.0, 30.0)
    for refused in (dead, none):
        assert not refused["reliable"]
        assert refused["hr_bpm"] is None
    assert "No reliable pulse" in dead["message"]
    assert "none.avi" in none["message"]


@pytest.mark.parametrize("options", [["--box", "1,2,3"], ["--method", "magic"], ["--rotate", "45"]])
def test_an_option_that_cannot_be_is_status_2(videos, options):
    with pytest.raises(SystemExit) as ended:
        cli.main(["read", str(videos / "alive.avi"), *options])
    assert ended.value.code == cli.FAILED


def test_a_finder_or_figure_that_cannot_be_is_told_before_anything_is_read(videos, capsys):
    assert cli.main(["read", str(videos / "alive.avi"), "--finder", "eyes"]) == cli.FAILED
    assert "haar, lbp" in capsys.readouterr().err
    assert cli.main(["read", str(videos / "alive.avi"), "--figure", "picture.doc"]) == cli.FAILED
    assert ".png" in capsys.readouterr().err


def test_reading_loads_no_torch_and_no_matplotlib(videos):
    code = (
        "import sys, rppg_lab.cli; status = rppg_lab.cli.main(['read', sys.argv[1], '--box', 'whole']);"
        "assert not {'torch', 'matplotlib', 'skimage'} & set(sys.modules); sys.exit(status)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(videos / "alive.avi")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_prepare_writes_what_it_can_and_names_the_rest(videos, tmp_path, capsys):
    out = tmp_path / "out.h5"
    assert cli.main(["prepare", str(videos), str(out), "--box", "whole", "--size", "32"]) == cli.SOME_FAILED
    said = capsys.readouterr().out
    assert "1 recordings" in said
    assert "dead: no pulse file" in said
    assert out.exists()


def test_prepare_of_nothing_is_status_2(tmp_path, capsys):
    assert cli.main(["prepare", str(tmp_path), str(tmp_path / "out.h5")]) == cli.FAILED
    assert "no videos" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
