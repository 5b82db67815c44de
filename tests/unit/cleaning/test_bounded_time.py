"""No line of text keeps a rule busy: what is exponential in a pattern shows within a hundred characters.

`make fuzz` found the first of these (a run of one letter in the rules for timestamps); each joins the table below.
"""

from __future__ import annotations

import time

import pytest

from pipeline.cleaning.boilerplate import rules

_UNITS = (
    "t",
    "a ",
    " ",
    "ab,",
    "1",
    "A.",
    "x-",
    "tt ",
    "t.",
    "10h",
    "1:11",
    "may 1, ",
    "1 may ",
    "gmt ",
    "| ",
    "(a) ",
    "by a, ",
)
_ENDS = ("", ",j,", "!", "\x00", " and so on")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("unit", _UNITS)
def test_a_line_of_one_thing_again_and_again(unit: str) -> None:
    """Up to the longest line that rules look at, with five endings that nearly match: a tenth of a second at most."""
    rules.load().match(rules.Line("the table is read and compiled once"))
    for length in (60, 120, rules.LONGEST):
        for end in _ENDS:
            line = rules.Line((unit * length)[: length - len(end)] + end)
            began = time.perf_counter()
            rules.load().match(line)
            took = time.perf_counter() - began
            assert took < 0.1, f"{took:.1f} s for {unit!r} x {length} and {end!r}"
