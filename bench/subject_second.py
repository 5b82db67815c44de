"""The layer of the second opinion: 17 scores from MiniLM's view of title and lead, taught as the student was."""

from __future__ import annotations

import numpy as np
from subject_student import SEED, temperature
from subject_teacher import TOP, Teacher, centred, fit
from subject_texts import Texts

LEADS = 3000  # made-up title and lead: three headlines, or passages, of one subject


def leads(texts: Texts, top: np.ndarray, rng: np.random.Generator) -> tuple[list[str], np.ndarray]:
    """What the first 64 tokens of an article are like, and what each is about."""
    sure, best = top.max(1) > 0.5, top.argmax(1)
    passage_top = texts.parent[texts.passage_second]
    made, about = [], []
    for i in range(LEADS):
        c = i % TOP
        headlines = [texts.headlines[int(j)] for j in rng.choice(np.flatnonzero(sure & (best == c)), 2)]
        passages = [texts.passages[int(j)] for j in rng.choice(np.flatnonzero(passage_top == c), 2)]
        made.append(". ".join(headlines + passages[:1] if i % 2 else headlines[:1] + passages))
        about.append(c)
    return made, np.array(about)


def train(
    texts: Texts, teacher: Teacher, top: np.ndarray, headlines: np.ndarray, passages: np.ndarray, keywords: np.ndarray
) -> dict[str, np.ndarray]:
    """Arrays of `minilm.npz`: centre (384,), weights (17, 384), bias (17,), temperature. The last three are vectors."""
    rng = np.random.default_rng(SEED)
    made, about = leads(texts, top, rng)
    views = teacher.encode(made, length=64)
    sure = top.max(1) > 0.4
    parts = [
        (centred(headlines)[sure], top.argmax(1)[sure], 1.0),
        (centred(passages), texts.parent[texts.passage_second], 6.0),
        (centred(keywords), texts.parent[texts.keyword_second], 2.0),
    ]
    held = rng.random(LEADS) < 0.3
    unit = centred(views)
    model = fit([*parts, (unit[~held], about[~held], 3.0)], TOP)
    arrays = {
        "centre": views.mean(0),
        "weights": model.coef_.astype(np.float32),
        "bias": model.intercept_.astype(np.float32),
    }
    return {**arrays, "temperature": np.float32(calibrated(texts, teacher, arrays))}


def calibrated(texts: Texts, teacher: Teacher, arrays: dict[str, np.ndarray]) -> float:
    """The temperature, from two or three headlines of one HuffPost label, one in five from elsewhere.

    Our own leads are too clear for that: MiniLM would be sure of everything.
    """
    rng = np.random.default_rng(SEED + 1)
    label = texts.headline_top
    known = np.flatnonzero(label >= 0)
    groups = [group for c in range(TOP) if len(group := np.flatnonzero(label == c))]
    made, about = [], []
    for _ in range(1000):
        group = groups[int(rng.integers(len(groups)))]
        count = int(rng.integers(2, 4))
        picks = [int(rng.choice(known if rng.random() < 0.2 else group)) for _ in range(count)]
        made.append(". ".join(texts.headlines[i] for i in picks))
        about.append(label[group[0]])
    moved = teacher.encode(made, length=64) - arrays["centre"]
    unit = moved / np.linalg.norm(moved, axis=1, keepdims=True)
    return temperature(unit @ arrays["weights"].T + arrays["bias"], np.array(about))
