"""Boilerplate rules: one row each, with an example that it must find and a counter-example that it must not."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`name` goes into removed[].rule and `kind` into removed[].kind; the pattern is matched from the line's start."""

    name: str
    kind: str
    pattern: re.Pattern[str]
    example: str
    counter: str


def _rule(name: str, kind: str, pattern: str, example: str, counter: str) -> Rule:
    return Rule(name=name, kind=kind, pattern=re.compile(pattern, re.IGNORECASE), example=example, counter=counter)


RULES: tuple[Rule, ...] = (
    _rule(
        "promo.newsletter", "newsletter_promo",
        r"(?=.{0,160}$)(?:never miss (?:a|an) \w+\W+(?:join|sign up|subscribe).*|(?:sign up|subscribe|join)\b.{0,60}\bnewsletters?\b[^.]*[.!]?)$",
        "Never Miss a Story: Join Our Newsletter",
        "Sign up for the plan by Friday, the minister told residents.",
    ),
    _rule(
        "legal.copyright", "copyright",
        r"(?=.{0,200}$)(?:copyright\b|©|\(c\) (?:19|20)\d\d).*$",
        "© 2024 The Harbour Post. All rights reserved.",
        "The copyright law passed on Monday protects songwriters.",
    ),
)  # fmt: skip
