"""What training makes small: one minus the correlation of two waves, and its alternatives, by name."""

from __future__ import annotations

import torch
from torch import nn


def neg_pearson(predictions: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Mean over the clips of 1 − Pearson's r: predictions (B, T), targets (B, T) → scalar in 0 … 2.

    Each row is correlated by itself; gain and offset of a wave do not matter. A row without any variation counts as
    r = 0 and passes no gradient back. NaN or infinity in a row gives NaN: whoever trains must see it.
    Raises ValueError if the shapes are not the same (B, T) with B ≥ 1 and T ≥ 2.
    Yu, Li, Zhao: BMVC 2019, arXiv 1905.02419, equation 3.
    """
    if predictions.ndim != 2 or predictions.shape != targets.shape:
        raise ValueError(
            "neg_pearson takes predictions and targets of the same shape (B, T), "
            f"not {tuple(predictions.shape)} and {tuple(targets.shape)}"
        )
    if predictions.shape[0] < 1 or predictions.shape[1] < 2:
        raise ValueError(
            f"neg_pearson needs at least 1 clip of 2 frames, not shape (B, T) = {tuple(predictions.shape)}"
        )
    # After this, r is a plain cosine. The lecture's N·Σxy − Σx·Σy loses every digit when the offset is large.
    cosine = (_centred_unit_rows(predictions) * _centred_unit_rows(targets)).sum(1)
    return 1 - cosine.mean()


def _centred_unit_rows(waves: torch.Tensor) -> torch.Tensor:
    """Rows of mean 0 and length 1; rows without variation become 0, gradient included."""
    if waves.dtype not in (torch.float32, torch.float64):
        waves = waves.float()
    centred = waves - waves.mean(1, keepdim=True)
    centred = centred - centred.mean(1, keepdim=True)  # the first mean was rounded at the size of the offset
    largest = centred.detach().abs().amax(1, keepdim=True)
    limits = torch.finfo(waves.dtype)
    rounding = limits.eps * waves.detach().abs().amax(1, keepdim=True)
    least = limits.tiny / limits.eps  # smaller than any signal, and the gradient, its inverse, would overflow
    constant = largest <= rounding.clamp(min=least)  # False for NaN, which therefore stays NaN
    # Dividing by a number changes neither value nor gradient of a cosine, and keeps the squares from overflowing.
    scaled = torch.where(constant, torch.ones_like(centred), centred / largest.clamp(min=least))
    unit = scaled / scaled.square().sum(1, keepdim=True).sqrt()
    return torch.where(constant, torch.zeros_like(unit), unit)


class NegPearsonLoss(nn.Module):
    """`neg_pearson` as a module."""

    def forward(self, predictions: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """predictions (B, T), targets (B, T) → scalar."""
        return neg_pearson(predictions, targets)


LOSSES = {"neg_pearson": NegPearsonLoss, "mse": nn.MSELoss, "l1": nn.L1Loss}


def get_loss(name: str) -> nn.Module:
    """The loss of this name. Raises NotImplementedError, naming the valid ones, for any other."""
    if name not in LOSSES:
        raise NotImplementedError(f"there is no loss {name!r}: choose one of {', '.join(sorted(LOSSES))}")
    return LOSSES[name]()
