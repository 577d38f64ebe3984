"""Where a person's joints are in the photograph, straight from the pixels that lie round them."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.geometry.site_model import SiteModel
from lineament.recognition.pixels import PersonPixels
from lineament.types import Float64

REACH: Final = 0.06
"""Metres on the template: about the radius of a limb."""
ENOUGH: Final = 6.0
"""Samples of full weight that say all there is to say of a joint."""


@dataclass(frozen=True, slots=True, eq=False)
class SeenJoints:
    """xy: (J, 2) photograph pixels. support: (J,) 0..1, how much of the joint's surroundings is seen."""

    xy: Float64
    support: Float64


def joints_seen(pixels: PersonPixels, model: SiteModel) -> SeenJoints:
    """The mean of the pixels near each joint on the template, the nearer the weightier.

    What is seen of a limb lies on both sides of its joint, so that their mean is the joint's own place in the
    photograph.
    """
    away = pixels.places[:, None].astype(np.float64) - model.joint_mean[None]
    weight = np.exp(-0.5 * (away**2).sum(axis=2) / REACH**2) * pixels.part_probability[:, None]
    total = weight.sum(axis=0)
    xy = weight.T @ pixels.xy.astype(np.float64) / np.maximum(total, 1e-12)[:, None]
    return SeenJoints(xy, np.minimum(total / ENOUGH, 1.0))
