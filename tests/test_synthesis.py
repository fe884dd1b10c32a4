"""The made videos hold the truth they claim, and only what they claim."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rppg_lab import methods, synthesis
from rppg_lab.evaluation import wave_correlation
from rppg_lab.spectrum import bandpass, heart_rate

SHORT = {"seconds": 12.0, "size": 24}


@pytest.fixture(scope="module")
def person():
    return synthesis.make_video(13, seconds=20, size=32)


def skin_rgb(video):
    return video.frames[:, video.truths["skin_mask"]].mean(axis=1)


def test_pos_reads_the_true_rate_off_the_skin(person):
    read = heart_rate(methods.pos(skin_rgb(person), person.fs), person.fs)
    assert read == pytest.approx(heart_rate(person.bvp, person.fs), abs=1.0)


def test_the_beats_are_where_the_wave_says(person):
    beats = person.truths["beat_times"]
    from_beats = 60 / np.diff(beats).mean()
    assert heart_rate(person.bvp, person.fs) == pytest.approx(from_beats, abs=2.0)
    assert np.median(person.truths["hr_bpm"]) == pytest.approx(from_beats, abs=2.0)


def test_skin_darkens_when_blood_comes(person):
    green = bandpass(skin_rgb(person)[:, 1], person.fs)
    assert wave_correlation(green, bandpass(person.bvp, person.fs)) < -0.3


def test_without_the_pulse_the_video_is_the_same_but_for_the_pulse(person):
    control = synthesis.make_video(13, seconds=20, size=32, pulse=False)
    assert np.array_equal(control.bvp, person.bvp)  # the label still tells what was left out
    difference = person.frames.astype(int) - control.frames
    assert 0 < np.abs(difference).mean() < 1.5
    off_the_head = difference[:, :3, :3]
    assert np.abs(off_the_head).max() == 0
    left = bandpass(difference[:, person.truths["skin_mask"], 1].mean(axis=1), person.fs)
    assert wave_correlation(left, bandpass(person.bvp, person.fs)) < -0.95  # what was left out is the pulse, all of it


def test_pos_finds_no_pulse_in_the_control():
    apart = []
    for subject in range(40, 46):
        control = synthesis.make_video(subject, pulse=False, **SHORT)
        pulse = bandpass(methods.pos(skin_rgb(control), control.fs), control.fs)
        apart.append(wave_correlation(pulse, bandpass(control.bvp, control.fs)))
    assert np.abs(np.mean(apart)) < 0.2


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_person():
    first, again = (synthesis.make_video(3, **SHORT) for _ in range(2))
    assert np.array_equal(first.frames, again.frames)
    assert np.array_equal(first.bvp, again.bvp)
    other = synthesis.make_video(3, seed=1, **SHORT)
    assert not np.array_equal(first.frames, other.frames)
    assert not np.array_equal(first.bvp, other.bvp)


def test_a_label_changes_the_label_alone():
    perfect, finger = (synthesis.make_video(5, label=label, **SHORT) for label in synthesis.LABELS)
    assert np.array_equal(perfect.frames, finger.frames)
    assert np.array_equal(perfect.truths["bvp"], finger.truths["bvp"])
    assert not np.allclose(perfect.bvp, finger.bvp)
    assert np.array_equal(perfect.bvp, perfect.truths["bvp"])


def test_a_finger_sensor_keeps_the_rate_and_comes_later_and_is_sometimes_upside_down():
    turned = 0
    for subject in range(12):
        made = synthesis.make_video(subject, label="finger", seconds=20, size=16)
        assert heart_rate(made.bvp, made.fs) == pytest.approx(heart_rate(made.truths["bvp"], made.fs), abs=1.0)
        label, truth = (bandpass(wave, made.fs) for wave in (made.bvp, made.truths["bvp"]))
        lags = range(1, 12)  # frames
        ahead = [np.corrcoef(label[lag:], truth[:-lag])[0, 1] for lag in lags]
        best = int(np.argmax(np.abs(ahead)))
        assert 0.05 <= lags[best] / made.fs <= 0.3
        turned += ahead[best] < 0
    assert 1 <= turned <= 7


@given(st.integers(0, 5000), st.integers(0, 5))
@settings(max_examples=30, deadline=None)
def test_every_heart_beats_within_45_and_150(subject, seed):
    _, hr_bpm = synthesis.evenly_spread(subject, seed)
    heart = synthesis.make_heart(hr_bpm, 60, np.random.default_rng([seed, subject]))
    rates = 60 / np.diff(heart.beat_times)
    assert rates.min() >= 45 - 1e-6
    assert rates.max() <= 150 + 1e-6
    assert rates.mean() == pytest.approx(hr_bpm, rel=0.05)
    assert rates.std() > 0.1  # no metronome


def test_breathing_moves_the_rate_the_height_and_the_baseline():
    heart = synthesis.make_heart(60.0, 120, np.random.default_rng(1))
    time = np.arange(0, 120, 1 / 30)
    breath = heart.respiration(time)
    around_breath = (heart.breath_hz * 0.8, heart.breath_hz * 1.2)
    wave, rate = (bandpass(values, 30.0, around_breath) for values in (heart.wave(time), heart.rate(time)))
    assert np.corrcoef(wave, breath)[0, 1] > 0.9
    delayed = [np.corrcoef(rate[lag:], breath[: breath.size - lag])[0, 1] for lag in range(0, 60, 5)]
    assert max(delayed) > 0.9  # a rate is known when its beat is over, so a little later
    moments = heart.beat_times[2:-2] + 0.16 * np.diff(heart.beat_times)[2:-1]  # the same place in every beat
    height = heart.wave(moments) - heart.breath_baseline * heart.respiration(moments)
    assert np.corrcoef(height, heart.respiration(moments))[0, 1] > 0.9


def test_the_wave_rises_faster_than_it_falls_and_has_a_second_bump():
    seen = 0
    for seed in range(10):
        heart = synthesis.make_heart(65.0, 20, np.random.default_rng(seed))
        start, stop = heart.beat_times[6], heart.beat_times[7]
        beat = heart.wave(np.linspace(start, stop, 400, endpoint=False))
        assert beat.argmax() < 0.35 * beat.size
        falling = np.diff(beat[beat.argmax() :])
        seen += bool((falling > 0)[: int(0.6 * falling.size)].any())
    assert seen >= 3  # many people show a dicrotic notch, not all


def test_tones_and_rates_are_spread_evenly_and_go_their_own_ways():
    tone, rate = np.array([synthesis.evenly_spread(i) for i in range(30)]).T
    for values, low, high in ((tone, 0, 1), (rate, *synthesis.HR_RANGE)):
        counts, _ = np.histogram(values, bins=5, range=(low, high))
        assert counts.min() >= 4  # of 6
    assert abs(np.corrcoef(tone, rate)[0, 1]) < 0.15


def test_dark_skin_returns_less_light_and_so_less_pulse():
    light, dark = (synthesis.make_face(tone, 32, np.random.default_rng(0)) for tone in (0.05, 0.95))
    skin = (light.skin > 0.5) & (dark.skin > 0.5)
    pulse = [(face.diffuse[skin] * face.strength[skin][:, None])[:, 1].mean() for face in (light, dark)]
    assert pulse[0] > 2.5 * pulse[1]


def test_hair_eyes_and_wall_do_not_pulse_and_cheeks_pulse_most():
    face = synthesis.make_face(0.3, 64, np.random.default_rng(0))
    assert face.strength[face.skin < 0.01].max() < 0.02
    cheeks, chin = face.strength[34:44, 20:26].mean(), face.strength[50:54, 28:36].mean()
    assert cheeks > 1.2 * chin
    assert 0.01 < face.delay[face.skin > 0.5].max() < 0.15


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"domain": "moon"}, "there are: lab"),
        ({"label": "toe"}, "perfect, finger"),
        ({"size": 4}, "16 pixels"),
        ({"seconds": 0.0}, "two frames"),
        ({"subject": -1}, "subject >= 0"),
    ],
)
def test_what_makes_no_video_is_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        synthesis.make_video(**({"subject": 0} | wrong))
