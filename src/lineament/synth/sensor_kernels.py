"""The sensor's arithmetic as Warp kernels: one pass before the blur, one after it."""

import warp as wp

LUMA_RED, LUMA_GREEN, LUMA_BLUE = wp.constant(0.299), wp.constant(0.587), wp.constant(0.114)
CEILING = wp.constant(3.0)
"""Lamps may be far brighter than anything else: without a ceiling their blur fills the picture."""


@wp.struct
class Development:
    """What happens to light after the lens. start: of the noise in its bank. levels: entries of the tone."""

    noise: wp.float32
    start: wp.int32
    bank: wp.int32
    haze: wp.float32
    levels: wp.int32
    saturation: wp.float32
    sepia: wp.int32


@wp.kernel(enable_backward=False)
def collect(
    linear: wp.array2d(dtype=wp.vec3),
    gains: wp.vec3,
    vignette: wp.float32,
    light: wp.array2d(dtype=wp.vec3),
):
    """Gains and darkened corners; a thread a row."""
    row = wp.tid()
    height = linear.shape[0]
    width = linear.shape[1]
    y = 2.0 * float(row) / float(wp.max(height - 1, 1)) - 1.0
    for column in range(width):
        x = 2.0 * float(column) / float(wp.max(width - 1, 1)) - 1.0
        value = wp.cw_mul(linear[row, column], gains) * (1.0 - vignette * 0.5 * (x * x + y * y))
        light[row, column] = wp.min(value, wp.vec3(CEILING))


@wp.func
def tone(curve: wp.array(dtype=wp.float32), levels: int, value: float) -> float:
    """The curve (levels,) over 0..1 at a value."""
    return curve[int(wp.clamp(value, 0.0, 1.0) * float(levels - 1) + 0.5)]


@wp.kernel(enable_backward=False)
def develop(
    light: wp.array2d(dtype=wp.vec3),
    noise: wp.array(dtype=wp.float32),
    curve: wp.array(dtype=wp.float32),
    settings: Development,
    picture: wp.array2d(dtype=wp.vec3),
):
    """Noise, haze, tone, saturation: linear light to sRGB codes 0..255 that are not yet rounded; a thread a
    row.
    """
    row = wp.tid()
    width = light.shape[1]
    at = settings.start + 3 * row * width
    for column in range(width):
        value = light[row, column]
        if settings.noise > 0.0:
            for channel in range(3):
                shot = wp.sqrt(wp.max(value[channel], 0.004) / 0.22) * settings.noise
                value[channel] = value[channel] + shot * noise[(at + 3 * column + channel) % settings.bank]
        value = value * (1.0 - settings.haze) + wp.vec3(settings.haze * 0.6)
        red = tone(curve, settings.levels, value[0])
        green = tone(curve, settings.levels, value[1])
        blue = tone(curve, settings.levels, value[2])
        luma = LUMA_RED * red + LUMA_GREEN * green + LUMA_BLUE * blue
        red = luma + (red - luma) * settings.saturation
        green = luma + (green - luma) * settings.saturation
        blue = luma + (blue - luma) * settings.saturation
        if settings.sepia != 0:
            red = red * 1.07
            green = green * 0.98
            blue = blue * 0.82
        picture[row, column] = wp.vec3(red * 255.0, green * 255.0, blue * 255.0)
