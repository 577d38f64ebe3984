"""`lineament synth outfits`: a sheet is written, and bad choices get one line."""

from pathlib import Path

import pytest
from PIL import Image

from lineament.cli.synth_outfits import outfits
from lineament.errors import BadInputError

pytestmark = pytest.mark.train


def test_a_sheet_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("anny")
    out = tmp_path / "sheet.png"
    outfits(out=out, count=3, people=2, columns=2, clothing=("outerwear:loose_coat",))
    with Image.open(out) as picture:
        assert picture.size == (880, 748)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"out": Path("sheet.gif")}, "--out must end in"),
        ({"count": 0}, "--count"),
        ({"clothing": ("suit",)}, "FIELD:VALUE"),
        ({"clothing": ("dress:tuxedo",), "people": 1, "count": 1}, "not one of: separates"),
    ],
)
def test_bad_choices_get_one_line(tmp_path: Path, given: dict[str, object], words: str) -> None:
    pytest.importorskip("anny")
    with pytest.raises(BadInputError, match=words) as complaint:
        outfits(**{"out": tmp_path / "sheet.png"} | given)
    assert "\n" not in str(complaint.value)
    assert not list(tmp_path.iterdir())
