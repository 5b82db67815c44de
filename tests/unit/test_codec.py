"""Records and bytes are two forms of the same thing; ids depend on the input and the pipeline alone."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import codec, formats, ids
from pipeline.article import Article, Component, GivenSubject, Layer, Model, StageRun
from pipeline.errors import InputRefused, Reason
from pipeline.formats.lines import one_line
from tests.fakes import example_value
from tests.unit import generated


@given(generated.CLEANED | generated.ANNOTATED)
def test_a_record_on_its_way_comes_back(article: Article) -> None:
    """decode(encode(x)) == x, and what was decoded gives the same bytes."""
    value = codec.encode(article)
    assert codec.decode(value) == article
    assert codec.encode(codec.decode(value)) == value


@given(generated.ENRICHED)
def test_an_enriched_record_comes_back(article: Article) -> None:
    """decode(encode(x)) == x, and encoding it again gives the same bytes."""
    sealed = codec.identity(article)
    value = codec.encode(article, sealed=sealed)
    found = codec.decode(value)
    assert found == article
    assert (found.entities, found.subjects) == (article.entities, article.subjects)
    assert codec.encode(found, sealed=codec.identity(found)) == value


@given(generated.ANNOTATED, st.sampled_from([{}, {"ninjs": {"genres": [{"name": "Interview"}]}, "flags": ("odd",)}]))
def test_a_later_hop_carries_what_it_does_not_change(article: Article, more: dict[str, Any]) -> None:
    """A record that a hop adds a layer to is the one that the same article gives without a topic between."""
    run = StageRun(stage="classification", component=Component(name="quotes", version="1"))
    layer = {"quotes": Layer(json=[1, "two"], **more)}
    carried = codec.decode(codec.encode(article)).written(run, layers=layer)
    at_once = article.written(run, layers=layer)
    one, other = (orjson.loads(codec.encode(a, sealed=codec.identity(a))) for a in (carried, at_once))
    assert one == other
    assert one["enrichment"]["annotations"] == {"quotes": [1, "two"]}
    assert ("odd" in one["enrichment"]["text"]["quality"]["flags"]) is bool(more)


def test_the_declared_address_and_the_fed_one_both_stand_in_the_record() -> None:
    """canonicalUrl is the page's, provenance has the feeder's; authors and image are in `enrichment`."""
    article = codec.decode(example_value("cleaned"))
    meta = replace(
        article.meta, url="https://cape.example/light", given_url="https://m.cape.example/light?from=feed",
        authors=("Rosa Teale", "Ian Crewe"), image="https://cape.example/light.jpg",
    )  # fmt: skip
    fresh = replace(article, meta=meta, record=None)
    item = orjson.loads(codec.encode(fresh))
    assert {"role": "canonicalUrl", "value": "https://cape.example/light"} in item["altIds"]
    assert item["enrichment"]["provenance"]["source"]["url"] == "https://m.cape.example/light?from=feed"
    assert item["enrichment"]["authors"] == ["Rosa Teale", "Ian Crewe"]
    assert item["enrichment"]["image"] == "https://cape.example/light.jpg"
    assert codec.decode(codec.encode(fresh)).meta == meta


def test_a_record_of_an_older_worker_gets_current_codes() -> None:
    """0.1.0 left the codes of given subjects to its last stage; what another wrote into the item stays in it."""
    article = codec.decode(example_value("cleaned"))
    assert article.record is not None
    given = [{"name": "trade", "rel": "given", "literal": "subj:04008000", "creator": "source"}]
    item = {**article.record, "subjects": given, "edNote": "hold"}
    found = codec.decode(orjson.dumps(item))
    assert found.meta.given_subjects == (GivenSubject(name="trade", uri="subj:04008000", code="medtop:20000346"),)
    record = orjson.loads(codec.encode(found))
    assert record["subjects"][0]["literal"] == "medtop:20000346"
    assert record["edNote"] == "hold"


@given(generated.ENRICHED)
def test_times_and_coordinates_alone_are_left_out(article: Article) -> None:
    """Two runs over the same article elsewhere and later are equal without timings; the original is not changed."""
    item = orjson.loads(codec.encode(article, sealed=codec.identity(article)))
    before = copy.deepcopy(item)
    plain = codec.without_timings(item)
    assert item == before
    elsewhere = replace(article.origin, topic="t", partition=1, offset=2, timestamp=3.0, traceparent="x")
    runs = tuple(replace(run, started_at=1.5, duration_ms=2.5) for run in article.runs)
    later = replace(article, runs=runs, origin=elsewhere)
    assert codec.without_timings(orjson.loads(codec.encode(later, sealed=codec.identity(later)))) == plain
    layers = {**article.layers, "subjects": Layer(json=[])} if "subjects" not in article.layers else {}
    other = replace(later, layers=layers)
    assert codec.without_timings(orjson.loads(codec.encode(other, sealed=codec.identity(other)))) != plain


@given(st.binary(max_size=60) | st.recursive(st.none() | st.integers(-9, 9), st.lists).map(orjson.dumps))
def test_what_is_no_record_of_ours_is_refused(data: bytes) -> None:
    """Whoever writes something else into our topics gets a refusal, not an exception."""
    with pytest.raises(InputRefused) as refused:
        codec.decode(data)
    assert refused.value.reason in (Reason.MALFORMED_JSON, Reason.SCHEMA_TYPE)


@given(generated.ENRICHED, st.data())
def test_a_record_with_a_hole_is_refused(article: Article, data: st.DataObject) -> None:
    """A record from which a needed field is gone, at any depth, is a refusal or still a record."""
    item = orjson.loads(codec.encode(article, sealed=codec.identity(article)))
    at = item
    for _ in range(data.draw(st.integers(0, 4))):
        inside = [
            value for value in (at.values() if isinstance(at, dict) else at) if value and type(value) in (dict, list)
        ]
        if not inside:
            break
        at = data.draw(st.sampled_from(inside))
    if isinstance(at, dict):
        key = data.draw(st.sampled_from(sorted(at)))
        at[key] = data.draw(st.sampled_from([None, 7, "x", [], {}]))
    else:
        at.clear()
    try:
        codec.decode(orjson.dumps(item))
    except InputRefused as refused:
        reason = refused.reason
        assert reason is Reason.SCHEMA_TYPE


RUN = StageRun(stage="cleaning", component=Component(name="cleaning", version="1"))
NER = StageRun(
    stage="entities", component=Component(name="ner", version="1", model=Model(name="m", version="1", sha256="a"))
)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ([RUN], [RUN], True),
        ([RUN], [replace(RUN, started_at=9.0, duration_ms=9.0)], True),
        ([RUN], [replace(RUN, component=Component(name="cleaning", version="2"))], False),
        ([RUN], [replace(RUN, component=Component(name="cleaning", version="1", config="ab"))], False),
        ([RUN, NER], [NER, RUN], False),
        (
            [NER],
            [replace(NER, component=replace(NER.component, model=Model(name="m", version="1", sha256="b")))],
            False,
        ),
    ],
)
def test_the_fingerprint_is_of_what_can_change_a_result(one: list[StageRun], other: list[StageRun], same: bool) -> None:
    """Component, version, configuration, model and order count; times do not."""
    assert (ids.fingerprint(one) == ids.fingerprint(other)) is same


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://News.Example:443/a?utm_source=x&id=1#top", "https://news.example/a?id=1"),
        ("http://news.example", "http://news.example/"),
        ("http://news.example:8080/a?fbclid=1", "http://news.example:8080/a"),
        ("https://news.example/A/?b=&a=1", "https://news.example/A/?b=&a=1"),
        ("http://[", "http://["),
        ("http://news.example:99999/", "http://news.example:99999/"),
    ],
)
def test_the_same_page_has_one_url(url: str, canonical: str) -> None:
    """Case of the host, default port, fragment and tracking parameters say nothing."""
    assert ids.canonical_url(url) == canonical
    assert ids.canonical_url(canonical) == canonical


def test_a_uri_is_derived_if_none_is_given() -> None:
    """From the page's address, tracking aside; else from the bytes; a given one is kept."""
    uri = lambda **fields: formats.decode_raw(orjson.dumps({"body": "x", **fields})).uri  # noqa: E731
    assert uri(uri="urn:a:1", url="https://a.example/") == "urn:a:1"
    assert uri(url="https://a.example/?utm_medium=1") == uri(url="https://A.example/", title="other")
    assert uri(url="https://a.example/1") != uri(url="https://a.example/2")
    assert uri() == uri() != uri(title="other")
    assert uri(uri="not a uri").startswith("urn:uuid:")


@pytest.mark.parametrize(
    ("given_", "kept"),
    [(" a \n b\t", "a b"), ("a\u202eb\u200b", "ab"), ("\x1b[31mred", "[31mred"), ("\u0000", None), ("", None),
     ("e\u0301", "é"), ("x" * 600, "x" * 500), (None, None)],
)  # fmt: skip
def test_a_line_of_metadata_is_one_line(given_: str | None, kept: str | None) -> None:
    """No control or bidi characters, blanks collapsed, bounded."""
    assert one_line(given_) == kept
