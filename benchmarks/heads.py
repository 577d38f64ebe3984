"""Labelled head pictures a second of processor time: `python benchmarks/heads.py --json`.

Pictures of new people, ten each: shape, skin, hair, clothes, expression, light, drawing, sensor, labels,
in one process. `figures` is what making people, clothes and expressions takes of a picture, the rest is
photographing.
"""

import argparse
import json
import os
import time

import cv2

from lineament.synth.heads import VIEWS, HeadStream
from lineament.synth.people import People
from lineament.synth.reserved import refuse_reserved

# BLAS's threads would count one core's work twice.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
WARM = 20 * VIEWS
"""Pictures before counting: files of clothes and hair are new at first."""


def measure(count: int, seed: int) -> dict[str, float]:
    """Milliseconds of processor time a picture, and pictures a second."""
    cv2.setNumThreads(1)
    people = People.load((WARM + count) // VIEWS + 1, refuse_reserved(seed))
    stream = HeadStream(seed, people)
    for index in range(WARM):
        stream.sample(index)
    whole = figures = 0.0
    for index in range(WARM, WARM + count):
        start = time.process_time()
        stream.figure(index)
        figures += time.process_time() - start
        stream.sample(index)
        whole += time.process_time() - start
    return {
        "milliseconds": round(1000 * whole / count, 2),
        "figures": round(1000 * figures / count, 2),
        "pictures_per_second": round(count / whole, 1),
    }


def main() -> None:
    """Print the figures, as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="people of a seed are built once")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measure(options.count, options.seed)
    print(
        json.dumps(found) if options.json else "\n".join(f"{name}: {value}" for name, value in found.items())
    )


if __name__ == "__main__":
    main()
