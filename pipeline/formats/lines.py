"""One-line strings of the metadata: no control or bidi characters, single blanks, bounded."""

from __future__ import annotations

import re

from pipeline.marks import normalized

# Control, soft-hyphen, zero-width, bidi, byte-order and special characters: they hide text and break terminals.
_INVISIBLE = re.compile(
    r"[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\uffff]"
)


def one_line(value: str | None, *, limit: int = 500) -> str | None:
    """NFC, without invisible characters, blanks collapsed, at most `limit` characters; None if nothing is left."""
    if value is None:
        return None
    text = normalized(value[: limit * 4])
    return " ".join(_INVISIBLE.sub("", text).split())[:limit].rstrip() or None
