import hashlib
import os
import resource
import signal
import subprocess
import sys
import tarfile
import time
from collections import namedtuple
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")

import pyarrow.parquet as pq
from shard_source import MadeUp

from lineament.errors import BadInputError, LineamentError
from lineament.synth import make as making
from lineament.synth.crew import LocalCrew, Stretches
from lineament.synth.dataset import PARTIAL, Recipe, locked, shard_path
from lineament.synth.make import Listener, make
from lineament.synth.rebuild import rebuild
from lineament.synth.shards import read

HERE = Path(__file__).parent
RECIPE = Recipe(seed=7, people=3, shard_size=8)
COUNT = 44


def fill(folder: Path, recipe: Recipe = RECIPE, count: int = COUNT, workers: int = 1, **settings):
    source = settings.pop("open_source", MadeUp())
    return make(folder, recipe, count, crew=LocalCrew(workers), open_source=source, **settings)


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def times(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("shard-*.tar")}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All samples, made by one worker without interruption."""
    folder = tmp_path_factory.mktemp("whole") / "samples"
    fill(folder)
    return folder


@pytest.fixture(scope="module")
def expected(whole: Path) -> dict[str, str]:
    return digests(whole)


def refused(words: str, folder: Path, kind: type[LineamentError] = BadInputError, **settings) -> None:
    with pytest.raises(kind, match=words) as caught:
        fill(folder, **settings)
    assert "\n" not in str(caught.value)
    assert not list(folder.rglob(f"*{PARTIAL}"))


def start(folder: Path, source: str, largest_file: int | None = None):
    """Make the same samples in a process group of its own, through the command line's error handling."""
    code = (
        f"import sys; sys.path.insert(0, {str(HERE)!r})\n"
        "from pathlib import Path\n"
        "from shard_source import MadeUp\n"
        "from lineament.cli import main as command\n"
        "from lineament.synth.crew import LocalCrew, Stretches\n"
        "from lineament.synth.dataset import Recipe\n"
        "from lineament.synth.make import Listener, make\n"
        "def run(words):\n"
        "    listener = Listener(made=lambda n: print(n, flush=True))\n"
        f"    make(Path(sys.argv[1]), Recipe(7, 3, shard_size=8), {COUNT}, crew=LocalCrew(2),\n"
        f"         open_source={source}, listener=listener)\n"
        "    return 0\n"
        "if __name__ == '__main__':\n"
        "    command._run = run\n"
        "    command.main([])\n"
    )
    script = folder.parent / "run.py"
    script.write_text(code)

    def limit() -> None:
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    return subprocess.Popen(
        [sys.executable, str(script), str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=limit,
        # A limit would cut off compiled modules too.
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


def wait_for_samples(process: "subprocess.Popen[str]", count: int) -> None:
    assert process.stdout is not None and process.stderr is not None
    for _ in range(count):
        assert process.stdout.readline(), process.stderr.read()


def test_bytes_do_not_depend_on_the_number_of_workers(tmp_path, expected):
    made = fill(tmp_path / "three", workers=3)
    assert digests(tmp_path / "three") == expected
    assert (made.samples, made.shards, made.fresh) == (COUNT, 6, COUNT)
    assert made.size == sum(path.stat().st_size for path in (tmp_path / "three").glob("*.tar"))


def test_workers_get_neighbouring_shards_and_none_twice():
    dealt = Stretches(list(range(10)), 3)
    first = [[dealt.next(worker) for worker in range(3)] for _ in range(3)]
    assert first == [[0, 3, 6], [1, 4, 7], [2, 5, 8]]
    assert [dealt.next(0), dealt.next(1), dealt.next(2)] == [9, None, None]
    alone = Stretches(list(range(8)), 2)
    assert [alone.next(1) for _ in range(8)] == [4, 5, 6, 7, 2, 3, 1, 0]
    assert alone.next(0) is None


def test_what_is_read_is_what_was_made(whole):
    source = MadeUp()()
    stored = list(read(whole))
    assert [one.index for one in stored] == list(range(COUNT))
    for one in stored:
        arrays, covariates = source(one.index)
        assert set(one.arrays) == set(arrays)
        assert all((one.arrays[name] == arrays[name]).all() for name in arrays)
        assert all(one.arrays[name].dtype == arrays[name].dtype for name in arrays)
        assert one.covariates == {"seed": 7, "index": one.index, **covariates}


def test_shards_are_laid_out_as_webdataset_wants_them(whole):
    """Members of a sample follow each other, named key.ext with no other dot, and carry no time or owner."""
    keys = []
    for path in sorted(whole.glob("shard-*.tar")):
        with tarfile.open(path) as tar:
            members = tar.getmembers()
        assert all(m.isfile() and (m.mtime, m.uid, m.gid, m.uname) == (0, 0, 0, "") for m in members)
        names = [member.name.split(".", 1) for member in members]
        for place in range(0, len(names), 3):
            assert [ending for _, ending in names[place : place + 3]] == ["png", "npz", "json"]
            assert len({key for key, _ in names[place : place + 3]}) == 1
            keys.append(names[place][0])
    assert keys == [f"{index:09d}" for index in range(COUNT)]


def test_the_manifest_finds_every_sample(whole):
    rows = pq.read_table(whole / "manifest.parquet").to_pylist()
    assert [row["index"] for row in rows] == list(range(COUNT))
    for row in rows[::7]:
        with (whole / row["shard"]).open("rb") as file:
            file.seek(row["offset"])
            with tarfile.open(fileobj=file, mode="r:") as tar:
                member = tar.next()
                assert member is not None and member.name == f"{row['index']:09d}.png"
        assert (row["offset"] + row["bytes"]) % 512 == 0
        assert row["seed"] == 7 and row["framing.yaw"] == row["index"] + 0.5
        assert row["second.person"] == (row["index"] if row["index"] % 4 == 1 else None)


def test_a_finished_folder_is_left_as_it_is(tmp_path, expected):
    fill(tmp_path / "a")
    before = times(tmp_path / "a")
    assert fill(tmp_path / "a").fresh == 0
    assert times(tmp_path / "a") == before and digests(tmp_path / "a") == expected


def test_a_larger_count_adds_samples(tmp_path, expected):
    fill(tmp_path / "a", count=19)
    before = times(tmp_path / "a")
    assert fill(tmp_path / "a", workers=2).fresh == COUNT - 16
    after = times(tmp_path / "a")
    assert [before[name] == after[name] for name in sorted(before)] == [True, True, False]
    assert digests(tmp_path / "a") == expected


def test_damaged_and_lost_files_are_made_again(tmp_path, expected):
    folder = tmp_path / "a"
    fill(folder)
    second = bytearray(shard_path(folder, 1).read_bytes())
    second[5000] ^= 1
    shard_path(folder, 1).write_bytes(second)
    shard_path(folder, 2).unlink()
    shard_path(folder, 3).write_bytes(shard_path(folder, 3).read_bytes()[:-512])
    (folder / "rows" / "shard-000004.parquet").write_bytes(b"PAR1")
    (folder / "manifest.parquet").unlink()
    assert fill(folder).fresh == 32
    assert digests(folder) == expected


def test_everything_anew_on_request(tmp_path, expected):
    folder = tmp_path / "a"
    fill(folder, Recipe(seed=8, people=3, shard_size=4))
    assert fill(folder, resume=False).fresh == COUNT
    assert digests(folder) == expected
    (folder / "dataset.json").write_text("{")
    refused("dataset.json is damaged: choose another folder", folder)
    fill(folder, resume=False)
    assert digests(folder) == expected


@pytest.mark.parametrize(
    ("words", "recipe"),
    [
        (r"another seed \(7, not 8\)", Recipe(8, 3, shard_size=8)),
        (r"another population \(3, not 4\)", Recipe(7, 4, shard_size=8)),
        (r"another shard size \(8, not 9\)", Recipe(7, 3, shard_size=9)),
        (r"another picture format \(png, not jpeg\)", Recipe(7, 3, shard_size=8, picture="jpeg")),
        ("another plan:", Recipe(7, 3, '{"light": "night"}', 8)),
    ],
)
def test_a_folder_of_other_data_is_refused(whole, expected, words, recipe):
    refused(words, whole, recipe=recipe)
    assert digests(whole) == expected


def test_a_folder_made_by_other_code_is_refused(tmp_path):
    fill(tmp_path / "a", count=8)
    before = digests(tmp_path / "a")
    refused("other code, assets or libraries", tmp_path / "a", open_source=MadeUp(other=1))
    assert digests(tmp_path / "a") == before


def test_foreign_folders_and_bad_counts_are_refused(tmp_path, whole):
    (tmp_path / "photographs").mkdir()
    (tmp_path / "photographs" / "me.jpg").write_bytes(b"me")
    for resume in (True, False):
        refused("holds files that are no shards", tmp_path / "photographs", resume=resume)
    (tmp_path / "file").touch()
    refused("cannot make the folder", tmp_path / "file" / "below")
    refused("--count is at least 1, not 0", tmp_path / "none", count=0)
    refused("begun with 44 samples, more than 43", whole, count=43)
    assert [path.name for path in (tmp_path / "photographs").iterdir()] == ["me.jpg"]


@pytest.mark.parametrize(
    "values",
    [{"seed": -1}, {"people": 0}, {"shard_size": 0}, {"quality": 0}, {"quality": 101}, {"picture": "bmp"}],
)
def test_impossible_recipes_are_refused(values):
    with pytest.raises(BadInputError, match=r"^--"):
        Recipe(**values)


def test_two_runs_do_not_write_into_one_folder(tmp_path):
    (tmp_path / "a").mkdir()
    with locked(tmp_path / "a"):
        refused("another run makes samples", tmp_path / "a")


def test_an_error_in_a_worker_is_one_line(tmp_path, expected):
    folder = tmp_path / "a"
    words = "shard-000002.tar could not be made: ArithmeticError: sample 20 is impossible"
    refused(words, folder, LineamentError, open_source=MadeUp(fail=20))
    assert sorted(times(folder)) == ["shard-000000.tar", "shard-000001.tar"]
    fill(folder)
    assert digests(folder) == expected


@pytest.mark.fault
def test_a_worker_that_dies_is_one_line(tmp_path, expected):
    folder, mark = tmp_path / "a", tmp_path / "died"
    refused("a worker process was killed by SIGABRT", folder, LineamentError, open_source=MadeUp(die=mark))
    fill(folder, open_source=MadeUp(die=mark))
    assert digests(folder) == expected


@pytest.mark.fault
def test_kill_9_loses_the_shards_in_work_alone(tmp_path, expected):
    folder = tmp_path / "a"
    process = start(folder, "MadeUp(wait=0.01)")
    wait_for_samples(process, 21)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    before = times(folder)
    # Two workers: of 21 samples at most two shards of 8 were not finished.
    assert 1 <= len(before) <= 5
    time.sleep(0.5)
    fill(folder, workers=2)
    after = times(folder)
    kept = [name for name in before if before[name] == after[name]]
    assert len(kept) >= len(before) - 1
    assert digests(folder) == expected


@pytest.mark.fault
def test_kill_9_of_a_worker_is_one_line_and_leaves_no_process(tmp_path, expected):
    folder = tmp_path / "a"
    process = start(folder, "MadeUp(wait=0.05)")
    wait_for_samples(process, 3)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not children.exists():
        process.kill()
        pytest.skip("no /proc to find workers in")
    workers = [
        int(child)
        for child in children.read_text().split()
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]
    os.kill(workers[0], signal.SIGKILL)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1 and said.count("\n") == 1, said
    assert "a worker process was killed by SIGKILL" in said and "run the same command again" in said
    assert not [worker for worker in workers if Path(f"/proc/{worker}").exists()]
    assert not list(folder.rglob(f"*{PARTIAL}"))
    fill(folder)
    assert digests(folder) == expected


@pytest.mark.fault
def test_ctrl_c_ends_cleanly_and_the_run_goes_on_later(tmp_path, expected):
    folder = tmp_path / "a"
    process = start(folder, "MadeUp(wait=0.01)")
    wait_for_samples(process, 12)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130 and said == "lineament: interrupted\n", said
    assert not list(folder.rglob(f"*{PARTIAL}"))
    fill(folder)
    assert digests(folder) == expected


@pytest.mark.fault
def test_a_disk_that_fills_is_one_line_and_the_run_goes_on_later(tmp_path):
    recipe, source = Recipe(seed=7, people=3, shard_size=8), MadeUp(large=20)
    fill(tmp_path / "whole", recipe, open_source=source)
    sizes = {path.stat().st_size for path in (tmp_path / "whole").glob("*.tar")}
    assert max(sizes) > 1.5 * sorted(sizes)[-2]
    folder = tmp_path / "a"
    process = start(folder, "MadeUp(large=20)", largest_file=sorted(sizes)[-2] + 1000)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2 and said.count("\n") == 1, said
    assert said.startswith(f"lineament: cannot write {shard_path(folder, 2)}: File too large")
    assert "make room, then run the same command again" in said
    assert times(folder) and not list(folder.rglob(f"*{PARTIAL}"))
    fill(folder, recipe, open_source=source)
    assert digests(folder) == digests(tmp_path / "whole")


def test_too_little_room_is_said_before_the_start(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(making.shutil, "disk_usage", lambda _: usage(9, 1, 40_000))
    refused(r"44 samples need about \d+\.?\d* kB, but the disk of .* has 40.0 kB left", tmp_path / "a")
    assert not list((tmp_path / "a").rglob("*.tar"))


def test_the_estimate_is_close_and_progress_adds_up(tmp_path):
    outlooks, steps = [], []
    made = fill(tmp_path / "a", listener=Listener(outlooks.append, steps.append))
    assert outlooks[0].size == pytest.approx(made.size, rel=0.25)
    assert (outlooks[0].samples, outlooks[0].kept, sum(steps)) == (COUNT, 0, COUNT)
    assert outlooks[0].free > 0


def test_a_sample_is_made_again_bit_for_bit(whole):
    assert rebuild(whole, 20, MadeUp()).differing == ()
    other = rebuild(whole, 20, MadeUp(other=1))
    assert other.differing == ("000000020.png", "000000020.npz")
    assert (other.stored.arrays["image"] != other.again.arrays["image"]).any()
    with pytest.raises(BadInputError, match="holds no sample 44"):
        rebuild(whole, COUNT, MadeUp())


def test_jpeg_pictures_are_smaller(tmp_path, whole):
    fill(tmp_path / "a", Recipe(seed=7, people=3, shard_size=8, picture="jpeg", quality=60), count=8)
    with tarfile.open(shard_path(tmp_path / "a", 0)) as jpeg, tarfile.open(shard_path(whole, 0)) as png:
        assert jpeg.getmember("000000003.jpg").size < png.getmember("000000003.png").size
    assert next(read(tmp_path / "a")).arrays["image"].shape == (16, 16, 3)


def test_reading_what_is_not_there_or_damaged_is_one_line(tmp_path):
    with pytest.raises(BadInputError, match="holds no samples"):
        list(read(tmp_path))
    fill(tmp_path / "a", count=3)
    path = shard_path(tmp_path / "a", 0)
    path.write_bytes(path.read_bytes()[:2500])
    with pytest.raises(BadInputError, match=r"shard-000000.tar cannot be read .*make it again"):
        list(read(tmp_path / "a"))
