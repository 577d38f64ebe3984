"""Which names a gallery takes, and how text of unknown origin is printed on one line."""

import unicodedata
from typing import Final

from lineament.errors import BadInputError

LONGEST_NAME: Final = 200
"""Characters in a subject's name, a model's or a template's revision."""

LONGEST_TEXT: Final = 10_000
"""Characters in a consent reference, a purpose or a note."""


def _breaks_a_line(character: str) -> bool:
    """True for controls, line and paragraph separators, direction overrides, lone surrogates."""
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or unicodedata.bidirectional(
        character
    ) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


def clean_name(name: str, what: str = "subject") -> str:
    """Return `name` without outer blanks and in Unicode form NFC, so that what looks the same is the same.

    Quotes, slashes and every script are welcome. Raises BadInputError for an empty name, one of more than
    `LONGEST_NAME` characters, and for characters that break a line or turn its direction: a name has to look
    in every list and message as it is.
    """
    cleaned = unicodedata.normalize("NFC", name.strip())
    if not cleaned:
        raise BadInputError(f"The {what} is empty: give it a name.")
    bad = next((c for c in cleaned if _breaks_a_line(c)), None)
    if bad is not None:
        raise BadInputError(
            f"The {what} {printable(cleaned, 40)!r} holds the control character U+{ord(bad):04X}: "
            "use a name without line breaks and control characters."
        )
    if len(cleaned) > LONGEST_NAME:
        raise BadInputError(
            f"The {what} '{printable(cleaned, 40)}' has {len(cleaned)} characters: "
            f"use at most {LONGEST_NAME}."
        )
    return cleaned


def check_text(text: str, what: str) -> str:
    """Return `text` if it can be stored, whatever lines it has; BadInputError when too long or no Unicode."""
    if len(text) > LONGEST_TEXT:
        raise BadInputError(f"The {what} has {len(text)} characters: use at most {LONGEST_TEXT}.")
    if any(unicodedata.category(c) == "Cs" or c == "\0" for c in text):
        raise BadInputError(f"The {what} is not valid Unicode text: write it again.")
    return text


def printable(text: str, longest: int = 200) -> str:
    r"""`text` on one line of at most `longest` characters; what breaks a line becomes \n, \x1b, \u202e."""
    line = "".join(
        c.encode("unicode_escape", "surrogatepass").decode("ascii") if _breaks_a_line(c) else c
        for c in text[: longest + 1]
    )
    return line if len(line) <= longest else line[: longest - 1] + "…"
