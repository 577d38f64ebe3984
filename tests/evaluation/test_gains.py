"""The table of gains, of made-up runs of one network before and after alignment."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from PIL import Image

from lineament.cli.evaluate_gains import gains
from lineament.errors import BadInputError, NothingFoundError
from lineament.evaluation.datasets.dataset import DataSet, Record
from lineament.evaluation.export import export
from lineament.evaluation.gains import gains_of
from lineament.evaluation.plan import Plan
from lineament.evaluation.systems import Cosines, Template
from lineament.types import UInt8

pytest.importorskip("pyarrow", reason="lineament[evaluation] is not installed")
PEOPLE, SHOTS, SIZE = 30, 3, 24
RNG = np.random.default_rng(5)
CENTRES, NOISE = RNG.normal(size=(PEOPLE, SIZE)), RNG.normal(size=(PEOPLE, SHOTS, SIZE))


class Made(Cosines):
    settings: Mapping[str, str] = MappingProxyType({})

    def __init__(self, name: str, noise: float, misses: bool) -> None:
        self.name, self.about = name, f"{name} as told"
        self._noise, self._misses = noise, misses

    def template(self, image: UInt8, *, reference: bool) -> Template:
        person, shot = int(image[0, 0, 0]), int(image[0, 0, 1])
        if self._misses and (person, shot) == (3, 1):
            raise NothingFoundError("no face was found")
        return Template((CENTRES[person] + self._noise * NOISE[person, shot]).astype(np.float32))


def made_runs(root: Path) -> None:
    records = []
    for person in range(PEOPLE):
        for shot in range(SHOTS):
            path = root / f"{person}-{shot}.png"
            Image.fromarray(np.full((4, 4, 3), (person, shot, 0), np.uint8)).save(path)
            records.append(Record(path.name, path, f"p{person:02d}"))
    rows = np.arange(len(records), dtype=np.int32)
    plan = Plan("made-up, full", DataSet("made-up", root, tuple(records), "none", True), rows, rows)
    export(plan, Made("net", 1.6, misses=True), root / "runs" / "net")
    export(plan, Made("net+ours", 0.4, misses=False), root / "runs" / "net+ours")
    export(plan, Made("alone+ours", 0.4, misses=False), root / "runs" / "alone+ours")


def test_gains_are_paired_differences_of_networks_judged_both_ways(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made_runs(tmp_path)
    (one,) = gains_of([tmp_path / "runs"], rounds=100)
    assert (one.recogniser, one.failed) == ("net", (2, 0))
    assert one.found["tar_at_fmr_0.01"].by.low > 0 and one.found["eer"].by.value < 0
    gains([tmp_path / "runs"], rounds=100)
    said = capsys.readouterr().out
    assert "| net | pictures without a face | 2 | 0 | -2 |" in said
    assert "- net: net as told" in said and "- net+ours: net+ours as told" in said and "alone" not in said


def test_without_both_there_is_no_gain(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="judged both ways"):
        gains([tmp_path])
    with pytest.raises(BadInputError, match="100 rounds"):
        gains([tmp_path], rounds=3)
