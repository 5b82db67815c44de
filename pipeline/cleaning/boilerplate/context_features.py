"""Features of a line in its context: one row of numbers, about itself and its neighbours, for each line in question.

"Quay to close for two years" is a cross-heading below a paragraph and another story below "Most read"; only the lines
around it tell. The rows are the input of the forests in line_classifier.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.cleaning.boilerplate.line_features import GROUPS, KEPT, Line, letters
from pipeline.cleaning.boilerplate.rules import plain

Floats = NDArray[np.float32]

NOWHERE = -30.0  # stands for what is not there: before the first line, after the last
SURE = -8.0  # the score of a paragraph that nothing speaks against
WINDOW = 4  # lines before and after
LIKELY = 0.75  # a first verdict that counts
FADES = 0.7  # what a verdict counts one line on
FAR = 40  # lines: paragraphs further off than this are not looked for, whatever a text is made of
MOST_WRITERS = 100  # names, full and first ones: every line is compared with each
LONG_WORD = 5  # characters: a word that says what an article is about
_ENDINGS = {".": 0.0, "!": 1.0, "?": 2.0, ":": 3.0, "_": 4.0, "q": 5.0}
_CAPITALS = {"A": 0.0, "T": 1.0, "m": 2.0, "l": 3.0}
_PROSE = _CAPITALS["l"]  # of a paragraph nobody counts the capitals
# Headings, lists and quotations are known as such on pages only, and clutter is marked up as they are: no evidence.
_KINDS = {"byline": 2.0, "dateline": 3.0, "caption": 4.0, "credit": 5.0}
_BY = re.compile(r"^(?:[\w ]{0,24}\bby|von|par|por)[: ]+", re.IGNORECASE)
_AND = re.compile(r",| and | & |\bwith\b")
_WHERE = {"anywhere": 3.0, "edge": 2.0, "tail": 2.0, "head": 2.0, "beside": 1.0}
_BOX = 1 + GROUPS.index("box")
SURE_SCORES = np.full(1 + len(GROUPS), SURE, np.float32)
SURE_SCORES[1 + KEPT.index("paragraph")] = 0.0


def rows(lines: Sequence[Line], scores: Floats, wanted: Sequence[int], *, by: str | None = None) -> Floats:
    """(wanted, columns) of an article.

    `scores` (lines, 1 + groups): log odds of removal, then the log probability of each of `GROUPS`; `wanted` are the
    indices of the lines in question; `by` names writers that no line does.
    """
    return np.array(_Article(lines, scores, by).rows(wanted), np.float32)


def among(chances: Sequence[float]) -> Floats:
    """(lines, columns): what a first verdict says of the lines around each, and of the article.

    An entry deep in a box sees by these that it is in one.
    """
    own = np.array(chances, np.float32)
    count = len(own)
    padded = np.concatenate([np.full(WINDOW, -1, np.float32), own, np.full(WINDOW, -1, np.float32)])
    beside = [padded[at : at + count] for at in range(2 * WINDOW + 1)]
    above, below = _fading(chances), _fading(chances[::-1])[::-1]
    whole = [np.full(count, own.mean()), np.full(count, (own > LIKELY).sum())]
    return np.column_stack([*beside, above, below, *whole]).astype(np.float32)


def _fading(chances: Sequence[float]) -> list[float]:
    """Of each line, the mean of the verdicts before it, the nearest counting most."""
    found, mean = [], 0.0
    for chance in chances:
        found.append(mean)
        mean = FADES * mean + (1 - FADES) * chance
    return found


def writers(lines: Sequence[Line], by: str | None) -> tuple[str, ...]:
    """Full names, and first names with a blank behind, of those who signed the article, in lower case."""
    names: dict[str, None] = {}
    for text in [line.block.text for line in lines if line.block.kind == "byline"] + ([by] if by else []):
        for part in _AND.split(_BY.sub("", text)):
            words = plain(part).split()
            if 1 < len(words) <= 4:
                names[" ".join(words)] = names[words[0] + " "] = None
                if len(names) >= MOST_WRITERS:
                    return tuple(names)
    return tuple(names)


class _Article:
    """What the lines of an article have in common."""

    def __init__(self, lines: Sequence[Line], scores: Floats, by: str | None) -> None:
        self.lines = lines
        self.writers = writers(lines, by)
        self.table = scores.tolist()
        self.odds = [row[0] for row in self.table]
        self.shapes = [
            [
                float(line.length),
                _ENDINGS[line.ending],
                _PROSE if line.body else _CAPITALS[letters(line.block.text)[0]],
                float(line.body),
            ]
            for line in lines
        ]
        self.solid = [line.body and odds < 0 for line, odds in zip(lines, self.odds, strict=True)]
        body = [index for index, solid in enumerate(self.solid) if solid]
        self.first, self.last = (body[0], body[-1]) if body else (len(lines), -1)
        self.of_body: Counter[str] = Counter()
        for index in body:
            self.of_body.update(lines[index].seen.words)
        self.reader = sum(lines[index].reader for index in body) / max(1, len(body))
        self.house = sum(lines[index].house for index in body) / max(1, len(body))
        self.clutter = sum(odds > 0 for odds in self.odds) / len(lines)
        # One line between two paragraphs: if an article has several, they are its headings.
        self.single = [
            not solid and 0 < index < len(lines) - 1 and self.solid[index - 1] and self.solid[index + 1]
            for index, solid in enumerate(self.solid)
        ]
        self.singles = sum(single and lines[index].ending == "_" for index, single in enumerate(self.single))
        self.texts = Counter(line.seen.plain for line in lines)

    def rows(self, wanted: Sequence[int]) -> list[list[float]]:
        absent = [NOWHERE] * len(self.table[0])
        nothing = [NOWHERE] * 5
        found = []
        for index in wanted:
            row = self._own(index)
            for step in (-3, -2, -1, 1, 2, 3):
                other = index + step
                here = 0 <= other < len(self.lines)
                if abs(step) == 1:
                    row += self.table[other] if here else absent
                if abs(step) == 3:
                    row.append(self.odds[other] if here else NOWHERE)
                else:
                    row += [self.odds[other], *self.shapes[other]] if here else nothing
            row += self._around(index)
            found.append(row)
        return found

    def _own(self, index: int) -> list[float]:
        line = self.lines[index]
        words = [word for word in line.seen.words if len(word) >= LONG_WORD]
        below = self.lines[index + 1].seen.words if index + 1 < len(self.lines) else frozenset[str]()
        shared = sum(self.of_body[word] > self.solid[index] for word in words)
        return [
            *self.table[index],
            *self.shapes[index],
            len(line.block.text),
            line.seen.speech if line.readable else 0.0,
            _KINDS.get(line.block.kind, 0.0),
            index,
            len(self.lines) - 1 - index,
            index - self.first,
            index - self.last,
            self.last < 0,
            line.reader,
            line.house,
            self.reader,
            self.house,
            shared / len(words) if words else -1.0,
            shared,
            sum(word in below for word in words),
            bool(self.writers) and line.seen.plain.startswith(self.writers),
            self.single[index],
            self.singles,
            self.texts[line.seen.plain],
            _WHERE[line.rule.where] if line.rule else 0.0,
            line.rule.opens if line.rule else 0.0,
            self.clutter,
        ]

    def _around(self, index: int) -> list[float]:
        before, after = self.odds[max(0, index - WINDOW) : index], self.odds[index + 1 : index + 1 + WINDOW]
        near = self.odds[max(0, index - 2) : index + 3]
        above, highest = index, max(0, index - FAR)
        while above > highest and not self.solid[above - 1]:
            above -= 1
        below, lowest = index + 1, min(len(self.lines), index + FAR)
        while below < lowest and not self.solid[below]:
            below += 1
        return [
            max(before, default=NOWHERE),
            max(after, default=NOWHERE),
            sum(near) / len(near),
            index - above,
            below - index,
            max(self.odds[above:index], default=NOWHERE),
            max((row[_BOX] for row in self.table[above:index]), default=NOWHERE),
            max(self.odds[index + 1 : below], default=NOWHERE),
        ]
