"""Files of made recordings: complete, repeatable, and the same however they are made."""

import multiprocessing
import os
import time

import h5py
import numpy as np
import pytest

from rppg_lab.datasets import endless, made
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
    others = set().union(*people.values())
    for wanted in made.ON_DEMAND.values():
        assert len(wanted.subjects) == 16
        assert not others & set(wanted.subjects)
        assert wanted.subjects.stop <= endless.FIRST


def test_a_sample_on_demand_is_made_when_it_is_asked_for_and_not_before(tmp_path, monkeypatch):
    monkeypatch.setenv("RPPG_LAB_DATA", str(tmp_path))
    few = made.Sample(range(600, 602), "two people", domain="office", seconds=1.0)
    monkeypatch.setitem(made.ON_DEMAND, "office_validation", few)
    assert not set(made.ON_DEMAND) & set(made.SAMPLES)  # those are what the setup makes
    with open_recordings(made.sample("office_validation", processes=1, progress=False)) as file:
        assert file.subjects == ["made-office-0600", "made-office-0601"]


def test_unknown_samples_and_nobody_are_refused(tmp_path):
    with pytest.raises(ValueError, match="lab_train, lab_test, lab_control, office_validation, wide_validation"):
        made.sample("moon")
    with pytest.raises(ValueError, match="No subjects"):
        made.make(tmp_path / "nobody.h5", subjects=[])


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """Makes the sample "tiny", and tells whether it was made or left alone."""
    monkeypatch.setenv("RPPG_LAB_DATA", str(tmp_path))
    monkeypatch.setitem(made.SAMPLES, "tiny", made.Sample(range(2), "two people", seconds=1.0))
    make, calls = made.make, []
    monkeypatch.setattr(made, "make", lambda *given, **settings: calls.append(1) or make(*given, **settings))

    def was_made(**choices):
        calls.clear()
        path = made.sample("tiny", processes=1, progress=False, **choices)
        with open_recordings(path) as file:
            assert list(file) == [f"made-lab-{n:04d}" for n in made.SAMPLES["tiny"].subjects]
            assert file.settings["generator"] == made.generator()
        return bool(calls)

    assert was_made()
    assert not was_made()
    return was_made


def test_a_sample_of_another_generator_is_made_anew(tiny, monkeypatch):
    monkeypatch.setattr(made, "generator", lambda: "another")
    assert tiny()
    assert not tiny()


@pytest.mark.parametrize("changed", [{"subjects": range(1, 3)}, {"seconds": 2.0}, {"pulse": False}])
def test_a_sample_of_other_settings_is_made_anew(tiny, monkeypatch, changed):
    wanted = {"subjects": range(2), "about": "two people", "seconds": 1.0} | changed
    monkeypatch.setitem(made.SAMPLES, "tiny", made.Sample(**wanted))
    assert tiny()
    assert not tiny()


def test_a_damaged_sample_is_made_anew(tiny, tmp_path):
    path = tmp_path / "tiny.h5"
    whole = path.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"no file of recordings", b""):
        path.write_bytes(damaged)
        assert tiny()
        assert not tiny()


def test_a_sample_of_no_recordings_is_made_anew(tiny, tmp_path):
    with h5py.File(tmp_path / "tiny.h5", "w"):
        pass
    assert tiny()


def test_a_sample_is_made_anew_when_asked_for(tiny):
    assert tiny(remake=True)
    assert not tiny()


def test_another_code_is_another_generator(tmp_path, monkeypatch):
    known = made.generator()
    copy = tmp_path / "synthesis.py"
    text = made.Path(made.synthesis.__file__).read_bytes().replace(b"\r\n", b"\n")
    monkeypatch.setattr(made.synthesis, "__file__", str(copy))
    for code, same in ((text, True), (text.replace(b"\n", b"\r\n"), True), (text + b"# more\n", False)):
        copy.write_bytes(code)
        assert (made.generator.__wrapped__() == known) is same  # past the cache


@pytest.mark.parametrize("where", ["rppg_lab.datasets.made._recording", "rppg_lab.recordings.check_recording"])
def test_interrupted_it_leaves_no_process_and_no_file(tmp_path, monkeypatch, where):
    """Ctrl-C while a recording is taken from the makers, and while it is written."""
    seen, working = [], []

    def interrupted(*given):
        seen.append(given)
        if len(seen) == 2:
            working.extend(multiprocessing.active_children())
            raise KeyboardInterrupt
        return untouched(*given)

    module, name = where.rsplit(".", 1)
    untouched = getattr(__import__(module, fromlist=[name]), name)
    monkeypatch.setattr(where, interrupted)
    with pytest.raises(KeyboardInterrupt) as kept:  # with all its frames, and what they hold
        made.make(tmp_path / "half.h5", processes=2, **(TINY | {"subjects": list(range(12))}))
    assert working  # it had helpers
    patience = time.monotonic() + 5
    while any(child.is_alive() for child in working) and time.monotonic() < patience:
        time.sleep(0.05)
    assert not any(child.is_alive() for child in working)
    assert list(tmp_path.iterdir()) == []
    assert kept.tb is not None


@pytest.mark.parametrize(("usable", "expected"), [(1, 1), (3, 3), (8, 8), (64, 8)])
def test_by_default_it_uses_the_cores_it_may_but_at_most_eight(tmp_path, monkeypatch, usable, expected):
    in_order, asked = made._in_order, []
    monkeypatch.setattr(made, "_in_order", lambda one, people, n, _: asked.append(n) or in_order(one, people, 1))
    people = {"subjects": range(9), "seconds": 0.1, "size": 16, "progress": False}
    monkeypatch.setattr(os, "cpu_count", lambda: 128)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(usable)), raising=False)
    made.make(tmp_path / "linux.h5", **people)
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: usable)
    made.make(tmp_path / "elsewhere.h5", **people)
    made.make(tmp_path / "two.h5", **(people | {"subjects": range(1)}))
    assert asked == [expected, expected, 1]  # and never more than there are people
