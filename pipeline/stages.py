"""The whole line on one screen.

    bytes -decode-> RawArticle -cleaning-> CleanedArticle -entities-> AnnotatedArticle -classification-> EnrichedArticle
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from pipeline.errors import Refusal
from pipeline.records import Component

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out", covariant=True)


class Stage(Protocol[In, Out]):
    """A named step. It answers for each article of a batch, in order, and raises for none of them."""

    name: str
    component: Component
    fallback: bool

    def run(self, articles: Sequence[In]) -> list[Out | Refusal]:
        """Do the work on a batch: same length, same order; a refusal is a value."""
        ...
