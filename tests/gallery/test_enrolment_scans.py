"""Scans of people whose true shape is known: made by the workshop, enrolled by the product."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import trimesh
from scipy.spatial.transform import Rotation

from lineament.anatomy import HEAD
from lineament.assets import find
from lineament.errors import BadInputError, NothingFoundError
from lineament.gallery.enrolment import scan_body
from lineament.gallery.enrolment.scan_body import _Correspondences, _onto_surface, _pose, _refine
from lineament.gallery.enrolment.scan_file import load_scan
from lineament.gallery.enrolment.scan_head import fit_head
from lineament.gallery.enrolment.surface_fit import rigid
from lineament.geometry.site_model import SiteModel
from lineament.geometry.template import load_template
from lineament.runtime.detector import FaceDetector

pytestmark = pytest.mark.train
TEMPLATE = load_template()
Y_UP = np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]])
"""The axes of most scanners' files: y up, the person faces z."""


def faces_detector() -> FaceDetector:
    if find("yunet") is None:
        pytest.skip("needs assets; run: lineament assets fetch yunet")
    return FaceDetector.load(1)


def mesh_of(vertices: np.ndarray, faces: np.ndarray, colours: np.ndarray | None = None) -> trimesh.Trimesh:
    used, index = np.unique(faces, return_inverse=True)
    shown = None if colours is None else colours[used]
    return trimesh.Trimesh(vertices[used], index.reshape(-1, 3), vertex_colors=shown, process=False)


def rest_error(found: np.ndarray, truth: np.ndarray, measured: np.ndarray) -> np.ndarray:
    """Distances in metres after the best rigid motion: a scan does not say where rest pose stands."""
    turn, shift, _ = rigid(found[measured], truth[measured])
    return np.linalg.norm(found @ turn.T + shift - truth, axis=1)[measured]


def test_a_head_scan_gives_its_head(tmp_path: Path) -> None:
    from lineament.humans.body import BodyModel
    from lineament.synth.people import _identity_look

    model = BodyModel.load()
    parameters = model.sample(np.random.default_rng(5))
    body = model.build(parameters)
    look = _identity_look(5, 0, parameters)
    faces = np.concatenate([model.faces, model.eye_faces])
    colours = look.site_colours(np.arange(len(body.vertices)))
    head = faces[(model.vertex_parts[faces] == HEAD).all(axis=1)]
    turned = Rotation.from_euler("xyz", [10, -15, 5], degrees=True).as_matrix() @ Y_UP
    mesh_of(body.vertices @ turned.T * 1000 + (40, 900, -300), head, colours).export(tmp_path / "head.ply")
    scan = load_scan(tmp_path / "head.ply")
    assert scan.metres == 0.001 and scan.coloured and not scan.is_body
    fit = fit_head(scan, faces_detector(), SiteModel.load(), TEMPLATE)
    assert fit.residual < 0.003 and fit.measured.sum() > 250
    truth = body.vertices[TEMPLATE.anny_vertex].astype(np.float64)
    error = rest_error(fit.points, truth, fit.measured)
    assert np.median(error) < 0.008
    assert np.degrees(Rotation.from_matrix(fit.rotation @ turned).magnitude()) < 10


def test_a_thing_without_a_face_is_no_head(tmp_path: Path) -> None:
    ball = trimesh.creation.icosphere(subdivisions=4, radius=0.12)
    ball.export(tmp_path / "ball.ply")
    with pytest.raises(NothingFoundError, match="no face was found"):
        fit_head(load_scan(tmp_path / "ball.ply"), faces_detector(), SiteModel.load(), TEMPLATE)


@pytest.fixture(scope="module")
def posed(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """A standing person as a scan file; true posed sites in its axes, true rest sites, its turn from
    upright.
    """
    from lineament.humans.body import BodyModel
    from lineament.humans.poses import PoseLibrary

    model, rng = BodyModel.load(), np.random.default_rng(3)
    body = model.build(model.sample(rng))
    turn = Y_UP @ Rotation.from_rotvec([0, 0, 1.0]).as_matrix()
    vertices = model.pose(body, PoseLibrary.load().sample(rng, "standing")) @ turn.T
    path = tmp_path_factory.mktemp("scan") / "body.ply"
    mesh_of(vertices * 100, model.faces).export(path)
    sites = TEMPLATE.anny_vertex
    return load_scan(path), vertices[sites], body.vertices[sites].astype(np.float64), turn


def test_a_body_scan_gives_its_rest_shape(posed) -> None:  # type: ignore[no-untyped-def]
    """From correspondences as rough as registration's: 6 cm off, one in seven on the wrong side."""
    scan, sites, rest, turn = posed
    assert scan.metres == 0.01 and scan.is_body
    rng, model = np.random.default_rng(0), SiteModel.load()
    chosen = rng.integers(0, len(TEMPLATE), 1200)
    said = np.where(rng.random(1200) < 0.15, TEMPLATE.mirror[chosen], chosen)
    rough = TEMPLATE.positions[said] + rng.normal(0, 0.06, (1200, 3))
    said = np.linalg.norm(rough[:, None] - TEMPLATE.positions[None], axis=2).argmin(axis=1)
    pairs = _Correspondences(sites[chosen], said[:, None].astype(np.int32), np.ones((1200, 1)))
    recogniser = SimpleNamespace(template=TEMPLATE)
    tree = scan_body.cKDTree(scan.points)
    coefficients, pose = _pose(pairs, turn.T, model)
    for reach in scan_body.REACHES:
        coefficients, pose = _refine(scan, tree, coefficients, pose, model, recogniser, reach)  # type: ignore[arg-type]
    fit = _onto_surface(scan, tree, coefficients, pose, model, recogniser)  # type: ignore[arg-type]
    error = rest_error(fit.points, rest, fit.measured)
    assert fit.residual < 0.005 and fit.measured.mean() > 0.9
    assert np.median(error) < 0.010 and np.quantile(error, 0.9) < 0.025
    upright = fit.head_rotation @ turn @ [0, 0, 1]
    assert np.degrees(np.arccos(upright[2])) < 40


def test_a_column_is_no_body(tmp_path: Path) -> None:
    from lineament.runtime.registrar import MODEL_FOLDER, Registrar

    if not (MODEL_FOLDER / "image.onnx").exists():
        pytest.skip("weights/registration is not there")
    trimesh.creation.box((0.3, 0.3, 1.8)).export(tmp_path / "column.ply")
    recogniser = SimpleNamespace(template=TEMPLATE, registrar=Registrar.load(threads=1))
    with pytest.raises((NothingFoundError, BadInputError), match=r"column\.ply"):
        scan_body.fit_body(load_scan(tmp_path / "column.ply"), recogniser, SiteModel.load())  # type: ignore[arg-type]
