"""Entities by spaCy's model, equal to spaCy's and several times faster.

`Fast` computes them with NumPy; `Plain` runs spaCy. `choose` gives `Fast` if it agrees with spaCy on a built-in text,
else `Plain`. The two differ by rounding alone, and rounding can only matter where two decisions score the same but for
it: such a text (one in thousands) goes to spaCy.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np

from pipeline.entities.recognition.decoder import Decoder
from pipeline.entities.recognition.encoder import encode
from pipeline.entities.recognition.tokens import Tokens, Words
from pipeline.entities.recognition.weights import UnsupportedError, take

log = logging.getLogger(__name__)

# Scores are around 10; they were seen to differ from spaCy's by at most 1e-5 (60 articles, both models).
_NOISE = 1e-4
_BATCH = 6_000  # tokens computed together: 25 MB of work space

# What the fast path must get right at load: names of all kinds, special cases of the tokenizer, blanks, other scripts.
PROOF = (
    "GENEVA — The United States and China agreed on Tuesday to extend their tariff truce by 90 days, said "
    "Laura Mendes, deputy U.S. trade representative. Mr. O'Brien of Acme Corp. paid $3.5 million (€3.1m) for 12.5% of "
    "the Saint-Brannoc Opera House in the 19th century; they don't say who'll pay at 9 a.m. in St. Louis, Mo.",
    "The World Trade Organization (WTO) welcomed it.\n\nIn Côte d'Ivoire, Prime Minister Amadou Diallo's office "
    "told Reuters the Treaty of Lenn \t and the “Three Days on the Cheese Road” festival would go on: ) :-) 😀\n",
    "Москва 北京 القاهرة ... e-mail press@example.org or https://example.org/a?b=c. “I’d’ve gone”, Ren said.",
    " ",
    "",
)


@dataclass(frozen=True, slots=True)
class Span:
    """A mention as the model sees it: offsets in its text and OntoNotes label."""

    start: int
    end: int
    label: str


class Recogniser(Protocol):
    """What finds mentions."""

    def find(self, texts: Sequence[str]) -> list[list[Span]]:
        """The mentions of each text, in order, none overlapping."""
        ...


class Plain:
    """spaCy as it comes: `nlp.pipe` of the recogniser alone."""

    def __init__(self, nlp: Any) -> None:
        self._nlp = nlp

    def find(self, texts: Sequence[str]) -> list[list[Span]]:
        """The mentions of each text; the string store does not grow."""
        with self._nlp.memory_zone():
            return [
                [Span(entity.start_char, entity.end_char, entity.label_) for entity in doc.ents]
                for doc in self._nlp.pipe(texts, batch_size=32)
            ]


class Fast:
    """The same in NumPy. Raises UnsupportedError if the model is of another architecture."""

    def __init__(self, nlp: Any, *, noise: float = _NOISE) -> None:
        self._weights = take(nlp)
        self._decoder = Decoder(self._weights)
        self._words = Words(nlp, self._weights)
        self._plain = Plain(nlp)
        self._noise = noise
        self.undecided = 0  # texts that went to spaCy

    def find(self, texts: Sequence[str]) -> list[list[Span]]:
        """The mentions of each text, in order."""
        tokens = self._words.tokens(texts)
        found: list[list[Span]] = []
        for begin, until in _batches(tokens):
            found += self._some(texts[begin:until], tokens.part(begin, until))
        return found

    def _some(self, texts: Sequence[str], tokens: Tokens) -> list[list[Span]]:
        """Compute a batch that fits the work space."""
        weights, words = self._weights, self._words
        lengths = np.diff(tokens.first)
        # Blank rows before each text and after the last, as many as there are layers.
        rows = np.arange(len(tokens.form)) + np.repeat(np.arange(1, len(lengths) + 1) * weights.pad, lengths)
        vectors = np.zeros((len(tokens.form) + (len(lengths) + 1) * weights.pad, weights.width), dtype=np.float32)
        vectors[rows] = words.vectors[tokens.form]
        encoded = encode(vectors, weights.layers)[rows]
        decoded = self._decoder.decode(encoded, words.space[tokens.form], tokens.first)
        labels = self._decoder.labels
        spans = [
            Span(start, end, labels[label])
            for start, end, label in zip(
                tokens.start[decoded.start].tolist(),
                tokens.end[decoded.end - 1].tolist(),
                decoded.label.tolist(),
                strict=True,
            )
        ]
        bounds = np.searchsorted(decoded.start, tokens.first).tolist()
        found = [spans[low:high] for low, high in pairwise(bounds)]
        doubtful = np.flatnonzero(decoded.margin < self._noise).tolist()
        if doubtful:
            self.undecided += len(doubtful)
            answers = self._plain.find([texts[index] for index in doubtful])
            for index, answer in zip(doubtful, answers, strict=True):
                found[index] = answer
        return found


def choose(nlp: Any) -> Fast | Plain:
    """The fast runtime if it gives what spaCy gives on the built-in text, else spaCy."""
    plain = Plain(nlp)
    try:
        fast = Fast(nlp)
        proven = fast.find(PROOF) == plain.find(PROOF)
    except UnsupportedError as error:
        log.warning("entities run on spaCy itself, several times slower: %s", error)
        return plain
    if not proven:
        log.warning("entities run on spaCy itself, several times slower: the fast path gave other entities")
        return plain
    return fast


def _batches(tokens: Tokens) -> Iterator[tuple[int, int]]:
    """Consecutive texts with together about `_BATCH` tokens; a longer text is a batch of its own."""
    begin, texts = 0, len(tokens.first) - 1
    for index in range(1, texts + 1):
        if index == texts or tokens.first[index + 1] - tokens.first[begin] > _BATCH:
            yield begin, index
            begin = index
