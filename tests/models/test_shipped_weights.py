"""The weights that come with the package read people they never saw, and see nothing where nothing is."""

import numpy as np
import pytest

from rppg_lab import evaluation
from rppg_lab.inference import predict_wave
from rppg_lab.models import load_weights, shipped_weights
from rppg_lab.spectrum import bandpass, heart_rate
from rppg_lab.synthesis import make_video

STRANGERS = range(60, 72)  # in no sample of the course


@pytest.fixture(scope="module", params=["physnet_lab", "physnet_wide"])
def model(request):
    return load_weights(shipped_weights(request.param))


def read(model, subject, pulse=True):
    video = make_video(subject, seconds=12, pulse=pulse)
    return predict_wave(model, video.frames, video.fs), video.bvp, video.fs


def test_they_read_strangers(model):
    rates = np.array([[heart_rate(wave, fs) for wave in (seen, true)] for seen, true, fs in map_strangers(model)])
    errors = evaluation.errors(*rates.T)
    assert errors["median"] <= 1.0
    assert errors["over_5"] <= 0.1
    assert errors["r"] >= 0.9


def map_strangers(model, pulse=True):
    return (read(model, subject, pulse) for subject in STRANGERS)


def test_without_a_pulse_the_wave_has_nothing_to_do_with_the_one_left_out(model):
    alike = [evaluation.wave_correlation(seen, bandpass(true, fs)) for seen, true, fs in map_strangers(model, False)]
    assert abs(np.mean(alike)) < 0.15
    assert np.max(np.abs(alike)) < 0.5


@pytest.mark.parametrize(("name", "normalise", "size"), [("physnet_lab", "time", 16), ("physnet_wide", "local", 32)])
def test_their_file_says_what_input_they_take(name, normalise, size):
    about = load_weights(shipped_weights(name)).about
    assert (about["normalise"], about["size"], about["fs"]) == (normalise, size, 30.0)


def test_who_asks_for_no_name_gets_those_for_any_face():
    assert shipped_weights() == shipped_weights("physnet_wide")


def test_other_names_are_told_what_there_is():
    with pytest.raises(ValueError, match=r"physnet_lab.*physnet_wide|physnet_wide.*physnet_lab"):
        shipped_weights("physnet_moon")
