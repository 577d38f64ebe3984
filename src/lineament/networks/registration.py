"""The two branches of 2D-3D registration and what they share (arXiv 2403.06658; choices marked ours in its
files).
"""

import math

import torch
from torch import Tensor, nn

from lineament.anatomy import CLASS_COUNT
from lineament.networks.image_branch import FEATURE_SIZE, ImageBranch
from lineament.networks.points import PointBranch
from lineament.types import Float32, UInt8

TEMPERATURE_START = 0.07
TEMPERATURE_RANGE = (0.03, 0.2)


class RegistrationNetwork(nn.Module):
    """Image branch, point branch, the part tokens that both use, and the learned temperature of their
    cosines.

    positions: (N, 3) metres and parts: (N,) of the template's sites.
    """

    def __init__(self, positions: Float32, parts: UInt8) -> None:
        super().__init__()
        self.tokens = nn.Parameter(torch.randn(CLASS_COUNT, FEATURE_SIZE) / math.sqrt(FEATURE_SIZE))
        self.image = ImageBranch(self.tokens)
        self.points = PointBranch(positions, parts, self.tokens)
        self.log_temperature = nn.Parameter(torch.tensor(math.log(TEMPERATURE_START)))

    @property
    def temperature(self) -> Tensor:
        """Scalar, kept within `TEMPERATURE_RANGE`."""
        low, high = TEMPERATURE_RANGE
        return self.log_temperature.clamp(math.log(low), math.log(high)).exp()
