"""The product on a few real photographs: not a measurement (`lineament evaluate` makes those), but proof of
life.
"""

import os
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from lineament.assets import find
from lineament.evaluation.datasets import ccp, cfp
from lineament.evaluation.metrics import overlap
from lineament.runtime.faces import FaceReader
from lineament.runtime.photograph import load_photograph
from lineament.runtime.registrar import MODEL_FOLDER, Registrar

pytestmark = pytest.mark.photographs


def folder(name: str) -> Path:
    path = Path(os.environ["LINEAMENT_PHOTOGRAPHS"]) / name
    if not path.is_dir():
        pytest.skip(f"LINEAMENT_PHOTOGRAPHS holds no {name}")
    return path


@pytest.mark.skipif(not (MODEL_FOLDER / "config.json").is_file(), reason="no released registration model")
def test_people_in_the_street_are_found_where_they_are() -> None:
    registrar = Registrar.load(threads=1)
    scores = []
    for path, truth in islice(ccp.read(folder("ccp")), 4):
        image = load_photograph(path)
        maps = registrar.full_resolution(image, registrar.people(image))
        scores.append(overlap(maps.people > 0, truth))
    assert np.median(scores) > 0.5


@pytest.mark.skipif(
    any(find(name) is None for name in ("yunet", "sface")), reason="assets yunet, sface are absent"
)
def test_faces_of_one_person_are_more_alike_than_those_of_two() -> None:
    pairs = cfp.read(folder("cfp"), "FF", folds=("01",))
    chosen = [pair for mated in (True, False) for pair in [p for p in pairs if p[2] == mated][:5]]
    reader = FaceReader.load(threads=1)
    cosine = []
    for first, second, _ in chosen:
        a, b = (reader.best(load_photograph(path)) for path in (first, second))
        cosine.append(float(a.embedding @ b.embedding) if a is not None and b is not None else 0.0)
    assert np.mean(cosine[:5]) > np.mean(cosine[5:]) + 0.2
