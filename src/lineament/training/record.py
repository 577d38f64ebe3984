"""What is kept of a run's pieces: where each began, on what machine, with which versions."""

import platform
import subprocess
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch

from lineament import __version__
from lineament.training.checkpoint import RunState
from lineament.training.machine import Machine
from lineament.training.recipe import Recipe


def piece(state: RunState, machine: Machine, recipe: Recipe) -> dict[str, object]:
    """The piece of a run that begins at `state` on this machine."""
    return {
        "step": state.step,
        "samples": state.samples,
        "seconds": state.seconds,
        "device": _device(machine.device),
        "ranks": machine.ranks,
        "precision": machine.precision,
        "threads": recipe.threads,
        "workers": recipe.workers,
        "versions": _versions(machine.device),
        "revision": _revision(),
    }


def pieces_told(state: RunState) -> list[dict[str, object]]:
    """The pieces of a run with how far each went: steps, pictures, minutes, pictures a second."""
    end = {"step": state.step, "samples": state.samples, "seconds": state.seconds}
    return [
        {name: value for name, value in one.items() if name not in end} | _length(one, following)
        for one, following in pairwise([*state.pieces, end])
    ]


def _length(one: Mapping[str, object], following: Mapping[str, object]) -> dict[str, object]:
    steps, pictures, seconds = (following[name] - one[name] for name in ("step", "samples", "seconds"))
    return {
        "from_step": one["step"],
        "steps": steps,
        "pictures": pictures,
        "minutes": round(seconds / 60, 2),
        "pictures_per_second": round(pictures / seconds, 1) if seconds > 0 else None,
    }


def _device(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine()


def _versions(device: torch.device) -> dict[str, str | None]:
    versions: dict[str, str | None] = {
        "lineament": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }
    return versions | ({"cuda": torch.version.cuda} if device.type == "cuda" else {})


def _revision() -> str | None:
    """The commit of this code, with "-dirty" where it was changed; None where it is no checkout."""
    here = Path(__file__)
    if _git(here, "ls-files", "--error-unmatch", here.name) is None:
        return None
    return _git(here, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")


def _git(file: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(file.parent), *arguments], capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
