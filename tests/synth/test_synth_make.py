"""`lineament synth make | rebuild` with real people, and the same shards on Ray."""

import hashlib
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.train
pytest.importorskip("pyarrow")
pytest.importorskip("warp")
pytest.importorskip("torch")

import pyarrow.parquet as pq  # noqa: E402
import shard_source  # noqa: E402
from shard_source import MadeUp  # noqa: E402

from lineament.cli.main import main  # noqa: E402
from lineament.errors import BadInputError, LineamentError  # noqa: E402
from lineament.synth.crew import LocalCrew  # noqa: E402
from lineament.synth.dataset import Recipe  # noqa: E402
from lineament.synth.make import Listener, make  # noqa: E402
from lineament.synth.make_ray import RayCrew  # noqa: E402
from lineament.synth.options import options_text, read_options  # noqa: E402
from lineament.synth.people import People  # noqa: E402
from lineament.synth.shards import read  # noqa: E402
from lineament.synth.source import HALVED  # noqa: E402
from lineament.synth.stream import Generator  # noqa: E402

COUNT, PEOPLE, SEED = 7, 2, 11
OPTIONS = ("--size", "64x96", "--fix", "light=sunny", "nobody=false", "--sweep", "yaw=-90:90:60")
PLAN = options_text(size="64x96", fix=("light=sunny", "nobody=false"), sweep=("yaw=-90:90:60",))


def command(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven samples in two shards, made by two processes."""
    folder = tmp_path_factory.mktemp("made") / "samples"
    make(folder, Recipe(SEED, PEOPLE, PLAN, shard_size=4), COUNT, crew=LocalCrew(2))
    return folder


def test_stored_samples_are_those_of_the_stream(folder):
    generator = Generator(SEED, People.load(PEOPLE, SEED), read_options(PLAN))
    stored = list(read(folder))
    assert [one.index for one in stored] == list(range(COUNT))
    for one in stored[::3]:
        drawn = generator.sample(one.index)
        expected = drawn.all_arrays()
        assert set(one.arrays) == {*expected, "surfaces"}
        for name, array in expected.items():
            rough = 1e-3 if name in HALVED else 0
            assert one.arrays[name] == pytest.approx(array, abs=rough), name
        assert tuple(one.arrays["surfaces"]) == drawn.surfaces
        assert one.covariates == drawn.flat()
        assert one.arrays["image"].shape == (96, 64, 3)
    assert {one.covariates["light.kind"] for one in stored} == {"sunny"}
    assert any((one.arrays["part"] > 0).mean() > 0.02 for one in stored)


def test_every_covariate_is_a_column_of_the_manifest(folder):
    rows = pq.read_table(folder / "manifest.parquet").to_pylist()
    for one, row in zip(read(folder), rows, strict=True):
        assert {name: row[name] for name in one.covariates} == one.covariates
    assert {row["shard"] for row in rows} == {"shard-000000.tar", "shard-000001.tar"}


def test_the_commands_go_on_and_rebuild(folder, capsys, monkeypatch):
    monkeypatch.chdir(folder.parent)
    words = ("--out", "samples", "--count", COUNT, "--seed", SEED, "--people", PEOPLE, "--shard-size", 4)
    words = (*words, *OPTIONS)
    before = digests(folder)
    code, out, _ = command(capsys, "synth", "make", *words, "--workers", 1)
    assert code == 0 and out.startswith("7 samples in 2 shards, ") and out.endswith(" 0 new: samples\n")
    assert digests(folder) == before
    code, out, _ = command(capsys, "synth", "rebuild", "samples", "--index", 5)
    assert (code, out) == (0, "sample 5 comes out bit for bit as it is stored\n")
    path = folder / "dataset.json"
    told = path.read_text()
    try:
        path.write_text(told.replace('"seed": 11', '"seed": 12'))
        code, out, _ = command(capsys, "synth", "rebuild", "samples", "--index", 5)
        assert code == 1 and out.startswith("sample 5 comes out differently here: 000000005.png, ")
    finally:
        path.write_text(told)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--count", "0"), "--count is at least 1, not 0"),
        (("--count", "-5", "--workers", "2"), "--count is at least 1, not -5"),
        (("--count", "5", "--workers", "0"), "--workers is at least 1, not 0"),
        (("--count", "5", "--seed", "-1"), "--seed is 0 or more, not -1"),
        (("--count", "5", "--shard-size", "0"), "--shard-size is at least 1, not 0"),
        (("--count", "many"), "--count"),
        (("--count", "5", "--fix", "light=purple"), "light.kind cannot be purple"),
        (("--count", "5", "--set", "grey=true:0.5,false:0.6"), "sums to 1.1"),
        (("--count", "5", "--picture", "gif"), "--picture"),
        (("--count", "5", "--picture", "jpeg", "--quality", "101"), "--quality is from 1 to 100, not 101"),
        ((), "--count"),
    ],
)
def test_bad_values_are_one_line(tmp_path, capsys, words, said):
    code, out, err = command(capsys, "synth", "make", "--out", tmp_path / "a", *words)
    assert (code, out) == (2, "") and err.startswith("lineament: ") and err.count("\n") == 1
    assert said in err
    assert not (tmp_path / "a").exists()


def test_a_rebuild_of_nothing_is_one_line(tmp_path, folder, capsys):
    for where, index in ((tmp_path, 0), (folder, COUNT), (folder, -1)):
        code, _, err = command(capsys, "synth", "rebuild", where, "--index", index)
        assert code == 2 and "holds no sample" in err and err.count("\n") == 1


def test_ray_makes_the_same_bytes(tmp_path):
    ray = pytest.importorskip("ray", reason="lineament[ray] is not installed")
    ray.cloudpickle.register_pickle_by_value(shard_source)
    recipe = Recipe(seed=7, people=3, shard_size=4)
    source, steps = MadeUp(fail=35), []
    crew, told = RayCrew("local", 3), Listener(made=steps.append)
    with pytest.raises(LineamentError, match=r"shard-000008.tar .* sample 35 is impossible") as caught:
        make(tmp_path / "ray", recipe, 38, crew=crew, open_source=source, listener=told)
    assert "\n" not in str(caught.value)
    made = {path.name for path in (tmp_path / "ray").glob("*.tar")}
    assert len(made) >= 6 and set(steps) == {4} and len(steps) >= 6
    make(tmp_path / "here", recipe, 38, open_source=MadeUp())
    here = digests(tmp_path / "here")
    assert all(digests(tmp_path / "ray")[name] == here[name] for name in made)
    assert make(tmp_path / "ray", recipe, 38, open_source=MadeUp()).fresh <= 38 - 4 * len(made) + 2
    assert digests(tmp_path / "ray") == here


def test_no_cluster_is_one_line(tmp_path):
    pytest.importorskip("ray", reason="lineament[ray] is not installed")
    with pytest.raises(BadInputError, match="no Ray cluster answers at 'auto'") as caught:
        make(tmp_path / "a", Recipe(), 3, crew=RayCrew("auto"), open_source=MadeUp())
    assert "\n" not in str(caught.value)


def test_without_ray_the_line_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(BadInputError, match=r"^--ray needs Ray; run: pip install 'lineament\[ray\]'$"):
        make(tmp_path / "a", Recipe(), 3, crew=RayCrew("local"), open_source=MadeUp())
