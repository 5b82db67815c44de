"""Cleaned articles for the tests of the entities stage."""

from __future__ import annotations

from pipeline.article import Article, Language, Metadata, Origin, Quality, Segment, SegmentKind, Text


def cleaned(
    *paragraphs: str, title: str | None = None, language: str = "en", headings: tuple[int, ...] = ()
) -> Article:
    """An article of those paragraphs; `headings` are the numbers of those that are one."""
    segments, start = [], 0
    for number, text in enumerate(paragraphs):
        kind: SegmentKind = "heading" if number in headings else "paragraph"
        segments.append(Segment(kind=kind, start=start, end=start + len(text)))
        start += len(text) + 2
    return Article(
        uri="urn:test",
        meta=Metadata(title=title),
        origin=Origin(raw_sha256="0" * 64, size=1),
        text=Text(
            value="\n\n".join(paragraphs),
            sha256="0" * 64,
            language=Language(tag=language, confidence=1.0),
            segments=tuple(segments),
            removed=(),
            quality=Quality(score=1.0),
        ),
    )
