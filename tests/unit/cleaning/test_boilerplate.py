"""What stays and what goes in whole articles."""

import re
from pathlib import Path

import pytest

from pipeline.cleaning.boilerplate import sift as sift_module
from pipeline.cleaning.boilerplate.learned_lines import key
from pipeline.cleaning.boilerplate.sift import sift
from pipeline.cleaning.structure.blocks import Block
from pipeline.cleaning.structure.segments import label
from tests.unit.cleaning.articles import BODY, clean, refused, segments

PARAGRAPHS = BODY.split("\n\n")


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
def test_boilerplate_is_removed_and_named(line: str, kind: str) -> None:
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


def test_a_text_of_boilerplate_alone_is_refused() -> None:
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


def sifted(*texts: str, **options: object) -> list[tuple[str, str, str]]:
    """(kind, rule, text) of what goes."""
    blocks = label([Block(kind="paragraph", text=text) for text in texts])
    kept, removed = sift(blocks, **options)
    assert len(kept) + len(removed) == len(texts)
    return [(line.kind, line.rule, line.text) for line in removed]


def test_what_was_learnt_of_a_source_goes_whatever_it_looks_like() -> None:
    """A paragraph of the body too, and all of a text."""
    learned = frozenset({key(PARAGRAPHS[1])})
    assert sifted(*PARAGRAPHS, learned=learned) == [("recurring_line", "learned.source", PARAGRAPHS[1])]
    assert sifted(PARAGRAPHS[1], learned=learned) == [("recurring_line", "learned.source", PARAGRAPHS[1])]


def test_a_headline_said_twice_goes_once() -> None:
    """At the top, if it is known from elsewhere; not further down, and not where it is all there is."""
    title = "Quay to close for two years"
    assert sifted(title, *PARAGRAPHS, title=title + ".") == [("repeated_title", "title.repeated", title)]
    assert not sifted(title, *PARAGRAPHS)
    assert not sifted(*PARAGRAPHS, title, title=title)
    assert not sifted(title, title=title)


SLOGAN = "Your town, your stories"  # known by no rule
AROUND = ("Sign up for our newsletter", "© 2024 The Harbour Post. All rights reserved.")
GERMAN = (
    "Der Hafenrat hat am Dienstag beschlossen, den alten Kai zwei Jahre lang zu sperren, bis die Mauer neu steht.",
    "Die Fähren zu den drei Inseln legen so lange am Fischereihafen ab, und die Preise bleiben, teilte der Rat mit.",
    "Die Händler am Kai hatten eine kürzere Sperre verlangt; die Mauer lasse das nicht zu, sagte die Ingenieurin.",
)


def test_what_no_rule_knows_goes_by_the_verdict_alone() -> None:
    """And says so: `line.judged`."""
    found = sifted(*PARAGRAPHS, AROUND[0], SLOGAN, AROUND[1])
    assert [text for _, _, text in found] == [AROUND[0], SLOGAN, AROUND[1]]
    assert [rule for _, rule, _ in found] == ["promo.newsletter", "line.judged", "legal.copyright"]


def test_a_page_and_another_language_need_a_rule_or_near_certainty() -> None:
    """The extractor has sifted a page already; the line classifier was trained on English."""
    for found in (
        sifted(*PARAGRAPHS, AROUND[0], SLOGAN, AROUND[1], page=True),
        sifted(*GERMAN, AROUND[0], SLOGAN, AROUND[1]),
    ):
        assert [text for _, _, text in found] == list(AROUND)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Newsletter abonnieren", "newsletter_promo"),
        ("Folgen Sie uns auf Facebook und Instagram", "social_follow"),
        ("Das könnte Sie auch interessieren", "related_articles"),
    ],
)
def test_rules_of_other_languages_hold_there(line: str, kind: str) -> None:
    """German ones here."""
    assert [(found, text) for found, _, text in sifted(*GERMAN, line)] == [(kind, line)]


def test_a_line_of_a_page_that_is_one_link_goes_after_the_body() -> None:
    """What the extractor leaves of a list of other stories."""
    story = "Harbour tearoom reopens with old menu"
    assert sifted(*PARAGRAPHS, story, page=True, links=frozenset({story})) == [("related_articles", "link.line", story)]
    assert not sifted(*PARAGRAPHS, story, page=True)
    assert not sifted(story, *PARAGRAPHS, page=True, links=frozenset({story}))


def test_entries_of_a_box_take_its_kind() -> None:
    """Whatever their own words speak for; rules that know better name them."""
    found = sifted(*PARAGRAPHS, "Most read", "Eel returns to tearoom", "Pond shown off by star")
    assert [(kind, rule) for kind, rule, _ in found] == [
        ("most_read", "box.most_read"),
        ("most_read", "line.judged"),
        ("most_read", "line.judged"),
    ]


def test_a_text_needs_certainty_to_be_nothing() -> None:
    """Entries go below a body, and stay if nothing else would be left of a text."""
    box = ("Most read", "Eel returns to tearoom")
    assert len(sifted(*PARAGRAPHS, *box)) == 2
    assert [text for _, _, text in sifted(*box)] == ["Most read"]


def test_datelines_and_credits_of_words_never_go() -> None:
    """What a newsroom signs its words with is the article's."""
    credit = "(Reporting by Ana Lima; editing by Dana Okonjo)"
    assert not sifted("LONDON, May 4", *PARAGRAPHS, credit)
    assert not sifted(credit)


class Given:
    """A judge whose verdicts are given: of three paragraphs 0, then these."""

    def __init__(self, *chances: float) -> None:
        self.chances = [0.0] * 3 + list(chances)

    def is_sure(self, _: object) -> bool:
        return False

    def __call__(self, lines: list, **_: object) -> list[float]:
        return self.chances

    def kind(self, _: object) -> str:
        return "tags"


PROSE = "The three islands are far from the harbour, and nobody there was ever asked what they thought of it."
CERTAIN = (("Quay tour dates", 0.99), ("Old dock prints", 0.99))


@pytest.mark.parametrize(
    ("behind", "gone"),
    [
        ([("Dock closed", 0.76), *CERTAIN], True),
        ([("Dock closed", 0.74), *CERTAIN], False),
        ([("Dock closed", 0.84)], False),  # the only one
        ([("Dock closed", 0.86)], True),
        ([("Dock closed", 0.84), (PROSE, 0.1), *CERTAIN], False),  # between two paragraphs
        ([(PROSE, 0.84), *CERTAIN], False),
        ([(PROSE, 0.86), *CERTAIN], True),
        ([(PROSE, 0.92)], False),
        ([(PROSE, 0.94)], True),
        ([("Sign up for our newsletter", 0.61)], True),
        ([("Sign up for our newsletter", 0.59)], False),
        ([("6 hours ago", 0.7), *CERTAIN], False),  # its rule does not hold anywhere
    ],
)
def test_a_line_goes_at_the_limit_of_its_place(behind: list[tuple[str, float]], gone: bool) -> None:
    """The first line behind the body, at a given probability."""
    blocks = label([Block(kind="paragraph", text=text) for text in (*PARAGRAPHS, *[text for text, _ in behind])])
    _, removed = sift(blocks, judged=Given(*[chance for _, chance in behind]))
    assert (behind[0][0] in [line.text for line in removed]) is gone


def test_an_entry_of_a_box_goes_sooner_than_a_line_of_its_own() -> None:
    """Below the heading of a box that goes."""
    for heading, gone in (("Most read", True), ("Harbour walks", False)):
        blocks = [Block(kind="paragraph", text=text) for text in (*PARAGRAPHS, heading, "Eel returns to tearoom")]
        _, removed = sift(blocks, judged=Given(0.99, 0.65))
        assert ("Eel returns to tearoom" in [line.text for line in removed]) is gone


def test_the_documented_limits_are_those_that_hold() -> None:
    """docs/cleaning.md names each probability at which a line goes, and no other."""
    doc = (Path(__file__).parents[3] / "docs" / "cleaning.md").read_text(encoding="utf-8")
    section = doc.split("A line goes at these probabilities")[1].split("`removed[].rule` is the name")[0]
    said = {float(number) for number in re.findall(r"(?<![\w.])\.\d+", section)}
    assert said == {value for name, value in vars(sift_module).items() if re.match(r"ENOUGH|ALL_OF_IT", name)}
