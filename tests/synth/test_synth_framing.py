import numpy as np
import pytest

from lineament.anatomy import PART_INDEX
from lineament.synth.covariates import settings
from lineament.synth.framing import ALIGNED_FACE, REGION_PARTS, Framing
from lineament.synth.plan import Plan

HEAD = PART_INDEX["head"]


def person() -> tuple[np.ndarray, np.ndarray]:
    """A crude person: boxes of points for every part, head on top."""
    rng = np.random.default_rng(0)
    heights = np.array([1.6, 1.2, *[1.3] * 2, *[1.1] * 2, *[0.9] * 2, *[0.7] * 2, *[0.4] * 2, *[0.05] * 2])
    parts = np.repeat(np.arange(1, 15), 20)
    points = rng.uniform(-0.12, 0.12, (len(parts), 3)) + np.stack(
        [0 * parts, 0 * parts, heights[parts - 1]], axis=1
    )
    return points.astype(np.float32), parts.astype(np.uint8)


def framings(count: int, pose: str = "standing", plan: Plan | None = None) -> list[Framing]:
    plan = plan or Plan()
    values = (plan.picture_values(3, number, (), {"pose.kind": pose}) for number in range(count))
    return [settings(Framing, "framing", one) for one in values]


def test_shares_of_framings_with_a_fifth_acrobatic_poses():
    ordinary, acrobatic = framings(4000), framings(1000, "acrobatic")
    assert all(one.turned and one.region == "body" for one in acrobatic)
    zoomed = [one.region != "body" for one in ordinary]
    turned = [one.turned for one in ordinary + acrobatic]
    assert sum(zoomed) / 5000 == pytest.approx(0.25, abs=0.03)
    assert sum(turned) / 5000 == pytest.approx(0.25, abs=0.03)
    small = [one.small for one in ordinary + acrobatic]
    assert sum(small) / 5000 == pytest.approx(0.10, abs=0.03)


def test_the_region_fills_the_picture_as_told():
    points, parts = person()
    for framing in framings(200) + framings(50, "acrobatic"):
        region = points[np.isin(parts, REGION_PARTS[framing.region])]
        camera = framing.camera(region, points, 128, 192)
        pixels, depth = camera.project(region.astype(np.float64))
        assert (depth > 0).all()
        extent = np.ptp(pixels, axis=0) / (128, 192)
        assert extent.max() == pytest.approx(framing.fill, rel=1e-6)
        middle = (pixels.min(axis=0) + pixels.max(axis=0)) / 2 / (128, 192)
        assert middle == pytest.approx(0.5 + np.array((framing.shift_x, framing.shift_y)), abs=1e-6)


def test_nobody_stands_behind_the_camera():
    points, parts = person()
    for framing in framings(300):
        region = points[np.isin(parts, REGION_PARTS[framing.region])]
        _, depth = framing.camera(region, points, 128, 192).project(points.astype(np.float64))
        assert depth.min() > 0.1


def test_an_aligned_face_lies_on_the_template():
    """Five points that are the template seen from the front come back to it, whatever the roll."""
    points, _ = person()
    flat = (ALIGNED_FACE - 0.5) * 0.2
    five = np.stack([flat[:, 0], np.full(5, -0.12), 1.6 - flat[:, 1]], axis=1).astype(np.float32)
    plan = Plan(112, 112).fixed("framing.region", "aligned_face").fixed("yaw", 0.0).fixed("elevation", 0.0)
    for framing in framings(20, plan=plan):
        pixels, depth = framing.camera(five, points, 112, 112).project(five)
        assert (depth > 0).all()
        assert np.abs(pixels - ALIGNED_FACE * 112).max() < 1.0
