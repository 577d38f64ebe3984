"""`lineament synth covariates`: what a sample is made of, and how it is drawn."""

from rich.console import Console
from rich.table import Table

from lineament.cli.workshop import workshop


def covariates(*, name: str = "") -> None:
    """List every covariate with its possible values and its distribution.

    Args:
        name: only those whose name contains this
    """
    with workshop("synth"):
        from lineament.synth.registry import COVARIATES, SHORT_NAMES
        from lineament.synth.wording import possible, spoken
    short = {full: one for one, full in SHORT_NAMES.items()}
    table = Table("name", "possible", "drawn as", box=None)
    for full, covariate in COVARIATES.items():
        if name in full:
            shown = f"{full} ({short[full]})" if full in short else full
            table.add_row(shown, possible(covariate), spoken(covariate.distribution, covariate.unit))
    Console(highlight=False, markup=False).print(table)
