"""Any record that the pipeline could make, for hypothesis. What the code promises of a record holds by construction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar, get_args

from hypothesis import strategies as st

from pipeline.annotations import Entity, Evidence, Geo, Link, Mention, Subject
from pipeline.article import (
    Article,
    Component,
    GivenSubject,
    Language,
    Layer,
    Metadata,
    Model,
    Origin,
    Quality,
    Removed,
    Segment,
    SegmentKind,
    StageRun,
    Text,
)
from pipeline.codec.layers import READ, write_entities, write_subjects

T = TypeVar("T")

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
UNIT = st.floats(0, 1)
OFFSETS = st.integers(0, 2**53)
MILLISECONDS = st.integers(0, 4_000_000_000_000)
SECONDS = MILLISECONDS.map(lambda ms: ms / 1000)
TIMES = st.datetimes(min_value=datetime(1970, 1, 1)).map(lambda t: f"{t:%Y-%m-%dT%H:%M:%S}Z")
SHA = st.text("0123456789abcdef", min_size=64, max_size=64)


def tuples(of: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
    """A few of them."""
    return st.lists(of, max_size=3).map(tuple)


def _metadata() -> st.SearchStrategy[Metadata]:
    maybe = st.none() | TEXTS
    given = st.builds(GivenSubject, name=maybe, uri=maybe, code=maybe)
    made = st.builds(
        Metadata,
        title=maybe, by=maybe, source=maybe, source_uri=maybe, url=maybe, language=maybe, section=maybe,
        published_at=st.none() | TIMES, modified_at=st.none() | TIMES, fetched_at=st.none() | TIMES,
        content_type=maybe, description=maybe, keywords=tuples(TEXTS), given_subjects=tuples(given),
        authors=tuples(TEXTS), image=maybe, given_url=maybe,
    )  # fmt: skip
    # What it was fed with is kept beside another address only.
    return made.filter(
        lambda meta: (
            (meta.modified_at is None or meta.modified_at != meta.published_at)
            and (meta.given_url is None or (meta.url is not None and meta.url != meta.given_url))
        )
    )


def _origin() -> st.SearchStrategy[Origin]:
    place = {"topic": TEXTS, "partition": st.integers(0, 2**31 - 1), "offset": st.integers(0, 2**63 - 1)}
    trace = st.none() | st.just("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    stamp = st.none() | SECONDS
    fed = st.builds(Origin, raw_sha256=SHA, size=OFFSETS, timestamp=stamp, traceparent=trace, **place)
    return fed | st.builds(Origin, raw_sha256=SHA, size=OFFSETS)


def _run(stage: str) -> st.SearchStrategy[StageRun]:
    model = st.none() | st.builds(Model, name=TEXTS, version=TEXTS, sha256=SHA)
    component = st.builds(Component, name=TEXTS, version=TEXTS, config=st.just("") | TEXTS, model=model)
    status = st.sampled_from(["ok", "skipped", "fallback", "failed"])
    return st.builds(
        StageRun, stage=st.just(stage), component=component, status=status, started_at=SECONDS, duration_ms=SECONDS
    )


SEGMENTS = st.builds(
    Segment, kind=st.sampled_from(get_args(SegmentKind)), start=OFFSETS, end=OFFSETS,
    level=st.none() | st.integers(2, 6), language=st.none() | st.sampled_from(["de", "pt-BR"]),
)  # fmt: skip
CLEANED_TEXTS = st.builds(
    Text,
    value=TEXTS, sha256=SHA, language=st.builds(Language, tag=st.sampled_from(["en", "und"]), confidence=UNIT),
    segments=tuples(SEGMENTS), removed=tuples(st.builds(Removed, kind=TEXTS, rule=TEXTS, text=TEXTS)),
    quality=st.builds(Quality, score=UNIT, flags=tuples(st.sampled_from(["truncated", "odd_url"]))),
)  # fmt: skip
MENTIONS = st.builds(
    Mention, start=OFFSETS, end=OFFSETS, text=TEXTS, where=st.sampled_from(["body", "headline"]), metonym=st.booleans()
)
LINKS = st.builds(Link, kb=st.sampled_from(["geonames", "wikidata", "iso3166"]), id=TEXTS, confidence=st.none() | UNIT)
GEO = st.builds(Geo, country_code=st.just("DE"), lat=st.floats(-90, 90), lon=st.floats(-180, 180))
ENTITIES = st.builds(
    Entity,
    id=TEXTS, type=st.sampled_from(["PERSON", "ORG", "GPE", "LOC", "FAC", "PRODUCT", "EVENT", "LAW"]), name=TEXTS,
    mentions=tuples(MENTIONS), aliases=tuples(TEXTS), salience=UNIT, confidence=UNIT, geo=st.none() | GEO,
).flatmap(  # who has a link was looked for
    lambda e: st.builds(
        lambda attempted, link: replace(e, link_attempted=attempted, link=link if attempted else None),
        st.booleans(), st.none() | LINKS,
    )
)  # fmt: skip
SUBJECTS = st.builds(
    Subject,
    scheme=TEXTS, scheme_version=TEXTS, code=TEXTS | st.just("medtop:04000000"), name=TEXTS, path=tuples(TEXTS),
    confidence=UNIT, evidence=tuples(st.builds(Evidence, start=OFFSETS, end=OFFSETS, text=TEXTS)), by=TEXTS,
)  # fmt: skip


def _layer(name: str, made: st.SearchStrategy[Any], write: Callable[[Any], Any]) -> st.SearchStrategy[dict[str, Layer]]:
    """A layer, or none: it was skipped."""
    layers = made.map(lambda objects: Layer(json=write(objects), objects=objects, read=READ[name]))
    return st.none().map(lambda _: {}) | layers.map(lambda layer: {name: layer})


def _articles(*stages: str) -> st.SearchStrategy[Article]:
    """Articles after these stages."""
    layers = st.just({})
    if "entities" in stages:
        layers = st.builds(dict.__or__, layers, _layer("entities", tuples(ENTITIES), write_entities))
    if "classification" in stages:
        layers = st.builds(dict.__or__, layers, _layer("subjects", tuples(SUBJECTS), write_subjects))
        layers = st.builds(dict.__or__, layers, st.sampled_from([{}, {"quotes": Layer(json={"count": 3})}]))
    return st.builds(
        Article, uri=TEXTS, meta=_metadata(), origin=_origin(), text=CLEANED_TEXTS, layers=layers,
        runs=st.tuples(*map(_run, stages)),
    )  # fmt: skip


CLEANED = _articles("cleaning")
ANNOTATED = _articles("cleaning", "entities")
ENRICHED = _articles("cleaning", "entities", "classification")
