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


def match(
    pixels: PersonPixels, prototype: Prototype, template: Template, *, temperature: float, threshold: float
) -> Registration:
    """Keep mutual nearest neighbours above a confidence whose parts agree.

    The confidence of pixel i for site j is the part's probability times the softmax mass (at `temperature`)
    of j and its template neighbours among all measured sites: the probability that the pixel lies there.
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
    confidence = pixels.part_probability * _mass(cosine, best_site, measured, template, temperature)
    kept = np.flatnonzero(mutual & agree & (confidence >= threshold))
    sites = measured[best_site[kept]]
    return _registration(pixels, kept, sites, cosine[kept, best_site[kept]], confidence[kept], visible)


def _mass(
    cosine: Float32, best: np.ndarray, measured: np.ndarray, template: Template, temperature: float
) -> Float32:
    """Softmax mass of each row's best column together with that site's neighbours on the template."""
    weights = np.exp((cosine - cosine.max(axis=1, keepdims=True)) / temperature)
    total = weights.sum(axis=1)
    column = np.full(len(template.parts) + 1, -1)
    column[measured] = np.arange(len(measured))
    near = column[np.concatenate([template.neighbours[measured[best]], measured[best][:, None]], axis=1)]
    row = np.arange(len(best))[:, None]
    unique = np.sort(near, axis=1)
    fresh = np.concatenate([np.ones((len(best), 1), bool), unique[:, 1:] != unique[:, :-1]], axis=1)
    inside = np.where((unique >= 0) & fresh, weights[row, np.maximum(unique, 0)], 0.0).sum(axis=1)
    return np.asarray(inside / total, dtype=np.float32)


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
