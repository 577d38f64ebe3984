"""Labels against exact ray casting: ids, silhouettes, weights and depths."""

import numpy as np
import pytest
import trimesh
from render_scenes import ambient, cast, front_camera, ground, mesh_surface

from lineament.geometry.camera import Camera
from lineament.geometry.surface import Surface

pytestmark = pytest.mark.train

VIEWS = [(0.3, 0.1, 4.0, 500.0), (2.0, 0.6, 3.0, 330.0), (4.0, -0.3, 5.0, 600.0), (1.0, 0.2, 0.7, 250.0)]


@pytest.fixture(scope="module")
def person():
    from lineament.humans.body import BodyModel

    model = BodyModel.load()
    body = model.build(model.average())
    rotations = np.tile(np.eye(3), (len(model.bone_names), 1, 1))
    rng = np.random.default_rng(5)
    for bone, name in enumerate(model.bone_names):
        if any(word in name.lower() for word in ("arm", "leg", "spine", "head")):
            rotations[bone] = trimesh.transformations.rotation_matrix(
                rng.normal(0, 0.25), rng.normal(size=3)
            )[:3, :3]
    vertices = model.pose(body, rotations)
    colours = np.full_like(vertices, 0.5)
    return Surface("skin", vertices, model.faces, model.face_parts, model.canonical, colours)


@pytest.mark.parametrize(("azimuth", "elevation", "distance", "focal"), VIEWS)
def test_posed_person(rasteriser, person, azimuth, elevation, distance, focal):
    camera = Camera.looking_at(
        np.array([0.0, 0.0, 0.9]),
        azimuth=azimuth,
        elevation=elevation,
        distance=distance,
        focal=focal,
        width=256,
        height=256,
    )
    shell = mesh_surface(person.vertices * 1.004, person.faces[::2], part=3)
    surfaces = [person, shell]
    frame = rasteriser.render(surfaces, camera, ambient())
    triangle, weights, depth = cast(surfaces, camera)
    assert (triangle >= 0).sum() > 1500
    assert (frame.triangle != triangle).sum() <= 5
    assert ((frame.triangle >= 0) != (triangle >= 0)).sum() <= 2
    same = (frame.triangle == triangle) & (triangle >= 0)
    assert np.abs(frame.depth - depth)[same].max() < 2e-4
    assert np.quantile(np.abs(frame.barycentric - weights)[same], 0.999) < 2e-3
    assert np.abs(frame.barycentric - weights)[same].mean() < 5e-5
    count = len(person.faces)
    assert np.array_equal(frame.surface, np.where(frame.triangle < 0, -1, frame.triangle >= count))
    parts = np.concatenate([person.parts, shell.parts])
    assert np.array_equal(frame.part, np.where(frame.triangle < 0, 0, parts[frame.triangle]))
    on_skin = frame.surface == 0
    corners = person.canonical[person.faces[frame.triangle[on_skin]]]
    expected = (frame.barycentric[on_skin][..., None] * corners).sum(1)
    assert np.abs(frame.canonical[on_skin] - expected).max() < 1e-5


def test_ground_through_the_camera_is_clipped_not_dropped(rasteriser):
    camera = front_camera(256, focal=200.0, distance=3.0, elevation=0.2)
    surfaces = [
        ground(z=-0.4),
        mesh_surface([[0.2, -9.0, -0.3], [0.4, 5.0, -0.2], [0.3, 5.0, 0.6]], [[0, 1, 2]]),
    ]
    frame = rasteriser.render(surfaces, camera, ambient())
    triangle, weights, depth = cast(surfaces, camera)
    assert (triangle >= 0).mean() > 0.5
    assert ((frame.triangle >= 0) != (triangle >= 0)).sum() <= 5
    # On the shared edge of the ground's two triangles either of them is right.
    assert (frame.surface != np.where(triangle < 0, -1, triangle // 2)).sum() <= 5
    same = (frame.triangle == triangle) & (triangle >= 0)
    assert same.sum() > 0.99 * (triangle >= 0).sum()
    assert (np.abs(frame.depth - depth) / np.maximum(depth, 1))[same].max() < 1e-3
    assert np.abs(frame.barycentric - weights)[same].max() < 1e-3


def test_shared_edges_leave_no_cracks(rasteriser):
    ball = trimesh.creation.icosphere(subdivisions=5, radius=0.5)
    frame = rasteriser.render([mesh_surface(ball.vertices, ball.faces)], front_camera(256, 300.0), ambient())
    rows, columns = np.nonzero(frame.triangle >= 0)
    for row in np.unique(rows):
        inside = columns[rows == row]
        assert len(inside) == inside.max() - inside.min() + 1


def test_normals_are_smooth_unit_and_towards_the_camera(rasteriser):
    ball = trimesh.creation.icosphere(subdivisions=4, radius=0.5)
    camera = front_camera(128, 150.0)
    outward = rasteriser.render([mesh_surface(ball.vertices, ball.faces)], camera, ambient())
    inward = rasteriser.render([mesh_surface(ball.vertices, ball.faces[:, ::-1])], camera, ambient())
    hit = outward.triangle >= 0
    assert np.allclose(np.linalg.norm(outward.normal[hit], axis=-1), 1.0, atol=1e-5)
    place = outward.canonical[hit] / np.linalg.norm(outward.canonical[hit], axis=-1, keepdims=True)
    assert (outward.normal[hit] * place).sum(-1).min() > 0.999
    assert np.allclose(outward.normal, inward.normal, atol=1e-5)


def test_supersampling_leaves_labels_alone(rasteriser):
    ball = trimesh.creation.icosphere(subdivisions=3, radius=0.5)
    surfaces, camera = [mesh_surface(ball.vertices, ball.faces)], front_camera(96, 100.0)
    plain = rasteriser.render(surfaces, camera, ambient())
    smooth = rasteriser.render(surfaces, camera, ambient(), supersample=3)
    for name in ("triangle", "surface", "part", "depth", "barycentric", "normal", "canonical"):
        assert np.array_equal(getattr(plain, name), getattr(smooth, name)), name
    assert set(np.unique(plain.coverage)) == {0.0, 1.0}
    assert ((smooth.coverage > 0) & (smooth.coverage < 1)).sum() > 50
    assert np.allclose(smooth.colour, 0.5 * smooth.coverage[..., None], atol=2e-3)
