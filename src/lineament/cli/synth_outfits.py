"""`lineament synth outfits`: look at the clothes that synthetic people wear."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.progress import track

from lineament.cli.picture_out import check_picture
from lineament.cli.workshop import workshop
from lineament.errors import BadInputError
from lineament.writing import replacing

_console = Console(highlight=False, soft_wrap=True, markup=False)


def outfits(
    *,
    out: Path = Path("outfits.png"),
    count: int = 60,
    seed: int = 0,
    people: int = 64,
    columns: int = 6,
    clothing: Sequence[str] = (),
) -> None:
    """Draw a contact sheet of dressed people in varied poses, each beside the parts that are labelled.

    Args:
        out: the picture
        count: number of outfits
        seed: of the outfits and poses
        people: size of the population that wears them
        columns: outfits a row
        clothing: choices to keep, such as dress:suit bag:backpack; the others are drawn
    """
    check_picture(out)
    if count < 1 or columns < 1 or people < 1 or seed < 0:
        raise BadInputError("--count, --columns and --people must be at least 1, --seed at least 0")
    with workshop("synth outfits"):
        from lineament.synth.outfit_sheet import outfit_tile, sheet
        from lineament.synth.people import People
    fixed = dict(_choice(word) for word in clothing)
    population = People.load(people, seed)
    numbers = track(range(count), "outfits", console=Console(stderr=True), transient=True)
    tiles = [outfit_tile(population, seed, number, fixed) for number in numbers]
    try:
        with replacing(out) as partial:
            Image.fromarray(sheet(tiles, min(columns, count))).save(partial)
    except OSError as error:
        raise BadInputError(f"cannot write {out}: {error.strerror}; choose another --out") from error
    _console.print(f"{count} outfits of seed {seed}: {out}")


def _choice(word: str) -> tuple[str, str]:
    field, colon, value = word.partition(":")
    if not colon:
        raise BadInputError(f"--clothing takes FIELD:VALUE, such as dress:suit, not {word!r}")
    return field, value
