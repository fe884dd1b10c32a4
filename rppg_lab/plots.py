"""The figures that the lessons share. Each function draws what it is given and returns one Figure.

For lesson writers: make the call the **last expression of a cell**, `plots.wave(...)`, and it is shown exactly once,
with or without `%matplotlib inline` (leave that out: the picture is three times as large with it). Do not call
`plt.show()`, do not import pyplot: these figures are not pyplot's, nothing stays open, no global setting is touched.
For a drawing that is not here take `new_figure` and finish with `label`, and the look is the same. To show two figures
from one cell use `IPython.display.display(figure)` for the first.

Text in figures is English and at least 11 points. Colours are those of Okabe and Ito, which colour-blind people can
tell apart, and never the only difference: line styles and markers differ as well. Put a sentence that says what the
figure shows into the markdown cell below it.

As everywhere in the course the predicted values come first and the true ones second.
"""

from __future__ import annotations

import io
from collections.abc import Hashable, Mapping, Sequence

import numpy as np
from matplotlib import figure as mpl_figure
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.ticker import FixedLocator, MaxNLocator, NullFormatter, NullLocator, ScalarFormatter
from PIL import Image

from rppg_lab import evaluation
from rppg_lab.spectrum import HEART_BAND, heart_rate, power_spectrum, resolution_bpm

# Okabe & Ito (2008), the yellow left out: it cannot be seen on white
BLACK, ORANGE, SKY, GREEN, BLUE, RED, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip
COLOURS = (BLUE, RED, GREEN, PURPLE, ORANGE, SKY, BLACK)
LINES = ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
GREY = "#767676"
TITLE, TEXT, SMALL = 14, 12, 11  # points
DPI = 90  # 8 inches: 720 pixels


class Figure(mpl_figure.Figure):
    """A matplotlib Figure that a notebook can show although pyplot, which usually tells it how, is not used."""

    def _repr_png_(self) -> bytes:
        canvas = FigureCanvasAgg(self)
        canvas.draw()
        pixels = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
        buffer = io.BytesIO()
        pixels.quantize(256).save(buffer, format="png", optimize=True)  # a third of the size, to the eye the same
        return buffer.getvalue()


def new_figure(
    rows: int = 1, columns: int = 1, *, width: float = 8.0, height: float = 3.8, sharex: bool = False
) -> tuple[Figure, Axes | np.ndarray]:
    """An empty figure in the course's style and its axes (one, or an array of them). Sizes in inches."""
    figure = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.08)
    axes = figure.subplots(rows, columns, sharex=sharex)
    for ax in np.ravel(axes):
        ax.tick_params(labelsize=SMALL)
        ax.grid(True, color="#DDDDDD", linewidth=0.8)
        ax.set_axisbelow(True)
        ax.spines[["top", "right"]].set_visible(False)
    return figure, axes


def label(ax: Axes, title: str = "", x: str = "", y: str = "", legend: bool = False) -> None:
    """Title and axis labels, with their units, and a legend, in readable sizes."""
    if title:
        ax.set_title(title, fontsize=TITLE, loc="left")
    if x:
        ax.set_xlabel(x, fontsize=TEXT)
    if y:
        ax.set_ylabel(y, fontsize=TEXT)
    if legend:
        ax.legend(fontsize=SMALL, frameon=False, loc="best")


def _legend_below(figure: Figure) -> None:
    """The legend under the axes, where curves that fill the whole panel cannot run through it."""
    figure.legend(fontsize=SMALL, frameon=False, loc="outside lower center", ncols=4)


def _style(i: int) -> dict[str, object]:
    """Colour and line style of the i-th curve of a figure."""
    return {"color": COLOURS[i % len(COLOURS)], "linestyle": LINES[i % len(LINES)], "linewidth": 1.8}


def _named(values: Mapping[str, np.ndarray] | np.ndarray, name: str) -> dict[str, np.ndarray]:
    """Curves by name; a single array gets the name given."""
    curves = values if isinstance(values, Mapping) else {name: values}
    if not curves:
        raise ValueError("there is nothing to draw")
    return {key: np.asarray(curve, dtype=np.float64) for key, curve in curves.items()}


def _same_length(time: np.ndarray, curves: Mapping[str, np.ndarray]) -> None:
    for name, curve in curves.items():
        if curve.shape != time.shape:
            raise ValueError(f"{name!r} has shape {curve.shape}, but the times have shape {time.shape}")


# --- what goes in ----------------------------------------------------------------------------------------------------


def faces(
    frames: Sequence[np.ndarray], titles: Sequence[str], *, title: str = "Frames", columns: int | None = None
) -> Figure:
    """Frames (H, W, 3), uint8 or float 0–1, side by side, each under its title; the size in pixels stands below."""
    if not len(frames) or len(frames) != len(titles):
        raise ValueError(f"{len(frames)} frames and {len(titles)} titles: give as many of each, at least one")
    if columns is None:
        columns = -(-len(frames) // -(-len(frames) // 6))  # at most 6 in a row, the rows as equal as can be
    rows = -(-len(frames) // columns)
    figure, axes = new_figure(rows, columns, width=min(8.0, 2.4 * columns), height=round(0.6 + 2.0 * rows, 1))
    for ax in np.ravel(axes)[len(frames) :]:
        ax.set_axis_off()
    for ax, frame, name in zip(np.ravel(axes), frames, titles, strict=False):
        ax.imshow(frame, interpolation="nearest")
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
        ax.set_title(name, fontsize=SMALL)
        ax.set_xlabel(f"{np.shape(frame)[1]} × {np.shape(frame)[0]} px", fontsize=SMALL)
        ax.spines[:].set_visible(False)
    figure.suptitle(title, fontsize=TITLE, x=0.02, horizontalalignment="left")
    return figure


def colour_trace(
    time: np.ndarray, rgb: np.ndarray, *, relative: bool = False, title: str = "Mean colour of the skin"
) -> Figure:
    """Mean colour (T, 3) over time (T,) in s, one panel per channel, each with its own range.

    relative: the change of each channel in per cent of its own mean (AC over DC), all three on one range.
    """
    time, rgb = np.asarray(time), np.asarray(rgb, dtype=np.float64)
    if rgb.shape != (*time.shape, 3):
        raise ValueError(f"rgb {rgb.shape} must be (T, 3) for the {time.shape} times")
    values = 100 * (rgb / rgb.mean(axis=0) - 1) if relative else rgb
    figure, axes = new_figure(3, 1, height=5.0, sharex=True)
    unit = "(%)" if relative else "(0–255)" if rgb.max() > 1 else "(0–1)"
    for ax, name, colour, channel in zip(axes, ("Red", "Green", "Blue"), (RED, GREEN, BLUE), values.T, strict=True):
        ax.plot(time, channel, color=colour, linewidth=1.4)
        label(ax, y=f"{name} {unit}")
        if relative:
            ax.set_ylim(1.05 * values.min(), 1.05 * values.max())
    label(axes[0], title)
    label(axes[2], x="Time (s)")
    figure.align_ylabels()
    return figure


# --- waves -----------------------------------------------------------------------------------------------------------


def wave(
    time: np.ndarray,
    waves: Mapping[str, np.ndarray] | np.ndarray,
    *,
    beats: np.ndarray | None = None,
    standardise: bool = False,
    title: str = "Pulse wave",
) -> Figure:
    """Waves (T,) by name over time (T,) in s. beats: times in s, marked on the first wave.

    standardise: each with mean 0 and standard deviation 1, to compare shapes whose units differ.
    """
    time, curves = np.asarray(time, dtype=np.float64), _named(waves, "pulse wave")
    _same_length(time, curves)
    if standardise:
        curves = {name: (curve - curve.mean()) / (curve.std() or 1.0) for name, curve in curves.items()}
    figure, ax = new_figure(height=4.0)
    for i, (name, curve) in enumerate(curves.items()):
        ax.plot(time, curve, label=name, **_style(i))
    if beats is not None:
        first = next(iter(curves.values()))
        ax.plot(beats, np.interp(beats, time, first), "o", color=BLACK, fillstyle="none", markersize=8, label="beats")
    unit = "standard deviations" if standardise else "arbitrary units"
    label(ax, title, "Time (s)", f"Pulse wave ({unit})")
    if len(curves) > 1 or beats is not None:
        _legend_below(figure)
    return figure


def spectrum(
    waves: Mapping[str, np.ndarray] | np.ndarray,
    fs: float,
    rates: Mapping[str, float] | None = None,
    *,
    band: tuple[float, float] = HEART_BAND,
    title: str | None = None,
) -> Figure:
    """Power spectra of waves (T,) by name, each as a share of its highest value in the band, heart rates marked.

    rates: rates per minute by name, drawn as vertical lines, in the style of the wave of that name (default: what
    `heart_rate` reads from each wave). The default title says how far apart two rates must lie for so long a wave to
    tell them apart.
    """
    curves = _named(waves, "pulse wave")
    if rates is None:
        rates = {name: float(heart_rate(curve, fs, band=band)) for name, curve in curves.items()}
    marked = {name: f"{name}: {rate:.1f} per minute" for name, rate in rates.items() if np.isfinite(rate)}
    figure, ax = new_figure(height=4.0)
    for i, (name, curve) in enumerate(curves.items()):
        frequency, power = power_spectrum(curve, fs)
        inside = (frequency >= band[0]) & (frequency <= band[1])
        share = power[inside] / (power[inside].max() or 1.0)
        ax.plot(60 * frequency[inside], share, label=marked.get(name, name), **_style(i))
    for i, name in enumerate(marked):
        own = name in curves
        style = _style(list(curves).index(name) if own else len(curves) + i) | {"linewidth": 1.2}
        ax.axvline(rates[name], label=None if own else marked[name], **style)
    ax.set_xlim(60 * band[0], 60 * band[1])
    ax.set_ylim(0, 1.05)
    above = ax.secondary_xaxis("top", functions=(lambda x: x / 60, lambda x: x * 60))
    above.set_xlabel("Frequency (Hz)", fontsize=SMALL)
    above.tick_params(labelsize=SMALL)
    seconds = next(iter(curves.values())).size / fs
    if title is None:
        title = f"Power spectrum of {seconds:.0f} s: resolution {resolution_bpm(seconds):.1f} per minute"
    label(ax, title, "Rate (beats per minute)", "Power (share of the highest)", legend=True)
    return figure


# --- training --------------------------------------------------------------------------------------------------------


def learning_curves(
    training: Mapping[str, Sequence[float]] | Sequence[float],
    validation: Mapping[str, Sequence[float]] | Sequence[float] | None = None,
    *,
    best_epoch: int | None = None,
    loss: str = "Loss (1 − r, no unit)",
    title: str = "Learning curves",
) -> Figure:
    """Loss after each epoch, from 1: of one run, or of several by name, training solid and validation dashed.

    best_epoch: the epoch, from 1, whose weights are kept. An epoch whose loss is NaN leaves a gap.
    """
    figure, ax = new_figure()
    parts = [("training", training, "-", "o"), ("validation", validation, "--", "s")]
    places: dict[str, int] = {}
    for part, runs, line, marker in parts:
        if runs is None:
            continue
        for name, losses in _named(runs, "").items():
            i = places.setdefault(name, len(places))
            colour = COLOURS[i % len(COLOURS)] if isinstance(runs, Mapping) else (BLUE if line == "-" else RED)
            shape = MARKERS[i % len(MARKERS)] if isinstance(runs, Mapping) else marker
            filled = "full" if line == "-" else "none"
            epochs = np.arange(1, losses.size + 1)
            ax.plot(
                epochs, losses, color=colour, linestyle=line, linewidth=1.8, marker=shape, fillstyle=filled,
                label=f"{name}, {part}" if name else part,
            )  # fmt: skip
    if best_epoch:
        ax.axvline(best_epoch, color=GREY, linestyle=":", linewidth=1.5, label=f"best epoch: {best_epoch}")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    label(ax, title, "Epoch (number)", loss, legend=True)
    return figure


# --- how good --------------------------------------------------------------------------------------------------------


def _grouped(values: int, groups: Sequence[Hashable] | None) -> dict[Hashable, np.ndarray]:
    """Positions of the values of each group, in order of appearance; one group without a name if there are none."""
    if groups is None:
        return {"": np.arange(values)}
    groups = list(groups)
    if len(groups) != values:
        raise ValueError(f"{len(groups)} groups for {values} values: give the group of every value")
    return {name: np.array([i for i, other in enumerate(groups) if other == name]) for name in dict.fromkeys(groups)}


def _scatter(ax: Axes, x: np.ndarray, y: np.ndarray, groups: Sequence[Hashable] | None) -> bool:
    """Points, one style per group. Says whether a legend is needed."""
    for i, (name, index) in enumerate(_grouped(x.size, groups).items()):
        ax.plot(
            x[index], y[index], linestyle="none", marker=MARKERS[i % len(MARKERS)], color=COLOURS[i % len(COLOURS)],
            markersize=6, alpha=0.6, markeredgewidth=0, label=str(name),
        )  # fmt: skip
    return groups is not None


def predicted_against_true(
    predicted: np.ndarray,
    true: np.ndarray,
    groups: Sequence[Hashable] | None = None,
    *,
    title: str = "Predicted against true heart rate",
) -> Figure:
    """Predicted over true rates (n,), per minute, one style per group, with the line of equality and ± 5 beside it."""
    predicted, true = np.asarray(predicted, dtype=np.float64), np.asarray(true, dtype=np.float64)
    _same_length(true, {"predicted": predicted})
    figure, ax = new_figure(width=6.0, height=5.2)
    both = np.concatenate([predicted, true])
    low, high = np.nanmin(both) - 5, np.nanmax(both) + 5
    ax.plot([low, high], [low, high], color=BLACK, linewidth=1.2, label="equal")
    far = evaluation.FAR_OFF
    ax.fill_between([low, high], [low - far, high - far], [low + far, high + far], color=GREY, alpha=0.2, linewidth=0,
                    label=f"± {far:g} per minute")  # fmt: skip
    _scatter(ax, true, predicted, groups)
    ax.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    label(ax, title, "True rate (beats per minute)", "Predicted rate (beats per minute)")
    handles, names = ax.get_legend_handles_labels()
    shown = [(handle, name) for handle, name in zip(handles, names, strict=True) if name]
    ax.legend(*zip(*shown, strict=True), fontsize=SMALL, frameon=False)
    return figure


def bland_altman(
    predicted: np.ndarray,
    true: np.ndarray,
    groups: Sequence[Hashable] | None = None,
    *,
    title: str = "Agreement (Bland–Altman)",
) -> Figure:
    """Difference over mean of predicted and true rates (n,), per minute, with bias and 95 % limits of agreement."""
    bias, low, high = evaluation.bland_altman(predicted, true)
    predicted, true = np.asarray(predicted, dtype=np.float64), np.asarray(true, dtype=np.float64)
    figure, ax = new_figure(height=4.2)
    legend = _scatter(ax, (predicted + true) / 2, predicted - true, groups)
    for value, name, line in ((high, "mean + 1.96 SD", "--"), (bias, "bias", "-"), (low, "mean − 1.96 SD", "--")):
        ax.axhline(value, color=BLACK, linestyle=line, linewidth=1.4)
        text = f"{name}: {value:+.1f}".replace("-", "−")
        beside = {"xycoords": ("axes fraction", "data"), "verticalalignment": "center"}
        ax.annotate(text, (1.01, value), fontsize=SMALL, **beside)
    label(ax, title, "Mean of both rates (beats per minute)", "Predicted − true (per minute)", legend=legend)
    return figure


_ERROR_TICKS = (0, 1, 2, 5, 10, 20, 50, 100)


def errors_by_method(
    errors: Mapping[str, float | Sequence[float]],
    intervals: Mapping[str, tuple[float, float]] | None = None,
    *,
    quantity: str = "Mean absolute error (beats per minute)",
    title: str = "Error by method",
) -> Figure:
    """One row per method, the first on top: its error as a number and a mark, and its interval (low, high) as a bar.

    Where a method comes with many errors, one per window, all are drawn as dots and the mark is their mean; the axis is
    then linear to 1 and logarithmic beyond, so that half a beat and an octave both can be seen.
    """
    values = {name: np.atleast_1d(np.asarray(value, dtype=np.float64)) for name, value in errors.items()}
    if not values:
        raise ValueError("there is nothing to draw")
    many = any(value.size > 1 for value in values.values())
    figure, ax = new_figure(height=1.4 + 0.5 * len(values))
    rows = np.arange(len(values))[::-1]
    for i, (row, (name, value)) in enumerate(zip(rows, values.items(), strict=True)):
        colour, marker = COLOURS[i % len(COLOURS)], MARKERS[i % len(MARKERS)]
        if value.size > 1:
            spread = 0.3 * np.random.default_rng(0).uniform(-1, 1, value.size)  # beside each other, not over each other
            ax.plot(value, row + spread, ".", color=colour, alpha=0.25, markersize=5, markeredgewidth=0)
        middle = value.mean()
        text = f"{middle:.1f}"
        if intervals is not None and name in intervals:
            low, high = intervals[name]
            ax.plot([low, high], [row, row], color=BLACK, linewidth=2.5, solid_capstyle="butt")
            text += f"  [{low:.1f}, {high:.1f}]"
        ax.plot(middle, row, marker=marker, color=colour, markersize=10, markeredgecolor=BLACK, linestyle="none")
        ax.annotate(text, (1.01, row), xycoords=("axes fraction", "data"), fontsize=SMALL, verticalalignment="center")
    ax.set_yticks(rows, list(values), fontsize=TEXT)
    ax.set_ylim(-0.6, len(values) - 0.4)
    if many:
        ax.set_xscale("symlog", linthresh=1.0)
        ax.xaxis.set_major_locator(FixedLocator(_ERROR_TICKS))
        ax.xaxis.set_major_formatter(ScalarFormatter())
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlim(left=0)
    label(ax, title, quantity, "Method (name)")
    return figure


def window_comparison(
    windows: Sequence[float],
    errors: Mapping[str, Sequence[float]],
    intervals: Mapping[str, Sequence[tuple[float, float]]] | None = None,
    *,
    quantity: str = "Median error (beats per minute)",
    title: str = "What a longer window buys",
) -> Figure:
    """Error of each method over the length of the window in s, with intervals, beside the resolution 60 / window."""
    windows, curves = np.asarray(windows, dtype=np.float64), _named(errors, "error")
    _same_length(windows, curves)
    figure, ax = new_figure()
    smooth = np.linspace(windows.min(), windows.max(), 200)
    ax.plot(smooth, 60 / smooth, color=GREY, linewidth=1.2, label="resolution, 60 / window")
    for i, (name, curve) in enumerate(curves.items()):
        if intervals is not None and name in intervals:
            low, high = np.asarray(intervals[name], dtype=np.float64).T
            ax.fill_between(windows, low, high, color=COLOURS[i % len(COLOURS)], alpha=0.15, linewidth=0)
        ax.plot(windows, curve, marker=MARKERS[i % len(MARKERS)], markersize=7, label=name, **_style(i))
    ax.set_ylim(bottom=0)
    label(ax, title, "Length of the window (s)", quantity, legend=True)
    return figure


def rates_over_time(
    start: np.ndarray,
    rates: Mapping[str, np.ndarray] | np.ndarray,
    true: np.ndarray | None = None,
    *,
    title: str = "Heart rate, window by window",
) -> Figure:
    """Rates (n,) per minute by name in the windows that begin at start (n,) in s, over the true rates if given."""
    start, curves = np.asarray(start, dtype=np.float64), _named(rates, "predicted")
    true_curve = {} if true is None else {"true": np.asarray(true, dtype=np.float64)}
    _same_length(start, {**curves, **true_curve})
    figure, ax = new_figure(height=4.0)
    for curve in true_curve.values():
        ax.plot(start, curve, color=BLACK, linewidth=3.5, alpha=0.35, label="true")
    for i, (name, curve) in enumerate(curves.items()):
        ax.plot(start, curve, marker=MARKERS[i % len(MARKERS)], markersize=6, label=name, **_style(i))
    label(ax, title, "Start of the window (s)", "Heart rate (beats per minute)")
    _legend_below(figure)
    return figure
