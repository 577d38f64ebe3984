"""Milliseconds of processor time of aligning a face (all passes), beside a forward pass of SFace.

The photograph is noise of 480 x 480 pixels with a face's five points in its middle: what is shown does not
change the work. Both take turns, so that other work on the machine hits both alike; medians, and their ratio.

    python benchmarks/face_alignment.py --json
"""

import argparse
import json
import time
from collections.abc import Callable

import numpy as np

from lineament.assets import require
from lineament.runtime.face_alignment import PASSES, FaceAligner
from lineament.runtime.face_crops import CROP_SIZE, FIVE_POINTS
from lineament.runtime.session import open_session

SIZE = 480


def milliseconds(step: Callable[[], object]) -> float:
    start = time.process_time()
    step()
    return 1000.0 * (time.process_time() - start)


def measure(rounds: int) -> dict[str, object]:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)
    five = (FIVE_POINTS - CROP_SIZE / 2) * 1.7 + SIZE / 2
    aligner = FaceAligner.load(threads=1)
    recogniser = open_session(require("sface"), 1)
    crop = rng.uniform(0, 255, (1, 3, CROP_SIZE, CROP_SIZE)).astype(np.float32)
    found = aligner.align(image, five)
    steps: dict[str, Callable[[], object]] = {
        "align": lambda: aligner.align(image, five),
        "pose": found.pose,
        "sface": lambda: recogniser.run(None, {"data": crop}),
    }
    times: dict[str, list[float]] = {name: [] for name in steps}
    for number in range(rounds + 3):
        for name, step in steps.items():
            taken = milliseconds(step)
            if number >= 3:  # the first rounds warm up
                times[name].append(taken)
    medians = {name: round(float(np.median(values)), 2) for name, values in times.items()}
    return {
        "passes": PASSES,
        "rounds": rounds,
        "median_ms": medians,
        "align_to_sface": round(medians["align"] / medians["sface"], 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = measure(options.rounds)
    if options.json:
        print(json.dumps(result, indent=1))
        return
    for name, value in result["median_ms"].items():  # type: ignore[attr-defined]
        print(f"{name}: {value:.2f} ms")
    print(f"align / sface: {result['align_to_sface']:.2f}")


if __name__ == "__main__":
    main()
