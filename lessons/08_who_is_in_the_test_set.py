# %% [markdown]
# # 08. Who is in the test set?
#
# **What you will be able to do**
# - say what a [leak](glossary.ipynb#cell-id=leak) is, draw it, and prove that a [split](glossary.ipynb#cell-id=split)
#   has none
# - measure what a leak does to a score, with an [interval](glossary.ipynb#cell-id=confidence-interval) that is honest
#   about how few people there are
# - split people into two or three parts, or into [folds](glossary.ipynb#cell-id=fold), so that nobody is in two and no
#   part is empty
# - recognise three slips that give no error: [clips](glossary.ipynb#cell-id=clip) dealt at random, the wrong half of a
#   list, one name with two meanings
# - hand the parts to [loaders](glossary.ipynb#cell-id=loader) that [shuffle](glossary.ipynb#cell-id=shuffle) what must
#   be shuffled, and nothing else
#
# **What you need first:** Python functions, lists and sets; a [heart rate](glossary.ipynb#cell-id=heart-rate) and a
# [spectrum](glossary.ipynb#cell-id=power-spectrum) (lesson 00). How a
# [network](glossary.ipynb#cell-id=network) works inside is not needed here. It helps to have done lessons 06 and 07:
# what chance does, and what is in the file.
#
# **Time:** 75 minutes; 25 seconds of compute
#
# | in the lecture | here |
# |---|---|
# | `dataset_loader(path)` | `clips.dataset_loader(path, …)`, the clips of a file, read when asked for |
# | `random_split(dataset, …)` over clips | shown, and not done |
# | `dataset_split(dataset, ratio)` | you write it, over people; in the package `clips.dataset_split` |
# | `keys()[:train]`, `keys()[train:]` | nothing is told by its place in a list |
# | `split_data_loader(…)` | you write it; in the package `clips.split_data_loader` |
# | the switch for k folds | you write it; in the package `clips.subject_folds` |

# %%
import numpy as np
import torch
from IPython.display import display
from torch.utils.data import DataLoader, random_split
from tqdm import tqdm

from rppg_lab import checks, clips, evaluation, losses, plots, recordings, seeding, spectrum
from rppg_lab.datasets import made

# %% [markdown]
# ## 08.1 How many clips is a person?
#
# A network learns from **clips**, short pieces of a recording. Ours last 64 [frames](glossary.ipynb#cell-id=frame),
# about two seconds. Here are the nine made people of `lab_train`, one minute each.

# %%
lab = recordings.open_recordings(made.sample("lab_train"))
dataset = clips.dataset_loader(lab, clip_length=64, size=4)
subjects = np.array(dataset.subjects)  # of every clip, whose it is
people = sorted(set(dataset.subjects))
short = {person: person[-4:] for person in people}  # "made-lab-0003" is "0003" in tables and figures

print(f"{len(dataset)} clips of {len(people)} people, {len(dataset) // len(people)} each")

# %% [markdown]
# Are these some 250 examples, or nine? Every clip of one person shows the same skin, the same hair,
# the same lamp, and a heart of nearly the same rate. Two clips of one minute are alike as two pages
# of one book are.
#
# Why does that matter? We want to know how good a network will be with *people it has never met*,
# because those will use it. So it is examined with people whom it has never met. They are its **[test
# set](glossary.ipynb#cell-id=training-validation-and-test-people)**. If it did meet them, that is a **leak**: what it
# knows of the person gets into the exam.

# %% [markdown]
# ## 08.2 Cut at random, as the lecture does
#
# The lecture puts all clips into one bag and draws: PyTorch's `random_split` deals out *clips*. It is
# called without a [generator](glossary.ipynb#cell-id=generator), that is, with whatever random numbers are next.
# Predict, before you run the cell: with a fifth of the clips for testing, how many of the nine are in both parts? And
# what happens if the line is run a second time?

# %%
TRAIN, TEST, VALIDATION = "to learn from", "to test with", "to choose by"


def draw_parts(parts, title):
    """Draw each clip of each person with the mark of the part it is in; parts: numbers of clips by name."""
    figure, ax = plots.new_figure(height=4.2)
    number = np.concatenate([np.arange(np.sum(subjects == person)) for person in people])
    row = np.array([people.index(person) for person in subjects])
    looks = {TRAIN: (plots.SKY, "s"), VALIDATION: (plots.BLACK, "^"), TEST: (plots.RED, "o")}
    for name, clips_of_part in parts.items():
        colour, marker = looks[name]
        ax.plot(number[clips_of_part], row[clips_of_part], marker, color=colour, markersize=8, label=name)
    ax.set_yticks(range(len(people)), list(short.values()))
    ax.invert_yaxis()
    ax.grid(False)
    plots.label(ax, title, "Clip (number, in the order of time)", "Person (name)")
    figure.legend(fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=3)
    return figure


seeding.seed_everything(0)  # only so that this page looks the same each time
first_draw = random_split(dataset, [0.8, 0.2])
second_draw = random_split(dataset, [0.8, 0.2])
draw_parts(dict(zip((TRAIN, TEST), (part.indices for part in first_draw), strict=True)), "A random split of clips")

# %% [markdown]
# *The figure in words:* nine rows, one per person, of 28 marks each, one per clip. Blue squares, to
# learn from, are everywhere, and between them, in every row, red dots, to test with. No row has one
# kind only.
#
# In every row a red dot has blue neighbours: the network is examined with the two seconds between
# two pieces that it has learned. And the second draw?

# %% tags=["nbval-check-output"]
first_test, second_test = set(first_draw[1].indices), set(second_draw[1].indices)
print("clips to test with:", len(first_test), "and again:", len(second_test))
print("the same ones both times:", first_test == second_test)

# %% [markdown]
# Another exam each time that the line is run. Nobody can compare the two scores, and nobody can
# repeat the first one. What draws must be given a [seed](glossary.ipynb#cell-id=seed) (lesson 06).
#
# Pictures persuade, but a program cannot look at them. We need a function that says *who* is where
# they should not be.

# %% [markdown]
# ## Exercise 08.1: who is in more than one part? (easy, 6 minutes)
#
# You get a list of parts: two, three or more. Each part is a list with the person of every clip in
# it, so a name may stand there many times. Return the names of the people who are in **more than
# one** part: each once, in any order. If the split is clean, that is an empty list.
#
# *You should see:* for the parts (Ada, Ada, Ben), (Ben, Cleo), (Dan, Dan): Ben.
#
# <details><summary>Hint 1: a question</summary>
#
# How often does Ada count who has two clips in the first part and none in the others? And Ben?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# A `set` holds everybody once. Two sets have an intersection, written with `&`. But look at *all*
# pairs of parts: the second and the third can share somebody, too.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Either: two empty sets, “seen” and “shared”; go through the parts, add to “shared” whoever of the
# part has been seen before, and only then add the part to “seen”. Or: a counter of names, to which
# each part adds everybody once; keep those with more than one.
# </details>


# %%
@checks.exercise("08.1")
def shared_people(parts):
    """Names of the people who are in more than one of the parts; a part is a list with one name per clip."""
    ### BEGIN SOLUTION
    seen, shared = set(), set()
    for part in parts:
        shared |= seen & set(part)
        seen |= set(part)
    return sorted(shared)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
leaked = shared_people([clips.subjects_of(part) for part in first_draw])
print(f"in both parts: {len(leaked)} of {len(people)} people")

# %% [markdown]
# Is that bad luck? For one person to be missing from the test clips, each of the person's 28 clips
# must fall into the other part, with a chance of 0.8 each: 0.8 · 0.8 · 0.8 · …, 28 times. That is
# one in five hundred. With the lecture's 60 clips each it is less than one in half a million.
#
# `clips.assert_no_leak(train, test)` is the package's proof: it raises an error that names them. The
# package's own training calls it each time.

# %% [markdown]
# ## 08.3 What a face gives away
#
# What is the harm, if the *pulse* has to be read from every clip anew? Let us build the laziest heart
# rate meter of the world. It takes the mean picture of ten seconds, a still in which no pulse can be
# left. It looks for the most similar picture among those that it has learned, and says **the heart
# rate of that one**. It is called a *[nearest neighbour](glossary.ipynb#cell-id=nearest-neighbour)*.
#
# Predict: how far off is it, with clips dealt at random? With people it has never met?

# %%
WINDOW = 300  # frames: 10 s
looks, rates, owners = [], [], []
for name, info in lab.info.items():
    frames, wave = lab.frames(name)[:], lab.bvp(name)
    for start in range(0, len(wave) - WINDOW + 1, WINDOW):
        looks.append(frames[start : start + WINDOW].mean(axis=0).ravel())
        rates.append(float(spectrum.heart_rate(wave[start : start + WINDOW], info.fs)))
        owners.append(info.subject)
looks, rates, owners = np.array(looks), np.array(rates), np.array(owners)

THIRDS = 3
random_thirds = np.array_split(np.random.default_rng(0).permutation(len(rates)), THIRDS)
thirds_of_people = clips.subject_folds(owners, THIRDS, seed=0)
by_person_thirds = [np.flatnonzero(np.isin(owners, tested)) for tested in thirds_of_people]


def laziest(thirds):
    """For every window, the rate of the most similar picture outside its own third; and the mean rate there."""
    similar, mean = np.empty_like(rates), np.empty_like(rates)
    for test in thirds:
        known = np.setdiff1d(np.arange(len(rates)), test)
        for i in test:
            distance = np.square(looks[known] - looks[i]).sum(axis=1)
            similar[i], mean[i] = rates[known[distance.argmin()]], rates[known].mean()
    return similar, mean


lazy_random, _ = laziest(random_thirds)
lazy_strangers, always_the_mean = laziest(by_person_thirds)
figure = plots.predicted_against_true(
    np.concatenate([lazy_random, lazy_strangers]),
    np.concatenate([rates, rates]),
    np.repeat(["windows dealt at random", "people it never met"], len(rates)),
    title="The heart rate of whoever looks most alike",
)
figure.axes[0].get_legend().remove()  # it would hide dots
figure.legend(fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=2)
display(figure)

# %% [markdown]
# *The figure in words:* predicted over true heart rates. With [windows](glossary.ipynb#cell-id=window) dealt at random
# all round dots lie along the line of equality, a perfect instrument. With people that it never met the squares lie in
# small heaps far above and far below the line.

# %%
print(f"{'':32s}{'mean error':>10s}   95 % interval (beats per minute)")
for name, said in (
    ("dealt at random", lazy_random),
    ("never met", lazy_strangers),
    ("never met, always the mean rate", always_the_mean),
):
    error = np.abs(said - rates)
    low, high = evaluation.bootstrap_interval(error, owners)
    print(f"{name:32s}{error.mean():10.1f}   {low:.1f} to {high:.1f}")

# %% tags=["nbval-check-output"]
error_known, error_new, error_mean = (np.abs(said - rates) for said in (lazy_random, lazy_strangers, always_the_mean))
pays = evaluation.bootstrap_interval(error_new - error_known, owners)
print("the leak pays, and the interval excludes zero:", pays[0] > 0)
print("among strangers it is worse than always the mean:", error_new.mean() > error_mean.mean())

# %% [markdown]
# An instrument that has never seen a pulse, and with a random split you could publish it. Among
# strangers it is worse than somebody who always says the mean.
#
# Nothing in this is special to made people. A real person, too, has one face and, within a recording,
# nearly one heart rate. **Whoever can tell who it is, knows the answer.** No network has to be told to do this. It
# only has to find it easier than reading the pulse.
#
# The intervals come from drawing *people* again and again, not windows (lesson 12), for the reason of
# this lesson: the windows of a person are no independent trials. With nine people even such
# intervals come out too narrow. Take them as the least that is uncertain.

# %% [markdown]
# ## 08.4 The wrong half of a list
#
# A leak can be one character. The lecture's script takes the list of the recordings' names, and writes
# one file to learn from and one to test with. This is the heart of it. Read it slowly; do you see it?

# %%
keys = lab.names
train = round(0.7 * len(keys))

train_file = list(keys[train:])
test_file = list(keys[train:])

# %% tags=["nbval-check-output"]
print("to learn from:", " ".join(key[-4:] for key in train_file))
print("to test with: ", " ".join(key[-4:] for key in test_file))
print("in both:      ", " ".join(key[-4:] for key in shared_people([train_file, test_file])))

# %% [markdown]
# The colon stands on the wrong side. Both files hold the test people, the network learns its exam by
# heart, and six of nine people are never used at all. There is no error, no warning, and the score is
# splendid. In 08.7 we shall see how splendid.
#
# A comparison of the two lists would have found it in a second. And there is a second weakness:
# without any slip, the last names of a list are no random people. A list may be sorted by date, by
# age, by hospital.

# %% [markdown]
# ## 08.5 Split the people, not the clips
#
# The remedy is simple: deal out **people**. All clips of a person follow the person. A good split
#
# - puts everybody into exactly one part;
# - is drawn at random, and the draw is decided **by the seed alone**. Not by the order in which the
#   names come: folders are listed otherwise on another computer. Not by the order of a `set` either:
#   Python mixes texts in a set anew each time that it is started. `sorted` ends both worries;
# - counts people, not clips;
# - comes as near to the ratios as whole people allow.
#
# The last one needs a rule. Nine people at 0.7, 0.1 and 0.2 are 6.3, 0.9 and 1.8 people. Rounded down
# that is 6, 0 and 1, and two are left over. The rule of the **largest remainder**: whoever is left
# over goes, one by one, to the part that misses most. Here 0.9 and 0.8 of a person are missing in the
# last two, so 6, 1 and 2.
#
# With few people a part may still be empty: 4 people give 2.8, 0.4 and 0.8, hence 3, 0 and 1. An
# empty part measures nothing. So it takes one from the largest: 2, 1 and 1. And with fewer people
# than parts the split is **refused**, with an error.

# %% [markdown]
# ## Exercise 08.2: split by subject (harder, 20 minutes)
#
# Write the lecture's `dataset_split`, over people. You get the [subject](glossary.ipynb#cell-id=subject) of every clip
# (so names come many times), two or three ratios that add up to 1, and a seed. Return a tuple with one list of names
# for each ratio, by the rules above. With fewer people than ratios raise a `ValueError`.
#
# *You should see:* for 9 people and 0.7, 0.1, 0.2 parts of 6, 1 and 2 names; for 9 people and 0.5,
# 0.25, 0.25 parts of 5, 2 and 2.
#
# <details><summary>Hint 1: a question</summary>
#
# There are three jobs here: who the people are, how large each part is, and who goes where. Which of
# them needs the seed? Could you do the second with nothing but the *number* of people?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# `np.floor` rounds down; what it cut off is the exact size minus the rounded one, and `argmax` finds
# the largest. `np.random.default_rng(seed).permutation(names)` shuffles a copy, and so does
# `random.Random(seed).shuffle(names)`, but in place.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Everybody once, sorted. Too few? Error. The exact sizes and the sizes rounded down. As long as the
# sizes do not add up to everybody, one more for the part that misses most. As long as a part is
# empty, one from the largest to it. Shuffle with the seed; cut the first size off the list, then the
# second, and so on (`np.cumsum` of the sizes tells where the parts end).
# </details>


# %%
@checks.exercise("08.2")
def dataset_split(subjects, ratio, seed):
    """Divide the people among `subjects` (one name per clip) into parts of these ratios: a tuple of lists of names."""
    ### BEGIN SOLUTION
    everybody = sorted(set(subjects))
    if len(everybody) < len(ratio):
        raise ValueError(f"{len(ratio)} parts need at least {len(ratio)} people; here are {len(everybody)}")
    exact = len(everybody) * np.array(ratio)
    sizes = np.floor(exact + 1e-9).astype(int)
    while sizes.sum() < len(everybody):
        sizes[(exact - sizes).argmax()] += 1
    while sizes.min() == 0:
        sizes[sizes.argmin()] += 1
        sizes[sizes.argmax()] -= 1
    shuffled = np.random.default_rng(seed).permutation(everybody).tolist()
    ends = np.cumsum(sizes)
    return tuple(shuffled[end - size : end] for end, size in zip(ends, sizes, strict=True))
    ### END SOLUTION


# %%
by_subject = dataset_split(dataset.subjects, (0.7, 0.1, 0.2), 0)
places = [np.flatnonzero(np.isin(subjects, part)) for part in by_subject]
draw_parts(dict(zip((TRAIN, VALIDATION, TEST), places, strict=True)), "A split by subject, three ways")

# %% [markdown]
# *The figure in words:* the nine rows again. Now each row has one kind of mark only: six rows of
# squares to learn from, one of triangles to choose by, two of dots to test with.
#
# Three parts, because there are three jobs. From the **training** people the network learns. By the
# **validation** people one chooses: how long to train, which settings. The **test** people are asked
# once, at the end. If nothing is chosen, two parts are enough. But whoever chooses by the test people
# has taken them into the training, by a back door (lesson 11).
#
# And with fewer and fewer people?

# %% tags=["nbval-check-output"]
print("in both parts:", shared_people(by_subject))
for count in (9, 6, 4, 3, 2):
    try:
        sizes = [len(part) for part in dataset_split(people[:count], (0.7, 0.1, 0.2), 0)]
        print(f"{count} people: {sizes[0]} to learn from, {sizes[1]} to choose by, {sizes[2]} to test with")
    except ValueError as error:
        print(f"{count} people: refused ({type(error).__name__})")

# %% [markdown]
# ### One name, two meanings
#
# In one file of the lecture stands `validation_ratio = 0.9`, and it means: 0.9 of the people stay for
# *training*. In another stands `"validation_ratio": 0.1`, and it means: 0.1 of them *validate*. Either
# is fine. Now somebody copies the number from one file to the other. And the program that reads the
# second file asks for a third name:

# %% tags=["nbval-check-output"]
params = {"train_ratio": 0.7, "validation_ratio": 0.1}
print("what the program reads:", params.get("val_ratio"))
for number in (0.9, 0.1):
    first, second = (len(part) for part in dataset_split(people, (number, 1 - number), 0))
    print(f"validation_ratio = {number}, people to learn from and to choose by:", end=" ")
    print(f"{first} and {second} if it is what stays, {second} and {first} if it is what validates")

# %% [markdown]
# One reading teaches with eight people, the other with one; both run. And `get` answers `None` to a
# name that is not there, so that the program fell back to numbers written into it: whatever stood in
# the file, it changed nothing.
#
# A ratio must say *of what*, it should be checked that the parts add up to one, and an unknown name
# should be an error. `experiment.load_settings` does all three (lesson 11).

# %% [markdown]
# ## 08.6 Everybody's turn
#
# Two people to test with: is that a test? If one of them is easy, the network looks good. A larger
# test set leaves fewer people to learn from. **[Cross-validation](glossary.ipynb#cell-id=cross-validation)** gets out
# of this: divide the people into k groups, the **folds**. Train k times; each time another fold is tested, and all
# others teach. In the end everybody has been tested *once*, by a network that had never met them. (With as many folds
# as people it is called *leave one out*.)
#
# It costs k trainings instead of one. And it gives k networks, not one: it measures how good the
# *recipe* is.

# %% [markdown]
# ## Exercise 08.3: folds (easy to middling, 8 minutes)
#
# You get the subject of every clip, the number of folds, and a seed. Return a tuple (or list) of as
# many lists of names: who is **tested** in each fold. Everybody in exactly one; sizes that differ by
# at most one; drawn by the seed alone, as before. With fewer people than folds raise a `ValueError`.
#
# *You should see:* for 9 people and 3 folds three lists of 3 names; for 11 people and 4 folds lists
# of 3, 3, 3 and 2, in any order.
#
# <details><summary>Hint 1: a question</summary>
#
# How do you deal cards to k players, so that nobody has two more than another, and no card is left?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# Only *one* shuffle is needed. `names[start::step]` takes every step-th name from a start on;
# `np.array_split(names, k)` cuts into k pieces that are as even as can be.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Everybody once, sorted; an error if there are too few. Shuffle with the seed. For each fold, from 0
# to k − 1: every k-th name, beginning with the one that has the number of the fold.
# </details>


# %%
@checks.exercise("08.3")
def subject_folds(subjects, folds, seed):
    """Who is tested in each fold: a tuple of `folds` lists of names, of the people among `subjects`."""
    ### BEGIN SOLUTION
    everybody = sorted(set(subjects))
    if len(everybody) < folds:
        raise ValueError(f"{folds} folds need at least {folds} people; here are {len(everybody)}")
    dealt = np.random.default_rng(seed).permutation(everybody).tolist()
    return tuple(dealt[fold::folds] for fold in range(folds))
    ### END SOLUTION


# %%
for fold, tested in enumerate(subject_folds(dataset.subjects, 3, 0), start=1):
    print(f"fold {fold}: tested are", " ".join(short[person] for person in sorted(tested)), "and all others teach")

# %% [markdown]
# ## 08.7 The same network, tested twice
#
# The laziest meter was made to cheat. Does the leak also pay for an honest network, one that must
# draw the *pulse wave* of each clip? We ask a small one, small enough to be trained dozens of times
# in a few seconds. It sees each face as 4 · 4 coarse cells of three colours, each cell divided by its
# own mean, so that skin tone and lamp are gone (`normalise="time"`). From these 48 curves three
# layers of [filters](glossary.ipynb#cell-id=filter) over time make one. (Lesson 09 builds a real one; lesson 11 trains
# it.)
#
# The words for it: the **[weights](glossary.ipynb#cell-id=weights)** are the numbers in the network, random at first,
# and a **step** is one correction of them, so that the **[loss](glossary.ipynb#cell-id=loss)** falls, the number that
# says how far the network's waves are from the true ones (lesson 10). After one
# **[epoch](glossary.ipynb#cell-id=epoch)** each training clip has been seen once. How large the steps are (`Adam`, the
# plan of `OneCycleLR`), and the rest of the cell, is for lesson 11.
#
# Everything is alike in both trainings: the network, its first weights, the loss, the number of clips
# to learn from, the number of steps. Only this differs:
#
# - **dealt at random:** the clips are divided into three random thirds. Each third is tested by a
#   network that learned from the other two;
# - **by subject:** the *people* are divided into three folds. Each fold is tested by a network that
#   learned from the other two.
#
# So every clip is tested once in each way, and we can compare clip by clip. The **score** of a clip is
# r, the [correlation](glossary.ipynb#cell-id=correlation) of the wave with the true one: 1 is perfect, 0 is nothing.
# All of it is done three times, with other thirds, folds and first weights. And beside these two, once, the slip of
# 08.4: each fold learns from the very people it is tested with.
#
# Predict the mean r of the three. And of the slip, what its network does with the *other* people.

# %%
videos, waves = (torch.stack(values) for values in zip(*dataset, strict=True))
curves = videos.permute(0, 1, 3, 4, 2).flatten(1, 3)  # (clips, 48, T): one row per cell and colour
EVERY_CLIP = np.arange(len(dataset))
BATCH, EPOCHS, SEEDS = 16, 6, 3


def new_network():
    """Three layers of filters over time, from the 48 curves of a clip (B,48,T) to one wave (B,T)."""
    filters = {"kernel_size": 9, "padding": 4}
    return torch.nn.Sequential(
        torch.nn.Conv1d(48, 12, **filters),
        torch.nn.ELU(),
        torch.nn.Conv1d(12, 12, **filters),
        torch.nn.ELU(),
        torch.nn.Conv1d(12, 1, **filters),
        torch.nn.Flatten(),
    )


def teach(which, seed, epochs=EPOCHS, inputs=curves):
    """A new network after so many epochs with the clips of these numbers."""
    order = seeding.seed_everything(seed)
    network, which = new_network(), torch.tensor(which)
    optimiser = torch.optim.Adam(network.parameters())
    steps = epochs * -(-len(which) // BATCH)
    plan = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=0.006, total_steps=steps)
    for _ in range(epochs):
        for batch in which[torch.randperm(len(which), generator=order)].split(BATCH):
            optimiser.zero_grad()
            losses.neg_pearson(network(inputs[batch]), waves[batch]).backward()
            optimiser.step()
            plan.step()
    return network


def r_of(network, which, inputs=curves):
    """The score of each of these clips."""
    with torch.inference_mode():
        return evaluation.wave_correlation(network(inputs[which]).numpy(), waves[which].numpy())


def clips_of(some):
    """The numbers of these people's clips."""
    return np.flatnonzero(np.isin(subjects, some))


RANDOM, BY_SUBJECT, SLIP, SLIP_OTHERS = "dealt at random", "by subject", "slip of 08.4", "slip, on the others"
score = {name: np.full((SEEDS, len(dataset)), np.nan) for name in (RANDOM, BY_SUBJECT)}
score |= {name: np.zeros(len(dataset)) for name in (SLIP, SLIP_OTHERS)}
of_split = {RANDOM: [], BY_SUBJECT: []}

with tqdm(total=SEEDS * 6 + 3, desc="trainings") as bar:
    for seed in range(SEEDS):
        thirds = {
            RANDOM: np.array_split(np.random.default_rng(seed).permutation(EVERY_CLIP), 3),
            BY_SUBJECT: [clips_of(tested) for tested in subject_folds(dataset.subjects, 3, seed)],
        }
        for name, parts in thirds.items():
            for test in parts:
                network = teach(np.setdiff1d(EVERY_CLIP, test), seed)
                score[name][seed, test] = r_of(network, test)
                of_split[name].append(score[name][seed, test].mean())
                bar.update()
    for tested in subject_folds(dataset.subjects, 3, 0):  # half as many clips, hence twice the epochs
        learned = clips_of(tested)
        network = teach(learned, 0, epochs=2 * EPOCHS)
        score[SLIP][learned] = r_of(network, learned)
        others = np.setdiff1d(EVERY_CLIP, learned)
        score[SLIP_OTHERS][others] += r_of(network, others) / 2  # everybody is twice among the others
        bar.update()

# %% [markdown]
# For each clip of each person the mean over the three repetitions, then for each person the mean over
# the clips:

# %%
of_clip = {name: values.mean(axis=0) if values.ndim == 2 else values for name, values in score.items()}
of_person = {name: np.array([r[subjects == who].mean() for who in people]) for name, r in of_clip.items()}
ranks = np.argsort(of_person[BY_SUBJECT] - of_person[RANDOM])

figure, ax = plots.new_figure(height=4.4)
for row, person in enumerate(ranks):
    ends = [of_person[BY_SUBJECT][person], of_person[RANDOM][person]]
    ax.plot(ends, [row, row], color=plots.GREY, linewidth=2.5)
for name, colour, marker in ((RANDOM, plots.RED, "s"), (BY_SUBJECT, plots.BLUE, "o")):
    ax.plot(of_person[name][ranks], range(len(people)), marker, color=colour, markersize=9, label=name)
ax.set_yticks(range(len(people)), [short[people[person]] for person in ranks])
ax.invert_yaxis()
ax.set_xlim(right=1)
plots.label(ax, "What each person's score gains by the leak", "Score (r of the wave, no unit)", "Person (name)")
figure.legend(fontsize=plots.SMALL, frameon=False, loc="outside lower center", ncols=2)
display(figure)

# %% [markdown]
# *The figure in words:* nine rows, one per person, sorted by the gain. In each a round mark, the score
# as a stranger, and to the right of it a square, the score of the same person when other clips of
# this person were learned from. For some the two nearly touch; for the first rows they lie far apart.

# %%
print(f"{'':22s}{'mean r':>8s}   95 % interval over people")
for name, r in of_clip.items():
    low, high = evaluation.bootstrap_interval(r, subjects)
    print(f"{name:22s}{r.mean():8.2f}   {low:.2f} to {high:.2f}")
gain = of_clip[RANDOM] - of_clip[BY_SUBJECT]
gain_low, gain_high = evaluation.bootstrap_interval(gain, subjects)
print(f"\nthe leak adds {gain.mean():.2f} to r, 95 % interval {gain_low:.2f} to {gain_high:.2f}")

# %% tags=["nbval-check-output"]
mean_r = {name: r.mean() for name, r in of_clip.items()}
too_good = evaluation.bootstrap_interval(of_clip[SLIP] - of_clip[SLIP_OTHERS], subjects)
print("the leak pays, and the interval excludes zero:", gain_low > 0)
print("the slip reports the best score of all:", max(mean_r, key=mean_r.get) == SLIP)
print("and makes the worst network of all:", min(mean_r, key=mean_r.get) == SLIP_OTHERS)
print("its report is too good, and the interval excludes zero:", too_good[0] > 0)
worst_strangers = np.argsort(of_person[BY_SUBJECT])[:3]
print("who gains most is among the three it reads worst as strangers:", ranks[0] in worst_strangers)

# %% [markdown]
# The same network, the same recipe, as many clips: and a better score, only because the questions of
# the exam had been practised with the same people. The score by subject is the one that strangers
# will get. The other is the answer to a question that nobody asked.
#
# The slip is worse still: it reports the best score of all, with the worst network of all.
#
# Look at *who* gains in the figure. Whom the network reads well as strangers, it can hardly read
# better. The leak pays for those whom it reads badly. So it hides precisely the people for whom the
# network does not work.
#
# To be exact: when clips are dealt at random the network also meets nine people instead of six. That
# is no other effect. The additional people *are* the tested ones.

# %% [markdown]
# ### What is there to recognise?
#
# Each cell was divided by its own mean: no skin tone, no hair, no lamp is left. What can a network
# still know of a person? We take of each of the 48 curves only *how strongly it moves*, 48 numbers
# per clip, and let the nearest neighbour say who it is.

# %% tags=["nbval-check-output"]
strength = curves.std(dim=2).numpy()
test = np.random.default_rng(0).permutation(EVERY_CLIP)[: len(dataset) // 3]
known = np.setdiff1d(EVERY_CLIP, test)
distance = np.square(strength[test][:, None] - strength[known]).sum(axis=2)
recognised = subjects[known][distance.argmin(axis=1)] == subjects[test]
print("recognised in more than four of five clips:", recognised.mean() > 0.8, f"(by chance: one in {len(people)})")

# %% [markdown]
# Where hair moves against the forehead, where it is dark and noisy, where the skin is thin: how
# strongly a cell moves is a fingerprint, too. **To [normalise](glossary.ipynb#cell-id=normalise) does not make a random
# split safe.**
#
# ### When no leak shows
#
# Does a leak always pay? Here is the same network once more, with one thing changed: the cells' raw
# colours, not divided by anything. (One repetition only.) Skin, hair and lamp are all there to be
# recognised. Predict: does a random split pay more now, or less?

# %%
raw = clips.dataset_loader(lab, clip_length=64, size=4, normalise="raw")
raw_curves = torch.stack([video for video, _ in raw]).permute(0, 1, 3, 4, 2).flatten(1, 3)
raw_r = {name: np.empty(len(dataset)) for name in (RANDOM, BY_SUBJECT)}
raw_parts = {
    RANDOM: np.array_split(np.random.default_rng(0).permutation(EVERY_CLIP), 3),
    BY_SUBJECT: [clips_of(tested) for tested in subject_folds(dataset.subjects, 3, 0)],
}
with tqdm(total=6, desc="trainings") as bar:
    for name, parts in raw_parts.items():
        for test in parts:
            network = teach(np.setdiff1d(EVERY_CLIP, test), 0, inputs=raw_curves)
            raw_r[name][test] = r_of(network, test, raw_curves)
            bar.update()
raw_low, raw_high = evaluation.bootstrap_interval(raw_r[RANDOM] - raw_r[BY_SUBJECT], subjects)
print(", ".join(f"{name}: mean r {r.mean():z.2f}" for name, r in raw_r.items()))
print(f"gain by the leak: 95 % interval {raw_low:.2f} to {raw_high:.2f}")

# %% tags=["nbval-check-output"]
print("with raw colours either mean r is below 0.2:", max(r.mean() for r in raw_r.values()) < 0.2)
print("a gain by the leak can be shown:", raw_low > 0)

# %% [markdown]
# In so short a training the network learns next to nothing from raw colours, in either way, and where
# nothing is known nothing can leak. So “our score did not change” does not prove that a split is
# clean. How much a leak pays depends on the network, on its input, on how many people there are; here
# it was nine made people and one small network. Only the list of names proves it.

# %% [markdown]
# ## 08.8 One split is one draw
#
# Each of the three repetitions had three folds. So there are nine splits by subject, every one of
# them clean. If you had made only *one* of them, as many do: which score would you have
# reported?

# %%
figure, ax = plots.new_figure(height=3.4)
for row, (name, colour, marker) in enumerate(((RANDOM, plots.RED, "s"), (BY_SUBJECT, plots.BLUE, "o"))):
    beside = np.linspace(-0.2, 0.2, len(of_split[name]))
    ax.plot(of_split[name], row + beside, marker, color=colour, markersize=9, alpha=0.8)
    ax.plot([np.mean(of_split[name])] * 2, [row - 0.35, row + 0.35], color=plots.BLACK, linewidth=2)
ax.set_yticks([0, 1], [RANDOM, BY_SUBJECT], fontsize=plots.TEXT)
ax.set_ylim(1.6, -0.6)
ax.set_xlim(right=1)
plots.label(ax, "Nine splits of each kind", "Score of a split (mean r of its test clips, no unit)", "Split (kind)")
display(figure)

# %% [markdown]
# *The figure in words:* two rows of nine marks, a black line at the mean of each. The marks of the
# random splits stand close together, far to the right. Those by subject are spread widely, and nearly
# all of them lie left of the others.

# %% tags=["nbval-check-output"]
spread = {name: max(values) - min(values) for name, values in of_split.items()}
print("splits by subject differ more than random ones:", spread[BY_SUBJECT] > spread[RANDOM])
print("best clean split minus the worst is more than the leak adds on average:", spread[BY_SUBJECT] > gain.mean())

# %% [markdown]
# A random split seems *more reliable*: always the same people in every part, hence always the same
# score. It is reliably wrong. The honest one shows what is true: with nine people we know little
# about the tenth.
#
# So a single split by subject is honest and not yet informative. Whoever tries a few seeds and
# reports the best has cheated, without any leak. While the recipe of this course was chosen, *who* of
# nine people taught mattered more than anything else that was tried. What helps: folds, all of them
# reported; an interval over people; and more people. Lesson 12 tests with thirty.
#
# Some traps are left that names do not show. One person with **two recordings** is one person
# (the public set PURE has six of each). Two sets may share people. Twins, and one person under
# two names, no program finds.

# %% [markdown]
# ## 08.9 Loaders
#
# The parts are people; a training needs **[batches](glossary.ipynb#cell-id=batch)**. A loader goes through a part once
# per epoch, some clips at a time.
#
# - The training clips are **shuffled, anew in each epoch**. In the order of the file a batch would
#   show one person only.
# - The order is decided by a **generator of the loader's own**, with a seed. If it took its numbers
#   from the common supply, a single number drawn elsewhere would change every epoch (lesson 06).
# - Validation and test clips **stay in their order**. It says whose clip it is and when it was.
# - **No clip is left out.** The last batch may be smaller (`drop_last` stays off).

# %% [markdown]
# ## Exercise 08.4: a loader for each part (middling, 10 minutes)
#
# Write the lecture's `split_data_loader`. You get the parts (datasets; the first is for training), the
# batch size and a seed. Return a tuple of loaders, one per part, that keep the four rules. PyTorch's
# `DataLoader` can do all of it, if it is told to.
#
# *You should see:* for parts of 11, 4 and 5 clips and a batch size of 4: batches of 4, 4, 3 clips, of
# 4, and of 4, 1.
#
# <details><summary>Hint 1: a question</summary>
#
# What must be different for the first part? And if the line above yours draws a random number, how
# does your loader not notice?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# `DataLoader?` lists what it can be told: `batch_size`, `shuffle`, `generator`. A generator is made by
# `torch.Generator()`, and its method `manual_seed` gives it a seed.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Make a generator with the seed. A loader for the first part that shuffles, with this generator. For
# each of the others a loader that does not. All of them in a tuple.
# </details>


# %%
@checks.exercise("08.4")
def split_data_loader(datasets, batch_size, seed):
    """One loader for each dataset: the first shuffled by a generator with this seed, the others in their order."""
    ### BEGIN SOLUTION
    train, *others = datasets
    order = torch.Generator().manual_seed(seed)
    loaders = [DataLoader(train, batch_size=batch_size, shuffle=True, generator=order)]
    for other in others:
        loaders.append(DataLoader(other, batch_size=batch_size))
    return tuple(loaders)
    ### END SOLUTION


# %% [markdown]
# Now all of it in a row, with the package's functions for whole datasets, as a training does it.

# %% tags=["nbval-check-output"]
parts = clips.dataset_split(dataset, (0.7, 0.1, 0.2), seed=0)
clips.assert_no_leak(*parts)
for name, part, loader in zip((TRAIN, VALIDATION, TEST), parts, split_data_loader(parts, 16, 0), strict=True):
    video, wave = next(iter(loader))
    print(f"{name}: people {len(set(part.subjects))}, clips {len(part)}, batches {len(loader)}", end="; ")
    print("the first batch: video", tuple(video.shape), "wave", tuple(wave.shape))

# %% [markdown]
# The package's `clips.split_data_loader` can also read with several [worker processes](glossary.ipynb#cell-id=worker);
# their number changes nothing in the order. And its `clips.dataset_split` plays clips faster and slower only in the
# first part, if that is asked for (lesson 11): whoever is measured is measured as recorded.

# %%
checks.show_progress("08")

# %% [markdown]
# ## What you found
#
# - Clips of one person are alike. Dealt out at random, everybody is in every part.
# - Whoever can tell who it is, knows the answer: a meter that has never seen a pulse reads heart rates
#   perfectly, until it meets a stranger.
# - The same network scores better with a random split than by subject, and the interval of the
#   difference excludes zero. Those gain most for whom it works worst.
# - Normalising the input does not make people unrecognisable. And where a leak does not show, as with
#   raw colours, it may still be there.
# - A slip of one colon trains on the test set, without any error. A list of the shared people finds it.
# - Every part gets somebody, or the split is refused.
# - One split is one draw. Folds give everybody a turn.

# %% [markdown]
# ## Three questions to ask yourself
#
# **1. A paper reports “trained on 80 % and tested on 20 % of 12 000 clips from 42 people, split at
# random with a fixed seed”. What do you know about strangers?**
#
# <details><summary>Answer</summary>
#
# Nothing. With nearly 300 clips each, all 42 are in both parts. The seed makes the result repeatable,
# not honest. Ask for the score by subject; if the authors do not have it, treat the number as one for
# known people.
# </details>
#
# **2. Somebody normalises every clip by the mean and the deviation of *all* clips, test clips
# included, and then splits by subject. Is that a leak?**
#
# <details><summary>Answer</summary>
#
# Yes, a small one: something of the test people has entered the training, their mean brightness for
# instance. Here it may change little; with few people, or with anything that is chosen or fitted, it
# can change much. What is computed from data belongs to the training part. (A clip that is normalised
# by itself, as here, uses nobody else.)
# </details>
#
# **3. Is a random split over clips always wrong?**
#
# <details><summary>Answer</summary>
#
# It answers another question: how good is the network with people whom it knows, on the same day, in
# the same light? For a device that is tuned to one owner this may be asked. But even then neighbours
# in time are too alike: learn from the first days, test with the later ones.
# </details>

# %% [markdown]
# ## Where to read on
#
# - Splits by record against splits by subject, in data and in a simulation: S. Saeb, L. Lonini,
#   A. Jayaraman, D. C. Mohr and K. P. Kording, “The need to approximate the use-case in clinical
#   machine learning”, *GigaScience* 6 (2017).
# - How often leaks were found in published work: S. Kapoor and A. Narayanan, “Leakage and the
#   reproducibility crisis in machine-learning-based science”, *Patterns* 4 (2023).
# - The same idea in another library: `GroupKFold` and “Cross-validation iterators for grouped data”,
#   in the user guide of scikit-learn.
# - In this project: the section “splits and loaders” of `rppg_lab/clips.py`, and what holds of it in
#   `tests/test_clips.py`.
