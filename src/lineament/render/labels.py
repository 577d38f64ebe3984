"""The labels of one pixel."""

import warp as wp

from lineament.render.structs import Scene, View


@wp.func
def write_label(
    pixel: int,
    scene: Scene,
    view: View,
    triangle: int,
    weights: wp.vec4,
    normal: wp.vec3,
    indices: wp.array(dtype=wp.int32),
    parts: wp.array(dtype=wp.uint8),
    values: wp.array(dtype=wp.float32),
) -> None:
    """`indices`: triangle, surface. `values`: barycentric, normal, canonical, depth."""
    count = view.width * view.height
    face = scene.faces[triangle]
    surface = scene.surface[triangle]
    layer = scene.layers[surface]
    places = wp.array(ptr=layer.canonical, shape=(layer.vertex_count,), dtype=wp.vec3)
    canonical = (
        weights[0] * places[face[0] - layer.first_vertex]
        + weights[1] * places[face[1] - layer.first_vertex]
        + weights[2] * places[face[2] - layer.first_vertex]
    )
    classes = wp.array(ptr=layer.parts, shape=(layer.face_count,), dtype=wp.uint8)
    indices[pixel] = triangle
    indices[count + pixel] = surface
    parts[pixel] = classes[triangle - layer.first_face]
    for k in range(3):
        values[3 * pixel + k] = weights[k]
        values[3 * (count + pixel) + k] = normal[k]
        values[3 * (2 * count + pixel) + k] = canonical[k]
    values[9 * count + pixel] = weights[3]
