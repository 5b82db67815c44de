"""Raw articles for the tests of cleaning, and short ways to look at what came out."""

from pipeline.article import Article, Metadata, Origin, RawArticle
from pipeline.cleaning import Cleaning, load
from pipeline.errors import Refusal

BODY = (
    "The harbour board voted on Tuesday to close the old quay for two years while it is rebuilt.\n\n"
    "Ferries to the three islands will leave from the fish dock instead, the board said, and fares stay.\n\n"
    "Traders on the quay had asked for a shorter closure; its engineer said the wall would not allow one."
)


def raw(*, body: str | None = None, html: str | None = None, **meta: str) -> RawArticle:
    """An article of which only this is known."""
    return RawArticle(
        uri="urn:x:1", meta=Metadata(**meta), origin=Origin(raw_sha256="0" * 64, size=1), body=body, html=html
    )


def clean(*, stage: Cleaning | None = None, **given: str) -> Article:
    """One article through the stage; fails where it is refused."""
    result = (stage or load()).run([raw(**given)])[0]
    assert isinstance(result, Article), result
    return result


def refused(**given: str) -> Refusal:
    """One article through the stage; fails where it is taken."""
    result = load().run([raw(**given)])[0]
    assert isinstance(result, Refusal), result
    return result


def segments(article: Article) -> list[tuple[str, str]]:
    """(kind, text) of each segment."""
    return [(s.kind, article.text.value[s.start : s.end]) for s in article.text.segments]
