"""The renderer: surfaces, camera and light in, picture and exact labels out, on the CPU or a CUDA device."""

import weakref
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import warp as wp

from lineament.errors import BadInputError
from lineament.geometry.camera import Camera
from lineament.geometry.surface import Surface
from lineament.render.buffers import Column, Mirror
from lineament.render.frame import Frame
from lineament.render.labels import Outputs
from lineament.render.lamp import make_lamp
from lineament.render.light import Light
from lineament.render.pixels import Keys, write_pixels
from lineament.render.shadows import cast_shadows
from lineament.render.structs import EMPTY, Lamp, Layer, Scene, View
from lineament.render.textures import Texture, TextureStore
from lineament.render.transform import accumulate_normals, project, unit_normals
from lineament.render.visibility import rasterise
from lineament.render.warp_start import start_warp
from lineament.types import Float32

_MOST_CHECKED = 4096
_FEW_LAYERS = 256
_LAYER = Layer.numpy_dtype()
_PLAIN = (0, 0, 0, 0, 0, 0)
"""A texture's fields of a layer that has none."""
Output = np.ndarray | wp.array
_RUN = 4096
"""Triangles or pixels that one thread does on the CPU."""


class Rasteriser:
    """Draws scenes one after the other; keep one a process, its buffers and packed textures are used again.

    device: "cpu" (one thread; run one process a core) or "cuda:0". near: metres before the camera at which
    triangles are clipped. shadow_size: texels along a side of the sun's shadow map. Arrays of a surface other
    than vertices and colours are known by identity between calls and must not be changed in place. The first
    use compiles the kernels (seconds), then they come from the
    cache folder. Raises BadInputError for a device that is not there.
    """

    def __init__(self, device: str = "cpu", *, near: float = 0.02, shadow_size: int = 192) -> None:
        start_warp()
        self._device = _find_device(device)
        self._near = near
        self._shadow_size = shadow_size
        self._textures = TextureStore(self._device)
        self._columns = {
            "vertices": Column(wp.vec3, self._device, volatile=True),
            "colours": Column(wp.vec3, self._device, volatile=True),
            "faces": Column(wp.vec3i, self._device),
        }
        self._floats = Mirror(np.dtype(np.float32), self._device)
        self._bytes = Mirror(np.dtype(np.uint8), self._device)
        self._face_counts: list[int] = []
        self._checked: dict[int, tuple[weakref.ref, int, int]] = {}
        self._vertex_count = 0
        self._work: dict[str, wp.array] = {}
        self._table = wp.zeros(_FEW_LAYERS, dtype=Layer, device="cpu")
        self._rows = self._table.numpy()
        self._scene = Scene()
        self._linear = wp.array(_srgb_to_linear(), dtype=wp.float32, device=self._device)
        self._scene.linear = self._linear.ptr
        self._drawn: list[Texture | None] = []

    def render(
        self,
        surfaces: Sequence[Surface],
        camera: Camera,
        light: Light,
        background: Float32 | None = None,
        supersample: int = 1,
        shadows: bool = True,
    ) -> Frame:
        """Draw `surfaces` over `background` (H, W, 3) linear, or over black.

        supersample: samples along each side of a pixel; they are averaged in colour and coverage only, labels
        always belong to the pixel's centre, which is shaded alone where all samples lie on one smooth
        surface. shadows: whether the sun's light is blocked, over the bounds of all surfaces with parts of a
        person (of everything where there is no person). Raises ValueError where arrays do not fit.
        """
        size = (camera.height, camera.width)
        if background is not None and background.shape != (*size, 3):
            raise ValueError(f"the background must be {(*size, 3)}, not {background.shape}")
        if supersample < 1:
            raise ValueError("supersample must be at least 1")
        pixels = camera.height * camera.width
        outputs = {
            "colour": self._canvas(background, pixels),
            "values": self._zeros(10 * pixels, np.float32),
            "indices": self._output(np.full(2 * pixels, -1, np.int32)),
            "parts": self._zeros(pixels, np.uint8),
        }
        faces = self._load(surfaces)
        view = self._view(camera)
        lamp = make_lamp(surfaces, camera, light, self._shadow_size if shadows else 0)
        if faces:
            self._geometry(faces, view, lamp)
        if faces:
            lamp.nearest = self._shadow_map(faces, lamp)
            keys = Keys()
            keys.centres = keys.samples = self._keys("keys", faces, pixels, view, 1.0)
            keys.supersample = supersample
            if supersample > 1:
                keys.samples = self._keys("fine", faces, pixels * supersample**2, view, float(supersample))
            self._launch(write_pixels, pixels, [self._scene, view, lamp, keys, _addresses(outputs)])
        return _frame(outputs, size)

    def _load(self, surfaces: Sequence[Surface]) -> int:
        """Bring the scene's buffers up to date; returns the number of faces."""
        ranges = self._check_faces(surfaces)
        vertex_counts = [end - first for first, end in ranges]
        face_counts = [len(s.faces) for s in surfaces]
        vertex_starts = [0, *accumulate(vertex_counts)]
        unshifted = [0] * len(surfaces)
        shifts = [start - first for start, (first, _) in zip(vertex_starts, ranges, strict=False)]
        columns = self._columns
        vertices = [s.vertices[slice(*used)] for s, used in zip(surfaces, ranges, strict=True)]
        colours = [
            None if s.colours is None else s.colours[slice(*used)]
            for s, used in zip(surfaces, ranges, strict=True)
        ]
        columns["vertices"].fill(vertices, vertex_counts, unshifted)
        columns["colours"].fill(colours, vertex_counts, unshifted)
        columns["faces"].fill([s.faces for s in surfaces], face_counts, shifts)
        scene = self._scene
        scene.vertices, scene.colours, scene.faces = (column.array.ptr for column in columns.values())
        self._vertex_count = vertex_starts[-1]
        for name in ("local", "screen", "sunlit", "normals"):
            setattr(scene, name, self._buffer(name, self._vertex_count, wp.vec3).ptr)
        scene.flats = self._buffer("flats", sum(face_counts), wp.vec3).ptr
        if face_counts != self._face_counts:
            self._face_counts = face_counts
            index = np.repeat(np.arange(len(surfaces), dtype=np.int32), face_counts)
            self._index = self._output(index)
            scene.surface = _address(self._index)
        self._layer_table = self._layers(surfaces, shifts)
        scene.layers = self._layer_table.ptr
        return sum(face_counts)

    def _check_faces(self, surfaces: Sequence[Surface]) -> list[tuple[int, int]]:
        """First vertex and end of those that each surface's faces use; every array is looked at once."""
        ranges = []
        for surface in surfaces:
            faces = surface.faces
            known = self._checked.get(id(faces))
            if known is None or known[0]() is not faces:
                low, high = (int(faces.min()), int(faces.max())) if faces.size else (0, -1)
                self._checked[id(faces)] = known = (weakref.ref(faces), low, high)
            if known[1] < 0 or known[2] >= len(surface.vertices):
                raise ValueError(f"surface {surface.name}: faces point at vertices that do not exist")
            ranges.append((known[1], known[2] + 1))
        if len(self._checked) > _MOST_CHECKED:
            self._checked.clear()
        return ranges

    def _layers(self, surfaces: Sequence[Surface], shifts: list[int]) -> wp.array:
        pictures = [s.texture if s.uv is not None else None for s in surfaces]
        self._drawn = [None if one is None else self._textures.get(one) for one in pictures]
        floats = self._floats.pointers([s.uv for s in surfaces] + [s.canonical for s in surfaces])
        parts = self._bytes.pointers([s.parts for s in surfaces])
        rows, face = [], 0
        for i, (surface, texture) in enumerate(zip(surfaces, self._drawn, strict=True)):
            look = _PLAIN if texture is None else texture.row
            counts = (face, len(surface.faces), shifts[i], len(surface.vertices))
            rows.append(
                (*look, surface.tint, *counts, floats[i], floats[len(surfaces) + i], parts[i], surface.closed)
            )
            face += counts[1]
        self._textures.trim()
        if self._device.is_cpu and len(rows) <= len(self._rows):
            self._rows[: len(rows)] = rows
            return self._table
        return wp.array(np.array(rows, dtype=_LAYER), dtype=Layer, device=self._device)

    def _view(self, camera: Camera) -> View:
        view = View()
        view.rotation = wp.mat33(camera.R.astype(np.float32))
        view.centre = wp.vec3(*camera.centre)
        view.focal = wp.vec2(camera.K[0, 0], camera.K[1, 1])
        view.inverse_focal = wp.vec2(1.0 / camera.K[0, 0], 1.0 / camera.K[1, 1])
        view.principal = wp.vec2(camera.K[0, 2], camera.K[1, 2])
        view.width, view.height, view.near = camera.width, camera.height, self._near
        return view

    def _geometry(self, faces: int, view: View, lamp: Lamp) -> None:
        vertices = self._vertex_count
        self._launch(project, vertices, [vertices, self._scene, view, lamp.frame, lamp.origin])
        self._launch(accumulate_normals, faces, [faces, self._scene])
        self._launch(unit_normals, vertices, [vertices, self._scene])

    def _keys(self, name: str, faces: int, samples: int, view: View, scale: float) -> int:
        """Address of the keys of so many samples, `scale` along a pixel."""
        keys = self._buffer(name, samples, wp.uint64)[:samples]
        keys.fill_(EMPTY)
        self._launch(rasterise, faces, [faces, self._scene, view, scale, keys.ptr])
        return int(keys.ptr)

    def _shadow_map(self, faces: int, lamp: Lamp) -> int:
        """Address of the map's depths, 0 where there is none."""
        if not lamp.size:
            return 0
        nearest = self._buffer("nearest", lamp.size**2, wp.float32)[: lamp.size**2]
        nearest.fill_(np.inf)
        self._launch(cast_shadows, faces, [faces, self._scene, lamp.size, nearest.ptr])
        return int(nearest.ptr)

    def _launch(self, kernel: wp.Kernel, count: int, inputs: list[object]) -> None:
        """Run a kernel that does `count` things, a few in each thread.

        Warp's threads on the CPU run one after the other and each unpacks all arguments: few with many are
        fast.
        """
        run = _RUN if self._device.is_cpu else 1
        wp.launch(kernel, dim=(count + run - 1) // run, inputs=[run, *inputs], device=self._device)

    def _buffer(self, name: str, count: int, dtype: type) -> wp.array:
        """A scratch array of at least `count` elements that is kept for the next call."""
        known = self._work.get(name)
        if known is None or known.shape[0] < count:
            known = wp.empty(count + count // 4, dtype=dtype, device=self._device)
            self._work[name] = known
        return known

    def _output(self, array: np.ndarray) -> Output:
        """An array that kernels write to: itself on the CPU, where Warp's own view of it costs time."""
        return array if self._device.is_cpu else wp.array(array, device=self._device)

    def _zeros(self, count: int, dtype: type) -> Output:
        # The system's zero pages are cheaper than writing zeros: most pixels of a picture of a person are
        # empty.
        if self._device.is_cpu:
            return np.zeros(count, dtype)
        return wp.zeros(count, dtype=wp.dtype_from_numpy(dtype), device=self._device)

    def _canvas(self, background: Float32 | None, pixels: int) -> Output:
        """Colour, three values a pixel, then coverage, one value a pixel."""
        if background is None:
            return self._zeros(4 * pixels, np.float32)
        flat = np.zeros(4 * pixels, np.float32)
        flat[: 3 * pixels] = background.reshape(-1)
        return self._output(flat)


def _find_device(name: str) -> wp.Device:
    try:
        return wp.get_device(name)
    except (ValueError, RuntimeError) as error:
        known = ", ".join(str(device) for device in wp.get_devices())
        raise BadInputError(f"there is no device {name} to render on here; choose one of: {known}") from error


def _srgb_to_linear() -> Float32:
    """Linear value of each of the 256 sRGB codes, IEC 61966-2-1."""
    code = np.arange(256) / 255
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _address(array: Output) -> int:
    """Where an array lies on its device."""
    return int(array.__array_interface__["data"][0] if isinstance(array, np.ndarray) else array.ptr)


def _addresses(outputs: dict[str, Output]) -> Outputs:
    """Where kernels write."""
    result = Outputs()
    for name, array in outputs.items():
        setattr(result, name, _address(array))
    return result


def _frame(outputs: dict[str, Output], size: tuple[int, int]) -> Frame:
    pixels = size[0] * size[1]
    arrays = {name: one if isinstance(one, np.ndarray) else one.numpy() for name, one in outputs.items()}
    colour, values, indices = arrays["colour"], arrays["values"], arrays["indices"]
    triple = (*size, 3)
    return Frame(
        colour=colour[: 3 * pixels].reshape(triple),
        coverage=colour[3 * pixels :].reshape(size),
        triangle=indices[:pixels].reshape(size),
        surface=indices[pixels:].reshape(size),
        barycentric=values[: 3 * pixels].reshape(triple),
        depth=values[9 * pixels :].reshape(size),
        normal=values[3 * pixels : 6 * pixels].reshape(triple),
        part=arrays["parts"].reshape(size),
        canonical=values[6 * pixels : 9 * pixels].reshape(triple),
    )
