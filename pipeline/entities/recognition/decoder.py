"""Token vectors -> entities: spaCy's greedy BILUO machine, every state of a batch at once.

A state of the machine has three features: the next token, the first token of the open entity, and the token before.
While no entity is open the other two are absent, so the decision depends on the next token alone and is made for all
tokens in one product. Every B among them is then extended in lockstep, I or L of its own label, to its end. One walk
from left to right takes what spaCy would have reached. Validity is spaCy's: no B on the last token; no B or U on white
space; after B only I or L of that label; L at the end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.entities.recognition.chunks import Flags, Ints
from pipeline.entities.recognition.weights import Floats, UnsupportedError, Weights

_STEPS = 24  # an entity still open after so many tokens is finished alone, and only when the walk reaches it


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Entities in order: `start`, `end` in tokens, `label` a number in `Decoder.labels`.

    `margin` (texts,) is the smallest difference
    of two best scores over all decisions in a text: below the noise of rounding, the decision is not ours to make.
    """

    start: Ints
    end: Ints
    label: Ints
    margin: Floats


class Decoder:
    """The transition model of one recogniser."""

    def __init__(self, weights: Weights) -> None:
        moves = weights.moves
        count = (len(moves) - 2) // 4
        self.labels = tuple(move[2:] for move in moves[:count])
        expected = [f"{kind}-{label}" for kind in "BILU" for label in self.labels]
        if moves != (*expected, "U-", "O"):
            raise UnsupportedError("classes in another order")
        self._weights = weights
        matrix, bias = weights.upper
        # While no entity is open: B of each label, U of each label, O; in spaCy's order, the first of equals wins.
        closed = [*range(count), *range(3 * count, 4 * count), 4 * count + 1]
        self._closed = np.ascontiguousarray(matrix[:, closed]), bias[closed]
        self._inside = np.ascontiguousarray(matrix.T[count : 2 * count]), bias[count : 2 * count]
        self._last = np.ascontiguousarray(matrix.T[2 * count : 3 * count]), bias[2 * count : 3 * count]
        self._hidden = weights.lower_bias.shape[0] // weights.lower_pieces

    def decode(self, encoded: Floats, space: Flags, first: Ints) -> Decoded:
        """Entities of texts whose tokens are `encoded` (tokens, width), each text from `first[i]` to `first[i + 1]`."""
        weights, count = self._weights, len(self.labels)
        total = len(encoded)
        projection, offset = weights.project
        tokens: Floats = encoded @ projection + offset
        following: Floats = tokens @ weights.lower[0]
        scores = self._activate(following + (weights.lower_pad[1] + weights.lower_pad[2] + weights.lower_bias))
        scores = scores @ self._closed[0] + self._closed[1]
        final = np.zeros(total, dtype=np.bool_)
        final[first[1:][first[1:] > first[:-1]] - 1] = True
        scores[final, :count] = -np.inf
        scores[space, : 2 * count] = -np.inf
        rows = np.arange(total)
        best = scores.argmax(axis=1)
        top = scores[rows, best]
        candidates = np.flatnonzero(best < 2 * count)
        scores[rows, best] = -np.inf
        margins = top - scores.max(axis=1) if total else top
        spans = _Spans(
            start=candidates,
            end=candidates + 1,
            label=best[candidates] % count,
            margin=margins[candidates],
        )
        opened = np.flatnonzero(best[candidates] < count)
        unfinished = set(self._extend(tokens, following, final, spans, opened, _STEPS).tolist())
        kept: list[int] = []
        reached = -1
        ends = spans.end.tolist()
        for index, begin in enumerate(candidates.tolist()):
            if begin < reached:
                continue
            if index in unfinished:
                self._extend(tokens, following, final, spans, np.array([index]), total)
                ends[index] = int(spans.end[index])
            kept.append(index)
            reached = ends[index]
        keep = np.array(kept, dtype=np.int64)
        start, end = spans.start[keep], spans.end[keep]
        # A decision inside an entity was not made from the closed state.
        covered = np.zeros(total + 1, dtype=np.int64)
        covered[start] += 1
        np.add.at(covered, end, -1)
        margins[np.cumsum(covered[:-1]) > 0] = np.inf
        margins[start] = spans.margin[keep]
        return Decoded(
            start=start,
            end=end,
            label=spans.label[keep],
            margin=_smallest(margins, first),
        )

    def _extend(self, tokens: Floats, following: Floats, final: Flags, spans: _Spans, opened: Ints, steps: int) -> Ints:
        """Follow the spans of those numbers, whose first token is read, until each is closed; answer which are not."""
        weights = self._weights
        opening: Floats = tokens[spans.start[opened]] @ weights.lower[1] + weights.lower_bias
        for _ in range(steps):
            if not opened.size:
                break
            at, label = spans.end[opened], spans.label[opened]
            hidden = self._activate(following[at] + opening + tokens[at - 1] @ weights.lower[2])
            inside = np.einsum("ij,ij->i", hidden, self._inside[0][label]) + self._inside[1][label]
            last = np.einsum("ij,ij->i", hidden, self._last[0][label]) + self._last[1][label]
            difference = last - inside
            difference[final[at]] = np.inf
            spans.margin[opened] = np.minimum(spans.margin[opened], np.abs(difference))
            spans.end[opened] += 1
            going = difference <= 0
            opened, opening = opened[going], opening[going]
        return opened

    def _activate(self, summed: Floats) -> Floats:
        hidden: Floats = summed[:, : self._hidden]
        for piece in range(1, self._weights.lower_pieces):
            hidden = np.maximum(hidden, summed[:, piece * self._hidden : (piece + 1) * self._hidden])
        return hidden


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spans:
    """Spans as far as they are followed; the arrays change in place."""

    start: Ints
    end: Ints
    label: Ints
    margin: Floats


def _smallest(margins: Floats, first: Ints) -> Floats:
    """The smallest of each text, infinite if it has no token."""
    smallest = np.full(len(first) - 1, np.inf, dtype=np.float32)
    filled = np.flatnonzero(first[1:] > first[:-1])
    if filled.size:
        smallest[filled] = np.minimum.reduceat(margins, first[filled])
    return smallest
