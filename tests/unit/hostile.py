"""What strangers write, and what of it must not come out: judged here by lists of its own, not by agents.foreign."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import strategies as st

_SGR = re.compile(r"\x1b\[[0-9;]*m")  # Rich's own colours
_BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_HIDDEN = "\u00ad\u180e\u200b\u2060\u2061\u2062\u2063\u2064\ufeff\ufff9\ufffa\ufffb\U000e0001\U000e0041\U000e007f"
_BREAKS = "\u2028\u2029"
_JOINERS = "\u200c\u200d"

PIECES = (
    "\x1b[31m", "\x1b[2J\x1b[H", "\x1b]0;title\x07", "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "\x1bP1$r\x1b\\",
    "\x1bc", "\x9b31m", "\x9d0;t\x9c", "\x90", "\x85", "\x7f", "\x00", "\x08\x08", "\r", "\n", "\t",
    "\x0b", "\x0c", "\x0e",
    "\u202e", "\u2066\u2069", "\u200f", "\u061c", "\u200b", "\ufeff", "\u2060", "\u00ad", "a\u200db", "a\u200cb",
    "\u2028", "\U000e0041", "\ue000", "[bold red]x[/]", "[link=http://x]y[/]", "[/]", "[", ":x:", "\\x1b", "%s", "{0}",
)  # fmt: skip
PRINTABLE = (
    "Angela Merkel", "Łódź", "Афины", "Ἀθῆναι", "القاهرة", "می‌خواهم", "क्‍ष", "ירושלים", "東京　大阪", "서울", "ไทย",
    "a\u00a0b", "12\u202f000", "👨‍👩‍👧", "❤️", "e\u0301", "𐍈", "…—“”", "؀١", "[x]", "::", "ᠮᠣᠩᠭᠣᠯ",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES + PRINTABLE) | st.text(max_size=5), max_size=6).map("".join)
NASTY = st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map(lambda parts: "a" + "".join(parts) + "b")
BYTES = st.binary(max_size=20) | TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass"))


def moves(shown: bytes, *, colours: bool = False) -> list[str]:
    """The characters in these bytes that would move a terminal, turn the order of reading, or hide; none is good.

    With `colours` the sequences that Rich writes for colours are not counted. Bytes that are no UTF-8 raise.
    """
    text = shown.decode("utf-8")
    if colours:
        text = _SGR.sub("", text)
    found = [
        c for c in text
        if (unicodedata.category(c) in ("Cc", "Cs") and c != "\n") or c in _BIDI or c in _HIDDEN or c in _BREAKS
    ]  # fmt: skip
    # A joiner belongs to some scripts and to emoji, never between Latin letters.
    return found + re.findall(f"(?:^|[\\x00-\\u024f])[{_JOINERS}]", text)
