"""A second look at the whole crop, with the first answer in hand (ours).

Which limb is left and which right is decided by the whole figure. The first maps say of every place what it
may be; this block reads them beside the pyramid's features at stride 8, far around each place, and gives
a correction of the features that the heads read again.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from lineament.anatomy import CLASS_COUNT
from lineament.networks.layers import ConvNorm

DILATIONS = (1, 2, 4, 8)


class SecondLook(nn.Module):
    """width: channels of the pyramid at stride 8. outputs: channels of the features at stride 4."""

    def __init__(self, width: int, outputs: int) -> None:
        super().__init__()
        self.read = nn.Conv2d(CLASS_COUNT + 3, width, 1)
        self.around = nn.ModuleList(ConvNorm(width, width, dilation) for dilation in DILATIONS)
        self.correct = nn.Conv2d(width, outputs, 1)
        nn.init.zeros_(self.correct.weight)
        nn.init.zeros_(self.correct.bias)

    def forward(self, logits: Tensor, canonical: Tensor, pyramid: Tensor) -> Tensor:
        """Class logits (B, 15, h, w) and offsets (B, 3, h, w) of the first look, pyramid features (B, width,
        h / 2, w / 2), to a correction (B, outputs, h, w).
        """
        answer = functional.avg_pool2d(torch.cat([logits.softmax(dim=1), canonical], dim=1), 2)
        x = pyramid + self.read(answer)
        for layer in self.around:
            x = x + layer(x)
        return functional.interpolate(self.correct(x), scale_factor=2.0, mode="bilinear", align_corners=False)
