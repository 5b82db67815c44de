"""Fragments of HTML: the body of a feed is the article, whole, and each block is what its markup says."""

# ruff: noqa: E501  (a table is read whole)

from __future__ import annotations

import pytest

from pipeline.cleaning.extraction import fragment
from pipeline.errors import InputRefused
from tests.unit.cleaning.articles import BODY, clean, segments

A, B, C = BODY.split("\n\n")


def blocks(html: str) -> list[tuple[str, str]]:
    """(kind, text) of each block."""
    return [(block.kind, block.text) for block in fragment.read(html).blocks]


CASES: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "paragraphs": (f"<p>{A}</p>\n<p>{B}</p>", [("paragraph", A), ("paragraph", B)]),
    "line breaks": (f"{A}<br/><br/>{B}<br>{C}", [("paragraph", A), ("paragraph", B), ("paragraph", C)]),
    "text before, between and after": (f"{A}<p>{B}</p>{C}", [("paragraph", A), ("paragraph", B), ("paragraph", C)]),
    "divs": (f"<div><div>{A}</div><div>{B}</div></div>", [("paragraph", A), ("paragraph", B)]),
    "inline elements": ("<p>The <b>qu</b>ay\n<a href='#'>closes</a><sup>2</sup>.</p>", [("paragraph", "The quay closes2.")]),
    "headings": (f"<h1>One</h1><p>{A}</p><h3>Two<br>lines</h3>", [("heading", "One"), ("paragraph", A), ("heading", "Two lines")]),
    "lists": (f"<ul><li>One</li><li><p>Two</p></li></ul>{A}", [("list", "One"), ("list", "Two"), ("paragraph", A)]),
    "a list of links": ("<p>Wards:</p><ul><li><a href='#'>One</a></li><li><a href='#'>Two</a></li></ul>",
                        [("paragraph", "Wards:"), ("list", "One"), ("list", "Two")]),
    "a quotation": (f"<blockquote><p>{A}</p></blockquote>{B}", [("quote", A), ("paragraph", B)]),
    "a caption": (f"<figure><img src='a'><figcaption>A boat.</figcaption></figure>{A}", [("caption", "A boat."), ("paragraph", A)]),
    "a table": ("<table><tr><th>Town</th><th>Gold</th><th>Silver</th></tr><tr><td>Osk</td><td></td><td>6</td></tr></table>",
                [("table", "Town | Gold | Silver\nOsk |  | 6")]),
    "a table for layout": (f"<table><tr><td><p>{A}</p><p>{B * 5}</p></td></tr></table>", [("paragraph", A), ("paragraph", B * 5)]),
    "verse": ("<p>One line<br>another line<br>and a third</p>", [("paragraph", "One line\nanother line\nand a third")]),
    "no text": (f"{A}<script>var a = '<p>no</p>';</script><style>p {{}}</style><p hidden>no</p><p style='display: none'>no</p>",
                [("paragraph", A)]),
    "struck and quoted words": ("<p>It cost <del>41</del> <ins>14</ins> million, <q>said</q> he.</p>",
                                [("paragraph", "It cost 14 million, “said” he.")]),
    "readings of ruby": ("<p><ruby>東京<rp>(</rp><rt>とうきょう</rt><rp>)</rp></ruby>の港で</p>", [("paragraph", "東京の港で")]),
    "nothing closed": (f"<p>{A}<p>{B}<ul><li>One<li>Two", [("paragraph", A), ("paragraph", B), ("list", "One"), ("list", "Two")]),
    "a short text": ("<b>Gold</b> up 0.4 pct.", [("paragraph", "Gold up 0.4 pct.")]),
}  # fmt: skip


@pytest.mark.parametrize("what", CASES)
def test_every_block_is_read_as_what_it_is(what: str) -> None:
    """Nothing is left out, and nothing is glued together."""
    html, expected = CASES[what]
    assert fragment.is_fragment(html)
    assert blocks(html) == expected


@pytest.mark.parametrize(
    "html", ["<!DOCTYPE html><p>x", "<html><p>x", "<body class=a>x", "<nav>x</nav><p>y", "<title>x</title>",
             '<script type="application/ld+json">{}</script>', "<aside>x</aside>", "<footer>x</footer>", "<form action=x>"]
)  # fmt: skip
def test_a_page_is_no_fragment(html: str) -> None:
    """What has more in it than an article is searched for it."""
    assert not fragment.is_fragment(html)


def test_a_link_at_the_end_of_a_paragraph_is_a_line_of_its_own() -> None:
    """So that "Read more" goes; a link that ends a sentence stays in it."""
    article = clean(html=f"<p>{A}</p><p>{B}&nbsp;<a href='#'>Read more</a></p>")
    assert [text for _, text in segments(article)] == [A, B]
    assert [line.text for line in article.text.removed] == ["Read more"]
    assert blocks("<p>He left. <a href='#'>She stayed on.</a></p>") == [("paragraph", "He left. She stayed on.")]


def test_a_fragment_goes_through_the_gates() -> None:
    """As a page does."""
    for html in ("<p>x" * 50_000, "<div>" * 300 + "x", "<a " * 3_000):
        with pytest.raises(InputRefused) as refused:
            fragment.read(html)
        assert refused.value.reason == "html_too_complex"
