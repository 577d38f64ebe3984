"""Every figure of a full matrix of comparisons: `python benchmarks/metrics.py [--json]`.

By default 10,000 probes by 10,000 references of 1,000 people: 10^8 scores. Each stage tells its wall time and
its processor time, which other work on the machine does not change, and the most memory the process has held,
the matrix itself included.
"""

import argparse
import json
import os
import resource
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from lineament.evaluation.comparisons import SampleTable, ScoreMatrix
from lineament.evaluation.metrics import (
    Identification,
    Verification,
    cllr,
    confusion,
    isotonic,
    logistic,
    min_cllr,
)

T = TypeVar("T")


def people_matrix(samples: int, people: int) -> ScoreMatrix:
    """Normal scores, mated ones four deviations higher, self-comparisons left out."""
    rng = np.random.default_rng(0)
    number = np.arange(samples) % people
    table = SampleTable(
        np.arange(samples).astype(str), np.array([f"P{n:05d}" for n in number]), np.zeros(samples, bool)
    )
    score = rng.standard_normal((samples, samples), dtype=np.float32)
    for row, person in enumerate(number):
        score[row, person::people] += 4.0
    np.fill_diagonal(score, np.nan)
    return ScoreMatrix(table, table, score)


def timed(action: Callable[[], T], times: dict[str, float], name: str) -> T:
    wall, processor = time.perf_counter(), time.process_time()
    result = action()
    times[f"{name}_s"] = time.perf_counter() - wall
    times[f"{name}_processor_s"] = time.process_time() - processor
    return result


def measure(samples: int, people: int, rounds: int) -> dict[str, float]:
    matrix = people_matrix(samples, people)
    held = peak()
    times: dict[str, float] = {}
    verification = timed(lambda: Verification.of(matrix), times, "sort_and_thin")
    rates = verification.rates
    timed(lambda: [rates.equal_error(), rates.auc(), rates.d_prime()], times, "eer_auc_d_prime")
    timed(lambda: [rates.fnmr_at(10.0**-k) for k in range(1, 8)], times, "tar_at_seven_rates")
    timed(lambda: [cllr(rates), min_cllr(rates), isotonic(rates), logistic(rates)], times, "likelihood")
    identification = timed(lambda: Identification.of(matrix), times, "ranks_and_precision")
    timed(lambda: identification.cmc((1, 5, 10, 20)), times, "cmc_with_intervals")
    timed(identification.mean_average_precision, times, "map_with_interval")
    timed(lambda: confusion(matrix), times, "confusion")
    exact = sum(t for name, t in times.items() if "interval" not in name and "processor" not in name)
    exact_processor = sum(t for name, t in times.items() if "interval" not in name and "processor" in name)
    timed(lambda: verification.report(rounds=rounds), times, "verification_with_intervals")
    return {
        "scores": float(matrix.score.size),
        "people": float(people),
        **{name: round(t, 3) for name, t in times.items()},
        "all_figures_s": round(exact, 3),
        "all_figures_processor_s": round(exact_processor, 3),
        "rounds": float(rounds),
        "matrix_gib": round(matrix.score.nbytes / 2**30, 3),
        "held_before_gib": round(held, 3),
        "peak_gib": round(peak(), 3),
    }


def peak() -> float:
    """The most memory this process has held, in GiB (Linux counts in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=1_000, help="rounds of resampling for the intervals")
    options = parser.parse_args()
    result = measure(options.samples, options.people, options.rounds)
    result["load_average"] = round(os.getloadavg()[0], 2)
    print(json.dumps(result) if options.json else "\n".join(f"{k}: {v}" for k, v in result.items()))


if __name__ == "__main__":
    main()
