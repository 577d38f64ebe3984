"""`lineament train confidence`: what a correspondence's confidence means, from synthetic people."""

from pathlib import Path

from lineament.cli.workshop import workshop
from lineament.errors import BadInputError
from lineament.runtime.registrar import Registrar


def train_confidence(
    *, out: Path = Path("runs/calibration"), pictures: int = 120, seed: int = 9003, model: Path | None = None
) -> int:
    """Calibrate the confidences of correspondences on synthetic people who were never trained on.

    Writes OUT/confidence.json: the map from raw confidences to probabilities, and the operating point with
    its curve. `lineament train calibration` does this too. Takes about a minute on one core.

    Args:
        out: folder of confidence.json
        pictures: labelled pictures
        seed: of the people; `lineament evaluate confidence` judges by others
        model: folder of another registration model (image.onnx, points.onnx)
    """
    if pictures < 1:
        raise BadInputError(f"--pictures is at least 1, not {pictures}")
    with workshop("training"):
        from lineament.training.confidence import make_confidence
    fitted = make_confidence(out, Registrar.load(model), print, seed=seed, pictures=pictures)
    chosen = fitted.chosen
    if chosen is not None:
        print(
            f"kept from a confidence of {chosen.threshold:g}: {chosen.correspondence_rate:.1%} of the "
            f"pixels, {chosen.inlier_share or 0.0:.1%} of them within {100 * fitted.distance:g} cm"
        )
    print(out / "confidence.json")
    return 0
