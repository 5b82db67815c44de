"""`python bench/quality.py cleaning`: pages by the benchmark's measure, gold lines, sentences kept, beside trafilatura.

Pages: scrapinghub/article-extraction-benchmark, 181 pages (../shared/data/html, for measuring only). Its measure is the
overlap of 4-gram shingles of `\\w+` tokens, normalised within each page; precision and recall are means over pages.
Lines: tests/quality/lines.jsonl and lines_more.jsonl (dev2, check), whose README says how they were labelled; the judge
learnt from all of them but `held`, which is looked at here, as totals, and nowhere else; and nothing from
lines_unseen.jsonl (usual, client).
Sentences: article bodies that people wrote or marked (BBC); what goes of them is counted.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import mean
from typing import TypeGuard

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pipeline.article import Article, Metadata, Origin, RawArticle
from pipeline.cleaning import Cleaning, load
from pipeline.cleaning.normalize import repair
from pipeline.formats.charset import decode_html_bytes

DATA = ROOT.parent / "shared" / "data"
LINES = ROOT / "tests" / "quality" / "lines.jsonl"
MORE_LINES = ROOT / "tests" / "quality" / "lines_more.jsonl"
UNSEEN_LINES = ROOT / "tests" / "quality" / "lines_unseen.jsonl"
_TOKEN = re.compile(r"\w+")
SENTENCE = re.compile(r"(?<=[.!?])[\"'”’)]*\s+(?=[\"'“‘(]?[A-Z0-9])")
Score = tuple[float, float, float]


def raw(*, body: str | None = None, html: str | None = None) -> RawArticle:
    """An article of which nothing is known but its text."""
    return RawArticle(uri="urn:x", meta=Metadata(), origin=Origin(raw_sha256="", size=0), body=body, html=html)


def shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    """How often each run of `size` tokens stands in a text."""
    tokens = _TOKEN.findall(text)
    runs = (tuple(tokens[start : start + size]) for start in range(max(1, len(tokens) - size + 1)))
    return Counter(run for run in runs if run)


def overlap(true: str, found: str) -> Score:
    """Shares of shingles right, too many and missing; they add up to 1."""
    wanted, given = shingles(true), shingles(found)
    right = sum((wanted & given).values())
    more, fewer = sum((given - wanted).values()), sum((wanted - given).values())
    total = right + more + fewer
    return (right / total, more / total, fewer / total) if total else (0.0, 0.0, 0.0)


def averaged(scores: Iterable[Score]) -> tuple[float, float, float]:
    """Precision, recall, F1 as that benchmark averages them."""
    rows = list(scores)
    precision = mean(a / (a + b) if a + b else 0.0 for a, b, _ in rows if a + b > 0)
    recall = mean(a / (a + c) if a + c else 0.0 for a, _, c in rows if a + c > 0)
    return precision, recall, 2 * precision * recall / (precision + recall)


def gold(stage: Cleaning, split: str, lines: Path = LINES) -> dict[str, float]:
    """The gold lines of a split: each article goes through the stage as plain text, without its title or outlet."""
    found = Counter[str]()
    for article in map(json.loads, lines.read_text(encoding="utf-8").splitlines()):
        if article["split"] != split:
            continue
        cleaned = stage.run([raw(body="\n\n".join(line["text"] for line in article["lines"]))])[0]
        removed = {_squeezed(line.text): line.kind for line in cleaned.text.removed} if _is(cleaned) else {}
        segments = _segments(cleaned) if _is(cleaned) else {}
        for line in article["lines"]:
            text = _squeezed(repair(line["text"])[0])
            gone = text in removed or not _is(cleaned)
            found["removed" if gone else "kept"] += 1
            if line["label"] == "remove":
                found["clutter"] += 1
                found["clutter removed"] += gone
                found["kind right"] += gone and removed.get(text) == line["kind"]
            else:
                found["lines"] += 1
                found["lines lost"] += gone
                found["traps"] += line.get("trap", False)
                found["traps lost"] += gone and line.get("trap", False)
                found["segment right"] += segments.get(text) == line["segment"]
                found["sentences"] += (count := len(SENTENCE.split(line["text"])))
                found["sentences lost"] += count if gone else 0
    return {
        "recall": found["clutter removed"] / found["clutter"],
        "precision": found["clutter removed"] / max(1, found["removed"]),
        "lines kept": 1 - found["lines lost"] / found["lines"],
        "traps kept": 1 - found["traps lost"] / max(1, found["traps"]),
        "sentences kept": 1 - found["sentences lost"] / found["sentences"],
        "kind right": found["kind right"] / max(1, found["clutter removed"]),
        "segment right": found["segment right"] / found["lines"],
    }


def _is(cleaned: object) -> TypeGuard[Article]:
    return isinstance(cleaned, Article)


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _segments(cleaned: Article) -> dict[str, str]:
    value = cleaned.text.value
    return {_squeezed(value[s.start : s.end]): s.kind for s in cleaned.text.segments}


def pages() -> tuple[dict[str, str], dict[str, str]]:
    """(markup, article body) of the 181 pages, by their names."""
    truth = json.loads((DATA / "html" / "ground-truth.json").read_text(encoding="utf-8"))
    markup = {
        name: decode_html_bytes(gzip.decompress((DATA / "html" / "html" / f"{name}.html.gz").read_bytes()))
        for name in truth
    }
    return markup, {name: page["articleBody"] for name, page in truth.items()}


def extracted(stage: Cleaning, markup: str) -> str:
    """What the stage makes of a page; nothing where it refuses it."""
    cleaned = stage.run([raw(html=markup)])[0]
    return cleaned.text.value if isinstance(cleaned, Article) else ""


def bodies() -> list[str]:
    """Article bodies without clutter: BBC."""
    with gzip.open(DATA / "subjects" / "bbc.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


def sentences_kept(stage: Cleaning, texts: list[str]) -> tuple[int, int]:
    """(sentences, sentences removed) of article bodies."""
    total = lost = 0
    for text in texts:
        total += len(SENTENCE.split(text))
        cleaned = stage.run([raw(body=text)])[0]
        gone = [line.text for line in cleaned.text.removed] if isinstance(cleaned, Article) else [text]
        lost += sum(len(SENTENCE.split(line)) for line in gone)
    return total, lost


def main(argv: list[str]) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="quality.py cleaning", description=__doc__)
    parser.add_argument("--json", action="store_true", help="figures as one JSON object")
    arguments = parser.parse_args(argv)
    stage, figures = load(), {}
    figures["gold"] = {split: gold(stage, split) for split in ("dev", "held")}
    figures["gold"] |= {split: gold(stage, split, MORE_LINES) for split in ("dev2", "check")}
    figures["gold"] |= {split: gold(stage, split, UNSEEN_LINES) for split in ("usual", "client")}
    if (DATA / "html").is_dir():
        figures["pages"] = _pages(stage)
        total, lost = sentences_kept(stage, bodies())
        figures["sentences"] = {"bbc": {"sentences": total, "lost": lost, "kept": 1 - lost / total}}
    elif not arguments.json:
        print(f"{DATA} is absent: pages and sentences are not measured")
    if arguments.json:
        print(json.dumps(figures, indent=1))
        return 0
    for split, values in figures["gold"].items():
        print(f"gold lines, {split:6}", "  ".join(f"{name} {value:.4f}" for name, value in values.items()))
    for name, row in figures.get("pages", {}).items():
        print(
            f"{name:24} precision {row['precision']:.4f}  recall {row['recall']:.4f}  F1 {row['f1']:.4f}  "
            f"{row['pages/s']:6.1f} pages/s"
        )
    for name, row in figures.get("sentences", {}).items():
        print(f"sentences kept, {name}: {row['kept']:.5f} ({row['lost']} of {row['sentences']} lost)")
    return 0


def _pages(stage: Cleaning) -> dict[str, dict[str, float]]:
    import trafilatura

    markup, truth = pages()
    peers: dict[str, Callable[[str], str | None]] = {
        "copydesk": lambda page: extracted(stage, page),
        "trafilatura fast": lambda page: trafilatura.extract(page, fast=True, include_comments=False),
        "trafilatura default": lambda page: trafilatura.extract(page, include_comments=False),
        "trafilatura precision": lambda page: trafilatura.extract(page, favor_precision=True, include_comments=False),
    }
    rows = {}
    for name, extract in peers.items():
        extract(next(iter(markup.values())))
        start = time.process_time()
        found = {key: extract(page) or "" for key, page in markup.items()}
        seconds = time.process_time() - start
        precision, recall, f1 = averaged(overlap(truth[key], found[key]) for key in truth)
        rows[name] = {"precision": precision, "recall": recall, "f1": f1, "pages/s": len(markup) / seconds}
    return rows
