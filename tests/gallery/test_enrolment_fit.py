"""The numbers behind enrolment: alignment, shape and pose on cases whose answer is known."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from lineament.gallery.enrolment.fit import fit_photographs, view_of
from lineament.gallery.enrolment.photographs import site_colours
from lineament.gallery.enrolment.posed import PosedSamples
from lineament.gallery.enrolment.surface_fit import nearest, rigid, solve_shape
from lineament.geometry.camera import Camera
from lineament.geometry.site_model import SiteModel
from lineament.geometry.splat import splat
from lineament.geometry.template import load_template
from lineament.recognition.pixels import PersonPixels

TEMPLATE = load_template()
UPRIGHT = np.array([[1.0, 0, 0], [0, 0, -1.0], [0, 1.0, 0]])
"""World axes of a person at rest to the camera's, seen from the front."""


@given(st.integers(0, 10_000))
def test_rigid_recovers_a_similarity(seed: int) -> None:
    rng = np.random.default_rng(seed)
    source, turn = rng.normal(size=(12, 3)), Rotation.random(random_state=seed).as_matrix()
    shift, scale = rng.normal(size=3), rng.uniform(0.2, 5)
    found = rigid(source, scale * source @ turn.T + shift, scaled=True)
    assert found[0] == pytest.approx(turn, abs=1e-9)
    assert found[1] == pytest.approx(shift, abs=1e-8) and found[2] == pytest.approx(scale)
    unscaled = rigid(source, source @ turn.T + shift)
    assert unscaled[2] == 1.0 and unscaled[1] == pytest.approx(shift, abs=1e-9)


def test_rigid_never_mirrors() -> None:
    source = np.random.default_rng(0).normal(size=(20, 3))
    turn, _, _ = rigid(source, source * [-1, 1, 1])
    assert np.linalg.det(turn) == pytest.approx(1.0)


def test_shape_of_one_coefficient_by_hand() -> None:
    # One point, one mode along its normal by 1 cm, target 2 cm away, sigma 1 cm: minimise (2 - c)^2 w + c^2
    # with the robust weight w = 1 / (1 + (2 / 3)^2), so c = 2 w / (1 + w).
    mean, basis = np.zeros((1, 3)), np.array([[[0.0, 0.0, 0.01]]])
    normals = np.array([[0.0, 0.0, 1.0]])
    weight = 1 / (1 + (2 / 3) ** 2)
    found = solve_shape(mean, basis, np.array([[0.0, 0.0, 0.02]]), normals, 0.01)
    assert found == pytest.approx([2 * weight / (1 + weight)])
    sideways = solve_shape(mean, basis, np.array([[0.5, 0.5, 0.0]]), normals, 0.01)
    assert sideways == pytest.approx([0.0])


def test_nearest_prefers_points_that_face_the_same_way() -> None:
    points = np.array([[0, 0, 0.0], [0, 0, 0.01], *[[9.0, 9, k] for k in range(8)]])
    normals = np.array([[0, 0, -1.0], [0, 0, 1.0], *[[1.0, 0, 0]] * 8])
    site, up = np.array([[0, 0, 0.001]]), np.array([[0, 0, 1.0]])
    found = nearest(cKDTree(points), normals, site, up, 0.05)
    assert found.index[0] == 1 and found.plausible[0] and found.distance[0] == pytest.approx(0.009)
    assert not nearest(cKDTree(points), normals, site, up, 0.005).plausible[0]
    assert not nearest(cKDTree(points), normals, site, np.array([[0, 1.0, 0]]), 0.05).plausible[0]


def test_posed_samples_agree_with_the_site_model() -> None:
    model, rng = SiteModel.load(), np.random.default_rng(1)
    coefficients, rotations = rng.normal(size=16), rng.normal(size=(model.joint_count, 3)) * 0.3
    shift = np.array([0.3, -1.0, 2.0])
    chosen = rng.integers(0, len(TEMPLATE), (40, 3)).astype(np.int32)
    weights = rng.dirichlet(np.ones(3), 40)
    samples = PosedSamples(model, chosen, weights)
    whole = model.pose(model.shape(coefficients), model.joints(coefficients), rotations, shift)
    expected = (whole[chosen] * weights[..., None]).sum(axis=1)
    posed = samples.posed(coefficients, np.concatenate([rotations.ravel(), shift]))
    assert posed == pytest.approx(expected, abs=1e-6)


def photographed(seed: int, noise: float, heading: float):  # type: ignore[no-untyped-def]
    """A person of the site model in a photograph of 400 x 600: truth, and what registration would say."""
    model, rng = SiteModel.load(), np.random.default_rng(seed)
    coefficients = np.zeros(16)
    coefficients[:6] = rng.normal(size=6)
    rotations = rng.normal(size=(model.joint_count, 3)) * 0.15
    turn = UPRIGHT @ Rotation.from_rotvec([0, 0, heading]).as_matrix()
    rotations[0] = cv2.Rodrigues(turn)[0][:, 0]
    rest, joints = model.shape(coefficients), model.joints(coefficients)
    sites = model.pose(rest, joints, rotations, np.array([0.1, 0.0, 4.0]) - joints[0])
    pixel = sites[:, :2] / sites[:, 2:] * 480 + (200, 300)
    facing = (model.turn(TEMPLATE.normals.astype(np.float64), joints, rotations) * sites).sum(axis=1) < 0
    seen = rng.choice(np.flatnonzero(facing), 500, replace=False)
    first = np.zeros((500, 8), np.float32)
    first[:, 0] = 1.0
    pixels = PersonPixels(
        xy=(pixel[seen] + rng.normal(size=(500, 2)) * noise).astype(np.float32),
        grid=np.zeros((500, 2), np.int32),
        parts=TEMPLATE.parts[seen],
        part_probability=np.ones(500, np.float32),
        places=TEMPLATE.positions[seen],
        features=np.zeros((500, 4), np.float32),
        sites=np.repeat(seen[:, None], 8, axis=1).astype(np.int32),
        weights=first,
    )
    return model, rest, sites, pixels


@pytest.mark.parametrize(("seed", "heading"), [(0, 0.0), (1, 1.2), (2, 3.0)])
def test_a_photographs_person_is_recovered(seed: int, heading: float) -> None:
    model, rest, sites, pixels = photographed(seed, 2.0, heading)
    view = view_of(pixels, (600, 400))
    assert view is not None
    fit = fit_photographs([view], model)
    assert fit.residual_share < 0.02
    joints = model.joints(fit.coefficients)
    posed = model.pose(model.shape(fit.coefficients), joints, fit.rotations[0], fit.translations[0])
    drawn = posed[:, :2] / posed[:, 2:] * view.intrinsics[0, 0] + (200, 300)
    true = sites[:, :2] / sites[:, 2:] * 480 + (200, 300)
    assert np.median(np.linalg.norm(drawn - true, axis=1)) < 6.0
    # Photographs do not show metric size: compare shapes of one height.
    found = model.shape(fit.coefficients)
    assert np.ptp(found[:, 2]) == pytest.approx(np.ptp(rest[:, 2]), rel=0.12)


def test_two_photographs_share_one_shape() -> None:
    model = SiteModel.load()
    views = [view_of(photographed(3, 2.0, heading)[3], (600, 400)) for heading in (0.0, 1.5)]
    fit = fit_photographs([view for view in views if view is not None], model)
    assert len(fit.rotations) == len(fit.translations) == 2 and fit.residual_share < 0.03


def test_too_few_pixels_make_no_view() -> None:
    _, _, _, pixels = photographed(0, 1.0, 0.0)
    few = {name: getattr(pixels, name)[:29] for name in PersonPixels.__slots__}
    assert view_of(PersonPixels(**few), (600, 400)) is None


def test_colours_go_to_the_sites_that_are_seen() -> None:
    _, _, _, pixels = photographed(0, 0.0, 0.0)
    image = np.full((600, 400, 3), (40, 90, 200), np.uint8)
    colours, seen = site_colours([(pixels, image)], TEMPLATE)
    assert set(np.flatnonzero(seen)) == set(pixels.sites[:, 0])
    assert (colours == (40, 90, 200)).all()


def test_splat_draws_the_nearest_point_that_faces_the_camera() -> None:
    camera = Camera.looking_at(
        np.zeros(3), azimuth=0.0, elevation=0.0, distance=2.0, focal=100.0, width=64, height=64
    )
    ground = np.linspace(-0.5, 0.5, 120)
    x, z = (axis.ravel() for axis in np.meshgrid(ground, ground))
    towards = (camera.centre / np.linalg.norm(camera.centre)).round(6)
    near, far = np.stack([x, 0 * x, z], axis=1), np.stack([x, 0 * x, z], axis=1) - 0.3 * towards
    points = np.concatenate([far, near])
    colours = np.repeat([[250, 0, 0], [0, 250, 0]], len(x), axis=0).astype(np.uint8)
    drawn = splat(points, np.tile(towards, (len(points), 1)), colours, camera, shade=0.0)
    assert (drawn.image[32, 32] == (0, 250, 0)).all() and drawn.depth[32, 32] == pytest.approx(2.0, abs=0.02)
    assert (drawn.image[0, 0] == 128).all() and np.isinf(drawn.depth[0, 0]) and drawn.index[0, 0] == -1
    hidden = splat(points, np.tile(-towards, (len(points), 1)), colours, camera)
    assert (hidden.index == -1).all()
    shaded = splat(points, np.tile(towards, (len(points), 1)), colours, camera, shade=0.5)
    assert shaded.image[32, 32, 1] == pytest.approx(250, abs=3)
