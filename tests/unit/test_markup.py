"""Markup in fields of text: what is markup is read so, and what only looks like it stays."""

# ruff: noqa: E501  (a table is read whole)

from __future__ import annotations

from html import escape

import orjson
import pytest

from pipeline import formats
from pipeline.article import RawArticle
from pipeline.formats import markup
from tests.unit.cleaning.articles import clean, segments

FIRST = "The council voted to close the quay."
SECOND = "Traders said it would cost them a third of their trade."
HTML = f"<p>{FIRST}</p><p>{SECOND}</p>"


def decode(**fields: object) -> RawArticle:
    """An article with these fields."""
    return formats.decode_raw(orjson.dumps({"body": "x"} | fields))


MARKUP = [
    HTML, f"<P CLASS='a'>{FIRST}</P>", f"{FIRST}<br><br>{SECOND}", f"{FIRST}<br />{SECOND}", f"{FIRST}<br/>\n<br/>\n{SECOND}",
    f"<p>{FIRST}\n<p>{SECOND}", f"<div>{FIRST}</div>", f"{FIRST} <b>So</b> it is.", 'See <a href="https://e.example">it</a>.',
    f"<ul><li>{FIRST}</li></ul>", f'{FIRST} <img src="a.jpg"> {SECOND}', f"Eastmere: <p>{FIRST}</p>", f"<h2>Quay</h2>{FIRST}",
    f"<blockquote>{FIRST}</blockquote>", f"<em>{FIRST}</em>", f"<span style='color:red'>{FIRST}</span>",
]  # fmt: skip
TEXT = [
    "If x < y and y > z then <3 is no tag.", "She wrote a<b>c on the board.", "Profit & loss at AT&T, R&D and Q&A.",
    "List<String> is a type, and so is Map<K, V>.", "Write to Una <una@echo.example> or Di <di@echo.example>.",
    "The <br> tag breaks a line.", "if (a<b && c>d) return a<<b;", "He said <unclear> and left.", "5 < 6 > 4", "<3 <3 <3",
    'Put it between "<b>" and "</b>".', "Use `<p>` and `</p>` for paragraphs.", "A <p> tag opens a paragraph.",
    "<Reuters> - The council met.", "<a> is a tag.", "->> next >> next", "x <- 5; y -> 6", "",
]  # fmt: skip


@pytest.mark.parametrize("text", MARKUP)
def test_markup_is_read_as_markup(text: str) -> None:
    """In `body`, and in a body of any other name."""
    assert (decode(body=text).html, decode(body=text).body) == (text, None)
    assert decode(body=None, content=text).html == text


@pytest.mark.parametrize("text", TEXT)
def test_a_text_with_signs_in_it_stays_a_text(text: str) -> None:
    """Not a character of it is lost, in a headline neither."""
    article = decode(body=f"{FIRST} {text}", title=f"On {text}")
    assert (article.body, article.html) == (f"{FIRST} {text}", None)
    assert article.meta.title == f"On {text}".strip()


WRAPPED = {
    "escaped": escape(HTML),
    "escaped twice": escape(escape(HTML)),
    "in CDATA": f"<![CDATA[{HTML}]]>",
    "escaped CDATA": escape(f"<![CDATA[{HTML}]]>"),
    "escaped within CDATA": f"<![CDATA[{escape(HTML)}]]>",
    "escaped within a paragraph": f"<p>{escape(HTML)}</p>",
    "escaped within a div": f"<div>{escape(HTML)}<br></div>",
}


@pytest.mark.parametrize("field", ["body", "html", "content:encoded"])
@pytest.mark.parametrize("how", WRAPPED)
def test_wrapped_markup_is_unwrapped(how: str, field: str) -> None:
    """However often it was escaped on its way."""
    html = decode(**{"body": None, field: WRAPPED[how]}).html or ""
    assert HTML in html
    assert "CDATA" not in html


def test_text_in_cdata_is_text() -> None:
    """Escaped or not, in whichever field."""
    for wrapped in (f"<![CDATA[{FIRST} R&D.]]>", escape(f"<![CDATA[{FIRST} R&D.]]>")):
        assert decode(body=None, html=wrapped).body == f"{FIRST} R&D."
        assert decode(body=wrapped).body == f"{FIRST} R&D."


def test_what_is_escaped_within_markup_is_text() -> None:
    """An article about HTML shows tags to its readers."""
    for html in (
        f"{HTML}<p>Put &lt;p&gt; before it and &lt;/p&gt; behind.</p>",
        "<p>Code:</p><pre>&lt;p&gt;One&lt;/p&gt;&lt;p&gt;Two&lt;/p&gt;&lt;p&gt;Three&lt;/p&gt;</pre>",
        f"<html><body>{escape(HTML)}</body></html>",
    ):
        assert decode(html=html).html == html


MARKDOWN = (
    '# Quay closes\n\nThe **council** voted *on Tuesday*; see [the plan](https://e.example/plan "Plan").\n## Traders object\n'
    "- They lose a third & more\n- 3 < 4 and 2*3*4\n\n> We waited too long\n> since 2014.\n\n![A boat](https://e.example/a.jpg)\n\nEnd."
)


def test_markdown_is_read_as_markup() -> None:
    """Headings, lists, quotations, links and emphasis; an image has no words."""
    article = clean(html=decode(body=MARKDOWN).html or "")
    assert segments(article) == [
        ("heading", "Quay closes"), ("paragraph", "The council voted on Tuesday; see the plan."), ("heading", "Traders object"),
        ("list", "They lose a third & more"), ("list", "3 < 4 and 2*3*4"), ("quote", "We waited too long since 2014."), ("paragraph", "End."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [f"# 1 in the charts.\n\n{FIRST}", f"{FIRST} *sic* and 2 * 3 * 4 = 24.", f"[Reuters](not an address) {FIRST}", f"{FIRST} **So** it is.",
     f"#quay #osk {FIRST}", f"- {FIRST}\n- {SECOND}", f"{FIRST}\n\n* * *\n\n{SECOND}"],
)  # fmt: skip
def test_one_mark_makes_no_markdown(text: str) -> None:
    """It stays as it is."""
    assert decode(body=text).body == text


LINES = [
    ("<b>Quay</b> closes &amp; boats move &#8211; <i>Echo</i> says", "Quay closes & boats move – Echo says"),
    ("&lt;em&gt;Hamlet&lt;/em&gt; review: a prince for our &amp;amp; their time", "Hamlet review: a prince for our & their time"),
    ("<![CDATA[Quay closes]]>", "Quay closes"),
    ("<p>Quay <b>shuts</b></p>", "Quay shuts"),
    ("<p>Quay shuts", "Quay shuts"),
    ("Quay closes<br/>boats move", "Quay closes boats move"),
    ("<a href='/a/una'>Una Pell</a>", "Una Pell"),
    ("Caf&eacute; &quot;Quay&quot; shuts", 'Café "Quay" shuts'),
    ("H<sub>2</sub>O at the quay", "H2O at the quay"),
    ("<!-- ad --><h1>Quay</h1><script>var a = 1 < 2;</script>", "Quay"),
    ("Why &copy is not &copyright", "Why &copy is not &copyright"),
    ("Profit &lt; loss", "Profit < loss"),
    ("AT&T & R&D", "AT&T & R&D"),
    ("&amp;amp;amp;amp;", "&amp;"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "read"), LINES)
def test_fields_of_one_line_have_no_markup(given: str, read: str) -> None:
    """Headline, byline, outlet, section, description, keywords and subjects alike."""
    fields = dict.fromkeys(("title", "by", "source", "section", "description"), given)
    meta = decode(**fields, keywords=[given], subjects=[{"name": given}]).meta
    assert {getattr(meta, name) for name in fields} == {read}
    assert (meta.keywords, meta.given_subjects[0].name) == ((read,), read)
    assert markup.line(given).strip() == read
