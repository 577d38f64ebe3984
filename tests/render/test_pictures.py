"""What pictures show: order, textures, cut-outs, light and shadow, and scenes with little in them."""

from dataclasses import replace

import numpy as np
import pytest
from render_scenes import QUAD, QUAD_UV, ambient, front_camera, ground, mesh_surface, wall

from lineament.errors import BadInputError
from lineament.geometry.surface import Surface
from lineament.render.light import Light

pytestmark = pytest.mark.train


def test_nearer_surface_wins_in_any_order(rasteriser):
    near, far = wall(-0.5, half=0.2, colour=(1, 0, 0), part=1), wall(0.5, half=0.6, colour=(0, 1, 0), part=2)
    for surfaces, front in (([near, far], 0), ([far, near], 1)):
        frame = rasteriser.render(surfaces, front_camera(), ambient())
        assert frame.surface[32, 32] == front and frame.part[32, 32] == 1
        assert frame.part[32, 20] == 2
        assert np.allclose(frame.colour[32, 32], (1, 0, 0), atol=1e-3)
        assert frame.depth[32, 32] == pytest.approx(1.5, abs=1e-4)


def test_texture_is_upright_and_linear(rasteriser):
    texture = np.zeros((64, 64, 3), np.uint8)
    texture[:32, :32] = 255, 0, 0
    texture[:32, 32:] = 0, 255, 0
    texture[32:, :32] = 0, 0, 255
    texture[32:, 32:] = 128, 128, 128
    surface = wall(texture=texture, tint=(1.0, 1.0, 0.5))
    frame = rasteriser.render([surface], front_camera(), ambient())
    assert np.allclose(frame.colour[22, 22], (1, 0, 0), atol=1e-2)
    assert np.allclose(frame.colour[22, 42], (0, 1, 0), atol=1e-2)
    assert np.allclose(frame.colour[42, 22], (0, 0, 0.5), atol=1e-2)
    linear = ((128 / 255 + 0.055) / 1.055) ** 2.4
    assert np.allclose(frame.colour[42, 42], (linear, linear, linear / 2), atol=1e-2)


def test_fine_texture_is_averaged_not_aliased(rasteriser):
    noise = np.random.default_rng(0).integers(0, 2, (512, 512, 1), dtype=np.uint8) * 255
    frame = rasteriser.render([wall(texture=np.repeat(noise, 3, -1))], front_camera(), ambient())
    assert frame.colour[frame.triangle >= 0].std() < 0.05


def cut_texture():
    texture = np.full((64, 64, 4), 255, np.uint8)
    texture[:, 32:] = 0
    texture[48:] = 0
    return texture


def test_cut_away_shows_what_is_behind(rasteriser):
    card, behind = wall(-0.2, texture=cut_texture(), part=1), wall(0.2, colour=(0, 0.5, 0), part=2)
    for surfaces in ([card, behind], [behind, card]):
        frame = rasteriser.render(surfaces, front_camera(), ambient())
        assert frame.part[32, 24] == 1 and frame.part[32, 40] == 2
        assert frame.part[18, 24] == 1 and frame.part[45, 24] == 2, (
            "the bottom quarter is cut away, not the top"
        )
        assert np.allclose(frame.colour[32, 24], 1, atol=1e-2)
        assert np.allclose(frame.colour[32, 40], (0, 0.5, 0), atol=1e-2)
    edge = rasteriser.render([card], front_camera(), ambient(), supersample=4)
    inside = edge.coverage == 1
    assert inside.sum() > 200
    assert edge.colour[inside].min() > 0.95, "transparent black must not bleed into the card"


def sun_from(direction, strength=0.8):
    base = ambient(0.2)
    towards = np.asarray(direction, np.float32)
    return Light(towards / np.linalg.norm(towards), np.full(3, strength, np.float32), base.ambient)


def test_shadow_falls_where_the_sun_is_blocked(rasteriser):
    floor, roof = ground(-0.5), ground(0.2, half=0.5)
    roof = Surface("roof", roof.vertices, roof.faces, np.full(2, 2, np.uint8), roof.canonical, roof.colours)
    camera = front_camera(128, 100.0, distance=3.0, elevation=0.3)
    sun = sun_from((0.0, 0.0, 1.0))
    shaded, open_ = camera.project(np.array([[0.0, -0.2, -0.5], [0.0, -1.2, -0.5]]))[0].astype(int)
    lit = rasteriser.render([floor, roof], camera, sun, shadows=False)
    dark = rasteriser.render([floor, roof], camera, sun)
    assert dark.colour[shaded[1], shaded[0], 0] == pytest.approx(0.5 * 0.2, rel=0.05)
    assert lit.colour[shaded[1], shaded[0], 0] > 0.4
    assert dark.colour[open_[1], open_[0], 0] == pytest.approx(lit.colour[open_[1], open_[0], 0], rel=1e-3)
    roof_pixels = dark.surface == 1
    assert np.allclose(dark.colour[roof_pixels], lit.colour[roof_pixels], atol=1e-3), (
        "no shadow on the caster"
    )


def test_cut_away_lets_the_sun_through(rasteriser):
    half = 0.5
    corners = np.array(
        [[-half, -half, 0.2], [half, -half, 0.2], [half, half, 0.2], [-half, half, 0.2]], np.float32
    )
    card = Surface("card", corners, QUAD, np.full(2, 2, np.uint8), corners, uv=QUAD_UV, texture=cut_texture())
    camera = front_camera(128, 100.0, distance=3.0, elevation=0.3)
    frame = rasteriser.render([ground(-0.5), card], camera, sun_from((0.0, 0.0, 1.0)))
    blocked, through = camera.project(np.array([[-0.25, -0.2, -0.5], [0.25, -0.2, -0.5]]))[0].astype(int)
    assert frame.colour[blocked[1], blocked[0], 0] < 0.15 < 0.35 < frame.colour[through[1], through[0], 0]


def test_both_sides_are_lit(rasteriser):
    front = wall()
    back = Surface(
        "back", front.vertices, front.faces[:, ::-1].copy(), front.parts, front.canonical, front.colours
    )
    sun = sun_from((0.0, -1.0, 0.3))
    a = rasteriser.render([front], front_camera(), sun, shadows=False)
    b = rasteriser.render([back], front_camera(), sun, shadows=False)
    assert a.colour[32, 32, 0] > 0.3
    assert np.allclose(a.colour, b.colour, atol=1e-5)


def test_background_shows_where_nothing_is(rasteriser):
    background = np.random.default_rng(0).random((64, 64, 3), dtype=np.float32)
    frame = rasteriser.render(
        [wall(half=0.3)], front_camera(), ambient(), background=background, supersample=2
    )
    empty = frame.coverage == 0
    assert empty.any() and np.array_equal(frame.colour[empty], background[empty])
    assert np.allclose(frame.colour[32, 32], 0.5, atol=1e-3)


@pytest.mark.parametrize(
    "surfaces", [[], [wall(-9.0)], [wall(half=0.0)]], ids=["empty", "behind", "degenerate"]
)
def test_nothing_to_see(rasteriser, surfaces):
    frame = rasteriser.render(surfaces, front_camera(), Light.studio())
    assert (frame.triangle == -1).all() and (frame.surface == -1).all()
    assert not frame.colour.any() and not frame.coverage.any() and not frame.part.any()


def test_no_faces_and_broken_vertices(rasteriser):
    bare = mesh_surface(np.zeros((5, 3)), np.zeros((0, 3)))
    broken = mesh_surface([[0, 0, 0], [1, 0, 0], [np.nan, 0, 1]], [[0, 1, 2]])
    frame = rasteriser.render([bare, broken, wall(0.5, part=4)], front_camera(), Light.studio())
    assert frame.part[32, 32] == 4 and np.isfinite(frame.colour).all()


def test_wrong_arrays_are_refused(rasteriser):
    lying = mesh_surface(np.zeros((3, 3)), [[0, 1, 3]])
    for _ in range(2):
        with pytest.raises(ValueError, match="vertices that do not exist"):
            rasteriser.render([lying], front_camera(), ambient())
    with pytest.raises(ValueError, match="background"):
        rasteriser.render([], front_camera(), ambient(), background=np.zeros((3, 3, 3), np.float32))
    with pytest.raises(BadInputError, match="no device"):
        type(rasteriser)("cuda:77")
    with pytest.raises(ValueError, match="supersample"):
        rasteriser.render([], front_camera(), ambient(), supersample=0)


def test_buffers_follow_every_change(rasteriser):
    """One rasteriser over growing, shrinking, reordered and moved scenes gives what a fresh one gives."""
    from lineament.render.rasteriser import Rasteriser

    texture = np.full((8, 8, 3), 200, np.uint8)
    a, b, c = wall(0.3, texture=texture, part=1), wall(0.1, half=0.2, part=2), ground(-0.3)
    moved = wall(0.1, half=0.35, part=2)
    scrap = mesh_surface([[-0.4, 0.2, 0.1], [-0.2, 0.2, 0.1], [-0.3, 0.2, 0.3]], [[0, 1, 2]])
    camera = front_camera(48, 50.0, elevation=0.2)
    for surfaces in ([a], [a, b, c], [scrap, b, c], [c, b, a], [b], [a, moved, c], [], [c, a, b, moved]):
        kept = rasteriser.render(surfaces, camera, Light.studio())
        fresh = Rasteriser().render(surfaces, camera, Light.studio())
        for name in ("colour", "triangle", "part", "canonical"):
            assert np.array_equal(getattr(kept, name), getattr(fresh, name)), name


def test_vertices_changed_in_place_are_seen_and_frames_stay(rasteriser):
    surface = wall()
    before = rasteriser.render([surface], front_camera(), ambient())
    copy = before.depth.copy()
    surface.vertices[:, 1] += 0.5
    after = rasteriser.render([surface], front_camera(), ambient())
    assert after.depth[32, 32] == pytest.approx(2.5, abs=1e-4)
    assert np.array_equal(before.depth, copy)


def test_arrays_of_any_layout_are_read_alike(rasteriser):
    """Static arrays are read where they lie; those that kernels cannot read are converted."""
    plain = wall(texture=cut_texture())
    odd = Surface(
        "odd",
        plain.vertices,
        plain.faces,
        np.repeat(plain.parts, 2)[::2],
        np.repeat(plain.canonical, 2, axis=0).astype(np.float64)[::2],
        uv=np.asfortranarray(plain.uv),
        texture=plain.texture,
    )
    a, b = (rasteriser.render([one], front_camera(), Light.studio(), supersample=2) for one in (plain, odd))
    for name in ("colour", "part", "canonical", "triangle"):
        assert np.array_equal(getattr(a, name), getattr(b, name)), name


def test_edges_between_surfaces_are_smoothed_and_insides_are_not(rasteriser):
    near, far = wall(-0.2, half=0.2, colour=(1, 0, 0)), wall(0.2, half=0.6, colour=(0, 1, 0))
    camera = front_camera(azimuth=0.3, roll=0.2)
    plain = rasteriser.render([near, far], camera, ambient())
    smooth = rasteriser.render([near, far], camera, ambient(), supersample=2)
    reds = smooth.colour[..., 0][smooth.coverage == 1.0]
    shares = np.rint(reds * 4)
    assert np.abs(reds * 4 - shares).max() < 1e-2
    assert set(np.unique(shares)) == {0.0, 1.0, 2.0, 3.0, 4.0}
    same = (smooth.colour == plain.colour).all(axis=-1)
    assert 0.02 < (~same).mean() < 0.15
    # One surface with a step in depth has edges too.
    stepped = mesh_surface(
        np.concatenate([near.vertices, far.vertices]), np.concatenate([near.faces, far.faces + 4])
    )
    stepped.colours[:] = np.repeat([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], 4, axis=0)
    one = rasteriser.render([stepped], camera, ambient(), supersample=2)
    assert np.allclose(one.colour, smooth.colour, atol=1e-3)


def test_warp_starts_silently(tmp_path):
    import os
    import subprocess
    import sys

    code = (
        "import lineament.render.light, lineament.render.rasteriser as r, sys\n"
        "import warp; assert warp._src.context.runtime is None, 'started at import'\n"
        "r.Rasteriser()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"LINEAMENT_CACHE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert (tmp_path / "kernels").is_dir()


def test_closed_surfaces_are_not_drawn_from_behind(rasteriser):
    open_wall = wall(part=2)
    closed = replace(open_wall, closed=True)
    behind = front_camera(azimuth=np.pi)
    assert (rasteriser.render([open_wall], behind, ambient()).part == 2).any()
    assert not rasteriser.render([closed], behind, ambient()).part.any()
    seen = rasteriser.render([closed], front_camera(), ambient(), supersample=2)
    assert np.array_equal(seen.part, rasteriser.render([open_wall], front_camera(), ambient()).part)
