"""Templates on disk that an earlier version wrote, and figures that cannot be written."""

from pathlib import Path

import numpy as np
import pytest

from lineament.errors import BadInputError
from lineament.evaluation.features import Feature, FeatureStore
from lineament.evaluation.report_json import write_json
from lineament.evaluation.systems import Template

parquet = pytest.importorskip("pyarrow.parquet")


def test_parts_without_quality_are_still_read(tmp_path: Path) -> None:
    store = FeatureStore(tmp_path)
    store.add(Feature("a", "", Template(np.ones(3, np.float32), yaw=0.5, quality=0.7), False, 1, 1, "0"))
    store.flush()
    (part,) = tmp_path.glob("*.parquet")
    assert FeatureStore(tmp_path).templates(["a"])[0].quality == pytest.approx(0.7)
    parquet.write_table(parquet.read_table(part).drop_columns(["quality"]), part)
    (template,) = FeatureStore(tmp_path).templates(["a"])
    assert np.isnan(template.quality) and template.yaw == 0.5 and template.vector.tolist() == [1, 1, 1]


def test_a_place_for_figures_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere" / "figures.json"):
        with pytest.raises(BadInputError, match=r"cannot be written .* choose another place"):
            write_json(place, {"a": 1})
