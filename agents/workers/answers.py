"""What the parent and its child processes exchange: a job goes in, an answer comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipeline.article import Article, Component, Origin
from pipeline.contracts import Stage
from pipeline.editorial import PubStatus
from pipeline.errors import Refusal
from pipeline.stages import Clock, Options

MAX_COPY_BYTES = 1_000_000  # of a refused article, so much is kept in its dead letter
PIPELINE = "pipeline"  # in place of a stage: all of them, in one child process

Job = tuple[bytes, Origin | None]
# Called in the child process, so it must be importable there.
Loader = Callable[[str, Options, Clock], Stage[Any, Article]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the parent needs of an article that came through, for headers, routes and metrics."""

    id: str  # recordId, or its equivalent of an earlier state
    uri: str
    labels: frozenset[str] = frozenset()  # what routes can name: medtop codes, entity:, language:, source:
    removed: tuple[str, ...] = ()  # rules
    entities: int | None = None
    subject_confidence: float | None = None
    unclassified: bool = False
    unknown_fields: int = 0
    unknown_names: tuple[str, ...] = ()  # of those fields, the first 50
    layers: tuple[tuple[str, str], ...] = ()  # (component, status) of what ran in this hop
    pub_status: PubStatus = "usable"
    embargo_ends: float | None = None  # seconds since the epoch; infinite if nobody can say
    taken_down: bool = False  # a message without a value: what is written has none either


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One article's outcome: bytes and facts, or a refusal."""

    value: bytes = b""
    facts: Facts | None = None
    refusal: Refusal | None = None
    milliseconds: float = 0.0
    kept_bytes: int = MAX_COPY_BYTES  # of a refused article's own bytes, in its dead letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a child process has loaded for one stage."""

    stage: str
    components: tuple[Component, ...]
    fallback: bool
