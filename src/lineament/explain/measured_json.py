"""What was measured on a person as JSON-ready records, and the values that statements point to."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from lineament.explain.agreement import Agreements
from lineament.explain.hardships import Hardships
from lineament.explain.words import Statement

Json = dict[str, Any]


def agreements_json(found: Agreements | None) -> Json | None:
    """Stature, whether the uncertainties were measured for this model, and every length; None without any."""
    if found is None:
        return None
    return {
        "stature_cm": round(found.stature_cm, 2),
        "uncertainties_learned": found.learned,
        "lengths": [_plain(asdict(one)) for one in found.lengths],
    }


def hardships_json(found: Hardships) -> Json:
    """What makes the photograph hard to compare."""
    return {name: _plain(value) for name, value in asdict(found).items()}


def _plain(value: Any) -> Any:
    """The record with finite, rounded floats and lists in place of tuples."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value


def resolved(record: Any, pointer: str) -> Any:
    """The value that a JSON pointer (RFC 6901, without escapes) names in `record`."""
    for step in pointer.strip("/").split("/"):
        record = record[int(step)] if isinstance(record, list) else record[step]
    return record


def words_json(statements: Sequence[Statement], person: Json) -> list[Json]:
    """Every statement with the pointers below `person` to its numbers, and their values there."""
    return [
        {
            "text": one.text,
            "topic": one.topic,
            "sources": list(one.sources),
            "values": [resolved(person, pointer) for pointer in one.sources],
        }
        for one in statements
    ]
