"""Random numbers that depend on nothing but names and numbers: sample i is the same whoever asks for it."""

import zlib

import numpy as np


def generator(seed: int, purpose: str, *indices: int) -> np.random.Generator:
    """A generator determined by `seed`, what it is for, and non-negative indices.

    Different purposes and indices give independent streams (numpy's SeedSequence mixes all words); only
    trailing zeros do not count, so that one purpose must always have the same number of indices.
    """
    return np.random.Generator(
        np.random.Philox(np.random.SeedSequence([seed, zlib.crc32(purpose.encode()), *indices]))
    )


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """One number between `low` and `high` whose logarithm is uniform."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
