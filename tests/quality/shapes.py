"""Texts and pages of one thing again and again, of any size: what hostile articles are made of.

Each shape is a function of a number of characters; what it gives has about as many, so that twice the number is twice
the work of anything that takes linear time.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

Shape = Callable[[int], str]

_FIRST = ("Ana", "Laura", "Moon", "Ursula", "Donald", "Wei", "Jo", "Amadou", "Nikita", "Howard")
_PLACES = ("Paris", "London", "Springfield", "Georgia", "Texas", "China", "Victoria", "Kingston", "Cordoba", "San Jose")
_SENTENCE = "The harbour board voted on Tuesday to close the old quay for two years, its engineer said. "


def _again(unit: str) -> Shape:
    """One unit, again and again."""
    return lambda size: unit * max(1, size // len(unit))


def _counted(unit: Callable[[int], str]) -> Shape:
    """Units that are all different."""

    def shape(size: int) -> str:
        parts: list[str] = []
        length = 0
        for number in itertools.count():
            if length >= size:
                return "".join(parts)
            parts.append(unit(number))
            length += len(parts[-1])
        raise AssertionError

    return shape


def _word(number: int) -> str:
    """A capitalised word of its own for each number."""
    letters = ""
    while True:
        number, digit = divmod(number, 20)
        letters += "bcdfghjklmnprstvwxyz"[digit] + "aeiou"[number % 5]
        if not number:
            return letters.capitalize()


TEXTS: dict[str, Shape] = {
    # Within a name.
    "possessives": _again("’s "),
    "straight possessives": _again("'s "),
    "apostrophes": _again("’"),
    "apostrophes and blanks": _again("’ "),
    "quotes": _again('" '),
    "nested quotes": _again("“‘"),
    "brackets": _again("("),
    "closed brackets": _again("() "),
    "letter brackets": _again("A (B) "),
    "capitals": _again("A"),
    "capital words": _again("Aa "),
    "capitals without end": _again("Aaa"),
    "initials": _again("A. "),
    "initials together": _again("A.B."),
    "upper words": _again("ABC "),
    "commas": _again("Aa, "),
    "commas alone": _again(", "),
    "hyphens": _again("Aa-"),
    "hyphens and blanks": _again("Aa - "),
    "hyphens alone": _again("-"),
    "dashes": _again("Aa–"),
    "slashes": _again("Aa/"),
    "upper slashes": _again("AA/"),
    "the": _again("The "),
    "of the": _again("In Of The "),
    "titles": _again("President "),
    "mister": _again("Mr. "),
    "title chain": _again("Mr Aa "),
    "particles": _again("von der "),
    "particle names": _again("Aa von "),
    "roles": _again("Aa, chief "),
    "signed": _again("Reporting by Aa Bb and "),
    "signers": lambda size: "Reporting by " + _again("Aa Bb, ")(size),
    "credits": _again("REUTERS/Aa "),
    "datelines": _again("PARIS/"),
    "dateline words": _again("PARIS "),
    "scores": _again("Aa 1-0 "),
    "acronyms": _again("Aaa Bbb (AB) "),
    "ministry": _again("Ministry of "),
    "state of": _again("city of "),
    # White space and lines.
    "blanks": _again(" a" + " " * 200),
    "blanks without end": lambda size: "Aa" + " " * size + "b",
    "no-break spaces": _again("\u00a0"),
    "no-break spaces and words": _again("Aa\u00a0"),
    "lines": _again("Aa\n"),
    "blank lines": _again("Aa\n\n"),
    "empty lines": lambda size: "Aa" + "\n" * size + "b",
    "line ends": _again("\r\n"),
    "other line ends": _again("a\u2028"),
    "tabs": _again("a\t"),
    "lines of blanks": _again(" \n"),
    "short lines": _counted(lambda number: f"{_word(number)} is open\n\n"),
    "wrapped lines": _again("the harbour board voted on the day to close the old quay for two\n"),
    "hyphenated lines": _again("the harbour board voted on the day to close the old quay for tw-\n"),
    "bullets": _again("- Aa bb\n"),
    "clutter": _counted(lambda number: f"Read more: {_word(number)}\n\nShare\n\nSign up\n\n"),
    "bylines": _counted(lambda number: f"By {_word(number)} {_word(number + 1)}\n\n"),
    "verse": _again("roses are red\nviolets are\nblue as the\n\n"),
    # Words and numbers.
    "one word": _again("x"),
    "one word of many letters": _again("abcdefghij"),
    "long words": _again("abcdefghij" * 30 + " "),
    "digits": _again("1"),
    "numbers": _again("12 "),
    "grouped numbers": _again("1,234."),
    "dates": _again("June 3, 2026 "),
    "clocks": _again("10:30 "),
    "addresses": _again("https://example.org/a?b=c&d=e "),
    "one address": lambda size: "https://example.org/" + _again("a/")(size),
    "parameters": lambda size: "https://example.org/?" + _again("a=1&")(size),
    "hosts": _again("www.a."),
    "mails": _again("a@b.example "),
    "mails without end": _again("a.b@"),
    "handles": _again("@aa #bb "),
    "points": _again(". "),
    "points without end": _again("."),
    "exclamation": _again("!"),
    "marks": _again("!?"),
    "currencies": _again("$1.5 "),
    "smileys": _again(": ) "),
    "underscores": _again("_"),
    "pipes": _again("a | "),
    # Scripts and characters.
    "mixed scripts": _again("Aа "),
    "Chinese": _again("北京"),
    "Chinese sentences": _again("北京。"),
    "Arabic": _again("القاهرة "),
    "Thai": _again("กรุงเทพ"),
    "combining marks": _again("e\u0301"),
    "marks without end": lambda size: "e" + "\u0301" * size,
    "two marks": lambda size: "e" + _again("\u0301\u0323")(size),
    "Hangul": _again("\u1100\u1161\u11a8"),
    "emoji": _again("😀"),
    "joined emoji": _again("👩\u200d"),
    "zero width": _again("a\u200b"),
    "joiners": _again("a\u200d"),
    "bidi": _again("\u202ea\u202c"),
    "controls": _again("a\x01"),
    "mojibake": _again("Ã©"),
    "mojibake lines": _again("donâ€™t\n"),
    "half mojibake": _again("Ãâ€"),
    "replacement": _again("\ufffd"),
    "entities": _again("&amp;"),
    "entities of entities": lambda size: "&" + _again("amp;")(size),
    "numeric entities": _again("&#65;"),
    "open entities": _again("&amp"),
    # Names and prose.
    "one name": _again("Howard Lutnick said. "),
    "names repeated": _counted(lambda number: f"{_FIRST[number % 10]} {_word(number % 40)} met {_word(number % 40)}. "),
    "many names": _counted(lambda number: f"{_FIRST[number % 10]} {_word(number)} said. "),
    "many surnames": _counted(lambda number: f"Ana {_word(number)}, {_word(number)}, "),
    "names in growth": _counted(lambda number: f"{' '.join(map(_word, range(number % 12 + 1)))} said. "),
    "many bodies": _counted(lambda number: f"{_word(number)} {_word(number + 1)} Corp. ({_word(number)[0]}C) fell. "),
    "many acronyms": _counted(lambda number: f"the {_word(number)} Trade Organization ({_word(number)[0]}TO) met. "),
    "places": _counted(lambda number: f"In {_PLACES[number % 10]}, {_PLACES[number % 7]}, they met. "),
    "many places": _counted(lambda number: f"{_PLACES[number % 10]} and {_word(number)} province, "),
    "peoples": _again("Russian Nikita, U.S.-China, "),
    "prose": _again(_SENTENCE),
    "paragraphs": _counted(lambda number: f"{_SENTENCE}{_SENTENCE}{number}\n\n"),
    "died": _again("He died. She was 91, the late "),
}

_HEAD = "<html><head><title>The quay</title></head><body><article><h1>The quay</h1>"
_TAIL = "</article></body></html>"
_P = f"<p>{_SENTENCE}{_SENTENCE}</p>"


def _page(shape: Shape) -> Shape:
    """A page with an article, and the shape in it."""
    return lambda size: f"{_HEAD}{_P * 3}{shape(size)}{_P * 3}{_TAIL}"


def _head(shape: Shape) -> Shape:
    """A page with the shape in its head."""
    return lambda size: f"<html><head><title>The quay</title>{shape(size)}</head><body><article>{_P * 4}{_TAIL}"


def _nested(tag: str, text: str = "") -> Shape:
    """Elements within elements up to some depth, again and again."""
    unit = f"<{tag}>{text}" * 60 + f"</{tag}>" * 60
    return _page(_again(unit))


def _inside(before: str, shape: Shape, after: str) -> Shape:
    return lambda size: before + shape(size) + after


PAGES: dict[str, Shape] = {
    "paragraphs": _page(_counted(lambda number: f"<p>{_SENTENCE}{number}</p>")),
    "short paragraphs": _page(_counted(lambda number: f"<p>{_word(number)} is open</p>")),
    "one paragraph": _page(_inside("<p>", _again(_SENTENCE), "</p>")),
    "bare text": _page(_again(_SENTENCE)),
    "words in spans": _page(_inside("<p>", _again("<span>aa </span>"), "</p>")),
    "bold": _page(_inside("<p>", _again("<b>Aa</b> <i>bb</i> "), "</p>")),
    "empty": _page(_again("<p></p>")),
    "divs": _page(_again("<div>a</div>")),
    "deep divs": _nested("div", "aa "),
    "deep spans": _nested("span", "aa "),
    "deep quotes": _nested("blockquote", "aa "),
    "deep lists": _page(_again("<ul><li>aa" * 40 + "</li></ul>" * 40)),
    "deep tables": _page(_again("<table><tr><td>aa" * 30 + "</td></tr></table>" * 30)),
    "deep bold": _nested("b", "aa "),
    "one list": _page(_inside("<ul>", _again("<li>Aa bb</li>"), "</ul>")),
    "lists": _page(_again("<ul><li>Aa</li></ul>")),
    "list of paragraphs": _page(_inside("<ul>", _again("<li><p>Aa bb.</p></li>"), "</ul>")),
    "one table": _page(_inside("<table>", _again("<tr><td>Aa</td><td>1</td></tr>"), "</table>")),
    "one row": _page(_inside("<table><tr>", _again("<td>Aa</td>"), "</tr></table>")),
    "tables": _page(_again("<table><tr><td>Aa</td></tr></table>")),
    "layout table": _page(_inside("<table><tr><td>", _again(f"<p>{_SENTENCE}</p>"), "</td></tr></table>")),
    "quotes": _page(_inside("<blockquote>", _again("<p>Aa bb.</p>"), "</blockquote>")),
    "breaks": _page(_inside("<p>", _again("Aa<br>"), "</p>")),
    "breaks alone": _page(_again("<br>")),
    "breaks of sentences": _page(_inside("<p>", _again(f"{_SENTENCE}<br><br>"), "</p>")),
    "headings": _page(_counted(lambda number: f"<h2>{_word(number)} is open</h2>")),
    "first headings": _page(_again("<h1>Aa bb</h1>")),
    "heading buttons": _page(_again("<h2><button>Aa</button></h2>")),
    "links": _page(_counted(lambda number: f'<a href="/{number}">{_word(number)} opens</a> ')),
    "links in paragraphs": _page(_counted(lambda number: f'<p><a href="/{number}">{_word(number)}</a></p>')),
    "links in one paragraph": _page(_inside("<p>", _again('<a href="/a">Aa</a> opens and '), "</p>")),
    "bold in spans": _page(_inside("<p>", _again("<span>" + "<b>Aa</b> bb " * 20 + "</span>"), "</p>")),
    "strange tags in one paragraph": _page(_inside("<p>", _again("<x>Aa</x> bb "), "</p>")),
    "definitions": _page(_inside("<dl>", _again("<dt>Aa</dt><dd>bb cc</dd>"), "</dl>")),
    "lines of code": _page(_inside("<pre>", _again("aa bb\n"), "</pre>")),
    "code": _page(_again("<pre><code>aa</code></pre>")),
    "text below tables": _page(_inside("<table><tr><td>" * 40, _again(_SENTENCE), "</td></tr></table>" * 40)),
    "rows below tables": _page(_inside(
        "<table><tr><td>" * 20, _again("<tr><td>Aa</td></tr>"), "</td></tr></table>" * 20
    )),
    "text below lists": _page(_inside("<ul><li>" * 60, _again(_SENTENCE), "</li></ul>" * 60)),
    "items below lists": _page(_inside("<ul><li>" * 60, _again("<li>Aa</li>"), "</li></ul>" * 60)),
    "text below quotes": _page(_inside("<blockquote>" * 100, _again(_SENTENCE), "</blockquote>" * 100)),
    "text below links": _page(_inside('<div><a href="a">' * 80, _again(_SENTENCE), "</a></div>" * 80)),
    "bylines": _page(_counted(lambda number: f"<p>By {_word(number)} {_word(number + 1)}</p>")),
    "classes": _page(_counted(lambda n: f'<div class="comment-{n} sidebar"><p>{_word(n)} is open.</p></div>')),
    "images": _page(_again('<img src="a.png" alt="Aa bb">')),
    "figures": _page(_again('<figure><img src="a.png"><figcaption>Aa bb</figcaption></figure>')),
    "scripts": _page(_again("<script>var a = 1;</script>")),
    "one script": _page(_inside("<script>", _again("a<b>c;"), "</script>")),
    "styles": _page(_again("<style>a{}</style>")),
    "navs": _page(_again("<nav><a>a</a></nav>")),
    "nested navs": _nested("nav", "aa "),
    "comments": _page(_again("<!-- a -->")),
    "one comment": _page(_inside("<!--", _again("- - "), "-->")),
    "open comment": _page(_inside("<p>", _again("<!-- a "), "</p>")),
    "entities": _page(_inside("<p>", _again("&amp;"), "</p>")),
    "entity words": _page(_inside("<p>", _again("a &nbsp;&lt;b&gt; "), "</p>")),
    "bare ampersands": _page(_inside("<p>", _again("&"), "</p>")),
    "bare brackets": _page(_inside("<p>", _again("a > b "), "</p>")),
    "giant attribute": _page(_inside('<p class="', _again("aa "), '">Aa</p>')),
    "giant class attributes": _page(_again('<div class="' + "aa-bb " * 50 + '">a</div>')),
    "ids": _page(_counted(lambda number: f'<p id="{number}">a</p>')),
    "attributes": _page(_counted(lambda number: f"<p {' '.join(f'a{number}x{i}=1' for i in range(30))}>a</p>")),
    "data attributes": _page(_again('<p data-a="1" data-b="2" style="x:y">a</p>')),
    "unclosed paragraphs": _page(_again("<p>aa ")),
    "unclosed cells": _page(_inside("<table>", _again("<tr><td>a"), "")),
    "stray ends": _page(_again("</p>")),
    "stray other ends": _page(_again("</div></span>")),
    "misnested": _page(_again("<b><p>aa</b></p>")),
    "strange tags": _page(_counted(lambda number: f"<x{number}>a</x{number}>")),
    "strange characters": _page(_inside("<p>", _again("&#1;a"), "</p>")),
    "white space": _page(_inside("<p>a", _again(" \n"), "b</p>")),
    "forms": _page(_again("<form><input><select><option>a</select></form>")),
    "metas": _head(_counted(lambda number: f'<meta name="a{number}" content="b">')),
    "keywords": _head(_inside('<meta name="keywords" content="', _counted(lambda n: f"{_word(n)},"), '">')),
    "tag metas": _head(_counted(lambda n: f'<meta property="article:tag" content="{_word(n)}">')),
    "giant meta": _head(_inside('<meta property="og:title" content="', _again("Aa | "), '">')),
    "blank meta": _head(_inside('<meta property="og:title" content="a', _again(" "), 'b">')),
    "giant title": _head(_inside("<title>", _again("Aa - "), "</title>")),
    "data": _head(_again('<script type="application/ld+json">{"@type":"NewsArticle","headline":"a"}</script>')),
    "one datum": _head(_inside(
        '<script type="application/ld+json">[', _again('{"@type":"NewsArticle","headline":"a"},'), "{}]</script>"
    )),
    "authors": _head(_inside(
        '<script type="application/ld+json">{"@type":"NewsArticle","author":[',
        _counted(lambda n: f'{{"name":"{_word(n)}"}},'), '"a"]}</script>',
    )),
    "types": _head(_inside(
        '<script type="application/ld+json">{"@type":[', _counted(lambda n: f'"{_word(n)}",'), '"a"]}</script>'
    )),
    "data keywords": _head(_inside(
        '<script type="application/ld+json">{"@type":"NewsArticle","keywords":[',
        _counted(lambda n: f'"{_word(n)}",'), '"a"]}</script>',
    )),
    "nested data": _head(_again(
        '<script type="application/ld+json">' + '{"a":' * 100 + "1" + "}" * 100 + "</script>"
    )),
    "broken data": _head(_again('<script type="application/ld+json">{"a": [</script>')),
    "links of the head": _head(_again('<link rel="alternate" href="a">')),
}  # fmt: skip
