"""Visibility of points against what is known of simple scenes, and against exact rays on a person."""

import numpy as np
import pytest
import trimesh
from render_scenes import ambient, front_camera, mesh_surface, wall
from trimesh.ray.ray_pyembree import RayMeshIntersector

from lineament.geometry.camera import Camera

pytestmark = pytest.mark.train


def test_front_of_a_wall_is_seen_and_what_is_behind_it_is_not(rasteriser):
    from lineament.render.point_visibility import visible_points

    camera = front_camera(64)
    frame = rasteriser.render([wall(0.0, half=0.3)], camera, ambient())
    points = np.array(
        [
            [0.1, 0.0, 0.1],  # on the wall
            [0.1, -0.5, 0.1],  # before it
            [0.1, 0.5, 0.1],  # behind it
            [0.1, 0.02, 0.1],  # just behind it
            [0.6, 0.5, 0.1],  # beside it
            [0.1, -3.0, 0.1],  # behind the camera
            [9.0, 0.0, 0.1],  # beside the picture
        ]
    )
    assert visible_points(frame, camera, points).tolist() == [True, True, False, False, True, False, False]
    assert visible_points(frame, camera, points, tolerance=0.03)[3]
    with pytest.raises(ValueError, match="points"):
        visible_points(frame, camera, points[0])


def test_a_slanting_floor_does_not_hide_its_own_points(rasteriser):
    from lineament.render.point_visibility import visible_points

    rng = np.random.default_rng(0)
    points = np.concatenate([rng.uniform(-1.0, 1.0, (500, 2)), np.full((500, 1), -0.3)], axis=1)
    corners = [[-2, -2, -0.3], [2, -2, -0.3], [2, 2, -0.3], [-2, 2, -0.3]]
    floor = mesh_surface(corners, [[0, 1, 2], [0, 2, 3]])
    camera = front_camera(64, 80.0, distance=3.0, elevation=0.15)
    seen = visible_points(rasteriser.render([floor], camera, ambient()), camera, points, tolerance=1e-3)
    place = camera.project(points)[0]
    inside = ((place > 0) & (place < 64)).all(axis=1)
    assert inside.sum() > 100
    assert (seen == inside).mean() > 0.98


def test_vertices_of_a_person_agree_with_rays(rasteriser):
    from lineament.humans.body import BodyModel
    from lineament.render.point_visibility import visible_points

    model = BodyModel.load()
    vertices = model.build(model.average()).vertices
    camera = Camera.looking_at(
        np.array([0.0, 0.0, 0.85]),
        azimuth=0.5,
        elevation=0.2,
        distance=4.0,
        focal=480.0,
        width=256,
        height=256,
    )
    frame = rasteriser.render([mesh_surface(vertices, model.faces)], camera, ambient())
    points = vertices[np.unique(model.faces)[::7]].astype(np.float64)
    away = camera.centre - points
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    mesh = trimesh.Trimesh(vertices, model.faces, process=False)
    blocked = RayMeshIntersector(mesh).intersects_any(points + 2e-3 * away, away)
    seen = visible_points(frame, camera, points, tolerance=0.006)
    assert 0.2 < seen.mean() < 0.8
    # Points within a pixel of an outline may go either way.
    assert (seen == ~blocked).mean() > 0.93
