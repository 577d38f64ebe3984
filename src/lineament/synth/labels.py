"""Labels of the people in a picture: prototype sites, landmarks and joints, in the world and in pixels."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.geometry.camera import Camera
from lineament.types import Bool, Float32

TOLERANCE: Final = 0.012
"""Metres behind what is drawn at which a point of the skin still counts as seen: cloth has thickness."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Named points of one person. world: (N, 3) metres. pixels: (N, 2). depth: (N,) metres, 0 or less behind
    the camera. visible: (N,) inside the picture and not hidden by anything, the person's own clothes aside.
    """

    world: Float32
    pixels: Float32
    depth: Float32
    visible: Bool


@dataclass(frozen=True, slots=True, eq=False)
class PersonLabels:
    """sites: in the template's order. landmarks: in the order of `synth.landmarks.LANDMARKS`. joints: in the
    order of the site model's `joint_names`; as they lie inside the body, their `visible` says whether the
    part of the picture shows this person there.
    """

    sites: Points
    landmarks: Points
    joints: Points

    @classmethod
    def seen(
        cls, points: tuple[Float32, Float32, Float32], camera: Camera, depth: Float32, mine: Bool
    ) -> "PersonLabels":
        """Sites, landmarks and joints (N, 3) each before `camera`; depth (H, W) of what is drawn, `mine`
        (H, W) where it is theirs.
        """
        pixels, far = camera.project(np.concatenate(points))
        column, row = np.floor(pixels).astype(np.int64).T
        inside = (far > 0) & (column >= 0) & (row >= 0) & (column < camera.width) & (row < camera.height)
        place = np.where(inside, row * camera.width + column, 0)
        visible = inside & mine.ravel()[place] & (far < depth.ravel()[place] + TOLERANCE)
        pixels, far = pixels.astype(np.float32), far.astype(np.float32)
        each, start = [], 0
        for world in points:
            own = slice(start, start + len(world))
            each.append(Points(world, pixels[own], far[own], visible[own]))
            start += len(world)
        return cls(*each)
