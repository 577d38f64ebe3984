"""Readers of data sets on tiny trees of the published shape."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lineament.anatomy import PART_INDEX
from lineament.errors import BadInputError
from lineament.evaluation.datasets import ccp, cfp, lsp, octopus


def picture(path: Path, value: int = 0, mode: str = "RGB") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, (6, 4), value).save(path)


def test_ccp(tmp_path: Path) -> None:
    picture(tmp_path / "photos" / "0001.jpg")
    labels = np.zeros((4, 6), np.uint8)
    labels[1:, 2:] = 41
    (tmp_path / "masks").mkdir()
    Image.fromarray(labels).save(tmp_path / "masks" / "0001.png")
    [(path, mask)] = ccp.read(tmp_path)
    assert path.name == "0001.jpg" and mask.sum() == 12


def test_octopus(tmp_path: Path) -> None:
    picture(tmp_path / "frames" / "0000.png")
    picture(tmp_path / "segmentations" / "0000.png", (0, 254, 0))  # type: ignore[arg-type]
    [(_, mask)] = octopus.read(tmp_path)
    assert mask.all()


def test_lsp(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "im1.jpg")
    np.savez(tmp_path / "joints.npz", names=["im1.jpg"], joints=np.ones((1, 2, 3)), order=["r_knee", "neck"])
    [(path, order, places)] = lsp.read(tmp_path)
    assert path.name == "im1.jpg" and order == ("r_knee", "neck") and places.shape == (2, 2)
    assert lsp.parts_of("r_knee") == {PART_INDEX["right_thigh"], PART_INDEX["right_calf"]}
    assert lsp.parts_of("l_shoulder") == {PART_INDEX["torso"], PART_INDEX["left_upper_arm"]}
    assert lsp.parts_of("head_top") == {PART_INDEX["head"]}


def test_cfp_drops_identical_files(tmp_path: Path) -> None:
    for number, value in enumerate((1, 1, 90), start=1):
        picture(tmp_path / f"images/{number:03d}/frontal/01.jpg", value, "L")
    rows = "\n".join(f"{n} images/{n:03d}/frontal/01.jpg" for n in (1, 2, 3))
    for name in ("image_list_F.txt", "image_list_P.txt"):
        path = tmp_path / "protocol" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(rows)
    fold = tmp_path / "protocol" / "FF" / "01"
    fold.mkdir(parents=True)
    (fold / "same.txt").write_text("1,2\n1,3\n")
    (fold / "diff.txt").write_text("2,3\n1,9\n")
    pairs = cfp.read(tmp_path, "FF", ("01",))
    assert [(a.parts[-3], b.parts[-3], mated) for a, b, mated in pairs] == [
        ("001", "003", True),
        ("002", "003", False),
    ]


@pytest.mark.parametrize("reader", [ccp.read, octopus.read, lsp.read])
def test_a_wrong_folder_is_refused(reader, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadInputError, match="lacks"):
        list(reader(tmp_path))
    with pytest.raises(BadInputError, match="lacks"):
        cfp.read(tmp_path, "FP")
