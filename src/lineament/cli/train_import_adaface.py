"""`lineament train import-adaface FILE --out FOLDER`: AdaFace's IR-18 as a recogniser for embed."""

from pathlib import Path

from lineament.cli.workshop import workshop


def import_adaface(file: Path, *, out: Path, name: str = "adaface-ir18", licence: str = "not stated") -> None:
    """Write OUT/model.onnx and OUT/card.json, which `lineament embed --recogniser OUT/model.onnx` takes.

    FILE is the official AdaFace IR-18 checkpoint as safetensors; docs/pose-robust-faces.md has the three
    lines that convert the published .ckpt. Nothing is downloaded; the weights keep their own licence.

    Args:
        file: the checkpoint (.safetensors)
        out: folder of the recogniser
        name: of the recogniser on its card; one word
        licence: of the weights, for the card
    """
    with workshop("importing a checkpoint"):
        from lineament.training.adaface_import import import_adaface as made
    print(made(file, out, name, licence))
