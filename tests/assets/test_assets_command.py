import pytest

from lineament.assets import ASSETS, asset_named
from lineament.cli.assets import fetch_assets, list_assets, verify_assets
from lineament.errors import BadInputError


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    monkeypatch.setenv("LINEAMENT_ASSETS", str(tmp_path / "named"))
    monkeypatch.setenv("LINEAMENT_CACHE", str(tmp_path / "cache"))
    return tmp_path


def test_list_names_every_asset(capsys):
    list_assets()
    said = capsys.readouterr().out
    assert all(asset.name in said for asset in ASSETS) and said.count("absent") == len(ASSETS)


def test_nothing_here_verifies_unless_asked_for(capsys):
    verify_assets()
    assert "yunet: absent" in capsys.readouterr().out
    with pytest.raises(BadInputError, match="yunet is absent"):
        verify_assets(("yunet",))


def test_changed_files_do_not_verify(folders):
    path = folders / "cache/assets" / asset_named("astronaut").path
    path.parent.mkdir(parents=True)
    path.write_bytes(b"another picture")
    with pytest.raises(BadInputError, match="astronaut differs"):
        verify_assets()


def test_unknown_names_are_refused_before_anything_is_fetched(monkeypatch):
    monkeypatch.setattr("lineament.cli.assets.fetch", lambda _: pytest.fail("fetched"))
    with pytest.raises(BadInputError, match="no asset called 'nothing'"):
        fetch_assets(("yunet", "nothing"))


def test_folders_have_to_be_placed_by_hand():
    with pytest.raises(BadInputError, match="LINEAMENT_ASSETS"):
        fetch_assets(("hdri-cc0",))
