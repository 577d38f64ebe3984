"""The colour of surfaces themselves: mip-mapped textures and vertex colours."""

# Variables that a loop changes are declared as int(0) or float(0.0): Warp takes bare literals for constants.
# ruff: noqa: UP018, RUF046

import warp as wp

from lineament.render.coverage import corner_uv
from lineament.render.structs import Layer, Scene, View


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
    # Truncation of x + 1 is floor: x is at least -0.5.
    x0 = int(x + 1.0) - 1
    y0 = int(y + 1.0) - 1
    fx = x - float(x0)
    fy = y - float(y0)
    columns = wp.vec2i(wp.where(x0 < 0, width - 1, x0), wp.where(x0 + 1 >= width, 0, x0 + 1))
    rows = wp.vec2i(wp.where(y0 < 0, height - 1, y0), wp.where(y0 + 1 >= height, 0, y0 + 1))
    colour = wp.vec3(0.0)
    total = float(1.0e-6)
    for k in range(4):
        texel = texels[start + rows[k // 2] * width + columns[k % 2]]
        wx = wp.where(k % 2 == 0, 1.0 - fx, fx)
        wy = wp.where(k // 2 == 0, 1.0 - fy, fy)
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
    ua = corner_uv(layer, triangle, 0)
    ub = corner_uv(layer, triangle, 1) - ua
    uc = corner_uv(layer, triangle, 2) - ua
    texels = wp.abs(ub[0] * uc[1] - ub[1] * uc[0]) * float(layer.width) * float(layer.height)
    pitch = view.focal[0] * scale / depth
    # Twice the area as it is seen; at grazing angles rather a little sharp than blurred.
    facing = wp.max(wp.abs(wp.dot(normal, wp.normalize(a))), 0.1 * wp.length(normal))
    samples = facing * pitch * pitch
    if texels <= samples or samples <= 0.0:
        return 0
    # Half the binary logarithm, rounded: from the float's exponent, as the function is slow.
    exponent = int(wp.cast(texels / samples, wp.uint32) >> wp.uint32(23)) - 127
    return wp.min((exponent + 1) // 2, layer.levels - 1)


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
        weights[0] * corner_uv(layer, triangle, 0)
        + weights[1] * corner_uv(layer, triangle, 1)
        + weights[2] * corner_uv(layer, triangle, 2)
    )
    level = mip_level(scene, layer, view, triangle, weights[3], scale)
    return wp.cw_mul(sample_texture(layer, uv, level, linear), layer.tint)
