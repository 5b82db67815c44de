"""What a page says of itself, as a desk would write it."""

# ruff: noqa: E501  (an example is read whole)

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.article import Metadata
from tests.unit.cleaning.articles import BODY, clean

TEXT = "".join(f"<p>{line}</p>" for line in BODY.split("\n\n"))
HEAD = "Lighthouse keepers return to the cape"


def page(head: str = "", *, body: str = f"<h1>{HEAD}</h1>", after: str = "", lang: str = "en") -> str:
    """A page with this head, and this before and after its text."""
    return f'<html lang="{lang}"><head>{head}</head><body><article>{body}{TEXT}</article>{after}</body></html>'


def meta(html: str, **given: Any) -> Metadata:
    """What is known of a page's article."""
    return clean(html=html, **given).meta


def ld(*nodes: dict[str, Any]) -> str:
    """A block of JSON-LD."""
    return f'<script type="application/ld+json">{json.dumps(nodes[0] if len(nodes) == 1 else list(nodes))}</script>'


def article(**more: Any) -> dict[str, Any]:
    """A node of the page's article."""
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": HEAD,
        "datePublished": "2026-02-03T08:15:00+00:00",
    } | more


OG = '<meta property="og:title" content="{}">'
SITE = '<meta property="og:site_name" content="{}">'


@pytest.mark.parametrize(
    ("head", "heading", "right"),
    [
        # The outlet goes from the end: its name is known, or its host, or another source shows what is left.
        ("<title>Cape light is lit again | The Cape Courier</title>" + SITE.format("Cape Courier"), "", "Cape light is lit again"),
        ("<title>Cape light is lit again - News - The Cape Courier</title>" + SITE.format("The Cape Courier"), "", "Cape light is lit again"),
        ("<title>Cape light is lit again | Coast | Cape Courier</title>", "Cape light is lit again", "Cape light is lit again"),
        ("<title>Cape light is lit again – Cape Courier Online</title>", "", "Cape light is lit again"),
        ("<title>Cape light is lit again | capecourier.example</title>", "", "Cape light is lit again"),
        ('<link rel="canonical" href="https://www.cape-courier.example/a"><title>Cape light is lit again – CapeCourier</title>', "", "Cape light is lit again"),
        (OG.format("Cape light is lit again » Küstenblatt") + SITE.format("Küstenblatt"), "", "Cape light is lit again"),
        (OG.format("Cape light is lit again - Die Neue Küstenzeitung"), "Cape light is lit again", "Cape light is lit again"),
        ("<title>灯台が再び点灯_海岸新聞</title>", "灯台が再び点灯", "灯台が再び点灯"),
        # Real headlines stay whole.
        (OG.format("Plus - Minus play the pier") + SITE.format("Plus"), "", "Plus - Minus play the pier"),
        (OG.format("Cape Courier – a hundred years of tides") + SITE.format("Cape Courier"), "", "Cape Courier – a hundred years of tides"),
        (OG.format("Courier : the ship that would not sink") + SITE.format("Courier"), "", "Courier : the ship that would not sink"),
        (OG.format("STORM 2.0 | What the keepers saw"), "STORM 2.0 | What the keepers saw", "STORM 2.0 | What the keepers saw"),
        (OG.format("Election | All Results"), "Election | All Results", "Election | All Results"),
        (OG.format("Keepers v Council - who was right?"), "", "Keepers v Council - who was right?"),
        (OG.format("Light, fog - and a long night"), "", "Light, fog - and a long night"),
        ("<title>Mother-of-pearl - a story of the sea</title>", "", "Mother-of-pearl - a story of the sea"),
        (OG.format("The Courier-Post strike: what we know") + SITE.format("Courier-Post"), "", "The Courier-Post strike: what we know"),
        # An outlet before a bar goes.
        ("<title>Cape Courier | Keepers return</title>" + SITE.format("Cape Courier"), "", "Keepers return"),
        # Markup and entities, once too often escaped.
        (OG.format("&amp;lt;i&amp;gt;Tide&amp;lt;/i&amp;gt; and &amp;amp; time"), "", "Tide and & time"),
        (OG.format("&lt;em&gt;Tide&lt;/em&gt; at 5 &amp;lt; 6"), "", "Tide at 5 < 6"),
        # Sources that differ: what more of them say.
        (OG.format("A teaser for friends") + ld(article()) + f"<title>{HEAD} | Courier</title>", HEAD, HEAD),
        (OG.format("The keepers are back at the cape") + ld(article()), "The keepers are back at the cape", "The keepers are back at the cape"),
        (OG.format("Shown to readers at the cape") + ld(article()) + f"<title>{HEAD} | Courier</title>", "Shown to readers at the cape", "Shown to readers at the cape"),
        (ld(article(headline=HEAD[:25] + "...")) + OG.format(HEAD), "", HEAD),
        # The heading that the title names, not the outlet's logo.
        ("<title>Keepers return | Coast | Cape Courier</title>", "Cape Courier</h1><h1>Keepers return", "Keepers return"),
        ("<title>A long dive from the cape rock - Cape Courier</title>", "Cape Courier", "A long dive from the cape rock"),
        ("<title>How the keepers came back - Reviews</title>", "Reviews", "How the keepers came back - Reviews"),
        (OG.format("Keepers to be paid twice - Reports"), "", "Keepers to be paid twice - Reports"),
        (OG.format("Storm over the cape - Live Updates"), "", "Storm over the cape - Live Updates"),
        (OG.format("Lights out – Coastguard Council"), "", "Lights out – Coastguard Council"),
        # A kicker that the markup calls so.
        (OG.format("Cape: Keepers return to their light"), '<span class="kicker">Cape</span> <span>Keepers return to their light</span>', "Keepers return to their light"),
        (OG.format("The long storm: Keepers return to their light"), '<span class="overline">Cape</span> - Keepers return to their light', "Keepers return to their light"),
        # An `h1` in navigation is none; the heading shows where the headline begins.
        (
            OG.format("Keepers return to their light") + ld(article(headline="The long storm: Keepers return to their light")),
            '</h1><nav><h1>The long storm: Keepers return to their light</h1></nav><h2 class="a"><span class="b">The long storm</span><span class="headline">Keepers return to their light</span></h2><h1>',
            "Keepers return to their light",
        ),
        ("", "", None),
    ],
)  # fmt: skip
def test_the_headline(head: str, heading: str, right: str | None) -> None:
    """Without outlet, kicker and markup; and whole."""
    assert meta(page(head, body=f"<h1>{heading}</h1>" if heading else "")).title == right


@pytest.mark.parametrize(
    ("head", "body", "right"),
    [
        (ld(article(author={"@type": "Person", "name": "Rosa Teale"})), "", ["Rosa Teale"]),
        (ld(article(author=[{"name": "Rosa Teale"}, {"name": "Ian Crewe"}])), "", ["Rosa Teale", "Ian Crewe"]),
        (ld(article(author=["Rosa Teale", "Ian Crewe"])), "", ["Rosa Teale", "Ian Crewe"]),
        (ld(article(author={"name": ["Rosa Teale", "Ian Crewe"]})), "", ["Rosa Teale", "Ian Crewe"]),
        (ld(article(author="Rosa Teale and Ian Crewe")), "", ["Rosa Teale", "Ian Crewe"]),
        (ld(article(author={"@type": "Person", "givenName": "Rosa", "familyName": "Teale"})), "", ["Rosa Teale"]),
        (ld(article(author={"@type": "Person", "name": {"@value": "Rosa Teale"}})), "", ["Rosa Teale"]),
        (ld({"@graph": [article(author={"@id": "#p"}), {"@id": "#p", "@type": "Person", "name": "Rosa Teale"}]}), "", ["Rosa Teale"]),
        (ld(article(creator={"name": "Rosa Teale"})), "", ["Rosa Teale"]),
        # The outlet, an account or a role is not the writer if the page names one.
        (ld(article(author={"@type": "Organization", "name": "Cape Courier"})) + '<meta name="author" content="Rosa Teale">', "", ["Rosa Teale"]),
        (ld(article(author={"@type": "Person", "name": "Cape Courier"})) + SITE.format("Cape Courier"), '<p class="byline">By Rosa Teale</p>', ["Rosa Teale"]),
        (ld(article(author={"name": "wp_admin"})), '<div class="author-name">Rosa Teale</div>', ["Rosa Teale"]),
        (ld(article(author={"name": "https://cape.example/author/rosa-teale"})), '<p>By <a class="author" href="/x">Rosa Teale</a></p>', ["Rosa Teale"]),
        ('<meta name="author" content="Staff Reporter">', "<p>By Rosa Teale</p>", ["Rosa Teale"]),
        ('<meta name="author" content="4711">', "<address><a rel=author href=/r>Rosa Teale</a></address>", ["Rosa Teale"]),
        ('<meta name="author" content="rosa-teale">', '<div class="post-author">Rosa Teale</div>', ["Rosa Teale"]),
        # They sign if nobody else does.
        (ld(article(author={"@type": "Organization", "name": "Cape Courier"})), "", ["Cape Courier"]),
        (ld(article(author={"name": "dpa"})), '<p class="byline">By Rosa Teale</p>', ["dpa"]),
        ('<meta name="author" content="rosa-teale">', "", ["Rosa Teale"]),
        ('<meta property="article:author" content="https://cape.example/people/rosa-teale">', "", ["Rosa Teale"]),
        ('<meta property="article:author" content="https://www.facebook.com/capecourier">', "", []),
        ('<meta name="twitter:creator" content="@rosa">', "", []),
        ('<meta name="author" content="admin">', "", []),
        # Several elements of one name are several writers.
        ('<meta name="author" content="Rosa Teale"><meta name="author" content="Ian Crewe">', "", ["Rosa Teale", "Ian Crewe"]),
        ('<meta name="parsely-author" content="Rosa Teale"><meta name="parsely-author" content="Ian Crewe">', "", ["Rosa Teale", "Ian Crewe"]),
        ('<meta name="authors" content="Rosa Teale, Ian Crewe">', "", ["Rosa Teale", "Ian Crewe"]),
        # A byline that names these and more.
        (ld(article(author={"name": "Ian Crewe"})), '<p><a rel="author">Rosa Teale</a> <a rel="author">Ian Crewe</a></p>', ["Rosa Teale", "Ian Crewe"]),
        # Microdata, links, classes, the line below the headline.
        ("", '<p itemprop="author" itemscope><span itemprop="name">Rosa Teale</span></p>', ["Rosa Teale"]),
        ("", '<div itemprop="author" itemscope><meta itemprop="name" content="Rosa Teale"></div>', ["Rosa Teale"]),
        ("", '<a rel="author" href="/r"><img src="r.jpg"></a><a rel="author" href="/r">Rosa Teale</a>', ["Rosa Teale"]),
        ("", '<p class="byline">By <a href="/r">Rosa Teale</a> and <a href="/i">Ian Crewe</a></p>', ["Rosa Teale", "Ian Crewe"]),
        ("", '<div class="byline"><a href="/r">Rosa Teale</a><span>Coast Correspondent</span></div>', ["Rosa Teale"]),
        ("", '<span class="c-byline__author">Rosa Teale, Lisbon</span>', ["Rosa Teale"]),
        ("", "<p>By ROSA TEALE, Senior Reporter</p>", ["Rosa Teale"]),
        ("", "<p>Von Jana Pohl und Ulf Kern</p>", ["Jana Pohl", "Ulf Kern"]),
        ("", "<p>By then the light was out.</p>", []),
        ("", "<p>By the time the keepers came back to the cape, the lamp had been dark for eleven winters and nobody in the village could say who had kept the key</p>", []),
        # Not the writer of another story.
        ("", '<div class="related"><a href="/x">Ferries late</a> by <a rel="author" href="/w">Ola Wrong</a></div>', []),
        ("", '<aside><p class="byline">By Ola Wrong</p></aside><p class="byline">By Rosa Teale</p>', ["Rosa Teale"]),
        ("", '<div itemscope itemtype="https://schema.org/Comment"><span itemprop="author">Ola Wrong</span></div>', []),
    ],
)  # fmt: skip
def test_the_authors(head: str, body: str, right: list[str]) -> None:
    """All who signed, by name; and `by` says the same."""
    found = meta(page(head, body=f"<h1>{HEAD}</h1>{body}"))
    assert list(found.authors) == right
    assert found.by == (", ".join(right) or None)


def test_the_writer_of_a_story_above_is_not_this_ones() -> None:
    """A featured story stands before the article."""
    html = page(body=f"<h1>{HEAD}</h1><p class='byline'>By Rosa Teale</p>").replace(
        "<article>",
        '<div class="featured"><a href="/x">Ferries late</a> <a rel="author" href="/w">Ola Wrong</a></div><article>',
    )
    assert meta(html).authors == ("Rosa Teale",)


def test_the_names_of_a_given_byline() -> None:
    """The byline stays as it was given; the names are read from it."""
    found = meta(
        page(ld(article(author="Somebody Else"))),
        by="By Rosa Teale and Ian Crewe | Cape Courier",
        source="Cape Courier",
    )
    assert found.by == "By Rosa Teale and Ian Crewe | Cape Courier"
    assert found.authors == ("Rosa Teale", "Ian Crewe")


PUBLISHED = '<meta property="article:published_time" content="{}">'
MODIFIED = '<meta property="article:modified_time" content="{}">'


@pytest.mark.parametrize(
    ("head", "body", "published", "modified", "flags"),
    [
        (PUBLISHED.format("3 February 2026 8:15 PM EST"), "", "2026-02-03T20:15:00-05:00", None, set()),
        (PUBLISHED.format("Tue Feb 03 20:15:00 CET 2026"), "", "2026-02-03T20:15:00+01:00", None, set()),
        # What cannot be read hides nothing; nor does a day a time, or a time without a zone one with it.
        (ld(article(datePublished="a while ago")) + PUBLISHED.format("2026-02-03T08:15:00Z"), "", "2026-02-03T08:15:00Z", None, set()),
        ('<meta property="article:published_time" itemprop="datePublished" content="soon"><meta itemprop="datePublished" content="2026-02-03T08:15:00Z">', "", "2026-02-03T08:15:00Z", None, set()),
        (ld(article(datePublished="2026-02-03")) + PUBLISHED.format("2026-02-03T08:15:00Z"), "", "2026-02-03T08:15:00Z", None, set()),
        (ld(article(datePublished="2026-02-03 09:15:00.0")) + PUBLISHED.format("2026-02-03T09:15:00+01:00"), "", "2026-02-03T09:15:00+01:00", None, set()),
        (ld(article(datePublished="2026-02-03")) + PUBLISHED.format("2026-02-05T08:15:00Z"), "", "2026-02-03T00:00:00Z", None, {"naive_timestamp"}),
        (PUBLISHED.format("gibberish"), "", None, None, {"unreadable_timestamp"}),
        (PUBLISHED.format("2026-02-03T08:15:00"), "", "2026-02-03T08:15:00Z", None, {"naive_timestamp"}),
        # The future: flagged, and never before a date that may be.
        (PUBLISHED.format("2071-02-03T08:15:00Z"), "", "2071-02-03T08:15:00Z", None, {"odd_timestamp"}),
        (PUBLISHED.format("2071-02-03T08:15:00Z"), '<time itemprop="datePublished" datetime="2026-02-03T08:15:00Z">', "2026-02-03T08:15:00Z", None, set()),
        (PUBLISHED.format("1874-02-03T08:15:00Z"), "", "1874-02-03T08:15:00Z", None, {"odd_timestamp"}),
        # The page's own elements.
        ("", '<time datetime="2026-02-03T08:15:00Z">3 Feb</time>', "2026-02-03T08:15:00Z", None, set()),
        ("", '<abbr class="published" title="2026-02-03T08:15:00-04:00">8:15 AM</abbr>', "2026-02-03T08:15:00-04:00", None, set()),
        ("", '<p>Updated <time datetime="2026-02-05T09:00:00Z">5 Feb</time></p><p>Published <time datetime="2026-02-03T08:15:00Z">3 Feb</time></p>', "2026-02-03T08:15:00Z", "2026-02-05T09:00:00Z", set()),
        ("", '<span class="post-date">3. Februar 2026, 8.15 Uhr</span>', "2026-02-03T08:15:00Z", None, {"naive_timestamp"}),
        ("", '<div class="article-meta">Published 8:15am GMT, 3 February 2026 | Updated 9:00am GMT, 5 February 2026</div>', "2026-02-03T08:15:00Z", "2026-02-05T09:00:00Z", set()),
        # Of a live blog JSON-LD may give the last entry's time twice.
        (ld(article(datePublished="2026-02-05T09:00:00Z", dateModified="2026-02-05T09:00:00Z")), '<div itemprop="datePublished" content="2026-02-03T08:15:00Z"></div>', "2026-02-03T08:15:00Z", "2026-02-05T09:00:00Z", set()),
        # Neither the clock of the page nor the time of another story.
        ("", '<ul class="related"><li><time datetime="2019-01-01T00:00:00Z">2019</time></ul>', None, None, set()),
        ("", '<article class="card"><h2>Ferries late</h2><time datetime="2019-01-01T00:00:00Z">2019</time></article>', None, None, set()),
        (MODIFIED.format("2026-02-05T09:00:00Z"), "", None, "2026-02-05T09:00:00Z", set()),
        (PUBLISHED.format("2026-02-03T08:15:00Z") + MODIFIED.format("2026-02-03T08:15:00Z"), "", "2026-02-03T08:15:00Z", None, set()),
    ],
)  # fmt: skip
def test_the_dates(head: str, body: str, published: str | None, modified: str | None, flags: set[str]) -> None:
    """The instants of publication and update, and what is to be said of them."""
    cleaned = clean(html=page(head, body=f"<h1>{HEAD}</h1>{body}"), fetched_at="2026-02-06T00:00:00Z")
    assert (cleaned.meta.published_at, cleaned.meta.modified_at) == (published, modified)
    assert {flag for flag in cleaned.text.quality.flags if flag.endswith("timestamp")} == flags


def test_a_headline_may_be_a_lesser_heading() -> None:
    """A page without `h1`: the heading that its title begins with, and what stands below it."""
    body = f"<h2>Ferries are late after the storm</h2><h2>{HEAD}</h2><p>By Rosa Teale</p><p class='post-date'>3 February 2026, 8:15 GMT</p>"
    found = meta(page(f"<title>{HEAD} | Cape Courier</title>", body=body))
    assert (found.title, found.authors, found.published_at) == (HEAD, ("Rosa Teale",), "2026-02-03T08:15:00Z")


def test_the_clock_of_a_page_is_not_its_date() -> None:
    """It stands above the article."""
    html = page(body=f"<h1>{HEAD}</h1>").replace(
        "<article>", '<div class="top"><time datetime="2026-11-30">Monday</time></div><article>'
    )
    assert meta(html).published_at is None


@pytest.mark.parametrize(
    ("head", "given", "right"),
    [
        ('<link rel="canonical" href="https://cape.example/coast/light">', "https://m.cape.example/coast/light/amp?utm_source=x", "https://cape.example/coast/light"),
        ('<link rel="canonical" href="https://home.example/light">', "https://partner.example/light", "https://home.example/light"),
        ('<link rel="canonical" href="/coast/light">', "https://cape.example/coast/light/amp", "https://cape.example/coast/light"),
        ('<base href="https://cape.example/coast/"><link rel="canonical" href="light">', None, "https://cape.example/coast/light"),
        ('<link rel="canonical" href="https://cape.example/"><meta property="og:url" content="https://cape.example/light">', None, "https://cape.example/light"),
        ('<meta property="og:url" content="https://cape.example/">', None, None),
        ('<meta property="og:url" content="https://cape.example/">', "https://cape.example/light", "https://cape.example/light"),
        ('<link rel="canonical" href="https://cape.example/">', "https://cape.example", "https://cape.example/"),
        ('<link rel="canonical" href="javascript:void(0)">', "https://cape.example/light", "https://cape.example/light"),
        ('<link rel="canonical" href="http://[broken">', "https://cape.example/light", "https://cape.example/light"),
        ('<link rel="alternate canonical" href="https://cape.example/light#top">', None, "https://cape.example/light"),
        (ld(article(mainEntityOfPage={"@id": "https://cape.example/light"})), None, "https://cape.example/light"),
    ],
)  # fmt: skip
def test_the_address_that_a_page_declares(head: str, given: str | None, right: str | None) -> None:
    """It is the canonical one, where it can be; what was fed is kept beside it."""
    found = meta(page(head), url=given)
    assert found.url == right
    assert found.given_url == (given if given != right else None)


NODE = '{"@type": "NewsArticle", "headline": "Keepers", "author": {"name": "Rosa Teale"}, "datePublished": "2026-02-03T08:15:00Z"}'


@pytest.mark.parametrize(
    "block",
    [
        f"\n//<![CDATA[\n{NODE}\n//]]>\n",
        f"/*<![CDATA[*/{NODE}/*]]>*/",
        f"<!--\n{NODE}\n-->",
        f"{NODE};",
        f"/* the article */ {NODE} // end",
        NODE.replace("}", ",}"),
        f"[{NODE},]",
        f"[[{NODE}]]",
        NODE.replace("Keepers", "Keepers\nreturn\t"),
        NODE.replace("Keepers", r"Keepers\' light"),
        NODE.replace('"', "&quot;"),
        "\ufeff" + NODE,
        f"{NODE}\n{NODE}",
        f"window.article = {NODE};",
        NODE.replace("Keepers", 'Keepers of "the old light" return'),
        NODE.replace('"NewsArticle"', '["Thing", "NewsArticle"]'),
        NODE.replace('"NewsArticle"', '"https://schema.org/NewsArticle"'),
        f'{{"@graph": [{{"@type": "WebSite", "name": "Cape"}}, {NODE}]}}',
        f'{{"@graph": {NODE}}}',
        f'{{"@type": "WebPage", "mainEntity": {NODE}}}',
        f'{{"@type": "VideoObject", "name": "Clip", "uploadDate": "2019-01-01"}}</script><script type="application/ld+json">{NODE}',
        NODE.replace('"NewsArticle"', '"LiveBlogPosting"'),
        NODE.replace('"@type": "NewsArticle", ', ""),
    ],
)
def test_json_ld_is_read_as_it_is_found(block: str) -> None:
    """With comments, CDATA, entities, signs too many, lists, graphs, lists of types."""
    found = meta(page(f'<script type="application/ld+json">{block}</script>', body=""))
    assert (found.authors, found.published_at) == (("Rosa Teale",), "2026-02-03T08:15:00Z")


@pytest.mark.parametrize(
    "block",
    [
        "",
        "{",
        "[",
        "[" * 50_000,
        '{"a":' * 50_000,
        "nothing",
        '"',
        "{]}",
        '{"@type": "NewsArticle", "headline": 3, "author": 7, "datePublished": []}',
        '{"@type": [null, 3], "@graph": 3}',
        '{"@type": "NewsArticle", "author": [[["x"]]], "publisher": ["a"], "image": {}}',
    ],
)
def test_json_ld_that_is_none_costs_nothing(block: str) -> None:
    """The page's own elements are read all the same."""
    found = meta(
        page(f'<script type="application/ld+json">{block}</script>', body=f"<h1>{HEAD}</h1><p>By Rosa Teale</p>")
    )
    assert (found.title, found.authors) == (HEAD, ("Rosa Teale",))


OTHER = {"@type": "NewsArticle", "headline": "Ferries late after the storm", "url": "https://cape.example/ferries", "author": {"name": "Ola Wrong"}, "datePublished": "2019-01-01T00:00:00Z"}  # fmt: skip
CANONICAL = '<link rel="canonical" href="https://cape.example/light">'


@pytest.mark.parametrize(
    ("head", "authors"),
    [
        (CANONICAL + ld(OTHER, article(url="https://cape.example/light", author="Rosa Teale")), ("Rosa Teale",)),
        (ld(OTHER, article(author="Rosa Teale")), ("Rosa Teale",)),
        (ld(OTHER) + ld(article(author="Rosa Teale")), ("Rosa Teale",)),
        (CANONICAL + ld(OTHER), ()),
        (
            CANONICAL
            + ld(OTHER, article(url="https://cape.example/light/", headline="Back to the cape", author="Rosa Teale")),
            ("Rosa Teale",),
        ),
    ],
)
def test_another_articles_node_is_not_the_pages(head: str, authors: tuple[str, ...]) -> None:
    """The page's address and headline say which is its own."""
    found = meta(page(head))
    assert found.title != OTHER["headline"]
    assert found.authors == authors
    assert found.published_at != "2019-01-01T00:00:00Z"


def test_source_section_image_and_keywords() -> None:
    """By reference too, and in full."""
    node = article(
        publisher={"@id": "#org"}, articleSection=["Coast", "News"], keywords=["light", "cape"], image={"url": "/light.jpg"},
        url="https://cape.example/light",
    )  # fmt: skip
    found = meta(
        page(
            CANONICAL
            + ld(
                {
                    "@graph": [
                        node,
                        {
                            "@id": "#org",
                            "@type": "Organization",
                            "name": "Cape Courier",
                            "url": "https://cape.example/",
                        },
                    ]
                }
            )
        ),
        url="https://cape.example/light",
    )
    assert (found.source, found.source_uri) == ("Cape Courier", "https://cape.example/")
    assert (found.section, found.image) == ("Coast", "https://cape.example/light.jpg")
    assert found.keywords == ("light", "cape")
