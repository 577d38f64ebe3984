"""Milliseconds of processor time of the registration of a person, network alone and end to end, per variant.

The photograph shows one synthetic person, 960 pixels long. End to end is everything from the photograph to
the registered people (finding, turning, all looks) and their faces, divided by the people found; a person is
one known box, without finding; the network alone is one crop. Variants take turns, so that other work on the
machine hits all alike; medians, and their ratio to the first variant of the same run.

    lineament train variants --out runs/variants
    python benchmarks/registration.py --json runs/variants/fp32 runs/variants/fp16 runs/variants/int8
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from lineament.runtime.faces import FaceReader
from lineament.runtime.people import body_box
from lineament.runtime.photograph import load_photograph
from lineament.runtime.registrar import MODEL_FOLDER, Registrar
from lineament.runtime.windows import CROP_HEIGHT, CROP_WIDTH, window_round

PICTURE = Path(__file__).parent.parent / "src/lineament/cli/demo_people"
SIZE = 960


def milliseconds(step: Callable[[], object]) -> float:
    start = time.process_time()
    step()
    return 1000.0 * (time.process_time() - start)


def figures(names: list[str], times: dict[str, list[float]]) -> dict[str, dict[str, float]]:
    medians = {name: float(np.median(times[name])) for name in names}
    first = medians[names[0]]
    return {
        name: {"median_ms": round(value, 2), f"ratio_to_{names[0]}": round(value / first, 3)}
        for name, value in medians.items()
    }


def measure(folders: list[Path], photograph: Path, rounds: int) -> dict[str, object]:
    image = load_photograph(photograph)
    scale = SIZE / max(image.shape[:2])
    image = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    registrars = {folder.name: Registrar.load(folder, threads=1) for folder in folders}
    reader = FaceReader.load(threads=1)
    names = list(registrars)
    kinds = ("network", "person", "end_to_end")
    times: dict[str, dict[str, list[float]]] = {kind: {name: [] for name in names} for kind in kinds}
    faces: list[float] = []
    (height, width) = image.shape[:2]
    crop = np.random.default_rng(0).integers(0, 256, (1, CROP_HEIGHT, CROP_WIDTH, 3), dtype=np.uint8)
    hints = [body_box(face, image.shape) for face in reader.faces(image)]
    shown = {name: max(1, len(one.people(image, hints=hints))) for name, one in registrars.items()}
    box = window_round((0.0, 0.0, float(width), float(height)))
    for number in range(rounds + 2):
        taken = milliseconds(lambda: reader.faces(image))
        for name, registrar in registrars.items():
            network = milliseconds(lambda one=registrar: one._run(crop))
            person = milliseconds(lambda one=registrar: one.register(image, (box.x0, box.y0, box.x1, box.y1)))
            whole = milliseconds(lambda one=registrar, at=hints: one.people(image, hints=at)) + taken
            if number >= 2:  # the first rounds warm up
                for kind, value in zip(kinds, (network, person, whole / shown[name]), strict=True):
                    times[kind][name].append(value)
        if number >= 2:
            faces.append(taken)
    return {
        "crop": [CROP_HEIGHT, CROP_WIDTH],
        "photograph": [height, width],
        "people_found": shown,
        "rounds": rounds,
        "face_ms": round(float(np.median(faces)), 2),
        **{kind: figures(names, times[kind]) for kind in kinds},
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="*", type=Path, default=[MODEL_FOLDER], help="models; fp32 first")
    parser.add_argument("--photograph", type=Path, help="of one person (default: one of the demonstration)")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    photograph = asked.photograph or next(iter(sorted(PICTURE.rglob("*.jpg"))))
    found = measure(asked.folders, photograph, asked.rounds)
    print(json.dumps(found, indent=1) if asked.json else found)


if __name__ == "__main__":
    main()
