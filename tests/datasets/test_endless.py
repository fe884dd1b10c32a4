"""Endless people: new ones in every epoch, always the same ones in the same epoch, and nothing left behind."""

import _thread
import multiprocessing
import os
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

from rppg_lab import synthesis
from rppg_lab.datasets import endless, made
from rppg_lab.datasets.endless import FIRST, FreshPeople

TINY = {"people": 2, "size": 16, "seconds": 1.0, "progress": False}


def content(file):
    """All of a file of recordings, as bytes by name."""
    return {name: (one.frames[:].tobytes(), one.bvp.tobytes(), one.time.tobytes()) for name, one in file.items()}


@pytest.fixture(scope="module")
def three_epochs(tmp_path_factory):
    """What the first three epochs hold, and what was on the disk while each was open."""
    folder = tmp_path_factory.mktemp("three")
    with FreshPeople("wide", epochs=3, folder=folder, processes=1, **TINY) as people:
        found = [content(people.open(epoch)) for epoch in range(3)]
        left = [path.name for path in folder.rglob("*.h5")]
        assert people.open(2) is people.open(2)
    return found, left, list(folder.iterdir()), multiprocessing.active_children()


def test_nobody_is_met_twice(three_epochs):
    found, *_ = three_epochs
    everyone = [name for epoch in found for name in epoch]
    assert everyone == [f"made-wide-{FIRST + number}" for number in range(6)]
    assert len({frames for epoch in found for frames, *_ in epoch.values()}) == 6


def test_they_are_the_people_that_make_video_makes(three_epochs):
    one = synthesis.make_video(FIRST + 3, domain="wide", seconds=1.0, size=16)
    assert three_epochs[0][1][one.subject] == (one.frames.tobytes(), one.bvp.tobytes(), one.time.tobytes())
    named = {"domain": "lab", "people": 2, "seed": 5}
    assert endless.names(1, **named)[1] == synthesis.make_video(FIRST + 3, seed=5, seconds=0.1, size=16).subject


def test_an_epoch_is_the_same_wherever_one_begins_and_however_many_make_it(three_epochs, tmp_path):
    with FreshPeople("wide", folder=tmp_path, processes=2, **TINY) as people:
        assert content(people.open(1)) == three_epochs[0][1]
        assert content(people.open(0)) == three_epochs[0][0]  # back, while the third was being made


def test_files_are_removed_when_the_next_is_open_and_nothing_is_left_at_the_end(three_epochs):
    _, left, afterwards, processes = three_epochs
    assert left == ["epoch_2.h5"]  # and no fourth was begun
    assert afterwards == []
    assert processes == []


def test_so_many_people_are_spread_as_evenly_as_few():
    spread = np.array([synthesis.evenly_spread(FIRST + number) for number in range(160)])
    for values, low, high in ((spread[:, 0], 0, 1), (spread[:, 1], *synthesis.HR_RANGE)):
        gaps = np.diff(np.sort(np.r_[low, values, high])) / (high - low)
        assert gaps.max() < 4 / 160  # of 160 random numbers, about 6
    assert abs(np.corrcoef(spread.T)[0, 1]) < 0.05


@pytest.mark.parametrize(
    ("domain", "choices", "says"),
    [("moon", {}, r"no domain 'moon'.*lab, office, phone, car, wide"), ("lab", {"people": 0}, "at least one person")],
)
def test_wrong_settings_are_explained(domain, choices, says):
    with pytest.raises(ValueError, match=says):
        FreshPeople(domain, **TINY | choices)


def test_only_the_scheme_makes_a_path_endless():
    assert endless.domain_of("endless:office") == "office"
    assert endless.domain_of("data/endless.h5") is None


def test_what_goes_wrong_while_making_is_raised_where_it_is_waited_for(tmp_path):
    small = TINY | {"size": 8}
    says = "16 pixels; got subject=1000000"  # by another process
    with FreshPeople("lab", folder=tmp_path, processes=1, **small) as people, pytest.raises(ValueError, match=says):
        people.open(0)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told(tmp_path, monkeypatch):
    def full(path, people, settings):
        next(people)
        raise OSError(28, "no room on the disk", str(path))

    monkeypatch.setattr(made, "write_recordings", full)
    with FreshPeople("lab", folder=tmp_path, processes=1, **TINY) as people, pytest.raises(OSError, match="no room"):
        people.open(0)
    assert list(tmp_path.iterdir()) == []


def test_interrupted_while_it_waits_it_leaves_nothing(tmp_path):
    working = []

    def interrupt():
        working.extend(wait_until(multiprocessing.active_children))
        _thread.interrupt_main()  # as Ctrl-C does

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt), FreshPeople("lab", folder=tmp_path, processes=1, **TINY) as people:
        people.open(0)
    assert working
    assert not any(child.is_alive() for child in working)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="closed"):
        people.open(0)


def test_interrupted_again_while_it_stops_it_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(*_):
        assert wait_until(multiprocessing.active_children)
        raise KeyboardInterrupt

    stop = endless._Making.stop
    stops = iter([interrupted, stop])  # the second Ctrl-C comes while the first is being obeyed
    monkeypatch.setattr(endless._Making, "wait", interrupted)
    monkeypatch.setattr(endless._Making, "stop", lambda making: next(stops)(making))
    many = TINY | {"people": 200, "seconds": 20.0}  # they would take half a minute
    with pytest.raises(KeyboardInterrupt), FreshPeople("lab", folder=tmp_path, processes=1, **many) as people:
        people.open(0)
    assert not multiprocessing.active_children()
    assert list(tmp_path.iterdir()) == []


def wait_until(what, seconds=60):
    """What a function gives, once it gives something."""
    until = time.monotonic() + seconds
    while not (found := what()) and time.monotonic() < until:
        time.sleep(0.05)
    return found


@pytest.mark.parametrize("how", ["end", "kill"])
def test_who_forgets_to_close_or_is_killed_leaves_nothing(tmp_path, how):
    """The program ends, or is killed without a chance to clean up, while the second epoch is being made."""
    program = f"""
        import multiprocessing, os, signal, time
        from rppg_lab.datasets.endless import FreshPeople

        if __name__ == "__main__":
            people = FreshPeople("lab", people=1, seconds=20, size=16, folder={str(tmp_path)!r}, progress=False)
            people.open(0)
            while not (children := multiprocessing.active_children()):
                time.sleep(0.01)
            print(*[child.pid for child in children], flush=True)
            {"os.kill(os.getpid(), signal.SIGTERM)" if how == "kill" else ""}
    """
    script = tmp_path / "program.py"
    script.write_text(textwrap.dedent(program), encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=300)
    script.unlink()
    assert (done.returncode == 0) is (how == "end"), done.stderr
    assert done.stdout.strip()
    assert wait_until(lambda: not any(map(is_running, map(int, done.stdout.split()))))
    assert wait_until(lambda: not list(tmp_path.iterdir()))


def is_running(pid):
    if os.name == "nt":
        listed = subprocess.run(["tasklist", "/FI", f"PID eq {pid}"], capture_output=True, text=True).stdout
        return str(pid) in listed
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
