"""Recordings and their file: what goes in comes out, and what cannot be used is said to be so, by name."""

import json
import os
import pickle
import re
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from rppg_lab.recordings import (
    SCHEMA_VERSION,
    JoinedClips,
    Recording,
    RecordingError,
    check_recording,
    list_arrays,
    open_recordings,
    resize_frames,
    write_lecture_layout,
    write_recordings,
)

FS = 30.0


def recording(name="take", subject="anna", count=70, size=4, fs=FS, bpm=72.0, **others) -> Recording:
    """A small recording whose frame k has the value k in every pixel."""
    when = np.arange(count) / fs
    pixels = np.broadcast_to((np.arange(count) % 256).astype(np.uint8)[:, None, None, None], (count, size, size, 3))
    wave = np.sin(2 * np.pi * bpm / 60 * when).astype(np.float32)
    return Recording(
        **{"subject": subject, "fs": fs, "time": when, "bvp": wave, "frames": pixels, "name": name} | others
    )


def written(folder: Path, *recordings: Recording) -> Path:
    return write_recordings(folder / "some.h5", recordings or [recording()], {})


def lecture_file(path: Path, **groups: dict[str, np.ndarray]) -> Path:
    """A file as the lecture's lab makes it, by h5py alone."""
    with h5py.File(path, "w") as file:
        for name, parts in groups.items():
            for key, values in parts.items():
                file.create_dataset(f"{name}/{key}", data=values)
    return path


def lecture_group(clips=3, length=8, size=4, dtype=np.float64) -> dict[str, np.ndarray]:
    """Frame k of the whole has the pixel value k of 255, and the label k."""
    k = np.arange(clips * length).reshape(clips, length)
    video = np.broadcast_to(k[..., None, None, None], (clips, length, size, size, 3))
    video = video.astype(np.uint8) if dtype == np.uint8 else (video / 255).astype(dtype)
    return {"preprocessed_video": video, "preprocessed_label": k.astype(np.float64)}


# ------------------------------------------------------------------------------------------------- writing and reading

scalars = st.one_of(
    st.floats(allow_nan=False), st.integers(-(2**60), 2**60), st.booleans(), st.text("aé ☂/.", max_size=9)
)
arrays = st.sampled_from([np.float32, np.float64, np.int16, np.bool_, np.uint8]).flatmap(
    lambda dtype: npst.arrays(dtype, npst.array_shapes(max_dims=2, min_side=0, max_side=5))
)
names = st.text("abcXYZ012-_. é☂", min_size=1, max_size=8).filter(lambda text: text.strip() and text != ".")


@st.composite
def any_recordings(draw) -> list[Recording]:
    taken = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    found = []
    for name in taken:
        fs, count = draw(st.sampled_from([0.7, 15.0, 29.97, 30.0])), draw(st.integers(2, 65))
        shape = (count, draw(st.integers(1, 5)), draw(st.integers(1, 5)), 3)
        random = np.random.default_rng(draw(st.integers(0, 99)))
        found.append(
            Recording(
                subject=draw(names),
                fs=fs,
                time=random.uniform(-5, 5) + np.arange(count) / fs,
                bvp=random.normal(size=count).astype(np.float32),
                frames=random.integers(0, 256, shape, dtype=np.uint8),
                name=name,
                source=draw(st.text("ab é/", max_size=5)),
                domain=draw(st.sampled_from(["", "lab"])),
                truths=draw(st.dictionaries(names, scalars | arrays, max_size=4)),
            )
        )
    return found


@settings(max_examples=25, deadline=None)
@given(any_recordings(), st.dictionaries(st.text("ab é"), scalars | st.lists(st.integers()), max_size=3))
def test_what_is_read_is_what_was_written(tmp_path_factory, recordings, made_with):
    path = tmp_path_factory.mktemp("identity") / "some.h5"
    assert write_recordings(path, iter(recordings), made_with) == path
    with open_recordings(path) as file:
        assert file.settings == made_with
        assert file.names == sorted(file.names) == sorted(r.name for r in recordings)
        assert file.subjects == sorted({r.subject for r in recordings})
        for before in recordings:
            after = file[before.name]
            for key in ("subject", "fs", "name", "source", "domain"):
                assert getattr(after, key) == getattr(before, key)
            for key in ("time", "bvp", "frames"):
                np.testing.assert_array_equal(getattr(after, key), getattr(before, key), strict=True)
            assert after.truths.keys() == before.truths.keys()
            for key, value in before.truths.items():
                assert type(after.truths[key]) is type(value)
                np.testing.assert_array_equal(after.truths[key], value, strict=isinstance(value, np.ndarray))


def test_a_recording_without_a_name_is_called_after_its_subject(tmp_path):
    with open_recordings(written(tmp_path, recording(name="", subject="berta"))) as file:
        assert file.names == ["berta"]


def test_same_recordings_same_bytes(tmp_path):
    def write(name):
        return write_recordings(
            tmp_path / name, [recording(truths={"tone": 0.5, "beat_times": np.arange(3.0)})], {"a": 1}
        )

    first = write("a.h5").read_bytes()
    time.sleep(1.05 - time.time() % 1)  # into the next second: HDF5 can store the time of day, to the second
    assert write("b.h5").read_bytes() == first


def test_video_is_stored_plain_and_a_second_at_a_time(tmp_path):
    path = written(tmp_path, recording(count=70))
    with h5py.File(path) as file:
        video = file["take/video"]
        assert (video.dtype, video.chunks, video.compression) == (np.uint8, (30, 4, 4, 3), None)
        assert (file["take/time"].dtype, file["take/bvp"].dtype) == (np.float64, np.float32)
        assert file.attrs["schema_version"] == SCHEMA_VERSION


def test_frames_are_read_only_where_they_are_asked_for(tmp_path):
    """All but one second of the video is destroyed on the disk; the rest can still be read."""
    path = written(tmp_path, recording(count=90))
    with h5py.File(path) as file:
        where = [file["take/video"].id.get_chunk_info(i).byte_offset for i in range(3)]
    with path.open("r+b") as raw:
        for offset in (where[0], where[2]):
            raw.seek(offset)
            raw.write(b"\xff" * 30 * 48)
    with open_recordings(path) as file:
        np.testing.assert_array_equal(file["take"].frames[30:60, 0, 0, 0], np.arange(30, 60))
        assert file["take"].frames[0, 0, 0, 0] == 255  # the control: there was something to be spared


def test_a_file_can_be_copied_recording_by_recording(tmp_path):
    path = written(tmp_path, recording("a"), recording("b", subject="bert"))
    with open_recordings(path) as file:
        copy = write_recordings(tmp_path / "copy.h5", file.values(), file.settings)
    assert copy.read_bytes() == path.read_bytes()


def test_recordings_are_taken_one_at_a_time(tmp_path):
    """Each is asked for only when the one before is on the disk: one in memory at a time."""
    sizes = []

    def stream():
        for k in range(3):
            sizes.append(sum(file.stat().st_size for file in tmp_path.iterdir()))
            yield recording(f"take {k}", size=32)

    write_recordings(tmp_path / "some.h5", stream(), {})
    one = 70 * 32 * 32 * 3
    assert sizes[1] - sizes[0] >= one
    assert sizes[2] - sizes[1] >= one


def test_a_file_that_is_sent_to_another_process_is_opened_there(tmp_path):
    file = open_recordings(written(tmp_path))
    file["take"].frames[0]
    sent = pickle.dumps(file)
    assert len(sent) < 2000
    there = pickle.loads(sent)
    file.close()
    np.testing.assert_array_equal(there["take"].frames[3:5, 0, 0, 0], [3, 4])


def test_the_arrays_of_any_hdf5_file_are_listed_without_being_read(tmp_path):
    path = written(tmp_path, recording("anna"), recording("bert", subject="bert", truths={"hr_bpm": np.ones(70)}))
    listed = list_arrays(path)
    assert list(listed) == [
        *(f"anna/{name}" for name in ("bvp", "time", "video")),
        *(f"bert/{name}" for name in ("bvp", "time", "truth/hr_bpm", "video")),
    ]
    assert listed["anna/video"] == (70, 4, 4, 3)
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["deep/down/here"], file["one number"] = np.zeros((2, 0)), 3.0
    assert list_arrays(tmp_path / "other.h5") == {"deep/down/here": (2, 0), "one number": ()}
    (tmp_path / "text.h5").write_text("no tree")
    with pytest.raises(RecordingError, match="plain text"):
        list_arrays(tmp_path / "text.h5")
    with pytest.raises(FileNotFoundError):
        list_arrays(tmp_path / "nowhere.h5")


def test_a_closed_file_says_so(tmp_path):
    with open_recordings(written(tmp_path)) as file:
        pass
    with pytest.raises(ValueError, match="closed"):
        file["take"]


def test_an_unknown_recording_is_told_the_known_ones(tmp_path):
    with open_recordings(written(tmp_path)) as file, pytest.raises(KeyError, match="'nobody'; it has take"):
        file["nobody"]


# ----------------------------------------------------------------------------------------------- failing while writing


def stream_that_fails(error: BaseException):
    yield recording("a")
    yield recording("b")
    raise error


class FramesThatFail:
    """Frames that can be read for a second, and then no more."""

    shape, dtype = (70, 4, 4, 3), np.dtype(np.uint8)

    def __getitem__(self, key):
        if key.start:
            raise KeyboardInterrupt
        return np.zeros(self.shape, np.uint8)[key]


@pytest.mark.parametrize("there_before", [True, False])
@pytest.mark.parametrize("write", [lambda path, some: write_recordings(path, some, {}), write_lecture_layout])
@pytest.mark.parametrize(
    ("broken", "error"),
    [
        (lambda: stream_that_fails(KeyboardInterrupt()), KeyboardInterrupt),
        (lambda: stream_that_fails(RuntimeError("camera lost")), RuntimeError),
        (lambda: stream_that_fails(OSError(28, "No space left on device")), OSError),
        (lambda: [recording("a"), recording("b", frames=FramesThatFail())], KeyboardInterrupt),
        (lambda: [recording("a"), recording("a")], RecordingError),
        (lambda: [recording("a"), recording("b", fs=-1.0)], RecordingError),
        (list, RecordingError),
    ],
    ids=["ctrl-c", "error", "full disk", "ctrl-c in the video", "duplicate", "bad recording", "none at all"],
)
def test_writing_that_fails_leaves_no_half_file_and_the_old_one_untouched(tmp_path, write, there_before, broken, error):
    path = tmp_path / "some.h5"
    before = written(tmp_path, recording("old")).read_bytes() if there_before else None
    with pytest.raises(error):
        write(path, broken())
    assert [file.name for file in tmp_path.iterdir()] == (["some.h5"] if there_before else [])
    if there_before:
        assert path.read_bytes() == before
    written(tmp_path, recording("new"))  # and nothing is in the way of trying again


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot limit its files' size there")
def test_a_full_disk_is_named_and_costs_nothing(tmp_path):
    """The operating system really refuses to write, in the middle of the second recording."""
    path = write_recordings(tmp_path / "some.h5", [recording("old", size=64)], {})
    program = """
import resource, signal, sys
sys.path.insert(0, sys.argv[2])
from test_recordings import recording, write_recordings
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))
try:
    write_recordings(sys.argv[1], (recording(f"{k}", size=64) for k in range(9)), {})
except OSError as error:
    print(error)
"""
    before = path.read_bytes()
    command = [sys.executable, "-c", program, str(path), str(Path(__file__).parent)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "no room on the disk" in said
    assert "some.h5" in said
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["some.h5"]


def test_two_recordings_of_one_name_are_refused_by_name(tmp_path):
    with pytest.raises(RecordingError, match=r"called 'anna'.*own `name`"):
        written(tmp_path, recording(name=""), recording(name=""))


def test_settings_must_be_plain(tmp_path):
    with pytest.raises(TypeError, match=r"settings for some\.h5"):
        write_recordings(tmp_path / "some.h5", [recording()], {"path": tmp_path})


# --------------------------------------------------------------------------------------------------- what is not usable

BAD_PARTS = {
    "one time too few": ({"time": np.arange(69) / FS}, "time has 69 values for 70 frames"),
    "one label too many": ({"bvp": np.sin(np.arange(71))}, "bvp has 71 values for 70 frames"),
    "NaN label": ({"bvp": np.where(np.arange(70) == 7, np.nan, np.arange(70))}, "NaN or infinite, the first at .* 7"),
    "NaN time": ({"time": np.where(np.arange(70) == 9, np.nan, np.arange(70) / FS)}, "time has 1 values that are NaN"),
    "constant label": ({"bvp": np.full(70, 3.0)}, r"bvp is constant \(3\)"),
    "label lost in float32": ({"bvp": 1e12 + np.sin(np.arange(70))}, "bvp is constant"),
    "label too large": ({"bvp": 1e300 * np.sin(np.arange(70))}, "bvp has 69 values that are NaN or infinite"),
    "text label": ({"bvp": np.array(["a"] * 70)}, r"bvp must be \(T,\) numbers"),
    "two-dimensional label": ({"bvp": np.ones((70, 1))}, r"not float64 of shape \(70, 1\)"),
    "time stands still": ({"time": np.minimum(np.arange(70), 50) / FS}, "frame 50 is at 1.66667 s, frame 51 at 1.66"),
    "time in milliseconds": ({"time": np.arange(70) * 1000 / FS}, "fs is 30 Hz but its times say 0.03 Hz"),
    "fs of another camera": ({"fs": 25.0, "time": np.arange(70) / FS}, "fs is 25 Hz but its times say 30 Hz"),
    "no fs": ({"fs": float("nan")}, "fs must be a positive number"),
    "no subject": ({"subject": ""}, "subject must be text"),
    "float video": ({"frames": np.zeros((70, 4, 4, 3))}, "video must be uint8, not float64"),
    "grey video": ({"frames": np.zeros((70, 4, 4), np.uint8)}, r"video must be \(T,H,W,3\), not \(70, 4, 4\)"),
    "channels first": ({"frames": np.zeros((70, 3, 4, 4), np.uint8)}, r"must be \(T,H,W,3\), not \(70, 3, 4, 4\)"),
}  # fmt: skip


@pytest.mark.parametrize(("parts", "message"), BAD_PARTS.values(), ids=BAD_PARTS)
def test_a_recording_that_cannot_be_used_is_refused_before_it_is_written(parts, message):
    check_recording(recording())
    with pytest.raises(RecordingError, match=message) as caught:
        check_recording(recording(**parts))
    assert "'take'" in str(caught.value)


@pytest.mark.parametrize(("parts", "message"), BAD_PARTS.values(), ids=BAD_PARTS)
def test_a_file_with_a_recording_that_cannot_be_used_is_refused_when_opened(tmp_path, parts, message):
    path = written(tmp_path, recording("good"), recording("bad"))
    with h5py.File(path, "r+") as file:
        group = file["bad"]
        for key, value in parts.items():
            if key in ("fs", "subject"):
                group.attrs[key] = value
            else:
                key = {"frames": "video"}.get(key, key)
                del group[key]
                group[key] = value.astype("S1") if value.dtype.kind == "U" else value
    with pytest.raises(RecordingError, match="1 of 2 recordings cannot be used:\n  bad: ") as caught:
        open_recordings(path)
    assert re.search(message, str(caught.value))
    assert "good" not in str(caught.value)


@pytest.mark.parametrize("name", ["a/b", ".", " "])
def test_a_name_that_no_group_can_have(tmp_path, name):
    with pytest.raises(RecordingError, match="cannot name a group"):
        written(tmp_path, recording(name))


@pytest.mark.parametrize("value", [None, object(), ["a", "b"], 1j])
def test_a_truth_that_cannot_be_stored(tmp_path, value):
    with pytest.raises(RecordingError, match="truth 'x' must be numbers or one text"):
        written(tmp_path, recording(truths={"x": value}))


def test_every_bad_recording_of_a_file_is_in_one_error(tmp_path):
    path = written(tmp_path, *(recording(name) for name in ("a", "b", "c", "d", "e")))
    with h5py.File(path, "r+") as file:
        del file["a/video"]
        file["b/bvp"][3] = np.nan
        file["b"].attrs["fs"] = 0.0
        file["d/time"][5] = 0
        file["stray"] = np.arange(3)
        file["dangling"] = h5py.SoftLink("/nowhere")
    with pytest.raises(RecordingError) as caught:
        open_recordings(path)
    first, *lines = str(caught.value).splitlines()
    assert first == f"{path}: 5 of 7 recordings cannot be used:"
    told = dict(line.strip().split(": ", 1) for line in lines)
    assert told.keys() == {"a", "b", "d", "stray", "dangling"}
    assert told["a"] == "has no video; it holds bvp, time, truth"
    assert "fs must be" in told["b"]
    assert "NaN" in told["b"]
    assert "does not increase" in told["d"]
    assert "single array" in told["stray"]
    assert "cannot be read" in told["dangling"]


FOREIGN = {
    "empty": (b"", r"is empty \(0 bytes\)"),
    "avi": (b"RIFF\x00\x00\x00\x00AVI LIST", "an AVI video"),
    "npy": (b"\x93NUMPY\x01\x00", "NumPy array"),
    "checkpoint": (b"PK\x03\x04\x00\x00", "PyTorch checkpoint"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
    "page": (b"<!DOCTYPE html>", "download that failed"),
    "text": (b"0.1 0.2 0.3\n", "plain text"),
    "noise": (b"\x00\x01\x02\x03\xfe", "something else"),
    "first bytes": (b"\x89HDF", "cut short"),
    "signature alone": (b"\x89HDF\r\n\x1a\n" + bytes(20), "damaged or cut short"),
}


@pytest.mark.parametrize(("content", "message"), FOREIGN.values(), ids=FOREIGN)
def test_what_is_not_hdf5_is_told_what_it_is(tmp_path, content, message):
    path = tmp_path / "some.h5"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=message) as caught:
        open_recordings(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.h5"):
        open_recordings(tmp_path / "nowhere.h5")
    with pytest.raises(RecordingError, match="is a folder"):
        open_recordings(tmp_path)


@pytest.mark.parametrize("kept", [0.05, 0.5, 0.999])
def test_a_file_that_is_cut_short_says_how_much_is_missing(tmp_path, kept):
    path = written(tmp_path, recording("a", size=32), recording("b", size=32))
    whole = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(int(kept * whole))
    with pytest.raises(RecordingError, match=f"cut short: it holds {int(kept * whole)} of {whole} bytes"):
        open_recordings(path)


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        ({"RawFrames": np.zeros((3, 4, 4, 6)), "d_ppg": np.zeros(6)}, "looks like SCAMPS"),
        ({"pulse": np.zeros(9), "time": np.zeros(9)}, "COHFACE.*data.avi"),
        ({"model_weights/dense/kernel": np.zeros((2, 2))}, "Keras"),
        ({"people/names": np.zeros(3)}, "It holds people; expected is a group for each"),
        ({}, "It holds nothing"),
    ],
)
def test_hdf5_of_another_kind_is_told_what_it_is(tmp_path, contents, message):
    path = tmp_path / "some.h5"
    with h5py.File(path, "w") as file:
        for key, values in contents.items():
            file[key] = values
    with pytest.raises(RecordingError, match=f"holds no recordings: .*{message}") as caught:
        open_recordings(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("version", [SCHEMA_VERSION + 1, "spring"])
def test_a_file_of_the_future_is_not_guessed_at(tmp_path, version):
    path = written(tmp_path)
    with h5py.File(path, "r+") as file:
        file.attrs["schema_version"] = version
    with pytest.raises(RecordingError, match=f"schema version {version}"):
        open_recordings(path)


# ------------------------------------------------------------------------------------------------- the lecture's layout


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.uint8])
@pytest.mark.parametrize("chunks", [None, (1, 8, 4, 4, 3), (2, 3, 4, 2, 1)])
def test_the_lectures_clips_are_joined_to_one_recording(tmp_path, dtype, chunks):
    path, parts = tmp_path / "lecture.hdf5", lecture_group(dtype=dtype)
    with h5py.File(path, "w") as file:
        file.create_dataset("subject3/preprocessed_video", data=parts["preprocessed_video"], chunks=chunks)
        file["subject3/preprocessed_label"] = parts["preprocessed_label"]
        file["subject3/preprocessed_hr"] = [61.0, 62.0, 63.0]
    untouched = path.read_bytes()
    with open_recordings(path) as file:
        one = file["subject3"]
        assert (one.subject, one.fs, file.subjects, file.settings) == ("subject3", 30.0, ["subject3"], {})
        assert (one.frames.shape, one.frames.dtype, len(one.frames)) == ((24, 4, 4, 3), np.uint8, 24)
        k = np.arange(24)
        expected = np.broadcast_to(k[:, None, None, None], (24, 4, 4, 3)).astype(np.uint8)
        np.testing.assert_array_equal(np.asarray(one.frames), expected, strict=True)
        np.testing.assert_array_equal(one.bvp, k.astype(np.float32), strict=True)
        np.testing.assert_allclose(one.time, k / 30)
        np.testing.assert_array_equal(one.truths["preprocessed_hr"], [61, 62, 63])
        np.testing.assert_array_equal(file.bvp("subject3", 5, 19), k[5:19])
        check_recording(one)
    assert path.read_bytes() == untouched


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_floats_become_the_nearest_of_the_256_values(tmp_path, dtype):
    video = (np.arange(256) / 255).repeat(3).reshape(2, 4, 4, 8, 3).astype(dtype)
    video[1, 3, 3, 7] = [-1e-7, 0.7 / 255, 99.4 / 255]
    parts = {"preprocessed_video": video, "preprocessed_label": np.arange(8.0).reshape(2, 4)}
    with open_recordings(lecture_file(tmp_path / "l.h5", a=parts)) as file:
        values = np.asarray(file["a"].frames).reshape(256, 3)
    np.testing.assert_array_equal(values[:-1], np.arange(255)[:, None].repeat(3, axis=1))
    np.testing.assert_array_equal(values[-1], [0, 1, 99])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_joined_clips_are_sliced_as_an_array_is(data):
    """Any index or slice of frames, across borders of clips, gives what the joined array gives."""
    parts = lecture_group(clips=3, length=5)
    with h5py.File("in memory", "w", driver="core", backing_store=False) as raw:
        frames = JoinedClips(raw.create_dataset("a/preprocessed_video", data=parts["preprocessed_video"]))
        plain = np.asarray(frames)
        key = data.draw(st.slices(15) | st.integers(-15, 14))
        if data.draw(st.booleans()):
            key = (key, data.draw(st.slices(4)), data.draw(st.integers(0, 3)), data.draw(st.sampled_from([..., 0])))
        np.testing.assert_array_equal(frames[key], plain[key])
        with pytest.raises(IndexError):
            frames[15]


def test_the_lectures_file_is_told_its_rate_and_people(tmp_path):
    path = lecture_file(tmp_path / "l.h5", s1_t1=lecture_group(), s1_t2=lecture_group(), s2_t1=lecture_group())
    with open_recordings(path, fs=25, subject_of=lambda group: group.split("_")[0]) as file:
        assert file.subjects == ["s1", "s2"]
        assert file["s1_t2"].fs == 25
        assert file["s1_t2"].time[-1] == pytest.approx(23 / 25)
        assert pickle.loads(pickle.dumps(file)).subjects == ["s1", "s2"]  # although a lambda cannot be sent


def test_a_file_that_states_its_own_rate_and_people_cannot_be_told_others(tmp_path):
    with pytest.raises(ValueError, match="states its own"):
        open_recordings(written(tmp_path), fs=25)


@pytest.mark.parametrize("fs", [0, -1, float("inf")])
def test_a_rate_that_is_none(tmp_path, fs):
    with pytest.raises(ValueError, match="fs must be a positive number"):
        open_recordings(lecture_file(tmp_path / "l.h5", a=lecture_group()), fs=fs)


@pytest.mark.parametrize("value", [1.5, -0.2, 200.0, np.nan, np.inf])
def test_floats_outside_0_to_1_are_an_error_that_names_the_group(tmp_path, value):
    parts = lecture_group()
    parts["preprocessed_video"][1, 3, 2, 2, 0] = value
    with open_recordings(lecture_file(tmp_path / "l.h5", ok=lecture_group(), odd=parts)) as file:
        file["ok"].frames[:]
        file["odd"].frames[:8]
        with pytest.raises(RecordingError, match=r"l\.h5, recording 'odd', clip 1: float pixels must lie in 0–1"):
            file["odd"].frames[8:16]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"preprocessed_label": np.ones((3, 7))}, r"preprocessed_label is \(3, 7\) for 3 clips of 8 frames"),
        ({"preprocessed_label": np.ones((3, 8))}, "preprocessed_label is constant"),
        ({"preprocessed_label": np.full((3, 8), np.nan)}, "preprocessed_label has 24 values that are NaN"),
        ({"preprocessed_label": None}, "has no preprocessed_label; it holds preprocessed_video"),
        (
            {"preprocessed_video": np.zeros((3, 8, 4, 4))},
            r"preprocessed_video must be \(clips,T,H,W,3\), not \(3, 8, 4, 4\)",
        ),
        (
            {"preprocessed_video": np.zeros((3, 8, 4, 4, 3), np.int32)},
            "preprocessed_video must be uint8, or float in 0–1, not int32",
        ),
    ],
)
def test_a_bad_group_in_the_lectures_layout(tmp_path, parts, message):
    parts = {key: values for key, values in {**lecture_group(), **parts}.items() if values is not None}
    path = lecture_file(tmp_path / "l.h5", fine=lecture_group(), off=parts)
    with pytest.raises(RecordingError, match=f"1 of 2 recordings cannot be used:\n  off: {message}"):
        open_recordings(path)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.uint8])
def test_the_lectures_layout_is_written_as_the_lecture_does(tmp_path, dtype):
    rate = np.linspace(60, 90, 70)
    people = [recording("a", size=8, truths={"hr_bpm": rate}), recording("b", size=8, count=400, bpm=84)]
    path = write_lecture_layout(tmp_path / "l.h5", people, clip_length=32, size=4, dtype=dtype)
    with h5py.File(path) as file:
        assert file["a/preprocessed_video"].shape == (2, 32, 4, 4, 3)
        assert file["a/preprocessed_video"].dtype == dtype
        assert file["a/preprocessed_label"].shape == (2, 32)
        assert file["a/preprocessed_video"][1, 3].max() == pytest.approx(35 if dtype == np.uint8 else 35 / 255)
        np.testing.assert_allclose(file["a/preprocessed_hr"], [rate[:32].mean(), rate[32:64].mean()])
        np.testing.assert_allclose(file["b/preprocessed_hr"], np.full(12, 84), atol=1)  # found in the wave
    with open_recordings(path) as file:
        np.testing.assert_array_equal(file["a"].frames[:, 0, 0, 0], np.arange(64))
        np.testing.assert_array_equal(file["a"].bvp, people[0].bvp[:64])


def test_the_lectures_layout_needs_one_clip_of_each(tmp_path):
    with pytest.raises(RecordingError, match="'take': 70 frames, but a clip takes 128"):
        write_lecture_layout(tmp_path / "l.h5", [recording()], clip_length=128)


# ------------------------------------------------------------------------------------------------------------- resizing


@settings(max_examples=40, deadline=None)
@given(npst.arrays(np.uint8, (2, 12, 8, 3)))
def test_resizing_takes_the_mean_of_each_area_without_rounding(frames):
    small = resize_frames(frames, 4)
    np.testing.assert_allclose(small, frames.reshape(2, 4, 3, 4, 2, 3).mean(axis=(2, 4)), rtol=1e-6)
    assert small.dtype == np.float32


@settings(max_examples=40, deadline=None)
@given(npst.arrays(np.uint8, (1, 7, 10, 3)), st.integers(1, 7))
def test_resizing_keeps_the_mean_colour_whatever_the_sizes(frames, size):
    np.testing.assert_allclose(
        resize_frames(frames, size).mean(axis=(1, 2)), frames.mean(axis=(1, 2)), rtol=1e-4, atol=1e-3
    )


def test_resizing_keeps_a_change_smaller_than_one_step_of_the_camera():
    frames = np.full((2, 64, 64, 3), 100, np.uint8)
    frames[1, 0, 0] += 1  # one pixel of sixteen, by one step of 8 bits
    small = resize_frames(frames, 16)
    assert small[1, 0, 0, 0] - small[0, 0, 0, 0] == 1 / 16


def test_settings_are_stored_as_json_that_others_can_read(tmp_path):
    path = write_recordings(tmp_path / "some.h5", [recording()], {"seed": 0, "note": "Gesichter — gemacht"})
    with h5py.File(path) as file:
        assert json.loads(file.attrs["settings"]) == {"seed": 0, "note": "Gesichter — gemacht"}


def test_long_settings_fit(tmp_path):
    path = write_recordings(tmp_path / "some.h5", [recording()], {"subjects": list(range(50_000))})
    with open_recordings(path) as file:
        assert file.settings["subjects"][-1] == 49_999
