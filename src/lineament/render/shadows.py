"""The sun's shadow map: depths along its rays."""

# Both sides of `and` are evaluated in a kernel, so that costly second conditions are nested.
# ruff: noqa: SIM102

import warp as wp

from lineament.render.coverage import box, corner_uv, is_cut
from lineament.render.structs import SAMPLE_LOOPS, Scene, face_at, layer_at, surface_at, vector_at

wp.set_module_options(SAMPLE_LOOPS)
FAR = wp.constant(wp.float32(wp.inf))


@wp.func_native(
    """
    float* row = (float*)address + texel;
    for (int k = 0; k < count; ++k) {
        const float x = (float)k, v = weights[0] + x * steps[0], w = weights[1] + x * steps[1];
        const float u = 1.0f - v - w, least = v < w ? (v < u ? v : u) : (w < u ? w : u);
        const float depth = depths[0] + v * depths[1] + w * depths[2];
        const float found = least >= 0.0f ? depth : 3.0e38f;
#if defined(__CUDA_ARCH__)
        wp::atomic_min(row + k, found);
#else
        row[k] = row[k] < found ? row[k] : found;
#endif
    }
    """
)
def lower_row(
    address: wp.uint64, texel: int, count: int, weights: wp.vec2, steps: wp.vec2, depths: wp.vec3
) -> None:
    """Lower the depths of `count` texels from a texel on, where they lie inside. weights: of the second and
    third corner at the first texel, which grow by steps; depths: the first corner's, and how far the others'
    lie behind it.
    """
    ...


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
    eb = b - a
    ec = c - a
    area = eb[0] * ec[1] - eb[1] * ec[0]
    layer = layer_at(scene, surface_at(scene, triangle))
    # As for the camera: the side that is turned away from the sun throws no shadow that the other does not.
    if area == 0.0 or (layer.closed != 0 and area > 0.0):
        return
    bounds = box(a, b, c, size, size)
    if bounds[0] > bounds[1] or bounds[2] > bounds[3]:
        return
    inverse_area = 1.0 / area
    v_step = wp.vec2(ec[1], -ec[0]) * inverse_area
    w_step = wp.vec2(-eb[1], eb[0]) * inverse_area
    nearest = wp.array(ptr=address, shape=(1,), dtype=wp.float32)
    # Two loops: mispredicted branches are what this costs on a CPU, and the first one has none.
    if layer.cut == 0:
        v = (float(bounds[0]) + 0.5 - a[0]) * v_step[0]
        w = (float(bounds[0]) + 0.5 - a[0]) * w_step[0]
        for y in range(bounds[2], bounds[3] + 1):
            qy = float(y) + 0.5 - a[1]
            weights = wp.vec2(v + qy * v_step[1], w + qy * w_step[1])
            steps = wp.vec2(v_step[0], w_step[0])
            depths = wp.vec3(a[2], eb[2], ec[2])
            count = bounds[1] - bounds[0] + 1
            lower_row(address, y * size + bounds[0], count, weights, steps, depths)
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
