"""The containers that travel between rooms: frozen, validated when made, numpy only.

Frames and units everywhere: metres; world right-handed, z up, a person in rest pose faces -y; photographs are
(H, W, 3) uint8 sRGB, upright (EXIF applied), pixel centres at +0.5.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lineament.anatomy import CLASS_COUNT

UInt8 = NDArray[np.uint8]
Int32 = NDArray[np.int32]
Float16 = NDArray[np.float16]
Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

Source = Literal["scan", "photographs", "parameters"]


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise ValueError(what)


def _require_shape(name: str, array: NDArray[np.generic], *shape: int | None) -> None:
    """Check `array.shape` against `shape`, where None stands for any length."""
    fits = array.ndim == len(shape) and all(n in (None, m) for n, m in zip(shape, array.shape, strict=True))
    _require(fits, f"{name} has shape {array.shape}, expected {shape}")


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face found in a photograph, with its embedding.

    box: x0, y0, x1, y1 in photograph pixels. landmarks: (5, 2) pixels, the person's right eye, left eye, nose
    tip, right and left mouth corner. yaw: radians, 0 frontal, positive when the person's left cheek is
    towards the camera. quality: 0..1, and reasons: what lowers it, in words, worst first. crop: (112, 112, 3)
    uint8 aligned. embedding: (D,) unit length.
    """

    box: Float32
    landmarks: Float32
    score: float
    yaw: float
    quality: float
    crop: UInt8
    embedding: Float32
    reasons: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require_shape("box", self.box, 4)
        _require_shape("landmarks", self.landmarks, 5, 2)
        _require_shape("embedding", self.embedding, None)
        _require(abs(float(np.linalg.norm(self.embedding)) - 1.0) < 1e-3, "embedding must have unit length")
        _require(0.0 <= self.quality <= 1.0, "quality must lie in 0..1")


@dataclass(frozen=True, slots=True, eq=False)
class FaceTemplates:
    """What a prototype holds of its face: embeddings of photographs, or of renders of its scan, by yaw.

    embeddings: (V, D) float32, unit rows. yaws: (V,) radians. rendered: (V,) True where made from a render.
    """

    embeddings: Float32
    yaws: Float32
    rendered: Bool
    model: str

    def __post_init__(self) -> None:
        count = len(self.embeddings)
        _require_shape("embeddings", self.embeddings, None, None)
        _require_shape("yaws", self.yaws, count)
        _require_shape("rendered", self.rendered, count)
        _require(count > 0, "face templates need at least one view")


@dataclass(frozen=True, slots=True, eq=False)
class Prototype:
    """One enrolled person: the template's N sites, on this person, in rest pose.

    points: (N, 3) float32 metres. normals: (N, 3) unit. colours: (N, 3) uint8 sRGB, or None. parts: (N,)
    class of each site. measured: (N,) True where the enrolment data show the site (others hold the fitted
    model's guess). features: (N, D) float16 unit rows from the point branch of `model`. consent: reference of
    the consent record; purpose: what the person agreed to. residual: metres, median distance of the data from
    the fitted surface.
    """

    subject: str
    points: Float32
    normals: Float32
    colours: UInt8 | None
    parts: UInt8
    measured: Bool
    features: Float16
    face: FaceTemplates | None
    source: Source
    template: str
    model: str
    consent: str
    purpose: str
    residual: float
    note: str = ""

    def __post_init__(self) -> None:
        count = len(self.points)
        _require(bool(self.subject.strip()), "subject must not be empty")
        _require_shape("points", self.points, None, 3)
        _require_shape("normals", self.normals, count, 3)
        _require_shape("parts", self.parts, count)
        _require_shape("measured", self.measured, count)
        _require_shape("features", self.features, count, None)
        if self.colours is not None:
            _require_shape("colours", self.colours, count, 3)
        _require(bool(np.isfinite(self.points).all()), "points must be finite")
        _require(int(self.parts.max(initial=0)) < CLASS_COUNT, "parts out of range")

    @property
    def enrolled_parts(self) -> tuple[int, ...]:
        """Parts with at least one measured site."""
        return tuple(int(p) for p in np.unique(self.parts[self.measured]))


@dataclass(frozen=True, slots=True, eq=False)
class BodySummary:
    """What a crop says of the whole person, to compare with prototypes part by part.

    tokens: (15, T) features of each part, their last entry the square root of its share of the crop. overall:
    (C,) of the crop as a whole.
    """

    tokens: Float32
    overall: Float32

    def __post_init__(self) -> None:
        _require_shape("tokens", self.tokens, CLASS_COUNT, None)
        _require_shape("overall", self.overall, None)


@dataclass(frozen=True, slots=True, eq=False)
class DenseRegistration:
    """Every pixel of one person placed on the template: what the image branch says before anyone is compared.

    All maps are on the crop grid (h, w); `to_photo` (2, 3) takes homogeneous crop-grid pixel coordinates to
    photograph pixels. box: x0, y0, x1, y1 of the person in photograph pixels. parts: (h, w) uint8.
    probability: (h, w) of the person. part_probability: (h, w) of the likeliest part. canonical: (h, w, 3)
    metres on the average body. features: (h, w, D) unit length. carried: (h, w) probability of a thing that
    this person carries, and `summary` of the whole; None from a model that does not tell.
    """

    box: Float32
    parts: UInt8
    probability: Float32
    part_probability: Float32
    canonical: Float32
    features: Float32
    to_photo: Float64
    model: str
    carried: Float32 | None = None
    summary: BodySummary | None = None

    def __post_init__(self) -> None:
        height, width = self.parts.shape
        if self.carried is not None:
            _require_shape("carried", self.carried, height, width)
        _require_shape("box", self.box, 4)
        _require_shape("probability", self.probability, height, width)
        _require_shape("part_probability", self.part_probability, height, width)
        _require_shape("canonical", self.canonical, height, width, 3)
        _require_shape("features", self.features, height, width, None)
        _require_shape("to_photo", self.to_photo, 2, 3)


@dataclass(frozen=True, slots=True, eq=False)
class ProbePerson:
    """One person of a probe photograph: the body's registration, the face, or both."""

    box: Float32
    body: DenseRegistration | None
    face: Face | None

    def __post_init__(self) -> None:
        _require(self.body is not None or self.face is not None, "a person needs a body or a face")


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """A photograph made ready for comparison; `people` are ordered by area, largest first."""

    name: str
    image: UInt8
    people: tuple[ProbePerson, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Registration:
    """Correspondences between one person of a probe and one prototype.

    pixels: (M, 2) photograph x, y. sites: (M,) index into the prototype. parts: (M,). cosine: (M,).
    confidence: (M,) 0..1. visible: (15,) share of each part's surface that the photograph shows. Only matches
    above the confidence threshold whose parts agree are kept.
    """

    pixels: Float32
    sites: Int32
    parts: UInt8
    cosine: Float32
    confidence: Float32
    visible: Float32

    def __post_init__(self) -> None:
        count = len(self.sites)
        _require_shape("pixels", self.pixels, count, 2)
        for name in ("parts", "cosine", "confidence"):
            _require_shape(name, getattr(self, name), count)
        _require_shape("visible", self.visible, CLASS_COUNT)


@dataclass(frozen=True, slots=True)
class PartEvidence:
    """What one part says: `region` is a part name or "face".

    visible: share of the region that the photograph shows, 0..1. matched: number of correspondences. rate:
    matched over possible, 0..1. similarity: mean cosine of the matches (or of the face embeddings).
    contribution: its share of the log-likelihood ratio (natural log); contributions and `Evidence.offset` sum
    to the score.
    """

    region: str
    visible: float
    matched: int
    rate: float
    similarity: float
    contribution: float


@dataclass(frozen=True, slots=True)
class PhotographEvidence:
    """What one of several photographs of a person brought to their pooled evidence.

    alone: the score that it has by itself, None when nothing of it could be compared. brought: its share of
    the pooled score; the shares of all photographs and the offset sum to it. regions: its share of each
    region's contribution. face_yaw: radians, None where it adds no face. note: what a reader must know, ""
    when nothing.
    """

    name: str
    alone: float | None
    brought: float
    regions: tuple[tuple[str, float], ...] = ()
    matched: int = 0
    face_yaw: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Everything measured between one person of a probe and one prototype.

    score: calibrated natural log-likelihood ratio = offset + sum of contributions. mean_log_probability and
    cardinality (visibility-weighted count) and evenness (0..1, how evenly matches spread over visible parts)
    are reported beside it. photographs: where several were pooled, what each brought.
    """

    subject: str
    parts: tuple[PartEvidence, ...]
    offset: float
    score: float
    cardinality: float
    evenness: float
    mean_log_probability: float
    registration: Registration | None
    face_yaw: float | None = None
    photographs: tuple[PhotographEvidence, ...] = ()

    def __post_init__(self) -> None:
        total = self.offset + sum(part.contribution for part in self.parts)
        _require(
            abs(total - self.score) < 1e-6 * max(1.0, abs(self.score)), "contributions must sum to the score"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """Whom one person of a probe is, or why nobody is named.

    subject: the accepted identity or None. score: best log-likelihood ratio, None when nothing could be
    compared. threshold: on the score, at false match rate `fmr` of `population`. margin: best minus runner-up
    score. reason: one sentence; when abstaining, why. candidates: evidence by falling score.
    support_limit: the largest log-likelihood ratio that the calibration's population can support in words.
    """

    subject: str | None
    score: float | None
    threshold: float
    fmr: float
    population: str
    margin: float | None
    reason: str
    candidates: tuple[Evidence, ...] = field(default=())
    box: Float32 | None = None
    support_limit: float = float("inf")

    @property
    def abstained(self) -> bool:
        """True when no identity is named."""
        return self.subject is None
