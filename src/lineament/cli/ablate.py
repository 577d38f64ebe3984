"""`lineament ablate FILE`: training arms and their figures on photographs, from one file."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from lineament.cli.workshop import workshop
from lineament.errors import BadInputError
from lineament.writing import replacing


def ablate(file: Path, *, out: Path = Path("runs/ablation")) -> int:
    """Train every arm of FILE alike, judge it on photographs, and print the table; the same command resumes.

    Args:
        file: TOML: [run] what all arms share, [judge] data sets, [[arm]] options of each arm
        out: folder of the arms' checkpoints and figures, and of table.md and figures.json
    """
    with workshop("training"):
        from lineament.training.ablation import Ablation, run, table
    ablation = Ablation.read(file)
    results = run(ablation, out, lambda line: print(line, file=sys.stderr))
    if results is None:
        return 130
    text = table(results)
    content = {arm: {name: asdict(one) for name, one in figures.items()} for arm, figures in results.items()}
    try:
        with replacing(out / "table.md") as partial:
            partial.write_text(text, encoding="utf-8")
        with replacing(out / "figures.json") as partial:
            partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise BadInputError(f"cannot write to {out}: {error.strerror}; choose another --out") from error
    print(text, end="")
    return 0
