"""Text files as people have them: what stands at the head is read, and nothing of the article goes with it."""

# ruff: noqa: E501  (a table is read whole)

from __future__ import annotations

from typing import Any

import pytest

from pipeline import formats
from pipeline.article import Hints, Origin
from pipeline.cleaning.structure import ending
from tests.unit.cleaning.articles import BODY, clean

A = "The port of Osk was closed on Monday by the worst storm in a decade, its harbour master said."
B = "Ships waited outside, and ferries to the islands will not sail before Thursday at the earliest."
TEXT = f"{A}\n\n{B}\n"
WRAPPED = (
    "The port of Osk was closed on Monday by the worst storm in a decade,\nits harbour master said. Ships waited outside,"
    " and ferries to the\nislands will not sail before Thursday at the earliest.\n\nThe port authority said that it would look"
    " at the damage to the old\nquay on Wednesday.\n"
)
HEAD = "Storm closes the port of Osk"


def read(text: str, **hints: str) -> tuple[Any, str]:
    """(title, by, published, modified) and the body."""
    origin = Origin(raw_sha256="", size=0, hints=Hints(content_type="text/plain; charset=utf-8", **hints))
    article = formats.decode_raw(text.encode(), origin=origin)
    meta = article.meta
    return (meta.title, meta.by, meta.published_at, meta.modified_at), article.body or ""


T8, T0 = "2026-03-03T08:00:00Z", "2026-03-03T00:00:00Z"
HEADS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "headline": (f"{HEAD}\n\n", (HEAD, None, None, None)),
    "headline, byline": (f"{HEAD}\n\nBy Una Pell\n\n", (HEAD, "Una Pell", None, None)),
    "all on lines of their own": (f"{HEAD}\nBy Una Pell\nMarch 3, 2026\n\n", (HEAD, "Una Pell", T0, None)),
    "time first": (f"2026-03-03 08:00 UTC\n\n{HEAD}\n\nBy UNA PELL\n\n", (HEAD, "UNA PELL", T8, None)),
    "byline first": (f"By Una Pell\n{HEAD}\n3 March 2026\n\n", (HEAD, "Una Pell", T0, None)),
    "byline and time in one": (f"{HEAD}\nBy Una Pell | March 3, 2026 8:00 AM GMT\n\n", (HEAD, "Una Pell", T8, None)),
    "two authors with their outlet": (f"{HEAD}\n\nBy Una Pell and Di Wang, Eastmere Echo\n\n", (HEAD, "Una Pell and Di Wang, Eastmere Echo", None, None)),
    "a particle and an address": (f"{HEAD}\n\nBy Ana van der Berg <ana@echo.example>\n\n", (HEAD, "Ana van der Berg", None, None)),
    "published and updated": (f"{HEAD}\nPublished: 3 March 2026\nUpdated: 4 March 2026\n\n", (HEAD, None, T0, "2026-03-04T00:00:00Z")),
    "a wrapped headline": (f"{HEAD} for the second time\nthis winter as the sea rises\n\nBy Una Pell\n\n", (f"{HEAD} for the second time this winter as the sea rises", "Una Pell", None, None)),
    "labels": (f"Headline: {HEAD}\nBy: Una Pell\nDate: 2026-03-03T08:00:00Z\nSlug: storm\n\n", (HEAD, "Una Pell", T8, None)),
    "labels in capitals": (f"TITLE: {HEAD}\nAUTHOR: Una Pell\nPUBLISHED: Tue, 03 Mar 2026 08:00:00 GMT\n", (HEAD, "Una Pell", T8, None)),
    "a mail": (f"From: Una Pell <una@echo.example>\nTo: Desk <desk@echo.example>\nSubject: {HEAD}\nDate: Tue, 03 Mar 2026 09:00:00 +0100\n\n", (HEAD, "Una Pell", T8, None)),
    "a label and a headline": (f"Date: 3 March 2026\n\n{HEAD}\n\n", (HEAD, None, T0, None)),
    "Windows line ends": (f"{HEAD}\r\nBy Una Pell\r\nMarch 3, 2026\r\n\r\n", (HEAD, "Una Pell", T0, None)),
    "a byte order mark": (f"\ufeff{HEAD}\n\nBy Una Pell\n\n", (HEAD, "Una Pell", None, None)),
    "German": ("Sturm schließt den Hafen von Osk\nVon Una Pell\n3. März 2026\n\n", ("Sturm schließt den Hafen von Osk", "Una Pell", T0, None)),
}  # fmt: skip


@pytest.mark.parametrize("text", [TEXT, WRAPPED], ids=["paragraphs", "hard-wrapped"])
@pytest.mark.parametrize("what", HEADS)
def test_the_head_of_a_text_is_read(what: str, text: str) -> None:
    """Each line goes to its field, and the article begins with its own first word."""
    head, expected = HEADS[what]
    found, body = read(head + text)
    assert found == expected
    assert body.strip() == text.strip()


NO_HEAD = [
    f"{A} {B}", f"{A}\n{B}", f"By Tuesday night the water had risen to the\nsecond step of the old quay, and ferries\nstayed away.\n\n{TEXT}",
    f"By Tuesday, all was over.\n\n{TEXT}", f"By and large it held.\n\n{TEXT}", f"OSK, March 3, 2026 (Wire) - {A}\n\n{B}",
    f"Update: the port is open.\n\n{TEXT}", f"Language: a history of words that nobody reads any more, he said.\n\n{TEXT}",
    f"“By Una Pell” is what it said.\n\n{TEXT}", f"Note: {A}\n\n{B}", "By Una Pell", "Title: x",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_HEAD)
def test_the_first_words_of_an_article_are_no_head(text: str) -> None:
    """They stay, to the letter."""
    (_, by, published, _), body = read(text)
    assert (by, published) == (None, None)
    assert "".join(text.split()) == "".join(body.split())


def test_what_headers_say_counts_before_the_head() -> None:
    """The text keeps its own headline then."""
    (title, by, _, _), body = read(f"{HEAD}\n\nBy Una Pell\n\n{TEXT}", title="Another headline")
    assert (title, by) == ("Another headline", "Una Pell")
    assert body.startswith(HEAD)


ENDINGS = [
    ("-- \nUna Pell\nEastmere Echo\nTel: +44 1632 960001", ["Una Pell Eastmere Echo Tel: +44 1632 960001"]),
    ("--\nUna Pell | Reporter", ["Una Pell | Reporter"]),
    ("-30-", ["-30-"]), ("- 30 -", ["- 30 -"]), ("###", ["###"]), ("ENDS", ["ENDS"]), ("(ends)", ["(ends)"]), ("UP/mh", ["UP/mh"]),
    ("Sent from my iPhone", ["Sent from my iPhone"]), ("UP/mh\n\nENDS", ["UP/mh", "ENDS"]),
    ("ENDS\n\nNotes to editors: the port is the oldest of the coast.", ["ENDS"]),
]  # fmt: skip


@pytest.mark.parametrize(("end", "removed"), ENDINGS)
def test_what_only_ends_a_text_is_taken_out(end: str, removed: list[str]) -> None:
    """And stands in `removed`, in its order; notes behind an end mark stay."""
    article = clean(body=f"{BODY}\n\n{end}\n")
    assert [line.text for line in article.text.removed if line.rule.startswith("text.")] == removed
    assert article.text.value.startswith(BODY)
    assert all(line not in article.text.value for line in removed)
    assert ("Notes to editors" in article.text.value) is ("Notes" in end)


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        f"{BODY}\n\n--\n\n{BODY}",
        f"{BODY}\n\nThe play ends\nENDS\nwith these words",
        "ENDS",
        "-- \nUna Pell",
        "",
    ],
)
def test_what_ends_nothing_stays(text: str) -> None:
    """A dash between two parts, a word among others, and a text of which nothing else would be left."""
    assert ending.split(text) == (text, [])
