"""Corrections, clarifications and editor's notes that stand beside the body of a page belong to it."""

# ruff: noqa: E501  (an example is read whole)

import pytest

from pipeline.cleaning.extraction import notes
from tests.unit.cleaning.test_whole_article import TEXT, left, lines, page, ps

WRONG = "Correction: the wall costs 14 million pounds, and not 41 million as we wrote at first."
OURS = "This article was amended on 3 March to give the right name of the woman who chairs the harbour board."
SAID = "We gave the cost of the wall as 41 million pounds; the board put it at 14 million."
HEAD = "<h1>Quay to close</h1>"
BODY = f"<div class='article-body'>{ps(0, 12)}</div>"
TAGS = "<div class='tags'><a href='/p'>Ports</a> <a href='/h'>Harbours</a></div><div class='share'>Share this</div>"


@pytest.mark.parametrize(
    ("markup", "note"),
    [
        (f"<article>{HEAD}{BODY}<div class='correction'><p>{WRONG}</p></div></article>", [WRONG]),
        (f"<article>{HEAD}{BODY}<div>{WRONG}</div></article>", [WRONG]),
        (f"<article>{HEAD}{BODY}<aside><p><em>{WRONG}</em></p></aside></article>", [WRONG]),
        (f"<article>{HEAD}{BODY}{TAGS}<div class='box'><p>{WRONG}</p></div></article>", [WRONG]),
        (f"<article>{HEAD}{BODY}<footer><p>{OURS}</p></footer></article>", [OURS]),
        (f"<main><article>{HEAD}{BODY}</article>{TAGS}<p>{OURS}</p></main>", [OURS]),
        (f"<main><article>{HEAD}{BODY}</article><aside id='editors-note'>{WRONG}</aside></main>", [WRONG]),
        (f"<article>{HEAD}{BODY}<aside><h3>Editor’s note</h3><p>{SAID}</p></aside></article>", ["Editor’s note", SAID]),
        (f"<article>{HEAD}{BODY}<div class='correction'><p>{WRONG}</p><p>{SAID}</p></div></article>", [WRONG, SAID]),
        (f"<article>{HEAD}{BODY}<div><p>{WRONG}</p></div><div><p>{OURS}</p></div></article>", [WRONG, OURS]),
        (f"<article>{HEAD}{BODY}<p class='x'>Anmerkung der Redaktion: {SAID}</p></article>", [f"Anmerkung der Redaktion: {SAID}"]),
    ],
)  # fmt: skip
def test_a_note_behind_the_body_is_kept(markup: str, note: list[str]) -> None:
    """In an element of its own, a box, the article's footer or below the article, with its heading and all it says."""
    assert lines(page(markup)) == [*TEXT, *note]


@pytest.mark.parametrize(
    "markup",
    [
        f"<article>{HEAD}<div class='note'><p>{WRONG}</p></div>{BODY}</article>",
        f"<article>{HEAD}<aside>{WRONG}</aside>{BODY}</article>",
        f"<article><aside class='correction'><p>{WRONG}</p></aside>{HEAD}{BODY}</article>",
    ],
)
def test_a_note_above_the_body_is_kept(markup: str) -> None:
    """Below the headline or above it."""
    assert lines(page(markup)) == [WRONG, *TEXT]


OTHERS = [
    "Correction: a report on the ferry of 2 March misnamed its captain, who is Ana Lima.",
    "Correction: a report on harbour rents gave a wrong figure for the last year.",
    "Clarification: an item on the mayor did not say that she had been away.",
]
LISTED = "<ul>" + "".join(f"<li>{line}</li>" for line in OTHERS) + "</ul>"


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        (f"<article>{HEAD}{BODY}</article><footer><p>{OURS}</p></footer>", OURS),
        (f"<article>{HEAD}{BODY}</article><div class='comments'><p>{OURS}</p></div>", OURS),
        (f"<main>{HEAD}{BODY}<section>{LISTED}</section></main>", OTHERS[0]),
        (f"<main><article>{HEAD}{BODY}</article><section><h2>Corrections</h2>{LISTED}</section></main>", OTHERS[2]),
        (f"<main><article>{HEAD}{BODY}</article><div><p>{OTHERS[0]}</p></div></main>", OTHERS[0]),
        (f"<article>{HEAD}{BODY}</article><article><h1>Ferry fares rise</h1><p>{OURS}</p></article>", OURS),
        (f"<main><article>{HEAD}{BODY}</article><div><h3>Ferry fares rise</h3><p>{OURS}</p></div></main>", OURS),
        (f"<article>{HEAD}{BODY}<div><a href='/c'>{WRONG}</a></div></article>", WRONG),
        (f"<article>{HEAD}{BODY}<div>Corrections: if you see a mistake in this story, tell us at the desk.</div></article>", "if you see"),
        (f"<article>{HEAD}{BODY}<div>Editor's note: sign up for our weekly letter from the harbour here.</div></article>", "sign up"),
        (f"<article>{HEAD}{BODY}<div>This article was updated on 3 March 2026 at nine in the morning.</div></article>", "was updated"),
        (f"<article>{HEAD}{BODY}<div hidden>{WRONG}</div></article>", WRONG),
    ],
)  # fmt: skip
def test_what_is_no_note_on_this_article_is_left_out(markup: str, words: str) -> None:
    """Lists of other stories' corrections, the page's footer, readers, another article, invitations, a mere date."""
    article = page(markup)
    assert lines(article) == TEXT
    assert any(words in text for text in left(article).values())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (WRONG, True),
        (OURS, True),
        ("CLARIFICATION (3 March 2026): the vote was of the board, not of the council.", True),
        ("An earlier version of this story misspelt the name of the harbour master.", True),
        ("This story has been updated to include what the harbour board said on Friday.", True),
        ("This story was first published on 3 March 2026 and updated at noon that day.", False),
        ("The board made a correction: the wall costs 14 million pounds and not 41 million.", False),
        ("Correction officers at the island prison will strike for three days in May.", False),
        ("Corrections: the wall costs 14 million pounds. The board met on Friday.", True),
        ("Correction: if you see a mistake in this story, please tell us at the desk.", False),
        ("Editor's note: sign up for our weekly letter from the harbour office.", False),
        ("Correction: 14.", False),
        ("Correction: " + "the wall costs more than we wrote. " * 60, False),
    ],
)
def test_notes_are_known_by_how_they_begin_or_what_they_say(text: str, expected: bool) -> None:
    """The word for one with a colon, or that this article was amended; news of corrections is none."""
    assert notes.is_note(text) is expected
