"""The decision on a terminal."""

from collections.abc import Collection

from lineament.explain.scale import printable, support_words
from lineament.explain.words import decision_statements
from lineament.types import Decision


def summary_lines(decision: Decision, enrolled: Collection[str] | None = None) -> list[str]:
    """A few plain lines for one person: the decision in words, then up to three candidates.

    enrolled: regions that the best candidate's prototype holds (`facts.enrolled_regions`), if known.
    """
    first, *others = [one.text for one in decision_statements(decision, enrolled)]
    lines = [first, *(f"  {text}" for text in others)]
    leading = decision.candidates[:3]
    width = max((len(printable(one.subject)) for one in leading), default=0)
    for rank, one in enumerate(leading):
        support = support_words(one.score, decision.support_limit)
        lines.append(f"  {rank + 1}. {printable(one.subject):<{width}}  {one.score:+8.2f}  {support}")
    return lines
