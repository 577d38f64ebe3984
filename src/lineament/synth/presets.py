"""The first release's distributions, where today's differ: the arm that ablations start from."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from lineament.distributions import Choice, Distribution, Fixed, LogUniform, Mixture, Normal, Uniform

FIRST_LIGHT: Final[Mapping[str, Distribution]] = {
    "light.kind": Choice(
        {
            "panorama": 0.52,
            "sunny": 0.12,
            "overcast": 0.10,
            "window": 0.08,
            "ceiling": 0.08,
            "flash": 0.05,
            "stage": 0.05,
        }
    ),
}
FIRST_SCENE: Final[Mapping[str, Distribution]] = {
    **FIRST_LIGHT,
    "sensor.exposure": Normal(0, 0.55, -1.8, 1.6),
    "sensor.resolution": Mixture(((0.7, Fixed(1.0)), (0.3, LogUniform(0.22, 0.9)))),
    "framing.elevation": Mixture(
        ((0.12, Uniform(*np.radians((20, 60)))), (0.88, Normal(*np.radians((4, 8, -15, 28)))))
    ),
}
FIRST_RELEASE: Final[Mapping[str, Distribution]] = {
    **FIRST_SCENE,
    "clothing.variety": Fixed("first"),
    "pose.variety": Fixed("captured"),
    "pose.kind": Choice({"standing": 0.45, "moving": 0.35, "acrobatic": 0.20}),
}
