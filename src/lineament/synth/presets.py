"""The first release's distributions, where today's differ: the arm that ablations start from."""

from collections.abc import Mapping
from typing import Final, Literal

import numpy as np

from lineament.distributions import (
    Choice,
    Distribution,
    Fixed,
    Given,
    LogUniform,
    Mixture,
    Normal,
    Uniform,
    chance,
)

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
    "light.dapple": Fixed(0.0),
    "scene.ground": chance(0.45),
    "background.kind": Choice(
        {
            "panorama": 0.36,
            "clutter": 0.20,
            "street": 0.14,
            "room": 0.12,
            "noise": 0.05,
            "gradient": 0.05,
            "studio": 0.08,
        }
    ),
    "background.widen": Uniform(1.5, 4.0),
    "framing.fill": Given(
        "framing.small",
        {True: Uniform(0.22, 0.45)},
        Given(
            "framing.region",
            {
                "body": Mixture(
                    ((0.62, Uniform(0.75, 1.0)), (0.26, Uniform(0.45, 0.75)), (0.12, Uniform(1.0, 1.1)))
                )
            },
            Uniform(0.7, 1.2),
        ),
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
