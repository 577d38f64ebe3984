"""Face similarity without what renders have in common, in units of how alike strangers look.

To a network that learned from photographs all renders look alike: their embeddings share one direction, to
which the mean of a cohort of rendered strangers points. It is taken out of both sides (Mu and Viswanath, ICLR
2018, do so with word vectors), and the cosine of what is left is divided by the size of its cosines with the
nearest members of the cohort, once as seen from the probe and once from the reference. Photographs hardly
share the direction, so that they lose nothing by it. Subtracting the mean cosine with the cohort (adaptive
symmetric normalisation, Matejka et al., Interspeech 2017), which stood here before, does: for a photograph
that mean is noise of the size of a stranger's score.
"""

import numpy as np

from lineament.types import Float32

NEAREST = 100
LEAST_DEVIATION = 0.02


def normal_parts(embeddings: Float32, cohort: Float32) -> tuple[Float32, Float32]:
    """Of unit rows (V, D) what is left without the common direction of the cohort (C, D), as unit rows, and
    the root mean square (V,) of its cosines with the nearest cohort members, bounded from below.
    """
    common = unit_rows(cohort.mean(axis=0)[None])
    ours, theirs = _without(embeddings, common), _without(cohort, common)
    cosine = ours @ theirs.T
    count = min(NEAREST, cosine.shape[1])
    nearest = np.partition(cosine, cosine.shape[1] - count, axis=1)[:, -count:]
    size = np.sqrt(np.square(nearest).mean(axis=1))
    return ours, np.maximum(size, np.float32(LEAST_DEVIATION))


def normalised(probe: Float32, references: Float32, cohort: Float32) -> Float32:
    """Normalised similarity (V,) of one probe embedding (D,) to reference embeddings (V, D)."""
    ours, size = normal_parts(probe[None], cohort)
    theirs, sizes = normal_parts(references, cohort)
    return np.asarray((theirs @ ours[0]) * 0.5 * (1 / size + 1 / sizes), dtype=np.float32)


def _without(embeddings: Float32, common: Float32) -> Float32:
    left = embeddings - (embeddings @ common.T) @ common
    return np.asarray(left / np.maximum(np.linalg.norm(left, axis=1, keepdims=True), 1e-6), dtype=np.float32)


def unit_rows(embeddings: Float32) -> Float32:
    """Rows (V, D) brought to unit length, which half precision on disk does not keep."""
    length = np.linalg.norm(embeddings, axis=1, keepdims=True)
    return np.asarray(embeddings / np.maximum(length, 1e-12), dtype=np.float32)
