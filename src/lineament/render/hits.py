"""Where on its triangle a sample lies, and how the surface faces there."""

# Variables that a loop changes are declared as int(0) or float(0.0): Warp takes bare literals for constants.

import warp as wp

from lineament.render.structs import Scene, View, face_at, mixed, vector_at


@wp.struct
class Hit:
    """A sample on a triangle. weights: of its corners, perspective-correct. depth: along the camera's z.
    ray: from the camera, world, of depth 1. flat: the triangle's normal, twice its area long. normal: unit,
    smooth, of the side that is seen; both in the world.
    """

    triangle: wp.int32
    face: wp.vec3i
    weights: wp.vec3
    depth: wp.float32
    ray: wp.vec3
    flat: wp.vec3
    normal: wp.vec3


@wp.func
def clipped_weights(scene: Scene, face: wp.vec3i, ray: wp.vec3) -> wp.vec3:
    """Weights of the corners of a triangle through the near plane, where a camera's ray meets it."""
    a = vector_at(scene.local, face[0])
    b = vector_at(scene.local, face[1])
    c = vector_at(scene.local, face[2])
    inverse = 1.0 / wp.dot(ray, wp.cross(b - a, c - a))
    moment = wp.cross(a, ray) * inverse
    v = wp.clamp(wp.dot(moment, c - a), 0.0, 1.0)
    w = wp.clamp(-wp.dot(moment, b - a), 0.0, 1.0 - v)
    return wp.vec3(1.0 - v - w, v, w)


@wp.func
def hit_at(scene: Scene, view: View, triangle: int, x: float, y: float) -> Hit:
    """A triangle at a pixel position, from the position's offset to a projected corner."""
    hit = Hit()
    hit.triangle = triangle
    face = face_at(scene, triangle)
    hit.face = face
    ray = wp.vec3(
        (x - view.principal[0]) * view.inverse_focal[0], (y - view.principal[1]) * view.inverse_focal[1], 1.0
    )
    pa = vector_at(scene.screen, face[0])
    pb = vector_at(scene.screen, face[1])
    pc = vector_at(scene.screen, face[2])
    if wp.min(wp.min(pa[2], pb[2]), pc[2]) > 0.0:
        eb = pb - pa
        ec = pc - pa
        qx = x - pa[0]
        qy = y - pa[1]
        inverse_area = 1.0 / (eb[0] * ec[1] - eb[1] * ec[0])
        sv = wp.clamp((qx * ec[1] - qy * ec[0]) * inverse_area, 0.0, 1.0)
        sw = wp.clamp((eb[0] * qy - eb[1] * qx) * inverse_area, 0.0, 1.0 - sv)
        hit.depth = 1.0 / (pa[2] + sv * eb[2] + sw * ec[2])
        v = sv * pb[2] * hit.depth
        w = sw * pc[2] * hit.depth
        hit.weights = wp.vec3(1.0 - v - w, v, w)
    else:
        hit.weights = clipped_weights(scene, face, ray)
        hit.depth = mixed(scene.local, face, hit.weights)[2]
    hit.ray = wp.transpose(view.rotation) * ray
    hit.flat = vector_at(scene.flats, triangle)
    smooth = mixed(scene.normals, face, hit.weights)
    if wp.dot(smooth, smooth) < 1.0e-8 or wp.dot(smooth, hit.flat) < 0.0:
        smooth = hit.flat
    if wp.dot(hit.flat, hit.ray) > 0.0:
        smooth = -smooth
    hit.normal = wp.normalize(smooth)
    return hit
