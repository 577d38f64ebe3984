"""The kernel that turns keys into labels."""

import warp as wp

from lineament.render.hits import barycentric, shading_normal
from lineament.render.structs import EMPTY, Scene, View
from lineament.render.visibility import triangle_of

NOTHING = wp.constant(wp.uint64(EMPTY))


@wp.func
def write_label(
    pixel: int,
    scene: Scene,
    view: View,
    keys: wp.array(dtype=wp.uint64),
    indices: wp.array(dtype=wp.int32),
    parts: wp.array(dtype=wp.uint8),
    values: wp.array(dtype=wp.float32),
) -> None:
    """The labels of one pixel."""
    key = keys[pixel]
    if key == NOTHING:
        return
    count = view.width * view.height
    triangle = triangle_of(key)
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


@wp.kernel(enable_backward=False)
def write_labels(
    run: int,
    scene: Scene,
    view: View,
    keys: wp.array(dtype=wp.uint64),
    indices: wp.array(dtype=wp.int32),
    parts: wp.array(dtype=wp.uint8),
    values: wp.array(dtype=wp.float32),
) -> None:
    """A thread does `run` pixels. `indices`: triangle, surface. `values`: barycentric, normal, canonical,
    depth.
    """
    first = wp.tid() * run
    for pixel in range(first, wp.min(first + run, view.width * view.height)):
        write_label(pixel, scene, view, keys, indices, parts, values)
