"""Correspondences between a person's pixels and a prototype's points (papers: arXiv 2403.06658; the rule is
ours).
"""

import numpy as np

from lineament.geometry.template import Template
from lineament.recognition.pixels import PersonPixels
from lineament.types import Float32, Prototype, Registration

MUTUAL_REACH = 2
"""Grid cells: a site's best pixel may lie this far from the pixel that chose it, since sites and pixels
differ in density.
"""

PLACE_SIGMA = 0.06
"""Metres; error of the image branch's places, about its median on synthetic people."""
NEAR = 0.08
"""Metres on the template: correspondences nearer than this say the same."""


def match(
    pixels: PersonPixels, prototype: Prototype, template: Template, *, temperature: float, threshold: float
) -> Registration:
    """Keep mutual nearest neighbours above a confidence whose parts agree.

    How well pixel i and site j belong together is cosine / `temperature` minus half the squared distance of j
    from the place that the registration gives i, in units of PLACE_SIGMA. The confidence of i for its best
    site is the part's probability times the softmax mass, over all measured sites, within NEAR of that site:
    the probability that the pixel lies about there.
    """
    visible = pixels.visible(template)
    measured = np.flatnonzero(prototype.measured).astype(np.int32)
    if len(pixels.parts) == 0 or len(measured) == 0:
        none = np.zeros(0, np.int32)
        return _registration(pixels, none, none, np.zeros(0), np.zeros(0), visible)
    sites = template.positions[measured]
    cosine = pixels.features @ prototype.features[measured].astype(np.float32).T
    fit = cosine / temperature - 0.5 * _square_distance(pixels.places, sites) / PLACE_SIGMA**2
    best = fit.argmax(axis=1)
    best_pixel = fit.argmax(axis=0)[best]
    mutual = np.abs(pixels.grid[best_pixel] - pixels.grid).max(axis=1) <= MUTUAL_REACH
    agree = prototype.parts[measured[best]] == pixels.parts
    weights = np.exp(fit - fit.max(axis=1, keepdims=True))
    near = _square_distance(sites[best], sites) <= NEAR**2
    mass = np.where(near, weights, 0.0).sum(axis=1) / weights.sum(axis=1)
    confidence = np.asarray(pixels.part_probability * mass, dtype=np.float32)
    kept = np.flatnonzero(mutual & agree & (confidence >= threshold))
    return _registration(
        pixels, kept, measured[best[kept]], cosine[kept, best[kept]], confidence[kept], visible
    )


def _square_distance(a: Float32, b: Float32) -> Float32:
    """Squared distances (M, N) of points (M, 3) and (N, 3)."""
    square = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None] - 2.0 * a @ b.T
    return np.asarray(np.maximum(square, 0.0), dtype=np.float32)


def _registration(
    pixels: PersonPixels,
    kept: np.ndarray,
    sites: np.ndarray,
    cosine: np.ndarray,
    confidence: np.ndarray,
    visible: Float32,
) -> Registration:
    return Registration(
        pixels=pixels.xy[kept],
        sites=sites.astype(np.int32),
        parts=pixels.parts[kept],
        cosine=cosine.astype(np.float32),
        confidence=confidence.astype(np.float32),
        visible=visible,
    )
