"""`python bench/quality.py entities`: names found against gold, by type and by rule.

CoNLL++ 2020 (131 Reuters articles, ../shared/data/ner) is for measuring only. Its tokens are put back together as
prose, one paragraph a sentence as Reuters writes; spans count by their characters, strictly, with their label: PERSON
is PER, ORG is ORG, GPE, LOC and FAC are LOC, what is left is not counted.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from conll import LABELS, Gold, Labelled, article, read_conll

from pipeline import entities
from pipeline.annotations import Entity
from pipeline.entities import Entities

DATA = ROOT.parent / "shared" / "data"
# The names in ../shared/data/seed-article.txt, by hand: the kinds that are accepted, and the spellings.
SEED = (
    ({"PERSON"}, "Trump"),
    ({"PERSON"}, "Howard Lutnick|Lutnick"),
    ({"PERSON"}, "Christine Lagarde"),
    ({"PERSON"}, "Jim Reid"),
    ({"PERSON"}, "He Lifeng"),
    ({"PERSON"}, "Li Chenggang"),
    ({"PERSON"}, "Biden"),
    ({"PERSON"}, "Ren Zhengfei"),
    ({"ORG", "PRODUCT"}, "Truth Social"),
    ({"ORG"}, "Nvidia"),
    ({"ORG"}, "European Central Bank"),
    ({"ORG"}, "Deutsche Bank"),
    ({"ORG"}, "CGTN"),
    ({"ORG"}, "Huawei"),
    ({"ORG"}, "People’s Daily"),
    ({"GPE"}, "China"),
    ({"GPE"}, "U.S."),
    ({"GPE"}, "London"),
    ({"GPE"}, "Beijing"),
    ({"GPE"}, "Washington"),
    ({"PRODUCT"}, "Mate 60"),
)


def predicted(layer: tuple[Entity, ...]) -> Gold:
    """The stage's spans in the labels of the set."""
    return {
        (mention.start, mention.end, LABELS[entity.type])
        for entity in layer
        if entity.type in LABELS
        for mention in entity.mentions
        if mention.where == "body"
    }


def score(pairs: Iterable[tuple[Gold, Gold]]) -> dict[str, tuple[float, float, float]]:
    """Precision, recall, F1 by label and over all; pairs are (gold, predicted)."""
    right: Counter[str] = Counter()
    gold_count: Counter[str] = Counter()
    found_count: Counter[str] = Counter()
    for gold, found in pairs:
        for counter, spans in ((right, gold & found), (gold_count, gold), (found_count, found)):
            counter.update(label for _, _, label in spans)
            counter["all"] += len(spans)
    table = {}
    for label in ("PER", "ORG", "LOC", "all"):
        precision = right[label] / max(1, found_count[label])
        recall = right[label] / max(1, gold_count[label])
        table[label] = (precision, recall, 2 * precision * recall / max(1e-9, precision + recall))
    return table


def run(annotator: Entities, labelled: list[Labelled]) -> list[tuple[Gold, Gold]]:
    """Gold and predicted spans of each article."""
    answers = annotator.annotate([item.article for item in labelled])
    return [(item.gold, predicted(answer)) for item, answer in zip(labelled, answers, strict=True)]


def seed(annotator: Entities) -> tuple[float, float]:
    """Precision and recall of mentions of the seed article's names: persons, organisations, places, products."""
    lines = (DATA / "seed-article.txt").read_text(encoding="utf-8").splitlines()
    item = article(line for line in lines[:-1] if line.strip())
    segments = tuple(
        replace(segment, kind="heading" if segment.end - segment.start < 60 else "paragraph")
        for segment in item.text.segments
    )
    item = replace(item, text=replace(item.text, segments=segments))
    gold: dict[tuple[int, int], set[str]] = {}
    for kinds, spellings in SEED:
        for spelling in spellings.split("|"):
            for match in re.finditer(rf"(?<!\w){re.escape(spelling)}(?!\w)", item.text.value):
                if not any(low <= match.start() < high for low, high in gold):
                    gold[match.span()] = kinds
    (answer,) = annotator.annotate([item])
    counted = {"PERSON", "ORG", "GPE", "LOC", "FAC", "PRODUCT"}
    found = [
        ((mention.start, mention.end), entity.type)
        for entity in answer
        if entity.type in counted
        for mention in entity.mentions
    ]
    right = sum(kind in gold.get(span, ()) for span, kind in found)
    return right / len(found), right / len(gold)


def linked(annotator: Entities) -> tuple[float, float, int]:
    """Precision and recall of place links on tests/quality/places.jsonl, and how many were given."""
    given = right = wanted = 0
    path = ROOT / "tests" / "quality" / "places.jsonl"
    items = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    answers = annotator.annotate([article([item["text"]]) for item in items])
    for item, answer in zip(items, answers, strict=True):
        expected = (item["expected"] or {}).get("geonameid")
        wanted += expected is not None
        links = {
            entity.link.id
            for entity in answer
            if entity.link and entity.link.kb == "geonames"
            for mention in entity.mentions
            if mention.start < item["end"] and mention.end > item["start"]
        }
        given += bool(links)
        right += links == {str(expected)}
    return right / max(1, given), right / max(1, wanted), given


def main(argv: list[str]) -> int:
    """Print the tables; 0 if the sets are there."""
    parser = argparse.ArgumentParser(prog="quality.py entities", description=__doc__)
    parser.add_argument("--model", default="en_core_web_sm")
    parser.add_argument("--spaced", action="store_true", help="keep the blanks between tokens of CoNLL++")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--calibrate", action="store_true", help="fit and check the confidence")
    options = parser.parse_args(argv)
    path = DATA / "ner" / "conllpp2020.txt"
    if not path.is_file():
        print(f"no {path.relative_to(ROOT.parent)}: see CONTRIBUTING.md")
        return 1
    labelled = read_conll(path, spaced=options.spaced)
    annotator = entities.load(model=options.model)
    if options.calibrate:
        importlib.import_module("calibrate_entities").report(annotator, labelled)
        return 0
    table = score(run(annotator, labelled))
    if options.json:
        print(json.dumps(table))
        return 0
    for label, (precision, recall, f1) in table.items():
        print(f"{label:4} P {precision:.3f}  R {recall:.3f}  F1 {f1:.3f}")
    precision, recall = seed(annotator)
    print(f"seed article, mentions: P {precision:.3f}  R {recall:.3f}")
    precision, recall, given = linked(annotator)
    print(f"place links, 150 by hand: P {precision:.3f}  R {recall:.3f}  ({given} given)")
    return 0
