"""The floor: mean colours of horizontal stripes, what any clever system must beat."""

from collections.abc import Mapping
from typing import Final

import cv2
import numpy as np

from lineament.evaluation.systems import Distances, Template
from lineament.types import UInt8

STRIPES: Final = 8


class Stripes(Distances):
    """Mean and spread of each stripe's colour in CIE L*a*b*, compared by the negative distance."""

    name = "stripes"
    about = f"floor: mean and spread of colour in {STRIPES} horizontal stripes, negative distance"

    @property
    def settings(self) -> Mapping[str, str]:
        """Its one number."""
        return {"stripes": f"{STRIPES}, CIE L*a*b*"}

    def template(self, image: UInt8, *, reference: bool) -> Template:
        """Of the whole picture; it never fails."""
        small = cv2.resize(image, (32, 4 * STRIPES), interpolation=cv2.INTER_AREA)
        colours = cv2.cvtColor(small.astype(np.float32) / 255.0, cv2.COLOR_RGB2LAB)
        bands = np.asarray(colours, dtype=np.float32).reshape(STRIPES, -1, 3)
        return Template(np.concatenate([bands.mean(1).ravel(), bands.std(1).ravel()]).astype(np.float32))
