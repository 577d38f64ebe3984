"""The colour of surfaces themselves: mip-mapped textures and vertex colours."""

# Variables that a loop changes are declared as int(0) or float(0.0): Warp takes bare literals for constants.

import warp as wp

from lineament.render.coverage import corner_uv
from lineament.render.hits import Hit
from lineament.render.structs import Layer, Scene, View, layer_at, mixed, surface_at


@wp.func_native(
    """
    const wp::uint32* texels = (const wp::uint32*)layer.texels;
    const float* linear = (const float*)scene.linear;
    const int width = layer.width >> level > 1 ? layer.width >> level : 1;
    const int height = layer.height >> level > 1 ? layer.height >> level : 1;
    const float x = (uv[0] - floorf(uv[0])) * width - 0.5f;
    const float y = (1.0f - (uv[1] - floorf(uv[1]))) * height - 0.5f;
    // Truncation of x + 1 is floor: x is at least -0.5.
    const int left = (int)(x + 1.0f) - 1, top = (int)(y + 1.0f) - 1;
    const float fx = x - left, fy = y - top;
    const int columns[2] = {left < 0 ? width - 1 : left, left + 1 >= width ? 0 : left + 1};
    const wp::uint32* upper = texels + texels[level] + (top < 0 ? height - 1 : top) * width;
    const wp::uint32* lower = texels + texels[level] + (top + 1 >= height ? 0 : top + 1) * width;
    const wp::uint32 four[4] = {upper[columns[0]], upper[columns[1]], lower[columns[0]], lower[columns[1]]};
    float weights[4] = {(1.0f - fx) * (1.0f - fy), fx * (1.0f - fy), (1.0f - fx) * fy, fx * fy};
    if ((four[0] & four[1] & four[2] & four[3]) < 0xFF000000u) {
        float total = 1.0e-6f;
        for (int k = 0; k < 4; ++k) {
            weights[k] *= (float)(four[k] >> 24) + 1.0e-3f;
            total += weights[k];
        }
        for (int k = 0; k < 4; ++k) weights[k] /= total;
    }
    float red = 0.0f, green = 0.0f, blue = 0.0f;
    for (int k = 0; k < 4; ++k) {
        red += weights[k] * linear[four[k] & 255];
        green += weights[k] * linear[(four[k] >> 8) & 255];
        blue += weights[k] * linear[(four[k] >> 16) & 255];
    }
    return wp::vec3(red, green, blue);
    """
)
def sample_texture(scene: Scene, layer: Layer, uv: wp.vec2, level: int) -> wp.vec3:
    """Bilinear linear colour at a mip level, repeating; transparent texels lend no colour."""
    ...


@wp.func
def mip_level(layer: Layer, hit: Hit, texels: float, pitch: float) -> int:
    """Level whose texels are about as large as the samples. texels: twice the triangle's area; pitch: samples
    a metre there.
    """
    # Squares of twice the area as it is seen: at grazing angles rather a little sharp than blurred.
    facing = wp.dot(hit.flat, hit.ray)
    seen = wp.max(facing * facing, 0.01 * wp.dot(hit.flat, hit.flat) * wp.dot(hit.ray, hit.ray))
    samples = seen * pitch * pitch * pitch * pitch
    if texels * texels <= samples or samples <= 0.0:
        return 0
    # A quarter of the binary logarithm, rounded: from the float's exponent, as the function is slow.
    exponent = int(wp.cast(texels * texels / samples, wp.uint32) >> wp.uint32(23)) - 127
    return wp.min((exponent + 2) // 4, layer.levels - 1)


@wp.func
def albedo(scene: Scene, view: View, hit: Hit, scale: float) -> wp.vec3:
    """Linear colour of the surface itself."""
    layer = layer_at(scene, surface_at(scene, hit.triangle))
    if layer.texel_count == 0:
        return wp.cw_mul(mixed(scene.colours, hit.face, hit.weights), layer.tint)
    ua = corner_uv(layer, hit.triangle, 0)
    ub = corner_uv(layer, hit.triangle, 1) - ua
    uc = corner_uv(layer, hit.triangle, 2) - ua
    uv = ua + hit.weights[1] * ub + hit.weights[2] * uc
    texels = (ub[0] * uc[1] - ub[1] * uc[0]) * float(layer.width) * float(layer.height)
    level = mip_level(layer, hit, texels, view.focal[0] * scale / hit.depth)
    return wp.cw_mul(sample_texture(scene, layer, uv, level), layer.tint)
