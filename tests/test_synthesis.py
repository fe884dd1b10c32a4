"""The made videos hold the truth they claim, and only what they claim."""

from dataclasses import replace

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
        ({"size": 33, "domain": "phone"}, "even size in 'phone'"),
        ({"size": 33, "domain": "wide"}, "even size in 'wide'"),
        ({"seconds": 0.0}, "two frames"),
        ({"subject": -1}, "subject >= 0"),
    ],
)
def test_what_makes_no_video_is_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        synthesis.make_video(**({"subject": 0} | wrong))


# --------------------------------------------------- each number of a place, measured in what the camera shows of it

STILL = synthesis.Domain(
    "still", pulse_strength=0, sway=0, brightness=0, shading=0, colour_drift=0, exposure=1.0, noise=0
)


def sheet(size=16, *, diffuse=None, shine=0.0, strength=1.0, colour=(0.5, 1.0, 0.7)):
    """In place of a face a sheet of paper; unless said otherwise grey, from dark above to light below.

    Its many greys keep the camera's rounding from falling on all pixels alike.
    """
    if diffuse is None:
        diffuse = np.linspace(0.1, 0.5, size * size).reshape(size, size)
    full = np.ones((size, size), np.float32)
    return synthesis.Face(
        diffuse=(full * diffuse)[..., None].repeat(3, axis=2).astype(np.float32),
        background=np.zeros((size, size, 3), np.float32),
        shine=(full * shine).astype(np.float32),
        head=full,
        skin=full,
        strength=(full * strength).astype(np.float32),
        delay=np.linspace(0.0, 0.001, size * size, dtype=np.float32).reshape(size, size),
        pulse_colour=np.array(colour, np.float32),
        lids=np.zeros((size, size), np.float32),
        gape=np.zeros((size, size), np.float32),
    )


@pytest.fixture
def film(monkeypatch):
    """Films a sheet, or without one a face, where all is still but what is asked for, at exactly its typical size."""
    monkeypatch.setattr(synthesis, "SPREAD", 0.0)
    monkeypatch.setattr(synthesis, "PULSE_SPREAD", 0.0)
    monkeypatch.setattr(synthesis, "FLICKER_SPREAD", 0.0)

    def make(sheet=None, *, subject=0, seconds=60.0, fs=15.0, size=16, pulse=False, **numbers):
        monkeypatch.setitem(synthesis.DOMAINS, "still", replace(STILL, **numbers))
        with monkeypatch.context() as drawn:
            if sheet is not None:
                drawn.setattr(synthesis, "make_face", lambda *_, **__: sheet)
            return synthesis.make_video(subject, domain="still", seconds=seconds, fs=fs, size=size, pulse=pulse)

    return make


def shown_light(video):
    return (video.frames / 255.0) ** synthesis.GAMMA


def change(light):
    """Relative change from its mean over time."""
    return light / light.mean(axis=0) - 1


def test_where_all_is_still_every_frame_is_the_same(film):
    for subject_matter in (sheet(), None):
        frames = film(subject_matter, seconds=5).frames
        assert (frames == frames[0]).all()


def test_the_lab_disturbs_a_little_in_every_way():
    lab = synthesis.DOMAINS["lab"]
    assert 0.005 <= lab.pulse_strength <= 0.02
    assert 0.002 <= lab.sway <= 0.02
    assert 0.002 <= lab.brightness <= 0.01
    assert 0.001 <= lab.shading <= 0.01
    assert 0.0005 <= lab.colour_drift <= 0.005
    assert 1.0 <= lab.exposure <= 1.5
    assert 0.6 <= lab.noise <= 1.5
    assert 0.0005 <= lab.flicker <= 0.002
    for absent in ("tilt", "talking", "blinks", "screen", "shadows", "crf"):
        assert not getattr(lab, absent)


@pytest.mark.parametrize("exposure", [1.0, 1.25])
@pytest.mark.parametrize("noise", [0.9, 3.0])
def test_noise_is_so_many_steps_at_mid_grey_and_new_in_every_pixel(film, noise, exposure):
    grey = synthesis.MID_GREY**synthesis.GAMMA / exposure
    frames = film(sheet(diffuse=grey), noise=noise, exposure=exposure, seconds=20).frames.astype(float)
    assert frames.mean() == pytest.approx(127.5, abs=1)
    without_rounding = np.sqrt(frames.var() - 1 / 12)
    assert without_rounding == pytest.approx(noise, rel=0.05)
    away = frames - frames.mean()
    for here, there in ((away[1:], away[:-1]), (away[:, :, 1:], away[:, :, :-1]), (away[..., 0], away[..., 1])):
        assert abs(np.corrcoef(here.ravel(), there.ravel())[0, 1]) < 0.03


def test_noise_grows_with_the_root_of_the_light_as_photons_make_it(film):
    dim, bright = (shown_light(film(sheet(diffuse=d), noise=2.0, seconds=20)).std() for d in (0.15, 0.6))
    assert bright / dim == pytest.approx(2.0, rel=0.05)


@pytest.mark.parametrize("exposure", [0.8, 1.0, 1.25])
def test_exposure_is_what_a_white_sheet_shows_as_until_it_burns_out(film, exposure):
    white, grey = (film(sheet(diffuse=d), exposure=exposure, seconds=1).frames for d in (1.0, 0.4))
    assert white.mean() == pytest.approx(255 * min(exposure, 1) ** (1 / synthesis.GAMMA), abs=1)
    assert grey.mean() == pytest.approx(255 * (0.4 * exposure) ** (1 / synthesis.GAMMA), abs=1)


def test_brightness_changes_all_colours_and_places_alike(film):
    light = shown_light(film(sheet(), brightness=0.02))
    colours = change(light.mean(axis=(1, 2)))
    assert colours.std(axis=0) == pytest.approx(0.02, rel=0.05)
    assert np.corrcoef(colours.T).min() > 0.99
    left, right = (change(half.mean(axis=(1, 2, 3))) for half in (light[:, :, :8], light[:, :, 8:]))
    assert np.abs(left - right).max() < 0.01


def test_shading_brightens_one_side_as_it_darkens_the_other(film):
    columns = change(shown_light(film(sheet(), shading=0.03)).mean(axis=(1, 3)))  # (T,W)
    assert columns[:, [0, -1]].std(axis=0) == pytest.approx(0.03, rel=0.1)
    assert np.corrcoef(columns[:, 0], columns[:, -1])[0, 1] < -0.98
    assert columns.mean(axis=1).std() < 0.002


def test_shine_changes_everywhere_and_more_than_shading(film):
    gleam = sheet(diffuse=0.0, shine=np.linspace(0.1, 0.5, 16)[:, None])
    columns = change(shown_light(film(gleam, shading=0.01)).mean(axis=(1, 3)))
    assert columns.std(axis=0) == pytest.approx(synthesis.SHINE_TURN * 0.01, rel=0.05)
    assert np.corrcoef(columns[:, 0], columns[:, -1])[0, 1] > 0.99


def test_colours_drift_slowly_and_each_its_own_way(film):
    apart = []
    for subject in range(6):
        colours = change(shown_light(film(sheet(), subject=subject, colour_drift=0.02)).mean(axis=(1, 2)))
        assert colours.std(axis=0) == pytest.approx(0.02, rel=0.05)
        power = np.abs(np.fft.rfft(colours, axis=0)) ** 2
        slow = np.fft.rfftfreq(len(colours), 1 / 15.0) < 1.5
        assert power[slow].sum() > 0.98 * power.sum()
        apart += [(colours[:, a] - colours[:, b]).std() for a, b in ((0, 1), (1, 2), (2, 0))]
    assert min(apart) > 0.008
    assert np.mean(apart) == pytest.approx(0.02 * np.sqrt(2), rel=0.2)


def place_of_a_spot(film, size=32, **numbers):
    """Where a bright spot is, in shares of the image's width: (T, 2) as column and row."""
    row, column = np.mgrid[0:size, 0:size]
    middle = (size - 1) / 2
    spot = 0.9 * np.exp(-0.5 * ((row - middle) ** 2 + (column - middle) ** 2) / 3.0**2)
    light = shown_light(film(sheet(size, diffuse=spot), size=size, fs=10.0, **numbers))[..., 1]
    return np.stack([(light * axis).sum((1, 2)) / light.sum((1, 2)) / size for axis in (column, row)], axis=1)


def test_a_head_sways_both_ways_by_its_share_of_the_width_and_rises_with_the_breath(film, monkeypatch):
    breathing = place_of_a_spot(film, sway=0.03)
    heart_of = synthesis.make_heart
    breaths = []

    def holding_its_breath(*given):
        heart = heart_of(*given)
        breaths.append(heart.respiration(np.arange(600) / 10.0))
        return replace(heart, breath_hz=0.0, breath_phase=0.0)

    monkeypatch.setattr(synthesis, "make_heart", holding_its_breath)
    held = place_of_a_spot(film, sway=0.03)
    assert held.std(axis=0) == pytest.approx(0.03, rel=0.05)
    assert abs(np.corrcoef(held.T)[0, 1]) < 0.9
    power = np.abs(np.fft.rfft(held - held.mean(axis=0), axis=0)) ** 2
    assert power[np.fft.rfftfreq(600, 0.1) <= 2.0].sum() > 0.98 * power.sum()  # slow
    column, row = (breathing - held).T
    assert np.abs(column).max() < 0.002
    assert np.polyfit(breaths[0], row, 1)[0] == pytest.approx(-0.3 * 0.03, rel=0.1)  # rows count downwards


def test_the_pulse_of_typical_cheeks_is_so_strong_in_green(film):
    peak_to_peak = []
    for subject in range(8):
        settings = {"subject": subject, "size": 32, "seconds": 6, "noise": 0.9, "pulse_strength": 0.05}
        with_pulse, without = (film(pulse=pulse, **settings) for pulse in (True, False))
        cheeks = np.zeros((32, 32), bool)
        cheeks[16:21, 9:13] = cheeks[16:21, 19:23] = True
        shown, known = (shown_light(video)[:, cheeks, 1].mean(axis=1) for video in (with_pulse, without))
        peak_to_peak.append(np.ptp(shown / known))
    assert np.mean(peak_to_peak) == pytest.approx(0.05, rel=0.15)


def test_where_the_pulse_is_of_strength_one_it_is_the_wave_in_the_colours_of_the_skin(film):
    video = film(sheet(colour=(0.5, 1.0, 0.7)), pulse_strength=0.05, pulse=True, seconds=20)
    colours = change(shown_light(video).mean(axis=(1, 2)))
    for seen, share in zip(colours.T, (0.5, 1.0, 0.7), strict=True):
        slope, _ = np.polyfit(video.bvp, seen, 1)
        assert slope == pytest.approx(-0.05 * share, rel=0.03)
    assert np.corrcoef(colours[:, 1], video.bvp)[0, 1] < -0.999


def test_bad_lamps_beat_at_one_frequency_in_their_own_colour(film):
    for subject in range(4):
        colours = change(shown_light(film(sheet(), subject=subject, flicker=0.05, fs=30.0)).mean(axis=(1, 2)))
        assert colours.std(axis=0) == pytest.approx(0.05 * np.array(synthesis.FLICKER_COLOUR), rel=0.05)
        power = np.abs(np.fft.rfft(colours[:, 1] * np.hanning(len(colours)))) ** 2
        peak = power.argmax()
        assert 0.5 <= np.fft.rfftfreq(len(colours), 1 / 30.0)[peak] <= 10.0
        assert power[peak - 2 : peak + 3].sum() > 0.98 * power.sum()


def test_a_monitor_lights_one_side_more_and_in_steps_of_its_own_colours(film):
    for subject in range(4):
        columns = change(shown_light(film(sheet(), subject=subject, screen=0.05)).mean(axis=1))  # (T,W,3)
        sides = columns[:, [0, -1]].std(axis=(0, 2))
        assert max(sides) > 5 * min(sides)
        lit = columns[:, sides.argmax() * -1]
        assert lit[:, 2].std() > 1.1 * lit[:, 0].std()  # bluer than daylight
        still = np.abs(np.diff(lit[:, 1])) < 0.1 * lit[:, 1].std()
        assert still.mean() > 0.6  # between two scenes nothing changes


def test_shadows_only_take_light_away_and_come_and_go(film):
    shown = shown_light(film(sheet(), shadows=0.4, subject=3)).mean(axis=(1, 2, 3))
    assert np.quantile(shown, 0.95) == pytest.approx(shown.max(), rel=0.02)  # full sun is the rule
    assert 0.5 < shown.min() / shown.max() < 0.9
    assert 0.05 < np.mean(shown < 0.9 * shown.max()) < 0.5


def test_a_tilt_turns_the_head_about_its_neck(film):
    size, row = 32, np.arange(32)[:, None]
    stripe = 0.9 * np.exp(-0.5 * ((np.arange(size) - 15.5) / 2.0) ** 2)[None, :].repeat(size, axis=0)
    light = shown_light(film(sheet(size, diffuse=stripe), size=size, fs=10.0, tilt=2.0))[..., 1]
    centre = (light * np.arange(size)).sum(axis=2) / light.sum(axis=2)  # (T,H): where the stripe is in each row
    lean = np.degrees(np.arctan(np.polyfit(row[:, 0], centre.T, 1)[0]))
    assert lean.std() == pytest.approx(2.0, rel=0.1)
    assert centre[:, 0].std() > 5 * centre[:, -1].std()


def test_eyes_blink_so_often_and_a_talking_mouth_opens(film):
    still, blinking, talking = (
        film(size=32, fs=20.0, subject=5, **how) for how in ({}, {"blinks": 20.0}, {"talking": 0.5})
    )
    light = {
        name: shown_light(video).mean(axis=3) for name, video in zip("sbt", (still, blinking, talking), strict=True)
    }
    eyes = (light["b"] - light["s"])[:, 11:17, 7:25].max(axis=(1, 2))
    closing = np.flatnonzero((eyes[1:] > 0.05) & (eyes[:-1] <= 0.05))
    assert 10 <= len(closing) <= 32  # about 20 in this minute
    assert np.mean(eyes > 0.05) < 0.15  # each a fraction of a second
    mouth = (light["s"] - light["t"])[:, 20:27, 11:21].max(axis=(1, 2))
    assert 0.15 < np.mean(mouth > 0.05) < 0.8
    assert (light["t"] - light["s"])[:, :15].std() < 1e-3  # the forehead and the eyes do not talk


def test_a_saturated_camera_widens_colours_and_leaves_grey(film):
    colours = np.array([0.4, 0.3, 0.2], np.float32)
    skin = replace(sheet(), diffuse=np.full((16, 16, 3), colours, np.float32))
    plain, strong = (shown_light(film(skin, saturation=(s, s), seconds=1)).mean(axis=(0, 1, 2)) for s in (1.0, 1.5))
    assert plain == pytest.approx(colours, abs=0.004)
    assert strong == pytest.approx(0.3 + 1.5 * (colours - 0.3), abs=0.004)


def test_a_warm_lamp_changes_how_much_each_colour_pulses():
    warm, cold = (
        synthesis.make_face(0.4, 16, np.random.default_rng(0), synthesis.View(kelvin=k)).pulse_colour
        for k in (2700.0, 6500.0)
    )
    assert warm[0] / warm[1] != pytest.approx(cold[0] / cold[1], rel=0.02)


def test_a_file_of_low_quality_loses_detail_and_keeps_the_picture(film):
    original, fine, coarse = (
        film(size=32, seconds=3, noise=2.0, crf=crf).frames.astype(float) for crf in (None, 10, 40)
    )
    lost = [np.abs(kept - original).mean() for kept in (fine, coarse)]
    assert lost[0] < 4 < 5 < lost[1] < 20
    assert np.array_equal(film(size=32, seconds=3, noise=2.0, crf=10).frames, fine)  # and always the same


@pytest.mark.parametrize("domain", [*(name for name in synthesis.DOMAINS if name != "lab"), synthesis.WIDE])
def test_every_place_has_short_videos_that_begin_long_ones_and_a_control_without_pulse(domain):
    settings = {"domain": domain, "fs": 10.0, "size": 32}
    long, short, control = (
        synthesis.make_video(4, seconds=s, pulse=p, **settings) for s, p in ((8, True), (3, True), (8, False))
    )
    assert np.array_equal(short.frames, long.frames[: len(short.frames)])
    assert np.array_equal(control.bvp, long.bvp)
    assert not np.array_equal(control.frames, long.frames)
    assert control.truths["pulse"] is False


def test_each_recording_draws_its_own_size_of_every_disturbance(monkeypatch):
    sizes = {name: [] for name in ("brightness", "shading", "colour_drift", "sway", "pulse_strength")}
    row, column = np.mgrid[0:16, 0:16]
    spot = 0.1 + 0.4 * np.exp(-0.5 * ((row - 7.5) ** 2 + (column - 7.5) ** 2) / 3.0**2)
    monkeypatch.setattr(synthesis, "make_face", lambda *_, **__: sheet(diffuse=spot))
    for name, drawn in sizes.items():
        monkeypatch.setitem(synthesis.DOMAINS, "still", replace(STILL, **{name: 0.05}))
        for subject in range(12):
            moved = []
            for spread in (True, False):
                with monkeypatch.context() as here:
                    if not spread:
                        here.setattr(synthesis, "SPREAD", 0.0)
                        here.setattr(synthesis, "PULSE_SPREAD", 0.0)
                    video = synthesis.make_video(subject, domain="still", seconds=4, fs=6, size=16)
                moved.append(shown_light(video).std(axis=0).mean())
            drawn.append(np.log(moved[0] / moved[1]))
    for name, drawn in sizes.items():
        typical = synthesis.PULSE_SPREAD if name == "pulse_strength" else synthesis.SPREAD
        assert 0.6 * typical < np.std(drawn) < 1.5 * typical
        assert abs(np.mean(drawn)) < typical


def test_the_camera_sees_the_pulse_reach_each_place_with_its_delay(film, monkeypatch):
    face_of, faces = synthesis.make_face, []
    monkeypatch.setattr(
        synthesis, "make_face", lambda *given, **light: faces.append(face_of(*given, **light)) or faces[-1]
    )
    for subject in range(6):
        video = film(subject=subject, size=32, seconds=20, fs=15, pulse_strength=0.3, noise=0.9, pulse=True)
        face = faces[-1]
        skin = (face.skin > 0.9) & (face.strength > 0.3)
        light = change(shown_light(video)[:, skin, 1])
        middle = face.delay[skin].mean()
        heart = synthesis.make_heart(
            synthesis.evenly_spread(subject)[1], 60.0, synthesis._streams(0, "still", subject)["heart"]
        )
        wave = heart.wave(video.time - middle)  # w(t − d) ≈ w(t − m) − (d − m) w'(t − m)
        slope = (heart.wave(video.time - middle + 0.005) - heart.wave(video.time - middle - 0.005)) / 0.01
        explained, *_ = np.linalg.lstsq(np.stack([np.ones_like(wave), wave, slope], axis=1), light, rcond=None)
        lag = middle - explained[2] / explained[1]
        assert np.polyfit(face.delay[skin], lag, 1)[0] == pytest.approx(1.0, abs=0.15)
        assert np.corrcoef(lag, face.delay[skin])[0, 1] > 0.85  # the darkest skin shows it least clearly
        assert lag.mean() == pytest.approx(middle, abs=0.002)


def test_the_pulse_comes_to_the_forehead_about_30_ms_before_the_chin():
    down = np.linspace(0.0, 1.0, 16)[:, None].repeat(16, axis=1)
    slopes = []
    for seed in range(60):
        face = synthesis.make_face(0.3, 16, np.random.default_rng(seed))
        skin = face.skin > 0.5
        assert face.delay[skin].min() == 0.0
        slopes.append(np.polyfit(down[skin], face.delay[skin], 1)[0])
    assert np.mean(slopes) == pytest.approx(0.03, abs=0.01)
    assert np.std(slopes) > 0.005  # and in every face by other ways


# ------------------------------------------------------------------------------- each part of a finger sensor


class Known:
    """In place of a heart, a wave that is known."""

    def __init__(self, wave):
        self.wave = wave


def finger(wave, time, seed):
    return synthesis.finger_sensor(Known(wave), time, np.random.default_rng(seed))


def taken_apart(seed, time):
    """Gain with its sign, what is added to the wave, and when the sensor looked at it (its clock, less its delay)."""
    added = finger(np.zeros_like, time, seed)
    gain = (finger(lambda t: np.full_like(t, 1e6), time, seed) - added).mean() / 1e6
    looked = (finger(lambda t: 1e6 * t, time, seed) - added) / gain / 1e6
    return gain, added / gain, looked


def test_a_finger_sensor_has_its_own_delay_gain_clock_and_polarity():
    time = np.arange(0, 60, 0.5)
    gains, delays, clocks = [], [], []
    for seed in range(300):
        gain, _, looked = taken_apart(seed, time)
        clock, start = np.polyfit(time, looked, 1)
        gains.append(gain)
        delays.append(-start)
        clocks.append(clock)
    assert 0.17 < np.mean(np.array(gains) < 0) < 0.33  # one in four
    assert np.log(np.abs(gains)).std() == pytest.approx(1.0, rel=0.15)
    assert abs(np.log(np.abs(gains)).mean()) < 0.2
    assert 0.079 < min(delays) < 0.1
    assert 0.23 < max(delays) < 0.251
    assert np.std(clocks) == pytest.approx(1e-4, rel=0.15)
    assert np.mean(clocks) == pytest.approx(1.0, abs=3e-5)


def test_a_finger_sensor_drifts_and_is_noisy():
    steps, drifts = [], []
    for seed in range(20):
        added = taken_apart(seed, np.arange(0, 60, 1 / 60))[1]
        step = np.diff(added)
        steps.append(-np.mean(step[1:] * step[:-1]))  # white noise of variance v: neighbouring steps share −v
        drifts.append(np.mean((added[600:] - added[:-600]) ** 2))
    assert np.sqrt(np.mean(steps)) == pytest.approx(0.03, rel=0.1)
    assert np.sqrt(np.mean(drifts)) == pytest.approx(np.sqrt(600) / 60, rel=0.3)  # a random walk, 1/60 a tick


def test_a_finger_sensor_looks_sixty_times_a_second():
    time = np.arange(0, 2, 1 / 960)  # sixteen moments a tick: between two ticks the wave is a straight line
    added = finger(np.zeros_like, time, 0)
    bent = np.abs(np.diff(finger(lambda t: 1e6 * t**2, time, 0) - added, n=2))
    assert (bent > 0.5 * bent.max()).sum() == pytest.approx(2 * 60, abs=2)


# --------------------------------------------------------------------------------------- beginnings and names


@pytest.mark.parametrize("chosen", [{}, {"pulse": False}, {"label": "finger"}, {"pulse": False, "label": "finger"}])
def test_a_short_video_is_the_beginning_of_a_long_one_up_to_a_minute(chosen):
    long = synthesis.make_video(7, seconds=60, fs=10, size=16, **chosen)
    for seconds in (1.0, 5.5):
        short = synthesis.make_video(7, seconds=seconds, fs=10, size=16, **chosen)
        count = round(seconds * 10)
        assert len(short.frames) == count
        for of_time in ("frames", "time", "bvp"):
            assert np.array_equal(getattr(short, of_time), getattr(long, of_time)[:count])
        assert short.truths.keys() == long.truths.keys()
        for name, whole in long.truths.items():
            if name in ("hr_bpm", "respiration", "bvp"):
                whole = whole[:count]
            elif name == "beat_times":
                whole = whole[whole < seconds]
            assert np.array_equal(short.truths[name], whole), name


def test_another_seed_another_subject_and_another_place_have_another_name(film):
    names = [synthesis.make_video(s, seed=seed, seconds=0.1, size=16).subject for s in (0, 1) for seed in (0, 1, 2)]
    names.append(film(seconds=0.2).subject)
    assert len(set(names)) == len(names)
    assert names[0] == "made-lab-0000"


# ----------------------------------------------------------------------------------------- what a wide place adds


def test_a_head_that_nods_does_so_at_one_rate_where_hearts_beat(film):
    for subject in range(3):
        place = place_of_a_spot(film, nod=0.02, subject=subject)
        swing = place - place.mean(axis=0)
        assert np.sqrt((swing**2).sum(axis=1).mean()) == pytest.approx(0.02 / np.sqrt(2), rel=0.1)
        power = (np.abs(np.fft.rfft(swing, axis=0)) ** 2).sum(axis=1)
        frequency = np.fft.rfftfreq(len(swing), 0.1)
        rate = frequency[power.argmax()]
        assert 0.5 < rate < 3.2
        assert power[np.abs(frequency - rate) < 0.15 * rate].sum() > 0.9 * power.sum()


def test_a_false_beat_is_light_that_beats_like_another_heart_and_changes_no_truth(film):
    still = film(sheet(), seconds=20, exposure=1.5)
    beaten = film(sheet(), seconds=20, exposure=1.5, false_beat=0.1)
    course = change(shown_light(beaten).mean(axis=(1, 2)))
    assert np.ptp(course, axis=0).max() == pytest.approx(0.1, rel=0.03)
    strongest = course[:, np.ptp(course, axis=0).argmax()]
    rate = heart_rate(strongest, beaten.fs)
    assert synthesis.HR_RANGE[0] - 5 < rate < synthesis.HR_RANGE[1] + 5
    assert abs(rate - heart_rate(beaten.bvp, beaten.fs)) > 5
    assert np.array_equal(beaten.bvp, still.bvp)


@pytest.mark.parametrize("framing", [0.6, 1.0, 1.4])
def test_framing_changes_the_size_of_a_face_and_what_counts_as_skin_with_it(framing):
    view = synthesis.View(framing=framing)
    usual, framed = (synthesis.make_face(0.3, 64, np.random.default_rng(1), one) for one in (synthesis.TYPICAL, view))
    width = [np.count_nonzero((face.skin > 0.5).any(axis=0)) for face in (usual, framed)]
    assert width[1] / width[0] == pytest.approx(framing, rel=0.06)
    assert (framed.strength[framed.skin < 0.01] < 0.01).all()


def test_a_face_off_the_centre_lies_where_it_is_said_to():
    middle = [
        np.argwhere(synthesis.make_face(0.3, 64, np.random.default_rng(1), synthesis.View(centre=c)).head > 0.5).mean(0)
        for c in ((0.0, 0.0), (0.2, 0.0))
    ]
    assert middle[1][1] - middle[0][1] == pytest.approx(0.2 * 32, rel=0.15)


def test_where_cameras_and_vessels_differ_so_does_the_colour_of_the_pulse(monkeypatch):
    seen = {}
    for variety in (0.0, 1.0):
        monkeypatch.setitem(synthesis.DOMAINS, "still", replace(STILL, variety=variety))
        faces = []
        for subject in range(12):
            streams = synthesis._streams(0, "still", subject)
            view = synthesis.draw_view(synthesis.DOMAINS["still"], streams)
            faces.append(synthesis.make_face(0.4, 16, streams["face"], view).pulse_colour)
        seen[variety] = np.std(faces, axis=0)
    assert seen[0.0].max() < 1e-6
    assert min(seen[1.0][0], seen[1.0][2]) > 0.05  # red and blue, relative to green


def test_the_curve_of_a_camera_is_its_own_gamma(film):
    dark, light = (film(sheet(), seconds=0.5, gamma=(g, g)).frames.mean() for g in (1.8, 2.6))
    assert light > dark + 10


def test_a_camera_that_cannot_keep_up_shows_so_many_frames_twice(film):
    whole = film(sheet(), seconds=60, noise=2.0).frames
    slow = film(sheet(), seconds=60, noise=2.0, repeats=0.2).frames
    twice = (slow[1:] == slow[:-1]).all(axis=(1, 2, 3))
    assert np.mean(twice) == pytest.approx(0.2, abs=0.05)
    fresh = np.append(False, ~twice).nonzero()[0]
    assert np.array_equal(slow[fresh], whole[fresh])


def test_in_the_wide_everybody_has_a_place_of_their_own_and_the_pulse_is_in_it():
    places = [synthesis.draw_place(np.random.default_rng(i)) for i in range(200)]
    for name in ("pulse_strength", "sway", "brightness", "noise", "exposure"):
        drawn = np.array([getattr(place, name) for place in places])
        assert drawn.max() / drawn.min() > 2.5, name
    for name in ("nod", "false_beat", "shadows", "repeats"):  # some have it, most do not
        assert 0.1 < np.mean([getattr(place, name) > 0 for place in places]) < 0.4, name
    assert 0.25 < np.mean([place.crf is not None for place in places]) < 0.45
    sway = np.array([place.sway for place in places])
    assert np.mean(sway < 0.0055) > 0.6  # the middle of the range in its logarithm: half of the places are milder
    assert 0.05 < np.mean(sway > 0.012) < 0.25  # and some are as hard as it gets
    for subject in range(4):
        there, gone = (
            synthesis.make_video(subject, domain=synthesis.WIDE, seconds=20, size=32, pulse=pulse)
            for pulse in (True, False)
        )
        if synthesis.draw_place(synthesis._streams(0, synthesis.WIDE, subject)["place"]).crf is not None:
            continue  # what a codec leaves of a difference is not the difference
        difference = there.frames.astype(float) - gone.frames
        left = bandpass(difference[:, there.truths["skin_mask"], 1].mean(axis=1), there.fs)
        assert wave_correlation(left, bandpass(there.bvp, there.fs)) < -0.7
