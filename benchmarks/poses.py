"""Poses: milliseconds a sample, and how deep limbs go into the body before and after they are pushed out.

Depth is measured twice: by the capsules that the library uses, and on the posed skin of the average body (how
far vertices of forearms and hands lie behind the nearest skin of head, trunk, thighs and calves, and those of
calves behind head and trunk). Processor time, so that other load counts little.

    python benchmarks/poses.py --json
"""

import argparse
import json
import time

import numpy as np
from scipy.spatial import cKDTree

from lineament.anatomy import PART_INDEX
from lineament.humans.body import BodyModel
from lineament.humans.pose_kinds import KINDS
from lineament.humans.poses import SOURCES, PoseLibrary
from lineament.humans.self_contact import ALLOWED
from lineament.types import Float64

SKIN_LIMIT = 0.02
"""Metres of depth on the skin above which a pose counts as inside itself."""
NEAR = 0.12
"""Metres within which a vertex is judged by the nearest skin."""


def parts(*names: str) -> list[int]:
    both = [side + name for name in names for side in ("", "left_", "right_")]
    return [PART_INDEX[name] for name in both if name in PART_INDEX]


TESTED = (
    (parts("forearm", "hand"), parts("head", "torso", "thigh", "calf")),
    (parts("calf"), parts("head", "torso")),
)


def skin_depth(model: BodyModel, posed: Float64) -> float:
    faces = model.faces
    across = np.cross(posed[faces[:, 1]] - posed[faces[:, 0]], posed[faces[:, 2]] - posed[faces[:, 0]])
    normals = np.zeros_like(posed)
    for corner in range(3):
        np.add.at(normals, faces[:, corner], across)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    skin = np.unique(faces)
    deepest = 0.0
    for limbs, others in TESTED:
        limb = skin[np.isin(model.vertex_parts[skin], limbs)]
        other = skin[np.isin(model.vertex_parts[skin], others)]
        gap, nearest = cKDTree(posed[other]).query(posed[limb])
        behind = -((posed[limb] - posed[other[nearest]]) * normals[other[nearest]]).sum(axis=1)
        deepest = max(deepest, float(behind[gap < NEAR].max(initial=0.0)))
    return deepest


def measured(library: PoseLibrary, model: BodyModel, kind: str, count: int) -> dict[str, float]:
    body = model.build(model.average())
    rng = np.random.default_rng(0)
    library.sample(rng, kind)
    start = time.process_time()
    for _ in range(count):
        library.sample(rng, kind)
    took = (time.process_time() - start) / count
    depths = []
    for seed in range(count):
        main, base = library._draw_wide(np.random.default_rng(seed), kind, SOURCES)
        before = library.skeleton.expand(library.limits.clipped(main), base)
        after, _ = library._settled(main, base, library.contact)
        depths.append(
            [f(pose) for pose in (before, after) for f in (
                library.contact.depth, lambda one: skin_depth(model, model.pose(body, one).astype(np.float64))
            )]
        )  # fmt: skip
    found = np.array(depths)
    return {
        "ms": round(1000 * took, 2),
        "capsules_before": round(float((found[:, 0] > ALLOWED + 1e-6).mean()), 3),
        "capsules_after": round(float((found[:, 2] > ALLOWED + 1e-6).mean()), 3),
        "skin_before": round(float((found[:, 1] > SKIN_LIMIT).mean()), 3),
        "skin_after": round(float((found[:, 3] > SKIN_LIMIT).mean()), 3),
        "skin_after_p95_mm": round(1000 * float(np.quantile(found[:, 3], 0.95)), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=120, help="poses of each kind")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    model, library = BodyModel.load(), PoseLibrary.load()
    figures = {kind: measured(library, model, kind, options.count) for kind in KINDS}
    if options.json:
        print(json.dumps(figures))
        return
    for kind, one in figures.items():
        print(kind, ", ".join(f"{name} {value:g}" for name, value in one.items()))


if __name__ == "__main__":
    main()
