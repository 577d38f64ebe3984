"""Kernels on vertices and faces before anything is drawn: projection and smooth normals."""

import warp as wp

from lineament.render.structs import View


@wp.kernel(enable_backward=False)
def project(
    vertices: wp.array(dtype=wp.vec3),
    view: View,
    frame: wp.mat33,
    origin: wp.vec3,
    local: wp.array(dtype=wp.vec3),
    screen: wp.array(dtype=wp.vec3),
    sunlit: wp.array(dtype=wp.vec3),
    normals: wp.array(dtype=wp.vec3),
) -> None:
    """Vertices to camera, screen and shadow-map coordinates; clears the normals."""
    i = wp.tid()
    point = vertices[i]
    seen = view.rotation * (point - view.centre)
    if not wp.isfinite(seen):
        seen = wp.vec3(0.0, 0.0, -1.0)
    local[i] = seen
    place = wp.vec3(0.0)
    if seen[2] >= view.near:
        inverse = 1.0 / seen[2]
        place = wp.vec3(
            view.focal[0] * seen[0] * inverse + view.principal[0],
            view.focal[1] * seen[1] * inverse + view.principal[1],
            inverse,
        )
    screen[i] = place
    sunlit[i] = frame * (point - origin)
    normals[i] = wp.vec3(0.0)


@wp.kernel(enable_backward=False)
def accumulate_normals(
    faces: wp.array(dtype=wp.vec3i), vertices: wp.array(dtype=wp.vec3), normals: wp.array(dtype=wp.vec3)
) -> None:
    """Add each triangle's area-weighted normal to its corners."""
    face = faces[wp.tid()]
    a = vertices[face[0]]
    normal = wp.cross(vertices[face[1]] - a, vertices[face[2]] - a)
    wp.atomic_add(normals, face[0], normal)
    wp.atomic_add(normals, face[1], normal)
    wp.atomic_add(normals, face[2], normal)
