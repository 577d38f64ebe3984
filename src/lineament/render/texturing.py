"""The colour of surfaces themselves: mip-mapped textures and vertex colours."""

# Variables that a loop changes are declared as int(0) or float(0.0): Warp takes bare literals for constants.
# ruff: noqa: UP018

import warp as wp

from lineament.render.coverage import corner_uv
from lineament.render.hits import Hit
from lineament.render.structs import Layer, Scene, View, layer_at, mixed, surface_at


@wp.func
def channel(texel: wp.uint32, shift: int) -> int:
    """One byte of a packed texel."""
    return int((texel >> wp.uint32(shift)) & wp.uint32(255))


@wp.func
def sample_texture(scene: Scene, layer: Layer, uv: wp.vec2, level: int) -> wp.vec3:
    """Bilinear linear colour at a mip level, repeating; transparent texels lend no colour."""
    linear = wp.array(ptr=scene.linear, shape=(256,), dtype=wp.float32)
    texels = wp.array(ptr=layer.texels, shape=(layer.texel_count,), dtype=wp.uint32)
    start = int(texels[level])
    width = wp.max(1, layer.width >> level)
    height = wp.max(1, layer.height >> level)
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
def mip_level(layer: Layer, hit: Hit, towards: wp.vec3, texels: float, pitch: float) -> int:
    """Level whose texels are about as large as the samples. texels: twice the triangle's area; pitch: samples
    a metre there.
    """
    # At grazing angles rather a little sharp than blurred.
    facing = wp.max(wp.abs(wp.dot(hit.flat, towards)), 0.1 * wp.length(hit.flat))
    samples = facing * pitch * pitch
    if texels <= samples or samples <= 0.0:
        return 0
    # Half the binary logarithm, rounded: from the float's exponent, as the function is slow.
    exponent = int(wp.cast(texels / samples, wp.uint32) >> wp.uint32(23)) - 127
    return wp.min((exponent + 1) // 2, layer.levels - 1)


@wp.func
def albedo(scene: Scene, view: View, hit: Hit, towards: wp.vec3, scale: float) -> wp.vec3:
    """Linear colour of the surface itself, seen from the direction `towards`."""
    layer = layer_at(scene, surface_at(scene, hit.triangle))
    if layer.texel_count == 0:
        return wp.cw_mul(mixed(scene.colours, hit.face, hit.weights), layer.tint)
    ua = corner_uv(layer, hit.triangle, 0)
    ub = corner_uv(layer, hit.triangle, 1) - ua
    uc = corner_uv(layer, hit.triangle, 2) - ua
    uv = ua + hit.weights[1] * ub + hit.weights[2] * uc
    texels = wp.abs(ub[0] * uc[1] - ub[1] * uc[0]) * float(layer.width) * float(layer.height)
    level = mip_level(layer, hit, towards, texels, view.focal[0] * scale / hit.depth)
    return wp.cw_mul(sample_texture(scene, layer, uv, level), layer.tint)
