"""The table of all arms, the decision that was fixed before, and what is kept of both."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from lineament.training.faces.arms import ArmResult
from lineament.training.faces.recipe import FaceRecipe
from lineament.writing import replacing

PROFILE, FRONTAL = "CFP frontal-profile", "CFP frontal-frontal"
TAR: Final = "tar_at_fmr_0.01"
NEEDED: Final = 0.01
"""By which an arm must raise TAR at 1 % FAR, frontal to profile, over alignment alone."""
LEAST_FRONTAL: Final = 0.985
MOST_LOST: Final = 0.002
_TITLES: Final = {
    TAR: "TAR at 1 % FAR",
    "tar_at_fmr_0.001": "TAR at 0.1 % FAR",
    "eer": "EER",
    "auc": "AUC",
}


def table(results: Sequence[ArmResult]) -> str:
    """Markdown: one table a protocol, then one of renders by yaw; intervals at 95 % over people."""
    lines: list[str] = []
    for protocol in dict.fromkeys(name for one in results for name in one.figures):
        lines += [f"### {protocol}", "", *_rows(results, protocol, list(_TITLES), _TITLES), ""]
        bands = _bands(results, protocol)
        if bands:
            titles = {f"{band}, {TAR}": band for band in bands}
            lines += [
                "TAR at 1 % FAR by yaw of the probe:",
                "",
                *_rows(results, protocol, list(titles), titles),
                "",
            ]
    return "\n".join(lines)


def _bands(results: Sequence[ArmResult], protocol: str) -> list[str]:
    names = (name for one in results for name in one.figures.get(protocol, {}))
    return list(dict.fromkeys(name.removesuffix(f", {TAR}") for name in names if name.endswith(f", {TAR}")))


def _rows(
    results: Sequence[ArmResult], protocol: str, names: Sequence[str], titles: Mapping[str, str]
) -> list[str]:
    lines = ["| arm | " + " | ".join(titles[name] for name in names) + " |", "|---" * (len(names) + 1) + "|"]
    for one in results:
        held = one.figures.get(protocol, {})
        lines.append(f"| {one.arm} | " + " | ".join(_cell(held.get(name)) for name in names) + " |")
    return lines


def _cell(figure: Mapping[str, Any] | None) -> str:
    if figure is None:
        return ""
    if "value" not in figure:
        return "too few"
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"


def decision(results: Sequence[ArmResult]) -> str:
    """Which arm the fixed rule adopts, or why none, in words; runs that failed are not adopted."""
    failed = {one.arm for one in results if one.failure}
    told = {one.arm: {name: _value(one, name) for name in (PROFILE, FRONTAL)} for one in results}
    base = told.get("backbone")
    if base is None or None in base.values():
        return "Not decided: the rule needs the backbone on both halves of CFP."
    others = {arm: held for arm, held in told.items() if arm != "backbone" and None not in held.values()}
    passing = [
        arm
        for arm, held in others.items()
        if arm not in failed
        and held[PROFILE] >= base[PROFILE] + NEEDED
        and held[FRONTAL] >= max(LEAST_FRONTAL, base[FRONTAL] - MOST_LOST)
    ]
    rule = (
        f"The rule, fixed before: frontal-profile rises by at least {NEEDED:g} over alignment alone, and "
        f"frontal-frontal stays at {LEAST_FRONTAL:g} or more and falls by no more than {MOST_LOST:g}."
    )
    if not others:
        return f"{rule} No arm was judged beside the backbone."
    best = max(others, key=lambda arm: others[arm][PROFILE])
    gain = others[best][PROFILE] - base[PROFILE]
    said = (
        f"Highest frontal-profile: {best}, {others[best][PROFILE]:.3f} against {base[PROFILE]:.3f} "
        f"({gain:+.3f}), frontal-frontal {others[best][FRONTAL]:.3f} against {base[FRONTAL]:.3f}."
    )
    if not passing:
        return f"{rule} **No arm is adopted.** {said}"
    chosen = max(passing, key=lambda arm: others[arm][PROFILE])
    return f"{rule} **{chosen} passes.** {said}"


def _value(result: ArmResult, protocol: str) -> Any:
    return result.figures.get(protocol, {}).get(TAR, {}).get("value")


def notes(results: Sequence[ArmResult]) -> str:
    """Shares that were chosen, failures, and the last that was told of attention."""
    lines = []
    for one in results:
        if not one.log:
            continue
        last = {name: value for name, value in one.log[-1].items() if name != "step"}
        failed = f" **Failed: {one.failure}.**" if one.failure else ""
        said = f"{one.share:.0%} of the change, {one.minutes:.1f} minutes.{failed}"
        lines.append(f"- {one.arm}: {said} At the end: {_said(last)}")
    return "\n".join(lines)


def _said(last: Mapping[str, Any]) -> str:
    words = []
    for name, value in last.items():
        if isinstance(value, dict):
            inner = ", ".join(f"{key} {one}" for key, one in value.items() if key != "collapsed")
            words.append(f"{name} ({inner})")
        else:
            words.append(f"{name} {value:.3f}")
    return "; ".join(words)


def write(folder: Path, results: Sequence[ArmResult], recipe: FaceRecipe, about: Mapping[str, Any]) -> None:
    """arms.json and arms.md; `about`: what else a reader must know."""
    content = {
        "about": dict(about),
        "recipe": asdict(recipe),
        "decision": decision(results),
        "arms": [asdict(one) for one in results],
    }
    with replacing(folder / "arms.json") as partial:
        partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    said = "\n".join(f"- {name}: {value}" for name, value in about.items())
    text = f"{said}\n\n{table(results)}\n{decision(results)}\n\n{notes(results)}\n"
    with replacing(folder / "arms.md") as partial:
        partial.write_text(text, encoding="utf-8")
