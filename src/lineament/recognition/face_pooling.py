"""Several photographs of one person as one face embedding: their mean, weighted by quality."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from lineament.types import Float32, Float64

LEAST: Final = 0.05
"""A face that was found weighs at least this much, so that several bad ones are still pooled."""


def pooled_embedding(embeddings: Float32, quality: Sequence[float] | Float32 | Float64) -> Float32:
    """The unit mean (D,) of embeddings (n, D) of one person and one model, weighted by quality (n,) 0..1.

    Raises ValueError without embeddings, and where they cancel out.
    """
    if len(embeddings) == 0 or len(embeddings) != len(quality):
        raise ValueError(f"{len(embeddings)} embeddings cannot be pooled by {len(quality)} qualities")
    weights = np.maximum(np.nan_to_num(np.asarray(quality, dtype=np.float64), nan=LEAST), LEAST)
    total = weights @ np.asarray(embeddings, dtype=np.float64)
    length = float(np.linalg.norm(total))
    if length < 1e-9:
        raise ValueError("the embeddings cancel out; they cannot be of one person")
    return np.asarray(total / length, dtype=np.float32)
