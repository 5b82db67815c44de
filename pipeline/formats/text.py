"""Plain text files: what of them is the title, and how lines of text end and begin."""

from __future__ import annotations

import re

BULLET = re.compile(r"(?:[-*•·▪‣–—]|\(?\d{1,2}[.)]|\(?[a-z]\))\s+(?=\S)")
SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’)\]»]*$")


def split_title(text: str) -> tuple[str | None, str]:
    """A text's first line as its title, where it looks like one, and the rest; else None and the text as it is."""
    stripped = text.lstrip("\ufeff \t\r\n")
    first, _, rest = stripped.partition("\n")
    first, rest = first.strip(), rest.lstrip("\r\n")
    following = next((line.strip() for line in rest.split("\n") if line.strip()), "")
    blank = rest != stripped.partition("\n")[2]
    if not first or not following or len(first) > 200 or len(first.split()) > 30:
        return None, text
    if (SENTENCE_END.search(first) and first[-1] not in "?!") or first[-1] in ",;:-–—" or first[0].islower():
        return None, text
    if BULLET.match(first) or (not blank and len(following) < len(first) * 1.5):
        return None, text
    if not SENTENCE_END.search(rest.strip()) and len(rest) < 200:
        return None, text
    return first, rest
