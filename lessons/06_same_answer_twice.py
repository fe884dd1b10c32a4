# %% [markdown]
# # 06. Can we get the same answer twice?
#
# **What you will be able to do**
# - name every place from which chance gets into a training, and fix them all
# - prove that two trainings are the same, bit by bit, and say at which step they part
# - protect the order of your data from everybody else's random numbers
# - predict which change breaks a repetition, and which does not
# - say what no [seed](glossary.ipynb#cell-id=seed) can fix, and what to report instead
#
# **What you need first:** Python functions and dictionaries, lesson 00. A [network](glossary.ipynb#cell-id=network) is
# used here as a box that learns; lessons 09 to 11 open it.
#
# **Time:** 60 minutes; 15 seconds of compute
#
# | in the lecture | here |
# |---|---|
# | step 1, the block of seeds | you write it: `fix_seeds(seed)`; in the package `seeding.seed_everything` |
# | three runs with the reproducible code, three without | 06.1 and 06.3 |
# | `DataLoader(…, shuffle=True)` | you write `shuffled_loader`; in the package `split_data_loader` |
# | “these stay random”: `index_add_`, `scatter_add_` | 06.5, with the reason |

# %%
# ruff: noqa: NPY002 (NumPy's shared generator is used on purpose: it is one of the culprits)
import random

import numpy as np
import torch
from IPython.display import display
from torch.utils.data import DataLoader
from tqdm import tqdm

from rppg_lab import checks, clips, folders, losses, models, plots, recordings, seeding, training

torch.set_num_threads(1)  # 06.9 says why

# %% [markdown]
# ## 06.1 Three runs of one program
#
# You train a network, and it is good. You start the same program again, and it is worse. Nothing was
# changed. Which of the two results do you write down?
#
# Let us see it happen. Six made people, six [clips](glossary.ipynb#cell-id=clip) of each, about one second long and 16
# by 16 [pixels](glossary.ipynb#cell-id=pixel) small: 36 pairs of a video and the pulse wave that belongs to it. That is
# far too little to learn from, but enough to watch.

# %%
BATCH, EPOCHS = 6, 4
with recordings.open_recordings(folders.data_folder() / "lab_train.h5") as lab:
    everybody = clips.ClipDataset(lab, clip_length=32, stride=300, size=16)
    pairs = [everybody[i] for i in range(36)]
print("video of a clip:", tuple(pairs[0][0].shape), "   its wave:", tuple(pairs[0][1].shape))

# %% [markdown]
# The next cell is a whole training. `train` takes a network and a *[loader](glossary.ipynb#cell-id=loader)*, which
# hands out the clips in [batches](glossary.ipynb#cell-id=batch) of six. It returns the
# **[loss](glossary.ipynb#cell-id=loss)** of each step, a number that says how wrong the network was on those six clips:
# 1 is no resemblance, 0 is perfect. `one_run` makes a new network and a loader that
# [shuffles](glossary.ipynb#cell-id=shuffle), and trains. What each line does is the matter of lesson 11. Here look for
# one thing only: **where is chance in it?**


# %%
def train(network, loader, epochs=EPOCHS):
    """Train a network on what the loader hands out: the loss of each step."""
    network.train()
    optimiser = training.get_optimizer("adam", network.parameters(), lr=4e-3)
    steps = []
    for _ in range(epochs):
        for video, bvp in loader:
            optimiser.zero_grad()
            loss = losses.neg_pearson(network(video), bvp)
            loss.backward()
            optimiser.step()
            steps.append(loss.item())
    return steps


def one_run(epochs=EPOCHS):
    """Train a new network as most programs do it, and say nothing of chance: the loss of each step, and the network."""
    network = models.get_model("physnet", width=8)
    return train(network, DataLoader(pairs, batch_size=BATCH, shuffle=True), epochs), network


# %% [markdown]
# Three runs. (The first line below is for this page only, so that its picture is the same in every
# copy of the lesson: chance begins *somewhere*, once. A new Python would begin anywhere. After that
# nobody sets anything between the runs, as when you run a cell three times.)
#
# Predict: how different will the three curves be?

# %%
seeding.seed_everything(2026)
unseeded, networks = zip(*(one_run() for _ in tqdm(range(3), desc="three runs")), strict=True)
assert unseeded[0] != unseeded[1] != unseeded[2] != unseeded[0]


def six_curves(runs, title):
    """The loss of each step of some runs, each drawn thinner than the last, so that equal ones can be seen."""
    figure, ax = plots.new_figure()
    for i, steps in enumerate(runs):
        ax.plot(
            range(1, len(steps) + 1), steps, color=plots.COLOURS[i], linestyle=plots.LINES[i], linewidth=6 - 2 * i,
            alpha=0.5 if i == 0 else 1.0, label=f"run {i + 1}",
        )  # fmt: skip
    ax.set_ylim(0, 1.3)
    plots.label(ax, title, "Step (number)", "Loss (1 − r, no unit)", legend=True)
    return figure


six_curves(unseeded, "Three runs, nothing fixed")

# %% [markdown]
# *The figure in words:* loss over 24 steps, three jagged curves. All begin near 1 and come down
# slowly. They cross each other again and again, and at the end they lie apart.
#
# One program, three answers. If you had changed something between the first and the second run, you
# would now believe that the change had done it.

# %% [markdown]
# ## 06.2 Where chance comes in
#
# A computer has no dice. It has **[generators](glossary.ipynb#cell-id=generator)**: a long list of numbers that look
# like chance, and a mark in the list that moves on by one with each draw. A **seed** says where in the list to begin.
# Who begins at the same place draws the same numbers.
#
# In our training chance comes in at two places. A new network has random *[first
# weights](glossary.ipynb#cell-id=weights)*. And the loader *shuffles*. Other trainings have more:
# [dropout](glossary.ipynb#cell-id=dropout) sets some of a network's numbers to zero at random,
# [augmentation](glossary.ipynb#cell-id=augmentation) changes clips at random (06.7).
#
# The catch: there is not *one* generator. Predict what the next cell prints: we seed Python's own,
# with the seed 1, twice, and draw from three libraries.

# %% tags=["nbval-check-output"]
NAMES = ("random", "numpy", "torch")
np.random.seed(5)  # where the others happen to be
torch.manual_seed(5)
for attempt in ("first", "second"):
    random.seed(1)
    drawn = random.random(), np.random.rand(), torch.rand(1).item()
    print(f"{attempt:8s}" + "".join(f"{name} {value:.3f}     " for name, value in zip(NAMES, drawn, strict=True)))

# %% [markdown]
# Only Python's own repeats. Each library has a list and a mark of its own, and so has **each
# graphics card**: on a computer with four of them there are seven generators.
#
# On an NVIDIA card there is a second thing that is no generator at all. [cuDNN](glossary.ipynb#cell-id=cudnn), which
# computes the [convolutions](glossary.ipynb#cell-id=convolution), knows several ways for each. With
# `torch.backends.cudnn.benchmark = True` it measures at the start which is quickest *today*, and takes that one; and
# some of its ways do not repeat themselves, unless `torch.backends.cudnn.deterministic` is `True`. Each way rounds
# differently.
#
# | whose chance | what seeds it | who drinks from it |
# |---|---|---|
# | Python | `random.seed` | file lists that are shuffled, many augmentations |
# | NumPy, the shared one | `np.random.seed` | most augmentations written by others |
# | PyTorch on the processor | `torch.manual_seed` | first weights, dropout, the loader's order |
# | PyTorch on one card, on all cards | `torch.cuda.manual_seed`, `torch.cuda.manual_seed_all` | dropout on the card |
# | cuDNN's choice | two switches, see above | convolutions on the card |
# | the order in a set of texts | `PYTHONHASHSEED`, before Python starts | `set`s of file names |
#
# The functions for cards do nothing, and no harm, on a computer without one. (`torch.manual_seed`
# seeds the cards as well nowadays; old programs say it twice.) The last row no running program can
# help: use `sorted(…)`.

# %% [markdown]
# ## Exercise 06.1: fix every seed (easy, 8 minutes)
#
# Write step 1 of the lecture's lab: `fix_seeds(seed)` seeds Python, NumPy, PyTorch and all its
# graphics cards with the seed that is handed in, and sets the two switches of cuDNN. It returns
# nothing.
#
# *You should see:* PASS. The check seeds twice from two different states and looks at what repeats.
#
# <details><summary>Hint 1: a question</summary>
#
# How many rows of the table above can be set from inside a program? Which value must each of the two
# switches have, so that cuDNN neither searches nor takes a way that does not repeat itself?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# All names stand in 06.2, in the table and the paragraph above it. `random`, `np` and `torch` are
# imported already. The cell above seeds three libraries with numbers of its own.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# No `if`, no loop: one line for each library, one for all cards, one for each switch. Every library
# gets the `seed` of the caller.
# </details>


# %%
@checks.exercise("06.1")
def fix_seeds(seed):
    """Fix every source of chance that a program can fix, with one seed."""
    ### BEGIN SOLUTION
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
    ### END SOLUTION


# %% [markdown]
# ## 06.3 Three runs, the seeds fixed
#
# The same program, three times, and before each run one line more: yours. Predict: will the curves
# be *similar*, or *the same*?

# %%
seeded, seeded_networks = [], []
for _ in tqdm(range(3), desc="three seeded runs"):
    fix_seeds(6)
    steps, network = one_run()
    seeded.append(steps)
    seeded_networks.append(network)

six_curves(seeded, "Three runs, every seed fixed")

# %% [markdown]
# *The figure in words:* loss over 24 steps. One jagged curve is to be seen, coming down from about 1: a
# wide one, a dashed one and a thin one that lie exactly on top of each other.


# %% tags=["nbval-check-output"]
def agreeing(runs):
    """At how many steps all runs have the same loss, to the last bit."""
    return sum(len(set(step)) == 1 for step in zip(*runs, strict=True))


print("steps at which three unseeded runs agree:", agreeing(unseeded), "of", len(unseeded[0]))
print("steps at which three seeded runs agree:  ", agreeing(seeded), "of", len(seeded[0]))
assert seeded[0] == seeded[1] == seeded[2]  # every bit of every loss
torch.seed()  # now as a new Python would begin: anywhere
begun, _ = one_run(epochs=1)
assert all(begun != steps[: len(begun)] for steps in [*unseeded, *seeded])

# %% [markdown]
# All 24 of 24, and not nearly: every bit.
#
# (The last three lines of the cell let PyTorch begin by the clock, as every new program does that says
# nothing. That run agrees with none of the six.)


# %% [markdown]
# ## 06.4 The same, or nearly the same?
#
# How do you *know* that two trainings are the same? Most people print the last loss of both and look
# at it. Predict what this prints.

# %% tags=["nbval-check-output"]
one = torch.tensor(0.3)
other = torch.nextafter(one, torch.tensor(1.0))  # its neighbour: float32 has nothing in between
print(f"printed:         {one.item():.4f} and {other.item():.4f}")
print("equal:          ", bool(one == other))
print("close:          ", torch.allclose(one, other))
print("nan equals nan: ", float("nan") == float("nan"))

# %% [markdown]
# Two different numbers print alike, and `allclose` was made to overlook such a difference. That is
# right for comparing a *result*, and wrong for finding out *where two runs part*: they begin to part
# with one bit. A trap is in the last line: [NaN](glossary.ipynb#cell-id=nan) (“not a number”, what a failed calculation
# leaves) is by definition different from itself. Yet two networks that failed in the same way are the same.
#
# A network's knowledge is its **[state dict](glossary.ipynb#cell-id=state-dict)**: a dictionary from names to
# [tensors](glossary.ipynb#cell-id=tensor). Most of them are weights; some are notes that a layer takes, and counters.

# %%
for name, values in list(models.get_model("physnet", width=8).state_dict().items())[:7]:
    print(f"{name:28s}{tuple(values.shape)!s:18s}{values.dtype}")

# %% [markdown]
# ## Exercise 06.2: the same bits (middling, 10 minutes)
#
# Write `same_bits(one, other)`. It gets two state dicts and returns `True` if they have the same
# names, and under each name the same tensor: same shape, same number at each place. NaN at the same
# place counts as the same. Otherwise it returns `False`.
#
# *You should see:* PASS. The check feeds in pairs of small networks, alike and not quite.
#
# <details><summary>Hint 1: a question</summary>
#
# If you walk through the names of the first, which difference can you never meet? What happens when
# a tensor of one number is compared with a tensor of four?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# Two sets of names can be compared like numbers: `set(one)` has those of the first. NumPy's
# `array_equal` looks at the shape first; read in its help (`np.array_equal?`) what it can do about
# NaN. A tensor becomes an array with `.numpy()`.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Different names? No. For each name: different shape, or any place where the two differ without both
# being NaN? No. Survived the loop? Yes.
# </details>


# %%
@checks.exercise("06.2")
def same_bits(one, other):
    """Whether two dictionaries of tensors have the same names and, under each, the same numbers (NaN is like NaN)."""
    ### BEGIN SOLUTION
    alike = [set(one) == set(other)]
    for name in set(one) & set(other):
        alike.append(np.array_equal(one[name].numpy(), other[name].numpy(), equal_nan=True))
    return all(alike)
    ### END SOLUTION


# %% [markdown]
# With it we ask the question properly: not of the losses, which are only a by-product, but of what
# the networks of 06.1 and 06.3 know after their training.

# %% tags=["nbval-check-output"]
know = {
    name: [one.state_dict() for one in nets] for name, nets in (("seeded", seeded_networks), ("unseeded", networks))
}
for name, (first, second, third) in know.items():
    print(f"{name:9s} runs 1 and 2: {same_bits(first, second)!s:6s}  runs 1 and 3: {same_bits(first, third)}")
assert same_bits(know["seeded"][0], know["seeded"][2])
assert not same_bits(know["unseeded"][0], know["unseeded"][2])

# %% [markdown]
# ## 06.5 One grain of sand
#
# Does one bit matter? We train again with the seeds fixed, but before the first step we move **one
# of the thousands of weights to the neighbouring number**, the smallest change there is. Predict the
# difference between the two losses after 24 steps.

# %%
fix_seeds(6)
network = models.get_model("physnet", width=8)
with torch.no_grad():
    weights = network.conv1[0].weight.view(-1)
    largest = weights.abs().argmax()
    neighbour = torch.nextafter(weights[largest], torch.tensor(1.0))
    change = abs(neighbour - weights[largest]).item()
    weights[largest] = neighbour
nudged = train(network, DataLoader(pairs, batch_size=BATCH, shuffle=True))
apart = np.abs(np.subtract(nudged, seeded[0]))
by_chance = np.abs(np.subtract(unseeded[0], unseeded[1]))

figure, ax = plots.new_figure(height=4.2)
step = np.arange(1, len(apart) + 1)
shown = apart > 0
ax.semilogy(step, by_chance, color=plots.RED, linestyle="--", marker="s", label="two runs with nothing fixed")
ax.semilogy(step[shown], apart[shown], color=plots.BLUE, marker="o", label="one weight moved by one bit")
ax.axhline(change, color=plots.BLACK, linestyle=":", label="the change of that weight")
plots.label(ax, "How two trainings part", "Step (number)", "Difference of the losses (1 − r)")
figure.legend(fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=2)
assert apart[-6:].max() > 100 * change
display(figure)

# %% [markdown]
# *The figure in words:* differences between losses over 24 steps, on an axis in powers of ten. With
# nothing fixed two runs differ by some hundredths or tenths from the first step on. With one weight
# moved by one bit they differ by less than a millionth at first, ten times more every few steps, and at
# the end by almost as much as the others.
#
# A training is a chain in which each step begins where the last one ended, so small differences
# grow, as in the weather.
#
# And where would one bit come from, with every seed fixed? From **adding in another order**. Numbers
# in a computer have a limited number of digits ([float32](glossary.ipynb#cell-id=float32): about seven), and each
# addition rounds. Predict: a thousand numbers, added one after the other in 2,000 random orders. How many different
# sums?

# %%
dice = np.random.default_rng(0)
addends = dice.standard_normal(1000).astype(np.float32)
exact = addends.astype(np.float64).sum()
sums = np.array([np.cumsum(dice.permutation(addends))[-1] for _ in range(2000)])  # cumsum adds one by one
assert sums.dtype == np.float32

figure, ax = plots.new_figure()
found, count = np.unique(sums.astype(np.float64), return_counts=True)
gap = np.diff(found).min()  # from one number of float32 to the next
ax.bar(1e6 * (found - exact), count, width=0.8e6 * gap, color=plots.BLUE)
ax.axvline(0, color=plots.BLACK, linestyle="--", linewidth=1.2, label="the exact sum")
plots.label(
    ax, f"2,000 orders, {len(found)} different sums of the same numbers",
    "Sum minus the exact sum (millionths)", "How often (count)", legend=True,
)  # fmt: skip
display(figure)

# %% [markdown]
# *The figure in words:* bars at equal distances, each one number that float32 knows, in the shape of a
# bell around a place near the exact sum. Most orders give a sum that is a few steps of float32 off.
#
# Now the operations of which the lecture says that they stay random. `index_add_` throws many values
# into a few boxes and adds up what lands in each; `scatter_add_` does the same with an address for
# every single value. They hide in the way back through many layers. Here 100,000 values fall into
# four boxes.

# %% tags=["nbval-check-output"]
fix_seeds(0)
values, box = torch.randn(100_000), torch.randint(4, (100_000,))
in_order = [torch.zeros(4).index_add_(0, box, values) for _ in range(5)]
mixed = torch.randperm(len(values))  # the same values into the same boxes, in another order
other_order = torch.zeros(4).index_add_(0, box[mixed], values[mixed])
print("on the processor, five times, the same bits:", all(torch.equal(one, in_order[0]) for one in in_order))
print("in another order, the same bits:            ", torch.equal(other_order, in_order[0]))
scattered = torch.zeros(4).scatter_add_(0, box, values)
print("scatter_add_ in the first order, the same:  ", torch.equal(scattered, in_order[0]))

# %% [markdown]
# On a **processor** the values are added in the order in which they stand: the same bits each time.
# A **graphics card** has thousands of [threads](glossary.ipynb#cell-id=thread), and each adds its value *when it
# happens to be ready*. The order changes from run to run, and no seed has a say in it, because nobody draws anything.
# This we cannot show you without a card; the cell above shows all that it takes.
#
# The remedy is a switch:
#
# - `torch.use_deterministic_algorithms(True)` makes PyTorch take another, slower way that repeats
#   itself where it has one (for `index_add_`, `scatter_add_` and convolutions it has), and **raise an
#   error** where it has none. Among the layers without one is `AdaptiveAvgPool3d`, with which the
#   original [PhysNet](glossary.ipynb#cell-id=physnet) ends; ours computes the same mean in another way. Which operation
#   belongs to which list changes with the version: `torch.use_deterministic_algorithms?` shows yours.
# - Some versions of CUDA ask for an environment variable too, `CUBLAS_WORKSPACE_CONFIG=:4096:8`, set
#   before the program starts. The error says so.
# - On the processor the switch changes not a bit of *our* training (06.8 measures it).

# %% [markdown]
# ## 06.6 Who else draws?
#
# Seeds fixed, one processor: the same bits. Now a colleague adds one harmless line to the program,
# between the network and the loader. It prints a random clip's number, to have a look at it. The
# function below returns the order in which 18 clips come. Predict: does the line change it?


# %% tags=["nbval-check-output"]
def order_of_clips(look):
    """The order in which the loader hands out the clips, after a colleague's look at one of them or without."""
    fix_seeds(6)
    models.get_model("physnet", width=8)
    if look:
        torch.randint(18, (1,))  # a look at any clip
    return [clip for batch in DataLoader(range(18), batch_size=BATCH, shuffle=True) for clip in batch.tolist()]


print("without the line:", order_of_clips(look=False))
print("with the line:   ", order_of_clips(look=True))
assert order_of_clips(look=False) != order_of_clips(look=True)

# %% [markdown]
# The line drew one number from PyTorch's shared generator, and the loader, which draws from the same
# one, got everything one place later. Such a **[stray draw](glossary.ipynb#cell-id=stray-draw)** hides anywhere: in a
# figure with jittered points, in a layer that you tried out, in an update of a library. And the result seems to say:
# “printing made my network better”.
#
# The remedy: what must not be disturbed gets a **generator of its own**.
#
# ```python
# mine = torch.Generator().manual_seed(6)   # a new list and mark; nobody else knows it
# torch.rand(1, generator=mine)             # draws from mine; torch.rand(1) does not
# ```
#
# NumPy's is `np.random.default_rng(6)`. Many functions of PyTorch take a `generator`; the
# `DataLoader` is one of them.

# %% [markdown]
# ## Exercise 06.3: an order of its own (middling, 10 minutes)
#
# Write `shuffled_loader(dataset, batch_size, seed)`. It returns a loader: something that can be
# walked through with `for batch in loader`, as often as one likes. Each walk (an [epoch](glossary.ipynb#cell-id=epoch))
# hands out every item once, in batches, the last one smaller if need be, in a new random order. The orders hang on the
# seed, and on nothing that others draw; nor may the loader disturb them.
#
# *You should see:* PASS. The check draws strays before, after and between.
#
# <details><summary>Hint 1: a question</summary>
#
# The cell above has a loader that does everything but one thing. Whose numbers does it shuffle with?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# The last sentence of 06.6. And what does a generator do that nobody has told where to begin?
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Make a generator. Give it the seed. Return a `DataLoader` of the dataset with the batch size,
# shuffling, that takes its chance from that generator.
# </details>


# %%
@checks.exercise("06.3")
def shuffled_loader(dataset, batch_size, seed):
    """A loader that shuffles anew in each epoch, as the seed says, whatever others draw."""
    ### BEGIN SOLUTION
    order = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch_size=batch_size, shuffle=True, generator=order)
    ### END SOLUTION


# %% [markdown]
# <details><summary>One level deeper: the loader draws something else too</summary>
#
# A `DataLoader` also draws a seed for its workers, from the same generator, each time it starts them:
# once if they stay alive, in every epoch otherwise. So from the second epoch on the order can hang on
# *how* the workers are used. The package's `split_data_loader` gives order and workers a generator
# each.
# </details>
#
# ## 06.7 Many hands
#
# A loader can let other processes read the clips, `num_workers=2`, while the network learns. Three
# things are true of such **[workers](glossary.ipynb#cell-id=worker)**:
#
# - the *order* is decided before, and the batches are handed over in that order. Whoever is quicker
#   waits;
# - each is a **process of its own**, with generators of its own. PyTorch gives each a seed (from the
#   loader's generator and the worker's number), so two workers do not draw the same. (Before version
#   1.9 it forgot NumPy, and all workers threw the same coins: look for that in old programs.)
# - which worker reads which clip hangs on *how many* there are.
#
# So what happens to chance that is drawn *while reading*: augmentation? Say each clip is mirrored,
# left to right, if a coin shows heads. `seeding.Coins` is a data set that throws the coins and shows
# them, from three places:
#
# - `numpy`: NumPy's shared generator, as most augmentations do;
# - `new`: a `np.random.default_rng()` made on the spot, without a seed, as the modern advice is
#   often misread;
# - `own`: a `np.random.default_rng((seed, i))`, made for clip number i. (In a long training the
#   epoch is a third number in that bracket.)
#
# We read 18 clips of it twice without workers, and once with two. Predict which of the nine rows agree.
# (Where workers are slow to start, on Windows and macOS, this takes some seconds.)

# %%
coins = {}
for name, workers in tqdm({"once": 0, "again": 0, "2 workers": 2}.items(), desc="loading"):
    fix_seeds(6)
    mine = torch.Generator().manual_seed(6)
    loader = DataLoader(seeding.Coins(18, seed=6), BATCH, shuffle=True, generator=mine, num_workers=workers)
    coins[name] = list(loader)

print("order of the clips")
for name, batches in coins.items():
    print(f"   {name:12s}", *(f"{clip:2d}" for batch in batches for clip in batch["index"].tolist()))
for source in ("numpy", "new", "own"):
    print(f"mirrored (x) or not (.), coin from: {source}")
    for name, batches in coins.items():
        shown = "different each time you run this cell" if source == "new" else None
        row = [" x" if coin else " ." for batch in batches for coin in batch[source].tolist()]
        print(f"   {name:12s}", shown or " ".join(row))


def thrown(name, source):
    """All coins of one loading, in the order of the clips."""
    return [coin for batch in coins[name] for coin in batch[source].tolist()]


assert thrown("once", "index") == thrown("again", "index") == thrown("2 workers", "index")
assert thrown("once", "own") == thrown("again", "own") == thrown("2 workers", "own")
assert thrown("once", "numpy") == thrown("again", "numpy") != thrown("2 workers", "numpy")
assert thrown("once", "new") != thrown("again", "new")

# %% [markdown]
# The order never changes. The coins from NumPy's shared generator repeat as long as the number of
# workers does: move to a computer with more cores, and it is another training. The coins of the
# unseeded generator never repeat, in spite of every seed in this notebook. (They are not printed
# here, because this page must be the same in every copy.) The coins that belong to the clip are the
# same whoever throws them. The package's own augmentation, the speeds of lesson 11, is drawn like
# that.

# %% [markdown]
# ## 06.8 Break it, one cause at a time
#
# In each row two short trainings differ in one thing only. Before each, every seed is fixed by your
# `fix_seeds`, and the losses are compared bit by bit.
#
# | | the second run differs from the first in this |
# |---|---|
# | A | nothing |
# | B | nothing is seeded before it: it goes on where the first one ended |
# | C | somebody draws one number from PyTorch *before* the network is made |
# | D | somebody draws one number from PyTorch *after* the network is made; in both runs the shared generator shuffles |
# | E | as D, but in both runs a generator of its own shuffles |
# | F | somebody draws one number from *NumPy* before the network is made |
# | G | two workers read the clips, not none |
# | H | as G, and in both runs clips are mirrored by a coin from NumPy's shared generator |
# | I | nothing; but in both runs clips are mirrored by a coin from a new generator without a seed; no workers |
# | J | as G, and in both runs clips are mirrored by the coin of the clip |
# | K | deterministic algorithms are switched on; no graphics card |
# | L | two threads add up a long sum, not one (without a training) |
#
# ## Exercise 06.4: predict (middling, 10 minutes)
#
# Before you go on: return a dictionary from each letter to `"same"`, if the two runs *must* be alike
# to the last bit, or `"differs"`, if you may not rely on it. Then, and only then, run the cells below
# the exercise, which measure it.
#
# *You should see:* PASS, or the name of the idea to think about again. It tells one at a time.
#
# <details><summary>Hint 1: a question</summary>
#
# For each row: which generator's mark is moved? And who draws from that generator *afterwards*?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# B and F: 06.2. C, D and E: 06.6. G to J: 06.7. K: the end of 06.5. For L think of the histogram in
# 06.5: two threads each add up their half, and then the two halves are added.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Twelve pairs in curly brackets, a letter and a word each. About half of the rows are the same.
# If a FAIL names a letter, read the section it names before you change the word.
# </details>


# %%
@checks.exercise("06.4")
def predictions():
    """For each letter "same" or "differs"."""
    ### BEGIN SOLUTION
    words = dict.fromkeys("ABCDEFGHIJKL", "differs")
    for letter in "AEFGJK":
        words[letter] = "same"
    return words
    ### END SOLUTION


# %% [markdown]
# Now the measurement. A short run is one epoch over these clips. Its options are the causes.


# %%
def loaded(loading, coin):
    """The batches that one loading of 06.7 gave, with the clips mirrored on which that coin fell."""
    for batch in coins[loading]:
        video, bvp = (torch.stack(part) for part in zip(*(pairs[i] for i in batch["index"]), strict=True))
        if coin:
            heads = batch[coin].bool()[:, None, None, None, None]
            video = torch.where(heads, video.flip(-1), video)
        yield video, bvp


def nobody():
    """Draws nothing."""


def short_run(seeded=True, before=nobody, after=nobody, shuffle=None, loading="once", coin=None):
    """The losses of one epoch; the options say what is done when, and how the clips come."""
    if seeded:
        fix_seeds(6)
    before()
    network = models.get_model("physnet", width=8)
    after()
    if shuffle == "shared":
        loader = DataLoader(pairs, batch_size=BATCH, shuffle=True)
    elif shuffle == "own":
        loader = shuffled_loader(pairs, BATCH, 6)
    else:
        loader = loaded(loading, coin)
    return train(network, loader, epochs=1)


def one_number():
    torch.rand(1)


two = {"loading": "2 workers"}
rows = {  # letter: the options of the first run, and what is different in the second
    "A": ({}, {}),
    "B": ({}, {"seeded": False}),
    "C": ({}, {"before": one_number}),
    "D": ({"shuffle": "shared"}, {"after": one_number}),
    "E": ({"shuffle": "own"}, {"after": one_number}),
    "F": ({}, {"before": np.random.rand}),
    "G": ({}, two),
    "H": ({"coin": "numpy"}, two),
    "I": ({"coin": "new"}, {"loading": "again"}),
    "J": ({"coin": "own"}, two),
    "K": ({}, {"before": lambda: torch.use_deterministic_algorithms(True)}),
}
measured = {}
for letter, (options, change) in tqdm(rows.items(), desc="two short runs a row"):
    first, second = short_run(**options), short_run(**options | change)
    torch.use_deterministic_algorithms(False)
    measured[letter] = "same" if first == second else "differs"


def long_sums(threads):
    """Ten sums of a million products, by so many threads."""
    torch.set_num_threads(threads)
    numbers = torch.randn(10, 1_000_000, generator=torch.Generator().manual_seed(6))
    found = [torch.dot(row, row).item() for row in numbers]
    torch.set_num_threads(1)
    return found


assert long_sums(1) == long_sums(1)
measured["L"] = "same" if long_sums(1) == long_sums(2) else "differs"

predicted = predictions()
for letter, found in measured.items():
    print(f"{letter}   predicted: {predicted[letter]:10s} measured: {found}")
assert all(measured[letter] == predicted[letter] for letter in rows)  # L hangs on the computer

# %% [markdown]
# Rows A to K are the same on every computer, and the cell would stop with an error if they were not.
# Row L depends on yours. Most processors split a long sum among their threads and so add in another
# order; some libraries do not. Two threads repeat *themselves* on most computers, but they do not
# repeat what one thread did.

# %% [markdown]
# ## 06.9 What no seed can do
#
# Every seed is fixed, and you give your program to a friend. It will not give her the same bits:
#
# - another **number of threads** splits sums into other parts (row L). That is why this lesson
#   computes with one thread: `torch.set_num_threads(1)`. For networks as small as these more
#   threads bring little speed anyhow;
# - another **processor** has wider or narrower arithmetic units, and adds four, eight or sixteen
#   numbers at a time: another order;
# - another **version** of PyTorch or of its libraries computes some layer in another way;
# - a **graphics card** has other ways still.
#
# So write down, beside the result: seed, threads, versions, processor or card. The package puts them
# into the report of every run. And if two computers must agree, compare *results* with a tolerance
# that you can defend, not bits.
#
# And a warning that matters more than all of this. **The same answer twice is not a right answer.**
# A wrong program with a fixed seed is wrong in exactly the same way each time. And a seed is a lot
# that you drew: another lot gives another result. How far apart are they?

# %%
print("mean loss of the last epoch")
for name, runs in {"nothing fixed": unseeded, "the seed 6": seeded}.items():
    print(f"   {name:15s}", *(f"{np.mean(steps[-len(steps) // EPOCHS :]):.3f}" for steps in runs))

# %% [markdown]
# Before you say that one method is better than another, compare the difference with the spread of
# such numbers: **several seeds, all of them reported**. To try ten seeds and to show the best is not
# [reproducible](glossary.ipynb#cell-id=determinism) science but a lottery with ten tickets.

# %%
checks.show_progress("06")

# %% [markdown]
# ## What you found
#
# - Without seeds one program gives three answers; with every seed fixed three runs agree in every bit.
# - Each library, each graphics card and each worker has a generator of its own, and cuDNN two
#   switches besides.
# - A stray draw moves all that follow. A generator of its own protects the order of the clips; a draw
#   that belongs to the clip is the same whichever process makes it.
# - Sums of floating-point numbers hang on the order of adding. That is why a graphics card, another
#   number of threads or another processor may break what no seed can mend.
# - One bit is enough for two trainings to part. And the same twice is not the same as right.

# %% [markdown]
# ## Three questions to ask yourself
#
# **1. A program seeds NumPy and PyTorch, and yet two runs differ. Name three suspects.**
#
# <details><summary>Answer</summary>
#
# Python's own generator (shuffled file lists); a `default_rng()` without a seed; the order of a `set`
# or of an unsorted list of files; augmentation in workers whose number changed; an operation on the
# graphics card that adds in no fixed order; another number of threads. Find the first step at which
# the losses differ: if it is the first, look at the weights; if later, at the order and the clips.
# </details>
#
# **2. Why not seed the shared generators again before every epoch, and be safe from strays?**
#
# <details><summary>Answer</summary>
#
# Then every epoch draws the same numbers: the same order, the same augmentation, the same dropout.
# The network meets less variety than you believe. And everybody else who draws from the shared
# generator is set back too.
# </details>
#
# **3. A paper reports one number, from one seed, to four digits. What would you ask?**
#
# <details><summary>Answer</summary>
#
# How far the number moves with other seeds, how many were tried, and whether the one that is reported
# was chosen after looking. Digits below that spread say nothing.
# </details>

# %% [markdown]
# ## Where to read on
#
# - “Reproducibility”, in the notes of PyTorch's documentation, and the page of
#   `torch.use_deterministic_algorithms`, with the lists of operations.
# - Why floating-point sums hang on their order: D. Goldberg, “What every computer scientist should
#   know about floating-point arithmetic”, *ACM Computing Surveys* 23 (1991).
# - How much of a published difference is the seed: X. Bouthillier and others, “Accounting for
#   variance in machine learning benchmarks”, *MLSys* (2021), arXiv 2103.03098.
# - In this project: `rppg_lab/seeding.py`.
