"""The verdict on each line of an article: how likely it is that its outlet put it there, and of which kind it would be.

Two steps, both learnt (bench/train_lines.py): the words of each line alone, by logistic regression; then the line
among its neighbours, by a forest of small trees. NumPy alone at run time. Sums are of whole numbers or taken in a fixed
order, one article at a time, so neither its company nor the order of words changes a verdict; processors may differ in
the last digit of a logarithm, which a probability would have to meet its limit to show.
"""

from __future__ import annotations

import functools
import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from pipeline.cleaning import place, rules
from pipeline.cleaning.place import Floats
from pipeline.cleaning.wording import KEPT, KINDS, Line, features
from pipeline.errors import ModelError

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """Log-linear weights of named features: `weights` int8 (features, columns), to be multiplied by `scale`."""

    names: Mapping[str, int]
    weights: NDArray[np.int8]
    scale: Floats
    bias: Floats

    def __call__(self, found: Sequence[set[str]]) -> Floats:
        """(lines, columns)."""
        get = self.names.get
        summed = [
            self.weights[[row for name in line if (row := get(name)) is not None]].sum(0, dtype=np.int32)
            for line in found
        ]
        result: Floats = np.array(summed, np.float32) * self.scale + self.bias
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """Trees in one table: node i asks whether column `column[i]` is at most `limit[i]`; a leaf leads to itself."""

    roots: Ints
    column: Ints
    limit: Floats
    left: Ints
    right: Ints
    value: Floats
    bias: float
    depth: int

    def __call__(self, rows: Floats) -> Floats:
        """Probabilities (rows,)."""
        at = np.broadcast_to(self.roots, (len(rows), len(self.roots)))
        each = np.arange(len(rows))[:, None]
        for _ in range(self.depth):
            at = np.where(rows[each, self.column[at]] <= self.limit[at], self.left[at], self.right[at])
        odds = self.bias + self.value[at].sum(1, dtype=np.float64)
        result: Floats = (1 / (1 + np.exp(-odds))).astype(np.float32)
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """`quick` tells paragraphs that need no second look; `words` the groups, `kinds` the kinds of removed lines."""

    quick: Mapping[str, int]
    quick_bias: float  # in the same units
    words: Linear
    kinds: Linear
    forest: Forest

    def is_sure(self, seen: rules.Line) -> bool:
        """Whether a line with the shape of a paragraph needs no second look."""
        get = self.quick.get
        return self.quick_bias + sum([get(word, 0) for word in seen.words]) <= 0

    def in_question(self, line: Line) -> bool:
        """Whether a line needs a look: not where it has the shape of a paragraph and no word speaks against it."""
        return line.readable and not line.sure and not (line.body and self.is_sure(line.seen))

    def __call__(self, lines: Sequence[Line], *, by: str | None = None, sifted: bool = False) -> list[float]:
        """The probability for each line that it is not the article's; 0 where nothing speaks against it.

        `by` names the writers where no line does; of `sifted` lines only those are asked that a rule knows, or
        that stand outside the body and have words against them.
        """
        verdicts = [0.0] * len(lines)
        wanted = [index for index, line in enumerate(lines) if self.in_question(line)]
        if sifted:
            body = [index for index, line in enumerate(lines) if line.body] or [0]
            wanted = [index for index in wanted if lines[index].rule or not body[0] <= index <= body[-1]]
        if not wanted or (wanted == [0] and lines[0].rule is None and len(lines) > 1):
            return verdicts  # of a text in which nothing else is in question, the first line is the headline
        scores = np.tile(place.SURE_SCORES, (len(lines), 1))
        scores[wanted] = groups(self.words([features(lines[index]) for index in wanted]))
        if sifted:
            wanted = [index for index in wanted if lines[index].rule or scores[index, 0] > 0]
        if wanted:
            found = self.forest(place.rows(lines, scores, wanted, by=by))
            for index, probability in zip(wanted, found.tolist(), strict=True):
                verdicts[index] = probability
        return verdicts

    def kind(self, line: Line) -> str:
        """What a line that goes is: its rule knows, else its words."""
        if line.rule:
            return line.rule.kind
        return KINDS[int(self.kinds([features(line)])[0].argmax())]


def groups(scores: Floats) -> Floats:
    """Scores of `GROUPS` (lines, groups) to log odds of removal, and log probabilities (lines, 1 + groups)."""
    logs = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    kept = np.logaddexp.reduce(logs[:, : len(KEPT)], axis=1)
    gone = np.logaddexp.reduce(logs[:, len(KEPT) :], axis=1)
    return np.hstack([(gone - kept)[:, None], logs]).astype(np.float32)


def _source() -> bytes:
    return resources.files("pipeline").joinpath("data/cleaning/lines.npz").read_bytes()


def digest() -> str:
    """Hash of the weights, for the stage's configuration."""
    return hashlib.sha256(_source()).hexdigest()


@functools.cache
def load() -> Judge:
    """The judge with the weights of the package. Raises ModelError where they are missing or damaged."""
    try:
        with np.load(io.BytesIO(_source()), allow_pickle=False) as data:
            return unpack(dict(data))
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelError(f"the weights that judge lines cannot be read: {type(error).__name__}") from error


def unpack(data: Mapping[str, NDArray[np.generic]]) -> Judge:
    """A judge out of the arrays that bench/train_lines.py writes."""

    def linear(name: str) -> Linear:
        names = data[f"{name}.names"].tobytes().decode().split("\n")
        return Linear(
            names={feature: row for row, feature in enumerate(names)},
            weights=data[f"{name}.weights"].astype(np.int8, copy=False),
            scale=data[f"{name}.scale"].astype(np.float32, copy=False),
            bias=data[f"{name}.bias"].astype(np.float32, copy=False),
        )

    quick = linear("quick")
    return Judge(
        quick={name: int(quick.weights[row, 0]) for name, row in quick.names.items()},
        quick_bias=float(quick.bias[0] / quick.scale[0]),
        words=linear("words"),
        kinds=linear("kinds"),
        forest=Forest(
            roots=data["forest.roots"].astype(np.int32, copy=False),
            column=data["forest.column"].astype(np.int32, copy=False),
            limit=data["forest.limit"].astype(np.float32, copy=False),
            left=data["forest.left"].astype(np.int32, copy=False),
            right=data["forest.right"].astype(np.int32, copy=False),
            value=data["forest.value"].astype(np.float32, copy=False),
            bias=float(data["forest.bias"].astype(np.float64)[0]),
            depth=int(data["forest.depth"].astype(np.int64)[0]),
        ),
    )
