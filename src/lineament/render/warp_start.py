"""Warp set up once a process: silently, with compiled kernels in Lineament's cache folder."""

from functools import cache

import warp as wp

from lineament.assets.store import cache_folder


@cache
def start_warp() -> None:
    """Initialise Warp, unless it runs already with settings of somebody else's."""
    if wp.config.kernel_cache_dir is None:
        wp.config.kernel_cache_dir = str(cache_folder() / "kernels")
        wp.config.log_level = wp.LOG_ERROR
    wp.init()
