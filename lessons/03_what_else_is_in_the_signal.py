# %% [markdown]
# # 03. What else is in the signal?
#
# **What you will be able to do**
# - say how often and how long one must look to see a rhythm, and what happens if one does not
# - read a rate from a [spectrum](glossary.ipynb#cell-id=power-spectrum) better than its grid, and not believe more than
#   its [window](glossary.ipynb#cell-id=window) can know
# - judge the frequency bands that people name, with the evidence and the recording that each needs
# - [filter](glossary.ipynb#cell-id=filter) without moving a wave in time, and notice when the filter changes the truth
# - find the beats of a pulse, and not its echoes
# - find the breathing in a pulse, three times
# - calculate the [variability](glossary.ipynb#cell-id=heart-rate-variability) of a heart, and say how exact its timing
#   must be
#
# **What you need first:** Python functions and NumPy [arrays](glossary.ipynb#cell-id=array), lesson 00. It helps to
# have done lesson 01, which says where the wave comes from.
#
# **Time:** 100 minutes; 9 seconds of compute

# %%
import itertools
import textwrap
from pathlib import Path

import numpy as np
from IPython.display import display
from scipy import signal

from rppg_lab import checks, plots, spectrum, synthesis

# %% [markdown]
# Two words before we begin. A *wave* here is an array of numbers, taken `fs` times a second (the
# **[sampling rate](glossary.ipynb#cell-id=sampling-rate)**, in [Hz](glossary.ipynb#cell-id=hertz), as with 30 pictures
# a second). And `rate` means *per minute*, as doctors count; `frequency` means *per second*, Hz, as engineers do. 60
# per minute are 1 Hz.
#
# All hearts in this lesson are made ones, so we know the truth: when each beat was, and how the person
# breathed. A real recording can have its turn at the end.


# %%
def a_heart(bpm, seed, seconds=60):
    """A made heart of about this rate (per minute), and its pulse wave 30 times a second."""
    heart = synthesis.make_heart(bpm, seconds, np.random.default_rng(seed))
    time = np.arange(0, seconds, 1 / FS)
    return heart, time, heart.wave(time)


FS = 30.0  # Hz
heart, time, wave = a_heart(66, seed=25)
first = time < 12
plots.wave(time[first], wave[first], title="Twelve seconds of a made pulse")

# %% [markdown]
# *The figure in words:* a pulse wave over twelve seconds, a little more than one beat each second. After each
# beat comes a smaller second hill, the *[dicrotic wave](glossary.ipynb#cell-id=dicrotic-notch-and-wave)*. The whole
# rises and sinks slowly, a few seconds up and down: the breath.

# %% [markdown]
# ## 03.1 How often must one look?
#
# In old films the wheels of a coach sometimes turn backwards. The camera looks too rarely: between two
# pictures the wheel has turned *almost* once, and the eye takes the shorter way. Predict: a pulse of
# 3.4 Hz (204 per minute, a sprinter) is filmed with only 4 pictures a second. What will be seen?

# %%
fine = np.arange(0, 5, 0.002)
taken = np.arange(0, 5, 1 / 4.0)

figure, ax = plots.new_figure()
ax.plot(fine, np.cos(2 * np.pi * 3.4 * fine), color=plots.GREY, linewidth=1.2, label="the pulse, 3.4 Hz")
ax.plot(
    fine, np.cos(2 * np.pi * 0.6 * fine), color=plots.BLUE, linestyle="--", linewidth=1.8, label="its alias, 0.6 Hz"
)
ax.plot(taken, np.cos(2 * np.pi * 3.4 * taken), "o", color=plots.RED, markersize=8, label="what was taken, 4 Hz")
figure.legend(fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=3)
plots.label(ax, "Looking too rarely", "Time (s)", "Pulse (arbitrary units)")
display(figure)

# %% [markdown]
# *The figure in words:* a quick grey wave, dots on it four times a second, and a slow dashed wave that
# passes through every one of the dots.
#
# The dots lie on both waves, so nobody who has only the dots can tell them apart. This is
# **[aliasing](glossary.ipynb#cell-id=aliasing)**: a rhythm appears under a false name. With `fs` samples a second one
# can tell frequencies up to `fs / 2` (the **[Nyquist frequency](glossary.ipynb#cell-id=nyquist-frequency)**) from each
# other; anything faster is folded back into that range. And no filter helps afterwards: it must not be let in.
#
# Is that a danger for us? A heart reaches 4 Hz, the finest details of its wave 12 Hz or so, and 30 pictures a
# second reach 15 Hz. The heart is safe. But a *lamp* on the mains flickers 100 times a second (120 in some
# countries), and that is folded.

# %% tags=["nbval-check-output"]
for flicker, fs in ((100, 30.0), (100, 25.0), (100, 33.0), (120, 30.0), (120, 29.97)):
    alias = abs(flicker - round(flicker / fs) * fs)
    print(f"a lamp of {flicker} Hz, filmed at {fs:g} Hz: seen at {alias:5.2f} Hz, {60 * alias:5.1f} per minute")

# %% [markdown]
# Harmless at 30 Hz and 100 Hz: 10 Hz is no heart. At 33 Hz the same lamp becomes a perfect pulse of 60
# per minute, on every wall of the room. At 29.97 Hz and 120 Hz it is a slow breath of seven per minute.
# (A camera that keeps its shutter open for a whole period of the lamp sees nothing of it.)

# %% [markdown]
# ## 03.2 A wave is a sum of rhythms
#
# Any wave can be written as a sum of plain swings (sines), each with its frequency. The **power
# spectrum** says how much of each frequency there is. Programs get it by the *[fast Fourier
# transform](glossary.ipynb#cell-id=fft)*, FFT (`np.fft.rfft` in NumPy). That returns one complex number for each
# frequency: its angle says when the swing begins, its size how strong it is, and the size squared, `np.abs(…) ** 2`, is
# the power. Here is our pulse, a whole minute of it. Predict: the heart beats about 1.1 times a second. How many peaks
# will there be?

# %%
frequency, power = spectrum.power_spectrum(wave, FS)
true_rate = 60 / np.mean(np.diff(heart.beat_times[(heart.beat_times > 0) & (heart.beat_times < 60)]))

figure, ax = plots.new_figure(height=4.2)
ax.semilogy(frequency, power, color=plots.BLUE, linewidth=1.4)
ax.set(xlim=(0, 6), ylim=(1e-6, 60))
names = {"breath": heart.breath_hz} | {f"{i} ×" if i > 1 else "heart": i * true_rate / 60 for i in range(1, 6)}
for name, hertz in names.items():
    top = power[np.abs(frequency - hertz) < 0.1].max()
    place = "left" if name == "breath" else "center"  # beside the axis
    ax.annotate(name, (hertz - 0.14 * (place == "left"), 1.8 * top), fontsize=plots.SMALL, horizontalalignment=place)
plots.label(ax, "The rhythms of one minute of pulse", "Frequency (Hz)", "Power (units² per Hz, log)")
display(figure)

# %% [markdown]
# *The figure in words:* power over frequency, each step up ten times more. A peak at the breath near
# 0.2 Hz, the highest one at the heart near 1.1 Hz, and further peaks at two, three, four and five times
# the heart's frequency, most of them lower than the one before.
#
# The heart beats once, and makes five peaks. The ones at whole multiples are its
# **[harmonics](glossary.ipynb#cell-id=harmonic)**: a wave that is no plain swing, with a steep rise and an echo, needs
# them for its shape. So *a peak is not always a rhythm of its own*. Whoever takes the second for the heart reads twice
# the rate: an **[octave error](glossary.ipynb#cell-id=octave-error)**.
#
# Beside each peak stand smaller ones: the breath moves the beats to and fro, and makes them larger and
# smaller. This will be our way to the breath.

# %% [markdown]
# ## 03.3 How long must one look?
#
# Two rhythms, 60 and 66 per minute, at once. Can one see that they are two? Predict for 6 seconds and
# for 30. And what if one has only 6 seconds, but appends *zeros* to them until they are 60 seconds
# long?

# %%
figure, axes = plots.new_figure(1, 2, height=4.0)
for ax, seconds in zip(axes, (6, 30), strict=True):
    t = np.arange(0, seconds, 1 / FS)
    both = sum(np.cos(2 * np.pi * rate / 60 * (t - seconds / 2)) for rate in (60, 66))
    tapered = both * np.hanning(t.size)
    highest = np.max(np.abs(np.fft.rfft(tapered, 60 * t.size)) ** 2)  # one measure for dots and curve
    for samples, style in ((t.size, "o"), (60 * t.size, "-")):
        grid = 60 * np.fft.rfftfreq(samples, 1 / FS)
        strength = np.abs(np.fft.rfft(tapered, samples)) ** 2
        near = (grid > 40) & (grid < 90)
        name = "without zeros" if style == "o" else "zeros appended"
        colour = plots.RED if style == "o" else plots.BLUE
        ax.plot(grid[near], strength[near] / highest, style, color=colour, markersize=7, label=name)
    plots.label(
        ax, f"{seconds} s: resolution {60 / seconds:.0f} per min", "Rate (per minute)", "Power (share of highest)"
    )
    for rate in (60, 66):
        ax.axvline(rate, color=plots.GREY, linestyle=":", linewidth=1.5)
    ax.set_ylim(0, 1.05)
figure.legend(
    *axes[0].get_legend_handles_labels(), fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=2
)
display(figure)

# %% [markdown]
# *The figure in words:* left, 6 seconds: a few dots ten apart, and a smooth curve through them with one
# broad hill between the two true rates. Right, 30 seconds: dots two apart, and two clear hills, one at each
# of the true rates.
#
# Two rhythms can be told apart if they differ by at least one swing over the whole recording: 1 /
# seconds in Hz, **60 / seconds per minute**. This is the **[resolution](glossary.ipynb#cell-id=resolution)**, and only
# time buys it. [Appended zeros](glossary.ipynb#cell-id=zero-padding) (**zero padding**) add no information. They draw
# the *same* hill with more points.
#
# That is not useless. If there is only one rhythm, its hill has a top, and the top can be found much
# better than the grid of dots: with zeros, or with a parabola through the three highest dots. So
# programs should do it; many do not, and their [heart rates](glossary.ipynb#cell-id=heart-rate) come in steps (7 per
# minute is common!). But remember the difference: **zeros place one peak better; they do not separate two.**
#
# One more ingredient: before the spectrum is taken, the wave is faded in and out (the `np.hanning`
# above, a *[Hann window](glossary.ipynb#cell-id=hann-window)*). Otherwise its two ends, which do not fit together, act
# like a jump, and a jump contains all frequencies.

# %% [markdown]
# ## Exercise 03.1: the strongest rhythm (middling, 12 minutes)
#
# Write the function that returns the strongest rhythm of a wave between two frequencies `low` and `high`
# (Hz), **per minute**, to within about 0.3 per minute. It will find the heart between 0.7 and 4 Hz, and
# later the breath between 0.1 and 0.5 Hz. You may use `spectrum.power_spectrum(wave, fs)`, which fades
# and appends zeros, or do it all yourself.
#
# *You should see:* for the wave above, in the band of the heart, a number near 66.
#
# <details><summary>Hint 1: a question</summary>
#
# The spectrum has a highest point. At which *place* in the array does it stand, and which frequency
# stands at the same place of the other array?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# The breath is not to win when you look for the heart: whatever lies outside of `low` and `high` must
# not take part. If you cut the power, cut the frequencies alike.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Spectrum; a true/false array of the frequencies between both limits; `argmax` of the power there; the
# frequency at that place; to “per minute”. With a spectrum of your own: `np.fft.rfft(wave, n)` appends
# zeros up to n samples, and `np.fft.rfftfreq(n, 1 / fs)` says the frequencies; do not forget to fade the wave, and
# to take the size of the complex numbers.
# </details>


# %%
@checks.exercise("03.1")
def strongest_rhythm(wave, fs, low, high):
    """The strongest rhythm of a wave (T,) between low and high (Hz), per minute."""
    ### BEGIN SOLUTION
    frequency, power = spectrum.power_spectrum(wave, fs, step_bpm=0.1)
    allowed = (frequency >= low) & (frequency <= high)
    best = power[allowed].argmax()
    return float(60 * frequency[allowed][best])
    ### END SOLUTION


# %% tags=["nbval-check-output"]
print(f"heart:  {strongest_rhythm(wave, FS, 0.7, 4.0):.0f} per minute, true: {true_rate:.0f}")
print(f"breath: {strongest_rhythm(wave, FS, 0.1, 0.5):.0f} per minute, true: {60 * heart.breath_hz:.0f}")

# %% [markdown]
# ## 03.4 Which rhythms mean something?
#
# Pulse and heart have many rhythms, from some beats a second to one swing a day, and people have given
# names to *bands* of them. The lecture has a table. We print its claims, and beside each what the
# evidence allows. Four things to know before:
#
# - Some bands are read from the *wave*. Others are read from the **[beat-to-beat
#   intervals](glossary.ipynb#cell-id=beat-to-beat-interval)**: the list of times between beats, a new series with about
#   one value a second.
# - Two branches of the nervous system steer the heart: the *sympathetic* drives it on, the *parasympathetic*, by way
#   of the *vagus nerve*, slows it down. The *baroreflex* is the loop that keeps the blood pressure level, the
#   *renin–angiotensin system* a slower one, by hormones.
# - [LF and HF](glossary.ipynb#cell-id=lf-and-hf) are the power in the low and in the high band, LF/HF their ratio; LFnu
#   and HFnu are the shares of each in the sum of both.
# - From section 03.3: a rhythm must be there at least once in the recording to be seen at all, and about *ten
#   times* to be measured with any confidence. (The lengths in the table are those customary in the field; most are
#   shorter than ten swings of the band's lowest rhythm.) Predict: how long a video is needed for 0.003 Hz?

# %% tags=["nbval-check-output"]
for band in spectrum.BANDS.values():
    low, high = band.lecture
    print(f"{band.name.upper()}: the lecture says {low:g} to {high:g} Hz, {band.claim}")
    print(f"  {band.verdict}; take {band.low:g} to {band.high:g} Hz; read from {band.read_from}; at least", end=" ")
    print(f"{band.minimum_seconds:g} s" if band.minimum_seconds < 3600 else f"{band.minimum_seconds / 3600:g} hours")
    print(textwrap.indent(textwrap.fill(band.evidence, 96), "  "))

# %%
COLOUR_OF = {"holds": plots.GREEN, "holds in part": plots.ORANGE, "does not hold": plots.RED}
figure, ax = plots.new_figure(height=4.6)
for row, band in enumerate(reversed(spectrum.BANDS.values())):
    low, high = (max(edge, 0.001) for edge in band.lecture)
    ax.plot([low, high], [row + 0.16] * 2, color=plots.GREY, linewidth=7, solid_capstyle="butt")
    colour = COLOUR_OF[band.verdict]
    ax.plot([max(band.low, 0.001), band.high], [row - 0.16] * 2, color=colour, linewidth=7, solid_capstyle="butt")
    needs = band.minimum_seconds
    needs = f"{needs:g} s" if needs < 120 else f"{needs / 60:g} min" if needs < 3600 else f"{needs / 3600:g} h"
    ax.annotate(f"{band.verdict}; {needs}", (6, row), fontsize=plots.SMALL, verticalalignment="center")
ax.set_xscale("log")
ax.set(xlim=(0.001, 80), ylim=(-0.6, len(spectrum.BANDS) - 0.4))
ax.set_xticks([0.001, 0.01, 0.1, 1], ["0.001", "0.01", "0.1", "1"])
ax.set_yticks(range(len(spectrum.BANDS)), list(reversed(spectrum.BANDS)), fontsize=plots.TEXT)
plots.label(ax, "Bands: the lecture's (grey), and what we use", "Frequency (Hz, log scale)", "Band (name)")
display(figure)

# %% [markdown]
# *The figure in words:* seven bands as bars over a frequency axis from a thousandth of a hertz to four
# hertz. For each the lecture's bar, in grey, and ours below it, with the verdict and the shortest
# recording in words: 24 hours for the lowest, five minutes for the next two, a minute for the high band,
# 30 s for breathing, 10 s for the heart. “Ultra low” and “oxygen [saturation](glossary.ipynb#cell-id=saturation)” do
# not hold.
#
# And 0.003 Hz? One swing takes more than five minutes, ten take nearly an hour: that is the least, for this one
# rhythm. Its band goes on below it, to a swing a day; so the custom is 24 hours. With the other lengths mind what they
# buy. Five minutes hold a single swing of the very low band's lower edge, half a minute three slow breaths, ten seconds
# seven beats of the slowest heart: enough to see the rhythm, not to measure it with confidence.
#
# Three lessons. **A band is not an organ:** several causes share each of them, and the head's own
# movements share all. **A claim has a length:** three of the seven cannot be read from a video of one
# minute by anybody. And **a limit is a decision**: why the heart should begin at 0.7 and not 0.8 Hz, we
# will see in section 03.6.

# %% [markdown]
# ## 03.5 Keeping a band
#
# A *[band-pass](glossary.ipynb#cell-id=band-pass)* keeps the rhythms between two frequencies and lets go of the others.
# There are many kinds; *[Butterworth](glossary.ipynb#cell-id=butterworth)* is a good-natured one. A filter that runs
# along with time, as in a machine that must answer at once, knows only the past. Predict what that does to the shape
# and the *moments* of beats.

# %%
noisy = wave + 0.5 * np.sin(2 * np.pi * 0.11 * time) + 0.06 * np.random.default_rng(0).standard_normal(time.size)
sections = signal.butter(2, [0.7, 4.0], btype="bandpass", fs=FS, output="sos")
once = signal.sosfilt(sections, noisy)
twice = spectrum.bandpass(noisy, FS)
part = (time > 20) & (time < 25)
rates = np.linspace(42, 180, 200)
_, answer = signal.sosfreqz(sections, rates / 60, fs=FS)
shift_ms = 1000 * -np.unwrap(np.angle(answer)) / (2 * np.pi * rates / 60)

figure, axes = plots.new_figure(1, 2, height=4.2)
axes[0].plot(time[part], noisy[part] + 1.6, color=plots.GREY, linewidth=1.2, label="as it came")
axes[0].plot(time[part], twice[part], color=plots.BLUE, linewidth=1.8, label="forwards and backwards")
axes[0].plot(time[part], once[part] - 1.3, "--", color=plots.RED, linewidth=1.8, label="forwards only")
axes[0].set_yticks([])
plots.label(axes[0], "The same pulse, three times", "Time (s)", "Pulse (arbitrary units)")
axes[1].plot(rates, shift_ms, "--", color=plots.RED, linewidth=2)
axes[1].axhline(0, color=plots.BLUE, linewidth=2)
plots.label(axes[1], "Moved by how much?", "Rate (per minute)", "Shift of a plain swing (ms)")
handles = axes[0].get_legend_handles_labels()
figure.legend(*handles, fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=3)
display(figure)

# %% [markdown]
# *The figure in words:* left five seconds of pulse: rough and drifting as it came; filtered both ways,
# smooth and level, with its steep rise and its echo; filtered forwards only, smooth too, but of another
# shape. Right, by how much the forward filter shifts a plain swing: a slow one comes too *early*, by more
# than a tenth of a second, a quick one too late. Both ways, nothing is shifted.
#
# A filter shifts every frequency in time, each by another amount (its **[phase](glossary.ipynb#cell-id=phase)**). For a
# heart rate that does not matter; for the moments of beats, for the shape of the wave, for a
# [network](glossary.ipynb#cell-id=network) that is to learn it, it does. (Too early? No filter looks ahead. But a swing
# that is pushed back by most of a period looks as if it had been pulled forward.) The trick: filter once more
# **backwards**, and the shifts cancel (`filtfilt`; **zero phase**). It needs the whole recording, so a live monitor
# cannot have it.
#
# And the ends? A filter must guess what lies beyond them. Let us measure it: cut 10 s out of a minute,
# filter only them, and compare with the same seconds of the filtered minute.

# %%
errors = []
for seed in range(20):
    _, _, long = a_heart(70, seed)
    long = long + 0.5 * np.sin(2 * np.pi * 0.12 * time + seed)
    whole = spectrum.bandpass(long, FS)
    alone = spectrum.bandpass(long[600:900], FS)
    errors.append(np.abs(alone - whole[600:900]) / whole.std())
by_half_second = np.mean(errors, axis=0).reshape(20, 15).mean(axis=1)

figure, ax = plots.new_figure(height=3.4)
ax.bar(np.arange(20) / 2 + 0.25, 100 * by_half_second, width=0.42, color=plots.PURPLE)
plots.label(ax, "The ends of a filtered wave are guesses", "Place in the cut of 10 s (s)", "Error (% of the wave's SD)")
display(figure)

# %% [markdown]
# *The figure in words:* bars over the ten seconds of the cut; high at both ends, invisible in between.

# %% tags=["nbval-check-output"]
ends, middle = by_half_second[[0, 1, -2, -1]].mean(), by_half_second[4:-4].mean()
print("the first and last second are more than ten times as wrong as the middle:", bool(ends > 10 * middle))

# %% [markdown]
# So: filter the *whole* recording first and cut afterwards, or do not trust the first and last second.

# %% [markdown]
# ## Exercise 03.2: keep a band, and move nothing (middling, 12 minutes)
#
# Write a band-pass with zero phase: a wave (T,), sampled `fs` times a second, comes back with the same
# length; rhythms between `low` and `high` (Hz) are kept where they are, slower ones (the mean and the
# drift) and faster ones are gone. Which kind of filter is your choice: Butterworth, a
# [convolution](glossary.ipynb#cell-id=convolution), a spectrum with holes in it. (The ends are not compared: there
# every filter guesses.)
#
# *You should see:* the blue curve of the figure above, if you filter `noisy` between 0.7 and 4 Hz.
#
# <details><summary>Hint 1: a question</summary>
#
# What must be done twice, and in which direction the second time?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# `scipy.signal` (imported above) has a function that makes a Butterworth filter, used in the cell of the
# figure, and beside `sosfilt` it has one that goes both ways, with “filtfilt” in its name. Say `fs=`,
# otherwise frequencies count in another unit.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Line one: make the filter, kind “bandpass”, with both limits in one list, in sections (`output="sos"`).
# Line two: apply it both ways. Without scipy: `np.fft.rfft` of the wave, zero where the frequency is
# outside, `np.fft.irfft` back to the same length.
# </details>


# %%
@checks.exercise("03.2")
def keep_band(wave, fs, low, high):
    """The rhythms of a wave (T,) between low and high (Hz), same length, not moved in time."""
    ### BEGIN SOLUTION
    kind = signal.butter(2, (low, high), "bandpass", fs=fs, output="sos")
    return signal.sosfiltfilt(kind, wave)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
mine = keep_band(noisy, FS, 0.7, 4.0)
middle = (time > 5) & (time < 55)
print(f"like the clean pulse, filtered alike: r = {np.corrcoef(mine[middle], twice[middle])[0, 1]:.1f}")

# %% [markdown]
# ## 03.6 The filter and the truth
#
# Here is a trap that has caught published programs. To judge a method one compares its pulse with the
# true one, from a finger clip. Both are filtered “to the band of the heart”, one must treat them alike.
# Let us do so for somebody who sleeps, with a heart of 46 per minute, in the lecture's band of 0.80 to
# 4.00 Hz. Predict: which rate comes out?

# %% tags=["nbval-check-output"]
sleeper, _, slow_wave = a_heart(46, seed=0, seconds=30)
camera = slow_wave + 0.1 * np.random.default_rng(1).standard_normal(slow_wave.size)
beats = sleeper.beat_times[(sleeper.beat_times > 0) & (sleeper.beat_times < 30)]
print(f"counted beats:                    {60 / np.mean(np.diff(beats)):.0f} per minute")
for low in (0.8, 0.7):
    label, estimate = (strongest_rhythm(keep_band(x, FS, low, 4.0), FS, low, 4.0) for x in (slow_wave, camera))
    print(
        f"band from {low} Hz: label {label:.0f}, estimate {estimate:.0f}, error {abs(label - estimate):.0f} per minute"
    )

# %% [markdown]
# With 0.8 Hz the sleeper's heart, at 0.77 Hz, is outside. The strongest thing that is left is its second
# harmonic, and both read *twice the rate*. The error is zero. The report says: perfect. **Who filters
# the [label](glossary.ipynb#cell-id=label) changes the truth**, and if method and label share the mistake no comparison
# will find it.
#
# Upper limits do the same at the other end: 2.5 Hz, in several programs, makes every heart above 150 per
# minute impossible. So: one band for the whole course, 0.7 to 4.0 Hz, written down; and for the truth,
# wherever they can be had, counted beats.

# %% [markdown]
# ## 03.7 Drift, without a band
#
# Sometimes only the slow wandering is to go: light that changes, a head that sinks.
# **[Detrending](glossary.ipynb#cell-id=detrending)** draws a smooth line through the wave and takes it away. The way
# most used in this field (*smoothness priors*) asks for the line that stays near the wave and bends little; a number λ
# says how much bending costs. Papers say “we used λ = 100”. Predict: does λ = 100 do the same to 30 and to 60 pictures
# a second?

# %%
wandering = wave + 1.5 * np.sin(2 * np.pi * 0.03 * time) + 0.02 * time
level = spectrum.detrend(wandering, FS, cutoff=0.4)
figure, axes = plots.new_figure(1, 2, height=4.0)
part = time < 30
axes[0].plot(time[part], wandering[part], color=plots.GREY, linewidth=1.2, label="wave")
axes[0].plot(time[part], (wandering - level)[part], color=plots.RED, linestyle="--", linewidth=2, label="its trend")
axes[0].plot(time[part], level[part] - 3, color=plots.BLUE, linewidth=1.2, label="wave − trend − 3")
plots.label(axes[0], "Take the smooth line away", "Time (s)", "Pulse (units)")
hertz = np.linspace(0.01, 2, 300)
for i, fs in enumerate((30, 60)):
    kept = 1 - 1 / (1 + 100.0**2 * (4 * np.sin(np.pi * hertz / fs) ** 2) ** 2)
    axes[1].plot(hertz, 100 * kept, color=plots.COLOURS[i], linestyle=plots.LINES[i], linewidth=2, label=f"at {fs} Hz")
axes[1].axvspan(0.7, 2, color=plots.GREEN, alpha=0.12, linewidth=0, label="heart")
axes[1].set(xlim=(0, 2), ylim=(0, 102))
plots.label(axes[1], "The same λ = 100, twice", "Frequency (Hz)", "Amplitude kept (%)", legend=True)
figure.legend(
    *axes[0].get_legend_handles_labels(), fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=3
)
display(figure)

# %% [markdown]
# *The figure in words:* left a pulse that wanders widely, a dashed line through its middle, and below
# what remains: the same pulse, level. Right, how much of each frequency λ = 100 keeps: at 30 pictures a
# second the heart's band keeps most of its strength; at 60 the curve lies further right, and the slowest
# hearts lose most of theirs.
#
# It does *not*: λ counts in samples. So our `spectrum.detrend` asks for a frequency (the one whose
# amplitude is halved) and not for λ. A number without its sampling rate is half a number.

# %% [markdown]
# ## 03.8 Beat by beat
#
# A spectrum knows a window of seconds. Sometimes each single beat is wanted: when was it? A beat is a
# peak, so let us count the peaks. Predict: how many will there be in twelve seconds of our heart, with
# its 66 [beats per minute](glossary.ipynb#cell-id=beats-per-minute)?

# %%
naive, _ = signal.find_peaks(wave[first])
plots.wave(
    time[first], wave[first], beats=time[naive], title=f"Every peak is a beat? {60 * naive.size / 12:.0f} per minute"
)

# %% [markdown]
# *The figure in words:* the pulse of the beginning. Rings mark not only the top of every beat but also
# the dicrotic wave after it: two rings for each beat, and about twice the rate.
#
# An octave error again, this time in time. What tells a beat from its echo?
#
# - **Distance.** An echo follows its beat after 0.3 to 0.5 of a period. Two beats are about a *whole*
#   period apart. So two peaks closer than, say, 0.6 of a period cannot both be beats. And how long is
#   the period? You have a function that knows the rhythm. (A fixed 0.4 s will not do: it fails for the
#   slow *and* for the quick.)
# - **Height.** A beat stands out above the valleys beside it by more than its echo does: its
#   *[prominence](glossary.ipynb#cell-id=prominence)*. A fixed height fails as soon as the wave drifts.
# - **Smoothing first.** [Noise](glossary.ipynb#cell-id=noise) makes peaks, too. A band-pass takes away most of them;
#   with zero phase, or all the beats move.

# %% [markdown]
# ## Exercise 03.3: the moments of the beats (hard, 20 minutes)
#
# Write the function that takes a pulse wave (T,), noisy and drifting, and returns the times of its
# beats (n,): the tops of the large waves, in **seconds from the first sample**, echoes not counted. The
# rate lies between 45 and 150 per minute and is nearly steady. Beats within the first and last 0.7 s
# may be found or not; times may be off by 0.08 s.
#
# *You should see:* for the twelve seconds above 13 beats, about 0.9 s apart.
#
# <details><summary>Hint 1: a question</summary>
#
# If you knew that the period is 0.9 s: which of two peaks that stand 0.4 s apart would you believe?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# `signal.find_peaks(x, distance=…)` does just that: of peaks that are closer than `distance` *samples*
# only the higher ones stay. Feed it the filtered wave, not the raw one.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Four steps: filter to the band of the heart (exercise 03.2); the rate (exercise 03.1) of the wave *as it came*, not
# of the filtered one, and from it the seconds of one period; `find_peaks` with about 0.6 of that, in samples; and
# from places in the array to seconds. (Why as it came? Near its edges a filter weakens what it keeps. A slow heart
# lies at the lower edge, its harmonic does not: of the filtered wave the harmonic may be the strongest, an octave
# error.)
# </details>


# %%
@checks.exercise("03.3")
def beat_times(wave, fs):
    """Times (n,) in s of the beats of one pulse wave (T,), the dicrotic wave not counted."""
    ### BEGIN SOLUTION
    smooth = keep_band(wave, fs, 0.7, 4.0)
    period = 60 / strongest_rhythm(wave, fs, 0.7, 4.0)
    peaks, _ = signal.find_peaks(smooth, distance=0.6 * period * fs)
    return peaks / fs
    ### END SOLUTION


# %%
found = beat_times(wave, FS)
plots.wave(time[first], wave[first], beats=found[found < 12], title="Beats, not echoes")

# %% [markdown]
# *The figure in words:* the same pulse; now one ring near the top of each beat and none on the echoes.

# %% [markdown]
# ## 03.9 Spectrum or beats?
#
# Two ways to a heart rate: the top of the spectrum, or 60 over the mean interval between beats. Which is
# better? Predict: which one will suffer first when noise is added, and which one is better when there
# is none? Here are 20 hearts, 20 s each, under more and more noise. (We take the package's careful
# beats, which also leave out intervals that cannot be. The *[median](glossary.ipynb#cell-id=median)* error is the
# middle one of the 20.)

# %%
NOISE = (0.0, 0.1, 0.2, 0.4, 0.6, 0.8, 1.2)
crowd = []
for seed in range(20):
    one, _, clean = a_heart(50 + 2.4 * seed, seed, seconds=20)
    of_one = one.beat_times[(one.beat_times > 0) & (one.beat_times < 20)]
    crowd.append((clean, 60 / np.mean(np.diff(of_one))))


def median_error(method, noise):
    """Median absolute error (per minute) over the crowd, with so much noise in units of a full beat."""
    rough = np.stack([
        clean + noise * np.random.default_rng(i).standard_normal(clean.size) for i, (clean, _) in enumerate(crowd)
    ])  # fmt: skip
    return np.median(np.abs(spectrum.heart_rate(rough, FS, method=method) - [true for _, true in crowd]))


error = {method: np.array([median_error(method, noise) for noise in NOISE]) for method in ("spectrum", "beats")}
figure, ax = plots.new_figure()
for i, (method, values) in enumerate(error.items()):
    ax.plot(NOISE, values, marker=plots.MARKERS[i], color=plots.COLOURS[i], linestyle=plots.LINES[i], label=method)
ax.set_ylim(bottom=0)
plots.label(ax, "Two ways to a rate", "Noise (SD, in heights of a beat)", "Median error (per minute)", legend=True)
display(figure)

# %% [markdown]
# *The figure in words:* median error over noise. The line of the spectrum is almost flat, at a small fraction of
# a beat per minute. The line of the beats begins below it, near zero, crosses it, and climbs to several
# beats per minute.

# %% tags=["nbval-check-output"]
print("without noise, beats err less:", bool(error["beats"][0] < error["spectrum"][0]))
print("with the most noise, the spectrum errs less:", bool(error["spectrum"][-1] < error["beats"][-1]))

# %% [markdown]
# A spectrum uses every sample of the window at once, so it stands a lot of noise. (From a face there
# *is* a lot.) But it names the *strongest* rhythm. If the rate wanders within the window, that is not the
# mean; and if noise is the strongest it is wrong altogether and does not say so. (A median hides those few:
# take `np.mean` above, and see.) Beats give the exact mean, and each beat, as long as they can be seen. Where
# both agree, trust grows: a free test of quality.
#
# And harmonics? Many networks are trained on the *change* of the pulse from [frame](glossary.ipynb#cell-id=frame) to
# frame, its derivative. Deriving multiplies every rhythm by its frequency, so the second harmonic gains a factor of two
# on the heart itself. Look what the spectrum makes of it, if one derives once, or twice.

# %% tags=["nbval-check-output"]
for name, times in (("the wave", 0), ("its derivative", 1), ("its second derivative", 2)):
    wrong = 0
    for clean, true in crowd:
        for _ in range(times):
            clean = np.gradient(clean)
        wrong += abs(spectrum.heart_rate(clean, FS) - true) > 5
    many = "none" if not wrong else "some" if wrong < len(crowd) / 2 else "most"
    print(f"{name}: of {len(crowd)} hearts, {many} off by more than 5 per minute")

# %% [markdown]
# From a derivative one must go back before one reads a rate: add it up again (`np.cumsum`), take the drift
# away, and then look. Some of the networks of the later lessons need just this.

# %% [markdown]
# ## 03.10 Breathing, three times
#
# You breathe in: the chest pulls blood in, the pressure sinks a little, and the heart speeds up. So a
# pulse wave carries the breath in three ways:
#
# 1. **baseline**: the whole wave is lifted and lowered;
# 2. **amplitude**: the beats become larger and smaller;
# 3. **rate**: the intervals become shorter and longer (*[respiratory sinus
#    arrhythmia](glossary.ipynb#cell-id=respiratory-sinus-arrhythmia)*).
#
# From the beats each of the three becomes a series with one value a beat. Put on an even grid of time,
# your `strongest_rhythm` can look for a breath in it, between 0.1 and 0.5 Hz (6 to 30 per minute).
# Think of section 03.1: why can nobody find a breath in this way that is faster than *half* the heart rate?


# %%
def breath_series(wave, fs):
    """Baseline, amplitude and rate of a pulse wave, beat by beat, on an even grid of 4 Hz: times (n,), {name: (n,)}."""
    beats = spectrum.beat_times(wave, fs)
    between = [wave[int(a * fs) : int(b * fs) + 1] for a, b in itertools.pairwise(beats)]
    valley = np.array([one.min() for one in between])
    top = np.interp(beats[1:], np.arange(wave.size) / fs, wave)
    middle = (beats[1:] + beats[:-1]) / 2
    grid = np.arange(middle[0], middle[-1], 0.25)
    series = {"baseline": valley, "amplitude": top - valley, "rate": 60 / np.diff(beats)}
    return grid, {name: np.interp(grid, middle, values) for name, values in series.items()}


grid, series = breath_series(wave, FS)
figure, axes = plots.new_figure(4, 1, height=6.4, sharex=True)
axes[0].plot(grid, heart.respiration(grid), color=plots.BLACK, linewidth=1.8)
plots.label(axes[0], "One breath, three traces (heights in beats)", y="Breath")
for ax, colour, (name, values) in zip(axes[1:], (plots.BLUE, plots.RED, plots.GREEN), series.items(), strict=True):
    ax.plot(grid, values, color=colour, linewidth=1.8)
    plots.label(ax, y="Rate (/min)" if name == "rate" else name.capitalize())
axes[3].set_xlabel("Time (s)", fontsize=plots.TEXT)
axes[3].set_xlim(0, 60)
figure.align_ylabels()
display(figure)

# %% [markdown]
# *The figure in words:* four curves over a minute: the true breath, and baseline, amplitude and rate of
# the pulse. All swing in the same rhythm, about once in five seconds.
#
# On this clean wave all three know the breath. Now be fair: people move. A head that sways slowly lifts
# and lowers the light, in the very band of the breath. Predict: which of the three stands that best?


# %%
def breath_errors(sway, people=12):
    """Error (people, 3) of the breathing rate per minute, from baseline, amplitude and rate, with so much swaying."""
    rows = []
    for seed in range(people):
        one, t, clean = a_heart(55 + 3.5 * seed, seed)
        rng = np.random.default_rng(seed)
        wander = spectrum.bandpass(np.cumsum(rng.standard_normal(t.size)), FS, (0.08, 0.5))
        moved = clean + 0.05 * rng.standard_normal(t.size) + sway * wander / wander.std()
        _, found = breath_series(moved, FS)
        rates = np.array([strongest_rhythm(values, 4.0, 0.1, 0.5) for values in found.values()])
        rows.append(np.abs(rates - 60 * one.breath_hz))
    return np.array(rows)


calm, swaying = breath_errors(0.0), breath_errors(0.5)
figure, ax = plots.new_figure(height=3.6)
places = np.arange(3)
for shift, errors, name, colour in ((-0.2, calm, "calm", plots.BLUE), (0.2, swaying, "swaying head", plots.RED)):
    hits = np.count_nonzero(errors < 2, axis=0)
    ax.bar(
        places + shift, hits, width=0.36, color=colour, label=name, hatch="//" if shift > 0 else None, edgecolor="white"
    )
ax.set_xticks(places, ["baseline", "amplitude", "rate"], fontsize=plots.TEXT)
ax.set_ylim(0, 12.5)
figure.legend(fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=2)
plots.label(ax, "Breathing rate within 2 per minute", "Where the breath was looked for (name)", "People (of 12)")
display(figure)

# %% [markdown]
# *The figure in words:* three pairs of bars. In calm people all three find the breath of all or nearly
# all twelve. With a swaying head the baseline finds it in few, the amplitude in some, the rate in as
# many as before.

# %% tags=["nbval-check-output"]
right_calm, right_swaying = (np.count_nonzero(errors < 2, axis=0) for errors in (calm, swaying))
print("calm, each of the three is right for at least 11 of 12:", bool((right_calm >= 11).all()))
print("swaying, the baseline is lost for at least half:", bool(right_swaying[0] <= 6))
print("swaying, the rate is right for at least 11 of 12:", bool(right_swaying[2] >= 11))

# %% [markdown]
# Movement adds light; it does not move the beats. So the rate is the safest of the three. But it needs a
# heart that breathes: old people, some illnesses and some drugs make this arrhythmia small, and our made
# hearts all have it. A good program asks all three, and says nothing when they disagree. (And our swaying
# here is slow noise; a person who sways *in* the rhythm of the breath only helps.)

# %% [markdown]
# ## 03.11 How variable is a heart?
#
# A healthy heart is no clock. Two measures of its **variability** (HRV), both from the intervals between
# normal beats, both in **milliseconds**:
#
# - **[SDNN](glossary.ipynb#cell-id=sdnn-and-rmssd)**: the [standard
#   deviation](glossary.ipynb#cell-id=standard-deviation) of the intervals (with n − 1). It takes in everything, slow
#   changes too, so it *grows with the length* of the recording: a value of 1 minute cannot be compared with one of a
#   day.
# - **RMSSD**: take the difference of each interval from the one before; square; mean; root. It sees only
#   the quick change from beat to beat, mostly breathing, and one minute goes some way.
#
# (From a pulse wave one rather speaks of *pulse rate variability*: the way to the skin changes a little
# from beat to beat, too. An [ECG](glossary.ipynb#cell-id=ecg) is the measure. And the two “normalised” powers, LFnu and
# HFnu, that papers print side by side, add up to 1 by definition: they are one number, printed twice.)

# %% [markdown]
# ## Exercise 03.4: SDNN and RMSSD (middling, 10 minutes)
#
# Given the times (n,) of the beats in **seconds**, return both in **milliseconds**, SDNN first.
#
# *You should see:* for beats at 0, 1, 2.1, 3 and 4.2 s the intervals are 1000, 1100, 900 and 1200 ms, SDNN
# is about 129 ms and RMSSD about 216 ms.
#
# <details><summary>Hint 1: a question</summary>
#
# From n beats, how many intervals? And how many differences between neighbouring intervals?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# `np.diff` takes differences of neighbours, and one can take them again. NumPy's `std` divides by n
# unless it is told otherwise: see `help(np.std)`, argument `ddof`. And read “root mean square” backwards: what
# comes first?
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Intervals in milliseconds; their standard deviation, divided by n − 1. Then their
# differences: squared, averaged, rooted. No mean is taken off for the second one.
# </details>


# %%
@checks.exercise("03.4")
def variability(beats):
    """SDNN and RMSSD in ms of beats at these times (n,) in s."""
    ### BEGIN SOLUTION
    intervals = 1000 * np.diff(beats)
    sdnn = intervals.std(ddof=1)
    rmssd = np.sqrt(np.mean(np.square(np.diff(intervals))))
    return float(sdnn), float(rmssd)
    ### END SOLUTION


# %% [markdown]
# Now, how exact must the moments be? A camera of 30 Hz looks every 33 ms. RMSSD of a person at rest is
# some 20 to 50 ms. If each beat is placed on the nearest frame, the rounding alone changes from beat to
# beat. How much does that add? Each rounding is off by up to half a frame; working it through, it adds
# 1000 / (√2 · fs) milliseconds, in squares: the new RMSSD² is the old one plus the square of this.
#
# Predict: what does a calm heart with an RMSSD of 15 ms read at 30 Hz? Then look.

# %%
RATES = (10, 15, 30, 60, 125, 250)
truths, grids, betweens = [], [], []


def one_minute(heart, fs):
    """Times of the beats of a clean pulse sampled at fs, placed between the samples, from 1 to 59 s."""
    placed = spectrum.beat_times(heart.wave(np.arange(0, 60, 1 / fs)), fs)
    return placed[(placed > 1) & (placed < 59)]


for seed in range(8):
    one = synthesis.make_heart(66, 62, np.random.default_rng(200 + seed))
    truths.append(variability(one_minute(one, 500.0))[1])
    for fs in RATES:
        placed = one_minute(one, fs)
        betweens.append(variability(placed)[1])
        grids.append(variability(np.round(placed * fs) / fs)[1])
truths = np.array(truths)
on_grid, between = (np.reshape(values, (8, len(RATES))) - truths[:, None] for values in (grids, betweens))
theory = np.sqrt(truths[:, None] ** 2 + 1e6 / (2 * np.array(RATES) ** 2)) - truths[:, None]

figure, ax = plots.new_figure(height=4.2)
ax.plot(RATES, on_grid.mean(axis=0), "s--", color=plots.RED, linewidth=1.8, label="on the nearest sample")
ax.plot(RATES, theory.mean(axis=0), ":", color=plots.BLACK, linewidth=1.8, label="expected from rounding")
ax.plot(RATES, between.mean(axis=0), "o-", color=plots.BLUE, linewidth=1.8, label="between the samples (parabola)")
ax.set_xscale("log")
ax.set_xticks(RATES, [str(fs) for fs in RATES])
ax.minorticks_off()
plots.label(
    ax, "What timing costs: the error of RMSSD", "Sampling rate (Hz, log scale)", "RMSSD − true (ms)", legend=True
)
display(figure)

# %% [markdown]
# *The figure in words:* error of RMSSD over sampling rate, from 10 to 250 Hz. With beats on the nearest
# sample it is tens of milliseconds at 10 Hz, near ten at 30 Hz, and vanishes above 100 Hz; from 15 Hz on it is as
# the dotted line of the rounding has it, at 10 Hz it lies below it. With a parabola through the three highest
# samples it stays near zero at all of them. (“True” is here what the same pulse shows at 500 Hz.)

# %% tags=["nbval-check-output"]
at_30 = RATES.index(30)
print(f"a calm heart of 15 ms, by the rule: {np.sqrt(15**2 + (1000 / 30) ** 2 / 2):.0f} ms at 30 Hz")
print(f"true RMSSD of the 8 hearts: {truths.min():.0f} to {truths.max():.0f} ms")
print("30 Hz, nearest sample: more than 5 ms too high on average:", bool(on_grid[:, at_30].mean() > 5))
print("30 Hz, between samples: within 1 ms on average:", bool(abs(between[:, at_30]).mean() < 1))
print("250 Hz, nearest sample: within 1 ms on average:", bool(abs(on_grid[:, -1]).mean() < 1))

# %% [markdown]
# Rounding alone makes a calm heart look almost twice as variable. So 30 pictures a second can be enough, **if one
# reads between them**, and if the wave is clean: noise moves a peak as rounding does, and nothing brings that
# back. And one more danger is larger than all of this. Predict: of some sixty beats, *one* is missed. How wrong
# is RMSSD?

# %% tags=["nbval-check-output"]
beats = heart.beat_times[(heart.beat_times > 0) & (heart.beat_times < 58)]
whole, missed = variability(beats)[1], variability(np.delete(beats, 30))[1]
print("one missed beat makes RMSSD more than three times as large:", bool(missed > 3 * whole))

# %% [markdown]
# One interval of double length among sixty, squared. Whoever prints variability must look at every beat,
# or say how many intervals were left out and by which rule.

# %% [markdown]
# ## 03.12 A wave of your own
#
# Have you a recording, from an app or a finger clip? Save it as `my_pulse.csv` beside this notebook: two
# columns with a comma between, time in seconds and pulse, and a first line with names. The times need
# not be even: we lay an even grid over them. (It stays on your computer, as everything here.)

# %%
MINE = Path("my_pulse.csv")
if MINE.exists():
    when, pulse = np.genfromtxt(MINE, delimiter=",", skip_header=1, encoding="utf-8-sig").T
    even = np.arange(when[0], when[-1], 1 / FS)
    pulse = spectrum.resample(pulse, when, even)
    by_spectrum, found = strongest_rhythm(pulse, FS, 0.7, 4.0), beat_times(pulse, FS)
    print(f"{even.size / FS:.0f} s: {by_spectrum:.1f} per minute by the spectrum,", end=" ")
    print(f"{60 / np.diff(found).mean():.1f} by {found.size} beats")
    display(plots.wave(even[:450], pulse[:450], beats=found[found < 15] + even[0], title="Your own"))
else:
    print("There is no my_pulse.csv beside this notebook: nothing to read.")

# %% [markdown]
# Look at the picture first: is it a pulse, upright, with rings on the beats? If the two rates disagree by
# more than a few per minute, believe neither and find out why. (If light was recorded, and not blood,
# the wave is upside down: put a minus before it.)

# %%
checks.show_progress("03")

# %% [markdown]
# ## What you found
#
# - Sampling: what is faster than half the sampling rate comes back under a false name. A lamp can look
#   like a heart.
# - Resolution is 60 / seconds per minute, and zeros do not change it. They place a single peak better.
# - A wave has harmonics. Who takes one of them for the heart is wrong by an octave, in the spectrum and
#   in the peaks.
# - A band is a claim. Several of the lecture's do not hold, and three need five minutes to a day.
# - Filter forwards and backwards; distrust the ends; never let the same filter change method and truth.
# - Spectra stand noise; beats give the exact mean and the variability. Use both.
# - Breathing is in baseline, amplitude and rate; only the last stands movement.
# - RMSSD at 30 Hz needs times between the frames, and not one missed beat.
# - All hearts here were made by our own rules. Real ones, with arrhythmia and illness, break some of them.

# %% [markdown]
# ## Three questions to ask yourself
#
# **1. A program reads the heart rate from windows of 5 s and reports 71.3 per minute. Which of the digits
# do you believe?**
#
# <details><summary>Answer</summary>
#
# With one clean rhythm, a peak can be placed to some tenths, so 71 may well be right. But the window
# cannot tell 71 from 66 or 77 if both are there (resolution 12 per minute), so a disturbance close by
# pulls the peak, and nothing shows it. The .3 is decoration.
# </details>
#
# **2. You filter the wave of a network *and* the label to 0.75–2.5 Hz and find an error of 0.4 per minute
# on people after exercise. What is your next question?**
#
# <details><summary>Answer</summary>
#
# What were the true rates, counted without this filter? Above 150 per minute both were cut off, and agree
# on something else.
# </details>
#
# **3. Somebody sells an app that reads “stress” from 30 s of a face, by LF/HF. What do you say?**
#
# <details><summary>Answer</summary>
#
# The low band begins at 0.04 Hz: 25 s for one period, and 250 s for ten. In 30 s there is nothing to
# measure. And if there were five minutes: the low band is driven by both branches of the nervous system
# and by the blood pressure's own loop, so it gauges neither stress nor balance.
# </details>

# %% [markdown]
# ## Where to read on
#
# - The bands and measures of variability, and how long to record: Task Force of the European Society of
#   Cardiology and NASPE, “Heart rate variability: standards of measurement, physiological interpretation,
#   and clinical use”, *Circulation* 93 (1996), 1043.
# - Why LF/HF is no balance: G. E. Billman, “The LF/HF ratio does not accurately measure cardiac
#   sympatho-vagal balance”, *Frontiers in Physiology* 4 (2013), 26.
# - Breathing from the pulse: P. H. Charlton and colleagues, “Breathing rate estimation from the
#   electrocardiogram and photoplethysmogram: a review”, *IEEE Reviews in Biomedical Engineering* 11
#   (2018), 2.
# - Detrending: M. P. Tarvainen, P. O. Ranta-aho and P. A. Karjalainen, “An advanced detrending method with
#   application to HRV analysis”, *IEEE Transactions on Biomedical Engineering* 49 (2002), 172.
# - In this project: `rppg_lab/spectrum.py`, and `tests/test_real_waves.py`, where ten real people's finger
#   pulses meet their chest straps.
