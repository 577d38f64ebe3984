"""Where a picture shows a thing that somebody carries."""

from collections.abc import Sequence

import numpy as np

from lineament.synth.occlusion import OcclusionSettings, obstacle
from lineament.types import Int32, UInt8


def carried(surfaces: Sequence[str], surface: Int32, occlusion: OcclusionSettings) -> UInt8:
    """(H, W) 1 where a thing is seen that somebody carries.

    surfaces: their names. surface: (H, W) number of the one that each pixel shows, -1 for none, behind what
    `occlusion` puts before it.
    """
    bags = [name.endswith(":bag") for name in surfaces]
    if not any(bags):
        return np.zeros(surface.shape, dtype=np.uint8)
    shown = np.array([False, *bags])[surface + 1]
    hidden = obstacle(occlusion, *surface.shape)
    return (shown if hidden is None else shown & (hidden[1] <= 0.5)).astype(np.uint8)
