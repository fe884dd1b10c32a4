"""A folder of videos with pulse files becomes one file: what belongs together, on one clock, resumable."""

import os
import signal
import subprocess
import sys
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest

from rppg_lab import preparing, video
from rppg_lab.preparing import Choices, find_takes, prepare, read_wave
from rppg_lab.recordings import open_recordings
from rppg_lab.spectrum import heart_rate

FS, SECONDS = 30.0, 10.0
PROGRAM = Path(__file__).parents[1] / "data_scripts" / "prepare.py"
SHARED = Path(os.environ.get("RPPG_LAB_SHARED") or Path(__file__).resolve().parents[2] / "shared" / "data")
CLIP = SHARED / "physrecorder_v01"
WHOLE = Choices(box="whole", size=32)


def pulse(time, bpm=80.0):
    return np.sin(2 * np.pi * bpm / 60 * np.asarray(time))


def film(times, *, height=48, width=64, grey=False):
    """Frames whose brightness is the pulse at their times: 120 + 60 · pulse, in red less."""
    level = 120 + 60 * pulse(times)
    colour = np.ones(3) if grey else np.array([0.6, 1.0, 0.8])
    return [np.full((height, width, 3), np.rint(one * colour), np.uint8) for one in level]


def write(path, frames, fs=FS, codec="MJPG"):
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*codec), fs, (width, height))
    assert writer.isOpened()
    for frame in frames:
        writer.write(np.ascontiguousarray(frame[..., ::-1]))
    writer.release()
    return path


def table(path, *columns, header="time,bvp"):
    rows = "\n".join(",".join(f"{value:.6f}" for value in row) for row in zip(*columns, strict=True))
    path.write_text(f"{header}\n{rows}\n", encoding="utf-8")
    return path


def take(path, *, seconds=SECONDS, sensor=(0.0, SECONDS), rate=60.0, offset=0.0, **more):
    """A video and its pulse file, sampled on another clock. sensor: from and to, s of the video's time."""
    times = np.arange(round(seconds * FS)) / FS
    write(path, film(times, **more))
    ticks = np.arange(sensor[0], sensor[1], 1 / rate)
    table(path.with_suffix(".csv"), ticks + offset, pulse(ticks))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two people; the takes of the first beside each other, that of the second in a folder like a recorder's."""
    folder = tmp_path_factory.mktemp("people")
    take(folder / "ana" / "rest_2.avi")
    take(folder / "ana" / "rest_10.avi")
    times = np.arange(300) / FS + 1_685_590_249.25  # a clock of the world, with jitter
    times += np.random.default_rng(0).uniform(-0.002, 0.002, 300)
    write(folder / "ben" / "take" / "video.avi", film(times - 1_685_590_249.25))
    table(folder / "ben" / "take" / "frames_timestamp.csv", np.arange(300), times, header="frame,timestamp")
    ticks = np.arange(-0.5, 11, 1 / 20)
    table(folder / "ben" / "take" / "BVP.csv", ticks + 1_685_590_249.25, pulse(ticks), header="timestamp,bvp")
    return folder


def together(recording):
    """Correlation of the stored wave with what the stored frames show."""
    shown = video.mean_colour(recording.frames[:])[:, 1]
    return np.corrcoef(shown, recording.bvp)[0, 1]


# ------------------------------------------------------------------------------------------------ what belongs together


def test_videos_are_found_in_natural_order_with_their_files_and_people(folder):
    takes, failed = find_takes(folder)
    assert not failed
    assert [one.name for one in takes] == ["ana-rest_2", "ana-rest_10", "ben-take-video"]
    assert [one.subject for one in takes] == ["ana", "ana", "ben"]
    assert [one.wave.name for one in takes] == ["rest_2.csv", "rest_10.csv", "BVP.csv"]
    assert [one.times and one.times.name for one in takes] == [None, None, "frames_timestamp.csv"]
    assert [one.subject for one in find_takes(folder, "name")[0]] == ["rest", "rest", "video"]
    assert [one.subject for one in find_takes(folder, "each")[0]] == [one.name for one in takes]


def test_a_video_without_a_pulse_file_is_told_and_two_of_one_name_are_kept_apart(tmp_path):
    for name in ("a.avi", "a.mp4", "b.avi", ".hidden.avi", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    for name in ("A.CSV", "a_times.csv", "bvp.csv"):
        (tmp_path / name).write_bytes(b"x")
    takes, failed = find_takes(tmp_path)
    assert [one.name for one in takes] == ["a.avi", "a.mp4"]
    assert [one.times.name for one in takes] == ["a_times.csv"] * 2
    assert list(failed) == ["b"]
    assert "b.csv is not beside b.avi" in failed["b"]  # bvp.csv could be of any of the three


def test_a_folder_that_is_none_or_empty_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        find_takes(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="no videos"):
        find_takes(tmp_path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("seconds,heart\n0,1\n", "which column holds the wave"),
        ("a,bvp\n0,1\n", "which column holds the times"),
        ("time,bvp\n0,1\n", "1 rows"),
        ("time,bvp\n0,1\n0.1,\n", r"line 3.*lacks"),
        ("time,bvp\n0,1\n0.1,nan\n0.2,3", "line 3: not a number"),
        ("time,bvp\n0,1\n\n0.2,1\n0.1,1\n", "line 5: time must increase"),
        ("time,bvp\n0,1\n16,1\n33,1\n", "in ms"),
    ],
)
def test_a_pulse_file_that_cannot_be_used_says_where(tmp_path, text, says):
    path = tmp_path / "wave.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=rf"wave\.csv.*{says}"):
        read_wave(path)


def test_a_pulse_file_is_read_whatever_its_columns_order(tmp_path):
    path = tmp_path / "wave.csv"
    path.write_text("\ufeffPPG, Time ,note\r\n5,0.0,a\r\n6,0.1,b\r\n", encoding="utf-8", newline="")
    times, wave = read_wave(path)
    assert (times.tolist(), wave.tolist()) == ([0.0, 0.1], [5.0, 6.0])


# --------------------------------------------------------------------------------------------------------- on one clock


def test_a_folder_becomes_a_file_of_recordings(folder, tmp_path):
    out = tmp_path / "out.h5"
    done = prepare(folder, out, WHOLE, processes=1, progress=False)
    assert done.names == ["ana-rest_2", "ana-rest_10", "ben-take-video"]
    assert not done.failed
    with open_recordings(out) as file:
        assert file.subjects == ["ana", "ben"]
        assert file.settings["choices"]["size"] == 32
        assert file.settings["choices"]["every"] == 30
        for recording in file.values():
            assert recording.frames.shape[1:] == (32, 32, 3)
            assert recording.fs == pytest.approx(FS, rel=1e-3)
            assert together(recording) > 0.999  # the sensor has another clock and another rate
            assert heart_rate(recording.bvp, recording.fs) == pytest.approx(80, abs=0.5)
        assert file["ben-take-video"].time[0] == pytest.approx(1_685_590_249.25, abs=0.01)
    assert [path.name for path in tmp_path.iterdir()] == ["out.h5"]


def test_labels_shorter_than_the_video_cut_it_to_what_both_cover(tmp_path):
    take(tmp_path / "in" / "a.avi", sensor=(1.5, 8.0))
    done = prepare(tmp_path / "in", tmp_path / "out.h5", WHOLE, progress=False)
    assert "first 1.5 s of the video have no pulse" in str(done)
    assert "last 2.0 s of the video have no pulse" in str(done)
    with open_recordings(tmp_path / "out.h5") as file:
        recording = file["a"]
        assert recording.time[0] == pytest.approx(1.5)
        assert recording.time[-1] == pytest.approx(8.0, abs=1 / FS)
        assert together(recording) > 0.999
        assert "no pulse" in " ".join(file.settings["notes"]["a"])


def test_a_pulse_file_with_a_clock_of_the_world_starts_with_the_video(tmp_path):
    take(tmp_path / "in" / "a.avi", offset=1e9)
    done = prepare(tmp_path / "in", tmp_path / "out.h5", WHOLE, progress=False)
    assert "clock of its own" in str(done)
    with open_recordings(tmp_path / "out.h5") as file:
        assert together(file["a"]) > 0.99


def test_a_delay_of_the_sensor_is_taken_back(tmp_path):
    take(tmp_path / "in" / "a.avi", offset=0.2)
    for delay, right in ((0.2, True), (0.0, False)):
        prepare(tmp_path / "in", tmp_path / "out.h5", replace(WHOLE, delay=delay), progress=False)
        with open_recordings(tmp_path / "out.h5") as file:
            assert (together(file["a"]) > 0.999) == right


def test_an_uneven_clock_gets_even_frames_unless_it_is_not_wanted(tmp_path):
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.choice([1 / 45, 1 / 15], 300))  # a phone that doubles its exposure now and then
    write(tmp_path / "in" / "a.avi", film(times))
    table(tmp_path / "in" / "a_times.csv", times, header="time")
    ticks = np.arange(0, times[-1] + 1, 1 / 60)
    table(tmp_path / "in" / "a.csv", ticks, pulse(ticks))
    for even in (True, False):
        done = prepare(tmp_path / "in", tmp_path / "out.h5", replace(WHOLE, even=even), progress=False)
        assert ("even clock" in str(done)) == even
        with open_recordings(tmp_path / "out.h5") as file:
            recording = file["a"]
            steps = np.diff(recording.time)
            assert (np.ptp(steps) < 1e-6) == even
            assert together(recording) > 0.99
            if even:
                assert heart_rate(recording.bvp, recording.fs) == pytest.approx(80, abs=0.5)


# ---------------------------------------------------------------------------------------------------- bad ones are told


def test_each_bad_video_is_told_with_its_reason_and_the_others_are_written(folder, tmp_path):
    inside = tmp_path / "in"
    good = take(inside / "good.avi")
    (inside / "text.avi").write_text("no video")
    write(inside / "one.avi", film([0.0]))
    (inside / "sound.mp4").write_bytes(b"ID3\x04" + bytes(500))
    take(inside / "apart.avi", sensor=(8.5, 20.0))
    take(inside / "back.avi")
    table(inside / "back_times.csv", np.arange(300)[::-1] / FS, header="time")
    for name in ("text", "one", "sound"):
        (inside / f"{name}.csv").write_text(good.with_suffix(".csv").read_text())
    done = prepare(inside, tmp_path / "out.h5", WHOLE, processes=1, progress=False)
    assert done.names == ["good"]
    reasons = {"text": "not a video", "one": "one frame", "sound": "sound", "apart": "in common", "back": "increase"}
    assert sorted(done.failed) == sorted(reasons)
    for name, reason in reasons.items():
        assert reason in done.failed[name]
    assert "5 not prepared" in str(done)
    with open_recordings(tmp_path / "out.h5") as file:
        assert list(file) == ["good"]
        assert file.settings["failed"] == done.failed


def test_where_all_are_bad_it_says_why_and_writes_nothing(tmp_path):
    take(tmp_path / "in" / "a.avi", seconds=2)  # all of one colour: no face
    with pytest.raises(ValueError, match=r"none of the 1 videos.*a: .*no face"):
        prepare(tmp_path / "in", tmp_path / "out.h5", progress=False)
    assert not (tmp_path / "out.h5").exists()


def test_a_video_cut_short_and_a_grey_one_are_prepared_and_told(tmp_path):
    path = take(tmp_path / "in" / "cut.avi")
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])
    take(tmp_path / "in" / "grey.avi", grey=True)
    done = prepare(tmp_path / "in", tmp_path / "out.h5", WHOLE, processes=1, progress=False)
    assert "cut: the video is cut short" in str(done)
    assert "grey: the video has no colour" in str(done)
    assert done.names == ["cut", "grey"]


class Search:
    """A finder that finds what it is told, for one video after the other."""

    def __init__(self, *found):
        self.found = found
        self.next = iter(())

    def __call__(self, frame):
        try:
            return next(self.next)
        except StopIteration:
            self.next = iter(self.found)
            return next(self.next)


def test_the_face_is_followed_or_held_and_what_was_lost_is_told(tmp_path, monkeypatch):
    frames = [np.zeros((48, 96, 3), np.uint8) for _ in range(300)]
    for number, frame in enumerate(frames):
        x = 10 + number // 10
        frame[10:30, x : x + 20] = (150, 100 + 40 * pulse(number / FS), 90)
    write(tmp_path / "in" / "a.avi", frames, codec="FFV1")
    ticks = np.arange(0, 10, 1 / 60)
    table(tmp_path / "in" / "a.csv", ticks, pulse(ticks))
    places = [[video.Box(10 + 3 * k, 10, 20, 20)] for k in range(10)]
    places[4] = []
    places[6] = [*places[6], video.Box(70, 30, 8, 8)]
    monkeypatch.setitem(video.FINDERS, "haar", Search(*places))
    stored = {}
    for box in ("tracked", "fixed"):
        choices = Choices(size=16, enlarge=1.0, box=box)
        done = prepare(tmp_path / "in", tmp_path / f"{box}.h5", choices, progress=False)
        assert "lost in 1 of 10 searches (4.0–5.0 s)" in str(done)
        assert "up to 2 faces" in str(done)
        with open_recordings(tmp_path / f"{box}.h5") as file:
            stored[box] = file["a"].frames[:]
    assert (stored["tracked"][[15, 150, 290], 8, 8, 0] > 100).all()  # the face stays in the middle
    assert stored["tracked"][:, :, [0, -1], 0].mean() > 1.5 * stored["fixed"][:, :, [0, -1], 0].mean()
    hardly = Search(*places[:4], *[[]] * 6)
    monkeypatch.setitem(video.FINDERS, "haar", hardly)
    with pytest.raises(ValueError, match="only 4 of 10 searches"):
        prepare(tmp_path / "in", tmp_path / "out.h5", progress=False)


@pytest.mark.parametrize(
    "choice",
    [
        {"size": 4}, {"enlarge": 0}, {"every": 0}, {"smooth": 2}, {"box": "loose"}, {"rotate": 45}, {"subject": "x"},
        {"delay": float("nan")},
    ],
)  # fmt: skip
def test_choices_that_cannot_be_are_refused(choice):
    (name,) = choice
    with pytest.raises(ValueError, match=name):
        Choices(**choice)


def test_a_place_that_is_a_folder_and_a_finder_that_is_none_are_refused_first(folder, tmp_path):
    with pytest.raises(ValueError, match="is a folder"):
        prepare(folder, tmp_path, WHOLE)
    with pytest.raises(FileNotFoundError, match="eyes"):
        prepare(folder, tmp_path / "out.h5", Choices(finder="eyes"))
    with pytest.raises(ValueError, match="processes"):
        prepare(folder, tmp_path / "out.h5", WHOLE, processes=0)


# ----------------------------------------------------------------------------------------- many processes, interruption


def test_what_is_finished_is_kept_and_only_the_rest_is_done(folder, tmp_path, monkeypatch):
    out, real, done = tmp_path / "out.h5", preparing.prepare_take, []

    def interrupted(one, *rest):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(one.name)
        return real(one, *rest)

    monkeypatch.setattr(preparing, "prepare_take", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prepare(folder, out, WHOLE, processes=1, progress=False)
    assert not out.exists()
    parts = tmp_path / "out.h5.parts"
    assert len(list(parts.iterdir())) == 2
    (parts / ".left.h5.abc.part").write_bytes(b"of a process that was killed")

    monkeypatch.setattr(preparing, "prepare_take", lambda one, *rest: [done.append(one.name), real(one, *rest)])
    again = prepare(folder, out, WHOLE, processes=1, progress=False)
    assert done == ["ana-rest_2", "ana-rest_10", "ben-take-video"]
    assert again.reused == 2
    assert [path.name for path in tmp_path.iterdir()] == ["out.h5"]

    assert prepare(folder, out, WHOLE, processes=1, progress=False).up_to_date
    assert len(done) == 3
    for choices, fresh in ((replace(WHOLE, size=16), False), (replace(WHOLE, size=16), True)):
        assert not prepare(folder, out, choices, processes=1, progress=False, fresh=fresh).up_to_date
    assert len(done) == 9


def test_a_mended_video_is_done_and_the_others_are_not_done_again(tmp_path, monkeypatch):
    take(tmp_path / "in" / "a.avi")
    bad = tmp_path / "in" / "b.avi"
    bad.write_bytes(b"cut")
    (tmp_path / "in" / "b.csv").write_text((tmp_path / "in" / "a.csv").read_text())
    first = prepare(tmp_path / "in", tmp_path / "out.h5", WHOLE, processes=1, progress=False)
    assert list(first.failed) == ["b"]
    take(bad)
    second = prepare(tmp_path / "in", tmp_path / "out.h5", WHOLE, processes=1, progress=False)
    assert (second.names, second.reused, second.failed) == (["a", "b"], 1, {})
    assert not (tmp_path / "out.h5.parts").exists()


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process alone there")
def test_ctrl_c_leaves_no_process_no_half_file_and_goes_on_to_the_same_file(tmp_path):
    slow = take(tmp_path / "in" / "a0.avi", seconds=5, height=300, width=400)
    for k in range(1, 4):
        for suffix in (".avi", ".csv"):
            os.link(slow.with_suffix(suffix), tmp_path / "in" / f"a{k}{suffix}")
    out = tmp_path / "out.h5"
    command = [sys.executable, PROGRAM, tmp_path / "in", out, "--box", "whole", "--size", "64", "--processes", "2"]
    running = subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    parts = tmp_path / "out.h5.parts"
    until = time.monotonic() + 60
    while time.monotonic() < until and not list(parts.glob("*.h5")):
        time.sleep(0.02)
    children = psutil.Process(running.pid).children(recursive=True)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert running.returncode == 130, said
    assert "goes on where it stopped" in said
    assert not psutil.wait_procs(children, timeout=10)[1]
    assert not out.exists()
    assert 1 <= len(list(parts.glob("*.h5"))) < 4
    done = prepare(tmp_path / "in", out, Choices(box="whole"), processes=1, progress=False)
    assert done.reused >= 1
    assert len(done.names) == 4
    alone = tmp_path / "alone.h5"  # without interruption, and in one process: the same, byte for byte
    prepare(tmp_path / "in", alone, Choices(box="whole"), processes=1, progress=False)
    assert out.read_bytes() == alone.read_bytes()


def peak_bytes(path, count):
    """Memory that preparing a video of so many frames takes at most."""
    take(path / f"{count}" / "a.avi", seconds=count / FS, sensor=(0.0, count / FS))
    tracemalloc.start()
    prepare(path / f"{count}", path / f"{count}.h5", Choices(box="whole"), processes=1, progress=False)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_length_of_a_video(tmp_path):
    peak_bytes(tmp_path, 90)  # what is kept from the first time on
    short, long = peak_bytes(tmp_path, 120), peak_bytes(tmp_path, 720)
    assert long - short < 0.25 * (720 - 120) * 64 * 64 * 3  # of what the crops would take if they were kept


# -------------------------------------------------------------------------------------------------------- a real folder


@pytest.mark.skipif(not CLIP.exists(), reason=f"there is no real recording at {CLIP} (RPPG_LAB_SHARED)")
def test_a_recorder_s_folder_is_prepared_as_it_is(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("video_ZIP_H264.avi", "frames_timestamp.csv", "BVP.csv"):
        (tmp_path / "in" / name).symlink_to(CLIP / name)
    done = prepare(tmp_path / "in", tmp_path / "out.h5", progress=False)
    assert not done.failed
    with open_recordings(tmp_path / "out.h5") as file:
        (recording,) = file.values()
        assert recording.fs == pytest.approx(30.03, abs=0.02)
        assert heart_rate(recording.bvp, recording.fs) == pytest.approx(71.1, abs=0.3)
        assert recording.frames.shape[1:] == (64, 64, 3)
