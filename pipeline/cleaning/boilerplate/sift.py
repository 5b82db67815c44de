"""Decides which lines stay and which are removed, and why.

The line classifier says how likely it is that the outlet put a line there; a rule names what it is. Three kinds are
removed without it: a line in the learned list of the source, a page's headline that is repeated, and on a page a line
after the body that is only a link.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.article import Removed
from pipeline.cleaning.boilerplate import context_features, line_classifier, line_features, rules
from pipeline.cleaning.boilerplate.learned_lines import key
from pipeline.cleaning.boilerplate.line_features import Line
from pipeline.cleaning.boilerplate.rules_alone import RulesAlone
from pipeline.cleaning.structure.blocks import Block

# Probabilities at which a line goes; `python bench/train_lines.py --cross-validate` prints what others give.
ENOUGH = 0.75
ENOUGH_PROSE = 0.85  # of a line with the shape of a paragraph
ENOUGH_ALONE = 0.85  # if no other line goes, and between two paragraphs: boilerplate is seldom one line alone
ENOUGH_ALONE_PROSE = 0.93
ENOUGH_BESIDE = 0.6  # of an entry or a button of a box that goes; after the body, of a line that names the writer first
ENOUGH_RULED = 0.6  # of a line that a rule knows wherever it stands; on pages and in other languages, that any does
ENOUGH_UNRULED = (
    0.985  # and there of all others: the extractor has sifted a page, and of its lines one in forty is left
)
ENOUGH_LINKED = 0.3  # of a line of a page that is one link, after the body
ALL_OF_IT = 0.95  # of each line without a rule, if nothing of a text would be left
READABLE = 4  # of the language's commonest words in a text that the classifier can read
_MIN_WORDS = 40  # in fewer nobody can tell
# What a newsroom signs its words with is the article's, whatever it looks like.
_NEVER = frozenset({"dateline", "credit"})


def sift(
    blocks: Sequence[Block],
    *,
    title: str | None = None,
    by: str | None = None,
    page: bool = False,
    links: frozenset[str] = frozenset(),
    learned: frozenset[str] = frozenset(),
    table: rules.Table | None = None,
    judged: line_classifier.Judge | RulesAlone | None = None,
) -> tuple[list[Block], list[Removed]]:
    """Split blocks into the article and what is not, in order; each removal with its kind and rule.

    `title` is given where it is known from elsewhere, so that its copy in the text goes; `by` names the writers; `page`
    says that the blocks were taken out of a page; `links` are the lines that are one link; `learned` are the keys of
    lines known to recur in this source (`learned_lines`); `table` and `judged` are the rules and the line classifier
    of the article's language, the English ones unless given.
    """
    table, judged = table or rules.load(), judged or line_classifier.load()
    lines = [line_features.read(block, table=table, sure=judged.is_sure) for block in blocks]
    chances = judged(lines, by=by, sifted=page)
    doubtful = page or not _is_readable(lines, table.readable)
    likely = sum(chance >= ENOUGH for chance in chances)
    solid = [line.body and chance < ENOUGH_PROSE for line, chance in zip(lines, chances, strict=True)]
    last = max((index for index, body in enumerate(solid) if body), default=-1)
    reasons: list[tuple[str, str] | None] = []
    signed = context_features.writers(lines, by)
    box: str | None = None  # the kind of a box whose heading goes, below it
    for index, (line, chance) in enumerate(zip(lines, chances, strict=True)):
        # A short line between two paragraphs is a heading of the article, as a rule.
        heads = 0 < index < len(lines) - 1 and solid[index - 1] and solid[index + 1]
        limit = _limit(line, doubtful=doubtful, alone=likely < 2 or heads)
        if (
            (box and not line.body)
            or (signed and index > last and line.seen.plain.startswith(signed))
            or _is_beside(line, reasons[-1] if reasons else None)
        ):
            limit = min(limit, ENOUGH_BESIDE)
        if learned and key(line.block.text) in learned:
            reasons.append(("recurring_line", "learned.source"))
        elif title and index < 3 and len(lines) > 1 and _is_same(line, title):
            reasons.append(("repeated_title", "title.repeated"))
        elif line.block.kind in _NEVER:
            reasons.append(None)
        elif chance >= limit:
            reasons.append((box if box and not line.rule else judged.kind(line), _name(line)))
        elif links and index > last >= 0 and chance >= ENOUGH_LINKED and line.block.text in links:
            reasons.append(("related_articles", "link.line"))
        else:
            reasons.append(None)
        if solid[index]:
            box = None
        elif reasons[-1] and line.rule and line.rule.opens:
            box = line.rule.kind
    if all(reasons):
        # That nothing is left is a verdict that needs more than likelihood.
        reasons = [
            reason if line.rule or chance >= ALL_OF_IT or (reason and reason[1] == "learned.source") else None
            for reason, line, chance in zip(reasons, lines, chances, strict=True)
        ]
    kept = [block for block, reason in zip(blocks, reasons, strict=True) if reason is None]
    removed = [
        Removed(kind=reason[0], rule=reason[1], text=block.text)
        for block, reason in zip(blocks, reasons, strict=True)
        if reason
    ]
    return kept, removed


def _limit(line: Line, *, doubtful: bool, alone: bool) -> float:
    """The probability at which a line goes, by its context."""
    if line.rule and (doubtful or line.rule.where == "anywhere"):
        return ENOUGH_RULED
    if doubtful:
        return ENOUGH_UNRULED
    if alone:
        return ENOUGH_ALONE_PROSE if line.body else ENOUGH_ALONE
    return ENOUGH_PROSE if line.body else ENOUGH


def _is_beside(line: Line, above: tuple[str, str] | None) -> bool:
    """Whether a line's rule holds beside lines of its kind only, and one of them goes above."""
    return line.rule is not None and line.rule.where == "beside" and above is not None and above[0] == line.rule.kind


def _name(line: Line) -> str:
    """The rule that knows a line, else what its verdict rests on."""
    return line.rule.name if line.rule else "line.judged"


def _is_same(line: Line, title: str) -> bool:
    return line.seen.plain.rstrip(".") == rules.plain(title).rstrip(".")


def _is_readable(lines: Sequence[Line], common: frozenset[str]) -> bool:
    """Whether the classifier, trained on lines of one language, can read this text; in doubt it can."""
    if not common:
        return True
    found: set[str] = set()
    for line in lines:
        found |= common & line.seen.words
        if len(found) >= READABLE:
            return True
    return sum(line.length for line in lines) < _MIN_WORDS
