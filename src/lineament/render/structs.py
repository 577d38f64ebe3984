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
TEXTURE_HEADER = 32
"""Words before the texels of a texture: where each of its levels begins."""


@wp.struct
class Layer:
    """One surface: its place in the scene, and where its own arrays lie in the device's memory.

    texels: TEXTURE_HEADER words, then packed RGBA of all mip levels; 0 for vertex colours. uv: three a face.
    canonical: of its vertices. parts: of its faces. closed: 1 where triangles seen from behind are not drawn.
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
    closed: wp.int32


@wp.struct
class Scene:
    """All surfaces end to end, as addresses on the device. Per face: faces (vec3i), surface (int32), flats
    (vec3, twice the area long, world); the rest are vec3 per vertex.

    local: camera coordinates, metres. screen: pixel x, y and 1/z, which is 0 before the near plane. sunlit:
    x, y in texels of the shadow map and depth away from the sun in metres. normals: unit, smooth. linear:
    value of each of the 256 sRGB codes. Addresses, not arrays: an array's stride is read for each element.
    """

    vertices: wp.uint64
    colours: wp.uint64
    faces: wp.uint64
    surface: wp.uint64
    layers: wp.uint64
    local: wp.uint64
    screen: wp.uint64
    sunlit: wp.uint64
    normals: wp.uint64
    flats: wp.uint64
    linear: wp.uint64


@wp.struct
class View:
    """A pinhole camera: `focal` (and its inverse) and `principal` in pixels, rotation world to camera, centre
    in the world.
    """

    rotation: wp.mat33
    centre: wp.vec3
    focal: wp.vec2
    inverse_focal: wp.vec2
    principal: wp.vec2
    width: wp.int32
    height: wp.int32
    near: wp.float32


@wp.struct
class Lamp:
    """Sun and ambient light. `frame` and `origin` take world points to the shadow map (size 0: no shadows).

    nearest: address of the map's depths. offset: metres that a point moves along its normal before it is
    looked up, against self-shadowing.
    """

    direction: wp.vec3
    colour: wp.vec3
    ambient: Coefficients
    frame: wp.mat33
    origin: wp.vec3
    size: wp.int32
    nearest: wp.uint64
    offset: wp.float32


# Warp's own indexing, which may be negative, costs three instructions each time.
@wp.func_native("return ((const wp::vec3*)address)[i];")
def vector_at(address: wp.uint64, i: int) -> wp.vec3:
    """Element `i` of vectors at an address."""
    ...


@wp.func_native("return ((const wp::vec2*)address)[i];")
def pair_at(address: wp.uint64, i: int) -> wp.vec2:
    """Element `i` of pairs at an address."""
    ...


@wp.func_native("return ((const wp::uint32*)address)[i];")
def word_at(address: wp.uint64, i: int) -> wp.uint32:
    """Element `i` of words at an address."""
    ...


@wp.func_native("return ((const wp::uint64*)address)[i];")
def key_at(address: wp.uint64, i: int) -> wp.uint64:
    """Element `i` of keys at an address."""
    ...


@wp.func_native("return ((const wp::vec3i*)scene.faces)[triangle];")
def face_at(scene: Scene, triangle: int) -> wp.vec3i:
    """The vertices of a triangle."""
    ...


@wp.func_native("return ((const int*)scene.surface)[triangle];")
def surface_at(scene: Scene, triangle: int) -> int:
    """The surface of a triangle."""
    ...


@wp.func
def layer_at(scene: Scene, surface: int) -> Layer:
    """A surface's place and arrays."""
    return wp.array(ptr=scene.layers, shape=(1,), dtype=Layer)[surface]


@wp.func
def mixed(address: wp.uint64, face: wp.vec3i, weights: wp.vec3) -> wp.vec3:
    """Mean of the vectors of a triangle's corners."""
    return (
        weights[0] * vector_at(address, face[0])
        + weights[1] * vector_at(address, face[1])
        + weights[2] * vector_at(address, face[2])
    )
