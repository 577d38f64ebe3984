"""`lineament train poses`: the pose prior, learned from captured poses."""

from pathlib import Path

from lineament.cli.workshop import workshop
from lineament.errors import BadInputError


def train_poses(
    *, out: Path = Path("runs/pose_prior"), seed: int = 0, epochs: int = 80, threads: int = 1
) -> int:
    """Train the pose prior on motion capture and pose files, and write its release folder to OUT.

    Args:
        out: folder of model.safetensors, config.json, CARD.md, LICENSE and record.json.
        seed: of the clips that are held out, the starting weights and the batches.
        epochs: how often each pose is seen; 80 take about a minute.
        threads: threads that train.
    """
    if epochs < 1 or threads < 1 or seed < 0:
        raise BadInputError("--epochs and --threads are at least 1, --seed at least 0")
    with workshop("training"):
        from lineament.training.pose_prior import PriorRecipe, release
    print(release(out, seed, PriorRecipe(epochs=epochs), threads))
    return 0
