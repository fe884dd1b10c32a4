"""A params file is taken or explained; a run finds the pulse, is kept whole, is never repeated and never lost."""

import ast
import csv
import dataclasses
import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import rppg_lab
from rppg_lab import experiment, training
from rppg_lab.datasets import endless
from rppg_lab.experiment import Settings, default_micro_batch, load_settings, run
from rppg_lab.inference import predict_wave
from rppg_lab.models import load_weights
from rppg_lab.models.physnet import PhysNet
from rppg_lab.recordings import Recording, open_recordings, write_lecture_layout, write_recordings
from rppg_lab.seeding import random_state
from rppg_lab.spectrum import heart_rate

FS, SECONDS = 30.0, 12.0

LECTURE = {
    "data_path": "PhysNet_UBFC_train_9.hdf5",
    "train_ratio": 0.7,
    "validation_ratio": 0.1,
    "batch_size": 100,
    "train_shuffle": 1,
    "test_shuffle": 0,
    "loss_fn": "neg_pearson",
    "optimizer": "adam",
    "learning_rate": 0.0001,
    "epochs": 31,
    "model": "physnet",
}


def recordings(people, size=16, seconds=SECONDS, pulse=20.0, first=0, fs=FS):
    """Faces that grow greener with each beat; each person has a rate of their own."""
    for person in range(first, first + people):
        time = np.arange(round(seconds * fs)) / fs
        wave = np.sin(2 * np.pi * (60 + 11 * person) / 60 * time)
        noise = np.random.default_rng(person).normal(0, 5, (len(time), size, size, 3))
        frames = np.array([150.0, 110.0, 90.0]) + noise
        frames[..., 1] += pulse * wave[:, None, None]
        frames = frames.clip(0, 255).round().astype(np.uint8)
        yield Recording(f"person-{person:02}", fs, time, wave.astype(np.float32), frames)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_recordings(tmp_path_factory.mktemp("data") / "five.hdf5", recordings(5), {"made": "by a test"})


def small(data, **changes):
    """Settings that train in a second."""
    chosen = {
        "data_path": str(data),
        "train_ratio": 0.6,
        "validation_ratio": 0.2,
        "batch_size": 8,
        "learning_rate": 1e-2,
        "epochs": 3,
        "width": 4,
        "clip_length": 32,
        "stride": 96,
        "scheduler": "onecycle",
    }
    return Settings(**chosen | changes)


def params(tmp_path, content, name="params.json"):
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


# ---------------------------------------------------------------------------------------------------- settings


def test_the_lectures_file_is_taken_as_it_is(tmp_path):
    settings = load_settings(params(tmp_path, LECTURE, "test_param.json"))
    assert settings.data_path == str(tmp_path / "PhysNet_UBFC_train_9.hdf5")  # beside the params file
    assert {key: getattr(settings, key) for key in LECTURE if key != "data_path"} == {
        key: value for key, value in LECTURE.items() if key != "data_path"
    }
    assert settings.train_shuffle is True
    assert settings.test_shuffle is False
    assert Settings(data_path=settings.data_path) == settings  # absent keys have the lecture's values


def test_paths_are_taken_from_the_folder_of_the_file_wherever_one_stands(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    params(tmp_path / "here", {"data_path": "../data/a.hdf5", "test_path": str(tmp_path / "b.hdf5")})
    monkeypatch.chdir(tmp_path)
    settings = load_settings(Path("here") / "params.json")
    monkeypatch.chdir(tmp_path / "here")
    assert Path(settings.data_path).resolve() == (tmp_path / "data" / "a.hdf5").resolve()
    assert settings.test_path == str(tmp_path / "b.hdf5")


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [
        ("learning_rat", "learning_rate"),
        ("val_ratio", "validation_ratio"),
        ("lossfn", "loss_fn"),
        ("optimiser", "optimizer"),
        ("Epochs", "epochs"),
    ],
)
def test_a_wrong_key_is_told_the_nearest_valid_one(tmp_path, wrong, nearest):
    with pytest.raises(ValueError, match=rf"params\.json: there is no setting '{wrong}': did you mean '{nearest}'\?"):
        load_settings(params(tmp_path, LECTURE | {wrong: 1}))


def test_a_key_like_none_is_told_all(tmp_path):
    with pytest.raises(ValueError, match=r"'xyzzy': choose from data_path, train_ratio"):
        load_settings(params(tmp_path, LECTURE | {"xyzzy": 1}))


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("epochs", "31", 'epochs must be a whole number of at least 1, not "31"'),
        ("epochs", 0, "epochs must be a whole number of at least 1, not 0"),
        ("epochs", 3.5, "not 3.5"),
        ("epochs", True, "not true"),
        ("epochs", None, "not null"),
        ("train_ratio", 7, "train_ratio must be a number above 0 and below 1, not 7"),
        ("learning_rate", -1e-4, "learning_rate must be a number above 0, not -0.0001"),
        ("learning_rate", math.nan, "learning_rate must be a number above 0, not NaN"),
        ("train_shuffle", 2, "train_shuffle must be 0, 1, false or true, not 2"),
        ("train_shuffle", "yes", 'not "yes"'),
        ("loss_fn", "pearson", 'loss_fn must be one of l1, mse, neg_pearson, not "pearson"'),
        ("optimizer", ["adam"], "optimizer must be one of adam, adamw, sgd, not"),
        ("model", "Physnet", 'model must be one of physnet, not "Physnet"'),
        ("data_path", "", "data_path must be a text"),
        ("clip_length", 30, "clip_length must be a positive multiple of 4, or null, not 30"),
        ("width", 10, "width must be a positive multiple of 4, not 10"),
        ("speed", [1.4, 0.7], "speed must be [slowest, fastest], both above 0, not [1.4, 0.7]"),
        ("speed", 1.4, "speed must be [slowest, fastest]"),
        ("seed", 2**32, "seed must be a whole number in 0 … 4294967295"),
        ("micro_batch", 7, "micro_batch 7 does not divide batch_size 100"),
        ("validation_ratio", 0.3, "leave nobody for testing"),
        ("validation_ratio", 0.9, "validation_ratio is the share kept for validation"),
    ],
)
def test_a_wrong_value_is_told_what_is_allowed(tmp_path, key, value, says):
    with pytest.raises(ValueError, match=r"params\.json") as caught:
        load_settings(params(tmp_path, LECTURE | {key: value}))
    assert says in str(caught.value)
    assert key in str(caught.value)


def test_all_that_is_wrong_is_told_at_once(tmp_path):
    with pytest.raises(ValueError, match=r"params\.json") as caught:
        load_settings(params(tmp_path, {"epoch": 3, "batch_size": 0, "model": 5}))
    for part in ("'epochs'", "data_path is missing", "batch_size must be", "model must be"):
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{\n  "epochs": 3,\n  "width" 4\n}', r"params\.json, line 3, column 11"),
        ('{"data_path": "C:\\data"}', r"params\.json, line 1"),
        ("", r"line 1"),
        ('["data_path"]', r"must hold an object"),
        ('{"epochs": 3, "epochs": 4}', r"epochs is given twice"),
    ],
)
def test_broken_json_is_told_with_its_line(tmp_path, text, says):
    with pytest.raises(ValueError, match=says):
        load_settings(params(tmp_path, text))


def test_a_file_saved_by_a_windows_editor_is_read(tmp_path):
    path = tmp_path / "params.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(LECTURE).replace(",", ",\r\n").encode())
    assert load_settings(path).epochs == 31
    path.write_bytes(json.dumps(LECTURE, indent=1).encode("utf-16"))
    with pytest.raises(ValueError, match="UTF-8"):
        load_settings(path)


def test_missing_files_are_told(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no params file .*params\.json"):
        load_settings(tmp_path / "params.json")
    settings = load_settings(params(tmp_path, LECTURE))
    with pytest.raises(FileNotFoundError, match=r"data_path: .*PhysNet_UBFC_train_9\.hdf5.*lab\.py setup"):
        run(settings, runs_folder=tmp_path, progress=False)
    assert [path.name for path in tmp_path.iterdir()] == ["params.json"]


@settings(max_examples=50)
@given(batch=st.integers(1, 150), length=st.integers(1, 100), size=st.integers(16, 256), width=st.sampled_from([8, 64]))
def test_a_micro_batch_is_the_largest_that_divides_the_batch_and_fits(batch, length, size, width):
    chosen = default_micro_batch(batch, 4 * length, size, width)
    assert batch % chosen == 0
    per_clip = 4 * length * size**2 * 2 * width * 4
    assert chosen == 1 or chosen * per_clip <= experiment.MEMORY_BUDGET
    assert not any(batch % n == 0 and n * per_clip <= experiment.MEMORY_BUDGET for n in range(chosen + 1, batch + 1))


def test_the_lectures_batch_of_large_clips_is_taken_in_pieces_and_a_small_one_is_not():
    assert default_micro_batch(100, clip_length=32, size=128, width=64) == 5
    assert default_micro_batch(100, clip_length=32, size=16, width=64) == 100


# -------------------------------------------------------------------------------------------------------- runs


@pytest.fixture(scope="module")
def finished(data, tmp_path_factory):
    """A run that learns: its runs folder and its report."""
    folder = tmp_path_factory.mktemp("runs")
    settings = small(data, epochs=6, width=8, stride=32, window=6.0)
    return folder, run(settings, runs_folder=folder, progress=False)


def test_it_reads_the_heart_rate_of_people_it_never_saw(finished):
    _, report = finished
    parts = report.subjects
    assert [len(parts[part]) for part in ("train", "validation", "test")] == [3, 1, 1]
    assert len(set(parts["train"] + parts["validation"] + parts["test"])) == 5
    assert set(report.rates.subjects) == set(parts["test"])
    assert report.rates.start.tolist() == [0.0, 6.0]
    person = int(parts["test"][0][-2:])
    assert report.rates.true_bpm == pytest.approx(60 + 11 * person, abs=1)
    assert report.rates.predicted_bpm == pytest.approx(60 + 11 * person, abs=2)
    assert report.errors["MAE"] < 2


def test_the_run_folder_tells_everything(finished, data):
    _, report = finished
    assert {path.name for path in report.folder.iterdir()} == {
        *("settings.json", "versions.json", "losses.csv", "best.pt", "last.pt", "learning_curve.png", "report.json"),
        "predicted_against_true.png",
    }
    settings = json.loads((report.folder / "settings.json").read_text(encoding="utf-8"))
    assert settings["size"] == 16
    assert settings["micro_batch"] == 8
    assert Settings(**settings) == report.settings
    versions = json.loads((report.folder / "versions.json").read_text(encoding="utf-8"))
    assert versions["torch"] == torch.__version__
    assert versions["python"] in sys.version
    with (report.folder / "losses.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["epoch"]) for row in rows] == list(range(1, 7))
    assert [float(row["validation_loss"]) for row in rows] == report.history.validation_loss
    for figure in ("learning_curve.png", "predicted_against_true.png"):
        assert (report.folder / figure).read_bytes().startswith(b"\x89PNG")
    written = json.loads((report.folder / "report.json").read_text(encoding="utf-8"))
    np.testing.assert_equal(experiment._null_as_nan(written["errors"]), report.errors)
    assert written["subjects"] == report.subjects


def test_the_weights_can_be_used_by_themselves(finished, data):
    _, report = finished
    model = load_weights(report.weights)
    with open_recordings(data) as file:
        recording = file[report.subjects["test"][0]]
        wave = predict_wave(model, recording.frames, recording.fs)
    assert heart_rate(wave, FS) == pytest.approx(60 + 11 * int(recording.subject[-2:]), abs=2)
    assert model.about["normalise"] == "time"
    assert model.about["fs"] == FS


def test_a_finished_run_is_reused_and_says_so(finished, monkeypatch):
    folder, first = finished
    monkeypatch.setattr(experiment, "fit", None)  # nothing is trained
    again = run(dataclasses.replace(first.settings, clip_length=32), runs_folder=folder, progress=False)
    assert again.reused
    assert not first.reused
    assert "found finished" in str(again)
    assert "found finished" not in str(first)
    np.testing.assert_equal(again.errors, first.errors)
    for name in ("folder", "settings", "subjects", "history"):
        assert getattr(again, name) == getattr(first, name)
    np.testing.assert_array_equal(again.rates.predicted_bpm, first.rates.predicted_bpm)
    assert again.rates.recordings == first.rates.recordings


def weights_of(report):
    return {name: tensor.tolist() for name, tensor in load_weights(report.weights).state_dict().items()}


def test_fresh_repeats_it_to_the_last_bit(data, tmp_path):
    first = run(small(data), runs_folder=tmp_path, progress=False)
    weights = weights_of(first)
    (first.folder / "note.txt").write_text("old", encoding="utf-8")
    torch.rand(3)
    again = run(small(data), runs_folder=tmp_path, fresh=True, progress=False)
    assert not again.reused
    assert again.folder == first.folder
    assert not (again.folder / "note.txt").exists()
    assert weights_of(again) == weights
    np.testing.assert_equal(again.errors, first.errors)  # NaN equals NaN here


@pytest.fixture(scope="module")
def one_epoch(data, tmp_path_factory):
    return run(small(data, epochs=1), runs_folder=tmp_path_factory.mktemp("one"), progress=False)


@pytest.mark.parametrize(
    "change",
    [
        {"speed": (0.8, 1.25)},
        {"normalise": "standardised"},
        {"size": 20},
        {"stride": 64},
        {"train_shuffle": False},
        {"micro_batch": 4},
        {"loss_fn": "mse"},
        {"optimizer": "sgd"},
        {"scheduler": "constant"},
        {"learning_rate": 1e-3},
    ],
    ids=lambda change: next(iter(change)),
)
def test_each_setting_reaches_the_training(data, tmp_path, one_epoch, change):
    changed = run(small(data, **{"epochs": 1} | change), runs_folder=tmp_path, progress=False)
    assert changed.subjects == one_epoch.subjects
    assert weights_of(changed) != weights_of(one_epoch)


def test_an_interrupted_run_goes_on_to_the_same_end(data, tmp_path, monkeypatch):
    straight = run(small(data), runs_folder=tmp_path / "straight", progress=False)
    calls = []
    plain = training._train

    def interrupted(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return plain(*arguments)

    monkeypatch.setattr(training, "_train", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(small(data), runs_folder=tmp_path / "resumed", progress=False)
    monkeypatch.setattr(training, "_train", plain)
    resumed = run(small(data), runs_folder=tmp_path / "resumed", progress=False)
    assert resumed.history.resumed_after == 2
    assert "going on after epoch 2" in str(resumed)
    assert weights_of(resumed) == weights_of(straight)
    assert resumed.history.validation_loss == straight.history.validation_loss
    np.testing.assert_array_equal(resumed.rates.predicted_bpm, straight.rates.predicted_bpm)


@pytest.mark.parametrize("wanted", [1, 2])
def test_a_run_has_its_threads_and_leaves_them_and_chance_as_they_were(data, tmp_path, monkeypatch, wanted):
    torch.manual_seed(1)
    threads, while_training, plain = torch.get_num_threads(), [], training._train

    def watched(*arguments):
        while_training.append(torch.get_num_threads())
        return plain(*arguments)

    monkeypatch.setattr(training, "_train", watched)
    before = random_state()
    report = run(small(data, epochs=1, threads=wanted), runs_folder=tmp_path, progress=False)
    after = random_state()
    assert while_training == [wanted]
    assert json.loads((report.folder / "versions.json").read_text(encoding="utf-8"))["threads"] == wanted
    assert torch.equal(before["torch"], after["torch"])
    assert torch.equal(before["numpy"]["key"], after["numpy"]["key"])
    assert torch.get_num_threads() == threads


def folder_of(settings, tmp_path, monkeypatch):
    """Where a run would go, without running it."""

    def stop(settings, files, subjects, folder, identity, progress):
        raise InterruptedError(folder.name)

    monkeypatch.setattr(experiment, "_train", stop)
    with pytest.raises(InterruptedError) as caught:
        run(settings, runs_folder=tmp_path, progress=False)
    return str(caught.value)


def test_another_setting_other_data_or_other_code_is_another_run(data, tmp_path, monkeypatch):
    def where(settings):
        return folder_of(settings, tmp_path, monkeypatch)

    usual = where(small(data))
    assert where(small(data)) == usual
    assert where(small(data, seed=1)) != usual
    assert where(small(data, size=16, micro_batch=8)) == usual  # what was left open anyway
    moved = tmp_path / "moved.hdf5"
    moved.write_bytes(data.read_bytes())
    assert where(small(moved)) == usual  # the same data in another place
    write_recordings(moved, recordings(5), {"made": "otherwise"})
    assert where(small(moved)) != usual
    write_recordings(moved, recordings(5, pulse=0.0), {"made": "by a test"})  # same size, same waves
    assert where(small(moved)) != usual
    monkeypatch.setattr(experiment, "_identity_of_code", lambda: "another")
    assert where(small(data)) != usual


NO_NUMBERS = {"plots", "folders"}  # they may change without changing what a run finds
IN_THE_DATA = {"datasets"}  # what these change is seen in the data, which are hashed by what they hold


def imported_from(name, package=Path(rppg_lab.__file__).parent):
    """The modules of the package that this one brings in, by the import statements, however indirectly."""
    found = set()
    for source in sorted((package / name).glob("*.py")) or [package / f"{name}.py"]:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "rppg_lab":
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rppg_lab."):
                found.add(node.module.split(".")[1])
    found -= {name, *NO_NUMBERS, *IN_THE_DATA}
    return found | {inner for other in found for inner in imported_from(other)}


def test_all_code_that_can_change_a_number_is_part_of_a_runs_identity():
    assert imported_from("experiment") <= set(experiment._CODE)


def test_a_test_file_of_its_own(data, tmp_path):
    other = write_recordings(tmp_path / "other.hdf5", recordings(2, first=7), {})
    settings = small(data, test_path=str(other), train_ratio=0.8, validation_ratio=0.2, epochs=1)
    report = run(settings, runs_folder=tmp_path, progress=False)
    assert [len(report.subjects[part]) for part in ("train", "validation", "test")] == [4, 1, 2]
    assert report.rates.recordings == ["person-07", "person-08"]


def test_another_seed_trains_again_on_the_same_people_and_another_split_seed_on_others(data, tmp_path):
    usual, again, other = (
        run(small(data, epochs=1, **change), runs_folder=tmp_path, progress=False)
        for change in ({}, {"seed": 1}, {"split_seed": 1})
    )
    assert again.subjects == usual.subjects
    assert again.history.train_loss != usual.history.train_loss
    assert other.subjects != usual.subjects


def test_a_person_in_both_files_is_a_leak(data, tmp_path):
    other = write_recordings(tmp_path / "other.hdf5", recordings(2, first=4), {})
    with pytest.raises(ValueError, match=r"person-04 .*in data_path and in test_path"):
        run(small(data, test_path=str(other)), runs_folder=tmp_path, progress=False)


def test_the_best_epoch_can_be_chosen_by_heart_rate(data, tmp_path):
    report = run(small(data, select="heart_rate", epochs=2), runs_folder=tmp_path, progress=False)
    history = report.history
    assert history.score != history.validation_loss
    assert history.best_score == min(history.score)
    with open_recordings(data) as file:
        model = load_weights(report.weights)
        rates = experiment.predict_rates(model, file, report.subjects["validation"])
    assert np.abs(rates.predicted_bpm - rates.true_bpm).mean() == pytest.approx(history.best_score)


def test_a_network_trained_at_another_frame_rate_is_used_at_that_rate(tmp_path, monkeypatch):
    slow = write_recordings(tmp_path / "slow.hdf5", recordings(3, fs=20.0), {})
    shown = []
    forward = PhysNet.forward
    monkeypatch.setattr(PhysNet, "forward", lambda self, video: (shown.append(video.shape[2]), forward(self, video))[1])
    run(small(slow, select="heart_rate", epochs=1), runs_folder=tmp_path, progress=False)
    assert set(shown) == {32, 200}  # clips, and windows of 10 s: validation and test, nothing resampled to 30 Hz


@pytest.fixture(scope="module")
def lecture_file(tmp_path_factory):
    """A file in the lecture's layout beside the lecture's own params file."""
    folder = tmp_path_factory.mktemp("lecture")
    write_lecture_layout(folder / LECTURE["data_path"], recordings(3, size=20), clip_length=32, size=20)
    return params(folder, LECTURE, "test_param.json")


def test_the_lectures_file_and_params_are_run_in_micro_batches(lecture_file, tmp_path, monkeypatch):
    """Its batch of 100 clips is one step of the optimiser, whatever fits into the memory."""
    monkeypatch.setattr(experiment, "MEMORY_BUDGET", 4 * 32 * 20**2 * 2 * 4 * 4)  # four clips
    steps = []
    plain = training._step
    monkeypatch.setattr(training, "_step", lambda *arguments: (steps.append(1), plain(*arguments)))
    # 31 epochs at the published width would be right, and too long for a test
    settings = dataclasses.replace(load_settings(lecture_file), epochs=2, width=4)
    report = run(settings, runs_folder=tmp_path, progress=False)
    assert (report.settings.clip_length, report.settings.size) == (32, 20)  # as in the file
    assert report.settings.micro_batch == 4
    assert len(steps) == 2  # 11 clips of one person: three pieces, one step an epoch
    assert report.history.learning_rate == pytest.approx([1e-4, 0.99e-4])  # stepped, as the lecture meant it
    assert len(report.rates.start) == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"window": 13.0}, r"too short for one window of 13 s: person-0\d 12\.0 s.*; set window lower"),
        ({"clip_length": 400}, "a clip of 400 frames is longer than every recording"),
        ({"size": 8}, r"at least 16×16 pixels, not 8×8"),
    ],
)
def test_what_does_not_fit_the_data_is_explained(data, tmp_path, changes, says):
    with pytest.raises(ValueError, match=says):
        run(small(data, **changes), runs_folder=tmp_path, progress=False)


def test_too_few_people_are_explained(tmp_path):
    two = write_recordings(tmp_path / "two.hdf5", recordings(2), {})
    with pytest.raises(ValueError, match="3 parts need at least 3 subjects"):
        run(small(two), runs_folder=tmp_path, progress=False)


def test_a_damaged_report_is_named(data, tmp_path):
    report = run(small(data, epochs=1), runs_folder=tmp_path, progress=False)
    (report.folder / "report.json").write_text('{"errors": {}', encoding="utf-8")
    with pytest.raises(ValueError, match=r"report\.json is damaged.*fresh=True"):
        run(small(data, epochs=1), runs_folder=tmp_path, progress=False)


def test_windows_without_a_rate_survive_the_report(data, tmp_path, monkeypatch):
    """A network that sees nothing gives NaN; the report stays valid JSON and comes back the same."""
    monkeypatch.setattr(experiment, "predict_wave", lambda model, frames, *_, **__: np.zeros(frames.shape[0]))
    first = run(small(data, epochs=1), runs_folder=tmp_path, progress=False)
    assert np.isnan(first.rates.predicted_bpm).all()
    assert "no rate in 1 windows" in str(first)
    assert "NaN" not in (first.folder / "report.json").read_text(encoding="utf-8")
    again = run(small(data, epochs=1), runs_folder=tmp_path, progress=False)
    assert again.reused
    np.testing.assert_array_equal(again.rates.predicted_bpm, first.rates.predicted_bpm)


# ------------------------------------------------------------------------------------------ recipes and finished runs


def test_a_finished_run_is_found_again_and_an_unfinished_one_is_not(data, tmp_path):
    settings = small(data, epochs=1)
    assert experiment.finished_run(settings, runs_folder=tmp_path) is None
    report = experiment.run(settings, runs_folder=tmp_path, progress=False)
    found = experiment.finished_run(settings, runs_folder=tmp_path)
    assert found.reused
    assert found.errors == pytest.approx(report.errors, nan_ok=True)
    (report.folder / "report.json").unlink()
    assert experiment.finished_run(settings, runs_folder=tmp_path) is None


def test_the_recipe_names_the_samples_of_the_course(monkeypatch, tmp_path):
    monkeypatch.setattr(experiment.made, "sample", lambda name: tmp_path / f"{name}.h5")
    settings = load_settings(experiment.recipe("lab"))
    assert (settings.data_path, settings.test_path) == (str(tmp_path / "lab_train.h5"), str(tmp_path / "lab_test.h5"))
    with pytest.raises(ValueError, match="there are: lab, wide"):
        experiment.recipe("office")


# ---------------------------------------------------------------------------------------------- people without end


@pytest.fixture
def few_people(monkeypatch):
    """Endless people whose recordings are short, made by so many processes."""
    monkeypatch.setattr(endless, "SECONDS", 5.0)
    return lambda processes: monkeypatch.setattr(endless, "default_count", lambda: processes)


@pytest.fixture(scope="module")
def measured_on(tmp_path_factory):
    """A file to choose by and one to test on: what `changes` of the settings they are."""
    folder = tmp_path_factory.mktemp("measured")
    paths = {
        key: str(write_recordings(folder / f"{key}.h5", recordings(1, first=first, size=32, seconds=5.0), {}))
        for key, first in (("validation_path", 0), ("test_path", 1))
    }
    return paths


def recipe_wide(monkeypatch, measured_on, **changes):
    """The recipe with few people and epochs."""
    monkeypatch.setattr(experiment.made, "sample", lambda name: name)
    settings = load_settings(experiment.recipe("wide"))
    assert (settings.data_path, settings.validation_path) == ("endless:wide", "office_validation")
    few = {"people_per_epoch": 2, "epochs": 2, "window": 4.0, **measured_on}
    return dataclasses.replace(settings, **few | changes)


def test_the_recipe_of_wide_people_reproduces_also_if_it_is_interrupted(measured_on, few_people, tmp_path, monkeypatch):
    settings = recipe_wide(monkeypatch, measured_on)
    few_people(1)
    straight = run(settings, runs_folder=tmp_path / "straight", progress=False)
    assert straight.subjects == {
        "train": [f"made-wide-{endless.FIRST + person}" for person in range(4)],
        "validation": ["person-00"],
        "test": ["person-01"],
    }
    few_people(2)
    calls, plain = [], training._train

    def interrupted(*arguments):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return plain(*arguments)

    monkeypatch.setattr(training, "_train", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(settings, runs_folder=tmp_path / "resumed", progress=False)
    assert {path.name for path in next((tmp_path / "resumed").iterdir()).iterdir() if path.is_dir()} == set()
    monkeypatch.setattr(training, "_train", plain)
    resumed = run(settings, runs_folder=tmp_path / "resumed", progress=False)
    assert resumed.history.resumed_after == 1
    assert weights_of(resumed) == weights_of(straight)
    assert resumed.history.train_loss == straight.history.train_loss
    assert resumed.history.score == straight.history.score
    assert load_weights(resumed.weights).about["trained_on"] == "endless:wide"
    found = experiment.finished_run(settings, runs_folder=tmp_path / "resumed")
    assert found.reused
    assert found.settings == straight.settings
    assert found.settings.people_per_epoch == 2
    assert Settings(**json.loads((found.folder / "settings.json").read_text(encoding="utf-8"))) == found.settings


def test_endless_clips_are_as_many_in_every_epoch_and_of_other_people(few_people, tmp_path):
    few_people(1)
    cut = {"clip_length": 32, "stride": 59, "size": 16, "speed": (0.6, 1.5)}
    with endless.FreshPeople("lab", people=1, size=16, epochs=2, folder=tmp_path, progress=False) as people:
        clips = experiment.EndlessClips(people, **cut)
        assert len(clips) == 3  # before anybody is made
        assert list(tmp_path.iterdir()) == []
        shown = {}
        for epoch in (0, 1):
            clips.set_epoch(epoch)
            assert len(clips) == len([clips[index] for index in range(3)])
            assert clips.subjects == clips._clips.subjects == [f"made-lab-{endless.FIRST + epoch}"] * 3
            shown[epoch] = clips[1]
        assert not torch.equal(shown[0][0], shown[1][0])
        plain = experiment.ClipDataset(people.open(1), seed=0, **cut)
        assert not torch.equal(plain[1][0], shown[1][0])  # the speeds are the epoch's own
        plain.set_epoch(1)
        assert torch.equal(plain[1][0], shown[1][0])
        with pytest.raises(ValueError, match="clip of 152 frames is longer than the 150 frames"):
            experiment.EndlessClips(people, **cut | {"clip_length": 152})
        with pytest.raises(IndexError):
            clips[3]


def test_endless_people_are_part_of_a_runs_identity(measured_on, tmp_path, monkeypatch):
    def where(**changes):
        return folder_of(recipe_wide(monkeypatch, measured_on, **changes), tmp_path, monkeypatch)

    usual = where()
    others = {"data_path": "endless:office"}, {"people_per_epoch": 3}, {"split_seed": 1}
    assert len({usual, *(where(**change) for change in others)}) == 4
    monkeypatch.setattr(experiment.made, "generator", lambda: "another")
    assert where() != usual


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"data_path": "endless:moon"}, "no domain 'moon' to make people of; there are: lab, office, phone, car, wide"),
        ({"data_path": "endless:wide"}, "data_path endless:wide needs a validation_path and a test_path"),
        ({"data_path": "endless:wide", "test_path": "t.h5"}, "needs a validation_path and a test_path"),
        ({"test_path": "endless:wide"}, "test_path endless:wide is of no use"),
        ({"people_per_epoch": 9}, "people_per_epoch is for made people"),
        ({"people_per_epoch": 0}, "people_per_epoch must be a whole number of at least 1"),
        ({"validation_path": "v.h5"}, "validation_path needs a test_path"),
    ],
)
def test_settings_of_endless_people_that_contradict_are_told(tmp_path, changes, says):
    with pytest.raises(ValueError, match=r"params\.json") as caught:
        load_settings(params(tmp_path, LECTURE | changes))
    assert says in str(caught.value)


def test_a_validation_file_of_its_own(data, tmp_path):
    """All people of data_path are trained on, those of validation_path choose."""
    paths = {
        key: str(write_recordings(tmp_path / f"{key}.h5", recordings(2, first=first), {}))
        for key, first in (("validation_path", 6), ("test_path", 8))
    }
    settings = small(data, train_ratio=0.9, validation_ratio=0.9, select="heart_rate", epochs=1, **paths)
    report = run(settings, runs_folder=tmp_path / "runs", progress=False)
    assert report.subjects == {
        "train": [f"person-0{person}" for person in range(5)],
        "validation": ["person-06", "person-07"],
        "test": ["person-08", "person-09"],
    }
    with open_recordings(paths["validation_path"]) as file:
        rates = experiment.predict_rates(load_weights(report.weights), file)
    assert np.abs(rates.predicted_bpm - rates.true_bpm).mean() == pytest.approx(report.history.best_score)
    leaks = {"validation_path": {"test_path"}, "data_path": {"validation_path", "test_path"}}
    for one, others in leaks.items():
        for other in others:
            wrong = {**paths, other: str(data) if one == "data_path" else paths[one]}
            with pytest.raises(ValueError, match=f"person-0. .*are in {one} and in {other}: a network"):
                run(dataclasses.replace(settings, **wrong), runs_folder=tmp_path / "runs", progress=False)
    slow = write_recordings(tmp_path / "slow.h5", recordings(1, first=6, fs=20.0), {})
    with pytest.raises(ValueError, match=r"slow\.h5 has 20 frames per second, what is trained on 30"):
        run(dataclasses.replace(settings, validation_path=str(slow)), runs_folder=tmp_path / "runs", progress=False)
