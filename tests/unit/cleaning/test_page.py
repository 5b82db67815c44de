"""Pages: extraction, metadata, gates, charsets."""

# ruff: noqa: E501  (an example is read whole)

import time

import lxml.html
import pytest
import trafilatura

from pipeline.cleaning.extraction import page
from pipeline.formats.charset import decode_html_bytes
from tests.unit.cleaning.articles import BODY, clean, refused, segments

PARAGRAPHS = "".join(f"<p>{line}</p>" for line in BODY.split("\n\n"))
HEAD = """<html lang="en-GB"><head><title>Quay to close | The Harbour Post</title>
<link rel="canonical" href="https://harbour.example/quay">
<meta property="og:title" content="Quay to close"><meta property="og:site_name" content="The Harbour Post">
<meta name="keywords" content="quay, ferries, quay">
<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Quay to close for two years",
"author": [{"name": "Ana Lima"}, {"name": "Bo Reed"}], "datePublished": "2024-05-04T10:00:00+01:00",
"dateModified": "2024-05-04 12:00:00", "articleSection": "Harbour"}</script></head>"""
PAGE = (
    f"{HEAD}<body><nav><a href='/'>Home</a></nav><article><h1>Quay to close for two years</h1>{PARAGRAPHS}"
    f"<h2>What the traders want</h2>{PARAGRAPHS.replace('Tuesday', 'Monday')}<ul><li>a shorter closure</li>"
    f"<li>lower rents</li></ul><blockquote><p>“The wall will not wait,” she said.</p></blockquote>{PARAGRAPHS}</article></body></html>"
)


def test_a_page_says_who_wrote_it_and_when() -> None:
    """JSON-LD before OpenGraph before the page; naive timestamps are UTC and flagged."""
    article = clean(html=PAGE)
    meta = article.meta
    assert meta.title == "Quay to close for two years"
    assert meta.by == "Ana Lima, Bo Reed"
    assert (meta.published_at, meta.modified_at) == ("2024-05-04T10:00:00+01:00", "2024-05-04T12:00:00Z")
    assert (meta.source, meta.section, meta.language) == ("The Harbour Post", "Harbour", "en-GB")
    assert meta.url == "https://harbour.example/quay"
    assert meta.keywords == ("quay", "ferries")
    assert "naive_timestamp" in article.text.quality.flags


def test_given_metadata_wins() -> None:
    """The feeder knows better than the page."""
    meta = clean(html=PAGE, title="Mine", by="Me").meta
    assert (meta.title, meta.by, meta.section) == ("Mine", "Me", "Harbour")


def test_the_shape_of_a_page_survives() -> None:
    """Headings with their level, lists, quotations; the page's own headline is in its field and goes from the text."""
    article = clean(html=PAGE)
    kinds = segments(article)
    assert ("heading", "What the traders want") in kinds
    assert [s.level for s in article.text.segments if s.kind == "heading"] == [2]
    assert ("list", "lower rents") in kinds
    assert ("quote", "“The wall will not wait,” she said.") in kinds
    assert [(r.kind, r.rule) for r in article.text.removed] == [("repeated_title", "title.repeated")]


def test_a_layout_of_tables_is_not_a_table() -> None:
    """Cells that hold prose are paragraphs; cells that hold figures are rows."""
    table = "<table><tr><td>Rovers</td><td>2</td></tr><tr><td>United</td><td>1</td></tr></table>"
    article = clean(html=f"{HEAD}<body><article>{PARAGRAPHS}{table}{PARAGRAPHS}</article></body></html>")
    assert ("table", "Rovers | 2\nUnited | 1") in segments(article)
    layout = f"<table><tr><td>{PARAGRAPHS * 2}</td></tr></table>"
    assert "table" not in [k for k, _ in segments(clean(html=f"{HEAD}<body>{layout}</body></html>"))]


def test_extraction_is_trafilaturas() -> None:
    """The inner function that is called finds what the public one finds, in this version."""
    tree = lxml.html.document_fromstring(PAGE)
    ours = page._extract(lxml.html.document_fromstring(PAGE), None, fast=True)
    theirs = trafilatura.bare_extraction(tree, fast=True, include_comments=False).body
    assert ["".join(e.itertext()) for e in ours] == ["".join(e.itertext()) for e in theirs]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>one<br>&rlm;<br>&rlm;<br>two</p>", [("paragraph", "one\ntwo")]),
        ("<p>one<br>&#8203;<br>&#8203;<br>two</p>", [("paragraph", "one\ntwo")]),
        (
            "<blockquote>Dear board, this comes from us.<p>We will not go.</p>Yours, the traders</blockquote>",
            [
                ("quote", "Dear board, this comes from us."),
                ("quote", "We will not go."),
                ("quote", "Yours, the traders"),
            ],
        ),
        (
            "<blockquote>We will not go,<br>we will not go.</blockquote>",
            [("quote", "We will not go,\nwe will not go.")],
        ),
        (
            "<ul><li>Close the quay<ul><li>in May</li><li>in June</li></ul></li><li>Open the dock</li></ul>",
            [("list", "Close the quay"), ("list", "in May"), ("list", "in June"), ("list", "Open the dock")],
        ),
        (
            "<ul><li><p>It goes stone by stone.</p><p>That takes a year.</p></li></ul>",
            [("list", "It goes stone by stone."), ("list", "That takes a year.")],
        ),
        (
            "<details><summary rend='x'>What now is the question?</summary><p>Nobody at the quay knows.</p></details>",
            [("heading", "What now is the question?"), ("paragraph", "Nobody at the quay knows.")],
        ),
        (
            "<h3><button>When does it close?</button></h3><div><p>On the first of May, the board said.</p></div>",
            [("heading", "When does it close?"), ("paragraph", "On the first of May, the board said.")],
        ),
    ],
)
def test_no_block_of_a_page_is_lost_or_glued(markup: str, expected: list[tuple[str, str]]) -> None:
    """Whatever stands within it; and what follows it stays what it is."""
    article = clean(
        html=f"{HEAD}<body><article>{PARAGRAPHS}{markup}{PARAGRAPHS.replace('Tuesday', 'Monday')}</article>"
    )
    assert segments(article)[3:-3] == expected
    assert segments(article)[-1] == ("paragraph", BODY.split("\n\n")[-1])


def test_a_layout_cell_keeps_what_stands_outside_its_paragraphs() -> None:
    """Pages of the nineties set their leads so."""
    lines = BODY.split("\n\n")
    cell = f"{lines[0]}<br><br>{lines[1]}<p>{lines[2]}</p>{BODY.replace('Tuesday', 'Monday').replace(chr(10), ' ')}"
    text = clean(html=f"<html><body><table><tr><td>{cell}</td></tr></table></body></html>").text.value
    assert [line in text for line in lines] == [True] * 3
    assert "on Monday" in text


@pytest.mark.parametrize("tag", ["nav", "aside", "footer", "button"])
def test_what_is_thrown_away_early_changes_nothing_that_is_found(tag: str) -> None:
    """It saves the extractor time; it finds the same without, and the text behind such an element is the page's."""
    html = PAGE.replace("<li>lower", f"<li><{tag}><p>{BODY}</p></{tag}>lower")
    theirs = trafilatura.bare_extraction(html, fast=True, include_comments=False).body
    found = [block.text for block in page.read(html, None).blocks]
    assert found == [block.text for block in page._blocks(theirs)]
    assert "lower rents" in found


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 15_000 + "x",
        "<a " * 20_000,
        "<p " + " ".join(f"a{i}=1" for i in range(50_000)) + ">text",
        "<b>" * 20_000,
        "<table><tr><td>" * 10_000,
        "<" * 300_000,
        "<p>x</p>" * 40_000,
    ],
)
def test_hostile_markup_is_refused_at_once(html: str) -> None:
    """Before anything that is not linear sees it."""
    start = time.process_time()
    assert refused(html=html).reason == "html_too_complex"
    assert time.process_time() - start < 3


@pytest.mark.parametrize("html", ["", "   ", "<html></html>", "<script>x</script>"])
def test_a_page_without_text_is_empty(html: str) -> None:
    """No markup at all, or none that holds a word."""
    assert refused(html=html).reason == "empty_text"


def test_a_fragment_of_markup_is_a_page() -> None:
    """Feeds send paragraphs without a page around them."""
    assert clean(html=PARAGRAPHS).text.value == BODY


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("<p>café</p>".encode(), "<p>café</p>"),
        (b"\xef\xbb\xbf<p>caf\xc3\xa9</p>", "<p>café</p>"),
        ("<p>café</p>".encode("utf-16"), "<p>café</p>"),
        ('<meta charset="iso-8859-1"><p>café “x”'.encode("cp1252"), '<meta charset="iso-8859-1"><p>café “x”'),
        ('<meta charset="shift_jis"><p>日本'.encode("cp932"), '<meta charset="shift_jis"><p>日本'),
        ("<p>café".encode("cp1252"), "<p>café"),
        (b'<meta charset="rot13"><p>caf\xe9', '<meta charset="rot13"><p>café'),
        (b'<meta charset="utf-8"><p>caf\xc3\xa9 \xff', '<meta charset="utf-8"><p>café \ufffd'),
    ],
)
def test_bytes_are_read_as_browsers_read_them(data: bytes, text: str) -> None:
    """Byte order mark, valid UTF-8, meta, Windows-1252; never an exception."""
    assert decode_html_bytes(data) == text


@pytest.mark.parametrize(
    ("charset", "words"),
    [
        ("cp1251", "Совет порта во вторник решил закрыть старый рыбный причал на два года."),
        ("koi8_r", "Совет порта во вторник решил закрыть старый рыбный причал на два года."),
        ("cp1253", "Το συμβούλιο του λιμανιού αποφάσισε να κλείσει την παλιά αποβάθρα για δύο χρόνια."),
        ("cp932", "港湾委員会は火曜日、古い魚市場の岸壁を二年間閉鎖することを決めた。"),
        ("gb18030", "港务局星期二决定关闭旧鱼码头两年，以便更换木桩。"),
        ("cp949", "항만 위원회는 화요일에 오래된 어시장 부두를 이 년 동안 폐쇄하기로 결정했다."),
        ("cp1252", "é"),
        ("cp1252", "Le conseil a décidé de fermer le vieux quai, à côté de l’hôtel où l’été dernier on dansait."),
    ],
)
def test_a_charset_that_nobody_declares_is_told_by_the_text(charset: str, words: str) -> None:
    """In another script than Latin; Latin letters are Windows-1252 as ever."""
    assert decode_html_bytes(f"<html><body><p class='a'>{words}</p></body></html>".encode(charset)).count(words) == 1


@pytest.mark.parametrize("junk", ["\x1f", "<A\x1f", "<a \x02b='c'>t</a>", "&#x1f;", "<b t='\x01'>x</b>"])
def test_characters_that_xml_cannot_hold_are_no_obstacle(junk: str) -> None:
    """In text, in a value, in a name: the article is read all the same."""
    article = clean(html=PAGE.replace("<h2>", f"<p>{junk}</p><h2>"))
    assert "What the traders want" in article.text.value
