"""The released template: what every room relies on."""

import dataclasses

import numpy as np
import pytest

from lineament.anatomy import HEAD, MIRROR
from lineament.geometry.template import TEMPLATE_FOLDER, Template, load_template


@pytest.fixture(scope="module")
def template() -> Template:
    return load_template()


def test_has_2048_sites_of_all_parts(template: Template) -> None:
    assert len(template) == 2048
    counts = np.bincount(template.parts, minlength=15)
    assert counts[0] == 0
    assert counts[1:].min() >= 40
    assert counts[HEAD] / len(template) == pytest.approx(0.30, abs=0.01)


def test_is_mirror_symmetric(template: Template) -> None:
    reflected = template.positions[template.mirror] * (-1, 1, 1)
    assert np.abs(reflected - template.positions).max() < 1e-6
    assert np.abs(template.normals[template.mirror] * (-1, 1, 1) - template.normals).max() < 1e-5
    assert (np.asarray(MIRROR)[template.parts] == template.parts[template.mirror]).all()


def test_left_is_plus_x(template: Template) -> None:
    for part in range(3, 15):
        mean = template.positions[template.parts == part, 0].mean()
        assert (mean > 0) == (part % 2 == 1)


def test_normals_are_unit_and_point_outwards(template: Template) -> None:
    assert np.linalg.norm(template.normals, axis=1) == pytest.approx(1.0, abs=1e-5)
    face = (template.parts == HEAD) & (template.positions[:, 1] < -0.1)
    assert template.normals[face, 1].mean() < -0.4


def test_triangles_cover_the_body_from_outside(template: Template) -> None:
    corner = template.positions[template.triangles]
    cross = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    agree = np.einsum("fc,fc->f", cross, template.normals[template.triangles].mean(axis=1)) > 0
    assert agree.mean() > 0.99
    area = np.linalg.norm(cross, axis=1).sum() / 2
    assert 1.5 < area < 1.75, "an average adult has some 1.65 square metres of skin"
    assert np.isin(np.arange(2048), template.triangles).mean() > 0.99


def test_neighbours_are_near_and_never_oneself(template: Template) -> None:
    assert template.neighbours.shape == (2048, 16)
    assert not (template.neighbours == np.arange(2048)[:, None]).any()
    away = np.linalg.norm(template.positions[template.neighbours] - template.positions[:, None], axis=2)
    assert np.median(away[:, 0]) < 0.03
    assert away.max() < 0.2


def test_sites_are_spread_without_gaps_or_crowds(template: Template) -> None:
    away = np.linalg.norm(template.positions[template.neighbours[:, 0]] - template.positions, axis=1)
    assert np.percentile(away, 1) > 0.001, "only lips and other folds may lie closer"
    assert away.max() < 0.09


def test_a_broken_template_is_refused(template: Template) -> None:
    with pytest.raises(ValueError, match="mirroring twice"):
        dataclasses.replace(template, mirror=np.roll(template.mirror, 1))
    with pytest.raises(ValueError, match="positions"):
        dataclasses.replace(template, positions=template.positions[:, :2])


def test_artefact_is_small_and_documented() -> None:
    assert sum(path.stat().st_size for path in TEMPLATE_FOLDER.iterdir()) < 4_000_000
    for name in ("CARD.md", "LICENSE", "config.json", "record.json"):
        assert (TEMPLATE_FOLDER / name).exists()
