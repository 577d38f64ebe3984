"""Where assets lie: the folder named by LINEAMENT_ASSETS, then the cache (LINEAMENT_CACHE or the user's)."""

import hashlib
import os
from pathlib import Path
from typing import Literal

import platformdirs

from lineament.assets.catalogue import ASSETS, Asset
from lineament.errors import BadInputError

State = Literal["ready", "absent", "differs"]


def cache_folder() -> Path:
    """The folder that fetched assets are kept in; it may not exist yet."""
    named = os.environ.get("LINEAMENT_CACHE")
    return Path(named) if named else Path(platformdirs.user_cache_dir("lineament"))


def search_folders() -> tuple[Path, ...]:
    """Folders searched for assets, in order."""
    named = os.environ.get("LINEAMENT_ASSETS")
    cached = cache_folder() / "assets"
    return (Path(named), cached) if named else (cached,)


def _relative_path(name: str) -> str:
    return next((asset.path for asset in ASSETS if asset.name == name), name)


def find(name: str) -> Path | None:
    """The file `name` (a listed name, or a path relative to an asset folder), or None where it is absent."""
    relative = _relative_path(name)
    return next((path for folder in search_folders() if (path := folder / relative).is_file()), None)


def find_folder(name: str) -> Path | None:
    """The asset folder `name`, such as "makehuman-cc0", or None where it is absent."""
    relative = _relative_path(name)
    return next((path for folder in search_folders() if (path := folder / relative).is_dir()), None)


def require(name: str) -> Path:
    """The file `name`, its content checked where it is listed.

    Raises BadInputError when it is absent or has another content; the message names the command to run.
    """
    path = find(name)
    if path is None:
        raise BadInputError(f"asset {name} is not on this machine; run: lineament assets fetch {name}")
    asset = next((asset for asset in ASSETS if name in (asset.name, asset.path)), None)
    if asset is not None and file_digest(path) != asset.sha256:
        raise BadInputError(
            f"asset {asset.name} at {path} is not the listed file (sha256 differs); "
            f"delete it, then run: lineament assets fetch {asset.name}"
        )
    return path


def state(asset: Asset) -> State:
    """Whether `asset` lies here with its listed content."""
    path = find_folder(asset.name) if asset.is_folder else find(asset.name)
    if path is None:
        return "absent"
    digest = folder_digest(path) if asset.is_folder else file_digest(path)
    return "ready" if digest == asset.sha256 else "differs"


def file_digest(path: Path) -> str:
    """sha256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_digest(folder: Path) -> str:
    """sha256 of the lines "sha256  relative/path" of all files below `folder`, sorted by path."""
    files = sorted(
        (path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file()
    )
    lines = "".join(f"{file_digest(path)}  {name}\n" for name, path in files)
    return hashlib.sha256(lines.encode()).hexdigest()
