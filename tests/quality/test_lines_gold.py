"""The gold lines are what their README says they are: this reads the file and nothing else."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TRAINING = HERE.parents[1] / "bench" / "lines"
ARTICLES = [json.loads(line) for line in (HERE / "lines.jsonl").read_text(encoding="utf-8").splitlines()]
MORE = [json.loads(line) for line in (HERE / "lines_more.jsonl").read_text(encoding="utf-8").splitlines()]
UNSEEN = [json.loads(line) for line in (HERE / "lines_unseen.jsonl").read_text(encoding="utf-8").splitlines()]
OWN = 50  # characters: shorter lines ("Share", "Most read") are everybody's
README = (HERE / "README.md").read_text(encoding="utf-8")
KEPT_SECTION, REMOVED_SECTION = README.split("## Kept")[1].split("## Removed")
SEGMENTS = set(re.findall(r"^\| `(\w+)` \|", KEPT_SECTION, re.M))
KINDS = set(re.findall(r"^\| `(\w+)` \|", REMOVED_SECTION, re.M))


def lines_of(split: str | None = None) -> list[dict]:
    return [line for article in ARTICLES if split in (None, article["split"]) for line in article["lines"]]


def test_ids_and_titles_are_unique() -> None:
    """An article can be named by its id."""
    for field in ("id", "title"):
        assert not [
            value for value, n in Counter(article[field] for article in ARTICLES + MORE + UNSEEN).items() if n > 1
        ]


@pytest.mark.parametrize("article", ARTICLES + MORE + UNSEEN, ids=lambda article: article["id"])
def test_an_article_has_the_shape_the_readme_gives(article: dict) -> None:
    """Kept lines have a known segment and no kind; removed lines a known kind, no segment, and are no trap."""
    assert set(article) == {"id", "outlet", "split", "language", "title", "lines"}
    assert article["split"] in (
        {"dev", "held"} if article in ARTICLES else {"dev2", "check"} if article in MORE else {"usual", "client"}
    )
    assert 6 <= len(article["lines"]) <= 30
    for line in article["lines"]:
        assert line["text"] == line["text"].strip()
        assert "\n" not in line["text"]
        assert line["text"]
        if line["label"] == "keep":
            assert line["segment"] in SEGMENTS
            assert line.get("trap") in {None, True}
            assert set(line) <= {"text", "label", "segment", "trap"}
        else:
            assert line["label"] == "remove"
            assert line["kind"] in KINDS
            assert set(line) == {"text", "label", "kind"}


def test_the_set_is_large_and_varied_enough() -> None:
    """Enough lines, outlets, removals, kinds and traps for the figures to mean something."""
    lines = lines_of()
    removed = [line for line in lines if line["label"] == "remove"]
    assert len(lines) >= 1_000
    assert len({article["outlet"] for article in ARTICLES}) >= 60
    assert len(removed) >= 450
    assert {line["kind"] for line in removed} == KINDS
    assert sum(line.get("trap", False) for line in lines) >= 250


def test_the_further_articles_are_of_other_outlets() -> None:
    """Each of its own, in two parts alike in size, with every kind."""
    outlets = {article["outlet"] for article in MORE}
    assert len(outlets) == len(MORE) >= 40
    assert not outlets & {article["outlet"] for article in ARTICLES}
    assert abs(sum(1 if article["split"] == "check" else -1 for article in MORE)) <= 1
    assert {line["kind"] for article in MORE for line in article["lines"] if "kind" in line} == KINDS
    assert sum(line.get("trap", False) for article in MORE for line in article["lines"]) >= 200


def test_of_the_unseen_articles_only_the_phrases_of_the_trade_are_known() -> None:
    """Two authors, over a hundred outlets, every kind; no paragraph that the line classifier was trained on."""
    learnt = [json.loads(line) for path in TRAINING.glob("*.jsonl") for line in path.open(encoding="utf-8")]
    texts = {_squeezed(line["text"]) for article in [*learnt, *ARTICLES, *MORE] for line in article["lines"]}
    lines = [line for article in UNSEEN for line in article["lines"]]
    long = [line for line in lines if len(line["text"]) > OWN]
    assert len({article["outlet"] for article in UNSEEN}) >= 110
    assert not [line for line in long if line["label"] == "keep" and _squeezed(line["text"]) in texts]
    assert sum(_squeezed(line["text"]) in texts for line in long) < len(long) / 20
    assert {line["kind"] for line in lines if "kind" in line} == KINDS


def _squeezed(text: str) -> str:
    return "".join(text.casefold().replace("’", "'").split())


def test_no_outlet_is_on_both_sides_of_the_split() -> None:
    """The held third is of outlets that the development part has never seen."""
    outlets = {split: {a["outlet"] for a in ARTICLES if a["split"] == split} for split in ("dev", "held")}
    assert not outlets["dev"] & outlets["held"]


def test_the_held_part_is_about_a_third_and_alike() -> None:
    """By articles, lines, removals and traps; and nearly every kind is in it."""
    held, every = lines_of("held"), lines_of()
    share = {
        "articles": sum(a["split"] == "held" for a in ARTICLES) / len(ARTICLES),
        "lines": len(held) / len(every),
        "removed": sum("kind" in x for x in held) / sum("kind" in x for x in every),
        "traps": sum("trap" in x for x in held) / sum("trap" in x for x in every),
    }
    assert all(0.28 <= value <= 0.42 for value in share.values()), share
    assert len({line["kind"] for line in held if "kind" in line}) >= 30


def test_a_wording_that_is_kept_here_and_removed_there_is_a_trap() -> None:
    """Only context can tell a cross-heading "Reject all" from the button, and the set says so."""
    removed = {line["text"].casefold() for line in lines_of() if line["label"] == "remove"}
    kept = [line for line in lines_of() if line["label"] == "keep" and line["text"].casefold() in removed]
    assert all(line.get("trap") for line in kept)
    assert len(kept) <= 3
