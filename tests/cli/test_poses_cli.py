"""`lineament poses` and `lineament train poses`: pictures, figures, one line for what is wrong."""

import json
from pathlib import Path

import numpy as np
import pytest
from cli_world import Run
from PIL import Image

from lineament.assets import find_folder

pytestmark = pytest.mark.train


def test_sample_draws_a_sheet(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    words = ("poses", "sample", "--count", 3, "--kind", "sitting", "--source", "made", "--out", out)
    code, said, err = run(*words)
    assert (code, err) == (0, "") and "3 poses of seed 0" in said
    picture = np.asarray(Image.open(out))
    assert picture.shape == (192, 576, 3) and picture.std() > 10
    code, said, _ = run(*words, "--json")
    told = json.loads(said)
    assert code == 0 and len(told["poses"]) == 3
    assert all(one["self_contact_mm"] <= 12.1 and 0 <= one["percentile"] <= 100 for one in told["poses"])


@pytest.mark.assets
def test_fit_leaves_a_stander_and_moves_a_gymnast(run: Run, tmp_path: Path) -> None:
    folder = find_folder("makehuman-cc0")
    if folder is None:
        pytest.skip("asset makehuman-cc0 is absent")
    code, said, _ = run("poses", "fit", folder / "poses" / "gym01.bvh", "--json", "--out", tmp_path / "a.png")
    told = json.loads(said)
    assert code == 0 and (tmp_path / "a.png").exists()
    assert told["after"]["score"] > told["before"]["score"] + 50
    assert told["distance"]["beyond_limits_degrees"] > 1
    code, said, _ = run("poses", "fit", folder / "poses" / "standing03.bvh")
    assert code == 0 and "0.0 degrees a joint" in said


def test_fit_reads_amass(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "walk.npz"
    np.savez(file, poses=np.zeros((8, 156)), trans=np.zeros((8, 3)), mocap_framerate=4.0)
    code, said, _ = run("poses", "fit", file, "--frame", 7)
    assert code == 0 and said.startswith("walk.npz: score")


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("sample", "--out", "sheet.gif"), "--out must end in .png or .jpg"),
        (("sample", "--count", 0), "--count must be at least 1"),
        (("sample", "--kind", "flying"), "flying"),
        (("sample", "--source", "amass"), "needs --amass FOLDER"),
        (("sample", "--amass", "nowhere"), "--amass nowhere is not a folder"),
        (("fit", "nowhere.bvh"), "there is no file nowhere.bvh"),
        (("fit", "nowhere.bvh", "--least", 101), "--least is a percentile"),
    ],
)
def test_bad_words_get_one_line(refused, words: tuple[object, ...], wanted: str) -> None:  # type: ignore[no-untyped-def]
    refused(2, wanted, "poses", *words)


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("a.bvh", b"", "no BVH of MakeHuman's default rig"),
        ("b.bvh", b"HIERARCHY\nROOT hip\nMOTION\nFrames: 1\nFrame Time: 1\n0 0 0\n", "no BVH of MakeHuman's"),
        ("c.bvh", b"\x00\xff\nMOTION\n1\n2\nx y z\n", "no BVH of MakeHuman's"),
        ("d.npz", b"nothing", "cannot be read as an AMASS file"),
        ("e.txt", b"words", "a pose is a .bvh or an AMASS .npz, not 'e.txt'"),
    ],
)
def test_bad_files_get_one_line(refused, tmp_path: Path, name: str, content: bytes, wanted: str) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / name).write_bytes(content)
    refused(2, wanted, "poses", "fit", tmp_path / name)


def test_a_frame_beyond_the_last_is_refused(refused, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    np.savez(tmp_path / "a.npz", poses=np.zeros((8, 156)), mocap_framerate=4.0)
    refused(2, "frames 0 to 7", "poses", "fit", tmp_path / "a.npz", "--frame", 8)


def test_training_refuses_what_cannot_be(refused, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    refused(2, "--epochs and --threads are at least 1", "train", "poses", "--epochs", 0)
    monkeypatch.setattr("lineament.training.pose_prior_data.find_folder", lambda name: None)
    refused(2, "needs motion capture", "train", "poses", "--out", tmp_path / "x")
    assert not (tmp_path / "x").exists()
