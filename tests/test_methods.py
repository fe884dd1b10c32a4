"""The methods against the model of the skin they are derived from, and against their papers written out plainly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rppg_lab.methods import METHODS, PULSE_SIGNATURE, chrom, get_method, green, ica, lgi, omit, pbv, pos
from rppg_lab.methods import _jade as jade
from rppg_lab.spectrum import bandpass, heart_rate, snr

FS = 30.0
TIME = np.arange(1200) / FS
SKIN = np.array([170.0, 120.0, 95.0])
NAMES = list(METHODS)


def slow_noise(rng, low, high, strength):
    wave = bandpass(rng.normal(size=TIME.size), FS, (low, high))
    return strength * wave / wave.std()


def skin(rate=72.0, light=0.0, shine=0.0, noise=1e-4, pulse=0.006, seed=0):
    """Colours (T, 3) of skin under the dichromatic reflection model, and the blood volume (T,) behind them.

    light: flicker of the lamp in the heart band, relative; shine: white specular reflection; noise: of the camera.
    """
    rng = np.random.default_rng(seed)
    phase = 2 * np.pi * rate / 60 * TIME
    blood = np.sin(phase) + 0.45 * np.sin(2 * phase - 0.6) + 0.15 * np.sin(3 * phase - 1.2)
    lamp = 1 + slow_noise(rng, 0.02, 0.2, 0.02) + slow_noise(rng, 0.5, 3, light)
    diffuse = SKIN * (1 - pulse * blood[:, None] * PULSE_SIGNATURE)
    colours = lamp[:, None] * (diffuse + 120 * slow_noise(rng, 0.5, 3, shine)[:, None])
    return colours + 120 * noise * rng.normal(size=colours.shape), blood


def alike(wave, blood):
    inner = slice(60, -60)
    return np.corrcoef(bandpass(wave, FS)[inner], bandpass(blood, FS)[inner])[0, 1]


# --- what a learner is promised --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rate", [48.0, 77.7, 131.0])
def test_every_method_reads_a_still_face_and_more_blood_is_up(name, rate):
    colours, blood = skin(rate)
    bvp = METHODS[name](colours, FS)
    assert bvp.shape == (1200,)
    assert bvp.dtype == np.float64
    assert heart_rate(bvp, FS) == pytest.approx(rate, abs=0.2)
    assert alike(bvp, blood) > 0.85


def test_a_flickering_lamp_blinds_green_and_not_the_others():
    wrong = dict.fromkeys(NAMES, 0)
    for seed in range(8):
        colours, _ = skin(80.0, light=0.03, seed=seed)
        for name, method in METHODS.items():
            wrong[name] += abs(heart_rate(method(colours, FS), FS) - 80) > 3
    assert wrong["GREEN"] >= 5
    assert all(wrong[name] == 0 for name in NAMES if name != "GREEN"), wrong


def test_shine_is_what_chrom_and_pos_remove_and_lgi_and_omit_do_not():
    quality = {name: [] for name in NAMES}
    for seed in range(6):
        colours, _ = skin(80.0, light=0.02, shine=0.02, seed=seed)
        for name, method in METHODS.items():
            quality[name].append(snr(method(colours, FS), FS, 80.0))
    median = {name: np.median(values) for name, values in quality.items()}
    assert min(median["CHROM"], median["POS"]) > max(median["LGI"], median["OMIT"]) + 3
    assert median["LGI"] > median["GREEN"]


@pytest.mark.parametrize("name", NAMES)
def test_without_a_pulse_no_method_finds_one(name):
    reads = []
    for seed in range(12):
        colours, blood = skin(72.0, light=0.01, shine=0.005, pulse=0.0, seed=seed)
        bvp = METHODS[name](colours, FS)
        assert abs(alike(bvp, blood)) < 0.5
        reads.append(heart_rate(bvp, FS))
    assert np.ptp(reads) > 15, "the same rate from every lamp would come from the method itself"


@settings(max_examples=15, deadline=None)
@given(
    name=st.sampled_from(NAMES),
    gain=st.floats(1 / 255, 4.0),
    balance=st.tuples(*[st.floats(0.5, 2.0)] * 3),
    seed=st.integers(0, 5),
)
def test_gain_and_white_balance_do_not_change_the_wave(name, gain, balance, seed):
    colours, _ = skin(seed=seed, light=0.01)
    plain = METHODS[name](colours, FS)
    assert np.allclose(METHODS[name](gain * colours, FS), plain, rtol=1e-4, atol=1e-6 * plain.std())
    if name not in ("LGI", "OMIT"):  # these two project in the camera's own colours, so the balance matters to them
        assert np.allclose(METHODS[name](colours * balance, FS), plain, rtol=1e-4, atol=1e-5 * plain.std())


@pytest.mark.parametrize("name", NAMES)
def test_a_method_is_deterministic_and_leaves_its_input_and_the_generator_alone(name):
    colours, _ = skin()
    before, state = colours.copy(), np.random.get_state()[1].copy()  # noqa: NPY002 - the global one is the point
    first, second = METHODS[name](colours, FS), METHODS[name](colours, FS)
    assert np.array_equal(first, second)
    assert np.array_equal(colours, before)
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002


# --- the papers, written out plainly ---------------------------------------------------------------------------------


def pos_of_the_paper(rgb, fs):
    """Wang et al. (2017), Algorithm 1, line by line."""
    frames = rgb.T
    count = frames.shape[1]
    length = round(1.6 * fs)
    pulse = np.zeros(count)
    for n in range(count):
        m = n - length + 1
        if m >= 0:
            window = frames[:, m : n + 1]
            normalised = window / window.mean(axis=1, keepdims=True)
            s = np.array([[0, 1, -1], [-2, 1, 1]]) @ normalised
            h = s[0] + s[0].std() / s[1].std() * s[1]
            pulse[m : n + 1] += h - h.mean()
    return pulse


@pytest.mark.parametrize(("fs", "frames"), [(30.0, 1200), (20.0, 32), (29.97, 500), (60.0, 97)])
def test_pos_equals_the_papers_loop_turned_round(fs, frames):
    colours, _ = skin(light=0.02, shine=0.01)
    plain = pos_of_the_paper(colours[:frames], fs)
    fast = pos(colours[:frames], fs)
    assert np.allclose(fast, -plain, atol=1e-9 * np.abs(plain).max())


def hann_windows(count, length):
    """First frames of half-overlapping windows, the last one ending with the recording; a taper without zeros."""
    starts = [*range(0, count - length, length // 2), count - length]
    return starts, np.array([0.5 - 0.5 * np.cos(2 * np.pi * (k + 0.5) / length) for k in range(length)])


def test_chrom_equals_its_formulas_in_a_plain_loop():
    colours, _ = skin(light=0.02, shine=0.01)
    starts, taper = hann_windows(1200, 48)
    weight, both, pulse = np.zeros(1200), np.zeros((2, 1200)), np.zeros(1200)
    for start in starts:
        window = colours[start : start + 48]
        r, g, b = (window / window.mean(axis=0) - 1).T
        both[:, start : start + 48] += taper * np.array([3 * r - 2 * g, 1.5 * r + g - 1.5 * b])
        weight[start : start + 48] += taper
    x, y = bandpass(both / weight, FS)
    for start in starts:
        xw, yw = x[start : start + 48], y[start : start + 48]
        pulse[start : start + 48] += taper * (xw - xw.std() / yw.std() * yw)
    assert np.allclose(chrom(colours, FS), pulse / weight, atol=1e-9)


def test_pbv_equals_its_formula_in_a_plain_loop_and_needs_the_right_signature():
    colours, _ = skin(light=0.02, shine=0.01)
    starts, taper = hann_windows(1200, 48)
    weight, pulse = np.zeros(1200), np.zeros(1200)
    for start in starts:
        cn = (colours[start : start + 48] / colours[start : start + 48].mean(axis=0) - 1).T
        w = np.array([0.33, 0.77, 0.53]) @ np.linalg.inv(cn @ cn.T)
        pulse[start : start + 48] -= taper * (w / np.sqrt(w @ w) @ cn)
        weight[start : start + 48] += taper
    bvp = pbv(colours, FS)
    assert np.corrcoef(bvp, pulse / weight)[0, 1] > 0.9999
    assert snr(bvp, FS, 72.0) > snr(pbv(colours, FS, signature=np.array([0.6, 0.6, 0.5])), FS, 72.0) + 3
    with pytest.raises(ValueError, match="signature must be three numbers"):
        pbv(colours, FS, signature=np.zeros(3))


def test_lgi_and_omit_equal_their_decompositions():
    colours, _ = skin(light=0.02)
    u = np.linalg.svd(colours.T, full_matrices=False)[0][:, 0]
    first = colours[0] / np.linalg.norm(colours[0])
    for method, s in ((lgi, u), (omit, first)):
        row = ((np.eye(3) - np.outer(s, s)) @ colours.T)[1] / colours[:, 1].mean()
        assert np.allclose(method(colours, FS), row.mean() - row, atol=1e-10)


def test_green_is_the_green_channel_turned_round():
    colours, _ = skin()
    assert np.allclose(green(colours, FS), 1 - colours[:, 1] / colours[:, 1].mean())


# --- separation ------------------------------------------------------------------------------------------------------


def test_jade_finds_mixed_sources():
    rng = np.random.default_rng(0)
    sources = np.stack([np.sin(2 * np.pi * 1.2 * TIME), rng.laplace(size=1200), rng.uniform(-1, 1, 1200)])
    found = jade(np.array([[1.0, 0.5, 0.3], [0.4, 1.0, -0.6], [0.8, -0.2, 1.0]]) @ sources)
    match = np.abs(np.corrcoef(found, sources)[:3, 3:])
    assert sorted(match.argmax(axis=0)) == [0, 1, 2]
    assert match.max(axis=0).min() > 0.99
    assert np.allclose(found @ found.T / 1200, np.eye(3), atol=1e-9)


def test_jade_makes_all_fourth_cumulants_as_diagonal_as_a_rotation_can():
    found = jade(np.random.default_rng(1).normal(size=(3, 400)))  # no sources: only the criterion decides

    def off_diagonal(x):
        moment = np.einsum("pt,qt,it,jt->pqij", x, x, x, x) / 400
        eye = np.eye(3)
        gaussian = sum(np.einsum(f"{a},{b}->pqij", eye, eye) for a, b in (("pq", "ij"), ("pi", "qj"), ("pj", "qi")))
        matrices = moment - gaussian
        return np.sum(matrices**2) - np.sum(np.einsum("pqii->pqi", matrices) ** 2)

    least = off_diagonal(found)
    for p, q in ((0, 1), (0, 2), (1, 2)):
        for angle in (-1e-4, 1e-4):
            turn = np.eye(3)
            turn[[p, q], [p, q]] = np.cos(angle)
            turn[p, q], turn[q, p] = -np.sin(angle), np.sin(angle)
            assert off_diagonal(turn @ found) > least


def test_ica_always_runs_against_green():
    for seed in range(12):
        colours, blood = skin(60.0 + 6 * seed, light=0.02, seed=seed)
        assert alike(ica(colours, FS), blood) > 0.8


def test_ica_takes_the_rhythm_and_not_the_strongest_component():
    colours, blood = skin(72.0, light=0.05, shine=0.01)
    assert alike(ica(colours, FS), blood) > 0.9
    with pytest.raises(ValueError, match="cannot separate"):
        ica(np.column_stack([colours[:, :2], np.full(1200, 12.0)]), FS)


# --- bad colours -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_bad_colours_are_refused_by_name(name):
    method = METHODS[name]
    colours, _ = skin()

    def changed(where, value):
        other = colours.copy()
        other[where] = value
        return other

    for bad, message in (
        (changed((31, 1), np.nan), rf"{name}: 1 of 1200 frames have no colour .* at 1\.03 s"),
        (changed((31, 1), -np.inf), "have no colour"),
        (changed((31, 1), -3.0), "never negative"),
        (changed((slice(None), 2), 0.0), "the blue channel is black"),
        (np.tile(SKIN, (300, 1)), rf"{name}: the colour is constant over all 300 frames"),
        (colours.T, r"shape \(T, 3\), not \(3, 1200\): transpose it"),
        (colours[:, 0], "one colour per frame"),
        (colours[:3], rf"{name} needs at least \d+ frames .*, not 3"),
    ):
        with pytest.raises(ValueError, match=message):
            method(bad, FS)
    with pytest.raises(ValueError, match="fs must be a positive"):
        method(colours, 0.0)
    with pytest.raises(ValueError, match="fs must be a positive"):
        method(colours, np.nan)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "GREEN"])
def test_a_grey_video_is_refused_by_all_but_green(name):
    colours, _ = skin()
    grey = np.repeat(colours[:, 1:2], 3, axis=1)
    with pytest.raises(ValueError, match=f"{name} needs colour, but red, green and blue move as one"):
        METHODS[name](grey, FS)
    assert heart_rate(green(grey, FS), FS) == pytest.approx(72, abs=0.5)


@pytest.mark.parametrize("name", ["POS", "CHROM", "PBV"])
def test_seconds_of_darkness_are_refused_and_a_frozen_picture_is_not(name):
    for seed in range(6):
        dark, _ = skin(seed=seed)
        dark[300:420, 0] = 0
        with pytest.raises(ValueError, match=rf"{name}: red is black \(0\) from 1\d\.\d\d to 1\d\.\d\d s"):
            METHODS[name](dark, FS)
    colours, _ = skin()
    frozen = colours.copy()
    frozen[300:420] = frozen[300]
    bvp = METHODS[name](frozen, FS)
    assert np.all(np.isfinite(bvp))
    assert heart_rate(bvp, FS) == pytest.approx(72, abs=1)
    assert np.abs(bvp[340:380]).max() < 0.2 * np.abs(bvp[500:900]).max()


def test_a_picture_that_stands_still_to_the_last_bit_gives_no_nan():
    # 32-frame windows and whole numbers: every sum is exact, so both spreads are exactly 0 there
    colours = np.tile([128.0, 96.0, 64.0], (512, 1))
    colours[256:, 1] -= np.arange(256) % 16
    bvp = pos(colours, 20.0)
    assert np.all(np.isfinite(bvp))
    assert np.abs(bvp[:224]).max() < 1e-9 < np.abs(bvp[300:]).max()


def test_chrom_refuses_a_camera_too_slow_for_its_band():
    with pytest.raises(ValueError, match="Nyquist"):
        chrom(skin()[0], 7.0)


def test_methods_are_found_by_name_and_an_unknown_one_names_the_valid():
    assert NAMES == ["GREEN", "ICA", "CHROM", "POS", "LGI", "PBV", "OMIT"]
    assert get_method("pos") is pos
    for wrong in ("PSO", None):
        with pytest.raises(ValueError, match=r"unknown method .*GREEN, ICA, CHROM, POS, LGI, PBV, OMIT"):
            get_method(wrong)
