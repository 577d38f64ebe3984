"""Files that Lineament uses and does not contain: found by name in a folder of assets or in the cache."""

from lineament.assets.store import find, find_folder, require

__all__ = ["find", "find_folder", "require"]
