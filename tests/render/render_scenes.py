"""Small scenes and exact ray casting (Embree) for the tests of the renderer."""

import numpy as np
import trimesh
from trimesh.ray.ray_pyembree import RayMeshIntersector

from lineament.geometry.camera import Camera
from lineament.geometry.surface import Surface
from lineament.render.light import Light

QUAD = np.array([[0, 1, 2], [0, 2, 3]], dtype=np.int32)
QUAD_UV = np.array([[[0, 0], [1, 0], [1, 1]], [[0, 0], [1, 1], [0, 1]]], dtype=np.float32)


def ambient(value=1.0):
    """Light of the same value from everywhere, no sun."""
    coefficients = np.zeros((9, 3), np.float32)
    coefficients[0] = value / 0.282095
    return Light(np.array([0, 0, 1], np.float32), np.zeros(3, np.float32), coefficients)


def front_camera(size=64, focal=64.0, distance=2.0, **kwargs):
    """In front of the origin on the -y side, looking along +y."""
    options = {"azimuth": 0.0, "elevation": 0.0} | kwargs
    return Camera.looking_at(np.zeros(3), distance=distance, focal=focal, width=size, height=size, **options)


def wall(y=0.0, half=0.5, colour=(0.5, 0.5, 0.5), part=2, name="wall", **kwargs):
    """An upright square that faces -y, from lower left round to upper left as its front sees it."""
    corners = np.array([[-half, y, -half], [half, y, -half], [half, y, half], [-half, y, half]], np.float32)
    parts = np.full(2, part, np.uint8)
    if "texture" in kwargs:
        return Surface(name, corners, QUAD, parts, corners, uv=QUAD_UV, **kwargs)
    return Surface(name, corners, QUAD, parts, corners, colours=np.tile(np.float32(colour), (4, 1)))


def ground(z=0.0, half=30.0, colour=(0.5, 0.5, 0.5)):
    corners = np.array([[-half, -half, z], [half, -half, z], [half, half, z], [-half, half, z]], np.float32)
    colours = np.tile(np.float32(colour), (4, 1))
    return Surface("ground", corners, QUAD, np.zeros(2, np.uint8), corners, colours=colours)


def mesh_surface(vertices, faces, part=2, name="mesh"):
    vertices = np.asarray(vertices, np.float32)
    colours = np.full_like(vertices, 0.5)
    return Surface(
        name, vertices, np.asarray(faces, np.int32), np.full(len(faces), part, np.uint8), vertices, colours
    )


def cast(surfaces, camera):
    """Exact triangle (H, W), barycentric (H, W, 3) and depth (H, W) of the first hit of each pixel's ray."""
    starts = np.cumsum([0, *(len(s.vertices) for s in surfaces)])
    vertices = np.concatenate([s.vertices for s in surfaces]).astype(np.float64)
    faces = np.concatenate([s.faces + start for s, start in zip(surfaces, starts[:-1], strict=True)])
    y, x = np.mgrid[: camera.height, : camera.width] + 0.5
    x, y = (x - camera.K[0, 2]) / camera.K[0, 0], (y - camera.K[1, 2]) / camera.K[1, 1]
    local = np.stack([x, y, np.ones_like(x)], -1)
    directions = local.reshape(-1, 3) @ camera.R
    origins = np.broadcast_to(camera.centre, directions.shape)
    triangle = RayMeshIntersector(trimesh.Trimesh(vertices, faces, process=False)).intersects_first(
        origins, directions
    )
    corners = vertices[faces[np.maximum(triangle, 0)]]
    edges = np.stack([corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0], -directions], -1)
    safe = np.where((triangle >= 0)[:, None, None], edges, np.eye(3))
    v, w, depth = np.linalg.solve(safe, (origins - corners[:, 0])[..., None])[..., 0].T
    shape = (camera.height, camera.width)
    return triangle.reshape(shape), np.stack([1 - v - w, v, w], -1).reshape(*shape, 3), depth.reshape(shape)
