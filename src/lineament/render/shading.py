"""The colour of a sample under ambient light and a sun with shadows."""

import warp as wp

from lineament.render.hits import Hit
from lineament.render.structs import Coefficients, Lamp, Scene, View
from lineament.render.texturing import albedo

# Reflectance of a dielectric, 0.04, times (24 + 8) / 8, the norm of a Blinn-Phong lobe of exponent 24.
GLOSS = wp.constant(0.16)


@wp.func_native(
    """
    const float x = place[0] - 1.0f, y = place[1] - 1.0f, end = (float)(lamp.size - 3);
    if (!(x >= 0.0f && y >= 0.0f && x < end && y < end)) return 1.0f;
    const int left = (int)x, top = (int)y;
    const float fx = x - left, fy = y - top;
    const float* nearest = (const float*)lamp.nearest + top * lamp.size + left;
    float lit = 0.0f;
#if defined(__CUDACC__) || defined(__CUDA_ARCH__)
    const float columns[3] = {1.0f - fx, 1.0f, fx};
    const float rows[3] = {1.0f - fy, 1.0f, fy};
    for (int j = 0; j < 3; ++j)
        for (int i = 0; i < 3; ++i)
            lit += nearest[j * lamp.size + i] >= place[2] ? rows[j] * columns[i] : 0.0f;
#else
    // The compiler does not see by itself that three texels of a row are compared at once.
    typedef float Four __attribute__((vector_size(16), aligned(4)));
    typedef int Mask __attribute__((vector_size(16)));
    const Four deep = {place[2], place[2], place[2], place[2]};
    const Four columns = {1.0f - fx, 1.0f, fx, 0.0f};
    const Mask upper = *(const Four*)nearest >= deep;
    const Mask middle = *(const Four*)(nearest + lamp.size) >= deep;
    const Mask lower = *(const Four*)(nearest + 2 * lamp.size) >= deep;
    const Four seen = (Four)(upper & (Mask)columns) * (1.0f - fy) + (Four)(middle & (Mask)columns)
        + (Four)(lower & (Mask)columns) * fy;
    lit = (seen[0] + seen[1]) + seen[2];
#endif
    return 0.25f * lit;
    """
)
def sun_visibility(lamp: Lamp, place: wp.vec3) -> float:
    """Share of the sun that reaches a place in the shadow map: a smoothed 3 x 3 percentage-closer filter."""
    ...


@wp.func
def ambient_light(c: Coefficients, n: wp.vec3) -> wp.vec3:
    """Irradiance over pi from nine coefficients (Ramamoorthi & Hanrahan 2001, eq. 12)."""
    light = (
        0.282095 * c[0]
        + (0.488603 * n[1]) * c[1]
        + (0.488603 * n[2]) * c[2]
        + (0.488603 * n[0]) * c[3]
        + (1.092548 * n[0] * n[1]) * c[4]
        + (1.092548 * n[1] * n[2]) * c[5]
        + (0.946176 * n[2] * n[2] - 0.315392) * c[6]
        + (1.092548 * n[0] * n[2]) * c[7]
        + (0.546274 * (n[0] * n[0] - n[1] * n[1])) * c[8]
    )
    return wp.max(light, wp.vec3(0.0))


@wp.func
def radiance(scene: Scene, view: View, lamp: Lamp, hit: Hit, scale: float) -> wp.vec3:
    """Lambert under ambient light and sun, and a rough dielectric highlight (normalised Blinn-Phong)."""
    surface = albedo(scene, view, hit, scale)
    light = wp.cw_mul(surface, ambient_light(lamp.ambient, hit.normal))
    facing = wp.dot(hit.normal, lamp.direction)
    if facing <= 0.0:
        return light
    visible = 1.0
    if lamp.size > 0:
        point = view.centre - lamp.origin + hit.depth * hit.ray + lamp.offset * hit.normal
        visible = sun_visibility(lamp, lamp.frame * point)
    if visible == 0.0:
        return light
    # Halfway to the camera, not of unit length: even powers of the cosine need no root.
    halfway = lamp.direction - wp.normalize(hit.ray)
    cosine = wp.max(wp.dot(hit.normal, halfway), 0.0)
    power_2 = cosine * cosine / wp.max(wp.dot(halfway, halfway), 1.0e-12)
    power_4 = power_2 * power_2
    power_8 = power_4 * power_4
    gloss = GLOSS * power_8 * power_8 * power_8
    return light + wp.cw_mul(lamp.colour, surface + wp.vec3(gloss)) * (visible * facing)
