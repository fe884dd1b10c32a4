# %% [markdown]
# # 09. How can a network see a pulse?
#
# **What you will be able to do**
# - slide a [window](glossary.ipynb#cell-id=window) of [weights](glossary.ipynb#cell-id=weights) over a signal, and say
#   what it keeps, what it removes and what it delays
# - go from one axis (time) to three (time, rows, columns), and read a pulse with weights set by hand
# - build [PhysNet](glossary.ipynb#cell-id=physnet) layer by layer, knowing the shape after each and the number of its
#   parameters
# - compute how many seconds of video one output value depends on, and measure it
# - choose how a [clip](glossary.ipynb#cell-id=clip) is prepared for a [network](glossary.ipynb#cell-id=network), and
#   show why it decides whether anything is learned
# - say what a network trained on one-second clips can do with ten seconds, and what a second cannot tell
#
# **What you need first:** Python functions and [arrays](glossary.ipynb#cell-id=array), lesson 00. What a [heart
# rate](glossary.ipynb#cell-id=heart-rate) in a [spectrum](glossary.ipynb#cell-id=power-spectrum) is. No deep learning:
# this lesson builds the network, lessons 10 and 11 say how it is taught.
#
# **Time:** 90 minutes; 25 seconds of compute
#
# | in the lecture | here |
# |---|---|
# | `get_model(name)` | `models.get_model(name, **settings)` |
# | its network `PhysNet` | you write `convolution_block`, and `PhysNet` from it |
# | "PhysNet64" | the paper's name for clips of 64 *frames*; the width (channels) is `PhysNet(width=64)` |
# | `AdaptiveMaxPool3d` at the end | the mean over the picture (09.6 shows what the maximum would do) |
# | clips of 32 frames | `clip_length=32` to learn from; 300 frames and more to read a rate from |

# %%
import numpy as np
import torch
from IPython.display import display
from torch import nn
from tqdm import tqdm

from rppg_lab import checks, clips, losses, models, plots, recordings, seeding, spectrum, synthesis, training
from rppg_lab.datasets import made

# %% [markdown]
# ## 09.1 A window that slides
#
# In lesson 00 we took the mean green of a face and sent it through a [filter](glossary.ipynb#cell-id=filter), without
# asking what a filter is. Here is the simplest one. Lay a window over a few neighbouring
# [frames](glossary.ipynb#cell-id=frame), take their mean, write it down at the *middle* of the window, move on by one
# frame, and again. Written with weights:
#
# $$ \text{out}[t] = \sum_k w[k] \cdot \text{in}[t + k - \text{half}] $$
#
# The weights $w$ are called the **[kernel](glossary.ipynb#cell-id=kernel)**. For a moving average over 7 frames all
# seven are 1/7, and half the window is 3. Other weights make other filters, and this one formula is what a
# *[convolution layer](glossary.ipynb#cell-id=convolution)* of a network computes. The only difference: in a network
# nobody chooses the weights. They are learned.
#
# Two details decide whether it works, so predict them.
#
# **The edges.** At the first frame half of the window hangs over the beginning. Networks fill the
# missing frames with **zeros** (this is called *[padding](glossary.ipynb#cell-id=padding)*), so that what comes out is
# as long as what went in.
#
# **The place.** What if the mean is written down at the *end* of its window, as a live program must,
# which does not know the future?

# %%
person = synthesis.make_video(13, seconds=20)
green = person.frames[:, 34:46, 18:46, 1].mean((1, 2))  # the cheeks of lesson 00
green = -100 * (green / green.mean() - 1)  # per cent, upside down: more blood is up
first = person.time < 5

WINDOW = 7
ends = np.convolve(green, np.full(WINDOW, 1 / WINDOW))  # as long as both together
centred, late = ends[WINDOW // 2 :][: green.size], ends[: green.size]

figure, ax = plots.new_figure(height=4.2)
ax.plot(person.time[first], green[first], color=plots.GREY, linewidth=1.2, label="as measured")
ax.plot(person.time[first], centred[first], color=plots.BLUE, linewidth=2, label="mean at the middle of its window")
ax.plot(person.time[first], late[first], color=plots.RED, linestyle="--", linewidth=2, label="mean at the end")
plots.label(ax, "A moving average over 7 frames", "Time (s)", "Darker than the mean (%)")
figure.legend(fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=3)
display(figure)

# %% [markdown]
# *The figure in words:* five seconds of the cheeks' green, a wave with a rough line. The mean at the
# middle of its window follows the same waves, smoothly. The mean at the end has the same shape, and
# comes a little later. At the very beginning both are pulled towards zero.
#
# The delay is half a window: 3 frames, a tenth of a second. For the *rate* it does not matter. For a
# [loss](glossary.ipynb#cell-id=loss) that compares two waves point by point (lesson 10) it matters a great deal.
#
# And a third detail, which is only a matter of words, and costs people hours. In mathematics a
# convolution turns the kernel **back to front** first. Networks do not: their "convolution" is what
# signal processing calls a *[correlation](glossary.ipynb#cell-id=correlation)*. For the average nobody can tell. For a
# kernel that is not symmetric the two differ: the wave 0 0 1 0 0 under the kernel 1, 2, 4 becomes 0 4 2 1 0 in a
# network (follow the formula with your finger), and 0 1 2 4 0 in `np.convolve`.

# %% [markdown]
# ## Exercise 09.1: a filter in time (easy to middling, 10 minutes)
#
# Write the filter as a network does it: the kernel (an odd number of weights) stands with its *middle*
# over each sample, is **not** turned, and what hangs over an edge counts as zero. The output is as
# long as the wave.
#
# *You should see:* for the wave 0 0 1 0 0 and the kernel 1, 2, 4 the result 0 4 2 1 0.
#
# <details><summary>Hint 1: a question</summary>
#
# Which sample of the wave does the *first* weight touch when the middle of the kernel stands over
# sample 10, and the kernel has 5 weights? And when it stands over sample 0?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# Put the zeros there before you begin: `np.pad` lengthens an array at both ends. Then every window is
# complete, and the first one begins at place 0 of the longer wave.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Half is the whole part of half the kernel's length. Lengthen the wave by half at each end. For each
# sample: cut as many numbers as the kernel has, beginning there; multiply by the kernel; add up. Put
# the sums into an array.
# </details>


# %%
@checks.exercise("09.1")
def filter_in_time(wave, kernel):
    """A wave (T,) under a sliding kernel (K,), K odd, as a network's layer computes it, zeros beyond the ends: (T,)."""
    ### BEGIN SOLUTION
    half = len(kernel) // 2
    padded = np.pad(wave, half)
    return np.array([np.sum(padded[t : t + len(kernel)] * kernel) for t in range(len(wave))])
    ### END SOLUTION


# %% tags=["nbval-check-output"]
layer = nn.Conv1d(1, 1, kernel_size=5, padding=2, bias=False)
with torch.no_grad():
    theirs = layer(torch.tensor(green, dtype=torch.float32)[None, None])[0, 0].numpy()
mine = filter_in_time(green, layer.weight.detach().numpy()[0, 0])
print("the same as PyTorch's layer Conv1d:", np.allclose(mine, theirs, atol=1e-5))

# %% [markdown]
# ## 09.2 A window that knows hearts
#
# An average keeps what is slow. A heart is *not too slow and not too fast*. So take a short average,
# which removes the [noise](glossary.ipynb#cell-id=noise), and subtract a long one, which is the drift: what is left is
# a **band**. Because both are sliding windows, their difference is one too, with one kernel.
#
# How much of each rhythm does a kernel let through? Its **[gain](glossary.ipynb#cell-id=gain)** says so: 1 is all, 0 is
# nothing, above 1 it is made stronger. Three kernels: an average of 5 frames, and bands of 15 and 31 frames. Predict
# which of them keeps a heart of 60 per minute and removes a drift of 10.

# %%
FS = 30.0


def band_kernel(length, short=5):
    """A short average minus a long one, both centred, as one kernel of `length` weights."""
    kernel = np.full(length, -1 / length)
    kernel[length // 2 - short // 2 : length // 2 + short // 2 + 1] += 1 / short
    return kernel


KERNELS = {
    "5 frames, an average": np.full(5, 1 / 5),
    "15 frames, a band": band_kernel(15),
    "31 frames, a band": band_kernel(31),
}
figure, (left, right) = plots.new_figure(1, 2, height=3.9)
for i, (name, kernel) in enumerate(KERNELS.items()):
    rate = 60 * np.fft.rfftfreq(6000, 1 / FS)
    gain = np.abs(np.fft.rfft(kernel, 6000))
    look = {"color": plots.COLOURS[i], "linestyle": plots.LINES[i], "linewidth": 1.8}
    left.plot((np.arange(len(kernel)) - len(kernel) // 2) / FS, kernel, label=name, **look)
    right.plot(rate, gain, **look)
right.axvspan(60 * spectrum.HEART_BAND[0], 60 * spectrum.HEART_BAND[1], color=plots.GREY, alpha=0.15)
right.set_xlim(0, 400)
plots.label(left, "Three kernels", "Time (s)", "Weight")
plots.label(right, "What they let through", "Rhythm (per minute)", "Gain (no unit)")
figure.legend(fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=3)
display(figure)

# %% [markdown]
# *The figure in words:* on the left three kernels over time: a block, and twice the same block in a
# shallow trough, half a second and one second wide. On the right their gain over rhythms from 0 to 400
# per minute, the band of hearts shaded. The average lets everything slow pass. Both bands begin at zero;
# the one of 15 frames climbs slowly and has lost most of a heart of 60, the one of 31 frames is there.
# Where it passes 1 a little, the trough adds to what the block gives.
#
# **A short window cannot be choosy about slow things.** To tell rhythms apart, a window must be about
# as long as one of their periods. A kernel of 3 frames, a tenth of a second, knows next to nothing
# about hearts. Remember this: PhysNet has *only* kernels of 3 frames along time, and 09.7 asks how it
# gets along.

# %% [markdown]
# ## 09.3 From a line to a box
#
# A picture has two axes, so its window is a small square, and slides along rows and columns. A video
# has three: the window becomes a small **box**, time × rows × columns. And a video has colours: the
# window has weights for each of the three. Everything under it is multiplied and added up, to one
# number. That is a **3-D convolution**, in PyTorch `nn.Conv3d`, and a video comes to it as
#
# `(B, 3, T, H, W)`: B clips that are handed over together (a *[batch](glossary.ipynb#cell-id=batch)*), 3 colours, T
# frames, H rows, W columns.
#
# (The colours stand *before* time here, other than in a file, where they are last.)
#
# So here is the smallest network that can see a pulse. One layer, a box of 31 × 1 × 1, weights set by
# hand: along time the band of 09.2; of the colours, green with a minus, because blood makes darker, and
# half of red and half of blue added, which takes out what all three do together, such as a sway of the
# light. Then the mean over the picture. Nothing is learned. (What happens to the video before it comes
# to the layer, "time", is explained in 09.9: each [pixel](glossary.ipynb#cell-id=pixel)'s change in shares of its own
# mean.)

# %%
by_hand = nn.Conv3d(3, 1, (31, 1, 1), padding=(15, 0, 0), bias=False)
with torch.no_grad():
    colours = torch.tensor([0.5, -1.0, 0.5])
    by_hand.weight[0, :, :, 0, 0] = colours[:, None] * torch.tensor(band_kernel(31), dtype=torch.float32)


def as_video(frames, how="time"):
    """Frames (T, h, w, 3) as a batch of one clip (1, 3, T, h, w), prepared in this way."""
    return clips.to_video(clips.normalise_clip(frames, how))[None]


def one_layer(frames):
    """The wave (T,) that the layer reads, and the shapes on the way."""
    with torch.no_grad():
        video = as_video(clips.resize_frames(frames, 16))
        handed_on = by_hand(video)
        wave = handed_on.mean((3, 4))[0, 0]
    return wave.numpy(), [tuple(each.shape) for each in (video, handed_on, wave)]


FACE = np.s_[:, 16:56, 14:50]  # rows and columns
wave, shapes = one_layer(person.frames[FACE])
print("video {} → layer {} → mean over the picture {}".format(*shapes))

shown = (person.time > 5) & (person.time < 13)
plots.wave(
    person.time[shown],
    {"one layer, weights by hand": wave[shown], "true pulse": person.bvp[shown]},
    standardise=True,
    title="A network of one layer reads a pulse",
)

# %% [markdown]
# *The figure in words:* two curves over eight seconds that rise and fall together, nine or ten beats.
# The one of the layer is rounder, and between the beats it wanders where the true one rests.

# %% tags=["nbval-check-output"]
print(f"weights: {sum(weight.numel() for weight in by_hand.parameters())}")
print("person    true    from the face    from the whole frame")
for number in (13, 14, 22):
    other = synthesis.make_video(number, seconds=20)
    truth, face, frame = (
        spectrum.heart_rate(one, FS)
        for one in (other.bvp, one_layer(other.frames[FACE])[0], one_layer(other.frames)[0])
    )
    print(f"{number:6d}{truth:8.0f}{face:17.0f}{frame:24.0f}")

# %% [markdown]
# A convolution can see a pulse, if somebody gives it the right weights *and shows it where*: these are
# the three people of lesson 00, two of whom were too difficult for it there. From the whole frame, with
# hair and background in the mean, it fails for the same two. (An honest word: we tried several boxes,
# lengths and colour weights on these three people and kept one that works. That is no test.)
#
# What could a *learned* one do better? Find the skin by itself. Notice that the head moves, and
# distrust those frames. Know the shape of a beat. All that needs several layers, with something between
# them that is not a sum.

# %% [markdown]
# ## 09.4 One block
#
# A layer has not one box of weights but several, say 16. Each is laid over the *same* input and gives
# its own answer, so what comes out has 16 **[channels](glossary.ipynb#cell-id=channel)**: 16 "colours" that the network
# invented. The boxes of the next layer have weights for each of these 16.
#
# PhysNet puts three things in a row and uses them again and again:
#
# 1. **the convolution**, with half a kernel of zeros around (3 frames: 1 zero frame at each end), so
#    that T, H and W stay as they are. Each channel also gets a number added, its *[bias](glossary.ipynb#cell-id=bias)*;
# 2. **[batch normalisation](glossary.ipynb#cell-id=batch-normalisation)** (`nn.BatchNorm3d`): each channel minus its
#    mean, divided by its [standard deviation](glossary.ipynb#cell-id=standard-deviation), over the whole batch; then
#    times a learned number plus another. However large the values were, the next layer gets them in a handy size. 09.8
#    looks at its dark side;
# 3. **[ReLU](glossary.ipynb#cell-id=relu)** (`nn.ReLU`): what is below zero becomes zero. This is the "something that
#    is not a sum": two sums in a row are one sum, and without the ReLU ten layers could do no more than one.
#
# How many numbers does such a block learn? From `c` channels to `d`, with a kernel of k frames × k
# rows × k columns: each of the `d` channels has a box of k·k·k weights *for each* of the `c`, and a
# bias; BatchNorm adds two for each of the `d`. From 16 to 32 channels with 3×3×3:
# 32 · (16 · 27 + 1) + 2 · 32 = 13 920.

# %% [markdown]
# ## Exercise 09.2: the convolution block (easy, 8 minutes)
#
# Write the function that makes such a block: a network that takes (B, channels_in, T, H, W) and gives
# (B, channels_out, T, H, W). The kernel comes as three numbers, (frames, rows, columns), all odd.
#
# *You should see:* for a block from 3 to 4 channels with the kernel (1, 5, 5): T, H and W unchanged,
# 312 parameters, and nothing below zero.
#
# <details><summary>Hint 1: a question</summary>
#
# A window of 5 rows stands with its middle on the top row. How many of its rows hang over? How many
# with 3 rows, and with 1? So how much padding does each axis of the kernel need?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# `nn.Sequential(a, b, c)` is a network that does a, then b, then c. `nn.Conv3d` takes the channels
# that come, the channels that go, the kernel, and `padding`, which may be three numbers as well.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Three numbers of padding, the whole part of half of each number of the kernel. Return a Sequential of
# three layers in the order of the list in 09.4. BatchNorm must know how many channels it gets.
# </details>


# %%
@checks.exercise("09.2")
def convolution_block(channels_in, channels_out, kernel):
    """Convolution that keeps T, H and W, batch normalisation, ReLU: a module, (B, in, T, H, W) to (B, out, T, H, W)."""
    ### BEGIN SOLUTION
    padding = tuple(size // 2 for size in kernel)
    convolution = nn.Conv3d(channels_in, channels_out, kernel, padding=padding)
    return nn.Sequential(convolution, nn.BatchNorm3d(channels_out), nn.ReLU())
    ### END SOLUTION


# %% tags=["nbval-check-output"]
block = convolution_block(16, 32, (3, 3, 3))
print("parameters:", sum(weight.numel() for weight in block.parameters()), "as computed by hand")
print("shape:", tuple(block(torch.zeros(2, 16, 8, 10, 12)).shape))

# %% [markdown]
# ## 09.5 PhysNet, layer by layer
#
# PhysNet (Yu, Li and Zhao, 2019) is nine such blocks, with four [poolings](glossary.ipynb#cell-id=pooling) between
# them, and a way back.
#
# - **Pooling** keeps the *largest* of every 2 × 2 pixels (`nn.MaxPool3d`), so that the picture has half
#   the rows and columns. Two of the four poolings also halve the time. After them a kernel of 3 "frames"
#   spans 6 real ones, then 12.
# - **The way back**: the deep layers have a quarter of the frames, and we want one value for *each*
#   frame. Two [*transposed* convolutions](glossary.ipynb#cell-id=transposed-convolution) double the time again. Think
#   of the formula of 09.1 read backwards: each value that comes in is spread over several frames that go out. How far a
#   window moves on at a time is called its **[stride](glossary.ipynb#cell-id=stride)**. In a pooling of stride 2 it
#   moves on by two values of what comes *in*; in a transposed convolution of stride 2 by two frames of what goes *out*,
#   and so the time doubles. Its kernel has 4 frames, so two neighbouring values reach each frame. Each is followed by
#   BatchNorm and an ELU, a ReLU that bends below zero instead of breaking.
# - **At the end** the mean over the picture, and one last convolution of 1 × 1 × 1 that adds up the
#   channels, weighted, to a single one: the wave. No ReLU after it: a pulse goes below zero too.
#
# Along the way the picture gets ever smaller and the channels ever more: from *where and which colour*
# to *what it means*. In the end there is no place left, only time.
#
# Let us look at the shapes. The trick of the next cell is the device called `meta`:
# [tensors](glossary.ipynb#cell-id=tensor) there have a shape and no content, so the published network for 128 frames of
# 128 × 128 pixels costs nothing.

# %%
published = models.get_model("physnet", width=64)


NAMES = {
    "conv10": "layer 10",
    "upsample1": "double time",
    "upsample2": "double time",
    "pool_space": "halve picture",
    "pool_space_time": "halve both",
}


def shapes_through(network, shape):
    """(name, channels, frames, side of the picture) of what each layer hands on; nothing is computed."""
    rows = [("input", shape[1], shape[2], shape[3])]

    def note(name):
        return lambda module, given, handed_on: rows.append((name, *handed_on.shape[1:4]))

    def note_mean(module, given):
        rows.append(("mean of picture", *given[0].shape[1:4]))

    network = network.to("meta")
    for name, module in network.named_children():
        if name == "conv10":
            module.register_forward_pre_hook(note_mean)
        module.register_forward_hook(note(NAMES.get(name, name.replace("conv", "block "))))
    network(torch.empty(shape, device="meta"))
    return rows


stages = shapes_through(models.get_model("physnet", width=64), (1, 3, 128, 128, 128))
names, channels, frames, sides = zip(*stages, strict=True)
place = np.arange(len(names))

figure, axes = plots.new_figure(3, 1, width=9.5, height=6.6, sharex=True)
for ax, values, colour, what in zip(
    axes,
    (sides, frames, channels),
    (plots.SKY, plots.ORANGE, plots.GREEN),
    ("Picture\n(px a side)", "Time\n(frames)", "Channels\n(number)"),
    strict=True,
):
    height = np.log2(np.array(values)) + 0.35  # a bar for 1, too
    ax.bar(place, height, color=colour, width=0.82)
    for x, y, value in zip(place, height, values, strict=True):
        ax.text(x, y + 0.12, value, fontsize=plots.SMALL, ha="center", va="bottom")
    ax.set_ylim(0, 9.2)
    ax.set_yticks([])
    ax.grid(False)
    plots.label(ax, y=what)
axes[2].set_xticks(place, names, rotation=60, ha="right", rotation_mode="anchor")
plots.label(axes[0], "What each layer of PhysNet hands on (heights: how often doubled)")
plots.label(axes[2], x="Layer, from the video to the wave")
figure.align_ylabels()
display(figure)

# %% [markdown]
# *The figure in words:* three rows of bars over the 18 stages from input to wave. The picture's side
# falls in four stairs from 128 to 8 pixels and then, at the mean, to 1. Time falls from 128 to 64 to
# 32 frames, stays there for the deep layers, and climbs back to 128 in two stairs. Channels grow from
# 3 over 16 and 32 to 64, stay there, and end at 1.
#
# "PhysNet64" in the lecture and the paper is a PhysNet for clips of 64 *frames*. The 64 in the lowest
# row is another 64: the **width**, here a setting. How many numbers must be learned?

# %% tags=["nbval-check-output"]
total = sum(weight.numel() for weight in published.parameters())
print(f"{'layer':12s}{'kernel':>11s}{'parameters':>12s}{'share':>8s}")
for name, module in published.named_children():
    count = sum(weight.numel() for weight in module.parameters())
    if count:
        kernel = "×".join(map(str, next(module.parameters()).shape[2:]))
        print(f"{name:12s}{kernel:>11s}{count:12,d}{count / total:8.1%}")
print(f"{'together':12s}{total:23,d}")
for width in (32, 16, 8):
    count = sum(weight.numel() for weight in models.get_model("physnet", width=width).parameters())
    print(f"at width {width:2d}{count:24,d}")

# %% [markdown]
# Nearly all of it is in the six inner blocks. Half the channels are a *quarter* of the parameters,
# because both sides of every box shrink. And the number does not depend on the size of the picture or
# the length of the clip: the same boxes slide further. A network like that is called **[fully
# convolutional](glossary.ipynb#cell-id=fully-convolutional)**, and 09.10 lives on it.

# %% [markdown]
# ## Exercise 09.3: PhysNet (harder, 25 minutes)
#
# Now build it. `__init__` makes the layers and keeps them (`self.… = …`); `forward` says what happens
# to a video. Here is the list; `w` is the width.
#
# | | layer | kernel | channels |
# |---|---|---|---|
# | 1 | block | 1 × 5 × 5 | 3 → w/4 |
# |   | halve the picture | | |
# | 2, 3 | two blocks | 3 × 3 × 3 | w/4 → w/2 → w |
# |   | halve picture and time | | |
# | 4, 5 | two blocks | 3 × 3 × 3 | w → w |
# |   | halve picture and time | | |
# | 6, 7 | two blocks | 3 × 3 × 3 | w → w |
# |   | halve the picture | | |
# | 8, 9 | two blocks | 3 × 3 × 3 | w → w |
# |   | `double_the_time`, twice | | w → w |
# |   | mean over rows and columns | | |
# | 10 | a plain convolution | 1 × 1 × 1 | w → 1 |
#
# What goes in is (B, 3, T, H, W); what comes out is the wave, **(B, T)**. T is any multiple of 4. You
# have `convolution_block` from Exercise 09.2 and the cell below.
#
# *You should see:* PASS, and `PhysNet()` has 768 577 parameters.
#
# <details><summary>Hint 1: a question</summary>
#
# Which lines of the table have something to learn? Those are made in `__init__`, each *once for every
# time* it stands there: two blocks are two sets of weights. In which order does `forward` use them?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# `nn.MaxPool3d((1, 2, 2))` halves the picture; what halves the time as well you can guess. A mean over
# two axes at once: `x.mean(dim=(…, …))`, and `keepdim=True` leaves them there with length 1. To take
# an axis of length 1 away, index it with 0. (`squeeze()` without a number takes *every* such axis,
# and a batch of one clip loses its batch.)
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# One long `nn.Sequential` in `__init__` with everything down to the second doubling, in the order of
# the table; beside it the last convolution. In `forward`: through the first, mean, through the last,
# and cut (B, 1, T, 1, 1) to (B, T). Print `x.shape` after a step when in doubt.
# </details>


# %%
def double_the_time(channels):
    """(B, channels, T, H, W) → (B, channels, 2·T, H, W), with weights to learn."""
    return nn.Sequential(
        nn.ConvTranspose3d(channels, channels, (4, 1, 1), stride=(2, 1, 1), padding=(1, 0, 0)),
        nn.BatchNorm3d(channels),
        nn.ELU(),
    )


# %%
@checks.exercise("09.3")
class PhysNet(nn.Module):
    """video (B, 3, T, H, W), T a multiple of 4, → wave (B, T). width: channels of the deep layers."""

    def __init__(self, width=64):
        super().__init__()
        ### BEGIN SOLUTION
        space = nn.MaxPool3d((1, 2, 2))
        space_and_time = nn.MaxPool3d((2, 2, 2))
        layers = [convolution_block(3, width // 4, (1, 5, 5)), space]
        layers += [
            convolution_block(width // 4, width // 2, (3, 3, 3)),
            convolution_block(width // 2, width, (3, 3, 3)),
        ]
        for pooling in (space_and_time, space_and_time, space):
            layers += [pooling, convolution_block(width, width, (3, 3, 3)), convolution_block(width, width, (3, 3, 3))]
        self.body = nn.Sequential(*layers, double_the_time(width), double_the_time(width))
        self.to_wave = nn.Conv3d(width, 1, (1, 1, 1))
        ### END SOLUTION

    def forward(self, video):
        ### BEGIN SOLUTION
        deep = self.body(video)
        wave = self.to_wave(deep.mean(dim=(3, 4), keepdim=True))
        return wave[:, 0, :, 0, 0]
        ### END SOLUTION


# %% tags=["nbval-check-output"]
seeding.seed_everything(0)
built = PhysNet(width=8)
with torch.no_grad():
    for length in (32, 128):
        print(f"{length} frames in, out:", tuple(built(torch.randn(2, 3, length, 16, 16)).shape))
print("parameters at width 64:", sum(weight.numel() for weight in PhysNet().parameters()))

# %% [markdown]
# ## 09.6 The mean, not the maximum
#
# The lecture's program pools the picture at the end with `AdaptiveMaxPool3d`, the published network
# with `AdaptiveAvgPool3d`: the largest value instead of the mean. One word. It runs, the shapes are the
# same, the parameters are the same, and it learns *something*. What does it change?
#
# Take the 8 × 8 places that are left of a 128-pixel face after four poolings. Suppose each of them
# knows the pulse, with its own noise, twice as large as the pulse. Predict which of the two curves is
# the better pulse.

# %%
random = np.random.default_rng(0)
pulse = person.bvp[:300] / person.bvp[:300].std()
places = torch.tensor(pulse[:, None] + 2 * random.normal(size=(300, 64)), requires_grad=True)

WAYS = {"mean over 64 places": places.mean(1), "maximum of 64 places": places.max(1).values}
figure, ax = plots.new_figure(height=4.2)
shown = np.arange(300) < 150
ax.plot(person.time[:300][shown], pulse[shown], color=plots.GREY, linewidth=4, alpha=0.5, label="true pulse")
agreement = {}
for i, (name, combined) in enumerate(WAYS.items()):
    values = combined.detach().numpy()
    agreement[name] = np.corrcoef(values, pulse)[0, 1]
    look = {"color": plots.COLOURS[i], "linestyle": plots.LINES[i], "linewidth": 1.6}
    ax.plot(person.time[:300][shown], values[shown], label=name, **look)
plots.label(ax, "What becomes of the pulse", "Time (s)", "Wave (arbitrary units)")
figure.legend(fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=3)
display(figure)

# %% [markdown]
# *The figure in words:* five seconds of wave. The mean lies on the true pulse, a little rough. The
# maximum floats high above it, lifted by the noise, and is much rougher.
#
# And who *learns*? A network learns by asking of every number in it: how much would the result change
# if you changed a little? The answer is called the **[gradient](glossary.ipynb#cell-id=gradient)**, and who has none is
# not told anything. Here is that of one frame's value.

# %%
figure, axes = plots.new_figure(1, 2, width=7.0, height=3.9)
for ax, (name, combined) in zip(axes, WAYS.items(), strict=True):
    (gradient,) = torch.autograd.grad(combined[0], places, retain_graph=True)
    picture = ax.imshow(gradient[0].reshape(8, 8), cmap="cividis", vmin=0, vmax=2 / 64)
    ax.grid(False)
    ax.set_xticks(range(0, 8, 2))
    ax.set_yticks(range(0, 8, 2))
    plots.label(ax, f"The {name.split()[0]}", "Column (place)", "Row (place)")
bar = figure.colorbar(picture, ax=axes, shrink=0.8, ticks=[0, 1 / 64, 2 / 64])
bar.ax.set_yticklabels(["0", "1/64", "2/64 or more"], fontsize=plots.SMALL)
bar.set_label("Gradient (share)", fontsize=plots.TEXT)
display(figure)

# %% [markdown]
# *The figure in words:* two grids of 8 × 8 places for one frame. With the mean all are equally grey:
# each gets its 64th. With the maximum one single place is bright, and all others are dark blue: nothing.

# %% tags=["nbval-check-output"]
print("correlation with the true pulse: the mean is better:", agreement["mean over 64 places"] > 0.9)
print("the maximum is worse by more than 0.1:", agreement["mean over 64 places"] - 0.1 > min(agreement.values()))

# %% [markdown]
# A mean makes noise smaller, the more places it has. A maximum *looks for* noise: what is most wrong
# wins. And in training only the winner hears what it should have said.
#
# (Inside the network the poolings do take maxima, over 2 × 2 places each. There it is the network's
# own question "is there such a pattern nearby?", with more layers to follow. At 16 × 16 pixels, the
# size of our trainings, the picture is a single place at the end. There mean and maximum are the same,
# and a slip like this one would be found by nobody.)

# %% [markdown]
# ## 09.7 How far can one value see?
#
# Each value of the wave depends on some stretch of the video and on nothing else: its **[receptive
# field](glossary.ipynb#cell-id=receptive-field)**. If that were a tenth of a second, no training could teach a rate, or
# even a beat. With kernels of 3 frames, is it?
#
# Follow one value back. A kernel of 3 *looks at* 3 values of the layer before; a second kernel of 3 on
# top looks at 3 of *those*, which overlap: 5 in all, 2 more. After a pooling that halves the time,
# neighbours are 2 frames apart, so that each further kernel of 3 adds 2 × 2 frames. So two numbers must
# be carried along, from the video to the wave:
#
# - the **reach**: how many frames one value depends on. It begins at 1;
# - the **spacing**: how many frames two neighbouring values lie apart. It begins at 1.
#
# A layer that looks at `n` neighbours adds n − 1 spacings to the reach. Then, if the layer takes steps
# of 2 (a pooling of stride 2), the spacing doubles; if it doubles the time, the spacing is halved, its
# step is ½. Such a doubling looks at 2: its kernel has 4 frames, but its stride is 2, so that two values
# reach each frame (09.5). Along time PhysNet is this list, each line (looks at, step):

# %%
BLOCK, POOL, DOUBLE = (3, 1), (2, 2), (2, 0.5)
TIME_LAYERS = [(1, 1), BLOCK, BLOCK, POOL, BLOCK, BLOCK, POOL, BLOCK, BLOCK, BLOCK, BLOCK, DOUBLE, DOUBLE]

# %% [markdown]
# ## Exercise 09.4: the receptive field in seconds (middling, 12 minutes)
#
# Write the function that takes such a list and the [frame rate](glossary.ipynb#cell-id=frame-rate), and returns how
# many *seconds* of video one value of the output depends on: the number of frames, each lasting 1/fs seconds.
#
# *You should see:* two kernels of 3 at 30 frames per second: 5 frames, 0.167 s.
#
# <details><summary>Hint 1: a question</summary>
#
# Do it on paper for `[(3, 1), (2, 2), (3, 1)]`: what are reach and spacing after the first layer, the
# second, the third? (The reach is 3, then 4, then 8.)
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# In each layer two things happen, and their order matters: the layer looks at neighbours that are
# still as far apart as the layers *before* have left them. Its own step is felt by the next one.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Reach 1, spacing 1. For each pair of the list: add to the reach, as 09.7 says, then change the
# spacing. After the loop, frames to seconds.
# </details>


# %%
@checks.exercise("09.4")
def receptive_field(layers, fs):
    """Seconds of video at `fs` frames per second that one output depends on. layers: (looks at, step) along time."""
    ### BEGIN SOLUTION
    reach, spacing = 1, 1
    for looks_at, step in layers:
        reach += (looks_at - 1) * spacing
        spacing *= step
    return reach / fs
    ### END SOLUTION


# %% [markdown]
# That is a calculation on paper. Now **measure** it. The gradient answers exactly this question: by how
# much does *this* output change if *that* frame changes a little? Where the answer is zero, to the last
# bit, the network is blind. We ask a network that has just been made, and the trained one that comes
# with the course; for four neighbouring values of the wave, in the middle of 128 frames.


# %%
def sensitivity(network, value, length=128, tries=3):
    """How much one value of the wave depends on each frame (length,): the gradient's size, summed over pixels."""
    total = torch.zeros(length)
    for number in range(tries):  # one random video alone may never win some pooling
        random = torch.Generator().manual_seed(number)
        some = torch.randn(1, 3, length, 16, 16, generator=random).requires_grad_()
        network(some)[0, value].backward()
        total += some.grad.abs().sum((0, 1, 3, 4))
    return total.numpy()


seeding.seed_everything(0)
new = models.get_model("physnet", width=8).eval()  # why `eval`: 09.8
trained = models.load_weights(models.shipped_weights("physnet_lab"))
MIDDLE = (64, 65, 66, 67)
measured = {
    "new": [sensitivity(new, value) for value in MIDDLE],
    "trained": [sensitivity(trained, value) for value in MIDDLE],
}
seconds = receptive_field(TIME_LAYERS, FS)

figure, ax = plots.new_figure(height=4.2)
middle = np.mean(MIDDLE)
low, high = middle - seconds * FS / 2, middle + seconds * FS / 2
ax.axvspan((low - middle) / FS, (high - middle) / FS, color=plots.GREY, alpha=0.2, label=f"computed: {seconds:.2f} s")
for i, (name, rows) in enumerate(measured.items()):
    share = np.mean(rows, axis=0)
    look = {"color": plots.COLOURS[i], "linestyle": plots.LINES[i], "linewidth": 2}
    ax.plot((np.arange(128) - middle) / FS, 100 * share / share.sum(), label=f"measured, {name}", **look)
ax.set_xlim(-1.6, 1.6)
plots.label(ax, "What one value of the wave depends on", "Time from this value (s)", "Share of its gradient (%)", True)
display(figure)

# %% [markdown]
# *The figure in words:* the computed stretch is a grey band, 0.9 s to each side. Both measured curves
# are hills inside it, highest in the middle and down to nothing at its edges, and zero beyond. The hill of
# the trained network is narrower and higher than that of the new one.

# %% tags=["nbval-check-output"]
extent = [int(np.ptp(np.flatnonzero(row))) + 1 for row in measured["new"]]
print("computed:", round(seconds * FS), "frames")
print("measured, for four neighbouring values:", extent, "frames; their mean:", np.mean(extent))
share = np.sort(np.mean(measured["trained"], axis=0))[::-1]
print("of the trained network's gradient, half lies in fewer than 12 frames:", share[:12].sum() > share.sum() / 2)

# %% [markdown]
# They agree. (Four neighbours are made from the same few deep values, two of them from one more than
# the other two; on average it is the computed number.) So a tenth of a second per kernel has become
# nearly two: **layers upon layers, and the halved time**, do what one long kernel did in 09.2. It is
# about two beats, enough to know the shape of a beat and where one is in it.
#
# Two warnings. Reach is what a network *can* use; most of what it *does* use lies near the middle. And
# it counts the network alone: if the clip was divided by its mean over time first (09.9), every value
# depends on every frame a little.

# %% [markdown]
# ## 09.8 Who else is in the batch?
#
# One layer does not keep to this at all. BatchNorm in **[training mode](glossary.ipynb#cell-id=training-mode)** takes
# its means and deviations from what it is just being shown: all frames of all clips of the batch. Predict what becomes
# of the receptive field in this mode, and whether a clip's wave depends on its neighbours in the batch.

# %%
with recordings.open_recordings(made.sample("lab_test")) as file:
    PEOPLE = list(file.info)[:12]
    SMALL = [clips.resize_frames(file[name].frames[:300], 16) for name in tqdm(PEOPLE, desc="reading", unit="person")]
    WAVES = [file[name].bvp[:300] for name in PEOPLE]


def wave_of_first(network, batch):
    """The wave of the first clip of a batch; the mode of the network is left as it was."""
    with torch.no_grad():
        return network(torch.cat(batch))[0].numpy()


def trained_network(mode):
    """The network that comes with the course, in "training" or in "evaluation" mode."""
    return models.load_weights(models.shipped_weights("physnet_lab")).train(mode == "training")


one, *others = (as_video(frames[:128]) for frames in SMALL[:8])
figure, axes = plots.new_figure(2, 1, height=5.8, sharex=True)
moved = {}
for ax, mode in zip(axes, ("training", "evaluation"), strict=True):
    network = trained_network(mode)
    alone, together = wave_of_first(network, [one]), wave_of_first(network, [one, *others])
    moved[mode] = np.abs(alone - together).max() / alone.std()
    ax.plot(np.arange(128) / FS, alone, color=plots.BLUE, linewidth=2, label="alone")
    ax.plot(np.arange(128) / FS, together, color=plots.RED, linestyle="--", linewidth=2, label="among seven others")
    plots.label(ax, f"The same clip in {mode} mode", y="Wave (no unit)")
plots.label(axes[1], x="Time (s)")
handles, labels = axes[0].get_legend_handles_labels()
figure.legend(handles, labels, fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=2)
display(figure)

# %% [markdown]
# *The figure in words:* the wave of one clip, read twice. In training mode the two curves differ,
# most at some of the peaks: alone it is one wave, among seven other people another. In evaluation mode they lie exactly
# on each other.

# %% tags=["nbval-check-output"]
blind = {mode: int((sensitivity(trained_network(mode), 64) == 0).sum()) for mode in ("training", "evaluation")}
print("frames of 128 that one value does not depend on:", blind)
print("in training mode neighbours change the wave:  ", moved["training"] > 0.05)
print("in evaluation mode neighbours change the wave:", moved["evaluation"] > 1e-3)

# %% [markdown]
# In training mode your heart rate would depend on who sits in the waiting room. While a network learns
# that is accepted, and even does some good. Meanwhile BatchNorm keeps a running mean of what it has
# seen, and in **evaluation mode** it uses that and nothing else. So: `network.eval()` before anything is
# read. It is one line, it gives no error if it is forgotten, and lesson 11 shows what else goes wrong
# then.
#
# There is a price. What was kept are the means of the *training* videos. On a video of another kind, a
# darker one, a shakier one, they may not fit, and the network is worse for this reason alone. When a
# network fails in a new place, look here first.

# %% [markdown]
# ## 09.9 What goes in
#
# The pulse changes a pixel by less than a hundredth. Between two pixels of one face, or two faces, or
# two lamps, there are differences a hundred times as large. What a network sees first is therefore
# decided before the network, by how a clip is **prepared**. Four ways are in use:
#
# - **raw**: the pixels, divided by 255. Between 0 and 1, and that is all;
# - **[standardised](glossary.ipynb#cell-id=standardise)**: the whole clip minus its mean, divided by its standard
#   deviation: one number each for all pixels, colours and frames;
# - **difference**: each frame minus the one before, divided by their sum, as another published network,
#   [DeepPhys](glossary.ipynb#cell-id=deepphys), does. What does not change vanishes; noise, which changes always, does
#   not;
# - **time**: *each pixel and colour by itself*, divided by its own mean over the clip, minus 1: its
#   [relative change](glossary.ipynb#cell-id=relative-change). Then the whole clip divided by its standard deviation, to
#   a handy size.
#
# The last is the "[AC over DC](glossary.ipynb#cell-id=ac-and-dc)" of an [oximeter](glossary.ipynb#cell-id=oximeter)
# (lesson 01: the part that beats, as a share of the steady part). How bright the lamp is, how dark the skin, how
# sensitive the camera's blue: all are factors that stay the same over the clip, and cancel.

# %% [markdown]
# ## Exercise 09.5: normalise over time (middling, 10 minutes)
#
# Write the last of the four. Frames come as (T, h, w, 3), whole numbers from 0 to 255; return numbers
# of the same shape. A pixel that is black in every frame must become 0, and a clip in which nothing
# changes must become zeros. Neither may become [NaN](glossary.ipynb#cell-id=nan) ("not a number": what 0/0 gives).
#
# *You should see:* the same result for a clip and for the same clip under a lamp half as bright.
#
# <details><summary>Hint 1: a question</summary>
#
# One mean for each pixel and colour: which of the four axes is gone after the mean? And when the
# standard deviation is taken at the end, which axes are gone then?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# `frames.mean(axis=…)` of shape (h, w, 3) can be divided into (T, h, w, 3) directly. What could you
# divide a black pixel by, instead of by its mean of 0, so that 0 comes out? `np.where` chooses
# between two arrays, number by number.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Mean over time. Subtract it from the frames; divide by it, where it is not zero, and by 1 where it
# is. One standard deviation of everything. If it is not zero, divide by it. Return.
# </details>


# %%
@checks.exercise("09.5")
def normalise_over_time(frames):
    """(T, h, w, 3) → the same shape: each pixel's and colour's relative change, all divided by one deviation."""
    ### BEGIN SOLUTION
    own_mean = frames.mean(axis=0)
    change = (frames - own_mean) / np.where(own_mean > 0, own_mean, 1)
    deviation = change.std()
    return change / deviation if deviation > 0 else change
    ### END SOLUTION


# %% [markdown]
# What do the four make of two pixels, one on a cheek and one of the background beside the head?

# %%
PIXELS = {"a cheek": (9, 5), "the background": (1, 1)}
piece = SMALL[1][:120]
figure, axes = plots.new_figure(2, 2, height=5.8, sharex=True)
for ax, how in zip(axes.T.ravel(), ("raw", "standardised", "difference", "time"), strict=True):
    ready = clips.normalise_clip(piece, how)
    for i, (name, (row, column)) in enumerate(PIXELS.items()):
        look = {"color": plots.COLOURS[i], "linestyle": plots.LINES[i], "linewidth": 1.4}
        ax.plot(np.arange(120) / FS, ready[:, row, column, 1], label=name, **look)
    plots.label(ax, how)
for ax in axes[1]:
    plots.label(ax, x="Time (s)")
for ax in axes[:, 0]:
    plots.label(ax, y="Green, prepared")
handles, labels = axes[0, 0].get_legend_handles_labels()
figure.legend(handles, labels, fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=2)
display(figure)

# %% [markdown]
# *The figure in words:* four panels, each with the green of two pixels over four seconds. Raw and
# standardised: two nearly straight lines far apart, in which no pulse is to be seen. Difference: both
# flicker around zero. Time: both move around zero, and what the cheek does can be seen.
#
# A network *could* learn to subtract and divide. But it must learn that first, and until then the pulse
# is lost in what is a hundred times larger. How long does it take? Learning curves tell.
#
# **The experiment.** Six made people teach, three others judge. Clips of 32 frames. The same network,
# the same first weights, the same order of clips for each of the four; then everything again with
# other first weights. So that this takes seconds, the network is a small relative of PhysNet, four
# of *your* blocks without the detour through half the time, on 8 × 8 pixels. The loss is the one of
# lesson 10: 1 minus the correlation of two waves, so 1 is *no resemblance* and 0 is perfect.
#
# Some words for it. The *first weights* are random numbers. A *step* is one correction of all weights,
# made after a batch of clips, against the gradient; the *[learning rate](glossary.ipynb#cell-id=learning-rate)* says
# how far it goes. An *[epoch](glossary.ipynb#cell-id=epoch)* is over when each clip of the teachers was seen once. The
# rest of the next cell (`Adam` is a way to make steps) is lesson 11; here it need not be read.
#
# Predict the order of the four.

# %%
with recordings.open_recordings(made.sample("lab_train")) as file:
    teachers, strangers = clips.split_subjects(file.subjects, (2 / 3, 1 / 3), seed=0)

    def cut(people, length=32, size=8):
        """All clips of these people (n, length, size, size, 3), and their waves (n, length)."""
        pictures, waves = [], []
        for recording in (file[name] for name, info in file.info.items() if info.subject in people):
            complete = len(recording.frames) // length
            small = clips.resize_frames(recording.frames[: complete * length], size)
            pictures += list(small.reshape(complete, length, size, size, 3))
            waves += list(recording.bvp[: complete * length].reshape(complete, length))
        return pictures, torch.tensor(np.array(waves))

    TEACH, (faces, beats) = cut(teachers), cut(strangers)
    JUDGE = faces[::4], beats[::4]  # looked at often, so a quarter of them will do


def small_relative(width=8):
    """video (B, 3, T, H, W) → wave (B, T): four blocks, one pooling, the mean, one last convolution."""
    deep = [convolution_block(width, width, (3, 3, 3)) for _ in range(3)]
    first = [convolution_block(3, width, (1, 3, 3)), nn.MaxPool3d((1, 2, 2))]
    return nn.Sequential(*first, *deep, nn.AdaptiveAvgPool3d((None, 1, 1)), nn.Conv3d(width, 1, 1), nn.Flatten())


LOOKS, CLIPS_IN_A_BATCH, RATE, SEEDS = 4, 8, 0.005, (0, 1)


def learning_curve(seen, unseen, seed, bar):
    """The loss on the strangers' clips (unseen), before one epoch of training and after each quarter of it."""
    order = seeding.seed_everything(seed)
    network = training.use_channels_last(small_relative())
    descent = torch.optim.Adam(network.parameters(), lr=RATE)
    curve = []

    def judge():
        network.eval()
        with torch.no_grad():
            curve.append(losses.neg_pearson(network(unseen), JUDGE[1]).item())
        network.train()

    judge()
    batches = torch.randperm(len(TEACH[1]), generator=order).split(CLIPS_IN_A_BATCH)
    ends = [len(batches) * quarter // LOOKS for quarter in range(1, LOOKS + 1)]
    for number, batch in enumerate(batches, start=1):
        descent.zero_grad()
        losses.neg_pearson(network(seen[batch]), TEACH[1][batch]).backward()
        descent.step()
        if number in ends:
            judge()
            bar.update()
    return curve


WAYS_IN = ("time", "difference", "standardised", "raw")
with tqdm(total=LOOKS * len(WAYS_IN) * len(SEEDS), desc="learning", unit="look") as bar:
    CURVES = {}
    for how in WAYS_IN:
        seen, unseen = (torch.cat([as_video(frames, how) for frames in pictures]) for pictures, _ in (TEACH, JUDGE))
        CURVES[how] = [learning_curve(seen, unseen, seed, bar) for seed in SEEDS]

# %%
figure, ax = plots.new_figure(height=4.6)
for i, (how, runs) in enumerate(CURVES.items()):
    for number, curve in enumerate(runs):
        look = {"color": plots.COLOURS[i], "linestyle": plots.LINES[i], "marker": plots.MARKERS[i], "linewidth": 1.8}
        ax.plot(np.arange(len(curve)) / LOOKS, curve, label=None if number else how, **look)
ax.set_ylim(0, 1.2)
ax.set_xticks(np.arange(LOOKS + 1) / LOOKS)
plots.label(
    ax, "Four ways to prepare a clip, two networks each", "Epoch (number)", "Loss of strangers (1 − r)", legend=True
)
display(figure)

# %% [markdown]
# *The figure in words:* loss of the strangers over one epoch, two curves for each way. All begin near
# 1. "Time" and "difference" fall steeply, to below one half. "Standardised" and "raw" stay near 1 to the
# end.

# %% tags=["nbval-check-output"]
end = {how: [curve[-1] for curve in runs] for how, runs in CURVES.items()}
worst_of_upper, best_of_lower = max(end["time"] + end["difference"]), min(end["standardised"] + end["raw"])
print("the worst of “time” and “difference” is below 0.6:              ", worst_of_upper < 0.6)
print("the best of “standardised” and “raw” is worse by more than 0.2:", best_of_lower - worst_of_upper > 0.2)

# %% [markdown]
# The same network, the same faces, the same number of steps: what it was *given* decided. Standardised
# is no better than raw, because one mean and one deviation for the whole clip leave every difference
# between pixels where it was.
#
# Do not read more out of it than is in it. The size of this network and its learning rate were chosen
# among several so that "time" learns quickly, by looking at these same three strangers: "time" had an
# advantage that the other three did not have. It does not say that raw pixels cannot be learned from:
# with many more people and steps networks do (Contrast-Phys, another published one, takes them as they
# are). It does not say which of the upper two is better: two runs each cannot. And here the network was
# asked for the *wave*; who prepares by differences usually asks for the wave's differences as well,
# which fits better, and adds them up afterwards. What it does say: with six people and a laptop, begin
# with relative changes.
#
# What "time" costs: a slow change of the light is a relative change as well, and stays. And the mean
# over a clip of 32 frames, about one beat, depends on where the clip begins.

# %% [markdown]
# ## 09.10 Short clips, long windows
#
# The network that comes with this course was trained on clips of 32 frames, 1.07 seconds: the
# lecture's length. Its receptive field is longer than that! In training, most of what its outermost
# weights saw was padding. Can it be used on 10 seconds at all?
#
# It can, because it is fully convolutional: the boxes slide on. Here is one person whom it has never
# seen, read in two ways: in nine pieces of 32 frames, one after the other, each prepared by itself;
# and in one go.


# %%
def read_pieces(frames, length):
    """The waves (n, length) that the trained network reads from consecutive pieces of a video, each by itself."""
    starts = range(0, len(frames) - length + 1, length)
    batch = torch.cat([as_video(frames[start : start + length]) for start in starts])
    with torch.no_grad():
        return trained(batch).numpy()


def standardised(wave):
    return (wave - wave.mean()) / wave.std()


pieces, whole = read_pieces(SMALL[0], 32), read_pieces(SMALL[0], 300)[0]
until = 5 * 32
figure, axes = plots.new_figure(2, 1, height=5.8, sharex=True)
clock = np.arange(until) / FS
for ax, (name, wave) in zip(
    axes,
    {"Five pieces of 32 frames, put together": pieces.ravel(), "300 frames in one go": whole}.items(),
    strict=True,
):
    ax.plot(clock, standardised(WAVES[0][:288])[:until], color=plots.GREY, linewidth=4, alpha=0.5, label="true")
    ax.plot(clock, standardised(wave[:288])[:until], color=plots.BLUE, linewidth=1.8, label="network")
    plots.label(ax, name, y="Wave (SD)")
for seam in range(32, until, 32):
    axes[0].axvline(seam / FS, color=plots.RED, linestyle="--", linewidth=1.2, label="seam" if seam == 32 else None)
plots.label(axes[1], x="Time (s)")
handles, labels = axes[0].get_legend_handles_labels()
figure.legend(handles, labels, fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=3)
display(figure)

# %% [markdown]
# *The figure in words:* five seconds of wave against the true one, twice. Both follow it from beat to
# beat. In pieces the curve has kinks at some of the dashed seams; in one go it has none.
#
# Now the question that matters: **the rate**. For twelve people we cut ten seconds into pieces of 32,
# 64, 128 and 300 frames, and read a rate from each piece: the place of the highest power in the band of
# hearts. And we do the same with the *true wave*, of which nobody can say that it is badly read.
# Predict: how wrong is the rate of a perfect wave that is one second long?
#
# The package's own `heart_rate` has an opinion on this.

# %% tags=["nbval-check-output"]
try:
    spectrum.heart_rate(WAVES[0][:32], FS)
except ValueError as refusal:
    print(refusal)


# %%
def strongest(waves):
    """The rate (n,) per minute at which each of the waves (n, length) has the highest power; it never refuses."""
    frequency, power = spectrum.power_spectrum(waves, FS)
    heart = (frequency >= spectrum.HEART_BAND[0]) & (frequency <= spectrum.HEART_BAND[1])
    return 60 * frequency[heart][power[:, heart].argmax(axis=1)]


LENGTHS = (32, 64, 128, 300)
error = {"network": [], "true wave": []}
similar = []
for length in tqdm(LENGTHS, desc="reading", unit="length"):
    off, off_true, alike = [], [], []
    for bvp, frames in zip(WAVES, SMALL, strict=True):
        true_rate = spectrum.heart_rate(bvp, FS)
        read = read_pieces(frames, length)
        truth = bvp[: read.size].reshape(read.shape)
        off += list(np.abs(strongest(read) - true_rate))
        off_true += list(np.abs(strongest(truth) - true_rate))
        alike += [np.corrcoef(one, other)[0, 1] for one, other in zip(read, truth, strict=True)]
    error["network"].append(np.mean(off))
    error["true wave"].append(np.mean(off_true))
    similar.append(np.median(alike))

figure, ax = plots.new_figure(height=4.2)
for i, (name, values) in enumerate(error.items()):
    look = {"color": plots.COLOURS[i], "linestyle": plots.LINES[i], "marker": plots.MARKERS[i], "linewidth": 1.8}
    ax.plot(np.array(LENGTHS) / FS, values, label=f"rate read from the {name}'s piece", **look)
plots.label(ax, "What a piece can say about the rate", "Length of a piece (s)", "Mean error (per minute)", legend=True)
ax.set_ylim(0, None)
display(figure)
print("median correlation of the network's wave with the true one, by length:")
print("   ".join(f"{length} frames: {value:.2f}" for length, value in zip(LENGTHS, similar, strict=True)))

# %% [markdown]
# *The figure in words:* mean error over the length of a piece. At about one second both curves are
# high, that of the network above that of the true wave. Both fall as the piece gets longer and meet near
# zero at ten seconds.

# %% tags=["nbval-check-output"]
print(
    "the *true* wave: one second errs more than ten times as much as ten:",
    error["true wave"][0] > 10 * error["true wave"][-1],
)
print("the network: one second is off by more than 5 per minute:           ", error["network"][0] > 5)
print("yet its waves of one second resemble the true ones, r above 0.8:     ", similar[0] > 0.8)
print("ten seconds in one go: mean error below 3 per minute:               ", error["network"][-1] < 3)

# %% [markdown]
# So both halves of an old quarrel are right.
#
# - **A second cannot measure a rate.** It holds about one beat, and rates closer than 60 / 1.07, that is
#   56 per minute, are hard to tell apart in it. Even the perfect wave, which has no noise at all, errs
#   far more than over ten seconds; a wave that is a little rough errs more again. Nobody should report
#   a rate from 32 frames.
# - **A second can teach a waveform**: how a face changes while a beat passes. A network that has
#   learned this, and slides, gives a wave of any length. The *wave* of ten seconds has a rate.
#
# How well it really reads, for whom, and for whom not, is lesson 12; twelve made faces in good light
# are a demonstration and no test. It is not a medical device, here or there.

# %%
checks.show_progress("09")

# %% [markdown]
# ## What you found
#
# - A convolution slides a few weights along. Centred it delays nothing; at the edges it sees zeros;
#   networks do not turn the kernel around.
# - Only a long window can be choosy about slow rhythms. Kernels of 3 frames become a long window by
#   being stacked, and by halving the time between them: 54 frames in PhysNet, 1.8 s, computed and
#   measured.
# - PhysNet trades place for meaning: the picture shrinks to one point, the channels grow, time comes
#   back. 768 577 parameters at width 64, whatever the size of the video.
# - At its end stands a mean. A maximum runs as well, and hears noise.
# - BatchNorm listens to the whole batch until it is told to stop: `eval()` before reading.
# - How the clip is prepared decides whether a small network learns anything in one epoch.
# - One may learn from short clips and read long windows. A rate needs the long window.

# %% [markdown]
# ## Three questions to ask yourself
#
# **1. Somebody films at 15 frames per second and uses the network that was trained at 30. Everything
# runs. What has become of its receptive field, and of the rates it reads?**
#
# <details><summary>Answer</summary>
#
# The field is still 54 frames, but these are now 3.6 seconds. To the network every heart seems to beat
# twice as fast: 70 looks like 140, and 130 like 260, which it has never seen. If the rate is computed
# with the true 15 frames per second it may come out right for slow hearts, by luck. The package
# resamples to the rate that stands in the weights' file instead.
# </details>
#
# **2. Two layers with kernels of 3 × 3 × 3 or one of 5 × 5 × 5, at 64 channels: which has the larger
# receptive field, which has more parameters?**
#
# <details><summary>Answer</summary>
#
# Both look at 5 frames (and 5 rows, 5 columns). Two of 3³ have 2 · 64 · 64 · 27 weights, one of 5³ has
# 64 · 64 · 125: more than twice as many. And between the two there is a ReLU more.
# </details>
#
# **3. A colleague's network has a loss of 0.1 in training and 0.9 right afterwards on the *same* clips,
# one clip at a time. No person is new. What do you look at first?**
#
# <details><summary>Answer</summary>
#
# BatchNorm and the mode. If it is still in training mode, a clip alone is normalised by itself, not as
# in its batch. If it is in evaluation mode, the kept means may not have caught up yet, which happens in
# short trainings. After that: is the clip prepared in the same way as in training?
# </details>

# %% [markdown]
# ## Where to read on
#
# - The network: Z. Yu, X. Li and G. Zhao, “Remote photoplethysmograph signal measurement from facial
#   videos using spatio-temporal networks”, BMVC 2019, arXiv 1905.02419.
# - Convolutions and transposed ones, drawn step by step: V. Dumoulin and F. Visin, “A guide to
#   convolution arithmetic for deep learning”, 2016, arXiv 1603.07285.
# - Why most of a receptive field is hardly used: W. Luo and others, “Understanding the effective
#   receptive field in deep convolutional neural networks”, NeurIPS 2016, arXiv 1701.04128.
# - Differences as input: W. Chen and D. McDuff, “DeepPhys”, ECCV 2018, arXiv 1805.07888.
# - In this project: `rppg_lab/models/physnet.py`, the network with its shapes written beside each line;
#   `rppg_lab/clips.py`, which prepares the clips; `rppg_lab/inference.py`, which reads a whole video.
