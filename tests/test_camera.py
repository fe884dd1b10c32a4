"""A recording holds every frame as the camera gave it, with the time it came, or there is no file and a reason."""

import numpy as np
import pytest

from rppg_lab import camera, cli
from rppg_lab.video import read_video

STEPS = np.random.default_rng(0).uniform(0.06, 0.1, 1000)  # s between frames: a camera is never even


class FakeCamera:
    """Works like cv2.VideoCapture; its clock goes on when a frame is taken, and it is as fast as the computer."""

    def __init__(self, shape=(16, 24), opened=True, frames=400):
        self.shape, self.opened, self.frames = shape, opened, frames
        self.now, self.taken, self.released = 100.0, 0, False

    def __call__(self, number):
        self.number = number
        return self

    def isOpened(self):
        return self.opened

    def grab(self):
        if self.taken == self.frames:
            return False
        self.now += STEPS[self.taken % len(STEPS)]
        self.taken += 1
        return True

    def retrieve(self):
        return True, self.picture(self.taken)

    def picture(self, number):
        """Noise, and in the first pixel the number."""
        frame = np.random.default_rng(number).integers(0, 256, (*self.shape, 3), dtype=np.uint8)
        frame[0, 0] = np.frombuffer(number.to_bytes(3, "little"), np.uint8)
        return frame

    def release(self):
        self.released = True


@pytest.fixture
def record(monkeypatch, tmp_path):
    """Record with a fake camera, whose clock is the one that counts."""

    monkeypatch.setattr(camera, "AHEAD", 0)  # so fast a camera would lose frames: let all of them wait

    def run(fake, name="me.mkv", **choices):
        monkeypatch.setattr(camera, "perf_counter", lambda: fake.now)
        return camera.record(tmp_path / name, open_camera=fake, progress=False, **{"seconds": 10.0} | choices)

    return run


@pytest.mark.parametrize("shape", [(16, 24), (17, 25)])
def test_frames_and_times_come_back_as_they_were(record, shape):
    fake = FakeCamera(shape)
    video = read_video(record(fake, camera=3))
    assert (fake.number, fake.released) == (3, True)
    arrived = 100.0 + np.cumsum(STEPS)
    first = int(np.argmax(arrived - arrived[0] >= camera.WARM_UP))
    times = arrived[first:] - arrived[first]
    times = times[: np.argmax(times >= 10.0) + 1]
    assert video.times_from == "container"
    np.testing.assert_allclose(video.time, times, atol=0.0011)
    for number, (_, frame) in enumerate(video):
        np.testing.assert_array_equal(frame[..., ::-1], fake.picture(first + 1 + number))
    assert number + 1 == len(times)


def test_what_cannot_be_recorded_is_told_and_leaves_no_file(record, tmp_path, monkeypatch):
    monkeypatch.setattr(camera, "PATIENCE", 0.2)
    for fake, choices, says in (
        (FakeCamera(opened=False), {}, "camera 0 cannot be opened"),
        (FakeCamera(frames=0), {}, "camera 0 gives no more frames"),
        (FakeCamera(frames=50), {}, "gives no more frames"),
        (FakeCamera(), {"seconds": 5.0}, "at least 10 s"),
        (FakeCamera(), {"seconds": float("nan")}, "at least 10 s"),
        (FakeCamera(), {"name": "me.mp4"}, r"ends in \.mkv"),
    ):
        with pytest.raises(ValueError, match=says):
            record(fake, **choices)
        assert not list(tmp_path.iterdir())


def test_a_camera_that_hangs_is_not_waited_for_forever(record, tmp_path, monkeypatch):
    import threading

    monkeypatch.setattr(camera, "PATIENCE", 0.2)
    fake, awake = FakeCamera(), threading.Event()
    monkeypatch.setattr(fake, "grab", lambda: awake.wait(2) and False)
    try:
        with pytest.raises(ValueError, match="gives no more frames"):
            record(fake)
    finally:
        awake.set()
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_there_is_kept_unless_it_may_be_replaced(record, tmp_path):
    there = tmp_path / "me.mkv"
    there.write_bytes(b"dear")
    fake = FakeCamera()
    with pytest.raises(FileExistsError, match="exists already"):
        record(fake)
    assert fake.taken == 0
    assert there.read_bytes() == b"dear"
    assert len(read_video(record(fake, overwrite=True)).time) > 100


@pytest.mark.parametrize(("frames", "kept"), [(210, True), (100, False)])
@pytest.mark.parametrize("end", ["Ctrl-C", "camera"])
def test_what_ends_early_is_kept_if_it_can_be_read(record, tmp_path, monkeypatch, capsys, frames, kept, end):
    """About 12 frames a second: 210 are 15.8 s after the warm-up, 100 are 7 s."""
    fake = FakeCamera(frames=frames)
    if end == "Ctrl-C":
        last = camera._stream

        @camera.contextmanager
        def interrupted(*choices):
            with last(*choices) as frames_of:

                def until():
                    try:
                        yield from frames_of
                    except ValueError:
                        raise KeyboardInterrupt from None

                yield until()

        monkeypatch.setattr(camera, "_stream", interrupted)
    if kept:
        video = read_video(record(fake, seconds=20.0))
        assert 15 < video.time[-1] < 16.5
        assert "are kept" in capsys.readouterr().err
    else:
        with pytest.raises(KeyboardInterrupt if end == "Ctrl-C" else ValueError):
            record(fake, seconds=20.0)
        assert not list(tmp_path.iterdir())


def test_the_command_records_and_says_how_it_goes_on(monkeypatch, tmp_path, capsys):
    fake = FakeCamera()
    monkeypatch.setattr(camera, "AHEAD", 0)
    monkeypatch.setattr(camera, "perf_counter", lambda: fake.now)
    monkeypatch.setattr(camera.cv2, "VideoCapture", fake)
    monkeypatch.setattr(fake, "set", lambda *_: True, raising=False)
    path = tmp_path / "me.mkv"
    assert cli.main(["record", str(path), "--seconds", "10", "--camera", "2"]) == 0
    assert fake.number == 2
    assert f"rppg-lab read {path}" in capsys.readouterr().out
    assert cli.main(["record", str(path)]) == cli.FAILED
    assert "exists already" in capsys.readouterr().err


def test_a_frame_that_cannot_be_written_in_time_is_lost_but_no_time_is_wrong(record, monkeypatch):
    monkeypatch.setattr(camera, "AHEAD", 20)
    video = read_video(record(FakeCamera(frames=2**24 - 1)))
    numbers = np.array([int.from_bytes(frame[0, 0, ::-1].tobytes(), "little") for _, frame in video])
    whole, rest = np.divmod(numbers, len(STEPS))
    arrived = whole * STEPS.sum() + np.concatenate([[0.0], np.cumsum(STEPS)])[rest]
    assert np.diff(numbers).max() > 1
    np.testing.assert_allclose(video.time, arrived - arrived[0], atol=0.0011)
