# %% [markdown]
# # 11. Will it learn?
#
# **What you will be able to do**
# - keep every choice of an experiment in one file that refuses typing errors
# - say what one step of learning does, and change the size of the steps by a plan
# - write the loops that train and test a [network](glossary.ipynb#cell-id=network), without the six classic mistakes
# - keep the best [epoch](glossary.ipynb#cell-id=epoch), and see [over-fitting](glossary.ipynb#cell-id=over-fitting)
#   when it is there
# - train [PhysNet](glossary.ipynb#cell-id=physnet), and look at what it still gets wrong,
#   [window](glossary.ipynb#cell-id=window) by window
#
# **What you need first:** Python functions and loops, lesson 00. It helps to have done lessons 09
# and 10, which say what the network and its [loss](glossary.ipynb#cell-id=loss) are; here it is enough that the loss is
# [1 − r](glossary.ipynb#cell-id=negative-pearson-loss), the [correlation](glossary.ipynb#cell-id=correlation) of two
# waves turned around: 0 is perfect, 1 is no resemblance.
#
# **Time:** 100 minutes; 110 seconds of compute
#
# | in the lecture | here |
# |---|---|
# | `test_param.json` and its parser | `experiment.load_settings(path)` → `Settings` |
# | `optimizer(...)` | `training.get_optimizer(name, parameters, lr)` |
# | `ExponentialLR`, made and never stepped | `training.get_scheduler(name, …)`, stepped |
# | `train_fn`, `test_fn` | you write them; in the package `training.train_epoch`, `evaluate_loss` |
# | the loop over the epochs | you write it as `fit`; in the package `training.fit` |
# | the test set scored every 10 epochs | not before lesson 12; validation people choose the epoch |

# %%
import copy
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from IPython.display import display
from torch.utils.data import DataLoader
from tqdm import tqdm

from rppg_lab import (
    checks,
    clips,
    evaluation,
    experiment,
    inference,
    losses,
    models,
    plots,
    recordings,
    seeding,
    spectrum,
    training,
)

# %% [markdown]
# ## 11.1 One place for every choice
#
# How many epochs? Which [learning rate](glossary.ipynb#cell-id=learning-rate)? How long is a
# [clip](glossary.ipynb#cell-id=clip)? A training makes twenty such choices. Scattered over the code, nobody can say
# afterwards which of them made the result. So they stand in one file, and the result stands beside it. This is the
# lecture's file, word for word.

# %%
LECTURE = {
    "data_path": "PhysNet_UBFC_train_9.hdf5",
    "train_ratio": 0.7,
    "validation_ratio": 0.1,
    "batch_size": 100,
    "train_shuffle": 1,
    "test_shuffle": 0,
    "loss_fn": "neg_pearson",
    "optimizer": "adam",
    "learning_rate": 0.0001,
    "epochs": 31,
    "model": "physnet",
}


def read_params(values):
    """What `load_settings` makes of a params file with these values, or what it says is wrong with it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "test_param.json"
        path.write_text(json.dumps(values), encoding="utf-8")
        try:
            return experiment.load_settings(path)
        except ValueError as error:
            return str(error).replace(str(path), path.name)


lecture = read_params(LECTURE)
settings = experiment.load_settings(experiment.recipe())  # the file we will train with, and its data

print(f"{'':16s}{'lecture':>28s}{'this lesson':>16s}")
for key, theirs in asdict(lecture).items():
    ours = getattr(settings, key)
    theirs, ours = (Path(value).name if key.endswith("_path") and value else value for value in (theirs, ours))
    print(f"{key:16s}{theirs!s:>28s}{ours!s:>16s}{'' if theirs == ours else '   *'}")

# %% [markdown]
# The lecture's eleven keys work as they are; every other one has a default. A star marks where our
# recipe goes another way: fewer [channels](glossary.ipynb#cell-id=channel), smaller pictures and fewer epochs, because
# it must learn on a laptop in about a minute; a larger learning rate with a plan (11.3); `speed`, which comes in 11.9.
# `None` means: as the data say.
#
# Predict: what happens if you type `learning_rat`? In many programs: nothing. The typing error is
# stored, the default is used, and a week later you wonder why the learning rate does not matter.

# %% tags=["nbval-check-output"]
print(read_params({**LECTURE, "learning_rat": 0.001}))
print(read_params({**LECTURE, "loss_fn": "pearson", "epochs": "31"}))
print(read_params({**LECTURE, "validation_ratio": 0.9}))

# %% [markdown]
# The last one is from the lecture as well. In one of its files `validation_ratio` was 0.1 and meant
# the share of people kept for *[validation](glossary.ipynb#cell-id=training-validation-and-test-people)*; in another it
# was 0.9 and meant the share kept for *training*; and the program that read them looked for a third name and found
# nothing. One name, one meaning, and an error when they do not fit.

# %% [markdown]
# ## 11.2 One step downhill
#
# A network has thousands of [weights](glossary.ipynb#cell-id=weights), and for each clip it is wrong by some loss.
# `backward` computes the **[gradient](glossary.ipynb#cell-id=gradient)**: for each weight, how fast the loss would grow
# if this weight grew. An **[optimiser](glossary.ipynb#cell-id=optimiser)** then takes a step the other way, downhill:
#
# $$ w \leftarrow w - \text{learning rate} \cdot \text{gradient} $$
#
# To see it, take a single weight and the simplest valley there is, a loss of w². Predict before you
# run the cell: what does a learning rate do that is too small, and one that is too large?


# %%
def descend(rate, empty=True, steps=24):
    """The loss w² after each step, beginning at w = 3."""
    weight = torch.tensor([3.0], requires_grad=True)
    descent = torch.optim.SGD([weight], lr=rate)
    heights = []
    for _ in range(steps):
        if empty:
            descent.zero_grad()
        height = weight.square().sum()
        heights.append(height.item())
        height.backward()
        descent.step()
    return heights


figure, ax = plots.new_figure()
for i, (name, heights) in enumerate(
    {
        "0.01: too small": descend(0.01),
        "0.2: good": descend(0.2),
        "1.02: too large": descend(1.02),
    }.items()
):
    ax.plot(heights, color=plots.COLOURS[i], linestyle=plots.LINES[i], linewidth=1.8, label=name)
plots.label(ax, "Three learning rates in one valley", "Step (number)", "Loss (w², no unit)", legend=True)
display(figure)

# %% [markdown]
# *The figure in words:* loss over 24 steps. With the good rate it is at zero after a few steps. With
# the small one it sinks slowly and is still high at the end. With the large one it *rises*: every
# step jumps over the valley and lands higher on the other side.
#
# Now a trap. PyTorch does not store the gradient of a [batch](glossary.ipynb#cell-id=batch): it **adds** it to what is
# there already, so that several batches can make one step together. Whoever does not want that empties the store first,
# with `zero_grad`. Predict: what happens in the good case above if this is forgotten?

# %%
figure, ax = plots.new_figure()
ax.plot(descend(0.2), color=plots.BLUE, linewidth=1.8, label="emptied before each step")
ax.plot(descend(0.2, empty=False), color=plots.RED, linestyle="--", linewidth=1.8, label="never emptied")
ax.set_ylim(-0.5, 14)
plots.label(ax, "What old gradients do", "Step (number)", "Loss (w², no unit)", legend=True)
display(figure)

# %% [markdown]
# *The figure in words:* the same good learning rate twice. Emptied, the loss goes to zero and stays
# there. Never emptied, it swings up and down again and again, as high at the end as at the
# beginning.
#
# The weight rolls on like a ball without friction: it remembers every slope that it ever came down.
# In a real network this does not look like an error. It only learns badly.

# %% [markdown]
# ## 11.3 A learning rate with a plan
#
# Large steps find the valley, small ones its lowest point. So one begins large and ends small. In
# PyTorch a **[scheduler](glossary.ipynb#cell-id=scheduler)** does it: it changes the learning rate of the optimiser
# each time that its `step` is called. It calls itself never.
#
# The lecture made an `ExponentialLR` with the factor 0.99, meant for once per *epoch*, and did not
# call it. Here is what that is worth, beside what was meant, beside a scheduler that is called at
# the wrong place, and beside the one of our recipe, which rises first (a network that has just been
# made should not leap) and is meant for once per *batch*.

# %%
EPOCHS, BATCHES = 31, 10


def rates_of(make, after_batch=0, after_epoch=0):
    """The learning rate at every batch, as a share of the one asked for, when the scheduler is stepped so often."""
    descent = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    plan = make(descent)
    rates = []
    for _ in range(EPOCHS):
        for _ in range(BATCHES):
            rates.append(descent.param_groups[0]["lr"])
            descent.step()
            for _ in range(after_batch):
                plan.step()
        for _ in range(after_epoch):
            plan.step()
    return rates


def exponential(descent):
    return torch.optim.lr_scheduler.ExponentialLR(descent, gamma=0.99)


def onecycle(descent):
    return torch.optim.lr_scheduler.OneCycleLR(descent, max_lr=1.0, total_steps=EPOCHS * BATCHES)


figure, ax = plots.new_figure(height=4.2)
for i, (name, rates) in enumerate(
    {
        "exponential, never stepped (lecture)": rates_of(exponential),
        "exponential, after each epoch (meant)": rates_of(exponential, after_epoch=1),
        "exponential, after each batch (slip)": rates_of(exponential, after_batch=1),
        "one cycle, after each batch (ours)": rates_of(onecycle, after_batch=1),
    }.items()
):
    epoch = np.arange(len(rates)) / BATCHES
    ax.plot(epoch, rates, color=plots.COLOURS[i], linestyle=plots.LINES[i], linewidth=1.8, label=name)
ax.set_ylim(0, 1.05)
plots.label(ax, "Four lives of a learning rate", "Epoch (number)", "Learning rate (share)")
figure.legend(fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=2)
display(figure)

# %% [markdown]
# *The figure in words:* learning rate over 31 epochs. Never stepped it is a flat line. Stepped after
# each epoch it falls in small stairs to about three quarters. Stepped after each batch it falls to a
# few per cent. The one cycle rises in the first third and falls to nothing at the end.
#
# None of the four gives an error. A plan must be *looked at*: print the learning rate, or draw it.
#
# A second trap of the lecture hides in a name. It had a function `optimizer(...)` and wrote:


# %% tags=["nbval-check-output"]
def optimizer(parameters):
    return torch.optim.Adam(parameters, lr=1e-4, weight_decay=5e-5)


weight = torch.nn.Parameter(torch.zeros(1))
optimizer = optimizer([weight])  # works, once
try:
    optimizer = optimizer([weight])
except TypeError as error:
    print("the second time:", error)

# %% [markdown]
# The result took the name of the function, and the function is gone. In a notebook, where cells are
# run again, that happens at once. Hence `get_optimizer`: a function is called after what it *does*.

# %% [markdown]
# ## Exercise 11.1: the learning rate of each epoch (easy, 5 minutes)
#
# A plan multiplies the learning rate by a factor after *every epoch*. Return the rates with which
# the epochs are trained: an [array](glossary.ipynb#cell-id=array) with one number per epoch.
#
# *You should see:* for a start of 0.008, a factor of 0.5 and 4 epochs: 0.008, 0.004, 0.002, 0.001.
#
# <details><summary>Hint 1: a question</summary>
#
# How often has the rate been multiplied when the first epoch begins? And when the third begins?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# In “Four lives of a learning rate” the dashed curve begins at 1, not below it. How many stairs
# does it come down in 31 epochs?
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# With a loop: an empty list; for each epoch first note the rate, then change it. Without a loop:
# the factor to the power of 0, 1, 2, …, which `np.arange` counts.
# </details>


# %%
@checks.exercise("11.1")
def learning_rates(start, factor, epochs):
    """The learning rate of each epoch (epochs,): `start` in the first, multiplied by `factor` after every epoch."""
    ### BEGIN SOLUTION
    rates = []
    for _ in range(epochs):
        rates.append(start)
        start = start * factor
    return np.array(rates)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
planned = learning_rates(lecture.learning_rate, 0.99, lecture.epochs)
print(f"lecture, as meant: {planned[0]:.6f} in the first epoch, {planned[-1]:.6f} in the last of {len(planned)}")

# %% [markdown]
# ## 11.4 A loss that falls because batches fail
#
# Sometimes a batch fails: a [label](glossary.ipynb#cell-id=label) is missing ([NaN](glossary.ipynb#cell-id=nan)), a
# wave is constant, a number overflows. Its loss is then not a number. To learn from it would ruin every weight, so the
# batch is **skipped**. The lecture's loop does that. Then it computes the loss of the epoch like this: the sum over the
# batches that worked, divided by the number of *all* batches.
#
# We try it on a network that cannot learn, because its learning rate is 0. Each epoch one more of
# its 20 batches fails. What should the curve look like?

# %%
random = seeding.seed_everything(0)  # for the first weights of the network as well
stuck = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(96, 32))
lazy = torch.optim.SGD(stuck.parameters(), lr=0.0)
batches = [(torch.randn(4, 3, 32, generator=random), torch.randn(4, 32, generator=random)) for _ in range(20)]

honest, theirs, failed = [], [], []
for epoch in range(16):
    spoilt = [(videos, waves * (torch.nan if i < epoch else 1)) for i, (videos, waves) in enumerate(batches)]
    result = training.train_epoch(stuck, spoilt, losses.neg_pearson, lazy, progress=False)
    honest.append(result.loss)
    theirs.append(result.loss * result.batches / len(spoilt))
    failed.append(result.skipped)

figure, ax = plots.new_figure(height=4.0)
epoch = np.arange(1, 17)
ax.plot(epoch, honest, color=plots.BLUE, marker="o", linewidth=1.8, label="divided by the batches that worked")
ax.plot(epoch, theirs, color=plots.RED, linestyle="--", marker="s", label="divided by all batches (lecture)")
ax.bar(epoch, np.array(failed) / 20, color=plots.GREY, alpha=0.35, label="batches that failed (share)")
ax.set_ylim(0, 1.5)
plots.label(
    ax, "A network that learns nothing at all", "Epoch (number)", "Loss (1 − r), or share of batches", legend=True
)
display(figure)

# %% [markdown]
# *The figure in words:* over 16 epochs grey bars, the failed batches, grow from none to three
# quarters. The honest loss stays near 1, as it must. The lecture's number falls steadily, down to
# about a quarter, and looks like a beautiful learning curve.
#
# Two rules follow. **Divide by what you added up**, and **say how many failed**. And a third, quieter
# one: add up *clips*, not batches. The last batch is often smaller than the others; if each batch
# counts the same, its few clips count more.

# %% [markdown]
# ## 11.5 An epoch of learning
#
# In one **epoch** the network meets every training clip once, in batches. Around the step of 11.2
# an epoch needs:
#
# - **[training mode](glossary.ipynb#cell-id=training-mode).** A network has two: `train()` and `eval()`. In training
#   mode [dropout](glossary.ipynb#cell-id=dropout) sets some of the network's numbers to zero at random, and
#   [BatchNorm](glossary.ipynb#cell-id=batch-normalisation) compares each clip with the others of its batch and takes
#   notes. In evaluation mode both are quiet. Whoever used the network last may have left it in either;
# - for each batch of the [loader](glossary.ipynb#cell-id=loader), which is a pair (video, wave): **empty** the
#   gradients, **predict**, compute the **loss**, go **back**, take the **step**;
# - for a batch whose loss is not finite (NaN or infinite): no step, no share in the mean, one more
#   in the count.
#
# Two names that are useful: `torch.isfinite(x)` says whether a number is one; `x.item()` takes the
# number out of a [tensor](glossary.ipynb#cell-id=tensor). A loss that is *not* taken out drags everything along that
# led to it.

# %% [markdown]
# ## Exercise 11.2: one epoch of training (middling, 15 minutes)
#
# Write the lecture's `train_fn`. It trains the model on every batch of the loader once, and returns
# two numbers: the mean loss over the clips of the batches that counted, and how many batches were
# skipped.
#
# *You should see:* PASS; the check trains a tiny network on a few batches, good ones and bad ones.
#
# <details><summary>Hint 1: a question</summary>
#
# Which lines must run once per epoch, and which once per batch? Which must not run at all for a bad
# batch?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# `descend` in 11.2 has the four lines of a step in their order. `len(video)` is the number of clips
# in a batch, and a mean over clips needs a sum over clips. `continue` goes on with the next turn of
# a loop.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Training mode. Three counters at zero: a sum of losses, a number of clips, a number of skipped
# batches. For each batch: empty, predict, loss. Not finite? Count it and go on with the next.
# Otherwise back, step, and add to the sum the loss times the clips, to the clips the clips. At the
# end the sum over the clips, and the skipped.
# </details>


# %%
@checks.exercise("11.2")
def train_fn(model, loader, loss_fn, optimiser):
    """Train for one epoch: the mean loss over the clips that counted, and the number of skipped batches."""
    ### BEGIN SOLUTION
    model.train()
    total, clips_counted, skipped = 0.0, 0, 0
    for video, bvp in loader:
        optimiser.zero_grad()
        loss = loss_fn(model(video), bvp)
        if not torch.isfinite(loss):
            skipped += 1
            continue
        loss.backward()
        optimiser.step()
        total += loss.item() * len(video)
        clips_counted += len(video)
    return total / clips_counted, skipped
    ### END SOLUTION


# %% [markdown]
# ## 11.6 Looking without touching
#
# After an epoch we want to know: how good is it for people it has *not* learned from? That look must
# leave no trace. The next cell shows what happens if one forgets to change to evaluation mode. A
# fresh network sees the same 16 clips five times. **No optimiser is there; nothing is stepped.**
# Predict: is the loss the same each time?

# %%
lab = recordings.open_recordings(settings.data_path)
seeding.seed_everything(0)
fresh = models.get_model("physnet", width=8)
some = next(iter(DataLoader(clips.ClipDataset(lab, clip_length=32, size=16), batch_size=16)))


def glance(network):
    """The loss on some clips and the sum of BatchNorm's first memory."""
    with torch.no_grad():
        value = losses.neg_pearson(network(some[0]), some[1]).item()
    memory = network.conv2[1].running_mean.abs().sum().item()
    return f"{value:10.4f}{memory:21.4f}"


print(f"{'':30s}{'loss':>10s}{'BatchNorm remembers':>21s}")
for time in range(5):
    if time == 3:
        fresh.eval()
    mode = "training mode" if fresh.training else "evaluation mode"
    print(f"look {time + 1}, {mode:22s}{glance(fresh)}")

# %% [markdown]
# In training mode the loss stays the same, because each clip is compared with its neighbours in this
# batch, but the *memory* moves with every look: BatchNorm takes notes of people that it must not
# learn from. In evaluation mode it uses these notes, so the loss is another one, and nothing moves.
# (With dropout, the losses in training mode would differ from each other too.)
#
# A look also needs no gradients. Inside `with torch.no_grad():` PyTorch does not write down how each
# number came about, which saves time and most of the memory (`torch.inference_mode()` does the same,
# a little more strictly). And afterwards the network must be in the mode in which it came: the flag
# `training` of a network says which one that is, and `train(True)`, `train(False)` set it.

# %% [markdown]
# ## Exercise 11.3: a look that changes nothing (middling, 10 minutes)
#
# Write the lecture's `test_fn`: the same two numbers as `train_fn`, in evaluation mode, without
# gradients. Nothing is learned, and afterwards the model is in the mode in which it came.
#
# *You should see:* PASS; the check looks at the network before and after.
#
# <details><summary>Hint 1: a question</summary>
#
# Which lines of your `train_fn` change the network? What must be remembered before the first line,
# so that it can be put back after the last?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# Read the last paragraph of “Looking without touching” again. What is inside `with` ends where the
# indentation ends, and everything is as before.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Note the mode. Evaluation mode. Within no-gradient: your loop of 11.2, without the three lines that
# teach. The noted mode back. Return the mean and the skipped.
# </details>


# %%
@checks.exercise("11.3")
def test_fn(model, loader, loss_fn):
    """The mean loss over the clips that counted, and the number of skipped batches; the model is left as it was."""
    ### BEGIN SOLUTION
    mode_before = model.training
    model.eval()
    total, clips_counted, skipped = 0.0, 0, 0
    with torch.inference_mode():
        for video, bvp in loader:
            loss = loss_fn(model(video), bvp)
            if torch.isfinite(loss):
                total += loss.item() * len(video)
                clips_counted += len(video)
            else:
                skipped += 1
    model.train(mode_before)
    return total / clips_counted, skipped
    ### END SOLUTION


# %% [markdown]
# ## 11.7 Which epoch is kept?
#
# The last epoch need not be the best. So after each one we look, and keep the best. Three groups of
# people could be looked at:
#
# - the **training** people: no. The network may know them by heart;
# - the **validation** people: yes, that is what they are for;
# - the **test** people: no. Whoever chooses by them has *used* them. The lecture scored them every
#   ten epochs, which is a temptation; in this course they wait until lesson 12.

# %% [markdown]
# ## Exercise 11.4: the epoch that is kept (easy, 5 minutes)
#
# You get three lists of losses, one number per epoch, of training, validation and test people.
# Return the number of the epoch to keep. Epochs are counted from 1. Of equals the first is kept. A
# loss that is NaN is no loss; if there is no other, raise a `ValueError` that says so.
#
# *You should see:* for the validation losses 0.9, 0.5, 0.7: 2.
#
# <details><summary>Hint 1: a question</summary>
#
# Which of the three lists do you need? What do `0.5 < float("nan")` and `float("nan") < 0.5` give?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# A search that remembers the lowest so far needs something to begin with that every number beats:
# infinity, `float("inf")`. `enumerate(…, start=1)` counts from 1.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# No best epoch yet, lowest loss infinite. For each epoch: is its loss below the lowest? Then it is
# the best, and the lowest. In the end: still none? An error. Otherwise return it.
# </details>


# %%
@checks.exercise("11.4")
def best_epoch(train_losses, validation_losses, test_losses):
    """The number of the epoch to keep, counted from 1; ValueError if no epoch has a loss to choose by."""
    ### BEGIN SOLUTION
    best, lowest = None, float("inf")
    for number, candidate in enumerate(validation_losses, start=1):
        if candidate < lowest:
            best, lowest = number, candidate
    if best is None:
        raise ValueError("no epoch has a finite validation loss")
    return best
    ### END SOLUTION


# %% [markdown]
# To **keep** an epoch means to keep what the network knew then: its weights *and* BatchNorm's
# memory. `state_dict()` has both. Predict what the next cell prints.

# %% tags=["nbval-check-output"]
unit = torch.nn.Linear(1, 1, bias=False)
with torch.no_grad():
    unit.weight.fill_(1.0)
state_of_epoch_1 = unit.state_dict()
with torch.no_grad():
    unit.weight.fill_(7.0)  # the training goes on
print("kept from epoch 1:", state_of_epoch_1["weight"].item())

# %% [markdown]
# Not 1. A [state dict](glossary.ipynb#cell-id=state-dict) is not a photograph but a window: it hands out the very
# tensors that training goes on changing. Whoever keeps it without a copy keeps the *last* epoch and believes it to be
# the best. `copy.deepcopy` copies all the way down; so does saving to a file, which the package does.

# %% [markdown]
# ## Exercise 11.5: all epochs (harder, 15 minutes)
#
# Now the loop around everything. `train()` trains for one epoch and returns its loss; `validate()`
# returns the loss of the validation people (both are handed to you as functions that need nothing).
# For each epoch: train, let the scheduler go on by one, validate. Keep the best epoch. Afterwards
# the model must *be* what it was then. Return the number of the best epoch, the training losses and
# the validation losses.
#
# *You should see:* for the validation losses 0.9, 0.6, 0.8, 0.5, 0.7: epoch 4, two lists of 5, and
# a model as it was after epoch 4.
#
# <details><summary>Hint 1: a question</summary>
#
# At what moment do you know that an epoch is the best so far, and where is its network at that
# moment? Where is it two epochs later?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# The search of Exercise 11.4, with a copy taken whenever there is a new best. `load_state_dict` puts
# back what `state_dict` gave. A comparison with NaN is false, which is what you want.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Two empty lists, lowest infinite. For epochs 1 to the last: append what `train` returns, step the
# scheduler, append what `validate` returns; lower than the lowest? Remember epoch and loss, and a
# deep copy of the state. After the loop load that copy. Return three things.
# </details>


# %%
@checks.exercise("11.5")
def fit(model, train, validate, scheduler, epochs):
    """Train; leave the model as it was in the best epoch: (best epoch, train losses, validation losses)."""
    ### BEGIN SOLUTION
    train_losses, validation_losses = [], []
    lowest = float("inf")
    for epoch in range(1, epochs + 1):
        train_losses.append(train())
        scheduler.step()
        validation_losses.append(validate())
        if validation_losses[-1] < lowest:
            best, lowest = epoch, validation_losses[-1]
            state_to_keep = copy.deepcopy(model.state_dict())
    model.load_state_dict(state_to_keep)
    return best, train_losses, validation_losses
    ### END SOLUTION


# %% [markdown]
# ## 11.8 Your loops at work
#
# Now your three functions teach a PhysNet, a narrow one, for two epochs. Six of the nine made people
# of `lab_train` are its teachers; the other three are strangers to it, who validate. (The wave is
# learned from clips of 32 [frames](glossary.ipynb#cell-id=frame), about one second each. Lesson 09 says why that can
# work, and why the network may look at ten seconds later.)

# %%
teachers, strangers = clips.split_subjects(lab.subjects, (2 / 3, 1 / 3), seed=0)
clip_settings = {"clip_length": 32, "size": 16, "normalise": "time"}
FIRST_RATE, LAST_SHARE, CLIPS_IN_A_BATCH = 0.001, 0.7, 4


def in_batches(people):
    """Every other clip of these people in a list of batches, read once: looked at often, half of them will do."""
    return list(DataLoader(clips.ClipDataset(lab, subjects=people, stride=64, **clip_settings), batch_size=32))


def teach(people, epochs, speed=(1.0, 1.0)):
    """Teach a new network by your own loops: it, its losses on its teachers and on the strangers, and its steps."""
    order = seeding.seed_everything(0)
    dataset = clips.ClipDataset(lab, subjects=people, speed=speed, **clip_settings)
    shuffled = DataLoader(dataset, batch_size=CLIPS_IN_A_BATCH, shuffle=True, generator=order)
    network = training.use_channels_last(models.get_model("physnet", width=16))  # the same values, computed faster
    descent = training.get_optimizer("adam", network.parameters(), FIRST_RATE)
    plan = torch.optim.lr_scheduler.ExponentialLR(descent, gamma=LAST_SHARE ** (1 / epochs))
    untrained = test_fn(network, unseen, losses.neg_pearson)[0]

    def train():
        dataset.set_epoch(dataset.epoch + 1)  # so that `speed` draws anew
        return train_fn(network, shuffled, losses.neg_pearson, descent)[0]

    def validate():
        bar.update()
        return test_fn(network, unseen, losses.neg_pearson)[0]

    with tqdm(total=epochs, desc=f"{len(people)} teachers", unit="epoch") as bar:
        best, trained, validated = fit(network, train, validate, plan, epochs)
    return {
        "network": network,
        "best": best,
        "training": trained,
        "validation": [untrained, *validated],
        "steps": np.arange(epochs + 1) * len(shuffled),
    }


unseen = in_batches(strangers)
six = teach(teachers, epochs=2)
print("loss of the strangers before any training and after each epoch:", *(f"{x:.2f}" for x in six["validation"]))

# %% tags=["nbval-check-output"]
print("it learns:", six["validation"][-1] < 0.9 * six["validation"][0])

# %% [markdown]
# It learns: the wave that it reads from people whom it has never seen resembles theirs more than
# before. From 1, no resemblance, the loss is on its way down.

# %% [markdown]
# ## 11.9 One teacher is not enough
#
# Now take **one** person as the teacher instead of six, and give the network as many *steps* as
# before (so six times as many epochs). Predict two numbers: the loss on that teacher at the end, and
# the loss on the three strangers.
#
# A second try with the same person uses **[speed augmentation](glossary.ipynb#cell-id=augmentation)**: each time a clip
# is read, it is played faster or slower by a random amount, face and wave alike, so that the one heart beats at many
# rates. Nothing new is measured; the network only finds it harder to know the answers by heart.

# %%
one_teacher = teachers[4:5]
alone = teach(one_teacher, epochs=12)

# %%
varied = teach(one_teacher, epochs=12, speed=settings.speed)
RUNS = {"six people": six, "one person": alone, "one person at many speeds": varied}

figure, ax = plots.new_figure(height=4.6)
for i, (name, one) in enumerate(RUNS.items()):
    look = {"color": plots.COLOURS[i], "marker": plots.MARKERS[i], "markersize": 5, "linewidth": 1.6}
    ax.plot(one["steps"][1:], one["training"], label=f"{name}: teachers", **look)
    ax.plot(one["steps"], one["validation"], "--", fillstyle="none", label=f"{name}: strangers", **look)
ax.set_ylim(0, 1.9)
plots.label(ax, "The same number of steps, other teachers", "Step (number)", "Loss (1 − r, no unit)", legend=True)
ax.legend(fontsize=plots.SMALL, frameon=False, ncols=2, loc="upper center")
display(figure)

# %% [markdown]
# *The figure in words:* loss over about 170 steps, solid for the teachers, dashed for the strangers.
# With one person the solid curve falls deep and the dashed one stays far above it: a gap opens. With
# six people none opens: the dashed curve even lies below the solid one, which is a mean over an epoch
# in which the network was still learning. With one person at many speeds the solid curve stays higher
# than without.

# %%
print(f"{'':28s}{'teachers':>10s}{'strangers':>11s}{'gap':>7s}{'   (best epoch, true speed)'}")
for name, one in RUNS.items():
    own = in_batches(teachers if one is six else one_teacher)
    known, new = (test_fn(one["network"], which, losses.neg_pearson)[0] for which in (own, unseen))
    print(f"{name:28s}{known:10.2f}{new:11.2f}{new - known:7.2f}")

# %% [markdown]
# The gap is **over-fitting**: the network knows its teacher by heart, and what it knows does not hold
# for others. By the training loss alone the lonely teacher would have been the best of the three.

# %% tags=["nbval-check-output"]
last = {name: one["validation"][one["best"]] for name, one in RUNS.items()}
print("strangers gain by more teachers:        ", last["six people"] < last["one person"])
print("strangers gain by one teacher's speeds: ", last["one person at many speeds"] < last["one person"])

# %% [markdown]
# What helps?
#
# - **More people.** With the same number of steps, on the same number of clips, the gap is all but
#   gone. Not more clips of the same person: more persons.
# - **Speed.** One heart that beats at many rates cannot be learned by heart as quickly, and strangers
#   have other rates. But it adds no other skin, no other light, no other face.
# - **Stopping at the best epoch**, as your `fit` does. It limits the harm and cures nothing.
#
# One network each, one [seed](glossary.ipynb#cell-id=seed), three strangers: this shows what *can* happen. We tried
# each of the six as the lonely teacher before we chose this one: with four of them speed helped clearly, with one it
# made no difference, and from one, whose skin is dark and whose pulse is weak, the network learned next to nothing
# either way. “Better by how much” needs several seeds, and [intervals](glossary.ipynb#cell-id=confidence-interval)
# (lesson 12). Whether speed still pays when there are seven teachers and a longer training, as in the recipe, we do not
# claim here; you can find out in about a minute, with
# `experiment.run(dataclasses.replace(settings, speed=(1.0, 1.0)))`.

# %% [markdown]
# ## 11.10 The whole training
#
# `experiment.run(settings)` does what your loops do, with the recipe of 11.1, and adds what a long
# run needs: all random numbers seeded; the network after the best epoch kept in a file, `best.pt`;
# after every epoch *everything* kept in another, `last.pt`. Interrupt it with ■ and run the cell
# again: it goes on where it was, with the same result to the last bit. And if the same settings,
# data and code have been run before, it says so and computes nothing.

# %%
report = experiment.run(settings)
history = report.history

print("found finished" if report.reused else f"trained in {report.seconds:.0f} s")
for part, purpose in (("train", "to learn from"), ("validation", "to choose the epoch by")):
    print(f"{len(report.subjects[part])} people {purpose}: {', '.join(name[-4:] for name in report.subjects[part])}")
print(f"best of {history.epochs} epochs: {history.best_epoch}")
print(f"batches skipped: {sum(history.skipped)}")

# %% tags=["nbval-check-output"]
again = experiment.run(settings, progress=False)
print("run again, and found on disk:", again.reused)
print("validation loss below one half:", history.best_score < 0.5)

# %%
plots.learning_curves(history.train_loss, history.validation_loss, best_epoch=history.best_epoch)

# %% [markdown]
# *The figure in words:* loss over the epochs of the whole training. Both curves begin near 1 and fall,
# first steeply, then more and more flatly; a dotted line marks the best epoch.
#
# Do not be surprised if validation is *below* training: the training clips are played at many speeds
# and are harder, and the training loss is a mean over an epoch in which the network was still
# learning, while validation looks at its end. A validation loss that *rises* while training falls
# would be the sign of 11.9.
#
# *If your training failed, or you have no time for it:* go on. Lesson 12 then takes a network that
# was trained with this recipe and comes with the course.

# %% [markdown]
# ## 11.11 A first look at heart rates
#
# A loss of 0.1 is nothing that one can feel. So let the network read [heart rates](glossary.ipynb#cell-id=heart-rate):
# for each window of 10 seconds the rate with the highest peak in the [spectrum](glossary.ipynb#cell-id=power-spectrum),
# once of its wave, once of the true one.

# %%
network = models.load_weights(report.weights)
stranger = report.subjects["validation"][0]
rates = experiment.predict_rates(network, lab, [stranger])
plots.rates_over_time(
    rates.start,
    {"network": rates.predicted_bpm},
    rates.true_bpm,
    title="A person who was not among its teachers",
)

# %% [markdown]
# *The figure in words:* heart rates in the six windows of a minute: a thick grey line, the true rate,
# and the network's marks on or near it. Look at the axis: the whole height is a few beats.

# %%
everybody = experiment.predict_rates(network, lab, progress=True)
for name, part in (("teachers", "train"), ("validation", "validation")):
    chosen = np.isin(everybody.subjects, report.subjects[part])
    found = evaluation.errors(everybody.predicted_bpm[chosen], everybody.true_bpm[chosen])
    print(
        f"{name:12s} {found['n']:3d} windows: mean error {found['MAE']:5.2f} per minute, "
        f"median {found['median']:5.2f}, off by more than 5: {found['over_5']:4.0%}"
    )

# %% [markdown]
# Is that good? Do not say yet. The teachers do not count: it was trained on them. And the validation
# people are few, here one or two, and were used to choose the epoch. One face is an anecdote. The 30
# test people of lesson 12 have seen nothing of this, and nothing of this has seen them.

# %% [markdown]
# ## 11.12 The windows that went wrong
#
# A mean hides *how* a network errs. So look at its mistakes one by one. The whole training makes few
# of them on these people; our small networks of 11.8 and 11.9 make plenty on the three strangers. For
# each window that is off by more than 5 [beats per minute](glossary.ipynb#cell-id=beats-per-minute) we ask two things:
#
# - **the ratio** of the predicted to the true rate. A ratio near ½ or 2 is an **[octave
#   error](glossary.ipynb#cell-id=octave-error)**: half or double the rhythm was taken for the rhythm, as one may tap
#   half as fast to the same song;
# - **what is at the true rate** in the spectrum of the predicted wave, as a share of its highest peak.
#   Much: the pulse was seen, and lost the vote. Next to nothing: it was not seen at all.

# %%
WINDOW, FAR_OFF = 10.0, evaluation.FAR_OFF


def wrong_windows(network):
    """A row for each window of a stranger that is off by more than 5 per minute, the worst first."""
    rows = []
    for name, info in lab.info.items():
        if info.subject not in strangers:
            continue
        person = lab[name]
        wave = inference.predict_wave(network, person.frames, person.fs, window=WINDOW)
        pieces = zip(spectrum.cut_windows(wave, person.fs), spectrum.cut_windows(person.bvp, person.fs), strict=True)
        for i, (seen, truth) in enumerate(pieces):
            rate, true_rate = (float(spectrum.heart_rate(one, person.fs)) for one in (seen, truth))
            if abs(rate - true_rate) > FAR_OFF:
                frequency, power = spectrum.power_spectrum(seen, person.fs)
                heart = (frequency > spectrum.HEART_BAND[0]) & (frequency < spectrum.HEART_BAND[1])
                near = np.abs(60 * frequency - true_rate) < spectrum.resolution_bpm(WINDOW) / 2
                share = power[near].max() / power[heart].max()
                rows.append((abs(rate - true_rate), info.subject, WINDOW * i, true_rate, rate, share, seen, truth))
    return sorted(rows, key=lambda row: -row[0])


def kind_of(ratio):
    """A name for the ratios that octave errors have."""
    return "half" if 0.45 < ratio < 0.55 else "double" if 1.8 < ratio < 2.2 else ""


WRONG = {name: wrong_windows(one["network"]) for name, one in tqdm(RUNS.items(), desc="reading", unit="network")}
for name, rows in WRONG.items():
    print(f"{name}: {len(rows)} of {6 * len(strangers)} windows are off by more than {FAR_OFF:.0f}")
    for _, subject, start, true_rate, rate, share, *_ in rows[:5]:
        ratio = rate / true_rate
        print(
            f"    {subject[-4:]} at {start:2.0f} s: true {true_rate:4.0f}, read {rate:4.0f}, ratio {ratio:.2f} "
            f"{kind_of(ratio):7s} at the true rate: {share:4.0%}"
        )

# %% [markdown]
# Read the table by its last column, then by its ratios. In some windows the pulse stands in the
# spectrum, nearly as high as the peak that won; in others there is next to nothing. Some ratios are
# simple, and many are not: a network that has learned little errs in every way.
#
# One of them more closely: an octave error if there is one, and the one that was nearest to being
# right.


# %%
def how_telling(row):
    """Octave errors before others; then by what is at the true rate."""
    _, _, _, true_rate, rate, share, *_ = row
    return kind_of(rate / true_rate) != "", share


name, row = max(((name, row) for name, rows in WRONG.items() for row in rows), key=lambda one: how_telling(one[1]))
_, subject, start, true_rate, rate, share, seen, truth = row
title = f"A wrong window: {name}, {subject[-4:]} at {start:.0f} s"
display(plots.spectrum({"predicted": seen, "true": truth}, 30.0, title=title))
first = np.arange(len(seen)) < 150
plots.wave(
    start + np.arange(150) / 30.0,
    {"predicted": seen[first], "true": truth[first]},
    standardise=True,
    title="Its first five seconds",
)

# %% [markdown]
# *The figures in words:* above, two spectra from 42 to 240 beats per minute. That of the true wave has
# one high peak. That of the predicted wave has several; the highest is far from the true one, and
# another stands where the true one is. Below, the two waves over five seconds.
#
# So something of the pulse was seen, and it lost the vote. For an octave error look at the waves:
# does the predicted one have two humps for each beat? Then the count is doubled. (A real pulse wave
# has a second, smaller hump of its own. A network has to learn that it is no beat.) Or is only every
# second beat a high one? Then it is halved. A longer window, or the rule that a heart does not jump,
# may save such a window. Where nothing stands at the true rate, no rule can.
#
# And remember what such windows do to a mean: one window that is off by 60 weighs as much as sixty
# that are off by 1. That is why lesson 12 shows the [median](glossary.ipynb#cell-id=median) and the share of wrong
# windows beside it.

# %% [markdown]
# ## 11.13 What lesson 12 will find
#
# The best network lies in the folder of its run, with the settings that made it. Lesson 12 asks for
# it by these settings.

# %% tags=["nbval-check-output"]
found = experiment.finished_run(settings)
print("lesson 12 will find:", found.weights.name, "of", models.model_name(network), network.settings)
print("and it knows how its input was made:", {key: network.about[key] for key in ("normalise", "size", "fs")})

# %%
checks.show_progress("11")

# %% [markdown]
# ## What you found
#
# - Every choice stands in one file, and a typing error in it is an error.
# - A step needs four things in order: empty, predict, back, step. What is forgotten here gives no
#   error; it learns badly.
# - A scheduler does nothing until it is stepped, and must be stepped at the place it was made for.
# - A loss must be divided by what was added up. Otherwise it falls because batches fail.
# - A look at strangers changes nothing in the network: evaluation mode, no gradients, mode put back.
# - Validation people choose the epoch; what is kept must be a copy.
# - One teacher is learned by heart. More people help at once.
# - A network's errors have shapes, and a few of them make the mean.

# %% [markdown]
# ## Three questions to ask yourself
#
# **1. Your loss falls epoch after epoch, the strangers' loss does not move. What do you do?**
#
# <details><summary>Answer</summary>
#
# That is over-fitting, or the loss is not what you think it is. First look at how many batches were
# skipped and what the mean was divided by. Then look at the gap: if it opens, you need more people
# before you need anything else; after that, augmentation, a smaller network, an earlier stop.
# </details>
#
# **2. Somebody validates with the test people “only to draw the curve”, and keeps the last epoch.
# Is the test score still honest?**
#
# <details><summary>Answer</summary>
#
# If truly nothing was decided by the curve, yes. But whoever sees it decides: to train longer, to
# try another learning rate, to publish this run and not that one. It is easier not to look than to
# forget what one saw.
# </details>
#
# **3. Why is the validation loss of a run that keeps the best of many epochs a little too good, even
# without any mistake?**
#
# <details><summary>Answer</summary>
#
# Each epoch's loss is partly luck, and the best of many is also the luckiest. The more epochs (or
# networks, or settings) one chooses from, the more luck is in the winner. That is why a third group
# of people is needed that nobody chose by.
# </details>

# %% [markdown]
# ## Where to read on
#
# - The cycle of the learning rate: L. N. Smith and N. Topin, “Super-convergence”, 2018, arXiv
#   1708.07120.
# - What BatchNorm does: S. Ioffe and C. Szegedy, “Batch normalization”, 2015, arXiv 1502.03167.
# - “A recipe for training neural networks”, an essay by A. Karpathy (2019), on mistakes that give no
#   error.
# - In this project: `rppg_lab/training.py` has the loops with all that a long run needs; compare its
#   `_train` with yours. It does one thing more for a batch that fails: it puts back BatchNorm's
#   memory, which a NaN in the *video* would spoil.
