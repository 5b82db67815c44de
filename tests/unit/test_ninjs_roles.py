"""ninjs: which body, headline and description is the article's, and what a body in NITF says."""

# ruff: noqa: E501  (a table is read whole)

from __future__ import annotations

from typing import Any

import orjson
import pytest

from pipeline import formats
from pipeline.article import RawArticle

LONG = "The council voted on Tuesday to close the quay for two years while its piles are replaced. " * 4
HTML = f"<p>{LONG}</p>"
SHORT = "The quay closes. More follows."


def decode(**fields: Any) -> RawArticle:
    """An item with these fields."""
    return formats.decode_raw(orjson.dumps({"bodies": [{"value": LONG}]} | fields))


def body(role: str | None, kind: str | None, value: Any) -> dict[str, Any]:
    """One body of an item."""
    return {
        name: given for name, given in (("role", role), ("contentType", kind), ("value", value)) if given is not None
    }


@pytest.mark.parametrize(
    ("bodies", "chosen"),
    [
        ([body("short", "text/plain", SHORT), body("long", "text/html", HTML)], HTML),
        ([body("teaser", "text/plain", SHORT), body("main", "text/html", HTML)], HTML),
        ([body("drol:caption", "text/plain", "A boat."), body("drol:main", "text/plain", LONG)], LONG),
        ([body(None, "text/plain", SHORT), body(None, "text/html", HTML)], HTML),
        ([body("kicker", "text/plain", SHORT), body(None, "text/plain", LONG)], LONG),
        ([body("summary", None, SHORT), body("article-text", None, LONG)], LONG),
        ([body("print", "text/plain", SHORT), body("text", "text/html", HTML)], HTML),
        ([body("main", "text/html", HTML), body("main", "text/plain", LONG)], LONG),
        ([body("main", "text/html", HTML), body("main", "text/plain", SHORT)], HTML),
        ([body("main", "text/plain", SHORT), body("sidebar", "text/plain", LONG)], SHORT),
        ([body("main", "text/plain", ""), body("teaser", "text/plain", SHORT)], SHORT),
        ([body("main", "text/plain", None), body("web", "text/plain", LONG)], LONG),
        ([body("caption", "text/plain", "A boat at the quay.")], "A boat at the quay."),
    ],
)  # fmt: skip
def test_the_main_body_is_the_article(bodies: list[dict[str, Any]], chosen: str) -> None:
    """Whatever stands first, and whichever type it has; of two of one length the plain text."""
    for order in (bodies, bodies[::-1]):
        article = decode(bodies=order)
        assert (article.html if chosen == HTML else article.body) == chosen


@pytest.mark.parametrize(
    ("headlines", "title"),
    [
        ([{"role": "kicker", "value": "HARBOUR"}, {"role": "main", "value": "Quay"}, {"role": "seo", "value": "Quay 2026"}], "Quay"),
        ([{"role": "Sub-Headline", "value": "Two years"}, {"value": "Quay"}], "Quay"),
        ([{"role": "push", "value": "BREAKING"}, {"role": "print", "value": "Quay"}, {"role": "short", "value": "Q"}], "Quay"),
        ([{"role": "main", "value": " "}, {"role": "seo", "value": "Quay"}], "Quay"),
        ([{"role": "kicker", "value": "HARBOUR"}], "HARBOUR"),
        ([{"role": "main", "contentType": "text/html", "value": "<b>Quay</b> &amp; boats"}], "Quay & boats"),
        (["Quay"], "Quay"),
        ("Quay", "Quay"),
    ],
)  # fmt: skip
def test_the_main_headline_is_the_title(headlines: Any, title: str) -> None:
    """Before kickers and what was written for search engines and telephones."""
    assert decode(headlines=headlines).meta.title == title


def test_the_summary_is_the_description() -> None:
    """A caption only if there is nothing else."""
    caption, summary = {"role": "caption", "value": "A boat"}, {"role": "summary", "value": "Shut."}
    assert decode(descriptions=[caption, summary]).meta.description == "Shut."
    assert decode(descriptions=[caption]).meta.description == "A boat"


@pytest.mark.parametrize(
    ("field", "value", "flag"),
    [("headlines", 7, "odd_field"), ("headlines", [7], "odd_field"), ("descriptions", {"x": 1}, None), ("by", 7, "odd_field"),
     ("altIds", "x", None), ("subjects", 7, "odd_field"), ("subjects", [7, {"name": "a"}], "odd_field"), ("infoSources", [3], "odd_field"),
     ("firstCreated", 7, "unreadable_timestamp"), ("language", 7, "odd_field"), ("uri", [], "odd_url")],
)  # fmt: skip
def test_an_odd_optional_field_of_an_item_loses_no_article(field: str, value: Any, flag: str | None) -> None:
    """It costs itself, and a flag."""
    article = decode(**{field: value})
    assert article.body == LONG
    assert flag is None or flag in article.flags


NITF = (
    "<?xml version='1.0'?><nitf><head><title>Slug</title><docdata><date.issue norm='20260303T080000Z'/></docdata></head><body>"
    "<body.head><hedline><hl1>Quay <em>closes</em></hl1><hl2>For two years</hl2></hedline><byline>By <person>Una Pell</person>"
    "</byline><abstract><p>Shut.</p></abstract></body.head><body.content><block><p>First <org>Council</org> words.</p><hl2>Traders"
    "</hl2><media media-type='image'><media-reference source='a.jpg'/><media-caption>A boat.</media-caption></media>"
    "<p>Last words.</p></block></body.content><body.end><tagline>Desk</tagline></body.end></body></nitf>"
)


@pytest.mark.parametrize("kind", ["application/nitf+xml", "text/plain", None])
def test_a_body_in_nitf_is_its_content(kind: str | None) -> None:
    """Declared or not; its head fills what the item leaves open, and nothing of it is in the text."""
    article = decode(bodies=[body("main", kind, NITF)])
    assert article.html is not None
    for there in (
        "<p>First <span>Council</span> words.</p>",
        "<h2>Traders</h2>",
        "<figcaption>A boat.</figcaption>",
        "Last words.",
    ):
        assert there in article.html
    for gone in ("Una Pell", "Quay", "Desk", "Slug", "media-reference", "For two years"):
        assert gone not in article.html
    meta = article.meta
    assert (meta.title, meta.by, meta.description) == ("Quay closes", "Una Pell", "Shut.")
    assert meta.published_at == "2026-03-03T08:00:00Z"
    assert decode(bodies=[body("main", kind, NITF)], headlines=[{"value": "Own"}]).meta.title == "Own"


@pytest.mark.parametrize(
    "text", ["<nitf>", "<nitf><body.content>", "<body.content><p>x<", "<nitf></body.content><body.content>"]
)
def test_a_broken_nitf_body_raises_nothing_but_a_refusal(text: str) -> None:
    """What there is of it is read."""
    article = decode(bodies=[body("main", "application/nitf+xml", text + LONG)])
    assert LONG.strip() in (article.html or "")
