"""Renders read as the product reads photographs, plain and made worse: what face quality is fitted on."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from lineament.assets import require
from lineament.runtime.aligner import Aligner, views
from lineament.runtime.embedder import FaceEmbedder
from lineament.runtime.face_quality import FaceMeasures, measure
from lineament.runtime.faces import LOOKS, TURNED_LOOKS, looks_at
from lineament.runtime.recogniser_card import SFACE, RecogniserCard
from lineament.synth.seeds import generator
from lineament.training.quality_pictures import QualityPictures
from lineament.types import Bool, Float32, Float64, Int32, UInt8
from lineament.writing import replacing

ALL_LOOKS: Final = tuple((shift, mirrored) for shift in (0.0, -4.0, 4.0) for mirrored in (False, True))
"""Shift, pixels of the crop, and mirroring of the crops that are read; those of the product among them."""
PRODUCT: Final = sorted({ALL_LOOKS.index(look) for look in (*LOOKS, *TURNED_LOOKS)})
WAYS: Final = ("small", "blurred", "dark", "bright", "one side", "covered", "noisy", "flat")
SAVE_EVERY: Final = 50
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class FaceReadings:
    """Faces that were found, one row each.

    measures: (n,). crops: (n, 6, D) embeddings of ALL_LOOKS, NaN where they were not made. people: (n,) who
    is shown. yaws: (n,) true, radians. clear: (n,) the render is a good picture, as it is. plain: (n,) it was
    not made worse.
    """

    measures: tuple[FaceMeasures, ...]
    crops: Float32
    people: Int32
    yaws: Float32
    clear: Bool
    plain: Bool

    @property
    def embeddings(self) -> Float32:
        """(n, D) unit rows as the product makes them."""
        yaws = [one.yaw for one in self.measures]
        used = [[ALL_LOOKS.index(look) for look in looks_at(yaw)] for yaw in yaws]
        return np.concatenate([averaged(self.crops[[row]], looks) for row, looks in enumerate(used)])


def averaged(crops: Float32, used: Sequence[int]) -> Float32:
    """The unit mean (n, D) of the embeddings of some of the crops (n, 6, D)."""
    total = crops[:, used].sum(axis=1)
    return np.asarray(total / np.linalg.norm(total, axis=1, keepdims=True), dtype=np.float32)


def worsened(image: UInt8, rng: np.random.Generator) -> UInt8:
    """A picture made worse in one or two of the WAYS."""
    out = image.astype(np.float32)
    for way in rng.choice(WAYS, size=int(rng.integers(1, 3)), replace=False):
        out = _worse(out, str(way), rng)
    return np.clip(np.round(out), 0, 255).astype(np.uint8)


def _worse(out: Float32, way: str, rng: np.random.Generator) -> Float32:
    height, width = out.shape[:2]
    if way == "small":
        share = float(np.exp(rng.uniform(np.log(0.08), np.log(0.6))))
        size = (max(12, round(width * share)), max(12, round(height * share)))
        return np.asarray(cv2.resize(out, size, interpolation=cv2.INTER_AREA), np.float32)
    if way == "blurred":
        return np.asarray(cv2.GaussianBlur(out, (0, 0), width * float(rng.uniform(0.006, 0.035))), np.float32)
    if way == "dark":
        return np.asarray(np.round(out * float(np.exp(rng.uniform(np.log(0.06), np.log(0.5))))), np.float32)
    if way == "bright":
        return np.asarray(np.clip(out * float(rng.uniform(1.6, 4.0)), 0, 255), np.float32)
    if way == "flat":
        return np.asarray(128 + (out - 128) * float(rng.uniform(0.1, 0.5)), np.float32)
    if way == "one side":
        ramp = np.linspace(0, 1, width)[None, :, None]
        ramp = ramp if rng.random() < 0.5 else 1 - ramp
        return np.asarray(out * (1 - rng.uniform(0.5, 1.0) * ramp**0.7), np.float32)
    if way == "noisy":
        return np.asarray(out + rng.normal(0, rng.uniform(8, 30), out.shape), np.float32)
    side, share = int(rng.integers(4)), float(rng.uniform(0.25, 0.6))
    covered = out.copy()
    rows = (slice(None), slice(None), slice(int(height * share)), slice(int(height * (1 - share)), None))
    columns = (slice(int(width * share)), slice(int(width * (1 - share)), None), slice(None), slice(None))
    covered[rows[side], columns[side]] = rng.uniform(0, 255, 3)
    return covered


def face_readings(pictures: QualityPictures, seed: int, aligner: Aligner, say: Say) -> FaceReadings:
    """Read every picture as it is, and every other one made worse too; kept beside the pictures, so that an
    interrupted call goes on. About 0.15 s of one core each.
    """
    embedder = FaceEmbedder.load(require("sface"), SFACE, threads=1)
    cards = {plain: _card(range(len(ALL_LOOKS)) if plain else PRODUCT) for plain in (True, False)}
    path = (
        Path(str(pictures.images.filename)).parent
        / f"readings-{embedder.identity}+{aligner.revision}-{len(PRODUCT)}.npz"
    )
    rows, crops = _held(path)
    start = rows[-1]["index"] + 1 if rows else 0
    for index in range(start, len(pictures)):
        for plain in (True, False) if index % 2 == 0 else (True,):
            image = np.array(pictures.images[index])
            if not plain:
                image = worsened(image, generator(seed, "worse", index))
            row: dict[str, object] = {"index": index, "plain": plain, "measures": None}
            vectors = np.full((len(ALL_LOOKS), embedder.size), np.nan, np.float32)
            if (face := aligner.best(image)) is not None and face.detection is not None:
                told = {"yaw": face.yaw, "spread": face.spread, "score": face.detection.score}
                row["measures"] = asdict(measure(face.crop, face.matrix, image.shape, **told))
                looks = [ALL_LOOKS.index(look) for look in cards[plain].looks]
                vectors[looks] = embedder.embed(views(image, face.matrix, cards[plain]))
            rows.append(row)
            crops.append(vectors)
        if (index + 1) % SAVE_EVERY == 0 or index + 1 == len(pictures):
            _keep(path, rows, crops)
            say(f"read {index + 1} of {len(pictures)}")
    return _readings(pictures, rows, crops)


def _card(looks: Sequence[int]) -> RecogniserCard:
    return SFACE.model_copy(update={"looks": tuple(ALL_LOOKS[look] for look in looks)})


def _readings(pictures: QualityPictures, rows: list[dict], crops: list[Float32]) -> FaceReadings:
    found = [place for place, row in enumerate(rows) if row["measures"] is not None]
    index = np.array([rows[place]["index"] for place in found])
    return FaceReadings(
        measures=tuple(FaceMeasures(**rows[place]["measures"]) for place in found),
        crops=np.stack([crops[place] for place in found]),
        people=pictures.people[index],
        yaws=pictures.yaws[index],
        clear=pictures.clear[index],
        plain=np.array([rows[place]["plain"] for place in found]),
    )


def _held(path: Path) -> tuple[list[dict], list[Float32]]:
    if not path.is_file():
        return [], []
    with np.load(path, allow_pickle=False) as held:
        return json.loads(str(held["rows"])), list(held["crops"])


def _keep(path: Path, rows: list[dict], crops: list[Float32]) -> None:
    with replacing(path) as partial:
        np.savez(partial, rows=np.array(json.dumps(rows)), crops=np.stack(crops))


def features_of(readings: FaceReadings) -> Float64:
    """(n, F) as `FaceMeasures.features` tells them."""
    return np.stack([one.features for one in readings.measures])
