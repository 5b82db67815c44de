"""Make the weights that judge lines: `make train-lines`, `python bench/train_lines.py [--out FILE] [--cross-validate]`.

Inputs: bench/lines/*.jsonl, one file an author (its README says who wrote what and how), and the development parts of
tests/quality; the part that is held is never read. Each author's lines are scored by words learnt from the others
before the forest sees them, so it learns what the words are worth on lines of somebody new. One thread, a fixed seed:
a second run on the same machine gives the same bytes (the last line printed is their hash). About two minutes.

`--cross-validate` prints instead how weights that never saw an author's lines judge them, at several limits: lines
that are not like a paragraph, lines that are, and the article alone, as most of what is read. The stage has a limit for
each place (pipeline.cleaning.boilerplate); the last row has the two that most lines meet. About five minutes.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import io
import json
import re
import sys
import warnings
import zipfile
from collections import Counter
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

from quality_cleaning import SENTENCE  # noqa: E402

from pipeline.cleaning import boilerplate, judge, paragraphs, place, structure, wording  # noqa: E402
from pipeline.cleaning.repair import repair  # noqa: E402
from pipeline.cleaning.wording import GROUPS, KINDS, REMOVED  # noqa: E402

LINES = ROOT / "bench" / "lines"
GOLD = (
    (ROOT / "tests/quality/lines.jsonl", {"dev"}),
    (ROOT / "tests/quality/lines_more.jsonl", {"dev2", "check"}),
)
OUT = ROOT / "pipeline" / "data" / "cleaning" / "lines.npz"
FOLDS = 5
SEEN = 2  # lines in which a feature must stand
THINNED = (0.0, 0.1, 0.25)  # of what goes, in the thinned copies of an article
QUICK = -1.0  # log odds of a paragraph under which nobody looks at it again
GROUP_OF = {kind: group for group, kinds in REMOVED.items() for kind in kinds} | {
    "heading": "heading", "paragraph": "paragraph", "quote": "paragraph", "list": "list", "table": "list",
    "byline": "signature", "dateline": "signature", "credit": "signature", "caption": "caption",
}  # fmt: skip
TITLED = {"heading", "related_articles", "most_read"}
SMALL = re.compile(r"(?<=\w )(?:A|An|And|As|At|But|By|For|From|In|Into|Of|On|Or|Over|The|To|With)(?= )|(?<=['’])S\b")
LIMITS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.985)  # of the cross-validation's table
FOREST = {
    "max_iter": 140, "learning_rate": 0.07, "max_leaf_nodes": 12, "max_depth": 6, "min_samples_leaf": 15,
    "l2_regularization": 3.0, "max_features": 0.4, "random_state": 1, "early_stopping": False,
}  # fmt: skip


@dataclass(slots=True)
class Article:
    """Lines with their labels: `gone` (lines,) bool, `names` the kind or the segment of each."""

    lines: list[wording.Line]
    gone: np.ndarray
    names: list[str]
    found: list[set[str]]


def read(path: Path, splits: set[str] | None = None, *, rules: bool = True) -> list[Article]:
    """The articles of a file, read as the stage reads them; without `rules` where rules were written to these lines."""
    articles = []
    for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        if splits and row["split"] not in splits:
            continue
        labels = {_squeezed(repair(line["text"])[0]): line for line in row["lines"]}
        body = repair("\n\n".join(line["text"] for line in row["lines"]))[0]
        lines = [wording.read(block) for block in structure.label(paragraphs.read(body)[0])]
        for line in lines:
            if not rules and line.rule:
                line.rule = None
                line.body = wording.has_shape(line.block.text, ends=line.ending != "_" and line.ending != ":")
        given = [labels.get(_squeezed(line.block.text), {"label": "keep", "segment": "paragraph"}) for line in lines]
        articles.append(
            Article(
                lines=lines,
                gone=np.array([label["label"] == "remove" for label in given]),
                names=[label.get("kind") or label["segment"] for label in given],
                found=[wording.features(line) if line.readable else set() for line in lines],
            )
        )
    return articles


def _squeezed(text: str) -> str:
    return "".join(text.split())


def authors() -> list[list[Article]]:
    """The lines of each author; those that rules were written to are one more."""
    found = [read(path) for path in sorted(LINES.glob("*.jsonl"))]
    return [*found, [article for path, splits in GOLD for article in read(path, splits, rules=False)]]


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


def words(articles: Sequence[Article], quick: judge.Judge) -> dict[str, np.ndarray]:
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
    "roots": np.zeros(1, np.int32), "column": np.zeros(1, np.int32), "limit": np.zeros(1, np.float32),
    "left": np.zeros(1, np.int32), "right": np.zeros(1, np.int32), "value": np.zeros(1, np.float32),
    "bias": np.zeros(1), "depth": np.zeros(1, np.int64),
}  # fmt: skip
NO_WORDS = {
    "names": np.frombuffer(b"-", np.uint8), "weights": np.zeros((1, len(GROUPS)), np.int8),
    "scale": np.ones(len(GROUPS), np.float32), "bias": np.zeros(len(GROUPS), np.float32),
}  # fmt: skip


def packed(**parts: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays of the file."""
    return {f"{name}.{key}": array for name, part in parts.items() for key, array in part.items()}


def thinned(articles: Sequence[Article]) -> list[Article]:
    """The articles, and each again with a part of what goes or none: most of what is read is as clean as that.

    In every other copy headings, the article's and those of other stories, are set with capitals, as half of the trade
    does, so that capitals alone tell nothing.
    """
    dice = np.random.default_rng(1)
    result = list(articles)
    for article in articles:
        for share in THINNED:
            stays = ~article.gone | (dice.random(len(article.gone)) < share)
            titled = dice.random() < 0.5
            places = np.flatnonzero(stays)
            if not len(places):
                continue
            lines = [article.lines[at] for at in places]
            names = [article.names[at] for at in places]
            found = [article.found[at] for at in places]
            if titled:
                for at, (line, name) in enumerate(zip(lines, names, strict=True)):
                    if name in TITLED and line.block.text[:1].isupper():
                        text = SMALL.sub(lambda word: word[0].lower(), line.block.text.title().replace("’S", "’s"))
                        lines[at] = wording.read(dataclasses.replace(line.block, text=text[0].upper() + text[1:]))
                        found[at] = wording.features(lines[at]) if lines[at].readable else set()
            result.append(Article(lines=lines, gone=article.gone[places], names=names, found=found))
    return result


def scored(articles: Sequence[Article], known: judge.Judge) -> tuple[np.ndarray, np.ndarray]:
    """Rows of pipeline.cleaning.place for the lines in question, and which of them go."""
    rows, gone = [], []
    for article in articles:
        wanted = [index for index, line in enumerate(article.lines) if known.in_question(line)]
        if wanted:
            scores = np.tile(place.SURE_SCORES, (len(article.lines), 1))
            scores[wanted] = judge.groups(known.words([article.found[index] for index in wanted]))
            rows.append(place.rows(article.lines, scores, wanted))
            gone.append(article.gone[wanted])
    return np.vstack(rows), np.concatenate(gone)


def forest(rows: np.ndarray, gone: np.ndarray) -> dict[str, np.ndarray]:
    """Gradient boosted trees, as one table of nodes."""
    model = HistGradientBoostingClassifier(**FOREST).fit(rows, gone)
    nodes, roots = [], []
    size = 0
    for (tree,) in model._predictors:
        node = tree.nodes
        leaf = node["is_leaf"].astype(bool)
        own = np.arange(len(node)) + size
        nodes.append(
            {
                "column": np.where(leaf, 0, node["feature_idx"]),
                "limit": np.where(leaf, 0, node["num_threshold"]),
                "left": np.where(leaf, own, node["left"] + size),
                "right": np.where(leaf, own, node["right"] + size),
                "value": np.where(leaf, node["value"], 0),
            }
        )
        roots.append(size)
        size += len(node)
    made = {name: np.concatenate([node[name] for node in nodes]) for name in nodes[0]}
    depth = max(int(tree.nodes["depth"].max()) for (tree,) in model._predictors)
    result = {
        "roots": np.array(roots, np.int32),
        "column": made["column"].astype(np.int32),
        "limit": made["limit"].astype(np.float32),
        "left": made["left"].astype(np.int32),
        "right": made["right"].astype(np.int32),
        "value": made["value"].astype(np.float32),
        "bias": np.array([float(model._baseline_prediction.ravel()[0])]),
        "depth": np.array([depth]),
    }
    ours = judge.unpack(packed(quick=quick_of_nothing(), words=NO_WORDS, kinds=NO_WORDS, forest=result)).forest(rows)
    assert np.abs(ours - model.predict_proba(rows)[:, 1]).mean() < 1e-4, "the table of nodes is not the forest"
    return result


def quick_of_nothing() -> dict[str, np.ndarray]:
    """Weights that put every line in question."""
    return {
        "names": np.frombuffer(b"-", np.uint8),
        "weights": np.zeros((1, 1), np.int8),
        "scale": np.ones(1),
        "bias": np.ones(1),
    }


def train(groups: Sequence[Sequence[Article]]) -> dict[str, np.ndarray]:
    """The arrays of the file, from the lines of several authors."""
    every = [article for group in groups for article in group]
    quick = quickly(every)
    rows, gone = [], []
    for fold in range(min(FOLDS, len(groups))):
        others = [article for at, group in enumerate(groups) if at % FOLDS != fold for article in group]
        own = [article for at, group in enumerate(groups) if at % FOLDS == fold for article in group]
        base = judge.unpack(packed(quick=quick, words=NO_WORDS, kinds=NO_WORDS, forest=NO_FOREST))
        known = judge.unpack(packed(quick=quick, words=words(others, base), kinds=NO_WORDS, forest=NO_FOREST))
        more, which = scored(thinned(own), known)
        rows.append(more)
        gone.append(which)
    base = judge.unpack(packed(quick=quick, words=NO_WORDS, kinds=NO_WORDS, forest=NO_FOREST))
    return packed(
        quick=quick,
        words=words(every, base),
        kinds=kinds(every),
        forest=forest(np.vstack(rows), np.concatenate(gone)),
    )


def cross_validate(groups: Sequence[Sequence[Article]], folds: int = FOLDS) -> None:
    """Print what limits find and cost, for authors whose lines the weights never saw.

    The lines that rules were written to (the last group) teach in every fold, and are never judged.
    """
    whole, clean, right = [], [], Counter[bool]()
    for fold in range(folds):
        own = [article for at, group in enumerate(groups[:-1]) if at % folds == fold for article in group]
        known = judge.unpack(
            train([group for at, group in enumerate(groups) if at % folds != fold or group is groups[-1]])
        )
        for article in own:
            whole.append(judged(article.lines, article.gone, known))
            kept = [line for line, gone in zip(article.lines, article.gone, strict=True) if not gone]
            clean.append(judged(kept, np.zeros(len(kept), bool), known))
            right.update(
                known.kind(line) == name
                for line, name in zip(article.lines, article.names, strict=True)
                if name in KINDS and line.readable
            )
    report(np.vstack(whole), np.vstack(clean))
    print(f"{len(groups) - 1} authors, {len(whole)} articles; of what goes, the kind is right for {share(right):.3f}")


def judged(lines: Sequence[wording.Line], gone: np.ndarray, known: judge.Judge) -> np.ndarray:
    """(lines, 5): probability, is to go, has the shape of a paragraph, sentences, goes by the stage's own limits."""
    sentences = [len(SENTENCE.split(line.block.text)) for line in lines]
    kept = {id(block) for block in boilerplate.sift([line.block for line in lines], judged=known)[0]}
    taken = [id(line.block) not in kept for line in lines]
    return np.column_stack([known(lines), gone, [line.body for line in lines], sentences, taken])


def share(right: Counter[bool]) -> float:
    """Of what was asked, what was right."""
    return right[True] / max(1, right.total())


def report(whole: np.ndarray, clean: np.ndarray) -> None:
    """A row a limit, and one as the stage decides."""
    print("limit | short lines: found, right, kept | like paragraphs: the same | all: found, right, sentences kept |")
    print("      | articles alone: lines kept, sentences kept")
    for limit in LIMITS:
        print(f"{limit:.3f} | " + figures(whole, whole[:, 0] >= limit, clean, clean[:, 0] >= limit))
    print("stage | " + figures(whole, whole[:, 4] > 0, clean, clean[:, 4] > 0))
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
        digest = save(train(groups), arguments.out)
    print(
        f"{sum(map(len, groups))} articles of {len(groups)} authors; "
        f"{arguments.out.stat().st_size:,} bytes, sha256 {digest}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
