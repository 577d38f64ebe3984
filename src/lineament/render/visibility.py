"""The z-buffer: packed (depth, triangle) keys, clipped at the near plane."""

# Variables that a loop changes are declared as int(0) or float(0.0): Warp takes bare literals for constants.
# ruff: noqa: UP018, RUF046

import warp as wp

from lineament.render.coverage import box, is_cut
from lineament.render.structs import EMPTY, Layer, View

NOTHING = wp.constant(wp.uint64(EMPTY))
# Keep samples that rounding puts just outside both triangles of a shared edge.
EDGE_TOLERANCE = wp.constant(1.0e-6)


@wp.func
def draw(
    keys: wp.array(dtype=wp.uint64),
    width: int,
    bounds: wp.vec4i,
    triangle: int,
    a: wp.vec3,
    b: wp.vec3,
    c: wp.vec3,
    layer: Layer,
    ua: wp.vec2,
    ub: wp.vec2,
    uc: wp.vec2,
) -> None:
    """Lower the keys of all samples inside a screen triangle with corners (x, y, 1/z)."""
    bx = b[0] - a[0]
    by = b[1] - a[1]
    cx = c[0] - a[0]
    cy = c[1] - a[1]
    area = bx * cy - by * cx
    if area == 0.0:
        return
    inverse_area = 1.0 / area
    # One loop and one branch a sample: mispredicted branches are what this costs on a CPU.
    x = bounds[0]
    y = bounds[2]
    for _ in range((bounds[1] - bounds[0] + 1) * (bounds[3] - bounds[2] + 1)):
        qx = float(x) + 0.5 - a[0]
        qy = float(y) + 0.5 - a[1]
        v = (qx * cy - qy * cx) * inverse_area
        w = (bx * qy - by * qx) * inverse_area
        u = 1.0 - v - w
        depth = 1.0 / (u * a[2] + v * b[2] + w * c[2])
        key = (wp.uint64(wp.cast(depth, wp.uint32)) << wp.uint64(32)) | wp.uint64(triangle)
        pixel = y * width + x
        if wp.where(wp.min(wp.min(u, v), w) >= -EDGE_TOLERANCE, key, NOTHING) < keys[pixel]:
            hidden = bool(False)
            if layer.cut != 0:
                hidden = is_cut(layer, depth * (u * a[2] * ua + v * b[2] * ub + w * c[2] * uc))
            if not hidden:
                wp.atomic_min(keys, pixel, key)
        last = x == bounds[1]
        x = wp.where(last, bounds[0], x + 1)
        y = wp.where(last, y + 1, y)


@wp.func
def to_screen(local: wp.vec3, view: View, scale: float) -> wp.vec3:
    """Camera coordinates to pixel x, y and 1/z."""
    inverse = 1.0 / local[2]
    return wp.vec3(
        (view.focal[0] * local[0] * inverse + view.principal[0]) * scale,
        (view.focal[1] * local[1] * inverse + view.principal[1]) * scale,
        inverse,
    )


@wp.func
def crossing(inside: wp.vec3, outside: wp.vec3, near: float) -> float:
    """Share of the way from inside to outside at which the near plane is met."""
    return (inside[2] - near) / (inside[2] - outside[2])


@wp.func
def draw_clipped(
    keys: wp.array(dtype=wp.uint64),
    local: wp.array(dtype=wp.vec3),
    uv: wp.array(dtype=wp.vec2),
    view: View,
    scale: float,
    triangle: int,
    face: wp.vec3i,
    layer: Layer,
) -> None:
    """Clip a triangle that crosses the near plane into one or two, and draw those."""
    # Turn the corners until the one that is alone on its side comes first.
    count = int(0)
    first = int(0)
    for k in range(3):
        if local[face[k]][2] >= view.near:
            count += 1
    for k in range(3):
        alone = (local[face[k]][2] >= view.near) == (count == 1)
        if alone:
            first = k
    second = (first + 1) % 3
    third = (first + 2) % 3
    a = local[face[first]]
    b = local[face[second]]
    c = local[face[third]]
    ua = wp.vec2(0.0)
    ub = wp.vec2(0.0)
    uc = wp.vec2(0.0)
    if layer.cut != 0:
        ua = uv[3 * triangle + first]
        ub = uv[3 * triangle + second]
        uc = uv[3 * triangle + third]
    width = int(float(view.width) * scale)
    height = int(float(view.height) * scale)
    if count == 1:
        s = crossing(a, b, view.near)
        t = crossing(a, c, view.near)
        ps = to_screen(a + s * (b - a), view, scale)
        pt = to_screen(a + t * (c - a), view, scale)
        pa = to_screen(a, view, scale)
        bounds = box(pa, ps, pt, width, height)
        draw(keys, width, bounds, triangle, pa, ps, pt, layer, ua, ua + s * (ub - ua), ua + t * (uc - ua))
    else:
        s = crossing(b, a, view.near)
        t = crossing(c, a, view.near)
        ps = to_screen(b + s * (a - b), view, scale)
        pt = to_screen(c + t * (a - c), view, scale)
        pb = to_screen(b, view, scale)
        pc = to_screen(c, view, scale)
        us = ub + s * (ua - ub)
        ut = uc + t * (ua - uc)
        draw(keys, width, box(pb, pc, pt, width, height), triangle, pb, pc, pt, layer, ub, uc, ut)
        draw(keys, width, box(pb, pt, ps, width, height), triangle, pb, pt, ps, layer, ub, ut, us)


@wp.kernel(enable_backward=False)
def rasterise(
    faces: wp.array(dtype=wp.vec3i),
    screen: wp.array(dtype=wp.vec3),
    local: wp.array(dtype=wp.vec3),
    uv: wp.array(dtype=wp.vec2),
    surface: wp.array(dtype=wp.int32),
    layers: wp.array(dtype=Layer),
    view: View,
    scale: float,
    keys: wp.array(dtype=wp.uint64),
) -> None:
    """One thread a triangle: lower the key (depth bits, triangle) of every sample that it covers.

    Positive IEEE floats sort like their bits: the smallest key is the nearest triangle, ties to the lower
    index.
    """
    triangle = wp.tid()
    face = faces[triangle]
    factor = wp.vec3(scale, scale, 1.0)
    a = wp.cw_mul(screen[face[0]], factor)
    b = wp.cw_mul(screen[face[1]], factor)
    c = wp.cw_mul(screen[face[2]], factor)
    if wp.min(wp.min(a[2], b[2]), c[2]) <= 0.0:
        if wp.max(wp.max(a[2], b[2]), c[2]) > 0.0:
            layer = layers[surface[triangle]]
            draw_clipped(keys, local, uv, view, scale, triangle, face, layer)
        return
    width = int(float(view.width) * scale)
    bounds = box(a, b, c, width, int(float(view.height) * scale))
    if bounds[0] > bounds[1] or bounds[2] > bounds[3]:
        return
    layer = layers[surface[triangle]]
    ua = wp.vec2(0.0)
    ub = wp.vec2(0.0)
    uc = wp.vec2(0.0)
    if layer.cut != 0:
        ua = uv[3 * triangle]
        ub = uv[3 * triangle + 1]
        uc = uv[3 * triangle + 2]
    draw(keys, width, bounds, triangle, a, b, c, layer, ua, ub, uc)
