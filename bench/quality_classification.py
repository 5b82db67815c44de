"""`python bench/quality.py classification [--second-opinion] [--json FILE]`: how good the subjects are, on what.

BBC (2004-05) and MasakhaNEWS lie in ../shared/data/subjects; they are for measuring only: nothing of them was used in
training or calibration. The output is 17-way although they have five and six classes. Also: the own texts and second-
level labels of tests/quality, the seed article, and a scheme trained as a user would on MasakhaNEWS dev.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pipeline import classification, formats, media_topics
from pipeline.article import Article, Language, Metadata, Origin, Quality, Text
from pipeline.classification import heads, schemes
from pipeline.classification.vectors import direction

DATA = ROOT.parent / "shared" / "data"
LABELS = ROOT / "tests" / "quality"
SETS = {"bbc": "bbc", "masakhanews": "masakhanews_eng_test"}


def article(text: str, title: str = "", uri: str = "urn:measured") -> Article:
    """A text as the stage takes it."""
    return Article(
        uri=uri,
        meta=Metadata(title=title or None),
        origin=Origin(raw_sha256="", size=0),
        text=Text(
            value=text,
            sha256="",
            language=Language(tag="en", confidence=1.0),
            segments=(),
            removed=(),
            quality=Quality(score=1.0),
        ),
    )


def rows(name: str) -> list[dict[str, Any]]:
    """One of the sets: id or url, title, text, category, medtop."""
    with gzip.open(DATA / "subjects" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def calibration(confidence: np.ndarray, right: np.ndarray, bins: int = 10) -> tuple[float, list[tuple[float, ...]]]:
    """Expected calibration error, and (from, share of articles, mean confidence, accuracy) of each bin in use."""
    error, table = 0.0, []
    for i in range(bins):
        inside = (confidence > i / bins) & (confidence <= (i + 1) / bins)
        if inside.any():
            share, said, was = inside.mean(), confidence[inside].mean(), right[inside].mean()
            error += share * abs(said - was)
            table.append((i / bins, float(share), float(said), float(was)))
    return float(error), table


def first_subject(annotator: classification.Classification, name: str) -> dict[str, Any]:
    """Figures of one set, by the most likely of 17."""
    tops = media_topics.children()
    order = sorted(tops)
    likely, label, abstained = [], [], 0
    for row in rows(name):
        bag, scores = annotator.opinion(article(row["text"], row["title"] or ""))
        likely.append(scores.top)
        label.append(order.index(f"medtop:{row['medtop']}"))
        abstained += bag.known < 5 or scores.top.max() < 0.25
    table, truth = np.array(likely), np.array(label)
    best, confidence = table.argmax(1), table.max(1)
    right = best == truth
    sure = confidence >= 0.7
    error, bins = calibration(confidence, right)
    present = sorted(set(label))
    f1 = []
    for c in present:
        hits = int((right & (truth == c)).sum())
        f1.append(2 * hits / max(1, int((truth == c).sum()) + int((best == c).sum())))
    return {
        "articles": len(label),
        "accuracy": round(float(right.mean()), 4),
        "macroF1": round(float(np.mean(f1)), 4),
        "top2": round(float((np.argsort(-table, 1)[:, :2] == truth[:, None]).any(1).mean()), 4),
        "coverage70": round(float(sure.mean()), 4),
        "accuracy70": round(float(right[sure].mean()), 4),
        "ece": round(error, 4),
        "abstained": round(abstained / len(label), 4),
        "perClass": {order[c]: round(score, 3) for c, score in zip(present, f1, strict=True)},
        "reliability": [[round(value, 3) for value in row] for row in bins],
        "confusion": {
            order[c]: {order[o]: n for o, n in Counter(int(o) for o in best[truth == c]).most_common(6)}
            for c in present
        },
    }


def _texts() -> dict[tuple[str, str], Article]:
    """Every article that has a second-level label, by (set, id)."""
    found: dict[tuple[str, str], Article] = {}
    for name, file, key in (("bbc", "bbc", "id"), ("masakhanews_dev", "masakhanews_eng_dev", "url")):
        for row in rows(file):
            found[(name, row[key])] = article(row["text"], row["title"] or "")
    for line in (LABELS / "subjects_own.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        found[("own", row["id"])] = article(row["text"], row["title"])
    from agents.cli.reading import read
    from pipeline import cleaning

    stage = cleaning.load()
    for sample in read([str(ROOT / "pipeline" / "data" / "samples")]):
        try:
            (cleaned,) = stage.run([formats.decode_raw(sample.value)])
        except Exception:  # three samples are broken on purpose
            continue
        if isinstance(cleaned, Article):
            found[("samples", Path(sample.place).name.split(".")[0])] = cleaned
    return found


def second_level(annotator: classification.Classification) -> dict[str, Any]:
    """First choice and one of three, of the second-level subjects in the order of their confidence."""
    texts = _texts()
    lines = (LABELS / "subjects_second_level.jsonl").read_text("utf-8").splitlines()
    labels = [row for row in map(json.loads, lines) if (row["set"], row["id"]) in texts]
    first = accepted = three = top = any_top = 0
    for row in labels:
        (answer,) = annotator.annotate([texts[(row["set"], row["id"])]])
        subjects = answer
        seconds = [s.code for s in sorted(subjects, key=lambda s: -s.confidence) if len(s.path) == 2][:3]
        tops = [s.code for s in subjects if len(s.path) == 1]
        first += seconds[:1] == [row["first"]]
        accepted += bool(seconds) and seconds[0] in row["accepted"]
        three += row["first"] in seconds
        top += tops[:1] == row["top"][:1]
        any_top += bool(tops) and tops[0] in row["top"]
    n = len(labels)
    return {
        "articles": n,
        "firstChoice": round(first / n, 4),
        "firstAccepted": round(accepted / n, 4),
        "oneOfThree": round(three / n, 4),
        "topPrimary": round(top / n, 4),
        "topAccepted": round(any_top / n, 4),
    }


def own_texts(annotator: classification.Classification) -> dict[str, Any]:
    """The twenty own texts: wrong ones by id."""
    wrong = {}
    lines = (LABELS / "subjects_own.jsonl").read_text("utf-8").splitlines()
    for row in map(json.loads, lines):
        (answer,) = annotator.annotate([article(row["text"], row["title"])])
        subjects = answer
        if not subjects or subjects[0].code != row["primary"]:
            wrong[row["id"]] = [
                subjects[0].code if subjects else None,
                bool(subjects) and subjects[0].code in row["accepted"],
            ]
    return {"articles": len(lines), "wrong": wrong}


def own_scheme() -> dict[str, Any]:
    """A user's scheme: 472 MasakhaNEWS dev articles, judged on the test set."""
    vectors, network = heads.load()

    def units(name: str) -> tuple[np.ndarray, list[str]]:
        found = rows(name)
        means = [vectors.bag(row["text"], row["title"] or "").mean for row in found]
        return np.array([direction(mean, network.centre) for mean in means]), [row["category"] for row in found]

    dev, labels = units("masakhanews_eng_dev")
    test, truth = units("masakhanews_eng_test")
    scheme = schemes.fit(dev, labels, name="masakhanews", vectors="")
    answers = [scheme.classes[int(scheme.probabilities(unit).argmax())] for unit in test]
    right = [answer == label for answer, label in zip(answers, truth, strict=True)]
    table = schemes.cross_validate(dev, labels)
    return {"crossValidated": round(float(table.trace() / table.sum()), 4), "test": round(float(np.mean(right)), 4)}


def seed(annotator: classification.Classification) -> list[list[Any]]:
    """The seed article's subjects: code, name, confidence."""
    (answer,) = annotator.annotate([article((DATA / "seed-article.txt").read_text("utf-8"))])
    return [[s.code, s.name, s.confidence] for s in answer]


def measure() -> dict[str, Any]:
    """Everything, as one JSON object. FileNotFoundError if the sets are not there."""
    annotator = classification.load()
    result: dict[str, Any] = {name: first_subject(annotator, file) for name, file in SETS.items()}
    result["secondLevel"] = second_level(annotator)
    result["ownTexts"] = own_texts(annotator)
    result["scheme"] = own_scheme()
    result["seed"] = seed(annotator)
    return result


def main(argv: list[str]) -> int:
    """Print tables; the JSON holds everything."""
    parser = argparse.ArgumentParser(prog="bench/quality.py classification")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(argv)
    if not (DATA / "subjects").is_dir():
        print("the sets are not there: ../shared/data/subjects", file=sys.stderr)
        return 1
    result = measure()
    for name in SETS:
        found = result[name]
        plain = {key: value for key, value in found.items() if not isinstance(value, dict | list)}
        print(f"{name}: " + "  ".join(f"{key} {value}" for key, value in plain.items()))
        for code, scores in found["confusion"].items():
            others = "  ".join(f"{other[7:9]}:{count}" for other, count in scores.items())
            print(
                f"  {code[7:9]} {media_topics.topics()[code].name[:36]:36} F1 {found['perClass'][code]:.3f}  {others}"
            )
        for start, share, said, was in found["reliability"]:
            print(
                f"  confidence {start:.1f}-{start + 0.1:.1f}  {share:6.1%} of articles  says {said:.3f}  is {was:.3f}"
            )
    for name in ("secondLevel", "ownTexts", "scheme"):
        print(f"{name}: {result[name]}")
    for code, topic, confidence in result["seed"]:
        print(f"seed: {code} {topic} {confidence}")
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    return 0
