"""Real finger pulses beside what a chest strap and an oximeter counted (n = 10 people, and n = 1).

The recordings are no part of the project (they have licences of their own). Where they are absent these tests are
skipped. They say that the way from light to a rate holds on the real thing, not how accurate it is: nothing was tuned
to them. Of three colour channels the one with the best signal-to-noise ratio *at its own rate* is taken, never the one
that is nearest to the answer. `pytest -s` prints the errors, with n.
"""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from rppg_lab import spectrum

SHARED = Path(os.environ.get("RPPG_LAB_SHARED") or Path(__file__).resolve().parents[2] / "shared" / "data")
WELLTORY, OXIMETRY = SHARED / "welltory", SHARED / "uw_oximetry"
FS = 30.0  # Hz, of the even grid that the channels are brought onto


def best_channel(colours: np.ndarray, time: np.ndarray) -> np.ndarray:
    """The pulse wave (T,) at FS, of the colour (n, 3) that has most of its power at its own rate; up is more blood."""
    time, first = np.unique(time, return_index=True)
    even = np.arange(time[0], time[-1], 1 / FS)
    waves = []
    for channel in colours[first].T:
        if np.ptp(channel) > 0:  # a channel may be dead
            waves.append(-spectrum.bandpass(spectrum.resample(channel, time, even), FS))
    waves = np.stack(waves)
    return waves[np.argmax(spectrum.snr(waves, FS, spectrum.heart_rate(waves, FS)))]


@pytest.fixture(scope="module")
def welltory():
    """Rate from the pulse, by spectrum and by beats, and from the chest strap's intervals: (people, 3) per minute."""
    if not WELLTORY.is_dir():
        pytest.skip(f"there are no finger pulses at {WELLTORY} (RPPG_LAB_SHARED)")
    rows = []
    for folder in sorted(one for one in WELLTORY.iterdir() if one.is_dir()):
        time, *colours = np.genfromtxt(folder / "PPG.csv", delimiter=",", skip_header=1, encoding="utf-8").T
        wave = best_channel(np.stack(colours, axis=1), time / 1000)
        intervals = np.array((folder / "RR.txt").read_text(encoding="utf-8").split(), dtype=float)  # ms
        rates = [float(spectrum.heart_rate(wave, FS, method=method)) for method in ("spectrum", "beats")]
        rows.append([*rates, 60_000 / intervals.mean()])
    return np.array(rows)


@pytest.fixture(scope="module")
def oximetry():
    """Windows of 30 s of one finger while oxygen falls: rate, the oximeter's mean rate and saturation, R over G."""
    if not OXIMETRY.is_dir():
        pytest.skip(f"there is no finger recording at {OXIMETRY} (RPPG_LAB_SHARED)")
    with open(OXIMETRY / "gt" / "100001.csv", encoding="utf-8-sig", newline="") as lines:
        reference = [row for row in csv.DictReader(lines) if row["Time"].strip()[:1].isdigit()]
    pulse, saturation = (np.array([float(row[name] or "nan") for row in reference]) for name in ("Pulse 5", "SpO2 5"))
    colours = np.genfromtxt(OXIMETRY / "ppg-csv" / "Left" / "100001.csv", delimiter=",", skip_header=1)
    rows = []
    for start in range(0, min(pulse.size, int(len(colours) / FS)) - 29, 30):
        part = colours[round(start * FS) : round((start + 30) * FS)]
        ac = spectrum.bandpass(part.T, FS).std(axis=1)
        ratio = ac / part.mean(axis=0)
        wave = best_channel(part, np.arange(len(part)) / FS)
        seconds = slice(start, start + 30)
        rows.append(
            [spectrum.heart_rate(wave, FS), pulse[seconds].mean(), saturation[seconds].mean(), ratio[0] / ratio[1]]
        )
    return np.array(rows)


def test_ten_people_read_within_a_few_beats_of_their_chest_straps(welltory):
    by_spectrum, by_beats, true = welltory.T
    for name, rates in (("spectrum", by_spectrum), ("beats", by_beats)):
        error = np.abs(rates - true)
        print(
            f"\nwelltory, n = {error.size} people, {name}: MAE {error.mean():.2f}, largest {error.max():.2f} per minute"
        )
    assert welltory.shape[0] == 10
    assert np.mean(np.abs(by_spectrum - true)) < 3
    assert np.mean(np.abs(by_beats - true)) < 1.5


def test_over_a_minute_and_more_the_mean_of_the_beats_is_nearer_than_the_strongest_rhythm(welltory):
    """A rate that wanders has one mean and no single peak."""
    by_spectrum, by_beats, true = welltory.T
    assert np.mean(np.abs(by_beats - true)) < np.mean(np.abs(by_spectrum - true))


def test_one_person_is_read_while_oxygen_falls(oximetry):
    rate, true, saturation, _ = oximetry.T
    error = np.abs(rate - true)
    print(f"\nuw_oximetry, n = 1 person, {error.size} windows of 30 s: MAE {error.mean():.2f} per minute")
    assert saturation.max() - saturation.min() > 25
    assert error.mean() < 2


def test_the_plain_ratio_of_a_cameras_red_and_green_does_not_follow_the_oxygen_of_this_finger(oximetry):
    """Lesson 01 says that red pulses too weakly in a camera; here is one finger for which that shows (n = 1)."""
    *_, saturation, ratio = oximetry.T
    r = np.corrcoef(saturation, ratio)[0, 1]
    print(f"\nuw_oximetry, n = 1 person, {ratio.size} windows of 30 s: red over green against saturation, r = {r:.2f}")
    assert abs(r) < 0.5
