"""Kernels on vertices and faces before anything is drawn: projection and smooth normals."""

import warp as wp

from lineament.render.structs import Scene, View, face_at, vector_at


@wp.kernel(enable_backward=False)
def project(run: int, count: int, scene: Scene, view: View, frame: wp.mat33, origin: wp.vec3) -> None:
    """A thread takes `run` of `count` vertices to camera, screen and shadow-map coordinates, and clears
    their normals.
    """
    local = wp.array(ptr=scene.local, shape=(count,), dtype=wp.vec3)
    screen = wp.array(ptr=scene.screen, shape=(count,), dtype=wp.vec3)
    sunlit = wp.array(ptr=scene.sunlit, shape=(count,), dtype=wp.vec3)
    normals = wp.array(ptr=scene.normals, shape=(count,), dtype=wp.vec3)
    first = wp.tid() * run
    for i in range(first, wp.min(first + run, count)):
        point = vector_at(scene.vertices, i)
        seen = view.rotation * (point - view.centre)
        # Places that are not numbers lie behind the camera and beside the shadow map.
        finite = wp.abs(seen[0]) + wp.abs(seen[1]) + wp.abs(seen[2]) < wp.inf
        seen = wp.where(finite, seen, wp.vec3(0.0, 0.0, -1.0))
        local[i] = seen
        inverse = 1.0 / wp.max(seen[2], view.near)
        place = wp.vec3(
            view.focal[0] * seen[0] * inverse + view.principal[0],
            view.focal[1] * seen[1] * inverse + view.principal[1],
            inverse,
        )
        screen[i] = wp.where(seen[2] >= view.near, place, wp.vec3(0.0))
        sunlit[i] = wp.where(finite, frame * (point - origin), wp.vec3(-1.0e6))
        normals[i] = wp.vec3(0.0)


@wp.kernel(enable_backward=False)
def accumulate_normals(run: int, count: int, scene: Scene) -> None:
    """A thread finds the normals of `run` of `count` triangles and adds them to their corners."""
    flats = wp.array(ptr=scene.flats, shape=(count,), dtype=wp.vec3)
    normals = wp.array(ptr=scene.normals, shape=(1,), dtype=wp.vec3)
    first = wp.tid() * run
    for triangle in range(first, wp.min(first + run, count)):
        face = face_at(scene, triangle)
        a = vector_at(scene.vertices, face[0])
        normal = wp.cross(vector_at(scene.vertices, face[1]) - a, vector_at(scene.vertices, face[2]) - a)
        flats[triangle] = normal
        wp.atomic_add(normals, face[0], normal)
        wp.atomic_add(normals, face[1], normal)
        wp.atomic_add(normals, face[2], normal)


@wp.kernel(enable_backward=False)
def unit_normals(run: int, count: int, scene: Scene) -> None:
    """A thread brings `run` of `count` normals to unit length."""
    normals = wp.array(ptr=scene.normals, shape=(count,), dtype=wp.vec3)
    first = wp.tid() * run
    for i in range(first, wp.min(first + run, count)):
        normals[i] = wp.normalize(normals[i])
