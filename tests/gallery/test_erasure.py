"""Removing a person leaves no byte of them in any file of the gallery."""

import dataclasses
import random
import sqlite3
from pathlib import Path

import pytest
from gallery_people import build_prototype

from lineament.errors import BadInputError
from lineament.gallery.gallery import Gallery
from lineament.gallery.record import encode
from lineament.gallery.sqlite import SqliteStore
from lineament.types import Prototype

pytestmark = pytest.mark.fault


def _raw(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*"))


def _traces(prototype: Prototype, raw: bytes) -> list[str]:
    """Which of the person's data can be found in `raw`, looked for in pieces of 16 bytes."""
    data = {
        "name": [prototype.subject.encode()],
        "consent": [prototype.consent.encode()],
        "points": _pieces(prototype.points.tobytes()),
        "features": _pieces(prototype.features.tobytes()),
        "face": _pieces(prototype.face.embeddings.tobytes()) if prototype.face else [],
    }
    return [what for what, pieces in data.items() if any(piece in raw for piece in pieces)]


def _pieces(data: bytes) -> list[bytes]:
    return [data[start : start + 16] for start in range(0, len(data) - 15, 16 * max(1, len(data) // 1600))]


def test_no_byte_of_an_erased_person_is_left_while_open_and_after(tmp_path):
    path = tmp_path / "people.db"
    people = [build_prototype(f"Person-{i:04d}-{random.Random(i).random()}", i, sites=300) for i in range(6)]
    with Gallery.open(path) as gallery:
        for person in people:
            gallery.add(person)
        assert set(_traces(people[2], _raw(path))) == {"name", "consent", "points", "features", "face"}
        records = gallery.remove(people[2].subject)
        assert [record.subject for record in records] == [people[2].subject]
        assert _traces(people[2], _raw(path)) == []
        assert len(_traces(people[3], _raw(path))) == 5
        assert gallery.check().ok and len(gallery) == 5
    assert _traces(people[2], _raw(path)) == []


@pytest.mark.parametrize("seed", [0, 4, 5])
def test_rows_that_the_tree_moved_between_pages_are_erased_too(tmp_path, seed):
    """secure_delete and an empty log do not do it: SQLite leaves copies of rows in pages it balanced."""
    rng = random.Random(seed)
    anyone = build_prototype("x", sites=4, views=1)
    living: list[str] = []
    gone: list[str] = []
    path = tmp_path / "people.db"
    store = SqliteStore(path)
    store._connection.execute("PRAGMA synchronous = OFF")
    for index in range(900):
        living.append(f"name-{rng.getrandbits(60):015x}" + "y" * rng.choice([0, 50, 180]))
        person = dataclasses.replace(anyone, subject=living[-1], consent="c" + living[-1])
        store.put([encode(person)], replace=False)
        if index % 3 == 2:
            gone.append(living.pop(rng.randrange(len(living))))
            store.delete(gone[-1:])
    assert store.erase()
    raw = _raw(path)
    assert len(store.records()) == 600
    store.close()
    assert [name for name in gone if name.encode() in raw] == []
    assert all(name.encode() in raw for name in living)


def test_a_reader_that_holds_the_bytes_is_named_and_the_next_opening_wipes_them(tmp_path):
    path = tmp_path / "people.db"
    person = build_prototype("the-erased-one", 1, sites=300)
    with Gallery.open(path) as gallery:
        gallery.add(person)
        gallery.add(build_prototype("other", 2))
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM subjects").fetchone()
    with Gallery.open(path, wait=0.2) as gallery:
        with pytest.raises(BadInputError, match="the-erased-one: removed, but another process reads"):
            gallery.remove("the-erased-one")
        assert gallery.subjects() == ["other"]
        assert any("bytes may still be in the file" in problem.what for problem in gallery.check().problems)
        assert _traces(person, _raw(path))
    reader.close()
    with Gallery.open(path) as gallery:
        assert _traces(person, _raw(path)) == []
        assert gallery.check().ok
