"""What the recogniser says of each round of renders, kept in the gallery so that drawing can be resumed."""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from lineament.gallery.gallery import Gallery
from lineament.humans.body import BodyModel
from lineament.recognition.recogniser import Recogniser
from lineament.recognition.specialised import flat
from lineament.runtime.windows import cut, window_round
from lineament.training.interrupt import StopRequest
from lineament.training.specialise_bodies import Enrolled, bodies_of
from lineament.training.specialise_pictures import Picture, Rounds
from lineament.types import Float32, Int32, ProbePerson, Prototype

HELD_OUT: Final = 6
"""Every so many rounds one is never learned from."""
REVISION: Final = "specialise-1"
"""Raise it whenever what is drawn changes."""
BATCH: Final = 16
_DTYPES: Final = {"features": np.float16, "base": np.float32, "person": np.int32, "take": np.int32}


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """n pictures of one round. features: (n, F), not finite where nobody was found. person: (n,) of the
    gallery, -1 for a stranger. take: (n,). base: (n, K) scores of everybody without an adapter, not finite
    where they could not be compared; (n, 0) of rounds that are learned from.
    """

    features: Float32
    base: Float32
    person: Int32
    take: Int32

    def to_bytes(self, key: str) -> bytes:
        """As safetensors, features in half precision; `key` tells what it belongs to."""
        arrays = {name: np.ascontiguousarray(getattr(self, name), kind) for name, kind in _DTYPES.items()}
        return key.encode("ascii") + save(arrays)

    @classmethod
    def from_bytes(cls, payload: bytes, key: str) -> "Reading | None":
        """What `to_bytes` wrote; None where it belongs to something else."""
        if payload[: len(key)] != key.encode("ascii"):
            return None
        try:
            arrays = load(payload[len(key) :])
            return cls(**(arrays | {"features": arrays["features"].astype(np.float32)}))
        except (SafetensorError, TypeError, KeyError):
            return None


def held_out(number: int) -> bool:
    """Whether a round only judges."""
    return number % HELD_OUT == HELD_OUT - 1


def key_of(gallery: Gallery, recogniser: Recogniser, seed: int) -> str:
    """64 hexadecimal digits of everything that readings depend on."""
    people = [(record.subject, record.sha256) for record in gallery.records()]
    by = [recogniser.registrar.model, recogniser.calibration.stated, REVISION, HELD_OUT, seed]
    return hashlib.sha256(json.dumps([people, by]).encode()).hexdigest()


class Reader:
    """Draws and reads rounds, the first one that is asked for after the bodies are made."""

    def __init__(self, prototypes: Sequence[Prototype], recogniser: Recogniser, seed: int) -> None:
        self._prototypes, self._recogniser, self._seed = prototypes, recogniser, seed
        self._rounds: Rounds | None = None

    def read(self, number: int) -> Reading:
        """Round `number`: one to learn from read in its crops, one held out as the recogniser reads a
        photograph.
        """
        if self._rounds is None:
            model = BodyModel.load()
            bodies = bodies_of(self._prototypes, model)
            self._rounds = Rounds(Enrolled(bodies, model, self._seed), self._seed)
        pictures = list(self._rounds.draw(number, strangers=held_out(number)))
        features, base = (self._judged if held_out(number) else self._crops)(pictures)
        return Reading(
            features,
            base,
            np.array([one.person for one in pictures], np.int32),
            np.array([one.take for one in pictures], np.int32),
        )

    def _crops(self, pictures: Sequence[Picture]) -> tuple[Float32, Float32]:
        found = []
        for start in range(0, len(pictures), BATCH):
            crops = [cut(one.image, window_round(one.box)) for one in pictures[start : start + BATCH]]
            found += [flat(one) for one in self._recogniser.registrar.summaries(np.stack(crops))]
        return np.stack(found), np.zeros((len(pictures), 0), np.float32)

    def _judged(self, pictures: Sequence[Picture]) -> tuple[Float32, Float32]:
        base = np.full((len(pictures), len(self._prototypes)), np.nan, np.float32)
        # Nobody may be found in a picture, but its crop tells how many features there are.
        features = np.full_like(self._crops(pictures[:1])[0], np.nan).repeat(len(pictures), axis=0)
        for place, one in enumerate(pictures):
            body = self._recogniser.registrar.register(one.image, one.box)
            if body is None or body.summary is None:
                continue
            features[place] = flat(body.summary)
            scores = self._recogniser.scores(ProbePerson(body.box, body, None), self._prototypes)
            base[place] = [scores.get(other.subject, np.nan) for other in self._prototypes]
        return features, base


def read_rounds(
    gallery: Gallery, reader: Reader, key: str, seconds: float, say: Callable[[str], None]
) -> list[Reading]:
    """Rounds that an interrupted call kept in the gallery, and as many more as `seconds` allow.

    Ctrl-C ends it after the round that is being drawn, which is kept; then KeyboardInterrupt is raised.
    """
    begun, drawn, spent = time.monotonic(), 0, 0.0
    found: list[Reading] = []
    with StopRequest() as stop:
        while not stop.requested:
            payload = gallery.derived(_name(len(found)))
            reading = None if payload is None else Reading.from_bytes(payload, key)
            if reading is None:
                started = time.monotonic()
                if started - begun + spent / max(1, drawn) > seconds:
                    return found
                reading = reader.read(len(found))
                gallery.set_derived(_name(len(found)), reading.to_bytes(key))
                drawn, spent = drawn + 1, spent + time.monotonic() - started
                say(f"round {len(found) + 1}, {time.monotonic() - begun:.0f} of {seconds:.0f} s")
            found.append(reading)
    say(f"{len(found)} rounds are kept in the gallery: the same command goes on from there")
    raise KeyboardInterrupt


def drop_rounds(gallery: Gallery) -> None:
    """Take the readings out of the gallery."""
    number = 0
    while gallery.derived(_name(number)) is not None:
        gallery.set_derived(_name(number), None)
        number += 1


def _name(number: int) -> str:
    return f"round-{number:04d}"
