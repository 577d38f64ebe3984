"""The demo as a user runs it, with the shipped weights and calibration."""

from pathlib import Path

import pytest

from lineament import assets
from lineament.cli.demo import demo


@pytest.mark.end_to_end
@pytest.mark.skipif(
    any(assets.find(name) is None for name in ("yunet", "sface", "astronaut")), reason="face models absent"
)
def test_everybody_is_as_they_should_be_and_a_users_gallery_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = tmp_path / "people.db"
    theirs.write_bytes(b"somebody's gallery")
    assert demo(out=tmp_path, show=False) == 0
    assert "4 of 4 as they should be" in capsys.readouterr().out
    assert (tmp_path / "astronaut-again.html").is_file()
    assert theirs.read_bytes() == b"somebody's gallery"
