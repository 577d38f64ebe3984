"""Killed, interrupted, out of space, nobody reading: through real processes."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cli_world import Run

from lineament.gallery.gallery import Gallery

pytestmark = [pytest.mark.end_to_end, pytest.mark.fault]
PROGRAM = [sys.executable, str(Path(__file__).with_name("cli_world.py"))]
REAL = Path(sys.executable).with_name("lineament")


def start(*words: object, program: list[str] = PROGRAM) -> subprocess.Popen[str]:
    settings = os.environ | {"PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"}
    command = [*program, *map(str, words)]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=settings,
        start_new_session=True,
    )


def sound_people(gallery: Path) -> list[str]:
    with Gallery.open(gallery) as opened:
        assert opened.check().ok
        return opened.subjects()


def test_kill_after_the_word_given_loses_nobody(people: Path, her: Path) -> None:
    enrolling = start("enrol", "P02", her, "--gallery", people)
    assert enrolling.stdout is not None
    assert enrolling.stdout.readline().startswith("enrolled P02")
    enrolling.send_signal(signal.SIGKILL)
    enrolling.communicate()
    assert sound_people(people) == ["P01", "P02"]


@pytest.mark.parametrize("after", [0.5, 3.0])
def test_kill_before_leaves_the_others(people: Path, her: Path, after: float) -> None:
    enrolling = start("enrol", "P02", her, "--gallery", people)
    time.sleep(after)
    enrolling.kill()
    out, _ = enrolling.communicate()
    kept = sound_people(people)
    assert kept == ["P01", "P02"] if "enrolled P02" in out else kept[0] == "P01"


def test_ctrl_c_is_one_line(people: Path, her: Path) -> None:
    many = start("embed", *[her] * 400, "--out", people.with_name("e.npz"))
    time.sleep(4.0)
    many.send_signal(signal.SIGINT)
    out, err = many.communicate(timeout=60)
    assert many.returncode == 130 and out == ""
    assert err.splitlines()[-1].endswith("lineament: interrupted") and "Traceback" not in err
    assert not people.with_name("e.npz").exists()


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """A full disk in small: the system refuses to write files beyond `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    writes = sys.dont_write_bytecode
    # Python would cut off compiled modules that it writes meanwhile; later runs would stumble over them.
    sys.dont_write_bytecode = True
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        sys.dont_write_bytecode = writes


def test_a_full_disk_stops_a_report(run: Run, people: Path, her: Path, tmp_path: Path) -> None:
    with files_no_larger_than(60_000):
        code, out, err = run("identify", her, "--gallery", people, "--report", tmp_path / "r.html")
    assert code == 2 and "P01" in out
    assert err.startswith("lineament: cannot write the report") and err.count("\n") == 1


def test_a_full_disk_stops_an_enrolment_and_keeps_the_others(refused, people: Path, her: Path) -> None:  # type: ignore[no-untyped-def]
    with files_no_larger_than(60_000):
        refused(2, "people.db", "enrol", "P02", her, "--gallery", people)
    assert sound_people(people) == ["P01"]


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (300, ("embed", "HER", "--out", "e.npz")),
        (300, ("register", "HER", "--out", "regs")),
        (60_000, ("explain", "HER", "P01", "--gallery", "people.db")),
    ],
)
def test_a_full_disk_stops_other_files(  # type: ignore[no-untyped-def]
    run: Run, people: Path, her: Path, monkeypatch, limit: int, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(people.parent)
    with files_no_larger_than(limit):
        code, _, err = run(*[her if word == "HER" else word for word in words])
    assert code == 2 and "cannot" in err and err.count("\n") == 1
    assert not list(people.parent.glob("**/*.npz"))


def test_nobody_reads_the_output() -> None:
    listing = start("--help", program=[str(REAL)])
    assert listing.stdout is not None and listing.stderr is not None
    listing.stdout.close()
    assert listing.wait(60) == 0
    assert listing.stderr.read() == ""


def test_the_installed_command_refuses_in_one_line(tmp_path: Path) -> None:
    asked = start("identify", tmp_path / "a.jpg", "--gallery", tmp_path / "g.db", program=[str(REAL)])
    out, err = asked.communicate(timeout=120)
    assert asked.returncode == 2 and out == "" and err.count("\n") == 1 and "no gallery" in err


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    asked = start("gallery", "list", "--gallery", tmp_path / "g.db", "--debug", program=[str(REAL)])
    _, err = asked.communicate(timeout=120)
    assert asked.returncode == 1 and "Traceback" in err and "BadInputError" in err
