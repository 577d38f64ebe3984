"""Fit a calibration to comparisons of people whose identity is known (synthetic people, or a user's own)."""

import hashlib
from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

from lineament.errors import BadInputError
from lineament.recognition.calibration import Calibration, FaceLine, Mode, Sample, Tail, mode_of
from lineament.recognition.comparison import GROUPS, Comparison
from lineament.types import Bool, Float64

MIN_MATED = 20
TAIL_KEPT = 0.2
RIDGE = 1e-4


def logistic(x: Float64, mated: Bool, *, positive: Bool | None = None) -> Float64:
    """Weights (d + 1,), intercept last, of a class-balanced ridge logistic regression on x (n, d).

    positive: (d,) True where a weight must not fall below 0: a higher similarity never counts against a
    person.
    """
    unit = np.maximum(x.std(axis=0), 1e-9)
    x1 = np.concatenate([x / unit, np.ones((len(x), 1))], axis=1)
    weight = np.where(mated, 0.5 / max(1, mated.sum()), 0.5 / max(1, (~mated).sum()))
    sign = np.where(mated, 1.0, -1.0)

    def loss(w: Float64) -> tuple[float, Float64]:
        z = sign * (x1 @ w)
        value = float((weight * np.logaddexp(0.0, -z)).sum() + RIDGE * (w[:-1] ** 2).sum())
        slope = -weight * sign / (1.0 + np.exp(np.clip(z, -500, 500)))
        gradient = x1.T @ slope
        gradient[:-1] += 2 * RIDGE * w[:-1]
        return value, gradient

    lower = np.where(positive, 0.0, -np.inf) if positive is not None else np.full(x.shape[1], -np.inf)
    bounds = [(low, np.inf) for low in lower] + [(-np.inf, np.inf)]
    start = np.zeros(x.shape[1] + 1)
    found = minimize(
        loss,
        start,
        jac=True,
        bounds=bounds,
        method="L-BFGS-B",
        options={"maxiter": 2000, "ftol": 1e-12, "gtol": 1e-8},
    ).x
    return np.append(found[:-1] / unit, found[-1])


def fit_face_lines(comparisons: Sequence[Comparison], mated: Bool) -> dict[str, FaceLine]:
    """One line for each condition that has enough mated comparisons; the others borrow the pooled one."""
    score = np.array([np.nan if c.face_score is None else c.face_score for c in comparisons])
    condition = np.array([c.face_condition or "" for c in comparisons])
    known = np.isfinite(score)
    if (known & mated).sum() < MIN_MATED:
        raise BadInputError(
            f"a calibration needs at least {MIN_MATED} mated face comparisons, found "
            f"{int((known & mated).sum())}; give more people with at least two photographs each"
        )
    lines: dict[str, FaceLine] = {}
    for kind in ("photograph", "render"):
        for side in ("frontal", "oblique", "profile"):
            chosen = known & (condition == f"{kind}-{side}")
            if (chosen & mated).sum() < MIN_MATED:
                chosen = known
            slope, intercept = logistic(score[chosen, None], mated[chosen], positive=np.array([True]))
            lines[f"{kind}-{side}"] = FaceLine(
                slope=float(slope),
                intercept=float(intercept),
                mated=int((chosen & mated).sum()),
                non_mated=int((chosen & ~mated).sum()),
            )
    return lines


def design(
    comparisons: Sequence[Comparison], lines: dict[str, FaceLine]
) -> tuple[Float64, list[Mode | None]]:
    """The columns of the score (n, 1 + groups) and the mode of each comparison."""
    rows = np.zeros((len(comparisons), 1 + len(GROUPS)))
    modes: list[Mode | None] = []
    for row, comparison in zip(rows, comparisons, strict=True):
        modes.append(mode_of(comparison))
        if comparison.face_score is not None and comparison.face_condition is not None:
            row[0] = lines[comparison.face_condition].value(comparison.face_score)
        for k, members in enumerate(GROUPS.values(), start=1):
            row[k] = sum(float(comparison.share[p] * comparison.excess[p]) for p in members)
    return rows, modes


def fit(
    comparisons: Sequence[Comparison],
    mated: Bool,
    people: int,
    *,
    revision: str,
    population: str,
    model: str,
    face_model: str,
    temperature: float,
    sample: Sample | None = None,
) -> Calibration:
    """Fit lines, weights, offsets and tails; raises BadInputError when there are too few comparisons."""
    lines = fit_face_lines(comparisons, mated)
    rows, modes = design(comparisons, lines)
    face = np.array([m == "face" for m in modes])
    body = np.abs(rows[:, 1:]).sum(axis=1) > 0
    # The body's weights come from all comparisons that show a body: they mean the same beside a face.
    groups = (
        logistic(rows[body, 1:], mated[body], positive=np.ones(len(GROUPS), bool))
        if body.any()
        else np.zeros(len(GROUPS) + 1)
    )
    body_sum = rows[:, 1:] @ groups[:-1]
    joint = logistic(
        np.stack([rows[face, 0], body_sum[face]], axis=1), mated[face], positive=np.ones(2, bool)
    )
    group_weights = dict(zip(GROUPS, map(float, groups[:-1]), strict=True))
    offset: dict[Mode, float] = {"face": float(joint[2]), "body": float(groups[-1])}
    scores = np.where(face, joint[0] * rows[:, 0] + joint[1] * body_sum + joint[2], body_sum + groups[-1])
    return Calibration(
        revision=revision,
        population=population,
        model=model,
        face_model=face_model,
        temperature=temperature,
        face_weight=float(joint[0]),
        face_lines=lines,
        group_weights=group_weights,
        body_weight={"face": float(joint[1]), "body": 1.0},
        offset=offset,
        tails=_tails(scores, mated, modes, people),
        margin=1.0,
        support_limit=float(np.log(max(10, int((~mated).sum())))),
        sample=sample,
    )


def digest_of(comparisons: Sequence[Comparison], mated: Bool) -> str:
    """The first 16 digits of a sha256 over everything that a calibration is fitted to."""
    found = hashlib.sha256(np.packbits(mated).tobytes())
    for one in comparisons:
        found.update(repr((one.subject, one.face_cosine, one.face_score, one.face_condition)).encode())
        found.update(one.excess.astype("<f4").tobytes() + one.share.astype("<f4").tobytes())
    return found.hexdigest()[:16]


def _tails(scores: Float64, mated: Bool, modes: Sequence[Mode | None], people: int) -> dict[Mode, Tail]:
    """The upper tail of the non-mated scores (n,) of each mode that has any."""
    tails: dict[Mode, Tail] = {}
    kinds: tuple[Mode, ...] = ("face", "body")
    for mode in kinds:
        chosen = np.array([m == mode for m in modes])
        non_mated = np.sort(scores[chosen & ~mated])[::-1]
        if len(non_mated):
            kept = non_mated[: max(1, int(len(non_mated) * TAIL_KEPT))]
            tails[mode] = Tail(
                comparisons=len(non_mated), people=people, scores=tuple((np.ceil(kept * 1e5) / 1e5).tolist())
            )
    return tails
