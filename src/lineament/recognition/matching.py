"""Correspondences between a person's pixels and a prototype's points (papers: arXiv 2403.06658; the rule is
ours).
"""

import numpy as np

from lineament.geometry.template import Template
from lineament.recognition.pixels import PersonPixels
from lineament.types import Float32, Int32, Prototype, Registration

MUTUAL_REACH = 2
"""Grid cells: a site's best pixel may lie this far from the pixel that chose it, since sites and pixels
differ in density.
"""

NEAR = 0.08
"""Metres on the template: correspondences nearer than this say the same."""


def match(
    pixels: PersonPixels, prototype: Prototype, template: Template, *, temperature: float, threshold: float
) -> Registration:
    """Keep mutual nearest neighbours above a confidence whose parts agree.

    The confidence of pixel i for site j is the part's probability times the softmax mass (at `temperature`,
    over all measured sites) within NEAR of j: the probability that the pixel lies about there.
    """
    visible = pixels.visible(template)
    measured = np.flatnonzero(prototype.measured)
    if len(pixels.parts) == 0 or len(measured) == 0:
        return _registration(
            pixels, np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0), visible
        )
    cosine = pixels.features @ prototype.features[measured].astype(np.float32).T
    best_site = cosine.argmax(axis=1)
    best_pixel = cosine.argmax(axis=0)[best_site]
    mutual = np.abs(pixels.grid[best_pixel] - pixels.grid).max(axis=1) <= MUTUAL_REACH
    agree = prototype.parts[measured[best_site]] == pixels.parts
    mass = _mass(cosine, best_site.astype(np.int32), measured.astype(np.int32), template, temperature)
    confidence = np.asarray(pixels.part_probability * mass, dtype=np.float32)
    kept = np.flatnonzero(mutual & agree & (confidence >= threshold))
    sites = measured[best_site[kept]]
    return _registration(pixels, kept, sites, cosine[kept, best_site[kept]], confidence[kept], visible)


def _mass(cosine: Float32, best: Int32, measured: Int32, template: Template, temperature: float) -> Float32:
    """Softmax mass of each row's columns whose sites lie within NEAR of the best column's site."""
    weights = np.exp((cosine - cosine.max(axis=1, keepdims=True)) / temperature)
    places = template.positions[measured]
    square = (places**2).sum(axis=1)
    distance = square[best][:, None] + square[None] - 2.0 * places[best] @ places.T
    inside = np.where(distance <= NEAR**2, weights, 0.0).sum(axis=1)
    return np.asarray(inside / weights.sum(axis=1), dtype=np.float32)


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
