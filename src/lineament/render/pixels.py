"""The kernel that turns keys into labels and colour."""

# Variables that a loop changes are declared as int(0) or float(0.0): Warp takes bare literals for constants.
# ruff: noqa: UP018, RUF046

import warp as wp

from lineament.render.hits import barycentric, shading_normal
from lineament.render.labels import write_label
from lineament.render.shading import radiance
from lineament.render.structs import EMPTY, Lamp, Scene, View
from lineament.render.visibility import inverse_depth_of, triangle_of

NOTHING = wp.constant(wp.uint64(EMPTY))
# A step in depth of this many times a pixel's width is an edge: its samples are shaded one by one.
EDGE_STEP = wp.constant(1.0)


@wp.func
def is_empty(keys: wp.array(dtype=wp.uint64), first: int, width: int, supersample: int) -> bool:
    """Whether no sample of a pixel, from `first` on in a picture of this width, shows anything."""
    if supersample == 1:
        return keys[first] == NOTHING
    # Written out because most pixels of most pictures leave here.
    if supersample == 2:
        below = first + width
        return (keys[first] | keys[first + 1] | keys[below] | keys[below + 1]) == NOTHING
    found = NOTHING
    for y in range(supersample):
        for x in range(supersample):
            found = found | keys[first + y * width + x]
    return found == NOTHING


@wp.func
def is_smooth(
    scene: Scene,
    view: View,
    key: wp.uint64,
    keys: wp.array(dtype=wp.uint64),
    first: int,
    width: int,
    supersample: int,
) -> bool:
    """Whether all samples of a pixel lie on the surface of its centre's `key` without a step; always for one.

    On a plane 1/depth is linear in the picture, so that opposite samples have the centre's as their mean.
    """
    if supersample == 1:
        return True
    last = first + (supersample - 1) * (width + 1)
    surface = scene.surface[triangle_of(key)]
    centre = 2.0 * inverse_depth_of(key)
    limit = EDGE_STEP * centre / view.focal[0]
    for y in range((supersample + 1) // 2):
        for x in range(supersample):
            one = keys[first + y * width + x]
            other = keys[last - y * width - x]
            if one == NOTHING or other == NOTHING:
                return False
            if scene.surface[triangle_of(one)] != surface or scene.surface[triangle_of(other)] != surface:
                return False
            if wp.abs(inverse_depth_of(one) + inverse_depth_of(other) - centre) > limit:
                return False
    return True


@wp.func
def write_pixel(
    px: int,
    py: int,
    scene: Scene,
    view: View,
    lamp: Lamp,
    supersample: int,
    keys: wp.array(dtype=wp.uint64),
    fine: wp.array(dtype=wp.uint64),
    nearest: wp.array(dtype=wp.float32),
    linear: wp.array(dtype=wp.float32),
    indices: wp.array(dtype=wp.int32),
    parts: wp.array(dtype=wp.uint8),
    values: wp.array(dtype=wp.float32),
    colour: wp.array(dtype=wp.float32),
    coverage: wp.array(dtype=wp.float32),
) -> None:
    """Labels of the sample at the pixel's centre, and the mean colour of its samples over what is there."""
    pixel = py * view.width + px
    width = view.width * supersample
    first = py * supersample * width + px * supersample
    if is_empty(fine, first, width, supersample) and keys[pixel] == NOTHING:
        return
    total = wp.vec3(0.0)
    hits = int(0)
    # Sample 0 is the centre, which alone gives the labels; the others follow unless it can stand for them.
    samples = int(supersample * supersample)
    sample = int(0)
    while sample <= samples:
        x = float(px) + 0.5
        y = float(py) + 0.5
        key = keys[pixel]
        if sample > 0:
            column = (sample - 1) % supersample
            row = (sample - 1) // supersample
            x = float(px) + (float(column) + 0.5) / float(supersample)
            y = float(py) + (float(row) + 0.5) / float(supersample)
            key = fine[first + row * width + column]
        if key != NOTHING:
            triangle = triangle_of(key)
            weights = barycentric(scene, view, triangle, x, y)
            normal = shading_normal(scene, view, triangle, weights)
            if sample == 0:
                write_label(pixel, scene, view, triangle, weights, normal, indices, parts, values)
                if is_smooth(scene, view, key, fine, first, width, supersample):
                    samples = 0
            if sample > 0 or samples == 0:
                scale = wp.where(samples == 0, 1.0, float(supersample))
                total += radiance(scene, view, lamp, triangle, weights, normal, scale, nearest, linear)
                hits += 1
        sample += 1
    if hits > 0:
        share = float(hits) / float(wp.max(samples, 1))
        coverage[pixel] = share
        for k in range(3):
            mean = total[k] / float(wp.max(samples, 1))
            colour[3 * pixel + k] = mean + (1.0 - share) * colour[3 * pixel + k]


@wp.kernel(enable_backward=False)
def write_pixels(
    run: int,
    scene: Scene,
    view: View,
    lamp: Lamp,
    supersample: int,
    keys: wp.array(dtype=wp.uint64),
    fine: wp.array(dtype=wp.uint64),
    nearest: wp.array(dtype=wp.float32),
    linear: wp.array(dtype=wp.float32),
    indices: wp.array(dtype=wp.int32),
    parts: wp.array(dtype=wp.uint8),
    values: wp.array(dtype=wp.float32),
    colour: wp.array(dtype=wp.float32),
    coverage: wp.array(dtype=wp.float32),
) -> None:
    """A thread does `run` pixels. keys: of pixel centres; fine: of all samples, `supersample` a side.

    indices: triangle, then surface. values: barycentric, normal, canonical, depth.
    """
    start = wp.tid() * run
    px = int(start % view.width)
    py = int(start // view.width)
    for _ in range(start, wp.min(start + run, view.width * view.height)):
        write_pixel(
            px,
            py,
            scene,
            view,
            lamp,
            supersample,
            keys,
            fine,
            nearest,
            linear,
            indices,
            parts,
            values,
            colour,
            coverage,
        )
        px += 1
        if px == view.width:
            px = int(0)
            py += 1
