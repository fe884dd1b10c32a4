"""Frames come in order with their true times, a face is followed without shaking, and bad input is told what it is."""

import struct
import tracemalloc
import wave
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rppg_lab import video
from rppg_lab.spectrum import heart_rate, power_spectrum, resample
from rppg_lab.video import Box, FaceNotFoundError, face_clip, mean_colour, read_video, resample_frames, track_face

FS = 30.0
HEIGHT, WIDTH = 120, 160
MP4_TICKS = 512  # per frame, as OpenCV's MP4 writer has it at 30 frames per second
RED = (200, 60, 40)


def numbered(number, height=HEIGHT, width=WIDTH):
    """A frame (RGB) that shows its own number: eight bright or dark columns, under a red corner."""
    frame = np.full((height, width, 3), 20, np.uint8)
    for bit in range(8):
        if number >> bit & 1:
            frame[height // 2 :, bit * width // 8 : (bit + 1) * width // 8] = 220
    frame[: height // 4, : width // 4] = RED
    return frame


def number_of(frame):
    height, width = frame.shape[:2]
    return sum(
        1 << bit for bit in range(8) if frame[height * 3 // 4, int((bit + 0.5) * width / 8)].astype(int).sum() > 360
    )


def write(path, frames, fs=FS, codec=None):
    codec = codec or {".avi": "MJPG", ".mp4": "mp4v", ".mkv": "mp4v"}[path.suffix]
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*codec), fs, (width, height))
    assert writer.isOpened()
    for frame in frames:
        writer.write(np.ascontiguousarray(frame[..., ::-1]))
    writer.release()
    return path


def write_pictures(folder, frames, name="Image{}.png"):
    folder.mkdir()
    for number, frame in enumerate(frames):
        assert cv2.imwrite(str(folder / name.format(number)), np.ascontiguousarray(frame[..., ::-1]))
    return folder


def retime(path, ticks):
    """Give each frame of an MP4 its own duration: rewrite its table `stts`, and let the boxes around it grow."""
    data = path.read_bytes()
    at = data.rindex(b"stts") - 4
    (length,) = struct.unpack_from(">I", data, at)
    pairs = [value for tick in ticks for value in (1, tick)]
    table = struct.pack(f">I4sII{len(pairs)}I", 16 + 4 * len(pairs), b"stts", 0, len(ticks), *pairs)
    before = bytearray(data[:at])
    for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl"):
        box = data.rindex(name, 0, at) - 4
        struct.pack_into(">I", before, box, struct.unpack_from(">I", before, box)[0] + len(table) - length)
    path.write_bytes(bytes(before) + table + data[at + length :])


def turn_note(path):
    """Note in an MP4 that the picture has to be turned by 90 degrees clockwise to be upright, as phones do."""
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 4 + 20 + 16
    struct.pack_into(">9i", data, matrix, 0, 65536, 0, -65536, 0, 0, HEIGHT * 65536, 0, 1 << 30)
    path.write_bytes(data)


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """40 numbered frames as AVI, MP4 and MKV."""
    folder = tmp_path_factory.mktemp("clips")
    frames = [numbered(number) for number in range(40)]
    return {kind: write(folder / f"clip.{kind}", frames) for kind in ("avi", "mp4", "mkv")}


# ---------------------------------------------------------------------------------------------- frames and their times


@pytest.mark.parametrize(("kind", "times_from"), [("avi", "frame rate"), ("mp4", "container"), ("mkv", "container")])
def test_every_frame_comes_once_in_order_and_in_rgb(clips, kind, times_from):
    opened = read_video(clips[kind])
    pairs = list(opened)
    assert [number_of(frame) for _, frame in pairs] == list(range(40))
    np.testing.assert_allclose(pairs[7][1][10, 10], RED, atol=12)
    assert (opened.height, opened.width) == pairs[0][1].shape[:2] == (HEIGHT, WIDTH)
    tolerance = 6e-4 if kind == "mkv" else 1e-9  # Matroska stores whole milliseconds
    np.testing.assert_allclose([time for time, _ in pairs], np.arange(40) / FS, atol=tolerance)
    assert opened.times_from == times_from
    assert opened.fs == pytest.approx(FS, rel=1e-3)
    assert not opened.truncated


def test_a_video_can_be_read_again_and_left_early(clips):
    opened = read_video(clips["mp4"])
    assert number_of(next(iter(opened))[1]) == 0
    assert [number_of(frame) for _, frame in opened] == [number_of(frame) for _, frame in opened] == list(range(40))


def test_frames_that_are_not_asked_for_are_left_out_but_keep_their_time(clips):
    opened = read_video(clips["mp4"])
    pairs = list(opened.every(15))
    assert {place: number_of(frame) for place, (_, frame) in enumerate(pairs) if frame is not None} == {
        0: 0,
        15: 15,
        30: 30,
    }
    np.testing.assert_array_equal([time for time, _ in pairs], opened.time)


def test_blocks_hold_every_frame(clips):
    blocks = list(read_video(clips["avi"]).blocks(15))
    assert [len(frames) for _, frames in blocks] == [15, 15, 10]
    assert [number_of(frame) for _, frames in blocks for frame in frames] == list(range(40))
    np.testing.assert_allclose(np.concatenate([time for time, _ in blocks]), np.arange(40) / FS, atol=1e-9)


def test_uneven_frames_keep_their_true_times(tmp_path):
    path = write(tmp_path / "uneven.mp4", [numbered(number) for number in range(40)])
    ticks = np.tile([768, 768, 256, 256], 10)
    retime(path, ticks)
    opened = read_video(path)
    true = np.concatenate([[0], np.cumsum(ticks)[:-1]]) / (MP4_TICKS * FS)
    np.testing.assert_allclose(opened.time, true, atol=1e-9)
    assert opened.times_from == "container"
    assert opened.fs == pytest.approx(39 / true[-1])


def write_h264(path, frames, ticks, rate=1000):
    """H.264 as phones write it, with frames that are stored in another order than shown; ticks: of each frame, ms."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=30, options={"bf": "2", "crf": "12"})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt, stream.codec_context.time_base = "yuv420p", Fraction(1, rate)
        for frame, tick in zip(frames, ticks, strict=True):
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            picture.pts, picture.time_base = int(tick), Fraction(1, rate)
            file.mux(stream.encode(picture))
        file.mux(stream.encode())
    return path


@pytest.mark.parametrize("kind", ["mp4", "mkv", "mov"])
def test_a_phone_s_variable_rate_comes_out_as_exactly_as_another_reader_has_it(tmp_path, kind):
    """OpenCV decodes, as it is the faster; PyAV, which gives each frame's own time, is the judge."""
    ticks = np.cumsum(np.random.default_rng(0).choice([17, 33, 50, 67], 60)) - 17
    path = write_h264(tmp_path / f"phone.{kind}", [numbered(number) for number in range(60)], ticks)
    opened = read_video(path)
    pairs = list(opened)
    assert [number_of(frame) for _, frame in pairs] == list(range(60))
    with av.open(str(path)) as file:
        exact = np.array([frame.time for frame in file.decode(video=0)])
    times = np.array([time for time, _ in pairs])
    np.testing.assert_allclose(times - times[0], exact - exact[0], atol=1e-6)
    np.testing.assert_allclose(times - times[0], (ticks - ticks[0]) / 1000, atol=1e-3)
    assert opened.times_from == "container"


def test_a_rate_is_that_of_the_whole_video_not_of_the_commonest_step(tmp_path):
    """A camera that is a little early three times and late the fourth: the median step is 6 % short."""
    steps = np.tile([0.0313, 0.0313, 0.0313, 0.0394], 10)[:39]
    path = write(tmp_path / "early.avi", [numbered(number) for number in range(40)])
    opened = read_video(path, times=np.concatenate([[0], np.cumsum(steps)]))
    assert opened.fs == pytest.approx(1 / steps.mean())
    assert 1 / np.median(steps) / opened.fs > 1.05


def test_a_clock_that_stands_still_is_an_error_that_names_the_frame_and_the_way_out(tmp_path):
    path = write(tmp_path / "still.mp4", [numbered(number) for number in range(40)])
    ticks = np.full(40, MP4_TICKS)
    ticks[30:32] = 0, 2 * MP4_TICKS
    retime(path, ticks)
    with pytest.raises(ValueError, match=r"still\.mp4.*frame 31 is at 1\.0000 s after 1\.0000 s.*fs="):
        list(read_video(path))
    assert len(list(read_video(path, fs=FS))) == 40


def test_given_times_are_taken_as_they_are(clips, tmp_path):
    true = 1_685_590_249.25 + np.arange(40) / 25  # a clock of the world, which the sensor shares
    table = tmp_path / "frames.csv"
    rows = "\r\n".join(f"{time:.6f},{number}" for number, time in enumerate(true))
    table.write_text(f"\ufefftimestamp,frame\r\n{rows}\r\n", encoding="utf-8", newline="")
    column = tmp_path / "column.txt"
    column.write_text("\n".join(map(repr, true.tolist())), encoding="utf-8")
    for times in (true, list(true), table, str(column)):
        opened = read_video(clips["avi"], times=times)
        np.testing.assert_allclose([time for time, _ in opened], true, atol=1e-6)
        assert opened.times_from == "given"
        assert opened.fs == pytest.approx(25, rel=1e-5)


@pytest.mark.parametrize("count", [39, 41])
def test_times_of_another_length_name_both_lengths(clips, count):
    opened = read_video(clips["mp4"], times=np.arange(count) / FS)
    with pytest.raises(ValueError, match=f"40 frames but {count} times"):
        list(opened)
    with pytest.raises(ValueError, match=f"40 frames but {count} times"):
        face_clip(clips["mp4"], times=np.arange(count) / FS, box=(0, 0, 40, 40))


@pytest.mark.parametrize(
    ("times", "says"),
    [
        (np.arange(40) * 33.0, r"0\.0303 frames per second.*ms"),
        (-np.arange(40.0) / FS, "must increase, but frame 1"),
        (np.where(np.arange(40) == 7, np.nan, np.arange(40)), "no number at frame 7"),
        (np.ones((40, 2)), r"shape is \(40, 2\)"),
    ],
)
def test_times_that_cannot_be_are_refused(clips, times, says):
    with pytest.raises(ValueError, match=says):
        read_video(clips["avi"], times=times)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("frame,exposure\n0,3\n", "which column"),
        ("0,0.1\n1,0.2\n", "which column"),
        ("time\n0.1\nlost\n0.3\n", "no time for frame 1.*lost"),
        ("frame,time\n0,0.1\n1\n", "no time for frame 1"),
    ],
)
def test_a_table_of_times_that_cannot_be_read_says_where(clips, tmp_path, text, says):
    table = tmp_path / "times.csv"
    table.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=rf"times\.csv.*{says}"):
        read_video(clips["avi"], times=table)


def test_a_missing_table_of_times_is_named(clips, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.csv"):
        read_video(clips["avi"], times=tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("choice", "says"), [({"rotate": 45}, "rotate"), ({"fs": 0}, "fs"), ({"fs": 30, "times": [0, 1]}, "not both")]
)
def test_choices_that_cannot_be_are_refused(clips, choice, says):
    with pytest.raises(ValueError, match=says):
        read_video(clips["avi"], **choice)


def test_a_file_without_times_falls_back_to_its_rate_and_says_so(clips, monkeypatch):
    decode = video._decode_file
    monkeypatch.setattr(video, "_decode_file", lambda *given: ((0.0, frame) for _, frame in decode(*given)))
    opened = read_video(clips["mp4"])
    np.testing.assert_allclose(opened.time, np.arange(40) / FS)
    assert opened.times_from == "frame rate"
    monkeypatch.setattr(video, "_announced", lambda path: (40, 0.0))
    with pytest.raises(ValueError, match=r"neither times nor a frame rate.*times=.*fs="):
        read_video(clips["mp4"])


def test_the_turn_that_a_phone_notes_is_made(clips, tmp_path):
    path = tmp_path / "phone.mp4"
    path.write_bytes(clips["mp4"].read_bytes())
    turn_note(path)
    opened = read_video(path)
    lying, upright = next(iter(read_video(clips["mp4"])))[1], next(iter(opened))[1]
    assert (opened.height, opened.width) == (WIDTH, HEIGHT)
    np.testing.assert_array_equal(upright, cv2.rotate(lying, cv2.ROTATE_90_CLOCKWISE))


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_turn_that_is_asked_for_is_made(clips, turn):
    opened = read_video(clips["avi"], rotate=turn)
    frame = next(iter(opened))[1]
    assert frame.shape[:2] == (opened.height, opened.width)
    np.testing.assert_array_equal(np.rot90(frame, turn // 90), next(iter(read_video(clips["avi"])))[1])


def test_a_folder_is_read_in_natural_order(tmp_path):
    folder = write_pictures(tmp_path / "pictures", [numbered(number) for number in range(12)])
    (folder / "._Image3.png").write_bytes(b"what another system leaves beside a file")
    (folder / "notes.txt").write_text("not a picture", encoding="utf-8")
    opened = read_video(folder, fs=25)
    assert [number_of(frame) for _, frame in opened] == list(range(12))
    np.testing.assert_allclose(opened.time, np.arange(12) / 25)
    np.testing.assert_array_equal(next(iter(opened))[1], numbered(0))
    assert opened.times_from == "given"


def test_a_folder_of_grey_pictures_with_long_numbers(tmp_path):
    """PURE names a picture by its nanosecond: too long a number for a float."""
    folder = tmp_path / "grey"
    folder.mkdir()
    for number in (1, 0, 2):
        assert cv2.imwrite(str(folder / f"Image{1_392_643_993_642_815_000 + number}.png"), numbered(number)[..., 0])
    frames = [frame for _, frame in read_video(folder, times=[0, 1 / 30, 2 / 30])]
    assert [number_of(frame) for frame in frames] == [0, 1, 2]
    assert frames[0].shape == (HEIGHT, WIDTH, 3)


def test_a_folder_without_times_without_pictures_or_with_a_bad_one_says_so(tmp_path):
    folder = write_pictures(tmp_path / "pictures", [numbered(number) for number in range(5)])
    with pytest.raises(ValueError, match="fs="):
        read_video(folder)
    (folder / "Image3.png").write_bytes(b"")
    with pytest.raises(ValueError, match=r"Image3\.png.*damaged"):
        list(read_video(folder, fs=30))
    cv2.imwrite(str(folder / "Image3.png"), np.zeros((60, 80, 3), np.uint8))
    with pytest.raises(ValueError, match=r"Image3\.png is 80×60.*160×120"):
        list(read_video(folder, fs=30))
    (tmp_path / "nothing").mkdir()
    with pytest.raises(ValueError, match="without pictures"):
        read_video(tmp_path / "nothing", fs=30)


# ------------------------------------------------------------------------------------------------------ damaged files


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.mp4"):
        read_video(tmp_path / "nowhere.mp4")


def damaged(kind, tmp_path, clips):
    path = tmp_path / {"sound": "song.wav", "picture": "one.png", "one frame": "one.avi"}.get(kind, "clip.mp4")
    if kind == "empty":
        path.write_bytes(b"")
    elif kind == "text":
        path.write_text("frames, frames, frames", encoding="utf-8")
    elif kind == "no index":
        path.write_bytes(clips["mp4"].read_bytes()[:4000])
    elif kind == "sound":
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(bytes(8000))
    elif kind == "song":
        path.write_bytes(b"ID3\x04" + bytes(500))
    elif kind == "picture":
        cv2.imwrite(str(path), numbered(1))
    elif kind == "one frame":
        write(path, [numbered(1)])
    return path


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("empty", "empty"),
        ("text", "not a video"),
        ("no index", "without its index.*cut short"),
        ("sound", "sound and no pictures"),
        ("song", "sound and no pictures"),
        ("picture", "one picture.*folder"),
        ("one frame", "one frame"),
    ],
)
def test_what_is_no_video_is_told_what_it_is(clips, tmp_path, kind, says):
    path = damaged(kind, tmp_path, clips)
    with pytest.raises(ValueError, match=says) as caught:
        read_video(path)
    assert str(path) in str(caught.value)


def test_a_file_cut_short_gives_the_frames_that_are_left_and_says_so(clips, tmp_path):
    path = tmp_path / "cut.avi"
    data = clips["avi"].read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])
    opened = read_video(path)
    numbers = [number_of(frame) for _, frame in opened]
    assert numbers == list(range(len(numbers)))
    assert 15 < len(numbers) < 30
    assert opened.frames_announced == 40
    assert opened.truncated
    clip = face_clip(path, times=np.arange(40) / 25, box=(0, 0, 40, 40))  # a time for each frame that was taken
    np.testing.assert_allclose(clip.time, np.arange(len(clip.frames)) / 25)
    assert clip.report["truncated"]
    with pytest.raises(ValueError, match=f"{len(clip.frames)} frames but 38 times"):
        list(read_video(path, times=np.arange(38) / 25))
    path.write_bytes(data[:6000])  # the header alone
    with pytest.raises(ValueError, match=r"cut short|not a video"):
        read_video(path)


# -------------------------------------------------------------------------------------------------------------- boxes

sides = st.builds(Box, st.floats(-50, 200), st.floats(-50, 200), st.floats(1, 200), st.floats(1, 200))


@given(sides, st.floats(0.2, 5))
def test_enlarging_keeps_the_centre_and_can_be_undone(box, factor):
    large = box.enlarge(factor)
    assert large.x + large.w / 2 == pytest.approx(box.x + box.w / 2, abs=1e-9)
    assert large.y + large.h / 2 == pytest.approx(box.y + box.h / 2, abs=1e-9)
    assert large.w * large.h == pytest.approx(box.w * box.h * factor**2)
    assert large.enlarge(1 / factor).w == pytest.approx(box.w)


@given(sides)
def test_clipping_cuts_sides_and_moves_none(box):
    height, width = 100, 150
    if box.x >= width or box.y >= height or box.x + box.w <= 0 or box.y + box.h <= 0:
        with pytest.raises(ValueError, match="150 pixels wide and 100 high"):
            box.clip(height, width)
        return
    cut = box.clip(height, width)
    assert (cut.x, cut.y) == (max(box.x, 0), max(box.y, 0))
    assert cut.x + cut.w == pytest.approx(min(box.x + box.w, width))
    assert cut.y + cut.h == pytest.approx(min(box.y + box.h, height))


@given(sides, sides)
def test_overlap_is_one_for_the_same_box_and_the_same_both_ways(one, other):
    assert one.overlap(one) == pytest.approx(1)
    assert one.overlap(other) == pytest.approx(other.overlap(one))
    assert 0 <= one.overlap(other) <= 1 + 1e-12


def test_overlap_of_half():
    assert Box(0, 0, 2, 2).overlap(Box(1, 0, 2, 2)) == pytest.approx(1 / 3)


@pytest.mark.parametrize("values", [(0, 0, 0, 5), (0, 0, 5, -1), (0, float("nan"), 5, 5)])
def test_a_box_without_an_area_is_refused(values):
    with pytest.raises(ValueError, match="width and height"):
        Box(*values)


def test_a_crop_of_whole_pixels_is_the_mean_of_areas():
    frame = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    expected = frame[10:74, 20:84].reshape(16, 4, 16, 4, 3).mean((1, 3))
    np.testing.assert_allclose(Box(20, 10, 64, 64).crop(frame, 16), expected, atol=0.51)


def test_a_crop_moves_by_fractions_of_a_pixel():
    """On a ramp of 4 a pixel, half a pixel is worth 2: rounding the box to whole pixels would give 0 or 4."""
    ramp = np.repeat(np.repeat(np.arange(0, 240, 4, dtype=np.uint8)[None, :, None], 60, axis=0), 3, axis=2)
    still = Box(10, 10, 32, 32).crop(ramp, 8)
    moved = Box(10.5, 10, 32, 32).crop(ramp, 8)
    np.testing.assert_array_equal(moved, still + np.uint8(2))


def test_a_crop_over_the_edge_repeats_the_edge_and_keeps_its_place():
    frame = np.zeros((40, 40, 3), np.uint8)
    frame[:, :20] = 200
    crop = Box(-20, -10, 40, 40).crop(frame, 8)
    assert crop.shape == (8, 8, 3)
    assert (crop == 200).all()  # shifting the box back inside would show the dark half
    assert (Box(0, 0, 40, 40).crop(frame, 8)[:, 4:] == 0).all()


def test_a_box_outside_has_no_crop_and_no_colour():
    frame = numbered(0)
    with pytest.raises(ValueError, match="outside"):
        Box(500, 0, 40, 40).crop(frame, 8)
    with pytest.raises(ValueError, match="outside"):
        mean_colour([frame], Box(500, 0, 40, 40))


# --------------------------------------------------------------------------------------------------- the face followed


class Script:
    """A finder that finds what it is told, search after search."""

    def __init__(self, *found):
        self.found = iter(found)

    def __call__(self, frame):
        return next(self.found)


def blank(count):
    return np.zeros((count, 120, 160, 3), np.uint8)


def centres(boxes):
    return boxes[:, :2] + boxes[:, 2:] / 2


def test_a_moving_face_is_followed_though_the_finder_trembles():
    rng = np.random.default_rng(0)
    count, every = 900, 30
    path = 60 + 30 * np.sin(2 * np.pi * np.arange(count) / 600)
    found = [[Box(*(path[k] + rng.normal(0, 2, 2)), 50, 50)] for k in range(0, count, every)]
    boxes = track_face(blank(count), every=every, finder=Script(*found)).boxes
    assert boxes.shape == (count, 4)
    assert np.abs(boxes[:, 0] - path)[60:-60].max() < 5
    np.testing.assert_allclose(boxes[:, 2:], 50)


def test_a_face_in_steady_motion_is_not_lagged_behind_at_the_ends():
    path = 20.0 + np.arange(301) / 5
    boxes = track_face(blank(301), finder=Script(*([Box(path[k], 20, 50, 50)] for k in range(0, 301, 30)))).boxes
    assert np.abs(boxes[:, 0] - path).max() < 2  # a lopsided median is a whole search, 6 pixels, behind


def tremble(every, smooth):
    """What is left of 3 pixels of trembling in the band of the heart, pixels."""
    rng = np.random.default_rng(1)
    count = 3600
    found = [[Box(*rng.normal(60, 3, 2), 50, 50)] for _ in range(0, count, every)]
    frames = np.broadcast_to(np.zeros((1, 1, 1, 3), np.uint8), (count, 1, 1, 3))
    x = track_face(frames, every=every, smooth=smooth, finder=Script(*found)).boxes[:, 0]
    frequency, power = power_spectrum(x - x.mean(), FS)
    inside = (frequency > 0.7) & (frequency < 4)
    return x.std() * np.sqrt(power[inside].sum() / power.sum())


def test_smoothing_takes_the_trembling_out_of_the_band_of_the_heart():
    raw, smoothed = tremble(every=1, smooth=1), tremble(every=30, smooth=5)
    assert raw > 1
    assert smoothed < 0.02 * raw


def test_the_largest_face_is_followed_and_stays_the_one():
    mine, other = Box(20, 20, 50, 50), Box(100, 30, 40, 40)
    grown = Box(100, 30, 60, 60)
    track = track_face(blank(180), finder=Script([other, mine], [grown, mine], [grown], [grown, mine], [mine], [mine]))
    np.testing.assert_allclose(track.boxes, [[20, 20, 50, 50]] * 180)
    assert track.faces.tolist() == [2, 2, 1, 2, 1, 1]
    assert track.followed.tolist() == [True, True, False, True, True, True]
    assert track.searched.tolist() == [0, 30, 60, 90, 120, 150]


def test_a_face_that_left_for_good_gives_way_to_another():
    mine, other = Box(0, 0, 40, 40), Box(100, 60, 40, 40)
    found = [[mine]] * 4 + [[other]] * 12
    track = track_face(blank(480), finder=Script(*found))
    np.testing.assert_allclose(track.boxes[:60, 0], 0, atol=1e-9)
    np.testing.assert_allclose(track.boxes[-150:, 0], 100)
    assert track.followed.tolist() == [True] * 4 + [False] * video.PATIENCE + [True] * 9


def test_a_box_is_held_at_the_ends_and_moves_on_over_a_gap():
    """Every search counts (smooth=1): lost at first, seen at 30 and 150, lost between and after."""
    found = [[], [Box(10, 10, 30, 30)], [], [], [], [Box(20, 10, 30, 30)], []]
    boxes = track_face(blank(210), smooth=1, finder=Script(*found)).boxes
    np.testing.assert_allclose(boxes[:15, 0], 10)
    np.testing.assert_allclose(boxes[-40:, 0], 20)
    assert boxes[90, 0] == pytest.approx(15, abs=0.1)


def test_a_finder_that_can_looks_near_the_last_place_first_and_everywhere_where_it_must():
    asked = []

    def finder(frame, near=None):
        asked.append(near)
        search = sum(one is None or k == 0 or asked[k - 1] is None for k, one in enumerate(asked)) - 1
        return [] if near is not None and len(asked) == 4 else [Box(10 + search, 10, 50, 50)]

    track = track_face(blank(180), finder=finder)
    assert asked[0] is None  # nothing is known yet
    assert [one is None for one in asked] == [True, False, False, False, True, False, True]  # lost once; every fifth
    assert asked[1] == Box(10, 10, 50, 50)
    assert track.followed.all()


def test_a_wrong_detection_at_the_start_is_passed_over():
    wrong, face = Box(100, 70, 50, 50), Box(20, 20, 40, 40)
    track = track_face(blank(120), finder=Script([wrong], [face], [face], [face]))
    np.testing.assert_allclose(track.boxes, [[20, 20, 40, 40]] * 120)
    assert not track.followed[0]


def test_no_face_says_how_many_frames_were_searched_and_what_to_try(clips):
    with pytest.raises(
        FaceNotFoundError, match=r"clip\.mp4.*2 frames that were searched, of 40.*every=5.*finder=.*box="
    ):
        face_clip(clips["mp4"])
    assert issubclass(FaceNotFoundError, ValueError)


@pytest.mark.parametrize(("turned", "advice"), [(0, 180), (90, 90)])
def test_a_face_upside_down_gets_the_turn_that_helps(clips, turned, advice):
    """This finder takes a picture for upright when the clip's red corner is at the lower right."""

    def upright(frame):
        corner = frame[frame.shape[0] - 10, frame.shape[1] - 10].astype(int)
        return [Box(0, 0, 50, 50)] if corner[0] > corner[1] + 80 else []

    with pytest.raises(FaceNotFoundError, match=f"rotate={(advice + turned) % 360}$") as caught:
        track_face(read_video(clips["avi"], rotate=turned), finder=upright)
    assert "of 40" in str(caught.value)
    track_face(read_video(clips["avi"], rotate=180), finder=upright)


def test_plain_picture_frames_and_plain_boxes_will_do():
    track = track_face((frame for frame in blank(31)), finder=lambda frame: np.array([[1, 2, 30, 40]]))
    np.testing.assert_allclose(track.boxes, [[1, 2, 30, 40]] * 31)


@pytest.mark.parametrize("choice", [{"every": 0}, {"smooth": 4}, {"smooth": 0}])
def test_a_search_that_cannot_be_is_refused(choice):
    with pytest.raises(ValueError, match="every must be"):
        track_face(blank(3), **choice)


def test_no_frames_is_an_error():
    with pytest.raises(ValueError, match="no frames"):
        track_face([])
    with pytest.raises(ValueError, match="no frames"):
        mean_colour([])


@pytest.mark.parametrize("find", [video.find_faces, video.find_faces_lbp])
def test_no_finder_sees_a_face_where_there_is_none(find):
    assert find(np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8)) == []
    assert find(np.full((480, 640, 3), 127, np.uint8)) == []
    with pytest.raises(ValueError, match="uint8"):
        find(np.zeros((20, 20)))


def test_a_finder_is_had_by_name_or_from_a_file_of_ones_own(tmp_path):
    assert video.get_finder("haar") is video.find_faces
    assert video.get_finder("lbp") is video.find_faces_lbp
    own = tmp_path / "Gesichter-für-mich.xml"  # letters beyond ASCII, as in a user's name
    own.write_bytes((Path(cv2.data.haarcascades) / "haarcascade_frontalface_default.xml").read_bytes())
    assert video.get_finder(own)(np.full((480, 640, 3), 127, np.uint8)) == []
    with pytest.raises(FileNotFoundError, match="haar, lbp"):
        video.get_finder("eyes")
    for content in (b"", b"no xml", b"\xff\xfe\x00", b"<?xml version='1.0'?><opencv_storage><a>1</a></opencv_storage>"):
        own.write_bytes(content)
        path = own.rename(tmp_path / f"{len(content)}.xml")
        with pytest.raises(ValueError, match=r"xml is not a cascade"):
            video.get_finder(path)


def test_the_second_finder_s_cascade_comes_with_its_package():
    import skimage.data

    assert Path(skimage.data.lbp_frontal_face_cascade_filename()).stat().st_size > 10_000


# ----------------------------------------------------------------------------------------------------- the whole path


def beating(count, bpm, strength=2.0, grey=False):
    """A red square that moves slowly over a striped wall and pulses; its true corner in each frame."""
    frames, corners = [], []
    for number in range(count):
        time = number / FS
        frame = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
        frame[:, ::8] = 90
        x, y = round(40 + 25 * np.sin(2 * np.pi * 0.05 * time)), 30
        level = strength * np.sin(2 * np.pi * bpm / 60 * time)
        # Dithered as camera noise would: 2 levels out of 256 are a fraction of a step for most pixels.
        patch = np.random.default_rng(number).normal(np.add(RED, level), 2, (48, 48, 3))
        frame[y : y + 48, x : x + 48] = np.clip(np.rint(patch), 0, 255)
        frames.append(np.repeat(frame[..., :1], 3, axis=2) if grey else frame)
        corners.append((x, y))
    return frames, np.array(corners)


def find_square(frame):
    """The bright square, with the trembling of a real finder."""
    rows, columns = np.nonzero(cv2.blur(frame[..., 0], (5, 5)) > 140)
    shift = np.random.default_rng(int(frame.sum())).integers(-2, 3, 2)
    return [(columns.min() + shift[0], rows.min() + shift[1], np.ptp(columns) + 1, np.ptp(rows) + 1)]


def test_a_pulse_goes_from_a_file_to_a_heart_rate(tmp_path):
    frames, corners = beating(450, bpm=78)
    path = write(tmp_path / "face.avi", frames)
    threads = cv2.getNumThreads()
    clip = face_clip(path, size=32, enlarge=0.7, finder=find_square)
    assert clip.frames.shape == (450, 32, 32, 3)
    assert clip.frames.dtype == np.uint8
    assert clip.fs == pytest.approx(FS)
    assert np.abs(centres(clip.boxes) - corners - 24).max() < 8
    assert heart_rate(mean_colour(clip.frames)[:, 1], clip.fs) == pytest.approx(78, abs=1)
    assert clip.report["found"] == clip.report["searched"] == 15
    assert clip.report["lost"] == []
    assert not clip.report["grey"]
    assert cv2.getNumThreads() == threads
    # The same colours straight from the video, without crops between.
    direct = mean_colour(read_video(path), clip.boxes)
    np.testing.assert_allclose(direct, mean_colour(clip.frames), atol=0.5)


def test_grey_video_is_read_and_called_grey(tmp_path):
    frames, _ = beating(60, bpm=78, grey=True)
    clip = face_clip(write(tmp_path / "grey.avi", frames), finder=find_square)
    assert clip.report["grey"]
    assert np.ptp(clip.frames, axis=3).max() <= video.GREY
    assert clip.frames.shape == (60, 64, 64, 3)


def test_a_face_that_leaves_is_reported_with_its_time(clips):
    found = Script([(10, 10, 50, 50)], [], [(12, 10, 50, 50)], [])
    report = face_clip(clips["avi"], every=10, finder=found).report
    assert report["lost"] == [
        (pytest.approx(10 / FS), pytest.approx(20 / FS)),
        (pytest.approx(1.0), pytest.approx(39 / FS)),
    ]
    assert (report["searched"], report["found"], report["most_faces"]) == (4, 2, 1)


def test_a_box_that_is_given_is_used_as_it_is(clips):
    clip = face_clip(clips["mp4"], size=16, box=Box(0, 60, 160, 60))
    assert [number_of(cv2.resize(frame, (160, 120))) for frame in clip.frames] == list(range(40))
    assert "searched" not in clip.report
    with pytest.raises(ValueError, match="open already"):
        face_clip(read_video(clips["mp4"]), times=np.arange(40) / FS)


def peak_bytes(path, count):
    tracemalloc.start()
    opened = read_video(path)
    track = track_face(opened, finder=lambda frame: [(10, 10, 50, 50)])
    assert sum(1 for _ in video.crop_frames(opened, track.boxes, 16)) == count
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_length_of_a_video(tmp_path):
    frame = numbered(1)
    short, long = (write(tmp_path / f"{count}.avi", [frame] * count) for count in (40, 400))
    peak_bytes(short, 40)  # what is loaded once
    assert peak_bytes(long, 400) - peak_bytes(short, 40) < 2 * frame.nbytes  # 360 frames more


# ---------------------------------------------------------------------------------------------------- colours and clock


def test_the_mean_colour_of_frames():
    frames = np.random.default_rng(0).integers(0, 256, (5, 20, 30, 3), dtype=np.uint8)
    mask = np.random.default_rng(1).random((20, 30)) > 0.5
    np.testing.assert_allclose(mean_colour(frames), frames.mean((1, 2)))
    np.testing.assert_allclose(mean_colour(frames[:, ::2, 5:-5]), frames[:, ::2, 5:-5].mean((1, 2)))
    np.testing.assert_allclose(mean_colour(frames, mask=mask), frames[:, mask].mean(1))
    np.testing.assert_allclose(mean_colour(frames, Box(4, 3, 10, 12)), frames[:, 3:15, 4:14].mean((1, 2)), rtol=1e-5)
    for dtype in (np.float32, np.float64, np.int64):
        np.testing.assert_allclose(mean_colour(frames.astype(dtype)), frames.mean((1, 2)), rtol=1e-5)
    moving = np.array([[k, 0, 10, 12] for k in range(5)])
    expected = [frames[k, :12, k : k + 10].mean((0, 1)) for k in range(5)]
    np.testing.assert_allclose(mean_colour(frames, moving), expected, rtol=1e-5)


@given(
    sides.filter(lambda box: box.x < 149 and box.y < 99 and box.x + box.w > 1 and box.y + box.h > 1),
    st.floats(0.1, 0.9),
)
def test_the_mean_over_a_box_is_that_of_its_two_parts(box, share):
    """However the sides fall between the pixels: nothing is counted twice and nothing is left out."""
    frame = np.random.default_rng(0).integers(0, 256, (100, 150, 3), dtype=np.uint8)
    box = box.clip(100, 150)
    left = Box(box.x, box.y, box.w * share, box.h)
    right = Box(box.x + left.w, box.y, box.w - left.w, box.h)
    whole, one, other = (mean_colour([frame], part)[0] for part in (box, left, right))
    np.testing.assert_allclose(whole, share * one + (1 - share) * other, atol=0.02)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"box": Box(0, 0, 5, 5), "mask": np.ones((20, 30), bool)}, "not both"),
        ({"mask": np.ones((30, 20), bool)}, "mask has the shape"),
        ({"mask": np.zeros((20, 30), bool)}, "no true pixel"),
        ({"box": np.ones((4, 4))}, "4 boxes and more frames"),
        ({"box": np.ones((6, 4))}, "6 boxes and 5 frames"),
    ],
)
def test_colours_that_cannot_be_are_refused(arguments, says):
    with pytest.raises(ValueError, match=says):
        mean_colour(np.zeros((5, 20, 30, 3), np.uint8), **arguments)


def test_frames_without_three_colours_are_refused():
    with pytest.raises(ValueError, match=r"\(H, W, 3\)"):
        mean_colour(np.zeros((5, 20, 30), np.uint8))


def test_an_even_clock_gives_the_true_heart_rate_back():
    """Frames of a camera that slows down: counted they give a wrong rate, brought onto an even grid the true one."""
    time = 100 + np.cumsum(np.repeat([1 / 40, 1 / 15], [300, 100]))
    level = 120 + 40 * np.sin(2 * np.pi * 1.2 * time)
    frames = np.rint(np.broadcast_to(level[:, None, None, None], (400, 4, 4, 3))).astype(np.uint8)
    even, even_time = resample_frames(frames, time, 30.0)
    np.testing.assert_allclose(np.diff(even_time), 1 / 30)
    assert even_time[0] == time[0]
    assert time[-1] - 1 / 30 < even_time[-1] <= time[-1]
    assert even.dtype == np.uint8
    assert heart_rate(mean_colour(even)[:, 1], 30.0) == pytest.approx(72, abs=0.3)
    assert abs(heart_rate(mean_colour(frames)[:, 1], 399 / (time[-1] - time[0])) - 72) > 10


@pytest.mark.parametrize("start", [0.0, 100.1, 1_685_590_249.9497862])
def test_an_even_clock_stays_as_it_is_to_the_last_frame(start):
    for count in range(2, 60):
        frames = np.arange(count, dtype=np.uint8)[:, None, None, None]
        even, _ = resample_frames(frames, start + np.arange(count) / FS, FS)
        assert even.ravel().tolist() == list(range(count))


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_resampling_is_linear_and_fills_dropped_frames(dtype):
    kept = np.delete(np.arange(40), [7, 20, 21, 22])
    frames = np.broadcast_to(np.arange(0, 200, 5)[:, None, None, None], (40, 3, 2, 3)).astype(dtype)
    even, time = resample_frames(frames[kept], kept / FS, FS)
    np.testing.assert_array_equal(even, frames)
    np.testing.assert_allclose(time, np.arange(40) / FS)
    doubled, _ = resample_frames(frames, np.arange(40) / FS, 2 * FS)
    expected = resample(frames[:, 0, 0, 0].astype(float), np.arange(40) / FS, np.arange(79) / (2 * FS))
    np.testing.assert_allclose(doubled[:, 0, 0, 0], expected, atol=0.51)


@pytest.mark.parametrize(
    ("time", "fs", "says"),
    [(np.arange(4) / FS, FS, "5 frames and 4 times"), ([0, 1, 1, 2, 3], FS, "frame 2"), (np.arange(5) / FS, 0, "fs")],
)
def test_a_clock_that_cannot_be_is_refused(time, fs, says):
    with pytest.raises(ValueError, match=says):
        resample_frames(np.zeros((5, 2, 2, 3), np.uint8), time, fs)
