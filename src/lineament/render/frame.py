"""What one render returns: the picture and its exact labels."""

from dataclasses import dataclass

from lineament.types import Float32, Int32, UInt8


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A picture (H, W) and what every pixel shows; all arrays own their memory and stay valid.

    colour: (H, W, 3) float32 linear, over the background where one was given, else black there. coverage: (H,
    W) share of the pixel that surfaces cover (0 or 1 without supersampling). The rest are labels of the
    sample at the pixel's centre, never averaged, and zero where it hits nothing: triangle: (H, W) int32
    counted over all surfaces in order, -1 for none. surface: (H, W) int32, -1 for none. barycentric: (H, W,
    3) perspective-correct weights of the triangle's corners. depth: (H, W) metres along the camera's z.
    normal: (H, W, 3) world, unit, smooth, of the side that is seen. part: (H, W) uint8. canonical: (H, W, 3)
    metres.
    """

    colour: Float32
    coverage: Float32
    triangle: Int32
    surface: Int32
    barycentric: Float32
    depth: Float32
    normal: Float32
    part: UInt8
    canonical: Float32

    def __post_init__(self) -> None:
        size = self.triangle.shape
        if len(size) != 2 or self.colour.shape != (*size, 3) or self.part.shape != size:
            raise ValueError("the arrays of a frame must all have its height and width")
