"""Samples a second of the synthetic stream on one core: `python benchmarks/synth.py --json`."""

import argparse
import json
import time

import cv2

from lineament.synth.figures import SLOTS
from lineament.synth.people import People
from lineament.synth.sample import HEIGHT, WIDTH
from lineament.synth.stream import Generator


def measure(count: int, identities: int) -> dict[str, float | int]:
    """Samples a second after every slot has been filled once: posing, dressing, light, drawing and sensor."""
    cv2.setNumThreads(1)
    generator = Generator(1, People.load(identities, 1, progress=lambda done, of: None))
    for index in range(SLOTS):
        generator.sample(index)
    wall, busy = time.perf_counter(), time.process_time()
    for index in range(SLOTS, SLOTS + count):
        generator.sample(index)
    wall, busy = time.perf_counter() - wall, time.process_time() - busy
    return {
        "images_per_second": round(count / wall, 1),
        "images_per_second_of_processor_time": round(count / busy, 1),
        "height": HEIGHT,
        "width": WIDTH,
        "samples": count,
        "processes": 1,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--count", type=int, default=512)
    parser.add_argument("--identities", type=int, default=64)
    options = parser.parse_args()
    result = measure(options.count, options.identities)
    if options.json:
        print(json.dumps(result))
    else:
        print("\n".join(f"{name}: {value}" for name, value in result.items()))


if __name__ == "__main__":
    main()
