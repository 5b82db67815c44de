"""`python bench/stages.py entities`: articles a second and core, beside spaCy, in one run on one corpus.

The corpus is full articles of ../shared/data/subjects (BBC, MasakhaNEWS), shuffled by a fixed seed. Peers are spaCy as
its tutorials show it (`spacy.load`, `nlp.pipe`), with tok2vec and ner only, with ner only. The fast path reads the same
texts whole, and its entities are compared with those of ner only. The stage (headline and paragraphs apart, rules,
links) is timed by itself. One thread.
"""

from __future__ import annotations

import os

# Before NumPy is there.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1", BLIS_NUM_THREADS="1")  # noqa: TID251

import argparse
import gzip
import json
import platform
import random
import resource
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import spacy
from conll import article
from quality_entities import DATA

from pipeline import entities
from pipeline.entities.recognition import models
from pipeline.entities.recognition.recogniser import Fast, Span

BATCH = 32
T = TypeVar("T")


def corpus(count: int) -> list[tuple[str, str]]:
    """(headline, text) of articles, the same ones every time."""
    found: list[tuple[str, str]] = []
    for name in ("bbc", "masakhanews_eng_dev", "masakhanews_eng_test"):
        with gzip.open(DATA / "subjects" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            found += [(item["title"], item["text"]) for item in map(json.loads, lines)]
    random.Random(20200602).shuffle(found)
    return found[:count]


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds of processor time, and the answer: others may be on the machine."""
    start = time.process_time()
    answer = work()
    return time.process_time() - start, answer


def batches(items: list[T]) -> Iterable[list[T]]:
    """Of BATCH, in order."""
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def main(argv: list[str]) -> int:
    """Print the table; 1 if an article's entities differ."""
    parser = argparse.ArgumentParser(prog="stages.py entities", description=__doc__)
    parser.add_argument("--model", default="en_core_web_sm")
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument(
        "--memory", type=int, default=0, metavar="N", help="send N articles through and show the memory"
    )
    options = parser.parse_args(argv)
    if not (DATA / "subjects").is_dir():
        print("no ../shared/data/subjects: see CONTRIBUTING.md")
        return 1
    files = models.find(options.model)
    if options.memory:
        return memory(options.model, options.memory)
    titled = corpus(options.articles + 96)
    warm, titled = titled[:96], titled[96:]
    texts = [text for _, text in titled]
    words = sum(len(text.split()) for text in texts) / len(texts)
    machine = platform.processor() or platform.machine()
    print(f"{len(texts)} articles of {words:.0f} words, {files.name} {files.version}, {machine}")
    rows: list[tuple[str, float]] = []
    peers = {
        "spacy.load, nlp.pipe": spacy.load(files.path),
        "tok2vec and ner": spacy.load(
            files.path, exclude=["tagger", "parser", "senter", "attribute_ruler", "lemmatizer"]
        ),
        "ner only": models.open_recogniser(files),
    }
    expected: list[list[Span]] = []
    for name, peer in peers.items():
        list(peer.pipe([text for _, text in warm[:16]]))
        seconds, docs = timed(lambda peer=peer: list(peer.pipe(texts, batch_size=BATCH)))
        rows.append((name, len(texts) / seconds))
        expected = [[Span(entity.start_char, entity.end_char, entity.label_) for entity in doc.ents] for doc in docs]
    fast = Fast(models.open_recogniser(files))
    fast.find([text for _, text in warm])
    seconds, found = timed(lambda: [spans for some in batches(texts) for spans in fast.find(some)])
    rows.append(("fast path, whole text", len(texts) / seconds))
    annotator = entities.load(model=options.model)
    prepared = [article(text.split("\n"), title=title) for title, text in titled]
    annotator.annotate([article(text.split("\n"), title=title) for title, text in warm])
    spent = 0.0
    find = annotator._readers["en"].recogniser.find

    def measured(some: list[str]) -> list[list[Span]]:
        nonlocal spent
        taken, answer = timed(lambda: find(some))
        spent += taken
        return answer

    annotator._readers["en"].recogniser.find = measured  # type: ignore[method-assign, assignment]
    seconds, _ = timed(lambda: [answer for some in batches(prepared) for answer in annotator.annotate(some)])
    rows.append(("the stage: rules, links", len(texts) / seconds))
    for name, rate in rows:
        print(f"{name:24} {rate:7.1f} /s   {rate / rows[0][1]:5.1f} x default   {rate / rows[2][1]:5.1f} x ner only")
    equal = sum(one == other for one, other in zip(found, expected, strict=True))
    print(f"entities equal in {equal} of {len(texts)} articles; {fast.undecided} went to spaCy as too close to call")
    print(f"rules, resolution and links: {1 - spent / seconds:.1%} of the stage's time")
    return int(equal != len(texts))


def memory(model: str, count: int) -> int:
    """Send articles through, over and over, each time with other invented words, and print the peak."""
    annotator = entities.load(model=model)
    titled = corpus(512)
    for number in range(0, count, BATCH):
        some = [titled[(number + offset) % len(titled)] for offset in range(BATCH)]
        unseen = f" Qx{number}z told Vy{number}k of Wq{number}m."
        annotator.annotate([article([*text.split("\n"), unseen], title=title) for title, text in some])
        if number % (BATCH * 64) == 0:
            status = Path("/proc/self/status").read_text(encoding="ascii") if sys.platform == "linux" else ""
            now = next((line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")), "0")
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            print(f"{number:7} articles: {int(now) / 1024:.0f} MB, peak {peak / 1024:.0f} MB", flush=True)
    return 0
