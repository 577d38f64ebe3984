"""The sun's shadow map: depths along its rays."""

# Variables that a loop changes are declared as int(0) or float(0.0): Warp takes bare literals for constants.
# ruff: noqa: UP018

import warp as wp

from lineament.render.coverage import box, is_cut
from lineament.render.structs import Layer

FAR = wp.constant(wp.float32(wp.inf))


@wp.kernel(enable_backward=False)
def cast_shadows(
    faces: wp.array(dtype=wp.vec3i),
    sunlit: wp.array(dtype=wp.vec3),
    uv: wp.array(dtype=wp.vec2),
    surface: wp.array(dtype=wp.int32),
    layers: wp.array(dtype=Layer),
    size: int,
    nearest: wp.array(dtype=wp.float32),
) -> None:
    """One thread a triangle: lower the depth of every texel of the sun's orthographic map that it covers."""
    triangle = wp.tid()
    face = faces[triangle]
    a = sunlit[face[0]]
    b = sunlit[face[1]]
    c = sunlit[face[2]]
    bounds = box(a, b, c, size, size)
    if bounds[0] > bounds[1] or bounds[2] > bounds[3]:
        return
    eb = b - a
    ec = c - a
    area = eb[0] * ec[1] - eb[1] * ec[0]
    if area == 0.0:
        return
    inverse_area = 1.0 / area
    layer = layers[surface[triangle]]
    x = bounds[0]
    y = bounds[2]
    for _ in range((bounds[1] - bounds[0] + 1) * (bounds[3] - bounds[2] + 1)):
        qx = float(x) + 0.5 - a[0]
        qy = float(y) + 0.5 - a[1]
        v = (qx * ec[1] - qy * ec[0]) * inverse_area
        w = (eb[0] * qy - eb[1] * qx) * inverse_area
        depth = a[2] + v * eb[2] + w * ec[2]
        texel = y * size + x
        if wp.where(wp.min(wp.min(v, w), 1.0 - v - w) >= 0.0, depth, FAR) < nearest[texel]:
            hidden = bool(False)
            if layer.cut != 0:
                ua = uv[3 * triangle]
                hidden = is_cut(layer, ua + v * (uv[3 * triangle + 1] - ua) + w * (uv[3 * triangle + 2] - ua))
            if not hidden:
                wp.atomic_min(nearest, texel, depth)
        last = x == bounds[1]
        x = wp.where(last, bounds[0], x + 1)
        y = wp.where(last, y + 1, y)
