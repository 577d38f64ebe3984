"""What every test shares: where assets and photographs are, and skips by name when they are absent."""

import importlib.util
import os

import pytest
from hypothesis import settings

# Wall-clock limits for single examples say nothing on a shared machine.
settings.register_profile("lineament", deadline=None)
settings.load_profile("lineament")

# As the command line does: many small products, where more threads only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

NEEDED_FOLDER = {"assets": "LINEAMENT_ASSETS", "photographs": "LINEAMENT_PHOTOGRAPHS"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    workshop = all(importlib.util.find_spec(name) for name in ("torch", "anny", "warp", "onnx"))
    for item in items:
        for marker, variable in NEEDED_FOLDER.items():
            if item.get_closest_marker(marker) and not os.environ.get(variable):
                item.add_marker(pytest.mark.skip(reason=f"{variable} is not set"))
        if item.get_closest_marker("train") and not workshop:
            item.add_marker(pytest.mark.skip(reason="lineament[train] is not installed"))
