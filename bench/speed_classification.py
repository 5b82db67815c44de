"""`python bench/stages.py classification [-n N] [--json FILE]`: articles a second and core, beside the usual ways.

The corpus is full articles of ../shared/data/subjects, shuffled by a fixed seed. The peer is TF-IDF with logistic
regression (scikit-learn) learnt from headlines, one call for all. Time is that of the processor, of one thread, since
the machine is shared; the best of three rounds, and the rounds of all take turns.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import quality_classification as sets

from pipeline import classification
from pipeline.classification import heads

try:
    from threadpoolctl import threadpool_limits
except ImportError:
    sys.exit("the bench environment is needed: make setup-bench")


def corpus(count: int) -> list[tuple[str, str]]:
    """(title, text), the same for the same count."""
    found = [(row["title"] or "", row["text"]) for name in sets.SETS.values() for row in sets.rows(name)]
    random.Random(20260301).shuffle(found)
    return found[:count]


def tfidf() -> Callable[[list[str]], object]:
    """Word and pair TF-IDF with logistic regression, as tutorials show it."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    rows = [row for row in sets.rows("huffpost") if row["medtop"]]
    model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True), LogisticRegression(C=10))
    model.fit([row["text"] for row in rows[::4]], [row["medtop"] for row in rows[::4]])
    predict: Callable[[list[str]], object] = model.predict
    return predict


def main(argv: list[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="bench/stages.py classification")
    parser.add_argument("-n", type=int, default=300)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(argv)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    annotator = classification.load()
    loading = time.perf_counter() - started
    articles = [sets.article(text, title) for title, text in corpus(options.n)]
    annotator.annotate(articles[:50])
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    vectors, network = heads.load()
    texts = [f"{title}. {text}" for title, text in corpus(options.n)]
    contenders: dict[str, Callable[[], object]] = {
        "subjects, 32 at a time": lambda: [
            annotator.annotate(articles[i : i + 32]) for i in range(0, len(articles), 32)
        ],
        "subjects, one at a time": lambda: [annotator.annotate([article]) for article in articles],
        "17-way scores only": lambda: [network.scores(vectors.bag(text).mean) for text in texts],
    }
    counts = dict.fromkeys(contenders, len(articles))
    predict = tfidf()
    contenders["TF-IDF + LR"] = lambda: predict(texts)
    best = dict.fromkeys(contenders, float("inf"))
    with threadpool_limits(1):
        for _ in range(3):
            for name, work in contenders.items():
                started = time.process_time()
                work()
                best[name] = min(best[name], time.process_time() - started)
    speeds = {name: counts.get(name, len(articles)) / seconds for name, seconds in best.items()}
    words = sum(len(text.split()) for text in texts) / len(texts)
    print(f"{len(articles)} articles of {words:.0f} words; loading {loading:.2f} s, {memory:.0f} MB")
    base = speeds["TF-IDF + LR"]
    for name, speed in speeds.items():
        print(f"  {name:32} {speed:8.0f}/s  {speed / base:7.1f} x TF-IDF")
    if options.json:
        result = {"speeds": speeds, "loadingSeconds": loading, "memoryMB": memory}
        options.json.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    return 0
