"""Draw the picture of README.md: `python docs/make_pictures.py`."""

from pathlib import Path

import numpy as np

from rppg_lab import plots
from rppg_lab.inference import predict_wave
from rppg_lab.models import load_weights, shipped_weights
from rppg_lab.spectrum import bandpass, heart_rate
from rppg_lab.synthesis import make_video

SHOWN = (9, 10, 11, 13, 14, 25)  # people whom the network has never seen, light to dark
READ = 13
SECONDS = 20


def picture() -> plots.Figure:
    """Made faces; one pixel's green, in which nobody sees a pulse; the wave a trained network reads from them all."""
    person = make_video(READ, seconds=SECONDS)
    wave = predict_wave(load_weights(shipped_weights("physnet_lab")), person.frames, person.fs)
    truth = bandpass(person.bvp, person.fs)
    first = person.time < SECONDS / 2

    figure = plots.Figure(figsize=(10, 6.2), dpi=plots.DPI, layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=(1.15, 2))
    tones = sorted((make_video(n, seconds=0.1) for n in SHOWN), key=lambda video: video.truths["tone"])
    for ax, video in zip(above.subplots(1, len(tones)), tones, strict=True):
        ax.imshow(video.frames[0], interpolation="bilinear")
        ax.set_axis_off()
    pixel, pulse = below.subplots(2, 1, sharex=True)
    pixel.plot(person.time[first], person.frames[first, 40, 32, 1], color=plots.GREY, linewidth=1)
    plots.label(pixel, "One pixel of a face: nobody sees a pulse", y="Green, 0–255")
    pulse.plot(
        person.time[first], (truth / truth.std())[first], color=plots.BLACK, linestyle="--", label="the true pulse"
    )
    pulse.plot(person.time[first], wave[first], color=plots.RED, label="read by a network trained in lesson 11")
    read, true = heart_rate(wave, person.fs), heart_rate(person.bvp, person.fs)
    title = f"All of them together: {read:.1f} beats per minute; the true heart {true:.1f}"
    plots.label(pulse, title, "Time (s)", "Pulse")
    pulse.legend(fontsize=plots.SMALL, frameon=False, loc="upper right", ncols=2)
    for ax in (pixel, pulse):
        ax.spines[["top", "right"]].set_visible(False)
    pulse.set_ylim(np.array([-2.0, 4.6]))
    return figure


if __name__ == "__main__":
    target = Path(__file__).with_name("picture.png")
    target.write_bytes(picture()._repr_png_())
    print(target)
