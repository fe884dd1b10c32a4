"""What is drawn is what was given, it can be read from the last row, and a notebook shows it exactly once."""

import io

import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from IPython.core.pylabtools import print_figure
from matplotlib import figure as mpl_figure
from matplotlib import rcParams
from matplotlib.text import Text
from PIL import Image

from rppg_lab import evaluation, plots
from rppg_lab.spectrum import power_spectrum

RNG = np.random.default_rng(0)
FS = 30.0
TIME = np.arange(300) / FS
PULSE = np.sin(2 * np.pi * 1.2 * TIME) + 0.3 * np.sin(2 * np.pi * 2.4 * TIME)
NOISY = PULSE + RNG.normal(0, 0.3, 300)
RGB = np.array([170.0, 120.0, 95.0]) - PULSE[:, None] * [0.3, 0.8, 0.5]
TRUE = RNG.uniform(50, 140, 60)
PREDICTED = TRUE + RNG.normal(0.5, 2, 60)
TONE = np.repeat(["light", "middle", "dark"], 20)
FRAMES = [RNG.integers(0, 256, (64, 64, 3), dtype=np.uint8) for _ in range(8)]

FIGURES = {
    "faces": lambda: plots.faces(FRAMES, [f"tone {i / 8:.1f}" for i in range(8)]),
    "colour_trace": lambda: plots.colour_trace(TIME, RGB),
    "colour_trace relative": lambda: plots.colour_trace(TIME, RGB, relative=True),
    "wave": lambda: plots.wave(TIME, {"POS": NOISY, "sensor": PULSE}, beats=np.array([1.0, 2.0])),
    "spectrum": lambda: plots.spectrum({"POS": NOISY, "sensor": PULSE}, FS, {"true": 72.0}),
    "learning_curves": lambda: plots.learning_curves([0.9, 0.5, 0.3], [0.95, 0.6, 0.7], best_epoch=2),
    "predicted_against_true": lambda: plots.predicted_against_true(PREDICTED, TRUE, TONE),
    "bland_altman": lambda: plots.bland_altman(PREDICTED, TRUE, TONE),
    "errors_by_method": lambda: plots.errors_by_method(
        {"PhysNet": np.abs(PREDICTED - TRUE), "always the mean": np.abs(TRUE - TRUE.mean())}, {"PhysNet": (1.0, 2.0)}
    ),
    "window_comparison": lambda: plots.window_comparison(
        [5, 10, 20], {"POS": [4, 2, 1]}, {"POS": [(3, 5), (1, 3), (0, 2)]}
    ),
    "rates_over_time": lambda: plots.rates_over_time([0, 10, 20], {"POS": [70, 36, 72]}, [70, 71, 72]),
}
figures = pytest.mark.parametrize("name", FIGURES)


def curve(ax, name):
    """The points of the curve that the legend calls so."""
    (line,) = [line for line in ax.get_lines() if line.get_label() == name]
    return line.get_xdata(), line.get_ydata()


# --- every figure ----------------------------------------------------------------------------------------------------


@figures
def test_a_figure_has_a_title_and_axes_with_units(name):
    figure = FIGURES[name]()
    titles = [ax.get_title(loc=loc) for ax in figure.axes for loc in ("left", "center")] + [figure.get_suptitle()]
    assert any(titles)
    visible = [ax for ax in figure.axes if ax.axison]
    assert any(ax.get_xlabel() for ax in visible)
    for ax in visible:
        for text in (ax.get_xlabel(), ax.get_ylabel()):
            assert not text or "(" in text or text.endswith("px"), f"{text!r} has no unit"
        assert ax.get_ylabel() or name == "faces"


@figures
def test_a_figure_can_be_read_from_the_last_row(name):
    figure = FIGURES[name]()
    figure.draw_without_rendering()
    texts = [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]
    assert min(text.get_fontsize() for text in texts) >= 11
    width, height = figure.bbox.size
    ticks = {tick.get_text() for ax in figure.axes for tick in ax.get_xticklabels() + ax.get_yticklabels()}
    for text in texts:
        if text.get_text() not in ticks:  # those beyond the view are never drawn
            box = text.get_window_extent()
            inside = [box.x0 >= -1, box.y0 >= -1, box.x1 <= width + 1, box.y1 <= height + 1]
            assert all(inside), f"{text.get_text()!r} is cut off"


@figures
def test_a_notebook_shows_it_exactly_once_and_small(name):
    figure = FIGURES[name]()
    shown, _ = DisplayFormatter().format(figure)
    assert set(shown) == {"text/plain", "image/png"}
    assert len(shown["image/png"]) < 80_000
    assert Image.open(io.BytesIO(shown["image/png"])).size == tuple(np.round(figure.bbox.size))


def test_it_is_shown_once_with_the_inline_backend_too():
    formatter = DisplayFormatter()
    # what %matplotlib inline does: a printer for every matplotlib Figure, which goes before ours
    formatter.formatters["image/png"].for_type(mpl_figure.Figure, lambda figure: print_figure(figure, base64=True))
    shown, _ = formatter.format(plots.learning_curves([0.9, 0.5]))
    assert set(shown) == {"text/plain", "image/png"}


def test_nothing_global_is_left_behind():
    from matplotlib import pyplot

    before = dict(rcParams)
    for make in FIGURES.values():
        assert isinstance(make(), mpl_figure.Figure)
    assert pyplot.get_fignums() == []
    assert dict(rcParams) == before


@pytest.mark.parametrize("name", ["learning_curves", "errors_by_method"])
def test_the_same_data_give_the_same_picture(name):
    assert FIGURES[name]()._repr_png_() == FIGURES[name]()._repr_png_()


def test_curves_differ_in_more_than_colour():
    figure = plots.wave(TIME, {str(i): PULSE + i for i in range(7)})
    lines = figure.axes[0].get_lines()
    assert len({str(line.get_linestyle()) + str(line._dash_pattern) for line in lines}) == 7
    assert len({line.get_color() for line in lines}) == 7
    ax = plots.rates_over_time([0, 1], {str(i): [70, 71 + i] for i in range(7)}).axes[0]
    assert len({line.get_marker() for line in ax.get_lines()}) == 7
    assert len(set(plots.COLOURS)) == len(set(plots.MARKERS)) == len(set(plots.LINES)) == 7


# --- the data in each ------------------------------------------------------------------------------------------------


def test_faces_show_every_frame_under_its_title():
    figure = plots.faces([FRAMES[0], FRAMES[1] / 255], ["light", "dark"])
    assert [ax.get_title() for ax in figure.axes] == ["light", "dark"]
    assert np.array_equal(figure.axes[0].get_images()[0].get_array(), FRAMES[0])
    assert figure.axes[0].get_xlabel() == "64 × 64 px"
    assert sum(ax.axison for ax in plots.faces(FRAMES[:7], list("abcdefg")).axes) == 7
    with pytest.raises(ValueError, match="2 frames and 1 titles"):
        plots.faces(FRAMES[:2], ["one"])


def test_colour_trace_draws_the_channels():
    for i, ax in enumerate(plots.colour_trace(TIME, RGB).axes):
        assert np.array_equal(ax.get_lines()[0].get_xdata(), TIME)
        assert np.array_equal(ax.get_lines()[0].get_ydata(), RGB[:, i])
    relative = plots.colour_trace(TIME, RGB, relative=True).axes
    assert relative[1].get_ylabel() == "Green (%)"
    assert np.allclose(relative[1].get_lines()[0].get_ydata(), 100 * (RGB[:, 1] / RGB[:, 1].mean() - 1))
    assert plots.colour_trace(TIME, RGB / 255).axes[0].get_ylabel() == "Red (0–1)"
    with pytest.raises(ValueError, match=r"must be \(T, 3\)"):
        plots.colour_trace(TIME, RGB[:-1])


def test_wave_draws_the_waves_and_the_beats_on_them():
    ax = plots.wave(TIME, {"POS": NOISY, "sensor": PULSE}, beats=[1.0, 1.05]).axes[0]
    assert np.array_equal(curve(ax, "POS"), [TIME, NOISY])
    assert np.array_equal(curve(ax, "sensor"), [TIME, PULSE])
    assert np.allclose(curve(ax, "beats"), [[1.0, 1.05], np.interp([1.0, 1.05], TIME, NOISY)])
    assert "arbitrary units" in ax.get_ylabel()
    ax = plots.wave(TIME, {"sensor": 100 + 5 * PULSE}, standardise=True).axes[0]
    assert np.allclose(curve(ax, "sensor")[1], (PULSE - PULSE.mean()) / PULSE.std())
    assert "standard deviations" in ax.get_ylabel()
    assert np.array_equal(plots.wave(TIME, PULSE).axes[0].get_lines()[0].get_ydata(), PULSE)
    with pytest.raises(ValueError, match=r"'POS' has shape \(299,\)"):
        plots.wave(TIME, {"POS": PULSE[1:]})
    with pytest.raises(ValueError, match="nothing to draw"):
        plots.wave(TIME, {})


def test_spectrum_draws_the_power_and_marks_the_rates():
    figure = plots.spectrum({"POS": NOISY, "sensor": PULSE}, FS, {"true": 72.0, "POS": 71.5})
    ax = figure.axes[0]
    frequency, power = power_spectrum(NOISY, FS)
    inside = (frequency >= 0.7) & (frequency <= 4.0)
    x, y = curve(ax, "POS: 71.5 per minute")
    assert np.allclose(x, 60 * frequency[inside])
    assert np.allclose(y, power[inside] / power[inside].max())
    marks = [line.get_xdata()[0] for line in ax.get_lines() if len(line.get_xdata()) == 2]
    assert sorted(marks) == [71.5, 72.0]
    assert "10 s: resolution 6.0 per minute" in ax.get_title(loc="left")
    own = plots.spectrum(PULSE, FS).axes[0]
    assert own.get_lines()[-1].get_xdata()[0] == pytest.approx(72, abs=0.1)
    assert plots.spectrum({"flat": np.ones(300)}, FS), "a wave without a rate is drawn without a mark"


def test_learning_curves_count_epochs_from_one():
    ax = plots.learning_curves([0.9, np.nan, 0.3], [0.95, 0.6, 0.7], best_epoch=2).axes[0]
    assert np.array_equal(curve(ax, "training"), [[1, 2, 3], [0.9, np.nan, 0.3]], equal_nan=True)
    assert np.array_equal(curve(ax, "validation"), [[1, 2, 3], [0.95, 0.6, 0.7]])
    assert list(curve(ax, "best epoch: 2")[0]) == [2, 2]
    ax = plots.learning_curves({"seed 0": [3, 2], "seed 1": [4, 1]}, {"seed 1": [5, 6]}).axes[0]
    assert list(curve(ax, "seed 1, training")[1]) == [4, 1]
    assert list(curve(ax, "seed 1, validation")[1]) == [5, 6]
    lines = {line.get_label(): line for line in ax.get_lines()}
    assert lines["seed 1, validation"].get_color() == lines["seed 1, training"].get_color()
    assert lines["seed 1, validation"].get_linestyle() != lines["seed 1, training"].get_linestyle()


def test_predicted_against_true_puts_the_truth_on_x():
    ax = plots.predicted_against_true(PREDICTED, TRUE, TONE).axes[0]
    assert np.array_equal(curve(ax, "dark"), [TRUE[40:], PREDICTED[40:]])
    x, y = curve(ax, "equal")
    assert np.array_equal(x, y)
    assert "True" in ax.get_xlabel()
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["equal", "± 5 per minute", "light", "middle", "dark"]
    lost = PREDICTED.copy()
    lost[3] = np.nan
    assert np.isfinite(plots.predicted_against_true(lost, TRUE).axes[0].get_xlim()).all()
    with pytest.raises(ValueError, match="59 groups for 60 values"):
        plots.predicted_against_true(PREDICTED, TRUE, TONE[1:])


def test_bland_altman_draws_the_limits_of_the_evaluation():
    ax = plots.bland_altman(PREDICTED, TRUE).axes[0]
    points = ax.get_lines()[0]
    assert np.allclose(points.get_xdata(), (PREDICTED + TRUE) / 2)
    assert np.allclose(points.get_ydata(), PREDICTED - TRUE)
    drawn = sorted(line.get_ydata()[0] for line in ax.get_lines()[1:])
    bias, low, high = evaluation.bland_altman(PREDICTED, TRUE)
    assert drawn == pytest.approx([low, bias, high])
    assert f"bias: {bias:+.1f}".replace("-", "−") in [text.get_text() for text in ax.texts]


def test_errors_by_method_draws_every_error_its_mean_and_the_interval():
    off = np.abs(PREDICTED - TRUE)
    ax = plots.errors_by_method({"PhysNet": off, "POS": 2 * off}, {"PhysNet": (1.25, 2.5)}).axes[0]
    dots, bar, mark = ax.get_lines()[:3]
    assert np.array_equal(dots.get_xdata(), off)
    assert list(bar.get_xdata()) == [1.25, 2.5]
    assert mark.get_xdata()[0] == pytest.approx(off.mean())
    assert [text.get_text() for text in ax.get_yticklabels()] == ["PhysNet", "POS"]
    assert mark.get_ydata()[0] > ax.get_lines()[4].get_ydata()[0], "the first method stands on top"
    assert f"{off.mean():.1f}  [1.2, 2.5]" in [text.get_text() for text in ax.texts]
    single = plots.errors_by_method({"POS": 4.0, "GREEN": 15.5}).axes[0]
    assert [line.get_xdata()[0] for line in single.get_lines()] == [4.0, 15.5]
    assert single.get_xscale() == "linear"


def test_window_comparison_draws_errors_beside_the_resolution():
    ax = plots.window_comparison([5, 10, 20], {"POS": [4, 2, 1]}).axes[0]
    assert np.array_equal(curve(ax, "POS"), [[5, 10, 20], [4, 2, 1]])
    x, y = curve(ax, "resolution, 60 / window")
    assert np.allclose(x * y, 60)


def test_rates_over_time_draws_both():
    ax = plots.rates_over_time([0, 10, 20], [70, 36, 72], [70, 71, 72]).axes[0]
    assert np.array_equal(curve(ax, "predicted"), [[0, 10, 20], [70, 36, 72]])
    assert np.array_equal(curve(ax, "true"), [[0, 10, 20], [70, 71, 72]])
