"""PhysNet, 3DCNN encoder–decoder: a face video in, a pulse wave out.

Yu, Li, Zhao: "Remote photoplethysmograph signal measurement from facial videos using spatio-temporal networks",
BMVC 2019, arXiv 1905.02419 (figure 2, "3DCNN-based PhysNet-ED").
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

TIME_FACTOR = 4  # two pools halve the time, two transposed convolutions double it again
SMALLEST_SIZE = 16  # four pools halve height and width
WIDTH_STEP = 4  # the first layer has a quarter of the channels
NORMS: dict[str, Callable[[int], nn.Module]] = {
    "batch": nn.BatchNorm3d,  # as published
    # A group per channel: the same numbers as nn.InstanceNorm3d, which is slower in the convolutions' memory layout.
    "instance": lambda channels: nn.GroupNorm(channels, channels),
}


def _convolution(
    channels_in: int,
    channels_out: int,
    kernel: tuple[int, int, int],
    norm: Callable[[int], nn.Module] = nn.BatchNorm3d,
) -> nn.Sequential:
    """Convolution that keeps T, H and W, then normalisation and ReLU."""
    padding = tuple(k // 2 for k in kernel)
    return nn.Sequential(
        nn.Conv3d(channels_in, channels_out, kernel, padding=padding),
        norm(channels_out),
        nn.ReLU(inplace=True),
    )


def _double_the_time(channels: int, norm: Callable[[int], nn.Module] = nn.BatchNorm3d) -> nn.Sequential:
    """Transposed convolution along time only: T/2 frames become T."""
    return nn.Sequential(
        nn.ConvTranspose3d(channels, channels, (4, 1, 1), stride=(2, 1, 1), padding=(1, 0, 0)),
        norm(channels),
        nn.ELU(),
    )


class PhysNet(nn.Module):
    """video (B, 3, T, H, W) → bvp (B, T), one value per frame.

    width: channels of the deep layers; 64 as published has 768,577 parameters. Must be a multiple of 4.
    norm: "batch" as published, or "instance" (Ulyanov, Vedaldi, Lempitsky, arXiv 1607.08022): each clip is normalised
    by its own mean and deviation, so that a video unlike all those of the training is seen as they were.
    Raises ValueError for another shape, T not divisible by 4, or H, W below 16.
    """

    name = "physnet"

    def __init__(self, width: int = 64, norm: str = "batch"):
        super().__init__()
        if isinstance(width, bool) or not isinstance(width, int) or width < WIDTH_STEP or width % WIDTH_STEP:
            raise ValueError(f"width must be a positive multiple of {WIDTH_STEP}, not {width!r}")
        if norm not in NORMS:
            raise ValueError(f"norm must be one of {', '.join(NORMS)}, not {norm!r}")
        self.settings = {"width": width}  # what get_model(name, **settings) needs to build the same network
        if norm != "batch":
            self.settings["norm"] = norm
        norm = NORMS[norm]

        self.conv1 = _convolution(3, width // 4, (1, 5, 5), norm)
        self.conv2 = _convolution(width // 4, width // 2, (3, 3, 3), norm)
        self.conv3 = _convolution(width // 2, width, (3, 3, 3), norm)
        self.conv4 = _convolution(width, width, (3, 3, 3), norm)
        self.conv5 = _convolution(width, width, (3, 3, 3), norm)
        self.conv6 = _convolution(width, width, (3, 3, 3), norm)
        self.conv7 = _convolution(width, width, (3, 3, 3), norm)
        self.conv8 = _convolution(width, width, (3, 3, 3), norm)
        self.conv9 = _convolution(width, width, (3, 3, 3), norm)
        self.upsample1 = _double_the_time(width, norm)
        self.upsample2 = _double_the_time(width, norm)
        self.conv10 = nn.Conv3d(width, 1, (1, 1, 1))

        self.pool_space = nn.MaxPool3d((1, 2, 2), stride=(1, 2, 2))
        self.pool_space_time = nn.MaxPool3d((2, 2, 2), stride=(2, 2, 2))

    def forward(self, video: torch.Tensor) -> torch.Tensor:
        """video (B, 3, T, H, W) → bvp (B, T)."""
        self._check(video)
        x = video  #                     (B,  3, T,   H,    W   )   shapes at the published width of 64
        x = self.conv1(x)  #             (B, 16, T,   H,    W   )   colour and edges, each frame for itself
        x = self.pool_space(x)  #        (B, 16, T,   H/2,  W/2 )

        x = self.conv2(x)  #             (B, 32, T,   H/2,  W/2 )   from here on, space and time together
        x = self.conv3(x)  #             (B, 64, T,   H/2,  W/2 )
        x = self.pool_space_time(x)  #   (B, 64, T/2, H/4,  W/4 )

        x = self.conv4(x)  #             (B, 64, T/2, H/4,  W/4 )
        x = self.conv5(x)  #             (B, 64, T/2, H/4,  W/4 )
        x = self.pool_space_time(x)  #   (B, 64, T/4, H/8,  W/8 )

        x = self.conv6(x)  #             (B, 64, T/4, H/8,  W/8 )
        x = self.conv7(x)  #             (B, 64, T/4, H/8,  W/8 )
        x = self.pool_space(x)  #        (B, 64, T/4, H/16, W/16)

        x = self.conv8(x)  #             (B, 64, T/4, H/16, W/16)
        x = self.conv9(x)  #             (B, 64, T/4, H/16, W/16)
        x = self.upsample1(x)  #         (B, 64, T/2, H/16, W/16)   the decoder gives every frame its value back
        x = self.upsample2(x)  #         (B, 64, T,   H/16, W/16)

        # The original pools with AdaptiveAvgPool3d((T, 1, 1)), which does not export to ONNX. This is the same number.
        x = x.mean((3, 4), keepdim=True)  # (B, 64, T, 1, 1)
        x = self.conv10(x)  #            (B,  1, T,   1,    1   )
        return x[:, 0, :, 0, 0]  #       (B, T)

    @staticmethod
    def _check(video: torch.Tensor) -> None:
        if video.ndim != 5 or video.shape[1] != 3:
            raise ValueError(f"PhysNet takes video of shape (B, 3, T, H, W), not {tuple(video.shape)}")
        length, height, width = video.shape[2:]
        if length == 0 or length % TIME_FACTOR:
            raise ValueError(
                f"PhysNet takes clips whose length is a multiple of {TIME_FACTOR} frames, not {length}: "
                f"use a clip_length such as {max(TIME_FACTOR, length // TIME_FACTOR * TIME_FACTOR)}"
            )
        if height < SMALLEST_SIZE or width < SMALLEST_SIZE:
            raise ValueError(
                f"PhysNet halves the image four times and needs at least {SMALLEST_SIZE}×{SMALLEST_SIZE} pixels, "
                f"not {height}×{width}: use a larger size"
            )
