"""How fast a gallery takes people in, opens, and searches: `python benchmarks/gallery.py [--json]`.

Inserts are whole prototypes of 2,048 sites, each forced to the disk. Searching is set against
the bare product of a matrix of that size in the same run, because times vary with the machine and its load.
"""

import argparse
import dataclasses
import json
import os
import platform
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from lineament.gallery.gallery import Gallery
from lineament.gallery.record import Entry, encode
from lineament.gallery.sqlite import SqliteStore
from lineament.gallery.vectors import Vector
from lineament.types import FaceTemplates, Prototype

SITES = 2048
FEATURES = 48
EMBEDDING = 128


def unit(values: np.ndarray) -> np.ndarray:
    return values / np.linalg.norm(values, axis=-1, keepdims=True)


def person(rng: np.random.Generator, subject: str, sites: int) -> Prototype:
    embedding = unit(rng.normal(size=(1, EMBEDDING)).astype(np.float32))
    return Prototype(
        subject=subject,
        points=rng.normal(size=(sites, 3)).astype(np.float32),
        normals=unit(rng.normal(size=(sites, 3)).astype(np.float32)),
        colours=rng.integers(0, 256, (sites, 3), dtype=np.uint8),
        parts=rng.integers(1, 15, sites, dtype=np.uint8),
        measured=np.ones(sites, np.bool_),
        features=unit(rng.normal(size=(sites, FEATURES))).astype(np.float16),
        face=FaceTemplates(embedding, np.zeros(1, np.float32), np.zeros(1, np.bool_), "benchmark"),
        source="scan",
        template="benchmark",
        model="benchmark",
        consent="",
        purpose="benchmark",
        residual=0.0,
    )


def milliseconds(action: Callable[[], object], repeats: int) -> float:
    """Median time of `action`."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return 1000 * float(np.median(times))


def measure_inserts(folder: Path, people: int) -> dict[str, float]:
    rng = np.random.default_rng(0)
    prototypes = [person(rng, f"P{index}", SITES) for index in range(people)]
    path = folder / "inserts.db"
    with Gallery.open(path) as gallery:
        queue = iter(prototypes)
        insert = milliseconds(lambda: gallery.add(next(queue)), people)
        get = milliseconds(lambda: gallery.get("P7"), 20)
        erase = milliseconds(lambda: gallery.remove("P3"), 1)
    return {
        "insert_ms": insert,
        "get_ms": get,
        "remove_ms": erase,
        "remove_of_people": people,
        "bytes_per_person": path.stat().st_size / (people - 1),
        "open_ms": milliseconds(lambda: Gallery.open(path, readonly=True).close(), 20),
    }


def measure_search(folder: Path, people: int, repeats: int) -> dict[str, float]:
    """One small cloud stands in for everybody's: the search never reads them."""
    someone = encode(person(np.random.default_rng(1), "P", 1))

    def entries() -> Iterator[Entry]:
        rows = unit(np.random.default_rng(3).normal(size=(people, EMBEDDING)).astype(np.float32))
        for index, row in enumerate(rows):
            record = dataclasses.replace(someone.record, subject=f"P{index:07d}")
            yield Entry(record, someone.payload, (Vector("face", 0, "benchmark", row),))

    path = folder / "search.db"
    store = SqliteStore(path)
    store.put(entries(), replace=False)
    store.close()
    query = unit(np.random.default_rng(2).normal(size=EMBEDDING).astype(np.float32))
    with Gallery.open(path, readonly=True) as gallery:
        first = milliseconds(lambda: gallery.search_faces(query, 10), 1)
        matrix = unit(np.random.default_rng(3).normal(size=(people, EMBEDDING)).astype(np.float32))
        searches, products = [], []
        for _ in range(repeats):
            searches.append(milliseconds(lambda: gallery.search_faces(query, 10), 1))
            products.append(milliseconds(lambda: matrix @ query, 1))
    return {
        "people": people,
        "open_ms": milliseconds(lambda: Gallery.open(path, readonly=True).close(), 20),
        "first_search_ms": first,
        "top10_ms": float(np.median(searches)),
        "top10_best_ms": min(searches),
        "matmul_ms": float(np.median(products)),
        "matmul_best_ms": min(products),
        "best_over_best": min(searches) / min(products),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--people", type=int, default=100_000, help="people to search")
    parser.add_argument("--inserts", type=int, default=200, help="whole prototypes to insert")
    parser.add_argument("--repeats", type=int, default=50)
    parser.add_argument("--folder", type=Path, default=None, help="where the disk to measure is")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        result = {
            "inserts": measure_inserts(folder, options.inserts),
            "search": measure_search(folder, options.people, options.repeats),
            "sqlite": sqlite3.sqlite_version,
            "numpy": np.__version__,
            "python": platform.python_version(),
            "cores": os.cpu_count(),
        }
    if options.json:
        print(json.dumps(result, indent=2))
        return
    for group in ("inserts", "search"):
        for key, value in result[group].items():
            print(f"{group:8} {key:20} {value:12.3f}")


if __name__ == "__main__":
    main()
