"""Which samples a triangle may cover, and which texels are cut away."""

import warp as wp

from lineament.render.structs import TEXTURE_HEADER, Layer, pair_at, word_at

HEADER = wp.constant(TEXTURE_HEADER)


@wp.func
def corner_uv(layer: Layer, triangle: int, corner: int) -> wp.vec2:
    """Texture coordinates of a corner of a triangle of the scene."""
    return pair_at(layer.uv, 3 * (triangle - layer.first_face) + corner)


@wp.func
def is_cut(layer: Layer, uv: wp.vec2) -> bool:
    """True where the nearest texel of the full picture is transparent."""
    u = uv[0] - wp.floor(uv[0])
    v = uv[1] - wp.floor(uv[1])
    x = wp.min(int(u * float(layer.width)), layer.width - 1)
    y = wp.min(int((1.0 - v) * float(layer.height)), layer.height - 1)
    return (word_at(layer.texels, HEADER + y * layer.width + x) >> wp.uint32(24)) < wp.uint32(128)


@wp.func
def box(a: wp.vec3, b: wp.vec3, c: wp.vec3, width: int, height: int) -> wp.vec4i:
    """First and last column, first and last row whose centres may lie in a triangle; first > last if none."""
    right = float(width)
    bottom = float(height)
    x0 = wp.clamp(wp.min(wp.min(a[0], b[0]), c[0]), 0.0, right)
    x1 = wp.clamp(wp.max(wp.max(a[0], b[0]), c[0]), -1.0, right)
    y0 = wp.clamp(wp.min(wp.min(a[1], b[1]), c[1]), 0.0, bottom)
    y1 = wp.clamp(wp.max(wp.max(a[1], b[1]), c[1]), -1.0, bottom)
    # Truncation is floor below: both are at least -0.5 before 1 is taken off.
    return wp.vec4i(int(wp.ceil(x0 - 0.5)), int(x1 + 0.5) - 1, int(wp.ceil(y0 - 0.5)), int(y1 + 0.5) - 1)
