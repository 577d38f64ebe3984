"""Every loader on a tiny tree of the published shape, and on folders that are something else."""

from pathlib import Path

import numpy as np
import pytest
from trees import SHAPES, picture, write

from lineament.errors import BadInputError
from lineament.evaluation.datasets import ccp, cfp, lsp
from lineament.evaluation.datasets.catalogue import DATA_SETS, open_data_set
from lineament.evaluation.datasets.dataset import DataSet, Pairs, Record


@pytest.fixture
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> DataSet:
    SHAPES[request.param](tmp_path)
    return open_data_set(request.param, tmp_path)


def by_name(data: DataSet) -> dict[str, Record]:
    return {record.name: record for record in data.records}


def test_every_data_set_has_a_shape_terms_and_a_source() -> None:
    assert set(SHAPES) == set(DATA_SETS)
    for entry in DATA_SETS.values():
        assert entry.about.terms and entry.about.source and entry.about.shows


def test_the_document_lists_every_data_set() -> None:
    text = (Path(__file__).parents[2] / "docs" / "datasets.md").read_text(encoding="utf-8")
    assert [name for name in DATA_SETS if f"| `{name}`" not in text] == []
    assert not any(entry.about.may_show for entry in DATA_SETS.values())


@pytest.mark.parametrize("name", list(SHAPES))
def test_opens_its_own_shape_with_sound_records(name: str, tmp_path: Path) -> None:
    if name == "cfp":
        pytest.skip("has folds of its own, tested below")
    SHAPES[name](tmp_path)
    data = open_data_set(name, tmp_path)
    assert len(data) > 0 and data.terms and data.source
    assert all(record.path is None or record.path.is_file() for record in data.records)
    named = DATA_SETS[name].use == "recognition"
    assert all(bool(record.subject) == named for record in data.records)


@pytest.mark.parametrize("name", list(SHAPES))
def test_refuses_an_empty_folder_in_one_line(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadInputError) as caught:
        open_data_set(name, tmp_path)
    assert "\n" not in str(caught.value) and str(tmp_path) in str(caught.value)


def test_an_absent_folder_says_where_to_apply(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"ornl\.gov"):
        open_data_set("briar", tmp_path / "nowhere")
    with pytest.raises(BadInputError, match="known are people, cfp"):
        open_data_set("brair", tmp_path)


def test_cfp_as_published_without_exact_duplicates(tmp_path: Path) -> None:
    SHAPES["cfp"](tmp_path)
    data = cfp.open(tmp_path, "FP", ("01",))
    names = [record.name for record in data.records]
    assert names == [
        "001/frontal/01", "002/frontal/01", "002/frontal/02", "001/profile/01", "002/profile/01",
    ]  # fmt: skip
    assert data.pairs is not None
    # Frontal 2 is a copy of frontal 1, so its pair goes to the one that stays.
    assert list(data.pairs) == [(0, 3, True), (1, 4, True), (0, 4, False), (2, 3, False)]
    frontal = cfp.open(tmp_path, "FF", ("01",))
    assert frontal.pairs is not None and list(frontal.pairs) == [(0, 1, False)]
    assert data.column("yaw").tolist() == [0, 0, 0, 90, 90]
    (tmp_path / "Data/Images/002/profile/01.jpg").unlink()
    with pytest.raises(BadInputError, match="1 of 6 listed"):
        cfp.open(tmp_path, "FP", ("01",))


@pytest.mark.parametrize("opened", ["ijb-c"], indirect=True)
def test_ijbc_templates_pairs_and_what_is_not_held(opened: DataSet) -> None:
    one, other, frame, again = opened.records
    assert one.box == (1, 1, 4, 3) and one.covariates["yaw"] == -30 and one.covariates["occlusion"] == 0.5
    assert other.path is None and other.box is None and other.covariates["gallery"] == "G2"
    assert frame.covariates["set"] == again.covariates["set"] == "3" and frame.covariates["role"] == "probe"
    assert opened.pairs is not None and list(opened.pairs) == [(0, 2, True), (1, 2, False)]


@pytest.mark.parametrize("opened", ["lfw"], indirect=True)
def test_lfw_pairs(opened: DataSet) -> None:
    assert [record.subject for record in opened.records] == ["Ann_Bee", "Ann_Bee", "Cy_Dee"]
    assert opened.pairs is not None and list(opened.pairs) == [(0, 1, True), (1, 2, False)]
    write(opened.folder / "pairs.txt", "Ann_Bee 1 2 3 4\n")
    with pytest.raises(BadInputError, match="a line is NAME"):
        open_data_set("lfw", opened.folder)


@pytest.mark.parametrize("opened", ["facescape-views"], indirect=True)
def test_facescape_yaw_from_cameras(opened: DataSet) -> None:
    front, side = opened.records
    assert front.covariates["yaw"] == pytest.approx(0) and side.covariates["yaw"] == pytest.approx(60)
    assert front.covariates["pitch"] == pytest.approx(0) and side.covariates["valid"] == "no"
    assert front.covariates["expression"] == "smile"


@pytest.mark.parametrize("opened", ["facescape-models"], indirect=True)
def test_facescape_people_in_order(opened: DataSet) -> None:
    assert [record.subject for record in opened.records] == ["2", "10"]


@pytest.mark.parametrize("opened", ["market-1501"], indirect=True)
def test_market_leaves_junk_out_and_tells_distractors_apart(opened: DataSet) -> None:
    roles = [record.covariates["role"] for record in opened.records]
    assert sorted(roles) == ["probe", "reference", "reference", "reference", "training"]
    assert len({record.subject for record in opened.records}) == 4
    picture(opened.folder / "query" / "thumbnail.jpg")
    with pytest.raises(BadInputError, match=r"named like 0002_c1s1.*thumbnail"):
        open_data_set("market-1501", opened.folder)


@pytest.mark.parametrize("opened", ["prcc"], indirect=True)
def test_prcc_changes_clothes_in_camera_c(opened: DataSet) -> None:
    found = {record.covariates["camera"]: record.covariates for record in opened.records[:3]}
    assert found["A"]["clothes"] == found["B"]["clothes"] != found["C"]["clothes"]
    assert [found[camera]["role"] for camera in "ABC"] == ["reference", "probe", "probe"]


@pytest.mark.parametrize("opened", ["briar"], indirect=True)
def test_briar_distance_view_clothes_and_tracks(opened: DataSet) -> None:
    far, near, indoors = (record.covariates for record in opened.records)
    assert (far["distance"], far["view"], far["clothes"]) == (500, "wb", "G00042 set2") and "set" in far
    assert (near["distance"], near["view"]) == (10, "face") and "set" not in near
    assert indoors["setting"] == "controlled" and "distance" not in indoors
    assert np.isnan(opened.column("distance")[2])


def test_briar_says_that_videos_are_not_decoded(tmp_path: Path) -> None:
    write(tmp_path / "G00001" / "a.mp4", "")
    with pytest.raises(BadInputError, match="frames"):
        open_data_set("briar", tmp_path)


@pytest.mark.parametrize("opened", ["multi-pie"], indirect=True)
def test_multipie_names(opened: DataSet) -> None:
    assert opened.column("yaw").tolist() == [0, -90]
    assert opened.records[0].covariates["expression"] == "squint"


@pytest.mark.parametrize("opened", ["arl-vtf"], indirect=True)
def test_arl_vtf_modalities(opened: DataSet) -> None:
    assert opened.column("modality").tolist() == ["thermal", "visible"]
    write(opened.folder / "metadata.csv", "subid,filepath\n1,a.png\n")
    with pytest.raises(BadInputError, match="camera, condition, eyewear"):
        open_data_set("arl-vtf", opened.folder)


@pytest.mark.parametrize("opened", ["coco-person"], indirect=True)
def test_coco_people_and_a_picture_that_is_not_held(opened: DataSet) -> None:
    first, second = opened.records
    assert first.box == (1, 1, 3, 4) and first.covariates["joints"] == 9 and second.path is None
    write(opened.folder / "annotations/person_keypoints_val2017.json", "[]")
    with pytest.raises(BadInputError, match="form of COCO"):
        open_data_set("coco-person", opened.folder)


@pytest.mark.parametrize("opened", ["densepose-coco"], indirect=True)
def test_densepose_keeps_people_with_correspondences(opened: DataSet) -> None:
    assert [record.name for record in opened.records] == ["000004/1"]


@pytest.mark.parametrize("opened", ["aflw2000"], indirect=True)
def test_aflw_angles_in_degrees(opened: DataSet) -> None:
    [face] = opened.records
    assert face.covariates == pytest.approx({"yaw": -40, "pitch": 10, "roll": 5})
    assert face.box == pytest.approx((1, 1, 5, 3))


@pytest.mark.parametrize("opened", ["pku-reid"], indirect=True)
def test_pku_orientations(opened: DataSet) -> None:
    assert opened.column("orientation").tolist() == [90, 180, 270, 0]


@pytest.mark.parametrize("opened", ["cmu-faces"], indirect=True)
def test_cmu_faces_pass_over_reduced_copies(opened: DataSet) -> None:
    assert [record.covariates["occluder"] for record in opened.records] == ["sunglasses", "none"]
    assert [record.covariates["direction"] for record in opened.records] == ["left", "up"]


@pytest.mark.parametrize("opened", ["umist"], indirect=True)
def test_umist_turns(opened: DataSet) -> None:
    assert opened.column("turn").tolist() == [0, 0.5, 1, 0, 0.5, 1]


@pytest.mark.parametrize("opened", ["people"], indirect=True)
def test_plain_folder(opened: DataSet) -> None:
    records = by_name(opened)
    assert set(records) == {"ann/1", "ann/march/2", "bob/1"}
    assert records["ann/march/2"].covariates == {"set": "march"} and records["bob/1"].subject == "bob"
    picture(opened.folder / "bob" / "1.png")
    with pytest.raises(BadInputError, match="bob/1 with several endings"):
        open_data_set("people", opened.folder)


def test_plain_folder_without_people_says_so(tmp_path: Path) -> None:
    picture(tmp_path / "1.jpg")
    with pytest.raises(BadInputError, match="one folder a person"):
        open_data_set("people", tmp_path)


def test_published_labels_of_ccp_and_lsp(tmp_path: Path) -> None:
    SHAPES["ccp"](tmp_path / "ccp")
    SHAPES["lsp"](tmp_path / "lsp")
    [(_, mask)] = ccp.read(tmp_path / "ccp")
    assert mask.sum() == 12
    _, (path, order, places) = lsp.read(tmp_path / "lsp")
    assert path.name == "im0002.jpg" and order[1] == "r_knee" and places.shape == (14, 2)
    [(_, _, first), _] = lsp.read(tmp_path / "lsp")
    assert first[1].tolist() == [5, 6]


def test_data_sets_refuse_what_contradicts_itself(tmp_path: Path) -> None:
    records = (Record("a", None, "ann"), Record("b", None, "bob"))
    with pytest.raises(ValueError, match="contradict"):
        DataSet("made", tmp_path, records, "none", False, Pairs.listed([(0, 1, True)]))
    with pytest.raises(ValueError, match="not there"):
        DataSet("made", tmp_path, records, "none", False, Pairs.listed([(0, 2, False)]))
    with pytest.raises(ValueError, match="share a name"):
        DataSet("made", tmp_path, (records[0], records[0]), "none", False)
    with pytest.raises(ValueError, match="empty"):
        Record("a", None, "ann", box=(1, 1, 1, 2))
