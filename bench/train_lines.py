"""Make the weights that judge lines: `make train-lines`, `python bench/train_lines.py [--out FILE] [--cross-validate]`.

Inputs: bench/lines/*.jsonl, one file an author (its README says who wrote what and how), and the development parts of
tests/quality; the parts that are held and unseen are never read. Each author's lines are scored by words learnt from
the others before the forest sees them, and by a forest that learnt from the others before the second one does, so both
learn what that is worth on lines of somebody new. One thread, a fixed seed: a second run on the same machine gives the
same bytes (the last line printed is their hash). About five minutes.

`--cross-validate` prints instead how weights that never saw an author's lines judge them, at several limits: lines
that are not like a paragraph, lines that are, and the article alone, as most of what is read. The stage has a limit for
each place (`sift`): a row says what it does, and one for each set of authors. About 15 minutes.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import io
import multiprocessing
import sys
import warnings
import zipfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from line_articles import RULED, Article, authors, thinned
from quality_cleaning import SENTENCE

from pipeline.cleaning.boilerplate import (
    context_features,
    line_classifier,
    line_features,
    sift,
)
from pipeline.cleaning.boilerplate.line_features import (
    GROUPS,
    KINDS,
    REMOVED,
)

OUT = ROOT / "pipeline" / "languages" / "en" / "boilerplate" / "lines.npz"
FOLDS = 5
SEEN = 2  # lines in which a feature must stand
QUICK = -1.0  # log odds of a paragraph under which nobody looks at it again
GROUP_OF = {kind: group for group, kinds in REMOVED.items() for kind in kinds} | {
    "heading": "heading", "paragraph": "paragraph", "quote": "paragraph", "list": "list", "table": "list",
    "byline": "signature", "dateline": "signature", "credit": "signature", "caption": "caption",
}  # fmt: skip
LIMITS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.985)  # of the cross-validation's table
FOREST = {
    "max_iter": 300, "learning_rate": 0.05, "max_leaf_nodes": line_classifier.LEAVES, "max_depth": 8,
    "min_samples_leaf": 20, "l2_regularization": 3.0, "max_features": 0.4, "random_state": 1, "early_stopping": False,
}  # fmt: skip


def table(found: Sequence[set[str]], names: dict[str, int]) -> scipy.sparse.csr_matrix:
    """(lines, features) of ones."""
    places = [(row, names[name]) for row, line in enumerate(found) for name in line if name in names]
    rows, columns = zip(*places, strict=True) if places else ((), ())
    return scipy.sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), (len(found), len(names)))


def linear(
    found: Sequence[set[str]], labels: Sequence[int], *, columns: int, strength: float, balanced: bool = False
) -> dict[str, np.ndarray]:
    """Weights of a (multinomial) logistic regression, in eight bits."""
    counted = Counter(name for line in found for name in line)
    kept = sorted(name for name, count in counted.items() if count >= SEEN)
    model = LogisticRegression(C=strength, max_iter=300, tol=1e-3, class_weight="balanced" if balanced else None)
    model.fit(table(found, {name: row for row, name in enumerate(kept)}), labels)
    weights, bias = model.coef_, model.intercept_
    if columns > 1:  # a class that nobody wrote gets no chance
        full, more = np.zeros((columns, len(kept))), np.full(columns, -20.0)
        full[model.classes_], more[model.classes_] = weights, bias
        weights, bias = full, more
    scale = np.maximum(np.abs(weights).max(1) / 127, 1e-9)
    small = np.round(weights / scale[:, None]).astype(np.int8).T
    used = np.abs(small).max(1) > 1
    return {
        "names": np.frombuffer("\n".join(name for name, use in zip(kept, used, strict=True) if use).encode(), np.uint8),
        "weights": small[used],
        "scale": scale.astype(np.float32),
        "bias": bias.astype(np.float32),
    }


def words(articles: Sequence[Article], quick: line_classifier.Judge) -> dict[str, np.ndarray]:
    """Of the lines in question only: the others are never asked."""
    chosen = [
        (found, GROUPS.index(GROUP_OF[name]))
        for article in articles
        for line, name, found in zip(article.lines, article.names, article.found, strict=True)
        if quick.in_question(line)
    ]
    return linear([found for found, _ in chosen], [group for _, group in chosen], columns=len(GROUPS), strength=1.0)


def kinds(articles: Sequence[Article]) -> dict[str, np.ndarray]:
    """Of the lines that go."""
    chosen = [
        ({name for name in found if name[:2] in ("w=", "c=", "al", "sh")}, KINDS.index(name))
        for article in articles
        for name, found in zip(article.names, article.found, strict=True)
        if found and name in KINDS
    ]
    return linear([found for found, _ in chosen], [kind for _, kind in chosen], columns=len(KINDS), strength=1.0)


def quickly(articles: Sequence[Article]) -> dict[str, np.ndarray]:
    """Single words of lines that have the shape of a paragraph."""
    chosen = [
        (set(line.seen.words), int(gone))
        for article in articles
        for line, gone in zip(article.lines, article.gone, strict=True)
        if line.readable and line.body
    ]
    made = linear([found for found, _ in chosen], [gone for _, gone in chosen], columns=1, strength=0.5, balanced=True)
    made["bias"] -= np.float32(QUICK)
    return made


NO_FOREST = {
    "starts": np.zeros(1, np.int32), "column": np.zeros(1, np.int32), "limit": np.zeros(1, np.float32),
    "strikes": np.ones(1, np.uint16), "value": np.zeros((1, line_classifier.LEAVES), np.float32), "bias": np.zeros(1),
}  # fmt: skip
NO_WORDS = {
    "names": np.frombuffer(b"-", np.uint8), "weights": np.zeros((1, len(GROUPS)), np.int8),
    "scale": np.ones(len(GROUPS), np.float32), "bias": np.zeros(len(GROUPS), np.float32),
}  # fmt: skip


def packed(**parts: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays of the file."""
    return {f"{name}.{key}": array for name, part in parts.items() for key, array in part.items()}


@dataclass(slots=True)
class Rows:
    """One article to a forest: `rows` (wanted, columns) of `context_features`, and which go, of how many lines."""

    rows: np.ndarray
    gone: np.ndarray
    wanted: list[int]
    lines: int

    def again(self, first: line_classifier.Forest) -> np.ndarray:
        """The rows of the second forest."""
        verdicts = np.zeros(self.lines)
        verdicts[self.wanted] = first(self.rows)
        return np.hstack([self.rows, context_features.among(verdicts.tolist())[self.wanted]])


def scored(articles: Sequence[Article], known: line_classifier.Judge) -> list[Rows]:
    """The lines in question of each article that has any."""
    found = []
    for article in articles:
        wanted = [index for index, line in enumerate(article.lines) if known.in_question(line)]
        if wanted:
            scores = np.tile(context_features.SURE_SCORES, (len(article.lines), 1))
            scores[wanted] = line_classifier.groups(known.words([article.found[index] for index in wanted]))
            rows = context_features.rows(article.lines, scores, wanted)
            found.append(Rows(rows=rows, gone=article.gone[wanted], wanted=wanted, lines=len(article.lines)))
    return found


def forest(rows: np.ndarray, gone: np.ndarray) -> dict[str, np.ndarray]:
    """Gradient boosted trees, as one table of nodes."""
    model = HistGradientBoostingClassifier(**FOREST).fit(rows, gone)
    starts, questions, values = [], [], []
    for (tree,) in model._predictors:
        starts.append(len(questions))
        values.append(_leaves(tree.nodes, 0, questions))
        assert len(questions) > starts[-1], "a tree that asks nothing"
    column, limit, strikes = zip(*questions, strict=True)
    result = {
        "starts": np.array(starts, np.int32),
        "column": np.array(column, np.int32),
        "limit": np.array(limit, np.float32),
        "strikes": np.array(strikes, np.uint16),
        "value": np.array([leaves + [0.0] * (line_classifier.LEAVES - len(leaves)) for leaves in values], np.float32),
        "bias": np.array([float(model._baseline_prediction.ravel()[0])]),
    }
    ours = unpacked(result)(rows)
    assert np.abs(ours - model.predict_proba(rows)[:, 1]).mean() < 1e-4, "the questions are not the forest"
    return result


def _leaves(nodes: np.ndarray, at: int, questions: list[tuple[int, float, int]], first: int = 0) -> list[float]:
    """The values of the leaves below a node, left to right; `first` is the number of the first of them."""
    node = nodes[at]
    if node["is_leaf"]:
        return [float(node["value"])]
    place = len(questions)
    questions.append((0, 0.0, 0))
    left = _leaves(nodes, node["left"], questions, first)
    struck = sum(1 << (first + leaf) for leaf in range(len(left)))
    questions[place] = (
        int(node["feature_idx"]),
        float(node["num_threshold"]),
        (1 << line_classifier.LEAVES) - 1 - struck,
    )
    return left + _leaves(nodes, node["right"], questions, first + len(left))


def unpacked(made: dict[str, np.ndarray]) -> line_classifier.Forest:
    """A forest as the stage has it."""
    return line_classifier.unpack(
        packed(quick=NO_WORDS, words=NO_WORDS, kinds=NO_WORDS, forest=made, again=NO_FOREST)
    ).forest


def train(groups: Sequence[Sequence[Article]]) -> dict[str, np.ndarray]:
    """The arrays of the file, from the lines of several authors."""
    every = [article for group in groups for article in group]
    quick = quickly(every)
    nothing = {"kinds": NO_WORDS, "forest": NO_FOREST, "again": NO_FOREST}
    base = line_classifier.unpack(packed(quick=quick, words=NO_WORDS, **nothing))
    folds: list[list[Rows]] = []
    for fold in range(min(FOLDS, len(groups))):
        others = [article for at, group in enumerate(groups) if at % FOLDS != fold for article in group]
        own = [article for at, group in enumerate(groups) if at % FOLDS == fold for article in group]
        known = line_classifier.unpack(packed(quick=quick, words=words(others, base), **nothing))
        folds.append(scored(thinned(own), known))
    first = grown([rows for fold in folds for rows in fold])
    # The second forest learns from first verdicts on authors that the first has not seen.
    again, gone = [], []
    for fold in folds:
        other = unpacked(grown([rows for rest in folds if rest is not fold for rows in rest]))
        again += [rows.again(other) for rows in fold]
        gone += [rows.gone for rows in fold]
    return packed(
        quick=quick,
        words=words(every, base),
        kinds=kinds(every),
        forest=first,
        again=forest(np.vstack(again), np.concatenate(gone)),
    )


def grown(articles: Sequence[Rows]) -> dict[str, np.ndarray]:
    """The first forest of these."""
    return forest(np.vstack([rows.rows for rows in articles]), np.concatenate([rows.gone for rows in articles]))


def cross_validate(groups: dict[str, list[Article]]) -> None:
    """Print what limits find and cost, for authors whose lines the weights never saw."""
    with multiprocessing.Pool() as pool:
        folds = pool.map(functools.partial(_fold, groups), range(FOLDS), chunksize=1)
    whole, clean = defaultdict(list), defaultdict(list)
    right = Counter[bool]()
    for judgements, named in folds:
        for author, article, alone in judgements:
            whole[author[0]].append(article)
            clean[author[0]].append(alone)
        right += named
    report(
        {name: np.vstack(rows) for name, rows in whole.items()}, {name: np.vstack(rows) for name, rows in clean.items()}
    )
    print(f"{len(groups) - 1} authors, {sum(map(len, whole.values()))} articles; of what goes, the kind is right for "
          f"{right[True] / right.total():.3f}")  # fmt: skip


def _fold(
    groups: dict[str, list[Article]], fold: int
) -> tuple[list[tuple[str, np.ndarray, np.ndarray]], Counter[bool]]:
    """(author, lines judged, lines judged without what goes) of each article of a fifth of the authors, by the others'.

    The lines that rules were written to teach in every fold, and are never judged.
    """
    apart = [name for name in groups if name != RULED][fold::FOLDS]
    with threadpool_limits(1):
        known = line_classifier.unpack(train([group for name, group in groups.items() if name not in apart]))
    found, right = [], Counter[bool]()
    for author in apart:
        for article in groups[author]:
            kept = [line for line, gone in zip(article.lines, article.gone, strict=True) if not gone]
            alone = judged(kept, np.zeros(len(kept), bool), known)
            found.append((author, judged(article.lines, article.gone, known), alone))
            right.update(
                known.kind(line) == name
                for line, name in zip(article.lines, article.names, strict=True)
                if name in KINDS and line.readable
            )
    return found, right


def judged(lines: Sequence[line_features.Line], gone: np.ndarray, known: line_classifier.Judge) -> np.ndarray:
    """(lines, 5): probability, is to go, has the shape of a paragraph, sentences, goes by the stage's own limits."""
    sentences = [len(SENTENCE.split(line.block.text)) for line in lines]
    kept = {id(block) for block in sift.sift([line.block for line in lines], judged=known)[0]}
    taken = [id(line.block) not in kept for line in lines]
    return np.column_stack([known(lines), gone, [line.body for line in lines], sentences, taken])


def report(wholes: dict[str, np.ndarray], cleans: dict[str, np.ndarray]) -> None:
    """A row a limit, and one as the stage decides; then as it decides on each set of authors."""
    whole, clean = np.vstack(list(wholes.values())), np.vstack(list(cleans.values()))
    print("limit | short lines: found, right, kept | like paragraphs: the same | all: found, right, sentences kept |")
    print("      | articles alone: lines kept, sentences kept")
    for limit in LIMITS:
        print(f"{limit:.3f} | " + figures(whole, whole[:, 0] >= limit, clean, clean[:, 0] >= limit))
    print("stage | " + figures(whole, whole[:, 4] > 0, clean, clean[:, 4] > 0))
    for name in sorted(wholes):
        rows, alone = wholes[name], cleans[name]
        print(f"    {name} | " + figures(rows, rows[:, 4] > 0, alone, alone[:, 4] > 0))
    gone, body = whole[:, 1] > 0, whole[:, 2] > 0
    print(f"{len(whole)} lines; to go: {(gone & ~body).sum()} short, {(gone & body).sum()} like paragraphs; "
          f"to stay: {(~gone & ~body).sum()} and {(~gone & body).sum()}")  # fmt: skip


def figures(whole: np.ndarray, taken: np.ndarray, clean: np.ndarray, lost: np.ndarray) -> str:
    """The figures of one way to decide."""
    gone, body = whole[:, 1] > 0, whole[:, 2] > 0
    parts = []
    for here in (~body, body, np.ones_like(body)):
        found = (taken & gone & here).sum()
        parts.append([found / (gone & here).sum(), found / max(1, (taken & here).sum())])
        if here.all():
            parts[-1].append(1 - whole[taken & ~gone, 3].sum() / whole[~gone, 3].sum())
        else:
            parts[-1].append(1 - (taken & ~gone & here).sum() / (~gone & here).sum())
    parts.append([1 - lost.mean(), 1 - clean[lost, 3].sum() / clean[:, 3].sum()])
    return " | ".join("  ".join(f"{figure:.4f}" for figure in part) for part in parts)


def save(arrays: dict[str, np.ndarray], out: Path) -> str:
    """Write the file with fixed times, so that equal weights are equal bytes; returns their hash."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in sorted(arrays.items()):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), buffer.getvalue(), zipfile.ZIP_DEFLATED, 9
            )
    return hashlib.sha256(out.read_bytes()).hexdigest()


def main(argv: list[str]) -> int:
    """Train, or cross-validate."""
    parser = argparse.ArgumentParser(prog="train_lines.py", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--cross-validate", action="store_true")
    arguments = parser.parse_args(argv)
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        groups = authors()
        if arguments.cross_validate:
            cross_validate(groups)
            return 0
        digest = save(train(list(groups.values())), arguments.out)
    print(
        f"{sum(map(len, groups.values()))} articles of {len(groups)} authors; "
        f"{arguments.out.stat().st_size:,} bytes, sha256 {digest}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
