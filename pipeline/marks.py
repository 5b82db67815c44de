"""Normal form C in linear time: long runs of combining marks are cut before they are sorted.

Normalising sorts the marks on a letter, one insertion at a time, which is quadratic in how many there are. No writing
needs more than a few: Unicode's stream-safe text format allows 30. Source: https://www.unicode.org/reports/tr15/.
"""

from __future__ import annotations

import functools
import re
import unicodedata

MOST = 30  # combining marks in a row
_FIRST, _LAST = 0x300, 0x20000  # where combining marks are
_COMPOSED = frozenset("\u0f73\u0f75\u0f81")  # several marks in one, which say that they are none


@functools.cache
def runs() -> re.Pattern[str]:
    """More than MOST combining marks in a row. Made at first use, which few texts ask for: about 10 ms."""
    ranges: list[tuple[int, int]] = []
    for code in range(_FIRST, _LAST):
        if unicodedata.combining(chr(code)) or chr(code) in _COMPOSED:
            first = ranges.pop()[0] if ranges and ranges[-1][1] == code - 1 else code
            ranges.append((first, code))
    marks = "[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges) + "]"
    return re.compile(f"({marks}{{{MOST}}}){marks}+")


def normalized(text: str) -> str:
    """The text in NFC; of more than MOST combining marks in a row the rest is left out, unless it is in NFC already."""
    # Asking is quick: if marks are out of order the answer is no, without sorting them.
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return text
    return unicodedata.normalize("NFC", runs().sub(r"\1", text))
