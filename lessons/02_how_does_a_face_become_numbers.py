# %% [markdown]
# # 02. How does a face become numbers?
#
# **What you will be able to do**
# - say how lamp, skin and camera together make three numbers of a [spectrum](glossary.ipynb#cell-id=power-spectrum)
# - calculate how strongly red, green and blue beat, see a plausible theory fail, and mend it
# - say where on a face the pulse is strong, where late, and why
# - build the [dichromatic model](glossary.ipynb#cell-id=dichromatic-model) term by term, until it makes a video
# - average skin over a [mask](glossary.ipynb#cell-id=mask), and say how a change smaller than one step survives 8 bits
# - count in [decibels](glossary.ipynb#cell-id=decibel), and say what dark skin, dim light and compression cost
#
# **What you need first:** NumPy [arrays](glossary.ipynb#cell-id=array) and
# [broadcasting](glossary.ipynb#cell-id=broadcasting), lessons 00 and 01
#
# **Time:** 90 minutes; 10 seconds of compute

# %%
import io

import av
import numpy as np
from IPython.display import display
from tqdm import tqdm

from rppg_lab import checks, physics, plots, synthesis

# %% [markdown]
# ## 02.1 Lamp, skin, sensor
#
# Lesson 01 ended with curves over the [wavelength](glossary.ipynb#cell-id=wavelength). A camera knows no wavelengths.
# It has three kinds of sensor, behind a red, a green and a blue [filter](glossary.ipynb#cell-id=filter), and each of
# them adds up all the light it gets, into *one* number. So three curves decide about a
# [pixel](glossary.ipynb#cell-id=pixel), and they are multiplied, wavelength by wavelength:
#
# 1. the **lamp**: how much light of this wavelength there is,
# 2. the **skin**: which share of it comes back (the *[reflectance](glossary.ipynb#cell-id=reflectance)*),
# 3. the **sensor**: which share of that it notices (the *sensitivity*).
#
# The one thing people differ in most is in the second curve: **[melanin](glossary.ipynb#cell-id=melanin)**, the brown
# pigment in the outermost skin, the *[epidermis](glossary.ipynb#cell-id=epidermis)*. Light passes it twice, on its way
# in and on its way out. Predict: does it take the same share of all colours? And which colour will suffer most?

# %%
nm = physics.WAVELENGTHS  # 400, 402, … 700 nm
daylight, warm = physics.black_body(nm, 6500.0), physics.black_body(nm, 2900.0)
sensors = physics.camera_sensitivity(nm)  # (3, N): R, G, B
TONES = (0.0, 0.5, 1.0)  # 0: as light as skin gets, 1: as dark
NAMES = ("light", "medium", "dark")

figure, axes = plots.new_figure(3, 1, height=7.0, sharex=True)
axes[0].plot(nm, daylight, color=plots.BLUE, linewidth=2, label="daylight")
axes[0].plot(nm, warm, color=plots.ORANGE, linestyle="--", linewidth=2, label="warm lamp")
plots.label(axes[0], "Lamp × skin × sensor", y="Lamp (560 nm: 1)", legend=True)
for i, (tone, name) in enumerate(zip(TONES, NAMES, strict=True)):
    back = 100 * physics.skin_reflectance(nm, tone)
    axes[1].plot(nm, back, color=plots.COLOURS[i], linestyle=plots.LINES[i], linewidth=2, label=f"{name} skin")
plots.label(axes[1], y="Skin returns (%)", legend=True)
for curve, name, colour, line in zip(
    sensors, "RGB", (plots.RED, plots.GREEN, plots.BLUE), ("-", "--", "-."), strict=True
):
    axes[2].plot(nm, curve / sensors.max(), color=colour, linestyle=line, linewidth=2, label=name)
plots.label(axes[2], x="Wavelength (nm)", y="Sensor (share)", legend=True)
for ax in axes:
    ax.set_ylim(bottom=0)
axes[2].set_xlim(400, 700)
figure.align_ylabels()
display(figure)

# %% [markdown]
# *The figure in words:* three panels over the visible wavelengths. The lamp: daylight is strongest in
# blue, a warm lamp in red. The skin: from blue to red it returns more and more, with two dents in green and
# yellow, the marks of blood; medium skin lies below light skin, dark skin far below, with next to nothing in
# blue. The sensors: three broad bells, blue near 455, green near 535, red near 620 nm.
#
# A white sheet under a warm lamp would come out orange. Cameras correct that (*[white
# balance](glossary.ipynb#cell-id=white-balance)*): each [channel](glossary.ipynb#cell-id=channel) is divided by what a
# white sheet gives. So from now on a white sheet is 1, 1, 1 in any light, and skin is a share of it.

# %% tags=["nbval-check-output"]
for tone, name in zip(TONES, NAMES, strict=True):
    red, green, blue = physics.skin_colour(tone)
    print(f"{name:6s} skin: R {red:.2f}, G {green:.2f}, B {blue:.2f} of a white sheet")
loss = physics.skin_colour(0.0) / physics.skin_colour(1.0)
print(
    f"from the lightest to the darkest, red falls to 1/{loss[0]:.0f}, green to 1/{loss[1]:.0f}, blue to 1/{loss[2]:.0f}"
)

# %% [markdown]
# Melanin swallows all colours, blue most. Remember the factor of green: it comes back in section 02.9, with a
# price in decibels. (This is the range between extremes. Most people are closer together.)

# %% [markdown]
# ## 02.2 Which colour beats most? A plausible answer
#
# With a beat there is a little more blood, and each wavelength loses a little of its light. From lesson
# 01: the light is **[DC](glossary.ipynb#cell-id=ac-and-dc)**, the part of it that beats **AC**, and what counts is the
# share AC/DC. For a *channel* both are sums over its wavelengths:
#
# $$\frac{AC}{DC} = \frac{\sum \text{lamp} \cdot \text{sensor} \cdot \text{skin} \cdot \text{share}}
# {\sum \text{lamp} \cdot \text{sensor} \cdot \text{skin}}$$
#
# where *share* says, for each wavelength, which part of the returned light the beat takes away. Where
# do we get it from? Lesson 01 has a law: blood in a thin layer takes away light in proportion to its
# [absorption](glossary.ipynb#cell-id=absorption) ([Beer and Lambert](glossary.ipynb#cell-id=beer-and-lambert), one
# straight path). Let us take that. Predict which channel wins.

# %% [markdown]
# ## Exercise 02.1: the pulse of three colours (easy to middling, 12 minutes)
#
# Write the fraction above for all three channels at once. Given the lamp (N,), the sensors (3, N), the
# skin (N,) and the share that beats (N,), return AC/DC of R, G, B as an array (3,), and since we only
# want to *compare* colours, bring it to **length 1** (the squares of the three add up to 1), as the
# literature does.
#
# *You should see:* if every wavelength beats alike, all three are 0.577, whatever the lamp and the skin.
#
# <details><summary>Hint 1: a question</summary>
#
# Twice as bright a lamp: what happens to AC, to DC, and to their ratio? If yours changes, what is missing?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# Lamp and skin have one row, the sensors three. Multiplying them gives three rows; over which axis is the
# sum? The length of an arrow is the root of its squares added up.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# First what each sensor gets of each wavelength, as (3, N): three factors. The sum over wavelengths is DC.
# Times the share, and the sum again, is AC. Divide, then divide by the length (`np.linalg.norm`).
# </details>


# %%
@checks.exercise("02.1")
def pulse_of_colours(lamp, sensors, skin, share):
    """AC/DC of R, G, B as an arrow (3,) of length 1.

    lamp (N,), sensors (3, N), skin (N,): what there is, what is noticed, what comes back. share (N,): what beats.
    """
    ### BEGIN SOLUTION
    noticed = lamp * sensors * skin
    ratio = (noticed * share).sum(axis=1) / noticed.sum(axis=1)
    return ratio / np.sqrt(np.sum(ratio**2))
    ### END SOLUTION


# %% tags=["nbval-check-output"]
PUBLISHED = np.array([0.33, 0.77, 0.53])  # measured on faces: de Haan and van Leest 2014
skin = physics.skin_reflectance(nm, tone=0.3)
one_path = pulse_of_colours(daylight, sensors, skin, physics.blood_absorption(nm, 0.97))
print("R : G : B")
print(f"published  {PUBLISHED[0]:.2f} : {PUBLISHED[1]:.2f} : {PUBLISHED[2]:.2f}")
print(f"one path   {one_path[0]:.2f} : {one_path[1]:.2f} : {one_path[2]:.2f}")

# %% [markdown]
# Blue wins, and by far: blood swallows blue so greedily. **And it is wrong.** Whoever films a face finds
# green the strongest, red the weakest, blue in between. The arithmetic was right, so the theory is not.
# What did it forget?

# %% [markdown]
# ## 02.3 Mended in two steps
#
# **Light is knocked about.** Skin [scatters](glossary.ipynb#cell-id=scattering). Light that comes back has not taken
# *one* path; blue light, greedily swallowed, comes back only if its path was short. The formula for a deep scattering
# layer knows that.
#
# **Light must get there.** The vessels that beat do not lie at the surface. What turns round above them
# carries no pulse, and violet and blue turn round first, as section 01.6 has shown. So the share is multiplied with the
# part of the light that went down to the vessels and came back.

# %%
steps = {
    "published": PUBLISHED,
    "one path": one_path,
    "scattered": pulse_of_colours(daylight, sensors, skin, physics.relative_pulse(nm, depth_cm=0.0)),
    "scattered, and 0.4 mm deep": pulse_of_colours(daylight, sensors, skin, physics.relative_pulse(nm)),
}
depths_mm = np.linspace(0, 1.0, 41)
by_depth = np.array(
    [pulse_of_colours(daylight, sensors, skin, physics.relative_pulse(nm, depth_cm=mm / 10)) for mm in depths_mm]
)
CHANNELS = tuple(zip("RGB", (plots.RED, plots.GREEN, plots.BLUE), ("-", "--", "-."), ("o", "s", "^"), strict=True))

figure, axes = plots.new_figure(1, 2, height=4.4)
rows = np.arange(len(steps))[::-1]
for i, (name, colour, line, marker) in enumerate(CHANNELS):
    axes[0].plot([one[i] for one in steps.values()], rows, marker, color=colour, markersize=11, label=name)
    axes[1].plot(depths_mm, by_depth[:, i], color=colour, linestyle=line, linewidth=2)
    axes[1].plot(0.0, PUBLISHED[i], marker, color=colour, markersize=9, fillstyle="none", clip_on=False)
axes[0].set_yticks(rows, ["published", "one path", "scattered", "scattered,\n0.4 mm deep"], fontsize=plots.TEXT)
axes[0].set(xlim=(0, 1), ylim=(-0.5, 3.5))
axes[1].axvline(10 * physics.PULSE_DEPTH_CM, color=plots.GREY, linestyle=":", linewidth=1.5)
axes[1].set(xlim=(0, 1), ylim=(0, 1))
plots.label(axes[0], "Which colour beats most?", "Relative pulse (length 1)", "Theory (name)")
plots.label(axes[1], "It depends on the depth", "Depth of the vessels (mm)", "Relative pulse (length 1)")
figure.legend(
    *axes[0].get_legend_handles_labels(), fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=3
)
display(figure)

# %% [markdown]
# *The figure in words:* left, four rows with a mark for each colour. Published: red, blue, green in rising
# order. One path: red and green low, blue near 1. Scattered: blue and green nearly equal. Scattered and
# 0.4 mm deep: the marks stand almost where the published ones do. Right, the same over the depth of the
# vessels: as they go deeper blue falls and red rises; green is the strongest from a few hundredths of a
# millimetre on, until red overtakes it far below. The published values are hollow marks at the left edge,
# and a dotted line marks 0.4 mm.

# %% tags=["nbval-check-output"]
order = {name: "".join("RGB"[i] for i in np.argsort(-one)) for name, one in steps.items()}
for name, letters in order.items():
    off = np.abs(steps[name] - PUBLISHED).max()
    print(f"{name:27s} strongest to weakest: {letters}; farthest from published: {off:.2f}")

# %% [markdown]
# A success? **Be careful.** We could *choose* the depth, and the share of blood, and where exactly the
# camera's bells lie; each was chosen within what anatomy and data sheets allow, but with an eye on the
# published numbers. A theory that has been tuned to hit a number is not proved by hitting it. What is worth
# more is what did *not* need tuning: that green wins, blue comes next and red last, over a wide range of
# depths, and for other lamps and other skin.

# %% tags=["nbval-check-output"]
for name, lamp, tone in (
    ("daylight, light skin", daylight, 0.0),
    ("daylight, dark skin", daylight, 1.0),
    ("warm lamp", warm, 0.3),
):
    arrow = pulse_of_colours(lamp, sensors, physics.skin_reflectance(nm, tone), physics.relative_pulse(nm))
    print(f"{name:21s} strongest to weakest: {''.join('RGB'[i] for i in np.argsort(-arrow))}")
between = (depths_mm > 0.09) & (depths_mm < 0.51)
print("the order is GBR at every depth from 0.1 to 0.5 mm:", bool((np.argsort(-by_depth[between]) == [1, 2, 0]).all()))


# %% [markdown]
# The order stays. **Green beats most, blue less, red least**, and all three beat *together*, in a fixed ratio.
# Lesson 04 lives on that: a lamp that flickers changes all colours by the same share, a pulse does not.

# %% [markdown]
# ## 02.4 Where a face beats, and when
#
# Is the pulse the same all over a face? Two things differ from place to place: how *much* blood the
# skin gets, and how *thick* the skin above the vessels is. Predict from the last figure: what does a
# layer of 0.2 mm more do to the pulse of green?

# %%
deep = [physics.relative_pulse(nm, depth_cm=mm / 10) for mm in depths_mm]
seen = daylight * sensors[1] * skin
green_share = np.array([(seen * one).sum() / seen.sum() for one in deep])

figure, ax = plots.new_figure(height=3.2)
ax.plot(depths_mm, 100 * green_share / green_share[0], color=plots.GREEN, linewidth=2)
ax.axvline(10 * physics.PULSE_DEPTH_CM, color=plots.GREY, linestyle=":", linewidth=1.5)
ax.set(xlim=(0, 1), ylim=(0, 105))
plots.label(ax, "Under thicker skin", "Depth of the vessels (mm)", "Pulse of green (% of that at 0)")
display(figure)

# %% [markdown]
# *The figure in words:* the pulse of green over the depth of the vessels, in per cent of what it would be
# at the surface. It falls in a bend, to half within some two tenths of a millimetre, and at 1 mm hardly
# anything is left. A dotted line marks the 0.4 mm of our model.

# %% tags=["nbval-check-output"]
at_04, at_06 = np.interp([0.4, 0.6], depths_mm, green_share)
print(f"0.2 mm more skin over the vessels leaves {100 * at_06 / at_04:.0f} % of the pulse of green")

# %%
face = synthesis.make_face(0.3, 96, np.random.default_rng(25))
bare = face.skin > 0.5

figure, axes = plots.new_figure(1, 2, height=4.2)
for ax, picture, title, unit, colours in (
    (axes[0], 100 * face.strength, "How much it beats", "Pulse (% of an average cheek)", "cividis"),
    (axes[1], 1000 * face.delay, "How late it beats", "Delay (ms)", "viridis"),
):
    shown = ax.imshow(np.where(bare, picture, np.nan)[14:], cmap=colours, vmin=0)
    bar = figure.colorbar(shown, ax=ax, shrink=0.7)
    bar.set_label(unit, fontsize=plots.TEXT)
    bar.ax.tick_params(labelsize=plots.SMALL)
    ax.grid(False)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    plots.label(ax, title)
display(figure)

# %% [markdown]
# *The figure in words:* a made face without eyes, brows and hair, twice. On the left, how much it beats:
# cheeks and forehead most; the bridge of the nose and the chin less; the neck least. On the right the
# delay: it grows from the top of the face to the neck, in soft patches, to some tens of milliseconds.
#
# So **thin, well supplied skin beats most: forehead and cheeks.** Real faces are patchier, and
# everybody's patches are their own. (Our maps are drawn by rules with this in mind, not measured; mask out
# hair, eyes and beard and the rest is a good first choice.)
#
# The beat reaches one part of a face a little later than another: it comes along vessels, at some metres a
# second. We will average over the whole face. Does that blur the wave away? ([Hz](glossary.ipynb#cell-id=hertz), hertz,
# means swings a second: 1 Hz is once a second, 60 a minute, as a heart at rest; the fine details of its wave are
# quicker.)

# %% tags=["nbval-check-output"]
weight = face.strength[bare]
for hertz in (1.0, 4.0, 8.0):
    # Each place adds a swing of its own strength that begins at its own time; a complex number holds both.
    left = abs((weight * np.exp(-2j * np.pi * hertz * face.delay[bare])).sum() / weight.sum())
    print(f"a rhythm of {hertz:.0f} Hz keeps {100 * left:.1f} % of its height")

# %% [markdown]
# Some tens of milliseconds are a picture or two of a video, and almost nothing for a heart of 1 Hz.
# Averaging over a face is safe for a *rate*. It only rounds off the fine details of the wave, such as its
# notch.

# %% [markdown]
# ## 02.5 The dichromatic model, term by term
#
# Look at your forehead in a mirror: there is a shiny spot. Light that is mirrored at the surface has never
# been in the skin. It has the colour of the *lamp*, and it **does not beat**. The rest has been inside; it
# has the colour of the skin, and it beats. Two kinds of light, two colours: *di-chromatic*. As a formula,
# for each pixel, each moment and each colour:
#
# $$\text{light back} = \text{light} \cdot \bigl(\text{shine} + \text{diffuse} \cdot (1 - \text{pulse})\bigr)$$
#
# - *light*: how bright the lamp is at this moment; 1 is normal;
# - *[shine](glossary.ipynb#cell-id=shine)*: the share that is mirrored, the same in all colours (a white lamp is
#   mirrored white);
# - *diffuse*: the colour of the skin, from section 02.1;
# - *pulse*: the share of it that more blood takes away: a small number that follows the heart, times
#   the map of the face, times the colours of section 02.3.
#
# Where is the minus sign from? From the first figure of lesson 01: more blood, less light.

# %% [markdown]
# ## Exercise 02.2: light comes back (middling, 12 minutes)
#
# Write the model for a whole video. Given the light (T,), the shine (H, W), the diffuse colour
# (H, W, 3) and the pulse (T, H, W, 3), return the light that comes back, (T, H, W, 3).
#
# *You should see:* with no shine, diffuse 0.5 and pulse 0, light 1 gives 0.5 and light 2 gives 1.0. And
# where nothing is diffuse, nothing beats.
#
# <details><summary>Hint 1: a question</summary>
#
# Which of the four does the lamp shine on? And which part of the light knows of blood?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# Broadcasting compares shapes from the *right*. The shine has no axis for colours yet, and the light needs
# three axes to its right. `array[..., None]` adds an axis at the end.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# From the inside outwards: one minus pulse; times diffuse; plus the shine with an axis of length 1 for
# colours; all of it times the light, with three axes of length 1. A loop over the moments does as well.
# </details>


# %%
@checks.exercise("02.2")
def light_back(light, shine, diffuse, pulse):
    """The light (T, H, W, 3) that comes back from light (T,), shine (H, W), diffuse (H, W, 3), pulse (T, H, W, 3)."""
    ### BEGIN SOLUTION
    inside = diffuse * (1 - pulse)
    mirrored = shine[..., np.newaxis]
    return light[:, np.newaxis, np.newaxis, np.newaxis] * (mirrored + inside)
    ### END SOLUTION


# %% [markdown]
# Now we need a camera. A pixel is a bucket for electrons: each bit of light that arrives knocks one loose.
# Light arrives in grains, so if 10 000 are due, there will be 10 000 give or take their *root*, 100: **[photon
# noise](glossary.ipynb#cell-id=photon-noise)**. Then the camera keeps 256 steps, the 8 bits of a byte; and as eyes see
# dark better than bright, it spends more of the steps on the dark, by a bent curve
# (*[gamma](glossary.ipynb#cell-id=gamma)*).

# %%
FULL = 10_000  # electrons that fill a pixel
PULSE = synthesis.DOMAINS["lab"].pulse_strength  # from valley to top, in green, on a cheek


def camera(scene, exposure=1.0, noise=True, seed=0):
    """Pixel values (…, 3) uint8 of light (…, 3); a white sheet just fills a pixel at exposure 1."""
    electrons = FULL * exposure * np.asarray(scene, dtype=np.float32)
    if noise:
        grains = np.random.default_rng(seed).standard_normal(electrons.shape, dtype=np.float32)
        electrons = electrons + np.sqrt(electrons) * grains
    return np.rint(255 * np.clip(electrons / FULL, 0, 1) ** (1 / synthesis.GAMMA)).astype(np.uint8)


def blood(face, time, strength=PULSE):
    """The share (T, H, W, 3) of the diffuse light that blood takes away: heart, map and colours multiplied."""
    ticks = np.arange(time[0] - 0.2, time[-1] + 0.01, 0.002)
    here = np.interp(time[:, None, None] - face.delay, ticks, heart.wave(ticks))  # a later place, an earlier wave
    here = (strength * (here - here.mean(axis=0)) * face.strength).astype(np.float32)
    return here[..., None] * face.pulse_colour


def head_and_wall(face):
    """The diffuse colour (H, W, 3) of the whole picture."""
    return face.diffuse + (1 - face.head[..., None]) * face.background


heart = synthesis.make_heart(66, seconds=12, rng=np.random.default_rng(1))
moments = np.arange(0, 2, 0.1)
top = heart.wave(moments).argmax()
one = slice(top, top + 1)
steady, none = np.ones(1), np.zeros((1, *face.diffuse.shape))
beating = blood(face, moments)[one]
scenes = {
    "light × diffuse": light_back(steady, 0 * face.shine, head_and_wall(face), none)[0],
    "light × shine, 5 times": np.repeat(5 * face.shine[..., None], 3, axis=-1),
    "light × (shine + diffuse)": light_back(steady, face.shine, head_and_wall(face), none)[0],
    "the pulse, 60 times": 60 * np.clip(beating[0], 0, 1),
    "… × (1 − 40 × pulse)": light_back(steady, face.shine, head_and_wall(face), 40 * beating)[0],
    "through the camera": camera(light_back(steady, face.shine, head_and_wall(face), beating))[0] / 255.0,
}
pictures = [one if "camera" in name else np.clip(one, 0, 1) ** (1 / synthesis.GAMMA) for name, one in scenes.items()]
plots.faces(pictures, list(scenes), title="A face, term by term", columns=3)

# %% [markdown]
# *The figure in words:* six pictures of one made face. First the diffuse colour alone: matt, like clay.
# Second the shine alone, enlarged: the whole face in an even grey, the forehead and the nose a little brighter.
# Third both: now it looks like skin. Fourth the pulse, enlarged sixty times: cheeks and forehead glow, in green
# most, eyes and hair are black. Fifth the face at the top of a beat with a pulse forty times too strong: it
# blushes, for green is missing most. Last what the camera keeps: grainy, and with the true pulse, so that nothing
# of it can be seen.
#
# All of it at once is a video:


# %%
def scene_of(face, time, strength=PULSE, light=None):
    """The light (T, H, W, 3) that reaches the camera from a face that beats; the lamp is steady unless told."""
    light = np.ones(time.size, np.float32) if light is None else light
    return light_back(light, face.shine, head_and_wall(face), blood(face, time, strength))


FS = 30.0  # pictures a second
time = np.arange(0, 8, 1 / FS)
wave = heart.wave(time)
small = synthesis.make_face(0.3, 64, np.random.default_rng(10))
scene = scene_of(small, time)
film = camera(scene)
print(f"{film.shape[0]} pictures of {film.shape[2]} × {film.shape[1]} pixels, {film.shape[3]} colours, {film.dtype}")

# %% [markdown]
# This is how the course makes its faces. `synthesis.make_video` does the same, step by step, and adds what
# places do: heads that sway and turn, lamps that flicker, a screen, shadows, a [codec](glossary.ipynb#cell-id=codec).
# The check is in section 02.6, as soon as we can read a colour.

# %% [markdown]
# ## 02.6 From pixels to three waves
#
# A video is (T, H, W, 3); a pulse is (T,). On the way there is (T, 3): the **mean colour of the skin** in
# each picture. Of the *skin*, says a **mask**: an array (H, W), true where there is skin. What would go
# wrong if one took the whole picture? The wall does not beat. It only dilutes the pulse, and brings its own
# light along.

# %% [markdown]
# ## Exercise 02.3: the mean colour of the skin (easy, 8 minutes)
#
# Given [frames](glossary.ipynb#cell-id=frame) (T, H, W, 3), uint8, and a mask (H, W) of true and false, return the mean
# R, G, B over the true pixels of each frame: (T, 3), not rounded.
#
# *You should see:* for a frame that is 200 on the skin and 0 elsewhere: 200, however small the skin.
#
# <details><summary>Hint 1: a question</summary>
#
# By how many pixels do you divide?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# An array of true and false can stand in square brackets, in the place of the two axes it belongs to; what
# is left of them is one axis, of chosen pixels.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Keep all frames, of each the pixels of the mask, all three colours: (T, chosen, 3). Then the mean over the
# middle axis. Or with a loop, frame by frame and colour by colour.
# </details>


# %%
@checks.exercise("02.3")
def mean_colour(frames, mask):
    """Mean R, G, B (T, 3) of the pixels of frames (T, H, W, 3) where mask (H, W) is true."""
    ### BEGIN SOLUTION
    chosen = frames[:, mask]
    return chosen.mean(axis=1)
    ### END SOLUTION


# %%
mask = small.skin > 0.5
rgb = mean_colour(film, mask)
plots.colour_trace(time, rgb, relative=True, title="Mean colour of the skin, change in per cent")

# %% [markdown]
# *The figure in words:* three panels with the same scale, red, green and blue, over eight seconds. In green
# a pulse wave, upside down, with some grain; in blue the same, lower and grainier; in red a faint one. All
# dip at the same moments.
#
# There it is: a pulse, a few tenths of a per cent high, from a video in which nobody could see it. Upside
# down, because it is light and not blood.
#
# Now the promised check. The package's own video has sway, flicker and drift, which ours lacks. But the
# package can make *the very same video without the pulse*, and the difference of the two is the pulse
# alone. How high is the wave in each colour, as a share of the colour (the slope of the straight line that
# fits best), and in which ratio?


# %%
def height(trace, wave):
    """How much of the wave (T,) is in the trace (T,): the slope of the line that fits best."""
    return np.polyfit(wave, trace, 1)[0]


def arrow_of(rgb, wave):
    """Relative height of the wave in R, G, B as an arrow of length 1; upright."""
    arrow = -np.array([height(channel / channel.mean(), wave) for channel in np.transpose(rgb)])
    return arrow / np.linalg.norm(arrow)


theirs, without = (synthesis.make_video(3, seconds=6, size=64, pulse=pulse) for pulse in (True, False))
skin_there = theirs.truths["skin_mask"]
both = mean_colour(theirs.frames, skin_there), mean_colour(without.frames, skin_there)
arrows = {"ours": arrow_of(rgb, wave), "the package's": arrow_of(both[0] - both[1] + both[1].mean(axis=0), theirs.bvp)}
for name, arrow in arrows.items():
    print(f"{name:14s} strongest to weakest: {''.join('RGB'[i] for i in np.argsort(-arrow))}")
apart = max(np.abs(arrow - PUBLISHED).max() for arrow in arrows.values())
print("both are within 0.1 of the published 0.33 : 0.77 : 0.53:", bool(apart < 0.1))

# %% [markdown]
# No surprise: what we put in came out again. But it came out of bytes, behind [noise](glossary.ipynb#cell-id=noise),
# and for the package's video behind the tricks of another program as well. A chain that returns what was put into it is
# a chain one may measure with.
#
# Try it: give `scene_of` a `light` that swings by one per cent, once a second. By which share does each colour
# follow the lamp, and how is that unlike a pulse?

# %% [markdown]
# ## 02.7 Counting in decibels
#
# How *good* is such a wave? One number: how strong is the pulse compared with everything else, the noise?
# This is the **[signal-to-noise ratio](glossary.ipynb#cell-id=signal-to-noise-ratio)**. It ranges over many powers of
# ten, so engineers write its logarithm, in **decibels** (dB). There is one trap, and nearly everybody falls into it
# once:
#
# - the ratio of two **powers** (squares, variances): $10 \cdot \log_{10}$ of it,
# - the ratio of two **heights** (amplitudes, [standard deviations](glossary.ipynb#cell-id=standard-deviation)): $20
#   \cdot \log_{10}$ of it.
#
# That is *one* rule: power is height squared, and a square comes out of a logarithm as a factor of 2. Both
# give the same number of dB. Ten times the height is a hundred times the power: 20 dB. Twice the height is
# 6 dB, twice the power 3 dB. Zero dB: as much pulse as noise.

# %% [markdown]
# ## Exercise 02.4: decibels (easy, 6 minutes)
#
# Given the pulse (T,) and the noise (T,) separately, return the signal-to-noise ratio in dB, one number. The
# height of each is its **standard deviation**, so a constant in either does not count.
#
# *You should see:* a pulse with twice the height of the noise: 6.02 dB. A pulse as high as the noise: 0.
#
# <details><summary>Hint 1: a question</summary>
#
# Is a standard deviation a height or a power? And a variance?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# `np.log` is not the logarithm that is meant; there is another one in NumPy with the base in its name.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Two standard deviations, or two variances; pulse over noise; the logarithm to base 10; the factor that
# belongs to what you have taken.
# </details>


# %%
@checks.exercise("02.4")
def decibels(pulse, noise):
    """Signal-to-noise ratio in dB of a pulse (T,) over a noise (T,)."""
    ### BEGIN SOLUTION
    heights = np.std(pulse) / np.std(noise)
    return float(20 * np.log10(heights))
    ### END SOLUTION


# %% [markdown]
# In a real video, pulse and noise come mixed. But this is our own world, and we know the true wave. So we
# lay the best line through the trace over the wave: what lies on the line is pulse, the rest is noise.


# %%
def quality(trace, wave):
    """Signal-to-noise ratio in dB of the wave (T,) in a trace (T,)."""
    slope = height(trace, wave)
    pulse = slope * (wave - wave.mean())
    return decibels(pulse, trace - trace.mean() - pulse)


for name, channel in zip(("red", "green", "blue"), rgb.T, strict=True):
    print(f"{name:6s} {quality(channel, wave):5.1f} dB")
without = mean_colour(camera(scene_of(small, time, strength=0.0), seed=1), mask)
print(f"green, no pulse {quality(without[:, 1], wave):5.1f} dB")

# %% [markdown]
# Green is best, as it should be. But red is better than blue, though it beats less: much more red light comes back
# from the skin, so its noise is smaller in proportion. What counts is not the pulse alone.
#
# Two cautions. In the last line we filmed the *same* face with its heart switched off. By chance a little
# noise always looks like the wave, so this scale does not end at minus infinity: with T moments a pulse
# that is not there reads about $-10 \log_{10} T$, here −24 dB, give or take. And the field's papers use
# another definition, by the spectrum (lesson 12): their decibels cannot be compared with these, only
# decibels of one kind.

# %% [markdown]
# ## 02.8 Smaller than the smallest step
#
# Now the riddle of the lesson. A camera has 256 steps. A cheek may have the value 128, and the beat changes
# it by some 0.3 %. (It changes the *light* by about twice as much: the bent curve of the camera flattens
# changes.) What is that in steps?

# %%
green = scene[:, mask][..., 1]  # (T, pixels): light
quiet = camera(scene, noise=False)
across = np.ptp(quiet[:, mask][..., 1], axis=0)
moves = np.ptp(255 * green ** (1 / synthesis.GAMMA), axis=0)
print(f"in the mean over the skin, the beat is {-100 * height(rgb[:, 1], wave) / rgb[:, 1].mean():.1f} % high (green)")
print(f"half of the skin's pixels change by less than {np.median(moves):.2f} steps with the beat (green)")
print(f"{100 * np.mean(across == 0):.0f} % of the pixels, if there were no noise, would never change at all")

# %% [markdown]
# Less than one step! A step is the *smallest thing that the camera can write down*. And yet the mean over
# the skin has just shown us the wave. How can a mean know what none of its pixels knows?
#
# Look at the simplest case: 4000 pixels that all see the very same grey, and it swings by 0.4 of a step. Once
# without any noise, once with. Predict: in which of the two does the mean show the wave?

# %%
rng = np.random.default_rng(5)
PIXELS = 4000
swing = 0.2 * np.sin(2 * np.pi * 1.1 * time)  # steps
grey = 128.15 + swing
clean = np.rint(grey)
noisy = np.rint(grey[:, None].astype(np.float32) + rng.standard_normal((time.size, PIXELS), dtype=np.float32))

figure, axes = plots.new_figure(3, 1, height=6.6, sharex=True)
axes[0].plot(time, noisy[:, 0], color=plots.GREY, linewidth=1.0, drawstyle="steps-mid")
axes[1].plot(time, clean, color=plots.RED, linewidth=1.8)
axes[2].plot(time, noisy.mean(axis=1), color=plots.GREEN, linewidth=1.8)
plots.label(axes[0], "One pixel, with noise", y="Value (steps)")
plots.label(axes[1], "The mean of 4000 pixels without noise", y="Value (steps)")
plots.label(axes[2], "The mean of 4000 pixels with noise", "Time (s)", "Value (steps)")
for ax in axes[1:]:
    ax.plot(time, grey, color=plots.BLACK, linestyle=":", linewidth=1.3, label="the true grey")
    ax.set_ylim(127.7, 128.6)
axes[2].set_xlim(0, 8)
figure.legend(*axes[1].get_legend_handles_labels(), fontsize=plots.SMALL, frameon=False, loc="outside lower center")
figure.align_ylabels()
display(figure)

# %% [markdown]
# *The figure in words:* three panels over eight seconds. One noisy pixel jumps between whole numbers, a few
# steps up and down, and shows no rhythm. The mean of the noiseless pixels is a straight line at 128: all
# round to the same value, all the time. The mean of the noisy ones follows the dotted true wave closely.
#
# **Noise saves the wave.** Without it, all pixels round alike, and the change is lost in all of them. With
# it each pixel rounds up with a certain *probability*, and that probability moves with the grey. The mean
# of thousands reads the probability. Sound engineers add noise on purpose before they round; they call it
# **[dither](glossary.ipynb#cell-id=dither)**.
#
# How much noise is best? Too little: rounding wins. Too much: noise wins. Where would you put it?

# %%
AMOUNTS = np.array([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1, 2, 5])
COUNTS = (10, 100, 4000)
GREYS = 128 + np.linspace(-0.45, 0.45, 3, dtype=np.float32)  # where between two steps the grey lies must not matter
errors = np.zeros((len(COUNTS), AMOUNTS.size))
short = swing[:120].astype(np.float32)
draws = rng.standard_normal((short.size, PIXELS), dtype=np.float32)
for k, amount in enumerate(tqdm(AMOUNTS)):
    for level in GREYS:
        values = np.rint(level + short[:, None] + np.float32(amount) * draws)
        for j, count in enumerate(COUNTS):
            errors[j, k] += np.std(values[:, :count].mean(axis=1) - short) / GREYS.size

figure, ax = plots.new_figure(height=4.2)
for j, count in enumerate(COUNTS):
    ax.plot(
        AMOUNTS,
        errors[j],
        color=plots.COLOURS[j],
        linestyle=plots.LINES[j],
        marker=plots.MARKERS[j],
        label=f"{count} pixels",
    )
ax.axhline(swing.std(), color=plots.BLACK, linestyle=":", linewidth=1.5, label="the wave itself")
ax.set_yscale("log")
ax.set_xscale("symlog", linthresh=0.1)
ax.set_xticks([0, 0.1, 0.3, 1, 3], ["0", "0.1", "0.3", "1", "3"])
ax.set_xlim(-0.01, 5.5)
figure.legend(fontsize=plots.SMALL, frameon=False, loc="outside right center")
plots.label(ax, "A little noise is best", "Noise of a pixel (steps)", "Error of the mean (steps, log scale)")
display(figure)

# %% [markdown]
# *The figure in words:* error of the mean over the noise of each pixel, for 10, 100 and 4000 pixels.
# Without noise all three are alike and as large as the wave itself, or larger. Then they fall; the more
# pixels, the deeper; near half a step 4000 pixels are best, far below the wave. With more noise all rise
# again, in parallel lines.

# %% tags=["nbval-check-output"]
best = AMOUNTS[errors[-1].argmin()]
print("without noise, the error is at least 80 % of the wave:", bool((errors[:, 0] > 0.8 * swing.std()).all()))
print("4000 pixels are best with a noise of 0.3 to 0.7 steps:", bool(0.3 <= best <= 0.7))
print("there, the error is less than a tenth of the wave:", bool(errors[-1].min() < 0.1 * swing.std()))
gain = 20 * np.log10(errors[1, AMOUNTS == 2] / errors[2, AMOUNTS == 2])[0]
print(f"from 100 to 4000 pixels, 2 steps of noise: {gain:.0f} dB; 10 log10(40) = {10 * np.log10(4000 / 100):.0f} dB")

# %% [markdown]
# With enough noise, rounding no longer matters and the rule of averages is left: N pixels make noise
# smaller by √N, so **ten times the pixels are 10 dB**. It is why we average a whole face.
#
# Real cameras have about one step of noise: enough. And a real face helps itself a second time. Its
# pixels are *not* all the same grey; shading spreads them over the steps, so that at each moment *some* of them
# just cross a border. Here is our film again, noise and number of pixels changed:

# %%
inside = np.argwhere(mask)
pixel = tuple(inside[len(inside) // 2])
for name, trace in {
    "one pixel, no noise": quiet[:, pixel[0], pixel[1], 1].astype(float),
    "one pixel, noise": film[:, pixel[0], pixel[1], 1].astype(float),
    "the skin, no noise": mean_colour(quiet, mask)[:, 1],
    "the skin, noise": rgb[:, 1],
}.items():
    found = f"{quality(trace, wave):5.1f} dB" if np.ptp(trace) else "no change at all"
    print(f"{name:20s} {found}")

# %% [markdown]
# One pixel without noise knows nothing at all. With noise it knows a little, far below zero decibels. The
# skin as a whole reads the pulse well *either way*: here shading is dither enough, and noise only costs. On
# an even cheek that fills the picture, or with fewer bits, noise would be the saviour.
#
# So: **never judge a pulse by one pixel, never round the mean, and never let anything make neighbours
# alike** before you have averaged. A filter that removes noise from pictures does just that. So does the
# next but one section.

# %% [markdown]
# ## 02.9 What dark skin and dim light cost
#
# Now the price of melanin. The *share* AC/DC of a wavelength is the same under more melanin: it dims the
# steady and the beating light alike. So dark skin costs nothing? Predict, and think of photon noise:
# of 10 000 electrons the noise is 100, one per cent. Of 100 electrons it is 10. Which share is that?
#
# We film three people in five tones each (the *same* people, only the melanin changes) at four exposures:
# full light, half of it, a quarter, an eighth. And since this is our own world, we film everything twice,
# with the very same grains of noise, once with pulse and once without. The second film is the noise; the
# difference of both is the pulse.

# %%
EXPOSURES = (1.0, 0.5, 0.25, 0.125)
FIVE_TONES = (0.0, 0.25, 0.5, 0.75, 1.0)
PEOPLE = (10, 3, 5)
slow = np.arange(0, 8, 1 / 10)
slow_wave = heart.wave(slow)
cost = np.zeros((len(PEOPLE), len(FIVE_TONES), len(EXPOSURES)))  # dB, green
share = np.zeros((len(PEOPLE), len(FIVE_TONES)))  # of the green light, from valley to top
for i, person in enumerate(tqdm(PEOPLE)):
    for j, tone in enumerate(FIVE_TONES):
        someone = synthesis.make_face(tone, 64, np.random.default_rng(person))
        light = scene_of(someone, slow)[:, someone.skin > 0.5, 1]  # (T, pixels): only skin, only green
        still = np.broadcast_to(light.mean(axis=0), light.shape)
        share[i, j] = -height(light.mean(axis=1), slow_wave) / light.mean()
        for k, exposure in enumerate(EXPOSURES):
            noise = camera(still, exposure, seed=person).mean(axis=1)
            pulse = camera(light, exposure, seed=person).mean(axis=1) - noise
            cost[i, j, k] = decibels(height(pulse, slow_wave) * slow_wave, noise)
db = cost.mean(axis=0)
fewer = 10 * np.log10([physics.skin_colour(tone)[1] / physics.skin_colour(0.0)[1] for tone in FIVE_TONES])

figure, axes = plots.new_figure(1, 2, height=4.4)
halving = db[0, 0] + 10 * np.log10(EXPOSURES)
axes[0].plot(EXPOSURES, halving + 2, color=plots.GREY, linestyle=":", linewidth=1.5, label="3 dB per halving")
for j, name in ((0, "lightest skin"), (2, "medium skin"), (4, "darkest skin")):
    i = j // 2
    style = {"color": plots.COLOURS[i], "linestyle": plots.LINES[i], "marker": plots.MARKERS[i]}
    axes[0].plot(EXPOSURES, db[j], linewidth=2, label=name, **style)
axes[0].set_xscale("log", base=2)
axes[0].set_xticks(EXPOSURES, ["1", "1/2", "1/4", "1/8"])
axes[0].minorticks_off()
axes[0].invert_xaxis()
axes[0].set_ylim(bottom=db.min() - 6)  # room for the legend
axes[1].plot(FIVE_TONES, db[:, 0], "o-", color=plots.BLUE, linewidth=2, label="measured")
axes[1].plot(FIVE_TONES, db[0, 0] + fewer, "s--", color=plots.RED, linewidth=2, label="fewer photons alone")
axes[1].set_ylim(axes[0].get_ylim())
plots.label(axes[0], "Dim light", "Light (share of full, log scale)", "Pulse over noise, green (dB)", legend=True)
plots.label(
    axes[1], "Dark skin, full light", "Tone (0 lightest, 1 darkest)", "Pulse over noise, green (dB)", legend=True
)
axes[0].legend(fontsize=plots.SMALL, frameon=False, loc="lower left")
axes[1].legend(fontsize=plots.SMALL, frameon=False, loc="lower left")
display(figure)

# %% [markdown]
# *The figure in words:* left, pulse over noise against light that is halved three times, for the lightest,
# a medium and the darkest skin. Three lines fall side by side, as steeply as a dotted line of 3 dB per
# halving; the darkest lies far below the other two. Right, in full light, over the tone: little is lost
# from the lightest to medium skin, much from there to the darkest. A dashed line, which counts photons
# alone, lies on it or nearly so.

# %% tags=["nbval-check-output"]
print(f"each halving of the light costs {np.mean(db[:, :-1] - db[:, 1:]):.0f} dB")
print(f"the darkest skin costs {db[0, 0] - db[4, 0]:.0f} dB against the lightest; by its photons, {-fewer[4]:.0f} dB")
dearer = 100 * share.mean(axis=0)
print(f"the green light that beats: {dearer[0]:.2f} % of the lightest skin's, {dearer[4]:.2f} % of the darkest's")
print("the darkest in full light reads like the lightest in 1/8 to 1/4 of it:", bool(db[0, 3] < db[4, 0] < db[0, 2]))

# %% [markdown]
# So melanin has a price, and it is the **light that does not come back**. N photons have a noise of √N, so
# half the light makes the share of noise √2 times as large: 3 dB.
# From the factor in section 02.1 you can work out the dB of photons in your head.
#
# Why is the share that beats smaller on dark skin, if melanin cancels? The
# dichromatic model tells. The *shine* is the same on all skin, and it does not beat. On dark skin it is a
# larger part of the light, so AC/DC of the *whole* light shrinks after all. (The shine also brings photons
# back; both together cost about what the photons of the skin alone would.)
#
# What follows is not only physics. At the same lamp and the same camera a darker person gets a noisier
# pulse; a mean error over many light people hides it. And it is the same currency as dim light, so it can
# be *paid*: by more light or a longer exposure, more pixels (ten times as many: 10 dB), or a longer
# [window](glossary.ipynb#cell-id=window). Lesson 12 therefore reports errors by tone. (Real cameras treat dark skin
# worse than ours: they add noise of their own in the dark, expose for the bright wall behind, and their codecs spend
# their bits elsewhere. Ours has none of that; take its decibels as the least price.)

# %% [markdown]
# ## 02.10 What a codec throws away
#
# No one keeps raw video: a minute of 640 × 480 is more than a gigabyte. A **codec** such as H.264 makes it
# a hundred times smaller by leaving out what an *eye* will not miss. It keeps a picture and then mostly
# notes *changes*, and of these only the ones that are large enough. One number sets how large: `crf`
# ([constant rate factor](glossary.ipynb#cell-id=crf)), 0 for very fine, 18 “visually lossless”, 23 the usual one, 51
# for mush. Predict: a change that no eye can see, spread over thousands of pixels. What will a codec think of it?
#
# There are two ways to use one. A phone that *films* must write each picture at once. A program that makes
# a file small *afterwards*, as websites and messengers do, may look ahead at the pictures to come, and save
# where nothing seems to happen. We try both on our film.

# %%
QUALITIES = (6, 10, 14, 18, 23)
MODES = {"written while filming": {"tune": "zerolatency"}, "made smaller afterwards": {}}


def through_codec(frames, crf, **options):
    """The frames (T, H, W, 3) as they come back from an H.264 file of this quality, and the bytes of that file."""
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as writer:
        options = {"crf": str(crf), "preset": "veryfast", "threads": "1", **options}
        stream = writer.add_stream("libx264", rate=round(FS), options=options)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"  # brightness for each pixel, colour for every four
        for frame in frames:
            writer.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        writer.mux(stream.encode())
    size = len(file.getvalue())
    file.seek(0)
    with av.open(file) as reader:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in reader.decode(video=0)]), size


part = film[:120]  # 4 s
raw_db = quality(mean_colour(part, mask)[:, 1], wave[: len(part)])
after, smaller, kept = {}, {}, {}
for mode, options in MODES.items():
    after[mode], smaller[mode] = [], []
    for crf in tqdm(QUALITIES):
        kept[crf], size = through_codec(part, crf, **options)
        after[mode].append(quality(mean_colour(kept[crf], mask)[:, 1], wave[: len(part)]))
        smaller[mode].append(part.nbytes / size)

figure, axes = plots.new_figure(1, 2, height=4.2)
axes[0].axhline(raw_db, color=plots.BLACK, linestyle=":", linewidth=1.5, label="raw")
for i, mode in enumerate(MODES):
    style = {"color": plots.COLOURS[i], "linestyle": plots.LINES[i], "marker": plots.MARKERS[i], "linewidth": 2}
    axes[0].plot(QUALITIES, after[mode], label=mode, **style)
    axes[1].plot(QUALITIES, smaller[mode], **style)
chance = -10 * np.log10(len(part))
axes[0].axhspan(-25, chance + 5.8, color=plots.GREY, alpha=0.2, linewidth=0, label="as without a pulse")  # 19 of 20
axes[0].set_ylim(-25, 15)
axes[1].set_yscale("log")
plots.label(axes[0], "What is left of the pulse", "crf (number; larger is coarser)", "Pulse over noise, green (dB)")
plots.label(axes[1], "What is saved", "crf (number; larger is coarser)", "Times smaller (log scale)")
figure.legend(fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=2)
display(figure)
shown = [part[0], kept[10][0], kept[23][0]]
display(
    plots.faces(shown, ["raw", "crf 10, afterwards", "crf 23, afterwards"], title="Which of them still has a pulse?")
)


# %% [markdown]
# *The figures in words:* left, the pulse over its noise against crf. Written while filming, the curve sinks
# slowly at first and falls steeply from 14 on, to more noise than pulse, but stays above a grey zone, in which a film
# without any pulse would mostly lie. Made smaller afterwards, it falls much earlier: at 14 it has reached the edge of
# the grey zone, and beyond it stays close above. Right, what is saved:
# some ten times at fine quality, hundreds of times where the pulse is lost. Below, the face raw, at crf 10
# and at crf 23, both made smaller afterwards: the second looks like the first, only smoother; the third is
# a little blurred.

# %% tags=["nbval-check-output"]
filming, afterwards = (np.array(after[mode]) for mode in MODES)
print("filming, crf 6 costs less than 5 dB:", bool(raw_db - filming[0] < 5))
print("filming, crf 23 costs more than 12 dB:", bool(raw_db - filming[-1] > 12))
print("afterwards, every crf from 14 on costs more than 12 dB:", bool((raw_db - afterwards[2:] > 12).all()))
print("afterwards is the worse of the two from 6 to 18:", bool((afterwards[:4] < filming[:4]).all()))

# %% [markdown]
# “Visually lossless” is measured with eyes, and eyes do not see a pulse. **A codec is made to throw away
# exactly what we are looking for:** small, slow, even changes. And the grain that saved us in section 02.8 is the
# first to go.
#
# Our film is the codec's easiest prey, and the numbers of crf do not carry over: it is small, and its head
# holds perfectly still. A head that moves forces the codec to write more (and makes trouble of its own).
# Public sets of phone videos are compressed, and a pulse can be read from many of them. But the rule
# stands: *keep the raw video, or the finest quality; never cut, mail or “share” it before the colours have
# been read.*

# %%
checks.show_progress("02")

# %% [markdown]
# ## What you found
#
# - A pixel is lamp × skin × sensor, added up over the wavelengths. White balance divides by a white sheet.
# - One straight path through blood says that blue beats most. Scattering, and vessels some tenths of a
#   millimetre deep, make it green, then blue, then red: near the published 0.33 : 0.77 : 0.53, because we
#   chose the depth.
# - Thin, well supplied skin beats most. Over a face the beat takes some tens of milliseconds: no harm to a
#   rate.
# - Light back = light × (shine + diffuse × (1 − pulse)). The shine does not beat.
# - 20 for heights, 10 for powers. Ten times the pixels: 10 dB. Half the light: −3 dB.
# - A change of less than a step survives 8 bits if the pixels do not all round alike: noise, or shading, is
#   the dither.
# - Dark skin returns less light and pays for it in decibels, as dim light does.
# - A codec can delete the pulse from a video that looks perfect.
# - All faces here are made, by the same model that we taught. That they obey it proves nothing about real
#   ones; real videos come later in the course. Nothing here is a medical device.

# %% [markdown]
# ## Three questions to ask yourself
#
# **1. A beauty filter of a phone smooths the skin in each picture. What does it do to the pulse?**
#
# <details><summary>Answer</summary>
#
# It averages neighbours, so it keeps the mean; that part is harmless. But it rounds *after* averaging, when
# the noise is gone and neighbours are alike: the dither is lost. And many such filters set the tone of the
# skin as well, picture by picture, and so write a signal of their own into it.
# </details>
#
# **2. The lamp flickers by 1 % and the pulse is 0.5 %. Can the colours tell them apart?**
#
# <details><summary>Answer</summary>
#
# Yes. In the dichromatic model the light multiplies everything: R, G and B change by the *same share*, 1 :
# 1 : 1. The pulse changes them by 0.33 : 0.77 : 0.53. So a combination of the colours can be made in which
# the lamp cancels and the pulse does not. Lesson 04 derives the methods from this.
# </details>
#
# **3. Someone reports that a method works as well on dark as on light skin: “the errors do not differ
# significantly, n = 4”. What do you ask?**
#
# <details><summary>Answer</summary>
#
# How large a difference could four people have shown at all? And in which light: strong lamps and raw video
# pay the price of melanin in advance. Ask for the errors by tone, with intervals, in the light and with the
# codec of everyday use.
# </details>

# %% [markdown]
# ## Where to read on
#
# - The model, and the methods that follow from it: W. Wang, A. C. den Brinker, S. Stuijk and G. de Haan,
#   “Algorithmic principles of remote PPG”, *IEEE Transactions on Biomedical Engineering* 64 (2017), 1479.
# - The relative pulse of the three colours: G. de Haan and A. van Leest, “Improved motion robustness of
#   remote-PPG by using the blood volume pulse signature”, *Physiological Measurement* 35 (2014), 1913.
# - Two colours of light: S. A. Shafer, “Using color to separate reflection components”, *Color Research and
#   Application* 10 (1985), 210.
# - Skin and light: S. L. Jacques, “Optical properties of biological tissues: a review”, *Physics in
#   Medicine and Biology* 58 (2013), R37.
# - Codecs and the pulse: D. J. McDuff, E. B. Blackford and J. R. Estepp, “The impact of video compression
#   on remote cardiac pulse measurement using imaging photoplethysmography”, *IEEE FG* 2017.
# - Skin tone: E. M. Nowara, D. McDuff and A. Veeraraghavan, “A meta-analysis of the impact of skin tone and
#   gender on non-contact photoplethysmography measurements”, *CVPR Workshops* 2020.
# - In this project: `rppg_lab/physics.py` and `rppg_lab/synthesis.py`, which you have now built in small.
