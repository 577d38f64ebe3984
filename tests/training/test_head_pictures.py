import multiprocessing
import os
import signal
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("anny")
pytest.importorskip("warp")

from lineament.assets.store import cache_folder
from lineament.geometry.camera import Camera
from lineament.humans.body import BodyModel
from lineament.synth.head_places import NAMED, VERTICES
from lineament.training import head_pictures as module
from lineament.training.head_pictures import SIZE, head_pictures, pictures_so_far

pytestmark = pytest.mark.train


class Stream:
    """Samples that carry their index; breaks off where told to."""

    made: list[int] = []  # noqa: RUF012
    breaks_at = -1

    def __init__(self, *_):
        pass

    def identity(self, person):
        return None, None

    def sample(self, index):
        if index == Stream.breaks_at:
            raise KeyboardInterrupt
        Stream.made.append(index)
        return SimpleNamespace(
            image=np.full((SIZE, SIZE, 3), index, dtype=np.uint8),
            landmarks2d=np.full((len(VERTICES), 2), index, dtype=np.float32),
            visible=np.ones(len(VERTICES), dtype=bool),
            yaw=0.1 * index,
            pitch=0.0,
            roll=0.0,
            person=index // 2,
            rotation=np.eye(3),
            translation=np.array([0, 0, index]),
            camera=Camera(np.diag([200.0, 200.0, 1.0]), np.eye(3), np.zeros(3), SIZE, SIZE),
        )


@pytest.fixture
def stub(tmp_path, monkeypatch):
    """Pictures without people; returns whose clouds were asked for."""
    clouds: list[int] = []
    monkeypatch.setenv("LINEAMENT_CACHE", str(tmp_path))
    monkeypatch.setattr(module, "HeadStream", Stream)
    monkeypatch.setattr(module, "People", SimpleNamespace(load=lambda *_: None))
    put = SimpleNamespace(put=lambda person, *_: clouds.append(person))
    monkeypatch.setattr(module, "open_clouds", lambda *_: put)
    monkeypatch.setattr(module, "BLOCK", 2)
    Stream.breaks_at, Stream.made = -1, []
    return clouds


def test_interrupted_rendering_goes_on_where_it_was_saved(stub):
    Stream.breaks_at = 6
    with pytest.raises(KeyboardInterrupt):
        head_pictures(10, 5, seed=1)
    early = pictures_so_far(10, 5, seed=1)
    assert len(early) == 4 and early.images[:, 0, 0, 0].tolist() == [0, 1, 2, 3]
    Stream.breaks_at, Stream.made = -1, []
    pictures = head_pictures(10, 5, seed=1)
    assert Stream.made == [4, 5, 6, 7, 8, 9], "what was saved is kept"
    assert pictures.images[:, 0, 0, 0].tolist() == list(range(10))
    assert np.allclose(pictures.angles[:, 0], 0.1 * np.arange(10))
    assert pictures.people.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert pictures.translation[:, 2].tolist() == list(range(10)) and pictures.intrinsics[3, 0] == 200
    assert stub == [0, 1, 2, 2, 3, 4], "a cloud of everybody, along with the pictures"
    assert len(pictures_so_far(10, 5, seed=1)) == 10
    Stream.made = []
    head_pictures(10, 5, seed=1)
    assert Stream.made == []


def test_a_block_that_another_process_holds_is_left_to_it(stub):
    folder = module._folder(10, 5, 1)
    folder.mkdir(parents=True)
    with module._held(folder, 1) as mine:
        assert mine
        head_pictures(10, 5, seed=1)
    assert Stream.made == [0, 1, 2, 3, 8, 9]
    assert len(pictures_so_far(10, 5, seed=1)) == 4, "only leading ones count"
    head_pictures(10, 5, seed=1)
    assert len(pictures_so_far(10, 5, seed=1)) == 10 and sorted(Stream.made) == list(range(10))


def _die(folder):
    with module._held(folder, 0) as mine:
        assert mine
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_process_lets_its_block_go(tmp_path):
    process = multiprocessing.get_context("fork").Process(target=_die, args=(tmp_path,))
    process.start()
    process.join()
    assert process.exitcode == -9
    with module._held(tmp_path, 0) as mine:
        assert mine


def _own_cache(folder: Path) -> str:
    """A cache folder with what takes long to make, and without pictures."""
    folder.mkdir()
    for there in cache_folder().iterdir():
        if there.suffix == ".npz" or there.name in ("kernels", "assets"):
            (folder / there.name).symlink_to(there)
    return str(folder)


def test_two_processes_make_what_one_makes(tmp_path, monkeypatch):
    BodyModel.load()
    first, second = _own_cache(tmp_path / "one"), _own_cache(tmp_path / "two")
    monkeypatch.setenv("LINEAMENT_CACHE", first)
    one = head_pictures(22, 11, seed=5)
    monkeypatch.setenv("LINEAMENT_CACHE", second)
    two = head_pictures(22, 11, seed=5, processes=2)
    for name in ("images", "landmarks", "visible", "angles", "people", "rotation", "translation"):
        assert np.array_equal(getattr(one, name), getattr(two, name)), name
    assert one.landmarks.shape == (22, len(VERTICES), 2) and len(set(one.people.tolist())) == 11
    assert one.visible[:, :NAMED].mean() > 0.2
