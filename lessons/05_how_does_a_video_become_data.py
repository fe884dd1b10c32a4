# %% [markdown]
# # 05. How does a video become data?
#
# **What you will be able to do**
# - find out when each [frame](glossary.ipynb#cell-id=frame) was really taken, and what a false clock does to a [heart
#   rate](glossary.ipynb#cell-id=heart-rate)
# - have a face found in two ways, and put a finder of your own in their place
# - say what a trembling box writes into the pulse, and calm it without making it late
# - cut a face out at the border of a picture, and make it small without losing what was measured
# - bring the values of another device onto the frames
# - turn a folder of videos into one file, also when one of them is broken
#
# **What you need first:** NumPy [arrays](glossary.ipynb#cell-id=array), lesson 00;
# [spectra](glossary.ipynb#cell-id=power-spectrum) and [filters](glossary.ipynb#cell-id=filter), lesson 03.
#
# **Time:** 80 minutes; 15 seconds of compute

# %%
import json
import shutil
import tempfile
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from IPython.display import display
from tqdm import tqdm

from rppg_lab import checks, methods, plots, preparing, recordings, spectrum, synthesis, video

scratch = tempfile.TemporaryDirectory()  # what this lesson writes; it vanishes with the notebook
drawer = Path(scratch.name)

# %% [markdown]
# ## 05.1 A film of our own
#
# [Networks](glossary.ipynb#cell-id=network) and methods want a tidy stack of faces: the same size, evenly in time, and
# beside each frame the true value of the pulse. What we are given is a *file*, from a camera that did as it liked. This
# lesson is the way from one to the other. Most wrong heart rates are made here, and not by a network.
#
# To see what goes wrong we must know what is right. So we make a film: a made face that moves slowly to and
# fro in front of a wall. The camera is an ordinary one. It *says* 30 frames a second. In fact its steps are a
# little uneven (**[jitter](glossary.ipynb#cell-id=jitter)**), now and then a frame is lost
# (**[dropped](glossary.ipynb#cell-id=dropped-frame)**), and after four seconds somebody draws the curtain: in the dim
# light it keeps the shutter open for longer and slows down to 20 a second.

# %%
SECONDS, FINE = 12, 60  # the made face is drawn 60 times a second, and the camera takes some of these pictures
SIDE, HEIGHT, WIDTH = 80, 144, 192  # pixels
CURTAIN = 4  # s; from then on the light is dim


def camera_ticks(rng):
    """When an ordinary camera looks, counted in sixtieths of a second."""
    ticks = [0]
    while ticks[-1] < FINE * SECONDS - 6:
        dim = ticks[-1] > CURTAIN * FINE
        step = 3 if dim else rng.choice([1, 2, 3], p=[0.1, 0.8, 0.1])
        ticks.append(ticks[-1] + int(step) + 2 * (rng.random() < 0.03))
    return np.array(ticks)


def corner(t):
    """Where the upper left corner of the moving picture is at time t (s): (x, y) in pixels."""
    return 58 + 13 * np.sin(2 * np.pi * t / 13), 34 + 6 * np.sin(2 * np.pi * t / 17)


def in_a_room(picture, t):
    """The picture of a face at its place in front of a wall, at time t."""
    room = np.full((HEIGHT, WIDTH, 3), np.median(picture[:8, :8], axis=(0, 1)), np.uint8)
    room[:, : WIDTH // 6] //= 2  # a dark cupboard on the left
    x, y = corner(t)
    move = np.float32([[1, 0, x], [0, 1, y]])
    soft = np.clip(6 * (1 - np.abs(np.linspace(-1, 1, SIDE))), 0, 1)
    cover = cv2.warpAffine(np.float32(np.minimum.outer(soft, soft)), move, (WIDTH, HEIGHT))
    moved = cv2.warpAffine(picture, move, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    return cv2.blendLinear(moved, room, cover, 1 - cover)


person = synthesis.make_video(1, seconds=SECONDS, fs=FINE, size=SIDE)
ticks = camera_ticks(np.random.default_rng(5))
true_times = ticks / FINE
taken = [in_a_room(person.frames[k], person.time[k]) for k in ticks]
beats = person.truths["beat_times"]
true_bpm = 60 / np.diff(beats).mean()

plots.faces(
    [taken[np.searchsorted(true_times, t)] for t in (0, 4, 10)],
    ["at 0 s", "at 4 s", "at 10 s"],
    title="A made face that moves in front of a wall",
)

# %% [markdown]
# *The figure in words:* a drawn face in front of a plain wall with a dark cupboard on the left. After four
# seconds it is a few [pixels](glossary.ipynb#cell-id=pixel) further right, after ten further left.
#
# Now we save it twice, as two programs would. The first stores **with each frame its own time** (a *[time
# stamp](glossary.ipynb#cell-id=time-stamp)*), in an MP4 file. The second does what many recording programs do: it takes
# the frames as they come and writes them into an AVI file, and the AVI knows *one* number for all, the [frame
# rate](glossary.ipynb#cell-id=frame-rate). Ours writes what the camera promised. (The MP4 is stored without loss here.
# What compression costs is a matter of its own: lesson 02.)


# %%
def save(path, frames, times=None, rate=1000, codec="libx264", **options):
    """Write a video file; times: of each frame, s. Without times the file only knows its rate."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=rate, options={"threads": "1"} | options)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p" if codec == "libx264" else "yuvj420p"
        stream.codec_context.time_base = Fraction(1, rate)
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.time_base = Fraction(1, rate)
            frame.pts = number if times is None else round(rate * times[number])
            file.mux(stream.encode(frame))
        file.mux(stream.encode())


save(drawer / "stamped.mp4", taken, true_times, crf="0", preset="ultrafast", tune="zerolatency")
save(drawer / "promised.avi", taken, rate=30, codec="mjpeg", qmin="2", qmax="2")

# %% tags=["nbval-check-output"]
stamped, promised = (video.read_video(drawer / name) for name in ("stamped.mp4", "promised.avi"))
for opened in (stamped, promised):
    print(f"{opened.path.name:13s} {len(opened.time)} frames, {opened.time[-1]:5.1f} s,", end=" ")
    print(f"{opened.fs:5.2f} frames a second; times from: {opened.times_from}")

# %% [markdown]
# The same frames, and one file is some seconds shorter than the other. `video.read_video` tells where its
# times come from: from the **[container](glossary.ipynb#cell-id=container)** (the file with its time stamps), or only
# from a *frame rate*, which is a promise. Let us look at the steps from one frame to the next.

# %%
figure, ax = plots.new_figure(height=3.6)
ax.axvspan(CURTAIN, SECONDS, color=plots.GREY, alpha=0.15, linewidth=0)
ax.annotate("dim light", (CURTAIN + 0.2, 88), fontsize=plots.SMALL)
ax.plot(stamped.time[1:], 1000 * np.diff(stamped.time), "o", color=plots.BLUE, markersize=4, label="stamped.mp4")
ax.plot(
    promised.time[1:], 1000 * np.diff(promised.time), color=plots.RED, linewidth=2, linestyle="--", label="promised.avi"
)
ax.set_ylim(0, 100)
figure.legend(fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=2)
plots.label(ax, "How long each frame lasted", "Time (s)", "Step to the next frame (ms)")
display(figure)

# %% [markdown]
# *The figure in words:* blue dots, each the step between two frames. Up to four seconds most lie at 33
# ms, some at 17 and 50, a few higher: a dropped frame. In the dim light they lie at 50 ms, with a few at
# 83. The red line of the AVI file is straight, at 33 ms, and ends early.
#
# Why does it matter? **A method counts frames.** It knows no seconds; it finds "one beat in 20 frames",
# and somebody multiplies with the frame rate. If the file claims 30 a second and the truth is 20, then
# these 20 frames lasted one second and are read as two thirds of one: a heart of 60 becomes one of 90.
# Think before you scroll: in which direction is a heart wrong whose file claims *too few* frames a
# second?

# %% [markdown]
# ## Exercise 05.1: what the clock does to a heart (easy, 8 minutes)
#
# Write `through_the_clock(times, claimed_fs, bpm)`. `times` (T,) are the true times of the frames in seconds,
# `claimed_fs` what the file says. Return two numbers: the true frame rate over the whole video, and the rate,
# per minute, as which somebody who believes the file would read a heart of `bpm`.
#
# *You should see:* for our film a true rate between 20 and 30, and a heart that is read more than 15
# per minute too fast.
#
# <details><summary>Hint 1: a question</summary>
#
# Five frames at 0, 1, 2, 3 and 4 s: how many frames a second are that? How many *steps* lie between them?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# The most frequent step tells little here: lost frames make a few steps long, and they count too. And the
# time of the first frame need not be zero.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Frame rate: the number of steps over the time from the first to the last frame. A beat takes a certain
# number of frames; that number is the same for everybody. The more frames one believes to be in a second,
# the more beats one believes to be in it.
# </details>


# %%
@checks.exercise("05.1")
def through_the_clock(times, claimed_fs, bpm):
    """The true frame rate (Hz), and the rate per minute that a heart of `bpm` is read as."""
    ### BEGIN SOLUTION
    true_fs = (len(times) - 1) / (times[-1] - times[0])
    return true_fs, bpm * claimed_fs / true_fs
    ### END SOLUTION


# %% tags=["nbval-check-output"]
fs, read_as = through_the_clock(stamped.time, 30, true_bpm)
print(f"our film: {fs:.1f} frames a second in truth; a heart of {true_bpm:.0f} is read as {read_as:.0f} per minute")
for true_fs in (16, 30):
    _, read_as = through_the_clock(np.arange(300) / true_fs, 25, 70)
    print(f"claims 25, true {true_fs}: a heart of 70 is read as {read_as:.0f}, {read_as / 70 - 1:+.0%}")

# %% [markdown]
# The last two lines are no invention: the videos of a well-known public set (VIPL-HR) say 25 frames a second,
# and between 16 and 30 are true.
#
# Now with a pulse. We cut out the face (how, comes next), take its mean colour, get a pulse out of it
# with the method [POS](glossary.ipynb#cell-id=pos) (lesson 04), and look at its spectrum with three clocks: the
# promised one; the *mean* rate, which is right over the whole; and every frame at its own time. For the last one the
# colours are put onto an even grid first, because a spectrum needs one: `spectrum.resample`, or for whole frames
# `video.resample_frames`, reads what belongs between two frames from its neighbours. Predict: is the mean rate good
# enough?

# %%
FS = 30.0  # Hz, of the even grid
even = np.arange(0, stamped.time[-1], 1 / FS)


def evenly(values):
    """Values (T, …) of the film's frames, on the even grid."""
    return spectrum.resample(values, stamped.time, even, axis=0)


track = video.track_face(stamped, every=15)
middle = np.array([[x + 0.15 * w, y + 0.15 * h, 0.7 * w, 0.7 * h] for x, y, w, h in track.boxes])
colour = video.mean_colour(stamped, middle)
pulses = {
    "every frame at its own time": (methods.pos(evenly(colour), FS), FS, "-"),
    "mean frame rate": (methods.pos(colour, stamped.fs), stamped.fs, "-."),
    "promised frame rate": (methods.pos(colour, 30.0), 30.0, "--"),
}

figure, ax = plots.new_figure(height=4.0)
for i, (name, (pulse, rate, line)) in enumerate(pulses.items()):
    frequency, power = spectrum.power_spectrum(pulse, rate)
    seen = (frequency > 0.7) & (frequency < 3)
    ax.plot(
        60 * frequency[seen],
        power[seen] / power[seen].max(),
        color=plots.COLOURS[i],
        linestyle=line,
        linewidth=2,
        label=name,
    )
ax.axvline(true_bpm, color=plots.BLACK, linestyle=":", linewidth=1.5, label="counted beats")
figure.legend(fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=2)
plots.label(ax, "One heart, three clocks", "Rate (beats per minute)", "Power (share of the highest)")
display(figure)

rates = {name: float(spectrum.heart_rate(pulse, rate)) for name, (pulse, rate, _) in pulses.items()}
assert abs(rates["every frame at its own time"] - true_bpm) < 2
assert abs(rates["mean frame rate"] - true_bpm) > 5
assert abs(rates["promised frame rate"] - true_bpm) > 5

# %% [markdown]
# *The figure in words:* three spectra over the rate. With every frame at its own time there is one clear
# peak, at the line of the counted beats. With the mean rate there are two heaps, one far below the line
# and the higher one far above it. With the promised rate there are two as well: the lower one at the
# line, the highest far above it.
#
# The mean rate is not good enough, and this surprises many. It is too slow for the bright part and too
# fast for the dim one, so one heart falls into two wrong ones. And the promised rate? It is right for the
# bright four seconds, wrong for the rest, and the rest is longer.
#
# So: **keep the time of every frame; never count frames.** If a file has only a rate, look for times
# beside it (many data sets have a file of them), and if there are none, write down that you believed.

# %% [markdown]
# ## 05.2 Where is the face?
#
# A face finder is a program that says yes or no to a small square of a picture. It is pushed over the
# picture, square by square, in several sizes. Two of them come with libraries that this course needs
# anyway, so there is nothing to download:
#
# - **[Haar](glossary.ipynb#cell-id=haar)** (with OpenCV): compares the brightness of rectangles. Eyes are darker than
#   the cheeks below them, the bridge of the nose is brighter than the eyes beside it. Thousands of such questions.
# - **[LBP](glossary.ipynb#cell-id=lbp)**, *local binary patterns* (with scikit-image): compares each patch with its
#   eight neighbours, brighter or darker, which gives eight bits. A pattern of bits is typical of an eye, another of a
#   wall.
#
# Both are **[cascades](glossary.ipynb#cell-id=cascade)**: a few cheap questions first, and only the squares that pass
# them get the next ones. That is why they are quick. The third finder can be **yours**: the file of another cascade, or
# any function that takes a frame and returns boxes. A box is `(x, y, w, h)`: the upper left corner, then width and
# height, in pixels. OpenCV brings some more cascade files; one of them plays your own here.

# %%
my_file = Path(cv2.data.haarcascades) / "haarcascade_frontalface_default.xml"
finders = {"haar": video.find_faces, "lbp": video.find_faces_lbp, "a file of my own": video.get_finder(my_file)}

figure, ax = plots.new_figure(width=6.4, height=4.6)
ax.imshow(taken[0])
ax.grid(False)
for i, (name, finder) in enumerate(finders.items()):
    for box in finder(taken[0]):
        sides = [box.x, box.x + box.w, box.x + box.w, box.x, box.x], [box.y, box.y, box.y + box.h, box.y + box.h, box.y]
        ax.plot(*sides, color=plots.COLOURS[i + 3], linestyle=plots.LINES[i], linewidth=2.2, label=name)
figure.legend(fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=3)
plots.label(ax, "One face, three finders", "x (pixels)", "y (pixels)")
display(figure)

# %% [markdown]
# *The figure in words:* the made face and three squares close around it; they lie within a few pixels of
# each other and none is quite like another. Note that y counts **downwards**, as rows of an array do.
#
# What two finders of different kind agree on is hardly a mistake. But do they find *everybody*? Here are
# twelve made people, ordered by the tone of their skin, from 0 (light) to 1 (dark).

# %%
people = sorted(range(12), key=lambda number: synthesis.evenly_spread(number)[0])
seen = {"haar": [], "lbp": []}
for number in tqdm(people, desc="looking for twelve people"):
    picture = in_a_room(synthesis.make_video(number, seconds=0.1, size=SIDE).frames[0], 0)
    for name, found in seen.items():
        found.append(len(finders[name](picture)) > 0)

# %%
tones = [synthesis.evenly_spread(number)[0] for number in people]
print("tone ", *(f"{tone:5.2f}" for tone in tones))
for name, found in seen.items():
    print(f"{name:5s}", *("  yes" if one else "   – " for one in found), f"  {sum(found)} of {len(found)}")
assert sum(seen["lbp"][:6]) > sum(seen["lbp"][6:])

# %% [markdown]
# Neither finds everybody, and they do not fail on the same people. LBP finds most of the six lighter
# faces and few of the six darker ones. These are drawings, so the numbers say nothing about people. But
# that programs which look at faces are more often wrong on dark skin has been measured on real
# photographs too (Buolamwini and Gebru, below). And whoever is *not found* is not in the data: no average
# over the file will ever show it. Three rules follow. Count who is lost, and who they are. Try the other
# finder before you give somebody up. And never continue in silence: our package stops, and says what to
# try.

# %% tags=["nbval-check-output"]
upside_down = [frame[::-1, ::-1] for frame in taken[:60]]
try:
    video.track_face(upside_down)
except video.FaceNotFoundError as error:
    print(error)

# %% [markdown]
# ## 05.3 What a trembling box writes into the pulse
#
# The head moves, so the box must follow. Nothing easier: look for the face in every frame! Predict what
# you will see if you draw where the box was, frame by frame. Our film has the advantage that we know
# where the head really was.

# %%
frames = [frame for _, frame in stamped]
each = video.track_face(tqdm(frames, desc="looking in every frame"), every=1, smooth=1)

# %%
centre = each.boxes[:, :2] + each.boxes[:, 2:] / 2
head = np.stack(corner(stamped.time), axis=1)
head = head + (centre - head).mean(axis=0)
shown = (stamped.time > 1) & (stamped.time < 5)

figure, ax = plots.new_figure(height=3.8)
ax.plot(stamped.time[shown], head[shown, 0], color=plots.BLACK, linewidth=3, alpha=0.35, label="the head itself")
ax.plot(stamped.time[shown], centre[shown, 0], ".-", color=plots.RED, linewidth=1, label="found in every frame")
figure.legend(fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=2)
plots.label(ax, "Where is the middle of the face?", "Time (s)", "x (pixels)")
display(figure)
tremble = np.std(centre[:, 0] - head[:, 0])

# %% [markdown]
# *The figure in words:* a smooth grey line, the head, slowly moving; around it a red line of dots that
# jumps to and fro from frame to frame, by up to one or two pixels.
#
# A finder tries squares on a grid and in steps of sizes, and the picture's [noise](glossary.ipynb#cell-id=noise)
# decides which square wins. So the box **trembles**. A pixel or so: is that bad? With each jump a strip of hair or wall
# enters the box on one side and a strip of cheek leaves on the other, and the mean colour jumps too. A pulse is a
# change of half a per cent. And trembling is *quick*: it has power at all frequencies, right where the heart is.
#
# What can be done?
#
# - **Do not look so often.** Every N frames (once a second, say), with straight lines between.
# - **Smooth**: a *mean* over neighbours makes trembling smaller, a *[median](glossary.ipynb#cell-id=median)* (the
#   middle one of the sorted values) also stands a finding that is far off.
# - **Hold** the box still. The best of all, if the head is still too. Ours is not.
#
# There is a catch in smoothing. A machine that must answer at once knows only the past, and the mean over
# the last second is the place where the head was *half a second ago*: it comes late. Whoever has the
# whole film can take as many frames **before as after** (as in 03.5), and nothing comes late.

# %% [markdown]
# ## Exercise 05.2: calm a trembling box (middling, 15 minutes)
#
# Write `calm_boxes(boxes, window)`. `boxes` (T, 4) has a row x, y, w, h for each frame; where the face
# was not found the row is [NaN](glossary.ipynb#cell-id=nan). Return boxes (T, 4) without NaN, in which each side is an
# average (or a median, if you like) over about `window` frames, as many before as after. Where the face was lost, the
# box goes in a straight line from where it was last seen to where it is seen again; before the first and after the last
# time seen it stays. Was it never seen: raise a `ValueError`. A box that does not move must come out as it went in,
# from the first frame to the last. `window` may be any whole number from 1 on, an even one too: then one frame more on
# one side is right.
#
# *You should see:* the blue line of the figure below.
#
# <details><summary>Hint 1: a question</summary>
#
# What is the mean of `window` numbers if some of them are NaN? So which of the two things must be done first?
# And what stands *before* the first frame, where half of the window lies?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# `np.interp` draws lines between known places and holds the last value beyond them; it takes one column
# at a time. At both ends either let the window shrink, or repeat the first and last row (`np.pad` with
# `mode="edge"`); zeros would pull the box into the corner.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Which rows are finite? None: an error. For each of the four columns: fill in; lengthen at both ends by
# half a window; take the mean of each run of `window` values (a loop, a convolution, or
# `sliding_window_view`). Check that T rows come out.
# </details>


# %%
@checks.exercise("05.2")
def calm_boxes(boxes, window):
    """Boxes (T, 4) with gaps bridged and each side averaged over `window` frames (1, 2, 3, …) around it."""
    ### BEGIN SOLUTION
    seen = np.isfinite(boxes).all(axis=1)
    if not seen.any():
        raise ValueError("The face was not found in any frame")
    place = np.arange(len(boxes))
    half = window // 2
    calm = np.empty((len(boxes), 4))
    for k in range(4):
        line = np.interp(place, place[seen], boxes[seen, k])
        line = np.pad(line, half, mode="edge")
        calm[:, k] = np.convolve(line, np.full(2 * half + 1, 1 / (2 * half + 1)), mode="valid")
    return calm
    ### END SOLUTION


# %%
lossy = each.boxes.copy()
lossy[60:80] = np.nan  # as if a hand had passed in front of the face
calm = calm_boxes(lossy, 31)
late = np.stack([calm[max(0, t - 15)] for t in range(len(calm))])  # what one has who knows only the past

figure, ax = plots.new_figure(height=3.8)
lines = {
    "the head itself": (head[:, 0], plots.BLACK, "-", 3.5, 0.3),
    "found in every frame": (lossy[:, 0] + lossy[:, 2] / 2, plots.RED, "-", 0.9, 0.8),
    "calm_boxes": (calm[:, 0] + calm[:, 2] / 2, plots.BLUE, "-", 2, 1),
    "mean over the past": (late[:, 0] + late[:, 2] / 2, plots.ORANGE, "--", 2, 1),
}
for name, (x, tint, style, width, alpha) in lines.items():
    ax.plot(stamped.time[shown], x[shown], color=tint, linestyle=style, linewidth=width, alpha=alpha, label=name)
figure.legend(fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=2)
plots.label(ax, "Calm, and not late", "Time (s)", "x of the middle (pixels)")
display(figure)

# %% [markdown]
# *The figure in words:* the grey line of the head; the trembling red one, with a gap of two thirds of a
# second; the blue one runs along with the head, across the gap too; the orange one is as smooth, and lags
# behind.
#
# Now the question that counts: how much of this reaches the pulse? We know where the head really was, so
# we know the colour that a perfect box would have measured. Whatever a box measures *beside that* is
# noise of its own making. We keep only the band of the heart (lesson 03), and take the [standard
# deviation](glossary.ipynb#cell-id=standard-deviation).


# %%
def about(centres, side):
    """Square boxes (T, 4) of one size about centres (T, 2)."""
    return np.concatenate([centres - side / 2, np.full((len(centres), 2), side)], axis=1)


side = 0.7 * np.median(each.boxes[:, 2])
perfect = video.mean_colour(frames, about(head, side))[:, 1]


def added_noise(boxes):
    """What boxes (T, 4) add to green in the band of the heart, % of green. The middle 70 % of each box counts."""
    inner = np.concatenate([boxes[:, :2] + 0.15 * boxes[:, 2:], 0.7 * boxes[:, 2:]], axis=1)
    measured = video.mean_colour(frames, inner)[:, 1]
    beside = measured / measured.mean() - perfect / perfect.mean()
    return 100 * float(spectrum.bandpass(evenly(beside), FS).std())


noise = {
    "found in every frame": added_noise(each.boxes),
    "held where it was in frame 0": added_noise(np.tile(each.boxes[0], (len(frames), 1))),
    "calm_boxes, 31 frames": added_noise(calm),
    "every 15 frames, package": added_noise(track.boxes),
}
shaking, first, mine, package = noise
heart = 100 * float(spectrum.bandpass(evenly(perfect / perfect.mean()), FS).std())

figure, ax = plots.new_figure(height=3.2)
for i, value in enumerate(noise.values()):
    ax.barh(3 - i, value, color=(plots.RED, plots.ORANGE, plots.BLUE, plots.GREEN)[i], height=0.6)
    ax.annotate(f" {value:.3f} %", (value, 3 - i), fontsize=plots.SMALL, verticalalignment="center")
ax.axvline(heart, color=plots.BLACK, linestyle="--", linewidth=1.4, label="green itself (pulse and light)")
ax.set_yticks([3, 2, 1, 0], list(noise), fontsize=plots.SMALL)
figure.legend(fontsize=plots.SMALL, frameon=False, loc="outside lower center")
plots.label(ax, "What the box adds to the pulse", "Noise in the band of the heart (% of green)")
display(figure)

# %% [markdown]
# *The figure in words:* four bars and a dashed line, which is what green itself does in this band. The
# box of frame 0 is the longest bar by far. The box found in every frame adds less than half of that, the
# two calmed ones least.

# %% tags=["nbval-check-output"]
print("the head moves, and the box of frame 0 is the worst of all:", max(noise.values()) == noise[first])
print("following it with calm_boxes adds less than half of what trembling adds:", noise[mine] < noise[shaking] / 2)
print("the package, with a fifteenth of the searches, adds less than trembling:", noise[package] < noise[shaking])

# %% [markdown]
# A box that is never moved loses the head; a box that is moved too often trembles. (For a head that keeps
# still the held box is the best.) The package looks every N frames, takes the median of several searches
# and draws lines between them. That needs a fifteenth of the searches, and searching is what takes the
# time. Both numbers depend on your videos: with N and the median too long, the box lags behind a head
# that moves, as the table in 05.8 shows.

# %% [markdown]
# ## 05.4 Cutting it out
#
# A finder draws its box close around the face, and it is not very exact: the chin may be outside, or half
# of the forehead, which has a strong pulse. And a head moves between two searches. So the box is
# **enlarged** about its centre, by a factor of 1.5 usually. Two classic mistakes are made here.
#
# - **Rows and columns.** A box says x first; an array wants the *row* first, and the row is y.
#   `frame[x][y]` is another place, and no error tells you: in a square picture nothing even falls off.
# - **The border.** The enlarged box may begin at −12. Python is glad to help: `frame[-12:60]` begins
#   twelve rows before the *end*, which is after 60, so the result is empty. Or it is cut at the border,
#   and one crop is smaller than the others, or is stretched when it is made square. It is best to
#   **repeat the pixels of the edge**: the crop keeps its shape, and what is added does not tremble.

# %% [markdown]
# ## Exercise 05.3: crop and enlarge (middling, 12 minutes)
#
# Write `crop_enlarged(frame, box, factor)`: from a frame (H, W, 3) the part in the box `(x, y, w, h)`,
# after the box was made `factor` times as wide and as high about its *centre*. The result has always the
# full size of the enlarged box, rounded to whole pixels; where it reaches beyond the frame, the nearest
# pixel of the frame's edge is repeated. (In the check the enlarged corners lie on whole pixels.)
#
# *You should see:* four square pictures below, each with more around the face than the one before.
#
# <details><summary>Hint 1: a question</summary>
#
# A box 40 wide that begins at x = 10 has its middle at 30. Made twice as wide, where does it begin?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# Think of the *numbers of the rows* that you want: some may be below 0 or above H − 1. `np.clip` puts
# each number that lies outside onto the nearest allowed one. An array of row numbers can stand in the
# brackets of another array.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# The new width and height; the new corner from the centre; round. The row numbers from the top on, as
# many as the height; the column numbers alike; clip both. First take the rows out of the frame, then the
# columns out of what you have.
# </details>


# %%
@checks.exercise("05.3")
def crop_enlarged(frame, box, factor):
    """The box (x, y, w, h), made `factor` times as large about its centre, cut out of a frame (H, W, 3)."""
    ### BEGIN SOLUTION
    x, y, w, h = box
    left, top = round(x + w / 2 - factor * w / 2), round(y + h / 2 - factor * h / 2)
    columns = np.arange(left, left + round(factor * w)).clip(0, frame.shape[1] - 1)
    rows = np.arange(top, top + round(factor * h)).clip(0, frame.shape[0] - 1)
    return frame[rows][:, columns]
    ### END SOLUTION


# %%
found_box = tuple(round(side) for side in (*each.boxes[0, :2], *each.boxes[0, 2:]))
cut = {f"times {factor:g}": crop_enlarged(taken[0], found_box, factor) for factor in (1, 1.5, 2, 4)}
plots.faces(list(cut.values()), list(cut), title="The same box, enlarged")

# %% [markdown]
# *The figure in words:* four square pictures of the made face: cut off at the hair; the whole face; the
# face with much wall; and a small face in a picture larger than the film itself, where wall and cupboard
# run on beyond their edges.
#
# Which one is best? It depends on who looks. A *network* wants the whole face and some room, and learns
# by itself where the pulse is. A *mean colour* wants skin and nothing else: above we took the middle 70
# %.

# %% [markdown]
# ## 05.5 Making it small
#
# Networks want small pictures, all of one size: 128, 72 or 36 pixels. How does one make 36 pixels of 144?
# Three ways that every library has:
#
# - **nearest**: take one of the old pixels and leave the others out.
# - **linear**: take the four nearest ones and mix them.
# - **[area](glossary.ipynb#cell-id=area)**: take the mean of *all* old pixels that fall into the new one.
#
# For holiday pictures the difference is small. Predict it for us. The noise of neighbouring pixels is
# independent, and the mean of n of them has 1/√n of it. Here the new pixel is 4 × 4 old ones.

# %%
still = synthesis.make_video(1, seconds=1.0, size=144, pulse=False).frames
ways = {"nearest": cv2.INTER_NEAREST, "linear": cv2.INTER_LINEAR, "area": cv2.INTER_AREA}
pixel_noise = {}
for name, way in ways.items():
    small = np.stack([cv2.resize(frame, (36, 36), interpolation=way) for frame in still]).astype(float)
    steps = np.diff(small[:, 12:24, 12:24, 1], axis=0)  # from frame to frame: light and movement are slow
    pixel_noise[name] = steps.std() / np.sqrt(2)

figure, ax = plots.new_figure(height=2.8)
for i, value in enumerate(pixel_noise.values()):
    ax.barh(2 - i, value, color=plots.COLOURS[i], height=0.6)
    ax.annotate(f" {value:.2f}", (value, 2 - i), fontsize=plots.SMALL, verticalalignment="center")
ax.set_yticks([2, 1, 0], list(pixel_noise), fontsize=plots.TEXT)
ax.set_xlim(0, 1.15 * max(pixel_noise.values()))
plots.label(ax, "Noise of one small pixel", "Standard deviation from frame to frame (of 255 steps)")
display(figure)
assert pixel_noise["area"] < 0.8 * pixel_noise["linear"] < 0.64 * pixel_noise["nearest"]

# %% [markdown]
# *The figure in words:* three bars, each clearly shorter than the one above it: nearest, linear, area.
#
# By area wins, for the price of nothing. (It does not reach a quarter of the noise because pixels are
# rounded to whole steps afterwards.) And what `nearest` leaves out is gone for ever: 15 of 16 pixels and
# the light in them. Not the size of the picture counts but how many *camera* pixels went into it: a face
# of 36 pixels by area is better than a face of 128 by nearest. There is one more trap: `cv2.resize` takes
# linear unless told otherwise, and where it shrinks by an odd number (3, 5, 7) the point that it asks for
# is the middle of one old pixel: then it too takes that one and leaves out the others.
#
# (The package does one thing more: its crops begin at fractions of a pixel. A box that moves by a whole
# pixel at a time makes the picture jump.)

# %% [markdown]
# ## 05.6 Whose clock?
#
# The pulse comes from another device, often a clip on the finger: 60 values a second, with *its* clock.
# Everybody's first program puts the two together **by number**: 60 values and 30 frames a second, so
# value 2·k belongs to frame k. Or, a little wiser, both ends are fitted: the values are stretched until
# the last one meets the last frame. Predict: a camera that promises 30 loses one frame in a hundred, and
# after 40 s it also becomes 3 % too slow. How wrong is that after a minute?

# %%
rng = np.random.default_rng(3)
frame_times = np.cumsum(np.where(rng.random(1800) < 0.01, 2, 1)) / 30.0
slow = frame_times > 40
frame_times[slow] += 0.03 * (frame_times[slow] - 40)  # in the last third it is a little slow as well
label_times = np.arange(0, frame_times[-1] + 1, 1 / 60)
partners = {
    "by number: value 2·k": label_times[2 * np.arange(1800)],
    "both ends fitted": label_times[np.linspace(0, frame_times[-1] * 60, 1800).astype(int)],
    "by time": frame_times,
}

figure, ax = plots.new_figure(height=3.8)
for i, (name, partner) in enumerate(partners.items()):
    ax.plot(
        frame_times, partner - frame_times, color=plots.COLOURS[i], linestyle=plots.LINES[i], linewidth=2, label=name
    )
figure.legend(fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=3)
plots.label(ax, "When was the value taken that a frame gets?", "Time of the frame (s)", "Value's time − frame's (s)")
display(figure)

for name, partner in partners.items():
    print(f"{name:22s} at most {np.abs(partner - frame_times).max():.2f} s apart, ", end="")
    print(f"{np.abs(partner - frame_times).max() * 70 / 60:.1f} beats of a heart of 70")
assert np.abs(partners["by number: value 2·k"] - frame_times).max() > 0.5

# %% [markdown]
# *The figure in words:* three lines over a minute. By number: it sinks in small steps, one for each lost
# frame, and steeper in the last third, to more than a second. Both ends fitted: zero at the beginning and
# the end, up to some tenths of a second in between. By time: zero everywhere.
#
# The [lag](glossary.ipynb#cell-id=lag) **grows**. For a mean rate that may pass unnoticed. For a network it is poison:
# it is told that the face of *now* belongs to the pulse of *some other beat*, each time another. A lag that is the same
# everywhere can be found and mended (07.5); one that grows can only be avoided, by using the times.
#
# One thing remains: the two clocks may not show the same time of day. Somebody must have noted by how
# much they differ, by a flash, a tap on the sensor, or a common computer. Without that, the best one can
# do is to assume that both began together, *and to write that down*.

# %% [markdown]
# ## Exercise 05.4: labels onto the frames (middling, 12 minutes)
#
# Write `labels_on_frames(frame_times, label_times, label, ahead)`: for each frame the value of the
# [label](glossary.ipynb#cell-id=label) at that moment (T,), from a line between its two neighbours. `ahead`: by how
# many seconds the label's clock is ahead of the camera's. When the camera's clock shows 10.0 s, the label's shows
# 10.0 + `ahead`. The rows of the label may have arrived in disorder. Where a frame lies outside of what the label
# covers, raise a `ValueError`: nothing is invented.
#
# *You should see:* a difference of less than a hundredth below.
#
# <details><summary>Hint 1: a question</summary>
#
# The label's clock is 2 s ahead and shows 12. What does the camera's clock show at this moment?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# `np.interp` does three things without a word: it wants the known times in rising order and does not
# check; it repeats the end values beyond the ends; and it takes the new times first.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Bring both to one clock. Find the order of the times (`np.argsort`), and put times *and* values into it.
# Is the earliest frame before the first value, or the latest after the last: an error that says so. Then
# interpolate.
# </details>


# %%
@checks.exercise("05.4")
def labels_on_frames(frame_times, label_times, label, ahead):
    """The label at the moment of each frame, (T,); ahead: s by which the label's clock is ahead."""
    ### BEGIN SOLUTION
    order = np.argsort(label_times)
    known, values = label_times[order] - ahead, label[order]
    if frame_times.min() < known[0] or frame_times.max() > known[-1]:
        raise ValueError(f"The label covers {known[0]:.2f} to {known[-1]:.2f} s only, and there are frames beyond")
    return np.interp(frame_times, known, values)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
sensor_clock = np.arange(-1, SECONDS + 1, 1 / 60) + 2.5  # begins earlier, ends later, and is 2.5 s ahead
heart_wave = np.interp(sensor_clock - 2.5, person.time, person.bvp)
on_frames = labels_on_frames(stamped.time, sensor_clock, heart_wave, ahead=2.5)
truth = person.bvp[ticks]
print(f"values: {len(on_frames)}, frames: {len(frames)}")
print("less than a hundredth of the wave's height off:", bool(np.abs(on_frames - truth).max() < 0.01 * np.ptp(truth)))

# %% [markdown]
# (The package draws a smooth curve instead of straight lines, and where the frames are fewer than the
# values it takes the mean over each frame's share. At 60 values a second it hardly matters.)

# %% [markdown]
# ## 05.7 A whole folder
#
# You have all the pieces: times, box, crop, size, label. What remains is work: hundreds of videos,
# gigabytes, hours. A program for that needs five manners.
#
# 1. **One frame in memory at a time.** A minute of film as numbers is a gigabyte and more.
# 2. **Several videos at once**, each by a *process* of its own, one for each core of the machine, with a
#    progress bar.
# 3. **One bad video is reported, and is not fatal.** Nobody wants to find out in the morning that video
#    12 of 300 ended it.
# 4. **It goes on where it stopped**, when it was interrupted, and does nothing twice.
# 5. **The file appears when it is complete**, and not before; half a file looks like a whole one.
#
# `rppg-lab prepare FOLDER OUT.h5` has them, and so has `preparing.prepare`, the same from Python. Let
# us give it a folder with three takes: a pulse file beside each video, for the AVI also a file with its
# true times, and one video of which nothing arrived when it was copied.

# %%
folder = drawer / "takes"
folder.mkdir(exist_ok=True)


def write_columns(path, **columns):
    """A CSV file: a line of names, then the numbers."""
    np.savetxt(path, np.stack(list(columns.values()), axis=1), "%.5f", ",", header=",".join(columns), comments="")


shutil.copy(drawer / "stamped.mp4", folder / "anna.mp4")
shutil.copy(drawer / "promised.avi", folder / "cleo.avi")
write_columns(folder / "cleo_times.csv", time=true_times)
(folder / "ben.mp4").write_bytes(b"")  # the copy broke off before it had begun
for name in ("anna", "ben", "cleo"):
    write_columns(folder / f"{name}.csv", time=sensor_clock, bvp=heart_wave)

# %%
choices = preparing.Choices(size=64, every=15, delay=2.5)
prepared = preparing.prepare(folder, drawer / "takes.h5", choices, processes=1)

# %% tags=["nbval-check-output"]
for line in str(prepared).splitlines():
    print(line.replace(f"{folder}/", "").replace(f"{drawer}/", ""))

# %% [markdown]
# Two recordings are in the file. The third is named, with the reason and what to do. And each note is
# something that *was done to your data*: frames were put onto an even clock, for one. Read them; they are
# kept in the file as well.
#
# Now the video is copied once more, and we start the same command again. Predict how many videos it works on.

# %%
shutil.copy(drawer / "stamped.mp4", folder / "ben.mp4")
mended = preparing.prepare(folder, drawer / "takes.h5", choices, processes=1)

# %% tags=["nbval-check-output"]
print(f"recordings: {len(mended.names)}, already finished before: {mended.reused}, failed: {len(mended.failed)}")
with recordings.open_recordings(drawer / "takes.h5") as file:
    for one in (file[name] for name in file.names):
        wave_rate = float(spectrum.heart_rate(np.asarray(one.bvp, float), one.fs))
        print(
            f"{one.name:5s} {one.frames.shape}, {one.fs:.1f} Hz, from {one.source:9s} label: {wave_rate:.0f} per minute"
        )

# %% [markdown]
# One. The two that were finished had waited, each in a small file of its own; when all are there they are
# joined and the small files go. If the *choices* or a video had changed, they would have been made again.
#
# (Here `processes=1`: three short films are done before a second process has even started, which takes
# some seconds. Leave it out and there is one for each core. The work of a process must stand in a
# *package*: a function that you write in a notebook cannot be found by another process.) What the tree in
# such a file looks like, and how to read it, is lesson 07.

# %% [markdown]
# ## 05.8 Every choice is written down
#
# The lecture keeps every choice in one file, `params.json`, and so do we: the settings are stored
# *inside* the file that they made. Those of its choices that belong to this lesson, and where they are:
#
# | in the lecture | here |
# |---|---|
# | preprocessing or not | `prepare` does what is not done yet |
# | face detector 1 or 2 | `finder`: "haar", "lbp", or the path of a file of your own |
# | fixed box or tracking | `box`: "fixed" or "tracked", with `every` and `smooth` |
# | image size 128 | `size` |
# | clip length 32 | none: cut when reading (07.2) |
#
# (The [split](glossary.ipynb#cell-id=split), the [batches](glossary.ipynb#cell-id=batch), the
# [loss](glossary.ipynb#cell-id=loss) and the rest belong to a training: lessons 06 to 11.)

# %% tags=["nbval-check-output"]
with recordings.open_recordings(drawer / "takes.h5") as file:
    print(json.dumps(file.settings["choices"], indent=1))
assert file.settings["choices"] == asdict(choices)

# %% [markdown]
# What does each choice cost? The same film, one thing changed at a time. Three numbers for each row: how
# far the rate read by POS from the mean of the crop's middle half is off; the **[signal-to-noise
# ratio](glossary.ipynb#cell-id=signal-to-noise-ratio)** of that pulse (lesson 04): how much power lies at the true rate
# and its double compared with the rest, in [dB](glossary.ipynb#cell-id=decibel), more is better, and below 0 the rest
# is larger; and megabytes for a minute at 30 [Hz](glossary.ipynb#cell-id=hertz).


# %%
def choose(finder="haar", every=15, smooth=5, enlarge=1.5, size=64, box="tracked", clock="true"):
    """(error per minute, signal-to-noise ratio in dB, MB a minute) of one way to prepare the film."""
    known = {("haar", 1, 1): each, ("haar", 15, 5): track}  # these two were found above
    if (finder, every, smooth) in known:
        boxes = known[finder, every, smooth].boxes
    else:
        boxes = video.track_face(frames, every=every, smooth=smooth, finder=video.get_finder(finder)).boxes
    if box == "fixed":
        boxes = np.tile(boxes[0], (len(boxes), 1))
    grow = (enlarge - 1) / 2 * boxes[:, 2:]
    boxes = np.concatenate([boxes[:, :2] - grow, enlarge * boxes[:, 2:]], axis=1)
    skin = slice(size // 4, -(size // 4))  # the middle half of the crop
    rgb = video.mean_colour(crop[skin, skin] for crop in video.crop_frames(frames, boxes, size))
    pulse, rate = (methods.pos(evenly(rgb), FS), FS) if clock == "true" else (methods.pos(rgb, 30.0), 30.0)
    error = abs(float(spectrum.heart_rate(pulse, rate)) - true_bpm)
    return error, float(spectrum.snr(pulse, rate, true_bpm)), size * size * 3 * 1800 / 1e6


rows = [
    ("as in this lesson", {}),
    ("detector 2 (lbp)", {"finder": "lbp"}),
    ("fixed box (frame 0)", {"box": "fixed"}),
    ("every frame, no smoothing", {"every": 1, "smooth": 1}),
    ("every 30, median of 5", {"every": 30}),
    ("enlarge 1.0", {"enlarge": 1.0}),
    ("enlarge 2.0", {"enlarge": 2.0}),
    ("enlarge 3.0", {"enlarge": 3.0}),
    ("size 16", {"size": 16}),
    ("size 128", {"size": 128}),
    ("frame rate as promised", {"clock": "promised"}),
]
measured = {name: choose(**options) for name, options in tqdm(rows, desc="one choice at a time")}

# %%
print(f"{'choice':27s}{'error (bpm)':>12s}{'SNR (dB)':>10s}{'MB a minute':>13s}")
for name, (error, ratio, megabytes) in measured.items():
    print(f"{name:27s}{error:12.1f}{ratio:10.1f}{megabytes:13.1f}")

# %% tags=["nbval-check-output"]
decibels = {name: ratio for name, (_, ratio, _) in measured.items()}
base = decibels["as in this lesson"]
print("worst of all, and off by more than 10 per minute: the promised frame rate:", end=" ")
print(min(decibels, key=decibels.get) == "frame rate as promised" and measured["frame rate as promised"][0] > 10)
for name in ("fixed box (frame 0)", "every frame, no smoothing", "enlarge 3.0"):
    print(f"costs at least one decibel: {name}: {base - decibels[name] > 1}")
print("16 pixels take a sixteenth of the room, and the rate is still right:", measured["size 16"][0] < 2)

# %% [markdown]
# The **clock** is worth more than all the others together: nothing else in this table can make a good
# pulse wrong by dozens of beats. A box that trembles and a box that stays behind both cost some decibels.
# Too much wall in the crop costs the most of what the box can cost (and for a network, too: fewer of its
# pixels are skin). The size hardly matters for a mean colour, if the crop was made small by area. One
# face, one film: your own videos may put the rows in another order. But the question is always this one,
# and the way to the answer too.
#
# The last choice of the lecture is the **[clip](glossary.ipynb#cell-id=clip) length**, 32 frames. Here is the same
# pulse in [windows](glossary.ipynb#cell-id=window) of several lengths.

# %%
steady = np.tile(0.7 * np.median(track.boxes[:, 2:], axis=0), (len(frames), 1))
centres = track.boxes[:, :2] + track.boxes[:, 2:] / 2
skin_colour = video.mean_colour(frames, np.concatenate([centres - steady / 2, steady], axis=1))
pulse = methods.pos(evenly(skin_colour), FS)
print("frames  seconds  resolution (per minute)  median error (per minute)")
clip_errors = {}
for length in (48, 64, 128, 256):
    windows = spectrum.cut_windows(pulse, FS, length / FS, 0.5)
    clip_errors[length] = np.median(np.abs(spectrum.heart_rate(windows, FS) - true_bpm))
    print(f"{length:6d}{length / FS:9.1f}{spectrum.resolution_bpm(length / FS):25.0f}{clip_errors[length]:27.1f}")
assert clip_errors[256] < clip_errors[48]
try:
    spectrum.heart_rate(pulse[:32], FS)
except ValueError as error:
    print(f"    32 frames: {error}")

# %% [markdown]
# In 32 frames there is not even one beat of a slow heart, and `spectrum.heart_rate` refuses to read a
# rate from them. A short clip can teach a network the *shape* of a wave; a rate needs seconds (03.3).
# That is why our file is not cut into clips at all: whoever reads it chooses.

# %%
checks.show_progress("05")

# %% [markdown]
# ## What you found
#
# - A frame has a time of its own. The rate in a file's header is a promise; a heart read with it is wrong
#   by the ratio of promised to true rate, and when the camera changes its pace one heart becomes two
#   wrong ones.
# - Two face finders need no download, and a third can be yours. None finds everybody: count whom you lose.
# - A box in every frame trembles, and writes that into the band of the heart. Look less often, smooth,
#   and take as many frames from before as from after.
# - Cut with rows first, repeat the edge at the border, enlarge about the centre, make small by area.
# - Labels belong to frames by *time*. By number, they drift apart by whole beats.
# - A folder is prepared by a program that reports the bad one, goes on where it stopped, and stores every
#   choice.
# - All this was one made face, which moved slowly and never turned. Real heads turn, talk and are covered
#   by hands. And nothing here is a medical device.

# %% [markdown]
# ## Three questions to ask yourself
#
# **1. A data set has videos of “30 fps” and heart rates by a finger clip. Your method is off by +20 % on
# one third of the videos, and exact on the others. What do you look at first?**
#
# <details><summary>Answer</summary>
#
# At the clock. A fault of the method would not give the same ratio in so many videos; a camera that ran
# at 25 and was written down as 30 gives exactly +20 %. Are there times beside the videos?
# </details>
#
# **2. Somebody smooths the box with a mean over the last second, because the program runs live. The pulse
# is less noisy than before, but when the head moves it is worse. Why?**
#
# <details><summary>Answer</summary>
#
# The mean of the past is where the head was half a second ago. While the head keeps still this does not
# matter. When it moves, the box runs behind, and wall enters on one side. A live program must choose:
# shorter smoothing (more trembling), or show its result a little later and use the frames after, too.
# </details>
#
# **3. You prepared 100 videos; 88 are in the file. Is that a good yield?**
#
# <details><summary>Answer</summary>
#
# The number does not tell. *Who* are the twelve? If they are the dark videos, or the people with dark
# skin, or those who move, then everything that you find out about the 88 is too good, and untrue of the
# others.
# </details>

# %% [markdown]
# ## Where to read on
#
# - Haar cascades: P. Viola and M. Jones, “Rapid object detection using a boosted cascade of simple
#   features”, CVPR 2001.
# - Local binary patterns: T. Ojala, M. Pietikäinen and T. Mäenpää, “Multiresolution gray-scale and
#   rotation invariant texture classification with local binary patterns”, *IEEE Transactions on Pattern
#   Analysis and Machine Intelligence* 24 (2002), 971.
# - Whom programs that look at faces get wrong: J. Buolamwini and T. Gebru, “Gender shades: intersectional
#   accuracy disparities in commercial gender classification”, *Proceedings of Machine Learning Research*
#   81 (2018), 77.
# - The method used here: W. Wang, A. C. den Brinker, S. Stuijk and G. de Haan, “Algorithmic principles of
#   remote PPG”, *IEEE Transactions on Biomedical Engineering* 64 (2017), 1479; lesson 04.
# - In this project: `rppg_lab/video.py` and `rppg_lab/preparing.py`, and `rppg-lab prepare --help` for
#   your own folder.
