import pytest


@pytest.fixture(scope="session")
def rasteriser():
    pytest.importorskip("warp")
    from lineament.render.rasteriser import Rasteriser

    return Rasteriser()
