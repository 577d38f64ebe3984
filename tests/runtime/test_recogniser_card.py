"""What a card refuses, in one line, and where it is looked for."""

import json
from pathlib import Path
from typing import Any

import pytest

from lineament.errors import BadInputError
from lineament.runtime.recogniser_card import SFACE, RecogniserCard


def written(path: Path, **values: Any) -> Path:
    path.write_text(json.dumps({"name": "mine"} | values))
    return path


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({"colors": "rgb"}, "colors: Extra inputs"),
        ({"colour_order": "grey"}, "colour_order: Input should be 'rgb' or 'bgr'"),
        ({"scale": 0}, "scale"),
        ({"scale": [1, 2]}, "scale"),
        ({"mean": float("nan")}, "mean"),
        ({"size": 2}, "size: .* greater than or equal to 16"),
        ({"border": "white"}, "border"),
        ({"looks": []}, "looks"),
        ({"looks": [[0]]}, "looks"),
        ({"name": ""}, "name"),
        ({"name": "a+b"}, "name"),
        ({"revision": "1 2"}, "revision"),
        ({"embedding_size": 1}, "embedding_size"),
    ],
)
def test_wrong_cards_are_refused_in_one_line(tmp_path: Path, values: dict[str, Any], wanted: str) -> None:
    path = written(tmp_path / "card.json", **values)
    with pytest.raises(BadInputError, match=f"card.json is no card of a recogniser: {wanted}") as found:
        RecogniserCard.load(path)
    assert "\n" not in str(found.value)


def test_what_is_no_json_is_said(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text("{")
    with pytest.raises(BadInputError, match="cannot be read as JSON"):
        RecogniserCard.load(tmp_path / "card.json")
    (tmp_path / "card.json").write_text("[]")
    with pytest.raises(BadInputError, match="no card of a recogniser: card:"):
        RecogniserCard.load(tmp_path / "card.json")


def test_a_card_comes_back_as_it_was_written(tmp_path: Path) -> None:
    card = SFACE.model_copy(
        update={"mean": (1.0, 2.0, 3.0), "looks": ((-4.0, False), (4.0, True)), "offset": (0.0, 3.0)}
    )
    card.save(tmp_path / "card.json")
    assert RecogniserCard.load(tmp_path / "card.json") == card


def test_the_card_beside_the_network_its_own_first(tmp_path: Path) -> None:
    model = tmp_path / "mine.onnx"
    with pytest.raises(BadInputError, match=r"mine.card.json is missing; write it, such as \{") as found:
        RecogniserCard.beside(model)
    example = str(found.value).partition("such as ")[2]
    assert RecogniserCard.model_validate(json.loads(example)).name == "mine"
    for name in ("card.json", "mine.json", "mine.card.json"):
        written(tmp_path / name, revision=name)
        assert RecogniserCard.beside(model).revision == name


def test_the_example_for_a_network_of_any_name_is_a_card(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="is missing; write it") as found:
        RecogniserCard.beside(tmp_path / "my net+1.onnx")
    example = str(found.value).partition("such as ")[2]
    assert RecogniserCard.model_validate(json.loads(example)).name == "my-net-1"
