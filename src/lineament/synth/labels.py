"""Labels of the people in a picture: prototype sites, landmarks and joints, in the world and in pixels."""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from lineament.geometry.camera import Camera
from lineament.geometry.template import load_template
from lineament.humans.body import BodyModel
from lineament.render.frame import Frame
from lineament.synth.landmarks import LANDMARKS
from lineament.types import Bool, Float32

TOLERANCE: Final = 0.012
"""Metres behind what is drawn at which a point of the skin counts as seen without more."""
CLOTH: Final = 0.25
PLACE: Final = 0.045
"""Metres that cloth may stand before a point of the skin, and metres on the average body between that point
and the place beneath the cloth: less than any limb is thick, so that far sides stay hidden.
"""
JOINT_DEPTH: Final = 0.25
"""Metres of body that a joint may lie behind: a joint behind one's own trunk is hidden."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Named points of one person. world: (N, 3) metres. pixels: (N, 2). depth: (N,) metres, 0 or less behind
    the camera. visible: (N,) inside the picture, hidden by nothing but the person's own clothes on it.
    """

    world: Float32
    pixels: Float32
    depth: Float32
    visible: Bool


@dataclass(frozen=True, slots=True, eq=False)
class PersonLabels:
    """sites: in the template's order. landmarks: in the order of `synth.landmarks.LANDMARKS`. joints: in the
    order of the site model's `joint_names`; they lie inside the body, and are visible where the picture shows
    this person no more than JOINT_DEPTH before them.
    """

    sites: Points
    landmarks: Points
    joints: Points

    @classmethod
    def seen(
        cls, points: tuple[Float32, Float32, Float32], camera: Camera, frame: Frame, mine: Bool
    ) -> "PersonLabels":
        """Sites, landmarks and joints (N, 3) each before `camera`; `frame` is what is drawn and `mine` (H, W)
        where that is theirs.
        """
        pixels, far = camera.project(np.concatenate(points))
        column, row = np.floor(pixels).astype(np.int64).T
        inside = (far > 0) & (column >= 0) & (row >= 0) & (column < camera.width) & (row < camera.height)
        place = np.where(inside, row * camera.width + column, 0)
        behind = far - frame.depth.ravel()[place]
        skin = len(points[0]) + len(points[1])
        # Cloth hides the skin, yet says which place of the body is beneath.
        away = frame.canonical.reshape(-1, 3)[place[:skin]] - _canonical()
        beneath = np.einsum("ij,ij->i", away, away) < PLACE**2
        near = behind < JOINT_DEPTH
        near[:skin] = (behind[:skin] < TOLERANCE) | (beneath & (behind[:skin] < CLOTH))
        visible = inside & mine.ravel()[place] & near
        pixels, far = pixels.astype(np.float32), far.astype(np.float32)
        each, start = [], 0
        for world in points:
            own = slice(start, start + len(world))
            each.append(Points(world, pixels[own], far[own], visible[own]))
            start += len(world)
        return cls(*each)


@cache
def _canonical() -> Float32:
    """Places (N, 3) of the sites, then the landmarks, on the average body, metres."""
    vertices = np.concatenate([load_template().anny_vertex, list(LANDMARKS.values())])
    return BodyModel.load().canonical[vertices]
