"""The charts of a report: DET, score distributions, CMC, rates by bin, who is taken for whom."""

from collections.abc import Iterator, Sequence

import numpy as np

from lineament.evaluation.bins import Bin
from lineament.evaluation.metrics import Figure
from lineament.evaluation.metrics.calibration import Bin as ClaimBin
from lineament.evaluation.metrics.confusion import Confusion
from lineament.evaluation.metrics.discard import LIMIT, DiscardCurve
from lineament.evaluation.plots import Axis, Line, line_chart, matrix_chart
from lineament.evaluation.score import WORKING, Histogram, Results

Chart = tuple[str, str, str]
_LOWEST = 1e-3


def charts(results: Results) -> Iterator[Chart]:
    """Title, SVG and caption of each chart that the run can show."""
    yield _det(results)
    yield _distributions(results.histogram, results.threshold)
    if results.cmc:
        yield _cmc(results)
    for name, bins in results.bins.items():
        yield _by_bin(name, bins)
    if any(isinstance(one.observed, Figure) for one in results.claims):
        yield _claims(results.claims)
    if isinstance(results.discard, DiscardCurve):
        yield _discard(results.discard)
    if results.confusion is not None:
        yield _confusion(results.confusion)


def _discard(curve: DiscardCurve) -> Chart:
    top = float(np.nanmax(curve.fnmr)) * 1.35  # room for the legend
    lines = [
        Line("quality says nothing", curve.share[[0, -1]], curve.fnmr[[0, 0]], 3),
        Line("by quality", curve.share, curve.fnmr, 0),
    ]
    across = Axis("share of photographs discarded, the lowest quality first", 0.0, LIMIT)
    svg = line_chart(lines, across, Axis("false non-match rate", 0.0, top), "error versus discard")
    caption = (
        f"At one threshold, FMR {WORKING:g} over all comparisons. Mean of the curve: "
        f"{curve.relative.value:.2f} of the rate at its start ({curve.relative.low:.2f} to "
        f"{curve.relative.high:.2f}); 1 would say nothing. {int(curve.kept[-1]):,} comparisons remain at its "
        "end."
    )
    return ("Errors against photographs discarded", svg, caption)


def _det(results: Results) -> Chart:
    curve = results.det
    kept = curve.fmr > 0
    least = float(curve.fmr[kept].min(initial=0.1))
    lowest = 10.0 ** np.floor(np.log10(min(least, 0.1)))
    up = Axis("false non-match rate", _LOWEST, 1.0, "log")
    line = Line("", curve.fmr[kept], curve.fnmr[kept], 0, curve.low[kept], curve.high[kept])
    svg = line_chart([line], Axis("false match rate", float(lowest), 1.0, "log"), up, "DET curve")
    return (
        "Detection error trade-off",
        svg,
        "Band: 95 %, people resampled. It ends where the rule of 3 ends.",
    )


def _distributions(histogram: Histogram, threshold: float | None) -> Chart:
    edges = histogram.edges
    centres = (edges[1:] + edges[:-1]) / 2
    top = float(max(histogram.mated.max(initial=0), histogram.non_mated.max(initial=0))) * 1.08 or 1.0
    lines = [
        Line("non-mated", centres, histogram.non_mated, 1, filled=True),
        Line("mated", centres, histogram.mated, 2, filled=True),
    ]
    if threshold is not None and np.isfinite(threshold):
        at = np.array([threshold, threshold])
        lines.append(Line(f"threshold at FMR {WORKING:g}", at, np.array([0.0, top]), 3))
    across = Axis("score", float(edges[0]), float(edges[-1]))
    svg = line_chart(lines, across, Axis("share of comparisons", 0.0, top), "score distributions")
    return ("Scores", svg, "Failures, which score below everything, are not drawn.")


def _cmc(results: Results) -> Chart:
    rows = [(rank, value) for rank, value in results.cmc.items() if isinstance(value, Figure)]
    ranks = np.array([rank for rank, _ in rows], dtype=np.float64)
    value, low, high = (
        np.array([getattr(one, name) for _, one in rows]) for name in ("value", "low", "high")
    )
    ticks = tuple((float(rank), f"{rank:g}") for rank in ranks)
    across = Axis("rank", 0.9, max(2.0, float(ranks.max(initial=1)) * 1.1), "log", ticks)
    line = Line("", ranks, value, 0, low, high, dots=True)
    up = Axis("share of probes identified", min(0.9, float(np.floor(low.min(initial=1) * 10) / 10)), 1.0)
    return ("Cumulative match characteristic", line_chart([line], across, up, "CMC curve"), "Failures miss.")


def _by_bin(name: str, bins: Sequence[Bin]) -> Chart:
    rows = [(place, one) for place, one in enumerate(bins) if isinstance(one.accepted, Figure)]
    x = np.array([place for place, _ in rows], dtype=np.float64)
    value, low, high = (
        np.array([getattr(one.accepted, end) for _, one in rows]) for end in ("value", "low", "high")
    )
    words = [one.label.removesuffix(" degrees").removesuffix(" pixels") for one in bins]
    ticks = tuple((float(place), word[:14]) for place, word in enumerate(words))
    unit = next(
        (one.label.rpartition(" ")[2] for one in bins if one.label.endswith(("degrees", "pixels"))), ""
    )
    across = Axis(f"{name}, {unit}" if unit else name, -0.5, len(bins) - 0.5, ticks=ticks)
    svg = line_chart(
        [Line("", x, value, 0, low, high, dots=True)],
        across,
        Axis("true accept rate", 0.0, 1.0),
        f"by {name}",
    )
    cases = ", ".join(f"{one.label}: {one.accepted.cases:,}" for one in bins)
    caption = f"At one threshold, FMR {WORKING:g} over all comparisons. Mated comparisons: {cases}."
    return (f"By {name}", svg, caption)


def _claims(claims: Sequence[ClaimBin]) -> Chart:
    rows = [(one.claimed, one.observed) for one in claims if isinstance(one.observed, Figure)]
    claimed = np.array([at for at, _ in rows])
    value, low, high = (np.array([getattr(one, end) for _, one in rows]) for end in ("value", "low", "high"))
    ends = np.concatenate([claimed, value])
    floor, top = float(ends.min()) - 0.5, float(ends.max()) + 0.5
    room = 0.3 * (top - floor)  # for the legend, which the diagonal would cross
    low, high = np.clip(low, floor, top), np.clip(high, floor, top)
    lines = [
        Line("as claimed", np.array([floor, top]), np.array([floor, top]), 3),
        Line("observed", claimed, value, 0, low, high, dots=True),
    ]
    across = Axis("claimed log-likelihood ratio, natural", floor, top)
    svg = line_chart(lines, across, Axis("observed", floor, top + room), "calibration curve")
    return (
        "Claimed against observed",
        svg,
        "Below the line: the score claims more than the data show. Bins with one kind of comparison only are "
        "not drawn.",
    )


def _confusion(found: Confusion) -> Chart:
    names = [*found.names, "not enrolled" if found.count[-1].any() else "nobody"]
    counted = found.count.astype(np.float64)
    with np.errstate(invalid="ignore"):
        shares = np.where(counted > 0, counted / counted.sum(axis=1, keepdims=True), np.nan)
    right, total = found.correct, int(found.count.sum())
    caption = (
        f"{right:,} of {total:,} probes returned rightly. Shade: share of the row's. Last column: nobody."
    )
    return ("Who is taken for whom", matrix_chart(shares, names, "confusion matrix"), caption)
