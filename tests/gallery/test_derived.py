"""What was learned from everybody goes with the first person who is taken out."""

import pytest
from gallery_people import build_prototype
from test_erasure import _raw

from lineament.errors import BadInputError
from lineament.gallery.gallery import Gallery

ADAPTER = b"rows of everybody " + bytes(range(256)) * 40


@pytest.fixture
def path(tmp_path):
    place = tmp_path / "people.db"
    with Gallery.open(place) as gallery:
        for name in ("a", "b", "c"):
            gallery.add(build_prototype(name))
        gallery.set_derived("adapter", ADAPTER)
        gallery.set_derived("round-000", b"drawn")
        gallery.set_calibration({"offset": 1.0}, "ten people")
    return place


def test_it_is_kept_replaced_and_taken_out(path):
    with Gallery.open(path) as gallery:
        assert gallery.derived("adapter") == ADAPTER and gallery.derived("other") is None
        gallery.set_derived("adapter", b"another")
        assert gallery.derived("adapter") == b"another"
        gallery.set_derived("adapter", None)
        gallery.set_derived("never there", None)
        assert gallery.derived("adapter") is None and gallery.derived("round-000") == b"drawn"


def test_erasing_a_person_erases_it_to_the_last_byte(path):
    from base64 import b64encode

    kept = b64encode(ADAPTER)[:64]
    assert kept in _raw(path)
    with Gallery.open(path) as gallery:
        gallery.remove("b")
        assert gallery.derived("adapter") is None and gallery.derived("round-000") is None
        assert kept not in _raw(path)
        assert gallery.calibration() is not None and gallery.subjects() == ["a", "c"]


def test_enrolling_again_takes_it_out_and_enrolling_somebody_else_does_not(path):
    with Gallery.open(path) as gallery:
        gallery.add(build_prototype("d"))
        assert gallery.derived("adapter") == ADAPTER
        gallery.add(build_prototype("a", seed=9), replace=True)
        assert gallery.derived("adapter") is None


def test_an_export_does_not_hold_it(path, tmp_path):
    with Gallery.open(path) as gallery:
        gallery.export(tmp_path / "out")
    with Gallery.open(tmp_path / "other.db") as other:
        other.import_(tmp_path / "out")
        assert other.derived("adapter") is None and len(other) == 3


def test_damage_is_told(path):
    with Gallery.open(path) as gallery:
        gallery._store.set_document("people/adapter", "no base64!")
        with pytest.raises(BadInputError, match="adapter"):
            gallery.derived("adapter")
