"""Fits and checks the confidence of entities: `python bench/quality.py entities --calibrate`.

The even articles of CoNLL++ 2020 fit the weights of pipeline/entities/confidence.py, the odd ones check them. Only
these few numbers leave the set.
"""

from __future__ import annotations

import numpy as np
from conll import LABELS, Labelled

from pipeline.entities import Entities, confidence, resolution


def samples(annotator: Entities, labelled: list[Labelled]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, whether right, and the stage's confidence, of every mention of a body."""
    rows: list[tuple[float, ...]] = []
    right: list[bool] = []
    said: list[float] = []
    kept: list[tuple[float, ...]] = []
    original = confidence.of

    def spy(names, cores, label):  # type: ignore[no-untyped-def]
        kept.append(confidence.features(names, cores, label))
        return original(names, cores, label)

    resolution.confidence.of = spy
    try:
        for item in labelled:
            kept.clear()
            (answer,) = annotator.annotate([item.article])
            for entity, values in zip(answer, kept, strict=True):
                for mention in entity.mentions if entity.type in LABELS else ():
                    rows.append(values)
                    right.append((mention.start, mention.end, LABELS[entity.type]) in item.gold)
                    said.append(entity.confidence)
    finally:
        resolution.confidence.of = original
    return np.array(rows), np.array(right, dtype=float), np.array(said)


def fit(rows: np.ndarray, right: np.ndarray, *, ridge: float = 2.0) -> np.ndarray:
    """Logistic regression by Newton's method."""
    weights = np.zeros(rows.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (chance - right) + ridge * weights
        curve = (rows * (chance * (1 - chance))[:, None]).T @ rows + ridge * np.eye(rows.shape[1])
        weights -= np.linalg.solve(curve, slope)
    return weights


def report(annotator: Entities, labelled: list[Labelled]) -> None:
    """Print the weights of the even half and how they do on the odd."""
    rows, right, _ = samples(annotator, labelled[::2])
    weights = fit(rows, right)
    print("weights of the even half:", tuple(round(float(weight), 2) for weight in weights))
    rows, right, said = samples(annotator, labelled[1::2])
    chance = 1 / (1 + np.exp(-rows @ weights))
    for name, values in (("fitted", chance), ("shipped", said)):
        brier = ((values - right) ** 2).mean()
        constant = ((right.mean() - right) ** 2).mean()
        print(f"{name}, odd half: Brier {brier:.3f} (a constant: {constant:.3f})")
        error = 0.0
        for low, high in ((0, 0.5), (0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 1.01)):
            inside = (values >= low) & (values < high)
            if inside.any():
                gap = abs(values[inside].mean() - right[inside].mean())
                error += gap * inside.mean()
                said, are = values[inside].mean(), right[inside].mean()
                print(f"  said {low:.2f}-{min(high, 1):.2f}: {said:.3f} are {are:.3f} ({inside.sum()})")
        print(f"  expected calibration error {error:.3f}")
