"""Dense registration: every pixel of every person in a photograph placed on the template, by ONNX Runtime."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from lineament.anatomy import BACKGROUND, MIRROR
from lineament.errors import BadInputError
from lineament.runtime.finding import (
    PERSON_LEVEL,
    Candidate,
    candidates_of_level,
    components,
    distinct,
    overlap,
    person_mask,
)
from lineament.runtime.photograph_maps import PhotographMaps, painted
from lineament.runtime.session import open_session
from lineament.runtime.upright import LEAST_GAIN, LEAST_LEAN, QUARTERS, best_turn, confidence, leaning
from lineament.runtime.windows import (
    CROP_HEIGHT,
    CROP_WIDTH,
    Window,
    cut,
    cut_off,
    grown_maps,
    window_round,
    window_turned,
)
from lineament.types import BodySummary, Bool, DenseRegistration, Float32, UInt8

MODEL_FOLDER = Path(__file__).parent.parent / "weights" / "registration"
LEVELS = (192, 352, 640)
LAST_LEVEL = 1120
"""Longer sides at which people are looked for; the last one only when nobody was found."""
SMALLEST_PHOTOGRAPH = 16
SMALLEST_SHARE, BELIEVED_PROBABILITY = 0.04, 0.65
"""Share of the crop and mean probability; finds below them are mostly wrong in synthetic scenes of several
people.
"""
NO_DOUBT = 0.65
"""Confidence in a person as they stand from which the crop is not turned by quarters to try: of synthetic
people above it 1 in 70 is held to lie or to hang, and three looks of eight are saved.
"""
DIRECTION_SIZES = (1.0, 0.88, 1.15)
"""Of the windows, in sizes of the person's own, whose directions are averaged."""
MOST_WIDENINGS, LEAST_WIDENING = 2, 1.05
Look = tuple[Float32, Float32]
"""Class probabilities (h, w, 15) and places (h, w, 3) at the network's own cells."""
PLAIN = ("parts", "canonical", "features")
WHOLE = ("carried", "pooled", "overall")
"""Outputs of the network; the second line only of models from registration-2 on."""
_MIRROR = np.array(MIRROR)


@dataclass(frozen=True, slots=True, eq=False)
class CropMaps:
    """What the image branch says of one crop at crop resolution.

    classes: (h, w, 15) probabilities. canonical: (h, w, 3) metres. features: (h, w, D) unit length. carried:
    (h, w) probability of a thing that somebody carries, zero where the model does not tell. summary: of the
    whole crop.
    """

    classes: Float32
    canonical: Float32
    features: Float32
    carried: Float32
    summary: BodySummary | None


class Outputs(NamedTuple):
    """The network's own: logits (B, 15, h, w), canonical (B, 3, h, w) metres, features (B, D, h, w). Of newer
    models carried (B, h, w) logits, and tokens (B, 15, T) and overall (B, C) of the whole.
    """

    logits: Float32
    canonical: Float32
    features: Float32
    carried: Float32 | None = None
    tokens: Float32 | None = None
    overall: Float32 | None = None

    def summary(self, crop: int) -> BodySummary | None:
        """Of one crop of the batch."""
        if self.tokens is None or self.overall is None:
            return None
        return BodySummary(self.tokens[crop], self.overall[crop])


class Registrar:
    """The released registration networks. Load once, ask many times; safe to share between threads."""

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        self._folder = folder
        self._threads = threads
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            self.model: str = config["revision"]
            self.template: str = config["template"]
            self.temperature: float = float(config["temperature"])
            self._log_weights: Float32 = np.log(np.array(config["class_weights"], dtype=np.float32))
            self.background_feature: Float32 = np.array(config["background_feature"], dtype=np.float32)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadInputError(
                f"{folder} holds no registration model; name a folder with config.json"
            ) from error
        self._image = open_session(folder / "image.onnx", threads)
        told = {output.name for output in self._image.get_outputs()}
        self._outputs = [*PLAIN, *(WHOLE if told.issuperset(WHOLE) else ())]

    @classmethod
    def load(cls, folder: Path | None = None, threads: int | None = None) -> "Registrar":
        """Open the model in `folder`, the released one when None.

        Raises BadInputError when the folder holds none.
        """
        return cls(folder or MODEL_FOLDER, threads)

    @cached_property
    def _points(self):  # type: ignore[no-untyped-def]  # the runtime's session is untyped
        return open_session(self._folder / "points.onnx", self._threads)

    def prototype_features(
        self, points: Float32, normals: Float32, colours: UInt8 | None, measured: Bool
    ) -> Float32:
        """Embeddings (N, D) of unit length of a person's sites, to compare with pixel features by cosine.

        points, normals: (N, 3) rest pose metres. colours: (N, 3) sRGB 0..255 or None. measured: (N,).
        """
        shade = np.zeros_like(points) if colours is None else colours.astype(np.float32) / 255.0
        values = {
            "points": points,
            "normals": normals,
            "colours": shade,
            "has_colour": np.array(0.0 if colours is None else 1.0),
            "measured": measured,
        }
        feeds = {name: np.asarray(value, dtype=np.float32)[None] for name, value in values.items()}
        return np.asarray(self._points.run(None, feeds)[0][0], dtype=np.float32)

    def people(self, image: UInt8, hints: Sequence[Float32] = ()) -> list[DenseRegistration]:
        """Everybody found in the photograph (H, W, 3) uint8 sRGB, largest first; empty when nobody is.

        hints: boxes x0, y0, x1, y1 where a body is expected, such as below a face that was found.
        """
        if min(image.shape[:2]) < SMALLEST_PHOTOGRAPH:
            return []
        found = distinct(self._candidates(image, LEVELS))
        expected = [Candidate(_as_box(hint), 0.0) for hint in hints]
        expected = [one for one in expected if all(overlap(one.box, other.box) < 0.3 for other in found)]
        if not found and not expected:
            found = distinct(self._candidates(image, (LAST_LEVEL,)))
        registered = [self.register(image, one.box) for one in (*found, *expected)]
        return _without_doubles(one for one in registered if one is not None and _believable(one))

    def register(self, image: UInt8, box: Iterable[float]) -> DenseRegistration | None:
        """The person in and round `box`, or None when the network sees nobody there.

        The box is refined from the first look and the crop is turned so that the person stands upright in it;
        pixels of neighbours count as background.
        """
        window = window_round(_as_box(box))
        logits, canonical, *_ = self._run(cut(image, window)[None])
        mask = person_mask(_classes(logits[0], CROP_HEIGHT, CROP_WIDTH))
        if mask is None:
            return None
        glance = _classes(logits[0], *logits.shape[2:]), np.moveaxis(canonical[0], 0, -1)
        window = self.upright_window(image, window, mask, glance)
        window, maps, mask = self._whole(image, window)
        if mask is None:
            return None
        probability = (1.0 - maps.classes[..., BACKGROUND]) * _soft(mask)
        best = 1 + maps.classes[..., 1:].argmax(axis=-1)
        shown = probability >= PERSON_LEVEL
        return DenseRegistration(
            box=np.array(window.box_of(shown.astype(np.uint8)), dtype=np.float32),
            parts=np.where(shown, best, BACKGROUND).astype(np.uint8),
            probability=probability.astype(np.float32),
            part_probability=np.take_along_axis(maps.classes, best[..., None], axis=-1)[..., 0],
            canonical=maps.canonical,
            features=maps.features,
            to_photo=window.to_photo,
            model=self.model,
            carried=_in_hand(maps.carried, shown),
            summary=maps.summary,
        )

    def upright_window(self, image: UInt8, window: Window, mask: Bool, glance: Look) -> Window:
        """The window round the cells of `mask` in which the person stands upright: of four quarter turns the
        one that the network is surest of, turned further by how the person leans in it.

        glance: at the window as it is; the quarter turns are looked at only where it leaves doubt.
        """
        cells = mask.astype(np.uint8)
        doubtful = confidence(glance[0]) < NO_DOUBT
        if not doubtful and abs(leaning(*glance)) < LEAST_LEAN:
            return window_turned(window, cells, 0.0)
        windows = [window_turned(window, cells, turn) for turn in (QUARTERS if doubtful else QUARTERS[:1])]
        looks = self._looks(image, windows)
        sure = [confidence(classes) for classes, _ in looks]
        best = best_turn(sure)
        lean = leaning(*looks[best])
        if abs(lean) < LEAST_LEAN:
            return windows[best]
        leant = window_turned(window, cells, windows[best].turn + lean)
        surer = confidence(self._looks(image, [leant])[0][0])
        return leant if surer >= sure[best] + LEAST_GAIN / 2 else windows[best]

    def _looks(self, image: UInt8, windows: Sequence[Window]) -> list[Look]:
        """At each window."""
        logits, canonical, *_ = self._run(np.stack([cut(image, window) for window in windows]))
        return [
            (_classes(one, *one.shape[1:]), np.moveaxis(place, 0, -1))
            for one, place in zip(logits, canonical, strict=True)
        ]

    def camera_direction(self, image: UInt8, body: DenseRegistration) -> Float32 | None:
        """(3,) the direction of the camera from a registered person, in the template's frame; None where the
        model does not tell. Its length, at most about 1, says how sure the network is.
        """
        if "direction" not in {output.name for output in self._image.get_outputs()}:
            return None
        window = Window.from_matrix(body.to_photo, CROP_WIDTH, CROP_HEIGHT)
        crops = np.stack([cut(image, window.scaled(size)) for size in DIRECTION_SIZES])
        batch = np.concatenate([crops, crops[:, :, ::-1]]).transpose(0, 3, 1, 2)
        feeds = {"image": np.ascontiguousarray(batch, dtype=np.float32)}
        plain, mirrored = np.split(self._image.run(["direction"], feeds)[0], 2)
        return np.asarray(0.5 * (plain + mirrored * (-1, 1, 1)).mean(axis=0), dtype=np.float32)

    def full_resolution(self, image: UInt8, people: Sequence[DenseRegistration]) -> PhotographMaps:
        """The registrations of `people` as maps of the photograph's size; the likeliest wins a pixel."""
        return painted(image, people)

    def _run(self, pictures: UInt8) -> Outputs:
        """The network on (B, H, W, 3)."""
        batch = np.ascontiguousarray(pictures.transpose(0, 3, 1, 2), dtype=np.float32)
        logits, canonical, features, *more = self._image.run(self._outputs, {"image": batch})
        # Training weighed small parts more; taking the weights out again leaves probabilities.
        logits = logits - self._log_weights[:, None, None]
        if not more:
            return Outputs(logits, canonical, features)
        carried, *whole = more
        return Outputs(logits, canonical, features, carried[:, 0], *whole)

    def averaged(self, image: UInt8, window: Window) -> CropMaps:
        """What the network says of a window, its mirrored copy considered too.

        Places are averaged by how much each copy believes in the part agreed on, so that a swapped side does
        not pull them to the middle. Features of the copy belong to a mirrored person and are left out.
        """
        crop = cut(image, window)
        said = self._run(np.stack([crop, crop[:, ::-1]]))
        logits, canonical, features, carried = said[:4]
        plain, other = (_softmax(_grown(one)) for one in logits)
        place, mirrored = (_grown(one) for one in canonical)
        other = other[_MIRROR][..., ::-1]
        mirrored = mirrored[..., ::-1] * np.array([-1, 1, 1], np.float32)[:, None, None]
        mean = 0.5 * (plain + other)
        best = 1 + mean[1:].argmax(axis=0)[None]
        trust = np.stack([np.take_along_axis(one, best, axis=0) for one in (plain, other)])
        trust = trust / np.maximum(trust.sum(axis=0), 1e-6)
        large = _grown(features[0])
        large /= np.maximum(np.sqrt(np.einsum("chw,chw->hw", large, large)), 1e-6)
        held = np.zeros((1, *logits.shape[2:]), np.float32)
        if carried is not None:
            held = 0.5 * (_sigmoid(carried[:1]) + _sigmoid(carried[1:, :, ::-1]))
        places = trust[0] * place + trust[1] * mirrored
        classes, places, large = (np.moveaxis(one, 0, -1) for one in (mean, places, large))
        return CropMaps(classes, places, large, _grown(held)[0], said.summary(0))

    def _whole(self, image: UInt8, window: Window) -> tuple[Window, CropMaps, Bool | None]:
        """What is seen at `window`, or at a wider one where its border cuts the person off: the first look
        may have missed a limb.
        """
        maps = self.averaged(image, window)
        mask = person_mask(maps.classes)
        for _ in range(MOST_WIDENINGS):
            if mask is None or not cut_off(mask, window, image.shape[:2]):
                break
            wider = window_turned(window, mask.astype(np.uint8), window.turn)
            if wider.x1 - wider.x0 < LEAST_WIDENING * (window.x1 - window.x0):
                break
            seen = self.averaged(image, wider)
            shown = person_mask(seen.classes)
            if shown is None:
                break
            window, maps, mask = wider, seen, shown
        return window, maps, mask

    def summaries(self, pictures: UInt8) -> list[BodySummary]:
        """Of each crop (B, CROP_HEIGHT, CROP_WIDTH, 3). Raises BadInputError when the model has none."""
        said = self._run(pictures)
        found = [said.summary(crop) for crop in range(len(pictures))]
        kept = [one for one in found if one is not None]
        if len(kept) < len(found):
            raise BadInputError(f"{self.model} tells nothing of the whole person; name a newer model")
        return kept

    def _candidates(self, image: UInt8, levels: Iterable[int]) -> list[Candidate]:
        """People seen at the given sizes of the whole photograph."""
        height, width = image.shape[:2]
        found: list[Candidate] = []
        for index, level in enumerate(levels):
            scale = max(height, width) / level
            if scale < 1 and index > 0:
                break
            columns, rows = (max(32, 32 * int(np.ceil(n / scale / 32))) for n in (width, height))
            window = Window(0.0, 0.0, columns * scale, rows * scale, columns, rows)
            logits = self._run(cut(image, window)[None])[0][0]
            classes = _classes(logits, *logits.shape[1:])
            parts = (1 + classes[..., 1:].argmax(axis=-1)).astype(np.uint8)
            found += candidates_of_level(1.0 - classes[..., BACKGROUND], parts, 4 * scale)
        return found


def _soft(mask: Bool) -> Float32:
    """The mask grown by a few pixels, so that the outline keeps its own probability."""
    return np.asarray(cv2.dilate(mask.astype(np.float32), np.ones((5, 5), np.uint8)), dtype=np.float32)


def _in_hand(carried: Float32, shown: Bool) -> Float32:
    """`carried` where a thing hangs together with the person's pixels, else zero."""
    things, count = components(((carried >= PERSON_LEVEL) & ~shown).astype(np.uint8))
    near = cv2.dilate(shown.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    theirs = np.isin(things, np.setdiff1d(np.unique(things[near]), 0)) if count > 1 else np.zeros_like(shown)
    return np.where(theirs, carried, 0.0).astype(np.float32)


def _sigmoid(logits: Float32) -> Float32:
    return np.asarray(1.0 / (1.0 + np.exp(-logits)), dtype=np.float32)


def _believable(person: DenseRegistration) -> bool:
    """Whether the crop shows a person rather than something that resembles one in places."""
    shown = person.parts != BACKGROUND
    return bool(shown.mean() >= SMALLEST_SHARE and person.probability[shown].mean() >= BELIEVED_PROBABILITY)


def _without_doubles(people: Iterable[DenseRegistration]) -> list[DenseRegistration]:
    """Largest first, without second finds of the same person."""

    def area(one: DenseRegistration) -> float:
        return float((one.box[2] - one.box[0]) * (one.box[3] - one.box[1]))

    kept: list[DenseRegistration] = []
    for one in sorted(people, key=area, reverse=True):
        if all(overlap(_as_box(one.box), _as_box(other.box)) < 0.5 for other in kept):
            kept.append(one)
    return kept


def _as_box(values: Iterable[float]) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (float(value) for value in values)
    return x0, y0, x1, y1


def _softmax(logits: Float32) -> Float32:
    """Over the first axis: ten times as fast as over a short last one."""
    powers = np.exp(logits - logits.max(axis=0))
    return np.asarray(powers / powers.sum(axis=0), dtype=np.float32)


def _classes(logits: Float32, height: int, width: int) -> Float32:
    """Probabilities (height, width, C) of logits (C, h, w)."""
    grown = logits if logits.shape[1:] == (height, width) else grown_maps(logits, height, width)
    return np.moveaxis(_softmax(grown), 0, -1)


def _grown(maps: Float32) -> Float32:
    return grown_maps(maps, CROP_HEIGHT, CROP_WIDTH)
