"""Where assets lie: the folder named by LINEAMENT_ASSETS first, then our cache (LINEAMENT_CACHE or the user's)."""

import os
from pathlib import Path

import platformdirs

from lineament.errors import BadInputError


def cache_folder() -> Path:
    """The folder that fetched assets are kept in; it may not exist yet."""
    named = os.environ.get("LINEAMENT_CACHE")
    return Path(named) if named else Path(platformdirs.user_cache_dir("lineament"))


def search_folders() -> tuple[Path, ...]:
    """Folders searched for assets, in order."""
    named = os.environ.get("LINEAMENT_ASSETS")
    cached = cache_folder() / "assets"
    return (Path(named), cached) if named else (cached,)


def find(name: str) -> Path | None:
    """The file `name` (a path relative to an asset folder), or None where no folder holds it."""
    return next((path for folder in search_folders() if (path := folder / name).is_file()), None)


def find_folder(name: str) -> Path | None:
    """The asset folder `name`, such as "makehuman-cc0", or None where it is absent."""
    return next((path for folder in search_folders() if (path := folder / name).is_dir()), None)


def require(name: str) -> Path:
    """The file `name`; raises BadInputError naming the command that fetches it."""
    path = find(name)
    if path is None:
        raise BadInputError(f"asset {name} is not on this machine; run: lineament assets fetch {name}")
    return path
