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
    canonical = (
        weights[0] * scene.canonical[face[0]]
        + weights[1] * scene.canonical[face[1]]
        + weights[2] * scene.canonical[face[2]]
    )
    indices[pixel] = triangle
    indices[count + pixel] = scene.surface[triangle]
    parts[pixel] = scene.parts[triangle]
    for k in range(3):
        values[3 * pixel + k] = weights[k]
        values[3 * (count + pixel) + k] = normal[k]
        values[3 * (2 * count + pixel) + k] = canonical[k]
    values[9 * count + pixel] = weights[3]
