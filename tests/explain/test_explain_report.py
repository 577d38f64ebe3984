import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from explain_fixtures import make_case, make_decision, make_evidence, make_probe, make_prototype
from PIL import Image

from lineament.errors import BadInputError
from lineament.explain.report import write_report
from lineament.explain.view3d import three_js

EVIL = "Ann \"<script>alert(1)</script>\n& 'Bob' </title>-->"


class Page(HTMLParser):
    """Elements as (tag, attributes); text between tags, scripts and styles apart."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.text, self.code, self._tag = [], [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._tag = tag

    def handle_data(self, data):
        (self.code if self._tag in ("script", "style") else self.text).append(data)

    def handle_endtag(self, tag):
        self._tag = ""

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    paths = write_report(tmp_path_factory.mktemp("report") / "out.html", *make_case(3), title="Street")
    return Page(paths.html.read_text()), json.loads(paths.json.read_text()), paths


def test_three_files_are_written_and_the_page_stays_small(report):
    _, _, paths = report
    assert paths.html.stat().st_size < 8_000_000
    with Image.open(paths.png) as picture:
        pixels = np.asarray(picture)
    assert pixels.shape[1] == 1680
    assert pixels.std() > 20


def test_page_asks_for_nothing_outside_itself(report):
    page, _, paths = report
    for tag, attrs in page.elements:
        for name in ("src", "href", "srcset", "data", "action", "poster", "xlink:href"):
            address = attrs.get(name) or "#"
            assert address.startswith(("data:", "#")), (tag, name, address)
        assert "style" not in attrs and not any(name.startswith("on") for name in attrs)
    outside_library = paths.html.read_text().replace(three_js(), "")
    assert "http://" not in outside_library and "https://" not in outside_library
    assert "@import" not in outside_library and "url(" not in outside_library


def test_policy_admits_only_the_hashed_scripts(report):
    page, _, _ = report
    policy = next(m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert "unsafe" not in policy and policy.count("sha256-") == 4


def test_everything_is_named_for_readers_who_do_not_see(report):
    page, _, _ = report
    assert all(image["alt"].strip() for image in page.all("img"))
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("main")) == len(page.all("h1")) == 1
    assert len(page.all("section")) == 3
    assert "Nobody is named" in page.text and "P01" in page.text


def test_shown_contributions_sum_to_the_shown_score(tmp_path):
    case = make_case()
    text = write_report(tmp_path / "out.html", *case, title="x").html.read_text()
    start = text.index('<table class="parts">')
    table = text[start : text.index("</table>", start)]

    def numbers(field):
        return [float(v.replace("−", "-")) for v in re.findall(f'data-field="{field}">([^<]*)<', table)]

    shown = numbers("contribution")
    assert len(shown) == 13
    assert sum(shown) == pytest.approx(numbers("sum")[0], abs=0.005 * len(shown))
    assert numbers("sum")[0] + numbers("offset")[0] == pytest.approx(numbers("score")[0], abs=0.015)
    assert numbers("score")[0] == pytest.approx(case[1][0].score, abs=0.005)


def test_json_contributions_sum_to_the_score(report):
    _, record, _ = report
    for person in record["people"]:
        for one in person["candidates"]:
            total = sum(part["contribution"] for part in one["parts"])
            assert total == pytest.approx(one["sum_of_contributions"], abs=1e-6)
            assert total + one["offset"] == pytest.approx(one["score"], abs=1e-6)
            assert sum(group["contribution"] for group in one["groups"]) == pytest.approx(total, abs=1e-6)


def _resolve(record, pointer):
    for step in pointer.strip("/").split("/"):
        record = record[int(step)] if isinstance(record, list) else record[step]
    return record


def test_every_statement_points_to_numbers_that_are_there(report):
    _, record, _ = report
    for person in record["people"]:
        for statement in person["words"]:
            assert statement["sources"]
            for pointer in statement["sources"]:
                _resolve(person, pointer)
        for one in person["candidates"]:
            for group in one["groups"]:
                parts = [_resolve(one, pointer) for pointer in group["sources"]]
                assert sum(p["matched"] for p in parts) == group["matched"]


def test_every_number_in_the_words_is_in_the_record():
    best, second = make_evidence(), make_evidence("P07", scale=0.2)
    decision = make_decision((best, second))
    from lineament.explain.words import decision_statements

    known = {"1", "1,000", "450", "970", "0.61", "160", "320", "0.70"}
    known |= {f"{v:.2f}" for v in (best.score, second.score, decision.threshold, decision.margin)}
    text = " ".join(one.text for one in decision_statements(decision)).replace("P01", "").replace("P07", "")
    assert set(re.findall(r"-?\d[\d.,]*\d|\d", text)) <= known


SCHEMA = {
    "": "people photograph scale schema software title units written",
    "photograph": "height name sha256_of_pixels width",
    "people.0": "box candidates compared decision face hardships limits number registration_model words",
    "people.0.words.0": "sources text topic values",
    "people.0.hardships": "covering_score covering_threshold face_found front_percent head_covered "
    "head_pixels loose",
    "people.0.decision": "abstained fmr margin population reason score subject support support_limit "
    "threshold",
    "people.0.candidates.0": "cardinality evenness face_yaw_degrees groups likelihood_ratio_log10 matches "
    "mean_log_probability measured offset parts prototype score silent subject sum_of_contributions support",
    "people.0.candidates.0.parts.0": "contribution matched possible rate region similarity visible",
    "people.0.candidates.0.groups.0": "contribution group matched possible similarity sources "
    "support visible",
    "people.0.candidates.0.matches": "confidence cosine count parts pixels sites",
    "people.0.candidates.0.prototype": "consent enrolled face_model face_views model note purpose "
    "residual_metres sites sites_measured source subject template",
}


@pytest.mark.parametrize("where", SCHEMA)
def test_json_keeps_its_schema(report, where):
    _, record, _ = report
    part = _resolve(record, where.replace(".", "/")) if where else record
    assert record["schema"] == "lineament.report/1"
    assert sorted(part) == SCHEMA[where].split()


def test_matches_in_json_are_those_of_the_registration(report):
    _, record, _ = report
    _, decisions, _ = make_case(3)
    registration = decisions[0].candidates[0].registration
    matches = record["people"][0]["candidates"][0]["matches"]
    assert matches["count"] == len(registration.sites)
    assert matches["sites"] == registration.sites.tolist()
    assert np.allclose(matches["pixels"], registration.pixels, atol=0.01)
    assert record["people"][0]["candidates"][2]["matches"] is None


def test_hostile_names_stay_text(tmp_path):
    probe, decisions, prototypes = make_case(subjects=(EVIL, "P07"), name=f"{EVIL}.jpg")
    prototypes[EVIL] = replace(prototypes[EVIL], consent=EVIL, purpose=EVIL, model=EVIL, note=EVIL)
    decisions = (replace(decisions[0], reason=EVIL, population=EVIL),)
    paths = write_report(tmp_path / "out.html", probe, decisions, prototypes, title=EVIL)
    page = Page(paths.html.read_text())
    assert len(page.all("script")) == 4
    assert "<script>alert" not in paths.html.read_text()
    assert any("\\n& 'Bob' </title>-->" in text for text in page.text)
    assert json.loads(paths.json.read_text())["people"][0]["decision"]["subject"] == EVIL


def test_scripts_are_not_ended_by_what_they_hold():
    assert "</script" not in three_js().lower() and "<!--" not in three_js()
    assert "SPDX-License-Identifier: MIT" in three_js()[:200]


def test_no_person_no_prototype_and_no_match_are_said(tmp_path):
    probe, _, _ = make_probe()
    empty = replace(probe, people=())
    page = write_report(tmp_path / "empty.html", empty, (), {}, title="x").html.read_text()
    assert "No person was found in the photograph." in page
    decision = make_decision((make_evidence(registration=None),))
    page = write_report(tmp_path / "bare.html", probe, (decision,), {}, title="x").html.read_text()
    assert "No correspondences between pixels and points were kept" in page
    assert "No prototype to show." in page


def test_partial_scan_is_called_not_enrolled(tmp_path):
    probe, decisions, _ = make_case()
    head_only = make_prototype("P01", measured=[1], face=False)
    page = write_report(tmp_path / "o.html", probe, decisions, {"P01": head_only}, title="x").html.read_text()
    assert "hands not enrolled" in page
    assert page.count(">not enrolled</td>") == 2


def test_numbers_that_are_not_finite_become_null(tmp_path):
    probe, decisions, prototypes = make_case()
    candidates = (
        replace(decisions[0].candidates[0], mean_log_probability=float("nan"), evenness=float("inf")),
    )
    decisions = (replace(decisions[0], candidates=candidates),)
    paths = write_report(tmp_path / "o.html", probe, decisions, prototypes, title="x")
    best = json.loads(paths.json.read_text())["people"][0]["candidates"][0]
    assert best["mean_log_probability"] is None and best["evenness"] is None


def test_large_photographs_and_crowds_stay_below_eight_megabytes(tmp_path):
    rng = np.random.default_rng(0)
    probe, _, _ = make_probe()
    noise = np.kron(rng.integers(0, 255, (600, 800, 3)), np.ones((4, 4, 1))).astype(np.uint8)
    people = tuple(
        replace(probe.people[0], box=np.array([160 * i, 200, 160 * i + 150, 2000], dtype=np.float32))
        for i in range(13)
    )
    _, (decision,), prototypes = make_case()
    decisions = tuple(replace(decision, box=one.box) for one in people)
    case = replace(probe, image=noise, people=people)
    paths = write_report(tmp_path / "o.html", case, decisions, prototypes, title="crowd")
    assert paths.html.stat().st_size < 8_000_000


@pytest.mark.parametrize("name", ["missing/out.html", "out.json"])
def test_a_place_that_cannot_be_written_is_one_clear_line(tmp_path, name):
    with pytest.raises(BadInputError) as caught:
        write_report(tmp_path / name, *make_case(), title="x")
    assert "\n" not in str(caught.value)


def test_a_long_list_of_candidates_is_cut_and_said(tmp_path):
    probe, decisions, prototypes = make_case()
    many = tuple(make_evidence(f"S{i:03}", scale=0.1) for i in range(40))
    decision = make_decision((*decisions[0].candidates, *many))
    paths = write_report(tmp_path / "o.html", probe, (decision,), prototypes, title="x")
    person = json.loads(paths.json.read_text())["people"][0]
    assert (person["compared"], len(person["candidates"])) == (43, 20)
    assert "Candidates by falling score, the first 20 of 43" in paths.html.read_text()
    assert "this one made 43" in paths.html.read_text()


@pytest.mark.parametrize("broken", ["write_text", "save"])
def test_a_report_that_cannot_be_finished_leaves_the_old_one(tmp_path, monkeypatch, broken):
    old = write_report(tmp_path / "out.html", *make_case(), title="old")
    before = {path: path.read_bytes() for path in (old.html, old.png, old.json)}

    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*((Path, "write_text") if broken == "write_text" else (Image.Image, "save")), fail)
    with pytest.raises((BadInputError, OSError), match="No space left"):
        write_report(tmp_path / "out.html", *make_case(), title="new")
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_report_needs_a_name(tmp_path):
    (tmp_path / "o.png").mkdir()
    with pytest.raises(BadInputError, match=r"o\.png is a folder"):
        write_report(tmp_path / "o.html", *make_case(), title="x")
    with pytest.raises(BadInputError, match=r"ends with \.html"):
        write_report(Path("/"), *make_case(), title="x")
