"""What happens to a gallery in a bad world: kill -9, full disk, damage, other processes, other versions."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from gallery_people import build_prototype

from lineament.errors import BadInputError, NothingFoundError
from lineament.gallery.gallery import Gallery
from lineament.gallery.schema import APPLICATION, VERSION

pytestmark = pytest.mark.fault
HERE = Path(__file__).parent
PEOPLE = 5


def _start(path: Path, code: str, *arguments: str) -> subprocess.Popen[str]:
    """Run `code` in another process, with `path`, the gallery's class and the factory at hand."""
    head = (
        f"import sys, time; sys.path.insert(0, {str(HERE)!r})\n"
        "from gallery_people import build_prototype\nfrom pathlib import Path\n"
        "from lineament.gallery.gallery import Gallery\n"
        "path = Path(sys.argv[1]); say = lambda *w: print(*w, flush=True)\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", head + code, str(path), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def people(tmp_path) -> Path:
    """A gallery of five."""
    path = tmp_path / "people.db"
    with Gallery.open(path) as gallery:
        for index in range(PEOPLE):
            gallery.add(build_prototype(f"P{index}", index, sites=400))
    return path


def _all_there(path: Path, expected: int = PEOPLE) -> None:
    with Gallery.open(path, create=False) as gallery:
        report = gallery.check()
        assert report.ok, report.problems
        assert report.people == report.sound == expected


def _raises(path: Path, pattern: str, **options: object) -> None:
    with pytest.raises(BadInputError, match=pattern) as caught, Gallery.open(path, **options):
        pass
    assert "\n" not in str(caught.value)
    assert str(path.name) in str(caught.value)


def test_kill_9_loses_no_acknowledged_enrolment(tmp_path):
    path = tmp_path / "people.db"
    rng = random.Random(4)
    acknowledged: set[str] = set()
    code = (
        "run = sys.argv[2]\nwith Gallery.open(path, wait=20) as gallery:\n"
        "    for i in range(100000):\n"
        "        gallery.add(build_prototype(f'R{run}-{i}', i, sites=500)); say(f'R{run}-{i}')\n"
    )
    for run in range(8):
        child = _start(path, code, str(run))
        first = child.stdout.readline().strip()
        assert first, child.stderr.read()
        time.sleep(rng.uniform(0.0, 0.15))
        child.send_signal(signal.SIGKILL)
        rest = child.communicate()[0].split("\n")
        # The last line may be cut short by the kill: only whole lines were acknowledged.
        acknowledged |= {first, *rest[:-1]}
        with Gallery.open(path, readonly=True) as gallery:
            assert acknowledged <= set(gallery.subjects())
    assert len(acknowledged) > 16
    with Gallery.open(path) as gallery:
        assert gallery.check().ok


def test_readers_see_whole_people_beside_a_writer(people):
    writer = _start(
        people,
        "with Gallery.open(path) as gallery:\n"
        "    for i in range(60):\n"
        "        gallery.add(build_prototype('W', i, sites=400), replace=True)\n"
        "        gallery.add(build_prototype(f'N{i}', i, sites=400))\n"
        "say('done')\n",
    )
    readers = [
        _start(
            people,
            "seen = 0\nwith Gallery.open(path, readonly=True) as gallery:\n"
            "    until = time.time() + 240\n"
            "    while time.time() < until:\n"
            "        found = [p.subject for p in gallery.prototypes()]\n"
            "        assert len(found) >= max(seen - 1, 5), (seen, found); seen = len(found)\n"
            "        gallery.search_faces(build_prototype('P1', 1).face.embeddings[0], 3)\n"
            "        if 'N59' in found: break\n"
            "say(seen)\n",
        )
        for _ in range(3)
    ]
    for process in (writer, *readers):
        out, error = process.communicate(timeout=300)
        assert process.returncode == 0, error
        assert out.strip() in ("done", str(PEOPLE + 61))
    _all_there(people, PEOPLE + 61)


def test_several_processes_make_the_same_gallery_at_once(tmp_path):
    path = tmp_path / "new.db"
    code = (
        "until = float(sys.argv[2])\nwhile time.time() < until: pass\n"
        "with Gallery.open(path) as gallery: gallery.add(build_prototype('P' + sys.argv[3]))\n"
    )
    start = time.time() + 1.5
    children = [_start(path, code, str(start), str(index)) for index in range(4)]
    for child in children:
        assert child.wait() == 0, child.stderr.read()
    _all_there(path, 4)


def test_a_gallery_in_use_says_so_after_waiting(people):
    holder = sqlite3.connect(people, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with Gallery.open(people, wait=0.2) as gallery:
        with pytest.raises(BadInputError, match="in use by another process: try again"):
            gallery.add(build_prototype("late"))
        holder.execute("ROLLBACK")
        gallery.add(build_prototype("late"))
    holder.close()
    _all_there(people, PEOPLE + 1)


def test_a_full_disk_loses_nobody_and_says_so(people):
    code = (
        "import resource, sys\nsys.dont_write_bytecode = True\nfrom lineament.errors import BadInputError\n"
        "with Gallery.open(path) as gallery:\n"
        "    size = path.stat().st_size + 300_000\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))\n"
        "    try:\n"
        "        for i in range(1000): gallery.add(build_prototype(f'N{i}', i, sites=400)); say(f'N{i}')\n"
        "    except BadInputError as error: say(error)\n"
        "    say(*gallery.subjects())\n"
    )
    child = _start(people, code)
    out, error = child.communicate(timeout=180)
    assert child.returncode == 0, error
    *names, message, listed = out.strip().split("\n")
    assert names and "disk is full" in message and "everybody enrolled before is kept" in message
    assert set(listed.split()) == {*names, *(f"P{i}" for i in range(PEOPLE))}
    _all_there(people, PEOPLE + len(names))


def test_sqlite_saying_full_is_one_clear_line(people):
    with Gallery.open(people) as gallery:
        connection = gallery._store._connection
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(BadInputError, match="disk is full: free some space"):
            gallery.add(build_prototype("more", sites=4000))
        assert len(gallery) == PEOPLE
    _all_there(people)


@contextmanager
def _without_privileges(folder: Path):
    """Let permissions count even where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    for part in (folder, *folder.rglob("*")):
        os.chown(part, 65534, 65534)
    parents = [parent for parent in folder.parents if not parent.stat().st_mode & 0o001]
    modes = {parent: parent.stat().st_mode for parent in parents}
    for parent in parents:
        parent.chmod(modes[parent] | 0o011)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        for parent, mode in modes.items():
            parent.chmod(mode)


def test_a_read_only_file_or_folder_reads_and_refuses_to_write(people):
    folder = people.parent
    with _without_privileges(folder):
        people.chmod(0o400)
        _raises(people, "read-only: make the file and its folder writable")
        with Gallery.open(people, readonly=True) as gallery:
            assert len(gallery) == PEOPLE
        people.chmod(0o600)
        folder.chmod(0o500)
        _raises(people, "read-only: make the file and its folder writable")
        with Gallery.open(people, readonly=True) as gallery:
            assert gallery.get("P1").subject == "P1"
            assert gallery.check().ok
        _raises(folder / "new.db", "cannot be made")
        folder.chmod(0o700)
        people.chmod(0o000)
        _raises(people, "not yours to read", readonly=True)
        people.chmod(0o600)
        _all_there(people)


def test_a_reader_without_locks_notices_that_the_file_changed(people):
    folder = people.parent
    with _without_privileges(folder):
        folder.chmod(0o500)
        with Gallery.open(people, readonly=True) as reader:
            assert len(reader) == PEOPLE
            folder.chmod(0o700)
            with Gallery.open(people) as writer:
                writer.add(build_prototype("N"))
            with pytest.raises(BadInputError, match="changed while it was read"):
                reader.subjects()


@pytest.mark.parametrize("make", ["folder", "text", "other", "empty", "fifo", "missing"])
def test_what_is_no_gallery_is_refused_and_left_alone(tmp_path, make):
    path = tmp_path / "thing.db"
    options: dict[str, object] = {}
    if make == "folder":
        path.mkdir()
    elif make == "text":
        path.write_text("dear diary\n" * 300)
    elif make == "other":
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE recipes (name TEXT)")
        other.close()
    elif make == "empty":
        path.touch()
        options = {"create": False}
    elif make == "fifo":
        os.mkfifo(path)
    else:
        options = {"create": False}
    before = path.read_bytes() if path.is_file() else None
    wanted = {
        "folder": "is a folder",
        "text": "is not a gallery",
        "other": "not a gallery",
        "empty": "is empty",
        "fifo": "not a regular file",
        "missing": "no gallery",
    }[make]
    _raises(path, wanted, **options)
    _raises(path, wanted, readonly=True)
    assert (path.read_bytes() if path.is_file() else None) == before
    assert make != "missing" or not path.exists()


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(BadInputError, match=r"folder .*nowhere does not exist"):
        Gallery.open(tmp_path / "nowhere" / "people.db")


def test_a_newer_gallery_is_refused_and_left_alone(people):
    with sqlite3.connect(people) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    before = people.read_bytes()
    _raises(people, "newer Lineament .*pip install --upgrade")
    _raises(people, "newer Lineament", readonly=True)
    assert people.read_bytes() == before


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.97])
def test_a_truncated_gallery_is_one_clear_line(people, share):
    data = people.read_bytes()
    people.write_bytes(data[: int(len(data) * share)])
    with (
        pytest.raises(BadInputError, match=r"damaged|not a gallery") as caught,
        Gallery.open(people, readonly=True) as gallery,
    ):
        list(gallery.prototypes())
    assert "\n" not in str(caught.value)


def test_damaged_bytes_are_found_wherever_they_lie(people, same_prototype):
    """Bytes turned over in many places: what is read is what was enrolled, or one clear line."""
    data = people.read_bytes()
    rng = np.random.default_rng(8)
    originals = {f"P{i}": build_prototype(f"P{i}", i, sites=400) for i in range(PEOPLE)}
    found = 0
    for _ in range(120):
        damaged = bytearray(data)
        start = int(rng.integers(0, len(data)))
        length = int(rng.choice([1, 16, 600]))
        damaged[start : start + length] = bytes(255 - b for b in damaged[start : start + length])
        people.write_bytes(damaged)
        report = None
        try:
            with Gallery.open(people, readonly=True) as gallery:
                report = gallery.check()
                assert all("\n" not in problem.what for problem in report.problems)
                found += not report.ok
                for prototype in gallery.prototypes():
                    assert same_prototype(prototype, originals[prototype.subject])
                # Bytes that a sound gallery does not use may be anything.
                assert not report.ok or len(gallery) == PEOPLE
        except BadInputError as error:
            assert report is None or not report.ok, "check missed what reading found"
            found += report is None
            assert "\n" not in str(error)
    assert found > 60


def test_one_damaged_person_leaves_the_others_readable_and_check_names_the_person(people):
    data = people.read_bytes()
    inside = build_prototype("P3", 3, sites=400).features.tobytes()[100:140]
    assert data.count(inside) == 1
    people.write_bytes(data.replace(inside, bytes(40)))
    with Gallery.open(people) as gallery:
        with pytest.raises(BadInputError, match=r"damaged.*P3.*checksum"):
            gallery.get("P3")
        assert gallery.get("P2").subject == "P2"
        report = gallery.check()
        assert (report.people, report.sound) == (PEOPLE, PEOPLE - 1)
        assert [problem.subject for problem in report.problems] == ["P3"]
        assert "--replace" in report.problems[0].remedy
        gallery.add(build_prototype("P3", 3, sites=400), replace=True)
        assert gallery.check().ok


def test_check_finds_tampered_records_and_vectors(people):
    with sqlite3.connect(people) as connection:
        connection.execute("UPDATE subjects SET consent = 'forged' WHERE subject = 'P1'")
        connection.execute(
            "UPDATE clouds SET payload = (SELECT payload FROM clouds WHERE id = 1) WHERE id = 3"
        )
        connection.execute("DELETE FROM vectors WHERE person = 4 AND view = 1")
        connection.execute("UPDATE vectors SET vector = zeroblob(64) WHERE person = 5 AND kind = 'face'")
        connection.execute("INSERT INTO clouds VALUES (77, x'00')")
    connection.close()
    with Gallery.open(people) as gallery:
        report = gallery.check()
        with pytest.raises(BadInputError, match="vector of 'P4' has not unit length"):
            gallery.search_faces(np.ones(16, np.float32))
    assert {problem.subject for problem in report.problems} == {None, "P1", "P2", "P3", "P4"}
    assert any("clouds belong to nobody" in problem.what for problem in report.problems)


def test_a_gallery_deleted_under_the_writer_takes_no_more_enrolments(people):
    with Gallery.open(people) as gallery:
        people.rename(people.with_name("away.db"))
        with pytest.raises(BadInputError, match="moved or deleted"):
            gallery.add(build_prototype("ghost"))


def _write_version_1(path: Path, count: int) -> None:
    """A gallery as the first layout had it."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(
        "CREATE TABLE subjects (id INTEGER PRIMARY KEY, subject TEXT NOT NULL UNIQUE, source TEXT NOT NULL, "
        "template TEXT NOT NULL, model TEXT NOT NULL, face_model TEXT, consent TEXT NOT NULL, "
        "purpose TEXT NOT NULL, residual REAL NOT NULL, created TEXT NOT NULL)"
    )
    connection.execute("CREATE TABLE clouds (id INTEGER PRIMARY KEY, payload BLOB NOT NULL)")
    for index in range(count):
        p = build_prototype(f"P{index}", index)
        arrays = {
            name: getattr(p, name)
            for name in ("points", "normals", "colours", "parts", "measured", "features")
        }
        arrays |= {f"face.{name}": getattr(p.face, name) for name in ("embeddings", "yaws", "rendered")}
        connection.execute(
            "INSERT INTO subjects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(index + 1, p.subject, p.source, p.template, p.model, p.face.model),
                *(p.consent, p.purpose, p.residual, "2026-01-02T03:04:05Z"),
            ),
        )
        connection.execute("INSERT INTO clouds VALUES (?, ?)", (index + 1, safetensors.numpy.save(arrays)))
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()


def _layout(path: Path) -> set[tuple[str, str]]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    connection.close()
    return set(rows)


def test_version_1_is_brought_up_to_date_with_everybody_in_it(tmp_path, same_prototype):
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    _write_version_1(old, 3)
    _raises(old, "older layout 1.*gallery check", readonly=True)
    with Gallery.open(old) as gallery, Gallery.open(new):
        for index in range(3):
            assert same_prototype(gallery.get(f"P{index}"), build_prototype(f"P{index}", index))
        assert gallery.record("P0").created == "2026-01-02T03:04:05Z"
        assert gallery.check().ok
        embedding = build_prototype("P2", 2).face.embeddings[1]
        assert (hit := gallery.search_faces(embedding, 1)[0]).subject == "P2" and hit.view == 1
    assert _layout(old) == _layout(new)


def test_a_migration_that_fails_leaves_the_old_gallery_as_it_was(tmp_path):
    old = tmp_path / "old.db"
    _write_version_1(old, 3)
    connection = sqlite3.connect(old)
    connection.execute("UPDATE clouds SET payload = x'0011' WHERE id = 2")
    connection.commit()
    connection.close()
    _raises(old, "damaged.*layout 1 could not be brought up to date")
    connection = sqlite3.connect(old)
    assert connection.execute("PRAGMA user_version").fetchone()[0] == 1
    assert connection.execute("SELECT count(*) FROM subjects JOIN clouds USING (id)").fetchone()[0] == 3
    connection.close()


def test_a_failed_write_in_the_middle_changes_nothing(people):
    with Gallery.open(people) as gallery:
        counters = gallery._store.counters()
        with pytest.raises(NothingFoundError):
            gallery.remove("P1", "nobody")
        assert len(gallery) == PEOPLE and gallery._store.counters() == counters
