"""Cleaning is as good as floors_cleaning.json says; whoever lowers a floor says why in the commit."""

import json
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "bench"))

import quality_cleaning as bench  # noqa: E402
import quality_pages as publishers  # noqa: E402

from pipeline.article import Article  # noqa: E402
from pipeline.cleaning import load  # noqa: E402

FLOORS = json.loads((HERE / "floors_cleaning.json").read_text(encoding="utf-8"))
STAGE = load()
needs_data = pytest.mark.skipif(not bench.DATA.is_dir(), reason="the evaluation sets (../shared/data) are not here")


LINES = {
    "dev": bench.LINES,
    "held": bench.LINES,
    "dev2": bench.MORE_LINES,
    "check": bench.MORE_LINES,
    "usual": bench.UNSEEN_LINES,
    "client": bench.UNSEEN_LINES,
}


@pytest.mark.parametrize("split", LINES)
def test_gold_lines(split: str) -> None:
    """Boilerplate found, nothing else removed."""
    found = bench.gold(STAGE, split, LINES[split])
    assert {name: value for name, value in found.items() if value < FLOORS["gold"][split].get(name, 0)} == {}


@needs_data
def test_pages() -> None:
    """F1 on the 181 pages, by that benchmark's measure."""
    markup, truth = bench.pages()
    _, _, f1 = bench.averaged(bench.overlap(truth[key], bench.extracted(STAGE, page)) for key, page in markup.items())
    assert f1 >= FLOORS["pages"]["f1"]


@needs_data
def test_metadata_of_pages() -> None:
    """Title, time to the minute and authors of the 81 pages of publishers."""
    right = publishers.metadata_right(STAGE, publishers.pages())
    assert {name: value for name, value in right.items() if value < FLOORS["metadata"].get(name, 0)} == {}


@needs_data
def test_sentences_of_articles_are_kept() -> None:
    """BBC articles, a quarter of them."""
    total, lost = bench.sentences_kept(STAGE, bench.bodies()[::4])
    assert 1 - lost / total >= FLOORS["sentences"]["bbc"]


@needs_data
def test_the_seed_article() -> None:
    """The newsletter line goes, the six headings are known, one sentence end is mended, nothing else changes."""
    body = (bench.DATA / "seed-article.txt").read_text(encoding="utf-8")
    cleaned = STAGE.run([bench.raw(body=body)])[0]
    assert isinstance(cleaned, Article)
    assert [(r.kind, r.rule) for r in cleaned.text.removed] == [("newsletter_promo", "promo.newsletter")]
    assert [s.kind for s in cleaned.text.segments].count("heading") == 6
    lines = body.strip().split("\n")
    assert cleaned.text.value == "\n\n".join(lines[:-1]).replace("..", ".")
