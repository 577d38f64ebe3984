"""The pixels of one person, thinned to the network's own grid and tied to the template's sites."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from lineament.anatomy import BACKGROUND, CLASS_COUNT
from lineament.geometry.template import Template
from lineament.types import Bool, DenseRegistration, Float32, Int32, UInt8

GRID_STEP = 4
"""The image branch answers once in 4 x 4 pixels of the crop; finer samples would repeat themselves."""
NEAREST_SITES = 8
SITE_SIGMA = 0.03
"""Metres; a pixel speaks for the template's surface within about this distance."""
MIN_PROBABILITY = 0.5
BETWEEN = 6


@dataclass(frozen=True, slots=True, eq=False)
class PersonPixels:
    """M samples of a person. xy: (M, 2) photograph pixels. grid: (M, 2) row and column in the thinned grid.
    parts, part_probability: (M,). places: (M, 3) metres on the template. features: (M, D) unit length. sites:
    (M, 8) nearest template sites of the same part with `weights` (M, 8) that sum to 1.
    """

    xy: Float32
    grid: Int32
    parts: UInt8
    part_probability: Float32
    places: Float32
    features: Float32
    sites: Int32
    weights: Float32

    def __post_init__(self) -> None:
        if not len(self.xy) == len(self.grid) == len(self.parts) == len(self.features) == len(self.sites):
            raise ValueError("the samples of a person must have one length")

    def visible(self, template: Template) -> Float32:
        """Share of each part's surface that the samples cover, (15,); half a part counts as all that one view
        shows.
        """
        return visible_together([self], template)


def seen_sites(people: Sequence[PersonPixels], template: Template) -> Bool:
    """(N,) which sites of the template any of several photographs of one person shows."""
    seen = np.zeros(len(template.parts), dtype=bool)
    for one in people:
        seen[one.sites[one.weights > 0.05]] = True
    # Sites lie closer together than the samples of a small person: a site beside a seen one is seen.
    return np.asarray(seen | seen[template.neighbours[:, :BETWEEN]].any(axis=1))


def visible_together(people: Sequence[PersonPixels], template: Template) -> Float32:
    """As `PersonPixels.visible`, of what any of several photographs of one person shows."""
    seen = seen_sites(people, template)
    total = np.bincount(template.parts, minlength=CLASS_COUNT)
    covered = np.bincount(template.parts[seen], minlength=CLASS_COUNT)
    return np.minimum(1.0, 2.0 * covered / np.maximum(total, 1)).astype(np.float32)


def person_pixels(body: DenseRegistration, template: Template) -> PersonPixels:
    """Thin a dense registration to the person's confident pixels and look up their template sites."""
    half = GRID_STEP // 2
    rows, columns = np.mgrid[half : body.parts.shape[0] : GRID_STEP, half : body.parts.shape[1] : GRID_STEP]
    parts = body.parts[rows, columns]
    keep = (body.probability[rows, columns] >= MIN_PROBABILITY) & (parts != BACKGROUND)
    r, c = rows[keep], columns[keep]
    sites, weights = _sites_of(body.canonical[r, c], body.parts[r, c], template)
    tied = weights.sum(axis=1) > 0
    r, c, sites, weights = r[tied], c[tied], sites[tied], weights[tied]
    crop = np.stack([c + 0.5, r + 0.5, np.ones(len(r))], axis=1)
    return PersonPixels(
        xy=(crop @ body.to_photo.T).astype(np.float32),
        grid=np.stack([r // GRID_STEP, c // GRID_STEP], axis=1).astype(np.int32),
        parts=body.parts[r, c],
        part_probability=body.part_probability[r, c],
        places=body.canonical[r, c],
        features=body.features[r, c],
        sites=sites,
        weights=(weights / weights.sum(axis=1, keepdims=True)).astype(np.float32),
    )


def _sites_of(canonical: Float32, parts: UInt8, template: Template) -> tuple[Int32, Float32]:
    if len(canonical) == 0:
        return np.zeros((0, NEAREST_SITES), np.int32), np.zeros((0, NEAREST_SITES), np.float32)
    distance, sites = map(np.asarray, cKDTree(template.positions).query(canonical, k=NEAREST_SITES))
    weights = np.exp(-0.5 * ((distance - distance[:, :1]) / SITE_SIGMA) ** 2)
    weights *= template.parts[sites] == parts[:, None]
    return sites.astype(np.int32), weights.astype(np.float32)
