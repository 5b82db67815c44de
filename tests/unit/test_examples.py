"""One example file per Kafka topic: each is what its reader reads, and each stage takes its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agents.kafka import dead_letters
from pipeline import codec, formats
from pipeline.article import Origin
from pipeline.runner import Pipeline
from pipeline.stages import STAGES, Hop, Produced
from tests.fakes import DATA, TOPICS, example, example_value
from tests.unit import schemas

DECODE = {
    "raw": formats.decode_raw,
    "cleaned": codec.decode,
    "annotated": codec.decode,
    "enriched": codec.decode,
}


def test_there_is_one_for_every_topic() -> None:
    """And no other."""
    assert {f"articles.{file.stem}" for file in DATA.glob("*.json")} == {
        *TOPICS.pipeline,
    }  # fmt: skip


@pytest.mark.parametrize("name", DECODE)
def test_it_is_what_its_reader_reads(name: str) -> None:
    """Records come back to the same value, and the key is the article's uri."""
    article = DECODE[name](example_value(name))
    if name != "raw":
        sealed = codec.identity(article) if name == "enriched" else None
        assert json.loads(codec.encode(article, sealed=sealed)) == example(name)["value"]  # type: ignore[arg-type]
        assert example(name)["key"] == example(name)["headers"]["ce_subject"] == example(name)["value"]["uri"]


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_takes_its_example(stage: str, pipeline: Pipeline) -> None:
    """And makes of it what the example of the next topic shows, as far as its shape goes."""
    name = TOPICS.input(stage).removeprefix("articles.")
    origin = Origin(raw_sha256="", size=0, topic="articles.raw", partition=2, offset=41, timestamp=1772440205.25)
    (outcome,) = Hop(pipeline.stages[STAGES.index(stage)], clock=lambda: 1772440206.0).run(
        [(example_value(name), origin)]
    )  # type: ignore[arg-type]
    assert isinstance(outcome, Produced)
    made, shown = json.loads(outcome.value), example(TOPICS.output(stage).removeprefix("articles."))["value"]
    assert made.keys() == shown.keys()
    assert made["enrichment"].keys() == shown["enrichment"].keys()


def test_the_schemas_take_the_examples(shared: Path) -> None:
    """raw and enriched."""
    ninjs: dict[str, Any] = json.loads((shared / "ninjs" / "ninjs-schema_3.1.json").read_text())
    for name in ("raw", "enriched"):
        checked = schemas.validator(schemas.schema(f"{name}-article"), ninjs)
        assert schemas.problems(checked, example(name)["value"]) == []


def test_the_dead_letter_is_read() -> None:
    """With all its headers."""
    shown = example("dead-letters")
    letter = dead_letters.read(
        example_value("dead-letters"), [(name, text.encode()) for name, text in shown["headers"].items()]
    )
    assert letter.key.decode() == shown["key"]
    assert {name: text.decode() for name, text in letter.headers()} == shown["headers"]
