"""What kernels are given: the scene, its layers, the view and the light; all on one device."""

import warp as wp

Coefficients = wp.types.matrix(shape=(9, 3), dtype=wp.float32)
SAMPLE_LOOPS = {
    "cpu_compiler_flags": f"{wp.config.cpu_compiler_flags or '-march=native'}"
    " -menable-no-nans -fno-signed-zeros -Wno-nan-infinity-disabled"
}
"""Options of modules that loop over samples, a fifth faster: nothing is NaN there, `project` sees to that."""
EMPTY = 0
"""Key of a sample that nothing has been drawn on."""


@wp.struct
class Layer:
    """One surface: its place in the scene, and where its own arrays lie in the device's memory.

    texels: packed RGBA of all mip levels, 0 for vertex colours. uv: three a face. canonical: of its vertices.
    parts: of its faces.
    """

    texels: wp.uint64
    texel_count: wp.int32
    width: wp.int32
    height: wp.int32
    levels: wp.int32
    cut: wp.int32
    tint: wp.vec3
    first_face: wp.int32
    face_count: wp.int32
    first_vertex: wp.int32
    vertex_count: wp.int32
    uv: wp.uint64
    canonical: wp.uint64
    parts: wp.uint64


@wp.struct
class Scene:
    """All surfaces end to end. Per face: faces, surface; the rest per vertex.

    local: camera coordinates, metres. screen: pixel x, y and 1/z, valid beyond the near plane. sunlit: x, y
    in texels of the shadow map and depth away from the sun in metres. normals: area-weighted sums, not of
    unit length.
    """

    vertices: wp.array(dtype=wp.vec3)
    colours: wp.array(dtype=wp.vec3)
    faces: wp.array(dtype=wp.vec3i)
    surface: wp.array(dtype=wp.int32)
    layers: wp.array(dtype=Layer)
    local: wp.array(dtype=wp.vec3)
    screen: wp.array(dtype=wp.vec3)
    sunlit: wp.array(dtype=wp.vec3)
    normals: wp.array(dtype=wp.vec3)


@wp.struct
class View:
    """A pinhole camera: `focal` and `principal` in pixels, rotation world to camera, centre in the world."""

    rotation: wp.mat33
    centre: wp.vec3
    focal: wp.vec2
    principal: wp.vec2
    width: wp.int32
    height: wp.int32
    near: wp.float32


@wp.struct
class Lamp:
    """Sun and ambient light. `frame` and `origin` take world points to the shadow map (size 0: no shadows).

    offset: metres that a point moves along its normal before it is looked up, against self-shadowing.
    """

    direction: wp.vec3
    colour: wp.vec3
    ambient: Coefficients
    frame: wp.mat33
    origin: wp.vec3
    size: wp.int32
    offset: wp.float32
