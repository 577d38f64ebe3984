"""Make the people and photographs of `lineament demo`: small files, from a seed of their own."""

from pathlib import Path

import cv2
import numpy as np

from lineament.recognition.recogniser import Recogniser
from lineament.synth.enrolment import rendered_faces
from lineament.synth.people import People
from lineament.synth.studio import ShotPlan, Studio

DEMO_SEED = 9003
ENROLLED = 20
PROBES: tuple[tuple[str, int, ShotPlan], ...] = (
    ("person-07", 7, ShotPlan("upper", 0.25)),
    ("person-12", 12, ShotPlan("full", -0.3)),
    ("stranger", ENROLLED, ShotPlan("upper", -0.2)),
)
"""File name, person and view; the last one is nobody who is enrolled."""
JPEG_QUALITY = 88


def make_demo(folder: Path, recogniser: Recogniser) -> None:
    """Write `people.npz` (sites, colours and face templates of 20 people) and the probes as JPEG."""
    folder.mkdir(parents=True, exist_ok=True)
    people = People.load(ENROLLED + 1, DEMO_SEED)
    arrays: dict[str, list[np.ndarray]] = {
        name: [] for name in ("points", "colours", "faces", "yaws", "owner")
    }
    for person in range(ENROLLED):
        held = people.prototype(person)
        faces = rendered_faces(
            people.model, people.body(person), people.identity_look(person), recogniser.reader
        )
        arrays["points"].append(held.points.astype(np.float16))
        arrays["colours"].append(np.clip(np.round(held.colours * 255), 0, 255).astype(np.uint8))
        arrays["faces"].extend(face.embedding.astype(np.float16) for face in faces)
        arrays["yaws"].extend(np.float16(face.yaw) for face in faces)
        arrays["owner"].extend([np.uint8(person)] * len(faces))
    packed = {name: np.stack(rows) for name, rows in arrays.items()}
    np.savez_compressed(folder / "people.npz", face_model=np.array(recogniser.reader.model), **packed)
    studio = Studio(DEMO_SEED, people)
    for name, person, plan in PROBES:
        image = studio.photograph(person, 500, plan).image
        ok, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        if not ok:
            raise RuntimeError(f"OpenCV could not encode {name}.jpg")
        (folder / f"{name}.jpg").write_bytes(data.tobytes())
