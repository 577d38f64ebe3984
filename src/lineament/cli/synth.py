"""`lineament synth preview`: look at what training sees."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from PIL import Image
from rich.console import Console

from lineament.cli.picture_out import check_picture
from lineament.cli.workshop import workshop
from lineament.errors import BadInputError
from lineament.types import UInt8
from lineament.writing import replacing

_console = Console(highlight=False, soft_wrap=True, markup=False)


def preview(
    *,
    out: Path = Path("preview.png"),
    seed: int = 0,
    start: int = 0,
    count: int = 48,
    people: int = 64,
    heads: bool = False,
    fix: Sequence[str] = (),
    sweep: Sequence[str] = (),
    set_: Sequence[str] = (),
    balance: Sequence[str] = (),
    framing: Literal["mixed", "whole", "upper", "head", "face"] = "mixed",
    preset: Literal["standard", "first", "first+poses", "first+poses+garments"] = "standard",
    size: str | None = None,
    pairs: Literal["none", "new-clothes", "same-clothes"] = "none",
    sequence: int = 1,
    photoreal: int = 0,
) -> None:
    """Draw a contact sheet of synthetic samples with their labels. Covariates are listed in docs/synth.md.

    Args:
        out: the picture
        seed: of the stream
        start: first sample
        count: number of samples
        people: size of the population
        heads: head crops with landmarks instead of people
        fix: NAME=VALUE, such as clothing=suit or yaw=45 (degrees)
        sweep: NAME=FIRST:LAST:STEP or NAME=VALUE,VALUE; all else stays the same
        set_: NAME=LOW..HIGH or NAME=VALUE:SHARE,VALUE:SHARE
        balance: NAME, spread evenly over the samples
        framing: what the pictures take in
        preset: distributions of today or of the first release
        size: WIDTHxHEIGHT in pixels
        pairs: two pictures of a person in different clothes, or of different people in the same
        sequence: pictures of one moving person
        photoreal: light paths a pixel of Mitsuba's colour; 0 is the rasteriser's
    """
    check_picture(out)
    if count < 1 or people < 1 or start < 0 or seed < 0:
        raise BadInputError("--count and --people must be at least 1, --start and --seed at least 0")
    with workshop("synth"):
        from lineament.synth.options import make_plan
        from lineament.synth.preview import draw_heads, draw_samples
    numbers = range(start, start + count)
    options: dict[str, Any] = {"fix": fix, "sweep": sweep, "distributions": set_, "balance": balance}
    options |= {"framing": framing, "preset": preset, "size": size, "pairs": pairs, "sequence": sequence}
    plan = make_plan(**options)
    if heads and plan != make_plan():
        raise BadInputError("--heads draws heads as alignment learns from them; leave the other options out")
    if heads:
        _save(draw_heads(seed, people, numbers), out)
    else:
        _save(draw_samples(seed, people, numbers, plan, photoreal), out)
    _console.print(f"{count} samples of seed {seed}: {out}")


def _save(sheet: UInt8, out: Path) -> None:
    try:
        with replacing(out) as partial:
            Image.fromarray(sheet).save(partial)
    except OSError as error:
        raise BadInputError(f"cannot write {out}: {error.strerror}; choose another --out") from error
