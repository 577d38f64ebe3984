"""The kernel that turns keys into labels."""

import warp as wp

from lineament.render.hits import barycentric, shading_normal
from lineament.render.structs import EMPTY, Scene, View

NOTHING = wp.constant(wp.uint64(EMPTY))


@wp.kernel(enable_backward=False)
def write_labels(
    scene: Scene,
    view: View,
    keys: wp.array(dtype=wp.uint64),
    indices: wp.array(dtype=wp.int32),
    parts: wp.array(dtype=wp.uint8),
    values: wp.array(dtype=wp.float32),
) -> None:
    """A thread a pixel. `indices`: triangle, surface. `values`: barycentric, normal, canonical, depth."""
    pixel = wp.tid()
    key = keys[pixel]
    if key == NOTHING:
        return
    count = view.width * view.height
    triangle = int(key & wp.uint64(0xFFFFFFFF))
    weights = barycentric(
        scene, view, triangle, float(pixel % view.width) + 0.5, float(pixel // view.width) + 0.5
    )
    face = scene.faces[triangle]
    normal = shading_normal(scene, view, triangle, weights)
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
