"""`lineament train variants RELEASE --out DIR`: a released model in single, half and eight-bit precision."""

from pathlib import Path

from lineament.cli.workshop import workshop
from lineament.errors import BadInputError
from lineament.weights import folder


def train_variants(
    *, model: Path | None = None, out: Path = Path("runs/variants"), pictures: int = 48
) -> int:
    """Write OUT/fp32, OUT/fp16 and OUT/int8 of a released registration model, and how far they agree.

    Each is a folder that `--model` of register and evaluate takes; OUT/parity.json compares them on synthetic
    pictures that the eight-bit ranges were not taken from.

    Args:
        model: folder of the released model (the shipped one by default)
        out: folder of the variants
        pictures: synthetic pictures that the eight-bit ranges are taken from; half as many are compared
    """
    if pictures < 2:
        raise BadInputError(f"--pictures is at least 2, not {pictures}")
    with workshop("making variants"):
        from itertools import islice

        from lineament.training.parity import parities, write_parities
        from lineament.training.variants import synthetic_pictures, write_variants
    drawn = synthetic_pictures(pictures + pictures // 2)
    folders = write_variants(model or folder("registration"), out, islice(drawn, pictures))
    found = parities(folders, list(drawn))
    for name, one in found.items():
        print(
            f"{name}: parts agree {one.parts_agree:.2%}, mask IoU {one.mask_iou:.4f}, places differ by "
            f"{1000 * one.canonical_mean:.1f} mm, cosine of embeddings {one.features_cosine:.4f}"
        )
    write_parities(out / "parity.json", found)
    print(out)
    return 0
