"""Text -> tokens -> word vectors; each word form is computed once.

spaCy's tokenizer treats every stretch between blanks alone (but for special cases of several tokens, see
`chunks.specials`), and the embedding of a token depends on its form alone. So stretches and forms are looked up in
tables; only what was not seen before goes through spaCy, inside a memory zone so that its string store does not grow.
The tables are bounded: a full one is emptied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from thinc.api import NumpyOps

from pipeline.entities.recognition.chunks import Flags, Ints, crossing_pairs, specials, stretches
from pipeline.entities.recognition.encoder import maxout
from pipeline.entities.recognition.weights import Floats, Weights

_FORMS = 40_000  # 96 floats each: 15 MB
_TOKENS = 160_000  # of all stretches together
_CHARACTERS = 8_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The tokens of a batch of texts, one after the other, all arrays (tokens,).

    `form` is a row of the table of vectors, `start` and `end` are offsets in the token's own text; `first`
    (texts + 1,) is where each text's tokens begin.
    """

    form: Ints
    start: Ints
    end: Ints
    first: Ints

    def part(self, begin: int, until: int) -> Tokens:
        """The tokens of some consecutive texts."""
        low, high = self.first[begin], self.first[until]
        return Tokens(
            form=self.form[low:high],
            start=self.start[low:high],
            end=self.end[low:high],
            first=self.first[begin : until + 1] - low,
        )


class Words:
    """Tables of stretches and word forms of one model."""

    def __init__(self, nlp: Any, weights: Weights, *, forms: int = _FORMS, tokens: int = _TOKENS) -> None:
        self._nlp = nlp
        self._weights = weights
        self._limits = (forms, tokens)
        self._attributes = ["ORTH", "IS_SPACE", "NORM", "IDX", "LENGTH", *weights.attributes]
        self._specials = specials(nlp.tokenizer)
        self._before, self._after, self._crossing = crossing_pairs(self._specials)
        self._clear()

    def _clear(self) -> None:
        self._stretch: dict[str, int] = {}
        self._characters = 0  # of its keys
        self._form: dict[tuple[int, int], int] = {}
        self._orths: list[int] = []  # of each form, by spaCy's hash
        # Per stretch: where its tokens begin in the rows below, and how many; its last and first token as the left
        # and right of a pair that crosses a blank, 0 for none.
        self._stretches = _Table(4)
        self._tokens = _Table(3)  # per token of a stretch: form, start, end
        self._fresh: list[NDArray[np.uint64]] = []  # attributes of forms without a vector yet
        self._vectors: Floats = np.zeros((self._limits[0], self._weights.width), dtype=np.float32)
        self._spaces = _Table(1)

    @property
    def vectors(self) -> Floats:
        """(forms, width)"""
        return self._vectors

    @property
    def space(self) -> Flags:
        """(forms,) Whether it is white space."""
        space: Flags = self._spaces.rows()[0] != 0
        return space

    def tokens(self, texts: Sequence[str]) -> Tokens:
        """Tokenise, exactly as spaCy does; afterwards `vectors` and `space` have a row for every form."""
        if len(self._form) > self._limits[0] or len(self._tokens) > self._limits[1] or self._characters > _CHARACTERS:
            self._clear()
        parts: list[tuple[list[str], Ints]] = [stretches(text) for text in texts]
        table = self._stretch
        unseen = {piece for pieces, _ in parts for piece in pieces if piece not in table}
        if unseen:
            self._characters += sum(map(len, unseen))
            with self._nlp.memory_zone():
                self._learn(sorted(unseen))
        identities = [[table[piece] for piece in pieces] for pieces, _ in parts]
        offsets = [starts for _, starts in parts]
        self._whole_where_needed(texts, identities, offsets)
        self._embed()
        return self._lay_out(identities, offsets)

    def _learn(self, pieces: Sequence[str]) -> None:
        """Tokenise stretches, all in one text, with a blank line between: no special case has one."""
        words = [piece for piece in pieces if piece and not piece.isspace()]
        lengths = np.array([len(piece) + 2 for piece in words], dtype=np.int64)
        starts = np.cumsum(lengths) - lengths
        rows = self._nlp.tokenizer("\n\n".join(words)).to_array(self._attributes)
        places = rows[:, 3].astype(np.int64)
        bounds = np.searchsorted(places, np.concatenate((starts, [2**62])))
        inner = bounds[1:].copy()
        inner[:-1] -= 1  # the blank line itself
        for piece, start, low, high in zip(words, starts.tolist(), bounds.tolist(), inner.tolist(), strict=False):
            self._stretch[piece] = self._add(rows[low:high], start)
        for piece in pieces:
            if piece.isspace() or not piece:
                self._stretch[piece] = self._add(self._nlp.tokenizer(piece).to_array(self._attributes), 0)

    def _add(self, rows: NDArray[np.uint64], offset: int) -> int:
        begin = len(self._tokens)
        for row in rows:
            orth, space, norm, start, length = row[:5].tolist()
            form = self._form.get((orth, norm))
            if form is None:
                form = self._form[orth, norm] = len(self._form)
                self._fresh.append(row)
                self._orths.append(orth)
                self._spaces.add(space)
            self._tokens.add(form, start - offset, start - offset + length)
        left = self._before.get(int(rows[-1][0]), 0) if len(rows) else 0
        right = self._after.get(int(rows[0][0]), 0) if len(rows) else 0
        self._stretches.add(begin, len(rows), left, right)
        return len(self._stretches) - 1

    def _whole_where_needed(self, texts: Sequence[str], identities: list[list[int]], offsets: list[Ints]) -> None:
        """Send a text through spaCy in one piece if a special case lies across its blanks (": )")."""
        _, _, left, right = self._stretches.rows()
        for index, row in enumerate(identities):
            crossing = np.flatnonzero(self._crossing[left[row[:-1]], right[row[1:]]])
            if crossing.size and self._special_across(row, crossing):
                with self._nlp.memory_zone():
                    rows = self._nlp.tokenizer(texts[index]).to_array(self._attributes)
                    identities[index] = [self._add(rows, 0)]
                offsets[index] = np.zeros(1, dtype=np.int64)

    def _special_across(self, row: list[int], crossing: Ints) -> bool:
        """Whether all tokens of a special case are there, around the blank behind one of those stretches."""
        begin, count, _, _ = self._stretches.rows()
        form, _, _ = self._tokens.rows()
        longest = max(map(len, self._specials))
        for place in crossing.tolist():
            near = row[max(0, place - longest) : place + 1 + longest]
            orths = [self._orths[form[token]] for i in near for token in range(begin[i], begin[i] + count[i])]
            pairs = set(pairwise(orths))
            for special in self._specials:
                if pairs.issuperset(pairwise(special)):
                    return True
        return False

    def _lay_out(self, identities: list[list[int]], offsets: list[Ints]) -> Tokens:
        begin, count, _, _ = self._stretches.rows()
        form, start, end = self._tokens.rows()
        lengths = np.array([len(row) for row in identities], dtype=np.int64)
        flat = np.fromiter((i for row in identities for i in row), dtype=np.int64, count=int(lengths.sum()))
        sizes = count[flat]
        total = int(sizes.sum())
        ends = np.cumsum(sizes)
        place = np.arange(total) - np.repeat(ends - sizes, sizes) + np.repeat(begin[flat], sizes)
        shift = np.repeat(np.concatenate(offsets) if offsets else np.zeros(0, dtype=np.int64), sizes)
        first = np.concatenate(([0], np.concatenate(([0], ends))[np.cumsum(lengths)])).astype(np.int64)
        return Tokens(form=form[place], start=start[place] + shift, end=end[place] + shift, first=first)

    def _embed(self) -> None:
        if not self._fresh:
            return
        ops = NumpyOps()
        rows = np.array(self._fresh, dtype=np.uint64)
        weights = self._weights
        columns: list[Floats] = []
        for column, (table, seed) in enumerate(weights.tables):
            keys = ops.hash(np.ascontiguousarray(rows[:, 5 + column]), seed) % table.shape[0]
            columns.append(table[keys].sum(axis=1))
        if weights.static is not None:
            store, projection = weights.static
            found = store.find(keys=rows[:, 0])
            projected = store.data[found] @ projection
            projected[found < 0] = 0
            columns.append(projected)
        inputs: Floats = np.concatenate(columns, axis=1)
        products = np.empty((len(rows), weights.mix.bias.shape[0]), dtype=np.float32)
        mixed = maxout(inputs, weights.mix, products, np.empty((len(rows), weights.width), dtype=np.float32))
        total = len(self._form)
        if total > len(self._vectors):
            self._vectors = np.concatenate([self._vectors, np.zeros((total, weights.width), dtype=np.float32)])
        self._vectors[total - len(rows) : total] = mixed
        self._fresh = []


class _Table:
    """Columns of integers that grow: appended one row at a time, read as arrays."""

    def __init__(self, columns: int) -> None:
        self._array: Ints = np.zeros((columns, 1024), dtype=np.int64)
        self._filled = 0  # columns of the array that hold a row
        self._new: list[tuple[int, ...]] = []

    def __len__(self) -> int:
        return self._filled + len(self._new)

    def add(self, *row: int) -> None:
        self._new.append(row)

    def rows(self) -> Ints:
        """(columns, rows): a view, until more are added."""
        if self._new:
            total = len(self)
            if total > self._array.shape[1]:
                # Twice as wide, so that a row is copied a few times however often somebody looks.
                wider = np.zeros((len(self._array), 2 * total), dtype=np.int64)
                wider[:, : self._filled] = self._array[:, : self._filled]
                self._array = wider
            self._array[:, self._filled : total] = np.array(self._new, dtype=np.int64).T
            self._filled, self._new = total, []
        return self._array[:, : self._filled]
