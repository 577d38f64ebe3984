"""The first release's distributions, where today's differ: the arm that ablations start from."""

from collections.abc import Mapping
from typing import Final, Literal

import numpy as np

from lineament.distributions import Choice, Distribution, Fixed, LogUniform, Mixture, Normal, Uniform

FIRST_SCENE: Final[Mapping[str, Distribution]] = {
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
    "sensor.exposure": Normal(0, 0.55, -1.8, 1.6),
    "sensor.resolution": Mixture(((0.7, Fixed(1.0)), (0.3, LogUniform(0.22, 0.9)))),
    "framing.elevation": Mixture(
        ((0.12, Uniform(*np.radians((20, 60)))), (0.88, Normal(*np.radians((4, 8, -15, 28)))))
    ),
}
_FIRST_POSES: Final[Mapping[str, Distribution]] = {
    "pose.variety": Fixed("captured"),
    "pose.kind": Choice({"standing": 0.45, "moving": 0.35, "acrobatic": 0.20}),
    "pose.expression": Fixed(False),
}
_FIRST_CLOTHING: Final[Mapping[str, Distribution]] = {"clothing.variety": Fixed("first")}

Preset = Literal["standard", "first", "first+poses", "first+poses+garments"]
PRESETS: Final[Mapping[Preset, Mapping[str, Distribution]]] = {
    "first": {**FIRST_SCENE, **_FIRST_POSES, **_FIRST_CLOTHING},
    "first+poses": {**FIRST_SCENE, **_FIRST_CLOTHING},
    "first+poses+garments": FIRST_SCENE,
    "standard": {},
}
"""Name -> distributions in place of the standard ones; people (shape, skin, hair) are today's in all."""
