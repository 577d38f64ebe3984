"""PKU-Reid's sides judged with a reader whose answers are known."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lineament.dense.orientation import AZIMUTHS, Orientation
from lineament.errors import BadInputError
from lineament.evaluation.metrics import Figure
from lineament.evaluation.orientation import judge_orientation


class Knowing:
    """Reads the side from the colour of the picture, `off` radians beside it; sees nobody in black ones."""

    def __init__(self, off: float = 0.0) -> None:
        self.off = off

    def find(self, image: np.ndarray) -> list[np.ndarray]:
        return [image] if image[0, 0, 1] == 0 else []

    def at(self, image: np.ndarray, box: np.ndarray) -> np.ndarray | None:
        assert box.tolist() == [0, 0, 48, 128]
        return image if image.any() else None

    def orientation(self, image: np.ndarray, body: np.ndarray) -> Orientation:
        # the camera stands the other way round than the person is turned
        azimuth = -np.radians((int(image[0, 0, 0]) - 7) * 45.0) + self.off
        chance = np.zeros(len(AZIMUTHS))
        chance[np.abs(np.angle(np.exp(1j * (AZIMUTHS - azimuth)))).argmin()] = 1.0
        return Orientation(azimuth, 0.0, 0.0, 0.1, 0.1, chance)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for person in ("001", "002", "003"):
        place = tmp_path / "images" / person
        place.mkdir(parents=True)
        for side in range(1, 9):
            Image.new("RGB", (48, 128), (side, 0, 0)).save(place / f"01_{side}.png")
    return tmp_path


def values(judged: dict[str, object]) -> dict[str, float]:
    return {name: one.value for name, one in judged.items() if isinstance(one, Figure)}


def test_right_and_wrong_sides(folder: Path) -> None:
    right = values(judge_orientation(folder, Knowing()))  # type: ignore[arg-type]
    assert right["within_22.5_degrees"] == 1.0
    assert right["beyond_135_degrees"] == 0.0
    near = values(judge_orientation(folder, Knowing(np.radians(30))))  # type: ignore[arg-type]
    assert (near["within_22.5_degrees"], near["within_45_degrees"]) == (0.0, 1.0)
    opposite = values(judge_orientation(folder, Knowing(np.pi)))  # type: ignore[arg-type]
    assert opposite["beyond_135_degrees"] == 1.0
    assert opposite["within_95"] == 0.0


def test_who_is_not_found_is_looked_for_in_the_whole_picture(folder: Path) -> None:
    Image.new("RGB", (48, 128), (7, 1, 0)).save(folder / "images" / "001" / "01_7.png")
    Image.new("RGB", (48, 128), (0, 1, 0)).save(folder / "images" / "001" / "01_3.png")
    judged = values(judge_orientation(folder, Knowing()))  # type: ignore[arg-type]
    assert judged["person_found"] == pytest.approx(22 / 24)
    assert judged["within_22.5_degrees"] >= 22 / 24


def test_nobody_counts_as_the_largest_error(folder: Path) -> None:
    class Blind(Knowing):
        def find(self, image: np.ndarray) -> list[np.ndarray]:
            return []

        def at(self, image: np.ndarray, box: np.ndarray) -> None:
            return None

    judged = values(judge_orientation(folder, Blind()))  # type: ignore[arg-type]
    assert judged["beyond_135_degrees"] == 1.0
    assert judged["within_45_degrees"] == judged["person_found"] == 0.0


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError):
        judge_orientation(tmp_path, Knowing())  # type: ignore[arg-type]
