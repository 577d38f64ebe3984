"""Seeds that are kept for judging: nobody who comes from them may be learned from."""

from typing import Final

from lineament.errors import BadInputError

RESERVED: Final = range(1_000_000_000, 1_000_001_000)
"""Seeds of the populations of synthetic protocols; protocol seed s has population RESERVED[s]."""


def refuse_reserved(seed: int) -> int:
    """The seed, where people of it may be learned from; BadInputError for a reserved one."""
    if seed in RESERVED:
        raise BadInputError(
            f"seeds {RESERVED.start} to {RESERVED.stop - 1} are kept for evaluation; choose another --seed"
        )
    return seed


def population_seed(seed: int) -> int:
    """The seed of the population of protocol seed `seed`; BadInputError for one that does not exist."""
    if not 0 <= seed < len(RESERVED):
        raise BadInputError(f"--seed of a protocol is 0 to {len(RESERVED) - 1}, not {seed}")
    return RESERVED[seed]
