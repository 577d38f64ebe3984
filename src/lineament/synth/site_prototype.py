"""What is kept of one identity at the template's sites."""

from dataclasses import dataclass

from lineament.types import Float32


@dataclass(frozen=True, slots=True, eq=False)
class SitePrototype:
    """One identity at the template's sites: rest points (N, 3) metres, unit normals (N, 3), colours (N, 3)
    0..1 sRGB.

    The colours are those of the bare skin and of the hair that lies on it.
    """

    points: Float32
    normals: Float32
    colours: Float32
