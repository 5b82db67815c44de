"""Names of fields: what others call them, which counts, what is mapped, and what is told of the rest."""

# ruff: noqa: E501  (a table is read whole)

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from pipeline import formats
from pipeline.article import GivenSubject, RawArticle
from pipeline.errors import SettingsError
from pipeline.formats import field_names
from pipeline.formats.field_names import NAMES, FieldMap


def decode(document: Any, field_map: FieldMap = ()) -> RawArticle:
    """Of an object."""
    return formats.decode_raw(orjson.dumps(document), field_map=field_map)


def test_no_name_stands_for_two_fields() -> None:
    """In whatever spelling."""
    every = [field_names.key(name) for field, names in NAMES.items() for name in (field, *names)]
    assert len(every) == len(set(every))


def test_the_table_of_names_is_documented() -> None:
    """docs/feeding.md has every name, in the order in which it counts."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "feeding.md").read_text(encoding="utf-8")
    written = {
        row[1]: tuple(re.findall(r"`([^`]+)`", row[2]))
        for row in re.finditer(r"^\| `(\w+)` \| (`.+?) \| .*\|$", page, re.M)
    }
    assert {field: written.get(field) for field in NAMES} == dict(NAMES)


VALUES: dict[str, tuple[Any, str, Any]] = {  # ours: (a value, the attribute, what is read)
    "title": ("Quay closes", "title", "Quay closes"),
    "by": ("Una Pell", "by", "Una Pell"),
    "source": ("Echo", "source", "Echo"),
    "language": ("en", "language", "en"),
    "section": ("News", "section", "News"),
    "description": ("Shut.", "description", "Shut."),
    "keywords": (["ports"], "keywords", ("ports",)),
    "publishedAt": ("2026-03-03T08:00:00Z", "published_at", "2026-03-03T08:00:00Z"),
    "modifiedAt": ("2026-03-03T08:00:00Z", "modified_at", "2026-03-03T08:00:00Z"),
    "fetchedAt": ("2026-03-03T08:00:00Z", "fetched_at", "2026-03-03T08:00:00Z"),
    "contentType": ("text/plain", "content_type", "text/plain"),
    "url": ("https://echo.example/a", "url", "https://echo.example/a"),
}


@pytest.mark.parametrize(("field", "name"), [(f, n) for f in VALUES for n in (f, *NAMES[f])])
def test_every_other_name_is_understood(field: str, name: str) -> None:
    """Also in snake_case, in capitals and with a hyphen."""
    value, attribute, read = VALUES[field]
    for spelt in (
        name,
        field_names.snake(name),
        name.upper(),
        name.replace(":", "_"),
        field_names.snake(name).replace("_", "-"),
    ):
        article = decode({"body": "x", spelt: value})
        assert getattr(article.meta, attribute) == read, spelt
        assert (article.unknown_names, article.flags) == ((), ()), spelt


@pytest.mark.parametrize("field", ["body", "html"])
def test_every_other_name_of_the_text_is_understood(field: str) -> None:
    """And of several the first of the table counts."""
    for name in NAMES[field]:
        found = decode({name: "<p>The quay closes.</p>" if field == "html" else "The quay closes."})
        assert found.html if field == "html" else found.body, name
    texts = {name: f"Text of {name}." for name in NAMES["body"]}
    assert decode(dict(reversed(texts.items()))).body == f"Text of {NAMES['body'][0]}."


def test_a_guid_is_the_uri_if_it_is_one() -> None:
    """A bare number tells apart the articles of one outlet only, and an address counts before it."""
    text = {"title": "Quay", "text": "The quay closes."}
    assert decode({**text, "guid": "tag:echo.example,2026:1"}).uri == "tag:echo.example,2026:1"
    assert (
        decode({**text, "id": 17, "link": "https://echo.example/a"}).uri
        == decode({**text, "link": "https://echo.example/a"}).uri
    )
    ours, theirs = ({**text, "id": 17, "source_name": name} for name in ("Echo", "Courier"))
    assert decode(ours).uri == decode({**ours, "text": "The quay reopens."}).uri
    assert decode(ours).uri != decode(theirs).uri
    assert decode({**text, "id": 17}).uri != decode({"text": "Another.", "id": 17}).uri


def test_our_own_name_counts_before_others() -> None:
    """Whatever the order in the object; an unreadable or blank value does not hide a readable one."""
    assert decode({"headline": "B", "title": "A", "body": "x"}).meta.title == "A"
    assert decode({"headline": "B", "title": " ", "body": "x"}).meta.title == "B"
    article = decode({"headline": "B", "title": 7, "body": "x"})
    assert (article.meta.title, article.flags) == ("B", ("odd_field",))
    assert (
        decode(
            {"published_at": "2026-01-02T00:00:00Z", "publishedAt": "2026-01-01T00:00:00Z", "body": "x"}
        ).meta.published_at
        == "2026-01-01T00:00:00Z"
    )
    article = decode({"body": "x", "publishedAt": "soon", "pubDate": "Tue, 03 Mar 2026 08:00:00 GMT"})
    assert (article.meta.published_at, article.flags) == ("2026-03-03T08:00:00Z", ("unreadable_timestamp",))
    assert decode({"content": "<p>From a feed.</p>", "body": "Our own."}).body == "Our own."
    assert decode({"body": "Our own.", "html": "<p>Markup.</p>"}).html == "<p>Markup.</p>"


def test_a_description_is_the_text_of_an_item_that_has_no_other() -> None:
    """Marked so; beside a text it is the description."""
    item = {"title": "Quay closes", "link": "https://echo.example/a", "description": "<p>The quay <b>closes</b>.</p>"}
    article = decode(item)
    assert (article.html, article.flags) == ("<p>The quay <b>closes</b>.</p>", ("summary_only",))
    article = decode({**item, "content:encoded": "<p>The whole story.</p>"})
    assert (article.html, article.meta.description, article.flags) == (
        "<p>The whole story.</p>",
        "The quay closes.",
        (),
    )


ITEMS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "RSS": (
        {"title": "Quay", "link": "https://e.example/a", "pubDate": "Tue, 03 Mar 2026 08:00:00 GMT",
         "dc:creator": "Una Pell", "category": ["News", "Harbour"], "content:encoded": "<p>x</p>",
         "guid": {"#text": "https://e.example/?p=1", "@isPermaLink": "false"}},
        {"title": "Quay", "url": "https://e.example/a", "published_at": "2026-03-03T08:00:00Z", "by": "Una Pell",
         "section": "News", "given_subjects": (GivenSubject(name="Harbour"),)},
    ),
    "feedparser": (
        {"title": "Quay", "links": [{"rel": "enclosure", "href": "https://e.example/a.mp3"}, {"rel": "alternate", "href": "https://e.example/a"}],
         "authors": [{"name": "Una Pell"}, {"name": "Di Wang"}], "published": "Tue, 03 Mar 2026 08:00:00 +0000",
         "tags": [{"term": "ports", "scheme": None, "label": None}],
         "content": [{"type": "text/plain", "value": "x"}, {"type": "text/html", "value": "<p>x y</p>"}]},
        {"title": "Quay", "url": "https://e.example/a", "by": "Una Pell, Di Wang", "keywords": ("ports",),
         "published_at": "2026-03-03T08:00:00Z"},
    ),
    "JSON Feed": (
        {"id": "https://e.example/1", "url": "https://e.example/a", "title": "Quay", "content_html": "<p>x</p>",
         "date_published": "2026-03-03T08:00:00Z", "authors": [{"name": "Una Pell"}], "tags": ["ports"]},
        {"title": "Quay", "url": "https://e.example/a", "by": "Una Pell", "keywords": ("ports",),
         "published_at": "2026-03-03T08:00:00Z"},
    ),
    "WordPress": (
        {"id": 5, "date_gmt": "2026-03-03T08:00:00", "date": "2026-03-03T08:00:00Z", "link": "https://e.example/a",
         "title": {"rendered": "Quay &#8211; closed"}, "content": {"rendered": "<p>x</p>", "protected": False},
         "excerpt": {"rendered": "<p>Shut.</p>\n"}},
        {"title": "Quay – closed", "url": "https://e.example/a", "description": "Shut.", "published_at": "2026-03-03T08:00:00Z"},
    ),
    "NewsAPI": (
        {"source": {"id": None, "name": "Echo"}, "author": "Una Pell", "title": "Quay", "description": "Shut.",
         "url": "https://e.example/a", "publishedAt": "2026-03-03T08:00:00Z", "content": "x… [+90 chars]"},
        {"title": "Quay", "source": "Echo", "by": "Una Pell", "description": "Shut.", "url": "https://e.example/a"},
    ),
    "NYT": (
        {"web_url": "https://e.example/a", "headline": {"main": "Quay", "kicker": "Harbour"}, "abstract": "Shut.",
         "byline": {"original": "By Una Pell", "person": []}, "pub_date": "2026-03-03T08:00:00+0000", "body": "x",
         "section_name": "News", "keywords": [{"name": "subject", "value": "Ports"}]},
        {"title": "Quay", "by": "Una Pell", "section": "News", "keywords": ("Ports",), "published_at": "2026-03-03T08:00:00Z"},
    ),
    "news-please": (
        {"maintext": "x", "title": "Quay", "authors": ["Una Pell"], "date_publish": "2026-03-03 08:00:00",
         "source_domain": "e.example", "url": "https://e.example/a", "language": "en", "date_download": "2026-03-04 08:00:00"},
        {"title": "Quay", "by": "Una Pell", "source": "e.example", "published_at": "2026-03-03T08:00:00Z", "fetched_at": "2026-03-04T08:00:00Z"},
    ),
    "schema.org": (
        {"headline": "Quay", "articleBody": "x", "datePublished": "2026-03-03T08:00:00Z", "inLanguage": "en",
         "author": {"@type": "Person", "name": "Una Pell"}, "publisher": {"@type": "Organization", "name": "Echo", "url": "https://e.example"},
         "mainEntityOfPage": {"@id": "https://e.example/a"}},
        {"title": "Quay", "by": "Una Pell", "source": "Echo", "source_uri": "https://e.example", "url": "https://e.example/a"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ITEMS)
def test_what_common_sources_write_is_read(kind: str) -> None:
    """Their items as they give them, in JSON."""
    document, expected = ITEMS[kind]
    article = decode(document)
    assert article.body or article.html
    assert {name: getattr(article.meta, name) for name in expected} == expected
    assert "odd_field" not in article.flags


def test_a_map_counts_before_every_name() -> None:
    """Where the article has a value there; a mapped name stands for nothing else."""
    field_map = field_names.field_map("title=headline, body=fields.bodyText,by=desk.editors")
    document = {"title": "Web title", "headline": "Print title", "text": "Short.", "fields": {"bodyText": "Whole."},
                "desk": {"editors": [{"name": "Una Pell"}]}, "likes": 1}  # fmt: skip
    article = decode(document, field_map)
    assert (article.meta.title, article.body, article.meta.by) == ("Print title", "Whole.", "Una Pell")
    assert article.unknown_names == ("likes",)
    assert decode({"title": "Web title", "text": "Short."}, field_map).meta.title == "Web title"
    mapped = decode({"html": "<p>Own.</p>", "body": "Own.", "note": "Whole."}, field_names.field_map("body=note"))
    assert (mapped.body, mapped.html) == ("Whole.", None)
    mapped = decode({"content": "A summary.", "text": "Whole."}, field_names.field_map("description=content"))
    assert (mapped.body, mapped.meta.description) == ("Whole.", "A summary.")


def test_a_mapped_article_is_the_article() -> None:
    """By our names, for those who do not know the map; what is not mapped stays as it is."""
    field_map = field_names.field_map("title=headline,published_at=meta.when")
    document = {"title": "A", "headline": "B", "meta": {"when": 1772524800}, "body": "x", "likes": 1}
    moved = field_names.mapped(document, field_map)
    assert moved == {"title": "B", "publishedAt": 1772524800, "body": "x", "likes": 1}
    assert decode(moved).meta == decode(document, field_map).meta
    assert field_names.mapped({"body": "x"}, field_map) == {"body": "x"}
    assert field_names.mapped({"meta": {"when": 1, "by": "U"}}, field_map) == {"meta": {"by": "U"}, "publishedAt": 1}
    assert field_names.mapped({"meta": [{"when": 1}]}, field_map) == {"meta": [{"when": 1}], "publishedAt": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title", "is not FIELD=NAME"),
        ("title=", "is not FIELD=NAME"),
        ("=headline", "is not FIELD=NAME"),
        ("title=a=b", "is not FIELD=NAME"),
        ("headline=title", "the fields are body, by"),
        ("likes=shares", "the fields are body, by"),
        ("ti\x1btle=x", "is not FIELD=NAME"),
    ],
)
def test_a_map_that_is_none_is_refused_in_one_line(text: str, said: str) -> None:
    """It says what it should be."""
    with pytest.raises(SettingsError, match=said) as refused:
        field_names.field_map(text)
    assert str(refused.value).isprintable()
