import numpy as np
import pytest
from PIL import Image

from lineament.assets import find
from lineament.cli.embed import embed
from lineament.errors import BadInputError


@pytest.fixture
def photographs(tmp_path):
    if any(find(name) is None for name in ("yunet", "sface", "astronaut")):
        pytest.skip("needs assets; run: lineament assets fetch yunet sface astronaut")
    broken, empty = tmp_path / "broken.jpg", tmp_path / "nobody.png"
    broken.write_bytes(b"no picture")
    Image.new("RGB", (200, 100), (90, 120, 90)).save(empty)
    return find("astronaut"), empty, broken


def test_every_photograph_keeps_its_row(photographs, tmp_path, capsys):
    embed(photographs, out=tmp_path / "e.npz", threads=1)
    result = np.load(tmp_path / "e.npz", allow_pickle=False)
    assert result["names"].tolist() == [str(photo) for photo in photographs]
    assert result["found"].tolist() == [True, False, False]
    assert result["embeddings"].shape == (3, 128)
    assert np.linalg.norm(result["embeddings"], axis=1) == pytest.approx([1, 0, 0], abs=1e-5)
    assert np.isnan(result["yaw"]).tolist() == [False, True, True]
    assert result["quality"][0] > 0.5 and not result["quality"][1:].any()
    said = capsys.readouterr().err
    assert "nobody.png': no face found" in said and "broken.jpg' is not a photograph" in said


def test_all_unreadable_is_an_error(photographs, tmp_path):
    with pytest.raises(BadInputError, match="none of the 1 photographs"):
        embed([photographs[2]], out=tmp_path / "e.npz", threads=1)
    assert not (tmp_path / "e.npz").exists()


def test_the_place_is_checked_first(tmp_path):
    for out in (tmp_path / "e.csv", tmp_path / "nowhere" / "e.npz"):
        with pytest.raises(BadInputError):
            embed([tmp_path / "a.jpg"], out=out)
    with pytest.raises(BadInputError, match="at least one"):
        embed([], out=tmp_path / "e.npz")
