"""The student: a small network on the static vectors, taught by labels and by MiniLM, and calibrated.

Nobody has articles with Media Topics that may be used, so articles are made up: three to twelve headlines and own
passages of one subject, with one in twelve from anywhere. Their mean is the middle of news from which every article
is seen. A tenth of the headlines is kept out and makes the articles on which the temperature is fitted.
"""

from __future__ import annotations

import numpy as np
import torch
from subject_teacher import SECOND, TOP, centred
from subject_texts import Texts

from pipeline.classification.vectors import Vectors

SEED = 20260301
ARTICLES, HIDDEN, EPOCHS = 16_000, 320, 12
WEIGHTS = {"headlines": 0.5, "passages": 12.0, "keywords": 3.0, "definitions": 1.5, "articles": 2.0}
SCALE = 4.0  # unit vectors are small steps for the optimiser; folded into the first layer afterwards
Rows = list[np.ndarray]


def means(vectors: Vectors, kinds: Rows) -> np.ndarray:
    """The mean vector of each bag of row numbers, (bags, 256)."""
    out = np.zeros((len(kinds), vectors._table.shape[1]), np.float32)
    for i, rows in enumerate(kinds):
        if len(rows):
            out[i] = vectors._weights[rows] @ vectors._table[rows].astype(np.float32) / len(rows)
    return out


class Maker:
    """Makes articles up from headlines, passages and keywords of one subject."""

    def __init__(self, texts: Texts, vectors: Vectors, top: np.ndarray, second: np.ndarray, out: np.ndarray) -> None:
        def rows(text: str) -> np.ndarray:
            return vectors.vocabulary.rows([text])[0]

        self.texts, self.top, self.second = texts, top, second
        self.headlines, self.passages = [rows(t) for t in texts.headlines], [rows(t) for t in texts.passages]
        self.keywords, self.definitions = [rows(t) for t in texts.keywords], [rows(t) for t in texts.definitions]
        self.kept = np.flatnonzero(~out)
        passage_top = texts.parent[texts.passage_second]
        sure, best = (top.max(1) > 0.5) & ~out, top.argmax(1)
        self.of_top = [np.flatnonzero(sure & (best == c)) for c in range(TOP)]
        surer, best = (second.max(1) > 0.3) & ~out, second.argmax(1)
        self.of_second = [np.flatnonzero(surer & (best == z)) for z in range(SECOND)]
        self.p_top = [np.flatnonzero(passage_top == c) for c in range(TOP)]
        self.p_second = [np.flatnonzero(texts.passage_second == z) for z in range(SECOND)]
        self.k_second = [np.flatnonzero(texts.keyword_second == z) for z in range(SECOND)]

    def article(self, rng: np.random.Generator, z: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows, and what it is about (17,), (120,); of second-level subject `z`, or of any top where that is -1."""
        c = int(self.texts.parent[z]) if z >= 0 else int(rng.integers(TOP))
        parts: Rows = []
        tops, seconds = [], []
        share = rng.random()

        def headline(i: int) -> None:
            parts.append(self.headlines[i])
            tops.append(self.top[i])
            seconds.append(self.second[i])

        def certain(rows: Rows, second: int) -> None:
            parts.extend(rows)
            tops.append(np.eye(TOP)[c])
            seconds.append(np.eye(SECOND)[second])

        for _ in range(int(rng.integers(3, 13))):
            chance = rng.random()
            if chance < 0.08:
                headline(int(rng.choice(self.kept)))
            elif z >= 0 and chance < 0.75:
                kind = rng.random()
                if kind < share and len(self.p_second[z]):
                    certain([self.passages[int(rng.choice(self.p_second[z]))]], z)
                elif kind < 0.8 and len(self.of_second[z]) >= 5:
                    headline(int(rng.choice(self.of_second[z])))
                else:
                    some = rng.choice(self.k_second[z], min(5, len(self.k_second[z])), replace=False)
                    certain([self.keywords[int(i)] for i in some], z)
            elif chance < 0.08 + 0.5 * share:
                i = int(rng.choice(self.p_top[c]))
                certain([self.passages[i]], int(self.texts.passage_second[i]))
            else:
                headline(int(rng.choice(self.of_top[c])))
        return np.concatenate(parts), np.mean(tops, 0), np.mean(seconds, 0)


def network(x: np.ndarray, top: np.ndarray, second: np.ndarray, weight: np.ndarray, parent: np.ndarray):
    """256 -> 320 -> 17 + 120, AdamW with one cycle; the second level is learnt within its top."""
    torch.manual_seed(SEED)
    share = (top * weight[:, None]).sum(0)
    weight = weight * (top @ (share.sum() / TOP / share) ** 0.7)
    weight = weight / weight.mean()
    X, Y, Z, W = (torch.tensor(a.astype(np.float32)) for a in (x * SCALE, 0.95 * top + 0.05 / TOP, second, weight))
    families = [torch.tensor(np.flatnonzero(parent == c)) for c in range(TOP)]
    family = torch.tensor(parent)
    layers = [torch.nn.Linear(x.shape[1], HIDDEN), torch.nn.ReLU(), torch.nn.Dropout(0.3)]
    net = torch.nn.Sequential(*layers, torch.nn.Linear(HIDDEN, TOP + SECOND))
    optimiser = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-4)
    steps = len(X) // 256
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=steps * EPOCHS)
    for _ in range(EPOCHS):
        order = torch.randperm(len(X))
        for step in range(steps):
            i = order[step * 256 : (step + 1) * 256]
            out = net(X[i])
            deep = out[:, TOP:]
            total = torch.stack([torch.logsumexp(deep[:, members], 1) for members in families], 1)
            top_loss = (Y[i] * torch.log_softmax(out[:, :TOP], 1)).sum(1)
            second_loss = (Z[i] * (deep - total[:, family])).sum(1)
            loss = -(W[i] * (top_loss + 0.5 * second_loss)).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    first, last = net[0], net[3]
    grown = [first.weight * SCALE, first.bias, last.weight, last.bias]
    return [part.detach().numpy().astype(np.float32) for part in grown]


def temperature(raw: np.ndarray, label: np.ndarray) -> float:
    """The one divisor that makes the probabilities of `label` most likely (Guo et al. 2017)."""

    def loss(t: float) -> float:
        scaled = raw / t
        scaled = scaled - scaled.max(1, keepdims=True)
        return float(-(scaled[np.arange(len(raw)), label] - np.log(np.exp(scaled).sum(1))).mean())

    return float(min(np.arange(0.3, 4.0, 0.01), key=loss))


def train(texts: Texts, vectors: Vectors, found: dict[str, np.ndarray]):
    """Arrays of the heads, and facts for the manifest."""
    rng = np.random.default_rng(SEED)
    top, second, parent = found["top"], found["second"], texts.parent
    out = rng.random(len(top)) < 0.1
    maker = Maker(texts, vectors, top, second, out)
    made = [maker.article(rng, int(rng.integers(SECOND)) if i % 2 else -1) for i in range(ARTICLES)]
    articles = means(vectors, [rows for rows, _, _ in made])
    centre = articles.mean(0)

    below = np.zeros((len(texts.definitions), SECOND))
    for i, z in enumerate(texts.definition_second):
        below[i] = (
            np.eye(SECOND)[z]
            if z >= 0
            else (parent == texts.definition_top[i]) / (parent == texts.definition_top[i]).sum()
        )
    kept = maker.kept
    definitions = centred(means(vectors, maker.definitions))
    parts = {
        "headlines": (centred(means(vectors, [maker.headlines[i] for i in kept])), top[kept], second[kept]),
        "passages": (centred(means(vectors, maker.passages)), None, np.eye(SECOND)[texts.passage_second]),
        "keywords": (centred(means(vectors, maker.keywords)), None, np.eye(SECOND)[texts.keyword_second]),
        "definitions": (definitions, np.eye(TOP)[texts.definition_top], below),
        "articles": (centred(articles), np.array([t for _, t, _ in made]), np.array([s for _, _, s in made])),
    }
    ups = np.eye(TOP)[parent]
    x = np.concatenate([part[0] for part in parts.values()])
    y = np.concatenate([part[2] @ ups if part[1] is None else part[1] for part in parts.values()])
    z = np.concatenate([part[2] for part in parts.values()])
    weight = np.concatenate([np.full(len(parts[name][0]), WEIGHTS[name]) for name in parts])
    hidden, hidden_bias, output, output_bias = network(x, y, z, weight, parent)

    tests, label = held_out(rng, texts, maker, out)
    unit = means(vectors, tests) - centre
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    raw = (np.maximum(unit @ hidden.T + hidden_bias, 0) @ output.T + output_bias)[:, :TOP]
    cool = temperature(raw, label)
    accuracy = float((raw.argmax(1) == label).mean())
    print(f"held-out made-up articles: {accuracy:.3f}, temperature {cool:.2f}")
    deeper = [i for i, code in enumerate(texts.definition_code) if code not in texts.tops and code not in texts.seconds]
    arrays = {
        "tops": np.array(texts.tops),
        "seconds": np.array(texts.seconds),
        "deeper": np.array([texts.definition_code[i] for i in deeper]),
        "parent": parent.astype(np.int16),
        "centre": centre,
        "hidden": hidden,
        "hidden_bias": hidden_bias,
        "output": output,
        "output_bias": output_bias,
        "temperature": np.float32(cool),
        "second_temperature": np.float32(1.0),
        "likeness": definitions[deeper].astype(np.float16),
    }
    return arrays, {"seed": SEED, "heldOutAccuracy": round(accuracy, 3), "temperature": round(cool, 2)}


def held_out(rng: np.random.Generator, texts: Texts, maker: Maker, out: np.ndarray) -> tuple[Rows, np.ndarray]:
    """Two thousand articles of two to eight headlines of one HuffPost label, one in five of them from elsewhere."""
    free = np.flatnonzero(out)
    label = texts.headline_top
    groups = [g for c in range(TOP) if len(g := free[label[free] == c])]
    articles, labels = [], []
    for _ in range(2000):
        group = groups[int(rng.integers(len(groups)))]
        count = int(rng.integers(2, 9))
        picks = [int(rng.choice(free if rng.random() < 0.2 else group)) for _ in range(count)]
        articles.append(np.concatenate([maker.headlines[i] for i in picks]))
        labels.append(label[group[0]])
    return articles, np.array(labels)
