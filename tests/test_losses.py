"""The loss is one minus scipy's Pearson for every clip, whatever the offset, gain or length of the batch."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr

from rppg_lab.losses import NegPearsonLoss, get_loss, neg_pearson


def waves(clips, frames, seed=0, dtype=torch.float64):
    return torch.randn(clips, frames, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def scipy_loss(predictions, targets):
    rows = zip(predictions.double().numpy(), targets.double().numpy(), strict=True)
    return np.mean([1 - pearsonr(x, y).statistic for x, y in rows])


@pytest.mark.parametrize(("clips", "frames"), [(1, 2), (1, 128), (16, 32), (3, 1000)])
def test_it_is_scipys_pearson_clip_by_clip(clips, frames):
    x, y = waves(clips, frames, 1), waves(clips, frames, 2)
    assert neg_pearson(x, y).item() == pytest.approx(scipy_loss(x, y), abs=1e-12)
    assert neg_pearson(x.float(), y.float()).item() == pytest.approx(scipy_loss(x, y), abs=1e-6)


def test_every_clip_counts_by_itself():
    """One inverted clip in three: (0 + 0 + 2) / 3. Correlating the batch as one wave would not give this."""
    x = waves(3, 64) * torch.tensor([[1.0], [100.0], [0.01]])
    y = x.clone()
    y[2] = -y[2]
    assert neg_pearson(x, y).item() == pytest.approx(2 / 3, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**16),
    gain=st.floats(1e-20, 1e20),
    offset=st.floats(-1e4, 1e4),
    frames=st.integers(4, 200),
)
def test_gain_and_offset_of_a_wave_do_not_matter(seed, gain, offset, frames):
    x, y = waves(4, frames, seed), waves(4, frames, seed + 1)
    expected = scipy_loss(x, y)
    moved = (x / x.std(1, keepdim=True) + offset) * gain  # offset in units of the wave's own standard deviation
    assert neg_pearson(moved.float(), y.float()).item() == pytest.approx(expected, abs=2e-3)
    assert neg_pearson(-moved.float(), y.float()).item() == pytest.approx(2 - expected, abs=2e-3)
    assert neg_pearson(y.float(), moved.float()).item() == pytest.approx(expected, abs=2e-3)
    assert neg_pearson(moved, y).item() == pytest.approx(expected, abs=1e-10)


def test_a_perfect_prediction_with_offsets_ten_thousand_times_its_std_scores_zero():
    y = waves(16, 128)
    offsets = torch.linspace(-1e4, 1e4, 16, dtype=torch.float64)[:, None]
    assert neg_pearson((y + offsets).float(), y.float()).item() == pytest.approx(0, abs=1e-6)


def test_gradient_is_right():
    x, y = waves(3, 9, 1).requires_grad_(), waves(3, 9, 2).requires_grad_()
    assert torch.autograd.gradcheck(neg_pearson, (x, y))
    assert torch.autograd.gradcheck(neg_pearson, (x + 1e3, y * 1e-3))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("value", [0.0, 0.1, 1e6, 1e-30, 1e-42, -7.3])
def test_a_constant_clip_counts_as_uncorrelated_and_leaves_the_others_alone(value, dtype):
    x, y = waves(2, 33, 1, dtype), waves(2, 33, 2, dtype)
    x[0] = value
    x.requires_grad_()
    loss = neg_pearson(x, y)
    loss.backward()
    alone = x[1:].detach().clone().requires_grad_()
    alone_loss = neg_pearson(alone, y[1:])
    alone_loss.backward()
    assert loss.item() == pytest.approx((1 + alone_loss.item()) / 2, abs=1e-6)
    assert torch.all(x.grad[0] == 0)
    torch.testing.assert_close(x.grad[1:], alone.grad / 2)
    assert neg_pearson(y, x.detach()).item() == pytest.approx(loss.item(), abs=1e-6)


def test_all_constant_is_one_with_zero_gradient():
    x = torch.ones(1, 16, requires_grad=True)
    loss = neg_pearson(x, torch.ones(1, 16))
    loss.backward()
    assert loss.item() == 1
    assert torch.all(x.grad == 0)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=6, max_size=6),
        min_size=1,
        max_size=3,
    )
)
def test_loss_and_gradient_of_any_finite_wave_are_finite(rows):
    """Rows up to the half of the largest float: beyond, a difference of two values is itself infinite."""
    x = (torch.tensor(rows, dtype=torch.float32) / 16).requires_grad_()
    loss = neg_pearson(x, waves(len(rows), 6, 3, torch.float32))
    loss.backward()
    assert 0 <= loss.item() <= 2 + 1e-5
    assert torch.isfinite(x.grad).all()


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_bad_value_is_not_hidden(bad):
    x = waves(2, 16)
    x[1, 3] = bad
    assert torch.isnan(neg_pearson(x, waves(2, 16, 1)))
    assert torch.isnan(neg_pearson(waves(2, 16, 1), x))


def test_half_precision_is_computed_in_single():
    x, y = waves(2, 64, 1), waves(2, 64, 2)
    assert neg_pearson(x.bfloat16(), y.bfloat16()).dtype == torch.float32


@pytest.mark.parametrize(
    ("predictions", "targets"),
    [
        ((2, 1, 16), (2, 1, 16)),
        ((16,), (16,)),
        ((2, 16), (2, 15)),
        ((2, 16), (1, 16)),
        ((2, 1), (2, 1)),
        ((0, 9), (0, 9)),
    ],
)
def test_other_shapes_are_refused_and_named(predictions, targets):
    with pytest.raises(ValueError, match=r"\(B, T\)") as caught:
        neg_pearson(torch.zeros(predictions), torch.zeros(targets))
    assert str(predictions) in str(caught.value)


def test_losses_by_name():
    x, y = waves(2, 16, 1), waves(2, 16, 2)
    assert get_loss("neg_pearson")(x, y) == NegPearsonLoss()(x, y) == neg_pearson(x, y)
    assert get_loss("mse")(x, y) == pytest.approx(((x - y) ** 2).mean().item())
    with pytest.raises(NotImplementedError, match=r"'pearson'.*l1, mse, neg_pearson"):
        get_loss("pearson")
