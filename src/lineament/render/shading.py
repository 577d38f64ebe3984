"""Kernels that turn keys into labels and colour; both see the same triangle under a sample."""

# Variables that a loop changes are declared as int(0) or float(0.0): Warp takes bare literals for constants.
# ruff: noqa: UP018, RUF046

import warp as wp

from lineament.render.structs import EMPTY, Coefficients, Lamp, Layer, Scene, View

NOTHING = wp.constant(wp.uint64(EMPTY))
# Reflectance of a dielectric, 0.04, times (24 + 8) / 8, the norm of a Blinn-Phong lobe of exponent 24.
GLOSS = wp.constant(0.16)


@wp.func
def barycentric(scene: Scene, view: View, triangle: int, x: float, y: float) -> wp.vec4:
    """Perspective-correct weights of the corners at a pixel position, and the depth there.

    From the pixel's offset to a projected corner; a triangle through the near plane is met by the ray
    instead.
    """
    face = scene.faces[triangle]
    a = scene.local[face[0]]
    b = scene.local[face[1]]
    c = scene.local[face[2]]
    v = float(0.0)
    w = float(0.0)
    if wp.min(wp.min(a[2], b[2]), c[2]) >= view.near:
        pa = scene.screen[face[0]]
        eb = scene.screen[face[1]] - pa
        ec = scene.screen[face[2]] - pa
        qx = x - pa[0]
        qy = y - pa[1]
        inverse_area = 1.0 / (eb[0] * ec[1] - eb[1] * ec[0])
        sv = wp.clamp((qx * ec[1] - qy * ec[0]) * inverse_area, 0.0, 1.0)
        sw = wp.clamp((eb[0] * qy - eb[1] * qx) * inverse_area, 0.0, 1.0 - sv)
        depth = 1.0 / (pa[2] + sv * eb[2] + sw * ec[2])
        v = sv * (pa[2] + eb[2]) * depth
        w = sw * (pa[2] + ec[2]) * depth
    else:
        ray = wp.vec3((x - view.principal[0]) / view.focal[0], (y - view.principal[1]) / view.focal[1], 1.0)
        normal = wp.cross(b - a, c - a)
        inverse = 1.0 / wp.dot(ray, normal)
        moment = wp.cross(a, ray) * inverse
        v = wp.clamp(wp.dot(moment, c - a), 0.0, 1.0)
        w = wp.clamp(-wp.dot(moment, b - a), 0.0, 1.0 - v)
    u = 1.0 - v - w
    return wp.vec4(u, v, w, u * a[2] + v * b[2] + w * c[2])


@wp.func
def shading_normal(scene: Scene, view: View, triangle: int, weights: wp.vec4) -> wp.vec3:
    """Unit smooth normal in the world, turned to the side of the triangle that the camera sees."""
    face = scene.faces[triangle]
    a = scene.vertices[face[0]]
    flat = wp.cross(scene.vertices[face[1]] - a, scene.vertices[face[2]] - a)
    smooth = (
        weights[0] * wp.normalize(scene.normals[face[0]])
        + weights[1] * wp.normalize(scene.normals[face[1]])
        + weights[2] * wp.normalize(scene.normals[face[2]])
    )
    if wp.dot(smooth, smooth) < 1.0e-8 or wp.dot(smooth, flat) < 0.0:
        smooth = flat
    if wp.dot(flat, view.centre - a) < 0.0:
        smooth = -smooth
    return wp.normalize(smooth)


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


@wp.func
def channel(texel: wp.uint32, shift: int) -> int:
    """One byte of a packed texel."""
    return int((texel >> wp.uint32(shift)) & wp.uint32(255))


@wp.func
def sample_texture(layer: Layer, uv: wp.vec2, level: int, linear: wp.array(dtype=wp.float32)) -> wp.vec3:
    """Bilinear linear colour at a mip level, repeating; transparent texels lend no colour."""
    texels = wp.array(ptr=layer.texels, shape=(layer.texel_count,), dtype=wp.uint32)
    start = int(0)
    width = layer.width
    height = layer.height
    for _ in range(level):
        start += width * height
        width = wp.max(1, width // 2)
        height = wp.max(1, height // 2)
    x = (uv[0] - wp.floor(uv[0])) * float(width) - 0.5
    y = (1.0 - (uv[1] - wp.floor(uv[1]))) * float(height) - 0.5
    x0 = int(wp.floor(x))
    y0 = int(wp.floor(y))
    fx = x - float(x0)
    fy = y - float(y0)
    colour = wp.vec3(0.0)
    total = float(1.0e-6)
    for k in range(4):
        i = k % 2
        j = k // 2
        tx = (x0 + i + width) % width
        ty = (y0 + j + height) % height
        texel = texels[start + ty * width + tx]
        wx = float(i) * fx + float(1 - i) * (1.0 - fx)
        wy = float(j) * fy + float(1 - j) * (1.0 - fy)
        weight = wx * wy * (float(channel(texel, 24)) + 1.0e-3)
        colour += weight * wp.vec3(
            linear[channel(texel, 0)], linear[channel(texel, 8)], linear[channel(texel, 16)]
        )
        total += weight
    return colour / total


@wp.func
def mip_level(scene: Scene, layer: Layer, view: View, triangle: int, depth: float, scale: float) -> int:
    """Level whose texels are about as large as the samples, one a triangle and depth."""
    face = scene.faces[triangle]
    a = scene.local[face[0]]
    normal = wp.cross(scene.local[face[1]] - a, scene.local[face[2]] - a)
    ua = scene.uv[3 * triangle]
    ub = scene.uv[3 * triangle + 1] - ua
    uc = scene.uv[3 * triangle + 2] - ua
    texels = wp.abs(ub[0] * uc[1] - ub[1] * uc[0]) * float(layer.width) * float(layer.height)
    pitch = view.focal[0] * scale / depth
    # Twice the area as it is seen; at grazing angles rather a little sharp than blurred.
    facing = wp.max(wp.abs(wp.dot(normal, wp.normalize(a))), 0.1 * wp.length(normal))
    samples = facing * pitch * pitch
    if texels <= samples or samples <= 0.0:
        return 0
    return wp.min(int(0.5 * wp.log2(texels / samples) + 0.5), layer.levels - 1)


@wp.func
def albedo(
    scene: Scene,
    view: View,
    triangle: int,
    weights: wp.vec4,
    scale: float,
    linear: wp.array(dtype=wp.float32),
) -> wp.vec3:
    """Linear colour of the surface itself."""
    face = scene.faces[triangle]
    layer = scene.layers[scene.surface[triangle]]
    if layer.texel_count == 0:
        mixed = (
            weights[0] * scene.colours[face[0]]
            + weights[1] * scene.colours[face[1]]
            + weights[2] * scene.colours[face[2]]
        )
        return wp.cw_mul(mixed, layer.tint)
    uv = (
        weights[0] * scene.uv[3 * triangle]
        + weights[1] * scene.uv[3 * triangle + 1]
        + weights[2] * scene.uv[3 * triangle + 2]
    )
    level = mip_level(scene, layer, view, triangle, weights[3], scale)
    return wp.cw_mul(sample_texture(layer, uv, level, linear), layer.tint)


@wp.func
def sun_visibility(lamp: Lamp, nearest: wp.array(dtype=wp.float32), place: wp.vec3) -> float:
    """Share of the sun that reaches a place in the shadow map: a smoothed 3 x 3 percentage-closer filter."""
    x = place[0] - 1.0
    y = place[1] - 1.0
    if not (x >= 0.0 and y >= 0.0 and x < float(lamp.size - 3) and y < float(lamp.size - 3)):
        return 1.0
    x0 = int(x)
    y0 = int(y)
    fx = x - float(x0)
    fy = y - float(y0)
    lit = float(0.0)
    for j in range(3):
        wy = 1.0
        if j == 0:
            wy = 1.0 - fy
        elif j == 2:
            wy = fy
        for i in range(3):
            wx = 1.0
            if i == 0:
                wx = 1.0 - fx
            elif i == 2:
                wx = fx
            if nearest[(y0 + j) * lamp.size + x0 + i] >= place[2]:
                lit += wx * wy
    return lit * 0.25


@wp.func
def ambient_light(c: Coefficients, n: wp.vec3) -> wp.vec3:
    """Irradiance over pi from nine coefficients (Ramamoorthi & Hanrahan 2001, eq. 12)."""
    basis = wp.vector(
        0.282095,
        0.488603 * n[1],
        0.488603 * n[2],
        0.488603 * n[0],
        1.092548 * n[0] * n[1],
        1.092548 * n[1] * n[2],
        0.315392 * (3.0 * n[2] * n[2] - 1.0),
        1.092548 * n[0] * n[2],
        0.546274 * (n[0] * n[0] - n[1] * n[1]),
    )
    light = wp.transpose(c) * basis
    return wp.max(light, wp.vec3(0.0))


@wp.func
def radiance(
    scene: Scene,
    view: View,
    lamp: Lamp,
    triangle: int,
    weights: wp.vec4,
    scale: float,
    nearest: wp.array(dtype=wp.float32),
    linear: wp.array(dtype=wp.float32),
) -> wp.vec3:
    """Lambert under ambient light and sun, and a rough dielectric highlight (normalised Blinn-Phong)."""
    normal = shading_normal(scene, view, triangle, weights)
    surface = albedo(scene, view, triangle, weights, scale, linear)
    light = wp.cw_mul(surface, ambient_light(lamp.ambient, normal))
    facing = wp.dot(normal, lamp.direction)
    if facing <= 0.0:
        return light
    face = scene.faces[triangle]
    place = (
        weights[0] * scene.sunlit[face[0]]
        + weights[1] * scene.sunlit[face[1]]
        + weights[2] * scene.sunlit[face[2]]
    )
    visible = float(1.0)
    if lamp.size > 0:
        visible = sun_visibility(lamp, nearest, place + lamp.frame * (normal * lamp.offset))
    if visible == 0.0:
        return light
    point = (
        weights[0] * scene.vertices[face[0]]
        + weights[1] * scene.vertices[face[1]]
        + weights[2] * scene.vertices[face[2]]
    )
    halfway = wp.normalize(wp.normalize(view.centre - point) + lamp.direction)
    cosine = wp.max(wp.dot(normal, halfway), 0.0)
    power_2 = cosine * cosine
    power_4 = power_2 * power_2
    power_8 = power_4 * power_4
    gloss = GLOSS * power_8 * power_8 * power_8
    return light + wp.cw_mul(lamp.colour, surface + wp.vec3(gloss)) * (visible * facing)


@wp.kernel(enable_backward=False)
def write_colour(
    scene: Scene,
    view: View,
    lamp: Lamp,
    supersample: int,
    keys: wp.array(dtype=wp.uint64),
    nearest: wp.array(dtype=wp.float32),
    linear: wp.array(dtype=wp.float32),
    colour: wp.array(dtype=wp.float32),
    coverage: wp.array(dtype=wp.float32),
) -> None:
    """One thread a pixel: the mean of its samples over what `colour` holds already."""
    pixel = wp.tid()
    # Most pixels of a picture of a person are empty: leave before any arithmetic.
    if supersample == 1 and keys[pixel] == NOTHING:
        return
    px = pixel % view.width
    py = pixel // view.width
    scale = float(supersample)
    total = wp.vec3(0.0)
    hits = int(0)
    for sy in range(supersample):
        for sx in range(supersample):
            x = px * supersample + sx
            y = py * supersample + sy
            key = keys[y * view.width * supersample + x]
            if key != NOTHING:
                triangle = int(key & wp.uint64(0xFFFFFFFF))
                weights = barycentric(
                    scene, view, triangle, (float(x) + 0.5) / scale, (float(y) + 0.5) / scale
                )
                total += radiance(scene, view, lamp, triangle, weights, scale, nearest, linear)
                hits += 1
    if hits > 0:
        share = float(hits) / (scale * scale)
        coverage[pixel] = share
        for k in range(3):
            colour[3 * pixel + k] = total[k] / (scale * scale) + (1.0 - share) * colour[3 * pixel + k]
