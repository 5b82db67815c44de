"""A page that shows a teaser and the whole text, or its text twice, gives the text once."""

# ruff: noqa: E501  (an example is read whole)

import pytest

from tests.unit.cleaning.test_whole_article import TEXT, left, lines, page, ps

HEAD = "<h1>Quay to close</h1>"
COST = "<h2>What it costs</h2>"
BROKEN = f"<p>{TEXT[2][:70]} …</p>"


@pytest.mark.parametrize(
    "markup",
    [
        f"<div class='noAccess'>{HEAD}<div class='content'><div class='body'>{ps(0, 4)}</div></div></div><div class='access'><div class='content'><div class='body'>{ps(0, 12)}</div></div></div>",
        f"<article>{HEAD}<div class='body'>{ps(0, 3)}</div><div class='body'>{ps(0, 12)}</div></article>",
        f"<article>{HEAD}<div class='teaser-text'>{ps(0, 3)}</div><div class='full-text'>{ps(0, 12)}</div></article>",
        f"<article>{HEAD}<div class='body'>{ps(0, 2)}{BROKEN}</div><div class='body'>{ps(0, 12)}</div></article>",
        f"<article>{HEAD}<div class='part'>{ps(0, 3)}<p>Subscribe to read the whole story.</p></div><div class='full'>{ps(0, 12)}</div></article>",
        f"<article>{HEAD}<div class='full'>{ps(0, 12)}</div><div class='part'>{ps(0, 3)}</div></article>",
        f"<article>{HEAD}<div class='mobile'>{ps(0, 12)}</div><div class='desktop'>{ps(0, 12)}</div></article>",
        f"<article>{HEAD}<section>{ps(0, 12)}</section><section>{ps(0, 12)}</section><section>{ps(0, 12)}</section></article>",
    ],
)
def test_a_text_that_a_page_has_twice_is_kept_once(markup: str) -> None:
    """The longer of the two, whole and in order, whatever the elements are called; no flag says otherwise."""
    article = page(markup)
    assert lines(article) == TEXT
    assert article.text.quality.flags == ()
    assert any(TEXT[1] in text for text in left(article).values())


def test_a_heading_of_the_teaser_goes_with_it() -> None:
    """And stays where the whole text has it."""
    markup = f"<article>{HEAD}<div class='body'>{ps(0, 2)}{COST}{ps(2, 4)}</div><div class='body'>{ps(0, 2)}{COST}{ps(2, 12)}</div></article>"
    assert lines(page(markup)) == [*TEXT[:2], "What it costs", *TEXT[2:]]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (f"<div class='body'>{ps(0, 6)}</div><div class='body'><p>{TEXT[1]}</p></div><div class='body'>{ps(6, 12)}</div>", [*TEXT[:6], TEXT[1], *TEXT[6:]]),
        (f"<div class='body'>{ps(0, 6)}</div><div class='body'>{ps(4, 12)}</div>", [*TEXT[:6], *TEXT[4:]]),
        (f"<div class='body'>{ps(0, 6)}{ps(0, 6)}</div>", [*TEXT[:6], *TEXT[:6]]),
    ],
)  # fmt: skip
def test_what_is_no_copy_of_another_element_stays(markup: str, expected: list[str]) -> None:
    """One paragraph that is repeated, texts that overlap, and what repeats within one element."""
    article = page(f"<article>{HEAD}{markup}</article>")
    assert lines(article) == expected
    assert "repeated_text" in article.text.quality.flags
