"""Every number against scipy or its formula written out; every interval against what it promises."""

import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from rppg_lab.evaluation import (
    bland_altman,
    bootstrap_interval,
    error_intervals,
    errors,
    interval_errors,
    per_subject,
    wave_correlation,
    wave_lag,
)

RNG = np.random.default_rng(11)
TRUE = RNG.uniform(45, 150, 180)
PREDICTED = TRUE + RNG.normal(0.5, 2, 180)
PREDICTED[::20] /= 2  # a few octave errors
PEOPLE = np.repeat([f"made-lab-{i:04d}" for i in range(30)], 6)
rates = st.lists(st.tuples(st.floats(40, 200), st.floats(40, 200)), min_size=1, max_size=30)


# --- errors ----------------------------------------------------------------------------------------------------------


def test_errors_agree_with_scipy_and_the_formulas():
    found = errors(PREDICTED, TRUE)
    off = [abs(p - t) for p, t in zip(PREDICTED, TRUE, strict=True)]
    assert found["MAE"] == pytest.approx(sum(off) / 180, abs=1e-6)
    assert found["RMSE"] == pytest.approx((sum(e**2 for e in off) / 180) ** 0.5, abs=1e-6)
    assert found["MAPE"] == pytest.approx(100 * sum(e / t for e, t in zip(off, TRUE, strict=True)) / 180, abs=1e-6)
    assert found["r"] == pytest.approx(stats.pearsonr(PREDICTED, TRUE).statistic, abs=1e-6)
    assert found["median"] == pytest.approx(stats.scoreatpercentile(off, 50), abs=1e-6)
    assert found["over_5"] == pytest.approx(sum(e > 5 for e in off) / 180, abs=1e-6)
    assert (found["n"], found["missing"]) == (180, 0)
    json.dumps(found)  # plain numbers, fit for a report


def test_a_few_octave_errors_make_the_mean_and_not_the_median():
    found = errors(PREDICTED, TRUE)
    assert found["MAE"] > 2 * found["median"]
    assert found["over_5"] == pytest.approx(0.05, abs=0.03)
    assert errors([65.0, 65.1], [60.0, 60.0])["over_5"] == 0.5, "5 is not more than 5"


@given(pairs=rates)
def test_rmse_is_never_below_mae_and_swapping_changes_neither(pairs):
    predicted, true = np.array(pairs).T
    found, swapped = errors(predicted, true), errors(true, predicted)
    assert found["RMSE"] >= found["MAE"] - 1e-9
    assert found["MAE"] == pytest.approx(swapped["MAE"])
    assert np.isnan(found["r"]) or -1 <= found["r"] <= 1


def test_r_is_nan_where_it_is_undefined():
    assert np.isnan(errors(np.full(9, 72.1), TRUE[:9])["r"]), "always saying the mean has no correlation"
    assert np.isnan(errors(TRUE[:9], np.full(9, 0.1))["r"])
    assert np.isnan(errors([70.0], [72.0])["r"])
    assert errors(2 * TRUE, TRUE)["r"] == pytest.approx(1)
    assert errors(300 - TRUE, TRUE)["r"] == pytest.approx(-1)


def test_missing_predictions_are_counted_and_not_hidden():
    predicted = PREDICTED.copy()
    predicted[:30] = np.nan
    found = errors(predicted, TRUE)
    assert (found["n"], found["missing"]) == (150, 30)
    assert found["MAE"] == pytest.approx(np.abs(PREDICTED - TRUE)[30:].mean())
    nothing = errors(np.full(4, np.nan), TRUE[:4])
    assert (nothing["n"], nothing["missing"]) == (0, 4)
    assert np.isnan([nothing[name] for name in ("MAE", "RMSE", "MAPE", "r", "median", "over_5")]).all()


def test_what_cannot_be_compared_is_refused():
    for predicted, true, message in (
        (TRUE[:3], TRUE[:4], r"predicted \(3,\) and true \(4,\)"),
        (TRUE[:4, None], TRUE[:4, None], "one shape"),
        ([], [], "not a single rate"),
        ([70.0], [np.nan], "1 true rates are NaN"),
        ([np.inf], [70.0], "1 predicted rates are infinite"),
        ([70.0], [0.0], "must be positive"),
    ):
        with pytest.raises(ValueError, match=message):
            errors(predicted, true)


def test_the_table_per_subject_adds_up_to_the_whole():
    order = RNG.permutation(180)
    table = per_subject(PREDICTED[order], TRUE[order], PEOPLE[order])
    assert len(table) == 30
    assert table[0]["subject"] == PEOPLE[order][0]
    json.dumps(per_subject(PREDICTED, TRUE, np.repeat(np.arange(30), 6)))
    assert sum(row["n"] * row["MAE"] for row in table) / 180 == pytest.approx(errors(PREDICTED, TRUE)["MAE"])
    assert sum(row["n"] * row["bias"] for row in table) / 180 == pytest.approx((PREDICTED - TRUE).mean())
    one = next(row for row in table if row["subject"] == "made-lab-0004")
    assert one["median"] == pytest.approx(np.median(np.abs(PREDICTED - TRUE)[PEOPLE == "made-lab-0004"]))
    lost = per_subject([np.nan, 70.0], [70.0, 70.0], ["a", "b"])
    assert lost[0]["missing"] == 1
    assert np.isnan(lost[0]["bias"])
    with pytest.raises(ValueError, match="179 subjects for 180 values"):
        per_subject(PREDICTED, TRUE, PEOPLE[1:])


# --- intervals -------------------------------------------------------------------------------------------------------


def test_the_interval_equals_a_plain_loop_over_people():
    values = np.abs(PREDICTED - TRUE)
    drawn = np.random.default_rng(0).integers(30, size=(2000, 30))
    names = list(dict.fromkeys(PEOPLE))
    groups = [values[name == PEOPLE] for name in names]
    for statistic in (np.mean, np.median):
        plain = [statistic(np.concatenate([groups[i] for i in row])) for row in drawn]
        expected = np.quantile(plain, [0.025, 0.975])
        assert bootstrap_interval(values, PEOPLE, statistic) == pytest.approx(tuple(expected), abs=1e-9)


def test_people_with_different_numbers_of_windows_keep_their_weight():
    values, people = np.abs(PREDICTED - TRUE)[:40], np.repeat([1, 2, 3, 4, 5], [2, 4, 8, 10, 16])
    drawn = np.random.default_rng(3).integers(5, size=(500, 5))
    plain = [np.mean(np.concatenate([values[people == i + 1] for i in row])) for row in drawn]
    found = bootstrap_interval(values, people, np.mean, draws=500, seed=3)
    assert found == pytest.approx(tuple(np.quantile(plain, [0.025, 0.975])), abs=1e-9)


def test_the_interval_covers_the_truth_about_as_often_as_it_says_and_a_naive_one_does_not():
    rng = np.random.default_rng(5)
    people = np.repeat(np.arange(25), 8)
    covered, naive = 0, 0
    for trial in range(100):
        values = np.repeat(rng.normal(0, 1, 25), 8) + rng.normal(0, 0.5, 200)  # people differ; their windows are alike
        low, high = bootstrap_interval(values, people, np.mean, draws=300, seed=trial)
        covered += low <= 0 <= high
        low, high = bootstrap_interval(values, np.arange(200), np.mean, draws=300, seed=trial)
        naive += low <= 0 <= high
    assert 0.86 <= covered / 100 <= 0.99
    assert naive / 100 < 0.7


def test_the_interval_is_seeded_wider_for_a_higher_level_and_takes_pairs():
    values = np.abs(PREDICTED - TRUE)
    assert bootstrap_interval(values, PEOPLE, seed=1) == bootstrap_interval(values, PEOPLE, seed=1)
    assert bootstrap_interval(values, PEOPLE, seed=1) != bootstrap_interval(values, PEOPLE, seed=2)
    wide, narrow = bootstrap_interval(values, PEOPLE, level=0.99), bootstrap_interval(values, PEOPLE, level=0.5)
    assert wide[0] < narrow[0] < values.mean() < narrow[1] < wide[1]

    def rmse(pairs, axis):
        return np.sqrt(np.mean((pairs[..., 0] - pairs[..., 1]) ** 2, axis=axis))

    pairs = np.stack([PREDICTED, TRUE], axis=1)
    together = error_intervals(PREDICTED, TRUE, PEOPLE)
    assert bootstrap_interval(pairs, PEOPLE, rmse) == pytest.approx(together["RMSE"])
    assert bootstrap_interval(values, PEOPLE) == pytest.approx(together["MAE"])
    found = errors(PREDICTED, TRUE)
    assert set(together) == set(found) - {"n", "missing"}
    for name, (low, high) in together.items():
        assert low <= found[name] <= high, name


def test_intervals_leave_missing_predictions_out_and_refuse_the_rest():
    predicted = PREDICTED.copy()
    predicted[:8] = np.nan  # all six windows of the first person, two of the second
    assert error_intervals(predicted, TRUE, PEOPLE)["MAE"] == pytest.approx(
        bootstrap_interval(np.abs(PREDICTED - TRUE)[8:], PEOPLE[8:])
    )
    with pytest.raises(ValueError, match="NaN among the values"):
        bootstrap_interval(predicted, PEOPLE)
    with pytest.raises(ValueError, match="at least 2 subjects"):
        bootstrap_interval(TRUE[:6], PEOPLE[:6])
    with pytest.raises(ValueError, match="subjects for 180 values"):
        error_intervals(PREDICTED, TRUE, PEOPLE[1:])
    with pytest.raises(ValueError, match="level must lie"):
        bootstrap_interval(TRUE, PEOPLE, level=95)


def test_bland_altman_limits_are_not_widened():
    bias, low, high = bland_altman(PREDICTED, TRUE)
    difference = PREDICTED - TRUE
    assert bias == pytest.approx(difference.sum() / 180, abs=1e-6)
    spread = 1.96 * stats.tstd(difference)
    assert (low, high) == (pytest.approx(bias - spread, abs=1e-6), pytest.approx(bias + spread, abs=1e-6))
    normal = np.random.default_rng(0).normal(1, 3, 4000)
    bias, low, high = bland_altman(80 + normal, np.full(4000, 80.0))
    assert np.mean((normal > low) & (normal < high)) == pytest.approx(0.95, abs=0.01)
    with pytest.raises(ValueError, match="at least 2 pairs"):
        bland_altman([70.0, np.nan], [71.0, 72.0])


# --- waves -----------------------------------------------------------------------------------------------------------

FS = 30.0
TIME = np.arange(600) / FS
WAVE = np.sin(2 * np.pi * 1.2 * TIME) + 0.4 * np.sin(2 * np.pi * 2.4 * TIME + 1) + 0.1 * RNG.normal(size=600)


def test_wave_correlation_agrees_with_scipy():
    other = WAVE + RNG.normal(size=(4, 600))
    found = wave_correlation(other, np.broadcast_to(WAVE, (4, 600)))
    assert found == pytest.approx([stats.pearsonr(row, WAVE).statistic for row in other], abs=1e-6)


@given(gain=st.floats(0.01, 100), offset=st.floats(-1000, 1000))
def test_wave_correlation_ignores_gain_and_offset_and_shows_polarity(gain, offset):
    assert wave_correlation(gain * WAVE + offset, WAVE) == pytest.approx(1, abs=1e-9)
    assert wave_correlation(-gain * WAVE + offset, WAVE) == pytest.approx(-1, abs=1e-9)


@pytest.mark.parametrize("frames", [-6, 0, 5])
def test_a_late_wave_is_found_to_be_late(frames):
    predicted = np.roll(WAVE, frames)
    lag, r = wave_lag(predicted, WAVE, FS, max_lag=0.3)
    assert lag == pytest.approx(frames / FS)
    assert r == pytest.approx(1, abs=1e-9)
    assert wave_correlation(predicted, WAVE, FS, max_lag=0.3) == r
    if frames:
        assert wave_correlation(predicted, WAVE) < 0.5


def test_of_equal_lags_the_smallest_is_taken():
    periodic = np.tile(RNG.normal(size=10), 60)
    assert wave_lag(periodic, periodic, FS, max_lag=0.5)[0] == 0


def test_waves_that_cannot_correlate():
    flat = np.full(600, 0.1)
    assert np.isnan(wave_correlation(flat, WAVE))
    assert np.isnan(wave_lag(WAVE, flat, FS)).all()
    with pytest.raises(ValueError, match="give fs"):
        wave_correlation(WAVE, WAVE, max_lag=0.2)
    with pytest.raises(ValueError, match="one shape"):
        wave_correlation(WAVE, WAVE[1:])
    with pytest.raises(ValueError, match="NaN"):
        wave_correlation(np.where(TIME < 1, np.nan, WAVE), WAVE)
    with pytest.raises(ValueError, match="half of the wave"):
        wave_lag(WAVE, WAVE, FS, max_lag=30.0)


# --- beats -----------------------------------------------------------------------------------------------------------

BEATS = np.cumsum(RNG.normal(0.85, 0.04, 60))


def test_a_constant_delay_is_no_error_of_intervals():
    found = interval_errors(BEATS + 0.25, BEATS)
    assert found["MAE"] == pytest.approx(0, abs=1e-9)
    assert found["lag"] == pytest.approx(250)
    assert (found["missed"], found["extra"], found["n"]) == (0, 0, 59)


def test_interval_errors_are_those_of_the_formula():
    shaken = BEATS + RNG.normal(0, 0.01, 60)
    found = interval_errors(shaken, BEATS)
    off = 1000 * (np.diff(shaken) - np.diff(BEATS))
    assert found["MAE"] == pytest.approx(np.abs(off).mean(), abs=1e-6)
    assert found["RMSE"] == pytest.approx(np.sqrt((off**2).mean()), abs=1e-6)
    assert found["mean_difference"] == pytest.approx(off.mean(), abs=1e-6)


def test_missed_and_extra_beats_are_counted_and_spoil_no_interval():
    predicted = np.sort(np.append(np.delete(BEATS, [10, 30]), [BEATS[20] + 0.4, BEATS[45] + 0.4]))
    found = interval_errors(predicted, BEATS)
    assert (found["missed"], found["extra"]) == (2, 2)
    assert found["MAE"] == pytest.approx(0, abs=1e-9)
    assert found["n"] == 59 - 4 - 2  # two intervals beside each missed beat, one across each extra beat


def test_no_beats_give_nan_and_unordered_beats_are_refused():
    found = interval_errors(np.empty(0), BEATS)
    assert np.isnan([found["MAE"], found["lag"], found["mean_difference"]]).all()
    assert (found["missed"], found["extra"], found["n"]) == (60, 0, 0)
    assert interval_errors(BEATS[:1], BEATS)["n"] == 0
    with pytest.raises(ValueError, match="predicted_beats must be"):
        interval_errors(BEATS[::-1], BEATS)


# --- other people's metrics -----------------------------------------------------------------------------------------


def test_errors_and_wave_correlation_agree_with_torchmetrics():
    from torchmetrics import functional as other

    predicted, true = torch.from_numpy(PREDICTED), torch.from_numpy(TRUE)
    found = errors(PREDICTED, TRUE)
    assert found["MAE"] == pytest.approx(other.mean_absolute_error(predicted, true).item(), abs=1e-6)
    assert found["RMSE"] == pytest.approx(other.mean_squared_error(predicted, true, squared=False).item(), abs=1e-6)
    percentage = other.mean_absolute_percentage_error(predicted, true).item()
    assert found["MAPE"] == pytest.approx(100 * percentage, rel=1e-6)
    assert found["r"] == pytest.approx(other.pearson_corrcoef(predicted, true).item(), abs=1e-6)
    waves = np.random.default_rng(3).standard_normal((2, 600))
    theirs = other.pearson_corrcoef(*torch.from_numpy(waves)).item()
    assert wave_correlation(waves[0], waves[1], max_lag=0) == pytest.approx(theirs, abs=1e-6)
