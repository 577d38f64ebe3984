"""Images per second of the rasteriser, labels and shadows included, beside ray casting of the same labels.

The scene is an Anny body in motion with about 62,000 triangles of textured clothes and transparent hair
cards; a smooth image has 2 x 2 samples a pixel at edges. Peer: Embree through trimesh, which gives triangle,
weights, part and canonical place of every pixel but no colour; its tree is built again for every image
because every image moves. Floor of any label pipeline: copying the finished arrays.

    python benchmarks/render.py --json
"""

import argparse
import json
import multiprocessing
import os
import time
from collections.abc import Callable
from functools import lru_cache
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier

import numpy as np
import trimesh

from lineament.geometry.camera import Camera
from lineament.geometry.surface import Surface
from lineament.humans.body import BodyModel
from lineament.render.frame import Frame
from lineament.render.light import Light
from lineament.render.rasteriser import Rasteriser

SIZES = (256, 512)
POSES = 8


@lru_cache(maxsize=1)
def posed_scenes() -> list[list[Surface]]:
    """The same dressed body in a few poses; faces, uv and textures are shared as a wardrobe shares them."""
    model = BodyModel.load()
    body = model.build(model.average())
    rng = np.random.default_rng(0)
    cloth = rng.integers(60, 200, (1024, 1024, 3), dtype=np.uint8)
    hair = rng.integers(20, 90, (512, 512, 4), dtype=np.uint8)
    hair[..., 3] = np.where(np.indices((512, 512))[1] // 8 % 3 == 0, 0, 255)
    head = model.face_parts == 1
    layers = [
        (1.01, np.flatnonzero(~head), cloth),
        (1.03, np.flatnonzero(head), hair),
        (1.02, np.flatnonzero(head), hair),
    ]
    layers = [
        (scale, model.faces[at], model.face_uv[at], model.face_parts[at], look) for scale, at, look in layers
    ]
    limbs = [i for i, name in enumerate(model.bone_names) if "arm" in name.lower() or "leg" in name.lower()]
    scenes = []
    for _ in range(POSES):
        rotations = np.tile(np.eye(3), (len(model.bone_names), 1, 1))
        for bone in limbs:
            rotations[bone] = trimesh.transformations.rotation_matrix(rng.normal(0, 0.2), rng.normal(size=3))[
                :3, :3
            ]
        skin = model.pose(body, rotations)
        colours = np.tile(np.float32([0.5, 0.3, 0.2]), (len(skin), 1))
        scene = [Surface("skin", skin, model.faces, model.face_parts, model.canonical, colours)]
        middle = skin.mean(axis=0)
        for scale, faces, uv, parts, look in layers:
            vertices = (middle + (skin - middle) * np.float32([scale, scale, 1.0])).astype(np.float32)
            scene.append(Surface("layer", vertices, faces, parts, model.canonical, uv=uv, texture=look))
        scenes.append(scene)
    return scenes


def camera_at(i: int, size: int) -> Camera:
    """A full figure seen from all around."""
    target = np.array([0.0, 0.0, 0.85])
    return Camera.looking_at(
        target, azimuth=0.7 * i, elevation=0.1, distance=4.0, focal=1.9 * size, width=size, height=size
    )


def rate(step: Callable[[int], object], seconds: float) -> float:
    """Calls a second, after two to warm up."""
    step(0), step(1)
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        step(count)
        count += 1
    return count / (time.perf_counter() - start)


def rasterise(size: int, seconds: float, ready: Callable[[], object] = lambda: None) -> float:
    """Images a second of this process."""
    scenes, rasteriser, light = posed_scenes(), Rasteriser(), Light.studio()
    rasteriser.render(scenes[0], camera_at(0, size), light)
    ready()
    return rate(lambda i: rasteriser.render(scenes[i % POSES], camera_at(i, size), light), seconds)


def processor_time(size: int, supersample: int, count: int = 24, rounds: int = 5) -> float:
    """Milliseconds of processor time an image in the best of some rounds: other work disturbs it least."""
    scenes, rasteriser, light = posed_scenes(), Rasteriser(), Light.studio()
    times = []
    for _ in range(rounds + 1):
        start = time.process_time()
        for i in range(count):
            rasteriser.render(scenes[i % POSES], camera_at(i, size), light, supersample=supersample)
        times.append((time.process_time() - start) / count)
    return 1e3 * min(times[1:])


def cast(size: int, seconds: float) -> float:
    """Images a second of Embree with the labels that it can give; its threads are left at one by trimesh."""
    from trimesh.ray.ray_pyembree import RayMeshIntersector

    scenes = posed_scenes()
    parts = [np.concatenate([s.parts for s in scene]) for scene in scenes]
    canonical = [np.concatenate([s.canonical for s in scene]) for scene in scenes]

    def step(i: int) -> None:
        scene, camera = scenes[i % POSES], camera_at(i, size)
        starts = np.cumsum([0, *(len(s.vertices) for s in scene)])
        vertices = np.concatenate([s.vertices for s in scene])
        faces = np.concatenate([s.faces + start for s, start in zip(scene, starts[:-1], strict=True)])
        y, x = np.mgrid[:size, :size] + 0.5
        rays = np.stack(
            [(x - size / 2) / camera.K[0, 0], (y - size / 2) / camera.K[1, 1], np.ones_like(x)], -1
        )
        rays = rays.reshape(-1, 3) @ camera.R
        tree = RayMeshIntersector(trimesh.Trimesh(vertices, faces, process=False))
        hits = tree.intersects_first(np.broadcast_to(camera.centre, rays.shape), rays)
        seen = hits >= 0
        corners = faces[hits[seen]]
        edge_1, edge_2 = (
            vertices[corners[:, 1]] - vertices[corners[:, 0]],
            vertices[corners[:, 2]] - vertices[corners[:, 0]],
        )
        across = np.cross(rays[seen], edge_2)
        offset = camera.centre - vertices[corners[:, 0]]
        scale = 1 / (edge_1 * across).sum(1)
        v = (offset * across).sum(1) * scale
        w = (rays[seen] * np.cross(offset, edge_1)).sum(1) * scale
        weights = np.stack([1 - v - w, v, w], -1)
        parts[i % POSES][hits[seen]], (weights[..., None] * canonical[i % POSES][corners]).sum(1)

    return rate(step, seconds)


def copy_labels(size: int, seconds: float) -> float:
    """Images a second when nothing is done but copying a finished frame."""
    scenes = posed_scenes()
    frame = Rasteriser().render(scenes[0], camera_at(0, size), Light.studio())
    arrays = [getattr(frame, name) for name in Frame.__slots__]
    return rate(lambda _: [array.copy() for array in arrays], min(seconds, 1.0))


def every_core(size: int, seconds: float) -> float:
    """Images a second of one process a core, together, timed from when all are ready."""
    cores = len(os.sched_getaffinity(0))
    spawn = multiprocessing.get_context("spawn")
    ready, rates = spawn.Barrier(cores), spawn.SimpleQueue()
    workers = [
        spawn.Process(target=rasterise_together, args=(size, seconds, ready, rates)) for _ in range(cores)
    ]
    for worker in workers:
        worker.start()
    total = sum(rates.get() for _ in workers)
    for worker in workers:
        worker.join()
    return total


def rasterise_together(size: int, seconds: float, ready: Barrier, rates: SimpleQueue) -> None:
    rates.put(rasterise(size, seconds, ready.wait))


def measure(seconds: float) -> dict[str, object]:
    scene = posed_scenes()[0]
    results: dict[str, object] = {
        "cores": len(os.sched_getaffinity(0)),
        "load": os.getloadavg()[0],
        "triangles": sum(len(s.faces) for s in scene),
        "unit": "images per second",
    }
    for size in SIZES:
        one, together, peer = rasterise(size, seconds), every_core(size, seconds), cast(size, seconds)
        results[f"{size}x{size}"] = {
            "one_process": round(one, 1),
            "one_process_a_core": round(together, 1),
            "processor_ms_per_image": round(processor_time(size, 1), 2),
            "processor_ms_per_smooth_image": round(processor_time(size, 2), 2),
            "embree_labels_one_process": round(peer, 1),
            "ratio_to_embree": round(one / peer, 1),
            "copying_a_frame": round(copy_labels(size, seconds), 1),
        }
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of each measurement")
    options = parser.parse_args()
    results = measure(options.seconds)
    if options.json:
        print(json.dumps(results, indent=2))
        return
    for name, value in results.items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
