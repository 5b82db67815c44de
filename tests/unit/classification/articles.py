"""Articles as the stage takes them."""

from __future__ import annotations

from pipeline.article import Article, GivenSubject, Language, Metadata, Origin, Quality, Text

MATCH = (
    "The striker scored twice in the second half as United beat their rivals 3-1 and went top of the league. "
    "The coach praised his goalkeeper, who saved a penalty. The team will play the cup final on Saturday."
)
TRIAL = (
    "A jury at the crown court found the man guilty of murder on Tuesday. The judge will pass sentence next month. "
    "Prosecutors said he had planned the killing for weeks; his lawyer said he would appeal."
)
RATES = (
    "The central bank raised interest rates by half a point, its governor said. Inflation is at 9%, and economists "
    "expect the economy to shrink.\n\nMarkets react\n\nShares fell on the stock exchange and the currency lost ground."
)


def article(
    text: str, *, title: str | None = None, language: str = "en", given: tuple[GivenSubject, ...] = ()
) -> Article:
    """A cleaned and annotated article with this text."""
    return Article(
        uri="urn:test:article",
        meta=Metadata(title=title, given_subjects=given),
        origin=Origin(raw_sha256="0" * 64, size=1),
        text=Text(
            value=text,
            sha256="0" * 64,
            language=Language(tag=language, confidence=1.0),
            segments=(),
            removed=(),
            quality=Quality(score=1.0),
        ),
    )
