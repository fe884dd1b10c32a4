"""Right and wrong answers to the exercises of lesson 14."""

import bisect
import math
import random
import statistics

import numpy as np
import torch
from answers import right, wrong
from scipy import signal, stats

from rppg_lab import spectrum
from rppg_lab.checks import diagnosing, judging, lesson_14

# --- 14.1 Draw a size ------------------------------------------------------------------------------------------------


@right("14.1")
def there_and_back(rng, low, high, share):
    if rng.random() >= share:
        return 0.0
    return np.exp(rng.uniform(np.log(low), np.log(high)))


@right("14.1")
def times(rng, low, high, share):
    return low * (high / low) ** rng.random() * (rng.random() < share)


@right("14.1")
def in_tens(rng, low, high, share):
    size = 10 ** rng.uniform(math.log10(low), math.log10(high))
    return rng.choice([size, 0.0], p=[share, 1 - share])


@right("14.1")
def drawn_with_torch(rng, low, high, share):
    there, place = torch.as_tensor(rng.random(2))
    return torch.lerp(torch.tensor(low).log(), torch.tensor(high).log(), place.float()).exp() * (there < share)


@wrong("14.1", "evenly in value")
def between_the_limits(rng, low, high, share):
    return rng.uniform(low, high) if rng.random() < share else 0.0


@wrong("14.1", "the share the other way round")
def missing_in_a_share(rng, low, high, share):
    if rng.random() < share:
        return 0.0
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


@wrong("14.1", "the same draw for everybody")
def begun_anew(rng, low, high, share):
    rng = np.random.default_rng(0)
    return times(rng, low, high, share)


@wrong("14.1", "random numbers from elsewhere")
def numpys_own(rng, low, high, share):
    size = np.exp(np.random.uniform(np.log(low), np.log(high)))  # noqa: NPY002
    return size if np.random.rand() < share else 0.0  # noqa: NPY002


@wrong("14.1", "random numbers from elsewhere")
def pythons_own(rng, low, high, share):
    return math.exp(random.uniform(math.log(low), math.log(high))) if random.random() < share else 0.0


@wrong("14.1", "random numbers from elsewhere")
def a_generator_of_its_own(rng, low, high, share):
    rng = np.random.default_rng()
    return there_and_back(rng, low, high, share)


@wrong("14.1", "never absent")
def always_there(rng, low, high, share):
    return np.exp(rng.uniform(np.log(low), np.log(high)))


@wrong("14.1", "faded, not absent")
def made_smaller(rng, low, high, share):
    return share * np.exp(rng.uniform(np.log(low), np.log(high)))


@wrong("14.1", "a logarithm came back")
def left_there(rng, low, high, share):
    return rng.uniform(np.log(low), np.log(high)) if rng.random() < share else 0.0


@wrong("14.1", "one draw for two questions")
def asked_once(rng, low, high, share):
    drawn = rng.random()
    if drawn > share:
        return 0.0
    return np.exp(np.log(low) + drawn * np.log(high / low))


@wrong("14.1", "a bell, not a range")
def lognormal(rng, low, high, share):
    middle, width = (np.log(low) + np.log(high)) / 2, np.log(high / low)
    return np.exp(rng.normal(middle, width / 4)) if rng.random() < share else 0.0


@wrong("14.1", diagnosing.ERROR)
def of_no_generator(rng, low, high, share):
    return rng.loguniform(low, high) if rng.random() < share else 0.0


@wrong("14.1", judging.PACKAGE_OWN)
def asks_the_check(rng, low, high, share):
    return lesson_14.draw_size(rng, low, high, share)


# --- 14.2 The power at a rate ----------------------------------------------------------------------------------------


def _band(frequency):
    return (frequency >= 0.7) & (frequency <= 4.0)


@right("14.2")
def by_masks(wave, fs, bpm):
    frequency, power = spectrum.power_spectrum(wave, fs)
    inside = _band(frequency)
    near = inside & (np.abs(frequency - bpm / 60) <= 0.1)
    return power[near].sum() / power[inside].sum()


@right("14.2")
def by_a_loop(wave, fs, bpm):
    part = whole = 0.0
    for hertz, density in zip(*spectrum.power_spectrum(wave, fs), strict=True):
        if 42 <= 60 * hertz <= 240:
            whole += density
            if bpm - 6 <= 60 * hertz <= bpm + 6:
                part += density
    return part / whole


@right("14.2")
def with_numpy_alone(wave, fs, bpm):
    tapered = (wave - wave.mean()) * np.hanning(wave.size)
    frequency, power = np.fft.rfftfreq(16384, 1 / fs), np.abs(np.fft.rfft(tapered, 16384)) ** 2
    return np.sum(power[_band(frequency) & (abs(60 * frequency - bpm) < 6)]) / np.sum(power[_band(frequency)])


@right("14.2")
def with_scipy(wave, fs, bpm):
    frequency, power = signal.periodogram(wave, fs, window="hann", nfft=8192)
    return power[np.abs(60 * frequency - bpm) <= 6].sum() / power[_band(frequency)].sum()


@right("14.2")
def without_a_taper(wave, fs, bpm):
    frequency, power = np.fft.rfftfreq(8192, 1 / fs), np.abs(np.fft.rfft(wave - np.mean(wave), 8192)) ** 2
    return power[np.abs(60 * frequency - bpm) <= 6].sum() / power[_band(frequency)].sum()


@right("14.2")
def with_torch(wave, fs, bpm):
    x = torch.as_tensor(wave - wave.mean()) * torch.hann_window(wave.size, dtype=torch.float64)
    power = torch.fft.rfft(x, 8192).abs().square().numpy()
    frequency = np.arange(power.size) * fs / 8192
    return float(power[np.abs(60 * frequency - bpm) <= 6].sum() / power[_band(frequency)].sum())


@wrong("14.2", "amplitude, not power")
def of_heights_not_squared(wave, fs, bpm):
    frequency, power = spectrum.power_spectrum(wave, fs)
    height = np.sqrt(power)
    return height[np.abs(60 * frequency - bpm) <= 6].sum() / height[_band(frequency)].sum()


@wrong("14.2", "the mean is left in")
def as_it_came(wave, fs, bpm):
    frequency, power = np.fft.rfftfreq(8192, 1 / fs), np.abs(np.fft.rfft(wave, 8192)) ** 2
    return power[np.abs(60 * frequency - bpm) <= 6].sum() / power[_band(frequency)].sum()


@wrong("14.2", "the whole spectrum, not the band")
def of_everything(wave, fs, bpm):
    frequency, power = spectrum.power_spectrum(wave, fs)
    return power[np.abs(60 * frequency - bpm) <= 6].sum() / power.sum()


@wrong("14.2", "a single point of the spectrum")
def the_nearest_point(wave, fs, bpm):
    frequency, power = spectrum.power_spectrum(wave, fs)
    return power[np.argmin(np.abs(60 * frequency - bpm))] / power[_band(frequency)].sum()


@wrong("14.2", "hertz and beats per minute mixed up")
def a_rate_for_a_frequency(wave, fs, bpm):
    frequency, power = spectrum.power_spectrum(wave, fs)
    return power[_band(frequency) & (np.abs(frequency - bpm) <= 6)].sum() / power[_band(frequency)].sum()


@wrong("14.2", "hertz and beats per minute mixed up")
def six_hertz(wave, fs, bpm):
    frequency, power = spectrum.power_spectrum(wave, fs)
    return power[_band(frequency) & (np.abs(frequency - bpm / 60) <= 6)].sum() / power[_band(frequency)].sum()


@wrong("14.2", "as high, not as much")
def highest_over_highest(wave, fs, bpm):
    frequency, power = spectrum.power_spectrum(wave, fs)
    return power[np.abs(60 * frequency - bpm) <= 6].max() / power[_band(frequency)].max()


@wrong("14.2", "over the rest, not over all")
def like_a_signal_to_noise_ratio(wave, fs, bpm):
    frequency, power = spectrum.power_spectrum(wave, fs)
    near = np.abs(60 * frequency - bpm) <= 6
    return power[near & _band(frequency)].sum() / power[~near & _band(frequency)].sum()


@wrong("14.2", "the neighbourhood has another width")
def six_in_all(wave, fs, bpm):
    frequency, power = spectrum.power_spectrum(wave, fs)
    return power[np.abs(60 * frequency - bpm) <= 3].sum() / power[_band(frequency)].sum()


@wrong("14.2", diagnosing.PRINTED)
def told_only(wave, fs, bpm):
    print(by_masks(wave, fs, bpm))


@wrong("14.2", judging.PACKAGE_OWN)
def asks_the_check_again(wave, fs, bpm):
    return lesson_14.power_at(wave, fs, bpm)


# --- 14.3 Choose a training ------------------------------------------------------------------------------------------


@right("14.3")
def by_nanargmin(trials, places):
    means = [np.mean([trial[place] for place in places]) for trial in trials]
    return trials[np.nanargmin(means)]["trial"]


@right("14.3")
def by_a_loop_over_trials(trials, places):
    best, least = None, float("inf")
    for trial in trials:
        total = sum(trial[place] for place in places)
        if total < least:
            best, least = trial["trial"], total
    return best


@right("14.3")
def sorted_without_the_failed(trials, places):
    rows = [(statistics.fmean(trial[place] for place in places), trial["trial"]) for trial in trials]
    return min(row for row in rows if not math.isnan(row[0]))[1]


@right("14.3")
def as_a_table(trials, places):
    table = np.array([[trial[place] for place in places] for trial in trials]).mean(axis=1)
    return trials[int(np.where(np.isnan(table), np.inf, table).argmin())]["trial"]


def _least(trials, judged):
    """The trial that is judged lowest, NaN aside."""
    known = [trial for trial in trials if not math.isnan(judged(trial))]
    return min(known, key=judged)["trial"]


@wrong("14.3", "chosen by the real face")
def the_real_one_counts_and_nan_is_forgotten(trials, places):
    return min(trials, key=lambda trial: trial["real"])["trial"]


@wrong("14.3", "chosen by the real face")
def the_real_one_counts(trials, places):
    return _least(trials, lambda trial: trial["real"])


@wrong("14.3", "chosen by the places it learned from")
def where_it_was_trained(trials, places):
    return _least(trials, lambda trial: trial["wide"])


@wrong("14.3", "everything in one mean")
def all_the_numbers(trials, places):
    return _least(
        trials, lambda trial: statistics.fmean(value for value in trial.values() if not isinstance(value, str))
    )


@wrong("14.3", "chosen by the worst place")
def careful(trials, places):
    return _least(trials, lambda trial: max(trial[place] for place in places))


@wrong("14.3", "chosen by one place")
def the_first_place(trials, places):
    return _least(trials, lambda trial: trial[places[0]])


@wrong("14.3", "chosen by the best place")
def at_its_best(trials, places):
    return _least(trials, lambda trial: min(trial[place] for place in places))


@wrong("14.3", "the middle place, not the mean")
def by_the_median(trials, places):
    return _least(trials, lambda trial: statistics.median(trial[place] for place in places))


@wrong("14.3", "the largest error wins")
def the_most(trials, places):
    return trials[int(np.nanargmax([np.mean([trial[place] for place in places]) for trial in trials]))]["trial"]


@wrong("14.3", "a failed training wins")
def by_argmin(trials, places):
    return trials[np.argmin([np.mean([trial[place] for place in places]) for trial in trials])]["trial"]


@wrong("14.3", "a failed training wins")
def by_min(trials, places):
    return min(trials, key=lambda trial: sum(trial[place] for place in places))["trial"]


@wrong("14.3", "four places taken for granted")
def the_four_of_the_text(trials, places):
    return by_a_loop_over_trials(trials, ["lab", "office", "phone", "car"])


@wrong("14.3", diagnosing.TYPE)
def where_it_stands(trials, places):
    return int(np.nanargmin([np.mean([trial[place] for place in places]) for trial in trials]))


# --- 14.4 What n of n prove ------------------------------------------------------------------------------------------


@right("14.4")
def the_root(n):
    return 0.05 ** (1 / n) if n > 0 else 0


@right("14.4")
def by_logarithms(n):
    if not n:
        return 0.0
    return math.exp(math.log(0.05) / n)


@right("14.4")
def by_the_beta_distribution(n):
    return float(stats.beta.ppf(0.05, n, 1)) if n else 0.0


@right("14.4")
def by_searching(n):
    shares = np.linspace(0, 1, 100_001)
    return float(shares[np.searchsorted(shares**n, 0.05)]) if n else 0.0


@right("14.4")
def by_bisection(n):
    low, high = 0.0, 1.0
    while n and high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if middle**n < 0.05 else (low, middle)
    return low


@wrong("14.4", "certain after so few")
def all_of_them(n):
    return n / n if n else 0.0


@wrong("14.4", "certain after so few")
def normal_approximation(n):
    share = 1.0
    return share - 1.645 * math.sqrt(share * (1 - share) / n) if n else 0.0


@wrong("14.4", "both ends")
def clopper_and_pearson_of_scipy(n):
    return stats.binomtest(n, n).proportion_ci(method="exact").low if n else 0.0


@wrong("14.4", "95 and 5 per cent mixed up")
def root_of_ninety_five(n):
    return 0.95 ** (1 / n) if n else 0.0


@wrong("14.4", "a power, not a root")
def to_the_nth(n):
    return 0.95**n if n else 0.0


@wrong("14.4", "the share that fails")
def what_may_fail(n):
    return 1 - the_root(n)


@wrong("14.4", "the rule of three")
def three_over_n(n):
    return 3 / n if n else 0.0


@wrong("14.4", "the rule of three")
def one_less_three_over_n(n):
    return max(0.0, 1 - 3 / n) if n else 0.0


@wrong("14.4", "divided, not rooted")
def a_part_of_five_per_cent(n):
    return 0.05 / n if n else 0.0


@wrong("14.4", "a best guess, not a bound")
def laplace(n):
    return (n + 1) / (n + 2) if n else 0.0


@wrong("14.4", diagnosing.ERROR)
def without_nobody(n):
    return 0.05 ** (1 / n)


# --- 14.5 Set a threshold, and check it on others --------------------------------------------------------------------


@right("14.5")
def in_a_loop(quality, has_pulse, chooses, thresholds, most):
    for threshold in thresholds:
        accepted = quality >= threshold
        if accepted[chooses & ~has_pulse].mean() <= most:
            return threshold, (~accepted)[~chooses & has_pulse].mean(), accepted[~chooses & ~has_pulse].mean()


@right("14.5")
def as_a_table_of_thresholds(quality, has_pulse, chooses, thresholds, most):
    accepted = quality[:, None] >= thresholds
    first = np.argmax(accepted[chooses & ~has_pulse].mean(axis=0) <= most)
    refused = 1 - accepted[~chooses & has_pulse, first].mean()
    return thresholds[first], refused, accepted[~chooses & ~has_pulse, first].mean()


@right("14.5")
def one_window_at_a_time(quality, has_pulse, chooses, thresholds, most):
    rows = list(zip(quality.tolist(), has_pulse.tolist(), chooses.tolist(), strict=True))

    def share(pulse, choosing, threshold):
        group = [q for q, p, c in rows if p == pulse and c == choosing]
        return sum(q >= threshold for q in group) / len(group)

    threshold = min(one for one in thresholds.tolist() if share(False, True, one) <= most)
    return threshold, 1 - share(True, False, threshold), share(False, False, threshold)


@right("14.5")
def with_sorted_qualities(quality, has_pulse, chooses, thresholds, most):
    known = np.nan_to_num(quality, nan=-1.0)
    choosing, with_one, without = (
        sorted(known[part]) for part in (chooses & ~has_pulse, ~chooses & has_pulse, ~chooses & ~has_pulse)
    )
    for one in thresholds:
        if (len(choosing) - bisect.bisect_left(choosing, one)) / len(choosing) <= most:
            below = bisect.bisect_left(with_one, one) / len(with_one)
            return float(one), below, 1 - bisect.bisect_left(without, one) / len(without)


@wrong("14.5", "chosen and checked on the same windows")
def the_same_half(quality, has_pulse, chooses, thresholds, most):
    for threshold in thresholds:
        accepted = quality >= threshold
        if accepted[chooses & ~has_pulse].mean() <= most:
            return threshold, 1 - accepted[chooses & has_pulse].mean(), accepted[chooses & ~has_pulse].mean()


@wrong("14.5", "chosen on all windows")
def everybody_has_a_voice(quality, has_pulse, chooses, thresholds, most):
    for threshold in thresholds:
        accepted = quality >= threshold
        if accepted[~has_pulse].mean() <= most:
            return threshold, 1 - accepted[~chooses & has_pulse].mean(), accepted[~chooses & ~has_pulse].mean()


@wrong("14.5", "chosen and checked on all windows")
def nobody_is_set_aside(quality, has_pulse, chooses, thresholds, most):
    for threshold in thresholds:
        accepted = quality >= threshold
        if accepted[~has_pulse].mean() <= most:
            return threshold, 1 - accepted[has_pulse].mean(), accepted[~has_pulse].mean()


@wrong("14.5", "the two halves mixed up")
def turned_round(quality, has_pulse, chooses, thresholds, most):
    return in_a_loop(quality, has_pulse, ~chooses, thresholds, most)


@wrong("14.5", "of those accepted, not of those without a pulse")
def of_those_let_in(quality, has_pulse, chooses, thresholds, most):
    for threshold in thresholds:
        accepted = quality >= threshold
        if np.mean(~has_pulse[accepted & chooses]) <= most:
            refused = 1 - accepted[~chooses & has_pulse].mean()
            return threshold, refused, np.mean(~has_pulse[accepted & ~chooses])


@wrong("14.5", "of all windows, not of those without a pulse")
def of_everybody(quality, has_pulse, chooses, thresholds, most):
    for threshold in thresholds:
        accepted = quality >= threshold
        if (accepted & ~has_pulse)[chooses].mean() <= most:
            refused = 1 - accepted[~chooses & has_pulse].mean()
            return threshold, refused, (accepted & ~has_pulse)[~chooses].mean()


@wrong("14.5", "refused at the threshold")
def must_be_higher(quality, has_pulse, chooses, thresholds, most):
    for threshold in thresholds:
        accepted = quality > threshold
        if accepted[chooses & ~has_pulse].mean() <= most:
            return threshold, 1 - accepted[~chooses & has_pulse].mean(), accepted[~chooses & ~has_pulse].mean()


@wrong("14.5", "the highest threshold, not the lowest")
def never_stopped(quality, has_pulse, chooses, thresholds, most):
    for threshold in thresholds:
        accepted = quality >= threshold
        if accepted[chooses & ~has_pulse].mean() <= most:
            found = threshold, 1 - accepted[~chooses & has_pulse].mean(), accepted[~chooses & ~has_pulse].mean()
    return found


@wrong("14.5", "NaN counts as neither")
def below_is_refused(quality, has_pulse, chooses, thresholds, most):
    threshold, _, false = in_a_loop(quality, has_pulse, chooses, thresholds, most)
    return threshold, np.mean(quality[~chooses & has_pulse] < threshold), false


@wrong("14.5", "NaN is left out")
def cleaned_first(quality, has_pulse, chooses, thresholds, most):
    seen = np.isfinite(quality)
    return in_a_loop(quality[seen], has_pulse[seen], chooses[seen], thresholds, most)


@wrong("14.5", "the share that is not refused")
def accepted_pulses(quality, has_pulse, chooses, thresholds, most):
    threshold, refused, false = in_a_loop(quality, has_pulse, chooses, thresholds, most)
    return threshold, 1 - refused, false


@wrong("14.5", diagnosing.PARTS)
def the_threshold_only(quality, has_pulse, chooses, thresholds, most):
    threshold, *_ = in_a_loop(quality, has_pulse, chooses, thresholds, most)
    return (threshold,)


@wrong("14.5", judging.PACKAGE_OWN)
def asks_the_check_once_more(quality, has_pulse, chooses, thresholds, most):
    return lesson_14.set_threshold(quality, has_pulse, chooses, thresholds, most)
