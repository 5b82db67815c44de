"""Records and bytes are two forms of the same thing; ids depend on the input and the pipeline alone."""

from __future__ import annotations

import copy
from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import codec, formats, ids
from pipeline.errors import InputRefused, Reason
from pipeline.formats.lines import one_line
from pipeline.records import AnnotatedArticle, CleanedArticle, Component, EnrichedArticle, Model, StageRun
from tests.unit import generated


@given(generated.CLEANED)
def test_a_cleaned_record_comes_back(article: CleanedArticle) -> None:
    """decode(encode(x)) == x."""
    assert codec.decode_cleaned(codec.encode(article)) == article


@given(generated.ANNOTATED)
def test_an_annotated_record_comes_back(article: AnnotatedArticle) -> None:
    """decode(encode(x)) == x."""
    assert codec.decode_annotated(codec.encode(article)) == article


@given(generated.ENRICHED)
def test_an_enriched_record_comes_back(article: EnrichedArticle) -> None:
    """decode(encode(x)) == x, and encoding it again gives the same bytes."""
    value = codec.encode(article)
    assert codec.decode_enriched(value) == article
    assert codec.encode(codec.decode_enriched(value)) == value


@given(generated.ENRICHED)
def test_times_and_coordinates_alone_are_left_out(article: EnrichedArticle) -> None:
    """Two runs over the same article elsewhere and later are equal without timings; the original is not changed."""
    item = orjson.loads(codec.encode(article))
    before = copy.deepcopy(item)
    plain = codec.without_timings(item)
    assert item == before
    cleaned = article.annotated.cleaned
    later = replace(
        article,
        run=replace(article.run, started_at=1.5, duration_ms=2.5) if article.run else None,
        annotated=replace(
            article.annotated,
            cleaned=replace(
                cleaned,
                origin=replace(cleaned.origin, topic="t", partition=1, offset=2, timestamp=3.0, traceparent="x"),
            ),
        ),
    )
    assert codec.without_timings(orjson.loads(codec.encode(later))) == plain
    other = replace(later, subjects=None if article.subjects is not None else ())
    assert codec.without_timings(orjson.loads(codec.encode(other))) != plain


@given(st.binary(max_size=60) | st.recursive(st.none() | st.integers(-9, 9), st.lists).map(orjson.dumps))
def test_what_is_no_record_of_ours_is_refused(data: bytes) -> None:
    """Whoever writes something else into our topics gets a refusal, not an exception."""
    for decode in (codec.decode_cleaned, codec.decode_annotated, codec.decode_enriched):
        with pytest.raises(InputRefused) as refused:
            decode(data)
        assert refused.value.reason in (Reason.MALFORMED_JSON, Reason.SCHEMA_TYPE)


@given(generated.ENRICHED, st.data())
def test_a_record_with_a_hole_is_refused(article: EnrichedArticle, data: st.DataObject) -> None:
    """A record from which a needed field is gone, at any depth, is a refusal or still a record."""
    item = orjson.loads(codec.encode(article))
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
        codec.decode_enriched(orjson.dumps(item))
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


def test_a_uri_is_derived_where_none_is_given() -> None:
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
