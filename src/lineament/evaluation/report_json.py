"""Results as JSON: what is beside every report, and what the tables in docs are made of."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lineament.errors import BadInputError
from lineament.evaluation.groups import Grouped
from lineament.evaluation.metrics import Figure, TooFew
from lineament.evaluation.metrics.discard import DiscardCurve
from lineament.evaluation.score import Results
from lineament.writing import replacing

Json = dict[str, Any]


def json_of(results: Results) -> Json:
    """Everything of `results` that is a figure, without where the data lie."""
    record = {name: value for name, value in asdict(results.record).items() if name != "folder"}
    return {
        "run": record,
        "counts": dict(results.counts),
        "failures": dict(results.failed),
        "figures": values_json(results.figures),
        "identification": values_json(results.identification),
        "cmc": {str(rank): value_json(value) for rank, value in results.cmc.items()},
        "nominal": [
            {
                "nominal": one.nominal,
                "actual": value_json(one.fmr),
                "fnmr": value_json(one.fnmr),
                "factor": one.off,
                "finding": one.finding,
                "certain": one.certain,
            }
            for one in results.nominal
        ],
        "threshold": results.threshold,
        "accepted by bin": {
            name: {one.label: value_json(one.accepted) for one in bins} for name, bins in results.bins.items()
        },
        "claims": [
            {
                "low": _plain(one.low),
                "high": one.high,
                "claimed": one.claimed,
                "observed": value_json(one.observed),
                "mated": one.mated,
                "non_mated": one.non_mated,
            }
            for one in results.claims
        ],
        "confusion": None
        if results.confusion is None
        else {"names": list(results.confusion.names), "count": results.confusion.count.tolist()},
        "groups": {name: _grouped_json(one) for name, one in results.groups.items()},
        "error versus discard": _discard_json(results.discard),
        "hardships": {
            name: {
                "accepted without": one.plain,
                "accepted with": one.hard,
                "change": value_json(one.accepted),
                "score": None if one.score is None else value_json(one.score),
            }
            for name, one in results.costs.items()
        },
        "det": {
            name: [_plain(float(v)) for v in getattr(results.det, name)]
            for name in ("threshold", "fmr", "fnmr", "low", "high")
        },
    }


def _discard_json(found: DiscardCurve | TooFew | None) -> Json | None:
    if found is None:
        return None
    if isinstance(found, TooFew):
        return value_json(found)
    curve = {name: [_plain(float(v)) for v in getattr(found, name)] for name in ("share", "fnmr", "kept")}
    return {"area": value_json(found.area), "relative": value_json(found.relative), **curve}


def _grouped_json(found: Grouped) -> Json:
    return {
        "rates": {
            rate: {
                "groups": values_json(one.groups),
                "worst": one.worst,
                "ratio": value_json(one.ratio),
                "to_best": value_json(one.to_best),
            }
            for rate, one in found.rates.items()
        },
        "failures": {name: values_json(one) for name, one in found.failures.items()},
    }


def values_json(values: Mapping[str, Figure | TooFew]) -> Json:
    """Figures by name."""
    return {name: value_json(value) for name, value in values.items()}


def value_json(value: Figure | TooFew) -> Json:
    """A figure with its interval, or why there is none."""
    if isinstance(value, TooFew):
        return {"too_few": str(value), "cases": value.cases, "below": value.below}
    held = {name: _plain(number) for name, number in asdict(value).items()}
    return {name: number for name, number in held.items() if number != "" and (name, number) != ("people", 0)}


def write_json(path: Path, content: Json) -> None:
    """Write whole or not at all; raises BadInputError where `path` cannot be written."""
    try:
        with replacing(path) as partial:
            partial.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise BadInputError(f"{path} cannot be written ({error.strerror}); choose another place") from error


def _plain(number: Any) -> Any:
    """JSON knows no infinity."""
    if isinstance(number, float) and not math.isfinite(number):
        return None if math.isnan(number) else "inf" if number > 0 else "-inf"
    return number
