from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("anny")
pytest.importorskip("warp")

from lineament.synth.landmarks import LANDMARKS
from lineament.training import head_pictures as module
from lineament.training.head_pictures import SIZE, head_pictures

pytestmark = pytest.mark.train


class Stream:
    """Samples that carry their index; breaks off where told to."""

    made: list[int] = []  # noqa: RUF012
    breaks_at = -1

    def __init__(self, *_):
        pass

    def sample(self, index):
        if index == Stream.breaks_at:
            raise KeyboardInterrupt
        Stream.made.append(index)
        return SimpleNamespace(
            image=np.full((SIZE, SIZE, 3), index, dtype=np.uint8),
            landmarks2d=np.full((len(LANDMARKS), 2), index, dtype=np.float32),
            visible=np.ones(len(LANDMARKS), dtype=bool),
            yaw=0.1 * index,
            pitch=0.0,
            roll=0.0,
            person=index % 3,
        )


def test_interrupted_rendering_goes_on_where_it_was_saved(tmp_path, monkeypatch):
    monkeypatch.setenv("LINEAMENT_CACHE", str(tmp_path))
    monkeypatch.setattr(module, "HeadStream", Stream)
    monkeypatch.setattr(module, "People", SimpleNamespace(load=lambda *_: None))
    monkeypatch.setattr(module, "SAVE_EVERY", 4)
    Stream.breaks_at = 6
    with pytest.raises(KeyboardInterrupt):
        head_pictures(10, 3, seed=1)
    Stream.breaks_at, Stream.made = -1, []
    pictures = head_pictures(10, 3, seed=1)
    assert Stream.made == [4, 5, 6, 7, 8, 9], "what was saved is kept"
    assert pictures.images[:, 0, 0, 0].tolist() == list(range(10))
    assert np.allclose(pictures.angles[:, 0], 0.1 * np.arange(10)) and pictures.people.tolist()[:4] == [
        0,
        1,
        2,
        0,
    ]
    Stream.made = []
    head_pictures(10, 3, seed=1)
    assert Stream.made == []
