"""Classifies each line of an article: the probability that it is boilerplate of the outlet, and its kind.

Three steps, all learnt (bench/train_lines.py): the words of each line alone, by logistic regression; the line among its
neighbours' words, by a forest of small trees; and a second forest, which also sees the first results for its
neighbours. It needs NumPy only. Sums are of integers or in a fixed order, one article at a time, so neither the batch
nor the order of words changes a result. Processors may differ in the last digit of a logarithm; that changes a result
only if a probability is at its limit.
"""

from __future__ import annotations

import functools
import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.cleaning.boilerplate import context_features, rules
from pipeline.cleaning.boilerplate.context_features import Floats
from pipeline.cleaning.boilerplate.line_features import KEPT, KINDS, Line, features
from pipeline.cleaning.boilerplate.rules_alone import RulesAlone
from pipeline.languages import registry
from pipeline.languages.registry import Pack

Ints = NDArray[np.int32]

DOUBT = -2.0  # log odds by its words alone from which a line of a page is asked about
AT_ONCE = 256  # rows: each takes some 40 kB while the trees are asked
MOST = 4_000  # lines of a text that are asked about: news has some tens
LEAVES = 16  # of a tree at most: one bit each
_ALL = (1 << LEAVES) - 1
# The lowest bit of a number that is set.
_LOWEST = np.array([(bits & -bits).bit_length() - 1 if bits else 0 for bits in range(_ALL + 1)], np.uint8)


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
    """Trees whose questions are all asked at once, each answer striking out leaves; the first left is a tree's verdict.

    Question i is whether column `column[i]` is at most `limit[i]`; `strikes[i]` has the bits of the leaves that remain
    after a no. The questions of tree t begin at `starts[t]`; its leaves are worth `value[t]`.
    Source: Lucchese et al., QuickScorer (2015).
    """

    starts: Ints
    column: Ints
    limit: Floats
    strikes: NDArray[np.uint16]
    value: Floats  # (trees, LEAVES)
    bias: float

    def __call__(self, rows: Floats) -> Floats:
        """Probabilities (rows,)."""
        odds = np.concatenate([self._odds(rows[at : at + AT_ONCE]) for at in range(0, len(rows), AT_ONCE)])
        result: Floats = (1 / (1 + np.exp(-odds))).astype(np.float32)
        return result

    def _odds(self, rows: Floats) -> NDArray[np.float64]:
        yes = (rows[:, self.column] <= self.limit).astype(np.uint16)
        remain = np.bitwise_and.reduceat((yes * np.uint16(_ALL)) | self.strikes, self.starts, axis=1)
        worth = self.value[np.arange(len(self.starts)), _LOWEST[remain]]
        odds: NDArray[np.float64] = self.bias + worth.sum(1, dtype=np.float64)
        return odds


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """`quick` tells paragraphs that need no second look; `words` the groups, `kinds` the kinds of removed lines.

    `forest` judges by the words around a line, `again` by its verdicts too.
    """

    quick: Mapping[str, int]
    quick_bias: float  # in the same units
    words: Linear
    kinds: Linear
    forest: Forest
    again: Forest

    def is_sure(self, seen: rules.Line) -> bool:
        """Whether a line with the shape of a paragraph needs no second look."""
        get = self.quick.get
        return self.quick_bias + sum([get(word, 0) for word in seen.words]) <= 0

    def in_question(self, line: Line) -> bool:
        """Whether a line must be classified: not if it has the shape of a paragraph and no word against it."""
        return line.readable and not line.sure and not (line.body and self.is_sure(line.seen))

    def __call__(self, lines: Sequence[Line], *, by: str | None = None, sifted: bool = False) -> list[float]:
        """The probability for each line that it is not the article's; 0 if nothing speaks against it.

        `by` names the writers where no line does; of `sifted` lines only those are asked that a rule knows, or
        that stand outside the body and have some words against them.
        """
        verdicts = [0.0] * len(lines)
        wanted = [index for index, line in enumerate(lines) if self.in_question(line)][:MOST]
        if sifted:
            body = [index for index, line in enumerate(lines) if line.body] or [0]
            wanted = [index for index in wanted if lines[index].rule or not body[0] <= index <= body[-1]]
        if not wanted or (wanted == [0] and lines[0].rule is None and len(lines) > 1):
            return verdicts  # of a text in which nothing else is in question, the first line is the headline
        scores = np.tile(context_features.SURE_SCORES, (len(lines), 1))
        scores[wanted] = groups(self.words([features(lines[index]) for index in wanted]))
        if sifted:
            wanted = [index for index in wanted if lines[index].rule or scores[index, 0] > DOUBT]
        if wanted:
            rows = context_features.rows(lines, scores, wanted, by=by)
            for index, probability in zip(wanted, self.forest(rows).tolist(), strict=True):
                verdicts[index] = probability
            rows = np.hstack([rows, context_features.among(verdicts)[wanted]])
            for index, probability in zip(wanted, self.again(rows).tolist(), strict=True):
                verdicts[index] = probability
        return verdicts

    def kind(self, line: Line) -> str:
        """The kind of a line that goes: by its rule, else by its words."""
        if line.rule:
            return line.rule.kind
        return KINDS[int(self.kinds([features(line)])[0].argmax())]


def groups(scores: Floats) -> Floats:
    """Scores of `GROUPS` (lines, groups) to log odds of removal, and log probabilities (lines, 1 + groups)."""
    logs = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    kept = np.logaddexp.reduce(logs[:, : len(KEPT)], axis=1)
    gone = np.logaddexp.reduce(logs[:, len(KEPT) :], axis=1)
    return np.hstack([(gone - kept)[:, None], logs]).astype(np.float32)


def load(pack: Pack | None = None) -> Judge | RulesAlone:
    """The classifier with the weights of a pack (English unless given), or with its rules alone if it has none.

    Raises ModelError if they cannot be read.
    """
    return _load(pack or registry.english())


@functools.cache
def _load(pack: Pack) -> Judge | RulesAlone:
    source = pack.read("boilerplate", "weights")
    if source is None:
        return RulesAlone()
    try:
        with np.load(io.BytesIO(source), allow_pickle=False) as data:
            return unpack(dict(data))
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise pack.broken(f"the weights that judge lines cannot be read: {type(error).__name__}") from error


def unpack(data: Mapping[str, NDArray[np.generic]]) -> Judge:
    """A classifier from the arrays that bench/train_lines.py writes."""

    def linear(name: str) -> Linear:
        names = data[f"{name}.names"].tobytes().decode().split("\n")
        return Linear(
            names={feature: row for row, feature in enumerate(names)},
            weights=data[f"{name}.weights"].astype(np.int8, copy=False),
            scale=data[f"{name}.scale"].astype(np.float32, copy=False),
            bias=data[f"{name}.bias"].astype(np.float32, copy=False),
        )

    def forest(name: str) -> Forest:
        return Forest(
            starts=data[f"{name}.starts"].astype(np.int32, copy=False),
            column=data[f"{name}.column"].astype(np.int32, copy=False),
            limit=data[f"{name}.limit"].astype(np.float32, copy=False),
            strikes=data[f"{name}.strikes"].astype(np.uint16, copy=False),
            value=data[f"{name}.value"].astype(np.float32, copy=False),
            bias=float(data[f"{name}.bias"].astype(np.float64)[0]),
        )

    quick = linear("quick")
    return Judge(
        quick={name: int(quick.weights[row, 0]) for name, row in quick.names.items()},
        quick_bias=float(quick.bias[0] / quick.scale[0]),
        words=linear("words"),
        kinds=linear("kinds"),
        forest=forest("forest"),
        again=forest("again"),
    )
