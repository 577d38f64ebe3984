"""The posed sites' derivatives against differences, and the fit against a person it knows everything of."""

import numpy as np
import pytest
from dense_people import MODEL, PICTURE, TEMPLATE, body_of, camera, pixels_of

from lineament.anatomy import PART_NAMES
from lineament.dense.derived import facing, stature
from lineament.dense.fit import fit_body
from lineament.dense.orientation import AZIMUTHS, Orientation, orientation
from lineament.dense.posed_jacobian import PosedSites, left_jacobians
from lineament.dense.visibility import COVERED, OUTSIDE, SEEN, TURNED_AWAY, UNKNOWN, site_states
from lineament.geometry.site_model import rotation_matrices
from lineament.recognition.pixels import PersonPixels

EVERYTHING = np.ones(len(TEMPLATE), bool)
UPRIGHT = np.array([[1.0, 0, 0], [0, 1.0, 0]])


def test_derivatives_of_posed_sites_and_joints() -> None:
    rng = np.random.default_rng(1)
    sites = rng.integers(0, len(TEMPLATE), 30).astype(np.int32)
    some = PosedSites(MODEL, sites, 5)
    shape, turns = rng.normal(size=5), rng.normal(0, 0.6, (MODEL.joint_count, 3))
    found = some.posed(shape, turns)
    whole = MODEL.pose(MODEL.shape(shape), MODEL.joints(shape), turns)
    np.testing.assert_allclose(found.points, whole[sites], atol=1e-12)
    step = 1e-6
    for row in np.eye(5):
        moved = some.posed(shape + step * row, turns)
        np.testing.assert_allclose((moved.points - found.points) / step, found.by_shape @ row, atol=1e-5)
        np.testing.assert_allclose(
            (moved.joints - found.joints) / step, found.joints_by_shape @ row, atol=1e-5
        )
    for row in np.eye(turns.size)[::5]:
        moved = some.posed(shape, turns + step * row.reshape(turns.shape))
        np.testing.assert_allclose((moved.points - found.points) / step, found.by_turns @ row, atol=1e-4)
        np.testing.assert_allclose(
            (moved.joints - found.joints) / step, found.joints_by_turns @ row, atol=1e-4
        )


def test_left_jacobian_is_what_a_changed_vector_turns_by() -> None:
    vector, change = np.array([0.4, -1.2, 0.3]), 1e-6 * np.array([0.5, 0.2, -0.8])
    before, after = rotation_matrices(vector), rotation_matrices(vector + change)
    turned = rotation_matrices(left_jacobians(vector) @ change) @ before
    np.testing.assert_allclose(after, turned, atol=1e-11)
    np.testing.assert_allclose(left_jacobians(np.zeros(3)), np.eye(3), atol=1e-7)


@pytest.mark.parametrize("azimuth", [0.0, 0.7, np.pi / 2, -2.0, np.pi])
def test_orientation_of_a_resting_person(azimuth: float) -> None:
    points = TEMPLATE.positions.astype(np.float64)
    pixels = pixels_of(camera(azimuth, 0.1), points, EVERYTHING)
    found = orientation(pixels, TEMPLATE, UPRIGHT)
    assert abs(np.angle(np.exp(1j * (found.azimuth - azimuth)))) < np.radians(15)
    assert found.azimuths.sum() == pytest.approx(1.0)
    assert found.nearer(azimuth) < 0.95
    assert found.azimuth_sigma < np.radians(70)


@pytest.mark.parametrize("roll", [0.0, 0.3, -0.5])
def test_roll_is_that_of_head_and_torso(roll: float) -> None:
    pixels = pixels_of(camera(0.9, 0.0, roll), TEMPLATE.positions.astype(np.float64), EVERYTHING)
    found = orientation(pixels, TEMPLATE, UPRIGHT)
    assert abs(found.roll - roll) < np.radians(6)
    turned = orientation(pixels, TEMPLATE, np.array([[0.0, -1.0, 0], [1.0, 0, 0]]))
    assert turned.roll == pytest.approx(found.roll + np.pi / 2)


def test_what_the_network_says_of_the_direction_counts() -> None:
    pixels = pixels_of(camera(0.0), TEMPLATE.positions.astype(np.float64), EVERYTHING)
    agreeing = orientation(pixels, TEMPLATE, UPRIGHT, np.array([0.0, -1.0, 0.0], np.float32))
    doubting = orientation(pixels, TEMPLATE, UPRIGHT, np.array([0.0, 1.0, 0.0], np.float32))
    assert agreeing.azimuth_sigma < doubting.azimuth_sigma
    assert sum(agreeing.sides.values()) == pytest.approx(1.0)
    assert max(agreeing.sides, key=agreeing.sides.__getitem__) == "front"


def test_rotation_is_that_of_the_camera() -> None:
    one = camera(0.8, 0.2, 0.3)
    chances = np.zeros(len(AZIMUTHS))
    chances[0] = 1.0
    found = Orientation(0.8, 0.2, 0.3, 0.1, 0.1, chances)
    np.testing.assert_allclose(found.rotation(), one.R, atol=1e-12)
    with pytest.raises(ValueError, match="probability"):
        Orientation(0.8, 0.2, 0.3, 0.1, 0.1, 2 * chances)


@pytest.fixture(scope="module")
def fitted():  # type: ignore[no-untyped-def]
    """A person in a pose of their own, seen obliquely, and the fit to their pixels."""
    shape = np.zeros(16)
    shape[:3] = 1.2, -0.8, 0.5
    turns = np.zeros((MODEL.joint_count, 3))
    turns[MODEL.joint("left_upper_arm")] = 0.0, 0.5, 0.2
    turns[MODEL.joint("right_forearm")] = 0.6, 0.0, 0.0
    turns[MODEL.joint("left_thigh")] = 0.3, 0.0, 0.0
    joints = MODEL.joints(shape)
    points = MODEL.pose(MODEL.shape(shape), joints, turns)
    transforms = MODEL.transforms(joints, turns)
    placed = np.einsum("jab,jb->ja", transforms[:, :, :3], joints) + transforms[:, :, 3]
    seen_by = camera(0.5, 0.1)
    pixels = pixels_of(seen_by, points, EVERYTHING, noise=3.0)
    faced = orientation(pixels, TEMPLATE, UPRIGHT)
    fit = fit_body(pixels, PICTURE, [faced.rotation()], MODEL)
    assert fit is not None
    return fit, pixels, seen_by, placed, points


def test_fit_finds_joints_and_says_how_well(fitted) -> None:  # type: ignore[no-untyped-def]
    fit, _, seen_by, placed, _ = fitted
    true = seen_by.project(placed)[0]
    error = np.linalg.norm(fit.joints_pixels - true, axis=1)
    assert np.median(error) < 0.02 * fit.size
    sigmas = np.sqrt(fit.joints_pixels_covariance.trace(axis1=1, axis2=2))
    assert (error < 3.0 * sigmas).mean() > 0.9
    assert (np.linalg.eigvalsh(fit.covariance) > 0).all()
    np.testing.assert_allclose(fit.project(fit.joints), fit.joints_pixels, atol=1e-6)
    assert ((fit.joints_confidence >= 0) & (fit.joints_confidence <= 1)).all()


def test_derived_measures_have_intervals_that_hold(fitted) -> None:  # type: ignore[no-untyped-def]
    fit, _, _, _, points = fitted
    tall = stature(fit, MODEL)
    assert tall.interval(3)[0] < np.ptp(points[:, 2]) < tall.interval(3)[1]
    azimuth, elevation = facing(fit, MODEL, "root")
    assert abs(azimuth.value - 0.5) < max(3 * azimuth.sigma, 0.1)
    assert abs(elevation.value - 0.1) < max(3 * elevation.sigma, 0.1)


def test_too_few_pixels_are_not_fitted(fitted) -> None:  # type: ignore[no-untyped-def]
    none = np.zeros(len(TEMPLATE), bool)
    none[:5] = True
    pixels = pixels_of(camera(0.0), TEMPLATE.positions.astype(np.float64), none)
    assert fit_body(pixels, PICTURE, [np.eye(3)], MODEL) is None
    states = site_states(body_of(pixels), pixels, None, TEMPLATE, MODEL)
    assert set(np.unique(states)) <= {UNKNOWN, SEEN}


def test_sites_are_seen_turned_away_outside_or_covered(fitted) -> None:  # type: ignore[no-untyped-def]
    fit, pixels, seen_by, _, points = fitted
    states = site_states(body_of(pixels), pixels, fit, TEMPLATE, MODEL)
    normals = TEMPLATE.normals
    thick = ~np.isin(TEMPLATE.parts, [k for k, name in enumerate(PART_NAMES) if name.endswith("hand")])
    away = thick & (((seen_by.centre - points) * normals).sum(axis=1) < -1.3)
    assert (states[away] == TURNED_AWAY).mean() > 0.9
    assert (states[pixels.sites[:, 0]] == SEEN).all()
    assert not (states == OUTSIDE).any()
    legs = [k for k, name in enumerate(PART_NAMES) if name.endswith(("thigh", "calf", "foot"))]
    hidden = np.isin(pixels.parts, legs)
    rest = PersonPixels(*(getattr(pixels, name)[~hidden] for name in pixels.__slots__))
    without = site_states(body_of(rest), rest, fit, TEMPLATE, MODEL)
    facing_it = pixels.sites[hidden, 0]
    assert (without[facing_it] == COVERED).mean() > 0.75
