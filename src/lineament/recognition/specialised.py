"""What an adapter learned from renders of exactly the enrolled people adds to the evidence.

The adapter is linear in what the image branch says of a whole crop. Of its logits z the one of person k
becomes a log-likelihood ratio against the others of the gallery, made honest on renders held out, strangers
among them:

    contribution = slope * (z_k - ln mean over j != k of exp z_j) + intercept

It speaks where bodies are compared and no face is, for which it was fitted, and only of the people whom it
knows, all of them and nobody else.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from lineament.types import BodySummary, Evidence, Float32, Float64, PartEvidence

REGION: Final = "specialised"
_ARRAYS: Final = ("weight", "bias", "centre", "spread")


@dataclass(frozen=True, slots=True, eq=False)
class Specialised:
    """An adapter. people: those enrolled, in the order of the rows; digests: the sha256 of each one's record.

    model: the registration model whose summaries it reads. centre, spread: (F,) of those. weight: (K, F) and
    bias: (K,) of the logits of standardised summaries. population: on whom slope and intercept were fixed.
    before, after: rank-1 shares of renders held out without and with it.
    """

    people: tuple[str, ...]
    digests: tuple[str, ...]
    model: str
    centre: Float32
    spread: Float32
    weight: Float32
    bias: Float32
    slope: float
    intercept: float
    population: str
    before: float
    after: float

    def __post_init__(self) -> None:
        count, size = self.weight.shape
        if not count == len(self.people) == len(self.digests) == len(self.bias):
            raise ValueError("an adapter has one row for each person")
        if count < 2 or self.centre.shape != (size,) or self.spread.shape != (size,):
            raise ValueError("an adapter tells two people or more apart, by standardised summaries")
        if not (np.isfinite(self.weight).all() and (self.spread > 0).all()):
            raise ValueError("an adapter's numbers must be finite and its spreads positive")

    def knows(self, people: Mapping[str, str]) -> bool:
        """Whether these (name -> sha256 of the record) are exactly the people it was made for."""
        return dict(zip(self.people, self.digests, strict=True)) == dict(people)

    def ratios(self, summary: BodySummary) -> dict[str, float]:
        """Each person's contribution, a natural log-likelihood ratio. Raises ValueError for a summary of
        another size.
        """
        logits = self.weight @ ((flat(summary) - self.centre) / self.spread) + self.bias
        values = self.slope * against_others(logits[None].astype(np.float64))[0] + self.intercept
        return dict(zip(self.people, values.tolist(), strict=True))

    def to_bytes(self) -> bytes:
        """As safetensors, everything but the arrays in its metadata."""
        told = {
            name: getattr(self, name)
            for name in ("people", "digests", "model", "slope", "intercept", "population", "before", "after")
        }
        arrays = {name: np.ascontiguousarray(getattr(self, name), dtype=np.float32) for name in _ARRAYS}
        return save(arrays, {"adapter": json.dumps(told)})

    @classmethod
    def from_bytes(cls, payload: bytes) -> "Specialised":
        """What `to_bytes` wrote; ValueError for anything else."""
        try:
            length = int.from_bytes(payload[:8], "little")
            told = json.loads(json.loads(payload[8 : 8 + length])["__metadata__"]["adapter"])
            told["people"], told["digests"] = tuple(told["people"]), tuple(told["digests"])
            arrays = load(payload)
            return cls(**(told | {name: arrays[name] for name in _ARRAYS}))
        except (SafetensorError, KeyError, TypeError, UnicodeDecodeError) as error:
            raise ValueError(f"it is no adapter ({type(error).__name__})") from error


def flat(summary: BodySummary) -> Float32:
    """(F,) everything that a summary says."""
    return np.concatenate([summary.tokens.ravel(), summary.overall]).astype(np.float32)


def against_others(logits: Float64) -> Float64:
    """(n, K) ln of each person's likelihood over the mean of the others', of logits (n, K), K >= 2."""
    count = logits.shape[1]
    top = logits.max(axis=1, keepdims=True)
    each = np.exp(logits - top)
    # What is left of the sum without the largest one is summed anew, not subtracted: it may be far smaller.
    mean = np.stack([np.delete(each, k, axis=1).mean(axis=1) for k in range(count)], axis=1)
    return np.asarray(logits - top - np.log(np.maximum(mean, 1e-300)))


def added(evidence: Evidence, ratio: float) -> Evidence:
    """The evidence with the adapter's region; contributions still sum to the score."""
    part = PartEvidence(REGION, visible=1.0, matched=0, rate=0.0, similarity=0.0, contribution=ratio)
    parts = (*evidence.parts, part)
    return replace(evidence, parts=parts, score=evidence.offset + sum(one.contribution for one in parts))
