"""The head branch from a recipe to its record: with and without sharing, judged on unseen people."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from safetensors.torch import save_file

from lineament.training.faces.arms import Say, told
from lineament.training.faces.features import FaceSet
from lineament.training.faces.head_branch import HeadRecipe, compared, learn_heads
from lineament.training.faces.head_judging import FPIR, GALLERY, try_all
from lineament.training.faces.world import World
from lineament.writing import replacing

LEAST: Final = 112.0
"""Pixels that a probe's head spans at least."""


def run_heads(recipe: HeadRecipe, world: World, out: Path, say: Say) -> dict[str, Any]:
    """Train with and without sharing, judge, and write head-branch.json and head-branch.md to `out`."""
    faces = _large(world.judged)
    unseen = world.unseen.of(np.unique(faces.person))
    content: dict[str, Any] = {
        "recipe": asdict(recipe),
        "learned from": {"crops": len(world.learned), "people": len(world.cast)},
        "judged on": {"crops": len(faces), "people": len(unseen)},
        "arms": {},
    }
    out.mkdir(parents=True, exist_ok=True)
    for sharing in (True, False):
        name = f"{'with' if sharing else 'without'} sharing"
        network, log, minutes = learn_heads(replace(recipe, sharing=sharing), world.learned, world.cast, say)
        save_file(network.state_dict(), out / f"head-branch-{name.replace(' ', '-')}.safetensors")
        scores = compared(network, faces, unseen)
        found = {
            kind: told(try_all(scores, faces, unseen, recipe.seed, alike=kind == "alike").figures())
            for kind in ("random", "alike")
        }
        content["arms"][name] = {"figures": found, "log": log, "minutes": minutes}
        with replacing(out / "head-branch.json") as partial:
            partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        with replacing(out / "head-branch.md") as partial:
            partial.write_text(table(content), encoding="utf-8")
    return content


def _large(faces: FaceSet) -> FaceSet:
    return faces.only(faces.size >= LEAST)


def table(content: Mapping[str, Any]) -> str:
    """Markdown: closed and open galleries of people drawn at random and of people alike."""
    learned, judged = content["learned from"], content["judged on"]
    lines = [
        f"Learned from {learned['crops']:,} crops of {learned['people']:,} synthetic people; judged on "
        f"{judged['crops']:,} crops of {judged['people']} others, heads of at least {LEAST:g} pixels. "
        f"Galleries of {GALLERY} people enrolled as point clouds; DIR: found at rank 1 above the threshold "
        f"that lets {FPIR:.0%} of the probes of {GALLERY} strangers pass. Alike: of like age, sex and skin.",
        "",
    ]
    for kind, title in (("random", "People drawn at random"), ("alike", "People alike")):
        arms = {name: arm["figures"][kind] for name, arm in content["arms"].items()}
        rows = list(dict.fromkeys(row for figures in arms.values() for row in figures))
        lines += [f"### {title}", "", "| probes | " + " | ".join(arms) + " |", "|---" * (len(arms) + 1) + "|"]
        for row in rows:
            cells = [_cell(figures.get(row)) for figures in arms.values()]
            lines.append(f"| {row} | " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines)


def _cell(figure: Mapping[str, Any] | None) -> str:
    if figure is None or "value" not in figure:
        return "too few"
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f}, n = {figure['cases']:,})"
