"""The user's own subjects: a small head on the same vectors, learnt from a few examples a class.

A scheme is one JSON file: its classes, a softmax layer over the 256 numbers of an article, and the hash of the vectors
it was learnt on; it fits no others. Trained by regularised logistic regression in NumPy, the same every time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.annotations import Subject
from pipeline.classification import evidence
from pipeline.classification.heads import softmax
from pipeline.classification.vectors import Bag, Floats
from pipeline.errors import ModelError

LEAST = 0.5  # confidence below which a scheme says nothing
Confusion = NDArray[np.int64]  # (classes, classes), the true one by row
_RIDGE, _ROUNDS = 5e-4, 400  # weight of the penalty; steps of the descent


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """A head: `weights` (classes, 256), `bias` (classes,), over unit vectors."""

    name: str
    version: str
    classes: tuple[str, ...]
    weights: Floats
    bias: Floats
    vectors: str  # SHA-256 of the vectors it was learnt on

    def probabilities(self, unit: Floats) -> Floats:
        """(classes,) of one article."""
        return softmax(self.weights @ unit + self.bias)

    def subjects(self, text: str, bag: Bag, unit: Floats, centre: Floats) -> tuple[Subject, ...]:
        """The likeliest class, if it is likely enough: code `name:class`, a path of one."""
        likely = self.probabilities(unit)
        best = int(likely.argmax())
        if likely[best] < LEAST:
            return ()
        slope = self.weights[best] - likely @ self.weights
        code = f"{self.name}:{self.classes[best]}"
        subject = Subject(
            scheme=self.name,
            scheme_version=self.version,
            code=code,
            name=self.classes[best],
            path=(code,),
            confidence=round(float(likely[best]), 3),
            evidence=evidence.sentences(text, bag, centre, slope[None])[0],
        )
        return (subject,)


def fit(units: Floats, labels: Sequence[str], *, name: str, vectors: str) -> Scheme:
    """Learn a scheme from unit vectors (articles, 256) and a label each. Classes weigh the same whatever their size."""
    classes = tuple(sorted(set(labels)))
    index = np.array([classes.index(label) for label in labels])
    wanted = np.eye(len(classes))[index]
    weight = (1 / np.bincount(index))[index]
    weight = weight / weight.sum()
    x = np.hstack([units.astype(np.float64), np.ones((len(units), 1))])
    table, momentum = np.zeros((len(classes), x.shape[1])), np.zeros((len(classes), x.shape[1]))
    penalty = np.full(x.shape[1], _RIDGE)
    penalty[-1] = 0
    # Nesterov's descent; the softmax of unit vectors has curvature at most 1 (two ones in x), so this step is safe.
    for round_ in range(_ROUNDS):
        ahead = table + momentum * (round_ / (round_ + 3))
        raw = x @ ahead.T
        powers = np.exp(raw - raw.max(1, keepdims=True))
        error = powers / powers.sum(1, keepdims=True) - wanted
        after = ahead - ((error * weight[:, None]).T @ x + ahead * penalty)
        momentum, table = after - table, after
    version = hashlib.sha256(np.round(table, 4).tobytes()).hexdigest()[:12]
    return Scheme(
        name=name,
        version=version,
        classes=classes,
        weights=table[:, :-1].astype(np.float32),
        bias=table[:, -1].astype(np.float32),
        vectors=vectors,
    )


def cross_validate(units: Floats, labels: Sequence[str], *, folds: int = 5) -> NDArray[np.int64]:
    """Confusions (classes, classes), true by row: each example judged by a scheme that has not seen it."""
    classes = sorted(set(labels))
    index = np.array([classes.index(label) for label in labels])
    fold = np.zeros(len(labels), np.int64)
    for c in range(len(classes)):
        members = np.flatnonzero(index == c)
        fold[members] = np.arange(len(members)) % folds
    table = np.zeros((len(classes), len(classes)), np.int64)
    for part in range(folds):
        seen = fold != part
        scheme = fit(
            units[seen], [label for label, kept in zip(labels, seen, strict=True) if kept], name="check", vectors=""
        )
        for i in np.flatnonzero(fold == part):
            table[index[i], classes.index(scheme.classes[int(scheme.probabilities(units[i]).argmax())])] += 1
    return table


def save(scheme: Scheme, path: Path) -> None:
    """One JSON file."""
    facts = {
        "scheme": scheme.name,
        "version": scheme.version,
        "vectors": scheme.vectors,
        "classes": scheme.classes,
        "bias": [round(float(number), 5) for number in scheme.bias],
        "weights": [[round(float(number), 5) for number in row] for row in scheme.weights],
    }
    path.write_text(json.dumps(facts) + "\n", "utf-8")


def load(path: Path, vectors: str) -> Scheme:
    """The scheme of a file, for these vectors. ModelError if it cannot be read or was learnt on others."""
    try:
        facts = json.loads(path.read_text("utf-8"))
        scheme = Scheme(
            name=str(facts["scheme"]),
            version=str(facts["version"]),
            classes=tuple(map(str, facts["classes"])),
            weights=np.array(facts["weights"], np.float32),
            bias=np.array(facts["bias"], np.float32),
            vectors=str(facts["vectors"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"the subject scheme {path} cannot be read: {type(error).__name__}") from error
    if scheme.vectors != vectors:
        raise ModelError(f"the subject scheme {path} was trained on other vectors; run copydesk train-subjects again")
    if scheme.weights.shape != (len(scheme.classes), 256) or scheme.bias.shape != (len(scheme.classes),):
        raise ModelError(f"the subject scheme {path} is damaged: its weights do not fit its classes")
    return scheme
