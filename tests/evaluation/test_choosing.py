"""Protocols and systems as the command line names them."""

from pathlib import Path

import pytest
import trees

from lineament.errors import BadInputError
from lineament.evaluation.catalogue import Chosen
from lineament.evaluation.choosing import Asked
from lineament.recognition.calibration import Calibration
from lineament.weights import folder


def test_listed_pairs_are_drawn(tmp_path: Path) -> None:
    trees.ijbc(tmp_path)
    whole, drawn = Asked("ijb-c", tmp_path), Asked("ijb-c", tmp_path, most=1)
    assert whole.plan().pairs is not None and len(whole.plan().pairs) > 1
    pairs = drawn.plan().pairs
    assert pairs is not None and 1 <= len(pairs) <= 2 and "drawn by seed 0" in drawn.plan().name
    assert drawn.plan().digest != whole.plan().digest


@pytest.mark.parametrize(("way", "most"), [("ijb-c:full", 5), ("ijb-c", 0)])
def test_only_listed_pairs_are_drawn(tmp_path: Path, way: str, most: int) -> None:
    trees.ijbc(tmp_path)
    with pytest.raises(BadInputError, match="--most draws at least one of listed pairs"):
        Asked(way, tmp_path, most=most).plan()


def test_a_calibration_is_for_calibrated_systems_of_its_own_models() -> None:
    shipped = Calibration.load(folder("calibration") / "config.json")
    with pytest.raises(BadInputError, match="stripes is not calibrated"):
        Chosen("stripes", None, shipped)
    other = shipped.model_copy(update={"face_model": "another", "population": "10 people"})
    with pytest.raises(BadInputError, match=r"10 people.*was made with another model \(another"):
        Chosen("face-llr", None, other).open()
