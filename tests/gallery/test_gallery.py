"""What a gallery does for one process: enrol, read back, search, list, refuse."""

import dataclasses
import stat

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lineament.errors import BadInputError, NothingFoundError
from lineament.gallery.gallery import Gallery
from lineament.gallery.vectors import body_vector
from lineament.types import FaceTemplates, Prototype


@pytest.fixture
def gallery(tmp_path):
    with Gallery.open(tmp_path / "people.db") as opened:
        yield opened


def test_what_goes_in_comes_out_after_reopening(tmp_path, make_prototype, same_prototype):
    people = [
        make_prototype("P02", 1),
        make_prototype("P01", 2, views=0, colours=None),
        make_prototype("Ω «O'Hara»"),
    ]
    with Gallery.open(tmp_path / "people.db") as gallery:
        for person in people:
            gallery.add(person)
    with Gallery.open(tmp_path / "people.db", readonly=True) as gallery:
        assert gallery.subjects() == ["P01", "P02", "Ω «O'Hara»"]
        assert len(gallery) == 3 and "P02" in gallery and "P03" not in gallery
        for person in people:
            assert same_prototype(gallery.get(person.subject), person)
        assert [p.subject for p in gallery.prototypes()] == gallery.subjects()


def test_a_new_gallery_is_its_owners_alone(tmp_path, make_prototype):
    with Gallery.open(tmp_path / "people.db") as gallery:
        gallery.add(make_prototype("P01"))
        for file in tmp_path.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_a_taken_name_is_refused_and_replaced_on_demand(gallery, make_prototype, same_prototype):
    first, second = make_prototype("P01", 1), make_prototype("P01", 2, views=3)
    gallery.add(first)
    with pytest.raises(BadInputError, match=r"'P01' is already enrolled.*--replace"):
        gallery.add(second)
    assert same_prototype(gallery.get("P01"), first)
    gallery.add(second, replace=True)
    assert same_prototype(gallery.get("P01"), second)
    assert gallery.search_faces(first.face.embeddings[0], 5)[0].score < 0.999
    assert gallery.search_faces(second.face.embeddings[2], 5)[0].view == 2


def test_unknown_names_are_nothing_found(gallery):
    for ask in (gallery.get, gallery.record, gallery.remove):
        with pytest.raises(NothingFoundError, match="'P09' is not enrolled"):
            ask("P09")


def test_records_say_what_is_kept(gallery, make_prototype):
    record = gallery.add(make_prototype("P01", sites=50, note="line one\nline two"))
    assert gallery.record("P01") == record
    assert (record.sites, record.views, record.coloured) == (50, 2, True)
    assert record.created.endswith("Z") and len(record.sha256) == 64
    assert record.consent == "consent-P01" and record.note == "line one\nline two"


@pytest.mark.parametrize(
    "name", ["a\nb", "a\x1b[31mb", "a\x00b", "a\u202eb", "a\u2028b", "x" * 10_000, " \t ", "\ud800"]
)
def test_names_that_would_deceive_a_reader_are_refused_in_one_line(gallery, make_prototype, name):
    with pytest.raises((BadInputError, ValueError)) as caught:
        gallery.add(make_prototype("P").__class__(**_fields(make_prototype("P")) | {"subject": name}))
    message = str(caught.value)
    assert "\n" not in message and "\x1b" not in message and "\u202e" not in message and len(message) < 300
    assert gallery.subjects() == []


@pytest.mark.parametrize(
    "name", ["O'Hara; DROP TABLE subjects;--", 'a"b', "../../etc/passwd", "名前 🙂", "%s{}[bold]"]
)
def test_every_other_name_is_welcome(gallery, make_prototype, name):
    gallery.add(make_prototype(name))
    assert gallery.get(name).subject == name
    assert gallery.remove(name)[0].subject == name
    assert gallery.subjects() == []


def test_names_that_look_the_same_are_the_same(gallery, make_prototype):
    gallery.add(make_prototype("Zoe\u0308 "))
    assert gallery.subjects() == ["Zo\u00eb"]
    with pytest.raises(BadInputError, match="already enrolled"):
        gallery.add(make_prototype("Zo\u00eb"))


@pytest.mark.parametrize(
    "change",
    [
        {"residual": float("nan")},
        {"normals": np.full((60, 3), np.nan, np.float32)},
        {"features": np.full((60, 8), np.inf, np.float16)},
        {"source": "hearsay"},
        {"note": "x" * 10_001},
        {"consent": "a\x00b"},
        {"model": ""},
        {
            "face": FaceTemplates(
                np.ones((1, 16), np.float32), np.zeros(1, np.float32), np.zeros(1, bool), "m"
            )
        },
    ],
)
def test_prototypes_that_cannot_be_compared_later_are_refused(gallery, make_prototype, change):
    with pytest.raises(BadInputError):
        gallery.add(make_prototype("P01", **change))
    assert gallery.subjects() == []


def test_a_gallery_opened_for_reading_writes_nothing(tmp_path, make_prototype):
    with Gallery.open(tmp_path / "people.db") as gallery:
        gallery.add(make_prototype("P01"))
    with Gallery.open(tmp_path / "people.db", readonly=True) as gallery:
        for write in (
            lambda: gallery.add(make_prototype("P02")),
            lambda: gallery.remove("P01"),
            lambda: gallery.set_calibration({}, "nobody"),
        ):
            with pytest.raises(BadInputError, match="reading only"):
                write()
        assert gallery.subjects() == ["P01"]


def test_face_search_is_exact_and_gives_each_person_once(gallery, make_prototype):
    people = [make_prototype(f"P{i:02d}", i, views=1 + i % 4) for i in range(30)]
    for person in people:
        gallery.add(person)
    query = np.random.default_rng(5).normal(size=16).astype(np.float32)
    query /= np.linalg.norm(query)
    expected = sorted(
        (
            (float((p.face.embeddings @ query).max()), p.subject, int((p.face.embeddings @ query).argmax()))
            for p in people
        ),
        reverse=True,
    )[:7]
    hits = gallery.search_faces(query, 7)
    assert [(h.subject, h.view) for h in hits] == [(s, v) for _, s, v in expected]
    assert np.allclose([h.score for h in hits], [c for c, _, _ in expected], atol=1e-5)
    assert len(gallery.search_faces(query, 1000)) == 30 and gallery.search_faces(query, 0) == []


def test_search_follows_what_another_connection_writes(tmp_path, make_prototype):
    with Gallery.open(tmp_path / "g.db") as writer, Gallery.open(tmp_path / "g.db", readonly=True) as reader:
        people = {name: make_prototype(name, views=1) for name in ("A", "B", "C")}
        writer.add(people["A"])
        probe = people["B"].face.embeddings[0]
        assert [h.subject for h in reader.search_faces(probe, 9)] == ["A"]
        writer.add(people["B"])
        assert reader.search_faces(probe, 9)[0].subject == "B"
        writer.add(people["C"])
        assert {h.subject for h in reader.search_faces(probe, 9)} == {"A", "B", "C"}
        writer.remove("B")
        assert {h.subject for h in reader.search_faces(probe, 9)} == {"A", "C"}
        writer.add(make_prototype("A", 9, views=1), replace=True)
        assert max(h.score for h in reader.search_faces(people["A"].face.embeddings[0], 9)) < 0.999


def test_body_search_finds_the_person_by_the_pooled_features(gallery, make_prototype):
    people = [make_prototype(f"P{i}", i, views=0) for i in range(8)]
    for person in people:
        gallery.add(person)
    target = people[3]
    vector = body_vector(target.features, target.parts, target.measured)
    hit = gallery.search(vector, 1)[0]
    assert hit.subject == "P3" and hit.score == pytest.approx(1.0, abs=1e-5)
    assert gallery.search_faces(np.ones(16, np.float32)) == []


@pytest.mark.parametrize("query", [np.zeros(16), np.full(16, np.nan), np.ones(15)])
def test_queries_that_mean_nothing_are_refused(gallery, make_prototype, query):
    gallery.add(make_prototype("P01"))
    with pytest.raises(BadInputError):
        gallery.search_faces(query.astype(np.float32))


def test_comparing_revisions_raises_with_the_people_and_the_command(gallery, make_prototype):
    gallery.add(make_prototype("new"))
    gallery.require_revision("registration-1", "template-1", face_model="sface-1")
    for i in range(7):
        gallery.add(make_prototype(f"old{i}", model="registration-0"))
    with pytest.raises(
        BadInputError, match=r"old0, .*old4 and 2 more.*lineament enrol SUBJECT FILE.*--replace"
    ):
        gallery.require_revision("registration-1", "template-1")
    with pytest.raises(BadInputError, match="template-1, this is template-2"):
        gallery.require_revision("registration-1", "template-2")
    with pytest.raises(BadInputError, match="face model sface-1, this is arcface"):
        gallery.require_revision("registration-1", "template-1", face_model="arcface")
    with pytest.raises(BadInputError, match="enrol them again"):
        gallery.search(np.ones(8 * 14, np.float32))


def test_calibration_is_kept_with_its_population(tmp_path):
    with Gallery.open(tmp_path / "g.db") as gallery:
        assert gallery.calibration() is None
        gallery.set_calibration({"offset": -2.5, "tails": [1.0, 2.0]}, "40 colleagues")
    with Gallery.open(tmp_path / "g.db", readonly=True) as gallery:
        kept = gallery.calibration()
    assert kept.values == {"offset": -2.5, "tails": [1.0, 2.0]} and kept.population == "40 colleagues"


def test_domains_lie_beside_each_other_and_count_their_versions(tmp_path):
    with Gallery.open(tmp_path / "g.db") as gallery:
        gallery.set_calibration({"a": 1}, "40 colleagues")
        gallery.set_calibration({"a": 2}, "20 grey portraits", "grey-small")
        kept = gallery.set_calibration({"a": 3}, "30 grey portraits", "grey-small")
        assert (kept.version, kept.revision) == (2, "grey-small-2")
        for name in ("grey small", "-x", "a" * 41):
            with pytest.raises(BadInputError, match="A domain is a word"):
                gallery.set_calibration({"a": 3}, "nobody", name)
    with Gallery.open(tmp_path / "g.db", readonly=True) as gallery:
        held = gallery.calibrations()
        assert {name: one.values["a"] for name, one in held.items()} == {"": 1, "grey-small": 3}
        assert held[""].revision == "own-1" and gallery.calibration("other") is None


@pytest.mark.parametrize(
    "values, population", [({"a": float("nan")}, "x"), ({"a": object()}, "x"), ({}, "  ")]
)
def test_calibrations_that_cannot_be_kept_are_refused(gallery, values, population):
    with pytest.raises(BadInputError):
        gallery.set_calibration(values, population)
    assert gallery.calibration() is None


def _fields(prototype: Prototype) -> dict[str, object]:
    return {field.name: getattr(prototype, field.name) for field in dataclasses.fields(prototype)}


_finite = st.floats(-100, 100, width=32)
_text = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=40)


@st.composite
def _prototypes(draw: st.DrawFn) -> Prototype:
    sites, width = draw(st.integers(1, 12)), draw(st.integers(1, 5))
    views = draw(st.integers(0, 3))
    face = None
    if views:
        index = draw(hnp.arrays(np.int64, views, elements=st.integers(0, 3)))
        face = FaceTemplates(
            np.eye(4, dtype=np.float32)[index],
            draw(hnp.arrays(np.float32, views, elements=_finite)),
            draw(hnp.arrays(np.bool_, views)),
            "face",
        )
    return Prototype(
        subject="P",
        points=draw(hnp.arrays(np.float32, (sites, 3), elements=_finite)),
        normals=draw(hnp.arrays(np.float32, (sites, 3), elements=_finite)),
        colours=draw(st.none() | hnp.arrays(np.uint8, (sites, 3))),
        parts=draw(hnp.arrays(np.uint8, sites, elements=st.integers(0, 14))),
        measured=draw(hnp.arrays(np.bool_, sites)),
        features=draw(hnp.arrays(np.float16, (sites, width), elements=st.floats(-1, 1, width=16))),
        face=face,
        source=draw(st.sampled_from(["scan", "photographs", "parameters"])),
        template="t",
        model="m",
        consent=draw(_text),
        purpose=draw(_text),
        residual=draw(st.floats(0, 1e3)),
        note=draw(_text),
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(prototype=_prototypes())
def test_any_prototype_survives_the_store_and_the_archive(tmp_path_factory, same_prototype, prototype):
    folder = tmp_path_factory.mktemp("trip")
    with Gallery.open(folder / "a.db") as first, Gallery.open(folder / "b.db") as second:
        first.add(prototype)
        assert same_prototype(first.get("P"), prototype)
        assert first.check().ok
        first.export(folder / "out.zip")
        second.import_(folder / "out.zip")
        assert same_prototype(second.get("P"), prototype)
        assert second.record("P") == first.record("P")
