"""Classifies lines in a language whose pack has rules but no weights: a line goes if a rule matches where it holds."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.cleaning.boilerplate import rules
from pipeline.cleaning.boilerplate.line_features import Line


class RulesAlone:
    """Stands in for `line_classifier.Judge`; its probabilities are 0 and 1."""

    def is_sure(self, _seen: rules.Line, /) -> bool:
        """Nothing is: each line is asked of the rules."""
        return False

    def kind(self, line: Line) -> str:
        """The kind that the line's rule names."""
        assert line.rule is not None  # only such lines go
        return line.rule.kind

    def __call__(self, lines: Sequence[Line], **_of_the_article: object) -> list[float]:
        """1 for each line whose rule holds at its position, else 0; the author of the article is ignored."""
        body = [index for index, line in enumerate(lines) if line.body]
        first, last = (body[0], body[-1]) if body else (len(lines), -1)
        verdicts: list[float] = []
        above: str | None = None  # the kind of the line above, if it goes
        for index, line in enumerate(lines):
            goes = line.rule is not None and _holds(line.rule, index < first, index > last, above)
            verdicts.append(float(goes))
            above = line.rule.kind if line.rule and goes else None
        return verdicts


def _holds(rule: rules.Rule, before: bool, after: bool, above: str | None) -> bool:
    return {
        "anywhere": True,
        "head": before,
        "tail": after,
        "edge": before or after,
        "beside": above == rule.kind,
    }[rule.where]
