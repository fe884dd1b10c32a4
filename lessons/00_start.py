# %% [markdown]
# # 00. How does this course work?
#
# **What you will be able to do**
# - work through a lesson: run its cells, write an exercise, and read what its check tells you
# - see whether your computer is ready, and mend it where it is not
# - convert between [hertz](glossary.ipynb#cell-id=hertz) and [beats per
#   minute](glossary.ipynb#cell-id=beats-per-minute)
# - take a video apart into time, place and colour
# - read a first [heart rate](glossary.ipynb#cell-id=heart-rate) from the colour of a face
#
# **What you need first:** a little Python (functions, lists, what `import` does). Nothing about
# hearts, light or [networks](glossary.ipynb#cell-id=network).
#
# **Time:** 30 minutes; 8 seconds of compute

# %% [markdown]
# ## How a lesson works
#
# You are looking at a *notebook*: text, and between the text *cells* with Python code. Click into a
# cell and press **Shift + Enter**: it runs, shows its result below, and the next cell is ready.
#
# - Run the cells **from top to bottom**. A later one uses what an earlier one made.
# - **Change things.** Nothing here can break. A run that takes too long is stopped with the button
#   ■.
# - Confused by what is still in memory? *Kernel → Restart Kernel* forgets everything; start again
#   at the top.
# - A **word that is a link** leads to the [glossary](glossary.ipynb): what it means, in a sentence or
#   two, and which section explains it.
#
# Here is the first one.

# %%
from IPython.display import display

from rppg_lab import checks, plots, spectrum, synthesis
from rppg_lab.checks import environment

print("It works.")

# %% [markdown]
# ## Is this computer ready?
#
# The next cell looks at your computer. `good` is good. `mind` works, but slower or later. What is
# `BAD` has its remedy in the same line.

# %%
print(environment.environment_report())

# %% [markdown]
# ## A face that blushes
#
# Each heartbeat sends a wave of blood into the skin. More blood swallows more light, so with every
# beat the face becomes a little darker, most of all in green. Here is a face, twice, half a
# heartbeat apart.
#
# The person is not real: we *made* the video, from the physics that the next lessons explain. That
# is why we will know the true pulse, and can tell how well we read it. (And why nobody's face is in
# this course.)

# %%
person = synthesis.make_video(34, seconds=20)
plots.faces([person.frames[0], person.frames[12]], ["at 0.0 s", "at 0.4 s"], title="Two moments of one face")

# %% [markdown]
# *The figure in words:* two small, coarse pictures of the same made face, light skin, dark hair.
# They look alike.
#
# Do you see the pulse? Nobody does. A camera tells 256 steps from dark to light, and the pulse
# changes the skin by about one of them. The camera has it all the same. We only have to calculate.

# %% [markdown]
# ## Two words for a rhythm
#
# How fast is a pulse? Two units are in use.
#
# - **Hertz (Hz)** counts how often something happens **in one second**. Cameras and mathematics
#   speak in hertz.
# - **Beats per minute** counts the same **in one minute**. People and doctors speak like this.
#
# A heart that beats once in each second beats at 1 Hz, and 60 times in a minute. A heart at rest
# beats at 0.8 to 1.7 Hz or so, and one that works hard may pass 3 Hz. A *higher* frequency is
# always a *higher* rate.

# %% [markdown]
# ## How to read a check
#
# In each exercise you write a function. The line above it, `@checks.exercise("00.1")`, is its
# *check*: it tries your function on a few inputs and says one of three things.
#
# - **TODO**: not written yet.
# - **FAIL**: what was fed in, what came back, what was expected, and if it is a mistake that many
#   make, which idea it hides.
# - **PASS**: right, in whatever way you wrote it.
#
# A FAIL is not a grade. It is what a teacher beside you would say. Let us provoke two of them: a
# *rehearsal* shows what the check of the first exercise would say of a function, and writes nothing
# down.


# %%
def not_yet(frequency):
    raise NotImplementedError


def too_quick(frequency):
    return frequency / 60


checks.rehearse("00.1", not_yet)
checks.rehearse("00.1", too_quick)

# %% [markdown]
# Read the second one slowly. The function got 1.2 Hz and gave back 0.02 beats per minute: that
# heart would beat once in fifty minutes. The check does not know how the function is *written*; it
# knows who *behaves* like this.
#
# **You can never get stuck.** As long as your function does not pass, the lesson goes on with the
# one of the package. And if you want to see what a function says of itself, type its name with a
# question mark, `checks.rehearse?`, and run that.

# %% [markdown]
# ## Exercise 00.1: beats per minute (easy, 3 minutes)
#
# Write the function that converts a frequency in hertz to beats per minute. 1.2 Hz must become 72.
# Replace the line with `raise`, run the cell, and read the line below it. Then be wrong on purpose
# once: it costs nothing.
#
# *You should see:* 72 for 1.2 Hz, 60 for 1 Hz, and the word PASS.
#
# <details><summary>Hint 1: a question</summary>
#
# How many beats does a heart make in one minute if it beats once in every second? And if it beats
# twice in every second?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# Look at the second bullet of “Two words for a rhythm”. How many of the short times fit into the
# long one?
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# One line is enough: `return`, then the frequency, a sign for one of the four kinds of calculation,
# and one whole number. The same line then works for one frequency and for an array of many.
# </details>


# %%
@checks.exercise("00.1")
def beats_per_minute(frequency):
    """Convert a frequency in hertz, one number or an array of them, to beats per minute."""
    ### BEGIN SOLUTION
    return 60 * frequency
    ### END SOLUTION


# %% [markdown]
# ## A video is a box of numbers
#
# To Python a video is an *[array](glossary.ipynb#cell-id=array)*: a box of numbers with four edges, called *axes*.
#
# | axis | what it counts | here |
# |---|---|---|
# | 0 | time: the frames, one after the other | 600 |
# | 1 | rows of the picture, from the top | 64 |
# | 2 | columns of the picture, from the left | 64 |
# | 3 | colour: red, green, blue | 3 |

# %%
print("shape:", person.frames.shape)
print("kind of number:", person.frames.dtype)
print("one pixel of the first frame, red, green, blue:", person.frames[0, 40, 32])

# %% [markdown]
# `uint8` is a whole number from 0 to 255 in 8 bits: small, but it cannot hold 255 + 1 (it starts
# again at 0), and it has nothing after the decimal point.
#
# Square brackets cut a smaller box out of the large one: `frames[:, 34:46, 18:46]` keeps all times,
# the rows 34 to 45 and the columns 18 to 45, and all colours. In our face these are the cheeks,
# where the skin is thin and nothing hides it.
#
# `cheeks[:, 0, 0, 1]` is then the green of **one** [pixel](glossary.ipynb#cell-id=pixel) over time. Is the pulse in it?

# %%
cheeks = person.frames[:, 34:46, 18:46]
first = person.time < 10

figure, ax = plots.new_figure()
ax.plot(person.time[first], cheeks[first, 0, 0, 1], color=plots.GREEN, linewidth=1.4)
plots.label(ax, "Green of a single pixel", "Time (s)", "Green (0–255)")
display(figure)

# %% [markdown]
# *The figure in words:* a curve over 10 seconds that jumps up and down between a few whole numbers,
# without any rhythm.
#
# The pulse is too small for one pixel: the [noise](glossary.ipynb#cell-id=noise) of the camera buries it. But noise is
# different in each pixel, and the pulse is the same in all of them. The **mean** over many pixels keeps the pulse and
# lets the noise shrink.

# %% [markdown]
# ## Exercise 00.2: the mean colour of each frame (easy to middling, 8 minutes)
#
# Write the function that takes the [frames](glossary.ipynb#cell-id=frame), shape (T, H, W, 3), and returns the mean
# colour of each frame: shape (T, 3), one row for each frame, and in it the mean red, the mean green, the mean blue. Any
# way is right: a loop, NumPy, anything.
#
# *You should see:* the shape (600, 3) for our 600 frames; and 200, 100, 50 for a frame in which every pixel is
# 200, 100, 50.
#
# <details><summary>Hint 1: a question</summary>
#
# Two of the four axes are there afterwards, and two are gone. Which ones must go?
# </details>
#
# <details><summary>Hint 2: a pointer</summary>
#
# `frames.mean(axis=0)` is the mean along axis 0, and that axis is gone afterwards. `axis` also
# takes several numbers at once, in round brackets. Print the `.shape` of what you get.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# With NumPy: one call of `mean`, over both axes of the picture. With a loop: an empty list; for
# each frame the mean of its rows and columns, appended to the list; at the end `np.array(...)`
# around the list (after `import numpy as np`).
# </details>


# %%
@checks.exercise("00.2")
def mean_colour(frames):
    """Mean red, green and blue of each frame: (T, H, W, 3) becomes (T, 3)."""
    ### BEGIN SOLUTION
    return frames.mean(axis=(1, 2))
    ### END SOLUTION


# %% [markdown]
# ## A pulse hidden in a colour
#
# Now your function (or the package's, until yours passes) takes the mean over the cheeks, in each
# of the 600 frames.

# %%
colour = mean_colour(cheeks)
plots.colour_trace(person.time, colour, relative=True, title="Mean colour of the cheeks")

# %% [markdown]
# *The figure in words:* three curves over 20 seconds, red, green and blue, each in per cent of its
# own mean. All wander slowly by about half a per cent up and down. On top sits a quicker, uneven
# ripple, about one in each second.
#
# The slow wandering is the light and the head. The ripple is the heart. A *[filter](glossary.ipynb#cell-id=filter)*
# keeps only what is as quick as a heart can be, 0.7 to 4 Hz. And because more blood means *less* light, we turn the
# curve upside down.

# %%
pulse = -spectrum.bandpass(colour[:, 1], person.fs)
truth = spectrum.bandpass(person.bvp, person.fs)
plots.wave(
    person.time[first],
    {"from green, upside down": pulse[first], "true pulse": truth[first]},
    standardise=True,
    title="What the colour knows of the pulse",
)

# %% [markdown]
# *The figure in words:* two curves over 10 seconds with about one wave in each second. The one read
# from green is rougher, but its waves rise and fall with those of the true pulse.

# %% [markdown]
# ## A first heart rate
#
# Which rhythm is the strongest in that curve? The *[power spectrum](glossary.ipynb#cell-id=power-spectrum)* answers:
# for each frequency it says how much of it there is. Your function from Exercise 00.1 writes beats per minute on its
# axis.

# %%
frequency, power = spectrum.power_spectrum(pulse, person.fs)
rate = beats_per_minute(frequency)
heart = (frequency > 0.7) & (frequency < 4)
strongest = rate[heart][power[heart].argmax()]

figure, ax = plots.new_figure()
ax.plot(rate[heart], power[heart] / power[heart].max(), color=plots.GREEN)
ax.axvline(strongest, color=plots.BLACK, linestyle="--", linewidth=1.2)
plots.label(ax, "Which rhythm is in the green?", "Rate (beats per minute)", "Power (share of the highest)")
display(figure)

# %% [markdown]
# *The figure in words:* power over rates from 42 to 240 beats per minute. One peak towers over all
# others, at about 70; a dashed line marks it.

# %% tags=["nbval-check-output"]
true_rate = spectrum.heart_rate(person.bvp, person.fs)
print(f"read from the face: {strongest:.1f} beats per minute")
print(f"the true heart:     {true_rate:.1f} beats per minute")

# %% [markdown]
# You have measured a heart rate without touching anybody.
#
# Now be suspicious. Go back to “A face that blushes”, make person 14 or 22 instead of 34, and run
# everything below it again. We chose person 34 because it works: light skin, calm light, a head
# that keeps still. For several of the others this simple way finds the wandering of the light, and not
# the heart. Why, and what to do about it, is what this course is about.

# %% [markdown]
# ## Which lesson needs which
#
# You can go from 00 to 12. If you would rather take a way of your own, here is what each lesson builds on: a
# solid arrow leads to a lesson that needs the other, a dotted one to a lesson for which it helps.
#
# ```mermaid
# flowchart LR
#     L00["00 How does this course work?"]
#     L01["01 Why does light know your pulse?"]
#     L02["02 How does a face become numbers?"]
#     L03["03 What else is in the signal?"]
#     L04["04 Can we find the pulse without learning?"]
#     L05["05 How does a video become data?"]
#     L06["06 Can we get the same answer twice?"]
#     L07["07 What is in the file?"]
#     L08["08 Who is in the test set?"]
#     L09["09 How can a network see a pulse?"]
#     L10["10 What should it be punished for?"]
#     L11["11 Will it learn?"]
#     L12["12 How good is it, honestly?"]
#     L14["14 Can made faces teach a network to read real ones?"]
#     L00 --> L01
#     L01 --> L02
#     L00 --> L03
#     L01 -.-> L03
#     L02 --> L04
#     L03 --> L04
#     L03 --> L05
#     L00 --> L06
#     L00 --> L07
#     L00 --> L08
#     L06 -.-> L08
#     L07 -.-> L08
#     L00 --> L09
#     L09 --> L10
#     L00 --> L11
#     L09 -.-> L11
#     L10 -.-> L11
#     L11 --> L12
#     L12 --> L14
#     L04 -.-> L14
# ```
#
# In words: 01 needs 00; 02 needs 00 and 01; 03 needs 00 (01 helps); 04 needs 00, 02 and 03; 05 needs
# 00 and 03; 06 needs 00; 07 needs 00; 08 needs 00 (06 and 07 help); 09 needs 00; 10 needs 00 and 09;
# 11 needs 00 (09 and 10 help); 12 needs 00 and 11; 14 needs 12 (04 helps).

# %% [markdown]
# ## When you are stuck
#
# - Read the FAIL again, then the section that it names, then the hints one by one.
# - Try your function by hand in a new cell (button ＋), with an input so small that you know the
#   answer.
# - Leave it. The lesson goes on with the package's function, and you can come back.
# - Which exercises you have done is kept in one small file on this computer: `python lab.py
#   progress` shows it, in a terminal. Nobody else sees it.

# %%
checks.show_progress("00")

# %% [markdown]
# ## What you found
#
# - A lesson is text, cells, exercises and checks. A check knows many mistakes by what they do, and
#   never stops you.
# - Hertz counts in a second, beats per minute in a minute.
# - A video is an array (time, rows, columns, colour). A mean over the picture keeps time and
#   colour.
# - The pulse is a change of the skin's colour that no eye sees and no single pixel shows. The mean
#   over many pixels shows it.
# - One good example proves nothing: we chose it.

# %% [markdown]
# ## Three questions to ask yourself
#
# **1. A face is filmed with 30 frames per second for 20 seconds, and 64 by 64 pixels are kept. How
# many numbers is that?**
#
# <details><summary>Answer</summary>
#
# 30 · 20 = 600 frames, each of 64 · 64 = 4096 pixels, each of 3 colours: 7 372 800 numbers. The
# heart rate is one number. All that follows is about throwing away the right ones.
# </details>
#
# **2. Why did we turn the curve upside down?**
#
# <details><summary>Answer</summary>
#
# Blood absorbs light. When the wave of blood arrives the skin becomes darker, so the green goes
# down when the blood volume goes up. For the heart rate this makes no difference. For the shape of
# the wave it does.
# </details>
#
# **3. A colleague shows you a program that reads one face correctly. What do you ask?**
#
# <details><summary>Answer</summary>
#
# How many faces were tried, who chose them, and how wrong it is on the others. Light and dark skin,
# rest and movement? And what does it say of a face that has no pulse at all? Lesson 12 asks these
# questions in earnest.
# </details>

# %% [markdown]
# ## Where to read on
#
# - The first who saw a pulse in an ordinary video of a face, with the mean of the green: W.
#   Verkruysse, L. O. Svaasand and J. S. Nelson, “Remote plethysmographic imaging using ambient
#   light”, *Optics Express* 16 (2008).
# - On arrays and their axes: “NumPy: the absolute basics for beginners”, in the documentation of
#   NumPy.
# - In this project: `rppg_lab/synthesis.py`, which made the face, and `rppg_lab/spectrum.py`, which
#   made the spectrum.
