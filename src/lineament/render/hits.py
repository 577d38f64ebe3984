"""Where on its triangle a sample lies, and how the surface faces there."""

# Variables that a loop changes are declared as int(0) or float(0.0): Warp takes bare literals for constants.
# ruff: noqa: UP018

import warp as wp

from lineament.render.structs import Scene, View


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
