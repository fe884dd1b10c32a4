"""Clips: frames and wave stay in step, people stay in one part, and no number of workers changes anything."""

import importlib.util
import pickle
import warnings
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from torch.utils.data import ConcatDataset, DataLoader, Subset, random_split

from rppg_lab.clips import (
    NORMALISATIONS,
    ClipDataset,
    assert_no_leak,
    dataset_loader,
    dataset_split,
    normalise_clip,
    split_data_loader,
    split_subjects,
    subject_folds,
    subjects_of,
    to_video,
)
from rppg_lab.recordings import Recording, RecordingError, open_recordings, write_recordings

FS = 30.0


def counting(
    subject: str, count: int = 200, size: int = 8, first: int = 0, name: str = "", fs: float = FS
) -> Recording:
    """A recording whose frame k has the pixel value first + k, and whose wave has that value too."""
    k = first + np.arange(count)
    frames = np.broadcast_to(k.astype(np.uint8)[:, None, None, None], (count, size, size, 3))
    return Recording(subject, fs, np.arange(count) / fs, k.astype(np.float32), frames, name)


def write_counting_lecture(path: Path, dtype: type, clips: int = 6, length: int = 32) -> Path:
    k = np.arange(clips * length).reshape(clips, length)
    video = np.broadcast_to(k[..., None, None, None], (clips, length, 8, 8, 3))
    with h5py.File(path, "w") as file:
        for name in ("s1", "s2", "s3"):
            file[f"{name}/preprocessed_video"] = (
                video.astype(dtype) if dtype == np.uint8 else (video / 255).astype(dtype)
            )
            file[f"{name}/preprocessed_label"] = k.astype(np.float64)
    return path


@pytest.fixture(scope="module")
def people(tmp_path_factory) -> Path:
    """Ten people; p0 has two takes."""
    takes = [counting(f"p{i}", first=5 * i) for i in range(10)] + [counting("p0", count=150, name="p0 again")]
    return write_recordings(tmp_path_factory.mktemp("clips") / "people.h5", takes, {})


@pytest.fixture(scope="module", params=["ours", "lecture's uint8", "lecture's float64"])
def any_layout(request, people, tmp_path_factory) -> Path:
    if request.param == "ours":
        return people
    dtype = np.uint8 if "uint8" in request.param else np.float64
    return write_counting_lecture(tmp_path_factory.mktemp("clips") / "lecture.h5", dtype)


# ------------------------------------------------------------------------------------------------------ frames and wave


@pytest.mark.parametrize("speed", [(1.0, 1.0), (0.6, 1.7)])
@pytest.mark.parametrize("clip_length", [20, 32, 128])
def test_frames_and_wave_of_a_clip_are_in_step(any_layout, clip_length, speed):
    """Each frame and each value of the wave carry their moment: they must agree, at any speed and in any layout."""
    dataset = ClipDataset(any_layout, clip_length=clip_length, stride=47, normalise="raw", speed=speed, size=4)
    for video, bvp in dataset:
        assert video.shape == (3, clip_length, 4, 4)
        assert bvp.shape == (clip_length,)
        assert video.dtype == bvp.dtype == torch.float32
        moment = 255 * video.mean(dim=(0, 2, 3))
        torch.testing.assert_close(moment, bvp, rtol=0, atol=2e-4)
        step = bvp.diff()
        torch.testing.assert_close(step, step.mean().expand_as(step), rtol=0, atol=1e-4)  # time runs evenly
        assert speed[0] - 1e-4 <= step.mean() <= speed[1] + 1e-4


def test_clips_follow_each_other_and_none_is_left_out(people):
    dataset = ClipDataset(people, clip_length=64, normalise="raw")
    first_frames = [(name, int(bvp[0])) for name, (_, bvp) in zip(dataset.recordings, dataset, strict=True)]
    assert first_frames[:5] == [("p0", 0), ("p0", 64), ("p0", 128), ("p0 again", 0), ("p0 again", 64)]
    assert len(dataset) == 10 * 3 + 2
    assert dataset.subjects[:6] == ["p0"] * 5 + ["p1"]
    assert dataset.fs == 30


def test_overlapping_clips(people):
    dataset = ClipDataset(people, subjects=["p1"], clip_length=100, stride=50, normalise="raw")
    assert [int(bvp[0]) for _, bvp in dataset] == [5, 55, 105]


def test_the_wave_is_given_as_stored(people):
    _, bvp = ClipDataset(people, clip_length=128)[0]
    torch.testing.assert_close(bvp, torch.arange(128.0), rtol=0, atol=0)


def test_counting_from_the_end_and_beyond_it(people):
    dataset = dataset_loader(people)
    torch.testing.assert_close(dataset[-1][1], dataset[len(dataset) - 1][1], rtol=0, atol=0)
    with pytest.raises(IndexError):
        dataset[len(dataset)]


def test_a_rate_and_people_told_when_opening_reach_the_clips(tmp_path):
    path = write_counting_lecture(tmp_path / "lecture.h5", np.uint8)
    file = open_recordings(path, fs=25, subject_of=lambda group: "one and the same")
    dataset = ClipDataset(file, clip_length=32)
    assert (dataset.fs, set(dataset.subjects)) == (25, {"one and the same"})


# -------------------------------------------------------------------------------------------------------- other speeds


def test_at_speed_one_a_clip_is_the_plain_clip(people):
    """Through the interpolation, not around it."""
    plain = ClipDataset(people, clip_length=64, normalise="raw")
    almost = ClipDataset(people, clip_length=64, normalise="raw", speed=(1 - 1e-12, 1 + 1e-12))
    for (video, bvp), (video_1, bvp_1) in zip(plain, almost, strict=True):
        torch.testing.assert_close(video_1, video, rtol=0, atol=1e-6)
        torch.testing.assert_close(bvp_1, bvp, rtol=0, atol=1e-4)


def speeds(dataset: ClipDataset) -> np.ndarray:
    return np.array([float(bvp.diff().mean()) for _, bvp in dataset])


def test_speeds_are_spread_evenly_in_their_logarithm(people):
    """As many clips are slowed down as are sped up."""
    dataset = ClipDataset(people, clip_length=2, stride=3, speed=(0.5, 2.0), size=8)
    drawn = np.log2(speeds(dataset))
    assert len(drawn) > 500
    np.testing.assert_allclose(np.histogram(drawn, bins=4, range=(-1, 1))[0] / len(drawn), 0.25, atol=0.05)


def test_a_heart_that_beats_72_times_is_met_at_other_rates(tmp_path):
    time = np.arange(600) / FS
    take = Recording("anna", FS, time, np.sin(2 * np.pi * 1.2 * time), np.zeros((600, 4, 4, 3), np.uint8))
    dataset = ClipDataset(
        write_recordings(tmp_path / "a.h5", [take], {}), clip_length=300, stride=10, speed=(1.5, 1.5), size=4
    )
    _, bvp = dataset[0]
    np.testing.assert_allclose(bvp, np.sin(2 * np.pi * 1.8 * time[:300]), atol=0.04)  # 108 a minute


def test_every_epoch_has_its_own_speeds_and_keeps_them(people):
    def read(seed, epoch):
        dataset = ClipDataset(people, clip_length=64, speed=(0.7, 1.4), seed=seed, size=1)
        dataset.set_epoch(epoch)
        return speeds(dataset)

    first = read(0, 0)
    np.testing.assert_array_equal(read(0, 0), first)
    np.random.default_rng().random()
    torch.rand(3)
    assert not np.any(np.isclose(read(0, 1), first, atol=1e-5))
    assert not np.any(np.isclose(read(1, 0), first, atol=1e-5))


def test_a_fast_clip_never_leaves_its_recording(people):
    """Twice 100 frames do not fit 150: the speed is what fits, and no other recording is read."""
    dataset = ClipDataset(
        people, subjects=["p0"], clip_length=100, stride=50, speed=(2.0, 2.0), normalise="raw", size=1
    )
    lengths = {"p0": 200, "p0 again": 150}
    for name, (_, bvp) in zip(dataset.recordings, dataset, strict=True):
        assert bvp.min() >= 0
        assert bvp.max() <= lengths[name] - 1
        assert bvp[-1] - bvp[0] == pytest.approx(min(198, lengths[name] - 1), abs=1e-3)


# ----------------------------------------------------------------------------------------------------- worker processes


def batches(dataset: ClipDataset, workers: int, how: str | None = None, epochs: int = 2) -> list[torch.Tensor]:
    torch.manual_seed(workers)  # whatever the state of the global generator
    (loader,) = split_data_loader([dataset], batch_size=5, seed=3, workers=workers)
    loader.multiprocessing_context = how
    read = []
    for epoch in range(epochs):
        dataset.set_epoch(epoch)
        read += [tensor for batch in loader for tensor in batch]
    return read


@pytest.mark.parametrize(("workers", "how"), [(1, None), (2, None), (1, "spawn")])
def test_any_number_of_workers_gives_the_same_clips_in_the_same_order(people, workers, how):
    """Shuffled, sped up, over two epochs — and with the file open in the parent, whose handle a child must not use."""
    dataset = ClipDataset(people, clip_length=64, speed=(0.7, 1.4), size=4)
    alone = batches(dataset, 0)
    for one, other in zip(alone, batches(dataset, workers, how), strict=True):
        torch.testing.assert_close(other, one, rtol=0, atol=0)
    half = len(alone) // 2
    assert not all(torch.equal(a, b) for a, b in zip(alone[:half], alone[half:], strict=True))


def test_a_dataset_can_be_sent_whole(people):
    dataset = ClipDataset(people, clip_length=64, speed=(0.7, 1.4))
    dataset.set_epoch(4)
    sent = pickle.loads(pickle.dumps(dataset))
    torch.testing.assert_close(sent[7], dataset[7], rtol=0, atol=0)


def test_shuffling_is_the_seeds_alone(people):
    dataset = ClipDataset(people, clip_length=64, normalise="raw", size=1)

    def order(seed, **how):
        torch.rand(1)
        loader = split_data_loader([dataset, dataset], 4, seed=seed, **how)
        return [[int(wave[0]) for _, waves in part for wave in waves] for part in loader]

    train, test = order(0)
    assert order(0) == [train, test]
    assert order(1)[0] != train
    assert test == [int(bvp[0]) for _, bvp in dataset]
    assert order(0, train_shuffle=False)[0] == test
    assert order(0, test_shuffle=1)[1] == train  # the lecture's params say 0 and 1


def test_batches_have_the_networks_shape_and_the_last_one_may_be_smaller(people):
    (loader,) = split_data_loader([ClipDataset(people, clip_length=128, size=16)], 4)
    shapes = [(tuple(video.shape), tuple(bvp.shape)) for video, bvp in loader]
    assert shapes[0] == ((4, 3, 128, 16, 16), (4, 128))
    assert shapes[-1][0][0] == 11 % 4


# --------------------------------------------------------------------------------------------------------- bad settings


@pytest.mark.parametrize(
    ("how", "message"),
    [
        (
            {"clip_length": 201},
            r"a clip of 201 frames is longer than every recording of .*p0 200, p0 again 150, p1 200",
        ),
        ({"clip_length": 0}, "clip_length must be at least 2"),
        ({"stride": 0}, "stride must be at least 1"),
        ({"size": 0}, "size must be at least 1"),
        ({"normalise": "tme"}, "one of time, local, standardised, raw, difference, not 'tme'"),
        ({"speed": (1.2, 0.8)}, "speed must be"),
        ({"speed": (0.0, 1.0)}, "speed must be"),
        ({"subjects": ["p1", "p77"]}, "has no subject p77; it has p0, p1"),
        ({"subjects": []}, "no recordings were asked for"),
    ],
)
def test_a_setting_that_cannot_be(people, how, message):
    with pytest.raises(ValueError, match=message):
        ClipDataset(people, **how)


def test_recordings_too_short_for_a_clip_are_named(people):
    with pytest.warns(UserWarning, match="left out, as shorter than a clip of 160 frames: p0 again 150"):
        dataset = ClipDataset(people, clip_length=160)
    assert len(dataset) == 10
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ClipDataset(people, clip_length=150)


def test_recordings_of_different_rates_do_not_share_a_dataset(tmp_path):
    takes = [counting("a"), counting("b", fs=29.8), counting("c", fs=20)]
    path = write_recordings(tmp_path / "a.h5", takes, {})
    with pytest.raises(ValueError, match=r"different frame rates \(Hz: a 30, b 29.8, c 20\)"):
        ClipDataset(path)
    assert ClipDataset(path, subjects=["a", "b"]).fs == pytest.approx(29.9)


def test_a_broken_file_is_told_by_the_dataset_too(tmp_path):
    with pytest.raises(FileNotFoundError):
        ClipDataset(tmp_path / "nowhere.h5")
    (tmp_path / "empty.h5").touch()
    with pytest.raises(RecordingError, match="empty"):
        ClipDataset(tmp_path / "empty.h5")


# -------------------------------------------------------------------------------------------------------- normalisation

clips = npst.arrays(np.uint8, st.tuples(st.integers(2, 9), st.integers(1, 4), st.integers(1, 4), st.just(3)))


@settings(max_examples=40, deadline=None)
@given(clips, st.sampled_from(list(NORMALISATIONS)))
def test_whatever_the_clip_nothing_becomes_nan(clip, how):
    prepared = normalise_clip(clip, how)
    assert prepared.shape == clip.shape
    assert prepared.dtype == np.float32
    assert np.isfinite(prepared).all()


@settings(max_examples=40, deadline=None)
@given(clips, npst.arrays(np.float64, 3, elements=st.floats(0.05, 20)), st.sampled_from(["time", "local"]))
def test_relative_change_does_not_know_the_light_or_the_gain_of_a_channel(clip, gain, how):
    """Another lamp, another camera: each channel times a number of its own."""
    np.testing.assert_allclose(normalise_clip(clip * gain, how), normalise_clip(clip, how), rtol=1e-3, atol=1e-3)


@settings(max_examples=40, deadline=None)
@given(clips.filter(lambda clip: clip.mean(axis=0).min() > 3))
def test_relative_change_is_each_pixel_over_its_own_mean(clip):
    relative = clip / clip.mean(axis=0) - 1
    expected = relative / relative.std() if relative.std() > 1e-6 else relative
    np.testing.assert_allclose(normalise_clip(clip, "time"), expected, rtol=1e-3, atol=1e-4)


def test_relative_change_gives_a_dark_and_a_light_skin_the_same_wave():
    wave = 1 + 0.01 * np.sin(np.arange(60) / 4)
    clip = np.stack([200 * wave, 20 * wave], axis=1)[:, None, :, None] * np.ones(3)
    light, dark = normalise_clip(clip, "time")[:, 0].transpose(1, 0, 2)
    np.testing.assert_allclose(dark, light, atol=1e-3)
    assert light.std() == pytest.approx(1, abs=1e-3)


def test_a_light_that_drifts_does_not_drown_the_pulse_where_only_the_last_moments_count():
    """Ten seconds in which the light of one half grows by half: over the clip's mean a hundred times the pulse."""
    time = np.arange(300) / FS
    pulse = 0.005 * np.sin(2 * np.pi * 1.2 * time)
    clip = np.stack([100 * (1 + pulse), 100 * (1 + pulse) * (1 + 0.05 * time)], axis=1)[:, None, :, None] * np.ones(3)

    def seen(how):
        half = normalise_clip(clip, how)[30:-30, 0, 1, 0]
        return np.corrcoef(half, pulse[30:-30])[0, 1]

    assert seen("local") > 0.95
    assert seen("time") < 0.1


def test_what_only_the_last_moments_count_for_keeps_all_rates_of_a_heart():
    for rate in (42, 60, 90, 150, 240):
        wave = np.sin(2 * np.pi * rate / 60 * np.arange(300) / FS)
        clip = (100 + 0.1 * wave)[:, None, None, None] * np.ones((300, 2, 2, 3))
        seen = normalise_clip(clip, "local")[30:-30, 0, 0, 1]
        assert np.corrcoef(seen, wave[30:-30])[0, 1] > 0.99


def test_an_edge_that_moves_leaves_the_pulse_beside_it_as_large_as_it_was():
    """Where each moment counts, one restless pixel decides on itself alone; scaled by the clip, it decides on all."""
    clip = 100 + 0.5 * np.sin(np.arange(128) / 4)[:, None, None, None] * np.ones((128, 4, 4, 3))
    restless = clip.copy()
    restless[:, 0, 0] = np.random.default_rng(0).uniform(0, 255, (128, 1))

    def kept(how):
        return normalise_clip(restless, how)[:, 3, 3, 1].std() / normalise_clip(clip, how)[:, 3, 3, 1].std()

    assert kept("local") > 0.95
    assert kept("time") < 0.1
    assert abs(normalise_clip(restless, "local")).max() <= 1


def test_in_the_dark_the_same_relative_change_counts_less_where_only_the_last_moments_count():
    wave = 1 + 0.005 * np.sin(np.arange(128) / 4)
    clip = np.stack([100 * wave, 4 * wave], axis=1)[:, None, :, None] * np.ones(3)
    light, dark = normalise_clip(clip, "local")[:, 0, :, 1].std(axis=0)
    assert 0.1 < dark / light < 0.5


def test_the_noise_of_black_pixels_does_not_drown_the_pulse():
    """One faint spark in a black background is a relative change of T − 1: more than all the skin together."""
    clip = 100 + 0.5 * np.sin(np.arange(64) / 4)[:, None, None, None] * np.ones((64, 8, 8, 3))
    clip[:, :, 4:] = 0
    quiet = normalise_clip(clip, "time")[:, 0, 0, 0].std()
    clip[10, 0, 4] = 0.1
    assert normalise_clip(clip, "time")[:, 0, 0, 0].std() > 0.5 * quiet


@settings(max_examples=40, deadline=None)
@given(clips, st.floats(0.1, 5), st.floats(-20, 20))
def test_standardising_does_not_know_gain_and_offset_of_the_whole(clip, gain, offset):
    np.testing.assert_allclose(
        normalise_clip(clip * gain + offset, "standardised"), normalise_clip(clip, "standardised"), atol=2e-3
    )


@settings(max_examples=40, deadline=None)
@given(clips)
def test_standardised_and_raw_are_what_they_say(clip):
    deviation = clip.std()
    expected = (clip - clip.mean()) / (deviation if deviation > 1e-6 else 1)
    np.testing.assert_allclose(normalise_clip(clip, "standardised"), expected, atol=1e-4)
    np.testing.assert_allclose(normalise_clip(clip, "raw"), clip / 255, atol=1e-6)


def test_differences_are_those_of_the_paper():
    clip = np.random.default_rng(0).integers(1, 256, (7, 2, 3, 3))
    change = (clip[1:] - clip[:-1]) / (clip[1:] + clip[:-1])
    prepared = normalise_clip(clip.astype(np.uint8), "difference")  # uint8 must not wrap around
    scale = prepared[0, 0, 0, 0] / change[0, 0, 0, 0]
    np.testing.assert_allclose(prepared[:-1], scale * change, rtol=1e-4)
    np.testing.assert_array_equal(prepared[-1], 0)
    assert prepared.std() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("how", ["time", "local", "standardised", "difference"])
@pytest.mark.parametrize("value", [0, 1, 128, 255, 0.1, 1 / 3])
def test_a_clip_without_change_stays_without_change(how, value):
    """It must not be rounding errors, blown up to look like a signal."""
    np.testing.assert_array_equal(normalise_clip(np.full((128, 4, 4, 3), value), how), 0)


@pytest.mark.parametrize("shape", [(8, 4, 4), (8, 3, 4, 4), (0, 4, 4, 3)])
def test_a_clip_of_another_shape(shape):
    with pytest.raises(ValueError, match=r"must be \(T,h,w,3\)"):
        normalise_clip(np.zeros(shape))


def test_video_is_channels_first_and_time_second():
    frames = np.random.default_rng(0).normal(size=(5, 2, 4, 3))
    video = to_video(frames)
    assert (video.shape, video.dtype, video.is_contiguous()) == ((3, 5, 2, 4), torch.float32, True)
    assert float(video[2, 4, 1, 3]) == pytest.approx(frames[4, 1, 3, 2])


# --------------------------------------------------------------------------------------------------------------- splits

ratios_of = st.lists(st.integers(1, 20), min_size=2, max_size=4).map(
    lambda parts: [part / sum(parts) for part in parts]
)
some_people = st.lists(st.text("abc0", min_size=1, max_size=3), min_size=4, max_size=40)


@settings(max_examples=40, deadline=None)
@given(some_people, ratios_of, st.integers(0, 9), st.randoms(use_true_random=False))
def test_a_split_is_a_partition_and_knows_no_order(people, ratios, seed, random):
    if len(set(people)) < len(ratios):
        with pytest.raises(ValueError, match=f"{len(ratios)} parts need at least {len(ratios)} subjects"):
            split_subjects(people, ratios, seed)
        return
    parts = split_subjects(people, ratios, seed)
    assert len(parts) == len(ratios)
    assert all(parts)
    assert sorted(person for part in parts for person in part) == sorted(set(people))  # everyone, and nobody twice
    assert all(part == sorted(part) for part in parts)
    shuffled = random.sample(people, len(people)) + people[:2]
    assert split_subjects(shuffled, ratios, seed) == parts
    exact = np.array(ratios) * len(set(people))
    if exact.min() >= 1:
        assert np.abs(np.array([len(part) for part in parts]) - exact).max() < 1


@pytest.mark.parametrize(
    ("count", "ratios", "sizes"),
    [
        (9, (0.7, 0.1, 0.2), (6, 1, 2)),
        (10, (0.7, 0.1, 0.2), (7, 1, 2)),
        (3, (0.7, 0.1, 0.2), (1, 1, 1)),
        (4, (0.7, 0.1, 0.2), (2, 1, 1)),
        (100, (0.29, 0.71), (29, 71)),
        (9, (0.8, 0.2), (7, 2)),
    ],
)
def test_sizes_of_a_split(count, ratios, sizes):
    assert tuple(len(part) for part in split_subjects([f"s{i}" for i in range(count)], ratios)) == sizes


def test_another_seed_is_another_split_and_everyone_gets_into_the_test_sometimes():
    people = [f"s{i}" for i in range(9)]
    tested = {person for seed in range(40) for person in split_subjects(people, seed=seed)[2]}
    assert tested == set(people)
    assert split_subjects(people, seed=0) != split_subjects(people, seed=1)


def test_too_few_people_to_split(people):
    with pytest.raises(ValueError, match="3 parts need at least 3 subjects; here are 2: a, b"):
        split_subjects(["a", "b", "a"])
    with pytest.raises(ValueError, match="2 parts need at least 2 subjects; here are 1: p3"):
        dataset_split(ClipDataset(people, subjects=["p3"]), 0.8)


@pytest.mark.parametrize("ratios", [(0.7, 0.1), (0.7, 0.2, 0.2), (1.0,), (1.0, 0.0), (1.2, -0.2)])
def test_ratios_that_are_none(ratios):
    with pytest.raises(ValueError, match="ratios must be two or more positive numbers that add up to 1"):
        split_subjects(["a", "b", "c"], ratios)


@settings(max_examples=40, deadline=None)
@given(some_people, st.integers(2, 12), st.integers(0, 9), st.randoms(use_true_random=False))
def test_in_folds_everyone_is_tested_once_whatever_the_order(people, folds, seed, random):
    if len(set(people)) < folds:
        with pytest.raises(ValueError, match=f"{folds} folds need at least {folds} subjects; here are"):
            subject_folds(people, folds, seed)
        return
    tested = subject_folds(people, folds, seed)
    assert len(tested) == folds
    assert sorted(person for fold in tested for person in fold) == sorted(set(people))
    assert all(fold == sorted(fold) for fold in tested)
    sizes = [len(fold) for fold in tested]
    assert max(sizes) - min(sizes) <= 1
    assert subject_folds(random.sample(people, len(people)) + people[:2], folds, seed) == tested


def test_folds_depend_on_the_seed_alone():
    people = [f"s{i}" for i in range(9)]
    assert subject_folds(people, 3) == subject_folds(people, 3, seed=0) != subject_folds(people, 3, seed=1)
    assert [len(fold) for fold in subject_folds(people, 4)] == [3, 2, 2, 2]
    assert sorted(subject_folds(people, 9)) == [[person] for person in people]  # leave one out


@pytest.mark.parametrize("folds", [1, 0, -3])
def test_one_fold_is_none(folds):
    with pytest.raises(ValueError, match=f"folds must be at least 2, not {folds}"):
        subject_folds(["a", "b", "c"], folds)


@pytest.mark.parametrize(("ratio", "parts"), [((0.7, 0.1, 0.2), 3), ((0.8, 0.2), 2), (0.8, 2)])
def test_a_dataset_is_split_by_person(people, ratio, parts):
    dataset = ClipDataset(people, clip_length=64, normalise="raw", size=1)
    split = dataset_split(dataset, ratio, seed=2)
    assert len(split) == parts
    assert sum(len(part) for part in split) == len(dataset)
    assert_no_leak(*split)
    for part in split:
        for name, (_, bvp) in zip(part.recordings, part, strict=True):
            assert bvp[0] % 64 == 5 * int(name[1])  # the clips are really those of the people named
    assert [part.subjects for part in dataset_split(dataset, ratio, seed=2)] == [part.subjects for part in split]


def test_only_the_training_part_is_sped_up(people):
    dataset = ClipDataset(people, clip_length=64, speed=(0.7, 1.4), size=1)
    train, validation, test = dataset_split(dataset)
    assert speeds(train).std() > 0.1
    np.testing.assert_allclose(np.concatenate([speeds(validation), speeds(test)]), 1, atol=1e-5)
    train.set_epoch(3)
    assert (train.epoch, dataset.epoch) == (3, 0)


def test_splitting_clips_at_random_leaks_and_is_caught(people):
    """What the lecture does: 9 of 9 people of its test clips are in its training clips as well."""
    dataset = ClipDataset(people, clip_length=20)
    train, test = random_split(dataset, [0.6, 0.4], torch.Generator().manual_seed(0))
    everyone = "10 subject.*: p0, p1, p2, p3, p4, p5, p6, p7, p8, p9; split by subject"
    with pytest.raises(ValueError, match=everyone):
        assert_no_leak(train, test)


def test_a_leak_is_named_wherever_it_is(people):
    some = ClipDataset(people, subjects=["p1", "p2"])
    others = ClipDataset(people, subjects=["p3", "p4"])
    third = ClipDataset(people, subjects=["p4", "p5"])
    assert_no_leak(some, others)
    assert_no_leak(some, third)
    with pytest.raises(ValueError, match=r"1 subject.*: p4;"):
        assert_no_leak(some, others, third)
    with pytest.raises(ValueError, match="p1, p2"):
        assert_no_leak(Subset(ConcatDataset([others, some]), [2, 3]), Subset(some, [0, 1]))
    assert subjects_of(ConcatDataset([some, others])) == ["p1", "p2", "p3", "p4"]


def test_the_second_take_of_a_person_counts_as_that_person(people):
    first, second = open_recordings(people)["p0"], open_recordings(people)["p0 again"]
    assert first.subject == second.subject
    for seed in range(5):
        assert sum("p0" in part.subjects for part in dataset_split(ClipDataset(people), seed=seed)) == 1


# --------------------------------------------------------------------------------------------------------------- memory


def test_an_epoch_adds_less_than_50_mb_whatever_the_files_size(tmp_path):
    """The lecture's way, seen to cost more than the file's size, shows that it is measured."""
    where = Path(__file__).parents[1] / "benchmarks" / "reading.py"
    spec = importlib.util.spec_from_file_location("reading", where)
    reading = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reading)
    path = reading.make_lecture_file(tmp_path / "big.h5", recordings=4)
    size = path.stat().st_size / 1e6
    assert size > 80
    assert reading.measure("lazily", path)["added_mb"] < 50
    assert reading.measure("lists", path)["added_mb"] > size


def test_loaders_of_the_lectures_names_work_together(people):
    dataset = dataset_loader(people, clip_length=32)
    train, validation, test = split_data_loader(dataset_split(dataset, (0.7, 0.1, 0.2)), 16)
    assert all(isinstance(loader, DataLoader) for loader in (train, validation, test))
    assert sum(len(bvp) for loader in (train, validation, test) for _, bvp in loader) == len(dataset)


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 60), st.integers(1, 70), st.integers(0, 3))
def test_every_clip_is_complete_and_where_the_stride_puts_it(people, clip_length, stride, extra):
    dataset = ClipDataset(people, subjects=["p2"], clip_length=clip_length, stride=stride, normalise="raw", size=1)
    starts = np.arange(10, 10 + 200 - clip_length + 1, stride)
    assert len(dataset) == len(starts)
    index = extra % len(starts)
    np.testing.assert_array_equal(dataset[index][1], starts[index] + np.arange(clip_length))
