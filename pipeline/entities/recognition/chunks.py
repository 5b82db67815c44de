"""Splits a text at blanks into the chunks that spaCy's tokenizer sees; finds its rules that reach across blanks."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.tokenizer import Tokenizer

_BLANKS = re.compile(r"\s{2,}|[^\S ]|\A ")  # all but a single space after a word

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def stretches(text: str) -> tuple[list[str], Ints]:
    """What spaCy's tokenizer looks at one by one, and where each begins: runs without blanks, and runs of blanks.

    One space after a word belongs to the word; further blanks are a run of their own.
    """
    pieces: list[str] = []
    starts: list[Ints] = []
    done = 0
    for match in _BLANKS.finditer(text):
        start, end = match.span()
        if start > done:
            _add_plain(text[done:start], done, pieces, starts)
        if start and text[start] == " ":  # it belongs to the word before
            start += 1
        pieces.append(text[start:end])
        starts.append(np.array([start], dtype=np.int64))
        done = end
    if done < len(text):
        _add_plain(text[done:], done, pieces, starts)
    return pieces, np.concatenate(starts) if starts else np.zeros(0, dtype=np.int64)


def _add_plain(text: str, offset: int, pieces: list[str], starts: list[Ints]) -> None:
    """Add the stretches of a text without blanks but single spaces, of which none is at its end."""
    some = text.split(" ")
    lengths = np.fromiter(map(len, some), dtype=np.int64, count=len(some)) + 1
    begin = np.cumsum(lengths)
    begin += offset
    begin -= lengths
    pieces += some
    starts.append(begin)


def specials(tokenizer: Any) -> list[tuple[int, ...]]:
    """Special cases of several tokens (":" and ")"), as spaCy's hashes.

    spaCy looks for those in the tokens of a whole text, whatever blanks are between; no other rule sees across blanks.
    """
    plain = Tokenizer(
        tokenizer.vocab,
        prefix_search=tokenizer.prefix_search,
        suffix_search=tokenizer.suffix_search,
        infix_finditer=tokenizer.infix_finditer,
        token_match=tokenizer.token_match,
        url_match=tokenizer.url_match,
    )
    found = {tuple(token.orth for token in plain(special)) for special in tokenizer.rules}
    return sorted(tokens for tokens in found if len(tokens) > 1)


def crossing_pairs(cases: list[tuple[int, ...]]) -> tuple[dict[int, int], dict[int, int], Flags]:
    """Which neighbouring tokens are part of a special case: left and right ones to numbers from 1, and the pairs."""
    pairs = {pair for case in cases for pair in pairwise(case)}
    before = {token: number for number, token in enumerate(sorted({left for left, _ in pairs}), 1)}
    after = {token: number for number, token in enumerate(sorted({right for _, right in pairs}), 1)}
    matrix = np.zeros((len(before) + 1, len(after) + 1), dtype=np.bool_)
    for left, right in pairs:
        matrix[before[left], after[right]] = True
    return before, after, matrix
