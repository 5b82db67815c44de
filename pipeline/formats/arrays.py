"""The elements of a JSON array, one at a time, out of chunks of bytes: an archive need not fit into memory.

Only brackets, commas and strings are looked at. Whether an element is JSON is for its reader to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum

_OUTSIDE = re.compile(rb'["\[\]{},]')
_INSIDE = re.compile(rb'["\\]')


class Fault(Enum):
    """What is wrong with an array, as a sentence about it."""

    UNENDED = "the array does not end"
    FOLLOWED = "something follows the array"
    LONG = "an element is too long"


def elements(chunks: Iterable[bytes], *, limit: int) -> Iterator[bytes | Fault]:
    """Each element as it stands; LONG for one of more than `limit` bytes, which is passed over without holding it.

    `chunks` begin with `[`, a byte order mark or blanks aside. UNENDED is the last if there is no `]`; what came of an
    element before it is not given. FOLLOWED is the last if there is more than blanks behind it.
    """
    chunks = iter(chunks)
    kept, size, depth, string = bytearray(), 0, 0, False
    escaped = False  # the chunk before ended in a backslash
    for chunk in chunks:
        at = start = 0
        if string and escaped:
            at = 1
        escaped = False
        while found := (_INSIDE if string else _OUTSIDE).search(chunk, at):
            sign, at = chunk[found.start()], found.end()
            if sign == 0x5C:  # a backslash: whatever follows it is no end
                at += 1
                escaped = at > len(chunk)
            elif sign == 0x22:
                string = not string
            elif sign in b"[{":
                depth += 1
                if depth == 1:
                    start = at
            elif sign == 0x2C:
                if depth == 1:
                    yield _element(kept, size, chunk[start : found.start()], limit)
                    kept, size, start = bytearray(), 0, at
            else:
                depth -= 1
                if depth == 0:
                    last = _element(kept, size, chunk[start : found.start()], limit)
                    if last != b"":
                        yield last
                    if chunk[at:].strip() or any(chunk.strip() for chunk in chunks):
                        yield Fault.FOLLOWED
                    return
        size += len(chunk) - start if depth else 0  # what stands before the array is none of its own
        if size <= limit + 2:  # what is longer is not kept
            kept += memoryview(chunk)[start:] if depth else b""
        else:
            kept.clear()
    yield Fault.UNENDED


def _element(kept: bytearray, size: int, rest: bytes, limit: int) -> bytes | Fault:
    if size + len(rest) > limit + 2:
        return Fault.LONG
    whole = bytes(kept + rest).strip()
    return whole if len(whole) <= limit else Fault.LONG
