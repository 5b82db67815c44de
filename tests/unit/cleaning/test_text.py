"""Plain text: characters, lines, segments, offsets."""

# ruff: noqa: E501  (an example is read whole)

import hashlib
import textwrap
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cleaning import load
from pipeline.cleaning.boilerplate import rules
from pipeline.cleaning.normalize import repair
from pipeline.cleaning.structure import paragraphs
from pipeline.errors import Refusal
from pipeline.formats.text import split_title
from tests.unit.cleaning.articles import BODY, clean, raw, refused, segments


@pytest.mark.parametrize(
    ("text", "mended", "flag"),
    [
        ("Itâ€™s a cafÃ©", "It’s a café", "mojibake_repaired"),
        ("AT&amp;T &quot;won&quot;", 'AT&T "won"', "entities_decoded"),
        ("e\u0301tude", "étude", None),
        ("so\u00adft zero\u200bwidth", "soft zerowidth", "invisible_characters"),
        ("right\u202eleft", "rightleft", "bidi_characters"),
        ("bell\x07", "bell", "control_characters"),
        ("a" + "\u0301" * 50, "á" + "\u0301" * 7, "combining_marks"),
        ("(" * 20_000, "(" * 32, "long_runs"),
        ("no " + "o" * 500, "no " + "o" * 64, "long_runs"),
        ("further conflict..", "further conflict.", None),
        ("well...", "well...", None),
        ("a  b\tc\u00a0d", "a b c d", None),
        ("one\r\ntwo\u2028three", "one\ntwo\nthree", None),
        ("lone \ud800 half", "lone  half", "control_characters"),
        ("👨‍👩‍👧 می‌خواهم", "👨‍👩‍👧 می‌خواهم", None),
    ],
)
def test_characters_are_mended_and_flagged(text: str, mended: str, flag: str | None) -> None:
    """Each kind of damage by itself; what is no damage is left."""
    result, flags = repair(text)
    assert " ".join(result.split(" ")) == mended or result == mended.replace("  ", " ")
    assert flags == (frozenset() if flag is None else frozenset({flag}))


@pytest.mark.parametrize("blank", ["  ", "\t", "\u00a0", "\u2009", " \u3000"])
def test_blanks_of_all_kinds_are_one(blank: str) -> None:
    """Runs too."""
    assert repair(f"the{blank}quay")[0] == "the quay"


def test_hard_wrapped_lines_are_joined_and_hyphens_mended() -> None:
    """Greedy wrapping is known by its proof: the next word would not have fitted."""
    wrapped = (
        "The harbour board voted on Tuesday to close the old quay for\n"
        "two years while engineers rebuild its wall, which has govern-\n"
        "ment protection since 1911 and was last mended after the war\n"
        "by hand.\n\n"
        "Ferries to the three islands will leave from the fish dock in\n"
        "the meantime, and fares stay as they are for all of next year\n"
        "at least."
    )
    article = clean(body=wrapped)
    assert len(article.text.segments) == 2
    assert "has government protection since" in article.text.value
    assert article.text.quality.flags == ("hard_wrapped",)


@pytest.mark.parametrize(
    ("end", "begin", "joined"),
    [
        ("pre-", "and post-war walls stand,", "pre- and post-war walls"),
        ("cost-of-", "living rules hold there,", "cost-of-living rules"),
        ("twenty-", "year lease runs out soon,", "twenty-year lease"),
        ("self-", "made men of the quay say,", "self-made men"),
        ("govern-", "ment rules hold there too,", "government rules"),
        ("Anglo-", "Irish rules hold there too,", "Anglo-Irish rules"),
    ],
)
def test_a_hyphen_at_a_line_end_goes_only_where_it_splits_a_word(end: str, begin: str, joined: str) -> None:
    """And stays if it hangs, or belongs to the word."""
    first = "the old harbour wall of the town has stood since the"
    wrapped = "\n".join(
        [f"{first} {end}".rjust(60, "x"), f"{begin} {first}"[:58].ljust(58, "y"), *["word " * 11 + "word"] * 4]
    )
    article = clean(body=wrapped)
    assert joined in article.text.value
    assert "hard_wrapped" in article.text.quality.flags


@pytest.mark.parametrize(
    "lines",
    [
        [
            "Saturday's games kick off at three unless stated",
            "Carrow Town v Melby Athletic, Quarry Lane (3pm)",
            "Holt Rovers v Dunmere United, Mill Road (5.30pm)",
            "Pell Green v Ashby Wanderers, The Meadow (12pm)",
            "Thorley v Marske Rangers, Station Road (1.15pm)",
        ],
        [
            "老桥将关闭两年",
            "市议会星期二投票决定，将老桥关闭两年进行重建，预计费用为三千万元人民币，工期两年左右。",
            "市长说，这座桥建于一九一一年，桥面和桥墩已经严重老化，无法继续承受每天的车流量。",
            "司机需要绕行新桥，公共汽车的路线也会改变，直到重建工程全部完成为止，市政府表示。",
            "市政府将在下个月公布详细的施工计划，并且听取附近居民的意见，然后再决定开工日期。",
        ],
        [f"https://harbour.example/papers/2024/05/quay-closure-annex-{n}.pdf" for n in range(10, 16)],
    ],
)
def test_lines_that_only_look_wrapped_stay_lines(lines: list[str]) -> None:
    """Fixtures begin with capitals; Chinese and addresses have no blanks that could prove anything."""
    blocks, wrapped = paragraphs.read("\n".join(lines), is_boilerplate=rules.load().matches)
    assert [block.text for block in blocks] == lines
    assert not wrapped


def test_a_long_hard_wrapped_text_takes_no_longer_than_others() -> None:
    """Its only paragraph is not read again for each line."""
    began = time.process_time()
    clean(body=textwrap.fill("the board voted on every one of the old walls and " * 2_000, 32)[:99_000])
    assert time.process_time() - began < 1.0


def test_verses_and_lists_keep_their_lines() -> None:
    """A poem is one paragraph of lines; list items are segments of their own."""
    poem = "A boot. A rope. A neck\nof glass, the tide\nkeeps what it likes\nand gives no copy"
    article = clean(body=f"{BODY}\n\n{poem}\n\n- one thing\n- another thing\n\n{BODY}")
    assert ("paragraph", poem) in segments(article)
    assert ("list", "- one thing") in segments(article)


def test_the_newsroom_signs_in_segments_of_its_own() -> None:
    """Title, byline, dateline and credit are told apart."""
    body = f"Quay to close for two years\n\nBy Ana Lima\n\nPORTHAVEN, May 4 (Wire) -- {BODY}\n\n(Reporting by Ana Lima; editing by Bo Reed)"
    kinds = segments(clean(body=body))
    assert kinds[:3] == [
        ("heading", "Quay to close for two years"),
        ("byline", "By Ana Lima"),
        ("dateline", "PORTHAVEN, May 4 (Wire) --"),
    ]
    assert kinds[-1] == ("credit", "(Reporting by Ana Lima; editing by Bo Reed)")


def test_headings_are_known_in_plain_text() -> None:
    """A short line without a stop above a paragraph."""
    article = clean(body=BODY.replace("\n\n", "\nWhat the traders want\n", 1))
    assert ("heading", "What the traders want") in segments(article)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"Quay to close\n\n{BODY}", "Quay to close"),
        (BODY, None),
        ("One line only", None),
        ("", None),
        (f"- item\n\n{BODY}", None),
    ],
)
def test_a_first_line_that_looks_like_a_title_is_one(text: str, title: str | None) -> None:
    """And the rest is the body; otherwise the text comes back as it was."""
    found, rest = split_title(text)
    assert found == title
    assert rest == (BODY if title else text)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_any_text_gets_one_verdict_with_exact_offsets(text: str) -> None:
    """Segments tile the text but for the blank lines between, and the hash is of the text."""
    result = load().run([raw(body=text)])[0]
    if isinstance(result, Refusal):
        assert result.reason in ("empty_text", "empty_after_clean")
        return
    value = result.text.value
    assert value == "\n\n".join(value[s.start : s.end] for s in result.text.segments)
    assert result.text.sha256 == hashlib.sha256(value.encode()).hexdigest()
    assert result.text.segments[-1].end == len(value)


def test_long_texts_are_cut_and_longer_ones_refused() -> None:
    """100,000 characters at a sentence end; over a million is too long."""
    article = clean(body=(BODY + "\n\n") * 500)
    assert "truncated" in article.text.quality.flags
    assert len(article.text.value) <= 100_000
    assert article.text.value.endswith(".")
    assert refused(body="a " * 500_001).reason == "too_long_text"
    assert refused(body=" \n\t ").reason == "empty_text"


def test_hostile_text_gets_a_quick_verdict() -> None:
    """Runs and floods of what slows a model or a pattern."""
    for text in (
        "(" * 90_000,
        "a" * 90_000,
        "\u0301" * 90_000,
        ". " * 45_000,
        "- \n" * 30_000,
        "&amp;" * 18_000,
        "&" * 90_000,
    ):
        start = time.process_time()
        load().run([raw(body=f"{BODY} {text}")])
        assert time.process_time() - start < 5
