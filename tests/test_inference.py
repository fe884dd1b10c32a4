"""One wave for a whole recording: as long as the video, at the video's rate, with the pulse that is in it."""

import h5py
import numpy as np
import pytest
import torch
from torch import nn

from rppg_lab.inference import predict_wave
from rppg_lab.models import get_model, load_weights, save_weights
from rppg_lab.spectrum import heart_rate


def pulsing_face(seconds=20.0, fs=30.0, hr_bpm=72.0, size=16):
    """Frames whose green channel pulses, and the wave (T,)."""
    time = np.arange(round(seconds * fs)) / fs
    wave = np.sin(2 * np.pi * hr_bpm / 60 * time)
    frames = np.full((len(time), size, size, 3), 120.0)
    frames[..., 1] += 20 * wave[:, None, None]
    return frames.round().astype(np.uint8), wave


class GreenMean(nn.Module):
    """A 'network' whose answer is known; remembers what it was shown. `tilt` makes it err from window to window."""

    def __init__(self, tilt=0.0):
        super().__init__()
        self.tilt, self.seen = tilt, []

    def forward(self, video):
        self.seen.append(tuple(video.shape))
        assert not torch.is_grad_enabled()
        assert not self.training
        ramp = torch.linspace(-self.tilt, self.tilt, video.shape[2])
        return (3 + 7 * video[:, 1].mean((2, 3)) + ramp).to(video.dtype)

    @property
    def lengths(self):
        return {shape[2] for shape in self.seen}


def correlation(a, b):
    return np.corrcoef(a, b)[0, 1]


@pytest.mark.parametrize("window", [10.0, 3.0, None])
@pytest.mark.parametrize("frames_count", [1, 3, 4, 97, 98, 299, 300, 301, 450])
def test_the_wave_is_as_long_as_the_video_and_shows_its_pulse(frames_count, window):
    frames, wave = pulsing_face()
    model = GreenMean()
    predicted = predict_wave(model, frames[:frames_count], 30.0, window=window)
    assert predicted.shape == (frames_count,)
    assert predicted.dtype == np.float32
    assert all(length % 4 == 0 for length in model.lengths)
    if frames_count > 90:
        assert correlation(predicted, wave[:frames_count]) > 0.99
        assert predicted.std() == pytest.approx(1, abs=1e-3)
        assert predicted.mean() == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("fs", [15.0, 25.0, 29.97, 60.0])
def test_a_camera_of_another_rate_gives_the_true_heart_rate(fs):
    frames, wave = pulsing_face(fs=fs, hr_bpm=90)
    model = GreenMean()
    predicted = predict_wave(model, frames, fs)
    assert len(predicted) == len(frames)
    assert heart_rate(predicted, fs) == pytest.approx(90, abs=0.5)
    assert correlation(predicted, wave) > 0.98
    assert model.lengths == {300}  # the model saw ten seconds at its own 30 Hz, whatever the camera's rate


def test_windows_are_of_the_seconds_asked_for_and_overlap():
    frames, _ = pulsing_face(seconds=20)
    model = GreenMean()
    predict_wave(model, frames, 30.0, window=4.0, step=1.0)
    assert model.lengths == {120}
    assert sum(shape[0] for shape in model.seen) == 17  # starts at 0, 1, …, 16 s
    model = GreenMean()
    predict_wave(model, frames, 30.0, window=None)
    assert model.seen == [(1, 3, 600, 16, 16)]


def test_overlap_hides_the_seams_between_windows():
    """A network that drifts within each window: side by side, the wave jumps; overlapped, the drifts cancel."""
    frames, wave = pulsing_face(seconds=30)
    overlapped = predict_wave(GreenMean(tilt=10), frames, 30.0, window=5.0)
    beside = predict_wave(GreenMean(tilt=10), frames, 30.0, window=5.0, step=5.0)
    assert np.abs(np.diff(overlapped)).max() < 0.6 * np.abs(np.diff(beside)).max()
    assert correlation(overlapped[150:-150], wave[150:-150]) > correlation(beside[150:-150], wave[150:-150]) + 0.05


def test_a_window_that_errs_by_gain_and_offset_does_not_shake_the_wave():
    frames, wave = pulsing_face(seconds=30)

    class Moody(GreenMean):
        def forward(self, video):
            out = super().forward(video)
            mood = torch.arange(1.0, len(out) + 1)[:, None]
            return out * mood + 50 * mood

    assert correlation(predict_wave(Moody(), frames, 30.0, window=5.0), wave) > 0.98


@pytest.mark.parametrize("window", [5.0, None])
def test_mirrored_too_what_only_one_half_shows_counts_half_on_either_side(window):
    """A network that looks at the left half alone sees the right one in the mirror."""

    class Left(GreenMean):
        def forward(self, video):
            return super().forward(video[..., : video.shape[-1] // 2])

    (slow, slow_wave), (fast, fast_wave) = (pulsing_face(hr_bpm=bpm) for bpm in (60.0, 96.0))
    frames = np.concatenate([slow[:, :, :8], fast[:, :, 8:]], axis=2)
    assert correlation(predict_wave(Left(), frames, 30.0, window=window), slow_wave) > 0.99
    both = predict_wave(Left(), frames, 30.0, window=window, mirrored=True)
    assert correlation(both, slow_wave + fast_wave) > 0.99
    np.testing.assert_array_equal(predict_wave(Left(), frames[:, :, ::-1], 30.0, window=window, mirrored=True), both)


def test_frames_are_resized_and_prepared_as_in_training():
    frames, wave = pulsing_face(size=40)
    model = GreenMean()
    assert correlation(predict_wave(model, frames, 30.0, size=20), wave) > 0.99
    assert {shape[3:] for shape in model.seen} == {(20, 20)}
    seen = []
    model.register_forward_pre_hook(lambda _model, inputs: seen.append(inputs[0]))
    predict_wave(model, frames, 30.0, normalise="raw")
    predict_wave(model, frames, 30.0, normalise="time")
    assert 0 <= seen[0].min() <= seen[0].max() <= 1
    assert seen[-1].mean().abs() < 1e-3


def test_weights_remember_the_input_they_were_trained_on(tmp_path):
    model = get_model("physnet", width=4)
    path = save_weights(tmp_path / "net.pt", model, {"size": 24, "normalise": "raw", "fs": 20.0})
    loaded, seen = load_weights(path), []
    loaded.register_forward_pre_hook(lambda _model, inputs: seen.append(inputs[0]))
    predict_wave(loaded, pulsing_face()[0], 30.0)
    assert tuple(seen[0].shape[2:]) == (200, 24, 24)  # 10 s at 20 Hz
    assert seen[0].min() >= 0


def test_a_file_is_read_in_pieces_and_gives_the_same(tmp_path):
    frames, _ = pulsing_face()
    reads = []

    class Lazy:
        def __init__(self, dataset):
            self.dataset, self.shape, self.dtype = dataset, dataset.shape, dataset.dtype

        def __getitem__(self, key):
            reads.append(len(self.dataset[key]))
            return self.dataset[key]

    with h5py.File(tmp_path / "video.h5", "w") as file:
        file["video"] = frames
        lazy = predict_wave(GreenMean(), Lazy(file["video"]), 30.0)
    np.testing.assert_array_equal(lazy, predict_wave(GreenMean(), frames, 30.0))
    assert max(reads) < len(frames)


def test_physnet_is_used_in_evaluation_mode_and_left_as_it_was():
    frames, _ = pulsing_face(seconds=5)
    torch.manual_seed(0)
    model = get_model("physnet", width=4).train()
    model.conv1.eval()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    first, second = (predict_wave(model, frames, 30.0, window=2.0) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert np.isfinite(first).all()
    assert first.std() > 0
    assert model.training
    assert not model.conv1.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


def test_a_still_picture_has_no_wave():
    still = np.full((300, 16, 16, 3), 90, np.uint8)
    assert np.all(predict_wave(GreenMean(), still, 30.0, window=3.0) == 0)


def test_spoilt_weights_are_named():
    model = GreenMean(tilt=float("nan"))
    with pytest.raises(FloatingPointError, match="weights were spoilt"):
        predict_wave(model, pulsing_face()[0], 30.0)


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        ({"frames": np.zeros((0, 16, 16, 3), np.uint8)}, "at least one frame"),
        ({"frames": np.zeros((9, 16, 16), np.uint8)}, r"\(T, H, W, 3\)"),
        ({"frames": np.zeros((9, 3, 16, 16), np.uint8)}, r"not \(9, 3, 16, 16\)"),
        ({"fs": 0.0}, "fs must be a positive number, not 0.0"),
        ({"window": -1.0}, "window must be a positive"),
        ({"window": 2.0, "step": 3.0}, "frames would be left out"),
    ],
)
def test_input_it_cannot_use_is_explained(choices, says):
    arguments = {"frames": np.zeros((90, 16, 16, 3), np.uint8), "fs": 30.0} | choices
    with pytest.raises(ValueError, match=says):
        predict_wave(GreenMean(), **arguments)
