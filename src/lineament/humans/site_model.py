"""Learning the site model from sampled people: `python -m lineament.humans.site_model` writes
weights/template again.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from lineament.anatomy import HEAD
from lineament.geometry.site_model import SiteModel
from lineament.geometry.template import TEMPLATE_FOLDER, Template
from lineament.humans.body import BodyModel
from lineament.humans.template import build_template
from lineament.types import Float64, Int32

PEOPLE = 1500
COEFFICIENTS = 96
HEAD_EMPHASIS = 3.0
"""Head sites count this much more in the principal components: they are smaller, and identify more."""

_SIDES = (
    ("clavicle", "clavicle"),
    ("upper_arm", "upperarm01"),
    ("forearm", "lowerarm01"),
    ("hand", "wrist"),
    ("fingers", "finger3-1"),
    ("thigh", "upperleg01"),
    ("calf", "lowerleg01"),
    ("foot", "foot"),
    ("toes", "toe3-1"),
)
SKELETON: dict[str, str] = {
    "root": "root",
    "spine_lower": "spine04",
    "spine_middle": "spine02",
    "spine_upper": "spine01",
    "neck": "neck01",
    "head": "head",
    **{f"left_{name}": f"{bone}.L" for name, bone in _SIDES},
    **{f"right_{name}": f"{bone}.R" for name, bone in _SIDES},
}
"""Joint of the site model -> MakeHuman bone at whose head it lies."""


def reduced_bones(model: BodyModel) -> tuple[Int32, Int32]:
    """Which joint each of the 163 bones moves with (163,), and the parent of each joint (24,)."""
    joint_of = {model.bone(bone): joint for joint, bone in enumerate(SKELETON.values())}
    for side in "LR":
        names = list(SKELETON)
        fingers = names.index(f"{'left' if side == 'L' else 'right'}_fingers")
        toes = names.index(f"{'left' if side == 'L' else 'right'}_toes")
        joint_of |= {model.bone(f"finger{digit}-1.{side}"): fingers for digit in (2, 3, 4, 5)}
        joint_of |= {model.bone(f"toe{digit}-1.{side}"): toes for digit in (1, 2, 3, 4, 5)}
    of_bone = np.zeros(len(model.bone_parents), dtype=np.int32)
    for bone in range(len(of_bone)):
        above = bone
        while above not in joint_of:
            above = int(model.bone_parents[above])
        of_bone[bone] = joint_of[above]
    heads = [model.bone(bone) for bone in SKELETON.values()]
    parents = [-1 if bone == 0 else int(of_bone[model.bone_parents[bone]]) for bone in heads]
    return of_bone, np.array(parents, dtype=np.int32)


def sample_people(model: BodyModel, template: Template, count: int, seed: int) -> tuple[Float64, Float64]:
    """Rest sites (count, N, 3) and joints (count, 24, 3) of sampled adults."""
    rng = np.random.default_rng(seed)
    heads = [model.bone(bone) for bone in SKELETON.values()]
    sites = np.empty((count, len(template), 3))
    joints = np.empty((count, len(heads), 3))
    for person in range(count):
        body = model.build(model.sample(rng))
        sites[person], joints[person] = body.vertices[template.anny_vertex], body.bone_heads[heads]
    return sites, joints


def learn_site_model(
    model: BodyModel,
    template: Template,
    people: int = PEOPLE,
    seed: int = 0,
    coefficients: int = COEFFICIENTS,
) -> tuple[SiteModel, dict[str, float]]:
    """Principal components of `people` adults and their mirror images; figures on 200 others are returned
    too.
    """
    sites, joints = sample_people(model, template, people, seed)
    swap = _joint_mirror()
    flip = np.array([-1.0, 1.0, 1.0])
    sites = np.concatenate([sites, sites[:, template.mirror] * flip])
    joints = np.concatenate([joints, joints[:, swap] * flip])
    emphasis = np.where(template.parts == HEAD, HEAD_EMPHASIS, 1.0)[:, None]
    mean, joint_mean = sites.mean(axis=0), joints.mean(axis=0)
    deviations = ((sites - mean) * emphasis).reshape(len(sites), -1)
    values, vectors = np.linalg.eigh(deviations @ deviations.T / len(sites))
    strongest = np.argsort(-values)[:coefficients]
    scores = vectors[:, strongest] * np.sqrt(len(sites))
    basis = (scores.T @ deviations / len(sites)).reshape(-1, len(template), 3) / emphasis
    joint_basis = (scores.T @ (joints - joint_mean).reshape(len(joints), -1) / len(sites)).reshape(
        coefficients, -1, 3
    )
    of_bone, parents = reduced_bones(model)
    index, weight = _reduced_skinning(model, template, of_bone)
    learned = SiteModel(
        shape_mean=mean.astype(np.float32),
        shape_basis=basis.astype(np.float16).astype(np.float32),
        joint_mean=joint_mean.astype(np.float32),
        joint_basis=joint_basis.astype(np.float32),
        joint_parents=parents,
        skin_index=index,
        skin_weight=weight,
        joint_names=tuple(SKELETON),
        revision=template.revision,
    )
    held_out = sample_people(model, template, 200, seed + 1)
    return learned, {
        "variance_kept": float(values[strongest].sum() / values.sum()),
        **residuals(learned, template, *held_out),
    }


def residuals(learned: SiteModel, template: Template, sites: Float64, joints: Float64) -> dict[str, float]:
    """Millimetres left by the best coefficients on people (P, N, 3), (P, J, 3) that were not learned from."""
    emphasis = np.where(template.parts == HEAD, HEAD_EMPHASIS, 1.0)[:, None]
    design = (learned.shape_basis * emphasis).reshape(learned.coefficient_count, -1).T
    target = ((sites - learned.shape_mean) * emphasis).reshape(len(sites), -1).T
    coefficients = np.linalg.lstsq(design, target, rcond=None)[0].T
    fitted = np.stack([learned.shape(one) for one in coefficients])
    found = np.stack([learned.joints(one) for one in coefficients])
    error = 1000 * np.linalg.norm(fitted - sites, axis=2)
    head = template.parts == HEAD
    return {
        "residual_head_mm": float(error[:, head].mean()),
        "residual_body_mm": float(error[:, ~head].mean()),
        "residual_joints_mm": float(1000 * np.linalg.norm(found - joints, axis=2).mean()),
    }


def _joint_mirror() -> list[int]:
    names = list(SKELETON)
    swapped = {"left": "right", "right": "left"}
    pairs = [name.partition("_") for name in names]
    return [names.index(swapped.get(side, side) + bar + rest) for side, bar, rest in pairs]


def _reduced_skinning(model: BodyModel, template: Template, of_bone: Int32) -> tuple[Int32, np.ndarray]:
    """Weights summed over the bones of each joint, symmetrised, the four strongest kept: (N, 4) twice."""
    gather = np.zeros((len(of_bone), len(SKELETON)))
    gather[np.arange(len(of_bone)), of_bone] = 1.0
    weights = np.asarray(model.weights[template.anny_vertex] @ gather)
    weights = 0.5 * (weights + weights[template.mirror][:, _joint_mirror()])
    index = np.argsort(-weights, axis=1, kind="stable")[:, :4]
    kept = np.take_along_axis(weights, index, axis=1)
    kept /= kept.sum(axis=1, keepdims=True)
    return index.astype(np.int32), kept.astype(np.float32)


def write_artefact(folder: Path, template: Template, learned: SiteModel, record: dict[str, object]) -> None:
    """Write template.safetensors, site_model.safetensors, config.json and record.json into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    names = ("positions", "normals", "parts", "mirror", "neighbours", "triangles", "anny_vertex")
    save_file(
        {name: np.ascontiguousarray(getattr(template, name)) for name in names},
        folder / "template.safetensors",
    )
    small = {"shape_basis": np.float16, "joint_basis": np.float32, "skin_weight": np.float32}
    arrays = {name: getattr(learned, name).astype(kind) for name, kind in small.items()}
    for name in ("shape_mean", "joint_mean", "joint_parents", "skin_index"):
        arrays[name] = getattr(learned, name)
    save_file(
        {name: np.ascontiguousarray(value) for name, value in arrays.items()},
        folder / "site_model.safetensors",
    )
    config = {
        "revision": template.revision,
        "sites": len(template),
        "units": "metres; z up, facing -y, the person's left on +x, feet on z = 0",
        "rest_pose": "MakeHuman default rig: upright, arms about 45 degrees down",
        "site_model": {
            "coefficients": learned.coefficient_count,
            "joint_names": list(learned.joint_names),
            "bones": list(SKELETON.values()),
        },
    }
    for name, content in (("config.json", config), ("record.json", record)):
        (folder / name).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Build the template and the site model and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=TEMPLATE_FOLDER)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--coefficients", type=int, default=COEFFICIENTS)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    started = time.time()
    model = BodyModel.load()
    template = build_template(model)
    learned, figures = learn_site_model(
        model, template, arguments.people, arguments.seed, arguments.coefficients
    )
    record = {
        "command": "python -m lineament.humans.site_model "
        f"--people {arguments.people} --coefficients {arguments.coefficients} --seed {arguments.seed}",
        "head_modes": model.head.mode_count if model.head is not None else 0,
        "head_emphasis": HEAD_EMPHASIS,
        "seconds": round(time.time() - started),
        **{name: round(value, 4) for name, value in figures.items()},
    }
    write_artefact(arguments.folder, template, learned, record)
    print(json.dumps(record))


if __name__ == "__main__":
    main()
