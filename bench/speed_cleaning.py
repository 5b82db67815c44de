"""`python bench/stages.py cleaning`: articles a second and core, beside trafilatura, in one run.

From HTML: the 181 pages of ../shared/data/html, the whole stage (gates, metadata, rules, language) against
`trafilatura.extract(fast=True)` alone, alternating, so that a busy machine is as busy for both. From text: BBC articles
of 380 to 480 words. Seconds of processor time; the best of the rounds counts.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable

import trafilatura
from quality_cleaning import bodies, pages, raw

from pipeline.cleaning import load


def seconds(work: Callable[[], object]) -> float:
    """Processor time of a piece of work."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main(argv: list[str]) -> int:
    """Print the table, or one JSON object."""
    parser = argparse.ArgumentParser(prog="stages.py cleaning", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    stage = load()
    texts = [raw(body=text) for text in bodies() if 380 <= len(text.split()) <= 480][:400]
    words = sum(len((text.body or "").split()) for text in texts) / len(texts)
    markup = list(pages()[0].values())
    articles = [raw(html=page) for page in markup]
    stage.run(texts[:20] + articles[:10])
    rows: dict[str, list[float]] = {"text": [], "html": [], "trafilatura": []}
    for _ in range(arguments.rounds):
        rows["trafilatura"].append(
            seconds(lambda: [trafilatura.extract(page, fast=True, include_comments=False) for page in markup])
        )
        rows["html"].append(seconds(lambda: stage.run(articles)))
        rows["text"].append(seconds(lambda: stage.run(texts)))
    best = {name: min(times) for name, times in rows.items()}
    figures = {
        "machine": platform.processor() or platform.machine(),
        "python": platform.python_version(),
        "articles/s from text": len(texts) / best["text"],
        "words": words,
        "pages/s": len(markup) / best["html"],
        "pages/s, trafilatura fast alone": len(markup) / best["trafilatura"],
        "ratio": best["trafilatura"] / best["html"],
    }
    if arguments.json:
        print(json.dumps(figures))
        return 0
    print(f"from text of {words:.0f} words    {figures['articles/s from text']:8.0f} articles/s and core")
    print(f"from HTML, whole stage     {figures['pages/s']:8.1f} pages/s and core")
    print(f"trafilatura fast alone     {figures['pages/s, trafilatura fast alone']:8.1f} pages/s and core")
    print(f"ratio                      {figures['ratio']:8.3f}")
    return 0
