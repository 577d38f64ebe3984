"""Files that Lineament uses and does not contain: listed by content, found in a folder, fetched on demand.

`find(name)`, `find_folder(name)` and `require(name)` look; `fetch(asset)` brings. Nothing is fetched unasked.
"""

from lineament.assets.catalogue import ASSETS, Asset, asset_named
from lineament.assets.download import fetch
from lineament.assets.store import find, find_folder, require, state

__all__ = ["ASSETS", "Asset", "asset_named", "fetch", "find", "find_folder", "require", "state"]
