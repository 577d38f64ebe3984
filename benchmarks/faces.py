"""Milliseconds of reading the face of a photograph of 960 x 720 pixels, and of each part of it.

The measure beside it is what everybody has: one pass of YuNet over 640 x 640 pixels and one of SFace, by
ONNX Runtime as upstream publishes them, in the same run; parts take turns with it, so that other work on the
machine hits all alike. Clock is the time that passes (on so many threads), processor what all threads spend.

    python benchmarks/faces.py --json --threads 2
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from lineament.assets import require
from lineament.runtime.face_crops import FIVE_POINTS, similarity
from lineament.runtime.faces import FaceReader
from lineament.runtime.photograph import load_photograph
from lineament.types import UInt8

HEIGHT, WIDTH = 720, 960
Step = Callable[[], object]


def scene(photograph: Path) -> UInt8:
    """The photograph on a canvas of 960 x 720 pixels, as large as it goes."""
    image = load_photograph(photograph)
    scale = min(HEIGHT / image.shape[0], WIDTH / image.shape[1])
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    canvas = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    left, top = (WIDTH - size[0]) // 2, (HEIGHT - size[1]) // 2
    canvas[top : top + size[1], left : left + size[0]] = cv2.resize(
        image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    return canvas


def plain(threads: int) -> Step:
    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 4, threads
    detector, recogniser = (
        onnxruntime.InferenceSession(str(require(name)), options, providers=["CPUExecutionProvider"])
        for name in ("yunet", "sface")
    )
    canvas, crop = np.zeros((1, 3, 640, 640), np.float32), np.zeros((1, 3, 112, 112), np.float32)
    return lambda: (detector.run(None, {"input": canvas}), recogniser.run(None, {"data": crop}))


def steps(reader: FaceReader, image: UInt8) -> dict[str, Step]:
    face = reader.best(image)
    if face is None or reader._aligner is None:
        raise SystemExit("no face was found; give another --photograph")
    five = face.landmarks.astype(np.float64)
    matrix, aligner, detector = similarity(five, FIVE_POINTS), reader._aligner, reader._detector
    return {
        "whole": lambda: reader.best(image),
        "detect": lambda: detector.detect(image),
        "align": lambda: aligner.align(image, five),
        "embed": lambda: reader.embed(image, matrix),
    }


def measure(photograph: Path, threads: int, rounds: int) -> dict[str, object]:
    image = scene(photograph)
    timed = {"plain": plain(threads), **steps(FaceReader.load(threads), image)}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in timed}
    for number in range(rounds + 2):
        for name, step in timed.items():
            clock, processor = time.perf_counter(), time.process_time()
            step()
            if number >= 2:  # the first rounds warm up
                times[name].append((time.perf_counter() - clock, time.process_time() - processor))
    medians = {name: 1000 * np.median(np.array(one), axis=0) for name, one in times.items()}
    best = {name: 1000 * np.min(np.array(one), axis=0) for name, one in times.items()}
    return {
        "threads": threads,
        "rounds": rounds,
        "photograph": [HEIGHT, WIDTH],
        **{
            name: {
                "clock_ms": round(float(medians[name][0]), 2),
                "processor_ms": round(float(medians[name][1]), 2),
                "least_clock_ms": round(float(best[name][0]), 2),
                "processor_ratio_to_plain": round(float(medians[name][1] / medians["plain"][1]), 3),
            }
            for name in timed
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photograph", type=Path, help="of one person (default: the asset astronaut)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = measure(asked.photograph or require("astronaut"), asked.threads, asked.rounds)
    print(json.dumps(found, indent=1) if asked.json else found)


if __name__ == "__main__":
    main()
