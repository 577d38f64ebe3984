"""Where a command's picture goes."""

from pathlib import Path

from lineament.errors import BadInputError


def check_picture(out: Path) -> None:
    """Raise BadInputError, before anything is drawn, where no picture can be written as `out`."""
    if out.suffix.lower() not in (".png", ".jpg"):
        raise BadInputError(f"--out must end in .png or .jpg, not {out.name!r}")
    if not out.absolute().parent.is_dir():
        raise BadInputError(f"there is no folder {out.parent}; choose another --out")
