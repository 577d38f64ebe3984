"""Peers that are installed only where the user wants them."""

from importlib import import_module
from typing import Any

from lineament.errors import BadInputError


def installed(module: str, how: str) -> Any:
    """An optional module; raises BadInputError, one line, where it is not installed."""
    try:
        return import_module(module)
    except (ImportError, SystemExit) as error:
        raise BadInputError(f"{module} is not installed; install it ({how}) or leave it out") from error
