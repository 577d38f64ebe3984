"""Recognisers by their cards, checked against what the networks take and give."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lineament.assets import find
from lineament.errors import BadInputError
from lineament.runtime.embedder import FaceEmbedder
from lineament.runtime.recogniser_card import SFACE, RecogniserCard

networks = pytest.importorskip("networks_of_cards")
RNG = np.random.default_rng(4)
CROPS = RNG.integers(0, 256, (5, 32, 32, 3)).astype(np.uint8)


def card(**values: Any) -> RecogniserCard:
    return RecogniserCard(**{"name": "mine", "revision": "1", "size": 32} | values)


@pytest.mark.parametrize("layout", [{}, {"last": True}, {"batch": 1}, {"size": None}])
@pytest.mark.parametrize("order", ["rgb", "bgr"])
def test_pixels_arrive_as_the_card_says(tmp_path: Path, layout: dict[str, Any], order: str) -> None:
    model = networks.mean_network(tmp_path / "n.onnx", **layout)
    asked = card(colour_order=order, mean=(10.0, 20.0, 30.0), scale=(0.5, 1.0, 2.0))
    means = CROPS.reshape(5, -1, 3).mean(axis=1)[:, :: 1 if order == "rgb" else -1]
    expected = (means - (10, 20, 30)) * (0.5, 1, 2)
    found = FaceEmbedder.load(model, asked).embed(CROPS)
    assert np.allclose(found, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-5)


def test_one_face_of_several_crops_is_the_mean_of_unit_vectors(tmp_path: Path) -> None:
    embedder = FaceEmbedder.load(networks.mean_network(tmp_path / "n.onnx"), card())
    mean = embedder.embed(CROPS).mean(axis=0)
    assert np.allclose(embedder.embed_as_one(CROPS), mean / np.linalg.norm(mean), atol=1e-6)


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({"size": 48}, "correct the card's size"),
        ({"embedding_size": 512}, "answers with 3 numbers, its card says 512"),
        ({"input": "data"}, "mine has no input 'data' but faces"),
        ({"output": "fc1"}, "mine has no output 'fc1' but vector, other"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(tmp_path: Path, values: dict[str, Any], wanted: str) -> None:
    model = networks.mean_network(tmp_path / "n.onnx")
    with pytest.raises(BadInputError, match=wanted):
        FaceEmbedder.load(model, card(**values))


@pytest.mark.parametrize("place", ["nowhere.onnx", "."])
def test_a_network_that_is_missing_is_named_itself(tmp_path: Path, place: str) -> None:
    with pytest.raises(BadInputError, match="is no file; name the recogniser's network"):
        FaceEmbedder.load(tmp_path / place)
    with pytest.raises(BadInputError, match="is no file"):
        FaceEmbedder.load(Path())


def test_a_vector_of_nothing_is_refused(tmp_path: Path) -> None:
    embedder = FaceEmbedder.load(networks.mean_network(tmp_path / "n.onnx"), card(mean=0.0))
    with pytest.raises(BadInputError, match="zero or not finite"):
        embedder.embed(np.zeros_like(CROPS))


def test_the_output_that_is_named_is_taken_and_weights_have_a_name(tmp_path: Path) -> None:
    model = networks.mean_network(tmp_path / "n.onnx")
    one, other = FaceEmbedder.load(model, card()), FaceEmbedder.load(model, card(output="other"))
    assert np.allclose(one.embed(CROPS), -other.embed(CROPS))
    assert one.identity == "mine-1"
    unnamed = FaceEmbedder.load(model, card(revision="")).identity
    assert unnamed.startswith("mine-") and len(unnamed) == len("mine-") + 8


@pytest.mark.skipif(find("sface") is None, reason="the asset sface is not here")
def test_sface_is_a_card_like_any_other() -> None:
    path = find("sface")
    assert path is not None
    embedder = FaceEmbedder.load(path, SFACE, threads=1)
    crops = RNG.integers(0, 256, (2, 112, 112, 3)).astype(np.uint8)
    assert embedder.identity == "sface-2021dec" and embedder.size == 128
    batch = crops[:1].transpose(0, 3, 1, 2).astype(np.float32)
    raw = embedder._session.run(None, {"data": batch})[0][0]
    assert np.allclose(embedder.embed(crops)[0], raw / np.linalg.norm(raw), atol=1e-6)
