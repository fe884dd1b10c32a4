"""How good is it, honestly? Errors of rates and waves, agreement, and how sure one may be: arrays in, numbers out.

Rates are in beats per minute, one per window, `predicted` and `true` in the same order. The true rate is the one that
the *same* estimator reads from the reference wave over the same window. A window for which a method gives no rate (NaN)
counts as `missing` and is left out of the errors; a missing truth is refused.

Windows of one person are alike, so the windows are not that many independent trials: every interval here draws people.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np

FAR_OFF = 5.0  # beats per minute: an error beyond this is a wrong reading, most often another octave or a motion

Statistic = Callable[..., np.ndarray]


def _pair(predicted: np.ndarray, true: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both as float64 of one shape (n,), or a ValueError that says what is wrong."""
    predicted, true = np.asarray(predicted, dtype=np.float64), np.asarray(true, dtype=np.float64)
    if predicted.shape != true.shape or predicted.ndim != 1:
        raise ValueError(f"predicted {predicted.shape} and true {true.shape} must be two arrays of one shape (n,)")
    if predicted.size == 0:
        raise ValueError("there is not a single rate to compare")
    if not np.all(np.isfinite(true)):
        raise ValueError(f"{np.count_nonzero(~np.isfinite(true))} true rates are NaN or infinite: mend the reference")
    if np.any(np.isinf(predicted)):
        raise ValueError(f"{np.count_nonzero(np.isinf(predicted))} predicted rates are infinite")
    return predicted, true


def _correlation(first: np.ndarray, second: np.ndarray, axis: int = -1) -> np.ndarray:
    """Pearson's r along an axis; NaN where either does not vary."""
    a = first - first.mean(axis=axis, keepdims=True)
    b = second - second.mean(axis=axis, keepdims=True)
    scale_a, scale_b = np.sqrt(np.sum(a * a, axis=axis)), np.sqrt(np.sum(b * b, axis=axis))
    # beyond the rounding of the values themselves
    varies = (scale_a > 1e-12 * np.abs(first).max(axis=axis)) & (scale_b > 1e-12 * np.abs(second).max(axis=axis))
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.sum(a * b, axis=axis) / (scale_a * scale_b)
    return np.where(varies, np.clip(r, -1.0, 1.0), np.nan)


# Each takes predicted and true (..., n) and works along the last axis.
_ERRORS: dict[str, Statistic] = {
    "MAE": lambda p, t: np.mean(np.abs(p - t), axis=-1),
    "RMSE": lambda p, t: np.sqrt(np.mean((p - t) ** 2, axis=-1)),
    "MAPE": lambda p, t: 100 * np.mean(np.abs(p - t) / t, axis=-1),
    "r": _correlation,
    "median": lambda p, t: np.median(np.abs(p - t), axis=-1),
    "over_5": lambda p, t: np.mean(np.abs(p - t) > FAR_OFF, axis=-1),
}


def errors(predicted_bpm: np.ndarray, true_bpm: np.ndarray) -> dict[str, float]:
    """Errors of predicted rates (n,) against true ones (n,), both per minute.

    MAE and RMSE: mean absolute and root-mean-square error, per minute. MAPE: mean absolute error in per cent of the
    true rate. r: Pearson's correlation of the *rates* (not of the waves); NaN where it is undefined, with fewer than
    two rates or when either side never varies. median: median absolute error. over_5: share (0 to 1) of windows that
    are off by more than 5 per minute. n: windows counted. missing: windows without a prediction (NaN), not counted.

    A few octave errors make a mean: read the median and over_5 beside it. All errors are NaN when every prediction is
    missing. Raises ValueError for arrays of different lengths, none at all, or a truth that is missing or not positive.
    """
    predicted, true = _pair(predicted_bpm, true_bpm)
    if np.any(true <= 0):
        raise ValueError("true rates must be positive")
    given = ~np.isnan(predicted)
    n = int(np.count_nonzero(given))
    if n:
        found = {name: float(statistic(predicted[given], true[given])) for name, statistic in _ERRORS.items()}
    else:
        found = dict.fromkeys(_ERRORS, float("nan"))
    return {**found, "n": n, "missing": int(given.size - n)}


def per_subject(
    predicted_bpm: np.ndarray, true_bpm: np.ndarray, subjects: Sequence[Hashable]
) -> list[dict[str, object]]:
    """One row per person, in order of first appearance: {"subject", "bias", and everything of `errors`}."""
    predicted, true = _pair(predicted_bpm, true_bpm)
    names, members = _members(subjects, predicted.size)
    rows = []
    for name, index in zip(names, members, strict=True):
        found = errors(predicted[index], true[index])
        bias = float(np.nanmean(predicted[index] - true[index])) if found["n"] else float("nan")
        rows.append({"subject": name, "bias": bias, **found})
    return rows


# --- how sure --------------------------------------------------------------------------------------------------------


def _members(subjects: Sequence[Hashable], values: int) -> tuple[list[Hashable], list[np.ndarray]]:
    """The different subjects in order of appearance, and the positions of each one's values."""
    subjects = subjects.tolist() if isinstance(subjects, np.ndarray) else list(subjects)
    if len(subjects) != values:
        raise ValueError(f"{len(subjects)} subjects for {values} values: give the subject of every value")
    positions: dict[Hashable, list[int]] = {}
    for i, subject in enumerate(subjects):
        positions.setdefault(subject, []).append(i)
    return list(positions), [np.array(index) for index in positions.values()]


def _resamples(members: list[np.ndarray], draws: int, seed: int):
    """Yield blocks (k, m) of positions: each row the values of as many people as there are, drawn with replacement.

    People with different numbers of values give rows of different lengths; rows of one length come in one block.
    """
    if len(members) < 2:
        raise ValueError("an interval over subjects needs at least 2 subjects: one person says nothing about others")
    sizes = np.array([index.size for index in members])
    width = sizes.max()
    table = np.stack([np.pad(index, (0, width - index.size)) for index in members])
    filled = np.arange(width) < sizes[:, None]
    drawn = np.random.default_rng(seed).integers(len(members), size=(draws, len(members)))
    totals = sizes[drawn].sum(axis=1)
    for total in np.unique(totals):
        rows = drawn[totals == total]
        for start in range(0, len(rows), max(1, 2_000_000 // int(total))):  # at most some 16 MB at a time
            some = rows[start : start + max(1, 2_000_000 // int(total))]
            yield table[some][filled[some]].reshape(len(some), total)


def _interval(estimates: np.ndarray, level: float) -> tuple[float, float]:
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level!r}")
    estimates = estimates[~np.isnan(estimates)]  # a statistic that a resample leaves undefined, such as r of one rate
    if not estimates.size:
        return float("nan"), float("nan")
    low, high = np.quantile(estimates, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def bootstrap_interval(
    values: np.ndarray,
    subjects: Sequence[Hashable],
    statistic: Statistic = np.mean,
    *,
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """Interval (low, high) of a statistic of values (n,) or (n, k), by drawing *subjects* with replacement.

    Percentile bootstrap over clusters (Field & Welsh, J. R. Stat. Soc. B 69 (2007) 369). `subjects` names the person of
    each value. `statistic(samples, axis=1)` takes many samples at once, (draws, n) or (draws, n, k), as `np.mean` and
    `np.median` do. The same seed gives the same interval. With few people (under ten or so) it comes out too narrow.

    Raises ValueError with fewer than two subjects, NaN among the values, or lengths that differ.
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim not in (1, 2) or not len(values):
        raise ValueError(f"values must be (n,) or (n, k), not {values.shape}")
    if np.isnan(values).any():
        raise ValueError("there are NaN among the values: leave them out, with their subjects, and say how many")
    _, members = _members(subjects, len(values))
    blocks = [np.asarray(statistic(values[rows], axis=1)) for rows in _resamples(members, draws, seed)]
    return _interval(np.concatenate(blocks), level)


def error_intervals(
    predicted_bpm: np.ndarray,
    true_bpm: np.ndarray,
    subjects: Sequence[Hashable],
    *,
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> dict[str, tuple[float, float]]:
    """`bootstrap_interval` for MAE, RMSE, MAPE, r, median and over_5 of `errors`, all over the same draws of people.

    Windows without a prediction are left out, as in `errors`. Raises ValueError as these two do.
    """
    predicted, true = _pair(predicted_bpm, true_bpm)
    if np.any(true <= 0):
        raise ValueError("true rates must be positive")
    _, members = _members(subjects, predicted.size)
    members = [index[~np.isnan(predicted[index])] for index in members]
    members = [index for index in members if index.size]
    estimates: dict[str, list[np.ndarray]] = {name: [] for name in _ERRORS}
    for rows in _resamples(members, draws, seed):
        for name, statistic in _ERRORS.items():
            estimates[name].append(statistic(predicted[rows], true[rows]))
    return {name: _interval(np.concatenate(blocks), level) for name, blocks in estimates.items()}


def bland_altman(predicted: np.ndarray, true: np.ndarray) -> tuple[float, float, float]:
    """Bias (predicted − true) and its 95 % limits of agreement: (bias, low, high) = mean, mean ∓ 1.96 · SD.

    Bland & Altman, Lancet 327 (1986) 307: SD of the differences with n − 1, and no √2. Missing predictions (NaN) are
    left out. Raises ValueError with fewer than two pairs.
    """
    predicted, true = _pair(predicted, true)
    difference = (predicted - true)[~np.isnan(predicted)]
    if difference.size < 2:
        raise ValueError("limits of agreement need at least 2 pairs of rates")
    bias, spread = float(difference.mean()), float(1.96 * difference.std(ddof=1))
    return bias, bias - spread, bias + spread


# --- waves -----------------------------------------------------------------------------------------------------------


def _waves(predicted: np.ndarray, true: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    predicted, true = np.asarray(predicted, dtype=np.float64), np.asarray(true, dtype=np.float64)
    if predicted.shape != true.shape or predicted.ndim == 0 or predicted.shape[-1] < 2:
        raise ValueError(f"waves must have one shape (..., T) with T ≥ 2, not {predicted.shape} and {true.shape}")
    if not (np.all(np.isfinite(predicted)) and np.all(np.isfinite(true))):
        raise ValueError("a wave has values that are NaN or infinite")
    return predicted, true


def wave_lag(predicted: np.ndarray, true: np.ndarray, fs: float, max_lag: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """By how many seconds (...) predicted waves (..., T) come after the true ones, and Pearson's r (...) there.

    Every shift of whole samples up to ± max_lag s is tried, over the samples that both then have, and the highest r
    taken. A finger's pulse comes later than a face's. The more shifts are tried, the higher r gets by chance alone; and
    a shift of a whole beat fits as well as none, so keep max_lag below half a beat.
    Where a wave does not vary, lag and r are NaN.

    Raises ValueError for shapes that differ, values that are not finite, or a lag that leaves less than half the wave.
    """
    predicted, true = _waves(predicted, true)
    most = round(max_lag * fs)
    samples = predicted.shape[-1]
    if most < 0 or most > samples // 2:
        raise ValueError(f"max_lag of {max_lag:g} s must lie between 0 and half of the wave's {samples / fs:.2f} s")
    shifts = np.array(sorted(range(-most, most + 1), key=abs))  # of two equal correlations the smaller shift wins
    r = np.stack(
        [
            _correlation(predicted[..., max(k, 0) : samples + min(k, 0)], true[..., max(-k, 0) : samples - max(k, 0)])
            for k in shifts
        ]
    )
    best = np.argmax(np.where(np.isnan(r), -np.inf, np.round(r, 9)), axis=0)
    highest = np.take_along_axis(r, best[None], axis=0)[0]
    return np.where(np.isnan(highest), np.nan, shifts[best] / fs)[()], highest[()]


def wave_correlation(
    predicted: np.ndarray, true: np.ndarray, fs: float | None = None, max_lag: float = 0.0
) -> np.ndarray:
    """Pearson's r (...) between waves (..., T): at no lag, or the best within ± max_lag seconds (which needs fs).

    NaN where a wave does not vary. Negative r: the wave is upside down. See `wave_lag`. Raises ValueError as it does.
    """
    if max_lag == 0.0:
        return _correlation(*_waves(predicted, true))[()]
    if fs is None:
        raise ValueError("a lag in seconds needs the sampling rate: give fs")
    return wave_lag(predicted, true, fs, max_lag)[1]


def interval_errors(predicted_beats: np.ndarray, true_beats: np.ndarray, tolerance: float = 0.15) -> dict[str, float]:
    """Errors of the times between beats, from predicted (m,) and true (n,) beat times in s.

    Predicted and true beats are matched one to one: nearest to each other both ways, and within `tolerance` s of the
    median delay (a finger is later than a face; that is no error). An interval counts where two beats in a row are
    matched on both sides.

    MAE and RMSE of these intervals in ms; mean_difference: the difference of the two mean intervals in ms, over all
    beats (RePSS scored this one); lag: median delay of predicted after true beats in ms; missed and extra: beats
    without a partner; n: intervals compared. What cannot be computed is NaN.

    Raises ValueError for times that are not finite or do not increase.
    """
    predicted, true = (np.asarray(beats, dtype=np.float64) for beats in (predicted_beats, true_beats))
    for name, beats in (("predicted", predicted), ("true", true)):
        if beats.ndim != 1 or not np.all(np.isfinite(beats)) or np.any(np.diff(beats) <= 0):
            raise ValueError(f"{name}_beats must be finite, strictly increasing times in seconds, shape (n,)")
    result = dict.fromkeys(("MAE", "RMSE", "mean_difference", "lag"), float("nan"))
    if predicted.size > 1 and true.size > 1:
        result["mean_difference"] = float(1000 * (np.diff(predicted).mean() - np.diff(true).mean()))
    i, j = np.empty(0, dtype=int), np.empty(0, dtype=int)
    if predicted.size and true.size:
        distance = np.abs(predicted[:, None] - true)
        i = np.arange(predicted.size)
        j = distance.argmin(axis=1)
        mutual = distance.argmin(axis=0)[j] == i
        i, j = i[mutual], j[mutual]
        delay = predicted[i] - true[j]
        lag = np.median(delay)
        result["lag"] = float(1000 * lag)
        close = np.abs(delay - lag) <= tolerance
        i, j = i[close], j[close]
    follow = (np.diff(i) == 1) & (np.diff(j) == 1)
    n = int(np.count_nonzero(follow))
    if n:
        off = 1000 * (np.diff(predicted[i]) - np.diff(true[j]))[follow]
        result["MAE"], result["RMSE"] = float(np.abs(off).mean()), float(np.sqrt(np.mean(off**2)))
    return {**result, "missed": int(true.size - j.size), "extra": int(predicted.size - i.size), "n": n}
