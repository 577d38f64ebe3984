"""The labels of one pixel."""

import warp as wp

from lineament.render.hits import Hit
from lineament.render.structs import Scene, View, layer_at, surface_at, vector_at


@wp.struct
class Outputs:
    """Addresses of what is written, H W of each. indices: int32 triangle, then surface. parts: uint8. values:
    float32 barycentric, normal, canonical (vectors each), depth. colour: float32 vectors, then coverage.
    """

    indices: wp.uint64
    parts: wp.uint64
    values: wp.uint64
    colour: wp.uint64


@wp.func
def write_label(pixel: int, scene: Scene, view: View, hit: Hit, outputs: Outputs) -> None:
    """Everything that is known of the sample at a pixel's centre."""
    count = view.width * view.height
    surface = surface_at(scene, hit.triangle)
    layer = layer_at(scene, surface)
    classes = wp.array(ptr=layer.parts, shape=(1,), dtype=wp.uint8)
    canonical = (
        hit.weights[0] * vector_at(layer.canonical, hit.face[0] - layer.first_vertex)
        + hit.weights[1] * vector_at(layer.canonical, hit.face[1] - layer.first_vertex)
        + hit.weights[2] * vector_at(layer.canonical, hit.face[2] - layer.first_vertex)
    )
    indices = wp.array(ptr=outputs.indices, shape=(1,), dtype=wp.int32)
    parts = wp.array(ptr=outputs.parts, shape=(1,), dtype=wp.uint8)
    vectors = wp.array(ptr=outputs.values, shape=(1,), dtype=wp.vec3)
    depths = wp.array(ptr=outputs.values, shape=(1,), dtype=wp.float32)
    indices[pixel] = hit.triangle
    indices[count + pixel] = surface
    parts[pixel] = classes[hit.triangle - layer.first_face]
    vectors[pixel] = hit.weights
    vectors[count + pixel] = hit.normal
    vectors[2 * count + pixel] = canonical
    depths[9 * count + pixel] = hit.depth
