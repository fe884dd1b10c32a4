# %% [markdown]
# # 01. Why does light know your pulse?
#
# **What you will be able to do**
# - say what [PPG](glossary.ipynb#cell-id=ppg) measures, and why it is a wave and not the blood that we see
# - test figures from a lecture with nothing but addition
# - calculate how much light blood lets through, without a mistake in the units
# - read the [absorption](glossary.ipynb#cell-id=absorption) of blood, and say why green for a face and red or
#   [infrared](glossary.ipynb#cell-id=infrared) for a finger
# - take the steady and the beating part of a light apart, and find oxygen in their ratio
# - explain why blood is red, why it never is blue, and why a vein looks blue all the same
#
# **What you need first:** Python functions and NumPy [arrays](glossary.ipynb#cell-id=array), lesson 00. No physics.
#
# **Time:** 75 minutes; 5 seconds of compute

# %%
import numpy as np
from IPython.display import display

from rppg_lab import checks, physics, plots, synthesis

# %% [markdown]
# ## 01.1 Light, volume, record
#
# Hold a torch behind your finger in the dark. The finger glows red. It also flickers, in time with
# your heart, so little that you cannot see it. A light sensor can.
#
# This is **photoplethysmography**, PPG for short. The word takes itself apart: *photo* is light,
# *plethysmo* is volume, *graphy* is writing down. With every heartbeat the small vessels of the
# finger widen and hold a little more blood. Blood swallows light. So we write down a volume by
# looking at light.
#
# We will never have to prick anybody: the course makes its own hearts, and knows the truth about
# them. Here is one of them. Predict: when there is *more* blood in the finger, does the sensor
# behind it get more light, or less?

# %%
heart = synthesis.make_heart(66, seconds=10, rng=np.random.default_rng(1))
time = np.arange(0, 6, 0.01)
volume = heart.wave(time)
volume = volume - volume.min()  # how much more blood there is than at the least; 1 is about one full beat

LAYER_CM = 0.002  # a full beat lays about so much more blood into the light's way: a hair is thicker
behind = physics.transmission(physics.blood_absorption(940.0, 0.97), LAYER_CM * volume)

figure, axes = plots.new_figure(2, 1, height=4.6, sharex=True)
axes[0].plot(time, volume, color=plots.RED, linewidth=1.8)
axes[1].plot(time, 100 * behind, color=plots.BLUE, linewidth=1.8)
plots.label(axes[0], "More blood, less light", y="Blood (full beats)")
plots.label(axes[1], x="Time (s)", y="Light behind (%)")
figure.align_ylabels()
display(figure)

# %% [markdown]
# *The figure in words:* two curves over six seconds, with about one wave a second. Above, the blood:
# a steep rise, a slower fall, and on the way down a small second hill. Below, the light behind the
# finger: the same shape upside down, and it changes by only about one per cent.
#
# The steep rise is the heart pumping, the *systole*. The second hill is the *[dicrotic
# wave](glossary.ipynb#cell-id=dicrotic-notch-and-wave)*, and the dent before it the *dicrotic notch*: an echo of the
# beat from the body's own vessels.
#
# A finger clip looks *through* the finger. A smart watch looks at what *comes back* from the wrist.
# A camera, one metre from a face, looks at what comes back from the skin: that is **remote** PPG,
# [rPPG](glossary.ipynb#cell-id=rppg), and what this course is about. It is all the same effect.

# %% [markdown]
# ## 01.2 The wave outruns the blood
#
# Your heart beats. How long does it take until your fingertip knows? And is what arrives there the
# blood that has just left the heart?
#
# No. Open a garden tap with the hose already full: water comes out of the far end at once, but not
# the water that has just left the tap. A *pressure wave* ran through the hose. The lecture gives
# 0.16 s for the wave from the heart to the fingertip, and 1 to 2 s for the blood.
#
# Let us see which speeds that would take. From the heart to the fingertip it is about 0.9 m.

# %% tags=["nbval-check-output"]
WAY = 0.9  # m, from the heart along the arm to the fingertip
for name, seconds in {"wave, 0.16 s": 0.16, "blood, 1 s": 1.0, "blood, 2 s": 2.0}.items():
    print(f"{name:13s} needs {WAY / seconds:.2f} m/s on the whole way")

# %% [markdown]
# The first is plausible: a pulse wave travels at about 4 to 10 m/s, slower in soft young arteries and
# faster in stiff old ones. The second looks too quick. Even in the aorta, the widest vessel and the
# fastest, blood moves at about 0.2 m/s on average; farther out the vessels become many and narrow, and
# it gets slower. So the lecture's 1 to 2 s should rather be *several* seconds. What the figure was
# meant to teach stands firmer than before: **we see the wave, not the blood.**

# %%
seconds = np.array([0.0, 6.0])
figure, ax = plots.new_figure()
ax.fill_betweenx([0, 100 * WAY], 1, 2, color=plots.GREY, alpha=0.2, linewidth=0, label="blood arrives (lecture)")
ax.plot([0, 0.16], [0, 100 * WAY], color=plots.BLUE, linewidth=2.5, label="pulse wave: 0.9 m in 0.16 s")
ax.plot(seconds, 100 * 0.2 * seconds, color=plots.RED, linestyle="--", linewidth=2, label="blood, if always at 0.2 m/s")
ax.axhline(100 * WAY, color=plots.BLACK, linewidth=1.2)
ax.annotate("fingertip", (5.9, 100 * WAY + 2), fontsize=plots.SMALL, horizontalalignment="right")
ax.set(xlim=(0, 6), ylim=(0, 105))
figure.legend(fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=3)
plots.label(ax, "Who is first at the fingertip?", "Time after the heartbeat (s)", "Way from the heart (cm)")
display(figure)

# %% [markdown]
# *The figure in words:* way over time. The pulse wave is an almost vertical line at the left edge: it
# reaches the fingertip, 90 cm away, within a sixth of a second. The blood, even if it never lost the
# speed that it has in the aorta, comes after more than four seconds, to the right of the grey strip
# from 1 to 2 s.
#
# Two things follow. The pulse in the face and the pulse in the finger come from the *same* beat, but
# not at the same moment: each has its own way to go. And a change of *oxygen*, which travels with the
# blood, shows many seconds later than the beat that carried it.

# %% [markdown]
# ## 01.3 What is in blood?
#
# Somewhat less than half of blood is red cells; the rest is *plasma*, water with salts and proteins,
# which is almost clear. The colour comes from **[haemoglobin](glossary.ipynb#cell-id=haemoglobin)** inside the cells,
# about 150 g in each litre of blood. It comes in four kinds, and the shares of the four add up to 100 %:
#
# | | what it is |
# |---|---|
# | oxyhaemoglobin, HbO2 | carries oxygen |
# | deoxyhaemoglobin, Hb | has given its oxygen away |
# | methaemoglobin, MetHb | its iron is changed (Fe³⁺ where Fe²⁺ belongs); carries none |
# | carboxyhaemoglobin, COHb | carries carbon monoxide, from smoke |
#
# The **[saturation](glossary.ipynb#cell-id=saturation)** is the share of HbO2 in HbO2 and Hb together. Blood comes in
# two sorts: **[arterial](glossary.ipynb#cell-id=arterial-and-venous)**, freshly loaded with oxygen in the lungs, on its
# way through the arteries to the body; and **venous**, which has given a part of its oxygen away, on its way back
# through the veins.
#
# The lecture gives ranges for them. A number in a lecture is a claim, and this one can be tested with
# addition: take the lowest and the highest of each range and add them up. 100 % must lie in between.
# Predict: for which blood does it?

# %% tags=["nbval-check-output"]
LECTURE = {
    "HbO2": {"arterial": (45.0, 70.0), "venous": (45.0, 70.0)},
    "Hb": {"arterial": (0.0, 5.0), "venous": (15.0, 40.0)},
    "MetHb": {"arterial": (0.0, 1.5), "venous": (0.0, 1.5)},
    "COHb (smoker)": {"arterial": (1.5, 10.0), "venous": (1.5, 10.0)},
}
for vessel in ("arterial", "venous"):
    low, high = (sum(shares[vessel][end] for shares in LECTURE.values()) for end in (0, 1))
    print(f"{vessel:9s} adds up to {low:.1f} to {high:.1f} %; can be 100 %: {low <= 100 <= high}")

# %% [markdown]
# In the lecture's arteries a part of the haemoglobin is missing, even for a heavy smoker. The culprit
# is "HbO2 45–70 %": in arteries it is about **94 to 98 %**. For veins 45–70 % is possible, though
# blood that comes back to the heart of a resting, healthy person has rather 60 to 80 %. The other
# ranges hold.
#
# We needed no source to find that something is wrong, only to find out *what*. Keep the trick.

# %% [markdown]
# ## 01.4 The same share from every layer
#
# How much light does blood swallow? Think of it as a pile of thin layers. The first layer swallows,
# say, a tenth of the light. The second gets what the first has left, and swallows a tenth *of that*.
# Each takes the same **share**, not the same amount. Predict the curve before you run the cell: a
# straight line down to zero?

# %%
depth_mm = np.linspace(0, 1, 201)
figure, ax = plots.new_figure()
for i, (nm, colour) in enumerate({450: plots.BLUE, 530: plots.GREEN, 600: plots.ORANGE, 660: plots.RED}.items()):
    left = physics.transmission(physics.blood_absorption(nm, 0.97), depth_mm / 10)
    ax.plot(depth_mm, 100 * left, color=colour, linestyle=plots.LINES[i], linewidth=2, label=f"{nm} nm")
ax.set(xlim=(0, 1), ylim=(0, 100))
figure.legend(fontsize=plots.SMALL, frameon=False, loc="outside right center", title="Wavelength")
plots.label(ax, "Light on its way through arterial blood", "Way through blood (mm)", "Light left (%)")
display(figure)

# %% [markdown]
# *The figure in words:* light left over one millimetre of blood, for four colours. Blue (450 nm) and
# green (530 nm) fall steeply, in a bend, and are gone after a fifth of a millimetre. Orange (600 nm)
# falls slowly. Red (660 nm) loses only a fifth of its light over the whole millimetre.
#
# Light is a wave as well, and its **[wavelength](glossary.ipynb#cell-id=wavelength)** is its colour: about 400 nm
# violet, 450 blue, 530 green, 600 orange, 660 deep red, 700 the end of what we see, and beyond it infrared (nm:
# nanometre, a millionth of a millimetre).
#
# The law of the bent curves is **[Beer's and Lambert's](glossary.ipynb#cell-id=beer-and-lambert)**. It has two
# dialects, and who mixes them up is wrong by a factor of 2.3 in the exponent:
#
# | | decadic (chemists) | natural (physicists) |
# |---|---|---|
# | light left, a share of 1 | $10^{-A}$ | $e^{-\mu d}$ |
# | exponent | absorbance $A = \varepsilon \cdot c \cdot d$ | absorption coefficient $\mu$ times $d$ |
# | substance | molar extinction $\varepsilon$, cm⁻¹ per mol/L | $\mu = \ln(10) \cdot \varepsilon \cdot c$, cm⁻¹ |
#
# Here $c$ is the concentration in mol/L and $d$ the way in cm. **Published tables of haemoglobin are
# decadic.** A *mole* is a fixed number of molecules; one mole of haemoglobin weighs 64 500 g.

# %% [markdown]
# ## Exercise 01.1: how much light is left? (easy to middling, 10 minutes)
#
# Write Beer's and Lambert's law for people who think in other units: a molar extinction from the
# table (decadic, in cm⁻¹ per mol/L), a concentration in **grams per litre**, and a way in
# **millimetres**. Return the share of light that is left, between 0 and 1. It should take arrays, too.
#
# *You should see:* an extinction of 43 000, which is a substance with 1 absorbance in 1 cm at 1.5 g/L,
# leaves 0.1 of the light after 10 mm of 1.5 g/L, and 0.01 after 20 mm.
#
# <details><summary>Hint 1: a question</summary>
#
# Which of the three numbers has a unit that does not fit “cm⁻¹ per mol/L”? There are two.
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# How many moles are 64 500 g? And 150 g? How many centimetres are 10 mm? Then look at the table
# above: which column is the one for published tables?
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Three steps: grams to moles; millimetres to centimetres; then the absorbance, which is a product of
# three numbers, goes with a minus sign into the exponent of the right base. `**` is Python's power.
# </details>

# %%
MOLAR_MASS = 64_500.0  # g/mol


@checks.exercise("01.1")
def light_left(extinction, grams_per_litre, path_mm):
    """Share of light (0 to 1) that is left.

    extinction: decadic, cm⁻¹ per mol/L. grams_per_litre: of haemoglobin. path_mm: way through it, mm.
    """
    ### BEGIN SOLUTION
    moles = grams_per_litre / MOLAR_MASS
    centimetres = path_mm / 10
    return 10.0 ** -(extinction * moles * centimetres)
    ### END SOLUTION


# %% [markdown]
# With it we can ask real questions. A tenth of a millimetre of blood, fully loaded with oxygen:

# %% tags=["nbval-check-output"]
for name, nm in {"blue": 450.0, "green": 540.0, "red": 660.0, "infrared": 940.0}.items():
    share = light_left(physics.extinction(nm, oxygenated=True), 150.0, 0.1)
    print(f"{name:8s} {nm:.0f} nm: {100 * share:4.1f} % left")

# %% [markdown]
# Of blue and green a few hundredths survive a tenth of a millimetre; red and infrared hardly notice it. Remember
# this table: half of the lesson is in it.

# %% [markdown]
# ## 01.5 Two curves that cross
#
# The extinction of haemoglobin has been measured again and again, and S. Prahl has put the results
# together into a table that everybody uses. It is in the package, from 400 to 1000 nm. Before you
# look: blood with oxygen is bright red, blood without it dark red. Where must the two curves differ?

# %%
wavelength = np.arange(400.0, 1001.0, 2.0)
oxy = physics.extinction(wavelength, oxygenated=True)
deoxy = physics.extinction(wavelength, oxygenated=False)

figure, ax = plots.new_figure(height=4.4)
ax.axvspan(400, 700, color=plots.SKY, alpha=0.12, linewidth=0)
ax.plot(wavelength, oxy, color=plots.RED, linewidth=2, label="with oxygen, HbO2")
ax.plot(wavelength, deoxy, color=plots.BLUE, linestyle="--", linewidth=2, label="without oxygen, Hb")
ax.set_yscale("log")
ax.set(xlim=(400, 1000), ylim=(100, 1e6))
ax.annotate("visible", (408, 130), fontsize=plots.SMALL)
ax.annotate("infrared", (708, 130), fontsize=plots.SMALL)
plots.label(ax, "How haemoglobin swallows light", "Wavelength (nm)", "Molar extinction (cm⁻¹ per mol/L)", legend=True)
display(figure)

# %% [markdown]
# *The figure in words:* extinction over wavelength; each step upwards on the axis means ten times as
# much. Both curves tower in violet (near 420 nm), have lower hills in green (500 to 600 nm; with oxygen
# two hills, without only one), and fall by a hundred times towards red. In red, around 660 nm, blood
# without oxygen swallows about ten times as much as blood with it. In infrared they lie close
# together, and with oxygen is now the higher.
#
# The differences come from one atom. Haemoglobin holds an atom of **iron**, and oxygen sits down on
# it. That changes how the electrons of the iron are arranged, and with it which light they can take
# up. (The iron itself stays Fe²⁺. In MetHb it has become Fe³⁺, and such blood is brown.)
#
# At some wavelengths the curves **cross**. There blood swallows the same, whatever oxygen it carries.
# Such a place is called an **[isosbestic point](glossary.ipynb#cell-id=isosbestic-point)** (Greek: equally quenched).
# Measure there, and you measure how *much* blood there is, not how it is loaded.

# %% [markdown]
# ## Exercise 01.2: where the curves cross (middling, 12 minutes)
#
# Find all isosbestic points: given the wavelengths (n,) and the two extinctions (n,), return the
# wavelengths at which the curves cross, in rising order, as an array. A table has gaps, so a
# crossing lies *between* two of its entries: draw a straight line between them. If the curves never
# cross, the array is empty. (In these tables the two are nowhere exactly equal.)
#
# *You should see:* eight points in Prahl's table, the last one near 797 nm.
#
# <details><summary>Hint 1: a question</summary>
#
# Which of the two curves is the higher one, just before and just after a crossing?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# Look at the *difference* of the two curves. What happens to its sign at a crossing? Two small numbers
# need not be close to a crossing: “nearly equal” is not “crossing”.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# With a loop: go through all pairs of neighbours; where the difference is positive on one side and
# negative on the other, the line between them meets zero. The nearer the difference is to zero on the
# left, the nearer to the left the crossing: a share of the step, left difference over the sum of the
# sizes of both. Without a loop: `np.sign`, `np.diff` and `np.flatnonzero` find the places.
# </details>


# %%
@checks.exercise("01.2")
def isosbestic_points(wavelength, oxy, deoxy):
    """The wavelengths (k,) in nm at which two curves (n,) over `wavelength` (n,) cross, in rising order."""
    ### BEGIN SOLUTION
    difference = oxy - deoxy
    before = np.flatnonzero(difference[:-1] * difference[1:] < 0)
    step = wavelength[before + 1] - wavelength[before]
    share = difference[before] / (difference[before] - difference[before + 1])
    return wavelength[before] + share * step
    ### END SOLUTION


# %% tags=["nbval-check-output"]
crossings = np.asarray(isosbestic_points(wavelength, oxy, deoxy))
print("isosbestic points (nm):", ", ".join(f"{nm:.0f}" for nm in crossings))
print(
    f"in the green, from 500 to 600 nm: {np.count_nonzero((crossings > 500) & (crossings < 600))} of {len(crossings)}"
)

# %% [markdown]
# Green is full of them. This is good news for us: a pulse read in green hardly depends on the
# oxygen. It is bad news for whoever wants to read oxygen with a green light. The one near 797 nm is
# the best known: light of about this wavelength tells how much blood there is and cares little for its oxygen, a
# calm reference beside a light that does care. (The instrument of section 01.8 takes another pair.)

# %% [markdown]
# ## 01.6 Through, or back?
#
# There are two places for the sensor. **[Transmission](glossary.ipynb#cell-id=transmission-and-reflection)**: lamp on
# one side of the finger, sensor on the other. **Reflection**: lamp and sensor on the same side, as with a watch or a
# camera.
#
# Skin is not a glass full of blood. Only some hundredths of it are blood, and it
# *[scatters](glossary.ipynb#cell-id=scattering)*: light is knocked off its way thousands of times, like in milk. Much
# of it turns round and comes out again. Two formulas tell roughly what becomes of it, and you need not know them by
# heart: how deep light gets before it has faded to about a third (the *[penetration
# depth](glossary.ipynb#cell-id=penetration-depth)*), and which share comes back.

# %%
tissue, scatter = physics.dermis_absorption(wavelength), physics.scattering(wavelength)
penetration_cm = physics.penetration_depth(tissue, scatter)
through = np.exp(-1.0 / penetration_cm)  # a finger of 1 cm
back = physics.dermis_reflectance(tissue, scatter)

figure, axes = plots.new_figure(2, 1, height=5.4, sharex=True)
axes[0].plot(wavelength, 10 * penetration_cm, color=plots.PURPLE, linewidth=2)
plots.label(axes[0], "How deep light gets, and where it comes out", y="Depth (mm)")
axes[1].plot(wavelength, 100 * back, color=plots.GREEN, linewidth=2, label="back from the skin")
axes[1].plot(wavelength, 100 * through, color=plots.RED, linestyle="--", linewidth=2, label="through 1 cm of finger")
axes[1].set_yscale("log")
axes[1].set(xlim=(400, 1000), ylim=(1e-10, 300))
axes[0].set_ylim(bottom=0)
plots.label(axes[1], x="Wavelength (nm)", y="Light (%, log scale)", legend=True)
figure.align_ylabels()
display(figure)

# %% [markdown]
# *The figure in words:* above, the penetration depth: a few tenths of a millimetre in violet, blue and
# green, then a steep climb near 600 nm to about two millimetres in red and infrared. Below, on an axis
# where each line is many times the one below it: the light that comes back from skin stays between
# some per cent and some tens of per cent at all wavelengths. The light that gets through a finger is
# about a hundredth in infrared, less in red, and in green less than a millionth of that.
#
# So **through a finger only red and infrared will do**: of green nothing is left. (The tissue here is
# the simplest that gets the orders right: one even stuff without bone and without water, which
# matters beyond 900 nm.)
#
# And back from a face? There light of every colour arrives, and the question turns round: which of it
# has *met the pulse*? Two things are needed. The light must reach the pulsating vessels, which lie
# some tenths of a millimetre deep. And when it is there, blood must swallow it.

# %%
visible = physics.WAVELENGTHS  # 400 to 700 nm: what a colour camera sees
appetite = 100 * physics.relative_pulse(visible, depth_cm=0.0)
pulse = 100 * physics.relative_pulse(visible)
reach = pulse / appetite

figure, axes = plots.new_figure(3, 1, height=6.6, sharex=True)
axes[0].plot(visible, 100 * reach, color=plots.PURPLE, linestyle="--", linewidth=2)
axes[1].plot(visible, appetite, color=plots.RED, linestyle="-.", linewidth=2)
axes[2].plot(visible, pulse, color=plots.GREEN, linewidth=2.5)
plots.label(axes[0], "Two things that a pulse needs, and their product", y="Gets there (%)")
plots.label(axes[1], y="If all got there (%)")
plots.label(axes[2], x="Wavelength (nm)", y="Pulse (%)")
for ax in axes:
    ax.set_ylim(bottom=0)
axes[2].set_xlim(400, 700)
figure.align_ylabels()
display(figure)

# %% [markdown]
# *The figure in words:* three curves over the visible wavelengths. On top the share of light that gets
# down to the pulsating vessels and back: almost none in violet, some in blue and green, most in red. In the
# middle the pulse if *all* light got there, in per cent of the returned light for a one per cent
# larger [blood volume](glossary.ipynb#cell-id=blood-volume-pulse): highest in violet, two hills in green and yellow,
# almost none in red. Below the product of both, the pulse that really comes back: nothing in violet, a steep rise in
# blue, an almost level stretch from about 470 nm through green, the top in yellow near 585 nm, and a steep fall to
# little in red.

# %% tags=["nbval-check-output"]
strongest = visible[pulse.argmax()]
print("the strongest pulse lies in green to yellow, 500 to 600 nm:", bool(500 <= strongest <= 600))
print("if all light reached the vessels it would lie in violet:", bool(visible[appetite.argmax()] < 450))
level = pulse[(visible >= 470) & (visible <= 550)]
print("from 470 to 550 nm it stays within a third of itself:", bool(level.max() < 4 / 3 * level.min()))

# %% [markdown]
# **Violet is swallowed before it gets there. Red gets there and is not swallowed. What lies between is the
# compromise**, from blue-green to yellow. A camera's green sensor sits in the middle of it; its blue one reaches
# down into violet, where nothing beats, and gets less. That is why the first who saw a pulse in the video of a face
# saw it in green.
#
# How deep the vessels lie is an assumption (0.4 mm here), and how much of each colour a real camera
# sees comes on top. Lesson 02 looks after both. Infrared pulses as well, and for a lamp on the wrist it is
# sometimes chosen; a colour camera has a [filter](glossary.ipynb#cell-id=filter) that keeps it out.

# %% [markdown]
# ## 01.7 A large light and a small change
#
# Here is a sensor behind a finger, with two lamps in turn: red (660 nm) and infrared (940 nm). The
# infrared lamp happens to be brighter. Of the light most is lost to skin, bone and the blood that is
# always there; the beat takes a little more.

# %%
LAMPS = {"red": 660.0, "infrared": 940.0}
BRIGHTNESS = {"red": 30.0, "infrared": 80.0}  # what gets through between two beats; units of the sensor


def finger(saturation, brightness=BRIGHTNESS):
    """Light (T, 2) behind a finger at 660 and 940 nm while blood of this saturation pulses in it."""
    columns = []
    for name, nm in LAMPS.items():
        swallowed = physics.transmission(physics.blood_absorption(nm, saturation), LAYER_CM * volume)
        columns.append(brightness[name] * swallowed)
    return np.stack(columns, axis=1)


light = finger(0.97)
figure, axes = plots.new_figure(1, 2, height=3.8)
for i, (name, colour, line) in enumerate(zip(LAMPS, (plots.RED, plots.BLACK), ("-", "--"), strict=True)):
    axes[0].plot(time, light[:, i], color=colour, linestyle=line, linewidth=1.8, label=name)
    axes[1].plot(time, 100 * (light[:, i] / light[:, i].mean() - 1), color=colour, linestyle=line, linewidth=1.8)
axes[0].set_ylim(0, 90)
plots.label(axes[0], "As it is: DC", "Time (s)", "Light (units of the sensor)")
plots.label(axes[1], "Enlarged: AC", "Time (s)", "Change (% of the mean)")
figure.legend(fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=2)
display(figure)

# %% [markdown]
# *The figure in words:* on the left two almost straight lines, infrared far above red: no pulse to be
# seen. On the right the same, each as per cent of its own mean: now both beat, infrared about three
# times as strongly as red.
#
# Engineers borrow two words from electricity. **[DC](glossary.ipynb#cell-id=ac-and-dc)** (direct current) is the steady
# part: the mean. **AC** (alternating current) is the part that changes with the beat: from trough to peak. And
# **AC/DC**, the share that beats, is what matters: make the lamp twice as bright and *both* double, but their ratio
# stays. [Oximeters](glossary.ipynb#cell-id=oximeter) show the one of the infrared lamp as *[perfusion
# index](glossary.ipynb#cell-id=perfusion-index)*.

# %% [markdown]
# ## Exercise 01.3: AC and DC (easy, 6 minutes)
#
# Given light (T, K), time along the first axis and K colours along the second, return two arrays (K,):
# the AC of each colour, which is its height from the lowest to the highest value, and its DC, which
# is its mean.
#
# *You should see:* for the light above, an AC/DC between 0.1 and 1 % in red, and more in infrared.
#
# <details><summary>Hint 1: a question</summary>
#
# Which of the two axes must be gone afterwards, time or colour?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# An array's `.mean`, `.max` and `.min` all take `axis=`, as in lesson 00.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Two lines that each give K numbers: the height (a difference of two extremes along time), and the
# mean along time. Then return the pair, AC first.
# </details>


# %%
@checks.exercise("01.3")
def ac_dc(light):
    """AC (K,), lowest to highest value, and DC (K,), the mean, of light (T, K) with time along axis 0."""
    ### BEGIN SOLUTION
    height = light.max(axis=0) - light.min(axis=0)
    return height, light.mean(axis=0)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
ac, dc = ac_dc(light)
for i, name in enumerate(LAMPS):
    print(f"{name:9s} AC {ac[i]:.2f}  DC {dc[i]:.1f}  AC/DC {100 * ac[i] / dc[i]:.2f} %")

# %% [markdown]
# One warning. Highest minus lowest is honest only while the finger keeps still and the wave is clean:
# a slow drift or a jump counts as AC, too. Real devices measure beat by beat, or filter first
# (lesson 03).

# %% [markdown]
# ## 01.8 Oxygen, in two lines
#
# Now the idea that won medicine a machine on every bedside. In 1972 Takuo Aoyagi, an engineer in
# Japan, noticed: what *beats* is arterial blood alone; skin, bone and venous blood stand still. So the
# AC sees nothing but arteries. In red, blood without oxygen swallows about ten times as much as with;
# in infrared somewhat less. So compare the two, and divide by DC so that lamps, skin and finger cancel:
#
# $$ R = \frac{AC_{red} / DC_{red}}{AC_{infrared} / DC_{infrared}} $$
#
# This is the **[ratio of ratios](glossary.ipynb#cell-id=ratio-of-ratios)**. It is all there is inside a *pulse
# oximeter*, up to a table that turns R into SpO2 (the S is for saturation, the p says: by pulse). A slide of the
# lecture lists SpO2 among the *frequency bands* of the pulse, its quicker and slower rhythms (lesson 03). It is none:
# it compares the pulse's *size* at two wavelengths.

# %% [markdown]
# ## Exercise 01.4: the ratio of ratios (easy, 5 minutes)
#
# Write it, for two waves of light (T,). Two lines are enough.
#
# *You should see:* for the finger above about 0.34; with less oxygen a *larger* number; with brighter
# lamps the same.
#
# <details><summary>Hint 1: a question</summary>
#
# If the red lamp is made twice as bright: what happens to its AC, its DC, their ratio, and R?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# Read the fraction from the inside outwards: first one small fraction for each lamp, then one of the
# two. Which one is on top?
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Line one: AC and DC of both. You may stack the two waves as columns and call your `ac_dc`, or write
# heights and means once more. Line two: share in red, divided by share in infrared.
# </details>


# %%
@checks.exercise("01.4")
def ratio_of_ratios(red, infrared):
    """AC/DC of the red light (T,) over AC/DC of the infrared light (T,): one number."""
    ### BEGIN SOLUTION
    ac, dc = ac_dc(np.stack([red, infrared], axis=1))
    return float((ac[0] / dc[0]) / (ac[1] / dc[1]))
    ### END SOLUTION


# %% tags=["nbval-check-output"]
for saturation in (1.0, 0.9, 0.8, 0.7):
    print(f"saturation {100 * saturation:.0f} %: R = {ratio_of_ratios(*finger(saturation).T):.2f}")
dim = finger(0.8, brightness={"red": 5.0, "infrared": 11.0})
print(f"80 % with dim lamps: R = {ratio_of_ratios(*dim.T):.2f}")

# %% [markdown]
# It works, in our finger without scattering. Does it in a real one? Textbooks give a rule of thumb
# for real oximeters, SpO2 = 110 − 25 · R. Let us lay our theory beside it. And let us ask the
# question of this course: could an ordinary camera do it? It has no infrared. Take its red against
# its green instead, or its blue against its green.

# %%
saturations = np.linspace(0.6, 1.0, 41)
camera = physics.camera_sensitivity(visible)  # three broad bell curves: R, G, B


def swallowed_by(channel):
    """Absorption that a channel of a camera sees, at each saturation."""
    return np.array([camera["RGB".index(channel)] @ physics.blood_absorption(visible, s) for s in saturations])


theory = np.array([physics.blood_absorption(660.0, s) / physics.blood_absorption(940.0, s) for s in saturations])
rule = (110 - 100 * saturations) / 25
red_green = swallowed_by("R") / swallowed_by("G")
blue_green = swallowed_by("B") / swallowed_by("G")

figure, axes = plots.new_figure(1, 2, height=4.4)
axes[0].plot(100 * saturations, theory, color=plots.BLUE, linewidth=2, label="Beer and Lambert")
axes[0].plot(100 * saturations, rule, color=plots.RED, linestyle="--", linewidth=2, label="rule of thumb")
axes[0].set_ylim(0, 2.2)
plots.label(axes[0], "Red over infrared", "Saturation (%)", "R (no unit)", legend=True)
for name, ratio, colour, line in (
    ("red / infrared", theory, plots.BLUE, "-"),
    ("camera: red / green", red_green, plots.PURPLE, "-."),
    ("camera: blue / green", blue_green, plots.BLACK, ":"),
):
    axes[1].plot(100 * saturations, ratio / ratio[-1], color=colour, linestyle=line, linewidth=2, label=name)
axes[1].set_ylim(0, 6.6)
plots.label(axes[1], "How much R tells", "Saturation (%)", "R (times its value at 100 %)", legend=True)
display(figure)

# %% [markdown]
# *The figure in words:* left, R over saturation from 60 to 100 %. The theory falls almost in a line; the
# rule of thumb falls more steeply and lies higher everywhere. Right, R as a multiple of its value at
# 100 %: for red over infrared it grows to more than five times as saturation sinks to 60 %. For both
# ratios of a camera it hardly leaves 1.

# %% tags=["nbval-check-output"]
at_70 = np.abs(saturations - 0.7).argmin()
print("from 100 to 70 %, red over infrared at least triples:", bool(theory[at_70] > 3 * theory[-1]))
for name, ratio in {"red over green": red_green, "blue over green": blue_green}.items():
    print(
        f"from 100 to 70 %, a camera's {name} changes by less than a quarter: {bool(ratio[at_70] < 1.25 * ratio[-1])}"
    )

# %% [markdown]
# Two lessons from one figure. **Left:** theory without scattering is off by more than a doctor could bear,
# because red and infrared take ways of different length through real tissue. Therefore no oximeter
# calculates: each is *calibrated* on volunteers who breathe thin air. **Right:** a camera's three
# curves are broad and lie where the isosbestic points are, so its ratio barely moves; and the pulse
# in red, on top of the fraction, is the weakest of the three. We tried it on a real finger, pressed to the
# lens of a phone while its oxygen sank from 98 to 67 % (one person, `tests/test_real_waves.py`): the plain
# ratio of red and green followed nothing. Careful laboratories get further with a finger on the lens. A
# number for SpO2 from the video of a *face* is not to be trusted.

# %% [markdown]
# ## 01.9 What colour is blood?
#
# We have a table that says which light blood lets through. Then we can *calculate its colour*. An eye
# sees with three kinds of cells; an international commission (the CIE) has measured three curves of
# what an average eye makes of each wavelength. The next cell has them, in the form of a few bells, and
# the arithmetic from there to a screen.


# %%
def bell(nm, centre, left, right):
    """A bell curve with another width on either side of its centre."""
    return np.exp(-0.5 * ((nm - centre) / np.where(nm < centre, left, right)) ** 2)


# The CIE 1931 observer as sums of bells: C. Wyman, P.-P. Sloan and P. Shirley, JCGT 2 (2013), no. 2
EYE = np.stack(
    [
        1.056 * bell(visible, 599.8, 37.9, 31.0)
        + 0.362 * bell(visible, 442.0, 16.0, 26.7)
        - 0.065 * bell(visible, 501.1, 20.4, 26.2),
        0.821 * bell(visible, 568.8, 46.9, 40.5) + 0.286 * bell(visible, 530.9, 16.3, 31.1),
        1.217 * bell(visible, 437.0, 11.8, 36.0) + 0.681 * bell(visible, 459.0, 26.0, 13.8),
    ]
)
TO_SCREEN = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])  # XYZ to sRGB
WHITE = np.array([0.9505, 1.0, 1.0890])  # XYZ of the screen's white


def colour_of(spectrum):
    """Light in R, G, B (linear, a white sheet in daylight is 1, 1, 1) of what returns this share of it."""
    seen = EYE * physics.black_body(visible, 6500.0)
    return TO_SCREEN @ (WHITE * (seen @ spectrum) / seen.sum(axis=1))


def on_screen(colour):
    """What to send to a screen (0 to 1): cut to what it can show, brightened as screens expect."""
    colour = np.clip(colour, 0, 1)
    return np.where(colour <= 0.0031308, 12.92 * colour, 1.055 * colour ** (1 / 2.4) - 0.055)


# %% [markdown]
# Now a drop of blood between two sheets of glass, against daylight: thin, thicker, thick. Arterial
# (97 %), venous (70 %) and nearly drained blood (40 %). Which of these will be blue?

# %%
FILMS_MM = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
BLOOD = {"arterial, 97 %": 0.97, "venous, 70 %": 0.70, "drained, 40 %": 0.40}
films = np.array(
    [
        [colour_of(physics.transmission(physics.blood_absorption(visible, s), mm / 10)) for mm in FILMS_MM]
        for s in BLOOD.values()
    ]
)

figure, ax = plots.new_figure(height=3.6)
ax.imshow(on_screen(films), interpolation="nearest", aspect="auto")
ax.set_xticks(range(len(FILMS_MM)), [f"{mm:g}" for mm in FILMS_MM])
ax.set_yticks(range(len(BLOOD)), list(BLOOD), fontsize=plots.TEXT)
ax.grid(False)
ax.spines[:].set_visible(False)
plots.label(ax, "The colour of blood, from the table", "Thickness of the film (mm)", "Saturation (%)")
display(figure)

# %% [markdown]
# *The figure in words:* three rows of coloured patches. From left to right, as the film thickens, each
# row goes from pale orange through bright red to dark red. The lower the saturation, the darker the
# red. No patch is blue.

# %% tags=["nbval-check-output"]
print("red is the strongest part of every patch:", bool((films.argmax(axis=-1) == 0).all()))
print("in each film, less oxygen means less red:", bool((np.diff(films[..., 0], axis=0) < 0).all()))

# %% [markdown]
# Arterial blood is bright red, venous blood dark red. **Blood is never blue.** Drawings in books show
# veins in blue so that one can tell them from arteries.

# %% [markdown]
# ## 01.10 Why do veins look blue?
#
# And yet, look at your wrist. Predict before you go on: does the skin over a vein send back more blue
# light than the skin beside it, or more blue than red, or neither?
#
# Let us build it. A vein is a band of venous blood under the skin. Of the light that comes back, only
# the part that went deep enough has met it: much of the red, little of the blue, as we know from
# section 01.6. From that part the vein takes what blood takes. That is the whole model.

# %%
VEIN_DEPTH_CM, VEIN_CM = 0.05, 0.2  # lies half a millimetre deep, two millimetres thick
skin = physics.skin_reflectance(visible, tone=0.0)
depth = physics.penetration_depth(physics.dermis_absorption(visible), physics.scattering(visible))
met = np.exp(-2 * VEIN_DEPTH_CM / depth)  # the share that got down to the vein and back
survives = physics.transmission(physics.blood_absorption(visible, 0.70), 2 * VEIN_CM)
over_vein = skin * (1 - met * (1 - survives))

beside, above = colour_of(skin), colour_of(over_vein)
across = np.linspace(0, 12, 240)
share = np.exp(-(((across - 6) / 1.2) ** 4))[None, :, None]  # the skin blurs the edges of the vein
picture = np.tile(beside + share * (above - beside), (60, 1, 1))
alone = np.tile(1 + (np.abs(across - 6) < 1)[None, :, None] * (above - 1), (60, 1, 1))

figure, axes = plots.new_figure(1, 3, width=8.0, height=3.4)
axes[0].plot(visible, 100 * skin, color=plots.ORANGE, linewidth=2, label="skin")
axes[0].plot(visible, 100 * over_vein, color=plots.BLUE, linestyle="--", linewidth=2, label="over the vein")
axes[0].set(xlim=(400, 700), ylim=(0, 75))
plots.label(axes[0], "Spectrum", "Wavelength (nm)", "Comes back (%)", legend=True)
for ax, scene, title in ((axes[1], picture, "In the skin"), (axes[2], alone, "The same, alone")):
    ax.imshow(on_screen(scene), interpolation="nearest", aspect="auto", extent=(0, 12, 6, 0))
    ax.grid(False)
    plots.label(ax, title, "Across (mm)", "Along (mm)")
display(figure)

# %% [markdown]
# *The figure in words:* on the left two [spectra](glossary.ipynb#cell-id=power-spectrum). In violet skin and vein send
# back the same, in blue nearly, and in red the vein sends back far less. In the middle a strip with soft edges in a
# field of skin colour: it looks cold, a grey with a tinge of blue or green. On the right the same strip alone on white:
# now it is a warm, brownish grey. The middle of both strips is made of the same numbers. (How blue it looks depends on
# your screen, and on you.)

# %% tags=["nbval-check-output"]
print("the skin over the vein returns more red than blue:", bool(above[0] > above[2]))
print("and no more blue than the skin beside it:", bool(above[2] <= beside[2]))
loss = 1 - above / beside
print("it loses more of its red than of its green, and least of its blue:", bool(loss[0] > loss[1] > loss[2]))

# %% [markdown]
# **Neither.** A vein sends back no more blue than its surroundings, and more red than blue. But
# compared with the skin beside it, it lacks *red*, and the eye judges a colour by its neighbours: less
# red in a reddish field looks blue. Alwin Kienle and colleagues measured and calculated this in 1996,
# with light transport far better than our four lines.
#
# Try it with `VEIN_DEPTH_CM`: how deep may a vein lie before you can no longer make it out, and what
# happens if it lies hardly under the surface? Then make it an *artery* (0.97 instead of 0.70). Is it
# the missing oxygen alone that makes the blue?
#
# <details><summary>Answer, after you have tried</summary>
#
# Hardly at all. With arterial blood the strip still loses most of its red, only somewhat less of it, and about as
# much green and blue as before. Two millimetres of *any* blood swallow red. That we see veins and not arteries has
# another reason: arteries lie deeper.
# </details>
#
# This is also a warning for whoever reads a pulse from a video: **an eye, or a camera that balances
# its colours, does not measure light. It compares.**

# %%
checks.show_progress("01")

# %% [markdown]
# ## What you found
#
# - PPG writes down blood volume by light: more blood, less light. What arrives with the beat is a wave
#   of pressure; the blood comes seconds later.
# - Shares must add up to 100 %: 45–70 % oxyhaemoglobin cannot be arterial.
# - Each layer of blood takes the same share of the light. Tables are decadic; units are half of the
#   work.
# - Through a finger: red and infrared, because nothing else gets through. Back from a face: green and yellow,
#   because they both reach the vessels and are swallowed there.
# - AC/DC is the share of light that beats. Its ratio in red and infrared follows the oxygen of the
#   arteries; the ratio of a camera's colours hardly does.
# - Blood is red, with oxygen and without. A vein looks blue because it returns less red than its
#   neighbours.
# - Nothing here is a medical device: one even tissue, made hearts, round numbers.

# %% [markdown]
# ## Three questions to ask yourself
#
# **1. A friend covers the lens of a phone with a finger, with the lamp on. The picture is deep red.
# In which [channel](glossary.ipynb#cell-id=channel) would you look for the pulse, and what could go wrong there?**
#
# <details><summary>Answer</summary>
#
# Light comes back from deep in the finger, so it is almost all red: the red channel is where the light
# is. But the lamp is strong and red may be at its limit, 255, and a channel at its limit does not
# pulse. Green then has little light but a large AC/DC. Good programs look at both. (In real recordings
# of this kind, some people's green and blue are plainly zero.)
# </details>
#
# **2. You are wrong by a factor of ten: in a unit, in exercise 01.1, or in the [gain](glossary.ipynb#cell-id=gain) of a
# sensor, in exercise 01.4. In which of the two would it have been noticed at once, and in which not?**
#
# <details><summary>Answer</summary>
#
# In exercise 01.1 a factor of ten stands in an exponent: nothing is left of the light, or nothing is lost. One
# sees it, if one has predicted anything. In exercise 01.4 all factors cancel, which is the beauty of a ratio,
# and its danger: a wrong gain, a wrong unit, even a lamp that is too bright go unnoticed.
# </details>
#
# **3. Why does the pulse of a face hardly depend on how well its blood is loaded with oxygen?**
#
# <details><summary>Answer</summary>
#
# It is strongest in green, where the two curves cross again and again: averaged over the broad green of
# a camera, blood with and without oxygen swallow nearly the same.
# </details>

# %% [markdown]
# ## Where to read on
#
# - The standard review of PPG: J. Allen, “Photoplethysmography and its application in clinical
#   physiological measurement”, *Physiological Measurement* 28 (2007), R1.
# - What light does in skin, with the formulas used here: S. L. Jacques, “Optical properties of
#   biological tissues: a review”, *Physics in Medicine and Biology* 58 (2013), R37.
# - The table: S. Prahl, “Tabulated molar extinction coefficient for hemoglobin in water”, Oregon
#   Medical Laser Center.
# - On veins: A. Kienle and colleagues, “Why do veins appear blue? A new look at an old question”, *Applied
#   Optics* 35 (1996), 1151.
# - The first remote pulse with ordinary light: W. Verkruysse, L. O. Svaasand and J. S. Nelson, *Optics
#   Express* 16 (2008), 21434.
# - In this project: `rppg_lab/physics.py`. Lesson 02 builds a whole face from it.
