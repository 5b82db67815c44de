"""The hand-made sets keep their shape: counts, codes of the taxonomy, offsets. How they were made: HANDMADE.md."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
SAMPLES = REPOSITORY / "pipeline" / "data" / "samples"
SHARED = REPOSITORY.parent / "shared" / "data"
TAXONOMY = SHARED / "iptc" / "iptc_mediatopics_en.tsv"

TOP_LEVEL = {f"medtop:{number:02d}000000" for number in range(1, 18)}
BROKEN = {"25-cut-off-in-transit.json", "26-no-text-at-all.json", "27-only-the-furniture.json"}

needs_taxonomy = pytest.mark.skipif(not TAXONOMY.exists(), reason="../shared/data/iptc is not here")


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


def sample_files() -> list[Path]:
    return sorted(path for path in SAMPLES.iterdir() if path.name[0].isdigit())


def taxonomy() -> dict[str, dict[str, str]]:
    with TAXONOMY.open(encoding="utf-8", newline="") as lines:
        return {row["qcode"]: row for row in csv.DictReader(lines, delimiter="\t")}


def shared_ids(name: str, key: str) -> set[str]:
    with gzip.open(SHARED / "subjects" / name, "rt", encoding="utf-8") as lines:
        return {json.loads(line)[key] for line in lines}


def test_samples_are_twenty_four_articles_and_three_broken_ones() -> None:
    """Every sample has a number of its own, and the broken ones are broken in the way they say."""
    names = [path.name for path in sample_files()]
    assert [name[:2] for name in names] == [f"{number:02d}" for number in range(1, 28)]
    assert set(names) >= BROKEN
    assert Counter(path.suffix for path in sample_files()) == {".json": 18, ".html": 7, ".txt": 2}
    with pytest.raises(json.JSONDecodeError):
        json.loads((SAMPLES / "25-cut-off-in-transit.json").read_text(encoding="utf-8"))
    assert not {"body", "html"} & json.loads((SAMPLES / "26-no-text-at-all.json").read_text(encoding="utf-8")).keys()


def test_sample_table_names_every_sample_and_all_top_level_subjects() -> None:
    """The table in the samples' README is complete: each file has a row, each top-level subject a first place."""
    table = (SAMPLES / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([^`]+)` \|[^|]*\| (\d{8})?", table, flags=re.MULTILINE)
    assert [name for name, _ in listed] == [path.name for path in sample_files()]
    assert {f"medtop:{code}" for _, code in listed if code} == TOP_LEVEL


def test_own_texts_are_five_of_each_kind() -> None:
    """Twenty texts of 80 to 200 words, whose primary subject is among the accepted ones."""
    own = rows("subjects_own.jsonl")
    assert Counter(row["kind"] for row in own) == {
        "sport result": 5, "weather report": 5, "obituary": 5, "crime trial": 5,
    }  # fmt: skip
    assert len({row["id"] for row in own}) == 20
    for row in own:
        assert 80 <= len(row["text"].split()) <= 200, row["id"]
        assert row["primary"] in row["accepted"]
        assert set(row["accepted"]) <= TOP_LEVEL


def test_place_mentions_round_trip() -> None:
    """150 mentions, half of them ambiguous; start and end are code points of the text; null is null throughout."""
    places = rows("places.jsonl")
    assert len(places) == len({row["id"] for row in places}) == 150
    assert sum(row["ambiguous"] for row in places) == 75
    for row in places:
        assert row["text"][row["start"] : row["end"]] == row["mention"], row["id"]
        expected = row["expected"]
        assert expected.keys() == {"geonameid", "country", "name"}
        assert expected["country"] is None or re.fullmatch(r"[A-Z]{2}", expected["country"])
        if expected["country"] is None:
            assert expected == {"geonameid": None, "country": None, "name": None}
            assert row["ambiguous"]


def test_second_level_labels_are_ids_and_codes_only() -> None:
    """200 articles of four sets, no text; the first code is accepted, and at most three are."""
    labels = rows("subjects_second_level.jsonl")
    assert Counter(row["set"] for row in labels) == {"masakhanews_dev": 85, "bbc": 85, "samples": 24, "own": 6}
    assert len({(row["set"], row["id"]) for row in labels}) == 200
    for row in labels:
        assert row.keys() == {"set", "id", "top", "first", "accepted"}
        assert row["first"] == row["accepted"][0]
        assert 1 <= len(set(row["accepted"])) == len(row["accepted"]) <= 3
        assert set(row["top"]) <= TOP_LEVEL
    assert {row["id"] for row in labels if row["set"] == "own"} <= {row["id"] for row in rows("subjects_own.jsonl")}
    articles = {path.stem for path in sample_files() if path.name not in BROKEN}
    assert {row["id"] for row in labels if row["set"] == "samples"} == articles


@needs_taxonomy
def test_second_level_codes_are_active_and_belong_to_the_top_level_ones() -> None:
    """Every label is an active second-level subject of the release, under one of the top-level codes of its row."""
    known = taxonomy()
    assert {code for code, row in known.items() if row["level"] == "1" and not row["retired"]} == TOP_LEVEL
    for row in rows("subjects_second_level.jsonl"):
        for code in row["accepted"]:
            assert known[code]["level"] == "2", (row["id"], code)
            assert not known[code]["retired"], (row["id"], code)
            assert known[code]["parent"] in row["top"], (row["id"], code)


@pytest.mark.skipif(not (SHARED / "subjects").exists(), reason="../shared/data/subjects is not here")
def test_second_level_ids_are_articles_of_their_sets() -> None:
    """Each label can be joined with its article."""
    labels = rows("subjects_second_level.jsonl")
    for name, file, key in (
        ("masakhanews_dev", "masakhanews_eng_dev.jsonl.gz", "url"),
        ("bbc", "bbc.jsonl.gz", "id"),
    ):
        assert {row["id"] for row in labels if row["set"] == name} <= shared_ids(file, key)
