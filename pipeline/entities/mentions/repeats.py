"""Finds many names in a text at once, in one pass over its words.

To search for each name separately takes the number of names times the length of the text. Here the names are a tree of
words, and the walk goes down it from each word of the text; how deep is bounded by the longest name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_PIECE = re.compile(r"[^\W_]+|[\W_]")  # a run of letters and digits, or one other character


class _Node:
    """A word in the tree: the words that may follow, and the name that ends with it."""

    __slots__ = ("below", "name")

    def __init__(self) -> None:
        self.below: dict[str, _Node] = {}
        self.name: str | None = None


def find(text: str, names: Iterable[str]) -> dict[str, list[int]]:
    """The places of each name that is there, in order, if no letter or digit is right beside it."""
    root = _Node()
    for name in names:
        node = root
        for piece in _PIECE.findall(name):
            node = node.below.setdefault(piece, _Node())
        node.name = name
    found: dict[str, list[int]] = {}
    if not root.below:
        return found
    pieces = _PIECE.findall(text)
    begins = root.below.keys()
    start = 0
    for index, piece in enumerate(pieces):
        if piece in begins:
            step: _Node | None = root.below[piece]
            following = index
            while step is not None:
                if step.name is not None:
                    found.setdefault(step.name, []).append(start)
                following += 1
                step = step.below.get(pieces[following]) if following < len(pieces) else None
        start += len(piece)
    return found
