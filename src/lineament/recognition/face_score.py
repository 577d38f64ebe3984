"""Face similarity, normalised by how alike everybody looks to the embedding in that kind of picture.

Adaptive symmetric score normalisation (Matejka et al., Interspeech 2017): the cosine is expressed in standard
deviations above the mean cosine with the nearest members of a cohort, once seen from the probe and once from
the reference, and the two are averaged. Renders look alike to a network that learned from photographs, and
profiles look alike to one that learned from frontal faces; the cohort takes both out, so that a calibration
on synthetic people means more on real ones.
"""

import numpy as np

from lineament.types import Float32

NEAREST = 100
LEAST_DEVIATION = 0.02


def cohort_level(embeddings: Float32, cohort: Float32) -> tuple[Float32, Float32]:
    """Mean and standard deviation, (V,) each, of the cosines of `embeddings` (V, D) with their nearest cohort
    members (C, D); unit rows. The cohort's own deviation is bounded from below.
    """
    cosine = embeddings @ cohort.T
    count = min(NEAREST, cosine.shape[1])
    nearest = np.partition(cosine, cosine.shape[1] - count, axis=1)[:, -count:]
    return nearest.mean(axis=1), np.maximum(nearest.std(axis=1), LEAST_DEVIATION)


def normalised(probe: Float32, references: Float32, cohort: Float32) -> Float32:
    """Normalised similarity (V,) of one probe embedding (D,) to reference embeddings (V, D)."""
    cosine = references @ probe
    probe_mean, probe_deviation = cohort_level(probe[None], cohort)
    mean, deviation = cohort_level(references, cohort)
    return np.asarray(
        0.5 * ((cosine - probe_mean) / probe_deviation + (cosine - mean) / deviation), dtype=np.float32
    )


def unit_rows(embeddings: Float32) -> Float32:
    """Rows (V, D) brought to unit length, which half precision on disk does not keep."""
    return np.asarray(embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True), dtype=np.float32)
