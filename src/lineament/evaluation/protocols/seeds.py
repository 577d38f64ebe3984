"""Random choices of protocols: the same seed and purpose give the same choices."""

from zlib import crc32

import numpy as np


def generator(seed: int, purpose: str) -> np.random.Generator:
    """A generator of its own for a purpose."""
    return np.random.default_rng([seed, crc32(purpose.encode())])
