"""Making one sample of a folder again, and comparing it bit for bit."""

from dataclasses import dataclass
from pathlib import Path

from lineament.errors import BadInputError
from lineament.synth.dataset import Description
from lineament.synth.shards import Stored, decode, encode, read_members
from lineament.synth.source import OpenSource, PeopleSource


@dataclass(frozen=True, slots=True, eq=False)
class Rebuilt:
    """A sample made again: as it lies in its shard, as it comes out here, and the members that differ."""

    stored: Stored
    again: Stored
    differing: tuple[str, ...]


def rebuild(folder: Path, index: int, open_source: OpenSource | None = None) -> Rebuilt:
    """Make sample `index` of `folder` again. Raises BadInputError where there is no such sample."""
    described = Description.read(folder)
    if described is None:
        raise BadInputError(f"{folder} holds no samples; make some: lineament synth make --out {folder}")
    stored = read_members(folder, index)
    recipe = described.recipe
    again = encode(recipe, index, *(open_source or PeopleSource(recipe))()(index))
    differing = tuple(name for name in stored if stored[name] != again[name])
    return Rebuilt(decode(stored), decode(again), differing)
