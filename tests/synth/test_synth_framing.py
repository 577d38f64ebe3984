import numpy as np
import pytest

from lineament.synth.framing import REGIONS, Framing
from lineament.synth.seeds import generator


def person() -> tuple[np.ndarray, np.ndarray]:
    """A crude person: boxes of points for every part, head on top."""
    rng = np.random.default_rng(0)
    heights = np.array([1.6, 1.2, *[1.3] * 2, *[1.1] * 2, *[0.9] * 2, *[0.7] * 2, *[0.4] * 2, *[0.05] * 2])
    parts = np.repeat(np.arange(1, 15), 20)
    points = rng.uniform(-0.12, 0.12, (len(parts), 3)) + np.stack(
        [0 * parts, 0 * parts, heights[parts - 1]], axis=1
    )
    return points.astype(np.float32), parts.astype(np.uint8)


def framings(count: int, acrobatic: bool = False) -> list[Framing]:
    rng = generator(3, "framing")
    return [Framing.sample(rng, acrobatic) for _ in range(count)]


def test_shares_of_framings_with_a_fifth_acrobatic_poses():
    ordinary, acrobatic = framings(4000), framings(1000, acrobatic=True)
    kinds = [f.kind for f in ordinary + acrobatic]
    assert kinds.count("full") / 5000 == pytest.approx(0.50, abs=0.03)
    assert kinds.count("zoom") / 5000 == pytest.approx(0.25, abs=0.03)
    assert kinds.count("turned") / 5000 == pytest.approx(0.25, abs=0.03)
    small = [f.fill < 0.45 for f in ordinary + acrobatic if f.region == "body"]
    assert sum(small) / 5000 == pytest.approx(0.10, abs=0.03)


def test_the_region_fills_the_picture_as_told():
    points, parts = person()
    for framing in framings(200) + framings(50, acrobatic=True):
        camera = framing.camera(points, parts, 128, 192)
        region = np.isin(parts, REGIONS[framing.region])
        pixels, depth = camera.project(points[region].astype(np.float64))
        assert (depth > 0).all()
        extent = np.ptp(pixels, axis=0) / (128, 192)
        assert extent.max() == pytest.approx(framing.fill, rel=1e-6)
        middle = (pixels.min(axis=0) + pixels.max(axis=0)) / 2 / (128, 192)
        assert middle == pytest.approx(0.5 + np.array(framing.shift), abs=1e-6)


def test_nobody_stands_behind_the_camera():
    points, parts = person()
    for framing in framings(300):
        _, depth = framing.camera(points, parts, 128, 192).project(points.astype(np.float64))
        assert depth.min() > 0.1
