"""A pulse is read with its uncertainty where there is one, and refused with a reason where there is none."""

import importlib.util
import json
import sys
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from rppg_lab import reading, synthesis, video
from rppg_lab.methods import METHODS
from rppg_lab.reading import Evidence, NetworkEvidence, cells_of, read_cells, read_crops, read_file
from rppg_lab.spectrum import heart_rate

FS = 30.0
ROOT = Path(__file__).resolve().parents[1]


def benchmark():
    """benchmarks/refusal.py, which draws the scenes without a pulse."""
    if "refusal" not in sys.modules:
        spec = importlib.util.spec_from_file_location("refusal", ROOT / "benchmarks" / "refusal.py")
        sys.modules["refusal"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["refusal"])
    return sys.modules["refusal"]


@pytest.fixture(scope="module")
def person():
    return synthesis.make_video(303, seconds=20, size=64)


@pytest.fixture(scope="module")
def cells(person):
    return cells_of(person.frames)


def write(path, frames, fs=FS, codec="MJPG"):
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*codec), fs, (width, height))
    assert writer.isOpened()
    for frame in frames:
        writer.write(np.ascontiguousarray(frame[..., ::-1]))
    writer.release()
    return path


@pytest.fixture(scope="module")
def clip(person, tmp_path_factory):
    """The made person in a file, lossless, so that what is tested is the reading."""
    return write(tmp_path_factory.mktemp("clip") / "person.avi", person.frames, codec="FFV1")


@pytest.fixture(scope="module")
def found(person):
    return read_crops(person.frames, person.time)


# ------------------------------------------------------------------------------------------------------------- a pulse


def test_a_made_person_is_read(person, found):
    true = float(heart_rate(person.bvp, FS))
    assert found.reliable
    assert found.hr_bpm == found.guess_bpm == pytest.approx(true, abs=1)
    low, high = found.interval_bpm
    assert low < true < high
    assert low < found.hr_bpm < high
    assert found.quality > reading.BY_POS.threshold
    assert (found.method, found.seconds, found.fs) == ("POS", pytest.approx(20.0), pytest.approx(FS))
    assert found.wave.shape == found.time.shape == person.time.shape
    assert found.witness.shape == (2, 600)
    (window,) = found.windows
    assert (window.start, window.seconds, window.hr_bpm) == (0.0, pytest.approx(20.0), found.hr_bpm)
    assert window.quality == found.quality == reading.quality_of(window.evidence)


def test_the_wave_is_that_of_the_method_on_the_skin(cells, found):
    np.testing.assert_allclose(found.wave, METHODS["POS"](reading.skin_colour(cells), FS), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_method_can_be_asked_and_none_gives_a_wrong_rate_as_reliable(person, cells, method):
    one = read_cells(cells, person.time, method=method.lower())
    assert one.method == method
    assert not one.reliable or one.hr_bpm == pytest.approx(float(heart_rate(person.bvp, FS)), abs=5)


@pytest.fixture(scope="module")
def fine(person):
    """As many cells as the package's network takes."""
    return cells_of(person.frames, 32)


def test_finer_cells_change_nothing_for_pos(person, fine, cells, found):
    one = read_cells(fine, person.time)
    np.testing.assert_allclose(one.wave, found.wave, rtol=1e-4, atol=1e-6)
    assert one.hr_bpm == pytest.approx(found.hr_bpm, abs=1e-3)
    assert one.quality == pytest.approx(found.quality, abs=1e-3)
    before = reading._Witness(cells, FS).evidence(slice(0, 600), found.hr_bpm)
    assert vars(one.windows[0].evidence) == pytest.approx(vars(before), rel=1e-3, abs=1e-3)


@pytest.fixture(scope="module")
def by_network(person, fine):
    return read_cells(fine, person.time, method="network")


def test_the_network_reads_a_person_by_evidence_of_its_own(person, by_network):
    assert by_network.method == "NETWORK"
    assert by_network.reliable
    assert by_network.hr_bpm == pytest.approx(float(heart_rate(person.bvp, FS)), abs=2)
    (window,) = by_network.windows
    assert isinstance(window.evidence, NetworkEvidence)
    assert by_network.quality == reading.BY_NETWORK.quality(window.evidence) >= reading.BY_NETWORK.threshold
    assert {term.name for term in reading.BY_NETWORK.terms} == set(vars(window.evidence))
    below = reading.figure_of(by_network).axes[2]
    assert [label.get_text() for label in below.get_yticklabels()] == [t.label for t in reading.BY_NETWORK.terms]


def test_the_network_sees_no_pulse_in_a_person_without_one(person):
    dead = synthesis.make_video(303, seconds=20, size=32, pulse=False)
    one = read_crops(dead.frames, dead.time, method="network")
    assert not one.reliable
    assert one.guess_bpm is not None


def beating(part, seconds=20.0):
    """Cells (T, 32, 32, 3) of which a part (32, 32) has a pulse of 75 beats a minute; all have noise."""
    time = np.arange(round(seconds * FS)) / FS
    frames = np.float32([120, 100, 80]) + np.random.default_rng(0).normal(0, 0.1, (len(time), 32, 32, 3))
    frames[:, part] += np.sin(2 * np.pi * 75 / 60 * time)[:, None, None] * np.array([0.33, 0.77, 0.53])
    return frames.astype(np.float32), time


@pytest.fixture
def sees_green(monkeypatch):
    """A network whose wave is known: the mean of the green cells, standardised. A list of how it was asked."""
    asked = []

    def mean_green(model, cells, fs, **how):
        asked.append(how)
        wave = cells[..., 1].mean(axis=(1, 2), dtype=np.float64)
        return (wave - wave.mean()) / wave.std() if wave.std() > 1e-6 else np.zeros(len(wave))

    monkeypatch.setattr("rppg_lab.inference.predict_wave", mean_green)
    return asked


def evidence_of(cells, time):
    return read_cells(cells, time, method="network").windows[0].evidence


MIDDLE = np.hypot(*np.meshgrid(np.linspace(-1, 1, 32), np.linspace(-1, 1, 32))) < 0.6


def test_a_network_looks_behind_the_face_alone(sees_green):
    face, everywhere = (evidence_of(*beating(part)) for part in (MIDDLE, MIDDLE | True))
    assert [how.get("mirrored", False) for how in sees_green] == [True, False] * 2  # the face, and what is behind it
    assert face.background_db < -10
    assert everywhere.background_db > -3
    assert face.pos_in_step > 0.9


def test_a_network_is_given_all_the_cells_that_it_takes(cells, person):
    with pytest.raises(ValueError, match="needs 32 × 32 cells, not 16"):
        read_cells(cells, person.time, method="network")


def test_weights_that_are_none_are_told(cells, person, tmp_path):
    with pytest.raises(FileNotFoundError):
        read_cells(cells, person.time, method="network", weights=tmp_path / "none.pt")


def test_an_uneven_clock_gives_the_true_rate(person, cells):
    """A camera that slows down from 40 to 20 frames a second: counted in frames the rate would be smeared."""
    true = float(heart_rate(person.bvp, FS))
    steps = np.linspace(1 / 40, 1 / 20, 400)
    times = np.concatenate([[0], np.cumsum(steps)])
    times = times[times < person.time[-1]]
    at = np.array([np.interp(times, person.time, one) for one in cells.reshape(600, -1).T]).T
    uneven = at.reshape(-1, 16, 16, 3).astype(np.float32)
    one = read_cells(uneven, times)
    assert one.hr_bpm == pytest.approx(true, abs=2)
    assert one.fs == pytest.approx((len(times) - 1) / times[-1])


def test_a_long_clip_is_read_in_windows(person, cells):
    longer = np.concatenate([cells, cells[::-1]])  # 40 s
    one = read_cells(longer, np.arange(1200) / FS)
    assert [window.start for window in one.windows] == pytest.approx([0.0, 10.0, 20.0])
    assert {window.seconds for window in one.windows} == {20.0}
    assert one.quality == np.median([window.quality for window in one.windows])
    assert one.hr_bpm == pytest.approx(float(heart_rate(person.bvp, FS)), abs=3)
    assert one.seconds == pytest.approx(40.0)


def test_part_of_a_long_clip_without_a_pulse_is_left_out_and_told(cells):
    still = np.repeat(cells.mean(axis=0, keepdims=True), 900, axis=0)
    still += np.random.default_rng(0).normal(0, 0.1, still.shape).astype(np.float32)
    whole = np.concatenate([cells, cells[::-1], still[:600]])  # 60 s: 40 with a pulse
    one = read_cells(whole, np.arange(len(whole)) / FS)
    assert one.reliable
    assert "windows could be read" in one.message
    nothing = read_cells(np.concatenate([cells, still]), np.arange(1500) / FS)
    assert not nothing.reliable


def test_it_is_the_same_each_time(cells, person, found):
    again = read_cells(cells, person.time)
    assert reading.to_json(again) == reading.to_json(found)


# ---------------------------------------------------------------------------------------------------------- no pulse


@pytest.mark.parametrize("kind", ["photograph", "wall", "empty room", "dark", "flickering lamp", "mannequin"])
def test_a_scene_without_anyone_is_refused(kind):
    frames = benchmark().scene(kind, 301, seconds=12.0)
    one = read_crops(frames, np.arange(len(frames)) / FS)
    assert not one.reliable
    assert one.hr_bpm is None
    assert one.interval_bpm == (None, None)
    assert one.message.startswith("No reliable pulse: ")


def test_the_same_person_without_a_pulse_is_refused(person):
    without = synthesis.make_video(303, seconds=20, size=64, pulse=False)
    assert not read_crops(without.frames, without.time).reliable


@cache
def flickering(rate, colour, size=32):
    """A wall under a lamp whose flicker has a pulse's rate, strongly, and a face's place shows it as the corners do."""
    time = np.arange(600) / FS
    rng = np.random.default_rng(0)
    light = 1 + 0.02 * np.sin(2 * np.pi * rate / 60 * time)[:, None] * np.array(colour)
    frames = np.array([150.0, 120, 100]) * light[:, None, None, :] + rng.normal(0, 1, (600, size, size, 3))
    return np.clip(np.rint(frames), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("colour", [(1, 1, 1), (0.33, 0.77, 0.53)])
@pytest.mark.parametrize("method", ["POS", "GREEN"])
def test_a_lamp_in_any_colour_is_no_pulse_because_it_is_everywhere(colour, method):
    one = read_crops(flickering(75, colour), np.arange(600) / FS, method=method)
    assert not one.reliable
    if colour[0] != 1:
        assert "behind the face" in one.message


@pytest.mark.parametrize(
    ("frames", "fs", "says"),
    [
        (np.full((150, 32, 32, 3), 90, np.uint8), 30.0, "10 s at least"),
        (np.random.default_rng(0).integers(80, 90, (120, 32, 32, 3), dtype=np.uint8), 6.0, "too few"),
        (np.repeat(np.random.default_rng(0).integers(80, 90, (400, 32, 32, 1), dtype=np.uint8), 3, 3), 30.0, "grey"),
        (np.zeros((400, 32, 32, 3), np.uint8), 30.0, "grey"),
        (np.tile(np.uint8([90, 60, 30]), (400, 32, 32, 1)), 30.0, "constant|no change|does not"),
    ],
)
def test_what_holds_no_pulse_by_its_nature_is_refused_with_the_reason(frames, fs, says):
    one = read_crops(frames, np.arange(len(frames)) / fs)
    assert not one.reliable
    assert one.quality == 0
    assert any(word in one.message for word in says.split("|")), one.message


def test_evidence_counts_the_right_way_and_weakest_is_named():
    clear = Evidence(prominence_db=6, coherence=0.95, in_step=0.9, spread_bpm=0.7, background_db=-20, own_db=0.0)
    assert reading.quality_of(clear) > 0.95
    for worse in (
        {"prominence_db": -5},
        {"coherence": 0.4},
        {"in_step": 0.0},
        {"spread_bpm": 20.0},
        {"background_db": 0.0},
        {"own_db": -9.0},
    ):
        assert reading.quality_of(replace(clear, **worse)) < reading.quality_of(clear)
    assert "behind the face" in reading.BY_POS.against(replace(clear, background_db=0.0))
    assert {term.name for term in reading.BY_POS.terms} == set(vars(clear))


def test_evidence_of_a_network_counts_the_right_way():
    clear = NetworkEvidence(
        prominence_db=9, spread_bpm=0.7, background_db=-12, pos_in_step=0.9, in_step=0.7, own_db=-0.2
    )
    assert reading.quality_of(clear) > 0.95
    for worse in (
        {"prominence_db": -5},
        {"spread_bpm": 20.0},
        {"background_db": 0.0},
        {"pos_in_step": 0.4},
        {"in_step": 0.0},
        {"own_db": -6.0},
    ):
        assert reading.quality_of(replace(clear, **worse)) < reading.quality_of(clear)
    assert {term.name for term in reading.BY_NETWORK.terms} == set(vars(clear))
    lamp = replace(clear, background_db=0.0, pos_in_step=1.0)
    assert reading.quality_of(lamp) < reading.BY_NETWORK.threshold  # what is behind the face is a veto


def test_the_uncertainty_grows_with_the_noise(found):
    rng = np.random.default_rng(0)
    noisy = found.wave + rng.normal(0, 3 * found.wave.std(), found.wave.size)
    quiet = reading.jackknife_error(found.wave, FS, found.guess_bpm)
    assert reading.jackknife_error(noisy, FS, found.guess_bpm) > quiet


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"method": "magic"}, "valid names.*NETWORK"),
        ({"time": np.arange(600)[::-1]}, "increasing"),
        ({"time": [0]}, "times"),
    ],
)
def test_what_cannot_be_is_an_error(cells, person, change, says):
    arguments = {"time": person.time, "method": "POS"} | change
    with pytest.raises(ValueError, match=says):
        read_cells(cells, arguments["time"], method=arguments["method"])


def test_crops_that_are_none_are_an_error():
    with pytest.raises(ValueError, match="no crops"):
        cells_of([])
    for shape in ((8, 8, 3), (32, 40, 3), (32, 32)):
        with pytest.raises(ValueError, match="crop must be"):
            cells_of([np.zeros(shape, np.uint8)])


# -------------------------------------------------------------------------------------------------------------- files


def test_a_file_is_read_whole_and_in_a_box(clip, person, found):
    true = float(heart_rate(person.bvp, FS))
    whole = read_file(clip, box="whole")
    assert whole.hr_bpm == pytest.approx(found.hr_bpm, abs=0.1)
    assert "nominal rate" in whole.message
    face = read_file(clip, box=(64 / 6, 64 / 6, 64 / 1.5, 64 / 1.5), times=person.time)  # enlarged, it is the whole
    assert face.hr_bpm == pytest.approx(true, abs=1)
    assert "Note" not in face.message


def test_the_face_is_looked_for_followed_and_what_happens_is_told(clip):
    place = [video.Box(11, 11, 43, 43)]
    searches = iter([place, [*place, video.Box(0, 0, 9, 9)], [], *[place] * 20])
    one = read_file(clip, finder=lambda frame: next(searches))
    assert one.reliable
    assert "lost in 1 of 20 searches" in one.message
    assert "up to 2 faces" in one.message


def test_no_face_and_a_face_that_is_hardly_there_are_refusals(clip):
    one = read_file(clip, finder=lambda frame: [])
    assert not one.reliable
    assert "no face in the 20 frames" in one.message
    searches = iter([[video.Box(11, 11, 43, 43)]] * 5 + [[]] * 15)
    assert "in only 5 of 20 searches" in read_file(clip, finder=lambda frame: next(searches)).message


def test_a_file_is_read_by_the_network_which_loads_while_the_face_is_looked_for(clip, person):
    one = read_file(clip, method="network", finder=lambda frame: [video.Box(11, 11, 43, 43)])
    assert one.hr_bpm == pytest.approx(float(heart_rate(person.bvp, FS)), abs=1)


def test_weights_that_are_not_there_are_a_mistake_also_where_there_is_no_face(clip, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.pt"):
        read_file(clip, method="network", weights=tmp_path / "none.pt", finder=lambda frame: [])


@pytest.mark.parametrize(
    ("choice", "says"), [({"box": "all"}, "whole"), ({"box": (500, 0, 9, 9)}, "outside"), ({"method": "x"}, "valid")]
)
def test_choices_that_cannot_be_are_refused(clip, choice, says):
    with pytest.raises(ValueError, match=says):
        read_file(clip, **choice)


def test_a_file_cut_short_is_read_as_far_as_it_goes_and_says_so(clip, tmp_path):
    cut = tmp_path / "cut.avi"
    content = clip.read_bytes()
    cut.write_bytes(content[: int(0.8 * len(content))])
    one = read_file(cut, box="whole")
    assert "cut short" in one.message
    assert 14 < one.seconds < 18


def test_what_compression_spoils_is_right_or_refused(person, tmp_path):
    """A codec draws its own rhythm, all over the face and not on a smooth wall."""
    path = benchmark().write_file(tmp_path / "call.mp4", person.frames, crf=25)
    one = read_file(path, box="whole")
    assert not one.reliable or one.hr_bpm == pytest.approx(float(heart_rate(person.bvp, FS)), abs=5)


def test_a_gap_in_time_is_told(clip, person):
    times = person.time + np.where(np.arange(600) >= 300, 1.0, 0.0)
    assert "for 1.0 s there is no frame" in read_file(clip, box="whole", times=times).message


# --------------------------------------------------------------------------------------------------------- in words


def test_json_is_one_object_with_the_promised_keys(found):
    content = json.loads(reading.to_json(found))
    assert list(content) == list(reading.JSON_KEYS)
    assert content["reliable"] is True
    assert content["interval_bpm"][0] < content["hr_bpm"] < content["interval_bpm"][1]
    nothing = json.loads(reading.to_json(reading.nothing_read("pos", "why")))
    assert (nothing["hr_bpm"], nothing["interval_bpm"], nothing["message"]) == (None, [None, None], "why")


def test_words_hold_the_rate_or_the_reason(found):
    assert f"{found.hr_bpm:.1f} bpm" in reading.in_words(found)
    assert reading.in_words(reading.nothing_read("pos", "why")).startswith("why")


def test_wave_and_figure_are_saved(found, tmp_path):
    path = reading.write_wave(found, tmp_path / "wave.csv")
    table = np.genfromtxt(path, delimiter=",", names=True)
    np.testing.assert_allclose(table["time_s"], found.time, atol=1e-6)
    np.testing.assert_allclose(table["bvp"], found.wave, rtol=1e-6)
    assert reading.write_figure(found, tmp_path / "figure.png").stat().st_size > 5000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["figure.png", "wave.csv"]


def test_the_figure_of_a_refusal_can_be_drawn_and_that_of_nothing_not(tmp_path):
    one = read_crops(flickering(75, (0.33, 0.77, 0.53)), np.arange(600) / FS)
    assert len(reading.figure_of(one).axes) == 3
    nothing = reading.nothing_read("POS", "why")
    for write_it in (reading.write_figure, reading.write_wave):
        with pytest.raises(ValueError, match="why"):
            write_it(nothing, tmp_path / "nothing.png")
    with pytest.raises(ValueError, match=r"\.png"):
        reading.write_figure(one, tmp_path / "figure.docx")


def test_reading_takes_no_time_once_the_crops_are_there(person, cells):
    read_cells(cells, person.time)
    start = time.process_time()
    read_cells(cells, person.time)
    assert time.process_time() - start < 0.5
