"""Files of made recordings: complete, repeatable, and the same however they are made."""

import numpy as np
import pytest

from rppg_lab.datasets import made
from rppg_lab.recordings import open_recordings
from rppg_lab.synthesis import make_video

TINY = {"subjects": [4, 5, 6], "seconds": 3.0, "size": 16, "progress": False}


def test_the_file_holds_these_people_and_their_truths(tmp_path):
    path = made.make(tmp_path / "three.h5", processes=1, **TINY)
    with open_recordings(path) as file:
        assert list(file) == ["made-lab-0004", "made-lab-0005", "made-lab-0006"]
        assert file.settings["seconds"] == 3.0
        stored, one = file["made-lab-0005"], make_video(5, seconds=3.0, size=16)
        assert np.array_equal(stored.frames[:], one.frames)
        assert np.array_equal(stored.bvp, one.bvp)
        assert np.array_equal(stored.truths["beat_times"], one.truths["beat_times"])
        assert np.array_equal(stored.truths["skin_mask"], one.truths["skin_mask"])
        assert stored.truths["tone"] == one.truths["tone"]


def test_any_number_of_processes_makes_the_same_bytes(tmp_path):
    files = [made.make(tmp_path / f"{n}.h5", processes=n, **TINY).read_bytes() for n in (1, 2)]
    assert files[0] == files[1]


def test_interrupted_it_leaves_nothing_behind(tmp_path, monkeypatch):
    def interrupted(subject, **settings):
        if subject == 5:
            raise KeyboardInterrupt
        return make_video(subject, **settings)

    monkeypatch.setattr(made.synthesis, "make_video", interrupted)
    with pytest.raises(KeyboardInterrupt):
        made.make(tmp_path / "half.h5", processes=1, **TINY)
    assert list(tmp_path.iterdir()) == []


def test_a_sample_is_made_once(tmp_path, monkeypatch):
    monkeypatch.setenv("RPPG_LAB_DATA", str(tmp_path))
    monkeypatch.setitem(made.SAMPLES, "tiny", made.Sample(range(2), "two people", seconds=2.0))
    path = made.sample("tiny", processes=1, progress=False)
    assert path == tmp_path / "tiny.h5"
    before = path.stat().st_mtime_ns
    assert made.sample("tiny", progress=False) == path
    assert path.stat().st_mtime_ns == before


def test_the_samples_share_nobody_but_the_control_with_its_original():
    people = {name: set(wanted.subjects) for name, wanted in made.SAMPLES.items()}
    assert not people["lab_train"] & people["lab_test"]
    assert len(people["lab_train"]) == 9
    assert len(people["lab_test"]) == 30
    assert people["lab_control"] == people["lab_test"]
    assert not made.SAMPLES["lab_control"].pulse


def test_unknown_samples_and_nobody_are_refused(tmp_path):
    with pytest.raises(ValueError, match="lab_train, lab_test, lab_control"):
        made.sample("moon")
    with pytest.raises(ValueError, match="No subjects"):
        made.make(tmp_path / "nobody.h5", subjects=[])
