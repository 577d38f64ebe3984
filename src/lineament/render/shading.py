"""The colour of a sample under ambient light and a sun with shadows."""

# Variables that a loop changes are declared as int(0) or float(0.0): Warp takes bare literals for constants.
# ruff: noqa: UP018

import warp as wp

from lineament.render.hits import Hit
from lineament.render.structs import Coefficients, Lamp, Scene, View
from lineament.render.texturing import albedo

# Reflectance of a dielectric, 0.04, times (24 + 8) / 8, the norm of a Blinn-Phong lobe of exponent 24.
GLOSS = wp.constant(0.16)


@wp.func
def sun_visibility(lamp: Lamp, place: wp.vec3) -> float:
    """Share of the sun that reaches a place in the shadow map: a smoothed 3 x 3 percentage-closer filter."""
    x = place[0] - 1.0
    y = place[1] - 1.0
    if not (x >= 0.0 and y >= 0.0 and x < float(lamp.size - 3) and y < float(lamp.size - 3)):
        return 1.0
    nearest = wp.array(ptr=lamp.nearest, shape=(1,), dtype=wp.float32)
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
            lit += wp.where(nearest[(y0 + j) * lamp.size + x0 + i] >= place[2], wx * wy, 0.0)
    return lit * 0.25


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
    towards = -wp.normalize(hit.ray)
    surface = albedo(scene, view, hit, towards, scale)
    light = wp.cw_mul(surface, ambient_light(lamp.ambient, hit.normal))
    facing = wp.dot(hit.normal, lamp.direction)
    if facing <= 0.0:
        return light
    visible = float(1.0)
    if lamp.size > 0:
        point = view.centre - lamp.origin + hit.depth * hit.ray + lamp.offset * hit.normal
        visible = sun_visibility(lamp, lamp.frame * point)
    if visible == 0.0:
        return light
    halfway = wp.normalize(towards + lamp.direction)
    cosine = wp.max(wp.dot(hit.normal, halfway), 0.0)
    power_2 = cosine * cosine
    power_4 = power_2 * power_2
    power_8 = power_4 * power_4
    gloss = GLOSS * power_8 * power_8 * power_8
    return light + wp.cw_mul(lamp.colour, surface + wp.vec3(gloss)) * (visible * facing)
