"""What stays and what goes in whole articles."""

import pytest

from tests.unit.cleaning.articles import BODY, clean, refused, segments


@pytest.mark.parametrize(
    "line",
    [
        "Sign up for the plan by Friday, the minister told residents of the three islands.",
        "“Join our newsletter” is the sentence the engineer says she would most like to abolish.",
        "Accept all cookies, my grandmother used to say, and never ask who baked them.",
        "Read more books, she tells the pupils of the harbour school.",
        "Residents can call the helpline on 01632 960114 before 5pm on Friday.",
        "Silence.",
        "Follow the money, said the trader, and it leads to the fish dock.",
        "Rival Corvane Devices reports on Thursday.",
    ],
)
def test_a_sentence_of_the_article_stays(line: str) -> None:
    """Words that rules know are news in the mouth of somebody, or about something else."""
    article = clean(body=f"{BODY}\n\n{line}\n\n{BODY.replace('Tuesday', 'Monday')}")
    assert line in article.text.value
    assert not article.text.removed


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Never Miss a Story: Join Our Newsletter", "newsletter_promo"),
        ("Share this article: Facebook X WhatsApp Email", "share_bar"),
        ("READ MORE: Storm tears roof from lifeboat station", "read_more"),
        ("We use cookies and similar technologies to improve your experience.", "cookie_notice"),
        ("ADVERTISEMENT", "advertisement"),
        ("© 2024 The Harbour Post. All rights reserved.", "copyright"),
        ("Photo: Ana Lima/Harbour Post", "photo_credit"),
        ("Follow us on Facebook and Instagram", "social_follow"),
        ("Have your say in the comments below.", "comment_invitation"),
    ],
)
def test_furniture_goes_and_is_said_so(line: str, kind: str) -> None:
    """With its kind, its rule and its text, wherever it stands."""
    for body in (f"{BODY}\n\n{line}", BODY.replace("\n\n", f"\n\n{line}\n\n", 1)):
        removed = clean(body=body).text.removed
        assert [(r.kind, r.text) for r in removed] == [(kind, line)]
        assert removed[0].rule


def test_the_entries_of_a_box_go_with_its_heading() -> None:
    """Up to the next paragraph, which stays."""
    article = clean(body=f"{BODY}\n\nMost read\n\nEel returns to tearoom\n\nPond shown off by star")
    assert [r.kind for r in article.text.removed] == ["most_read"] * 3
    assert article.text.value == BODY


def test_a_button_goes_only_beside_its_notice() -> None:
    """ "Reject all" is a cross-heading elsewhere."""
    notice = "We use cookies and similar technologies to improve your experience."
    assert len(clean(body=f"{notice}\n\nReject all\n\n{BODY}").text.removed) == 2
    assert not clean(body=f"{BODY}\n\nReject all\n\n{BODY.replace('two', 'three')}").text.removed


def test_a_writer_named_in_the_byline_is_known_at_the_end() -> None:
    """A biography is known by the name that it is about."""
    bio = "Dana Okonjo covers harbours. She was an engineer before."
    article = clean(body=f"By Dana Okonjo\n\n{BODY}\n\n{bio}")
    assert [(r.kind, r.text) for r in article.text.removed] == [("author_bio", bio)]
    assert segments(article)[0] == ("byline", "By Dana Okonjo")


def test_a_text_of_furniture_alone_is_refused() -> None:
    """Nothing is left of it."""
    assert refused(body="Share\n\nADVERTISEMENT\n\n© 2024 The Harbour Post").reason == "empty_after_clean"


def test_any_short_line_gets_an_answer() -> None:
    """Bullets and dashes alone too."""
    for line in ("*", "-", "•••", "—", "·", "“", "_ _"):
        clean(body=f"{BODY}\n\n{line}\n\n{BODY}")


ADVICE = (
    "Check your inbox for an email from the company, but do not click on any link in it.",
    "Contact your bank straight away if you think you have been a victim of fraud.",
    "Donate blood if you can: your nearest centre is in Mill Street.",
    "Create an account with a password that you use nowhere else.",
    "The company will send you an email every week until you pay.",
    "Download the form from the council's website and send it by post.",
    "Our newsletter went out at nine, and by ten the server had fallen over.",
    "Photographs of the accused may not be published.",
)


@pytest.mark.parametrize("line", ADVICE)
def test_advice_in_the_middle_of_a_report_stays(line: str) -> None:
    """The news tells its readers what to do in the words of an appeal; its place says which it is."""
    before, after = BODY.split("\n\n")[:2]
    assert line in clean(body="\n\n".join([before, after, line, before + " Again.", after + " Again."])).text.value


def test_the_headline_below_a_kicker_stays() -> None:
    """The same words that head a box of links stand above a headline."""
    cleaned = clean(body="\n\n".join(["Trending", "Quay to close for two years", "By Ana Lima", BODY]))
    assert "Quay to close for two years" in cleaned.text.value
    assert "By Ana Lima" in cleaned.text.value
