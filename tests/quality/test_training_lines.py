"""The training lines of the line classifier have the form of the gold lines, and none of the held part."""

import json
import re
from collections import Counter

import pytest

from tests.quality.test_lines_gold import ARTICLES, HERE, KINDS, MORE, SEGMENTS

FOLDER = HERE.parents[1] / "bench" / "lines"
README = (FOLDER / "README.md").read_text(encoding="utf-8")
FILES = {
    path.name: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for path in sorted(FOLDER.glob("*.jsonl"))
}
HELD = [article for article in ARTICLES if article["split"] == "held"]
LONG = 40  # characters: shorter lines ("Share", "Most read") are everybody's


@pytest.mark.parametrize("name", FILES)
def test_an_article_has_the_shape_the_readme_gives(name: str) -> None:
    """Kept lines have a known segment and no kind; removed lines a known kind, no segment, and are no trap."""
    for article in FILES[name]:
        assert set(article) == {"id", "outlet", "language", "title", "lines"}, article["id"]
        for line in article["lines"]:
            assert line["text"], article["id"]
            assert line["text"] == line["text"].strip()
            assert "\n" not in line["text"]
            if line["label"] == "keep":
                assert line["segment"] in SEGMENTS, line
                assert set(line) - {"trap"} == {"text", "label", "segment"}, line
                assert line.get("trap") in {None, True}
            else:
                assert line["label"] == "remove"
                assert line["kind"] in KINDS, line
                assert set(line) == {"text", "label", "kind"}, line


def test_ids_are_unique_over_all_files_and_every_kind_is_in_them() -> None:
    """An article can be named by its id, whichever set it is in."""
    every = [article for articles in FILES.values() for article in articles]
    assert not [i for i, count in Counter(a["id"] for a in [*every, *ARTICLES, *MORE]).items() if count > 1]
    assert {line["kind"] for article in every for line in article["lines"] if "kind" in line} == KINDS


def test_nothing_of_the_held_part_is_learnt() -> None:
    """No outlet of it, and no line that is long enough to be somebody's own."""
    outlets = {article["outlet"] for article in HELD}
    lines = {_squeezed(line["text"]) for article in HELD for line in article["lines"] if len(line["text"]) > LONG}
    for articles in FILES.values():
        assert not outlets & {article["outlet"] for article in articles}
        texts = [line["text"] for article in articles for line in article["lines"]]
        assert not [text for text in texts if _squeezed(text) in lines]


def test_the_table_counts_what_is_there() -> None:
    """Articles, lines, removed, kept, traps of each file."""
    table = {
        name: [int(number.replace(",", "")) for number in row.split(" | ")]
        for name, row in re.findall(r"^\| `(\w+\.jsonl)` \| [^|]+ \| (.+) \|$", README, re.M)
    }
    counted = {}
    for name, articles in FILES.items():
        lines = [line for article in articles for line in article["lines"]]
        gone = sum(line["label"] == "remove" for line in lines)
        counted[name] = [len(articles), len(lines), gone, len(lines) - gone, sum("trap" in line for line in lines)]
    assert table == counted


def _squeezed(text: str) -> str:
    return "".join(text.casefold().replace("’", "'").split())
