"""What every store must do, by the `Store` protocol alone: add a store to `STORES` to test it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from gallery_people import build_prototype

from lineament.errors import BadInputError, NothingFoundError
from lineament.gallery.record import Entry, encode
from lineament.gallery.sqlite import SqliteStore
from lineament.gallery.store import Store

STORES: dict[str, Callable[[Path], Store]] = {"sqlite": lambda folder: SqliteStore(folder / "store.db")}


@pytest.fixture(params=sorted(STORES))
def open_store(request, tmp_path) -> Callable[[], Store]:
    opened: list[Store] = []

    def reopen() -> Store:
        opened.append(STORES[request.param](tmp_path))
        return opened[-1]

    yield reopen
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store) -> Store:
    return open_store()


def _entry(name: str, seed: int = 0, **options: object) -> Entry:
    return encode(build_prototype(name, seed, **options), created="2026-01-01T00:00:00Z")


def test_an_empty_store_is_empty(store):
    assert store.records() == [] and store.record("P") is None and store.load("P") is None
    assert store.models("face") == [] and store.document("d") is None
    assert store.vectors("face", "m").matrix.size == 0 and store.vectors_of("P") == {}
    assert store.faults() == [] and not store.erasure_pending() and store.erase()


def test_entries_come_back_as_they_were_even_after_reopening(open_store):
    entries = [_entry("b"), _entry("a", views=0), _entry("名前", colours=None)]
    first = open_store()
    assert first.put(entries, replace=False) == ("b", "a", "名前")
    first.close()
    again = open_store()
    assert again.records() == sorted((e.record for e in entries), key=lambda r: r.subject)
    for entry in entries:
        assert again.record(entry.record.subject) == entry.record
        assert again.load(entry.record.subject) == (entry.record, entry.payload)
        stored = again.vectors_of(entry.record.subject)
        assert {key: model for key, (model, _) in stored.items()} == {
            (v.kind, v.view): v.model for v in entry.vectors
        }
        for vector in entry.vectors:
            assert stored[vector.kind, vector.view][1] == vector.values.tobytes()
    assert again.faults() == []


def test_put_is_all_or_nothing(store):
    store.put([_entry("a", 1)], replace=False)
    before = store.load("a"), store.counters()

    def breaks():
        yield _entry("b")
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError):
        store.put(breaks(), replace=False)
    with pytest.raises(BadInputError, match="'a' is already enrolled"):
        store.put([_entry("c"), _entry("a", 2)], replace=False)
    assert [record.subject for record in store.records()] == ["a"]
    assert (store.load("a"), store.counters()) == before


def test_replacing_leaves_nothing_of_the_old(store):
    store.put([_entry("a", 1, views=4)], replace=False)
    new = _entry("a", 2, views=1)
    store.put([new], replace=True)
    assert store.load("a") == (new.record, new.payload)
    assert set(store.vectors_of("a")) == {("face", 0), ("body", 0)}
    assert store.vectors("face", "sface-1").matrix.shape == (1, 16)


def test_vectors_come_in_order_of_enrolment_and_from_a_mark_on(store):
    first, second = _entry("z", 1, views=2), _entry("a", 2, views=3)
    store.put([first], replace=False)
    block = store.vectors("face", "sface-1")
    assert block.subjects == ["z", "z"] and block.views.tolist() == [0, 1]
    assert np.array_equal(block.matrix, np.stack([v.values for v in first.vectors if v.kind == "face"]))
    assert store.vectors("face", "sface-1", block.last).subjects == []
    store.put([second], replace=False)
    later = store.vectors("face", "sface-1", block.last)
    assert later.subjects == ["a"] * 3 and later.last > block.last
    assert store.vectors("face", "another").subjects == []
    assert store.models("face") == ["sface-1"] and store.models("body") == ["registration-1"]


def test_marks_are_never_given_twice(store):
    store.put([_entry("a"), _entry("b")], replace=False)
    mark = store.vectors("face", "sface-1").last
    store.delete(["b"])
    store.erase()
    store.put([_entry("c")], replace=False)
    assert store.vectors("face", "sface-1", mark).subjects == ["c", "c"]


def test_counters_tell_of_every_write(store):
    seen = [store.counters()]

    def step() -> tuple[int, int]:
        seen.append(store.counters())
        return seen[-1].changes - seen[-2].changes, seen[-1].removals - seen[-2].removals

    store.put([_entry("a")], replace=False)
    changes, removals = step()
    assert changes > 0 and removals == 0
    store.put([_entry("a", 5)], replace=True)
    changes, removals = step()
    assert changes > 0 and removals > 0
    store.delete(["a"])
    changes, removals = step()
    assert changes > 0 and removals > 0
    store.records()
    assert step() == (0, 0)


def test_two_handles_see_each_others_writes(open_store):
    one, other = open_store(), open_store()
    before = other.counters()
    one.put([_entry("a")], replace=False)
    assert other.record("a") is not None and other.counters() != before
    other.delete(["a"])
    assert one.record("a") is None


def test_delete_is_all_or_nothing_and_stays_noted_until_erased(open_store):
    store = open_store()
    store.put([_entry("a"), _entry("b")], replace=False)
    with pytest.raises(NothingFoundError, match="'x' is not enrolled"):
        store.delete(["a", "x"])
    assert len(store.records()) == 2 and not store.erasure_pending()
    store.delete(["a"])
    assert store.erasure_pending() and store.vectors("face", "sface-1").subjects == ["b", "b"]
    store.close()
    again = open_store()
    assert again.erasure_pending()
    assert again.erase() and not again.erasure_pending()
    assert [record.subject for record in again.records()] == ["b"] and again.faults() == []


def test_documents_are_kept_and_replaced(open_store):
    store = open_store()
    store.set_document("d", "one")
    store.set_document("d", "two\n'\"Ω")
    store.close()
    assert open_store().document("d") == "two\n'\"Ω"
