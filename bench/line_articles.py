"""The training lines of the line classifier, read as the stage reads them: articles of bench/lines and tests/quality.

The parts that are held or unseen are never read.
"""

from __future__ import annotations

import dataclasses
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pipeline.cleaning.boilerplate import line_features
from pipeline.cleaning.normalize import repair
from pipeline.cleaning.structure import paragraphs, segments

LINES = ROOT / "bench" / "lines"
GOLD = (
    (ROOT / "tests/quality/lines.jsonl", {"dev"}),
    (ROOT / "tests/quality/lines_more.jsonl", {"dev2", "check"}),
)
RULED = "tests/quality"
THINNED = (0.0, 0.1, 0.25)  # of what goes, in the thinned copies of an article
TITLED = {"heading", "related_articles", "most_read"}
SMALL = re.compile(r"(?<=\w )(?:A|An|And|As|At|But|By|For|From|In|Into|Of|On|Or|Over|The|To|With)(?= )|(?<=['’])S\b")


@dataclass(slots=True)
class Article:
    """Lines with their labels: `gone` (lines,) bool, `names` the kind or the segment of each."""

    lines: list[line_features.Line]
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
        lines = [
            line_features.read(block)
            for block in segments.label(paragraphs.read(body, is_boilerplate=rules.load().matches)[0])
        ]
        for line in lines:
            if not rules and line.rule:
                line.rule = None
                line.body = line_features.has_shape(line.block.text, ends=line.ending != "_" and line.ending != ":")
        given = [labels.get(_squeezed(line.block.text), {"label": "keep", "segment": "paragraph"}) for line in lines]
        articles.append(
            Article(
                lines=lines,
                gone=np.array([label["label"] == "remove" for label in given]),
                names=[label.get("kind") or label["segment"] for label in given],
                found=[line_features.features(line) if line.readable else set() for line in lines],
            )
        )
    return articles


def _squeezed(text: str) -> str:
    return "".join(text.split())


def authors() -> dict[str, list[Article]]:
    """The lines of each author, by the name of the file; those that rules were written to are one more, the last."""
    found = {path.stem: read(path) for path in sorted(LINES.glob("*.jsonl"))}
    return found | {RULED: [article for path, splits in GOLD for article in read(path, splits, rules=False)]}


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
                        lines[at] = line_features.read(dataclasses.replace(line.block, text=text[0].upper() + text[1:]))
                        found[at] = line_features.features(lines[at]) if lines[at].readable else set()
            result.append(Article(lines=lines, gone=article.gone[places], names=names, found=found))
    return result
