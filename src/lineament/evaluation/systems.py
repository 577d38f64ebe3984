"""What is evaluated: a system makes templates of photographs and compares them, ours and others alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

import numpy as np

from lineament.types import Float32, Float64, UInt8

NOWHERE: Final = 1.0
"""Nominal rate of a comparison that no threshold of a calibration would let pass."""


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """What a system keeps of one picture.

    vector: (D,) float32, empty where the system compares something else. content: anything more, as the
    system writes it. yaw: of the face, radians, and quality: 0..1, NaN where they are not known. refused: why
    it could not be enrolled and can only probe, "" where it was.
    """

    vector: Float32
    content: bytes = b""
    yaw: float = float("nan")
    refused: str = ""
    quality: float = float("nan")

    def __post_init__(self) -> None:
        if self.vector.ndim != 1 or not np.isfinite(self.vector).all():
            raise ValueError("a template's vector is (D,) and finite")
        if not len(self.vector) and not self.content:
            raise ValueError("a template holds a vector, content, or both")


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """score: float32, higher is more alike. nominal: the false match rate at which the system's own
    calibration would let each comparison pass, None where it has no calibration; both of one shape.
    """

    score: Float32
    nominal: Float32 | None = None

    def __post_init__(self) -> None:
        if self.nominal is not None and self.nominal.shape != self.score.shape:
            raise ValueError("scores and nominal rates have one shape")


class System(Protocol):
    """One way to recognise people."""

    @property
    def name(self) -> str:
        """Short, as the command line says it."""
        ...

    @property
    def about(self) -> str:
        """One line: what finds, what aligns, what compares."""
        ...

    @property
    def settings(self) -> Mapping[str, str]:
        """Everything that its templates depend on: revisions, checksums of weights, options."""
        ...

    @property
    def comparing(self) -> Mapping[str, str]:
        """Everything else that its scores depend on, such as a calibration."""
        ...

    @property
    def calibrated(self) -> bool:
        """Whether its scores come with nominal rates."""
        ...

    def template(self, image: UInt8, *, reference: bool) -> Template:
        """Of one picture (H, W, 3) uint8 sRGB; `reference`: it may be compared against, not only probe.

        Raises NothingFoundError, one line, where it finds nothing: a failure that the protocol counts.
        """
        ...

    def matrix(self, probes: Sequence[Template], references: Sequence[Template]) -> Scores:
        """Every probe against every reference, (p, r)."""
        ...

    def pairs(self, probes: Sequence[Template], references: Sequence[Template]) -> Scores:
        """Each probe against the reference of the same place, (n,)."""
        ...


class Cosines:
    """Comparison of templates by the cosine of their vectors, for systems to inherit."""

    calibrated = False
    comparing: Mapping[str, str] = MappingProxyType({})

    def matrix(self, probes: Sequence[Template], references: Sequence[Template]) -> Scores:
        """Cosines (p, r)."""
        return Scores(unit_vectors(probes) @ unit_vectors(references).T)

    def pairs(self, probes: Sequence[Template], references: Sequence[Template]) -> Scores:
        """Cosines (n,)."""
        return Scores(np.einsum("nd,nd->n", unit_vectors(probes), unit_vectors(references)))


class Distances:
    """Comparison of templates by the negative Euclidean distance of their vectors, for systems to inherit."""

    calibrated = False
    comparing: Mapping[str, str] = MappingProxyType({})

    def matrix(self, probes: Sequence[Template], references: Sequence[Template]) -> Scores:
        """Negative distances (p, r)."""
        ours, theirs = _vectors(probes), _vectors(references)
        square = (ours**2).sum(1)[:, None] + (theirs**2).sum(1)[None] - 2 * ours @ theirs.T
        return Scores(np.asarray(-np.sqrt(np.maximum(square, 0.0)), dtype=np.float32))

    def pairs(self, probes: Sequence[Template], references: Sequence[Template]) -> Scores:
        """Negative distances (n,)."""
        apart = np.linalg.norm(_vectors(probes) - _vectors(references), axis=1)
        return Scores(np.asarray(-apart, dtype=np.float32))


def unit_vectors(templates: Sequence[Template]) -> Float32:
    """The vectors (n, D) brought to unit length; a zero vector stays zero."""
    vectors = _vectors(templates)
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12))


def _vectors(templates: Sequence[Template]) -> Float32:
    if not templates:
        return np.zeros((0, 0), dtype=np.float32)
    return np.stack([one.vector for one in templates]).astype(np.float32)


def nominal_rates(scores: Float32 | Float64, tail: Sequence[float], comparisons: int) -> Float32:
    """At which nominal false match rate each score would pass a calibration's tail of falling scores.

    A score passes at rate f when it is above the tail's score number f * comparisons
    (`Calibration.threshold`), that is when at most that many of the tail are as high.
    """
    rising = np.asarray(tail, dtype=np.float64)[::-1]
    as_high = len(rising) - np.searchsorted(rising, np.asarray(scores, dtype=np.float64), side="left")
    return np.where(as_high < len(rising), as_high / comparisons, NOWHERE).astype(np.float32)


def checksum(path: Path) -> str:
    """The first 16 hexadecimal digits of a file's sha256."""
    digest = sha256()
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()[:16]
