"""A triangle mesh as it is drawn: geometry, colour, and the part and template place of every point on it."""

from dataclasses import dataclass

from lineament.types import Float32, Int32, UInt8


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """One layer of a scene: a body, a garment, hair, an object.

    vertices: (V, 3) metres, world. faces: (F, 3). parts: (F,) class of each triangle, background for objects.
    canonical: (V, 3) metres, place on the template (for garments and hair: of the body beneath). Colour is
    either `colours` (V, 3) linear 0..1 or `uv` (F, 3, 2), v upwards from the picture's bottom, with `texture`
    (h, w, 3 or 4) uint8 sRGB; a fourth channel below 128 is cut away. tint: linear factor on the texture's
    colour. closed: seen from outside alone, its triangles counter-clockwise there: others are not drawn.
    """

    name: str
    vertices: Float32
    faces: Int32
    parts: UInt8
    canonical: Float32
    colours: Float32 | None = None
    uv: Float32 | None = None
    texture: UInt8 | None = None
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    closed: bool = False

    def __post_init__(self) -> None:
        if (
            self.vertices.ndim != 2
            or self.vertices.shape[1] != 3
            or self.canonical.shape != self.vertices.shape
        ):
            raise ValueError(f"surface {self.name}: vertices and canonical must both be (V, 3)")
        if self.faces.ndim != 2 or self.faces.shape[1] != 3 or self.parts.shape != (len(self.faces),):
            raise ValueError(f"surface {self.name}: faces must be (F, 3) with one part each")
        if (self.colours is None) == (self.uv is None or self.texture is None):
            raise ValueError(f"surface {self.name}: give either colours or uv with texture")
