"""The whole article, once: bodies in several containers, text beside them, names that mislead, and what is left out."""

# ruff: noqa: E501  (an example is read whole)

import json

import lxml.html
import pytest

from pipeline.article import Article
from pipeline.cleaning.extraction import completion, left_out, reading, voting
from pipeline.cleaning.extraction.hints import Hint, of_name
from tests.unit.cleaning.articles import clean, refused, segments

TEXT = [
    f"Paragraph {number} of the report says that the harbour board weighed plan {number} with care, heard the traders and set it aside."
    for number in range(1, 13)
]
LEDE = "The old quay will close for two years while its wall is rebuilt, the harbour board has decided."
MENU = "<nav><a href='/'>Home</a></nav>"
FOOT = "<footer><p>Write to us at the harbour office.</p></footer>"


def ps(start: int, end: int) -> str:
    """Some of the paragraphs as markup."""
    return "".join(f"<p>{line}</p>" for line in TEXT[start:end])


def page(body: str, head: str = "") -> Article:
    """A page with this body, cleaned."""
    return clean(
        html=f"<html lang='en'><head><title>Quay to close</title>{head}</head><body>{MENU}{body}{FOOT}</body></html>"
    )


def lines(article: Article) -> list[str]:
    """The text of each segment."""
    return article.text.value.split("\n\n")


def left(article: Article) -> dict[str, str]:
    """Each rule with what went by it."""
    found: dict[str, str] = {}
    for removed in article.text.removed:
        found[removed.rule] = "\n".join([*([found[removed.rule]] if removed.rule in found else []), removed.text])
    return found


@pytest.mark.parametrize(
    "body",
    [
        f"<div class='article-body'>{ps(0, 2)}</div><figure><figcaption>The quay</figcaption></figure><div class='article-body'>{ps(2, 12)}</div>",
        f"<div class='article-body intro'>{ps(0, 2)}</div><div class='article-body'>{ps(2, 12)}</div>",
        f"<div class='text'>{ps(0, 3)}</div><div class='ad'><p>Buy now</p></div><div class='text'>{ps(3, 7)}</div><div class='text'>{ps(7, 12)}</div>",
        f"<div itemprop='articleBody'>{ps(0, 4)}</div><aside>Our shop</aside><div itemprop='articleBody'>{ps(4, 12)}</div>",
        f"<section class='post-content'>{ps(0, 6)}</section><section class='post-content'>{ps(6, 12)}</section>",
        f"<div class='grid'><div class='entry-content'>{ps(0, 6)}</div></div><div class='grid'><div class='entry-content'>{ps(6, 12)}</div></div>",
    ],
)
def test_a_body_in_several_containers_is_whole(body: str) -> None:
    """All paragraphs, each once, in order; nothing of what stands between."""
    assert lines(page(f"<article><h1>Quay to close</h1>{body}</article>")) == TEXT


@pytest.mark.parametrize(
    "name",
    ["hidden", "sidebar-left", "newsletter-enabled", "share-target", "widget", "related", "promo", "card", "box"],
)
def test_a_container_that_sounds_like_furniture_keeps_the_article_in_it(name: str) -> None:
    """A class is a hint; what holds most of the article is no box, whatever it is called."""
    for before in (2, 5):
        inner = f"{ps(0, before)}<div class='{name}'>{ps(before, 12)}</div>"
        assert lines(page(f"<article><h1>Quay to close</h1><div class='article-body'>{inner}</div></article>")) == TEXT


@pytest.mark.parametrize("name", ["newsletter", "related", "share", "promo"])
def test_a_box_within_the_body_goes(name: str) -> None:
    """The same names, if little stands in the box; what goes is told with its rule."""
    words = "Every Friday our editors choose what you should read over the weekend, and send it to you."
    article = page(
        f"<article><h1>Quay to close</h1><div class='article-body'>{ps(0, 4)}<div class='{name}'><p>{words}</p></div>{ps(4, 12)}</div></article>"
    )
    assert lines(article) == TEXT
    assert words in left(article)["page.box"]


@pytest.mark.parametrize(
    "above",
    [
        f"<header><h1>Quay to close</h1><p>{LEDE}</p></header>",
        f"<h1>Quay to close</h1><div class='standfirst'>{LEDE}</div>",
        f"<header><h1>Quay to close</h1><h2 class='subtitle'>{LEDE.rstrip('.')}</h2></header>",
        f"<div class='top'><h1>Quay to close</h1><div><div><p class='lead'>{LEDE}</p></div></div></div>",
        f"<h1>Quay to close</h1><span>{LEDE}</span>",
    ],
)
def test_a_standfirst_outside_the_body_is_kept(above: str) -> None:
    """It stands between the headline and the text."""
    article = page(f"<main>{above}<div class='article-body'>{ps(0, 12)}</div></main>")
    first, *rest = lines(article)
    assert first.rstrip(".") == LEDE.rstrip(".")
    assert rest == TEXT


def test_a_standfirst_is_known_by_the_description_of_the_page() -> None:
    """Whatever its element is called, and only once."""
    head = f"<meta name='description' content='{LEDE}'>"
    body = f"<div class='x'><h1>Quay to close</h1></div><section class='promo'><p>{LEDE}</p></section><div class='article-body'>{ps(0, 12)}</div>"
    assert lines(page(body, head)) == [LEDE, *TEXT]
    twice = f"<h1>Quay to close</h1><section><p>{LEDE}</p></section><div class='article-body'><p>{LEDE}</p>{ps(0, 12)}</div>"
    assert lines(page(twice, head)) == [LEDE, *TEXT]


def test_text_between_blocks_is_kept_and_not_glued() -> None:
    """Bare text before, between and after paragraphs, short sentences too, is a paragraph of its own."""
    body = f"<article><h1>Quay to close</h1><div class='article-body'>{LEDE}{ps(0, 2)}The vote was close.<h2>What it costs</h2>{ps(2, 4)}Nobody spoke against it.{ps(4, 6)}</div></article>"
    assert lines(page(body)) == [
        LEDE, *TEXT[:2], "The vote was close.", "What it costs", *TEXT[2:4], "Nobody spoke against it.", *TEXT[4:6],
    ]  # fmt: skip


def test_lists_of_links_that_the_article_announces_are_kept() -> None:
    """By a sentence with a colon, or under a heading of the article; other stories in a box are not."""
    names = ["Kirkgate", "Low Row", "Sandside"]
    linked = "<ul>" + "".join(f"<li><a href='/{name}'>{name}</a></li>" for name in names) + "</ul>"
    other = "<div class='related'><h3>Related</h3><ul><li><a href='/a'>Fares to rise on the island ferry again</a></li></ul></div>"
    body = f"<article><h1>Quay to close</h1>{ps(0, 3)}<p>The wards that will be surveyed first are:</p>{linked}{ps(3, 6)}<h2>Best film</h2>{linked.replace('Low', 'High')}{ps(6, 9)}{other}</article>"
    article = page(body)
    assert lines(article) == [
        *TEXT[:3], "The wards that will be surveyed first are:", *names, *TEXT[3:6], "Best film", "Kirkgate", "High Row", "Sandside",
        *TEXT[6:9],
    ]  # fmt: skip


def test_links_to_other_stories_between_paragraphs_go() -> None:
    """A paragraph that is one link, with or without a label; a sentence with a link stays."""
    pointer = "<p>READ ALSO | <a href='/x'>Traders at the fish dock ask for lower rents</a></p>"
    sentence = "<p><a href='/plan'>The plan of the board is on its site</a>.</p>"
    article = page(f"<article><h1>Quay to close</h1>{ps(0, 4)}{pointer}{ps(4, 6)}{sentence}{ps(6, 8)}</article>")
    assert lines(article) == [*TEXT[:6], "The plan of the board is on its site.", *TEXT[6:8]]
    assert "READ ALSO | Traders at the fish dock ask for lower rents" in left(article)["page.outside"]


@pytest.mark.parametrize(
    ("markup", "text", "rule"),
    [
        ("<p>She said <q>we were <q>told</q> nothing</q> and left the room.</p>", "She said “we were ‘told’ nothing” and left the room.", None),
        ("<p>The wall costs <del>41</del> <ins>14</ins> million pounds in all.</p>", "The wall costs 14 million pounds in all.", "page.struck"),
        ("<p>The vote was <s>ten</s> <strike>eleven</strike> nine to four.</p>", "The vote was nine to four.", "page.struck"),
        ("<p>Boats from <ruby>東京<rp>(</rp><rt>とうきょう</rt><rp>)</rp></ruby> land at the north basin.</p>", "Boats from 東京 land at the north basin.", None),
        ("<p>The plan <a href='/p'>is here<span class='sr-only'> opens in a new window</span></a>, the board said.</p>", "The plan is here, the board said.", "page.hidden"),
        ("<p>The quay closes<span style='display: none'> never</span> in May, the board said.</p>", "The quay closes in May, the board said.", "page.hidden"),
        ("<p>The quay closes<i hidden> never</i> in May, the board said.</p>", "The quay closes in May, the board said.", "page.hidden"),
    ],
)  # fmt: skip
def test_words_say_what_a_reader_sees(markup: str, text: str, rule: str | None) -> None:
    """Quotation marks of q; nothing struck, hidden or for a screen reader, nor the reading of a character."""
    article = page(f"<article><h1>Quay to close</h1>{ps(0, 3)}{markup}{ps(3, 6)}</article>")
    assert lines(article)[3] == text
    assert rule is None or rule in left(article)


def test_hidden_blocks_go_and_a_page_that_a_script_shows_does_not() -> None:
    """What is hidden is told; an article that is all hidden is the article."""
    article = page(f"<article><h1>Quay to close</h1>{ps(0, 4)}<div hidden><p>{LEDE}</p></div>{ps(4, 6)}</article>")
    assert lines(article) == TEXT[:6]
    assert left(article)["page.hidden"] == LEDE
    assert (
        lines(page(f"<div style='visibility:hidden'><article><h1>Quay to close</h1>{ps(0, 6)}</article></div>"))
        == TEXT[:6]
    )


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ("<tr><th>Island<th>Gold<th>Silver<tr><td>Norvik<td>7<td>2<tr><td>Sarn<td><td>6", "Island | Gold | Silver\nNorvik | 7 | 2\nSarn | | 6"),
        ("<tr><td><td>2024<td>2025<tr><td>Norvik<td>610<td>", "| 2024 | 2025\nNorvik | 610"),
        ("<tr><th rowspan=2>Ward<th colspan=2>2024<th>2025<tr><td>For<td>Against<td>For<tr><td>Low Row<td>1<td>2<td>3", "Ward | 2024 | | 2025\n| For | Against | For\nLow Row | 1 | 2 | 3"),
    ],
)  # fmt: skip
def test_a_table_keeps_the_place_of_empty_cells(rows: str, text: str) -> None:
    """An empty cell, a wide one and a deep one take the places that they take on the page."""
    article = page(f"<article><h1>Quay to close</h1>{ps(0, 4)}<table>{rows}</table>{ps(4, 8)}</article>")
    assert [found for kind, found in segments(article) if kind == "table"] == [text]


def test_bold_lines_are_headings() -> None:
    """Alone, or above a line break; bold names at the beginning of a sentence are none."""
    body = f"<p><b>Ana Lima</b> chairs the board of the harbour, and has for twenty years.</p><p><strong>What it costs</strong><br>{TEXT[4]}</p><p><b>Who pays for it</b></p>"
    found = segments(page(f"<article><h1>Quay to close</h1>{ps(0, 4)}{body}{ps(5, 8)}</article>"))
    assert [text for kind, text in found if kind == "heading"] == ["What it costs", "Who pays for it"]
    assert ("paragraph", TEXT[4]) in found


def test_an_interview_in_a_list_of_definitions_is_kept() -> None:
    """Questions and answers, in order."""
    talk = ["Will there be room for every boat?", "On most nights, yes, and on spring tides we send the largest away."]
    body = f"<dl><dt>{talk[0]}</dt><dd>{talk[1]}</dd></dl>"
    assert lines(page(f"<article><h1>Quay to close</h1>{ps(0, 3)}{body}{ps(3, 6)}</article>")) == [
        *TEXT[:3],
        *talk,
        *TEXT[3:6],
    ]


def test_a_live_blog_keeps_every_entry() -> None:
    """Entries in elements of their own, with their times."""
    entries = "".join(
        f"<article class='entry'><time>1{number}:05</time><h3>Entry {number}</h3><p>{line}</p></article>"
        for number, line in enumerate(TEXT[:8])
    )
    text = page(f"<main><h1>Quay to close: live updates</h1><div class='live-blog'>{entries}</div></main>").text.value
    assert [line for line in TEXT[:8] if line not in text] == []


def given(body: str) -> str:
    """A page's data, broken as data is: in CDATA, with a semicolon behind."""
    data = json.dumps({"@type": "NewsArticle", "headline": "Quay to close", "articleBody": body})
    return f"<script type='application/ld+json'>//<![CDATA[\n{data};\n//]]></script>"


def test_the_body_of_a_pages_data_is_taken_if_the_page_shows_none() -> None:
    """Its paragraphs by line ends or markup; without either, some sentences each."""
    shell = "<div id='root'>Please enable scripts.</div>"
    for body in ("\n\n".join(TEXT), "".join(f"<p>{line}</p>" for line in TEXT)):
        article = page(shell, given(body))
        assert lines(article) == TEXT
        assert "extraction_fallback" in article.text.quality.flags
    assert len(lines(page(shell, given(" ".join(TEXT))))) == 4


@pytest.mark.parametrize("body", [TEXT[0], " ".join(TEXT[:3]), " ".join(TEXT)])
def test_the_body_of_a_pages_data_is_not_taken_if_the_page_shows_it(body: str) -> None:
    """A teaser, a beginning, or all of it without paragraphs: the page's own text is the better one."""
    assert lines(page(f"<article><h1>Quay to close</h1>{ps(0, 12)}</article>", given(body))) == TEXT


def test_a_body_that_ends_in_the_middle_is_flagged() -> None:
    """Of a page or a text; a last line that is a signature is none."""
    cut = TEXT[0] + " The board said on Tuesday that the plan of the engineer would be"
    for article in (page(f"<article>{ps(0, 4)}<p>{cut}</p></article>"), clean(body="\n\n".join([*TEXT[:4], cut]))):
        assert "incomplete" in article.text.quality.flags
        assert article.text.quality.score <= 0.7
    for end in (
        TEXT[4],
        "With reports from the harbour office and the island council",
        TEXT[4] + " See harbour.example/plan",
    ):
        assert "incomplete" not in clean(body="\n\n".join([*TEXT[:4], end])).text.quality.flags


def test_a_page_that_shows_far_more_than_was_taken_is_flagged() -> None:
    """Measured on the blocks, since completion finds what it can."""
    tree = lxml.html.document_fromstring(f"<body><div>{ps(0, 2)}</div><div>{ps(2, 12)}</div></body>")
    seen = reading.read(tree)
    held = left_out.Weights(seen)
    few = [index < 2 for index in range(len(seen.blocks))]
    assert left_out.is_incomplete(seen, few, held)
    assert not left_out.is_incomplete(seen, [True] * len(seen.blocks), held)


@pytest.mark.parametrize(
    "markup",
    [
        "".join(f"<font color=red><p>{line} {number}" for number in range(30) for line in TEXT),
        "".join(f"<div class=x><p>{line} {number}</p>" for number in range(30) for line in TEXT),
        "".join(f"<section><p><em>{line} {number}<br><br>" for number in range(30) for line in TEXT),
    ],
)
def test_a_page_whose_tags_nobody_closed_is_read(markup: str) -> None:
    """Its tags nest hundreds deep; the text is all there, and a flag says so."""
    article = page(f"<h1>Quay to close</h1>{markup}")
    assert "simplified" in article.text.quality.flags
    assert [number for number in range(30) if f"{TEXT[5]} {number}" not in article.text.value] == []


def test_depth_without_text_is_refused() -> None:
    """Nothing is read out of tags alone."""
    assert refused(html="<div>" * 5_000 + "x").reason == "html_too_complex"


FURNISHED = f"""<header class='site'><div>The Harbour Post since 1902</div></header>
<div class='cookie-banner'><p>We use cookies to make this page better for you.</p></div>
<main><article><h1>Quay to close</h1><p class='byline'>By Ana Lima</p><figure><figcaption>The old quay in March</figcaption></figure>
<div class='article-body'>{ps(0, 4)}<table><tr><td>Fees</td><td>12</td></tr></table><div class='share'>Share this story</div>{ps(4, 8)}</div></article>
<aside><h3>Most read</h3><p>Ferry fares rise for the third year in a row</p></aside>
<div id='comments'><p>It is a shame, and the board should go, all of it.</p></div><form><label>Your address</label></form></main>
<div class='x'>A line that nobody named</div><s>Old price</s>"""


def test_nothing_of_a_page_leaves_without_a_trace() -> None:
    """Each visible block outside of navigation is in the text or in what was removed, with the rule for its place."""
    article = page(FURNISHED)
    told = article.text.value + "\n" + "\n".join(removed.text for removed in article.text.removed)
    tree = lxml.html.document_fromstring(f"<html><body>{FURNISHED}{FOOT}</body></html>")
    shown = [" ".join(text.split()) for text in tree.itertext() if text.strip()]
    assert [text for text in shown if text not in told] == []
    rules = left(article)
    assert rules["page.overlay"] == "We use cookies to make this page better for you."
    assert rules["page.caption"] == "The old quay in March"
    assert rules["page.comments"] == "It is a shame, and the board should go, all of it."
    assert rules["page.footer"] == "Write to us at the harbour office."
    assert rules["page.form"] == "Your address"
    assert "A line that nobody named" in rules["page.outside"]
    assert rules["page.struck"] == "Old price"


def test_what_is_told_of_a_page_is_bounded() -> None:
    """Shown text first; the last entry says how many blocks are not told."""
    many = "".join(f"<div>Line {number} that is not of the article at all</div>" for number in range(2_000))
    hidden = "<div hidden>Never shown</div>"
    removed = page(f"{hidden}<article>{ps(0, 12)}</article><div class='promo'>{many}</div>").text.removed
    told = [entry for entry in removed if entry.rule != "page.more"]
    assert sum(len(entry.text) for entry in told) <= left_out.MAX_LEFT * 1.1
    assert "page.hidden" not in [entry.rule for entry in told]
    assert removed[-1].rule == "page.more"
    assert removed[-1].text.endswith(" more blocks")


def test_what_was_left_out_of_the_page_says_nothing_of_its_quality() -> None:
    """Menus are no boilerplate that an article is made of."""
    many = "".join(f"<div>Line {number} that is not of the article at all</div>" for number in range(200))
    assert page(f"<article>{ps(0, 12)}</article><aside>{many}</aside>").text.quality.flags == ()


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("article-body", Hint.BODY),
        ("articleBody", Hint.BODY),
        ("StoryRelatedLinks", Hint.BOX),
        ("page__sub-title", Hint.LEDE),
        ("sr-only", Hint.HIDDEN),
        ("commentary", 0),
        ("shared-border", 0),
        ("adelaide", 0),
    ],
)
def test_names_are_read_by_their_words(name: str, hint: int) -> None:
    """Whole words only: a part of a word says nothing."""
    assert of_name(name) == hint


def test_an_element_that_holds_the_prose_has_the_votes_if_the_extractor_took_next_to_none() -> None:
    """Not the comments of readers, and not if the extractor found an article."""
    markup = f"<body><p>Sign up</p><div class='x'>{ps(0, 6)}</div><div id='comments'>{ps(6, 12) * 2}</div></body>"
    seen = reading.read(lxml.html.document_fromstring(markup))
    held = left_out.Weights(seen)
    none = [block.text == "Sign up" for block in seen.blocks]
    found = voting.rescued(seen, none, held)
    assert [block.text for block, vote in zip(seen.blocks, found, strict=True) if vote] == TEXT[:6]
    some = [block.text in TEXT[6:] for block in seen.blocks]
    assert voting.rescued(seen, some, held) == some


def test_a_page_without_a_vote_is_not_completed() -> None:
    """Where the extractor gave nothing and no element holds much, there is nothing to begin with."""
    seen = reading.read(lxml.html.document_fromstring("<body><p>Home</p><p>Sport</p></body>"))
    assert completion.complete(seen, [False, False], left_out.Weights(seen)) == [False, False]
