"""The sensor's arithmetic as Warp kernels: one pass before the blur, if there is one, and one after it.

Pictures are addresses of contiguous memory. The loops are C++ within the kernels, BLOCK pixels at a time: as
Warp compiles indexing, which may be negative, no loop over arrays would be vectorised.
"""

import warp as wp

from lineament.render.structs import SAMPLE_LOOPS

wp.set_module_options(SAMPLE_LOOPS)
LEVELS = 8192
"""Entries of a tone curve."""
BLOCK = 64
RUN = 64
"""Blocks a thread: each thread unpacks all arguments first."""
NOISE_BANK = 1 << 20
"""Normal deviates in the bank, a power of two; as many as a block needs follow, the first ones again."""


@wp.struct
class Optics:
    """gains: of the three channels. vignette: how much darker the corners are. width, height: pixels."""

    gains: wp.vec3
    vignette: wp.float32
    width: wp.int32
    height: wp.int32


@wp.struct
class Development:
    """What happens to light after the lens. deviates, curve: addresses of the bank and of the tone curve
    (LEVELS,), codes 0..255. noise: its strength; start: where it begins in the bank. blue: channel that comes
    out first, 0 or 2.
    """

    deviates: wp.uint64
    curve: wp.uint64
    noise: wp.float32
    start: wp.int32
    haze: wp.float32
    tint: wp.vec3
    saturation: wp.float32
    blue: wp.int32


_COLLECT = """
    const float* source = (const float*)linear + 3 * first;
    const float across = 2.0f / (optics.width > 1 ? optics.width - 1 : 1);
    const float down = 2.0f / (optics.height > 1 ? optics.height - 1 : 1);
    float gain[192];
    for (int i = 0; i < 192; ++i) gain[i] = optics.gains[i % 3];
    for (int i = 0; i < count && optics.vignette > 0.0f; ++i) {
        const int row = (first + i) / optics.width;
        const float y = row * down - 1.0f, x = (first + i - row * optics.width) * across - 1.0f;
        const float shade = 1.0f - 0.5f * optics.vignette * (x * x + y * y);
        for (int c = 0; c < 3; ++c) gain[3 * i + c] *= shade;
    }
    // Lamps may be far brighter than anything else: without a ceiling their blur fills the picture.
    for (int i = 0; i < 3 * count; ++i) {
        const float value = source[i] * gain[i];
        light[i] = value < 3.0f ? value : 3.0f;
    }
"""


_DEVELOP = """
    int level[192];
    float code[192];
    if (settings.noise > 0.0f) {
        const int at = (settings.start + 3 * first) & 0xFFFFF;
        const float* deviates = (const float*)settings.deviates + at;
        for (int i = 0; i < 3 * count; ++i) {
            const float photons = light[i] > 0.004f ? light[i] : 0.004f;
            light[i] += __builtin_sqrtf(photons) * settings.noise * deviates[i];
        }
    }
    const float clear = 8191.0f * (1.0f - settings.haze), veil = 8191.0f * 0.6f * settings.haze + 0.5f;
    for (int i = 0; i < 3 * count; ++i) {
        float value = light[i] * clear + veil;
        value = value > 0.5f ? value : 0.5f;
        level[i] = (int)(value < 8191.5f ? value : 8191.5f);
    }
    const float* curve = (const float*)settings.curve;
    for (int i = 0; i < 3 * count; ++i) code[i] = curve[level[i]];
    unsigned char* target = (unsigned char*)codes + 3 * first;
    const float own = settings.saturation, grey = 1.0f - own;
    const int blue = settings.blue;
    for (int i = 0; i < count; ++i) {
        const float r = code[3 * i], g = code[3 * i + 1], b = code[3 * i + 2];
        const float luma = grey * (0.299f * r + 0.587f * g + 0.114f * b);
        code[3 * i + blue] = (own * r + luma) * settings.tint[0];
        code[3 * i + 1] = (own * g + luma) * settings.tint[1];
        code[3 * i + 2 - blue] = (own * b + luma) * settings.tint[2];
    }
    for (int i = 0; i < 3 * count; ++i) {
        const float value = code[i] > 0.0f ? code[i] + 0.5f : 0.5f;
        target[i] = (unsigned char)(int)(value < 255.5f ? value : 255.5f);
    }
"""


@wp.func_native("float* light = (float*)to;" + _COLLECT)
def collect_block(first: int, count: int, linear: wp.uint64, optics: Optics, to: wp.uint64) -> None:
    """Gains and darkened corners of `count` pixels."""


@wp.func_native("float light[192];" + _COLLECT + _DEVELOP)
def develop_block(
    first: int, count: int, linear: wp.uint64, optics: Optics, settings: Development, codes: wp.uint64
) -> None:
    """As `collect_block`, then noise, haze, tone and saturation: sRGB codes, three bytes a pixel."""


@wp.kernel(enable_backward=False)
def collect(linear: wp.uint64, optics: Optics, light: wp.uint64) -> None:
    """Linear light behind the lens; a thread does RUN blocks."""
    pixels = optics.width * optics.height
    for k in range(RUN):
        first = (wp.tid() * RUN + k) * BLOCK
        address = light + wp.uint64(12) * wp.uint64(first)
        collect_block(first, wp.min(BLOCK, pixels - first), linear, optics, address)


@wp.kernel(enable_backward=False)
def develop(linear: wp.uint64, optics: Optics, settings: Development, codes: wp.uint64) -> None:
    """Linear light to codes; a thread does RUN blocks."""
    pixels = optics.width * optics.height
    for k in range(RUN):
        first = (wp.tid() * RUN + k) * BLOCK
        develop_block(first, wp.min(BLOCK, pixels - first), linear, optics, settings, codes)
