"""Spans that are shown as paragraphs are read as paragraphs, on a page and in a fragment."""

# ruff: noqa: E501  (an example is read whole)

import pytest

from pipeline.cleaning.extraction import span_paragraphs
from tests.unit.cleaning.articles import clean
from tests.unit.cleaning.test_whole_article import TEXT, lines, page

SHORT = "Nobody spoke against it."


def spans(texts: list[str], attributes: str = "", between: str = "") -> str:
    """Each text in a span."""
    return between.join(f"<span{attributes}>{text}</span>" for text in texts)


@pytest.mark.parametrize(
    "markup",
    [
        f"<div class='body'>{spans(TEXT, ' class=para')}</div>",
        f"<div class='body'>{spans(TEXT, ' class=story-paragraph')}</div>",
        f"<div class='body'>{spans(TEXT, ' class=articleParagraph', chr(10))}</div>",
        f"<div class='body'><span class='text'>{spans(TEXT, ' class=paragraph')}</span></div>",
        f"<p>{spans(TEXT, ' class=para')}</p>",
        f"<div class='body'>{spans(TEXT, ' style=display:block')}</div>",
        f"<div class='body'>{spans(TEXT)}</div>",
        f"<section>{spans(TEXT, ' class=x', chr(10))}</section>",
    ],
)
def test_spans_that_are_paragraphs_are_kept_apart(markup: str) -> None:
    """By their class, their style, or since each of several siblings holds whole sentences."""
    assert lines(page(f"<article><h1>Quay to close</h1>{markup}</article>")) == TEXT
    assert lines(clean(html=markup)) == TEXT


def test_a_short_span_with_the_name_of_a_paragraph_is_one() -> None:
    """Among long ones; an initial is none, whatever it is called."""
    texts = [*TEXT[:4], SHORT, *TEXT[4:8]]
    assert lines(page(f"<article><h1>Quay to close</h1><div>{spans(texts, ' class=para')}</div></article>")) == texts
    initial = f"<p><span class='para-first'>{TEXT[0][0]}</span>{TEXT[0][1:]}</p>" + "".join(
        f"<p>{line}</p>" for line in TEXT[1:]
    )
    assert lines(page(f"<article><h1>Quay to close</h1><div>{initial}</div></article>")) == TEXT


@pytest.mark.parametrize(
    "markup",
    [
        f"<p>{spans(TEXT[:4], '', ' ')}</p>",
        f"<div>{spans(TEXT[:2], '', ' ')}</div>",
        f"<div>As we said: {spans(TEXT[:4], '', ' ')}</div>",
        f"<div>{spans([TEXT[0], TEXT[1][:-1], 'and set it aside once more, as it had done in every year of the last ten.'], '', ' ')}</div>",
        f"<div>{spans(TEXT[:3], ' class=paragon', ' ')}<b>{SHORT}</b></div>",
        f"<p><a href='/a'>{spans(TEXT[:3], ' class=para', ' ')}</a></p>",
    ],
)
def test_spans_within_a_paragraph_stay_together(markup: str) -> None:
    """In a `p`, two alone, beside bare text, parts of sentences, other elements among them, in a link."""
    assert len(lines(clean(html=markup))) == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [("para", True), ("story__paragraph--first", True), ("bodyPara", True), ("Absatz", True), ("parallax", False), ("compare", False), ("x", False)],
)  # fmt: skip
def test_a_name_of_a_paragraph_is_a_whole_word(name: str, expected: bool) -> None:
    """Words within words are none."""
    assert span_paragraphs.is_named(name) is expected
