"""The z-buffer: packed (1/depth, triangle) keys, clipped at the near plane."""

# Variables that a loop changes are declared as int(0) or float(0.0): Warp takes bare literals for constants.
# ruff: noqa: UP018, RUF046

import warp as wp

from lineament.render.coverage import box, corner_uv, is_cut
from lineament.render.structs import (
    EMPTY,
    SAMPLE_LOOPS,
    Layer,
    Scene,
    View,
    face_at,
    layer_at,
    surface_at,
    vector_at,
)

wp.set_module_options(SAMPLE_LOOPS)
NOTHING = wp.constant(wp.uint64(EMPTY))
LAST_TRIANGLE = wp.constant(wp.uint64(0xFFFFFFFF))
# Keep samples that rounding puts just outside both triangles of a shared edge.
EDGE_TOLERANCE = wp.constant(1.0e-6)
# Samples a row from which on a triangle is worth three divisions a row.
WIDE = wp.constant(12)


@wp.struct
class Setup:
    """A screen triangle as samples are tested against it: corner `a` with 1/z, steps of the other corners'
    weights v and w along a row and down a column, differences of 1/z, and the low half of its keys.
    """

    a: wp.vec3
    v: wp.vec2
    w: wp.vec2
    z: wp.vec2
    low: wp.uint64


@wp.func
def set_up(triangle: int, a: wp.vec3, b: wp.vec3, c: wp.vec3, inverse_area: float) -> Setup:
    """Prepare a screen triangle with corners (x, y, 1/z)."""
    setup = Setup()
    setup.a = a
    setup.v = wp.vec2(c[1] - a[1], a[0] - c[0]) * inverse_area
    setup.w = wp.vec2(a[1] - b[1], b[0] - a[0]) * inverse_area
    setup.z = wp.vec2(b[2] - a[2], c[2] - a[2])
    setup.low = LAST_TRIANGLE - wp.uint64(triangle)
    return setup


@wp.func
def sample_key(t: Setup, v: float, w: float) -> wp.uint64:
    """The key of a sample with these weights; empty outside the triangle."""
    key = (wp.uint64(wp.cast(t.a[2] + v * t.z[0] + w * t.z[1], wp.uint32)) << wp.uint64(32)) | t.low
    return wp.where(wp.min(wp.min(1.0 - v - w, v), w) >= -EDGE_TOLERANCE, key, NOTHING)


@wp.func_native(
    """
    unsigned long long* row = (unsigned long long*)address + pixel;
    for (int k = 0; k < count; ++k) {
        const float x = (float)k, p = v + x * t.v[0], q = w + x * t.w[0];
        const union { float value; unsigned int bits; } z = {t.a[2] + p * t.z[0] + q * t.z[1]};
        const float r = 1.0f - p - q, least = p < q ? (p < r ? p : r) : (q < r ? q : r);
        const unsigned long long key = ((unsigned long long)z.bits << 32) | t.low;
        const unsigned long long found = least >= -1.0e-6f ? key : 0ull;
#if defined(__CUDA_ARCH__)
        atomicMax(row + k, found);
#else
        row[k] = row[k] > found ? row[k] : found;
#endif
    }
    """
)
def draw_row(address: wp.uint64, pixel: int, count: int, t: Setup, v: float, w: float) -> None:
    """Raise the keys of `count` samples from a pixel on, where they lie inside. Mispredicted branches are
    what costs on a CPU: there are none.
    """
    ...


@wp.func
def span(first: float, last: float, start: float, step: float) -> wp.vec2:
    """The part of a row, from `first` to `last`, where a weight from `start` in steps is not below 0."""
    at = wp.clamp(-start / step, first - 1.0, last + 1.0)
    return wp.vec2(
        wp.where(step > 0.0, wp.max(first, at), first), wp.where(step < 0.0, wp.min(last, at), last)
    )


@wp.func
def draw_whole(address: wp.uint64, width: int, bounds: wp.vec4i, t: Setup) -> None:
    """Raise the keys of all samples inside, those of wide triangles only about where they are."""
    qx = float(bounds[0]) + 0.5 - t.a[0]
    count = bounds[1] - bounds[0] + 1
    for y in range(bounds[2], bounds[3] + 1):
        qy = float(y) + 0.5 - t.a[1]
        v = qx * t.v[0] + qy * t.v[1]
        w = qx * t.w[0] + qy * t.w[1]
        pixel = y * width + bounds[0]
        if count <= WIDE:
            draw_row(address, pixel, count, t, v, w)
        else:
            ends = span(0.0, float(count - 1), v, t.v[0])
            ends = span(ends[0], ends[1], w, t.w[0])
            ends = span(ends[0], ends[1], 1.0 - v - w, -t.v[0] - t.w[0])
            # One more on either side for rounding.
            k = wp.max(0, int(ends[0]) - 1)
            last = wp.min(count - 1, int(ends[1]) + 2)
            x = float(k)
            draw_row(address, pixel + k, last - k + 1, t, v + x * t.v[0], w + x * t.w[0])


@wp.func
def draw_cut(
    address: wp.uint64,
    width: int,
    bounds: wp.vec4i,
    t: Setup,
    layer: Layer,
    ua: wp.vec2,
    ub: wp.vec2,
    uc: wp.vec2,
) -> None:
    """As `draw_whole`, but not where the texture, with coordinates at the corners, is cut away."""
    keys = wp.array(ptr=address, shape=(1,), dtype=wp.uint64)
    qx = float(bounds[0]) + 0.5 - t.a[0]
    za = t.a[2]
    zb = za + t.z[0]
    zc = za + t.z[1]
    for y in range(bounds[2], bounds[3] + 1):
        qy = float(y) + 0.5 - t.a[1]
        for k in range(bounds[1] - bounds[0] + 1):
            x = qx + float(k)
            v = x * t.v[0] + qy * t.v[1]
            w = x * t.w[0] + qy * t.w[1]
            key = sample_key(t, v, w)
            pixel = y * width + bounds[0] + k
            if key > keys[pixel]:
                uv = ((1.0 - v - w) * za * ua + v * zb * ub + w * zc * uc) / (za + v * t.z[0] + w * t.z[1])
                if not is_cut(layer, uv):
                    wp.atomic_max(keys, pixel, key)


@wp.func
def draw(
    keys: wp.uint64,
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
    """Raise the keys of all samples inside a screen triangle with corners (x, y, 1/z)."""
    area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    if area == 0.0:
        return
    t = set_up(triangle, a, b, c, 1.0 / area)
    if layer.cut == 0:
        draw_whole(keys, width, bounds, t)
    else:
        draw_cut(keys, width, bounds, t, layer, ua, ub, uc)


@wp.func
def triangle_of(key: wp.uint64) -> int:
    """The triangle that a key names."""
    return int(LAST_TRIANGLE - (key & LAST_TRIANGLE))


@wp.func
def inverse_depth_of(key: wp.uint64) -> float:
    """1 / depth of a sample, from its key."""
    return wp.cast(wp.uint32(key >> wp.uint64(32)), wp.float32)


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
    keys: wp.uint64, scene: Scene, view: View, scale: float, triangle: int, face: wp.vec3i, layer: Layer
) -> None:
    """Clip a triangle that crosses the near plane into one or two, and draw those."""
    # Turn the corners until the one that is alone on its side comes first.
    count = int(0)
    first = int(0)
    for k in range(3):
        if vector_at(scene.local, face[k])[2] >= view.near:
            count += 1
    for k in range(3):
        alone = (vector_at(scene.local, face[k])[2] >= view.near) == (count == 1)
        if alone:
            first = k
    second = (first + 1) % 3
    third = (first + 2) % 3
    a = vector_at(scene.local, face[first])
    b = vector_at(scene.local, face[second])
    c = vector_at(scene.local, face[third])
    ua = wp.vec2(0.0)
    ub = wp.vec2(0.0)
    uc = wp.vec2(0.0)
    if layer.cut != 0:
        ua = corner_uv(layer, triangle, first)
        ub = corner_uv(layer, triangle, second)
        uc = corner_uv(layer, triangle, third)
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


@wp.func
def draw_triangle(
    triangle: int,
    scene: Scene,
    view: View,
    scale: float,
    keys: wp.uint64,
) -> None:
    """Raise the keys of every sample that one triangle covers."""
    face = face_at(scene, triangle)
    factor = wp.vec3(scale, scale, 1.0)
    a = wp.cw_mul(vector_at(scene.screen, face[0]), factor)
    b = wp.cw_mul(vector_at(scene.screen, face[1]), factor)
    c = wp.cw_mul(vector_at(scene.screen, face[2]), factor)
    if wp.min(wp.min(a[2], b[2]), c[2]) <= 0.0:
        if wp.max(wp.max(a[2], b[2]), c[2]) > 0.0:
            layer = layer_at(scene, surface_at(scene, triangle))
            draw_clipped(keys, scene, view, scale, triangle, face, layer)
        return
    layer = layer_at(scene, surface_at(scene, triangle))
    # Counter-clockwise from outside is clockwise with y downwards: the area is below 0.
    if layer.closed != 0 and (b[0] - a[0]) * (c[1] - a[1]) > (b[1] - a[1]) * (c[0] - a[0]):
        return
    width = int(float(view.width) * scale)
    bounds = box(a, b, c, width, int(float(view.height) * scale))
    if bounds[0] > bounds[1] or bounds[2] > bounds[3]:
        return
    ua = wp.vec2(0.0)
    ub = wp.vec2(0.0)
    uc = wp.vec2(0.0)
    if layer.cut != 0:
        ua = corner_uv(layer, triangle, 0)
        ub = corner_uv(layer, triangle, 1)
        uc = corner_uv(layer, triangle, 2)
    draw(keys, width, bounds, triangle, a, b, c, layer, ua, ub, uc)


@wp.kernel(enable_backward=False)
def rasterise(
    run: int,
    count: int,
    scene: Scene,
    view: View,
    scale: float,
    keys: wp.uint64,
) -> None:
    """A thread draws `run` of `count` triangles: key (bits of 1/depth, triangle) of every sample covered.

    Positive IEEE floats sort like their bits: the largest key is the nearest triangle, ties to the lower
    index, which is stored as its distance from the last one.
    """
    first = wp.tid() * run
    for triangle in range(first, wp.min(first + run, count)):
        draw_triangle(triangle, scene, view, scale, keys)
