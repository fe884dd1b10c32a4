"""Right and wrong answers to the exercises of lesson 12."""

import math
import random
import statistics

import numpy as np
import torch
from answers import right, wrong
from scipy import signal, stats

from rppg_lab import evaluation, spectrum
from rppg_lab.checks import diagnosing, judging

# --- 12.1 Cut a wave into complete windows ---------------------------------------------------------------------------


@right("12.1")
def reshaped(wave, fs, window):
    length = round(window * fs)
    n = len(wave) // length
    return wave[: n * length].reshape(n, length)


@right("12.1")
def collected_in_a_loop(wave, fs, window):
    length = int(window * fs)
    pieces = []
    start = 0
    while start + length <= len(wave):
        pieces.append(wave[start : start + length])
        start += length
    return np.array(pieces)


@right("12.1")
def with_indices(wave, fs, window):
    length = round(fs * window)
    starts = np.arange(0, len(wave) - length + 1, length)
    return wave[starts[:, None] + np.arange(length)]


@right("12.1")
def with_a_strided_view(wave, fs, window):
    length = round(float(window * fs))
    return np.lib.stride_tricks.sliding_window_view(wave, length)[::length]


@right("12.1")
def with_torch_unfold(wave, fs, window):
    length = round(window * fs)
    return torch.as_tensor(wave).unfold(0, length, length)


@right("12.1")
def split_and_sifted(wave, fs, window):
    length = round(window * fs)
    pieces = np.split(wave, range(length, len(wave), length))
    return np.stack([piece for piece in pieces if piece.size == length])


@wrong("12.1", "a short last window is kept")
def split_and_all_kept(wave, fs, window):
    length = round(window * fs)
    return [wave[i : i + length] for i in range(0, len(wave), length)]


@wrong("12.1", "a short last window is kept")
def filled_up_with_zeros(wave, fs, window):
    length = round(window * fs)
    missing = -len(wave) % length
    return np.concatenate([wave, np.zeros(missing)]).reshape(-1, length)


@wrong("12.1", "the last complete window is lost")
def range_ends_too_early(wave, fs, window):
    length = round(window * fs)
    return np.array([wave[i : i + length] for i in range(0, len(wave) - length, length)])


@wrong("12.1", "seconds taken for samples")
def without_the_rate(wave, fs, window):
    length = int(window)
    n = len(wave) // length
    return wave[: n * length].reshape(n, length)


@wrong("12.1", "each window takes every n-th sample")
def reshaped_and_turned(wave, fs, window):
    length = round(window * fs)
    n = len(wave) // length
    return wave[: n * length].reshape(length, n).T


@wrong("12.1", "each window takes every n-th sample")
def reshaped_the_wrong_way(wave, fs, window):
    length = round(window * fs)
    n = len(wave) // length
    return wave[: n * length].reshape(length, n)


@wrong("12.1", "windows overlap")
def half_overlapping(wave, fs, window):
    length = round(window * fs)
    return np.array([wave[i : i + length] for i in range(0, len(wave) - length + 1, length // 2)])


@wrong("12.1", "windows overlap")
def one_for_each_sample(wave, fs, window):
    return np.lib.stride_tricks.sliding_window_view(wave, round(window * fs)).copy()


@wrong("12.1", "the beginning is left out, not the end")
def aligned_to_the_end(wave, fs, window):
    length = round(window * fs)
    return wave[len(wave) % length :].reshape(-1, length)


@wrong("12.1", "windows longer than asked for")
def shared_out_evenly(wave, fs, window):
    n = int(len(wave) / fs // window)
    return np.array_split(wave, n)


@wrong("12.1", diagnosing.TRANSPOSED)
def windows_in_columns(wave, fs, window):
    length = round(window * fs)
    n = len(wave) // length
    return wave[: n * length].reshape(n, length).T


@wrong("12.1", diagnosing.LIST)
def in_a_list(wave, fs, window):
    length = round(window * fs)
    return [wave[i : i + length] for i in range(0, len(wave) - length + 1, length)]


@wrong("12.1", diagnosing.ERROR)
def counted_with_a_float(wave, fs, window):
    length = window * fs
    return wave[: len(wave) // length * length].reshape(-1, length)


@wrong("12.1", diagnosing.SHAPE)
def the_first_window_only(wave, fs, window):
    return wave[: round(window * fs)]


@wrong("12.1", judging.PACKAGE_OWN)
def the_package_cuts(wave, fs, window):
    return spectrum.cut_windows(wave, fs, window)


# --- 12.2 The heart rate of a window ---------------------------------------------------------------------------------


@right("12.2")
def from_the_package_spectrum(wave, fs):
    frequency, power = spectrum.power_spectrum(wave, fs)
    inside = (frequency >= 0.7) & (frequency <= 4.0)
    return 60 * frequency[inside][power[inside].argmax()]


@right("12.2")
def with_zeros_appended(wave, fs):
    wave = (wave - wave.mean()) * np.hanning(len(wave))
    size = 16384
    power = np.abs(np.fft.rfft(wave, size)) ** 2
    frequency = np.fft.rfftfreq(size, 1 / fs)
    power[(frequency < 0.7) | (frequency > 4)] = 0
    return float(frequency[np.argmax(power)] * 60)


@right("12.2")
def with_scipy_periodogram(wave, fs):
    frequency, power = signal.periodogram(wave, fs, window="hamming", nfft=8192, detrend="constant")
    best, rate = -1.0, 0.0
    for one, strength in zip(frequency, power, strict=True):
        if 0.7 <= one <= 4.0 and strength > best:
            best, rate = strength, 60 * one
    return rate


@right("12.2")
def interpolated_with_a_parabola(wave, fs):
    wave = (wave - wave.mean()) * np.hanning(len(wave))
    power = np.log(np.abs(np.fft.rfft(wave)) + 1e-12)
    frequency = np.fft.rfftfreq(len(wave), 1 / fs)
    inside = np.flatnonzero((frequency > 0.7) & (frequency < 4))
    i = inside[power[inside].argmax()]
    a, b, c = power[i - 1 : i + 2]
    return 60 * (frequency[i] + 0.5 * (a - c) / (a - 2 * b + c) * frequency[1])


@right("12.2")
def every_rate_tried(wave, fs):
    time = np.arange(len(wave)) / fs
    rates = np.arange(42, 240, 0.25)
    taper = (wave - wave.mean()) * np.hanning(len(wave))
    strength = [abs(np.sum(taper * np.exp(-2j * np.pi * rate / 60 * time))) for rate in rates]
    return rates[int(np.argmax(strength))]


@right("12.2")
def with_torch(wave, fs):
    wave = torch.as_tensor(wave - np.mean(wave)) * torch.hann_window(len(wave), dtype=torch.float64)
    power = torch.fft.rfft(wave, 1 << 14).abs()
    frequency = torch.fft.rfftfreq(1 << 14, 1 / fs)
    power[(frequency < 0.7) | (frequency > 4.0)] = 0
    return 60 * frequency[power.argmax()]


@wrong("12.2", "hertz, not beats per minute")
def in_hertz(wave, fs):
    frequency, power = spectrum.power_spectrum(wave, fs)
    inside = (frequency > 0.7) & (frequency < 4)
    return frequency[inside][power[inside].argmax()]


@wrong("12.2", "the place of the peak, not its frequency")
def place_within_the_band(wave, fs):
    frequency, power = spectrum.power_spectrum(wave, fs)
    return int(power[(frequency > 0.7) & (frequency < 4)].argmax())


@wrong("12.2", "the place of the peak, not its frequency")
def place_times_sixty(wave, fs):
    power = np.abs(np.fft.rfft(wave - wave.mean())) ** 2
    frequency = np.fft.rfftfreq(len(wave), 1 / fs)
    power[(frequency < 0.7) | (frequency > 4)] = 0
    return 60 * power.argmax()


@wrong("12.2", "counted within the band, looked up outside it")
def the_wrong_list(wave, fs):
    frequency, power = spectrum.power_spectrum(wave, fs)
    inside = (frequency >= 0.7) & (frequency <= 4)
    return 60 * frequency[np.argmax(power[inside])]


@wrong("12.2", "read off a coarse grid")
def without_zeros(wave, fs):
    power = np.abs(np.fft.rfft(wave - wave.mean())) ** 2
    frequency = np.fft.rfftfreq(len(wave), 1 / fs)
    inside = (frequency >= 0.7) & (frequency <= 4)
    return 60 * frequency[inside][power[inside].argmax()]


@wrong("12.2", "read off a coarse grid")
def next_power_of_two(wave, fs):
    size = 2 ** math.ceil(math.log2(len(wave)))
    frequency, power = signal.periodogram(wave, fs, nfft=size, detrend="constant")
    inside = (frequency >= 0.7) & (frequency <= 4)
    return 60 * frequency[inside][power[inside].argmax()]


@wrong("12.2", "read off a coarse grid")
def welch_as_it_comes(wave, fs):
    frequency, power = signal.welch(wave, fs, nperseg=min(256, len(wave)))
    power[(frequency < 0.7) | (frequency > 4)] = 0
    return 60 * frequency[power.argmax()]


@wrong("12.2", "30 frames per second taken for granted")
def always_thirty(wave, fs):
    frequency, power = spectrum.power_spectrum(wave, 30)
    inside = (frequency > 0.7) & (frequency < 4)
    return 60 * frequency[inside][power[inside].argmax()]


@wrong("12.2", "an octave too high")
def all_peaks_counted(wave, fs):
    smooth = spectrum.bandpass(wave, fs)
    peaks, _ = signal.find_peaks(smooth)
    return 60 * fs / np.median(np.diff(peaks))


@wrong("12.2", "the mean frequency, not the strongest")
def centre_of_gravity(wave, fs):
    frequency, power = spectrum.power_spectrum(wave, fs)
    inside = (frequency > 0.7) & (frequency < 4)
    return 60 * np.average(frequency[inside], weights=power[inside])


@wrong("12.2", "outside the band of the heart")
def highest_of_all(wave, fs):
    frequency, power = spectrum.power_spectrum(wave, fs)
    return 60 * frequency[power.argmax()]


@wrong("12.2", "outside the band of the heart")
def with_the_mean_left_in(wave, fs):
    power = np.abs(np.fft.rfft(wave, 8192)) ** 2
    frequency = np.fft.rfftfreq(8192, 1 / fs)
    return 60 * frequency[power[frequency < 4].argmax()]


@wrong("12.2", diagnosing.TYPE)
def in_words(wave, fs):
    return f"{from_the_package_spectrum(wave, fs):.1f} bpm"


@wrong("12.2", diagnosing.PRINTED)
def printed(wave, fs):
    print(from_the_package_spectrum(wave, fs))


@wrong("12.2", judging.PACKAGE_OWN)
def the_package_reads(wave, fs):
    return spectrum.heart_rate(wave, fs)


# --- 12.3 The errors of the rates ------------------------------------------------------------------------------------


@right("12.3")
def with_numpy(predicted, true):
    away = predicted - true
    size = np.abs(away)
    return {
        "MAE": size.mean(),
        "RMSE": np.sqrt((away**2).mean()),
        "median": np.median(size),
        "r": np.corrcoef(predicted, true)[0, 1],
        "over_5": (size > 5).mean(),
    }


@right("12.3")
def in_loops(predicted, true):
    n = len(predicted)
    sizes, squares, far = [], 0.0, 0
    for p, t in zip(predicted, true, strict=True):
        sizes.append(abs(p - t))
        squares += (p - t) ** 2
        if abs(p - t) > 5:
            far += 1
    mean_p, mean_t = sum(predicted) / n, sum(true) / n
    together = sum((p - mean_p) * (t - mean_t) for p, t in zip(predicted, true, strict=True))
    own = sum((p - mean_p) ** 2 for p in predicted) * sum((t - mean_t) ** 2 for t in true)
    return {
        "MAE": sum(sizes) / n,
        "RMSE": math.sqrt(squares / n),
        "median": statistics.median(sizes),
        "r": together / math.sqrt(own),
        "over_5": far / n,
    }


@right("12.3")
def with_scipy(predicted, true):
    size = abs(predicted - true)
    found = {"MAE": np.average(size), "RMSE": np.linalg.norm(size) / len(size) ** 0.5}
    found["median"] = np.percentile(size, 50)
    found["r"] = stats.pearsonr(predicted, true).statistic
    found["over_5"] = np.count_nonzero(size > 5) / size.size
    return found


@right("12.3")
def with_tensors(predicted, true):
    p, t = torch.tensor(predicted), torch.tensor(true)
    size = (p - t).abs()
    middle = size.sort().values
    half = len(size) // 2
    return {
        "MAE": size.mean(),
        "RMSE": torch.nn.functional.mse_loss(p, t).sqrt(),
        "median": middle[half] if len(size) % 2 else (middle[half - 1] + middle[half]) / 2,
        "r": torch.corrcoef(torch.stack([p, t]))[0, 1],
        "over_5": (size > 5).double().mean(),
    }


def _changed(**wrong_ones):
    """The right errors, and what is wrong in their place."""

    def answer(predicted, true):
        return {**with_numpy(predicted, true), **{name: one(predicted, true) for name, one in wrong_ones.items()}}

    return answer


wrong("12.3", "too high and too low cancel")(_changed(MAE=lambda p, t: np.mean(p - t)))
wrong("12.3", "the signed median")(_changed(median=lambda p, t: np.median(p - t)))
wrong("12.3", "per cent of the rate")(_changed(MAE=lambda p, t: 100 * np.mean(abs(p / t - 1))))
wrong("12.3", "the square is not undone")(_changed(RMSE=lambda p, t: np.mean((p - t) ** 2)))
wrong("12.3", "rooted before the mean")(_changed(RMSE=lambda p, t: np.mean(np.sqrt((p - t) ** 2))))
wrong("12.3", "the spread of the errors")(_changed(RMSE=lambda p, t: np.std(p - t)))
wrong("12.3", "a table of correlations")(_changed(r=lambda p, t: np.corrcoef(p, t)))
wrong("12.3", "r squared")(_changed(r=lambda p, t: stats.linregress(t, p).rvalue ** 2))
wrong("12.3", "only what is too high")(_changed(over_5=lambda p, t: np.mean(p - t > 5)))
wrong("12.3", "exactly 5 is counted too")(_changed(over_5=lambda p, t: np.mean(abs(p - t) >= 5)))
wrong("12.3", "a count, not a share")(_changed(over_5=lambda p, t: sum(abs(p - t) > 5)))
wrong("12.3", "per cent, not a share")(_changed(over_5=lambda p, t: 100 * np.mean(abs(p - t) > 5)))


@wrong("12.3", diagnosing.PARTS)
def other_names(predicted, true):
    found = with_numpy(predicted, true)
    return {name.lower(): value for name, value in found.items()}


@wrong("12.3", diagnosing.TYPE)
def a_tuple(predicted, true):
    return tuple(with_numpy(predicted, true).values())


@wrong("12.3", diagnosing.ARGUMENT_CHANGED)
def taken_away_in_place(predicted, true):
    found = with_numpy(predicted, true)
    predicted -= true
    return found


@wrong("12.3", judging.PACKAGE_OWN)
def the_package_counts(predicted, true):
    found = evaluation.errors(predicted, true)
    return {name: found[name] for name in ("MAE", "RMSE", "median", "r", "over_5")}


# --- 12.4 Bias and limits of agreement -------------------------------------------------------------------------------


@right("12.4")
def limits_with_numpy(predicted, true):
    difference = predicted - true
    bias = difference.mean()
    half = 1.96 * difference.std(ddof=1)
    return bias, bias - half, bias + half


@right("12.4")
def limits_with_statistics(predicted, true):
    differences = [float(p - t) for p, t in zip(predicted, true, strict=True)]
    bias, spread = statistics.fmean(differences), statistics.stdev(differences)
    return [bias, bias - 1.96 * spread, bias + 1.96 * spread]


@right("12.4")
def limits_by_hand(predicted, true):
    n = len(true)
    bias = sum(predicted - true) / n
    variance = sum((predicted - true - bias) ** 2) / (n - 1)
    return np.array([bias, bias - 1.96 * variance**0.5, bias + 1.96 * variance**0.5])


@right("12.4")
def limits_with_torch(predicted, true):
    spread, bias = torch.std_mean(torch.tensor(predicted - true))  # torch divides by n − 1
    return bias, bias - 1.96 * spread, bias + 1.96 * spread


@wrong("12.4", "true minus predicted")
def the_other_way_round(predicted, true):
    return limits_with_numpy(true, predicted)


@wrong("12.4", "divided by n")
def numpy_as_it_comes(predicted, true):
    difference = predicted - true
    return difference.mean(), *(difference.mean() + 1.96 * difference.std() * np.array([-1, 1]))


@wrong("12.4", "√2 too wide")
def root_two(predicted, true):
    difference = predicted - true
    half = 1.96 * math.sqrt(2) * np.std(difference, ddof=1)
    return difference.mean(), difference.mean() - half, difference.mean() + half


@wrong("12.4", "where the mean lies, not where the windows lie")
def standard_error(predicted, true):
    difference = predicted - true
    half = 1.96 * stats.sem(difference)
    return difference.mean(), difference.mean() - half, difference.mean() + half


@wrong("12.4", "one standard deviation")
def one_only(predicted, true):
    difference = predicted - true
    spread = difference.std(ddof=1)
    return difference.mean(), difference.mean() - spread, difference.mean() + spread


@wrong("12.4", "two standard deviations")
def two(predicted, true):
    difference = predicted - true
    spread = 2 * difference.std(ddof=1)
    return difference.mean(), difference.mean() - spread, difference.mean() + spread


@wrong("12.4", "limits around zero")
def about_zero(predicted, true):
    spread = 1.96 * np.std(predicted - true, ddof=1)
    return np.mean(predicted - true), -spread, spread


@wrong("12.4", "sizes without sign")
def absolute(predicted, true):
    size = np.abs(predicted - true)
    spread = 1.96 * size.std(ddof=1)
    return size.mean(), size.mean() - spread, size.mean() + spread


@wrong("12.4", "percentiles")
def by_percentiles(predicted, true):
    low, high = np.quantile(predicted - true, [0.025, 0.975])
    return np.mean(predicted - true), low, high


@wrong("12.4", "another order")
def from_low_to_high(predicted, true):
    bias, low, high = limits_with_numpy(predicted, true)
    return low, bias, high


@wrong("12.4", diagnosing.PARTS)
def without_the_bias(predicted, true):
    return limits_with_numpy(predicted, true)[1:]


@wrong("12.4", diagnosing.TYPE)
def the_bias_only(predicted, true):
    return np.mean(predicted - true)


@wrong("12.4", judging.PACKAGE_OWN)
def the_package_agrees(predicted, true):
    return evaluation.bland_altman(predicted, true)


# --- 12.5 An interval over people ------------------------------------------------------------------------------------


@right("12.5")
def draws_joined(errors, subjects, draws, seed):
    rng = np.random.default_rng(seed)
    people = np.unique(subjects)
    of_person = [errors[subjects == person] for person in people]
    means = []
    for _ in range(draws):
        drawn = rng.integers(len(people), size=len(people))
        means.append(np.concatenate([of_person[i] for i in drawn]).mean())
    return np.quantile(means, 0.025), np.quantile(means, 0.975)


@right("12.5")
def with_weights(errors, subjects, draws, seed):
    names, place = np.unique(subjects, return_inverse=True)
    sums, counts = np.bincount(place, errors), np.bincount(place)
    often = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
    return tuple(np.percentile(often @ sums / (often @ counts), [2.5, 97.5]))


@right("12.5")
def with_a_dictionary_and_choice(errors, subjects, draws, seed):
    rng = np.random.default_rng(seed)
    of_person = {}
    for error, person in zip(errors, subjects, strict=True):
        of_person.setdefault(str(person), []).append(float(error))
    people = sorted(of_person)
    means = []
    for _ in range(draws):
        pool = []
        for person in rng.choice(people, len(people)):
            pool += of_person[person]
        means.append(sum(pool) / len(pool))
    means.sort()
    return [means[int(0.025 * draws)], means[int(0.975 * draws)]]


@right("12.5")
def means_of_people(errors, subjects, draws, seed):
    """Each person's mean first: the same where everybody has as many windows."""
    means = np.array([errors[subjects == person].mean() for person in sorted(set(subjects))])
    found = stats.bootstrap(
        (means,), np.mean, n_resamples=draws, method="percentile", rng=np.random.default_rng(seed), vectorized=True
    )
    return found.confidence_interval.low, found.confidence_interval.high


@wrong("12.5", "windows drawn, not people")
def drawn_window_by_window(errors, subjects, draws, seed):
    rng = np.random.default_rng(seed)
    means = rng.choice(errors, (draws, errors.size)).mean(axis=1)
    return np.quantile(means, 0.025), np.quantile(means, 0.975)


def _of_people(errors, subjects):
    return [float(errors[subjects == person].mean()) for person in np.unique(subjects)]


@wrong("12.5", "who is drawn twice counts once")
def drawn_into_a_set(errors, subjects, draws, seed):
    rng = np.random.default_rng(seed)
    of_person = _of_people(errors, subjects)
    means = []
    for drawn in rng.integers(len(of_person), size=(draws, len(of_person))).tolist():
        means.append(statistics.fmean(of_person[i] for i in set(drawn)))
    return np.quantile(means, 0.025), np.quantile(means, 0.975)


@wrong("12.5", "nothing is put back")
def shuffled(errors, subjects, draws, seed):
    rng = np.random.default_rng(seed)
    of_person = _of_people(errors, subjects)
    means = [statistics.fmean(rng.permutation(of_person).tolist()) for _ in range(draws)]
    return np.quantile(means, 0.025), np.quantile(means, 0.975)


@wrong("12.5", "the same draw again and again")
def drawn_before_the_loop(errors, subjects, draws, seed):
    of_person = _of_people(errors, subjects)
    drawn = random.Random(seed).choices(of_person, k=len(of_person))
    means = [statistics.fmean(drawn) for _ in range(draws)]
    return np.quantile(means, 0.025), np.quantile(means, 0.975)


@wrong("12.5", "where the errors lie, not their mean")
def without_any_draw(errors, subjects, draws, seed):
    return np.quantile(errors, 0.025), np.quantile(errors, 0.975)


def _means(errors, subjects, draws, seed):
    names, place = np.unique(subjects, return_inverse=True)
    means = np.bincount(place, errors) / np.bincount(place)
    return means[np.random.default_rng(seed).integers(len(names), size=(draws, len(names)))].mean(axis=1)


@wrong("12.5", "nine times of ten")
def five_per_cent_at_each_end(errors, subjects, draws, seed):
    return tuple(np.quantile(_means(errors, subjects, draws, seed), [0.05, 0.95]))


@wrong("12.5", "shares taken for per cent")
def percentile_of_shares(errors, subjects, draws, seed):
    return tuple(np.percentile(_means(errors, subjects, draws, seed), [0.025, 0.975]))


@wrong("12.5", "the upper end first")
def high_and_low(errors, subjects, draws, seed):
    return tuple(np.quantile(_means(errors, subjects, draws, seed), [0.975, 0.025]))


@wrong("12.5", diagnosing.PARTS)
def all_the_means(errors, subjects, draws, seed):
    return _means(errors, subjects, draws, seed)


@wrong("12.5", diagnosing.NOTHING)
def forgotten(errors, subjects, draws, seed):
    np.quantile(_means(errors, subjects, draws, seed), [0.025, 0.975])


@wrong("12.5", diagnosing.ERROR)
def quantile_of_per_cents(errors, subjects, draws, seed):
    return tuple(np.quantile(_means(errors, subjects, draws, seed), [2.5, 97.5]))


@wrong("12.5", judging.PACKAGE_OWN)
def the_package_draws(errors, subjects, draws, seed):
    return evaluation.bootstrap_interval(errors, subjects, draws=draws, seed=seed)


# --- What people of three kinds tried --------------------------------------------------------------------------------


@wrong("12.1", "no rest, and all is cut off")
def all_but_the_rest(wave, fs, window):
    length = round(fs * window)
    return wave[: -(len(wave) % length)].reshape(-1, length)


@wrong("12.1", "300 samples taken for granted")
def three_hundred_each(wave, fs, window):
    return wave[: len(wave) // 300 * 300].reshape(-1, 300)


def _within(frequency, low=0.7, high=4.0):
    return (frequency > low) & (frequency < high)


@wrong("12.2", "the height of the peak, not its place")
def how_strong(wave, fs):
    frequency, power = spectrum.power_spectrum(wave, fs)
    return power[_within(frequency)].max()


@wrong("12.2", "not the size of the spectrum")
def complex_numbers(wave, fs):
    frequency, z = np.fft.rfftfreq(8192, 1 / fs), np.fft.rfft(wave - wave.mean(), 8192)
    inside = _within(frequency)
    return 60 * frequency[inside][z[inside].argmax()]


@wrong("12.2", "the mean is left in")
def as_it_came_with_zeros(wave, fs):
    frequency, power = np.fft.rfftfreq(8192, 1 / fs), np.abs(np.fft.rfft(wave, 8192)) ** 2
    inside = _within(frequency)
    return 60 * frequency[inside][power[inside].argmax()]


@wrong("12.2", "the band is too narrow")
def of_hearts_at_rest(wave, fs):
    frequency, power = spectrum.power_spectrum(wave, fs)
    inside = _within(frequency, high=2.5)
    return 60 * frequency[inside][power[inside].argmax()]


def _all_but(predicted, true, **other):
    size = np.abs(predicted - true)
    found = {"MAE": size.mean(), "RMSE": np.sqrt((size**2).mean()), "median": np.median(size)}
    return found | {"r": np.corrcoef(predicted, true)[0, 1], "over_5": np.mean(size > 5)} | other


@wrong("12.3", "the size of the median, not the median of the sizes")
def size_taken_last(predicted, true):
    return _all_but(predicted, true, median=abs(np.median(predicted - true)))


@wrong("12.3", "a sum, not a mean")
def length_of_the_errors(predicted, true):
    return _all_but(predicted, true, RMSE=np.linalg.norm(predicted - true))


@wrong("12.3", "divided after the root")
def length_over_number(predicted, true):
    return _all_but(predicted, true, RMSE=np.linalg.norm(predicted - true) / len(true))


@wrong("12.3", "a correlation with itself")
def first_of_the_four(predicted, true):
    return _all_but(predicted, true, r=np.corrcoef(predicted, true)[0, 0])


@wrong("12.3", "the good windows are counted")
def within_five(predicted, true):
    return _all_but(predicted, true, over_5=np.mean(np.abs(predicted - true) < 5))


@wrong("12.3", "5 per cent of the rate")
def five_per_cent(predicted, true):
    return _all_but(predicted, true, over_5=np.mean(np.abs(predicted - true) / true > 0.05))


def _mean_and(differences, half):
    return differences.mean(), differences.mean() - half, differences.mean() + half


@right("12.4")
def with_all_decimals(predicted, true):
    differences = predicted - true
    return _mean_and(differences, 1.959963984540054 * differences.std(ddof=1))


@wrong("12.4", "the variance, not the standard deviation")
def with_a_variance(predicted, true):
    return _mean_and(predicted - true, 1.96 * (predicted - true).var(ddof=1))


@wrong("12.4", "nine of ten")
def ninety_per_cent(predicted, true):
    return _mean_and(predicted - true, 1.645 * (predicted - true).std(ddof=1))


@wrong("12.4", "another order")
def the_upper_limit_second(predicted, true):
    bias, low, high = with_all_decimals(predicted, true)
    return bias, high, low


@wrong("12.4", "another order")
def the_bias_last(predicted, true):
    bias, low, high = with_all_decimals(predicted, true)
    return low, high, bias


def _means_of_people(errors, subjects):
    return np.array([errors[subjects == one].mean() for one in np.unique(subjects)])


@wrong("12.5", "the seed is not used")
def by_nobodys_seed(errors, subjects, draws=2000, seed=0):
    means = _means_of_people(errors, subjects)
    drawn = np.random.default_rng().integers(len(means), size=(draws, len(means)))
    return tuple(np.quantile(means[drawn].mean(axis=1), [0.025, 0.975]))


@wrong("12.5", "lower than anything measured")
def by_a_formula(errors, subjects, draws=2000, seed=0):
    means = _means_of_people(errors, subjects)
    half = 1.96 * means.std(ddof=1) / np.sqrt(len(means))
    return means.mean() - half, means.mean() + half


@wrong("12.5", "the sign is taken off")
def of_sizes(errors, subjects, draws=2000, seed=0):
    means = _means_of_people(np.abs(errors), subjects)
    drawn = np.random.default_rng(seed).integers(len(means), size=(draws, len(means)))
    return tuple(np.quantile(means[drawn].mean(axis=1), [0.025, 0.975]))


@wrong("12.5", "the median, not the mean")
def of_medians(errors, subjects, draws=2000, seed=0):
    each = np.stack([errors[subjects == one] for one in np.unique(subjects)])
    drawn = np.random.default_rng(seed).integers(len(each), size=(draws, len(each)))
    return tuple(np.quantile(np.median(each[drawn].reshape(draws, -1), axis=1), [0.025, 0.975]))


@wrong("12.5", "the same draw again and again")
def never_the_last(errors, subjects, draws=2000, seed=0):
    means = _means_of_people(errors, subjects)
    drawn = np.random.default_rng(seed).integers(len(means) - 1, size=(draws, len(means)))
    return tuple(np.quantile(means[drawn].mean(axis=1), [0.025, 0.975]))
