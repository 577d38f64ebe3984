"""The decision on a terminal."""

from lineament.explain.scale import printable, support_words
from lineament.explain.words import decision_statements, headline
from lineament.types import Decision


def summary_lines(decision: Decision) -> list[str]:
    """A few plain lines for one person: the headline, the weight of the findings, then up to three
    candidates."""
    lines = [headline(decision).text]
    if not decision.candidates:
        return lines
    statements = decision_statements(decision)
    lines += [f"  {one.text}" for one in statements[1:] if one.text != lines[0]]
    width = max(len(printable(one.subject)) for one in decision.candidates[:3])
    lines += [
        f"  {rank + 1}. {printable(one.subject):<{width}}  {one.score:+8.2f}  {support_words(one.score)}"
        for rank, one in enumerate(decision.candidates[:3])
    ]
    return lines
