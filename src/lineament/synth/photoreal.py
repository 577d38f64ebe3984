"""Photoreal colour: the same surfaces, camera and light drawn by Mitsuba's path tracer, labels as before.

Slow (about a second a picture) and optional: `pip install 'lineament[photoreal]'`. Light bounces between
surfaces, skin and eyes shine, shadows are those of the whole surround. `PathTracer` stands in for the
`Rasteriser` of `synth.scene`.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from lineament.errors import BadInputError
from lineament.geometry.camera import Camera
from lineament.geometry.surface import Surface
from lineament.render.frame import Frame
from lineament.render.light import Light, harmonics
from lineament.render.rasteriser import Rasteriser
from lineament.types import Float32

SURROUND: Final = (32, 64)
DEPTH: Final = 5
"""Bounces of light that are followed."""
LOBE: Final = np.array([1.0, *[2 / 3] * 3, *[1 / 4] * 5])[:, None]
"""Irradiance over pi of a harmonic of radiance: Ramamoorthi & Hanrahan 2001, eq. 8, over pi."""
ROUGHNESS: Final = {"body": (0.5, 0.35), "eyes": (0.12, 0.5), "hair": (0.4, 0.5), "brows": (0.6, 0.3)}
"""Name of a surface -> roughness and specular reflection; all else is cloth."""
CLOTH: Final = (0.85, 0.15)
OLDEST_LLVM: Final = 16
LIBRARIES: Final = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib")


class PathTracer:
    """Draws like `Rasteriser`, with Mitsuba's colour over the rasteriser's labels.

    samples: light paths a pixel; their noise falls with the root of them. seed: of the paths. The compiled
    variant is used where LLVM 16 or newer is found (DRJIT_LIBLLVM_PATH, or the system's), else the scalar
    one. Raises BadInputError where Mitsuba is not installed.
    """

    def __init__(self, rasteriser: Rasteriser, samples: int = 64, seed: int = 0) -> None:
        try:
            import mitsuba
        except ModuleNotFoundError as error:
            raise BadInputError(
                "photoreal colour needs Mitsuba; run: pip install 'lineament[photoreal]'"
            ) from error
        mitsuba.set_variant("llvm_ad_rgb" if _find_llvm() else "scalar_rgb")
        self._mitsuba: Any = mitsuba
        self._rasteriser = rasteriser
        self._samples, self._seed = samples, seed

    def render(
        self,
        surfaces: Sequence[Surface],
        camera: Camera,
        light: Light,
        background: Float32 | None = None,
        supersample: int = 1,
        shadows: bool = True,
    ) -> Frame:
        """As `Rasteriser.render`; light is always blocked, and pixels are always smooth, whatever `shadows`
        and `supersample` say.
        """
        frame = self._rasteriser.render(surfaces, camera, light, background=background)
        colour, coverage = self.colour(surfaces, camera, light)
        if background is not None:
            colour = colour + background * (1 - coverage[..., None])
        return replace(frame, colour=np.ascontiguousarray(colour, dtype=np.float32), coverage=coverage)

    def colour(self, surfaces: Sequence[Surface], camera: Camera, light: Light) -> tuple[Float32, Float32]:
        """Linear colour (H, W, 3) over black and the share of each pixel (H, W) that surfaces cover."""
        drawn = [one for one in surfaces if len(one.faces)]
        content: dict[str, Any] = {
            "type": "scene",
            "integrator": {"type": "path", "max_depth": DEPTH, "hide_emitters": True},
            "sensor": self._sensor(camera),
            "surround": self._surround(light),
        }
        if light.sun_colour.any():
            content["sun"] = {
                "type": "directional",
                "direction": [float(-x) for x in light.sun_direction],
                # The light's unit is irradiance over pi.
                "irradiance": self._rgb(np.pi * light.sun_colour),
            }
        content |= {f"surface{place}": self._mesh(place, one) for place, one in enumerate(drawn)}
        scene = self._mitsuba.load_dict(content)
        picture = np.array(self._mitsuba.render(scene, spp=self._samples, seed=self._seed))
        return picture[..., :3].astype(np.float32), np.clip(picture[..., 3], 0, 1).astype(np.float32)

    def _rgb(self, colour: np.ndarray) -> dict[str, Any]:
        return {"type": "rgb", "value": [float(x) for x in colour]}

    def _sensor(self, camera: Camera) -> dict[str, Any]:
        focal, width, height = camera.K[0, 0], camera.width, camera.height
        to_world = np.eye(4)
        # Mitsuba's camera looks along z as ours, with x to the left and y up.
        to_world[:3, :3] = camera.R.T @ np.diag([-1.0, -1.0, 1.0])
        to_world[:3, 3] = camera.centre
        return {
            "type": "perspective",
            "fov": float(np.degrees(2 * np.arctan(width / (2 * focal)))),
            "fov_axis": "x",
            "principal_point_offset_x": float(0.5 - camera.K[0, 2] / width),
            "principal_point_offset_y": float(0.5 - camera.K[1, 2] / height),
            "near_clip": 0.02,
            "far_clip": 1000.0,
            "to_world": self._mitsuba.ScalarTransform4f(to_world),
            "film": {
                "type": "hdrfilm",
                "width": width,
                "height": height,
                "pixel_format": "rgba",
                "rfilter": {"type": "box"},
            },
            "sampler": {"type": "independent"},
        }

    def _surround(self, light: Light) -> dict[str, Any]:
        """An environment that gives the light's ambient part, as far as radiance can: never below zero."""
        rows, columns = SURROUND
        polar = (np.arange(rows) + 0.5) * np.pi / rows
        turn = (np.arange(columns) + 0.5) * 2 * np.pi / columns
        # Of Mitsuba's surround: y is up, and columns run from -z over +x.
        x = np.sin(turn)[None] * np.sin(polar)[:, None]
        z = -np.cos(turn)[None] * np.sin(polar)[:, None]
        y = np.broadcast_to(np.cos(polar)[:, None], x.shape)
        to_world = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
        directions = np.stack([x, y, z], axis=-1) @ to_world.T
        radiance = np.maximum(harmonics(directions) @ (light.ambient / LOBE), 0.0)
        whole = np.eye(4)
        whole[:3, :3] = to_world
        return {
            "type": "envmap",
            "bitmap": self._mitsuba.Bitmap(radiance.astype(np.float32)),
            "to_world": self._mitsuba.ScalarTransform4f(whole),
        }

    def _mesh(self, place: int, surface: Surface) -> Any:
        mi = self._mitsuba
        corners = surface.faces.reshape(-1)
        properties = mi.Properties()
        properties["bsdf"] = mi.load_dict(self._material(surface))
        mesh = mi.Mesh(
            f"surface{place}",
            len(corners),
            len(surface.faces),
            has_vertex_normals=True,
            has_vertex_texcoords=surface.uv is not None,
            props=properties,
        )
        if surface.colours is not None:
            mesh.add_attribute("vertex_color", 3, surface.colours[corners].ravel())
        values = mi.traverse(mesh)
        values["vertex_positions"] = surface.vertices[corners].ravel()
        values["vertex_normals"] = _normals(surface)[corners].ravel()
        values["faces"] = np.arange(len(corners), dtype=np.uint32)
        if surface.uv is not None:
            # Mitsuba counts v from the top.
            values["vertex_texcoords"] = (
                (surface.uv.reshape(-1, 2) * (1, -1) + (0, 1)).astype(np.float32).ravel()
            )
        values.update()
        return mesh

    def _material(self, surface: Surface) -> dict[str, Any]:
        mi = self._mitsuba
        colour: dict[str, Any] = {"type": "mesh_attribute", "name": "vertex_color"}
        opacity = None
        if surface.texture is not None:
            linear = _linear(surface.texture[..., :3]) * np.float32(surface.tint)
            colour = {"type": "bitmap", "bitmap": mi.Bitmap(np.clip(linear, 0, 1)), "raw": True}
            if surface.texture.shape[2] == 4:
                cut = (surface.texture[..., 3:] >= 128).astype(np.float32)
                opacity = {"type": "bitmap", "bitmap": mi.Bitmap(cut), "raw": True, "filter_type": "nearest"}
        roughness, specular = ROUGHNESS.get(surface.name.split()[0], CLOTH)
        shiny = {"type": "principled", "base_color": colour, "roughness": roughness, "specular": specular}
        material: dict[str, Any] = {"type": "twosided", "bsdf": shiny}
        return material if opacity is None else {"type": "mask", "opacity": opacity, "bsdf": material}


def _normals(surface: Surface) -> Float32:
    """Unit normals (V, 3) of the vertices, weighted by the area of their triangles."""
    a, b, c = (surface.vertices[surface.faces[:, k]] for k in range(3))
    areas = np.cross(b - a, c - a)
    total = np.zeros_like(surface.vertices)
    for k in range(3):
        np.add.at(total, surface.faces[:, k], areas)
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)


def _linear(srgb: np.ndarray) -> Float32:
    """Linear 0..1 of sRGB codes (IEC 61966-2-1)."""
    share = srgb.astype(np.float32) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _find_llvm() -> bool:
    """Whether Mitsuba can compile; points it to a library of the system that is new enough."""
    if os.environ.get("DRJIT_LIBLLVM_PATH"):
        return True
    found = [
        (int(number[1]), path)
        for folder in LIBRARIES
        for path in Path(folder).glob("libLLVM*.so*")
        if (number := re.match(r"libLLVM(?:-|\.so\.)(\d+)", path.name))
    ]
    fitting = [path for number, path in sorted(found) if number >= OLDEST_LLVM]
    if fitting:
        os.environ["DRJIT_LIBLLVM_PATH"] = str(fitting[-1])
    return bool(fitting)
