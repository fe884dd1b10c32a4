"""Right and wrong answers to the exercises of lesson 03."""

import math
import statistics

import numpy as np
import torch
from answers import right, wrong
from scipy import signal

from rppg_lab import spectrum
from rppg_lab.checks import diagnosing, judging

# --- 03.1 The strongest rhythm between two frequencies ---------------------------------------------------------------


@right("03.1")
def from_the_package_spectrum(wave, fs, low, high):
    frequency, power = spectrum.power_spectrum(wave, fs)
    inside = (frequency > low) & (frequency < high)
    return 60 * frequency[inside][power[inside].argmax()]


@right("03.1")
def zeros_by_hand(wave, fs, low, high):
    wave = (wave - np.mean(wave)) * np.hanning(len(wave))
    power = np.abs(np.fft.rfft(wave, 32768)) ** 2
    frequency = np.fft.rfftfreq(32768, 1 / fs)
    power[(frequency < low) | (frequency > high)] = 0
    return float(60 * frequency[power.argmax()])


@right("03.1")
def every_rate_tried(wave, fs, low, high):
    time = np.arange(len(wave)) / fs
    faded = (wave - wave.mean()) * np.hanning(len(wave))
    best, strongest = 0.0, -1.0
    for rate in np.arange(60 * low, 60 * high, 0.2):
        strength = abs(np.dot(faded, np.exp(-2j * np.pi * rate / 60 * time)))
        if strength > strongest:
            best, strongest = rate, strength
    return best


@right("03.1")
def a_parabola_through_three(wave, fs, low, high):
    faded = (wave - wave.mean()) * np.hanning(len(wave))
    power = np.log(np.abs(np.fft.rfft(faded)) + 1e-12)
    frequency = np.fft.rfftfreq(len(wave), 1 / fs)
    inside = np.flatnonzero((frequency >= low) & (frequency <= high))
    i = inside[power[inside].argmax()]
    a, b, c = power[i - 1 : i + 2]
    return 60 * (frequency[i] + (a - c) / (2 * a - 4 * b + 2 * c) * frequency[1])


@right("03.1")
def rhythm_with_torch(wave, fs, low, high):
    faded = torch.as_tensor(wave - np.mean(wave)) * torch.hann_window(len(wave), dtype=torch.float64)
    power = torch.fft.rfft(faded, 1 << 15).abs()
    frequency = torch.fft.rfftfreq(1 << 15, 1 / fs)
    power[(frequency < low) | (frequency > high)] = 0
    return 60 * frequency[power.argmax()]


@right("03.1")
def with_a_periodogram(wave, fs, low, high):
    frequency, power = signal.periodogram(wave, fs, window="hann", nfft=20000)
    best = max((p, f) for f, p in zip(frequency, power, strict=True) if low <= f <= high)
    return best[1] * 60


@wrong("03.1", "hertz, not per minute")
def in_hertz(wave, fs, low, high):
    return zeros_by_hand(wave, fs, low, high) / 60


@wrong("03.1", "the power, not its frequency")
def the_height_of_the_peak(wave, fs, low, high):
    frequency, power = spectrum.power_spectrum(wave, fs)
    return power[(frequency >= low) & (frequency <= high)].max()


@wrong("03.1", "the power, not its frequency")
def the_height_by_hand(wave, fs, low, high):
    power = np.abs(np.fft.rfft((wave - wave.mean()) * np.hanning(len(wave)), 16384)) ** 2
    frequency = np.fft.rfftfreq(16384, 1 / fs)
    return max(power[(frequency >= low) & (frequency <= high)])


@wrong("03.1", "frequencies per sample, not per second")
def without_a_sampling_rate(wave, fs, low, high):
    power = np.abs(np.fft.rfft((wave - wave.mean()) * np.hanning(len(wave)), 16384)) ** 2
    frequency = np.fft.rfftfreq(16384)
    power[(frequency < low) | (frequency > high)] = 0
    return 60 * frequency[power.argmax()]


@wrong("03.1", "frequencies per sample, not per second")
def in_swings_per_sample(wave, fs, low, high):
    return zeros_by_hand(wave, fs, low, high) / fs


@wrong("03.1", "not faded in and out")
def padded_with_the_mean(wave, fs, low, high):
    power = np.abs(np.fft.rfft(wave, 16384)) ** 2
    frequency = np.fft.rfftfreq(16384, 1 / fs)
    inside = (frequency >= low) & (frequency <= high)
    return 60 * frequency[inside][power[inside].argmax()]


@wrong("03.1", "complex numbers compared, not their size")
def without_abs(wave, fs, low, high):
    parts = np.fft.rfft((wave - wave.mean()) * np.hanning(len(wave)), 32768)
    frequency = np.fft.rfftfreq(32768, 1 / fs)
    inside = (frequency >= low) & (frequency <= high)
    return 60 * frequency[inside][parts[inside].argmax()]


@wrong("03.1", "complex numbers compared, not their size")
def without_abs_shorter(wave, fs, low, high):
    parts = np.fft.rfft((wave - wave.mean()) * np.hanning(len(wave)), 10 * len(wave))
    frequency = np.fft.rfftfreq(10 * len(wave), 1 / fs)
    parts[(frequency < low) | (frequency > high)] = 0
    return 60 * frequency[np.argmax(parts)]


@wrong("03.1", "the limits taken per minute")
def limits_of_a_rate(wave, fs, low, high):
    frequency, power = spectrum.power_spectrum(wave, fs)
    rate = 60 * frequency
    inside = (rate >= low) & (rate <= high)
    return rate[inside][power[inside].argmax()]


@wrong("03.1", "radians, not turns")
def in_radians(wave, fs, low, high):
    return 2 * np.pi * zeros_by_hand(wave, fs, low, high)


@wrong("03.1", "the place of the peak, not its frequency")
def a_place(wave, fs, low, high):
    frequency, power = spectrum.power_spectrum(wave, fs)
    return int(power[(frequency >= low) & (frequency <= high)].argmax())


@wrong("03.1", "the place of the peak, not its frequency")
def a_place_times_sixty(wave, fs, low, high):
    frequency, power = spectrum.power_spectrum(wave, fs)
    power = np.where((frequency >= low) & (frequency <= high), power, 0)
    return 60 * np.argmax(power)


@wrong("03.1", "counted within the limits, looked up outside them")
def the_wrong_list(wave, fs, low, high):
    frequency, power = spectrum.power_spectrum(wave, fs)
    inside = (frequency >= low) & (frequency <= high)
    return 60 * frequency[power[inside].argmax()]


@wrong("03.1", "read off a coarse grid")
def faded_without_zeros(wave, fs, low, high):
    power = np.abs(np.fft.rfft((wave - wave.mean()) * np.hanning(len(wave)))) ** 2
    frequency = np.fft.rfftfreq(len(wave), 1 / fs)
    inside = (frequency >= low) & (frequency <= high)
    return 60 * frequency[inside][power[inside].argmax()]


@wrong("03.1", "a harmonic wins on a coarse grid")
def without_zeros(wave, fs, low, high):
    power = np.abs(np.fft.rfft(wave - wave.mean())) ** 2
    frequency = np.fft.rfftfreq(len(wave), 1 / fs)
    inside = (frequency >= low) & (frequency <= high)
    return 60 * frequency[inside][power[inside].argmax()]


@wrong("03.1", "read off a coarse grid")
def the_next_power_of_two(wave, fs, low, high):
    size = 2 ** math.ceil(math.log2(len(wave)))
    frequency, power = signal.periodogram(wave, fs, nfft=size)
    power[(frequency < low) | (frequency > high)] = 0
    return 60 * frequency[power.argmax()]


@wrong("03.1", "30 samples per second taken for granted")
def always_thirty(wave, fs, low, high):
    return zeros_by_hand(wave, 30, low, high)


@wrong("03.1", "always the band of the heart")
def always_the_heart(wave, fs, low, high):
    return zeros_by_hand(wave, fs, 0.7, 4.0)


@wrong("03.1", "the mean frequency, not the strongest")
def weighted(wave, fs, low, high):
    frequency, power = spectrum.power_spectrum(wave, fs)
    inside = (frequency >= low) & (frequency <= high)
    return 60 * np.average(frequency[inside], weights=power[inside])


@wrong("03.1", "outside of the limits")
def anywhere(wave, fs, low, high):
    frequency, power = spectrum.power_spectrum(wave, fs)
    return 60 * frequency[power.argmax()]


@wrong("03.1", "outside of the limits")
def the_mean_wins(wave, fs, low, high):
    power = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), 16384)) ** 2
    return 60 * np.fft.rfftfreq(16384, 1 / fs)[power.argmax()]


@wrong("03.1", diagnosing.SHAPE)
def all_rates(wave, fs, low, high):
    return 60 * spectrum.power_spectrum(wave, fs)[0]


@wrong("03.1", diagnosing.PRINTED)
def printed(wave, fs, low, high):
    print(zeros_by_hand(wave, fs, low, high))


@wrong("03.1", judging.PACKAGE_OWN)
def the_package_reads(wave, fs, low, high):
    return spectrum.heart_rate(wave, fs, band=(low, high))


# --- 03.2 A band kept, nothing moved ---------------------------------------------------------------------------------


@right("03.2")
def both_ways_in_sections(wave, fs, low, high):
    return signal.sosfiltfilt(signal.butter(3, [low, high], "bandpass", fs=fs, output="sos"), wave)


@right("03.2")
def both_ways_with_coefficients(wave, fs, low, high):
    b, a = signal.butter(2, [2 * low / fs, 2 * high / fs], btype="band")
    return signal.filtfilt(b, a, wave)


@right("03.2")
def turned_by_hand(wave, fs, low, high):
    kind = signal.butter(2, [low, high], "bandpass", fs=fs, output="sos")
    forwards = signal.sosfilt(kind, wave - wave.mean())
    return signal.sosfilt(kind, forwards[::-1])[::-1]


@right("03.2")
def a_spectrum_with_holes(wave, fs, low, high):
    parts = np.fft.rfft(wave)
    frequency = np.fft.rfftfreq(len(wave), 1 / fs)
    parts[(frequency < low) | (frequency > high)] = 0
    return np.fft.irfft(parts, len(wave))


@right("03.2")
def holes_with_torch(wave, fs, low, high):
    parts = torch.fft.rfft(torch.as_tensor(wave))
    frequency = torch.fft.rfftfreq(len(wave), 1 / fs)
    return torch.fft.irfft(parts * ((frequency >= low) & (frequency <= high)), n=len(wave)).numpy()


@right("03.2")
def a_symmetric_convolution(wave, fs, low, high):
    taps = int(3 * fs / low) // 2 * 2 + 1
    kernel = signal.firwin(taps, [low, high], pass_zero=False, fs=fs)
    return np.convolve(wave - wave.mean(), kernel, mode="same")


@right("03.2")
def one_after_the_other(wave, fs, low, high):
    slow_gone = signal.sosfiltfilt(signal.butter(2, low, "highpass", fs=fs, output="sos"), wave)
    return signal.sosfiltfilt(signal.butter(2, high, "lowpass", fs=fs, output="sos"), slow_gone)


def _sections(fs, low, high, kind="bandpass"):
    return signal.butter(2, [low, high], kind, fs=fs, output="sos")


@wrong("03.2", "moved in time")
def forwards_only(wave, fs, low, high):
    return signal.sosfilt(_sections(fs, low, high), wave - wave.mean())


@wrong("03.2", "moved in time")
def twice_forwards(wave, fs, low, high):
    kind = _sections(fs, low, high)
    return signal.sosfilt(kind, signal.sosfilt(kind, wave - wave.mean()))


@wrong("03.2", "the wave runs backwards")
def turned_once_too_rarely(wave, fs, low, high):
    kind = _sections(fs, low, high)
    return signal.sosfilt(kind, signal.sosfilt(kind, wave - wave.mean())[::-1])


@wrong("03.2", "the band is cut out, not kept")
def bandstop(wave, fs, low, high):
    return signal.sosfiltfilt(_sections(fs, low, high, "bandstop"), wave)


@wrong("03.2", "the band is cut out, not kept")
def holes_at_the_wrong_places(wave, fs, low, high):
    parts = np.fft.rfft(wave)
    frequency = np.fft.rfftfreq(len(wave), 1 / fs)
    parts[(frequency > low) & (frequency < high)] = 0
    return np.fft.irfft(parts, len(wave))


@wrong("03.2", "the drift is still there")
def only_lowpass(wave, fs, low, high):
    return signal.sosfiltfilt(signal.butter(4, high, "lowpass", fs=fs, output="sos"), wave)


@wrong("03.2", "faster rhythms are still there")
def only_the_mean_taken_off(wave, fs, low, high):
    return wave - wave.mean()


@wrong("03.2", "faster rhythms are still there")
def only_highpass(wave, fs, low, high):
    return signal.sosfiltfilt(signal.butter(4, low, "highpass", fs=fs, output="sos"), wave)


@wrong("03.2", "the mean is still there")
def the_mean_put_back(wave, fs, low, high):
    return both_ways_in_sections(wave, fs, low, high) + wave.mean()


@wrong("03.2", "the mean is still there")
def holes_but_for_zero(wave, fs, low, high):
    parts = np.fft.rfft(wave)
    frequency = np.fft.rfftfreq(len(wave), 1 / fs)
    parts[1:][(frequency[1:] < low) | (frequency[1:] > high)] = 0
    return np.fft.irfft(parts, len(wave))


@wrong("03.2", "the edges in another unit")
def divided_by_fs(wave, fs, low, high):
    b, a = signal.butter(2, [low / fs, high / fs], btype="band")
    return signal.filtfilt(b, a, wave)


@wrong("03.2", "another band, or another sampling rate, than asked for")
def always_the_hearts_band(wave, fs, low, high):
    return both_ways_in_sections(wave, fs, 0.7, 4.0)


@wrong("03.2", "another band, or another sampling rate, than asked for")
def always_thirty_a_second(wave, fs, low, high):
    return both_ways_in_sections(wave, 30.0, low, high)


@wrong("03.2", "louder or quieter than it was")
def standardised(wave, fs, low, high):
    kept = both_ways_in_sections(wave, fs, low, high)
    return kept / kept.std()


@wrong("03.2", "louder or quieter than it was")
def too_few_taps(wave, fs, low, high):
    return signal.filtfilt(signal.firwin(101, [low, high], pass_zero=False, fs=fs), 1, wave)


@wrong("03.2", "rhythms without their moments")
def without_phases(wave, fs, low, high):
    parts = np.abs(np.fft.rfft(wave))
    frequency = np.fft.rfftfreq(len(wave), 1 / fs)
    return np.fft.irfft(np.where((frequency >= low) & (frequency <= high), parts, 0), len(wave))


@wrong("03.2", "the edges in another unit")
def without_fs(wave, fs, low, high):
    return signal.sosfiltfilt(signal.butter(2, [low, high], "bandpass", output="sos"), wave)


@wrong("03.2", "the wave became shorter")
def back_without_a_length(wave, fs, low, high):
    parts = np.fft.rfft(wave)
    frequency = np.fft.rfftfreq(len(wave), 1 / fs)
    parts[(frequency < low) | (frequency > high)] = 0
    return np.fft.irfft(parts)


@wrong("03.2", "the wave became shorter")
def valid_only(wave, fs, low, high):
    kernel = signal.firwin(101, [low, high], pass_zero=False, fs=fs)
    return np.convolve(wave, kernel, mode="valid")


@wrong("03.2", diagnosing.SHAPE)
def a_spectrum(wave, fs, low, high):
    frequency, power = spectrum.power_spectrum(wave, fs)
    return power[(frequency >= low) & (frequency <= high)]


@wrong("03.2", judging.PACKAGE_OWN)
def the_package_keeps(wave, fs, low, high):
    return spectrum.bandpass(wave, fs, (low, high))


# --- 03.3 The moments of the beats -----------------------------------------------------------------------------------


def _smooth(wave, fs):
    return both_ways_in_sections(wave, fs, 0.7, 4.0)


def _period(wave, fs):
    return 60 / zeros_by_hand(wave, fs, 0.7, 4.0)


@right("03.3")
def by_distance(wave, fs):
    peaks, _ = signal.find_peaks(_smooth(wave, fs), distance=0.6 * _period(wave, fs) * fs)
    return peaks / fs


@right("03.3")
def the_rate_of_the_filtered_wave(wave, fs):
    smooth = _smooth(wave, fs)
    return signal.find_peaks(smooth, distance=0.6 * _period(smooth, fs) * fs)[0] / fs


@right("03.3")
def by_distance_and_prominence(wave, fs):
    smooth = _smooth(wave, fs)
    peaks, _ = signal.find_peaks(smooth, distance=0.5 * _period(wave, fs) * fs, prominence=0.8 * smooth.std())
    return np.array([peak / fs for peak in peaks])


@right("03.3")
def the_highest_in_its_surroundings(wave, fs):
    smooth = _smooth(wave, fs)
    reach = int(0.6 * _period(wave, fs) * fs)
    times = []
    for i in range(len(smooth)):
        around = smooth[max(0, i - reach) : i + reach + 1]
        if smooth[i] == around.max():
            times.append(i / fs)
    return np.array(times)


@right("03.3")
def around_its_own_rate(wave, fs):
    """Only the fundamental: one swing a beat; then the top of the wave near each."""
    rate = zeros_by_hand(wave, fs, 0.7, 4.0) / 60
    swing = both_ways_in_sections(wave, fs, 0.7 * rate, 1.4 * rate)
    smooth = _smooth(wave, fs)
    reach = int(0.25 / rate * fs)
    places = []
    for peak in signal.find_peaks(swing)[0]:
        start = max(0, peak - reach)
        places.append(start + smooth[start : peak + reach + 1].argmax())
    return np.unique(places) / fs


@right("03.3")
def between_the_samples(wave, fs):
    smooth = _smooth(wave, fs)
    peaks, _ = signal.find_peaks(smooth, distance=0.6 * _period(wave, fs) * fs)
    peaks = peaks[(peaks > 0) & (peaks < len(smooth) - 1)]
    a, b, c = smooth[peaks - 1], smooth[peaks], smooth[peaks + 1]
    return (peaks + 0.5 * (a - c) / (a - 2 * b + c)) / fs


@wrong("03.3", "samples, not seconds")
def places(wave, fs):
    return signal.find_peaks(_smooth(wave, fs), distance=0.6 * _period(wave, fs) * fs)[0]


@wrong("03.3", "samples, not seconds")
def places_as_floats(wave, fs):
    return by_distance(wave, fs) * fs


@wrong("03.3", "30 samples per second taken for granted")
def thirty_a_second(wave, fs):
    return by_distance(wave, 30.0)


@wrong("03.3", "30 samples per second taken for granted")
def places_over_thirty(wave, fs):
    return by_distance(wave, fs) * fs / 30


@wrong("03.3", "the dicrotic wave is counted")
def the_rate_of_a_weakened_wave(wave, fs):
    smooth = signal.sosfiltfilt(signal.butter(1, [0.7, 4.0], "bandpass", fs=fs, output="sos"), wave)
    return signal.find_peaks(smooth, distance=0.6 * _period(smooth, fs) * fs)[0] / fs


@wrong("03.3", "the tops of the noise")
def not_filtered_at_all(wave, fs):
    return signal.find_peaks(wave, distance=0.6 * _period(wave, fs) * fs)[0] / fs


@wrong("03.3", "all beats moved alike")
def forwards_only_of_order_one(wave, fs):
    late = signal.sosfilt(signal.butter(1, [0.7, 4.0], "bandpass", fs=fs, output="sos"), wave)
    return signal.find_peaks(late, distance=0.6 * _period(wave, fs) * fs)[0] / fs


@wrong("03.3", "all beats moved alike")
def forwards_only_of_order_two(wave, fs):
    late = forwards_only(wave, fs, 0.7, 4.0)
    return signal.find_peaks(late, distance=0.6 * _period(wave, fs) * fs)[0] / fs


@wrong("03.3", "other moments than the beats")
def every_second_by_the_clock(wave, fs):
    return np.arange(0.3, len(wave) / fs, 60 / zeros_by_hand(wave, fs, 0.7, 4.0) * 0.87)


@wrong("03.3", "intervals, not times")
def intervals(wave, fs):
    return np.diff(by_distance(wave, fs))


@wrong("03.3", "every ripple is a beat")
def raw_peaks(wave, fs):
    return signal.find_peaks(wave)[0] / fs


@wrong("03.3", "the dicrotic wave is counted")
def no_distance(wave, fs):
    return signal.find_peaks(_smooth(wave, fs))[0] / fs


@wrong("03.3", "the dicrotic wave is counted")
def a_short_fixed_distance(wave, fs):
    return signal.find_peaks(_smooth(wave, fs), distance=int(0.3 * fs))[0] / fs


@wrong("03.3", "valleys, not tops")
def upside_down(wave, fs):
    return by_distance(-wave, fs)


@wrong("03.3", "beats are left out")
def a_long_fixed_distance(wave, fs):
    return signal.find_peaks(_smooth(wave, fs), distance=0.7 * fs)[0] / fs


@wrong("03.3", "beats are left out")
def a_fixed_height_on_a_drift(wave, fs):
    smooth = signal.sosfiltfilt(signal.butter(2, 4.0, "lowpass", fs=fs, output="sos"), wave)
    height = smooth.mean() + 0.5 * np.ptp(smooth) / 2
    return signal.find_peaks(smooth, height=height, distance=0.6 * _period(wave, fs) * fs)[0] / fs


@wrong("03.3", "the tops of the noise")
def a_fixed_height(wave, fs):
    distance = 0.6 * _period(wave, fs) * fs
    return signal.find_peaks(wave, height=wave.mean() + 0.5 * np.ptp(wave) / 2, distance=distance)[0] / fs


@wrong("03.3", "all beats moved alike")
def found_in_a_late_wave(wave, fs):
    late = forwards_only(wave, fs, 0.7, 4.0)
    late = np.concatenate([np.zeros(round(0.06 * fs)), late])[: len(late)]
    return signal.find_peaks(late, distance=0.6 * _period(wave, fs) * fs)[0] / fs


@wrong("03.3", "all beats moved alike")
def the_steepest_moments(wave, fs):
    slope = np.gradient(_smooth(wave, fs))
    return signal.find_peaks(slope, distance=0.6 * _period(wave, fs) * fs)[0] / fs


@wrong("03.3", "a list of the right times")
def in_a_list(wave, fs):
    return list(by_distance(wave, fs))


@wrong("03.3", "the dicrotic wave is counted")
def the_distance_in_seconds(wave, fs):
    return signal.find_peaks(_smooth(wave, fs), distance=max(1, 0.6 * _period(wave, fs)))[0] / fs


@wrong("03.3", diagnosing.SHAPE)
def a_rate(wave, fs):
    return zeros_by_hand(wave, fs, 0.7, 4.0)


@wrong("03.3", diagnosing.NOTHING)
def nothing(wave, fs):
    by_distance(wave, fs)


@wrong("03.3", judging.PACKAGE_OWN)
def the_package_finds(wave, fs):
    return spectrum.beat_times(wave, fs)


# --- 03.4 SDNN and RMSSD ---------------------------------------------------------------------------------------------


@right("03.4")
def with_numpy(beats):
    intervals = 1000 * np.diff(beats)
    return intervals.std(ddof=1), np.sqrt((np.diff(intervals) ** 2).mean())


@right("03.4")
def in_plain_python(beats):
    intervals = [1000 * (b - a) for a, b in zip(beats.tolist(), beats.tolist()[1:], strict=False)]
    squares = [(intervals[i + 1] - intervals[i]) ** 2 for i in range(len(intervals) - 1)]
    return [statistics.stdev(intervals), math.sqrt(sum(squares) / len(squares))]


@right("03.4")
def variability_with_torch(beats):
    intervals = torch.diff(torch.as_tensor(beats)) * 1000
    return intervals.std(), torch.diff(intervals).square().mean().sqrt()


@right("03.4")
def as_an_array(beats):
    seconds = beats[1:] - beats[:-1]
    second = beats[2:] - 2 * beats[1:-1] + beats[:-2]
    return 1e3 * np.array([np.sqrt(np.var(seconds, ddof=1)), np.linalg.norm(second) / np.sqrt(second.size)])


@wrong("03.4", "seconds, not milliseconds")
def in_seconds(beats):
    intervals = np.diff(beats)
    return np.std(intervals, ddof=1), np.sqrt(np.mean(np.diff(intervals) ** 2))


@wrong("03.4", "RMSSD first")
def the_other_order(beats):
    sdnn, rmssd = with_numpy(beats)
    return rmssd, sdnn


@wrong("03.4", "divided by n")
def numpy_as_it_comes(beats):
    return np.std(1000 * np.diff(beats)), with_numpy(beats)[1]


@wrong("03.4", "the spread of the beats, not of the intervals")
def forgot_the_intervals(beats):
    return np.std(1000 * beats, ddof=1), with_numpy(beats)[1]


@wrong("03.4", "the spread of the differences")
def spread_of_differences(beats):
    return with_numpy(beats)[0], np.std(np.diff(1000 * np.diff(beats)), ddof=1)


@wrong("03.4", "intervals squared, not their differences")
def one_difference_too_few(beats):
    intervals = 1000 * np.diff(beats)
    return np.std(intervals, ddof=1), np.sqrt(np.mean(intervals**2))


@wrong("03.4", "the root is missing")
def mean_square(beats):
    return with_numpy(beats)[0], np.mean(np.diff(1000 * np.diff(beats)) ** 2)


@wrong("03.4", "the size, not the root mean square")
def mean_size(beats):
    return with_numpy(beats)[0], np.mean(abs(np.diff(1000 * np.diff(beats))))


@wrong("03.4", "divided by the wrong number")
def sum_and_not_mean(beats):
    return with_numpy(beats)[0], np.sqrt(np.sum(np.diff(1000 * np.diff(beats)) ** 2))


@wrong("03.4", "divided by the wrong number")
def over_the_beats(beats):
    return with_numpy(beats)[0], np.sqrt(np.sum(np.diff(1000 * np.diff(beats)) ** 2) / len(beats))


@wrong("03.4", "divided by the wrong number")
def one_degree_too_few(beats):
    steps = np.diff(1000 * np.diff(beats))
    return with_numpy(beats)[0], np.sqrt(np.sum(steps**2) / (len(steps) - 1)) if len(steps) > 1 else 0.0


@wrong("03.4", diagnosing.PARTS)
def only_rmssd(beats):
    return (with_numpy(beats)[1],)


@wrong("03.4", diagnosing.TYPE)
def with_names(beats):
    return float(with_numpy(beats)[0])
