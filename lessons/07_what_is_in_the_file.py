# %% [markdown]
# # 07. What is in the file?
#
# **What you will be able to do**
# - open an [HDF5](glossary.ipynb#cell-id=hdf5) file that nobody has described, and find out what is in it
# - say what is lost when recordings are cut into [clips](glossary.ipynb#cell-id=clip) before they are stored
# - read one clip at a time, and measure what that saves
# - see why the same video can take many times as long to read
# - find the recording whose [label](glossary.ipynb#cell-id=label) is out of step, and say how sure you can be
# - refuse a broken recording with an error that helps
#
# **What you need first:** NumPy [arrays](glossary.ipynb#cell-id=array) and their shapes, lesson 00. What a class is in
# Python (`__init__`, `__len__`, `__getitem__`).
#
# **Time:** 70 minutes; 12 seconds of compute
#
# | in the lecture | here |
# |---|---|
# | `PhysNet_UBFC_train_9.hdf5`, nine recordings | `lab_train.h5`, nine made recordings |
# | `preprocessed_video`, `preprocessed_label`, `preprocessed_hr` | `video`, `time`, `bvp` (07.2) |
# | `dataset_loader(path)` → `PhysNetDataset` | you write `PhysNetDataset`; in the package `clips.ClipDataset` |
# | `extend` the lists, then `np.asarray` | 07.3, measured |

# %%
import tempfile
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import torch
from IPython.display import display
from tqdm import tqdm

from rppg_lab import checks, clips, folders, plots, recordings, spectrum

torch.set_num_threads(1)
scratch = tempfile.TemporaryDirectory(
    ignore_cleanup_errors=True
)  # what this lesson writes; it vanishes with the notebook
drawer = Path(scratch.name)
data = folders.data_folder() / "lab_train.h5"

# %% [markdown]
# ## 07.1 A tree in a file
#
# A colleague sends you a file of 200 megabytes and no letter. What is in it?
#
# If it is an **HDF5** file you can ask it. HDF5 is a whole drawer of files in one: there are
# **groups**, which are like folders, and **data sets**, which are arrays and lie in the groups. Both
# can carry **attributes**, small notes such as a name or a unit. All of it forms a tree, and one can
# look at the tree *without reading the arrays*.
#
# In Python a group behaves like a dictionary, and the file itself is the group at the root:

# %% tags=["nbval-check-output"]
with h5py.File(data) as file:
    print("at the root:   ", list(file)[:3], "…")
    person = file["made-lab-0000"]
    print("one level down:", list(person))
    for name, item in person.items():
        print(f"   {name:6s} {type(item).__name__:8s} {getattr(item, 'shape', '')}  {getattr(item, 'dtype', '')}")
    print("its notes:     ", {name: str(note) for name, note in person.attrs.items()})

# %% [markdown]
# `person["video"]` is not the video. It is a *place in the file* that knows its `shape` and `dtype`.
# Only when you put brackets behind it is something read, and only what stands in the brackets:
# `person["video"][:32]` reads 32 [frames](glossary.ipynb#cell-id=frame). When the `with` ends, the file is closed, and
# no place in it can be asked any more.
#
# `truth` is a group again, deeper down. In other people's files the tree may go down five levels.
# You need not walk through it by hand: `file.visititems(function)` calls your function once for
# everything in the tree, with its full name, such as `made-lab-0000/truth/hr_bpm`, and the item.

# %% [markdown]
# ## Exercise 07.1: every array in a file (easy, 8 minutes)
#
# Write `list_arrays(path)`. It opens the HDF5 file and returns a dictionary: for *each array*,
# however deep, its full name and its shape. Groups are not listed. Nothing is read but the tree.
#
# *You should see:* for a person of `lab_train.h5` eight lines below, from
# `…/bvp` (1800,) to `…/video` (1800, 64, 64, 3).
#
# <details><summary>Hint 1: a question</summary>
#
# An item is a group or an array. What does an array have that a group has not? (Look at what the
# cell above printed for `truth`.)
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# `isinstance(item, h5py.Dataset)` tells the two apart. `visititems` needs a function of two
# arguments; a function written inside yours can put something into a dictionary of yours. It must
# return nothing: with anything else the walk ends.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# An empty dictionary. A small inner function: is the item an array, put its shape under its name.
# Open the file, let it visit everything, return the dictionary.
# </details>


# %%
@checks.exercise("07.1")
def list_arrays(path):
    """The full name of every array in an HDF5 file, and its shape."""
    ### BEGIN SOLUTION
    shapes = {}

    def look(name, item):
        if isinstance(item, h5py.Dataset):
            shapes[name] = item.shape

    with h5py.File(path) as file:
        file.visititems(look)
    return shapes
    ### END SOLUTION


# %% tags=["nbval-check-output"]
listed = list_arrays(data)
for name, shape in listed.items():
    if name.startswith("made-lab-0000"):
        print(f"{name:32s}{shape}")
print("… and as many for each of the others:", len(listed), "arrays")

# %% [markdown]
# ## 07.2 Continuous, or cut into clips?
#
# This is how *our* files are built: one group for each recording, from its first frame to its last,
# and beside the `video` the `time` of each frame and the pulse wave at that time. Who it is, how fast
# the camera was and where the recording comes from stand in the notes. What the maker of a made video
# knows and no camera would, lies apart, in `truth`.
#
# The lecture's files are built another way. Each recording was cut into **clips** of 32 frames, scaled
# to numbers between 0 and 1, and *then* stored. Let us write the first six seconds of three people like
# that, and look at the tree.

# %%
with recordings.open_recordings(data) as lab:
    three = [
        replace(one, frames=one.frames[:172], time=one.time[:172], bvp=one.bvp[:172], truths={})
        for one in (lab[name] for name in lab.names[:3])
    ]
recordings.write_recordings(drawer / "ours.h5", three, settings={})
recordings.write_lecture_layout(drawer / "lecture.h5", three, clip_length=32, size=64)

for name in ("ours.h5", "lecture.h5"):
    print(f"{name}, {(drawer / name).stat().st_size / 1e6:.0f} MB, the first person:")
    with h5py.File(drawer / name) as file:
        for array, shape in list_arrays(drawer / name).items():
            if array.startswith("made-lab-0000"):
                print(f"   {array:34s} {shape!s:22s} {file[array].dtype}")

# %% [markdown]
# The same six seconds. Take a minute and look for the differences before you read on.
#
# - **About seven times as large.** A camera gives whole numbers from 0 to 255, one byte each (`uint8`).
#   [float64](glossary.ipynb#cell-id=float32) takes eight bytes for the same 256 values; the frames that were lost make
#   up for a little. (The lecture's videos are 128 [pixels](glossary.ipynb#cell-id=pixel) wide and high on top of that.)
#   Divide when you read: it costs nothing.
# - **The end is gone.** 172 frames are 5 clips of 32; the last 12 frames have no place.
# - **The clip is 32 frames for ever.** Whoever wants clips of 128, or clips that overlap, or a
#   [window](glossary.ipynb#cell-id=window) of ten seconds, must prepare everything again.
# - **The times are gone**, the [frame rate](glossary.ipynb#cell-id=frame-rate) with them, and who it was: the name of
#   the group must tell.
# - `preprocessed_hr` is one rate per clip, and a clip of about a second is about one beat.
#
# So our rule: **store what was recorded; cut when you read.** For a learner who owns a file like the
# lecture's nothing is lost: `open_recordings` reads it unchanged and joins the clips, and
# `write_lecture_layout` writes one, for programs that expect it.

# %% [markdown]
# ## 07.3 All at once, or only what is asked for?
#
# How does a program that learns get at its clips? The lecture's lab goes through all groups, extends
# one long list with all clips and then makes one array of the list. Predict: how much memory does that
# take at its highest, compared with the pixels in the file? And how much if only the clip is read that
# is needed?
#
# `tracemalloc` counts every byte that Python and NumPy ask for, and remembers the highest sum. (What the
# HDF5 library keeps for itself, about a megabyte, it does not see.)


# %%
def peak_of(work):
    """How many bytes were in use at once, at most, while `work` ran."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def as_in_the_lecture():
    videos = []
    with h5py.File(drawer / "lecture.h5") as file:
        for person in file.values():
            videos.extend(person["preprocessed_video"][:])
    return np.asarray(videos)


def into_one_array():
    with h5py.File(drawer / "lecture.h5") as file:
        shapes = [person["preprocessed_video"].shape for person in file.values()]
        videos = np.empty((sum(shape[0] for shape in shapes), *shapes[0][1:]))
        start = 0
        for person, shape in zip(file.values(), shapes, strict=True):
            person["preprocessed_video"].read_direct(videos, dest_sel=np.s_[start : start + shape[0]])
            start += shape[0]
    return videos


def one_clip_after_the_other():
    with h5py.File(drawer / "lecture.h5") as file:
        for person in file.values():
            for i in range(len(person["preprocessed_video"])):
                person["preprocessed_video"][i]


with h5py.File(drawer / "lecture.h5") as file:
    stored = sum(person["preprocessed_video"].nbytes for person in file.values())
    one_clip = stored / sum(len(person["preprocessed_video"]) for person in file.values())
ways = {
    "extend a list, then asarray (lecture)": peak_of(as_in_the_lecture),
    "all at once, into one array": peak_of(into_one_array),
    "one clip after the other": peak_of(one_clip_after_the_other),
}

figure, ax = plots.new_figure(height=2.9)
for i, peak in enumerate(ways.values()):
    ax.barh(2 - i, peak / 1e6, color=plots.COLOURS[i], height=0.6)
    ax.annotate(f" {peak / 1e6:.1f} MB", (peak / 1e6, 2 - i), fontsize=plots.SMALL, verticalalignment="center")
ax.axvline(stored / 1e6, color=plots.BLACK, linestyle="--", linewidth=1.2, label="all pixels in the file")
ax.set_yticks([2, 1, 0], list(ways), fontsize=plots.SMALL)
ax.set_xlim(0, 2.5 * stored / 1e6)
plots.label(ax, "Three ways to read the same clips", "Memory at its highest (MB)", legend=True)
display(figure)

lecture, at_once, lazily = ways.values()
assert lecture > 1.9 * stored
assert at_once < 1.1 * stored
assert lazily < 4 * one_clip

# %% [markdown]
# *The figure in words:* three bars. The lecture's way takes twice what is in the file, because the
# list and the array made of it exist at the same time. One array takes once as much. One clip after
# the other takes a few per cent: little more than one clip.
#
# And that is for three people and six seconds. Twice a file of 50 gigabytes is a message that the
# kernel has died. Reading **[lazily](glossary.ipynb#cell-id=lazily)**, only what is asked for and only when it is asked
# for, takes the same memory for any file.
#
# PyTorch is made for it. A `Dataset` is a class with two methods: `__len__` says how many items there
# are, and `__getitem__(i)` gives item number i. A `DataLoader` asks for the items one after the other
# and makes [batches](glossary.ipynb#cell-id=batch) of them. *When* the pixels are read is up to you.
#
# > **A few words for the rest of this lesson.** A *[network](glossary.ipynb#cell-id=network)* is a function with many
# > numbers in it, its *[weights](glossary.ipynb#cell-id=weights)*. It is shown some clips at a time, a *batch*. The
# > *[loss](glossary.ipynb#cell-id=loss)* is one number, how far its answers are from the labels; the weights are
# > moved a little so that it falls. All clips once is an *[epoch](glossary.ipynb#cell-id=epoch)*.

# %% [markdown]
# ## Exercise 07.2: one clip at a time (middling, 15 minutes)
#
# Write the lecture's `PhysNetDataset`. It is given the path of a file in the lecture's layout. Its
# length is the number of *clips* of all people together. Item i is a pair: the video of clip i as a
# float32 [tensor](glossary.ipynb#cell-id=tensor) (3, T, H, W), as networks take it, and its label as a float32 tensor
# (T,). The clips of the first group come first. Nothing may be read before it is asked for but what is needed to know
# how many clips there are.
#
# *You should see:* PASS. The check counts the bytes, too.
#
# <details><summary>Hint 1: a question</summary>
#
# If there are 12 clips of the first person and 9 of the second: in which group does item 14 lie, and
# at which place there? What must you know at the beginning to answer that later?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# A list with one small entry for each clip, a name of a group and a number, answers every question;
# the list costs nothing. Brackets with *one* number read *one* clip. `torch.from_numpy` makes a tensor
# of an array, `.float()` makes float32 of it, `.permute(…)` puts axes into another order.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# In `__init__`: keep the path; open the file; for each group and each number below its count of clips
# append the pair to a list. `__len__`: how long the list is. `__getitem__`: take the pair, open the
# file, read that one clip and that one label; tensors; axes 3, 0, 1, 2.
# </details>


# %%
@checks.exercise("07.2")
class PhysNetDataset(torch.utils.data.Dataset):
    """The clips of a file in the lecture's layout, each read when it is asked for."""

    def __init__(self, path):
        ### BEGIN SOLUTION
        self.path = path
        self.places = []
        with h5py.File(path) as file:
            for name, group in file.items():
                self.places += [(name, i) for i in range(len(group["preprocessed_video"]))]
        ### END SOLUTION

    def __len__(self):
        ### BEGIN SOLUTION
        return len(self.places)
        ### END SOLUTION

    def __getitem__(self, i):
        ### BEGIN SOLUTION
        name, clip = self.places[i]
        with h5py.File(self.path) as file:
            video = file[name]["preprocessed_video"][clip]
            label = file[name]["preprocessed_label"][clip]
        return torch.from_numpy(video).float().permute(3, 0, 1, 2), torch.from_numpy(label).float()
        ### END SOLUTION


# %% tags=["nbval-check-output"]
dataset = PhysNetDataset(drawer / "lecture.h5")
batch, labels = next(iter(torch.utils.data.DataLoader(dataset, batch_size=8)))
print("clips:", len(dataset), "  a batch:", tuple(batch.shape), " its labels:", tuple(labels.shape))
needed = peak_of(lambda: PhysNetDataset(drawer / "lecture.h5")[5])
print("made, and one item read, with less memory than four clips take:", needed < 4 * one_clip)

# %% [markdown]
# <details><summary>One level deeper: why open the file again for each clip?</summary>
#
# It takes about a millisecond, and it is safe. A file that was opened *before* a loader starts its
# workers (06.7) would be shared by all of them, and they would read each other's bytes. Whoever wants
# to save the millisecond opens the file once *in each process*, at the first item. That is what
# `recordings.open_recordings` does.
# </details>
#
# The package's `clips.ClipDataset` reads continuous files and cuts while reading. Clips of any length,
# at any distance, scaled to any size, of chosen people: a few words, not another file.

# %% tags=["nbval-check-output"]
CUTS = (
    {"clip_length": 32},
    {"clip_length": 128},
    {"clip_length": 128, "stride": 16},
    {"clip_length": 172, "size": 32},
)
with recordings.open_recordings(drawer / "ours.h5") as ours:
    for options in CUTS:
        cut = clips.ClipDataset(ours, **options)
        print(f"{options!s:40s}{len(cut):4d} clips of shape {tuple(cut[0][0].shape)}")

# %% [markdown]
# ## 07.4 Chunks
#
# On the disk an array is a long row of bytes. HDF5 can also store it in **[chunks](glossary.ipynb#cell-id=chunk)**:
# boxes of equal size, each in one piece. Who wants a single number out of a chunk must fetch the whole chunk. So the
# shape of the chunks decides what is quick.
#
# We store the same half minute of video in four ways. h5py's own guess, `chunks=True`, knows nothing of
# videos. It makes boxes that are long in time and small in the picture, for each colour apart.
# `gzip` packs each chunk. The picture shows time and one side of the image; grey is every chunk that
# must be fetched for the 32 frames between the dashed lines. Predict which way is the slowest.

# %%
with h5py.File(data) as file:
    piece = file["made-lab-0000/video"][:900]
a_second = (30, *piece.shape[1:])
LAYOUTS = {
    "a frame": {"chunks": (1, *piece.shape[1:])},
    "a second (ours)": {"chunks": a_second},
    "h5py's guess": {"chunks": True},
    "a second, gzip": {"chunks": a_second, "compression": "gzip"},
}
shape_of = {}
for name, options in tqdm(LAYOUTS.items(), desc="storing it four times"):
    with h5py.File(drawer / f"{name}.h5", "w") as file:
        shape_of[name] = file.create_dataset("video", data=piece, **options).chunks

begin, end = 400, 432
figure, axes = plots.new_figure(1, 3, height=3.2)
for ax, (name, chunk) in zip(axes, shape_of.items(), strict=False):  # gzip has the same chunks as ours
    for t in range(begin // chunk[0] * chunk[0], end, chunk[0]):
        ax.axvspan(t, t + chunk[0], color=plots.GREY, alpha=0.45, linewidth=0)
    for edge in range(0, 64 + 1, chunk[1]):
        ax.axhline(edge, color=plots.BLUE, linewidth=0.8)
    for edge in range(0, 900, chunk[0]) if chunk[0] > 1 else ():  # lines at every frame would hide all
        ax.axvline(edge, color=plots.BLUE, linewidth=0.8)
    for edge in (begin, end):
        ax.axvline(edge, color=plots.BLACK, linestyle="--", linewidth=1.6)
    ax.grid(False)
    ax.set(xlim=(200, 700), ylim=(64, 0))
    plots.label(ax, f"{name}:\n{chunk}", "Time (frames)", "Row (pixels)" if ax is axes[0] else "")
display(figure)

# %% [markdown]
# *The figure in words:* three maps of time (frames 200 to 700) against the rows of the image, ruled
# into chunks, with two dashed lines around 32 frames. With a frame per chunk exactly these frames are
# grey. With a second per chunk it is two chunks, a little more than asked for. With h5py's guess the
# boxes are several seconds long, and all the small boxes one below the other are grey.


# %%
def fetched(chunk, begin, end, shape):
    """How many chunks the frames from `begin` to `end` lie in, and how many times what was asked for they hold."""
    in_time = (end - 1) // chunk[0] - begin // chunk[0] + 1
    in_picture = np.prod([-(-side // piece) for side, piece in zip(shape[1:], chunk[1:], strict=True)])
    return in_time * in_picture, in_time * chunk[0] * in_picture * np.prod(chunk[1:]) / (
        (end - begin) * np.prod(shape[1:])
    )


def seconds_to_read(name, begins):
    """The least time of four in which the clips that begin there were read from one of the files."""
    took = []
    with h5py.File(drawer / f"{name}.h5") as file:
        for _ in range(4):
            start = time.perf_counter()
            for begin in begins:
                file["video"][begin : begin + 32]
            took.append(time.perf_counter() - start)
    return min(took)


begins = np.random.default_rng(7).integers(0, len(piece) - 32, 10)
took = {name: seconds_to_read(name, begins) for name in LAYOUTS}
reference = took["a second (ours)"]
print(f"{'':18s}{'chunks fetched':>15s}{'times what was asked':>22s}{'size (MB)':>11s}   time, ours = 1")
for name, seconds in took.items():
    many, times = np.mean([fetched(shape_of[name], begin, begin + 32, piece.shape) for begin in begins], axis=0)
    size = (drawer / f"{name}.h5").stat().st_size / 1e6
    print(f"{name:18s}{many:15.1f}{times:22.1f}{size:11.1f}   took {seconds / reference:.1f} times")
assert took["h5py's guess"] > 1.5 * reference  # even on a computer that is busy with something else
assert took["a second, gzip"] > 1.5 * reference

# %% [markdown]
# (How many times longer it took is measured on your computer, and left out of the worked copy. The cell
# checks that the guess and gzip take longer than ours by half at the least. It is usually several times
# as long.)
#
# gzip saves only a good quarter of the size, because the [noise](glossary.ipynb#cell-id=noise) of a camera cannot be
# packed, and it must unpack a second of video for every clip. For training, where each clip is read once in every
# epoch, we take chunks of about a second and no packing.

# %% [markdown]
# ## 07.5 Are label and frame in step?
#
# The network is told: *this* face belongs to *this* wave. If the label comes from a sensor with its
# own clock, or a row of a table got lost on the way, the wave belongs to another moment. Nothing gives
# an error. The loss just does not fall.
#
# Here are all nine people, small, in the lecture's layout, as a colleague prepared them. In one
# recording the first row of labels was lost, so that clip 0 has the label of clip 1, and so on: 32
# frames too early. Which one?


# %%
def prepare(path, wronged):
    """All nine people in the lecture's layout at 16 pixels; of one the labels are a clip too early."""
    with recordings.open_recordings(data) as lab:
        people = []
        for name in lab.names:
            one = lab[name]
            bvp = one.bvp[32:] if name == wronged else one.bvp[:-32]
            people.append(replace(one, frames=one.frames[:-32], time=one.time[:-32], bvp=bvp, truths={}))
        recordings.write_lecture_layout(path, people, clip_length=32, size=16, dtype=np.uint8)


wronged = f"made-lab-000{np.random.default_rng(3).choice([1, 6, 8])}"  # not printed: find out yourself
prepare(drawer / "prepared.h5", wronged)


def pulse_and_label(path, name):
    """The green mean of the middle of the face, upside down, and the label, both between 0.7 and 4 Hz; the rate fs."""
    with recordings.open_recordings(path) as file:
        one = file[name]
        green = one.frames[:, 4:12, 4:12, 1].mean(axis=(1, 2))
        return -spectrum.bandpass(green, one.fs), spectrum.bandpass(one.bvp, one.fs), one.fs


def alike_at(label, pulse, shift):
    """Pearson's r between label and pulse if the label comes so many frames later than it should."""
    late, early = max(shift, 0), max(-shift, 0)
    return np.corrcoef(label[late : len(label) - early], pulse[early : len(pulse) - late])[0, 1]


def alike_over_lag(name, title, marks=()):
    """A figure of r over the lag that is tried, with some lags marked."""
    pulse, label, fs = pulse_and_label(drawer / "prepared.h5", name)
    shifts = np.arange(-45, 46)
    figure, ax = plots.new_figure()
    ax.plot(shifts / fs, [alike_at(label, pulse, shift) for shift in shifts], color=plots.BLUE, linewidth=1.8)
    for i, (what, lag) in enumerate(marks):
        ax.axvline(lag, color=plots.COLOURS[i + 1], linestyle=plots.LINES[i + 1], linewidth=1.6, label=what)
    plots.label(ax, title, "Lag of the label that is tried (s)", "Pearson's r (no unit)")
    if marks:
        figure.legend(fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=3)
    return figure


alike_over_lag("made-lab-0004", "How alike are face and label?")

# %% [markdown]
# *The figure in words:* [correlation](glossary.ipynb#cell-id=correlation) of face and label over lags from −1.5 to 1.5
# seconds, for a recording in which nothing is wrong. Three hills of about equal height: one close to 0, where it should
# be, one a second earlier and one a second later.
#
# Why three? This heart beats about once in a second, and one beat looks like the next; which of the
# hills is the highest is chance. **A label that is off by a whole beat fits almost as well as one that
# is right.** So it is of no use to search far: within half a beat to either side there is one hill, and
# its top can be trusted. We search there, and think about whole beats afterwards.

# %% [markdown]
# ## Exercise 07.3: the lag in seconds (middling, 12 minutes)
#
# Write `lag_seconds(label, pulse, fs, most)`: by how many seconds the label comes *after* the pulse.
# Both are waves of equal length with `fs` samples per second. Try every shift of whole frames between
# −`most` and +`most` seconds, both included, and return the one at which the two are most alike. (A wave
# that is upside down is not alike.) A label that is too early has a negative [lag](glossary.ipynb#cell-id=lag). The
# label may be in any unit and lie around any value.
#
# *You should see:* for a label that is 6 frames late at 30 frames per second: 0.2.
#
# <details><summary>Hint 1: a question</summary>
#
# A label that is late shows at frame 106 what the face showed at frame 100. Which end must be cut off
# the label, and which off the pulse, before you compare the two?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# `alike_at` in the cell above does the comparison for one shift. `range(-12, 13)` holds 25 shifts.
# `np.argmax` gives a *place* in a list.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# How many frames are `most` seconds? A list of all shifts, from minus that to plus that. For each the
# correlation. The shift with the highest one, made into seconds.
# </details>


# %%
@checks.exercise("07.3")
def lag_seconds(label, pulse, fs, most):
    """By how many seconds the label (T,) comes after the pulse (T,), between −most and +most."""
    ### BEGIN SOLUTION
    shifts = range(-round(most * fs), round(most * fs) + 1)
    alike = [alike_at(label, pulse, shift) for shift in shifts]
    return shifts[int(np.argmax(alike))] / fs
    ### END SOLUTION


# %% [markdown]
# Your function, on all nine people. (Half a beat is 30 seconds divided by the [heart
# rate](glossary.ipynb#cell-id=heart-rate).)

# %% tags=["nbval-check-output"]
lags = {}
with recordings.open_recordings(drawer / "prepared.h5") as prepared:
    names = prepared.names
for name in names:
    pulse, label, fs = pulse_and_label(drawer / "prepared.h5", name)
    half_a_beat = 30 / spectrum.heart_rate(label, fs)
    lags[name] = lag_seconds(label, pulse, fs, half_a_beat)
    print(f"{name}   half a beat: {half_a_beat:.2f} s   lag of the label: {lags[name]:+.2f} s")

suspect = max(lags, key=lambda name: abs(lags[name]))
assert suspect == wronged
assert all(abs(lag) < 0.1 for name, lag in lags.items() if name != wronged)
assert abs(lags[wronged]) > 0.2

# %% [markdown]
# Eight recordings are in step to within two frames. One is not. (Real labels come from a finger, where
# the wave arrives a little later than in the face: then *all* have a small lag, of a tenth or a fifth
# of a second. That is anatomy, not a mistake.)
#
# But by how much is it off? The lag that we found may be wrong by whole beats. Here are the hills of
# the suspect, and two marks: what we found, and 32 frames too early, which is one clip.

# %%
alike_over_lag(
    suspect, "The suspect", [("found within half a beat", lags[suspect]), ("one clip of 32 frames too early", -32 / 30)]
)

# %% [markdown]
# *The figure in words:* the same kind of wave for the suspect. No hill stands at 0. One mark is on the
# top of the hill nearest to 0, the other close to the top of another hill, about a second before 0; the
# hills are about equally high.
#
# The wave alone cannot say which hill is the true one. What you know of the *file* can: labels lie in
# it in rows of 32, and one of the hills lies one row away, to within a frame. Put the row back and everything is
# in step. That is how such a thing is found in practice: the wave says *that* something is wrong, and
# the history of the file says what.
#
# And the other side of the coin. The same mistake, made with another person:

# %%
with recordings.open_recordings(data) as lab:
    shifted = spectrum.bandpass(lab.bvp("made-lab-0005", 32), 30.0)
pulse, label, fs = pulse_and_label(drawer / "prepared.h5", "made-lab-0005")
beat = 60 / spectrum.heart_rate(label, fs)
hidden = lag_seconds(shifted[: len(pulse)], pulse, fs, beat / 2)
print(f"made-lab-0005, labels a clip too early: lag {hidden:+.2f} s   (a clip is {32 / fs / beat:.2f} beats long)")
assert abs(hidden) < 0.1

# %% [markdown]
# Nothing to be seen. In this person a clip lasts two beats, almost exactly, and the label slipped from
# one beat onto the next but one. A check that finds nothing has not shown that there is nothing.

# %% [markdown]
# ## 07.6 A file that is broken
#
# Files break. A copy stops half-way, a disk is full, a sensor comes off, a program writes something
# else than it says. Worse than a broken file is a program that does not notice. Let us break some and
# look at what `open_recordings` says. Predict which of the eight could be read *without any error* by
# a program that only reads clips.


# %%
def breaks(name, change):
    """Copy ours.h5, change the copy, and print what is said when it is opened."""
    path = drawer / "broken.h5"
    path.write_bytes((drawer / "ours.h5").read_bytes())
    change(path)
    try:
        recordings.open_recordings(path).close()
    except recordings.RecordingError as error:
        print(name)
        print("    ", str(error).replace(str(path), path.name).replace("\n", "\n     "))


def cut_short(path):
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def edited(change):
    """What changes the group of one person in a file."""

    def edit(path):
        with h5py.File(path, "r+") as file:
            change(file["made-lab-0001"])

    return edit


def replaced(name, values):
    """What puts another array in the place of one."""

    def change(person):
        del person[name]
        person[name] = values

    return edited(change)


wave = np.sin(np.arange(172) / 4).astype(np.float32)
breaks("A. The copy stopped half-way.", cut_short)
breaks(
    "B. Not the file, but where it can be fetched.",
    lambda path: path.write_text("version https://git-lfs.github.com/spec/v1"),
)
breaks("C. The label is a second longer.", replaced("bvp", np.sin(np.arange(202) / 4)))
breaks("D. One value is missing (NaN).", replaced("bvp", np.where(np.arange(172) == 71, np.nan, wave)))
breaks("E. The sensor had come off.", replaced("bvp", np.zeros(172)))
breaks(
    "F. Two frames have changed places.", replaced("time", np.arange(172)[[*range(99), 100, 99, *range(101, 172)]] / 30)
)
breaks("G. The camera was slower than it says.", replaced("time", np.arange(172) / 25))
breaks("H. No label at all.", edited(lambda person: person.__delitem__("bvp")))

# %% [markdown]
# A, B and H stop any program sooner or later. C to G do not: a clip is read, it has a shape, it trains.
# C pairs every later clip with a wrong moment if the second was lost at the beginning. D turns the
# loss of one batch into [NaN](glossary.ipynb#cell-id=nan), and with it every weight. E cannot be learned from (and
# makes the lecture's loss NaN). F and G make each rate wrong.
#
# What a good message has: **which file, which recording, what is wrong in numbers,** and if possible
# what to do. And one rule more: *nothing is dropped in silence*. A program that skips bad recordings
# without a word reports the result of the easy ones.

# %% [markdown]
# ## Exercise 07.4: check a recording (middling, 15 minutes)
#
# Write `check_recording(frames, time, bvp, fs)`. If the recording is all right it returns nothing. If
# not, it raises a `ValueError` whose message says what is wrong. Wrong is: lengths that disagree; a
# time or a value of the label that is not a finite number; a label that never changes; times that do
# not increase from each frame to the next; an `fs` that differs from what the times say by more than
# five per cent.
#
# *You should see:* PASS. The check brings sixteen recordings, bad ones and good ones that look a
# little odd.
#
# <details><summary>Hint 1: a question</summary>
#
# Which of C to G does each line of yours find? And would it also refuse a recording whose times are a
# little uneven, as all are?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# `np.isfinite`, `np.diff` and `.all()`. If there are T times, there are T − 1 steps between them, and
# the mean step is one over the true rate. Look for NaN before anything that compares.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Five questions, each an `if` with its own `raise ValueError("…")`: lengths; finite; changing;
# increasing; the rate.
# </details>


# %%
@checks.exercise("07.4")
def check_recording(frames, time, bvp, fs):
    """Raise ValueError, saying what is wrong, if one cannot learn from this recording."""
    ### BEGIN SOLUTION
    if not len(frames) == len(time) == len(bvp):
        raise ValueError(f"{len(frames)} frames, {len(time)} times and {len(bvp)} values of the label")
    for what, values in (("time", time), ("bvp", bvp)):
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            raise ValueError(f"{what} is not a finite number at frame {bad[0]}, and at {len(bad) - 1} others")
    if np.min(bvp) == np.max(bvp):
        raise ValueError(f"the label is {bvp[0]} all the time: had the sensor come off?")
    step = np.diff(time)
    if np.min(step) <= 0:
        raise ValueError(f"time does not go on after frame {np.argmax(step <= 0)}")
    true_fs = 1 / np.mean(step)
    if abs(true_fs / fs - 1) > 0.05:
        raise ValueError(f"the times say {true_fs:.1f} frames per second, fs says {fs}")
    ### END SOLUTION


# %% tags=["nbval-check-output"]
with recordings.open_recordings(data) as lab:
    for name in lab.names:
        one = lab[name]
        check_recording(one.frames, one.time, one.bvp, one.fs)
    print(len(lab), "recordings of lab_train.h5 checked, none refused")

# %% [markdown]
# The whole file was checked without reading its video: `one.frames` is a place in the file, and `len`
# of it costs nothing. The package checks like this twice, when a file is written and when it is
# opened. When it is written the new file appears under its name only when it is complete, so that a
# crash never leaves half of one behind.

# %%
checks.show_progress("07")

# %% [markdown]
# ## What you found
#
# - An HDF5 file is a tree of groups and arrays with notes, and can be asked what is in it without
#   being read.
# - Store what was recorded; cut, scale and divide when you read. Clips that were cut before have lost
#   their times, their end and every other length.
# - Read one clip at a time: the memory needed does not grow with the file. A list that becomes an
#   array takes twice the file.
# - Chunks decide what must be fetched. Ours are a second long and hold whole frames.
# - A lag between face and label shows in the correlation, but only up to whole beats; a shift of whole
#   beats hides.
# - A recording is checked before it is used, and what is refused is named.

# %% [markdown]
# ## Three questions to ask yourself
#
# **1. A recording of one minute at 30 frames per second, 128 by 128 pixels, in colour: how large is it
# as `uint8`, and how large as float64?**
#
# <details><summary>Answer</summary>
#
# 1800 · 128 · 128 · 3 is 88 million values: 88 MB in bytes, 708 MB as float64. Forty people fit on a
# memory stick, or they do not.
# </details>
#
# **2. You want clips of ten seconds that begin every two seconds. What do you have to do with a file
# of continuous recordings, and what with one of clips of 32 frames?**
#
# <details><summary>Answer</summary>
#
# With continuous recordings: ask for a length of 300 and a distance of 60 frames. With clips of 32
# frames: join them first, and hope that they follow each other without gap or overlap and in the
# right order; the file does not say.
# </details>
#
# **3. All labels of a data set come 0.15 s late, because the sensor sat on a finger. Must that be
# mended?**
#
# <details><summary>Answer</summary>
#
# For the heart rate it makes no difference: the same beats, a little later. For a loss that compares
# the waves frame by frame it does: at 100 beats per minute 0.15 s is a quarter of a beat, and the
# correlation of a perfect prediction is near zero. If the lag is the same for everybody the network
# simply learns to answer late; if it differs from person to person, it cannot. Lesson 10 tries it.
# </details>

# %% [markdown]
# ## Where to read on
#
# - “Datasets” and “Groups” in the documentation of h5py, with a section on chunked storage; “HDF5
#   User's Guide” of the HDF Group for what lies below.
# - The format that this course's files can be turned into and from: `rppg_lab/recordings.py`; cutting
#   while reading: `rppg_lab/clips.py`.
# - Pulse waves at two places of the body and the time between them: J. Allen, “Photoplethysmography
#   and its application in clinical physiological measurement”, *Physiological Measurement* 28 (2007).
