"""Flags and languages: each flag is set by what docs/cleaning.md says sets it."""

# ruff: noqa: E501  (an example is read whole)

import re
import socket
from pathlib import Path

import pytest

from pipeline.cleaning import language_id
from pipeline.cleaning.quality import WEIGHTS, Flag, assess
from tests.unit.cleaning.articles import BODY, clean

DOC = (Path(__file__).parents[3] / "docs" / "cleaning.md").read_text(encoding="utf-8")
GERMAN = "Der Hafen wird für zwei Jahre geschlossen, sagte die Vorsitzende am Dienstag nach der Sitzung des Rates in der alten Halle."


@pytest.mark.parametrize(
    ("body", "flag"),
    [
        ("The quay will close.", "too_short"),
        ("Page not found. The page that you asked for is not here.", "error_page"),
        (f"{BODY}\n\nThis story is available only to subscribers.", "paywalled"),
        (f"{BODY}\n\nThe board will meet again when the wall has been …", "truncated"),
        (f"{BODY}\n\n{BODY}", "repeated_text"),
        (f"{BODY}\n\n{GERMAN}", "mixed_language"),
        ("LIVE: storm\n\n18:42 Landfall.\n\n18:10 Power cut.\n\n17:55 Trains stop.\n\n" + BODY, "live_blog"),
        ("zzqx wvvk jjhq " * 5, "unknown_language"),
    ],
)
def test_a_flag_is_set_by_its_sign(body: str, flag: str) -> None:
    """And not by a plain article."""
    assert flag in clean(body=body).text.quality.flags
    assert flag not in clean(body=BODY).text.quality.flags


@pytest.mark.parametrize(
    ("says", "length", "walled"),
    [("false", 1, True), ('"False"', 1, True), ("true", 1, False), ("false", 4, False)],
)
def test_a_page_that_says_it_is_not_free_and_shows_little_is_paywalled(says: str, length: int, walled: bool) -> None:
    """Publishers say so in JSON-LD; one that shows all of its text has let us in."""
    paragraphs = "".join(f"<p>{line}</p>" for line in BODY.split("\n\n")) * length
    data = f'{{"@type": "NewsArticle", "headline": "Quay to close", "isAccessibleForFree": {says}}}'
    page = f'<html><head><script type="application/ld+json">{data}</script></head><body><article>{paragraphs}</article></body></html>'
    assert ("paywalled" in clean(html=page).text.quality.flags) is walled


def test_words_are_counted_where_no_blanks_are_between_them() -> None:
    """Two characters a word."""
    sentence = "市议会星期二投票决定将老桥关闭两年进行重建。"
    assert "too_short" in clean(body=sentence).text.quality.flags
    assert "too_short" not in clean(body=sentence * 5).text.quality.flags


def test_every_flag_is_documented_and_every_weight_is_of_a_flag() -> None:
    """The set is closed."""
    assert {str(flag) for flag in Flag} <= set(re.findall(r"`(\w+)`", DOC))
    assert set(WEIGHTS) <= set(Flag)


def test_the_score_falls_with_the_flags_and_stays_in_bounds() -> None:
    """0 to 1; flags sorted, each once."""
    assert assess([]).score == 1.0
    assert assess(list(Flag)).score == 0.0
    assert assess(["too_short", "hard_wrapped", "too_short"]).flags == ("hard_wrapped", "too_short")


def test_a_plain_article_has_no_flags() -> None:
    """Nothing to say, full score."""
    quality = clean(body=BODY).text.quality
    assert (quality.score, quality.flags) == (1.0, ())


def test_languages_are_told_per_article_and_per_segment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Offline: no socket is opened, not even when the model is loaded."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(socket, "socket", refuse)
    language_id._model.cache_clear()
    text = clean(body=f"{BODY}\n\n{GERMAN}").text
    assert text.language.tag == "en"
    assert [s.language for s in text.segments] == [None, None, None, "de"]
    assert language_id.identify("12345 !!").tag == "und"
    assert clean(body=GERMAN, language="en").text.quality.flags == ("language_mismatch", "too_short")


@pytest.mark.parametrize(
    ("published", "modified", "odd"),
    [
        ("2026-02-07T16:00:34Z", "2026-02-06T20:33:20Z", True),
        ("2026-02-07T16:00:00Z", "2026-02-07T15:30:00Z", True),
        ("2026-02-07T16:00:00+01:00", "2026-02-07T14:30:00Z", True),
        ("2026-02-07T16:00:00Z", "2026-02-05T00:00:00Z", True),
        ("2026-02-07T16:00:00Z", "2026-02-07T00:00:00Z", False),
        ("2026-02-07T16:00:00Z", "2026-02-07T15:58:00Z", False),
        ("2026-02-07T16:00:00+01:00", "2026-02-07T15:30:00Z", False),
        ("2026-02-07T16:00:00Z", "2026-02-07T16:00:00Z", False),
        ("2026-02-07T16:00:00Z", "9999-12-31T00:00:00Z", False),
        ("2026-02-07T16:00:00Z", None, False),
        (None, "2026-02-06T20:33:20Z", False),
    ],
)
def test_a_change_before_the_publication_is_odd(published: str | None, modified: str | None, odd: bool) -> None:
    """However the two were given, fed or on the page; they stay as they were. Clocks may differ, a day has no time."""
    given = {name: at for name, at in (("published_at", published), ("modified_at", modified)) if at}
    article = clean(body=BODY, **given)
    assert (Flag.ODD_TIMESTAMP in article.text.quality.flags) is odd
    assert (article.meta.published_at, article.meta.modified_at) == (published, modified)
    names = {"published_at": "article:published_time", "modified_at": "article:modified_time"}
    metas = "".join(f"<meta property='{names[name]}' content='{at}'>" for name, at in given.items() if "9999" not in at)
    lines = "".join(f"<p>{line}</p>" for line in BODY.split("\n\n"))
    page = clean(
        html=f"<html lang='en'><head><title>Quay</title>{metas}</head><body><article><h1>Quay</h1>{lines}</article></body></html>"
    )
    assert (Flag.ODD_TIMESTAMP in page.text.quality.flags) is odd
