"""Where landmarks should lie in an aligned crop at each yaw: the average head, projected as the five points
ask.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.runtime.face_alignment import AlignmentTemplate
from lineament.runtime.face_crops import FIVE_POINTS, apply, similarity
from lineament.synth.landmarks import LANDMARKS
from lineament.training.alignment_views import FIVE
from lineament.types import Float64

YAWS: Final = np.radians(np.arange(-100, 101, 10))
COUNTED: Final = [name.startswith("ibug_") and int(name[5:]) >= 17 for name in LANDMARKS]
"""Brows, nose, eyes and mouth align; jaw line, ears and crown differ more between people and are hidden more
often.
"""


@dataclass(frozen=True, slots=True)
class TemplateShape:
    """How the crop changes from frontal to profile; chosen on synthetic validation people.

    scale: of the face at 90 degrees, relative to frontal. shift: pixels at 90 degrees, towards the side that
    the nose points to. context: side of the refiner's view in crops.
    """

    scale: float = 1.0
    shift: float = 0.0
    context: float = 1.3


def alignment_template(head: Float64, shape: TemplateShape, revision: str) -> AlignmentTemplate:
    """The template of an average head: `head` (L, 3) metres, landmarks in the order of `LANDMARKS`, facing
    -y.

    Frontal, the five points lie where recognisers expect them; at a yaw their mean stays there, but for the
    shift.
    """
    frontal = similarity(_projected(head, 0.0)[FIVE], FIVE_POINTS)
    tables = []
    for yaw in YAWS:
        turned = abs(np.sin(yaw))
        places = apply(frontal, _projected(head, yaw))
        centre = places[FIVE].mean(axis=0)
        aside = np.array([-np.sign(yaw) * shape.shift * turned, 0.0])
        places = (places - centre) * (1 + (shape.scale - 1) * turned) + FIVE_POINTS.mean(axis=0) + aside
        tables.append(places)
    weights = np.tile(np.array(COUNTED, dtype=np.float64), (len(YAWS), 1))
    return AlignmentTemplate(YAWS, np.array(tables), weights, tuple(FIVE), shape.context, revision, head)


def _projected(head: Float64, yaw: float) -> Float64:
    """Orthographic projection (L, 2), metres, y down, to a camera at azimuth `yaw`."""
    return np.stack([np.cos(yaw) * head[:, 0] + np.sin(yaw) * head[:, 1], -head[:, 2]], axis=1)
