"""docs/schema says what the code does: every record is valid, every broken one not, and the closed sets are equal."""

from __future__ import annotations

import copy
import inspect
import json
import re
from pathlib import Path
from typing import Any, get_args

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from agents.cli.reading import Found
from pipeline import codec, formats
from pipeline.article import SegmentKind
from pipeline.cleaning.boilerplate import line_features, rules, sift
from pipeline.cleaning.extraction import left_out
from pipeline.cleaning.quality import Flag
from pipeline.entities.names import NAMES
from pipeline.errors import InputRefused, Reason
from pipeline.formats import field_names
from pipeline.stages import STAGES
from tests.unit import schemas
from tests.unit.schemas import problems

RAW = schemas.validator(schemas.schema("raw-article"))
ENRICHED = schemas.schema("enriched-article")
DEFS = ENRICHED["$defs"]


@pytest.fixture(scope="session")
def ninjs(shared: Path) -> dict[str, Any]:
    """IPTC's own schema."""
    read: dict[str, Any] = json.loads((shared / "ninjs" / "ninjs-schema_3.1.json").read_text())
    return read


@pytest.fixture(scope="session")
def enriched(ninjs: dict[str, Any]) -> Draft202012Validator:
    """Ours, on top of IPTC's."""
    return schemas.validator(ENRICHED, ninjs)


@pytest.mark.parametrize("name", ["raw-article", "enriched-article"])
def test_the_schemas_are_schemas(name: str) -> None:
    """Each is valid JSON Schema 2020-12 with an $id of its own."""
    Draft202012Validator.check_schema(schemas.schema(name))
    assert name in schemas.schema(name)["$id"]


def test_every_record_is_valid(records: list[dict[str, Any]], enriched: Draft202012Validator) -> None:
    """What the real pipeline makes of each sample is valid against our schema."""
    assert {record["uri"]: found for record in records if (found := problems(enriched, record))} == {}
    assert len(records) >= 24


def test_every_record_is_ninjs(records: list[dict[str, Any]], ninjs: dict[str, Any]) -> None:
    """Without `enrichment` each record is valid against IPTC's schema, and nothing else was taken away."""
    checked = schemas.validator(ninjs, ninjs)
    for record in records:
        plain = codec.to_ninjs(record)
        assert problems(checked, plain) == []
        assert record.keys() - plain.keys() == {"enrichment"}


BROKEN: dict[str, tuple[str, Any]] = {  # what is wrong: (where, what stands there; ... takes it away)
    "no uri": ("uri", ...),
    "a uri that is none": ("uri", "not a uri"),
    "no enrichment": ("enrichment", ...),
    "a field nobody knows": ("sentiment", 1),
    "a field nobody knows in enrichment": ("enrichment.sentiment", 1),
    "a field nobody knows in text": ("enrichment.text.simhash", "0"),
    "a time that is none": ("firstCreated", "yesterday"),
    "an unknown status": ("enrichment.status", "degraded"),
    "partial, with all": ("enrichment.status", "partial"),
    "annotations without any": ("enrichment.annotations", {}),
    "annotations in the name of ours": ("enrichment.annotations", {"entities": []}),
    "complete, without entities": ("enrichment.entities", ...),
    "complete, without subjects": ("enrichment.subjects", ...),
    "no record id": ("enrichment.recordId", ...),
    "a short record id": ("enrichment.recordId", "abc"),
    "another offset unit": ("enrichment.text.offsetUnit", "byte"),
    "no segments": ("enrichment.text.segments", []),
    "an unknown kind of segment": ("enrichment.text.segments.0.kind", "advert"),
    "a level of no heading": ("enrichment.text.segments.0", {"kind": "paragraph", "start": 0, "end": 1, "level": 2}),
    "a negative start": ("enrichment.text.segments.0.start", -1),
    "an unknown flag": ("enrichment.text.quality.flags", ["fishy"]),
    "a flag twice": ("enrichment.text.quality.flags", ["truncated", "truncated"]),
    "a score above 1": ("enrichment.text.quality.score", 1.5),
    "an unknown kind of removal": ("enrichment.text.removed", [{"kind": "misc", "rule": "a", "text": "b"}]),
    "a removal without its rule": ("enrichment.text.removed", [{"kind": "copyright", "text": "b"}]),
    "an unknown type": ("enrichment.entities.0.type", "PLANET"),
    "no mentions": ("enrichment.entities.0.mentions", []),
    "a mention nowhere": ("enrichment.entities.0.mentions.0.in", "caption"),
    "an unknown knowledge base": ("enrichment.entities.0.link", {"kb": "freebase", "id": "1"}),
    "a place without a longitude": ("enrichment.entities.0.geo", {"lat": 1.0}),
    "a latitude of 91": ("enrichment.entities.0.geo", {"lat": 91, "lon": 0}),
    "a subject without a confidence": ("enrichment.subjects.0.confidence", ...),
    "stages in another order": ("enrichment.provenance.stages.0.stage", "entities"),
    "an unknown stage status": ("enrichment.provenance.stages.1.status", "error"),
    "a time below nothing": ("enrichment.provenance.stages.1.durationMs", -1),
    "a topic without an offset": ("enrichment.provenance.source.topic", "articles.raw"),
    "no hash of the raw bytes": ("enrichment.provenance.source.rawSha256", ...),
    "no fingerprint": ("enrichment.provenance.pipeline.fingerprint", ...),
    "two bodies": ("bodies", [{"role": "text", "contentType": "text/plain", "value": "a"}] * 2),
    "coordinates the wrong way round": (
        "places",
        [{"name": "x", "geoJSON": {"type": "Point", "coordinates": [0, 91]}}],
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_record_is_not_valid(what: str, records: list[dict[str, Any]], enriched: Draft202012Validator) -> None:
    """One thing wrong with a good record is found."""
    record = copy.deepcopy(records[0])
    path, value = BROKEN[what]
    *parents, last = (int(name) if name.isdigit() else name for name in path.split("."))
    at: Any = record
    for name in parents:
        at = at[name]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    assert problems(enriched, record)


def test_the_closed_sets_are_the_codes(records: list[dict[str, Any]]) -> None:
    """Every enum of the schema holds what the code can write, and the flags and segment kinds nothing else."""
    assert set(DEFS["segment"]["properties"]["kind"]["enum"]) == set(get_args(SegmentKind))
    assert set(DEFS["flag"]["enum"]) == {flag.value for flag in Flag} | codec.FLAGS | formats.FLAGS
    assert DEFS["stageRun"]["properties"]["stage"]["enum"] == list(STAGES)
    assert set(DEFS["entity"]["properties"]["type"]["enum"]) >= NAMES
    kinds = {rule.kind for rule in rules.load().rules} | set(line_features.KINDS)
    kinds |= set(re.findall(r"append\(\(\"(\w+)\"", inspect.getsource(sift)))
    kinds |= left_out.KINDS
    assert set(DEFS["removed"]["properties"]["kind"]["enum"]) == kinds
    assert all(r["enrichment"]["schemaVersion"] == codec.SCHEMA_VERSION for r in records)


def test_the_raw_schema_has_our_names_of_the_fields() -> None:
    """Every name of ours, camelCase and snake_case, stands in the schema, and no other: it is the form to write."""
    ours = {name for field in field_names.NAMES for name in (field, field_names.snake(field))}
    assert set(schemas.schema("raw-article")["$defs"]["article"]["properties"]) == ours


def test_the_samples_are_raw_articles(samples: list[Found]) -> None:
    """Each sample that the codec takes is valid against the raw schema, and each object that it refuses is not."""
    for found in samples:
        try:
            document = orjson.loads(found.value)
        except orjson.JSONDecodeError:
            continue
        assert bool(problems(RAW, document)) is (refusal(document) is not None), found.place


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["", " ", "news", "https://a.example/b"]),
    st.lists(st.sampled_from(["word", None, 1, {"name": "x"}, {"value": "text"}, {"value": None}]), max_size=2),
    st.dictionaries(st.sampled_from(["name", "uri", "value"]), st.sampled_from(["x", None, 1]), max_size=2),
)  # fmt: skip
ARTICLE_FIELDS = list(schemas.schema("raw-article")["$defs"]["article"]["properties"])


@given(st.dictionaries(st.sampled_from([*ARTICLE_FIELDS, "surprise"]), VALUES, max_size=5))
def test_what_the_raw_schema_takes_is_read_whole(document: dict[str, Any]) -> None:
    """Any valid object is an article with no field of an odd type; what the codec refuses is not valid."""
    if problems(RAW, document) == []:
        assert "odd_field" not in formats.decode_raw(orjson.dumps(document)).flags


ITEM = st.fixed_dictionaries(
    {"bodies": st.one_of(VALUES, st.lists(st.fixed_dictionaries({"value": VALUES}), min_size=1, max_size=1))},
    optional=dict.fromkeys(("headlines", "by", "uri", "altIds", "descriptions", "language"), VALUES),
)


@given(ITEM)
def test_a_ninjs_item_that_the_raw_schema_takes_is_read_whole(item: dict[str, Any]) -> None:
    """What ninjs item the schema takes, the codec takes."""
    if problems(RAW, item) == []:
        assert refusal(item) is None


def refusal(document: Any) -> Reason | None:
    """The codec's verdict."""
    try:
        formats.decode_raw(orjson.dumps(document))
    except InputRefused as refused:
        return refused.reason
    return None
