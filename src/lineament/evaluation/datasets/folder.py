"""What every reader asks of a folder."""

from pathlib import Path

from lineament.errors import BadInputError


def required(root: Path, *names: str) -> None:
    """Raise BadInputError unless every name exists below `root`."""
    missing = [name for name in names if not (root / name).exists()]
    if missing:
        raise BadInputError(f"{root} lacks {', '.join(missing)}; name the data set's own folder")
