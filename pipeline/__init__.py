"""What happens to an article: pure functions on frozen records.

A notebook needs `Pipeline`, `Article` and `Refusal`; they are loaded when they are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.version import __version__

if TYPE_CHECKING:
    from pipeline.article import Article
    from pipeline.errors import Refusal
    from pipeline.runner import Pipeline

__all__ = ["Article", "Pipeline", "Refusal", "__version__"]
_HOMES = {"Article": "pipeline.article", "Pipeline": "pipeline.runner", "Refusal": "pipeline.errors"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
