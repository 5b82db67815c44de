"""A worker of this version reads what a worker of 0.1.0 left on articles.cleaned and articles.annotated.

tests/data/0.1.0/records.jsonl has the records of four samples as the stages of 0.1.0 wrote them: one with subjects that
its source gave, one of a page, one in German, one of a ninjs item.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from pipeline import codec
from pipeline.runner import Pipeline
from pipeline.stages import STAGES, Hop, Produced

RECORDS = [
    json.loads(pipeline)
    for pipeline in (Path(__file__).parents[1] / "data" / "0.1.0" / "records.jsonl").read_text("utf-8").splitlines()
]


def plain(record: dict[str, Any]) -> dict[str, Any]:
    """Without times, versions, hashes of models, the ids made of them, and which names are one entity (0070)."""
    record = codec.without_timings(record)
    enrichment = record["enrichment"]
    enrichment.pop("recordId")
    enrichment.pop("schemaVersion")
    record["altIds"] = [entry for entry in record["altIds"] if entry["role"] != "recordId"]
    provenance = enrichment["provenance"]
    provenance.pop("pipeline")
    provenance["stages"] = [(run["stage"], run["component"], run["status"]) for run in provenance["stages"]]
    enrichment["entities"] = sorted(
        (mention["in"], mention["start"], mention["end"], mention["text"])
        for entity in enrichment.get("entities") or ()
        for mention in entity["mentions"]
    )
    for kind in ("people", "organisations", "places", "objects", "events"):
        record[kind] = sorted({entry["uri"] for entry in record.get(kind) or () if "uri" in entry})
    return record


@pytest.mark.parametrize("record", RECORDS, ids=[record["enriched"]["language"] for record in RECORDS])
@pytest.mark.parametrize("left_on", ["cleaned", "annotated"])
def test_what_an_older_worker_left_is_finished(record: dict[str, Any], left_on: str, pipeline: Pipeline) -> None:
    """Equal to what 0.1.0 would have made of it."""
    value = orjson.dumps(record[left_on])
    for name in STAGES[1:] if left_on == "cleaned" else STAGES[2:]:
        (outcome,) = Hop(pipeline.stages[STAGES.index(name)], clock=lambda: 0.0).run([(value, None)])
        assert isinstance(outcome, Produced)
        value = outcome.value
    assert plain(orjson.loads(value)) == plain(record["enriched"])


def test_a_chain_of_topics_and_one_process_give_the_same(pipeline: Pipeline) -> None:
    """The record of an article is the same, whether it went through topics or not."""
    raw = orjson.dumps({"uri": "urn:x:1", "title": "Merkel in Paris", "body": "Angela Merkel spoke in Paris. " * 4})
    (at_once,) = pipeline.run([raw])
    value = raw
    for stage in pipeline.stages:
        (outcome,) = Hop(stage, clock=lambda: 0.0).run([(value, None)])
        assert isinstance(outcome, Produced)
        value = outcome.value
    assert isinstance(at_once, Produced)
    assert codec.without_timings(orjson.loads(at_once.value)) == codec.without_timings(orjson.loads(value))
    assert at_once.id == outcome.id
