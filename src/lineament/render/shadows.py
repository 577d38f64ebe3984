"""The sun's shadow map: depths along its rays."""

# Both sides of `and` are evaluated in a kernel, so that costly second conditions are nested.
# ruff: noqa: SIM102

import warp as wp

from lineament.render.coverage import box, corner_uv, is_cut
from lineament.render.structs import SAMPLE_LOOPS, Scene, face_at, layer_at, surface_at, vector_at

wp.set_module_options(SAMPLE_LOOPS)
FAR = wp.constant(wp.float32(wp.inf))


@wp.func
def cast_shadow(
    triangle: int,
    scene: Scene,
    size: int,
    address: wp.uint64,
) -> None:
    """Lower the depth of every texel of the map that one triangle covers."""
    face = face_at(scene, triangle)
    a = vector_at(scene.sunlit, face[0])
    b = vector_at(scene.sunlit, face[1])
    c = vector_at(scene.sunlit, face[2])
    bounds = box(a, b, c, size, size)
    if bounds[0] > bounds[1] or bounds[2] > bounds[3]:
        return
    eb = b - a
    ec = c - a
    area = eb[0] * ec[1] - eb[1] * ec[0]
    if area == 0.0:
        return
    inverse_area = 1.0 / area
    v_step = wp.vec2(ec[1], -ec[0]) * inverse_area
    w_step = wp.vec2(-eb[1], eb[0]) * inverse_area
    layer = layer_at(scene, surface_at(scene, triangle))
    nearest = wp.array(ptr=address, shape=(1,), dtype=wp.float32)
    # Two loops: mispredicted branches are what this costs on a CPU, and the first one has none.
    if layer.cut == 0:
        for y in range(bounds[2], bounds[3] + 1):
            qy = float(y) + 0.5 - a[1]
            for x in range(bounds[0], bounds[1] + 1):
                qx = float(x) + 0.5 - a[0]
                v = qx * v_step[0] + qy * v_step[1]
                w = qx * w_step[0] + qy * w_step[1]
                depth = a[2] + v * eb[2] + w * ec[2]
                inside = wp.min(wp.min(v, w), 1.0 - v - w) >= 0.0
                wp.atomic_min(nearest, y * size + x, wp.where(inside, depth, FAR))
        return
    ua = corner_uv(layer, triangle, 0)
    ub = corner_uv(layer, triangle, 1) - ua
    uc = corner_uv(layer, triangle, 2) - ua
    for y in range(bounds[2], bounds[3] + 1):
        qy = float(y) + 0.5 - a[1]
        for x in range(bounds[0], bounds[1] + 1):
            qx = float(x) + 0.5 - a[0]
            v = qx * v_step[0] + qy * v_step[1]
            w = qx * w_step[0] + qy * w_step[1]
            depth = a[2] + v * eb[2] + w * ec[2]
            if wp.where(wp.min(wp.min(v, w), 1.0 - v - w) >= 0.0, depth, FAR) < nearest[y * size + x]:
                if not is_cut(layer, ua + v * ub + w * uc):
                    wp.atomic_min(nearest, y * size + x, depth)


@wp.kernel(enable_backward=False)
def cast_shadows(
    run: int,
    count: int,
    scene: Scene,
    size: int,
    address: wp.uint64,
) -> None:
    """A thread draws `run` of `count` triangles into the sun's orthographic map of depths."""
    first = wp.tid() * run
    for triangle in range(first, wp.min(first + run, count)):
        cast_shadow(triangle, scene, size, address)
