"""A rate that goes in must come out; a filter must not move, invent or hide anything."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from rppg_lab import spectrum
from rppg_lab.spectrum import (
    BANDS,
    HEART_BAND,
    bandpass,
    beat_times,
    cut_windows,
    detrend,
    heart_rate,
    power_spectrum,
    resample,
    resolution_bpm,
    snr,
    window_rates,
)

FS = 30.0
MINUTE = np.arange(1800) / FS
RATES = np.random.default_rng(7).uniform(45, 180, 60)
REAL = Path(__file__).resolve().parents[2] / "shared" / "data"


def beat(phase):
    """One beat over phase 0 … 1: a systolic wave and, 0.37 of a period later, a dicrotic wave half as high."""
    phase = phase % 1
    return np.exp(-0.5 * ((phase - 0.25) / 0.09) ** 2) + 0.5 * np.exp(-0.5 * ((phase - 0.62) / 0.11) ** 2)


def sinusoids(rates, time):
    return np.sin(2 * np.pi * (np.asarray(rates)[..., None] / 60 * time + 0.13))


def pulses(rates, time):
    return beat(np.asarray(rates)[..., None] / 60 * time + 0.13)


# --- the heart rate --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [sinusoids, pulses])
def test_a_minute_gives_the_rate_to_a_tenth_of_a_beat(shape):
    assert np.abs(heart_rate(shape(RATES, MINUTE), FS) - RATES).max() < 0.1


@pytest.mark.parametrize("shape", [sinusoids, pulses])
def test_ten_seconds_give_the_rate_of_one_clean_rhythm_between_the_grids_points(shape):
    read = heart_rate(shape(RATES, MINUTE[:300]), FS)
    assert np.abs(read - RATES).max() < 0.1
    off_grid = np.abs(read / 0.5 - np.round(read / 0.5))
    assert np.median(off_grid) > 0.1, "the rates sit on the grid of the spectrum"


@pytest.mark.parametrize("samples", [128, 160, 180, 300])
def test_no_steps_of_a_power_of_two_spectrum(samples):
    # Without zero-padding 160 samples know only rates 7.03 apart: two rates 3 apart would read the same.
    near = heart_rate(sinusoids([70.0, 73.0], np.arange(samples) / FS), FS)
    assert np.allclose(near, [70.0, 73.0], atol=0.5)


def test_two_rhythms_closer_than_the_resolution_are_one_peak():
    assert resolution_bpm(10.0) == 6.0
    assert resolution_bpm(60.0) == 1.0

    def peaks(seconds):
        time = np.arange(round(seconds * FS)) / FS
        frequency, power = power_spectrum(sinusoids([70.0], time)[0] + sinusoids([74.0], time)[0], FS)
        inside = power[(frequency > 1.0) & (frequency < 1.4)]
        return len(signal.find_peaks(inside, prominence=0.1 * inside.max())[0])

    assert peaks(10) == 1
    assert peaks(60) == 2


def test_beats_give_the_rate_and_the_dicrotic_wave_is_not_counted():
    waves = pulses(RATES[:20], MINUTE)
    assert np.abs(heart_rate(waves, FS, method="beats") - RATES[:20]).max() < 0.3
    for rate, wave in zip(RATES, waves, strict=False):
        assert abs(len(beat_times(wave, FS)) - rate) <= 1.5
    # the trap is real: counting every local maximum of the same wave gives twice the rate
    slow = pulses([50.0], MINUTE)[0]
    assert len(signal.find_peaks(slow)[0]) >= 99
    assert len(beat_times(slow, FS)) == pytest.approx(50, abs=1)


def test_beats_are_found_while_the_rate_climbs():
    rate = np.linspace(55, 150, 3600)
    phase = np.cumsum(rate / 60) / FS
    beats = beat_times(beat(phase), FS)
    truth = np.interp(np.arange(1, int(phase[-1])) + 0.25, phase, np.arange(3600) / FS)
    truth = truth[(truth > 2) & (truth < 118)]
    nearest = np.abs(truth[:, None] - beats).min(axis=1)
    assert len(beats) == pytest.approx(phase[-1], abs=2)
    assert nearest.max() < 0.06


def test_beats_are_placed_between_the_samples():
    beats = beat_times(sinusoids([73.0], MINUTE)[0], FS)
    intervals = np.diff(beats)[2:-2]
    assert np.abs(intervals - 60 / 73).max() < 0.1 / FS  # a tenth of a frame


def test_heart_rate_works_along_the_last_axis_of_any_shape():
    waves = pulses(RATES[:6], MINUTE[:600]).reshape(2, 3, 600)
    assert heart_rate(waves, FS).shape == (2, 3)
    assert heart_rate(waves, FS, method="beats").shape == (2, 3)
    assert heart_rate(waves[1, 2], FS) == heart_rate(waves, FS)[1, 2]
    assert np.ndim(heart_rate(waves[0, 0], FS)) == 0


def test_a_drift_far_stronger_than_the_pulse_is_no_heart_rate():
    drift = 100 * np.sin(2 * np.pi * 0.05 * MINUTE) + 3 * MINUTE
    assert heart_rate(drift + sinusoids([72.0], MINUTE)[0], FS) == pytest.approx(72, abs=0.5)
    # 36 per minute lies below the band, but in 10 s its peak is so wide that its slope is the highest point of the band
    time = MINUTE[:300]
    wave = 20 * sinusoids([36.0], time)[0] + sinusoids([80.0], time)[0]
    frequency, power = power_spectrum(wave, FS)
    inside = (frequency >= HEART_BAND[0]) & (frequency <= HEART_BAND[1])
    assert 60 * frequency[inside][power[inside].argmax()] < 43
    assert heart_rate(wave, FS) == pytest.approx(80, abs=1)


def test_rates_outside_the_band_are_not_read():
    wave = 10 * sinusoids([30.0], MINUTE)[0] + sinusoids([90.0], MINUTE)[0]
    assert heart_rate(wave, FS) == pytest.approx(90, abs=0.1)
    assert heart_rate(wave, FS, band=(0.4, 1.0)) == pytest.approx(30, abs=0.1)


@settings(max_examples=40, deadline=None)
@given(gain=st.floats(1e-6, 1e6), offset=st.floats(-1e3, 1e3), sign=st.sampled_from([-1, 1]), rate=st.floats(45, 180))
def test_gain_offset_and_polarity_do_not_change_the_rate(gain, offset, sign, rate):
    wave = pulses([rate], MINUTE[:600])[0]
    assert heart_rate(sign * gain * (wave + offset), FS) == pytest.approx(heart_rate(wave, FS), abs=1e-3)


def test_nan_only_for_a_wave_without_variation():
    waves = np.stack([np.full(600, 0.1), np.zeros(600), sinusoids([72.0], MINUTE[:600])[0]])
    for method in ("spectrum", "beats"):
        assert np.isnan(heart_rate(waves, FS, method=method)).tolist() == [True, True, False]
    noise = np.random.default_rng(1).normal(size=(200, 300))
    assert np.all(np.isfinite(heart_rate(noise, FS)))
    assert beat_times(waves[0], FS).size == 0


def test_the_rate_agrees_with_scipy_and_a_fourier_sum_written_out():
    rng = np.random.default_rng(3)
    wave = pulses([77.7], MINUTE)[0] + 0.2 * rng.normal(size=1800)
    frequency, power = power_spectrum(wave, FS)
    other_frequency, other = signal.periodogram(wave, FS, window="hann", nfft=3600, detrend="constant")
    assert np.allclose(frequency, other_frequency)
    assert np.allclose(power, other, rtol=1e-6, atol=1e-6 * other.max())
    welch = signal.welch(wave, FS, window="hann", nperseg=1800, noverlap=0, nfft=3600, detrend="constant")[1]
    assert np.allclose(power, welch, rtol=1e-6, atol=1e-6 * welch.max())
    taper = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1800) / 1800)
    fine = np.arange(77.5, 77.9, 0.001)
    total = np.abs(np.exp(-2j * np.pi * fine[:, None] / 60 * MINUTE) @ ((wave - wave.mean()) * taper))
    assert heart_rate(wave, FS) == pytest.approx(fine[total.argmax()], abs=0.01)


def test_power_spectrum_keeps_the_energy():
    wave = np.random.default_rng(5).normal(size=1800)
    frequency, power = power_spectrum(wave, FS)
    assert power.sum() * frequency[1] == pytest.approx(wave.var(), rel=0.1)
    assert 60 * frequency[1] <= 0.5
    assert 60 * power_spectrum(wave, FS, step_bpm=0.1)[0][1] <= 0.1


# --- what is refused -------------------------------------------------------------------------------------------------


def test_a_band_above_nyquist_is_refused_clearly():
    for call in (heart_rate, bandpass, beat_times):
        with pytest.raises(ValueError, match=r"4 Hz needs more than 8 samples per second.*fs is 7 Hz"):
            call(np.sin(np.arange(100.0)), 7.0)
    with pytest.raises(ValueError, match="0 < low < high"):
        bandpass(np.sin(np.arange(100.0)), FS, (4.0, 0.7))


def test_bad_waves_are_refused():
    wave = sinusoids([72.0], MINUTE)[0]
    broken = wave.copy()
    broken[5] = np.nan
    for call in (heart_rate, bandpass, detrend, power_spectrum, beat_times):
        with pytest.raises(ValueError, match="1 values that are NaN"):
            call(broken, FS)
        with pytest.raises(ValueError, match="fs must be a positive"):
            call(wave, 0.0)
    with pytest.raises(ValueError, match=r"1\.07 s of wave cannot show"):
        heart_rate(wave[:32], FS)  # the lecture's clip
    with pytest.raises(ValueError, match='"spectrum" or "beats"'):
        heart_rate(wave, FS, method="fft")
    with pytest.raises(ValueError, match=r"one wave \(T,\)"):
        beat_times(np.stack([wave, wave]), FS)
    with pytest.raises(ValueError, match="positive number of seconds"):
        resolution_bpm(0)


# --- filters ---------------------------------------------------------------------------------------------------------


def test_bandpass_keeps_the_pulse_in_place_and_removes_the_rest():
    pulse = sinusoids([72.0], MINUTE)[0]
    wave = pulse + 5 * np.sin(2 * np.pi * 0.1 * MINUTE) + np.sin(2 * np.pi * 9 * MINUTE) + 40
    inner = slice(150, -150)
    kept = bandpass(wave, FS)[inner]
    assert np.abs(kept - pulse[inner]).max() < 0.05  # the same place: a delay of one frame would differ by 0.25
    assert bandpass(np.stack([wave, 2 * wave]), FS)[1] == pytest.approx(2 * bandpass(wave, FS))


def test_bandpass_works_on_waves_shorter_than_its_padding():
    assert bandpass(np.sin(np.arange(20.0)), FS).shape == (20,)


def dense_detrend(wave, smoothness):
    second = np.diff(np.eye(wave.size), n=2, axis=0)
    return wave - np.linalg.solve(np.eye(wave.size) + smoothness**2 * second.T @ second, wave)


@settings(max_examples=25, deadline=None)
@given(samples=st.integers(3, 200), smoothness=st.floats(0.1, 500), seed=st.integers(0, 99))
def test_banded_detrending_equals_the_dense_formula(samples, smoothness, seed):
    wave = np.cumsum(np.random.default_rng(seed).normal(size=samples))
    assert np.allclose(detrend(wave, FS, smoothness=smoothness), dense_detrend(wave, smoothness), atol=1e-8)


def test_detrend_halves_its_cutoff_whatever_the_sampling_rate():
    for fs in (20.0, 30.0, 60.0):
        time = np.arange(round(120 * fs)) / fs
        wave = np.sin(2 * np.pi * 0.4 * time)
        inner = slice(round(20 * fs), -round(20 * fs))
        assert detrend(wave, fs, cutoff=0.4)[inner].std() == pytest.approx(0.5 * wave[inner].std(), rel=0.01)
    with pytest.raises(ValueError, match="cutoff must lie between 0 and"):
        detrend(wave, fs, cutoff=40.0)
    with pytest.raises(ValueError, match="must be positive"):
        detrend(wave, fs, smoothness=0.0)


def test_detrend_removes_a_straight_line_and_keeps_the_pulse():
    pulse = sinusoids([72.0], MINUTE)[0]
    line = 5 + 0.3 * MINUTE
    assert np.abs(detrend(line, FS)).max() < 1e-6
    rows = detrend(np.stack([line + pulse, line]), FS)
    assert np.corrcoef(rows[0], pulse)[0, 1] > 0.999


# --- windows and clocks ----------------------------------------------------------------------------------------------


def test_windows_are_complete_and_cover_what_they_say():
    wave = np.arange(700)
    windows = cut_windows(wave, FS, window=10.0)
    assert windows.shape == (2, 300), "the last 100 samples are no window"
    assert windows[1, 0] == 300
    overlapping = cut_windows(wave, FS, window=10.0, step=1.0)
    assert overlapping.shape == (14, 300)
    assert overlapping[:, 0].tolist() == list(range(0, 400, 30))
    assert cut_windows(np.stack([wave, wave]), FS).shape == (2, 2, 300)
    assert cut_windows(wave[:300], FS).shape == (1, 300)
    with pytest.raises(ValueError, match=r"10 s does not fit into 9\.97 s"):
        cut_windows(wave[:299], FS)


def test_windows_do_not_drift_when_the_rate_is_no_whole_number():
    starts = cut_windows(np.arange(29970), 29.97, window=10.0, step=1.0)[:, 0]
    assert np.abs(starts - np.arange(len(starts)) * 29.97).max() <= 0.5
    assert len(starts) == 991


def test_window_rates_follow_a_changing_rate():
    phase = np.cumsum(np.repeat([60.0, 90.0, 120.0], 600) / 60) / FS
    assert window_rates(np.sin(2 * np.pi * phase), FS, window=20.0) == pytest.approx([60, 90, 120], abs=0.2)
    both = window_rates(np.sin(2 * np.pi * phase), FS, window=20.0, method="beats")
    assert both == pytest.approx([60, 90, 120], abs=1)


def test_resample_puts_an_uneven_clock_right():
    rng = np.random.default_rng(2)
    time = np.sort(MINUTE + rng.uniform(-0.012, 0.012, 1800))
    truth = pulses([72.0], MINUTE)[0]
    wave = pulses([72.0], time)[0]
    inner = slice(4, -4)
    assert np.abs(resample(wave, time, MINUTE)[inner] - truth[inner]).max() < 0.03
    assert np.abs(wave - truth)[inner].max() > 0.08  # which is what ignoring the clock would cost
    rgb = np.stack([wave, 2 * wave, 3 * wave], axis=1)
    assert resample(rgb, time, MINUTE, axis=0)[:, 2] == pytest.approx(3 * resample(wave, time, MINUTE))


def test_resample_to_a_slower_clock_does_not_fold_noise_into_the_pulse():
    fast = np.arange(256 * 60) / 256
    slow = np.arange(1, 20 * 60 - 20) / 20
    hum = np.sin(2 * np.pi * 58.9 * fast)  # would appear at 1.1 Hz, a heart rate of 66
    pulse = sinusoids([90.0], fast)[0]
    assert np.abs(resample(hum, fast, slow)).max() < 0.15
    assert heart_rate(resample(pulse + 3 * hum, fast, slow), 20.0) == pytest.approx(90, abs=0.1)
    assert np.abs(resample(pulse, fast, slow) - sinusoids([90.0], slow)[0]).max() < 0.02
    edges = np.arange(0, 60, 1 / 20)
    assert np.all(np.isfinite(resample(pulse, fast, edges)))


def test_resample_invents_nothing():
    wave = pulses([72.0], MINUTE)[0]
    with pytest.raises(ValueError, match=r"reaches 4\.983 s beyond"):
        resample(wave, MINUTE, np.arange(0, 65, 0.05))
    with pytest.raises(ValueError, match="strictly increasing"):
        resample(wave, MINUTE[::-1], MINUTE)
    with pytest.raises(ValueError, match=r"1800 samples along axis -1, but times of shape \(1700,\)"):
        resample(wave, MINUTE[:1700], MINUTE[:1700])


# --- quality ---------------------------------------------------------------------------------------------------------


def test_snr_counts_decibels_of_power():
    rng = np.random.default_rng(4)
    noise = bandpass(rng.normal(size=1800), FS, (0.5, 4.0))
    pulse = sinusoids([72.0], MINUTE)[0]
    quiet, loud = snr(np.stack([noise + 0.5 * pulse, noise + 5 * pulse]), FS, 72.0)
    assert loud - quiet == pytest.approx(20, abs=2)
    wave = noise + pulse
    frequency, power = signal.periodogram(wave, FS, "hann", nfft=3600)
    power = power[(frequency >= 0.5) & (frequency <= 4.0)]
    frequency = frequency[(frequency >= 0.5) & (frequency <= 4.0)]
    mine = (np.abs(frequency - 1.2) <= 0.1) | (np.abs(frequency - 2.4) <= 0.2)
    assert snr(wave, FS, 72.0) == pytest.approx(10 * np.log10(power[mine].sum() / power[~mine].sum()), abs=1e-6)
    assert snr(wave, FS, 72.0) > 0 > snr(wave, FS, 110.0)
    assert np.isnan(snr(np.ones(1800), FS, 72.0))
    with pytest.raises(ValueError, match="30 to 240"):
        snr(wave, FS, 300.0)


# --- the table of bands ----------------------------------------------------------------------------------------------


def test_the_table_of_bands_holds_the_lectures_claims_and_what_they_need():
    assert (BANDS["heart"].low, BANDS["heart"].high) == HEART_BAND
    assert BANDS["heart"].lecture == (0.8, 4.0)
    assert {band.lecture for band in BANDS.values()} == {
        (0.02, 0.17), (0.18, 0.40), (0.80, 4.00), (0.0, 0.003), (0.033, 0.04), (0.04, 0.15), (0.15, 0.40),
    }  # fmt: skip
    assert BANDS["oxygen saturation"].verdict == "does not hold"
    assert BANDS["ultra low"].minimum_seconds >= 3600
    assert BANDS["very low"].minimum_seconds >= 300
    for band in BANDS.values():
        assert 0 <= band.low < band.high
        assert band.claim
        assert len(band.evidence) > 40
        if band.low:
            assert band.minimum_seconds > 0.9 / band.low, "not even one period would fit"
    with pytest.raises(TypeError):
        BANDS["heart"] = None


# --- real waves ------------------------------------------------------------------------------------------------------


def test_a_real_finger_sensor_reads_the_same_by_spectrum_and_by_beats():
    file = REAL / "physrecorder_v01" / "BVP.csv"
    if not file.exists():
        pytest.skip("the real recordings (../shared/data) are not on this machine")
    stamp, bvp = np.loadtxt(file, delimiter=",", skiprows=1).T
    time = stamp - stamp[0]
    wave = resample(bvp, time, np.arange(0, time[-1], 1 / FS))
    assert heart_rate(wave, FS) == pytest.approx(71.1, abs=0.3)
    assert heart_rate(wave, FS, method="beats") == pytest.approx(71.0, abs=0.5)


def test_a_finger_on_a_phone_agrees_with_a_chest_strap():
    file = REAL / "welltory" / "subject_08" / "PPG.csv"
    if not file.exists():
        pytest.skip("the real recordings (../shared/data) are not on this machine")
    milliseconds, red, _, _ = np.loadtxt(file, delimiter=",", skiprows=1).T
    time = milliseconds / 1000
    wave = -resample(red, time, np.arange(time[0], time[-1], 1 / FS))  # more blood, less light
    intervals = np.loadtxt(file.with_name("RR.txt"))
    assert heart_rate(wave, FS, method="beats") == pytest.approx(60000 / intervals.mean(), abs=1)


@pytest.mark.parametrize("samples", [1, 2, 7, 300])
def test_the_taper_is_scipys(samples):
    np.testing.assert_array_equal(spectrum._hann(samples), signal.windows.hann(samples, sym=False))


def test_who_only_reads_a_rate_need_not_wait_for_scipy_signal():
    code = "import sys, numpy; from rppg_lab import spectrum; spectrum.heart_rate(numpy.sin(numpy.arange(300.0)), 30.0)"
    found = subprocess.run([sys.executable, "-c", f"{code}; print('scipy.signal' in sys.modules)"], capture_output=True)
    assert found.stdout.split() == [b"False"], found.stderr
