"""What stays and what goes, and why: rules on a line, and where the line stands."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.cleaning.blocks import Block
from pipeline.cleaning.rules import RULES
from pipeline.records import Removed


def sift(
    blocks: Sequence[Block], *, title: str | None, source: str | None, anchors: frozenset[str]
) -> tuple[list[Block], list[Removed]]:
    """Split blocks into the article and what is not."""
    kept: list[Block] = []
    removed: list[Removed] = []
    for index, block in enumerate(blocks):
        if index == 0 and title and block.text.casefold() == title.casefold() and len(blocks) > 1:
            removed.append(Removed(kind="repeated_title", rule="title.repeated", text=block.text))
            continue
        rule = next((rule for rule in RULES if rule.pattern.match(block.text)), None)
        if rule and rule.kind == "copyright" and index < len(blocks) // 2:
            rule = None
        if rule:
            removed.append(Removed(kind=rule.kind, rule=rule.name, text=block.text))
        else:
            kept.append(block)
    return kept, removed
