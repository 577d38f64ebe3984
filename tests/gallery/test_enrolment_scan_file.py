"""Scans as files: every format, unit and damage that people bring."""

from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from lineament.errors import BadInputError
from lineament.gallery.enrolment.scan_file import load_scan

HEAD = (0.16, 0.20, 0.24)
BODY = (0.5, 0.3, 1.7)


def ellipsoid(size: tuple[float, float, float], scale: float = 1.0) -> trimesh.Trimesh:
    ball = trimesh.creation.icosphere(subdivisions=4)
    return trimesh.Trimesh(ball.vertices * np.array(size) * scale / 2, ball.faces, process=False)


def saved(mesh: trimesh.Trimesh, path: Path) -> Path:
    mesh.export(path)
    return path


@pytest.mark.parametrize(("scale", "metres"), [(1, 1.0), (100, 0.01), (1000, 0.001)])
@pytest.mark.parametrize("size", [HEAD, BODY])
def test_units_are_recognised(tmp_path: Path, size, scale: int, metres: float) -> None:  # type: ignore[no-untyped-def]
    scan = load_scan(saved(ellipsoid(size, scale), tmp_path / "s.ply"))
    assert scan.metres == metres and scan.is_body == (size is BODY)
    assert np.ptp(scan.points, axis=0) == pytest.approx(size, rel=0.02)


def test_units_do_not_depend_on_how_the_scan_is_turned(tmp_path: Path) -> None:
    mesh = ellipsoid((0.4, 0.3, 1.75), 100)
    for angle in (0.4, 0.8, 1.2):
        mesh.apply_transform(trimesh.transformations.rotation_matrix(angle, [0.3, 0.7, 0.2]))
        assert load_scan(saved(mesh, tmp_path / "s.ply")).metres == 0.01


@pytest.mark.parametrize("factor", [0.05, 3.0, 20.0])
def test_an_unclear_unit_is_asked_for(tmp_path: Path, factor: float) -> None:
    path = saved(ellipsoid(HEAD, factor), tmp_path / "s.ply")
    with pytest.raises(BadInputError, match=r"the unit of s\.ply is unclear.*--unit"):
        load_scan(path)
    assert load_scan(path, f"{1 / factor}").metres == pytest.approx(1 / factor)


@pytest.mark.parametrize(
    ("unit", "metres"), [("inch", 0.0254), ("cm", 0.01), ("0.02", 0.02), ("decimetre", 0.1)]
)
def test_a_given_unit_is_believed(tmp_path: Path, unit: str, metres: float) -> None:
    assert load_scan(saved(ellipsoid(HEAD, 1 / metres), tmp_path / "s.ply"), unit).metres == metres


@pytest.mark.parametrize("unit", ["parsec", "", "nan", "inf", "-1", "0", "metre", "1e300"])
def test_impossible_units(tmp_path: Path, unit: str) -> None:
    with pytest.raises(BadInputError, match=r"unknown unit|not a person"):
        load_scan(saved(ellipsoid(HEAD, 1000), tmp_path / "s.ply"), unit)


@pytest.mark.parametrize("suffix", ["ply", "obj", "glb", "stl", "off"])
def test_formats(tmp_path: Path, suffix: str) -> None:
    scan = load_scan(saved(ellipsoid(HEAD), tmp_path / f"s.{suffix}"))
    radial = scan.points / np.linalg.norm(scan.points, axis=1, keepdims=True)
    assert not scan.coloured and (radial * scan.normals).sum(axis=1).min() > 0.7
    assert np.linalg.norm(scan.normals, axis=1) == pytest.approx(1.0, abs=0.02)


def test_a_point_cloud_gets_its_normals_from_the_neighbourhood(tmp_path: Path) -> None:
    points, _ = trimesh.sample.sample_surface(ellipsoid(HEAD), 6000, seed=0)
    np.savez(tmp_path / "s.npz", points=points)
    trimesh.PointCloud(points).export(tmp_path / "s.ply")
    for name in ("s.npz", "s.ply"):
        scan = load_scan(tmp_path / name)
        radial = scan.points / np.linalg.norm(scan.points, axis=1, keepdims=True)
        assert ((radial * scan.normals).sum(axis=1) > 0.7).mean() > 0.99


def test_normals_and_colours_of_a_cloud_are_kept(tmp_path: Path) -> None:
    points, face = trimesh.sample.sample_surface(ellipsoid(HEAD), 3000, seed=0)
    normals = 5 * ellipsoid(HEAD).face_normals[face]
    np.savez(tmp_path / "s.npz", xyz=points, normals=normals, rgb=np.tile([1.0, 0.5, 0.0], (3000, 1)))
    scan = load_scan(tmp_path / "s.npz")
    assert scan.coloured and (scan.colours == [255, 128, 0]).all()
    assert scan.normals == pytest.approx(normals / 5, abs=1e-6)


def test_vertex_colours(tmp_path: Path) -> None:
    mesh = ellipsoid(HEAD)
    upper, red, blue = mesh.vertices[:, 2] > 0, (200, 10, 10), (10, 10, 200)
    mesh.visual.vertex_colors = np.where(upper[:, None], [200, 10, 10, 255], [10, 10, 200, 255]).astype(
        np.uint8
    )
    for suffix in ("ply", "glb"):
        scan = load_scan(saved(mesh, tmp_path / f"s.{suffix}"))
        top, bottom = scan.points[:, 2] > 0.05, scan.points[:, 2] < -0.05
        assert scan.coloured
        assert (scan.colours[top] == red).all() and (scan.colours[bottom] == blue).all()


def test_texture_colours(tmp_path: Path) -> None:
    mesh = ellipsoid(HEAD)
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:, :32], picture[:, 32:] = (250, 200, 20), (20, 60, 250)
    uv = np.stack([0.5 + 0.45 * np.sign(mesh.vertices[:, 0]), np.full(len(mesh.vertices), 0.5)], axis=1)
    material = trimesh.visual.material.PBRMaterial(baseColorTexture=Image.fromarray(picture))
    mesh.visual = trimesh.visual.TextureVisuals(uv=uv, material=material)
    scan = load_scan(saved(mesh, tmp_path / "s.glb"))
    assert scan.coloured
    left, right = scan.points[:, 0] < -0.02, scan.points[:, 0] > 0.02
    assert np.median(scan.colours[left], axis=0) == pytest.approx([250, 200, 20], abs=3)
    assert np.median(scan.colours[right], axis=0) == pytest.approx([20, 60, 250], abs=3)


@pytest.mark.parametrize("suffix", ["ply", "glb", "stl", "npz"])
def test_half_a_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"s.{suffix}"
    if suffix == "npz":
        np.savez(path, points=np.asarray(ellipsoid(HEAD).vertices))
    else:
        ellipsoid(HEAD).export(path)
    data = path.read_bytes()
    for share in (0.6, 0.1):
        path.write_bytes(data[: int(len(data) * share)])
        with pytest.raises(BadInputError, match=r"s\.") as told:
            load_scan(path)
        assert "\n" not in str(told.value)


def test_half_a_text_file_is_a_smaller_scan_or_refused(tmp_path: Path) -> None:
    data = saved(ellipsoid(HEAD), tmp_path / "s.obj").read_bytes()
    (tmp_path / "s.obj").write_bytes(data[: len(data) * 3 // 4])
    assert len(load_scan(tmp_path / "s.obj").points) > 500
    (tmp_path / "s.obj").write_bytes(data[: len(data) // 100])
    with pytest.raises(BadInputError, match=r"s\.obj"):
        load_scan(tmp_path / "s.obj")


@pytest.mark.parametrize("suffix", ["ply", "glb", "stl", "obj", "npz"])
@pytest.mark.parametrize("content", [b"", b"\0" * 300, b"hello\n" * 40, b"\x89PNG\r\n\x1a\n" + b"x" * 200])
def test_files_that_lie(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"s.{suffix}"
    path.write_bytes(content)
    with pytest.raises(BadInputError, match=r"s\."):
        load_scan(path)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="does not exist"):
        load_scan(tmp_path / "none.ply")
    (tmp_path / "folder.ply").mkdir()
    with pytest.raises(BadInputError, match="folder"):
        load_scan(tmp_path / "folder.ply")


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"colours": np.zeros((9, 3))}, "needs `points`"),
        ({"points": np.zeros((900, 2))}, r"shape \(900, 2\)"),
        ({"points": np.zeros(900)}, r"shape \(900,\)"),
        ({"points": np.zeros((20, 3))}, "at least 500"),
        ({"points": np.zeros((0, 3))}, "at least 500"),
        ({"points": np.full((900, 3), np.nan)}, "not numbers"),
        ({"points": np.full((900, 3), np.inf)}, "not numbers"),
        ({"points": np.zeros((900, 3))}, "unit of s.npz is unclear"),
        ({"points": np.zeros((900, 3)), "normals": np.zeros((8, 3))}, "normals have shape"),
        ({"points": np.zeros((900, 3)), "rgb": np.zeros(900)}, "s.npz"),
        ({"points": np.array([["a"] * 3] * 900)}, "cannot be read"),
        ({"points": np.array([[{}, 1, 2]] * 900, dtype=object)}, "cannot be read"),
    ],
)
def test_point_files_that_make_no_sense(tmp_path: Path, arrays, said: str) -> None:  # type: ignore[no-untyped-def]
    np.savez(tmp_path / "s.npz", **arrays)
    with pytest.raises(BadInputError, match=said):
        load_scan(tmp_path / "s.npz")


def test_meshes_that_make_no_sense(tmp_path: Path) -> None:
    good = ellipsoid(HEAD)
    holes = good.vertices.copy()
    holes[5] = np.nan
    for vertices, faces, said in (
        (holes, good.faces, "not numbers"),
        (good.vertices, good.faces[:, [0, 0, 0]], "without surface"),
        (good.vertices * 0, good.faces, "without surface"),
    ):
        saved(trimesh.Trimesh(vertices, faces, process=False), tmp_path / "s.ply")
        with pytest.raises(BadInputError, match=said):
            load_scan(tmp_path / "s.ply")


def test_a_million_points_are_thinned(tmp_path: Path) -> None:
    points, _ = trimesh.sample.sample_surface(ellipsoid(HEAD), 1_000_000, seed=0)
    np.savez(tmp_path / "s.npz", points=points.astype(np.float32), normals=points)
    assert len(load_scan(tmp_path / "s.npz").points) == 250_000
