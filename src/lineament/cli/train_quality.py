"""`lineament train quality`: what foretells that a face's picture will fail, from synthetic people."""

from pathlib import Path

from lineament.cli.workshop import workshop
from lineament.errors import BadInputError


def train_quality(*, out: Path = Path("runs/face-quality"), pictures: int = 600) -> None:
    """Fit the quality of face pictures on renders of people who are nobody.

    Writes OUT/config.json with card, licence and record, the folder that ships as weights/face_quality; the
    record also tells what averaging mirrored and shifted crops brings. Pictures and readings are kept in the
    cache, so that an interrupted call goes on. Takes about 0.5 s of one core a picture.

    Args:
        out: the folder to write
        pictures: renders, at least 200; every other one is also made worse
    """
    if pictures < 200:
        raise BadInputError(f"--pictures is at least 200, not {pictures}")
    with workshop("training"):
        from lineament.training.face_quality import make_quality
    model = make_quality(out, print, pictures=pictures)
    print(f"{model.revision}: {out}")
