"""The kernel that turns keys into labels and colour."""

# Variables that a loop changes are declared as int(0) or float(0.0): Warp takes bare literals for constants.
# ruff: noqa: UP018, RUF046

import warp as wp

from lineament.render.hits import hit_at
from lineament.render.labels import Outputs, write_label
from lineament.render.shading import radiance
from lineament.render.structs import EMPTY, Lamp, Scene, View, key_at, surface_at
from lineament.render.visibility import inverse_depth_of, triangle_of

NOTHING = wp.constant(wp.uint64(EMPTY))
# A step in depth of this many times a pixel's width is an edge: its samples are shaded one by one.
EDGE_STEP = wp.constant(1.0)


@wp.struct
class Keys:
    """Addresses of uint64 keys: of pixel centres, and of all samples, `supersample` a side of a pixel."""

    centres: wp.uint64
    samples: wp.uint64
    supersample: wp.int32


@wp.func
def is_empty(keys: Keys, first: int, width: int) -> bool:
    """Whether no sample of a pixel, from `first` on in a picture of this width, shows anything."""
    if keys.supersample == 1:
        return key_at(keys.samples, first) == NOTHING
    # Written out because most pixels of most pictures leave here.
    if keys.supersample == 2:
        below = first + width
        return (
            key_at(keys.samples, first)
            | key_at(keys.samples, first + 1)
            | key_at(keys.samples, below)
            | key_at(keys.samples, below + 1)
        ) == NOTHING
    found = NOTHING
    for y in range(keys.supersample):
        for x in range(keys.supersample):
            found = found | key_at(keys.samples, first + y * width + x)
    return found == NOTHING


@wp.func
def is_smooth(
    scene: Scene,
    view: View,
    key: wp.uint64,
    keys: Keys,
    first: int,
    width: int,
) -> bool:
    """Whether all samples of a pixel lie on the surface of its centre's `key` without a step; always for one.

    On a plane 1/depth is linear in the picture, so that opposite samples have the centre's as their mean.
    """
    supersample = keys.supersample
    if supersample == 1:
        return True
    last = first + (supersample - 1) * (width + 1)
    surface = surface_at(scene, triangle_of(key))
    centre = 2.0 * inverse_depth_of(key)
    limit = EDGE_STEP * centre / view.focal[0]
    for y in range((supersample + 1) // 2):
        for x in range(supersample):
            one = key_at(keys.samples, first + y * width + x)
            other = key_at(keys.samples, last - y * width - x)
            if one == NOTHING or other == NOTHING:
                return False
            if surface_at(scene, triangle_of(one)) != surface:
                return False
            if surface_at(scene, triangle_of(other)) != surface:
                return False
            if wp.abs(inverse_depth_of(one) + inverse_depth_of(other) - centre) > limit:
                return False
    return True


@wp.func
def write_pixel(px: int, py: int, scene: Scene, view: View, lamp: Lamp, keys: Keys, outputs: Outputs) -> None:
    """Labels of the sample at the pixel's centre, and the mean colour of its samples over what is there."""
    supersample = keys.supersample
    pixel = py * view.width + px
    width = view.width * supersample
    first = py * supersample * width + px * supersample
    if is_empty(keys, first, width) and key_at(keys.centres, pixel) == NOTHING:
        return
    total = wp.vec3(0.0)
    hits = int(0)
    # Sample 0 is the centre, which alone gives the labels; the others follow unless it can stand for them.
    samples = int(supersample * supersample)
    sample = int(0)
    while sample <= samples:
        x = float(px) + 0.5
        y = float(py) + 0.5
        key = key_at(keys.centres, pixel)
        if sample > 0:
            column = (sample - 1) % supersample
            row = (sample - 1) // supersample
            x = float(px) + (float(column) + 0.5) / float(supersample)
            y = float(py) + (float(row) + 0.5) / float(supersample)
            key = key_at(keys.samples, first + row * width + column)
        if key != NOTHING:
            hit = hit_at(scene, view, triangle_of(key), x, y)
            if sample == 0:
                write_label(pixel, scene, view, hit, outputs)
                if is_smooth(scene, view, key, keys, first, width):
                    samples = 0
            if sample > 0 or samples == 0:
                scale = wp.where(samples == 0, 1.0, float(supersample))
                total += radiance(scene, view, lamp, hit, scale)
                hits += 1
        sample += 1
    if hits > 0:
        colour = wp.array(ptr=outputs.colour, shape=(1,), dtype=wp.vec3)
        coverage = wp.array(ptr=outputs.colour, shape=(1,), dtype=wp.float32)
        share = 1.0 / float(wp.max(samples, 1))
        covered = float(hits) * share
        coverage[3 * view.width * view.height + pixel] = covered
        colour[pixel] = share * total + (1.0 - covered) * colour[pixel]


@wp.kernel(enable_backward=False)
def write_pixels(run: int, scene: Scene, view: View, lamp: Lamp, keys: Keys, outputs: Outputs) -> None:
    """A thread does `run` pixels."""
    start = wp.tid() * run
    px = int(start % view.width)
    py = int(start // view.width)
    for _ in range(start, wp.min(start + run, view.width * view.height)):
        write_pixel(px, py, scene, view, lamp, keys, outputs)
        px += 1
        if px == view.width:
            px = int(0)
            py += 1
