"""What commands say that need the workshop where only the light product is installed."""

from collections.abc import Iterator
from contextlib import contextmanager

from lineament.errors import BadInputError


@contextmanager
def workshop(what: str) -> Iterator[None]:
    """Import the workshop within this block; a library that is missing raises BadInputError for `what`."""
    try:
        yield
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("lineament"):
            raise
        raise BadInputError(
            f"{what} needs the workshop (no module {missing.name}); run: pip install 'lineament[train]'"
        ) from missing
