"""Labelled pictures a second of the synthetic generator: `python benchmarks/synth.py --json`.

Dressed people, every label, the whole pipeline (skins, clothes, poses, light, drawing, sensor), one process a
core. Counting begins after WARM samples, as figures, and files of clothes, are new at first.
"""

import argparse
import json
import multiprocessing
import os
import time
from multiprocessing.synchronize import Barrier

import cv2

from lineament.synth.figures import SLOTS
from lineament.synth.options import make_plan
from lineament.synth.people import People
from lineament.synth.stream import Generator

# Warp's threads and BLAS's would count one core's work twice.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
APART = 1 << 20
"""Samples between two processes' ranges."""
WARM = 10 * SLOTS
"""Samples of a process before counting: each slot's figure has been changed once, and its outfit."""


def work(
    number: int, count: int, options: argparse.Namespace, gate: Barrier, out: multiprocessing.Queue
) -> None:
    cv2.setNumThreads(1)
    plan = make_plan(size=options.size, preset=options.preset)
    generator = Generator(1, People.load(options.identities, 1), plan)
    start = number * APART
    for index in range(start, start + WARM):
        generator.sample(index)
    gate.wait()
    wall, busy = time.perf_counter(), time.process_time()
    for index in range(start + WARM, start + WARM + count):
        generator.sample(index).all_arrays()
    out.put((time.perf_counter() - wall, time.process_time() - busy))


def measure(options: argparse.Namespace) -> dict[str, float | int | str]:
    """Run the processes; images_per_second is of all of them together, by the slowest one's clock."""
    # All people are built and all first files read before the processes part.
    People.load(options.identities, 1, progress=lambda done, of: None)
    context = multiprocessing.get_context("spawn")
    gate, out = context.Barrier(options.processes), context.Queue()
    count = options.count // options.processes
    workers = [
        context.Process(target=work, args=(number, count, options, gate, out))
        for number in range(options.processes)
    ]
    for worker in workers:
        worker.start()
    spent = [out.get() for _ in workers]
    for worker in workers:
        worker.join()
    samples = count * options.processes
    return {
        "images_per_second": round(samples / max(wall for wall, _ in spent), 1),
        "images_per_second_of_processor_time": round(samples / sum(busy for _, busy in spent), 1),
        "size": options.size,
        "preset": options.preset,
        "samples": samples,
        "processes": options.processes,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--count", type=int, default=1536)
    parser.add_argument("--identities", type=int, default=64)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--size", default="256x256")
    parser.add_argument("--preset", default="standard")
    result = measure(parser.parse_args())
    if parser.parse_args().json:
        print(json.dumps(result))
    else:
        print("\n".join(f"{name}: {value}" for name, value in result.items()))


if __name__ == "__main__":
    main()
