"""Any recogniser that embeds an aligned face (ArcFace, AdaFace, EdgeFace, SFace and others) as ONNX, by its
card.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime

from lineament.errors import BadInputError
from lineament.runtime.recogniser_card import RecogniserCard
from lineament.runtime.session import open_session
from lineament.types import Float32, UInt8

_COLOURS: Final = 3
_KINDS: Final = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


class FaceEmbedder:
    """A network with its card, loaded once: aligned crops in, embeddings of unit length out.

    identity: of the weights, as embeddings carry it: NAME-REVISION, the file's checksum for a card without
    a revision. size: of an embedding.
    """

    def __init__(self, session: onnxruntime.InferenceSession, card: RecogniserCard, checksum: str) -> None:
        self._session, self.card = session, card
        self.identity = f"{card.name}-{card.revision or checksum}"
        taken = _chosen(session.get_inputs(), card.input, card.name, "input")
        self._input = str(taken.name)
        self._last, self._single = _layout(taken, card)
        self._kind = _KINDS[taken.type]
        self._output = str(_chosen(session.get_outputs(), card.output, card.name, "output").name)
        self.size = len(self._answer(np.zeros((1, card.size, card.size, 3), np.uint8))[0])
        if card.embedding_size not in (None, self.size):
            raise BadInputError(
                f"{card.name} answers with {self.size} numbers, its card says {card.embedding_size}; "
                "correct the card"
            )

    @classmethod
    def load(
        cls, model: Path, card: RecogniserCard | None = None, threads: int | None = None
    ) -> "FaceEmbedder":
        """Open `model`; its card is looked for beside it where none is given. Raises BadInputError, one line,
        where they do not belong together.
        """
        if not model.is_file():
            raise BadInputError(f"{model} is no file; name the recogniser's network (.onnx)")
        chosen = card or RecogniserCard.beside(model)
        session = open_session(model, threads)
        digest = "" if chosen.revision else hashlib.sha256(model.read_bytes()).hexdigest()[:8]
        return cls(session, chosen, digest)

    def embed(self, crops: UInt8) -> Float32:
        """Embeddings (B, D), unit rows, of aligned crops (B, S, S, 3) sRGB."""
        step = 1 if self._single else max(len(crops), 1)
        batches = [crops[start : start + step] for start in range(0, len(crops), step)]
        return np.concatenate([unit(self._answer(batch), self.card.name) for batch in batches])

    def embed_as_one(self, crops: UInt8) -> Float32:
        """The embedding (D,) of one face from several crops (B, S, S, 3) of it: the mean of unit vectors."""
        return unit(self.embed(crops).mean(axis=0), self.card.name)

    def _answer(self, crops: UInt8) -> Float32:
        card = self.card
        ordered = crops if card.colour_order == "rgb" else crops[..., ::-1]
        mean, scale = np.asarray(card.mean, np.float32), np.asarray(card.scale, np.float32)
        values = (ordered.astype(np.float32) - mean) * scale
        batch = np.ascontiguousarray(values if self._last else values.transpose(0, 3, 1, 2), dtype=self._kind)
        try:
            found = self._session.run([self._output], {self._input: batch})[0]
        except Exception as error:  # the runtime's own exceptions share no public base class
            why = str(error).strip().splitlines()[0]
            raise BadInputError(
                f"{card.name} does not take {batch.shape} numbers ({why}); correct its card"
            ) from error
        return np.asarray(found, dtype=np.float32).reshape(len(crops), -1)


def unit(vectors: Float32, name: str) -> Float32:
    """Vectors (..., D) brought to unit length; raises BadInputError for one that is zero or not finite."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    if not np.isfinite(length).all() or not length.all():
        raise BadInputError(f"{name} answered with a vector that is zero or not finite; correct its card")
    return np.asarray(vectors / length, dtype=np.float32)


def _chosen(tensors: Sequence[Any], name: str | None, model: str, side: str) -> Any:
    """The named tensor, or the first one."""
    if name is None:
        return tensors[0]
    found = next((one for one in tensors if one.name == name), None)
    if found is None:
        known = ", ".join(one.name for one in tensors)
        raise BadInputError(f"{model} has no {side} {name!r} but {known}; correct its card")
    return found


def _layout(taken: Any, card: RecogniserCard) -> tuple[bool, bool]:
    """Whether colours come last in the network's input, and whether it takes one picture at a time."""
    shape, said = list(taken.shape), f"{card.name} takes {taken.type} of {tuple(taken.shape)}"
    if len(shape) != 4 or taken.type not in _KINDS:
        raise BadInputError(f"{said}, which is no picture in floating point; convert the network")
    last = shape[1] != _COLOURS and shape[3] == _COLOURS
    sides = shape[1:3] if last else shape[2:]
    wrong = [side for side in sides if isinstance(side, int) and side != card.size]
    if wrong:
        raise BadInputError(f"{said}, its card says {card.size} pixels; correct the card's size")
    if not last and isinstance(shape[1], int) and shape[1] != _COLOURS:
        raise BadInputError(f"{said}, which has no three colours; choose another network")
    return last, shape[0] == 1
