"""Static word vectors: a text becomes the weighted mean of what its words and two-word phrases mean.

About 35,000 words and 4,700 phrases, each MiniLM's view of it (docs/classification.md says how they were made), reduced
to 256 numbers of eight bits. Frequent words weigh little (smooth inverse frequency, Arora et al. 2017, a = 1e-4).
NumPy alone; one article at a time, so that its neighbours in a batch cannot change a bit of its result.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.classification.wording import NEVER, Ending

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]

WORDS = 8192  # known words and phrases of a text that are looked at: a long article has 5,000
WORD = re.compile(r"[a-zß-öø-ɏ]{2,}")  # Latin letters; the class of all letters is four times as slow
# A sentence ends at a stop followed by space and something that can begin one, or at a line's end.
_BREAK = re.compile(r"([.!?…][\"'”’)\]]*)\s+(?=[\"'“‘(\[]?[A-Z0-9])|\n\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bag:
    """A text as vectors.

    `mean` (256,) is that of the whole, zero where nothing is known. `spans` are the (start, end) of its sentences in
    the text, (-1, -1) for the title; `owner` (words,) says which sentence each known word or phrase is of. `rows`
    (words, 256) and `weights` (words,) are their vectors: a view of memory that the next bag overwrites, so whoever
    wants evidence asks at once.
    """

    spans: tuple[tuple[int, int], ...]
    mean: Floats
    owner: Ids
    rows: Floats
    weights: Floats

    @property
    def known(self) -> int:
        """How many words and phrases of the text were known."""
        return len(self.owner)

    def shares(self, slopes: Floats, centre: Floats) -> Floats:
        """(sentences, slopes): how much each sentence moved the text along each of `slopes` (slopes, 256)."""
        moved = (slopes @ self.rows.T) * self.weights - (slopes @ centre)[:, None]
        summed = [np.bincount(self.owner, weights=row, minlength=len(self.spans)) for row in moved]
        return np.array(summed, np.float32).T


def tokens(text: str) -> list[str]:
    """Runs of two letters or more, in lower case; digits and single letters say nothing of a subject."""
    return WORD.findall(text.lower())


def sentences(text: str, abbreviated: re.Pattern[str] = NEVER) -> list[tuple[int, int]]:
    """Spans of the sentences, none empty, in order. A heading's line is one; `abbreviated` (`Wording`) ends none."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _BREAK.finditer(text):
        if (
            match[1] == "."
            and "\n" not in match[0]
            and abbreviated.search(text, max(start, match.start() - 5), match.end(1))
        ):
            continue
        spans.append((start, match.end(1) if match[1] else match.start()))
        start = match.end()
    spans.append((start, len(text)))
    trimmed = ((start, start + len(text[start:end].rstrip())) for start, end in spans)
    return [(start, end) for start, end in trimmed if end > start]


class Vocabulary:
    """Words and phrases to row numbers. `phrases` are pairs of words, kept as sorted keys with their row numbers."""

    __slots__ = ("_endings", "_keys", "_rows", "_size", "_stem", "_words")

    def __init__(self, words: list[str], phrases: list[str], endings: Sequence[Ending] = ()) -> None:
        self._endings = tuple(endings)
        self._words = {word: row for row, word in enumerate(words)}
        self._size = len(words)
        # Names come again and again within a day's news; the size bounds the memory.
        self._stem = lru_cache(maxsize=20_000)(self._without_ending)
        keys = [self._key(phrase) for phrase in phrases]
        order = np.argsort(keys)
        self._keys: Ids = np.array(keys, np.int64)[order]
        self._rows: Ids = order.astype(np.int64) + len(words)

    def _key(self, phrase: str) -> int:
        first, second = phrase.split()
        return self._words[first] * self._size + self._words[second]

    def _without_ending(self, word: str) -> int:
        for ending, instead, least in self._endings:
            if word.endswith(ending) and len(stem := word[: -len(ending)]) >= least:
                row = self._words.get(stem + instead)
                if row is not None:
                    return row
        return -1

    def rows(self, texts: list[str]) -> tuple[Ids, Ids]:
        """Row numbers of the words, then of the phrases, and which of `texts` each is of.

        Unknown words are left out, as if not written, but no phrase reaches over one.
        """
        found = [tokens(text) for text in texts]
        get = self._words.get
        words: Ids = np.array(
            [self._stem(word) if (row := get(word)) is None else row for text in found for word in text], np.int64
        )
        owner: Ids = np.repeat(np.arange(len(texts)), [len(text) for text in found])
        keys = words[:-1] * self._size + words[1:]
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        pairs = (self._keys[places] == keys) & (owner[:-1] == owner[1:]) & (words[:-1] >= 0) & (words[1:] >= 0)
        known = words >= 0
        rows = np.concatenate([words[known], self._rows[places[pairs]]])
        return rows, np.concatenate([owner[known], owner[:-1][pairs]])


class Vectors:
    """The vocabulary with its vectors: `table` int8 (rows, 256), `weights` float32 (rows,), scale included.

    Not for several threads at a time: it works in one buffer.
    """

    __slots__ = ("_abbreviated", "_buffer", "_bytes", "_table", "_weights", "vocabulary")

    def __init__(
        self,
        vocabulary: Vocabulary,
        table: NDArray[np.int8],
        weights: Floats,
        *,
        abbreviated: re.Pattern[str] = NEVER,
    ) -> None:
        self._abbreviated = abbreviated
        self.vocabulary = vocabulary
        self._table = table
        self._weights = weights
        self._buffer: Floats = np.empty((WORDS, table.shape[1]), np.float32)
        self._bytes: NDArray[np.int8] = np.empty((WORDS, table.shape[1]), np.int8)

    def bag(self, text: str, title: str = "") -> Bag:
        """The text, and its title as a sentence of its own."""
        spans = sentences(text, self._abbreviated)
        texts = [text[start:end] for start, end in spans]
        if title:
            spans.insert(0, (-1, -1))
            texts.insert(0, title)
        rows, owner = (part[:WORDS] for part in self.vocabulary.rows(texts))
        vectors, weights = self._floats(rows), self._weights[rows]
        return Bag(
            spans=tuple(spans),
            mean=weights @ vectors / np.float32(max(1, len(rows))),
            owner=owner,
            rows=vectors,
            weights=weights,
        )

    def _floats(self, rows: Ids) -> Floats:
        # Into the same memory each time: fresh pages for half a megabyte an article cost more than the arithmetic.
        np.take(self._table, rows, axis=0, out=self._bytes[: len(rows)], mode="clip")
        found: Floats = self._buffer[: len(rows)]
        found[...] = self._bytes[: len(rows)]
        return found


def direction(mean: Floats, centre: Floats) -> Floats:
    """The mean vector of a text, seen from the centre, at length one."""
    moved = mean - centre
    length = float(np.sqrt((moved * moved).sum()))
    result: Floats = moved / max(length, 1e-9)
    return result
