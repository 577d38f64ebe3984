import json

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
    assert result["reasons"].tolist()[1:] == ["", ""] and str(result["model"]).startswith("sface-2021dec+")
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


def test_poor_pictures_are_told_with_their_reasons(photographs, tmp_path, capsys):
    picture = Image.open(photographs[0]).convert("RGB")
    picture.resize((44, 44), Image.Resampling.BOX).resize((512, 512)).save(tmp_path / "poor.png")
    embed([tmp_path / "poor.png"], out=tmp_path / "e.npz", threads=1)
    result = np.load(tmp_path / "e.npz", allow_pickle=False)
    assert result["found"][0] and result["quality"][0] < 0.5 and "blurred" in str(result["reasons"][0])
    told = f"poor.png': quality {result['quality'][0]:.2f}: {result['reasons'][0]}"
    assert told in capsys.readouterr().err


def test_any_recogniser_with_its_card(photographs, tmp_path):
    networks = pytest.importorskip("networks_of_cards")
    model = networks.mean_network(tmp_path / "mine.onnx")
    (tmp_path / "other.json").write_text(json.dumps({"name": "means", "revision": "7", "size": 32}))
    embed(photographs, out=tmp_path / "e.npz", recogniser=model, card=tmp_path / "other.json", threads=1)
    result = np.load(tmp_path / "e.npz", allow_pickle=False)
    assert result["embeddings"].shape == (3, 3) and result["found"].tolist() == [True, False, False]
    assert str(result["model"]).startswith("means-7+face-alignment-")
    assert np.linalg.norm(result["embeddings"][0]) == pytest.approx(1, abs=1e-5)


def test_a_recogniser_needs_its_card_and_a_card_its_recogniser(tmp_path):
    (tmp_path / "mine.onnx").write_bytes(b"")
    with pytest.raises(BadInputError, match=r"mine\.card\.json is missing"):
        embed([tmp_path / "a.jpg"], out=tmp_path / "e.npz", recogniser=tmp_path / "mine.onnx")
    with pytest.raises(BadInputError, match="name that with --recogniser"):
        embed([tmp_path / "a.jpg"], out=tmp_path / "e.npz", card=tmp_path / "card.json")
