"""`lineament train hardships`: what explanations know of hard photographs, from synthetic people."""

from pathlib import Path

from lineament.cli.workshop import workshop
from lineament.errors import BadInputError
from lineament.runtime.registrar import Registrar


def train_hardships(
    *, out: Path = Path("runs/calibration"), people: int = 30, pictures: int = 360, model: Path | None = None
) -> None:
    """Measure how honest measured lengths are, and learn what tells a covered face from a bare one.

    Writes OUT/lengths.json, which belongs to the registration model, and OUT/covering.json, which belongs to
    the face model; copy them beside the shipped calibration. Takes five to ten minutes on one core.

    Args:
        out: folder of the two files
        people: who are photographed whole, four times each, for the lengths
        pictures: heads, half of them covered
        model: folder of another registration model (image.onnx, points.onnx)
    """
    if people < 1 or pictures < 50:
        raise BadInputError(f"--people is at least 1 and --pictures at least 50, not {people} and {pictures}")
    with workshop("training"):
        from lineament.training.covering import make_covering
        from lineament.training.lengths import make_lengths
    lengths = make_lengths(out, Registrar.load(model), print, people=people)
    print(f"lengths: errors are {', '.join(f'{one:.2f}' for one in lengths.factor)} times the stated ones")
    covering = make_covering(out, print, pictures=pictures)
    print(
        f"covered faces: {covering.found:.1%} found at {covering.false_alarms:.1%} false alarms, "
        f"{covering.people} people"
    )
    print(out)
