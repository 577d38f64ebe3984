"""Kernels that find what is seen: projection, the z-buffer of packed (depth, triangle) keys, the shadow map."""

import warp as wp

from lineament.render.structs import Layer, Scene, View

# Keep samples that rounding puts just outside both triangles of a shared edge.
EDGE_TOLERANCE = wp.constant(1.0e-6)


@wp.kernel(enable_backward=False)
def project(scene: Scene, view: View, frame: wp.mat33, origin: wp.vec3) -> None:
    """Vertices to camera, screen and shadow-map coordinates; clears the normals."""
    i = wp.tid()
    point = scene.vertices[i]
    local = view.rotation * (point - view.centre)
    if not wp.isfinite(local):
        local = wp.vec3(0.0, 0.0, -1.0)
    scene.local[i] = local
    if local[2] >= view.near:
        inverse = 1.0 / local[2]
        scene.screen[i] = wp.vec3(
            view.focal[0] * local[0] * inverse + view.principal[0],
            view.focal[1] * local[1] * inverse + view.principal[1],
            inverse,
        )
    scene.sunlit[i] = frame * (point - origin)
    scene.normals[i] = wp.vec3(0.0)


@wp.kernel(enable_backward=False)
def accumulate_normals(scene: Scene) -> None:
    """Add each triangle's area-weighted normal to its corners."""
    face = scene.faces[wp.tid()]
    a = scene.vertices[face[0]]
    normal = wp.cross(scene.vertices[face[1]] - a, scene.vertices[face[2]] - a)
    wp.atomic_add(scene.normals, face[0], normal)
    wp.atomic_add(scene.normals, face[1], normal)
    wp.atomic_add(scene.normals, face[2], normal)


@wp.func
def is_cut(layer: Layer, uv: wp.vec2) -> bool:
    """True where the nearest texel of the full picture is transparent."""
    u = uv[0] - wp.floor(uv[0])
    v = uv[1] - wp.floor(uv[1])
    x = wp.min(int(u * float(layer.width)), layer.width - 1)
    y = wp.min(int((1.0 - v) * float(layer.height)), layer.height - 1)
    texels = wp.array(ptr=layer.texels, shape=(layer.texel_count,), dtype=wp.uint32)
    return (texels[y * layer.width + x] >> wp.uint32(24)) < wp.uint32(128)


@wp.func
def draw(
    keys: wp.array(dtype=wp.uint64),
    width: int,
    height: int,
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
    x0 = int(wp.ceil(wp.clamp(wp.min(wp.min(a[0], b[0]), c[0]), 0.0, float(width)) - 0.5))
    x1 = int(wp.floor(wp.clamp(wp.max(wp.max(a[0], b[0]), c[0]), -1.0, float(width)) - 0.5))
    y0 = int(wp.ceil(wp.clamp(wp.min(wp.min(a[1], b[1]), c[1]), 0.0, float(height)) - 0.5))
    y1 = int(wp.floor(wp.clamp(wp.max(wp.max(a[1], b[1]), c[1]), -1.0, float(height)) - 0.5))
    if x0 > x1 or y0 > y1:
        return
    bx = b[0] - a[0]
    by = b[1] - a[1]
    cx = c[0] - a[0]
    cy = c[1] - a[1]
    area = bx * cy - by * cx
    if area == 0.0:
        return
    inverse_area = 1.0 / area
    for y in range(y0, y1 + 1):
        qy = float(y) + 0.5 - a[1]
        for x in range(x0, x1 + 1):
            qx = float(x) + 0.5 - a[0]
            v = (qx * cy - qy * cx) * inverse_area
            w = (bx * qy - by * qx) * inverse_area
            u = 1.0 - v - w
            if u >= -EDGE_TOLERANCE and v >= -EDGE_TOLERANCE and w >= -EDGE_TOLERANCE:
                depth = 1.0 / (u * a[2] + v * b[2] + w * c[2])
                key = (wp.uint64(wp.cast(depth, wp.uint32)) << wp.uint64(32)) | wp.uint64(triangle)
                pixel = y * width + x
                if key < keys[pixel]:
                    hidden = bool(False)
                    if layer.cut != 0:
                        hidden = is_cut(layer, depth * (u * a[2] * ua + v * b[2] * ub + w * c[2] * uc))
                    if not hidden:
                        wp.atomic_min(keys, pixel, key)


@wp.func
def to_screen(local: wp.vec3, view: View, scale: float) -> wp.vec3:
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
    keys: wp.array(dtype=wp.uint64), scene: Scene, view: View, scale: float, triangle: int, layer: Layer
) -> None:
    """Clip a triangle that crosses the near plane into one or two, and draw those."""
    face = scene.faces[triangle]
    # Turn the corners until the one that is alone on its side comes first.
    count = int(0)
    first = int(0)
    for k in range(3):
        if scene.local[face[k]][2] >= view.near:
            count += 1
    for k in range(3):
        alone = (scene.local[face[k]][2] >= view.near) == (count == 1)
        if alone:
            first = k
    second = (first + 1) % 3
    third = (first + 2) % 3
    a = scene.local[face[first]]
    b = scene.local[face[second]]
    c = scene.local[face[third]]
    ua = wp.vec2(0.0)
    ub = wp.vec2(0.0)
    uc = wp.vec2(0.0)
    if layer.cut != 0:
        ua = scene.uv[3 * triangle + first]
        ub = scene.uv[3 * triangle + second]
        uc = scene.uv[3 * triangle + third]
    width = int(float(view.width) * scale)
    height = int(float(view.height) * scale)
    if count == 1:
        s = crossing(a, b, view.near)
        t = crossing(a, c, view.near)
        ps = to_screen(a + s * (b - a), view, scale)
        pt = to_screen(a + t * (c - a), view, scale)
        pa = to_screen(a, view, scale)
        draw(keys, width, height, triangle, pa, ps, pt, layer, ua, ua + s * (ub - ua), ua + t * (uc - ua))
    else:
        s = crossing(b, a, view.near)
        t = crossing(c, a, view.near)
        ps = to_screen(b + s * (a - b), view, scale)
        pt = to_screen(c + t * (a - c), view, scale)
        pb = to_screen(b, view, scale)
        pc = to_screen(c, view, scale)
        us = ub + s * (ua - ub)
        ut = uc + t * (ua - uc)
        draw(keys, width, height, triangle, pb, pc, pt, layer, ub, uc, ut)
        draw(keys, width, height, triangle, pb, pt, ps, layer, ub, ut, us)


@wp.kernel(enable_backward=False)
def rasterise(scene: Scene, view: View, scale: float, keys: wp.array(dtype=wp.uint64)) -> None:
    """One thread a triangle: lower the key (depth bits, triangle) of every sample that it covers.

    Positive IEEE floats sort like their bits, so the smallest key is the nearest triangle, ties to the lower index.
    """
    triangle = wp.tid()
    face = scene.faces[triangle]
    za = scene.local[face[0]][2]
    zb = scene.local[face[1]][2]
    zc = scene.local[face[2]][2]
    if wp.max(wp.max(za, zb), zc) < view.near:
        return
    layer = scene.layers[scene.surface[triangle]]
    if wp.min(wp.min(za, zb), zc) < view.near:
        draw_clipped(keys, scene, view, scale, triangle, layer)
        return
    factor = wp.vec3(scale, scale, 1.0)
    a = wp.cw_mul(scene.screen[face[0]], factor)
    b = wp.cw_mul(scene.screen[face[1]], factor)
    c = wp.cw_mul(scene.screen[face[2]], factor)
    ua = wp.vec2(0.0)
    ub = wp.vec2(0.0)
    uc = wp.vec2(0.0)
    if layer.cut != 0:
        ua = scene.uv[3 * triangle]
        ub = scene.uv[3 * triangle + 1]
        uc = scene.uv[3 * triangle + 2]
    width = int(float(view.width) * scale)
    height = int(float(view.height) * scale)
    draw(keys, width, height, triangle, a, b, c, layer, ua, ub, uc)


@wp.kernel(enable_backward=False)
def cast_shadows(scene: Scene, size: int, nearest: wp.array(dtype=wp.float32)) -> None:
    """One thread a triangle: lower the depth of every texel of the sun's orthographic map that it covers."""
    triangle = wp.tid()
    face = scene.faces[triangle]
    a = scene.sunlit[face[0]]
    b = scene.sunlit[face[1]]
    c = scene.sunlit[face[2]]
    bound = float(size)
    x0 = int(wp.ceil(wp.clamp(wp.min(wp.min(a[0], b[0]), c[0]), 0.0, bound) - 0.5))
    x1 = int(wp.floor(wp.clamp(wp.max(wp.max(a[0], b[0]), c[0]), -1.0, bound) - 0.5))
    y0 = int(wp.ceil(wp.clamp(wp.min(wp.min(a[1], b[1]), c[1]), 0.0, bound) - 0.5))
    y1 = int(wp.floor(wp.clamp(wp.max(wp.max(a[1], b[1]), c[1]), -1.0, bound) - 0.5))
    if x0 > x1 or y0 > y1:
        return
    eb = b - a
    ec = c - a
    area = eb[0] * ec[1] - eb[1] * ec[0]
    if area == 0.0:
        return
    inverse_area = 1.0 / area
    layer = scene.layers[scene.surface[triangle]]
    for y in range(y0, y1 + 1):
        qy = float(y) + 0.5 - a[1]
        for x in range(x0, x1 + 1):
            qx = float(x) + 0.5 - a[0]
            v = (qx * ec[1] - qy * ec[0]) * inverse_area
            w = (eb[0] * qy - eb[1] * qx) * inverse_area
            if v >= 0.0 and w >= 0.0 and v + w <= 1.0:
                depth = a[2] + v * eb[2] + w * ec[2]
                texel = y * size + x
                if depth < nearest[texel]:
                    hidden = bool(False)
                    if layer.cut != 0:
                        ua = scene.uv[3 * triangle]
                        ub = scene.uv[3 * triangle + 1]
                        hidden = is_cut(layer, ua + v * (ub - ua) + w * (scene.uv[3 * triangle + 2] - ua))
                    if not hidden:
                        wp.atomic_min(nearest, texel, depth)
