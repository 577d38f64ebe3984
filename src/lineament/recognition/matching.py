"""Correspondences between a person's pixels and a prototype's points (papers: arXiv 2403.06658; the rule is
ours).
"""

from dataclasses import dataclass

import numpy as np

from lineament.geometry.template import Template
from lineament.recognition.confidence import Confidence
from lineament.recognition.pixels import PersonPixels
from lineament.types import Bool, Float32, Int32, Prototype, Registration

MUTUAL_REACH = 2
"""Grid cells: a site's best pixel may lie this far from the pixel that chose it, since sites and pixels
differ in density.
"""

PLACE_SIGMA = 0.06
"""Metres; error of the image branch's places, about its median on synthetic people."""
NEAR = 0.08
"""Metres on the template: correspondences nearer than this say the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """The best site of each of a person's M samples, before any threshold.

    sites: (M,) index into the prototype. cosine: (M,). raw: (M,) 0..1, the networks' own confidence, not yet
    a probability. agreed: (M,) whether sample and site are mutual nearest neighbours of one part.
    """

    sites: Int32
    cosine: Float32
    raw: Float32
    agreed: Bool


def candidates(
    pixels: PersonPixels, prototype: Prototype, template: Template, *, temperature: float
) -> Candidates:
    """Each sample's best measured site.

    How well pixel i and site j belong together is cosine / `temperature` minus half the squared distance of j
    from the place that the registration gives i, in units of PLACE_SIGMA. The raw confidence of i for its
    best site is the part's probability times the softmax mass, over all measured sites, within NEAR of that
    site.
    """
    measured = np.flatnonzero(prototype.measured).astype(np.int32)
    count = len(pixels.parts)
    if count == 0 or len(measured) == 0:
        nothing = np.zeros(count, np.float32)
        return Candidates(np.zeros(count, np.int32), nothing, nothing, np.zeros(count, bool))
    sites = template.positions[measured]
    cosine = pixels.features @ prototype.features[measured].astype(np.float32).T
    fit = cosine / temperature - 0.5 * _square_distance(pixels.places, sites) / PLACE_SIGMA**2
    best = fit.argmax(axis=1)
    best_pixel = fit.argmax(axis=0)[best]
    mutual = np.abs(pixels.grid[best_pixel] - pixels.grid).max(axis=1) <= MUTUAL_REACH
    weights = np.exp(fit - fit.max(axis=1, keepdims=True))
    near = _square_distance(sites[best], sites) <= NEAR**2
    mass = np.where(near, weights, 0.0).sum(axis=1) / weights.sum(axis=1)
    return Candidates(
        sites=measured[best],
        cosine=cosine[np.arange(count), best].astype(np.float32),
        raw=np.asarray(pixels.part_probability * mass, dtype=np.float32),
        agreed=mutual & (prototype.parts[measured[best]] == pixels.parts),
    )


def match(
    pixels: PersonPixels,
    prototype: Prototype,
    template: Template,
    *,
    temperature: float,
    confidence: Confidence,
) -> Registration:
    """Keep mutual nearest neighbours whose parts agree and whose confidence, the calibrated probability that
    the site lies within `confidence.distance` of the pixel's true place, reaches the operating point.
    """
    found = candidates(pixels, prototype, template, temperature=temperature)
    probability = confidence.of(found.raw, pixels.parts)
    kept = np.flatnonzero(found.agreed & (probability >= confidence.threshold))
    return Registration(
        pixels=pixels.xy[kept],
        sites=found.sites[kept],
        parts=pixels.parts[kept],
        cosine=found.cosine[kept],
        confidence=probability[kept],
        visible=pixels.visible(template),
    )


def _square_distance(a: Float32, b: Float32) -> Float32:
    """Squared distances (M, N) of points (M, 3) and (N, 3)."""
    square = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None] - 2.0 * a @ b.T
    return np.asarray(np.maximum(square, 0.0), dtype=np.float32)
